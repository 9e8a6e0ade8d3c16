/* sort and sort_natural: a merge sort, so that equal items keep their order. */
#include "liquid/filters.h"

#include <string.h>

typedef struct Item {
    LiquidValue value, key;
} Item;

typedef struct Sort {
    LiquidCx *cx;
    bool      natural;
    bool      failed;
} Sort;

static int nil_order(LiquidValue x, LiquidValue y)
{
    return (x.type == LIQUID_NIL) - (y.type == LIQUID_NIL);
}

static int compare(Sort *s, LiquidValue x, LiquidValue y)
{
    int order = 0;
    lq_burn(s->cx, 1);
    if (s->natural) {
        if (x.type == LIQUID_NIL || y.type == LIQUID_NIL)
            return nil_order(x, y);
        return lq_casecmp(liquid_to_text(s->cx, x), liquid_to_text(s->cx, y));
    }
    if (lq_order(s->cx, x, y, &order))
        return order;
    if (x.type == LIQUID_NIL || y.type == LIQUID_NIL)
        return nil_order(x, y);
    if (!s->failed)
        liquid_fail(s->cx, "cannot sort values of incompatible types");
    s->failed = true;
    return 0;
}

static void merge(Sort *s, Item *items, Item *spare, size_t half, size_t n)
{
    size_t i = 0, j = half, k = 0;
    while (i < half && j < n)
        spare[k++] = compare(s, items[i].key, items[j].key) <= 0 ? items[i++] : items[j++];
    while (i < half)
        spare[k++] = items[i++];
    while (j < n)
        spare[k++] = items[j++];
    memcpy(items, spare, n * sizeof *items);
}

static void sort_items(Sort *s, Item *items, Item *spare, size_t n)
{
    if (n < 2 || s->failed || s->cx->fatal)
        return;
    sort_items(s, items, spare, n / 2);
    sort_items(s, items + n / 2, spare, n - n / 2);
    if (!s->failed && !s->cx->fatal)
        merge(s, items, spare, n / 2, n);
}

static bool has_index(LiquidValue v)
{
    return v.type != LIQUID_NIL && v.type != LIQUID_BOOL && v.type != LIQUID_REAL &&
           v.type != LIQUID_RANGE && v.type != LIQUID_TIME;
}

static LiquidValue sorted(LiquidCx *cx, LiquidValue in, LiquidValue property, bool natural)
{
    LiquidValue *values;
    size_t       n;
    if (!lq_flat(cx, in, &values, &n))
        return liquid_nil();
    Item *items = liquid_alloc(cx, 2 * (n + 1) * sizeof *items);
    if (items == NULL)
        return liquid_nil();
    for (size_t i = 0; i < n; i++)
        if (property.type != LIQUID_NIL && !has_index(values[i]))
            return liquid_nil();
    for (size_t i = 0; i < n; i++) {
        items[i] = (Item){values[i], values[i]};
        if (property.type != LIQUID_NIL && n > 1 &&
            lq_pick(cx, values[i], property, &items[i].key) != LQ_PICKED)
            return lq_pick_error(cx, property);
    }
    Sort s = {.cx = cx, .natural = natural};
    sort_items(&s, items, items + n + 1, n);
    if (s.failed)
        return liquid_nil();
    for (size_t i = 0; i < n; i++)
        values[i] = items[i].value;
    return liquid_array(cx->arena, values, n);
}

LQ_FILTER(sort)
{
    return sorted(cx, in, liquid_arg(args, 0), false);
}

LQ_FILTER(sort_natural)
{
    return sorted(cx, in, liquid_arg(args, 0), true);
}

const LiquidFilter lq_sort_filters[] = {
    {"sort", sort, 0, 1, false}, {"sort_natural", sort_natural, 0, 1, false}, {0}};
