/* GET /api/v1/search for staff, the same and suggestions under /store/v1 for storefronts. */
#include "catalog/search_http.h"

#include "base/id.h"
#include "base/shape.h"
#include "catalog/product_search.h"
#include "core/core.h"
#include "http/http_form.h"
#include "search/search.h"

#include <stdio.h>
#include <string.h>

enum {
    LIMIT = 24,
    LIMIT_MAX = 100,
    COMPLETIONS = 8,
    SUGGESTED = 6,
    COLLECTIONS = 3,
    CLICKS_BURST = 30, /* of one address */
    CLICKS_PER_MINUTE = 20
};

/* --- what is told ------------------------------------------------------------------------- */

typedef struct FoundPart {
    Str    of; /* "word", "proximity", "exact", "signal", "rule" */
    Str    field;
    Str    what;
    double value;
} FoundPart;

static const ShapeField FOUND_PART[] = {
    SHAPE_TEXT(FoundPart, of, .doc = "word, proximity, exact, signal or rule."),
    SHAPE_TEXT(FoundPart, field, .doc = "Where it weighs most."),
    SHAPE_TEXT(FoundPart, what, .doc = "The term that matched."),
    SHAPE_REAL(FoundPart, value, .doc = "The score is the sum of these."),
};
static const Shape found_part_shape =
    SHAPE_OF(FoundPart, "SearchPart", FOUND_PART, .doc = "A part of a hit's score.");

typedef struct Found {
    int64_t id;
    OptI64  variant_id;
    Str     handle;
    Str     title;
    Str     vendor;
    Str     image;
    Money   price;
    double  score;
    bool    pinned;
    bool    buried;
    Str     highlight;
    struct {
        Str   *items;
        size_t n;
    } missing;
    struct {
        FoundPart *items;
        size_t     n;
    } parts;
} Found;

static const ShapeField FOUND[] = {
    SHAPE_ID(Found, id, CATALOG_PRODUCT_ID),
    SHAPE_ID(Found, variant_id, CATALOG_VARIANT_ID, .doc = "The first variant that fits."),
    SHAPE_TEXT(Found, handle),
    SHAPE_TEXT(Found, title),
    SHAPE_TEXT(Found, vendor),
    SHAPE_TEXT(Found, image,
               .doc = "Address of its first picture; ?width=640 gives a smaller one."),
    SHAPE_MONEY(Found, price, .doc = "The lowest of its variants; absent: it has none."),
    SHAPE_REAL(Found, score),
    SHAPE_BOOL(Found, pinned, .doc = "A rule has put it to this place, whatever its score."),
    SHAPE_BOOL(Found, buried, .doc = "A rule has put it below all others."),
    SHAPE_TEXT(Found, highlight, .doc = "The title as HTML, with <mark> around what was meant."),
    SHAPE_TEXTS(Found, missing, .doc = "Words of the query that it lacks."),
    SHAPE_LIST(Found, parts, FoundPart, &found_part_shape, .doc = "With explain=true."),
};
static const Shape found_shape = SHAPE_OF(Found, "SearchHit", FOUND, .doc = "A product found.");

typedef struct FoundValue {
    Str     value, label, swatch;
    int64_t count;
    bool    chosen;
} FoundValue;

static const ShapeField FOUND_VALUE[] = {
    SHAPE_TEXT(FoundValue, value, .doc = "What to choose it by."),
    SHAPE_TEXT(FoundValue, label, .doc = "For people; empty: by its value."),
    SHAPE_TEXT(FoundValue, swatch, .doc = "Colour of an option's value, or empty."),
    SHAPE_INT(FoundValue, count, .doc = "Products that choosing it would show."),
    SHAPE_BOOL(FoundValue, chosen),
};
static const Shape found_value_shape =
    SHAPE_OF(FoundValue, "SearchFacetValue", FOUND_VALUE, .doc = "A value that can be chosen.");

typedef struct FoundFacet {
    Str    param, label, unit;
    Money  min, max;
    bool   number;
    double low, high;
    struct {
        FoundValue *items;
        size_t      n;
    } values;
} FoundFacet;

