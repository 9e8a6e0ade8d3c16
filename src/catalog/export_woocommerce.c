/* WooCommerce's product CSV: a product without options is one row ("simple"); one with
 * options is a row of its own ("variable") and a row for each variant ("variation"). */
#include "base/clock.h"
#include "catalog/export_int.h"
#include "catalog/woocommerce_columns.h"

#include <stdio.h>
#include <string.h>

typedef struct Row {
    Export               *ex;
    Arena                *a;
    const CatalogProduct *p;
    const CatalogVariant *v; /* NULL: the row of a variable product */
    bool                  variation;
    Str                   parent; /* of a variation: SKU or "id:…" */
} Row;

static bool is_other(const CatalogAttributeDef *d)
{
    static const char *const OWN[] = {"woo.id", "woo.type", "woo.backorders"};
    for (size_t i = 0; i < COUNT_OF(OWN); i++)
        if (str_eq(d->key, str_from_cstr(OWN[i])))
            return false;
    return str_starts(d->key, STR("woo."));
}

static bool is_described(const CatalogAttributeDef *d)
{
    return !str_starts(d->key, STR("woo."));
}

/* Attributes that describe go into "Attribute N" columns behind the options. */
static size_t described(const CatalogProduct *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->attributes.n; i++)
        n += !str_starts(p->attributes.items[i].key, STR("woo."));
    return n;
}

static void look(Export *ex, const CatalogProduct *p)
{
    size_t n = p->options.n + described(p);
    if (n > ex->use.options)
        ex->use.options = n;
}

/* --- header ------------------------------------------------------------------------------- */

static const char *measure_unit(const WooColumn *c)
{
    if (!c->measure)
        return "";
    return c->meaning == WOO_WEIGHT ? " (kg)" : " (cm)";
}

static void header(Export *ex)
{
    char text[96];
    for (size_t i = 0; i < woo_ncolumns; i++) {
        snprintf(text, sizeof text, "%s%s", woo_columns[i].name, measure_unit(&woo_columns[i]));
        export_text(ex, text);
    }
    export_text(ex, IMPORT_MARK);
    for (size_t i = 0; i < ex->use.defs.n; i++)
        if (ex->use.attributes[i] && is_other(&ex->use.defs.items[i]))
            csv_field(&ex->csv, ex->use.defs.items[i].name);
    for (size_t i = 1; i <= ex->use.options; i++) {
        static const char *const PARTS[] = {"name", "value(s)", "visible", "global"};
        for (size_t k = 0; k < COUNT_OF(PARTS); k++) {
            snprintf(text, sizeof text, "Attribute %zu %s", i, PARTS[k]);
            export_text(ex, text);
        }
    }
    csv_row_end(&ex->csv);
}

/* --- cells -------------------------------------------------------------------------------- */

static void nothing(const Row *r)
{
    export_text(r->ex, "");
}

static void text_member(const Row *r, const Shape *shape, const void *src, const char *field)
{
    Str s;
    memcpy(&s, (const char *)src + shape_field(shape, str_from_cstr(field))->offset, sizeof s);
    csv_field(&r->ex->csv, s);
}

/* Whole and decimal part of n / scale, without needless zeros: 454 g is "0.454" kg. */
static void scaled_member(const Row *r, const char *field, int64_t scale)
{
    OptI64 n;
    memcpy(&n,
           (const char *)r->v + shape_field(&catalog_variant_shape, str_from_cstr(field))->offset,
           sizeof n);
    if (n.has)
        export_real(r->ex, (double)n.v / (double)scale);
    else
        nothing(r);
}

/* The id that it had in WooCommerce, else ours: parents are named by it. */
static Str id_of(const Row *r)
{
    Str  id = export_attribute(r->a, r->p, STR("woo.id"));
    char text[24];
    if (id.len > 0)
        return id;
    snprintf(text, sizeof text, "%lld", (long long)r->p->id);
    return str_dup(r->a, str_from_cstr(text));
}

static bool on_web(const CatalogProduct *p)
{
    for (size_t i = 0; i < p->publications.n; i++)
        if (str_eq(p->publications.items[i].channel, STR("web")))
            return true;
    return false;
}

static void published(const Row *r)
{
    if (r->p->status != CATALOG_ACTIVE)
        export_text(r->ex, "-1");
    else
        export_text(r->ex, on_web(r->p) ? "1" : "0");
}

