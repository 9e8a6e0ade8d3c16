/* Sessions: visits told apart by a gap in time. */
#include "journey/ask.h"

#include "base/sort.h"

typedef struct Sessions {
    int64_t gap_ms, gap; /* ticks */
    size_t  selector;
    int64_t often; /* people with that many sessions are counted */
    size_t  entry, exit;
    bool    percentiles;
    size_t  cell; /* people with a session that begins with ... */
} Sessions;

typedef struct Place { /* sessions that begin, or end, with a value */
    int64_t sessions, bounces, ticks;
} Place;

typedef struct State {
    int64_t   people, sessions, ticks, most, often, bounces, events;
    int64_t   person_seconds; /* sum over people of floor(seconds / sessions) */
    Place    *entry, *exit;
    size_t    nentry, nexit;
    int64_t  *lengths;
    size_t    n, cap;
    uint32_t *sums, *rank; /* of the slab `serial` */
    size_t    cap_rows;
    uint64_t  serial;
} State;

static Status read(Ask *q, Err *err)
{
    Sessions *o = q->own = arena_new(q->arena, Sessions);
    o->gap_ms = 30 * 60000LL;
    o->often = 5;
    o->entry = o->exit = SIZE_MAX;
    TRY(ask_span(q->json, "gap", &o->gap_ms, err));
    TRY(ask_selector(q, json_get(q->json, STR("event")), "event", &o->selector, err));
    TRY(ask_i64(q->json, "often", 1, 1000000, &o->often, err));
    TRY(ask_bool(q->json, "percentiles", &o->percentiles, err));
    TRY(ask_by(q, q->json, "entry", &o->entry, err));
    return ask_by(q, q->json, "exit", &o->exit, err);
}

static Status bound(Ask *q, Err *err)
{
    Sessions *o = q->own;
    (void)err;
    o->gap = ask_ticks(q, o->gap_ms);
    return ST_OK;
}

static void *state_new(Ask *q)
{
    State *s = calloc(1, sizeof *s);
    (void)q;
    if (s == NULL)
        base_out_of_memory(sizeof *s);
    return s;
}

