#include "shop.h"

#include "base/id.h"

static CatalogPriceList make_list(World *w, const char *json)
{
    CatalogPriceList l = {0};
    assert_ok(shop_read(&w->cx, &catalog_price_list_shape, json, &l), &w->cx.err);
    assert_ok(catalog_price_list_create(&w->cx, &l), &w->cx.err);
    return l;
}

static void put(World *w, int64_t list, int64_t variant, int64_t amount, int64_t min_qty)
{
    CatalogListPrice p = {.variant_id = variant, .price = MONEY(amount, "EUR"), .min_qty = min_qty};
    assert_ok(catalog_list_prices_put(&w->cx, list, (CatalogListPrices){&p, 1}), &w->cx.err);
}

static int64_t variant_with_price(World *w, int64_t amount)
{
    char json[200];
    snprintf(json, sizeof json,
             "{\"title\":\"a\",\"variants\":[{\"prices\":[{\"price\":{\"amount\":%lld,"
             "\"currency\":\"EUR\"}}]}]}",
             (long long)amount);
    return shop_product(w, json).variants.items[0].id;
}

static const CatalogBuyer NOBODY = {0};

static int64_t cost(World *w, int64_t variant, const CatalogBuyer *buyer, int64_t qty)
{
    CatalogPricing p;
    CatalogQuote   q;
    assert_ok(catalog_pricing(&w->cx, buyer, STR("EUR"), w->cx.now, &p), &w->cx.err);
    assert_ok(catalog_price(&w->cx, &p, variant, qty, &q), &w->cx.err);
    return q.price.minor;
}

static void contracts_go_before_lists_before_base_prices(void **state)
{
    World           *w = *state;
    int64_t          v = variant_with_price(w, 1000);
    CatalogPriceList sale = make_list(w, "{\"title\":\"Sale\",\"kind\":\"sale\"}");
    CatalogPriceList better =
        make_list(w, "{\"title\":\"VIP\",\"kind\":\"override\",\"priority\":5,"
                     "\"conditions\":{\"groups\":{\"$in\":[\"vip\"]}}}");
    CatalogPriceList   deal = make_list(w, "{\"title\":\"Deal\",\"kind\":\"contract\","
                                             "\"conditions\":{\"company\":\"acme\"}}");
    Str                vip = STR("vip");
    const CatalogBuyer VIP = {.groups = {&vip, 1}};
    const CatalogBuyer ACME = {.groups = {&vip, 1}, .company = STR("acme")};
    assert_int_equal(cost(w, v, &ACME, 1), 1000);
    put(w, sale.id, v, 800, 1);
    put(w, better.id, v, 900, 1);
    put(w, deal.id, v, 950, 1);
    assert_int_equal(cost(w, v, &NOBODY, 1), 800);
    assert_int_equal(cost(w, v, &VIP, 1), 900);
    assert_int_equal(cost(w, v, &ACME, 1), 950);
    /* quantity steps */
    put(w, sale.id, v, 700, 10);
    assert_int_equal(cost(w, v, &NOBODY, 9), 800);
    assert_int_equal(cost(w, v, &NOBODY, 10), 700);
    /* compared with the base price */
    CatalogPricing p;
    CatalogQuote   q;
    assert_ok(catalog_pricing(&w->cx, &NOBODY, STR("EUR"), w->cx.now, &p), &w->cx.err);
    assert_ok(catalog_price(&w->cx, &p, v, 1, &q), &w->cx.err);
    assert_int_equal(q.compare_at.minor, 1000);
    assert_true(q.list_id == sale.id);
    assert_ok(catalog_pricing(&w->cx, &NOBODY, STR("USD"), w->cx.now, &p), &w->cx.err);
    assert_fails(catalog_price(&w->cx, &p, v, 1, &q), ST_NOT_FOUND, &w->cx.err, "catalog.no_price");
}

static void of_equal_lists_the_lower_price_holds(void **state)
{
    World           *w = *state;
    int64_t          v = variant_with_price(w, 1000);
    CatalogPriceList one = make_list(w, "{\"title\":\"1\",\"kind\":\"sale\"}");
    CatalogPriceList two = make_list(w, "{\"title\":\"2\",\"kind\":\"override\"}");
    put(w, one.id, v, 800, 1);
    put(w, two.id, v, 750, 1);
    assert_int_equal(cost(w, v, &NOBODY, 1), 750);
    put(w, one.id, v, 740, 1);
    assert_int_equal(cost(w, v, &NOBODY, 1), 740);
}

