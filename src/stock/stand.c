#include "stock/stand.h"

#include "base/id.h"
#include "base/sort.h"
#include "stock/setting.h"

#include <stdlib.h>

const char *const stock_movement_kind_names[] = {
    "received", "adjusted", "counted",  "transfer_out", "transfer_in", "allocated",
    "released", "shipped",  "returned", "damaged",      NULL};

/* --- reading ------------------------------------------------------------------------------ */

static int by_row(const void *x, const void *y)
{
    const StockStandRow *p = x, *q = y;
    if (p->variant_id != q->variant_id)
        return p->variant_id < q->variant_id ? -1 : 1;
    return p->location_id.v < q->location_id.v ? -1 : p->location_id.v > q->location_id.v;
}

static int by_variant(const void *x, const void *y)
{
    const StockStand *p = x, *q = y;
    return p->variant_id < q->variant_id ? -1 : p->variant_id > q->variant_id;
}

static int by_id(const void *x, const void *y)
{
    const int64_t *p = x, *q = y;
    return *p < *q ? -1 : *p > *q;
}

const StockLocation *stand_location(const StockStands *s, int64_t id)
{
    for (size_t i = 0; i < s->locations.n; i++)
        if (s->locations.items[i].id == id)
            return &s->locations.items[i];
    return NULL;
}

static bool sells(const StockStands *s, int64_t location)
{
    const StockLocation *l = stand_location(s, location);
    return l != NULL && l->active && l->online;
}

static void add_row(Cx *cx, StockStands *s, const StockStandRow *r)
{
    if (s->n == 0 || s->items[s->n - 1].variant_id != r->variant_id) {
        StockStand *made = &s->items[s->n++];
        *made = (StockStand){.variant_id = r->variant_id,
                             .product_id = r->product_id,
                             .tracked = r->tracked,
                             .policy = r->policy,
                             .low_at = r->low_at,
                             .oversell_max = r->oversell_max,
                             .expected_at = r->expected_ms};
        /* room for one at each location, so that pointers stay */
        made->levels = arena_array(cx->arena, StockLevel, s->locations.n + 1);
    }
    StockStand *x = &s->items[s->n - 1];
    if (!r->location_id.has || x->n > s->locations.n)
        return;
    StockLevel *l = &x->levels[x->n++];
    *l = (StockLevel){.location_id = r->location_id.v,
                      .on_hand = r->on_hand.v,
                      .allocated = r->allocated.v,
                      .reserved = r->reserved.v,
                      .safety = r->safety.v,
                      .exists = true,
                      .sells = sells(s, r->location_id.v)};
    l->was_on_hand = l->on_hand;
    l->was_allocated = l->allocated;
    l->was_reserved = l->reserved;
    l->was_safety = l->safety;
}

Status stands_load(Cx *cx, const int64_t *ids, size_t n, StockStands *ret)
{
    StockStandRowList rows;
    int64_t          *once = arena_array(cx->arena, int64_t, n + 1);
    size_t            nonce = 0;
    *ret = (StockStands){.items = arena_array(cx->arena, StockStand, n + 1)};
    for (size_t i = 0; i < n; i++)
        once[i] = ids[i];
    array_sort(once, n, sizeof *once, by_id);
    for (size_t i = 0; i < n; i++)
        if (nonce == 0 || once[nonce - 1] != once[i])
            once[nonce++] = once[i];
    TRY(stock_locations(cx, &ret->locations));
    TRY(stock_sql_stands(cx, once, nonce, &rows));
    array_sort(rows.items, rows.n, sizeof *rows.items, by_row);
    for (size_t i = 0; i < rows.n; i++)
        add_row(cx, ret, &rows.items[i]);
    return ST_OK;
}

StockStand *stand_of(const StockStands *s, int64_t variant)
{
    const StockStand key = {.variant_id = variant};
    return s->n > 0 ? bsearch(&key, s->items, s->n, sizeof key, by_variant) : NULL;
}

StockLevel *stand_level(const StockStands *s, StockStand *x, int64_t location)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->levels[i].location_id == location)
            return &x->levels[i];
    ASSERT(x->n <= s->locations.n);
    StockLevel *l = &x->levels[x->n++];
    *l = (StockLevel){.location_id = location, .sells = sells(s, location)};
    return l;
}

int64_t stand_available(const StockStand *x)
{
    int64_t sum = 0;
    for (size_t i = 0; i < x->n; i++)
        sum += x->levels[i].sells ? level_free(&x->levels[i]) : 0;
    return sum;
}

