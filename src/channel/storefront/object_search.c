/* Searching, suggestions, and products that go together. */
#include "catalog/product_search.h"
#include "channel/storefront/list_object.h"
#include "channel/storefront/listing.h"
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"

#include <stdlib.h>
#include <string.h>

typedef struct SearchObject {
    Str         terms;
    LiquidValue results;
} SearchObject;

/* --- search
 * ----------------------------------------------------------------------------------------- */

static LiquidValue search_terms(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const SearchObject *)self)->terms);
}

static LiquidValue search_performed(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(((const SearchObject *)self)->terms.len > 0);
}

static int64_t results_total(Visit *v, void *self)
{
    (void)self;
    return v->listing != NULL ? listing_total(v->listing) : 0;
}

static LiquidValue results_window(Visit *v, void *self, int64_t offset, int64_t limit)
{
    const int64_t *ids;
    size_t         n;
    (void)self;
    if (v->listing == NULL)
        return object_list(v, NULL, 0);
    listing_page(v, v->listing, offset, limit, &ids, &n);
    return object_products(v, ids, n, n);
}

static LiquidValue search_results(Visit *v, const void *self)
{
    SearchObject *s = (SearchObject *)(uintptr_t)self;
    if (s->results.type == LIQUID_NIL)
        s->results = list_object(v, (ListSource){results_total, results_window, s});
    return s->results;
}

static LiquidValue search_counted(Visit *v, const void *self)
{
    return liquid_int(results_total(v, (void *)(uintptr_t)self));
}

static LiquidValue search_filters(Visit *v, const void *self)
{
    (void)self;
    return v->listing != NULL ? object_filters(v, v->listing) : object_list(v, NULL, 0);
}

static LiquidValue search_sorts(Visit *v, const void *self)
{
    (void)self;
    return object_sorts(v, true);
}

static LiquidValue search_sort_by(Visit *v, const void *self)
{
    Str asked = visit_param(v, STR("sort_by"));
    (void)self;
    return v->listing != NULL && asked.ptr != NULL
               ? liquid_text(str_from_cstr(listing_sort_names[listing_sort(v->listing)]))
               : liquid_nil();
}

static LiquidValue search_default_sort(Visit *v, const void *self)
{
    (void)v;
    (void)self;
    return liquid_text(STR("relevance"));
}

static LiquidValue search_types(Visit *v, const void *self)
{
    LiquidValue *one = arena_new(visit_arena(v), LiquidValue);
    (void)self;
    *one = liquid_text(STR("product"));
    return object_list(v, one, 1);
}

/* "/search?q=red+mug" */
static Str search_url(Visit *v, Str terms)
{
    static const char     HEX[] = "0123456789ABCDEF";
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 3 * LISTING_TERMS_MAX + 1);
    for (size_t i = 0; i < terms.len && i < LISTING_TERMS_MAX; i++) {
        unsigned char c = (unsigned char)terms.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (plain) {
            buf_addc(&b, (char)c);
            continue;
        }
        buf_addc(&b, '%');
        buf_addc(&b, HEX[c >> 4]);
        buf_addc(&b, HEX[c & 15]);
    }
    return visit_urlf(v, "/search?q=" STR_FMT, STR_ARG(buf_str(&b)));
}

/* What was probably meant: {text, url}, or nil. */
static LiquidValue meant(Visit *v, Str text)
{
    if (text.len == 0)
        return liquid_nil();
    LiquidPair *pair = arena_array(visit_arena(v), LiquidPair, 2);
    pair[0] = (LiquidPair){STR("text"), liquid_text(text)};
    pair[1] = (LiquidPair){STR("url"), liquid_text(search_url(v, text))};
    return liquid_map(visit_arena(v), pair, 2);
}

static LiquidValue search_corrected(Visit *v, const void *self)
{
    (void)self;
    return v->listing != NULL ? meant(v, listing_corrected(v->listing)) : liquid_nil();
}

static LiquidValue search_missing(Visit *v, const void *self)
{
    (void)self;
    return object_texts(v, v->listing != NULL ? listing_missing(v, v->listing) : (CatalogTexts){0});
}

static const Member SEARCH[] = {
    {"terms", search_terms, true},           {"performed", search_performed, true},
    {"results_count", search_counted, true}, {"results", search_results, false},
    {"filters", search_filters, false},      {"sort_options", search_sorts, false},
    {"sort_by", search_sort_by, false},      {"default_sort_by", search_default_sort, false},
    {"types", search_types, false},          {"corrected", search_corrected, false},
    {"missing", search_missing, false},
};
OBJECT(search, "SearchDrop", SEARCH)

