#include "shop.h"

#include "base/id.h"

static CatalogPage make_page(World *w, const char *json)
{
    CatalogPage p = {0};
    assert_ok(shop_read(&w->cx, &catalog_page_shape, json, &p), &w->cx.err);
    assert_ok(catalog_page_create(&w->cx, &p), &w->cx.err);
    return p;
}

static Status patch(Cx *cx, const Shape *shape, const char *json, void *dst)
{
    cx->issues.n = cx->issues.total = 0;
    return shape_read(shape, SHAPE_PATCH, str_dup(cx->arena, str_from_cstr(json)), cx->arena, dst,
                      &cx->issues, &cx->err);
}

static void a_page_is_kept_as_written_and_shown_safely(void **state)
{
    World      *w = *state;
    CatalogPage p = make_page(w, "{\"title\":\"About us\",\"body\":\"<p onclick=a>Hi</p>\","
                                 "\"published_at\":\"2023-01-01T00:00:00Z\"}"),
                q = {0};
    assert_str(p.handle, "about-us");
    assert_str(p.body_safe, "<p>Hi</p>");
    assert_true(catalog_shown(p.published_at, p.unpublish_at, w->cx.now));
    assert_ok(patch(&w->cx, &catalog_page_shape, shop_json(w, &catalog_page_shape, &p), &q),
              &w->cx.err);
    assert_ok(catalog_page_update(&w->cx, p.id, p.rev, &q), &w->cx.err);
    assert_int_equal(q.rev, 1);
    q = (CatalogPage){0};
    assert_ok(patch(&w->cx, &catalog_page_shape, "{\"handle\":\"us\",\"published_at\":null}", &q),
              &w->cx.err);
    assert_ok(catalog_page_update(&w->cx, p.id, 1, &q), &w->cx.err);
    assert_ok(catalog_page_by_handle(&w->cx, STR("us"), &q), &w->cx.err);
    assert_str(q.body, "<p onclick=a>Hi</p>");
    assert_str(q.body_safe, "<p>Hi</p>");
    assert_false(catalog_shown(q.published_at, q.unpublish_at, w->cx.now));
    CatalogRedirect r;
    bool            found;
    assert_ok(catalog_redirect_find(&w->cx, STR("/pages/about-us"), &found, &r), &w->cx.err);
    assert_str(r.target, "/pages/us");
    q = (CatalogPage){0};
    assert_ok(patch(&w->cx, &catalog_page_shape,
                    "{\"published_at\":\"2024-01-02T00:00:00Z\","
                    "\"unpublish_at\":\"2024-01-01T00:00:00Z\"}",
                    &q),
              &w->cx.err);
    assert_fails(catalog_page_update(&w->cx, p.id, 0, &q), ST_INVALID, &w->cx.err, "shape.invalid");
    assert_issue(&w->cx, "/unpublish_at", "out_of_range");
    assert_ok(catalog_page_delete(&w->cx, p.id, 2), &w->cx.err);
    assert_fails(catalog_page_get(&w->cx, p.id, &q), ST_NOT_FOUND, &w->cx.err, "catalog.no_page");
}

