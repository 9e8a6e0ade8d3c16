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

static inline void day_put(Days *d, size_t k)
{
    d->word[k >> 6] |= 1ULL << (k & 63);
}

/* The first day from `from` on; SIZE_MAX: none. */
static inline size_t day_next(const Days *d, size_t words, size_t from)
{
    for (size_t w = from >> 6; w < words; w++) {
        uint64_t left = w == from >> 6 ? d->word[w] & (UINT64_MAX << (from & 63)) : d->word[w];
        if (left != 0)
            return w * 64 + (size_t)__builtin_ctzll(left);
    }
    return SIZE_MAX;
}

static size_t day_last(const Days *d, size_t words)
{
    for (size_t w = words; w-- > 0;)
        if (d->word[w] != 0)
            return w * 64 + 63 - (size_t)__builtin_clzll(d->word[w]);
    return SIZE_MAX;
}

/* The same days, counted from `first` on. */
static void days_from(const Days *d, size_t words, size_t first, Days *ret)
{
    size_t   skip = first >> 6;
    unsigned shift = first & 63;
    for (size_t w = 0; w < words; w++) {
        uint64_t low = w + skip < words ? d->word[w + skip] >> shift : 0;
        bool     more = shift > 0 && w + skip + 1 < words;
        ret->word[w] = more ? low | d->word[w + skip + 1] << (64 - shift) : low;
    }
}

/* A group's cells: the people of a cohort, then those who were back in each period. */
static uint32_t cell_of(const Retention *r, size_t cohort, size_t k)
{
    return (uint32_t)(cohort * (r->ncells + 1) + k);
}

/* Which cells somebody who was back in those periods counts in. */
static void cells_of(const Retention *r, size_t words, Days *back)
{
    size_t last;
    Days   cells = {{0}};
    if (r->count == ON)
        return;
    if (r->count == ON_OR_AFTER) {
        last = day_last(back, words);
        for (size_t w = 0; last != SIZE_MAX && w <= last >> 6; w++)
            back->word[w] = w < last >> 6 ? UINT64_MAX : pack_mask((unsigned)(last & 63) + 1);
        return;
    }
    for (size_t k = 0; k < r->ncells; k++) {
        size_t day = day_next(back, words, (size_t)r->bracket[k][0]);
        if (day != SIZE_MAX && day <= (size_t)r->bracket[k][1])
            day_put(&cells, k);
    }
    *back = cells;
}

/* Count somebody of a cohort, who began with `code` of `by` and was back in the periods of `back`;
 * *watched becomes true when that is one of the cell that is asked for. */
static Status count_days(Ask *q, State *st, size_t cohort, uint32_t code, Days *back, size_t words,
                         bool *watched, Err *err)
{
    const Retention *r = q->own;
    bool             grouped = r->by != SIZE_MAX;
    bool here = q->watching && (r->cell_cohort < 0 || (int64_t)cohort == r->cell_cohort) &&
                ask_cell_by(q, r->by, code);
    *watched = *watched || (here && r->cell_period < 0);
    st->people[cohort]++;
    if (grouped)
        TRY(ask_count_cell(&st->groups, code, cell_of(r, cohort, 0), err));
    cells_of(r, words, back);
    for (size_t k = day_next(back, words, 0); k < r->ncells; k = day_next(back, words, k + 1)) {
        st->returned[cohort * st->ncells + k]++;
        if (grouped)
            TRY(ask_count_cell(&st->groups, code, cell_of(r, cohort, k + 1), err));
        *watched = *watched || (here && (int64_t)k == r->cell_period);
    }
    return ST_OK;
}

/* Rows of a slab that begin and that bring back, what they are by, and when they were. */
typedef struct Rows {
    const uint64_t *starts, *backs;
    const uint32_t *codes; /* NULL: no `by` */
    const uint32_t *bucket;
} Rows;

/* Periods from the person's own beginning on. */
static Status run_rolling(Ask *q, State *st, Slab *s, const Rows *rows, size_t p, Err *err)
{
    const Retention *r = q->own;
    size_t           to = s->start[p + 1], row = bit_next(rows->starts, s->start[p], to);
    bool             watched = false;
    Days             back = {{0}};
    if (row == to)
        return ST_OK;
    int64_t begun = slab_tick(s, row);
    for (size_t at = bit_next(rows->backs, row, to); at < to;
         at = bit_next(rows->backs, at + 1, to)) {
        size_t k = (size_t)((slab_tick(s, at) - begun) * s->view->unit / r->length);
        if (k < RETENTION_BUCKETS)
            day_put(&back, k);
    }
    TRY(count_days(q, st, rows->bucket[row], rows->codes != NULL ? rows->codes[row] : 0, &back,
                   WORDS, &watched, err));
    if (watched)
        ask_watch(q, s, p);
    return ST_OK;
}

/* From the person's last row to the first, so that what is behind a row is known when it begins
 * something. With mode first only the first one does. */
static Status run_person(Ask *q, State *st, Slab *s, const Rows *rows, size_t p, Err *err)
{
    const Retention *r = q->own;
    const uint32_t  *bucket = rows->bucket;
    size_t           to = s->start[p + 1], first = bit_next(rows->starts, s->start[p], to);
    size_t           words = (r->buckets.n + 63) / 64, left = to;
    bool             watched = false;
    Days             there, back;
    memset(&there, 0, words * sizeof *there.word);
    size_t begin = r->mode == FIRST || first == to ? first : bit_last(rows->starts, first, to);
    for (size_t start = begin; start < to;) {
        size_t before = start > first ? bit_last(rows->starts, first, start) : start;
        if (before != start && bucket[before] == bucket[start]) { /* the first of its interval */
            start = before;
            continue;
        }
        for (size_t at = bit_next(rows->backs, start, left); at < left;
             at = bit_next(rows->backs, at + 1, left))
            day_put(&there, bucket[at]);
        left = start;
        days_from(&there, words, bucket[start], &back);
        TRY(count_days(q, st, bucket[start], rows->codes != NULL ? rows->codes[start] : 0, &back,
                       words, &watched, err));
        if (start == first)
            break;
        start = before;
    }
    if (watched)
        ask_watch(q, s, p);
    return ST_OK;
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Retention *r = q->own;
    State           *st = state;
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
    TRY(row_buckets(r, st, s, s->start[first], s->start[end], err));
    rows.bucket = st->bucket;
    if (r->rolling)
        TRY(slab_time(s, err));
    if (r->by != SIZE_MAX)
        TRY(ask_codes(q, s, r->by, &rows.codes, err));
    for (size_t p = first; p < end; p++)
        TRY((r->rolling ? run_rolling : run_person)(q, st, s, &rows, p, err));
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
