/* The JSON API of the catalogue, without sockets. */
#include "shop.h"

#include "catalog/content_http.h"
#include "catalog/product_http.h"
#include "catalog/published.h"
#include "http/http.h"

#include <string.h>

static const HttpRoutes *const TABLES[] = {
    &catalog_product_routes, &catalog_bulk_routes,    &catalog_collection_routes,
    &catalog_price_routes,   &catalog_content_routes,
};

static bool anonymous;

static Status authenticate(Cx *cx, const HttpReq *rq)
{
    (void)rq;
    if (!anonymous)
        cx->actor = (Actor){.kind = ACTOR_STAFF, .id = 1, .name = STR("Olha"), .all = true};
    return ST_OK;
}

static HttpApp *app(void)
{
    static HttpRoutes tables[COUNT_OF(TABLES)];
    static HttpApp    it = {
           .tables = tables, .ntables = COUNT_OF(tables), .hooks = {.authenticate = authenticate}};
    if (!it.index) {
        for (size_t i = 0; i < COUNT_OF(TABLES); i++)
            tables[i] = *TABLES[i];
        http_app_index(&it);
    }
    return &it;
}

typedef struct Reply {
    int              status;
    const char      *text;
    const JsonValue *json;
    int64_t          statements; /* that it took */
} Reply;

static Reply ask(World *w, const char *method, const char *target, const char *body)
{
    const HttpPair headers[] = {{STR("Content-Type"), STR("application/json")}};
    HttpReq        rq = {.target = str_from_cstr(target),
                         .headers = headers,
                         .nheaders = body ? 1 : 0,
                         .body = str_from_cstr(body),
                         .peer = STR("127.0.0.1")};
    HttpResp       rs;
    Reply          r = {0};
    Err            err;
    Cx             cx = {0};
    rq.method = http_method_from(str_from_cstr(method), &rq.head);
    http_resp_init(&rs);
    log_min_level = LOG_ERROR + 1;
    assert_ok(cx_begin(&cx, &w->arena, w->db, w->cx.now), &cx.err);
    cx.core = w->cx.core;
    http_dispatch(app(), &cx, &rq, &rs);
    r.statements = cx.statements;
    cx_end(&cx);
    Str text = rs.borrowed.ptr ? rs.borrowed : buf_str(&rs.body);
    r.status = rs.status;
    r.text = str_cstr(&w->arena, text);
    http_resp_done(&rs);
    if (r.text[0] != '\0')
        assert_ok(json_parse(&w->arena, str_from_cstr(r.text), &r.json, &err), &err);
    return r;
}

static Reply expect(World *w, const char *method, const char *target, const char *body, int status)
{
    Reply r = ask(w, method, target, body);
    if (r.status != status)
        fail_msg("%s %s: %d, not %d: %s", method, target, r.status, status, r.text);
    return r;
}

static const char *text_of(World *w, const JsonValue *v, const char *key)
{
    const JsonValue *m = json_get(v, str_from_cstr(key));
    assert_non_null(m);
    return str_cstr(&w->arena, m->text);
}

static size_t rows(Reply r)
{
    const JsonValue *data = json_get(r.json, STR("data"));
    assert_non_null(data);
    return data->n;
}

static char *join(World *w, const char *fmt, const char *a, const char *b)
{
    char *out = arena_array(&w->arena, char, 2048);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(out, 2048, fmt, a, b);
#pragma GCC diagnostic pop
    return out;
}

