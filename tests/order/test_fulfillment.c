/* From an order to its doorstep: packing, sending, following, failing, being late. */
#include "sale.h"
#include "shop.h"

#include "base/id.h"
#include "order/delivery_int.h"
#include "order/fulfillment.h"
#include "people/webhook.h"

static Order order_of(World *w, int64_t id)
{
    Order o;
    assert_ok(order_get(&w->cx, id, &o), &w->cx.err);
    return o;
}

static int64_t on_hand(World *w)
{
    return shop_number(w, "SELECT CAST(sum(on_hand) AS BIGINT) FROM stock_level");
}

static int64_t allocated(World *w)
{
    return shop_number(w, "SELECT CAST(sum(allocated) AS BIGINT) FROM stock_level");
}

static int64_t told(World *w, const char *type)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM core_event WHERE type = '%s'", type);
    return shop_number(w, str_cstr(&w->arena, str_from_cstr(sql)));
}

static void parcels_go_from_draft_to_delivered(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Order          o = sale_order(w, &s, s.mug, 3);
    Fulfillments   made;
    Fulfillment    f;
    int64_t        fresh;
    const ParcelIn boxes[] = {{.carrier = STR("postnl"), .tracking = STR("3S ABC 1")},
                              {.carrier = STR("Uncle Bob"), .tracking = STR("7")}};
    assert_int_equal(allocated(w), 3);
    assert_ok(fulfillment_plan(&w->cx, o.id, &made), &w->cx.err);
    assert_int_equal(made.n, 1);
    assert_int_equal(made.items[0].lines.items[0].qty, 3);
    assert_int_equal(order_of(w, o.id).fulfillment_status, ORDER_FULFILLED);
    assert_ok(fulfillment_plan(&w->cx, o.id, &made), &w->cx.err); /* nothing is left */
    assert_int_equal(made.n, 0);
    Fulfillments all;
    assert_ok(fulfillments_of_order(&w->cx, o.id, &all), &w->cx.err);
    int64_t id = all.items[0].id;
    assert_ok(fulfillment_pack(&w->cx, id, &f), &w->cx.err);
    assert_fails(fulfillment_pack(&w->cx, id, &f), ST_CONFLICT, &w->cx.err,
                 "order.fulfillment_state");
    assert_int_equal(on_hand(w), 10);
    assert_ok(fulfillment_ship(&w->cx, id, boxes, 2, &f), &w->cx.err);
    assert_int_equal(f.parcels.n, 2);
    assert_str(f.parcels.items[0].url, "https://jouw.postnl.nl/track-and-trace/3SABC1");
    assert_str(f.parcels.items[1].url, "");
    assert_int_equal(on_hand(w), 7);
    assert_int_equal(allocated(w), 0);
    assert_int_equal(order_of(w, o.id).fulfillment_status, ORDER_SHIPPED);
    TrackingIn events[] = {
        {.carrier = STR("postnl"),
         .tracking = STR("3s-abc-1"),
         .code = TRACKING_OUT_FOR_DELIVERY,
         .at = {1700000100000}},
        {.tracking = STR("3SABC1"),
         .code = TRACKING_IN_TRANSIT,
         .at = {1700000050000}}, /* late news */
        {.tracking = STR("nobody's"), .code = TRACKING_DELIVERED, .at = {1700000100000}}};
    assert_ok(tracking_note(&w->cx, events, 3, STR("staff"), &fresh), &w->cx.err);
    assert_int_equal(fresh, 2);
    assert_ok(tracking_note(&w->cx, events, 3, STR("staff"), &fresh), &w->cx.err);
    assert_int_equal(fresh, 0);
    assert_int_equal(told(w, "order.out_for_delivery"), 1);
    assert_ok(fulfillment_get(&w->cx, id, &f), &w->cx.err);
    assert_int_equal(f.parcels.items[0].status, TRACKING_OUT_FOR_DELIVERY);
    assert_int_equal(f.parcels.items[0].events.n, 2);
    for (size_t i = 0; i < 2; i++) {
        TrackingIn there = {
            .parcel_id = f.parcels.items[i].id, .code = TRACKING_DELIVERED, .at = {1700000200000}};
        assert_ok(tracking_note(&w->cx, &there, 1, STR("staff"), &fresh), &w->cx.err);
        assert_int_equal(order_of(w, o.id).fulfillment_status,
                         i == 0 ? ORDER_SHIPPED : ORDER_DELIVERED);
    }
    assert_int_equal(told(w, "order.delivered"), 1);
    sale_sound(w);
    sale_close(w);
}

