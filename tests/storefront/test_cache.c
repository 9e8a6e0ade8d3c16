/* A page that is kept is the page that would be rendered now, after any change. */
#include "edits.h"
#include "site.h"

#include "base/metric.h"
#include "catalog/product_search.h"
#include "catalog/search_guide.h"
#include "catalog/search_stats.h"
#include "channel/storefront/cache.h"
#include "channel/storefront/part.h"

#include <string.h>

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module, &storefront_module);

static int64_t counted(const char *name)
{
    CLEANUP(buf_done) Buf b = {0};
    int64_t               n = 0;
    buf_init(&b, 4 << 20);
    metrics_write(&b);
    const char *at = strstr(b.ptr, name);
    while (at != NULL && (at[strlen(name)] != ' ' || (at > b.ptr && at[-1] != '\n')))
        at = strstr(at + 1, name);
    for (at = at != NULL ? at + strlen(name) + 1 : ""; *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (*at - '0');
    return n;
}

static const char *const TARGETS[] = {
    "/",
    "/collections",
    "/collections/all",
    "/collections/all?sort_by=price-ascending",
    "/collections/a",
    "/collections/b?sort_by=title-descending",
    "/collections/mug",
    "/products/mug",
    "/products/cup",
    "/products/a",
    "/products/mug-2.js",
    "/uk/products/mug",
    "/uk/collections/all",
    "/pages/a",
    "/pages/mug",
    "/blogs/a",
    "/blogs/b",
    "/search?q=mug",
    "/search/suggest.json?q=cup",
};

static void read_all(World *w, Str *texts, int *statuses)
{
    for (size_t i = 0; i < COUNT_OF(TARGETS); i++) {
        Reply r = site_get(w, TARGETS[i], NULL, NULL);
        statuses[i] = r.status;
        texts[i] = (Str){r.text, r.len};
    }
}

static void a_kept_page_is_the_one_that_would_be_rendered(void **state)
{
    enum { STEPS = 250 };
    World *w = *state;
    Edits  e;
    site_open(w);
    edits_begin(&e, w, 20261122);
    int64_t stale = counted("rapport_storefront_cache_stale_total"),
            hits = counted("rapport_storefront_cache_hits_total");
    for (int i = 0; i < STEPS; i++) {
        Str texts[2][COUNT_OF(TARGETS)];
        int statuses[2][COUNT_OF(TARGETS)];
        edits_step(&e);
        site_settle(w);
        read_all(w, texts[0], statuses[0]); /* some were kept before the change */
        cache_clear();
        parts_rest(true); /* nor parts of pages, such as headers, that other pages left */
        read_all(w, texts[1], statuses[1]);
        parts_rest(false);
        for (size_t k = 0; k < COUNT_OF(TARGETS); k++) {
            if (statuses[0][k] == statuses[1][k] && str_eq(texts[0][k], texts[1][k]))
                continue;
            fail_msg("after %d changes (%s) %s was kept as %d\n%.*s\nbut is %d\n%.*s", i + 1,
                     e.what, TARGETS[k], statuses[0][k], STR_ARG(texts[0][k]), statuses[1][k],
                     STR_ARG(texts[1][k]));
        }
        world_again(w);
    }
    edits_end(&e);
    /* pages were found again, and pages were dropped: both happened often */
    assert_true(counted("rapport_storefront_cache_hits_total") > hits + STEPS);
    assert_true(counted("rapport_storefront_cache_stale_total") > stale + STEPS / 4);
    site_close(w);
}

/* Without whole pages being kept: the header of one page is seen by the next. */
static void a_part_of_another_page_is_the_one_that_this_page_would_have(void **state)
{
    static const char *const PATHS[] = {"/collections/all",
                                        "/products/mug",
                                        "/collections/mugs",
                                        "/",
                                        "/uk/collections/mugs",
                                        "/search?q=mug",
                                        "/cart",
                                        "/collections/mugs/products/mug",
                                        "/pages/none"};
    World                   *w = *state;
    CatalogMenu              menu = {0};
    shop_product(w, "{\"title\":\"Mug\",\"status\":\"active\"}");
    shop_collection(w, "{\"title\":\"Mugs\"}");
    assert_ok(shop_read(&w->cx, &catalog_menu_shape,
                        "{\"title\":\"Main menu\",\"items\":[{\"title\":\"All\",\"kind\":\"url\","
                        "\"url\":\"/collections/all\",\"items\":[{\"title\":\"Mugs\",\"kind\":"
                        "\"url\",\"url\":\"/collections/mugs\"}]},{\"title\":\"Search\",\"kind\":"
                        "\"url\",\"url\":\"/search\"}]}",
                        &menu),
              &w->cx.err);
    assert_ok(catalog_menu_create(&w->cx, &menu), &w->cx.err);
    site_open(w);
    for (size_t i = 0; i < 6 * COUNT_OF(PATHS); i++) {
        const char *path = PATHS[i * 5 % COUNT_OF(PATHS)];
        cache_clear();
        Reply kept = site_get(w, path, NULL, NULL);
        cache_clear();
        parts_rest(true);
        Reply made = site_get(w, path, NULL, NULL);
        parts_rest(false);
        assert_int_equal(kept.status, made.status);
        if (!str_eq((Str){kept.text, kept.len}, (Str){made.text, made.len}))
            fail_msg("%s, with parts:\n%s\nwithout:\n%s", path, kept.text, made.text);
    }
    site_close(w);
}

static void a_page_is_kept_until_what_it_shows_changes(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, "{\"title\":\"Mug\",\"status\":\"active\"}"),
                   other = shop_product(w, "{\"title\":\"Cup\",\"status\":\"active\"}");
    site_open(w);
    site_page(w, "/products/mug", 200);
    int64_t hits = counted("rapport_storefront_cache_hits_total");
    site_page(w, "/products/mug", 200);
    site_page(w, "/products/mug?utm_source=letter", 200);
    assert_int_equal(counted("rapport_storefront_cache_hits_total"), hits + 2);
    assert_ok(shop_update(&w->cx, p.id, "{\"title\":\"Big mug\"}", &p), &w->cx.err);
    site_settle(w);
    assert_has(site_page(w, "/products/mug", 200).text, "<h1>Big mug</h1>");
    assert_int_equal(counted("rapport_storefront_cache_hits_total"), hits + 2);
    (void)other;
    site_close(w);
}

