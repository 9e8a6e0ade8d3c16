/* The five ways that money takes, each from cart to order, over HTTP with the test provider, the
 * bank and cash; and what stands in the way of those who try stolen cards. */
#include "desk.h"

#include "base/id.h"
#include "order/order.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static int64_t placed(Desk *d)
{
    return desk_number(d, "SELECT count(*) FROM order_order WHERE number <> ''");
}

/* The order as staff see it stays as the last reply. */
static void see(Desk *d, const char *order)
{
    bool was = d->staff;
    d->staff = true;
    ask(d, 200, NULL, "GET /api/v1/orders/%s", order);
    d->staff = was;
}

static void order_is(Desk *d, const char *order, const char *payment_status, int64_t captured)
{
    see(d, order);
    assert_string_equal(text_of(d, "payment_status"), payment_status);
    assert_int_equal(int_of(d, "captured.amount"), captured);
}

static const char *check_out(Desk *d, const char *variant, int64_t qty, const char *card)
{
    const char *token = desk_cart(d, variant, qty);
    ask(d, 200, desk_card(d, card), "POST /store/v1/carts/%s/checkout", token);
    return token;
}

/* --- the five flows ----------------------------------------------------------------------- */

static void a_card_is_charged_at_once(void **state)
{
    Desk        d = desk_open(*state);
    const char *order = desk_buy(&d, d.mug_id, 2);
    order_is(&d, order, "paid", 2500);
    desk_settle(&d);
    assert_int_equal(desk_mails(&d, "order_confirmed"), 1);
    check_out(&d, d.mug_id, 1, "4000000000009995");
    assert_string_equal(text_of(&d, "state"), "failed");
    assert_string_equal(text_of(&d, "code"), "insufficient_funds");
    assert_true(strlen(text_of(&d, "message")) > 10);
    assert_int_equal(placed(&d), 1);
    desk_sound(&d);
    desk_close(&d);
}

static void a_redirect_comes_back_or_does_not(void **state)
{
    Desk        d = desk_open(*state);
    const char *token = check_out(&d, d.mug_id, 1, "4000000000003220");
    assert_string_equal(text_of(&d, "state"), "redirect");
    const char *page = strstr(text_of(&d, "url"), "/pay/test/");
    ask(&d, 200, NULL, "GET %s", page);
    ask(&d, 303, "action=decline", "POST %s", page);
    ask(&d, 303, NULL, "GET %s", strstr(d.location, "/pay/return/"));
    assert_non_null(strstr(d.location, "payment="));     /* why, in the address */
    ask(&d, 200, NULL, "GET /store/v1/carts/%s", token); /* the cart is as it was */
    assert_string_equal(text_of(&d, "status"), "open");
    assert_int_equal(placed(&d), 0);
    /* Again: the bank says yes, and the connection breaks before anybody learns of it. */
    ask(&d, 200, desk_card(&d, "4000000000000093"), "POST /store/v1/carts/%s/checkout", token);
    page = strstr(text_of(&d, "url"), "/pay/test/");
    ask(&d, 504, "action=approve", "POST %s", page);
    assert_int_equal(placed(&d), 0);
    desk_later(&d, SPAN_MINUTES(10)); /* the sweeper asks */
    assert_int_equal(placed(&d), 1);
    desk_sound(&d);
    desk_close(&d);
}

static void a_code_is_scanned_on_another_screen(void **state)
{
    Desk d = desk_open(*state);
    (void)check_out(&d, d.poster_id, 2, "4000000000000143");
    assert_string_equal(text_of(&d, "state"), "redirect");
    const char *wait = strstr(text_of(&d, "url"), "/pay/wait/");
    assert_non_null(wait);
    ask(&d, 200, NULL, "GET %s", wait);
    assert_told(&d, "<svg");
    assert_told(&d, "/pay/cancel/");           /* who cannot scan it pays in another way */
    assert_told(&d, "http-equiv=\"refresh\""); /* it asks by itself, without JavaScript */
    for (int i = 0; i < 3; i++) {
        ask(&d, 200, NULL, "GET %s", wait);
        assert_int_equal(placed(&d), 0);
    }
    ask(&d, 303, "action=approve", "POST /pay/test/%s",
        wait + strlen("/pay/wait/"));   /* the telephone */
    ask(&d, 303, NULL, "GET %s", wait); /* the next time it asks */
    assert_int_equal(placed(&d), 1);
    ask(&d, 303, NULL, "GET %s", wait);
    assert_int_equal(placed(&d), 1);
    desk_sound(&d);
    desk_close(&d);
}

