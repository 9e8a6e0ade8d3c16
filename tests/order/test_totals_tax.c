/* Taxes by hand: rounding, zones, classes, exemptions, currencies. */
#include "carts.h"

#define VAT(cc, n)                                                                                 \
    "{\"country\":\"" cc                                                                           \
    "\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"VAT\",\"rate_ppm\":"                     \
    "" n "}]}"
#define DE                                                                                         \
    "{\"country\":\"DE\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"USt\",\"rate_ppm\":"    \
    "190000},{\"tax_class\":\"reduced\",\"name\":\"USt\",\"rate_ppm\":70000}]}"

typedef struct TaxCase {
    const char *what;
    const char *currency; /* NULL: EUR */
    const char *zones;
    const char *country, *region, *postal;
    Bought      lines[4];
    int64_t     tax, total;
    int64_t     delivery;
    bool        included, per_total, proportional, keep_net, exempt;
    const char *countries;
} TaxCase;

static void check_case(const TaxCase *c)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 << 10);
    TotalsIn       in;
    OrderTotals    t = {0};
    Err            err = {0};
    TotalsDelivery delivery = {.method_id = 1, .amount = c->delivery};
    Str            only = str_from_cstr(c->countries);
    cart_eur(&a, &in);
    if (c->currency)
        memcpy(in.currency, c->currency, 4);
    cart_lines(&a, &in, c->lines);
    in.deliveries = &delivery;
    in.ndeliveries = c->delivery > 0;
    in.buyer = (TotalsBuyer){.country = str_from_cstr(c->country),
                             .region = str_from_cstr(c->region),
                             .postal = str_from_cstr(c->postal),
                             .tax_exempt = c->exempt};
    in.tax = (TotalsTaxRules){.table = cart_taxes(&a, c->zones),
                              .prices_include_tax = c->included,
                              .round_per_total = c->per_total,
                              .keep_net = c->keep_net,
                              .home_country = STR("DE"),
                              .delivery = c->proportional ? DELIVERY_TAX_PROPORTIONAL
                                                          : DELIVERY_TAX_STANDARD,
                              .countries = {&only, c->countries != NULL}};
    assert_ok(order_totals(&a, &in, &t, &err), &err);
    cart_check(&in, &t);
    if (t.tax.minor != c->tax || t.total.minor != c->total) {
        print_error("# %s: tax %lld, total %lld; not %lld, %lld\n", c->what, (long long)t.tax.minor,
                    (long long)t.total.minor, (long long)c->tax, (long long)c->total);
        fail();
    }
}

