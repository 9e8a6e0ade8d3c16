#include "search/index_int.h"

#include "base/sort.h"
#include "search/mem_int.h"

typedef struct Numbered {
    int64_t id;
    size_t  number;
} Numbered;

static int by_id(const void *x, const void *y)
{
    const Numbered *a = x, *b = y;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

/* Of documents with the same id, the last one counts: is the i-th given up? */
static bool *find_doubles(const SearchDoc *docs, size_t n)
{
    Numbered *ids = mem_new(n, sizeof *ids);
    bool     *given_up = mem_new(n, sizeof *given_up);
    for (size_t i = 0; i < n; i++)
        ids[i] = (Numbered){docs[i].id, i};
    array_sort(ids, n, sizeof *ids, by_id);
    for (size_t i = 0; i + 1 < n; i++)
        if (ids[i].id == ids[i + 1].id)
            given_up[ids[i].number] = true;
    free(ids);
    return given_up;
}

static Builder *take_builder(SearchIndex *ix)
{
    pthread_mutex_lock(&ix->writing);
    Builder *b = ix->builder;
    ix->builder = NULL;
    pthread_mutex_unlock(&ix->writing);
    return b ? b : builder_new(ix->schema);
}

typedef struct Segments {
    Segment **items;
    size_t    n, cap;
} Segments;

static Segments build(Builder *b, const SearchDoc *docs, size_t n)
{
    Segments fresh = {0};
    bool    *given_up = find_doubles(docs, n);
    for (size_t i = 0; i < n; i++) {
        if (given_up[i])
            continue;
        builder_add(b, &docs[i]);
        if (builder_is_full(b))
            vec_add(&fresh, builder_finish(b));
    }
    if (builder_count(b) > 0)
        vec_add(&fresh, builder_finish(b));
    free(given_up);
    return fresh;
}

static void kill_id(Snapshot *s, int64_t id, uint64_t *fresh)
{
    uint32_t view, doc;
    if (snapshot_find(s, id, &view, &doc))
        (void)snapshot_kill(s, view, doc, fresh);
}

static void note_changed(SearchIndex *ix, int64_t id)
{
    if (ix->loading)
        vec_add(&ix->changed, id);
}

/* Everything in one snapshot; with `writing` held. */
static void put(SearchIndex *ix, const Segments *fresh, const int64_t *removed, size_t n_removed)
{
    Snapshot *next = snapshot_copy(snapshot_peek(&ix->slot));
    uint64_t  own = 0;
    for (size_t i = 0; i < n_removed; i++) {
        kill_id(next, removed[i], &own);
        note_changed(ix, removed[i]);
    }
    for (size_t k = 0; k < fresh->n; k++) {
        index_keep_signals(ix, fresh->items[k]);
        for (uint32_t i = 0; i < fresh->items[k]->n_docs; i++) {
            kill_id(next, fresh->items[k]->ids[i], &own);
            note_changed(ix, fresh->items[k]->ids[i]);
        }
    }
    for (size_t k = 0; k < fresh->n; k++)
        snapshot_add(next, fresh->items[k]);
    index_relieve(ix, next);
    index_publish(ix, next);
}

/* A large batch is more segments than a snapshot should hold: merge it first. */
static void shrink(const SearchIndex *ix, Segments *fresh)
{
    while (fresh->n > 8) {
        MergeSource sources[8];
        for (size_t k = 0; k < 8; k++)
            sources[k] = (MergeSource){.segment = fresh->items[fresh->n - 8 + k]};
        Segment *merged = search_merge_segments(ix->schema, sources, 8);
        merge_signals(merged, sources, 8);
        for (size_t k = 0; k < 8; k++)
            search_segment_unref(fresh->items[--fresh->n]);
        fresh->items[fresh->n++] = merged;
    }
}

Status search_apply(SearchIndex *ix, const SearchDoc *docs, size_t n, const int64_t *removed,
                    size_t n_removed, Err *err)
{
    for (size_t i = 0; i < n; i++)
        TRY(builder_check(ix->schema, &docs[i], err));
    if (n + n_removed == 0)
        return ST_OK;
    Builder *b = take_builder(ix);
    Segments fresh = build(b, docs, n);
    shrink(ix, &fresh);
    pthread_mutex_lock(&ix->writing);
    while (!index_has_room(ix, fresh.n)) { /* large batches, faster than they can be merged */
        pthread_mutex_unlock(&ix->writing);
        search_merge(ix);
        pthread_mutex_lock(&ix->writing);
    }
    put(ix, &fresh, removed, n_removed);
    if (!ix->builder) {
        ix->builder = b;
        b = NULL;
    }
    pthread_mutex_unlock(&ix->writing);
    builder_free(b);
    free(fresh.items);
    return ST_OK;
}
