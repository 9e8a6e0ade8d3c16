/* Random carts: all that totals.h promises holds, and the same cart priced twice is identical.
 *
 *      TOTALS_CARTS=1000000 build/tests/order/test_order_totals_random
 *
 * prices a million; without the variable it is 50,000. TOTALS_SEED repeats a run. */
#include "carts.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/rng.h"

typedef struct Made { /* one random cart */
    Arena   *a;
    Rng     *r;
    TotalsIn in;
} Made;

static bool one_in(Made *m, uint64_t n)
{
    return rng_below(m->r, n) == 0;
}

static int64_t some(Made *m, int64_t low, int64_t high)
{
    return rng_between(m->r, low, high);
}

static const char *const CLASSES[] = {"", "standard", "reduced", "books", "zero", "exempt"};
static const char *const CURRENCIES[] = {"EUR", "JPY", "BHD", "CLF"};

static void make_lines(Made *m)
{
    size_t      n = (size_t)(one_in(m, 20) ? some(m, 10, 60) : some(m, 0, 6));
    TotalsLine *l = arena_array(m->a, TotalsLine, n + 1);
    for (size_t i = 0; i < n; i++) {
        int64_t *ids = arena_array(m->a, int64_t, 2);
        ids[0] = some(m, 1, 4);
        ids[1] = some(m, 5, 6);
        l[i] = (TotalsLine){.id = (int64_t)i + 1,
                            .variant_id = some(m, 1, 9),
                            .product_id = some(m, 1, 6),
                            .collections = {ids, (size_t)some(m, 0, 2)},
                            .tax_class = str_from_cstr(CLASSES[rng_below(m->r, 6)]),
                            .no_tax = one_in(m, 15),
                            .qty = one_in(m, 30) ? some(m, 1, 5000) : some(m, 1, 7),
                            .unit_price =
                                one_in(m, 12) ? 0 : some(m, 1, one_in(m, 9) ? 9999999 : 9999),
                            .compare_at = one_in(m, 3) ? some(m, 1, 9999) : 0,
                            .weight_g = some(m, 0, 5000),
                            .no_discount = one_in(m, 25),
                            .gift_of = one_in(m, 12) ? some(m, 1, 8) : 0};
    }
    m->in.lines = l;
    m->in.nlines = n;
}

static void make_delivery(Made *m)
{
    size_t          n = (size_t)some(m, 0, 2), f = (size_t)some(m, 0, 2);
    TotalsDelivery *d = arena_array(m->a, TotalsDelivery, n + 1);
    TotalsFee      *fees = arena_array(m->a, TotalsFee, f + 1);
    for (size_t i = 0; i < n; i++)
        d[i] = (TotalsDelivery){.method_id = some(m, 1, 3),
                                .amount = some(m, 0, 1999),
                                .tax_class = str_from_cstr(CLASSES[rng_below(m->r, 3)])};
    for (size_t i = 0; i < f; i++)
        fees[i] =
            (TotalsFee){.kind = STR("cod"), .amount = some(m, 0, 500), .no_tax = one_in(m, 4)};
    m->in.deliveries = d;
    m->in.ndeliveries = n;
    m->in.fees = fees;
    m->in.nfees = f;
}

static const char ZONES[] =
    "[{\"country\":\"DE\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"USt\",\"rate_ppm\":"
    "190000},{\"tax_class\":\"reduced\",\"name\":\"USt\",\"rate_ppm\":70000}]},"
    "{\"country\":\"FI\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"ALV\",\"rate_ppm\":"
    "255000},{\"tax_class\":\"reduced\",\"name\":\"ALV\",\"rate_ppm\":135000}]},"
    "{\"country\":\"CA\",\"rates\":[{\"tax_class\":\"standard\",\"name\":\"GST\",\"rate_ppm\":"
    "50000},{\"tax_class\":\"reduced\",\"name\":\"GST\",\"rate_ppm\":0}]},"
    "{\"country\":\"CA\",\"regions\":[\"QC\"],\"adds\":true,\"rates\":[{\"tax_class\":\"standard\","
    "\"name\":\"QST\",\"rate_ppm\":99750,\"compound\":true},{\"tax_class\":\"reduced\",\"name\":"
    "\"X\",\"rate_ppm\":33333,\"compound\":true},{\"tax_class\":\"reduced\",\"name\":\"Y\","
    "\"rate_ppm\":1,\"compound\":true}]}]";