static const ShapeField FOUND_FACET[] = {
    SHAPE_TEXT(FoundFacet, param, .doc = "Name to choose by: \"filter.p.vendor\"."),
    SHAPE_TEXT(FoundFacet, label, .doc = "Of options and attributes: for people; else empty."),
    SHAPE_MONEY(FoundFacet, min, .doc = "Of prices: the lowest."),
    SHAPE_MONEY(FoundFacet, max, .doc = "Of prices: the highest."),
    SHAPE_BOOL(FoundFacet, number,
               .doc = "An attribute of numbers: PARAM.gte and PARAM.lte choose a range."),
    SHAPE_REAL(FoundFacet, low, .doc = "… the least number there is."),
    SHAPE_REAL(FoundFacet, high, .doc = "… the greatest."),
    SHAPE_TEXT(FoundFacet, unit, .doc = "… \"kg\", or empty."),
    SHAPE_LIST(FoundFacet, values, FoundValue, &found_value_shape, .doc = "Most counted first."),
};
static const Shape found_facet_shape =
    SHAPE_OF(FoundFacet, "SearchFacet", FOUND_FACET, .doc = "What can be chosen from.");

typedef struct FoundWord {
    Str  text, taken_for;
    bool found;
} FoundWord;

static const ShapeField FOUND_WORD[] = {
    SHAPE_TEXT(FoundWord, text, .doc = "As it was typed."),
    SHAPE_TEXT(FoundWord, taken_for, .doc = "What it was corrected to; empty: nothing."),
    SHAPE_BOOL(FoundWord, found, .doc = "False: no product has it."),
};
static const Shape found_word_shape =
    SHAPE_OF(FoundWord, "SearchWord", FOUND_WORD, .doc = "A word of the query.");

typedef struct FoundAnswer {
    int64_t total;
    Str     redirect;
    struct {
        FoundWord *items;
        size_t     n;
    } words;
    struct {
        Str   *items;
        size_t n;
    } missing;
    Str  corrected;
    bool relaxed;
    bool partial;
    Str  next;
    struct {
        Found *items;
        size_t n;
    } hits;
    struct {
        FoundFacet *items;
        size_t      n;
    } facets;
} FoundAnswer;

static const ShapeField FOUND_ANSWER[] = {
    SHAPE_INT(FoundAnswer, total, .doc = "Products found, on all pages."),
    SHAPE_TEXT(FoundAnswer, redirect,
               .doc = "The merchant leads this query to this page; empty: to none."),
    SHAPE_LIST(FoundAnswer, words, FoundWord, &found_word_shape),
    SHAPE_TEXT(FoundAnswer, corrected, .doc = "\"Did you mean\"; empty: as it was written."),
    SHAPE_TEXTS(FoundAnswer, missing, .doc = "Words of the query that not all hits have."),
    SHAPE_BOOL(FoundAnswer, relaxed, .doc = "Hits may lack words: each says which."),
    SHAPE_BOOL(FoundAnswer, partial, .doc = "The query took too much: this is not all."),
    SHAPE_TEXT(FoundAnswer, next, .doc = "Cursor of the next page; empty: there is none."),
    SHAPE_LIST(FoundAnswer, hits, Found, &found_shape),
    SHAPE_LIST(FoundAnswer, facets, FoundFacet, &found_facet_shape),
};
static const Shape found_answer_shape =
    SHAPE_OF(FoundAnswer, "SearchAnswer", FOUND_ANSWER, .doc = "Products that a query finds.");

/* --- the question -------------------------------------------------------------------------- */

static Status read_choices(Cx *cx, const HttpReq *rq, ProductSearchAsk *ask)
{
    Str                  rest = rq->query, name, value, n, s;
    ProductSearchChoice *list =
        arena_array(cx->arena, ProductSearchChoice, PRODUCT_SEARCH_CHOICES_MAX);
    while (http_query_next(&rest, &name, &value)) {
        TRY(http_decode_form(cx, name, &n));
        TRY(http_decode_form(cx, value, &s));
        if (!str_starts(n, STR("filter.")) || s.len == 0)
            continue;
        if (ask->n_choices == PRODUCT_SEARCH_CHOICES_MAX)
            return cx_fail(cx, ST_INVALID, "catalog.bad_choice", "at most %d choices",
                           PRODUCT_SEARCH_CHOICES_MAX);
        list[ask->n_choices++] = (ProductSearchChoice){n, s};
    }
    ask->choices = list;
    return ST_OK;
}

