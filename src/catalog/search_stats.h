/* search_stats.h - what shoppers search for, counted by day.
 *
 * A search writes nothing: it is counted in memory, and every ten seconds what came together is
 * added to the rows of the day in one transaction. A process that is killed loses at most that.
 * Queries that are forms of one another are one (query_key()); none is kept that could be
 * somebody's address or number, and nothing tells who asked.
 *
 * Bounds: SEARCH_TALLY_MAX different queries between two writings, SEARCH_DAY_MAX a day (more
 * only count where their query is known already); 400 days, of what was asked once 30. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

enum {
    SEARCH_TALLY_MAX = 4096,
    SEARCH_DAY_MAX = 20000,
    SEARCH_SHOWN_MAX = 100, /* bytes of a query that is kept; longer ones are not */
};

typedef struct SearchTally SearchTally;

SearchTally *search_tally_new(void);
void         search_tally_free(SearchTally *t);

/* `empty`: nothing was found, or nothing with all the words. Any thread, microseconds. */
void search_tally_query(SearchTally *t, Str locale, Str text, bool empty, UnixMs now);
/* A product was opened from the answer to `text`. */
void search_tally_click(SearchTally *t, Str locale, Str text, int64_t product, UnixMs now);

/* Write what came together. When that fails it is kept for the next time. */
NODISCARD Status search_tally_flush(SearchTally *t, Cx *cx);

/* Can it be kept? Not what is long, or could be an e-mail address or a telephone number. The
 * query without blanks around and between its words; empty: it cannot. In `a`. */
Str search_shown(Str text, Arena *a);

typedef struct SearchCount {
    Str     query; /* as somebody typed it */
    Str     locale;
    int64_t searches;
    int64_t without_results; /* or with words missing from all of them */
    int64_t clicks;
    double  click_through; /* clicks / searches; may be above 1 */
} SearchCount;

extern const Shape search_count_shape;

typedef struct SearchCounts {
    SearchCount *items;
    size_t       n;
} SearchCounts;

/* Of the last `days`, today included: the most searched, or with `missed` those that found
 * nothing, most often first. */
NODISCARD Status search_counts(Cx *cx, int64_t days, bool missed, int64_t max, SearchCounts *ret);

/* Schedule: forget what is old. */
NODISCARD Status search_counts_forget(Cx *cx);
