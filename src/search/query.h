/* query.h - what one asks a search index, and what it answers.
 *
 * Text. All words must be found; a word is found by its form, its stem, a synonym, as a
 * prefix, or, when nobody writes it so, by its nearest neighbours in the vocabulary. When
 * no document has all words, words are given up, as few as possible: hits say which they
 * miss. "-word" excludes, "two words" in quotes stand side by side. An empty text finds all.
 *
 * Score = the sum of the hit's parts (ask for them with `explain`):
 *   words       BM25F: idf(word) * w * 2.2 / (w + 1.2); of each text field there is
 *               weight * occurrences / (1 - pull + pull * length / usual length), and w is the
 *               greatest of these and SEARCH_OTHER_FIELDS of the sum of the others
 *   proximity   words of the query that stand near one another in a field
 *   exactness   a field that is the query and nothing else; a code that is the query
 *   signals     what the query's `ranking` says of popularity, stock, margin, age
 *   boosts      what its rules say
 * The last three are shares of `ideal`, the sum of the words' idf (1 without text), so that
 * they weigh the same for all queries.
 *
 * Facet counts are disjunctive: the count beside a value is the number of hits that choosing
 * it, besides what is chosen in this facet, would add or leave. A filter narrows the counts of
 * all facets but its own field's; with `fixed` (the collection one stands in) its own as well.
 *
 * `among` asks of some documents only and narrows all counts, too: what it costs grows with
 * them and not with the index. */
#pragma once

#include "search/document.h"

enum {
    SEARCH_LIMIT_MAX = 1000,    /* hits of one answer */
    SEARCH_OFFSET_MAX = 100000, /* hits before them */
    SEARCH_SORTS_MAX = 4,
    SEARCH_FILTERS_MAX = 32,
    SEARCH_FACETS_MAX = 32,
    SEARCH_BUCKETS_MAX = 64,
    SEARCH_FILTER_VALUES_MAX = 1000,
    SEARCH_RULES_MAX = 64,
    SEARCH_PINS_MAX = 100,
    SEARCH_RANKS_MAX = 16,
    SEARCH_CURSOR_MAX = 2048, /* bytes */
    SEARCH_COMPLETIONS_MAX = 20,
};

typedef enum SearchMatch {
    SEARCH_ANY_OF,  /* has one of the values (of a bool or number: of `numbers`) */
    SEARCH_ALL_OF,  /* has all of them, in the document or in one group */
    SEARCH_NONE_OF, /* has none of them (of a grouped field: a group that has none) */
    SEARCH_RANGE,   /* has a number from `min` to `max`, both included; infinities are fine */
    SEARCH_PRESENT, /* has any value */
} SearchMatch;

typedef struct SearchFilter {
    SearchField   field;
    SearchMatch   match;
    const Str    *values;
    const double *numbers;
    size_t        n;
    double        min;
    double        max;
    bool          fixed; /* not a choice in a facet: narrows the counts of its own field too */
} SearchFilter;

typedef struct SearchFacetAsk {
    SearchField   field;  /* any but texts, codes and signals */
    uint16_t      limit;  /* values wanted, most counted first; 0: none (numbers: only the range) */
    const double *bounds; /* numbers: ascending; buckets [b0,b1) [b1,b2) … [bn-1, infinity) */
    size_t        n_bounds;
} SearchFacetAsk;

typedef enum SearchSortBy {
    SEARCH_BY_SCORE,
    SEARCH_BY_FIELD,
    SEARCH_BY_ID,
    SEARCH_BY_PLACE, /* among the query's `among` */
} SearchSortBy;

/* Documents without a value come last, either way. A grouped field counts by the hit's
 * matching groups: the least value ascending, the greatest descending. */
typedef struct SearchSort {
    SearchSortBy by;
    SearchField  field;
    bool         descending; /* ignored for the score: the best come first */
} SearchSort;

/* Some documents in an order of their own, like those of a collection. Ids that are not in the
 * index are left out. */
typedef struct SearchAmong {
    const int64_t  *ids;   /* in their order, none twice */
    const uint32_t *by_id; /* n places in `ids`, so that the ids ascend */
    size_t          n;     /* at most UINT32_MAX */
} SearchAmong;

/* How a number of the document counts: share * ideal * curve(value). */
typedef enum SearchCurve {
    SEARCH_LINEAR,  /* value / full, between 0 and 1 */
    SEARCH_LOG,     /* log(1 + value) / log(1 + full), between 0 and 1 */
    SEARCH_RECENCY, /* 0.5 ^ ((now - value) / full), at most 1; no value: 0 */
} SearchCurve;

typedef struct SearchRank {
    SearchField field; /* number, money, date, bool, signal; of groups the greatest counts */
    SearchCurve curve;
    double      full;  /* the value that gives all of it; recency: the half-life; > 0 */
    double      share; /* of the ideal text score: 0.1 is a nudge, 1 as much as all words */
} SearchRank;

/* Documents for which the filter holds get share * ideal more (less when negative), or come
 * after all others (bury). */
typedef struct SearchRule {
    SearchFilter filter;
    double       share;
    bool         bury;
} SearchRule;

/* This document stands at this place (from 0) of the answer, whatever its words, as long as
 * the filters hold for it; only when sorted by score. */
typedef struct SearchPin {
    int64_t  id;
    uint32_t place;
} SearchPin;

typedef enum SearchRelax {
    SEARCH_RELAX_WHEN_NONE, /* give up words when no document has all */
    SEARCH_RELAX_FILL, /* also when they are fewer than `limit`: those that miss words follow */
    SEARCH_RELAX_NEVER,
} SearchRelax;

