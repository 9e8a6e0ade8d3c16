/* edit_int.h - how far two words are from one another.
 *
 * The distance is that of optimal string alignment: letters put in, left out, replaced, or two
 * neighbours swapped, each costs one. Letters are code points.
 *
 * One word is compared with many: it becomes a pattern, a bit per letter, and each other word
 * is read once (H. Hyyrö, A bit-vector algorithm for computing Levenshtein and Damerau edit
 * distances, 2003). */
#pragma once

#include "base/str.h"

enum { EDIT_LETTERS_MAX = 64, EDIT_SLOTS = 256 };

typedef struct EditPattern {
    size_t   n;
    uint64_t bits[EDIT_SLOTS];    /* where the letter of this slot stands in the word */
    uint32_t letters[EDIT_SLOTS]; /* + 1; 0: free */
} EditPattern;

/* At least one letter, at most EDIT_LETTERS_MAX. */
void edit_pattern(EditPattern *p, const uint32_t *letters, size_t n);

/* The distance of the word in UTF-8 when it is at most `max`, else max + 1. */
unsigned edit_distance(const EditPattern *p, Str word, unsigned max);

/* How many edits a word of n letters may be away: 0 below four, then 1, from eight on 2. */
unsigned edit_allowed(size_t n);
