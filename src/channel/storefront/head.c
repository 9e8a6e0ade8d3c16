/* {{ content_for_header }}: what the shop itself puts into the head of every page.
 *
 * Besides the theme's own style sheet and script these are the things by which a page is found:
 * canonical address, languages, description, Open Graph, feeds, structured data. What a theme
 * writes itself - a name in its files says so - is not written twice. */
#include "channel/storefront/offer.h"
#include "channel/storefront/render.h"
#include "channel/storefront/schema_org.h"
#include "channel/storefront/storefront_int.h"
#include "channel/storefront/theme_int.h"

#include <string.h>

enum { HEAD_MAX = 4 << 20 };

static void link_to(Buf *b, const char *before, Str url, const char *after)
{
    if (url.len == 0)
        return;
    buf_add(b, str_from_cstr(before));
    buf_add_html(b, url);
    buf_add(b, str_from_cstr(after));
}

/* --- what the theme does itself -------------------------------------------------------------- */

unsigned theme_says(const Theme *t)
{
    static const struct {
        const char *word;
        unsigned    what;
    } WORDS[] = {
        {"rel=\"canonical\"", THEME_SAYS_CANONICAL},
        {"hreflang", THEME_SAYS_LANGUAGES},
        {"name=\"description\"", THEME_SAYS_DESCRIPTION},
        {"og:title", THEME_SAYS_OPEN_GRAPH},
        {"structured_data", THEME_SAYS_PRODUCT},
        {"BreadcrumbList", THEME_SAYS_BREADCRUMBS},
        {"\"Organization\"", THEME_SAYS_ORGANIZATION},
        {"\"WebSite\"", THEME_SAYS_WEBSITE},
        {"application/atom+xml", THEME_SAYS_FEED},
    };
    unsigned says = 0;
    for (size_t i = 0; i < t->nfiles; i++) {
        if (!str_ends(t->files[i].path, STR(".liquid")))
            continue;
        for (size_t k = 0; k < COUNT_OF(WORDS); k++)
            if ((says & WORDS[k].what) == 0 &&
                str_find(t->files[i].bytes, str_from_cstr(WORDS[k].word)) != SIZE_MAX)
                says |= WORDS[k].what;
    }
    return says;
}

/* --- addresses and languages ----------------------------------------------------------------- */

static Str absolute(Visit *v, Str path)
{
    return offer_address(visit_arena(v), v->origin, path);
}

static Str canonical(Visit *v)
{
    Str path = visit_url(v, v->canonical);
    if (v->page_number > 1) /* each page of a list is its own */
        path = visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, STR_FMT "?page=%lld",
                          STR_ARG(path), (long long)v->page_number);
    return absolute(v, path);
}

static void add_languages(Visit *v, Buf *b)
{
    VisitWays ways;
    Str       root = v->root;
    visit_ways(v, &ways);
    if (ways.nlocales < 2)
        return;
    for (size_t i = 0; i < ways.nlocales; i++) {
        v->root = visit_root_for(v, ways.locales[i], v->currency);
        Str url = absolute(v, visit_url(v, v->canonical));
        link_to(b, "<link rel=\"alternate\" hreflang=\"", ways.locales[i], "\" href=\"");
        buf_add_html(b, url);
        buf_add(b, STR("\">"));
        if (i == 0)
            link_to(b, "<link rel=\"alternate\" hreflang=\"x-default\" href=\"", url, "\">");
    }
    v->root = root;
}

static void add_feeds(Visit *v, Buf *b)
{
    CatalogIds blogs = published_ids(v->view, PUBLISHED_BLOG);
    bool       here = str_eq(v->kind, STR("blog")) || str_eq(v->kind, STR("article"));
    for (size_t i = 0; here && i < blogs.n && i < 10; i++) {
        const PublishedBlog *blog = published_blog(v->view, blogs.items[i]);
        if (blog == NULL)
            continue;
        visit_note(v, PUBLISHED_BLOG, blog->blog.id);
        link_to(b, "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"",
                visit_text(v, blog->texts, blog->blog.id, STR("title"), blog->blog.title),
                "\" href=\"");
        buf_add_html(
            b, absolute(v, visit_urlf(v, "/blogs/" STR_FMT ".atom", STR_ARG(blog->blog.handle))));
        buf_add(b, STR("\">"));
    }
}

/* --- Open Graph ------------------------------------------------------------------------------ */

static void property(Buf *b, const char *name, Str value)
{
    if (value.len == 0)
        return;
    buf_addf(b, "<meta property=\"%s\" content=\"", name);
    buf_add_html(b, value);
    buf_add(b, STR("\">"));
}

/* In Open Graph's words. */
static const char *const AVAILABILITY[] = {
    [CATALOG_OUT_OF_STOCK] = "out of stock",
    [CATALOG_IN_STOCK] = "in stock",
    [CATALOG_BACKORDERED] = "backorder",
    [CATALOG_PREORDERED] = "preorder",
};

