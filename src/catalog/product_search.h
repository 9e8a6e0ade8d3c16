/* product_search.h - finding products: the published catalogue in an index of words.
 *
 *      ProductSearchAsk    ask = {.text = STR("red shoes"), .locale = STR("en"), .limit = 24};
 *      ProductSearchAnswer a;
 *      TRY(product_search(cx, &ask, &a));
 *
 * The index (src/search) lives in memory beside the read model (published.h) and follows it:
 * a change is found within milliseconds of its renewal, and while the whole is built anew the
 * old one answers. Only what shoppers may see is in it.
 *
 * Choices have the names that storefront addresses use; values of one name are alternatives,
 * names hold together, and those of variants ("filter.v.") must hold for one variant:
 *
 *      filter.p.vendor  filter.p.product_type  filter.p.tag  filter.p.m.NAMESPACE.KEY
 *      filter.p.m.NAMESPACE.KEY.gte  filter.p.m.NAMESPACE.KEY.lte   of numbers ("12.5")
 *      filter.v.availability=1|0   filter.v.price.gte  filter.v.price.lte   ("12.50")
 *      filter.v.option.NAME        the handle of an option's name: "colour"
 *
 * Facets come under the same names; the count beside a value is what choosing it would show.
 * Of a shop with more options and attributes than PRODUCT_SEARCH_FACETS_MAX, those are told
 * that most of the answer's first products have.
 *
 * Names of options, their values and swatches are those of the first product that brought
 * them; their order is made from all products' own orders (S, M from one and M, L from another
 * are S, M, L).
 *
 * What the merchant says about finding (search_guide.h) holds here; so do the weights and the
 * memory of the setting "catalog.search". When the index would be larger than that, it is built
 * anew with less in it while the old one answers: first without descriptions, then also without
 * attributes, tags and options, at last without the oldest products. It is told in the log
 * ("catalog.search_memory") and by the metrics catalog_search_level and catalog_search_left_out.
 * While it is being built there are two.
 *
 * Codes: catalog.not_searchable (no index was started), catalog.bad_choice; those of
 * search.h for texts and cursors. */
#pragma once

#include "catalog/published.h"
#include "core/event.h"
#include "search/query.h"

enum {
    PRODUCT_SEARCH_TEXT_MAX = 200, /* bytes; longer is cut */
    PRODUCT_SEARCH_LIMIT_MAX = 1000,
    PRODUCT_SEARCH_CHOICES_MAX = 50,
    PRODUCT_SEARCH_OFFSET_MAX = SEARCH_OFFSET_MAX,
    PRODUCT_SEARCH_VALUES = 100,      /* of one facet in an answer, unless said otherwise */
    PRODUCT_SEARCH_VALUES_MAX = 1000, /* … at most */
    PRODUCT_SEARCH_FACETS_MAX = 24
};

/* Build the index of this database and follow its read model; after published_start(). It
 * answers when the first building is done; product_search_settle() waits for that. */
NODISCARD Status product_search_start(Db *db, Err *err);
void             product_search_stop(Db *db); /* before published_stop(); without one: nothing */

/* Wait until everything that the read model has now is in the index. */
NODISCARD Status product_search_settle(Cx *cx);

typedef enum ProductSearchSort {
    PRODUCT_SEARCH_RELEVANCE, /* of an empty text: the newest first */
    PRODUCT_SEARCH_TITLE,
    PRODUCT_SEARCH_TITLE_DESC,
    PRODUCT_SEARCH_PRICE,
    PRODUCT_SEARCH_PRICE_DESC,
    PRODUCT_SEARCH_CREATED,
    PRODUCT_SEARCH_CREATED_DESC,
    PRODUCT_SEARCH_MANUAL, /* as the collection has them; of everything: the oldest first */
    PRODUCT_SEARCH_SORTS
} ProductSearchSort;

extern const char *const product_search_sort_names[]; /* "relevance", "title-ascending" …, NULL */

typedef struct ProductSearchChoice {
    Str param; /* "filter.p.vendor" */
    Str value;
} ProductSearchChoice;

typedef struct ProductSearchAsk {
    Str                        text;
    Str                        locale;     /* of the text; "": the shop's */
    Str                        currency;   /* of prices; "": the shop's */
    int64_t                    collection; /* only what it holds; 0: everything */
    Str                        tag;        /* only what has a tag with this handle; or "" */
    const ProductSearchChoice *choices;
    size_t                     n_choices;
    int                        sort; /* ProductSearchSort */
    uint32_t                   limit;
    uint32_t                   offset; /* hits to leave out; at most PRODUCT_SEARCH_OFFSET_MAX */
    Str                        cursor; /* of the answer before, or "" */
    bool                       facets;
    Str                        only;      /* … of this name alone, or "" */
    uint16_t                   values;    /* of each facet; 0: PRODUCT_SEARCH_VALUES */
    bool                       own_order; /* values as shoppers look for them: options as products
                                           * have them, numbers by size, others by name; instead
                                           * of the most counted first */
    bool explain;
    bool fill;    /* where fewer than `limit` have all the words, those that lack some follow;
                   * such a page is the only one */
    bool typing;  /* the last word is not finished yet; without facets the total may be less */
    bool counted; /* a shopper asked: counts for search_stats.h, when it is
                   * a first page of more than nothing */
} ProductSearchAsk;

