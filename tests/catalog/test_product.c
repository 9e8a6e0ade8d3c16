#include "shop.h"

static const char SHIRT[] =
    "{\"title\":\"T-Shirt\",\"status\":\"active\",\"vendor\":\"Nord\",\"type\":\"Shirts\","
    "\"tags\":[\"new\",\" Cotton \",\"NEW\"],"
    "\"description\":\"<p onclick=x>Soft</p>\","
    "\"options\":[{\"name\":\"Colour\",\"values\":[{\"name\":\"Red\",\"swatch\":\"#cc0000\"},"
    "{\"name\":\"Blue\"}]},{\"name\":\"Size\"}],"
    "\"media\":[{\"url\":\"https://example.com/red.jpg\",\"alt\":\"Red shirt\"},"
    "{\"url\":\"/blue.jpg\"}],"
    "\"variants\":["
    "{\"options\":[\"Red\",\"S\"],\"sku\":\"R-S\",\"media_index\":1,\"weight_g\":180,"
    "\"prices\":[{\"price\":{\"amount\":1999,\"currency\":\"EUR\"},"
    "\"compare_at\":{\"amount\":2499,\"currency\":\"EUR\"}}]},"
    "{\"options\":[\"Red\",\"M\"],\"sku\":\"R-M\"},"
    "{\"options\":[\"Blue\",\"M\"],\"sku\":\"B-M\",\"media_index\":2,"
    "\"cost\":{\"amount\":700,\"currency\":\"EUR\"}}]}";

static void a_product_comes_back_as_it_was_given(void **state)
{
    World         *w = *state;
    CatalogProduct made = shop_product(w, SHIRT), p = shop_get(w, made.id);
    assert_string_equal(shop_json(w, &catalog_product_shape, &made),
                        shop_json(w, &catalog_product_shape, &p));
    assert_str(p.handle, "t-shirt");
    assert_int_equal(p.rev, 1);
    assert_int_equal(p.tags.n, 2);
    assert_str(p.tags.items[1], "Cotton");
    assert_str(p.description, "<p onclick=x>Soft</p>");
    assert_str(p.description_safe, "<p>Soft</p>");
    assert_int_equal(p.options.n, 2);
    assert_int_equal(p.options.items[0].values.n, 2);
    assert_int_equal(p.options.items[1].values.n, 2);
    assert_str(p.options.items[1].values.items[1].name, "M");
    assert_int_equal(p.variants.n, 3);
    assert_str(p.variants.items[2].title, "Blue / M");
    assert_int_equal(p.variants.items[0].prices.items[0].compare_at.minor, 2499);
    assert_true(p.variants.items[0].media_id.v == p.media.items[0].id);
    assert_true(p.variants.items[2].media_id.v == p.media.items[1].id);
    assert_false(p.variants.items[1].media_id.has);
    assert_true(p.variants.items[0].requires_shipping);
    assert_int_equal(p.publications.n, 1);
    assert_str(p.publications.items[0].channel, "web");
    assert_true(catalog_product_visible(&p, STR("web"), w->cx.now));
    assert_false(catalog_product_visible(&p, STR("pos"), w->cx.now));
    shop_sound(w);
}

static void a_product_has_at_least_one_variant(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, "{\"title\":\"Mug\"}");
    assert_int_equal(p.variants.n, 1);
    assert_str(p.variants.items[0].title, "Mug");
    assert_fails(shop_create(&w->cx, "{\"title\":\"Cup\",\"variants\":[]}", &p), ST_INVALID,
                 &w->cx.err, "shape.invalid");
    assert_issue(&w->cx, "/variants", "too_few");
    p = shop_product(w, "{\"title\":\"Cup\"}");
    assert_fails(catalog_variant_delete(&w->cx, p.variants.items[0].id), ST_CONFLICT, &w->cx.err,
                 "catalog.last_variant");
    shop_sound(w);
}

