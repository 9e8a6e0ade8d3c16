/* The next view from the last one: what is marked is read anew, and what that brings about. */
#include "base/sort.h"
#include "catalog/published_int.h"

#include <stdlib.h>
#include <string.h>

/* --- small lists on the heap -------------------------------------------------------------- */

static void *grown(void *items, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return items;
    *cap = *cap > 0 ? *cap * 2 : 16;
    items = realloc(items, *cap * size);
    if (items == NULL)
        base_out_of_memory(*cap * size);
    return items;
}

void pub_marks_add(PubMarks *m, PublishedKind kind, int64_t id)
{
    m->items = grown(m->items, m->n, &m->cap, sizeof *m->items);
    m->items[m->n++] = (PubMark){kind, id};
}

void pub_turns_add(PubTurns *t, PubTurn turn)
{
    t->items = grown(t->items, t->n, &t->cap, sizeof *t->items);
    t->items[t->n++] = turn;
}

static void change_add(PubEdit *e, PublishedKind kind, int64_t id)
{
    if (e->reset)
        return;
    e->changes = grown(e->changes, e->nchanges, &e->changes_cap, sizeof *e->changes);
    e->changes[e->nchanges++] = (PublishedChange){e->rev, kind, id};
}

static int by_mark(const void *x, const void *y)
{
    const PubMark *p = x, *q = y;
    if (p->kind != q->kind)
        return p->kind < q->kind ? -1 : 1;
    return p->id < q->id ? -1 : p->id > q->id;
}

static bool has_mark(const PubMarks *sorted, PublishedKind kind, int64_t id)
{
    const PubMark key = {kind, id};
    return sorted->n > 0 && bsearch(&key, sorted->items, sorted->n, sizeof key, by_mark) != NULL;
}

/* --- tables of the edit's own ------------------------------------------------------------- */

static PubTable **own(PubTable **t, bool *owned)
{
    if (!*owned) {
        PubTable *copy = pub_table_copy(*t);
        pub_table_unref(*t);
        *t = copy;
        *owned = true;
    }
    return t;
}

static PubTable **own_ids(PubEdit *e, PublishedKind kind)
{
    return own(&e->next.by_id[kind], &e->own[kind]);
}

static PubTable **own_handles(PubEdit *e, PublishedKind kind)
{
    return own(&e->next.by_handle[kind], &e->own_handles[kind]);
}

static PubTable **own_bodies(PubEdit *e)
{
    return own(&e->next.bodies, &e->own_bodies);
}

void pub_edit_begin(PubEdit *e, PubStore *s, Cx *cx, const Published *from)
{
    *e = (PubEdit){.store = s, .cx = cx, .rev = s->rev + 1, .next = *from};
    e->next.store = s;
    for (PublishedKind k = 0; k < PUBLISHED_THINGS; k++) {
        (void)pub_table_ref(from->by_id[k]);
        (void)pub_table_ref(from->by_handle[k]);
        if (from->lists[k] != NULL)
            (void)pub_thing_ref(from->lists[k]);
    }
    (void)pub_table_ref(from->bodies);
    PubThing *const ONES[] = {from->pricing, from->shop, from->attributes};
    for (size_t i = 0; i < COUNT_OF(ONES); i++)
        if (ONES[i] != NULL)
            (void)pub_thing_ref(ONES[i]);
}

void pub_view_clear(Published *v)
{
    for (PublishedKind k = 0; k < PUBLISHED_THINGS; k++) {
        pub_table_unref(v->by_id[k]);
        pub_table_unref(v->by_handle[k]);
        pub_thing_unref(v->lists[k]);
    }
    pub_table_unref(v->bodies);
    pub_thing_unref(v->pricing);
    pub_thing_unref(v->shop);
    pub_thing_unref(v->attributes);
    *v = (Published){0};
}

