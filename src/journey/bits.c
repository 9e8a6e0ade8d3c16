/* Bits over rows: a whole block in a few hundred instructions. */
#include "journey/ask.h"

#define FAST __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))

/* A byte per row first (which vectorises), then eight of them to a byte of bits. */
static inline uint64_t gather_bits(const uint8_t *flags)
{
    uint64_t word = 0;
    for (unsigned k = 0; k < 8; k++) {
        uint64_t eight;
        memcpy(&eight, flags + 8 * k, 8);
        word |= (eight * 0x0102040810204080ULL >> 56) << (8 * k);
    }
    return word;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f,avx512bw"))) static void equal_512(uint64_t      *out,
                                                                  const uint8_t *codes,
                                                                  uint32_t code, size_t rows,
                                                                  bool add)
{
    __m512i want = _mm512_set1_epi8((char)code);
    for (size_t w = 0; w < (rows + 63) / 64; w++) {
        uint64_t bits = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(codes + w * 64), want);
        out[w] = add ? out[w] | bits : bits;
    }
}

__attribute__((target("avx512f,avx512bw"))) static void gaps_512(uint64_t *out, const uint32_t *t,
                                                                 uint32_t gap, size_t rows)
{
    __m512i most = _mm512_set1_epi32((int)gap);
    for (size_t w = 0; w < (rows + 63) / 64; w++) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 4; k++) {
            const uint32_t *p = t + w * 64 + 16 * k;
            __m512i         g = _mm512_sub_epi32(_mm512_loadu_si512(p + 1), _mm512_loadu_si512(p));
            word |= (uint64_t)_mm512_cmpgt_epu32_mask(g, most) << (16 * k);
        }
        out[w] = word;
    }
}

static bool has_512(void)
{
    return __builtin_cpu_supports("avx512bw") != 0;
}
#else
static bool has_512(void)
{
    return false;
}
#endif

FAST static void equal_u8(uint8_t *flags, const uint8_t *codes, uint8_t code)
{
    for (size_t i = 0; i < 64; i++)
        flags[i] = codes[i] == code;
}
FAST static void equal_u16(uint8_t *flags, const uint16_t *codes, uint16_t code)
{
    for (size_t i = 0; i < 64; i++)
        flags[i] = codes[i] == code;
}
FAST static void equal_u32(uint8_t *flags, const uint32_t *codes, uint32_t code)
{
    for (size_t i = 0; i < 64; i++)
        flags[i] = codes[i] == code;
}

/* What lies behind the last row may set bits: they are cut. */
static void cut_tail(uint64_t *out, size_t rows)
{
    if (rows % 64 != 0)
        out[rows / 64] &= pack_mask((unsigned)(rows % 64));
}

void bits_equal(uint64_t *out, const void *codes, unsigned size, uint32_t code, size_t rows,
                bool add)
{
    uint8_t flags[64];
#if defined(__x86_64__)
    if (size == 1 && has_512()) {
        equal_512(out, codes, code, rows, add);
        cut_tail(out, rows);
        return;
    }
#endif
    for (size_t w = 0; w < (rows + 63) / 64; w++) {
        if (size == 1)
            equal_u8(flags, (const uint8_t *)codes + w * 64, (uint8_t)code);
        else if (size == 2)
            equal_u16(flags, (const uint16_t *)codes + w * 64, (uint16_t)code);
        else
            equal_u32(flags, (const uint32_t *)codes + w * 64, code);
        uint64_t bits = gather_bits(flags);
        out[w] = add ? out[w] | bits : bits;
    }
    cut_tail(out, rows);
}

/* Bit i: from row i to row i + 1. Moved up by one at the end. */
void bits_gaps(uint64_t *out, const Slab *s, int64_t gap)
{
    size_t n = (s->rows + 63) / 64;
    if (s->view->narrow && gap >= (int64_t)UINT32_MAX) {
        memset(out, 0, n * 8);
        return;
    }
#if defined(__x86_64__)
    if (s->view->narrow && has_512()) {
        gaps_512(out, s->time, (uint32_t)gap, s->rows);
    } else
#endif
    {
        memset(out, 0, n * 8);
        for (size_t i = 0; i + 1 < s->rows; i++)
            out[i >> 6] |= (uint64_t)(slab_tick(s, i + 1) - slab_tick(s, i) > gap) << (i & 63);
    }
    for (size_t w = n; w-- > 0;)
        out[w] = out[w] << 1 | (w > 0 ? out[w - 1] >> 63 : 0);
    cut_tail(out, s->rows);
}
