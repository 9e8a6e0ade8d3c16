/* Variants and their prices: write what differs. */
#include <string.h>

#include "catalog/catalog_int.h"
#include "catalog/events.h"

/* --- prices ------------------------------------------------------------------------------- */

/* For the lowest price of the last days: what it was, while it held. */
static Status remember_price(Cx *cx, int64_t variant, const CatalogPrice *was)
{
    int64_t from = was->since.v, to = cx->now.v;
    if (was->starts_at.has && was->starts_at.v.v > from)
        from = was->starts_at.v.v;
    if (was->ends_at.has && was->ends_at.v.v < to)
        to = was->ends_at.v.v;
    if (from >= to)
        return ST_OK;
    return catalog_sql_history_insert(cx, variant, was->list_id, was->price, was->min_qty,
                                      (UnixMs){from}, (UnixMs){to}, NULL);
}

static OptI64 compare_at(const CatalogPrice *p)
{
    return money_absent(p->compare_at) ? (OptI64){0} : opt_i64(p->compare_at.minor);
}

static Status save_price(Cx *cx, const CatalogVariant *v, const CatalogPrice *was, CatalogPrice *p)
{
    if (!was) {
        const CatalogPriceRow row = {
            .id = p->id,
            .product_id = v->product_id,
            .variant_id = v->id,
            .list_id = p->list_id,
            .price = p->price,
            .compare_at = compare_at(p),
            .min_qty = p->min_qty,
            .starts_ms = p->starts_at.v,
            .ends_ms = p->ends_at,
            .since_ms = cx->now,
        };
        p->since = cx->now;
        return catalog_sql_price_insert(cx, &row, NULL);
    }
    if (was->price.minor != p->price.minor) {
        TRY(remember_price(cx, v->id, was));
        p->since = cx->now;
    }
    return catalog_sql_price_update(cx, p->id, p->price, compare_at(p), p->ends_at, p->since, NULL);
}

static const CatalogPrice *price_was(CatalogPrices list, int64_t id)
{
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i].id == id)
            return &list.items[i];
    return NULL;
}

static Status save_prices(Cx *cx, const CatalogVariant *v, CatalogPrices before, bool *changed)
{
    Ids gone = ids_new(cx->arena, before.n);
    for (size_t i = 0; i < before.n; i++)
        if (!price_was(v->prices, before.items[i].id)) {
            ids_add(&gone, before.items[i].id);
            TRY(remember_price(cx, v->id, &before.items[i]));
        }
    if (gone.n > 0) {
        *changed = true;
        TRY(catalog_sql_prices_delete(cx, gone.items, gone.n, NULL));
    }
    for (size_t i = 0; i < v->prices.n; i++) {
        CatalogPrice       *p = &v->prices.items[i];
        const CatalogPrice *was = price_was(before, p->id);
        if (was && catalog_same(&catalog_price_shape, was, p))
            continue;
        *changed = true;
        TRY(save_price(cx, v, was, p));
    }
    return ST_OK;
}

/* --- variants ----------------------------------------------------------------------------- */

typedef struct Save {
    Edit           *e;
    IdIndex         were;
    Ids             priced;  /* variants whose prices changed */
    CatalogCounted *counted; /* and those whose number of pieces was written */
    size_t          ncounted;
} Save;

static Status audit_variant(Edit *e, const CatalogVariant *was, const CatalogVariant *v)
{
    if (!e->before)
        return ST_OK; /* a new product is one line in the audit log */
    return audit_change(e->cx, "catalog.variant", v ? v->id : was->id, &catalog_variant_shape, was,
                        v);
}

static Status drop_variants(Save *s)
{
    Edit                 *e = s->e;
    const CatalogVariants before = e->before->variants, after = e->after->variants;
    IdIndex               kept;
    id_index_init(&kept, e->cx->arena, after.n);
    for (size_t i = 0; i < after.n; i++)
        id_index_add(&kept, after.items[i].id, &after.items[i]);
    Ids gone = ids_new(e->cx->arena, before.n);
    for (size_t i = 0; i < before.n; i++)
        if (!id_index_find(&kept, before.items[i].id)) {
            ids_add(&gone, before.items[i].id);
            TRY(audit_variant(e, &before.items[i], NULL));
        }
    if (gone.n == 0)
        return ST_OK;
    e->changed = true;
    e->added -= (int64_t)gone.n;
    TRY(catalog_sql_variants_delete(e->cx, gone.items, gone.n, NULL));
    TRY(catalog_sql_attribute_values_delete(e->cx, gone.items, gone.n, NULL));
    return translation_forget(e->cx, gone.items, gone.n);
}

