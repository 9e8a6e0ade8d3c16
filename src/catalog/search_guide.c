/* Synonyms, redirects and rules as rows. */
#include "catalog/search_guide.h"

#include <string.h>

#include "base/id.h"
#include "base/json_write.h"
#include "catalog/catalog_int.h"
#include "catalog/events.h"
#include "catalog/redirect.h"
#include "catalog/rule.h"

enum { BODY_MAX = 64 * 1024 };

const char *const search_rule_for_names[] = {"always", "is", "contains", NULL};

#define LOCALE_FIELD(T)                                                                            \
    SHAPE_TEXT(T, locale, .max = 35, .flags = SHAPE_LINE,                                          \
               .doc = "BCP 47: only what is searched in it; empty: in every language.",            \
               .example = "\"en\"")

static const ShapeField SYNONYM[] = {
    SHAPE_ID(SearchSynonym, id, CATALOG_SYNONYM_ID, .flags = SHAPE_READ_ONLY),
    LOCALE_FIELD(SearchSynonym),
    SHAPE_TEXT(SearchSynonym, from, .max = 100, .flags = SHAPE_LINE,
               .doc = "Finds `words`, not the other way round; empty: all find each other.",
               .example = "\"\""),
    SHAPE_TEXTS(SearchSynonym, words, .min = 1, .max = SEARCH_GUIDE_WORDS_MAX, .item_min = 1,
                .item_max = 100, .flags = SHAPE_REQUIRED, .example = "[\"tv\",\"television\"]"),
    SHAPE_TIME(SearchSynonym, created_at, .flags = SHAPE_READ_ONLY),
};
const Shape search_synonym_shape =
    SHAPE_OF_PATCH(SearchSynonym, "SearchSynonym", SYNONYM, .doc = "Words that mean the same.");

static const ShapeField REDIRECT[] = {
    SHAPE_ID(SearchQueryRedirect, id, CATALOG_QUERY_REDIRECT_ID, .flags = SHAPE_READ_ONLY),
    LOCALE_FIELD(SearchQueryRedirect),
    SHAPE_TEXT(SearchQueryRedirect, query, .min = 1, .max = 200,
               .flags = SHAPE_REQUIRED | SHAPE_LINE, .example = "\"returns\""),
    SHAPE_TEXT(SearchQueryRedirect, target, .min = 1, .max = CATALOG_PATH_MAX,
               .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "A path, or an http(s) address elsewhere.", .example = "\"/pages/returns\""),
    SHAPE_TIME(SearchQueryRedirect, created_at, .flags = SHAPE_READ_ONLY),
};
const Shape search_query_redirect_shape =
    SHAPE_OF_PATCH(SearchQueryRedirect, "SearchRedirect", REDIRECT,
                   .doc = "A query that leads to a page instead of an answer.");