static void articles_move_with_their_blog(void **state)
{
    World         *w = *state;
    CatalogBlog    b = {0}, b2 = {0};
    CatalogArticle a = {0}, c = {0};
    assert_ok(shop_read(&w->cx, &catalog_blog_shape, "{\"title\":\"News\"}", &b), &w->cx.err);
    assert_ok(catalog_blog_create(&w->cx, &b), &w->cx.err);
    assert_ok(shop_read(&w->cx, &catalog_article_shape,
                        "{\"title\":\"Hello\",\"body\":\"<p>x\",\"tags\":[\"a\",\"A\",\"b\"],"
                        "\"excerpt\":\"Short\",\"author\":\"Olha\","
                        "\"media\":[{\"url\":\"/a.jpg\"}]}",
                        &a),
              &w->cx.err);
    c = a;
    assert_ok(catalog_article_create(&w->cx, b.id, &a), &w->cx.err);
    assert_ok(catalog_article_create(&w->cx, b.id, &c), &w->cx.err);
    assert_str(a.handle, "hello");
    assert_str(c.handle, "hello-2");
    assert_int_equal(a.tags.n, 2);
    assert_str(a.body_safe, "<p>x</p>");
    c = (CatalogArticle){0};
    assert_ok(catalog_article_by_handle(&w->cx, b.id, STR("hello"), &c), &w->cx.err);
    assert_string_equal(shop_json(w, &catalog_article_shape, &a),
                        shop_json(w, &catalog_article_shape, &c));
    assert_ok(patch(&w->cx, &catalog_blog_shape, "{\"handle\":\"journal\"}", &b2), &w->cx.err);
    assert_ok(catalog_blog_update(&w->cx, b.id, 0, &b2), &w->cx.err);
    CatalogRedirect r;
    bool            found;
    assert_ok(catalog_redirect_find(&w->cx, STR("/blogs/news/hello"), &found, &r), &w->cx.err);
    assert_true(found);
    assert_str(r.target, "/blogs/journal/hello");
    c = (CatalogArticle){0};
    assert_ok(patch(&w->cx, &catalog_article_shape, "{\"handle\":\"hi\"}", &c), &w->cx.err);
    assert_ok(catalog_article_update(&w->cx, a.id, 0, &c), &w->cx.err);
    assert_ok(catalog_redirect_find(&w->cx, STR("/blogs/news/hello"), &found, &r), &w->cx.err);
    assert_str(r.target, "/blogs/journal/hi");
    c = (CatalogArticle){.title = STR("x"), .given = UINT64_MAX};
    assert_fails(catalog_article_create(&w->cx, 99, &c), ST_NOT_FOUND, &w->cx.err,
                 "catalog.no_blog");
    assert_ok(catalog_blog_delete(&w->cx, b.id, 0), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_article"), 0);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_media"), 0);
    shop_sound(w);
}

static Status make_menu(World *w, const char *json, CatalogMenu *ret)
{
    *ret = (CatalogMenu){0};
    assert_ok(shop_read(&w->cx, &catalog_menu_shape, json, ret), &w->cx.err);
    return catalog_menu_create(&w->cx, ret);
}

