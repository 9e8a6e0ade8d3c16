/* Ordered funnels without conditions between the steps, by rows rather than by people.
 *
 * Of all chains that end in a row the one that starts latest has the most time left, and that is
 * the one which goes back by the last row of each step. So a row of step k carries on the chain of
 * the last row of step k - 1 before it, and a row of step 1 that of the last row of step 0; whether
 * the chain began with the same person, and how long ago, tells whether the step is reached.
 *
 * What stands before a row is found by counting bits, not by searching: loops over rows that know
 * nothing of each other, without branches that would be guessed wrong. */
#include "base/fast.h"
#include "journey/ask.h"

/* The ticks that are there: packed, narrow or wide. Constant where it is inlined. */
typedef enum TickKind { PACKED, NARROW, WIDE } TickKind;

/* A stretch of people, its rows counted from the first one of a word. */
typedef struct Stretch {
    const void     *ticks;
    unsigned        width; /* PACKED */
    int64_t         window;
    FunnelBits      ends;
    const uint32_t *start; /* of people; less `base` */
    int64_t         base;
    const uint32_t *list; /* rows of the step */
    size_t          n;
} Stretch;

__attribute__((always_inline)) static inline int64_t tick_at(const Stretch *s, TickKind kind,
                                                             size_t row)
{
    if (kind == PACKED)
        return (int64_t)pack_get(s->ticks, s->width, row);
    return kind == NARROW ? (int64_t)((const uint32_t *)s->ticks)[row]
                          : ((const int64_t *)s->ticks)[row];
}

/* How many bits stand before `row`. */
__attribute__((always_inline)) static inline size_t rank_of(const FunnelBits *b, size_t row)
{
    uint64_t below = b->m[row >> 6] & ~(UINT64_MAX << (row & 63));
    return b->before[row >> 6] + (size_t)__builtin_popcountll(below);
}

/* The last bit before `row`; -1: there is none from `from` on. Mostly it is one of the 57 before,
 * which are read at once. */
__attribute__((always_inline)) static inline int64_t last_before(const FunnelBits *b, size_t row,
                                                                 int64_t from)
{
    uint64_t near;
    memcpy(&near, (const unsigned char *)b->m + (row >> 3) - 7, sizeof near); /* b->room */
    near <<= 8 - (row & 7);
    if (__builtin_expect(near != 0, 1))
        return (int64_t)row - 1 - __builtin_clzll(near);
    size_t at = bit_last(b->m, (size_t)from, row);
    return at < row ? (int64_t)at : -1;
}

/* How many people reach the step whose rows are in the list. `prior`: rows of the step before, and
 * (NULL: the first step) where their chains begin; *begun gets those of the list. Both are after
 * one chain that never began. */
__attribute__((always_inline)) static inline int64_t reach(const Stretch *stretch, TickKind kind,
                                                           const FunnelBits  *prior,
                                                           const FunnelBegun *chains,
                                                           FunnelBegun *restrict begun)
{
    const Stretch    s = *stretch; /* of their own: what is written may not change them */
    const FunnelBits steps = *prior;
    int64_t          people = 0, last = -1;
    begun[0] = (FunnelBegun){.row = -1};
    for (size_t i = 0; i < s.n; i++) {
        size_t      row = s.list[i];
        int64_t     from = (int64_t)s.start[rank_of(&s.ends, row)] - s.base;
        FunnelBegun b;
        if (chains != NULL) {
            b = chains[rank_of(&steps, row)];
        } else {
            b.row = last_before(&steps, row, from);
            b.tick = tick_at(&s, kind, (size_t)(b.row < 0 ? 0 : b.row));
        }
        begun[i + 1] = b;
        bool in = (b.row >= from) & (tick_at(&s, kind, row) - b.tick <= s.window);
        people += in & (from != last);
        last = in ? from : last;
    }
    return people;
}

/* --- a stretch ----------------------------------------------------------------------- */

/* The bits of m from `from` (in the first word) to `to` alone. */
static inline void take_bits(FunnelBits *b, const uint64_t *m, size_t from, size_t to)
{
    size_t words = (to + 63) / 64;
    memcpy(b->m, m, words * sizeof *m);
    b->m[0] &= UINT64_MAX << from;
    if (to % 64 != 0)
        b->m[words - 1] &= pack_mask((unsigned)(to % 64));
}

/* People who have a bit, as bits_any() finds them; and how many end before each word. For each word
 * `lines` of `ahead` (NULL: of nothing) are fetched. */
__attribute__((always_inline)) static inline int64_t people_with(const FunnelBits *b,
                                                                 const FunnelBits *ends,
                                                                 size_t words, size_t lines,
                                                                 const unsigned char *ahead)
{
    unsigned carry = 0;
    int64_t  n = 0;
    uint32_t before = 0;
    for (size_t w = 0; w < words; w++) {
        uint64_t end = ends->m[w], with = b->m[w], low = ~end, sum;
        bool     over = __builtin_add_overflow(with & low, low, &sum);
        over |= __builtin_add_overflow(sum, carry, &sum);
        n += __builtin_popcountll((sum | with) & end);
        carry = over;
        ends->before[w] = before;
        before += (uint32_t)__builtin_popcountll(end);
        for (size_t i = 0; ahead != NULL && i < lines; i++, ahead += 64)
            __builtin_prefetch(ahead, 0, 3);
    }
    return n;
}