static void add_price(Visit *v, Buf *b)
{
    ProductObject *p = v->current_product != 0 ? product_object(v, v->current_product) : NULL;
    VariantObject *x = p != NULL ? product_selected(v, p) : NULL;
    if (x == NULL)
        return;
    Offer                 o = offer_of(visit_pricing(v), p->p, x->v, v->cx->now);
    CLEANUP(buf_done) Buf price = {0};
    buf_init(&price, 64);
    if (!o.priced)
        return;
    money_add_text(&price, o.price);
    property(b, "product:price:amount", buf_str(&price));
    property(b, "product:price:currency", str_from_cstr(o.price.cur));
    property(b, "product:availability", str_from_cstr(AVAILABILITY[o.availability]));
    if (o.comes_at.has) {
        property(b, "product:availability_date", clock_format(visit_arena(v), o.comes_at.v));
        visit_good_until(v, o.comes_at.v);
    }
}

static void add_open_graph(Visit *v, Buf *b)
{
    ImageObject image;
    bool        product = str_eq(v->kind, STR("product"));
    property(b, "og:site_name", v->shop->name);
    property(b, "og:type",
             product                           ? STR("product")
             : str_eq(v->kind, STR("article")) ? STR("article")
                                               : STR("website"));
    property(b, "og:title", v->title.len > 0 ? v->title : v->shop->name);
    property(b, "og:description", v->description);
    property(b, "og:url", canonical(v));
    property(b, "og:locale", v->tag);
    if (v->image.type != LIQUID_NIL && object_to_image(v, v->image, &image)) {
        property(b, "og:image", absolute(v, image_url(v, &image, 1200)));
        property(b, "og:image:alt", image.alt);
    }
    if (product)
        add_price(v, b);
    buf_add(b, STR("<meta name=\"twitter:card\" content=\"summary_large_image\">"));
}

/* --- structured data ------------------------------------------------------------------------- */

static void script(Visit *v, Buf *b, void (*write)(Visit *v, Buf *b))
{
    CLEANUP(buf_done) Buf json = {0};
    buf_init(&json, HEAD_MAX);
    buf_expect(&json, 4096);
    write(v, &json);
    if (buf_overflowed(&json))
        return;
    buf_add(b, STR("<script type=\"application/ld+json\">"));
    schema_org_add(b, buf_str(&json));
    buf_add(b, STR("</script>"));
}

static void write_product(Visit *v, Buf *b)
{
    schema_product(v, b, product_object(v, v->current_product));
}

static void write_article(Visit *v, Buf *b)
{
    Str blog, handle;
    str_cut(str_skip(v->path, 7), '/', &blog, &handle);
    const PublishedBlog *in = published_blog_by_handle(v->view, blog);
    schema_article(v, b, published_article_by_handle(v->view, in->blog.id, handle));
}

static bool is_article(Visit *v)
{
    Str blog, handle;
    if (!str_eq(v->kind, STR("article")) || !str_starts(v->path, STR("/blogs/")))
        return false;
    str_cut(str_skip(v->path, 7), '/', &blog, &handle);
    const PublishedBlog *in = published_blog_by_handle(v->view, blog);
    return in != NULL && published_article_by_handle(v->view, in->blog.id, handle) != NULL;
}

static void add_structured(Visit *v, Buf *b, unsigned says)
{
    bool home = str_eq(v->kind, STR("index"));
    if (home && (says & THEME_SAYS_ORGANIZATION) == 0)
        script(v, b, schema_organization);
    if (home && (says & THEME_SAYS_WEBSITE) == 0)
        script(v, b, schema_website);
    if (!home && (says & THEME_SAYS_BREADCRUMBS) == 0)
        script(v, b, schema_breadcrumbs);
    if (says & THEME_SAYS_PRODUCT)
        return;
    if (str_eq(v->kind, STR("product")) && v->current_product != 0 &&
        product_object(v, v->current_product) != NULL)
        script(v, b, write_product);
    else if (is_article(v))
        script(v, b, write_article);
}

/* --- all of it ------------------------------------------------------------------------------- */

static void add_found(Visit *v, Buf *b)
{
    unsigned says = v->theme->says;
    if ((says & THEME_SAYS_CANONICAL) == 0)
        link_to(b, "<link rel=\"canonical\" href=\"", canonical(v), "\">");
    if ((says & THEME_SAYS_LANGUAGES) == 0)
        add_languages(v, b);
    if ((says & THEME_SAYS_DESCRIPTION) == 0)
        link_to(b, "<meta name=\"description\" content=\"", v->description, "\">");
    if ((says & THEME_SAYS_OPEN_GRAPH) == 0)
        add_open_graph(v, b);
    if ((says & THEME_SAYS_FEED) == 0)
        add_feeds(v, b);
    add_structured(v, b, says);
}

LiquidValue head_content(Visit *v)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, HEAD_MAX);
    buf_expect(&b, 8192);
    link_to(&b, "<link rel=\"stylesheet\" href=\"", v->theme->css, "\">");
    link_to(&b, "<script defer src=\"", v->theme->js, "\"></script>");
    buf_add(&b, storefront_head(visit_arena(v)));
    buf_add(&b, STR("<script type=\"speculationrules\">" THEME_SPECULATION "</script>"));
    if (storefront_watches())
        buf_add(&b, STR("<script defer src=\"" RELOAD_SCRIPT "\"></script>"));
    if (!v->no_index && v->status == 200)
        add_found(v, &b);
    return liquid_html(str_dup(visit_arena(v), buf_str(&b)));
}
