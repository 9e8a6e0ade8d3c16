/* stem_uk.h - Ukrainian words without their endings.
 *
 * Snowball has no Ukrainian, so this one is ours. It takes endings of nouns, adjectives and
 * the verbs that stand in shops, and evens out what Ukrainian changes inside a word when its
 * ending changes:
 *
 *      vowels that come and go   куртка, курток      -> куртк
 *      і in a closed syllable    колір, кольору      -> колр
 *                                стіл, стола         -> стол
 *      soft sign, doubling       стілець, стільця    -> стілц;   сіль, сіллю -> сол
 *
 * A stem is a key that inflected forms share, not a word. Where one form may belong to two
 * stems (куртці: куртка, but олівці: олівець) the second is given apart: ask for it when the
 * first finds nothing. Consonants change before і (к ц, г з, х с) and before adjectives
 * (чоловік, чоловічий). */
#pragma once

#include "base/str.h"

enum { STEM_UK_MAX = 96 /* bytes of a word; longer ones stay as they are */ };

typedef struct StemUk {
    char   first[STEM_UK_MAX]; /* UTF-8, not terminated */
    char   second[STEM_UK_MAX];
    size_t first_len;
    size_t second_len; /* 0: there is no other */
} StemUk;

/* `word` is one word in lower case without apostrophes. What has letters of other
 * alphabets comes back as it is. */
void stem_uk(Str word, StemUk *ret);