static void saving_the_same_again_changes_nothing(void **state)
{
    World         *w = *state;
    CatalogProduct made = shop_product(w, SHIRT), again;
    const char    *before = shop_json(w, &catalog_product_shape, &made);
    int64_t        events = shop_number(w, "SELECT count(*) FROM core_event");
    w->cx.now.v += 1000;
    assert_ok(shop_update(&w->cx, made.id, SHIRT, &again), &w->cx.err);
    again = shop_get(w, made.id);
    assert_string_equal(shop_json(w, &catalog_product_shape, &again), before);
    /* and so does a body that was read */
    assert_ok(shop_update(&w->cx, made.id, before, &again), &w->cx.err);
    again = shop_get(w, made.id);
    assert_string_equal(shop_json(w, &catalog_product_shape, &again), before);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM core_event"), events);
}

static void what_is_not_given_stays(void **state)
{
    World         *w = *state;
    CatalogProduct made = shop_product(w, SHIRT), p;
    w->cx.now.v += 1000;
    assert_ok(shop_update(&w->cx, made.id, "{\"title\":\"Tee\"}", &p), &w->cx.err);
    p = shop_get(w, made.id);
    assert_str(p.title, "Tee");
    assert_str(p.handle, "t-shirt");
    assert_int_equal(p.rev, 2);
    assert_int_equal(p.updated_at.v, w->cx.now.v);
    assert_int_equal(p.variants.n, 3);
    assert_int_equal(p.media.n, 2);
    /* a variant recognised by its values keeps what is not given, those not named go */
    assert_ok(shop_update(&w->cx, made.id,
                          "{\"variants\":[{\"options\":[\"Blue\",\"M\"],\"sku\":\"X\"},"
                          "{\"options\":[\"Green\",\"L\"]}]}",
                          &p),
              &w->cx.err);
    p = shop_get(w, made.id);
    assert_int_equal(p.variants.n, 2);
    assert_true(p.variants.items[0].id == made.variants.items[2].id);
    assert_str(p.variants.items[0].sku, "X");
    assert_int_equal(p.variants.items[0].cost.minor, 700);
    assert_str(p.variants.items[1].title, "Green / L");
    assert_int_equal(p.options.items[0].values.n, 3);
    shop_sound(w);
}

static void renaming_a_value_renames_it_on_all_variants(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, SHIRT), q;
    char           json[400];
    const char    *id = str_cstr(
           &w->arena, id_format(&w->arena, CATALOG_VALUE_ID, p.options.items[0].values.items[0].id));
    snprintf(json, sizeof json,
             "{\"options\":[{\"name\":\"Size\"},{\"name\":\"Colour\",\"values\":[{\"id\":\"%s\","
             "\"name\":\"Crimson\"},{\"name\":\"Blue\"}]}]}",
             id);
    assert_ok(shop_update(&w->cx, p.id, json, &q), &w->cx.err);
    q = shop_get(w, p.id);
    assert_str(q.variants.items[0].title, "S / Crimson");
    assert_str(q.variants.items[2].title, "M / Blue");
    assert_true(q.variants.items[0].id == p.variants.items[0].id);
    assert_str(q.options.items[1].values.items[0].swatch, "#cc0000");
    shop_sound(w);
}

