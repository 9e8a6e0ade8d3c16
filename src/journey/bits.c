/* Bits over rows: a whole block in a few hundred instructions. */
#include "base/fast.h"
#include "journey/ask.h"

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

__attribute__((target("avx512f,avx512bw"))) static void differ_512(uint64_t *out, const uint32_t *v,
                                                                   size_t rows)
{
    for (size_t w = 0; w < (rows + 63) / 64; w++) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 4; k++) {
            const uint32_t *p = v + w * 64 + 16 * k;
            word |=
                (uint64_t)_mm512_cmpneq_epu32_mask(_mm512_loadu_si512(p + 1), _mm512_loadu_si512(p))
                << (16 * k);
        }
        out[w] = word;
    }
}

__attribute__((target("avx512f,avx512bw"))) static void from_512(uint64_t       *out,
                                                                 const uint32_t *ticks,
                                                                 uint32_t bound, size_t rows)
{
    __m512i least = _mm512_set1_epi32((int)bound);
    for (size_t w = 0; w < (rows + 63) / 64; w++) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 4; k++)
            word |= (uint64_t)_mm512_cmpge_epu32_mask(_mm512_loadu_si512(ticks + w * 64 + 16 * k),
                                                      least)
                    << (16 * k);
        out[w] = word;
    }
}

__attribute__((target("bmi2"))) static size_t gather_bmi2(uint64_t *out, const uint64_t *m,
                                                          const uint64_t *at, size_t words)
{
    size_t n = 0;
    out[0] = 0;
    for (size_t w = 0; w < words; w++) {
        uint64_t bits = _pext_u64(m[w], at[w]);
        unsigned have = (unsigned)(n & 63);
        out[n >> 6] |= bits << have;
        size_t next = n + (size_t)__builtin_popcountll(at[w]);
        if (next >> 6 != n >> 6)
            out[next >> 6] = have > 0 ? bits >> (64 - have) : 0;
        n = next;
    }
    return n;
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
    if (size == 1 && fast_has(FAST_512)) {
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

/* What was told of a row and the next one belongs to the next one. */
static void move_up(uint64_t *out, size_t words)
{
    for (size_t w = words; w-- > 0;)
        out[w] = out[w] << 1 | (w > 0 ? out[w - 1] >> 63 : 0);
}

void bits_differ(uint64_t *out, const uint32_t *v, size_t rows)
{
    size_t n = (rows + 63) / 64;
#if defined(__x86_64__)
    if (fast_has(FAST_512)) {
        differ_512(out, v, rows);
    } else
#endif
    {
        memset(out, 0, n * 8);
        for (size_t i = 0; i + 1 < rows; i++)
            out[i >> 6] |= (uint64_t)(v[i + 1] != v[i]) << (i & 63);
    }
    move_up(out, n);
    out[0] |= 1;
    cut_tail(out, rows);
}

void bits_from(uint64_t *out, const uint32_t *ticks, uint32_t bound, size_t rows)
{
#if defined(__x86_64__)
    if (fast_has(FAST_512)) {
        from_512(out, ticks, bound, rows);
        cut_tail(out, rows);
        return;
    }
#endif
    memset(out, 0, (rows + 63) / 64 * 8);
    for (size_t i = 0; i < rows; i++)
        out[i >> 6] |= (uint64_t)(ticks[i] >= bound) << (i & 63);
}

void bits_any(uint64_t *out, const uint64_t *m, const uint64_t *ends, size_t words)
{
    unsigned carry = 0;
    for (size_t w = 0; w < words; w++) {
        uint64_t low = ~ends[w], sum;
        bool     over = __builtin_add_overflow(m[w] & low, low, &sum);
        over |= __builtin_add_overflow(sum, carry, &sum);
        out[w] = (sum | m[w]) & ends[w];
        carry = over;
    }
}

size_t bits_gather(uint64_t *out, const uint64_t *m, const uint64_t *at, size_t words)
{
    size_t n = 0;
#if defined(__x86_64__)
    if (fast_has(FAST_BMI2))
        return gather_bmi2(out, m, at, words);
#endif
    for (size_t w = 0; w < words; w++)
        for (uint64_t left = at[w]; left != 0; left &= left - 1) {
            if ((n & 63) == 0)
                out[n >> 6] = 0;
            out[n >> 6] |= (m[w] >> __builtin_ctzll(left) & 1) << (n & 63);
            n++;
        }
    return n;
}

/* Four at a time: how many there are in a word cannot be guessed, but that they are at most four
 * can. What is written too much is written over. */
__attribute__((always_inline)) static inline size_t list_bits(uint32_t *out, uint32_t *before,
                                                              const uint64_t *m, size_t words,
                                                              const void *ahead)
{
    size_t n = 0;
    for (size_t w = 0; w < words; w++) {
        uint64_t left = m[w];
        size_t   count = (size_t)__builtin_popcountll(left), done = 0;
        uint32_t base = (uint32_t)(w << 6);
        before[w] = (uint32_t)n;
        __builtin_prefetch((const char *)ahead + 64 * w, 0, 3);
        do {
            for (size_t i = 0; i < 4; i++, left &= left - 1)
                out[n + done + i] = base + (uint32_t)__builtin_ctzll(left | 1ULL << 63);
            done += 4;
        } while (done < count);
        n += count;
    }
    return n;
}

#if defined(__x86_64__)
__attribute__((target("bmi,popcnt"))) static size_t list_bmi(uint32_t *out, uint32_t *before,
                                                             const uint64_t *m, size_t words,
                                                             const void *ahead)
{
    return list_bits(out, before, m, words, ahead);
}

/* Sixteen at a time. */
__attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,popcnt"))) static size_t list_vbmi2(
    uint32_t *out, uint32_t *before, const uint64_t *m, size_t words, const void *ahead)
{
    unsigned char each[64];
    for (unsigned i = 0; i < 64; i++)
        each[i] = (unsigned char)i;
    __m512i iota = _mm512_loadu_si512(each);
    size_t  n = 0;
    for (size_t w = 0; w < words; w++) {
        __m512i base = _mm512_set1_epi32((int)(w << 6)),
                set = _mm512_maskz_compress_epi8(m[w], iota);
        size_t count = (size_t)__builtin_popcountll(m[w]), done = 0;
        before[w] = (uint32_t)n;
        __builtin_prefetch((const char *)ahead + 64 * w, 0, 3);
        for (;;) {
            __m512i sixteen = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(set));
            _mm512_storeu_si512(out + n + done, _mm512_add_epi32(sixteen, base));
            done += 16;
            if (__builtin_expect(done >= count, 1))
                break;
            set = _mm512_shuffle_i64x2(set, set, 0x39);
        }
        n += count;
    }
    return n;
}
#endif

size_t bits_list(uint32_t *out, uint32_t *before, const uint64_t *m, size_t words,
                 const void *ahead)
{
#if defined(__x86_64__)
    if (fast_has(FAST_VBMI))
        return list_vbmi2(out, before, m, words, ahead);
    if (fast_has(FAST_BMI2))
        return list_bmi(out, before, m, words, ahead);
#endif
    return list_bits(out, before, m, words, ahead);
}
