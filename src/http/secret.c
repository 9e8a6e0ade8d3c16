#include "http/http_int.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

static unsigned char  secret[32];
static bool           secret_is_set;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_up_one(void)
{
    ASSERT(sodium_init() >= 0);
    if (!secret_is_set)
        randombytes_buf(secret, sizeof secret);
}

void http_secret_set(const unsigned char bytes[32])
{
    memcpy(secret, bytes, sizeof secret);
    secret_is_set = true;
}

void http_mac(const char *purpose, Str data, unsigned char ret[HTTP_MAC_BYTES])
{
    ASSERT(pthread_once(&once, make_up_one) == 0);
    crypto_generichash_state st;
    crypto_generichash_init(&st, secret, sizeof secret, HTTP_MAC_BYTES);
    crypto_generichash_update(&st, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&st, (const unsigned char *)data.ptr, data.len);
    crypto_generichash_final(&st, ret, HTTP_MAC_BYTES);
}

Str http_base64(Arena *a, const void *bytes, size_t n)
{
    size_t size = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char  *text = arena_array(a, char, size);
    sodium_bin2base64(text, size, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return (Str){text, size - 1};
}

bool http_unbase64(Str text, void *bytes, size_t max, size_t *ret_n)
{
    const char *end = NULL;
    return sodium_base642bin(bytes, max, text.ptr, text.len, NULL, ret_n, &end,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           end == text.ptr + text.len;
}
