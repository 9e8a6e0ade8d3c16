#include "channel/storefront/sitemap.h"

#include "channel/storefront/kept_file.h"
#include "channel/storefront/offer.h"
#include "channel/storefront/storefront_int.h"
#include "text/html.h"

#include <string.h>

enum { URLS_MAX = 50000, IMAGES_MAX = 10, ENTRY_MAX = 1 << 20 };
#define FILE_BYTES (INT64_C(40) << 20) /* of 50 MB that are allowed: estimates may be wrong */

typedef struct SiteFile { /* a file being written */
    FILE     *out;
    Buf       b;
    VisitWays ways;
} SiteFile;

static const char HEAD[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
                           "xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\" "
                           "xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n";

/* --- one address ----------------------------------------------------------------------------- */

static void add_address(Visit *v, Buf *b, Str root, Str path)
{
    CLEANUP(buf_done) Buf url = {0};
    buf_init(&url, 16384);
    offer_url(&url, v->origin, root.len > 0 || !str_eq(path, STR("/")) ? root : STR(""));
    if (!(root.len > 0 && str_eq(path, STR("/"))))
        offer_url(&url, STR(""), path);
    buf_add_html(b, buf_str(&url));
}

static void add_languages(Visit *v, SiteFile *f, Str path)
{
    for (size_t i = 0; f->ways.nlocales > 1 && i <= f->ways.nlocales; i++) {
        bool other = i == f->ways.nlocales; /* for who reads none of them: the shop's own */
        Str  tag = other ? STR("x-default") : f->ways.locales[i];
        Str  root = visit_root_for(v, f->ways.locales[other ? 0 : i], v->shop->currency);
        buf_addf(&f->b, "<xhtml:link rel=\"alternate\" hreflang=\"" STR_FMT "\" href=\"",
                 STR_ARG(tag));
        add_address(v, &f->b, root, path);
        buf_add(&f->b, STR("\"/>"));
    }
}

static void add_images(Visit *v, SiteFile *f, CatalogMediaList media,
                       const PublishedMedia *published)
{
    size_t n = 0;
    for (size_t i = 0; i < media.n && n < IMAGES_MAX; i++) {
        Str path = published[i].path.len > 0 ? published[i].path : media.items[i].url;
        if (media.items[i].kind != CATALOG_IMAGE || path.len == 0)
            continue;
        CLEANUP(buf_done) Buf url = {0};
        buf_init(&url, 16384);
        offer_url(&url, v->origin, path);
        buf_add(&f->b, STR("<image:image><image:loc>"));
        buf_add_html(&f->b, buf_str(&url));
        buf_add(&f->b, STR("</image:loc></image:image>"));
        n++;
    }
}

typedef struct Entry {
    Str                   path; /* "/products/x" */
    OptTime               changed;
    CatalogMediaList      media;
    const PublishedMedia *published;
} Entry;

/* Once for each language. */
static void add_entry(Visit *v, SiteFile *f, const Entry *e)
{
    for (size_t i = 0; i < f->ways.nlocales; i++) {
        buf_clear(&f->b);
        buf_add(&f->b, STR("<url><loc>"));
        add_address(v, &f->b, visit_root_for(v, f->ways.locales[i], v->shop->currency), e->path);
        buf_add(&f->b, STR("</loc>"));
        if (e->changed.has) {
            buf_add(&f->b, STR("<lastmod>"));
            clock_add(&f->b, e->changed.v);
            buf_add(&f->b, STR("</lastmod>"));
        }
        add_languages(v, f, e->path);
        add_images(v, f, e->media, e->published);
        buf_add(&f->b, STR("</url>\n"));
        if (!buf_overflowed(&f->b))
            (void)fwrite(f->b.ptr, 1, f->b.len, f->out);
    }
}

static Str path_of(Arena *a, const char *before, Str handle)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 4096);
    buf_addf(&b, "%s" STR_FMT, before, STR_ARG(handle));
    return str_dup(a, buf_str(&b));
}

/* --- products -------------------------------------------------------------------------------- */

