/* Numbers of pieces for whoever reads the catalogue. */
#include "catalog/stock_hook.h"

#include "base/sort.h"
#include "stock/module.h"
#include "stock/stand.h"

#include <stdlib.h>

static bool is_full(int policy, int64_t available, OptI64 oversell_max)
{
    return policy != CATALOG_DENY && oversell_max.has && available + oversell_max.v <= 0;
}

static int by_variant(const void *x, const void *y)
{
    const StockFillRow *p = x, *q = y;
    return p->variant_id < q->variant_id ? -1 : p->variant_id > q->variant_id;
}

static Status fill(Cx *cx, CatalogVariant *const *variants, size_t n)
{
    StockFillRowList rows;
    int64_t         *ids = arena_array(cx->arena, int64_t, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = variants[i]->id;
    TRY(stock_sql_fill(cx, ids, n, &rows));
    array_sort(rows.items, rows.n, sizeof *rows.items, by_variant);
    for (size_t i = 0; i < n; i++) {
        CatalogVariant     *v = variants[i];
        const StockFillRow  key = {.variant_id = v->id};
        const StockFillRow *r =
            rows.n > 0 ? bsearch(&key, rows.items, rows.n, sizeof key, by_variant) : NULL;
        v->quantity = r != NULL ? r->available : 0;
        v->expected_at = r != NULL ? r->expected_ms : (OptTime){0};
        v->full = r != NULL && is_full(v->policy, r->available, r->oversell_max);
    }
    return ST_OK;
}

/* So many shall be available: what is missing was found at the default location, or lost there. */
static Status count(Cx *cx, const CatalogCounted *counted, size_t n)
{
    StockStands s;
    int64_t    *ids = arena_array(cx->arena, int64_t, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = counted[i].variant_id;
    TRY(stands_load(cx, ids, n, &s));
    for (size_t i = 0; i < n; i++) {
        StockStand *x = stand_of(&s, counted[i].variant_id);
        if (x == NULL)
            continue;
        TRY(stands_count(cx, &s, x, STOCK_DEFAULT_LOCATION,
                         counted[i].quantity - stand_available(x), STR("catalogue")));
    }
    return stands_write(cx, &s);
}

static const CatalogStockHook HOOK = {.fill = fill, .count = count};

void stock_install(void)
{
    catalog_stock_hook(&HOOK);
}

Status stock_available(Cx *cx, const int64_t *ids, size_t n, StockAvailability *ret)
{
    StockAvailableRowList rows;
    TRY(stock_sql_available(cx, ids, n, &rows));
    for (size_t i = 0; i < n; i++) {
        ret[i] = (StockAvailability){.variant_id = ids[i]};
        for (size_t k = 0; k < rows.n; k++) {
            const StockAvailableRow *r = &rows.items[k];
            if (r->variant_id != ids[i])
                continue;
            int64_t oversell = !r->tracked                 ? STOCK_QTY_MAX
                               : r->policy == CATALOG_DENY ? 0
                               : r->oversell_max.has       ? r->oversell_max.v
                                                           : STOCK_QTY_MAX;
            int64_t sellable = oversell == STOCK_QTY_MAX ? oversell : r->available + oversell;
            ret[i] = (StockAvailability){.variant_id = r->variant_id,
                                         .product_id = r->product_id,
                                         .known = true,
                                         .tracked = r->tracked,
                                         .policy = r->policy,
                                         .available = r->available,
                                         .sellable = sellable > 0 ? sellable : 0,
                                         .expected_at = r->expected_ms};
        }
    }
    return ST_OK;
}

Status stock_spread(Cx *cx, const int64_t *variants, size_t n, StockParts *ret)
{
    StockSpreadRowList rows;
    TRY(stock_sql_spread(cx, variants, n, &rows));
    *ret = (StockParts){arena_array(cx->arena, StockPart, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = (StockPart){.variant_id = rows.items[i].variant_id,
                                    .location_id = rows.items[i].location_id,
                                    .qty = rows.items[i].free};
    return ST_OK;
}
