/* Checkout and cancellation, failed at their first, second, third … call of the database: after the
 * sweeper there is one order for what was paid, or none and nothing was paid. */
#include "sale.h"
#include "shop.h"

#include "base/fault.h"
#include "order/payment.h"

static void sweep(World *w)
{
    w->cx.now = unix_ms_add(w->cx.now, SPAN_MINUTES(10));
    for (int i = 0; i < 3; i++) {
        assert_ok(payment_sweep(&w->cx), &w->cx.err);
        assert_ok(checkout_sweep(&w->cx), &w->cx.err);
        w->cx.now = unix_ms_add(w->cx.now, SPAN_MINUTES(6));
    }
    shop_drain(w);
}

/* Money and orders belong together. */
static void paid_is_placed(World *w)
{
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_payment p JOIN order_order o "
                                    "ON o.id = p.order_id WHERE p.captured > 0 AND o.number = ''"),
                     0);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_order o WHERE number <> '' AND "
                                    "NOT EXISTS (SELECT 1 FROM order_payment p WHERE "
                                    "p.order_id = o.id)"),
                     0);
    sale_sound(w);
}

static void checkout_survives_a_fault_anywhere(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    int    fired_times = 0;
    for (int n = 1;; n++) {
        Cart           cart = sale_cart(w, &s, s.poster, 1);
        CheckoutResult result;
        int64_t before = shop_number(w, "SELECT count(*) FROM order_order WHERE number <> ''");
        fault_arm(n, false);
        Status st = sale_buy(w, cart.token, "4242424242424242", &result);
        bool   fired = fault_fired();
        fault_arm(0, false);
        fired_times += fired;
        Str token = cart.token;
        if (st != ST_OK)
            sweep(w);
        paid_is_placed(w);
        /* the buyer tries again: the order that there is, or a new one */
        assert_ok(sale_buy(w, token, "4242424242424242", &result), &w->cx.err);
        assert_int_equal(result.state, CHECKOUT_PLACED);
        assert_int_equal(shop_number(w, "SELECT count(*) FROM order_order WHERE number <> ''"),
                         before + 1);
        paid_is_placed(w);
        world_again(w);
        if (!fired)
            break;
    }
    assert_true(fired_times > 20);
    sale_close(w);
}

static void cancellation_survives_a_fault_anywhere(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    for (int n = 1;; n++) {
        Order o = sale_order(w, &s, s.poster, 2);
        fault_arm(n, false);
        Status st = order_cancel(&w->cx, o.id, STR("No"), &o);
        bool   fired = fault_fired();
        fault_arm(0, false);
        int64_t id = o.id;
        sweep(w);
        sale_sound(w);
        if (st != ST_OK) {
            assert_ok(order_get(&w->cx, id, &o), &w->cx.err);
            if (o.status != ORDER_CANCELLED)
                assert_ok(order_cancel(&w->cx, id, STR("No"), &o), &w->cx.err);
            shop_drain(w);
        }
        assert_ok(order_get(&w->cx, id, &o), &w->cx.err);
        assert_int_equal(o.status, ORDER_CANCELLED);
        assert_int_equal(o.refunded.minor, o.captured.minor);
        sale_sound(w);
        world_again(w);
        if (!fired)
            break;
    }
    sale_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(checkout_survives_a_fault_anywhere),
        TEST_WORLD(cancellation_survives_a_fault_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
