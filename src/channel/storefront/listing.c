/* Listings worked out on the published catalogue in memory. */
#include "channel/storefront/listing.h"

#include "catalog/product_search.h"
#include "channel/storefront/object.h"
#include "text/text.h"

#include <stdlib.h>
#include <string.h>

enum { NOTED_MAX = 2000 /* products noted one by one; more: everything */ };

const char *const listing_sort_names[LISTING_SORTS] = {
    "manual",          "best-selling",     "title-ascending",   "title-descending",
    "price-ascending", "price-descending", "created-ascending", "created-descending",
};

typedef struct Chosen {
    Str     param, value;
    int64_t minor; /* of a price */
    size_t  group; /* bit of its filter */
} Chosen;

typedef struct Row {
    const PublishedProduct *p;
    int64_t                 id;
    size_t                  place; /* in the collection */
    Str                     title;
    int64_t                 price;
    bool                    priced;
} Row;

struct Listing {
    ListingAsk    ask;
    Visit        *v;
    int           sort, default_sort;
    Chosen        chosen[LISTING_CHOSEN_MAX];
    size_t        nchosen;
    Str           groups[32]; /* params with a choice */
    size_t        ngroups;
    Row          *all; /* before filters */
    size_t        nall;
    Row          *rows; /* behind them, sorted */
    size_t        nrows;
    int64_t      *ids;
    ListingFilter filters[LISTING_FILTERS_MAX];
    size_t        nfilters;
    bool          counted;
    Map           params; /* "filter.v.option.size" by the option's name */
};

/* --- what was chosen
 * ------------------------------------------------------------------------------- */

Str listing_handle(Arena *a, Str name)
{
    return text_handle(a, name, STR(""));
}

/* Making a handle asks ICU, and a thousand products have the same few options. */
static Str option_param(Visit *v, Listing *l, Str name)
{
    MapValue *known = map_put(&l->params, name, NULL);
    if (known->p == NULL) {
        Str  handle = listing_handle(visit_arena(v), name);
        Str *made = arena_new(visit_arena(v), Str);
        *made = visit_urlf(&(Visit){.cx = v->cx, .root = STR("filter.v.option.")}, STR_FMT,
                           STR_ARG(handle));
        known->p = made;
    }
    return *(const Str *)known->p;
}

static bool is_price(Str param)
{
    return str_eq(param, STR("filter.v.price.gte")) || str_eq(param, STR("filter.v.price.lte"));
}