/* How many products a file holds, so that neither limit is passed. */
static int64_t per_file(const VisitWays *ways)
{
    int64_t n = (int64_t)ways->nlocales;
    int64_t bytes = n * (300 + (n > 1 ? (n + 1) * 200 : 0) + 400); /* of one product, roughly */
    int64_t by_size = FILE_BYTES / bytes, by_count = URLS_MAX / n;
    return by_size < by_count ? by_size : by_count;
}

static Status product_entry(Visit *v, Cx *cx, const PublishedProduct *p, void *arg)
{
    Entry e = {.path = path_of(cx->arena, "/products/", p->product.handle),
               .changed = opt_time(p->product.updated_at),
               .media = p->product.media,
               .published = p->media};
    add_entry(v, arg, &e);
    return ST_OK;
}

static void begin(Visit *v, SiteFile *f, FILE *out)
{
    *f = (SiteFile){.out = out};
    buf_init(&f->b, ENTRY_MAX);
    visit_ways(v, &f->ways);
    (void)fputs(HEAD, out);
}

static void end(SiteFile *f)
{
    (void)fputs("</urlset>\n", f->out);
    buf_done(&f->b);
}

static Status write_products(Visit *v, FILE *out, int64_t part)
{
    SiteFile f;
    begin(v, &f, out);
    int64_t n = per_file(&f.ways);
    Status  st = kept_each_product(v, (part - 1) * n, n, product_entry, &f);
    end(&f);
    return st;
}

/* --- all else -------------------------------------------------------------------------------- */

static void collection_entries(Visit *v, SiteFile *f)
{
    CatalogIds ids = published_ids(v->view, PUBLISHED_COLLECTION);
    for (size_t i = 0; i < ids.n; i++) {
        const PublishedCollection *c = published_collection(v->view, ids.items[i]);
        bool                       shown = false;
        for (size_t k = 0; c != NULL && k < c->collection.publications.n; k++) {
            const CatalogPublication *p = &c->collection.publications.items[k];
            shown |= str_eq(p->channel, STR(PUBLISHED_CHANNEL)) &&
                     catalog_shown(p->published_at, p->unpublish_at, v->cx->now);
        }
        if (!shown)
            continue;
        Entry e = {.path = path_of(visit_arena(v), "/collections/", c->collection.handle),
                   .changed = opt_time(c->collection.updated_at),
                   .media = c->collection.media,
                   .published = c->media};
        add_entry(v, f, &e);
    }
}

static void page_entries(Visit *v, SiteFile *f)
{
    CatalogIds ids = published_ids(v->view, PUBLISHED_PAGE);
    add_entry(v, f, &(Entry){.path = STR("/")});
    for (size_t i = 0; i < ids.n; i++) {
        const PublishedPage *p = published_page(v->view, ids.items[i]);
        if (p == NULL || !catalog_shown(p->page.published_at, p->page.unpublish_at, v->cx->now))
            continue;
        add_entry(v, f,
                  &(Entry){.path = path_of(visit_arena(v), "/pages/", p->page.handle),
                           .changed = opt_time(p->page.updated_at)});
    }
    for (int i = 0; catalog_policy_kind_names[i] != NULL; i++) {
        const PublishedPolicy *p = published_policy(v->view, i);
        if (p != NULL)
            add_entry(v, f,
                      &(Entry){.path = path_of(visit_arena(v), "/policies/",
                                               str_from_cstr(catalog_policy_kind_names[i])),
                               .changed = opt_time(p->policy.created_at)});
    }
}

static void article_entries(Visit *v, SiteFile *f, const PublishedBlog *blog)
{
    Str before = path_of(visit_arena(v), "/blogs/", blog->blog.handle);
    add_entry(v, f, &(Entry){.path = before, .changed = opt_time(blog->blog.updated_at)});
    for (size_t i = 0; i < blog->articles.n; i++) {
        const PublishedArticle *a = published_article(v->view, blog->articles.items[i]);
        if (a == NULL ||
            !catalog_shown(a->article.published_at, a->article.unpublish_at, v->cx->now))
            continue;
        const char *folder = str_cstr(
            visit_arena(v), path_of(visit_arena(v), str_cstr(visit_arena(v), before), STR("/")));
        Entry e = {.path = path_of(visit_arena(v), folder, a->article.handle),
                   .changed = opt_time(a->article.updated_at),
                   .media = a->article.media,
                   .published = a->media};
        add_entry(v, f, &e);
    }
}

