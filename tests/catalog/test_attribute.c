#include "shop.h"

#include "base/id.h"

static Status define(Cx *cx, const char *json, CatalogAttributeDef *ret)
{
    *ret = (CatalogAttributeDef){0};
    TRY(shop_read(cx, &catalog_attribute_def_shape, json, ret));
    return catalog_attribute_create(cx, ret);
}

static CatalogAttributeDef defined(World *w, const char *json)
{
    CatalogAttributeDef d;
    assert_ok(define(&w->cx, json, &d), &w->cx.err);
    return d;
}

static void values_are_of_their_type(void **state)
{
    World                   *w = *state;
    static const char *const DEFS[] = {
        "{\"scope\":\"product\",\"key\":\"a.text\",\"name\":\"x\",\"type\":\"text\"}",
        "{\"scope\":\"product\",\"key\":\"a.number\",\"name\":\"x\",\"type\":\"number\","
        "\"unit\":\"cm\"}",
        "{\"scope\":\"product\",\"key\":\"a.boolean\",\"name\":\"x\",\"type\":\"boolean\"}",
        "{\"scope\":\"product\",\"key\":\"a.date\",\"name\":\"x\",\"type\":\"date\"}",
        "{\"scope\":\"product\",\"key\":\"a.enum\",\"name\":\"x\",\"type\":\"enum\","
        "\"choices\":[\"S\",\"M\"]}",
        "{\"scope\":\"product\",\"key\":\"a.json\",\"name\":\"x\",\"type\":\"json\"}",
        "{\"scope\":\"product\",\"key\":\"a.reference\",\"name\":\"x\",\"type\":\"reference\"}",
        "{\"scope\":\"product\",\"key\":\"a.list\",\"name\":\"x\",\"type\":\"list\","
        "\"item_type\":\"number\"}",
        "{\"scope\":\"variant\",\"key\":\"a.text\",\"name\":\"x\",\"type\":\"text\"}",
    };
    for (size_t i = 0; i < COUNT_OF(DEFS); i++)
        defined(w, DEFS[i]);
    static const struct {
        const char *key, *value, *code;
    } CASES[] = {
        {"a.text", "\"x\"", NULL},          {"a.text", "1", "wrong_type"},
        {"a.number", "1.5", NULL},          {"a.number", "\"1\"", "wrong_type"},
        {"a.boolean", "false", NULL},       {"a.boolean", "0", "wrong_type"},
        {"a.date", "\"2026-02-28\"", NULL}, {"a.date", "\"2026-02-30\"", "bad_format"},
        {"a.enum", "\"M\"", NULL},          {"a.enum", "\"L\"", "not_one_of"},
        {"a.json", "{\"x\":[1]}", NULL},    {"a.reference", "\"prd_0000000000001\"", NULL},
        {"a.list", "[1,2]", NULL},          {"a.list", "[1,\"2\"]", "wrong_type"},
        {"a.list", "1", "wrong_type"},      {"a.reference", "\"prd_1\"", "bad_format"},
    };
    CatalogProduct p;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char json[300];
        snprintf(json, sizeof json,
                 "{\"title\":\"t\",\"attributes\":[{\"key\":\"%s\",\"value\":%s}]}", CASES[i].key,
                 CASES[i].value);
        Status st = shop_create(&w->cx, json, &p);
        if (!CASES[i].code) {
            assert_ok(st, &w->cx.err);
            p = shop_get(w, p.id);
            assert_str(p.attributes.items[0].value, CASES[i].value);
        } else {
            assert_fails(st, ST_INVALID, &w->cx.err, "shape.invalid");
            assert_issue(&w->cx, "/attributes/0/value", CASES[i].code);
        }
        world_again(w);
    }
    p = shop_product(w, "{\"title\":\"t\",\"variants\":[{\"attributes\":[{\"key\":\"a.text\","
                        "\"value\":\"v\"}]}],\"attributes\":[{\"key\":\"a.number\",\"value\":2},"
                        "{\"key\":\"a.json\",\"value\":null}]}");
    CatalogProduct q;
    assert_ok(
        shop_update(&w->cx, p.id, "{\"attributes\":[{\"key\":\"a.number\",\"value\":3}]}", &q),
        &w->cx.err);
    q = shop_get(w, p.id);
    assert_int_equal(q.attributes.n, 1);
    assert_str(q.attributes.items[0].value, "3");
    assert_str(q.variants.items[0].attributes.items[0].value, "\"v\"");
}

