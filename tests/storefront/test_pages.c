/* Pages as a browser asks for them. */
#include "site.h"

#include "base/id.h"

#include <string.h>

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module, &storefront_module);

static const char SHIRT[] =
    "{\"title\":\"Linen "
    "shirt\",\"handle\":\"linen-shirt\",\"status\":\"active\",\"vendor\":\"Nord\","
    "\"type\":\"Shirts\",\"tags\":[\"linen\",\"summer wear\"],\"description\":\"<p>Cool &amp; "
    "light</p>\",\"options\":[{\"name\":\"Size\",\"values\":[{\"name\":\"S\"},{\"name\":\"M\"}]},"
    "{\"name\":\"Colour\",\"values\":[{\"name\":\"Red\",\"swatch\":\"#ff0000\"},{\"name\":\"Blue\"}"
    "]"
    "}],\"variants\":["
    "{\"options\":[\"S\",\"Red\"],\"sku\":\"LS-SR\",\"tracked\":true,\"quantity\":0,"
    "\"prices\":[{\"price\":{\"amount\":4900,\"currency\":\"EUR\"}}]},"
    "{\"options\":[\"S\",\"Blue\"],\"sku\":\"LS-SB\",\"tracked\":true,\"quantity\":3,"
    "\"prices\":[{\"price\":{\"amount\":5900,\"currency\":\"EUR\"},\"compare_at\":{\"amount\":7900,"
    "\"currency\":\"EUR\"}}]},"
    "{\"options\":[\"M\",\"Red\"],\"sku\":\"LS-MR\",\"tracked\":true,\"quantity\":2,"
    "\"prices\":[{\"price\":{\"amount\":6900,\"currency\":\"EUR\"}}]}]}";

static void plain_product(World *w, const char *title, const char *vendor, int cents)
{
    char json[600];
    (void)snprintf(json, sizeof json,
                   "{\"title\":\"%s\",\"status\":\"active\",\"vendor\":\"%s\",\"variants\":[{"
                   "\"prices\":[{\"price\":{\"amount\":%d,\"currency\":\"EUR\"}}]}]}",
                   title, vendor, cents);
    (void)shop_product(w, json);
}

static void a_product_page_shows_what_is_sold(void **state)
{
    World *w = *state;
    (void)shop_product(w, SHIRT);
    site_open(w);
    Reply r = site_page(w, "/products/linen-shirt", 200);
    assert_has(r.text, "<h1>Linen shirt</h1>");
    assert_has(r.text, "<p>Cool &amp; light</p>");
    assert_has(r.text, "<p class=\"price\">€59.00<s>€79.00</s></p>"); /* the first available one */
    assert_has(r.text, "value=\"S\" checked");
    assert_has(r.text, "value=\"Red\" disabled"); /* with S */
    assert_has(r.text, "value=\"Blue\" checked");
    assert_has(r.text, "<title>Linen shirt</title>");
    assert_has(r.text,
               "<link rel=\"canonical\" href=\"http://shop.example/products/linen-shirt\">");
    assert_has(r.text, "<div id=\"product\" class=\"page\" data-kind=\"product\">");
    assert_has(r.text, "href=\"/collections/all/summer-wear\"");
    assert_has(r.link, "</theme/base.");
    assert_int_equal(r.statements, 0);
    site_close(w);
}

