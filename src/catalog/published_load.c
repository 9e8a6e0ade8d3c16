/* Things of a view from SQL. */
#include "base/map.h"
#include "base/sort.h"
#include "catalog/list.h"
#include "catalog/published_int.h"
#include "text/text.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_CHUNK = 10000, PAST_DAYS = 120 /* of prices: 30 before a reduction of the last 90 */ };

static void things_init(Arena *a, PubThings *ret, size_t cap)
{
    *ret = (PubThings){arena_array(a, PubThing *, cap + 1), 0};
}

static void more_room(Arena *a, Ids *ids, size_t *cap, size_t n)
{
    if (ids->n + n <= *cap)
        return;
    *cap = (ids->n + n) * 2;
    int64_t *more = arena_array(a, int64_t, *cap);
    if (ids->n > 0)
        memcpy(more, ids->items, ids->n * sizeof *more);
    ids->items = more;
}

static int64_t sooner(int64_t turn, OptTime t, UnixMs now)
{
    return t.has && t.v.v > now.v && t.v.v < turn ? t.v.v : turn;
}

/* --- products ----------------------------------------------------------------------------- */

static PubThing *head_make(PubStore *s, const CatalogHeadRow *r, UnixMs now)
{
    PubThing *t = pub_thing_new(s, PUBLISHED_PRODUCT, r->id, sizeof(PubHead));
    PubHead  *h = t->value;
    t->handle = str_dup(&t->arena, r->handle);
    t->rev = &h->head.rev;
    h->title = map_hash(r->title_key);
    h->head = (PublishedHead){.id = r->id,
                              .handle = t->handle,
                              .status = r->status,
                              .on_web = r->published_ms.has,
                              .published_at = r->published_ms.v,
                              .unpublish_at = r->unpublish_ms};
    t->turn = sooner(sooner(PUB_NEVER, r->published_ms, now), r->unpublish_ms, now);
    pub_thing_done(t);
    return t;
}

static int by_product(const void *x, const void *y)
{
    const CatalogTurnRow *p = x, *q = y;
    return p->product_id < q->product_id ? -1 : p->product_id > q->product_id;
}

static Status load_heads(Cx *cx, PubStore *s, const int64_t *ids, size_t n, PubThings *ret)
{
    CatalogHeadRowList rows;
    CatalogTurnRowList turns;
    TRY(catalog_sql_heads_in(cx, ids, n, &rows));
    TRY(catalog_sql_price_turns_in(cx, ids, n, cx->now, &turns));
    array_sort(turns.items, turns.n, sizeof *turns.items, by_product);
    things_init(cx->arena, ret, rows.n);
    for (size_t i = 0; i < rows.n; i++) {
        CatalogTurnRow        key = {.product_id = rows.items[i].id};
        PubThing             *t = head_make(s, &rows.items[i], cx->now);
        const CatalogTurnRow *turn =
            turns.n > 0 ? bsearch(&key, turns.items, turns.n, sizeof key, by_product) : NULL;
        if (turn != NULL && turn->turn_ms.v < t->turn)
            t->turn = turn->turn_ms.v;
        ret->items[ret->n++] = t;
    }
    return ST_OK;
}

static int by_id(const void *x, const void *y)
{
    const int64_t *p = x, *q = y;
    return *p < *q ? -1 : *p > *q;
}

static int by_variant(const void *x, const void *y)
{
    const CatalogPastRow *p = x, *q = y;
    return (p->variant_id > q->variant_id) - (p->variant_id < q->variant_id);
}

/* The rows of the product's variants, which are sorted by variant. */
static void past_copy(Arena *a, const CatalogPastRowList *rows, PublishedProduct *body)
{
    CatalogVariants variants = body->product.variants;
    CatalogPast    *items = NULL;
    size_t          n = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1 && n > 0)
            items = arena_array(a, CatalogPast, n);
        n = 0;
        for (size_t i = 0; rows->n > 0 && i < variants.n; i++) {
            CatalogPastRow        key = {.variant_id = variants.items[i].id};
            const CatalogPastRow *r = bsearch(&key, rows->items, rows->n, sizeof key, by_variant);
            while (r != NULL && r > rows->items && r[-1].variant_id == key.variant_id)
                r--;
            for (; r != NULL && r < rows->items + rows->n && r->variant_id == key.variant_id; r++) {
                if (items != NULL)
                    items[n] =
                        (CatalogPast){r->variant_id, r->list_id, r->price, r->from_ms, r->to_ms};
                n++;
            }
        }
    }
    body->past = items;
    body->npast = items != NULL ? n : 0;
}

