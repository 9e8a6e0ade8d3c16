/* payment.h - collecting money: sessions, payments, refunds, and the providers behind them.
 *
 * A *session* is one attempt to collect an amount for a cart or an order, by one provider. It
 * asks the provider, sends the buyer where the provider wants them, and ends as authorised,
 * captured, failed or cancelled; deferred ways (bank transfer, cash on delivery, pay in shop)
 * and vouchers stay `pending` until the money comes. A *payment* is what came of a session:
 * how much was authorised, captured and refunded. A *transaction* is one movement of it.
 *
 *      1. PREPARE: inside the transaction that locks the cart
 *              TRY(payment_open(cx, &ask, &session));            // a row: "created"
 *      2. PAY: outside any transaction
 *              TRY(payment_start(cx, session.id, &next));        // calls the provider
 *         next.kind: DONE (settled), REDIRECT (send the buyer to next.url), FAILED (next.code)
 *      3. FINALISE: what was plugged in with payment_on_settled(), in the transaction that
 *         records the outcome - whoever learns of it first: step 2, the return of the buyer
 *         (payment_continue), the provider's webhook, or the sweeper.
 *
 * Invariants
 *   - A row tells of a call to a provider before the call is made, and another write tells what
 *     it answered: after a crash in between the sweeper asks the provider, by the same
 *     idempotency key. Every captured payment has its session; no call is made twice.
 *   - The truth is the provider's: a webhook is a hint to ask, a return URL is another.
 *   - refunded + refunds under way <= captured. Amounts are minor units of one currency.
 *   - An outcome and what the shop makes of it are one transaction. If the shop cannot take it,
 *     the outcome is kept alone and told again by the sweeper until it is taken.
 *   - The buyer's card never comes here: providers show their own pages.
 *
 * Errors: ST_CONFLICT "payment.done" (the session is over), ST_NOT_FOUND "payment.no_session",
 * "payment.no_payment", ST_INVALID "payment.no_provider", "payment.bad_input", "payment.amount",
 * ST_CONFLICT "payment.not_captured", "payment.too_much", "payment.cannot", ST_RATE
 * "payment.too_many_tries", ST_BUSY "payment.provider_busy", ST_IO "payment.provider_failed". */
#pragma once

#include "base/money.h"
#include "base/opt.h"
#include "base/shape.h"
#include "core/module.h"

enum {
    PAYMENT_URL_MAX = 2048,
    PAYMENT_INPUT_MAX = 2048,       /* bytes of JSON that a session keeps of the buyer's choices */
    PAYMENT_HOOK_MAX = 256 * 1024,  /* bytes of a webhook that are read */
    PAYMENT_EVENT_KEEP = 16 * 1024, /* bytes of it that are kept */
    PAYMENT_SESSIONS_MAX = 50       /* of one cart or order */
};

/* --- sessions -------------------------------------------------------------------------------- */

typedef enum PaymentFlow {
    PAYMENT_SYNC,     /* decided at once */
    PAYMENT_REDIRECT, /* the buyer goes to a page of the provider's and comes back */
    PAYMENT_PUSH,     /* the buyer confirms in an app or scans a code; we wait some minutes */
    PAYMENT_VOUCHER,  /* the buyer pays elsewhere within days */
    PAYMENT_DEFERRED  /* money comes later: bank transfer, on delivery, in the shop */
} PaymentFlow;

typedef enum PaymentStatus {
    PAYMENT_CREATED,    /* nobody has been asked yet, or the answer is not known */
    PAYMENT_ACTION,     /* the buyer has something to do now */
    PAYMENT_WAITING,    /* the buyer did; the provider has not decided */
    PAYMENT_PENDING,    /* voucher, deferred: the order can be placed, the money will come */
    PAYMENT_AUTHORIZED, /* the money is held for us */
    PAYMENT_CAPTURED,   /* it is ours */
    PAYMENT_FAILED,
    PAYMENT_CANCELLED /* by the buyer, by us, or its time ran out */
} PaymentStatus;

extern const char *const payment_flow_names[];   /* sync redirect push voucher deferred */
extern const char *const payment_status_names[]; /* created action waiting pending … */

/* Places the order: pending, authorised, captured. */
bool payment_places(int status);

/* Nothing more will come of it by itself. */
bool payment_is_over(int status);

