#include "search/segment_int.h"

#include <math.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/map.h"
#include "base/utf8.h"
#include "search/mem_int.h"

Segment *search_segment_ref(Segment *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void search_segment_unref(Segment *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    void *const arrays[] = {
        s->ids,          s->by_id,      s->first_row, s->group_ids, s->keys,    s->key_at,
        s->container_at, s->term,       s->seen,      s->by_length, s->letters, s->length_at,
        s->docs,         s->containers, s->weights,   s->places_at, s->places,  s->pairs,
        s->slots,        s->tags,       s->lengths};
    for (size_t i = 0; i < COUNT_OF(arrays); i++)
        free(arrays[i]);
    for (uint32_t i = 0; i < s->n_columns; i++)
        column_free(s->columns[i]);
    for (size_t i = 0; i < SEARCH_SIGNALS_MAX; i++)
        free(atomic_load(&s->signals[i]));
    free(s->columns);
    free(s);
}

size_t segment_bytes(const Segment *s)
{
    size_t n = sizeof *s + s->n_docs * (sizeof *s->ids + sizeof *s->by_id);
    n += s->first_row ? (s->n_docs + (size_t)1) * sizeof *s->first_row : 0;
    n += s->group_ids ? s->n_rows * sizeof *s->group_ids : 0;
    if (s->n_entries > 0)
        n += s->key_at[s->n_entries] + (s->n_entries + (size_t)1) * 2 * sizeof *s->key_at;
    n += s->n_words * (sizeof *s->term + sizeof *s->seen);
    n += s->n_slots * (sizeof *s->slots + sizeof *s->tags);
    n += s->n_by_length * (sizeof *s->by_length + sizeof *s->letters + sizeof *s->pairs);
    n += s->n_entries > 0 ? s->container_at[s->n_entries] * sizeof *s->containers : 0;
    n += s->n_postings * (sizeof *s->docs + sizeof *s->weights);
    if (s->places_at)
        n += s->n_docs * sizeof *s->lengths + s->n_places * sizeof *s->places +
             (s->n_postings / PLACES_GROUP + (size_t)1) * sizeof *s->places_at;
    n += s->n_columns * sizeof *s->columns;
    for (uint32_t i = 0; i < s->n_columns; i++)
        n += s->columns[i] ? column_bytes(s->columns[i]) : 0;
    for (size_t i = 0; i < SEARCH_SIGNALS_MAX; i++)
        n += atomic_load(&s->signals[i]) ? s->n_docs * sizeof(uint32_t) : 0;
    return n;
}

uint32_t segment_lower(const Segment *s, Str key)
{
    uint32_t low = 0, n = s->n_entries;
    while (n > 0) {
        uint32_t half = n / 2;
        if (str_cmp(segment_key(s, low + half), key) < 0) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

/* The slot where looking for a hash begins, and its tag. */
static uint32_t slot_of(const Segment *s, uint64_t hash)
{
    return (uint32_t)((hash & UINT32_MAX) * s->n_slots >> 32);
}

static uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)(hash >> 56 | 1);
}

uint32_t segment_find(const Segment *s, Str key)
{
    if (s->n_slots == 0)
        return NO_ENTRY;
    uint64_t hash = map_hash(key);
    uint8_t  tag = tag_of(hash);
    for (uint32_t i = slot_of(s, hash); s->tags[i] != 0; i = i + 1 == s->n_slots ? 0 : i + 1)
        if (s->tags[i] == tag && str_eq(segment_key(s, s->slots[i]), key))
            return s->slots[i];
    return NO_ENTRY;
}

uint32_t segment_doc(const Segment *s, int64_t id)
{
    uint32_t low = 0, n = s->n_docs;
    while (n > 0) {
        uint32_t half = n / 2;
        if (s->ids[s->by_id[low + half]] < id) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low < s->n_docs && s->ids[s->by_id[low]] == id ? s->by_id[low] : UINT32_MAX;
}

uint32_t segment_df(const Segment *s, uint32_t entry)
{
    const Container *from = s->containers + s->container_at[entry];
    const Container *end = s->containers + s->container_at[entry + 1];
    return from == end ? 0 : end[-1].at + end[-1].last + 1 - from->at;
}

const Container *segment_container(const Segment *s, uint32_t entry, uint32_t chunk)
{
    const Container *from = s->containers + s->container_at[entry];
    const Container *end = s->containers + s->container_at[entry + 1];
    for (; from < end && from->chunk <= chunk; from++)
        if (from->chunk == chunk)
            return from;
    return NULL;
}

const uint16_t *segment_places(const Segment *s, uint32_t posting)
{
    const uint16_t *p = s->places + s->places_at[posting / PLACES_GROUP];
    uint32_t        skip = posting % PLACES_GROUP;
#ifdef __SSE2__
    const uint16_t *last = s->places + s->n_places;
    while (skip > 0 && last - p >= 8) { /* eight places; their signs are ends */
        __m128i  places = _mm_loadu_si128((const __m128i *)(const void *)p), none = {0};
        __m128i  ones = _mm_sad_epu8(_mm_srli_epi16(places, 15), none);
        uint32_t n = (uint32_t)(_mm_cvtsi128_si32(ones) + _mm_extract_epi16(ones, 4));
        if (n < skip) {
            skip -= n;
            p += 8;
            continue;
        }
        uint32_t ends = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(places, none));
        for (; skip > 1; skip--)
            ends &= ends - 1;
        return p + __builtin_ctz(ends) + 1;
    }
#endif
    for (; skip > 0; p++)
        skip -= (*p & PLACE_END) != 0;
    return p;
}

void segment_set_signal(Segment *s, uint32_t signal, uint32_t doc, float value)
{
    _Atomic uint32_t *values = atomic_load(&s->signals[signal]);
    uint32_t          bits;
    if (!values) {
        values = mem_new(s->n_docs, sizeof *values);
        atomic_store_explicit(&s->signals[signal], values, memory_order_release);
    }
    memcpy(&bits, &value, sizeof bits);
    atomic_store_explicit(&values[doc], bits, memory_order_relaxed);
}

/* --- what follows from the rest ----------------------------------------------------------- */

static int by_id(const void *x, const void *y, void *arg)
{
    const int64_t *ids = arg;
    int64_t        a = ids[*(const uint32_t *)x], b = ids[*(const uint32_t *)y];
    return a < b ? -1 : a > b;
}

static void order_ids(Segment *s)
{
    bool sorted = true;
    s->by_id = mem_new(s->n_docs, sizeof *s->by_id);
    for (uint32_t i = 0; i < s->n_docs; i++) {
        s->by_id[i] = i;
        sorted &= i == 0 || s->ids[i - 1] < s->ids[i];
    }
    if (!sorted)
        qsort_r(s->by_id, s->n_docs, sizeof *s->by_id, by_id, s->ids);
}

uint32_t letters_signature(const uint32_t *letters, size_t n)
{
    uint32_t set = 0;
    for (size_t i = 0; i < n; i++)
        set |= 1U << (letters[i] * 0x9e3779b1U >> 27);
    return set;
}

uint64_t pairs_signature(const uint32_t *letters, size_t n)
{
    uint64_t set = 0;
    for (size_t i = 0; i + 1 < n; i++)
        set |= (uint64_t)1 << ((letters[i] * 31 + letters[i + 1]) * 0x9e3779b1U >> 26);
    return set;
}

size_t letters_of(Str text, uint32_t letters[LETTERS_MAX])
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    size_t      n = 0;
    while (p < end) {
        size_t bytes = n < LETTERS_MAX ? utf8_next(p, end, &letters[n]) : 0;
        if (bytes == 0)
            return 0;
        p += bytes;
        n++;
    }
    return n;
}

