/* What shoppers see, in memory: it is what the database says, after any change; views that are
 * held stay as they are. */
#include "edits.h"

#include "base/fault.h"
#include "catalog/list.h"
#include "catalog/published.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A store that is renewed by shop_drain(). */
static void begin(World *w, int64_t bytes)
{
    const PublishedOptions options = {.manual = true, .bytes = bytes};
    shop_drain(w);
    assert_ok(published_start(w->db, w->cx.core, &options, &w->cx.err), &w->cx.err);
    assert_ok(published_settle(&w->cx), &w->cx.err);
}

static void end(World *w)
{
    world_again(w); /* lets views go */
    published_stop(w->db);
    shop_close(w);
}

static void settle(World *w)
{
    shop_drain(w);
    assert_ok(published_settle(&w->cx), &w->cx.err);
}

static const Published *view(World *w)
{
    const Published *v;
    assert_ok(published_view(&w->cx, &v), &w->cx.err);
    return v;
}

static const PublishedProduct *product(World *w, const Published *v, int64_t id)
{
    const PublishedProduct *p;
    assert_ok(published_product(&w->cx, v, id, &p), &w->cx.err);
    return p;
}

static int         steps_done; /* for messages */
static const char *last_step = "";

/* --- it is what the database says --------------------------------------------------------- */

static void same(World *w, const Shape *shape, const void *is, const void *want)
{
    const char *x = shop_json(w, shape, is), *y = shop_json(w, shape, want);
    size_t      i = 0;
    if (strcmp(x, y) == 0)
        return;
    while (x[i] == y[i])
        i++;
    i = i > 150 ? i - 150 : 0;
    fail_msg("step %d, %s:\n%.300s\n%.300s", steps_done, last_step, x + i, y + i);
}

static void same_ids(CatalogIds is, const int64_t *want, size_t n)
{
    assert_int_equal(is.n, n);
    if (n > 0)
        assert_memory_equal(is.items, want, n * sizeof *want);
}

static void same_texts(World *w, PublishedTexts texts, int64_t root)
{
    CatalogTranslations list;
    assert_ok(catalog_translations_get(&w->cx, root, (Str){0}, &list), &w->cx.err);
    for (size_t i = 0; i < list.n; i++) {
        const CatalogTranslation *t = &list.items[i];
        int64_t                   id;
        Str                       prefix, rest;
        assert_true(str_cut(t->entity, '_', &prefix, &rest));
        assert_true(id_parse(t->entity, str_cstr(&w->arena, prefix), &id));
        Str text = published_text(texts, id, t->field, t->locale, STR("?"));
        assert_true(str_eq(text, published_safe(t->value, t->value_safe)));
    }
}

static void same_product(World *w, const Published *v, const CatalogProduct *p)
{
    CatalogIds              ids;
    const PublishedProduct *is = product(w, v, p->id);
    const PublishedHead    *head = published_head_by_handle(v, p->handle);
    assert_non_null(head);
    assert_int_equal(head->id, p->id);
    assert_int_equal(head->rev, is->rev);
    same(w, &catalog_product_shape, &is->product, p);
    for (size_t i = 0; i < p->variants.n; i++)
        assert_true(str_eq(is->product.variants.items[i].key, p->variants.items[i].key));
    assert_ok(catalog_collections_of(&w->cx, p->id, &ids), &w->cx.err);
    same_ids(is->collections, ids.items, ids.n);
    same_texts(w, is->texts, p->id);
    assert_int_equal(published_product_shown(head, w->cx.now),
                     catalog_product_visible(p, STR(PUBLISHED_CHANNEL), w->cx.now));
}

static void same_products(World *w, const Published *v)
{
    CatalogProducts list;
    int64_t         ids[200];
    assert_ok(catalog_products_after(&w->cx, 0, 200, CATALOG_WITH_ALL, &list), &w->cx.err);
    for (size_t i = 0; i < list.n; i++) {
        same_product(w, v, &list.items[i]);
        ids[i] = list.items[i].id;
    }
    same_ids(published_ids(v, PUBLISHED_PRODUCT), ids, list.n);
}

