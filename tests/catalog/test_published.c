/* What shoppers see, in memory: it is what the database says, after any change; views that are
 * held stay as they are. */
#include "edits.h"

#include "base/fault.h"
#include "catalog/list.h"
#include "catalog/published.h"

#include <pthread.h>
#include <stdatomic.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(after_any_change_it_is_what_the_database_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
