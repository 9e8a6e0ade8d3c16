#include "search/index_int.h"

#include "base/sort.h"
#include "search/mem_int.h"

enum { MERGE_AT_ONCE = 32 };

struct SearchLoad {
    SearchIndex    *ix;
    pthread_mutex_t lock; /* the builders that nobody uses, the segments */
    VEC(Builder *) builders;
    VEC(Segment *) segments;
};

Status search_load_begin(SearchIndex *ix, SearchLoad **ret, Err *err)
{
    pthread_mutex_lock(&ix->writing);
    bool busy = ix->loading;
    ix->loading = true;
    ix->changed.n = 0;
    pthread_mutex_unlock(&ix->writing);
    if (busy)
        return err_set(err, ST_CONFLICT, "search.loading", "the index is being loaded already");
    SearchLoad *load = mem_new(1, sizeof *load);
    load->ix = ix;
    pthread_mutex_init(&load->lock, NULL);
    *ret = load;
    return ST_OK;
}

Status search_load_add(SearchLoad *load, const SearchDoc *docs, size_t n, Err *err)
{
    for (size_t i = 0; i < n; i++)
        TRY(builder_check(load->ix->schema, &docs[i], err));
    pthread_mutex_lock(&load->lock);
    Builder *b = load->builders.n > 0 ? load->builders.items[--load->builders.n] : NULL;
    pthread_mutex_unlock(&load->lock);
    if (!b)
        b = builder_new(load->ix->schema);
    for (size_t i = 0; i < n; i++) {
        builder_add(b, &docs[i]);
        if (!builder_is_full(b))
            continue;
        Segment *s = builder_finish(b);
        pthread_mutex_lock(&load->lock);
        vec_add(&load->segments, s);
        pthread_mutex_unlock(&load->lock);
    }
    pthread_mutex_lock(&load->lock);
    vec_add(&load->builders, b);
    pthread_mutex_unlock(&load->lock);
    return ST_OK;
}

static void load_free(SearchLoad *load)
{
    for (size_t i = 0; i < load->builders.n; i++)
        builder_free(load->builders.items[i]);
    for (size_t i = 0; i < load->segments.n; i++)
        search_segment_unref(load->segments.items[i]);
    free(load->builders.items);
    free(load->segments.items);
    pthread_mutex_destroy(&load->lock);
    free(load);
}

/* --- commit ------------------------------------------------------------------------------- */

/* A set of dead documents per segment, on the heap. */
static uint64_t *dead_new(const Segment *s)
{
    return mem_new((s->n_docs + 63U) / 64, sizeof(uint64_t));
}

/* Ids that came twice: the later one counts. Within one segment first. */
static void kill_doubles(const Segment *s, uint64_t *dead)
{
    for (uint32_t i = 0; i + 1 < s->n_docs; i++) {
        uint32_t a = s->by_id[i], b = s->by_id[i + 1];
        if (s->ids[a] == s->ids[b])
            bit_set(dead, a < b ? a : b);
    }
}

/* Documents of `s` that `later` has, too. */
static void kill_known(const Segment *s, uint64_t *dead, const Segment *later)
{
    for (uint32_t i = 0; i < s->n_docs; i++)
        if (segment_doc(later, s->ids[i]) != UINT32_MAX)
            bit_set(dead, i);
}

static bool overlap(const Segment *a, const Segment *b)
{
    return a->ids[a->by_id[0]] <= b->ids[b->by_id[b->n_docs - 1]] &&
           b->ids[b->by_id[0]] <= a->ids[a->by_id[a->n_docs - 1]];
}

