#include "journey/pack.h"

#include "base/fast.h"

#if defined(__x86_64__)
#include "journey/pack_simd.h"
#endif

void pack_write(unsigned char *out, const uint64_t *v, size_t n, unsigned width)
{
    uint64_t hold = 0;
    unsigned have = 0;
    if (width == 64) {
        memcpy(out, v, n * sizeof *v);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        hold |= v[i] << have;
        have += width;
        if (have < 64)
            continue;
        memcpy(out, &hold, sizeof hold);
        out += sizeof hold;
        have -= 64;
        hold = have > 0 ? v[i] >> (width - have) : 0;
    }
    for (; have > 0; have = have > 8 ? have - 8 : 0) {
        *out++ = (unsigned char)hold;
        hold >>= 8;
    }
}

/* --- plain readers ------------------------------------------------------------------- */

static void plain_u8(uint8_t *out, const unsigned char *p, unsigned width, size_t n, uint8_t add)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(pack_get(p, width, i) + add);
}
static void plain_u16(uint16_t *out, const unsigned char *p, unsigned width, size_t n, uint16_t add)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)(pack_get(p, width, i) + add);
}
static void plain_u32(uint32_t *out, const unsigned char *p, unsigned width, size_t n, uint32_t add)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint32_t)(pack_get(p, width, i) + add);
}

/* --- with the instructions of newer processors --------------------------------------- */

#if defined(__x86_64__)

/* Eight values of `width` bits stand in `width` bytes: one scattering of bits per eight. */
__attribute__((target("bmi2"))) static void bmi_u8(uint8_t *out, const unsigned char *p,
                                                   unsigned width, size_t n, uint8_t add)
{
    uint64_t mask = pack_mask(width) * 0x0101010101010101ULL;
    uint64_t adds = add * 0x0101010101010101ULL;
    for (size_t i = 0; i < n; i += 8) {
        uint64_t v;
        memcpy(&v, p, sizeof v);
        v = _pdep_u64(v, mask) + adds; /* sums fit: a code and one fit their byte */
        memcpy(out + i, &v, sizeof v);
        p += width;
    }
}

__attribute__((target("bmi2"))) static void bmi_u16(uint16_t *out, const unsigned char *p,
                                                    unsigned width, size_t n, uint16_t add)
{
    uint64_t mask = pack_mask(width) * 0x0001000100010001ULL;
    uint64_t adds = add * 0x0001000100010001ULL;
    size_t   bit = 0;
    for (size_t i = 0; i < n; i += 4) {
        uint64_t lo, v;
        memcpy(&lo, p + (bit >> 3), sizeof lo);
        lo >>= bit & 7;
        if (width > 14) /* four of them and the shift do not fit into one load */
            lo = (lo & pack_mask(2 * width)) | pack_get(p, 2 * width, i / 2 + 1)
                                                   << (2 * width & 63);
        v = _pdep_u64(lo, mask) + adds;
        memcpy(out + i, &v, sizeof v);
        bit += 4 * (size_t)width;
    }
}

/* 64 values of up to 8 bits: the bytes of eight of them to each lane, which are picked from it. */
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static void vbmi_u8(uint8_t             *out,
                                                                           const unsigned char *p,
                                                                           unsigned width, size_t n,
                                                                           uint8_t add)
{
    __m512i odd = _mm512_and_si512(_mm512_loadu_si512(IOTA), _mm512_set1_epi32(1));
    __m512i lane = _mm512_srli_epi32(_mm512_loadu_si512(IOTA), 1); /* of eight */
    __m512i byte = _mm512_mullo_epi32(lane, _mm512_set1_epi32((int)width * 0x01010101));
    __m512i four = _mm512_mullo_epi32(odd, _mm512_set1_epi32(0x04040404));
    __m512i lanes = _mm512_add_epi32(byte, _mm512_add_epi32(four, _mm512_set1_epi32(0x03020100)));
    __m512i shifts = _mm512_set1_epi64((int64_t)(0x0706050403020100ULL * width));
    __m512i mask = _mm512_set1_epi8((char)pack_mask(width));
    __m512i adds = _mm512_set1_epi8((char)add);
    for (size_t i = 0; i < n; i += 64) {
        __m512i v = _mm512_permutexvar_epi8(lanes, _mm512_loadu_si512(p));
        v = _mm512_and_si512(_mm512_multishift_epi64_epi8(shifts, v), mask);
        _mm512_storeu_si512(out + i, _mm512_add_epi8(v, adds));
        p += 8 * (size_t)width;
    }
}

