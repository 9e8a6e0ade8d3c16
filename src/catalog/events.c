/* What the catalogue tells others. */
#include "catalog/events.h"

#include "base/id.h"
#include "catalog/catalog_int.h"

static const ShapeField PRODUCT_CHANGED[] = {
    SHAPE_ID(CatalogProductChanged, product_id, CATALOG_PRODUCT_ID),
    SHAPE_INT(CatalogProductChanged, rev),
    SHAPE_BOOL(CatalogProductChanged, created),
};
static const Shape product_changed = SHAPE_OF(CatalogProductChanged, "CatalogProductChanged",
                                              PRODUCT_CHANGED, .doc = "A product changed.");

static const ShapeField DELETED[] = {
    SHAPE_TEXT(CatalogDeleted, id, .example = "\"prd_0cn5r6jqx7g00\""),
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
    SHAPE_TEXT(CatalogContentChanged, id, .example = "\"pag_0cn5r6jqx7g00\""),
    SHAPE_BOOL(CatalogContentChanged, deleted),
};
static const Shape content_changed = SHAPE_OF(CatalogContentChanged, "CatalogContentChanged",
                                              CONTENT_CHANGED, .doc = "Something else changed.");

static const ShapeField SEARCH_CHANGED[] = {
    SHAPE_TEXT(CatalogSearchChanged, what, .example = "\"synonym\""),
};
static const Shape search_changed =
    SHAPE_OF(CatalogSearchChanged, "CatalogSearchChanged", SEARCH_CHANGED,
             .doc = "What the merchant says about finding changed.");

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
    [CATALOG_EV_SEARCH_CHANGED] = {"catalog.search_changed", 1, &search_changed,
                                   "A synonym, a redirect or a rule of the search changed."},
};

static const struct {
    const char *kind, *prefix;
} KINDS[] = {{"page", CATALOG_PAGE_ID},           {"blog", CATALOG_BLOG_ID},
             {"article", CATALOG_ARTICLE_ID},     {"menu", CATALOG_MENU_ID},
             {"policy", CATALOG_POLICY_ID},       {"price_list", CATALOG_PRICE_LIST_ID},
             {"attribute", CATALOG_ATTRIBUTE_ID}, {"redirect", CATALOG_REDIRECT_ID}};

Status catalog_tell_content(Cx *cx, const char *kind, int64_t id, bool is_deleted)
{
    CatalogContentChanged told = {.kind = str_from_cstr(kind), .deleted = is_deleted};
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (str_eq(told.kind, str_from_cstr(KINDS[i].kind)))
            told.id = id_format(cx->arena, KINDS[i].prefix, id);
    if (told.id.len == 0) {
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 32);
        buf_addf(&b, "%lld", (long long)id);
        told.id = str_dup(cx->arena, buf_str(&b));
    }
    return event_tell(cx, &catalog_content_changed, id, &told);
}

Status event_read(Cx *cx, const Event *event, const EventType *type, void *ret)
{
    return shape_read(type->payload, SHAPE_CREATE, event->payload, cx->arena, ret, &cx->issues,
                      &cx->err);
}
