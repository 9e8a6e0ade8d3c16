/* Trends: counts, people, sums and percentiles per interval and group. */
#include "base/fast.h"
#include "journey/ask.h"

#include "base/sort.h"

enum { SERIES_MAX = 10, CELLS_MAX = 8 << 20 };

typedef enum Measure {
    EVENTS,
    PEOPLE,
    SUM,
    AVERAGE,
    MIN,
    MAX,
    MEDIAN,
    P90,
    P95,
    P99,
    PER_PERSON
} Measure;

static const char *const MEASURES[] = {"events", "people", "sum", "average", "min",        "max",
                                       "median", "p90",    "p95", "p99",     "per_person", NULL};

typedef struct Series {
    size_t selector;
    int    measure;
    size_t property; /* SIZE_MAX: none */
    Str    name;
} Series;

typedef struct Trends {
    Series   series[SERIES_MAX];
    size_t   n;
    Interval interval;
    size_t   by;
    Buckets  buckets;
    int64_t  cell_series, cell_bucket;
} Trends;

typedef struct Cell {
    int64_t events, whole; /* whole: sum of integers */
    double  real;          /* sum of the others */
    int64_t values;
    double  min, max;
} Cell;

typedef struct Heads { /* people of a cell */
    uint32_t last;     /* the one counted last, as a number of this state */
    uint32_t count;    /* there are no more than 2^32 people */
} Heads;

typedef struct Value {
    uint64_t cell;
    double   value;
} Value;

typedef struct State {
    Cell     *cells[SERIES_MAX]; /* [group * buckets + bucket] */
    Heads    *heads[SERIES_MAX];
    size_t    ncells[SERIES_MAX];
    Value    *values[SERIES_MAX]; /* for percentiles */
    size_t    nvalues[SERIES_MAX], cap_values[SERIES_MAX];
    uint32_t  person;
    uint32_t *row_cell;
    size_t    cap_rows;
    uint64_t  serial; /* of the slab that row_cell is of */
    uint32_t  max_cell;
} State;

/* --- reading ------------------------------------------------------------------------- */

static Status read_series(Ask *q, Trends *t, const JsonValue *v, Err *err)
{
    Series *s = &t->series[t->n];
    Str     property = STR("");
    *s = (Series){.property = SIZE_MAX};
    TRY(ask_selector(q, v, "series", &s->selector, err));
    s->name = q->selectors[s->selector].label;
    if (v->type == JSON_OBJECT) {
        TRY(ask_choice(v, "measure", MEASURES, &s->measure, err));
        TRY(ask_text(v, "property", &property, err));
        TRY(ask_text(v, "name", &s->name, err));
    }
    if (property.len > 0)
        TRY(ask_field(q, property, "property", &s->property, err));
    bool needs = s->measure >= SUM && s->measure <= P99;
    if (needs != (property.len > 0))
        return ask_bad(err, "series",
                       needs ? "this measure needs a property" : "this measure takes no property");
    t->n++;
    return ST_OK;
}

static Status read(Ask *q, Err *err)
{
    const JsonValue *series = json_get(q->json, STR("series"));
    Trends          *t = q->own = arena_new(q->arena, Trends);
    t->interval = BY_DAY;
    if (series == NULL || series->type != JSON_ARRAY || series->n < 1 || series->n > SERIES_MAX)
        return ask_bad(err, "series", "must be a list of 1 to 10 series");
    for (size_t i = 0; i < series->n; i++)
        TRY(read_series(q, t, &series->items[i], err));
    TRY(ask_interval(q->json, "interval", &t->interval, err));
    TRY(ask_by(q, q->json, "by", &t->by, err));
    if (q->watching) {
        TRY(ask_i64(q->cell, "cell/series", 0, (int64_t)t->n - 1, &t->cell_series, err));
        t->cell_bucket = -1;
        TRY(ask_i64(q->cell, "cell/bucket", 0, INT32_MAX, &t->cell_bucket, err));
    }
    return ST_OK;
}

static Status bound(Ask *q, Err *err)
{
    Trends *t = q->own;
    return ask_buckets(q, t->interval, false, &t->buckets, err);
}

/* --- state --------------------------------------------------------------------------- */

