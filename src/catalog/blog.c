/* Blogs. */
#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/content.h"
#include "catalog/events.h"
#include "text/text.h"

#define B &catalog_blog_shape, CatalogBlog

static const ShapeField FIELDS[] = {
    SHAPE_ID(CatalogBlog, id, CATALOG_BLOG_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(CatalogBlog, handle, .max = 255, .flags = SHAPE_LINE,
               .doc = "Its place in addresses: /blogs/HANDLE. Made from the title when absent."),
    SHAPE_TEXT(CatalogBlog, title, .min = 1, .max = 255, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(CatalogBlog, seo_title, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(CatalogBlog, seo_description, .max = 5000),
    SHAPE_TEXT(CatalogBlog, template_suffix, .max = 64, .flags = SHAPE_LINE),
    SHAPE_INT(CatalogBlog, rev, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogBlog, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogBlog, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_blog_shape =
    SHAPE_OF_PATCH(CatalogBlog, "Blog", FIELDS, .doc = "A row of articles.");

Status catalog_blog_get(Cx *cx, int64_t id, CatalogBlog *ret)
{
    CatalogBlogRow r;
    TRY(catalog_sql_blog_get(cx, id, &r));
    *ret = (CatalogBlog){
        .id = r.id,
        .handle = r.handle,
        .title = r.title,
        .seo_title = r.seo_title,
        .seo_description = r.seo_description,
        .template_suffix = r.template_suffix,
        .rev = r.rev,
        .created_at = r.created_ms,
        .updated_at = r.updated_ms,
    };
    return ST_OK;
}

static Status owner(Cx *cx, Str handle, int64_t scope, bool *ret_found, int64_t *ret_id)
{
    (void)scope;
    return catalog_sql_blog_by_handle(cx, handle, ret_found, ret_id);
}

Status catalog_blog_by_handle(Cx *cx, Str handle, CatalogBlog *ret)
{
    bool    found;
    int64_t id = 0;
    TRY(catalog_sql_blog_by_handle(cx, handle, &found, &id));
    return catalog_blog_get(cx, id, ret);
}

typedef struct Change {
    int64_t     id, rev;
    CatalogBlog in, out;
} Change;

static Str blog_path(Arena *a, Str handle)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    buf_add(&b, STR("/blogs/"));
    buf_add(&b, handle);
    buf_addc(&b, '/');
    return str_dup(a, buf_str(&b));
}

/* Its articles move with it. */
static Status move(Cx *cx, const CatalogBlog *was, const CatalogBlog *b)
{
    CatalogHandleRowList articles;
    Str from = blog_path(cx->arena, was->handle), to = blog_path(cx->arena, b->handle);
    TRY(redirect_moved(cx, "/blogs/", was->handle, b->handle));
    TRY(catalog_sql_articles_of(cx, b->id, &articles));
    for (size_t i = 0; i < articles.n; i++)
        TRY(redirect_path_moved(cx, from, articles.items[i].handle, to, articles.items[i].handle));
    return ST_OK;
}

static Status save_row(Cx *cx, const CatalogBlog *was, CatalogBlog *b)
{
    b->rev = was->rev + 1;
    b->updated_at = cx->now;
    const CatalogBlogRow row = {
        .id = b->id,
        .handle = b->handle,
        .title = b->title,
        .seo_title = b->seo_title,
        .seo_description = b->seo_description,
        .template_suffix = b->template_suffix,
        .rev = b->rev,
        .created_ms = b->created_at,
        .updated_ms = b->updated_at,
    };
    if (was->id == 0) {
        TRY(catalog_sql_blog_insert(cx, &row, NULL));
        TRY(redirect_live(cx, "/blogs/", b->handle));
    } else {
        const TextChange TEXTS[] = {
            {"title", was->title, b->title},
            {"seo_title", was->seo_title, b->seo_title},
            {"seo_description", was->seo_description, b->seo_description},
        };
        TRY(catalog_sql_blog_update(cx, &row, NULL));
        if (!str_eq(was->handle, b->handle))
            TRY(move(cx, was, b));
        TRY(translations_outdate(cx, b->id, TEXTS, COUNT_OF(TEXTS)));
    }
    TRY(catalog_tell_content(cx, "blog", b->id, false));
    return audit_change(cx, "catalog.blog", b->id, &catalog_blog_shape, was->id ? was : NULL, b);
}

static Status save_tx(Cx *cx, void *arg)
{
    Change     *job = arg;
    CatalogBlog was = {0}, *b = &job->out;
    cx->issues.n = cx->issues.total = 0;
    if (job->id) {
        TRY(catalog_blog_get(cx, job->id, &was));
        TRY(rev_check(cx, job->rev, was.rev));
    }
    *b = job->in;
    bool explicit = GIVEN(B, b, handle) && b->handle.len > 0;
    catalog_keep(&catalog_blog_shape, b, &was);
    b->id = job->id ? job->id : id_new();
    b->created_at = job->id ? was.created_at : cx->now;
    if (b->title.len == 0)
        issue_add(&cx->issues, STR("/title"), "required", "is missing");
    parts_check(cx, (CatalogMediaList){0}, (CatalogPublications){0}, b->template_suffix);
    TRY(cx_check_issues(cx));
    if (b->handle.len == 0)
        b->handle = text_handle(cx->arena, b->title, STR(""));
    TRY(handle_settle(cx, owner, 0, b->id, explicit, "blog", &b->handle));
    if (job->id && catalog_same(&catalog_blog_shape, &was, b))
        return ST_OK;
    return save_row(cx, &was, b);
}

Status catalog_blog_create(Cx *cx, CatalogBlog *b)
{
    Change job = {.in = *b};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *b = job.out;
    return ST_OK;
}

Status catalog_blog_update(Cx *cx, int64_t id, int64_t rev, CatalogBlog *b)
{
    Change job = {.id = id, .rev = rev, .in = *b};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *b = job.out;
    return ST_OK;
}

static Status delete_tx(Cx *cx, void *arg)
{
    Change              *job = arg;
    CatalogHandleRowList articles;
    TRY(catalog_blog_get(cx, job->id, &job->out));
    TRY(rev_check(cx, job->rev, job->out.rev));
    TRY(catalog_sql_articles_of(cx, job->id, &articles));
    for (size_t i = 0; i < articles.n; i++)
        TRY(root_forget(cx, articles.items[i].id));
    TRY(root_forget(cx, job->id));
    TRY(catalog_sql_blog_delete(cx, job->id, NULL));
    TRY(catalog_tell_content(cx, "blog", job->id, true));
    return audit_change(cx, "catalog.blog", job->id, &catalog_blog_shape, &job->out, NULL);
}

Status catalog_blog_delete(Cx *cx, int64_t id, int64_t rev)
{
    Change job = {.id = id, .rev = rev};
    return catalog_in_tx(cx, delete_tx, &job);
}