static size_t group_of(Listing *l, Str param)
{
    Str group = is_price(param) ? STR("filter.v.price") : param;
    for (size_t i = 0; i < l->ngroups; i++)
        if (str_eq(l->groups[i], group))
            return i;
    if (l->ngroups == COUNT_OF(l->groups))
        return SIZE_MAX;
    l->groups[l->ngroups] = group;
    return l->ngroups++;
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
    Chosen c = {.param = param, .value = value};
    if (value.len == 0 || l->nchosen == LISTING_CHOSEN_MAX ||
        (is_price(param) && !read_price(v, value, &c.minor)))
        return;
    c.group = group_of(l, param);
    if (c.group != SIZE_MAX)
        l->chosen[l->nchosen++] = c;
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

/* --- the products of it
 * --------------------------------------------------------------------------- */

static bool has_tag(Visit *v, const CatalogProduct *p, Str tag)
{
    for (size_t i = 0; i < p->tags.n; i++)
        if (str_eq(p->tags.items[i], tag) ||
            str_eq(listing_handle(visit_arena(v), p->tags.items[i]), tag))
            return true;
    return false;
}

/* What the shop's search finds, the best first. */
static CatalogIds found(Visit *v, const Listing *l)
{
    const ProductSearchAsk ask = {.text = l->ask.terms,
                                  .locale = locale_tag_of(v->locale),
                                  .limit = PRODUCT_SEARCH_LIMIT_MAX,
                                  .typing = l->ask.typing};
    ProductSearchAnswer    a;
    CatalogIds             ids = {0};
    visit_note_all(v);
    if (product_search(v->cx, &ask, &a) != ST_OK) {
        v->uncacheable = true;
        return ids;
    }
    v->search_said = a.said;
    visit_good_until(v, a.good_until);
    v->uncacheable |= a.rev < published_rev(v->view); /* the index is a moment behind */
    ids.items = arena_array(visit_arena(v), int64_t, a.result.n_hits + 1);
    for (; ids.n < a.result.n_hits; ids.n++)
        ids.items[ids.n] = a.result.hits[ids.n].id;
    return ids;
}

static CatalogIds candidates(Visit *v, const Listing *l)
{
    if (l->ask.terms.len > 0)
        return found(v, l);
    if (l->ask.collection == 0) {
        visit_note_all(v);
        return published_ids(v->view, PUBLISHED_PRODUCT);
    }
    const PublishedCollection *c = published_collection(v->view, l->ask.collection);
    visit_note(v, PUBLISHED_COLLECTION, l->ask.collection);
    return c != NULL ? c->products : (CatalogIds){0};
}

static size_t visible(Visit *v, CatalogIds ids, int64_t *shown)
{
    size_t n = 0;
    if (ids.n > NOTED_MAX)
        visit_note_all(v);
    for (size_t i = 0; i < ids.n; i++) {
        const PublishedHead *head = published_head(v->view, ids.items[i]);
        if (ids.n <= NOTED_MAX)
            visit_note(v, PUBLISHED_PRODUCT, ids.items[i]);
        if (head != NULL && published_product_shown(head, v->cx->now))
            shown[n++] = ids.items[i];
    }
    return n;
}

static void gather(Visit *v, Listing *l)
{
    CatalogIds               ids = candidates(v, l);
    int64_t                 *shown = arena_array(visit_arena(v), int64_t, ids.n + 1);
    size_t                   n = visible(v, ids, shown);
    const PublishedProduct **p = arena_array(visit_arena(v), const PublishedProduct *, n + 1);
    l->all = arena_array(visit_arena(v), Row, n + 1);
    if (n == 0 || published_products(v->cx, v->view, shown, n, p) != ST_OK)
        return;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == NULL || (l->ask.tag.ptr != NULL && !has_tag(v, &p[i]->product, l->ask.tag)))
            continue;
        l->all[l->nall++] = (Row){.p = p[i], .id = shown[i], .place = i};
    }
}

/* --- does it fit?
 * ------------------------------------------------------------------------------------ */

static Str attribute_text(Visit *v, const CatalogProduct *p, Str key)
{
    for (size_t i = 0; i < p->attributes.n; i++) {
        const JsonValue *json;
        Err              err;
        if (!str_eq(p->attributes.items[i].key, key) ||
            json_parse(visit_arena(v), p->attributes.items[i].value, &json, &err) != ST_OK)
            continue;
        return json->type == JSON_STRING || json->type == JSON_NUMBER ? json->text
               : json->type == JSON_BOOL ? (json->boolean ? STR("true") : STR("false"))
                                         : (Str){0};
    }
    return (Str){0};
}

static bool product_holds(Visit *v, const CatalogProduct *p, const Chosen *c)
{
    if (str_eq(c->param, STR("filter.p.vendor")))
        return str_eq(p->vendor, c->value);
    if (str_eq(c->param, STR("filter.p.product_type")))
        return str_eq(p->type, c->value);
    if (str_eq(c->param, STR("filter.p.tag")))
        return has_tag(v, p, c->value);
    if (str_starts(c->param, STR("filter.p.m.")))
        return str_eq(attribute_text(v, p, str_skip(c->param, 11)), c->value);
    return false;
}

