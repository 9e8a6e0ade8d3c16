/* payment_int.h - what the files about money share: providers, their settings, and how an answer
 * of theirs becomes rows. Not for others. */
#pragma once

#include "core/setting.h"
#include "order/order_sql.h"
#include "order/payment.h"
#include "order/stripe_webhook.h"

/* --- providers ------------------------------------------------------------------------------- */

/* What a provider says of a session or of one movement. Members that are zero or absent say
 * nothing. Amounts are what its object adds up to since its beginning. */
typedef struct PaymentReply {
    int     status;     /* PaymentStatus */
    int     txn_status; /* PaymentTxnStatus, of a movement */
    Str     ref;        /* its name of the session, or of the movement */
    Str     charge;     /* its name of the payment, where it differs */
    Str     reference;  /* for the buyer to write on a transfer */
    Str     next;       /* JSON object: {"url":…} to send the buyer there, else what is shown */
    Str     code;       /* why it failed: a word of ours */
    Str     problem;    /* in its words, for staff */
    int64_t authorized, captured;
    Str     method, brand, last4, fingerprint;
    Str     saved_ref; /* a method that was kept */
    int64_t saved_month, saved_year;
    UnixMs  expires;
} PaymentReply;

enum {                         /* PaymentProvider.can */
       PAYMENT_CAN_LATER = 1,  /* authorise now, capture later */
       PAYMENT_CAN_REFUND = 2, /* give money back */
       PAYMENT_CAN_SAVE = 4,   /* keep a method for later */
       PAYMENT_BY_HAND = 8     /* staff say that money was received or paid back */
};

typedef struct PaymentProvider {
    const char *key;
    const char *name_key; /* texts for shoppers */
    const char *hint_key; /* NULL: none */
    int         flow;
    unsigned    can;
    const char *hook_header;
    /* Is it on, and does it fit? May set fee, fields and test of *ret. */
    Status (*offer)(Cx *cx, const PaymentWayAsk *ask, bool *ret_on, PaymentWay *ret);
    /* Check what the buyer chose; *ret_input is kept. NULL: nothing is taken. */
    Status (*check)(Cx *cx, const PaymentAsk *ask, Str *ret_input);
    /* Begin, or begin again by the same idempotency key ("pse_…"). ST_OK with status FAILED when
     * it says no; another status when it is not known what it says. */
    Status (*initiate)(Cx *cx, const PaymentSession *s, PaymentReply *ret);
    Status (*status)(Cx *cx, const PaymentSession *s, PaymentReply *ret); /* it has a ref */
    Status (*give_up)(Cx *cx, const PaymentSession *s, PaymentReply *ret);
    /* Capture, void or refund, by the idempotency key of the movement; also to learn what became
     * of it. NULL: by hand. */
    Status (*move)(Cx *cx, const PaymentSession *s, const Payment *p, const PaymentTxn *t,
                   PaymentReply *ret);
    Status (*hook_read)(Cx *cx, const PaymentHook *hook, PaymentHookRead *ret);
    Status (*hook_act)(Cx *cx, Str type, Str ref);
    Status (*method_remove)(Cx *cx, Str ref);
    /* Keep a card without paying: the address of its page; what came of it. */
    Status (*method_begin)(Cx *cx, int64_t account_id, Str email, Str success_url, Str cancel_url,
                           Str *ret_url);
    Status (*method_finish)(Cx *cx, int64_t account_id, Str ref, PaymentReply *ret);
    Str (*fingerprint)(const PaymentSession *s); /* of the card, where it is known before */
} PaymentProvider;

extern const PaymentProvider payment_stripe, payment_test, payment_bank, payment_cash, payment_shop;

const PaymentProvider *payment_provider(Str key); /* NULL: there is none */

/* --- settings (payment_config.c) ------------------------------------------------------------- */

typedef struct PaymentRule { /* for whom a way is */
    bool    on;
    Str     countries;              /* "NL BE"; empty: all */
    Str     currencies;             /* "EUR"; empty: all */
    int64_t min_amount, max_amount; /* minor units; 0: no limit */
} PaymentRule;

typedef struct PaymentStripeConfig {
    bool    on;
    Str     countries, currencies;
    int64_t min_amount, max_amount;
    bool    later;
    Str     secret_key;         /* sk_test_… or sk_live_… */
    Str     webhook_secret;     /* whsec_… */
    Str     webhook_secret_old; /* while it is being changed */
    Str     api_base;
    Str     descriptor; /* on statements, behind the shop's name */
} PaymentStripeConfig;

typedef struct PaymentBankConfig {
    bool    on;
    Str     countries, currencies;
    int64_t min_amount, max_amount;
    Str     holder, iban, bic, bank;
    int64_t days;
} PaymentBankConfig;

typedef struct PaymentCashConfig {
    bool    on;
    Str     countries, currencies;
    int64_t min_amount, max_amount;
    int64_t fee; /* minor units, in the cart's currency when currencies has one, else none */
} PaymentCashConfig;

