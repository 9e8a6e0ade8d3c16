/* Collections and what is in them, attributes, translations. */
#include "base/id.h"
#include "catalog/catalog.h"
#include "catalog/content_http.h"
#include "catalog/resource_http.h"
#include "catalog/shared_http.h"

/* GET /api/v1/collections */
static Status list_collections(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogCollectionFilter f = {0};
    Page                    page;
    CatalogSlice            slice;
    CatalogKeyedList        keys;
    CatalogCollections      rows;
    const bool             *wanted;
    TRY(query_enum(cx, rq, "kind", catalog_collection_kind_names, &f.kind));
    TRY(http_query(cx, rq, STR("title"), STR(""), &f.title));
    TRY(http_query(cx, rq, STR("handle"), STR(""), &f.handle));
    TRY(http_query_id(cx, rq, STR("product"), CATALOG_PRODUCT_ID, 0, &f.product));
    TRY(query_time(cx, rq, "updated_since", &f.updated_since));
    TRY(query_fields(cx, rq, &catalog_collection_shape, &wanted));
    TRY(slice_read(cx, rq, SORT_UPDATED | SORT_TITLE, &page, &slice));
    TRY(catalog_collection_list(cx, &f, &slice, &keys));
    CatalogIds ids = slice_ids(cx, &page, &keys);
    TRY(catalog_collections_get(cx, ids.items, ids.n, &rows));
    slice_reply(cx, rq, rs, &slice, &page, &keys,
                (ShapeRows){&catalog_collection_shape, rows.items, rows.n, wanted});
    return ST_OK;
}

/* --- products of a collection ------------------------------------------------------------- */

typedef struct Members {
    CatalogIds product_ids;
} Members;

static const ShapeField MEMBERS[] = {
    SHAPE_IDS(Members, product_ids, CATALOG_PRODUCT_ID, .min = 1, .max = CATALOG_MEMBERS_MAX,
              .flags = SHAPE_REQUIRED),
};
static const Shape members_shape =
    SHAPE_OF(Members, "CollectionMembers", MEMBERS, .doc = "Products of a collection.");

/* POST /api/v1/collections/:id/products */
static Status post_members(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Members *m = rq->in;
    int64_t        id;
    TRY(http_param_id(cx, rq, 0, CATALOG_COLLECTION_ID, &id));
    TRY(catalog_collection_add(cx, id, m->product_ids.items, m->product_ids.n));
    http_reply_none(rs);
    return ST_OK;
}

/* DELETE /api/v1/collections/:id/products/:product */
static Status delete_member(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id, product;
    TRY(http_param_id(cx, rq, 0, CATALOG_COLLECTION_ID, &id));
    TRY(http_param_id(cx, rq, 1, CATALOG_PRODUCT_ID, &product));
    TRY(catalog_collection_remove(cx, id, &product, 1));
    http_reply_none(rs);
    return ST_OK;
}

typedef struct Place {
    OptI64 before;
} Place;

static const ShapeField PLACE[] = {
    SHAPE_ID(Place, before, CATALOG_PRODUCT_ID, .doc = "Null: the end."),
};
static const Shape place_shape =
    SHAPE_OF(Place, "CollectionPlace", PLACE, .doc = "A place in a collection.");

/* PUT /api/v1/collections/:id/products/:product/place */
static Status put_place(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Place *place = rq->in;
    int64_t      id, product;
    TRY(http_param_id(cx, rq, 0, CATALOG_COLLECTION_ID, &id));
    TRY(http_param_id(cx, rq, 1, CATALOG_PRODUCT_ID, &product));
    TRY(catalog_collection_move(cx, id, product, place->before.v));
    http_reply_none(rs);
    return ST_OK;
}

/* --- attributes --------------------------------------------------------------------------- */

static PageKey attribute_key(const void *row)
{
    return (PageKey){.id = ((const CatalogAttributeDef *)row)->id};
}

/* GET /api/v1/attributes: of one scope, or of all; a shop has few, so one page has them. */
static Status list_attributes(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int                  scope;
    CatalogAttributeDefs all = {0};
    TRY(query_enum(cx, rq, "scope", catalog_scope_names, &scope));
    for (int i = 0; catalog_scope_names[i]; i++) {
        CatalogAttributeDefs some;
        if (scope != 0 && scope != i + 1)
            continue;
        TRY(catalog_attributes_of(cx, i, &some));
        CatalogAttributeDef *more = arena_array(cx->arena, CatalogAttributeDef, all.n + some.n + 1);
        for (size_t k = 0; k < all.n + some.n; k++)
            more[k] = k < all.n ? all.items[k] : some.items[k - all.n];
        all = (CatalogAttributeDefs){more, all.n + some.n};
    }
    const Page page = {.limit = (int64_t)all.n + 1};
    page_reply(cx, rq, rs, &page, all.items, all.n, attribute_key);
    return ST_OK;
}

/* --- translations
 * ---------------------------------------------------------------------------------- */

typedef struct Translations {
    CatalogTranslations translations;
} Translations;

static const ShapeField TRANSLATIONS[] = {
    SHAPE_LIST(Translations, translations, CatalogTranslation, &catalog_translation_shape,
               .max = CATALOG_TRANSLATIONS_MAX, .flags = SHAPE_REQUIRED),
};
static const Shape translations_shape =
    SHAPE_OF(Translations, "Translations", TRANSLATIONS, .doc = "Texts in other languages.");