static void lead_to(World *w, const char *json)
{
    SearchQueryRedirect to = {0};
    assert_ok(shop_read(&w->cx, &search_query_redirect_shape, json, &to), &w->cx.err);
    assert_ok(search_guide_create(&w->cx, SEARCH_GUIDE_REDIRECT, &to), &w->cx.err);
    site_settle(w);
}

static void assert_counted(World *w, bool missed, int64_t searches, int64_t empty)
{
    SearchCounts list;
    assert_ok(product_search_flush(&w->cx), &w->cx.err);
    assert_ok(search_counts(&w->cx, 1, missed, 10, &list), &w->cx.err);
    assert_int_equal(list.n, 1);
    assert_int_equal(list.items[0].searches, searches);
    assert_int_equal(list.items[0].without_results, empty);
}

static void a_search_that_is_kept_is_counted_each_time_until_it_is_led_elsewhere(void **state)
{
    World *w = *state;
    shop_product(w, "{\"title\":\"Mug\",\"status\":\"active\"}");
    site_open(w);
    int64_t hits = counted("rapport_storefront_cache_hits_total");
    for (int i = 0; i < 3; i++)
        assert_has(site_page(w, "/search?q=mug", 200).text, "Mug");
    assert_int_equal(counted("rapport_storefront_cache_hits_total"), hits + 2);
    assert_counted(w, false, 3, 0);
    lead_to(w, "{\"query\":\"mug\",\"target\":\"/collections/all\"}");
    assert_string_equal(site_page(w, "/search?q=mug", 302).location, "/collections/all");
    site_close(w);
}

static void a_search_in_vain_that_is_kept_is_counted_as_one(void **state)
{
    World *w = *state;
    site_open(w);
    for (int i = 0; i < 2; i++)
        site_page(w, "/search?q=zeppelin", 200);
    assert_counted(w, true, 2, 2);
    site_close(w);
}

static void pages_beyond_the_bytes_are_dropped(void **state)
{
    World *w = *state;
    site_open(w);
    cache_close();
    cache_open(64 << 10);
    for (int i = 0; i < 300; i++) {
        char target[60];
        (void)snprintf(target, sizeof target, "/collections/all?filter.v.price.gte=%d", i);
        site_page(w, target, 200);
    }
    assert_in_range(counted("rapport_storefront_cache_bytes"), 1, 64 << 10);
    site_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_page_is_kept_until_what_it_shows_changes),
        TEST_WORLD(a_search_that_is_kept_is_counted_each_time_until_it_is_led_elsewhere),
        TEST_SQLITE(a_search_in_vain_that_is_kept_is_counted_as_one),
        TEST_SQLITE(a_part_of_another_page_is_the_one_that_this_page_would_have),
        TEST_SQLITE(a_kept_page_is_the_one_that_would_be_rendered),
        TEST_SQLITE(pages_beyond_the_bytes_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
