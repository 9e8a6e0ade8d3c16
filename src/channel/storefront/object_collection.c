/* Collections, with their filters and sorts. */
#include "catalog/catalog.h"
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"

#include "channel/storefront/list_object.h"
#include "channel/storefront/listing.h"

#include <string.h>

static CollectionObject *self_collection(const void *self)
{
    return (CollectionObject *)(uintptr_t)self;
}

Str collection_title(const Visit *v, const CollectionObject *c)
{
    if (c->c == NULL)
        return STR("");
    return visit_text(v, c->c->texts, c->c->collection.id, STR("title"), c->c->collection.title);
}

Str collection_url(Visit *v, const CollectionObject *c)
{
    Str handle = c->c != NULL ? c->c->collection.handle : STR("all");
    return visit_urlf(v, "/collections/" STR_FMT, STR_ARG(handle));
}

/* The listing of the page's own collection listens to the address; any other is plain. */
static Listing *listing_of(Visit *v, CollectionObject *c)
{
    int64_t id = c->c != NULL ? c->c->collection.id : 0;
    visit_reads_page(v);
    if (c->listing == NULL && v->listing != NULL && listing_ask(v->listing)->terms.ptr == NULL &&
        listing_ask(v->listing)->collection == id)
        c->listing = v->listing;
    return c->listing;
}

static LiquidValue collection_id(Visit *v, const void *self)
{
    const CollectionObject *c = self;
    return c->c != NULL ? object_id(v, CATALOG_COLLECTION_ID, c->c->collection.id) : liquid_nil();
}

static LiquidValue collection_title_value(Visit *v, const void *self)
{
    return liquid_text(collection_title(v, self));
}

static LiquidValue collection_handle(Visit *v, const void *self)
{
    const CollectionObject *c = self;
    (void)v;
    return liquid_text(c->c != NULL ? c->c->collection.handle : STR("all"));
}

static LiquidValue collection_description(Visit *v, const void *self)
{
    const CollectionObject *c = self;
    if (c->c == NULL)
        return liquid_text(STR(""));
    const CatalogCollection *x = &c->c->collection;
    return liquid_html(visit_text(v, c->c->texts, x->id, STR("description"),
                                  published_safe(x->description, x->description_safe)));
}

static LiquidValue collection_url_value(Visit *v, const void *self)
{
    return liquid_text(collection_url(v, self));
}

static LiquidValue collection_image(Visit *v, const void *self)
{
    const CollectionObject *c = self;
    if (c->c == NULL)
        return liquid_nil();
    return object_media(v, c->c->collection.media, c->c->media, 0, c->c->texts);
}

/* The first visible product's picture, where the collection has none of its own. */
static LiquidValue collection_featured_image(Visit *v, const void *self)
{
    LiquidValue             own = collection_image(v, self);
    const CollectionObject *c = self;
    if (own.type != LIQUID_NIL || c->c == NULL)
        return own;
    LiquidValue first = object_products(v, c->c->products.items, c->c->products.n, 1);
    if (v->render == NULL || liquid_count(v->render, first) == 0)
        return liquid_nil();
    return liquid_get(v->render, liquid_at(v->render, first, 0), STR("featured_image"));
}

static int64_t visible_count(Visit *v, CatalogIds ids)
{
    int64_t n = 0;
    for (size_t i = 0; i < ids.n; i++) {
        const PublishedHead *head = published_head(v->view, ids.items[i]);
        visit_note(v, PUBLISHED_PRODUCT, ids.items[i]);
        n += head != NULL && published_product_shown(head, v->cx->now);
    }
    return n;
}

static LiquidValue collection_all_count(Visit *v, const void *self)
{
    CollectionObject *c = self_collection(self);
    Listing          *l = listing_of(v, c);
    if (l != NULL)
        return liquid_int(listing_all(l));
    if (c->c == NULL) {
        visit_note_all(v);
        return liquid_int(visible_count(v, published_ids(v->view, PUBLISHED_PRODUCT)));
    }
    return liquid_int(visible_count(v, c->c->products));
}

