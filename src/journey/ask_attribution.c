/* Attribution: which touches earned a conversion.
 *
 * A touch is a visit: the first of consecutive events with the same value of the touch field, where
 * a gap of more than 30 minutes begins another one. Only touches before the conversion and within
 * the look-back count. A conversion without any goes to the direct value. */
#include "journey/ask.h"

#include "journey/credit.h"

enum { WAYS_MAX = 1 << 20, CELLS_MAX = 4 << 20 };

typedef struct Attribution {
    size_t conversion, touch; /* selectors */
    size_t field;
    size_t value; /* field of the conversion's value; SIZE_MAX: none */
    size_t by;    /* field: the value at the conversion, or at the last touch of a way
                     that led to nothing; SIZE_MAX: none */
    int64_t          lookback_ms, lookback, visit;
    double           half_life; /* ticks */
    int              model;
    Str              direct;
    uint32_t         direct_code; /* 0: not among the values */
    const JsonValue *cell_value;  /* that is watched; NULL: any */
} Attribution;

static const char *const MODELS[] = {"last_non_direct", "last",   "first",   "linear", "position",
                                     "time_decay",      "markov", "shapley", NULL};

typedef struct Credit {
    double  conversions, value; /* of models that share */
    int64_t whole, whole_value; /* of those that do not */
} Credit;

typedef struct Book {   /* of all conversions, or of a group's */
    Credit     *credit; /* by code */
    size_t      n;
    CreditPaths paths; /* markov, shapley */
    int64_t     conversions, value;
    double      real_value;
} Book;

typedef struct State {
    Book      all;
    Book     *group; /* by code of `by` */
    size_t    ngroups;
    size_t    ncells, nways; /* of all books */
    uint32_t *code;          /* touches of the person at hand */
    int64_t  *tick;
    size_t    ntouches, cap;
} State;

static Status read(Ask *q, Err *err)
{
    Attribution *o = q->own = arena_new(q->arena, Attribution);
    Str          touch = STR("channel"), value = STR("");
    int64_t      half_life = 7 * 86400000LL;
    *o = (Attribution){.lookback_ms = 30 * 86400000LL, .direct = STR("direct"), .value = SIZE_MAX};
    if (json_get(q->json, STR("conversion")) == NULL)
        return ask_bad(err, "conversion", "must name an event");
    TRY(ask_selector(q, json_get(q->json, STR("conversion")), "conversion", &o->conversion, err));
    TRY(ask_selector(q, json_get(q->json, STR("touch_event")), "touch_event", &o->touch, err));
    TRY(ask_text(q->json, "touch", &touch, err));
    TRY(ask_text(q->json, "value", &value, err));
    TRY(ask_text(q->json, "direct", &o->direct, err));
    TRY(ask_span(q->json, "lookback", &o->lookback_ms, err));
    TRY(ask_span(q->json, "half_life", &half_life, err));
    TRY(ask_choice(q->json, "model", MODELS, &o->model, err));
    TRY(ask_field(q, touch, "touch", &o->field, err));
    TRY(ask_by(q, q->json, "by", &o->by, err));
    if (value.len > 0)
        TRY(ask_field(q, value, "value", &o->value, err));
    q->back_ms = o->lookback_ms; /* touches of conversions at the beginning of the range */
    if (half_life < 1000)
        return ask_bad(err, "half_life", "must be at least a second");
    o->half_life = (double)half_life;
    if (q->watching)
        o->cell_value = json_get(q->cell, STR("value"));
    return ST_OK;
}

static Status bound(Ask *q, Err *err)
{
    Attribution    *o = q->own;
    const JsonValue direct = {.type = JSON_STRING, .text = o->direct};
    (void)err;
    o->lookback = ask_ticks(q, o->lookback_ms);
    o->visit = ask_ticks(q, 30 * 60000);
    o->half_life /= (double)q->view.unit;
    if (!ask_find_code(q, o->field, &direct, &o->direct_code))
        o->direct_code = 0;
    return ST_OK;
}

static void book_done(Book *b)
{
    free(b->credit);
    credit_paths_done(&b->paths);
}

