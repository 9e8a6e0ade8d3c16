/* Which ways there are to an address, what they cost, and when it arrives. */
#include "shop.h"

#include "order/delivery.h"
#include "order/module.h"
#include "people/people.h"
#include "stock/module.h"
#include "stock/stock.h"

#include "base/id.h"
#include "core/setting.h"

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module);

/* 2026-11-27 is a Friday; in UTC, the shop's zone. */
static UnixMs at(int day, int hour, int minute)
{
    return (UnixMs){(civil_to_days((CivilDate){2026, 11, day}) * 1440 + hour * 60 + minute) *
                    60000};
}

static int64_t zone(World *w, int64_t profile, const char *places)
{
    DeliveryZone z = {0};
    char         json[2000];
    (void)snprintf(json, sizeof json, "{\"title\":\"Z\",\"places\":%s}", places);
    assert_ok(shop_read(&w->cx, &delivery_zone_shape, json, &z), &w->cx.err);
    if (profile) {
        z.profile_id = profile;
        catalog_give(&delivery_zone_shape, &z, offsetof(DeliveryZone, profile_id));
    }
    assert_ok(delivery_zone_save(&w->cx, 0, &z), &w->cx.err);
    return z.id;
}

static int64_t method(World *w, int64_t zone_id, const char *rest)
{
    DeliveryMethod m = {0};
    char           json[4000];
    Str            id = id_format(&w->arena, DELIVERY_ZONE_ID, zone_id);
    (void)snprintf(json, sizeof json, "{\"title\":\"M\",\"zone_id\":\"" STR_FMT "\",%s}",
                   STR_ARG(id), rest);
    Status st = shop_read(&w->cx, &delivery_method_shape, json, &m);
    if (st != ST_OK)
        print_error("# " STR_FMT "\n", STR_ARG(w->cx.issues.items[0].pointer));
    assert_ok(st, &w->cx.err);
    assert_ok(delivery_method_save(&w->cx, 0, &m), &w->cx.err);
    return m.id;
}

#define FLAT "\"rates\":[{\"amount\":{\"amount\":500,\"currency\":\"EUR\"}}]"

static DeliveryLine goods(int64_t product, int64_t qty, int64_t weight, int64_t amount)
{
    return (DeliveryLine){.variant_id = product + 1,
                          .product_id = product,
                          .qty = qty,
                          .weight_g = weight,
                          .amount = amount};
}

static DeliveryAsk ask_to(const char *country, const char *postal, const DeliveryLine *line)
{
    return (DeliveryAsk){.country = str_from_cstr(country),
                         .region = STR(""),
                         .postal = str_from_cstr(postal),
                         .lines = line,
                         .n = 1,
                         .currency = STR("EUR"),
                         .now = at(23, 10, 0)}; /* a Monday */
}

static DeliveryOptions options(World *w, const DeliveryAsk *ask)
{
    DeliveryOptions ret;
    assert_ok(order_delivery_options(&w->cx, ask, &ret), &w->cx.err);
    return ret;
}

static void a_shop_delivers_nowhere_until_it_says_so(void **state)
{
    World       *w = *state;
    DeliveryLine line = goods(10, 1, 100, 1000);
    DeliveryAsk  ask = ask_to("NL", "1012AB", &line);
    assert_int_equal(options(w, &ask).problem, DELIVERY_NOT_SERVED);
    int64_t z = zone(w, 0, "[{\"country\":\"NL\"}]");
    assert_int_equal(options(w, &ask).problem, DELIVERY_NO_METHOD);
    method(w, z, FLAT);
    assert_int_equal(options(w, &ask).n, 1);
    ask.currency = STR("USD");
    assert_int_equal(options(w, &ask).problem, DELIVERY_NO_METHOD);
    ask.country = STR("");
    assert_int_equal(options(w, &ask).problem, DELIVERY_NO_ADDRESS);
    line.digital = true;
    assert_int_equal(options(w, &ask).problem, DELIVERY_NOTHING);
}

