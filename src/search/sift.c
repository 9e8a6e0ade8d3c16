#include "search/sift_int.h"

#include <string.h>

#include "base/base.h"
#include "base/fast.h"

/* Which letters differ from the wanted ones by at most `max` bits? */
FAST static void sift_letters(const uint32_t *letters, size_t n, uint32_t wanted, unsigned max,
                              uint8_t *ret)
{
    uint32_t third = max > 2 ? UINT32_MAX : 0, fourth = max > 3 ? UINT32_MAX : 0;
    uint32_t second = max > 1 ? UINT32_MAX : 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t x = letters[i] ^ wanted;
        x &= x - 1; /* harmless when it is 0 */
        x &= (x - 1) | ~second;
        x &= (x - 1) | ~third;
        x &= (x - 1) | ~fourth;
        ret[i] = x == 0;
    }
}

/* Which of them are near by the bounds, by their places? */
FAST static size_t sift_more(const uint32_t *letters, const uint64_t *pairs, const uint8_t *near,
                             size_t n, const Signatures *w, const Difference *d, uint16_t *ret)
{
    NOT_CLEARED uint16_t at[SIFT_MAX];
    size_t               few = 0, kept = 0;
    for (size_t i = 0; i < n; i += sizeof(uint64_t)) {
        uint64_t eight; /* mostly none */
        memcpy(&eight, near + i, sizeof eight);
        for (size_t k = i; eight != 0 && k < i + sizeof eight; k++) {
            at[few] = (uint16_t)k;
            few += near[k];
        }
    }
    for (size_t i = 0; i < few; i++) { /* without branches */
        int      differ = __builtin_popcount(letters[at[i]] ^ w->letters);
        unsigned most = d->pairs[differ < FEW_BITS ? differ : FEW_BITS - 1];
        ret[kept] = at[i];
        kept += (unsigned)__builtin_popcountll(pairs[at[i]] ^ w->pairs) <= most;
    }
    return kept;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define WITH_COUNTS __attribute__((target("avx512f,avx512bw,avx512vpopcntdq,popcnt")))

WITH_COUNTS static inline size_t keep_near(const uint32_t *letters, const uint64_t *pairs,
                                           uint32_t near, size_t at, const Signatures *w,
                                           const Difference *d, uint16_t *ret)
{
    size_t kept = 0;
    for (; near != 0; near &= near - 1) {
        size_t   i = at + (size_t)__builtin_ctz(near);
        unsigned most = d->pairs[__builtin_popcount(letters[i] ^ w->letters)];
        ret[kept] = (uint16_t)i;
        kept += (unsigned)__builtin_popcountll(pairs[i] ^ w->pairs) <= most;
    }
    return kept;
}

/* Where the processor counts bits itself. */
WITH_COUNTS static size_t sift_512(const uint32_t *letters, const uint64_t *pairs, size_t n,
                                   const Signatures *w, const Difference *d, uint16_t *ret)
{
    const __m512i wanted = _mm512_set1_epi32((int)w->letters), most = _mm512_set1_epi32(d->letters);
    size_t        kept = 0;
    for (size_t i = 0; i < n; i += 16) {
        __mmask16 there = (__mmask16)(n - i < 16 ? (1U << (n - i)) - 1 : UINT16_MAX);
        __m512i   x = _mm512_maskz_loadu_epi32(there, letters + i);
        __m512i   bits = _mm512_popcnt_epi32(_mm512_xor_si512(x, wanted));
        __mmask16 near = _mm512_mask_cmple_epu32_mask(there, bits, most);
        if (near != 0)
            kept += keep_near(letters, pairs, near, i, w, d, ret + kept);
    }
    return kept;
}
#endif

size_t sift_near(const uint32_t *letters, const uint64_t *pairs, size_t n, const Signatures *wanted,
                 const Difference *d, uint16_t *ret)
{
#if defined(__x86_64__)
    if (fast_has(FAST_COUNTS))
        return sift_512(letters, pairs, n, wanted, d, ret);
#endif
    NOT_CLEARED uint8_t near[SIFT_MAX];
    sift_letters(letters, n, wanted->letters, d->letters, near);
    memset(near + n, 0, -n % sizeof(uint64_t));
    return sift_more(letters, pairs, near, n, wanted, d, ret);
}