typedef struct PaymentBuyer { /* for limits and for the provider's receipts; all may be empty */
    Str     address;          /* IP */
    Str     email;
    Str     country;    /* ISO 3166 */
    Str     locale;     /* BCP 47 */
    int64_t account_id; /* 0: guest */
} PaymentBuyer;

typedef struct PaymentAsk {
    int64_t      cart_id;  /* 0: none; … */
    int64_t      order_id; /* … one of them is needed; the draft order, where there is one */
    Str          number; /* how the shop calls the order, for statements and staff; may be empty */
    Money        amount; /* > 0 */
    Str          provider;  /* key: "stripe" */
    Str          input;     /* JSON object of texts: what the buyer chose, as the provider wants */
    int64_t      method_id; /* a saved method; 0: none */
    bool         save_method; /* keep the method for later (accounts only) */
    bool         later;       /* authorise only; captured when staff, or delivery, say so */
    Str          base_url;    /* "https://shop.example": where /pay/… is reached */
    Str          return_url;  /* where the buyer goes in the end: a path of ours, "/checkout/…" */
    Str          key; /* idempotency: the same again is the same session; empty: always new */
    PaymentBuyer buyer;
} PaymentAsk;

typedef struct PaymentSession {
    int64_t id; /* pse */
    int64_t cart_id, order_id;
    Str     provider;
    int     flow;
    int     status;
    bool    test; /* no real money */
    Money   amount;
    bool    later;
    Str     token;     /* unguessable: names it in /pay/… */
    Str     ref;       /* the provider's name for it; empty: none yet */
    Str     reference; /* what the buyer writes on a bank transfer; empty: none */
    Str     number;
    Str     input;
    Str     next; /* JSON: what the buyer is shown; empty: nothing */
    Str     return_url;
    Str     base_url;
    Str     email, country, locale, net;
    int64_t account_id;
    int64_t method_id;
    bool    save_method;
    Str     code;    /* why it failed: "card_declined", stable */
    Str     problem; /* the same for staff */
    int64_t tries;   /* calls to the provider */
    UnixMs  created_at, updated_at, expires_at;
} PaymentSession;

typedef enum PaymentNextKind {
    PAYMENT_NEXT_DONE,     /* settled: the order is placed */
    PAYMENT_NEXT_REDIRECT, /* send the buyer (303) to `url` */
    PAYMENT_NEXT_FAILED    /* `code` says why: "payment.declined.<code>" is a text for shoppers */
} PaymentNextKind;

typedef struct PaymentNext {
    int64_t session_id;
    int64_t order_id; /* of the session */
    int     kind;     /* PaymentNextKind */
    int     status;   /* PaymentStatus */
    Str     url;
    Str     code;
    Str     message; /* in cx->lang, for the buyer */
} PaymentNext;

/* Joins the caller's transaction, or makes its own. The same `key` again gives the session that
 * there is. ST_INVALID "payment.no_provider" (unknown, or not for this amount and country),
 * "payment.bad_input", "payment.amount"; ST_LIMIT "payment.too_many_sessions". */
NODISCARD Status payment_open(Cx *cx, const PaymentAsk *ask, PaymentSession *ret);

/* Outside any transaction: ask the provider. Also for a session that was begun: nothing is asked
 * twice, *ret is where it stands. ST_RATE "payment.too_many_tries" for an address, cart or card
 * with many failures; before that the buyer is sent to a page of ours that takes some seconds
 * (PAYMENT_NEXT_REDIRECT). A provider that cannot be reached is ST_BUSY or ST_IO; the session
 * stays and the sweeper finds out what became of it. */
NODISCARD Status payment_start(Cx *cx, int64_t session_id, PaymentNext *ret);
/* The same for what payment_open() has just made: it is not read again. */
NODISCARD Status payment_start_opened(Cx *cx, const PaymentSession *opened, PaymentNext *ret);

/* payment_open() and payment_start(). */
NODISCARD Status payment_begin(Cx *cx, const PaymentAsk *ask, PaymentNext *ret);

/* The buyer came back from the provider (or reloads): ask it. By token of the return URL. */
NODISCARD Status payment_continue(Cx *cx, Str token, PaymentNext *ret);

/* Give a session up that is not over, for another way to pay or an abandoned checkout: asks the
 * provider to cancel. ST_CONFLICT "payment.done" when it was paid meanwhile, "payment.undecided"
 * when the provider cannot let go of it: it may still be paid, so nobody may pay in another way. */
