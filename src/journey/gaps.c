/* Gaps in time between neighbouring rows: where sessions end. */
#include "base/fast.h"
#include "journey/ask.h"

#if defined(__x86_64__)
#include "journey/pack_simd.h"

/* The ticks of sixteen rows less those of the rows before; *last is the vector before. */
__attribute__((target("avx512f,avx512bw"))) static inline __m512i steps_512(const uint32_t *t,
                                                                            __m512i        *last)
{
    __m512i now = _mm512_loadu_si512(t);
    __m512i step = _mm512_sub_epi32(now, _mm512_alignr_epi32(now, *last, 15));
    *last = now;
    return step;
}

__attribute__((target("avx512f,avx512bw"))) static void bits_512(uint64_t *out, const uint32_t *t,
                                                                 uint32_t gap, size_t rows)
{
    __m512i most = _mm512_set1_epi32((int)gap), last = _mm512_set1_epi32((int)t[0]);
    for (size_t w = 0; w < (rows + 63) / 64; w++) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 4; k++) {
            __m512i step = steps_512(t + w * 64 + 16UL * k, &last);
            word |= (uint64_t)_mm512_cmpgt_epu32_mask(step, most) << (16 * k);
        }
        out[w] = word;
    }
}

/* Of sixteen steps the long ones are moved together behind those there are. */
__attribute__((target("avx512f,avx512bw,popcnt"))) static inline uint64_t keep_long(uint32_t *out,
                                                                                    size_t   *n,
                                                                                    __m512i   step,
                                                                                    __m512i   most)
{
    __mmask16 m = _mm512_cmpgt_epu32_mask(step, most);
    __m512i   kept = _mm512_maskz_compress_epi32(m, step);
    size_t    count = (size_t)__builtin_popcount(m);
    _mm256_storeu_si256((__m256i *)(void *)(out + *n), _mm512_castsi512_si256(kept));
    if (__builtin_expect(count > 8, 0)) /* mostly the half does, and lies in one line */
        _mm256_storeu_si256((__m256i *)(void *)(out + *n + 8), _mm512_extracti64x4_epi64(kept, 1));
    *n += count;
    return m;
}

/* What lies behind the last row may seem long; returns how many are. */
static size_t cut_last(GapWord *last, size_t rows)
{
    if (rows % 64 != 0)
        last->bits &= pack_mask((unsigned)(rows % 64));
    return (size_t)last->before + (size_t)__builtin_popcountll(last->bits);
}

__attribute__((target("avx512f,avx512bw,popcnt"))) static size_t long_512(const LongGaps *to,
                                                                          const uint32_t *t,
                                                                          uint32_t gap, size_t rows)
{
    __m512i   most = _mm512_set1_epi32((int)gap), last = _mm512_set1_epi32((int)t[0]);
    size_t    n = 0;
    uint32_t *sums = to->sums + 1;
    for (size_t i = 0; i < rows; i += 64) {
        GapWord word = {.before = n};
        for (unsigned k = 0; k < 4; k++) {
            __m512i step = steps_512(t + i + 16UL * k, &last);
            word.bits |= keep_long(sums, &n, step, most) << (16 * k);
        }
        to->words[i / 64] = word;
    }
    return cut_last(&to->words[(rows - 1) / 64], rows);
}

/* The same from packed ticks, which are not written anywhere. */
__attribute__((target("avx512f,avx512bw,avx512vbmi,popcnt"))) static size_t long_vbmi(
    const LongGaps *to, const PackedTicks *ticks, uint32_t gap, size_t rows)
{
    const unsigned char *p = ticks->p, *ahead = ticks->ahead;
    size_t               n = 0, bytes = 2UL * ticks->width;
    uint32_t            *sums = to->sums + 1;
    __m512i              most = _mm512_set1_epi32((int)gap);
    __m512i              bit =
        _mm512_mullo_epi32(_mm512_set1_epi32((int)ticks->width), _mm512_loadu_si512(IOTA));
    __m512i shifts = _mm512_and_si512(bit, _mm512_set1_epi32(7));
    __m512i lanes = pack_lanes(bit);
    __m512i mask = _mm512_set1_epi32((int)pack_mask(ticks->width));
    __m512i last = _mm512_set1_epi32((int)packed_tick(ticks, 0));
    for (size_t i = 0; i < rows; i += 64) {
        GapWord word = {.before = n};
        for (unsigned k = 0; k < 4; k++) {
            __builtin_prefetch(ahead, 0, 2);
            __m512i now = _mm512_permutexvar_epi8(lanes, _mm512_loadu_si512(p));
            now = _mm512_and_si512(_mm512_srlv_epi32(now, shifts), mask);
            __m512i step = _mm512_sub_epi32(now, _mm512_alignr_epi32(now, last, 15));
            word.bits |= keep_long(sums, &n, step, most) << (16 * k);
            last = now;
            p += bytes;
            ahead += bytes;
        }
        to->words[i / 64] = word;
    }
    return cut_last(&to->words[(rows - 1) / 64], rows);
}

