/* Reading chunks. */
#include "journey/chunk.h"

#include <zstd.h>

static size_t words(size_t rows)
{
    return (rows + 63) / 64;
}

static size_t packed_room(size_t n, unsigned width)
{
    return (pack_bytes(n, width) + 7) / 8 * 8;
}

static bool width_fine(unsigned width)
{
    return width <= 56 || width == 64;
}

/* Bytes of presence and of what stands before the packed values. */
static bool layout(const ChunkHead *h, ChunkView *v, size_t *ret_where, size_t *ret_extra)
{
    *ret_where = 0;
    *ret_extra = 0;
    v->row_width = v->rows > 0 ? pack_width(v->rows - 1) : 0;
    v->end_width = pack_width(v->n);
    if (h->presence == CHUNK_BITMAP)
        *ret_where = words(v->rows) * 8;
    else if (h->presence == CHUNK_POSITIONS)
        *ret_where = packed_room(v->n, v->row_width);
    else if (h->presence != CHUNK_ALL || v->n != v->rows)
        return false;
    if (h->encoding == CHUNK_DICT)
        *ret_extra = (size_t)h->aux * 8;
    else if (h->encoding == CHUNK_RLE)
        *ret_extra = packed_room(h->aux, v->end_width);
    else if (h->encoding != CHUNK_FOR && h->encoding != CHUNK_TEXT)
        return false;
    return true;
}

bool chunk_view(const ChunkHead *h, const unsigned char *p, size_t rows, ChunkView *ret)
{
    size_t where, extra;
    *ret = (ChunkView){.encoding = h->encoding,
                       .presence = h->presence,
                       .width = h->width,
                       .exponent = h->exponent,
                       .rows = rows,
                       .n = h->present,
                       .aux = h->aux,
                       .base = h->base,
                       .scale = h->scale};
    if (h->present > rows || !width_fine(h->width) || !layout(h, ret, &where, &extra))
        return false;
    if ((h->encoding == CHUNK_DICT || h->encoding == CHUNK_RLE) && (h->aux == 0 || h->aux > ret->n))
        return false;
    if (where + extra > h->bytes)
        return false;
    ret->where = p;
    ret->extra = p + where;
    ret->packed = p + where + extra;
    ret->packed_bytes = h->bytes - where - extra;
    if (h->encoding == CHUNK_TEXT)
        return true;
    size_t values = h->encoding == CHUNK_RLE ? h->aux : ret->n;
    return packed_room(values, h->width) <= ret->packed_bytes;
}

static bool positions_sound(const ChunkView *v)
{
    if (v->presence == CHUNK_BITMAP) {
        size_t n = 0;
        for (size_t w = 0; w < words(v->rows); w++) {
            uint64_t bits;
            memcpy(&bits, v->where + w * 8, 8);
            if (w == v->rows / 64 && bits >> (v->rows % 64) != 0)
                return false;
            n += (size_t)__builtin_popcountll(bits);
        }
        return n == v->n;
    }
    if (v->presence == CHUNK_POSITIONS)
        for (size_t i = 0; i < v->n; i++) {
            uint64_t at = pack_get(v->where, v->row_width, i);
            if (at >= v->rows || (i > 0 && at <= pack_get(v->where, v->row_width, i - 1)))
                return false;
        }
    return true;
}

enum { PIECE = 1024 }; /* values: a multiple of 64, so that each piece begins with a byte */

/* From 1 to `most`? Packed ones are unpacked a piece at a time: that is several times as fast. */
static bool codes_sound(const ChunkView *v, int64_t most)
{
    bool narrow = v->encoding == CHUNK_FOR && v->scale == 1 && v->width < 32 && v->base >= 1 &&
                  v->base <= INT32_MAX && most <= INT32_MAX;
    for (size_t i = 0; !narrow && i < v->n; i++) {
        int64_t code = chunk_get(v, i);
        if (code < 1 || code > most)
            return false;
    }
    for (size_t i = 0; narrow && i < v->n; i += PIECE) {
        uint32_t codes[PIECE + 64], highest = 0;
        size_t   n = v->n - i < PIECE ? v->n - i : PIECE;
        pack_read_u32(codes, v->packed + i * v->width / 8, v->width, n, (uint32_t)v->base);
        for (size_t k = 0; k < n; k++)
            highest = codes[k] > highest ? codes[k] : highest;
        if (highest > (uint32_t)most)
            return false;
    }
    return true;
}