static void state_done(void *state)
{
    State *s = state;
    for (size_t i = 0; i < SERIES_MAX; i++) {
        free(s->cells[i]);
        free(s->heads[i]);
        free(s->values[i]);
    }
    free(s->row_cell);
}

static Status need_cells(State *st, size_t series, size_t most, Err *err)
{
    if (most < st->ncells[series])
        return ST_OK;
    if (most >= CELLS_MAX)
        return err_set(err, ST_LIMIT, "journey.too_big",
                       "too many groups: fewer, or larger intervals");
    size_t n = most + most / 2 + 256;
    st->cells[series] = realloc(st->cells[series], n * sizeof(Cell));
    st->heads[series] = realloc(st->heads[series], n * sizeof(Heads));
    if (st->cells[series] == NULL || st->heads[series] == NULL)
        base_out_of_memory(n);
    memset(st->cells[series] + st->ncells[series], 0, (n - st->ncells[series]) * sizeof(Cell));
    memset(st->heads[series] + st->ncells[series], 0, (n - st->ncells[series]) * sizeof(Heads));
    st->ncells[series] = n;
    return ST_OK;
}

/* --- which cell a row belongs to ----------------------------------------------------- */

#define ADD_CODES(T)                                                                               \
    FAST static uint32_t add_codes_##T(uint32_t *cell, const T *codes, size_t n, uint32_t buckets) \
    {                                                                                              \
        uint32_t most = 0;                                                                         \
        for (size_t i = 0; i < n; i++) {                                                           \
            cell[i] += (uint32_t)codes[i] * buckets;                                               \
            most = cell[i] > most ? cell[i] : most;                                                \
        }                                                                                          \
        return most;                                                                               \
    }
ADD_CODES(uint8_t)
ADD_CODES(uint16_t)
ADD_CODES(uint32_t)

static Status row_cells(Ask *q, State *st, Slab *s, Err *err)
{
    const Trends *t = q->own;
    if (st->serial == s->serial)
        return ST_OK;
    if (s->rows > st->cap_rows) {
        free(st->row_cell);
        st->cap_rows = s->rows + s->rows / 4;
        st->row_cell = calloc(st->cap_rows + 64, sizeof *st->row_cell);
        if (st->row_cell == NULL)
            base_out_of_memory(st->cap_rows);
    }
    uint32_t *cell = st->row_cell;
    if (t->buckets.n == 1) {
        memset(cell, 0, s->rows * sizeof *cell);
    } else {
        TRY(ask_row_buckets(&t->buckets, s, 0, s->rows, cell, err));
    }
    st->max_cell = (uint32_t)t->buckets.n;
    if (t->by != SIZE_MAX) {
        const void *codes;
        unsigned    size;
        uint32_t    n = (uint32_t)t->buckets.n;
        TRY(ask_raw_codes(q, s, t->by, &codes, &size, err));
        if (ask_code_count(q, t->by) * t->buckets.n > CELLS_MAX)
            return err_set(err, ST_LIMIT, "journey.too_big",
                           "too many groups: fewer, or larger intervals");
        if (codes != NULL)
            st->max_cell = size == 1   ? add_codes_uint8_t(cell, codes, s->rows, n)
                           : size == 2 ? add_codes_uint16_t(cell, codes, s->rows, n)
                                       : add_codes_uint32_t(cell, codes, s->rows, n);
    }
    st->serial = s->serial;
    return ST_OK;
}

/* --- counting ------------------------------------------------------------------------ */

static void watch(Ask *q, Slab *s, size_t series, uint32_t cell, size_t person)
{
    const Trends *t = q->own;
    if ((int64_t)series != t->cell_series ||
        (t->cell_bucket >= 0 && (int64_t)(cell % t->buckets.n) != t->cell_bucket))
        return;
    if (ask_cell_by(q, t->by, cell / (uint32_t)t->buckets.n))
        ask_watch(q, s, person);
}

/* Rows of a person that differ in cell from the row before, or are the first: only there somebody
 * may be new in a cell, when every row counts. */
static const uint64_t *changes(Slab *s, const uint32_t *cell)
{
    bool            fresh;
    uint64_t       *bits = kept_bits(s, 1, &fresh);
    const uint64_t *starts = bits_starts(s);
    if (!fresh)
        return bits;
    bits_differ(bits, cell, s->rows);
    for (size_t w = 0; w < (s->rows + 63) / 64; w++)
        bits[w] |= starts[w];
    return bits;
}

