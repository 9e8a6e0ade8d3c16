#include "search/intersect_int.h"

#include <stdbool.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { LEAP_RATIO = 24 };

typedef struct Meeting {
    const uint16_t *a, *b;
    uint32_t        n, m;
    uint32_t        i, j; /* what is before them has been looked at */
    uint16_t       *at_a, *at_b;
    uint32_t        met;
} Meeting;

uint32_t intersect_lower(const uint16_t *a, uint32_t n, uint16_t x)
{
    const uint16_t *p = a;
    while (n > 1) { /* without branches: which half it is cannot be foretold */
        uint32_t half = n / 2;
        p += p[half - 1] < x ? half : 0;
        n -= half;
    }
    return (uint32_t)(p - a) + (n == 1 && *p < x);
}

static void merge(Meeting *t)
{
    while (t->i < t->n && t->j < t->m) {
        uint16_t x = t->a[t->i], y = t->b[t->j];
        t->at_a[t->met] = (uint16_t)t->i;
        t->at_b[t->met] = (uint16_t)t->j;
        t->met += x == y;
        t->i += x <= y;
        t->j += y <= x;
    }
}

/* The few of a in the many of b: leaps that double, then halves. */
static uint32_t leap(const uint16_t *a, uint32_t n, const uint16_t *b, uint32_t m, uint16_t *at_a,
                     uint16_t *at_b)
{
    uint32_t met = 0, at = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint16_t x = a[i];
        uint32_t step = 16, high = at;
        while (high < m && b[high] < x) {
            at = high + 1;
            high += step;
            step *= 2;
        }
        uint32_t end = high < m ? high : m;
        at += intersect_lower(b + at, end - at, x);
        if (at == m)
            break;
        at_a[met] = (uint16_t)i;
        at_b[met] = (uint16_t)at;
        met += b[at] == x;
    }
    return met;
}

#ifdef __SSE2__
static __m128i load(const uint16_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* Lanes of x that are anywhere in y: y in eight orders, so that each lane meets each. */
static __m128i same_lanes(__m128i x, __m128i y)
{
    __m128i all = _mm_cmpeq_epi16(x, y);
    all = _mm_or_si128(all, _mm_cmpeq_epi16(x, _mm_shuffle_epi32(y, 0x4e)));
#define TURNED(order)                                                                              \
    do {                                                                                           \
        __m128i turned = _mm_shufflehi_epi16(_mm_shufflelo_epi16(y, order), order);                \
        all = _mm_or_si128(all, _mm_cmpeq_epi16(x, turned));                                       \
        all = _mm_or_si128(all, _mm_cmpeq_epi16(x, _mm_shuffle_epi32(turned, 0x4e)));              \
    } while (0)
    TURNED(0x39);
    TURNED(0x4e);
    TURNED(0x93);
#undef TURNED
    return all;
}

static void note_lanes(Meeting *t, uint32_t lanes, __m128i y)
{
    for (; lanes != 0; lanes &= lanes - 1) { /* one bit per lane */
        uint32_t i = t->i + (uint32_t)__builtin_ctz(lanes);
        __m128i  same = _mm_cmpeq_epi16(_mm_set1_epi16((short)t->a[i]), y);
        uint32_t bytes = (uint32_t)_mm_movemask_epi8(same);
        t->at_a[t->met] = (uint16_t)i;
        t->at_b[t->met++] = (uint16_t)(t->j + (uint32_t)__builtin_ctz(bytes) / 2);
    }
}

static void merge_blocks(Meeting *t)
{
    while (t->i + 8 <= t->n && t->j + 8 <= t->m) {
        __m128i  y = load(t->b + t->j), same = same_lanes(load(t->a + t->i), y);
        uint32_t lanes = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(same, _mm_setzero_si128()));
        if (lanes != 0)
            note_lanes(t, lanes, y);
        uint16_t last_a = t->a[t->i + 7], last_b = t->b[t->j + 7];
        t->i += last_a <= last_b ? 8 : 0;
        t->j += last_b <= last_a ? 8 : 0;
    }
}
#endif

uint32_t intersect(const uint16_t *a, uint32_t n, const uint16_t *b, uint32_t m, uint16_t *at_a,
                   uint16_t *at_b)
{
    if (n <= m / LEAP_RATIO)
        return leap(a, n, b, m, at_a, at_b);
    if (m <= n / LEAP_RATIO)
        return leap(b, m, a, n, at_b, at_a);
    Meeting t = {.a = a, .b = b, .n = n, .m = m, .at_a = at_a, .at_b = at_b};
#ifdef __SSE2__
    merge_blocks(&t);
#endif
    merge(&t);
    return t.met;
}
