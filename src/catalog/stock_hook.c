#include "catalog/stock_hook.h"

#include "catalog/catalog_int.h"

#include <stdatomic.h>

static _Atomic(const CatalogStockHook *) installed;

void catalog_stock_hook(const CatalogStockHook *hook)
{
    atomic_store(&installed, hook);
}

Status variants_fill(Cx *cx, CatalogVariant *const *variants, size_t n)
{
    const CatalogStockHook *hook = atomic_load(&installed);
    CatalogVariant        **tracked = arena_array(cx->arena, CatalogVariant *, n + 1);
    size_t                  ntracked = 0;
    for (size_t i = 0; i < n; i++)
        if (variants[i]->tracked)
            tracked[ntracked++] = variants[i];
    if (hook != NULL && ntracked > 0)
        TRY(hook->fill(cx, tracked, ntracked));
    for (size_t i = 0; i < n; i++)
        variants[i]->availability = (int)catalog_variant_availability(variants[i]);
    return ST_OK;
}

bool variant_counts(const CatalogVariant *was, const CatalogVariant *v)
{
    if (!v->tracked || atomic_load(&installed) == NULL)
        return false;
    if (was == NULL)
        return v->quantity != 0;
    return v->quantity != was->quantity ||
           (!was->tracked && GIVEN(&catalog_variant_shape, CatalogVariant, v, quantity));
}

Status variants_count(Cx *cx, const CatalogCounted *counted, size_t n)
{
    const CatalogStockHook *hook = atomic_load(&installed);
    return hook != NULL && n > 0 ? hook->count(cx, counted, n) : ST_OK;
}
