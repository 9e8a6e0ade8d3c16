/* From promise to doorstep, and what staff do meanwhile: over HTTP, with a clock that moves. The
 * clock begins on Tuesday, 14 November 2023, at 22:13 UTC. */
#include "desk.h"

#include <string.h>

static void as_staff(Desk *d, int want, const char *body, const char *line)
{
    bool was = d->staff;
    d->staff = true;
    ask(d, want, body, "%s", line);
    d->staff = was;
}

static void method(Desk *d, const char *json)
{
    as_staff(d, 200, json, fmt(d, "PATCH /api/v1/delivery/methods/%s", d->method_id));
    desk_settle(d);
}

static void promised(Desk *d, const char *token, const char *from, const char *to)
{
    ask(d, 200, NULL, "GET /store/v1/carts/%s/delivery-options", token);
    assert_string_equal(text_of(d, "options.0.promise_from"), from);
    assert_string_equal(text_of(d, "options.0.promise_to"), to);
}

/* --- when it comes ------------------------------------------------------------------------ */

static void promises_keep_to_the_clock_and_the_calendar(void **state)
{
    Desk        d = desk_open(*state);
    const char *token = desk_cart(&d, d.mug_id, 1);
    method(&d, "{\"handling_days\":1,\"cutoff\":840,\"transit_min\":1,\"transit_max\":2}");
    promised(&d, token, "2023-11-17", "2023-11-20"); /* after the cut-off: as Wednesday */
    desk_later(&d, SPAN_HOURS(12));                  /* Wednesday, 10:13 */
    promised(&d, token, "2023-11-17", "2023-11-20");
    assert_string_equal(text_of(&d, "options.0.order_by"), "2023-11-15T14:00:00.000Z");
    desk_later(&d, SPAN_HOURS(4)); /* 14:13: too late for today */
    promised(&d, token, "2023-11-20", "2023-11-21");
    as_staff(&d, 200, "{\"holidays\":[{\"date\":\"2023-11-20\",\"country\":\"NL\"}]}",
             "PUT /api/v1/delivery/holidays"); /* nothing is delivered there */
    desk_settle(&d);
    promised(&d, token, "2023-11-21", "2023-11-22");
    as_staff(&d, 200, "{\"holidays\":[{\"date\":\"2020-11-17\",\"country\":\"\",\"yearly\":true}]}",
             "PUT /api/v1/delivery/holidays"); /* ours: packed on Monday */
    desk_settle(&d);
    promised(&d, token, "2023-11-21", "2023-11-22");
    as_staff(&d, 422, "{\"holidays\":[{\"date\":\"2023-02-30\",\"country\":\"\"}]}",
             "PUT /api/v1/delivery/holidays");
    /* The page of the product and the order promise the same days. */
    ask(&d, 200, NULL, "GET /products/mug");
    assert_told(&d, "21");
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    ask(&d, 200, NULL, "GET /store/v1/orders/%s/tracking", text_of(&d, "order_token"));
    assert_string_equal(text_of(&d, "promised_from"), "2023-11-21");
    assert_string_equal(text_of(&d, "promised_to"), "2023-11-22");
    desk_close(&d);
}

static void who_waits_too_long_is_told_before_asking(void **state)
{
    Desk d = desk_open(*state);
    method(&d, "{\"handling_days\":1,\"cutoff\":840,\"transit_min\":1,\"transit_max\":2}");
    (void)desk_buy(&d, d.mug_id, 1); /* until Monday the 20th */
    const char *late = text_of(&d, "order_token");
    const char *other = desk_buy(&d, d.mug_id, 1);
    for (int i = 0; i < 6; i++) { /* Monday evening */
        desk_later(&d, SPAN_DAYS(1));
        assert_int_equal(desk_mails(&d, "order_delayed"), 0);
    }
    d.staff = true; /* the other one arrives in time */
    ask(&d, 200, NULL, "POST /api/v1/orders/%s/fulfillments/plan", other);
    const char *parcel = text_of(&d, "data.0.id");
    ask(&d, 200, "{\"parcels\":[{\"carrier\":\"dhl\",\"tracking\":\"J1\"}]}",
        "POST /api/v1/fulfillments/%s/ship", parcel);
    ask(&d, 200, NULL, "POST /api/v1/fulfillments/%s/deliver", parcel);
    d.staff = false;
    desk_later(&d, SPAN_DAYS(1));
    assert_int_equal(desk_mails(&d, "order_delayed"), 1);
    ask(&d, 200, NULL, "GET /store/v1/orders/%s/tracking", late);
    assert_true(true_in(&d, "late"));
    ask(&d, 200, NULL, "GET /store/v1/orders/%s/events", late);
    assert_told(&d, "\"delivery_late\"");
    desk_later(&d, SPAN_DAYS(3));
    assert_int_equal(desk_mails(&d, "order_delayed"), 1); /* once */
    desk_close(&d);
}

