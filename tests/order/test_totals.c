/* Totals by hand: each case was worked on paper first. */
#include "carts.h"

typedef struct Want { /* what a promotion takes off each line; more lines: 0 */
    int64_t off[6];
    int64_t delivery_off;
} Want;

typedef struct Case {
    const char *what;
    Bought      lines[7];
    const char *promotions[4];
    Want        want;
} Case;

static OrderTotals priced(Arena *a, const TotalsIn *in)
{
    OrderTotals t = {0};
    Err         err = {0};
    assert_ok(order_totals(a, in, &t, &err), &err);
    cart_check(in, &t);
    return t;
}

static void check_case(const Case *c)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 << 10);
    TotalsIn       in;
    TotalsDelivery delivery = {.method_id = 7, .amount = 490};
    cart_eur(&a, &in);
    cart_lines(&a, &in, c->lines);
    in.deliveries = &delivery;
    in.ndeliveries = 1;
    for (size_t i = 0; i < COUNT_OF(c->promotions) && c->promotions[i]; i++)
        cart_add(&a, &in, cart_promotion(&a, 100 + (int64_t)i, c->promotions[i]), NULL);
    OrderTotals t = priced(&a, &in);
    for (size_t i = 0; i < t.lines.n; i++)
        if (-t.lines.items[i].discount.minor != c->want.off[i]) {
            print_error("# %s: line %zu has %lld off, not %lld\n", c->what, i + 1,
                        (long long)-t.lines.items[i].discount.minor, (long long)c->want.off[i]);
            fail();
        }
    if (-t.deliveries.items[0].discount.minor != c->want.delivery_off) {
        print_error("# %s: delivery has %lld off\n", c->what,
                    (long long)-t.deliveries.items[0].discount.minor);
        fail();
    }
}

