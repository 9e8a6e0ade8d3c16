/* Loading products: one statement for each part, put together here. */
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "catalog/catalog_int.h"
#include "text/html.h"

typedef struct Loader {
    Cx             *cx;
    unsigned        parts;
    CatalogProduct *items;
    size_t          n;
    int64_t        *ids; /* of items, in their order */
    IdIndex         products;
    IdIndex         variants;
    Parts           owners; /* of media, attributes and publications */
} Loader;

/* --- products ----------------------------------------------------------------------------- */

static void from_row(Arena *a, const CatalogProductRow *r, CatalogProduct *p)
{
    *p = (CatalogProduct){
        .id = r->id,
        .handle = r->handle,
        .status = r->status,
        .kind = r->kind,
        .title = r->title,
        .description = r->description,
        .description_safe =
            html_safe_again(a, r->description, r->description_safe, r->html_version),
        .vendor = r->vendor,
        .type = r->type,
        .tags = lines_split(a, r->tags),
        .category = r->category,
        .tax_class = r->tax_class,
        .seo_title = r->seo_title,
        .seo_description = r->seo_description,
        .template_suffix = r->template_suffix,
        .variant_count = r->variant_count,
        .value_count = r->value_count,
        .rev = r->rev,
        .created_at = r->created_ms,
        .updated_at = r->updated_ms,
    };
}

