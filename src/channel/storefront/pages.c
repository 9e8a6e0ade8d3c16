/* Which page is at an address. */
#include "catalog/product_search.h"
#include "channel/storefront/atom.h"
#include "channel/storefront/list_object.h"
#include "channel/storefront/listing.h"
#include "channel/storefront/object.h"
#include "channel/storefront/storefront_int.h"

#include "base/id.h"
#include "text/html.h"

#include <string.h>

enum { PARTS_MAX = 6, DESCRIPTION_MAX = 320 };

typedef struct Path { /* the parts of v->raw, decoded */
    Str    parts[PARTS_MAX];
    size_t n;
} Path;

static Status nothing_here(Visit *v)
{
    return cx_fail(v->cx, ST_NOT_FOUND, "storefront.no_page", "there is no page at this address");
}

/* The page itself, or what was asked of it. */
static Status answer(Visit *v, HttpResp *rs)
{
    Str alone = visit_param(v, STR("section_id")), some = visit_param(v, STR("sections"));
    if (alone.ptr != NULL)
        return render_sections(v, alone, true, rs);
    if (some.ptr != NULL)
        return render_sections(v, some, false, rs);
    return render_page(v, rs);
}

/* The template's alternate: ?view= goes before what the thing itself says. */
static void alternate(Visit *v, Str kind, Str suffix)
{
    Str view = visit_param(v, STR("view"));
    v->kind = kind;
    v->suffix = view.ptr != NULL && view.len < 100 ? view : suffix;
}

static void describe(Visit *v, Str title, Str seo_title, Str seo_description, Str html)
{
    v->title = seo_title.len > 0 ? seo_title : title;
    v->description = seo_description.len > 0 ? seo_description
                                             : html_text(visit_arena(v), html, DESCRIPTION_MAX);
}

/* PREFIX + handle */
static Str path_to(Visit *v, const char *prefix, Str handle)
{
    return visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, "%s" STR_FMT, prefix,
                      STR_ARG(handle));
}

/* --- products
 * ---------------------------------------------------------------------------------------- */

static void describe_product(Visit *v, const PublishedProduct *p)
{
    const CatalogProduct *x = &p->product;
    describe(v, visit_text(v, p->texts, x->id, STR("title"), x->title),
             visit_text(v, p->texts, x->id, STR("seo_title"), x->seo_title),
             visit_text(v, p->texts, x->id, STR("seo_description"), x->seo_description),
             visit_text(v, p->texts, x->id, STR("description"),
                        published_safe(x->description, x->description_safe)));
    v->canonical = path_to(v, "/products/", x->handle);
    v->image = object_media(v, x->media, p->media, 0, p->texts);
}

/* The product of a handle that may be shown, as the page's own; NULL: there is none. */
static ProductObject *page_product(Visit *v, Str handle)
{
    const PublishedHead *head = published_head_by_handle(v->view, handle);
    int64_t              id = 0;
    if (head == NULL)
        return NULL;
    Str variant = visit_param(v, STR("variant"));
    if (variant.ptr != NULL && id_parse(variant, CATALOG_VARIANT_ID, &id))
        v->variant = id;
    v->current_product = head->id;
    return product_object(v, head->id);
}

static Status product_json(Visit *v, ProductObject *p, bool wrapped, HttpResp *rs)
{
    visit_global(v, "product", object_product(v, p->p->product.id));
    v->kind = STR("product");
    if (wrapped)
        buf_add(&rs->body, STR("{\"product\":"));
    TRY(render_bare(v, v->theme->product, "application/json", rs));
    if (wrapped)
        buf_addc(&rs->body, '}');
    return ST_OK;
}

static Status product_page(Visit *v, Str handle, Str collection, HttpResp *rs)
{
    bool           js = str_ends(handle, STR(".js")), json = str_ends(handle, STR(".json"));
    ProductObject *p = page_product(v, handle);
    if (p == NULL && (js || json)) {
        p = page_product(v, str_head(handle, handle.len - (js ? 3 : 5)));
        return p != NULL ? product_json(v, p, json, rs) : nothing_here(v);
    }
    if (p == NULL)
        return nothing_here(v);
    describe_product(v, p->p);
    alternate(v, STR("product"), p->p->product.template_suffix);
    visit_global(v, "product", object_product(v, p->p->product.id));
    if (collection.ptr != NULL) {
        LiquidValue c = object_collection_by_handle(v, collection);
        if (c.type == LIQUID_NIL)
            return nothing_here(v);
        v->current_collection = 1;
        visit_global(v, "collection", c);
    }
    visit_global(v, "handle", liquid_text(p->p->product.handle));
    return answer(v, rs);
}