static void options_come_and_go(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, SHIRT), q;
    assert_ok(shop_update(&w->cx, p.id,
                          "{\"options\":[{\"name\":\"Colour\"},{\"name\":\"Size\"},"
                          "{\"name\":\"Fit\",\"values\":[{\"name\":\"Slim\"}]}]}",
                          &q),
              &w->cx.err);
    q = shop_get(w, p.id);
    assert_str(q.variants.items[0].title, "Red / S / Slim");
    shop_sound(w);
    /* without Colour two variants would be M */
    assert_fails(shop_update(&w->cx, p.id, "{\"options\":[{\"name\":\"Size\"}]}", &q), ST_INVALID,
                 &w->cx.err, "shape.invalid");
    assert_issue(&w->cx, "/variants/2/options", "not_unique");
    assert_ok(shop_update(&w->cx, p.id,
                          "{\"options\":[{\"name\":\"Size\"}],\"variants\":["
                          "{\"options\":[\"S\"]},{\"options\":[\"M\"]}]}",
                          &q),
              &w->cx.err);
    q = shop_get(w, p.id);
    assert_int_equal(q.variants.n, 2);
    assert_true(q.variants.items[0].id == p.variants.items[0].id);
    assert_true(q.variants.items[1].id == p.variants.items[1].id);
    shop_sound(w);
}

static void combinations_can_be_exchanged(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, SHIRT), q;
    char           json[600];
    const char    *a =
        str_cstr(&w->arena, id_format(&w->arena, CATALOG_VARIANT_ID, p.variants.items[0].id));
    const char *b =
        str_cstr(&w->arena, id_format(&w->arena, CATALOG_VARIANT_ID, p.variants.items[1].id));
    snprintf(json, sizeof json,
             "{\"variants\":[{\"id\":\"%s\",\"options\":[\"Red\",\"M\"]},"
             "{\"id\":\"%s\",\"options\":[\"Red\",\"S\"]}]}",
             a, b);
    assert_ok(shop_update(&w->cx, p.id, json, &q), &w->cx.err);
    q = shop_get(w, p.id);
    assert_str(q.variants.items[0].title, "Red / M");
    assert_str(q.variants.items[0].sku, "R-S");
    assert_str(q.variants.items[1].title, "Red / S");
    shop_sound(w);
}