static LiquidValue collection_counted(Visit *v, const void *self)
{
    Listing *l = listing_of(v, self_collection(self));
    return l != NULL ? liquid_int(listing_total(l)) : collection_all_count(v, self);
}

static CatalogIds all_ids(Visit *v, const CollectionObject *c)
{
    if (c->c != NULL)
        return c->c->products;
    visit_note_all(v);
    return published_ids(v->view, PUBLISHED_PRODUCT);
}

static int64_t products_total(Visit *v, void *self)
{
    Listing *l = listing_of(v, self);
    return l != NULL ? listing_total(l) : visible_count(v, all_ids(v, self));
}

static LiquidValue products_window(Visit *v, void *self, int64_t offset, int64_t limit)
{
    Listing       *l = listing_of(v, self);
    const int64_t *ids;
    size_t         n;
    if (l != NULL) {
        listing_page(v, l, offset, limit, &ids, &n);
        return object_products(v, ids, n, n);
    }
    CatalogIds all = all_ids(v, self);
    int64_t    shown = 0;
    size_t     from = 0;
    for (; from < all.n && shown < offset; from++) {
        const PublishedHead *head = published_head(v->view, all.items[from]);
        shown += head != NULL && published_product_shown(head, v->cx->now);
    }
    return object_products(v, all.items + from, all.n - from, (size_t)limit);
}

static LiquidValue collection_products(Visit *v, const void *self)
{
    CollectionObject *c = self_collection(self);
    if (c->products.type == LIQUID_NIL)
        c->products = list_object(v, (ListSource){products_total, products_window, c});
    return c->products;
}

static LiquidValue collection_tags(Visit *v, const void *self)
{
    Listing *l = listing_of(v, self_collection(self));
    return l != NULL ? object_texts(v, listing_tags(v, l)) : object_list(v, NULL, 0);
}

static LiquidValue collection_filters(Visit *v, const void *self);
static LiquidValue collection_sorts(Visit *v, const void *self);

static LiquidValue collection_sort_by(Visit *v, const void *self)
{
    Listing *l = listing_of(v, self_collection(self));
    Str      asked = visit_param(v, STR("sort_by"));
    return l != NULL && asked.ptr != NULL
               ? liquid_text(str_from_cstr(listing_sort_names[listing_sort(l)]))
               : liquid_nil();
}

static LiquidValue collection_default_sort(Visit *v, const void *self)
{
    const Listing *l = listing_of(v, self_collection(self));
    return liquid_text(
        str_from_cstr(listing_sort_names[l != NULL ? listing_default_sort(l) : LISTING_MANUAL]));
}

static LiquidValue collection_published(Visit *v, const void *self)
{
    const CollectionObject *c = self;
    (void)v;
    return c->c != NULL ? liquid_time(c->c->collection.created_at) : liquid_nil();
}

static LiquidValue collection_suffix(Visit *v, const void *self)
{
    const CollectionObject *c = self;
    (void)v;
    return c->c != NULL && c->c->collection.template_suffix.len > 0
               ? liquid_text(c->c->collection.template_suffix)
               : liquid_nil();
}

static LiquidValue collection_metafields(Visit *v, const void *self)
{
    const CollectionObject *c = self;
    return c->c != NULL
               ? object_metafields(v, c->c->collection.attributes, CATALOG_SCOPE_COLLECTION)
               : liquid_nil();
}

/* The product before and behind the one that the page is about. */
static LiquidValue neighbour(Visit *v, const CollectionObject *c, bool next)
{
    CatalogIds ids = c->c != NULL ? c->c->products : (CatalogIds){0};
    visit_reads_page(v);
    for (size_t i = 0; v->current_product != 0 && i < ids.n; i++) {
        if (ids.items[i] != v->current_product)
            continue;
        for (size_t k = i; next ? k + 1 < ids.n : k > 0;) {
            k = next ? k + 1 : k - 1;
            LiquidValue p = object_product(v, ids.items[k]);
            if (p.type != LIQUID_NIL)
                return p;
        }
    }
    return liquid_nil();
}

static LiquidValue collection_previous(Visit *v, const void *self)
{
    return neighbour(v, self, false);
}