static void prices_and_lists_have_their_time(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(
        w,
        "{\"title\":\"a\",\"variants\":[{\"prices\":["
        "{\"price\":{\"amount\":1000,\"currency\":\"EUR\"}},"
        "{\"price\":{\"amount\":700,\"currency\":\"EUR\"},\"starts_at\":\"2023-11-15T00:00:00Z\","
        "\"ends_at\":\"2023-11-16T00:00:00Z\"}]}]}");
    int64_t v = p.variants.items[0].id;
    assert_int_equal(cost(w, v, &NOBODY, 1), 1000); /* 14 November */
    assert_int_equal(cost(w, v, &NOBODY, 1), 1000);
    w->cx.now.v += SPAN_DAYS(1).v;
    assert_int_equal(cost(w, v, &NOBODY, 1), 700);
    w->cx.now.v += SPAN_DAYS(1).v;
    assert_int_equal(cost(w, v, &NOBODY, 1), 1000);
    CatalogPriceList l =
        make_list(w, "{\"title\":\"s\",\"kind\":\"sale\",\"ends_at\":\"2023-11-17T00:00:00Z\"}");
    put(w, l.id, v, 500, 1);
    assert_int_equal(cost(w, v, &NOBODY, 1), 500);
    w->cx.now.v += SPAN_DAYS(1).v;
    assert_int_equal(cost(w, v, &NOBODY, 1), 1000);
}

static int64_t lowest(World *w, int64_t v, int64_t days)
{
    Money m = {0};
    bool  found;
    assert_ok(catalog_lowest_price(&w->cx, v, STR("EUR"), days, &found, &m), &w->cx.err);
    return found ? m.minor : -1;
}

static void the_lowest_price_of_the_last_days_is_known(void **state)
{
    World  *w = *state;
    int64_t v = variant_with_price(w, 1000);
    assert_int_equal(lowest(w, v, 30), 1000);
    w->cx.now.v += SPAN_DAYS(1).v;
    put(w, CATALOG_BASE_LIST, v, 600, 1);
    w->cx.now.v += SPAN_DAYS(1).v;
    put(w, CATALOG_BASE_LIST, v, 1200, 1);
    assert_int_equal(lowest(w, v, 30), 600);
    w->cx.now.v += SPAN_DAYS(20).v;
    put(w, CATALOG_BASE_LIST, v, 900, 1);
    assert_int_equal(lowest(w, v, 30), 600);
    assert_int_equal(lowest(w, v, 10), 900);
    w->cx.now.v += SPAN_DAYS(20).v;
    assert_int_equal(lowest(w, v, 30), 900);
    /* prices for few do not count, quantity steps neither */
    CatalogPriceList l = make_list(w, "{\"title\":\"s\",\"kind\":\"sale\","
                                      "\"conditions\":{\"company\":\"x\"}}");
    put(w, l.id, v, 100, 1);
    put(w, CATALOG_BASE_LIST, v, 200, 5);
    assert_int_equal(lowest(w, v, 30), 900);
    /* what was deleted is remembered */
    CatalogListPrices all;
    assert_ok(catalog_list_prices_get(&w->cx, CATALOG_BASE_LIST, 0, 10, &all), &w->cx.err);
    assert_int_equal(all.n, 2);
    assert_ok(catalog_list_price_delete(&w->cx, all.items[0].id), &w->cx.err);
    w->cx.now.v += SPAN_DAYS(5).v;
    assert_int_equal(lowest(w, v, 30), 900);
    w->cx.now.v += SPAN_DAYS(60).v;
    assert_int_equal(lowest(w, v, 30), -1);
    assert_true(shop_number(w, "SELECT count(*) FROM catalog_price_history") > 0);
    w->cx.now.v += SPAN_DAYS(400).v;
    assert_ok(catalog_prices_forget(&w->cx), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_price_history"), 0);
}

static void lists_are_checked(void **state)
{
    World *w = *state;
    static const struct {
        const char *json, *pointer;
    } CASES[] = {
        {"{\"title\":\"a\",\"kind\":\"base\"}", "/kind"},
        {"{\"title\":\"a\",\"kind\":\"sale\",\"currency\":\"XXQ\"}", "/currency"},
        {"{\"title\":\"a\",\"kind\":\"sale\",\"conditions\":{\"a\":{\"$x\":1}}}", "/conditions"},
        {"{\"title\":\"a\",\"kind\":\"sale\",\"starts_at\":\"2024-01-01T00:00:00Z\","
         "\"ends_at\":\"2023-01-01T00:00:00Z\"}",
         "/ends_at"},
    };
    CatalogPriceList l = {0};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        l = (CatalogPriceList){0};
        assert_ok(shop_read(&w->cx, &catalog_price_list_shape, CASES[i].json, &l), &w->cx.err);
        assert_fails(catalog_price_list_create(&w->cx, &l), ST_INVALID, &w->cx.err,
                     "shape.invalid");
        assert_str(w->cx.issues.items[0].pointer, CASES[i].pointer);
    }
    assert_fails(catalog_price_list_delete(&w->cx, CATALOG_BASE_LIST, 0), ST_CONFLICT, &w->cx.err,
                 "catalog.base_list");
    l = make_list(w, "{\"title\":\"Dollars\",\"kind\":\"sale\",\"currency\":\"USD\"}");
    int64_t          v = variant_with_price(w, 5);
    CatalogListPrice prices[] = {
        {.variant_id = v, .price = MONEY(100, "EUR")},
        {.variant_id = 99, .price = MONEY(-1, "USD")},
    };
    assert_fails(catalog_list_prices_put(&w->cx, l.id, (CatalogListPrices){prices, 2}), ST_INVALID,
                 &w->cx.err, "shape.invalid");
    assert_issue(&w->cx, "/prices/0/price/currency", "other_currency");
    assert_issue(&w->cx, "/prices/1/variant_id", "not_found");
    assert_issue(&w->cx, "/prices/1/price", "negative");
    assert_ok(catalog_price_list_delete(&w->cx, l.id, l.rev), &w->cx.err);
}

