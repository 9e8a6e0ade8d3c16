/* Lifecycle and stickiness: in which intervals people were there. */
#include "journey/ask.h"

enum { NEW, RETURNING, RESURRECTING, DORMANT, KINDS };
static const char *const KIND_NAMES[] = {"new", "returning", "resurrecting", "dormant", NULL};

enum { MANY_INTERVALS = 20000 };

typedef struct Activity {
    size_t selector;
    size_t by; /* field: the value at the first event of the interval, or of all; SIZE_MAX: none */
    Interval interval;
    Buckets  buckets; /* lifecycle: the first is the one before the answer */
    int64_t  cell_bucket, cell_intervals, cell_least; /* -1: any */
    int      cell_kind;
} Activity;

/* Cells: of lifecycle KINDS * bucket + kind, of stickiness the number of intervals less one. */
typedef struct State {
    int64_t *cells;
    size_t   ncells;
    Tally    groups; /* with `by`: by its code and cell */
} State;

static Status read_activity(Ask *q, Interval interval, Err *err)
{
    Activity *o = q->own = arena_new(q->arena, Activity);
    o->interval = interval;
    TRY(ask_selector(q, json_get(q->json, STR("event")), "event", &o->selector, err));
    TRY(ask_interval(q->json, "interval", &o->interval, err));
    if (o->interval == BY_NOTHING)
        return ask_bad(err, "interval", "must be a span of the calendar");
    return ask_by(q, q->json, "by", &o->by, err);
}

static void cells_begin(State *s, size_t n)
{
    s->ncells = n;
    s->cells = calloc(n + 1, sizeof *s->cells);
    if (s->cells == NULL)
        base_out_of_memory(n);
}

static void state_done(void *state)
{
    State *s = state;
    free(s->cells);
    tally_done(&s->groups);
}

static Status count(const Activity *o, State *st, uint32_t code, size_t cell, Err *err)
{
    st->cells[cell]++;
    return o->by != SIZE_MAX ? ask_count_cell(&st->groups, code, (uint32_t)cell, err) : ST_OK;
}

static void add(Ask *q, void *into, void *from)
{
    State *a = into, *b = from;
    (void)q;
    for (size_t i = 0; i < a->ncells; i++)
        a->cells[i] += b->cells[i];
    tally_merge(&a->groups, &b->groups);
}

/* What a stretch of people did, and by what. */
typedef struct Rows {
    Slab           *slab;
    const uint64_t *rows;
    const uint32_t *codes; /* NULL: no `by` */
} Rows;

static Status prepare(Ask *q, Slab *s, Rows *ret, Err *err)
{
    const Activity *o = q->own;
    *ret = (Rows){.slab = s};
    TRY(slab_time(s, err));
    TRY(ask_rows(q, s, o->selector, &ret->rows, err));
    return o->by != SIZE_MAX ? ask_codes(q, s, o->by, &ret->codes, err) : ST_OK;
}

static void put_groups(Ask *q, const State *st, bool (*sized)(const Ask *, uint32_t),
                       void (*put)(Ask *, const int64_t *, Json *), Json *out)
{
    const Activity *o = q->own;
    put(q, st->cells, out);
    if (o->by != SIZE_MAX)
        ask_put_groups(q,
                       &(AskGroups){.by = o->by,
                                    .tally = &st->groups,
                                    .cells = (uint32_t)st->ncells,
                                    .sized = sized,
                                    .put = put},
                       out);
}

/* --- lifecycle ----------------------------------------------------------------------- */

/* Whether somebody is new is told by all that came before the range. */
static Status read_lifecycle(Ask *q, Err *err)
{
    TRY(read_activity(q, BY_WEEK, err));
    Activity *o = q->own;
    q->back_ms = INT64_MAX;
    o->cell_bucket = o->cell_kind = -1;
    if (!q->watching)
        return ST_OK;
    TRY(ask_choice(q->cell, "cell/kind", KIND_NAMES, &o->cell_kind, err));
    return ask_i64(q->cell, "cell/bucket", 0, MANY_INTERVALS, &o->cell_bucket, err);
}

static Status bound_lifecycle(Ask *q, Err *err)
{
    Activity *o = q->own;
    return ask_buckets(q, o->interval, true, &o->buckets, err);
}

static void begin_lifecycle(Ask *q, void *state)
{
    const Activity *o = q->own;
    cells_begin(state, o->buckets.n * KINDS);
}

/* Somebody in bucket k; *watched becomes true when that is the cell that is asked for. */
static Status count_kind(Ask *q, State *st, size_t k, int kind, uint32_t code, bool *watched,
                         Err *err)
{
    const Activity *o = q->own;
    if (k == 0) /* before the answer */
        return ST_OK;
    if (q->watching && !*watched)
        *watched = (o->cell_bucket < 0 || (int64_t)k == o->cell_bucket + 1) &&
                   (o->cell_kind < 0 || kind == o->cell_kind) && ask_cell_by(q, o->by, code);
    return count(o, st, code, KINDS * k + (size_t)kind, err);
}

