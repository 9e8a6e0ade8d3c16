#include "channel/storefront/schema_org.h"

#include "base/id.h"
#include "channel/storefront/offer.h"
#include "text/html.h"

#include <string.h>

enum { DESCRIPTION_MAX = 5000, IMAGES_MAX = 10 };

/* --- shared ---------------------------------------------------------------------------------- */

static Str address(Visit *v, Str path)
{
    return offer_address(visit_arena(v), v->origin, path);
}

static Json begin(Buf *b, const char *type)
{
    Json j = json_begin(b);
    json_obj(&j, NULL);
    json_str(&j, "@context", STR("https://schema.org"));
    json_str(&j, "@type", str_from_cstr(type));
    return j;
}

static void put(Json *j, const char *key, Str value)
{
    if (value.len > 0)
        json_str(j, key, value);
}

static void put_named(Json *j, const char *key, const char *type, Str name)
{
    if (name.len == 0)
        return;
    json_obj(j, key);
    json_str(j, "@type", str_from_cstr(type));
    json_str(j, "name", name);
    json_end(j);
}

static void put_price(Json *j, Arena *a, const char *key, Money m)
{
    CLEANUP(buf_done) Buf b = {0};
    (void)a;
    buf_init(&b, 64);
    money_add_text(&b, m);
    json_str(j, key, buf_str(&b));
}

/* --- products -------------------------------------------------------------------------------- */

static void put_images(Visit *v, Json *j, const PublishedProduct *p, Str first)
{
    size_t n = 0;
    json_arr(j, "image");
    if (first.len > 0)
        json_str(j, NULL, address(v, first));
    for (size_t i = 0; i < p->product.media.n && n < IMAGES_MAX; i++) {
        Str path = p->media[i].path.len > 0 ? p->media[i].path : p->product.media.items[i].url;
        if (p->product.media.items[i].kind != CATALOG_IMAGE || path.len == 0 ||
            (first.len > 0 && str_eq(path, first)))
            continue;
        json_str(j, NULL, address(v, path));
        n++;
    }
    json_end(j);
}

static const char *const AVAILABILITY[] = {
    [CATALOG_OUT_OF_STOCK] = "https://schema.org/OutOfStock",
    [CATALOG_IN_STOCK] = "https://schema.org/InStock",
    [CATALOG_BACKORDERED] = "https://schema.org/BackOrder",
    [CATALOG_PREORDERED] = "https://schema.org/PreOrder",
};

static void put_offer(Visit *v, Json *j, const Offer *o, Str url)
{
    if (!o->priced)
        return;
    json_obj(j, "offers");
    json_str(j, "@type", STR("Offer"));
    json_str(j, "url", address(v, url));
    put_price(j, visit_arena(v), "price", o->price);
    json_str(j, "priceCurrency", str_from_cstr(o->price.cur));
    json_str(j, "availability", str_from_cstr(AVAILABILITY[o->availability]));
    if (o->comes_at.has) {
        json_str(j, "availabilityStarts", clock_format(visit_arena(v), o->comes_at.v));
        visit_good_until(v, o->comes_at.v);
    }
    json_str(j, "itemCondition", STR("https://schema.org/NewCondition"));
    if (o->ends_at.has)
        json_str(j, "priceValidUntil", clock_format(visit_arena(v), o->ends_at.v));
    if (!money_absent(o->compare_at)) {
        json_obj(j, "priceSpecification");
        json_str(j, "@type", STR("UnitPriceSpecification"));
        json_str(j, "priceType", STR("https://schema.org/StrikethroughPrice"));
        put_price(j, visit_arena(v), "price", o->compare_at);
        json_str(j, "priceCurrency", str_from_cstr(o->compare_at.cur));
        json_end(j);
    }
    put_named(j, "seller", "Organization", v->shop->name);
    json_end(j);
}

