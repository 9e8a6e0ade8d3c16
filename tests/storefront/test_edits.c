/* What a merchant changes of the theme: checked, shown at once, taken back. */
#include "site.h"

#include "channel/storefront/edits.h"
#include "channel/storefront/theme.h"

#include <string.h>

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module, &storefront_module);

#define HERO(heading)                                                                              \
    "{\"sections\":{\"hero\":{\"type\":\"hero\",\"settings\":{\"heading\":\"" heading              \
    "\"}}},\"order\":[\"hero\"]}"

static int64_t version(World *w)
{
    ThemeEdits e;
    int64_t    v;
    assert_ok(setting_get(&w->cx, &theme_edits_setting, &e, &v), &w->cx.err);
    return v;
}

static Status put(World *w, const char *path, const char *json)
{
    return edits_put(&w->cx, NULL, version(w), str_from_cstr(path), str_from_cstr(json));
}

static const char *undo(World *w)
{
    Str path;
    assert_ok(edits_undo(&w->cx, NULL, version(w), &path), &w->cx.err);
    site_settle(w);
    return str_cstr(&w->arena, path);
}

static void an_edit_is_shown_at_once_and_can_be_taken_back(void **state)
{
    World *w = *state;
    site_open_with(w, NULL);
    assert_lacks(site_page(w, "/", 200).text, "Spring sale");
    assert_ok(put(w, "templates/index.json", HERO("Spring sale")), &w->cx.err);
    site_settle(w);
    assert_has(site_page(w, "/", 200).text, "Spring sale");
    assert_ok(put(w, "templates/index.json", HERO("<b>Summer</b>")), &w->cx.err);
    assert_ok(put(w, "templates/page.plain.json",
                  "{\"sections\":{\"a\":{\"type\":\"main-page\"}},\"order\":[\"a\"]}"),
              &w->cx.err);
    site_settle(w);
    assert_has(site_page(w, "/", 200).text, "&lt;b&gt;Summer&lt;/b&gt;");
    assert_string_equal(undo(w), "templates/page.plain.json");
    assert_string_equal(undo(w), "templates/index.json");
    assert_has(site_page(w, "/", 200).text, "Spring sale");
    assert_ok(edits_put(&w->cx, NULL, version(w), STR("templates/index.json"), (Str){0}),
              &w->cx.err);
    site_settle(w);
    assert_lacks(site_page(w, "/", 200).text, "Spring sale");
    assert_string_equal(undo(w), "templates/index.json");
    assert_has(site_page(w, "/", 200).text, "Spring sale");
    assert_string_equal(undo(w), "templates/index.json");
    assert_lacks(site_page(w, "/", 200).text, "Spring sale");
    Str path;
    assert_fails(edits_undo(&w->cx, NULL, version(w), &path), ST_CONFLICT, &w->cx.err,
                 "storefront.nothing_to_undo");
    site_close(w);
}

static void edits_outlive_the_program(void **state)
{
    World *w = *state;
    site_open_with(w, NULL);
    assert_ok(put(w, "templates/index.json", HERO("Kept")), &w->cx.err);
    site_settle(w);
    site_close(w);
    site_open_with(w, NULL);
    assert_has(site_page(w, "/", 200).text, "Kept");
    site_close(w);
}

static void what_does_not_fit_the_theme_is_refused(void **state)
{
    static const struct {
        const char *path, *json, *code;
        Status      status;
    } CASES[] = {
        {"templates/index.json", "{\"sections\":", "storefront.bad_theme_file", ST_INVALID},
        {"templates/index.json", "{\"sections\":{\"a\":{\"type\":\"none\"}},\"order\":[\"a\"]}",
         "storefront.bad_theme_file", ST_INVALID},
        {"templates/index.json",
         "{\"sections\":{\"a\":{\"type\":\"hero\",\"settings\":{\"colour\":\"red\"}}},\"order\":"
         "[\"a\"]}",
         "storefront.bad_theme_file", ST_INVALID},
        {"templates/index.json",
         "{\"sections\":{\"a\":{\"type\":\"hero\",\"settings\":{\"link\":true}}},\"order\":[\"a\"]"
         "}",
         "storefront.bad_theme_file", ST_INVALID},
        {"templates/index.json", "{\"sections\":{},\"order\":[\"gone\"]}",
         "storefront.bad_theme_file", ST_INVALID},
        {"sections/footer-group.json",
         "{\"sections\":{\"f\":{\"type\":\"footer\",\"blocks\":{\"b\":{\"type\":\"none\"}}}},"
         "\"order\":[\"f\"]}",
         "storefront.bad_theme_file", ST_INVALID},
        {"layout/theme.liquid", "{}", "storefront.no_theme_file", ST_NOT_FOUND},
        {"sections/hero.liquid", "{}", "storefront.no_theme_file", ST_NOT_FOUND},
        {"templates/../config/settings_data.json", "{}", "storefront.no_theme_file", ST_NOT_FOUND},
        {"templates/a/b.json", "{}", "storefront.no_theme_file", ST_NOT_FOUND},
        {"config/settings_schema.json", "[]", "storefront.no_theme_file", ST_NOT_FOUND},
        {"locales/en.default.json", "{}", "storefront.no_theme_file", ST_NOT_FOUND},
        {"templates/.json", "{}", "storefront.no_theme_file", ST_NOT_FOUND},
    };
    World *w = *state;
    site_open_with(w, NULL);
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_fails(put(w, CASES[i].path, CASES[i].json), CASES[i].status, &w->cx.err,
                     CASES[i].code);
    assert_int_equal(version(w), 0);
    assert_ok(put(w, "templates/index.json", HERO("One")), &w->cx.err);
    assert_fails(edits_put(&w->cx, NULL, 0, STR("templates/index.json"), STR(HERO("Two"))),
                 ST_STALE, &w->cx.err, "core.setting_stale");
    assert_fails(edits_put(&w->cx, NULL, version(w), STR("templates/page.json"), (Str){0}),
                 ST_NOT_FOUND, &w->cx.err, "storefront.no_theme_file");
    site_close(w);
}

/* More than a setting can hold: the oldest of the past goes, the rest stays right. */
static void the_past_has_an_end(void **state)
{
    World      *w = *state;
    static char json[40000], pad[30000];
    site_open_with(w, NULL);
    for (int i = 0; i < 14; i++) {
        memset(pad, 'x', sizeof pad);
        pad[sizeof pad - 1] = '\0';
        (void)snprintf(
            json, sizeof json,
            "{\"sections\":{\"hero\":{\"type\":\"hero\",\"settings\":{\"heading\":\"No %d\","
            "\"text\":\"%s\"}}},\"order\":[\"hero\"]}",
            i, pad);
        assert_ok(put(w, "templates/index.json", json), &w->cx.err);
    }
    site_settle(w);
    assert_has(site_page(w, "/", 200).text, "No 13");
    (void)undo(w);
    assert_has(site_page(w, "/", 200).text, "No 12");
    site_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(an_edit_is_shown_at_once_and_can_be_taken_back),
        TEST_SQLITE(edits_outlive_the_program),
        TEST_SQLITE(what_does_not_fit_the_theme_is_refused),
        TEST_SQLITE(the_past_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
