/* stock_hook.h - where the numbers of pieces come from: the module above that keeps them.
 *
 * The catalogue knows whether a variant is counted and what is to happen when it is used up;
 * how many there are is known to `stock`, which stands above and fills it in here. Without it
 * (tests of the catalogue alone, tools) the number that was written last is what is read. */
#pragma once

#include "catalog/product.h"

typedef struct CatalogCounted { /* a variant whose quantity was written */
    int64_t variant_id;
    int64_t quantity; /* what shall be available */
} CatalogCounted;

typedef struct CatalogStockHook {
    /* Put quantity, expected_at and full into each of the variants, which are tracked. One
     * statement for all; in whatever transaction or snapshot the reader is in. */
    Status (*fill)(Cx *cx, CatalogVariant *const *variants, size_t n);
    /* In the transaction that saves the product. The variants are tracked. */
    Status (*count)(Cx *cx, const CatalogCounted *counted, size_t n);
} CatalogStockHook;

/* For all databases of this process whose tables it has; before anything else is called. */
void catalog_stock_hook(const CatalogStockHook *hook); /* borrowed; NULL: none */

/* Renew what shoppers see of a product (0: of all), in this process: what is shown of its stock
 * changed. */
NODISCARD Status catalog_published_renew(Cx *cx, int64_t product_id);

/* The same for collections by rule that hold it or should: the work of a reaction. */
NODISCARD Status catalog_collect_again(Cx *cx, int64_t product_id);