static void put_weight(Json *j, const CatalogVariant *x)
{
    if (!x->weight_g.has || x->weight_g.v == 0)
        return;
    json_obj(j, "weight");
    json_str(j, "@type", STR("QuantitativeValue"));
    json_i64(j, "value", x->weight_g.v);
    json_str(j, "unitCode", STR("GRM"));
    json_end(j);
}

static void put_identity(Visit *v, Json *j, const Offer *o)
{
    json_str(j, "productID", id_format(visit_arena(v), CATALOG_VARIANT_ID, o->v->id));
    put(j, "sku", o->v->sku);
    put(j, "mpn", o->v->mpn);
    put(j, "gtin", o->gtin);
    put_weight(j, o->v);
}

/* The value of option `i` in the visitor's language. */
static Str option_text(Visit *v, const PublishedProduct *p, size_t i, Str name)
{
    CatalogOptionValues values = p->product.options.items[i].values;
    for (size_t k = 0; k < values.n; k++)
        if (str_eq(values.items[k].name, name))
            return visit_text(v, p->texts, values.items[k].id, STR("name"), name);
    return name;
}

/* What the options of a product are called by schema.org; NULL: nothing. */
typedef struct OptionWords {
    const char *is[CATALOG_OPTIONS_MAX];
} OptionWords;

static OptionWords words_of(const CatalogProduct *p)
{
    OptionWords words = {{NULL}};
    for (size_t i = 0; i < p->options.n && i < CATALOG_OPTIONS_MAX; i++)
        words.is[i] = offer_option(p->options.items[i].name);
    return words;
}

static void put_options(Visit *v, Json *j, const Offer *o, const OptionWords *words)
{
    CatalogOptions options = o->p->product.options;
    bool           others = false;
    if (options.n > CATALOG_OPTIONS_MAX)
        options.n = CATALOG_OPTIONS_MAX;
    for (size_t i = 0; i < options.n && i < o->v->options.n; i++) {
        const char *is = words->is[i];
        Str         text = option_text(v, o->p, i, o->v->options.items[i]);
        if (is != NULL)
            json_str(j, is, text);
        others |= is == NULL;
    }
    if (!others)
        return;
    json_arr(j, "additionalProperty");
    for (size_t i = 0; i < options.n && i < o->v->options.n; i++) {
        if (words->is[i] != NULL)
            continue;
        json_obj(j, NULL);
        json_str(j, "@type", STR("PropertyValue"));
        json_str(
            j, "name",
            visit_text(v, o->p->texts, options.items[i].id, STR("name"), options.items[i].name));
        json_str(j, "value", option_text(v, o->p, i, o->v->options.items[i]));
        json_end(j);
    }
    json_end(j);
}

static Str variant_url(Visit *v, Str url, const CatalogVariant *x)
{
    return visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, STR_FMT "?variant=" STR_FMT,
                      STR_ARG(url), STR_ARG(id_format(visit_arena(v), CATALOG_VARIANT_ID, x->id)));
}

static void put_variant(Visit *v, Json *j, ProductObject *p, const CatalogVariant *x, Str url,
                        const OptionWords *words)
{
    Offer                 o = offer_of(visit_pricing(v), p->p, x, v->cx->now);
    CLEANUP(buf_done) Buf name = {0};
    buf_init(&name, 16384);
    buf_add(&name, product_title(v, p));
    for (size_t i = 0; i < x->options.n && i < p->p->product.options.n; i++) {
        buf_add(&name, i == 0 ? STR(" - ") : STR(" / "));
        buf_add(&name, option_text(v, p->p, i, x->options.items[i]));
    }
    json_obj(j, NULL);
    json_str(j, "@type", STR("Product"));
    json_str(j, "name", buf_str(&name));
    if (o.image_path.len > 0)
        json_str(j, "image", address(v, o.image_path));
    put_identity(v, j, &o);
    put_options(v, j, &o, words);
    put_offer(v, j, &o, variant_url(v, url, x));
    json_end(j);
}