/* GET /api/v1/translations?entity=prd_… */
static Status get_translations(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str          entity, locale;
    int64_t      id;
    Translations reply;
    TRY(http_query(cx, rq, STR("entity"), STR(""), &entity));
    TRY(http_query(cx, rq, STR("locale"), STR(""), &locale));
    TRY(catalog_translation_root(cx, entity, &id));
    TRY(catalog_translations_get(cx, id, locale, &reply.translations));
    http_reply(rq, rs, &reply);
    return ST_OK;
}

/* PUT /api/v1/translations */
static Status put_translations(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Translations *in = rq->in;
    TRY(catalog_translations_put(cx, in->translations.items, in->translations.n));
    http_reply_none(rs);
    return ST_OK;
}

/* --- routes
 * ---------------------------------------------------------------------------------------- */

static const HttpParam COLLECTION_PARAMS[] = {
    {"limit", "Rows of a page.", "integer"},
    {"after", "Cursor: what comes behind it.", "string"},
    {"before", "Cursor: what comes before it.", "string"},
    {"sort", "created, updated or title; with - in front, from the end.", "string"},
    {"fields", "Names of fields, with commas between: only these.", "string"},
    {"kind", "manual or rule.", "string"},
    {"title", "Begins with this, in any case.", "string"},
    {"handle", "Exactly.", "string"},
    {"product", "Contains it.", "id"},
    {"updated_since", "RFC 3339.", "string"},
    {0},
};

static const HttpParam ATTRIBUTE_PARAMS[] = {
    {"scope", "product, variant, collection or page.", "string"},
    {0},
};

static const HttpParam TRANSLATION_PARAMS[] = {
    {"entity",
     "Id of a product, collection, page, blog, article, menu, policy or attribute; "
     "what belongs to it comes along.",
     "string", true},
    {"locale", "Only this language.", "string"},
    {0},
};

static const HttpRoute ROUTES[] = {
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/collections"),
     .handler = list_collections,
     .permission = READ,
     .flags = HTTP_LIST,
     .out = &catalog_collection_shape,
     .params = COLLECTION_PARAMS,
     .summary = "Collections, filtered and sorted"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/collections"),
     .handler = resource_post,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &catalog_collection_shape,
     .out = &catalog_collection_shape,
     .status = 201,
     .summary = "Make a collection"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/collections/:id"),
     .handler = resource_get,
     .permission = READ,
     .out = &catalog_collection_shape,
     .summary = "One collection"},
    {.method = HTTP_PATCH,
     .pattern = STR_INIT("/api/v1/collections/:id"),
     .handler = resource_patch,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .mode = SHAPE_PATCH,
     .in = &catalog_collection_shape,
     .out = &catalog_collection_shape,
     .summary = "Change a collection"},
    {.method = HTTP_DELETE,
     .pattern = STR_INIT("/api/v1/collections/:id"),
     .handler = resource_delete,
     .permission = WRITE,
     .status = 204,
     .summary = "Delete a collection; its products stay"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/collections/:id/products"),
     .handler = post_members,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .in = &members_shape,
     .status = 204,
     .summary = "Put products at the end of a collection"},
    {.method = HTTP_DELETE,
     .pattern = STR_INIT("/api/v1/collections/:id/products/:product"),
     .handler = delete_member,
     .permission = WRITE,
     .status = 204,
     .summary = "Take a product out of a collection"},
    {.method = HTTP_PUT,
     .pattern = STR_INIT("/api/v1/collections/:id/products/:product/place"),
     .handler = put_place,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .in = &place_shape,
     .status = 204,
     .summary = "Move a product within a collection"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/attributes"),
     .handler = list_attributes,
     .permission = READ,
     .flags = HTTP_LIST,
     .out = &catalog_attribute_def_shape,
     .params = ATTRIBUTE_PARAMS,
     .summary = "Custom attributes"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/attributes"),
     .handler = resource_post,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &catalog_attribute_def_shape,
     .out = &catalog_attribute_def_shape,
     .status = 201,
     .summary = "Define a custom attribute"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/attributes/:id"),
     .handler = resource_get,
     .permission = READ,
     .out = &catalog_attribute_def_shape,
     .summary = "One custom attribute"},
    {.method = HTTP_PATCH,
     .pattern = STR_INIT("/api/v1/attributes/:id"),
     .handler = resource_patch,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .mode = SHAPE_PATCH,
     .in = &catalog_attribute_def_shape,
     .out = &catalog_attribute_def_shape,
     .summary = "Change a custom attribute"},
    {.method = HTTP_DELETE,
     .pattern = STR_INIT("/api/v1/attributes/:id"),
     .handler = resource_delete,
     .permission = WRITE,
     .status = 204,
     .summary = "Delete a custom attribute and all its values"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/translations"),
     .handler = get_translations,
     .permission = READ,
     .out = &translations_shape,
     .params = TRANSLATION_PARAMS,
     .summary = "Texts of one thing in other languages"},
    {.method = HTTP_PUT,
     .pattern = STR_INIT("/api/v1/translations"),
     .handler = put_translations,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .body_max = 8 << 20,
     .in = &translations_shape,
     .status = 204,
     .summary = "Write translations; an empty one is removed"},
};

const HttpRoutes catalog_collection_routes = {"Collections", ROUTES, COUNT_OF(ROUTES)};
