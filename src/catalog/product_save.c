/* Write the difference between what a product was and what it shall be. */
#include "catalog/catalog_int.h"
#include "catalog/events.h"
#include "text/html.h"
#include "text/text.h"

/* --- the row ------------------------------------------------------------------------------ */

static CatalogProductWrite product_row(Cx *cx, const CatalogProduct *p)
{
    Arena *a = cx->arena;
    return (CatalogProductWrite){
        .id = p->id,
        .handle = p->handle,
        .status = p->status,
        .kind = p->kind,
        .title = p->title,
        .title_key = text_fold(a, p->title),
        .description = p->description,
        .description_safe = p->description_safe,
        .html_version = HTML_CLEAN_VERSION,
        .vendor = p->vendor,
        .vendor_key = text_fold(a, p->vendor),
        .type = p->type,
        .type_key = text_fold(a, p->type),
        .tags = lines_join(a, p->tags),
        .category = p->category,
        .tax_class = p->tax_class,
        .seo_title = p->seo_title,
        .seo_description = p->seo_description,
        .template_suffix = p->template_suffix,
        .variant_count = p->variant_count,
        .value_count = p->value_count,
        .rev = p->rev,
        .created_ms = p->created_at,
        .updated_ms = p->updated_at,
    };
}

static Status save_tags(Edit *e)
{
    const CatalogProduct *p = e->after;
    if (e->before && catalog_texts_same(e->before->tags, p->tags))
        return ST_OK;
    e->changed = true;
    if (e->before && e->before->tags.n > 0)
        TRY(catalog_sql_tags_delete(e->cx, p->id, NULL));
    for (size_t i = 0; i < p->tags.n; i++)
        TRY(catalog_sql_tag_insert(e->cx, text_fold(e->cx->arena, p->tags.items[i]), p->id,
                                   p->tags.items[i], NULL));
    return ST_OK;
}

/* --- options ------------------------------------------------------------------------------ */

static Status save_values(Edit *e, const CatalogOption *o, const CatalogOption *old, IdIndex *were)
{
    for (size_t i = 0; i < o->values.n; i++) {
        const CatalogOptionValue *v = &o->values.items[i], *was = id_index_find(were, v->id);
        int64_t                   position = (int64_t)i + 1;
        if (!was) {
            e->changed = true;
            TRY(catalog_sql_value_insert(e->cx, v->id, e->after->id, o->id, position, v->number,
                                         v->name, v->swatch, NULL));
            continue;
        }
        bool renamed = !str_eq(was->name, v->name);
        bool moved = !old || i >= old->values.n || was != &old->values.items[i];
        if (!renamed && !moved && str_eq(was->swatch, v->swatch))
            continue;
        e->changed = true;
        TRY(catalog_sql_value_update(e->cx, v->id, o->id, position, v->name, v->swatch, NULL));
        if (renamed)
            TRY(translation_outdate(e->cx, v->id, "name"));
    }
    return ST_OK;
}

static bool values_same(CatalogOptionValues x, CatalogOptionValues y)
{
    if (x.n != y.n)
        return false;
    for (size_t i = 0; i < x.n; i++)
        if (x.items[i].id != y.items[i].id || !str_eq(x.items[i].name, y.items[i].name) ||
            !str_eq(x.items[i].swatch, y.items[i].swatch))
            return false;
    return true;
}

static bool options_same(CatalogOptions x, CatalogOptions y)
{
    if (x.n != y.n)
        return false;
    for (size_t i = 0; i < x.n; i++)
        if (x.items[i].id != y.items[i].id || !str_eq(x.items[i].name, y.items[i].name) ||
            !values_same(x.items[i].values, y.items[i].values))
            return false;
    return true;
}

static Status drop_options(Edit *e, CatalogOptions before)
{
    const CatalogOptions *after = &e->after->options;
    IdIndex               kept;
    size_t                n = 0, most = 0;
    for (size_t i = 0; i < after->n; i++)
        n += 1 + after->items[i].values.n;
    id_index_init(&kept, e->cx->arena, n);
    for (size_t i = 0; i < after->n; i++) {
        id_index_add(&kept, after->items[i].id, &after->items[i]);
        for (size_t j = 0; j < after->items[i].values.n; j++)
            id_index_add(&kept, after->items[i].values.items[j].id, &after->items[i]);
    }
    for (size_t i = 0; i < before.n; i++)
        most += 1 + before.items[i].values.n;
    Ids options = ids_new(e->cx->arena, before.n), values = ids_new(e->cx->arena, most);
    for (size_t i = 0; i < before.n; i++) {
        if (!id_index_find(&kept, before.items[i].id))
            ids_add(&options, before.items[i].id);
        for (size_t j = 0; j < before.items[i].values.n; j++)
            if (!id_index_find(&kept, before.items[i].values.items[j].id))
                ids_add(&values, before.items[i].values.items[j].id);
    }
    if (values.n > 0) {
        TRY(catalog_sql_values_delete(e->cx, values.items, values.n, NULL));
        TRY(translation_forget(e->cx, values.items, values.n));
    }
    if (options.n == 0)
        return ST_OK;
    TRY(translation_forget(e->cx, options.items, options.n));
    return catalog_sql_options_delete(e->cx, options.items, options.n, NULL);
}

