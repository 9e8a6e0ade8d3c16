/* json_run.h - find the end of plain text in a JSON string, many bytes at a time.
 * For json_scan.c and json_write.c. */
#pragma once

#include "base/base.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline bool json_is_plain(char c, char extra)
{
    return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 && c != '"' && c != '\\' &&
           c != extra;
}

/* The first byte at or after `p` that is '"', '\\', a control character, beyond ASCII, or
 * equal to `extra` (which may be '"' again: none). */
static inline const char *json_plain_run(const char *p, const char *end, char extra)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        /* As signed numbers, bytes beyond ASCII are below the blank too. */
        __m128i hit = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(' ')),
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        if (extra != '"')
            hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8(extra)));
        int mask = _mm_movemask_epi8(hit);
        if (mask != 0)
            return p + __builtin_ctz((unsigned)mask);
    }
#endif
    while (p < end && json_is_plain(*p, extra))
        p++;
    return p;
}
