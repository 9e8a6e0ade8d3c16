/* Carts hold, orders get, parcels leave: what stands in the books after each. */
#include "shop.h"
#include "stocked.h"

#include "base/clock.h"

static const StockDestination NL = {.country = {"NL", 2}, .postal = {"1012 AB", 7}};

static StockLine line(int64_t variant, int64_t qty, int64_t id)
{
    return (StockLine){.variant_id = variant, .qty = qty, .line_id = id};
}

static void the_catalogue_shows_what_is_available(void **state)
{
    World         *w = *state;
    CatalogProduct p = stocked_product(w, 2, 5, "deny");
    int64_t        v = p.variants.items[0].id;
    StockLine      lines[] = {line(v, 2, 0)};
    StockShort     lack;
    assert_int_equal(p.variants.items[0].quantity, 5);
    assert_ok(in_tx_reserve(&w->cx, 7, lines, 1, 600000, &lack), &w->cx.err);
    assert_int_equal(shop_get(w, p.id).variants.items[0].quantity, 3);
    assert_int_equal(shop_get(w, p.id).variants.items[1].quantity, 5);
    assert_int_equal(available(w, v), 3);
    stock_sound(w);
}

static void writing_a_quantity_counts_the_default_location(void **state)
{
    World         *w = *state;
    CatalogProduct p = stocked_product(w, 1, 5, "deny");
    CatalogVariant v;
    int64_t        id = p.variants.items[0].id;
    StockLine      lines[] = {line(id, 2, 0)};
    StockShort     lack;
    assert_ok(in_tx_reserve(&w->cx, 7, lines, 1, 600000, &lack), &w->cx.err);
    assert_ok(shop_variant_update(&w->cx, id, "{\"quantity\":10}", &v), &w->cx.err);
    assert_int_equal(available(w, id), 10);
    assert_int_equal(shop_number(w, "SELECT on_hand FROM stock_level"), 12);
    assert_ok(shop_variant_update(&w->cx, id, "{\"sku\":\"other\"}", &v), &w->cx.err);
    assert_int_equal(v.quantity, 10);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM stock_movement"), 2);
    stock_sound(w);
}

static void reserving_is_all_or_nothing(void **state)
{
    World         *w = *state;
    CatalogProduct p = stocked_product(w, 2, 5, "deny");
    StockLine  fits[] = {line(p.variants.items[0].id, 5, 1), line(p.variants.items[1].id, 1, 2)};
    StockLine  more[] = {line(p.variants.items[0].id, 4, 1), line(p.variants.items[0].id, 3, 2),
                         line(p.variants.items[1].id, 1, 3), line(99, 1, 4)};
    StockShort lack;
    assert_ok(in_tx_reserve(&w->cx, 7, fits, 2, 600000, &lack), &w->cx.err);
    assert_fails(in_tx_reserve(&w->cx, 7, more, 4, 600000, &lack), ST_CONFLICT, &w->cx.err,
                 "stock.insufficient");
    assert_int_equal(lack.n, 2);
    assert_int_equal(lack.items[0].line_id, 2);
    assert_int_equal(lack.items[0].available, 1);
    assert_int_equal(lack.items[1].line_id, 4);
    assert_int_equal(lack.items[1].available, 0);
    assert_int_equal(available(w, p.variants.items[0].id), 0); /* as before */
    assert_fails(in_tx_reserve(&w->cx, 8, fits, 1, 600000, &lack), ST_CONFLICT, &w->cx.err,
                 "stock.insufficient");
    assert_ok(in_tx_release(&w->cx, 7), &w->cx.err);
    assert_int_equal(available(w, p.variants.items[0].id), 5);
    assert_ok(in_tx_reserve(&w->cx, 8, fits, 1, 600000, &lack), &w->cx.err);
    stock_sound(w);
}