bool word_is_correctable(Str word)
{
    size_t digits = 0, run = 0; /* of digits in front */
    for (size_t i = 0; i < word.len; i++) {
        bool digit = word.ptr[i] >= '0' && word.ptr[i] <= '9';
        run += digit && i == run;
        digits += digit;
    }
    if (digits == 0)
        return true;
    if (digits == word.len)
        return digits >= 6; /* a part number, no measure */
    bool amount = run == digits && word.len - digits <= 3;
    return word.len >= 5 && !amount && memchr(word.ptr, '.', word.len) == NULL;
}

typedef struct Signature {
    uint32_t letters;
    uint64_t pairs;
} Signature;

/* The slot of length_at of a word; UINT32_MAX: it is not one to correct. Stems are:
 * forms that nobody wrote yet are near them. */
static uint32_t length_slot(const Segment *s, uint32_t entry, Signature *signature)
{
    NOT_CLEARED uint32_t letters[LETTERS_MAX];
    Str                  key = segment_key(s, entry);
    if (s->seen[entry] == 0 && s->container_at[entry] == s->container_at[entry + 1])
        return UINT32_MAX;
    if (!word_is_correctable(str_skip(key, 1)))
        return UINT32_MAX;
    size_t n = letters_of(str_skip(key, 1), letters);
    *signature = (Signature){letters_signature(letters, n), pairs_signature(letters, n)};
    return n == 0 ? UINT32_MAX : (unsigned char)key.ptr[0] * (LETTERS_MAX + 1U) + (uint32_t)n;
}

