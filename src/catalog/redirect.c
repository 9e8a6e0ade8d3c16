/* Paths that moved. */
#include "catalog/redirect.h"

#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/events.h"

#define R &catalog_redirect_shape, CatalogRedirect

static const ShapeField FIELDS[] = {
    SHAPE_ID(CatalogRedirect, id, CATALOG_REDIRECT_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(CatalogRedirect, path, .min = 2, .max = CATALOG_PATH_MAX,
               .flags = SHAPE_REQUIRED | SHAPE_LINE, .doc = "The path that moved.",
               .example = "\"/products/old\""),
    SHAPE_TEXT(CatalogRedirect, target, .min = 1, .max = CATALOG_PATH_MAX,
               .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "A path, or an http(s) address elsewhere.", .example = "\"/products/new\""),
    SHAPE_BOOL(CatalogRedirect, automatic, .flags = SHAPE_READ_ONLY,
               .doc = "Made because a handle changed."),
    SHAPE_TIME(CatalogRedirect, created_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_redirect_shape =
    SHAPE_OF_PATCH(CatalogRedirect, "Redirect", FIELDS, .doc = "A path that leads to another.");

/* --- made by themselves ------------------------------------------------------------------- */

static Str path_of(Arena *a, Str prefix, Str handle)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, CATALOG_PATH_MAX);
    buf_add(&b, prefix);
    buf_add(&b, handle);
    return str_dup(a, buf_str(&b));
}

static Status path_live(Cx *cx, Str path)
{
    CatalogRedirectRow row;
    bool               found;
    TRY(catalog_sql_redirect_by_path(cx, path, &found, &row));
    if (!found)
        return ST_OK;
    TRY(catalog_sql_redirect_delete(cx, row.id, NULL));
    return catalog_tell_content(cx, "redirect", row.id, true);
}

Status redirect_live(Cx *cx, const char *prefix, Str handle)
{
    return path_live(cx, path_of(cx->arena, str_from_cstr(prefix), handle));
}

/* What leads to `path` leads to where that leads. */
static Status retarget(Cx *cx, Str path, Str target)
{
    CatalogIdRowList rows;
    TRY(catalog_sql_redirects_to(cx, path, target, &rows));
    if (rows.n == 0)
        return ST_OK;
    TRY(catalog_sql_redirect_retarget(cx, path, target, NULL));
    for (size_t i = 0; i < rows.n; i++)
        TRY(catalog_tell_content(cx, "redirect", rows.items[i].id, false));
    return ST_OK;
}

Status redirect_path_moved(Cx *cx, Str from_prefix, Str from, Str to_prefix, Str to)
{
    CatalogRedirectRow row = {0};
    bool               found;
    Str path = path_of(cx->arena, from_prefix, from), target = path_of(cx->arena, to_prefix, to);
    TRY(path_live(cx, target));
    TRY(retarget(cx, path, target));
    TRY(catalog_sql_redirect_by_path(cx, path, &found, &row));
    if (!found)
        row.id = id_new();
    TRY(catalog_sql_redirect_put(cx, row.id, path, target, true, cx->now, NULL));
    return catalog_tell_content(cx, "redirect", row.id, false);
}

Status redirect_moved(Cx *cx, const char *prefix, Str from, Str to)
{
    return redirect_path_moved(cx, str_from_cstr(prefix), from, str_from_cstr(prefix), to);
}

/* --- made by hand ------------------------------------------------------------------------- */

static CatalogRedirect from_row(const CatalogRedirectRow *r)
{
    return (CatalogRedirect){
        .id = r->id,
        .path = r->path,
        .target = r->target,
        .automatic = r->automatic,
        .created_at = r->created_ms,
    };
}

Status catalog_redirect_find(Cx *cx, Str path, bool *ret_found, CatalogRedirect *ret)
{
    CatalogRedirectRow row = {0};
    TRY(catalog_sql_redirect_by_path(cx, path, ret_found, &row));
    if (*ret_found)
        *ret = from_row(&row);
    return ST_OK;
}

Status catalog_redirect_get(Cx *cx, int64_t id, CatalogRedirect *ret)
{
    CatalogRedirectRow row = {0};
    TRY(catalog_sql_redirect_get(cx, id, &row));
    *ret = from_row(&row);
    return ST_OK;
}

static bool is_path(Str s)
{
    if (s.len == 0 || s.ptr[0] != '/' || str_starts(s, STR("//")))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == '\\')
            return false;
    return true;
}

static bool is_web_address(Str s)
{
    return (str_starts(s, STR("https://")) || str_starts(s, STR("http://"))) &&
           catalog_is_address(s);
}

static Str without_slash(Str path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    return path;
}

