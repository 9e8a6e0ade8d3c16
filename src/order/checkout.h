/* checkout.h - from cart to order: prepare, pay, finalise, and repair of what broke in between.
 *
 *      prepare   one transaction: lock the cart, reserve stock, write the draft order, open the
 *                payment session
 *      pay       no transaction: the provider is asked (payment.h)
 *      finalise  in the transaction that records the payment's outcome, whoever learns of it
 *                first - the answer, the buyer's return, the webhook, the sweeper: stock is
 *                allocated, the number drawn, the order placed, the cart completed
 *
 * Invariants (tests/order/test_checkout*.c)
 *   - one order for a cart, however often and by whomever it is finalised
 *   - every captured payment has its order; an order has its payment, or is free, or is to be
 *     paid later (bank transfer, on delivery, …)
 *   - what is paid is what the draft says, whatever happened to the cart or to prices since
 *   - money that was taken is never given back by itself: what cannot be served (the last piece
 *     was sold meanwhile) is placed with hold "backorder" or "review" for a person to decide
 *
 * Asked again - the same key or another, at once or later - checkout_complete() answers with the
 * order that there is. A declined payment leaves the cart open with everything in it.
 *
 * Errors: ST_CONFLICT "order.cart_changed" (the total is not what the buyer saw; *ret->cart is
 * the new state), ST_INVALID "order.incomplete" with issues (codes of CartNeed), ST_CONFLICT
 * "order.cart_locked" (another payment is under way), ST_CONFLICT "stock.insufficient". */
#pragma once

#include "order/cart.h"
#include "order/payment.h"

#define CHECKOUT_LOCK    SPAN_MINUTES(5)  /* of a cart without a session that could still settle */
#define CHECKOUT_RESERVE SPAN_MINUTES(10) /* stock is held while the buyer pays */

typedef struct CheckoutConsent { /* recorded as shown */
    bool terms;                  /* the box was ticked */
    Str  terms_text;             /* the sentence beside it */
    Str  policies;               /* versions: "terms 3, privacy 2" */
    bool marketing;
    Str  marketing_text;
} CheckoutConsent;
extern const Shape checkout_consent_shape;

typedef struct CheckoutAsk {
    Str             token;    /* of the cart */
    Money           expected; /* the total that the buyer saw; absent: not checked */
    Str             provider; /* key; "" : as chosen in the cart. Free orders need none */
    Str             input;    /* JSON for the provider */
    int64_t         method_id;
    bool            save_method;
    CheckoutConsent consent;
    Str             base_url, return_url;
    Str             address; /* IP */
    Str             agent;   /* User-Agent, for risk; "" */
} CheckoutAsk;

typedef enum CheckoutState {
    CHECKOUT_PLACED,   /* order_id, number, order_token */
    CHECKOUT_REDIRECT, /* send the buyer (303) to `url` */
    CHECKOUT_FAILED    /* `code` and `message` say why; the cart is open */
} CheckoutState;
extern const char *const checkout_state_names[]; /* placed redirect failed */

typedef struct CheckoutResult {
    int    state;
    OptI64 order_id;
    Str    number;
    Str    order_token;
    OptI64 session_id;
    Str    url;
    Str    code, message;
    Money  total;
    Cart  *cart; /* with "order.cart_changed"; else NULL */
} CheckoutResult;
extern const Shape checkout_result_shape;

/* All three phases, as far as they go now. Outside any transaction. */
NODISCARD Status checkout_complete(Cx *cx, const CheckoutAsk *ask, CheckoutResult *ret);

/* The first one alone. Free orders are placed by it. ret->session_id is what
 * payment_start() takes. */
NODISCARD Status checkout_prepare(Cx *cx, const CheckoutAsk *ask, CheckoutResult *ret);
/* The second: asks the provider, and finalises when it settles. */
NODISCARD Status checkout_pay(Cx *cx, int64_t session_id, CheckoutResult *ret);
/* The third, in the caller's transaction or its own. Idempotent. */
NODISCARD Status checkout_finalize(Cx *cx, int64_t order_id, int64_t session_id);

/* The buyer came back from the provider: `token` of its session. */
NODISCARD Status checkout_return(Cx *cx, Str session_token, CheckoutResult *ret);

/* Give the payment up, open the cart again. ST_CONFLICT "payment.done": it was paid meanwhile,
 * and *ret is the completed cart; "payment.undecided": the provider has not decided, and cannot let
 * go of it. */
NODISCARD Status checkout_reopen(Cx *cx, Str token, Cart *ret);

/* An order without paying: by staff, from a cart of theirs (or any). `paid`: the money was
 * received; else it is due. Requirements but terms and payment hold. */
typedef struct CheckoutManual {
    int64_t cart_id;
    bool    paid;
    Str     provider; /* of what was received: "cash", …; "": manual */
    Str     note;
} CheckoutManual;
NODISCARD Status checkout_manual(Cx *cx, const CheckoutManual *ask, CheckoutResult *ret);

/* Every minute: locks that are too old, drafts that came to nothing, carts that have expired. */
NODISCARD Status checkout_sweep(Cx *cx);

/* What payment.h calls; plugged in by order_start(). */
NODISCARD Status checkout_on_payment(Cx *cx, const PaymentNews *news);
