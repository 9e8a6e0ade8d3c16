/* The calculation from beginning to end; its parts are in the other files totals_*.c. */
#include "order/totals.h"

#include <string.h>

#include "base/sort.h"
#include "order/totals_int.h"

const char *const totals_refusal_names[] = {
    "none",         "unknown_code",   "inactive",     "not_started",     "expired",
    "used_up",      "used_by_you",    "budget_spent", "other_currency",  "min_amount",
    "min_qty",      "no_items",       "not_for_you",  "not_first_order", "not_this_market",
    "not_now",      "not_this_cart",  "no_delivery",  "better_applies",  "excluded",
    "nothing_left", "too_many_codes", NULL,
};
_Static_assert(COUNT_OF(totals_refusal_names) == REFUSED_KINDS + 1, "one name for each reason");

const char *const totals_target_names[] = {"line", "delivery", "fee", NULL};

static Money money_in(const TotalsIn *in, int64_t minor)
{
    Money m = {.minor = minor};
    memcpy(m.cur, in->currency, sizeof m.cur);
    return m;
}

/* --- is the input fit? -------------------------------------------------------------------- */

static Status bad(Err *err, const char *what)
{
    return err_set(err, ST_INVALID, "order.bad_cart", "the cart cannot be priced: %s", what);
}

static Status too_large(Err *err)
{
    return err_set(err, ST_LIMIT, "order.amount_too_large",
                   "the amounts of this cart are too large");
}

static Status add_amount(int64_t *sum, int64_t amount, Err *err)
{
    if (amount > TOTALS_AMOUNT_MAX || *sum > TOTALS_AMOUNT_MAX - amount)
        return too_large(err);
    *sum += amount;
    return ST_OK;
}

static Status check_counts(const TotalsIn *in, Err *err)
{
    if (in->nlines > TOTALS_LINES_MAX || in->ndeliveries > TOTALS_DELIVERIES_MAX ||
        in->nfees > TOTALS_FEES_MAX || in->npromotions > TOTALS_PROMOTIONS_MAX)
        return bad(err, "too many lines");
    return currency_find(str_from_cstr(in->currency)) ? ST_OK : bad(err, "unknown currency");
}

static Status check_rates(const TotalsRates *r, Err *err)
{
    if (r == NULL)
        return ST_OK;
    size_t compound = 0;
    for (size_t i = 0; i < r->n && i < TOTALS_RATES_MAX; i++) {
        compound += r->items[i].compound;
        if (r->items[i].ppm < 0 || r->items[i].ppm > 10 * TOTALS_PPM)
            return bad(err, "a tax rate is out of range");
    }
    return r->n > TOTALS_RATES_MAX || compound > 2 ? bad(err, "too many taxes") : ST_OK;
}

/* Fills w->gross and w->may on the way. */
static Status check_in(Work *w, Err *err)
{
    const TotalsIn *in = w->in;
    int64_t         sum = 0;
    TRY(check_counts(in, err));
    for (size_t i = 0; i < in->nlines; i++) {
        const TotalsLine *l = &in->lines[i];
        if (l->qty <= 0 || l->qty > TOTALS_QTY_MAX || l->unit_price < 0)
            return bad(err, "a quantity or price is out of range");
        if (__builtin_mul_overflow(l->unit_price, l->qty, &w->gross[i]))
            return too_large(err);
        TRY(add_amount(&sum, w->gross[i], err));
        TRY(check_rates(l->rates, err));
        w->may[i] = l->gift_of == 0 && !l->no_discount;
        w->subtotal += l->gift_of == 0 ? w->gross[i] : 0;
    }
    for (size_t i = 0; i < in->ndeliveries; i++) {
        if (in->deliveries[i].amount < 0)
            return bad(err, "a delivery costs less than nothing");
        TRY(add_amount(&sum, in->deliveries[i].amount, err));
        TRY(check_rates(in->deliveries[i].rates, err));
    }
    for (size_t i = 0; i < in->nfees; i++) {
        if (in->fees[i].amount < 0)
            return bad(err, "a fee is less than nothing");
        TRY(add_amount(&sum, in->fees[i].amount, err));
        TRY(check_rates(in->fees[i].rates, err));
    }
    return ST_OK;
}

/* --- lines, deliveries, fees -------------------------------------------------------------- */

static const Candidate *giver_of(const Work *w, int64_t promotion)
{
    for (size_t i = 0; i < w->nall; i++)
        if (w->all[i].p->id == promotion && w->all[i].p->kind == PROMOTION_GIFT &&
            w->all[i].refused == REFUSED_NOT)
            return &w->all[i];
    return NULL;
}

