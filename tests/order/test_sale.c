/* From cart to order, and what becomes of it before it is sent. */
#include "sale.h"
#include "shop.h"

#include "order/cart_kept.h"
#include "order/payment.h"
#include "people/identity.h"

#include <stdio.h>
#include <string.h>

/* --- carts -------------------------------------------------------------------------------- */

static void a_cart_is_priced_at_every_look(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    Cart   cart = sale_cart(w, &s, s.poster, 3), again;
    assert_int_equal(cart.totals.subtotal.minor, 999);
    assert_int_equal(cart.totals.delivery.minor, 500);
    assert_int_equal(cart.totals.total.minor, 999 + 500 + cart.totals.tax_added.minor);
    assert_int_equal(cart.needs.n, 0);
    assert_ok(cart_get(&w->cx, cart.token, &again), &w->cx.err);
    again.updated_at = cart.updated_at;
    assert_string_equal(shop_json(w, &cart_shape, &cart), shop_json(w, &cart_shape, &again));
    sale_close(w);
}

static void lines_of_the_same_are_one_and_zero_takes_away(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart;
    OrderProperty  text = {STR("Engraving"), STR("For Bo")};
    const CartItem items[] = {{.variant_id = s.poster, .qty = 1},
                              {.variant_id = s.poster, .qty = 2},
                              {.variant_id = s.poster, .qty = 1, .properties = {&text, 1}}};
    assert_ok(cart_create(&w->cx, &(CartNew){0}, &cart), &w->cx.err);
    assert_ok(cart_add(&w->cx, cart.token, items, 3, &cart), &w->cx.err);
    assert_int_equal(cart.lines.n, 2);
    assert_int_equal(cart.lines.items[0].qty, 3);
    assert_str(cart.lines.items[1].properties.items[0].value, "For Bo");
    assert_ok(cart_remove(&w->cx, cart.token, cart.lines.items[0].id, &cart), &w->cx.err);
    assert_int_equal(cart.lines.n, 1);
    assert_fails(cart_remove(&w->cx, cart.token, 12345, &cart), ST_NOT_FOUND, &w->cx.err,
                 "order.no_line");
    sale_close(w);
}

static void what_cannot_be_had_says_why(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    Cart   cart = sale_cart(w, &s, s.mug, 11);
    assert_int_equal(cart.lines.items[0].problem, CART_SHORT);
    assert_int_equal(cart.lines.items[0].available.v, 10);
    assert_true(cart.lines.items[0].message.len > 0);
    assert_int_equal(cart.totals.total.minor, 0);
    assert_true(cart.needs.n > 0);
    const CartChange ten = {.line_id = cart.lines.items[0].id, .qty = opt_i64(10)};
    assert_ok(cart_change(&w->cx, cart.token, &ten, 1, &cart), &w->cx.err);
    assert_int_equal(cart.lines.items[0].problem, CART_FINE);
    sale_close(w);
}

/* How many events of a type were told. */
static int64_t told(World *w, const char *type)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM core_event WHERE type = '%s'", type);
    return shop_number(w, str_cstr(&w->arena, str_from_cstr(sql)));
}

static void a_cart_tells_what_is_put_in_taken_out_and_typed(void **state)
{
    World  *w = *state;
    Sale    s = sale_open(w);
    Cart    cart = sale_cart(w, &s, s.mug, 3);
    int64_t added = told(w, "Product Added"), line = cart.lines.items[0].id;
    assert_ok(cart_change(&w->cx, cart.token, &(CartChange){.line_id = line, .qty = opt_i64(5)}, 1,
                          &cart),
              &w->cx.err);
    assert_int_equal(told(w, "Product Added"), added + 1);
    assert_int_equal(told(w, "Product Removed"), 0);
    assert_ok(cart_change(&w->cx, cart.token, &(CartChange){.line_id = line, .qty = opt_i64(1)}, 1,
                          &cart),
              &w->cx.err);
    assert_int_equal(told(w, "Product Removed"), 1);
    assert_ok(cart_apply_code(&w->cx, cart.token, STR("NOSUCH"), &cart), &w->cx.err);
    assert_ok(cart_apply_code(&w->cx, cart.token, STR("nosuch"), &cart), &w->cx.err);
    assert_int_equal(told(w, "Coupon Entered"), 1);
    assert_int_equal(told(w, "Coupon Denied"), 1);
    assert_int_equal(told(w, "Coupon Applied"), 0);
    assert_ok(cart_remove_code(&w->cx, cart.token, STR("NoSuch"), &cart), &w->cx.err);
    assert_int_equal(told(w, "Coupon Removed"), 1);
    assert_int_equal(told(w, "Product Added"), added + 1);
    sale_close(w);
}