static void state_done(void *state)
{
    State *s = state;
    book_done(&s->all);
    for (size_t i = 0; i < s->ngroups; i++)
        book_done(&s->group[i]);
    free(s->group);
    free(s->code);
    free(s->tick);
}

static Credit *credit_of(State *s, Book *b, uint32_t code)
{
    size_t before = b->n;
    b->credit = ask_room(b->credit, &b->n, code, sizeof *b->credit);
    s->ncells += b->n - before;
    return &b->credit[code];
}

static Book *group_of(State *s, uint32_t code)
{
    s->group = ask_room(s->group, &s->ngroups, code, sizeof *s->group);
    return &s->group[code];
}

/* --- one conversion ------------------------------------------------------------------ */

typedef struct Amount { /* of a conversion */
    double  value;
    int64_t whole; /* the same, when it is an integer */
} Amount;

static void give(Credit *c, double share, const Amount *a)
{
    if (share >= 1) {
        c->whole++;
        c->whole_value += a->whole;
        c->value += a->value - (double)a->whole;
        return;
    }
    c->conversions += share;
    c->value += share * a->value;
}

static void count_conversion(Book *b, const Amount *a)
{
    b->conversions++;
    b->value += a->whole;
    b->real_value += a->value - (double)a->whole;
}

static void keep_way(State *st, Book *b, int64_t conversions, double value, int64_t nulls)
{
    size_t before = b->paths.dict.n;
    credit_path(&b->paths, st->code, st->ntouches, conversions, value, nulls);
    st->nways += b->paths.dict.n - before;
}

static void keep_touch(State *st, uint32_t code, int64_t tick)
{
    if (st->ntouches == st->cap) {
        st->cap = st->cap * 2 + 64;
        st->code = realloc(st->code, st->cap * sizeof *st->code);
        st->tick = realloc(st->tick, st->cap * sizeof *st->tick);
        if (st->code == NULL || st->tick == NULL)
            base_out_of_memory(st->cap);
    }
    st->code[st->ntouches] = code;
    st->tick[st->ntouches++] = tick;
}

/* The value of a conversion: an integer exactly, or a real. */
static Amount amount_of(const Ask *q, const Slab *s, size_t row)
{
    const Attribution *o = q->own;
    Amount             a = {0};
    bool               integer = false;
    if (o->value != SIZE_MAX)
        (void)ask_number(q, s, o->value, row, &a.value, &a.whole, &integer);
    return a;
}

/* Where touches are. */
typedef struct Touches {
    const Slab     *slab;
    const uint64_t *rows;
    const uint32_t *codes;
    const uint32_t *by; /* NULL: no groups */
} Touches;

/* Touches of [from, end), oldest first, those within the look-back before `now`. */
static void keep_touches(const Ask *q, State *st, const Touches *t_of, size_t from, size_t end,
                         int64_t now)
{
    const Attribution *o = q->own;
    const Slab        *s = t_of->slab;
    const uint32_t    *codes = t_of->codes;
    int64_t            last = 0;
    uint32_t           before = 0;
    st->ntouches = 0;
    for (size_t at = bit_next(t_of->rows, from, end); at < end;
         at = bit_next(t_of->rows, at + 1, end)) {
        int64_t t = slab_tick(s, at);
        if (codes[at] == 0 || now - t > o->lookback)
            continue;
        if (codes[at] != before || t - last > o->visit)
            keep_touch(st, codes[at], t);
        before = codes[at];
        last = t;
    }
}

/* The last touches, which led to nothing. */
static void keep_null_path(const Ask *q, State *st, const Touches *t, size_t from, size_t to)
{
    size_t last = bit_last(t->rows, from, to);
    while (last < to && t->codes[last] == 0) {
        size_t before = bit_last(t->rows, from, last);
        last = before < last ? before : to;
    }
    if (last == to || slab_tick(t->slab, last) < q->begin)
        return;
    keep_touches(q, st, t, from, last + 1, slab_tick(t->slab, last));
    keep_way(st, &st->all, 0, 0, 1);
    if (t->by != NULL)
        keep_way(st, group_of(st, t->by[last]), 0, 0, 1);
}

static bool in_cell(Ask *q, uint32_t code)
{
    const Attribution *o = q->own;
    return q->watching && (o->cell_value == NULL || ask_code_is(q, o->field, code, o->cell_value));
}

