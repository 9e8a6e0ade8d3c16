/* Retention: who came back, by when they first came: bits per person and interval. */
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
    size_t   by;     /* field: the value at the event that starts it; SIZE_MAX: none */
    Buckets  buckets;
    int64_t  cell_cohort, cell_period; /* -1: any */
} Retention;

typedef struct State {
    int64_t  *people;   /* [cohort] */
    int64_t  *returned; /* [cohort][cell] */
    size_t    ncells, ncohorts;
    Tally     groups; /* with `by`: by its code and cell_of() */
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
    r->cell_cohort = r->cell_period = -1;
    TRY(ask_by(q, q->json, "by", &r->by, err));
    if (!q->watching)
        return ST_OK;
    TRY(ask_i64(q->cell, "cell/cohort", 0, RETENTION_BUCKETS, &r->cell_cohort, err));
    return ask_i64(q->cell, "cell/period", 0, RETENTION_BUCKETS, &r->cell_period, err);
}

static Status bound(Ask *q, Err *err)
{
    static const int64_t LENGTHS[] = {3600000, 86400000, 604800000};
    Retention           *r = q->own;
    TRY(ask_buckets(q, r->interval, false, &r->buckets, err));
    if (r->buckets.n > RETENTION_BUCKETS)
        return err_set(err, ST_LIMIT, "journey.too_big",
                       "/interval makes more than %d intervals of this range: take a larger one",
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
    s->people = calloc(s->ncohorts + 1, sizeof *s->people);
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
    tally_done(&s->groups);
}

/* --- all events, at most 64 intervals: one word per person --------------------------- */

static Status row_buckets(const Retention *r, State *st, Slab *s, size_t from, size_t to, Err *err)
{
    if (to > st->cap) {
        free(st->bucket);
        st->cap = to + to / 2;
        st->bucket = malloc((st->cap + 16) * sizeof *st->bucket);
        if (st->bucket == NULL)
            base_out_of_memory(st->cap);
    }
    return ask_row_buckets(&r->buckets, s, from, to, st->bucket, err);
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

static Status run_words(const Retention *r, State *st, Slab *s, size_t first, size_t end, Err *err)
{
    TRY(row_buckets(r, st, s, s->start[first], s->start[end], err));
    for (size_t p = first; p < end; p++) {
        uint64_t word = 0;
        for (size_t row = s->start[p]; row < s->start[p + 1]; row++)
            word |= 1ULL << st->bucket[row];
        count_word(r, st, word);
    }
    return ST_OK;
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

static Status run_bits(const Retention *r, State *st, Slab *s, Err *err)
{
    static _Thread_local uint64_t present[FEW][PEOPLE_WORDS];
    bool                          fresh;
    size_t                        words = (s->rows + 63) / 64, people = 0;
    const uint64_t               *ends = bits_ends(s);
    const uint32_t               *coarse;
    uint64_t                     *from = kept_bits(s, 0, &fresh), *next = kept_bits(s, 1, &fresh);
    uint64_t                     *in = kept_bits(s, 2, &fresh);
    TRY(slab_coarse(s, &coarse, err));
    memset(from, 0xff, words * 8);
    for (size_t k = 0; k < r->buckets.n; k++) {
        if (k + 1 < r->buckets.n)
            bits_from(next, coarse, r->buckets.coarse_at[k + 1], s->rows);
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
    return ST_OK;
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

/* A group's cells: the people of a cohort, then those who were back in each period. */
static uint32_t cell_of(const Retention *r, size_t cohort, size_t k)
{
    return (uint32_t)(cohort * (r->ncells + 1) + k);
}

/* Somebody who begins: when, and with what. */
typedef struct Start {
    size_t   cohort, most; /* the last period that there can be */
    uint32_t code;         /* of `by` */
} Start;

static bool was_back(const Retention *r, const Days *back, size_t most, size_t k)
{
    if (r->count == BRACKET)
        return any_day(back, (size_t)r->bracket[k][0], (size_t)r->bracket[k][1]);
    if (r->count == ON)
        return k <= most && day_set(back, k);
    return k <= most && any_day(back, k, most);
}

/* Count one cohort's person, who was back in the periods of `back`; *ret_watched: is that one of
 * the cell that is asked for? */
static Status count_days(Ask *q, State *st, const Start *start, const Days *back, bool *ret_watched,
                         Err *err)
{
    const Retention *r = q->own;
    bool             grouped = r->by != SIZE_MAX;
    bool here = q->watching && (r->cell_cohort < 0 || (int64_t)start->cohort == r->cell_cohort) &&
                ask_cell_by(q, r->by, start->code);
    *ret_watched = here && r->cell_period < 0;
    st->people[start->cohort]++;
    if (grouped)
        TRY(ask_count_cell(&st->groups, start->code, cell_of(r, start->cohort, 0), err));
    for (size_t k = 0; k < r->ncells; k++) {
        if (!was_back(r, back, start->most, k))
            continue;
        st->returned[start->cohort * st->ncells + k]++;
        if (grouped)
            TRY(ask_count_cell(&st->groups, start->code, cell_of(r, start->cohort, k + 1), err));
        *ret_watched = *ret_watched || (here && (int64_t)k == r->cell_period);
    }
    return ST_OK;
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

/* Rows of a slab that begin and that bring back, and what they are by. */
typedef struct Rows {
    const uint64_t *starts, *backs;
    const uint32_t *codes; /* NULL: no `by` */
} Rows;

static Status run_person(Ask *q, State *st, Slab *s, const Rows *rows, size_t p, Err *err)
{
    const Retention *r = q->own;
    size_t           to = s->start[p + 1], last = SIZE_MAX, most = r->buckets.n - 1;
    for (size_t row = bit_next(rows->starts, s->start[p], to); row < to;
         row = bit_next(rows->starts, row + 1, to)) {
        int64_t t = slab_tick(s, row);
        size_t  cohort = bucket_of(&r->buckets, t);
        Days    back;
        bool    watched;
        if (cohort == last)
            continue;
        last = cohort;
        Start start = {cohort, r->rolling ? RETENTION_BUCKETS - 1 : most - cohort,
                       rows->codes != NULL ? rows->codes[row] : 0};
        days_back(r, s, rows->backs, cohort, t, row, to, &back);
        TRY(count_days(q, st, &start, &back, &watched, err));
        if (watched)
            ask_watch(q, s, p);
        if (r->mode == FIRST)
            break;
    }
    return ST_OK;
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Retention *r = q->own;
    Rows             rows = {0};
    TRY(ask_rows(q, s, r->start, &rows.starts, err));
    TRY(ask_rows(q, s, r->back, &rows.backs, err));
    if (rows.starts == NULL && rows.backs == NULL && r->buckets.n <= 64 && r->mode == FIRST &&
        r->count == ON && !r->rolling && !q->watching && r->by == SIZE_MAX) {
        if (r->buckets.coarse_at != NULL && r->buckets.n <= FEW && first == 0 &&
            end == s->persons && end < 64 * PEOPLE_WORDS - 64)
            return run_bits(r, state, s, err);
        return run_words(r, state, s, first, end, err);
    }
    TRY(slab_time(s, err));
    if (r->by != SIZE_MAX)
        TRY(ask_codes(q, s, r->by, &rows.codes, err));
    for (size_t p = first; p < end; p++)
        TRY(run_person(q, state, s, &rows, p, err));
    return ST_OK;
}

static void add(Ask *q, void *into, void *from)
{
    State *a = into, *b = from;
    (void)q;
    for (size_t i = 0; i < a->ncohorts; i++)
        a->people[i] += b->people[i];
    for (size_t i = 0; i < a->ncohorts * a->ncells; i++)
        a->returned[i] += b->returned[i];
    tally_merge(&a->groups, &b->groups);
}

/* --- answer -------------------------------------------------------------------------- */

static void put_cohort(Ask *q, size_t c, int64_t people, const int64_t *returned, Json *out)
{
    const Retention *r = q->own;
    json_obj(out, NULL);
    json_key(out, STR("start"));
    ask_write_bucket(q, r->interval, &r->buckets, c, out);
    json_i64(out, "people", people);
    json_arr(out, "returned");
    for (size_t k = 0; k < r->ncells; k++)
        if (r->count == BRACKET || r->rolling || c + k < r->buckets.n)
            json_i64(out, NULL, returned[k]);
    json_end(out);
    json_end(out);
}

static bool is_people(const Ask *q, uint32_t cell)
{
    const Retention *r = q->own;
    return cell % (r->ncells + 1) == 0;
}

static void put_group(Ask *q, const int64_t *cells, Json *out)
{
    const Retention *r = q->own;
    json_arr(out, "cohorts");
    for (size_t c = 0; c < r->buckets.n; c++)
        put_cohort(q, c, cells[cell_of(r, c, 0)], cells + cell_of(r, c, 1), out);
    json_end(out);
}

static Status answer(Ask *q, void *state, Json *out, Err *err)
{
    const Retention *r = q->own;
    State           *s = state;
    (void)err;
    json_arr(out, "cohorts");
    for (size_t c = 0; c < s->ncohorts; c++)
        put_cohort(q, c, s->people[c], s->returned + c * s->ncells, out);
    json_end(out);
    if (r->by != SIZE_MAX)
        ask_put_groups(q,
                       &(AskGroups){.by = r->by,
                                    .tally = &s->groups,
                                    .cells = cell_of(r, r->buckets.n, 0),
                                    .sized = is_people,
                                    .put = put_group},
                       out);
    return ST_OK;
}

const AskKind ASK_RETENTION = {
    .name = "retention",
    .members = "start return interval mode count brackets rolling periods by ",
    .cell = "cohort period by ",
    .read = read,
    .bound = bound,
    .state_size = sizeof(State),
    .state_begin = state_begin,
    .state_done = state_done,
    .run = run,
    .add = add,
    .answer = answer,
};