static void state_free(void *state)
{
    State *s = state;
    if (s == NULL)
        return;
    free(s->entry);
    free(s->exit);
    free(s->lengths);
    free(s->sums);
    free(s->rank);
    free(s);
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

/* How many bits are before each word. */
static void ranks(uint32_t *out, const uint64_t *bits, size_t words)
{
    uint32_t n = 0;
    for (size_t w = 0; w < words; w++) {
        out[w] = n;
        n += (uint32_t)__builtin_popcountll(bits[w]);
    }
    out[words] = n;
}

static inline uint32_t rank_at(const uint32_t *rank, const uint64_t *bits, size_t row)
{
    uint64_t below = bits[row >> 6] & (((uint64_t)1 << (row & 63)) - 1);
    return rank[row >> 6] + (uint32_t)__builtin_popcountll(below);
}

static void need_rows(State *st, size_t rows)
{
    if (rows <= st->cap_rows)
        return;
    free(st->sums);
    free(st->rank);
    st->cap_rows = rows + rows / 4;
    st->sums = malloc((st->cap_rows + 64) * sizeof *st->sums);
    st->rank = malloc((st->cap_rows / 64 + 4) * sizeof *st->rank);
    if (st->sums == NULL || st->rank == NULL)
        base_out_of_memory(st->cap_rows);
}

/* All events, and only sums: a person's sessions are the long gaps, and its time the difference of
 * two running sums. */
static void run_sums(Ask *q, State *st, Slab *s, size_t first, size_t end)
{
    const Sessions *o = q->own;
    bool            fresh;
    size_t          words = (s->rows + 63) / 64;
    uint64_t       *gaps = kept_bits(s, 0, &fresh);
    need_rows(st, s->rows);
    if (fresh || st->serial != s->serial) {
        bits_gaps(gaps, s, o->gap);
        gaps[words] = 0;
        ranks(st->rank, gaps, words);
        sums_within(st->sums, s->time, (uint32_t)o->gap, s->rows);
        st->serial = s->serial;
    }
    for (size_t p = first; p < end; p++) {
        size_t   from = s->start[p], to = s->start[p + 1];
        uint32_t more = rank_at(st->rank, gaps, to) - rank_at(st->rank, gaps, from + 1);
        person_done(q, o, st, 1 + (int64_t)more, st->sums[to - 1] - st->sums[from]);
    }
    st->events += (int64_t)(s->start[end] - s->start[first]);
}

/* --- one by one ---------------------------------------------------------------------- */

static void count_place(Place **places, size_t *n, uint32_t code, int64_t ticks, bool bounce)
{
    if (code >= *n) {
        size_t more = code + code / 2 + 64;
        *places = realloc(*places, more * sizeof **places);
        if (*places == NULL)
            base_out_of_memory(more);
        memset(*places + *n, 0, (more - *n) * sizeof **places);
        *n = more;
    }
    (*places)[code].sessions++;
    (*places)[code].bounces += bounce;
    (*places)[code].ticks += ticks;
}

static void session_done(const Sessions *o, State *st, const uint32_t *entry, const uint32_t *exit,
                         size_t first, size_t last, int64_t ticks, bool bounce)
{
    st->bounces += bounce;
    if (entry != NULL)
        count_place(&st->entry, &st->nentry, entry[first], ticks, bounce);
    if (exit != NULL)
        count_place(&st->exit, &st->nexit, exit[last], ticks, bounce);
    if (!o->percentiles)
        return;
    if (st->n == st->cap) {
        st->cap = st->cap * 2 + 1024;
        st->lengths = realloc(st->lengths, st->cap * sizeof *st->lengths);
        if (st->lengths == NULL)
            base_out_of_memory(st->cap);
    }
    st->lengths[st->n++] = ticks;
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Sessions *o = q->own;
    State          *st = state;
    const uint64_t *rows;
    const uint32_t *entry = NULL, *exit = NULL;
    TRY(ask_rows(q, s, o->selector, &rows, err));
    TRY(slab_time(s, err));
    if (o->entry != SIZE_MAX)
        TRY(ask_codes(q, s, o->entry, &entry, err));
    if (o->exit != SIZE_MAX)
        TRY(ask_codes(q, s, o->exit, &exit, err));
    if (json_get(q->json, STR("bounces")) == NULL && rows == NULL && entry == NULL &&
        exit == NULL && !o->percentiles && !q->watching && s->view->narrow && o->gap < UINT32_MAX) {
        run_sums(q, st, s, first, end);
        return ST_OK;
    }
    for (size_t p = first; p < end; p++) {
        size_t  to = s->start[p + 1], begun = bit_next(rows, s->start[p], to), last = begun;
        int64_t sessions = 0, ticks = 0;
        if (begun == to)
            continue;
        for (size_t row = begun; last < to;) {
            size_t next = bit_next(rows, row + 1, to);
            st->events++;
            last = row;
            if (next < to && slab_tick(s, next) - slab_tick(s, row) <= o->gap) {
                row = next;
                continue;
            }
            int64_t length = slab_tick(s, last) - slab_tick(s, begun);
            session_done(o, st, entry, exit, begun, last, length, begun == last);
            sessions++;
            ticks += length;
            begun = row = next;
            last = next;
        }
        person_done(q, o, st, sessions, ticks);
        if (q->watching && sessions >= o->often)
            ask_watch(q, s, p);
    }
    return ST_OK;
}

static void add_places(Place **a, size_t *na, const Place *b, size_t nb)
{
    for (size_t i = nb; i-- > 0;) {
        if (b[i].sessions == 0)
            continue;
        count_place(a, na, (uint32_t)i, 0, false);
        (*a)[i].sessions += b[i].sessions - 1;
        (*a)[i].bounces += b[i].bounces;
        (*a)[i].ticks += b[i].ticks;
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
    add_places(&a->entry, &a->nentry, b->entry, b->nentry);
    add_places(&a->exit, &a->nexit, b->exit, b->nexit);
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

static void put_places(Ask *q, const char *key, size_t field, const Place *places, size_t n,
                       Json *out)
{
    Named *list = arena_array(q->arena, Named, n + 1);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (places[i].sessions > 0)
            list[count++] =
                (Named){places[i], (uint32_t)i, ask_code_text(q, field, (uint32_t)i, q->arena)};
    array_sort(list, count, sizeof *list, by_size);
    json_arr(out, key);
    for (size_t i = 0; i < count && i < (size_t)q->limit; i++) {
        const Place *p = &list[i].place;
        json_obj(out, NULL);
        ask_write_code(q, field, list[i].code, "value", out);
        json_i64(out, "sessions", p->sessions);
        json_i64(out, "bounces", p->bounces);
        json_real(out, "mean_seconds",
                  (double)p->ticks * (double)q->view.unit / 1000 / (double)p->sessions);
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
    if (json_get(q->json, STR("bounces")) != NULL || o->entry != SIZE_MAX || o->percentiles)
        json_i64(out, "bounces", s->bounces);
    if (o->entry != SIZE_MAX)
        put_places(q, "entry", o->entry, s->entry, s->nentry, out);
    if (o->exit != SIZE_MAX)
        put_places(q, "exit", o->exit, s->exit, s->nexit, out);
    return ST_OK;
}

const AskKind ASK_SESSIONS = {"sessions", read, bound, state_new, state_free, run, add, answer};
