/* Values of custom attributes: of the right type, and written where they differ. */
#include <string.h>

#include "base/id.h"
#include "catalog/attribute.h"
#include "catalog/catalog_int.h"

/* Definitions by key, loaded once for one piece of work. */
struct AttributeDefs {
    bool      loaded[4];
    NameTable by_key[4]; /* of each scope */
};

static Status defs_load(Cx *cx, struct AttributeDefs **defs, int scope)
{
    if (!*defs)
        *defs = arena_new(cx->arena, struct AttributeDefs);
    if ((*defs)->loaded[scope])
        return ST_OK;
    CatalogAttributeDefs list;
    TRY(catalog_attributes_of(cx, scope, &list));
    NameTable *t = &(*defs)->by_key[scope];
    name_table_init(t, cx->arena, list.n);
    for (size_t i = 0; i < list.n; i++)
        (void)!name_table_add(t, list.items[i].key, &list.items[i]);
    (*defs)->loaded[scope] = true;
    return ST_OK;
}

static const CatalogAttributeDef *def_of(struct AttributeDefs *defs, int scope, Str key)
{
    return name_table_find(&defs->by_key[scope], key);
}

/* --- types -------------------------------------------------------------------------------- */

static bool is_reference(Str s)
{
    static const char *const PREFIXES[] = {
        CATALOG_PRODUCT_ID, CATALOG_VARIANT_ID, CATALOG_COLLECTION_ID, "pag", "art", "med",
    };
    int64_t id;
    for (size_t i = 0; i < COUNT_OF(PREFIXES); i++)
        if (id_parse(s, PREFIXES[i], &id))
            return true;
    return false;
}

static const char *wrong_enum(const CatalogAttributeDef *d, const JsonValue *v)
{
    if (v->type != JSON_STRING)
        return "wrong_type";
    for (size_t i = 0; i < d->choices.n; i++)
        if (str_eq(d->choices.items[i], v->text))
            return NULL;
    return "not_one_of";
}

/* What is wrong with it, as the code of an issue; NULL: nothing. */
static const char *wrong(const CatalogAttributeDef *d, int type, const JsonValue *v)
{
    UnixMs day;
    bool   text = v->type == JSON_STRING;
    switch (type) {
    case CATALOG_TEXT: return text ? NULL : "wrong_type";
    case CATALOG_NUMBER: return v->type == JSON_NUMBER ? NULL : "wrong_type";
    case CATALOG_BOOLEAN: return v->type == JSON_BOOL ? NULL : "wrong_type";
    case CATALOG_DATE: return text && clock_parse_date(v->text, &day) ? NULL : "bad_format";
    case CATALOG_ENUM: return wrong_enum(d, v);
    case CATALOG_REFERENCE: return text && is_reference(v->text) ? NULL : "bad_format";
    default: return NULL;
    }
}

static const char *wrong_list(const CatalogAttributeDef *d, const JsonValue *v)
{
    if (v->type != JSON_ARRAY)
        return "wrong_type";
    for (size_t i = 0; i < v->n; i++) {
        const char *code = wrong(d, d->item_type, &v->items[i]);
        if (code)
            return code;
    }
    return NULL;
}

static void check_value(Cx *cx, const CatalogAttributeDef *d, const char *list, size_t i, Str value)
{
    const JsonValue *v;
    Err              err;
    if (json_parse(cx->arena, value, &v, &err) != ST_OK) {
        issue_at(cx, list, i, "value", "wrong_type", "is not JSON");
        return;
    }
    const char *code = d->type == CATALOG_LIST ? wrong_list(d, v) : wrong(d, d->type, v);
    if (code)
        issue_at(cx, list, i, "value", code, "must be of type %s%s%s", catalog_type_names[d->type],
                 d->type == CATALOG_LIST ? " of " : "",
                 d->type == CATALOG_LIST ? catalog_type_names[d->item_type] : "");
}

Status attributes_check(Cx *cx, struct AttributeDefs **defs, int scope, const char *list,
                        CatalogAttributes attributes)
{
    if (attributes.n == 0)
        return ST_OK;
    TRY(defs_load(cx, defs, scope));
    NameTable seen;
    name_table_init(&seen, cx->arena, attributes.n);
    for (size_t i = 0; i < attributes.n; i++) {
        const CatalogAttribute    *v = &attributes.items[i];
        const CatalogAttributeDef *d = def_of(*defs, scope, v->key);
        if (!d)
            issue_at(cx, list, i, "key", "unknown_attribute", "there is no such attribute");
        else if (!name_table_add(&seen, v->key, &attributes.items[i]))
            issue_at(cx, list, i, "key", "not_unique", "is there twice");
        else
            check_value(cx, d, list, i, v->value);
    }
    return ST_OK;
}

/* --- writing ------------------------------------------------------------------------------ */

static const CatalogAttribute *find(CatalogAttributes list, Str key)
{
    for (size_t i = 0; i < list.n; i++)
        if (str_eq(list.items[i].key, key))
            return &list.items[i];
    return NULL;
}

static bool attributes_same(CatalogAttributes x, CatalogAttributes y)
{
    if (x.n != y.n)
        return false;
    for (size_t i = 0; i < x.n; i++) {
        const CatalogAttribute *other = find(y, x.items[i].key);
        if (!other || !str_eq(other->value, x.items[i].value))
            return false;
    }
    return true;
}

Status attributes_save(Cx *cx, struct AttributeDefs **defs, int scope, int64_t entity, int64_t root,
                       CatalogAttributes before, CatalogAttributes after, bool *changed)
{
    if (attributes_same(before, after))
        return ST_OK;
    *changed = true;
    TRY(defs_load(cx, defs, scope));
    for (size_t i = 0; i < before.n; i++) {
        const CatalogAttributeDef *d = def_of(*defs, scope, before.items[i].key);
        if (d && !find(after, before.items[i].key))
            TRY(catalog_sql_attribute_value_delete(cx, entity, d->id, NULL));
    }
    for (size_t i = 0; i < after.n; i++) {
        const CatalogAttribute    *v = &after.items[i], *was = find(before, v->key);
        const CatalogAttributeDef *d = def_of(*defs, scope, v->key);
        ASSERT(d); /* attributes_check() */
        if (!was || !str_eq(was->value, v->value))
            TRY(catalog_sql_attribute_value_put(cx, entity, d->id, root, v->value, NULL));
    }
    return ST_OK;
}