/* The order, unpaid; the provider's page, where its code is paid. */
static const char *voucher(Desk *d, const char **ret_token, const char **ret_page)
{
    (void)check_out(d, d->mug_id, 3, "4000000000000135");
    assert_string_equal(text_of(d, "state"), "placed");
    const char *order = text_of(d, "order_id");
    *ret_token = text_of(d, "order_token");
    order_is(d, order, "pending", 0);
    ask(d, 200, NULL, "GET /store/v1/orders/%s/payment", *ret_token);
    assert_string_equal(text_of(d, "details.kind"), "voucher");
    assert_int_equal(strlen(text_of(d, "details.code")), 8);
    assert_int_equal(int_of(d, "due.amount"), 3500);
    *ret_page = strstr(text_of(d, "details.pay_url"), "/pay/test/");
    assert_non_null(*ret_page);
    return order;
}

static void a_voucher_is_paid_days_later_or_never(void **state)
{
    Desk        d = desk_open(*state);
    const char *page, *token, *order = voucher(&d, &token, &page);
    desk_settle(&d);
    assert_int_equal(desk_mails(&d, "order_payment_pending"), 1);
    ask(&d, 200, NULL, "GET /orders/%s", token);
    assert_told(&d, "Waiting for your payment");
    assert_told(&d, "Pay with this code");
    assert_told(&d, page); /* where it is paid */
    desk_later(&d, SPAN_DAYS(2));
    order_is(&d, order, "pending", 0);
    ask(&d, 303, "action=approve", "POST %s", page); /* at the kiosk */
    desk_later(&d, SPAN_HOURS(2));
    order_is(&d, order, "paid", 3500);
    assert_int_equal(desk_mails(&d, "order_payment_received"), 1);
    ask(&d, 200, NULL, "GET /store/v1/orders/%s/payment", token);
    assert_int_equal(int_of(&d, "due.amount"), 0);
    assert_string_equal(text_of(&d, "provider"), "");
    /* Another one that nobody pays. */
    order = voucher(&d, &token, &page);
    desk_later(&d, SPAN_DAYS(4));
    see(&d, order);
    assert_string_not_equal(text_of(&d, "payment_status"), "paid");
    assert_int_equal(int_of(&d, "captured.amount"), 0);
    assert_int_equal(desk_mails(&d, "order_payment_failed"), 1);
    desk_sound(&d);
    desk_close(&d);
}

/* Somebody who presses the button again and again, and comes back. */
static void pressing_again_pays_once(void **state)
{
    static const char *const CARDS[] = {"4242424242424242", "4000000000003220", "4000000000000085",
                                        "4000000000000077", "4000000000000101", "4000000000000093",
                                        "4000000000000143", "4000000000000135"};
    Desk                     d = desk_open(*state);
    for (size_t i = 0; i < COUNT_OF(CARDS); i++) {
        const char *token = desk_cart(&d, d.poster_id, 1);
        for (int k = 0; k < 6; k++) {
            ask(&d, 0, desk_card(&d, CARDS[i]), "POST /store/v1/carts/%s/checkout", token);
            d.w->cx.now = unix_ms_add(d.w->cx.now, SPAN_SECONDS(3));
            core_set_now(d.w->cx.core, d.w->cx.now);
            if (k == 2 && d.status == 200 && !absent_in(&d, "url") &&
                strstr(text_of(&d, "url"), "/pay/test/") != NULL)
                ask(&d, 0, "action=approve", "POST %s", strstr(text_of(&d, "url"), "/pay/test/"));
        }
        desk_later(&d, SPAN_MINUTES(10));
        int64_t most =
            desk_number(&d, "SELECT CAST(max(n) AS BIGINT) FROM (SELECT count(*) AS n FROM "
                            "order_payment WHERE captured > 0 GROUP BY order_id) x");
        int64_t taken = desk_number(&d, "SELECT CAST(count(*) AS BIGINT) FROM order_payment_test t "
                                        "WHERE captured > refunded AND session_id NOT IN (SELECT "
                                        "session_id FROM order_payment WHERE captured > 0)");
        if (most > 1 || taken != 0)
            fail_msg("card %s: %lld payments of one order, %lld that nobody knows of", CARDS[i],
                     (long long)most, (long long)taken);
    }
    desk_sound(&d);
    desk_close(&d);
}

