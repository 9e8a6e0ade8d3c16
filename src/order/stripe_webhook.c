/* Stripe's webhooks: signature and content. */
#include "order/stripe_webhook.h"

#include "base/json_read.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { SIGNATURES_MAX = 16, HEADER_MAX = 4096, HEX = 2 * crypto_auth_hmacsha256_BYTES };

static Status bad(Cx *cx, const char *why)
{
    return cx_fail(cx, ST_INVALID, "payment.bad_signature", "%s", why);
}

static void expected(Str stamp, Str body, Str secret, char ret[HEX + 1])
{
    crypto_auth_hmacsha256_state state;
    unsigned char                mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.ptr, secret.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)stamp.ptr, stamp.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.ptr, body.len);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2hex(ret, HEX + 1, mac, sizeof mac);
}

/* "t=1700000000,v1=HEX,v1=HEX,v0=…" */
static size_t read_header(Str header, Str *ret_stamp, Str ret[SIGNATURES_MAX])
{
    size_t n = 0;
    *ret_stamp = (Str){0};
    for (Str rest = header, item, name, value; rest.len > 0;) {
        str_cut(rest, ',', &item, &rest);
        str_cut(str_trim(item), '=', &name, &value);
        if (str_eq(name, STR("t")) && ret_stamp->len == 0)
            *ret_stamp = value;
        else if (str_eq(name, STR("v1")) && value.len == HEX && n < SIGNATURES_MAX)
            ret[n++] = value;
    }
    return n;
}

Status stripe_signature_check(Cx *cx, Str header, Str body, const Str *secrets, size_t nsecrets)
{
    Str     stamp, signatures[SIGNATURES_MAX];
    int64_t at;
    size_t  n = header.len <= HEADER_MAX ? read_header(header, &stamp, signatures) : 0;
    if (n == 0 || !str_parse_i64(stamp, &at))
        return bad(cx, "the signature header cannot be read");
    bool right = false;
    for (size_t k = 0; k < nsecrets; k++) {
        char hex[HEX + 1];
        if (secrets[k].len == 0)
            continue;
        expected(stamp, body, secrets[k], hex);
        for (size_t i = 0; i < n; i++)
            right = sodium_memcmp(hex, signatures[i].ptr, HEX) == 0 || right;
    }
    if (!right)
        return bad(cx, "the signature is wrong");
    if (cx->now.v / 1000 - at > STRIPE_TOLERANCE_S)
        return bad(cx, "the signature is too old");
    return ST_OK;
}

/* The events that we act on. */
static bool wanted(Str type)
{
    static const char *const TYPES[] = {"checkout.session.completed",
                                        "checkout.session.expired",
                                        "checkout.session.async_payment_succeeded",
                                        "checkout.session.async_payment_failed",
                                        "payment_intent.succeeded",
                                        "payment_intent.amount_capturable_updated",
                                        "payment_intent.payment_failed",
                                        "payment_intent.canceled",
                                        "payment_intent.processing",
                                        "payment_intent.requires_action",
                                        "refund.created",
                                        "refund.updated",
                                        "refund.failed",
                                        "charge.dispute.created",
                                        "charge.dispute.funds_withdrawn",
                                        "charge.dispute.funds_reinstated",
                                        "charge.dispute.closed"};
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (str_eq(type, str_from_cstr(TYPES[i])))
            return true;
    return false;
}

static const JsonValue *get(const JsonValue *v, const char *name)
{
    return json_get(v, str_from_cstr(name));
}

static Str text_of(const JsonValue *v, const char *name)
{
    const JsonValue *m = get(v, name);
    return m != NULL && m->type == JSON_STRING ? m->text : STR("");
}

/* Names of Stripe's: they become part of a path. */
static bool plain(Str id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_'))
            return false;
    }
    return id.len > 3 && id.len <= 255;
}

Status stripe_event_read(Cx *cx, Str body, PaymentHookRead *ret)
{
    const JsonValue *v;
    TRY(json_parse(cx->arena, body, &v, &cx->err));
    const JsonValue *object = get(get(v, "data"), "object");
    *ret = (PaymentHookRead){
        .event_id = text_of(v, "id"), .type = text_of(v, "type"), .ref = text_of(object, "id")};
    ret->ignore = ret->type.len > 0 && !wanted(ret->type);
    if (!plain(ret->event_id) || ret->type.len == 0 || (!ret->ignore && !plain(ret->ref)))
        return cx_fail(cx, ST_INVALID, "payment.bad_event", "this is no event of Stripe's");
    return ST_OK;
}
