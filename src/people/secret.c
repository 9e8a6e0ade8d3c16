#include "people/people_int.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <string.h>

Str people_token_new(Arena *a)
{
    unsigned char bytes[PEOPLE_TOKEN_BYTES];
    size_t size = sodium_base64_ENCODED_LEN(sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char  *text = arena_array(a, char, size);
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(text, size, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    return (Str){text, size - 1};
}

Str people_token_hash(Arena *a, Str token)
{
    unsigned char *hash = arena_array(a, unsigned char, PEOPLE_HASH_BYTES);
    int rc = crypto_generichash(hash, PEOPLE_HASH_BYTES, (const unsigned char *)token.ptr,
                                token.len, NULL, 0);
    ASSERT(rc == 0);
    return (Str){(const char *)hash, PEOPLE_HASH_BYTES};
}

/* The first `bits4` or `bits6` bits of an address, as text. */
static Str network(Arena *a, Str address, int bits4, int bits6)
{
    static const unsigned char MAPPED[12] = {[10] = 0xff, [11] = 0xff};
    unsigned char              bytes[16];
    char                       text[INET6_ADDRSTRLEN];
    const char                *z = str_cstr(a, address);
    unsigned char             *at = bytes;
    int                        family = AF_INET;
    if (inet_pton(AF_INET, z, bytes) != 1) {
        if (inet_pton(AF_INET6, z, bytes) != 1)
            return (Str){0};
        bool mapped = memcmp(bytes, MAPPED, sizeof MAPPED) == 0;
        at = mapped ? bytes + 12 : bytes;
        family = mapped ? AF_INET : AF_INET6;
    }
    int bits = family == AF_INET ? bits4 : bits6;
    for (int i = bits; i < (family == AF_INET ? 32 : 128); i++)
        at[i / 8] &= (unsigned char)~(0x80 >> (i % 8));
    inet_ntop(family, at, text, sizeof text);
    size_t room = strlen(text) + 5;
    char  *out = arena_array(a, char, room);
    int    n = snprintf(out, room, "%s/%d", text, bits);
    return (Str){out, (size_t)n};
}

Str people_net(Arena *a, Str address)
{
    return network(a, address, 24, 48);
}

Str people_net_fine(Arena *a, Str address)
{
    return network(a, address, 32, 64);
}