/* Combinations that are exchanged would meet in the unique index halfway. */
static Status park_keys(Save *s)
{
    const CatalogVariants after = s->e->after->variants;
    Ids                   moved = ids_new(s->e->cx->arena, after.n);
    for (size_t i = 0; i < after.n; i++) {
        const CatalogVariant *was = id_index_find(&s->were, after.items[i].id);
        if (was && !str_eq(was->key, after.items[i].key))
            ids_add(&moved, was->id);
    }
    if (moved.n < 2)
        return ST_OK;
    return catalog_sql_variants_park(s->e->cx, moved.items, moved.n, NULL);
}

static Status save_variant(Save *s, CatalogVariant *v)
{
    static const CatalogVariant NONE = {0};
    Edit                       *e = s->e;
    const CatalogVariant       *was = id_index_find(&s->were, v->id), *x = was ? was : &NONE;
    bool row = !was || was->position != v->position || !str_eq(was->key, v->key) ||
               !catalog_same(&catalog_variant_shape, was, v);
    bool prices = false, attributes = false;
    if (row) {
        CatalogVariantRow out;
        v->updated_at = e->cx->now;
        variant_row(v, &out);
        if (was) {
            TRY(catalog_sql_variant_update(e->cx, &out, NULL));
        } else {
            TRY(catalog_sql_variant_insert(e->cx, &out, NULL));
            e->added++;
        }
    }
    TRY(save_prices(e->cx, v, x->prices, &prices));
    TRY(attributes_save(e->cx, &e->defs, CATALOG_SCOPE_VARIANT, v->id, v->product_id, x->attributes,
                        v->attributes, &attributes));
    if (prices)
        ids_add(&s->priced, v->id);
    if (variant_counts(was, v))
        s->counted[s->ncounted++] = (CatalogCounted){v->id, v->quantity};
    if (!row && !prices && !attributes)
        return ST_OK;
    e->changed = true;
    return audit_variant(e, was, v);
}

enum { PRICED_MAX = 100 }; /* named in one event; of more, only the product is */

static Status tell_prices(Save *s)
{
    if (s->priced.n == 0 || !s->e->before)
        return ST_OK;
    CatalogPriceChanged told = {.product_id = s->e->after->id};
    if (s->priced.n <= PRICED_MAX) {
        told.variant_ids.items = s->priced.items;
        told.variant_ids.n = s->priced.n;
    }
    return event_tell(s->e->cx, &catalog_price_changed, told.product_id, &told);
}

Status variants_save(Edit *e)
{
    const CatalogVariants before = e->before ? e->before->variants : (CatalogVariants){0};
    CatalogVariants      *after = &e->after->variants;
    Save                  s = {.e = e, .priced = ids_new(e->cx->arena, after->n)};
    id_index_init(&s.were, e->cx->arena, before.n);
    s.counted = arena_array(e->cx->arena, CatalogCounted, after->n + 1);
    for (size_t i = 0; i < before.n; i++)
        id_index_add(&s.were, before.items[i].id, &before.items[i]);
    if (e->before) {
        TRY(drop_variants(&s));
        TRY(park_keys(&s));
    }
    for (size_t i = 0; i < after->n; i++)
        TRY(save_variant(&s, &after->items[i]));
    TRY(variants_count(e->cx, s.counted, s.ncounted));
    return tell_prices(&s);
}

/* Tell of the variants of one product, [from, to), whose prices changed. */
static Status tell_repriced(Cx *cx, const CatalogVariants *after, const bool *changed, size_t from,
                            size_t to)
{
    Ids     priced = ids_new(cx->arena, to - from);
    int64_t product = after->items[from].product_id, rev;
    for (size_t i = from; i < to; i++)
        if (changed[i])
            ids_add(&priced, after->items[i].id);
    if (priced.n == 0)
        return ST_OK;
    TRY(catalog_sql_product_touch(cx, product, cx->now, &rev));
    CatalogPriceChanged   prices = {.product_id = product};
    CatalogProductChanged whole = {.product_id = product, .rev = rev};
    if (priced.n <= PRICED_MAX) {
        prices.variant_ids.items = priced.items;
        prices.variant_ids.n = priced.n;
    }
    TRY(event_tell(cx, &catalog_price_changed, product, &prices));
    return event_tell(cx, &catalog_product_changed, product, &whole);
}

Status variants_reprice(Cx *cx, CatalogVariants before, CatalogVariants after)
{
    bool *changed = arena_array(cx->arena, bool, after.n + 1);
    for (size_t i = 0; i < after.n; i++) {
        TRY(save_prices(cx, &after.items[i], before.items[i].prices, &changed[i]));
        if (changed[i])
            TRY(audit_change(cx, "catalog.variant", after.items[i].id, &catalog_variant_shape,
                             &before.items[i], &after.items[i]));
    }
    for (size_t from = 0, to; from < after.n; from = to) {
        for (to = from + 1; to < after.n; to++)
            if (after.items[to].product_id != after.items[from].product_id)
                break;
        TRY(tell_repriced(cx, &after, changed, from, to));
    }
    return ST_OK;
}