/* Each price lasts ten days; the last one is struck through beside the first. */
static void a_reduced_price_says_what_was_lowest_in_the_thirty_days_before(void **state)
{
    static const struct {
        int         price[5], compare;
        const char *lowest; /* NULL: none is told */
    } CASES[] = {
        {{1000, 800, 900, 700}, 1000, "8.00"},
        {{500, 1000, 900, 800, 700}, 1000, "8.00"}, /* 500 was more than thirty days before */
        {{1000, 600, 700}, 1000, "6.00"},           /* it was cheaper before */
        {{1000, 800}, 0, NULL},                     /* lower, but nobody says reduced */
        {{1000}, 1200, NULL},                       /* there was no other price */
    };
    World *w = *state;
    char   json[300], target[100];
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CatalogVariant v;
        (void)snprintf(json, sizeof json,
                       "{\"title\":\"Case %zu\",\"status\":\"active\",\"variants\":[{}]}", i);
        w->cx.now = unix_ms_add(clock_now(), (SpanMs){-SPAN_DAYS(55).v});
        CatalogProduct p = shop_product(w, json);
        for (size_t k = 0; k < 5 && CASES[i].price[k] > 0; k++) {
            bool last = k == 4 || CASES[i].price[k + 1] == 0;
            char compare[80] = "";
            if (last && CASES[i].compare > 0)
                (void)snprintf(compare, sizeof compare,
                               ",\"compare_at\":{\"amount\":%d,\"currency\":\"EUR\"}",
                               CASES[i].compare);
            (void)snprintf(json, sizeof json,
                           "{\"prices\":[{\"price\":{\"amount\":%d,\"currency\":\"EUR\"}%s}]}",
                           CASES[i].price[k], compare);
            w->cx.now.v += SPAN_DAYS(10).v;
            assert_ok(shop_variant_update(&w->cx, p.variants.items[0].id, json, &v), &w->cx.err);
        }
    }
    w->cx.now = clock_now();
    site_open_with(w, NULL);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        (void)snprintf(target, sizeof target,
                       "/products/case-%zu?section_id=template--product__main", i);
        Reply page = site_page(w, target, 200);
        assert_int_equal(page.statements, 0);
        (void)snprintf(target, sizeof target, "/products/case-%zu.js", i);
        Reply data = site_page(w, target, 200);
        if (CASES[i].lowest == NULL) {
            assert_lacks(page.text, "Lowest price in the 30 days before");
            assert_has(data.text, "\"lowest_price\":null");
            continue;
        }
        (void)snprintf(json, sizeof json, "Lowest price in the 30 days before: €%s<",
                       CASES[i].lowest);
        assert_has(page.text, json);
        (void)snprintf(json, sizeof json, "\"lowest_price\":%c00", CASES[i].lowest[0]);
        assert_has(data.text, json);
    }
    site_close(w);
}

static void the_variant_of_the_address_is_selected(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, SHIRT);
    char           target[200];
    Str            id = id_format(&w->arena, CATALOG_VARIANT_ID, p.variants.items[2].id);
    (void)snprintf(target, sizeof target, "/products/linen-shirt?variant=" STR_FMT, STR_ARG(id));
    site_open(w);
    Reply r = site_page(w, target, 200);
    assert_has(r.text, "<p class=\"price\">€69.00</p>");
    assert_has(r.text, "value=\"M\" checked");
    assert_has(r.text, "canonical\" href=\"http://shop.example/products/linen-shirt\"");
    site_close(w);
}

static void programs_get_a_product_as_json(void **state)
{
    World *w = *state;
    (void)shop_product(w, SHIRT);
    site_open(w);
    const JsonValue *v, *variants;
    Reply            r = site_page(w, "/products/linen-shirt.js", 200);
    Err              err;
    assert_string_equal(r.type, "application/json");
    assert_ok(json_parse(&w->arena, str_from_cstr(r.text), &v, &err), &err);
    assert_str(json_get(v, STR("title"))->text, "Linen shirt");
    assert_int_equal(json_get(v, STR("price_min"))->i64, 4900);
    variants = json_get(v, STR("variants"));
    assert_int_equal(variants->n, 3);
    assert_true(json_get(&variants->items[1], STR("available"))->boolean);
    assert_false(json_get(&variants->items[0], STR("available"))->boolean);
    r = site_page(w, "/products/linen-shirt.json", 200);
    assert_ok(json_parse(&w->arena, str_from_cstr(r.text), &v, &err), &err);
    assert_non_null(json_get(v, STR("product")));
    site_close(w);
}