static Status write_others(Visit *v, FILE *out, int64_t part)
{
    SiteFile f;
    (void)part;
    begin(v, &f, out);
    page_entries(v, &f);
    collection_entries(v, &f);
    CatalogIds blogs = published_ids(v->view, PUBLISHED_BLOG);
    for (size_t i = 0; i < blogs.n; i++) {
        const PublishedBlog *blog = published_blog(v->view, blogs.items[i]);
        if (blog != NULL)
            article_entries(v, &f, blog);
    }
    end(&f);
    return ST_OK;
}

/* --- the index ------------------------------------------------------------------------------- */

static int64_t product_files(Visit *v)
{
    VisitWays ways;
    visit_ways(v, &ways);
    int64_t n = per_file(&ways);
    return (kept_count_products(v) + n - 1) / n;
}

static void name_part(Visit *v, Buf *b, int64_t part)
{
    buf_add(b, v->origin);
    if (part == 0)
        buf_add(b, STR("/sitemaps/pages.xml"));
    else
        buf_addf(b, "/sitemaps/products-%lld.xml", (long long)part);
}

static Status open_visit(Cx *cx, const HttpReq *rq, Visit *v)
{
    TRY(storefront_visit(cx, rq, v));
    if (v->site->closed)
        return cx_fail(cx, ST_NOT_FOUND, "storefront.no_page", "the shop is closed");
    return ST_OK;
}

Status sitemap_index(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Visit v;
    Buf  *b = &rs->body;
    TRY(open_visit(cx, rq, &v));
    int64_t n = product_files(&v);
    buf_add(b, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex "
                   "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"));
    for (int64_t i = 0; i <= n; i++) {
        buf_add(b, STR("<sitemap><loc>"));
        name_part(&v, b, i);
        buf_add(b, STR("</loc></sitemap>\n"));
    }
    buf_add(b, STR("</sitemapindex>\n"));
    rs->type = "application/xml";
    rs->cache_control = "no-cache";
    return ST_OK;
}

Status sitemap_part(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Visit   v;
    Str     name = rq->params[0];
    int64_t part = 0;
    TRY(open_visit(cx, rq, &v));
    if (str_eq(name, STR("pages.xml")))
        return kept_file_reply(&v, rs, "sitemap-pages", 0, "application/xml", write_others);
    if (str_starts(name, STR("products-")) && str_ends(name, STR(".xml")) &&
        str_parse_i64((Str){name.ptr + 9, name.len - 13}, &part) && part >= 1 &&
        part <= product_files(&v))
        return kept_file_reply(&v, rs, "sitemap-products", part, "application/xml", write_products);
    return cx_fail(cx, ST_NOT_FOUND, "storefront.no_page", "there is no such sitemap");
}

/* --- robots.txt and llms.txt ----------------------------------------------------------------- */

Status robots_txt(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    static const char *const NOT[] = {
        "/api/",  "/store/",  "/cart",  "/account", "/search",          "/checkout",
        "/staff", "/console", "/login", "/setup",   "/recommendations/"};
    Visit v;
    Buf  *b = &rs->body;
    rs->type = "text/plain; charset=utf-8";
    rs->cache_control = "no-cache";
    TRY(storefront_visit(cx, rq, &v));
    buf_add(b, STR("User-agent: *\n"));
    if (v.site->closed) {
        buf_add(b, STR("Disallow: /\n"));
        return ST_OK;
    }
    for (size_t i = 0; i < COUNT_OF(NOT); i++)
        buf_addf(b, "Disallow: %s\nDisallow: /*%s\n", NOT[i], NOT[i]);
    /* Filters and sorting make the same products over and over. */
    buf_add(b, STR("Disallow: /*?*filter.\nDisallow: /*?*sort_by=\nAllow: /\n\nSitemap: "));
    buf_add(b, v.origin);
    buf_add(b, STR("/sitemap.xml\n"));
    int64_t n = product_files(&v);
    for (int64_t i = 0; i <= n; i++) { /* named here, they may speak of the whole shop */
        buf_add(b, STR("Sitemap: "));
        name_part(&v, b, i);
        buf_addc(b, '\n');
    }
    return ST_OK;
}

