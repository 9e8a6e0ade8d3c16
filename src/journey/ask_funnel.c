/* Funnels: how far people get through steps, each within a span of the first. */
#include "journey/ask.h"

#include "base/sort.h"

typedef enum Order { ORDERED, STRICT, ANY_ORDER } Order;

typedef struct Exclusion {
    size_t selector;
    size_t from, to; /* steps, from 0: between reaching `from` and reaching `to` */
} Exclusion;

typedef struct Funnel {
    size_t    step[ASK_STEPS];
    size_t    nsteps;
    int64_t   window_ms;
    int64_t   window; /* ticks */
    int       order;
    Exclusion exclusion[8];
    size_t    nexclusions;
    size_t    by; /* field; SIZE_MAX: none */
    bool      times;
    /* the cell that is watched */
    int64_t cell_step; /* from 1 */
    bool    dropped;
} Funnel;

typedef struct Span { /* between one step and the next */
    int64_t  ticks;
    uint32_t group;
} Span;

typedef struct Spans {
    Span  *v;
    size_t n, cap;
} Spans;

typedef struct State {
    int64_t (*reached)[ASK_STEPS]; /* [group]: people whose furthest step it is */
    size_t     ngroups;
    Spans      spans[ASK_STEPS];
    FunnelRoom room;
} State;

/* --- reading ------------------------------------------------------------------------- */

static Status read_exclusion(Ask *q, Funnel *f, const JsonValue *v, Err *err)
{
    const JsonValue *between = json_get(v, STR("between"));
    if (f->nexclusions == COUNT_OF(f->exclusion))
        return ask_bad(err, "exclude", "has too many events");
    Exclusion *x = &f->exclusion[f->nexclusions++];
    *x = (Exclusion){.to = f->nsteps - 1};
    TRY(ask_selector(q, v, "exclude", &x->selector, err));
    if (between == NULL)
        return ST_OK;
    if (between->type != JSON_ARRAY || between->n != 2 || !between->items[0].integer ||
        !between->items[1].integer || between->items[0].i64 < 1 ||
        between->items[1].i64 <= between->items[0].i64 ||
        between->items[1].i64 > (int64_t)f->nsteps)
        return ask_bad(err, "exclude", "between must be two steps, the earlier one first");
    x->from = (size_t)between->items[0].i64 - 1;
    x->to = (size_t)between->items[1].i64 - 1;
    return ST_OK;
}

static Status read_cell(Ask *q, Funnel *f, Err *err)
{
    f->cell_step = 1;
    TRY(ask_i64(q->cell, "cell/step", 1, (int64_t)f->nsteps, &f->cell_step, err));
    return ask_bool(q->cell, "cell/dropped", &f->dropped, err);
}

static Status read(Ask *q, Err *err)
{
    static const char *const ORDERS[] = {"ordered", "strict", "any", NULL};
    const JsonValue         *steps = json_get(q->json, STR("steps"));
    const JsonValue         *exclude = json_get(q->json, STR("exclude"));
    Funnel                  *f = q->own = arena_new(q->arena, Funnel);
    if (steps == NULL || steps->type != JSON_ARRAY || steps->n < 1 || steps->n > ASK_STEPS)
        return ask_bad(err, "steps", "must be a list of 1 to 20 events");
    for (; f->nsteps < steps->n; f->nsteps++)
        TRY(ask_selector(q, &steps->items[f->nsteps], "steps", &f->step[f->nsteps], err));
    f->window_ms = 14 * 86400000LL;
    f->by = SIZE_MAX;
    TRY(ask_span(q->json, "window", &f->window_ms, err));
    TRY(ask_choice(q->json, "order", ORDERS, &f->order, err));
    TRY(ask_bool(q->json, "times", &f->times, err));
    TRY(ask_by(q, q->json, "by", &f->by, err));
    if (exclude != NULL && exclude->type == JSON_ARRAY) {
        for (size_t i = 0; i < exclude->n; i++)
            TRY(read_exclusion(q, f, &exclude->items[i], err));
    } else if (exclude != NULL) {
        TRY(read_exclusion(q, f, exclude, err));
    }
    if (f->nexclusions > 0 && f->order != ORDERED)
        return ask_bad(err, "exclude", "needs steps that are ordered");
    if (f->times && f->order != ORDERED)
        return ask_bad(err, "times", "needs steps that are ordered");
    return q->watching ? read_cell(q, f, err) : ST_OK;
}