/* Without JavaScript: links and forms only. */
static void a_shopper_finds_filters_sorts_and_chooses(void **state)
{
    World *w = *state;
    (void)shop_product(w, SHIRT);
    for (int i = 0; i < 20; i++) {
        char title[40];
        (void)snprintf(title, sizeof title, "Mug %02d", i);
        plain_product(w, title, i % 2 == 0 ? "Nord" : "Süd", 1000 + i * 100);
    }
    site_open(w);
    Reply r = site_page(w, "/collections/all", 200);
    assert_has(r.text, "<p class=\"count\">21 products</p>");
    assert_has(r.text, "name=\"filter.p.vendor\" value=\"Nord\">Nord (11)");
    assert_has(r.text, "name=\"filter.p.vendor\" value=\"Süd\">Süd (10)");
    assert_has(r.text, "name=\"filter.v.option.colour\" value=\"Red\">Red (1)");
    assert_has(r.text, "<a href=\"/collections/all?page=2\">2</a>");
    r = site_page(w, "/collections/all?page=2", 200);
    assert_has(r.text, "<span class=\"page current\">2</span>");
    assert_has(r.text, "<a href=\"/collections/all\">1</a>");
    r = site_page(w, "/collections/all?filter.p.vendor=S%C3%BCd&utm_source=x", 200);
    assert_has(r.text, "<p class=\"count\">10 products</p>");
    assert_has(r.text, "value=\"Nord\">Nord (11)"); /* counts leave their own filter out */
    assert_has(r.text, "value=\"Süd\" checked>Süd (10)</label><a href=\"/collections/all\">x</a>");
    assert_lacks(r.text, "utm_source");
    r = site_page(w, "/collections/all?filter.v.price.gte=20&filter.v.price.lte=25.50", 200);
    assert_has(r.text, "<p class=\"count\">6 products</p>");
    r = site_page(w, "/collections/all?filter.v.option.size=M&filter.v.option.colour=Blue", 200);
    assert_has(r.text, "<p class=\"count\">0 products</p>"); /* no variant is both */
    r = site_page(w, "/collections/all?filter.v.availability=0", 200);
    assert_has(r.text, "<p class=\"count\">1 product</p>");
    r = site_page(w, "/collections/all?sort_by=price-descending", 200);
    const char *dear = strstr(r.text, "<h3>Linen shirt</h3>"), *next = strstr(r.text, "<h3>Mug 19");
    assert_true(dear != NULL && next != NULL && dear < next);
    r = site_page(w, "/collections/all?sort_by=title-ascending", 200);
    dear = strstr(r.text, "<h3>Linen shirt</h3>");
    next = strstr(r.text, "<h3>Mug 00</h3>");
    assert_true(dear != NULL && next != NULL && dear < next);
    assert_has(r.text, "<option value=\"title-ascending\" selected>");
    r = site_page(w, "/collections/all/linen", 200);
    assert_has(r.text, "<p class=\"count\">1 product</p>");
    r = site_page(w, "/search?q=LINEN%20nord", 200);
    assert_has(r.text, "<h1>LINEN nord</h1><p>1</p>");
    r = site_page(w, "/cart", 200);
    assert_has(r.text, "Your cart is empty");
    assert_string_equal(r.cache, "no-store");
    site_close(w);
}

static void every_language_has_addresses_of_its_own(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, SHIRT);
    char           entity[40];
    (void)snprintf(entity, sizeof entity, STR_FMT,
                   STR_ARG(id_format(&w->arena, CATALOG_PRODUCT_ID, p.id)));
    const CatalogTranslation t = {.entity = str_from_cstr(entity),
                                  .field = STR("title"),
                                  .locale = STR("uk"),
                                  .value = STR("Лляна сорочка")};
    assert_ok(catalog_translations_put(&w->cx, &t, 1), &w->cx.err);
    site_open(w);
    Reply r = site_page(w, "/uk/products/linen-shirt", 200);
    assert_has(r.text, "<html lang=\"uk\">");
    assert_has(r.text, "<h1>Лляна сорочка</h1>");
    assert_has(r.text, "59,00");
    assert_has(r.text, "До кошика");
    assert_has(r.text, "canonical\" href=\"http://shop.example/uk/products/linen-shirt\"");
    assert_has(r.text, "href=\"/uk/cart\"");
    r = site_page(w, "/uk/collections/all", 200);
    assert_has(r.text, "1 товар<");
    assert_has(r.text, "href=\"/uk/products/linen-shirt\"");
    r = site_page(w, "/uk", 200);
    assert_has(r.text, "href=\"/uk\"");
    assert_has(site_page(w, "/uk/nope", 404).text, "Немає такої сторінки");
    site_page(w, "/xx/products/linen-shirt", 404);
    site_settings(w, "{\"currencies\":[\"USD\"]}");
    r = site_page(w, "/uk-usd/products/linen-shirt", 200);
    assert_has(r.text, "href=\"/uk-usd/cart\"");
    assert_lacks(r.text, "59,00"); /* it has no price in dollars, and none is made up */
    site_close(w);
}

