/* Sums over all sessions of all events: how many there are, and how long, without a look at each.
 *
 * Gaps that are long are found for all rows at once, and added up; a person's sessions and the time
 * in them are then told by what stands at its first row and at its last. */
#include "base/fast.h"
#include "journey/ask.h"

/* Long gaps before a row. */
static inline uint32_t rank_at(const GapWord *words, size_t row)
{
    GapWord w = words[row >> 6];
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): gaps.c has written it */
    uint64_t below = w.bits & ~(UINT64_MAX << (row & 63));
    return (uint32_t)w.before + (uint32_t)__builtin_popcountll(below);
}

static void *sized(void *p, size_t n, size_t size)
{
    free(p);
    p = malloc((n + 64) * size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

static void need_rows(SessionRoom *room, size_t rows, bool wide)
{
    if (rows <= room->rows)
        return;
    size_t cap = room->rows = rows + rows / 4;
    room->gaps.words = sized(room->gaps.words, cap / 64, sizeof *room->gaps.words);
    if (wide) {
        room->gaps.wide = sized(room->gaps.wide, cap, sizeof *room->gaps.wide);
        room->ticks = sized(room->ticks, cap, sizeof *room->ticks);
    } else {
        room->gaps.sums = sized(room->gaps.sums, cap, sizeof *room->gaps.sums);
    }
    room->people = sized(room->people, cap, sizeof *room->people);
}

void session_room_done(SessionRoom *room)
{
    free(room->gaps.words);
    free(room->gaps.sums);
    free(room->gaps.wide);
    free(room->people);
    free(room->ticks);
}

void session_sums_add(SessionSums *a, const SessionSums *b)
{
    a->people += b->people;
    a->sessions += b->sessions;
    a->ticks += b->ticks;
    a->often += b->often;
    a->person_seconds += b->person_seconds;
    a->most = b->most > a->most ? b->most : a->most;
}

/* --- ticks of 32 bits ---------------------------------------------------------------- */

/* Sums over people; `per` ticks are a second. A quotient of 32-bit numbers is exact enough in a
 * double to round it down. */
FAST static void add_people(SessionSums *to, const uint64_t *of, size_t n, uint32_t often,
                            double per)
{
    uint64_t sessions = 0, ticks = 0, many = 0, seconds = 0;
    uint32_t most = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t each = (uint32_t)of[i], time = (uint32_t)(of[i] >> 32);
        sessions += each;
        ticks += time;
        many += each >= often;
        most = each > most ? each : most;
        seconds += (uint32_t)((double)time / ((double)each * per));
    }
    session_sums_add(to, &(SessionSums){.people = (int64_t)n,
                                        .sessions = (int64_t)sessions,
                                        .ticks = (int64_t)ticks,
                                        .often = (int64_t)many,
                                        .person_seconds = (int64_t)seconds,
                                        .most = (int64_t)most});
}

/* The ticks of a row, in the low half, and of the next one, whatever stands behind the last. */
static inline uint64_t two_ticks(const uint32_t *tick, size_t row)
{
    uint64_t v;
    memcpy(&v, tick + row, sizeof v);
    return v;
}
static inline uint64_t two_packed(const unsigned char *p, unsigned width, uint64_t mask, size_t row)
{
    uint64_t v;
    size_t   bit = row * width;
    /* Two of at most 25 bits, and 7 before them. */
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): slab_packed() gave it */
    memcpy(&v, p + (bit >> 3), sizeof v);
    v >>= bit & 7;
    return (v & mask) | (v >> width & mask) << 32;
}

/* A person's sessions are counted by the long gaps up to its end; its time in them is what has
 * passed, less those gaps. Whoever comes next after a step that is not long begins a session all
 * the same, and that step is nobody's. `tick` NULL: the ticks are packed. */
__attribute__((always_inline)) static inline void people_sums(const SessionRoom *room,
                                                              const PackedTicks *packed,
                                                              const uint32_t    *tick,
                                                              const uint32_t *start, size_t n,
                                                              uint32_t gap)
{
    const GapWord       *words = room->gaps.words;
    const uint32_t      *sums = room->gaps.sums;
    const unsigned char *p = packed->p;
    unsigned             width = packed->width;
    uint64_t *restrict out = room->people;
    uint64_t mask = pack_mask(width);
    uint32_t rank = rank_at(words, start[0] + 1UL), joined = 0, step = 0;
    uint64_t two = tick != NULL ? two_ticks(tick, start[0]) : two_packed(p, width, mask, start[0]);
    uint32_t within = (uint32_t)two - sums[rank];
    rank--; /* the first session, which no gap counts */
    for (size_t i = 0; i < n; i++) {
        size_t to = start[i + 1];
        two = tick != NULL ? two_ticks(tick, to - 1) : two_packed(p, width, mask, to - 1);
        uint32_t now = rank_at(words, to), passed = (uint32_t)two - sums[now];
        out[i] = (now - rank + joined) | (uint64_t)(passed - within - step) << 32;
        uint32_t next = (uint32_t)(two >> 32) - (uint32_t)two;
        joined = next <= gap;
        step = next & (0 - joined);
        rank = now;
        within = passed;
    }
}

#if defined(__x86_64__)
__attribute__((target("bmi,bmi2,popcnt")))
#endif
static void
packed_sums(const SessionRoom *room, const PackedTicks *packed, const uint32_t *start, size_t n,
            uint32_t gap) /* where gaps_packed() works */
{
    people_sums(room, packed, NULL, start, n, gap);
}

