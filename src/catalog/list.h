/* list.h - lists of products, collections and so on: filtered, sorted, a page at a time.
 *
 * A list gives ids with their sort keys; load the things by their ids. */
#pragma once

#include "catalog/collection.h"
#include "catalog/product.h"

typedef enum CatalogOrder {
    CATALOG_ORDER_CREATED,
    CATALOG_ORDER_UPDATED,
    CATALOG_ORDER_TITLE,
    CATALOG_ORDER_COLLECTION /* products of one collection, as it sorts them */
} CatalogOrder;

typedef struct CatalogSlice {
    int     order; /* CatalogOrder */
    bool    descending;
    bool    backwards; /* read towards the beginning: nearest first */
    bool    from;      /* go on behind this key: */
    Str     text;
    int64_t number;
    int64_t id;
    int64_t limit; /* rows at most */
} CatalogSlice;

typedef struct CatalogKeyed {
    int64_t id;
    Str     text; /* the sort key, when it is a text; else absent */
    int64_t number;
} CatalogKeyed;

typedef struct CatalogKeyedList {
    CatalogKeyed *items;
    size_t        n;
} CatalogKeyedList;

/* What is absent, empty or 0 does not filter. */
typedef struct CatalogProductFilter {
    int            status; /* CatalogStatus + 1 */
    Str            vendor;
    Str            type;
    Str            tag;
    Str            title; /* begins with, in any case */
    Str            handle;
    Str            sku;     /* of a variant */
    Str            channel; /* has a publication there */
    int64_t        collection;
    OptTime        updated_since;
    const int64_t *ids;
    size_t         nids;
} CatalogProductFilter;

NODISCARD Status catalog_product_list(Cx *cx, const CatalogProductFilter *f, const CatalogSlice *s,
                                      CatalogKeyedList *ret);

typedef struct CatalogCollectionFilter {
    int     kind; /* CatalogCollectionKind + 1 */
    Str     title;
    Str     handle;
    int64_t product; /* contains it */
    OptTime updated_since;
} CatalogCollectionFilter;

NODISCARD Status catalog_collection_list(Cx *cx, const CatalogCollectionFilter *f,
                                         const CatalogSlice *s, CatalogKeyedList *ret);

typedef struct CatalogVariantFilter {
    int64_t        product;
    Str            sku;
    Str            barcode;
    const int64_t *ids;
    size_t         nids;
} CatalogVariantFilter;

/* By age. */
NODISCARD Status catalog_variant_list(Cx *cx, const CatalogVariantFilter *f, const CatalogSlice *s,
                                      CatalogKeyedList *ret);

/* Kinds of things with an id, a handle and a title. */
typedef enum CatalogTable {
    CATALOG_PAGES,
    CATALOG_BLOGS,
    CATALOG_ARTICLES, /* of blog `parent`, or all */
    CATALOG_MENUS,
    CATALOG_REDIRECTS,
    CATALOG_TABLES
} CatalogTable;

/* By age; pages and articles by title too. `handle` (of a redirect: its path) may be empty. */
NODISCARD Status catalog_list(Cx *cx, CatalogTable table, int64_t parent, Str handle,
                              const CatalogSlice *s, CatalogKeyedList *ret);

/* --- names that products have ------------------------------------------------------------- */

typedef struct CatalogName {
    Str     name;
    int64_t uses;
} CatalogName;

typedef struct CatalogNames {
    CatalogName *items;
    size_t       n;
} CatalogNames;

typedef enum CatalogNameKind { CATALOG_VENDORS, CATALOG_TYPES, CATALOG_TAGS } CatalogNameKind;

extern const Shape catalog_name_shape;

/* Those that begin with `prefix` (in any case) and come after `after`, in order. */
NODISCARD Status catalog_names(Cx *cx, CatalogNameKind kind, Str prefix, Str after, int64_t limit,
                               CatalogNames *ret);
