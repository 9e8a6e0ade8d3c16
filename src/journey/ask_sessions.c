/* Sessions: visits told apart by a gap in time. */
#include "base/fast.h"
#include "journey/ask.h"

#include "base/sort.h"

typedef struct Sessions {
    int64_t gap_ms, gap; /* ticks */
    size_t  selector;
    int64_t often;           /* people with that many sessions are counted */
    size_t  entry, exit, by; /* fields: `by` is told of the first event, as `entry` is */
    bool    percentiles, bounces;
    bool    cell_often, cell_bounced; /* the cell that is watched */
} Sessions;

typedef struct Place { /* sessions that begin, or end, with a value */
    int64_t sessions, bounces, ticks, events, people;
    int64_t last; /* the one of the state's people that was counted last */
} Place;

typedef struct Places { /* by code */
    Place *v;
    size_t n;
} Places;

typedef struct State {
    int64_t   people, sessions, ticks, most, often, bounces, events;
    int64_t   person_seconds; /* sum over people of floor(seconds / sessions) */
    Places    entry, exit, by;
    int64_t  *lengths;
    size_t    n, cap;
    LongGaps  gaps; /* of the slab `serial` */
    uint64_t  serial;
    uint64_t *people_of; /* a piece: sessions, and from bit 32 on their ticks; wide: sessions */
    int64_t  *ticks_of;  /* wide */
    size_t    cap_rows;
} State;

static Status read_cell(Ask *q, Sessions *o, Err *err)
{
    TRY(ask_bool(q->cell, "cell/often", &o->cell_often, err));
    TRY(ask_bool(q->cell, "cell/bounced", &o->cell_bounced, err));
    if (json_get(q->cell, STR("entry")) != NULL && o->entry == SIZE_MAX)
        return ask_bad(err, "cell/entry", "names a value, but the question has no entry");
    if (json_get(q->cell, STR("exit")) != NULL && o->exit == SIZE_MAX)
        return ask_bad(err, "cell/exit", "names a value, but the question has no exit");
    return ST_OK;
}

static Status read(Ask *q, Err *err)
{
    Sessions *o = q->own = arena_new(q->arena, Sessions);
    o->gap_ms = 30 * 60000LL;
    o->often = 5;
    o->entry = o->exit = SIZE_MAX;
    TRY(ask_span(q->json, "gap", &o->gap_ms, err));
    TRY(ask_selector(q, json_get(q->json, STR("event")), "event", &o->selector, err));
    TRY(ask_i64(q->json, "often", 1, 1000000, &o->often, err));
    TRY(ask_bool(q->json, "bounces", &o->bounces, err));
    TRY(ask_bool(q->json, "percentiles", &o->percentiles, err));
    TRY(ask_by(q, q->json, "entry", &o->entry, err));
    TRY(ask_by(q, q->json, "exit", &o->exit, err));
    TRY(ask_by(q, q->json, "by", &o->by, err));
    return q->watching ? read_cell(q, o, err) : ST_OK;
}

static Status bound(Ask *q, Err *err)
{
    Sessions *o = q->own;
    (void)err;
    o->gap = ask_ticks(q, o->gap_ms);
    return ST_OK;
}

static void state_done(void *state)
{
    State *s = state;
    free(s->entry.v);
    free(s->exit.v);
    free(s->by.v);
    free(s->lengths);
    free(s->gaps.words);
    free(s->gaps.sums);
    free(s->gaps.wide);
    free(s->people_of);
    free(s->ticks_of);
}

static void person_done(const Ask *q, const Sessions *o, State *st, int64_t sessions, int64_t ticks)
{
    ASSERT(sessions > 0);
    st->people++;
    st->sessions += sessions;
    st->ticks += ticks;
    st->most = sessions > st->most ? sessions : st->most;
    st->often += sessions >= o->often;
    uint64_t whole = (uint64_t)ticks * (uint64_t)q->view.unit / 1000;
    if (whole <= UINT32_MAX) /* much cheaper than 64 bits */
        st->person_seconds += (uint32_t)whole / (uint32_t)sessions;
    else
        st->person_seconds += (int64_t)(whole / (uint64_t)sessions);
}

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