static void order_lengths(Segment *s)
{
    s->n_spaces = s->n_words > 0 ? (unsigned char)segment_key(s, s->n_words - 1).ptr[0] + 1U : 0;
    size_t     n_slots = (size_t)s->n_spaces * (LETTERS_MAX + 1);
    uint32_t  *slot = mem_new(s->n_words, sizeof *slot);
    Signature *signatures = mem_new(s->n_words, sizeof *signatures);
    s->length_at = mem_new(n_slots + 1, sizeof *s->length_at);
    for (uint32_t i = 0; i < s->n_words; i++) {
        slot[i] = length_slot(s, i, &signatures[i]);
        if (slot[i] != UINT32_MAX)
            s->length_at[slot[i] + 1]++;
    }
    for (size_t i = 0; i < n_slots; i++)
        s->length_at[i + 1] += s->length_at[i];
    s->n_by_length = s->length_at[n_slots];
    s->by_length = mem_new(s->n_by_length, sizeof *s->by_length);
    s->letters = mem_new(s->n_by_length, sizeof *s->letters);
    s->pairs = mem_new(s->n_by_length, sizeof *s->pairs);
    uint32_t *next = mem_copy(s->length_at, n_slots + 1, sizeof *next);
    for (uint32_t i = 0; i < s->n_words; i++)
        if (slot[i] != UINT32_MAX) {
            s->letters[next[slot[i]]] = signatures[i].letters;
            s->pairs[next[slot[i]]] = signatures[i].pairs;
            s->by_length[next[slot[i]]++] = i;
        }
    free(next);
    free(slot);
    free(signatures);
}

/* Three of four slots are taken. */
static void make_slots(Segment *s)
{
    s->n_slots = s->n_entries == 0 ? 0 : s->n_entries + s->n_entries / 3 + 1;
    s->slots = mem_new(s->n_slots, sizeof *s->slots);
    s->tags = mem_new(s->n_slots, sizeof *s->tags);
    for (uint32_t entry = 0; entry < s->n_entries; entry++) {
        uint64_t hash = map_hash(segment_key(s, entry));
        uint32_t i = slot_of(s, hash);
        while (s->tags[i] != 0)
            i = i + 1 == s->n_slots ? 0 : i + 1;
        s->slots[i] = entry;
        s->tags[i] = tag_of(hash);
    }
}

/* From the places that end a text. */
static void note_lengths(Segment *s)
{
    const uint16_t *at = s->places;
    if (!s->places_at || s->n_entries == 0)
        return;
    s->lengths = mem_new(s->n_docs, sizeof *s->lengths);
    for (uint32_t i = 0; i < s->container_at[s->n_entries]; i++) {
        const Container *c = &s->containers[i];
        for (uint32_t posting = c->at; posting <= c->at + c->last; posting++) {
            uint32_t doc = (uint32_t)c->chunk << CHUNK_BITS | s->docs[posting];
            do {
                uint32_t position = *at & PLACE_POSITION;
                if ((*at & PLACE_LAST) && position < 8 * sizeof *s->lengths)
                    s->lengths[doc] |= (uint16_t)(1U << position);
            } while (!(*at++ & PLACE_END));
        }
    }
}

void segment_finish(Segment *s)
{
    note_lengths(s);
    order_ids(s);
    make_slots(s);
    order_lengths(s);
}

/* --- weights ------------------------------------------------------------------------------ */

static const float WEIGHT_LEAST = 0.02F, WEIGHT_STEPS = 20; /* per octave: to 138 */

uint8_t weight_byte(float w)
{
    float q = roundf(log2f(w / WEIGHT_LEAST) * WEIGHT_STEPS);
    return q < 0 || !(w > 0) ? 0 : q > UINT8_MAX ? UINT8_MAX : (uint8_t)q;
}

float weight_of(uint8_t byte)
{
    return WEIGHT_LEAST * exp2f((float)byte / WEIGHT_STEPS);
}
