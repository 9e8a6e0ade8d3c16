/* snapshot_int.h - what a query sees: some segments, and which of their documents are dead.
 *
 * Immutable (signals apart), counted. The current one stands in a slot that readers take it
 * from without a lock: the slot's word holds the pointer in its lower 48 bits and the number of
 * those who took it in the upper 16; taking it is one atomic addition. Who swaps the slot moves
 * that number into the snapshot's own count. */
#pragma once

#include "search/merge_int.h"

enum { SEGMENTS_MAX = 64 /* of a snapshot */ };

typedef struct Dead { /* documents of a segment that were removed or replaced; a bit each */
    _Atomic uint32_t refs;
    uint32_t         n;
    uint64_t         bits[];
} Dead;

typedef struct View {
    Segment *segment;
    Dead    *dead; /* NULL: none */
} View;

typedef struct SharedSynonyms {
    _Atomic uint32_t refs;
    Synonyms        *synonyms;
} SharedSynonyms;

typedef struct Snapshot {
    _Atomic int64_t refs;
    uint32_t        n_views;
    View            views[SEGMENTS_MAX];
    SharedSynonyms *synonyms[SEARCH_LOCALES_MAX]; /* by locale; NULL: none */
    int64_t         n_docs;                       /* living */
    int64_t         n_dead;
} Snapshot;

typedef struct SnapshotSlot {
    _Atomic uint64_t word;
} SnapshotSlot;

/* Any thread. */
Snapshot *search_snapshot_take(SnapshotSlot *slot);
void      snapshot_release(SnapshotSlot *slot, Snapshot *s);

/* --- one thread at a time ------------------------------------------------------------------ */

/* The current one, valid while nobody else can swap. */
const Snapshot *snapshot_peek(const SnapshotSlot *slot);

/* Make `next` the current one and let go of the one before. */
void snapshot_swap(SnapshotSlot *slot, Snapshot *next);

/* A new one that shares all of `from` (NULL: empty). Not yet seen by anybody. */
Snapshot *snapshot_copy(const Snapshot *from);

/* Add a segment (takes over the reference). */
void snapshot_add(Snapshot *s, Segment *segment);
/* Take a view out. */
void snapshot_drop(Snapshot *s, uint32_t view);
/* Let go of one that nobody has seen. */
void snapshot_discard(Snapshot *s);

/* Mark a document dead; `fresh` has a bit for each view whose Dead is this snapshot's own
 * already (start with 0). False: it was. */
bool snapshot_kill(Snapshot *s, uint32_t view, uint32_t doc, uint64_t *fresh);

/* Where the living document with this id is; false: nowhere. */
bool snapshot_find(const Snapshot *s, int64_t id, uint32_t *view, uint32_t *doc);

void snapshot_count(Snapshot *s); /* n_docs, n_dead, from the views */

static inline const uint64_t *view_dead(const View *v)
{
    return v->dead ? v->dead->bits : NULL;
}
static inline uint32_t view_alive(const View *v)
{
    return v->segment->n_docs - (v->dead ? v->dead->n : 0);
}