/* --- where it goes ------------------------------------------------------------------------ */

static void an_hour_of_the_day_is_sold_once(void **state)
{
    Desk d = desk_open(*state);
    method(&d, "{\"kind\":\"local\",\"handling_days\":0,\"cutoff\":720,\"slots\":[{\"weekday\":"
               "\"thu\",\"from\":1080,\"to\":1200,\"capacity\":1}],\"days_ahead\":7}");
    const char *one = desk_cart(&d, d.mug_id, 1), *two = desk_cart(&d, d.mug_id, 1);
    ask(&d, 200, NULL, "GET /store/v1/carts/%s/delivery-options", one);
    assert_int_equal(count_in(&d, "options.0.slots"), 1);
    assert_int_equal(int_of(&d, "options.0.slots.0.left"), 1);
    const char *body = fmt(&d, "{\"delivery_method_id\":\"%s\",\"delivery_slot\":\"%s\"}",
                           d.method_id, text_of(&d, "options.0.slots.0.id"));
    ask(&d, 200, body, "PATCH /store/v1/carts/%s", one);
    ask(&d, 200, body, "PATCH /store/v1/carts/%s", two);
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", one);
    const char *order = text_of(&d, "order_token");
    ask(&d, 0, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", two);
    assert_in_range(d.status, 409, 422);
    ask(&d, 200, "{\"delivery_slot\":\"2023-11-16T03:00\"}", "PATCH /store/v1/carts/%s", two);
    ask(&d, 422, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", two);
    assert_told(&d, "delivery_unavailable"); /* there is no such hour */
    ask(&d, 200, "{\"reason\":\"x\"}", "POST /store/v1/orders/%s/cancel", order); /* it is free */
    desk_settle(&d);
    ask(&d, 200, body, "PATCH /store/v1/carts/%s", two);
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", two);
    assert_string_equal(text_of(&d, "state"), "placed");
    desk_sound(&d);
    desk_close(&d);
}

/* The page says that the hour is taken, goes on to the next one, and waits for the buyer to look.
 */
static void an_hour_that_was_taken_meanwhile_is_told_and_another_shown(void **state)
{
    Desk d = desk_open(*state);
    method(&d, "{\"kind\":\"local\",\"handling_days\":0,\"cutoff\":720,\"slots\":["
               "{\"weekday\":\"thu\",\"from\":1080,\"to\":1200,\"capacity\":1},"
               "{\"weekday\":\"fri\",\"from\":540,\"to\":600,\"capacity\":1}],\"days_ahead\":7}");
    const char *other = desk_cart(&d, d.mug_id, 1);
    ask(&d, 200, fmt(&d, "{\"id\":\"%s\",\"quantity\":1}", d.mug_id), "POST /cart/add.js");
    const char *form =
        "email=ada%40example.com&ship%5Bcountry%5D=NL&ship%5Blast_name%5D=Vries&"
        "ship%5Bline1%5D=Singel+1&ship%5Bcity%5D=Amsterdam&ship%5Bpostal_code%5D=1012+AB&"
        "bill_same=1&terms=1&payment=test&pay%5Btest%5D%5Bcard%5D=4242424242424242";
    ask(&d, 200, fmt(&d, "%s&act=renew", form), "POST /checkout");
    assert_told(&d, "18:00–20:00");
    ask(&d, 200,
        fmt(&d, "{\"delivery_method_id\":\"%s\",\"delivery_slot\":\"2023-11-16T18:00-20:00\"}",
            d.method_id),
        "PATCH /store/v1/carts/%s", other);
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", other);
    const char *token = text_of(&d, "order_token");
    const char *chosen =
        fmt(&d, "%s&act=pay&delivery=%s&slot=2023-11-16T18%%3A00-20%%3A00", form, d.method_id);
    ask(&d, 422, chosen, "POST /checkout");
    assert_told(&d, "That hour has just been taken.");
    assert_untold(&d, "18:00–20:00");
    assert_told(&d, "09:00–10:00");
    ask(&d, 303,
        fmt(&d, "%s&act=pay&delivery=%s&slot=2023-11-17T09%%3A00-10%%3A00", form, d.method_id),
        "POST /checkout");
    assert_non_null(strstr(d.location, "?new=1"));
    ask(&d, 200, NULL, "GET %.*s", (int)strcspn(d.location, "?"), d.location);
    assert_told(&d, "09:00–10:00");
    ask(&d, 200, NULL, "GET /orders/%s", token);
    assert_told(&d, "18:00–20:00");
    /* All are taken: it is not offered any more. */
    ask(&d, 200, fmt(&d, "{\"id\":\"%s\",\"quantity\":1}", d.mug_id), "POST /cart/add.js");
    ask(&d, 200, fmt(&d, "%s&act=renew", form), "POST /checkout");
    assert_untold(&d, "09:00–10:00");
    desk_sound(&d);
    desk_close(&d);
}

static void lockers_and_shops_are_offered_and_kept(void **state)
{
    Desk d = desk_open(*state);
    method(&d, "{\"kind\":\"pickup_point\",\"carrier\":\"dhl\"}");
    as_staff(
        &d, 204,
        "{\"points\":[{\"code\":\"A1\",\"name\":\"Kiosk Dam\",\"line1\":\"Dam "
        "1\",\"city\":\"Amsterdam\",\"postal\":\"1012 JS\",\"country\":\"NL\"},{\"code\":\"B1\","
        "\"name\":\"Far\",\"postal\":\"9999\",\"country\":\"BE\"}]}",
        "PUT /api/v1/delivery/points/dhl");
    desk_settle(&d);
    const char *token = desk_cart(&d, d.mug_id, 1);
    ask(&d, 200, NULL, "GET /store/v1/carts/%s/delivery-options", token);
    assert_int_equal(count_in(&d, "options.0.points"), 1); /* none abroad */
    assert_string_equal(text_of(&d, "options.0.points.0.title"), "Kiosk Dam");
    const char *point = text_of(&d, "options.0.points.0.id");
    ask(&d, 422, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    ask(&d, 200,
        fmt(&d, "{\"delivery_method_id\":\"%s\",\"delivery_point\":\"%s\"}", d.method_id, point),
        "PATCH /store/v1/carts/%s", token);
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    ask(&d, 200, NULL, "GET /store/v1/orders/%s", text_of(&d, "order_token"));
    assert_string_equal(text_of(&d, "delivery_method.place"),
                        "Kiosk Dam, Dam 1, 1012 JS Amsterdam");
    /* Fetched in our own shop. */
    as_staff(&d, 200, NULL, "GET /api/v1/stock/locations");
    as_staff(&d, 200, "{\"pickup\":true,\"name\":\"Our shop\",\"country\":\"NL\"}",
             fmt(&d, "PATCH /api/v1/stock/locations/%s", text_of(&d, "data.0.id")));
    method(&d, "{\"kind\":\"pickup\",\"carrier\":\"\"}");
    token = desk_cart(&d, d.mug_id, 1);
    ask(&d, 200, NULL, "GET /store/v1/carts/%s/delivery-options", token);
    assert_string_equal(text_of(&d, "options.0.points.0.title"), "Our shop");
    assert_true(true_in(&d, "options.0.points.0.here"));
    desk_close(&d);
}

/* --- staff -------------------------------------------------------------------------------- */

static int64_t audited(Desk *d, const char *entity, const char *action)
{
    return desk_number(d, fmt(d,
                              "SELECT CAST(count(*) AS BIGINT) FROM core_audit WHERE entity = '%s' "
                              "AND action = '%s' AND actor_name = 'desk'",
                              entity, action));
}

static void every_step_of_staff_is_in_the_log(void **state)
{
    static const char *const STEPS[] = {"note", "tags", "hold", "packed", "shipped", "delivered"};
    Desk                     d = desk_open(*state);
    const char              *order = desk_buy(&d, d.mug_id, 2);
    d.staff = true;
    ask(&d, 0, "{\"text\":\"Ring twice\"}", "POST /api/v1/orders/%s/notes", order);
    ask(&d, 200, "{\"tags\":[\"vip\",\"gift\"]}", "PUT /api/v1/orders/%s/tags", order);
    ask(&d, 200, "{\"hold\":\"manual\",\"reason\":\"Look\"}", "PUT /api/v1/orders/%s/hold", order);
    ask(&d, 409, NULL, "POST /api/v1/orders/%s/fulfillments/plan", order);
    assert_refused(&d, "order.on_hold");
    ask(&d, 200, "{\"hold\":\"none\"}", "PUT /api/v1/orders/%s/hold", order);
    ask(&d, 200, NULL, "POST /api/v1/orders/%s/fulfillments/plan", order);
    const char *f = text_of(&d, "data.0.id");
    ask(&d, 200, NULL, "POST /api/v1/fulfillments/%s/pack", f);
    ask(&d, 200, "{\"parcels\":[{\"carrier\":\"dhl\",\"tracking\":\"JVGL1\"}]}",
        "POST /api/v1/fulfillments/%s/ship", f);
    assert_string_equal(text_of(&d, "parcels.0.tracking"), "JVGL1");
    ask(&d, 200, NULL, "POST /api/v1/fulfillments/%s/deliver", f);
    desk_settle(&d);
    for (size_t i = 0; i < COUNT_OF(STEPS); i++)
        if (audited(&d, "order.order", STEPS[i]) < 1)
            fail_msg("%s is not in the audit log", STEPS[i]);
    ask(&d, 200, NULL, "GET /api/v1/payments?order=%s", order);
    ask(&d, 0, "{\"amount\":100}", "POST /api/v1/payments/%s/refunds", text_of(&d, "data.0.id"));
    assert_int_equal(audited(&d, "order.payment", "refund"), 1);
    ask(&d, 200, NULL, "GET /api/v1/audit?entity=order.order");
    assert_told(&d, "\"shipped\"");
    ask(&d, 200, NULL, "GET /api/v1/orders/%s/events", order);
    assert_told(&d, "Ring twice");
    ask(&d, 200, NULL, "GET /api/v1/orders?tag=vip");
    assert_int_equal(count_in(&d, "data"), 1);
    d.staff = false;
    assert_int_equal(desk_mails(&d, "order_shipped"), 1);
    assert_int_equal(desk_mails(&d, "order_delivered"), 1);
    desk_sound(&d);
    desk_close(&d);
}

static void an_order_by_telephone_is_written_sent_and_listed(void **state)
{
    Desk d = desk_open(*state);
    d.staff = true;
    ask(&d, 201,
        fmt(&d,
            "{\"items\":[{\"variant_id\":\"%s\",\"qty\":2}],\"email\":\"bo@example.com\","
            "\"address\":"
            "{\"last_name\":\"Bo\",\"line1\":\"1\",\"city\":\"Amsterdam\",\"postal_code\":\"1012 "
            "AB\",\"country\":\"NL\"},\"delivery_method_id\":\"%s\"}",
            d.mug_id, d.method_id),
        "POST /api/v1/carts");
    const char *cart = text_of(&d, "id");
    ask(&d, 200, "{\"note\":\"By telephone\"}", "POST /api/v1/carts/%s/place", cart);
    const char *order = text_of(&d, "order_id");
    assert_string_equal(text_of(&d, "number"), "1001");
    ask(&d, 200, "{}", "POST /api/v1/carts/%s/place", cart); /* once more: the same */
    assert_string_equal(text_of(&d, "order_id"), order);
    ask(&d, 200, NULL, "GET /api/v1/orders/%s", order);
    assert_string_equal(text_of(&d, "payment_status"), "pending");
    assert_int_equal(int_of(&d, "due.amount"), 2500);
    d.staff = false;
    desk_settle(&d);
    /* Numbers have no gaps, also where a payment failed in between. */
    const char *token = desk_cart(&d, d.poster_id, 1);
    ask(&d, 200, desk_card(&d, "4000000000000002"), "POST /store/v1/carts/%s/checkout", token);
    (void)desk_buy(&d, d.poster_id, 1);
    assert_string_equal(text_of(&d, "number"), "1002");
    ask(&d, 200, desk_card(&d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    assert_string_equal(text_of(&d, "number"), "1003");
    d.staff = true;
    ask(&d, 200, "{\"prefix\":\"R-\",\"digits\":6}", "PATCH /api/v1/settings/order.numbers");
    d.staff = false;
    desk_settle(&d);
    (void)desk_buy(&d, d.poster_id, 1);
    assert_string_equal(text_of(&d, "number"), "R-001004");
    d.staff = true;
    ask(&d, 200, NULL, "GET /api/v1/orders.csv");
    assert_told(&d, "1001");
    assert_told(&d, "R-001004");
    assert_told(&d, "bo@example.com");
    static const char *const DOCUMENTS[] = {"packing_slip", "confirmation"};
    for (size_t i = 0; i < COUNT_OF(DOCUMENTS); i++) {
        ask(&d, 200, NULL, "GET /api/v1/orders/%s/documents/%s", order, DOCUMENTS[i]);
        assert_memory_equal(d.body.ptr, "%PDF-", 5);
    }
    static const char *const LANGUAGES[] = {"en", "uk", "ru", "tr", "nl", "zh"};
    for (size_t i = 0; i < COUNT_OF(LANGUAGES); i++) {
        ask(&d, 200, NULL, "GET /api/v1/orders/%s/mails/confirmed?locale=%s", order, LANGUAGES[i]);
        assert_told(&d, "1001");
    }
    d.staff = false;
    desk_sound(&d);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(promises_keep_to_the_clock_and_the_calendar),
        TEST_WORLD(who_waits_too_long_is_told_before_asking),
        TEST_WORLD(an_hour_of_the_day_is_sold_once),
        TEST_WORLD(an_hour_that_was_taken_meanwhile_is_told_and_another_shown),
        TEST_WORLD(lockers_and_shops_are_offered_and_kept),
        TEST_WORLD(every_step_of_staff_is_in_the_log),
        TEST_WORLD(an_order_by_telephone_is_written_sent_and_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