static void what_failed_is_to_be_sent_again(void **state)
{
    World        *w = *state;
    Sale          s = sale_open(w);
    Order         o = sale_order(w, &s, s.mug, 2);
    Fulfillment   f;
    FulfillmentIn in = {.order_id = o.id};
    assert_ok(fulfillment_create(&w->cx, &in, &f), &w->cx.err);
    assert_ok(fulfillment_cancel(&w->cx, f.id, &f), &w->cx.err);
    assert_int_equal(order_of(w, o.id).fulfillment_status, ORDER_UNFULFILLED);
    FulfillmentLine one = {.line_id = o.lines.items[0].id, .qty = 1}, five = {one.line_id, 0, 5};
    in.lines = (FulfillmentLines){&five, 1};
    assert_fails(fulfillment_create(&w->cx, &in, &f), ST_CONFLICT, &w->cx.err, "order.too_many");
    in.lines = (FulfillmentLines){&one, 1};
    assert_ok(fulfillment_create(&w->cx, &in, &f), &w->cx.err);
    assert_int_equal(f.number, 2);
    assert_ok(fulfillment_ship(&w->cx, f.id, NULL, 0, &f), &w->cx.err);
    assert_int_equal(order_of(w, o.id).fulfillment_status, ORDER_PARTIALLY_SHIPPED);
    assert_int_equal(on_hand(w), 9);
    assert_ok(fulfillment_fail(&w->cx, f.id, true, &f), &w->cx.err);
    assert_int_equal(on_hand(w), 10);
    assert_int_equal(allocated(w), 2);
    assert_int_equal(order_of(w, o.id).fulfillment_status, ORDER_UNFULFILLED);
    sale_sound(w);
    sale_close(w);
}

static void orders_on_hold_do_not_leave(void **state)
{
    World        *w = *state;
    Sale          s = sale_open(w);
    Order         o = sale_order(w, &s, s.mug, 1), held;
    Fulfillment   f;
    FulfillmentIn in = {.order_id = o.id};
    assert_ok(fulfillment_create(&w->cx, &in, &f), &w->cx.err);
    assert_ok(order_hold_set(&w->cx, o.id, HOLD_REVIEW, STR("odd"), &held), &w->cx.err);
    assert_fails(fulfillment_ship(&w->cx, f.id, NULL, 0, &f), ST_CONFLICT, &w->cx.err,
                 "order.on_hold");
    sale_close(w);
}

