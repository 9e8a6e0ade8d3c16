/* What does it cost? */
#include "catalog/price.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "catalog/catalog_int.h"

struct CatalogTier { /* a list that applies */
    int64_t list_id;
    int     kind;
    int     rank; /* 0 contract, 1 sale and override, 2 base */
    int64_t priority;
    OptTime ends_at;
};

static const ShapeField BUYER[] = {
    SHAPE_TEXT(CatalogBuyer, channel, .max = 32),  SHAPE_TEXT(CatalogBuyer, market, .max = 64),
    SHAPE_TEXT(CatalogBuyer, country, .max = 2),   SHAPE_TEXT(CatalogBuyer, locale, .max = 35),
    SHAPE_TEXT(CatalogBuyer, customer, .max = 32), SHAPE_TEXTS(CatalogBuyer, groups, .max = 100),
    SHAPE_TEXT(CatalogBuyer, company, .max = 32),  SHAPE_TEXTS(CatalogBuyer, codes, .max = 100),
};
const Shape catalog_buyer_shape =
    SHAPE_OF(CatalogBuyer, "Buyer", BUYER, .doc = "Who asks for a price, and where.");

/* --- lists that apply --------------------------------------------------------------------- */

static int by_precedence(const void *x, const void *y)
{
    const struct CatalogTier *p = x, *q = y;
    if (p->rank != q->rank)
        return p->rank - q->rank;
    if (p->priority != q->priority)
        return p->priority > q->priority ? -1 : 1;
    return p->list_id < q->list_id ? -1 : p->list_id > q->list_id;
}

static bool scheduled(OptTime from, OptTime to, UnixMs at)
{
    return (!from.has || from.v.v <= at.v) && (!to.has || to.v.v > at.v);
}

/* A list whose condition cannot be read applies to nobody. */
void pricing_compile(Arena *a, CatalogPriceList *l, const Condition **ret)
{
    Err err;
    *ret = NULL;
    if (l->conditions.len > 0 &&
        condition_compile_text(a, l->conditions, COND_STRICT, ret, &err) != ST_OK)
        l->active = false;
}

void pricing_of_lists(Arena *a, const CatalogPriceLists *lists, const Condition *const *conditions,
                      const CatalogBuyer *buyer, Str currency, UnixMs at, CatalogPricing *ret)
{
    struct CatalogTier *tiers = arena_array(a, struct CatalogTier, lists->n + 1);
    size_t              n = 0;
    for (size_t i = 0; i < lists->n; i++) {
        const CatalogPriceList *l = &lists->items[i];
        if (!l->active || !scheduled(l->starts_at, l->ends_at, at) ||
            (l->currency.len > 0 && !str_eq(l->currency, currency)) ||
            (conditions[i] != NULL &&
             !condition_holds(conditions[i], cond_shape(&catalog_buyer_shape, buyer), NULL, a)))
            continue;
        tiers[n++] = (struct CatalogTier){
            .list_id = l->id,
            .kind = l->kind,
            .rank = l->kind == CATALOG_LIST_CONTRACT ? 0
                    : l->kind == CATALOG_LIST_BASE   ? 2
                                                     : 1,
            .priority = l->priority,
            .ends_at = l->ends_at,
        };
    }
    array_sort(tiers, n, sizeof *tiers, by_precedence);
    *ret = (CatalogPricing){.tiers = tiers, .n = n, .at = at};
    size_t len = currency.len < 3 ? currency.len : 3;
    memcpy(ret->currency, currency.ptr, len);
}

Status catalog_pricing(Cx *cx, const CatalogBuyer *buyer, Str currency, UnixMs at,
                       CatalogPricing *ret)
{
    CatalogPriceLists lists;
    TRY(catalog_price_lists(cx, &lists));
    const Condition **conditions = arena_array(cx->arena, const Condition *, lists.n + 1);
    for (size_t i = 0; i < lists.n; i++)
        pricing_compile(cx->arena, &lists.items[i], &conditions[i]);
    pricing_of_lists(cx->arena, &lists, conditions, buyer, currency, at, ret);
    return ST_OK;
}

/* --- prices ------------------------------------------------------------------------------- */

