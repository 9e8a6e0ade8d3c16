/* Legal texts. A version is never changed: an order says which one its buyer agreed to. */
#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/content.h"
#include "catalog/events.h"
#include "text/html.h"

#define P &catalog_policy_shape, CatalogPolicyText

const char *const catalog_policy_kind_names[] = {"shipping",     "returns", "privacy",      "terms",
                                                 "legal_notice", "contact", "subscription", NULL};

static const ShapeField FIELDS[] = {
    SHAPE_ID(CatalogPolicyText, id, CATALOG_POLICY_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_ENUM(CatalogPolicyText, kind, catalog_policy_kind_names, .flags = SHAPE_READ_ONLY),
    SHAPE_INT(CatalogPolicyText, version, .flags = SHAPE_READ_ONLY,
              .doc = "Grows with every change; all are kept."),
    SHAPE_TEXT(CatalogPolicyText, title, .min = 1, .max = 255,
               .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(CatalogPolicyText, body, .max = CATALOG_HTML_MAX,
               .flags = SHAPE_REQUIRED | SHAPE_HTML, .doc = "HTML as written."),
    SHAPE_TEXT(CatalogPolicyText, body_safe, .max = CATALOG_HTML_MAX,
               .flags = SHAPE_HTML | SHAPE_NULLABLE | SHAPE_READ_ONLY,
               .doc = "Made safe to show; null: it is so as written."),
    SHAPE_TIME(CatalogPolicyText, created_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_policy_shape =
    SHAPE_OF_PATCH(CatalogPolicyText, "Policy", FIELDS, .doc = "A legal text, in one version.");

static CatalogPolicyText from_row(Arena *a, const CatalogPolicyRow *r)
{
    return (CatalogPolicyText){
        .id = r->id,
        .kind = r->kind,
        .version = r->version,
        .title = r->title,
        .body = r->body,
        .body_safe = html_safe_again(a, r->body, r->body_safe, r->html_version),
        .created_at = r->created_ms,
    };
}

static void from_rows(Arena *a, const CatalogPolicyRowList *rows, CatalogPolicies *ret)
{
    *ret = (CatalogPolicies){arena_array(a, CatalogPolicyText, rows->n + 1), rows->n};
    for (size_t i = 0; i < rows->n; i++)
        ret->items[i] = from_row(a, &rows->items[i]);
}

Status catalog_policies(Cx *cx, CatalogPolicies *ret)
{
    CatalogPolicyRowList rows;
    TRY(catalog_sql_policies_newest(cx, &rows));
    from_rows(cx->arena, &rows, ret);
    return ST_OK;
}

Status catalog_policy_versions(Cx *cx, int kind, CatalogPolicies *ret)
{
    CatalogPolicyRowList rows;
    TRY(catalog_sql_policy_versions(cx, kind, &rows));
    from_rows(cx->arena, &rows, ret);
    return ST_OK;
}

Status catalog_policy_get(Cx *cx, int kind, int64_t version, CatalogPolicyText *ret)
{
    CatalogPolicyRow row = {0};
    bool             found;
    TRY(version ? catalog_sql_policy_version(cx, kind, version, &found, &row)
                : catalog_sql_policy_newest(cx, kind, &found, &row));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_policy", "there is no such policy");
    *ret = from_row(cx->arena, &row);
    return ST_OK;
}

typedef struct Change {
    CatalogPolicyText in, out;
} Change;

static Status put_tx(Cx *cx, void *arg)
{
    Change           *job = arg;
    CatalogPolicyRow  newest = {0};
    CatalogPolicyText was = {0}, *p = &job->out;
    bool              found;
    cx->issues.n = cx->issues.total = 0;
    *p = job->in;
    TRY(catalog_sql_policy_newest(cx, p->kind, &found, &newest));
    if (found) {
        was = from_row(cx->arena, &newest);
        if (str_eq(was.title, p->title) && str_eq(was.body, p->body)) {
            *p = was;
            return ST_OK;
        }
    }
    if (p->title.len == 0)
        issue_add(&cx->issues, STR("/title"), "required", "is missing");
    TRY(cx_check_issues(cx));
    p->id = id_new();
    p->version = was.version + 1;
    p->created_at = cx->now;
    const CatalogPolicyRow row = {
        .id = p->id,
        .kind = p->kind,
        .version = p->version,
        .title = p->title,
        .body = p->body,
        .body_safe = p->body_safe,
        .html_version = HTML_CLEAN_VERSION,
        .created_ms = p->created_at,
    };
    TRY(catalog_sql_policy_insert(cx, &row, NULL));
    TRY(catalog_tell_content(cx, "policy", p->id, false));
    return audit_change(cx, "catalog.policy", p->id, &catalog_policy_shape, found ? &was : NULL, p);
}

Status catalog_policy_put(Cx *cx, int kind, CatalogPolicyText *p)
{
    Change job = {.in = *p};
    job.in.kind = kind;
    job.in.body_safe = html_safe(cx->arena, p->body);
    TRY(catalog_in_tx(cx, put_tx, &job));
    *p = job.out;
    return ST_OK;
}