static void tracking_from_others_must_be_signed(void **state)
{
    static const char BODY[] = "{\"events\":[{\"tracking\":\"X1\",\"code\":\"in_transit\","
                               "\"at\":\"2023-11-14T22:13:20Z\"}]}";
    World            *w = *state;
    Sale              s = sale_open(w);
    Order             o = sale_order(w, &s, s.mug, 1);
    Fulfillment       f;
    int64_t           fresh, version;
    FulfillmentIn     in = {.order_id = o.id};
    const ParcelIn    box = {.tracking = STR("X1")};
    Str               secret = STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    int64_t           seconds = w->cx.now.v / 1000;
    TrackingSigned    sent = {
           .id = STR("msg_1"), .timestamp = STR("1700000000"), .body = str_from_cstr(BODY)};
    assert_ok(fulfillment_create(&w->cx, &in, &f), &w->cx.err);
    assert_ok(fulfillment_ship(&w->cx, f.id, &box, 1, &f), &w->cx.err);
    sent.signature = webhook_sign(&w->arena, secret, sent.id, seconds, sent.body);
    assert_fails(tracking_hook(&w->cx, &sent, &fresh), ST_UNKNOWN, &w->cx.err,
                 "order.bad_signature"); /* no secret is set */
    DeliverySettings settings;
    assert_ok(setting_get(&w->cx, &delivery_setting, &settings, &version), &w->cx.err);
    settings.webhook_secret = secret;
    assert_ok(setting_put(&w->cx, &delivery_setting, version, &settings, &version), &w->cx.err);
    shop_drain(w);
    assert_ok(tracking_hook(&w->cx, &sent, &fresh), &w->cx.err);
    assert_int_equal(fresh, 1);
    assert_ok(tracking_hook(&w->cx, &sent, &fresh), &w->cx.err);
    assert_int_equal(fresh, 0);
    TrackingSigned bad = sent;
    bad.body = STR("{\"events\":[]}");
    assert_fails(tracking_hook(&w->cx, &bad, &fresh), ST_UNKNOWN, &w->cx.err,
                 "order.bad_signature");
    bad = sent;
    bad.signature = STR("v1,AAAA v1a,BBBB");
    assert_fails(tracking_hook(&w->cx, &bad, &fresh), ST_UNKNOWN, &w->cx.err,
                 "order.bad_signature");
    w->cx.now = unix_ms_add(w->cx.now, (SpanMs){301000});
    assert_fails(tracking_hook(&w->cx, &sent, &fresh), ST_UNKNOWN, &w->cx.err,
                 "order.bad_signature"); /* old */
    sale_close(w);
}

static void late_orders_are_told_once(void **state)
{
    World          *w = *state;
    Sale            s = sale_open(w);
    DeliveryMethods methods;
    int64_t         fresh;
    Fulfillment     f;
    OrderPromise    p;
    assert_ok(delivery_methods(&w->cx, &methods), &w->cx.err);
    DeliveryMethod m = {.transit_min = opt_i64(1), .transit_max = opt_i64(2)};
    catalog_give(&delivery_method_shape, &m, offsetof(DeliveryMethod, transit_min));
    catalog_give(&delivery_method_shape, &m, offsetof(DeliveryMethod, transit_max));
    assert_ok(delivery_method_save(&w->cx, methods.items[0].id, &m), &w->cx.err);
    sale_settle(w);
    Order one = sale_order(w, &s, s.mug, 1), two = sale_order(w, &s, s.mug, 1);
    assert_ok(order_promise_get(&w->cx, one.id, &p), &w->cx.err);
    assert_true(p.to_day > w->cx.now.v / 86400000);
    FulfillmentIn  in = {.order_id = two.id};
    const ParcelIn box = {.tracking = STR("Y2")};
    assert_ok(fulfillment_create(&w->cx, &in, &f), &w->cx.err);
    assert_ok(fulfillment_ship(&w->cx, f.id, &box, 1, &f), &w->cx.err);
    TrackingIn there = {.tracking = STR("Y2"), .code = TRACKING_DELIVERED, .at = w->cx.now};
    assert_ok(tracking_note(&w->cx, &there, 1, STR("staff"), &fresh), &w->cx.err);
    assert_ok(delivery_watch(&w->cx), &w->cx.err);
    assert_int_equal(told(w, "order.delivery_late"), 0);
    w->cx.now = unix_ms_add(w->cx.now, (SpanMs){9 * INT64_C(86400000)});
    for (int i = 0; i < 2; i++) {
        assert_ok(delivery_watch(&w->cx), &w->cx.err);
        assert_int_equal(told(w, "order.delivery_late"), 1);
    }
    assert_ok(order_promise_get(&w->cx, one.id, &p), &w->cx.err);
    assert_true(p.late);
    sale_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(parcels_go_from_draft_to_delivered),
        TEST_WORLD(what_failed_is_to_be_sent_again),
        TEST_WORLD(orders_on_hold_do_not_leave),
        TEST_WORLD(tracking_from_others_must_be_signed),
        TEST_WORLD(late_orders_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
