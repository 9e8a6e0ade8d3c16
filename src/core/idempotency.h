/* idempotency.h - replies kept so that a request sent twice acts once: the store behind
 * http/http_idempotency.h.
 *
 * Who claims a key runs the request and then keeps its reply or drops the claim. A claim
 * whose process has gone, or that is older than two minutes, lapses: the next one gets it.
 * Replies are kept for a day. */
#pragma once

#include "core/cx.h"

typedef enum IdempotencyClaim {
    IDEMPOTENCY_NEW,     /* ours: run it, then keep or drop */
    IDEMPOTENCY_RUNNING, /* somebody runs it right now */
    IDEMPOTENCY_OTHER,   /* the key was used with another body */
    IDEMPOTENCY_REPLY    /* done before: *ret_reply */
} IdempotencyClaim;

typedef struct IdempotencyReply {
    int status;
    Str type;
    Str location;
    Str etag;
    Str body; /* text */
} IdempotencyReply;

/* `scope` names caller, method and path; `print` is a hash of the body. Texts in *ret_reply
 * live in cx->arena. */
NODISCARD Status idempotency_claim(Cx *cx, Str scope, Str key, Str print, IdempotencyClaim *ret,
                                   IdempotencyReply *ret_reply);
NODISCARD Status idempotency_keep(Cx *cx, Str scope, Str key, const IdempotencyReply *reply);
NODISCARD Status idempotency_drop(Cx *cx, Str scope, Str key);