static void type(const Row *r)
{
    Str kept = export_attribute(r->a, r->p, STR("woo.type"));
    if (r->variation)
        export_text(r->ex, r->v->requires_shipping ? "variation" : "variation, virtual");
    else if (r->v == NULL)
        export_text(r->ex, "variable");
    else if (kept.len > 0 && !str_starts(kept, STR("variable")))
        csv_field(&r->ex->csv, kept);
    else
        export_text(r->ex, r->v->requires_shipping ? "simple" : "simple, virtual");
}

typedef struct Sale {
    const CatalogPrice *regular, *dated; /* NULL: none */
} Sale;

static Sale prices_of(const Row *r)
{
    Sale s = {.regular = export_price(r->ex, r->v, CATALOG_BASE_LIST)};
    for (size_t i = 0; i < r->v->prices.n; i++) {
        const CatalogPrice *p = &r->v->prices.items[i];
        if (p->list_id == CATALOG_BASE_LIST && p->starts_at.has && p->min_qty == 1 &&
            str_eq(str_from_cstr(p->price.cur), r->ex->currency))
            s.dated = p;
    }
    return s;
}

/* What was struck through is the regular price, and the price is the sale's. */
static void regular_price(const Row *r)
{
    Sale s = prices_of(r);
    if (s.regular == NULL)
        export_money(r->ex, s.dated != NULL ? s.dated->compare_at : (Money){0});
    else
        export_money(r->ex, money_absent(s.regular->compare_at) ? s.regular->price
                                                                : s.regular->compare_at);
}

static void sale_price(const Row *r)
{
    Sale s = prices_of(r);
    if (s.dated != NULL)
        export_money(r->ex, s.dated->price);
    else if (s.regular != NULL && !money_absent(s.regular->compare_at))
        export_money(r->ex, s.regular->price);
    else
        nothing(r);
}

static void sale_date(const Row *r, bool end)
{
    Sale    s = prices_of(r);
    OptTime t = s.dated == NULL ? (OptTime){0} : end ? s.dated->ends_at : s.dated->starts_at;
    if (!t.has || t.v.v == 1) {
        nothing(r);
        return;
    }
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64);
    clock_add(&b, t.v);
    csv_field(&r->ex->csv, buf_str(&b));
}

static void pictures(const Row *r)
{
    CatalogTexts list = {arena_array(r->a, Str, r->p->media.n + 1), 0};
    for (size_t i = 0; i < r->p->media.n; i++) {
        const CatalogMedia *m = &r->p->media.items[i];
        bool own = r->variation ? r->v->media_id.has && r->v->media_id.v == m->id : true;
        if (m->kind == CATALOG_IMAGE && own)
            list.items[list.n++] = export_picture(r->ex, r->a, r->p, m);
    }
    export_list(r->ex, list);
}

static void product_cell(const Row *r, const WooColumn *c)
{
    const CatalogProduct *p = r->p;
    if (r->variation && c->meaning != WOO_TYPE && c->meaning != WOO_NAME &&
        c->meaning != WOO_PUBLISHED && c->meaning != WOO_IMAGES) {
        nothing(r);
        return;
    }
    switch ((int)c->meaning) {
    case WOO_ID: csv_field(&r->ex->csv, id_of(r)); break;
    case WOO_TYPE: type(r); break;
    case WOO_NAME: csv_field(&r->ex->csv, p->title); break;
    case WOO_PUBLISHED: published(r); break;
    case WOO_PRODUCT_TEXT: text_member(r, &catalog_product_shape, p, c->field); break;
    case WOO_TAGS: export_list(r->ex, p->tags); break;
    case WOO_CATEGORIES: export_list(r->ex, r->ex->categories); break;
    default: pictures(r); break;
    }
}

