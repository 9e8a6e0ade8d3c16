/* Attribution: which touches earned a conversion.
 *
 * A touch is a visit: the first of consecutive events with the same value of the touch field, where
 * a gap of more than 30 minutes begins another one. Only touches before the conversion and within
 * the look-back count. A conversion without any goes to the direct value. */
#include "journey/ask.h"

#include "base/sort.h"
#include "journey/credit.h"

enum { WAYS_MAX = 1 << 20 };

typedef struct Attribution {
    size_t           conversion, touch; /* selectors */
    size_t           field;
    size_t           value; /* field of the conversion's value; SIZE_MAX: none */
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

typedef struct State {
    Credit     *credit; /* by code */
    size_t      n;
    CreditPaths paths; /* markov, shapley */
    int64_t     conversions, value;
    double      real_value;
    uint32_t   *code; /* touches of the person at hand */
    int64_t    *tick;
    size_t      ntouches, cap;
    uint64_t   *skip; /* rows that are no touch of the plain question */
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

static void state_done(void *state)
{
    State *s = state;
    free(s->credit);
    free(s->code);
    free(s->tick);
    credit_paths_done(&s->paths);
}

static Credit *credit_of(State *s, uint32_t code)
{
    if (code >= s->n) {
        size_t n = code + code / 2 + 64;
        s->credit = realloc(s->credit, n * sizeof *s->credit);
        if (s->credit == NULL)
            base_out_of_memory(n);
        memset(s->credit + s->n, 0, (n - s->n) * sizeof *s->credit);
        s->n = n;
    }
    return &s->credit[code];
}

/* --- one conversion ------------------------------------------------------------------ */

static void give(Ask *q, State *st, uint32_t code, double share, double value, int64_t whole)
{
    Credit *c = credit_of(st, code);
    (void)q;
    if (share >= 1) {
        c->whole++;
        c->whole_value += whole;
        c->value += value - (double)whole;
        return;
    }
    c->conversions += share;
    c->value += share * value;
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
static double value_of(const Ask *q, const Slab *s, size_t row, int64_t *ret_whole)
{
    const Attribution *o = q->own;
    double             v = 0;
    bool               integer = false;
    *ret_whole = 0;
    if (o->value != SIZE_MAX)
        (void)ask_number(q, s, o->value, row, &v, ret_whole, &integer);
    return v;
}

/* Where touches are. */
typedef struct Touches {
    const Slab     *slab;
    const uint64_t *rows;
    const uint32_t *codes;
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
    credit_path(&st->paths, st->code, st->ntouches, 0, 0, 1);
}

static bool in_cell(Ask *q, uint32_t code)
{
    const Attribution *o = q->own;
    return q->watching && (o->cell_value == NULL || ask_code_is(q, o->field, code, o->cell_value));
}

static void convert(Ask *q, State *st, Slab *s, size_t row, size_t person)
{
    const Attribution *o = q->own;
    int64_t            whole;
    double             value = value_of(q, s, row, &whole);
    double             share[CREDIT_TOUCHES];
    st->conversions++;
    st->value += whole;
    st->real_value += value - (double)whole;
    if (o->model == CREDIT_MARKOV || o->model == CREDIT_SHAPLEY) {
        if (st->ntouches == 0)
            keep_touch(st, o->direct_code, 0);
        credit_path(&st->paths, st->code, st->ntouches, 1, value, 0);
        for (size_t i = 0; i < st->ntouches; i++)
            if (in_cell(q, st->code[i]))
                ask_watch(q, s, person);
        return;
    }
    if (st->ntouches == 0) {
        give(q, st, o->direct_code, 1, value, whole);
        if (in_cell(q, o->direct_code))
            ask_watch(q, s, person);
        return;
    }
    size_t skip = st->ntouches > CREDIT_TOUCHES ? st->ntouches - CREDIT_TOUCHES : 0;
    size_t n = st->ntouches - skip;
    bool   seen = false;
    credit_shares((CreditModel)o->model, st->code + skip, st->tick + skip, n, slab_tick(s, row),
                  o->half_life, o->direct_code, share);
    for (size_t i = 0; i < n; i++) {
        if (share[i] <= 0)
            continue;
        give(q, st, st->code[skip + i], share[i], value, whole);
        seen = seen || in_cell(q, st->code[skip + i]);
    }
    if (seen)
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
        int64_t  whole;
        double   value = value_of(q, s, row, &whole);
        if (at < row && slab_tick(s, row) - slab_tick(s, at) <= o->lookback)
            code = code_at(codes, size, at);
        st->conversions++;
        st->value += whole;
        st->real_value += value - (double)whole;
        give(q, st, code, 1, value, whole);
    }
    return ST_OK;
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Attribution *o = q->own;
    State             *st = state;
    const uint64_t    *conversions, *touches;
    const uint32_t    *codes;
    bool               paths = o->model == CREDIT_MARKOV || o->model == CREDIT_SHAPLEY;
    TRY(ask_rows(q, s, o->conversion, &conversions, err));
    TRY(ask_rows(q, s, o->touch, &touches, err));
    if (bit_next(conversions, s->start[first], s->start[end]) == s->start[end] && !paths)
        return ST_OK;
    TRY(slab_time(s, err));
    if (o->value != SIZE_MAX)
        TRY(ask_numbers(q, s, o->value, err));
    if (o->model == CREDIT_LAST_NON_DIRECT && touches == NULL && conversions != NULL &&
        !q->watching)
        return run_last(q, st, s, conversions, first, end, err);
    TRY(ask_codes(q, s, o->field, &codes, err));
    const Touches t = {s, touches, codes};
    for (size_t p = first; p < end; p++) {
        size_t from = s->start[p], to = s->start[p + 1], after = from;
        for (size_t row = bit_next(conversions, from, to); row < to;
             row = bit_next(conversions, row + 1, to)) {
            after = row + 1;
            if (slab_tick(s, row) < q->begin)
                continue;
            keep_touches(q, st, &t, from, row, slab_tick(s, row));
            convert(q, st, s, row, p);
        }
        if (paths)
            keep_null_path(q, st, &t, after, to);
    }
    if (st->paths.dict.n > WAYS_MAX)
        return err_set(err, ST_LIMIT, "journey.too_big",
                       "more than %d different ways to a conversion: a shorter lookback, a sample, "
                       "or touches with fewer values",
                       WAYS_MAX);
    return ST_OK;
}

static void add(Ask *q, void *into, void *from)
{
    State *a = into, *b = from;
    (void)q;
    for (size_t i = b->n; i-- > 0;) {
        Credit *c = credit_of(a, (uint32_t)i);
        c->conversions += b->credit[i].conversions;
        c->value += b->credit[i].value;
        c->whole += b->credit[i].whole;
        c->whole_value += b->credit[i].whole_value;
    }
    credit_paths_add(&a->paths, &b->paths);
    a->conversions += b->conversions;
    a->value += b->value;
    a->real_value += b->real_value;
}

/* --- answer -------------------------------------------------------------------------- */

typedef struct Named {
    Credit   credit;
    uint32_t code;
    Str      text;
} Named;

static double total(const Credit *c)
{
    return c->conversions + (double)c->whole;
}

static int by_credit(const void *x, const void *y)
{
    const Named *a = x, *b = y;
    if (total(&a->credit) > total(&b->credit) || total(&a->credit) < total(&b->credit))
        return total(&a->credit) > total(&b->credit) ? -1 : 1;
    return str_cmp(a->text, b->text);
}

/* Sums of shares without the last digits, which rounding has made. */
static double tidy(double v)
{
    return v < 1e6 && v > -1e6 ? (double)(int64_t)(v * 1e9 + (v < 0 ? -0.5 : 0.5)) / 1e9 : v;
}

static void put_credit(Ask *q, const Named *n, bool shares, Json *out)
{
    const Attribution *o = q->own;
    const Credit      *c = &n->credit;
    json_obj(out, NULL);
    ask_write_code(q, o->field, n->code, "value", out);
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

static Status from_paths(Ask *q, State *s, Err *err)
{
    const Attribution *o = q->own;
    size_t             n = ask_code_count(q, o->field);
    double            *conversions = arena_array(q->arena, double, n + 1);
    double            *value = arena_array(q->arena, double, n + 1);
    TRY(credit_solve((CreditModel)o->model, &s->paths, n, conversions, value, err));
    for (uint32_t code = 0; code < n; code++) {
        Credit *c = credit_of(s, code);
        c->conversions = conversions[code];
        c->value = value[code];
    }
    return ST_OK;
}

static Status answer(Ask *q, void *state, Json *out, Err *err)
{
    const Attribution *o = q->own;
    State             *s = state;
    bool               shares = o->model >= CREDIT_LINEAR;
    size_t             n = 0;
    if (o->model >= CREDIT_MARKOV)
        TRY(from_paths(q, s, err));
    Named *list = arena_array(q->arena, Named, s->n + 1);
    for (uint32_t i = 0; i < s->n; i++)
        if (total(&s->credit[i]) > 0)
            list[n++] = (Named){s->credit[i], i, ask_code_text(q, o->field, i, q->arena)};
    array_sort(list, n, sizeof *list, by_credit);
    json_str(out, "model", str_from_cstr(MODELS[o->model]));
    json_i64(out, "lookback_ms", o->lookback_ms);
    json_i64(out, "conversions", s->conversions);
    if (o->value != SIZE_MAX && (s->real_value > 0 || s->real_value < 0))
        json_real(out, "amount", s->real_value + (double)s->value);
    else if (o->value != SIZE_MAX)
        json_i64(out, "amount", s->value);
    json_arr(out, "credits");
    for (size_t i = 0; i < n && i < (size_t)q->limit; i++)
        put_credit(q, &list[i], shares, out);
    json_end(out);
    return ST_OK;
}

const AskKind ASK_ATTRIBUTION = {
    .name = "attribution",
    .members = "conversion value touch touch_event model lookback direct half_life ",
    .cell = "value ",
    .read = read,
    .bound = bound,
    .state_size = sizeof(State),
    .state_done = state_done,
    .run = run,
    .add = add,
    .answer = answer,
};