static void make_tax(Made *m, const TaxTable *table)
{
    static const char *const COUNTRIES[] = {"DE", "FI", "CA", "US", ""};
    m->in.buyer.country = str_from_cstr(COUNTRIES[rng_below(m->r, 5)]);
    m->in.buyer.region = one_in(m, 2) ? STR("QC") : STR("");
    m->in.buyer.tax_exempt = one_in(m, 8);
    m->in.buyer.orders = some(m, 0, 1);
    m->in.tax = (TotalsTaxRules){.table = one_in(m, 10) ? NULL : table,
                                 .prices_include_tax = one_in(m, 2),
                                 .round_per_total = one_in(m, 2),
                                 .delivery = (TotalsDeliveryTax)rng_below(m->r, 2),
                                 .keep_net = one_in(m, 3),
                                 .home_country = one_in(m, 5) ? STR("") : STR("DE")};
}

static PromotionSelection make_selection(Made *m)
{
    PromotionSelection s = {0};
    int64_t           *ids = arena_array(m->a, int64_t, 2);
    ids[0] = some(m, 1, 6);
    ids[1] = some(m, 1, 6);
    switch (rng_below(m->r, 5)) {
    case 0: s.products = (PromotionIds){ids, 2}; break;
    case 1: s.collections = (PromotionIds){ids, 2}; break;
    case 2: s.not_products = (PromotionIds){ids, 1}; break;
    case 3: s.not_reduced = true; break;
    default: break;
    }
    return s;
}

static PromotionAmounts make_amounts(Made *m, int64_t most)
{
    Money *money = arena_new(m->a, Money);
    *money = money_of(some(m, 0, most), str_from_cstr(m->in.currency));
    return (PromotionAmounts){money, 1};
}

static void make_parts(Made *m, OrderPromotion *p)
{
    p->parts.n = (size_t)some(m, 0, 3);
    p->parts.items = arena_array(m->a, PromotionPart, p->parts.n + 1);
    for (size_t i = 0; i < p->parts.n; i++)
        p->parts.items[i] = (PromotionPart){make_selection(m), some(m, 1, 3)};
}

static void make_promotion(Made *m, int64_t id)
{
    static const char *const GROUPS[] = {"", "", "", "a", "b", "+"};
    static const char *const CONDITIONS[] = {
        NULL, NULL, "{\"cart.qty\":{\"$gt\":2}}", "{\"customer.first_order\":true}",
        "{\"cart.products\":{\"$in\":[\"prd_0000000000001\"]}}"};
    OrderPromotion *p = arena_new(m->a, OrderPromotion);
    *p = (OrderPromotion){.id = id,
                          .title = STR("x"),
                          .kind = (int)rng_below(m->r, 7),
                          .target = (int)rng_below(m->r, 2),
                          .active = !one_in(m, 20),
                          .automatic = true,
                          .priority = some(m, 0, 1),
                          .stack_group = str_from_cstr(GROUPS[rng_below(m->r, 6)]),
                          .exclusive = one_in(m, 10),
                          .percent_ppm = some(m, 0, 10) * some(m, 0, 100000),
                          .buys = make_selection(m),
                          .rewards = make_selection(m),
                          .buy_qty = some(m, 1, 4),
                          .times = one_in(m, 3) ? some(m, 1, 3) : 0,
                          .gift_variant = opt_i64(3),
                          .gift_qty = some(m, 1, 2)};
    p->conditions = str_from_cstr(CONDITIONS[rng_below(m->r, 5)]);
    p->get_qty = p->kind == PROMOTION_CHEAPEST ? some(m, 1, p->buy_qty) : some(m, 1, 3);
    p->amounts = make_amounts(m, 5000);
    make_parts(m, p);
    if (one_in(m, 5))
        p->max_discounts = make_amounts(m, 1000);
    if (one_in(m, 4))
        p->min_amounts = make_amounts(m, 20000);
    if (one_in(m, 8))
        p->budget = money_of(some(m, 0, 3000), str_from_cstr(m->in.currency));
    cart_add(m->a, &m->in, p, one_in(m, 3) ? "CODE" : NULL);
}

static Str as_json(Arena *a, const OrderTotals *t)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8 << 20);
    Json j = json_begin(&b);
    shape_write(&j, NULL, &order_totals_shape, t);
    return str_dup(a, buf_str(&b));
}