static void first_visitors_are_met_in_their_language(void **state)
{
    World *w = *state;
    site_open(w);
    static const struct {
        const char *accept, *location;
    } CASES[] = {
        {"uk-UA,uk;q=0.9,en;q=0.8", "/uk"},
        {"en,uk;q=0.5", ""},
        {"xx, uk;q=0.1", "/uk"},
        {"de", ""},
        {"uk;q=0", ""},
        {"uk;q=x,,;;=", ""},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Reply r = site_get(w, "/", "Accept-Language", CASES[i].accept);
        assert_int_equal(r.status, CASES[i].location[0] != '\0' ? 302 : 200);
        assert_string_equal(r.location, CASES[i].location);
    }
    assert_int_equal(site_get(w, "/collections", "Accept-Language", "uk").status, 200);
    site_settings(w, "{\"negotiate\":false}");
    assert_int_equal(site_get(w, "/", "Accept-Language", "uk").status, 200);
    site_close(w);
}

static void choosing_a_language_leads_back_and_nowhere_else(void **state)
{
    World *w = *state;
    site_open(w);
    static const struct {
        const char *target, *form, *location;
    } CASES[] = {
        {"/localization", "language_code=uk&return_to=/collections/all", "/uk/collections/all"},
        {"/uk/localization", "language_code=en&return_to=/uk/collections", "/collections"},
        {"/uk/localization", "language_code=en&return_to=/", "/"},
        {"/localization", "language_code=zz&return_to=/cart", "/cart"},
        {"/localization", "return_to=//evil.example/", "/"},
        {"/localization", "return_to=https://evil.example/", "/"},
        {"/localization", "return_to=/%5Cevil.example", "/"},
        {"/localization", "return_to=%09//evil.example", "/"},
        {"/localization", "return_to=/%0d%0aSet-Cookie:x", "/"},
        {"/localization", "return_to=javascript:alert(1)", "/"},
        {"/localization", "language_code=uk&return_to=/uk//evil.example", "/uk"},
        {"/uk/localization", "language_code=en&return_to=/uk//evil.example", "/"},
        {"/localization", "", "/"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Reply r = site_post(w, CASES[i].target, CASES[i].form);
        assert_int_equal(r.status, 303);
        assert_string_equal(r.location, CASES[i].location);
    }
    site_close(w);
}

static void what_moved_leads_to_where_it_is(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, SHIRT);
    site_open(w);
    site_page(w, "/products/linen-shirt", 200);
    assert_ok(shop_update(&w->cx, p.id, "{\"handle\":\"cool-shirt\"}", &p), &w->cx.err);
    site_settle(w);
    assert_string_equal(site_page(w, "/products/linen-shirt", 301).location,
                        "/products/cool-shirt");
    assert_string_equal(site_page(w, "/uk/products/linen-shirt", 301).location,
                        "/uk/products/cool-shirt");
    site_page(w, "/products/cool-shirt", 200);
    site_close(w);
}

static void what_is_hidden_is_not_found(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, SHIRT);
    site_open(w);
    site_page(w, "/products/linen-shirt", 200);
    assert_ok(shop_update(&w->cx, p.id, "{\"status\":\"draft\"}", &p), &w->cx.err);
    site_settle(w);
    static const char *const TARGETS[] = {
        "/products/linen-shirt",
        "/products/linen-shirt.js",
        "/products/none",
        "/collections/none",
        "/pages/none",
        "/blogs/none",
        "/blogs/none/none",
        "/policies/none",
        "/products",
        "/products/a/b",
        "/collections/a/b/c",
        "/nope",
        "/cart/nope",
        "/search/nope",
        "/a/b/c/d/e/f/g/h",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/products/%2e%2e%2fsecret",
        "/..",
        "/policies",
        "/recommendations/products",
        "/?section_id=none",
        "/products//linen-shirt",
        "/collections/all/products/x",
    };
    for (size_t i = 0; i < COUNT_OF(TARGETS); i++) {
        Reply r = site_page(w, TARGETS[i], 404);
        assert_has(r.text, "<h1>Not found</h1>");
        assert_string_equal(r.type, "text/html; charset=utf-8");
        assert_string_equal(r.cache, "no-store");
    }
    assert_has(site_page(w, "/api/v1/nope", 404).type, "json");
    assert_int_equal(site_get(w, "/products/%zz", NULL, NULL).status, 400);
    site_close(w);
}