static const Case KINDS[] = {
    {"10 % of each line, rounded by line",
     {{1000, 1}, {1999, 3}},
     {"{\"kind\":\"percent\",\"percent_ppm\":100000}"},
     {{100, 600}}},
    {"10 % of one collection",
     {{1000, 1, .collection = 5}, {2000, 1}},
     {"{\"kind\":\"percent\",\"percent_ppm\":100000,\"rewards\":{\"collections\":"
      "[\"col_0000000000005\"]}}"},
     {{100, 0}}},
    {"10 % of all but one product",
     {{1000, 1, .product = 9}, {2000, 1}},
     {"{\"kind\":\"percent\",\"percent_ppm\":100000,\"rewards\":{\"not_products\":"
      "[\"prd_0000000000009\"]}}"},
     {{0, 200}}},
    {"10 % of what is not reduced already",
     {{1000, 1, .compare_at = 1500}, {2000, 1, .compare_at = 2000}},
     {"{\"kind\":\"percent\",\"percent_ppm\":100000,\"rewards\":{\"not_reduced\":true}}"},
     {{0, 200}}},
    {"12.5 % of the order is rounded once: 874.625 of 6997",
     {{1000, 1}, {1999, 3}},
     {"{\"kind\":\"percent\",\"target\":\"order\",\"percent_ppm\":125000}"},
     {{125, 750}}},
    {"10.00 off three equal lines leaves no cent over",
     {{1000, 1}, {1000, 1}, {1000, 1}},
     {"{\"kind\":\"fixed\",\"target\":\"order\",\"amounts\":[{\"amount\":1000,\"currency\":"
      "\"EUR\"}]}"},
     {{334, 333, 333}}},
    {"an order never costs less than nothing",
     {{300, 1}, {200, 1}},
     {"{\"kind\":\"fixed\",\"target\":\"order\",\"amounts\":[{\"amount\":1000,\"currency\":"
      "\"EUR\"}]}"},
     {{300, 200}}},
    {"5.00 off each piece, and never below 0",
     {{300, 2}, {1000, 2}},
     {"{\"kind\":\"fixed\",\"amounts\":[{\"amount\":500,\"currency\":\"EUR\"}]}"},
     {{600, 1000}}},
    {"at most 5.00 of 20 %",
     {{1000, 1}, {3000, 1}},
     {"{\"kind\":\"percent\",\"percent_ppm\":200000,\"max_discounts\":[{\"amount\":500,"
      "\"currency\":\"EUR\"}]}"},
     {{125, 375}}},
    {"free delivery", {{1000, 1}}, {"{\"kind\":\"delivery\"}"}, {{0}, 490}},
    {"half of delivery, over 50.00",
     {{5000, 1}},
     {"{\"kind\":\"delivery\",\"percent_ppm\":500000,\"min_amounts\":[{\"amount\":5000,"
      "\"currency\":\"EUR\"}]}"},
     {{0}, 245}},
    {"not below 50.00",
     {{4999, 1}},
     {"{\"kind\":\"delivery\",\"min_amounts\":[{\"amount\":5000,\"currency\":\"EUR\"}]}"},
     {{0}, 0}},
    {"free delivery by another method",
     {{1000, 1}},
     {"{\"kind\":\"delivery\",\"delivery_methods\":[\"dlm_0000000000008\"]}"},
     {{0}, 0}},
    {"buy two, get one: in each three the cheapest, dearest threes first",
     {{6000, 1}, {5000, 1}, {4000, 1}, {3000, 1}, {2000, 1}, {1000, 1}},
     {"{\"kind\":\"buy_get\",\"buy_qty\":2,\"get_qty\":1}"},
     {{0, 0, 4000, 0, 0, 1000}}},
    {"once in an order",
     {{6000, 1}, {5000, 1}, {4000, 1}, {3000, 1}, {2000, 1}, {1000, 1}},
     {"{\"kind\":\"buy_get\",\"buy_qty\":2,\"get_qty\":1,\"times\":1}"},
     {{0, 0, 4000, 0, 0, 0}}},
    {"three for two, of seven equal ones",
     {{999, 7}},
     {"{\"kind\":\"cheapest\",\"buy_qty\":3,\"get_qty\":1}"},
     {{1998}}},
    {"every second one half price, over two lines",
     {{1000, 3}, {500, 2}},
     {"{\"kind\":\"cheapest\",\"buy_qty\":2,\"get_qty\":1,\"percent_ppm\":500000}"},
     {{500, 250}}},
    {"two of one collection make one of another half price: the dearest",
     {{1000, 4, .collection = 1}, {3000, 1, .collection = 2}, {2000, 3, .collection = 2}},
     {"{\"kind\":\"buy_get\",\"buy_qty\":2,\"get_qty\":1,\"percent_ppm\":500000,\"buys\":{"
      "\"collections\":[\"col_0000000000001\"]},\"rewards\":{\"collections\":[\"col_"
      "0000000000002\"]}}"},
     {{0, 1500, 1000}}},
    {"what is bought comes from what is no reward first",
     {{10000, 1, .collection = 2}, {500, 2}},
     {"{\"kind\":\"buy_get\",\"buy_qty\":2,\"get_qty\":1,\"buys\":{\"not_tags\":[\"x\"]},"
      "\"rewards\":{\"collections\":[\"col_0000000000002\"]}}"},
     {{10000, 0}}},
    {"three for 20.00 of four pieces: the dearest three",
     {{900, 1}, {800, 1}, {700, 1}, {100, 1}},
     {"{\"kind\":\"bundle\",\"buy_qty\":3,\"amounts\":[{\"amount\":2000,\"currency\":"
      "\"EUR\"}]}"},
     {{150, 133, 117, 0}}},
    {"three for 20.00, seven times over",
     {{900, 23}},
     {"{\"kind\":\"bundle\",\"buy_qty\":3,\"amounts\":[{\"amount\":2000,\"currency\":"
      "\"EUR\"}]}"},
     {{4900}}},
    {"a bundle that would cost more saves nothing",
     {{100, 3}},
     {"{\"kind\":\"bundle\",\"buy_qty\":3,\"amounts\":[{\"amount\":2000,\"currency\":"
      "\"EUR\"}]}"},
     {{0}}},
    {"shirt and trousers for 50.00, twice",
     {{2500, 2, .collection = 1}, {4000, 3, .collection = 2}},
     {"{\"kind\":\"bundle\",\"parts\":[{\"items\":{\"collections\":[\"col_0000000000001\"]},"
      "\"qty\":1},{\"items\":{\"collections\":[\"col_0000000000002\"]},\"qty\":1}],"
      "\"amounts\":[{\"amount\":5000,\"currency\":\"EUR\"}]}"},
     {{1154, 1846}}},
};

