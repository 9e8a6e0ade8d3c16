/* Ordered funnels without conditions between the steps, by rows rather than by people.
 *
 * Of all chains that end in a row the one that starts latest has the most time left, and that is
 * the one which goes back by the last row of each step. So whether a row reaches its step is told
 * by going back from it, step by step, and one look at the time between. A loop over rows that know
 * nothing of each other, without branches that would be guessed wrong.
 *
 * One row is enough for a person, and mostly its first will do: the others are looked at only when
 * it does not. */
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

/* Which rows of the list reach step `k`. What is fetched on the way is spread over them. */
__attribute__((always_inline)) static inline void go_back(const FunnelRows *rows, size_t k,
                                                          size_t n, TickKind kind)
{
    const FunnelRows     r = *rows;
    const unsigned char *ahead = r.packed.ahead;
    for (size_t i = 0; i < n; i++) {
        size_t   row = r.list[i], at = row;
        uint64_t all = 1;
        for (size_t step = k; step-- > 0;) {
            size_t   before = stop_before(r.stops[step], at);
            uint64_t same = bit_of(r.before[step], before);
            at = at - ((at - before) & (0 - same)); /* nobody: no further */
            all &= same;
        }
        int64_t passed = tick_at(&r, kind, row) - tick_at(&r, kind, at);
        r.reached[row >> 6] |= (all & (uint64_t)(passed <= r.window)) << (row & 63);
        for (size_t f = 0; kind == PACKED && f < r.fetch; f++, ahead += 64)
            __builtin_prefetch(ahead, 0, 2);
    }
}

/* With the instructions of newer processors for finding bits. */
#if defined(__x86_64__)
#define NEWER __attribute__((target("bmi,bmi2,lzcnt,popcnt")))
#else
#define NEWER
#endif
NEWER static void go_back_packed(const FunnelRows *r, size_t k, size_t n)
{
    if (k == 1)
        go_back(r, 1, n, PACKED);
    else if (k == 2)
        go_back(r, 2, n, PACKED);
    else if (k == 3)
        go_back(r, 3, n, PACKED);
    else
        go_back(r, k, n, PACKED);
}

static void go_back_all(FunnelRows *r, size_t k, const uint64_t *rows, size_t words)
{
    size_t n = bits_list(r->list, rows, words);
    if (!r->slab->view->narrow) {
        go_back(r, k, n, WIDE);
    } else if (r->is_packed) {
        size_t lines = pack_bytes(r->slab->rows, r->packed.width) / 64 + 1;
        r->fetch = k == 1 && n > 0 ? (lines + n - 1) / n : 0;
        go_back_packed(r, k, n);
    } else {
        go_back(r, k, n, NARROW);
    }
}

/* The first row of each person in m: ones are subtracted at the first rows of people, where the
 * last ones serve those who have none. And what is needed to go back to the step before: a person's
 * last row comes before no other one of it, but a search must not pass it. */
static void first_rows(const FunnelRows *r, size_t k, const uint64_t *m, size_t words)
{
    uint64_t *restrict out = r->rows, *restrict stops = r->stops[k - 1];
    uint64_t *restrict before = r->before[k - 1], *restrict reached = r->reached;
    const uint64_t *ends = r->ends, *step = r->step[k - 1];
    unsigned        carry = 0;
    uint64_t        last = 1; /* does the row before end somebody? */
    stops[0] = 1ULL << 63;
    before[0] = 0;
    for (size_t w = 0; w < words; w++) {
        uint64_t with = m[w] | ends[w], starts = ends[w] << 1 | last, less;
        bool     over = __builtin_sub_overflow(with, starts, &less);
        over |= __builtin_sub_overflow(less, carry, &less);
        out[w] = with & ~less & m[w];
        last = ends[w] >> 63;
        carry = over;
        reached[w] = 0;
        stops[w + 1] = step[w] | ends[w];
        before[w + 1] = step[w] & ~ends[w];
    }
}

/* Of the people who have a row in `rows`, the rows of m behind it, in its place; false: none. */
static bool later_rows(uint64_t *rows, const uint64_t *m, const uint64_t *ends, size_t words)
{
    unsigned carry = 0;
    uint64_t any = 0;
    for (size_t w = 0; w < words; w++) {
        uint64_t low = ~ends[w], sum;
        bool     over = __builtin_add_overflow(low, rows[w] & low, &sum);
        over |= __builtin_add_overflow(sum, carry, &sum);
        rows[w] = (sum ^ low) & m[w] & ~rows[w];
        any |= rows[w];
        carry = over;
    }
    return any != 0;
}

bool funnel_step(FunnelRows *r, size_t k, const uint64_t *m)
{
    size_t   words = (r->slab->rows + 63) / 64;
    uint64_t failed = 0;
    first_rows(r, k, m, words);
    go_back_all(r, k, r->rows, words);
    for (size_t w = 0; w < words; w++)
        failed |= r->rows[w] &= ~r->reached[w];
    if (failed == 0 || !later_rows(r->rows, m, r->ends, words))
        return true;
    go_back_all(r, k, r->rows, words);
    return false;
}