static void menus_lead_to_what_is_there(void **state)
{
    World            *w = *state;
    CatalogProduct    p = shop_product(w, "{\"title\":\"Boot\"}"), q;
    CatalogCollection c = shop_collection(w, "{\"title\":\"Shoes\"}");
    CatalogPage       g = make_page(w, "{\"title\":\"About\"}");
    CatalogMenu       m, n;
    char              json[1200];
    snprintf(json, sizeof json,
             "{\"title\":\"Main menu\",\"items\":[{\"title\":\"Shoes\",\"kind\":\"collection\","
             "\"target\":\"%s\",\"items\":[{\"title\":\"Boot\",\"kind\":\"product\",\"target\":"
             "\"%s\"}]},{\"title\":\"About\",\"kind\":\"page\",\"target\":\"%s\"},"
             "{\"title\":\"Legal\",\"kind\":\"policy\",\"target\":\"legal_notice\"},"
             "{\"title\":\"Sale\",\"kind\":\"url\",\"url\":\"/collections/shoes?sale=1\"}]}",
             str_cstr(&w->arena, id_format(&w->arena, "col", c.id)),
             str_cstr(&w->arena, id_format(&w->arena, "prd", p.id)),
             str_cstr(&w->arena, id_format(&w->arena, "pag", g.id)));
    assert_ok(make_menu(w, json, &m), &w->cx.err);
    assert_str(m.handle, "main-menu");
    assert_ok(catalog_menu_by_handle(&w->cx, STR("main-menu"), &n), &w->cx.err);
    assert_string_equal(shop_json(w, &catalog_menu_shape, &m),
                        shop_json(w, &catalog_menu_shape, &n));
    assert_int_equal(n.items.n, 4);
    assert_str(n.items.items[0].path, "/collections/shoes");
    assert_str(n.items.items[0].items.items[0].path, "/products/boot");
    assert_str(n.items.items[2].path, "/policies/legal-notice");
    assert_str(n.items.items[3].path, "/collections/shoes?sale=1");
    /* the same again changes nothing, and items keep their ids */
    CatalogMenu again = {0};
    assert_ok(patch(&w->cx, &catalog_menu_shape, shop_json(w, &catalog_menu_shape, &n), &again),
              &w->cx.err);
    assert_ok(catalog_menu_update(&w->cx, m.id, 1, &again), &w->cx.err);
    assert_int_equal(again.rev, 1);
    /* handles change, products go */
    assert_ok(shop_update(&w->cx, p.id, "{\"handle\":\"boots\"}", &q), &w->cx.err);
    assert_ok(catalog_menu_get(&w->cx, m.id, &n), &w->cx.err);
    assert_str(n.items.items[0].items.items[0].path, "/products/boots");
    assert_ok(catalog_product_delete(&w->cx, p.id, 0), &w->cx.err);
    assert_ok(catalog_menu_get(&w->cx, m.id, &n), &w->cx.err);
    assert_str(n.items.items[0].items.items[0].path, "");
    assert_ok(catalog_menu_delete(&w->cx, m.id, 0), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_menu_item"), 0);
}

static void menus_are_checked(void **state)
{
    World *w = *state;
    static const struct {
        const char *items, *pointer, *code;
    } CASES[] = {
        {"[{\"title\":\"x\",\"kind\":\"url\",\"url\":\"javascript:a\"}]", "/items/0/url",
         "bad_format"},
        {"[{\"title\":\"x\",\"kind\":\"url\"}]", "/items/0/url", "bad_format"},
        {"[{\"title\":\"x\",\"kind\":\"product\",\"target\":\"prd_0000000000001\"}]", "/items",
         "not_found"},
        {"[{\"title\":\"x\",\"kind\":\"page\",\"target\":\"prd_0000000000001\"}]",
         "/items/0/target", "bad_format"},
        {"[{\"title\":\"x\",\"kind\":\"policy\",\"target\":\"nonsense\"}]", "/items/0/target",
         "bad_format"},
        {"[{\"title\":\"1\",\"kind\":\"url\",\"url\":\"/\",\"items\":[{\"title\":\"2\",\"kind\":"
         "\"url\",\"url\":\"/\",\"items\":[{\"title\":\"3\",\"kind\":\"url\",\"url\":\"/\","
         "\"items\":[{\"title\":\"4\",\"kind\":\"url\",\"url\":\"/\",\"items\":[{\"title\":\"5\","
         "\"kind\":\"url\",\"url\":\"/\"}]}]}]}]}]",
         "/items/0/items/0/items/0/items/0/items", "too_deep"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CatalogMenu m;
        char        json[1200];
        snprintf(json, sizeof json, "{\"title\":\"x\",\"items\":%s}", CASES[i].items);
        assert_fails(make_menu(w, json, &m), ST_INVALID, &w->cx.err, "shape.invalid");
        assert_issue(&w->cx, CASES[i].pointer, CASES[i].code);
        world_again(w);
    }
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_menu"), 0);
}

static void every_version_of_a_policy_is_kept(void **state)
{
    World            *w = *state;
    CatalogPolicyText p = {.title = STR("Returns"), .body = STR("<p>14 days</p>")}, q;
    assert_fails(catalog_policy_get(&w->cx, CATALOG_RETURNS, 0, &q), ST_NOT_FOUND, &w->cx.err,
                 "catalog.no_policy");
    assert_ok(catalog_policy_put(&w->cx, CATALOG_RETURNS, &p), &w->cx.err);
    assert_int_equal(p.version, 1);
    q = (CatalogPolicyText){.title = STR("Returns"), .body = STR("<p>14 days</p>")};
    assert_ok(catalog_policy_put(&w->cx, CATALOG_RETURNS, &q), &w->cx.err);
    assert_int_equal(q.version, 1);
    q = (CatalogPolicyText){.title = STR("Returns"), .body = STR("<p>30 days</p><script>")};
    assert_ok(catalog_policy_put(&w->cx, CATALOG_RETURNS, &q), &w->cx.err);
    assert_int_equal(q.version, 2);
    assert_str(q.body_safe, "<p>30 days</p>");
    assert_ok(catalog_policy_get(&w->cx, CATALOG_RETURNS, 1, &q), &w->cx.err);
    assert_str(q.body, "<p>14 days</p>");
    assert_ok(catalog_policy_get(&w->cx, CATALOG_RETURNS, 0, &q), &w->cx.err);
    assert_int_equal(q.version, 2);
    CatalogPolicies all;
    assert_ok(catalog_policy_versions(&w->cx, CATALOG_RETURNS, &all), &w->cx.err);
    assert_int_equal(all.n, 2);
    q = (CatalogPolicyText){.title = STR("Privacy"), .body = STR("x")};
    assert_ok(catalog_policy_put(&w->cx, CATALOG_PRIVACY, &q), &w->cx.err);
    assert_ok(catalog_policies(&w->cx, &all), &w->cx.err);
    assert_int_equal(all.n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_page_is_kept_as_written_and_shown_safely),
        TEST_WORLD(articles_move_with_their_blog),
        TEST_WORLD(menus_lead_to_what_is_there),
        TEST_WORLD(menus_are_checked),
        TEST_WORLD(every_version_of_a_policy_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