static void each_kind_of_promotion_takes_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        check_case(&KINDS[i]);
}

static void promotions_of_a_group_compete_and_groups_follow_each_other(void **state)
{
    (void)state;
#define TEN_ALL "{\"kind\":\"percent\",\"percent_ppm\":100000}"
#define HATS(x)                                                                                    \
    "{\"kind\":\"percent\",\"percent_ppm\":500000,\"rewards\":{\"collections\":["                  \
    "\"col_0000000000001\"]}" x "}"
    static const Case CASES[] = {
        {"each piece gets the best of its group",
         {{1000, 1, .collection = 1}, {9000, 1}},
         {TEN_ALL, HATS("")},
         {{500, 900}}},
        {"the same in the other order",
         {{1000, 1, .collection = 1}, {9000, 1}},
         {HATS(""), TEN_ALL},
         {{500, 900}}},
        {"higher priority goes first, even when it saves less",
         {{1000, 1, .collection = 1}, {9000, 1}},
         {"{\"kind\":\"percent\",\"percent_ppm\":100000,\"priority\":1}", HATS("")},
         {{100, 900}}},
        {"another group works on what is left",
         {{1000, 1, .collection = 1}, {9000, 1}},
         {HATS(""), "{\"kind\":\"percent\",\"percent_ppm\":100000,\"stack_group\":\"vip\"}"},
         {{550, 900}}},
        {"then the order, then delivery",
         {{1000, 1, .collection = 1}, {9000, 1}},
         {"{\"kind\":\"delivery\"}",
          "{\"kind\":\"percent\",\"target\":\"order\",\"percent_ppm\":100000}", HATS("")},
         {{550, 900}, 490}},
        {"of two off the order the better one",
         {{5000, 1}},
         {"{\"kind\":\"percent\",\"target\":\"order\",\"percent_ppm\":100000}",
          "{\"kind\":\"fixed\",\"target\":\"order\",\"amounts\":[{\"amount\":700,\"currency\":"
          "\"EUR\"}]}"},
         {{700}}},
        {"a group + competes with none",
         {{5000, 1}},
         {"{\"kind\":\"percent\",\"percent_ppm\":100000,\"stack_group\":\"+\"}",
          "{\"kind\":\"percent\",\"percent_ppm\":200000,\"stack_group\":\"+\"}"},
         {{1400}}},
        {"an exclusive one that saves more than all others is alone",
         {{5000, 1}},
         {"{\"kind\":\"percent\",\"percent_ppm\":300000,\"exclusive\":true}", TEN_ALL,
          "{\"kind\":\"delivery\"}"},
         {{1500}, 0}},
        {"one that saves less is not there",
         {{5000, 1}},
         {"{\"kind\":\"percent\",\"percent_ppm\":150000,\"exclusive\":true}", TEN_ALL,
          "{\"kind\":\"delivery\"}"},
         {{500}, 490}},
        {"what a set does not need goes to others of the group",
         {{1000, 4}},
         {"{\"kind\":\"cheapest\",\"buy_qty\":3,\"get_qty\":1}", TEN_ALL},
         {{1100}}},
        {"a set that saves nothing takes no pieces",
         {{100, 3}},
         {"{\"kind\":\"bundle\",\"buy_qty\":3,\"priority\":9,\"amounts\":[{\"amount\":2000,"
          "\"currency\":\"EUR\"}]}",
          TEN_ALL},
         {{30}}},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        check_case(&CASES[i]);
}

/* --- codes -------------------------------------------------------------------------------- */

typedef struct CodeCase {
    const char *promotion;
    const char *reason;
    int64_t     missing; /* amount or pieces */
} CodeCase;

static void every_refused_code_says_why(void **state)
{
    (void)state;
    static const CodeCase CASES[] = {
        {"{\"kind\":\"percent\",\"percent_ppm\":100000}", "none", 0},
        {"{\"kind\":\"percent\",\"active\":false}", "inactive", 0},
        {"{\"kind\":\"percent\",\"starts_at\":\"2026-12-01T00:00:00Z\"}", "not_started", 0},
        {"{\"kind\":\"percent\",\"ends_at\":\"2026-11-27T12:00:00Z\"}", "expired", 0},
        {"{\"kind\":\"fixed\",\"amounts\":[{\"amount\":1,\"currency\":\"USD\"}]}", "other_currency",
         0},
        {"{\"kind\":\"percent\",\"percent_ppm\":1,\"min_amounts\":[{\"amount\":5000,\"currency\":"
         "\"EUR\"}]}",
         "min_amount", 2000},
        {"{\"kind\":\"percent\",\"percent_ppm\":1,\"min_qty\":5}", "min_qty", 3},
        {"{\"kind\":\"cheapest\",\"buy_qty\":3,\"get_qty\":1}", "min_qty", 1},
        {"{\"kind\":\"percent\",\"percent_ppm\":1,\"rewards\":{\"tags\":[\"hat\"]}}", "no_items",
         0},
        {"{\"kind\":\"percent\",\"conditions\":{\"customer.groups\":{\"$in\":[\"vip\"]}}}",
         "not_for_you", 0},
        {"{\"kind\":\"percent\",\"conditions\":{\"customer.first_order\":true}}", "not_first_order",
         0},
        {"{\"kind\":\"percent\",\"conditions\":{\"cart.market\":\"uk\"}}", "not_this_market", 0},
        {"{\"kind\":\"percent\",\"conditions\":{\"time.weekday\":{\"$in\":[6,7]}}}", "not_now", 0},
        {"{\"kind\":\"percent\",\"conditions\":{\"time.hour\":{\"$gte\":18}}}", "not_now", 0},
        {"{\"kind\":\"percent\",\"conditions\":{\"cart.subtotal\":{\"$gt\":3000}}}",
         "not_this_cart", 0},
        {"{\"kind\":\"delivery\"}", "no_delivery", 0},
        {"{\"kind\":\"percent\",\"percent_ppm\":100000,\"budget\":{\"amount\":299,\"currency\":"
         "\"EUR\"}}",
         "budget_spent", 0},
        {"{\"kind\":\"percent\",\"percent_ppm\":100000,\"budget\":{\"amount\":300,\"currency\":"
         "\"EUR\"}}",
         "none", 0},
        {"{\"kind\":\"percent\",\"percent_ppm\":100000,\"conditions\":{\"time.weekday\":5,"
         "\"time.hour\":14,\"time.date\":\"2026-11-27\",\"cart.products\":{\"$in\":["
         "\"prd_0000000000001\"]},\"customer.signed_in\":true,\"cart.qty\":2}}",
         "none", 0},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(arena_done) Arena a;
        arena_init(&a, 16 << 10);
        TotalsIn     in;
        const Bought LINES[] = {{1000, 1}, {2000, 1}, {0}};
        cart_eur(&a, &in);
        cart_lines(&a, &in, LINES);
        in.buyer = (TotalsBuyer){.customer_id = 5, .orders = 1, .market = STR("eu")};
        in.utc_offset_min = 120; /* so that it is 14:00 */
        cart_add(&a, &in, cart_promotion(&a, 100, CASES[i].promotion), "CODE");
        OrderTotals       t = priced(&a, &in);
        const TotalsCode *c = &t.codes.items[0];
        assert_int_equal(t.codes.n, 1);
        if (strcmp(totals_refusal_names[c->reason], CASES[i].reason) != 0) {
            print_error("# %s: %s\n", CASES[i].promotion, totals_refusal_names[c->reason]);
            fail();
        }
        assert_true(c->applied == (c->reason == REFUSED_NOT));
        assert_int_equal(c->missing_amount.minor + c->missing_qty, CASES[i].missing);
    }
}

static void codes_that_lose_to_others_say_so(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 << 10);
    TotalsIn     in;
    const Bought LINES[] = {{5000, 1}, {0}};
    cart_eur(&a, &in);
    cart_lines(&a, &in, LINES);
    cart_add(&a, &in, cart_promotion(&a, 1, "{\"kind\":\"percent\",\"percent_ppm\":100000}"),
             "TEN");
    cart_add(&a, &in, cart_promotion(&a, 2, "{\"kind\":\"percent\",\"percent_ppm\":200000}"),
             "TWENTY");
    Str *codes = arena_array(&a, Str, 3);
    codes[0] = STR("TEN");
    codes[1] = STR("NOBODY");
    codes[2] = STR("TWENTY");
    in.codes = (TotalsTexts){codes, 3};
    OrderTotals t = priced(&a, &in);
    assert_int_equal(t.codes.items[0].reason, REFUSED_BETTER_APPLIES);
    assert_int_equal(t.codes.items[1].reason, REFUSED_UNKNOWN);
    assert_int_equal(t.codes.items[2].reason, REFUSED_NOT);
    assert_int_equal(t.discount.minor, -1000);
    cart_add(
        &a, &in,
        cart_promotion(&a, 3, "{\"kind\":\"percent\",\"percent_ppm\":500000,\"exclusive\":true}"),
        NULL);
    t = priced(&a, &in);
    assert_int_equal(t.codes.items[2].reason, REFUSED_EXCLUDED);
    assert_int_equal(t.discount.minor, -2500);
}

