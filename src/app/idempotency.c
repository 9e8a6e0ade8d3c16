#include "app/idempotency.h"

#include "core/idempotency.h"

static const HttpClaim CLAIMS[] = {
    [IDEMPOTENCY_NEW] = HTTP_CLAIM_NEW,
    [IDEMPOTENCY_RUNNING] = HTTP_CLAIM_RUNNING,
    [IDEMPOTENCY_OTHER] = HTTP_CLAIM_OTHER,
    [IDEMPOTENCY_REPLY] = HTTP_CLAIM_REPLY,
};

static Status claim(Cx *cx, Str scope, Str key, Str print, HttpClaim *ret, HttpKept *ret_reply)
{
    IdempotencyClaim claimed;
    IdempotencyReply reply = {0};
    TRY(idempotency_claim(cx, scope, key, print, &claimed, &reply));
    *ret = CLAIMS[claimed];
    *ret_reply = (HttpKept){.status = reply.status,
                            .type = reply.type,
                            .location = reply.location,
                            .etag = reply.etag,
                            .body = reply.body};
    return ST_OK;
}

static Status keep(Cx *cx, Str scope, Str key, const HttpKept *kept)
{
    IdempotencyReply reply = {.status = kept->status,
                              .type = kept->type,
                              .location = kept->location,
                              .etag = kept->etag,
                              .body = kept->body};
    return idempotency_keep(cx, scope, key, &reply);
}

const HttpIdempotencyStore app_idempotency = {
    .claim = claim, .keep = keep, .drop = idempotency_drop};