/* On the pages: who presses again while the bank decides is shown that it does. */
static void a_page_waits_while_the_bank_decides(void **state)
{
    Desk d = desk_open(*state);
    ask(&d, 200, fmt(&d, "{\"id\":\"%s\"}", d.poster_id), "POST /cart/add.js");
    const char *form =
        fmt(&d,
            "email=a%%40example.com&ship%%5Bfirst_name%%5D=A&ship%%5Blast_name%%5D=B&"
            "ship%%5Bcountry%%5D=NL&ship%%5Bline1%%5D=Dam+1&ship%%5Bcity%%5D=Amsterdam&"
            "ship%%5Bpostal_code%%5D=1012+JS&delivery=%s&payment=test&"
            "pay%%5Btest%%5D%%5Bcard%%5D=4000000000000085&terms=1&act=pay",
            d.method_id);
    const char *first = NULL;
    for (int i = 0; i < 3; i++) {
        ask(&d, 303, form, "POST /checkout");
        assert_non_null(strstr(d.location, "/pay/wait/"));
        first = first != NULL ? first : d.location;
        assert_string_equal(d.location, first);
    }
    desk_later(&d, SPAN_MINUTES(1));
    assert_int_equal(placed(&d), 1);
    assert_int_equal(desk_number(&d, "SELECT count(*) FROM order_payment"), 1);
    desk_sound(&d);
    desk_close(&d);
}

/* --- bank --------------------------------------------------------------------------------- */

static void with_bank(Desk *d)
{
    d->staff = true;
    ask(d, 200,
        "{\"on\":true,\"holder\":\"Shop BV\",\"iban\":\"NL91 ABNA 0417 1643 "
        "00\",\"bic\":\"ABNANL2A\"}",
        "PATCH /api/v1/settings/payment.bank");
    d->staff = false;
    desk_settle(d);
}

/* By transfer: the order's id; the reference that is written on it. */
static const char *transfer(Desk *d, const char **ret_reference)
{
    const char *token = desk_cart(d, d->mug_id, 1);
    ask(d, 200, "{\"payment\":\"bank\",\"consent\":{\"terms\":true},\"return_url\":\"/done\"}",
        "POST /store/v1/carts/%s/checkout", token);
    assert_string_equal(text_of(d, "state"), "placed");
    const char *order = text_of(d, "order_id");
    d->staff = true;
    ask(d, 200, NULL, "GET /api/v1/payments?order=%s", order);
    d->staff = false;
    *ret_reference = text_of(d, "data.0.reference");
    return order;
}

static const char *token_of(Desk *d, const char *order)
{
    Order   o;
    int64_t id;
    assert_true(id_parse(str_from_cstr(order), "ord", &id));
    assert_ok(order_get(&d->w->cx, id, &o), &d->w->cx.err);
    return fmt(d, STR_FMT, STR_ARG(o.token));
}