/* Of `n` touches, of which the state holds the last: what each earns. Those who earn nothing are
 * left out; returns how many are left. */
static size_t earners(const Attribution *o, const State *st, int64_t now, uint32_t *code,
                      double *share)
{
    size_t skip = st->ntouches > CREDIT_TOUCHES ? st->ntouches - CREDIT_TOUCHES : 0, n = 0;
    size_t all = st->ntouches - skip;
    if (st->ntouches == 0) {
        code[0] = o->direct_code;
        share[0] = 1;
        return 1;
    }
    credit_shares((CreditModel)o->model, st->code + skip, st->tick + skip, all, now, o->half_life,
                  o->direct_code, share);
    for (size_t i = 0; i < all; i++) {
        if (share[i] <= 0)
            continue;
        code[n] = st->code[skip + i];
        share[n++] = share[i];
    }
    return n;
}

/* Is somebody who converts thus in the cell that is asked for? */
static bool is_watched(Ask *q, const Touches *t, size_t row, const uint32_t *code, size_t n)
{
    const Attribution *o = q->own;
    bool               seen = false;
    if (!q->watching || (t->by != NULL && !ask_cell_by(q, o->by, t->by[row])))
        return false;
    for (size_t i = 0; i < n && !seen; i++)
        seen = in_cell(q, code[i]);
    return seen;
}

static void convert(Ask *q, State *st, Slab *s, const Touches *t, size_t row, size_t person)
{
    const Attribution *o = q->own;
    Amount             a = amount_of(q, s, row);
    Book              *books[2] = {&st->all, t->by != NULL ? group_of(st, t->by[row]) : NULL};
    uint32_t           code[CREDIT_TOUCHES];
    double             share[CREDIT_TOUCHES];
    bool               watched, ways = o->model >= CREDIT_MARKOV;
    size_t             n = 0;
    if (ways && st->ntouches == 0)
        keep_touch(st, o->direct_code, 0);
    if (!ways)
        n = earners(o, st, slab_tick(s, row), code, share);
    for (size_t k = 0; k < COUNT_OF(books) && books[k] != NULL; k++) {
        count_conversion(books[k], &a);
        for (size_t i = 0; i < n; i++)
            give(credit_of(st, books[k], code[i]), share[i], &a);
        if (ways)
            keep_way(st, books[k], 1, a.value, 0);
    }
    watched = ways ? is_watched(q, t, row, st->code, st->ntouches) : is_watched(q, t, row, code, n);
    if (watched)
        ask_watch(q, s, person);
}

/* --- the plain question: the last touch that is not direct --------------------------- */

/* Rows that touch: they have a value, and it is not the direct one. */
static const uint64_t *touch_bits(Ask *q, Slab *s, const void *codes, unsigned size)
{
    const Attribution *o = q->own;
    bool               fresh;
    uint64_t          *bits = kept_bits(s, 0, &fresh);
    if (!fresh)
        return bits;
    bits_equal(bits, codes, size, 0, s->rows, false);
    if (o->direct_code != 0)
        bits_equal(bits, codes, size, o->direct_code, s->rows, true);
    for (size_t w = 0; w < (s->rows + 63) / 64; w++)
        bits[w] = ~bits[w];
    return bits;
}