static const TaxCase CASES[] = {
    {.what = "9.99 with 20 % in it: 1.665 is 1.67",
     .zones = "[" VAT("GB", "200000") "]",
     .country = "GB",
     .included = true,
     .lines = {{999, 1}},
     .tax = 167,
     .total = 999},
    {.what = "20 % on top of 9.99: 1.998",
     .zones = "[" VAT("GB", "200000") "]",
     .country = "GB",
     .lines = {{999, 1}},
     .tax = 200,
     .total = 1199},
    {.what = "10 % on top of 3 x 0.33, each rounded: 0.03",
     .zones = "[" VAT("DE", "100000") "]",
     .country = "DE",
     .lines = {{33, 1}, {33, 1}, {33, 1}},
     .tax = 9,
     .total = 108},
    {.what = "rounded per total: 0.099 is 0.10",
     .zones = "[" VAT("DE", "100000") "]",
     .country = "DE",
     .per_total = true,
     .lines = {{33, 1}, {33, 1}, {33, 1}},
     .tax = 10,
     .total = 109},
    {.what = "included, per item: 3 x 1.05 have 0.1676… each",
     .zones = "[" VAT("DE", "190000") "]",
     .country = "DE",
     .included = true,
     .lines = {{105, 1}, {105, 1}, {105, 1}},
     .tax = 51,
     .total = 315},
    {.what = "included, per total: 3.15 has 0.5029…",
     .zones = "[" VAT("DE", "190000") "]",
     .country = "DE",
     .included = true,
     .per_total = true,
     .lines = {{105, 1}, {105, 1}, {105, 1}},
     .tax = 50,
     .total = 315},
    {.what = "25.5 % of Finland in 125.50",
     .zones = "[" VAT("FI", "255000") "]",
     .country = "FI",
     .included = true,
     .lines = {{12550, 1}},
     .tax = 2550,
     .total = 12550},
    {.what = "two classes",
     .zones = "[" DE "]",
     .country = "DE",
     .included = true,
     .lines = {{11900, 1}, {10700, 1, .tax_class = "reduced"}},
     .tax = 2600,
     .total = 22600},
    {.what = "a class that the zone does not have is standard",
     .zones = "[" DE "]",
     .country = "DE",
     .included = true,
     .lines = {{11900, 1, .tax_class = "books"}},
     .tax = 1900,
     .total = 11900},
    {.what = "exempt goods, and goods at zero",
     .zones = "[" DE "]",
     .country = "DE",
     .lines = {{1000, 1, .tax_class = "exempt"}, {1000, 1, .tax_class = "zero"}},
     .tax = 0,
     .total = 2000},
    {.what = "delivery at the standard rate",
     .zones = "[" DE "]",
     .country = "DE",
     .included = true,
     .delivery = 595,
     .lines = {{10700, 1, .tax_class = "reduced"}},
     .tax = 795,
     .total = 11295},
    {.what = "delivery as what is delivered: 595 in 119 : 107, then 19 % and 7 %",
     .zones = "[" DE "]",
     .country = "DE",
     .included = true,
     .delivery = 595,
     .proportional = true, /* 313.29, 281.71: 313 has 49.97, 282 has 18.45 */
     .lines = {{11900, 1}, {10700, 1, .tax_class = "reduced"}},
     .tax = 2668,
     .total = 23195},
    {.what = "GST and a provincial tax beside each other",
     .zones = "[{\"country\":\"CA\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"GST\","
              "\"rate_ppm\":50000}]},{\"country\":\"CA\",\"regions\":[\"CA-QC\"],\"adds\":true,"
              "\"rates\":[{\"tax_class\":\"standard\",\"name\":\"QST\",\"rate_ppm\":99750}]}]",
     .currency = "CAD",
     .country = "CA",
     .region = "QC",
     .lines = {{10000, 1}},
     .tax = 1498,
     .total = 11498},
    {.what = "only GST elsewhere",
     .zones = "[{\"country\":\"CA\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"GST\","
              "\"rate_ppm\":50000}]},{\"country\":\"CA\",\"regions\":[\"CA-QC\"],\"adds\":true,"
              "\"rates\":[{\"tax_class\":\"standard\",\"name\":\"QST\",\"rate_ppm\":99750}]}]",
     .currency = "CAD",
     .country = "CA",
     .region = "CA-AB",
     .lines = {{10000, 1}},
     .tax = 500,
     .total = 10500},
    {.what = "a tax on the tax: 9.5 % on 105.00",
     .zones = "[{\"country\":\"CA\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"GST\","
              "\"rate_ppm\":50000},{\"tax_class\":\"standard\",\"name\":\"PST\",\"rate_ppm\":"
              "95000,\"compound\":true}]}]",
     .currency = "CAD",
     .country = "CA",
     .lines = {{10000, 1}},
     .tax = 1498,
     .total = 11498},
    {.what = "the same in the price",
     .zones = "[{\"country\":\"CA\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"GST\","
              "\"rate_ppm\":50000},{\"tax_class\":\"standard\",\"name\":\"PST\",\"rate_ppm\":"
              "95000,\"compound\":true}]}]",
     .currency = "CAD",
     .country = "CA",
     .included = true,
     .lines = {{114975, 10}},
     .tax = 149750,
     .total = 1149750},
    {.what = "yen have no decimals: 8 % in 1080",
     .zones = "[" VAT("JP", "80000") "]",
     .country = "JP",
     .currency = "JPY",
     .included = true,
     .lines = {{1080, 1}, {107, 1}},
     .tax = 88,
     .total = 1187},
    {.what = "dinars have three: 10 % on 1.234",
     .zones = "[" VAT("BH", "100000") "]",
     .country = "BH",
     .currency = "BHD",
     .lines = {{1234, 1}},
     .tax = 123,
     .total = 1357},
    {.what = "the unit of account of Chile has four: 19 % on 0.0153",
     .zones = "[" VAT("CL", "190000") "]",
     .country = "CL",
     .currency = "CLF",
     .lines = {{153, 1}},
     .tax = 29,
     .total = 182},
    {.what = "who is exempt does not pay what the price includes",
     .zones = "[" DE "]",
     .country = "DE",
     .included = true,
     .exempt = true,
     .lines = {{11900, 1}},
     .tax = 0,
     .total = 10000},
    {.what = "who is exempt pays nothing on top",
     .zones = "[" DE "]",
     .country = "DE",
     .exempt = true,
     .lines = {{10000, 1}},
     .tax = 0,
     .total = 10000},
    {.what = "the same price everywhere: 20 % in 119.00",
     .zones = "[" DE "," VAT("FR", "200000") "]",
     .country = "FR",
     .included = true,
     .lines = {{11900, 1}},
     .tax = 1983,
     .total = 11900},
    {.what = "the same net everywhere: 100.00 and 20 %",
     .zones = "[" DE "," VAT("FR", "200000") "]",
     .country = "FR",
     .included = true,
     .keep_net = true,
     .lines = {{11900, 1}},
     .tax = 2000,
     .total = 12000},
    {.what = "the same net, and no tax there",
     .zones = "[" DE "]",
     .country = "US",
     .included = true,
     .keep_net = true,
     .lines = {{11900, 1}},
     .tax = 0,
     .total = 10000},
    {.what = "the same net, at home",
     .zones = "[" DE "]",
     .country = "DE",
     .included = true,
     .keep_net = true,
     .lines = {{11900, 1}},
     .tax = 1900,
     .total = 11900},
    {.what = "no zone, no tax",
     .zones = "[" DE "]",
     .country = "US",
     .included = true,
     .lines = {{11900, 1}},
     .tax = 0,
     .total = 11900},
    {.what = "no tax where the shop collects none",
     .zones = "[" DE "," VAT("FR", "200000") "]",
     .country = "FR",
     .countries = "DE",
     .lines = {{10000, 1}},
     .tax = 0,
     .total = 10000},
    {.what = "the home country while the destination is not known",
     .zones = "[" DE "]",
     .country = "",
     .included = true,
     .lines = {{11900, 1}},
     .tax = 1900,
     .total = 11900},
    {.what = "a range of postal codes of its own",
     .zones = "[" VAT("ES", "210000") ",{\"country\":\"ES\",\"postals\":[{\"from\":\"35000\","
                                      "\"to\":\"35999\"},{\"from\":\"38\"}],\"rates\":[{\"tax_"
                                      "class\":\"standard\","
                                      "\"name\":\"IGIC\",\"rate_ppm\":70000}]}]",
     .country = "ES",
     .postal = "35 007",
     .lines = {{10000, 1}},
     .tax = 700,
     .total = 10700},
    {.what = "beside that range",
     .zones = "[" VAT("ES", "210000") ",{\"country\":\"ES\",\"postals\":[{\"from\":\"35000\","
                                      "\"to\":\"35999\"},{\"from\":\"38\"}],\"rates\":[{\"tax_"
                                      "class\":\"standard\","
                                      "\"name\":\"IGIC\",\"rate_ppm\":70000}]}]",
     .country = "ES",
     .postal = "36000",
     .lines = {{10000, 1}},
     .tax = 2100,
     .total = 12100},
    {.what = "a rate that has ended and one that has not begun",
     .zones = "[{\"country\":\"EE\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"km\","
              "\"rate_ppm\":220000,\"ends_at\":\"2025-07-01T00:00:00Z\"},{\"tax_class\":"
              "\"standard\",\"name\":\"km\",\"rate_ppm\":240000,\"starts_at\":"
              "\"2025-07-01T00:00:00Z\",\"ends_at\":\"2027-01-01T00:00:00Z\"},{\"tax_class\":"
              "\"standard\",\"name\":\"km\",\"rate_ppm\":260000,\"starts_at\":"
              "\"2027-01-01T00:00:00Z\"}]}]",
     .country = "EE",
     .lines = {{10000, 1}},
     .tax = 2400,
     .total = 12400},
    {.what = "everywhere else",
     .zones = "[{\"country\":\"\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"tax\","
              "\"rate_ppm\":10000}]}," DE "]",
     .country = "NZ",
     .lines = {{10000, 1}},
     .tax = 100,
     .total = 10100},
};