static PubThing *body_make(Cx *cx, PubStore *s, const CatalogProduct *p,
                           const CatalogMembershipRowList    *in,
                           const CatalogPublishedTextRowList *texts, const CatalogPastRowList *past)
{
    PubThing         *t = pub_thing_new(s, PUBLISHED_PRODUCT, p->id, sizeof(PublishedProduct));
    PublishedProduct *body = t->value;
    body->thing = t;
    Ids ids = ids_new(cx->arena, in->n);
    for (size_t i = 0; i < in->n; i++)
        if (in->items[i].product_id == p->id)
            ids_add(&ids, in->items[i].collection_id);
    array_sort(ids.items, ids.n, sizeof *ids.items, by_id);
    shape_copy(&catalog_product_shape, &t->arena, &body->product, p);
    for (size_t i = 0; i < body->product.variants.n; i++) /* the shape does not have it */
        body->product.variants.items[i].key = str_dup(&t->arena, p->variants.items[i].key);
    body->media = pub_media_copy(&t->arena, body->product.media, body->product.handle);
    body->collections = pub_ids_copy(&t->arena, ids.items, ids.n);
    body->texts = pub_texts_copy(&t->arena, texts, p->id);
    past_copy(&t->arena, past, body);
    pub_thing_done(t);
    return t;
}

Status pub_load_bodies(Cx *cx, PubStore *s, const int64_t *ids, size_t n, PubThings *ret)
{
    CatalogProducts             products;
    CatalogMembershipRowList    in;
    CatalogPublishedTextRowList texts;
    CatalogPastRowList          past;
    const UnixMs                since = {cx->now.v - SPAN_DAYS(PAST_DAYS).v};
    TRY(catalog_products_get(cx, ids, n, CATALOG_WITH_ALL, &products));
    TRY(catalog_sql_memberships_in(cx, ids, n, &in));
    TRY(catalog_sql_translations_in(cx, ids, n, &texts));
    TRY(catalog_sql_history_in(cx, ids, n, since, &past));
    array_sort(past.items, past.n, sizeof *past.items, by_variant);
    things_init(cx->arena, ret, products.n);
    for (size_t i = 0; i < products.n; i++)
        ret->items[ret->n++] = body_make(cx, s, &products.items[i], &in, &texts, &past);
    return ST_OK;
}

/* --- collections -------------------------------------------------------------------------- */

static CatalogSlice slice_of(const CatalogCollection *c)
{
    switch ((CatalogSort)c->sort) {
    case CATALOG_SORT_TITLE:
    case CATALOG_SORT_TITLE_DESC:
        return (CatalogSlice){.order = CATALOG_ORDER_TITLE,
                              .descending = c->sort == CATALOG_SORT_TITLE_DESC};
    case CATALOG_SORT_CREATED:
    case CATALOG_SORT_CREATED_DESC:
        return (CatalogSlice){.order = CATALOG_ORDER_CREATED,
                              .descending = c->sort == CATALOG_SORT_CREATED_DESC};
    case CATALOG_SORT_MANUAL: break;
    }
    return (CatalogSlice){.order = CATALOG_ORDER_COLLECTION};
}

/* What a collection holds, in its order. */
static Status load_members(Cx *cx, const CatalogCollection *c, Ids *ret)
{
    CatalogProductFilter filter = {.collection = c->id};
    CatalogSlice         slice = slice_of(c);
    CatalogKeyedList     list;
    size_t               cap = 0;
    *ret = (Ids){0};
    slice.limit = LIST_CHUNK;
    do {
        TRY(catalog_product_list(cx, &filter, &slice, &list));
        more_room(cx->arena, ret, &cap, list.n);
        for (size_t i = 0; i < list.n; i++)
            ret->items[ret->n++] = list.items[i].id;
        if (list.n > 0) {
            const CatalogKeyed *last = &list.items[list.n - 1];
            slice.from = true;
            slice.id = last->id;
            slice.text = last->text;
            slice.number = last->number;
        }
    } while (list.n == LIST_CHUNK);
    return ST_OK;
}

static int64_t turn_of(CatalogPublications list, UnixMs now)
{
    int64_t turn = PUB_NEVER;
    for (size_t i = 0; i < list.n; i++)
        turn =
            sooner(sooner(turn, list.items[i].published_at, now), list.items[i].unpublish_at, now);
    return turn;
}

