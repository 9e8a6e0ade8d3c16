/* Taxes of lines, deliveries and fees. totals.h says how they are rounded. */
#include <string.h>

#include "order/tax.h"
#include "order/totals_int.h"

enum { MEMO = 8 };

typedef struct Memo {
    Str         tax_class;
    bool        home;
    TotalsRates rates;
} Memo;

/* An item, or a part of one that is taxed by rates of its own. */
typedef struct Sub {
    TaxItem    *item;
    int64_t     amount; /* after relief */
    TotalsRates rates;
    bool        included;
    bool        done;
} Sub;

typedef struct Taxing {
    Arena          *a;
    const TotalsIn *in;
    TaxItem        *items;
    size_t          n;
    bool            collects; /* at the destination */
    Memo            memo[MEMO];
    size_t          nmemo;
    Sub            *subs;
    size_t          nsubs;
    TaxRows         rows;
} Taxing;

/* --- rates -------------------------------------------------------------------------------- */

static Str standard(Str tax_class)
{
    return tax_class.len > 0 ? tax_class : STR("standard");
}

static TotalsRates look_up(Taxing *t, Str tax_class, bool home)
{
    const TotalsTaxRules *r = &t->in->tax;
    const TotalsBuyer    *b = &t->in->buyer;
    home = home || b->country.len == 0;
    if (r->table == NULL || (home && r->home_country.len == 0) || (!home && !t->collects))
        return (TotalsRates){0};
    return home ? tax_table_rates(r->table, t->a, r->home_country, r->home_region, STR(""),
                                  tax_class, t->in->at, NULL)
                : tax_table_rates(r->table, t->a, b->country, b->region, b->postal, tax_class,
                                  t->in->at, NULL);
}

/* Looked up once for each class: equal rates are the same array. */
static TotalsRates rates_of(Taxing *t, Str tax_class, bool home)
{
    tax_class = standard(tax_class);
    for (size_t i = 0; i < t->nmemo; i++)
        if (t->memo[i].home == home && str_eq(t->memo[i].tax_class, tax_class))
            return t->memo[i].rates;
    TotalsRates rates = look_up(t, tax_class, home);
    for (size_t i = 0; i < t->nmemo; i++) /* another class with the same rates */
        if (t->memo[i].rates.n == rates.n && rates.n > 0 &&
            t->memo[i].rates.items[0].id == rates.items[0].id && rates.items[0].id != 0 &&
            rates.n == 1)
            rates = t->memo[i].rates;
    if (t->nmemo < MEMO)
        t->memo[t->nmemo++] = (Memo){tax_class, home, rates};
    return rates;
}

static TotalsRates item_rates(Taxing *t, const TaxItem *item)
{
    if (item->none)
        return (TotalsRates){0};
    return item->rates ? *item->rates : rates_of(t, item->tax_class, false);
}

/* --- factors: what an amount of `scale` without tax has on top ------------------------------- */

typedef struct Factors {
    Wide scale, with_tax;
    Wide of[TOTALS_RATES_MAX];
} Factors;

static Factors factors(TotalsRates rates)
{
    Factors f = {.scale = TOTALS_PPM};
    for (size_t i = 0; i < rates.n; i++)
        if (rates.items[i].compound)
            f.scale *= TOTALS_PPM;
    f.with_tax = f.scale;
    for (size_t i = 0; i < rates.n; i++) {
        Wide on = rates.items[i].compound ? f.with_tax : f.scale;
        f.of[i] = on / TOTALS_PPM * rates.items[i].ppm;
        f.with_tax += f.of[i];
    }
    return f;
}

static int64_t ratio(int64_t x, Wide num, Wide den)
{
    Wide v = x * num;
    return (int64_t)((v * 2 + den) / (den * 2));
}

static int64_t included_in(int64_t amount, TotalsRates rates)
{
    Factors f = factors(rates);
    return ratio(amount, f.with_tax - f.scale, f.with_tax);
}

/* --- the items ---------------------------------------------------------------------------- */

