/* checkout_page.h - /checkout: from the cart to the order on one page.
 *
 *      GET  /checkout          the page; without a cart it leads to /cart
 *      POST /checkout          all that was typed, and `act`: renew (show what it costs now), code,
 *                              typo (take the address that was suggested), pay
 *      GET  /checkout/return   the buyer comes back from the provider's page
 *
 * What is typed is kept in the cart at once, right or wrong, so nothing is lost by an error, by
 * leaving, or by coming back on another day. The page is one form that works without JavaScript;
 * with it, parts of the answer are put in place (theme/assets/checkout.js). */
#pragma once

#include "channel/storefront/basket.h"
#include "http/http_form.h"
#include "order/delivery.h"
#include "order/order.h"

extern const HttpRoutes checkout_routes;

typedef struct CheckoutPage { /* one request */
    Cx             *cx;
    const HttpReq  *rq;
    HttpResp       *rs;
    Visit           v;
    HttpForm        form; /* empty for GET */
    Cart            cart;
    DeliveryOptions delivery;
    PaymentWayList  ways;
    OrderCheckout   rules;
    Str             problem;       /* to be told at the top, or "" */
    const char     *delivery_gone; /* what is to be told of the delivery chosen before, or NULL */
    bool            telling;       /* what is missing is told at its field */
    bool            no_terms;      /* they were not accepted */
    bool            bill_other;    /* the bill goes elsewhere */
    Str             saved;         /* id of one of the customer's addresses, "" another */
    bool            choosing_saved;
} CheckoutPage;

/* --- checkout_object.c ------------------------------------------------------------------------ */

/* Text of a field of the form; "" when it was not sent. */
Str checkout_field(const CheckoutPage *p, const char *name);

/* The names that the template sees: checkout, customer. */
NODISCARD Status checkout_globals(CheckoutPage *p);

/* The sentence beside the box, as text, and the versions of what it names. */
void checkout_terms(CheckoutPage *p, Str *ret_text, Str *ret_versions);

/* --- address_object.c ------------------------------------------------------------------------- */

typedef struct AddressForm {
    const char         *prefix;  /* of fields: "ship" */
    const char         *pointer; /* in needs: "/address" */
    const OrderAddress *address; /* NULL: nothing yet */
    Str                 country;
    const CartNeeds    *needs; /* NULL: errors are not told yet */
    bool                phone_needed;
    bool                all_countries; /* also those that the shop does not deliver to */
} AddressForm;

/* {prefix, fields, countries, country, country_error} for snippets/address-fields. */
LiquidValue address_form(Visit *v, const AddressForm *f);

/* What the field `key` ("line1") of an address in `country` is called; "" for none of them. */
Str address_label(Visit *v, Str country, Str key);

/* Lines of a letter, in the order of the country. */
LiquidValue address_lines(Visit *v, const OrderAddress *a);

/* The country that the browser names (`browser`: not for pages that are kept), else, on pages that
 * are not in the shop's own language, where most people speak it, if the shop delivers there; else
 * where the shop is at home; "" when it delivers nowhere. */
Str likely_country(Visit *v, bool browser);

/* "Arrives Tue 3 March"; "" when nothing is promised. */
Str promise_text(Visit *v, DeliveryPromise promise, bool fetched);
Str promise_day(Visit *v, int64_t day);
/* The same of days as carts and orders keep them: "2026-11-27". */
Str promise_of_days(Visit *v, Str from, Str to, bool fetched);
