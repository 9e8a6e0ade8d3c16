/* Equality, order, emptiness. */
#include "liquid/cx.h"

#include "liquid/number.h"

#include "base/utf8.h"

#include <string.h>

enum { DEPTH_MAX = 100 };

static bool is_number(LiquidValue v)
{
    return v.type == LIQUID_INT || v.type == LIQUID_REAL || v.type == LIQUID_BIG ||
           v.type == LIQUID_MONEY;
}

static bool equal(LiquidCx *cx, LiquidValue x, LiquidValue y, unsigned depth);

static bool lists_equal(LiquidCx *cx, LiquidValue x, LiquidValue y, unsigned depth)
{
    size_t n = liquid_count(cx, x);
    if (n != liquid_count(cx, y))
        return false;
    for (size_t i = 0; i < n && !cx->fatal; i++) {
        lq_burn(cx, 1);
        if (!equal(cx, liquid_at(cx, x, i), liquid_at(cx, y, i), depth))
            return false;
    }
    return true;
}

static bool objects_equal(LiquidCx *cx, LiquidValue x, LiquidValue y, unsigned depth)
{
    size_t n = liquid_count(cx, x);
    if (n != liquid_count(cx, y))
        return false;
    for (size_t i = 0; i < n && !cx->fatal; i++) {
        lq_burn(cx, 1);
        LiquidValue pair = liquid_at(cx, x, i), other;
        if (pair.type != LIQUID_ARRAY || pair.array->n != 2 ||
            !lq_member(cx, y, liquid_str(pair.array->items[0]), NULL, &other) ||
            !equal(cx, pair.array->items[1], other, depth))
            return false;
    }
    return true;
}

static bool same_drop(LiquidValue x, LiquidValue y)
{
    return x.type == y.type && x.drop->type == y.drop->type && x.drop->self == y.drop->self;
}

static bool equal(LiquidCx *cx, LiquidValue x, LiquidValue y, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return false;
    if (x.type == LIQUID_TEXT && y.type == LIQUID_TEXT)
        return x.len == y.len && memcmp(x.s, y.s, x.len) == 0;
    if (x.type == LIQUID_INT && y.type == LIQUID_INT)
        return x.i == y.i;
    if (is_number(x) && is_number(y))
        return lq_num_cmp(lq_num(x), lq_num(y)) == 0;
    if (x.type == LIQUID_DROP || y.type == LIQUID_DROP)
        return same_drop(x, y);
    if (x.type == LIQUID_RANGE || y.type == LIQUID_RANGE)
        return x.type == y.type && x.range->first == y.range->first &&
               x.range->last == y.range->last;
    if (lq_is_list(x) && lq_is_list(y))
        return lists_equal(cx, x, y, depth + 1);
    if (x.type == LIQUID_LOOP || y.type == LIQUID_LOOP)
        return x.type == y.type && x.loop == y.loop;
    if (lq_is_object(x) && lq_is_object(y))
        return objects_equal(cx, x, y, depth + 1);
    if (x.type != y.type)
        return false;
    return x.type == LIQUID_NIL || (x.type == LIQUID_BOOL && x.b == y.b) ||
           (x.type == LIQUID_TIME && x.i == y.i);
}

bool liquid_equal(LiquidCx *cx, LiquidValue x, LiquidValue y)
{
    return equal(cx, x, y, 0);
}

static int text_order(Str x, Str y)
{
    size_t n = x.len < y.len ? x.len : y.len;
    int    order = n > 0 ? memcmp(x.ptr, y.ptr, n) : 0;
    return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

static bool list_order(LiquidCx *cx, LiquidValue x, LiquidValue y, int *ret)
{
    size_t n = liquid_count(cx, x), m = liquid_count(cx, y);
    for (size_t i = 0; i < n && i < m && !cx->fatal; i++) {
        lq_burn(cx, 1);
        LiquidValue a = liquid_at(cx, x, i), b = liquid_at(cx, y, i);
        if (a.type == LIQUID_ARRAY || b.type == LIQUID_ARRAY || !lq_order(cx, a, b, ret))
            return false;
        if (*ret != 0)
            return true;
    }
    *ret = (n > m) - (n < m);
    return true;
}

bool lq_order(LiquidCx *cx, LiquidValue x, LiquidValue y, int *ret)
{
    if (x.type == LIQUID_TEXT && y.type == LIQUID_TEXT)
        *ret = text_order(liquid_str(x), liquid_str(y));
    else if (x.type == y.type && (x.type == LIQUID_INT || x.type == LIQUID_TIME))
        *ret = (x.i > y.i) - (x.i < y.i);
    else if (is_number(x) && is_number(y))
        *ret = lq_num_cmp(lq_num(x), lq_num(y));
    else if (lq_is_list(x) && lq_is_list(y) && x.type != LIQUID_RANGE && y.type != LIQUID_RANGE)
        return list_order(cx, x, y, ret);
    else if (equal(cx, x, y, 0))
        *ret = 0;
    else
        return false;
    return true;
}

bool lq_is_empty(LiquidCx *cx, LiquidValue v)
{
    if (v.type == LIQUID_TEXT)
        return v.len == 0;
    if (v.type == LIQUID_LOOP || v.type == LIQUID_MONEY || v.type == LIQUID_RANGE)
        return false;
    if (v.type == LIQUID_DROP && v.drop->type->count == NULL)
        return false;
    return (lq_is_list(v) || lq_is_object(v)) && liquid_count(cx, v) == 0;
}

bool lq_is_blank(LiquidCx *cx, LiquidValue v)
{
    if (v.type == LIQUID_NIL || (v.type == LIQUID_BOOL && !v.b))
        return true;
    if (v.type == LIQUID_TEXT)
        return str_trim(liquid_str(v)).len == 0;
    return lq_is_empty(cx, v);
}
