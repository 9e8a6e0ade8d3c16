/* basket.h - the cart of who visits: between the browser's cookie and order/cart.h.
 *
 * The cookie "cart" holds the cart's token; scripts cannot read it. Beside it "cart_count" holds
 * how many pieces there are, so that pages that are kept for everybody (cache.h) can show the
 * number without asking. Both are set when something is put into the cart, never before.
 *
 * A template that shows `cart` makes its page depend on whether there is one: a page kept for
 * visitors without a cart is not shown to who has one. */
#pragma once

#include "channel/storefront/visit.h"
#include "order/cart.h"
#include "order/order.h"

/* Does the browser say that it has a cart? */
bool basket_said(const HttpReq *rq);

/* The cart of this visit, read once; NULL: there is none. Faults of ours are none, too: they are
 * logged by who asked for the page. */
const Cart *basket_of(Visit *v);

/* The same for what changes it: made when there is none. */
NODISCARD Status basket_need(Visit *v, Cart *ret);

/* From here on the visit shows this one, and the reply's cookies say so. */
void basket_set(Visit *v, HttpResp *rs, const Cart *cart);
/* … or none: its owner signs out. What was ordered here is forgotten, too. */
void basket_forget(Visit *v, HttpResp *rs);

/* … or none, because it became this order. The cookie "bought" keeps its token for a day: another
 * tab, or the way back, finds the order in place of an empty cart. */
void basket_bought(Visit *v, HttpResp *rs, Str order_token);

/* The order that was placed here last, as long as the browser says so. ST_NOT_FOUND: none. */
NODISCARD Status basket_last_order(Visit *v, Order *ret);

/* The cart to be changed: as basket_need(), and a payment that was begun is given up. When it was
 * paid meanwhile, a new one begins. */
NODISCARD Status basket_to_change(Visit *v, HttpResp *rs, Cart *ret);

/* The amounts of a cart or order, row by row, as shoppers read them: [{label, amount, kind}].
 * `known`: where it goes is known, so delivery costs what it says. */
LiquidValue basket_rows(Visit *v, const OrderTotals *t, bool needs_delivery, bool chosen);
/* "Including 19 % VAT, €7.98", or nil. */
LiquidValue basket_tax_note(Visit *v, const OrderTotals *t);

/* {a: b, …} of properties. */
LiquidValue basket_properties(Visit *v, OrderProperties p);
/* A picture by its path; nil where there is none. */
LiquidValue basket_image(Visit *v, int64_t product_id, int64_t variant_id, Str path, Str alt);

/* One line of the cart, for the answer of /cart/add.js. */
LiquidValue basket_line(Visit *v, const CartLine *line);
/* The same of any cart. */
LiquidValue basket_line_of(Visit *v, const Cart *cart, const CartLine *line);
