/* segment_int.h - an immutable part of an index: some documents and all about them.
 *
 * Documents are numbered from 0; their postings are kept in chunks of 65,536 documents, so that
 * 16 bits name one. A query works through a segment chunk by chunk.
 *
 * Dictionary. Entries are sorted keys: one byte that names the space (1 + number of the locale;
 * SPACE_CODES) and the text. The words come first: of them `term` says which entry has the
 * postings of their stem (often the entry itself), and `seen` how many documents wrote them so.
 * An entry without postings is only a way to write something; one with seen 0 only a stem.
 *
 * Postings of an entry: its containers, one per chunk. A posting is the document's lower 16
 * bits, the weight w of the term in it (quantised, see weight_byte()), and the places where it
 * occurs: 16 bits each,
 *      bit 15      the last place of this posting
 *      bit 14      the last word of its text
 *      bits 10-13  number of the text field
 *      bits 0-9    position in words; 1023: further back than that
 * The places of posting p begin in places[]: places_at[p / 16] is where those of the group of
 * sixteen begin, the rest is found by counting ends. */
#pragma once

#include <stdatomic.h>
#include <string.h>

#include "search/analysis.h"
#include "search/column_int.h"

enum {
    CHUNK_BITS = 16,
    CHUNK_DOCS = 1 << CHUNK_BITS,
    SPACE_CODES = 0xff,
    KEY_MAX = TERM_MAX + 1,
    PLACE_END = 0x8000,
    PLACE_LAST = 0x4000,
    PLACE_FIELD_SHIFT = 10,
    PLACE_POSITION = 0x3ff,
    PLACES_GROUP = 16,
    LETTERS_MAX = 64, /* of a word that can be corrected */
};

#define NO_ENTRY UINT32_MAX

typedef struct Container {
    uint32_t at;    /* first posting */
    uint16_t chunk; /* documents chunk * 65536 + … */
    uint16_t last;  /* number of postings - 1 */
} Container;

typedef struct Segment {
    _Atomic uint32_t refs;

    uint32_t  n_docs;
    uint32_t  n_rows;    /* groups, at least one per document */
    int64_t  *ids;       /* of the documents */
    uint32_t *by_id;     /* documents, ascending by id */
    uint32_t *first_row; /* n_docs + 1; NULL: row i is document i */
    int64_t  *group_ids; /* of the rows; NULL: no document has groups */

    uint32_t   n_entries;
    uint32_t   n_words;
    char      *keys;
    uint32_t  *key_at; /* n_entries + 1 */
    uint32_t  *slots;  /* entries by the hash of their key */
    uint8_t   *tags;   /* of the slots: some more bits of the hash; 0: free */
    uint32_t   n_slots;
    uint32_t  *container_at; /* n_entries + 1 */
    uint32_t  *term;         /* n_words */
    uint32_t  *seen;         /* n_words */
    uint32_t  *by_length;    /* words that can be corrected, by space and number of letters */
    uint32_t  *letters;      /* their signatures, beside by_length */
    uint64_t  *pairs;        /* those of their pairs of letters */
    uint32_t   n_by_length;
    uint32_t   n_spaces;
    uint32_t  *length_at; /* [space * (LETTERS_MAX + 1) + letters]: where they begin; one more */
    Container *containers;
    uint16_t  *docs;
    uint8_t   *weights;
    uint32_t   n_postings;
    uint32_t  *places_at; /* NULL: places are not kept */
    uint16_t  *places;
    uint32_t   n_places;
    uint16_t  *lengths; /* by document: bit n, it has a text of n + 1 words; or NULL */

    Column **columns; /* by field; NULL: no document has a value */
    uint32_t n_columns;
    /* Bits of floats, by document; or NULL. The one thing that changes in a segment. */
    _Atomic(_Atomic uint32_t *) signals[SEARCH_SIGNALS_MAX];
} Segment;

Segment *search_segment_ref(Segment *s);
void     search_segment_unref(Segment *s); /* NULL is fine */
size_t   segment_bytes(const Segment *s);

static inline Str segment_key(const Segment *s, uint32_t entry)
{
    return (Str){s->keys + s->key_at[entry], s->key_at[entry + 1] - s->key_at[entry]};
}

/* The first entry whose key is not less; n_entries: none. */
uint32_t segment_lower(const Segment *s, Str key);
uint32_t segment_find(const Segment *s, Str key); /* NO_ENTRY: not there */

/* The document with this id, dead or alive; UINT32_MAX: none. */
uint32_t segment_doc(const Segment *s, int64_t id);

/* Number of postings of an entry. */
uint32_t segment_df(const Segment *s, uint32_t entry);

/* The entry's container of this chunk, or NULL. */
const Container *segment_container(const Segment *s, uint32_t entry, uint32_t chunk);

/* Where the places of a posting are: read until one has PLACE_END. */
const uint16_t *segment_places(const Segment *s, uint32_t posting);

static inline uint32_t segment_first_row(const Segment *s, uint32_t doc)
{
    return s->first_row ? s->first_row[doc] : doc;
}

static inline float segment_signal(const Segment *s, uint32_t signal, uint32_t doc)
{
    const _Atomic uint32_t *values =
        atomic_load_explicit(&s->signals[signal], memory_order_acquire);
    uint32_t bits = 0;
    float    f;
    if (values)
        bits = atomic_load_explicit(&values[doc], memory_order_relaxed);
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* Set a signal; one thread at a time sets. NaN stands for "not told". */
void segment_set_signal(Segment *s, uint32_t signal, uint32_t doc, float value);

/* Fill ids' order, by_length, letters, length_at: what follows from the rest. */
void segment_finish(Segment *s);

/* May this word be taken for another one, and another one for it? Not amounts: "10mm" is no typo
 * of "12mm"; but part numbers of some length are. */
bool word_is_correctable(Str word);

/* The letters of a word as a set of 32, the pairs of neighbours among them as a set of 64: what k
 * edits can change of them says expand.c. */
uint32_t letters_signature(const uint32_t *letters, size_t n);
uint64_t pairs_signature(const uint32_t *letters, size_t n);
/* Code points of a key's text; 0 when there are more than LETTERS_MAX or it is not UTF-8. */
size_t letters_of(Str text, uint32_t letters[LETTERS_MAX]);

/* The weight of a posting in a byte, in steps of 3.5 %; and back. */
uint8_t weight_byte(float w);
float   weight_of(uint8_t byte);