static bool better(const CatalogPrice *p, const CatalogPrice *best)
{
    if (!best)
        return true;
    if (p->min_qty != best->min_qty)
        return p->min_qty > best->min_qty;
    if (p->starts_at.v.v != best->starts_at.v.v)
        return p->starts_at.v.v > best->starts_at.v.v;
    if (p->price.minor != best->price.minor)
        return p->price.minor < best->price.minor;
    return p->id < best->id;
}

static const CatalogPrice *in_list(const CatalogPricing *pricing, CatalogPrices prices,
                                   int64_t list, int64_t qty)
{
    const CatalogPrice *best = NULL;
    for (size_t i = 0; i < prices.n; i++) {
        const CatalogPrice *p = &prices.items[i];
        if (p->list_id == list && strcmp(p->price.cur, pricing->currency) == 0 &&
            p->min_qty <= qty && scheduled(p->starts_at, p->ends_at, pricing->at) &&
            better(p, best))
            best = p;
    }
    return best;
}

static bool same_precedence(const struct CatalogTier *x, const struct CatalogTier *y)
{
    return x->rank == y->rank && x->priority == y->priority;
}

static OptTime earlier(OptTime x, OptTime y)
{
    if (!x.has || !y.has)
        return x.has ? x : y;
    return x.v.v < y.v.v ? x : y;
}

static Money compared_with(const CatalogPricing *pricing, CatalogPrices prices, int64_t qty,
                           const CatalogPrice *chosen)
{
    if (!money_absent(chosen->compare_at) || chosen->list_id == CATALOG_BASE_LIST)
        return chosen->compare_at;
    const CatalogPrice *base = in_list(pricing, prices, CATALOG_BASE_LIST, qty);
    return base && base->price.minor > chosen->price.minor ? base->price : (Money){0};
}

bool catalog_quote(const CatalogPricing *pricing, CatalogPrices prices, int64_t qty,
                   CatalogQuote *ret)
{
    const CatalogPrice       *chosen = NULL;
    const struct CatalogTier *tier = NULL;
    for (size_t i = 0; i < pricing->n; i++) {
        const struct CatalogTier *t = &pricing->tiers[i];
        if (chosen && !same_precedence(t, tier))
            break;
        const CatalogPrice *p = in_list(pricing, prices, t->list_id, qty);
        if (p && (!chosen || p->price.minor < chosen->price.minor)) {
            chosen = p;
            tier = t;
        }
    }
    if (!chosen)
        return false;
    *ret = (CatalogQuote){
        .price = chosen->price,
        .compare_at = compared_with(pricing, prices, qty, chosen),
        .list_id = chosen->list_id,
        .min_qty = chosen->min_qty,
        .ends_at = earlier(chosen->ends_at, tier->ends_at),
    };
    return true;
}

Status catalog_price(Cx *cx, const CatalogPricing *p, int64_t variant_id, int64_t qty,
                     CatalogQuote *ret)
{
    CatalogPrices prices;
    TRY(prices_load(cx, variant_id, &prices));
    if (!catalog_quote(p, prices, qty, ret))
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_price", "there is no price in %s",
                       p->currency);
    return ST_OK;
}

/* --- the lowest of the last days ---------------------------------------------------------- */

typedef struct Lowest {
    const CatalogPriceLists *lists;
    Str                      currency;
    int64_t                  from, to;
    bool                     found;
    Money                    best;
} Lowest;

/* The list, when everybody could buy from it. */
static const CatalogPriceList *public_list(const CatalogPriceLists *lists, int64_t id)
{
    for (size_t i = 0; i < lists->n; i++) {
        const CatalogPriceList *l = &lists->items[i];
        if (l->id == id)
            return (l->kind == CATALOG_LIST_BASE || l->kind == CATALOG_LIST_SALE) && l->active &&
                           l->conditions.len == 0
                       ? l
                       : NULL;
    }
    return NULL;
}

static void consider(Lowest *k, int64_t list, Money price, int64_t from, int64_t to)
{
    const CatalogPriceList *l = public_list(k->lists, list);
    if (!l)
        return;
    if (l->starts_at.has && l->starts_at.v.v > from)
        from = l->starts_at.v.v;
    if (l->ends_at.has && l->ends_at.v.v < to)
        to = l->ends_at.v.v;
    if (from >= to || to <= k->from || from >= k->to)
        return;
    if (!k->found || price.minor < k->best.minor)
        k->best = price;
    k->found = true;
}