static void products_are_made_read_changed_and_deleted(void **state)
{
    World *w = *state;
    anonymous = false;
    Reply r =
        expect(w, "POST", "/api/v1/products",
               "{\"title\":\"Boot\",\"status\":\"active\",\"vendor\":\"Nord\",\"tags\":[\"x\"],"
               "\"variants\":[{\"sku\":\"B1\",\"quantity\":7,\"tracked\":true,"
               "\"cost\":{\"amount\":5,\"currency\":\"EUR\"},\"prices\":[{\"price\":"
               "{\"amount\":100,\"currency\":\"EUR\"}}]}]}",
               201);
    const char *id = text_of(w, r.json, "id");
    const char *one = join(w, "/api/v1/products/%s%s", id, "");
    r = expect(w, "GET", one, NULL, 200);
    const JsonValue *v = &json_get(r.json, STR("variants"))->items[0];
    assert_int_equal(json_get(v, STR("quantity"))->i64, 7);
    anonymous = true;
    r = expect(w, "GET", one, NULL, 200);
    v = &json_get(r.json, STR("variants"))->items[0];
    assert_int_equal(json_get(v, STR("quantity"))->i64, 0);
    assert_int_equal(json_get(v, STR("cost"))->type, JSON_NULL);
    expect(w, "GET", "/api/v1/products", NULL, 401);
    expect(w, "DELETE", one, NULL, 401);
    anonymous = false;
    expect(w, "PATCH", one, "{\"status\":\"draft\"}", 200);
    anonymous = true;
    expect(w, "GET", one, NULL, 404);
    anonymous = false;
    expect(w, "POST", "/api/v1/products", "{\"title\":\"x\",\"handle\":\"boot\"}", 409);
    r = expect(w, "POST", "/api/v1/products",
               "{\"title\":\"x\",\"variants\":[{\"prices\":[{\"price\":{\"amount\":-1,"
               "\"currency\":\"EUR\"}}]}]}",
               422);
    assert_non_null(strstr(r.text, "/variants/0/prices/0/price"));
    const char *var = text_of(w, v, "id");
    expect(w, "GET", join(w, "/api/v1/variants/%s%s", var, ""), NULL, 200);
    expect(w, "PATCH", join(w, "/api/v1/variants/%s%s", var, ""), "{\"sku\":\"B2\"}", 200);
    expect(w, "DELETE", join(w, "/api/v1/variants/%s%s", var, ""), NULL, 409);
    expect(w, "GET", join(w, "/api/v1/variants/%s/price%s", var, "?currency=EUR"), NULL, 200);
    expect(w, "GET", join(w, "/api/v1/variants/%s/lowest-price%s", var, ""), NULL, 200);
    assert_int_equal(rows(expect(w, "GET", "/api/v1/variants?sku=B2", NULL, 200)), 1);
    expect(w, "POST", join(w, "%s/variants%s", one, ""), "{\"sku\":\"C\"}", 422);
    expect(w, "PUT", join(w, "%s/options%s", one, ""),
           "{\"options\":[{\"name\":\"Size\",\"values\":[{\"name\":\"S\"}]}]}", 200);
    expect(w, "POST", join(w, "%s/variants%s", one, ""), "{\"options\":[\"M\"]}", 201);
    assert_int_equal(rows(expect(w, "GET", join(w, "%s/variants%s", one, ""), NULL, 200)), 2);
    expect(w, "GET", join(w, "%s/options%s", one, ""), NULL, 200);
    expect(w, "PUT", join(w, "%s/media%s", one, ""), "{\"media\":[{\"url\":\"/a.jpg\"}]}", 200);
    expect(w, "GET", join(w, "%s/media%s", one, ""), NULL, 200);
    expect(w, "PUT", join(w, "%s/publications%s", one, ""),
           "{\"publications\":[{\"channel\":\"pos\"}]}", 200);
    expect(w, "GET", join(w, "%s/publications%s", one, ""), NULL, 200);
    expect(w, "DELETE", one, NULL, 204);
    expect(w, "GET", one, NULL, 404);
    shop_sound(w);
}