static void wrong_input_is_told_where_it_stands(void **state)
{
    World *w = *state;
    static const struct {
        const char *json, *pointer, *code;
    } CASES[] = {
        {"{}", "/title", "required"},
        {"{\"title\":\" \"}", "/title", "too_short"},
        {"{\"title\":\"a\",\"handle\":\"A b\"}", "/handle", "bad_format"},
        {"{\"title\":\"a\",\"status\":\"gone\"}", "/status", "not_one_of"},
        {"{\"title\":\"a\",\"variants\":[{\"prices\":[{\"price\":{\"amount\":-1,\"currency\":"
         "\"EUR\"}}]}]}",
         "/variants/0/prices/0/price", "negative"},
        {"{\"title\":\"a\",\"variants\":[{\"prices\":[{\"price\":{\"amount\":1,\"currency\":"
         "\"XYZ\"}}]}]}",
         "/variants/0/prices/0/price/currency", "not_one_of"},
        {"{\"title\":\"a\",\"variants\":[{\"prices\":[{\"price\":{\"amount\":1,\"currency\":"
         "\"EUR\"},\"compare_at\":{\"amount\":1,\"currency\":\"USD\"}}]}]}",
         "/variants/0/prices/0/compare_at", "other_currency"},
        {"{\"title\":\"a\",\"variants\":[{\"prices\":[{\"list_id\":\"plist_0000000000009\","
         "\"price\":{\"amount\":1,\"currency\":\"EUR\"}}]}]}",
         "/variants/0/prices/0/list_id", "not_found"},
        {"{\"title\":\"a\",\"options\":[{\"name\":\"C\"}],\"variants\":[{\"options\":[\"x\"]},"
         "{\"options\":[\"x\"]}]}",
         "/variants/1/options", "not_unique"},
        {"{\"title\":\"a\",\"options\":[{\"name\":\"C\"},{\"name\":\"C\"}]}", "/options/1/name",
         "not_unique"},
        {"{\"title\":\"a\",\"variants\":[{\"options\":[\"x\"]}]}", "/variants/0/options",
         "unknown_option"},
        {"{\"title\":\"a\",\"options\":[{\"name\":\"C\"}]}", "/variants/0/options", "required"},
        {"{\"title\":\"a\",\"variants\":[{\"origin\":\"xx\"}]}", "/variants/0/origin",
         "bad_format"},
        {"{\"title\":\"a\",\"variants\":[{\"min_qty\":5,\"max_qty\":3}]}", "/variants/0/max_qty",
         "out_of_range"},
        {"{\"title\":\"a\",\"variants\":[{\"media_index\":1}]}", "/variants/0/media_index",
         "not_found"},
        {"{\"title\":\"a\",\"media\":[{\"url\":\"javascript:x\"}]}", "/media/0/url", "bad_format"},
        {"{\"title\":\"a\",\"media\":[{}]}", "/media/0/url", "required"},
        {"{\"title\":\"a\",\"attributes\":[{\"key\":\"no.such\",\"value\":1}]}",
         "/attributes/0/key", "unknown_attribute"},
        {"{\"title\":\"a\",\"publications\":[{\"channel\":\"web\"},{\"channel\":\"web\"}]}",
         "/publications/1/channel", "not_unique"},
        {"{\"title\":\"a\",\"bogus\":1}", "/bogus", "unknown_field"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CatalogProduct p;
        assert_fails(shop_create(&w->cx, CASES[i].json, &p), ST_INVALID, &w->cx.err,
                     "shape.invalid");
        assert_issue(&w->cx, CASES[i].pointer, CASES[i].code);
        world_again(w);
    }
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_product"), 0);
}

static void handles_are_unique(void **state)
{
    World                   *w = *state;
    CatalogProduct           p;
    static const char *const HANDLES[] = {"mug", "mug-2", "mug-3", "mug-4"};
    for (size_t i = 0; i < 4; i++) {
        p = shop_product(w, "{\"title\":\"Mug\"}");
        assert_str(p.handle, HANDLES[i]);
    }
    assert_fails(shop_create(&w->cx, "{\"title\":\"x\",\"handle\":\"mug\"}", &p), ST_CONFLICT,
                 &w->cx.err, "catalog.handle_taken");
    assert_issue(&w->cx, "/handle", "not_unique");
    p = shop_product(w, "{\"title\":\"!!!\"}");
    assert_str(p.handle, "product");
    p = shop_product(w, "{\"title\":\"Червоні кросівки\"}");
    assert_str(p.handle, "chervoni-krosivky");
    for (int i = 0; i < 60; i++) {
        p = shop_product(w, "{\"title\":\"Mug\"}");
        world_again(w);
    }
    shop_sound(w);
}

static void an_old_handle_leads_to_the_new_one(void **state)
{
    World          *w = *state;
    CatalogProduct  p = shop_product(w, "{\"title\":\"a\"}"), q;
    CatalogRedirect r;
    bool            found;
    assert_ok(shop_update(&w->cx, p.id, "{\"handle\":\"b\"}", &q), &w->cx.err);
    assert_ok(shop_update(&w->cx, p.id, "{\"handle\":\"c\"}", &q), &w->cx.err);
    assert_ok(catalog_redirect_find(&w->cx, STR("/products/a"), &found, &r), &w->cx.err);
    assert_true(found);
    assert_str(r.target, "/products/c");
    assert_true(r.automatic);
    shop_sound(w);
    /* back to what it was: no circle */
    assert_ok(shop_update(&w->cx, p.id, "{\"handle\":\"a\"}", &q), &w->cx.err);
    assert_ok(catalog_redirect_find(&w->cx, STR("/products/a"), &found, &r), &w->cx.err);
    assert_false(found);
    assert_ok(catalog_redirect_find(&w->cx, STR("/products/b"), &found, &r), &w->cx.err);
    assert_str(r.target, "/products/a");
    shop_sound(w);
    /* another product takes an old handle */
    q = shop_product(w, "{\"title\":\"x\",\"handle\":\"b\"}");
    assert_ok(catalog_redirect_find(&w->cx, STR("/products/b"), &found, &r), &w->cx.err);
    assert_false(found);
    shop_sound(w);
}

static void a_revision_guards_against_lost_updates(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, "{\"title\":\"a\"}"), q = {.title = STR("b")};
    bool           changed;
    CATALOG_GIVE(&catalog_product_shape, CatalogProduct, &q, title);
    assert_fails(catalog_product_update(&w->cx, p.id, 7, &q, &changed), ST_STALE, &w->cx.err,
                 "catalog.stale");
    assert_ok(catalog_product_update(&w->cx, p.id, 1, &q, &changed), &w->cx.err);
    assert_true(changed);
    assert_fails(catalog_product_delete(&w->cx, p.id, 1), ST_STALE, &w->cx.err, "catalog.stale");
    assert_ok(catalog_product_delete(&w->cx, p.id, 2), &w->cx.err);
    assert_fails(catalog_product_get(&w->cx, p.id, 0, &q), ST_NOT_FOUND, &w->cx.err,
                 "catalog.no_product");
}