static Status read_sort(Cx *cx, const HttpReq *rq, int *ret)
{
    Str name;
    TRY(http_query(cx, rq, STR("sort_by"), STR("relevance"), &name));
    for (*ret = 0; product_search_sort_names[*ret] != NULL; ++*ret)
        if (str_eq(name, str_from_cstr(product_search_sort_names[*ret])))
            return ST_OK;
    return cx_fail(cx, ST_INVALID, "http.bad_param", "sort_by is relevance, price-ascending …");
}

static Status read_ask(Cx *cx, const HttpReq *rq, ProductSearchAsk *ask)
{
    int64_t limit;
    TRY(http_query(cx, rq, STR("q"), STR(""), &ask->text));
    TRY(http_query(cx, rq, STR("locale"), STR(""), &ask->locale));
    TRY(http_query(cx, rq, STR("currency"), STR(""), &ask->currency));
    TRY(http_query(cx, rq, STR("cursor"), STR(""), &ask->cursor));
    TRY(http_query_i64(cx, rq, STR("limit"), 1, LIMIT_MAX, LIMIT, &limit));
    TRY(http_query_bool(cx, rq, STR("facets"), false, &ask->facets));
    TRY(http_query_bool(cx, rq, STR("explain"), false, &ask->explain));
    TRY(http_query_bool(cx, rq, STR("fill"), false, &ask->fill));
    if (http_query_has(rq, STR("collection")))
        TRY(http_query_id(cx, rq, STR("collection"), CATALOG_COLLECTION_ID, 0, &ask->collection));
    TRY(read_sort(cx, rq, &ask->sort));
    TRY(read_choices(cx, rq, ask));
    ask->limit = (uint32_t)limit;
    return ST_OK;
}

/* --- the answer ------------------------------------------------------------------------------ */

static void tell_parts(Cx *cx, const ProductSearchAnswer *a, const SearchHit *hit, Found *f)
{
    static const char *const KINDS[] = {"word", "proximity", "exact", "signal", "rule"};
    f->parts.items = arena_array(cx->arena, FoundPart, hit->n_parts + 1);
    for (size_t i = 0; i < hit->n_parts; i++) {
        const SearchPart *p = &hit->parts[i];
        bool              field = p->kind == SEARCH_PART_WORD || p->kind == SEARCH_PART_EXACT ||
                     p->kind == SEARCH_PART_SIGNAL;
        f->parts.items[f->parts.n++] = (FoundPart){
            .of = str_from_cstr(KINDS[p->kind]),
            .field = field ? product_search_field(cx, p->field) : STR(""),
            .what = p->kind == SEARCH_PART_RULE ? product_search_rule(cx, a, p->word) : p->what,
            .value = (double)p->value};
    }
}

static void tell_missing(Cx *cx, const SearchResult *r, const SearchHit *hit, Found *f)
{
    f->missing.items = arena_array(cx->arena, Str, r->n_words + 1);
    for (size_t i = 0; i < r->n_words && i < 32; i++)
        if ((hit->missing >> i & 1) != 0)
            f->missing.items[f->missing.n++] = r->words[i].text;
}

static void add_escaped(Buf *b, Str s)
{
    for (size_t i = 0; i < s.len; i++)
        switch (s.ptr[i]) {
        case '<': buf_add(b, STR("&lt;")); break;
        case '>': buf_add(b, STR("&gt;")); break;
        case '&': buf_add(b, STR("&amp;")); break;
        case '"': buf_add(b, STR("&quot;")); break;
        default: buf_addc(b, s.ptr[i]); break;
        }
}

static Str highlighted(Cx *cx, const SearchResult *r, Str locale, Str title)
{
    CLEANUP(buf_done) Buf b;
    SearchSpan           *spans;
    size_t                n = search_highlight(r, locale, title, cx->arena, &spans), at = 0;
    buf_init(&b, 8 * title.len + n * 16 + 16);
    for (size_t i = 0; i < n; i++) {
        add_escaped(&b, (Str){title.ptr + at, spans[i].start - at});
        buf_add(&b, STR("<mark>"));
        add_escaped(&b, (Str){title.ptr + spans[i].start, spans[i].end - spans[i].start});
        buf_add(&b, STR("</mark>"));
        at = spans[i].end;
    }
    add_escaped(&b, str_skip(title, at));
    return str_dup(cx->arena, buf_str(&b));
}