/* --- collections
 * --------------------------------------------------------------------------------------- */

static void read_page_number(Visit *v)
{
    int64_t n = 1;
    Str     s = visit_param(v, STR("page"));
    if (s.ptr != NULL && str_parse_i64(s, &n) && n >= 1 && n <= 100000)
        v->page_number = n;
}

static Status collection_page(Visit *v, Str handle, Str tag, HttpResp *rs)
{
    LiquidValue       value = object_collection_by_handle(v, handle);
    CollectionObject *c = object_to_collection(value);
    Str               suffix = STR("");
    if (c == NULL)
        return nothing_here(v);
    read_page_number(v);
    if (c->c != NULL) {
        const CatalogCollection *x = &c->c->collection;
        PublishedTexts           texts = c->c->texts;
        describe(v, collection_title(v, c),
                 visit_text(v, texts, x->id, STR("seo_title"), x->seo_title),
                 visit_text(v, texts, x->id, STR("seo_description"), x->seo_description),
                 visit_text(v, texts, x->id, STR("description"),
                            published_safe(x->description, x->description_safe)));
        suffix = x->template_suffix;
        v->image = object_media(v, x->media, c->c->media, 0, texts);
        v->current_collection = x->id;
    } else {
        v->title = visit_theme_text(v, "general.all_products");
    }
    v->canonical = path_to(v, "/collections/", handle);
    v->listing = listing_new(
        v, &(ListingAsk){.collection = c->c != NULL ? c->c->collection.id : 0, .tag = tag});
    if (listing_filtered(v->listing) || tag.ptr != NULL)
        v->no_index = true;
    alternate(v, STR("collection"), suffix);
    visit_global(v, "collection", value);
    visit_global(v, "handle", liquid_text(handle));
    LiquidValue *tags = arena_new(visit_arena(v), LiquidValue);
    *tags = liquid_text(tag);
    visit_global(v, "current_tags", object_list(v, tags, tag.ptr != NULL ? 1 : 0));
    return answer(v, rs);
}

static Status at_collections(Visit *v, const Path *p, HttpResp *rs)
{
    if (p->n == 1) {
        v->title = visit_theme_text(v, "collection.all_collections");
        alternate(v, STR("list-collections"), STR(""));
        return answer(v, rs);
    }
    if (p->n == 4 && str_eq(p->parts[2], STR("products")))
        return product_page(v, p->parts[3], p->parts[1], rs);
    if (p->n == 2 || p->n == 3)
        return collection_page(v, p->parts[1], p->n == 3 ? p->parts[2] : (Str){0}, rs);
    return nothing_here(v);
}

static Status at_products(Visit *v, const Path *p, HttpResp *rs)
{
    return p->n == 2 ? product_page(v, p->parts[1], (Str){0}, rs) : nothing_here(v);
}

/* --- content
 * --------------------------------------------------------------------------------------------- */

static Status at_pages(Visit *v, const Path *p, HttpResp *rs)
{
    if (p->n != 2)
        return nothing_here(v);
    LiquidValue          value = object_page_by_handle(v, p->parts[1]);
    const PublishedPage *x = published_page_by_handle(v->view, p->parts[1]);
    if (value.type == LIQUID_NIL || x == NULL)
        return nothing_here(v);
    const CatalogPage *page = &x->page;
    describe(v, visit_text(v, x->texts, page->id, STR("title"), page->title),
             visit_text(v, x->texts, page->id, STR("seo_title"), page->seo_title),
             visit_text(v, x->texts, page->id, STR("seo_description"), page->seo_description),
             visit_text(v, x->texts, page->id, STR("body"),
                        published_safe(page->body, page->body_safe)));
    alternate(v, STR("page"), page->template_suffix);
    visit_global(v, "page", value);
    visit_global(v, "handle", liquid_text(page->handle));
    return answer(v, rs);
}

static Status article_page(Visit *v, const Path *p, HttpResp *rs)
{
    const PublishedBlog    *b = published_blog_by_handle(v->view, p->parts[1]);
    const PublishedArticle *a =
        b != NULL ? published_article_by_handle(v->view, b->blog.id, p->parts[2]) : NULL;
    LiquidValue value = a != NULL ? object_article(v, a->article.id) : liquid_nil();
    if (value.type == LIQUID_NIL || a == NULL || b == NULL)
        return nothing_here(v);
    const CatalogArticle *x = &a->article;
    Str                   excerpt = visit_text(v, a->texts, x->id, STR("excerpt"), x->excerpt);
    describe(v, visit_text(v, a->texts, x->id, STR("title"), x->title),
             visit_text(v, a->texts, x->id, STR("seo_title"), x->seo_title),
             visit_text(v, a->texts, x->id, STR("seo_description"),
                        x->seo_description.len > 0 ? x->seo_description : excerpt),
             published_safe(x->body, x->body_safe));
    v->image = object_media(v, x->media, a->media, 0, a->texts);
    alternate(v, STR("article"), x->template_suffix);
    visit_global(v, "article", value);
    visit_global(v, "blog", object_blog(v, b->blog.id));
    return answer(v, rs);
}