static Status bound(Ask *q, Err *err)
{
    Funnel *f = q->own;
    (void)err;
    f->window = ask_ticks(q, f->window_ms);
    return ST_OK;
}

/* --- state --------------------------------------------------------------------------- */

static void state_done(void *state)
{
    State *s = state;
    for (size_t i = 0; i < ASK_STEPS; i++)
        free(s->spans[i].v);
    funnel_room_done(&s->room);
    free(s->reached);
}

static void need_group(State *s, size_t group)
{
    s->reached = ask_room(s->reached, &s->ngroups, group, sizeof *s->reached);
}

static void span_add(Spans *s, Span v)
{
    if (s->n == s->cap) {
        s->cap = s->cap * 2 + 256;
        s->v = realloc(s->v, s->cap * sizeof *s->v);
        if (s->v == NULL)
            base_out_of_memory(s->cap);
    }
    s->v[s->n++] = v;
}

/* --- one person ---------------------------------------------------------------------- */

typedef struct Rows {
    const uint64_t *step[ASK_STEPS];
    const uint64_t *exclusion[8];
    bool            all;   /* one of them is every row: NULL */
    const uint64_t *any;   /* rows that matter at all */
    const uint64_t *base;  /* rows in range: for strict order */
    const uint32_t *codes; /* of `by` */
    uint32_t        code;  /* that the first step must have */
    const Slab     *slab;
} Rows;

static bool starts(const Rows *r, size_t row)
{
    return bit_at(r->step[0], row) && (r->codes == NULL || r->codes[row] == r->code);
}

enum { NEVER = -1 };

/* Of all chains that reached a step only the one with the latest start matters: it has the most
 * time left. So one number per step is enough. */
static size_t ordered_depth(const Funnel *f, const Rows *r, size_t from, size_t to)
{
    int64_t begun[ASK_STEPS];
    size_t  depth = 0;
    for (size_t k = 0; k < ASK_STEPS; k++)
        begun[k] = NEVER;
    for (size_t row = bit_next(r->any, from, to); row < to; row = bit_next(r->any, row + 1, to)) {
        int64_t t = slab_tick(r->slab, row);
        for (size_t x = 0; x < f->nexclusions; x++)
            if (bit_at(r->exclusion[x], row))
                for (size_t k = f->exclusion[x].from; k < f->exclusion[x].to; k++)
                    begun[k] = NEVER;
        for (size_t k = f->nsteps - 1; k > 0; k--) {
            if (!bit_at(r->step[k], row) || begun[k - 1] == NEVER || t - begun[k - 1] > f->window)
                continue;
            begun[k] = begun[k - 1];
            depth = k + 1 > depth ? k + 1 : depth;
        }
        if (starts(r, row)) {
            begun[0] = t;
            depth = depth > 0 ? depth : 1;
        }
        if (depth == f->nsteps)
            break;
    }
    return depth;
}

/* The same, keeping when each step was made by the chain that got furthest first. */
static size_t timed_depth(const Funnel *f, const Rows *r, size_t from, size_t to, int64_t *made)
{
    int64_t at[ASK_STEPS][ASK_STEPS];
    size_t  depth = 0;
    for (size_t k = 0; k < f->nsteps; k++)
        at[k][0] = NEVER;
    for (size_t row = bit_next(r->any, from, to); row < to; row = bit_next(r->any, row + 1, to)) {
        int64_t t = slab_tick(r->slab, row);
        for (size_t x = 0; x < f->nexclusions; x++)
            if (bit_at(r->exclusion[x], row))
                for (size_t k = f->exclusion[x].from; k < f->exclusion[x].to; k++)
                    at[k][0] = NEVER;
        for (size_t k = f->nsteps; k-- > 0;) {
            if (k == 0 ? !starts(r, row)
                       : !bit_at(r->step[k], row) || at[k - 1][0] == NEVER ||
                             t - at[k - 1][0] > f->window)
                continue;
            if (k > 0)
                memcpy(at[k], at[k - 1], k * sizeof t);
            at[k][k] = t;
            if (k + 1 > depth) {
                depth = k + 1;
                memcpy(made, at[k], depth * sizeof t);
            }
        }
        if (depth == f->nsteps)
            break;
    }
    return depth;
}

