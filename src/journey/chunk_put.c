/* Writing chunks: choose the encoding that takes the least room. */
#include "journey/chunk.h"

#include "base/real.h"

#include <math.h>
#include <zstd.h>

enum { DICT_MAX = 4096, DICT_SLOTS = 16384 };

static unsigned char *extend(Buf *out, size_t n)
{
    unsigned char *p = (unsigned char *)buf_extend(out, n);
    ASSERT(p != NULL);
    memset(p, 0, n);
    return p;
}

/* Packed values in whole words, so that what follows is aligned. */
static size_t packed_room(size_t n, unsigned width)
{
    return (pack_bytes(n, width) + 7) / 8 * 8;
}

static void put_packed(Buf *out, const uint64_t *v, size_t n, unsigned width)
{
    size_t room = packed_room(n, width);
    if (room == 0)
        return;
    extend(out, room);
    pack_write((unsigned char *)out->ptr + out->len - room, v, n, width);
}

void chunk_put_presence(Buf *out, ChunkHead *head, const uint32_t *rows, size_t present,
                        size_t nrows)
{
    head->present = (uint32_t)present;
    if (present == nrows) {
        head->presence = CHUNK_ALL;
        return;
    }
    unsigned width = pack_width(nrows - 1);
    size_t   bitmap = (nrows + 63) / 64 * 8;
    if (packed_room(present, width) < bitmap) {
        uint64_t *wide = malloc((present + 1) * sizeof *wide);
        if (wide == NULL)
            base_out_of_memory(present);
        for (size_t i = 0; i < present; i++)
            wide[i] = rows[i];
        head->presence = CHUNK_POSITIONS;
        put_packed(out, wide, present, width);
        free(wide);
        return;
    }
    unsigned char *p = extend(out, bitmap);
    head->presence = CHUNK_BITMAP;
    for (size_t i = 0; i < present; i++)
        p[rows[i] >> 3] |= (unsigned char)(1U << (rows[i] & 7));
}

/* --- integers ------------------------------------------------------------------------ */

typedef struct Survey {
    int64_t  min, max;
    uint64_t scale;
    size_t   runs;
} Survey;

static uint64_t divisor(uint64_t x, uint64_t y)
{
    while (y != 0) {
        uint64_t t = x % y;
        x = y;
        y = t;
    }
    return x;
}

static Survey survey(const int64_t *v, size_t n)
{
    Survey s = {.min = v[0], .max = v[0], .runs = 1};
    for (size_t i = 1; i < n; i++) {
        s.min = v[i] < s.min ? v[i] : s.min;
        s.max = v[i] > s.max ? v[i] : s.max;
        s.runs += v[i] != v[i - 1];
    }
    for (size_t i = 0; i < n && s.scale != 1; i++) {
        uint64_t d = (uint64_t)v[i] - (uint64_t)s.min;
        if (s.scale == 0 || d % s.scale != 0)
            s.scale = divisor(d, s.scale);
    }
    s.scale = s.scale == 0 ? 1 : s.scale;
    return s;
}

static unsigned width_of(const Survey *s)
{
    return pack_width(((uint64_t)s->max - (uint64_t)s->min) / s->scale);
}

/* Distinct values in order of appearance into `distinct`, indexes into `index`; 0 when there
 * are more than `max`. */
static size_t distinct_values(const int64_t *v, size_t n, size_t max, int64_t *distinct,
                              uint64_t *index)
{
    static const uint64_t ODD = 0x9e3779b97f4a7c15ULL;
    uint16_t             *slots = calloc(DICT_SLOTS, sizeof *slots);
    size_t                count = 0;
    if (slots == NULL)
        base_out_of_memory(DICT_SLOTS);
    for (size_t i = 0; i < n && count <= max; i++) {
        size_t at = (size_t)((uint64_t)v[i] * ODD >> 50);
        while (slots[at] != 0 && distinct[slots[at] - 1] != v[i])
            at = (at + 1) % DICT_SLOTS;
        if (slots[at] == 0) {
            if (count == max) {
                count++;
                break;
            }
            distinct[count++] = v[i];
            slots[at] = (uint16_t)count;
        }
        index[i] = slots[at] - 1U;
    }
    free(slots);
    return count > max ? 0 : count;
}

static void put_for(Buf *out, ChunkHead *head, const int64_t *v, size_t n, const Survey *s,
                    uint64_t *scratch)
{
    head->base = s->min;
    head->scale = (int64_t)s->scale;
    head->width = (uint8_t)width_of(s);
    for (size_t i = 0; i < n; i++)
        scratch[i] = ((uint64_t)v[i] - (uint64_t)s->min) / s->scale;
    put_packed(out, scratch, n, head->width);
}

