/* Listings, asked of the index of products. */
#include "channel/storefront/listing.h"

#include "catalog/product_search.h"
#include "channel/storefront/object.h"
#include "text/text.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { NOTED_MAX = 2000 /* products noted one by one; more: everything */ };

const char *const listing_sort_names[LISTING_SORTS] = {
    "manual",          "best-selling",     "title-ascending",   "title-descending",
    "price-ascending", "price-descending", "created-ascending", "created-descending",
};

struct Listing {
    ListingAsk          ask;
    Visit              *v;
    int                 sort, default_sort;
    ProductSearchChoice chosen[LISTING_CHOSEN_MAX];
    size_t              nchosen;
    Str                 groups[LISTING_GROUPS_MAX]; /* params with a choice */
    size_t              ngroups;
    bool                asked, plain; /* plain: there is no index */
    ProductSearchAnswer first;        /* with the counts */
    ProductSearchAnswer base;         /* … before anything was chosen */
    bool                has_base;     /* it was asked for */
    int64_t            *ids;          /* of a page; of a plain one: all */
    size_t              nids;
    int64_t             offset, limit; /* which page that is */
    ListingFilter       filters[LISTING_FILTERS_MAX];
    size_t              nfilters;
    bool                counted;
};

/* How many products pages ask for: then the first question has the right ones. */
static atomic_llong usual_limit = 24;

/* --- what was chosen
 * ------------------------------------------------------------------------------- */

Str listing_handle(Arena *a, Str name)
{
    return text_handle(a, name, STR(""));
}

static bool is_price(Str param)
{
    return str_eq(param, STR("filter.v.price.gte")) || str_eq(param, STR("filter.v.price.lte"));
}

static bool has_group(Listing *l, Str param)
{
    Str group;
    (void)product_search_range_of(param, &group);
    if (is_price(param))
        group = STR("filter.v.price");
    for (size_t i = 0; i < l->ngroups; i++)
        if (str_eq(l->groups[i], group))
            return true;
    if (l->ngroups == LISTING_GROUPS_MAX)
        return false;
    l->groups[l->ngroups++] = group;
    return true;
}

/* "12.5" in the visitor's currency; false for anything that is no price. */
static bool read_price(const Visit *v, Str s, int64_t *ret)
{
    Money m;
    Err   err;
    if (money_parse(s, v->currency, &m, &err) != ST_OK || m.minor < 0)
        return false;
    *ret = m.minor;
    return true;
}

static void choose(Visit *v, Listing *l, Str param, Str value)
{
    int64_t minor;
    double  number;
    Str     of;
    if (product_search_range_of(param, &of) && !product_search_number(value, &number))
        return;
    if (value.len == 0 || l->nchosen == LISTING_CHOSEN_MAX || !product_search_can_choose(param) ||
        (is_price(param) && !read_price(v, value, &minor)) || !has_group(l, param))
        return;
    l->chosen[l->nchosen++] = (ProductSearchChoice){param, value};
}

static void read_filters(Visit *v, Listing *l)
{
    Str rest = v->rq->query, name, value, n, s;
    while (http_query_next(&rest, &name, &value)) {
        if (http_decode_form(v->cx, name, &n) != ST_OK || !str_starts(n, STR("filter.")) ||
            http_decode_form(v->cx, value, &s) != ST_OK)
            continue;
        choose(v, l, n, s);
    }
}

static int sort_named(Str name, int fallback)
{
    for (int i = 0; i < LISTING_SORTS; i++)
        if (str_eq(name, str_from_cstr(listing_sort_names[i])))
            return i;
    return fallback;
}

/* --- asking
 * ------------------------------------------------------------------------------------------ */

