#include "search/snapshot_int.h"

#include "search/mem_int.h"

static const int64_t  UNSWAPPED = (int64_t)1 << 32; /* in refs, as long as it stands in the slot */
static const uint64_t ONE_TAKER = (uint64_t)1 << 48;
static const uint64_t POINTER = ((uint64_t)1 << 48) - 1;

static Snapshot *pointer_of(uint64_t word)
{
    return (Snapshot *)(uintptr_t)(word & POINTER);
}

static void dead_unref(Dead *d)
{
    if (d && atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) == 1)
        free(d);
}

static void synonyms_unref(SharedSynonyms *s)
{
    if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1) {
        synonyms_free(s->synonyms);
        free(s);
    }
}

void snapshot_discard(Snapshot *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->n_views; i++) {
        search_segment_unref(s->views[i].segment);
        dead_unref(s->views[i].dead);
    }
    for (size_t i = 0; i < SEARCH_LOCALES_MAX; i++)
        synonyms_unref(s->synonyms[i]);
    free(s);
}

Snapshot *search_snapshot_take(SnapshotSlot *slot)
{
    return pointer_of(atomic_fetch_add_explicit(&slot->word, ONE_TAKER, memory_order_acquire));
}

static void add_refs(Snapshot *s, int64_t n)
{
    if (atomic_fetch_add_explicit(&s->refs, n, memory_order_acq_rel) + n == 0)
        snapshot_discard(s);
}

void snapshot_release(SnapshotSlot *slot, Snapshot *s)
{
    uint64_t word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    while (pointer_of(word) == s)
        if (atomic_compare_exchange_weak_explicit(&slot->word, &word, word - ONE_TAKER,
                                                  memory_order_release, memory_order_relaxed))
            return;
    add_refs(s, -1);
}

const Snapshot *snapshot_peek(const SnapshotSlot *slot)
{
    return pointer_of(atomic_load_explicit(&slot->word, memory_order_acquire));
}

void snapshot_swap(SnapshotSlot *slot, Snapshot *next)
{
    uint64_t fresh = (uint64_t)(uintptr_t)next;
    ASSERT((fresh & ~POINTER) == 0);
    uint64_t  word = atomic_exchange_explicit(&slot->word, fresh, memory_order_acq_rel);
    Snapshot *old = pointer_of(word);
    if (old)
        add_refs(old, (int64_t)(word >> 48) - UNSWAPPED);
}

Snapshot *snapshot_copy(const Snapshot *from)
{
    Snapshot *s = mem_new(1, sizeof *s);
    atomic_store(&s->refs, UNSWAPPED);
    if (!from)
        return s;
    s->n_views = from->n_views;
    for (uint32_t i = 0; i < from->n_views; i++) {
        s->views[i] = from->views[i];
        search_segment_ref(s->views[i].segment);
        if (s->views[i].dead)
            atomic_fetch_add_explicit(&s->views[i].dead->refs, 1, memory_order_relaxed);
    }
    for (size_t i = 0; i < SEARCH_LOCALES_MAX; i++) {
        s->synonyms[i] = from->synonyms[i];
        if (s->synonyms[i])
            atomic_fetch_add_explicit(&s->synonyms[i]->refs, 1, memory_order_relaxed);
    }
    return s;
}

void snapshot_add(Snapshot *s, Segment *segment)
{
    ASSERT(s->n_views < SEGMENTS_MAX);
    s->views[s->n_views++] = (View){.segment = segment};
}

void snapshot_drop(Snapshot *s, uint32_t view)
{
    search_segment_unref(s->views[view].segment);
    dead_unref(s->views[view].dead);
    s->views[view] = s->views[--s->n_views];
}

bool snapshot_kill(Snapshot *s, uint32_t view, uint32_t doc, uint64_t *fresh)
{
    View  *v = &s->views[view];
    size_t words = (v->segment->n_docs + 63U) / 64;
    if (bit_is_set(view_dead(v), doc))
        return false;
    if (!(*fresh >> view & 1)) {
        Dead *mine = mem_new(1, sizeof *mine + words * sizeof mine->bits[0]);
        atomic_store(&mine->refs, 1);
        if (v->dead) {
            memcpy(mine->bits, v->dead->bits, words * sizeof mine->bits[0]);
            mine->n = v->dead->n;
        }
        dead_unref(v->dead);
        v->dead = mine;
        *fresh |= (uint64_t)1 << view;
    }
    ASSERT(v->dead); /* its own: made above, or in an earlier call */
    bit_set(v->dead->bits, doc);
    v->dead->n++;
    return true;
}

bool snapshot_find(const Snapshot *s, int64_t id, uint32_t *view, uint32_t *doc)
{
    for (uint32_t i = s->n_views; i-- > 0;) {
        uint32_t d = segment_doc(s->views[i].segment, id);
        if (d != UINT32_MAX && !bit_is_set(view_dead(&s->views[i]), d)) {
            *view = i;
            *doc = d;
            return true;
        }
    }
    return false;
}

void snapshot_count(Snapshot *s)
{
    s->n_docs = s->n_dead = 0;
    for (uint32_t i = 0; i < s->n_views; i++) {
        s->n_docs += view_alive(&s->views[i]);
        s->n_dead += s->views[i].dead ? s->views[i].dead->n : 0;
    }
}