static void tell_words(Cx *cx, const SearchResult *r, FoundAnswer *ret)
{
    ret->words.items = arena_array(cx->arena, FoundWord, r->n_words + 1);
    for (size_t i = 0; i < r->n_words; i++)
        ret->words.items[ret->words.n++] =
            (FoundWord){r->words[i].text, r->words[i].found, r->words[i].how != SEARCH_NOT_FOUND};
}

static void tell_given_up(Cx *cx, const SearchResult *r, FoundAnswer *ret)
{
    ret->missing.items = arena_array(cx->arena, Str, r->n_words + 1);
    for (size_t i = 0; r->relaxed && i < r->n_words && i < 32; i++)
        if ((r->given_up >> i & 1) != 0)
            ret->missing.items[ret->missing.n++] = r->words[i].text;
}

static Status pricing_of(Cx *cx, const Published *view, Str currency, CatalogPricing *ret)
{
    const CatalogBuyer guest = {.channel = STR(PUBLISHED_CHANNEL)};
    return published_pricing(cx, view, &guest, currency, cx->now, ret);
}

static void tell_product(const CatalogPricing *pricing, Str locale, const PublishedProduct *p,
                         Found *f)
{
    PublishedRange range;
    f->handle = p->product.handle;
    f->title = published_text(p->texts, p->product.id, STR("title"), locale, p->product.title);
    f->vendor = p->product.vendor;
    f->image = p->product.media.n > 0 ? p->media[0].path : STR("");
    f->price = published_range(pricing, p, &range) ? range.price_min : (Money){0};
}

static Status tell_hits(Cx *cx, const ProductSearchAsk *ask, const ProductSearchAnswer *a,
                        FoundAnswer *ret)
{
    const SearchResult      *r = &a->result;
    const Published         *view;
    CatalogPricing           pricing;
    int64_t                 *ids = arena_array(cx->arena, int64_t, r->n_hits + 1);
    const PublishedProduct **p = arena_array(cx->arena, const PublishedProduct *, r->n_hits + 1);
    ret->hits.items = arena_array(cx->arena, Found, r->n_hits + 1);
    for (size_t i = 0; i < r->n_hits; i++)
        ids[i] = r->hits[i].id;
    TRY(published_view(cx, &view));
    TRY(pricing_of(cx, view, a->currency, &pricing));
    TRY(published_products(cx, view, ids, r->n_hits, p));
    for (size_t i = 0; i < r->n_hits; i++) {
        const SearchHit *hit = &r->hits[i];
        Found            f = {.id = ids[i],
                              .score = (double)hit->score,
                              .pinned = hit->pinned,
                              .buried = hit->buried};
        if (p[i] == NULL)
            continue; /* gone since */
        if (r->hits[i].group != 0)
            f.variant_id = opt_i64(r->hits[i].group);
        tell_product(&pricing, ask->locale, p[i], &f);
        f.highlight = highlighted(
            cx, r, ask->locale.len > 0 ? ask->locale : published_shop(view)->locale, f.title);
        tell_missing(cx, r, &r->hits[i], &f);
        if (ask->explain)
            tell_parts(cx, a, &r->hits[i], &f);
        ret->hits.items[ret->hits.n++] = f;
    }
    return ST_OK;
}

static void tell_facets(Cx *cx, const ProductSearchAnswer *a, FoundAnswer *ret)
{
    ret->facets.items = arena_array(cx->arena, FoundFacet, a->n_facets + 1);
    for (size_t i = 0; i < a->n_facets; i++) {
        const ProductSearchFacet *x = &a->facets[i];
        FoundFacet                f = {.param = x->param, .label = x->label};
        f.number = x->number;
        f.low = x->low;
        f.high = x->high;
        f.unit = x->unit;
        if (x->range) {
            f.min = money_of(x->min, a->currency);
            f.max = money_of(x->max, a->currency);
        }
        f.values.items = arena_array(cx->arena, FoundValue, x->n + 1);
        for (size_t k = 0; k < x->n; k++)
            f.values.items[f.values.n++] =
                (FoundValue){x->values[k].text, x->values[k].label, x->values[k].swatch,
                             x->values[k].count, x->values[k].chosen};
        ret->facets.items[ret->facets.n++] = f;
    }
}

