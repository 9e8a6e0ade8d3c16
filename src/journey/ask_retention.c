/* Retention: who came back, by when they first came; lifecycle and stickiness: who was there in
 * which interval. All of it is bits per person and interval. */
#include "base/fast.h"
#include "journey/ask.h"

enum { RETENTION_BUCKETS = 1024, WORDS = RETENTION_BUCKETS / 64, BRACKETS = 32 };

typedef enum Mode { FIRST, RECURRING } Mode;
typedef enum Count { ON, ON_OR_AFTER, BRACKET } Count;

typedef struct Retention {
    size_t   start, back; /* selectors */
    Interval interval;
    int      mode, count;
    bool     rolling; /* intervals of 24 hours (or 7 days, ...) from the person's start */
    int64_t  length;  /* of a rolling interval, ticks */
    int64_t  periods;
    int64_t  bracket[BRACKETS][2];
    size_t   ncells; /* per cohort */
    Buckets  buckets;
    int64_t  cell_cohort, cell_period;
    int64_t  report_from; /* lifecycle: earlier intervals are looked at, not shown */
} Retention;

typedef struct State {
    int64_t  *people;   /* [cohort] */
    int64_t  *returned; /* [cohort][cell] */
    size_t    ncells, ncohorts;
    uint32_t *bucket; /* of each row; fast path */
    size_t    cap;
} State;

static Status read_brackets(Retention *r, const JsonValue *v, Err *err)
{
    if (v->type != JSON_ARRAY || v->n < 1 || v->n > BRACKETS)
        return ask_bad(err, "brackets", "must be a list of pairs");
    for (size_t i = 0; i < v->n; i++) {
        const JsonValue *pair = &v->items[i];
        if (pair->type != JSON_ARRAY || pair->n != 2 || !pair->items[0].integer ||
            !pair->items[1].integer || pair->items[0].i64 < 0 ||
            pair->items[1].i64 < pair->items[0].i64 || pair->items[1].i64 > RETENTION_BUCKETS)
            return ask_bad(err, "brackets", "must be pairs of periods, the smaller first");
        r->bracket[i][0] = pair->items[0].i64;
        r->bracket[i][1] = pair->items[1].i64;
    }
    r->count = BRACKET;
    r->ncells = v->n;
    return ST_OK;
}

static Status read(Ask *q, Err *err)
{
    static const char *const MODES[] = {"first", "recurring", NULL};
    static const char *const COUNTS[] = {"on", "on_or_after", NULL};
    const JsonValue         *brackets = json_get(q->json, STR("brackets"));
    Retention               *r = q->own = arena_new(q->arena, Retention);
    r->interval = BY_DAY;
    r->periods = -1;
    TRY(ask_selector(q, json_get(q->json, STR("start")), "start", &r->start, err));
    TRY(ask_selector(q, json_get(q->json, STR("return")), "return", &r->back, err));
    TRY(ask_interval(q->json, "interval", &r->interval, err));
    TRY(ask_choice(q->json, "mode", MODES, &r->mode, err));
    TRY(ask_choice(q->json, "count", COUNTS, &r->count, err));
    TRY(ask_bool(q->json, "rolling", &r->rolling, err));
    TRY(ask_i64(q->json, "periods", 0, RETENTION_BUCKETS, &r->periods, err));
    if (brackets != NULL)
        TRY(read_brackets(r, brackets, err));
    if (r->interval == BY_NOTHING)
        return ask_bad(err, "interval", "must be a span of the calendar");
    if (r->rolling && (r->mode != FIRST || r->interval > BY_WEEK))
        return ask_bad(err, "rolling", "goes with mode first and hours, days or weeks");
    if (q->watching) {
        TRY(ask_i64(q->cell, "cohort", 0, RETENTION_BUCKETS, &r->cell_cohort, err));
        TRY(ask_i64(q->cell, "period", 0, RETENTION_BUCKETS, &r->cell_period, err));
    }
    return ST_OK;
}

