/* forms.h - what one word is called in the index: its folded form, its stems. */
#pragma once

#include "search/language.h"
#include "search/runs.h"

/* Stemmers and what they found before, for one thread at a time. */
typedef struct Tools Tools;

Tools *tools_take(Language l); /* from a pool; never NULL */
void   tools_give(Tools *t);

typedef struct Forms {
    Str  surface;  /* folded, as people write it */
    Str  term;     /* its stem without accents: what is compared */
    Str  accented; /* the stem with its accents; empty where that is the same */
    Str  second;   /* another stem that it may have (stem_uk.h), or empty */
    bool stop;
    bool before; /* a preposition: what follows is not the thing itself */
    bool behind; /* a postposition: what stands before is not */
} Forms;

/* Of a word of letters (or letters and digits: those are not stemmed). Empty where nothing is
 * left of it. In the arena. */
void forms_of(Tools *t, Str raw, RunKind kind, Arena *a, Forms *ret);

/* "1,200.50" as this language writes it -> "1200.5". */
Str forms_number(Language l, Str raw, Arena *a);

/* The characters of a word of a script without blanks, simplified: surface, and where each
 * begins. */
enum { DENSE_WORD_MAX = 16 };
typedef struct Dense {
    Str    term;
    size_t at[DENSE_WORD_MAX + 1]; /* bytes of `term` */
    size_t n;
} Dense;
void forms_dense(Str raw, Arena *a, Dense *ret);