static void nonsense_is_refused(void **state)
{
    World               *w = *state;
    Sale                 s = sale_open(w);
    Cart                 cart = sale_cart(w, &s, s.poster, 1), other;
    static const int64_t QTY[] = {-1, 0, 100000, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT_OF(QTY); i++) {
        const CartItem item = {.variant_id = s.poster, .qty = QTY[i]};
        world_again(w);
        assert_fails(cart_add(&w->cx, cart.token, &item, 1, &other), ST_INVALID, &w->cx.err,
                     "shape.invalid");
    }
    world_again(w);
    const CartItem none = {.variant_id = 999, .qty = 1};
    assert_fails(cart_add(&w->cx, cart.token, &none, 1, &other), ST_NOT_FOUND, &w->cx.err,
                 "catalog.no_variant");
    assert_fails(cart_get(&w->cx, STR("AAAAAAAAAAAAAAAAAAAAAA"), &other), ST_NOT_FOUND, &w->cx.err,
                 "order.no_cart");
    assert_fails(cart_get(&w->cx, STR("short"), &other), ST_NOT_FOUND, &w->cx.err, "order.no_cart");
    char *mega = arena_array(&w->arena, char, 1 << 20);
    memset(mega, 'x', 1 << 20);
    OrderAddress huge = {.line1 = {mega, 1 << 20}};
    assert_fails(cart_set_address(&w->cx, cart.token, &huge, &other), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    world_again(w);
    OrderAddress nowhere = {
        .last_name = STR("X"), .line1 = STR("1"), .city = STR("Y"), .country = STR("QQ")};
    assert_ok(cart_set_address(&w->cx, cart.token, &nowhere, &other), &w->cx.err);
    assert_str(other.needs.items[0].pointer, "/address/country");
    sale_close(w);
}

/* As if another process had changed the cart meanwhile: what is kept here is of before. */
static void what_is_kept_of_a_cart_may_be_old(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart = sale_cart(w, &s, s.mug, 1);
    OrderCartRow   old;
    CheckoutResult bought;
    const CartItem poster = {.variant_id = s.poster, .qty = 1},
                   file = {.variant_id = s.file, .qty = 1};
    assert_true(cart_kept(&w->cx, cart.token, &old));
    assert_ok(cart_add(&w->cx, cart.token, &poster, 1, &cart), &w->cx.err);
    cart_keep(&w->cx, &old);
    assert_ok(cart_add(&w->cx, cart.token, &file, 1, &cart), &w->cx.err);
    assert_int_equal(cart.lines.n, 3);
    cart_keep(&w->cx, &old); /* which does not know that line */
    assert_ok(cart_remove(&w->cx, cart.token, cart.lines.items[1].id, &cart), &w->cx.err);
    assert_int_equal(cart.lines.n, 2);
    assert_int_equal(w->cx.issues.total, 0);
    cart_keep(&w->cx, &old);
    assert_ok(sale_buy(w, cart.token, "4242424242424242", &bought), &w->cx.err);
    assert_true(money_cmp(bought.total, cart.totals.total) == 0);
    assert_false(cart_kept(&w->cx, cart.token, &old) && old.status == CART_OPEN);
    cart_keep(&w->cx, &old);
    assert_fails(cart_clear(&w->cx, cart.token, &cart), ST_CONFLICT, &w->cx.err, "order.cart_done");
    sale_sound(w);
    sale_close(w);
}

static void a_stranger_does_not_see_a_customers_cart(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    Cart   cart;
    (void)s;
    w->cx.actor = (Actor){.kind = ACTOR_CUSTOMER, .id = 77};
    assert_ok(cart_create(&w->cx, &(CartNew){0}, &cart), &w->cx.err);
    w->cx.actor = (Actor){.kind = ACTOR_CUSTOMER, .id = 78};
    assert_fails(cart_get(&w->cx, cart.token, &cart), ST_NOT_FOUND, &w->cx.err, "order.no_cart");
    w->cx.actor = (Actor){0};
    assert_fails(cart_get(&w->cx, cart.token, &cart), ST_NOT_FOUND, &w->cx.err, "order.no_cart");
    w->cx.actor = (Actor){.kind = ACTOR_SYSTEM, .all = true};
    sale_close(w);
}

static void carts_merge_at_log_in(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           own, guest, merged;
    bool           found;
    const CartItem two = {.variant_id = s.poster, .qty = 2};
    const CartItem both[] = {{.variant_id = s.poster, .qty = 5}, {.variant_id = s.mug, .qty = 1}};
    w->cx.actor = (Actor){.kind = ACTOR_CUSTOMER, .id = 77};
    assert_ok(cart_create(&w->cx, &(CartNew){0}, &own), &w->cx.err);
    assert_ok(cart_add(&w->cx, own.token, &two, 1, &own), &w->cx.err);
    w->cx.actor = (Actor){0};
    assert_ok(cart_create(&w->cx, &(CartNew){0}, &guest), &w->cx.err);
    assert_ok(cart_add(&w->cx, guest.token, both, 2, &guest), &w->cx.err);
    w->cx.actor = (Actor){.kind = ACTOR_CUSTOMER, .id = 77};
    assert_ok(cart_merge(&w->cx, guest.token, &found, &merged), &w->cx.err);
    assert_true(found);
    assert_true(merged.id == own.id);
    assert_int_equal(merged.lines.n, 2);
    assert_int_equal(merged.lines.items[0].qty, 5);
    assert_fails(cart_get(&w->cx, guest.token, &guest), ST_NOT_FOUND, &w->cx.err, "order.no_cart");
    Cart  saved;
    Carts list;
    assert_ok(cart_save(&w->cx, merged.token, STR("For later"), &saved), &w->cx.err);
    assert_ok(cart_get(&w->cx, merged.token, &own), &w->cx.err);
    assert_int_equal(own.lines.n, 0);
    assert_ok(cart_saved(&w->cx, 77, &list), &w->cx.err);
    assert_int_equal(list.n, 1);
    assert_ok(cart_restore(&w->cx, merged.token, saved.id, &own), &w->cx.err);
    assert_int_equal(own.lines.n, 2);
    w->cx.actor = (Actor){.kind = ACTOR_SYSTEM, .all = true};
    sale_close(w);
}

static void a_permalink_fills_a_cart(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    Cart   cart = sale_cart(w, &s, s.mug, 1);
    char   link[100];
    (void)snprintf(link, sizeof link, "%lld:2,999:1,%lld:1", (long long)s.poster,
                   (long long)s.file);
    assert_ok(cart_fill(&w->cx, cart.token, str_from_cstr(link), &cart), &w->cx.err);
    assert_int_equal(cart.lines.n, 2);
    assert_int_equal(cart.lines.items[0].qty, 2);
    static const char *const BAD[] = {
        "", "x", "1:", "1:-2", "1:2:3", ",", "1:99999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        world_again(w);
        assert_fails(cart_fill(&w->cx, cart.token, str_from_cstr(BAD[i]), &cart), ST_INVALID,
                     &w->cx.err, "order.bad_permalink");
    }
    sale_close(w);
}

static void typing_errors_in_addresses_are_noticed(void **state)
{
    World                   *w = *state;
    static const char *const CASES[][2] = {
        {"anna@gmial.com", "anna@gmail.com"},
        {"anna@gmail.con", "anna@gmail.com"},
        {"bo@hotmial.com", "bo@hotmail.com"},
        {"bo@gmail.com", ""},
        {"bo@example.com", ""},
        {"bo@shop.nl", ""},
        {"bo", ""},
        {"", ""},
        {"olena@ukr.nte", "olena@ukr.net"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_str(order_email_hint(&w->arena, str_from_cstr(CASES[i][0])), CASES[i][1]);
}

/* --- checkout ----------------------------------------------------------------------------- */

static void a_cart_becomes_one_order(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    Order  o = sale_order(w, &s, s.mug, 2), again;
    assert_str(o.number, "1001");
    assert_int_equal(o.status, ORDER_PLACED);
    assert_int_equal(o.payment_status, ORDER_PAY_PAID);
    assert_int_equal(o.fulfillment_status, ORDER_UNFULFILLED);
    assert_int_equal(o.items.minor, 2000);
    assert_int_equal(o.captured.minor, o.total.minor);
    assert_int_equal(o.lines.n, 1);
    assert_str(o.address->city, "Amsterdam");
    assert_true(o.consent.terms);
    assert_ok(order_by_token(&w->cx, o.token, &again), &w->cx.err);
    assert_ok(order_by_number(&w->cx, STR("1001"), &again), &w->cx.err);
    StockAvailability there;
    assert_ok(stock_available(&w->cx, &s.mug, 1, &there), &w->cx.err);
    assert_int_equal(there.available, 8);
    Order second = sale_order(w, &s, s.file, 1);
    assert_str(second.number, "1002");
    sale_sound(w);
    sale_close(w);
}

#define ANNA STR("anna@example.com")

static bool may_be_written_to(World *w)
{
    PeopleProfile who;
    bool          may;
    assert_ok(people_find(&w->cx, PEOPLE_EMAIL, ANNA, &who), &w->cx.err);
    assert_ok(people_may(&w->cx, who.id, STR("marketing_email"), &may), &w->cx.err);
    return may;
}

static void buy_and_agree(World *w, const Sale *s)
{
    Cart              cart = sale_cart(w, s, s->poster, 1);
    CheckoutResult    result;
    const CheckoutAsk ask = {
        .token = cart.token,
        .provider = STR("test"),
        .input = STR("{\"card\":\"4242424242424242\"}"),
        .consent = {.terms = true, .marketing = true, .marketing_text = STR("Write to me")},
        .base_url = STR("http://shop.example"),
        .return_url = STR("/checkout/done"),
        .address = STR("192.0.2.1")};
    assert_ok(checkout_complete(&w->cx, &ask, &result), &w->cx.err);
    assert_int_equal(result.state, CHECKOUT_PLACED);
}

static Status prove_tx(Cx *cx, void *arg)
{
    PeopleKnown  known = {PEOPLE_EMAIL, ANNA, true};
    PeopleLinked linked;
    (void)arg;
    return people_link(
        cx, &(PeopleLinking){.known = &known, .n = 1, .rule = PEOPLE_IMPORT, .source = STR("test")},
        &linked);
}

static void a_buyer_who_agrees_may_be_written_to(void **state)
{
    World            *w = *state;
    Sale              s = sale_open(w);
    PeopleProfile     who;
    PeopleConsentList list;
    sale_order(w, &s, s.poster, 1); /* says nothing of mails */
    assert_int_equal(people_find(&w->cx, PEOPLE_EMAIL, ANNA, &who), ST_NOT_FOUND);
    buy_and_agree(w, &s);
    assert_true(may_be_written_to(w));
    assert_ok(people_find(&w->cx, PEOPLE_EMAIL, ANNA, &who), &w->cx.err);
    assert_ok(people_consent_list(&w->cx, who.id, &list), &w->cx.err);
    assert_int_equal(list.n, 1);
    assert_str(list.items[0].text_version, "Write to me");
    assert_str(list.items[0].source, "checkout");
    /* She says no; whoever types her address says nothing for her. */
    assert_ok(people_consent_set(&w->cx, who.id,
                                 &(PeopleConsent){.purpose = STR("marketing_email"),
                                                  .status = PEOPLE_WITHDRAWN,
                                                  .source = STR("staff")}),
              &w->cx.err);
    buy_and_agree(w, &s);
    assert_false(may_be_written_to(w));
    sale_sound(w);
    sale_close(w);
}

static void nobody_agrees_for_an_address_that_was_proven(void **state)
{
    World *w = *state;
    Sale   s = sale_open(w);
    assert_ok(cx_in_tx(&w->cx, prove_tx, NULL), &w->cx.err);
    buy_and_agree(w, &s);
    assert_false(may_be_written_to(w));
    sale_close(w);
}

static void the_same_checkout_again_is_the_same_order(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart = sale_cart(w, &s, s.poster, 1);
    CheckoutResult one, two;
    assert_ok(sale_buy(w, cart.token, "4242424242424242", &one), &w->cx.err);
    assert_ok(sale_buy(w, cart.token, "4242424242424242", &two), &w->cx.err);
    assert_true(one.order_id.v == two.order_id.v);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_payment"), 1);
    assert_fails(cart_clear(&w->cx, cart.token, &cart), ST_CONFLICT, &w->cx.err, "order.cart_done");
    sale_sound(w);
    sale_close(w);
}

static void a_declined_card_leaves_the_cart_as_it_was(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart = sale_cart(w, &s, s.mug, 1), after;
    CheckoutResult result;
    assert_ok(sale_buy(w, cart.token, "4000000000000002", &result), &w->cx.err);
    assert_int_equal(result.state, CHECKOUT_FAILED);
    assert_true(result.code.len > 0 && result.message.len > 0);
    assert_ok(cart_get(&w->cx, cart.token, &after), &w->cx.err);
    assert_int_equal(after.status, CART_OPEN);
    assert_int_equal(after.lines.n, 1);
    assert_str(after.address->city, "Amsterdam");
    assert_ok(sale_buy(w, cart.token, "4242424242424242", &result), &w->cx.err);
    assert_int_equal(result.state, CHECKOUT_PLACED);
    assert_str(result.number, "1001");
    sale_sound(w);
    sale_close(w);
}

static void a_price_that_moved_is_said_first(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart = sale_cart(w, &s, s.poster, 1);
    CheckoutResult result;
    CheckoutAsk    ask = {.token = cart.token,
                          .provider = STR("test"),
                          .expected = MONEY(1, "EUR"),
                          .consent = {.terms = true}};
    assert_fails(checkout_complete(&w->cx, &ask, &result), ST_CONFLICT, &w->cx.err,
                 "order.cart_changed");
    assert_int_equal(result.cart->totals.total.minor, cart.totals.total.minor);
    sale_close(w);
}

static void what_is_missing_is_named(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart;
    CheckoutResult result;
    const CartItem item = {.variant_id = s.poster, .qty = 1};
    assert_ok(cart_create(&w->cx, &(CartNew){0}, &cart), &w->cx.err);
    assert_ok(cart_add(&w->cx, cart.token, &item, 1, &cart), &w->cx.err);
    CheckoutAsk ask = {.token = cart.token};
    assert_fails(checkout_complete(&w->cx, &ask, &result), ST_INVALID, &w->cx.err,
                 "order.incomplete");
    assert_issue(&w->cx, "/email", "email_missing");
    assert_issue(&w->cx, "/address", "address_missing");
    assert_issue(&w->cx, "/delivery/method_id", "delivery_not_selected");
    assert_issue(&w->cx, "/consent/terms", "terms_not_accepted");
    assert_issue(&w->cx, "/payment", "payment_missing");
    sale_close(w);
}

static void confirmation_by_the_bank_comes_back_to_one_order(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart = sale_cart(w, &s, s.mug, 1), locked;
    CheckoutResult result;
    assert_ok(sale_buy(w, cart.token, "4000000000003220", &result), &w->cx.err);
    assert_int_equal(result.state, CHECKOUT_REDIRECT);
    assert_true(result.url.len > 0);
    assert_fails(cart_clear(&w->cx, cart.token, &locked), ST_CONFLICT, &w->cx.err,
                 "order.cart_locked");
    world_again(w);
    assert_ok(checkout_reopen(&w->cx, cart.token, &locked), &w->cx.err);
    assert_int_equal(locked.status, CART_OPEN);
    assert_ok(sale_buy(w, cart.token, "4242424242424242", &result), &w->cx.err);
    assert_int_equal(result.state, CHECKOUT_PLACED);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM order_order WHERE number <> ''"), 1);
    sale_sound(w);
    sale_close(w);
}

static void staff_place_an_order_by_hand(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart = sale_cart(w, &s, s.mug, 1);
    CheckoutResult result;
    Order          o;
    CheckoutManual ask = {.cart_id = cart.id, .note = STR("By phone")};
    assert_ok(checkout_manual(&w->cx, &ask, &result), &w->cx.err);
    assert_ok(order_get(&w->cx, result.order_id.v, &o), &w->cx.err);
    assert_int_equal(o.payment_status, ORDER_PAY_PENDING);
    assert_int_equal(o.due.minor, o.total.minor);
    OrderEvents events;
    assert_ok(order_events(&w->cx, o.id, 0, false, &events), &w->cx.err);
    assert_int_equal(events.n, 2);
    assert_ok(order_events(&w->cx, o.id, 0, true, &events), &w->cx.err);
    assert_int_equal(events.n, 1);
    sale_sound(w);
    sale_close(w);
}

/* --- change and cancel -------------------------------------------------------------------- */

static void a_part_is_cancelled_and_given_back(void **state)
{
    World        *w = *state;
    Sale          s = sale_open(w);
    Order         o = sale_order(w, &s, s.poster, 3), after;
    ChangeAction  two = {.kind = CHANGE_SET_QTY, .line_id = o.lines.items[0].id, .qty = 2};
    ChangeAsk     ask = {.actions = {.items = &two, .n = 1}, .key = STR("k1"), .buyer = true};
    ChangePreview preview;
    assert_ok(order_change_preview(&w->cx, o.id, &ask, &preview), &w->cx.err);
    assert_int_equal(preview.refund.minor, o.total.minor - preview.total.minor);
    assert_true(preview.refund.minor >= 333);
    assert_ok(order_change(&w->cx, o.id, &ask, &after), &w->cx.err);
    assert_int_equal(after.total.minor, preview.total.minor);
    assert_int_equal(after.lines.items[0].left, 2);
    assert_ok(order_change(&w->cx, o.id, &ask, &after), &w->cx.err); /* the same again */
    assert_int_equal(after.total.minor, preview.total.minor);
    shop_drain(w);
    assert_ok(order_get(&w->cx, o.id, &after), &w->cx.err);
    assert_int_equal(after.refunded.minor, preview.refund.minor);
    assert_int_equal(after.payment_status, ORDER_PAY_PARTIALLY_REFUNDED);
    sale_sound(w);
    sale_close(w);
}

static void a_whole_order_is_cancelled_before_dispatch(void **state)
{
    World            *w = *state;
    Sale              s = sale_open(w);
    Order             o = sale_order(w, &s, s.mug, 2);
    StockAvailability there;
    assert_ok(order_cancel(&w->cx, o.id, STR("Changed my mind"), &o), &w->cx.err);
    assert_int_equal(o.status, ORDER_CANCELLED);
    assert_int_equal(o.total.minor, 0);
    shop_drain(w);
    assert_ok(order_get(&w->cx, o.id, &o), &w->cx.err);
    assert_int_equal(o.payment_status, ORDER_PAY_REFUNDED);
    assert_int_equal(o.refunded.minor, o.placed_total.minor);
    assert_ok(stock_available(&w->cx, &s.mug, 1, &there), &w->cx.err);
    assert_int_equal(there.available, 10);
    assert_fails(order_cancel(&w->cx, o.id, STR(""), &o), ST_CONFLICT, &w->cx.err,
                 "order.not_open");
    sale_sound(w);
    sale_close(w);
}

/* --- given back for goods that stay ------------------------------------------------------- */

static void give(World *w, Order *o, int64_t amount, bool owed)
{
    PaymentList list;
    PaymentTxn  txn;
    assert_ok(payment_of_order(&w->cx, o->id, &list), &w->cx.err);
    PaymentRefundAsk ask = {.payment_id = list.items[0].id, .amount = amount, .owed = owed};
    assert_ok(payment_refund(&w->cx, &ask, &txn), &w->cx.err);
    shop_drain(w);
    assert_ok(order_get(&w->cx, o->id, o), &w->cx.err);
    sale_sound(w);
}

static void pays_as(const Order *o, int status, int64_t granted, int64_t due)
{
    assert_string_equal(order_payment_status_names[o->payment_status],
                        order_payment_status_names[status]);
    assert_int_equal(o->granted.minor, granted);
    assert_int_equal(o->due.minor, due);
}

static void what_is_given_back_for_goods_that_stay_is_not_asked_for_again(void **state)
{
    World            *w = *state;
    Sale              s = sale_open(w);
    Order             o = sale_order(w, &s, s.mug, 2); /* 2 x 10.00 and 5.00 */
    CheckoutResult    result;
    const CheckoutAsk pay = {.provider = STR("test"),
                             .base_url = STR("http://shop.example"),
                             .return_url = STR("/orders")};
    give(w, &o, 300, false);
    pays_as(&o, ORDER_PAY_PARTIALLY_REFUNDED, 300, 0);
    assert_fails(order_pay(&w->cx, o.id, &pay, &result), ST_CONFLICT, &w->cx.err,
                 "order.nothing_due");
    give(w, &o, 200, false);
    pays_as(&o, ORDER_PAY_PARTIALLY_REFUNDED, 500, 0);
    /* One mug is cancelled: its price comes back, what was granted stays granted. */
    ChangeAction  one = {.kind = CHANGE_SET_QTY, .line_id = o.lines.items[0].id, .qty = 1};
    ChangeAsk     ask = {.actions = {.items = &one, .n = 1}};
    ChangePreview preview;
    assert_ok(order_change_preview(&w->cx, o.id, &ask, &preview), &w->cx.err);
    assert_int_equal(preview.refund.minor, 1000);
    assert_int_equal(preview.due.minor, 0);
    assert_ok(order_change(&w->cx, o.id, &ask, &o), &w->cx.err);
    shop_drain(w);
    assert_ok(order_get(&w->cx, o.id, &o), &w->cx.err);
    assert_int_equal(o.refunded.minor, 1500);
    pays_as(&o, ORDER_PAY_PARTIALLY_REFUNDED, 500, 0);
    /* One more is added: only that is due. */
    ChangeAction more = {.kind = CHANGE_ADD, .variant_id = s.poster, .qty = 1};
    ask.actions.items = &more;
    assert_ok(order_change(&w->cx, o.id, &ask, &o), &w->cx.err);
    assert_true(o.due.minor >= 333);
    pays_as(&o, ORDER_PAY_PARTIALLY_PAID, 500, o.due.minor);
    /* All the rest is given back, and then it is cancelled. */
    int64_t due = o.due.minor;
    give(w, &o, 1000, false);
    pays_as(&o, ORDER_PAY_REFUNDED, 1500, due);
    assert_ok(order_cancel(&w->cx, o.id, STR("Lost"), &o), &w->cx.err);
    shop_drain(w);
    assert_ok(order_get(&w->cx, o.id, &o), &w->cx.err);
    assert_int_equal(o.refunded.minor, o.captured.minor);
    pays_as(&o, ORDER_PAY_REFUNDED, 1500, 0);
    sale_sound(w);
    sale_close(w);
}

static void all_of_it_may_be_given_back_or_be_owed_again(void **state)
{
    World       *w = *state;
    Sale         s = sale_open(w);
    Order        o = sale_order(w, &s, s.mug, 1), other = sale_order(w, &s, s.mug, 2);
    ChangeAction one = {.kind = CHANGE_SET_QTY, .line_id = other.lines.items[0].id, .qty = 1};
    ChangeAsk    ask = {.actions = {.items = &one, .n = 1}, .keep = true};
    give(w, &o, o.total.minor, false);
    pays_as(&o, ORDER_PAY_REFUNDED, 1500, 0);
    o = sale_order(w, &s, s.mug, 1);
    give(w, &o, 1500, true);
    pays_as(&o, ORDER_PAY_REFUNDED, 0, 1500);
    /* Paid too much: that goes first. */
    assert_ok(order_change(&w->cx, other.id, &ask, &other), &w->cx.err);
    pays_as(&other, ORDER_PAY_OVERPAID, 0, 0);
    give(w, &other, 600, false);
    pays_as(&other, ORDER_PAY_OVERPAID, 0, 0);
    give(w, &other, 500, false);
    pays_as(&other, ORDER_PAY_PARTIALLY_REFUNDED, 100, 0);
    sale_close(w);
}

static void a_gift_of_money_that_fails_was_none(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Cart           cart = sale_cart(w, &s, s.mug, 1);
    CheckoutResult result;
    Order          o;
    assert_ok(sale_buy(w, cart.token, "4000000000005126", &result), &w->cx.err);
    assert_ok(order_get(&w->cx, result.order_id.v, &o), &w->cx.err);
    give(w, &o, 500, false);
    assert_int_equal(o.refunded.minor, 0);
    pays_as(&o, ORDER_PAY_PAID, 0, 0);
    sale_close(w);
}

static void more_of_it_is_due(void **state)
{
    World       *w = *state;
    Sale         s = sale_open(w);
    Order        o = sale_order(w, &s, s.mug, 1);
    ChangeAction add = {.kind = CHANGE_ADD, .variant_id = s.poster, .qty = 2};
    ChangeAsk    ask = {.actions = {.items = &add, .n = 1}};
    assert_ok(order_change(&w->cx, o.id, &ask, &o), &w->cx.err);
    assert_int_equal(o.lines.n, 2);
    assert_true(o.due.minor >= 666);
    assert_int_equal(o.payment_status, ORDER_PAY_PARTIALLY_PAID);
    CheckoutResult    result;
    const CheckoutAsk pay = {.base_url = STR("http://shop.example"),
                             .return_url = STR("/orders"),
                             .provider = STR("test"),
                             .input = STR("{\"card\":\"4242424242424242\"}")};
    assert_ok(order_pay(&w->cx, o.id, &pay, &result), &w->cx.err);
    assert_int_equal(result.state, CHECKOUT_PLACED);
    assert_ok(order_get(&w->cx, o.id, &o), &w->cx.err);
    assert_int_equal(o.payment_status, ORDER_PAY_PAID);
    assert_int_equal(o.due.minor, 0);
    sale_sound(w);
    sale_close(w);
}

static void an_address_may_change_within_the_place(void **state)
{
    World       *w = *state;
    Sale         s = sale_open(w);
    Order        o = sale_order(w, &s, s.mug, 1);
    OrderAddress to = *o.address;
    ChangeAction act = {.kind = CHANGE_ADDRESS, .address = &to};
    ChangeAsk    ask = {.actions = {.items = &act, .n = 1}, .buyer = true};
    to.line1 = STR("Herengracht 2");
    assert_ok(order_change(&w->cx, o.id, &ask, &o), &w->cx.err);
    assert_str(o.address->line1, "Herengracht 2");
    to.country = STR("DE");
    assert_fails(order_change(&w->cx, o.id, &ask, &o), ST_CONFLICT, &w->cx.err,
                 "order.other_place");
    sale_close(w);
}

static void orders_are_found_noted_and_exported(void **state)
{
    World                *w = *state;
    Sale                  s = sale_open(w);
    Order                 o = sale_order(w, &s, s.mug, 1);
    Orders                list;
    OrderFilter           f = ORDER_FILTER_ALL;
    CLEANUP(buf_done) Buf b = {0};
    Str                   tags[] = {STR("=cmd()"), STR("vip")};
    assert_ok(order_tags_set(&w->cx, o.id, (OrderTexts){tags, 2}, &o), &w->cx.err);
    assert_ok(order_note(&w->cx, o.id, STR("Call first")), &w->cx.err);
    assert_ok(order_hold_set(&w->cx, o.id, HOLD_MANUAL, STR("Look"), &o), &w->cx.err);
    f.tag = STR("vip");
    f.payment_status = ORDER_PAY_PAID;
    f.email = STR("Anna@Example.COM");
    assert_ok(order_list(&w->cx, &f, 0, 10, &list), &w->cx.err);
    assert_int_equal(list.n, 1);
    f.hold = HOLD_REVIEW;
    assert_ok(order_list(&w->cx, &f, 0, 10, &list), &w->cx.err);
    assert_int_equal(list.n, 0);
    buf_init(&b, 1 << 20);
    assert_ok(order_csv(&w->cx, &(OrderFilter){-1, -1, -1, -1, -1}, &b), &w->cx.err);
    assert_true(str_find(buf_str(&b), STR("anna@example.com")) != SIZE_MAX);
    sale_sound(w);
    sale_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_cart_is_priced_at_every_look),
        TEST_WORLD(what_is_kept_of_a_cart_may_be_old),
        TEST_WORLD(lines_of_the_same_are_one_and_zero_takes_away),
        TEST_WORLD(what_cannot_be_had_says_why),
        TEST_WORLD(a_cart_tells_what_is_put_in_taken_out_and_typed),
        TEST_WORLD(nonsense_is_refused),
        TEST_WORLD(a_stranger_does_not_see_a_customers_cart),
        TEST_WORLD(carts_merge_at_log_in),
        TEST_WORLD(a_permalink_fills_a_cart),
        TEST_SQLITE(typing_errors_in_addresses_are_noticed),
        TEST_WORLD(a_cart_becomes_one_order),
        TEST_WORLD(a_buyer_who_agrees_may_be_written_to),
        TEST_WORLD(nobody_agrees_for_an_address_that_was_proven),
        TEST_WORLD(the_same_checkout_again_is_the_same_order),
        TEST_WORLD(a_declined_card_leaves_the_cart_as_it_was),
        TEST_WORLD(a_price_that_moved_is_said_first),
        TEST_WORLD(what_is_missing_is_named),
        TEST_WORLD(confirmation_by_the_bank_comes_back_to_one_order),
        TEST_WORLD(staff_place_an_order_by_hand),
        TEST_WORLD(a_part_is_cancelled_and_given_back),
        TEST_WORLD(a_whole_order_is_cancelled_before_dispatch),
        TEST_WORLD(what_is_given_back_for_goods_that_stay_is_not_asked_for_again),
        TEST_WORLD(all_of_it_may_be_given_back_or_be_owed_again),
        TEST_WORLD(a_gift_of_money_that_fails_was_none),
        TEST_WORLD(more_of_it_is_due),
        TEST_WORLD(an_address_may_change_within_the_place),
        TEST_WORLD(orders_are_found_noted_and_exported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