static Status bound(Ask *q, Err *err)
{
    static const int64_t LENGTHS[] = {3600000, 86400000, 604800000};
    Retention           *r = q->own;
    TRY(ask_buckets(q, r->interval, &r->buckets, err));
    if (r->buckets.n > RETENTION_BUCKETS)
        return err_set(err, ST_LIMIT, "journey.too_big", "more than %d intervals: a larger one",
                       RETENTION_BUCKETS);
    if (r->rolling)
        r->length = LENGTHS[r->interval];
    int64_t most = (int64_t)r->buckets.n - 1;
    if (r->periods < 0 || r->periods > most)
        r->periods = most;
    if (r->count != BRACKET)
        r->ncells = (size_t)r->periods + 1;
    return ST_OK;
}

static void state_begin(Ask *q, void *state)
{
    const Retention *r = q->own;
    State           *s = state;
    s->ncohorts = r->buckets.n;
    s->ncells = r->ncells > 2 ? r->ncells : 2;
    s->people = calloc(s->ncohorts * 4 + 4, sizeof *s->people);
    s->returned = calloc(s->ncohorts * s->ncells + 1, sizeof *s->returned);
    if (s->people == NULL || s->returned == NULL)
        base_out_of_memory(s->ncohorts);
}

static void state_done(void *state)
{
    State *s = state;
    free(s->people);
    free(s->returned);
    free(s->bucket);
}

/* --- all events, at most 64 intervals: one word per person --------------------------- */

FAST static void find_buckets(uint32_t *out, const uint32_t *ticks, size_t n, const uint32_t *guess,
                              unsigned shift, const uint32_t *at)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t k = guess[ticks[i] >> shift];
        out[i] = k + (ticks[i] >= at[k + 1]); /* a cell of the guess has at most one boundary */
    }
}

static uint32_t *row_buckets(const Retention *r, State *st, const Slab *s, size_t from, size_t to)
{
    if (to > st->cap) {
        free(st->bucket);
        st->cap = to + to / 2;
        st->bucket = malloc((st->cap + 16) * sizeof *st->bucket);
        if (st->bucket == NULL)
            base_out_of_memory(st->cap);
    }
    if (s->view->narrow)
        find_buckets(st->bucket + from, (const uint32_t *)s->time + from, to - from,
                     r->buckets.guess, r->buckets.shift, r->buckets.narrow);
    else
        for (size_t row = from; row < to; row++)
            st->bucket[row] = (uint32_t)bucket_of(&r->buckets, slab_tick(s, row));
    return st->bucket;
}

static void count_word(const Retention *r, State *st, uint64_t word)
{
    size_t   cohort = (size_t)__builtin_ctzll(word);
    int64_t *row = st->returned + cohort * st->ncells;
    st->people[cohort]++;
    for (word >>= cohort; word != 0; word &= word - 1) {
        size_t k = (size_t)__builtin_ctzll(word);
        if (k >= r->ncells)
            break;
        row[k]++;
    }
}

static void run_words(const Retention *r, State *st, Slab *s, size_t first, size_t end)
{
    const uint32_t *bucket = row_buckets(r, st, s, s->start[first], s->start[end]);
    for (size_t p = first; p < end; p++) {
        uint64_t word = 0;
        for (size_t row = s->start[p]; row < s->start[p + 1]; row++)
            word |= 1ULL << bucket[row];
        count_word(r, st, word);
    }
}

/* Few intervals: bits of rows per interval, bits of people per interval, and then cohorts are
 * counted 64 people at a time. */
enum { FEW = 24, PEOPLE_WORDS = 256 };

static void count_cohorts(const Retention *r, State *st, uint64_t (*present)[PEOPLE_WORDS],
                          size_t people)
{
    for (size_t w = 0; w < (people + 63) / 64; w++) {
        uint64_t left = people - w * 64 >= 64 ? UINT64_MAX : pack_mask((unsigned)(people - w * 64));
        for (size_t c = 0; c < r->buckets.n && left != 0; c++) {
            uint64_t cohort = present[c][w] & left;
            left &= ~cohort;
            if (cohort == 0)
                continue;
            st->people[c] += __builtin_popcountll(cohort);
            for (size_t k = 0; k < r->ncells && c + k < r->buckets.n; k++)
                st->returned[c * st->ncells + k] +=
                    __builtin_popcountll(cohort & present[c + k][w]);
        }
    }
}

