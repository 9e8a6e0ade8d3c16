/* Staff count, move and read files; and orders are routed to locations. */
#include "shop.h"
#include "stocked.h"

#include "stock/document.h"
#include "stock/route.h"

static int64_t sum(World *w, const char *what)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT CAST(coalesce(sum(%s), 0) AS BIGINT) FROM stock_level",
                   what);
    return shop_number(w, str_cstr(&w->arena, str_from_cstr(sql)));
}

static void numbers_are_set_together_or_not_at_all(void **state)
{
    World         *w = *state;
    CatalogProduct p = stocked_product(w, 3, 5, "deny");
    int64_t        a = p.variants.items[0].id, b = p.variants.items[1].id;
    StockSet       sets[] = {{.variant_id = a, .on_hand = opt_i64(9)},
                             {.sku = STR("M-2"), .adjust = opt_i64(-2)},
                             {.variant_id = a, .received = opt_i64(1)},
                             {.variant_id = b, .safety = opt_i64(1)}};
    assert_ok(stock_set(&w->cx, sets, COUNT_OF(sets)), &w->cx.err);
    assert_int_equal(available(w, a), 10);
    assert_int_equal(available(w, b), 2);
    stock_sound(w);
    StockSet wrong[] = {{.variant_id = a, .on_hand = opt_i64(1)},
                        {.sku = STR("nothing"), .on_hand = opt_i64(1)},
                        {.variant_id = b, .location_id = 99, .on_hand = opt_i64(1)}};
    assert_fails(stock_set(&w->cx, wrong, COUNT_OF(wrong)), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    assert_issue(&w->cx, "/items/1/variant_id", "not_found");
    assert_issue(&w->cx, "/items/2/location_id", "not_found");
    assert_int_equal(available(w, a), 10);
    StockSet available_now = {.variant_id = a, .available = opt_i64(4)};
    assert_ok(stock_set(&w->cx, &available_now, 1), &w->cx.err);
    assert_int_equal(available(w, a), 4);
    StockRows   rows;
    StockFilter f = {.limit = 10, .low = true, .low_max = 3};
    assert_ok(stock_levels(&w->cx, &f, &rows), &w->cx.err);
    assert_int_equal(rows.n, 1);
    assert_int_equal(rows.items[0].variant_id, b);
    StockMovements moves;
    assert_ok(stock_movements(&w->cx, a, 0, 10, &moves), &w->cx.err);
    assert_int_equal(moves.n, 4);
    assert_int_equal(moves.items[0].on_hand, -6);
}

static void a_file_goes_out_and_comes_back(void **state)
{
    World         *w = *state;
    StockCsvDone   done;
    CatalogProduct p = stocked_product(w, 2, 5, "deny");
    stocked_location(w, "{\"name\":\"Shop, main street\",\"kind\":\"shop\"}");
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    assert_ok(stock_csv_write(&w->cx, &b), &w->cx.err);
    assert_ok(stock_csv_read(&w->cx, buf_str(&b), &done), &w->cx.err);
    assert_int_equal(done.rows, 2);
    assert_int_equal(done.changed, 2);
    assert_int_equal(done.problems.n, 0);
    assert_int_equal(available(w, p.variants.items[0].id), 5);
    static const char FILE_[] = "SKU;Location;On hand\n"
                                "M-1;\"Shop, main street\";7\n"
                                "M-2;;-1\n"
                                "nothing;;3\n"
                                "M-2;Moon;3\n"
                                "M-2;Warehouse;\n"
                                "M-2;Warehouse;8\n";
    assert_ok(stock_csv_read(&w->cx, str_from_cstr(FILE_), &done), &w->cx.err);
    assert_int_equal(done.rows, 6);
    assert_int_equal(done.changed, 2);
    assert_int_equal(done.problems.n, 3);
    assert_int_equal(available(w, p.variants.items[0].id), 12);
    assert_int_equal(available(w, p.variants.items[1].id), 8);
    assert_fails(stock_csv_read(&w->cx, STR("a,b\n1,2\n"), &done), ST_INVALID, &w->cx.err,
                 "stock.bad_csv");
    stock_sound(w);
}

static void a_transfer_is_nowhere_while_it_is_on_its_way(void **state)
{
    World         *w = *state;
    CatalogProduct p = stocked_product(w, 1, 5, "deny");
    int64_t        v = p.variants.items[0].id, to = stocked_location(w, "{\"name\":\"Shop\"}");
    TransferLine   line = {.variant_id = v, .qty = 4};
    Transfer       t = {.from_id = 1, .to_id = to, .lines = {&line, 1}, .note = STR("")};
    assert_ok(stock_transfer_create(&w->cx, &t), &w->cx.err);
    assert_int_equal(available(w, v), 5);
    assert_ok(stock_transfer_send(&w->cx, t.id, &t), &w->cx.err);
    assert_int_equal(available(w, v), 1);
    assert_fails(stock_transfer_send(&w->cx, t.id, &t), ST_CONFLICT, &w->cx.err, "stock.not_open");
    TransferLine  came = {.variant_id = v, .received = 3};
    TransferLines lines = {&came, 1};
    assert_ok(stock_transfer_receive(&w->cx, t.id, &lines, &t), &w->cx.err);
    assert_int_equal(available(w, v), 4);
    assert_int_equal(t.lines.items[0].lost, 1);
    line.qty = 2;
    Transfer back = {.from_id = 1, .to_id = to, .lines = {&line, 1}, .note = STR("")};
    assert_ok(stock_transfer_create(&w->cx, &back), &w->cx.err);
    assert_fails(stock_transfer_send(&w->cx, back.id, &back), ST_CONFLICT, &w->cx.err,
                 "stock.insufficient");
    assert_ok(stock_transfer_cancel(&w->cx, back.id, &back), &w->cx.err);
    stock_sound(w);
}

static void what_is_sold_while_counting_does_not_matter(void **state)
{
    World          *w = *state;
    CatalogProduct  p = stocked_product(w, 1, 5, "deny");
    int64_t         v = p.variants.items[0].id;
    CountLine       counted = {.variant_id = v, .counted = 7};
    Count           c = {.location_id = 1, .lines = {&counted, 1}, .note = STR("")};
    StockLine       one = {v, 1, 1};
    StockAllocation got;
    StockAsk        ask = {.order_id = 100, .lines = &one, .n = 1};
    StockMove       move = {100, 1, v, 1, 1};
    assert_ok(stock_count_create(&w->cx, &c), &w->cx.err);
    assert_ok(in_tx_allocate(&w->cx, &ask, &got), &w->cx.err);
    assert_ok(in_tx_ship(&w->cx, &move), &w->cx.err);
    assert_ok(stock_count_post(&w->cx, c.id, &c), &w->cx.err);
    assert_int_equal(sum(w, "on_hand"), 6); /* seven were there, one was sold */
    assert_fails(stock_count_post(&w->cx, c.id, &c), ST_CONFLICT, &w->cx.err, "stock.not_open");
    stock_sound(w);
}

static void limits_and_dates_reach_the_catalogue(void **state)
{
    World         *w = *state;
    CatalogProduct p = stocked_product(w, 1, 0, "preorder");
    int64_t        v = p.variants.items[0].id;
    StockItem      item = {.variant_id = v,
                           .oversell_max = opt_i64(2),
                           .expected_at = opt_time((UnixMs){1800000000000})};
    StockLine      line = {v, 2, 1};
    StockShort     lack;
    assert_ok(stock_item_put(&w->cx, &item), &w->cx.err);
    CatalogVariant now = shop_get(w, p.id).variants.items[0];
    assert_true(catalog_variant_available(&now));
    assert_int_equal(now.expected_at.v.v, 1800000000000);
    assert_ok(in_tx_reserve(&w->cx, 7, &line, 1, 60000, &lack), &w->cx.err);
    now = shop_get(w, p.id).variants.items[0];
    assert_false(catalog_variant_available(&now));
    assert_fails(in_tx_reserve(&w->cx, 8, &line, 1, 60000, &lack), ST_CONFLICT, &w->cx.err,
                 "stock.insufficient");
    assert_int_equal(lack.items[0].available, 0);
    stock_sound(w);
}

static void only_what_is_shown_is_told(void **state)
{
    World         *w = *state;
    CatalogProduct p = stocked_product(w, 1, 100, "deny");
    int64_t        v = p.variants.items[0].id;
    StockShort     lack;
    StockLine      line = {v, 1, 1};
#define TOLD(type) shop_number(w, "SELECT count(*) FROM core_event WHERE type = '" type "'")
    int64_t changed = TOLD("stock.changed");
    assert_ok(in_tx_reserve(&w->cx, 7, &line, 1, 60000, &lack), &w->cx.err);
    assert_int_equal(TOLD("stock.changed"), changed); /* 99 look like 100 */
    line.qty = 98;
    assert_ok(in_tx_reserve(&w->cx, 7, &line, 1, 60000, &lack), &w->cx.err);
    assert_int_equal(TOLD("stock.changed"), changed + 1);
    assert_int_equal(TOLD("stock.low"), 1);
    line.qty = 100;
    assert_ok(in_tx_reserve(&w->cx, 7, &line, 1, 60000, &lack), &w->cx.err);
    assert_int_equal(TOLD("stock.sold_out"), 1);
    int64_t back = TOLD("stock.back_in_stock");
    assert_ok(in_tx_release(&w->cx, 7), &w->cx.err);
    assert_int_equal(TOLD("stock.back_in_stock"), back + 1);
#undef TOLD
}

/* --- routing, without a database ---------------------------------------------------------- */

static void routed(const int *rules, size_t nrules, const char *expected)
{
    /* places: far and preferred; near; in between. Lines: A 2 pieces, B 2 pieces */
    static const RoutePlace   PLACES[] = {{11, 1, 900}, {12, 2, 10}, {13, 3, 500}};
    static const int64_t      A[] = {2, 1, 2}, B[] = {0, 1, 2};
    static const RouteLine    LINES[] = {{.qty = 2, .there = A}, {.qty = 2, .there = B}};
    CLEANUP(arena_done) Arena arena;
    CLEANUP(buf_done) Buf     b;
    RoutePart                *parts;
    arena_init(&arena, 4096);
    buf_init(&b, 1000);
    const RouteAsk ask = {PLACES, 3, LINES, 2, rules, nrules};
    size_t         n = route(&arena, &ask, &parts);
    for (size_t i = 0; i < n; i++)
        buf_addf(&b, "%zu:%lldx%lld ", parts[i].line, (long long)parts[i].qty,
                 (long long)PLACES[parts[i].place].id);
    assert_str(buf_str(&b), expected);
}

static void rules_decide_who_sends(void **state)
{
    (void)state;
    routed((const int[]){STOCK_FEWEST_PARCELS, STOCK_NEAREST}, 2, "0:2x13 1:2x13 ");
    routed((const int[]){STOCK_NEAREST}, 1, "0:2x13 1:2x13 ");
    routed((const int[]){STOCK_PRIORITY}, 1, "0:2x11 1:2x13 ");
}

static void near_is_near(void **state)
{
    (void)state;
    StockLocation    utrecht = {.country = STR("NL"), .postal = STR("3511"), .zone = STR("")};
    StockLocation    amsterdam = {.country = STR("NL"), .postal = STR("1012"), .zone = STR("")};
    StockLocation    kyiv = {.country = STR("UA"), .postal = STR("01001"), .zone = STR("")};
    StockDestination nl = {STR("NL"), STR(""), STR("1013 AB"), 0};
    StockDestination pl = {STR("PL"), STR(""), STR("00-001"), 0};
    StockDestination ro = {STR("RO"), STR(""), STR(""), 0};
    assert_true(route_distance(&amsterdam, &nl) < route_distance(&utrecht, &nl));
    assert_true(route_distance(&utrecht, &nl) < route_distance(&kyiv, &nl));
    assert_true(route_distance(&kyiv, &ro) < route_distance(&utrecht, &ro));
    assert_true(route_distance(&utrecht, &pl) > 400);
}

int main(void)
{
    stock_install();
    const struct CMUnitTest tests[] = {
        TEST_WORLD(numbers_are_set_together_or_not_at_all),
        TEST_WORLD(a_file_goes_out_and_comes_back),
        TEST_WORLD(a_transfer_is_nowhere_while_it_is_on_its_way),
        TEST_WORLD(what_is_sold_while_counting_does_not_matter),
        TEST_WORLD(limits_and_dates_reach_the_catalogue),
        TEST_WORLD(only_what_is_shown_is_told),
        cmocka_unit_test(rules_decide_who_sends),
        cmocka_unit_test(near_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
