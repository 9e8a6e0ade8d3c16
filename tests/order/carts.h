/* carts.h - carts, promotions and tax tables for tests of totals. */
#pragma once

#include "../test.h"
#include "base/id.h"
#include "order/promotion.h"
#include "order/tax.h"

/* A line: a piece costs `price`. Product and variant are the number of the line (1, 2, …) unless
 * given; `collection` 0: none. */
typedef struct Bought {
    int64_t     price, qty;
    const char *tax_class;
    int64_t     product, collection, compare_at;
} Bought;

/* Lines up to the first of price 0 and qty 0. */
void cart_lines(Arena *a, TotalsIn *in, const Bought *bought);

/* A promotion from JSON; active and automatic. `id` is its id. */
OrderPromotion *cart_promotion(Arena *a, int64_t id, const char *json);

/* Append it to in->promotions; code NULL: automatic. */
void cart_add(Arena *a, TotalsIn *in, OrderPromotion *p, const char *code);

/* Zones from JSON: [{"country": "DE", "rates": [...]}]. */
const TaxTable *cart_taxes(Arena *a, const char *json);

void cart_eur(Arena    *a,
              TotalsIn *in); /* an empty cart in EUR, at 2026-11-27 (a Friday) 12:00 UTC */

/* Asserts every invariant that totals.h states. */
void cart_check(const TotalsIn *in, const OrderTotals *t);
