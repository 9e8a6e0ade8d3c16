/* Definitions of custom attributes. */
#include "catalog/attribute.h"

#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/events.h"

#define D &catalog_attribute_def_shape, CatalogAttributeDef

const char *const catalog_scope_names[] = {"product", "variant", "collection", "page", NULL};
const char *const catalog_type_names[] = {"text", "number",    "boolean", "date", "enum",
                                          "json", "reference", "list",    NULL};

static const ShapeField FIELDS[] = {
    SHAPE_ID(CatalogAttributeDef, id, CATALOG_ATTRIBUTE_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_ENUM(CatalogAttributeDef, scope, catalog_scope_names, .flags = SHAPE_REQUIRED,
               .doc = "What can have it; stays."),
    SHAPE_TEXT(CatalogAttributeDef, key, .min = 3, .max = 129, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "namespace.key; stays.", .example = "\"google.gender\""),
    SHAPE_TEXT(CatalogAttributeDef, name, .min = 1, .max = 255,
               .flags = SHAPE_REQUIRED | SHAPE_LINE, .doc = "For people."),
    SHAPE_ENUM(CatalogAttributeDef, type, catalog_type_names, .flags = SHAPE_REQUIRED,
               .doc = "Stays while there are values."),
    SHAPE_ENUM(CatalogAttributeDef, item_type, catalog_type_names, .doc = "Of a list's items."),
    SHAPE_TEXT(CatalogAttributeDef, unit, .max = 16, .flags = SHAPE_LINE, .doc = "Of a number.",
               .example = "\"cm\""),
    SHAPE_TEXTS(CatalogAttributeDef, choices, .max = CATALOG_CHOICES_MAX, .item_min = 1,
                .item_max = 255, .doc = "Of an enum, in order."),
    SHAPE_BOOL(CatalogAttributeDef, filterable, .doc = "Shoppers can filter by it."),
    SHAPE_BOOL(CatalogAttributeDef, searchable, .doc = "Search looks into it."),
    SHAPE_BOOL(CatalogAttributeDef, visible, .doc = "Shoppers see it."),
    SHAPE_INT(CatalogAttributeDef, position, .min = 0, .max = 1000000, .doc = "Among others."),
    SHAPE_INT(CatalogAttributeDef, rev, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogAttributeDef, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogAttributeDef, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_attribute_def_shape =
    SHAPE_OF_PATCH(CatalogAttributeDef, "Attribute", FIELDS, .doc = "A custom attribute.");

static void from_row(Arena *a, const CatalogAttributeDefRow *r, CatalogAttributeDef *d)
{
    *d = (CatalogAttributeDef){
        .id = r->id,
        .scope = r->scope,
        .key = r->key,
        .name = r->name,
        .type = r->type,
        .item_type = r->item_type,
        .unit = r->unit,
        .choices = lines_split(a, r->choices),
        .filterable = r->filterable,
        .searchable = r->searchable,
        .visible = r->visible,
        .position = r->position,
        .rev = r->rev,
        .created_at = r->created_ms,
        .updated_at = r->updated_ms,
    };
}

static CatalogAttributeDefRow to_row(Arena *a, const CatalogAttributeDef *d)
{
    return (CatalogAttributeDefRow){
        .id = d->id,
        .scope = d->scope,
        .key = d->key,
        .name = d->name,
        .type = d->type,
        .item_type = d->item_type,
        .unit = d->unit,
        .choices = lines_join(a, d->choices),
        .filterable = d->filterable,
        .searchable = d->searchable,
        .visible = d->visible,
        .position = d->position,
        .rev = d->rev,
        .created_ms = d->created_at,
        .updated_ms = d->updated_at,
    };
}

Status catalog_attribute_get(Cx *cx, int64_t id, CatalogAttributeDef *ret)
{
    CatalogAttributeDefRow row;
    TRY(catalog_sql_attribute_def_get(cx, id, &row));
    from_row(cx->arena, &row, ret);
    return ST_OK;
}

Status catalog_attributes_of(Cx *cx, int scope, CatalogAttributeDefs *ret)
{
    CatalogAttributeDefRowList rows;
    TRY(catalog_sql_attribute_defs(cx, scope, &rows));
    ret->items = arena_array(cx->arena, CatalogAttributeDef, rows.n ? rows.n : 1);
    ret->n = rows.n;
    for (size_t i = 0; i < rows.n; i++)
        from_row(cx->arena, &rows.items[i], &ret->items[i]);
    return ST_OK;
}

/* --- rules -------------------------------------------------------------------------------- */

static bool is_key_part(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!ok)
            return false;
    }
    return s.len >= 1 && s.len <= 64;
}

static void check(Cx *cx, const CatalogAttributeDef *d)
{
    Str space, key;
    if (!str_cut(d->key, '.', &space, &key) || !is_key_part(space) || !is_key_part(key))
        issue_add(&cx->issues, STR("/key"), "bad_format",
                  "must be namespace.key of lower-case letters, digits, '_' and '-'");
    if (d->name.len == 0)
        issue_add(&cx->issues, STR("/name"), "required", "is missing");
    bool is_enum =
        d->type == CATALOG_ENUM || (d->type == CATALOG_LIST && d->item_type == CATALOG_ENUM);
    if (is_enum && d->choices.n == 0)
        issue_add(&cx->issues, STR("/choices"), "required", "are missing");
    if (d->type == CATALOG_LIST && d->item_type == CATALOG_LIST)
        issue_add(&cx->issues, STR("/item_type"), "not_one_of", "no lists of lists");
    NameTable seen;
    name_table_init(&seen, cx->arena, d->choices.n);
    for (size_t i = 0; i < d->choices.n; i++) {
        Str choice = d->choices.items[i];
        if (!name_table_add(&seen, choice, &d->choices.items[i]))
            issue_at(cx, "choices", i, "", "not_unique", "is there twice");
        if (memchr(choice.ptr, '\n', choice.len))
            issue_at(cx, "choices", i, "", "bad_format", "must be one line");
    }
}

static Status check_kept(Cx *cx, const CatalogAttributeDef *was, const CatalogAttributeDef *d)
{
    if (!str_eq(was->key, d->key))
        issue_add(&cx->issues, STR("/key"), "read_only", "stays as it is");
    if (was->scope != d->scope)
        issue_add(&cx->issues, STR("/scope"), "read_only", "stays as it is");
    if (was->type == d->type && was->item_type == d->item_type)
        return ST_OK;
    bool    used;
    int64_t entity;
    TRY(catalog_sql_attribute_def_used(cx, d->id, &used, &entity));
    if (used)
        issue_add(&cx->issues, STR("/type"), "read_only", "stays while there are values");
    return ST_OK;
}

static Status check_new(Cx *cx, const CatalogAttributeDef *d)
{
    bool    taken;
    int64_t other, n;
    TRY(catalog_sql_attribute_def_by_key(cx, d->scope, d->key, &taken, &other));
    if (taken)
        return cx_fail(cx, ST_CONFLICT, "catalog.attribute_taken", "there is an attribute " STR_FMT,
                       STR_ARG(d->key));
    TRY(catalog_sql_attribute_def_count(cx, d->scope, &n));
    if (n >= CATALOG_DEFS_MAX)
        return cx_fail(cx, ST_LIMIT, "catalog.too_many", "at most %d attributes of one scope",
                       CATALOG_DEFS_MAX);
    return ST_OK;
}

/* --- writing ------------------------------------------------------------------------------ */

typedef struct Change {
    int64_t             id; /* 0: a new one */
    int64_t             rev;
    CatalogAttributeDef in, out;
} Change;

static Status save_tx(Cx *cx, void *arg)
{
    Change             *job = arg;
    CatalogAttributeDef was = {.visible = true}, *d = &job->out;
    cx->issues.n = cx->issues.total = 0;
    if (job->id) {
        TRY(catalog_attribute_get(cx, job->id, &was));
        TRY(rev_check(cx, job->rev, was.rev));
    }
    *d = job->in;
    catalog_keep(&catalog_attribute_def_shape, d, &was);
    d->id = job->id ? job->id : id_new();
    check(cx, d);
    if (job->id)
        TRY(check_kept(cx, &was, d));
    TRY(cx_check_issues(cx));
    if (!job->id)
        TRY(check_new(cx, d));
    d->rev = was.rev + 1;
    d->created_at = job->id ? was.created_at : cx->now;
    d->updated_at = cx->now;
    CatalogAttributeDefRow row = to_row(cx->arena, d);
    TRY(job->id ? catalog_sql_attribute_def_update(cx, &row, NULL)
                : catalog_sql_attribute_def_insert(cx, &row, NULL));
    if (job->id && !str_eq(was.name, d->name))
        TRY(translation_outdate(cx, d->id, "name"));
    TRY(catalog_tell_content(cx, "attribute", d->id, false));
    return audit_change(cx, "catalog.attribute", d->id, &catalog_attribute_def_shape,
                        job->id ? &was : NULL, d);
}

Status catalog_attribute_create(Cx *cx, CatalogAttributeDef *d)
{
    Change job = {.in = *d};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *d = job.out;
    return ST_OK;
}

Status catalog_attribute_update(Cx *cx, int64_t id, int64_t rev, CatalogAttributeDef *d)
{
    Change job = {.id = id, .rev = rev, .in = *d};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *d = job.out;
    return ST_OK;
}

static Status delete_tx(Cx *cx, void *arg)
{
    Change *job = arg;
    TRY(catalog_attribute_get(cx, job->id, &job->out));
    TRY(rev_check(cx, job->rev, job->out.rev));
    TRY(catalog_sql_attribute_def_delete(cx, job->id, NULL));
    TRY(translation_forget(cx, &job->id, 1));
    TRY(catalog_tell_content(cx, "attribute", job->id, true));
    return audit_change(cx, "catalog.attribute", job->id, &catalog_attribute_def_shape, &job->out,
                        NULL);
}

Status catalog_attribute_delete(Cx *cx, int64_t id, int64_t rev)
{
    Change job = {.id = id, .rev = rev};
    return catalog_in_tx(cx, delete_tx, &job);
}

Status catalog_attribute_ensure(Cx *cx, int scope, Str key, Str name, int type, int64_t *ret_id)
{
    bool found;
    TRY(catalog_sql_attribute_def_by_key(cx, scope, key, &found, ret_id));
    if (found)
        return ST_OK;
    CatalogAttributeDef d = {.scope = scope,
                             .key = key,
                             .name = name,
                             .type = type,
                             .given = UINT64_MAX,
                             .visible = true};
    TRY(catalog_attribute_create(cx, &d));
    *ret_id = d.id;
    return ST_OK;
}