/* A gift that nobody gives any more costs nothing either: it goes before the order is placed. */
static void put_lines(Work *w, OrderTotals *t)
{
    t->lines.items = arena_array(w->a, TotalsOutLine, w->n + 1);
    t->lines.n = w->n;
    for (size_t i = 0; i < w->n; i++) {
        const TotalsLine *l = &w->in->lines[i];
        TotalsOutLine    *o = &t->lines.items[i];
        if (l->gift_of != 0) {
            const Candidate *c = giver_of(w, l->gift_of);
            o->gift_of = opt_i64(l->gift_of);
            o->gift_qty = opt_i64(c == NULL                 ? 0
                                  : l->qty < c->p->gift_qty ? l->qty
                                                            : c->p->gift_qty);
            w->gross[i] = c ? w->gross[i] : 0;
            w->left.line[i] = 0;
        }
        o->id = l->id;
        o->variant_id = l->variant_id;
        o->qty = l->qty;
        o->unit_price = money_in(w->in, l->unit_price);
        o->gross = money_in(w->in, w->gross[i]);
        o->discount = money_in(w->in, w->left.line[i] - w->gross[i]);
        t->subtotal.minor += o->gross.minor;
        t->discount.minor += o->discount.minor;
    }
}

static TaxItem *tax_items(Work *w, size_t *ret_n)
{
    const TotalsIn *in = w->in;
    size_t          n = 0;
    TaxItem        *all = arena_array(w->a, TaxItem, w->n + in->ndeliveries + in->nfees + 1);
    for (size_t i = 0; i < w->n; i++)
        all[n++] = (TaxItem){.target = TOTALS_LINE,
                             .index = i,
                             .amount = w->left.line[i],
                             .tax_class = in->lines[i].tax_class,
                             .none = in->lines[i].no_tax,
                             .rates = in->lines[i].rates};
    for (size_t i = 0; i < in->ndeliveries; i++)
        all[n++] = (TaxItem){.target = TOTALS_DELIVERY,
                             .index = i,
                             .amount = w->left.delivery[i],
                             .tax_class = in->deliveries[i].tax_class,
                             .rates = in->deliveries[i].rates};
    for (size_t i = 0; i < in->nfees; i++)
        all[n++] = (TaxItem){.target = TOTALS_FEE,
                             .index = i,
                             .amount = in->fees[i].amount,
                             .tax_class = in->fees[i].tax_class,
                             .none = in->fees[i].no_tax,
                             .rates = in->fees[i].rates};
    *ret_n = n;
    return all;
}

static void put_line_tax(Work *w, OrderTotals *t, const TaxItem *item)
{
    TotalsOutLine *o = &t->lines.items[item->index];
    o->relief = money_in(w->in, -item->relief);
    o->tax = money_in(w->in, item->tax);
    o->total = money_in(w->in, item->amount - item->relief);
    t->items.minor += o->total.minor;
}

static void put_delivery(Work *w, OrderTotals *t, const TaxItem *item)
{
    const TotalsDelivery *d = &w->in->deliveries[item->index];
    TotalsOutDelivery    *o = &t->deliveries.items[item->index];
    o->method_id = d->method_id;
    o->amount = money_in(w->in, d->amount);
    o->discount = money_in(w->in, item->amount - d->amount);
    o->relief = money_in(w->in, -item->relief);
    o->tax = money_in(w->in, item->tax);
    o->total = money_in(w->in, item->amount - item->relief);
    t->delivery.minor += o->total.minor;
    t->delivery_discount.minor += o->discount.minor;
}

static void put_fee(Work *w, OrderTotals *t, const TaxItem *item)
{
    TotalsOutFee *o = &t->fees.items[item->index];
    o->kind = w->in->fees[item->index].kind;
    o->amount = money_in(w->in, item->amount);
    o->relief = money_in(w->in, -item->relief);
    o->tax = money_in(w->in, item->tax);
    o->total = money_in(w->in, item->amount - item->relief);
    t->fees_total.minor += o->total.minor;
}

/* --- taxes -------------------------------------------------------------------------------- */

static void sum_tax(OrderTotals *t, const TotalsTax *x)
{
    for (size_t i = 0; i < t->tax_sums.n; i++) {
        TotalsTaxSum *s = &t->tax_sums.items[i];
        if (s->rate_ppm == x->rate_ppm && s->included == x->included && str_eq(s->name, x->name)) {
            s->base.minor += x->base.minor;
            s->amount.minor += x->amount.minor;
            return;
        }
    }
    t->tax_sums.items[t->tax_sums.n++] =
        (TotalsTaxSum){x->name, x->rate_ppm, x->base, x->amount, x->included};
}