static void transfers_in_parts_late_and_too_much_come_by_a_statement(void **state)
{
    Desk        d = desk_open(*state);
    const char *refs[4], *orders[4];
    with_bank(&d);
    for (int i = 0; i < 4; i++)
        orders[i] = transfer(&d, &refs[i]);
    see(&d, orders[0]);
    assert_int_equal(int_of(&d, "total.amount"), 1500);
    d.staff = true;
    const char *file = fmt(&d,
                           "Datum;Naam;Bedrag;Mededelingen\n"
                           "2023-11-15;A;15,00;%s\n"           /* right */
                           "2023-11-15;B;10,00;inv %s bye\n"   /* a part */
                           "2023-11-15;C;20,50;%s\n"           /* too much */
                           "2023-11-15;D;15,00;no reference\n" /* for whom? */
                           "2023-11-15;E;-15,00;rent\n",
                           refs[0], refs[1], refs[2]);
    ask(&d, 200, file, "POST /api/v1/bank-receipts/import");
    assert_int_equal(int_of(&d, "matched"), 3);
    assert_int_equal(int_of(&d, "open"), 1);
    ask(&d, 200, file, "POST /api/v1/bank-receipts/import"); /* the same file once more */
    assert_int_equal(int_of(&d, "matched"), 0);
    d.staff = false;
    desk_settle(&d);
    order_is(&d, orders[0], "paid", 1500);
    order_is(&d, orders[1], "partially_paid", 1000);
    assert_int_equal(int_of(&d, "due.amount"), 500);
    order_is(&d, orders[2], "overpaid", 2050);
    order_is(&d, orders[3], "pending", 0);
    assert_int_equal(desk_mails(&d, "order_payment_received"), 2); /* paid, and more than that */
    assert_int_equal(desk_mails(&d, "order_payment_pending"), 3);  /* and of what is missing */
    ask(&d, 200, NULL, "GET /orders/%s", token_of(&d, orders[1]));
    assert_told(&d, "Waiting for your payment");
    assert_told(&d, refs[1]);
    ask(&d, 200, NULL, "GET /orders/%s", token_of(&d, orders[2]));
    assert_told(&d, "We have your order");
    /* The rest of the second; by hand what nobody wrote a reference on. */
    d.staff = true;
    ask(&d, 200, fmt(&d, "Datum;Naam;Bedrag;Mededelingen\n2023-11-16;B;5,00;rest %s\n", refs[1]),
        "POST /api/v1/bank-receipts/import");
    ask(&d, 200, NULL, "GET /api/v1/bank-receipts?open=true");
    assert_int_equal(count_in(&d, "data"), 1);
    const char *receipt = text_of(&d, "data.0.id");
    ask(&d, 200, NULL, "GET /api/v1/payments?order=%s", orders[3]);
    const char *payment = text_of(&d, "data.0.id");
    ask(&d, 200, fmt(&d, "{\"payment_id\":\"%s\"}", payment), "POST /api/v1/bank-receipts/%s/match",
        receipt);
    ask(&d, 409, fmt(&d, "{\"payment_id\":\"%s\"}", payment), "POST /api/v1/bank-receipts/%s/match",
        receipt);
    d.staff = false;
    desk_settle(&d);
    order_is(&d, orders[1], "paid", 1500);
    order_is(&d, orders[3], "paid", 1500);
    desk_sound(&d);
    desk_close(&d);
}

static void money_after_the_last_day_is_taken_all_the_same(void **state)
{
    Desk        d = desk_open(*state);
    const char *ref, *order;
    with_bank(&d);
    order = transfer(&d, &ref);
    desk_later(&d, SPAN_DAYS(15));
    see(&d, order);
    const char *given_up = text_of(&d, "payment_status");
    assert_string_not_equal(given_up, "paid");
    d.staff = true;
    ask(&d, 200, fmt(&d, "Datum;Naam;Bedrag;Mededelingen\n2023-12-01;A;15,00;%s\n", ref),
        "POST /api/v1/bank-receipts/import");
    d.staff = false;
    desk_settle(&d);
    order_is(&d, order, "paid", 1500);
    desk_sound(&d);
    desk_close(&d);
}