/* Eight values of up to 25 bits, four to each half. */
__attribute__((target("avx2"))) static void avx2_u32(uint32_t *out, const unsigned char *p,
                                                     unsigned width, size_t n, uint32_t add,
                                                     const unsigned char *ahead)
{
    uint8_t  bytes[32];
    uint32_t shift[8];
    size_t   half = width / 2;
    for (unsigned k = 0; k < 8; k++) {
        unsigned bit = k < 4 ? k * width : (k - 4) * width + width % 2 * 4;
        for (unsigned b = 0; b < 4; b++)
            bytes[k * 4 + b] = (uint8_t)(bit / 8 + b);
        shift[k] = bit % 8;
    }
    __m256i lanes = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
    __m256i shifts = _mm256_loadu_si256((const __m256i *)(const void *)shift);
    __m256i mask = _mm256_set1_epi32((int)pack_mask(width));
    __m256i adds = _mm256_set1_epi32((int)add);
    for (size_t i = 0; i < n; i += 8) {
        __builtin_prefetch(ahead, 0, 2);
        __m128i lo = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hi = _mm_loadu_si128((const __m128i *)(const void *)(p + half));
        __m256i v = _mm256_shuffle_epi8(_mm256_set_m128i(hi, lo), lanes);
        v = _mm256_and_si256(_mm256_srlv_epi32(v, shifts), mask);
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_add_epi32(v, adds));
        p += width;
        ahead += width;
    }
}

/* Sixteen values of up to 25 bits: bytes brought to their lane, shifted, masked. */
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static void vbmi_u32(
    uint32_t *out, const unsigned char *p, unsigned width, size_t n, uint32_t add,
    const unsigned char *ahead)
{
    __m512i bit = _mm512_mullo_epi32(_mm512_set1_epi32((int)width), _mm512_loadu_si512(IOTA));
    __m512i lanes = pack_lanes(bit), shifts = _mm512_and_si512(bit, _mm512_set1_epi32(7));
    __m512i mask = _mm512_set1_epi32((int)pack_mask(width));
    __m512i adds = _mm512_set1_epi32((int)add);
    for (size_t i = 0; i < n; i += 16) {
        __builtin_prefetch(ahead, 0, 2);
        __m512i v = _mm512_permutexvar_epi8(lanes, _mm512_loadu_si512(p));
        v = _mm512_and_si512(_mm512_srlv_epi32(v, shifts), mask);
        _mm512_storeu_si512(out + i, _mm512_add_epi32(v, adds));
        p += 2 * (size_t)width;
        ahead += 2 * (size_t)width;
    }
}

/* The scale is less than 2^32, and where it is not 1, so are the values. */
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static void vbmi_i64(
    int64_t *out, const unsigned char *p, unsigned width, size_t n, int64_t base, int64_t scale)
{
    PackWide w = pack_wide(width);
    __m512i  bases = _mm512_set1_epi64(base), scales = _mm512_set1_epi64(scale);
    for (size_t i = 0; i < n; i += 8) {
        __m512i v = pack_wide_read(&w, p);
        if (scale != 1)
            v = _mm512_mul_epu32(v, scales);
        _mm512_storeu_si512(out + i, _mm512_add_epi64(v, bases));
        p += width;
    }
}

/* A thousandth as a double is slightly too large, by less than makes a value round up: exact for
 * what is less than 2^50. */
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vbmi"))) static void vbmi_seconds(
    uint32_t *out, const unsigned char *p, unsigned width, size_t n, int64_t add,
    const unsigned char *ahead)
{
    PackWide w = pack_wide(width);
    __m512i  adds = _mm512_set1_epi64(add);
    __m512d  part = _mm512_set1_pd(0.001);
    for (size_t i = 0; i < n; i += 8) {
        __builtin_prefetch(ahead, 0, 2);
        __m512d ms = _mm512_cvtepi64_pd(_mm512_add_epi64(pack_wide_read(&w, p), adds));
        __m256i s = _mm512_cvttpd_epu32(_mm512_mul_pd(ms, part));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), s);
        p += width;
        ahead += width;
    }
}

