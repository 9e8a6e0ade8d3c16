/* What expressions, filters and conditions come to. */
#include "liquid/cx.h"

#include "liquid/number.h"

#include <string.h>

static LiquidValue follow(LiquidCx *cx, LiquidValue v, const LqExpr *e);

/* --- ranges ------------------------------------------------------------------------------- */

static bool span_end(LiquidCx *cx, const LqExpr *e, int64_t *ret)
{
    LiquidValue v = lq_eval(cx, e);
    if (v.type == LIQUID_NIL || v.type == LIQUID_TEXT) {
        LqNum n = v.type == LIQUID_TEXT ? lq_num_text(liquid_str(v)) : lq_num_int(0);
        n = n.m < 0 ? lq_num_ceil(n) : lq_num_floor(n);
        *ret = n.m > INT64_MAX || n.m < INT64_MIN ? 0 : (int64_t)n.m;
        return true;
    }
    return liquid_to_int(cx, v, ret);
}

static LiquidValue span(LiquidCx *cx, const LqExpr *e)
{
    LiquidRange r = {0};
    if (!span_end(cx, e->a, &r.first) || !span_end(cx, e->b, &r.last))
        return liquid_nil();
    LiquidRange *kept = liquid_alloc(cx, sizeof *kept);
    if (kept == NULL)
        return liquid_nil();
    *kept = r;
    return (LiquidValue){.type = LIQUID_RANGE, .range = kept};
}

/* --- lookups ------------------------------------------------------------------------------ */

LiquidValue lq_eval(LiquidCx *cx, const LqExpr *e)
{
    switch ((LqExprKind)e->kind) {
    case LQ_CONST: return e->value;
    case LQ_VAR: return lq_var(cx, e->sym);
    case LQ_PATH: return follow(cx, lq_var(cx, e->sym), e);
    case LQ_ROOT: {
        LiquidValue name = lq_eval(cx, e->a);
        if (name.type != LIQUID_TEXT)
            return liquid_nil();
        return follow(cx, liquid_lookup(cx, liquid_str(name)), e);
    }
    case LQ_SPAN: return span(cx, e);
    }
    return liquid_nil();
}

/* `.size`, `.first`, `.last` of what has no such member. */
static bool command(LiquidCx *cx, LiquidValue v, LqWord word, LiquidValue *ret)
{
    Str s = v.type == LIQUID_TEXT ? liquid_str(v) : STR("");
    if (word == LQ_W_SIZE)
        return lq_size(cx, v, ret);
    if (word != LQ_W_FIRST && word != LQ_W_LAST)
        return false;
    if (v.type == LIQUID_TEXT) {
        *ret = lq_end_char(s, word == LQ_W_LAST);
        return true;
    }
    if (!lq_is_list(v) && (word == LQ_W_LAST || !lq_is_object(v)))
        return false;
    size_t n = lq_iter_count(cx, v);
    *ret = n == 0 ? liquid_nil() : lq_iter_at(cx, v, word == LQ_W_FIRST ? 0 : n - 1);
    return true;
}

static bool item(LiquidCx *cx, LiquidValue v, int64_t index, LiquidValue *ret)
{
    if (!lq_is_list(v) || v.type == LIQUID_RANGE)
        return false;
    int64_t n = (int64_t)liquid_count(cx, v);
    if (index < 0)
        index += n;
    *ret = index >= 0 && index < n ? liquid_at(cx, v, (size_t)index) : liquid_nil();
    return true;
}

/* One step whose key is known only now. */
static bool dynamic_step(LiquidCx *cx, LiquidValue v, const LqStep *s, LiquidValue *ret, Str *key)
{
    LiquidValue k = lq_eval(cx, s->expr);
    if (k.type == LIQUID_TEXT)
        *key = liquid_str(k);
    if (k.type == LIQUID_TEXT && lq_is_object(v))
        return lq_member(cx, v, *key, NULL, ret);
    return k.type == LIQUID_INT && item(cx, v, k.i, ret);
}