static Status at_blogs(Visit *v, const Path *p, HttpResp *rs)
{
    bool tagged = p->n == 4 && str_eq(p->parts[2], STR("tagged"));
    if (p->n == 3)
        return article_page(v, p, rs);
    if (p->n != 2 && !tagged)
        return nothing_here(v);
    const PublishedBlog *b = published_blog_by_handle(v->view, p->parts[1]);
    if (b == NULL && p->n == 2 && str_ends(p->parts[1], STR(".atom"))) {
        b = published_blog_by_handle(v->view, str_head(p->parts[1], p->parts[1].len - 5));
        return b != NULL ? atom_reply(v, b, rs) : nothing_here(v);
    }
    if (b == NULL)
        return nothing_here(v);
    read_page_number(v);
    v->tagged = tagged ? p->parts[3] : (Str){0};
    v->no_index = tagged;
    describe(v, visit_text(v, b->texts, b->blog.id, STR("title"), b->blog.title),
             visit_text(v, b->texts, b->blog.id, STR("seo_title"), b->blog.seo_title),
             visit_text(v, b->texts, b->blog.id, STR("seo_description"), b->blog.seo_description),
             STR(""));
    alternate(v, STR("blog"), b->blog.template_suffix);
    visit_global(v, "blog", object_blog(v, b->blog.id));
    LiquidValue *tags = arena_new(visit_arena(v), LiquidValue);
    *tags = liquid_text(v->tagged);
    visit_global(v, "current_tags", object_list(v, tags, tagged ? 1 : 0));
    return answer(v, rs);
}

static int policy_kind(Str handle)
{
    static const struct {
        const char *name;
        int         kind;
    } OTHERS[] = {
        {"refund-policy", CATALOG_RETURNS},           {"privacy-policy", CATALOG_PRIVACY},
        {"shipping-policy", CATALOG_SHIPPING},        {"terms-of-service", CATALOG_TERMS},
        {"legal-notice", CATALOG_LEGAL_NOTICE},       {"contact-information", CATALOG_CONTACT},
        {"subscription-policy", CATALOG_SUBSCRIPTION}};
    for (int i = 0; catalog_policy_kind_names[i] != NULL; i++)
        if (str_eq(handle, str_from_cstr(catalog_policy_kind_names[i])))
            return i;
    for (size_t i = 0; i < COUNT_OF(OTHERS); i++)
        if (str_eq(handle, str_from_cstr(OTHERS[i].name)))
            return OTHERS[i].kind;
    return -1;
}

/* A policy is a page like any other to a theme that has no template for it. */
static Status at_policies(Visit *v, const Path *p, HttpResp *rs)
{
    int                    kind = p->n == 2 ? policy_kind(p->parts[1]) : -1;
    const PublishedPolicy *x = kind >= 0 ? published_policy(v->view, kind) : NULL;
    if (x == NULL)
        return nothing_here(v);
    LiquidValue policy = object_policy(v, kind);
    v->title = visit_text(v, x->texts, x->policy.id, STR("title"), x->policy.title);
    v->canonical = path_to(v, "/policies/", str_from_cstr(catalog_policy_kind_names[kind]));
    bool own = theme_page(v->theme, STR("policy"), STR("")) != NULL;
    alternate(v, own ? STR("policy") : STR("page"), STR(""));
    LiquidPair *page = arena_array(visit_arena(v), LiquidPair, 2);
    page[0] = (LiquidPair){STR("title"), liquid_text(v->title)};
    page[1] =
        (LiquidPair){STR("content"),
                     liquid_html(visit_text(v, x->texts, x->policy.id, STR("body"),
                                            published_safe(x->policy.body, x->policy.body_safe)))};
    visit_global(v, "policy", policy);
    visit_global(v, "page", liquid_map(visit_arena(v), page, 2));
    return answer(v, rs);
}

/* --- search
 * ------------------------------------------------------------------------------------------------
 */

static Str search_terms(Visit *v)
{
    Str q = visit_param(v, STR("q"));
    return str_head(str_trim(q.ptr != NULL ? q : STR("")), LISTING_TERMS_MAX);
}

