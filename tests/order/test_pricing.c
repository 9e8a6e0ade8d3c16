/* Promotions, codes, counting and taxes in the database; the API and the snapshot. */
#include "world.h"

#include "base/fault.h"
#include "base/id.h"
#include "catalog/module.h"
#include "catalog/product.h"
#include "catalog/published.h"
#include "http/http.h"
#include "order/module.h"
#include "order/pricing.h"
#include "order/pricing_http.h"
#include "order/pricing_module.h"
#include "people/people.h"
#include "stock/module.h"

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module, &pricing_module);

#define EUR(n) "[{\"amount\":" n ",\"currency\":\"EUR\"}]"

static void read_into(World *w, const Shape *shape, const char *json, void *to)
{
    Issues issues = {.arena = &w->arena};
    assert_ok(
        shape_read(shape, SHAPE_PATCH, str_from_cstr(json), &w->arena, to, &issues, &w->cx.err),
        &w->cx.err);
}

static OrderPromotion promotion(World *w, const char *json)
{
    OrderPromotion p = {0};
    read_into(w, &order_promotion_shape, json, &p);
    assert_ok(order_promotion_create(&w->cx, &p), &w->cx.err);
    return p;
}

static OrderCode code(World *w, int64_t promotion_id, const char *json)
{
    OrderCode c = {0};
    read_into(w, &order_code_shape, json, &c);
    c.promotion_id = promotion_id;
    assert_ok(order_code_create(&w->cx, &c), &w->cx.err);
    return c;
}

/* A cart of one line of 100.00 with up to two codes. */
static OrderTotals priced(World *w, const char *first, const char *second, const char *email)
{
    OrderTotals t = {0};
    TotalsLine *line = arena_new(&w->arena, TotalsLine);
    Str        *codes = arena_array(&w->arena, Str, 2);
    *line = (TotalsLine){.id = 1, .variant_id = 1, .product_id = 1, .qty = 1, .unit_price = 10000};
    codes[0] = str_from_cstr(first);
    codes[1] = str_from_cstr(second);
    TotalsIn in = {.currency = "EUR",
                   .at = w->cx.now,
                   .buyer = {.country = STR("DE")},
                   .lines = line,
                   .nlines = 1,
                   .codes = {codes, (size_t)(first != NULL) + (second != NULL)}};
    assert_ok(order_totals_context_load(&w->cx, str_from_cstr(email), &in), &w->cx.err);
    assert_ok(order_totals(&w->arena, &in, &t, &w->cx.err), &w->cx.err);
    return t;
}

/* --- promotions and codes ----------------------------------------------------------------- */

static void a_promotion_comes_back_as_it_was_written(void **state)
{
    World         *w = *state;
    OrderPromotion p = promotion(
        w, "{\"title\":\"Ten\",\"kind\":\"percent\",\"automatic\":true,\"percent_ppm\":100000,"
           "\"rewards\":{\"tags\":[\"hat\",\"cap\"],\"not_reduced\":true},\"conditions\":"
           "{\"customer.groups\":{\"$in\":[\"vip\"]}},\"min_amounts\":" EUR("5000") "}");
    OrderPromotion got, change = {0};
    assert_ok(order_promotion_get(&w->cx, p.id, &got), &w->cx.err);
    assert_str(got.title, "Ten");
    assert_int_equal(got.rewards.tags.n, 2);
    assert_true(got.rewards.not_reduced && got.active && got.automatic);
    assert_str(got.conditions, "{\"customer.groups\":{\"$in\":[\"vip\"]}}");
    read_into(w, &order_promotion_shape, "{\"percent_ppm\":200000}", &change);
    assert_fails(order_promotion_update(&w->cx, p.id, 7, &change), ST_STALE, &w->cx.err,
                 "order.stale");
    assert_ok(order_promotion_update(&w->cx, p.id, 1, &change), &w->cx.err);
    assert_ok(order_promotion_get(&w->cx, p.id, &got), &w->cx.err);
    assert_int_equal(got.percent_ppm, 200000);
    assert_int_equal(got.rev, 2);
    assert_str(got.title, "Ten");
    assert_ok(order_promotion_delete(&w->cx, p.id, 0), &w->cx.err);
    assert_fails(order_promotion_get(&w->cx, p.id, &got), ST_NOT_FOUND, &w->cx.err,
                 "order.no_promotion");
}

static Str title_in(World *w, const char *locale)
{
    OrderTotals t = {0};
    TotalsLine  line = {.id = 1, .variant_id = 1, .product_id = 1, .qty = 1, .unit_price = 10000};
    TotalsIn    in = {.currency = "EUR",
                      .at = w->cx.now,
                      .lines = &line,
                      .nlines = 1,
                      .locale = str_from_cstr(locale)};
    assert_ok(order_totals_context_load(&w->cx, STR(""), &in), &w->cx.err);
    assert_ok(order_totals(&w->arena, &in, &t, &w->cx.err), &w->cx.err);
    assert_int_equal(t.applied.n, 1);
    return t.applied.items[0].title;
}

