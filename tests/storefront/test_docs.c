/* docs/themes.md: every example does what it says, and every filter is in it. */
#include "site.h"

#include "channel/storefront/object.h"
#include "channel/storefront/render.h"
#include "liquid/theme.h"

#include <stdlib.h>
#include <string.h>

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module, &storefront_module);

static Str read_doc(Arena *a)
{
    FILE *f = fopen(TEST_SOURCE_ROOT "/docs/themes.md", "r");
    assert_non_null(f);
    char  *text = arena_alloc(a, 1 << 20, 1);
    size_t n = fread(text, 1, (1 << 20) - 1, f);
    (void)fclose(f);
    return (Str){text, n};
}

/* ⏎ is a line break. */
static Str unfold(Arena *a, Str s)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < s.len; i++) {
        if (str_starts(str_skip(s, i), STR("⏎"))) {
            buf_addc(&b, '\n');
            i += sizeof "⏎" - 2;
        } else {
            buf_addc(&b, s.ptr[i]);
        }
    }
    return str_dup(a, buf_str(&b));
}

static void run(World *w, Str example, Str want)
{
    const ThemeFile files[] = {
        {STR_INIT("layout/theme.liquid"), STR_INIT("{{ content_for_layout }}")},
        {STR_INIT("templates/index.liquid"), example},
        {STR_INIT("assets/a.css"), STR_INIT("p{margin:0}")},
        {STR_INIT("locales/en.default.json"),
         STR_INIT(
             "{\"cart\":{\"items\":{\"one\":\"{{ count }} item\",\"other\":\"{{ count }} items\"}},"
             "\"hello_html\":\"<b>{{ name }}</b>\"}")},
    };
    static const Site site = {.url = STR_INIT("https://shop.example"),
                              .description = STR_INIT(""),
                              .closed_note = STR_INIT("")};
    HttpReq           rq = {.method = HTTP_GET, .target = STR("/"), .path = STR("/")};
    HttpResp          rs;
    Theme            *theme;
    Err               err;
    Visit             v;
    assert_ok(theme_make(files, COUNT_OF(files), &theme, &err), &err);
    http_resp_init(&rs);
    assert_ok(visit_open(&w->cx, &rq, theme, &site, &v), &w->cx.err);
    v.kind = STR("index");
    visit_global(&v, "product", object_product_by_handle(&v, STR("linen-shirt")));
    assert_ok(render_page(&v, &rs), &w->cx.err);
    if (!str_eq(buf_str(&rs.body), want))
        fail_msg(STR_FMT "\n  gives " STR_FMT "\n  not   " STR_FMT, STR_ARG(example),
                 STR_ARG(buf_str(&rs.body)), STR_ARG(want));
    http_resp_done(&rs);
    theme_release(theme);
}

static void examples_do_what_they_say(void **state)
{
    World *w = *state;
    Arena  a;
    size_t n = 0;
    bool   inside = false;
    arena_init(&a, 4096);
    (void)shop_product(
        w,
        "{\"title\":\"Linen shirt\",\"status\":\"active\",\"vendor\":\"Nord\",\"options\":[{"
        "\"name\":\"Size\",\"values\":[{\"name\":\"S\"},{\"name\":\"M\"}]}],\"variants\":["
        "{\"options\":[\"S\"],\"prices\":[{\"price\":{\"amount\":4900,\"currency\":\"EUR\"}}]},"
        "{\"options\":[\"M\"],\"prices\":[{\"price\":{\"amount\":6900,\"currency\":\"EUR\"}}]}]}");
    site_open(w);
    Str rest = read_doc(&a), line;
    while (str_cut(rest, '\n', &line, &rest)) {
        if (str_starts(line, STR("```"))) {
            inside = str_eq(line, STR("```liquid"));
            continue;
        }
        size_t at = str_find(line, STR(" → "));
        if (!inside || at == SIZE_MAX)
            continue;
        run(w, unfold(&a, str_head(line, at)), unfold(&a, str_skip(line, at + sizeof " → " - 1)));
        n++;
    }
    assert_true(n >= 20);
    arena_done(&a);
    site_close(w);
}

static void every_filter_is_described(void **state)
{
    (void)state;
    static const char *const OTHERS[] = {
        /* older names, and those that need a thing to be signed in */
        "translate",
        "file_url",
        "file_img_url",
        "global_asset_url",
        "shopify_asset_url",
        "product_img_url",
        "collection_img_url",
        "article_img_url",
        "unit_price_with_measurement",
        "format_address",
        "metafield_tag",
        "metafield_text",
        "highlight_active_tag",
        "customer_login_link",
        "customer_logout_link",
        "customer_register_link",
        "stylesheet_tag",
        "preload_tag",
        "script_tag",
        "font_face",
        "font_url",
        "font_modify",
        "payment_type_img_url",
        "payment_button",
        "avatar"};
    Arena a;
    arena_init(&a, 4096);
    Str doc = read_doc(&a);
    for (size_t i = 0; i < storefront_nfilters; i++) {
        char heading[80];
        bool known = false;
        for (size_t k = 0; k < COUNT_OF(OTHERS); k++)
            known = known || strcmp(OTHERS[k], storefront_filters[i].name) == 0;
        (void)snprintf(heading, sizeof heading, "\n### %s\n", storefront_filters[i].name);
        if (!known && str_find(doc, str_from_cstr(heading)) == SIZE_MAX)
            fail_msg("docs/themes.md has no \"### %s\"", storefront_filters[i].name);
    }
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_SQLITE(examples_do_what_they_say),
        cmocka_unit_test(every_filter_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