/* --- wide ticks: eight at a time ------------------------------------------------------- */

__attribute__((target("avx512f,avx512bw"))) static inline __m512i wide_steps_512(const int64_t *t,
                                                                                 __m512i *last)
{
    __m512i now = _mm512_loadu_si512(t);
    __m512i step = _mm512_sub_epi64(now, _mm512_alignr_epi64(now, *last, 7));
    *last = now;
    return step;
}

/* The k-th eight steps of a word: the long ones are moved together behind the n there are; returns
 * how many there are then. They are counted in the word: gcc 12 takes the upper bits of a mask of
 * eight that it has put aside for zeros. */
__attribute__((target("avx512f,avx512bw,popcnt"))) static inline size_t keep_long_wide(
    int64_t *out, size_t n, __m512i step, __m512i most, unsigned k, GapWord *word)
{
    __mmask8 m = _mm512_cmpgt_epi64_mask(step, most);
    _mm512_storeu_si512(out + n, _mm512_maskz_compress_epi64(m, step));
    word->bits |= (uint64_t)m << (8 * k);
    return word->before + (size_t)__builtin_popcountll(word->bits);
}

__attribute__((target("avx512f,avx512bw"))) static void wide_bits_512(uint64_t      *out,
                                                                      const int64_t *t, int64_t gap,
                                                                      size_t rows)
{
    __m512i most = _mm512_set1_epi64(gap), last = _mm512_set1_epi64(t[0]);
    for (size_t w = 0; w < (rows + 63) / 64; w++) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 8; k++) {
            __m512i step = wide_steps_512(t + w * 64 + 8UL * k, &last);
            word |= (uint64_t)_mm512_cmpgt_epi64_mask(step, most) << (8 * k);
        }
        out[w] = word;
    }
}

__attribute__((target("avx512f,avx512bw,popcnt"))) static size_t wide_long_512(const LongGaps *to,
                                                                               const int64_t  *t,
                                                                               int64_t         gap,
                                                                               size_t          rows)
{
    __m512i  most = _mm512_set1_epi64(gap), last = _mm512_set1_epi64(t[0]);
    size_t   n = 0;
    int64_t *sums = to->wide + 1;
    for (size_t i = 0; i < rows; i += 64) {
        GapWord word = {.before = n};
        for (unsigned k = 0; k < 8; k++) {
            __m512i step = wide_steps_512(t + i + 8UL * k, &last);
            n = keep_long_wide(sums, n, step, most, k, &word);
        }
        to->words[i / 64] = word;
    }
    return cut_last(&to->words[(rows - 1) / 64], rows);
}

__attribute__((target("avx512f,avx512bw,avx512vbmi,popcnt"))) static size_t wide_long_vbmi(
    const LongGaps *to, const PackedTicks *ticks, int64_t gap, size_t rows)
{
    const unsigned char *p = ticks->p, *ahead = ticks->ahead;
    PackWide             w = pack_wide(ticks->width);
    __m512i              most = _mm512_set1_epi64(gap);
    __m512i              last = _mm512_set1_epi64((int64_t)pack_get(p, ticks->width, 0));
    size_t               n = 0;
    int64_t             *sums = to->wide + 1;
    for (size_t i = 0; i < rows; i += 64) {
        GapWord word = {.before = n};
        for (unsigned k = 0; k < 8; k++) {
            __builtin_prefetch(ahead, 0, 2);
            __m512i now = pack_wide_read(&w, p);
            __m512i step = _mm512_sub_epi64(now, _mm512_alignr_epi64(now, last, 7));
            n = keep_long_wide(sums, n, step, most, k, &word);
            last = now;
            p += ticks->width;
            ahead += ticks->width;
        }
        to->words[i / 64] = word;
    }
    return cut_last(&to->words[(rows - 1) / 64], rows);
}
#endif

/* 64 rows are read at a time, and 64 bytes at a time: so far behind the last row, at most. */
enum { OVER = 64 * 56 / 8 + 64 };

static void bits_plain(uint64_t *out, const uint32_t *t, uint32_t gap, size_t rows)
{
    memset(out, 0, (rows + 63) / 64 * 8);
    for (size_t i = 1; i < rows; i++)
        out[i >> 6] |= (uint64_t)(t[i] - t[i - 1] > gap) << (i & 63);
}

static void bits_wide(uint64_t *out, const int64_t *t, int64_t gap, size_t rows)
{
#if defined(__x86_64__)
    if (fast_has(FAST_512)) {
        wide_bits_512(out, t, gap, rows);
        if (rows % 64 != 0)
            out[rows / 64] &= pack_mask((unsigned)(rows % 64));
        return;
    }
#endif
    memset(out, 0, (rows + 63) / 64 * 8);
    for (size_t i = 1; i < rows; i++)
        out[i >> 6] |= (uint64_t)(t[i] - t[i - 1] > gap) << (i & 63);
}

