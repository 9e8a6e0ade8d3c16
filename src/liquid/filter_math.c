/* Filters on numbers. */
#include "liquid/filters.h"

static LiquidValue apply(LiquidCx *cx, LqOp op, LiquidValue x, LiquidValue y)
{
    if (x.type == LIQUID_INT && y.type == LIQUID_INT) { /* the usual case */
        int64_t r;
        if (op == LQ_ADD && !__builtin_add_overflow(x.i, y.i, &r))
            return liquid_int(r);
        if (op == LQ_SUB && !__builtin_sub_overflow(x.i, y.i, &r))
            return liquid_int(r);
    }
    LqNum r;
    if (!lq_num_op(op, lq_num(x), lq_num(y), &r))
        return liquid_fail(cx, "divided by 0");
    return lq_num_value(cx->arena, r);
}

LQ_FILTER(plus)
{
    return apply(cx, LQ_ADD, in, args->v[0]);
}

LQ_FILTER(minus)
{
    return apply(cx, LQ_SUB, in, args->v[0]);
}

LQ_FILTER(times)
{
    return apply(cx, LQ_MUL, in, args->v[0]);
}

LQ_FILTER(divided_by)
{
    return apply(cx, LQ_DIV, in, args->v[0]);
}

LQ_FILTER(modulo)
{
    return apply(cx, LQ_MOD, in, args->v[0]);
}

LQ_FILTER(absolute)
{
    (void)args;
    LqNum n = lq_num(in);
    n.minus = false;
    return lq_num_value(cx->arena, lq_num_cmp(n, lq_num_int(0)) < 0 ? lq_num_neg(n) : n);
}

/* NaN and infinity have no whole number. */
static bool finite(LiquidCx *cx, LqNum n)
{
    if (!n.inexact || (n.real - n.real <= 0 && n.real - n.real >= 0))
        return true;
    liquid_fail(cx, "Computation results in %s",
                n.real > 0   ? "'Infinity'"
                : n.real < 0 ? "'-Infinity'"
                             : "'NaN' (Not a Number)");
    return false;
}

LQ_FILTER(ceiling)
{
    (void)args;
    LqNum n = lq_num(in);
    return finite(cx, n) ? lq_num_value(cx->arena, lq_num_ceil(n)) : liquid_nil();
}

LQ_FILTER(flooring)
{
    (void)args;
    LqNum n = lq_num(in);
    return finite(cx, n) ? lq_num_value(cx->arena, lq_num_floor(n)) : liquid_nil();
}

LQ_FILTER(rounding)
{
    LqNum n = lq_num(in), digits = lq_num(liquid_arg(args, 0));
    digits = digits.m < 0 ? lq_num_ceil(digits) : lq_num_floor(digits);
    if (digits.m <= 0 && !finite(cx, n))
        return liquid_nil();
    if (digits.m > 400 || digits.m < -400 || digits.inexact)
        digits.m = digits.m < 0 ? -400 : 400;
    return lq_num_value(cx->arena, lq_num_round(n, (int64_t)digits.m));
}

static LiquidValue bounded(LiquidCx *cx, LiquidValue in, LiquidValue bound, int sign)
{
    LqNum x = lq_num(in), y = lq_num(bound);
    return lq_num_value(cx->arena, lq_num_cmp(y, x) * sign > 0 ? y : x);
}

LQ_FILTER(at_least)
{
    return bounded(cx, in, args->v[0], 1);
}

LQ_FILTER(at_most)
{
    return bounded(cx, in, args->v[0], -1);
}

LQ_FILTER(sum)
{
    LiquidValue *items, v, *flat;
    size_t       n, m;
    LqNum        total = lq_num_int(0);
    if (!lq_flat(cx, in, &items, &n))
        return liquid_nil();
    for (size_t i = 0; i < n; i++) {
        v = items[i];
        if (args->n > 0 && args->v[0].type != LIQUID_NIL) {
            LqPick how = lq_pick(cx, items[i], args->v[0], &v);
            if (how == LQ_NO_INDEX)
                return lq_pick_error(cx, args->v[0]);
        }
        if (!lq_is_list(v)) {
            if (!lq_num_op(LQ_ADD, total, lq_num(v), &total))
                return liquid_nil();
            continue;
        }
        if (!lq_flat(cx, v, &flat, &m))
            return liquid_nil();
        for (size_t j = 0; j < m; j++)
            if (!lq_num_op(LQ_ADD, total, lq_num(flat[j]), &total))
                return liquid_nil();
    }
    return lq_num_value(cx->arena, total);
}

const LiquidFilter lq_math_filters[] = {
    {"abs", absolute, 0, 0, false},
    {"at_least", at_least, 1, 1, false},
    {"at_most", at_most, 1, 1, false},
    {"ceil", ceiling, 0, 0, false},
    {"divided_by", divided_by, 1, 1, false},
    {"floor", flooring, 0, 0, false},
    {"minus", minus, 1, 1, false},
    {"modulo", modulo, 1, 1, false},
    {"plus", plus, 1, 1, false},
    {"round", rounding, 0, 1, false},
    {"sum", sum, 0, 1, false},
    {"times", times, 1, 1, false},
    {0},
};
