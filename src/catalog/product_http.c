/* Products and variants. */
#include "catalog/product_http.h"

#include <string.h>

#include "base/id.h"
#include "catalog/catalog.h"
#include "catalog/published.h"
#include "catalog/resource_http.h"
#include "catalog/shared_http.h"

/* --- one product -------------------------------------------------------------------------- */

static bool may_read(const Cx *cx)
{
    if (cx->actor.all)
        return true;
    for (size_t i = 0; i < cx->actor.npermissions; i++)
        if (str_eq(cx->actor.permissions[i], STR("catalog.read")) ||
            str_eq(cx->actor.permissions[i], STR("catalog.write")))
            return true;
    return false;
}

static bool sold_out(const CatalogVariant *v)
{
    return !catalog_variant_available(v);
}

/* Whoever may not read the catalogue sees no costs, no numbers of pieces (but whether it
 * is sold out: tracked, with none left), no prices but the base ones, and safe HTML. */
static void hide_variant(CatalogVariant *v)
{
    bool   out = sold_out(v);
    size_t n = 0;
    v->cost = (Money){0};
    v->tracked = out;
    v->policy = CATALOG_DENY;
    v->quantity = 0;
    v->full = false;
    for (size_t i = 0; i < v->prices.n; i++)
        if (v->prices.items[i].list_id == CATALOG_BASE_LIST)
            v->prices.items[n++] = v->prices.items[i];
    v->prices.n = n;
}

static void keep_visible(CatalogAttributes *list, const CatalogAttributeDefs *defs)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        for (size_t k = 0; k < defs->n; k++)
            if (defs->items[k].visible && str_eq(defs->items[k].key, list->items[i].key))
                list->items[n++] = list->items[i];
    list->n = n;
}

/* `v` NULL: asked from the database. */
static Status definitions(Cx *cx, const Published *v, CatalogScope scope, CatalogAttributeDefs *ret)
{
    if (v == NULL)
        return catalog_attributes_of(cx, (int)scope, ret);
    *ret = published_attributes(v, scope);
    return ST_OK;
}

static Status hide_attributes(Cx *cx, const Published *v, CatalogProduct *p)
{
    CatalogAttributeDefs defs;
    bool                 of_variants = false;
    if (p->attributes.n > 0) {
        TRY(definitions(cx, v, CATALOG_SCOPE_PRODUCT, &defs));
        keep_visible(&p->attributes, &defs);
    }
    for (size_t i = 0; i < p->variants.n; i++)
        of_variants |= p->variants.items[i].attributes.n > 0;
    if (!of_variants)
        return ST_OK;
    TRY(definitions(cx, v, CATALOG_SCOPE_VARIANT, &defs));
    for (size_t i = 0; i < p->variants.n; i++)
        keep_visible(&p->variants.items[i].attributes, &defs);
    return ST_OK;
}

static Status show_publicly(Cx *cx, const Published *v, CatalogProduct *p)
{
    for (size_t i = 0; i < p->variants.n; i++)
        hide_variant(&p->variants.items[i]);
    if (p->description_safe.ptr) {
        p->description = p->description_safe;
        p->description_safe = (Str){0};
    }
    return hide_attributes(cx, v, p);
}

static Status no_product(Cx *cx)
{
    return cx_fail(cx, ST_NOT_FOUND, "catalog.no_product", "there is no such product");
}

/* What is published comes from memory: without a statement, and as text that was made before. */
static Status get_published(Cx *cx, const HttpReq *rq, HttpResp *rs, int64_t id)
{
    const Published        *v;
    const PublishedProduct *p;
    Str                     text;
    TRY(published_view(cx, &v));
    const PublishedHead *head = published_head(v, id);
    if (head == NULL || !published_product_shown(head, cx->now))
        return no_product(cx);
    TRY(published_product(cx, v, id, &p));
    http_etag_rev(cx, rs, p->product.rev);
    if (published_kept(v, p, &text)) {
        buf_add(&rs->body, text);
        return ST_OK;
    }
    CatalogProduct copy; /* hiding changes it */
    shape_copy(&catalog_product_shape, cx->arena, &copy, &p->product);
    TRY(show_publicly(cx, v, &copy));
    http_reply(rq, rs, &copy);
    if (!buf_overflowed(&rs->body))
        published_keep(v, p, buf_str(&rs->body));
    return ST_OK;
}