static void the_most_specific_zone_holds(void **state)
{
    World  *w = *state;
    int64_t everywhere = method(w, zone(w, 0, "[{\"country\":\"\"}]"), FLAT);
    int64_t nl = method(w, zone(w, 0, "[{\"country\":\"nl\"}]"), FLAT);
    int64_t region =
        method(w, zone(w, 0, "[{\"country\":\"NL\",\"regions\":[\"Utrecht\"]}]"), FLAT);
    int64_t city = method(
        w, zone(w, 0, "[{\"country\":\"NL\",\"postals\":[{\"from\":\"1000\",\"to\":\"1109\"}]}]"),
        FLAT);
    DeliveryLine line = goods(10, 1, 100, 1000);
    struct {
        const char *country, *region, *postal;
        int64_t     method;
    } CASES[] = {{"DE", "", "10115", everywhere},     {"NL", "", "3511 AB", nl},
                 {"NL", "utrecht", "3511AB", region}, {"NL", "", "1012 ab", city},
                 {"NL", "", "1109ZZ", city},          {"NL", "", "1110AA", nl},
                 {"NL", "Utrecht", "1000AA", city}};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        DeliveryAsk ask = ask_to(CASES[i].country, CASES[i].postal, &line);
        ask.region = str_from_cstr(CASES[i].region);
        DeliveryOptions got = options(w, &ask);
        assert_int_equal(got.n, 1);
        assert_int_equal(got.items[0].method_id, CASES[i].method);
    }
}

static void the_first_rate_that_fits_is_what_it_costs(void **state)
{
    World  *w = *state;
    int64_t z = zone(w, 0, "[{\"country\":\"NL\"}]");
    method(w, z,
           "\"max_weight_g\":30000,\"free_over\":[{\"amount\":5000,\"currency\":\"EUR\"}],"
           "\"rates\":[{\"amount\":{\"amount\":450,\"currency\":\"EUR\"},\"weight_to\":2000},"
           "{\"amount\":{\"amount\":700,\"currency\":\"EUR\"},\"weight_from\":2000,\"step_g\":1000,"
           "\"step_amount\":{\"amount\":100,\"currency\":\"EUR\"}}]");
    struct {
        int64_t qty, weight, amount, cost, to_free; /* cost -1: not at all */
    } CASES[] = {{1, 1999, 1000, 450, 4000}, {1, 2000, 1000, 700, 4000}, {1, 2001, 1000, 800, 4000},
                 {2, 2000, 1000, 900, 4000}, {1, 2000, 4999, 700, 1},    {1, 2000, 5000, 0, -1},
                 {2, 15000, 10, 3500, 4990}, {1, 30001, 10, -1, 0}};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        DeliveryLine    line = goods(10, CASES[i].qty, CASES[i].weight, CASES[i].amount);
        DeliveryAsk     ask = ask_to("NL", "1012AB", &line);
        DeliveryOptions got = options(w, &ask);
        assert_int_equal(got.n, CASES[i].cost < 0 ? 0 : 1);
        if (got.n == 0)
            continue;
        assert_int_equal(got.items[0].amount.minor, CASES[i].cost);
        assert_int_equal(money_absent(got.items[0].to_free) ? -1 : got.items[0].to_free.minor,
                         CASES[i].to_free);
    }
}

static const char *promise(World *w, const DeliveryAsk *ask)
{
    DeliveryOptions got = options(w, ask);
    char            text[64];
    assert_int_equal(got.n, 1);
    (void)snprintf(text, sizeof text, STR_FMT " " STR_FMT,
                   STR_ARG(order_delivery_day(&w->arena, got.items[0].promise.from)),
                   STR_ARG(order_delivery_day(&w->arena, got.items[0].promise.to)));
    return str_cstr(&w->arena, str_from_cstr(text));
}

static void it_arrives_when_promised(void **state)
{
    World           *w = *state;
    int64_t          z = zone(w, 0, "[{\"country\":\"NL\"}]");
    DeliveryHoliday  days[] = {{STR("2026-11-24"), STR(""), false, STR("Inventory")},
                               {STR("2020-12-04"), STR("NL"), true, STR("Storm day")}};
    DeliveryHolidays list = {days, 0};
    method(w, z, FLAT ",\"handling_days\":1,\"cutoff\":840,\"transit_min\":1,\"transit_max\":3");
    struct {
        int         day, hour, minute;
        int         holidays;
        const char *promise;
    } CASES[] = {
        {23, 10, 0, 0, "2026-11-25 2026-11-27"}, /* Mon, packed Tue, Wed-Fri */
        {23, 13, 59, 0, "2026-11-25 2026-11-27"}, {23, 14, 0, 0, "2026-11-26 2026-11-30"},
        {27, 10, 0, 0, "2026-12-01 2026-12-03"}, /* Fri, packed Mon */
        {28, 10, 0, 0, "2026-12-02 2026-12-04"}, /* Sat: as Monday, packed Tue */
        {23, 10, 0, 1, "2026-11-26 2026-11-30"}, /* Tue is ours: packed Wed */
        {28, 10, 0, 2, "2026-12-02 2026-12-07"}, /* the 4th is theirs */
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        DeliveryLine line = goods(10, 1, 100, 1000);
        DeliveryAsk  ask = ask_to("NL", "1012AB", &line);
        list.n = (size_t)CASES[i].holidays;
        assert_ok(delivery_holidays_put(&w->cx, &list), &w->cx.err);
        ask.now = at(CASES[i].day, CASES[i].hour, CASES[i].minute);
        const char *got = promise(w, &ask);
        if (strcmp(got, CASES[i].promise) != 0)
            fail_msg("case %zu: %s is not %s", i, got, CASES[i].promise);
    }
}

