/* stand.h - how variants stand: read, planned with, written; private to this folder.
 *
 * Everything that changes stock goes this way:
 *
 *      StockStands s;
 *      TRY(stands_load(cx, ids, n, &s));          one statement, one more for the locations
 *      StockStand *x = stand_of(&s, variant);
 *      StockLevel *l = stand_level(cx, x, location);
 *      level_book(l, on_hand, allocated, reserved);   differences, in memory; plan with
 * level_free() TRY(stands_move(cx, &(StockMovementIn){…}));   each movement, a statement
 *      TRY(stands_write(cx, &s));                  a statement for each level, and the events
 *
 * Stands are in the order of their variants, so that transactions lock in one order. */
#pragma once

#include "stock/stock_int.h"

typedef struct StockLevel {
    int64_t location_id;
    int64_t on_hand, allocated, reserved, safety; /* as they shall be */
    bool    exists;
    bool    sells; /* the location is active and sells online */
    bool    kept;  /* written also when it is new and all zeros */
    int64_t was_on_hand, was_allocated, was_reserved, was_safety;
} StockLevel;

typedef struct StockStand {
    int64_t     variant_id, product_id;
    bool        tracked;
    int         policy; /* CatalogPolicy */
    OptI64      low_at, oversell_max;
    OptTime     expected_at;
    StockLevel *levels;
    size_t      n;
} StockStand;

typedef struct StockStands {
    StockStand    *items; /* variants that there are, ascending */
    size_t         n;
    StockLocations locations; /* by priority */
} StockStands;

/* `ids` may repeat. In a transaction. */
NODISCARD Status stands_load(Cx *cx, const int64_t *ids, size_t n, StockStands *ret);

/* NULL: there is no such variant. */
StockStand *stand_of(const StockStands *s, int64_t variant);

/* The level there; a new one of zeros when there is none. */
StockLevel *stand_level(const StockStands *s, StockStand *x, int64_t location);

static inline int64_t level_free(const StockLevel *l)
{
    return l->on_hand - l->allocated - l->reserved - l->safety;
}

static inline void level_book(StockLevel *l, int64_t on_hand, int64_t allocated, int64_t reserved)
{
    l->on_hand += on_hand;
    l->allocated += allocated;
    l->reserved += reserved;
    l->kept = true; /* movements refer to it */
}

/* As stock.h defines it, of the numbers as they shall be. */
int64_t stand_available(const StockStand *x);

/* What may be sold of it beyond what is available: 0, or oversell_max, or STOCK_QTY_MAX. */
int64_t stand_oversell(const StockStand *x);

/* Write a movement; id, actor and time are put in. */
NODISCARD Status stands_move(Cx *cx, StockMovementIn *in);

/* On second look there are `by` more there, or fewer. */
NODISCARD Status stands_count(Cx *cx, StockStands *s, StockStand *x, int64_t location, int64_t by,
                              Str reason);

/* Write levels that differ, and tell what shoppers and merchants want to know. */
NODISCARD Status stands_write(Cx *cx, StockStands *s);

const StockLocation *stand_location(const StockStands *s, int64_t id); /* NULL: none */