static void resolution_is_the_same_whatever_the_order_of_rows(void **state)
{
    World         *w = *state;
    CatalogPricing pricing;
    make_list(w, "{\"title\":\"s\",\"kind\":\"sale\"}");
    CatalogPriceList l = make_list(w, "{\"title\":\"t\",\"kind\":\"override\",\"priority\":1}");
    assert_ok(catalog_pricing(&w->cx, &NOBODY, STR("EUR"), w->cx.now, &pricing), &w->cx.err);
    unsigned seed = 42;
    for (int round = 0; round < 2000; round++) {
        CatalogPrice prices[12];
        size_t       n = 0;
        for (int i = 0; i < 12; i++) {
            seed = seed * 1103515245u + 12345u;
            prices[n++] = (CatalogPrice){
                .id = i + 1,
                .list_id = seed >> 20 & 1 ? CATALOG_BASE_LIST : l.id,
                .price = seed >> 17 & 3 ? MONEY(100 + (seed >> 8 & 7), "EUR") : MONEY(5, "USD"),
                .min_qty = 1 + (seed >> 22 & 3),
                .starts_at = {.v = {1 + (seed >> 12 & 1) * 1700000000001}, .has = seed >> 14 & 1},
            };
        }
        CatalogQuote x = {0}, y = {0};
        bool         found = catalog_quote(&pricing, (CatalogPrices){prices, n}, 2, &x);
        for (size_t i = n - 1; i > 0; i--) {
            seed = seed * 1103515245u + 12345u;
            size_t       j = (seed >> 16) % (i + 1);
            CatalogPrice t = prices[i];
            prices[i] = prices[j];
            prices[j] = t;
        }
        assert_int_equal(catalog_quote(&pricing, (CatalogPrices){prices, n}, 2, &y), found);
        if (found) {
            assert_int_equal(x.price.minor, y.price.minor);
            assert_true(x.list_id == y.list_id && x.min_qty == y.min_qty);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(contracts_go_before_lists_before_base_prices),
        TEST_WORLD(of_equal_lists_the_lower_price_holds),
        TEST_WORLD(prices_and_lists_have_their_time),
        TEST_WORLD(the_lowest_price_of_the_last_days_is_known),
        TEST_WORLD(lists_are_checked),
        TEST_SQLITE(resolution_is_the_same_whatever_the_order_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