void pub_edit_done(PubEdit *e)
{
    free(e->more.items);
    free(e->worked.items);
    free(e->turns.items);
    free(e->changes);
    free(e->fresh.items);
    free(e->gone.items);
}

/* --- what follows from a change ----------------------------------------------------------- */

static void mark_thing(PubThing *thing, void *arg)
{
    pub_marks_add(arg, thing->kind, thing->id);
}

/* Menus say where their items lead. */
static void mark_menus(PubEdit *e)
{
    pub_table_each(e->next.by_id[PUBLISHED_MENU], mark_thing, &e->more);
}

typedef struct Holding {
    PubEdit *e;
    int64_t  product;
} Holding;

static void mark_if_by_title(PubThing *thing, void *arg)
{
    const Holding             *h = arg;
    const PublishedCollection *c = thing->value;
    if (c->collection.sort != CATALOG_SORT_TITLE && c->collection.sort != CATALOG_SORT_TITLE_DESC)
        return;
    for (size_t i = 0; i < c->products.n; i++)
        if (c->products.items[i] == h->product) {
            pub_marks_add(&h->e->more, PUBLISHED_COLLECTION, thing->id);
            return;
        }
}

static void mark_if_gone(PubThing *thing, void *arg)
{
    PubEdit                   *e = arg;
    const PublishedCollection *c = thing->value;
    for (size_t i = 0; i < c->products.n; i++)
        if (has_mark(&e->gone, PUBLISHED_PRODUCT, c->products.items[i])) {
            pub_marks_add(&e->more, PUBLISHED_COLLECTION, thing->id);
            return;
        }
}

static int by_id(const void *x, const void *y)
{
    const int64_t *p = x, *q = y;
    return *p < *q ? -1 : *p > *q;
}

/* Products that are in one list and not in the other have other collections now. */
static void mark_difference(PubEdit *e, CatalogIds was, CatalogIds is)
{
    CatalogIds a = pub_ids_copy(e->cx->arena, was.items, was.n);
    CatalogIds b = pub_ids_copy(e->cx->arena, is.items, is.n);
    size_t     i = 0, k = 0;
    array_sort(a.items, a.n, sizeof *a.items, by_id);
    array_sort(b.items, b.n, sizeof *b.items, by_id);
    while (i < a.n || k < b.n) {
        if (i < a.n && k < b.n && a.items[i] == b.items[k]) {
            i++;
            k++;
        } else if (k == b.n || (i < a.n && a.items[i] < b.items[k])) {
            pub_marks_add(&e->more, PUBLISHED_PRODUCT, a.items[i++]);
        } else {
            pub_marks_add(&e->more, PUBLISHED_PRODUCT, b.items[k++]);
        }
    }
}

static void follow_article(PubEdit *e, const PubThing *was, const PubThing *is)
{
    const PublishedArticle *x = was != NULL ? was->value : NULL;
    const PublishedArticle *y = is != NULL ? is->value : NULL;
    if (x == NULL || y == NULL || x->article.published_at.has != y->article.published_at.has ||
        x->article.published_at.v.v != y->article.published_at.v.v)
        pub_marks_add(&e->more, PUBLISHED_BLOG, was != NULL ? was->scope : is->scope);
}