/* GET /api/v1/search, /store/v1/search -> SearchAnswer */
static Status get_search(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    ProductSearchAsk    ask = {0};
    ProductSearchAnswer a;
    FoundAnswer         answer = {0};
    TRY(read_ask(cx, rq, &ask));
    ask.counted = str_starts(rq->route->pattern, STR("/store/"));
    TRY(product_search(cx, &ask, &a));
    answer.redirect = a.redirect;
    tell_words(cx, &a.result, &answer);
    tell_given_up(cx, &a.result, &answer);
    answer.total = a.result.total;
    answer.corrected = a.result.corrected;
    answer.relaxed = a.result.relaxed;
    answer.partial = a.result.partial;
    answer.next = a.result.next;
    TRY(tell_hits(cx, &ask, &a, &answer));
    tell_facets(cx, &a, &answer);
    http_reply(rq, rs, &answer);
    return ST_OK;
}

/* --- suggestions ------------------------------------------------------------------------------ */

typedef struct FoundCollection {
    int64_t id;
    Str     handle, title;
} FoundCollection;

static const ShapeField FOUND_COLLECTION[] = {
    SHAPE_ID(FoundCollection, id, CATALOG_COLLECTION_ID),
    SHAPE_TEXT(FoundCollection, handle),
    SHAPE_TEXT(FoundCollection, title),
};
static const Shape found_collection_shape = SHAPE_OF(
    FoundCollection, "SearchCollection", FOUND_COLLECTION, .doc = "A collection that fits.");

typedef struct Suggested {
    struct {
        Str   *items;
        size_t n;
    } queries;
    Str corrected;
    struct {
        Found *items;
        size_t n;
    } products;
    struct {
        FoundCollection *items;
        size_t           n;
    } collections;
} Suggested;

static const ShapeField SUGGESTED_FIELDS[] = {
    SHAPE_TEXTS(Suggested, queries, .doc = "Whole queries that find something, best first."),
    SHAPE_TEXT(Suggested, corrected, .doc = "\"Did you mean\"; empty: as it is written."),
    SHAPE_LIST(Suggested, products, Found, &found_shape, .doc = "The best for what is written."),
    SHAPE_LIST(Suggested, collections, FoundCollection, &found_collection_shape),
};
static const Shape suggested_shape = SHAPE_OF(Suggested, "SearchSuggestions", SUGGESTED_FIELDS,
                                              .doc = "What somebody who types may mean.");

static Status tell_collections(Cx *cx, const ProductSearchAsk *ask, Suggested *ret)
{
    const Published *view;
    CatalogIds       ids;
    TRY(published_view(cx, &view));
    TRY(product_search_collections(cx, ask->text, ask->locale, true, COLLECTIONS, &ids));
    ret->collections.items = arena_array(cx->arena, FoundCollection, ids.n + 1);
    for (size_t i = 0; i < ids.n; i++) {
        const PublishedCollection *c = published_collection(view, ids.items[i]);
        if (c != NULL)
            ret->collections.items[ret->collections.n++] =
                (FoundCollection){ids.items[i], c->collection.handle,
                                  published_text(c->texts, ids.items[i], STR("title"), ask->locale,
                                                 c->collection.title)};
    }
    return ST_OK;
}

/* GET /store/v1/search/suggest -> SearchSuggestions */
static Status get_suggest(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    ProductSearchAsk    ask = {.typing = true, .limit = SUGGESTED};
    ProductSearchAnswer a;
    FoundAnswer         found = {0};
    Suggested           reply = {0};
    SearchCompletion   *list;
    size_t              n;
    TRY(http_query(cx, rq, STR("q"), STR(""), &ask.text));
    TRY(http_query(cx, rq, STR("locale"), STR(""), &ask.locale));
    TRY(http_query(cx, rq, STR("currency"), STR(""), &ask.currency));
    TRY(product_search_complete(cx, ask.text, ask.locale, COMPLETIONS, &list, &n));
    TRY(product_search(cx, &ask, &a));
    TRY(tell_hits(cx, &ask, &a, &found));
    reply.queries.items = arena_array(cx->arena, Str, n + 1);
    for (size_t i = 0; i < n; i++)
        reply.queries.items[reply.queries.n++] = list[i].text;
    reply.corrected = a.result.corrected;
    reply.products.items = found.hits.items;
    reply.products.n = found.hits.n;
    TRY(tell_collections(cx, &ask, &reply));
    http_reply(rq, rs, &reply);
    return ST_OK;
}

