/* idempotency.h - replies kept so that a request sent twice acts once: the store behind
 * http/http_idempotency.h.
 *
 * Who claims a key runs the request and then keeps its reply or drops the claim. Whatever the
 * request changes is committed together with idempotency_act(), or with the reply itself. So
 * when its process dies it is known whether it had changed anything: if not, the next one gets
 * the claim as soon as the process has gone, or after two minutes; if so, the next one learns
 * that the reply is lost. Replies are kept for a day.
 *
 * A claim belongs to a Cx: its process, and its time. Who lost it to another can change
 * nothing any more under it. */
#pragma once

#include "core/cx.h"

typedef enum IdempotencyClaim {
    IDEMPOTENCY_NEW,     /* ours: run it, then keep or drop */
    IDEMPOTENCY_RUNNING, /* somebody runs it right now */
    IDEMPOTENCY_OTHER,   /* the key was used with another body */
    IDEMPOTENCY_LOST,    /* it changed something and died before its reply was kept */
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

/* In the transaction that changes something: the claim has acted. ST_CONFLICT
 * "core.claim_lost" when it is no longer ours. */
NODISCARD Status idempotency_act(Cx *cx, Str scope, Str key);

NODISCARD Status idempotency_keep(Cx *cx, Str scope, Str key, const IdempotencyReply *reply);
NODISCARD Status idempotency_drop(Cx *cx, Str scope, Str key); /* unless it has acted */
