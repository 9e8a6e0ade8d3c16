/* collection.h - groups of products, chosen by hand or by a rule.
 *
 * A rule is a condition (condition/condition.h) on the product's facts:
 *
 *      title handle status kind vendor type category tags variant_count
 *      created_at updated_at                      "2026-11-22T13:00:00.000Z"
 *      price.EUR price_max.EUR                    lowest and highest base price, in cents
 *      on_sale in_stock quantity                  of any variant; quantity: the sum
 *      options.Colour                             ["Red", "Blue"]
 *      attributes.google.gender                   the value of attribute google.gender
 *      variants                                   [{sku barcode quantity weight_g in_stock
 *                                                  price compare_at options attributes}]
 *
 * Which products a rule holds for is kept in the same table as the choice by hand and
 * follows the products: a reaction to catalog.product_changed looks at one product with
 * all rules, a job goes through all products when a rule changes.
 *
 * Codes: catalog.no_collection, catalog.handle_taken, catalog.stale,
 * catalog.collection_by_rule, catalog.too_many. */
#pragma once

#include "catalog/product.h"
#include "core/event.h"
#include "core/job.h"

typedef enum CatalogCollectionKind { CATALOG_BY_HAND, CATALOG_BY_RULE } CatalogCollectionKind;

typedef enum CatalogSort {
    CATALOG_SORT_MANUAL,
    CATALOG_SORT_TITLE,
    CATALOG_SORT_TITLE_DESC,
    CATALOG_SORT_CREATED,
    CATALOG_SORT_CREATED_DESC
} CatalogSort;

enum {
    CATALOG_RULES_MAX = 1000,   /* collections by rule */
    CATALOG_MEMBERS_MAX = 1000, /* added at once */
    CATALOG_RULE_MAX = 16384    /* bytes */
};

typedef struct CatalogCollection {
    uint64_t            given;
    int64_t             id;
    Str                 handle;
    Str                 title;
    Str                 description; /* HTML as written */
    Str                 description_safe;
    int                 kind; /* CatalogCollectionKind */
    Str                 rule; /* JSON; absent by hand */
    int                 sort; /* CatalogSort */
    CatalogMediaList    media;
    CatalogAttributes   attributes;
    CatalogPublications publications; /* new ones: "web", from now */
    Str                 seo_title;
    Str                 seo_description;
    Str                 template_suffix;
    int64_t             rev;
    UnixMs              created_at;
    UnixMs              updated_at;
} CatalogCollection;

typedef struct CatalogCollections {
    CatalogCollection *items;
    size_t             n;
} CatalogCollections;

extern const char *const catalog_collection_kind_names[], *const catalog_sort_names[];
extern const Shape catalog_collection_shape;

NODISCARD Status catalog_collection_get(Cx *cx, int64_t id, CatalogCollection *ret);
NODISCARD Status catalog_collection_by_handle(Cx *cx, Str handle, CatalogCollection *ret);
/* Those of `ids` that exist, in that order. */
NODISCARD Status catalog_collections_get(Cx *cx, const int64_t *ids, size_t n,
                                         CatalogCollections *ret);
NODISCARD Status catalog_collection_create(Cx *cx, CatalogCollection *c);
NODISCARD Status catalog_collection_update(Cx *cx, int64_t id, int64_t rev, CatalogCollection *c);
NODISCARD Status catalog_collection_delete(Cx *cx, int64_t id, int64_t rev);

/* --- what is in it ------------------------------------------------------------------------ */

/* Put products at the end, in this order; those that are in it stay where they are.
 * ST_NOT_FOUND "catalog.no_product", ST_CONFLICT "catalog.collection_by_rule". */
NODISCARD Status catalog_collection_add(Cx *cx, int64_t id, const int64_t *products, size_t n);
NODISCARD Status catalog_collection_remove(Cx *cx, int64_t id, const int64_t *products, size_t n);

/* Move `product` in front of `before`; 0: to the end. */
NODISCARD Status catalog_collection_move(Cx *cx, int64_t id, int64_t product, int64_t before);

/* Collections that a product is in. */
typedef struct CatalogIds {
    int64_t *items;
    size_t   n;
} CatalogIds;
NODISCARD Status catalog_collections_of(Cx *cx, int64_t product_id, CatalogIds *ret);

/* --- rules -------------------------------------------------------------------------------- */

/* Reactions to catalog.product_changed, catalog.collection_changed and
 * catalog.content_changed; and the job. */
Status catalog_collect_product(Cx *cx, const Event *event);
Status catalog_collect_changed(Cx *cx, const Event *event);
Status catalog_collect_content(Cx *cx, const Event *event);
Status catalog_collect_job(Cx *cx, const Job *job);

#define CATALOG_COLLECT_JOB "catalog.collect"