static void what_comes_later_is_promised_later(void **state)
{
    World *w = *state;
    method(w, zone(w, 0, "[{\"country\":\"NL\"}]"),
           FLAT ",\"handling_days\":0,\"transit_min\":1,\"transit_max\":1");
    DeliveryLine line = goods(10, 1, 100, 1000);
    DeliveryAsk  ask = ask_to("NL", "1012AB", &line);
    assert_string_equal(promise(w, &ask), "2026-11-24 2026-11-24");
    line.backorder = true;
    assert_string_equal(promise(w, &ask), " "); /* nobody knows */
    line.expected_at = opt_time(at(28, 9, 0));
    assert_string_equal(promise(w, &ask), "2026-12-01 2026-12-01");
}

static void goods_of_several_profiles_cost_together(void **state)
{
    World          *w = *state;
    DeliveryProfile bulky = {0};
    assert_ok(shop_read(&w->cx, &delivery_profile_shape, "{\"title\":\"Bulky\"}", &bulky),
              &w->cx.err);
    assert_ok(delivery_profile_save(&w->cx, 0, &bulky), &w->cx.err);
    int64_t product = 77;
    assert_ok(delivery_profile_take(&w->cx, bulky.id, &product, 1), &w->cx.err);
    method(w, zone(w, 0, "[{\"country\":\"NL\"}]"), FLAT ",\"transit_max\":2");
    DeliveryLine lines[] = {goods(77, 1, 40000, 9000), goods(10, 1, 100, 1000)};
    DeliveryAsk  ask = ask_to("NL", "1012AB", lines);
    ask.n = 2;
    assert_int_equal(options(w, &ask).problem,
                     DELIVERY_NOT_SERVED); /* the sofa does not go there */
    method(w, zone(w, bulky.id, "[{\"country\":\"NL\"}]"),
           "\"transit_max\":9,\"rates\":[{\"amount\":{\"amount\":4900,\"currency\":\"EUR\"}}]");
    DeliveryOptions got = options(w, &ask);
    assert_int_equal(got.n, 1);
    assert_int_equal(got.items[0].amount.minor, 5400);
    ask.n = 1;
    assert_int_equal(options(w, &ask).items[0].amount.minor, 4900);
    assert_ok(delivery_profile_take(&w->cx, DELIVERY_DEFAULT_PROFILE, &product, 1), &w->cx.err);
    assert_int_equal(options(w, &ask).items[0].amount.minor, 500);
}

static void shops_say_when_it_can_be_fetched(void **state)
{
    World         *w = *state;
    CatalogProduct p = shop_product(w, "{\"title\":\"Mug\",\"variants\":[{\"tracked\":true,"
                                       "\"quantity\":3}]}");
    StockLocation  l = {0};
    assert_ok(shop_read(&w->cx, &stock_location_shape,
                        "{\"name\":\"Shop\",\"kind\":\"shop\",\"pickup\":true,\"online\":false}",
                        &l),
              &w->cx.err);
    assert_ok(stock_location_create(&w->cx, &l), &w->cx.err);
    int64_t      m = method(w, zone(w, 0, "[{\"country\":\"NL\"}]"),
                            "\"kind\":\"pickup\",\"handling_days\":0,\"transit_max\":3,"
                                 "\"rates\":[{\"amount\":{\"amount\":0,\"currency\":\"EUR\"}}]");
    DeliveryLine line = goods(p.id, 1, 100, 1000);
    line.variant_id = p.variants.items[0].id;
    DeliveryAsk     ask = ask_to("NL", "1012AB", &line);
    DeliveryOptions got = options(w, &ask);
    DeliveryOption  chosen;
    assert_int_equal(got.items[0].points.n, 1);
    assert_false(got.items[0].points.items[0].here);
    assert_string_equal(promise(w, &ask), "2026-11-26 2026-11-26"); /* brought there first */
    Str point = got.items[0].points.items[0].id;
    assert_int_equal(order_delivery_location(point), l.id);
    assert_ok(order_delivery_choose(&w->cx, &ask, m, point, STR(""), &chosen), &w->cx.err);
    assert_str(chosen.chosen.title, "Shop");
    assert_fails(order_delivery_choose(&w->cx, &ask, m, STR("loc_nowhere"), STR(""), &chosen),
                 ST_CONFLICT, &w->cx.err, "order.delivery_unavailable");
}

