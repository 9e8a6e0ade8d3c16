#include "catalog/export.h"

#include "base/real.h"
#include "catalog/category.h"
#include "catalog/export_int.h"
#include "catalog/media.h"

#include <string.h>

enum { BATCH = 100, OUT_MAX = 256 << 20, OUT_CHUNK = 256 << 10 };

/* --- cells -------------------------------------------------------------------------------- */

void export_text(Export *ex, const char *text)
{
    csv_field(&ex->csv, str_from_cstr(text));
}

static void export_buf(Export *ex, const Buf *b)
{
    csv_field(&ex->csv, buf_str(b));
}

void export_i64(Export *ex, int64_t v)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)v);
    export_text(ex, text);
}

void export_opt(Export *ex, OptI64 v)
{
    if (v.has)
        export_i64(ex, v.v);
    else
        export_text(ex, "");
}

void export_real(Export *ex, double v)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64);
    real_add(&b, v);
    export_buf(ex, &b);
}

void export_bool(Export *ex, bool v)
{
    export_text(ex, v ? "TRUE" : "FALSE");
}

void export_money(Export *ex, Money m)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64);
    if (!money_absent(m))
        money_add_text(&b, m);
    export_buf(ex, &b);
}

void export_list(Export *ex, CatalogTexts texts)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, CSV_ROW_MAX);
    for (size_t i = 0; i < texts.n; i++) {
        if (i > 0)
            buf_add(&b, STR(", "));
        for (size_t k = 0; k < texts.items[i].len; k++) {
            if (texts.items[i].ptr[k] == ',')
                buf_addc(&b, '\\');
            buf_addc(&b, texts.items[i].ptr[k]);
        }
    }
    export_buf(ex, &b);
}

Str export_attribute(Arena *a, const CatalogProduct *p, Str key)
{
    const JsonValue *v;
    Err              err;
    for (size_t i = 0; i < p->attributes.n; i++) {
        const CatalogAttribute *at = &p->attributes.items[i];
        if (!str_eq(at->key, key))
            continue;
        if (json_parse(a, at->value, &v, &err) == ST_OK && v->type == JSON_STRING)
            return v->text;
        return at->value;
    }
    return (Str){0};
}

const CatalogPrice *export_price(const Export *ex, const CatalogVariant *v, int64_t list)
{
    for (size_t i = 0; i < v->prices.n; i++) {
        const CatalogPrice *p = &v->prices.items[i];
        if (p->list_id == list && p->min_qty == 1 && !p->starts_at.has &&
            str_eq(str_from_cstr(p->price.cur), ex->currency))
            return p;
    }
    return NULL;
}

Str export_picture(const Export *ex, Arena *a, const CatalogProduct *p, const CatalogMedia *m)
{
    if (m->url.len > 0 || m->hash.len == 0)
        return m->url;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4096);
    buf_add(&b, ex->options->origin);
    buf_add(&b, media_path(a, m->hash, p->handle));
    return str_dup(a, buf_str(&b));
}

/* --- two passes --------------------------------------------------------------------------- */

static Status out_flush(Export *ex, Cx *cx, bool last)
{
    if (buf_overflowed(&ex->out))
        return cx_fail(cx, ST_LIMIT, "catalog.export_too_big", "one product is too big");
    if (ex->out.len < OUT_CHUNK && !last)
        return ST_OK;
    TRY(ex->sink(ex->sink_arg, buf_str(&ex->out), &cx->err));
    buf_clear(&ex->out);
    return ST_OK;
}

static void look_channels(Export *ex, const CatalogProduct *p)
{
    CatalogTexts *list = &ex->use.channels;
    for (size_t i = 0; i < p->publications.n; i++) {
        Str  channel = p->publications.items[i].channel;
        bool known = str_eq(channel, STR("web"));
        for (size_t k = 0; k < list->n; k++)
            known = known || str_eq(list->items[k], channel);
        if (known)
            continue;
        Str *more = arena_array(ex->arena, Str, list->n + 1);
        if (list->n > 0)
            memcpy(more, list->items, list->n * sizeof *more);
        more[list->n] = str_dup(ex->arena, channel);
        *list = (CatalogTexts){more, list->n + 1};
    }
}