static Status load_collections(Cx *cx, PubStore *s, const int64_t *ids, size_t n, PubThings *ret)
{
    CatalogCollections          list;
    CatalogPublishedTextRowList texts;
    TRY(catalog_collections_get(cx, ids, n, &list));
    TRY(catalog_sql_translations_in(cx, ids, n, &texts));
    things_init(cx->arena, ret, list.n);
    for (size_t i = 0; i < list.n; i++) {
        Ids                      members;
        const CatalogCollection *from = &list.items[i];
        Status                   st = load_members(cx, from, &members);
        if (st != ST_OK) {
            for (size_t k = 0; k < ret->n; k++)
                pub_thing_unref(ret->items[k]);
            return st;
        }
        PubThing *t = pub_thing_new(s, PUBLISHED_COLLECTION, from->id, sizeof(PublishedCollection));
        PublishedCollection *c = t->value;
        shape_copy(&catalog_collection_shape, &t->arena, &c->collection, from);
        t->handle = c->collection.handle;
        t->order = text_fold(&t->arena, from->title);
        t->turn = turn_of(from->publications, cx->now);
        c->media = pub_media_copy(&t->arena, c->collection.media, t->handle);
        c->products = pub_ids_copy(&t->arena, members.items, members.n);
        c->by_id = pub_ids_order(&t->arena, c->products);
        c->texts = pub_texts_copy(&t->arena, &texts, from->id);
        pub_thing_done(t);
        ret->items[ret->n++] = t;
    }
    return ST_OK;
}

/* --- content ------------------------------------------------------------------------------ */

typedef Status MakeFn(Cx *cx, PubStore *s, int64_t id, const CatalogPublishedTextRowList *texts,
                      PubThing **ret);

static Status page_make(Cx *cx, PubStore *s, int64_t id, const CatalogPublishedTextRowList *texts,
                        PubThing **ret)
{
    CatalogPage from;
    TRY(catalog_page_get(cx, id, &from));
    PubThing      *t = pub_thing_new(s, PUBLISHED_PAGE, id, sizeof(PublishedPage));
    PublishedPage *p = t->value;
    shape_copy(&catalog_page_shape, &t->arena, &p->page, &from);
    p->texts = pub_texts_copy(&t->arena, texts, id);
    t->handle = p->page.handle;
    t->order = text_fold(&t->arena, from.title);
    t->turn = sooner(sooner(PUB_NEVER, from.published_at, cx->now), from.unpublish_at, cx->now);
    *ret = t;
    return ST_OK;
}

static Status article_make(Cx *cx, PubStore *s, int64_t id,
                           const CatalogPublishedTextRowList *texts, PubThing **ret)
{
    CatalogArticle from;
    TRY(catalog_article_get(cx, id, &from));
    PubThing         *t = pub_thing_new(s, PUBLISHED_ARTICLE, id, sizeof(PublishedArticle));
    PublishedArticle *p = t->value;
    shape_copy(&catalog_article_shape, &t->arena, &p->article, &from);
    p->media = pub_media_copy(&t->arena, p->article.media, p->article.handle);
    p->texts = pub_texts_copy(&t->arena, texts, id);
    t->handle = p->article.handle;
    t->scope = from.blog_id;
    t->turn = sooner(sooner(PUB_NEVER, from.published_at, cx->now), from.unpublish_at, cx->now);
    *ret = t;
    return ST_OK;
}

static int newest_first(const void *x, const void *y)
{
    const CatalogArticleTimeRow *p = x, *q = y;
    int64_t                      a = p->published_ms.has ? p->published_ms.v.v : INT64_MIN;
    int64_t                      b = q->published_ms.has ? q->published_ms.v.v : INT64_MIN;
    if (a != b)
        return a > b ? -1 : 1;
    return p->id > q->id ? -1 : p->id < q->id;
}

static Status blog_make(Cx *cx, PubStore *s, int64_t id, const CatalogPublishedTextRowList *texts,
                        PubThing **ret)
{
    CatalogBlog               from;
    CatalogArticleTimeRowList articles;
    TRY(catalog_blog_get(cx, id, &from));
    TRY(catalog_sql_article_times(cx, id, &articles));
    array_sort(articles.items, articles.n, sizeof *articles.items, newest_first);
    PubThing      *t = pub_thing_new(s, PUBLISHED_BLOG, id, sizeof(PublishedBlog));
    PublishedBlog *p = t->value;
    shape_copy(&catalog_blog_shape, &t->arena, &p->blog, &from);
    p->articles = (CatalogIds){arena_array(&t->arena, int64_t, articles.n + 1), articles.n};
    for (size_t i = 0; i < articles.n; i++)
        p->articles.items[i] = articles.items[i].id;
    p->texts = pub_texts_copy(&t->arena, texts, id);
    t->handle = p->blog.handle;
    t->order = text_fold(&t->arena, from.title);
    *ret = t;
    return ST_OK;
}