typedef Status HandleFn(Cx *cx, Str handle, bool *ret_found, int64_t *ret_id);

/* Is it the address of something that is there? Nobody would ever be led away from it. */
static Status check_dead(Cx *cx, Str path)
{
    static const struct {
        const char *prefix;
        HandleFn   *find;
    } PLACES[] = {{"/products/", catalog_sql_product_by_handle},
                  {"/collections/", catalog_sql_collection_by_handle},
                  {"/pages/", catalog_sql_page_by_handle},
                  {"/blogs/", catalog_sql_blog_by_handle}};
    for (size_t i = 0; i < COUNT_OF(PLACES); i++) {
        Str     prefix = str_from_cstr(PLACES[i].prefix), handle, rest;
        int64_t id = 0;
        bool    live = false;
        if (!str_starts(path, prefix))
            continue;
        handle = (Str){path.ptr + prefix.len, path.len - prefix.len};
        bool article = str_cut(handle, '/', &handle, &rest);
        TRY(PLACES[i].find(cx, handle, &live, &id));
        if (live && article && PLACES[i].find == catalog_sql_blog_by_handle)
            TRY(catalog_sql_article_by_handle(cx, id, rest, &live, &id));
        else if (article)
            live = false;
        if (live)
            issue_add(&cx->issues, STR("/path"), "live",
                      "is the address of something that is there");
    }
    return cx_check_issues(cx);
}

/* Where the target leads in the end. It is never itself redirected twice, so one step is
 * all there can be. */
static Status settle_target(Cx *cx, int64_t self, CatalogRedirect *r)
{
    CatalogRedirectRow next = {0};
    bool               found, taken;
    if (!is_path(r->path))
        issue_add(&cx->issues, STR("/path"), "bad_format", "must be a path: \"/…\"");
    if (!is_path(r->target) && !is_web_address(r->target))
        issue_add(&cx->issues, STR("/target"), "bad_format", "must be a path or a web address");
    TRY(cx_check_issues(cx));
    r->path = without_slash(r->path);
    TRY(check_dead(cx, r->path));
    TRY(catalog_sql_redirect_by_path(cx, r->path, &taken, &next));
    if (taken && next.id != self)
        return cx_fail(cx, ST_CONFLICT, "catalog.redirect_taken",
                       "there is a redirect for this path");
    TRY(catalog_sql_redirect_by_path(cx, r->target, &found, &next));
    if (found && next.id != self)
        r->target = next.target;
    if (str_eq(r->target, r->path) || (found && next.id == self))
        issue_add(&cx->issues, STR("/target"), "loop", "leads back to the path");
    return cx_check_issues(cx);
}

typedef struct Change {
    int64_t         id; /* 0: a new one */
    CatalogRedirect in, out;
} Change;

static Status save_tx(Cx *cx, void *arg)
{
    Change         *job = arg;
    CatalogRedirect was = {0}, *r = &job->out;
    cx->issues.n = cx->issues.total = 0;
    if (job->id)
        TRY(catalog_redirect_get(cx, job->id, &was));
    *r = job->in;
    catalog_keep(&catalog_redirect_shape, r, &was);
    TRY(settle_target(cx, job->id, r));
    r->id = job->id ? job->id : id_new();
    r->created_at = job->id ? was.created_at : cx->now;
    r->automatic = false;
    if (job->id)
        TRY(catalog_sql_redirect_delete(cx, job->id, NULL));
    TRY(catalog_sql_redirect_put(cx, r->id, r->path, r->target, false, r->created_at, NULL));
    TRY(retarget(cx, r->path, r->target));
    TRY(catalog_tell_content(cx, "redirect", r->id, false));
    return audit_change(cx, "catalog.redirect", r->id, &catalog_redirect_shape,
                        job->id ? &was : NULL, r);
}

Status catalog_redirect_create(Cx *cx, CatalogRedirect *r)
{
    Change job = {.in = *r};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *r = job.out;
    return ST_OK;
}

Status catalog_redirect_update(Cx *cx, int64_t id, CatalogRedirect *r)
{
    Change job = {.id = id, .in = *r};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *r = job.out;
    return ST_OK;
}

static Status delete_tx(Cx *cx, void *arg)
{
    Change *job = arg;
    TRY(catalog_redirect_get(cx, job->id, &job->out));
    TRY(catalog_sql_redirect_delete(cx, job->id, NULL));
    TRY(catalog_tell_content(cx, "redirect", job->id, true));
    return audit_change(cx, "catalog.redirect", job->id, &catalog_redirect_shape, &job->out, NULL);
}

Status catalog_redirect_delete(Cx *cx, int64_t id)
{
    Change job = {.id = id};
    return catalog_in_tx(cx, delete_tx, &job);
}