static void look_prices(Export *ex, const CatalogVariant *v)
{
    for (size_t i = 0; i < v->prices.n; i++) {
        const CatalogPrice *p = &v->prices.items[i];
        if (export_price(ex, v, p->list_id) != p) {
            ex->counts.prices_left++;
            continue;
        }
        for (size_t l = 0; l < ex->use.lists.n; l++)
            if (ex->use.lists.items[l].id == p->list_id)
                ex->use.in_lists[l] = true;
    }
}

static void look(Export *ex, const ExportFormat *format, const CatalogProduct *p)
{
    ExportUse *use = &ex->use;
    if (p->options.n > use->options)
        use->options = p->options.n;
    for (size_t i = 0; i < p->attributes.n; i++)
        for (size_t d = 0; d < use->defs.n; d++)
            if (str_eq(use->defs.items[d].key, p->attributes.items[i].key))
                use->attributes[d] = true;
    look_channels(ex, p);
    for (size_t i = 0; i < p->variants.n; i++)
        look_prices(ex, &p->variants.items[i]);
    ex->counts.products++;
    ex->counts.variants += (int64_t)p->variants.n;
    format->look(ex, p);
}

typedef struct Pass {
    Export             *ex;
    const ExportFormat *format;
    bool                writing;
    int64_t             done;
} Pass;

static Status categories_load(Cx *cx, const CatalogProducts *list, CatalogTexts *ret)
{
    int64_t ids[BATCH];
    for (size_t i = 0; i < list->n; i++)
        ids[i] = list->items[i].id;
    return categories_of(cx, ids, list->n, ret);
}

static Status products_each(Cx *cx, Pass *pass)
{
    CLEANUP(arena_done) Arena a;
    Arena                    *outer = cx->arena;
    int64_t                   after = 0;
    Status                    st = ST_OK;
    arena_init(&a, 256 << 10);
    cx->arena = &a;
    for (;;) {
        CatalogProducts list;
        CatalogTexts    categories[BATCH];
        st = catalog_products_after(cx, after, BATCH, CATALOG_WITH_ALL, &list);
        if (st == ST_OK)
            st = categories_load(cx, &list, categories);
        for (size_t i = 0; st == ST_OK && i < list.n; i++) {
            pass->ex->categories = categories[i];
            if (pass->writing)
                pass->format->product(pass->ex, &a, &list.items[i]);
            else
                look(pass->ex, pass->format, &list.items[i]);
            after = list.items[i].id;
            if (pass->writing)
                st = out_flush(pass->ex, cx, false);
        }
        pass->done += (int64_t)list.n;
        if (st != ST_OK || list.n == 0)
            break;
        if (pass->writing && pass->ex->options->watch != NULL)
            pass->ex->options->watch(pass->ex->options->watch_arg, pass->done,
                                     pass->ex->counts.products);
        arena_reset(&a);
    }
    cx->arena = outer;
    return st;
}

static Status export_all(Cx *cx, void *arg)
{
    Export             *ex = arg;
    ExportUse          *use = &ex->use;
    const ExportFormat *format =
        ex->options->format == IMPORT_WOOCOMMERCE ? &export_woocommerce : &export_shopify;
    TRY(catalog_attributes_of(cx, CATALOG_SCOPE_PRODUCT, &use->defs));
    TRY(catalog_price_lists(cx, &use->lists));
    use->attributes = arena_array(ex->arena, bool, use->defs.n + 1);
    use->in_lists = arena_array(ex->arena, bool, use->lists.n + 1);
    Pass pass = {.ex = ex, .format = format};
    TRY(products_each(cx, &pass));
    format->header(ex);
    pass = (Pass){.ex = ex, .format = format, .writing = true};
    TRY(products_each(cx, &pass));
    return out_flush(ex, cx, true);
}

Status catalog_export_products(Cx *cx, const ExportOptions *options, ExportSink *sink, void *arg,
                               ExportCounts *ret)
{
    Export ex = {.options = options,
                 .currency = options->currency,
                 .arena = cx->arena,
                 .sink = sink,
                 .sink_arg = arg};
    if (currency_find(options->currency) == NULL)
        return cx_fail(cx, ST_INVALID, "catalog.unknown_currency", "that is no currency");
    buf_init(&ex.out, OUT_MAX);
    ex.csv = (CsvWriter){.out = &ex.out, .guard = true};
    Status st = cx_in_snapshot(cx, export_all, &ex);
    buf_done(&ex.out);
    *ret = ex.counts;
    return st;
}