static void need_rows(State *st, size_t rows, bool wide)
{
    if (rows <= st->cap_rows)
        return;
    st->cap_rows = rows + rows / 4;
    st->gaps.words = sized(st->gaps.words, st->cap_rows / 64, sizeof *st->gaps.words);
    if (wide) {
        st->gaps.wide = sized(st->gaps.wide, st->cap_rows, sizeof *st->gaps.wide);
        st->ticks_of = sized(st->ticks_of, st->cap_rows, sizeof *st->ticks_of);
    } else {
        st->gaps.sums = sized(st->gaps.sums, st->cap_rows, sizeof *st->gaps.sums);
    }
    st->people_of = sized(st->people_of, st->cap_rows, sizeof *st->people_of);
}

/* Sums over people; `per` ticks are a second. A quotient of 32-bit numbers is exact enough in a
 * double to round it down. */
FAST static void add_people(State *st, const uint64_t *of, size_t n, uint32_t often, double per)
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
    st->people += (int64_t)n;
    st->sessions += (int64_t)sessions;
    st->ticks += (int64_t)ticks;
    st->often += (int64_t)many;
    st->person_seconds += (int64_t)seconds;
    st->most = (int64_t)most > st->most ? (int64_t)most : st->most;
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
__attribute__((always_inline)) static inline void people_sums(const State       *st,
                                                              const PackedTicks *packed,
                                                              const uint32_t    *tick,
                                                              const uint32_t *start, size_t n,
                                                              uint32_t gap)
{
    const GapWord       *words = st->gaps.words;
    const uint32_t      *sums = st->gaps.sums;
    const unsigned char *p = packed->p;
    unsigned             width = packed->width;
    uint64_t *restrict out = st->people_of;
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
packed_sums(const State *st, const PackedTicks *packed, const uint32_t *start, size_t n,
            uint32_t gap) /* where gaps_packed() works */
{
    people_sums(st, packed, NULL, start, n, gap);
}

static void plain_sums(const State *st, const uint32_t *tick, const uint32_t *start, size_t n,
                       uint32_t gap)
{
    people_sums(st, &(PackedTicks){0}, tick, start, n, gap);
}

static void wide_sums(const State *st, const int64_t *tick, const uint32_t *start, size_t n,
                      int64_t gap)
{
    const GapWord *words = st->gaps.words;
    const int64_t *sums = st->gaps.wide;
    uint32_t       rank = rank_at(words, start[0] + 1UL), joined = 0;
    int64_t        within = tick[start[0]] - sums[rank], step = 0;
    rank--; /* as above */
    for (size_t i = 0; i < n; i++) {
        size_t   to = start[i + 1];
        uint32_t now = rank_at(words, to);
        int64_t  passed = tick[to - 1] - sums[now], next = tick[to] - tick[to - 1];
        st->people_of[i] = now - rank + joined;
        st->ticks_of[i] = passed - within - step;
        joined = next <= gap;
        step = joined != 0 ? next : 0;
        rank = now;
        within = passed;
    }
}

FAST static void add_wide(State *st, size_t n, int64_t often, double per)
{
    int64_t sessions = 0, ticks = 0, many = 0, seconds = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t each = (int64_t)st->people_of[i], time = st->ticks_of[i];
        sessions += each;
        ticks += time;
        many += each >= often;
        most = each > most ? each : most;
        seconds += (int64_t)((double)time / ((double)each * per)); /* less than 2^52: as above */
    }
    st->people += (int64_t)n;
    st->sessions += sessions;
    st->ticks += ticks;
    st->often += many;
    st->person_seconds += seconds;
    st->most = most > st->most ? most : st->most;
}

