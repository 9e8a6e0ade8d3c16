/* What merchants, suppliers and visitors write cannot run on a page, whichever field it is in. */
#include "site.h"

#include "base/id.h"

#include <stdlib.h>
#include <string.h>

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module, &storefront_module);

/* None of these may stand in a page as it is. */
static const char *const MARKS[] = {"<img src=x",        "<script>alert",      "onerror=\"",
                                    "<svg onload",       "href=\"javascript:", "src=\"javascript:",
                                    "href='javascript:", "\" onmouseover=",    "' onfocus="};

static const char *const PAYLOADS[] = {
    "\\\"><img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "\\\" onmouseover=\\\"alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "</style><script>alert(1)</script>",
    "{{ shop.name }}{% raw %}<script>alert(1)</script>",
    "javascript:alert(1)//<img src=x onerror=alert(1)>",
};

/* A quote behind a backslash is one inside of JSON. */
static const char *find_mark(const char *text, const char *mark)
{
    const char *at = strstr(text, mark);
    while (at != NULL && at > text && at[-1] == '\\')
        at = strstr(at + 1, mark);
    return at;
}

/* Structured data are JSON in a <script>: quotes are text there, and no tag can begin. */
static char *without_data(const char *text)
{
    static const char BEGIN[] = "<script type=\"application/ld+json\">", END[] = "</script>";
    char             *copy = strdup(text != NULL ? text : "");
    assert_non_null(copy);
    for (char *at = strstr(copy, BEGIN); at != NULL; at = strstr(at, BEGIN)) {
        char *from = at + strlen(BEGIN), *end = strstr(from, END);
        assert_non_null(end);
        assert_null(memchr(from, '<', (size_t)(end - from)));
        memset(from, ' ', (size_t)(end - from));
        at = end;
    }
    return copy;
}

static void check(const char *target, Reply r)
{
    char *text = without_data(r.text);
    for (size_t i = 0; strstr(r.type, "html") != NULL && i < COUNT_OF(MARKS); i++) {
        const char *at = find_mark(text, MARKS[i]);
        if (at != NULL)
            fail_msg("%s: %.200s", target, at - text > 100 ? at - 100 : text);
    }
    free(text);
    if (r.status == 200 && strstr(r.type, "html") != NULL)
        assert_lacks(r.csp, "unsafe-inline");
}

/* In HTML a quote is text like any other: there, only what has a tag in it is an attack. */
static void fill(World *w, const char *x)
{
    const char           *html = strchr(x, '<') != NULL ? x : "fine";
    CLEANUP(buf_done) Buf b = {0};
    CatalogProduct        p;
    CatalogPage           page = {0};
    CatalogBlog           blog = {0};
    CatalogArticle        article = {0};
    CatalogMenu           menu = {0};
    CatalogPolicyText     policy = {0};
    buf_init(&b, 64 << 10);
    buf_addf(
        &b,
        "{\"title\":\"%s\",\"handle\":\"bad\",\"status\":\"active\",\"vendor\":\"%s\","
        "\"type\":\"%s\",\"category\":\"%s\",\"tags\":[\"%s\"],\"description\":\"%s<p "
        "onclick='alert(1)'>x</p><a href='javascript:alert(1)'>y</a>\",\"seo_title\":\"%s\","
        "\"seo_description\":\"%s\",\"options\":[{\"name\":\"%s\",\"values\":[{\"name\":\"%s\"}]}"
        "],\"media\":[{\"url\":\"https://x.example/a.jpg\",\"alt\":\"%s\"}],"
        "\"variants\":[{\"options\":[\"%s\"],\"sku\":\"%s\",\"barcode\":\"1\",\"prices\":[{"
        "\"price\":{\"amount\":100,\"currency\":\"EUR\"}}]}]}",
        x, x, x, x, x, html, x, x, x, x, x, x, x);
    assert_ok(shop_create(&w->cx, b.ptr, &p), &w->cx.err);
    buf_clear(&b);
    buf_addf(&b,
             "{\"title\":\"%s\",\"handle\":\"bad\",\"description\":\"%s\",\"seo_title\":\"%s\"}", x,
             html, x);
    CatalogCollection c = shop_collection(w, b.ptr);
    assert_ok(catalog_collection_add(&w->cx, c.id, &p.id, 1), &w->cx.err);
    buf_clear(&b);
    buf_addf(&b,
             "{\"title\":\"%s\",\"handle\":\"bad\",\"body\":\"%s\",\"author\":\"%s\","
             "\"published_at\":\"2020-01-01T00:00:00.000Z\"}",
             x, html, x);
    assert_ok(shop_read(&w->cx, &catalog_page_shape, b.ptr, &page), &w->cx.err);
    assert_ok(catalog_page_create(&w->cx, &page), &w->cx.err);
    assert_ok(shop_read(&w->cx, &catalog_article_shape, b.ptr, &article), &w->cx.err);
    buf_clear(&b);
    buf_addf(&b, "{\"title\":\"%s\",\"handle\":\"bad\"}", x);
    assert_ok(shop_read(&w->cx, &catalog_blog_shape, b.ptr, &blog), &w->cx.err);
    assert_ok(catalog_blog_create(&w->cx, &blog), &w->cx.err);
    assert_ok(catalog_article_create(&w->cx, blog.id, &article), &w->cx.err);
    buf_clear(&b);
    buf_addf(&b,
             "{\"title\":\"%s\",\"handle\":\"main-menu\",\"items\":[{\"title\":\"%s\",\"kind\":"
             "\"url\",\"url\":\"/x\"}]}",
             x, x);
    assert_ok(shop_read(&w->cx, &catalog_menu_shape, b.ptr, &menu), &w->cx.err);
    assert_ok(catalog_menu_create(&w->cx, &menu), &w->cx.err);
    buf_clear(&b);
    buf_addf(&b, "{\"title\":\"%s\",\"body\":\"%s\"}", x, html);
    assert_ok(shop_read(&w->cx, &catalog_policy_shape, b.ptr, &policy), &w->cx.err);
    assert_ok(catalog_policy_put(&w->cx, CATALOG_PRIVACY, &policy), &w->cx.err);
}