static void list_link(Visit *v, Buf *b, Str title, Str path, Str about)
{
    buf_add(b, STR("- ["));
    for (size_t i = 0; i < title.len; i++) /* what would end the link early is left out */
        buf_addc(b, strchr("[]\n\r", title.ptr[i]) != NULL ? ' ' : title.ptr[i]);
    buf_add(b, STR("]("));
    offer_url(b, v->origin, path);
    buf_addc(b, ')');
    if (about.len > 0) {
        buf_add(b, STR(": "));
        for (size_t i = 0; i < about.len; i++)
            buf_addc(b, (unsigned char)about.ptr[i] < ' ' ? ' ' : about.ptr[i]);
    }
    buf_addc(b, '\n');
}

static void llms_collections(Visit *v, Buf *b)
{
    CatalogIds ids = published_ids(v->view, PUBLISHED_COLLECTION);
    buf_add(b, STR("\n## Collections\n\n"));
    list_link(v, b, STR("All products"), STR("/collections/all"), STR(""));
    for (size_t i = 0; i < ids.n && i < 100; i++) {
        const PublishedCollection *c = published_collection(v->view, ids.items[i]);
        if (c != NULL)
            list_link(
                v, b, c->collection.title,
                path_of(visit_arena(v), "/collections/", c->collection.handle),
                html_text(visit_arena(v),
                          published_safe(c->collection.description, c->collection.description_safe),
                          160));
    }
}

static void llms_pages(Visit *v, Buf *b)
{
    CatalogIds ids = published_ids(v->view, PUBLISHED_PAGE);
    buf_add(b, STR("\n## Information\n\n"));
    for (size_t i = 0; i < ids.n && i < 50; i++) {
        const PublishedPage *p = published_page(v->view, ids.items[i]);
        if (p != NULL && catalog_shown(p->page.published_at, p->page.unpublish_at, v->cx->now))
            list_link(v, b, p->page.title, path_of(visit_arena(v), "/pages/", p->page.handle),
                      STR(""));
    }
    for (int i = 0; catalog_policy_kind_names[i] != NULL; i++) {
        const PublishedPolicy *p = published_policy(v->view, i);
        if (p != NULL)
            list_link(
                v, b, p->policy.title,
                path_of(visit_arena(v), "/policies/", str_from_cstr(catalog_policy_kind_names[i])),
                STR(""));
    }
}

Status llms_txt(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Visit v;
    Buf  *b = &rs->body;
    TRY(open_visit(cx, rq, &v));
    buf_addf(b, "# " STR_FMT "\n\n", STR_ARG(v.shop->name));
    if (v.site->description.len > 0)
        buf_addf(b, "> " STR_FMT "\n\n", STR_ARG(v.site->description));
    buf_addf(b, "An online shop with %lld products; prices in " STR_FMT ".\n",
             (long long)kept_count_products(&v), STR_ARG(v.currency));
    buf_add(b, STR("\n## For programs\n\n"));
    list_link(&v, b, STR("Products as TSV"), STR("/feeds/google.tsv"),
              STR("one row per variant with price and availability"));
    list_link(&v, b, STR("Products as XML"), STR("/feeds/google.xml"), STR("the same as RSS 2.0"));
    list_link(&v, b, STR("Sitemap"), STR("/sitemap.xml"), STR(""));
    list_link(&v, b, STR("API"), STR("/api/v1/openapi.json"), STR("OpenAPI 3.1"));
    buf_add(b, STR("\nEvery product page has structured data (schema.org, JSON-LD); "
                   "/products/HANDLE.json is the product as JSON.\n"));
    llms_collections(&v, b);
    llms_pages(&v, b);
    rs->type = "text/markdown; charset=utf-8";
    rs->cache_control = "no-cache";
    return ST_OK;
}