typedef struct PaymentShopConfig {
    bool    on;
    Str     countries, currencies;
    int64_t min_amount, max_amount;
} PaymentShopConfig;

typedef struct PaymentTestConfig {
    bool    on;
    Str     countries, currencies;
    int64_t min_amount, max_amount;
} PaymentTestConfig;

typedef struct PaymentGuardConfig {
    bool    on;
    int64_t challenge_after; /* failures of an address or cart in an hour */
    int64_t refuse_after;
    int64_t card_refuse_after; /* failures of a card in a day */
} PaymentGuardConfig;

typedef struct PaymentConfig {
    PaymentStripeConfig stripe;
    PaymentBankConfig   bank;
    PaymentCashConfig   cash;
    PaymentShopConfig   shop;
    PaymentTestConfig   test;
    PaymentGuardConfig  guard;
} PaymentConfig;

/* All of them; from memory where a Core runs, which renews them by event. */
NODISCARD Status payment_config(Cx *cx, const PaymentConfig **ret);

/* Does it fit a rule? */
bool payment_rule_fits(const PaymentRule *rule, const PaymentWayAsk *ask);

/* --- sessions -------------------------------------------------------------------------------- */

PaymentSession payment_session_of(const OrderPaymentSession *row);
Payment        payment_of(const OrderPayment *row);
PaymentTxn     payment_txn_of(const OrderPaymentTxn *row);

/* The idempotency key of a session's or movement's call: "pse_…", "ptx_…". */
Str payment_call_key(Arena *a, const char *prefix, int64_t id);

/* "https://shop.example/pay/return/TOKEN" */
Str payment_url(Cx *cx, const PaymentSession *s, const char *path);

/* Record what the provider says of a session and tell the shop; *ret (may be NULL) is the
 * session as it is then. Idempotent: what is known already changes nothing. */
NODISCARD Status payment_settle(Cx *cx, int64_t session_id, const PaymentReply *reply,
                                PaymentSession *ret);

/* Ask the provider of a session what became of it, and settle. */
NODISCARD Status payment_ask(Cx *cx, const PaymentSession *s, PaymentSession *ret);

/* Could the provider have taken money for a session whose row says "created"? */
bool payment_may_be_charged(const PaymentSession *s);

/* Where the buyer goes now. */
PaymentNext payment_next_of(Cx *cx, const PaymentSession *s);

/* --- movements (payment_move.c) -------------------------------------------------------------- */

/* A movement that the provider tells of: a refund or a dispute that did not begin here, or the
 * end of one that did. Found by `ref`; amounts only grow. */
typedef struct PaymentReport {
    int     kind;   /* PaymentKind */
    int     status; /* PaymentTxnStatus */
    Str     ref;
    int64_t amount;
    Str     reason, problem;
    int64_t txn_id; /* ours, when it is known; 0 */
} PaymentReport;
NODISCARD Status payment_report(Cx *cx, int64_t session_id, const PaymentReport *report);

/* Carry out a pending movement. */
NODISCARD Status payment_carry_out(Cx *cx, int64_t txn_id, PaymentTxn *ret);

/* In a transaction: change a payment's row and tell the shop of `txn`. */
NODISCARD Status payment_store(Cx *cx, const OrderPayment *row);
NODISCARD Status payment_tell(Cx *cx, const PaymentNews *news);

/* Money received on a payment that waits for it, in a transaction. `key` makes it one. */
NODISCARD Status payment_received_tx(Cx *cx, int64_t payment_id, int64_t amount, Str key, Str ref,
                                     Str reason, PaymentTxn *ret);

/* As bank_receive(); *ret_known: it was there. */
NODISCARD Status bank_receive_row(Cx *cx, const BankReceiptIn *in, bool *ret_known,
                                  BankReceipt *ret);

/* --- limits (payment_guard.c) ---------------------------------------------------------------- */

/* ST_RATE "payment.too_many_tries"; *ret_challenge: a page of ours first. */
NODISCARD Status payment_guard(Cx *cx, const PaymentSession *s, Str fingerprint, bool passed,
                               bool *ret_challenge);

/* One failure more, in the running transaction. */
NODISCARD Status payment_guard_failed(Cx *cx, const PaymentSession *s, Str fingerprint);

typedef struct PaymentPuzzle {
    Str     token; /* goes back with the answer */
    int64_t bits;  /* SHA-256 of "TOKEN.ANSWER" begins with so many zero bits … */
    SpanMs  wait;  /* … or so much time has passed */
} PaymentPuzzle;
NODISCARD Status payment_puzzle_new(Cx *cx, const PaymentSession *s, PaymentPuzzle *ret);

/* ST_DENIED "payment.puzzle" when it is wrong, too early without an answer, or was used. */
NODISCARD Status payment_puzzle_check(Cx *cx, const PaymentSession *s, Str token, Str answer);

/* --- background ------------------------------------------------------------------------------ */

NODISCARD Status payment_events_due(Cx *cx); /* act on webhooks that could not be acted on */