static void plain_sums(const SessionRoom *room, const uint32_t *tick, const uint32_t *start,
                       size_t n, uint32_t gap)
{
    people_sums(room, &(PackedTicks){0}, tick, start, n, gap);
}

static Status run_narrow(const SessionRows *r, size_t first, size_t end, SessionSums *sums,
                         Err *err)
{
    Slab           *s = r->slab;
    SessionRoom    *room = r->room;
    const uint32_t *start = s->start + first;
    uint32_t        gap = (uint32_t)r->gap;
    PackedTicks     packed;
    bool            fresh = room->serial != s->serial;
    TRY(slab_time_some(s, err));
    need_rows(room, s->rows, false);
    room->serial = s->serial;
    if (packed_ticks(s, 25, &packed) && packed.scale == 1 &&
        (!fresh || gaps_packed(&room->gaps, &packed, gap, s->rows))) {
        packed_sums(room, &packed, start, end - first, gap);
    } else {
        TRY(slab_time(s, err));
        if (fresh)
            gaps_long(&room->gaps, s->time, gap, s->rows);
        plain_sums(room, s->time, start, end - first, gap);
    }
    add_people(sums, room->people, end - first, (uint32_t)r->often, 1000.0 / (double)r->unit);
    return ST_OK;
}

/* --- wide ones ----------------------------------------------------------------------- */

/* Their times are in steps of `scale` ticks. */
FAST static void add_wide(SessionSums *to, const SessionRoom *room, size_t n, int64_t scale,
                          int64_t often, double per)
{
    SessionSums sum = {.people = (int64_t)n};
    for (size_t i = 0; i < n; i++) {
        int64_t each = (int64_t)room->people[i], time = room->ticks[i] * scale;
        sum.sessions += each;
        sum.ticks += time;
        sum.often += each >= often;
        sum.most = each > sum.most ? each : sum.most;
        sum.person_seconds += (int64_t)((double)time / ((double)each * per)); /* below 2^52 */
    }
    session_sums_add(to, &sum);
}

__attribute__((always_inline)) static inline int64_t wide_tick(const PackedTicks *packed,
                                                               const int64_t *tick, size_t row)
{
    return tick != NULL ? tick[row] : (int64_t)pack_get(packed->p, packed->width, row);
}

/* As people_sums(). */
__attribute__((always_inline)) static inline void wide_sums(const SessionRoom *room,
                                                            const PackedTicks *packed,
                                                            const int64_t     *tick,
                                                            const uint32_t *start, size_t n,
                                                            int64_t gap)
{
    const GapWord    *words = room->gaps.words;
    const int64_t    *sums = room->gaps.wide;
    const PackedTicks p = *packed;
    uint64_t *restrict people = room->people;
    int64_t *restrict ticks = room->ticks;
    uint32_t rank = rank_at(words, start[0] + 1UL), joined = 0;
    int64_t  within = wide_tick(&p, tick, start[0]) - sums[rank], step = 0;
    rank--;
    for (size_t i = 0; i < n; i++) {
        size_t   to = start[i + 1];
        uint32_t now = rank_at(words, to);
        int64_t  last = wide_tick(&p, tick, to - 1), passed = last - sums[now];
        int64_t  next = wide_tick(&p, tick, to) - last;
        people[i] = now - rank + joined;
        ticks[i] = passed - within - step;
        joined = next <= gap;
        step = joined != 0 ? next : 0;
        rank = now;
        within = passed;
    }
}

#if defined(__x86_64__)
__attribute__((target("bmi,bmi2,popcnt")))
#endif
static void
packed_wide(const SessionRoom *room, const PackedTicks *packed, const uint32_t *start, size_t n,
            int64_t gap) /* where gaps_packed_wide() works */
{
    wide_sums(room, packed, NULL, start, n, gap);
}

static void plain_wide(const SessionRoom *room, const int64_t *tick, const uint32_t *start,
                       size_t n, int64_t gap)
{
    wide_sums(room, &(PackedTicks){0}, tick, start, n, gap);
}

static Status run_wide(const SessionRows *r, size_t first, size_t end, SessionSums *sums, Err *err)
{
    Slab           *s = r->slab;
    SessionRoom    *room = r->room;
    const uint32_t *start = s->start + first;
    PackedTicks     packed;
    TRY(slab_time_some(s, err));
    need_rows(room, s->rows, true);
    int64_t gap = r->gap, scale = packed_ticks(s, 56, &packed) ? packed.scale : 0;
    bool    fresh = room->serial != s->serial || room->scale != scale;
    room->serial = s->serial;
    room->scale = scale;
    if (scale != 0 && (!fresh || gaps_packed_wide(&room->gaps, &packed, gap / scale, s->rows))) {
        packed_wide(room, &packed, start, end - first, gap / scale);
    } else {
        TRY(slab_time(s, err));
        if (fresh)
            gaps_long_wide(&room->gaps, s->time, gap, s->rows);
        room->scale = 0;
        scale = 1;
        ((int64_t *)s->time)[s->rows] = 0; /* is read, and nobody's */
        plain_wide(room, s->time, start, end - first, gap);
    }
    add_wide(sums, room, end - first, scale, r->often, 1000.0 / (double)r->unit);
    return ST_OK;
}

Status session_sums(const SessionRows *r, size_t first, size_t end, SessionSums *sums, Err *err)
{
    return r->slab->view->narrow ? run_narrow(r, first, end, sums, err)
                                 : run_wide(r, first, end, sums, err);
}
