#include "order/stripe.h"

#include "wire/http_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FORM_MAX = 64 * 1024, PATH_MAX_ = 2048 };

void stripe_call_init(StripeCall *c, bool post, const char *path, ...)
{
    char    text[1024];
    va_list args;
    *c = (StripeCall){.post = post};
    buf_init(&c->form, FORM_MAX);
    buf_init(&c->path, PATH_MAX_);
    va_start(args, path);
    int n = vsnprintf(text, sizeof text, path, args);
    va_end(args);
    ASSERT(n > 0 && (size_t)n < sizeof text);
    buf_add(&c->path, (Str){text, (size_t)n});
}

void stripe_call_done(StripeCall *c)
{
    buf_done(&c->form);
    buf_done(&c->path);
}

static void add_encoded(Buf *b, Str s)
{
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c != 0 && strchr(PLAIN, c) != NULL)
            buf_addc(b, (char)c);
        else
            buf_addf(b, "%%%02X", c);
    }
}

void stripe_add(StripeCall *c, const char *name, Str value)
{
    if (value.len == 0)
        return;
    if (c->form.len > 0)
        buf_addc(&c->form, '&');
    add_encoded(&c->form, str_from_cstr(name));
    buf_addc(&c->form, '=');
    add_encoded(&c->form, value);
}

void stripe_add_i64(StripeCall *c, const char *name, int64_t value)
{
    char text[32];
    int  n = snprintf(text, sizeof text, "%lld", (long long)value);
    stripe_add(c, name, (Str){text, (size_t)n});
}

/* --- the call -------------------------------------------------------------------------------- */

static bool loopback(Str base)
{
    static const char *const OURS[] = {"http://127.0.0.1:", "http://[::1]:", "http://localhost:"};
    for (size_t i = 0; i < COUNT_OF(OURS); i++)
        if (str_starts(base, str_from_cstr(OURS[i])))
            return true;
    return false;
}

bool stripe_base_ok(Str base)
{
    return str_starts(base, STR("https://")) || loopback(base);
}

static Str joined(Cx *cx, const char *before, Str x, Str y)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, FORM_MAX + 4096);
    buf_addf(&b, "%s" STR_FMT STR_FMT, before, STR_ARG(x), STR_ARG(y));
    return str_dup(cx->arena, buf_str(&b));
}

static Status busy(Cx *cx, int status, Str what)
{
    return cx_fail(cx, ST_BUSY, "payment.provider_busy", "Stripe answers %d: %.100s", status,
                   str_cstr(cx->arena, what));
}

/* What the reply means to us: final, later, or wrong settings. */
static Status judge(Cx *cx, const StripeAnswer *a)
{
    Str what = stripe_text(a->body, "message");
    if (a->status == 409 || a->status == 429 || a->status >= 500)
        return busy(cx, a->status, what);
    if (a->status == 401 || a->status == 403)
        return cx_fail(cx, ST_IO, "payment.provider_failed", "Stripe refuses our key: %.100s",
                       str_cstr(cx->arena, what));
    return ST_OK;
}

static Status answer_of(Cx *cx, const HttpClientReply *reply, StripeAnswer *ret)
{
    const JsonValue *v = NULL;
    Err              err;
    *ret = (StripeAnswer){.status = reply->status};
    if (json_parse(cx->arena, reply->body, &v, &err) != ST_OK || v->type != JSON_OBJECT) {
        if (reply->status >= 200 && reply->status < 300)
            return busy(cx, reply->status, STR("not JSON"));
        v = NULL;
    }
    ret->body = reply->status >= 200 && reply->status < 300 ? v : stripe_get(v, "error");
    return judge(cx, ret);
}