static void parts_of_a_page_can_be_asked_for(void **state)
{
    World *w = *state;
    (void)shop_product(w, SHIRT);
    site_open(w);
    Reply r = site_page(w, "/products/linen-shirt?section_id=template--product__main", 200);
    assert_has(r.text, "<div id=\"shopify-section-template--product__main\"");
    assert_lacks(r.text, "<html");
    r = site_page(w, "/products/linen-shirt?sections=footer,sections--header-group__header,none",
                  200);
    const JsonValue *v;
    Err              err;
    assert_ok(json_parse(&w->arena, str_from_cstr(r.text), &v, &err), &err);
    assert_int_equal(v->n, 3);
    assert_int_equal(json_get(v, STR("none"))->type, JSON_NULL);
    assert_has(str_cstr(&w->arena, json_get(v, STR("footer"))->text), "<footer");
    r = site_page(w, "/products/linen-shirt?view=plain", 200);
    assert_string_equal(r.text, "<h1>Linen shirt</h1>\n");
    r = site_page(w, "/search/suggest.json?q=shirt", 200);
    assert_ok(json_parse(&w->arena, str_from_cstr(r.text), &v, &err), &err);
    v = json_get(json_get(json_get(v, STR("resources")), STR("results")), STR("products"));
    assert_int_equal(v->n, 1);
    site_close(w);
}

static void a_template_that_cannot_be_read_becomes_the_page_of_errors(void **state)
{
    World *w = *state;
    (void)shop_product(w, SHIRT);
    site_open(w);
    static const char *const PATHS[] = {"/products/linen-shirt?view=unfinished",
                                        "/products/linen-shirt?view=broken"};
    for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
        Reply r = site_page(w, PATHS[i], 500);
        assert_has(r.text, "<h1>Something broke</h1>");
        assert_lacks(r.text, "Half a page");
        assert_lacks(r.text, "never closed");
    }
    site_page(w, "/products/linen-shirt", 200);
    site_close(w);
}

static void a_closed_shop_says_so(void **state)
{
    World *w = *state;
    site_open(w);
    site_page(w, "/", 200);
    site_settings(w, "{\"closed\":true}");
    assert_has(site_page(w, "/", 503).text, "<h1>Closed</h1>");
    assert_has(site_page(w, "/cart", 503).text, "<h1>Closed</h1>");
    site_settings(w, "{\"closed\":false}");
    site_page(w, "/", 200);
    site_close(w);
}