static Status at_search(Visit *v, const Path *p, HttpResp *rs)
{
    Str terms = search_terms(v);
    if (p->n == 2 &&
        (str_eq(p->parts[1], STR("suggest")) || str_eq(p->parts[1], STR("suggest.json")))) {
        v->kind = STR("search");
        v->no_index = true;
        visit_global(v, "predictive_search", object_predictive_search(v, terms));
        Str section = visit_param(v, STR("section_id"));
        if (section.ptr != NULL)
            return render_sections(v, section, true, rs);
        return render_bare(v, v->theme->suggest, "application/json", rs);
    }
    if (p->n != 1)
        return nothing_here(v);
    read_page_number(v);
    v->no_index = true;
    bool first =
        visit_param(v, STR("page")).ptr == NULL && visit_param(v, STR("sort_by")).ptr == NULL;
    if (terms.len > 0) { /* counted once for all its pages */
        v->listing = listing_new(v, &(ListingAsk){.terms = terms, .counted = first});
        TRY(listing_ready(v, v->listing));
        if (first && !listing_filtered(v->listing)) /* kept pages: pages_recount() */
            v->counts = listing_missed(v->listing) ? COUNTS_MISSED : COUNTS_FOUND;
        Str target = first ? listing_redirect(v->listing) : (Str){0};
        if (target.len > 0 && !str_starts(target, STR("/search"))) { /* not in circles */
            http_redirect(v->cx, rs, 302, target.ptr[0] == '/' ? visit_url(v, target) : target);
            return ST_OK;
        }
    }
    v->title = visit_theme_text(v, "search.title");
    alternate(v, STR("search"), STR(""));
    visit_global(v, "search", object_search(v, terms));
    return answer(v, rs);
}

static Status at_recommendations(Visit *v, const Path *p, HttpResp *rs)
{
    int64_t id = 0, limit = 8;
    Str     product = visit_param(v, STR("product_id")), n = visit_param(v, STR("limit"));
    if (p->n != 2 ||
        (!str_eq(p->parts[1], STR("products")) && !str_eq(p->parts[1], STR("products.json"))))
        return nothing_here(v);
    if (!id_parse(product, CATALOG_PRODUCT_ID, &id) || product_object(v, id) == NULL)
        return nothing_here(v);
    if (n.ptr != NULL && (!str_parse_i64(n, &limit) || limit < 1 || limit > 20))
        limit = 8;
    v->kind = STR("product");
    v->no_index = true;
    visit_global(v, "recommendations", object_recommendations(v, id, (size_t)limit));
    Str section = visit_param(v, STR("section_id"));
    if (section.ptr != NULL) {
        visit_global(v, "product", object_product(v, id));
        return render_sections(v, section, true, rs);
    }
    return render_bare(v, v->theme->related, "application/json", rs);
}

/* --- the rest
 * ------------------------------------------------------------------------------------------------
 */

static Status home(Visit *v, HttpResp *rs)
{
    v->description = v->site->description;
    alternate(v, STR("index"), STR(""));
    return answer(v, rs);
}

typedef Status PageFn(Visit *v, const Path *p, HttpResp *rs);

static const struct {
    const char *first;
    PageFn     *fn;
} PAGES[] = {
    {"collections", at_collections},
    {"products", at_products},
    {"pages", at_pages},
    {"blogs", at_blogs},
    {"policies", at_policies},
    {"search", at_search},
    {"recommendations", at_recommendations},
};

/* Parts are decoded after they were taken apart, so that no %2F poses as a '/'. */
static bool split(Visit *v, Path *ret)
{
    Str  rest = str_skip(v->raw, 1), part;
    bool more = true;
    ret->n = 0;
    while (more) {
        more = str_cut(rest, '/', &part, &rest);
        if (part.len == 0 && !more)
            break; /* "/products/x/" is "/products/x" */
        if (part.len == 0 || ret->n == PARTS_MAX ||
            http_decode(v->cx, part, &ret->parts[ret->n]) != ST_OK)
            return false;
        ret->n++;
    }
    return true;
}

void pages_recount(Visit *v)
{
    if (v->counts != COUNTS_NOTHING)
        product_search_count(v->cx, search_terms(v), locale_tag_of(v->locale),
                             v->counts == COUNTS_MISSED);
}

Status pages_answer(Visit *v, HttpResp *rs)
{
    Path p;
    if (!split(v, &p))
        return nothing_here(v);
    if (p.n == 0)
        return home(v, rs);
    for (size_t i = 0; i < COUNT_OF(PAGES); i++)
        if (str_eq(p.parts[0], str_from_cstr(PAGES[i].first)))
            return PAGES[i].fn(v, &p, rs);
    return nothing_here(v);
}