/* `was` NULL: it is new; `is` NULL: it is gone. Not both. */
static void follow(PubEdit *e, const PubThing *was, const PubThing *is)
{
    PublishedKind kind = was != NULL ? was->kind : is->kind;
    if (kind == PUBLISHED_COLLECTION) {
        const PublishedCollection *x = was != NULL ? was->value : NULL;
        const PublishedCollection *y = is != NULL ? is->value : NULL;
        mark_difference(e, x != NULL ? x->products : (CatalogIds){0},
                        y != NULL ? y->products : (CatalogIds){0});
    } else if (kind == PUBLISHED_ARTICLE) {
        follow_article(e, was, is);
    } else if (kind == PUBLISHED_BLOG && was != NULL && is == NULL) {
        const PublishedBlog *b = was->value;
        for (size_t i = 0; i < b->articles.n; i++)
            pub_marks_add(&e->more, PUBLISHED_ARTICLE, b->articles.items[i]);
    } else if (kind == PUBLISHED_PRODUCT && was != NULL && is != NULL) {
        const PubHead *x = was->value, *y = is->value;
        Holding        h = {e, was->id};
        if (x->title != y->title)
            pub_table_each(e->next.by_id[PUBLISHED_COLLECTION], mark_if_by_title, &h);
    }
    bool target = kind != PUBLISHED_MENU && kind != PUBLISHED_REDIRECT;
    bool moved = was != NULL && (is == NULL || !str_eq(was->handle, is->handle));
    if (target && (moved || (was == NULL && kind == PUBLISHED_POLICY)))
        mark_menus(e);
}

/* --- one thing ---------------------------------------------------------------------------- */

static bool has_handles(PublishedKind kind)
{
    return kind != PUBLISHED_POLICY;
}

static void note_new(PubEdit *e, const PubThing *t, const PubThing *was)
{
    *t->rev = e->rev;
    if (t->turn != PUB_NEVER && (was == NULL || was->turn != t->turn))
        pub_turns_add(&e->turns, (PubTurn){t->turn, {t->kind, t->id}});
    change_add(e, t->kind, t->id);
}

/* Takes the reference. */
static void thing_put(PubEdit *e, PubThing *t)
{
    PublishedKind kind = t->kind;
    PubThing     *was = pub_table_by_id(e->next.by_id[kind], t->id);
    note_new(e, t, was);
    if (was == NULL || !str_eq(was->order, t->order))
        e->relist[kind] = true;
    if (was == NULL && kind == PUBLISHED_PRODUCT)
        pub_marks_add(&e->fresh, kind, t->id);
    if (!e->reset)
        follow(e, was, t);
    if (has_handles(kind)) {
        PubTable **handles = own_handles(e, kind);
        if (was != NULL && (!str_eq(was->handle, t->handle) || was->scope != t->scope))
            pub_table_drop(*handles, pub_handle_key(was->handle, was->scope), was->id);
        pub_table_put(handles, pub_handle_key(t->handle, t->scope), t);
    }
    pub_table_put(own_ids(e, kind), (uint64_t)t->id, t);
    pub_thing_unref(t);
}

static void thing_drop(PubEdit *e, PublishedKind kind, int64_t id)
{
    PubThing *was = pub_table_by_id(e->next.by_id[kind], id);
    if (was == NULL)
        return;
    change_add(e, kind, id);
    e->relist[kind] = true;
    follow(e, was, NULL);
    (void)pub_thing_ref(was);
    if (has_handles(kind))
        pub_table_drop(*own_handles(e, kind), pub_handle_key(was->handle, was->scope), id);
    pub_table_drop(*own_ids(e, kind), (uint64_t)id, id);
    pub_thing_unref(was);
}

/* --- bodies of products ------------------------------------------------------------------- */

static void body_put(PubEdit *e, PubThing *body)
{
    const PubThing *was = pub_table_by_id(e->next.bodies, body->id);
    e->bytes += (int64_t)body->bytes - (was != NULL ? (int64_t)was->bytes : 0);
    pub_table_put(own_bodies(e), (uint64_t)body->id, body);
}

void pub_edit_evict(PubEdit *e, PubThing *body)
{
    e->bytes -= (int64_t)body->bytes;
    pub_table_drop(*own_bodies(e), (uint64_t)body->id, body->id);
}

void pub_edit_admit(PubEdit *e, PubThing *body)
{
    const PubThing *head = pub_table_by_id(e->next.by_id[PUBLISHED_PRODUCT], body->id);
    if (head != NULL && *head->rev == *body->rev &&
        pub_table_by_id(e->next.bodies, body->id) == NULL)
        body_put(e, body);
}