static void cash_is_noted_when_it_was_received(void **state)
{
    Desk d = desk_open(*state);
    d.staff = true;
    ask(&d, 200, "{\"on\":true,\"countries\":\"NL\"}", "PATCH /api/v1/settings/payment.cash");
    d.staff = false;
    desk_settle(&d);
    const char *token = desk_cart(&d, d.mug_id, 1);
    ask(&d, 200, NULL, "GET /store/v1/carts/%s/payment-ways", token);
    assert_told(&d, "\"cash\"");
    ask(&d, 200, "{\"payment\":\"cash\",\"consent\":{\"terms\":true}}",
        "POST /store/v1/carts/%s/checkout", token);
    const char *order = text_of(&d, "order_id");
    order_is(&d, order, "pending", 0);
    d.staff = true;
    ask(&d, 200, NULL, "GET /api/v1/payments?order=%s", order);
    const char *payment = text_of(&d, "data.0.id");
    ask(&d, 200, "{}", "POST /api/v1/payments/%s/capture", payment);
    d.staff = false;
    order_is(&d, order, "paid", 1500);
    d.staff = true;
    ask(&d, 0, "{\"amount\":9999999}", "POST /api/v1/payments/%s/refunds", payment);
    assert_in_range(d.status, 409, 422);
    d.idempotency = "back";
    ask(&d, 0, "{\"amount\":500}", "POST /api/v1/payments/%s/refunds", payment);
    assert_in_range(d.status, 200, 201);
    const char *txn = text_of(&d, "id");
    ask(&d, 0, "{\"amount\":500}", "POST /api/v1/payments/%s/refunds", payment); /* the same */
    d.idempotency = NULL;
    ask(&d, 200, NULL, "POST /api/v1/payment-transactions/%s/done", txn);
    desk_settle(&d);
    d.staff = false;
    see(&d, order);
    assert_int_equal(int_of(&d, "captured.amount"), 1500);
    assert_int_equal(int_of(&d, "refunded.amount"), 500);
    assert_int_equal(int_of(&d, "granted.amount"), 500); /* they keep the goods, and owe nothing */
    assert_int_equal(int_of(&d, "due.amount"), 0);
    assert_string_equal(text_of(&d, "payment_status"), "partially_refunded");
    d.staff = true; /* now in another way of paying */
    ask(&d, 200, "{\"amount\":300,\"owed\":true}", "POST /api/v1/payments/%s/refunds", payment);
    assert_int_equal(int_of(&d, "granted"), 0);
    ask(&d, 200, NULL, "POST /api/v1/payment-transactions/%s/done", text_of(&d, "id"));
    desk_settle(&d);
    d.staff = false;
    see(&d, order);
    assert_int_equal(int_of(&d, "due.amount"), 300);
    assert_string_equal(text_of(&d, "payment_status"), "partially_paid");
    desk_sound(&d);
    desk_close(&d);
}

/* --- stolen cards ------------------------------------------------------------------------- */

static const char *solve(Desk *d, const char *token)
{
    for (int n = 0;; n++) {
        unsigned char hash[crypto_hash_sha256_BYTES];
        char          text[200];
        (void)snprintf(text, sizeof text, "%s.%d", token, n);
        crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
        uint32_t head = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8;
        if (head >> 14 == 0)
            return fmt(d, "%d", n);
    }
}

static const char *after(Desk *d, const char *what)
{
    const char *at = strstr(str_cstr(d->arena, d->body), what);
    assert_non_null(at);
    at += strlen(what);
    return fmt(d, "%.*s", (int)strcspn(at, "\""), at);
}

