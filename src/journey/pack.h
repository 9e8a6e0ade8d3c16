/* pack.h - numbers of a fixed width in bits, one behind the other, little end first.
 *
 * Value i stands at bit i * width. Widths go from 0 to 56, and 64. Readers touch up to
 * PACK_PAD bytes behind the last one: whoever owns the bytes has room there. */
#pragma once

#include "base/base.h"

#include <string.h>

enum { PACK_PAD = 64 };

static inline unsigned pack_width(uint64_t max)
{
    unsigned w = max == 0 ? 0 : 64 - (unsigned)__builtin_clzll(max);
    return w > 56 ? 64 : w;
}
static inline size_t pack_bytes(size_t n, unsigned width)
{
    return (n * width + 7) / 8;
}
static inline uint64_t pack_mask(unsigned width)
{
    return width == 0 ? 0 : UINT64_MAX >> (64 - width);
}
static inline uint64_t pack_get(const unsigned char *p, unsigned width, size_t i)
{
    size_t   bit = i * width;
    uint64_t v;
    memcpy(&v, p + (bit >> 3), sizeof v);
    return v >> (bit & 7) & pack_mask(width);
}

/* `out` has room for pack_bytes() and 8 more; all of it is zero before. */
void pack_write(unsigned char *out, const uint64_t *v, size_t n, unsigned width);

/* Read n values plus `add`; up to 64 elements behind `out`'s end may be written. The width is
 * at most that of the element. */
void pack_read_u8(uint8_t *out, const unsigned char *p, unsigned width, size_t n, uint8_t add);
void pack_read_u16(uint16_t *out, const unsigned char *p, unsigned width, size_t n, uint16_t add);
void pack_read_u32(uint32_t *out, const unsigned char *p, unsigned width, size_t n, uint32_t add);

/* As pack_read_u32(); on the way, as many bytes of `ahead`, which are read next, are fetched. */
void pack_read_ahead(uint32_t *out, const unsigned char *p, unsigned width, size_t n, uint32_t add,
                     const unsigned char *ahead);

/* out[i] = base + scale * value, wrapping. */
void pack_read_i64(int64_t *out, const unsigned char *p, unsigned width, size_t n, int64_t base,
                   int64_t scale);

/* out[i] = (value + add) / 1000: whole seconds, when 0 <= value + add < 1000 * 2^32. `ahead`: as
 * above. */
void pack_read_seconds(uint32_t *out, const unsigned char *p, unsigned width, size_t n, int64_t add,
                       const unsigned char *ahead);

/* v[i] becomes v[0] + ... + v[i], wrapping; up to 15 elements behind may be written. */
void pack_sums(uint32_t *v, size_t n);
