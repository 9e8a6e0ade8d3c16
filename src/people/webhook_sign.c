/* Signatures of Standard Webhooks 1.0.0. */
#include "people/webhook.h"

#include "base/codec.h"

#include <sodium.h>

static Str signed_text(Arena *a, Str id, int64_t seconds, Str body)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, body.len + id.len + 64);
    buf_addf(&b, STR_FMT ".%lld.", STR_ARG(id), (long long)seconds);
    buf_add(&b, body);
    return str_dup(a, buf_str(&b));
}

static Str named(Arena *a, const char *version, const unsigned char *bytes, size_t n)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    buf_addf(&b, "%s,", version);
    codec_add_base64(&b, CODEC_BASE64, (Str){(const char *)bytes, n});
    return str_dup(a, buf_str(&b));
}

Str webhook_sign(Arena *a, Str secret, Str id, int64_t seconds, Str body)
{
    static const Str             PREFIX = STR_INIT("whsec_");
    CLEANUP(buf_done) Buf        key;
    unsigned char                mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    Str                          text = signed_text(a, id, seconds, body);
    buf_init(&key, 256);
    if (!str_starts(secret, PREFIX) ||
        !codec_base64(CODEC_BASE64, str_skip(secret, PREFIX.len), &key) || key.len == 0)
        return (Str){0};
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.ptr, key.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text.ptr, text.len);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(key.ptr, key.len);
    return named(a, "v1", mac, sizeof mac);
}

Str webhook_sign_key(Arena *a, const unsigned char seed[32], Str id, int64_t seconds, Str body)
{
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES], key[crypto_sign_SECRETKEYBYTES];
    unsigned char signature[crypto_sign_BYTES];
    Str           text = signed_text(a, id, seconds, body);
    crypto_sign_seed_keypair(public_key, key, seed);
    crypto_sign_detached(signature, NULL, (const unsigned char *)text.ptr, text.len, key);
    sodium_memzero(key, sizeof key);
    return named(a, "v1a", signature, sizeof signature);
}
