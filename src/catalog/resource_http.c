#include "catalog/resource_http.h"

#include <string.h>

#include "base/id.h"
#include "catalog/catalog.h"
#include "http/http_etag.h"

/* Functions of the module take their own types; these take any. */
#define RESOURCE(name, T, url, id_prefix, shape_, rev_at_)                                         \
    static Status name##_get(Cx *cx, int64_t id, void *ret)                                        \
    {                                                                                              \
        return catalog_##name##_get(cx, id, ret);                                                  \
    }                                                                                              \
    static Status name##_create(Cx *cx, void *in)                                                  \
    {                                                                                              \
        return catalog_##name##_create(cx, in);                                                    \
    }                                                                                              \
    static Status name##_update(Cx *cx, int64_t id, int64_t rev, void *in)                         \
    {                                                                                              \
        return catalog_##name##_update(cx, id, rev, in);                                           \
    }                                                                                              \
    static Status name##_remove(Cx *cx, int64_t id, int64_t rev)                                   \
    {                                                                                              \
        return catalog_##name##_delete(cx, id, rev);                                               \
    }                                                                                              \
    const Resource resource_##name##s = {url,          id_prefix,  &(shape_),     offsetof(T, id), \
                                         (rev_at_),    name##_get, name##_create, name##_update,   \
                                         name##_remove}

RESOURCE(page, CatalogPage, "/api/v1/pages", CATALOG_PAGE_ID, catalog_page_shape,
         offsetof(CatalogPage, rev));
RESOURCE(blog, CatalogBlog, "/api/v1/blogs", CATALOG_BLOG_ID, catalog_blog_shape,
         offsetof(CatalogBlog, rev));
RESOURCE(menu, CatalogMenu, "/api/v1/menus", CATALOG_MENU_ID, catalog_menu_shape,
         offsetof(CatalogMenu, rev));
RESOURCE(collection, CatalogCollection, "/api/v1/collections", CATALOG_COLLECTION_ID,
         catalog_collection_shape, offsetof(CatalogCollection, rev));
RESOURCE(price_list, CatalogPriceList, "/api/v1/price-lists", CATALOG_PRICE_LIST_ID,
         catalog_price_list_shape, offsetof(CatalogPriceList, rev));
RESOURCE(attribute, CatalogAttributeDef, "/api/v1/attributes", CATALOG_ATTRIBUTE_ID,
         catalog_attribute_def_shape, offsetof(CatalogAttributeDef, rev));

/* --- those that are a little different ---------------------------------------------------- */

static Status product_get(Cx *cx, int64_t id, void *ret)
{
    return catalog_product_get(cx, id, CATALOG_WITH_ALL, ret);
}

static Status product_create(Cx *cx, void *in)
{
    return catalog_product_create(cx, in);
}

static Status product_update(Cx *cx, int64_t id, int64_t rev, void *in)
{
    return catalog_product_update(cx, id, rev, in, NULL);
}

static Status product_remove(Cx *cx, int64_t id, int64_t rev)
{
    return catalog_product_delete(cx, id, rev);
}

const Resource resource_products = {"/api/v1/products",
                                    CATALOG_PRODUCT_ID,
                                    &catalog_product_shape,
                                    offsetof(CatalogProduct, id),
                                    offsetof(CatalogProduct, rev),
                                    product_get,
                                    product_create,
                                    product_update,
                                    product_remove};

static Status variant_get(Cx *cx, int64_t id, void *ret)
{
    return catalog_variant_get(cx, id, ret);
}

static Status variant_update(Cx *cx, int64_t id, int64_t rev, void *in)
{
    (void)rev;
    return catalog_variant_update(cx, id, in);
}

static Status variant_remove(Cx *cx, int64_t id, int64_t rev)
{
    (void)rev;
    return catalog_variant_delete(cx, id);
}

static const Resource variants = {"/api/v1/variants",
                                  CATALOG_VARIANT_ID,
                                  &catalog_variant_shape,
                                  offsetof(CatalogVariant, id),
                                  SIZE_MAX,
                                  variant_get,
                                  NULL,
                                  variant_update,
                                  variant_remove};

static Status article_get(Cx *cx, int64_t id, void *ret)
{
    return catalog_article_get(cx, id, ret);
}