/* GET /api/v1/products/:id */
static Status get_product(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    CatalogProduct p;
    TRY(http_param_id(cx, rq, 0, CATALOG_PRODUCT_ID, &id));
    if (!may_read(cx) && published_is_there(cx))
        return get_published(cx, rq, rs, id);
    TRY(catalog_product_get(cx, id, CATALOG_WITH_ALL, &p));
    if (!may_read(cx)) {
        if (!catalog_product_visible(&p, STR(PUBLISHED_CHANNEL), cx->now))
            return no_product(cx);
        TRY(show_publicly(cx, NULL, &p));
    }
    resource_reply(cx, rq, rs, &resource_products, &p);
    return ST_OK;
}

/* --- lists
 * ---------------------------------------------------------------------------------------- */

/* Products of a page may have 10,000 variants each: a page ends early when it has more
 * than this many, and goes on with the cursor. */
enum { PAGE_VARIANTS_MAX = 20000 };

static const struct {
    size_t   offset;
    unsigned part;
} FIELD_PARTS[] = {
    {offsetof(CatalogProduct, options), CATALOG_WITH_OPTIONS},
    {offsetof(CatalogProduct, variants), CATALOG_WITH_PRICES | CATALOG_WITH_ATTRIBUTES},
    {offsetof(CatalogProduct, media), CATALOG_WITH_MEDIA},
    {offsetof(CatalogProduct, attributes), CATALOG_WITH_ATTRIBUTES},
    {offsetof(CatalogProduct, publications), CATALOG_WITH_PUBLICATIONS},
};

/* Load only what is asked for. */
static unsigned parts_for(const bool *wanted)
{
    unsigned parts = 0;
    if (!wanted)
        return CATALOG_WITH_ALL;
    for (size_t i = 0; i < catalog_product_shape.n; i++)
        for (size_t k = 0; k < COUNT_OF(FIELD_PARTS); k++)
            if (wanted[i] && catalog_product_shape.fields[i].offset == FIELD_PARTS[k].offset)
                parts |= FIELD_PARTS[k].part;
    return parts;
}

/* How many of these to show at once, by their variants. */
static Status fit_page(Cx *cx, const CatalogIds *ids, unsigned parts, size_t *ret)
{
    CatalogProducts heads;
    int64_t         sum = 0;
    *ret = ids->n;
    if (!(parts & CATALOG_WITH_PRICES))
        return ST_OK;
    TRY(catalog_products_get(cx, ids->items, ids->n, 0, &heads));
    for (size_t i = 0; i < heads.n; i++) {
        sum += heads.items[i].variant_count;
        if (i == 0 || sum <= PAGE_VARIANTS_MAX)
            continue;
        *ret = 0; /* count up to this one among the ids: some may be gone */
        while (ids->items[*ret] != heads.items[i].id)
            ++*ret;
        return ST_OK;
    }
    return ST_OK;
}

static Status read_filter(Cx *cx, const HttpReq *rq, CatalogProductFilter *f)
{
    *f = (CatalogProductFilter){0};
    TRY(query_enum(cx, rq, "status", catalog_status_names, &f->status));
    TRY(http_query(cx, rq, STR("vendor"), STR(""), &f->vendor));
    TRY(http_query(cx, rq, STR("type"), STR(""), &f->type));
    TRY(http_query(cx, rq, STR("tag"), STR(""), &f->tag));
    TRY(http_query(cx, rq, STR("title"), STR(""), &f->title));
    TRY(http_query(cx, rq, STR("handle"), STR(""), &f->handle));
    TRY(http_query(cx, rq, STR("sku"), STR(""), &f->sku));
    TRY(http_query(cx, rq, STR("channel"), STR(""), &f->channel));
    TRY(http_query_id(cx, rq, STR("collection"), CATALOG_COLLECTION_ID, 0, &f->collection));
    TRY(query_time(cx, rq, "updated_since", &f->updated_since));
    return query_ids(cx, rq, CATALOG_PRODUCT_ID, &f->ids, &f->nids);
}

