/* Shopify's current product CSV, and further columns of ours where a product needs them. */
#include "catalog/category.h"
#include "catalog/export_int.h"
#include "catalog/shopify_columns.h"

#include <string.h>

static const void *member(const Shape *shape, const void *src, const char *field)
{
    const ShapeField *f = shape_field(shape, str_from_cstr(field));
    ASSERT(f != NULL);
    return (const char *)src + f->offset;
}

static OptI64 member_int(const CatalogVariant *v, const char *field)
{
    const ShapeField *f = shape_field(&catalog_variant_shape, str_from_cstr(field));
    const void       *at = member(&catalog_variant_shape, v, field);
    OptI64            n = {0};
    if (f->opt)
        memcpy(&n, at, sizeof n);
    else {
        memcpy(&n.v, at, sizeof n.v);
        n.has = true;
    }
    return n;
}

static Str member_text(const Shape *shape, const void *src, const char *field)
{
    Str s;
    memcpy(&s, member(shape, src, field), sizeof s);
    return s;
}

/* --- first pass --------------------------------------------------------------------------- */

/* Shopify's column takes one collection, by its title. */
static bool one_title(CatalogTexts categories)
{
    return categories.n == 1 &&
           memchr(categories.items[0].ptr, '>', categories.items[0].len) == NULL;
}

static bool is_used(const Export *ex, const ShopifyColumn *c, const CatalogProduct *p,
                    const CatalogVariant *v)
{
    if (c->meaning == SHOPIFY_COLLECTION)
        return ex->categories.n > 0;
    if (c->meaning == SHOPIFY_COLLECTIONS)
        return ex->categories.n > 0 && !one_title(ex->categories);
    if (c->meaning == SHOPIFY_PRODUCT_TEXT)
        return member_text(&catalog_product_shape, p, c->field).len > 0;
    if (c->meaning == SHOPIFY_VARIANT_TEXT)
        return member_text(&catalog_variant_shape, v, c->field).len > 0;
    OptI64 n = member_int(v, c->field);
    bool   usual = strcmp(c->field, "min_qty") == 0 || strcmp(c->field, "step_qty") == 0;
    return n.has && !(usual && n.v == 1);
}

static void look(Export *ex, const CatalogProduct *p)
{
    ASSERT(shopify_ncolumns <= COUNT_OF(ex->use.columns));
    for (size_t i = 0; i < shopify_ncolumns; i++)
        for (size_t k = 0; shopify_columns[i].ours && !ex->use.columns[i] && k < p->variants.n; k++)
            ex->use.columns[i] = is_used(ex, &shopify_columns[i], p, &p->variants.items[k]);
}

/* --- header ------------------------------------------------------------------------------- */

static size_t option_columns(const Export *ex)
{
    return ex->use.options < 3 ? 3 : ex->use.options;
}

static void named(Export *ex, const char *before, size_t number, const char *behind)
{
    char text[64];
    snprintf(text, sizeof text, "%s%zu%s", before, number, behind);
    export_text(ex, text);
}

static void titled(Export *ex, const char *before, Str title)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    buf_addf(&b, "%s" STR_FMT, before, STR_ARG(title));
    csv_field(&ex->csv, buf_str(&b));
}

/* "google.gender" goes back to the column that it came from; others are metafields. */
static void attribute_title(Export *ex, const CatalogAttributeDef *d)
{
    if (str_starts(d->name, STR("Google Shopping /"))) {
        csv_field(&ex->csv, d->name);
        return;
    }
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    buf_addf(&b, STR_FMT " (product.metafields." STR_FMT ")", STR_ARG(d->name), STR_ARG(d->key));
    csv_field(&ex->csv, buf_str(&b));
}