Status pub_edit_fill(PubEdit *e, const int64_t *ids, size_t n)
{
    PubThings bodies;
    TRY(pub_load_bodies(e->cx, e->store, ids, n, &bodies));
    for (size_t i = 0; i < bodies.n; i++) {
        PubThing       *t = bodies.items[i];
        const PubThing *head = pub_table_by_id(e->next.by_id[PUBLISHED_PRODUCT], t->id);
        if (head != NULL) {
            *t->rev = *head->rev;
            body_put(e, t);
        }
        pub_thing_unref(t);
    }
    return ST_OK;
}

/* Those that were resident stay so; new ones become it while there is room. */
static Status bodies_renew(PubEdit *e, const int64_t *ids, size_t n)
{
    int64_t  budget = pub_budget(e->store, &e->next);
    int64_t *wanted = arena_array(e->cx->arena, int64_t, n + 1);
    size_t   nwanted = 0;
    for (size_t i = 0; i < n; i++) {
        PubThing *body = pub_table_by_id(e->next.bodies, ids[i]);
        bool      head = pub_table_by_id(e->next.by_id[PUBLISHED_PRODUCT], ids[i]) != NULL;
        if (!head && body != NULL)
            pub_edit_evict(e, body);
        else if (head && (body != NULL || e->store->body_bytes + e->bytes < budget))
            wanted[nwanted++] = ids[i];
    }
    for (size_t i = 0; i < nwanted; i += PUB_BATCH)
        TRY(pub_edit_fill(e, wanted + i, nwanted - i < PUB_BATCH ? nwanted - i : PUB_BATCH));
    return ST_OK;
}

/* --- marks -------------------------------------------------------------------------------- */

static Status things_renew(PubEdit *e, PublishedKind kind, const int64_t *ids, size_t n)
{
    PubThings things;
    TRY(pub_load(e->cx, e->store, kind, ids, n, &things));
    IdIndex there;
    id_index_init(&there, e->cx->arena, things.n);
    for (size_t i = 0; i < things.n; i++)
        id_index_add(&there, things.items[i]->id, things.items[i]);
    for (size_t i = 0; i < things.n; i++)
        thing_put(e, things.items[i]);
    for (size_t i = 0; i < n; i++) {
        if (id_index_find(&there, ids[i]))
            continue;
        if (kind == PUBLISHED_PRODUCT && pub_table_by_id(e->next.by_id[kind], ids[i]))
            pub_marks_add(&e->gone, kind, ids[i]);
        thing_drop(e, kind, ids[i]);
    }
    return kind == PUBLISHED_PRODUCT ? bodies_renew(e, ids, n) : ST_OK;
}

static bool has_list(const PubPricing *p, int64_t id)
{
    for (size_t i = 0; i < p->lists.n; i++)
        if (p->lists.items[i].id == id)
            return true;
    return false;
}

static void mark_without_list(PubThing *body, void *arg)
{
    PubEdit                *e = arg;
    const PublishedProduct *p = body->value;
    for (size_t i = 0; i < p->product.variants.n; i++) {
        const CatalogPrices *prices = &p->product.variants.items[i].prices;
        for (size_t k = 0; k < prices->n; k++)
            if (!has_list(e->next.pricing->value, prices->items[k].list_id)) {
                pub_marks_add(&e->more, PUBLISHED_PRODUCT, body->id);
                return;
            }
    }
}

/* Prices go with their list. */
static void follow_pricing(PubEdit *e, const PubPricing *was)
{
    for (size_t i = 0; i < was->lists.n; i++)
        if (!has_list(e->next.pricing->value, was->lists.items[i].id)) {
            pub_table_each(e->next.bodies, mark_without_list, e);
            return;
        }
}

