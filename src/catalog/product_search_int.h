/* product_search_int.h - how products become documents. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "catalog/product_search.h"
#include "catalog/search_live_int.h"
#include "catalog/search_stats.h"
#include "search/search.h"

typedef struct ProductFields { /* those that are always there */
    SearchField title, model, vendor, type, words, description, code;
    SearchField vendor_is, type_is, tag_is, tag_handle, collection_is, title_key;
    SearchField available, created, stock, margin, popularity, rule_is;
} ProductFields;

/* How much goes into the index. */
enum { LEVEL_ALL, LEVEL_NO_DESCRIPTIONS, LEVEL_NO_WORDS, LEVEL_SOME };

NODISCARD Status product_fields(SearchIndex *ix, ProductFields *ret, Err *err);

/* --- names of options ------------------------------------------------------------------------ */

typedef struct ValueName {
    Str            value, swatch;
    int64_t        from; /* the product whose names these are */
    int64_t        entity;
    PublishedTexts texts;
    uint32_t       place;
} ValueName;

typedef struct OptionName {
    Str            name;
    int64_t        from;
    int64_t        entity;
    PublishedTexts texts;
    Map            values; /* ValueName */
    ValueName    **order;
    size_t         n, cap;
} OptionName;

typedef struct ProductNames ProductNames;

ProductNames *product_names_new(void);
void          product_names_free(ProductNames *n); /* NULL is fine */

/* Learn an option of a product. One thread at a time, and no reader. */
void product_names_learn(ProductNames *n, SearchField field, const PublishedProduct *p,
                         const CatalogOption *option);

/* NULL: nobody has brought it. */
const OptionName *product_names_option(const ProductNames *n, SearchField field);

enum { TITLE_LOCALES = 16 };

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
    Map                  defs;    /* CatalogAttributeDef, by key */
    Map                  options; /* field + 1 of an option, by its name */
    ProductNames        *names;
    pthread_rwlock_t    *names_lock;                   /* NULL: nobody reads them yet */
    Str                  title_locales[TITLE_LOCALES]; /* that have an order of titles */
    SearchField          title_keys[TITLE_LOCALES];
    size_t               n_titles;
} DocMaker;

/* Currency: the shop's first. Conditions and level are set by the caller. */
NODISCARD Status doc_maker(SearchIndex *ix, const ProductFields *fields, Cx *cx,
                           const Published *view, DocMaker *ret);

/* The document of a product that is shown. Lives in m->cx->arena. */
NODISCARD Status doc_of(DocMaker *m, const PublishedProduct *p, SearchDoc *ret);

/* The field by which titles are sorted in a language: "uk" has its own where any title is in it,
 * else the shop's. */
SearchField product_title_key(const SearchIndex *ix, const ProductFields *fields, Str locale,
                              Arena *a);

/* "price.EUR"; "option.colour"; in `a`. */
Str product_field_name(Arena *a, const char *prefix, Str name);

/* --- the store of a database ---------------------------------------------------------------- */

typedef struct Store {
    Db              *db;
    SearchIndex     *ix;
    SearchIndex     *collections; /* their titles */
    SearchField      collection_title;
    ProductFields    fields;
    pthread_t        thread;
    pthread_mutex_t  lock;
    pthread_cond_t   wake;
    bool             stopping, changed;
    bool             busy;          /* what changed is being taken in */
    bool             guide_changed; /* what the merchant says is not in `live` yet */
    bool             rebuild;       /* everything has to be made anew */
    int64_t          rev;           /* of the read model that the index has; 0: none yet */
    SearchLive      *live;          /* swapped under `lock` */
    ProductNames    *names;         /* changed and swapped under `names_lock` */
    pthread_rwlock_t names_lock;
    SearchTally     *tally;
    int              level;   /* how much is in the index; the thread's own, as the next */
    int64_t          fits;    /* LEVEL_SOME: so many products */
    int64_t          newest;  /* id of the newest product that was taken in or left out */
    atomic_bool      popular; /* the journey tells popularity */
    atomic_int       users;   /* that hold it by store_hold() */
    atomic_llong     renewals, left_out, level_shown;
    atomic_llong     said; /* product_search_said() */
} Store;

Store *store_hold(Db *db); /* NULL: none */
void   store_let(Store **s);

NODISCARD Status store_of(Cx *cx, Store **ret);

/* --- facets (product_search_facet.c) ---------------------------------------------------------- */

typedef struct Question {
    Cx                     *cx;
    Store                  *s;
    const ProductSearchAsk *ask;
    const Published        *view;
    Str                     locale, currency;
    SearchField             price;
    bool                    priced; /* the index has prices in that currency */
    SearchFilter            filters[SEARCH_FILTERS_MAX];
    size_t                  n_filters;
    Str                     params[SEARCH_FILTERS_MAX];
    SearchAmong             among;
    bool                    within; /* ask among those only */
} Question;

typedef struct FacetPlan {
    SearchFacetAsk asks[PRODUCT_SEARCH_FACETS_MAX];
    Str            params[PRODUCT_SEARCH_FACETS_MAX];
    size_t         n;
    bool           too_many; /* there are more than are asked for */
} FacetPlan;

/* What is to be counted. `hits`: the answer so far, when there are too many; else NULL. */
NODISCARD Status facet_plan(const Question *q, const SearchResult *hits, FacetPlan *ret);
void             facet_tell(const Question *q, const FacetPlan *plan, ProductSearchAnswer *ret);

/* The merchant's, held until search_live_release(); never NULL. */
SearchLive *store_live(Store *s);
