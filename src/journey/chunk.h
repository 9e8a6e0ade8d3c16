/* chunk.h - one column of one block of a segment, as bytes.
 *
 * A chunk says which rows have a value (all, a bitmap, or a list of positions) and then the
 * values of those rows. Integers, and with them the codes of texts, take the smallest of
 *
 *   FOR    base + scale * packed: frame of reference with a common divisor
 *   DICT   distinct values, then packed indexes into them
 *   RLE    packed ends of runs, then FOR of the runs' values
 *
 * Reals are integers times a power of ten where that is exact (`exponent`), else their bits.
 * TEXT is for texts that do not repeat: lengths and bytes, under zstd. */
#pragma once

#include "base/buf.h"
#include "journey/pack.h"

typedef enum ChunkEncoding { CHUNK_FOR = 1, CHUNK_DICT, CHUNK_RLE, CHUNK_TEXT } ChunkEncoding;
typedef enum ChunkPresence { CHUNK_ALL = 1, CHUNK_BITMAP, CHUNK_POSITIONS } ChunkPresence;

enum { CHUNK_EXPONENT_BITS = 255 }; /* reals stored as their bits */

/* As it stands in the file. */
typedef struct ChunkHead {
    uint64_t at;      /* offset in the file, a multiple of 8 */
    uint32_t bytes;   /* of the payload */
    uint32_t sum;     /* of the payload */
    int64_t  base;    /* FOR, RLE: of the values */
    int64_t  scale;   /* FOR, RLE */
    uint32_t present; /* rows that have a value: the values that follow */
    uint32_t aux;     /* DICT: distinct values; RLE: runs; TEXT: bytes unpacked */
    uint32_t column;
    uint8_t  encoding;
    uint8_t  presence;
    uint8_t  width;    /* of packed values */
    uint8_t  exponent; /* REAL: value = integer / 10^exponent */
} ChunkHead;
_Static_assert(sizeof(ChunkHead) == 48, "the head of a chunk is 48 bytes in the file");

/* --- writing: append the payload to `out`, fill the head except at, sum, column ------ */

/* Rows that have a value, ascending; to be called first. `rows` may be NULL when all have. */
void chunk_put_presence(Buf *out, ChunkHead *head, const uint32_t *rows, size_t present,
                        size_t nrows);
void chunk_put_ints(Buf *out, ChunkHead *head, const int64_t *v, size_t n);
void chunk_put_reals(Buf *out, ChunkHead *head, const double *v, size_t n);
void chunk_put_texts(Buf *out, ChunkHead *head, const Str *v, size_t n);

/* --- reading ------------------------------------------------------------------------- */

typedef struct ChunkView {
    uint8_t              encoding, presence, width, exponent;
    unsigned             row_width; /* of packed positions */
    unsigned             end_width; /* of packed ends of runs */
    size_t               rows, n;   /* n: values */
    size_t               aux;
    int64_t              base, scale;
    const unsigned char *where;  /* bitmap or positions */
    const unsigned char *extra;  /* distinct values, or ends of runs */
    const unsigned char *packed; /* values; TEXT: the zstd frame */
    size_t               packed_bytes;
} ChunkView;

/* False when the head contradicts itself or the bytes that are there. */
NODISCARD bool chunk_view(const ChunkHead *h, const unsigned char *p, size_t rows, ChunkView *ret);

/* Is what the bytes say in range: positions ascending, indexes below their counts, values
 * (when `code_max` >= 0) from 1 to code_max? Reads all of it. */
NODISCARD bool chunk_sound(const ChunkView *v, int64_t code_max);

/* Value i (not row i) of FOR, DICT, RLE. */
int64_t chunk_get(const ChunkView *v, size_t i);
void    chunk_read(const ChunkView *v, int64_t *out); /* room for n and 64 more */
double  chunk_real(const ChunkView *v, int64_t value);

/* Bitmap of rows: (rows + 63) / 64 words. */
void chunk_bits(const ChunkView *v, uint64_t *out);

/* Which value belongs to `row`; SIZE_MAX when it has none. */
size_t chunk_rank(const ChunkView *v, size_t row);

/* The texts, in `a`. False when the frame is damaged. */
NODISCARD bool chunk_texts(const ChunkView *v, Arena *a, Str **ret);

/* Codes: FOR, DICT or RLE of values 1 to max, one element per row, 0 where there is none. The
 * element is wide enough for max; room for 64 more. */
void chunk_codes_u8(const ChunkView *v, uint8_t *out);
void chunk_codes_u16(const ChunkView *v, uint16_t *out);
void chunk_codes_u32(const ChunkView *v, uint32_t *out);