static void what_has_ended_does_not_stand_in_the_way(void **state)
{
    World         *w = *state;
    CatalogProduct p = stocked_product(w, 1, 1, "deny");
    StockLine      lines[] = {line(p.variants.items[0].id, 1, 1)};
    StockShort     lack;
    assert_ok(in_tx_reserve(&w->cx, 7, lines, 1, 600000, &lack), &w->cx.err);
    w->cx.now = unix_ms_add(w->cx.now, (SpanMs){599000});
    assert_fails(in_tx_reserve(&w->cx, 8, lines, 1, 600000, &lack), ST_CONFLICT, &w->cx.err,
                 "stock.insufficient");
    w->cx.now = unix_ms_add(w->cx.now, (SpanMs){1000});
    assert_ok(in_tx_reserve(&w->cx, 8, lines, 1, 600000, &lack), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT owner_id FROM stock_reservation"), 8);
    stock_sound(w);
}

static void an_order_takes_what_its_cart_held(void **state)
{
    World          *w = *state;
    CatalogProduct  p = stocked_product(w, 1, 3, "deny");
    int64_t         v = p.variants.items[0].id;
    StockLine       lines[] = {line(v, 3, 11)};
    StockShort      lack;
    StockAllocation got;
    StockAsk        ask = {.owner = 7, .order_id = 100, .lines = lines, .n = 1, .to = NL};
    assert_ok(in_tx_reserve(&w->cx, 7, lines, 1, 600000, &lack), &w->cx.err);
    assert_ok(in_tx_allocate(&w->cx, &ask, &got), &w->cx.err);
    assert_int_equal(got.parts.n, 1);
    assert_int_equal(got.parts.items[0].location_id, STOCK_DEFAULT_LOCATION);
    assert_int_equal(available(w, v), 0);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM stock_reservation"), 0);
    stock_sound(w);
    assert_ok(in_tx_unallocate(&w->cx, 100, 11, 1), &w->cx.err);
    assert_int_equal(available(w, v), 1);
    StockMove move = {100, 11, v, STOCK_DEFAULT_LOCATION, 2};
    assert_ok(in_tx_ship(&w->cx, &move), &w->cx.err);
    assert_int_equal(available(w, v), 1);
    assert_int_equal(shop_number(w, "SELECT on_hand FROM stock_level"), 1);
    assert_int_equal(shop_number(w, "SELECT allocated FROM stock_level"), 0);
    assert_ok(in_tx_unallocate(&w->cx, 100, 11, 9), &w->cx.err); /* nothing is left of it */
    assert_ok(in_tx_return(&w->cx, &move, true), &w->cx.err);
    assert_int_equal(available(w, v), 1);
    assert_ok(in_tx_return(&w->cx, &move, false), &w->cx.err);
    assert_int_equal(available(w, v), 3);
    stock_sound(w);
}

static void an_order_without_a_reservation_gets_only_what_is_free(void **state)
{
    World          *w = *state;
    CatalogProduct  p = stocked_product(w, 1, 2, "deny");
    int64_t         v = p.variants.items[0].id;
    StockLine       one[] = {line(v, 1, 1)}, two[] = {line(v, 2, 2)};
    StockShort      lack;
    StockAllocation got;
    StockAsk        ask = {.owner = 8, .order_id = 100, .lines = two, .n = 1, .to = NL};
    assert_ok(in_tx_reserve(&w->cx, 7, one, 1, 600000, &lack), &w->cx.err);
    assert_fails(in_tx_allocate(&w->cx, &ask, &got), ST_CONFLICT, &w->cx.err, "stock.insufficient");
    assert_int_equal(got.lack.items[0].available, 1);
    ask.flags = STOCK_FORCE;
    assert_ok(in_tx_allocate(&w->cx, &ask, &got), &w->cx.err);
    assert_int_equal(got.lack.n, 1);
    assert_int_equal(got.parts.n, 2);
    assert_true(got.parts.items[1].backorder);
    assert_int_equal(available(w, v), -1);
    stock_sound(w);
}

static void policies_say_what_may_be_sold_beyond(void **state)
{
    World          *w = *state;
    CatalogProduct  p = stocked_product(w, 1, 1, "preorder");
    int64_t         v = p.variants.items[0].id;
    StockLine       lines[] = {line(v, 4, 1)};
    StockShort      lack;
    StockAllocation got;
    StockAsk        ask = {.order_id = 100, .lines = lines, .n = 1, .to = NL};
    assert_ok(in_tx_reserve(&w->cx, 7, lines, 1, 600000, &lack), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM stock_reservation"), 0);
    assert_ok(in_tx_allocate(&w->cx, &ask, &got), &w->cx.err);
    assert_int_equal(got.parts.n, 2);
    assert_int_equal(got.parts.items[1].qty, 3);
    assert_true(got.parts.items[1].backorder);
    assert_int_equal(available(w, v), -3);
    CatalogProduct now = shop_get(w, p.id);
    assert_true(catalog_variant_available(&now.variants.items[0]));
    stock_sound(w);
    /* pre-ordered pieces arrive and leave */
    CatalogVariant cv;
    assert_ok(shop_variant_update(&w->cx, v, "{\"quantity\":0}", &cv), &w->cx.err);
    StockMove move = {100, 1, v, STOCK_DEFAULT_LOCATION, 4};
    assert_ok(in_tx_ship(&w->cx, &move), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT on_hand FROM stock_level"), 0);
    stock_sound(w);
}

static void what_is_not_counted_is_routed_all_the_same(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, "{\"title\":\"Lesson\",\"variants\":[{\"tracked\":false}]}");
    StockLine      lines[] = {line(p.variants.items[0].id, 4, 1)};
    StockAllocation got;
    StockAsk        ask = {.order_id = 100, .lines = lines, .n = 1, .to = NL};
    assert_ok(in_tx_allocate(&w->cx, &ask, &got), &w->cx.err);
    assert_int_equal(got.parts.n, 1);
    assert_int_equal(got.parts.items[0].location_id, STOCK_DEFAULT_LOCATION);
    StockMove move = {100, 1, lines[0].variant_id, STOCK_DEFAULT_LOCATION, 4};
    assert_ok(in_tx_ship(&w->cx, &move), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM stock_movement"), 0);
}

static void shipping_more_than_the_books_say_finds_the_rest(void **state)
{
    World          *w = *state;
    CatalogProduct  p = stocked_product(w, 1, 1, "continue");
    int64_t         v = p.variants.items[0].id, shop;
    StockLine       lines[] = {line(v, 2, 1)};
    StockAllocation got;
    StockAsk        ask = {.order_id = 100, .lines = lines, .n = 1, .to = NL};
    shop = stocked_location(w, "{\"name\":\"Shop\",\"kind\":\"shop\",\"online\":false}");
    assert_ok(in_tx_allocate(&w->cx, &ask, &got), &w->cx.err);
    StockMove move = {100, 1, v, shop, 2};
    assert_ok(in_tx_ship(&w->cx, &move), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT CAST(sum(on_hand) AS BIGINT) FROM stock_level"), 1);
    assert_int_equal(shop_number(w, "SELECT CAST(sum(allocated) AS BIGINT) FROM stock_level"), 0);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM stock_movement WHERE kind = 'adjusted'"),
                     1);
    stock_sound(w);
}

static Status falsify(Cx *cx, void *arg)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(cx_run(cx, arg, &run));
    return db_step(&run, &row, &cx->err);
}

static void movements_are_for_ever(void **state)
{
    static DbQuery WORSE = {"test.worse", "UPDATE stock_movement SET on_hand = 9",
                            "UPDATE stock_movement SET on_hand = 9", "", ""};
    static DbQuery GONE = {"test.gone", "DELETE FROM stock_movement", "DELETE FROM stock_movement",
                           "", ""};
    World         *w = *state;
    stocked_product(w, 1, 1, "deny");
    assert_int_not_equal(cx_in_tx(&w->cx, falsify, &WORSE), ST_OK);
    assert_int_not_equal(cx_in_tx(&w->cx, falsify, &GONE), ST_OK);
    assert_int_equal(shop_number(w, "SELECT on_hand FROM stock_movement"), 1);
}

static void deleting_a_variant_leaves_sound_books(void **state)
{
    World          *w = *state;
    CatalogProduct  p = stocked_product(w, 2, 5, "deny");
    int64_t         v = p.variants.items[0].id;
    StockLine       lines[] = {line(v, 2, 1)};
    StockShort      lack;
    StockAllocation got;
    StockAsk        ask = {.order_id = 100, .lines = lines, .n = 1, .to = NL};
    assert_ok(in_tx_allocate(&w->cx, &ask, &got), &w->cx.err);
    assert_ok(in_tx_reserve(&w->cx, 7, lines, 1, 600000, &lack), &w->cx.err);
    assert_ok(catalog_variant_delete(&w->cx, v), &w->cx.err);
    assert_ok(in_tx_unallocate(&w->cx, 100, 1, 1), &w->cx.err);
    assert_ok(in_tx_release(&w->cx, 7), &w->cx.err);
    stock_sound(w);
    assert_int_equal(shop_number(w, "SELECT CAST(sum(reserved) AS BIGINT) FROM stock_level"), 0);
    assert_int_equal(shop_number(w, "SELECT CAST(sum(allocated) AS BIGINT) FROM stock_level"), 1);
}

int main(void)
{
    stock_install();
    const struct CMUnitTest tests[] = {
        TEST_WORLD(the_catalogue_shows_what_is_available),
        TEST_WORLD(writing_a_quantity_counts_the_default_location),
        TEST_WORLD(reserving_is_all_or_nothing),
        TEST_WORLD(what_has_ended_does_not_stand_in_the_way),
        TEST_WORLD(an_order_takes_what_its_cart_held),
        TEST_WORLD(an_order_without_a_reservation_gets_only_what_is_free),
        TEST_WORLD(policies_say_what_may_be_sold_beyond),
        TEST_WORLD(what_is_not_counted_is_routed_all_the_same),
        TEST_WORLD(shipping_more_than_the_books_say_finds_the_rest),
        TEST_WORLD(movements_are_for_ever),
        TEST_WORLD(deleting_a_variant_leaves_sound_books),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