LiquidValue object_search(Visit *v, Str terms)
{
    SearchObject *s = arena_new(visit_arena(v), SearchObject);
    s->terms = terms;
    return liquid_drop(visit_arena(v), &search_type, s);
}

/* --- suggestions
 * ------------------------------------------------------------------------------------- */

enum { SUGGESTED_MAX = LISTING_SUGGESTED_MAX };

/* Does a text have the terms in it, in any case of ASCII letters? */
static bool has_terms(Visit *v, Str text, Str terms)
{
    return str_find(str_lower_ascii(visit_arena(v), text),
                    str_lower_ascii(visit_arena(v), terms)) != SIZE_MAX;
}

/* Pages have no index: there are few. */
static LiquidValue matching_pages(Visit *v, Str terms, size_t max)
{
    CatalogIds   ids = published_ids(v->view, PUBLISHED_PAGE);
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, max + 1);
    size_t       n = 0;
    visit_note_all(v);
    for (size_t i = 0; i < ids.n && n < max; i++) {
        LiquidValue          x = object_page(v, ids.items[i]);
        const PublishedPage *page = published_page(v->view, ids.items[i]);
        if (x.type != LIQUID_NIL && page != NULL &&
            has_terms(v, visit_text(v, page->texts, page->page.id, STR("title"), page->page.title),
                      terms))
            items[n++] = x;
    }
    return object_list(v, items, n);
}

static LiquidValue matching_collections(Visit *v, Str terms, uint32_t max)
{
    CatalogIds   ids = {0};
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, max + 1);
    size_t       n = 0;
    visit_note_all(v);
    if (product_search_collections(v->cx, terms, locale_tag_of(v->locale), true, max, &ids) !=
        ST_OK)
        v->uncacheable = true;
    for (size_t i = 0; i < ids.n && n < max; i++) {
        LiquidValue x = object_collection(v, ids.items[i]);
        if (x.type != LIQUID_NIL)
            items[n++] = x;
    }
    return object_list(v, items, n);
}

static size_t suggested_max(Visit *v)
{
    int64_t n;
    Str     s = visit_param(v, STR("resources[limit]"));
    return s.ptr != NULL && str_parse_i64(s, &n) && n >= 1 && n <= SUGGESTED_MAX ? (size_t)n : 6;
}

/* Whole queries that what is typed may become: {text, url}; `corrected` is told by itself. */
static LiquidValue completions(Visit *v, Str terms, Str corrected)
{
    SearchCompletion *list;
    size_t            n = 0, told = 0;
    if (product_search_complete(v->cx, terms, locale_tag_of(v->locale), 4, &list, &n) != ST_OK)
        n = 0;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (str_eq(list[i].text, corrected))
            continue;
        LiquidPair *pair = arena_array(visit_arena(v), LiquidPair, 3);
        pair[0] = (LiquidPair){STR("text"), liquid_text(list[i].text)};
        pair[1] = (LiquidPair){STR("styled_text"), liquid_text(list[i].text)};
        pair[2] = (LiquidPair){STR("url"), liquid_text(search_url(v, list[i].text))};
        items[told++] = liquid_map(visit_arena(v), pair, 3);
    }
    return object_list(v, items, told);
}

LiquidValue object_predictive_search(Visit *v, Str terms)
{
    size_t         max = suggested_max(v), n = 0;
    const int64_t *ids = NULL;
    LiquidPair    *kinds = arena_array(visit_arena(v), LiquidPair, 5);
    LiquidPair    *own = arena_array(visit_arena(v), LiquidPair, 5);
    LiquidValue    none = object_list(v, NULL, 0), corrected = liquid_nil();
    Str            better = STR("");
    if (terms.len > 0) {
        Listing *l = listing_new(v, &(ListingAsk){.terms = terms, .typing = true});
        listing_page(v, l, 0, (int64_t)max, &ids, &n);
        better = listing_corrected(l);
        corrected = meant(v, better);
    }
    kinds[0] = (LiquidPair){STR("products"), object_products(v, ids, n, n)};
    kinds[1] =
        (LiquidPair){STR("collections"), terms.len > 0 ? matching_collections(v, terms, 4) : none};
    kinds[2] = (LiquidPair){STR("pages"), terms.len > 0 ? matching_pages(v, terms, 3) : none};
    kinds[3] = (LiquidPair){STR("articles"), none};
    kinds[4] = (LiquidPair){STR("queries"), terms.len > 0 ? completions(v, terms, better) : none};
    own[0] = (LiquidPair){STR("terms"), liquid_text(terms)};
    own[1] = (LiquidPair){STR("performed"), liquid_bool(terms.len > 0)};
    own[2] = (LiquidPair){STR("resources"), liquid_map(visit_arena(v), kinds, 5)};
    own[3] = (LiquidPair){STR("types"), none};
    own[4] = (LiquidPair){STR("corrected"), corrected};
    return liquid_map(visit_arena(v), own, 5);
}