static LiquidValue collection_next(Visit *v, const void *self)
{
    return neighbour(v, self, true);
}

static const Member COLLECTION[] = {
    {"id", collection_id, true},
    {"handle", collection_handle, true},
    {"title", collection_title_value, true},
    {"description", collection_description, true},
    {"url", collection_url_value, true},
    {"products_count", collection_counted, true},
    {"all_products_count", collection_all_count, true},
    {"published_at", collection_published, true},
    {"image", collection_image, false},
    {"featured_image", collection_featured_image, false},
    {"products", collection_products, false},
    {"filters", collection_filters, false},
    {"sort_options", collection_sorts, false},
    {"sort_by", collection_sort_by, false},
    {"default_sort_by", collection_default_sort, false},
    {"all_tags", collection_tags, false},
    {"tags", collection_tags, false},
    {"template_suffix", collection_suffix, false},
    {"metafields", collection_metafields, false},
    {"previous_product", collection_previous, false},
    {"next_product", collection_next, false},
};
OBJECT(collection, "CollectionDrop", COLLECTION)

CollectionObject *object_to_collection(LiquidValue value)
{
    return value.type == LIQUID_DROP && value.drop->type == &collection_type
               ? (CollectionObject *)(uintptr_t)value.drop->self
               : NULL;
}

/* --- filters
 * ------------------------------------------------------------------------------------------- */

typedef struct FilterObject {
    const ListingFilter *f;
} FilterObject;

typedef struct ValueObject {
    const ListingFilter *f;
    const ListingValue  *x;
} ValueObject;

/* This page without `page`, with the choice of one value turned around, or without `param`
 * altogether (value absent). */
static Str toggled(Visit *v, Str param, Str value, bool add)
{
    CLEANUP(buf_done) Buf b = {0};
    Str                   rest = v->rq->query, name, sent, n, s;
    visit_reads_page(v);
    buf_init(&b, 8192);
    while (http_query_next(&rest, &name, &sent)) {
        if (http_decode_form(v->cx, name, &n) != ST_OK ||
            http_decode_form(v->cx, sent, &s) != ST_OK)
            continue;
        bool own = value.ptr == NULL ? str_starts(n, param) : str_eq(n, param) && str_eq(s, value);
        if (own || !visit_listens(n) || str_eq(n, STR("page")) || str_eq(n, STR("section_id")) ||
            str_eq(n, STR("sections")))
            continue;
        buf_addc(&b, b.len == 0 ? '?' : '&');
        buf_add(&b, name);
        buf_addc(&b, '=');
        buf_add(&b, sent);
    }
    Str base = buf_overflowed(&b) ? STR("") : str_dup(visit_arena(v), buf_str(&b));
    if (!add)
        return base;
    Str query = visit_query_with(v, param, value); /* escapes them */
    Str last = query;
    for (size_t i = query.len; i > 0; i--)
        if (query.ptr[i - 1] == '?' || query.ptr[i - 1] == '&') {
            last = str_skip(query, i);
            break;
        }
    buf_clear(&b);
    buf_add(&b, base);
    buf_addc(&b, base.len == 0 ? '?' : '&');
    buf_add(&b, last);
    return buf_overflowed(&b) ? base : str_dup(visit_arena(v), buf_str(&b));
}

static LiquidValue here_with(Visit *v, Str query)
{
    return liquid_text(visit_urlf(v, STR_FMT STR_FMT, STR_ARG(v->raw), STR_ARG(query)));
}

static LiquidValue value_label(Visit *v, const void *self)
{
    const ValueObject *o = self;
    bool               html;
    Str                text;
    if (o->x->label.len > 0)
        return liquid_text(o->x->label);
    Str key = str_eq(o->x->value, STR("1")) ? STR("filters.in_stock") : STR("filters.sold_out");
    if (theme_text(v->theme->texts, v->locale, key, false, 0, &text, &html))
        return liquid_text(text);
    return liquid_text(str_eq(o->x->value, STR("1")) ? STR("In stock") : STR("Out of stock"));
}

static LiquidValue value_value(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const ValueObject *)self)->x->value);
}