/* --- gifts, hints ------------------------------------------------------------------------- */

#define GIFT                                                                                       \
    "{\"kind\":\"gift\",\"title\":\"A "                                                            \
    "cap\",\"gift_variant\":\"var_000000000000f\",\"min_amounts\":[{"                              \
    "\"amount\":5000,\"currency\":\"EUR\"}]}"

static void a_gift_is_asked_for_then_free_and_goes_when_it_is_not_earned(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 << 10);
    TotalsIn     in;
    const Bought LINES[] = {{3000, 2}, {900, 1}, {0}};
    cart_eur(&a, &in);
    cart_lines(&a, &in, LINES);
    in.nlines = 1;
    cart_add(&a, &in, cart_promotion(&a, 1, GIFT), NULL);
    OrderTotals t = priced(&a, &in);
    assert_int_equal(t.gifts.n, 1);
    assert_true(t.gifts.items[0].variant_id == 15 && t.gifts.items[0].qty == 1);
    TotalsLine *lines = arena_array(&a, TotalsLine, 2);
    memcpy(lines, in.lines, 2 * sizeof *lines);
    lines[1].gift_of = 1;
    in.lines = lines;
    in.nlines = 2;
    t = priced(&a, &in);
    assert_int_equal(t.total.minor, 6000);
    assert_int_equal(t.lines.items[1].discount.minor, -900);
    assert_int_equal(t.lines.items[1].gift_qty.v, 1);
    lines[0].qty = 1;
    t = priced(&a, &in);
    assert_int_equal(t.total.minor, 3000);
    assert_int_equal(t.lines.items[1].total.minor, 0);
    assert_int_equal(t.lines.items[1].gift_qty.v, 0);
    assert_int_equal(t.gifts.n, 0);
    assert_int_equal(t.hints.n, 1);
    assert_int_equal(t.hints.items[0].missing_amount.minor, 2000);
}

