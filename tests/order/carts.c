#include "carts.h"

#include <string.h>

void cart_eur(Arena *a, TotalsIn *in)
{
    (void)a;
    *in = (TotalsIn){.currency = "EUR", .at = {1795780800000}, .want_hints = true};
}

void cart_lines(Arena *a, TotalsIn *in, const Bought *bought)
{
    size_t n = 0;
    while (bought[n].price != 0 || bought[n].qty != 0)
        n++;
    TotalsLine *lines = arena_array(a, TotalsLine, n + 1);
    for (size_t i = 0; i < n; i++) {
        const Bought *b = &bought[i];
        int64_t      *collection = arena_new(a, int64_t);
        *collection = b->collection;
        lines[i] = (TotalsLine){.id = (int64_t)i + 1,
                                .variant_id = (int64_t)i + 1,
                                .product_id = b->product ? b->product : (int64_t)i + 1,
                                .collections = {collection, b->collection != 0},
                                .tax_class = str_from_cstr(b->tax_class),
                                .qty = b->qty,
                                .unit_price = b->price,
                                .compare_at = b->compare_at,
                                .weight_g = 100};
    }
    in->lines = lines;
    in->nlines = n;
}

OrderPromotion *cart_promotion(Arena *a, int64_t id, const char *json)
{
    OrderPromotion *p = arena_new(a, OrderPromotion);
    Issues          issues = {.arena = a};
    Err             err = {0};
    p->active = p->automatic = true;
    Status st =
        shape_read(&order_promotion_shape, SHAPE_PATCH, str_from_cstr(json), a, p, &issues, &err);
    for (size_t i = 0; i < issues.n; i++)
        print_error("# " STR_FMT " " STR_FMT "\n", STR_ARG(issues.items[i].pointer),
                    STR_ARG(issues.items[i].detail));
    assert_ok(st, &err);
    p->id = id;
    p->gift_qty = p->gift_qty ? p->gift_qty : 1;
    if (p->title.len == 0)
        p->title = STR("A promotion");
    return p;
}

void cart_add(Arena *a, TotalsIn *in, OrderPromotion *p, const char *code)
{
    TotalsPromotion *all = arena_array(a, TotalsPromotion, in->npromotions + 1);
    Err              err = {0};
    if (in->npromotions > 0)
        memcpy(all, in->promotions, in->npromotions * sizeof *all);
    TotalsPromotion *add = &all[in->npromotions++];
    *add = (TotalsPromotion){.budget_left = p->budget.minor - p->used_amount.minor};
    assert_ok(promotion_compile(a, p, &add->rule, &err), &err);
    in->promotions = all;
    if (code == NULL)
        return;
    Str *codes = arena_array(a, Str, in->codes.n + 1);
    if (in->codes.n > 0)
        memcpy(codes, in->codes.items, in->codes.n * sizeof *codes);
    codes[in->codes.n] = add->code = str_from_cstr(code);
    add->code_id = 1000 + p->id;
    in->codes = (TotalsTexts){codes, in->codes.n + 1};
}

const TaxTable *cart_taxes(Arena *a, const char *json)
{
    TaxZones        *zones = arena_new(a, TaxZones);
    TaxClasses      *classes = arena_new(a, TaxClasses);
    Issues           issues = {.arena = a};
    Err              err = {0};
    const JsonValue *v;
    assert_ok(json_parse(a, str_from_cstr(json), &v, &err), &err);
    zones->items = arena_array(a, TaxZone, v->n + 1);
    for (size_t i = 0; i < v->n; i++) {
        TaxZone *z = &zones->items[zones->n++];
        z->active = true;
        Status st = shape_read_value(&tax_zone_shape, SHAPE_PATCH, &v->items[i], STR(""), a, z,
                                     &issues, &err);
        for (size_t j = 0; j < issues.n; j++)
            print_error("# " STR_FMT " " STR_FMT "\n", STR_ARG(issues.items[j].pointer),
                        STR_ARG(issues.items[j].detail));
        assert_ok(st, &err);
        z->id = (int64_t)i + 1;
        for (size_t j = 0; j < z->rates.n; j++)
            z->rates.items[j].id = (int64_t)(i * 100 + j) + 1;
    }
    return tax_table_make(a, zones, classes);
}

/* --- invariants --------------------------------------------------------------------------- */

static int64_t sum_lines(const TotalsIn *in, const OrderTotals *t)
{
    int64_t sum = 0;
    assert_int_equal(t->lines.n, in->nlines);
    for (size_t i = 0; i < t->lines.n; i++) {
        const TotalsOutLine *l = &t->lines.items[i];
        assert_true(l->total.minor >= 0 && l->discount.minor <= 0 && l->relief.minor <= 0 &&
                    l->tax.minor >= 0);
        assert_true(l->total.minor == l->gross.minor + l->discount.minor + l->relief.minor);
        if (!l->gift_of.has)
            assert_true(l->gross.minor == in->lines[i].unit_price * in->lines[i].qty);
        sum += l->total.minor;
    }
    return sum;
}

static int64_t sum_deliveries(const OrderTotals *t)
{
    int64_t sum = 0;
    for (size_t i = 0; i < t->deliveries.n; i++) {
        const TotalsOutDelivery *d = &t->deliveries.items[i];
        assert_true(d->total.minor >= 0 && d->discount.minor <= 0 && d->relief.minor <= 0);
        assert_true(d->total.minor == d->amount.minor + d->discount.minor + d->relief.minor);
        sum += d->total.minor;
    }
    return sum;
}

static void check_discounts(const OrderTotals *t)
{
    int64_t rows = 0, applied = 0;
    for (size_t i = 0; i < t->discounts.n; i++) {
        assert_true(t->discounts.items[i].amount.minor < 0);
        rows += t->discounts.items[i].amount.minor;
    }
    for (size_t i = 0; i < t->applied.n; i++)
        applied += t->applied.items[i].amount.minor;
    assert_true(rows == applied);
    assert_true(rows == t->discount.minor + t->delivery_discount.minor);
}

static void check_taxes(const OrderTotals *t)
{
    int64_t rows = 0, items = 0, sums = 0;
    for (size_t i = 0; i < t->taxes.n; i++) {
        assert_true(t->taxes.items[i].amount.minor >= 0 && t->taxes.items[i].base.minor >= 0);
        rows += t->taxes.items[i].amount.minor;
    }
    for (size_t i = 0; i < t->tax_sums.n; i++)
        sums += t->tax_sums.items[i].amount.minor;
    for (size_t i = 0; i < t->lines.n; i++)
        items += t->lines.items[i].tax.minor;
    for (size_t i = 0; i < t->deliveries.n; i++)
        items += t->deliveries.items[i].tax.minor;
    for (size_t i = 0; i < t->fees.n; i++)
        items += t->fees.items[i].tax.minor;
    assert_true(rows == items && rows == sums);
    assert_true(rows == t->tax.minor && rows == t->tax_added.minor + t->tax_included.minor);
    assert_true(t->tax_included.minor <= t->total.minor);
}

void cart_check(const TotalsIn *in, const OrderTotals *t)
{
    int64_t fees = 0;
    for (size_t i = 0; i < t->fees.n; i++)
        fees += t->fees.items[i].total.minor;
    assert_true(t->items.minor == sum_lines(in, t));
    assert_true(t->delivery.minor == sum_deliveries(t));
    assert_true(t->fees_total.minor == fees);
    assert_true(t->total.minor ==
                t->items.minor + t->delivery.minor + t->fees_total.minor + t->tax_added.minor);
    assert_true(t->total.minor >= 0);
    check_discounts(t);
    check_taxes(t);
}
