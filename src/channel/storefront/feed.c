#include "channel/storefront/feed.h"

#include "base/id.h"
#include "base/utf8.h"
#include "channel/storefront/kept_file.h"
#include "channel/storefront/object.h"
#include "channel/storefront/offer.h"
#include "channel/storefront/storefront_int.h"
#include "text/html.h"

#include <stdarg.h>
#include <string.h>

enum {
    TITLE_MAX = 150,
    DESCRIPTION_MAX = 5000,
    BRAND_MAX = 70,
    TYPE_MAX = 750,
    IMAGES_MAX = 10,
    LINK_MAX = 2000,
    ROW_MAX = 256 << 10
};

/* The columns, in their order in the TSV. */
typedef enum Column {
    F_ID,
    F_TITLE,
    F_DESCRIPTION,
    F_LINK,
    F_IMAGE_LINK,
    F_ADDITIONAL_IMAGE_LINK,
    F_AVAILABILITY,
    F_AVAILABILITY_DATE,
    F_PRICE,
    F_SALE_PRICE,
    F_BRAND,
    F_GTIN,
    F_MPN,
    F_IDENTIFIER_EXISTS,
    F_CONDITION,
    F_ITEM_GROUP_ID,
    F_COLOR,
    F_SIZE,
    F_MATERIAL,
    F_PATTERN,
    F_PRODUCT_TYPE,
    F_GOOGLE_PRODUCT_CATEGORY,
    F_SHIPPING_WEIGHT,
    F_UNIT_PRICING_MEASURE,
    F_UNIT_PRICING_BASE_MEASURE,
    F_IS_BUNDLE,
    F_IS_ELIGIBLE_SEARCH,
    F_IS_ELIGIBLE_CHECKOUT,
    F_IS_ADS_ELIGIBLE,
    F_COLUMNS
} Column;

static const char *const NAMES[F_COLUMNS] = {"id",
                                             "title",
                                             "description",
                                             "link",
                                             "image_link",
                                             "additional_image_link",
                                             "availability",
                                             "availability_date",
                                             "price",
                                             "sale_price",
                                             "brand",
                                             "gtin",
                                             "mpn",
                                             "identifier_exists",
                                             "condition",
                                             "item_group_id",
                                             "color",
                                             "size",
                                             "material",
                                             "pattern",
                                             "product_type",
                                             "google_product_category",
                                             "shipping_weight",
                                             "unit_pricing_measure",
                                             "unit_pricing_base_measure",
                                             "is_bundle",
                                             "is_eligible_search",
                                             "is_eligible_checkout",
                                             "is_ads_eligible"};

typedef struct Feed {
    FILE                 *out;
    bool                  xml;
    const CatalogPricing *pricing;
    Buf                   b; /* of one row */
    Str                   cells[F_COLUMNS];
    Str                   images[IMAGES_MAX];
    size_t                nimages;
} Feed;

/* --- cells ----------------------------------------------------------------------------------- */

static Str address(Visit *v, Arena *a, Str path)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, LINK_MAX);
    offer_url(&b, v->origin, path);
    return buf_overflowed(&b) ? (Str){0} : str_dup(a, buf_str(&b));
}

/* "15.00 EUR" */
static Str price(Arena *a, Money m)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 64);
    money_add_text(&b, m);
    buf_addf(&b, " %s", m.cur);
    return str_dup(a, buf_str(&b));
}

static Str text_of(Visit *v, const PublishedProduct *p, const char *field, Str source)
{
    return visit_text(v, p->texts, p->product.id, str_from_cstr(field), source);
}

static Str option_text(Visit *v, const PublishedProduct *p, size_t i, Str name)
{
    CatalogOptionValues values = p->product.options.items[i].values;
    for (size_t k = 0; k < values.n; k++)
        if (str_eq(values.items[k].name, name))
            return visit_text(v, p->texts, values.items[k].id, STR("name"), name);
    return name;
}