Status stripe_call(Cx *cx, StripeCall *c, StripeAnswer *ret)
{
    const PaymentConfig *config;
    TRY(payment_config(cx, &config));
    const PaymentStripeConfig *s = &config->stripe;
    if (!stripe_base_ok(s->api_base) || s->secret_key.len == 0)
        return cx_fail(cx, ST_IO, "payment.provider_failed", "Stripe is not set up");
    if (buf_overflowed(&c->form) || buf_overflowed(&c->path))
        return cx_fail(cx, ST_LIMIT, "payment.provider_failed", "the request is too long");
    if (!c->post && c->form.len > 0) {
        buf_addc(&c->path, '?');
        buf_add(&c->path, buf_str(&c->form));
    }
    HttpClientHeader headers[] = {
        {STR("Authorization"), joined(cx, "Bearer ", s->secret_key, STR(""))},
        {STR("Stripe-Version"), STR(STRIPE_VERSION)},
        {STR("Content-Type"), STR("application/x-www-form-urlencoded")},
        {STR("Idempotency-Key"), c->key},
    };
    HttpClientRequest rq = {.method = c->post ? "POST" : "GET",
                            .url = joined(cx, "", s->api_base, buf_str(&c->path)),
                            .headers = headers,
                            .nheaders = c->key.len > 0 ? 4 : 3,
                            .body = c->post ? buf_str(&c->form) : (Str){0},
                            .timeout = SPAN_SECONDS(25),
                            .reply_max = 1 << 20,
                            .allow_private = loopback(s->api_base)};
    HttpClientReply   reply;
    cx_idle(cx);
    Status st = http_client_fetch(cx->arena, &rq, &reply, &cx->err);
    if (st != ST_OK) {
        char why[sizeof cx->err.msg];
        snprintf(why, sizeof why, "%s", cx->err.msg);
        return cx_fail(cx, ST_BUSY, "payment.provider_busy", "Stripe cannot be reached: %.100s",
                       why);
    }
    return answer_of(cx, &reply, ret);
}

/* --- reading --------------------------------------------------------------------------------- */

const JsonValue *stripe_get(const JsonValue *v, const char *name)
{
    const JsonValue *m = json_get(v, str_from_cstr(name));
    return m == NULL || m->type == JSON_NULL ? NULL : m;
}

Str stripe_text(const JsonValue *v, const char *name)
{
    const JsonValue *m = stripe_get(v, name);
    return m != NULL && m->type == JSON_STRING ? m->text : STR("");
}

int64_t stripe_i64(const JsonValue *v, const char *name)
{
    const JsonValue *m = stripe_get(v, name);
    return m != NULL && m->type == JSON_NUMBER && m->integer ? m->i64 : 0;
}

Str stripe_id(const JsonValue *v, const char *name)
{
    const JsonValue *m = stripe_get(v, name);
    return m != NULL && m->type == JSON_OBJECT ? stripe_text(m, "id") : stripe_text(v, name);
}

/* --- amounts --------------------------------------------------------------------------------- */

/* Stripe counts these in hundredths although they have none (ISK, UGX), or in units although ISO
 * gives them decimals (MGA): its documentation, "Zero-decimal currencies" and "Special cases". */
static int64_t factor(Str currency, int64_t *ret_divisor)
{
    *ret_divisor = str_eq(currency, STR("MGA")) ? 100 : 1;
    return str_eq(currency, STR("ISK")) || str_eq(currency, STR("UGX")) ? 100 : 1;
}

bool stripe_amount(Money m, int64_t *ret)
{
    int64_t         divisor;
    Str             currency = str_from_cstr(m.cur);
    int64_t         times = factor(currency, &divisor);
    const Currency *c = currency_find(currency);
    int64_t         amount;
    if (c == NULL || __builtin_mul_overflow(m.minor, times, &amount) || amount % divisor != 0)
        return false;
    if (c->decimals == 3 && amount % 10 != 0) /* the last digit must be 0 */
        return false;
    *ret = amount / divisor;
    return *ret > 0;
}

int64_t stripe_amount_back(int64_t amount, Str currency)
{
    int64_t divisor;
    int64_t times = factor(currency, &divisor);
    return amount * divisor / times;
}