/* Steps in neighbouring events, nothing in between. */
static size_t strict_depth(const Funnel *f, const Rows *r, size_t from, size_t to)
{
    size_t depth = 0;
    for (size_t first = from; first < to && depth < f->nsteps; first++) {
        if (!starts(r, first))
            continue;
        int64_t begun = slab_tick(r->slab, first);
        size_t  k = 1, row = bit_next(r->base, first + 1, to);
        while (k < f->nsteps && row < to && bit_at(r->step[k], row) &&
               slab_tick(r->slab, row) - begun <= f->window) {
            k++;
            row = bit_next(r->base, row + 1, to);
        }
        depth = k > depth ? k : depth;
    }
    return depth;
}

/* The most different steps that any span of the window's length holds. */
static size_t any_depth(const Funnel *f, const Rows *r, size_t from, size_t to)
{
    size_t depth = 0;
    for (size_t first = bit_next(r->any, from, to); first < to && depth < f->nsteps;
         first = bit_next(r->any, first + 1, to)) {
        int64_t  begun = slab_tick(r->slab, first);
        uint32_t seen = 0;
        for (size_t row = first; row < to && slab_tick(r->slab, row) - begun <= f->window;
             row = bit_next(r->any, row + 1, to))
            for (size_t k = 0; k < f->nsteps; k++)
                if (k == 0 ? starts(r, row) : bit_at(r->step[k], row))
                    seen |= 1U << k;
        size_t n = (size_t)__builtin_popcount(seen);
        depth = n > depth ? n : depth;
    }
    return depth;
}

static size_t depth_of(const Funnel *f, const Rows *r, size_t from, size_t to, int64_t *made)
{
    if (f->order == STRICT)
        return strict_depth(f, r, from, to);
    if (f->order == ANY_ORDER)
        return any_depth(f, r, from, to);
    if (f->times)
        return timed_depth(f, r, from, to, made);
    return ordered_depth(f, r, from, to);
}

static void count(Ask *q, State *st, size_t group, size_t depth, const int64_t *made)
{
    const Funnel *f = q->own;
    if (depth == 0)
        return;
    need_group(st, group);
    st->reached[group][depth - 1]++;
    for (size_t k = 1; f->times && f->order == ORDERED && k < depth; k++)
        span_add(&st->spans[k], (Span){made[k] - made[k - 1], (uint32_t)group});
}

static void watch(Ask *q, Slab *s, size_t person, size_t depth)
{
    const Funnel *f = q->own;
    size_t        step = (size_t)f->cell_step;
    if (f->dropped ? depth == step : depth >= step)
        ask_watch(q, s, person);
}

/* Each value that a first step has is a group; the person counts in each. */
static void run_groups(Ask *q, State *st, Rows *r, Slab *s, size_t person)
{
    const Funnel *f = q->own;
    size_t        from = s->start[person], to = s->start[person + 1];
    uint32_t      seen[64];
    size_t        nseen = 0;
    int64_t       made[ASK_STEPS] = {0};
    for (size_t row = bit_next(r->step[0], from, to); row < to;
         row = bit_next(r->step[0], row + 1, to)) {
        size_t k = 0;
        while (k < nseen && seen[k] != r->codes[row])
            k++;
        if (k < nseen || nseen == COUNT_OF(seen))
            continue;
        r->code = seen[nseen++] = r->codes[row];
        size_t depth = depth_of(f, r, from, to, made);
        count(q, st, r->code, depth, made);
        if (q->watching && ask_cell_by(q, f->by, r->code))
            watch(q, s, person, depth);
    }
}