static bool option_holds(Visit *v, Listing *l, const CatalogProduct *p, const CatalogVariant *x,
                         const Chosen *c)
{
    for (size_t i = 0; i < p->options.n && i < x->options.n; i++)
        if (str_eq(x->options.items[i], c->value) &&
            str_eq(option_param(v, l, p->options.items[i].name), c->param))
            return true;
    return false;
}

static bool variant_price(Visit *v, const CatalogVariant *x, int64_t *ret)
{
    const CatalogPricing *pricing = visit_pricing(v);
    CatalogQuote          q;
    if (pricing == NULL || !catalog_quote(pricing, x->prices, 1, &q))
        return false;
    *ret = q.price.minor;
    return true;
}

static bool variant_holds(Visit *v, Listing *l, const CatalogProduct *p, const CatalogVariant *x,
                          const Chosen *c)
{
    int64_t price = 0;
    if (str_eq(c->param, STR("filter.v.availability")))
        return variant_available(x) == str_eq(c->value, STR("1"));
    if (str_eq(c->param, STR("filter.v.price.gte")))
        return variant_price(v, x, &price) && price >= c->minor;
    if (str_eq(c->param, STR("filter.v.price.lte")))
        return variant_price(v, x, &price) && price <= c->minor;
    return str_starts(c->param, STR("filter.v.option.")) && option_holds(v, l, p, x, c);
}

/* Groups whose choice does not hold for the product, or for a variant of it. Values of a group
 * are alternatives, except the two ends of the price. */
static uint32_t failing(Visit *v, Listing *l, const CatalogProduct *p, const CatalogVariant *x)
{
    uint32_t held = 0, asked = 0, failed = 0;
    for (size_t i = 0; i < l->nchosen; i++) {
        const Chosen *c = &l->chosen[i];
        uint32_t      bit = UINT32_C(1) << c->group;
        if (str_starts(c->param, STR("filter.v.")) != (x != NULL))
            continue;
        bool holds = x != NULL ? variant_holds(v, l, p, x, c) : product_holds(v, p, c);
        asked |= bit;
        held |= holds ? bit : 0;
        failed |= !holds && is_price(c->param) ? bit : 0;
    }
    return (asked & ~held) | failed;
}

/* --- counting
 * ---------------------------------------------------------------------------------------- */

static ListingFilter *filter_of(Visit *v, Listing *l, Str param, Str label, ListingKind kind)
{
    for (size_t i = 0; i < l->nfilters; i++)
        if (str_eq(l->filters[i].param, param))
            return &l->filters[i];
    if (l->nfilters == LISTING_FILTERS_MAX)
        return NULL;
    ListingFilter *f = &l->filters[l->nfilters++];
    *f = (ListingFilter){.param = param, .label = label, .kind = kind};
    map_init(&f->index, visit_arena(v), 32);
    return f;
}

static ListingValue *value_of(Visit *v, ListingFilter *f, Str value, Str label)
{
    bool is_new;
    if (f->n == LISTING_VALUES_MAX && map_get(&f->index, value) == NULL)
        return NULL;
    MapValue *at = map_put(&f->index, value, &is_new);
    if (!is_new)
        return &f->values[at->i];
    if (f->n == f->cap) {
        size_t        cap = f->cap == 0 ? 16 : f->cap * 2;
        ListingValue *more = arena_array(visit_arena(v), ListingValue, cap);
        if (f->n > 0)
            memcpy(more, f->values, f->n * sizeof *more);
        f->values = more;
        f->cap = cap;
    }
    at->i = (int64_t)f->n;
    f->values[f->n] = (ListingValue){.value = value, .label = label};
    return &f->values[f->n++];
}

static void count_value(Visit *v, ListingFilter *f, Str value, Str label, int64_t by)
{
    ListingValue *x = f != NULL && value.len > 0 ? value_of(v, f, value, label) : NULL;
    if (x != NULL)
        x->count += by;
}

/* The bit of a filter when something is chosen in it, else 0. */
static uint32_t bit_of(const Listing *l, Str param)
{
    for (size_t i = 0; i < l->ngroups; i++)
        if (str_eq(l->groups[i], param))
            return UINT32_C(1) << i;
    return 0;
}