#endif

/* --- choosing ------------------------------------------------------------------------ */

void pack_read_u8(uint8_t *out, const unsigned char *p, unsigned width, size_t n, uint8_t add)
{
    if (width == 0) {
        memset(out, add, n);
        return;
    }
#if defined(__x86_64__)
    if (fast_has(FAST_VBMI)) {
        vbmi_u8(out, p, width, n, add);
        return;
    }
    if (fast_has(FAST_BMI2)) {
        bmi_u8(out, p, width, n, add);
        return;
    }
#endif
    plain_u8(out, p, width, n, add);
}

void pack_read_u16(uint16_t *out, const unsigned char *p, unsigned width, size_t n, uint16_t add)
{
#if defined(__x86_64__)
    if (fast_has(FAST_BMI2)) {
        bmi_u16(out, p, width, n, add);
        return;
    }
#endif
    plain_u16(out, p, width, n, add);
}

void pack_read_ahead(uint32_t *out, const unsigned char *p, unsigned width, size_t n, uint32_t add,
                     const unsigned char *ahead)
{
#if defined(__x86_64__)
    if (width <= 25 && fast_has(FAST_VBMI)) {
        vbmi_u32(out, p, width, n, add, ahead);
        return;
    }
    if (width <= 25 && fast_has(FAST_AVX2)) {
        avx2_u32(out, p, width, n, add, ahead);
        return;
    }
#endif
    (void)ahead;
    plain_u32(out, p, width, n, add);
}

void pack_read_u32(uint32_t *out, const unsigned char *p, unsigned width, size_t n, uint32_t add)
{
    pack_read_ahead(out, p, width, n, add, p);
}

void pack_read_i64(int64_t *out, const unsigned char *p, unsigned width, size_t n, int64_t base,
                   int64_t scale)
{
#if defined(__x86_64__)
    if (fast_has(FAST_VBMI) && (scale == 1 ? width <= 56 : width <= 32 && scale >> 32 == 0)) {
        vbmi_i64(out, p, width, n, base, scale);
        return;
    }
#endif
    for (size_t i = 0; i < n; i++)
        out[i] = (int64_t)((uint64_t)base + (uint64_t)scale * pack_get(p, width, i));
}

void pack_read_seconds(uint32_t *out, const unsigned char *p, unsigned width, size_t n, int64_t add,
                       const unsigned char *ahead)
{
#if defined(__x86_64__)
    if (fast_has(FAST_VBMI) && width <= 56) {
        vbmi_seconds(out, p, width, n, add, ahead);
        return;
    }
#endif
    (void)ahead;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint32_t)((pack_get(p, width, i) + (uint64_t)add) / 1000);
}

/* --- sums ---------------------------------------------------------------------------- */

#if defined(__x86_64__)
/* Each lane gets the sum of those before it, in four additions. */
__attribute__((target("avx512f,avx512bw"))) static void sums_512(uint32_t *v, size_t n)
{
    __m512i zero = _mm512_setzero_si512(), carry = zero, last = _mm512_set1_epi32(15);
    for (size_t i = 0; i < n; i += 16) {
        __m512i g = _mm512_loadu_si512(v + i);
        g = _mm512_add_epi32(g, _mm512_alignr_epi32(g, zero, 15));
        g = _mm512_add_epi32(g, _mm512_alignr_epi32(g, zero, 14));
        g = _mm512_add_epi32(g, _mm512_alignr_epi32(g, zero, 12));
        g = _mm512_add_epi32(g, _mm512_alignr_epi32(g, zero, 8));
        g = _mm512_add_epi32(g, carry);
        _mm512_storeu_si512(v + i, g);
        carry = _mm512_permutexvar_epi32(last, g);
    }
}
#endif

void pack_sums(uint32_t *v, size_t n)
{
#if defined(__x86_64__)
    if (fast_has(FAST_512)) {
        sums_512(v, n);
        return;
    }
#endif
    for (size_t i = 1; i < n; i++)
        v[i] += v[i - 1];
}