static Status article_update(Cx *cx, int64_t id, int64_t rev, void *in)
{
    return catalog_article_update(cx, id, rev, in);
}

static Status article_remove(Cx *cx, int64_t id, int64_t rev)
{
    return catalog_article_delete(cx, id, rev);
}

const Resource resource_articles = {"/api/v1/articles",
                                    CATALOG_ARTICLE_ID,
                                    &catalog_article_shape,
                                    offsetof(CatalogArticle, id),
                                    offsetof(CatalogArticle, rev),
                                    article_get,
                                    NULL,
                                    article_update,
                                    article_remove};

static Status redirect_get(Cx *cx, int64_t id, void *ret)
{
    return catalog_redirect_get(cx, id, ret);
}

static Status redirect_create(Cx *cx, void *in)
{
    return catalog_redirect_create(cx, in);
}

static Status redirect_update(Cx *cx, int64_t id, int64_t rev, void *in)
{
    (void)rev;
    return catalog_redirect_update(cx, id, in);
}

static Status redirect_remove(Cx *cx, int64_t id, int64_t rev)
{
    (void)rev;
    return catalog_redirect_delete(cx, id);
}

const Resource resource_redirects = {"/api/v1/redirects",
                                     CATALOG_REDIRECT_ID,
                                     &catalog_redirect_shape,
                                     offsetof(CatalogRedirect, id),
                                     SIZE_MAX,
                                     redirect_get,
                                     redirect_create,
                                     redirect_update,
                                     redirect_remove};

/* --- handlers ----------------------------------------------------------------------------- */

static const Resource *resource_of(const HttpReq *rq)
{
    static const Resource *const ALL[] = {
        &resource_pages,        &resource_blogs,
        &resource_articles,     &resource_menus,
        &resource_redirects,    &resource_collections,
        &resource_price_lists,  &resource_attributes,
        &resource_products,     &variants,
        &resource_synonyms,     &resource_query_redirects,
        &resource_search_rules,
    };
    for (size_t i = 0; i < COUNT_OF(ALL); i++) {
        Str path = str_from_cstr(ALL[i]->path), pattern = rq->route->pattern;
        if (str_starts(pattern, path) && (pattern.len == path.len || pattern.ptr[path.len] == '/'))
            return ALL[i];
    }
    ASSERT(false && "a route without resource");
    return NULL;
}

void resource_reply(Cx *cx, const HttpReq *rq, HttpResp *rs, const Resource *r, const void *value)
{
    if (r->rev_at != SIZE_MAX) {
        int64_t rev;
        memcpy(&rev, (const char *)value + r->rev_at, sizeof rev);
        http_etag_rev(cx, rs, rev);
    }
    http_reply(rq, rs, value);
}

static void *room(Cx *cx, const Resource *r)
{
    return arena_alloc(cx->arena, r->shape->size, 16);
}

Status resource_get(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Resource *r = resource_of(rq);
    void           *value = room(cx, r);
    int64_t         id;
    TRY(http_param_id(cx, rq, 0, r->prefix, &id));
    TRY(r->get(cx, id, value));
    resource_reply(cx, rq, rs, r, value);
    return ST_OK;
}

/* 201, and where it is from now on. */
Status resource_post(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Resource *r = resource_of(rq);
    int64_t         id;
    TRY(r->create(cx, rq->in));
    memcpy(&id, (const char *)rq->in + r->id_at, sizeof id);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    buf_addf(&b, "%s/", r->path);
    id_add(&b, r->prefix, id);
    http_set_header(cx, rs, "Location", buf_str(&b));
    rs->status = 201;
    resource_reply(cx, rq, rs, r, rq->in);
    return ST_OK;
}

Status resource_patch(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Resource *r = resource_of(rq);
    int64_t         id, rev;
    TRY(http_param_id(cx, rq, 0, r->prefix, &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(r->update(cx, id, rev, rq->in));
    resource_reply(cx, rq, rs, r, rq->in);
    return ST_OK;
}

Status resource_delete(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Resource *r = resource_of(rq);
    int64_t         id, rev;
    TRY(http_param_id(cx, rq, 0, r->prefix, &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(r->remove(cx, id, rev));
    http_reply_none(rs);
    return ST_OK;
}