static Status live(Ask *q, State *st, const Rows *r, size_t p, bool *watched, Err *err)
{
    enum { NEVER = -2, EARLIER = -1 };
    const Activity *o = q->own;
    Slab           *s = r->slab;
    size_t          to = s->start[p + 1];
    int64_t         last = NEVER, n = (int64_t)o->buckets.n;
    uint32_t        code = 0;
    for (size_t row = bit_next(r->rows, s->start[p], to); row < to;
         row = bit_next(r->rows, row + 1, to)) {
        int64_t t = slab_tick(s, row);
        int64_t k = t < o->buckets.at[0] ? EARLIER : (int64_t)bucket_of(&o->buckets, t);
        if (k == last)
            continue;
        if (last >= 0 && k > last + 1)
            TRY(count_kind(q, st, (size_t)last + 1, DORMANT, code, watched, err));
        int kind = last == NEVER ? NEW : k == last + 1 ? RETURNING : RESURRECTING;
        code = r->codes != NULL ? r->codes[row] : 0;
        last = k;
        if (k >= 0)
            TRY(count_kind(q, st, (size_t)k, kind, code, watched, err));
    }
    if (last >= 0 && last + 1 < n)
        TRY(count_kind(q, st, (size_t)last + 1, DORMANT, code, watched, err));
    return ST_OK;
}

static Status run_lifecycle(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    Rows r;
    TRY(prepare(q, s, &r, err));
    for (size_t p = first; p < end; p++) {
        bool watched = false;
        TRY(live(q, state, &r, p, &watched, err));
        if (watched)
            ask_watch(q, s, p);
    }
    return ST_OK;
}

static bool is_there(const Ask *q, uint32_t cell)
{
    (void)q;
    return cell % KINDS != DORMANT;
}

static void put_lifecycle(Ask *q, const int64_t *cells, Json *out)
{
    const Activity *o = q->own;
    json_arr(out, "buckets");
    for (size_t k = 1; k < o->buckets.n; k++) {
        json_obj(out, NULL);
        json_key(out, STR("start"));
        ask_write_bucket(q, o->interval, &o->buckets, k, out);
        json_i64(out, "bucket", (int64_t)k - 1);
        for (size_t kind = 0; kind < KINDS; kind++)
            json_i64(out, KIND_NAMES[kind], cells[KINDS * k + kind]);
        json_end(out);
    }
    json_end(out);
}

static Status answer_lifecycle(Ask *q, void *state, Json *out, Err *err)
{
    (void)err;
    put_groups(q, state, is_there, put_lifecycle, out);
    return ST_OK;
}

const AskKind ASK_LIFECYCLE = {
    .name = "lifecycle",
    .members = "event interval by ",
    .cell = "bucket kind by ",
    .read = read_lifecycle,
    .bound = bound_lifecycle,
    .state_size = sizeof(State),
    .state_begin = begin_lifecycle,
    .state_done = state_done,
    .run = run_lifecycle,
    .add = add,
    .answer = answer_lifecycle,
};

/* --- stickiness ---------------------------------------------------------------------- */

static Status read_stickiness(Ask *q, Err *err)
{
    TRY(read_activity(q, BY_DAY, err));
    Activity *o = q->own;
    o->cell_intervals = o->cell_least = -1;
    if (!q->watching)
        return ST_OK;
    TRY(ask_i64(q->cell, "cell/at_least", 1, MANY_INTERVALS, &o->cell_least, err));
    return ask_i64(q->cell, "cell/intervals", 1, MANY_INTERVALS, &o->cell_intervals, err);
}

static Status bound_stickiness(Ask *q, Err *err)
{
    Activity *o = q->own;
    return ask_buckets(q, o->interval, false, &o->buckets, err);
}

static void begin_stickiness(Ask *q, void *state)
{
    const Activity *o = q->own;
    cells_begin(state, o->buckets.n);
}

static Status run_stickiness(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Activity *o = q->own;
    Rows            r;
    TRY(prepare(q, s, &r, err));
    for (size_t p = first; p < end; p++) {
        size_t  to = s->start[p + 1], last = SIZE_MAX, begun = bit_next(r.rows, s->start[p], to);
        int64_t n = 0;
        if (begun == to)
            continue;
        for (size_t row = begun; row < to; row = bit_next(r.rows, row + 1, to)) {
            size_t k = bucket_of(&o->buckets, slab_tick(s, row));
            n += k != last;
            last = k;
        }
        uint32_t code = r.codes != NULL ? r.codes[begun] : 0;
        TRY(count(o, state, code, (size_t)n - 1, err));
        if (q->watching && (o->cell_intervals < 0 || n == o->cell_intervals) &&
            n >= o->cell_least && ask_cell_by(q, o->by, code))
            ask_watch(q, s, p);
    }
    return ST_OK;
}

static bool is_person(const Ask *q, uint32_t cell)
{
    (void)q;
    (void)cell;
    return true;
}

static void put_stickiness(Ask *q, const int64_t *cells, Json *out)
{
    const Activity *o = q->own;
    int64_t         at_least = 0;
    for (size_t k = 0; k < o->buckets.n; k++)
        at_least += cells[k];
    json_i64(out, "people", at_least);
    json_arr(out, "intervals");
    for (size_t k = 0; k < o->buckets.n; k++) {
        json_obj(out, NULL);
        json_i64(out, "intervals", (int64_t)k + 1);
        json_i64(out, "people", cells[k]);
        json_i64(out, "at_least", at_least);
        at_least -= cells[k];
        json_end(out);
    }
    json_end(out);
}

static Status answer_stickiness(Ask *q, void *state, Json *out, Err *err)
{
    (void)err;
    put_groups(q, state, is_person, put_stickiness, out);
    return ST_OK;
}

const AskKind ASK_STICKINESS = {
    .name = "stickiness",
    .members = "event interval by ",
    .cell = "intervals at_least by ",
    .read = read_stickiness,
    .bound = bound_stickiness,
    .state_size = sizeof(State),
    .state_begin = begin_stickiness,
    .state_done = state_done,
    .run = run_stickiness,
    .add = add,
    .answer = answer_stickiness,
};