static void put_taxes(Work *w, OrderTotals *t)
{
    size_t   n;
    TaxItem *items = tax_items(w, &n);
    TaxRows  rows = totals_taxes(w->a, w->in, items, n, &t->tax_known);
    t->deliveries.items = arena_array(w->a, TotalsOutDelivery, w->in->ndeliveries + 1);
    t->deliveries.n = w->in->ndeliveries;
    t->fees.items = arena_array(w->a, TotalsOutFee, w->in->nfees + 1);
    t->fees.n = w->in->nfees;
    for (size_t i = 0; i < n; i++) {
        t->relief.minor -= items[i].relief;
        if (items[i].target == TOTALS_LINE)
            put_line_tax(w, t, &items[i]);
        else if (items[i].target == TOTALS_DELIVERY)
            put_delivery(w, t, &items[i]);
        else
            put_fee(w, t, &items[i]);
    }
    t->taxes.items = arena_array(w->a, TotalsTax, rows.n + 1);
    t->tax_sums.items = arena_array(w->a, TotalsTaxSum, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++) {
        const TaxRow *r = &rows.items[i];
        TotalsTax    *x = &t->taxes.items[t->taxes.n++];
        *x = (TotalsTax){(int)r->target,
                         (int64_t)r->index,
                         r->rate->id ? opt_i64(r->rate->id) : (OptI64){0},
                         r->rate->name,
                         r->rate->ppm,
                         money_in(w->in, r->base),
                         money_in(w->in, r->amount),
                         r->included};
        (r->included ? &t->tax_included : &t->tax_added)->minor += r->amount;
        sum_tax(t, x);
    }
}

/* --- promotions --------------------------------------------------------------------------- */

/* Rows of one promotion stand together, in the order in which they were applied. */
static void put_discounts(Work *w, OrderTotals *t)
{
    t->discounts.items = arena_array(w->a, TotalsDiscount, w->rows.n + 1);
    t->applied.items = arena_array(w->a, TotalsApplied, w->nall + 1);
    t->gifts.items = arena_array(w->a, TotalsGift, w->nall + 1);
    for (size_t i = 0; i < w->nall; i++) {
        const Candidate *c = &w->all[i];
        if (c->refused != REFUSED_NOT)
            continue;
        TotalsApplied *ap = &t->applied.items[t->applied.n++];
        *ap = (TotalsApplied){.promotion_id = c->p->id,
                              .code_id = c->in->code_id ? opt_i64(c->in->code_id) : (OptI64){0},
                              .code = c->in->code,
                              .title =
                                  order_title_in(&c->p->translations, w->in->locale, c->p->title),
                              .kind = c->p->kind,
                              .amount = money_in(w->in, 0)};
        for (size_t j = 0; j < w->rows.n; j++) {
            const Row *r = &w->rows.items[j];
            if (r->by != c)
                continue;
            ap->amount.minor -= r->amount;
            t->discounts.items[t->discounts.n++] =
                (TotalsDiscount){c->p->id, c->in->code, (int)r->target, (int64_t)r->index,
                                 money_in(w->in, -r->amount)};
        }
        if (c->p->kind == PROMOTION_GIFT && c->p->gift_variant.has)
            t->gifts.items[t->gifts.n++] =
                (TotalsGift){c->p->id, c->p->gift_variant.v, c->p->gift_qty};
    }
}

static const Candidate *by_code(const Work *w, Str code)
{
    for (size_t i = 0; i < w->nall; i++)
        if (w->all[i].in->code.len > 0 && str_eq(w->all[i].in->code, code))
            return &w->all[i];
    return NULL;
}

static TotalsCode code_of(const Work *w, Str code, size_t at)
{
    const Candidate *c = by_code(w, code);
    TotalsCode       o = {.code = code, .reason = REFUSED_UNKNOWN};
    if (at >= TOTALS_CODES_MAX)
        o.reason = REFUSED_TOO_MANY;
    if (c == NULL || at >= TOTALS_CODES_MAX)
        return o;
    o.promotion_id = opt_i64(c->p->id);
    o.reason = (int)c->refused;
    o.applied = c->refused == REFUSED_NOT;
    if (c->refused == REFUSED_MIN_AMOUNT)
        o.missing_amount = money_in(w->in, c->missing);
    if (c->refused == REFUSED_MIN_QTY)
        o.missing_qty = c->missing;
    if (c->refused == REFUSED_NOT_STARTED)
        o.at = c->p->starts_at;
    if (c->refused == REFUSED_EXPIRED)
        o.at = c->p->ends_at;
    return o;
}