static const char *const TARGETS[] = {
    "/",
    "/products/bad",
    "/collections",
    "/collections/bad",
    "/collections/all",
    "/collections/bad/products/bad",
    "/pages/bad",
    "/blogs/bad",
    "/policies/privacy",
    "/search?q=x",
    "/uk/products/bad",
    "/products/bad?view=plain",
    "/products/bad?sections=template--product__main",
    "/search/suggest.json?q=a",
    "/products/bad.js",
    "/nope",
};

static void what_a_catalogue_says_cannot_run(void **state, size_t i)
{
    World *w = *state;
    fill(w, PAYLOADS[i]);
    site_open(w);
    for (size_t k = 0; k < COUNT_OF(TARGETS); k++)
        check(TARGETS[k], site_get(w, TARGETS[k], NULL, NULL));
    site_close(w);
}

#define PAYLOAD(i)                                                                                 \
    static void payload_##i##_is_inert_in_every_field(void **state)                                \
    {                                                                                              \
        what_a_catalogue_says_cannot_run(state, i);                                                \
    }
PAYLOAD(0)
PAYLOAD(1)
PAYLOAD(2)
PAYLOAD(3)
PAYLOAD(4)
PAYLOAD(5)
PAYLOAD(6)
PAYLOAD(7)

static void what_an_address_says_cannot_run(void **state)
{
    World                   *w = *state;
    static const char *const SENT[] = {"%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
                                       "%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E",
                                       "%22%20onmouseover=%22alert(1)", "javascript:alert(1)",
                                       "%27%20onfocus=%27x"};
    static const char *const FORMS[] = {
        "/search?q=%s",
        "/search?q=x&sort_by=%s",
        "/collections/all?filter.p.vendor=%s",
        "/collections/all?filter.%s=1",
        "/collections/all/%s",
        "/collections/all?page=%s",
        "/products/bad?variant=%s",
        "/products/bad?view=%s",
        "/%s",
        "/%s/products/bad",
        "/?section_id=%s",
        "/?sections=%s",
        "/search/suggest?q=%s",
        "/blogs/bad/tagged/%s",
    };
    fill(w, "fine");
    site_open(w);
    for (size_t i = 0; i < COUNT_OF(FORMS); i++)
        for (size_t k = 0; k < COUNT_OF(SENT); k++) {
            char        target[400];
            const char *at = strstr(FORMS[i], "%s");
            (void)snprintf(target, sizeof target, "%.*s%s%s", (int)(at - FORMS[i]), FORMS[i],
                           SENT[k], at + 2);
            Reply r = site_get(w, target, NULL, NULL);
            assert_true(r.status == 200 || r.status == 404);
            check(target, r);
        }
    site_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_SQLITE(payload_0_is_inert_in_every_field),
        TEST_SQLITE(payload_1_is_inert_in_every_field),
        TEST_SQLITE(payload_2_is_inert_in_every_field),
        TEST_SQLITE(payload_3_is_inert_in_every_field),
        TEST_SQLITE(payload_4_is_inert_in_every_field),
        TEST_SQLITE(payload_5_is_inert_in_every_field),
        TEST_SQLITE(payload_6_is_inert_in_every_field),
        TEST_SQLITE(payload_7_is_inert_in_every_field),
        TEST_SQLITE(what_an_address_says_cannot_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