static void files_of_the_theme_are_kept_for_ever_by_their_hash(void **state)
{
    World *w = *state;
    site_open(w);
    Reply       r = site_page(w, "/", 200);
    const char *at = strstr(r.text, "/theme/base.");
    char        url[100] = {0};
    assert_non_null(at);
    memcpy(url, at, strcspn(at, "\""));
    r = site_page(w, url, 200);
    assert_string_equal(r.cache, "public, max-age=31536000, immutable");
    assert_has(r.text, "src:url(\"/theme/test."); /* addresses in it are made theirs */
    assert_lacks(r.text, "url(\"test.woff2\")");
    assert_string_equal(site_page(w, "/theme/base.css", 200).cache, "no-cache");
    assert_string_equal(site_page(w, "/theme/base.0000000000000000.css", 200).cache, "no-cache");
    assert_has(site_page(w, "/theme/app.js", 200).text, "from '/theme/dialog.");
    static const char *const BAD[] = {"/theme/../layout/theme.liquid",
                                      "/theme/%2e%2e/x",
                                      "/theme/..%2flayout%2ftheme.liquid",
                                      "/theme/none.css",
                                      "/theme/layout/theme.liquid",
                                      "/theme/_reload.js",
                                      "/theme//etc/passwd",
                                      "/theme/.hidden"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        site_page(w, BAD[i], 404);
    site_close(w);
}

static void conditional_requests_cost_nothing(void **state)
{
    World *w = *state;
    site_open(w);
    Reply r = site_page(w, "/collections/all", 200);
    assert_int_equal(site_get(w, "/collections/all", "If-None-Match", r.etag).status, 304);
    assert_int_equal(site_get(w, "/collections/all", "If-None-Match", "\"x\"").status, 200);
    r = site_get(w, "/collections/all", "Accept-Encoding", "gzip");
    assert_has(r.etag, "+gzip\"");
    assert_int_equal(site_get(w, "/collections/all", "If-None-Match", r.etag).status, 304);
    site_close(w);
}

static void pages_say_what_may_run_on_them(void **state)
{
    World *w = *state;
    site_open(w);
    Reply r = site_page(w, "/", 200);
    assert_lacks(r.csp, "unsafe-inline");
    assert_has(r.csp, "script-src 'self' 'sha256-"); /* the one that stands in the theme */
    assert_has(r.csp, "style-src 'self' 'sha256-");
    assert_has(r.text, "<script type=\"speculationrules\">{\"prefetch\"");
    assert_has(r.csp, "frame-ancestors 'self'");
    assert_has(r.csp, "object-src 'none'");
    site_close(w);
}

static void define(World *w, const char *json)
{
    CatalogAttributeDef d = {0};
    assert_ok(shop_read(&w->cx, &catalog_attribute_def_shape, json, &d), &w->cx.err);
    assert_ok(catalog_attribute_create(&w->cx, &d), &w->cx.err);
}

/* More attributes than a page tells, and one that has more numbers than anybody reads. */
static void numbers_are_chosen_by_range_and_what_is_chosen_is_told(void **state)
{
    World *w = *state;
    char   json[400];
    define(w, "{\"scope\":\"product\",\"key\":\"spec.weight\",\"type\":\"number\",\"name\":"
              "\"Weight\",\"unit\":\"kg\",\"filterable\":true}");
    for (int i = 0; i < 30; i++) {
        (void)snprintf(json, sizeof json,
                       "{\"scope\":\"product\",\"key\":\"spec.k%d\",\"type\":\"number\","
                       "\"name\":\"K %d\",\"filterable\":true}",
                       i, i);
        define(w, json);
        (void)snprintf(json, sizeof json,
                       "{\"title\":\"Thing %d\",\"status\":\"active\",\"attributes\":["
                       "{\"key\":\"spec.weight\",\"value\":%d.50},{\"key\":\"spec.k%d\","
                       "\"value\":7}]}",
                       i, i, i);
        (void)shop_product(w, json);
    }
    site_open(w);
    Reply r = site_page(w, "/collections/all", 200);
    assert_has(r.text, "<input name=\"filter.p.m.spec.weight.gte\" value=\"\" placeholder=\"0.5\">"
                       "<input name=\"filter.p.m.spec.weight.lte\" placeholder=\"29.5\">kg");
    r = site_page(w, "/collections/all?filter.p.m.spec.weight.gte=2,5&filter.p.m.spec.weight.lte=4",
                  200);
    assert_has(r.text, "<p class=\"count\">2 products</p>");
    assert_has(r.text, "name=\"filter.p.m.spec.weight.gte\" value=\"2,5\" placeholder=\"0.5\"");
    r = site_page(w, "/collections/all?filter.p.m.spec.weight.gte=heavy", 200);
    assert_has(r.text, "<p class=\"count\">30 products</p>");
    for (int i = 0; i < 30; i += 29) { /* one of them is not among those that are told */
        (void)snprintf(json, sizeof json, "/collections/all?filter.p.m.spec.k%d=7", i);
        r = site_page(w, json, 200);
        assert_has(r.text, "<p class=\"count\">1 product</p>");
        (void)snprintf(json, sizeof json, "name=\"filter.p.m.spec.k%d\" value=\"7\" checked>7 (1)",
                       i);
        assert_has(r.text, json);
        assert_has(r.text, "filter.p.m.spec.weight.gte"); /* the others stay */
    }
    site_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_product_page_shows_what_is_sold),
        TEST_WORLD(a_reduced_price_says_what_was_lowest_in_the_thirty_days_before),
        TEST_SQLITE(the_variant_of_the_address_is_selected),
        TEST_SQLITE(programs_get_a_product_as_json),
        TEST_SQLITE(a_shopper_finds_filters_sorts_and_chooses),
        TEST_SQLITE(numbers_are_chosen_by_range_and_what_is_chosen_is_told),
        TEST_WORLD(every_language_has_addresses_of_its_own),
        TEST_SQLITE(first_visitors_are_met_in_their_language),
        TEST_SQLITE(choosing_a_language_leads_back_and_nowhere_else),
        TEST_WORLD(what_moved_leads_to_where_it_is),
        TEST_SQLITE(what_is_hidden_is_not_found),
        TEST_SQLITE(parts_of_a_page_can_be_asked_for),
        TEST_WORLD(a_template_that_cannot_be_read_becomes_the_page_of_errors),
        TEST_WORLD(a_closed_shop_says_so),
        TEST_SQLITE(files_of_the_theme_are_kept_for_ever_by_their_hash),
        TEST_SQLITE(conditional_requests_cost_nothing),
        TEST_SQLITE(pages_say_what_may_run_on_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