/* --- clicks -----------------------------------------------------------------------------------
 */

typedef struct Clicked {
    Str    q, locale, handle;
    OptI64 product_id;
} Clicked;

static const ShapeField CLICKED[] = {
    SHAPE_TEXT(Clicked, q, .min = 1, .max = PRODUCT_SEARCH_TEXT_MAX, .flags = SHAPE_REQUIRED,
               .doc = "What was searched for."),
    SHAPE_TEXT(Clicked, locale, .max = 35),
    SHAPE_ID(Clicked, product_id, CATALOG_PRODUCT_ID, .doc = "What was opened from the answer."),
    SHAPE_TEXT(Clicked, handle, .max = 255, .doc = "Or its handle."),
};
static const Shape clicked_shape =
    SHAPE_OF(Clicked, "SearchClick", CLICKED, .doc = "A product was opened from an answer.");

/* Clicks make products popular: nobody may click all the time. */
static Status limit_clicks(Cx *cx, const HttpReq *rq)
{
    char key[96];
    int  n = snprintf(key, sizeof key, "catalog.click:" STR_FMT, STR_ARG(str_head(rq->peer, 64)));
    return rate_take(cx, (Str){key, (size_t)n}, CLICKS_BURST, CLICKS_PER_MINUTE, 1, NULL);
}

/* POST /store/v1/search/click: counts; who it was is not known */
static Status post_click(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Clicked          *c = rq->in;
    const Published        *view;
    const PublishedProduct *p;
    int64_t                 id = c->product_id.has ? c->product_id.v : 0;
    TRY(limit_clicks(cx, rq));
    TRY(published_view(cx, &view));
    if (id == 0 && published_product_by_handle(cx, view, c->handle, &p) == ST_OK)
        id = p->product.id;
    product_search_clicked(cx, c->q, c->locale, id);
    http_reply_none(rs);
    return ST_OK;
}

/* --- routes ------------------------------------------------------------------------------------
 */

#define TYPED                                                                                      \
    {"q", "What was typed; empty finds everything.", "string"},                                    \
        {"locale", "Language of q; the shop's unless given.", "string"},                           \
    {                                                                                              \
        "currency", "Of prices; the shop's unless given.", "string"                                \
    }

static const HttpParam SEARCH_PARAMS[] = {
    TYPED,
    {"sort_by", "relevance, title-ascending, price-descending, created-descending, manual …",
     "string"},
    {"limit", "Hits of a page.", "integer"},
    {"cursor", "`next` of the page before.", "string"},
    {"collection", "Only what this collection holds.", "id"},
    {"facets", "Count what can be chosen: filter.p.vendor=…, filter.v.price.lte=…", "boolean"},
    {"fill",
     "When fewer than `limit` products have all words, show those that lack some behind "
     "them, on one page.",
     "boolean"},
    {"explain", "Say what each score is made of.", "boolean"},
    {0},
};
static const HttpParam SUGGEST_PARAMS[] = {TYPED, {0}};

static const HttpRoute ROUTES[] = {
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/search"),
     .handler = get_search,
     .permission = "catalog.read",
     .out = &found_answer_shape,
     .params = SEARCH_PARAMS,
     .summary = "Find products"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/store/v1/search"),
     .handler = get_search,
     .flags = HTTP_PUBLIC,
     .out = &found_answer_shape,
     .params = SEARCH_PARAMS,
     .summary = "Find products, as a shopper"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/store/v1/search/suggest"),
     .handler = get_suggest,
     .flags = HTTP_PUBLIC,
     .out = &suggested_shape,
     .params = SUGGEST_PARAMS,
     .summary = "Suggest while one types"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/store/v1/search/click"),
     .handler = post_click,
     .flags = HTTP_PUBLIC,
     .body = HTTP_BODY_JSON,
     .in = &clicked_shape,
     .status = 204,
     .summary = "Tell that a product was opened from an answer; of one address 20 a minute"},
};

const HttpRoutes catalog_search_routes = {"Search", ROUTES, COUNT_OF(ROUTES)};
