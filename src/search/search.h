/* search.h - a search engine in memory: words, facets, ranges, ranking, updates.
 *
 * Knows documents (document.h), queries and answers (query.h); nothing of shops.
 *
 *      SearchIndex *ix = search_index_new(&(SearchConfig){.locale = STR("en")});
 *      SearchField  title, price;
 *      TRY(search_field(ix, &(SearchFieldDef){.name = STR("title"), .weight = 4}, &title, err));
 *      TRY(search_field(ix, &(SearchFieldDef){.name = STR("price"), .kind = SEARCH_MONEY,
 *                                             .grouped = true}, &price, err));
 *      ... search_apply(ix, docs, n, removed, n_removed, err) ...
 *      SearchQuery q = {.text = STR("red shoes"), .locale = STR("en"), .limit = 20};
 *      TRY(search_run(ix, &q, arena, &result, err));
 *
 * Threads. Any thread may call anything. Readers take a reference to an immutable snapshot and
 * never wait, not even for a rebuild; writers queue. What search_apply() has returned from is
 * seen by every query that starts later.
 *
 * Updates make small segments beside the large one; a thread of the index merges them, and
 * drops what was replaced. Everything is derived: the index lives in memory and is built anew
 * by search_load_*() while the one before goes on answering.
 *
 * Order is total: ties are broken by id. idf counts replaced documents until they are merged
 * away, as everywhere, so a score may move in its last digits while an index is being changed. */
#pragma once

#include "search/analysis.h"
#include "search/document.h"
#include "search/query.h"

typedef struct SearchIndex SearchIndex;

typedef struct SearchConfig {
    Str  locale;       /* texts in it are found from every other locale as well; may be "" */
    bool no_merging;   /* no thread: search_merge() does it (tests) */
    bool no_proximity; /* leave positions out: less memory, no phrases */
} SearchConfig;

SearchIndex *search_index_new(const SearchConfig *config);
void         search_index_free(SearchIndex *ix); /* nobody may be using it; NULL is fine */

/* --- fields ----------------------------------------------------------------------------- */

/* Add a field, or find the one with the same name and definition. Fields are never removed.
 * ST_INVALID "search.field": a name that is not one, or is taken by another kind;
 * ST_LIMIT "search.fields": too many. */
NODISCARD Status search_field(SearchIndex *ix, const SearchFieldDef *def, SearchField *ret,
                              Err *err);
bool             search_field_find(const SearchIndex *ix, Str name, SearchField *ret);
/* Borrowed from the index. The number must be one that search_field() gave. */
const SearchFieldDef *search_field_def(const SearchIndex *ix, SearchField field);
size_t                search_fields(const SearchIndex *ix);

/* Merchant's synonyms of one locale, in place of those before; takes ownership. NULL: none. */
void search_synonyms(SearchIndex *ix, Str locale, Synonyms *synonyms);

/* --- documents -------------------------------------------------------------------------- */

/* Put these documents in, in place of those with the same id, and take the removed ones out,
 * in one step: a query sees all of it or nothing. Unknown ids are no error; of documents with
 * the same id the last one counts, and a document wins over its removal.
 * ST_INVALID "search.document": a field that does not exist, a value of another kind, a group
 * that does not exist; ST_LIMIT "search.too_much": too much of something. Then nothing is
 * changed. */
NODISCARD Status search_apply(SearchIndex *ix, const SearchDoc *docs, size_t n,
                              const int64_t *removed, size_t n_removed, Err *err);

/* Set a signal of documents: seen at once, costs nothing but the lookup. Unknown ids are left
 * out. The value stays with the id when the document is replaced without one. */
NODISCARD Status search_signal(SearchIndex *ix, SearchField field, const int64_t *ids,
                               const double *values, size_t n, Err *err);

/* Build the whole content anew: a load collects documents while the index goes on answering
 * from what it has, and takes its place at commit. What was applied in between is newer and
 * wins. One load at a time (ST_CONFLICT "search.loading"). Adding is parallel: several threads
 * may add to one load. A load ends by commit or cancel. */
typedef struct SearchLoad SearchLoad;
NODISCARD Status          search_load_begin(SearchIndex *ix, SearchLoad **ret, Err *err);
NODISCARD Status search_load_add(SearchLoad *load, const SearchDoc *docs, size_t n, Err *err);
void             search_load_commit(SearchLoad *load);
void             search_load_cancel(SearchLoad *load);

/* Merge everything into one segment now, in the calling thread. */
void search_merge(SearchIndex *ix);

/* --- queries ---------------------------------------------------------------------------- */

/* Answer `q`; everything in *ret lives in `a` and stays valid after later changes.
 * ST_INVALID "search.query": a field that does not exist or cannot do what is asked, an empty
 * filter, bounds that do not ascend; "search.cursor": not a cursor of this query.
 * ST_LIMIT "search.too_much": too many of something. */
NODISCARD Status search_run(SearchIndex *ix, const SearchQuery *q, Arena *a, SearchResult *ret,
                            Err *err);

/* Complete what is being typed: whole queries that find something, best first. */
NODISCARD Status search_suggest(SearchIndex *ix, const SearchSuggest *s, Arena *a,
                                SearchCompletion **ret, size_t *ret_n, Err *err);

/* Where in `text` (of this locale) the words of the query stand, as the answer understood them:
 * forms, synonyms, corrections, prefixes. Spans ascend and do not overlap. */
size_t search_highlight(const SearchResult *r, Str locale, Str text, Arena *a, SearchSpan **ret);

bool    search_has(SearchIndex *ix, int64_t id);
int64_t search_count(SearchIndex *ix); /* documents */

/* --- the operator ----------------------------------------------------------------------- */

typedef struct SearchReport {
    int64_t documents;
    int64_t replaced; /* dead ones that a merge will drop */
    int64_t segments;
    int64_t terms;
    int64_t merges; /* since it was made */
    size_t  bytes;  /* all of it */
    size_t  vocabulary_bytes, postings_bytes, positions_bytes, columns_bytes, values_bytes;
} SearchReport;
void search_report(SearchIndex *ix, SearchReport *ret);
