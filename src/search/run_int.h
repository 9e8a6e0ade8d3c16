/* run_int.h - one query while it is being answered.
 *
 *      run.c      checks the query, makes the plan, repeats with more typos or fewer words
 *      match.c    which documents of a chunk have the words, and their text scores
 *      among.c    the documents that are asked of, when not all
 *      block.c    2,048 of them at a time: filters, facets, hits
 *      facet.c    counting
 *      rank.c     signals, rules, proximity, exactness
 *      top.c      the best hits so far, cursors
 *      answer.c   what is handed out
 *      suggest.c  completions of what is being typed */
#pragma once

#include "search/plan_int.h"
#include "search/test_int.h"

enum {
    BLOCK_DOCS = 2048,
    NO_MARK = 254, /* of a facet without filters of its own */
    RESULT_CHECK = 4096,
    CLOSENESS_ALTS = 8, /* alternatives of a word whose places are looked at */
    USED_MAX = 256,     /* fewer values of a facet are noted one by one; a power of two */
};

/* How much the parts of a score count, as shares of the ideal. */
extern const float SHARE_PROXIMITY, SHARE_EXACT, SHARE_CODE;

/* Some candidates of a chunk, column by column. */
typedef struct Block {
    uint32_t docs[BLOCK_DOCS];
    uint8_t  fail[BLOCK_DOCS];
    float    scores[BLOCK_DOCS];
    uint16_t found[BLOCK_DOCS];
    size_t   n;
    /* Where groups matter: the rows of all of them, one document after another. */
    bool      grouped;
    uint32_t *rows;
    uint8_t  *row_fail;
    size_t    n_rows;
} Block;

/* Large arrays that a thread keeps between queries. */
typedef struct Scratch {
    uint16_t docs[CHUNK_DOCS]; /* candidates of the chunk, ascending */
    float    scores[CHUNK_DOCS];
    uint16_t found[CHUNK_DOCS];   /* words; when words may be missing */
    float    best[CHUNK_DOCS];    /* of a word: by document, or by candidate */
    uint16_t at[CHUNK_DOCS];      /* where candidates and a list meet: of the candidates */
    uint16_t at_list[CHUNK_DOCS]; /* of the list */
    uint64_t bits[CHUNK_DOCS / 64];
    uint64_t bits2[CHUNK_DOCS / 64];
    float    sums[CHUNK_DOCS];
    uint16_t masks[CHUNK_DOCS];
    Block    block;
    uint32_t used[SEARCH_FACETS_MAX][USED_MAX]; /* values that a facet has counted */
    Arena    tmp;                               /* emptied for each chunk */
} Scratch;

Scratch *scratch_get(void); /* of this thread; freed when it ends */

typedef struct SortKey {
    uint64_t order; /* greater comes first; 0: no value */
    uint32_t code;  /* keyword: its number, when `order` is only its beginning */
} SortKey;

typedef struct Entry {
    SortKey  keys[SEARCH_SORTS_MAX];
    int64_t  id;
    uint32_t view, doc, row;
    float    score;
    bool     buried;
} Entry;

typedef struct Top { /* when it is full, a heap, the worst in front; sorted by top_sort() */
    Entry *items;
    size_t n, max;
} Top;

typedef struct FacetState {
    const SearchFacetAsk *ask;
    const Field          *field;
    uint8_t               mark;     /* of its field's filters, or NO_MARK */
    uint32_t             *counts;   /* keyword: by number */
    uint32_t             *stamps;   /* by code: the document that counted last; or NULL */
    size_t                n_counts; /* of keyword counts and stamps */
    uint32_t             *used;     /* keyword: which have been counted, if fewer than USED_MAX */
    size_t                n_used;   /* how many have, while `listed` */
    bool                  listed;
    const Column         *column;      /* of this view */
    uint32_t             *view_counts; /* numbers: by code of this view; NULL: too many */
    uint32_t             *view_stamps;
    uint32_t             *bounds;    /* numbers: first codes of the buckets, in this view */
    uint32_t              low, high; /* least and greatest code, when not counted by code */
    int64_t              *buckets;
    int64_t               n_docs;
    double                min, max;
    struct NumberCount {
        double  number;
        int64_t count;
    } * numbers;
    size_t n_numbers, numbers_cap;
} FacetState;

typedef struct Rank {
    const SearchRank *ask;
    const Field      *field;
    float             scale;  /* share * ideal */
    const Column     *column; /* of this view, as the next */
    float            *by_code;
} Rank;

typedef struct PinState {
    uint32_t place;
    int64_t  id;
    uint32_t view, doc;
    bool     there;  /* in the index */
    bool     passed; /* the filters hold */
    Entry    entry;
} PinState;

typedef struct AmongView { /* of the query's `among`, those that live in a view */
    uint64_t *bits;        /* by document; NULL: none does */
    uint32_t *places;      /* by document, where it has a bit; NULL: nothing sorts by them */
} AmongView;

typedef struct SpotList { /* the postings of a word's alternative in a chunk, while looked through
                           */
    bool     known;
    uint32_t entry, view, chunk;
    uint32_t first, n; /* postings */
    uint32_t at;       /* where the last search ended */
} SpotList;

