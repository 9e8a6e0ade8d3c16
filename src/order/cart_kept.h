/* cart_kept.h - carts as this process last wrote them, so that the next change need not read them.
 *
 * A row that is read after others have written costs SQLite its whole page cache: some 30 us, five
 * times a checkout. A kept row may be old - another process changed the cart, it expired, its owner
 * was erased -, so it is good for one thing only: to prepare a write that says which rev it saw.
 * Whatever else comes of it, an error too, is to be tried again with the row of the database.
 *
 * At most KEPT_CARTS of KEPT_BYTES; each is used for KEPT_MINUTES. Any thread. */
#pragma once

#include "order/order_sql.h"

enum { KEPT_CARTS = 4096, KEPT_BYTES = 4096, KEPT_MINUTES = 15 };

/* False: none is kept under this token. Texts of *ret are in cx->arena. */
bool cart_kept(Cx *cx, Str token, OrderCartRow *ret);

/* It was committed like this; within a transaction, which may yet fail, nothing is kept. One that
 * is too big is not kept either. */
void cart_keep(Cx *cx, const OrderCartRow *row);

/* What was kept of it is of no use any more. */
void cart_keep_not(Cx *cx, Str token);