NODISCARD Status payment_give_up(Cx *cx, int64_t session_id);

/* Is it the same attempt: provider, saved method, and what the buyer entered (nothing: the same)?
 */
bool payment_same(Cx *cx, const PaymentSession *s, const PaymentAsk *ask);

NODISCARD Status payment_session_get(Cx *cx, int64_t id, PaymentSession *ret);
NODISCARD Status payment_session_by_token(Cx *cx, Str token, PaymentSession *ret);

/* The order's id, once there is one: joins the caller's transaction. */
NODISCARD Status payment_attach(Cx *cx, int64_t session_id, int64_t order_id);

/* --- payments -------------------------------------------------------------------------------- */

typedef struct Payment {
    int64_t id; /* pay */
    int64_t session_id;
    int64_t cart_id, order_id;
    Str     provider;
    bool    test;
    int     status; /* PaymentStatus, from PAYMENT_PENDING on */
    Str     ref;    /* the provider's name for it: "pi_…" */
    Str     currency;
    int64_t amount; /* asked for; this and what follows in minor units */
    int64_t authorized;
    int64_t captured; /* received, whatever was given back since */
    int64_t refunded;
    int64_t refunding; /* refunds that are under way */
    int64_t voided;    /* authorised and let go */
    int64_t disputed;  /* taken back by the buyer's bank, as long as it is */
    Str     method;    /* "card", "ideal", "bank_transfer", "cash" */
    Str     brand;     /* "visa" */
    Str     last4;
    Str     reference; /* of a bank transfer */
    int64_t rev;
    UnixMs  created_at, updated_at;
} Payment;

typedef struct PaymentList {
    Payment *items;
    size_t   n;
} PaymentList;

typedef enum PaymentKind {
    PAYMENT_TXN_AUTHORIZE,
    PAYMENT_TXN_CAPTURE, /* also: money received */
    PAYMENT_TXN_REFUND,
    PAYMENT_TXN_VOID,
    PAYMENT_TXN_DISPUTE,
    PAYMENT_TXN_DISPUTE_WON
} PaymentKind;

typedef enum PaymentTxnStatus {
    PAYMENT_TXN_PENDING,
    PAYMENT_TXN_DONE,
    PAYMENT_TXN_FAILED
} PaymentTxnStatus;

extern const char *const payment_kind_names[];
extern const char *const payment_txn_status_names[];

typedef struct PaymentTxn {
    int64_t id; /* ptx; of refunds: rfd */
    int64_t payment_id, order_id;
    int     kind, status;
    Money   amount; /* >= 0 */
    Str     provider;
    Str     ref;
    Str     reason; /* given by who asked for it, or by the provider */
    Str     problem;
    Str     actor;   /* who asked for it */
    int64_t granted; /* of a refund: what the buyer keeps with the goods, and never owes again */
    UnixMs  created_at, updated_at;
} PaymentTxn;

typedef struct PaymentTxnList {
    PaymentTxn *items;
    size_t      n;
} PaymentTxnList;

extern const Shape payment_shape, payment_txn_shape, payment_session_shape;

NODISCARD Status payment_get(Cx *cx, int64_t id, Payment *ret);
NODISCARD Status payment_of_order(Cx *cx, int64_t order_id, PaymentList *ret); /* oldest first */
NODISCARD Status payment_txns(Cx *cx, int64_t payment_id, PaymentTxnList *ret);

/* Newest first, from behind `from` (0: the newest); backwards: newer ones, nearest first. */
NODISCARD Status payment_list(Cx *cx, int64_t from, bool backwards, int64_t max, PaymentList *ret);

typedef struct PaymentSessionList {
    PaymentSession *items;
    size_t          n;
} PaymentSessionList;
NODISCARD Status payment_session_list(Cx *cx, int64_t from, bool backwards, int64_t max,
                                      PaymentSessionList *ret);
/* The last ones of an order (or of a cart), newest first. */
NODISCARD Status payment_sessions_of_order(Cx *cx, int64_t order_id, PaymentSessionList *ret);
NODISCARD Status payment_sessions_of_cart(Cx *cx, int64_t cart_id, PaymentSessionList *ret);

/* What all payments of an order come to: one statement. `waiting`: the sum of amounts of those
 * that are pending. For the order's payment status. */
