/* sale.h - a shop in which something can be bought, for the tests of cart, checkout and orders. */
#pragma once

#include "world.h"

#include "order/events.h"
#include "order/order.h"
#include "order/order_int.h"
#include "stock/stock.h"

typedef struct Sale {
    int64_t mug, poster, file; /* variants: tracked (10 pieces), not tracked, nothing to send */
    int64_t method;            /* delivery to anywhere for 5.00 */
} Sale;

/* Prices: mug 10.00, poster 3.33, file 2.50, tax as the shipped table has it (included). */
Sale sale_open(World *w);
void sale_close(World *w);

/* Read models again. */
void sale_settle(World *w);

/* A cart with `qty` of a variant, e-mail, address in the Netherlands, delivery: ready to be bought.
 */
Cart sale_cart(World *w, const Sale *s, int64_t variant, int64_t qty);

/* Buy it with the test provider's card. */
Status sale_buy(World *w, Str token, const char *card, CheckoutResult *ret);

/* A cart of `qty`, bought: the order. */
Order sale_order(World *w, const Sale *s, int64_t variant, int64_t qty);

/* Everything that must hold of all orders, asked from the database. */
void sale_sound(World *w);
