/* pack_simd.h - lanes of packed numbers, for the files that read them with AVX-512. */
#pragma once

#include "base/base.h"

#include <immintrin.h>

static const uint32_t IOTA[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* The four bytes from that of each lane's first bit on, for _mm512_permutexvar_epi8(). */
__attribute__((target("avx512f"))) static inline __m512i pack_lanes(__m512i bit)
{
    __m512i byte = _mm512_srli_epi32(bit, 3);
    return _mm512_add_epi32(_mm512_mullo_epi32(byte, _mm512_set1_epi32(0x01010101)),
                            _mm512_set1_epi32(0x03020100));
}
