/* shopify_columns.h - the columns of Shopify's product CSV, for reading and writing it. */
#pragma once

#include "base/base.h"

typedef enum ShopifyMeaning {
    SHOPIFY_PASS, /* known, without a place in the catalogue */
    SHOPIFY_HANDLE,
    SHOPIFY_PRODUCT_TEXT, /* member `field` of the product */
    SHOPIFY_VARIANT_TEXT, /* member `field` of the variant */
    SHOPIFY_VARIANT_BOOL,
    SHOPIFY_VARIANT_INT, /* may be empty */
    SHOPIFY_TAGS,
    SHOPIFY_COLLECTION,  /* one, by its title */
    SHOPIFY_COLLECTIONS, /* ours: all, by their paths */
    SHOPIFY_PUBLISHED,
    SHOPIFY_STATUS,
    SHOPIFY_GIFT_CARD,
    SHOPIFY_OPTION_NAME,
    SHOPIFY_OPTION_VALUE,
    SHOPIFY_PRICE,
    SHOPIFY_COMPARE_AT,
    SHOPIFY_COST,
    SHOPIFY_TRACKER,
    SHOPIFY_QUANTITY,
    SHOPIFY_CONTINUE,
    SHOPIFY_WEIGHT_UNIT,
    SHOPIFY_MEASURE,
    SHOPIFY_MEASURE_UNIT,
    SHOPIFY_MEASURE_BASE,
    SHOPIFY_MEASURE_BASE_UNIT,
    SHOPIFY_IMAGE,
    SHOPIFY_IMAGE_POSITION,
    SHOPIFY_IMAGE_ALT,
    SHOPIFY_VARIANT_IMAGE,
    SHOPIFY_ATTRIBUTE,
    SHOPIFY_LIST_PRICE,
    SHOPIFY_LIST_COMPARE,
    SHOPIFY_CHANNEL
} ShopifyMeaning;

typedef struct ShopifyColumn {
    const char *now;
    const char *before; /* in the older generation; NULL: the same, but for case, or none */
    int         meaning;
    const char *field; /* by its name in the shape */
    bool        ours;  /* no column of Shopify's: written when a product needs it */
} ShopifyColumn;

/* In the order of the file. Options go behind "Barcode". */
extern const ShopifyColumn shopify_columns[];
extern const size_t        shopify_ncolumns;
