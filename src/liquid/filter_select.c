/* Filters that choose items of a list by a property: where, reject, find, find_index, has. */
#include "liquid/filters.h"

/* Does the item match? */
static LqPick matches(LiquidCx *cx, LiquidValue item, const LiquidArgs *args, bool *ret)
{
    LiquidValue v, target = liquid_arg(args, 1);
    LqPick      how = lq_pick(cx, item, args->v[0], &v);
    if (how == LQ_PICKED)
        *ret = target.type == LIQUID_NIL ? liquid_truthy(v) : liquid_equal(cx, v, target);
    return how;
}

static LiquidValue selected(LiquidCx *cx, LiquidValue in, const LiquidArgs *args, bool want)
{
    LiquidValue *items;
    size_t       n, kept = 0;
    if (!lq_flat(cx, in, &items, &n))
        return liquid_nil();
    for (size_t i = 0; i < n; i++) {
        bool   match = false;
        LqPick how = matches(cx, items[i], args, &match);
        if (how == LQ_NO_INDEX)
            return lq_pick_error(cx, args->v[0]);
        if (how == LQ_NO_METHOD)
            return liquid_nil();
        if (match == want)
            items[kept++] = items[i];
    }
    return liquid_array(cx->arena, items, kept);
}

LQ_FILTER(where)
{
    return selected(cx, in, args, true);
}

LQ_FILTER(reject)
{
    return selected(cx, in, args, false);
}

typedef enum Found { FOUND_NONE, FOUND_ONE, FOUND_NOTHING } Found;

/* The first item that matches. FOUND_NOTHING: the filter gives nil, or failed. */
static Found search(LiquidCx *cx, LiquidValue in, const LiquidArgs *args, LiquidValue *ret,
                    size_t *ret_i)
{
    LiquidValue *items;
    size_t       n;
    if (!lq_flat(cx, in, &items, &n))
        return FOUND_NOTHING;
    for (size_t i = 0; i < n; i++) {
        bool   match = false;
        LqPick how = matches(cx, items[i], args, &match);
        if (how == LQ_NO_INDEX)
            lq_pick_error(cx, args->v[0]);
        if (how != LQ_PICKED)
            return FOUND_NOTHING;
        if (match) {
            *ret = items[i];
            *ret_i = i;
            return FOUND_ONE;
        }
    }
    return FOUND_NONE;
}

LQ_FILTER(find)
{
    LiquidValue v;
    size_t      i;
    return search(cx, in, args, &v, &i) == FOUND_ONE ? v : liquid_nil();
}

LQ_FILTER(find_index)
{
    LiquidValue v;
    size_t      i;
    return search(cx, in, args, &v, &i) == FOUND_ONE ? liquid_int((int64_t)i) : liquid_nil();
}

LQ_FILTER(has)
{
    LiquidValue v;
    size_t      i;
    Found       found = search(cx, in, args, &v, &i);
    return found == FOUND_NOTHING ? liquid_nil() : liquid_bool(found == FOUND_ONE);
}

const LiquidFilter lq_select_filters[] = {
    {"find", find, 1, 2, false},   {"find_index", find_index, 1, 2, false},
    {"has", has, 1, 2, false},     {"reject", reject, 1, 2, false},
    {"where", where, 1, 2, false}, {0},
};