static void fill_title(Visit *v, Cx *cx, Feed *f, const Offer *o)
{
    const CatalogProduct *x = &o->p->product;
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 65536);
    buf_add(&b, text_of(v, o->p, "title", x->title));
    for (size_t i = 0; i < o->v->options.n && i < x->options.n; i++) {
        buf_add(&b, i == 0 ? STR(" - ") : STR(" / "));
        buf_add(&b, option_text(v, o->p, i, o->v->options.items[i]));
    }
    f->cells[F_TITLE] = utf8_truncate(str_dup(cx->arena, buf_str(&b)), TITLE_MAX);
    Str html = text_of(v, o->p, "description", published_safe(x->description, x->description_safe));
    Str plain =
        utf8_truncate(html_text(cx->arena, html, (size_t)DESCRIPTION_MAX * 4), DESCRIPTION_MAX);
    f->cells[F_DESCRIPTION] = plain.len > 0 ? plain : f->cells[F_TITLE];
}

static void fill_options(Visit *v, Feed *f, const Offer *o)
{
    static const struct {
        const char *is;
        Column      column;
    } COLUMNS[] = {
        {"color", F_COLOR}, {"size", F_SIZE}, {"material", F_MATERIAL}, {"pattern", F_PATTERN}};
    CatalogOptions options = o->p->product.options;
    for (size_t i = 0; i < options.n && i < o->v->options.n; i++) {
        const char *is = offer_option(options.items[i].name);
        for (size_t k = 0; is != NULL && k < COUNT_OF(COLUMNS); k++)
            if (strcmp(is, COLUMNS[k].is) == 0)
                f->cells[COLUMNS[k].column] = option_text(v, o->p, i, o->v->options.items[i]);
    }
}