static Status menu_make(Cx *cx, PubStore *s, int64_t id, const CatalogPublishedTextRowList *texts,
                        PubThing **ret)
{
    CatalogMenu from;
    TRY(catalog_menu_get(cx, id, &from));
    PubThing      *t = pub_thing_new(s, PUBLISHED_MENU, id, sizeof(PublishedMenu));
    PublishedMenu *p = t->value;
    shape_copy(&catalog_menu_shape, &t->arena, &p->menu, &from);
    p->texts = pub_texts_copy(&t->arena, texts, id);
    t->handle = t->order = p->menu.handle;
    *ret = t;
    return ST_OK;
}

/* One by one: a shop has few of these. */
static Status load_each(Cx *cx, PubStore *s, MakeFn *make, const int64_t *ids, size_t n,
                        PubThings *ret)
{
    CatalogPublishedTextRowList texts;
    TRY(catalog_sql_translations_in(cx, ids, n, &texts));
    things_init(cx->arena, ret, n);
    for (size_t i = 0; i < n; i++) {
        PubThing *t = NULL;
        Status    st = make(cx, s, ids[i], &texts, &t);
        if (st == ST_NOT_FOUND)
            continue;
        if (st != ST_OK) {
            for (size_t k = 0; k < ret->n; k++)
                pub_thing_unref(ret->items[k]);
            return st;
        }
        pub_thing_done(t);
        ret->items[ret->n++] = t;
    }
    return ST_OK;
}

/* The newest of each kind; `ids` are kinds + 1. */
static Status load_policies(Cx *cx, PubStore *s, const int64_t *ids, size_t n, PubThings *ret)
{
    CatalogPolicies             list;
    CatalogPublishedTextRowList texts;
    TRY(catalog_policies(cx, &list));
    Ids rows = ids_new(cx->arena, list.n);
    for (size_t i = 0; i < list.n; i++)
        ids_add(&rows, list.items[i].id);
    TRY(catalog_sql_translations_in(cx, rows.items, rows.n, &texts));
    things_init(cx->arena, ret, n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < list.n; k++) {
            if (list.items[k].kind + 1 != ids[i])
                continue;
            PubThing *t = pub_thing_new(s, PUBLISHED_POLICY, ids[i], sizeof(PublishedPolicy));
            PublishedPolicy *p = t->value;
            shape_copy(&catalog_policy_shape, &t->arena, &p->policy, &list.items[k]);
            p->texts = pub_texts_copy(&t->arena, &texts, p->policy.id);
            pub_thing_done(t);
            ret->items[ret->n++] = t;
        }
    return ST_OK;
}

/* The handle is the path. */
static Status load_redirects(Cx *cx, PubStore *s, const int64_t *ids, size_t n, PubThings *ret)
{
    CatalogRedirectRowList rows;
    TRY(catalog_sql_redirects_in(cx, ids, n, &rows));
    things_init(cx->arena, ret, rows.n);
    for (size_t i = 0; i < rows.n; i++) {
        const CatalogRedirectRow *r = &rows.items[i];
        PubThing *t = pub_thing_new(s, PUBLISHED_REDIRECT, r->id, sizeof(PubRedirect));
        t->handle = str_dup(&t->arena, r->path);
        ((PubRedirect *)t->value)->target = str_dup(&t->arena, r->target);
        pub_thing_done(t);
        ret->items[ret->n++] = t;
    }
    return ST_OK;
}

Status pub_load(Cx *cx, PubStore *s, PublishedKind kind, const int64_t *ids, size_t n,
                PubThings *ret)
{
    *ret = (PubThings){0};
    switch (kind) {
    case PUBLISHED_PRODUCT: return load_heads(cx, s, ids, n, ret);
    case PUBLISHED_COLLECTION: return load_collections(cx, s, ids, n, ret);
    case PUBLISHED_PAGE: return load_each(cx, s, page_make, ids, n, ret);
    case PUBLISHED_BLOG: return load_each(cx, s, blog_make, ids, n, ret);
    case PUBLISHED_ARTICLE: return load_each(cx, s, article_make, ids, n, ret);
    case PUBLISHED_MENU: return load_each(cx, s, menu_make, ids, n, ret);
    case PUBLISHED_POLICY: return load_policies(cx, s, ids, n, ret);
    case PUBLISHED_REDIRECT: return load_redirects(cx, s, ids, n, ret);
    case PUBLISHED_PRICING:
    case PUBLISHED_SHOP:
    case PUBLISHED_ATTRIBUTES:
    case PUBLISHED_KINDS: break;
    }
    ASSERT(false);
    return ST_INVALID;
}

/* --- what there is one of ----------------------------------------------------------------- */

