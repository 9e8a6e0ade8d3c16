/* html_run.h - find the end of text that HTML shows as it is, many bytes at a time. */
#pragma once

#include "base/str.h"

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline bool html_is_plain(char c)
{
    const uint64_t low = UINT64_C(1) << '"' | UINT64_C(1) << '&' | UINT64_C(1) << '\'' |
                         UINT64_C(1) << '<' | UINT64_C(1) << '>';
    return (unsigned char)c >= 64 || (low >> (unsigned char)c & 1) == 0;
}

/* The first byte at or after `p` that is one of " & ' < > */
static inline const char *html_plain_run(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        /* '&' and ''' differ in one bit, '<' and '>' in another. */
        __m128i quotes = _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(1)), _mm_set1_epi8('\''));
        __m128i angles = _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
        __m128i hit =
            _mm_or_si128(_mm_or_si128(quotes, angles), _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        int mask = _mm_movemask_epi8(hit);
        if (mask != 0)
            return p + __builtin_ctz((unsigned)mask);
    }
#endif
    while (p < end && html_is_plain(*p))
        p++;
    return p;
}

/* What stands for it. */
static inline Str html_entity_of(char c)
{
    switch (c) {
    case '&': return STR("&amp;");
    case '<': return STR("&lt;");
    case '>': return STR("&gt;");
    case '"': return STR("&quot;");
    default: return STR("&#39;");
    }
}
