/* plan_int.h - a query's text as the index understands it: for each word, the terms that
 * satisfy it.
 *
 * plan_make() keeps of the alternatives that the analysis gives those that have documents, and
 * adds those that only the index can know: codes, words joined and split, prefixes, typos.
 * plan_widen() adds typos of known words: for queries that find nothing otherwise. */
#pragma once

#include "search/index_int.h"

enum {
    PLAN_ALTS_MAX = 512,
    PREFIX_ALTS_MAX = 48,
    TYPO_ALTS_MAX = 6,
    HEADS_MAX = 48, /* compounds of one head */
};

typedef struct Term {
    Str             key;     /* with its space */
    const uint32_t *entries; /* by view; NO_ENTRY */
    uint32_t        df;      /* dead documents count, too */
} Term;

typedef struct Alt {
    uint8_t     first; /* words [first, first + n_words) */
    uint8_t     n_words;
    uint8_t     n_terms;
    SearchHow   how;
    float       weight;
    uint32_t    df; /* the least of its terms */
    const Term *terms[QUERY_ALT_TERMS_MAX];
    Str         surface; /* what the word was taken for, when it was corrected */
} Alt;

typedef struct Word {
    QueryWord q;
    bool      required; /* not optional, not negated */
    bool      known;    /* has alternatives */
    float     idf;
    uint16_t *alts; /* numbers of its alternatives, heaviest first; spans as well */
    size_t    n_alts;
} Word;

typedef struct Plan {
    const Schema   *schema;
    const Snapshot *snapshot;
    Arena          *arena;
    Word            words[QUERY_WORDS_MAX];
    size_t          n_words;
    Alt            *alts;
    size_t          n_alts, alts_cap;
    const Term     *code; /* the whole query as an identifier; or NULL */
    uint8_t         spaces[QUERY_SPACES_MAX];
    size_t          n_spaces;
    uint32_t        required, negated, optional; /* bit i: word i */
    bool            spans;                       /* an alternative stands for several words */
    bool            phrases;
    float           ideal; /* sum of the idf of words that are not negated; 1 without words */
    uint64_t        prefix_postings; /* of the completions of a word, about */
    uint64_t        postings;        /* work done, in the budget's terms */
    uint64_t        postings_max;    /* then nothing more is added to what was written */
    struct Reading *reading;         /* plan.c */
} Plan;

typedef struct PlanAsk {
    Str          text, locale;
    SearchPrefix prefix;
    SearchTypos  typos;
    bool         few; /* prefixes: only as many as a glance needs */
    uint64_t     postings_max;
} PlanAsk;

Plan *plan_make(const Schema *schema, const Snapshot *snapshot, const PlanAsk *ask, Arena *a);

/* Add the neighbours of all words. False: there are none. */
bool plan_widen(Plan *p);

/* --- for expand.c and suggest.c ------------------------------------------------------------- */

/* A term by its key; df 0 when no segment has it. */
const Term *plan_term(Plan *p, Str key);
Str         plan_key(const Plan *p, uint8_t space, Str text);

/* The surface of a word in the k-th of the plan's spaces; empty: none. */
Str plan_surface(const Plan *p, size_t word, size_t k);

/* Append an alternative; false: there is no room. */
bool plan_push(Plan *p, const Alt *alt);

/* Add an alternative of one term; false: it has no documents, or there is no room. */
bool plan_add(Plan *p, size_t first, size_t n_words, const Term *term, SearchHow how, float weight,
              Str surface);
void plan_finish(Plan *p); /* sort alternatives to words, idf */

typedef struct Neighbour {
    Str      surface; /* without its space */
    Str      term;    /* key */
    uint32_t seen;
    uint8_t  distance;
    bool     first_differs;
} Neighbour;

/* Ways to write that begin with `key` (its space in front), those seen most first. */
size_t expand_prefix(Plan *p, Str key, size_t max, Neighbour *ret);
/* The nearest words of the space, the best first. */
size_t expand_typos(Plan *p, uint8_t space, Str surface, size_t max, Neighbour *ret);

/* Compounds whose head is this term: words of the space that end with it, behind three letters
 * or more; those seen most first. */
size_t expand_heads(Plan *p, uint8_t space, Str term, size_t max, Neighbour *ret);
bool   expand_add_heads(Plan *p, size_t word, uint8_t space, Str term, float weight);

/* Alternatives for word i out of its surface in a space. False: none were found. */
bool expand_add_prefixes(Plan *p, size_t word, uint8_t space, Str surface);
/* `least` > 0: only what begins alike and is in as many documents. */
bool expand_add_typos(Plan *p, size_t word, uint8_t space, Str surface, uint32_t least);
bool expand_add_split(Plan *p, size_t word, uint8_t space, Str surface);
bool expand_add_join(Plan *p, size_t first, uint8_t space, Str left, Str right);
