/* The JSON API of the search, without sockets: what a merchant says of finding, what is found,
 * and what is counted. */
#include "edits.h"

#include "catalog/product_search.h"
#include "catalog/search_http.h"
#include "http/http.h"

#include <stdio.h>
#include <string.h>

static const HttpRoutes *const TABLES[] = {&catalog_search_routes, &catalog_search_guide_routes};

static Status authenticate(Cx *cx, const HttpReq *rq)
{
    if (!str_starts(rq->target, STR("/store/")))
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
} Reply;

static Reply ask(World *w, const char *method, const char *target, const char *body, int status)
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
    cx_end(&cx);
    r.status = rs.status;
    r.text = str_cstr(&w->arena, rs.borrowed.ptr ? rs.borrowed : buf_str(&rs.body));
    http_resp_done(&rs);
    if (r.text[0] != '\0')
        assert_ok(json_parse(&w->arena, str_from_cstr(r.text), &r.json, &err), &err);
    if (r.status != status)
        fail_msg("%s %s: %d, not %d: %s", method, target, r.status, status, r.text);
    return r;
}

static void settle(World *w)
{
    shop_drain(w);
    assert_ok(published_settle(&w->cx), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
}

#define LAMP(title, vendor, sku, more)                                                             \
    "{\"title\":\"" title "\",\"vendor\":\"" vendor "\",\"status\":\"active\",\"variants\":["      \
    "{\"sku\":\"" sku "\"," more                                                                   \
    "\"prices\":[{\"price\":{\"amount\":1000,\"currency\":\"EUR\"}}]}]}"

static int64_t begin(World *w)
{
    const PublishedOptions options = {.manual = true};
    CatalogProduct         small = shop_product(w, LAMP("Desk lamp", "Lumen", "L-1", ""));
    (void)shop_product(w, LAMP("Floor lamp", "Nord", "L-2", ""));
    (void)shop_product(w, LAMP("Corner sofa", "Nord", "S-1", ""));
    shop_drain(w);
    assert_ok(published_start(w->db, w->cx.core, &options, &w->cx.err), &w->cx.err);
    assert_ok(product_search_start(w->db, &w->cx.err), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
    return small.id;
}

static void end(World *w)
{
    world_again(w);
    product_search_stop(w->db);
    published_stop(w->db);
    shop_close(w);
}

static int64_t number(const JsonValue *v, const char *key)
{
    const JsonValue *m = json_get(v, str_from_cstr(key));
    assert_non_null(m);
    return m->i64;
}

static const char *word(World *w, const JsonValue *v, const char *key)
{
    const JsonValue *m = json_get(v, str_from_cstr(key));
    assert_non_null(m);
    return str_cstr(&w->arena, m->text);
}

static const JsonValue *find(World *w, const char *q)
{
    char target[300];
    (void)snprintf(target, sizeof target, "/store/v1/search?q=%s", q);
    return ask(w, "GET", target, NULL, 200).json;
}

/* The handle of the first hit, "" when nothing is found. */
static const char *first(World *w, const char *q)
{
    const JsonValue *hits = json_get(find(w, q), STR("hits"));
    return hits->n > 0 ? word(w, &hits->items[0], "handle") : "";
}

/* Make one; its address. */
static const char *made(World *w, const char *path, const char *json)
{
    char *one = arena_array(&w->arena, char, 200);
    Reply r = ask(w, "POST", path, json, 201);
    (void)snprintf(one, 200, "%s/%s", path, word(w, r.json, "id"));
    settle(w);
    return one;
}

static void drop(World *w, const char *one)
{
    ask(w, "DELETE", one, NULL, 204);
    settle(w);
}

static void synonyms_are_made_changed_and_deleted(void **state)
{
    World *w = *state;
    begin(w);
    assert_string_equal(first(w, "couch"), "");
    const char *both = made(w, "/api/v1/search/synonyms", "{\"words\":[\"couch\",\"sofa\"]}");
    assert_string_equal(first(w, "couch"), "corner-sofa");
    assert_string_equal(first(w, "sofa"), "corner-sofa");
    ask(w, "PATCH", both, "{\"words\":[\"settee\",\"sofa\"]}", 200);
    settle(w);
    assert_string_equal(first(w, "couch"), "");
    assert_string_equal(first(w, "settee"), "corner-sofa");
    assert_string_equal(
        word(w,
             json_get(ask(w, "GET", "/api/v1/search/synonyms", NULL, 200).json, STR("data"))->items,
             "from"),
        "");
    drop(w, both);
    assert_string_equal(first(w, "settee"), "");
    made(w, "/api/v1/search/synonyms",
         "{\"locale\":\"en\",\"from\":\"seat\",\"words\":[\"sofa\"]}");
    assert_string_equal(first(w, "seat"), "corner-sofa");
    assert_int_equal(number(find(w, "sofa"), "total"), 1);
    ask(w, "POST", "/api/v1/search/synonyms", "{\"words\":[\"alone\"]}", 422);
    end(w);
}

static void redirects_are_told(void **state)
{
    World *w = *state;
    begin(w);
    const char *one = made(w, "/api/v1/search/redirects",
                           "{\"query\":\"returns\",\"target\":\"/policies/refund-policy\"}");
    assert_string_equal(word(w, find(w, "Return"), "redirect"), "/policies/refund-policy");
    assert_string_equal(word(w, find(w, "lamp"), "redirect"), "");
    drop(w, one);
    assert_string_equal(word(w, find(w, "returns"), "redirect"), "");
    ask(w, "POST", "/api/v1/search/redirects",
        "{\"query\":\"x\",\"target\":\"javascript:alert(1)\"}", 422);
    end(w);
}

static void rules_pin_boost_and_bury(void **state)
{
    World  *w = *state;
    char    json[200];
    int64_t small = begin(w);
    (void)snprintf(json, sizeof json,
                   "{\"title\":\"Desk first\",\"applies\":\"is\",\"query\":\"sofa\","
                   "\"pins\":[\"" STR_FMT "\"]}",
                   STR_ARG(id_format(&w->arena, CATALOG_PRODUCT_ID, small)));
    const char *pin = made(w, "/api/v1/search/rules", json);
    assert_string_equal(first(w, "sofa"), "desk-lamp");
    const JsonValue *hits = json_get(find(w, "sofa"), STR("hits"));
    assert_true(json_get(&hits->items[0], STR("pinned"))->boolean);
    assert_false(json_get(&hits->items[1], STR("pinned"))->boolean);
    drop(w, pin);
    assert_string_equal(first(w, "sofa"), "corner-sofa");
    const char *boost =
        made(w, "/api/v1/search/rules",
             "{\"title\":\"Nord\",\"condition\":{\"vendor\":\"Nord\"},\"boost\":80}");
    assert_string_equal(first(w, "lamp"), "floor-lamp");
    ask(w, "PATCH", boost, "{\"boost\":-80}", 200);
    settle(w);
    assert_string_equal(first(w, "lamp"), "desk-lamp");
    ask(w, "PATCH", boost, "{\"boost\":80,\"enabled\":false}", 200);
    made(w, "/api/v1/search/rules",
         "{\"title\":\"Last\",\"condition\":{\"vendor\":\"Lumen\"},\"bury\":true}");
    assert_string_equal(first(w, "lamp"), "floor-lamp");
    end(w);
}

static void what_lacks_words_says_so_and_what_was_meant_is_told(void **state)
{
    World *w = *state;
    begin(w);
    const JsonValue *v = find(w, "desk%20lamp%20submarine");
    assert_true(json_get(v, STR("relaxed"))->boolean);
    assert_int_equal(json_get(v, STR("missing"))->n, 1);
    assert_str(json_get(v, STR("missing"))->items[0].text, "submarine");
    v = find(w, "dexk%20lamp");
    assert_string_equal(word(w, v, "corrected"), "desk lamp");
    assert_int_equal(json_get(v, STR("missing"))->n, 0);
    v = ask(w, "GET", "/store/v1/search?q=desk%20lamp&fill=true", NULL, 200).json;
    assert_int_equal(number(v, "total"), 2); /* the other lamp follows */
    assert_string_equal(word(w, json_get(v, STR("hits"))->items, "handle"), "desk-lamp");
    v = ask(w, "GET", "/store/v1/search/suggest?q=dexk%20la", NULL, 200).json;
    assert_true(json_get(v, STR("products"))->n > 0);
    end(w);
}

static const JsonValue *counted(World *w, const char *q, const char *missed)
{
    char target[200];
    assert_ok(product_search_flush(&w->cx), &w->cx.err);
    world_again(w);
    (void)snprintf(target, sizeof target, "/api/v1/search/queries?days=7%s", missed);
    const JsonValue *rows = json_get(ask(w, "GET", target, NULL, 200).json, STR("data"));
    for (size_t i = 0; i < rows->n; i++)
        if (str_eq(json_get(&rows->items[i], STR("query"))->text, str_from_cstr(q)))
            return &rows->items[i];
    return NULL;
}

static void searches_and_clicks_are_counted_within_bounds(void **state)
{
    World *w = *state;
    begin(w);
    (void)find(w, "lamp");
    (void)find(w, "lamp");
    (void)find(w, "submarine");
    (void)ask(w, "GET", "/api/v1/search?q=lamp", NULL, 200); /* staff: no shopper */
    ask(w, "POST", "/store/v1/search/click", "{\"q\":\"lamp\",\"handle\":\"desk-lamp\"}", 204);
    const JsonValue *lamp = counted(w, "lamp", "");
    assert_non_null(lamp);
    assert_int_equal(number(lamp, "searches"), 2);
    assert_int_equal(number(lamp, "clicks"), 1);
    assert_non_null(counted(w, "submarine", "&missed=true"));
    assert_null(counted(w, "lamp", "&missed=true"));
    int refused = 0;
    for (int i = 0; i < 40; i++) {
        Reply r = ask(w, "POST", "/store/v1/search/click",
                      "{\"q\":\"lamp\",\"handle\":\"desk-lamp\"}", i < 29 ? 204 : 429);
        refused += r.status == 429;
    }
    assert_int_equal(refused, 11);
    assert_int_equal(number(counted(w, "lamp", ""), "clicks"), 30);
    end(w);
}

static void facets_have_names_and_an_order(void **state)
{
    static const char SHIRT[] =
        "{\"title\":\"Shirt\",\"status\":\"active\",\"tags\":[\"Summer wear\"],\"options\":["
        "{\"name\":\"Size\",\"values\":[{\"name\":\"S\"},{\"name\":\"M\"},{\"name\":\"XL\"}]}],"
        "\"variants\":[{\"options\":[\"XL\"]},{\"options\":[\"S\"]},{\"options\":[\"M\"]}]}";
    static const char COAT[] =
        "{\"title\":\"Coat\",\"status\":\"active\",\"options\":["
        "{\"name\":\"Size\",\"values\":[{\"name\":\"M\"},{\"name\":\"L\"},{\"name\":\"XL\"}]}],"
        "\"variants\":[{\"options\":[\"M\"]},{\"options\":[\"L\"]},{\"options\":[\"XL\"]}]}";
    World         *w = *state;
    CatalogProduct shirt = shop_product(w, SHIRT), coat = shop_product(w, COAT);
    begin(w);
    ProductSearchAnswer    a;
    const ProductSearchAsk ask_sizes = {
        .facets = true, .only = STR("filter.v.option.size"), .own_order = true};
    assert_ok(product_search(&w->cx, &ask_sizes, &a), &w->cx.err);
    static const char *const SIZES[] = {"S", "M", "L", "XL"};
    assert_int_equal(a.n_facets, 1);
    assert_str(a.facets[0].label, "Size");
    assert_int_equal(a.facets[0].n, COUNT_OF(SIZES));
    for (size_t i = 0; i < COUNT_OF(SIZES); i++)
        assert_str(a.facets[0].values[i].text, SIZES[i]);
    ProductSearchAsk tagged = {.tag = STR("summer-wear"), .limit = 5};
    assert_ok(product_search(&w->cx, &tagged, &a), &w->cx.err);
    assert_int_equal(a.result.total, 1);
    assert_int_equal(a.result.hits[0].id, shirt.id);
    (void)coat;
    end(w);
}

static void numbers_are_chosen_by_value_and_by_range(void **state)
{
    static const char *const PACKS[] = {"1", "1.0", "2.5", "20"};
    World                   *w = *state;
    CatalogAttributeDef      d = {0};
    assert_ok(shop_read(&w->cx, &catalog_attribute_def_shape,
                        "{\"scope\":\"product\",\"key\":\"spec.size\",\"type\":\"number\","
                        "\"name\":\"Size\",\"unit\":\"l\",\"filterable\":true}",
                        &d),
              &w->cx.err);
    assert_ok(catalog_attribute_create(&w->cx, &d), &w->cx.err);
    for (size_t i = 0; i < COUNT_OF(PACKS); i++) {
        char json[300];
        (void)snprintf(json, sizeof json,
                       "{\"title\":\"Bottle\",\"status\":\"active\",\"attributes\":["
                       "{\"key\":\"spec.size\",\"value\":%s}]}",
                       PACKS[i]);
        (void)shop_product(w, json);
    }
    (void)begin(w);
    static const struct {
        const char *chosen;
        int64_t     total;
    } CHOICES[] = {{"size=1", 2},       {"size=1.0", 2},
                   {"size.gte=2", 2},   {"size.gte=1&filter.p.m.spec.size.lte=2,5", 3},
                   {"size=3", 0},       {"size=big", 0},
                   {"colour.lte=4", 0}, {"size=1&filter.p.m.spec.size=20", 3}};
    for (size_t i = 0; i < COUNT_OF(CHOICES); i++) {
        char target[200];
        (void)snprintf(target, sizeof target,
                       "/store/v1/search?q=bottle&facets=true&filter.p.m.spec.%s",
                       CHOICES[i].chosen);
        Reply r = ask(w, "GET", target, NULL, 200);
        assert_int_equal(json_get(r.json, STR("total"))->i64, CHOICES[i].total);
    }
    (void)ask(w, "GET", "/store/v1/search?filter.p.m.spec.size.gte=big", NULL, 400);
    ProductSearchAnswer    a;
    const ProductSearchAsk sizes = {
        .facets = true, .only = STR("filter.p.m.spec.size"), .own_order = true};
    assert_ok(product_search(&w->cx, &sizes, &a), &w->cx.err);
    assert_int_equal(a.n_facets, 1);
    assert_true(a.facets[0].number);
    assert_true(a.facets[0].low > 0.99 && a.facets[0].low < 1.01 && a.facets[0].high > 19.99);
    assert_int_equal(a.facets[0].n, 3);
    assert_str(a.facets[0].values[0].text, "1");
    assert_str(a.facets[0].values[1].label, "2.5 l");
    assert_int_equal(a.facets[0].values[0].count, 2);
    end(w);
}

static void a_collection_has_its_own_order_page_by_page(void **state)
{
    World            *w = *state;
    CatalogProduct    p[6];
    CatalogCollection c = shop_collection(w, "{\"title\":\"Plates\"}");
    for (int i = 0; i < 6; i++) {
        char json[300];
        (void)snprintf(json, sizeof json,
                       "{\"title\":\"Plate %d\",\"status\":\"%s\",\"vendor\":\"%s\",\"variants\":[{"
                       "\"sku\":\"P-%d\"}]}",
                       i, i == 3 ? "draft" : "active", i % 2 == 0 ? "Even" : "Odd", i);
        p[i] = shop_product(w, json);
    }
    static const int ORDER[] = {4, 1, 3, 5, 0, 2};
    int64_t          ids[6];
    for (int i = 0; i < 6; i++)
        ids[i] = p[ORDER[i]].id;
    assert_ok(catalog_collection_add(&w->cx, c.id, ids, 6), &w->cx.err);
    begin(w);
    static const int    SHOWN[] = {4, 1, 5, 0, 2};
    ProductSearchAsk    q = {.collection = c.id, .sort = PRODUCT_SEARCH_MANUAL, .limit = 2};
    ProductSearchAnswer a;
    for (q.offset = 0; q.offset < 6; q.offset += 2) {
        assert_ok(product_search(&w->cx, &q, &a), &w->cx.err);
        assert_int_equal(a.result.total, 5);
        for (size_t i = 0; i < a.result.n_hits; i++)
            assert_int_equal(a.result.hits[i].id, p[SHOWN[q.offset + i]].id);
        assert_int_equal(a.result.n_hits, q.offset < 4 ? 2 : 1);
    }
    static const ProductSearchChoice ODD = {STR_INIT("filter.p.vendor"), STR_INIT("Odd")};
    q = (ProductSearchAsk){.collection = c.id,
                           .sort = PRODUCT_SEARCH_MANUAL,
                           .limit = 9,
                           .choices = &ODD,
                           .n_choices = 1};
    assert_ok(product_search(&w->cx, &q, &a), &w->cx.err);
    assert_int_equal(a.result.n_hits, 2);
    assert_int_equal(a.result.hits[0].id, p[1].id);
    assert_int_equal(a.result.hits[1].id, p[5].id);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(synonyms_are_made_changed_and_deleted),
        TEST_WORLD(redirects_are_told),
        TEST_WORLD(rules_pin_boost_and_bury),
        TEST_WORLD(what_lacks_words_says_so_and_what_was_meant_is_told),
        TEST_WORLD(searches_and_clicks_are_counted_within_bounds),
        TEST_SQLITE(facets_have_names_and_an_order),
        TEST_SQLITE(numbers_are_chosen_by_value_and_by_range),
        TEST_WORLD(a_collection_has_its_own_order_page_by_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
