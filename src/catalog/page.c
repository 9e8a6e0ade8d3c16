/* Pages: imprint, about us, size charts. */
#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/content.h"
#include "catalog/events.h"
#include "text/html.h"
#include "text/text.h"

#define P &catalog_page_shape, CatalogPage

static const ShapeField FIELDS[] = {
    SHAPE_ID(CatalogPage, id, CATALOG_PAGE_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(CatalogPage, handle, .max = 255, .flags = SHAPE_LINE,
               .doc = "Its place in addresses: /pages/HANDLE. Made from the title when absent."),
    SHAPE_TEXT(CatalogPage, title, .min = 1, .max = 255, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(CatalogPage, body, .max = CATALOG_HTML_MAX, .flags = SHAPE_HTML,
               .doc = "HTML as written."),
    SHAPE_TEXT(CatalogPage, body_safe, .max = CATALOG_HTML_MAX,
               .flags = SHAPE_HTML | SHAPE_NULLABLE | SHAPE_READ_ONLY,
               .doc = "Made safe to show; null: it is so as written."),
    SHAPE_TEXT(CatalogPage, author, .max = 255, .flags = SHAPE_LINE),
    SHAPE_LIST(CatalogPage, attributes, CatalogAttribute, &catalog_attribute_shape,
               .max = CATALOG_ATTRIBUTES_MAX),
    SHAPE_TEXT(CatalogPage, seo_title, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(CatalogPage, seo_description, .max = 5000),
    SHAPE_TEXT(CatalogPage, template_suffix, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TIME(CatalogPage, published_at, .doc = "Shown from then on; null: hidden."),
    SHAPE_TIME(CatalogPage, unpublish_at, .doc = "Hidden from then on."),
    SHAPE_INT(CatalogPage, rev, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogPage, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogPage, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_page_shape =
    SHAPE_OF_PATCH(CatalogPage, "Page", FIELDS, .doc = "A page of text.");

/* --- rows --------------------------------------------------------------------------------- */

static void from_row(Arena *a, const CatalogPageRow *r, CatalogPage *p)
{
    *p = (CatalogPage){
        .id = r->id,
        .handle = r->handle,
        .title = r->title,
        .body = r->body,
        .body_safe = html_safe_again(a, r->body, r->body_safe, r->html_version),
        .author = r->author,
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

static CatalogPageWrite to_row(Cx *cx, const CatalogPage *p)
{
    return (CatalogPageWrite){
        .id = p->id,
        .handle = p->handle,
        .title = p->title,
        .title_key = text_fold(cx->arena, p->title),
        .body = p->body,
        .body_safe = p->body_safe,
        .html_version = HTML_CLEAN_VERSION,
        .author = p->author,
        .seo_title = p->seo_title,
        .seo_description = p->seo_description,
        .template_suffix = p->template_suffix,
        .published_ms = p->published_at,
        .unpublish_ms = p->unpublish_at,
        .rev = p->rev,
        .created_ms = p->created_at,
        .updated_ms = p->updated_at,
    };
}

Status catalog_page_get(Cx *cx, int64_t id, CatalogPage *ret)
{
    CatalogPageRow row;
    Parts          parts;
    TRY(catalog_sql_page_get(cx, id, &row));
    from_row(cx->arena, &row, ret);
    parts_init(&parts, cx->arena, 1);
    parts_add(&parts, id, NULL, &ret->attributes, NULL);
    return parts_load_attributes(cx, &parts, &id, 1);
}

static Status owner(Cx *cx, Str handle, int64_t scope, bool *ret_found, int64_t *ret_id)
{
    (void)scope;
    return catalog_sql_page_by_handle(cx, handle, ret_found, ret_id);
}

Status catalog_page_by_handle(Cx *cx, Str handle, CatalogPage *ret)
{
    bool    found;
    int64_t id = 0;
    TRY(catalog_sql_page_by_handle(cx, handle, &found, &id));
    return catalog_page_get(cx, id, ret);
}

/* --- writing ------------------------------------------------------------------------------ */

typedef struct Change {
    int64_t     id, rev;
    CatalogPage in, out;
} Change;

static Status check(Cx *cx, const CatalogPage *p, struct AttributeDefs **defs)
{
    if (p->title.len == 0)
        issue_add(&cx->issues, STR("/title"), "required", "is missing");
    shown_check(cx, p->published_at, p->unpublish_at);
    parts_check(cx, (CatalogMediaList){0}, (CatalogPublications){0}, p->template_suffix);
    TRY(attributes_check(cx, defs, CATALOG_SCOPE_PAGE, "attributes", p->attributes));
    return cx_check_issues(cx);
}

static Status save_row(Cx *cx, const CatalogPage *was, CatalogPage *p)
{
    p->rev = was->rev + 1;
    p->updated_at = cx->now;
    CatalogPageWrite row = to_row(cx, p);
    if (was->id == 0) {
        TRY(catalog_sql_page_insert(cx, &row, NULL));
        TRY(redirect_live(cx, "/pages/", p->handle));
    } else {
        const TextChange TEXTS[] = {
            {"title", was->title, p->title},
            {"body", was->body, p->body},
            {"seo_title", was->seo_title, p->seo_title},
            {"seo_description", was->seo_description, p->seo_description},
        };
        TRY(catalog_sql_page_update(cx, &row, NULL));
        if (!str_eq(was->handle, p->handle))
            TRY(redirect_moved(cx, "/pages/", was->handle, p->handle));
        TRY(translations_outdate(cx, p->id, TEXTS, COUNT_OF(TEXTS)));
    }
    TRY(catalog_tell_content(cx, "page", p->id, false));
    return audit_change(cx, "catalog.page", p->id, &catalog_page_shape, was->id ? was : NULL, p);
}

static Status save_tx(Cx *cx, void *arg)
{
    Change               *job = arg;
    CatalogPage           was = {0}, *p = &job->out;
    struct AttributeDefs *defs = NULL;
    bool                  changed = false;
    cx->issues.n = cx->issues.total = 0;
    if (job->id) {
        TRY(catalog_page_get(cx, job->id, &was));
        TRY(rev_check(cx, job->rev, was.rev));
    }
    *p = job->in;
    bool explicit = GIVEN(P, p, handle) && p->handle.len > 0;
    catalog_keep(&catalog_page_shape, p, &was);
    if (GIVEN(P, p, body))
        p->body_safe = job->in.body_safe;
    p->id = job->id ? job->id : id_new();
    p->created_at = job->id ? was.created_at : cx->now;
    TRY(check(cx, p, &defs));
    if (p->handle.len == 0)
        p->handle = text_handle(cx->arena, p->title, STR(""));
    TRY(handle_settle(cx, owner, 0, p->id, explicit, "page", &p->handle));
    TRY(attributes_save(cx, &defs, CATALOG_SCOPE_PAGE, p->id, p->id, was.attributes, p->attributes,
                        &changed));
    if (job->id && !changed && catalog_same(&catalog_page_shape, &was, p))
        return ST_OK;
    return save_row(cx, &was, p);
}

static Status save(Cx *cx, int64_t id, int64_t rev, CatalogPage *p)
{
    Change job = {.id = id, .rev = rev};
    if (GIVEN(P, p, body))
        p->body_safe = html_safe(cx->arena, p->body);
    job.in = *p;
    TRY(catalog_in_tx(cx, save_tx, &job));
    *p = job.out;
    return ST_OK;
}

Status catalog_page_create(Cx *cx, CatalogPage *p)
{
    return save(cx, 0, 0, p);
}

Status catalog_page_update(Cx *cx, int64_t id, int64_t rev, CatalogPage *p)
{
    return save(cx, id, rev, p);
}

static Status delete_tx(Cx *cx, void *arg)
{
    Change *job = arg;
    TRY(catalog_page_get(cx, job->id, &job->out));
    TRY(rev_check(cx, job->rev, job->out.rev));
    TRY(root_forget(cx, job->id));
    TRY(catalog_sql_page_delete(cx, job->id, NULL));
    TRY(catalog_tell_content(cx, "page", job->id, true));
    return audit_change(cx, "catalog.page", job->id, &catalog_page_shape, &job->out, NULL);
}

Status catalog_page_delete(Cx *cx, int64_t id, int64_t rev)
{
    Change job = {.id = id, .rev = rev};
    return catalog_in_tx(cx, delete_tx, &job);
}
