#include "search/index_int.h"

#include "base/sort.h"
#include "search/mem_int.h"

/* Segments of a like size are merged when there are so many of them: a document is then copied
 * about log(n) times in its life, and a query meets a dozen segments. */
enum {
    TIER_MIN = 6,
    TIER_FACTOR = 3,
    TIER_FLOOR = 256,   /* documents: below, all sizes are alike */
    DEAD_SHARE = 4,     /* rewrite a segment when a quarter of it is dead, */
    DEAD_MIN = 10000,   /* and this many documents are */
    RELIEF_AT = 16,     /* small segments: the writer merges them, */
    RELIEF_DOCS = 1024, /* being at most this large */
};

typedef struct Choice {
    uint32_t views[SEGMENTS_MAX];
    uint32_t n;
} Choice;

static int by_size(const void *x, const void *y, void *arg)
{
    const Snapshot *s = arg;
    uint32_t        a = view_alive(&s->views[*(const uint32_t *)x]);
    uint32_t        b = view_alive(&s->views[*(const uint32_t *)y]);
    return a < b ? -1 : a > b;
}

static void sort_views(Snapshot *s, uint32_t *views)
{
    for (uint32_t i = 0; i < s->n_views; i++)
        views[i] = i;
    if (s->n_views > 1)
        qsort_r(views, s->n_views, sizeof *views, by_size, s);
}

/* The smallest segments, as long as the next one is not much larger than all before. */
static Choice choose(Snapshot *s)
{
    Choice c = {0};
    for (uint32_t i = 0; i < s->n_views; i++) {
        const View *v = &s->views[i];
        if (v->dead && v->dead->n >= DEAD_MIN && v->dead->n >= v->segment->n_docs / DEAD_SHARE)
            return (Choice){.views = {i}, .n = 1};
    }
    sort_views(s, c.views);
    uint64_t sum = 0;
    for (; c.n < s->n_views; c.n++) {
        uint64_t size = view_alive(&s->views[c.views[c.n]]);
        if (c.n > 0 && size > TIER_FACTOR * sum + TIER_FLOOR)
            break;
        sum += size;
    }
    if (c.n < TIER_MIN)
        c.n = 0;
    return c;
}

static int32_t view_of(const Snapshot *s, const Segment *segment)
{
    for (uint32_t i = 0; i < s->n_views; i++)
        if (s->views[i].segment == segment)
            return (int32_t)i;
    return -1;
}

/* Documents that died while they were being merged die in the merged segment, too. */
static void kill_late(const Snapshot *now, const Snapshot *then, const Choice *c, Snapshot *next,
                      uint32_t view)
{
    uint32_t doc = 0;
    uint64_t fresh = 0;
    for (uint32_t k = 0; k < c->n; k++) {
        const View     *before = &then->views[c->views[k]];
        const uint64_t *dead = view_dead(&now->views[view_of(now, before->segment)]);
        for (uint32_t i = 0; i < before->segment->n_docs; i++) {
            if (bit_is_set(view_dead(before), i))
                continue;
            if (bit_is_set(dead, i))
                (void)snapshot_kill(next, view, doc, &fresh);
            doc++;
        }
    }
}

/* Put `merged` in place of what it was made of; with `writing` held. */
static void replace(SearchIndex *ix, const Snapshot *then, const Choice *c,
                    const MergeSource *sources, Segment *merged)
{
    const Snapshot *now = snapshot_peek(&ix->slot);
    for (uint32_t k = 0; k < c->n; k++)
        if (view_of(now, then->views[c->views[k]].segment) < 0) { /* a load came in between */
            search_segment_unref(merged);
            return;
        }
    Snapshot *next = snapshot_copy(now);
    for (uint32_t k = 0; k < c->n; k++)
        snapshot_drop(next, (uint32_t)view_of(next, then->views[c->views[k]].segment));
    if (merged) {
        merge_signals(merged, sources, c->n);
        snapshot_add(next, merged);
        kill_late(now, then, c, next, next->n_views - 1);
    }
    index_publish(ix, next);
    atomic_fetch_add(&ix->merges, 1);
}

/* With `merging` held, a snapshot taken, and the choice marked as busy. */
static void merge_choice(SearchIndex *ix, const Snapshot *then, const Choice *c)
{
    MergeSource sources[SEGMENTS_MAX];
    for (uint32_t k = 0; k < c->n; k++) {
        const View *v = &then->views[c->views[k]];
        sources[k] = (MergeSource){.segment = v->segment, .dead = view_dead(v)};
    }
    Segment *merged = search_merge_segments(ix->schema, sources, c->n);
    pthread_mutex_lock(&ix->writing);
    replace(ix, then, c, sources, merged);
    ix->n_busy = 0;
    pthread_mutex_unlock(&ix->writing);
}

/* The current snapshot and what of it to merge, which is busy from now on. With `merging`
 * held. */
static Snapshot *take_work(SearchIndex *ix, bool all, Choice *c)
{
    pthread_mutex_lock(&ix->writing);
    Snapshot *s = search_snapshot_take(&ix->slot);
    if (!all) {
        *c = choose(s);
    } else {
        *c = (Choice){.n = s->n_views > 1 || s->n_dead > 0 ? s->n_views : 0};
        for (uint32_t i = 0; i < c->n; i++)
            c->views[i] = i;
    }
    for (uint32_t i = 0; i < c->n; i++)
        ix->busy[i] = s->views[c->views[i]].segment;
    ix->n_busy = c->n;
    pthread_mutex_unlock(&ix->writing);
    return s;
}

static bool tidy(SearchIndex *ix, bool all)
{
    Choice c;
    pthread_mutex_lock(&ix->merging);
    Snapshot *s = take_work(ix, all, &c);
    if (c.n > 0)
        merge_choice(ix, s, &c);
    snapshot_release(&ix->slot, s);
    pthread_mutex_unlock(&ix->merging);
    return c.n > 0;
}

void index_publish(SearchIndex *ix, Snapshot *next)
{
    snapshot_count(next);
    snapshot_swap(&ix->slot, next);
    if (choose(next).n > 0)
        pthread_cond_signal(&ix->wake);
}

bool index_tidy(SearchIndex *ix)
{
    return tidy(ix, false);
}

void search_merge(SearchIndex *ix)
{
    (void)tidy(ix, true);
}

/* --- relief ----------------------------------------------------------------------------------- */

static bool is_busy(const SearchIndex *ix, const Segment *s)
{
    for (uint32_t i = 0; i < ix->n_busy; i++)
        if (ix->busy[i] == s)
            return true;
    return false;
}

bool index_has_room(const SearchIndex *ix, size_t n)
{
    return snapshot_peek(&ix->slot)->n_views + n <= SEGMENTS_MAX;
}

void index_relieve(SearchIndex *ix, Snapshot *next)
{
    MergeSource sources[SEGMENTS_MAX];
    uint32_t    small[SEGMENTS_MAX], n = 0;
    for (uint32_t i = 0; i < next->n_views; i++) {
        const View *v = &next->views[i];
        if (v->segment->n_docs > RELIEF_DOCS || is_busy(ix, v->segment))
            continue;
        sources[n] = (MergeSource){.segment = v->segment, .dead = view_dead(v)};
        small[n++] = i;
    }
    if (n < RELIEF_AT)
        return;
    Segment *merged = search_merge_segments(ix->schema, sources, n);
    if (merged)
        merge_signals(merged, sources, n);
    while (n > 0) /* from behind: dropping moves the last one to the gap */
        snapshot_drop(next, small[--n]);
    if (merged)
        snapshot_add(next, merged);
}
