/* product_search_int.h - how products become documents. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "catalog/product_search.h"
#include "catalog/search_live_int.h"
#include "catalog/search_stats.h"
#include "search/search.h"

typedef struct ProductFields { /* those that are always there */
    SearchField title, vendor, type, words, description, code;
    SearchField vendor_is, type_is, tag_is, collection_is, title_key;
    SearchField available, created, stock, margin, popularity, rule_is;
} ProductFields;

/* How much goes into the index. */
enum { LEVEL_ALL, LEVEL_NO_DESCRIPTIONS, LEVEL_NO_WORDS, LEVEL_SOME };

NODISCARD Status product_fields(SearchIndex *ix, ProductFields *ret, Err *err);

typedef struct DocMaker {
    SearchIndex         *ix;
    const ProductFields *fields;
    Cx                  *cx;
    const Published     *view;
    CatalogPricing       pricing[8]; /* one for each currency that prices are known in */
    SearchField          price[8];
    size_t               n_prices;
    const Rules         *conditions; /* of the merchant's rules */
    int                  level;
} DocMaker;

/* Currency: the shop's first. Conditions and level are set by the caller. */
NODISCARD Status doc_maker(SearchIndex *ix, const ProductFields *fields, Cx *cx,
                           const Published *view, DocMaker *ret);

/* The document of a product that is shown. Lives in m->cx->arena. */
NODISCARD Status doc_of(DocMaker *m, const PublishedProduct *p, SearchDoc *ret);

/* "price.EUR"; "option.colour"; in `a`. */
Str product_field_name(Arena *a, const char *prefix, Str name);

/* --- the store of a database ---------------------------------------------------------------- */

typedef struct Store {
    Db             *db;
    SearchIndex    *ix;
    SearchIndex    *collections; /* their titles */
    SearchField     collection_title;
    ProductFields   fields;
    pthread_t       thread;
    pthread_mutex_t lock;
    pthread_cond_t  wake;
    bool            stopping, changed;
    bool            guide_changed; /* what the merchant says is not in `live` yet */
    bool            rebuild;       /* everything has to be made anew */
    int64_t         rev;           /* of the read model that the index has; 0: none yet */
    SearchLive     *live;          /* swapped under `lock` */
    SearchTally    *tally;
    int             level;   /* how much is in the index; the thread's own, as the next */
    int64_t         fits;    /* LEVEL_SOME: so many products */
    atomic_bool     popular; /* the journey tells popularity */
    atomic_int      users;   /* that hold it by store_hold() */
    atomic_llong    renewals, left_out, level_shown;
    atomic_llong    said; /* product_search_said() */
} Store;

Store *store_hold(Db *db); /* NULL: none */
void   store_let(Store **s);

NODISCARD Status store_of(Cx *cx, Store **ret);

/* The merchant's, held until search_live_release(); never NULL. */
SearchLive *store_live(Store *s);
