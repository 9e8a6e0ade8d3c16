/* bulk.h - many changes to products at once, each for itself.
 *
 * Entries run in order, in transactions of CATALOG_BULK_CHUNK. One that fails changes
 * nothing and does not hold up the others. */
#pragma once

#include "catalog/product.h"

enum { CATALOG_BULK_MAX = 1000, CATALOG_BULK_CHUNK = 100 };

typedef enum CatalogBulkOp {
    CATALOG_BULK_CREATE,
    CATALOG_BULK_UPDATE,
    CATALOG_BULK_DELETE
} CatalogBulkOp;

typedef enum CatalogBulkOutcome {
    CATALOG_BULK_CREATED,
    CATALOG_BULK_UPDATED,
    CATALOG_BULK_UNCHANGED,
    CATALOG_BULK_DELETED,
    CATALOG_BULK_FAILED,
    CATALOG_BULK_WAITING /* not done yet */
} CatalogBulkOutcome;

typedef struct CatalogBulkEntry {
    int            op; /* CatalogBulkOp */
    int64_t        id; /* to update or delete; then of what was created */
    int64_t        rev;
    CatalogProduct product;
    /* set by catalog_products_bulk(); an entry that is FAILED before is left out */
    int    outcome; /* CatalogBulkOutcome */
    Err    err;
    Issues issues;
} CatalogBulkEntry;

/* ST_OK also when entries fail: look at their outcome. */
NODISCARD Status catalog_products_bulk(Cx *cx, CatalogBulkEntry *entries, size_t n);