/* --- a stretch of people ------------------------------------------------------------- */

static Status prepare(Ask *q, Slab *s, Rows *r, Err *err)
{
    const Funnel *f = q->own;
    *r = (Rows){.slab = s};
    ASSERT(f->nsteps > 0); /* read_all() */
    for (size_t k = 0; k < f->nsteps; k++) {
        TRY(ask_rows(q, s, f->step[k], &r->step[k], err));
        r->all = r->all || r->step[k] == NULL;
    }
    for (size_t x = 0; x < f->nexclusions; x++) {
        TRY(ask_rows(q, s, f->exclusion[x].selector, &r->exclusion[x], err));
        r->all = r->all || r->exclusion[x] == NULL;
    }
    if (f->by != SIZE_MAX)
        TRY(ask_codes(q, s, f->by, &r->codes, err));
    return ST_OK;
}

/* Rows of steps and exclusions together. */
static const uint64_t *any_rows(const Funnel *f, Slab *s, const Rows *r)
{
    bool      fresh;
    uint64_t *any = kept_bits(s, 0, &fresh);
    for (size_t w = 0; w < (s->rows + 63) / 64 && fresh; w++) {
        any[w] = 0;
        for (size_t k = 0; k < f->nsteps; k++)
            any[w] |= r->step[k][w];
        for (size_t x = 0; x < f->nexclusions; x++)
            any[w] |= r->exclusion[x][w];
    }
    return any;
}

static Status run_bits(const Funnel *f, State *st, Slab *s, const Rows *r, size_t first, size_t end,
                       Err *err)
{
    int64_t    people[ASK_STEPS] = {0}, further = 0;
    FunnelRows rows = {.slab = s, .window = f->window, .ends = bits_ends(s), .step = r->step};
    rows.nsteps = f->nsteps;
    rows.room = &st->room;
    TRY(funnel_rows(&rows, first, end, people, err));
    for (size_t k = f->nsteps; k-- > 0;) {
        st->reached[0][k] += people[k] - further;
        further = people[k];
    }
    return ST_OK;
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Funnel *f = q->own;
    Rows          r;
    int64_t       made[ASK_STEPS] = {0};
    TRY(prepare(q, s, &r, err));
    if (f->order == ORDERED && f->nsteps > 1 && !q->watching && f->by == SIZE_MAX && !f->times &&
        f->nexclusions == 0 && !r.all) {
        need_group(state, 0);
        return run_bits(f, state, s, &r, first, end, err);
    }
    TRY(slab_time(s, err));
    r.any = r.all ? NULL : any_rows(f, s, &r);
    if (f->order == STRICT) {
        size_t every = q->nselectors - 1; /* made by read_all() */
        TRY(ask_rows(q, s, every, &r.base, err));
    }
    need_group(state, 0);
    for (size_t p = first; p < end; p++) {
        size_t from = s->start[p], to = s->start[p + 1];
        if (f->by != SIZE_MAX) {
            run_groups(q, state, &r, s, p);
            continue;
        }
        size_t at = bit_next(r.step[0], from, to);
        if (at == to && f->order != ANY_ORDER)
            continue;
        size_t depth = depth_of(f, &r, f->order == ANY_ORDER ? from : at, to, made);
        count(q, state, 0, depth, made);
        if (q->watching)
            watch(q, s, p, depth);
    }
    return ST_OK;
}

static void add(Ask *q, void *into, void *from)
{
    State *a = into, *b = from;
    (void)q;
    if (b->ngroups > 0)
        need_group(a, b->ngroups - 1);
    for (size_t g = 0; g < b->ngroups; g++)
        for (size_t k = 0; k < ASK_STEPS; k++)
            a->reached[g][k] += b->reached[g][k];
    for (size_t k = 0; k < ASK_STEPS; k++)
        for (size_t i = 0; i < b->spans[k].n; i++)
            span_add(&a->spans[k], b->spans[k].v[i]);
}