static int search_sort(const Listing *l)
{
    static const int SORTS[LISTING_SORTS] = {
        [LISTING_MANUAL] = PRODUCT_SEARCH_MANUAL,
        [LISTING_BEST_SELLING] = PRODUCT_SEARCH_MANUAL,
        [LISTING_TITLE] = PRODUCT_SEARCH_TITLE,
        [LISTING_TITLE_DESC] = PRODUCT_SEARCH_TITLE_DESC,
        [LISTING_PRICE] = PRODUCT_SEARCH_PRICE,
        [LISTING_PRICE_DESC] = PRODUCT_SEARCH_PRICE_DESC,
        [LISTING_CREATED] = PRODUCT_SEARCH_CREATED,
        [LISTING_CREATED_DESC] = PRODUCT_SEARCH_CREATED_DESC,
    };
    bool own = l->sort == LISTING_MANUAL || l->sort == LISTING_BEST_SELLING;
    return own && l->ask.terms.len > 0 ? PRODUCT_SEARCH_RELEVANCE : SORTS[l->sort];
}

static Status ask_index(Listing *l, bool chosen, int64_t offset, int64_t limit, bool facets,
                        ProductSearchAnswer *ret)
{
    Visit                 *v = l->v;
    const ProductSearchAsk ask = {.text = l->ask.terms,
                                  .locale = locale_tag_of(v->locale),
                                  .currency = v->currency,
                                  .collection = l->ask.collection,
                                  .tag = l->ask.tag,
                                  .choices = l->chosen,
                                  .n_choices = chosen ? l->nchosen : 0,
                                  .sort = search_sort(l),
                                  .offset = (uint32_t)offset,
                                  .limit = (uint32_t)limit,
                                  .facets = facets,
                                  .values = LISTING_VALUES_MAX,
                                  .own_order = true,
                                  .typing = l->ask.typing,
                                  .counted = l->ask.counted && !l->asked};
    Status                 st = product_search(v->cx, &ask, ret);
    if (st != ST_OK)
        *ret = (ProductSearchAnswer){0};
    if (l->ask.terms.len > 0) {
        v->search_said = ret->said;
        visit_good_until(v, ret->good_until);
    }
    v->uncacheable |= st != ST_OK || ret->rev < published_rev(v->view); /* a moment behind */
    return st;
}

static void take_hits(Listing *l, const ProductSearchAnswer *a, int64_t offset, int64_t limit)
{
    l->ids = arena_array(visit_arena(l->v), int64_t, a->result.n_hits + 1);
    l->nids = a->result.n_hits;
    l->offset = offset;
    l->limit = limit;
    for (size_t i = 0; i < l->nids; i++)
        l->ids[i] = a->result.hits[i].id;
}

/* Without an index: all that is shown, as the collection has it. */
static void take_plain(Listing *l)
{
    Visit                     *v = l->v;
    const PublishedCollection *c = published_collection(v->view, l->ask.collection);
    CatalogIds                 all = c != NULL ? c->products : (CatalogIds){0};
    l->plain = true;
    if (l->ask.collection == 0 && l->ask.terms.len == 0)
        all = published_ids(v->view, PUBLISHED_PRODUCT);
    l->ids = arena_array(visit_arena(v), int64_t, all.n + 1);
    for (size_t i = 0; i < all.n; i++) {
        const PublishedHead *head = published_head(v->view, all.items[i]);
        if (head != NULL && published_product_shown(head, v->cx->now))
            l->ids[l->nids++] = all.items[i];
    }
}

/* Where the page begins whose number is in the address. */
static int64_t page_offset(const Visit *v, int64_t limit)
{
    int64_t at = v->page_number > 1 ? (v->page_number - 1) * limit : 0;
    return at <= PRODUCT_SEARCH_OFFSET_MAX ? at : 0;
}

/* The question that answers an ordinary page. */
static Status ask_first(Listing *l)
{
    if (l->asked)
        return ST_OK;
    int64_t limit = l->ask.typing ? LISTING_SUGGESTED_MAX : atomic_load(&usual_limit);
    int64_t offset = l->ask.typing ? 0 : page_offset(l->v, limit);
    Status  st = ask_index(l, true, offset, limit, !l->ask.typing, &l->first);
    l->asked = true;
    if (st == ST_OK)
        take_hits(l, &l->first, offset, limit);
    else
        take_plain(l);
    return st;
}