/* --- products that go together
 * ------------------------------------------------------------------------- */

enum { CANDIDATES_MAX = 400, PLACES = 1024 /* 2^10: the upper bits of a hash */ };

typedef struct Candidate {
    int64_t id;
    int     score;
} Candidate;

static int by_score(const void *x, const void *y)
{
    const Candidate *a = x, *b = y;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* Where a product is in the list, by its id: place + 1 in open addressing. */
static uint16_t *place_of(uint16_t *places, const Candidate *list, int64_t id)
{
    size_t at = (size_t)((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 54);
    while (places[at] != 0 && list[places[at] - 1].id != id)
        at = (at + 1) % PLACES;
    return &places[at];
}

static size_t gather(Visit *v, const PublishedProduct *p, Candidate *list)
{
    uint16_t places[PLACES] = {0};
    size_t   n = 0;
    for (size_t i = 0; i < p->collections.n; i++) {
        const PublishedCollection *c = published_collection(v->view, p->collections.items[i]);
        visit_note(v, PUBLISHED_COLLECTION, p->collections.items[i]);
        if (c == NULL)
            continue;
        /* a small collection says more than one that holds everything */
        int weight = c->products.n <= 50 ? 4 : c->products.n <= 500 ? 2 : 1;
        for (size_t k = 0; k < c->products.n; k++) {
            int64_t   id = c->products.items[k];
            uint16_t *place = place_of(places, list, id);
            if (id == p->product.id || (*place == 0 && n == CANDIDATES_MAX))
                continue;
            if (*place == 0) {
                list[n] = (Candidate){id, 0};
                *place = (uint16_t)++n;
            }
            list[*place - 1].score += weight;
        }
    }
    return n;
}

/* Of a product that is in no collection: the newest ones. */
static size_t newest(Visit *v, const PublishedProduct *p, Candidate *list)
{
    enum { NEWEST = 60 };
    CatalogIds all = published_ids(v->view, PUBLISHED_PRODUCT);
    size_t     n = 0;
    visit_note_all(v);
    for (size_t i = all.n; i > 0 && n < NEWEST; i--)
        if (all.items[i - 1] != p->product.id)
            list[n++] = (Candidate){all.items[i - 1], 0};
    return n;
}

static int shared(CatalogTexts x, CatalogTexts y)
{
    int n = 0;
    for (size_t i = 0; i < x.n && i < 30; i++)
        for (size_t k = 0; k < y.n && k < 30; k++)
            n += str_eq(x.items[i], y.items[k]);
    return n;
}

LiquidValue object_related(Visit *v, int64_t product_id, size_t max)
{
    Candidate              *list = arena_array(visit_arena(v), Candidate, CANDIDATES_MAX);
    const PublishedProduct *p, *other;
    int64_t                *ids = arena_array(visit_arena(v), int64_t, CANDIDATES_MAX);
    if (published_product(v->cx, v->view, product_id, &p) != ST_OK)
        return object_list(v, NULL, 0);
    size_t n = gather(v, p, list);
    if (n == 0)
        n = newest(v, p, list);
    for (size_t i = 0; i < n && n <= 60; i++) {
        if (published_product(v->cx, v->view, list[i].id, &other) != ST_OK)
            continue;
        visit_note(v, PUBLISHED_PRODUCT, list[i].id);
        list[i].score += 3 * shared(p->product.tags, other->product.tags);
        list[i].score +=
            p->product.type.len > 0 && str_eq(p->product.type, other->product.type) ? 4 : 0;
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_score);
    for (size_t i = 0; i < n; i++)
        ids[i] = list[i].id;
    return object_products(v, ids, n, max);
}

LiquidValue object_recommendations(Visit *v, int64_t product_id, size_t max)
{
    LiquidPair *own = arena_array(visit_arena(v), LiquidPair, 4);
    LiquidValue products = object_related(v, product_id, max);
    own[0] = (LiquidPair){STR("performed?"), liquid_bool(true)};
    own[1] = (LiquidPair){STR("performed"), liquid_bool(true)};
    own[2] = (LiquidPair){STR("products"), products};
    own[3] = (LiquidPair){STR("products_count"), liquid_int((int64_t)products.array->n)};
    return liquid_map(visit_arena(v), own, 4);
}