static Status save_options(Edit *e)
{
    static const CatalogOptions NONE = {0};
    CatalogOptions              before = e->before ? e->before->options : NONE;
    const CatalogOptions       *after = &e->after->options;
    if (options_same(before, *after))
        return ST_OK;
    e->changed = true;
    TRY(drop_options(e, before));
    IdIndex options, values;
    size_t  n = 0;
    for (size_t i = 0; i < before.n; i++)
        n += before.items[i].values.n;
    id_index_init(&options, e->cx->arena, before.n);
    id_index_init(&values, e->cx->arena, n);
    for (size_t i = 0; i < before.n; i++) {
        id_index_add(&options, before.items[i].id, &before.items[i]);
        for (size_t j = 0; j < before.items[i].values.n; j++)
            id_index_add(&values, before.items[i].values.items[j].id,
                         &before.items[i].values.items[j]);
    }
    for (size_t i = 0; i < after->n; i++) {
        const CatalogOption *o = &after->items[i], *was = id_index_find(&options, o->id);
        if (!was) {
            TRY(catalog_sql_option_insert(e->cx, o->id, e->after->id, (int64_t)i + 1, o->name,
                                          NULL));
        } else if (was - before.items != (ptrdiff_t)i || !str_eq(was->name, o->name)) {
            TRY(catalog_sql_option_update(e->cx, o->id, (int64_t)i + 1, o->name, NULL));
            if (!str_eq(was->name, o->name))
                TRY(translation_outdate(e->cx, o->id, "name"));
        }
        TRY(save_values(e, o, was, &values));
    }
    return ST_OK;
}

/* --- consequences ------------------------------------------------------------------------- */

static Status outdate(Edit *e)
{
    const CatalogProduct *x = e->before, *y = e->after;
    const TextChange      TEXTS[] = {
             {"title", x->title, y->title},
             {"description", x->description, y->description},
             {"seo_title", x->seo_title, y->seo_title},
             {"seo_description", x->seo_description, y->seo_description},
             {"type", x->type, y->type},
    };
    return translations_outdate(e->cx, y->id, TEXTS, COUNT_OF(TEXTS));
}

static Status move_handle(Edit *e)
{
    if (!e->before)
        return redirect_live(e->cx, "/products/", e->after->handle);
    if (str_eq(e->before->handle, e->after->handle))
        return ST_OK;
    return redirect_moved(e->cx, "/products/", e->before->handle, e->after->handle);
}

static Status tell(Edit *e)
{
    const CatalogProduct *p = e->after;
    CatalogProductChanged told = {.product_id = p->id, .rev = p->rev, .created = !e->before};
    TRY(event_tell(e->cx, &catalog_product_changed, p->id, &told));
    return audit_change(e->cx, "catalog.product", p->id, &catalog_product_head_shape, e->before, p);
}

static Status save_parts(Edit *e)
{
    static const CatalogProduct NONE = {0};
    const CatalogProduct       *x = e->before ? e->before : &NONE;
    CatalogProduct             *y = e->after;
    Cx                         *cx = e->cx;
    TRY(save_tags(e));
    TRY(save_options(e));
    TRY(media_save(cx, y->id, x->media, y->media, &e->changed));
    TRY(variants_save(e));
    TRY(attributes_save(cx, &e->defs, CATALOG_SCOPE_PRODUCT, y->id, y->id, x->attributes,
                        y->attributes, &e->changed));
    return publications_save(cx, y->id, x->publications, y->publications, &e->changed);
}

Status product_save(Edit *e)
{
    CatalogProduct     *p = e->after;
    CatalogProductWrite row;
    if (!e->before) {
        p->rev = 1;
        p->updated_at = e->cx->now;
        row = product_row(e->cx, p);
        TRY(catalog_sql_product_insert(e->cx, &row, NULL));
        TRY(save_parts(e));
        TRY(move_handle(e));
        return tell(e);
    }
    TRY(save_parts(e));
    e->changed |= !catalog_same(&catalog_product_shape, e->before, p);
    if (!e->changed)
        return ST_OK;
    p->rev = e->before->rev + 1;
    p->updated_at = e->cx->now;
    if (e->partial)
        p->variant_count = e->before->variant_count + e->added;
    row = product_row(e->cx, p);
    TRY(catalog_sql_product_update(e->cx, &row, NULL));
    TRY(move_handle(e));
    TRY(outdate(e));
    return tell(e);
}
