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

extern const Shape   catalog_shop_shape;
extern const Setting catalog_shop_setting;

/* As the merchant set them, or "Rapport", EUR, en, UTC. */
NODISCARD Status catalog_shop(Cx *cx, CatalogShop *ret);