static void titles_are_told_in_the_shoppers_language(void **state)
{
    World         *w = *state;
    OrderPromotion p = promotion(
        w, "{\"title\":\"Ten off\",\"kind\":\"percent\",\"percent_ppm\":100000,\"active\":true,"
           "\"automatic\":true,\"translations\":[{\"locale\":\"nl\",\"title\":\"Tien eraf\"},"
           "{\"locale\":\"pt-BR\",\"title\":\"Dez\"},{\"locale\":\"uk\",\"title\":\"\"}]}");
    assert_str(title_in(w, "nl"), "Tien eraf");
    assert_str(title_in(w, "nl-BE"), "Tien eraf");
    assert_str(title_in(w, "PT-br"), "Dez");
    assert_str(title_in(w, "pt"), "Ten off");
    assert_str(title_in(w, "uk"), "Ten off");
    assert_str(title_in(w, ""), "Ten off");
    assert_str(order_promotion_title(&w->cx, p.id, STR("nl"), STR("was")), "Tien eraf");
    assert_str(order_promotion_title(&w->cx, p.id + 1, STR("nl"), STR("was")), "was");
    p.translations.items[1].locale = STR("NL");
    assert_fails(order_promotion_update(&w->cx, p.id, 0, &p), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    assert_str(w->cx.issues.items[0].pointer, "/translations/1/locale");
}

static void what_cannot_work_is_refused_with_its_field(void **state)
{
    World *w = *state;
    static const struct {
        const char *json, *pointer;
    } CASES[] = {
        {"{\"title\":\"x\",\"kind\":\"percent\"}", "/percent_ppm"},
        {"{\"title\":\"x\",\"kind\":\"fixed\"}", "/amounts"},
        {"{\"title\":\"x\",\"kind\":\"buy_get\",\"get_qty\":1}", "/buy_qty"},
        {"{\"title\":\"x\",\"kind\":\"cheapest\",\"buy_qty\":2,\"get_qty\":3}", "/get_qty"},
        {"{\"title\":\"x\",\"kind\":\"gift\"}", "/gift_variant"},
        {"{\"title\":\"x\",\"kind\":\"bundle\",\"buy_qty\":2}", "/amounts"},
        {"{\"title\":\"x\",\"kind\":\"delivery\",\"conditions\":{\"cart.x\":1}}", "/conditions"},
        {"{\"title\":\"x\",\"kind\":\"delivery\",\"conditions\":[1]}", "/conditions"},
        {"{\"title\":\"x\",\"kind\":\"fixed\",\"amounts\":[{\"amount\":-1,\"currency\":\"EUR\"}]}",
         "/amounts/0"},
        {"{\"title\":\"x\",\"kind\":\"delivery\",\"starts_at\":\"2026-01-02T00:00:00Z\","
         "\"ends_at\":\"2026-01-01T00:00:00Z\"}",
         "/ends_at"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        OrderPromotion p = {0};
        read_into(w, &order_promotion_shape, CASES[i].json, &p);
        assert_fails(order_promotion_create(&w->cx, &p), ST_INVALID, &w->cx.err, "shape.invalid");
        assert_str(w->cx.issues.items[0].pointer, CASES[i].pointer);
        world_again(w);
    }
}

static void codes_are_found_in_any_spelling(void **state)
{
    World         *w = *state;
    OrderPromotion p =
        promotion(w, "{\"title\":\"Ten\",\"kind\":\"percent\",\"percent_ppm\":100000}");
    code(w, p.id, "{\"code\":\"Літо-2026\"}");
    static const char *const SPELT[] = {"Літо-2026", "літо2026", " ЛІТО 2026 "};
    for (size_t i = 0; i < COUNT_OF(SPELT); i++) {
        OrderTotals t = priced(w, SPELT[i], NULL, NULL);
        assert_int_equal(t.discount.minor, -1000);
        assert_true(t.codes.items[0].applied);
    }
    OrderTotals t = priced(w, "Зима", "ЛІТО-2026", NULL);
    assert_int_equal(t.codes.items[0].reason, REFUSED_UNKNOWN);
    assert_int_equal(t.discount.minor, -1000);
    assert_int_equal(priced(w, NULL, NULL, NULL).discount.minor, 0); /* it is not automatic */
    OrderCode again = {.promotion_id = p.id, .code = STR("лІТО 2026")};
    assert_fails(order_code_create(&w->cx, &again), ST_CONFLICT, &w->cx.err, "order.code_taken");
    OrderCode none = {.promotion_id = p.id, .code = STR(" -- ")};
    assert_fails(order_code_create(&w->cx, &none), ST_INVALID, &w->cx.err, "shape.invalid");
}

static void many_codes_are_made_and_each_is_another(void **state)
{
    World         *w = *state;
    OrderCodes     made, page;
    OrderPromotion p =
        promotion(w, "{\"title\":\"Ten\",\"kind\":\"percent\",\"percent_ppm\":100000}");
    const OrderCodeBulk BULK = {.n = 500,
                                .prefix = STR("VIP-"),
                                .length = 6,
                                .limit_total = opt_i64(1),
                                .batch = STR("spring")};
    assert_ok(order_codes_make(&w->cx, p.id, &BULK, &made), &w->cx.err);
    assert_int_equal(made.n, 500);
    assert_true(str_starts(made.items[0].code, STR("VIP-")) && made.items[0].code.len == 10);
    assert_ok(order_codes(&w->cx, p.id, STR("spring"), 0, 1000, &page), &w->cx.err);
    assert_int_equal(page.n, 500);
    assert_ok(order_codes(&w->cx, p.id, STR("autumn"), 0, 1000, &page), &w->cx.err);
    assert_int_equal(page.n, 0);
    assert_ok(order_promotion_get(&w->cx, p.id, &p), &w->cx.err);
    assert_int_equal(p.codes, 500);
    char z[32];
    snprintf(z, sizeof z, "%.10s", made.items[499].code.ptr);
    assert_int_equal(priced(w, z, NULL, NULL).discount.minor, -1000);
    OrderCode off = {0};
    read_into(w, &order_code_shape, "{\"active\":false}", &off);
    assert_ok(order_code_update(&w->cx, made.items[499].id, &off), &w->cx.err);
    assert_int_equal(priced(w, z, NULL, NULL).codes.items[0].reason, REFUSED_INACTIVE);
    assert_ok(order_code_delete(&w->cx, made.items[499].id), &w->cx.err);
    assert_int_equal(priced(w, z, NULL, NULL).codes.items[0].reason, REFUSED_UNKNOWN);
}

/* --- counting ----------------------------------------------------------------------------- */

typedef struct Place {
    int64_t     order;
    const char *email;
    OrderTotals totals;
} Place;

static Status place_tx(Cx *cx, void *arg)
{
    Place *p = arg;
    return promotion_use(cx, p->order, promotion_buyer(cx->arena, 0, str_from_cstr(p->email)),
                         &p->totals);
}

static Status cancel_tx(Cx *cx, void *arg)
{
    return promotion_give_back(cx, *(int64_t *)arg);
}

static Status place(World *w, int64_t order, const char *email, OrderTotals totals)
{
    Place p = {order, email, totals};
    return cx_in_tx(&w->cx, place_tx, &p);
}

static void limits_are_counted_when_placed_and_given_back_when_cancelled(void **state)
{
    World         *w = *state;
    int64_t        first = 1, second = 2;
    OrderPromotion p = promotion(w, "{\"title\":\"Ten\",\"kind\":\"percent\",\"percent_ppm\":"
                                    "100000,\"limit_total\":2,\"limit_per_customer\":1}");
    code(w, p.id, "{\"code\":\"TEN\"}");
    OrderTotals t = priced(w, "TEN", NULL, "anna@example.org");
    assert_ok(place(w, first, "anna@example.org", t), &w->cx.err);
    assert_ok(place(w, first, "anna@example.org", t), &w->cx.err); /* counts once */
    assert_int_equal(priced(w, "TEN", NULL, " Anna@Example.org").codes.items[0].reason,
                     REFUSED_USED_BY_YOU);
    assert_fails(place(w, 9, "ANNA@example.org", t), ST_CONFLICT, &w->cx.err,
                 "order.promotion_used_up");
    assert_ok(place(w, second, "ben@example.org", t), &w->cx.err);
    assert_int_equal(priced(w, "TEN", NULL, "eve@example.org").codes.items[0].reason,
                     REFUSED_USED_UP);
    assert_fails(place(w, 3, "eve@example.org", t), ST_CONFLICT, &w->cx.err,
                 "order.promotion_used_up");
    assert_fails(order_promotion_delete(&w->cx, p.id, 0), ST_CONFLICT, &w->cx.err,
                 "order.promotion_has_uses");
    assert_ok(cx_in_tx(&w->cx, cancel_tx, &first), &w->cx.err);
    assert_ok(cx_in_tx(&w->cx, cancel_tx, &first), &w->cx.err); /* gives back once */
    assert_ok(order_promotion_get(&w->cx, p.id, &p), &w->cx.err);
    assert_int_equal(p.used, 1);
    assert_ok(place(w, 4, "anna@example.org", t), &w->cx.err);
}

static void a_budget_is_never_passed(void **state)
{
    World         *w = *state;
    int64_t        first = 1;
    OrderPromotion p = promotion(w, "{\"title\":\"Ten\",\"kind\":\"percent\",\"automatic\":true,"
                                    "\"percent_ppm\":100000,\"budget\":{\"amount\":1500,"
                                    "\"currency\":\"EUR\"}}");
    OrderTotals    t = priced(w, NULL, NULL, NULL);
    assert_int_equal(t.discount.minor, -1000);
    assert_ok(place(w, first, "", t), &w->cx.err);
    assert_int_equal(priced(w, NULL, NULL, NULL).discount.minor, 0); /* 5.00 do not cover 10.00 */
    assert_fails(place(w, 2, "", t), ST_CONFLICT, &w->cx.err, "order.promotion_used_up");
    OrderPromotion change = {0};
    read_into(w, &order_promotion_shape, "{\"budget\":{\"amount\":999,\"currency\":\"EUR\"}}",
              &change);
    assert_fails(order_promotion_update(&w->cx, p.id, 0, &change), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    assert_ok(cx_in_tx(&w->cx, cancel_tx, &first), &w->cx.err);
    assert_int_equal(priced(w, NULL, NULL, NULL).discount.minor, -1000);
    assert_ok(order_promotion_get(&w->cx, p.id, &p), &w->cx.err);
    assert_int_equal(p.used_amount.minor, 0);
}

/* A limit that comes later knows what was used before. */
static void uses_are_known_before_there_is_a_limit(void **state)
{
    World         *w = *state;
    OrderPromotion change = {0}, p = promotion(w, "{\"title\":\"Ten\",\"kind\":\"percent\","
                                                  "\"automatic\":true,\"percent_ppm\":100000}");
    for (int64_t order = 1; order <= 3; order++)
        assert_ok(place(w, order, "", priced(w, NULL, NULL, NULL)), &w->cx.err);
    assert_ok(order_promotion_get(&w->cx, p.id, &p), &w->cx.err);
    assert_int_equal(p.used, 3);
    read_into(w, &order_promotion_shape, "{\"limit_total\":3}", &change);
    assert_ok(order_promotion_update(&w->cx, p.id, 0, &change), &w->cx.err);
    assert_int_equal(priced(w, NULL, NULL, NULL).discount.minor, 0);
}

static void a_code_that_works_once_works_once(void **state)
{
    World         *w = *state;
    OrderPromotion p =
        promotion(w, "{\"title\":\"Ten\",\"kind\":\"percent\",\"percent_ppm\":100000}");
    code(w, p.id, "{\"code\":\"ONCE\",\"limit_total\":1}");
    code(w, p.id, "{\"code\":\"OFTEN\"}");
    OrderTotals t = priced(w, "ONCE", NULL, NULL);
    assert_ok(place(w, 1, "", t), &w->cx.err);
    assert_fails(place(w, 2, "", t), ST_CONFLICT, &w->cx.err, "order.promotion_used_up");
    assert_int_equal(priced(w, "ONCE", NULL, NULL).codes.items[0].reason, REFUSED_USED_UP);
    assert_int_equal(priced(w, "OFTEN", NULL, NULL).discount.minor, -1000);
}

/* An order that is paid goes on although a limit was met meanwhile: then nothing of that
 * promotion is counted, and all of the others. */
static Status place_anyway_tx(Cx *cx, void *arg)
{
    Status st = place_tx(cx, arg);
    return st == ST_CONFLICT ? ST_OK : st;
}

static void what_is_used_up_is_not_counted_in_part(void **state)
{
    World         *w = *state;
    OrderPromotion one = promotion(w, "{\"title\":\"One\",\"kind\":\"percent\",\"percent_ppm\":"
                                      "100000,\"limit_total\":9,\"stack_group\":\"+\"}");
    OrderPromotion two = promotion(w, "{\"title\":\"Two\",\"kind\":\"percent\",\"percent_ppm\":"
                                      "100000,\"limit_total\":9,\"stack_group\":\"+\"}");
    code(w, one.id, "{\"code\":\"ONE\",\"limit_total\":1}");
    code(w, two.id, "{\"code\":\"TWO\"}");
    Place   first = {1, "", priced(w, "ONE", "TWO", NULL)}, second = {2, "", first.totals};
    int64_t order = 2;
    assert_int_equal(first.totals.applied.n, 2);
    assert_ok(cx_in_tx(&w->cx, place_anyway_tx, &first), &w->cx.err);
    assert_ok(cx_in_tx(&w->cx, place_anyway_tx, &second), &w->cx.err);
    assert_ok(order_promotion_get(&w->cx, one.id, &one), &w->cx.err);
    assert_ok(order_promotion_get(&w->cx, two.id, &two), &w->cx.err);
    assert_int_equal(one.used, 1);
    assert_int_equal(two.used, 2);
    assert_ok(cx_in_tx(&w->cx, cancel_tx, &order), &w->cx.err);
    assert_ok(order_promotion_get(&w->cx, one.id, &one), &w->cx.err);
    assert_ok(order_promotion_get(&w->cx, two.id, &two), &w->cx.err);
    assert_int_equal(one.used, 1);
    assert_int_equal(two.used, 1);
    OrderPromotion gone =
        promotion(w, "{\"title\":\"Gone\",\"kind\":\"percent\",\"automatic\":true,"
                     "\"percent_ppm\":100000}");
    OrderTotals t = priced(w, NULL, NULL, NULL);
    assert_ok(order_promotion_delete(&w->cx, gone.id, 0), &w->cx.err);
    assert_ok(place(w, 3, "", t), &w->cx.err); /* it keeps what it was promised */
}

#ifdef FAULT_INJECTION
static int64_t number(World *w, const char *sql)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    DbQuery                   q = {"test.number", sql, sql, "", "i"};
    assert_ok(cx_run(&w->cx, &q, &run), &w->cx.err);
    assert_ok(db_step(&run, &row, &w->cx.err), &w->cx.err);
    return db_col_i64(&run, 0);
}

/* Whichever call of the database fails, all of it is counted or nothing. */
static void a_fault_counts_nothing(void **state)
{
    World         *w = *state;
    OrderPromotion p = promotion(w, "{\"title\":\"Ten\",\"kind\":\"percent\",\"percent_ppm\":"
                                    "100000,\"limit_total\":2,\"limit_per_customer\":1}");
    code(w, p.id, "{\"code\":\"TEN\",\"limit_total\":5}");
    OrderTotals t = priced(w, "TEN", NULL, "a@example.org");
    for (int n = 1;; n++) {
        fault_arm(n, false);
        Status st = place(w, 1, "a@example.org", t);
        bool   fired = fault_fired();
        fault_arm(0, false);
        int64_t counted =
            number(w, "SELECT CAST(used + (SELECT count(*) FROM order_promotion_use) +"
                      " (SELECT sum(used) FROM order_code) AS BIGINT) FROM order_promotion");
        assert_int_equal(counted, st == ST_OK ? 3 : 0);
        if (!fired || st == ST_OK) {
            assert_true(n > 4);
            break;
        }
    }
}
#endif

/* --- taxes -------------------------------------------------------------------------------- */

static int64_t rate_of(World *w, const char *country, const char *postal, const char *tax_class,
                       int64_t year)
{
    TaxZones   *zones = arena_new(&w->arena, TaxZones);
    TaxClasses *classes = arena_new(&w->arena, TaxClasses);
    assert_ok(tax_zones(&w->cx, zones), &w->cx.err);
    assert_ok(tax_classes(&w->cx, classes), &w->cx.err);
    const TaxTable *t = tax_table_make(&w->arena, zones, classes);
    UnixMs          at = {(year - 1970) * SPAN_DAYS(365).v + SPAN_DAYS(340).v};
    TotalsRates     r = tax_table_rates(t, &w->arena, str_from_cstr(country), STR(""),
                                        str_from_cstr(postal), str_from_cstr(tax_class), at, NULL);
    return r.n == 1 ? r.items[0].ppm : r.n == 0 ? -1 : -2;
}

static void the_shipped_table_is_there_and_right(void **state)
{
    World     *w = *state;
    TaxShipped s;
    static const struct {
        const char *country, *postal, *tax_class;
        int64_t     ppm;
    } RATES[] = {
        {"DE", "", "standard", 190000},
        {"DE", "", "reduced", 70000},
        {"DE", "27498", "standard", -1},
        {"ES", "35001", "standard", -1},
        {"ES", "28001", "super-reduced", 40000},
        {"FI", "", "standard", 255000},
        {"FI", "", "reduced", 135000},
        {"EE", "", "standard", 240000},
        {"RO", "", "standard", 210000},
        {"RO", "", "reduced-2", 110000},
        {"SK", "", "standard", 230000},
        {"LT", "", "reduced", 120000},
        {"DK", "", "reduced", 250000},
        {"CH", "", "standard", 81000},
        {"CH", "", "super-reduced", 26000},
        {"UA", "", "standard", 200000},
        {"UA", "", "reduced-2", 70000},
        {"TR", "", "super-reduced", 10000},
        {"GB", "", "reduced", 50000},
        {"FR", "", "super-reduced", 21000},
        {"HU", "", "standard", 270000},
        {"LU", "", "standard", 170000},
        {"PT", "9500-321", "standard", 160000},
        {"AT", "", "super-reduced", 49000},
        {"US", "", "standard", -1},
        {"DE", "", "exempt", -1},
        {"DE", "", "zero", 0},
    };
    assert_ok(tax_shipped_get(&w->cx, &s), &w->cx.err);
    assert_str(s.applied, "");
    assert_str(s.date, "2026-11-22");
    assert_ok(tax_shipped_apply(&w->cx, false, &s), &w->cx.err);
    assert_int_equal(s.zones_added, 27 + 4 + 3 + 7);
    for (size_t i = 0; i < COUNT_OF(RATES); i++)
        if (rate_of(w, RATES[i].country, RATES[i].postal, RATES[i].tax_class, 2026) != RATES[i].ppm)
            fail_msg("%s %s %s", RATES[i].country, RATES[i].postal, RATES[i].tax_class);
    assert_int_equal(rate_of(w, "AT", "", "super-reduced", 2025), 100000);
    assert_ok(tax_shipped_apply(&w->cx, true, &s), &w->cx.err); /* again changes nothing */
    assert_int_equal(s.zones_added + s.rates_added + s.rates_ended + s.rates_kept, 0);
}

static void what_staff_wrote_into_the_table_stays(void **state)
{
    World     *w = *state;
    TaxShipped s;
    TaxZones   all;
    TaxZone    change = {0}, got;
    assert_ok(tax_shipped_apply(&w->cx, false, &s), &w->cx.err);
    assert_ok(tax_zones(&w->cx, &all), &w->cx.err);
    size_t i = 0;
    while (!str_eq(all.items[i].country, STR("NL")))
        i++;
    read_into(w, &tax_zone_shape,
              "{\"rates\":[{\"tax_class\":\"standard\",\"name\":\"btw\",\"rate_ppm\":220000}]}",
              &change);
    assert_ok(tax_zone_update(&w->cx, all.items[i].id, all.items[i].rev, &change), &w->cx.err);
    assert_int_equal(rate_of(w, "NL", "", "standard", 2026), 220000);
    assert_ok(tax_shipped_apply(&w->cx, true, &s), &w->cx.err);
    assert_int_equal(s.rates_kept, 1);
    assert_int_equal(s.rates_added, 1); /* the reduced one, which was taken away */
    assert_int_equal(rate_of(w, "NL", "", "standard", 2026), 220000);
    assert_ok(tax_zone_get(&w->cx, all.items[i].id, &got), &w->cx.err);
    assert_int_equal(got.rates.n, 2);
    TaxZone bad = {0};
    read_into(w, &tax_zone_shape,
              "{\"country\":\"QQ\",\"postals\":[{\"from\":\"10\",\"to\":\"9\"}],\"rates\":[{"
              "\"tax_class\":\"exempt\",\"name\":\"x\",\"rate_ppm\":1}]}",
              &bad);
    assert_fails(tax_zone_create(&w->cx, &bad), ST_INVALID, &w->cx.err, "shape.invalid");
    assert_int_equal(w->cx.issues.n, 3);
}

static void classes_lead_to_others_and_not_in_a_circle(void **state)
{
    World     *w = *state;
    TaxShipped s;
    TaxClass   books = {0}, loop = {0};
    assert_ok(tax_shipped_apply(&w->cx, false, &s), &w->cx.err);
    read_into(w, &tax_class_shape, "{\"handle\":\"books\",\"base\":\"reduced-2\"}", &books);
    assert_ok(tax_class_create(&w->cx, &books), &w->cx.err);
    assert_int_equal(rate_of(w, "BE", "", "books", 2026), 60000);
    assert_int_equal(rate_of(w, "DE", "", "books", 2026), 70000);
    assert_int_equal(rate_of(w, "DK", "", "books", 2026), 250000);
    read_into(w, &tax_class_shape, "{\"base\":\"books\"}", &loop);
    assert_fails(tax_class_update(&w->cx, books.id, &loop), ST_INVALID, &w->cx.err,
                 "shape.invalid");
    TaxClass again = {0};
    read_into(w, &tax_class_shape, "{\"handle\":\"books\"}", &again);
    assert_fails(tax_class_create(&w->cx, &again), ST_CONFLICT, &w->cx.err,
                 "order.tax_class_taken");
    assert_ok(tax_class_delete(&w->cx, books.id), &w->cx.err);
    TaxClasses all;
    assert_ok(tax_classes(&w->cx, &all), &w->cx.err);
    for (size_t i = 0; i < all.n; i++)
        assert_fails(tax_class_delete(&w->cx, all.items[i].id),
                     str_eq(all.items[i].handle, STR("gone")) ? ST_OK : ST_CONFLICT, &w->cx.err,
                     "order.tax_class_in_use");
}

/* --- a provider --------------------------------------------------------------------------- */

static bool broken;

static Status nyc(Cx *cx, const TotalsIn *in, TotalsLine *lines, TotalsDelivery *deliveries,
                  TotalsFee *fees)
{
    static const TotalsRate  RATE[] = {{.name = STR_INIT("NYC"), .ppm = 88750}};
    static const TotalsRates RATES = {RATE, 1};
    (void)deliveries;
    (void)fees;
    if (broken)
        return cx_fail(cx, ST_IO, "order.stale", "the service does not answer");
    for (size_t i = 0; i < in->nlines; i++)
        lines[i].rates = &RATES;
    return ST_OK;
}

static void a_provider_is_asked_and_may_fail(void **state)
{
    World                   *w = *state;
    static const TaxProvider NYC = {"nyc", nyc};
    TaxSettings              set;
    int64_t                  version;
    TaxShipped               s;
    assert_ok(tax_shipped_apply(&w->cx, false, &s), &w->cx.err);
    assert_ok(setting_get(&w->cx, &order_tax_setting, &set, &version), &w->cx.err);
    assert_int_equal(priced(w, NULL, NULL, NULL).tax_included.minor, 1597); /* 19 % of Germany */
    tax_provider_add(&NYC);
    set.provider = STR("nyc");
    set.prices_include_tax = false;
    assert_ok(setting_put(&w->cx, &order_tax_setting, version, &set, NULL), &w->cx.err);
    OrderTotals t = priced(w, NULL, NULL, NULL);
    assert_int_equal(t.tax_added.minor, 888);
    assert_str(t.taxes.items[0].name, "NYC");
    broken = true;
    log_min_level = LOG_ERROR;
    t = priced(w, NULL, NULL, NULL); /* the table instead */
    broken = false;
    assert_int_equal(t.tax_added.minor, 1900);
}

/* --- in memory ---------------------------------------------------------------------------- */

static void pricing_runs_no_statement_and_hears_of_changes(void **state)
{
    World      *w = *state;
    Core       *core;
    CoreOptions manual = {.manual = true};
    assert_ok(core_start(w->db, world_modules, world_nmodules, &manual, &core, &w->cx.err),
              &w->cx.err);
    core_set_now(core, w->cx.now);
    w->cx.core = core;
    assert_ok(pricing_start(w->db, core, &w->cx.err), &w->cx.err);
    int64_t before = w->cx.statements;
    assert_int_equal(priced(w, NULL, NULL, NULL).tax.minor, 1597); /* the table was loaded */
    assert_int_equal(w->cx.statements, before);
    promotion(w, "{\"title\":\"Ten\",\"kind\":\"percent\",\"automatic\":true,\"percent_ppm\":"
                 "100000}");
    assert_ok(core_drain(core, &w->cx.err), &w->cx.err);
    before = w->cx.statements;
    assert_int_equal(priced(w, NULL, NULL, NULL).discount.minor, -1000);
    assert_int_equal(w->cx.statements, before);
    assert_int_equal(priced(w, "NOTHING", NULL, NULL).codes.items[0].reason, REFUSED_UNKNOWN);
    assert_int_equal(w->cx.statements, before + 1);
    pricing_stop(w->db);
    assert_true(core_stop(core));
    w->cx.core = NULL;
}

/* --- the API ------------------------------------------------------------------------------ */

static Status authenticate(Cx *cx, const HttpReq *rq)
{
    (void)rq;
    cx->actor = (Actor){.kind = ACTOR_STAFF, .id = 1, .name = STR("Olha"), .all = true};
    return ST_OK;
}

static const char *ask(World *w, const char *method, const char *target, const char *body,
                       int status)
{
    static HttpRoutes tables[1];
    static HttpApp app = {.tables = tables, .ntables = 1, .hooks = {.authenticate = authenticate}};
    if (!app.index) {
        tables[0] = order_pricing_routes;
        http_app_index(&app);
    }
    const HttpPair headers[] = {{STR("Content-Type"), STR("application/json")}};
    HttpReq        rq = {.target = str_from_cstr(target),
                         .headers = headers,
                         .nheaders = body ? 1 : 0,
                         .body = str_from_cstr(body),
                         .peer = STR("127.0.0.1")};
    HttpResp       rs;
    Cx             cx = {0};
    rq.method = http_method_from(str_from_cstr(method), &rq.head);
    http_resp_init(&rs);
    log_min_level = LOG_ERROR + 1;
    assert_ok(cx_begin(&cx, &w->arena, w->db, w->cx.now), &cx.err);
    cx.core = w->cx.core;
    http_dispatch(&app, &cx, &rq, &rs);
    cx_end(&cx);
    Str         text = rs.borrowed.ptr ? rs.borrowed : buf_str(&rs.body);
    const char *z = str_cstr(&w->arena, text);
    if (rs.status != status)
        fail_msg("%s %s: %d, not %d: %s", method, target, rs.status, status, z);
    http_resp_done(&rs);
    return z;
}

static Str member(World *w, const char *json, const char *name)
{
    const JsonValue *v;
    assert_ok(json_parse(&w->arena, str_from_cstr(json), &v, &w->cx.err), &w->cx.err);
    v = json_get(v, str_from_cstr(name));
    assert_non_null(v);
    return v->text;
}

static char *path(World *w, const char *fmt, Str id, const char *tail)
{
    char *z = arena_alloc(&w->arena, 256, 1);
    int   n = snprintf(z, 256, "/api/v1/%s%.*s%s", fmt, STR_ARG(id), tail);
    assert_true(n > 0 && n < 250);
    return z;
}

static void the_api_makes_promotions_and_codes(void **state)
{
    World      *w = *state;
    const char *made = ask(w, "POST", "/api/v1/promotions",
                           "{\"title\":\"Ten\",\"kind\":\"percent\",\"percent_ppm\":100000}", 201);
    Str         id = member(w, made, "id");
    ask(w, "POST", "/api/v1/promotions", "{\"title\":\"Ten\",\"kind\":\"nonsense\"}", 422);
    ask(w, "PATCH", path(w, "promotions/", id, ""), "{\"percent_ppm\":2000000}", 422);
    assert_str(member(w, ask(w, "PATCH", path(w, "promotions/", id, ""), "{\"priority\":5}", 200),
                      "priority"),
               "5");
    const char *codes = path(w, "promotions/", id, "/codes");
    const char *bulk = path(w, "promotions/", id, "/codes/bulk");
    const char *c = ask(w, "POST", codes, "{\"code\":\"HELLO\"}", 201);
    ask(w, "POST", codes, "{\"code\":\"hello\"}", 409);
    ask(w, "POST", bulk, "{\"n\":3}", 201);
    ask(w, "POST", bulk, "{\"n\":1000000}", 422);
    const char *list = ask(w, "GET", codes, NULL, 200);
    assert_non_null(strstr(list, "HELLO"));
    ask(w, "PATCH", path(w, "promotion-codes/", member(w, c, "id"), ""), "{\"active\":false}", 200);
    ask(w, "DELETE", path(w, "promotion-codes/", member(w, c, "id"), ""), NULL, 204);
    assert_non_null(strstr(ask(w, "GET", "/api/v1/promotions", NULL, 200), "\"codes\":3"));
    ask(w, "DELETE", path(w, "promotions/", id, ""), NULL, 204);
    ask(w, "GET", path(w, "promotions/", id, ""), NULL, 404);
}

static void the_api_knows_taxes(void **state)
{
    World *w = *state;
    assert_str(member(w, ask(w, "GET", "/api/v1/tax-table", NULL, 200), "date"), "2026-11-22");
    ask(w, "POST", "/api/v1/tax-table/apply", NULL, 200);
    assert_non_null(strstr(ask(w, "GET", "/api/v1/tax-zones", NULL, 200), "\"country\":\"UA\""));
    assert_non_null(strstr(ask(w, "GET", "/api/v1/tax-classes", NULL, 200), "super-reduced"));
    const char *made = ask(w, "POST", "/api/v1/tax-zones",
                           "{\"country\":\"NZ\",\"rates\":[{\"tax_class\":\"standard\",\"name\":"
                           "\"GST\",\"rate_ppm\":150000}]}",
                           201);
    assert_int_equal(rate_of(w, "NZ", "", "standard", 2026), 150000);
    ask(w, "PATCH", path(w, "tax-zones/", member(w, made, "id"), ""), "{\"active\":false}", 200);
    assert_int_equal(rate_of(w, "NZ", "", "standard", 2026), -1);
    ask(w, "DELETE", path(w, "tax-zones/", member(w, made, "id"), ""), NULL, 204);
}

static void the_preview_prices_what_is_in_the_catalogue(void **state)
{
    World           *w = *state;
    Core            *core;
    CoreOptions      manual = {.manual = true};
    PublishedOptions by_hand = {.manual = true};
    CatalogProduct   p = {0};
    char             body[512];
    assert_ok(core_start(w->db, world_modules, world_nmodules, &manual, &core, &w->cx.err),
              &w->cx.err);
    core_set_now(core, w->cx.now);
    w->cx.core = core;
    read_into(
        w, &catalog_product_shape,
        "{\"title\":\"Hat\",\"status\":\"active\",\"tags\":[\"hat\"],\"variants\":[{\"prices\":[{"
        "\"price\":{\"amount\":1999,\"currency\":\"EUR\"}}]}]}",
        &p);
    assert_ok(catalog_product_create(&w->cx, &p), &w->cx.err);
    promotion(w, "{\"title\":\"Hats\",\"kind\":\"percent\",\"automatic\":true,\"percent_ppm\":"
                 "100000,\"rewards\":{\"tags\":[\"hat\"]}}");
    assert_ok(published_start(w->db, core, &by_hand, &w->cx.err), &w->cx.err);
    assert_ok(pricing_start(w->db, core, &w->cx.err), &w->cx.err);
    Str variant = id_format(&w->arena, "var", p.variants.items[0].id);
    snprintf(body, sizeof body,
             "{\"country\":\"DE\",\"lines\":[{\"variant_id\":\"" STR_FMT "\",\"qty\":3}],"
             "\"deliveries\":[{\"amount\":{\"amount\":490,\"currency\":\"EUR\"}}],\"codes\":"
             "[\"NO\"]}",
             STR_ARG(variant));
    const char *reply = ask(w, "POST", "/api/v1/pricing/preview", body, 200);
    assert_non_null(strstr(reply, "\"total\":{\"amount\":5887,\"currency\":\"EUR\"}"));
    assert_non_null(strstr(reply, "unknown_code"));
    ask(w, "POST", "/api/v1/pricing/preview",
        "{\"lines\":[{\"variant_id\":\"var_0000000000001\",\"qty\":1}]}", 404);
    ask(w, "POST", "/api/v1/pricing/preview", "{\"lines\":[]}", 422);
    ask(w, "POST", "/api/v1/pricing/preview", "{\"lines\":[{\"variant_id\":\"x\",\"qty\":-1}]}",
        422);
    pricing_stop(w->db);
    world_again(w); /* gives views of the catalogue back */
    published_stop(w->db);
    assert_true(core_stop(core));
    w->cx.core = NULL;
}

/* --- texts -------------------------------------------------------------------------------- */

static void every_reason_has_a_text_in_every_language(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (int lang = 0; lang < LANGS; lang++)
        for (int reason = REFUSED_NOT + 1; reason < REFUSED_KINDS; reason++) {
            TotalsCode c = {.code = STR("XYZ1"),
                            .reason = reason,
                            .missing_amount = MONEY(1250, "EUR"),
                            .missing_qty = 3};
            Str        s = totals_refusal_text(&a, (Lang)lang, &c, "Europe/Kyiv");
            assert_true(s.len > 8 && str_find(s, STR("{")) == SIZE_MAX);
        }
    const TotalsHint FREE = {
        .kind = PROMOTION_DELIVERY, .reward_ppm = TOTALS_PPM, .missing_amount = MONEY(1200, "EUR")};
    const TotalsHint MORE = {.kind = PROMOTION_BUY_GET, .title = STR("3 for 2"), .missing_qty = 1};
    assert_str(totals_hint_text(&a, LANG_EN, &FREE), "Spend €12.00 more: free delivery");
    assert_str(totals_hint_text(&a, LANG_EN, &MORE), "Add 1 more item: 3 for 2");
    assert_str(totals_hint_text(&a, LANG_UK, &MORE), "Додайте ще 1 товар: 3 for 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_promotion_comes_back_as_it_was_written),
        TEST_WORLD(titles_are_told_in_the_shoppers_language),
        TEST_WORLD(what_cannot_work_is_refused_with_its_field),
        TEST_WORLD(codes_are_found_in_any_spelling),
        TEST_WORLD(many_codes_are_made_and_each_is_another),
        TEST_WORLD(limits_are_counted_when_placed_and_given_back_when_cancelled),
        TEST_WORLD(a_budget_is_never_passed),
        TEST_WORLD(uses_are_known_before_there_is_a_limit),
        TEST_WORLD(a_code_that_works_once_works_once),
        TEST_WORLD(what_is_used_up_is_not_counted_in_part),
#ifdef FAULT_INJECTION
        TEST_WORLD(a_fault_counts_nothing),
#endif
        TEST_WORLD(the_shipped_table_is_there_and_right),
        TEST_WORLD(what_staff_wrote_into_the_table_stays),
        TEST_WORLD(classes_lead_to_others_and_not_in_a_circle),
        TEST_WORLD(a_provider_is_asked_and_may_fail),
        TEST_WORLD(pricing_runs_no_statement_and_hears_of_changes),
        TEST_WORLD(the_api_makes_promotions_and_codes),
        TEST_WORLD(the_api_knows_taxes),
        TEST_WORLD(the_preview_prices_what_is_in_the_catalogue),
        cmocka_unit_test(every_reason_has_a_text_in_every_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
