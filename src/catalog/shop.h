/* shop.h - the settings that everything about products needs: "catalog.shop". */
#pragma once

#include "base/shape.h"
#include "core/setting.h"

typedef struct CatalogShop {
    Str name;
    Str currency;  /* ISO 4217: of prices that say nothing else */
    Str locale;    /* BCP 47: of texts that say nothing else */
    Str time_zone; /* IANA: "Europe/Kyiv" */
} CatalogShop;

/* "catalog.published": how much memory the read model of storefronts takes. */
typedef struct CatalogPublishedLimits {
    int64_t memory_mb; /* for products */
} CatalogPublishedLimits;

/* "catalog.search": how products rank, besides their words, and how much memory finding takes.
 * Shares are percent of a perfect match of the words. */
typedef struct SearchTuning {
    int64_t memory_mb;    /* see product_search.h */
    int64_t popularity;   /* opened from answers in the past 30 days, or as the journey says */
    int64_t availability; /* something of it can be bought */
    int64_t margin;       /* what stays of the price above the cost */
    int64_t recency;      /* new in the shop; half of it after: */
    int64_t recency_days;
} SearchTuning;

extern const Shape   catalog_shop_shape;
extern const Setting catalog_settings[3];
#define catalog_shop_setting      catalog_settings[0]
#define catalog_published_setting catalog_settings[1]
#define catalog_search_setting    catalog_settings[2]

/* As the merchant set them, or "Rapport", EUR, en, UTC. */
NODISCARD Status catalog_shop(Cx *cx, CatalogShop *ret);
