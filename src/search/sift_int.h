/* sift_int.h - which of many words may be near another one, by their signatures.
 *
 * A signature is the set of a word's letters in 32 bits, and of its pairs of neighbours in 64
 * (segment_int.h). Words that are few edits apart differ by few bits, so most words are passed
 * over without being read. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SIFT_MAX = 1024 /* words at a time */, FEW_BITS = 5 };

typedef struct Signatures {
    uint32_t letters;
    uint64_t pairs;
} Signatures;

/* How many bits the signatures of two words may differ by: of their letters, and of their pairs by
 * how many of their letters do. A letter put in or left out changes one letter and three pairs, one
 * in the place of another two and four, two swapped none and six. */
typedef struct Difference {
    uint8_t letters;
    uint8_t pairs[FEW_BITS]; /* [letters] is the last one that is used */
} Difference;

/* Those of n words that differ from the wanted one by no more: their places, ascending, into
 * ret[SIFT_MAX]. Returns how many. */
size_t sift_near(const uint32_t *letters, const uint64_t *pairs, size_t n, const Signatures *wanted,
                 const Difference *d, uint16_t *ret);
