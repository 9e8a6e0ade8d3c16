/* Ordered funnels without conditions between the steps, by rows rather than by people.
 *
 * Of all chains that have reached a step only the one with the latest start matters, since it has
 * the most time left; and of the rows that reached a step, only the last one before a row of the
 * next step, since later rows have later starts. So step after step: for each of its rows, find the
 * last row of the same person that reached the step before, and see if there is time left. A loop
 * over rows that know nothing of each other, without branches that would be guessed wrong. */
#include "journey/ask.h"

/* The ticks that are there: packed, narrow or wide. Constant where it is inlined. */
typedef enum TickKind { PACKED, NARROW, WIDE } TickKind;

__attribute__((always_inline)) static inline int64_t tick_at(const FunnelRows *r, TickKind kind,
                                                             size_t row)
{
    if (kind == PACKED)
        return (int64_t)pack_get(r->packed.p, r->packed.width, row);
    return kind == NARROW ? (int64_t)((const uint32_t *)r->slab->time)[row]
                          : ((const int64_t *)r->slab->time)[row];
}

/* A row has its bit in these one word further on: in front stands the end of nobody. */
__attribute__((always_inline)) static inline uint64_t bit_of(const uint64_t *m, size_t row)
{
    return m[(row + 64) >> 6] >> (row & 63) & 1; /* of SIZE_MAX in the first word */
}

/* The last row before `row` in `stops`; SIZE_MAX is the end of nobody. Mostly it is one of the 64
 * rows before, which are put into one word. */
__attribute__((always_inline)) static inline size_t stop_before(const uint64_t *stops, size_t row)
{
    size_t   w = row >> 6, bit = row & 63;
    uint64_t in = stops[w] >> bit | stops[w + 1] << 1 << (63 - bit);
    if (__builtin_expect(in == 0, 0)) {
        while (stops[w] == 0)
            w--;
        return (w << 6) - 1 - (size_t)__builtin_clzll(stops[w]);
    }
    return row - 1 - (size_t)__builtin_clzll(in);
}

/* Rows of a step that are reached, and where their chains start (`first` NULL: where the step
 * before was made). */
__attribute__((always_inline)) static inline void follow(const FunnelRows *rows,
                                                         const FunnelStep *step, size_t n,
                                                         TickKind kind, bool second)
{
    const FunnelRows r = *rows;
    const FunnelStep s = *step;
    for (size_t i = 0; i < n; i++) {
        size_t row = r.list[i], at = stop_before(r.stops, row);
        if (kind == PACKED && second) {
            __builtin_prefetch(r.packed.ahead + i * 128, 0, 2);
            __builtin_prefetch(r.packed.ahead + i * 128 + 64, 0, 2);
        }
        uint64_t same = bit_of(r.before, at);
        at = row - ((row - at) & (0 - same)); /* nobody: the row itself, and no more */
        size_t   start = second ? at : row - ((row - s.first[at]) & (0 - same));
        int64_t  passed = tick_at(&r, kind, row) - tick_at(&r, kind, start);
        uint64_t made = same & (uint64_t)(passed <= r.window);
        s.reached[row >> 6] |= made << (row & 63);
        s.start[row] = (uint32_t)start;
    }
}

/* With the instructions of newer processors for finding bits. */
#if defined(__x86_64__)
#define NEWER __attribute__((target("bmi,bmi2,lzcnt,popcnt")))
#else
#define NEWER
#endif
NEWER static void follow_second(const FunnelRows *r, const FunnelStep *s, size_t n)
{
    follow(r, s, n, PACKED, true);
}
NEWER static void follow_later(const FunnelRows *r, const FunnelStep *s, size_t n)
{
    follow(r, s, n, PACKED, false);
}

/* A person's last row comes before no other one of the person, but a search must not pass it. */
static void find_stops(const FunnelRows *r, const uint64_t *before, size_t words)
{
    r->stops[0] = 1ULL << 63;
    r->before[0] = 0;
    for (size_t w = 0; w < words; w++) {
        r->stops[w + 1] = before[w] | r->ends[w];
        r->before[w + 1] = before[w] & ~r->ends[w];
    }
}

void funnel_rows(const FunnelRows *r, const FunnelStep *s, const uint64_t *step)
{
    size_t words = (r->slab->rows + 63) / 64, n = bits_list(r->list, step, words);
    bool   second = s->first == NULL;
    find_stops(r, s->before, words);
    memset(s->reached, 0, words * sizeof *s->reached);
    if (!r->slab->view->narrow)
        follow(r, s, n, WIDE, second);
    else if (r->is_packed && second)
        follow_second(r, s, n);
    else if (r->is_packed)
        follow_later(r, s, n);
    else
        follow(r, s, n, NARROW, second);
}