Status catalog_lowest_price(Cx *cx, int64_t variant_id, Str currency, int64_t days, bool *ret_found,
                            Money *ret)
{
    CatalogPriceLists     lists;
    CatalogPrices         prices;
    CatalogHistoryRowList past;
    Lowest k = {.lists = &lists, .from = cx->now.v - SPAN_DAYS(days).v, .to = cx->now.v + 1};
    TRY(catalog_price_lists(cx, &lists));
    TRY(prices_load(cx, variant_id, &prices));
    TRY(catalog_sql_history_since(cx, variant_id, currency, (UnixMs){k.from}, &past));
    for (size_t i = 0; i < past.n; i++)
        if (past.items[i].min_qty == 1)
            consider(&k, past.items[i].list_id, past.items[i].price, past.items[i].from_ms.v,
                     past.items[i].to_ms.v);
    for (size_t i = 0; i < prices.n; i++) {
        const CatalogPrice *p = &prices.items[i];
        int64_t             from = p->since.v;
        if (p->starts_at.has && p->starts_at.v.v > from)
            from = p->starts_at.v.v;
        if (p->min_qty == 1 && str_eq(str_from_cstr(p->price.cur), currency))
            consider(&k, p->list_id, p->price, from, p->ends_at.has ? p->ends_at.v.v : INT64_MAX);
    }
    *ret_found = k.found;
    if (k.found)
        *ret = k.best;
    return ST_OK;
}

/* When the price of the quote became what is to be paid; false: it is no row of `prices`. */
static bool began(const CatalogPriceLists *lists, CatalogPrices prices, const CatalogQuote *q,
                  int64_t *ret)
{
    bool found = false;
    *ret = 0;
    for (size_t i = 0; !found && i < prices.n; i++) {
        const CatalogPrice *p = &prices.items[i];
        if (p->list_id != q->list_id || p->min_qty != 1 || p->price.minor != q->price.minor ||
            strcmp(p->price.cur, q->price.cur) != 0)
            continue;
        found = true;
        *ret = p->starts_at.has && p->starts_at.v.v > p->since.v ? p->starts_at.v.v : p->since.v;
    }
    for (size_t i = 0; i < lists->n; i++) {
        const CatalogPriceList *l = &lists->items[i];
        if (l->id == q->list_id && l->starts_at.has && l->starts_at.v.v > *ret)
            *ret = l->starts_at.v.v;
    }
    return found;
}

bool catalog_lowest_before(const CatalogPriceLists *lists, const CatalogVariant *v,
                           const CatalogPast *past, size_t n, const CatalogQuote *q, Money *ret)
{
    int64_t since;
    Lowest  k = {.lists = lists};
    if (q->min_qty != 1 || !began(lists, v->prices, q, &since))
        return false;
    k.from = since - SPAN_DAYS(CATALOG_LOWEST_DAYS).v;
    k.to = since;
    for (size_t i = 0; i < n; i++)
        if (past[i].variant_id == v->id && strcmp(past[i].price.cur, q->price.cur) == 0)
            consider(&k, past[i].list_id, past[i].price, past[i].from.v, past[i].to.v);
    for (size_t i = 0; i < v->prices.n; i++) {
        const CatalogPrice *p = &v->prices.items[i];
        int64_t             from = p->since.v;
        if (p->starts_at.has && p->starts_at.v.v > from)
            from = p->starts_at.v.v;
        if (p->min_qty == 1 && strcmp(p->price.cur, q->price.cur) == 0)
            consider(&k, p->list_id, p->price, from, p->ends_at.has ? p->ends_at.v.v : INT64_MAX);
    }
    if (k.found)
        *ret = k.best;
    return k.found;
}

static Status forget_tx(Cx *cx, void *arg)
{
    (void)arg;
    const UnixMs before = {cx->now.v - SPAN_DAYS(CATALOG_HISTORY_DAYS).v};
    return catalog_sql_history_prune(cx, before, NULL);
}

Status catalog_prices_forget(Cx *cx)
{
    return cx_in_tx(cx, forget_tx, NULL);
}