static void run_bits(const Retention *r, State *st, Slab *s)
{
    static _Thread_local uint64_t present[FEW][PEOPLE_WORDS];
    bool                          fresh;
    size_t                        words = (s->rows + 63) / 64, people = 0;
    const uint64_t               *ends = bits_ends(s);
    uint64_t                     *from = kept_bits(s, 0, &fresh), *next = kept_bits(s, 1, &fresh);
    uint64_t                     *in = kept_bits(s, 2, &fresh);
    memset(from, 0xff, words * 8);
    for (size_t k = 0; k < r->buckets.n; k++) {
        if (k + 1 < r->buckets.n)
            bits_from(next, s->time, r->buckets.narrow[k + 1], s->rows);
        else
            memset(next, 0, words * 8);
        for (size_t w = 0; w < words; w++)
            in[w] = from[w] & ~next[w];
        bits_any(in, in, ends, words);
        people = bits_gather(present[k], in, ends, words);
        uint64_t *t = from;
        from = next;
        next = t;
    }
    count_cohorts(r, st, present, people);
}

/* --- in general ---------------------------------------------------------------------- */

typedef struct Days {
    uint64_t word[WORDS];
} Days;

static bool day_set(const Days *d, size_t k)
{
    return (d->word[k >> 6] >> (k & 63) & 1) != 0;
}

static bool any_day(const Days *d, size_t from, size_t to) /* both included */
{
    for (size_t k = from; k <= to && k < RETENTION_BUCKETS; k++)
        if (day_set(d, k))
            return true;
    return false;
}

/* Count one cohort's person, who was back in the periods of `back`. */
static void count_days(Ask *q, State *st, size_t cohort, const Days *back, size_t most, Slab *s,
                       size_t person)
{
    const Retention *r = q->own;
    st->people[cohort]++;
    for (size_t k = 0; k < r->ncells; k++) {
        bool hit = false;
        if (r->count == BRACKET)
            hit = any_day(back, (size_t)r->bracket[k][0], (size_t)r->bracket[k][1]);
        else if (r->count == ON)
            hit = k <= most && day_set(back, k);
        else
            hit = k <= most && any_day(back, k, most);
        if (!hit)
            continue;
        st->returned[cohort * st->ncells + k]++;
        if (q->watching && (int64_t)cohort == r->cell_cohort && (int64_t)k == r->cell_period)
            ask_watch(q, s, person);
    }
}

/* In which periods after `cohort` the person was back, from row `from` on. */
static void days_back(const Retention *r, const Slab *s, const uint64_t *rows, size_t cohort,
                      int64_t begun, size_t from, size_t to, Days *ret)
{
    memset(ret, 0, sizeof *ret);
    for (size_t row = bit_next(rows, from, to); row < to; row = bit_next(rows, row + 1, to)) {
        int64_t t = slab_tick(s, row);
        size_t  k = r->rolling ? (size_t)((t - begun) * s->view->unit / r->length)
                               : bucket_of(&r->buckets, t) - cohort;
        if (k < RETENTION_BUCKETS)
            ret->word[k >> 6] |= 1ULL << (k & 63);
    }
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Retention *r = q->own;
    const uint64_t  *starts, *backs;
    size_t           most = r->buckets.n - 1;
    TRY(slab_time(s, err));
    TRY(ask_rows(q, s, r->start, &starts, err));
    TRY(ask_rows(q, s, r->back, &backs, err));
    if (starts == NULL && backs == NULL && r->buckets.n <= 64 && r->mode == FIRST &&
        r->count == ON && !r->rolling && !q->watching) {
        if (s->view->narrow && r->buckets.n <= FEW && first == 0 && end == s->persons &&
            end < 64 * PEOPLE_WORDS - 64)
            run_bits(r, state, s);
        else
            run_words(r, state, s, first, end);
        return ST_OK;
    }
    for (size_t p = first; p < end; p++) {
        size_t to = s->start[p + 1], last = SIZE_MAX;
        for (size_t row = bit_next(starts, s->start[p], to); row < to;
             row = bit_next(starts, row + 1, to)) {
            int64_t t = slab_tick(s, row);
            size_t  cohort = bucket_of(&r->buckets, t);
            Days    back;
            if (cohort == last)
                continue;
            last = cohort;
            days_back(r, s, backs, cohort, t, row, to, &back);
            count_days(q, state, cohort, &back, r->rolling ? RETENTION_BUCKETS - 1 : most - cohort,
                       s, p);
            if (r->mode == FIRST)
                break;
        }
    }
    return ST_OK;
}

