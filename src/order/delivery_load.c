/* What is set up for delivery, in memory: an immutable table, read anew after a change. */
#include "base/sort.h"
#include "catalog/shop.h"
#include "order/delivery_int.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 20000, HOLIDAYS_MAX = 2000, PRODUCTS_MAX = 1000000, DATABASES = 8 };

typedef struct Kept {
    DeliveryTables tables; /* first */
    int            refs;   /* guarded by `lock` */
} Kept;

static struct Place {
    Db     *db;
    Kept   *kept;
    int64_t made; /* `changes` when it was read */
} places[DATABASES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int64_t changes = 1;

static void kept_free(Kept *k)
{
    arena_done(&k->tables.arena);
    free(k);
}

static void release(void *arg)
{
    Kept *k = arg;
    pthread_mutex_lock(&lock);
    bool last = --k->refs == 0;
    pthread_mutex_unlock(&lock);
    if (last)
        kept_free(k);
}

/* --- reading ------------------------------------------------------------------------------ */

static int by_position(const void *x, const void *y)
{
    const DeliveryMethod *p = x, *q = y;
    if (p->position != q->position)
        return p->position < q->position ? -1 : 1;
    return p->id < q->id ? -1 : p->id > q->id;
}

static Status read_methods(Cx *cx, DeliveryTables *t)
{
    size_t n = 0;
    TRY(delivery_methods(cx, &t->methods));
    for (size_t i = 0; i < t->methods.n; i++)
        if (t->methods.items[i].active)
            t->methods.items[n++] = t->methods.items[i];
    t->methods.n = n;
    array_sort(t->methods.items, n, sizeof *t->methods.items, by_position);
    return ST_OK;
}

static Status read_rest(Cx *cx, DeliveryTables *t)
{
    OrderDeliveryPointRowList   points;
    OrderDeliveryHolidayRowList days;
    OrderDeliveryProductRowList products;
    TRY(order_sql_delivery_points(cx, POINTS_MAX, &points));
    t->points = (DeliveryPoints){arena_array(cx->arena, DeliveryPoint, points.n + 1), points.n};
    for (size_t i = 0; i < points.n; i++) {
        const OrderDeliveryPointRow *r = &points.items[i];
        t->points.items[i] = (DeliveryPoint){r->id,   r->carrier, r->code,    r->name, r->line1,
                                             r->city, r->postal,  r->country, r->hours};
    }
    TRY(order_sql_delivery_holidays(cx, HOLIDAYS_MAX, &days));
    t->days.items = arena_array(cx->arena, DeliveryDay, days.n + 1);
    for (size_t i = 0; i < days.n; i++)
        t->days.items[t->days.n++] =
            (DeliveryDay){days.items[i].day, days.items[i].country, days.items[i].yearly};
    TRY(order_sql_delivery_products(cx, PRODUCTS_MAX, &products));
    t->products.items = arena_array(cx->arena, DeliveryIn, products.n + 1);
    for (size_t i = 0; i < products.n; i++)
        t->products.items[t->products.n++] =
            (DeliveryIn){products.items[i].product_id, products.items[i].profile_id};
    return ST_OK;
}

static Status read_all(Cx *cx, void *arg)
{
    DeliveryTables *t = arg;
    CatalogShop     shop;
    size_t          n = 0;
    TRY(catalog_shop(cx, &shop));
    t->time_zone = shop.time_zone;
    TRY(setting_get(cx, &delivery_setting, &t->settings, NULL));
    TRY(delivery_profiles(cx, &t->profiles));
    TRY(delivery_zones(cx, &t->zones));
    TRY(read_methods(cx, t));
    TRY(stock_locations(cx, &t->shops));
    for (size_t i = 0; i < t->shops.n; i++)
        if (t->shops.items[i].active && t->shops.items[i].pickup)
            t->shops.items[n++] = t->shops.items[i];
    t->shops.n = n;
    return read_rest(cx, t);
}

/* With the arena of the table in the place of cx's, so that all that is read lives there. */
static Status read_into(Cx *cx, DeliveryTables *t)
{
    Arena *mine = cx->arena;
    cx->arena = &t->arena;
    Status st = cx_in_snapshot(cx, read_all, t);
    cx->arena = mine;
    return st;
}

/* --- keeping ------------------------------------------------------------------------------ */

static struct Place *place_of(const Db *db)
{
    for (size_t i = 0; i < DATABASES; i++)
        if (places[i].db == db)
            return &places[i];
    return NULL;
}

/* Put it in the place of what was there; the reader's reference stays. */
static void keep(Db *db, Kept *k, int64_t made)
{
    Kept *old = NULL;
    pthread_mutex_lock(&lock);
    struct Place *p = place_of(db);
    for (size_t i = 0; p == NULL && i < DATABASES; i++)
        if (places[i].kept == NULL)
            p = &places[i];
    if (p == NULL) /* tests have had many: the first goes */
        p = &places[0];
    old = p->kept;
    bool last = old != NULL && --old->refs == 0;
    *p = (struct Place){db, k, made};
    k->refs++;
    pthread_mutex_unlock(&lock);
    if (last)
        kept_free(old);
}

static Kept *newest(const Db *db)
{
    Kept *k = NULL;
    pthread_mutex_lock(&lock);
    struct Place *p = place_of(db);
    if (p != NULL && p->made == atomic_load(&changes)) {
        k = p->kept;
        k->refs++;
    }
    pthread_mutex_unlock(&lock);
    return k;
}

Status delivery_tables(Cx *cx, const DeliveryTables **ret)
{
    Kept *k = newest(cx->db);
    if (k == NULL) {
        int64_t made = atomic_load(&changes);
        k = calloc(1, sizeof *k);
        if (k == NULL)
            base_out_of_memory(sizeof *k);
        k->refs = 1;
        arena_init(&k->tables.arena, 16384);
        Status st = read_into(cx, &k->tables);
        if (st != ST_OK) {
            kept_free(k);
            return st;
        }
        if (cx->tx_depth == 0) /* a transaction may see what is never committed */
            keep(cx->db, k, made);
    }
    arena_defer(cx->arena, release, k);
    *ret = &k->tables;
    return ST_OK;
}

Status delivery_react(Cx *cx, const Event *event)
{
    (void)cx;
    (void)event;
    atomic_fetch_add(&changes, 1);
    return ST_OK;
}

Status delivery_tell(Cx *cx)
{
    static const struct {
        int64_t none;
    } NOTHING = {0};
    TRY(event_tell(cx, &fulfillment_events[DELIVERY_EV_CHANGED], 1, &NOTHING));
    atomic_fetch_add(&changes, 1); /* whoever reads before the commit reads again after it */
    return ST_OK;
}