static void lockers_are_the_nearest_ones(void **state)
{
    World         *w = *state;
    DeliveryPoint  three[] = {{.code = STR("1"),
                               .name = STR("Far"),
                               .postal = STR("9711"),
                               .country = STR("NL"),
                               .line1 = STR(""),
                               .city = STR(""),
                               .hours = STR("")},
                              {.code = STR("2"),
                               .name = STR("Near"),
                               .postal = STR("1013"),
                               .country = STR("NL"),
                               .line1 = STR(""),
                               .city = STR(""),
                               .hours = STR("")},
                              {.code = STR("3"),
                               .name = STR("Abroad"),
                               .postal = STR("1012"),
                               .country = STR("BE"),
                               .line1 = STR(""),
                               .city = STR(""),
                               .hours = STR("")}};
    DeliveryPoints list = {three, 3};
    DeliveryOption chosen;
    DeliveryLine   line = goods(10, 1, 100, 1000);
    DeliveryAsk    ask = ask_to("NL", "1012AB", &line);
    int64_t        m = method(w, zone(w, 0, "[{\"country\":\"NL\"}]"),
                              FLAT ",\"kind\":\"pickup_point\",\"carrier\":\"dhl\"");
    assert_int_equal(options(w, &ask).n, 0);
    assert_ok(delivery_points_put(&w->cx, STR("dhl"), &list), &w->cx.err);
    DeliveryOptions got = options(w, &ask);
    assert_int_equal(got.items[0].points.n, 2);
    assert_str(got.items[0].points.items[0].title, "Near");
    assert_ok(
        order_delivery_choose(&w->cx, &ask, m, got.items[0].points.items[1].id, STR(""), &chosen),
        &w->cx.err);
    assert_str(chosen.chosen.title, "Far");
}

typedef struct Placed {
    int64_t order, method;
    Str     slot;
} Placed;

static Status placed_tx(Cx *cx, void *arg)
{
    const Placed *p = arg;
    return order_delivery_placed(cx, p->order, p->method, p->slot, 0, 0);
}

static Status cancelled_tx(Cx *cx, void *arg)
{
    return order_delivery_cancelled(cx, ((const Placed *)arg)->order);
}

static void a_slot_takes_as_many_orders_as_it_has_room_for(void **state)
{
    World          *w = *state;
    int64_t         m = method(w, zone(w, 0, "[{\"country\":\"NL\"}]"),
                               FLAT ",\"kind\":\"local\",\"handling_days\":0,\"cutoff\":720,\"slots\":["
                                            "{\"weekday\":\"mon\",\"from\":540,\"to\":600,\"capacity\":9},"
                                            "{\"weekday\":\"mon\",\"from\":1080,\"to\":1200,\"capacity\":2},"
                                            "{\"weekday\":\"wed\",\"from\":1080,\"to\":1200,\"capacity\":1}]");
    DeliveryLine    line = goods(10, 1, 100, 1000);
    DeliveryAsk     ask = ask_to("NL", "1012AB", &line);
    DeliveryOptions got = options(w, &ask);
    DeliveryOption  chosen;
    assert_int_equal(got.items[0].slots.n, 2); /* nine o'clock is over */
    assert_str(got.items[0].slots.items[0].id, "2026-11-23T18:00-20:00");
    Placed one = {1, m, got.items[0].slots.items[0].id}, two = {2, m, one.slot},
           three = {3, m, one.slot};
    assert_ok(cx_in_tx(&w->cx, placed_tx, &one), &w->cx.err);
    assert_ok(cx_in_tx(&w->cx, placed_tx, &one), &w->cx.err); /* once more is once */
    assert_int_equal(options(w, &ask).items[0].slots.items[0].left, 1);
    assert_ok(cx_in_tx(&w->cx, placed_tx, &two), &w->cx.err);
    assert_fails(cx_in_tx(&w->cx, placed_tx, &three), ST_CONFLICT, &w->cx.err, "order.slot_full");
    assert_fails(order_delivery_choose(&w->cx, &ask, m, STR(""), one.slot, &chosen), ST_CONFLICT,
                 &w->cx.err, "order.slot_full");
    assert_ok(cx_in_tx(&w->cx, cancelled_tx, &one), &w->cx.err);
    assert_ok(cx_in_tx(&w->cx, cancelled_tx, &one), &w->cx.err);
    assert_int_equal(options(w, &ask).items[0].slots.items[0].left, 1);
    assert_ok(cx_in_tx(&w->cx, placed_tx, &three), &w->cx.err);
    Placed odd = {4, m, STR("2026-11-24T18:00-20:00")};
    assert_fails(cx_in_tx(&w->cx, placed_tx, &odd), ST_CONFLICT, &w->cx.err, "order.slot_full");
}