static void nothing_is_left_of_a_deleted_product(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, SHIRT);
    assert_ok(catalog_product_delete(&w->cx, p.id, 0), &w->cx.err);
    static const char *const TABLES[] = {
        "SELECT count(*) FROM catalog_product",         "SELECT count(*) FROM catalog_variant",
        "SELECT count(*) FROM catalog_option",          "SELECT count(*) FROM catalog_option_value",
        "SELECT count(*) FROM catalog_price",           "SELECT count(*) FROM catalog_media",
        "SELECT count(*) FROM catalog_product_tag",     "SELECT count(*) FROM catalog_publication",
        "SELECT count(*) FROM catalog_attribute_value", "SELECT count(*) FROM catalog_translation",
    };
    for (size_t i = 0; i < COUNT_OF(TABLES); i++)
        assert_int_equal(shop_number(w, TABLES[i]), 0);
}

static void one_variant_can_be_changed_alone(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, SHIRT), q;
    CatalogVariant v;
    int64_t        id = p.variants.items[1].id;
    assert_ok(shop_variant_update(&w->cx, id,
                                  "{\"sku\":\"N\",\"options\":[\"Green\",\"M\"],\"prices\":"
                                  "[{\"price\":{\"amount\":5,\"currency\":\"JPY\"}}]}",
                                  &v),
              &w->cx.err);
    q = shop_get(w, p.id);
    assert_int_equal(q.rev, 2);
    assert_int_equal(q.variants.n, 3);
    assert_str(q.variants.items[1].title, "Green / M");
    assert_str(q.variants.items[1].sku, "N");
    assert_string_equal(shop_json(w, &catalog_variant_shape, &q.variants.items[1]),
                        shop_json(w, &catalog_variant_shape, &v));
    assert_ok(catalog_variant_get(&w->cx, id, &v), &w->cx.err);
    assert_string_equal(shop_json(w, &catalog_variant_shape, &q.variants.items[1]),
                        shop_json(w, &catalog_variant_shape, &v));
    assert_fails(shop_variant_update(&w->cx, id, "{\"options\":[\"Red\",\"S\"]}", &v), ST_INVALID,
                 &w->cx.err, "shape.invalid");
    assert_issue(&w->cx, "/options", "not_unique");
    assert_fails(shop_variant_update(&w->cx, id, "{\"origin\":\"x\"}", &v), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    assert_issue(&w->cx, "/origin", "bad_format");
    CatalogVariant fresh = {0};
    assert_ok(shop_read(&w->cx, &catalog_variant_shape, "{\"options\":[\"Red\",\"XL\"]}", &fresh),
              &w->cx.err);
    assert_ok(catalog_variant_create(&w->cx, p.id, &fresh), &w->cx.err);
    assert_int_equal(fresh.position, 4);
    assert_str(fresh.title, "Red / XL");
    assert_ok(catalog_variant_delete(&w->cx, p.variants.items[0].id), &w->cx.err);
    q = shop_get(w, p.id);
    assert_int_equal(q.variant_count, 3);
    assert_int_equal(q.rev, 4);
    assert_str(q.variants.items[2].title, "Red / XL");
    shop_sound(w);
}