static Status run_wide(Ask *q, State *st, Slab *s, size_t first, size_t end, Err *err)
{
    const Sessions *o = q->own;
    TRY(slab_time(s, err));
    need_rows(st, s->rows, true);
    ((int64_t *)s->time)[s->rows] = 0; /* read, and nobody's */
    if (st->serial != s->serial)
        gaps_long_wide(&st->gaps, s->time, o->gap, s->rows);
    st->serial = s->serial;
    wide_sums(st, s->time, s->start + first, end - first, o->gap);
    add_wide(st, end - first, o->often, 1000.0 / (double)q->view.unit);
    return ST_OK;
}

/* All events, and only sums. */
static Status run_sums(Ask *q, State *st, Slab *s, size_t first, size_t end, Err *err)
{
    const Sessions *o = q->own;
    uint32_t        gap = (uint32_t)o->gap;
    PackedTicks     packed;
    st->events += (int64_t)(s->start[end] - s->start[first]);
    if (!s->view->narrow)
        return run_wide(q, st, s, first, end, err);
    TRY(slab_time_some(s, err));
    need_rows(st, s->rows, false);
    bool fresh = st->serial != s->serial;
    st->serial = s->serial;
    if (packed_ticks(s, 25, &packed) && (!fresh || gaps_packed(&st->gaps, &packed, gap, s->rows))) {
        packed_sums(st, &packed, s->start + first, end - first, gap);
    } else {
        TRY(slab_time(s, err));
        if (fresh)
            gaps_long(&st->gaps, s->time, gap, s->rows);
        plain_sums(st, s->time, s->start + first, end - first, gap);
    }
    add_people(st, st->people_of, end - first, (uint32_t)o->often, 1000.0 / (double)q->view.unit);
    return ST_OK;
}

/* --- one by one ---------------------------------------------------------------------- */

typedef struct Session {
    size_t  first, last; /* rows */
    int64_t ticks, events;
} Session;

static Place *place_of(Places *p, uint32_t code)
{
    if (code >= p->n) {
        size_t more = code + code / 2 + 64;
        p->v = realloc(p->v, more * sizeof *p->v);
        if (p->v == NULL)
            base_out_of_memory(more);
        memset(p->v + p->n, 0, (more - p->n) * sizeof *p->v);
        p->n = more;
    }
    return &p->v[code];
}

static void count_place(Places *places, uint32_t code, const Session *s, int64_t person)
{
    Place *p = place_of(places, code);
    p->sessions++;
    p->bounces += s->first == s->last;
    p->ticks += s->ticks;
    p->events += s->events;
    p->people += p->last != person;
    p->last = person;
}

/* Of the rows of a slab. */
typedef struct Codes {
    const uint32_t *entry, *exit, *by; /* NULL: not asked for */
} Codes;

static void session_done(const Sessions *o, State *st, const Codes *c, const Session *s)
{
    int64_t person = st->people + 1;
    st->bounces += s->first == s->last;
    if (c->entry != NULL)
        count_place(&st->entry, c->entry[s->first], s, person);
    if (c->exit != NULL)
        count_place(&st->exit, c->exit[s->last], s, person);
    if (c->by != NULL)
        count_place(&st->by, c->by[s->first], s, person);
    if (!o->percentiles)
        return;
    if (st->n == st->cap) {
        st->cap = st->cap * 2 + 1024;
        st->lengths = realloc(st->lengths, st->cap * sizeof *st->lengths);
        if (st->lengths == NULL)
            base_out_of_memory(st->cap);
    }
    st->lengths[st->n++] = s->ticks;
}

/* Is that session in the cell that is asked for? */
static bool in_cell(Ask *q, const Codes *c, const Session *s)
{
    const Sessions  *o = q->own;
    const JsonValue *entry = json_get(q->cell, STR("entry")),
                    *exit = json_get(q->cell, STR("exit"));
    if (o->cell_bounced && s->first != s->last)
        return false;
    if (entry != NULL && !ask_code_is(q, o->entry, c->entry[s->first], entry))
        return false;
    if (exit != NULL && !ask_code_is(q, o->exit, c->exit[s->last], exit))
        return false;
    return c->by == NULL || ask_cell_by(q, o->by, c->by[s->first]);
}

