/* Texts in other languages. */
#include "catalog/translation.h"

#include <string.h>

#include <unicode/uloc.h>

#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/events.h"
#include "text/html.h"

static const ShapeField FIELDS[] = {
    SHAPE_TEXT(CatalogTranslation, entity, .min = 5, .max = 32,
               .flags = SHAPE_REQUIRED | SHAPE_LINE, .doc = "Id of what is translated.",
               .example = "\"prd_01k3v9rnqe0g4\""),
    SHAPE_TEXT(CatalogTranslation, field, .min = 1, .max = 32, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .example = "\"title\""),
    SHAPE_TEXT(CatalogTranslation, locale, .min = 2, .max = 35,
               .flags = SHAPE_REQUIRED | SHAPE_LINE, .doc = "BCP 47 language tag.",
               .example = "\"uk\""),
    SHAPE_TEXT(CatalogTranslation, value, .max = 512 << 10, .flags = SHAPE_REQUIRED,
               .doc = "Empty: there is none."),
    SHAPE_TEXT(CatalogTranslation, value_safe, .max = 512 << 10,
               .flags = SHAPE_NULLABLE | SHAPE_READ_ONLY,
               .doc = "HTML made safe to show; null: the value is."),
    SHAPE_BOOL(CatalogTranslation, outdated, .flags = SHAPE_READ_ONLY,
               .doc = "The source changed since."),
    SHAPE_TIME(CatalogTranslation, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_translation_shape =
    SHAPE_OF(CatalogTranslation, "Translation", FIELDS, .doc = "A text in another language.");

enum { ROWS_MAX = 200000 };

/* --- what can be translated --------------------------------------------------------------- */

typedef Status RootFn(Cx *cx, int64_t id, bool *ret_found, int64_t *ret_root_id);

static const struct Kind {
    const char *prefix;
    const char *fields; /* " a b " */
    RootFn     *root;
} KINDS[] = {
    {"prd", " title description seo_title seo_description type ", catalog_sql_root_product},
    {"opt", " name ", catalog_sql_root_of_option},
    {"opv", " name ", catalog_sql_root_of_value},
    {"med", " alt ", catalog_sql_root_of_media},
    {"col", " title description seo_title seo_description ", catalog_sql_root_collection},
    {"pag", " title body seo_title seo_description ", catalog_sql_root_page},
    {"blg", " title seo_title seo_description ", catalog_sql_root_blog},
    {"art", " title body excerpt seo_title seo_description ", catalog_sql_root_article},
    {"mnu", " title ", catalog_sql_root_menu},
    {"mni", " title ", catalog_sql_root_of_menu_item},
    {"pol", " title body ", catalog_sql_root_policy},
    {"att", " name ", catalog_sql_root_attribute},
};

static const struct Kind *kind_of(Str entity, int64_t *ret_id)
{
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (id_parse(entity, KINDS[i].prefix, ret_id))
            return &KINDS[i];
    return NULL;
}

static bool has_field(const struct Kind *k, Str field)
{
    for (const char *p = strchr(k->fields, ' '); p[1]; p = strchr(p + 1, ' '))
        if (strncmp(p + 1, field.ptr, field.len) == 0 && p[1 + field.len] == ' ')
            return field.len > 0;
    return false;
}

static bool is_html(Str field)
{
    return str_eq(field, STR("description")) || str_eq(field, STR("body"));
}

/* "pt_br" is "pt-BR"; false when it is no language tag. */
static bool canonical_locale(Arena *a, Str locale, Str *ret)
{
    char       icu[64], tag[64];
    UErrorCode e = U_ZERO_ERROR;
    int32_t    parsed = 0;
    for (size_t i = 0; i < locale.len; i++) {
        char c = locale.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-' || c == '_'))
            return false;
    }
    uloc_forLanguageTag(str_cstr(a, locale), icu, sizeof icu, &parsed, &e);
    if (U_FAILURE(e) || (size_t)parsed != locale.len)
        return false;
    int32_t n = uloc_toLanguageTag(icu, tag, sizeof tag, true, &e);
    if (U_FAILURE(e) || n <= 0 || n >= (int32_t)sizeof tag || strcmp(tag, "und") == 0)
        return false;
    *ret = str_dup(a, (Str){tag, (size_t)n});
    return true;
}

/* --- reading ------------------------------------------------------------------------------ */

static CatalogTranslation from_row(Arena *a, const CatalogTranslationRow *r)
{
    Str safe =
        r->html_version ? html_safe_again(a, r->value, r->value_safe, r->html_version) : (Str){0};
    return (CatalogTranslation){
        .entity = id_format(a, str_cstr(a, r->kind), r->entity_id),
        .field = r->field,
        .locale = r->locale,
        .value = r->value,
        .value_safe = safe,
        .outdated = r->outdated,
        .updated_at = r->updated_ms,
    };
}

Status catalog_translation_root(Cx *cx, Str entity, int64_t *ret_root_id)
{
    int64_t            id;
    bool               found = false;
    const struct Kind *k = kind_of(entity, &id);
    if (k)
        TRY(k->root(cx, id, &found, ret_root_id));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_entity", "there is nothing with this id");
    return ST_OK;
}

Status catalog_translations_get(Cx *cx, int64_t root_id, Str locale, CatalogTranslations *ret)
{
    CatalogTranslationRowList rows;
    if (locale.len > 0)
        TRY(catalog_sql_translations_of_root(cx, root_id, locale, ROWS_MAX, &rows));
    else
        TRY(catalog_sql_translations_all(cx, root_id, ROWS_MAX, &rows));
    *ret = (CatalogTranslations){arena_array(cx->arena, CatalogTranslation, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = from_row(cx->arena, &rows.items[i]);
    return ST_OK;
}

/* --- writing ------------------------------------------------------------------------------ */

typedef struct PutJob {
    const CatalogTranslation *items;
    size_t                    n;
} PutJob;

static void bad(Cx *cx, size_t i, const char *member, const char *code, const char *why)
{
    issue_at(cx, "translations", i, member, code, "%s", why);
}

static Status put_one(Cx *cx, size_t i, const CatalogTranslation *t, int64_t *ret_root)
{
    int64_t            id;
    bool               found = false;
    Str                locale = {0};
    const struct Kind *k = kind_of(t->entity, &id);
    if (!canonical_locale(cx->arena, t->locale, &locale))
        bad(cx, i, "locale", "bad_format", "must be a language tag such as \"pt-BR\"");
    if (k && !has_field(k, t->field))
        bad(cx, i, "field", "unknown_field", "has no such text");
    if (k)
        TRY(k->root(cx, id, &found, ret_root));
    if (!found)
        bad(cx, i, "entity", "not_found", "there is nothing with this id");
    if (k == NULL || cx->issues.total > 0)
        return ST_OK;
    if (t->value.len == 0)
        return catalog_sql_translation_delete(cx, id, t->field, locale, NULL);
    bool                          html = is_html(t->field);
    const CatalogTranslationWrite row = {
        .entity_id = id,
        .field = t->field,
        .locale = locale,
        .root_id = *ret_root,
        .kind = str_from_cstr(k->prefix),
        .value = t->value,
        .value_safe = html ? html_safe(cx->arena, t->value) : (Str){0},
        .html_version = html ? HTML_CLEAN_VERSION : 0,
        .updated_ms = cx->now,
    };
    return catalog_sql_translation_put(cx, &row, NULL);
}

static Status put_tx(Cx *cx, void *arg)
{
    const PutJob *job = arg;
    cx->issues.n = cx->issues.total = 0;
    IdIndex told;
    id_index_init(&told, cx->arena, job->n);
    for (size_t i = 0; i < job->n; i++) {
        int64_t root = 0;
        TRY(put_one(cx, i, &job->items[i], &root));
        if (root == 0 || id_index_find(&told, root))
            continue;
        id_index_add(&told, root, &told);
        TRY(catalog_tell_content(cx, "translation", root, false));
    }
    for (size_t i = 0; i < job->n && cx->issues.total == 0; i++) {
        int64_t id = 0;
        if (kind_of(job->items[i].entity, &id))
            TRY(audit_change(cx, "catalog.translation", id, &catalog_translation_shape, NULL,
                             &job->items[i]));
    }
    return cx_check_issues(cx);
}

Status catalog_translations_put(Cx *cx, const CatalogTranslation *items, size_t n)
{
    PutJob job = {items, n};
    if (n > CATALOG_TRANSLATIONS_MAX)
        return cx_fail(cx, ST_LIMIT, "catalog.too_many", "at most %d translations at once",
                       CATALOG_TRANSLATIONS_MAX);
    return catalog_in_tx(cx, put_tx, &job);
}

Status translation_outdate(Cx *cx, int64_t entity, const char *field)
{
    return catalog_sql_translation_outdate(cx, entity, str_from_cstr(field), NULL);
}

Status translation_forget(Cx *cx, const int64_t *entities, size_t n)
{
    return n == 0 ? ST_OK : catalog_sql_translations_forget(cx, entities, n, NULL);
}
