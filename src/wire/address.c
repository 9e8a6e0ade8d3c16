#include "wire/address.h"

#include <string.h>

typedef struct Range {
    uint8_t bytes[16];
    int     bits; /* length of the prefix */
} Range;

static bool in_range(const uint8_t *bytes, const Range *r)
{
    size_t whole = (size_t)r->bits / 8;
    int    rest = r->bits % 8;
    if (memcmp(bytes, r->bytes, whole) != 0)
        return false;
    return rest == 0 || (bytes[whole] ^ r->bytes[whole]) >> (8 - rest) == 0;
}

static bool in_any(const uint8_t *bytes, const Range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (in_range(bytes, &ranges[i]))
            return true;
    return false;
}

bool address_v4_is_public(const uint8_t bytes[4])
{
    static const Range SPECIAL[] = {
        {{0}, 8},             /* "this network", unspecified */
        {{10}, 8},            /* private */
        {{100, 64}, 10},      /* shared address space (CGNAT) */
        {{127}, 8},           /* loopback */
        {{169, 254}, 16},     /* link-local, cloud metadata */
        {{172, 16}, 12},      /* private */
        {{192, 0, 0}, 24},    /* IETF protocol assignments */
        {{192, 0, 2}, 24},    /* documentation */
        {{192, 31, 196}, 24}, /* AS112 */
        {{192, 52, 193}, 24}, /* AMT */
        {{192, 88, 99}, 24},  /* 6to4 relays */
        {{192, 168}, 16},     /* private */
        {{192, 175, 48}, 24}, /* AS112 */
        {{198, 18}, 15},      /* benchmarks */
        {{198, 51, 100}, 24}, /* documentation */
        {{203, 0, 113}, 24},  /* documentation */
        {{224}, 4},           /* multicast */
        {{240}, 4},           /* reserved, broadcast */
    };
    return !in_any(bytes, SPECIAL, COUNT_OF(SPECIAL));
}

bool address_v6_is_public(const uint8_t bytes[16])
{
    static const Range MAPPED = {{[10] = 0xff, [11] = 0xff}, 96}; /* ::ffff:a.b.c.d */
    static const Range NAT64 = {{0x00, 0x64, 0xff, 0x9b}, 96};    /* 64:ff9b::a.b.c.d */
    static const Range GLOBAL = {{0x20}, 3};                      /* 2000::/3 */
    static const Range SPECIAL[] = {
        {{0x20, 0x01, 0x00}, 23},             /* IETF assignments: Teredo, ORCHID, benchmarks … */
        {{0x20, 0x01, 0x0d, 0xb8}, 32},       /* documentation */
        {{0x20, 0x02}, 16},                   /* 6to4 */
        {{0x26, 0x20, 0x00, 0x4f, 0x80}, 48}, /* AS112 */
        {{0x3f, 0xfe}, 16},                   /* the former 6bone */
        {{0x3f, 0xff}, 20},                   /* documentation */
    };
    if (in_range(bytes, &MAPPED) || in_range(bytes, &NAT64))
        return address_v4_is_public(bytes + 12);
    /* All that is allocated for the public lies in 2000::/3: this leaves out the unspecified
     * and loopback addresses, fc00::/7, fe80::/10, ff00::/8 and local NAT64 prefixes. */
    return in_range(bytes, &GLOBAL) && !in_any(bytes, SPECIAL, COUNT_OF(SPECIAL));
}