static void hints_say_what_is_missing_the_nearest_first(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 << 10);
    TotalsIn     in;
    const Bought LINES[] = {{1900, 2}, {0}};
    cart_eur(&a, &in);
    cart_lines(&a, &in, LINES);
    cart_add(&a, &in,
             cart_promotion(&a, 1,
                            "{\"kind\":\"delivery\",\"min_amounts\":[{\"amount\":5000,"
                            "\"currency\":\"EUR\"}]}"),
             NULL);
    cart_add(&a, &in, cart_promotion(&a, 2, "{\"kind\":\"buy_get\",\"buy_qty\":2,\"get_qty\":1}"),
             NULL);
    cart_add(&a, &in,
             cart_promotion(&a, 3,
                            "{\"kind\":\"percent\",\"percent_ppm\":100000,\"min_qty\":9,"
                            "\"conditions\":{\"customer.groups\":\"vip\"}}"),
             NULL);
    OrderTotals t = priced(&a, &in);
    assert_int_equal(t.hints.n, 2);
    assert_int_equal(t.hints.items[0].promotion_id, 1);
    assert_int_equal(t.hints.items[0].missing_amount.minor, 1200);
    assert_int_equal(t.hints.items[0].reward_ppm, 1000000);
    assert_int_equal(t.hints.items[1].missing_qty, 1);
    TotalsLine line = in.lines[0];
    line.qty = 5; /* one set is complete, the next lacks its reward */
    in.lines = &line;
    t = priced(&a, &in);
    assert_int_equal(t.hints.n, 1);
    assert_int_equal(t.hints.items[0].missing_qty, 1);
    assert_int_equal(t.discount.minor, -1900);
}