static void taxes_are_what_paper_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        check_case(&CASES[i]);
}

/* A voucher over goods of two rates: 10.00 off 119.00 and 107.00 is 5.27 and 4.73. */
static void a_discount_on_the_order_lowers_the_tax_of_each_line(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 << 10);
    TotalsIn     in;
    OrderTotals  t = {0};
    Err          err = {0};
    const Bought LINES[] = {{11900, 1}, {10700, 1, .tax_class = "reduced"}, {0}};
    cart_eur(&a, &in);
    cart_lines(&a, &in, LINES);
    in.buyer.country = STR("DE");
    in.tax = (TotalsTaxRules){.table = cart_taxes(&a, "[" DE "]"), .prices_include_tax = true};
    cart_add(&a, &in,
             cart_promotion(&a, 1,
                            "{\"kind\":\"fixed\",\"target\":\"order\",\"amounts\":[{\"amount\":"
                            "1000,\"currency\":\"EUR\"}]}"),
             NULL);
    assert_ok(order_totals(&a, &in, &t, &err), &err);
    cart_check(&in, &t);
    assert_int_equal(t.lines.items[0].total.minor, 11373);
    assert_int_equal(t.lines.items[1].total.minor, 10227);
    assert_int_equal(t.taxes.items[0].amount.minor, 1816); /* 113.73 * 19 / 119 */
    assert_int_equal(t.taxes.items[1].amount.minor, 669);  /* 102.27 * 7 / 107 */
    assert_int_equal(t.taxes.items[0].base.minor, 9557);
    assert_int_equal(t.total.minor, 21600);
    assert_int_equal(t.tax_sums.n, 2);
}