__attribute__((always_inline)) static inline void run(const FunnelRows *r, TickKind kind,
                                                      size_t first, size_t end, int64_t *people)
{
    const Slab  *slab = r->slab;
    FunnelRoom  *room = r->room;
    FunnelBits  *ends = &room->bits[0], *prior = &room->bits[1], *next = &room->bits[2];
    size_t       word = slab->start[first] >> 6, base = word * 64;
    size_t       from = slab->start[first] - base, to = slab->start[end] - base;
    size_t       words = (to + 63) / 64;
    Stretch      s = {.window = r->window, .base = (int64_t)base, .list = room->list};
    FunnelBegun *begun = room->begun[0], *chains = room->begun[1];
    s.start = slab->start + first;
    const unsigned char *ahead = NULL;
    if (kind == PACKED) {
        s.ticks = r->packed.p + word * 8 * r->packed.width;
        s.width = r->packed.width;
        s.window = r->window / r->packed.scale;
        ahead = r->packed.ahead + word * 8 * r->packed.width;
    } else {
        s.ticks = (const char *)slab->time + base * (kind == NARROW ? 4 : 8);
    }
    take_bits(ends, r->ends + word, from, to);
    take_bits(prior, r->step[0] + word, from, to);
    s.ends = *ends;
    size_t lines = r->nsteps > 2 ? 1 : 2; /* of the three for 64 ticks: lists fetch the others */
    people[0] += people_with(prior, ends, words, lines, ahead);
    for (size_t k = 1; k < r->nsteps; k++) {
        const void *others = next->m; /* nothing new */
        if (ahead != NULL && k < 3)
            others = ahead + (lines + k - 1) * words * 64;
        take_bits(next, r->step[k] + word, from, to);
        s.n = bits_list(room->list, next->before, next->m, words, others);
        if (s.n == 0)
            return;
        if (k == 1)
            people[k] += reach(&s, kind, prior, NULL, begun);
        else
            people[k] += reach(&s, kind, prior, chains, begun);
        FunnelBits  *bits = prior;
        FunnelBegun *old = chains;
        prior = next;
        next = bits;
        chains = begun;
        begun = old;
    }
}

/* With the instructions of newer processors for finding bits. */
#if defined(__x86_64__)
#define NEWER __attribute__((target("bmi,bmi2,lzcnt,popcnt")))
#else
#define NEWER
#endif
NEWER static void run_packed(const FunnelRows *r, size_t first, size_t end, int64_t *people)
{
    run(r, PACKED, first, end, people);
}
static void run_narrow(const FunnelRows *r, size_t first, size_t end, int64_t *people)
{
    run(r, NARROW, first, end, people);
}
static void run_wide(const FunnelRows *r, size_t first, size_t end, int64_t *people)
{
    run(r, WIDE, first, end, people);
}

static void *sized(void *p, size_t n, size_t size)
{
    free(p);
    p = calloc(n, size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

static void need_rows(FunnelRoom *room, size_t rows)
{
    if (rows <= room->rows)
        return;
    size_t cap = room->rows = rows + rows / 4, words = cap / 64 + 4;
    room->list = sized(room->list, cap + 64, sizeof *room->list);
    for (size_t i = 0; i < COUNT_OF(room->begun); i++)
        room->begun[i] = sized(room->begun[i], cap + 1, sizeof *room->begun[i]);
    for (size_t i = 0; i < COUNT_OF(room->bits); i++) {
        FunnelBits *b = &room->bits[i];
        b->room = sized(b->room, words, sizeof *b->room);
        b->m = b->room + 1;
        b->before = sized(b->before, words, sizeof *b->before);
    }
}

void funnel_room_done(FunnelRoom *room)
{
    for (size_t i = 0; i < COUNT_OF(room->bits); i++) {
        free(room->bits[i].room);
        free(room->bits[i].before);
    }
    for (size_t i = 0; i < COUNT_OF(room->begun); i++)
        free(room->begun[i]);
    free(room->list);
}

Status funnel_rows(FunnelRows *r, size_t first, size_t end, int64_t *people, Err *err)
{
    Slab *s = r->slab;
    TRY(slab_time_some(s, err));
    need_rows(r->room, s->rows);
    if (packed_ticks(s, 56, &r->packed)) {
        run_packed(r, first, end, people);
        return ST_OK;
    }
    TRY(slab_time(s, err));
    if (s->view->narrow)
        run_narrow(r, first, end, people);
    else
        run_wide(r, first, end, people);
    return ST_OK;
}