static void variant_cell(const Row *r, const WooColumn *c)
{
    const CatalogVariant *v = r->v;
    if (v == NULL) {
        nothing(r);
        return;
    }
    switch ((int)c->meaning) {
    case WOO_SKU:
    case WOO_VARIANT_TEXT: text_member(r, &catalog_variant_shape, v, c->field); break;
    case WOO_SALE_STARTS: sale_date(r, false); break;
    case WOO_SALE_ENDS: sale_date(r, true); break;
    case WOO_TAX_STATUS: export_text(r->ex, v->taxable ? "taxable" : "none"); break;
    case WOO_STOCK:
        if (v->tracked)
            export_i64(r->ex, v->quantity);
        else
            nothing(r);
        break;
    case WOO_BACKORDERS: export_text(r->ex, v->policy != CATALOG_DENY ? "1" : "0"); break;
    case WOO_SOLD_ALONE: export_text(r->ex, v->max_qty.has && v->max_qty.v == 1 ? "1" : "0"); break;
    case WOO_WEIGHT: scaled_member(r, c->field, 1000); break;
    case WOO_LENGTH: scaled_member(r, c->field, 10); break;
    case WOO_SALE_PRICE: sale_price(r); break;
    case WOO_REGULAR_PRICE: regular_price(r); break;
    case WOO_COST:
        export_money(r->ex,
                     str_eq(str_from_cstr(v->cost.cur), r->ex->currency) ? v->cost : (Money){0});
        break;
    default:
        if (r->variation)
            csv_field(&r->ex->csv, r->parent);
        else
            nothing(r);
        break;
    }
}

static bool is_product_column(int m)
{
    return m == WOO_ID || m == WOO_TYPE || m == WOO_NAME || m == WOO_PUBLISHED ||
           m == WOO_PRODUCT_TEXT || m == WOO_TAGS || m == WOO_CATEGORIES || m == WOO_IMAGES;
}

/* All values of an option in one list, for the parent. */
static void option_values(const Row *r, size_t option)
{
    const CatalogOptionValues *values = &r->p->options.items[option].values;
    CatalogTexts               list = {arena_array(r->a, Str, values->n + 1), values->n};
    for (size_t i = 0; i < values->n; i++)
        list.items[i] = values->items[i].name;
    export_list(r->ex, list);
}

static Str def_name(const Export *ex, Str key)
{
    for (size_t i = 0; i < ex->use.defs.n; i++)
        if (str_eq(ex->use.defs.items[i].key, key) && is_described(&ex->use.defs.items[i]))
            return ex->use.defs.items[i].name;
    return (Str){0};
}

static void attribute_cells(const Row *r)
{
    size_t written = 0;
    for (size_t i = 0; i < r->p->options.n; i++, written++) {
        csv_field(&r->ex->csv, r->p->options.items[i].name);
        if (r->variation)
            csv_field(&r->ex->csv, r->v->options.items[i]);
        else
            option_values(r, i);
        export_text(r->ex, r->variation ? "" : "1");
        export_text(r->ex, "0");
    }
    for (size_t i = 0; !r->variation && i < r->p->attributes.n; i++) {
        Str name = def_name(r->ex, r->p->attributes.items[i].key);
        if (name.len == 0)
            continue;
        csv_field(&r->ex->csv, name);
        csv_field(&r->ex->csv, export_attribute(r->a, r->p, r->p->attributes.items[i].key));
        export_text(r->ex, "1");
        export_text(r->ex, "0");
        written++;
    }
    for (; written < r->ex->use.options; written++)
        for (int k = 0; k < 4; k++)
            nothing(r);
}

static void row(const Row *r)
{
    for (size_t i = 0; i < woo_ncolumns; i++) {
        if (is_product_column(woo_columns[i].meaning))
            product_cell(r, &woo_columns[i]);
        else
            variant_cell(r, &woo_columns[i]);
    }
    nothing(r); /* under the mark */
    for (size_t i = 0; i < r->ex->use.defs.n; i++)
        if (r->ex->use.attributes[i] && is_other(&r->ex->use.defs.items[i]))
            csv_field(&r->ex->csv,
                      r->variation ? (Str){0}
                                   : export_attribute(r->a, r->p, r->ex->use.defs.items[i].key));
    attribute_cells(r);
    csv_row_end(&r->ex->csv);
    r->ex->counts.rows++;
}

static void product(Export *ex, Arena *a, const CatalogProduct *p)
{
    Row r = {.ex = ex, .a = a, .p = p};
    if (p->options.n == 0) {
        r.v = &p->variants.items[0];
        row(&r);
        return;
    }
    row(&r);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 300);
    buf_addf(&b, "id:" STR_FMT, STR_ARG(id_of(&r)));
    r.parent = buf_str(&b);
    r.variation = true;
    for (size_t i = 0; i < p->variants.n; i++) {
        r.v = &p->variants.items[i];
        row(&r);
    }
}

const ExportFormat export_woocommerce = {.look = look, .header = header, .product = product};