static LiquidValue value_count(Visit *v, const void *self)
{
    (void)v;
    return liquid_int(((const ValueObject *)self)->x->count);
}

static LiquidValue value_active(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(((const ValueObject *)self)->x->active);
}

static LiquidValue value_param(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const ValueObject *)self)->f->param);
}

static LiquidValue value_swatch(Visit *v, const void *self)
{
    const ValueObject *o = self;
    if (o->x->swatch.len == 0)
        return liquid_nil();
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 1);
    p[0] = (LiquidPair){STR("color"), liquid_text(o->x->swatch)};
    return liquid_map(visit_arena(v), p, 1);
}

static LiquidValue value_add(Visit *v, const void *self)
{
    const ValueObject *o = self;
    return here_with(v, toggled(v, o->f->param, o->x->value, true));
}

static LiquidValue value_remove(Visit *v, const void *self)
{
    const ValueObject *o = self;
    return here_with(v, toggled(v, o->f->param, o->x->value, false));
}

static const Member VALUE[] = {
    {"label", value_label, true},          {"value", value_value, true},
    {"count", value_count, true},          {"active", value_active, true},
    {"param_name", value_param, true},     {"url_to_add", value_add, true},
    {"url_to_remove", value_remove, true}, {"swatch", value_swatch, false},
};
OBJECT(filter_value, "FilterValueDrop", VALUE)

static LiquidValue values_of(Visit *v, const ListingFilter *f, bool all, bool active)
{
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, f->n + 1);
    ValueObject *objects = arena_array(visit_arena(v), ValueObject, f->n + 1);
    size_t       n = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (!all && f->values[i].active != active)
            continue;
        objects[n] = (ValueObject){f, &f->values[i]};
        items[n] = liquid_drop(visit_arena(v), &filter_value_type, &objects[n]);
        n++;
    }
    return object_list(v, items, n);
}

static const ListingFilter *self_filter(const void *self)
{
    return ((const FilterObject *)self)->f;
}

static LiquidValue filter_label(Visit *v, const void *self)
{
    const ListingFilter *f = self_filter(self);
    static const struct {
        const char *param, *key, *fallback;
    } NAMES[] = {
        {"filter.v.availability", "filters.availability", "Availability"},
        {"filter.v.price", "filters.price", "Price"},
        {"filter.p.vendor", "filters.vendor", "Brand"},
        {"filter.p.product_type", "filters.type", "Type"},
    };
    Str  text;
    bool html;
    for (size_t i = 0; f->label.len == 0 && i < COUNT_OF(NAMES); i++)
        if (str_eq(f->param, str_from_cstr(NAMES[i].param)))
            return theme_text(v->theme->texts, v->locale, str_from_cstr(NAMES[i].key), false, 0,
                              &text, &html)
                       ? liquid_text(text)
                       : liquid_text(str_from_cstr(NAMES[i].fallback));
    return liquid_text(f->label);
}

static LiquidValue filter_param(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(self_filter(self)->param);
}

static LiquidValue filter_kind(Visit *v, const void *self)
{
    static const char *const KINDS[] = {"list", "boolean", "price_range", "number_range"};
    (void)v;
    return liquid_text(str_from_cstr(KINDS[self_filter(self)->kind]));
}

static LiquidValue filter_values(Visit *v, const void *self)
{
    return values_of(v, self_filter(self), true, false);
}

static LiquidValue filter_active_values(Visit *v, const void *self)
{
    return values_of(v, self_filter(self), false, true);
}

static LiquidValue filter_inactive_values(Visit *v, const void *self)
{
    return values_of(v, self_filter(self), false, false);
}

static LiquidValue filter_url_to_remove(Visit *v, const void *self)
{
    return here_with(v, toggled(v, self_filter(self)->param, (Str){0}, false));
}

static LiquidValue number_value(Visit *v, double number)
{
    char *z = arena_alloc(visit_arena(v), 32, 1);
    int   n = snprintf(z, 32, "%.15g", number);
    return liquid_text((Str){z, (size_t)n});
}