bool chunk_sound(const ChunkView *v, int64_t code_max)
{
    if (!positions_sound(v))
        return false;
    if (v->encoding == CHUNK_TEXT)
        return v->aux >= v->n * 4;
    for (size_t i = 0; v->encoding == CHUNK_DICT && i < v->n; i++)
        if (pack_get(v->packed, v->width, i) >= v->aux)
            return false;
    for (size_t i = 0; v->encoding == CHUNK_RLE && i < v->aux; i++) {
        uint64_t end = pack_get(v->extra, v->end_width, i);
        uint64_t before = i > 0 ? pack_get(v->extra, v->end_width, i - 1) : 0;
        if (end <= before || end > v->n || (i + 1 == v->aux && end != v->n))
            return false;
    }
    return code_max < 0 || codes_sound(v, code_max);
}

static inline int64_t scaled(const ChunkView *v, size_t i)
{
    return (int64_t)((uint64_t)v->base + (uint64_t)v->scale * pack_get(v->packed, v->width, i));
}

static int64_t dict_value(const ChunkView *v, size_t i)
{
    int64_t value;
    memcpy(&value, v->extra + pack_get(v->packed, v->width, i) * 8, sizeof value);
    return value;
}

int64_t chunk_get(const ChunkView *v, size_t i)
{
    if (v->encoding == CHUNK_FOR)
        return scaled(v, i);
    if (v->encoding == CHUNK_DICT)
        return dict_value(v, i);
    size_t lo = 0, hi = v->aux - 1; /* the first run whose end is beyond i */
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (pack_get(v->extra, v->end_width, mid) > i)
            hi = mid;
        else
            lo = mid + 1;
    }
    return scaled(v, lo);
}

void chunk_read(const ChunkView *v, int64_t *out)
{
    if (v->encoding == CHUNK_FOR) {
        pack_read_i64(out, v->packed, v->width, v->n, v->base, v->scale);
        return;
    }
    if (v->encoding == CHUNK_DICT) {
        for (size_t i = 0; i < v->n; i++)
            out[i] = dict_value(v, i);
        return;
    }
    size_t at = 0;
    for (size_t r = 0; r < v->aux; r++) {
        size_t  end = pack_get(v->extra, v->end_width, r);
        int64_t value = scaled(v, r);
        while (at < end)
            out[at++] = value;
    }
}