static bool same_rates(TotalsRates x, TotalsRates y)
{
    if (x.items == y.items && x.n == y.n)
        return true;
    if (x.n != y.n)
        return false;
    for (size_t i = 0; i < x.n; i++)
        if (x.items[i].id != y.items[i].id || x.items[i].ppm != y.items[i].ppm ||
            x.items[i].compound != y.items[i].compound || !str_eq(x.items[i].name, y.items[i].name))
            return false;
    return true;
}

/* What the price includes and the buyer does not owe goes; the rest is taxed. */
static void sub_add(Taxing *t, TaxItem *item, int64_t amount, TotalsRates rates, Str tax_class)
{
    const TotalsTaxRules *r = &t->in->tax;
    bool                  included = r->prices_include_tax;
    TotalsRates           in_price = rates;
    if (included && r->keep_net && !item->none)
        in_price = rates_of(t, tax_class, true);
    bool other = included && r->keep_net && !same_rates(in_price, rates);
    if (included && (other || t->in->buyer.tax_exempt)) {
        int64_t relief = included_in(amount, in_price);
        item->relief += relief;
        amount -= relief;
        included = false;
    }
    if (t->in->buyer.tax_exempt)
        rates = (TotalsRates){0};
    t->subs[t->nsubs++] = (Sub){item, amount, rates, included, false};
}

/* Delivery and fees as the lines: in proportion to what is left of them, by their rates. */
static bool add_in_proportion(Taxing *t, TaxItem *item)
{
    int64_t  *weights = arena_array(t->a, int64_t, t->n + 1);
    TaxItem **first = arena_array(t->a, TaxItem *, t->n + 1);
    size_t    k = 0;
    int64_t   sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        TaxItem *line = &t->items[i];
        size_t   j = 0;
        if (line->target != TOTALS_LINE)
            continue;
        while (j < k && !same_rates(item_rates(t, first[j]), item_rates(t, line)))
            j++;
        if (j == k)
            first[k++] = line;
        weights[j] += line->amount;
        sum += line->amount;
    }
    if (sum == 0)
        return false;
    Money *parts = arena_array(t->a, Money, k);
    money_split((Money){.minor = item->amount}, weights, k, parts);
    for (size_t j = 0; j < k; j++)
        sub_add(t, item, parts[j].minor, item_rates(t, first[j]), first[j]->tax_class);
    return true;
}

static void add_subs(Taxing *t)
{
    size_t nlines = 0;
    for (size_t i = 0; i < t->n; i++)
        nlines += t->items[i].target == TOTALS_LINE;
    t->subs = arena_array(t->a, Sub, t->n + (t->n - nlines) * (nlines + 1) + 1);
    for (size_t i = 0; i < t->n; i++) {
        TaxItem *item = &t->items[i];
        bool     as_lines = item->target != TOTALS_LINE && item->tax_class.len == 0 &&
                        item->rates == NULL && !item->none && item->amount > 0 &&
                        t->in->tax.delivery == DELIVERY_TAX_PROPORTIONAL;
        if (!as_lines || !add_in_proportion(t, item))
            sub_add(t, item, item->amount, item_rates(t, item), item->tax_class);
    }
}

/* --- the taxes ---------------------------------------------------------------------------- */

static void row_add(Taxing *t, const Sub *s, const TotalsRate *rate, int64_t base, int64_t amount)
{
    TaxRows *rows = &t->rows;
    if (rows->n == rows->room) {
        rows->room = rows->room ? rows->room * 2 : t->nsubs * 2 + 4;
        TaxRow *more = arena_array(t->a, TaxRow, rows->room);
        if (rows->n > 0)
            memcpy(more, rows->items, rows->n * sizeof *more);
        rows->items = more;
    }
    rows->items[rows->n++] =
        (TaxRow){s->item->target, s->item->index, rate, base, amount, s->included};
}