static void same_collections(World *w, const Published *v)
{
    static const CatalogOrder ORDERS[] = {CATALOG_ORDER_COLLECTION, CATALOG_ORDER_TITLE,
                                          CATALOG_ORDER_TITLE, CATALOG_ORDER_CREATED,
                                          CATALOG_ORDER_CREATED};
    CatalogKeyedList          list;
    const CatalogSlice        by_title = {.order = CATALOG_ORDER_TITLE, .limit = 200};
    assert_ok(catalog_collection_list(&w->cx, &(CatalogCollectionFilter){0}, &by_title, &list),
              &w->cx.err);
    CatalogIds ids = published_ids(v, PUBLISHED_COLLECTION);
    assert_int_equal(ids.n, list.n);
    for (size_t i = 0; i < list.n; i++) {
        CatalogCollection c;
        CatalogKeyedList  members;
        assert_int_equal(ids.items[i], list.items[i].id);
        assert_ok(catalog_collection_get(&w->cx, list.items[i].id, &c), &w->cx.err);
        const PublishedCollection *is = published_collection_by_handle(v, c.handle);
        assert_non_null(is);
        assert_ptr_equal(is, published_collection(v, c.id));
        same(w, &catalog_collection_shape, &is->collection, &c);
        same_texts(w, is->texts, c.id);
        const CatalogSlice slice = {.order = (int)ORDERS[c.sort],
                                    .descending = c.sort == CATALOG_SORT_TITLE_DESC ||
                                                  c.sort == CATALOG_SORT_CREATED_DESC,
                                    .limit = 200};
        assert_ok(catalog_product_list(&w->cx, &(CatalogProductFilter){.collection = c.id}, &slice,
                                       &members),
                  &w->cx.err);
        assert_int_equal(is->products.n, members.n);
        for (size_t k = 0; k < members.n; k++)
            assert_int_equal(is->products.items[k], members.items[k].id);
    }
}

static CatalogKeyedList all(World *w, CatalogTable table)
{
    CatalogKeyedList   list;
    const CatalogSlice slice = {.order = CATALOG_ORDER_CREATED, .limit = 500};
    assert_ok(catalog_list(&w->cx, table, 0, (Str){0}, &slice, &list), &w->cx.err);
    return list;
}

static void same_content(World *w, const Published *v)
{
    CatalogKeyedList pages = all(w, CATALOG_PAGES), blogs = all(w, CATALOG_BLOGS),
                     articles = all(w, CATALOG_ARTICLES), menus = all(w, CATALOG_MENUS),
                     redirects = all(w, CATALOG_REDIRECTS);
    assert_int_equal(published_ids(v, PUBLISHED_PAGE).n, pages.n);
    for (size_t i = 0; i < pages.n; i++) {
        CatalogPage p;
        assert_ok(catalog_page_get(&w->cx, pages.items[i].id, &p), &w->cx.err);
        const PublishedPage *is = published_page_by_handle(v, p.handle);
        assert_ptr_equal(is, published_page(v, p.id));
        same(w, &catalog_page_shape, &is->page, &p);
        same_texts(w, is->texts, p.id);
    }
    size_t in_blogs = 0;
    assert_int_equal(published_ids(v, PUBLISHED_BLOG).n, blogs.n);
    for (size_t i = 0; i < blogs.n; i++) {
        CatalogBlog b;
        assert_ok(catalog_blog_get(&w->cx, blogs.items[i].id, &b), &w->cx.err);
        const PublishedBlog *is = published_blog_by_handle(v, b.handle);
        assert_ptr_equal(is, published_blog(v, b.id));
        same(w, &catalog_blog_shape, &is->blog, &b);
        in_blogs += is->articles.n;
        for (size_t k = 0; k < is->articles.n; k++)
            assert_int_equal(published_article(v, is->articles.items[k])->article.blog_id, b.id);
    }
    assert_int_equal(in_blogs, articles.n);
    for (size_t i = 0; i < articles.n; i++) {
        CatalogArticle a;
        assert_ok(catalog_article_get(&w->cx, articles.items[i].id, &a), &w->cx.err);
        const PublishedArticle *is = published_article_by_handle(v, a.blog_id, a.handle);
        assert_ptr_equal(is, published_article(v, a.id));
        same(w, &catalog_article_shape, &is->article, &a);
    }
    assert_int_equal(published_ids(v, PUBLISHED_MENU).n, menus.n);
    for (size_t i = 0; i < menus.n; i++) {
        CatalogMenu m;
        assert_ok(catalog_menu_get(&w->cx, menus.items[i].id, &m), &w->cx.err);
        same(w, &catalog_menu_shape, &published_menu_by_handle(v, m.handle)->menu, &m);
    }
    for (size_t i = 0; i < redirects.n; i++) {
        CatalogRedirect r;
        Str             target;
        assert_ok(catalog_redirect_get(&w->cx, redirects.items[i].id, &r), &w->cx.err);
        assert_true(published_redirect(v, r.path, &target));
        assert_true(str_eq(target, r.target));
        assert_true(published_rev_of(v, PUBLISHED_REDIRECT, r.id) > 0);
    }
}

