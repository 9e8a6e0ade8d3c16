/* stocked.h - what the tests of stock share: a product, calls in transactions, and the sums that
 * must always be right. */
#pragma once

#include "world.h"

#include "stock/module.h"
#include "stock/stock.h"

/* A product with `n` variants (sizes 1 … n), each with `quantity` pieces. */
CatalogProduct stocked_product(World *w, int n, int64_t quantity, const char *policy);

/* The same calls in a transaction of their own. */
Status in_tx_reserve(Cx *cx, int64_t owner, const StockLine *lines, size_t n, int64_t ttl_ms,
                     StockShort *ret);
Status in_tx_allocate(Cx *cx, const StockAsk *ask, StockAllocation *ret);
Status in_tx_unallocate(Cx *cx, int64_t order, int64_t line, int64_t qty);
Status in_tx_ship(Cx *cx, const StockMove *m);
Status in_tx_return(Cx *cx, const StockMove *m, bool damaged);
Status in_tx_release(Cx *cx, int64_t owner);

int64_t available(World *w, int64_t variant);

/* on_hand, allocated, reserved are what movements and reservations say. */
void stock_sound(World *w);

int64_t stocked_location(World *w, const char *json);