/* The public's JSON comes from memory where a store runs: the same, and without a statement. */
static void the_public_reads_from_memory_what_the_database_says(void **state)
{
    World *w = *state;
    anonymous = false;
    const char *body =
        "{\"title\":\"Mug\",\"status\":\"active\",\"description\":\"<b onclick=x>a</b>\","
        "\"variants\":[{\"cost\":{\"amount\":5,\"currency\":\"EUR\"},\"tracked\":true,"
        "\"quantity\":7,\"prices\":[{\"price\":{\"amount\":900,\"currency\":\"EUR\"}}]}]}";
    Reply made = expect(w, "POST", "/api/v1/products", body, 201);
    char *path = join(w, "/api/v1/products/%s", text_of(w, made.json, "id"), "");
    anonymous = true;
    Reply from_database = expect(w, "GET", path, NULL, 200);
    assert_null(strstr(from_database.text, "onclick"));
    assert_true(from_database.statements > 5);
    const PublishedOptions options = {.manual = true};
    shop_drain(w);
    assert_ok(published_start(w->db, w->cx.core, &options, &w->cx.err), &w->cx.err);
    assert_ok(published_settle(&w->cx), &w->cx.err);
    for (int i = 0; i < 2; i++) { /* made, then kept */
        Reply r = expect(w, "GET", path, NULL, 200);
        assert_string_equal(r.text, from_database.text);
        assert_int_equal(r.statements, 0);
    }
    anonymous = false;
    (void)expect(w, "PATCH", path, "{\"title\":\"Cup\"}", 200);
    shop_drain(w);
    anonymous = true;
    Reply now = expect(w, "GET", path, NULL, 200);
    assert_string_equal(text_of(w, now.json, "title"), "Cup");
    anonymous = false;
    (void)expect(w, "PATCH", path, "{\"status\":\"draft\"}", 200);
    shop_drain(w);
    anonymous = true;
    (void)expect(w, "GET", path, NULL, 404);
    (void)expect(w, "GET", "/api/v1/products/prd_0000000000001", NULL, 404);
    anonymous = false;
    (void)expect(w, "GET", path, NULL, 200);
    world_again(w);
    published_stop(w->db);
    shop_close(w);
}