static void header(Export *ex)
{
    for (size_t i = 0; i < shopify_ncolumns; i++) {
        const ShopifyColumn *c = &shopify_columns[i];
        if (c->ours && !ex->use.columns[i])
            continue;
        export_text(ex, c->now);
        bool last_before_options = c->field != NULL && strcmp(c->field, "barcode") == 0;
        for (size_t k = 1; last_before_options && k <= option_columns(ex); k++) {
            named(ex, "Option", k, " name");
            named(ex, "Option", k, " value");
            named(ex, "Option", k, " Linked To");
        }
    }
    for (size_t i = 0; i < ex->use.defs.n; i++)
        if (ex->use.attributes[i])
            attribute_title(ex, &ex->use.defs.items[i]);
    for (size_t i = 0; i < ex->use.channels.n; i++)
        titled(ex, "Included / ", ex->use.channels.items[i]);
    for (size_t i = 0; i < ex->use.lists.n; i++) {
        if (!ex->use.in_lists[i] || ex->use.lists.items[i].id == CATALOG_BASE_LIST)
            continue;
        titled(ex, "Price / ", ex->use.lists.items[i].title);
        titled(ex, "Compare-at price / ", ex->use.lists.items[i].title);
    }
    csv_row_end(&ex->csv);
}

/* --- rows --------------------------------------------------------------------------------- */

typedef struct Row {
    Export               *ex;
    Arena                *a;
    const CatalogProduct *p;
    const CatalogVariant *v; /* NULL: a picture only */
    const CatalogMedia   *m; /* NULL: no picture */
    size_t                index;
} Row;

static void nothing(const Row *r)
{
    export_text(r->ex, "");
}

static bool published(const CatalogProduct *p, Str channel)
{
    for (size_t i = 0; i < p->publications.n; i++)
        if (str_eq(p->publications.items[i].channel, channel))
            return true;
    return false;
}

static const CatalogMedia *variant_media(const CatalogProduct *p, const CatalogVariant *v)
{
    for (size_t i = 0; v->media_id.has && i < p->media.n; i++)
        if (p->media.items[i].id == v->media_id.v)
            return &p->media.items[i];
    return NULL;
}

static void product_cell(const Row *r, const ShopifyColumn *c)
{
    const CatalogProduct *p = r->p;
    Export               *ex = r->ex;
    if (c->meaning == SHOPIFY_HANDLE) {
        csv_field(&ex->csv, p->handle);
        return;
    }
    if (r->index > 0) {
        nothing(r);
        return;
    }
    if (c->meaning == SHOPIFY_PRODUCT_TEXT)
        csv_field(&ex->csv, member_text(&catalog_product_shape, p, c->field));
    else if (c->meaning == SHOPIFY_TAGS)
        export_list(ex, p->tags);
    else if (c->meaning == SHOPIFY_COLLECTION)
        csv_field(&ex->csv,
                  ex->categories.n > 0 ? category_title(r->a, ex->categories.items[0]) : (Str){0});
    else if (c->meaning == SHOPIFY_COLLECTIONS)
        export_list(ex, one_title(ex->categories) ? (CatalogTexts){0} : ex->categories);
    else if (c->meaning == SHOPIFY_PUBLISHED)
        export_bool(ex, published(p, STR("web")));
    else if (c->meaning == SHOPIFY_STATUS)
        export_text(ex, catalog_status_names[p->status]);
    else
        export_bool(ex, p->kind == CATALOG_GIFT_CARD);
}

static void picture_cell(const Row *r, const ShopifyColumn *c)
{
    if (r->m == NULL)
        nothing(r);
    else if (c->meaning == SHOPIFY_IMAGE)
        csv_field(&r->ex->csv, export_picture(r->ex, r->a, r->p, r->m));
    else if (c->meaning == SHOPIFY_IMAGE_POSITION)
        export_i64(r->ex, (int64_t)r->index + 1);
    else
        csv_field(&r->ex->csv, r->m->alt);
}