/* --- bad input ---------------------------------------------------------------------------- */

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const struct {
        int64_t     price, qty;
        const char *code;
    } CASES[] = {
        {-1, 1, "order.bad_cart"},
        {1, 0, "order.bad_cart"},
        {1, -5, "order.bad_cart"},
        {1, TOTALS_QTY_MAX + 1, "order.bad_cart"},
        {INT64_MAX, 2, "order.amount_too_large"},
        {TOTALS_AMOUNT_MAX + 1, 1, "order.amount_too_large"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(arena_done) Arena a;
        arena_init(&a, 4096);
        TotalsIn    in;
        OrderTotals t;
        Err         err = {0};
        TotalsLine  line = {.qty = CASES[i].qty, .unit_price = CASES[i].price};
        cart_eur(&a, &in);
        in.lines = &line;
        in.nlines = 1;
        Status st = order_totals(&a, &in, &t, &err);
        assert_true(st == ST_INVALID || st == ST_LIMIT);
        assert_string_equal(err.code, CASES[i].code);
    }
}

static void conditions_only_ask_for_what_there_is(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    const PromotionRule *rule;
    Err                  err = {0};
    OrderPromotion      *p =
        cart_promotion(&a, 1, "{\"kind\":\"percent\",\"conditions\":{\"cart.colour\":1}}");
    assert_fails(promotion_compile(&a, p, &rule, &err), ST_INVALID, &err, "order.unknown_fact");
    p->conditions = STR("{\"cart.qty\":{\"$bigger\":1}}");
    assert_fails(promotion_compile(&a, p, &rule, &err), ST_INVALID, &err, "condition.bad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_promotion_takes_what_it_says),
        cmocka_unit_test(promotions_of_a_group_compete_and_groups_follow_each_other),
        cmocka_unit_test(every_refused_code_says_why),
        cmocka_unit_test(codes_that_lose_to_others_say_so),
        cmocka_unit_test(a_gift_is_asked_for_then_free_and_goes_when_it_is_not_earned),
        cmocka_unit_test(hints_say_what_is_missing_the_nearest_first),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(conditions_only_ask_for_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
