/* json_run.h - find the end of plain text in a JSON string, eight bytes at a time.
 * For json_scan.c and json_write.c. */
#pragma once

#include "base/base.h"

/* The first byte at or after `p` that is '"', '\\', a control character, beyond ASCII, or
 * equal to `extra` (which may be '"' again: none). */
static inline const char *json_plain_run(const char *p, const char *end, char extra)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    while (end - p >= 8) {
        uint64_t w;
        __builtin_memcpy(&w, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        w = __builtin_bswap64(w);
#endif
        /* A borrow can only mark bytes behind a true hit, and the first hit is taken. */
        uint64_t quote = (w ^ ones * '"') - ones;
        uint64_t slash = (w ^ ones * '\\') - ones;
        uint64_t other = (w ^ ones * (unsigned char)extra) - ones;
        uint64_t hit = (quote | slash | other | (w - ones * ' ') | w) & ones << 7;
        if (hit != 0)
            return p + (__builtin_ctzll(hit) >> 3);
        p += 8;
    }
    while (p < end && (unsigned char)*p >= ' ' && (unsigned char)*p < 0x80 && *p != '"' &&
           *p != '\\' && *p != extra)
        p++;
    return p;
}