/* --- answer -------------------------------------------------------------------------- */

static int by_group(const void *x, const void *y)
{
    const Span *a = x, *b = y;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return (a->ticks > b->ticks) - (a->ticks < b->ticks);
}

/* Of one group, where they are sorted. */
static void put_times(Ask *q, const Spans *s, uint32_t group, Json *out)
{
    double sum = 0, seconds = (double)q->view.unit / 1000;
    size_t lo = 0, hi = s->n, n = 0;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s->v[mid].group < group)
            lo = mid + 1;
        else
            hi = mid;
    }
    const Span *v = s->v + lo;
    for (; lo + n < s->n && v[n].group == group; n++)
        sum += (double)v[n].ticks;
    if (n == 0)
        return;
    json_real(out, "mean_seconds", sum / (double)n * seconds);
    int64_t median = v[(n - 1) / 2].ticks, p90 = v[(n - 1) * 9 / 10].ticks;
    json_real(out, "median_seconds", (double)median * seconds);
    json_real(out, "p90_seconds", (double)p90 * seconds);
}

/* People who reached each step or a later one. */
static void at_least(const Funnel *f, const int64_t *reached, int64_t *ret)
{
    int64_t sum = 0;
    for (size_t k = f->nsteps; k-- > 0;)
        ret[k] = sum += reached[k];
}

static void put_steps(Ask *q, const State *st, uint32_t group, Json *out)
{
    const Funnel *f = q->own;
    int64_t       people[ASK_STEPS];
    at_least(f, st->reached[group], people);
    json_arr(out, "steps");
    for (size_t k = 0; k < f->nsteps; k++) {
        json_obj(out, NULL);
        json_str(out, "name", q->selectors[f->step[k]].label);
        json_i64(out, "people", people[k]);
        json_real(out, "rate", people[0] > 0 ? (double)people[k] / (double)people[0] : 0);
        if (k > 0) {
            json_i64(out, "dropped", people[k - 1] - people[k]);
            put_times(q, &st->spans[k], group, out);
        }
        json_end(out);
    }
    json_end(out);
}

static Status answer(Ask *q, void *state, Json *out, Err *err)
{
    const Funnel *f = q->own;
    State        *s = state;
    (void)err;
    json_i64(out, "window_ms", f->window_ms);
    for (size_t k = 0; k < ASK_STEPS; k++)
        if (s->spans[k].n > 1)
            array_sort(s->spans[k].v, s->spans[k].n, sizeof(Span), by_group);
    if (f->by == SIZE_MAX) {
        need_group(s, 0);
        put_steps(q, s, 0, out);
        return ST_OK;
    }
    AskRank *groups = arena_array(q->arena, AskRank, s->ngroups + 1);
    size_t   n = 0;
    for (size_t g = 0; g < s->ngroups; g++) {
        int64_t people[ASK_STEPS] = {0};
        at_least(f, s->reached[g], people);
        if (people[0] > 0)
            groups[n++] = ask_rank(q, f->by, (uint32_t)g, (double)people[0]);
    }
    ask_sort(groups, n, sizeof *groups);
    json_i64(out, "groups_total", (int64_t)n);
    json_arr(out, "groups");
    for (size_t i = 0; i < n && i < (size_t)q->limit; i++) {
        json_obj(out, NULL);
        ask_write_code(q, f->by, groups[i].code, "by", out);
        put_steps(q, s, groups[i].code, out);
        json_end(out);
    }
    json_end(out);
    return ST_OK;
}

/* Strict order also looks at all events, by one more selector. */
static Status read_all(Ask *q, Err *err)
{
    size_t every;
    TRY(read(q, err));
    return ask_selector(q, NULL, "steps", &every, err);
}

const AskKind ASK_FUNNEL = {
    .name = "funnel",
    .members = "steps window order exclude by times ",
    .cell = "step dropped by ",
    .read = read_all,
    .bound = bound,
    .state_size = sizeof(State),
    .state_done = state_done,
    .run = run,
    .add = add,
    .answer = answer,
};
