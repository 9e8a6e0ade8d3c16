/* Pages, blogs, articles, menus, policies, redirects. */
#include "catalog/content_http.h"

#include "base/id.h"
#include "catalog/catalog.h"
#include "catalog/resource_http.h"
#include "catalog/shared_http.h"

/* --- lists -------------------------------------------------------------------------------- */

/* These are few and long, so they are loaded one by one. */
static Status reply_list(Cx *cx, const HttpReq *rq, HttpResp *rs, CatalogTable table,
                         int64_t parent, const Resource *r)
{
    Page             page;
    CatalogSlice     slice;
    CatalogKeyedList keys;
    Str              handle;
    bool             titled = table == CATALOG_PAGES || table == CATALOG_ARTICLES;
    const bool      *wanted;
    TRY(slice_read(cx, rq, titled ? SORT_TITLE : 0, &page, &slice));
    TRY(query_fields(cx, rq, r->shape, &wanted));
    TRY(http_query(cx, rq, table == CATALOG_REDIRECTS ? STR("path") : STR("handle"), STR(""),
                   &handle));
    TRY(catalog_list(cx, table, parent, handle, &slice, &keys));
    CatalogIds ids = slice_ids(cx, &page, &keys);
    size_t     size = r->shape->size, n = 0;
    char      *rows = arena_alloc_array(cx->arena, ids.n + 1, size, 16);
    for (size_t i = 0; i < ids.n; i++) {
        Status st = r->get(cx, ids.items[i], rows + n * size);
        if (st == ST_OK)
            n++;
        else if (st != ST_NOT_FOUND) /* gone meanwhile */
            return st;
    }
    slice_reply(cx, rq, rs, &slice, &page, &keys, (ShapeRows){r->shape, rows, n, wanted});
    return ST_OK;
}

static Status list_pages(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply_list(cx, rq, rs, CATALOG_PAGES, 0, &resource_pages);
}

static Status list_blogs(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply_list(cx, rq, rs, CATALOG_BLOGS, 0, &resource_blogs);
}

static Status list_menus(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply_list(cx, rq, rs, CATALOG_MENUS, 0, &resource_menus);
}

static Status list_redirects(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply_list(cx, rq, rs, CATALOG_REDIRECTS, 0, &resource_redirects);
}

/* --- articles
 * -------------------------------------------------------------------------------------- */

static Status list_articles(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     blog;
    CatalogBlog found;
    TRY(http_param_id(cx, rq, 0, CATALOG_BLOG_ID, &blog));
    TRY(catalog_blog_get(cx, blog, &found));
    return reply_list(cx, rq, rs, CATALOG_ARTICLES, blog, &resource_articles);
}

static Status list_all_articles(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply_list(cx, rq, rs, CATALOG_ARTICLES, 0, &resource_articles);
}

/* POST /api/v1/blogs/:id/articles */
static Status post_article(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t blog;
    TRY(http_param_id(cx, rq, 0, CATALOG_BLOG_ID, &blog));
    TRY(catalog_article_create(cx, blog, rq->in));
    rs->status = 201;
    resource_reply(cx, rq, rs, &resource_articles, rq->in);
    return ST_OK;
}

/* --- policies
 * --------------------------------------------------------------------------------------- */

static Status param_policy(Cx *cx, const HttpReq *rq, int *ret)
{
    for (int i = 0; catalog_policy_kind_names[i]; i++)
        if (str_eq(rq->params[0], str_from_cstr(catalog_policy_kind_names[i]))) {
            *ret = i;
            return ST_OK;
        }
    return cx_fail(cx, ST_NOT_FOUND, "catalog.no_policy", "there is no such policy");
}

static PageKey policy_key(const void *row)
{
    return (PageKey){.id = ((const CatalogPolicyText *)row)->id};
}

static void reply_policies(Cx *cx, const HttpReq *rq, HttpResp *rs, const CatalogPolicies *list)
{
    const Page page = {.limit = (int64_t)list->n + 1};
    page_reply(cx, rq, rs, &page, list->items, list->n, policy_key);
}

/* GET /api/v1/policies: the newest of each kind */
static Status list_policies(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogPolicies list;
    TRY(catalog_policies(cx, &list));
    reply_policies(cx, rq, rs, &list);
    return ST_OK;
}

/* GET /api/v1/policies/:kind/versions */
static Status list_versions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int             kind;
    CatalogPolicies list;
    TRY(param_policy(cx, rq, &kind));
    TRY(catalog_policy_versions(cx, kind, &list));
    reply_policies(cx, rq, rs, &list);
    return ST_OK;
}

/* GET /api/v1/policies/:kind?version= */
static Status get_policy(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int               kind;
    int64_t           version;
    CatalogPolicyText p;
    TRY(param_policy(cx, rq, &kind));
    TRY(http_query_i64(cx, rq, STR("version"), 1, INT32_MAX, 0, &version));
    TRY(catalog_policy_get(cx, kind, version, &p));
    http_reply(rq, rs, &p);
    return ST_OK;
}