static Status codes_of(Ask *q, Slab *s, Codes *ret, Err *err)
{
    const Sessions *o = q->own;
    *ret = (Codes){0};
    if (o->entry != SIZE_MAX)
        TRY(ask_codes(q, s, o->entry, &ret->entry, err));
    if (o->exit != SIZE_MAX)
        TRY(ask_codes(q, s, o->exit, &ret->exit, err));
    return o->by != SIZE_MAX ? ask_codes(q, s, o->by, &ret->by, err) : ST_OK;
}

static void run_person(Ask *q, State *st, Slab *s, const uint64_t *rows, const Codes *c, size_t p)
{
    const Sessions *o = q->own;
    size_t          to = s->start[p + 1], begun = bit_next(rows, s->start[p], to);
    int64_t         sessions = 0, ticks = 0;
    bool            watched = false;
    while (begun < to) {
        Session one = {.first = begun, .last = begun, .events = 1};
        size_t  next = bit_next(rows, begun + 1, to);
        while (next < to && slab_tick(s, next) - slab_tick(s, one.last) <= o->gap) {
            one.last = next;
            one.events++;
            next = bit_next(rows, next + 1, to);
        }
        one.ticks = slab_tick(s, one.last) - slab_tick(s, begun);
        session_done(o, st, c, &one);
        watched = watched || (q->watching && in_cell(q, c, &one));
        sessions++;
        ticks += one.ticks;
        st->events += one.events;
        begun = next;
    }
    if (sessions == 0)
        return;
    person_done(q, o, st, sessions, ticks);
    if (watched && (!o->cell_often || sessions >= o->often))
        ask_watch(q, s, p);
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Sessions *o = q->own;
    const uint64_t *rows;
    Codes           c;
    TRY(ask_rows(q, s, o->selector, &rows, err));
    if (!o->bounces && rows == NULL && o->entry == SIZE_MAX && o->exit == SIZE_MAX &&
        o->by == SIZE_MAX && !o->percentiles && !q->watching &&
        (!s->view->narrow || o->gap < UINT32_MAX)) {
        return run_sums(q, state, s, first, end, err);
    }
    TRY(codes_of(q, s, &c, err));
    TRY(slab_time(s, err));
    for (size_t p = first; p < end; p++)
        run_person(q, state, s, rows, &c, p);
    return ST_OK;
}

static void add_places(Places *to, const Places *from)
{
    for (size_t i = from->n; i-- > 0;) {
        const Place *b = &from->v[i];
        if (b->sessions == 0)
            continue;
        Place *a = place_of(to, (uint32_t)i);
        a->sessions += b->sessions;
        a->bounces += b->bounces;
        a->ticks += b->ticks;
        a->events += b->events;
        a->people += b->people;
    }
}

static void add(Ask *q, void *into, void *from)
{
    State *a = into, *b = from;
    (void)q;
    a->people += b->people;
    a->sessions += b->sessions;
    a->ticks += b->ticks;
    a->most = b->most > a->most ? b->most : a->most;
    a->often += b->often;
    a->bounces += b->bounces;
    a->events += b->events;
    a->person_seconds += b->person_seconds;
    add_places(&a->entry, &b->entry);
    add_places(&a->exit, &b->exit);
    add_places(&a->by, &b->by);
    if (b->n == 0)
        return;
    a->lengths = realloc(a->lengths, (a->n + b->n) * sizeof *a->lengths);
    if (a->lengths == NULL)
        base_out_of_memory(a->n + b->n);
    memcpy(a->lengths + a->n, b->lengths, b->n * sizeof *b->lengths);
    a->n = a->cap = a->n + b->n;
}