typedef struct PaymentSums {
    int64_t n;
    int64_t waiting, authorized, captured, refunded, refunding, voided, disputed;
    int64_t granted, granting; /* of refunded and of refunding: what is not owed again */
} PaymentSums;
NODISCARD Status payment_sums(Cx *cx, int64_t order_id, PaymentSums *ret);

/* Capture what is authorised (all of it: 0). For cash, bank transfer and pay in shop: money was
 * received. Outside any transaction. */
NODISCARD Status payment_capture(Cx *cx, int64_t payment_id, int64_t amount, PaymentTxn *ret);

/* Let go of what is authorised and not captured, or of what was never received. */
NODISCARD Status payment_void(Cx *cx, int64_t payment_id, PaymentTxn *ret);

typedef struct PaymentRefundAsk {
    int64_t payment_id;
    int64_t amount; /* minor units, > 0 */
    Str     reason; /* for staff */
    Str     key;    /* idempotency; empty: always new */
    bool    owed;   /* the buyer pays it again, in another way; else it is theirs (below) */
} PaymentRefundAsk;

/* Of a refund, what was paid beyond the order's total is no more than given back. The rest was
 * paid for goods that the buyer keeps: it is granted, so that nobody asks for it again and the
 * order stays paid - unless `owed` says otherwise. */

/* Reserve a refund in the caller's transaction (so that cancelling lines and promising the money
 * are one), or in its own: a row "pending", which a job carries out at once, and until it is done.
 * ST_CONFLICT "payment.too_much". */
NODISCARD Status payment_refund_open(Cx *cx, const PaymentRefundAsk *ask, PaymentTxn *ret);

/* Outside any transaction: open it, carry it out now. *ret may still be pending. */
NODISCARD Status payment_refund(Cx *cx, const PaymentRefundAsk *ask, PaymentTxn *ret);

/* A pending refund of a payment by hand (cash, transfer) was paid out. ST_CONFLICT
 * "payment.cannot" for others. */
NODISCARD Status payment_refund_done(Cx *cx, int64_t txn_id, PaymentTxn *ret);

/* Share `amount` over the payments of an order, newest card payments first, and open the refunds.
 * ST_CONFLICT "payment.too_much". In the caller's transaction. */
NODISCARD Status payment_refund_order(Cx *cx, int64_t order_id, int64_t amount, Str reason, Str key,
                                      PaymentTxnList *ret);

/* --- what the shop makes of it --------------------------------------------------------------- */

typedef enum PaymentTold {
    PAYMENT_TOLD_SETTLED, /* the session places the order: `session->status` */
    PAYMENT_TOLD_FAILED,  /* failed or cancelled: the cart is free for another attempt */
    PAYMENT_TOLD_CHANGED  /* money moved on a payment that was told before: `txn` */
} PaymentTold;

typedef struct PaymentNews {
    PaymentTold           what;
    const PaymentSession *session;
    const Payment        *payment; /* NULL for PAYMENT_TOLD_FAILED before an order was placed */
    const PaymentTxn     *txn;     /* PAYMENT_TOLD_CHANGED */
} PaymentNews;

/* Runs inside the transaction that records the outcome, perhaps more than once for the same:
 * finalise the checkout, derive the order's payment status, write its timeline. If it fails, the
 * outcome is kept without it and told again later. At most one function; NULL: nobody cares. */
typedef Status PaymentSettledFn(Cx *cx, const PaymentNews *news);
void           payment_on_settled(PaymentSettledFn *fn);

/* --- ways to pay ----------------------------------------------------------------------------- */

typedef struct PaymentWay {
    Str   provider;
    Str   name; /* in cx->lang: "Card", "Cash on delivery" */
    Str   hint; /* a sentence below it; may be empty */
    int   flow;
    bool  test;
    bool  can_save;
    Money fee;    /* for this way: a fee row of the order; absent: none */
    Str   fields; /* JSON: what the buyer may be asked, [{name,label,placeholder,required}] */
} PaymentWay;

typedef struct PaymentWayList {
    PaymentWay *items;
    size_t      n;
} PaymentWayList;

extern const Shape payment_way_shape;

typedef struct PaymentWayAsk {
    Money amount;
    Str   country; /* of the delivery; empty: not known */
    bool  pickup;  /* the goods are fetched from a shop: pay there */
    bool  ships;   /* … or are brought: cash on delivery */
} PaymentWayAsk;

