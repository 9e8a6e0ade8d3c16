/* compound.h - Dutch and German words made of words: "hardloopschoenen", "Damenlaufschuhe".
 *
 * What a part may be, the index's own vocabulary says. Parts may be linked by s, e, en, n, er
 * or es, and the part before may have lost its own e ("Schul|tasche" has Schule). */
#pragma once

#include "search/language.h"

enum {
    COMPOUND_PARTS_MAX = 4,
    COMPOUND_PART_MIN = 3, /* letters of a part; of one-letter variance is made too much */
    COMPOUND_WORD_MIN = 7, /* letters of a word that may be a compound */
};

/* How many documents have this folded word, in any form? */
typedef uint32_t CompoundKnown(void *ctx, Str word);

/* Split a folded word into words that are known; 0 when it cannot be. parts[] point into
 * `word`; the last one is the head. Of several ways the one with fewer, then more frequent
 * parts is taken. */
size_t compound_split(Language l, Str word, CompoundKnown *known, void *ctx,
                      Str parts[COMPOUND_PARTS_MAX]);