typedef struct Run {
    const Schema      *schema;
    const Snapshot    *snapshot;
    const SearchQuery *q;
    Arena             *a;
    Plan              *plan;
    Scratch           *scratch;
    uint32_t           missing_max; /* words that a hit may lack */
    bool               matched;     /* something has the words, whatever the filters say */
    bool               may_miss;    /* more than those that nobody has */
    bool               scores;      /* something asks for them */
    bool               groups;      /* something asks for grouped fields */
    uint8_t            marks[SEARCH_FILTERS_MAX];
    FacetState        *facets;
    Rank              *ranks;
    SpotList          *spot_lists; /* CLOSENESS_ALTS of each word */
    float              extra_max;  /* that ranks, rules and nearness can add to a text score */
    float              extra_most; /* the same of a document with a text of as many words */
    uint16_t           exact_bit;  /* of segment->lengths: as many words as are asked for */
    AmongView         *among;      /* by view; NULL: all documents */
    PinState          *pins;
    size_t             n_pins;
    Top                top;
    Entry              after; /* cursor */
    Str                after_texts[SEARCH_SORTS_MAX];
    bool               has_after;
    bool               has_cursor; /* pins were shown on the first page */
    bool               widened;    /* neighbours of all words were added */
    int64_t            total;
    uint32_t           looks; /* at how close words stand, when it may stop early */
    uint64_t           postings;
    uint64_t           postings_max;
    uint64_t           look_at;     /* postings after which the clock is looked at */
    int64_t            deadline_us; /* by the clock: then look at the thread's own time */
    int64_t            cpu_end_us;  /* 0: not looked at so far */
    int64_t            cpu_left_us; /* from then on */
    bool               partial;
    /* of the view at hand */
    uint32_t        view;
    const Segment  *segment;
    const uint64_t *dead;
    Test           *tests; /* of the filters */
    Test           *rules;
} Run;

static inline bool run_spend(Run *r, uint64_t postings)
{
    r->postings += postings;
    if (r->postings > r->postings_max)
        r->partial = true;
    return !r->partial;
}

/* --- match.c -------------------------------------------------------------------------------- */

/* Candidates of a chunk of the view at hand into scratch->docs, scores (and found, when
 * may_miss). Returns how many. */
size_t match_chunk(Run *r, uint32_t chunk);

/* The posting of this document in an entry; UINT32_MAX: none. */
uint32_t match_posting(const Segment *s, uint32_t entry, uint32_t doc);

/* The contribution of the best alternative of a word; 0: it is not there. */
float match_word(const Run *r, uint32_t view, uint32_t doc, size_t word, const Alt **ret);

/* Do the terms of an alternative stand side by side in this document? */
bool match_adjacent(const Segment *s, const uint32_t *postings, size_t n);

float match_saturation(uint8_t weight); /* of BM25: w * 2.2 / (w + 1.2) */

/* --- among.c -------------------------------------------------------------------------------- */

void among_init(Run *r);
/* Those of a chunk of the view at hand, ascending; returns how many. */
size_t among_list(const Run *r, uint32_t chunk, uint16_t *docs);
/* Does the view at hand have any in this chunk? */
bool among_any(const Run *r, uint32_t chunk);
bool among_has(const Run *r, uint32_t doc);

/* --- block.c -------------------------------------------------------------------------------- */

void block_run(Run *r, uint32_t base, const uint16_t *docs, const float *scores,
               const uint16_t *found, size_t n);

/* --- facet.c -------------------------------------------------------------------------------- */

void facet_init(Run *r);
void facet_begin_view(Run *r);
void facet_end_view(Run *r);
/* Rows of documents of which each is one; those whose `fail` is 0 or the facet's mark count. */
void facet_count_rows(FacetState *f, const uint32_t *rows, const uint8_t *fail, size_t n);
/* The rows [0, n) of one document. */
void facet_count_groups(FacetState *f, uint32_t doc, const uint32_t *rows, const uint8_t *fail,
                        size_t n);
void facet_answer(Run *r, SearchResult *ret);

/* --- rank.c --------------------------------------------------------------------------------- */

void rank_init(Run *r);
void rank_begin_view(Run *r);

typedef struct Parts { /* of a score, when it is to be explained; NULL: only the sum */
    SearchPart *items;
    size_t      n;
} Parts;

/* Signals and rules. */
float rank_signals(Run *r, uint32_t doc, Parts *parts, bool *buried);
/* The postings of the words in a document, of those whose places are looked at; UINT32_MAX: none.
 * What is known of their places is on its way into the cache then, and after rank_fetch() the
 * places themselves: do others meanwhile. */
void rank_find(Run *r, uint32_t doc, uint32_t *postings);
void rank_fetch(const Run *r, const uint32_t *postings);
/* Proximity, exactness, codes. */
float rank_closeness(Run *r, uint32_t doc, const uint32_t *postings, Parts *parts);
/* The most of these two; *ret_words: of how many words. */
float rank_nearness_max(const Run *r, size_t *ret_words);

/* --- top.c ---------------------------------------------------------------------------------- */

uint64_t top_order(double number, bool descending);
uint64_t top_score_order(float score, bool buried, bool complete);
/* Does x come before y? */
bool top_before(const Run *r, const Entry *x, const Entry *y);
/* Is it behind the cursor? */
bool             top_is_after(const Run *r, const Entry *e);
void             top_push(Run *r, const Entry *e);
void             top_sort(Run *r);
Str              top_cursor(const Run *r, const Entry *last);
NODISCARD Status top_read_cursor(Run *r, Err *err);

/* --- answer.c ------------------------------------------------------------------------------- */

void answer_make(Run *r, SearchResult *ret);

/* --- run.c ---------------------------------------------------------------------------------- */

NODISCARD Status run_check(const Schema *s, const SearchQuery *q, Err *err);
Run             *run_new(const SearchIndex *ix, const Snapshot *s, const SearchQuery *q, Arena *a);
void             run_begin_view(Run *r, uint32_t view); /* with the tests of the filters */
void             run_set_view(Run *r, uint32_t view);