typedef enum SearchPrefix {
    SEARCH_PREFIX_UNKNOWN, /* the last word is a prefix when it is no word of its own */
    SEARCH_PREFIX_ALWAYS,  /* as one types */
    SEARCH_PREFIX_NEVER,
} SearchPrefix;

typedef enum SearchTypos {
    SEARCH_TYPOS_UNKNOWN, /* correct words that no document has */
    SEARCH_TYPOS_NEVER,
} SearchTypos;

typedef struct SearchBudget {
    uint64_t postings; /* looked at, at most; 0: 50 million */
    uint32_t micros;   /* of processor time, about; 0: 250,000 */
} SearchBudget;

typedef struct SearchQuery {
    Str                   text;
    Str                   locale; /* of the text */
    const SearchFilter   *filters;
    size_t                n_filters;
    const SearchFacetAsk *facets;
    size_t                n_facets;
    const SearchSort     *sorts; /* none: by score; ties always by id */
    size_t                n_sorts;
    const SearchRank     *ranks;
    size_t                n_ranks;
    const SearchRule     *rules;
    size_t                n_rules;
    const SearchPin      *pins;
    size_t                n_pins;
    const SearchAmong    *among;  /* NULL: all documents */
    Str                   cursor; /* of the answer before; empty: from the start */
    uint32_t              offset; /* hits to leave out at the start, without a cursor */
    uint32_t              limit;  /* hits; 0: none, only counts */
    int64_t               now_ms; /* for recency */
    SearchRelax           relax;
    SearchPrefix          prefix;
    SearchTypos           typos;
    bool                  explain;
    bool                  no_total; /* hits alone matter: may stop early, no facets; beyond some
                                     * hundred, few are asked how close their words stand */
    SearchBudget budget;
} SearchQuery;

typedef enum SearchPartKind {
    SEARCH_PART_WORD,      /* `what`: the term that matched; `field`: where it weighs most */
    SEARCH_PART_PROXIMITY, /* `what`: empty */
    SEARCH_PART_EXACT,     /* `field`: which is the query */
    SEARCH_PART_SIGNAL,    /* `field`: of the rank */
    SEARCH_PART_RULE,      /* `word`: number of the rule */
} SearchPartKind;

typedef struct SearchPart {
    SearchPartKind kind;
    uint8_t        word; /* of the query, from 0 */
    SearchField    field;
    Str            what;
    float          value;
} SearchPart;

typedef struct SearchHit {
    int64_t           id;
    int64_t           group;   /* id of the first matching group; 0 when it has none */
    float             score;   /* the sum of its parts; 0 when nothing asked for scores */
    uint32_t          missing; /* bit i: word i of the query is not in it */
    bool              pinned;
    bool              buried;
    const SearchPart *parts; /* with `explain` */
    size_t            n_parts;
} SearchHit;

typedef struct SearchFacetValue {
    Str     text;   /* keyword */
    double  number; /* the others */
    int64_t count;  /* documents */
    bool    chosen; /* by a filter of this query; chosen ones are told even beyond the limit */
} SearchFacetValue;

typedef struct SearchFacet {
    SearchField             field;
    const SearchFacetValue *values; /* most counted first, then by value */
    size_t                  n_values;
    int64_t                 n_all;   /* values with a count, told or not */
    const int64_t          *buckets; /* as many as bounds */
    size_t                  n_buckets;
    int64_t                 n_docs;   /* documents with a value */
    double                  min, max; /* numbers: of those documents; 0 when n_docs is 0 */
} SearchFacet;

typedef enum SearchHow {
    SEARCH_AS_WRITTEN, /* the word, its forms and synonyms */
    SEARCH_AS_PREFIX,
    SEARCH_AS_TYPO,   /* `found` is what it was taken for */
    SEARCH_AS_JOINED, /* with the next one, or split in two */
    SEARCH_AS_OTHER,  /* another script or keyboard layout */
    SEARCH_NOT_FOUND, /* no document has it */
} SearchHow;

typedef struct SearchWord {
    Str       text; /* as typed */
    uint16_t  start, end;
    bool      negated;
    bool      optional;
    SearchHow how;
    Str       found; /* the surface that it was corrected to; empty unless corrected */
} SearchWord;

typedef struct SearchResult {
    SearchHit   *hits;
    size_t       n_hits;
    int64_t      total;  /* documents found, all pages */
    SearchFacet *facets; /* in the order asked */
    size_t       n_facets;
    SearchWord  *words;
    size_t       n_words;
    Str          corrected;   /* "did you mean": the text with corrections; empty: none needed */
    uint32_t     given_up;    /* bit i: word i was given up by some hit */
    bool         relaxed;     /* hits may miss words */
    bool         partial;     /* the budget ran out: what is told is true, but not all */
    Str          next;        /* cursor; empty: nothing follows */
    uint64_t     postings;    /* looked at */
    void        *highlighter; /* for search_highlight() */
} SearchResult;

/* Bytes [start, end) of a text. */
typedef struct SearchSpan {
    uint32_t start, end;
} SearchSpan;

typedef struct SearchSuggest {
    Str                 text;
    Str                 locale;
    const SearchFilter *filters;
    size_t              n_filters;
    uint32_t            limit; /* at most SEARCH_COMPLETIONS_MAX */
    SearchBudget        budget;
} SearchSuggest;

typedef struct SearchCompletion {
    Str     text;      /* the whole query, with its last word completed, folded */
    int64_t hits;      /* documents that it finds, at least; never 0 */
    bool    corrected; /* words before were corrected, too */
} SearchCompletion;