/* taxes[i] of each rate: rows, with the amount that each is on. */
static void emit(Taxing *t, Sub *s, const int64_t *taxes)
{
    int64_t sum = 0, before = 0;
    for (size_t i = 0; i < s->rates.n; i++)
        sum += taxes[i];
    int64_t net = s->included ? s->amount - sum : s->amount;
    for (size_t i = 0; i < s->rates.n; i++) {
        const TotalsRate *r = &s->rates.items[i];
        row_add(t, s, r, net + (r->compound ? before : 0), taxes[i]);
        before += taxes[i];
    }
    s->item->tax += sum;
    s->item->included = s->included;
    s->done = true;
}

/* Part `tax`, which is included, among the rates. */
static void part_included(int64_t tax, const Factors *f, TotalsRates rates, int64_t *to)
{
    int64_t weights[TOTALS_RATES_MAX];
    Money   parts[TOTALS_RATES_MAX];
    Wide    unit = f->scale / TOTALS_PPM;
    int64_t sum = 0;
    for (size_t i = 0; i < rates.n; i++) {
        weights[i] = (int64_t)(f->of[i] / unit);
        sum += weights[i];
        to[i] = 0;
    }
    if (sum == 0)
        return;
    money_split((Money){.minor = tax}, weights, rates.n, parts);
    for (size_t i = 0; i < rates.n; i++)
        to[i] = parts[i].minor;
}

static void tax_alone(Taxing *t, Sub *s)
{
    int64_t taxes[TOTALS_RATES_MAX];
    Factors f = factors(s->rates);
    if (s->included)
        part_included(ratio(s->amount, f.with_tax - f.scale, f.with_tax), &f, s->rates, taxes);
    else
        for (size_t i = 0; i < s->rates.n; i++)
            taxes[i] = ratio(s->amount, f.of[i], f.scale);
    emit(t, s, taxes);
}

/* All that has the rates of `first`: rounded once, shared by the largest remainder. */
static void tax_together(Taxing *t, Sub *first)
{
    size_t   k = 0, n = first->rates.n;
    int64_t  sum = 0;
    Sub    **all = arena_array(t->a, Sub *, t->nsubs);
    int64_t *weights = arena_array(t->a, int64_t, t->nsubs);
    Factors  f = factors(first->rates);
    for (Sub *s = first; s < t->subs + t->nsubs; s++)
        if (!s->done && s->included == first->included && same_rates(s->rates, first->rates)) {
            all[k] = s;
            weights[k++] = s->amount;
            sum += s->amount;
        }
    int64_t *taxes = arena_array(t->a, int64_t, k * n + 1);
    Money   *parts = arena_array(t->a, Money, k);
    for (size_t i = 0; sum > 0 && i < (first->included ? 1 : n); i++) {
        int64_t tax = first->included ? ratio(sum, f.with_tax - f.scale, f.with_tax)
                                      : ratio(sum, f.of[i], f.scale);
        money_split((Money){.minor = tax}, weights, k, parts);
        for (size_t j = 0; j < k; j++) {
            if (first->included)
                part_included(parts[j].minor, &f, first->rates, &taxes[j * n]);
            else
                taxes[j * n + i] = parts[j].minor;
        }
    }
    for (size_t j = 0; j < k; j++)
        emit(t, all[j], &taxes[j * n]);
}

static bool collects_at(const TotalsIn *in)
{
    for (size_t i = 0; i < in->tax.countries.n; i++)
        if (str_eq(in->tax.countries.items[i], in->buyer.country))
            return true;
    return in->tax.countries.n == 0;
}

TaxRows totals_taxes(Arena *a, const TotalsIn *in, TaxItem *items, size_t n, bool *ret_known)
{
    Taxing t = {.a = a, .in = in, .items = items, .n = n, .collects = collects_at(in)};
    *ret_known = in->buyer.country.len > 0;
    add_subs(&t);
    for (size_t i = 0; i < t.nsubs; i++) {
        Sub *s = &t.subs[i];
        if (s->done || s->rates.n == 0)
            continue;
        if (in->tax.round_per_total)
            tax_together(&t, s);
        else
            tax_alone(&t, s);
    }
    return t.rows;
}