static void same_rest(World *w, const Published *v)
{
    CatalogPolicies      policies;
    CatalogShop          shop;
    CatalogAttributeDefs defs;
    assert_ok(catalog_policies(&w->cx, &policies), &w->cx.err);
    for (size_t i = 0; i < policies.n; i++)
        same(w, &catalog_policy_shape, &published_policy(v, policies.items[i].kind)->policy,
             &policies.items[i]);
    assert_int_equal(published_ids(v, PUBLISHED_POLICY).n, policies.n);
    assert_ok(catalog_shop(&w->cx, &shop), &w->cx.err);
    same(w, &catalog_shop_shape, published_shop(v), &shop);
    for (int k = 0; k <= CATALOG_SCOPE_PAGE; k++) {
        assert_ok(catalog_attributes_of(&w->cx, k, &defs), &w->cx.err);
        CatalogAttributeDefs is = published_attributes(v, (CatalogScope)k);
        assert_int_equal(is.n, defs.n);
        for (size_t i = 0; i < defs.n; i++)
            same(w, &catalog_attribute_def_shape, &is.items[i], &defs.items[i]);
    }
}

static void same_prices(World *w, const Published *v)
{
    Str                vip = STR("vip");
    const CatalogBuyer buyers[] = {{.channel = {0}}, {.groups = {&vip, 1}}};
    CatalogProducts    list;
    assert_ok(catalog_products_after(&w->cx, 0, 200, CATALOG_WITH_ALL, &list), &w->cx.err);
    for (size_t b = 0; b < COUNT_OF(buyers); b++) {
        CatalogPricing x, y;
        assert_ok(published_pricing(&w->cx, v, &buyers[b], STR("EUR"), w->cx.now, &x), &w->cx.err);
        assert_ok(catalog_pricing(&w->cx, &buyers[b], STR("EUR"), w->cx.now, &y), &w->cx.err);
        for (size_t i = 0; i < list.n; i++) {
            const PublishedProduct *p = product(w, v, list.items[i].id);
            for (size_t k = 0; k < p->product.variants.n; k++) {
                CatalogQuote q = {0}, r = {0};
                bool         is = catalog_quote(&x, p->product.variants.items[k].prices, 1, &q);
                assert_int_equal(is,
                                 catalog_quote(&y, list.items[i].variants.items[k].prices, 1, &r));
                assert_int_equal(q.price.minor, r.price.minor);
                assert_int_equal(q.compare_at.minor, r.compare_at.minor);
                assert_int_equal(q.list_id, r.list_id);
            }
        }
    }
}

static void same_all(World *w)
{
    const Published *v = view(w);
    same_products(w, v);
    same_collections(w, v);
    same_content(w, v);
    same_rest(w, v);
    same_prices(w, v);
}

static void after_any_change_it_is_what_the_database_says(void **state)
{
    World *w = *state;
    Edits  e;
    int    steps = w->kind == DB_SQLITE ? 1200 : 400;
    begin(w, 0);
    edits_begin(&e, w, w->kind == DB_SQLITE ? 11 : 12);
    for (int i = 0; i < steps; i++) {
        edits_step(&e);
        steps_done = e.done;
        last_step = e.what;
        core_set_now(w->cx.core, w->cx.now);
        settle(w);
        if (i % 4 == 3)
            same_all(w);
    }
    world_again(w);
    /* a store that is built anew says the same */
    published_stop(w->db);
    assert_ok(published_start(w->db, w->cx.core, &(PublishedOptions){.manual = true}, &w->cx.err),
              &w->cx.err);
    same_all(w);
    edits_end(&e);
    end(w);
}

/* --- views -------------------------------------------------------------------------------- */

static CatalogProduct mug(World *w)
{
    return shop_product(w, "{\"title\":\"Mug\",\"status\":\"active\",\"variants\":[{\"prices\":"
                           "[{\"price\":{\"amount\":1000,\"currency\":\"EUR\"}}]}]}");
}

static void rename_to(World *w, int64_t id, const char *title)
{
    CatalogProduct p;
    char           json[200];
    (void)snprintf(json, sizeof json, "{\"title\":\"%s\",\"seo_title\":\"%s\"}", title, title);
    assert_ok(shop_update(&w->cx, id, json, &p), &w->cx.err);
}

