/* attribute.h - custom attributes: what there are, and what their values may be.
 *
 * A definition gives a key "namespace.key" within a scope a type. Values are JSON:
 *
 *      text       "cotton"                            number   12.5 (of `unit`)
 *      boolean    true                                date     "2026-11-22"
 *      enum       one of `choices`                    json     anything
 *      reference  an id: "prd_…", "col_…", "pag_…"    list     […] of `item_type`
 *
 * Codes: catalog.no_attribute, catalog.attribute_taken, catalog.stale; issues
 * unknown_attribute, wrong_type, not_one_of, not_unique. */
#pragma once

#include "base/shape.h"
#include "catalog/product.h"

enum { CATALOG_CHOICES_MAX = 1000, CATALOG_DEFS_MAX = 2000 /* definitions of one scope */ };

#define CATALOG_ATTRIBUTE_ID "att"

typedef enum CatalogScope {
    CATALOG_SCOPE_PRODUCT,
    CATALOG_SCOPE_VARIANT,
    CATALOG_SCOPE_COLLECTION,
    CATALOG_SCOPE_PAGE
} CatalogScope;

typedef enum CatalogType {
    CATALOG_TEXT,
    CATALOG_NUMBER,
    CATALOG_BOOLEAN,
    CATALOG_DATE,
    CATALOG_ENUM,
    CATALOG_JSON,
    CATALOG_REFERENCE,
    CATALOG_LIST
} CatalogType;

typedef struct CatalogAttributeDef {
    uint64_t     given;
    int64_t      id;
    int          scope; /* CatalogScope; stays */
    Str          key;   /* stays */
    Str          name;  /* for people, translatable */
    int          type;  /* CatalogType; stays while there are values */
    int          item_type;
    Str          unit;
    CatalogTexts choices;
    bool         filterable; /* shoppers can filter by it */
    bool         searchable;
    bool         visible; /* shoppers see it */
    int64_t      position;
    int64_t      rev;
    UnixMs       created_at;
    UnixMs       updated_at;
} CatalogAttributeDef;

typedef struct CatalogAttributeDefs {
    CatalogAttributeDef *items;
    size_t               n;
} CatalogAttributeDefs;

extern const char *const catalog_scope_names[], *const catalog_type_names[];
extern const Shape catalog_attribute_def_shape;

NODISCARD Status catalog_attribute_get(Cx *cx, int64_t id, CatalogAttributeDef *ret);
/* All of a scope, by position and key. */
NODISCARD Status catalog_attributes_of(Cx *cx, int scope, CatalogAttributeDefs *ret);

NODISCARD Status catalog_attribute_create(Cx *cx, CatalogAttributeDef *d);
NODISCARD Status catalog_attribute_update(Cx *cx, int64_t id, int64_t rev, CatalogAttributeDef *d);
/* Its values go with it. */
NODISCARD Status catalog_attribute_delete(Cx *cx, int64_t id, int64_t rev);

/* The definition of `key` in `scope`, made when there is none: for imports. */
NODISCARD Status catalog_attribute_ensure(Cx *cx, int scope, Str key, Str name, int type,
                                          int64_t *ret_id);