/* Word by word, not person by person: the number of the person goes up at each first row. */
static void count_all(State *st, size_t series, Slab *s, size_t from, size_t to, uint32_t me)
{
    Heads          *heads = st->heads[series];
    const uint32_t *cell = st->row_cell;
    const uint64_t *look = changes(s, cell), *starts = bits_starts(s);
    for (size_t w = from >> 6; w <= (to - 1) >> 6; w++) {
        uint64_t left = look[w];
        if (w == from >> 6)
            left &= UINT64_MAX << (from & 63);
        if (w == (to - 1) >> 6)
            left &= UINT64_MAX >> (63 - ((to - 1) & 63));
        for (; left != 0; left &= left - 1) {
            unsigned k = (unsigned)__builtin_ctzll(left);
            Heads   *h = &heads[cell[(w << 6) + k]];
            me += (uint32_t)(starts[w] >> k & 1);
            h->count += h->last != me;
            h->last = me;
        }
    }
}

static void count_people(Ask *q, State *st, size_t series, Slab *s, const uint64_t *rows,
                         size_t first, size_t end, uint32_t base)
{
    Heads          *heads = st->heads[series];
    const uint32_t *cell = st->row_cell;
    if (rows == NULL && !q->watching) {
        count_all(st, series, s, s->start[first], s->start[end], base - 1);
        return;
    }
    for (size_t p = first; p < end; p++) {
        size_t   to = s->start[p + 1];
        uint32_t me = base + (uint32_t)(p - first);
        for (size_t row = bit_next(rows, s->start[p], to); row < to;
             row = bit_next(rows, row + 1, to)) {
            Heads *h = &heads[cell[row]];
            if (h->last == me)
                continue;
            h->last = me;
            h->count++;
            if (q->watching)
                watch(q, s, series, cell[row], p);
        }
    }
}

static void count_events(State *st, size_t series, const uint64_t *rows, size_t from, size_t to)
{
    Cell *cells = st->cells[series];
    for (size_t row = bit_next(rows, from, to); row < to; row = bit_next(rows, row + 1, to))
        cells[st->row_cell[row]].events++;
}

static void keep_value(State *st, size_t series, uint32_t cell, double value)
{
    if (st->nvalues[series] == st->cap_values[series]) {
        st->cap_values[series] = st->cap_values[series] * 2 + 1024;
        st->values[series] = realloc(st->values[series], st->cap_values[series] * sizeof(Value));
        if (st->values[series] == NULL)
            base_out_of_memory(st->cap_values[series]);
    }
    st->values[series][st->nvalues[series]++] = (Value){cell, value};
}

static void count_value(State *st, const Series *se, size_t series, uint32_t cell, double v,
                        int64_t whole, bool integer)
{
    Cell *c = &st->cells[series][cell];
    if (integer)
        c->whole += whole;
    else
        c->real += v;
    c->min = c->values == 0 || v < c->min ? v : c->min;
    c->max = c->values == 0 || v > c->max ? v : c->max;
    c->values++;
    if (se->measure >= MEDIAN && se->measure <= P99)
        keep_value(st, series, cell, v);
}