static void a_view_that_is_held_stays_as_it_is(void **state)
{
    World *w = *state;
    begin(w, 0);
    int64_t a = mug(w).id, b = mug(w).id;
    settle(w);
    const Published        *v = view(w);
    const PublishedProduct *p = product(w, v, a);
    rename_to(w, a, "Cup");
    assert_ok(catalog_product_delete(&w->cx, b, 0), &w->cx.err);
    settle(w);
    assert_true(str_eq(p->product.title, STR("Mug")));
    assert_ptr_equal(product(w, v, a), p);
    assert_true(str_eq(product(w, v, b)->product.title, STR("Mug")));
    assert_int_equal(published_ids(v, PUBLISHED_PRODUCT).n, 2);
    const Published *now = view(w);
    assert_true(published_rev(now) > published_rev(v));
    assert_true(str_eq(product(w, now, a)->product.title, STR("Cup")));
    assert_null(published_head(now, b));
    assert_fails(published_product_by_handle(&w->cx, now, STR("mug-2"), &p), ST_NOT_FOUND,
                 &w->cx.err, "catalog.no_product");
    end(w);
}

static void what_is_in_memory_costs_no_statement_and_no_memory(void **state)
{
    World                  *w = *state;
    const PublishedProduct *p, *many[2];
    begin(w, 0);
    int64_t ids[] = {mug(w).id, mug(w).id};
    settle(w);
    const Published *v = view(w);
    int64_t          statements = w->cx.statements;
    size_t           used = w->arena.used;
    assert_ok(published_product_by_handle(&w->cx, v, STR("mug"), &p), &w->cx.err);
    assert_ok(published_products(&w->cx, v, ids, 2, many), &w->cx.err);
    assert_ptr_equal(many[0], p);
    assert_int_equal(w->cx.statements, statements);
    assert_int_equal(w->arena.used, used);
    const CatalogVariant *variant;
    assert_ok(published_variant(&w->cx, v, p->product.variants.items[0].id, &p, &variant),
              &w->cx.err);
    assert_ptr_equal(variant, &many[0]->product.variants.items[0]);
    assert_int_equal(w->cx.statements, statements + 1);
    end(w);
}

typedef struct Heard {
    int             calls;
    PublishedChange last;
} Heard;

static void hear(const PublishedChange *changes, size_t n, void *arg)
{
    Heard *h = arg;
    h->calls++;
    if (n > 0)
        h->last = changes[n - 1];
}

static void only_what_changed_has_a_new_revision(void **state)
{
    World *w = *state;
    Heard  heard = {0};
    begin(w, 0);
    int64_t           a = mug(w).id, b = mug(w).id;
    CatalogCollection c = shop_collection(w, "{\"title\":\"All\"}");
    settle(w);
    const Published *v = view(w);
    int64_t          rev = published_rev(v);
    PublishedChange  changes[20];
    size_t           n;
    assert_true(published_listen(w->db, hear, &heard));
    rename_to(w, a, "Cup");
    settle(w);
    const Published *now = view(w);
    assert_int_equal(heard.calls, 1);
    assert_int_equal(heard.last.kind, PUBLISHED_PRODUCT);
    assert_int_equal(heard.last.id, a);
    assert_true(published_changes(now, rev, changes, 20, &n));
    assert_int_equal(n, 1);
    assert_int_equal(changes[0].id, a);
    assert_int_equal(changes[0].rev, published_rev(now));
    assert_true(published_changes(v, rev, changes, 20, &n)); /* not what came after it */
    assert_int_equal(n, 0);
    assert_int_equal(published_rev_of(now, PUBLISHED_PRODUCT, a), published_rev(now));
    assert_int_equal(published_rev_of(now, PUBLISHED_PRODUCT, b),
                     published_rev_of(v, PUBLISHED_PRODUCT, b));
    /* entering a collection changes both */
    assert_ok(catalog_collection_add(&w->cx, c.id, &b, 1), &w->cx.err);
    settle(w);
    now = view(w);
    assert_int_equal(published_rev_of(now, PUBLISHED_PRODUCT, b), published_rev(now));
    assert_int_equal(published_rev_of(now, PUBLISHED_COLLECTION, c.id), published_rev(now));
    assert_true(published_rev_of(now, PUBLISHED_PRODUCT, a) < published_rev(now));
    assert_int_equal(product(w, now, b)->collections.n, 1);
    /* nothing happened: nothing is new */
    settle(w);
    assert_int_equal(published_rev(view(w)), published_rev(now));
    assert_int_equal(published_rev_of(now, PUBLISHED_PAGE, 1), 0);
    assert_true(published_rev_of(now, PUBLISHED_PRICING, 0) > 0);
    assert_false(published_changes(now, 0, changes, 20, &n)); /* too long ago */
    published_unlisten(w->db, hear, &heard);
    int calls = heard.calls;
    rename_to(w, a, "Bowl");
    settle(w);
    assert_int_equal(heard.calls, calls);
    end(w);
}