static void price_cell(const Row *r, int64_t list, bool compare)
{
    const CatalogPrice *price = export_price(r->ex, r->v, list);
    if (price == NULL)
        nothing(r);
    else
        export_money(r->ex, compare ? price->compare_at : price->price);
}

static void measure_cell(const Row *r, int meaning)
{
    const CatalogMeasure *m = r->v->measure;
    if (m == NULL)
        nothing(r);
    else if (meaning == SHOPIFY_MEASURE)
        export_real(r->ex, m->value);
    else if (meaning == SHOPIFY_MEASURE_UNIT)
        csv_field(&r->ex->csv, m->unit);
    else if (meaning == SHOPIFY_MEASURE_BASE)
        export_real(r->ex, m->base_value);
    else
        csv_field(&r->ex->csv, m->base_unit);
}

static void variant_picture_cell(const Row *r)
{
    const CatalogMedia *m = variant_media(r->p, r->v);
    if (m == NULL)
        nothing(r);
    else
        csv_field(&r->ex->csv, export_picture(r->ex, r->a, r->p, m));
}

static void variant_cell(const Row *r, const ShopifyColumn *c)
{
    Export               *ex = r->ex;
    const CatalogVariant *v = r->v;
    bool                  yes;
    if (v == NULL) {
        nothing(r);
        return;
    }
    switch ((ShopifyMeaning)c->meaning) {
    case SHOPIFY_VARIANT_TEXT:
        csv_field(&ex->csv, member_text(&catalog_variant_shape, v, c->field));
        break;
    case SHOPIFY_VARIANT_BOOL:
        memcpy(&yes, member(&catalog_variant_shape, v, c->field), sizeof yes);
        export_bool(ex, yes);
        break;
    case SHOPIFY_VARIANT_INT: export_opt(ex, member_int(v, c->field)); break;
    case SHOPIFY_PRICE: price_cell(r, CATALOG_BASE_LIST, false); break;
    case SHOPIFY_COMPARE_AT: price_cell(r, CATALOG_BASE_LIST, true); break;
    case SHOPIFY_COST:
        if (str_eq(str_from_cstr(v->cost.cur), ex->currency))
            export_money(ex, v->cost);
        else
            nothing(r);
        break;
    case SHOPIFY_TRACKER: export_text(ex, v->tracked ? "shopify" : ""); break;
    case SHOPIFY_QUANTITY: export_i64(ex, v->quantity); break;
    case SHOPIFY_CONTINUE: export_bool(ex, v->policy != CATALOG_DENY); break;
    case SHOPIFY_WEIGHT_UNIT: export_text(ex, catalog_weight_unit_names[v->weight_unit]); break;
    case SHOPIFY_VARIANT_IMAGE: variant_picture_cell(r); break;
    case SHOPIFY_MEASURE:
    case SHOPIFY_MEASURE_UNIT:
    case SHOPIFY_MEASURE_BASE:
    case SHOPIFY_MEASURE_BASE_UNIT: measure_cell(r, c->meaning); break;
    case SHOPIFY_PASS:
    case SHOPIFY_HANDLE:
    case SHOPIFY_PRODUCT_TEXT:
    case SHOPIFY_TAGS:
    case SHOPIFY_COLLECTION:
    case SHOPIFY_COLLECTIONS:
    case SHOPIFY_PUBLISHED:
    case SHOPIFY_STATUS:
    case SHOPIFY_GIFT_CARD:
    case SHOPIFY_OPTION_NAME:
    case SHOPIFY_OPTION_VALUE:
    case SHOPIFY_IMAGE:
    case SHOPIFY_IMAGE_POSITION:
    case SHOPIFY_IMAGE_ALT:
    case SHOPIFY_ATTRIBUTE:
    case SHOPIFY_LIST_PRICE:
    case SHOPIFY_LIST_COMPARE:
    case SHOPIFY_CHANNEL: nothing(r); break;
    }
}

