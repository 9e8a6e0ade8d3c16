/* What the catalogue tells others. */
#include "catalog/events.h"

#include "catalog/catalog_int.h"

static const ShapeField PRODUCT_CHANGED[] = {
    SHAPE_ID(CatalogProductChanged, product_id, CATALOG_PRODUCT_ID),
    SHAPE_INT(CatalogProductChanged, rev),
    SHAPE_BOOL(CatalogProductChanged, created),
};
static const Shape product_changed = SHAPE_OF(CatalogProductChanged, "CatalogProductChanged",
                                              PRODUCT_CHANGED, .doc = "A product changed.");

static const ShapeField DELETED[] = {
    SHAPE_INT(CatalogDeleted, id, .doc = "As a number: the prefix is that of its kind."),
    SHAPE_TEXT(CatalogDeleted, handle),
};
static const Shape deleted =
    SHAPE_OF(CatalogDeleted, "CatalogDeleted", DELETED, .doc = "Something is gone.");

static const ShapeField PRICE_CHANGED[] = {
    SHAPE_ID(CatalogPriceChanged, product_id, CATALOG_PRODUCT_ID),
    SHAPE_IDS(CatalogPriceChanged, variant_ids, CATALOG_VARIANT_ID,
              .doc = "Empty when they are more than a hundred."),
};
static const Shape price_changed =
    SHAPE_OF(CatalogPriceChanged, "CatalogPriceChanged", PRICE_CHANGED, .doc = "Prices changed.");

static const ShapeField COLLECTION_CHANGED[] = {
    SHAPE_ID(CatalogCollectionChanged, collection_id, CATALOG_COLLECTION_ID),
    SHAPE_INT(CatalogCollectionChanged, rev),
    SHAPE_BOOL(CatalogCollectionChanged, rule),
};
static const Shape collection_changed =
    SHAPE_OF(CatalogCollectionChanged, "CatalogCollectionChanged", COLLECTION_CHANGED,
             .doc = "A collection changed.");

static const ShapeField MEMBERS_CHANGED[] = {
    SHAPE_ID(CatalogMembersChanged, collection_id, CATALOG_COLLECTION_ID),
    SHAPE_ID(CatalogMembersChanged, product_id, CATALOG_PRODUCT_ID, .doc = "Null: several."),
};
static const Shape members_changed =
    SHAPE_OF(CatalogMembersChanged, "CatalogMembersChanged", MEMBERS_CHANGED,
             .doc = "What a collection holds changed.");

static const ShapeField CONTENT_CHANGED[] = {
    SHAPE_TEXT(CatalogContentChanged, kind),
    SHAPE_INT(CatalogContentChanged, id),
    SHAPE_BOOL(CatalogContentChanged, deleted),
};
static const Shape content_changed = SHAPE_OF(CatalogContentChanged, "CatalogContentChanged",
                                              CONTENT_CHANGED, .doc = "Something else changed.");

const EventType catalog_events[] = {
    [CATALOG_EV_PRODUCT_CHANGED] = {"catalog.product_changed", 1, &product_changed,
                                    "A product was created, or it, a variant, a price or a "
                                    "picture of it changed."},
    [CATALOG_EV_PRODUCT_DELETED] = {"catalog.product_deleted", 1, &deleted,
                                    "A product was deleted for good."},
    [CATALOG_EV_PRICE_CHANGED] = {"catalog.price_changed", 1, &price_changed,
                                  "Prices of variants that were there before changed."},
    [CATALOG_EV_COLLECTION_CHANGED] = {"catalog.collection_changed", 1, &collection_changed,
                                       "A collection was created, or its texts, rule or order "
                                       "changed."},
    [CATALOG_EV_COLLECTION_DELETED] = {"catalog.collection_deleted", 1, &deleted,
                                       "A collection was deleted for good."},
    [CATALOG_EV_MEMBERS_CHANGED] = {"catalog.members_changed", 1, &members_changed,
                                    "Products entered or left a collection, or changed their "
                                    "order in it."},
    [CATALOG_EV_CONTENT_CHANGED] = {"catalog.content_changed", 1, &content_changed,
                                    "A page, blog, article, menu, policy, redirect, "
                                    "translation, price list or attribute changed."},
};

Status catalog_tell_content(Cx *cx, const char *kind, int64_t id, bool is_deleted)
{
    const CatalogContentChanged told = {str_from_cstr(kind), id, is_deleted};
    return event_tell(cx, &catalog_content_changed, id, &told);
}

Status event_read(Cx *cx, const Event *event, const EventType *type, void *ret)
{
    return shape_read(type->payload, SHAPE_CREATE, event->payload, cx->arena, ret, &cx->issues,
                      &cx->err);
}