static Status one_renew(PubEdit *e, PublishedKind kind)
{
    PubThing  *t = NULL;
    PubThing **at = kind == PUBLISHED_PRICING ? &e->next.pricing
                    : kind == PUBLISHED_SHOP  ? &e->next.shop
                                              : &e->next.attributes;
    TRY(kind == PUBLISHED_PRICING ? pub_load_pricing(e->cx, e->store, &t)
        : kind == PUBLISHED_SHOP  ? pub_load_shop(e->cx, e->store, &t)
                                  : pub_load_attributes(e->cx, e->store, &t));
    PubThing *was = *at;
    note_new(e, t, was);
    *at = t;
    if (kind == PUBLISHED_PRICING && was != NULL)
        follow_pricing(e, was->value);
    pub_thing_unref(was);
    return ST_OK;
}

/* Sort, and drop doubles and what was done before. */
static void tidy(const PubEdit *e, PubMarks *m)
{
    size_t n = 0;
    array_sort(m->items, m->n, sizeof *m->items, by_mark);
    for (size_t i = 0; i < m->n; i++) {
        bool twice = i > 0 && by_mark(&m->items[i], &m->items[i - 1]) == 0;
        if (!twice && !has_mark(&e->worked, m->items[i].kind, m->items[i].id))
            m->items[n++] = m->items[i];
    }
    m->n = n;
}

/* Marks of one kind after the other; sorted. */
static Status round_run(PubEdit *e, const PubMark *marks, size_t n)
{
    int64_t *ids = arena_array(e->cx->arena, int64_t, n + 1);
    for (size_t i = 0; i < n;) {
        PublishedKind kind = marks[i].kind;
        size_t        k = 0;
        for (; i < n && marks[i].kind == kind; i++)
            ids[k++] = marks[i].id;
        TRY(kind < PUBLISHED_THINGS ? things_renew(e, kind, ids, k) : one_renew(e, kind));
    }
    for (size_t i = 0; i < n; i++)
        pub_marks_add(&e->worked, marks[i].kind, marks[i].id);
    array_sort(e->worked.items, e->worked.n, sizeof *e->worked.items, by_mark);
    if (e->gone.n > 0) {
        array_sort(e->gone.items, e->gone.n, sizeof *e->gone.items, by_mark);
        pub_table_each(e->next.by_id[PUBLISHED_COLLECTION], mark_if_gone, e);
    }
    return ST_OK;
}

Status pub_edit_marks(PubEdit *e, const PubMark *marks, size_t n)
{
    PubMarks now = {0};
    for (size_t i = 0; i < n; i++)
        pub_marks_add(&now, marks[i].kind, marks[i].id);
    Status st = ST_OK;
    tidy(e, &now);
    while (st == ST_OK && now.n > 0) {
        size_t part = now.n < PUB_ROUND ? now.n : PUB_ROUND;
        st = round_run(e, now.items, part);
        bool over = part < now.n; /* the rest another time */
        for (size_t i = part; i < now.n; i++)
            pub_marks_add(&e->more, now.items[i].kind, now.items[i].id);
        now.n = 0;
        if (over)
            break;
        PubMarks swap = now;
        now = e->more;
        e->more = swap;
        tidy(e, &now);
    }
    free(now.items);
    tidy(e, &e->more);
    return st;
}

/* --- everything --------------------------------------------------------------------------- */

static Status kind_build(PubEdit *e, PublishedKind kind)
{
    Ids ids;
    TRY(pub_load_ids(e->cx, kind, &ids));
    e->relist[kind] = true;
    for (size_t i = 0; i < ids.n; i += PUB_ROUND) {
        PubThings things;
        size_t    n = ids.n - i < PUB_ROUND ? ids.n - i : PUB_ROUND;
        TRY(pub_load(e->cx, e->store, kind, ids.items + i, n, &things));
        for (size_t k = 0; k < things.n; k++)
            thing_put(e, things.items[k]);
    }
    return ST_OK;
}

