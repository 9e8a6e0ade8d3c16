/* translit.h - words of one script written in the other: "kurtka", "найк".
 *
 * People write Russian and Ukrainian with Latin letters by several systems and by ear, and
 * brands with Cyrillic ones as they sound. So a word has many readings. translit_walk() tries
 * them letter by letter and asks, as it goes, whether anything begins so: a vocabulary keeps
 * it from the readings that lead nowhere. */
#pragma once

#include "base/str.h"

typedef enum TranslitTo {
    TRANSLIT_TO_LATIN,
    TRANSLIT_TO_RUSSIAN,
    TRANSLIT_TO_UKRAINIAN,
} TranslitTo;

typedef struct TranslitAsk {
    void *ctx;
    /* Does anything known begin with this? Asked for beginnings of 2 letters and more. */
    bool (*begins)(void *ctx, Str beginning);
    /* A whole reading; `cost` is 0 for the plainest and grows by 1 for each less likely
     * letter. Return false to hear no more. */
    bool (*reading)(void *ctx, Str word, unsigned cost);
} TranslitAsk;

enum {
    TRANSLIT_WORD_MAX = 48,   /* bytes; longer words have no readings */
    TRANSLIT_STEPS_MAX = 2000 /* letters tried for one word */
};

/* All readings of a folded word, likely letters first. */
void translit_walk(TranslitTo to, Str word, const TranslitAsk *ask);

/* The plainest reading alone, by the usual tables (Ukrainian: the national one of 2010), at
 * most `cap` bytes; 0 when `word` is not written in the other script. */
size_t translit_plain(TranslitTo to, Str word, char *out, size_t cap);