/* --- a small memory ----------------------------------------------------------------------- */

static void a_catalogue_that_is_too_big_is_read_on_demand(void **state)
{
    World          *w = *state;
    Edits           e;
    int64_t         ids[60];
    CatalogProducts list;
    for (int i = 0; i < 60; i++)
        ids[i] = mug(w).id;
    begin(w, 40 << 10); /* some fifteen of them */
    edits_begin(&e, w, 5);
    for (int i = 0; i < 300; i++) {
        const Published *v = view(w);
        int64_t          id = ids[rng_below(&e.rng, COUNT_OF(ids))];
        (void)product(w, v, id);
        if (i % 10 == 0)
            rename_to(w, id, i % 20 == 0 ? "Cup" : "Bowl");
        if (i % 7 == 0) {
            world_again(w);
            settle(w);
            (void)product(w, view(w), id);
        }
    }
    world_again(w);
    settle(w);
    const Published *v = view(w);
    assert_ok(catalog_products_after(&w->cx, 0, 200, CATALOG_WITH_ALL, &list), &w->cx.err);
    for (size_t i = 0; i < list.n; i++)
        same_product(w, v, &list.items[i]);
    const PublishedProduct *all_of_them[60]; /* as many statements as for one */
    world_again(w);
    v = view(w);
    int64_t before = w->cx.statements;
    assert_ok(published_products(&w->cx, v, ids, 60, all_of_them), &w->cx.err);
    int64_t many = w->cx.statements - before;
    assert_true(many > 0 && many < 15);
    for (int i = 0; i < 60; i++)
        assert_int_equal(all_of_them[i]->product.id, ids[i]);
    edits_end(&e);
    end(w);
}

static void what_was_read_on_demand_is_kept(void **state)
{
    World *w = *state;
    begin(w, 1); /* no room at all: nothing is kept */
    int64_t id = mug(w).id;
    settle(w);
    int64_t before = w->cx.statements;
    (void)product(w, view(w), id);
    assert_true(w->cx.statements > before);
    end(w);
    begin(w, 0);
    before = w->cx.statements;
    (void)product(w, view(w), id);
    assert_int_equal(w->cx.statements, before);
    end(w);
}

/* --- time --------------------------------------------------------------------------------- */

static int64_t cost(World *w, int64_t id)
{
    const Published   *v = view(w);
    const CatalogBuyer nobody = {.channel = STR("web")};
    CatalogPricing     pricing;
    PublishedRange     range;
    assert_ok(published_pricing(&w->cx, v, &nobody, STR("EUR"), w->cx.now, &pricing), &w->cx.err);
    assert_true(published_range(&pricing, product(w, v, id), &range));
    return range.price_min.minor;
}

static void go_to(World *w, int64_t seconds)
{
    w->cx.now.v = WORLD_NOW.v + seconds * 1000;
    core_set_now(w->cx.core, w->cx.now);
    assert_ok(published_settle(&w->cx), &w->cx.err);
}

/* WORLD_NOW is 2023-11-14T22:13:20Z. */
static void what_is_dated_changes_at_its_time(void **state)
{
    World *w = *state;
    begin(w, 0);
    CatalogProduct p = shop_product(
        w, "{\"title\":\"Mug\",\"status\":\"active\",\"publications\":[{\"channel\":\"web\","
           "\"published_at\":\"2023-11-14T22:13:30Z\",\"unpublish_at\":\"2023-11-14T22:14:10Z\"}],"
           "\"variants\":[{\"prices\":[{\"price\":{\"amount\":1000,\"currency\":\"EUR\"}},"
           "{\"price\":{\"amount\":800,\"currency\":\"EUR\"},\"starts_at\":"
           "\"2023-11-14T22:13:40Z\",\"ends_at\":\"2023-11-14T22:13:50Z\"}]}]}");
    CatalogPage page = {0};
    assert_ok(shop_read(&w->cx, &catalog_page_shape,
                        "{\"title\":\"Us\",\"published_at\":\"2023-11-14T22:14:00Z\"}", &page),
              &w->cx.err);
    assert_ok(catalog_page_create(&w->cx, &page), &w->cx.err);
    settle(w);
    static const struct {
        int64_t seconds;
        bool    shown, page;
        int64_t cost;
    } AT[] = {{0, false, false, 1000}, {10, true, false, 1000}, {20, true, false, 800},
              {30, true, false, 1000}, {40, true, true, 1000},  {50, false, true, 1000}};
    int64_t rev = 0, page_rev = 0;
    for (size_t i = 0; i < COUNT_OF(AT); i++) {
        go_to(w, AT[i].seconds);
        const Published     *v = view(w);
        const PublishedPage *us = published_page(v, page.id);
        assert_int_equal(published_product_shown(published_head(v, p.id), w->cx.now), AT[i].shown);
        assert_int_equal(catalog_shown(us->page.published_at, us->page.unpublish_at, w->cx.now),
                         AT[i].page);
        assert_int_equal(cost(w, p.id), AT[i].cost);
        /* each of them is a new revision of what changed, and of that alone */
        assert_int_equal(published_rev_of(v, PUBLISHED_PRODUCT, p.id) > rev, i != 4);
        assert_int_equal(us->rev > page_rev, i == 0 || i == 4);
        rev = published_rev_of(v, PUBLISHED_PRODUCT, p.id);
        page_rev = us->rev;
    }
    go_to(w, 100000); /* and then no more */
    assert_int_equal(published_rev_of(view(w), PUBLISHED_PRODUCT, p.id), rev);
    end(w);
}

