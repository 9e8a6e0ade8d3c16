/* From when to when there are events that count: those of who was erased do not, nor do those that
 * are too old, though files may still have them. */
#include "journey/scan.h"

/* The first profile of `skip` that is not before this one. */
static size_t skip_from(const View *v, int64_t profile)
{
    size_t lo = 0, hi = v->nskip;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (v->skip[mid] < profile)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* May others than this source alone tell of somebody in the block? */
static bool hides_some(const View *v, const Source *source, const SegBlock *b)
{
    for (size_t k = skip_from(v, b->profile_min); k < v->nskip && v->skip[k] <= b->profile_max; k++)
        if (view_hides(v, k, source))
            return true;
    return false;
}

static void widen(Extent *e, int64_t first, int64_t last)
{
    e->first = first < e->first ? first : e->first;
    e->last = last > e->last ? last : e->last;
}

/* Person by person: the first event that is not too old, and the last one. */
static Status look_into(const View *v, Slab *s, Source *source, const SegBlock *b,
                        int64_t keep_from, Extent *e, Err *err)
{
    TRY(slab_open(s, source, b, err));
    TRY(slab_profiles(s, err));
    TRY(slab_time_some(s, err));
    for (size_t p = 0; p < s->persons; p++) {
        size_t k = skip_from(v, s->profile[p]), row = s->start[p], end = s->start[p + 1];
        if (k < v->nskip && v->skip[k] == s->profile[p] && view_hides(v, k, source))
            continue;
        while (row < end && view_ms(v, slab_tick(s, row)) < keep_from)
            row++;
        if (row < end)
            widen(e, view_ms(v, slab_tick(s, row)), view_ms(v, slab_tick(s, end - 1)));
    }
    return ST_OK;
}

/* Blocks that tell of nobody else, and are not too old, say all in the index; of the others few
 * reach beyond what is known already. */
Status view_extent(const View *v, int64_t keep_from, Extent *ret, Err *err)
{
    Slab   s;
    Status st = ST_OK;
    *ret = (Extent){.first = INT64_MAX, .last = INT64_MIN};
    slab_init(&s, v);
    for (int unclear = 0; unclear < 2; unclear++)
        for (size_t i = 0; i < v->n; i++) {
            const Segment *seg = v->sources[i].seg;
            for (size_t k = 0; k < seg->tail.nblocks && st == ST_OK; k++) {
                const SegBlock *b = &seg->blocks[k];
                if (b->time_min >= ret->first && b->time_max <= ret->last)
                    continue;
                if ((b->time_min < keep_from || hides_some(v, &v->sources[i], b)) != unclear)
                    continue;
                if (unclear == 0)
                    widen(ret, b->time_min, b->time_max);
                else
                    st = look_into(v, &s, &v->sources[i], b, keep_from, ret, err);
            }
        }
    slab_done(&s);
    return st;
}
