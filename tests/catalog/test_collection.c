#include "shop.h"

static Str order_of(World *w, int64_t collection)
{
    CLEANUP(buf_done) Buf b;
    DbConn               *conn = NULL;
    DbRun                 run = {0};
    bool                  row = true;
    char                 *sql = arena_array(&w->arena, char, 256);
    snprintf(sql, 256,
             "SELECT p.title FROM catalog_collection_product m JOIN catalog_product p "
             "ON p.id = m.product_id WHERE m.collection_id = %lld ORDER BY m.position",
             (long long)collection);
    DbQuery *q = arena_new(&w->arena, DbQuery);
    *q = (DbQuery){.name = "t", .sqlite = sql, .postgres = sql, .types = "", .columns = "t"};
    buf_init(&b, 1 << 16);
    assert_ok(db_conn_take(w->db, &conn, &w->cx.err), &w->cx.err);
    assert_ok(db_run(conn, q, &run, &w->cx.err), &w->cx.err);
    while (row) {
        assert_ok(db_step(&run, &row, &w->cx.err), &w->cx.err);
        if (row)
            buf_add(&b, db_col_str(&run, &w->arena, 0));
    }
    db_run_end(&run);
    db_conn_give(conn);
    return str_dup(&w->arena, buf_str(&b));
}

static void products_are_put_in_by_hand_and_moved(void **state)
{
    World                   *w = *state;
    CatalogCollection        c = shop_collection(w, "{\"title\":\"Best\"}");
    int64_t                  ids[5];
    static const char *const TITLES[] = {"{\"title\":\"a\"}", "{\"title\":\"b\"}",
                                         "{\"title\":\"c\"}", "{\"title\":\"d\"}",
                                         "{\"title\":\"e\"}"};
    for (int i = 0; i < 5; i++)
        ids[i] = shop_product(w, TITLES[i]).id;
    assert_str(c.handle, "best");
    assert_ok(catalog_collection_add(&w->cx, c.id, ids, 4), &w->cx.err);
    assert_ok(catalog_collection_add(&w->cx, c.id, ids, 5), &w->cx.err);
    assert_str(order_of(w, c.id), "abcde");
    assert_ok(catalog_collection_move(&w->cx, c.id, ids[4], ids[0]), &w->cx.err);
    assert_str(order_of(w, c.id), "eabcd");
    assert_ok(catalog_collection_move(&w->cx, c.id, ids[4], 0), &w->cx.err);
    assert_str(order_of(w, c.id), "abcde");
    /* many moves use up the room between positions */
    for (int i = 0; i < 60; i++) {
        assert_ok(catalog_collection_move(&w->cx, c.id, ids[i % 2 ? 3 : 2], ids[4]), &w->cx.err);
        assert_ok(catalog_collection_move(&w->cx, c.id, ids[i % 2 ? 2 : 3], ids[4]), &w->cx.err);
        assert_str(order_of(w, c.id), i % 2 ? "abdce" : "abcde");
        world_again(w);
    }
    assert_ok(catalog_collection_remove(&w->cx, c.id, ids, 2), &w->cx.err);
    assert_int_equal(shop_members(w, c.id), 3);
    CatalogIds of;
    assert_ok(catalog_collections_of(&w->cx, ids[4], &of), &w->cx.err);
    assert_int_equal(of.n, 1);
    const int64_t bad = 77;
    assert_fails(catalog_collection_add(&w->cx, c.id, &bad, 1), ST_NOT_FOUND, &w->cx.err,
                 "catalog.no_product");
    assert_fails(catalog_collection_move(&w->cx, c.id, ids[0], 0), ST_NOT_FOUND, &w->cx.err,
                 "catalog.no_product");
}

