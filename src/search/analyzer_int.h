/* analyzer_int.h - what reading texts and reading queries share. */
#pragma once

#include "search/analysis.h"
#include "search/forms.h"
#include "search/runs.h"

struct Analyzer {
    char unused; /* its place in the table of analyzers says all */
};

Language analyzer_language(const Analyzer *an);

enum { JOINED_MAX = 4 /* runs that make one word together */, PIECES_MAX = 6 };

/* "wh1000xm4" -> wh 1000 xm 4: bounds between letters and digits. 0: too many. */
size_t analyzer_pieces(Str word, Str pieces[PIECES_MAX]);

/* Do two runs, one after the other, also make one word: "wi-fi", "ps/2"? */
bool analyzer_joins(const Run *left, const Run *right);

/* The word that n runs of `s` make together, squeezed; empty when it is too long. */
Str analyzer_joined(Language l, Str s, const Run *first, size_t n, Arena *a);

/* x and y in one; empty when that is longer than TERM_MAX. */
Str analyzer_join(Str x, Str y, Arena *a);

/* The one term of a run: its stem without accents, or its number. */
Str run_term(Tools *t, Language l, Str s, const Run *r, Arena *a);

/* Append an alternative, unless it is there or too long, or there are QUERY_ALTS_MAX. */
void query_add_alt(QueryTree *tree, const QueryAlt *alt);