/* --- answer -------------------------------------------------------------------------- */

typedef struct Named {
    Place    place;
    uint32_t code;
    Str      text;
} Named;

static int by_size(const void *x, const void *y)
{
    const Named *a = x, *b = y;
    if (a->place.sessions != b->place.sessions)
        return a->place.sessions > b->place.sessions ? -1 : 1;
    return str_cmp(a->text, b->text);
}

static void put_places(Ask *q, const char *key, const char *value, size_t field,
                       const Places *places, Json *out)
{
    Named *list = arena_array(q->arena, Named, places->n + 1);
    size_t count = 0;
    for (size_t i = 0; i < places->n; i++)
        if (places->v[i].sessions > 0)
            list[count++] =
                (Named){places->v[i], (uint32_t)i, ask_code_text(q, field, (uint32_t)i, q->arena)};
    array_sort(list, count, sizeof *list, by_size);
    json_arr(out, key);
    for (size_t i = 0; i < count && i < (size_t)q->limit; i++) {
        const Place *p = &list[i].place;
        double       n = (double)p->sessions;
        json_obj(out, NULL);
        ask_write_code(q, field, list[i].code, value, out);
        json_i64(out, "people", p->people);
        json_i64(out, "sessions", p->sessions);
        json_i64(out, "events", p->events);
        json_i64(out, "bounces", p->bounces);
        json_real(out, "mean_seconds", (double)p->ticks * (double)q->view.unit / 1000 / n);
        json_real(out, "mean_events", (double)p->events / n);
        json_end(out);
    }
    json_end(out);
}

static int ascending(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static Status answer(Ask *q, void *state, Json *out, Err *err)
{
    const Sessions *o = q->own;
    State          *s = state;
    double unit = (double)q->view.unit / 1000, n = s->sessions > 0 ? (double)s->sessions : 1;
    (void)err;
    json_i64(out, "people", s->people);
    json_i64(out, "sessions", s->sessions);
    json_i64(out, "events", s->events);
    json_i64(out, "seconds", s->ticks * q->view.unit / 1000);
    json_real(out, "mean_seconds", (double)s->ticks * unit / n);
    json_real(out, "mean_events", (double)s->events / n);
    json_i64(out, "most_of_a_person", s->most);
    json_i64(out, "often", o->often);
    json_i64(out, "people_often", s->often);
    json_i64(out, "person_average_seconds", s->person_seconds);
    if (o->percentiles && s->n > 0) {
        array_sort(s->lengths, s->n, sizeof *s->lengths, ascending);
        int64_t median = s->lengths[(s->n - 1) / 2], p90 = s->lengths[(s->n - 1) * 9 / 10];
        json_real(out, "median_seconds", (double)median * unit);
        json_real(out, "p90_seconds", (double)p90 * unit);
    }
    if (o->bounces || o->entry != SIZE_MAX || o->exit != SIZE_MAX || o->by != SIZE_MAX ||
        o->percentiles)
        json_i64(out, "bounces", s->bounces);
    if (o->entry != SIZE_MAX)
        put_places(q, "entry", "value", o->entry, &s->entry, out);
    if (o->exit != SIZE_MAX)
        put_places(q, "exit", "value", o->exit, &s->exit, out);
    if (o->by == SIZE_MAX)
        return ST_OK;
    int64_t groups = 0;
    for (size_t i = 0; i < s->by.n; i++)
        groups += s->by.v[i].sessions > 0;
    json_i64(out, "groups_total", groups);
    put_places(q, "groups", "by", o->by, &s->by, out);
    return ST_OK;
}

const AskKind ASK_SESSIONS = {
    .name = "sessions",
    .members = "gap event often entry exit by bounces percentiles ",
    .cell = "entry exit by bounced often ",
    .read = read,
    .bound = bound,
    .state_size = sizeof(State),
    .state_done = state_done,
    .run = run,
    .add = add,
    .answer = answer,
};