static void a_collection_comes_back_as_it_was_given(void **state)
{
    World            *w = *state;
    CatalogCollection c = shop_collection(
        w, "{\"title\":\"Літо\",\"description\":\"<p>x</p><script></script>\",\"sort\":\"title\","
           "\"media\":[{\"url\":\"/a.jpg\",\"alt\":\"Sea\"}]}");
    CatalogCollection d;
    assert_ok(catalog_collection_get(&w->cx, c.id, &d), &w->cx.err);
    assert_string_equal(shop_json(w, &catalog_collection_shape, &c),
                        shop_json(w, &catalog_collection_shape, &d));
    assert_str(d.handle, "lito");
    assert_str(d.description_safe, "<p>x</p>");
    int64_t rev = d.rev;
    assert_ok(shop_collection_update(&w->cx, c.id, shop_json(w, &catalog_collection_shape, &d), &d),
              &w->cx.err);
    assert_ok(catalog_collection_by_handle(&w->cx, STR("lito"), &d), &w->cx.err);
    assert_int_equal(d.rev, rev);
    assert_ok(shop_collection_update(&w->cx, c.id, "{\"handle\":\"summer\"}", &d), &w->cx.err);
    CatalogRedirect r;
    bool            found;
    assert_ok(catalog_redirect_find(&w->cx, STR("/collections/lito"), &found, &r), &w->cx.err);
    assert_true(found);
    assert_str(r.target, "/collections/summer");
    assert_ok(catalog_collection_delete(&w->cx, c.id, 0), &w->cx.err);
    assert_fails(catalog_collection_get(&w->cx, c.id, &d), ST_NOT_FOUND, &w->cx.err,
                 "catalog.no_collection");
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_media"), 0);
}

static void a_rule_follows_the_products_within_the_same_drain(void **state)
{
    World            *w = *state;
    CatalogProduct    a = shop_product(w, "{\"title\":\"a\",\"tags\":[\"sale\"]}"), q;
    CatalogProduct    b = shop_product(w, "{\"title\":\"b\",\"vendor\":\"Nord\"}");
    CatalogCollection c = shop_collection(
        w, "{\"title\":\"Sale\",\"kind\":\"rule\",\"rule\":{\"tags\":{\"$in\":[\"sale\"]}}}");
    shop_drain(w);
    assert_str(order_of(w, c.id), "a");
    assert_ok(shop_update(&w->cx, b.id, "{\"tags\":[\"sale\"]}", &q), &w->cx.err);
    assert_ok(shop_update(&w->cx, a.id, "{\"tags\":[]}", &q), &w->cx.err);
    shop_drain(w);
    assert_str(order_of(w, c.id), "b");
    assert_ok(
        shop_collection_update(&w->cx, c.id, "{\"rule\":{\"vendor\":{\"$ne\":\"Nord\"}}}", &c),
        &w->cx.err);
    shop_drain(w);
    assert_str(order_of(w, c.id), "a");
    const int64_t id = b.id;
    assert_fails(catalog_collection_add(&w->cx, c.id, &id, 1), ST_CONFLICT, &w->cx.err,
                 "catalog.collection_by_rule");
    assert_ok(catalog_product_delete(&w->cx, a.id, 0), &w->cx.err);
    shop_drain(w);
    assert_int_equal(shop_members(w, c.id), 0);
    shop_close(w);
}

static void a_new_rule_goes_through_all_products(void **state)
{
    World *w = *state;
    char   json[200];
    for (int i = 0; i < 450; i++) {
        snprintf(json, sizeof json,
                 "{\"title\":\"p%d\",\"variants\":[{\"tracked\":true,\"quantity\":%d,\"prices\":"
                 "[{\"price\":{\"amount\":%d,\"currency\":\"EUR\"}}]}]}",
                 i, i % 3, i);
        shop_product(w, json);
        world_again(w);
    }
    CatalogCollection cheap = shop_collection(
        w, "{\"title\":\"x\",\"kind\":\"rule\",\"rule\":{\"price.EUR\":{\"$lt\":100}}}");
    CatalogCollection there =
        shop_collection(w, "{\"title\":\"y\",\"kind\":\"rule\",\"rule\":{\"in_stock\":true}}");
    CatalogCollection some = shop_collection(
        w, "{\"title\":\"z\",\"kind\":\"rule\",\"rule\":{\"variants\":{\"$elemMatch\":"
           "{\"quantity\":2,\"price.EUR\":{\"$gte\":300}}}}}");
    shop_drain(w);
    assert_int_equal(shop_members(w, cheap.id), 100);
    assert_int_equal(shop_members(w, there.id), 300);
    assert_int_equal(shop_members(w, some.id), 50);
    shop_close(w);
}