static void add(Ask *q, void *into, void *from)
{
    State *a = into, *b = from;
    (void)q;
    for (size_t i = 0; i < a->ncohorts * 4; i++)
        a->people[i] += b->people[i];
    for (size_t i = 0; i < a->ncohorts * a->ncells; i++)
        a->returned[i] += b->returned[i];
}

static Status answer(Ask *q, void *state, Json *out, Err *err)
{
    const Retention *r = q->own;
    const State     *s = state;
    (void)err;
    json_arr(out, "cohorts");
    for (size_t c = 0; c < s->ncohorts; c++) {
        json_obj(out, NULL);
        json_key(out, STR("start"));
        ask_write_bucket(q, r->interval, &r->buckets, c, out);
        json_i64(out, "people", s->people[c]);
        json_arr(out, "returned");
        for (size_t k = 0; k < r->ncells; k++)
            if (r->count == BRACKET || r->rolling || c + k < s->ncohorts)
                json_i64(out, NULL, s->returned[c * s->ncells + k]);
        json_end(out);
        json_end(out);
    }
    json_end(out);
    return ST_OK;
}

const AskKind ASK_RETENTION = {
    .name = "retention",
    .members = "start return interval mode count brackets rolling periods ",
    .cell = "cohort period ",
    .read = read,
    .bound = bound,
    .state_size = sizeof(State),
    .state_begin = state_begin,
    .state_done = state_done,
    .run = run,
    .add = add,
    .answer = answer,
};

/* --- lifecycle: people[4 * k + kind] ------------------------------------------------- */

enum { NEW, RETURNING, RESURRECTING, DORMANT, KINDS };
static const char *const KIND_NAMES[] = {"new", "returning", "resurrecting", "dormant", NULL};

static Status read_activity(Ask *q, Interval interval, Err *err)
{
    Retention *r = q->own = arena_new(q->arena, Retention);
    r->interval = interval;
    TRY(ask_selector(q, json_get(q->json, STR("event")), "event", &r->start, err));
    TRY(ask_interval(q->json, "interval", &r->interval, err));
    if (r->interval == BY_NOTHING)
        return ask_bad(err, "interval", "must be a span of the calendar");
    return ST_OK;
}

/* Whether somebody is new is told by all that came before, so the range only cuts the answer. */
static Status read_lifecycle(Ask *q, Err *err)
{
    TRY(read_activity(q, BY_WEEK, err));
    Retention *r = q->own;
    int        kind = 0;
    r->report_from = q->has_from ? q->from_ms : INT64_MIN;
    q->has_from = false;
    if (!q->watching)
        return ST_OK;
    TRY(ask_choice(q->cell, "kind", KIND_NAMES, &kind, err));
    r->cell_period = kind;
    return ask_i64(q->cell, "bucket", 0, RETENTION_BUCKETS, &r->cell_cohort, err);
}

static void count_kind(Ask *q, State *st, size_t k, int kind, Slab *s, size_t person)
{
    const Retention *r = q->own;
    st->people[KINDS * k + (size_t)kind]++;
    if (q->watching && (int64_t)k == r->cell_cohort && kind == r->cell_period)
        ask_watch(q, s, person);
}

