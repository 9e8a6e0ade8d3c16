/* What was given, made whole: recognise options and media, put in what was not given. */
#include <string.h>

#include "base/id.h"
#include "catalog/catalog_int.h"
#include "text/html.h"
#include "text/text.h"

#define P &catalog_product_shape, CatalogProduct
#define O &catalog_option_shape, CatalogOption
#define V &catalog_option_value_shape, CatalogOptionValue

/* --- tags --------------------------------------------------------------------------------- */

CatalogTexts tags_tidy(Arena *a, CatalogTexts tags)
{
    CatalogTexts out = {arena_array(a, Str, tags.n ? tags.n : 1), 0};
    NameTable    seen;
    name_table_init(&seen, a, tags.n);
    for (size_t i = 0; i < tags.n; i++) {
        char *line = str_cstr(a, str_trim(tags.items[i]));
        for (char *p = line; *p; p++)
            if ((unsigned char)*p < ' ')
                *p = ' ';
        Str tag = str_from_cstr(line);
        if (tag.len > 0 && name_table_add(&seen, text_fold(a, tag), line))
            out.items[out.n++] = tag;
    }
    return out;
}

/* --- options ------------------------------------------------------------------------------ */

static const CatalogOption *option_was(const CatalogProduct *before, const CatalogOption *o)
{
    for (size_t i = 0; before && i < before->options.n; i++) {
        const CatalogOption *b = &before->options.items[i];
        if (o->id ? b->id == o->id : str_eq(b->name, o->name))
            return b;
    }
    return NULL;
}

/* Tables of the values that an option had, by id and by name. */
typedef struct ValuesWere {
    IdIndex   ids;
    NameTable names;
} ValuesWere;

static void values_were(Arena *a, const CatalogOption *was, ValuesWere *ret)
{
    size_t n = was ? was->values.n : 0;
    id_index_init(&ret->ids, a, n);
    name_table_init(&ret->names, a, n);
    for (size_t i = 0; i < n; i++) {
        id_index_add(&ret->ids, was->values.items[i].id, &was->values.items[i]);
        if (!name_table_add(&ret->names, was->values.items[i].name, &was->values.items[i]))
            continue;
    }
}

static void merge_value(Edit *e, ValuesWere *were, size_t option, size_t j, CatalogOptionValue *v)
{
    const CatalogOptionValue *was =
        v->id ? id_index_find(&were->ids, v->id) : name_table_find(&were->names, v->name);
    char at[64];
    snprintf(at, sizeof at, "values/%zu", j);
    if (v->id && !was)
        issue_at(e->cx, "options", option, at, "not_found", "is not a value of this option");
    if (was) {
        catalog_keep(&catalog_option_value_shape, v, was);
        v->id = was->id;
        v->number = was->number;
        return;
    }
    if (!GIVEN(V, v, name))
        issue_at(e->cx, "options", option, at, "required", "name is missing");
    v->id = id_new();
    v->number = ++e->after->value_count;
}

static void merge_values(Edit *e, const CatalogOption *was, size_t i, CatalogOption *o)
{
    Arena              *a = e->cx->arena;
    CatalogOptionValues in = o->values;
    ValuesWere          were;
    NameTable           names;
    values_were(a, was, &were);
    name_table_init(&names, a, in.n);
    o->values.items = arena_array(a, CatalogOptionValue, in.n ? in.n : 1);
    for (size_t j = 0; j < in.n; j++) {
        CatalogOptionValue *v = &o->values.items[j];
        *v = in.items[j];
        merge_value(e, &were, i, j, v);
        char at[64];
        snprintf(at, sizeof at, "values/%zu/name", j);
        if (!name_table_add(&names, v->name, v))
            issue_at(e->cx, "options", i, at, "not_unique", "is there twice");
    }
}

static void merge_option(Edit *e, size_t i, CatalogOption *o)
{
    const CatalogOption *was = option_was(e->before, o);
    if (o->id && !was)
        issue_at(e->cx, "options", i, "id", "not_found", "is not an option of this product");
    o->id = was ? was->id : id_new();
    if (!GIVEN(O, o, name)) {
        if (was)
            o->name = was->name;
        else
            issue_at(e->cx, "options", i, "name", "required", "is missing");
    }
    if (GIVEN(O, o, values))
        merge_values(e, was, i, o);
    else
        o->values = was ? was->values : (CatalogOptionValues){0};
}

void options_merge(Edit *e)
{
    CatalogProduct *p = e->after;
    CatalogOptions  in = p->options;
    NameTable       names;
    name_table_init(&names, e->cx->arena, in.n);
    p->options.items = arena_array(e->cx->arena, CatalogOption, in.n ? in.n : 1);
    bool given = GIVEN(P, p, options);
    for (size_t i = 0; i < in.n; i++) {
        CatalogOption *o = &p->options.items[i];
        *o = in.items[i];
        if (given)
            merge_option(e, i, o);
        if (!name_table_add(&names, o->name, o))
            issue_at(e->cx, "options", i, "name", "not_unique", "is there twice");
    }
    for (size_t i = 0; i < in.n; i++)
        for (size_t j = 0; j < i; j++)
            if (p->options.items[i].id == p->options.items[j].id)
                issue_at(e->cx, "options", i, "id", "not_unique", "is there twice");
}

void product_prepare(Cx *cx, CatalogProduct *p)
{
    if (GIVEN(P, p, description))
        p->description_safe = html_safe(cx->arena, p->description);
}

/* --- the whole ---------------------------------------------------------------------------- */

static const CatalogProduct NEW_PRODUCT = {.status = CATALOG_DRAFT, .kind = CATALOG_PHYSICAL};

Status product_merge(Edit *e)
{
    Cx                   *cx = e->cx;
    CatalogProduct       *p = e->after;
    const CatalogProduct *before = e->before ? e->before : &NEW_PRODUCT;
    bool                  html = GIVEN(P, p, description);
    bool                  media = GIVEN(P, p, media), published = GIVEN(P, p, publications);
    Str                   safe = p->description_safe; /* product_prepare() made it */
    catalog_keep(&catalog_product_shape, p, before);
    p->value_count = before->value_count;
    if (html)
        p->description_safe = safe;
    if (!e->before) {
        p->id = id_new();
        p->created_at = cx->now;
    }
    if (GIVEN(P, p, tags))
        p->tags = tags_tidy(cx->arena, p->tags);
    if (media)
        media_merge(cx, "media", before->media, &p->media);
    if (published || !e->before)
        publications_merge(cx, before->publications, !published, &p->publications);
    options_merge(e);
    return variants_merge(e);
}
