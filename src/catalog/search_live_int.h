/* search_live_int.h - what the merchant says about finding, ready to be used: counted, immutable;
 * made anew when it changes. */
#pragma once

#include <stdatomic.h>

#include "catalog/product_search.h"
#include "catalog/published.h"
#include "catalog/rule.h"
#include "catalog/search_guide.h"
#include "search/search.h"

enum { LIVE_PAST_MAX = 2000, LIVE_PAST_SEARCHES = 3, LIVE_CLICKED_MAX = 5000 };

typedef struct LiveRule {
    SearchGuideRule rule;
    Str             general, own; /* its query as a key: of no language; of its own */
    Str             number;       /* its id, as the index has it */
} LiveRule;

typedef struct LiveRedirect {
    Str locale, general, own, target;
} LiveRedirect;

typedef struct LivePast { /* a query of the past weeks that found something */
    Str     locale, shown, folded;
    int64_t searches;
} LivePast;

typedef struct SearchLive {
    atomic_int    refs;
    Arena         arena;
    SearchTuning  tuning;
    LiveRule     *rules;
    size_t        n_rules;
    Rules         conditions;      /* of rules; collection: the rule's id */
    Str           condition_texts; /* tells whether they changed */
    int64_t      *timed;           /* when rules begin or end; ms */
    size_t        n_timed;
    LiveRedirect *redirects;
    size_t        n_redirects;
    LivePast     *past; /* by folded text */
    size_t        n_past;
    int64_t      *clicked;
    double       *clicks;
    size_t        n_clicked;
} SearchLive;

NODISCARD Status search_live_load(Cx *cx, const Published *view, SearchLive **ret);
void             search_live_release(SearchLive *l); /* NULL is fine */

/* Hand the synonyms to the index. */
NODISCARD Status search_live_synonyms(Cx *cx, const Published *view, SearchIndex *ix);

/* What was asked, as rules and redirects are compared with it. */
typedef struct LiveAsk {
    Str    locale;
    Str    general, own;
    UnixMs now;
} LiveAsk;

LiveAsk live_ask(Str locale, Str text, UnixMs now, Arena *a);

/* Where it leads; empty: nowhere. */
Str live_redirect(const SearchLive *l, const LiveAsk *ask);

/* The rules that hold for it: as the engine takes them. `numbers`: the id of each. */
typedef struct LiveChosen {
    SearchRule rules[SEARCH_RULES_MAX];
    int64_t    numbers[SEARCH_RULES_MAX];
    size_t     n_rules;
    SearchPin  pins[SEARCH_PINS_MAX];
    size_t     n_pins;
} LiveChosen;

/* When the first rule begins or ends after `now`; 0: none does. */
UnixMs live_good_until(const SearchLive *l, UnixMs now);

void live_choose(const SearchLive *l, const LiveAsk *ask, SearchField rule_is, LiveChosen *ret);

/* Queries of the past that begin so, most searched first. */
size_t live_past(const SearchLive *l, Str locale, Str text, Arena *a, const LivePast **ret,
                 size_t max);
