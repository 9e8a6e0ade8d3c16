/* listing.h - the products of a collection or a search: filtered, counted, sorted, a page of
 * them at a time. The one place where pages ask for lists of products.
 *
 *      Listing *l = listing_new(v, &(ListingAsk){.collection = id});
 *      listing_page(v, l, 24, 24, &ids, &n);          // the second page
 *
 * All of it is asked of the index of products (catalog/product_search.h), where the names of
 * filters are told; what an address asks for and cannot be chosen is left out. One question
 * answers an ordinary page: how many there are, its products, and the counts of all filters; a
 * second one, where something is chosen, tells which values there are besides. What that costs
 * does not grow with the number of products on other pages.
 *
 * While the server starts and the first index is not built yet, a collection is shown in its
 * own order without filters, and a search is answered with 503. */
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
    LISTING_VALUES_MAX = 1000, /* of one filter; of more, those that most products have */
    LISTING_CHOSEN_MAX = 50,   /* values chosen in one address … */
    LISTING_GROUPS_MAX = 24,   /* … of so many filters */
    LISTING_TERMS_MAX = 200,   /* bytes of a search */
    LISTING_SUGGESTED_MAX = 10 /* products while somebody types */
};

/* An attribute with more numbers than people read through is a range. */
enum { LISTING_NUMBERS_MAX = 24 };

typedef enum ListingKind {
    LISTING_LIST,
    LISTING_BOOLEAN,
    LISTING_PRICE_RANGE,
    LISTING_NUMBER_RANGE
} ListingKind;

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
    size_t        n;
    OptI64        min, max;   /* of the price range: chosen, in minor units */
    int64_t       range_max;  /* highest price there is */
    Str           from, upto; /* of a range of numbers: chosen, or empty */
    double        low, high;  /* … the least and the greatest there are */
    Str           unit;       /* of numbers: "kg", or empty */
    bool          active;
} ListingFilter;

typedef struct ListingAsk {
    int64_t collection; /* 0: all products */
    Str     terms;      /* of a search, or absent */
    bool    typing;     /* the last of them is not finished yet */
    bool    counted;    /* a shopper searched: counts for the merchant's statistics */
    Str     tag;        /* /collections/x/TAG: handle of a tag that all have, or absent */
} ListingAsk;

Listing *listing_new(Visit *v, const ListingAsk *ask);

/* Of a search: ST_BUSY "catalog.not_searchable" while there is no index. */
NODISCARD Status listing_ready(Visit *v, Listing *l);

/* Of a search: where the merchant leads it ("/collections/mugs"), or empty. */
Str listing_redirect(Listing *l);

/* Of a search: was nothing found, or nothing with all the words? */
bool listing_missed(Listing *l);

/* Of a search: the query as it was probably meant, or empty; and the words of it that not all
 * that is shown has. */
Str          listing_corrected(Listing *l);
CatalogTexts listing_missing(Visit *v, Listing *l);

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