static bool take_step(LiquidCx *cx, LiquidValue v, LqStep *s, LiquidValue *ret, Str *key)
{
    if (s->expr != NULL)
        return dynamic_step(cx, v, s, ret, key);
    if (s->by_index)
        return item(cx, v, s->index, ret);
    *key = s->key;
    if (v.type == LIQUID_LOOP)
        return lq_loop_member(cx, v.loop, (LqWord)s->word, ret);
    if (lq_is_object(v) && lq_member(cx, v, s->key, &s->hint, ret))
        return true;
    return s->command && s->word != LQ_W_NONE && command(cx, v, (LqWord)s->word, ret);
}

static LiquidValue follow(LiquidCx *cx, LiquidValue v, const LqExpr *e)
{
    for (uint32_t i = 0; i < e->nsteps; i++) {
        Str         key = {0};
        LiquidValue next = {0};
        if (!take_step(cx, v, &e->steps[i], &next, &key)) {
            if (cx->render->strict_variables && !cx->failed) {
                liquid_fail(cx, "undefined variable " STR_FMT, STR_ARG(key));
                cx->quiet = true;
            }
            return liquid_nil();
        }
        v = next;
    }
    return v;
}

/* --- filters ------------------------------------------------------------------------------ */

enum { ARGS_MAX = 64 };

static LiquidValue wrong_count(LiquidCx *cx, const LqCall *c, size_t given)
{
    const LiquidFilter *f = c->filter;
    if (f->min == f->max)
        return liquid_fail(cx, "wrong number of arguments (given %zu, expected %d)", given + 1,
                           f->min + 1);
    return liquid_fail(cx, "wrong number of arguments (given %zu, expected %d..%d)", given + 1,
                       f->min + 1, f->max + 1);
}

/* Named arguments of a filter that knows none come as one object, the last argument. */
static LiquidValue as_map(LiquidCx *cx, const LiquidPair *named, size_t n)
{
    LiquidPair *pairs = liquid_alloc(cx, n * sizeof *pairs);
    if (pairs == NULL)
        return liquid_nil();
    memcpy(pairs, named, n * sizeof *pairs);
    return liquid_map(cx->arena, pairs, n);
}

static LiquidValue apply(LiquidCx *cx, const LqCall *c, LiquidValue in)
{
    NOT_CLEARED LiquidValue v[ARGS_MAX];
    NOT_CLEARED LiquidPair  named[ARGS_MAX];
    LiquidArgs              args = {v, c->nargs, named, c->nnamed};
    if (c->filter == NULL) {
        if (!cx->render->strict_filters)
            return in;
        liquid_fail(cx, "undefined filter " STR_FMT, STR_ARG(c->name));
        cx->quiet = true;
        return liquid_nil();
    }
    for (uint32_t i = 0; i < c->nargs; i++)
        v[i] = lq_eval(cx, &c->args[i]);
    for (uint32_t i = 0; i < c->nnamed; i++)
        named[i] = (LiquidPair){c->named[i].key, lq_eval(cx, &c->named[i].value)};
    if (c->nnamed > 0 && !c->filter->named)
        v[args.n++] = as_map(cx, named, c->nnamed);
    if (args.n < c->filter->min || args.n > c->filter->max)
        return wrong_count(cx, c, args.n);
    if (cx->failed)
        return liquid_nil();
    return c->filter->fn(cx, in, &args);
}

static LiquidValue apply_plain(LiquidCx *cx, const LqCall *c, LiquidValue in)
{
    LiquidValue v[2];
    LiquidArgs  args = {v, c->nargs, NULL, 0};
    if (c->filter == NULL || c->nnamed > 0 || c->nargs > COUNT_OF(v) || c->nargs < c->filter->min ||
        c->nargs > c->filter->max)
        return apply(cx, c, in);
    for (uint32_t i = 0; i < c->nargs; i++)
        v[i] = lq_eval(cx, &c->args[i]);
    return cx->failed ? liquid_nil() : c->filter->fn(cx, in, &args);
}

LiquidValue lq_eval_output(LiquidCx *cx, const LqOutput *o)
{
    LiquidValue v = lq_eval(cx, &o->expr);
    for (uint32_t i = 0; i < o->ncalls && !cx->failed; i++) {
        lq_burn(cx, 1);
        v = apply_plain(cx, &o->calls[i], v);
    }
    return v;
}

/* --- conditions ----------------------------------------------------------------------------- */