typedef struct Masks {
    uint32_t  product;
    uint32_t *variants;
    size_t    n;
} Masks;

/* Would it be in the list if this filter asked for nothing? */
static bool counts_for(const Masks *m, uint32_t bit, size_t variant)
{
    if ((m->product & ~bit) != 0)
        return false;
    if (variant != SIZE_MAX)
        return (m->variants[variant] & ~bit) == 0;
    for (size_t i = 0; i < m->n; i++)
        if ((m->variants[i] & ~bit) == 0)
            return true;
    return m->n == 0;
}

static void count_product(Visit *v, Listing *l, const CatalogProduct *p, const Masks *m)
{
    static const Str PARAMS[] = {STR_INIT("filter.p.vendor"), STR_INIT("filter.p.product_type"),
                                 STR_INIT("filter.p.tag")};
    Str              values[] = {p->vendor, p->type};
    for (size_t i = 0; i < 2; i++)
        count_value(v, filter_of(v, l, PARAMS[i], STR(""), LISTING_LIST), values[i], values[i],
                    counts_for(m, bit_of(l, PARAMS[i]), SIZE_MAX));
    CatalogAttributeDefs defs = published_attributes(v->view, CATALOG_SCOPE_PRODUCT);
    for (size_t i = 0; i < defs.n; i++) {
        if (!defs.items[i].filterable)
            continue;
        Str   value = attribute_text(v, p, defs.items[i].key);
        char *z = arena_array(visit_arena(v), char, defs.items[i].key.len + 12);
        int   n = snprintf(z, defs.items[i].key.len + 12, "filter.p.m." STR_FMT,
                           STR_ARG(defs.items[i].key));
        Str   param = {z, (size_t)n};
        count_value(v, filter_of(v, l, param, defs.items[i].name, LISTING_LIST), value, value,
                    counts_for(m, bit_of(l, param), SIZE_MAX));
    }
}

static Str swatch_of(const CatalogOption *option, Str name)
{
    for (size_t i = 0; i < option->values.n; i++)
        if (str_eq(option->values.items[i].name, name))
            return option->values.items[i].swatch;
    return STR("");
}

/* Each value of an option once for a product, when a variant with it would be in the list. */
static void count_option(Visit *v, Listing *l, const PublishedProduct *p, size_t i, const Masks *m)
{
    const CatalogOption *option = &p->product.options.items[i];
    Str                  param = option_param(v, l, option->name);
    ListingFilter       *f = filter_of(
              v, l, param, visit_text(v, p->texts, option->id, STR("name"), option->name), LISTING_LIST);
    uint32_t bit = bit_of(l, param);
    for (size_t k = 0; f != NULL && k < option->values.n; k++) {
        const CatalogOptionValue *value = &option->values.items[k];
        bool                      used = false, listed = false;
        for (size_t x = 0; x < p->product.variants.n && !listed; x++) {
            const CatalogVariant *variant = &p->product.variants.items[x];
            bool has = i < variant->options.n && str_eq(variant->options.items[i], value->name);
            used = used || has;
            listed = has && counts_for(m, bit, x);
        }
        if (!used)
            continue;
        count_value(v, f, value->name, visit_text(v, p->texts, value->id, STR("name"), value->name),
                    listed);
        ListingValue *shown = value_of(v, f, value->name, value->name);
        if (shown != NULL && shown->swatch.len == 0)
            shown->swatch = swatch_of(option, value->name);
    }
}