/* Those that are switched on and fit, in the order to show them. Settings are cached: no
 * statement. */
NODISCARD Status payment_ways(Cx *cx, const PaymentWayAsk *ask, PaymentWayList *ret);

/* The one with this key, if it fits: else ST_INVALID "payment.no_provider". */
NODISCARD Status payment_way(Cx *cx, const PaymentWayAsk *ask, Str provider, PaymentWay *ret);

/* `rapport serve --test-payments`: the test provider is on whatever the setting says. */
void payment_test_on(bool on);

/* The brand of a card as people know it: "visa" is "Visa". Static text, or `brand`. */
Str payment_brand(Str brand);

/* --- saved methods --------------------------------------------------------------------------- */

typedef struct PaymentMethod {
    int64_t id; /* pmt */
    int64_t account_id;
    Str     provider;
    Str     brand, last4;
    int64_t exp_month, exp_year;
    UnixMs  created_at;
} PaymentMethod;

typedef struct PaymentMethodList {
    PaymentMethod *items;
    size_t         n;
} PaymentMethodList;

extern const Shape payment_method_shape;

NODISCARD Status payment_methods(Cx *cx, int64_t account_id, PaymentMethodList *ret);
NODISCARD Status payment_method_remove(Cx *cx, int64_t account_id, int64_t id);

/* Keep a card without paying: send the customer to *ret_url. The provider puts its name of the
 * session in place of "{CHECKOUT_SESSION_ID}" in success_url; payment_method_finish() takes it. */
NODISCARD Status payment_method_begin(Cx *cx, int64_t account_id, Str email, Str provider,
                                      Str success_url, Str cancel_url, Str *ret_url);
NODISCARD Status payment_method_finish(Cx *cx, int64_t account_id, Str provider, Str ref);

/* --- bank transfers -------------------------------------------------------------------------- */

typedef struct BankReceipt { /* money on the shop's account */
    int64_t id;              /* brc */
    Str     bank_ref;        /* the bank's own, unique */
    Money   amount;
    Str     text; /* what the payer wrote */
    Str     payer;
    UnixMs  received_at;
    OptI64  payment_id; /* matched */
    OptI64  order_id;
    UnixMs  created_at;
} BankReceipt;

typedef struct BankReceiptList {
    BankReceipt *items;
    size_t       n;
} BankReceiptList;

extern const Shape bank_receipt_shape;

typedef struct BankReceiptIn {
    Str    bank_ref;
    Money  amount;
    Str    text;
    Str    payer;
    UnixMs received_at;
    OptI64 payment_id; /* staff say which */
} BankReceiptIn;

/* Note money received and match it by its reference (or payment_id): less than the amount leaves
 * the payment pending, more is kept as overpaid. The same bank_ref again gives the receipt there
 * is. ST_CONFLICT "payment.other_currency". */
NODISCARD Status bank_receive(Cx *cx, const BankReceiptIn *in, BankReceipt *ret);

/* A receipt that found no payment. ST_CONFLICT "payment.receipt_matched". */
NODISCARD Status bank_match(Cx *cx, int64_t receipt_id, int64_t payment_id, BankReceipt *ret);

/* Newest first, from behind `from` (0: the newest); `open`: those without a payment. */
NODISCARD Status bank_receipt_list(Cx *cx, bool open, int64_t from, bool backwards, int64_t max,
                                   BankReceiptList *ret);

/* --- webhooks in ----------------------------------------------------------------------------- */

typedef struct PaymentHook {
    Str body;
    Str signature; /* the provider's header */
} PaymentHook;

/* The name of the header that carries this provider's signature; NULL: it has no webhooks. */
const char *payment_hook_header(Str provider);

/* Check, keep, act. ST_INVALID "payment.bad_signature" or "payment.bad_event"; an event that
 * came before is ST_OK and does nothing. One that is right but cannot be acted on now is kept
 * and tried again by the sweeper: ST_OK as well. */
NODISCARD Status payment_webhook(Cx *cx, Str provider, const PaymentHook *hook);

/* --- repair ---------------------------------------------------------------------------------- */

/* Ask providers what became of sessions, refunds and events that are due; tell the shop what it
 * has not taken. A schedule does it each minute. */
NODISCARD Status payment_sweep(Cx *cx);