static void who_tries_cards_meets_a_puzzle_then_an_end(void **state)
{
    Desk        d = desk_open(*state);
    const char *token = desk_cart(&d, d.poster_id, 1);
    for (int i = 0; i < 4; i++) {
        ask(&d, 200, desk_card(&d, "4000000000000002"), "POST /store/v1/carts/%s/checkout", token);
        assert_string_equal(text_of(&d, "state"), "failed");
    }
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    assert_string_equal(text_of(&d, "state"), "redirect");
    const char *page = strstr(text_of(&d, "url"), "/pay/check/");
    assert_non_null(page);
    assert_int_equal(placed(&d), 0);
    ask(&d, 200, NULL, "GET %s", page);
    const char *puzzle = after(&d, "data-token=\"");
    ask(&d, 200, fmt(&d, "token=%s&answer=1", puzzle), "POST %s", page); /* too early, wrong */
    assert_told(&d, "role=\"alert\"");
    assert_int_equal(placed(&d), 0);
    ask(&d, 200, NULL, "GET %s", page);
    puzzle = after(&d, "data-token=\"");
    ask(&d, 303, fmt(&d, "token=%s&answer=%s", puzzle, solve(&d, puzzle)), "POST %s", page);
    assert_int_equal(placed(&d), 1);
    /* Somebody else is not troubled. */
    d.peer = "198.51.100.9";
    (void)desk_buy(&d, d.poster_id, 1);
    /* Without JavaScript: wait, then press the button. */
    d.peer = "203.0.113.7";
    token = desk_cart(&d, d.poster_id, 1);
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    page = strstr(text_of(&d, "url"), "/pay/check/");
    assert_non_null(page);
    ask(&d, 200, NULL, "GET %s", page);
    puzzle = after(&d, "data-token=\"");
    d.w->cx.now = unix_ms_add(d.w->cx.now, SPAN_SECONDS(16));
    ask(&d, 303, fmt(&d, "token=%s&answer=", puzzle), "POST %s", page);
    assert_int_equal(placed(&d), 3);
    desk_sound(&d);
    desk_close(&d);
}

static void thirty_failures_are_enough_for_an_hour(void **state)
{
    Desk d = desk_open(*state);
    d.staff = true; /* so that no puzzle stands in between */
    ask(&d, 200, "{\"challenge_after\":1000,\"card_refuse_after\":1000}",
        "PATCH /api/v1/settings/payment.guard");
    d.staff = false;
    desk_settle(&d);
    int refused = 0;
    for (int i = 0; i < 33 && refused == 0; i++) {
        const char *token = desk_cart(&d, d.poster_id, 1); /* a new cart each time */
        ask(&d, 0, desk_card(&d, "4000000000000002"), "POST /store/v1/carts/%s/checkout", token);
        if (d.status == 429)
            refused = i;
    }
    assert_int_equal(refused, 30);
    assert_refused(&d, "payment.too_many_tries");
    const char *token = desk_cart(&d, d.poster_id, 1);
    ask(&d, 429, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    ask(&d, 200, NULL, "GET /store/v1/carts/%s", token);
    assert_string_equal(text_of(&d, "status"), "open");
    d.peer = "2001:db8::1"; /* another network */
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    d.peer = "203.0.113.7";
    desk_later(&d, SPAN_HOURS(2));
    (void)desk_buy(&d, d.poster_id, 1);
    desk_sound(&d);
    desk_close(&d);
}

static void a_card_that_failed_often_is_refused_from_anywhere(void **state)
{
    Desk d = desk_open(*state);
    for (int i = 0; i < 10; i++) {
        d.peer = fmt(&d, "198.51.%d.1", i);
        (void)check_out(&d, d.poster_id, 1, "4000000000000002");
        assert_string_equal(text_of(&d, "state"), "failed");
    }
    d.peer = "192.0.2.200";
    const char *token = desk_cart(&d, d.poster_id, 1);
    ask(&d, 429, desk_card(&d, "4000000000000002"), "POST /store/v1/carts/%s/checkout", token);
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    assert_string_equal(text_of(&d, "state"), "placed");
    desk_sound(&d);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_card_is_charged_at_once),
        TEST_WORLD(a_redirect_comes_back_or_does_not),
        TEST_WORLD(a_code_is_scanned_on_another_screen),
        TEST_WORLD(a_voucher_is_paid_days_later_or_never),
        TEST_WORLD(pressing_again_pays_once),
        TEST_WORLD(a_page_waits_while_the_bank_decides),
        TEST_WORLD(transfers_in_parts_late_and_too_much_come_by_a_statement),
        TEST_WORLD(money_after_the_last_day_is_taken_all_the_same),
        TEST_WORLD(cash_is_noted_when_it_was_received),
        TEST_WORLD(who_tries_cards_meets_a_puzzle_then_an_end),
        TEST_WORLD(thirty_failures_are_enough_for_an_hour),
        TEST_WORLD(a_card_that_failed_often_is_refused_from_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