static bool contains(LiquidCx *cx, LiquidValue in, LiquidValue what)
{
    if (!liquid_truthy(in) || !liquid_truthy(what))
        return false;
    if (in.type == LIQUID_TEXT) {
        Str text = liquid_str(in), part = liquid_to_text(cx, what);
        return part.len == 0 || memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
    }
    LiquidValue found;
    if (in.type == LIQUID_RANGE)
        return (what.type == LIQUID_INT || what.type == LIQUID_REAL) &&
               lq_num_cmp(lq_num(what), lq_num_int(in.range->first)) >= 0 &&
               lq_num_cmp(lq_num(what), lq_num_int(in.range->last)) <= 0;
    if (lq_is_object(in))
        return what.type == LIQUID_TEXT && lq_member(cx, in, liquid_str(what), NULL, &found);
    size_t n = lq_is_list(in) ? liquid_count(cx, in) : 0;
    for (size_t i = 0; i < n && !cx->fatal; i++) {
        lq_burn(cx, 1);
        if (liquid_equal(cx, liquid_at(cx, in, i), what))
            return true;
    }
    return false;
}

static bool equals(LiquidCx *cx, LiquidValue x, LiquidValue y)
{
    if (x.type == LIQUID_EMPTY || x.type == LIQUID_BLANK) {
        LiquidValue swap = x;
        x = y;
        y = swap;
    }
    if (y.type == LIQUID_EMPTY)
        return lq_is_empty(cx, x);
    if (y.type == LIQUID_BLANK)
        return lq_is_blank(cx, x);
    return liquid_equal(cx, x, y);
}

static bool has_order(LiquidValue v)
{
    return v.type == LIQUID_INT || v.type == LIQUID_REAL || v.type == LIQUID_TEXT ||
           v.type == LIQUID_BIG || v.type == LIQUID_TIME || v.type == LIQUID_MONEY;
}

static bool ordered(LiquidCx *cx, LqCompare op, LiquidValue x, LiquidValue y)
{
    int order = 0;
    if (x.type == LIQUID_INT && y.type == LIQUID_INT) {
        order = (x.i > y.i) - (x.i < y.i);
    } else if (!has_order(x) || !has_order(y)) {
        return false;
    } else if (!lq_order(cx, x, y, &order)) {
        Str left = lq_class_name(x);
        Str right =
            x.type == LIQUID_TEXT && y.type != LIQUID_TEXT ? lq_inspect(cx, y) : lq_class_name(y);
        liquid_fail(cx, "comparison of " STR_FMT " with " STR_FMT " failed", STR_ARG(left),
                    STR_ARG(right));
        return false;
    }
    switch (op) {
    case LQ_LT: return order < 0;
    case LQ_GT: return order > 0;
    case LQ_LE: return order <= 0;
    case LQ_GE: return order >= 0;
    case LQ_TRUTH:
    case LQ_EQ:
    case LQ_NE:
    case LQ_CONTAINS:
    case LQ_UNKNOWN: break;
    }
    return false;
}

static bool one_holds(LiquidCx *cx, const LqCondition *c)
{
    LiquidValue x = lq_eval(cx, &c->left);
    if (c->op == LQ_TRUTH)
        return liquid_truthy(x);
    LiquidValue y = lq_eval(cx, &c->right);
    switch ((LqCompare)c->op) {
    case LQ_EQ: return equals(cx, x, y);
    case LQ_NE: return !equals(cx, x, y);
    case LQ_LT:
    case LQ_GT:
    case LQ_LE:
    case LQ_GE: return ordered(cx, (LqCompare)c->op, x, y);
    case LQ_CONTAINS: return contains(cx, x, y);
    case LQ_UNKNOWN:
        liquid_fail(cx, "Unknown operator " STR_FMT, STR_ARG(c->op_name));
        return false;
    case LQ_TRUTH: break;
    }
    return false;
}

bool lq_holds(LiquidCx *cx, const LqCondition *c)
{
    for (;; c = c->next) {
        bool holds = one_holds(cx, c);
        if (cx->failed || c->relation == LQ_LAST || (c->relation == LQ_AND) != holds)
            return holds && !cx->failed;
    }
}
