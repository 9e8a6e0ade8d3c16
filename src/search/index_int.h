/* index_int.h - the inside of an index: its schema, its snapshot, who may change it.
 *
 * Locks, in this order: `merging` (one merge at a time, held for as long as it takes), `writing`
 * (whoever swaps the snapshot; held briefly). Readers take neither. */
#pragma once

#include "search/builder_int.h"
#include "search/search.h"
#include "search/snapshot_int.h"

struct SearchIndex {
    Schema         *schema;
    SnapshotSlot    slot;
    pthread_mutex_t merging;
    pthread_mutex_t writing;
    pthread_cond_t  wake; /* of the thread that merges, with `writing` */
    pthread_t       thread;
    bool            has_thread;
    bool            stop;    /* under `writing`, as all below */
    Builder        *builder; /* a spare one */
    bool            loading;
    struct { /* ids changed since the load began */
        int64_t *items;
        size_t   n, cap;
    } changed;
    const Segment  *busy[SEGMENTS_MAX]; /* being merged by the thread: others leave them alone */
    uint32_t        n_busy;
    _Atomic int64_t merges;
};

/* Make `next` the current snapshot; with `writing` held. Wakes the thread when there are many
 * segments. */
void index_publish(SearchIndex *ix, Snapshot *next);

/* Signals of new segments that were not told: what the document's last version had, or 0. With
 * `writing` held, before the segment is published. */
void index_keep_signals(const SearchIndex *ix, Segment *fresh);

/* Merge a few segments when that is worth while (in one step); false: nothing to do. Takes both
 * locks. */
bool index_tidy(SearchIndex *ix);

/* Merge the small segments of a snapshot that nobody has seen when they have become many: the
 * thread would not keep up with single documents. With `writing` held. */
void index_relieve(SearchIndex *ix, Snapshot *next);

/* Is there room for `n` more segments? With `writing` held. */
bool index_has_room(const SearchIndex *ix, size_t n);