double chunk_real(const ChunkView *v, int64_t value)
{
    static const double POWERS[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    if (v->exponent < COUNT_OF(POWERS))
        return (double)value / POWERS[v->exponent];
    double real;
    memcpy(&real, &value, sizeof real);
    return real;
}

void chunk_bits(const ChunkView *v, uint64_t *out)
{
    size_t n = words(v->rows);
    if (v->presence == CHUNK_BITMAP) {
        memcpy(out, v->where, n * 8);
        return;
    }
    memset(out, v->presence == CHUNK_ALL ? 0xff : 0, n * 8);
    if (v->presence == CHUNK_ALL) {
        if (v->rows % 64 != 0)
            out[n - 1] = pack_mask((unsigned)(v->rows % 64));
        return;
    }
    for (size_t i = 0; i < v->n; i++) {
        uint64_t at = pack_get(v->where, v->row_width, i);
        out[at >> 6] |= 1ULL << (at & 63);
    }
}

static size_t rank_in_bitmap(const ChunkView *v, size_t row)
{
    uint64_t bits;
    size_t   rank = 0;
    memcpy(&bits, v->where + row / 64 * 8, 8);
    if ((bits >> (row & 63) & 1) == 0)
        return SIZE_MAX;
    rank = (size_t)__builtin_popcountll(bits & pack_mask((unsigned)(row & 63)));
    for (size_t w = 0; w < row / 64; w++) {
        memcpy(&bits, v->where + w * 8, 8);
        rank += (size_t)__builtin_popcountll(bits);
    }
    return rank;
}

size_t chunk_rank(const ChunkView *v, size_t row)
{
    if (v->presence == CHUNK_ALL)
        return row;
    if (v->presence == CHUNK_BITMAP)
        return rank_in_bitmap(v, row);
    size_t lo = 0, hi = v->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (pack_get(v->where, v->row_width, mid) < row)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < v->n && pack_get(v->where, v->row_width, lo) == row ? lo : SIZE_MAX;
}

bool chunk_texts(const ChunkView *v, Arena *a, Str **ret)
{
    char *plain = arena_array(a, char, v->aux + 1);
    Str  *texts = arena_array(a, Str, v->n + 1);
    if (v->aux < v->n * 4 || ZSTD_decompress(plain, v->aux, v->packed, v->packed_bytes) != v->aux)
        return false;
    size_t at = v->n * 4;
    for (size_t i = 0; i < v->n; i++) {
        uint32_t len;
        memcpy(&len, plain + i * 4, 4);
        if (len > v->aux - at)
            return false;
        texts[i] = (Str){plain + at, len};
        at += len;
    }
    *ret = texts;
    return true;
}

/* --- codes, one per row -------------------------------------------------------------- */

/* Values are read to the front of `out` and then moved to their rows from the back, so that
 * one array is enough. */
/* NOLINTBEGIN(bugprone-macro-parentheses): types cannot stand in parentheses */
#define CODES(T, SUFFIX)                                                                           \
    static void spread_##SUFFIX(const ChunkView *v, T *out)                                        \
    {                                                                                              \
        size_t from = v->n;                                                                        \
        size_t to = v->rows;                                                                       \
        if (v->presence == CHUNK_ALL)                                                              \
            return;                                                                                \
        if (v->presence == CHUNK_POSITIONS) {                                                      \
            while (from-- > 0) {                                                                   \
                size_t at = pack_get(v->where, v->row_width, from);                                \
                T      code = out[from];                                                           \
                memset(out + at + 1, 0, (to - at - 1) * sizeof(T));                                \
                out[at] = code;                                                                    \
                to = at;                                                                           \
            }                                                                                      \
            memset(out, 0, to * sizeof(T));                                                        \
            return;                                                                                \
        }                                                                                          \
        while (to-- > 0)                                                                           \
            out[to] = (v->where[to >> 3] >> (to & 7) & 1) != 0 ? out[--from] : 0;                  \
    }                                                                                              \
    void chunk_codes_##SUFFIX(const ChunkView *v, T *out)                                          \
    {                                                                                              \
        if (v->encoding == CHUNK_FOR && v->scale == 1 && v->width <= 8 * sizeof(T)) {              \
            pack_read_##SUFFIX(out, v->packed, v->width, v->n, (T)v->base);                        \
        } else if (v->encoding == CHUNK_RLE) {                                                     \
            size_t at = 0;                                                                         \
            for (size_t r = 0; r < v->aux; r++) {                                                  \
                size_t end = pack_get(v->extra, v->end_width, r);                                  \
                T      code = (T)scaled(v, r);                                                     \
                while (at < end)                                                                   \
                    out[at++] = code;                                                              \
            }                                                                                      \
        } else {                                                                                   \
            for (size_t i = 0; i < v->n; i++)                                                      \
                out[i] = (T)chunk_get(v, i);                                                       \
        }                                                                                          \
        spread_##SUFFIX(v, out);                                                                   \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

CODES(uint8_t, u8)
CODES(uint16_t, u16)
CODES(uint32_t, u32)