static Status load_products(Loader *l, const int64_t *ids, size_t n)
{
    CatalogProductRowList rows;
    Arena                *a = l->cx->arena;
    TRY(catalog_sql_products_in(l->cx, ids, n, &rows));
    IdIndex found;
    id_index_init(&found, a, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        id_index_add(&found, rows.items[i].id, &rows.items[i]);
    l->items = arena_array(a, CatalogProduct, rows.n ? rows.n : 1);
    l->ids = arena_array(a, int64_t, rows.n ? rows.n : 1);
    id_index_init(&l->products, a, rows.n);
    for (size_t i = 0; i < n && l->n < rows.n; i++) {
        const CatalogProductRow *row = id_index_find(&found, ids[i]);
        if (!row)
            continue;
        CatalogProduct *p = &l->items[l->n];
        from_row(a, row, p);
        id_index_add(&l->products, row->id, p);
        l->ids[l->n++] = row->id;
    }
    return ST_OK;
}

/* --- options ------------------------------------------------------------------------------ */

static int by_option_position(const void *x, const void *y)
{
    const CatalogOptionRow *p = x, *q = y;
    return p->position < q->position ? -1 : p->position > q->position;
}

static int by_value_position(const void *x, const void *y)
{
    const CatalogValueRow *p = x, *q = y;
    return p->position < q->position ? -1 : p->position > q->position;
}

/* Rows are taken in two passes: count, then fill. `n` of the list serves as counter. */
static Status load_options(Loader *l)
{
    Arena               *a = l->cx->arena;
    CatalogOptionRowList options;
    CatalogValueRowList  values;
    TRY(catalog_sql_options_in(l->cx, l->ids, l->n, &options));
    if (options.n == 0)
        return ST_OK;
    TRY(catalog_sql_values_in(l->cx, l->ids, l->n, &values));
    array_sort(options.items, options.n, sizeof *options.items, by_option_position);
    array_sort(values.items, values.n, sizeof *values.items, by_value_position);
    for (size_t i = 0; i < options.n; i++) {
        CatalogProduct *p = id_index_find(&l->products, options.items[i].product_id);
        if (p)
            p->options.n++;
    }
    IdIndex index;
    id_index_init(&index, a, options.n);
    for (size_t i = 0; i < options.n; i++) {
        const CatalogOptionRow *row = &options.items[i];
        CatalogProduct         *p = id_index_find(&l->products, row->product_id);
        if (!p)
            continue;
        if (!p->options.items) {
            p->options.items = arena_array(a, CatalogOption, p->options.n);
            p->options.n = 0;
        }
        CatalogOption *o = &p->options.items[p->options.n++];
        *o = (CatalogOption){.id = row->id, .name = row->name};
        id_index_add(&index, row->id, o);
    }
    for (size_t i = 0; i < values.n; i++) {
        CatalogOption *o = id_index_find(&index, values.items[i].option_id);
        if (o)
            o->values.n++;
    }
    for (size_t i = 0; i < values.n; i++) {
        const CatalogValueRow *row = &values.items[i];
        CatalogOption         *o = id_index_find(&index, row->option_id);
        if (!o)
            continue;
        if (!o->values.items) {
            o->values.items = arena_array(a, CatalogOptionValue, o->values.n);
            o->values.n = 0;
        }
        o->values.items[o->values.n++] = (CatalogOptionValue){
            .id = row->id, .name = row->name, .swatch = row->swatch, .number = row->number};
    }
    return ST_OK;
}

/* --- variants ----------------------------------------------------------------------------- */

static void variant_from_row(Arena *a, const CatalogVariantRow *r, CatalogVariant *v)
{
    *v = (CatalogVariant){
        .id = r->id,
        .product_id = r->product_id,
        .position = r->position,
        .key = r->option_key,
        .sku = r->sku,
        .barcode = r->barcode,
        .mpn = r->mpn,
        .cost = r->cost,
        .weight_g = r->weight_g,
        .weight_unit = r->weight_unit,
        .length_mm = r->length_mm,
        .width_mm = r->width_mm,
        .height_mm = r->height_mm,
        .hs_code = r->hs_code,
        .origin = r->origin,
        .requires_shipping = r->requires_shipping,
        .taxable = r->taxable,
        .tax_code = r->tax_code,
        .tracked = r->tracked,
        .policy = r->policy,
        .quantity = r->quantity,
        .fulfilment = r->fulfilment,
        .min_qty = r->min_qty,
        .max_qty = r->max_qty,
        .step_qty = r->step_qty,
        .media_id = r->media_id,
        .created_at = r->created_ms,
        .updated_at = r->updated_ms,
    };
    if (!r->measure_value.has)
        return;
    v->measure = arena_new(a, CatalogMeasure);
    *v->measure = (CatalogMeasure){.value = r->measure_value.v,
                                   .unit = r->measure_unit,
                                   .base_value = r->measure_base.v,
                                   .base_unit = r->measure_base_unit};
}

void variant_row(const CatalogVariant *v, CatalogVariantRow *ret)
{
    *ret = (CatalogVariantRow){
        .id = v->id,
        .product_id = v->product_id,
        .position = v->position,
        .option_key = v->key,
        .sku = v->sku,
        .barcode = v->barcode,
        .mpn = v->mpn,
        .cost = v->cost,
        .weight_g = v->weight_g,
        .weight_unit = v->weight_unit,
        .length_mm = v->length_mm,
        .width_mm = v->width_mm,
        .height_mm = v->height_mm,
        .hs_code = v->hs_code,
        .origin = v->origin,
        .requires_shipping = v->requires_shipping,
        .taxable = v->taxable,
        .tax_code = v->tax_code,
        .tracked = v->tracked,
        .policy = v->policy,
        .quantity = v->quantity,
        .fulfilment = v->fulfilment,
        .min_qty = v->min_qty,
        .max_qty = v->max_qty,
        .step_qty = v->step_qty,
        .media_id = v->media_id,
        .created_ms = v->created_at,
        .updated_ms = v->updated_at,
    };
    if (v->measure) {
        ret->measure_value = (OptReal){.v = v->measure->value, .has = true};
        ret->measure_unit = v->measure->unit;
        ret->measure_base = (OptReal){.v = v->measure->base_value, .has = true};
        ret->measure_base_unit = v->measure->base_unit;
    }
}

static int by_variant_position(const void *x, const void *y)
{
    const CatalogVariantRow *p = x, *q = y;
    if (p->product_id != q->product_id)
        return p->product_id < q->product_id ? -1 : 1;
    return p->position < q->position ? -1 : p->position > q->position;
}

/* They usually come in order; of several products the rows may stand mixed. */
static void sort_variants(CatalogVariantRowList *rows)
{
    for (size_t i = 1; i < rows->n; i++) {
        if (by_variant_position(&rows->items[i - 1], &rows->items[i]) <= 0)
            continue;
        array_sort(rows->items, rows->n, sizeof *rows->items, by_variant_position);
        return;
    }
}

static Status load_variants(Loader *l)
{
    Arena                *a = l->cx->arena;
    CatalogVariantRowList rows;
    TRY(catalog_sql_variants_in(l->cx, l->ids, l->n, &rows));
    sort_variants(&rows);
    for (size_t i = 0; i < rows.n; i++) {
        CatalogProduct *p = id_index_find(&l->products, rows.items[i].product_id);
        if (p)
            p->variants.n++;
    }
    id_index_init(&l->variants, a, rows.n);
    for (size_t i = 0; i < rows.n; i++) {
        CatalogProduct *p = id_index_find(&l->products, rows.items[i].product_id);
        if (!p)
            continue;
        if (!p->variants.items) {
            p->variants.items = arena_array(a, CatalogVariant, p->variants.n);
            p->variants.n = 0;
        }
        CatalogVariant *v = &p->variants.items[p->variants.n++];
        variant_from_row(a, &rows.items[i], v);
        id_index_add(&l->variants, v->id, v);
    }
    for (size_t i = 0; i < l->n; i++)
        variants_name(a, &l->items[i], l->items[i].variants);
    CatalogVariant **all = arena_array(a, CatalogVariant *, l->variants.n + 1);
    for (size_t i = 0; i < l->variants.n; i++)
        all[i] = l->variants.slots[i].at;
    return variants_fill(l->cx, all, l->variants.n);
}

typedef struct ValueAt { /* an option value, found by its number */
    size_t option;
    Str    name;
} ValueAt;

static Str join_title(Arena *a, CatalogTexts options)
{
    size_t len = 0;
    for (size_t i = 0; i < options.n; i++)
        len += options.items[i].len + 3;
    char *out = arena_array(a, char, len + 1), *p = out;
    for (size_t i = 0; i < options.n; i++) {
        if (i > 0) {
            memcpy(p, " / ", 3);
            p += 3;
        }
        if (options.items[i].len)
            memcpy(p, options.items[i].ptr, options.items[i].len);
        p += options.items[i].len;
    }
    return (Str){out, (size_t)(p - out)};
}

void variants_name(Arena *a, const CatalogProduct *p, CatalogVariants variants)
{
    ValueAt *values = arena_array(a, ValueAt, (size_t)p->value_count + 1);
    for (size_t i = 0; i < p->options.n; i++) {
        const CatalogOptionValues *list = &p->options.items[i].values;
        for (size_t j = 0; j < list->n; j++)
            if (list->items[j].number <= p->value_count)
                values[list->items[j].number] = (ValueAt){i, list->items[j].name};
    }
    for (size_t i = 0; i < variants.n; i++) {
        CatalogVariant *v = &variants.items[i];
        v->options = (CatalogTexts){NULL, 0};
        v->title = p->title;
        if (p->options.n == 0)
            continue;
        v->options.items = arena_array(a, Str, p->options.n);
        v->options.n = p->options.n;
        Str     part, rest = v->key;
        int64_t number;
        while (rest.len > 0) {
            str_cut(rest, '.', &part, &rest);
            if (str_parse_i64(part, &number) && number > 0 && number <= p->value_count)
                v->options.items[values[number].option] = values[number].name;
        }
        v->title = join_title(a, v->options);
    }
}

/* --- prices ------------------------------------------------------------------------------- */

static int by_price(const void *x, const void *y)
{
    const CatalogPrice *p = x, *q = y;
    if (p->list_id != q->list_id)
        return p->list_id < q->list_id ? -1 : 1;
    int c = strcmp(p->price.cur, q->price.cur);
    if (c != 0)
        return c;
    if (p->min_qty != q->min_qty)
        return p->min_qty < q->min_qty ? -1 : 1;
    return p->starts_at.v.v < q->starts_at.v.v ? -1 : p->starts_at.v.v > q->starts_at.v.v;
}

void price_from_row(const CatalogPriceRow *r, CatalogPrice *p)
{
    *p = (CatalogPrice){
        .id = r->id,
        .list_id = r->list_id,
        .price = r->price,
        .min_qty = r->min_qty,
        .starts_at = {.v = r->starts_ms, .has = r->starts_ms.v != 0},
        .ends_at = r->ends_ms,
        .since = r->since_ms,
    };
    if (r->compare_at.has) {
        p->compare_at = r->price;
        p->compare_at.minor = r->compare_at.v;
    }
}

Status prices_load(Cx *cx, int64_t variant, CatalogPrices *ret)
{
    CatalogPriceRowList rows;
    TRY(catalog_sql_prices_of(cx, &variant, 1, &rows));
    *ret = (CatalogPrices){arena_array(cx->arena, CatalogPrice, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        price_from_row(&rows.items[i], &ret->items[i]);
    return ST_OK;
}

static void add_prices(Loader *l, const CatalogPriceRowList *rows)
{
    CatalogVariant *v;
    for (size_t i = 0; i < rows->n; i++) {
        v = id_index_find(&l->variants, rows->items[i].variant_id);
        if (v)
            v->prices.n++;
    }
    for (size_t i = 0; i < rows->n; i++) {
        v = id_index_find(&l->variants, rows->items[i].variant_id);
        if (!v)
            continue;
        if (!v->prices.items) {
            v->prices.items = arena_array(l->cx->arena, CatalogPrice, v->prices.n);
            v->prices.n = 0;
        }
        price_from_row(&rows->items[i], &v->prices.items[v->prices.n++]);
    }
    for (size_t i = 0; i < l->variants.n; i++) {
        v = l->variants.slots[i].at;
        if (v->prices.n > 1)
            array_sort(v->prices.items, v->prices.n, sizeof *v->prices.items, by_price);
    }
}

static Status load_prices(Loader *l)
{
    CatalogPriceRowList rows;
    TRY(catalog_sql_prices_in(l->cx, l->ids, l->n, &rows));
    add_prices(l, &rows);
    return ST_OK;
}

/* --- all together ------------------------------------------------------------------------- */

static Status load_parts(Loader *l)
{
    unsigned parts = l->parts;
    if (l->n == 0)
        return ST_OK;
    if (parts & CATALOG_WITH_PRICES)
        parts |= CATALOG_WITH_VARIANTS;
    if (parts & CATALOG_WITH_VARIANTS)
        parts |= CATALOG_WITH_OPTIONS;
    if (parts & CATALOG_WITH_OPTIONS)
        TRY(load_options(l));
    if (parts & CATALOG_WITH_VARIANTS)
        TRY(load_variants(l));
    if (parts & CATALOG_WITH_PRICES)
        TRY(load_prices(l));
    parts_init(&l->owners, l->cx->arena, l->n + l->variants.n);
    for (size_t i = 0; i < l->n; i++) {
        CatalogProduct *p = &l->items[i];
        parts_add(&l->owners, p->id, &p->media, &p->attributes, &p->publications);
    }
    if (parts & CATALOG_WITH_ATTRIBUTES)
        for (size_t i = 0; i < l->variants.n; i++) {
            CatalogVariant *v = l->variants.slots[i].at;
            parts_add(&l->owners, v->id, NULL, &v->attributes, NULL);
        }
    return parts_load(l->cx, &l->owners, l->ids, l->n, parts);
}

typedef struct GetJob {
    const int64_t  *ids;
    size_t          n;
    unsigned        parts;
    CatalogProducts ret;
} GetJob;

static Status get_in_snapshot(Cx *cx, void *arg)
{
    GetJob *job = arg;
    Loader  l = {.cx = cx, .parts = job->parts};
    id_index_init(&l.variants, cx->arena, 0);
    TRY(load_products(&l, job->ids, job->n));
    TRY(load_parts(&l));
    job->ret = (CatalogProducts){l.items, l.n};
    return ST_OK;
}

Status catalog_products_get(Cx *cx, const int64_t *ids, size_t n, unsigned parts,
                            CatalogProducts *ret)
{
    GetJob job = {.ids = ids, .n = n, .parts = parts};
    TRY(cx_in_snapshot(cx, get_in_snapshot, &job));
    *ret = job.ret;
    return ST_OK;
}

Status catalog_product_get(Cx *cx, int64_t id, unsigned parts, CatalogProduct *ret)
{
    CatalogProducts found;
    TRY(catalog_products_get(cx, &id, 1, parts, &found));
    if (found.n == 0)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_product", "there is no such product");
    *ret = found.items[0];
    return ST_OK;
}

Status catalog_product_by_handle(Cx *cx, Str handle, unsigned parts, CatalogProduct *ret)
{
    bool    found;
    int64_t id;
    TRY(catalog_sql_product_by_handle(cx, handle, &found, &id));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_product", "there is no such product");
    return catalog_product_get(cx, id, parts, ret);
}

Status catalog_products_after(Cx *cx, int64_t after, int64_t max, unsigned parts,
                              CatalogProducts *ret)
{
    CatalogIdRowList rows;
    TRY(catalog_sql_products_after(cx, after, max, &rows));
    int64_t *ids = arena_array(cx->arena, int64_t, rows.n ? rows.n : 1);
    for (size_t i = 0; i < rows.n; i++)
        ids[i] = rows.items[i].id;
    return catalog_products_get(cx, ids, rows.n, parts, ret);
}

Status variants_load(Cx *cx, const int64_t *ids, size_t n, CatalogVariants *ret)
{
    Arena                *a = cx->arena;
    CatalogVariantRowList rows;
    CatalogPriceRowList   prices;
    Loader                l = {.cx = cx};
    TRY(catalog_sql_variants_by_id(cx, ids, n, &rows));
    *ret = (CatalogVariants){arena_array(a, CatalogVariant, rows.n ? rows.n : 1), rows.n};
    id_index_init(&l.products, a, 0);
    id_index_init(&l.variants, a, rows.n);
    for (size_t i = 0; i < rows.n; i++) {
        variant_from_row(a, &rows.items[i], &ret->items[i]);
        id_index_add(&l.variants, rows.items[i].id, &ret->items[i]);
    }
    TRY(catalog_sql_prices_of(cx, ids, n, &prices));
    add_prices(&l, &prices);
    CatalogVariant **all = arena_array(a, CatalogVariant *, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++)
        all[i] = &ret->items[i];
    TRY(variants_fill(cx, all, rows.n));
    parts_init(&l.owners, a, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        parts_add(&l.owners, ret->items[i].id, NULL, &ret->items[i].attributes, NULL);
    return parts_load_attributes(cx, &l.owners, ids, n);
}