static void definitions_are_checked(void **state)
{
    World *w = *state;
    static const struct {
        const char *json, *pointer;
    } CASES[] = {
        {"{\"scope\":\"product\",\"key\":\"nodot\",\"name\":\"x\",\"type\":\"text\"}", "/key"},
        {"{\"scope\":\"product\",\"key\":\"A.b\",\"name\":\"x\",\"type\":\"text\"}", "/key"},
        {"{\"scope\":\"product\",\"key\":\"a.b.c\",\"name\":\"x\",\"type\":\"text\"}", "/key"},
        {"{\"scope\":\"product\",\"key\":\"a.b\",\"name\":\"x\",\"type\":\"enum\"}", "/choices"},
        {"{\"scope\":\"product\",\"key\":\"a.b\",\"name\":\"x\",\"type\":\"list\","
         "\"item_type\":\"list\"}",
         "/item_type"},
    };
    CatalogAttributeDef d;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        assert_fails(define(&w->cx, CASES[i].json, &d), ST_INVALID, &w->cx.err, "shape.invalid");
        assert_str(w->cx.issues.items[0].pointer, CASES[i].pointer);
    }
    d = defined(w, "{\"scope\":\"product\",\"key\":\"a.b\",\"name\":\"x\",\"type\":\"text\"}");
    CatalogAttributeDef e;
    assert_fails(define(&w->cx,
                        "{\"scope\":\"product\",\"key\":\"a.b\",\"name\":\"x\",\"type\":\"text\"}",
                        &e),
                 ST_CONFLICT, &w->cx.err, "catalog.attribute_taken");
    shop_product(w, "{\"title\":\"t\",\"attributes\":[{\"key\":\"a.b\",\"value\":\"v\"}]}");
    e = (CatalogAttributeDef){0};
    assert_ok(shop_read(&w->cx, &catalog_attribute_def_shape,
                        "{\"scope\":\"product\",\"key\":\"a.b\",\"name\":\"x\","
                        "\"type\":\"number\"}",
                        &e),
              &w->cx.err);
    assert_fails(catalog_attribute_update(&w->cx, d.id, 0, &e), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    assert_issue(&w->cx, "/type", "read_only");
    assert_ok(catalog_attribute_delete(&w->cx, d.id, 1), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_attribute_value"), 0);
}

static Status translate(Cx *cx, const char *entity, const char *field, const char *locale,
                        const char *value)
{
    const CatalogTranslation t = {str_from_cstr(entity), str_from_cstr(field),
                                  str_from_cstr(locale), str_from_cstr(value), .updated_at = {0}};
    return catalog_translations_put(cx, &t, 1);
}

static void texts_have_translations_that_become_outdated(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, "{\"title\":\"Boot\",\"options\":[{\"name\":\"Colour\"}],"
                                       "\"variants\":[{\"options\":[\"Red\"]}]}"),
                   q;
    const char *prd = str_cstr(&w->arena, id_format(&w->arena, "prd", p.id));
    const char *opt = str_cstr(&w->arena, id_format(&w->arena, "opt", p.options.items[0].id));
    const char *opv =
        str_cstr(&w->arena, id_format(&w->arena, "opv", p.options.items[0].values.items[0].id));
    assert_ok(translate(&w->cx, prd, "title", "uk", "Черевик"), &w->cx.err);
    assert_ok(translate(&w->cx, prd, "description", "uk", "<b onclick=x>так</b>"), &w->cx.err);
    assert_ok(translate(&w->cx, prd, "title", "pt-br", "Bota"), &w->cx.err);
    assert_ok(translate(&w->cx, opt, "name", "uk", "Колір"), &w->cx.err);
    assert_ok(translate(&w->cx, opv, "name", "uk", "Червоний"), &w->cx.err);
    CatalogTranslations t;
    int64_t             before = w->cx.statements;
    assert_ok(catalog_translations_get(&w->cx, p.id, STR("uk"), &t), &w->cx.err);
    assert_int_equal(w->cx.statements - before, 1);
    assert_int_equal(t.n, 4);
    bool seen = false;
    for (size_t i = 0; i < t.n; i++) {
        assert_false(t.items[i].outdated);
        if (str_eq(t.items[i].field, STR("description"))) {
            assert_str(t.items[i].value_safe, "<b>так</b>");
            seen = true;
        }
    }
    assert_true(seen);
    assert_ok(catalog_translations_get(&w->cx, p.id, STR("pt-BR"), &t), &w->cx.err);
    assert_int_equal(t.n, 1);
    assert_str(t.items[0].entity, prd);
    assert_ok(shop_update(&w->cx, p.id, "{\"title\":\"Boots\"}", &q), &w->cx.err);
    assert_ok(catalog_translations_get(&w->cx, p.id, STR(""), &t), &w->cx.err);
    int outdated = 0;
    for (size_t i = 0; i < t.n; i++)
        outdated += t.items[i].outdated;
    assert_int_equal(outdated, 2);
    assert_ok(translate(&w->cx, prd, "title", "uk", "Черевики"), &w->cx.err);
    assert_ok(translate(&w->cx, prd, "title", "pt-BR", ""), &w->cx.err);
    assert_ok(catalog_translations_get(&w->cx, p.id, STR(""), &t), &w->cx.err);
    assert_int_equal(t.n, 4);
    for (size_t i = 0; i < t.n; i++)
        assert_false(t.items[i].outdated);
    assert_fails(translate(&w->cx, prd, "vendor", "uk", "x"), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    assert_issue(&w->cx, "/translations/0/field", "unknown_field");
    assert_fails(translate(&w->cx, prd, "title", "??", "x"), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    assert_issue(&w->cx, "/translations/0/locale", "bad_format");
    assert_fails(translate(&w->cx, "prd_0000000000001", "title", "uk", "x"), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    assert_issue(&w->cx, "/translations/0/entity", "not_found");
    /* a value that goes takes its translation along */
    assert_ok(shop_update(&w->cx, p.id,
                          "{\"options\":[{\"name\":\"Colour\"}],\"variants\":[{\"options\":"
                          "[\"Blue\"]}]}",
                          &q),
              &w->cx.err);
    assert_ok(shop_update(&w->cx, p.id,
                          "{\"options\":[{\"name\":\"Colour\",\"values\":[{\"name\":\"Blue\"}]}]}",
                          &q),
              &w->cx.err);
    assert_ok(catalog_translations_get(&w->cx, p.id, STR("uk"), &t), &w->cx.err);
    assert_int_equal(t.n, 3);
    assert_ok(catalog_product_delete(&w->cx, p.id, 0), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_translation"), 0);
}

static CatalogRedirect redirect(const char *path, const char *target)
{
    return (CatalogRedirect){
        .given = UINT64_MAX, .path = str_from_cstr(path), .target = str_from_cstr(target)};
}

static void redirects_neither_loop_nor_chain(void **state)
{
    World          *w = *state;
    CatalogRedirect r = redirect("/a", "/b"), s;
    bool            found;
    assert_ok(catalog_redirect_create(&w->cx, &r), &w->cx.err);
    s = redirect("/b/", "/c?x=1#y");
    assert_ok(catalog_redirect_create(&w->cx, &s), &w->cx.err);
    assert_ok(catalog_redirect_find(&w->cx, STR("/a"), &found, &r), &w->cx.err);
    assert_str(r.target, "/c?x=1#y");
    s = redirect("/z", "/a");
    assert_ok(catalog_redirect_create(&w->cx, &s), &w->cx.err);
    assert_str(s.target, "/c?x=1#y");
    s = redirect("/a", "/q");
    assert_fails(catalog_redirect_create(&w->cx, &s), ST_CONFLICT, &w->cx.err,
                 "catalog.redirect_taken");
    static const char *const BAD[][2] = {
        {"/x", "/x"}, {"x", "/y"}, {"/x", "javascript:a"}, {"//evil", "/y"}, {"/x y", "/z"},
    };
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        s = redirect(BAD[i][0], BAD[i][1]);
        assert_fails(catalog_redirect_create(&w->cx, &s), ST_INVALID, &w->cx.err, "shape.invalid");
    }
    s = redirect("/c?x=1#y", "/a");
    assert_fails(catalog_redirect_create(&w->cx, &s), ST_INVALID, &w->cx.err, "shape.invalid");
    assert_issue(&w->cx, "/target", "loop");
    s = redirect("/out", "https://example.com/x");
    assert_ok(catalog_redirect_create(&w->cx, &s), &w->cx.err);
    s = redirect("/out", "/a");
    assert_ok(catalog_redirect_update(&w->cx, r.id, &s) == ST_CONFLICT ? ST_OK : ST_IO, &w->cx.err);
    assert_ok(catalog_redirect_delete(&w->cx, r.id), &w->cx.err);
    shop_sound(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(values_are_of_their_type),
        TEST_WORLD(definitions_are_checked),
        TEST_WORLD(texts_have_translations_that_become_outdated),
        TEST_WORLD(redirects_neither_loop_nor_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
