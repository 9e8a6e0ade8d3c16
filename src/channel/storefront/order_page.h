/* order_page.h - an order as its buyer sees it: /orders/TOKEN (the link of the e-mails),
 * /account/orders/ord_…, and /track, where anybody finds a parcel by number and e-mail address.
 *
 * Who holds the link, or has signed in as who ordered, may follow, change, cancel and repeat the
 * order. /track shows where things are, but no name, address or amount. */
#pragma once

#include "channel/storefront/visit.h"
#include "order/fulfillment.h"
#include "order/order.h"

extern const HttpRoutes order_page_routes;

/* "/uk/orders/TOKEN", with ?new=1 right after it was placed. */
Str order_link(Visit *v, Str token, bool fresh);

/* --- order_object.c --------------------------------------------------------------------------- */

typedef struct OrderView { /* one order, on one page */
    Visit               *v;
    const Order         *o;
    Fulfillments         sent; /* order_view_load(): from here … */
    OrderPromise         promise;
    PaymentList          paid;
    bool                 awaits; /* … to here; the buyer's transfer or voucher comes first */
    Str                  url;    /* of this page */
    bool                 fresh;  /* just placed */
    bool                 changing;
    bool                 tracking; /* for anybody: no amounts, no names */
    const ChangePreview *preview;  /* NULL: none asked for */
    const ChangeAsk     *asked;    /* what the preview is of */
    Str                  problem, done;
} OrderView;

/* Read what belongs to w->o. */
NODISCARD Status order_view_load(OrderView *w);

/* For templates/order and the lists of the account. */
NODISCARD Status order_value(OrderView *w, LiquidValue *ret);
/* As it stands in a list. */
LiquidValue order_head_value(Visit *v, const Order *o);
/* For templates/track. */
LiquidValue order_track_value(OrderView *w);
