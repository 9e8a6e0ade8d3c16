/* Filters on lists: taking apart, putting together. */
#include "liquid/filters.h"

#include <stdlib.h>
#include <string.h>

static LiquidValue *new_list(LiquidCx *cx, size_t n)
{
    return liquid_alloc(cx, (n + 1) * sizeof(LiquidValue));
}

LQ_FILTER(join)
{
    LiquidValue *items;
    size_t       n;
    bool         html = false;
    if (!lq_flat(cx, in, &items, &n))
        return liquid_nil();
    for (size_t i = 0; i < n; i++)
        html = html || (items[i].type == LIQUID_TEXT && items[i].safe == LIQUID_SAFE_HTML);
    LiquidValue like = {.type = LIQUID_TEXT, .safe = html ? LIQUID_SAFE_HTML : LIQUID_UNSAFE};
    Str         glue = args->n > 0 ? lq_into(cx, like, args->v[0]) : STR(" ");
    LiquidBuild b = liquid_build(cx, 16 * n);
    for (size_t i = 0; i < n && !b.failed; i++) {
        liquid_build_add(&b, i > 0 ? glue : STR(""));
        if (html)
            liquid_build_add(&b, lq_into(cx, like, items[i]));
        else
            lq_text_add(&b, items[i]);
    }
    return lq_like(like, liquid_built(&b));
}

static LiquidValue end_of(LiquidCx *cx, LiquidValue in, bool last)
{
    if (in.type == LIQUID_TEXT)
        return lq_like(in, lq_end_char(liquid_str(in), last));
    if (!lq_is_list(in) && (last || !lq_is_object(in)))
        return liquid_nil();
    size_t n = liquid_count(cx, in);
    return n > 0 ? liquid_at(cx, in, last ? n - 1 : 0) : liquid_nil();
}

LQ_FILTER(first)
{
    (void)args;
    return end_of(cx, in, false);
}

LQ_FILTER(last)
{
    (void)args;
    return end_of(cx, in, true);
}

LQ_FILTER(reverse)
{
    (void)args;
    LiquidValue *items;
    size_t       n;
    if (!lq_flat(cx, in, &items, &n))
        return liquid_nil();
    for (size_t i = 0; i < n / 2; i++) {
        LiquidValue swap = items[i];
        items[i] = items[n - 1 - i];
        items[n - 1 - i] = swap;
    }
    return liquid_array(cx->arena, items, n);
}

LQ_FILTER(concat)
{
    LiquidValue *items, other = args->v[0];
    size_t       n;
    if (!lq_is_list(other) || other.type == LIQUID_RANGE)
        return liquid_fail(cx, "concat filter requires an array argument");
    if (!lq_flat(cx, in, &items, &n))
        return liquid_nil();
    size_t       m = liquid_count(cx, other);
    LiquidValue *both = new_list(cx, n + m);
    if (both == NULL)
        return liquid_nil();
    if (n > 0)
        memcpy(both, items, n * sizeof *both);
    for (size_t i = 0; i < m; i++)
        both[n + i] = liquid_at(cx, other, i);
    return liquid_array(cx->arena, both, n + m);
}

LQ_FILTER(map)
{
    LiquidValue *items;
    size_t       n;
    if (!lq_flat(cx, in, &items, &n))
        return liquid_nil();
    for (size_t i = 0; i < n; i++) {
        LiquidValue picked;
        if (lq_pick(cx, items[i], args->v[0], &picked) == LQ_NO_INDEX)
            return lq_pick_error(cx, args->v[0]);
        items[i] = picked;
    }
    return liquid_array(cx->arena, items, n);
}

LQ_FILTER(compact)
{
    LiquidValue *items, property = liquid_arg(args, 0);
    size_t       n, kept = 0;
    if (!lq_flat(cx, in, &items, &n))
        return liquid_nil();
    for (size_t i = 0; i < n; i++) {
        LiquidValue v = items[i];
        if (property.type != LIQUID_NIL) {
            LqPick how = lq_pick(cx, items[i], property, &v);
            if (how == LQ_NO_INDEX)
                return lq_pick_error(cx, property);
            if (how == LQ_NO_METHOD)
                return liquid_nil();
        }
        if (v.type != LIQUID_NIL)
            items[kept++] = items[i];
    }
    return liquid_array(cx->arena, items, kept);
}

/* --- uniq: a table of what was seen, by hash -------------------------------------------------- */

static uint32_t hash_value(LiquidCx *cx, LiquidValue v)
{
    if (v.type == LIQUID_TEXT)
        return lq_hash(liquid_str(v));
    if (v.type == LIQUID_INT || v.type == LIQUID_TIME)
        return (uint32_t)((uint64_t)v.i * 0x9E3779B97F4A7C15U >> 32) | 1;
    if (v.type == LIQUID_NIL || v.type == LIQUID_BOOL)
        return v.type * 2U + (v.type == LIQUID_BOOL && v.b);
    return lq_hash(lq_inspect(cx, v));
}

/* 1 and 1.0 are equal, but not the same. */
static bool same(LiquidCx *cx, LiquidValue x, LiquidValue y)
{
    return (x.type == LIQUID_REAL) == (y.type == LIQUID_REAL) && liquid_equal(cx, x, y);
}

typedef struct Seen {
    uint32_t    *slots; /* number in `keys` + 1 */
    LiquidValue *keys;
    size_t       n, mask;
} Seen;

static bool add_new(LiquidCx *cx, Seen *s, LiquidValue key)
{
    size_t at = hash_value(cx, key) & s->mask;
    for (; s->slots[at] != 0; at = (at + 1) & s->mask) {
        lq_burn(cx, 1);
        if (cx->fatal || same(cx, s->keys[s->slots[at] - 1], key))
            return false;
    }
    s->keys[s->n] = key;
    s->slots[at] = (uint32_t)++s->n;
    return true;
}

static bool make_seen(LiquidCx *cx, size_t n, Seen *ret)
{
    size_t slots = 16;
    while (slots < 2 * n)
        slots *= 2;
    *ret = (Seen){.slots = liquid_alloc(cx, slots * sizeof(uint32_t)),
                  .keys = new_list(cx, n),
                  .mask = slots - 1};
    return ret->slots != NULL && ret->keys != NULL;
}

LQ_FILTER(uniq)
{
    LiquidValue *items, property = liquid_arg(args, 0);
    size_t       n, kept = 0;
    Seen         seen;
    if (!lq_flat(cx, in, &items, &n) || !make_seen(cx, n, &seen))
        return liquid_nil();
    if (n < 2)
        return liquid_array(cx->arena, items, n);
    for (size_t i = 0; i < n; i++) {
        LiquidValue key = items[i];
        if (property.type != LIQUID_NIL) {
            LqPick how = lq_pick(cx, items[i], property, &key);
            if (how == LQ_NO_INDEX)
                return lq_pick_error(cx, property);
            if (how == LQ_NO_METHOD)
                return liquid_nil();
        }
        if (add_new(cx, &seen, key))
            items[kept++] = items[i];
    }
    return liquid_array(cx->arena, items, kept);
}

const LiquidFilter lq_array_filters[] = {
    {"compact", compact, 0, 1, false},
    {"concat", concat, 1, 1, false},
    {"first", first, 0, 0, false},
    {"join", join, 0, 1, false},
    {"last", last, 0, 0, false},
    {"map", map, 1, 1, false},
    {"reverse", reverse, 0, 0, false},
    {"uniq", uniq, 0, 1, false},
    {0},
};
