/* vocabulary.h - what can only be understood by who knows the words of an index.
 *
 * query_parse() knows languages, not the shop. Which of a word's hundred readings in another
 * script is meant, what a keyboard slip or a compound is made of: that the vocabulary decides.
 * The engine lends it, and calls query_expand() between reading a query and running it. */
#pragma once

#include "search/analysis.h"

typedef struct Vocabulary {
    void *ctx;
    /* About how many documents have this term in this space; 0: none. */
    uint32_t (*docs)(void *ctx, size_t space, Str term);
    /* Does any surface in this space begin with these bytes? */
    bool (*begins)(void *ctx, size_t space, Str beginning);
    /* How many terms end with this one, as compounds do with their head? Asked only where
     * analyzer_heads() is not 0. */
    uint32_t (*ends)(void *ctx, size_t space, Str end);
} Vocabulary;

/* For words of `tree` none of whose alternatives has documents, add alternatives that have:
 * readings in the other script, parts of a compound. `analyzers` as for query_parse(). */
void query_expand(const Analyzer *const *analyzers, size_t n, const Vocabulary *v, Arena *a,
                  QueryTree *tree);

enum { COMPOUND_TERMS_MAX = 4 };

/* Of how many documents a word may be at most to be looked for as the head of compounds too: any
 * number in Dutch and German, where compounds are everyday words; few in Russian and Ukrainian
 * (електрочайник); 0 elsewhere. */
uint32_t analyzer_heads(const Analyzer *an);

/* The terms of the words that `surface`, a folded word, is made of, in order; 0 when it is no
 * compound of words that `v` knows in `space`. The last one is the head: laufschuhe -> lauf,
 * schuh. */
size_t analyzer_compound(const Analyzer *an, Str surface, const Vocabulary *v, size_t space,
                         Arena *a, Str terms[COMPOUND_TERMS_MAX]);