static LiquidValue filter_range_min(Visit *v, const void *self)
{
    const ListingFilter *f = self_filter(self);
    return f->kind == LISTING_NUMBER_RANGE ? number_value(v, f->low) : liquid_nil();
}

static LiquidValue filter_unit(Visit *v, const void *self)
{
    const ListingFilter *f = self_filter(self);
    (void)v;
    return f->unit.len > 0 ? liquid_text(f->unit) : liquid_nil();
}

static LiquidValue filter_range_max(Visit *v, const void *self)
{
    if (self_filter(self)->kind == LISTING_NUMBER_RANGE)
        return number_value(v, self_filter(self)->high);
    return liquid_money(money_of(self_filter(self)->range_max, v->currency));
}

static LiquidValue range_end(Visit *v, const ListingFilter *f, OptI64 end, const char *param)
{
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 2);
    if (f->kind != LISTING_PRICE_RANGE)
        return liquid_nil();
    p[0] = (LiquidPair){STR("param_name"), liquid_text(str_from_cstr(param))};
    p[1] = (LiquidPair){STR("value"),
                        end.has ? liquid_money(money_of(end.v, v->currency)) : liquid_nil()};
    return liquid_map(visit_arena(v), p, 2);
}

/* One end of a range of numbers. */
static LiquidValue number_end(Visit *v, const ListingFilter *f, Str chosen, const char *end)
{
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 2);
    size_t      n = f->param.len + strlen(end);
    char       *z = arena_alloc(visit_arena(v), n, 1);
    memcpy(z, f->param.ptr, f->param.len);
    memcpy(z + f->param.len, end, strlen(end));
    p[0] = (LiquidPair){STR("param_name"), liquid_text((Str){z, n})};
    p[1] = (LiquidPair){STR("value"), chosen.len > 0 ? liquid_text(chosen) : liquid_nil()};
    return liquid_map(visit_arena(v), p, 2);
}

static LiquidValue filter_min(Visit *v, const void *self)
{
    const ListingFilter *f = self_filter(self);
    if (f->kind == LISTING_NUMBER_RANGE)
        return number_end(v, f, f->from, ".gte");
    return range_end(v, f, f->min, "filter.v.price.gte");
}

static LiquidValue filter_max(Visit *v, const void *self)
{
    const ListingFilter *f = self_filter(self);
    if (f->kind == LISTING_NUMBER_RANGE)
        return number_end(v, f, f->upto, ".lte");
    return range_end(v, f, f->max, "filter.v.price.lte");
}

static LiquidValue filter_active(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(self_filter(self)->active);
}

static LiquidValue filter_presentation(Visit *v, const void *self)
{
    const ListingFilter *f = self_filter(self);
    (void)v;
    for (size_t i = 0; i < f->n; i++)
        if (f->values[i].swatch.len > 0)
            return liquid_text(STR("swatch"));
    return liquid_text(STR("text"));
}

static const Member FILTER[] = {
    {"label", filter_label, true},
    {"param_name", filter_param, true},
    {"type", filter_kind, true},
    {"values", filter_values, true},
    {"active_values", filter_active_values, false},
    {"inactive_values", filter_inactive_values, false},
    {"url_to_remove", filter_url_to_remove, false},
    {"range_min", filter_range_min, false},
    {"range_max", filter_range_max, false},
    {"unit", filter_unit, false},
    {"min_value", filter_min, false},
    {"max_value", filter_max, false},
    {"active", filter_active, false},
    {"presentation", filter_presentation, false},
};
OBJECT(filter, "FilterDrop", FILTER)

LiquidValue object_filters(Visit *v, Listing *l)
{
    size_t               n, made = 0;
    const ListingFilter *filters = listing_filters(v, l, &n);
    LiquidValue         *items = arena_array(visit_arena(v), LiquidValue, n + 1);
    FilterObject        *objects = arena_array(visit_arena(v), FilterObject, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (filters[i].kind == LISTING_LIST && filters[i].n == 0)
            continue;
        objects[made] = (FilterObject){&filters[i]};
        items[made] = liquid_drop(visit_arena(v), &filter_type, &objects[made]);
        made++;
    }
    return object_list(v, items, made);
}