int64_t stand_oversell(const StockStand *x)
{
    if (!x->tracked)
        return STOCK_QTY_MAX;
    if (x->policy == CATALOG_DENY)
        return 0;
    return x->oversell_max.has ? x->oversell_max.v : STOCK_QTY_MAX;
}

/* --- writing ------------------------------------------------------------------------------ */

Status stands_move(Cx *cx, StockMovementIn *in)
{
    in->id = id_new();
    in->actor_kind = cx->actor.kind;
    in->actor_id = cx->actor.id;
    in->at_ms = cx->now;
    if (in->reason.ptr == NULL)
        in->reason = STR("");
    return stock_sql_movement_add(cx, in, NULL);
}

static int64_t available_before(const StockStand *x)
{
    int64_t sum = 0;
    for (size_t i = 0; i < x->n; i++) {
        const StockLevel *l = &x->levels[i];
        sum += l->sells ? l->was_on_hand - l->was_allocated - l->was_reserved - l->was_safety : 0;
    }
    return sum;
}

/* What a shopper sees of `available`: how many, up to a number, or that no more may be ordered. */
static int64_t shown(const StockStand *x, int64_t available)
{
    if (available > STOCK_SHOWN_MAX)
        return STOCK_SHOWN_MAX + 1;
    if (available > 0)
        return available;
    return stand_oversell(x) + available > 0 ? 0 : -1;
}

static Status low_limit(Cx *cx, const StockStand *x, int64_t *ret)
{
    StockRouting routing;
    *ret = x->low_at.v;
    if (x->low_at.has)
        return ST_OK;
    TRY(setting_get(cx, &stock_routing_setting, &routing, NULL));
    *ret = routing.low_at;
    return ST_OK;
}

static Status tell(Cx *cx, const StockStand *x)
{
    const StockChanged told = {.variant_id = x->variant_id,
                               .product_id = x->product_id,
                               .available = stand_available(x),
                               .was = available_before(x)};
    int64_t            low;
    if (!x->tracked || told.available == told.was)
        return ST_OK;
    if (shown(x, told.available) != shown(x, told.was))
        TRY(event_tell(cx, &stock_changed, x->product_id, &told));
    if (told.available > 0 && told.was <= 0)
        return event_tell(cx, &stock_back_in_stock, x->product_id, &told);
    if (told.available > told.was ||
        (told.available > STOCK_SHOWN_MAX && (!x->low_at.has || told.available > x->low_at.v)))
        return ST_OK;
    TRY(low_limit(cx, x, &low));
    if (told.available <= low && told.was > low && told.available > 0)
        TRY(event_tell(cx, &stock_low, x->product_id, &told));
    return told.available <= 0 && told.was > 0
               ? event_tell(cx, &stock_sold_out, x->product_id, &told)
               : ST_OK;
}

static Status write_level(Cx *cx, const StockStand *x, const StockLevel *l)
{
    int64_t on_hand = l->on_hand - l->was_on_hand, allocated = l->allocated - l->was_allocated;
    int64_t reserved = l->reserved - l->was_reserved;
    bool    numbers = on_hand != 0 || allocated != 0 || reserved != 0;
    bool    safety = l->safety != l->was_safety;
    if (!l->exists && (numbers || safety || l->kept))
        TRY(stock_sql_level_add(cx, x->variant_id, l->location_id, on_hand, allocated, reserved,
                                cx->now, NULL));
    else if (numbers)
        TRY(stock_sql_level_change(cx, x->variant_id, l->location_id, on_hand, allocated, reserved,
                                   cx->now, NULL));
    if (safety)
        TRY(stock_sql_level_safety(cx, x->variant_id, l->location_id, l->safety, cx->now, NULL));
    return ST_OK;
}

Status stands_write(Cx *cx, StockStands *s)
{
    for (size_t i = 0; i < s->n; i++) {
        StockStand *x = &s->items[i];
        for (size_t k = 0; k < x->n; k++)
            TRY(write_level(cx, x, &x->levels[k]));
        TRY(tell(cx, x));
    }
    return ST_OK;
}

Status stands_count(Cx *cx, StockStands *s, StockStand *x, int64_t location, int64_t by, Str reason)
{
    StockLevel *l = stand_level(s, x, location);
    if (by < -l->on_hand) /* below nothing there is nothing */
        by = -l->on_hand;
    l->kept = true;
    if (by == 0)
        return ST_OK;
    StockMovementIn in = {.variant_id = x->variant_id,
                          .location_id = location,
                          .kind = STOCK_COUNTED,
                          .on_hand = by,
                          .reason = reason};
    level_book(l, by, 0, 0);
    return stands_move(cx, &in);
}