static void count_variants(Visit *v, Listing *l, const PublishedProduct *p, const Masks *m)
{
    ListingFilter *stock = filter_of(v, l, STR("filter.v.availability"), STR(""), LISTING_LIST);
    ListingFilter *price = filter_of(v, l, STR("filter.v.price"), STR(""), LISTING_PRICE_RANGE);
    uint32_t       bit = bit_of(l, STR("filter.v.availability"));
    bool           in = false, out = false;
    for (size_t i = 0; i < m->n; i++) {
        const CatalogVariant *x = &p->product.variants.items[i];
        int64_t               minor = 0;
        bool                  here = counts_for(m, bit, i);
        in = in || (here && variant_available(x));
        out = out || (here && !variant_available(x));
        if (price != NULL && variant_price(v, x, &minor) && minor > price->range_max)
            price->range_max = minor;
    }
    count_value(v, stock, STR("1"), STR(""), in);
    count_value(v, stock, STR("0"), STR(""), out);
    for (size_t i = 0; i < p->product.options.n; i++)
        count_option(v, l, p, i, m);
}

static Masks masks_of(Visit *v, Listing *l, const CatalogProduct *p)
{
    Masks m = {.n = p->variants.n, .product = failing(v, l, p, NULL)};
    m.variants = arena_array(visit_arena(v), uint32_t, m.n + 1);
    for (size_t i = 0; l->nchosen > 0 && i < m.n; i++)
        m.variants[i] = failing(v, l, p, &p->variants.items[i]);
    return m;
}

static int by_label(const void *x, const void *y)
{
    const ListingValue *a = x, *b = y;
    return str_cmp(a->label, b->label);
}

static void finish_filter(Visit *v, const Listing *l, ListingFilter *f)
{
    for (size_t i = 0; i < l->nchosen; i++) {
        const Chosen *c = &l->chosen[i];
        if (str_eq(c->param, STR("filter.v.price.gte")) && f->kind == LISTING_PRICE_RANGE)
            f->min = (OptI64){true, c->minor};
        else if (str_eq(c->param, STR("filter.v.price.lte")) && f->kind == LISTING_PRICE_RANGE)
            f->max = (OptI64){true, c->minor};
        else if (!str_eq(c->param, f->param))
            continue;
        f->active = true;
        if (f->kind == LISTING_LIST) {
            ListingValue *x = value_of(v, f, c->value, c->value);
            if (x != NULL)
                x->active = true;
        }
    }
    bool own_order = str_starts(f->param, STR("filter.v.option.")) ||
                     str_eq(f->param, STR("filter.v.availability"));
    if (f->values != NULL && f->n > 1 && !own_order)
        qsort(f->values, f->n, sizeof *f->values, by_label);
}

const ListingFilter *listing_filters(Visit *v, Listing *l, size_t *ret_n)
{
    if (!l->counted) {
        l->counted = true;
        visit_note(v, PUBLISHED_ATTRIBUTES, 0);
        for (size_t i = 0; i < l->nall; i++) {
            Masks m = masks_of(v, l, &l->all[i].p->product);
            count_variants(v, l, l->all[i].p, &m);
            count_product(v, l, &l->all[i].p->product, &m);
        }
        for (size_t i = 0; i < l->nfilters; i++)
            finish_filter(v, l, &l->filters[i]);
    }
    *ret_n = l->nfilters;
    return l->filters;
}

/* --- the list
 * ------------------------------------------------------------------------------------------ */

static bool fits(Visit *v, Listing *l, const CatalogProduct *p)
{
    Masks m = masks_of(v, l, p);
    return counts_for(&m, 0, SIZE_MAX);
}