static Str format_in(Arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
static Str format_in(Arena *a, const char *fmt, ...)
{
    char    room[256];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(room, sizeof room, fmt, args);
    va_end(args);
    return n > 0 && (size_t)n < sizeof room ? str_dup(a, (Str){room, (size_t)n}) : (Str){0};
}

static void fill_measures(Cx *cx, Feed *f, const CatalogVariant *x)
{
    if (x->weight_g.has && x->weight_g.v > 0 && x->requires_shipping)
        f->cells[F_SHIPPING_WEIGHT] = format_in(cx->arena, "%lld g", (long long)x->weight_g.v);
    if (x->measure == NULL)
        return;
    f->cells[F_UNIT_PRICING_MEASURE] =
        format_in(cx->arena, "%g " STR_FMT, x->measure->value, STR_ARG(x->measure->unit));
    f->cells[F_UNIT_PRICING_BASE_MEASURE] =
        format_in(cx->arena, "%g " STR_FMT, x->measure->base_value, STR_ARG(x->measure->base_unit));
}

static void fill_offer(Cx *cx, Feed *f, const Offer *o)
{
    bool sale = !money_absent(o->compare_at);
    bool identified = o->gtin.len > 0 || (o->v->mpn.len > 0 && o->p->product.vendor.len > 0);
    f->cells[F_AVAILABILITY] = str_from_cstr(catalog_availability_names[o->availability]);
    if (o->comes_at.has)
        f->cells[F_AVAILABILITY_DATE] = clock_format(cx->arena, o->comes_at.v);
    f->cells[F_PRICE] = price(cx->arena, sale ? o->compare_at : o->price);
    f->cells[F_SALE_PRICE] = sale ? price(cx->arena, o->price) : (Str){0};
    f->cells[F_GTIN] = o->gtin;
    f->cells[F_MPN] = utf8_truncate(o->v->mpn, BRAND_MAX);
    f->cells[F_IDENTIFIER_EXISTS] = identified ? STR("yes") : STR("no");
    f->cells[F_CONDITION] = STR("new");
}

static void fill_images(Visit *v, Cx *cx, Feed *f, const Offer *o)
{
    CatalogMediaList media = o->p->product.media;
    f->nimages = 0;
    f->cells[F_IMAGE_LINK] = address(v, cx->arena, o->image_path);
    for (size_t i = 0; i < media.n && f->nimages < IMAGES_MAX; i++) {
        Str path = o->p->media[i].path.len > 0 ? o->p->media[i].path : media.items[i].url;
        if (media.items[i].kind != CATALOG_IMAGE || path.len == 0 || str_eq(path, o->image_path))
            continue;
        Str url = address(v, cx->arena, path);
        if (url.len > 0 && memchr(url.ptr, ',', url.len) == NULL)
            f->images[f->nimages++] = url;
    }
}

static void fill(Visit *v, Cx *cx, Feed *f, const Offer *o)
{
    const CatalogProduct *x = &o->p->product;
    Str                   id = id_format(cx->arena, CATALOG_VARIANT_ID, o->v->id);
    memset(f->cells, 0, sizeof f->cells);
    f->cells[F_ID] = id;
    fill_title(v, cx, f, o);
    fill_images(v, cx, f, o);
    fill_offer(cx, f, o);
    fill_options(v, f, o);
    fill_measures(cx, f, o->v);
    Str query =
        x->variants.n > 1 ? format_in(cx->arena, "?variant=" STR_FMT, STR_ARG(id)) : STR("");
    size_t room = v->root.len + x->handle.len + query.len + 16;
    char  *path = arena_array(cx->arena, char, room);
    int    n = snprintf(path, room, STR_FMT "/products/" STR_FMT STR_FMT, STR_ARG(v->root),
                        STR_ARG(x->handle), STR_ARG(query));
    f->cells[F_LINK] = address(v, cx->arena, (Str){path, (size_t)n});
    f->cells[F_BRAND] = utf8_truncate(x->vendor.len > 0 ? x->vendor : v->shop->name, BRAND_MAX);
    if (x->variants.n > 1)
        f->cells[F_ITEM_GROUP_ID] = id_format(cx->arena, CATALOG_PRODUCT_ID, x->id);
    f->cells[F_PRODUCT_TYPE] = utf8_truncate(x->type, TYPE_MAX);
    f->cells[F_GOOGLE_PRODUCT_CATEGORY] = utf8_truncate(x->category, TYPE_MAX);
    f->cells[F_IS_BUNDLE] = x->kind == CATALOG_BUNDLE ? STR("yes") : (Str){0};
    f->cells[F_IS_ELIGIBLE_SEARCH] = STR("true");
    f->cells[F_IS_ELIGIBLE_CHECKOUT] = STR("false"); /* agents hand over to our own checkout */
    f->cells[F_IS_ADS_ELIGIBLE] = STR("true");
}

/* --- rows ------------------------------------------------------------------------------------ */

/* XML 1.0 has no control characters. */
static void add_xml(Buf *b, Str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        buf_add_html(b, (Str){s.ptr + from, i - from});
        from = i + 1;
    }
    buf_add_html(b, str_skip(s, from));
}

static void add_element(Buf *b, const char *name, Str value)
{
    buf_addf(b, "<g:%s>", name);
    add_xml(b, value);
    buf_addf(b, "</g:%s>", name);
}

static void row_xml(Feed *f)
{
    buf_add(&f->b, STR("<item>"));
    for (int i = 0; i < F_COLUMNS; i++)
        if (f->cells[i].len > 0)
            add_element(&f->b, NAMES[i], f->cells[i]);
    for (size_t i = 0; i < f->nimages; i++)
        add_element(&f->b, NAMES[F_ADDITIONAL_IMAGE_LINK], f->images[i]);
    buf_add(&f->b, STR("</item>\n"));
}

static void add_cell(Buf *b, Str s)
{
    for (size_t i = 0; i < s.len; i++)
        buf_addc(b, (unsigned char)s.ptr[i] < ' ' ? ' ' : s.ptr[i]);
}