void bits_gaps(uint64_t *out, const Slab *s, int64_t gap)
{
    if (!s->view->narrow) {
        bits_wide(out, s->time, gap, s->rows);
        return;
    }
    if (gap >= (int64_t)UINT32_MAX) {
        memset(out, 0, (s->rows + 63) / 64 * 8);
        return;
    }
#if defined(__x86_64__)
    if (fast_has(FAST_512)) {
        bits_512(out, s->time, (uint32_t)gap, s->rows);
        if (s->rows % 64 != 0)
            out[s->rows / 64] &= pack_mask((unsigned)(s->rows % 64));
        return;
    }
#endif
    bits_plain(out, s->time, (uint32_t)gap, s->rows);
}

static void plain_long(const LongGaps *to, const uint32_t *ticks, uint32_t gap, size_t rows)
{
    size_t n = 0;
    for (size_t i = 0; i < rows; i++) {
        GapWord *word = &to->words[i / 64];
        if (i % 64 == 0)
            *word = (GapWord){.before = n};
        uint32_t step = i > 0 ? ticks[i] - ticks[i - 1] : 0;
        word->bits |= (uint64_t)(step > gap) << (i % 64);
        to->sums[n + 1] = to->sums[n] + step; /* written over unless it is long */
        n += step > gap;
    }
    to->words[(rows + 63) / 64] = (GapWord){.before = n};
}

void gaps_long(const LongGaps *to, const uint32_t *ticks, uint32_t gap, size_t rows)
{
    to->sums[0] = 0;
#if defined(__x86_64__)
    if (fast_has(FAST_512)) {
        size_t n = long_512(to, ticks, gap, rows);
        to->words[(rows + 63) / 64] = (GapWord){.before = n};
        pack_sums(to->sums + 1, n);
        return;
    }
#endif
    plain_long(to, ticks, gap, rows);
}

static size_t plain_long_wide(const LongGaps *to, const int64_t *ticks, int64_t gap, size_t rows)
{
    size_t n = 0;
    for (size_t i = 0; i < rows; i++) {
        GapWord *word = &to->words[i / 64];
        if (i % 64 == 0)
            *word = (GapWord){.before = n};
        int64_t step = i > 0 ? ticks[i] - ticks[i - 1] : 0;
        word->bits |= (uint64_t)(step > gap) << (i % 64);
        to->wide[n + 1] = step; /* written over unless it is long */
        n += step > gap;
    }
    return n;
}

/* The end of the words, and from the long steps what they are together. */
static void add_up(const LongGaps *to, size_t n, size_t rows)
{
    to->words[(rows + 63) / 64] = (GapWord){.before = n};
    to->wide[0] = 0;
    for (size_t i = 1; i <= n; i++)
        to->wide[i] += to->wide[i - 1];
}

void gaps_long_wide(const LongGaps *to, const int64_t *ticks, int64_t gap, size_t rows)
{
    size_t n;
#if defined(__x86_64__)
    if (fast_has(FAST_512))
        n = wide_long_512(to, ticks, gap, rows);
    else
#endif
        n = plain_long_wide(to, ticks, gap, rows);
    add_up(to, n, rows);
}

bool gaps_packed_wide(const LongGaps *to, const PackedTicks *ticks, int64_t gap, size_t rows)
{
#if defined(__x86_64__)
    if (fast_has(FAST_VBMI)) {
        add_up(to, wide_long_vbmi(to, ticks, gap, rows), rows);
        return true;
    }
#endif
    (void)to, (void)ticks, (void)gap, (void)rows;
    return false;
}

bool gaps_packed(const LongGaps *to, const PackedTicks *ticks, uint32_t gap, size_t rows)
{
#if defined(__x86_64__)
    if (fast_has(FAST_VBMI)) {
        size_t n = long_vbmi(to, ticks, gap, rows);
        to->words[(rows + 63) / 64] = (GapWord){.before = n};
        to->sums[0] = 0;
        pack_sums(to->sums + 1, n);
        return true;
    }
#endif
    (void)to, (void)ticks, (void)gap, (void)rows;
    return false;
}

bool packed_ticks(Slab *s, unsigned most, PackedTicks *ret)
{
    const ChunkView *v = &s->times;
    if (!fast_has(FAST_BMI2) || !fast_has(FAST_AVX2) || s->has_time || !s->time_view ||
        v->encoding != CHUNK_FOR || v->scale < s->view->unit || v->scale % s->view->unit != 0 ||
        v->width > most)
        return false;
    const Segment *seg = s->source->seg;
    if ((size_t)(seg->p + seg->size - v->packed) < pack_bytes(s->rows, v->width) + OVER)
        return false; /* a file of ours has its index there */
    ret->p = v->packed;
    ret->scale = v->scale / s->view->unit;
    ret->width = v->width;
    ret->ahead = segment_ahead(s->source->seg, s->block, SEG_TIME, v->packed);
    return true;
}
