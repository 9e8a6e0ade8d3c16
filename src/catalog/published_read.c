/* What readers ask of a view. */
#include "base/money.h"
#include "catalog/catalog_int.h"
#include "catalog/published_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t published_rev(const Published *v)
{
    return v->rev;
}

int64_t published_rev_of(const Published *v, PublishedKind kind, int64_t id)
{
    const PubThing *t = kind < PUBLISHED_THINGS        ? pub_table_by_id(v->by_id[kind], id)
                        : kind == PUBLISHED_PRICING    ? v->pricing
                        : kind == PUBLISHED_SHOP       ? v->shop
                        : kind == PUBLISHED_ATTRIBUTES ? v->attributes
                                                       : NULL;
    return t != NULL ? *t->rev : 0;
}

/* --- texts -------------------------------------------------------------------------------- */

static const PublishedText *text_find(PublishedTexts texts, int64_t entity, Str field, Str locale)
{
    size_t from = 0, to = texts.n;
    while (from < to) {
        size_t               middle = from + (to - from) / 2;
        const PublishedText *t = &texts.items[middle];
        int d = t->entity != entity ? (t->entity < entity ? -1 : 1) : str_cmp(t->field, field);
        if (d == 0)
            d = str_cmp(t->locale, locale);
        if (d == 0)
            return t;
        if (d < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

Str published_text(PublishedTexts texts, int64_t entity, Str field, Str locale, Str source)
{
    while (texts.n > 0 && locale.len > 0) {
        const PublishedText *t = text_find(texts, entity, field, locale);
        if (t != NULL)
            return t->value;
        while (locale.len > 0 && locale.ptr[locale.len - 1] != '-')
            locale.len--;
        if (locale.len > 0)
            locale.len--;
    }
    return source;
}

Str published_option_name(const PublishedProduct *p, size_t i, Str locale)
{
    const CatalogOption *o = &p->product.options.items[i];
    return published_text(p->texts, o->id, STR("name"), locale, o->name);
}

Str published_option_value(const PublishedProduct *p, size_t i, Str name, Str locale)
{
    if (p->texts.n == 0 || i >= p->product.options.n)
        return name;
    CatalogOptionValues values = p->product.options.items[i].values;
    for (size_t k = 0; k < values.n; k++)
        if (str_eq(values.items[k].name, name))
            return published_text(p->texts, values.items[k].id, STR("name"), locale, name);
    return name;
}

Str published_variant_title(Arena *a, const PublishedProduct *p, const CatalogVariant *v,
                            Str locale)
{
    CLEANUP(buf_done) Buf b = {0};
    if (p->texts.n == 0 || v->options.n == 0)
        return v->title;
    buf_init(&b, 4096);
    for (size_t i = 0; i < v->options.n; i++) {
        buf_add(&b, i > 0 ? STR(" / ") : STR(""));
        buf_add(&b, published_option_value(p, i, v->options.items[i], locale));
    }
    return str_dup(a, buf_str(&b));
}

/* --- products ----------------------------------------------------------------------------- */

const PublishedHead *published_head(const Published *v, int64_t id)
{
    const PubThing *t = pub_table_by_id(v->by_id[PUBLISHED_PRODUCT], id);
    return t != NULL ? &((const PubHead *)t->value)->head : NULL;
}

const PublishedHead *published_head_by_handle(const Published *v, Str handle)
{
    const PubThing *t = pub_table_by_handle(v->by_handle[PUBLISHED_PRODUCT], handle, 0);
    return t != NULL ? &((const PubHead *)t->value)->head : NULL;
}

bool published_product_shown(const PublishedHead *head, UnixMs now)
{
    return head->status == CATALOG_ACTIVE && head->on_web && head->published_at.v <= now.v &&
           (!head->unpublish_at.has || head->unpublish_at.v.v > now.v);
}

static const PublishedProduct *resident(const Published *v, int64_t id)
{
    PubThing *t = pub_table_by_id(v->bodies, id);
    if (t == NULL)
        return NULL;
    if (atomic_load_explicit(&t->used, memory_order_relaxed) == 0)
        atomic_store_explicit(&t->used, 1, memory_order_relaxed);
    return t->value;
}

static void offer(PubStore *s, PubThing *t, int64_t seen)
{
    enum { OFFERS_MAX = 1000 };
    pthread_mutex_lock(&s->marking);
    if (s->noffers < OFFERS_MAX) {
        PubOffer *o = calloc(1, sizeof *o);
        if (o == NULL)
            base_out_of_memory(sizeof *o);
        *o = (PubOffer){pub_thing_ref(t), seen, s->offers};
        s->offers = o;
        s->noffers++;
        if (s->threaded)
            pthread_cond_signal(&s->marked);
    }
    pthread_mutex_unlock(&s->marking);
}

/* --- texts that are kept with a product --------------------------------------------------- */

bool published_kept(const Published *v, const PublishedProduct *p, Str *ret)
{
    const PubKept *k = atomic_load_explicit(&p->thing->kept, memory_order_acquire);
    if (k == NULL || k->attributes != *v->attributes->rev)
        return false;
    *ret = (Str){k->text, k->len};
    return true;
}

void published_keep(const Published *v, const PublishedProduct *p, Str text)
{
    PubStore *s = v->store;
    PubThing *t = p->thing;
    size_t    size = sizeof(PubKept) + text.len;
    if (atomic_load(&s->used) + atomic_load(&s->kept) + (int64_t)size > pub_budget(s, v))
        return;
    PubKept *k = malloc(size);
    if (k == NULL)
        base_out_of_memory(size);
    *k = (PubKept){.attributes = *v->attributes->rev, .len = text.len};
    memcpy(k->text, text.ptr, text.len);
    k->older = atomic_load(&t->kept);
    bool newer = k->older == NULL || k->older->attributes < k->attributes;
    if (newer && atomic_compare_exchange_strong(&t->kept, &k->older, k))
        pub_count_kept(s, (int64_t)size);
    else
        free(k); /* somebody was faster */
}

/* --- what is not resident ----------------------------------------------------------------- */

typedef struct Missing {
    PubStore      *store;
    const int64_t *ids;
    size_t         n;
    PubThings      found;
} Missing;

static Status missing_load(Cx *cx, void *arg)
{
    Missing *m = arg;
    for (size_t i = 0; i < m->found.n; i++) /* again: the snapshot was taken anew */
        pub_thing_unref(m->found.items[i]);
    m->found.n = 0;
    return pub_load_bodies(cx, m->store, m->ids, m->n, &m->found);
}

/* Bodies that are not resident, held by the reader's arena, and kept for others. */
static Status missing_read(Cx *cx, const Published *v, const int64_t *ids, size_t n, PubThings *ret)
{
    PubStore *s = v->store;
    Missing   m = {.store = s, .ids = ids, .n = n};
    pthread_mutex_lock(&s->marking);
    int64_t seen = s->seen;
    pthread_mutex_unlock(&s->marking);
    TRY(cx_in_snapshot(cx, missing_load, &m));
    atomic_fetch_add(&s->misses, (int64_t)m.found.n);
    for (size_t i = 0; i < m.found.n; i++) {
        PubThing            *t = m.found.items[i];
        const PublishedHead *head = published_head(v, t->id);
        *t->rev = head != NULL ? head->rev : v->rev;
        atomic_init(&t->used, 1);
        arena_defer(cx->arena, pub_thing_unref, t);
        offer(s, t, seen);
    }
    *ret = m.found;
    return ST_OK;
}

Status published_products(Cx *cx, const Published *v, const int64_t *ids, size_t n,
                          const PublishedProduct **ret)
{
    Ids       missing = {0};
    PubThings found;
    for (size_t i = 0; i < n; i++) {
        ret[i] = resident(v, ids[i]);
        if (ret[i] != NULL || published_head(v, ids[i]) == NULL)
            continue;
        if (missing.items == NULL)
            missing = ids_new(cx->arena, n - i);
        ids_add(&missing, ids[i]);
    }
    if (missing.n == 0)
        return ST_OK;
    TRY(missing_read(cx, v, missing.items, missing.n, &found));
    IdIndex index;
    id_index_init(&index, cx->arena, found.n);
    for (size_t i = 0; i < found.n; i++)
        id_index_add(&index, found.items[i]->id, found.items[i]->value);
    for (size_t i = 0; i < n; i++)
        if (ret[i] == NULL)
            ret[i] = id_index_find(&index, ids[i]);
    return ST_OK;
}

static Status no_product(Cx *cx)
{
    return cx_fail(cx, ST_NOT_FOUND, "catalog.no_product", "there is no such product");
}

Status published_product(Cx *cx, const Published *v, int64_t id, const PublishedProduct **ret)
{
    TRY(published_products(cx, v, &id, 1, ret));
    return *ret != NULL ? ST_OK : no_product(cx);
}

Status published_product_by_handle(Cx *cx, const Published *v, Str handle,
                                   const PublishedProduct **ret)
{
    const PublishedHead *head = published_head_by_handle(v, handle);
    return head != NULL ? published_product(cx, v, head->id, ret) : no_product(cx);
}

Status published_variant(Cx *cx, const Published *v, int64_t variant_id,
                         const PublishedProduct **ret_product, const CatalogVariant **ret)
{
    bool    found;
    int64_t id = 0;
    TRY(catalog_sql_variant_product(cx, variant_id, &found, &id));
    if (found && published_head(v, id) != NULL) {
        TRY(published_product(cx, v, id, ret_product));
        const CatalogVariants *list = &(*ret_product)->product.variants;
        for (size_t i = 0; i < list->n; i++) {
            if (list->items[i].id != variant_id)
                continue;
            *ret = &list->items[i];
            return ST_OK;
        }
    }
    return cx_fail(cx, ST_NOT_FOUND, "catalog.no_variant", "there is no such variant");
}

/* --- prices ------------------------------------------------------------------------------- */

Status published_pricing(Cx *cx, const Published *v, const CatalogBuyer *buyer, Str currency,
                         UnixMs at, CatalogPricing *ret)
{
    const PubPricing *p = v->pricing->value;
    pricing_of_lists(cx->arena, &p->lists, p->conditions, buyer, currency, at, ret);
    return ST_OK;
}

static void widen(Money m, Money *min, Money *max, bool *varies)
{
    if (money_absent(*min)) {
        *min = *max = m;
        return;
    }
    *varies = *varies || m.minor != min->minor;
    if (m.minor < min->minor)
        *min = m;
    if (m.minor > max->minor)
        *max = m;
}

bool published_range(const CatalogPricing *pricing, const PublishedProduct *p, PublishedRange *ret)
{
    *ret = (PublishedRange){0};
    for (size_t i = 0; i < p->product.variants.n; i++) {
        CatalogQuote q;
        if (!catalog_quote(pricing, p->product.variants.items[i].prices, 1, &q))
            continue;
        widen(q.price, &ret->price_min, &ret->price_max, &ret->price_varies);
        if (!money_absent(q.compare_at))
            widen(q.compare_at, &ret->compare_at_min, &ret->compare_at_max,
                  &ret->compare_at_varies);
    }
    return !money_absent(ret->price_min);
}

bool published_lowest(const Published *v, const PublishedProduct *p, const CatalogVariant *variant,
                      const CatalogQuote *q, Money *ret)
{
    const PubPricing *pricing = v->pricing->value;
    return catalog_lowest_before(&pricing->lists, variant, p->past, p->npast, q, ret);
}

/* How many of the smaller unit one is, by kind: g, ml, mm, mm2; 0: not known. */
static double unit_size(Str unit, char *ret_kind)
{
    static const struct {
        const char *name;
        char        kind;
        double      size;
    } UNITS[] = {{"mg", 'g', 0.001},        {"g", 'g', 1},          {"kg", 'g', 1000},
                 {"oz", 'g', 28.349523125}, {"lb", 'g', 453.59237}, {"ml", 'l', 1},
                 {"cl", 'l', 10},           {"dl", 'l', 100},       {"l", 'l', 1000},
                 {"m3", 'l', 1e6},          {"mm", 'm', 1},         {"cm", 'm', 10},
                 {"m", 'm', 1000},          {"m2", 'a', 1},         {"item", 'n', 1}};
    for (size_t i = 0; i < COUNT_OF(UNITS); i++) {
        if (!str_eq(unit, str_from_cstr(UNITS[i].name)))
            continue;
        *ret_kind = UNITS[i].kind;
        return UNITS[i].size;
    }
    *ret_kind = 0;
    return 0;
}

bool published_unit_price(const CatalogVariant *v, Money price, Money *ret)
{
    const CatalogMeasure *m = v->measure;
    char                  kind, base_kind;
    if (m == NULL || !(m->value > 0) || !(m->base_value > 0))
        return false;
    double size = unit_size(m->unit, &kind), base = unit_size(m->base_unit, &base_kind);
    if (str_eq(m->unit, m->base_unit))
        size = base = 1;
    else if (kind == 0 || kind != base_kind)
        return false;
    double minor = (double)price.minor * (m->base_value * base) / (m->value * size);
    if (!(minor < 9e15))
        return false;
    *ret = price;
    ret->minor = (int64_t)floor(minor + 0.5);
    return true;
}

/* --- the others --------------------------------------------------------------------------- */

static const void *value_of(const PubThing *t)
{
    return t != NULL ? t->value : NULL;
}

static const void *by_id(const Published *v, PublishedKind kind, int64_t id)
{
    return value_of(pub_table_by_id(v->by_id[kind], id));
}

static const void *by_handle(const Published *v, PublishedKind kind, int64_t scope, Str handle)
{
    return value_of(pub_table_by_handle(v->by_handle[kind], handle, scope));
}

const PublishedCollection *published_collection(const Published *v, int64_t id)
{
    return by_id(v, PUBLISHED_COLLECTION, id);
}

const PublishedCollection *published_collection_by_handle(const Published *v, Str handle)
{
    return by_handle(v, PUBLISHED_COLLECTION, 0, handle);
}

CatalogIds published_ids(const Published *v, PublishedKind kind)
{
    const PubThing *list = kind < PUBLISHED_THINGS ? v->lists[kind] : NULL;
    return list != NULL ? ((const PubList *)list->value)->ids : (CatalogIds){0};
}

const PublishedPage *published_page(const Published *v, int64_t id)
{
    return by_id(v, PUBLISHED_PAGE, id);
}

const PublishedPage *published_page_by_handle(const Published *v, Str handle)
{
    return by_handle(v, PUBLISHED_PAGE, 0, handle);
}

const PublishedBlog *published_blog(const Published *v, int64_t id)
{
    return by_id(v, PUBLISHED_BLOG, id);
}

const PublishedBlog *published_blog_by_handle(const Published *v, Str handle)
{
    return by_handle(v, PUBLISHED_BLOG, 0, handle);
}

const PublishedArticle *published_article(const Published *v, int64_t id)
{
    return by_id(v, PUBLISHED_ARTICLE, id);
}

const PublishedArticle *published_article_by_handle(const Published *v, int64_t blog_id, Str handle)
{
    return by_handle(v, PUBLISHED_ARTICLE, blog_id, handle);
}

const PublishedMenu *published_menu_by_handle(const Published *v, Str handle)
{
    return by_handle(v, PUBLISHED_MENU, 0, handle);
}

const PublishedPolicy *published_policy(const Published *v, int kind)
{
    return by_id(v, PUBLISHED_POLICY, (int64_t)kind + 1);
}

bool published_redirect(const Published *v, Str path, Str *ret_target)
{
    const PubRedirect *r = by_handle(v, PUBLISHED_REDIRECT, 0, path);
    if (r == NULL)
        return false;
    *ret_target = r->target;
    return true;
}

const CatalogShop *published_shop(const Published *v)
{
    return &((const PubShop *)v->shop->value)->shop;
}

CatalogAttributeDefs published_attributes(const Published *v, CatalogScope scope)
{
    return ((const PubAttributes *)v->attributes->value)->scopes[scope];
}
