/* stripe.h - the client of Stripe's API, pinned to STRIPE_VERSION. Its webhooks: stripe_webhook.h.
 *
 * Cards are entered on Stripe's own page (a Checkout Session): that works without JavaScript, needs
 * nothing of js.stripe.com in our pages - so the Content-Security-Policy stays strict - and keeps
 * the shop in the lightest class of PCI DSS. A Payment Intent stands behind it; a saved card is
 * charged by a Payment Intent of its own, which may send the buyer to their bank (next_action). See
 * docs/payments.md. */
#pragma once

#include "order/payment_int.h"

#define STRIPE_VERSION "2026-10-28.endive"

/* --- calls ----------------------------------------------------------------------------------- */

typedef struct StripeCall {
    Buf  form;
    Buf  path;
    bool post;
    Str  key; /* Idempotency-Key; empty: none */
} StripeCall;

typedef struct StripeAnswer {
    int              status; /* HTTP */
    const JsonValue *body;   /* of 2xx: the object; else its "error" */
} StripeAnswer;

/* A new call; free with stripe_call_done(). `path` is "/v1/refunds" or a printf format of it. */
void stripe_call_init(StripeCall *c, bool post, const char *path, ...) PRINTF_LIKE(3, 4);
void stripe_call_done(StripeCall *c);

/* Add a parameter, encoded. Empty values are left out. */
void stripe_add(StripeCall *c, const char *name, Str value);
void stripe_add_i64(StripeCall *c, const char *name, int64_t value);

/* ST_OK for 2xx, and for errors that are final (4xx but 401, 403, 409, 429): see ret->status.
 * ST_BUSY "payment.provider_busy" for what may go better later, ST_IO "payment.provider_failed"
 * where the settings are wrong. */
NODISCARD Status stripe_call(Cx *cx, StripeCall *c, StripeAnswer *ret);

/* Members of what came back; absent or 0 when they are not there. An object in place of an id
 * (expanded) gives its id. */
Str              stripe_text(const JsonValue *v, const char *name);
int64_t          stripe_i64(const JsonValue *v, const char *name);
const JsonValue *stripe_get(const JsonValue *v, const char *name);
Str              stripe_id(const JsonValue *v, const char *name);

/* Stripe's smallest unit of a few currencies is not ISO 4217's. False: it does not fit. */
NODISCARD bool stripe_amount(Money m, int64_t *ret);
int64_t        stripe_amount_back(int64_t amount, Str currency);

/* Is the base address one that may have the key: https, or this machine (for tests)? */
bool stripe_base_ok(Str base);