/* Only rows that have a number: there may be few. */
static Status count_values(Ask *q, State *st, size_t series, Slab *s, const uint64_t *rows,
                           size_t from, size_t to, Err *err)
{
    const Trends *t = q->own;
    const Series *se = &t->series[series];
    TRY(ask_numbers(q, s, se->property, err));
    const Field    *f = &q->fields[se->property];
    size_t          ints = f->column[JOURNEY_INT], reals = f->column[JOURNEY_REAL];
    const uint64_t *look = rows;
    if (f->kind == FIELD_PROP && reals == SIZE_MAX && ints != SIZE_MAX) {
        if (!s->columns[ints].any)
            return ST_OK;
        look = s->columns[ints].bits;
    }
    for (size_t row = bit_next(look, from, to); row < to; row = bit_next(look, row + 1, to)) {
        double  v;
        int64_t whole;
        bool    integer;
        if (bit_at(rows, row) && ask_number(q, s, se->property, row, &v, &whole, &integer))
            count_value(st, se, series, st->row_cell[row], v, whole, integer);
    }
    return ST_OK;
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Trends *t = q->own;
    State        *st = state;
    size_t        from = s->start[first], to = s->start[end];
    TRY(row_cells(q, st, s, err));
    uint32_t base = st->person + 1;
    if (base > UINT32_MAX - (uint32_t)(end - first)) {
        for (size_t i = 0; i < t->n; i++) /* numbers of people begin again */
            for (size_t k = 0; k < st->ncells[i]; k++)
                st->heads[i][k].last = 0;
        base = 1;
    }
    st->person = base + (uint32_t)(end - first);
    for (size_t i = 0; i < t->n; i++) {
        const Series   *se = &t->series[i];
        const uint64_t *rows;
        TRY(ask_rows(q, s, se->selector, &rows, err));
        TRY(need_cells(st, i, st->max_cell, err));
        if (se->measure == PEOPLE || se->measure == PER_PERSON || q->watching)
            count_people(q, st, i, s, rows, first, end, base);
        if (se->measure == EVENTS || se->measure == PER_PERSON)
            count_events(st, i, rows, from, to);
        if (se->property != SIZE_MAX)
            TRY(count_values(q, st, i, s, rows, from, to, err));
    }
    return ST_OK;
}

static void add(Ask *q, void *into, void *from)
{
    State        *a = into, *b = from;
    const Trends *t = q->own;
    Err           err;
    for (size_t i = 0; i < t->n; i++) {
        if (b->ncells[i] > a->ncells[i] && need_cells(a, i, b->ncells[i] - 1, &err) != ST_OK)
            continue; /* b has as many: it fits */
        for (size_t k = 0; k < b->ncells[i]; k++) {
            Cell *x = &a->cells[i][k], *y = &b->cells[i][k];
            if (y->values > 0) {
                x->min = x->values == 0 || y->min < x->min ? y->min : x->min;
                x->max = x->values == 0 || y->max > x->max ? y->max : x->max;
            }
            x->events += y->events;
            a->heads[i][k].count += b->heads[i][k].count;
            x->whole += y->whole;
            x->real += y->real;
            x->values += y->values;
        }
        for (size_t k = 0; k < b->nvalues[i]; k++)
            keep_value(a, i, (uint32_t)b->values[i][k].cell, b->values[i][k].value);
    }
}

/* --- answer -------------------------------------------------------------------------- */

static int by_cell(const void *x, const void *y)
{
    const Value *a = x, *b = y;
    if (a->cell != b->cell)
        return a->cell < b->cell ? -1 : 1;
    return (a->value > b->value) - (a->value < b->value);
}

/* The smallest value that is not below the given share of all. */
static void put_percentile(const State *st, size_t series, uint64_t cell, int64_t percent,
                           Json *out)
{
    const Value *v = st->values[series];
    size_t       lo = 0, hi = st->nvalues[series], end;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (v[mid].cell < cell)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (end = lo; end < st->nvalues[series] && v[end].cell == cell;)
        end++;
    if (end == lo)
        json_null(out, NULL);
    else
        json_real(out, NULL, v[lo + ((end - lo) * (size_t)percent + 99) / 100 - 1].value);
}

static void put_sum(const Cell *c, Json *out)
{
    if (c->real > 0 || c->real < 0)
        json_real(out, NULL, (double)c->whole + c->real);
    else
        json_i64(out, NULL, c->whole);
}

static void put_ratio(double a, int64_t b, Json *out)
{
    if (b == 0)
        json_null(out, NULL);
    else
        json_real(out, NULL, a / (double)b);
}

static void put_cell(const State *st, const Series *se, size_t series, size_t cell, Json *out)
{
    static const Cell EMPTY = {0};
    bool              known = cell < st->ncells[series];
    const Cell       *c = known ? &st->cells[series][cell] : &EMPTY;
    int64_t           people = known ? st->heads[series][cell].count : 0;
    switch ((Measure)se->measure) {
    case EVENTS: json_i64(out, NULL, c->events); break;
    case PEOPLE: json_i64(out, NULL, people); break;
    case SUM: put_sum(c, out); break;
    case AVERAGE: put_ratio((double)c->whole + c->real, c->values, out); break;
    case PER_PERSON: put_ratio((double)c->events, people, out); break;
    case MIN: put_ratio(c->min, c->values > 0 ? 1 : 0, out); break;
    case MAX: put_ratio(c->max, c->values > 0 ? 1 : 0, out); break;
    case MEDIAN: put_percentile(st, series, cell, 50, out); break;
    case P90: put_percentile(st, series, cell, 90, out); break;
    case P95: put_percentile(st, series, cell, 95, out); break;
    case P99: put_percentile(st, series, cell, 99, out); break;
    default: json_null(out, NULL);
    }
}

