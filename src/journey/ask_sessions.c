/* Sessions: visits told apart by a gap in time. */
#include "journey/ask.h"

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
    SessionSums sums;
    int64_t     bounces, events;
    Places      entry, exit, by;
    int64_t    *lengths;
    size_t      n, cap;
    SessionRoom room;
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
    session_room_done(&s->room);
}

static void person_done(const Ask *q, const Sessions *o, SessionSums *sum, int64_t sessions,
                        int64_t ticks)
{
    ASSERT(sessions > 0);
    sum->people++;
    sum->sessions += sessions;
    sum->ticks += ticks;
    sum->most = sessions > sum->most ? sessions : sum->most;
    sum->often += sessions >= o->often;
    uint64_t whole = (uint64_t)ticks * (uint64_t)q->view.unit / 1000;
    if (whole <= UINT32_MAX) /* much cheaper than 64 bits */
        sum->person_seconds += (uint32_t)whole / (uint32_t)sessions;
    else
        sum->person_seconds += (int64_t)(whole / (uint64_t)sessions);
}

/* All events, and only sums. */
static Status run_sums(Ask *q, State *st, Slab *s, size_t first, size_t end, Err *err)
{
    const Sessions   *o = q->own;
    const SessionRows rows = {
        .slab = s, .gap = o->gap, .often = o->often, .unit = q->view.unit, .room = &st->room};
    st->events += (int64_t)(s->start[end] - s->start[first]);
    return session_sums(&rows, first, end, &st->sums, err);
}

/* --- one by one ---------------------------------------------------------------------- */

typedef struct Session {
    size_t  first, last; /* rows */
    int64_t ticks, events;
} Session;

static Place *place_of(Places *p, uint32_t code)
{
    p->v = ask_room(p->v, &p->n, code, sizeof *p->v);
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
    int64_t person = st->sums.people + 1;
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
    if (entry != NULL && c->entry != NULL && !ask_code_is(q, o->entry, c->entry[s->first], entry))
        return false;
    if (exit != NULL && c->exit != NULL && !ask_code_is(q, o->exit, c->exit[s->last], exit))
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
    person_done(q, o, &st->sums, sessions, ticks);
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
    session_sums_add(&a->sums, &b->sums);
    a->bounces += b->bounces;
    a->events += b->events;
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

static void put_places(Ask *q, const char *key, const char *value, size_t field,
                       const Places *places, Json *out)
{
    AskRank *list = arena_array(q->arena, AskRank, places->n + 1);
    size_t   count = 0;
    for (uint32_t i = 0; i < places->n; i++)
        if (places->v[i].sessions > 0)
            list[count++] = ask_rank(q, field, i, (double)places->v[i].sessions);
    ask_sort(list, count, sizeof *list);
    json_arr(out, key);
    for (size_t i = 0; i < count && i < (size_t)q->limit; i++) {
        const Place *p = &places->v[list[i].code];
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

enum { DIGIT = 10 }; /* bits */

/* The k-th smallest (from 0) of numbers that are not negative, digit by digit from the first on:
 * of each, those stay that have the one of the k-th. They are moved about. */
static int64_t select_kth(int64_t *v, size_t n, size_t k)
{
    static const int64_t LOW = (1 << DIGIT) - 1;
    int64_t              all = 0;
    for (size_t i = 0; i < n; i++)
        all |= v[i];
    for (int shift = 63 / DIGIT * DIGIT; shift >= 0; shift -= DIGIT) {
        size_t  count[1 << DIGIT] = {0}, kept = 0;
        int64_t digit = 0;
        if (all >> shift == 0)
            continue;
        for (size_t i = 0; i < n; i++)
            count[v[i] >> shift & LOW]++;
        while (k >= count[digit])
            k -= count[digit++];
        for (size_t i = 0; i < n; i++) {
            if ((v[i] >> shift & LOW) != digit)
                continue;
            int64_t swap = v[i];
            v[i] = v[kept];
            v[kept++] = swap;
        }
        n = kept;
    }
    return v[0];
}

static Status answer(Ask *q, void *state, Json *out, Err *err)
{
    const Sessions *o = q->own;
    State          *s = state;
    double          unit = (double)q->view.unit / 1000,
           n = s->sums.sessions > 0 ? (double)s->sums.sessions : 1;
    (void)err;
    json_i64(out, "people", s->sums.people);
    json_i64(out, "sessions", s->sums.sessions);
    json_i64(out, "events", s->events);
    json_i64(out, "seconds", s->sums.ticks * q->view.unit / 1000);
    json_real(out, "mean_seconds", (double)s->sums.ticks * unit / n);
    json_real(out, "mean_events", (double)s->events / n);
    json_i64(out, "most_of_a_person", s->sums.most);
    json_i64(out, "often", o->often);
    json_i64(out, "people_often", s->sums.often);
    json_i64(out, "person_average_seconds", s->sums.person_seconds);
    if (o->percentiles && s->n > 0) {
        int64_t median = select_kth(s->lengths, s->n, (s->n - 1) / 2);
        int64_t p90 = select_kth(s->lengths, s->n, (s->n - 1) * 9 / 10);
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