/* PUT /api/v1/policies/:kind */
static Status put_policy(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int kind;
    TRY(param_policy(cx, rq, &kind));
    TRY(catalog_policy_put(cx, kind, rq->in));
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

/* --- routes
 * ------------------------------------------------------------------------------------------- */

static const HttpParam TITLED_PARAMS[] = {
    {"limit", "Rows of a page.", "integer"},
    {"after", "Cursor: what comes behind it.", "string"},
    {"before", "Cursor: what comes before it.", "string"},
    {"sort", "created or title; with - in front, from the end.", "string"},
    {"fields", "Names of fields, with commas between: only these.", "string"},
    {"handle", "Exactly.", "string"},
    {0},
};

static const HttpParam PLAIN_PARAMS[] = {
    {"limit", "Rows of a page.", "integer"},
    {"after", "Cursor: what comes behind it.", "string"},
    {"before", "Cursor: what comes before it.", "string"},
    {"sort", "created, or -created.", "string"},
    {"fields", "Names of fields, with commas between: only these.", "string"},
    {"handle", "Exactly.", "string"},
    {0},
};

static const HttpParam REDIRECT_PARAMS[] = {
    {"limit", "Rows of a page.", "integer"},
    {"after", "Cursor: what comes behind it.", "string"},
    {"before", "Cursor: what comes before it.", "string"},
    {"sort", "created, or -created.", "string"},
    {"path", "Exactly.", "string"},
    {0},
};

static const HttpParam POLICY_PARAMS[] = {
    {"version", "Absent: the newest.", "integer"},
    {0},
};

static const HttpRoute ROUTES[] = {
    LIST_ALL("/api/v1/pages", list_pages, catalog_page_shape, TITLED_PARAMS, "Pages"),
    POST_ONE("/api/v1/pages", catalog_page_shape, "page"),
    GET_ONE("/api/v1/pages", catalog_page_shape, "page"),
    PATCH_ONE("/api/v1/pages", catalog_page_shape, "page"),
    DELETE_ONE("/api/v1/pages", "page"),

    LIST_ALL("/api/v1/blogs", list_blogs, catalog_blog_shape, PLAIN_PARAMS, "Blogs"),
    POST_ONE("/api/v1/blogs", catalog_blog_shape, "blog"),
    GET_ONE("/api/v1/blogs", catalog_blog_shape, "blog"),
    PATCH_ONE("/api/v1/blogs", catalog_blog_shape, "blog"),
    DELETE_ONE("/api/v1/blogs", "blog with its articles"),

    LIST_ALL("/api/v1/blogs/:id/articles", list_articles, catalog_article_shape, TITLED_PARAMS,
             "Articles of a blog"),
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/blogs/:id/articles"),
     .handler = post_article,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &catalog_article_shape,
     .out = &catalog_article_shape,
     .status = 201,
     .summary = "Write an article"},
    LIST_ALL("/api/v1/articles", list_all_articles, catalog_article_shape, TITLED_PARAMS,
             "Articles of all blogs"),
    GET_ONE("/api/v1/articles", catalog_article_shape, "article"),
    PATCH_ONE("/api/v1/articles", catalog_article_shape, "article"),
    DELETE_ONE("/api/v1/articles", "article"),

    LIST_ALL("/api/v1/menus", list_menus, catalog_menu_shape, PLAIN_PARAMS, "Menus"),
    POST_ONE("/api/v1/menus", catalog_menu_shape, "menu"),
    GET_ONE("/api/v1/menus", catalog_menu_shape, "menu"),
    PATCH_ONE("/api/v1/menus", catalog_menu_shape, "menu"),
    DELETE_ONE("/api/v1/menus", "menu"),

    LIST_ALL("/api/v1/redirects", list_redirects, catalog_redirect_shape, REDIRECT_PARAMS,
             "Paths that moved"),
    POST_ONE("/api/v1/redirects", catalog_redirect_shape, "redirect"),
    GET_ONE("/api/v1/redirects", catalog_redirect_shape, "redirect"),
    PATCH_ONE("/api/v1/redirects", catalog_redirect_shape, "redirect"),
    DELETE_ONE("/api/v1/redirects", "redirect"),

    LIST_ALL("/api/v1/policies", list_policies, catalog_policy_shape, NULL,
             "Policies, each in its newest version"),
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/policies/:kind"),
     .handler = get_policy,
     .permission = READ,
     .out = &catalog_policy_shape,
     .params = POLICY_PARAMS,
     .summary = "One policy"},
    {.method = HTTP_PUT,
     .pattern = STR_INIT("/api/v1/policies/:kind"),
     .handler = put_policy,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .in = &catalog_policy_shape,
     .out = &catalog_policy_shape,
     .summary = "Write a new version of a policy"},
    LIST_ALL("/api/v1/policies/:kind/versions", list_versions, catalog_policy_shape, NULL,
             "All versions of a policy, newest first"),
};

const HttpRoutes catalog_content_routes = {"Content", ROUTES, COUNT_OF(ROUTES)};