static void put_group(Visit *v, Json *j, ProductObject *p, Str url)
{
    const CatalogProduct *x = &p->p->product;
    const OptionWords     words = words_of(x);
    json_str(j, "productGroupID", id_format(visit_arena(v), CATALOG_PRODUCT_ID, x->id));
    json_arr(j, "variesBy");
    for (size_t i = 0; i < x->options.n && i < CATALOG_OPTIONS_MAX; i++) {
        const char *is = words.is[i];
        json_str(j, NULL,
                 is != NULL ? visit_urlf(&(Visit){.cx = v->cx, .root = STR("")},
                                         "https://schema.org/%s", is)
                            : x->options.items[i].name);
    }
    json_end(j);
    json_arr(j, "hasVariant");
    for (size_t i = 0; i < x->variants.n && i < SCHEMA_VARIANTS_MAX; i++)
        put_variant(v, j, p, &x->variants.items[i], url, &words);
    json_end(j);
}

void schema_product(Visit *v, Buf *b, ProductObject *p)
{
    const CatalogProduct *x = &p->p->product;
    Str within = p->within, html = published_safe(x->description, x->description_safe);
    p->within = STR(""); /* one address, whatever collection it was found in */
    Str url = product_url(v, p);
    p->within = within;
    bool group = x->variants.n > 1;
    visit_note(v, PUBLISHED_PRODUCT, x->id);
    Json j = begin(b, group ? "ProductGroup" : "Product");
    json_str(&j, "name", product_title(v, p));
    put(&j, "description",
        html_text(visit_arena(v), visit_text(v, p->p->texts, x->id, STR("description"), html),
                  DESCRIPTION_MAX));
    json_str(&j, "url", address(v, url));
    put_named(&j, "brand", "Brand", x->vendor);
    put(&j, "category", x->type);
    if (group) {
        put_images(v, &j, p->p, STR(""));
        put_group(v, &j, p, url);
    } else if (x->variants.n == 1) {
        Offer o = offer_of(visit_pricing(v), p->p, &x->variants.items[0], v->cx->now);
        put_images(v, &j, p->p, o.image_path);
        put_identity(v, &j, &o);
        put_offer(v, &j, &o, url);
    }
    json_end(&j);
}

/* --- articles -------------------------------------------------------------------------------- */

void schema_article(Visit *v, Buf *b, const PublishedArticle *a)
{
    const CatalogArticle *x = &a->article;
    Json                  j = begin(b, "Article");
    visit_note(v, PUBLISHED_ARTICLE, x->id);
    json_str(&j, "headline", visit_text(v, a->texts, x->id, STR("title"), x->title));
    put(&j, "description", v->description);
    json_str(&j, "url", address(v, visit_url(v, v->canonical)));
    json_str(&j, "mainEntityOfPage", address(v, visit_url(v, v->canonical)));
    if (x->published_at.has)
        json_str(&j, "datePublished", clock_format(visit_arena(v), x->published_at.v));
    json_str(&j, "dateModified", clock_format(visit_arena(v), x->updated_at));
    put_named(&j, "author", "Person", x->author);
    put_named(&j, "publisher", "Organization", v->shop->name);
    if (x->media.n > 0 && a->media[0].path.len > 0)
        json_str(&j, "image", address(v, a->media[0].path));
    json_str(&j, "inLanguage", v->tag);
    json_end(&j);
}

/* --- where it is ----------------------------------------------------------------------------- */

typedef struct Crumbs {
    Json    j;
    int64_t n;
} Crumbs;

static void crumb(Visit *v, Crumbs *c, Str name, Str path)
{
    json_obj(&c->j, NULL);
    json_str(&c->j, "@type", STR("ListItem"));
    json_i64(&c->j, "position", ++c->n);
    json_str(&c->j, "name", name);
    json_str(&c->j, "item", address(v, visit_url(v, path)));
    json_end(&c->j);
}