static LiquidValue collection_filters(Visit *v, const void *self)
{
    Listing *l = listing_of(v, self_collection(self));
    return l != NULL ? object_filters(v, l) : object_list(v, NULL, 0);
}

/* --- sorts
 * -----------------------------------------------------------------------------------------------
 */

LiquidValue object_sorts(Visit *v, bool search)
{
    static const char *const NAMES[LISTING_SORTS] = {
        "Featured",           "Best selling",       "Alphabetically, A–Z", "Alphabetically, Z–A",
        "Price, low to high", "Price, high to low", "Date, old to new",    "Date, new to old"};
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, LISTING_SORTS);
    size_t       n = 0;
    for (int i = 0; i < LISTING_SORTS; i++) {
        char key[64];
        Str  name = str_from_cstr(listing_sort_names[i]), text = str_from_cstr(NAMES[i]);
        bool html;
        if (i == LISTING_BEST_SELLING ||
            (search && (i == LISTING_TITLE || i == LISTING_TITLE_DESC || i == LISTING_CREATED ||
                        i == LISTING_CREATED_DESC)))
            continue;
        if (search && i == LISTING_MANUAL)
            name = STR("relevance");
        int len = snprintf(key, sizeof key, "sorts." STR_FMT, STR_ARG(name));
        for (int k = 0; k < len; k++)
            key[k] = (char)(key[k] == '-' ? '_' : key[k]);
        Str found;
        if (theme_text(v->theme->texts, v->locale, (Str){key, (size_t)len}, false, 0, &found,
                       &html))
            text = found;
        LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 2);
        p[0] = (LiquidPair){STR("name"), liquid_text(text)};
        p[1] = (LiquidPair){STR("value"), liquid_text(name)};
        items[n++] = liquid_map(visit_arena(v), p, 2);
    }
    return object_list(v, items, n);
}

static LiquidValue collection_sorts(Visit *v, const void *self)
{
    (void)self;
    return object_sorts(v, false);
}

/* --- getting them
 * ------------------------------------------------------------------------------------- */

static LiquidValue make(Visit *v, const PublishedCollection *c)
{
    char key[9] = {'c'};
    if (c != NULL)
        memcpy(key + 1, &c->collection.id, 8);
    Str             name = {key, 9};
    const MapValue *known = map_get(&v->things, name);
    if (known != NULL)
        return liquid_drop(visit_arena(v), &collection_type, known->p);
    CollectionObject *o = arena_new(visit_arena(v), CollectionObject);
    o->c = c;
    map_put(&v->things, str_dup(visit_arena(v), name), NULL)->p = o;
    return liquid_drop(visit_arena(v), &collection_type, o);
}

static bool is_shown(const Visit *v, const PublishedCollection *c)
{
    return catalog_published(c->collection.publications, STR(PUBLISHED_CHANNEL), v->cx->now);
}

LiquidValue object_collection(Visit *v, int64_t id)
{
    const PublishedCollection *c = published_collection(v->view, id);
    visit_note(v, PUBLISHED_COLLECTION, id);
    return c != NULL && is_shown(v, c) ? make(v, c) : liquid_nil();
}

LiquidValue object_collection_by_handle(Visit *v, Str handle)
{
    const PublishedCollection *c = published_collection_by_handle(v->view, handle);
    if (c != NULL)
        return object_collection(v, c->collection.id);
    visit_note_all(v);
    return str_eq(handle, STR("all")) ? object_collection_all(v) : liquid_nil();
}

LiquidValue object_collection_all(Visit *v)
{
    return make(v, NULL);
}

LiquidValue object_collections(Visit *v)
{
    CatalogIds   ids = published_ids(v->view, PUBLISHED_COLLECTION);
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, ids.n + 1);
    size_t       n = 0;
    visit_note_all(v);
    for (size_t i = 0; i < ids.n; i++) {
        LiquidValue c = object_collection(v, ids.items[i]);
        if (c.type != LIQUID_NIL)
            items[n++] = c;
    }
    return object_list(v, items, n);
}
