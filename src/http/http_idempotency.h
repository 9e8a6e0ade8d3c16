/* http_idempotency.h - the same request sent twice acts once.
 *
 * A client that sends `Idempotency-Key: KEY` with a POST whose route has HTTP_IDEMPOTENT
 * may repeat it without fear:
 *  - same key, same body: the stored reply again, with `Idempotent-Replayed: true`;
 *  - same key, other body: 422 "http.idempotency_conflict";
 *  - still running: 409 "http.idempotency_running" with Retry-After;
 *  - failed with 5xx (or 429) and changed nothing: nothing is stored, the repetition runs;
 *  - changed something, but its reply was lost (the process died, a later step failed, the
 *    reply was too long): 409 "http.idempotency_unknown". With HTTP_ONE_TX that happens to
 *    too long replies only: handler, claim and reply are one transaction.
 * Keys belong to one caller, method and path, and are kept at least 24 hours. Bodies are
 * compared as JSON values: white space and the order of members do not matter.
 *
 * The store is plugged in (HttpHooks.idempotency): tests have one of their own. */
#pragma once

#include "core/idempotency.h"
#include "http/http.h"

enum {
    HTTP_IDEMPOTENCY_KEY = 255,         /* longest key */
    HTTP_IDEMPOTENCY_REPLY = 256 * 1024 /* longest reply that is stored */
};

typedef struct HttpIdempotencyStore {
    /* `scope` names caller, method and path; `print` is a hash of the body. Both are short
     * texts. Texts in *ret_reply live in cx->arena. */
    Status (*claim)(Cx *cx, Str scope, Str key, Str print, IdempotencyClaim *ret,
                    IdempotencyReply *ret_reply);
    Status (*act)(Cx *cx, Str scope, Str key); /* in a transaction that changes something */
    Status (*keep)(Cx *cx, Str scope, Str key, const IdempotencyReply *reply);
    Status (*drop)(Cx *cx, Str scope, Str key); /* as if never claimed, unless it acted */
} HttpIdempotencyStore;

/* The store in the database: core/idempotency.h. */
extern const HttpIdempotencyStore http_idempotency_core;

/* Hash of a body: of the JSON value where it is JSON, else of its bytes. 43 characters. */
Str http_body_print(Arena *a, Str body);
