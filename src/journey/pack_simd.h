/* pack_simd.h - lanes of packed numbers, for the files that read them with AVX-512. */
#pragma once

#include "journey/pack.h"

#include <immintrin.h>

static const uint32_t IOTA[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* The four bytes from that of each lane's first bit on, for _mm512_permutexvar_epi8(). */
__attribute__((target("avx512f"))) static inline __m512i pack_lanes(__m512i bit)
{
    __m512i byte = _mm512_srli_epi32(bit, 3);
    return _mm512_add_epi32(_mm512_mullo_epi32(byte, _mm512_set1_epi32(0x01010101)),
                            _mm512_set1_epi32(0x03020100));
}

/* Eight values of up to 56 bits: for each the eight bytes from that of its first bit on. */
typedef struct PackWide {
    __m512i lanes, shifts, mask;
} PackWide;

__attribute__((target("avx512f"))) static inline PackWide pack_wide(unsigned width)
{
    uint8_t  lanes[64];
    uint64_t shifts[8];
    for (unsigned k = 0; k < 8; k++) {
        shifts[k] = k * width % 8;
        for (unsigned b = 0; b < 8; b++)
            lanes[k * 8 + b] = (uint8_t)(k * width / 8 + b);
    }
    return (PackWide){_mm512_loadu_si512(lanes), _mm512_loadu_si512(shifts),
                      _mm512_set1_epi64((int64_t)pack_mask(width))};
}
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static inline __m512i pack_wide_read(
    const PackWide *w, const unsigned char *p)
{
    __m512i v = _mm512_permutexvar_epi8(w->lanes, _mm512_loadu_si512(p));
    return _mm512_and_si512(_mm512_srlv_epi64(v, w->shifts), w->mask);
}