/* All that was loaded as one segment; NULL: nothing was. */
static Segment *merge_loaded(SearchLoad *load)
{
    size_t n = load->segments.n;
    if (n == 0)
        return NULL;
    size_t      at_once = n < MERGE_AT_ONCE ? n : MERGE_AT_ONCE;
    MergeSource sources[MERGE_AT_ONCE];
    uint64_t   *dead[MERGE_AT_ONCE];
    for (size_t i = 0; i < at_once; i++) {
        const Segment *s = load->segments.items[i];
        dead[i] = dead_new(s);
        kill_doubles(s, dead[i]);
        for (size_t k = i + 1; k < n; k++)
            if (overlap(s, load->segments.items[k]))
                kill_known(s, dead[i], load->segments.items[k]);
        sources[i] = (MergeSource){.segment = s, .dead = dead[i]};
    }
    Segment *merged = search_merge_segments(load->ix->schema, sources, at_once);
    if (merged)
        merge_signals(merged, sources, at_once);
    for (size_t i = 0; i < at_once; i++) {
        free(dead[i]);
        search_segment_unref(load->segments.items[i]);
    }
    size_t rest = n - at_once;
    memmove(load->segments.items, load->segments.items + at_once, rest * sizeof(Segment *));
    load->segments.n = rest;
    if (rest == 0)
        return merged;
    if (merged) { /* in front: it is the oldest */
        vec_add(&load->segments, NULL);
        memmove(load->segments.items + 1, load->segments.items, rest * sizeof(Segment *));
        load->segments.items[0] = merged;
    }
    return merge_loaded(load);
}

static int by_value(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static bool is_changed(const SearchIndex *ix, int64_t id)
{
    size_t low = 0, n = ix->changed.n;
    while (n > 0) {
        size_t half = n / 2;
        if (ix->changed.items[low + half] < id) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low < ix->changed.n && ix->changed.items[low] == id;
}

/* The documents that were put in while the load ran, out of the old content. */
static Segment *merge_changed(const SearchIndex *ix, const Snapshot *old)
{
    MergeSource sources[SEGMENTS_MAX];
    uint64_t   *dead[SEGMENTS_MAX];
    for (uint32_t k = 0; k < old->n_views; k++) {
        const View *v = &old->views[k];
        dead[k] = dead_new(v->segment);
        for (uint32_t i = 0; i < v->segment->n_docs; i++)
            if (bit_is_set(view_dead(v), i) || !is_changed(ix, v->segment->ids[i]))
                bit_set(dead[k], i);
        sources[k] = (MergeSource){.segment = v->segment, .dead = dead[k]};
    }
    Segment *s = search_merge_segments(ix->schema, sources, old->n_views);
    if (s)
        merge_signals(s, sources, old->n_views);
    for (uint32_t k = 0; k < old->n_views; k++)
        free(dead[k]);
    return s;
}

/* With `writing` held. */
static void take_place(SearchIndex *ix, Segment *loaded)
{
    const Snapshot *old = snapshot_peek(&ix->slot);
    Snapshot       *next = snapshot_copy(old);
    while (next->n_views > 0)
        snapshot_drop(next, 0);
    array_sort(ix->changed.items, ix->changed.n, sizeof(int64_t), by_value);
    if (loaded) {
        uint64_t own = 0;
        index_keep_signals(ix, loaded);
        snapshot_add(next, loaded);
        for (uint32_t i = 0; ix->changed.n > 0 && i < loaded->n_docs; i++)
            if (is_changed(ix, loaded->ids[i]))
                (void)snapshot_kill(next, 0, i, &own);
    }
    Segment *changed = ix->changed.n > 0 ? merge_changed(ix, old) : NULL;
    if (changed)
        snapshot_add(next, changed);
    index_publish(ix, next);
}

static void end(SearchLoad *load)
{
    load->ix->loading = false;
    load->ix->changed.n = 0;
}

void search_load_commit(SearchLoad *load)
{
    SearchIndex *ix = load->ix;
    for (size_t i = 0; i < load->builders.n; i++) {
        Segment *s = builder_finish(load->builders.items[i]);
        if (s)
            vec_add(&load->segments, s);
    }
    Segment *loaded = merge_loaded(load);
    pthread_mutex_lock(&ix->writing);
    take_place(ix, loaded);
    end(load);
    pthread_mutex_unlock(&ix->writing);
    load_free(load);
}

void search_load_cancel(SearchLoad *load)
{
    pthread_mutex_lock(&load->ix->writing);
    end(load);
    pthread_mutex_unlock(&load->ix->writing);
    load_free(load);
}
