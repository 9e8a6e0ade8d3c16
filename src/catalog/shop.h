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

extern const Shape   catalog_shop_shape;
extern const Setting catalog_settings[2];
#define catalog_shop_setting      catalog_settings[0]
#define catalog_published_setting catalog_settings[1]

/* As the merchant set them, or "Rapport", EUR, en, UTC. */
NODISCARD Status catalog_shop(Cx *cx, CatalogShop *ret);