/* --- what readers compute ----------------------------------------------------------------- */

static void texts_fall_back_to_the_language_and_then_to_the_shop(void **state)
{
    World *w = *state;
    begin(w, 0);
    CatalogProduct     p = mug(w);
    Str                id = id_format(&w->arena, CATALOG_PRODUCT_ID, p.id);
    CatalogTranslation t[] = {
        {id, STR("title"), STR("pt"), STR("Caneca"), {0}, false, {0}},
        {id, STR("title"), STR("uk"), STR("Кухоль"), {0}, false, {0}},
        {id, STR("description"), STR("uk"), STR("<b onclick=x>Ж</b>"), {0}, false, {0}}};
    assert_ok(catalog_translations_put(&w->cx, t, COUNT_OF(t)), &w->cx.err);
    settle(w);
    const PublishedProduct *is = product(w, view(w), p.id);
    static const struct {
        const char *locale, *want;
    } CASES[] = {{"uk", "Кухоль"}, {"pt-BR", "Caneca"}, {"pt", "Caneca"},
                 {"p", "Mug"},     {"de-AT", "Mug"},    {"", "Mug"}};
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_true(str_eq(published_text(is->texts, p.id, STR("title"),
                                          str_from_cstr(CASES[i].locale), is->product.title),
                           str_from_cstr(CASES[i].want)));
    assert_true(str_eq(published_text(is->texts, p.id, STR("description"), STR("uk"), STR("")),
                       STR("<b>Ж</b>")));
    end(w);
}

