/* Articles of blogs. */
#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/content.h"
#include "catalog/events.h"
#include "text/html.h"
#include "text/text.h"

#define A &catalog_article_shape, CatalogArticle

static const ShapeField FIELDS[] = {
    SHAPE_ID(CatalogArticle, id, CATALOG_ARTICLE_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_ID(CatalogArticle, blog_id, CATALOG_BLOG_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(CatalogArticle, handle, .max = 255, .flags = SHAPE_LINE,
               .doc = "Its place in addresses: /blogs/BLOG/HANDLE. Made from the title when "
                      "absent."),
    SHAPE_TEXT(CatalogArticle, title, .min = 1, .max = 255, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(CatalogArticle, author, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(CatalogArticle, excerpt, .max = 5000, .doc = "Plain text."),
    SHAPE_TEXT(CatalogArticle, body, .max = CATALOG_HTML_MAX, .flags = SHAPE_HTML,
               .doc = "HTML as written."),
    SHAPE_TEXT(CatalogArticle, body_safe, .max = CATALOG_HTML_MAX,
               .flags = SHAPE_HTML | SHAPE_NULLABLE | SHAPE_READ_ONLY,
               .doc = "Made safe to show; null: it is so as written."),
    SHAPE_TEXTS(CatalogArticle, tags, .max = CATALOG_TAGS_MAX, .item_min = 1, .item_max = 255),
    SHAPE_LIST(CatalogArticle, media, CatalogMedia, &catalog_media_shape, .max = 20),
    SHAPE_TEXT(CatalogArticle, seo_title, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(CatalogArticle, seo_description, .max = 5000),
    SHAPE_TEXT(CatalogArticle, template_suffix, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TIME(CatalogArticle, published_at, .doc = "Shown from then on; null: hidden."),
    SHAPE_TIME(CatalogArticle, unpublish_at, .doc = "Hidden from then on."),
    SHAPE_INT(CatalogArticle, rev, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogArticle, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogArticle, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_article_shape =
    SHAPE_OF_PATCH(CatalogArticle, "Article", FIELDS, .doc = "An article of a blog.");

/* --- rows --------------------------------------------------------------------------------- */

static void from_row(Arena *a, const CatalogArticleRow *r, CatalogArticle *t)
{
    *t = (CatalogArticle){
        .id = r->id,
        .blog_id = r->blog_id,
        .handle = r->handle,
        .title = r->title,
        .author = r->author,
        .excerpt = r->excerpt,
        .body = r->body,
        .body_safe = html_safe_again(a, r->body, r->body_safe, r->html_version),
        .tags = lines_split(a, r->tags),
        .seo_title = r->seo_title,
        .seo_description = r->seo_description,
        .template_suffix = r->template_suffix,
        .published_at = r->published_ms,
        .unpublish_at = r->unpublish_ms,
        .rev = r->rev,
        .created_at = r->created_ms,
        .updated_at = r->updated_ms,
    };
}

static CatalogArticleWrite to_row(Cx *cx, const CatalogArticle *t)
{
    return (CatalogArticleWrite){
        .id = t->id,
        .blog_id = t->blog_id,
        .handle = t->handle,
        .title = t->title,
        .title_key = text_fold(cx->arena, t->title),
        .author = t->author,
        .excerpt = t->excerpt,
        .body = t->body,
        .body_safe = t->body_safe,
        .html_version = HTML_CLEAN_VERSION,
        .tags = lines_join(cx->arena, t->tags),
        .seo_title = t->seo_title,
        .seo_description = t->seo_description,
        .template_suffix = t->template_suffix,
        .published_ms = t->published_at,
        .unpublish_ms = t->unpublish_at,
        .rev = t->rev,
        .created_ms = t->created_at,
        .updated_ms = t->updated_at,
    };
}

Status catalog_article_get(Cx *cx, int64_t id, CatalogArticle *ret)
{
    CatalogArticleRow row;
    Parts             parts;
    TRY(catalog_sql_article_get(cx, id, &row));
    from_row(cx->arena, &row, ret);
    parts_init(&parts, cx->arena, 1);
    parts_add(&parts, id, &ret->media, NULL, NULL);
    return parts_load(cx, &parts, &id, 1, CATALOG_WITH_MEDIA);
}

static Status owner(Cx *cx, Str handle, int64_t scope, bool *ret_found, int64_t *ret_id)
{
    return catalog_sql_article_by_handle(cx, scope, handle, ret_found, ret_id);
}

Status catalog_article_by_handle(Cx *cx, int64_t blog_id, Str handle, CatalogArticle *ret)
{
    bool    found;
    int64_t id = 0;
    TRY(catalog_sql_article_by_handle(cx, blog_id, handle, &found, &id));
    return catalog_article_get(cx, id, ret);
}

/* --- writing ------------------------------------------------------------------------------ */

typedef struct Change {
    int64_t        id, rev, blog;
    CatalogArticle in, out;
} Change;

static Status move(Cx *cx, const CatalogArticle *was, const CatalogArticle *t)
{
    CatalogBlog blog;
    TRY(catalog_blog_get(cx, t->blog_id, &blog));
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    buf_addf(&b, "/blogs/" STR_FMT "/", STR_ARG(blog.handle));
    if (was->id == 0)
        return redirect_live(cx, b.ptr, t->handle);
    return redirect_moved(cx, b.ptr, was->handle, t->handle);
}

static Status save_row(Cx *cx, const CatalogArticle *was, CatalogArticle *t)
{
    t->rev = was->rev + 1;
    t->updated_at = cx->now;
    CatalogArticleWrite row = to_row(cx, t);
    TRY(was->id ? catalog_sql_article_update(cx, &row, NULL)
                : catalog_sql_article_insert(cx, &row, NULL));
    if (was->id == 0 || !str_eq(was->handle, t->handle))
        TRY(move(cx, was, t));
    if (was->id) {
        const TextChange TEXTS[] = {
            {"title", was->title, t->title},
            {"body", was->body, t->body},
            {"excerpt", was->excerpt, t->excerpt},
            {"seo_title", was->seo_title, t->seo_title},
            {"seo_description", was->seo_description, t->seo_description},
        };
        TRY(translations_outdate(cx, t->id, TEXTS, COUNT_OF(TEXTS)));
    }
    TRY(catalog_tell_content(cx, "article", t->id, false));
    return audit_change(cx, "catalog.article", t->id, &catalog_article_shape, was->id ? was : NULL,
                        t);
}

static void merge(Cx *cx, const Change *job, const CatalogArticle *was, CatalogArticle *t)
{
    *t = job->in;
    bool media = GIVEN(A, t, media);
    catalog_keep(&catalog_article_shape, t, was);
    if (GIVEN(A, t, body))
        t->body_safe = job->in.body_safe;
    if (media)
        media_merge(cx, "media", was->media, &t->media);
    if (GIVEN(A, t, tags))
        t->tags = tags_tidy(cx->arena, t->tags);
    t->id = job->id ? job->id : id_new();
    t->blog_id = job->id ? was->blog_id : job->blog;
    t->created_at = job->id ? was->created_at : cx->now;
}

static Status save_tx(Cx *cx, void *arg)
{
    Change        *job = arg;
    CatalogArticle was = {0}, *t = &job->out;
    CatalogBlog    blog;
    bool           changed = false;
    cx->issues.n = cx->issues.total = 0;
    if (job->id) {
        TRY(catalog_article_get(cx, job->id, &was));
        TRY(rev_check(cx, job->rev, was.rev));
    } else {
        TRY(catalog_blog_get(cx, job->blog, &blog));
    }
    merge(cx, job, &was, t);
    if (t->title.len == 0)
        issue_add(&cx->issues, STR("/title"), "required", "is missing");
    shown_check(cx, t->published_at, t->unpublish_at);
    parts_check(cx, t->media, (CatalogPublications){0}, t->template_suffix);
    TRY(cx_check_issues(cx));
    bool explicit = GIVEN(A, &job->in, handle) && t->handle.len > 0;
    if (t->handle.len == 0)
        t->handle = text_handle(cx->arena, t->title, STR(""));
    TRY(handle_settle(cx, owner, t->blog_id, t->id, explicit, "article", &t->handle));
    TRY(media_save(cx, t->id, was.media, t->media, &changed));
    if (job->id && !changed && catalog_same(&catalog_article_shape, &was, t) &&
        catalog_texts_same(was.tags, t->tags))
        return ST_OK;
    return save_row(cx, &was, t);
}

static Status save(Cx *cx, Change *job, CatalogArticle *t)
{
    if (GIVEN(A, t, body))
        t->body_safe = html_safe(cx->arena, t->body);
    job->in = *t;
    TRY(catalog_in_tx(cx, save_tx, job));
    *t = job->out;
    return ST_OK;
}

Status catalog_article_create(Cx *cx, int64_t blog_id, CatalogArticle *t)
{
    return save(cx, &(Change){.blog = blog_id}, t);
}

Status catalog_article_update(Cx *cx, int64_t id, int64_t rev, CatalogArticle *t)
{
    return save(cx, &(Change){.id = id, .rev = rev}, t);
}

static Status delete_tx(Cx *cx, void *arg)
{
    Change *job = arg;
    TRY(catalog_article_get(cx, job->id, &job->out));
    TRY(rev_check(cx, job->rev, job->out.rev));
    TRY(root_forget(cx, job->id));
    TRY(catalog_sql_article_delete(cx, job->id, NULL));
    TRY(catalog_tell_content(cx, "article", job->id, true));
    return audit_change(cx, "catalog.article", job->id, &catalog_article_shape, &job->out, NULL);
}

Status catalog_article_delete(Cx *cx, int64_t id, int64_t rev)
{
    Change job = {.id = id, .rev = rev};
    return catalog_in_tx(cx, delete_tx, &job);
}