static int order_rows(const void *x, const void *y, void *arg)
{
    const Row     *a = x, *b = y;
    const Listing *l = arg;
    int            order = 0;
    switch ((ListingSort)l->sort) {
    case LISTING_TITLE: order = str_cmp(a->title, b->title); break;
    case LISTING_TITLE_DESC: order = str_cmp(b->title, a->title); break;
    case LISTING_PRICE:
    case LISTING_PRICE_DESC:
        if (a->priced != b->priced)
            return a->priced ? -1 : 1;
        order = (a->price > b->price) - (a->price < b->price);
        order = l->sort == LISTING_PRICE ? order : -order;
        break;
    case LISTING_CREATED: order = (a->id > b->id) - (a->id < b->id); break;
    case LISTING_CREATED_DESC: order = (a->id < b->id) - (a->id > b->id); break;
    case LISTING_MANUAL:
    case LISTING_BEST_SELLING:
    case LISTING_SORTS: break;
    }
    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

static void sort_rows(Visit *v, Listing *l)
{
    bool titles = l->sort == LISTING_TITLE || l->sort == LISTING_TITLE_DESC;
    bool prices = l->sort == LISTING_PRICE || l->sort == LISTING_PRICE_DESC;
    for (size_t i = 0; i < l->nrows; i++) {
        const PublishedProduct *p = l->rows[i].p;
        PublishedRange          range;
        const CatalogPricing   *pricing = prices ? visit_pricing(v) : NULL;
        if (titles)
            l->rows[i].title =
                text_fold(visit_arena(v),
                          visit_text(v, p->texts, p->product.id, STR("title"), p->product.title));
        if (pricing != NULL && published_range(pricing, p, &range)) {
            l->rows[i].price = range.price_min.minor;
            l->rows[i].priced = true;
        }
    }
    if (l->sort > LISTING_BEST_SELLING && l->nrows > 1)
        qsort_r(l->rows, l->nrows, sizeof *l->rows, order_rows, l);
}

Listing *listing_new(Visit *v, const ListingAsk *ask)
{
    Listing *l = arena_new(visit_arena(v), Listing);
    visit_reads_page(v);
    l->ask = *ask;
    map_init(&l->params, visit_arena(v), 32);
    l->v = v;
    l->ask.terms = str_head(ask->terms, LISTING_TERMS_MAX);
    l->default_sort = LISTING_MANUAL;
    l->sort = sort_named(visit_param(v, STR("sort_by")), l->default_sort);
    read_filters(v, l);
    gather(v, l);
    l->rows = arena_array(visit_arena(v), Row, l->nall + 1);
    for (size_t i = 0; i < l->nall; i++)
        if (l->nchosen == 0 || fits(v, l, &l->all[i].p->product))
            l->rows[l->nrows++] = l->all[i];
    sort_rows(v, l);
    l->ids = arena_array(visit_arena(v), int64_t, l->nrows + 1);
    for (size_t i = 0; i < l->nrows; i++)
        l->ids[i] = l->rows[i].id;
    return l;
}

int64_t listing_total(Listing *l)
{
    return (int64_t)l->nrows;
}

int64_t listing_all(Listing *l)
{
    return (int64_t)l->nall;
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

void listing_page(Visit *v, Listing *l, int64_t offset, int64_t limit, const int64_t **ret_ids,
                  size_t *ret_n)
{
    int64_t total = (int64_t)l->nrows;
    (void)v;
    if (offset < 0 || offset > total)
        offset = total;
    if (limit > total - offset)
        limit = total - offset;
    *ret_ids = l->ids + offset;
    *ret_n = (size_t)(limit < 0 ? 0 : limit);
}

static int by_text(const void *x, const void *y)
{
    const Str *a = x, *b = y;
    return str_cmp(*a, *b);
}

CatalogTexts listing_tags(Visit *v, Listing *l)
{
    Map    seen;
    size_t n = 0;
    Str   *items = arena_array(visit_arena(v), Str, LISTING_VALUES_MAX);
    map_init(&seen, visit_arena(v), 256);
    for (size_t i = 0; i < l->nall; i++) {
        CatalogTexts tags = l->all[i].p->product.tags;
        for (size_t k = 0; k < tags.n && n < LISTING_VALUES_MAX; k++) {
            bool is_new;
            map_put(&seen, tags.items[k], &is_new);
            if (is_new)
                items[n++] = tags.items[k];
        }
    }
    if (n > 1)
        qsort(items, n, sizeof *items, by_text);
    return (CatalogTexts){items, n};
}