static const ShapeField RULE[] = {
    SHAPE_ID(SearchGuideRule, id, CATALOG_SEARCH_RULE_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(SearchGuideRule, title, .min = 1, .max = 200, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_BOOL(SearchGuideRule, enabled, .doc = "True unless given."),
    LOCALE_FIELD(SearchGuideRule),
    SHAPE_ENUM(SearchGuideRule, applies, search_rule_for_names,
               .doc = "always, or when the query is `query`, or contains its words."),
    SHAPE_TEXT(SearchGuideRule, query, .max = 200, .flags = SHAPE_LINE),
    SHAPE_TIME(SearchGuideRule, starts_at),
    SHAPE_TIME(SearchGuideRule, ends_at),
    SHAPE_IDS(SearchGuideRule, pins, CATALOG_PRODUCT_ID, .max = SEARCH_GUIDE_PINS_MAX,
              .doc = "Products that stand first, in this order."),
    SHAPE_JSON(SearchGuideRule, condition, .flags = SHAPE_NULLABLE,
               .doc = "On a product, as rules of collections: {\"vendor\":\"Nord\"}."),
    SHAPE_INT(SearchGuideRule, boost, .min = -300, .max = 300,
              .doc = "What the condition holds for: percent of a perfect match of words."),
    SHAPE_BOOL(SearchGuideRule, bury, .doc = "It comes after everything else."),
    SHAPE_TIME(SearchGuideRule, created_at, .flags = SHAPE_READ_ONLY),
};
const Shape search_guide_rule_shape = SHAPE_OF_PATCH(SearchGuideRule, "SearchRule", RULE,
                                                     .doc = "Products that some answers prefer.");

/* --- the three kinds ------------------------------------------------------------------------ */

static const struct Kind {
    const char  *name, *entity;
    const Shape *shape;
    size_t       id_at, created_at;
    int64_t      max;
} KINDS[] = {
    {"synonym", "catalog.search_synonym", &search_synonym_shape, offsetof(SearchSynonym, id),
     offsetof(SearchSynonym, created_at), SEARCH_GUIDE_MAX},
    {"redirect", "catalog.search_redirect", &search_query_redirect_shape,
     offsetof(SearchQueryRedirect, id), offsetof(SearchQueryRedirect, created_at),
     SEARCH_GUIDE_MAX},
    {"rule", "catalog.search_rule", &search_guide_rule_shape, offsetof(SearchGuideRule, id),
     offsetof(SearchGuideRule, created_at), SEARCH_GUIDE_RULES_MAX},
};

const Shape *search_guide_shape(SearchGuideKind kind)
{
    return KINDS[kind].shape;
}

static Str kind_name(SearchGuideKind kind)
{
    return str_from_cstr(KINDS[kind].name);
}

static void set_i64(void *value, size_t at, int64_t x)
{
    memcpy((char *)value + at, &x, sizeof x);
}

/* What an older program wrote and this one does not take is left out, field by field. */
static void from_row(Cx *cx, const struct Kind *k, const CatalogSearchEntryRow *row, void *ret)
{
    Issues issues = {.arena = cx->arena};
    Err    err;
    memset(ret, 0, k->shape->size);
    Status st = shape_read(k->shape, SHAPE_PATCH, row->body, cx->arena, ret, &issues, &err);
    (void)st;
    set_i64(ret, k->id_at, row->id);
    set_i64(ret, k->created_at, row->created_ms.v);
}

static Str body_of(Arena *a, const struct Kind *k, const void *value)
{
    bool wanted[SHAPE_FIELDS_MAX];
    for (size_t i = 0; i < k->shape->n; i++)
        wanted[i] = (k->shape->fields[i].flags & SHAPE_READ_ONLY) == 0;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, BODY_MAX);
    Json j = json_begin(&b);
    shape_write_some(&j, k->shape, value, wanted);
    return str_dup(a, buf_str(&b));
}

/* --- is it one? ------------------------------------------------------------------------------ */

static bool is_target(Str s)
{
    bool path = s.len > 0 && s.ptr[0] == '/' && !str_starts(s, STR("//"));
    for (size_t i = 0; path && i < s.len; i++)
        path = (unsigned char)s.ptr[i] > ' ' && s.ptr[i] != '\\';
    return path || str_starts(s, STR("https://")) || str_starts(s, STR("http://"));
}

static void check_rule(Cx *cx, const SearchGuideRule *r)
{
    Err err;
    if (r->applies != SEARCH_RULE_ALWAYS && r->query.len == 0)
        issue_add(&cx->issues, STR("/query"), "required", "say which query it is for");
    if (r->condition.len > 0 && rule_check(cx->arena, r->condition, &err) != ST_OK)
        issue_add(&cx->issues, STR("/condition"), "bad_rule", "%s", err.msg);
    if (r->condition.len == 0 && (r->boost != 0 || r->bury))
        issue_add(&cx->issues, STR("/condition"), "required", "say which products it is about");
    if (r->starts_at.has && r->ends_at.has && r->starts_at.v.v >= r->ends_at.v.v)
        issue_add(&cx->issues, STR("/ends_at"), "bad_range", "ends before it starts");
}

static Status check(Cx *cx, SearchGuideKind kind, const void *value)
{
    if (kind == SEARCH_GUIDE_SYNONYM) {
        const SearchSynonym *s = value;
        if (s->from.len == 0 && s->words.n < 2)
            issue_add(&cx->issues, STR("/words"), "too_few", "one word alone has no synonym");
    } else if (kind == SEARCH_GUIDE_REDIRECT) {
        if (!is_target(((const SearchQueryRedirect *)value)->target))
            issue_add(&cx->issues, STR("/target"), "bad_format", "must be a path or a web address");
    } else {
        check_rule(cx, value);
    }
    return cx_check_issues(cx);
}

/* --- reading and writing -----------------------------------------------------------------------
 */

Status search_guide_get(Cx *cx, SearchGuideKind kind, int64_t id, void *ret)
{
    CatalogSearchEntryRow row = {0};
    TRY(catalog_sql_search_entry_get(cx, kind_name(kind), id, &row));
    from_row(cx, &KINDS[kind], &row, ret);
    return ST_OK;
}

Status search_guide_list(Cx *cx, SearchGuideKind kind, int64_t from, bool backwards, int64_t max,
                         void **ret, size_t *ret_n)
{
    const struct Kind        *k = &KINDS[kind];
    CatalogSearchEntryRowList rows;
    if (backwards)
        TRY(catalog_sql_search_entries_before(cx, kind_name(kind), from, max, &rows));
    else
        TRY(catalog_sql_search_entries(cx, kind_name(kind), from, max, &rows));
    char *items = arena_alloc_array(cx->arena, rows.n + 1, k->shape->size, 16);
    for (size_t i = 0; i < rows.n; i++)
        from_row(cx, k, &rows.items[i], items + i * k->shape->size);
    *ret = items;
    *ret_n = rows.n;
    return ST_OK;
}

typedef struct Change {
    SearchGuideKind kind;
    int64_t         id; /* 0: a new one */
    const void     *in;
    void           *out;
} Change;

static Status tell(Cx *cx, SearchGuideKind kind)
{
    CatalogSearchChanged told = {.what = kind_name(kind)};
    return event_tell(cx, &catalog_search_changed, (int64_t)kind + 1, &told);
}

static Status save_tx(Cx *cx, void *arg)
{
    const Change      *job = arg;
    const struct Kind *k = &KINDS[job->kind];
    void              *was = arena_alloc(cx->arena, k->shape->size, 16);
    int64_t            n = 0;
    cx->issues.n = cx->issues.total = 0;
    memset(was, 0, k->shape->size);
    memcpy(job->out, job->in, k->shape->size);
    if (job->id != 0)
        TRY(search_guide_get(cx, job->kind, job->id, was));
    else
        TRY(catalog_sql_search_entry_count(cx, kind_name(job->kind), &n));
    if (n >= k->max)
        return cx_fail(cx, ST_LIMIT, "catalog.too_many", "there are %lld already", (long long)n);
    if (job->id != 0)
        catalog_keep(k->shape, job->out, was);
    TRY(check(cx, job->kind, job->out));
    int64_t id = job->id != 0 ? job->id : id_new(), created = cx->now.v;
    if (job->id != 0)
        memcpy(&created, (char *)was + k->created_at, sizeof created);
    set_i64(job->out, k->id_at, id);
    set_i64(job->out, k->created_at, created);
    TRY(catalog_sql_search_entry_put(cx, id, kind_name(job->kind), body_of(cx->arena, k, job->out),
                                     cx->now, NULL));
    TRY(tell(cx, job->kind));
    return audit_change(cx, k->entity, id, k->shape, job->id != 0 ? was : NULL, job->out);
}

static Status save(Cx *cx, SearchGuideKind kind, int64_t id, void *value)
{
    size_t size = KINDS[kind].shape->size;
    Change job = {kind, id, value, arena_alloc(cx->arena, size, 16)};
    TRY(catalog_in_tx(cx, save_tx, &job));
    memcpy(value, job.out, size);
    return ST_OK;
}

Status search_guide_create(Cx *cx, SearchGuideKind kind, void *value)
{
    if (kind == SEARCH_GUIDE_RULE &&
        !GIVEN(&search_guide_rule_shape, SearchGuideRule, value, enabled))
        ((SearchGuideRule *)value)->enabled = true;
    return save(cx, kind, 0, value);
}

Status search_guide_update(Cx *cx, SearchGuideKind kind, int64_t id, void *value)
{
    return save(cx, kind, id, value);
}

static Status delete_tx(Cx *cx, void *arg)
{
    const Change      *job = arg;
    const struct Kind *k = &KINDS[job->kind];
    void              *was = arena_alloc(cx->arena, k->shape->size, 16);
    TRY(search_guide_get(cx, job->kind, job->id, was));
    TRY(catalog_sql_search_entry_delete(cx, job->id, NULL));
    TRY(tell(cx, job->kind));
    return audit_change(cx, k->entity, job->id, k->shape, was, NULL);
}

Status search_guide_delete(Cx *cx, SearchGuideKind kind, int64_t id)
{
    Change job = {.kind = kind, .id = id};
    return catalog_in_tx(cx, delete_tx, &job);
}
