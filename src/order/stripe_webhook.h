/* stripe_webhook.h - what Stripe sends us: the signature, and what an event is about. */
#pragma once

#include "core/cx.h"

enum { STRIPE_TOLERANCE_S = 300 }; /* how old a signature may be */

typedef struct PaymentHookRead { /* what a webhook is about */
    Str  event_id;
    Str  type;
    Str  ref;    /* of the object to ask about */
    bool ignore; /* nothing that we act on */
} PaymentHookRead;

/* Does the header sign `body` with one of the secrets, not longer ago than STRIPE_TOLERANCE_S?
 * ST_INVALID "payment.bad_signature". */
NODISCARD Status stripe_signature_check(Cx *cx, Str header, Str body, const Str *secrets,
                                        size_t nsecrets);

/* What an event is about. ST_INVALID "payment.bad_event". */
NODISCARD Status stripe_event_read(Cx *cx, Str body, PaymentHookRead *ret);