static void row_tsv(Feed *f)
{
    for (int i = 0; i < F_COLUMNS; i++) {
        if (i > 0)
            buf_addc(&f->b, '\t');
        for (size_t k = 0; i == F_ADDITIONAL_IMAGE_LINK && k < f->nimages; k++) {
            if (k > 0)
                buf_addc(&f->b, ',');
            add_cell(&f->b, f->images[k]);
        }
        add_cell(&f->b, f->cells[i]);
    }
    buf_addc(&f->b, '\n');
}

/* A price that ends, a day on which it comes: the feed is another then. */
static void note_until(Visit *v, const Offer *o)
{
    if (o->ends_at.has)
        visit_good_until(v, o->ends_at.v);
    if (o->comes_at.has)
        visit_good_until(v, o->comes_at.v);
}

static Status product_rows(Visit *v, Cx *cx, const PublishedProduct *p, void *arg)
{
    Feed *f = arg;
    for (size_t i = 0; i < p->product.variants.n; i++) {
        Offer o = offer_of(f->pricing, p, &p->product.variants.items[i], v->cx->now);
        if (!o.priced || o.price.minor <= 0 || o.image_path.len == 0)
            continue; /* these are required */
        note_until(v, &o);
        buf_clear(&f->b);
        fill(v, cx, f, &o);
        if (f->xml)
            row_xml(f);
        else
            row_tsv(f);
        if (!buf_overflowed(&f->b))
            (void)fwrite(f->b.ptr, 1, f->b.len, f->out);
    }
    return ST_OK;
}

static void begin_xml(Visit *v, Feed *f)
{
    buf_clear(&f->b);
    buf_add(&f->b, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" "
                       "xmlns:g=\"http://base.google.com/ns/1.0\">\n<channel>\n<title>"));
    add_xml(&f->b, v->shop->name);
    buf_add(&f->b, STR("</title>\n<link>"));
    add_xml(&f->b, v->origin);
    buf_add(&f->b, STR("</link>\n<description>"));
    add_xml(&f->b, v->site->description.len > 0 ? v->site->description : v->shop->name);
    buf_add(&f->b, STR("</description>\n"));
    (void)fwrite(f->b.ptr, 1, f->b.len, f->out);
}

static Status write_feed(Visit *v, FILE *out, bool xml)
{
    Feed f = {.out = out, .xml = xml, .pricing = visit_pricing(v)};
    buf_init(&f.b, ROW_MAX);
    if (xml) {
        begin_xml(v, &f);
    } else {
        for (int i = 0; i < F_COLUMNS; i++)
            (void)fprintf(out, "%s%s", i > 0 ? "\t" : "", NAMES[i]);
        (void)fputc('\n', out);
    }
    Status st = kept_each_product(v, 0, INT64_MAX, product_rows, &f);
    if (xml)
        (void)fputs("</channel>\n</rss>\n", out);
    buf_done(&f.b);
    return st;
}

static Status write_xml(Visit *v, FILE *out, int64_t part)
{
    (void)part;
    return write_feed(v, out, true);
}

static Status write_tsv(Visit *v, FILE *out, int64_t part)
{
    (void)part;
    return write_feed(v, out, false);
}

static Status reply(Cx *cx, const HttpReq *rq, HttpResp *rs, bool xml)
{
    Visit v;
    TRY(storefront_visit(cx, rq, &v));
    bool foreign = rq->nparams > 0 && v.root.len == 0; /* "/nonsense/feeds/…" */
    if (v.site->closed || foreign)
        return cx_fail(cx, ST_NOT_FOUND, "storefront.no_page", "there is no page at this address");
    return xml ? kept_file_reply(&v, rs, "feed-xml", 0, "application/xml", write_xml)
               : kept_file_reply(&v, rs, "feed-tsv", 0, "text/tab-separated-values; charset=utf-8",
                                 write_tsv);
}

Status feed_xml(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply(cx, rq, rs, true);
}

Status feed_tsv(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return reply(cx, rq, rs, false);
}