static void unit_prices_are_rounded_and_pictures_have_their_sizes(void **state)
{
    World *w = *state;
    begin(w, 0);
    CatalogProduct p = shop_product(
        w,
        "{\"title\":\"Oil\",\"media\":[{\"url\":\"https://x.example/1.jpg\"}],\"options\":"
        "[{\"name\":\"Size\"}],\"variants\":[{\"options\":[\"S\"],\"measure\":{\"value\":0.75,"
        "\"unit\":\"l\",\"base_value\":1,\"base_unit\":\"l\"}},{\"options\":[\"M\"],\"measure\":"
        "{\"value\":250,\"unit\":\"g\",\"base_value\":1,\"base_unit\":\"kg\"}},{\"options\":"
        "[\"L\"],\"measure\":{\"value\":2,\"unit\":\"l\",\"base_value\":1,\"base_unit\":\"kg\"}},"
        "{\"options\":[\"XL\"]}]}");
    settle(w);
    const PublishedProduct *is = product(w, view(w), p.id);
    const CatalogVariant   *v = is->product.variants.items;
    Money                   m;
    assert_true(published_unit_price(&v[0], MONEY(1000, "EUR"), &m));
    assert_int_equal(m.minor, 1333);
    assert_true(published_unit_price(&v[1], MONEY(399, "EUR"), &m));
    assert_int_equal(m.minor, 1596);
    assert_false(published_unit_price(&v[2], MONEY(399, "EUR"), &m));
    assert_false(published_unit_price(&v[3], MONEY(399, "EUR"), &m));
    assert_true(str_eq(is->media[0].path, STR("https://x.example/1.jpg")));
    assert_int_equal(is->media[0].n, 0);
    /* as if it had been fetched */
    CatalogMedia   media = {.id = p.media.items[0].id,
                            .url = p.media.items[0].url,
                            .hash = STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
                                          "abcdef"),
                            .width = opt_i64(1000),
                            .height = opt_i64(501),
                            .given = UINT64_MAX};
    CatalogProduct change = {.media = {&media, 1}};
    bool           changed;
    CATALOG_GIVE(&catalog_product_shape, CatalogProduct, &change, media);
    assert_ok(catalog_product_update(&w->cx, p.id, 0, &change, &changed), &w->cx.err);
    settle(w);
    is = product(w, view(w), p.id);
    assert_true(str_eq(is->media[0].path,
                       STR("/media/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                           "/oil")));
    assert_true(is->media[0].n >= 4);
    assert_int_equal(is->media[0].renditions[0].width, 160);
    assert_int_equal(is->media[0].renditions[0].height, 80);
    assert_int_equal(is->media[0].renditions[is->media[0].n - 1].width, 1000);
    end(w);
}

static void attributes_go_with_their_definition(void **state)
{
    World              *w = *state;
    CatalogAttributeDef d = {0};
    begin(w, 0);
    assert_ok(shop_read(&w->cx, &catalog_attribute_def_shape,
                        "{\"scope\":\"product\",\"key\":\"test.k\",\"name\":\"K\","
                        "\"type\":\"text\"}",
                        &d),
              &w->cx.err);
    assert_ok(catalog_attribute_create(&w->cx, &d), &w->cx.err);
    int64_t id = shop_product(w, "{\"title\":\"Mug\",\"attributes\":[{\"key\":\"test.k\","
                                 "\"value\":\"x\"}]}")
                     .id;
    settle(w);
    assert_int_equal(product(w, view(w), id)->product.attributes.n, 1);
    assert_int_equal(published_attributes(view(w), CATALOG_SCOPE_PRODUCT).n, 1);
    assert_ok(catalog_attribute_delete(&w->cx, d.id, 0), &w->cx.err);
    settle(w);
    assert_int_equal(product(w, view(w), id)->product.attributes.n, 0);
    assert_int_equal(published_attributes(view(w), CATALOG_SCOPE_PRODUCT).n, 0);
    end(w);
}

/* --- faults ------------------------------------------------------------------------------- */

#ifdef FAULT_INJECTION
/* Whatever call of the database fails: the last view stays, and the next try makes it good. */
static void a_renewal_that_fails_leaves_the_last_view(void **state)
{
    World *w = *state;
    int    faults = 0;
    begin(w, 0);
    int64_t id = mug(w).id;
    settle(w);
    for (int n = 1; n < 500; n++) {
        const char *titles[] = {"Cup", "Bowl"};
        Str         was = str_dup(&w->arena, product(w, view(w), id)->product.title);
        rename_to(w, id, titles[n % 2]);
        fault_arm(n, false);
        Err    err;
        Status st = core_drain(w->cx.core, &err);
        if (st == ST_OK)
            st = published_settle(&w->cx);
        bool fired = fault_fired();
        fault_arm(0, false);
        const Published *v = view(w);
        Str              is = product(w, v, id)->product.title;
        assert_true(str_eq(is, was) || str_eq(is, str_from_cstr(titles[n % 2])));
        w->cx.now.v += 600000; /* what failed is tried again after a while */
        core_set_now(w->cx.core, w->cx.now);
        settle(w);
        assert_true(str_eq(product(w, view(w), id)->product.title, str_from_cstr(titles[n % 2])));
        faults += fired;
        world_again(w);
        if (!fired) {
            assert_ok(st, &w->cx.err);
            break;
        }
    }
    assert_true(faults > 10);
    end(w);
}
#endif

/* --- threads and processes ---------------------------------------------------------------- */

typedef struct Reader {
    World      *w;
    int64_t     product, collection;
    atomic_bool stop;
    atomic_int  reads;
} Reader;

/* A product's two texts change together; a collection has as many products as its title says. */
static void *read_on(void *arg)
{
    Reader                   *r = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    while (!atomic_load(&r->stop)) {
        Cx                      cx = {0};
        const Published        *v;
        const PublishedProduct *p;
        if (cx_begin(&cx, &a, r->w->db, WORLD_NOW) != ST_OK || published_view(&cx, &v) != ST_OK ||
            published_product(&cx, v, r->product, &p) != ST_OK)
            abort();
        if (!str_eq(p->product.title, p->product.seo_title))
            abort();
        const PublishedCollection *c = published_collection(v, r->collection);
        for (size_t i = 0; i < c->products.n; i++)
            if (published_head(v, c->products.items[i]) == NULL)
                abort();
        atomic_fetch_add(&r->reads, 1);
        cx_end(&cx);
        arena_reset(&a);
    }
    return NULL;
}

static void readers_see_whole_states_while_it_changes(void **state)
{
    World *w = *state;
    assert_ok(core_start(w->db, world_modules, world_nmodules, NULL, &w->cx.core, &w->cx.err),
              &w->cx.err);
    assert_ok(published_start(w->db, w->cx.core, NULL, &w->cx.err), &w->cx.err);
    Reader    r = {.w = w, .product = mug(w).id};
    pthread_t threads[3];
    r.collection = shop_collection(w, "{\"title\":\"All\",\"kind\":\"rule\","
                                      "\"rule\":{\"status\":\"active\"}}")
                       .id;
    rename_to(w, r.product, "x");
    assert_ok(core_drain(w->cx.core, &w->cx.err), &w->cx.err);
    assert_ok(published_settle(&w->cx), &w->cx.err);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &r), 0);
    for (int i = 0; i < 60; i++) {
        char title[20];
        (void)snprintf(title, sizeof title, "t%d", i);
        rename_to(w, r.product, title);
        if (i % 6 == 0)
            (void)mug(w);
        if (i % 10 == 0) {
            assert_ok(core_drain(w->cx.core, &w->cx.err), &w->cx.err);
            assert_ok(published_settle(&w->cx), &w->cx.err);
            assert_true(
                str_eq(product(w, view(w), r.product)->product.title, str_from_cstr(title)));
        }
        world_again(w);
    }
    atomic_store(&r.stop, true);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    assert_true(atomic_load(&r.reads) > 0);
    assert_ok(core_drain(w->cx.core, &w->cx.err), &w->cx.err);
    assert_ok(published_settle(&w->cx), &w->cx.err);
    same_all(w);
    end(w);
}