static bool ask(Listing *l)
{
    (void)ask_first(l); /* without an index the page is a plain one */
    return !l->plain;
}

/* As if nothing was chosen. Its first products say which attributes are asked about. */
static const ProductSearchAnswer *base_of(Listing *l)
{
    if (!ask(l) || l->nchosen == 0)
        return &l->first;
    if (!l->has_base)
        l->has_base = ask_index(l, false, 0, atomic_load(&usual_limit), true, &l->base) == ST_OK;
    return &l->base;
}

Status listing_ready(Visit *v, Listing *l)
{
    (void)v;
    return ask_first(l);
}

Str listing_redirect(Listing *l)
{
    return ask(l) ? l->first.redirect : (Str){0};
}

bool listing_missed(Listing *l)
{
    return ask(l) && l->first.missed;
}

Str listing_corrected(Listing *l)
{
    return ask(l) ? l->first.result.corrected : (Str){0};
}

CatalogTexts listing_missing(Visit *v, Listing *l)
{
    const SearchResult *r = &l->first.result;
    if (!ask(l) || !r->relaxed)
        return (CatalogTexts){0};
    CatalogTexts words = {arena_array(visit_arena(v), Str, r->n_words + 1), 0};
    for (size_t i = 0; i < r->n_words; i++)
        if ((r->given_up >> i & 1) != 0)
            words.items[words.n++] = r->words[i].text;
    return words;
}

/* --- counting
 * ---------------------------------------------------------------------------------------- */

static ListingValue *value_of(ListingFilter *f, Str value)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->values[i].value, value))
            return &f->values[i];
    return NULL;
}

/* `room` for values that are not there: chosen ones, and both answers of availability. */
static ListingFilter filter_of(const Listing *l, const ProductSearchFacet *x, bool counted)
{
    ListingFilter f = {.param = x->param, .label = x->label};
    bool          many = x->number && x->n > LISTING_NUMBERS_MAX;
    f.kind = x->range ? LISTING_PRICE_RANGE : many ? LISTING_NUMBER_RANGE : LISTING_LIST;
    f.low = x->low;
    f.high = x->high;
    f.unit = x->unit;
    f.range_max = x->range ? x->max : 0;
    f.values = arena_array(visit_arena(l->v), ListingValue, x->n + l->nchosen + 2);
    for (size_t i = 0; i < x->n && !many; i++) {
        const ProductSearchValue *y = &x->values[i];
        f.values[f.n++] = (ListingValue){.value = y->text,
                                         .label = y->label,
                                         .swatch = y->swatch,
                                         .count = counted ? y->count : 0};
    }
    if (str_eq(f.param, STR("filter.v.availability"))) {
        if (value_of(&f, STR("1")) == NULL) {
            memmove(&f.values[1], &f.values[0], f.n++ * sizeof *f.values);
            f.values[0] = (ListingValue){.value = STR("1")};
        }
        if (value_of(&f, STR("0")) == NULL)
            f.values[f.n++] = (ListingValue){.value = STR("0")};
    }
    return f;
}

static void add_counts(ListingFilter *f, const ProductSearchFacet *x)
{
    for (size_t i = 0, k = 0; i < x->n; i++) { /* mostly in the same order */
        for (size_t steps = 0; steps < f->n; steps++, k++) {
            if (k >= f->n)
                k = 0;
            if (str_eq(f->values[k].value, x->values[i].text)) {
                f->values[k].count = x->values[i].count;
                break;
            }
        }
    }
}

static void mark_chosen(const Listing *l, ListingFilter *f)
{
    for (size_t i = 0; i < l->nchosen; i++) {
        const ProductSearchChoice *c = &l->chosen[i];
        if (f->kind == LISTING_PRICE_RANGE && is_price(c->param)) {
            OptI64 *end = str_eq(c->param, STR("filter.v.price.gte")) ? &f->min : &f->max;
            end->has = f->active = read_price(l->v, c->value, &end->v);
        }
        Str of;
        if (product_search_range_of(c->param, &of) && str_eq(of, f->param)) {
            *(str_ends(c->param, STR(".gte")) ? &f->from : &f->upto) = c->value;
            f->active = true;
            continue;
        }
        if (f->kind == LISTING_PRICE_RANGE || !str_eq(c->param, f->param))
            continue;
        ListingValue *x = value_of(f, c->value);
        if (x == NULL) {
            x = &f->values[f->n++];
            *x = (ListingValue){.value = c->value, .label = c->value};
        }
        x->active = f->active = true;
    }
}

