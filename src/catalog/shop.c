#include "catalog/shop.h"

#include "core/setting.h"

static const ShapeField FIELDS[] = {
    SHAPE_TEXT(CatalogShop, name, .min = 1, .max = 100, .flags = SHAPE_LINE,
               .doc = "As customers know it."),
    SHAPE_TEXT(CatalogShop, currency, .min = 3, .max = 3, .flags = SHAPE_LINE,
               .doc = "ISO 4217: of prices that say nothing else.", .example = "\"EUR\""),
    SHAPE_TEXT(CatalogShop, locale, .min = 2, .max = 35, .flags = SHAPE_LINE,
               .doc = "BCP 47: of texts that say nothing else.", .example = "\"uk\""),
    SHAPE_TEXT(CatalogShop, time_zone, .min = 1, .max = 64, .flags = SHAPE_LINE,
               .doc = "IANA name.", .example = "\"Europe/Kyiv\""),
};
const Shape catalog_shop_shape =
    SHAPE_OF(CatalogShop, "Shop", FIELDS, .doc = "What everything about products needs to know.");

static const CatalogShop DEFAULTS = {
    .name = STR_INIT("Rapport"),
    .currency = STR_INIT("EUR"),
    .locale = STR_INIT("en"),
    .time_zone = STR_INIT("UTC"),
};

static const ShapeField LIMITS[] = {
    SHAPE_INT(CatalogPublishedLimits, memory_mb, .min = 1, .max = 1 << 20,
              .doc = "MB of memory for products that shoppers see; the others are read from the "
                     "database when somebody asks for them."),
};
static const Shape limits_shape = SHAPE_OF(CatalogPublishedLimits, "PublishedLimits", LIMITS,
                                           .doc = "Memory of the read model of storefronts.");

static const CatalogPublishedLimits LIMITS_DEFAULTS = {.memory_mb = 64};

static const ShapeField TUNING[] = {
    SHAPE_INT(SearchTuning, memory_mb, .min = 1, .max = 1 << 20,
              .doc = "MB of memory for the index of products. What does not fit is left out: "
                     "descriptions first, then attributes and tags, then the oldest products."),
    SHAPE_INT(SearchTuning, popularity, .min = 0, .max = 100,
              .doc = "Percent of a perfect match of words, for what shoppers open most."),
    SHAPE_INT(SearchTuning, availability, .min = 0, .max = 100,
              .doc = "The same for what can be bought now."),
    SHAPE_INT(SearchTuning, margin, .min = 0, .max = 100,
              .doc = "The same for what earns most of its price; needs costs of variants."),
    SHAPE_INT(SearchTuning, recency, .min = 0, .max = 100, .doc = "The same for what is new."),
    SHAPE_INT(SearchTuning, recency_days, .min = 1, .max = 3650,
              .doc = "Days after which half of the recency is gone."),
};
static const Shape tuning_shape =
    SHAPE_OF(SearchTuning, "SearchTuning", TUNING,
             .doc = "How products rank besides their words, and memory for finding them.");

static const SearchTuning TUNING_DEFAULTS = {
    .memory_mb = 1024, .popularity = 10, .availability = 15, .recency_days = 90};

const Setting catalog_settings[3] = {
    {"catalog.shop", &catalog_shop_shape, &DEFAULTS},
    {"catalog.published", &limits_shape, &LIMITS_DEFAULTS},
    {"catalog.search", &tuning_shape, &TUNING_DEFAULTS},
};

Status catalog_shop(Cx *cx, CatalogShop *ret)
{
    return setting_kept(cx, &catalog_shop_setting, ret);
}