Status pub_edit_all(PubEdit *e)
{
    e->reset = true;
    pub_view_clear(&e->next);
    e->next.store = e->store;
    for (PublishedKind k = 0; k < PUBLISHED_THINGS; k++) {
        e->next.by_id[k] = pub_table_new();
        e->next.by_handle[k] = pub_table_new();
        e->own[k] = e->own_handles[k] = true;
    }
    e->next.bodies = pub_table_new();
    e->own_bodies = true;
    e->bytes = -e->store->body_bytes;
    for (PublishedKind k = PUBLISHED_THINGS; k < PUBLISHED_KINDS; k++)
        TRY(one_renew(e, k));
    for (PublishedKind k = 0; k < PUBLISHED_THINGS; k++)
        TRY(kind_build(e, k));
    return ST_OK;
}

/* --- lists of ids ------------------------------------------------------------------------- */

typedef struct Gather {
    const PubThing **items;
    size_t           n;
} Gather;

static void gather(PubThing *thing, void *arg)
{
    Gather *g = arg;
    g->items[g->n++] = thing;
}

static int by_order(const void *x, const void *y)
{
    const PubThing *p = *(const PubThing *const *)x, *q = *(const PubThing *const *)y;
    int             d = str_cmp(p->order, q->order);
    return d != 0 ? d : p->id < q->id ? -1 : p->id > q->id;
}

static PubThing *list_new(PubEdit *e, PublishedKind kind, const int64_t *ids, size_t n)
{
    PubThing *t = pub_thing_new(e->store, kind, 0, sizeof(PubList));
    PubList  *list = t->value;
    list->ids = pub_ids_copy(&t->arena, ids, n);
    pub_thing_done(t);
    return t;
}

static PubThing *list_sorted(PubEdit *e, PublishedKind kind)
{
    const PubTable *t = e->next.by_id[kind];
    Gather          g = {arena_array(e->cx->arena, const PubThing *, pub_table_count(t) + 1), 0};
    pub_table_each(t, gather, &g);
    array_sort(g.items, g.n, sizeof(PubThing *), by_order);
    int64_t *ids = arena_array(e->cx->arena, int64_t, g.n + 1);
    for (size_t i = 0; i < g.n; i++)
        ids[i] = g.items[i]->id;
    return list_new(e, kind, ids, g.n);
}

/* Products, by age: of many, few change at once. */
static PubThing *list_of_products(PubEdit *e)
{
    const PubThing  *old = e->next.lists[PUBLISHED_PRODUCT];
    const CatalogIds none = {0}, *was = old ? &((const PubList *)old->value)->ids : &none;
    int64_t         *ids = arena_array(e->cx->arena, int64_t, was->n + e->fresh.n + 1);
    size_t           n = 0;
    bool             sorted = true;
    for (size_t i = 0; i < was->n; i++)
        if (!has_mark(&e->gone, PUBLISHED_PRODUCT, was->items[i]))
            ids[n++] = was->items[i];
    for (size_t i = 0; i < e->fresh.n; i++) {
        sorted = sorted && (n == 0 || ids[n - 1] < e->fresh.items[i].id);
        ids[n++] = e->fresh.items[i].id;
    }
    if (!sorted)
        array_sort(ids, n, sizeof *ids, by_id);
    return list_new(e, PUBLISHED_PRODUCT, ids, n);
}

void pub_edit_finish(PubEdit *e)
{
    for (PublishedKind k = 0; k < PUBLISHED_THINGS; k++) {
        if (!e->relist[k] || k == PUBLISHED_ARTICLE || k == PUBLISHED_REDIRECT)
            continue;
        PubThing *list = k == PUBLISHED_PRODUCT ? list_of_products(e) : list_sorted(e, k);
        pub_thing_unref(e->next.lists[k]);
        e->next.lists[k] = list;
    }
    e->next.rev = e->nchanges > 0 || e->reset ? e->rev : e->store->rev;
}