static Status run_last(Ask *q, State *st, Slab *s, const uint64_t *conversions, size_t first,
                       size_t end, Err *err)
{
    const Attribution *o = q->own;
    const void        *codes;
    unsigned           size;
    size_t             all = s->start[end];
    if (bit_next(conversions, s->start[first], all) == all)
        return ST_OK;
    TRY(ask_raw_codes(q, s, o->field, &codes, &size, err));
    const uint64_t *touches = codes != NULL ? touch_bits(q, s, codes, size) : NULL;
    size_t          p = first;
    for (size_t row = bit_next(conversions, s->start[first], all); row < all;
         row = bit_next(conversions, row + 1, all)) {
        if (slab_tick(s, row) < q->begin)
            continue;
        while (s->start[p + 1] <= row)
            p++;
        size_t   at = codes != NULL ? bit_last(touches, s->start[p], row) : row;
        uint32_t code = o->direct_code;
        Amount   a = amount_of(q, s, row);
        if (at < row && slab_tick(s, row) - slab_tick(s, at) <= o->lookback)
            code = code_at(codes, size, at);
        count_conversion(&st->all, &a);
        give(credit_of(st, &st->all, code), 1, &a);
    }
    return ST_OK;
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Attribution *o = q->own;
    State             *st = state;
    const uint64_t    *conversions, *touches;
    const uint32_t    *codes, *by = NULL;
    bool               paths = o->model == CREDIT_MARKOV || o->model == CREDIT_SHAPLEY;
    TRY(ask_rows(q, s, o->conversion, &conversions, err));
    TRY(ask_rows(q, s, o->touch, &touches, err));
    if (bit_next(conversions, s->start[first], s->start[end]) == s->start[end] && !paths)
        return ST_OK;
    TRY(slab_time(s, err));
    if (o->value != SIZE_MAX)
        TRY(ask_numbers(q, s, o->value, err));
    if (o->model == CREDIT_LAST_NON_DIRECT && touches == NULL && conversions != NULL &&
        o->by == SIZE_MAX && !q->watching)
        return run_last(q, st, s, conversions, first, end, err);
    TRY(ask_codes(q, s, o->field, &codes, err));
    if (o->by != SIZE_MAX)
        TRY(ask_codes(q, s, o->by, &by, err));
    const Touches t = {s, touches, codes, by};
    for (size_t p = first; p < end; p++) {
        size_t from = s->start[p], to = s->start[p + 1], after = from;
        for (size_t row = bit_next(conversions, from, to); row < to;
             row = bit_next(conversions, row + 1, to)) {
            after = row + 1;
            if (slab_tick(s, row) < q->begin)
                continue;
            keep_touches(q, st, &t, from, row, slab_tick(s, row));
            convert(q, st, s, &t, row, p);
        }
        if (paths)
            keep_null_path(q, st, &t, after, to);
    }
    if (st->ncells > CELLS_MAX)
        return err_set(err, ST_LIMIT, "journey.too_big",
                       "too many groups: take a property with fewer values in `by`");
    if (st->nways > WAYS_MAX)
        return err_set(err, ST_LIMIT, "journey.too_big",
                       "more than %d different ways to a conversion: a shorter lookback, a sample, "
                       "or touches with fewer values",
                       WAYS_MAX);
    return ST_OK;
}

static void add_book(State *to, Book *into, const Book *from)
{
    for (size_t i = from->n; i-- > 0;) {
        Credit *c = credit_of(to, into, (uint32_t)i);
        c->conversions += from->credit[i].conversions;
        c->value += from->credit[i].value;
        c->whole += from->credit[i].whole;
        c->whole_value += from->credit[i].whole_value;
    }
    credit_paths_add(&into->paths, &from->paths);
    into->conversions += from->conversions;
    into->value += from->value;
    into->real_value += from->real_value;
}

static void add(Ask *q, void *into, void *from)
{
    State *a = into, *b = from;
    (void)q;
    add_book(a, &a->all, &b->all);
    for (size_t i = b->ngroups; i-- > 0;)
        add_book(a, group_of(a, (uint32_t)i), &b->group[i]);
}

/* --- answer -------------------------------------------------------------------------- */

static double total(const Credit *c)
{
    return c->conversions + (double)c->whole;
}

/* Sums of shares without the last digits, which rounding has made. */
static double tidy(double v)
{
    return v < 1e6 && v > -1e6 ? (double)(int64_t)(v * 1e9 + (v < 0 ? -0.5 : 0.5)) / 1e9 : v;
}

static void put_credit(Ask *q, const Credit *c, uint32_t code, bool shares, Json *out)
{
    const Attribution *o = q->own;
    json_obj(out, NULL);
    ask_write_code(q, o->field, code, "value", out);
    if (shares)
        json_real(out, "conversions", tidy(total(c)));
    else
        json_i64(out, "conversions", c->whole);
    if (o->value != SIZE_MAX && (shares || c->value > 0 || c->value < 0))
        json_real(out, "amount", c->value + (double)c->whole_value);
    else if (o->value != SIZE_MAX)
        json_i64(out, "amount", c->whole_value);
    json_end(out);
}

