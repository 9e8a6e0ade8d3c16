/* http_idempotency.h - the same request sent twice acts once.
 *
 * A client that sends `Idempotency-Key: KEY` with a POST whose route has HTTP_IDEMPOTENT
 * may repeat it without fear:
 *  - same key, same body: the stored reply again, with `Idempotent-Replayed: true`;
 *  - same key, other body: 422 "http.idempotency_conflict";
 *  - still running: 409 "http.idempotency_running" with Retry-After;
 *  - failed with 5xx (or 429): nothing is stored, the repetition runs.
 * Keys belong to one caller, method and path, and are kept at least 24 hours. Bodies are
 * compared as JSON values: white space and the order of members do not matter.
 *
 * The store is the program's (src/core/idempotency.h keeps them in a table). */
#pragma once

#include "http/http.h"

enum {
    HTTP_IDEMPOTENCY_KEY = 255,         /* longest key */
    HTTP_IDEMPOTENCY_REPLY = 256 * 1024 /* longest reply that is stored */
};

typedef enum HttpClaim {
    HTTP_CLAIM_NEW,     /* ours: run the handler, then keep() or drop() */
    HTTP_CLAIM_RUNNING, /* somebody runs it right now */
    HTTP_CLAIM_OTHER,   /* the key was used with another body */
    HTTP_CLAIM_REPLY    /* done before: *ret_reply */
} HttpClaim;

typedef struct HttpKept { /* what is stored of a reply */
    int status;
    Str type;
    Str location; /* header Location; empty: none */
    Str etag;
    Str body;
} HttpKept;

typedef struct HttpIdempotencyStore {
    /* `scope` names caller, method and path; `print` is a hash of the body. Both are short
     * texts. Texts in *ret_reply live in cx->arena. */
    Status (*claim)(Cx *cx, Str scope, Str key, Str print, HttpClaim *ret, HttpKept *ret_reply);
    Status (*keep)(Cx *cx, Str scope, Str key, const HttpKept *reply);
    Status (*drop)(Cx *cx, Str scope, Str key); /* as if it had never been claimed */
} HttpIdempotencyStore;

/* Hash of a body: of the JSON value where it is JSON, else of its bytes. 43 characters. */
Str http_body_print(Arena *a, Str body);