static void lists_are_filtered_sorted_and_paged(void **state)
{
    World *w = *state;
    anonymous = false;
    for (int i = 0; i < 25; i++) {
        char json[200];
        snprintf(json, sizeof json,
                 "{\"title\":\"P %c\",\"vendor\":\"V%d\",\"type\":\"T\",\"tags\":[\"t%d\"]}",
                 'a' + (i * 7) % 25, i % 2, i % 5);
        shop_product(w, json);
    }
    static const struct {
        const char *query;
        size_t      n;
    } CASES[] = {
        {"?limit=100", 25},
        {"?vendor=v1", 12},
        {"?tag=T3", 5},
        {"?type=t&tag=t1", 5},
        {"?title=p%20c", 1},
        {"?status=active", 0},
        {"?status=draft", 25},
        {"?channel=web", 25},
        {"?channel=pos", 0},
        {"?handle=p-c", 1},
        {"?sku=none", 0},
        {"?fields=id,title", 25},
        {"?updated_since=2030-01-01T00:00:00Z", 0},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_int_equal(
            rows(expect(w, "GET", join(w, "/api/v1/products%s%s", CASES[i].query, ""), NULL, 200)),
            CASES[i].n);
    expect(w, "GET", "/api/v1/products?status=gone", NULL, 400);
    expect(w, "GET", "/api/v1/products?sort=price", NULL, 400);
    expect(w, "GET", "/api/v1/products?fields=nothing", NULL, 400);
    static const char *const SORTS[] = {"created",  "-created", "updated",
                                        "-updated", "title",    "-title"};
    for (size_t i = 0; i < COUNT_OF(SORTS); i++) {
        const char *base = join(w, "/api/v1/products?limit=4&fields=id&sort=%s%s", SORTS[i], "");
        const char *url = base, *first = NULL;
        size_t      seen = 0, pages = 0;
        Reply       r;
        for (;;) {
            r = expect(w, "GET", url, NULL, 200);
            const JsonValue *page = json_get(r.json, STR("page"));
            seen += rows(r);
            pages++;
            if (pages == 1)
                first = r.text;
            if (json_get(page, STR("next"))->type == JSON_NULL)
                break;
            url = join(w, "%s&after=%s", base, text_of(w, page, "next"));
        }
        assert_int_equal(seen, 25);
        assert_int_equal(pages, 7);
        while (json_get(json_get(r.json, STR("page")), STR("prev"))->type != JSON_NULL) {
            url = join(w, "%s&before=%s", base, text_of(w, json_get(r.json, STR("page")), "prev"));
            r = expect(w, "GET", url, NULL, 200);
            pages--;
        }
        assert_int_equal(pages, 1);
        assert_non_null(first);
        assert_int_equal(rows(r), 4);
    }
    assert_int_equal(rows(expect(w, "GET", "/api/v1/vendors", NULL, 200)), 2);
    assert_int_equal(rows(expect(w, "GET", "/api/v1/tags?prefix=T", NULL, 200)), 5);
    assert_int_equal(rows(expect(w, "GET", "/api/v1/product-types?limit=1", NULL, 200)), 1);
}

static void bulk_changes_stand_for_themselves(void **state)
{
    World *w = *state;
    anonymous = false;
    CatalogProduct p = shop_product(w, "{\"title\":\"a\"}"),
                   q = shop_product(w, "{\"title\":\"b\"}");
    char json[1024];
    snprintf(json, sizeof json,
             "{\"entries\":[{\"op\":\"create\",\"product\":{\"title\":\"c\"}},"
             "{\"op\":\"update\",\"id\":\"%s\",\"product\":{\"title\":\"a2\"}},"
             "{\"op\":\"create\",\"product\":{\"title\":\"d\",\"handle\":\"a\"}},"
             "{\"op\":\"create\",\"product\":{\"status\":7}},"
             "{\"op\":\"update\",\"id\":\"%s\",\"product\":{\"title\":\"b\"}},"
             "{\"op\":\"delete\",\"id\":\"%s\"},{\"op\":\"delete\",\"id\":\"prd_0000000000001\"}]}",
             str_cstr(&w->arena, id_format(&w->arena, "prd", p.id)),
             str_cstr(&w->arena, id_format(&w->arena, "prd", q.id)),
             str_cstr(&w->arena, id_format(&w->arena, "prd", q.id)));
    Reply                    r = expect(w, "POST", "/api/v1/products/bulk", json, 200);
    const JsonValue         *results = json_get(r.json, STR("results"));
    static const char *const OUTCOMES[] = {"created",   "updated", "failed", "failed",
                                           "unchanged", "deleted", "failed"};
    assert_int_equal(results->n, COUNT_OF(OUTCOMES));
    for (size_t i = 0; i < COUNT_OF(OUTCOMES); i++)
        assert_str(json_get(&results->items[i], STR("outcome"))->text, OUTCOMES[i]);
    assert_str(json_get(&results->items[2], STR("code"))->text, "catalog.handle_taken");
    assert_int_equal(json_get(r.json, STR("failed"))->i64, 3);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_product"), 2);
    shop_sound(w);
}

static void everything_else_can_be_made_listed_changed_and_deleted(void **state)
{
    World *w = *state;
    anonymous = false;
    static const char *const THINGS[][3] = {
        {"/api/v1/pages", "{\"title\":\"About\",\"body\":\"<p>x</p>\"}", "{\"title\":\"Us\"}"},
        {"/api/v1/blogs", "{\"title\":\"News\"}", "{\"title\":\"Journal\"}"},
        {"/api/v1/menus",
         "{\"title\":\"Main\",\"items\":[{\"title\":\"x\",\"kind\":\"url\","
         "\"url\":\"/\"}]}",
         "{\"title\":\"Top\"}"},
        {"/api/v1/redirects", "{\"path\":\"/a\",\"target\":\"/b\"}", "{\"target\":\"/c\"}"},
        {"/api/v1/collections", "{\"title\":\"Best\"}", "{\"sort\":\"title\"}"},
        {"/api/v1/price-lists", "{\"title\":\"Sale\",\"kind\":\"sale\"}", "{\"priority\":3}"},
        {"/api/v1/attributes",
         "{\"scope\":\"product\",\"key\":\"a.b\",\"name\":\"x\","
         "\"type\":\"text\"}",
         "{\"name\":\"y\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(THINGS); i++) {
        Reply       r = expect(w, "POST", THINGS[i][0], THINGS[i][1], 201);
        const char *one = join(w, "%s/%s", THINGS[i][0], text_of(w, r.json, "id"));
        size_t      base = strcmp(THINGS[i][0], "/api/v1/price-lists") == 0 ? 2 : 1;
        assert_int_equal(rows(expect(w, "GET", THINGS[i][0], NULL, 200)), base);
        expect(w, "GET", one, NULL, 200);
        expect(w, "PATCH", one, THINGS[i][2], 200);
        if (i == 1) {
            r = expect(w, "POST", join(w, "%s/articles%s", one, ""), "{\"title\":\"Hi\"}", 201);
            const char *article = join(w, "/api/v1/articles/%s%s", text_of(w, r.json, "id"), "");
            expect(w, "PATCH", article, "{\"author\":\"O\"}", 200);
            assert_int_equal(rows(expect(w, "GET", join(w, "%s/articles%s", one, ""), NULL, 200)),
                             1);
            assert_int_equal(rows(expect(w, "GET", "/api/v1/articles", NULL, 200)), 1);
            expect(w, "DELETE", article, NULL, 204);
        }
        expect(w, "DELETE", one, NULL, 204);
        expect(w, "GET", one, NULL, 404);
    }
    expect(w, "PUT", "/api/v1/policies/returns", "{\"title\":\"R\",\"body\":\"x\"}", 200);
    expect(w, "GET", "/api/v1/policies/returns", NULL, 200);
    expect(w, "GET", "/api/v1/policies/nothing", NULL, 404);
    assert_int_equal(rows(expect(w, "GET", "/api/v1/policies", NULL, 200)), 1);
    assert_int_equal(rows(expect(w, "GET", "/api/v1/policies/returns/versions", NULL, 200)), 1);
}

static void collections_prices_and_translations_have_their_routes(void **state)
{
    World *w = *state;
    anonymous = false;
    CatalogProduct p = shop_product(w, "{\"title\":\"a\"}"),
                   q = shop_product(w, "{\"title\":\"b\"}");
    CatalogCollection c = shop_collection(w, "{\"title\":\"Best\"}");
    const char       *a = str_cstr(&w->arena, id_format(&w->arena, "prd", p.id));
    const char       *b = str_cstr(&w->arena, id_format(&w->arena, "prd", q.id));
    const char       *col = join(w, "/api/v1/collections/%s%s",
                                 str_cstr(&w->arena, id_format(&w->arena, "col", c.id)), "");
    expect(w, "POST", join(w, "%s/products%s", col, ""),
           join(w, "{\"product_ids\":[\"%s\",\"%s\"]}", a, b), 204);
    Reply r = expect(w, "GET", join(w, "%s/products%s", col, "?fields=title"), NULL, 200);
    assert_int_equal(rows(r), 2);
    expect(w, "PUT", join(w, "%s/products/%s/place", col, b),
           join(w, "{\"before\":\"%s\"}%s", a, ""), 204);
    r = expect(w, "GET", join(w, "%s/products%s", col, "?limit=1"), NULL, 200);
    assert_str(json_get(&json_get(r.json, STR("data"))->items[0], STR("title"))->text, "b");
    r = expect(w, "GET",
               join(w, "%s/products?limit=1&after=%s", col,
                    text_of(w, json_get(r.json, STR("page")), "next")),
               NULL, 200);
    assert_str(json_get(&json_get(r.json, STR("data"))->items[0], STR("title"))->text, "a");
    expect(w, "DELETE", join(w, "%s/products/%s", col, a), NULL, 204);
    expect(w, "PUT", join(w, "%s/publications%s", col, ""), "{\"publications\":[]}", 200);
    const char *var = str_cstr(&w->arena, id_format(&w->arena, "var", p.variants.items[0].id));
    expect(w, "PUT", "/api/v1/price-lists/plist_0000000000001/prices",
           join(w,
                "{\"prices\":[{\"variant_id\":\"%s\",\"price\":{\"amount\":5,\"currency\":"
                "\"EUR\"}}]}%s",
                var, ""),
           204);
    r = expect(w, "GET", "/api/v1/price-lists/plist_0000000000001/prices", NULL, 200);
    assert_int_equal(rows(r), 1);
    const char *price = text_of(w, &json_get(r.json, STR("data"))->items[0], "id");
    expect(w, "DELETE", join(w, "/api/v1/prices/%s%s", price, ""), NULL, 204);
    expect(w, "PUT", "/api/v1/translations",
           join(w,
                "{\"translations\":[{\"entity\":\"%s\",\"field\":\"title\",\"locale\":\"uk\","
                "\"value\":\"A\"}]}%s",
                a, ""),
           204);
    r = expect(w, "GET", join(w, "/api/v1/translations?entity=%s%s", a, ""), NULL, 200);
    assert_int_equal(json_get(r.json, STR("translations"))->n, 1);
    shop_sound(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(products_are_made_read_changed_and_deleted),
        TEST_WORLD(the_public_reads_from_memory_what_the_database_says),
        TEST_WORLD(lists_are_filtered_sorted_and_paged),
        TEST_WORLD(bulk_changes_stand_for_themselves),
        TEST_WORLD(everything_else_can_be_made_listed_changed_and_deleted),
        TEST_WORLD(collections_prices_and_translations_have_their_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