static void rules_ask_for_facts_that_there_are(void **state)
{
    World *w = *state;
    static const struct {
        const char *json, *pointer;
    } CASES[] = {
        {"{\"title\":\"a\",\"kind\":\"rule\"}", "/rule"},
        {"{\"title\":\"a\",\"kind\":\"rule\",\"rule\":{\"colour\":1}}", "/rule"},
        {"{\"title\":\"a\",\"kind\":\"rule\",\"rule\":{\"variants\":{\"$elemMatch\":{\"x\":1}}}}",
         "/rule"},
        {"{\"title\":\"a\",\"kind\":\"rule\",\"rule\":{\"title\":{\"$bogus\":1}}}", "/rule"},
        {"{\"title\":\"a\",\"kind\":\"rule\",\"rule\":[]}", "/rule"},
        {"{\"title\":\"a\",\"rule\":{\"title\":\"x\"}}", "/rule"},
        {"{\"kind\":\"manual\"}", "/title"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CatalogCollection c = {0};
        Status            st = shop_read(&w->cx, &catalog_collection_shape, CASES[i].json, &c);
        if (st == ST_OK)
            st = catalog_collection_create(&w->cx, &c);
        assert_int_equal(st, ST_INVALID);
        assert_str(w->cx.issues.items[0].pointer, CASES[i].pointer);
        world_again(w);
    }
}

static void rules_see_every_fact(void **state)
{
    World              *w = *state;
    CatalogAttributeDef d = {0};
    assert_ok(shop_read(&w->cx, &catalog_attribute_def_shape,
                        "{\"scope\":\"product\",\"key\":\"google.gender\",\"name\":\"Gender\","
                        "\"type\":\"text\"}",
                        &d),
              &w->cx.err);
    assert_ok(catalog_attribute_create(&w->cx, &d), &w->cx.err);
    shop_product(
        w, "{\"title\":\"Boot\",\"status\":\"active\",\"vendor\":\"Nord\",\"type\":\"Shoe\","
           "\"category\":\"A > B\",\"tags\":[\"x\",\"y\"],\"options\":[{\"name\":\"Colour\"}],"
           "\"attributes\":[{\"key\":\"google.gender\",\"value\":\"female\"}],"
           "\"variants\":[{\"options\":[\"Red\"],\"sku\":\"R\",\"weight_g\":500,\"prices\":"
           "[{\"price\":{\"amount\":1000,\"currency\":\"EUR\"},\"compare_at\":{\"amount\":1500,"
           "\"currency\":\"EUR\"}},{\"price\":{\"amount\":1100,\"currency\":\"USD\"}}]},"
           "{\"options\":[\"Blue\"],\"tracked\":true,\"quantity\":0,\"prices\":"
           "[{\"price\":{\"amount\":2000,\"currency\":\"EUR\"}}]}]}");
    static const struct {
        const char *rule;
        bool        holds;
    } CASES[] = {
        {"{\"title\":\"Boot\",\"status\":\"active\",\"kind\":\"physical\"}", true},
        {"{\"handle\":{\"$regex\":\"^b\"},\"variant_count\":2,\"type\":\"Shoe\"}", true},
        {"{\"tags\":{\"$all\":[\"x\",\"y\"]},\"category\":{\"$regex\":\"B$\"}}", true},
        {"{\"price.EUR\":1000,\"price_max.EUR\":2000,\"price.USD\":1100}", true},
        {"{\"price.JPY\":{\"$exists\":true}}", false},
        {"{\"on_sale\":true,\"in_stock\":true,\"quantity\":0}", true},
        {"{\"options.Colour\":{\"$in\":[\"Red\"]}}", true},
        {"{\"options.Size\":{\"$exists\":true}}", false},
        {"{\"attributes.google.gender\":\"female\"}", true},
        {"{\"variants.0.sku\":\"R\",\"variants\":{\"$size\":2}}", true},
        {"{\"variants\":{\"$elemMatch\":{\"options.Colour\":\"Blue\",\"in_stock\":false}}}", true},
        {"{\"variants\":{\"$elemMatch\":{\"options.Colour\":\"Blue\",\"on_sale\":true}}}", false},
        {"{\"variants\":{\"$elemMatch\":{\"compare_at.EUR\":{\"$gt\":1400}}}}", true},
        {"{\"created_at\":{\"$gt\":\"2023\"},\"updated_at\":{\"$lt\":\"2024\"}}", true},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char json[400];
        snprintf(json, sizeof json, "{\"title\":\"c%zu\",\"kind\":\"rule\",\"rule\":%s}", i,
                 CASES[i].rule);
        CatalogCollection c = shop_collection(w, json);
        shop_drain(w);
        if (shop_members(w, c.id) != CASES[i].holds)
            fail_msg("%s", CASES[i].rule);
    }
    shop_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(products_are_put_in_by_hand_and_moved),
        TEST_WORLD(a_collection_comes_back_as_it_was_given),
        TEST_WORLD(a_rule_follows_the_products_within_the_same_drain),
        TEST_WORLD(a_new_rule_goes_through_all_products),
        TEST_WORLD(rules_ask_for_facts_that_there_are),
        TEST_WORLD(rules_see_every_fact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