static Status from_paths(Ask *q, State *s, Book *b, Err *err)
{
    const Attribution *o = q->own;
    size_t             n = ask_code_count(q, o->field);
    double            *conversions = arena_array(q->arena, double, n + 1);
    double            *value = arena_array(q->arena, double, n + 1);
    TRY(credit_solve((CreditModel)o->model, &b->paths, n, conversions, value, err));
    for (uint32_t code = (uint32_t)n; code-- > 0;) {
        if (conversions[code] <= 0)
            continue;
        Credit *c = credit_of(s, b, code);
        c->conversions = conversions[code];
        c->value = value[code];
    }
    return ST_OK;
}

static void put_amount(const Ask *q, const Book *b, Json *out)
{
    const Attribution *o = q->own;
    json_i64(out, "conversions", b->conversions);
    if (o->value != SIZE_MAX && (b->real_value > 0 || b->real_value < 0))
        json_real(out, "amount", b->real_value + (double)b->value);
    else if (o->value != SIZE_MAX)
        json_i64(out, "amount", b->value);
}

/* Conversions, their amount, and who earned them. */
static Status put_book(Ask *q, State *s, Book *b, Json *out, Err *err)
{
    const Attribution *o = q->own;
    size_t             n = 0;
    if (o->model >= CREDIT_MARKOV)
        TRY(from_paths(q, s, b, err));
    AskRank *list = arena_array(q->arena, AskRank, b->n + 1);
    for (uint32_t i = 0; i < b->n; i++)
        if (total(&b->credit[i]) > 0)
            list[n++] = ask_rank(q, o->field, i, total(&b->credit[i]));
    ask_sort(list, n, sizeof *list);
    put_amount(q, b, out);
    json_arr(out, "credits");
    for (size_t i = 0; i < n && i < (size_t)q->limit; i++)
        put_credit(q, &b->credit[list[i].code], list[i].code, o->model >= CREDIT_LINEAR, out);
    json_end(out);
    return ST_OK;
}

static Status put_groups(Ask *q, State *s, Json *out, Err *err)
{
    const Attribution *o = q->own;
    AskRank           *groups = arena_array(q->arena, AskRank, s->ngroups + 1);
    size_t             n = 0, shown;
    Book               other = {0};
    for (uint32_t i = 0; i < s->ngroups; i++)
        if (s->group[i].conversions > 0)
            groups[n++] = ask_rank(q, o->by, i, (double)s->group[i].conversions);
    ask_sort(groups, n, sizeof *groups);
    shown = n < (size_t)q->limit ? n : (size_t)q->limit;
    json_u64(out, "groups_total", n);
    json_arr(out, "groups");
    for (size_t i = 0; i < shown && !buf_overflowed(out->out); i++) {
        json_obj(out, NULL);
        ask_write_code(q, o->by, groups[i].code, "by", out);
        TRY(put_book(q, s, &s->group[groups[i].code], out, err));
        json_end(out);
    }
    json_end(out);
    if (shown == n)
        return ST_OK;
    for (size_t i = shown; i < n; i++) {
        const Book *b = &s->group[groups[i].code];
        other.conversions += b->conversions;
        other.value += b->value;
        other.real_value += b->real_value;
    }
    json_obj(out, "other");
    json_u64(out, "groups", n - shown);
    put_amount(q, &other, out);
    json_end(out);
    return ST_OK;
}

static Status answer(Ask *q, void *state, Json *out, Err *err)
{
    const Attribution *o = q->own;
    State             *s = state;
    json_str(out, "model", str_from_cstr(MODELS[o->model]));
    json_i64(out, "lookback_ms", o->lookback_ms);
    TRY(put_book(q, s, &s->all, out, err));
    return o->by != SIZE_MAX ? put_groups(q, s, out, err) : ST_OK;
}

const AskKind ASK_ATTRIBUTION = {
    .name = "attribution",
    .members = "conversion value touch touch_event model lookback direct half_life by ",
    .cell = "value by ",
    .read = read,
    .bound = bound,
    .state_size = sizeof(State),
    .state_done = state_done,
    .run = run,
    .add = add,
    .answer = answer,
};
