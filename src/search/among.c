/* Which documents are asked of, when not all of them. */
#include "search/run_int.h"

#include <string.h>

/* The first place in by_id from `low` on whose document has this id or a greater one: in steps
 * that double, since the next one is near. */
static uint32_t gallop(const Segment *s, uint32_t low, int64_t id)
{
    uint32_t step = 1, high = low;
    while (high < s->n_docs && s->ids[s->by_id[high]] < id) {
        low = high + 1;
        high = s->n_docs - high > step ? high + step : s->n_docs;
        step *= 2;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->ids[s->by_id[middle]] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void find_in(Run *r, const View *view, bool placed, AmongView *ret)
{
    const SearchAmong *a = r->q->among;
    const Segment     *s = view->segment;
    const uint64_t    *dead = view_dead(view);
    uint32_t           at = 0;
    ret->bits = arena_array(r->a, uint64_t, s->n_docs / 64 + 1);
    if (placed)
        ret->places = arena_array(r->a, uint32_t, s->n_docs);
    for (size_t i = 0; i < a->n && at < s->n_docs; i++) {
        int64_t id = a->ids[a->by_id[i]];
        at = gallop(s, at, id);
        uint32_t doc = at < s->n_docs ? s->by_id[at] : 0;
        if (at == s->n_docs || s->ids[doc] != id || bit_is_set(dead, doc))
            continue;
        bit_set(ret->bits, doc);
        if (placed)
            ret->places[doc] = a->by_id[i];
    }
}

void among_init(Run *r)
{
    bool placed = false;
    if (!r->q->among)
        return;
    for (size_t i = 0; i < r->q->n_sorts; i++)
        placed |= r->q->sorts[i].by == SEARCH_BY_PLACE;
    r->among = arena_array(r->a, AmongView, r->snapshot->n_views + 1);
    for (uint32_t v = 0; v < r->snapshot->n_views; v++)
        find_in(r, &r->snapshot->views[v], placed, &r->among[v]);
}

bool among_has(const Run *r, uint32_t doc)
{
    return bit_is_set(r->among[r->view].bits, doc);
}

bool among_any(const Run *r, uint32_t chunk)
{
    const uint64_t *bits = r->among[r->view].bits;
    size_t          end = r->segment->n_docs / 64 + 1, at = (size_t)chunk << (CHUNK_BITS - 6);
    for (size_t i = 0; i < CHUNK_DOCS / 64 && at + i < end; i++)
        if (bits[at + i] != 0)
            return true;
    return false;
}

size_t among_list(const Run *r, uint32_t chunk, uint16_t *docs)
{
    const uint64_t *bits = r->among[r->view].bits;
    size_t          n = 0, end = r->segment->n_docs / 64 + 1;
    size_t          at = (size_t)chunk << (CHUNK_BITS - 6);
    for (size_t i = 0; i < CHUNK_DOCS / 64 && at + i < end; i++)
        for (uint64_t left = bits[at + i]; left != 0; left &= left - 1)
            docs[n++] = (uint16_t)(i * 64 + (size_t)__builtin_ctzll(left));
    return n;
}