/* A product without options has Shopify's stand-in, "Title" = "Default Title". */
static void option_cells(const Row *r)
{
    const CatalogOptions *options = &r->p->options;
    for (size_t i = 0; i < option_columns(r->ex); i++) {
        bool stand_in = options->n == 0 && i == 0;
        if (r->index > 0 || (i >= options->n && !stand_in))
            nothing(r);
        else
            csv_field(&r->ex->csv, stand_in ? STR("Title") : options->items[i].name);
        if (r->v == NULL || (i >= options->n && !stand_in))
            nothing(r);
        else
            csv_field(&r->ex->csv, stand_in ? STR("Default Title") : r->v->options.items[i]);
        nothing(r); /* linked to */
    }
}

static void cell(const Row *r, const ShopifyColumn *c)
{
    int  m = c->meaning;
    bool product = m == SHOPIFY_HANDLE || m == SHOPIFY_PRODUCT_TEXT || m == SHOPIFY_TAGS ||
                   m == SHOPIFY_COLLECTION || m == SHOPIFY_COLLECTIONS || m == SHOPIFY_PUBLISHED ||
                   m == SHOPIFY_STATUS || m == SHOPIFY_GIFT_CARD;
    bool picture = m == SHOPIFY_IMAGE || m == SHOPIFY_IMAGE_POSITION || m == SHOPIFY_IMAGE_ALT;
    if (product)
        product_cell(r, c);
    else if (picture)
        picture_cell(r, c);
    else
        variant_cell(r, c);
}

static void further_cells(const Row *r)
{
    const ExportUse *use = &r->ex->use;
    bool             first = r->index == 0;
    for (size_t i = 0; i < use->defs.n; i++)
        if (use->attributes[i])
            csv_field(&r->ex->csv,
                      first ? export_attribute(r->a, r->p, use->defs.items[i].key) : (Str){0});
    for (size_t i = 0; i < use->channels.n; i++) {
        if (first)
            export_bool(r->ex, published(r->p, use->channels.items[i]));
        else
            nothing(r);
    }
    for (size_t i = 0; i < use->lists.n; i++) {
        if (!use->in_lists[i] || use->lists.items[i].id == CATALOG_BASE_LIST)
            continue;
        for (int compare = 0; compare < 2; compare++) {
            if (r->v == NULL)
                nothing(r);
            else
                price_cell(r, use->lists.items[i].id, compare == 1);
        }
    }
}

static void row(const Row *r)
{
    for (size_t i = 0; i < shopify_ncolumns; i++) {
        const ShopifyColumn *c = &shopify_columns[i];
        if (c->ours && !r->ex->use.columns[i])
            continue;
        cell(r, c);
        if (c->field != NULL && strcmp(c->field, "barcode") == 0)
            option_cells(r);
    }
    further_cells(r);
    csv_row_end(&r->ex->csv);
    r->ex->counts.rows++;
}

/* Pictures, in their order; videos and models have no column. */
static size_t pictures(Arena *a, const CatalogProduct *p, const CatalogMedia ***ret)
{
    size_t n = 0;
    *ret = arena_array(a, const CatalogMedia *, p->media.n + 1);
    for (size_t i = 0; i < p->media.n; i++)
        if (p->media.items[i].kind == CATALOG_IMAGE)
            (*ret)[n++] = &p->media.items[i];
    return n;
}

static void product(Export *ex, Arena *a, const CatalogProduct *p)
{
    const CatalogMedia **media;
    size_t               nmedia = pictures(a, p, &media);
    size_t               n = nmedia > p->variants.n ? nmedia : p->variants.n;
    for (size_t i = 0; i < n; i++) {
        Row r = {.ex = ex,
                 .a = a,
                 .p = p,
                 .v = i < p->variants.n ? &p->variants.items[i] : NULL,
                 .m = i < nmedia ? media[i] : NULL,
                 .index = i};
        row(&r);
    }
}

const ExportFormat export_shopify = {.look = look, .header = header, .product = product};
