/* Against those who try stolen cards: failures are counted by network, cart and card; after some, a
 * puzzle that costs a program work and a person seconds; after many, no more attempts. */
#include "order/payment_int.h"

#include "base/codec.h"
#include "base/id.h"
#include "core/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HOUR_MS SPAN_HOURS(1).v
#define DAY_MS  SPAN_HOURS(24).v

enum { PUZZLE_BITS = 18, PUZZLE_WAIT_S = 15, PUZZLE_LIFE_S = 15 * 60, MAC_BYTES = 16, KEYS = 3 };

static Str key_of(Cx *cx, char kind, Str name)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 300);
    buf_addf(&b, "%c:" STR_FMT, kind, STR_ARG(str_head(name, 250)));
    return str_dup(cx->arena, buf_str(&b));
}

static Str number(Cx *cx, int64_t n)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 32);
    buf_add_i64(&b, n);
    return str_dup(cx->arena, buf_str(&b));
}

/* n: network, c: cart, f: card */
static size_t keys_of(Cx *cx, const PaymentSession *s, Str fingerprint, Str ret[KEYS])
{
    size_t n = 0;
    if (s->net.len > 0)
        ret[n++] = key_of(cx, 'n', s->net);
    if (s->cart_id != 0)
        ret[n++] = key_of(cx, 'c', number(cx, s->cart_id));
    if (fingerprint.len > 0)
        ret[n++] = key_of(cx, 'f', fingerprint);
    return n;
}

Status payment_guard(Cx *cx, const PaymentSession *s, Str fingerprint, bool passed,
                     bool *ret_challenge)
{
    const PaymentConfig     *config;
    OrderPaymentThrottleList rows;
    Str                      keys[KEYS];
    *ret_challenge = false;
    TRY(payment_config(cx, &config));
    const PaymentGuardConfig *g = &config->guard;
    size_t                    n = keys_of(cx, s, fingerprint, keys);
    if (!g->on || n == 0)
        return ST_OK;
    TRY(order_sql_payment_throttle_get(cx, keys, n, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const OrderPaymentThrottle *r = &rows.items[i];
        bool                        card = r->key.ptr[0] == 'f';
        int64_t                     age = cx->now.v - r->seen_ms.v;
        if (age >= (card ? DAY_MS : HOUR_MS))
            continue;
        if (r->failures >= (card ? g->card_refuse_after : g->refuse_after))
            return cx_fail(cx, ST_RATE, "payment.too_many_tries",
                           "too many payments have failed; try another way, or later");
        *ret_challenge = *ret_challenge || (!card && !passed && r->failures >= g->challenge_after);
    }
    return ST_OK;
}

Status payment_guard_failed(Cx *cx, const PaymentSession *s, Str fingerprint)
{
    Str    keys[KEYS];
    size_t n = keys_of(cx, s, fingerprint, keys);
    for (size_t i = 0; i < n; i++) {
        int64_t window = keys[i].ptr[0] == 'f' ? DAY_MS : HOUR_MS;
        UnixMs  since = {cx->now.v - window};
        TRY(order_sql_payment_throttle_count(cx, keys[i], since, cx->now, NULL));
    }
    return ST_OK;
}

/* --- the puzzle ------------------------------------------------------------------------------ */

/* MAC over when it was made and for which session. */
static Status mac_of(Cx *cx, const PaymentSession *s, Str stamp, unsigned char ret[MAC_BYTES])
{
    unsigned char         key[SECRET_BYTES];
    CLEANUP(buf_done) Buf b = {0};
    TRY(secret_get(cx, "payment.puzzle", key));
    buf_init(&b, 200);
    buf_addf(&b, STR_FMT ":%lld", STR_ARG(stamp), (long long)s->id);
    crypto_generichash(ret, MAC_BYTES, (const unsigned char *)b.ptr, b.len, key, sizeof key);
    return ST_OK;
}

static Status token_of(Cx *cx, const PaymentSession *s, Str stamp, Str *ret)
{
    unsigned char         mac[MAC_BYTES];
    CLEANUP(buf_done) Buf b = {0};
    TRY(mac_of(cx, s, stamp, mac));
    buf_init(&b, 200);
    buf_add(&b, stamp);
    buf_addc(&b, '.');
    codec_add_base64(&b, CODEC_BASE64URL, (Str){(const char *)mac, sizeof mac});
    *ret = str_dup(cx->arena, buf_str(&b));
    return ST_OK;
}

Status payment_puzzle_new(Cx *cx, const PaymentSession *s, PaymentPuzzle *ret)
{
    Str stamp = number(cx, cx->now.v);
    TRY(token_of(cx, s, stamp, &ret->token));
    ret->bits = PUZZLE_BITS;
    ret->wait = SPAN_SECONDS(PUZZLE_WAIT_S);
    return ST_OK;
}

static bool solves(Str token, Str answer)
{
    unsigned char            hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)token.ptr, token.len);
    crypto_hash_sha256_update(&state, (const unsigned char *)".", 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)answer.ptr, answer.len);
    crypto_hash_sha256_final(&state, hash);
    uint32_t head =
        (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
    return head >> (32 - PUZZLE_BITS) == 0;
}

typedef struct Pass {
    int64_t session_id;
    Str     key;
    int64_t added;
} Pass;

static Status pass_tx(Cx *cx, void *arg)
{
    Pass *p = arg;
    TRY(order_sql_payment_throttle_once(cx, p->key, cx->now, &p->added));
    return p->added == 1 ? order_sql_payment_session_passed(cx, p->session_id, NULL) : ST_OK;
}

static Status wrong(Cx *cx)
{
    return cx_fail(cx, ST_DENIED, "payment.puzzle", "please wait until the time is up");
}

Status payment_puzzle_check(Cx *cx, const PaymentSession *s, Str token, Str answer)
{
    Str     stamp, mac, right;
    int64_t at;
    if (token.len > 100 || answer.len > 40 || !str_cut(token, '.', &stamp, &mac) ||
        !str_parse_i64(stamp, &at))
        return wrong(cx);
    TRY(token_of(cx, s, stamp, &right));
    if (right.len != token.len || sodium_memcmp(right.ptr, token.ptr, token.len) != 0)
        return wrong(cx);
    int64_t age = cx->now.v - at;
    bool    solved = answer.len > 0 && solves(token, answer);
    if (age < 0 || age > PUZZLE_LIFE_S * 1000 || (!solved && age < PUZZLE_WAIT_S * 1000))
        return wrong(cx);
    Pass pass = {.session_id = s->id, .key = key_of(cx, 'p', token)};
    TRY(cx_in_tx(cx, pass_tx, &pass));
    return pass.added == 1 ? ST_OK : wrong(cx);
}
