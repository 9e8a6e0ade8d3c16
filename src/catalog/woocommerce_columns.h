/* woocommerce_columns.h - the columns of WooCommerce's product CSV, for reading and writing. */
#pragma once

#include "base/base.h"

typedef enum WooMeaning {
    WOO_PASS,
    WOO_ID,
    WOO_TYPE,
    WOO_SKU,
    WOO_NAME,
    WOO_PRODUCT_TEXT, /* member `field` of the product */
    WOO_VARIANT_TEXT, /* member `field` of the variant */
    WOO_PUBLISHED,
    WOO_SALE_STARTS,
    WOO_SALE_ENDS,
    WOO_TAX_STATUS,
    WOO_STOCK,
    WOO_BACKORDERS,
    WOO_SOLD_ALONE,
    WOO_WEIGHT,
    WOO_LENGTH,
    WOO_SALE_PRICE,
    WOO_REGULAR_PRICE,
    WOO_COST,
    WOO_CATEGORIES,
    WOO_TAGS,
    WOO_IMAGES,
    WOO_PARENT,
    WOO_ATTRIBUTE_NAME,
    WOO_ATTRIBUTE_VALUES,
    WOO_ATTRIBUTE_VISIBLE,
    WOO_ATTRIBUTE_GLOBAL,
    WOO_ATTRIBUTE_DEFAULT,
    WOO_OTHER /* kept as an attribute */
} WooMeaning;

typedef struct WooColumn {
    const char *name; /* without the unit, for measures */
    int         meaning;
    const char *field;   /* by its name in the shape */
    bool        measure; /* the header has a unit: "Weight (kg)" */
} WooColumn;

/* In the order of the file; WOO_OTHER ones are kept as attributes. */
extern const WooColumn woo_columns[];
extern const size_t    woo_ncolumns;