static void a_provider_says_the_rates_of_a_line(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 << 10);
    TotalsIn          in;
    OrderTotals       t = {0};
    Err               err = {0};
    const Bought      LINES[] = {{10000, 1}, {10000, 1}, {0}};
    const TotalsRate  RATES[] = {{.name = STR_INIT("NY"), .ppm = 40000},
                                 {.name = STR_INIT("NYC"), .ppm = 45000},
                                 {.name = STR_INIT("MCTD"), .ppm = 3750}};
    const TotalsRates NYC = {RATES, 3};
    cart_eur(&a, &in);
    cart_lines(&a, &in, LINES);
    TotalsLine *lines = arena_array(&a, TotalsLine, 2);
    memcpy(lines, in.lines, 2 * sizeof *lines);
    lines[0].rates = &NYC;
    in.lines = lines;
    in.buyer.country = STR("US");
    assert_ok(order_totals(&a, &in, &t, &err), &err);
    cart_check(&in, &t);
    assert_int_equal(t.taxes.n, 3);
    assert_int_equal(t.tax_added.minor, 400 + 450 + 38);
    assert_false(t.taxes.items[0].rate_id.has);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taxes_are_what_paper_says),
        cmocka_unit_test(a_discount_on_the_order_lowers_the_tax_of_each_line),
        cmocka_unit_test(a_provider_says_the_rates_of_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