Status pub_load_pricing(Cx *cx, PubStore *s, PubThing **ret)
{
    CatalogPriceLists lists;
    TRY(catalog_price_lists(cx, &lists));
    PubThing   *t = pub_thing_new(s, PUBLISHED_PRICING, 0, sizeof(PubPricing));
    PubPricing *p = t->value;
    p->lists = (CatalogPriceLists){arena_array(&t->arena, CatalogPriceList, lists.n + 1), lists.n};
    p->conditions = arena_array(&t->arena, const Condition *, lists.n + 1);
    for (size_t i = 0; i < lists.n; i++) {
        CatalogPriceList *l = &p->lists.items[i];
        shape_copy(&catalog_price_list_shape, &t->arena, l, &lists.items[i]);
        t->turn = sooner(sooner(t->turn, l->starts_at, cx->now), l->ends_at, cx->now);
        pricing_compile(&t->arena, l, &p->conditions[i]);
    }
    pub_thing_done(t);
    *ret = t;
    return ST_OK;
}

Status pub_load_shop(Cx *cx, PubStore *s, PubThing **ret)
{
    CatalogShop            shop;
    CatalogPublishedLimits limits;
    TRY(catalog_shop(cx, &shop));
    TRY(setting_get(cx, &catalog_published_setting, &limits, NULL));
    PubThing *t = pub_thing_new(s, PUBLISHED_SHOP, 0, sizeof(PubShop));
    PubShop  *p = t->value;
    shape_copy(&catalog_shop_shape, &t->arena, &p->shop, &shop);
    p->bytes = limits.memory_mb << 20;
    pub_thing_done(t);
    *ret = t;
    return ST_OK;
}

Status pub_load_attributes(Cx *cx, PubStore *s, PubThing **ret)
{
    CatalogAttributeDefs defs[4];
    for (int i = 0; i < 4; i++)
        TRY(catalog_attributes_of(cx, i, &defs[i]));
    PubThing      *t = pub_thing_new(s, PUBLISHED_ATTRIBUTES, 0, sizeof(PubAttributes));
    PubAttributes *p = t->value;
    for (int i = 0; i < 4; i++) {
        p->scopes[i] = (CatalogAttributeDefs){
            arena_array(&t->arena, CatalogAttributeDef, defs[i].n + 1), defs[i].n};
        for (size_t k = 0; k < defs[i].n; k++)
            shape_copy(&catalog_attribute_def_shape, &t->arena, &p->scopes[i].items[k],
                       &defs[i].items[k]);
    }
    pub_thing_done(t);
    *ret = t;
    return ST_OK;
}

/* --- all there are ------------------------------------------------------------------------ */

static Status list_ids(Cx *cx, PublishedKind kind, int64_t after, CatalogKeyedList *ret)
{
    static const CatalogTable TABLES[PUBLISHED_THINGS] = {
        [PUBLISHED_PAGE] = CATALOG_PAGES,         [PUBLISHED_BLOG] = CATALOG_BLOGS,
        [PUBLISHED_ARTICLE] = CATALOG_ARTICLES,   [PUBLISHED_MENU] = CATALOG_MENUS,
        [PUBLISHED_REDIRECT] = CATALOG_REDIRECTS,
    };
    const CatalogSlice slice = {
        .order = CATALOG_ORDER_CREATED, .from = true, .id = after, .limit = LIST_CHUNK};
    if (kind == PUBLISHED_PRODUCT)
        return catalog_product_list(cx, &(CatalogProductFilter){0}, &slice, ret);
    if (kind == PUBLISHED_COLLECTION)
        return catalog_collection_list(cx, &(CatalogCollectionFilter){0}, &slice, ret);
    return catalog_list(cx, TABLES[kind], 0, (Str){0}, &slice, ret);
}

Status pub_load_ids(Cx *cx, PublishedKind kind, Ids *ret)
{
    CatalogKeyedList list;
    size_t           cap = 0;
    int64_t          after = 0;
    *ret = (Ids){0};
    if (kind == PUBLISHED_POLICY) {
        *ret = ids_new(cx->arena, CATALOG_SUBSCRIPTION + 1);
        for (int64_t i = 0; i <= CATALOG_SUBSCRIPTION; i++)
            ids_add(ret, i + 1);
        return ST_OK;
    }
    do {
        TRY(list_ids(cx, kind, after, &list));
        more_room(cx->arena, ret, &cap, list.n);
        for (size_t i = 0; i < list.n; i++)
            ret->items[ret->n++] = after = list.items[i].id;
    } while (list.n == LIST_CHUNK);
    return ST_OK;
}