static void price_one(Made *m, uint64_t number)
{
    OrderTotals once = {0}, twice = {0};
    Err         err = {0};
    assert_ok(order_totals(m->a, &m->in, &once, &err), &err);
    cart_check(&m->in, &once);
    for (size_t i = 0; i < once.lines.n; i++)
        if (once.lines.items[i].gift_of.has)
            assert_int_equal(once.lines.items[i].total.minor, 0);
    if (number % 10 != 0)
        return;
    assert_ok(order_totals(m->a, &m->in, &twice, &err), &err);
    assert_true(str_eq(as_json(m->a, &once), as_json(m->a, &twice)));
}

static uint64_t from_env(const char *name, uint64_t otherwise)
{
    const char *z = getenv(name);
    int64_t     v;
    return z && str_parse_i64(str_from_cstr(z), &v) && v >= 0 ? (uint64_t)v : otherwise;
}

static void random_carts_add_up(void **state)
{
    (void)state;
    uint64_t carts = from_env("TOTALS_CARTS", 50000),
             seed = from_env("TOTALS_SEED", rng_u64() >> 1);
    CLEANUP(arena_done) Arena keep;
    CLEANUP(arena_done) Arena a;
    arena_init(&keep, 4096);
    arena_init(&a, 256 << 10);
    const TaxTable *table = cart_taxes(&keep, ZONES);
    print_message("# %llu carts, TOTALS_SEED=%llu\n", (unsigned long long)carts,
                  (unsigned long long)seed);
    Rng r = rng_of(seed);
    for (uint64_t i = 0; i < carts; i++) {
        Made m = {.a = &a, .r = &r};
        cart_eur(&a, &m.in);
        memcpy(m.in.currency, CURRENCIES[rng_below(&r, 4)], 4);
        make_lines(&m);
        make_delivery(&m);
        make_tax(&m, table);
        for (int64_t n = rng_between(&r, 0, 6), p = 1; p <= n; p++)
            make_promotion(&m, p);
        price_one(&m, i);
        arena_reset(&a);
    }
}

/* In a group of up to three, nothing that could be done in another order saves more. */
static int64_t saves(Arena *a, TotalsIn *in, OrderPromotion **all, const size_t *order, size_t n)
{
    OrderTotals t = {0};
    Err         err = {0};
    in->npromotions = 0;
    for (size_t i = 0; i < n; i++) {
        all[order[i]]->priority = (int64_t)(n - i); /* forces this order */
        cart_add(a, in, all[order[i]], NULL);
    }
    assert_ok(order_totals(a, in, &t, &err), &err);
    return -t.discount.minor;
}

static void of_three_that_compete_the_best_order_holds(void **state)
{
    (void)state;
    static const size_t       ORDERS[6][3] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1},
                                              {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    Rng                       r = rng_of(rng_u64());
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 256 << 10);
    for (int round = 0; round < 2000; round++) {
        Made            m = {.a = &a, .r = &r};
        OrderPromotion *all[3];
        cart_eur(&a, &m.in);
        make_lines(&m);
        for (int i = 0; i < 3; i++) {
            make_promotion(&m, i + 1);
            all[i] = arena_new(&a, OrderPromotion);
            *all[i] = *promotion_of(m.in.promotions[i].rule);
            all[i]->stack_group = STR("one");
            all[i]->exclusive = false;
            all[i]->priority = 0;
            all[i]->budget = (Money){0};
            all[i]->kind = all[i]->kind == PROMOTION_GIFT ? PROMOTION_PERCENT : all[i]->kind;
        }
        m.in.npromotions = 0;
        m.in.codes.n = 0;
        for (int i = 0; i < 3; i++)
            cart_add(&a, &m.in, all[i], NULL);
        OrderTotals t = {0};
        Err         err = {0};
        assert_ok(order_totals(&a, &m.in, &t, &err), &err);
        int64_t best = 0;
        for (size_t o = 0; o < 6; o++) {
            int64_t saved = saves(&a, &m.in, all, ORDERS[o], 3);
            best = saved > best ? saved : best;
        }
        assert_int_equal(-t.discount.minor, best);
        arena_reset(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_carts_add_up),
        cmocka_unit_test(of_three_that_compete_the_best_order_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