/* Adds what one cell weighs. False: nothing happened in it. */
static bool weigh(const Trends *t, const State *st, size_t series, size_t at, double *weight)
{
    const Cell *c = at < st->ncells[series] ? &st->cells[series][at] : NULL;
    uint32_t    people = c != NULL ? st->heads[series][at].count : 0;
    if (c == NULL || (c->events == 0 && people == 0 && c->values == 0))
        return false;
    *weight += series > 0                          ? 0
               : t->series[0].measure == PEOPLE    ? (double)people
               : t->series[0].property != SIZE_MAX ? (double)c->whole + c->real
                                                   : (double)c->events;
    return true;
}

/* Groups that occur, those with most in the first series first. */
static AskRank *groups_of(Ask *q, const State *st, size_t *ret_n)
{
    const Trends *t = q->own;
    size_t        count = ask_code_count(q, t->by), n = 0;
    AskRank      *groups = arena_array(q->arena, AskRank, count + 1);
    for (uint32_t code = 0; code < count; code++) {
        double weight = 0;
        bool   any = false;
        for (size_t i = 0; i < t->n; i++)
            for (size_t k = 0; k < t->buckets.n; k++)
                any |= weigh(t, st, i, code * t->buckets.n + k, &weight);
        if (any)
            groups[n++] = ask_rank(q, t->by, code, weight);
    }
    ask_sort(groups, n, sizeof *groups);
    *ret_n = n;
    return groups;
}

static void put_series(Ask *q, const State *st, size_t series, const AskRank *g, Json *out)
{
    static const char *const NAMES[] = {"events", "people", "sum", "average", "min",       "max",
                                        "median", "p90",    "p95", "p99",     "per_person"};
    const Trends            *t = q->own;
    const Series            *se = &t->series[series];
    json_obj(out, NULL);
    json_str(out, "name", se->name);
    json_str(out, "measure", str_from_cstr(NAMES[se->measure]));
    if (g != NULL)
        ask_write_code(q, t->by, g->code, "by", out);
    json_arr(out, "values");
    for (size_t k = 0; k < t->buckets.n; k++)
        put_cell(st, se, series, (g != NULL ? g->code : 0) * t->buckets.n + k, out);
    json_end(out);
    json_end(out);
}

static Status answer(Ask *q, void *state, Json *out, Err *err)
{
    const Trends *t = q->own;
    State        *st = state;
    (void)err;
    for (size_t i = 0; i < t->n; i++)
        array_sort(st->values[i], st->nvalues[i], sizeof(Value), by_cell);
    json_arr(out, "buckets");
    for (size_t k = 0; k < t->buckets.n; k++)
        ask_write_bucket(q, t->interval, &t->buckets, k, out);
    json_end(out);
    if (t->by == SIZE_MAX) {
        json_arr(out, "series");
        for (size_t i = 0; i < t->n; i++)
            put_series(q, st, i, NULL, out);
        json_end(out);
        return ST_OK;
    }
    size_t   n;
    AskRank *groups = groups_of(q, st, &n);
    json_i64(out, "groups_total", (int64_t)n);
    json_arr(out, "series");
    for (size_t g = 0; g < n && g < (size_t)q->limit; g++)
        for (size_t i = 0; i < t->n; i++)
            put_series(q, st, i, &groups[g], out);
    json_end(out);
    return ST_OK;
}

const AskKind ASK_TRENDS = {
    .name = "trends",
    .members = "series interval by compare ",
    .cell = "series bucket by ",
    .read = read,
    .bound = bound,
    .state_size = sizeof(State),
    .state_done = state_done,
    .run = run,
    .add = add,
    .answer = answer,
};