/* What is asked most often comes first; attributes as the merchant has them. */
static int64_t place_of(const Visit *v, Str param)
{
    static const Str     FIRST[] = {STR_INIT("filter.v.availability"), STR_INIT("filter.v.price"),
                                    STR_INIT("filter.v.option."), STR_INIT("filter.p.vendor"),
                                    STR_INIT("filter.p.product_type")};
    CatalogAttributeDefs defs = published_attributes(v->view, CATALOG_SCOPE_PRODUCT);
    for (size_t i = 0; i < COUNT_OF(FIRST); i++)
        if (str_starts(param, FIRST[i]))
            return (int64_t)i;
    for (size_t i = 0; i < defs.n; i++)
        if (str_ends(param, defs.items[i].key))
            return (int64_t)(COUNT_OF(FIRST) + i);
    return INT64_MAX;
}

/* Behind those that come before it, and behind its equals. */
static void add_filter(Listing *l, ListingFilter f)
{
    size_t at = l->nfilters;
    if (l->nfilters == LISTING_FILTERS_MAX)
        return;
    for (; at > 0 && place_of(l->v, l->filters[at - 1].param) > place_of(l->v, f.param); at--)
        l->filters[at] = l->filters[at - 1];
    l->filters[at] = f;
    l->nfilters++;
}

static const ProductSearchFacet *facet_named(const ProductSearchAnswer *a, Str param)
{
    for (size_t i = 0; i < a->n_facets; i++)
        if (str_eq(a->facets[i].param, param))
            return &a->facets[i];
    return NULL;
}

static bool is_chosen(const Listing *l, Str param)
{
    for (size_t i = 0; i < l->ngroups; i++)
        if (str_eq(l->groups[i], param))
            return true;
    return false;
}

const ListingFilter *listing_filters(Visit *v, Listing *l, size_t *ret_n)
{
    (void)v;
    const ProductSearchAnswer *base = base_of(l);
    for (size_t i = 0; !l->counted && i < base->n_facets; i++) {
        const ProductSearchFacet *x = &base->facets[i];
        if (str_eq(x->param, STR("filter.p.tag")))
            continue; /* tags are for the merchant */
        ListingFilter             f = filter_of(l, x, base == &l->first);
        const ProductSearchFacet *left =
            base != &l->first ? facet_named(&l->first, x->param) : NULL;
        if (left != NULL)
            add_counts(&f, left);
        mark_chosen(l, &f);
        add_filter(l, f);
    }
    for (size_t i = 0; !l->counted && base != &l->first && i < l->first.n_facets; i++) {
        const ProductSearchFacet *x = &l->first.facets[i];
        if (!is_chosen(l, x->param) || facet_named(base, x->param) != NULL)
            continue; /* what was chosen is told, whoever has it */
        ListingFilter f = filter_of(l, x, true);
        mark_chosen(l, &f);
        add_filter(l, f);
    }
    l->counted = true;
    *ret_n = l->nfilters;
    return l->filters;
}

/* --- the list
 * ------------------------------------------------------------------------------------------ */

/* What the page hangs on. */
static void note(Visit *v, const Listing *l)
{
    const PublishedCollection *c = published_collection(v->view, l->ask.collection);
    visit_note(v, PUBLISHED_ATTRIBUTES, 0);
    visit_note(v, PUBLISHED_PRICING, 0);
    if (l->ask.collection != 0)
        visit_note(v, PUBLISHED_COLLECTION, l->ask.collection);
    if (l->ask.collection == 0 || c == NULL || c->products.n > NOTED_MAX)
        visit_note_all(v);
    else
        for (size_t i = 0; i < c->products.n; i++)
            visit_note(v, PUBLISHED_PRODUCT, c->products.items[i]);
}

