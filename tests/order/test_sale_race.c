/* Many at once: one piece is sold once, one payment places one order. */
#include "sale.h"
#include "shop.h"

#include "order/payment.h"
#include "order/provider_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { BUYERS = 200, THREADS = 16 };

typedef struct Race {
    World      *w;
    const char *tokens[BUYERS];
    Str         session; /* of the payment that all settle; else they buy */
    UnixMs      now;
    int         n;
    atomic_int  next, placed, lost, other;
    atomic_bool go;
    char        what[200];
} Race;

static Status buy(Race *r, Cx *cx, int who, CheckoutResult *ret)
{
    const CheckoutAsk ask = {.token = str_from_cstr(r->tokens[who]),
                             .provider = STR("test"),
                             .input = STR("{\"card\":\"4242424242424242\"}"),
                             .consent = {.terms = true},
                             .base_url = STR("http://shop.example"),
                             .return_url = STR("/done")};
    return checkout_complete(cx, &ask, ret);
}

/* The buyer's return and the sweeper - which does what a webhook leads to - at the same time. */
static Status settle(Race *r, Cx *cx, int who, CheckoutResult *ret)
{
    ret->state = CHECKOUT_REDIRECT;
    return who % 2 ? checkout_return(cx, r->session, ret) : payment_sweep(cx);
}

static void one(Race *r, Cx *cx, int who)
{
    CheckoutResult result = {0};
    Status         st = r->session.len > 0 ? settle(r, cx, who, &result) : buy(r, cx, who, &result);
    bool           lacks = st == ST_CONFLICT && strcmp(cx->err.code, "stock.insufficient") == 0;
    bool           gone = st == ST_INVALID && strcmp(cx->err.code, "order.incomplete") == 0;
    if (st == ST_OK && result.state == CHECKOUT_PLACED) {
        atomic_fetch_add(&r->placed, 1);
    } else if (lacks || gone) {
        atomic_fetch_add(&r->lost, 1);
    } else if (st != ST_OK) {
        atomic_fetch_add(&r->other, 1);
        (void)snprintf(r->what, sizeof r->what, "%s %.150s", cx->err.code, cx->err.msg);
    }
}

static void *run(void *arg)
{
    Race                     *r = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16384);
    while (!atomic_load(&r->go)) {
    }
    for (;;) {
        int who = atomic_fetch_add(&r->next, 1);
        Cx  cx = {0};
        if (who >= r->n)
            return NULL;
        if (cx_begin(&cx, &a, r->w->db, r->now) == ST_OK) {
            cx.actor = r->w->cx.actor;
            cx.core = r->w->cx.core;
            one(r, &cx, who);
        }
        cx_end(&cx);
        arena_reset(&a);
    }
}

static void race(Race *r)
{
    pthread_t threads[THREADS];
    cx_idle(&r->w->cx);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, r), 0);
    atomic_store(&r->go, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    if (atomic_load(&r->other) > 0)
        fail_msg("%d: %s", atomic_load(&r->other), r->what);
}

static void two_hundred_want_the_last_piece_and_one_gets_it(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    Race   r = {.w = w, .n = BUYERS, .now = w->cx.now};
    Order  nine = sale_order(w, &s, s.mug, 9);
    (void)nine;
    sale_settle(w);
    for (int i = 0; i < BUYERS; i++)
        r.tokens[i] = str_cstr(&w->arena, sale_cart(w, &s, s.mug, 1).token);
    race(&r);
    assert_int_equal(atomic_load(&r.placed), 1);
    assert_int_equal(atomic_load(&r.lost), BUYERS - 1);
    StockAvailability there;
    assert_ok(stock_available(&w->cx, &s.mug, 1, &there), &w->cx.err);
    assert_int_equal(there.available, 0);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_order WHERE number <> ''"), 2);
    sale_sound(w);
    sale_close(w);
}

static void return_and_webhook_place_one_order(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart = sale_cart(w, &s, s.poster, 1);
    CheckoutResult result;
    PaymentSession session;
    bool           lost;
    assert_ok(sale_buy(w, cart.token, "4000000000003220", &result), &w->cx.err);
    assert_int_equal(result.state, CHECKOUT_REDIRECT);
    assert_ok(payment_session_get(&w->cx, result.session_id.v, &session), &w->cx.err);
    assert_ok(payment_test_decide(&w->cx, session.token, true, &lost), &w->cx.err);
    Race r = {
        .w = w, .n = 40, .session = session.token, .now = unix_ms_add(w->cx.now, SPAN_MINUTES(6))};
    race(&r);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_order WHERE number <> ''"), 1);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_payment"), 1);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_event WHERE type = 'placed'"), 1);
    sale_sound(w);
    sale_close(w);
}

static void the_same_cart_bought_by_many_is_one_order(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    Race   r = {.w = w, .n = 40, .now = w->cx.now};
    char  *token = str_cstr(&w->arena, sale_cart(w, &s, s.mug, 1).token);
    for (int i = 0; i < r.n; i++)
        r.tokens[i] = token;
    race(&r);
    assert_true(atomic_load(&r.placed) >= 1);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_order WHERE number <> ''"), 1);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_payment WHERE captured > 0"), 1);
    sale_sound(w);
    sale_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(two_hundred_want_the_last_piece_and_one_gets_it),
        TEST_WORLD(return_and_webhook_place_one_order),
        TEST_WORLD(the_same_cart_bought_by_many_is_one_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