typedef struct ProductSearchValue {
    Str     text;   /* to choose it by; of availability "1" and "0" */
    Str     label;  /* for people, in the asked language; of availability empty */
    Str     swatch; /* of an option's value: "#aa3311", or empty */
    int64_t count;
    bool    chosen;
    double  place; /* in its own order */
} ProductSearchValue;

typedef struct ProductSearchFacet {
    Str                 param; /* "filter.v.option.colour"; of prices "filter.v.price" */
    Str                 label; /* of options and attributes, for people; else empty */
    ProductSearchValue *values;
    size_t              n;
    bool                range; /* prices: min and max in minor units instead of values */
    int64_t             min, max;
    bool                number;    /* an attribute of numbers: values, and from where to where */
    double              low, high; /* … they reach, whatever is chosen of them */
    Str                 unit;      /* … "kg", or empty */
} ProductSearchFacet;

typedef struct ProductSearchAnswer {
    SearchResult        result; /* hits: id of the product, group: of the variant that fits */
    ProductSearchFacet *facets;
    size_t              n_facets;
    Str                 currency;
    Str                 redirect; /* the merchant leads this query to another page; empty: no */
    int64_t             rules[SEARCH_RULES_MAX]; /* ids of the merchant's rules that held */
    size_t              n_rules;
    int64_t             rev; /* of the read model that the index has: less than the view's while a
                              * change is on its way */
    int64_t said;            /* product_search_said() before it was asked */
    UnixMs  good_until;      /* when a rule of the merchant begins or ends next; 0: none does */
    bool    missed;          /* nothing was found, or nothing with all the words */
} ProductSearchAnswer;

/* Is this the name of something that can be chosen? */
bool product_search_can_choose(Str param);

/* "filter.p.m.spec.weight.gte" -> true and "filter.p.m.spec.weight"; others: false and as it is. */
bool product_search_range_of(Str param, Str *ret_of);

/* "12.5" or "12,5"; false: it is no number. */
bool product_search_number(Str text, double *ret);

/* ST_BUSY "catalog.not_searchable" (no index, or its first building is not done yet);
 * ST_INVALID "catalog.bad_choice", "search.cursor". */
NODISCARD Status product_search(Cx *cx, const ProductSearchAsk *ask, ProductSearchAnswer *ret);

/* Counts what changes answers besides the products: synonyms, redirects, rules, popularity. An
 * answer that was kept is good while this and the revision stay as they were. 0: no index. */
int64_t product_search_said(Cx *cx);

/* Count a query whose answer was kept (ProductSearchAsk.counted). Without an index: nothing. */
void product_search_count(Cx *cx, Str text, Str locale, bool missed);

/* Whole queries that complete what is being typed and find something, best first. */
NODISCARD Status product_search_complete(Cx *cx, Str text, Str locale, uint32_t limit,
                                         SearchCompletion **ret, size_t *ret_n);

/* Titles of collections for what is being typed, best first; ids, at most `limit` <= 20. */
NODISCARD Status product_search_collections(Cx *cx, Str text, Str locale, bool typing,
                                            uint32_t limit, CatalogIds *ret);

/* A product was opened from the answer to `text`: counts, and makes it more popular. Writes
 * nothing by itself. Without an index: nothing. */
void product_search_clicked(Cx *cx, Str text, Str locale, int64_t product);

/* How popular products are, from 0 to any number, as the journey tells: from the first call on
 * clicks are not asked any more. Seen by the next search. */
NODISCARD Status product_search_popularity(Cx *cx, const int64_t *ids, const double *values,
                                           size_t n);

/* Write what was counted so far (tests; otherwise it happens every ten seconds). */
NODISCARD Status product_search_flush(Cx *cx);

/* Reaction of each process: the merchant changed something. */
NODISCARD Status product_search_react(Cx *cx, const Event *event);

/* The rule of the k-th SEARCH_PART_RULE of an explanation: `word` of the part. Title, in the
 * arena. */
Str product_search_rule(Cx *cx, const ProductSearchAnswer *a, size_t word);

/* Name of a field of the index, for explanations: "title", "price.EUR". */
Str product_search_field(Cx *cx, SearchField field);
