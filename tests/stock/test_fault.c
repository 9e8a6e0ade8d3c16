/* Every change of stock, failed at its first, second, third … call of the database: whenever it
 * fails nothing has changed, and the books stay sound. */
#include "shop.h"
#include "stocked.h"

#include "base/fault.h"
#include "stock/document.h"

static struct {
    int64_t variant, other, location, transfer, count;
} made;

static int64_t fingerprint(World *w)
{
    return shop_number(
        w, "SELECT (SELECT CAST(coalesce(sum(on_hand * 3 + allocated * 5 + reserved * 7 + safety"
           " * 11 + 13), 0) AS BIGINT) FROM stock_level)"
           " + 17 * (SELECT count(*) FROM stock_movement)"
           " + 19 * (SELECT CAST(coalesce(sum(qty), 0) AS BIGINT) FROM stock_reservation)"
           " + 23 * (SELECT count(*) FROM core_event) + 29 * (SELECT count(*) FROM core_audit)"
           " + 31 * (SELECT CAST(coalesce(sum(length(status)), 0) AS BIGINT) FROM stock_transfer)"
           " + 37 * (SELECT CAST(coalesce(sum(length(status)), 0) AS BIGINT) FROM stock_count)"
           " + 41 * (SELECT count(*) FROM stock_location)");
}

typedef Status Step(Cx *cx);

static Status step_reserve(Cx *cx)
{
    const StockLine lines[] = {{made.variant, 2, 1}, {made.other, 1, 2}};
    StockShort      lack;
    return in_tx_reserve(cx, 7, lines, 2, 600000, &lack);
}

static Status step_allocate(Cx *cx)
{
    const StockLine lines[] = {{made.variant, 2, 1}, {made.other, 30, 2}};
    StockAllocation got;
    StockAsk        ask = {.owner = 7, .order_id = 9, .lines = lines, .n = 2};
    return in_tx_allocate(cx, &ask, &got);
}

static Status step_unallocate(Cx *cx)
{
    return in_tx_unallocate(cx, 9, 1, 1);
}

static Status step_ship(Cx *cx)
{
    StockMove m = {9, 1, made.variant, made.location, 1};
    return in_tx_ship(cx, &m);
}

static Status step_return(Cx *cx)
{
    StockMove m = {9, 1, made.variant, 1, 1};
    return in_tx_return(cx, &m, false);
}

static Status step_set(Cx *cx)
{
    StockSet sets[] = {{.variant_id = made.variant, .received = opt_i64(3)},
                       {.sku = STR("M-2"), .safety = opt_i64(2), .adjust = opt_i64(-1)}};
    return stock_set(cx, sets, 2);
}

static Status step_send(Cx *cx)
{
    TransferLine line = {.variant_id = made.variant, .qty = 1};
    Transfer     t = {.from_id = 1, .to_id = made.location, .lines = {&line, 1}, .note = STR("")};
    if (made.transfer == 0) {
        TRY(stock_transfer_create(cx, &t));
        made.transfer = t.id;
        return ST_OK;
    }
    return stock_transfer_send(cx, made.transfer, &t);
}

static Status step_receive(Cx *cx)
{
    Transfer t;
    return stock_transfer_receive(cx, made.transfer, NULL, &t);
}

static Status step_count(Cx *cx)
{
    CountLine line = {.variant_id = made.variant, .counted = 50};
    Count     c = {.location_id = 1, .lines = {&line, 1}, .note = STR("")};
    if (made.count == 0) {
        TRY(stock_count_create(cx, &c));
        made.count = c.id;
        return ST_OK;
    }
    return stock_count_post(cx, made.count, &c);
}

static Status step_location(Cx *cx)
{
    StockLocation l = {.name = STR("Third"),
                       .address1 = STR(""),
                       .address2 = STR(""),
                       .city = STR(""),
                       .zone = STR(""),
                       .postal = STR(""),
                       .phone = STR(""),
                       .country = STR("NL"),
                       .time_zone = STR("")};
    CATALOG_GIVE(&stock_location_shape, StockLocation, &l, name);
    CATALOG_GIVE(&stock_location_shape, StockLocation, &l, country);
    return stock_location_create(cx, &l);
}

static void survives(World *w, Step *step)
{
    for (int n = 1;; n++) {
        int64_t before = fingerprint(w);
        fault_arm(n, false);
        Status st = step(&w->cx);
        bool   fired = fault_fired();
        fault_arm(0, false);
        world_again(w);
        stock_sound(w);
        if (!fired) {
            assert_int_equal(st, ST_OK);
            assert_true(n > 4);
            return;
        }
        if (st == ST_OK) /* it was retried, or read again */
            return;
        assert_int_equal(fingerprint(w), before);
    }
}

static void nothing_is_half_done(void **state)
{
    static Step *const STEPS[] = {step_reserve, step_allocate, step_unallocate, step_ship,
                                  step_return,  step_set,      step_send,       step_send,
                                  step_receive, step_count,    step_count,      step_location};
    World             *w = *state;
    CatalogProduct     p = stocked_product(w, 2, 40, "deny");
    made.variant = p.variants.items[0].id;
    made.other = p.variants.items[1].id;
    made.location = stocked_location(w, "{\"name\":\"Shop\"}");
    made.transfer = made.count = 0;
    for (size_t i = 0; i < COUNT_OF(STEPS); i++)
        survives(w, STEPS[i]);
}

int main(void)
{
    stock_install();
    const struct CMUnitTest tests[] = {TEST_WORLD(nothing_is_half_done)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