/* Two programs on one PostgreSQL: what one changes, the other shows. */
static void another_process_follows(void **state)
{
    World *w = *state;
    Db    *db;
    Core  *core;
    Cx     cx = {0};
    begin(w, 0);
    assert_ok(db_open(w->url, NULL, &db, &w->cx.err), &w->cx.err);
    assert_ok(core_start(db, world_modules, world_nmodules, NULL, &core, &w->cx.err), &w->cx.err);
    assert_ok(published_start(db, core, NULL, &w->cx.err), &w->cx.err);
    int64_t id = mug(w).id;
    rename_to(w, id, "Cup");
    assert_ok(core_drain(core, &w->cx.err), &w->cx.err);
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    assert_ok(cx_begin(&cx, &a, db, w->cx.now), &w->cx.err);
    assert_ok(published_settle(&cx), &cx.err);
    const Published        *v;
    const PublishedProduct *p;
    assert_ok(published_view(&cx, &v), &cx.err);
    assert_ok(published_product(&cx, v, id, &p), &cx.err);
    assert_true(str_eq(p->product.title, STR("Cup")));
    cx_end(&cx);
    arena_reset(&a);
    published_stop(db);
    assert_true(core_stop(core));
    db_close(db);
    end(w);
}

static void without_a_store_nothing_is_shown(void **state)
{
    World           *w = *state;
    const Published *v;
    assert_fails(published_view(&w->cx, &v), ST_BUSY, &w->cx.err, "catalog.not_published");
    assert_null(published_hold(w->db));
    published_release(NULL);
    published_stop(w->db);
    assert_false(published_listen(w->db, hear, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(after_any_change_it_is_what_the_database_says),
        TEST_WORLD(a_view_that_is_held_stays_as_it_is),
        TEST_WORLD(what_is_in_memory_costs_no_statement_and_no_memory),
        TEST_WORLD(only_what_changed_has_a_new_revision),
        TEST_WORLD(a_catalogue_that_is_too_big_is_read_on_demand),
        TEST_SQLITE(what_was_read_on_demand_is_kept),
        TEST_WORLD(what_is_dated_changes_at_its_time),
        TEST_SQLITE(texts_fall_back_to_the_language_and_then_to_the_shop),
        TEST_SQLITE(unit_prices_are_rounded_and_pictures_have_their_sizes),
        TEST_SQLITE(attributes_go_with_their_definition),
#ifdef FAULT_INJECTION
        TEST_WORLD(a_renewal_that_fails_leaves_the_last_view),
#endif
        TEST_WORLD(readers_see_whole_states_while_it_changes),
        TEST_POSTGRES(another_process_follows),
        TEST_SQLITE(without_a_store_nothing_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
