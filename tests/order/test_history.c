/* Random orders, cut down piece by piece: whatever was left and given back adds up.
 *
 *      ORDER_HISTORIES=1000000 build/tests/order/test_order_history
 *
 * plays a million; without the variable it is 20,000. ORDER_SEED repeats a run. */
#include "test.h"

#include "base/id.h"
#include "base/rng.h"
#include "order/order_store.h"
#include "order/promotion.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const CURRENCIES[] = {"EUR", "JPY", "BHD"};

typedef struct Play {
    Cx       *cx;
    Rng      *r;
    CartWork *w;
} Play;

static int64_t some(Play *p, int64_t low, int64_t high)
{
    return rng_between(p->r, low, high);
}

static const TotalsRates *rates(Play *p)
{
    TotalsRates *ret = arena_new(p->cx->arena, TotalsRates);
    TotalsRate  *r = arena_array(p->cx->arena, TotalsRate, 2);
    r[0] = (TotalsRate){.name = STR("A"), .ppm = some(p, 0, 270000)};
    r[1] = (TotalsRate){.name = STR("B"), .ppm = some(p, 1, 99750), .compound = some(p, 0, 1) > 0};
    *ret = (TotalsRates){r, (size_t)some(p, 0, 2)};
    return ret;
}

static void make_lines(Play *p, OrderTotalsIn *in)
{
    size_t      n = (size_t)some(p, 1, 6);
    TotalsLine *l = arena_array(p->cx->arena, TotalsLine, n);
    int64_t    *of = arena_array(p->cx->arena, int64_t, n);
    Cart       *c = &p->w->cart;
    c->lines.items = arena_array(p->cx->arena, CartLine, n);
    p->w->more = arena_array(p->cx->arena, CartLineMore, n);
    for (size_t i = 0; i < n; i++) {
        l[i] = (TotalsLine){.id = (int64_t)i + 1,
                            .variant_id = (int64_t)i + 1,
                            .product_id = (int64_t)i + 1,
                            .qty = some(p, 1, some(p, 0, 9) == 0 ? 3000 : 7),
                            .unit_price = some(p, 0, some(p, 0, 9) == 0 ? 9999999 : 2999),
                            .rates = rates(p)};
        c->lines.items[c->lines.n++] = (CartLine){.id = l[i].id,
                                                  .variant_id = l[i].variant_id,
                                                  .qty = l[i].qty,
                                                  .requires_shipping = true};
        of[i] = (int64_t)i;
    }
    p->w->line_of = of;
    in->lines = l;
    in->nlines = n;
}

static void make_charges(Play *p, OrderTotalsIn *in)
{
    TotalsDelivery *d = arena_new(p->cx->arena, TotalsDelivery);
    TotalsFee      *f = arena_new(p->cx->arena, TotalsFee);
    *d = (TotalsDelivery){.method_id = 5, .amount = some(p, 0, 999), .rates = rates(p)};
    *f = (TotalsFee){.kind = STR("payment"), .amount = some(p, 0, 300), .rates = rates(p)};
    in->deliveries = d;
    in->ndeliveries = (size_t)some(p, 0, 1);
    in->fees = f;
    in->nfees = (size_t)some(p, 0, 1);
}

static void make_promotions(Play *p, OrderTotalsIn *in)
{
    size_t           n = (size_t)some(p, 0, 3);
    TotalsPromotion *all = arena_array(p->cx->arena, TotalsPromotion, n);
    for (size_t i = 0; i < n; i++) {
        OrderPromotion *o = arena_new(p->cx->arena, OrderPromotion);
        Money          *amount = arena_new(p->cx->arena, Money);
        *amount = money_of(some(p, 1, 2000), str_from_cstr(in->currency));
        *o = (OrderPromotion){.id = (int64_t)i + 1,
                              .title = STR("P"),
                              .kind = some(p, 0, 1) ? PROMOTION_PERCENT : PROMOTION_FIXED,
                              .target = some(p, 0, 1) ? PROMOTION_ITEMS : PROMOTION_ORDER,
                              .active = true,
                              .automatic = true,
                              .stack_group = STR("+"),
                              .percent_ppm = some(p, 1, 1000000),
                              .amounts = {amount, 1},
                              .gift_qty = 1};
        assert_ok(promotion_compile(p->cx->arena, o, &all[i].rule, &p->cx->err), &p->cx->err);
        all[i].code = STR("");
    }
    in->promotions = all;
    in->npromotions = n;
}

static void adds_up(const OrderRows *r)
{
    int64_t items = 0, taxes = 0, charges = 0, discounts = 0, off = 0;
    for (size_t i = 0; i < r->lines.n; i++) {
        const OrderLineRow *l = &r->lines.items[i];
        assert_true(l->total >= 0 && l->gross >= 0 && l->tax_added >= 0 && l->tax_included >= 0);
        assert_true(l->tax_included <= l->total);
        assert_int_equal(l->total, l->gross + l->discount);
        items += l->total;
        off += l->discount;
    }
    for (size_t i = 0; i < r->charges.n; i++)
        charges += r->charges.items[i].total;
    for (size_t i = 0; i < r->taxes.n; i++) {
        assert_true(r->taxes.items[i].amount >= 0);
        taxes += r->taxes.items[i].amount;
    }
    for (size_t i = 0; i < r->discounts.n; i++) {
        assert_true(r->discounts.items[i].amount <= 0);
        if (r->discounts.items[i].line_id != 0)
            discounts += r->discounts.items[i].amount;
    }
    assert_int_equal(items, r->row.items);
    assert_int_equal(charges, r->row.delivery + r->row.fees);
    assert_int_equal(taxes, r->row.tax_added + r->row.tax_included);
    assert_int_equal(discounts, off);
    assert_int_equal(r->row.total, items + charges + r->row.tax_added);
    assert_true(r->row.total >= 0);
}

