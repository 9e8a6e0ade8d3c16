/* price.h - price lists, and the one function that says what something costs.
 *
 * A variant has prices in lists. The base list (CATALOG_BASE_LIST) holds the ordinary
 * ones; sale and override lists apply to buyers for whom their condition holds, contract
 * lists to those they were agreed with. Page, feed, basket, till and assistants all ask
 * here, so that all show the same.
 *
 * Which price is it? Of the lists that are active, within their schedule, and whose
 * condition holds for the buyer, the first in this order that has a price in the currency
 * for the quantity at the moment:
 *
 *      1. contract lists, 2. sale and override lists - each by priority, highest first, of
 *      equals the lower price, then the older list - 3. the base list
 *
 * Within a list: the price for the largest min_qty that the quantity reaches, of these the
 * one that started last. What it is compared with is its own compare_at, else the base
 * price when that is higher.
 *
 * Codes: catalog.no_price_list, catalog.base_list, catalog.handle_taken, catalog.stale,
 * catalog.no_price. */
#pragma once

#include "catalog/product.h"
#include "condition/condition.h"

typedef enum CatalogListKind {
    CATALOG_LIST_BASE,
    CATALOG_LIST_SALE,
    CATALOG_LIST_OVERRIDE,
    CATALOG_LIST_CONTRACT
} CatalogListKind;

enum {
    CATALOG_LISTS_MAX = 1000, /* price lists of a shop */
    CATALOG_PRICES_PUT_MAX = 1000,
    CATALOG_HISTORY_DAYS = 400 /* former prices are kept this long */
};

typedef struct CatalogPriceList {
    uint64_t given;
    int64_t  id;
    Str      handle;
    Str      title;
    int      kind;     /* CatalogListKind */
    Str      currency; /* "": any */
    int64_t  priority;
    bool     active;
    Str      conditions; /* JSON: a condition on CatalogBuyer; absent: everybody */
    OptTime  starts_at;
    OptTime  ends_at;
    int64_t  rev;
    UnixMs   created_at;
    UnixMs   updated_at;
} CatalogPriceList;

typedef struct CatalogPriceLists {
    CatalogPriceList *items;
    size_t            n;
} CatalogPriceLists;

/* What conditions of price lists can ask about. */
typedef struct CatalogBuyer {
    Str          channel; /* "web", "pos", … */
    Str          market;
    Str          country; /* ISO 3166-1 alpha-2 */
    Str          locale;
    Str          customer; /* id, "" for a guest */
    CatalogTexts groups;   /* handles of customer groups */
    Str          company;
    CatalogTexts codes; /* agreed codes: "partner-2026" */
} CatalogBuyer;

extern const char *const catalog_list_kind_names[];
extern const Shape       catalog_price_list_shape, catalog_buyer_shape;

/* --- what does it cost? ------------------------------------------------------------------- */

/* The lists that apply to one buyer, in their order: made once, then asked for any number
 * of variants without the database. */
typedef struct CatalogPricing {
    const struct CatalogTier *tiers;
    size_t                    n;
    char                      currency[4];
    UnixMs                    at;
} CatalogPricing;

typedef struct CatalogQuote {
    Money   price;      /* for one piece */
    Money   compare_at; /* absent: none */
    int64_t list_id;
    int64_t min_qty;
    OptTime ends_at; /* absent: no end is known */
} CatalogQuote;

/* One statement. `at` is usually cx->now. */
NODISCARD Status catalog_pricing(Cx *cx, const CatalogBuyer *buyer, Str currency, UnixMs at,
                                 CatalogPricing *ret);

/* False: there is no price. Pure. */
NODISCARD bool catalog_quote(const CatalogPricing *p, CatalogPrices prices, int64_t qty,
                             CatalogQuote *ret);

/* The same for a variant in the database. ST_NOT_FOUND "catalog.no_price". */
NODISCARD Status catalog_price(Cx *cx, const CatalogPricing *p, int64_t variant_id, int64_t qty,
                               CatalogQuote *ret);

/* A price for one piece that a variant had, from … to. */
typedef struct CatalogPast {
    int64_t variant_id;
    int64_t list_id;
    Money   price;
    UnixMs  from, to;
} CatalogPast;

enum { CATALOG_LOWEST_DAYS = 30 };

/* The lowest price that everybody could pay in the 30 days before the price of this quote began
 * (EU directive 98/6, article 6a): what a shop has to say beside a reduced one. `past` may hold
 * other variants too. False: there was none, or the quote is for more than one piece. Pure. */
NODISCARD bool catalog_lowest_before(const CatalogPriceLists *lists, const CatalogVariant *v,
                                     const CatalogPast *past, size_t n, const CatalogQuote *q,
                                     Money *ret);

/* The lowest price of one piece that everybody could pay within the last `days` (1-400):
 * base prices, and lists of kind sale without condition. *ret_found false: there was none. */
NODISCARD Status catalog_lowest_price(Cx *cx, int64_t variant_id, Str currency, int64_t days,
                                      bool *ret_found, Money *ret);

/* Daily: forget former prices older than CATALOG_HISTORY_DAYS. */
Status catalog_prices_forget(Cx *cx);

/* --- lists -------------------------------------------------------------------------------- */

NODISCARD Status catalog_price_list_get(Cx *cx, int64_t id, CatalogPriceList *ret);
NODISCARD Status catalog_price_lists(Cx *cx, CatalogPriceLists *ret); /* all, oldest first */
NODISCARD Status catalog_price_list_create(Cx *cx, CatalogPriceList *l);
NODISCARD Status catalog_price_list_update(Cx *cx, int64_t id, int64_t rev, CatalogPriceList *l);
/* With its prices. ST_CONFLICT "catalog.base_list" */
NODISCARD Status catalog_price_list_delete(Cx *cx, int64_t id, int64_t rev);

/* Prices of one list, of many variants at once. */
typedef struct CatalogListPrice {
    int64_t id;
    int64_t variant_id;
    int64_t product_id;
    Money   price;
    Money   compare_at;
    int64_t min_qty;
    OptTime starts_at;
    OptTime ends_at;
} CatalogListPrice;

typedef struct CatalogListPrices {
    CatalogListPrice *items;
    size_t            n;
} CatalogListPrices;

extern const Shape catalog_list_price_shape;

/* Write them; each replaces the one for the same variant, currency, quantity and start. */
NODISCARD Status catalog_list_prices_put(Cx *cx, int64_t list_id, CatalogListPrices prices);
/* At most `max` with id > `after`. */
NODISCARD Status catalog_list_prices_get(Cx *cx, int64_t list_id, int64_t after, int64_t max,
                                         CatalogListPrices *ret);
NODISCARD Status catalog_list_price_delete(Cx *cx, int64_t id);