static Status run_lifecycle(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Retention *r = q->own;
    const uint64_t  *rows;
    TRY(slab_time(s, err));
    TRY(ask_rows(q, s, r->start, &rows, err));
    for (size_t p = first; p < end; p++) {
        size_t to = s->start[p + 1], last = SIZE_MAX;
        for (size_t row = bit_next(rows, s->start[p], to); row < to;
             row = bit_next(rows, row + 1, to)) {
            size_t k = bucket_of(&r->buckets, slab_tick(s, row));
            if (k == last)
                continue;
            if (last != SIZE_MAX && k > last + 1)
                count_kind(q, state, last + 1, DORMANT, s, p);
            int kind = last == SIZE_MAX ? NEW : k == last + 1 ? RETURNING : RESURRECTING;
            count_kind(q, state, k, kind, s, p);
            last = k;
        }
        if (last != SIZE_MAX && last + 1 < r->buckets.n)
            count_kind(q, state, last + 1, DORMANT, s, p);
    }
    return ST_OK;
}

static Status answer_lifecycle(Ask *q, void *state, Json *out, Err *err)
{
    const Retention *r = q->own;
    const State     *s = state;
    (void)err;
    json_arr(out, "buckets");
    for (size_t k = 0; k < s->ncohorts; k++) {
        if (r->buckets.at_ms[k + 1] <= r->report_from)
            continue;
        json_obj(out, NULL);
        json_key(out, STR("start"));
        ask_write_bucket(q, r->interval, &r->buckets, k, out);
        json_i64(out, "bucket", (int64_t)k);
        for (size_t kind = 0; kind < KINDS; kind++)
            json_i64(out, KIND_NAMES[kind], s->people[KINDS * k + kind]);
        json_end(out);
    }
    json_end(out);
    return ST_OK;
}

const AskKind ASK_LIFECYCLE = {
    .name = "lifecycle",
    .members = "event interval ",
    .cell = "bucket kind ",
    .read = read_lifecycle,
    .bound = bound,
    .state_size = sizeof(State),
    .state_begin = state_begin,
    .state_done = state_done,
    .run = run_lifecycle,
    .add = add,
    .answer = answer_lifecycle,
};

/* --- stickiness: people[k]: present in k + 1 intervals ------------------------------- */

static Status read_stickiness(Ask *q, Err *err)
{
    TRY(read_activity(q, BY_DAY, err));
    Retention *r = q->own;
    r->cell_cohort = 1;
    return q->watching ? ask_i64(q->cell, "intervals", 1, RETENTION_BUCKETS, &r->cell_cohort, err)
                       : ST_OK;
}

static Status run_stickiness(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Retention *r = q->own;
    State           *st = state;
    const uint64_t  *rows;
    TRY(slab_time(s, err));
    TRY(ask_rows(q, s, r->start, &rows, err));
    for (size_t p = first; p < end; p++) {
        size_t to = s->start[p + 1], last = SIZE_MAX, n = 0;
        for (size_t row = bit_next(rows, s->start[p], to); row < to;
             row = bit_next(rows, row + 1, to)) {
            size_t k = bucket_of(&r->buckets, slab_tick(s, row));
            n += k != last;
            last = k;
        }
        if (n == 0)
            continue;
        st->people[n - 1]++;
        if (q->watching && (int64_t)n == r->cell_cohort)
            ask_watch(q, s, p);
    }
    return ST_OK;
}

static Status answer_stickiness(Ask *q, void *state, Json *out, Err *err)
{
    const Retention *r = q->own;
    const State     *s = state;
    int64_t          at_least = 0;
    (void)err;
    for (size_t k = 0; k < r->buckets.n; k++)
        at_least += s->people[k];
    json_i64(out, "people", at_least);
    json_arr(out, "intervals");
    for (size_t k = 0; k < r->buckets.n; k++) {
        json_obj(out, NULL);
        json_i64(out, "intervals", (int64_t)k + 1);
        json_i64(out, "people", s->people[k]);
        json_i64(out, "at_least", at_least);
        at_least -= s->people[k];
        json_end(out);
    }
    json_end(out);
    return ST_OK;
}

const AskKind ASK_STICKINESS = {
    .name = "stickiness",
    .members = "event interval ",
    .cell = "intervals ",
    .read = read_stickiness,
    .bound = bound,
    .state_size = sizeof(State),
    .state_begin = state_begin,
    .state_done = state_done,
    .run = run_stickiness,
    .add = add,
    .answer = answer_stickiness,
};