static Status reply_products(Cx *cx, const HttpReq *rq, HttpResp *rs, const CatalogProductFilter *f,
                             unsigned sorts)
{
    Page             page;
    CatalogSlice     slice;
    CatalogKeyedList keys;
    CatalogProducts  products;
    const bool      *wanted;
    size_t           fits;
    TRY(slice_read(cx, rq, sorts, &page, &slice));
    TRY(query_fields(cx, rq, &catalog_product_shape, &wanted));
    TRY(catalog_product_list(cx, f, &slice, &keys));
    unsigned   parts = parts_for(wanted);
    CatalogIds ids = slice_ids(cx, &page, &keys);
    TRY(fit_page(cx, &ids, parts, &fits));
    if (fits < ids.n) {
        keys.n = fits + 1;
        page.limit = (int64_t)fits;
    }
    TRY(catalog_products_get(cx, ids.items, fits, parts, &products));
    slice_reply(cx, rq, rs, &slice, &page, &keys,
                (ShapeRows){&catalog_product_shape, products.items, products.n, wanted});
    return ST_OK;
}

/* GET /api/v1/products */
static Status list_products(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogProductFilter f;
    TRY(read_filter(cx, rq, &f));
    return reply_products(cx, rq, rs, &f, SORT_UPDATED | SORT_TITLE);
}

/* GET /api/v1/collections/:id/products, in the collection's own order unless told. */
static Status list_members(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogProductFilter f;
    CatalogCollection    c;
    TRY(read_filter(cx, rq, &f));
    TRY(http_param_id(cx, rq, 0, CATALOG_COLLECTION_ID, &f.collection));
    TRY(catalog_collection_get(cx, f.collection, &c));
    return reply_products(cx, rq, rs, &f, SORT_UPDATED | SORT_TITLE | SORT_COLLECTION);
}

/* --- variants ----------------------------------------------------------------------------- */

static Status reply_variants(Cx *cx, const HttpReq *rq, HttpResp *rs, CatalogVariantFilter *f)
{
    Page             page;
    CatalogSlice     slice;
    CatalogKeyedList keys;
    CatalogVariants  variants;
    const int64_t   *ids;
    size_t           n;
    TRY(http_query(cx, rq, STR("sku"), STR(""), &f->sku));
    TRY(http_query(cx, rq, STR("barcode"), STR(""), &f->barcode));
    TRY(query_ids(cx, rq, CATALOG_VARIANT_ID, &ids, &n));
    TRY(slice_read(cx, rq, 0, &page, &slice));
    f->ids = ids;
    f->nids = n;
    TRY(catalog_variant_list(cx, f, &slice, &keys));
    CatalogIds shown = slice_ids(cx, &page, &keys);
    TRY(catalog_variants_get(cx, shown.items, shown.n, &variants));
    slice_reply(cx, rq, rs, &slice, &page, &keys,
                (ShapeRows){&catalog_variant_shape, variants.items, variants.n, NULL});
    return ST_OK;
}

/* GET /api/v1/variants */
static Status list_variants(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogVariantFilter f = {0};
    TRY(http_query_id(cx, rq, STR("product"), CATALOG_PRODUCT_ID, 0, &f.product));
    return reply_variants(cx, rq, rs, &f);
}

/* GET /api/v1/products/:id/variants */
static Status list_product_variants(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogVariantFilter f = {0};
    CatalogProduct       p;
    TRY(http_param_id(cx, rq, 0, CATALOG_PRODUCT_ID, &f.product));
    TRY(catalog_product_get(cx, f.product, 0, &p));
    return reply_variants(cx, rq, rs, &f);
}

