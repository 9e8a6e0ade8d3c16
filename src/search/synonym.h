/* synonym.h - looking up what merchants said, for the reader of queries. */
#pragma once

#include "search/analysis.h"

typedef struct TermList {
    Str    terms[QUERY_ALT_TERMS_MAX];
    size_t n;
    Str    key; /* under which it is found */
} TermList;

typedef struct Synonym {
    TermList        words;
    struct Synonym *next; /* another one of the same key */
} Synonym;

/* The terms of a phrase; false when it has none or more than an alternative can hold. */
bool term_list_of(const Analyzer *an, Str s, Arena *a, TermList *ret);

/* The key of a sequence of terms; what it stands for, or NULL. */
Str            synonym_key(const Str *terms, size_t n, Arena *a);
const Synonym *synonyms_find(const Synonyms *s, Str key);
