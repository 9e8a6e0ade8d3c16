#include "http/http_csrf.h"

#include "http/http_form.h"
#include "http/http_int.h"

#include <sodium.h>
#include <string.h>

/* A token is 8 random bytes and a MAC over them and the session. */
enum { NONCE_BYTES = 8, TOKEN_BYTES = NONCE_BYTES + HTTP_MAC_BYTES };

static void sign(const unsigned char nonce[NONCE_BYTES], int64_t session,
                 unsigned char ret[HTTP_MAC_BYTES])
{
    unsigned char data[NONCE_BYTES + sizeof session];
    memcpy(data, nonce, NONCE_BYTES);
    memcpy(data + NONCE_BYTES, &session, sizeof session);
    http_mac("csrf", (Str){(const char *)data, sizeof data}, ret);
}

Str http_csrf_token(Cx *cx)
{
    unsigned char token[TOKEN_BYTES];
    ASSERT(cx->actor.session != 0);
    randombytes_buf(token, NONCE_BYTES);
    sign(token, cx->actor.session, token + NONCE_BYTES);
    return http_base64(cx->arena, token, sizeof token);
}

bool http_csrf_check(Str token, int64_t session)
{
    unsigned char bytes[TOKEN_BYTES], want[HTTP_MAC_BYTES];
    size_t        n;
    if (!http_unbase64(token, bytes, sizeof bytes, &n) || n != sizeof bytes)
        return false;
    sign(bytes, session, want);
    return sodium_memcmp(bytes + NONCE_BYTES, want, sizeof want) == 0;
}

static Status check_token(Cx *cx, const HttpReq *rq)
{
    Str token = http_header(rq, STR("X-CSRF-Token"));
    if (token.ptr == NULL && rq->route->body == HTTP_BODY_FORM && rq->body.len > 0) {
        HttpForm form;
        TRY(http_form_read(cx, rq, &form));
        token = http_form_text(&form, STR("csrf_token"));
    }
    if (!http_csrf_check(token, cx->actor.session))
        return cx_fail(cx, ST_DENIED, "http.csrf",
                       "a valid X-CSRF-Token of this session is missing");
    return ST_OK;
}

Status http_csrf_guard(Cx *cx, const HttpReq *rq)
{
    if (rq->method == HTTP_GET || rq->method == HTTP_OPTIONS ||
        (rq->route->flags & (HTTP_NO_CSRF | HTTP_NO_AUTH)) ||
        http_header(rq, STR("Authorization")).ptr != NULL)
        return ST_OK;
    if (!http_same_origin(rq))
        return cx_fail(cx, ST_DENIED, "http.cross_site", "sent by a page of another site");
    return cx->actor.session != 0 ? check_token(cx, rq) : ST_OK;
}