static void ten_thousand_variants_take_as_many_statements_as_one(void **state)
{
    World                *w = *state;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8 << 20);
    buf_add(&b, STR("{\"title\":\"Many\",\"options\":[{\"name\":\"A\"},{\"name\":\"B\"}],"
                    "\"variants\":["));
    for (int i = 0; i < 10000; i++)
        buf_addf(&b,
                 "%s{\"options\":[\"a%d\",\"b%d\"],\"sku\":\"s%d\",\"prices\":[{\"price\":"
                 "{\"amount\":%d,\"currency\":\"EUR\"}}]}",
                 i ? "," : "", i / 100, i % 100, i, i);
    buf_add(&b, STR("]}"));
    CatalogProduct one = shop_product(w, SHIRT), many = shop_product(w, b.ptr);
    int64_t        before = w->cx.statements;
    (void)shop_get(w, one.id);
    int64_t for_one = w->cx.statements - before;
    many = shop_get(w, many.id);
    assert_int_equal(many.variants.n, 10000);
    assert_str(many.variants.items[9999].title, "a99 / b99");
    assert_int_equal(many.variants.items[9999].prices.items[0].price.minor, 9999);
    assert_int_equal(w->cx.statements - before - for_one, for_one);
    assert_true(for_one <= 8);
    /* one variant is changed without loading its sisters */
    CatalogVariant v;
    before = w->cx.statements;
    assert_ok(shop_variant_update(&w->cx, many.variants.items[5000].id, "{\"sku\":\"x\"}", &v),
              &w->cx.err);
    assert_true(w->cx.statements - before < 30);
    shop_sound(w);
}

static void several_products_load_in_the_order_asked(void **state)
{
    World          *w = *state;
    CatalogProduct  a = shop_product(w, SHIRT), b = shop_product(w, "{\"title\":\"Mug\"}");
    const int64_t   ids[] = {b.id, 12345, a.id};
    CatalogProducts got;
    assert_ok(catalog_products_get(&w->cx, ids, 3, CATALOG_WITH_ALL, &got), &w->cx.err);
    assert_int_equal(got.n, 2);
    assert_string_equal(shop_json(w, &catalog_product_shape, &got.items[0]),
                        shop_json(w, &catalog_product_shape, &b));
    assert_string_equal(shop_json(w, &catalog_product_shape, &got.items[1]),
                        shop_json(w, &catalog_product_shape, &a));
    assert_ok(catalog_products_after(&w->cx, a.id, 10, 0, &got), &w->cx.err);
    assert_int_equal(got.n, 1);
    assert_true(got.items[0].id == b.id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_product_comes_back_as_it_was_given),
        TEST_WORLD(a_product_has_at_least_one_variant),
        TEST_WORLD(saving_the_same_again_changes_nothing),
        TEST_WORLD(what_is_not_given_stays),
        TEST_WORLD(renaming_a_value_renames_it_on_all_variants),
        TEST_WORLD(options_come_and_go),
        TEST_WORLD(combinations_can_be_exchanged),
        TEST_WORLD(wrong_input_is_told_where_it_stands),
        TEST_WORLD(handles_are_unique),
        TEST_WORLD(an_old_handle_leads_to_the_new_one),
        TEST_WORLD(a_revision_guards_against_lost_updates),
        TEST_WORLD(nothing_is_left_of_a_deleted_product),
        TEST_WORLD(one_variant_can_be_changed_alone),
        TEST_WORLD(ten_thousand_variants_take_as_many_statements_as_one),
        TEST_WORLD(several_products_load_in_the_order_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
