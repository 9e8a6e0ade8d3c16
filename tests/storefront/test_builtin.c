/* The theme that is built in: nothing is wrong with it, in any language. */
#include "site.h"

#include "channel/storefront/locale.h"
#include "channel/storefront/theme.h"

#include <string.h>

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module, &storefront_module);

static void it_has_no_mistakes(void **state)
{
    (void)state;
    Theme *t;
    Err    err;
    size_t n;
    assert_ok(theme_load(NULL, &t, &err), &err);
    for (size_t i = 0; i < t->nproblems; i++)
        print_message("# " STR_FMT "\n", STR_ARG(t->problems[i]));
    assert_int_equal(t->nproblems, 0);
    (void)theme_locales(t->texts, &n);
    assert_int_equal(n, 6);
    theme_release(t);
}

static const char *const PATHS[] = {
    "/",
    "/collections",
    "/collections/all",
    "/collections/all?filter.v.option.size=M&sort_by=price-ascending",
    "/products/shirt",
    "/pages/about",
    "/blogs/news",
    "/policies/privacy",
    "/search",
    "/search?q=shirt",
    "/search?q=nothing",
    "/cart",
    "/nope",
};

static void fill(World *w)
{
    CatalogPage       page = {0};
    CatalogBlog       blog = {0};
    CatalogPolicyText policy = {0};
    (void)shop_product(
        w, "{\"title\":\"Shirt\",\"handle\":\"shirt\",\"status\":\"active\",\"vendor\":\"Nord\","
           "\"options\":[{\"name\":\"Size\",\"values\":[{\"name\":\"S\"},{\"name\":\"M\"}]}],"
           "\"media\":[{\"url\":\"https://x.example/a.jpg\",\"alt\":\"A shirt\"}],\"variants\":["
           "{\"options\":[\"S\"],\"prices\":[{\"price\":{\"amount\":4900,\"currency\":\"EUR\"}}]},"
           "{\"options\":[\"M\"],\"prices\":[{\"price\":{\"amount\":5900,\"currency\":\"EUR\"},"
           "\"compare_at\":{\"amount\":7900,\"currency\":\"EUR\"}}]}]}");
    static const char PAGE[] = "{\"title\":\"About\",\"handle\":\"about\",\"body\":\"<p>x</p>\","
                               "\"published_at\":\"2020-01-01T00:00:00.000Z\"}";
    assert_ok(shop_read(&w->cx, &catalog_page_shape, PAGE, &page), &w->cx.err);
    assert_ok(catalog_page_create(&w->cx, &page), &w->cx.err);
    assert_ok(
        shop_read(&w->cx, &catalog_blog_shape, "{\"title\":\"News\",\"handle\":\"news\"}", &blog),
        &w->cx.err);
    assert_ok(catalog_blog_create(&w->cx, &blog), &w->cx.err);
    assert_ok(shop_read(&w->cx, &catalog_policy_shape,
                        "{\"title\":\"Privacy\",\"body\":\"<p>x</p>\"}", &policy),
              &w->cx.err);
    assert_ok(catalog_policy_put(&w->cx, CATALOG_PRIVACY, &policy), &w->cx.err);
}

static void every_page_is_whole_in_every_language(void **state)
{
    World                   *w = *state;
    static const char *const ROOTS[] = {"", "/uk", "/ru", "/tr", "/nl", "/zh"};
    fill(w);
    site_open_with(w, NULL);
    for (size_t r = 0; r < COUNT_OF(ROOTS); r++)
        for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
            char target[200];
            (void)snprintf(target, sizeof target, "%s%s", ROOTS[r],
                           ROOTS[r][0] != '\0' && strcmp(PATHS[i], "/") == 0 ? "" : PATHS[i]);
            Reply reply = site_page(w, target, strcmp(PATHS[i], "/nope") == 0 ? 404 : 200);
            assert_lacks(reply.text, "Liquid error");
            assert_lacks(reply.text, "Liquid syntax error");
            assert_lacks(reply.text, "Translation missing");
            assert_lacks(reply.csp, "unsafe-inline");
            assert_has(reply.text, "</html>");
            assert_int_equal(reply.statements, 0);
        }
    site_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_no_mistakes),
        TEST_SQLITE(every_page_is_whole_in_every_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