static void put_rle(Buf *out, ChunkHead *head, const int64_t *v, size_t n, const Survey *s,
                    uint64_t *scratch)
{
    int64_t *values = malloc(s->runs * sizeof *values);
    size_t   runs = 0;
    if (values == NULL)
        base_out_of_memory(s->runs);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && v[i + 1] == v[i])
            continue;
        scratch[runs] = i + 1;
        values[runs++] = v[i];
    }
    head->encoding = CHUNK_RLE;
    head->aux = (uint32_t)runs;
    put_packed(out, scratch, runs, pack_width(n));
    put_for(out, head, values, runs, s, scratch);
    free(values);
}

void chunk_put_ints(Buf *out, ChunkHead *head, const int64_t *v, size_t n)
{
    head->encoding = CHUNK_FOR;
    head->scale = 1;
    if (n == 0)
        return;
    Survey    s = survey(v, n);
    unsigned  width = width_of(&s);
    size_t    plain = pack_bytes(n, width);
    uint64_t *scratch = malloc((n + 1) * sizeof *scratch);
    int64_t  *distinct = malloc(DICT_MAX * sizeof *distinct);
    if (scratch == NULL || distinct == NULL)
        base_out_of_memory(n);
    size_t runs = pack_bytes(s.runs, width) + pack_bytes(s.runs, pack_width(n));
    size_t max = plain / 16 < DICT_MAX ? plain / 16 : DICT_MAX; /* at most half is dictionary */
    size_t count =
        width > 12 && runs > plain / 3 ? distinct_values(v, n, max, distinct, scratch) : 0;
    size_t dict = count > 0 ? count * 8 + pack_bytes(n, pack_width(count - 1)) : SIZE_MAX;
    if (count > 0 && dict < runs && dict < plain - plain / 8) {
        head->encoding = CHUNK_DICT;
        head->aux = (uint32_t)count;
        head->width = (uint8_t)pack_width(count - 1);
        unsigned char *p = extend(out, count * 8);
        memcpy(p, distinct, count * 8);
        put_packed(out, scratch, n, head->width);
    } else if (runs < plain / 2) {
        put_rle(out, head, v, n, &s, scratch);
    } else {
        put_for(out, head, v, n, &s, scratch);
    }
    free(distinct);
    free(scratch);
}

/* --- reals --------------------------------------------------------------------------- */

static const double POWERS[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};

static bool as_decimals(const double *v, size_t n, unsigned exponent, int64_t *out)
{
    for (size_t i = 0; i < n; i++) {
        double scaled = v[i] * POWERS[exponent];
        if (!(fabs(scaled) < 9e15))
            return false;
        int64_t whole = llround(scaled);
        if (!real_same((double)whole / POWERS[exponent], v[i]))
            return false;
        out[i] = whole;
    }
    return true;
}

void chunk_put_reals(Buf *out, ChunkHead *head, const double *v, size_t n)
{
    int64_t *ints = malloc((n + 1) * sizeof *ints);
    if (ints == NULL)
        base_out_of_memory(n);
    for (unsigned e = 0; e < COUNT_OF(POWERS); e++) {
        if (!as_decimals(v, n, e, ints))
            continue;
        head->exponent = (uint8_t)e;
        chunk_put_ints(out, head, ints, n);
        free(ints);
        return;
    }
    head->exponent = CHUNK_EXPONENT_BITS;
    memcpy(ints, v, n * sizeof *ints);
    chunk_put_ints(out, head, ints, n);
    free(ints);
}

/* --- texts --------------------------------------------------------------------------- */

void chunk_put_texts(Buf *out, ChunkHead *head, const Str *v, size_t n)
{
    size_t total = n * 4;
    for (size_t i = 0; i < n; i++)
        total += v[i].len;
    ASSERT(total < UINT32_MAX);
    unsigned char *plain = malloc(total + 1);
    if (plain == NULL)
        base_out_of_memory(total);
    size_t at = n * 4;
    for (size_t i = 0; i < n; i++) {
        uint32_t len = (uint32_t)v[i].len;
        memcpy(plain + i * 4, &len, 4);
        if (len > 0)
            memcpy(plain + at, v[i].ptr, len);
        at += len;
    }
    size_t bound = ZSTD_compressBound(total);
    size_t before = out->len;
    extend(out, bound);
    size_t got = ZSTD_compress(out->ptr + before, bound, plain, total, 3);
    ASSERT(!ZSTD_isError(got));
    out->len = before + got;
    head->encoding = CHUNK_TEXT;
    head->aux = (uint32_t)total;
    free(plain);
}
