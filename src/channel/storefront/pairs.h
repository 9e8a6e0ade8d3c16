/* pairs.h - a map for templates, put together member by member.
 *
 *      Pairs p = pairs_new(v);
 *      pairs_put(&p, "title", liquid_text(title));
 *      return pairs_map(v, &p); */
#pragma once

#include "channel/storefront/visit.h"

enum { PAIRS_MAX = 56 };

typedef struct Pairs {
    LiquidPair *items; /* of the visit's arena, at most PAIRS_MAX */
    size_t      n;
} Pairs;

static inline Pairs pairs_new(Visit *v)
{
    return (Pairs){arena_array(visit_arena(v), LiquidPair, PAIRS_MAX), 0};
}

static inline void pairs_put(Pairs *p, const char *key, LiquidValue value)
{
    ASSERT(p->n < PAIRS_MAX);
    p->items[p->n++] = (LiquidPair){str_from_cstr(key), value};
}

static inline LiquidValue pairs_map(Visit *v, const Pairs *p)
{
    return liquid_map(visit_arena(v), p->items, p->n);
}

static inline LiquidValue text_or_nil(Str s)
{
    return s.len > 0 ? liquid_text(s) : liquid_nil();
}