static void put_codes(Work *w, OrderTotals *t)
{
    t->codes.n = w->in->codes.n;
    t->codes.items = arena_array(w->a, TotalsCode, t->codes.n + 1);
    for (size_t i = 0; i < t->codes.n; i++)
        t->codes.items[i] = code_of(w, w->in->codes.items[i], i);
}

/* --- hints -------------------------------------------------------------------------------- */

typedef struct Near {
    const Candidate *c;
    size_t           at;
} Near;

/* The smallest part missing first. */
static int by_nearness(const void *x, const void *y)
{
    const Near *a = x, *b = y;
    Wide left = (Wide)a->c->missing * b->c->needed, right = (Wide)b->c->missing * a->c->needed;
    if (left != right)
        return left < right ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static TotalsHint hint_of(const Work *w, const Candidate *c)
{
    const OrderPromotion *p = c->p;
    TotalsHint            h = {.promotion_id = p->id,
                               .title = order_title_in(&p->translations, w->in->locale, p->title),
                               .kind = p->kind};
    if (c->refused == REFUSED_MIN_AMOUNT)
        h.missing_amount = money_in(w->in, c->missing);
    else
        h.missing_qty = c->missing;
    if (p->kind == PROMOTION_GIFT)
        h.variant_id = p->gift_variant;
    if (p->kind == PROMOTION_FIXED || p->kind == PROMOTION_BUNDLE)
        h.reward = money_in(w->in, c->amount);
    else if (p->kind != PROMOTION_GIFT)
        h.reward_ppm = p->percent_ppm ? p->percent_ppm : TOTALS_PPM;
    return h;
}

/* Of promotions of which only the minimum, or the reward in the cart, is missing. */
static void put_hints(Work *w, OrderTotals *t)
{
    size_t n = 0;
    Near  *all = arena_array(w->a, Near, w->nall + 1);
    for (size_t i = 0; i < w->nall; i++) {
        const Candidate *c = &w->all[i];
        bool short_of = c->refused == REFUSED_MIN_AMOUNT || c->refused == REFUSED_MIN_QTY;
        if (short_of || (c->refused == REFUSED_NOT && c->again))
            all[n++] = (Near){c, i};
    }
    array_sort(all, n, sizeof *all, by_nearness);
    t->hints.n = n < TOTALS_HINTS_MAX ? n : TOTALS_HINTS_MAX;
    t->hints.items = arena_array(w->a, TotalsHint, t->hints.n + 1);
    for (size_t i = 0; i < t->hints.n; i++)
        t->hints.items[i] = hint_of(w, all[i].c);
}

/* --- all of it ---------------------------------------------------------------------------- */

static void begin(const TotalsIn *in, OrderTotals *t)
{
    const Money zero = money_in(in, 0);
    *t = (OrderTotals){.currency = str_from_cstr(in->currency),
                       .prices_include_tax = in->tax.prices_include_tax,
                       .tax_exempt = in->buyer.tax_exempt,
                       .subtotal = zero,
                       .discount = zero,
                       .delivery_discount = zero,
                       .relief = zero,
                       .items = zero,
                       .delivery = zero,
                       .fees_total = zero,
                       .tax_added = zero,
                       .tax_included = zero,
                       .tax = zero,
                       .total = zero};
}

static void work_begin(Work *w, Arena *a, const TotalsIn *in)
{
    *w = (Work){.a = a, .in = in, .n = in->nlines};
    if (w->n > TOTALS_LINES_MAX)
        w->n = 0; /* refused at once */
    w->may = arena_array(a, bool, w->n + 1);
    w->gross = arena_array(a, int64_t, w->n + 1);
    w->order = arena_array(a, size_t, w->n + 1);
    w->share = arena_array(a, int64_t, w->n + 1);
    w->part = arena_array(a, int64_t, w->n + 1);
    w->split = arena_array(a, Money, w->n + 1);
}

Status order_totals(Arena *a, const OrderTotalsIn *in, OrderTotals *ret, Err *err)
{
    Work        w;
    OrderTotals t;
    begin(in, &t);
    work_begin(&w, a, in);
    TRY(check_in(&w, err));
    t.currency = str_dup(a, t.currency);
    totals_promotions(&w);
    put_lines(&w, &t);
    put_taxes(&w, &t);
    put_discounts(&w, &t);
    put_codes(&w, &t);
    if (in->want_hints)
        put_hints(&w, &t);
    t.tax.minor = t.tax_added.minor + t.tax_included.minor;
    t.total.minor = t.items.minor + t.delivery.minor + t.fees_total.minor + t.tax_added.minor;
    *ret = t;
    return ST_OK;
}