static void a_product_page_needs_no_statement(void **state)
{
    World         *w = *state;
    DeliveryOption o;
    DeliveryLine   line = goods(10, 1, 100, 1000);
    int64_t        z = zone(w, 0, "[{\"country\":\"NL\"}]");
    method(w, z, FLAT ",\"handling_days\":0,\"transit_max\":2");
    method(w, z,
           "\"kind\":\"express\",\"transit_max\":1,\"rates\":[{\"amount\":{\"amount\":900,"
           "\"currency\":\"EUR\"}}]");
    assert_true(order_delivery_hint(&w->cx, STR("NL"), &line, STR("EUR"), at(23, 10, 0), &o));
    int64_t before = w->cx.statements;
    assert_true(order_delivery_hint(&w->cx, STR("NL"), &line, STR("EUR"), at(23, 10, 0), &o));
    assert_int_equal(w->cx.statements, before);
    assert_int_equal(o.amount.minor, 500);
    assert_str(order_delivery_day(&w->arena, o.promise.to), "2026-11-25");
    assert_int_equal(o.promise.order_by.v.v, at(23, 14, 0).v);
    assert_false(order_delivery_hint(&w->cx, STR("DE"), &line, STR("EUR"), at(23, 10, 0), &o));
    TotalsTexts countries;
    assert_ok(order_delivery_countries(&w->cx, &countries), &w->cx.err);
    assert_int_equal(countries.n, 1);
}

static void wrong_input_is_refused(void **state)
{
    World       *w = *state;
    DeliveryZone z = {0};
    assert_ok(shop_read(&w->cx, &delivery_zone_shape,
                        "{\"title\":\"Z\",\"places\":[{\"country\":\"QQ\"}]}", &z),
              &w->cx.err);
    assert_fails(delivery_zone_save(&w->cx, 0, &z), ST_INVALID, &w->cx.err, "shape.invalid");
    assert_issue(&w->cx, "/places/0/country", "not_found");
    assert_fails(delivery_zone_delete(&w->cx, 5), ST_NOT_FOUND, &w->cx.err,
                 "order.no_delivery_zone");
    assert_fails(delivery_profile_delete(&w->cx, 1), ST_CONFLICT, &w->cx.err,
                 "order.default_profile");
    DeliveryHoliday  day = {STR("2026-02-30"), STR(""), false, STR("")};
    DeliveryHolidays list = {&day, 1};
    assert_fails(delivery_holidays_put(&w->cx, &list), ST_INVALID, &w->cx.err, "shape.invalid");
}

int main(void)
{
    stock_install();
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_shop_delivers_nowhere_until_it_says_so),
        TEST_WORLD(the_most_specific_zone_holds),
        TEST_WORLD(the_first_rate_that_fits_is_what_it_costs),
        TEST_WORLD(it_arrives_when_promised),
        TEST_WORLD(what_comes_later_is_promised_later),
        TEST_WORLD(goods_of_several_profiles_cost_together),
        TEST_WORLD(shops_say_when_it_can_be_fetched),
        TEST_WORLD(lockers_are_the_nearest_ones),
        TEST_WORLD(a_slot_takes_as_many_orders_as_it_has_room_for),
        TEST_WORLD(a_product_page_needs_no_statement),
        TEST_WORLD(wrong_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
