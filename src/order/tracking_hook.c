/* Tracking events that others send us, signed as Standard Webhooks 1.0.0 says. */
#include "base/codec.h"
#include "order/delivery_int.h"

#include <sodium.h>
#include <string.h>

enum { TOLERANCE_S = 300, SECRET_MAX = 200, SIGNATURES_MAX = 16 };

typedef struct Batch {
    TOTALS_LIST(TrackingIn) events;
} Batch;
static const ShapeField BATCH[] = {
    SHAPE_LIST(Batch, events, TrackingIn, &tracking_in_shape, .min = 1, .max = TRACKING_BATCH,
               .flags = SHAPE_REQUIRED),
};
const Shape tracking_batch_shape =
    SHAPE_OF(Batch, "TrackingBatch", BATCH, .doc = "Where parcels were.");

/* Bytes of `text` in ret[cap]; 0: not base64, or too many. */
static size_t decode(Str text, unsigned char *ret, size_t cap)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, cap);
    if (!codec_base64(CODEC_BASE64, text, &b) || buf_overflowed(&b) || b.len == 0)
        return 0;
    memcpy(ret, b.ptr, b.len);
    return b.len;
}

static bool signature_fits(Str list, const unsigned char *mac)
{
    Str rest = list;
    for (int i = 0; i < SIGNATURES_MAX && rest.len > 0; i++) {
        unsigned char sum[crypto_auth_hmacsha256_BYTES];
        Str           one, more = {0};
        (void)str_cut(rest, ' ', &one, &more);
        if (str_starts(one, STR("v1,")) &&
            decode(str_skip(one, 3), sum, sizeof sum) == sizeof sum &&
            sodium_memcmp(sum, mac, sizeof sum) == 0)
            return true;
        rest = more;
    }
    return false;
}

static bool signed_well(Cx *cx, const TrackingSigned *in, Str secret)
{
    unsigned char                key[SECRET_MAX], mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    int64_t                      stamp, now = cx->now.v / 1000;
    Str    text = str_starts(secret, STR("whsec_")) ? str_skip(secret, 6) : secret;
    size_t n = decode(text, key, sizeof key);
    if (n == 0 || in->id.len == 0 || in->id.len > 255 || !str_parse_i64(in->timestamp, &stamp) ||
        stamp < now - TOLERANCE_S || stamp > now + TOLERANCE_S)
        return false;
    const Str parts[] = {in->id, STR("."), in->timestamp, STR("."), in->body};
    crypto_auth_hmacsha256_init(&state, key, n);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)parts[i].ptr, parts[i].len);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(key, sizeof key);
    return signature_fits(in->signature, mac);
}

Status tracking_hook(Cx *cx, const TrackingSigned *in, int64_t *ret_new)
{
    const DeliveryTables *t;
    Batch                 batch = {0};
    TRY(delivery_tables(cx, &t));
    Str secret = t->settings.webhook_secret;
    if (secret.len == 0 || !signed_well(cx, in, secret))
        return cx_fail(cx, ST_UNKNOWN, "order.bad_signature", "the signature does not fit");
    TRY(shape_read(&tracking_batch_shape, SHAPE_CREATE, str_dup(cx->arena, in->body), cx->arena,
                   &batch, &cx->issues, &cx->err));
    for (size_t i = 0; i < batch.events.n; i++)
        if (batch.events.items[i].parcel_id != 0) { /* they know numbers, not our ids */
            issue_add(&cx->issues, STR("/events"), "unknown_field", "parcel_id is not for others");
            return cx_check_issues(cx);
        }
    return tracking_note(cx, batch.events.items, batch.events.n, STR("webhook"), ret_new);
}