/* Products hang below the first collection that shows them, articles below their blog. */
static void crumbs_above(Visit *v, Crumbs *c)
{
    const PublishedProduct *p = NULL;
    Str                     second, rest;
    if (str_eq(v->kind, STR("product")) && v->current_product != 0 &&
        published_product(v->cx, v->view, v->current_product, &p) == ST_OK &&
        p->collections.n > 0) {
        const PublishedCollection *in = published_collection(v->view, p->collections.items[0]);
        if (in == NULL)
            return;
        visit_note(v, PUBLISHED_COLLECTION, in->collection.id);
        crumb(v, c, visit_text(v, in->texts, in->collection.id, STR("title"), in->collection.title),
              visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, "/collections/" STR_FMT,
                         STR_ARG(in->collection.handle)));
    }
    if (!str_eq(v->kind, STR("article")) || !str_starts(v->path, STR("/blogs/")))
        return;
    str_cut(str_skip(v->path, 7), '/', &second, &rest);
    const PublishedBlog *blog = published_blog_by_handle(v->view, second);
    if (blog == NULL)
        return;
    visit_note(v, PUBLISHED_BLOG, blog->blog.id);
    crumb(v, c, visit_text(v, blog->texts, blog->blog.id, STR("title"), blog->blog.title),
          visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, "/blogs/" STR_FMT, STR_ARG(second)));
}

void schema_breadcrumbs(Visit *v, Buf *b)
{
    Crumbs c = {.j = begin(b, "BreadcrumbList")};
    json_arr(&c.j, "itemListElement");
    crumb(v, &c, v->shop->name, STR("/"));
    crumbs_above(v, &c);
    crumb(v, &c, v->title.len > 0 ? v->title : v->path, v->canonical);
    json_end(&c.j);
    json_end(&c.j);
}

/* --- who it is ------------------------------------------------------------------------------- */

void schema_organization(Visit *v, Buf *b)
{
    Json j = begin(b, "Organization");
    json_str(&j, "@id", address(v, STR("/#organization")));
    json_str(&j, "name", v->shop->name);
    json_str(&j, "url", address(v, STR("/")));
    put(&j, "description", v->site->description);
    if (published_policy(v->view, CATALOG_RETURNS) != NULL) {
        visit_note(v, PUBLISHED_POLICY, CATALOG_RETURNS + 1);
        json_obj(&j, "hasMerchantReturnPolicy");
        json_str(&j, "@type", STR("MerchantReturnPolicy"));
        json_str(
            &j, "merchantReturnLink",
            address(v, visit_urlf(v, "/policies/%s", catalog_policy_kind_names[CATALOG_RETURNS])));
        json_end(&j);
    }
    json_end(&j);
}

void schema_website(Visit *v, Buf *b)
{
    CLEANUP(buf_done) Buf target = {0};
    buf_init(&target, 8192);
    offer_url(&target, v->origin, visit_url(v, STR("/search?q=")));
    buf_add(&target, STR("{search_term_string}"));
    Json j = begin(b, "WebSite");
    json_str(&j, "name", v->shop->name);
    json_str(&j, "url", address(v, visit_url(v, STR("/"))));
    json_str(&j, "inLanguage", v->tag);
    json_obj(&j, "potentialAction");
    json_str(&j, "@type", STR("SearchAction"));
    json_obj(&j, "target");
    json_str(&j, "@type", STR("EntryPoint"));
    json_str(&j, "urlTemplate", buf_str(&target));
    json_end(&j);
    json_str(&j, "query-input", STR("required name=search_term_string"));
    json_end(&j);
    json_end(&j);
}

/* --- into a page ----------------------------------------------------------------------------- */

void schema_org_add(Buf *b, Str json)
{
    const char *p = json.ptr, *end = p + json.len;
    while (p < end) {
        const char *quote = memchr(p, '\'', (size_t)(end - p));
        const char *to = quote != NULL ? quote : end;
        buf_add(b, (Str){p, (size_t)(to - p)});
        if (quote != NULL)
            buf_add(b, STR("\\u0027"));
        p = to + (quote != NULL);
    }
}