static void place(Play *p, OrderRows *ret)
{
    OrderTotalsIn    *in = &p->w->in;
    const CheckoutAsk ask = {.token = STR("")};
    OrderTotals       again;
    *in = (OrderTotalsIn){.at = {1795780800000}};
    memcpy(in->currency, CURRENCIES[rng_below(p->r, 3)], 4);
    in->tax.prices_include_tax = some(p, 0, 1) > 0;
    in->tax.round_per_total = some(p, 0, 1) > 0;
    make_lines(p, in);
    make_charges(p, in);
    make_promotions(p, in);
    assert_ok(order_totals(p->cx->arena, in, &p->w->cart.totals, &p->cx->err), &p->cx->err);
    assert_ok(order_totals(p->cx->arena, in, &again, &p->cx->err), &p->cx->err);
    assert_int_equal(again.total.minor, p->w->cart.totals.total.minor);
    p->w->cart.currency = str_from_cstr(in->currency);
    assert_ok(order_from_cart(p->cx, p->w, &ask, ret), &p->cx->err);
    adds_up(ret);
}

/* The money of an order that was paid. */
static void gives(Play *p, const OrderRows *rows, PaymentSums *s)
{
    int64_t before = order_owed(rows->row.total, s->granted), net = s->captured - s->refunded;
    if (net == 0)
        return;
    int64_t amount = some(p, 1, net), grants = order_grants(rows->row.total, s, amount);
    int64_t over = net > before ? net - before : 0;
    assert_true(grants >= 0 && grants <= amount);
    assert_int_equal(amount - grants, over < amount ? over : amount);
    s->refunded += amount;
    s->granted += grants;
    assert_true(s->captured - s->refunded >= order_owed(rows->row.total, s->granted));
}

/* Goods that are kept, money that is given for them, pieces that are cut off, too much that was
 * paid: nobody ever owes again what was paid once, and nothing is given back twice. */
static void settles(Play *p, const OrderRows *rows, PaymentSums *s)
{
    int64_t net = s->captured - s->refunded, owed = order_owed(rows->row.total, s->granted);
    assert_true(net >= owed);
    s->refunded += net - owed; /* what a change gives back */
    assert_true(s->refunded <= s->captured && s->granted <= s->refunded);
    int status = order_payment_status(rows->row.total, s);
    assert_true(status == ORDER_PAY_NONE || status == ORDER_PAY_PENDING ||
                status == ORDER_PAY_PAID || status == ORDER_PAY_PARTIALLY_REFUNDED ||
                status == ORDER_PAY_REFUNDED);
    assert_int_equal(status == ORDER_PAY_PARTIALLY_REFUNDED,
                     s->refunded > 0 && s->captured > s->refunded);
    if (some(p, 0, 2) == 0)
        gives(p, rows, s);
}

/* Cut pieces off until nothing is left: what is given back at each step is never negative, and in
 * the end it is all that was paid. */
static void play(Play *p)
{
    OrderRows rows;
    int64_t   paid, refunded = 0, left = 0;
    place(p, &rows);
    paid = rows.row.total;
    PaymentSums sums = {.captured = paid + (some(p, 0, 3) == 0 ? some(p, 0, 5000) : 0)};
    if (some(p, 0, 1) == 0)
        gives(p, &rows, &sums); /* before anything is cut off */
    for (size_t i = 0; i < rows.lines.n; i++)
        left += rows.lines.items[i].qty;
    while (left > 0) {
        OrderLineRow *l = &rows.lines.items[rng_below(p->r, rows.lines.n)];
        int64_t       have = l->qty - l->cancelled, before = rows.row.total;
        if (have == 0)
            continue;
        int64_t cut = some(p, 0, 2) == 0 ? have : some(p, 1, have);
        order_scale_line(&rows, l, have - cut);
        left -= cut;
        if (left == 0)
            order_drop_charges(&rows);
        order_sum_up(&rows);
        adds_up(&rows);
        assert_true(rows.row.total <= before);
        refunded += before - rows.row.total;
        assert_true(refunded <= paid);
        settles(p, &rows, &sums);
    }
    assert_int_equal(rows.row.total, 0);
    assert_int_equal(refunded, paid);
    settles(p, &rows, &sums);
    assert_int_equal(sums.refunded, sums.captured);
}

static int64_t number(const char *name, int64_t otherwise)
{
    const char *v = getenv(name);
    int64_t     ret = otherwise;
    return v && str_parse_i64(str_from_cstr(v), &ret) ? ret : otherwise;
}

static void what_is_left_and_given_back_adds_up(void **state)
{
    Arena   arena;
    Rng     rng;
    int64_t n = number("ORDER_HISTORIES", 20000), seed = number("ORDER_SEED", (int64_t)time(NULL));
    (void)state;
    print_message("# seed %lld, %lld histories\n", (long long)seed, (long long)n);
    arena_init(&arena, 1 << 16);
    rng = rng_of((uint64_t)seed);
    for (int64_t i = 0; i < n; i++) {
        Cx       cx = {.arena = &arena, .now = {1795780800000}};
        CartWork w = {0};
        Play     p = {&cx, &rng, &w};
        play(&p);
        arena_reset(&arena);
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_and_given_back_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