Listing *listing_new(Visit *v, const ListingAsk *asked)
{
    Listing *l = arena_new(visit_arena(v), Listing);
    visit_reads_page(v);
    l->ask = *asked;
    l->v = v;
    l->ask.terms = str_head(asked->terms, LISTING_TERMS_MAX);
    if (asked->tag.len > 0)
        l->ask.tag = listing_handle(visit_arena(v), asked->tag);
    l->default_sort = LISTING_MANUAL;
    l->sort = sort_named(visit_param(v, STR("sort_by")), l->default_sort);
    read_filters(v, l);
    note(v, l);
    return l;
}

int64_t listing_total(Listing *l)
{
    return ask(l) ? l->first.result.total : (int64_t)l->nids;
}

int64_t listing_all(Listing *l)
{
    return ask(l) ? base_of(l)->result.total : (int64_t)l->nids;
}

int listing_sort(const Listing *l)
{
    return l->sort;
}

int listing_default_sort(const Listing *l)
{
    return l->default_sort;
}

bool listing_filtered(const Listing *l)
{
    return l->nchosen > 0;
}

const ListingAsk *listing_ask(const Listing *l)
{
    return &l->ask;
}

/* Is the page at hand the one from `offset` on, as long as is wanted or to the end? */
static bool is_at_hand(const Listing *l, int64_t offset, int64_t limit)
{
    return l->offset == offset &&
           (limit <= l->limit || l->offset + (int64_t)l->nids >= l->first.result.total);
}

static void fetch(Listing *l, int64_t offset, int64_t limit)
{
    ProductSearchAnswer a;
    if (is_at_hand(l, offset, limit))
        return;
    if (!l->ask.typing)
        atomic_store(&usual_limit, limit);
    if (offset > PRODUCT_SEARCH_OFFSET_MAX || ask_index(l, true, offset, limit, false, &a) != ST_OK)
        a = (ProductSearchAnswer){0};
    take_hits(l, &a, offset, limit);
}

void listing_page(Visit *v, Listing *l, int64_t offset, int64_t limit, const int64_t **ret_ids,
                  size_t *ret_n)
{
    int64_t from = offset, left;
    (void)v;
    if (offset < 0 || limit < 0)
        offset = limit = 0;
    if (limit > PRODUCT_SEARCH_LIMIT_MAX)
        limit = PRODUCT_SEARCH_LIMIT_MAX;
    if (ask(l)) {
        fetch(l, offset, limit);
        from = 0;
    }
    left = (int64_t)l->nids - (from < (int64_t)l->nids ? from : (int64_t)l->nids);
    *ret_ids = l->ids + ((int64_t)l->nids - left);
    *ret_n = (size_t)(limit < left ? limit : left);
}

static int by_text(const void *x, const void *y)
{
    const ProductSearchValue *a = x, *b = y;
    return str_cmp(a->text, b->text);
}

CatalogTexts listing_tags(Visit *v, Listing *l)
{
    ProductSearchAnswer    a;
    const ProductSearchAsk ask = {.text = l->ask.terms,
                                  .locale = locale_tag_of(v->locale),
                                  .collection = l->ask.collection,
                                  .tag = l->ask.tag,
                                  .facets = true,
                                  .only = STR("filter.p.tag"),
                                  .values = LISTING_VALUES_MAX};
    if (product_search(v->cx, &ask, &a) != ST_OK || a.n_facets == 0)
        return (CatalogTexts){0};
    const ProductSearchFacet *f = &a.facets[0];
    CatalogTexts              tags = {arena_array(visit_arena(v), Str, f->n + 1), f->n};
    if (f->n > 1)
        qsort(f->values, f->n, sizeof *f->values, by_text);
    for (size_t i = 0; i < f->n; i++)
        tags.items[i] = f->values[i].text;
    return tags;
}