/* POST /api/v1/products/:id/variants */
static Status post_variant(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, CATALOG_PRODUCT_ID, &id));
    TRY(catalog_variant_create(cx, id, rq->in));
    rs->status = 201;
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

/* --- options, media, publications: parts of a product
 * ----------------------------------------------- */

static Status product_part(Cx *cx, const HttpReq *rq, unsigned parts, CatalogProduct *ret)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, CATALOG_PRODUCT_ID, &id));
    return catalog_product_get(cx, id, parts, ret);
}

static Status put_part(Cx *cx, const HttpReq *rq, HttpResp *rs, CatalogProduct *change)
{
    int64_t id, rev;
    TRY(http_param_id(cx, rq, 0, CATALOG_PRODUCT_ID, &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(catalog_product_update(cx, id, rev, change, NULL));
    http_etag_rev(cx, rs, change->rev);
    return ST_OK;
}

#define P &catalog_product_shape, CatalogProduct

typedef struct OptionsBody {
    CatalogOptions options;
} OptionsBody;

static const ShapeField OPTIONS[] = {
    SHAPE_LIST(OptionsBody, options, CatalogOption, &catalog_option_shape,
               .max = CATALOG_OPTIONS_MAX, .flags = SHAPE_REQUIRED),
};
static const Shape options_shape =
    SHAPE_OF(OptionsBody, "ProductOptions", OPTIONS, .doc = "The options of a product.");

/* GET /api/v1/products/:id/options */
static Status get_options(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogProduct p;
    TRY(product_part(cx, rq, CATALOG_WITH_OPTIONS, &p));
    http_etag_rev(cx, rs, p.rev);
    http_reply(rq, rs, &(OptionsBody){p.options});
    return ST_OK;
}

/* PUT /api/v1/products/:id/options */
static Status put_options(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogProduct p = {.options = ((const OptionsBody *)rq->in)->options};
    CATALOG_GIVE(P, &p, options);
    TRY(put_part(cx, rq, rs, &p));
    http_reply(rq, rs, &(OptionsBody){p.options});
    return ST_OK;
}

typedef struct MediaBody {
    CatalogMediaList media;
} MediaBody;

static const ShapeField MEDIA[] = {
    SHAPE_LIST(MediaBody, media, CatalogMedia, &catalog_media_shape, .max = CATALOG_MEDIA_MAX,
               .flags = SHAPE_REQUIRED),
};
static const Shape media_shape =
    SHAPE_OF(MediaBody, "ProductMedia", MEDIA, .doc = "Pictures, videos and models of a product.");

/* GET /api/v1/products/:id/media */
static Status get_media(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogProduct p;
    TRY(product_part(cx, rq, CATALOG_WITH_MEDIA, &p));
    http_etag_rev(cx, rs, p.rev);
    http_reply(rq, rs, &(MediaBody){p.media});
    return ST_OK;
}

/* PUT /api/v1/products/:id/media */
static Status put_media(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogProduct p = {.media = ((const MediaBody *)rq->in)->media};
    CATALOG_GIVE(P, &p, media);
    TRY(put_part(cx, rq, rs, &p));
    http_reply(rq, rs, &(MediaBody){p.media});
    return ST_OK;
}

typedef struct PublicationsBody {
    CatalogPublications publications;
} PublicationsBody;

static const ShapeField PUBLICATIONS[] = {
    SHAPE_LIST(PublicationsBody, publications, CatalogPublication, &catalog_publication_shape,
               .max = CATALOG_CHANNELS_MAX, .flags = SHAPE_REQUIRED),
};
static const Shape publications_shape = SHAPE_OF(PublicationsBody, "Publications", PUBLICATIONS,
                                                 .doc = "Where and when something is shown.");

/* GET /api/v1/products/:id/publications */
static Status get_publications(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogProduct p;
    TRY(product_part(cx, rq, CATALOG_WITH_PUBLICATIONS, &p));
    http_etag_rev(cx, rs, p.rev);
    http_reply(rq, rs, &(PublicationsBody){p.publications});
    return ST_OK;
}

/* PUT /api/v1/products/:id/publications */
static Status put_publications(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogProduct p = {.publications = ((const PublicationsBody *)rq->in)->publications};
    CATALOG_GIVE(P, &p, publications);
    TRY(put_part(cx, rq, rs, &p));
    http_reply(rq, rs, &(PublicationsBody){p.publications});
    return ST_OK;
}

/* GET /api/v1/collections/:id/publications */
static Status get_collection_publications(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    CatalogCollection c;
    TRY(http_param_id(cx, rq, 0, CATALOG_COLLECTION_ID, &id));
    TRY(catalog_collection_get(cx, id, &c));
    http_etag_rev(cx, rs, c.rev);
    http_reply(rq, rs, &(PublicationsBody){c.publications});
    return ST_OK;
}

/* PUT /api/v1/collections/:id/publications */
static Status put_collection_publications(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id, rev;
    CatalogCollection c = {.publications = ((const PublicationsBody *)rq->in)->publications};
    CATALOG_GIVE(&catalog_collection_shape, CatalogCollection, &c, publications);
    TRY(http_param_id(cx, rq, 0, CATALOG_COLLECTION_ID, &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(catalog_collection_update(cx, id, rev, &c));
    http_etag_rev(cx, rs, c.rev);
    http_reply(rq, rs, &(PublicationsBody){c.publications});
    return ST_OK;
}

/* --- vendors, types, tags
 * ---------------------------------------------------------------------------------- */

static PageKey name_key(const void *row)
{
    return (PageKey){.text = ((const CatalogName *)row)->name};
}

static Status reply_names(Cx *cx, const HttpReq *rq, HttpResp *rs, CatalogNameKind kind)
{
    Page         page;
    Str          prefix;
    CatalogNames names;
    TRY(page_read(cx, rq, &page));
    if (page.backwards)
        return cx_fail(cx, ST_INVALID, "http.bad_param", "this list goes forwards only");
    TRY(http_query(cx, rq, STR("prefix"), STR(""), &prefix));
    TRY(catalog_names(cx, kind, prefix, page.key, page.limit + 1, &names));
    page.has_after = false; /* it has no previous page */
    page_reply(cx, rq, rs, &page, names.items, names.n, name_key);
    return ST_OK;
}

static Status list_vendors(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply_names(cx, rq, rs, CATALOG_VENDORS);
}

static Status list_types(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply_names(cx, rq, rs, CATALOG_TYPES);
}

static Status list_tags(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply_names(cx, rq, rs, CATALOG_TAGS);
}

/* --- routes
 * ---------------------------------------------------------------------------------------------------
 */

#define PAGE_PARAMS                                                                                \
    {"limit", "Rows of a page.", "integer"}, {"after", "Cursor: what comes behind it.", "string"}, \
    {                                                                                              \
        "before", "Cursor: what comes before it.", "string"                                        \
    }

static const HttpParam PRODUCT_PARAMS[] = {
    PAGE_PARAMS,
    {"sort", "created, updated or title; with - in front, from the end.", "string"},
    {"fields", "Names of fields, with commas between: only these.", "string"},
    {"ids", "Ids, with commas between: only these.", "string"},
    {"status", "draft, active or archived.", "string"},
    {"vendor", "In any case.", "string"},
    {"type", "In any case.", "string"},
    {"tag", "In any case.", "string"},
    {"title", "Begins with this, in any case.", "string"},
    {"handle", "Exactly.", "string"},
    {"sku", "Of one of its variants, exactly.", "string"},
    {"channel", "Published there, now, before or later.", "string"},
    {"collection", "Is in it.", "id"},
    {"updated_since", "RFC 3339.", "string"},
    {0},
};

static const HttpParam VARIANT_PARAMS[] = {
    PAGE_PARAMS,
    {"sort", "created, or -created.", "string"},
    {"ids", "Ids, with commas between: only these.", "string"},
    {"product", "Of this product.", "id"},
    {"sku", "Exactly.", "string"},
    {"barcode", "Exactly.", "string"},
    {0},
};

static const HttpParam NAME_PARAMS[] = {
    {"limit", "Rows of a page.", "integer"},
    {"after", "Cursor: what comes behind it.", "string"},
    {"prefix", "Begins with this, in any case.", "string"},
    {0},
};

static const HttpRoute ROUTES[] = {
    LIST_ALL("/api/v1/products", list_products, catalog_product_shape, PRODUCT_PARAMS,
             "Products, filtered and sorted"),
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/products"),
     .handler = resource_post,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .body_max = 32 << 20,
     .in = &catalog_product_shape,
     .out = &catalog_product_shape,
     .status = 201,
     .summary = "Make a product, with its variants"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/products/:id"),
     .handler = get_product,
     .flags = HTTP_QUICK | HTTP_PUBLIC,
     .out = &catalog_product_shape,
     .summary = "One product; without catalog.read only what is published on the web"},
    {.method = HTTP_PATCH,
     .pattern = STR_INIT("/api/v1/products/:id"),
     .handler = resource_patch,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .body_max = 32 << 20,
     .mode = SHAPE_PATCH,
     .in = &catalog_product_shape,
     .out = &catalog_product_shape,
     .summary = "Change a product; lists replace, their elements are recognised"},
    {.method = HTTP_DELETE,
     .pattern = STR_INIT("/api/v1/products/:id"),
     .handler = resource_delete,
     .permission = WRITE,
     .status = 204,
     .summary = "Delete a product for good"},
    LIST_ALL("/api/v1/products/:id/variants", list_product_variants, catalog_variant_shape,
             VARIANT_PARAMS, "Variants of a product"),
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/products/:id/variants"),
     .handler = post_variant,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &catalog_variant_shape,
     .out = &catalog_variant_shape,
     .status = 201,
     .summary = "Add a variant"},
    LIST_ALL("/api/v1/variants", list_variants, catalog_variant_shape, VARIANT_PARAMS,
             "Variants of all products"),
    GET_ONE("/api/v1/variants", catalog_variant_shape, "variant"),
    PATCH_ONE("/api/v1/variants", catalog_variant_shape, "variant"),
    {.method = HTTP_DELETE,
     .pattern = STR_INIT("/api/v1/variants/:id"),
     .handler = resource_delete,
     .permission = WRITE,
     .status = 204,
     .summary = "Delete a variant; a product keeps at least one"},
    GET_PART("/api/v1/products/:id/options", get_options, options_shape, "Options of a product"),
    PUT_PART("/api/v1/products/:id/options", put_options, options_shape,
             "Replace the options: add, rename, reorder, remove"),
    GET_PART("/api/v1/products/:id/media", get_media, media_shape,
             "Pictures, videos and models of a product"),
    PUT_PART("/api/v1/products/:id/media", put_media, media_shape,
             "Replace them: add, describe, reorder, remove"),
    GET_PART("/api/v1/products/:id/publications", get_publications, publications_shape,
             "Where and when a product is shown"),
    PUT_PART("/api/v1/products/:id/publications", put_publications, publications_shape,
             "Publish, plan, take back"),
    GET_PART("/api/v1/collections/:id/publications", get_collection_publications,
             publications_shape, "Where and when a collection is shown"),
    PUT_PART("/api/v1/collections/:id/publications", put_collection_publications,
             publications_shape, "Publish, plan, take back"),
    LIST_ALL("/api/v1/collections/:id/products", list_members, catalog_product_shape,
             PRODUCT_PARAMS, "Products of a collection; sort=collection is as chosen by hand"),
    LIST_ALL("/api/v1/vendors", list_vendors, catalog_name_shape, NAME_PARAMS,
             "Vendors of products"),
    LIST_ALL("/api/v1/product-types", list_types, catalog_name_shape, NAME_PARAMS,
             "Types of products"),
    LIST_ALL("/api/v1/tags", list_tags, catalog_name_shape, NAME_PARAMS, "Tags of products"),
};

const HttpRoutes catalog_product_routes = {"Products", ROUTES, COUNT_OF(ROUTES)};
