/* listing.h - the products of a collection or a search: filtered, counted, sorted, a page of
 * them at a time. The one place where pages ask for lists of products.
 *
 *      Listing *l = listing_new(v, &(ListingAsk){.collection = id});
 *      listing_page(v, l, 24, 24, &ids, &n);          // the second page
 *
 * Filters come from the query under the names that theme authors know:
 *
 *      filter.p.vendor filter.p.product_type filter.p.tag    of the product
 *      filter.p.m.NAMESPACE.KEY                              attributes that are filterable
 *      filter.v.availability=1|0
 *      filter.v.price.gte filter.v.price.lte                 in whole units: "12.50"
 *      filter.v.option.NAME                                  handle of the option's name
 *
 * Values of one filter are alternatives, filters hold together; those on variants must hold for
 * the same variant. A filter's counts are of the products that all other filters leave. */
#pragma once

#include "channel/storefront/visit.h"

typedef enum ListingSort {
    LISTING_MANUAL, /* as the collection has them; of a search: the best first */
    LISTING_BEST_SELLING,
    LISTING_TITLE,
    LISTING_TITLE_DESC,
    LISTING_PRICE,
    LISTING_PRICE_DESC,
    LISTING_CREATED,
    LISTING_CREATED_DESC,
    LISTING_SORTS
} ListingSort;

extern const char *const listing_sort_names[LISTING_SORTS]; /* "title-ascending" … */

enum {
    LISTING_FILTERS_MAX = 30,
    LISTING_VALUES_MAX = 1000, /* of one filter */
    LISTING_CHOSEN_MAX = 50,   /* values chosen in one address */
    LISTING_TERMS_MAX = 200    /* bytes of a search */
};

typedef enum ListingKind { LISTING_LIST, LISTING_BOOLEAN, LISTING_PRICE_RANGE } ListingKind;

typedef struct ListingValue {
    Str     value; /* as in the address */
    Str     label; /* for people; of availability: empty */
    Str     swatch;
    int64_t count;
    bool    active;
} ListingValue;

typedef struct ListingFilter {
    Str           param; /* "filter.p.vendor"; of the price range "filter.v.price" */
    Str           label; /* empty: the theme names it by `param` */
    ListingKind   kind;
    ListingValue *values;
    size_t        n, cap;
    OptI64        min, max;  /* of the price range: chosen, in minor units */
    int64_t       range_max; /* highest price there is */
    bool          active;
    Map           index; /* of values */
} ListingFilter;

typedef struct ListingAsk {
    int64_t collection; /* 0: all products */
    Str     terms;      /* of a search, or absent */
    bool    typing;     /* the last of them is not finished yet */
    Str     tag;        /* /collections/x/TAG: handle of a tag that all have, or absent */
} ListingAsk;

Listing *listing_new(Visit *v, const ListingAsk *ask);

int64_t listing_total(Listing *l); /* that the filters leave */
int64_t listing_all(Listing *l);   /* without filters */
int     listing_sort(const Listing *l);
int     listing_default_sort(const Listing *l);
bool    listing_filtered(const Listing *l); /* is any filter active? */

/* Ids of `limit` products from `offset` on. */
void listing_page(Visit *v, Listing *l, int64_t offset, int64_t limit, const int64_t **ret_ids,
                  size_t *ret_n);

const ListingFilter *listing_filters(Visit *v, Listing *l, size_t *ret_n);

/* Tags that any of its products has, at most `max`. */
CatalogTexts listing_tags(Visit *v, Listing *l);

const ListingAsk *listing_ask(const Listing *l);

/* "Wool Coat" -> "wool-coat", for options in addresses and tags. */
Str listing_handle(Arena *a, Str name);
