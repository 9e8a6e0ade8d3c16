/* The snapshot of promotions and taxes, and what a cart needs of it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "catalog/shop.h"
#include "order/pricing_int.h"
#include "order/promotion_int.h"
#include "text/zone.h"

enum { STORES = 16 };

typedef struct Snapshot {
    atomic_int            holders;
    Arena                 arena; /* of a snapshot that is kept */
    const PromotionRule **rules; /* newest first */
    size_t                n;
    const TaxTable       *taxes;
    TaxSettings           settings;
    Str                   zone;
} Snapshot;

typedef struct Store { /* of one Db */
    Db             *db;
    Core           *core;
    Snapshot       *now;
    pthread_mutex_t building; /* one at a time, so that the last one has read the newest */
} Store;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of stores[] and Store.now */
static Store          *stores[STORES];

/* --- building ----------------------------------------------------------------------------- */

static Status load_promotions(Cx *cx, Snapshot *s)
{
    OrderPromotionRowList rows;
    TRY(order_sql_promotions_all(cx, PROMOTIONS_MAX, &rows));
    s->rules = arena_array(cx->arena, const PromotionRule *, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++) {
        OrderPromotion *p = arena_new(cx->arena, OrderPromotion);
        TRY(promotion_from_row(cx, &rows.items[i], p));
        if (promotion_compile(cx->arena, p, &s->rules[s->n], &cx->err) == ST_OK)
            s->n++;
        else /* it was checked when it was written, perhaps by another version */
            log_event(LOG_WARN, "order.promotion_left_out", log_i("id", p->id),
                      log_s("why", str_from_cstr(cx->err.msg)));
    }
    return ST_OK;
}

static Status load_taxes(Cx *cx, Snapshot *s)
{
    TaxZones   *zones = arena_new(cx->arena, TaxZones);
    TaxClasses *classes = arena_new(cx->arena, TaxClasses);
    TRY(tax_zones(cx, zones));
    TRY(tax_classes(cx, classes));
    s->taxes = tax_table_make(cx->arena, zones, classes);
    return setting_get(cx, &order_tax_setting, &s->settings, NULL);
}

/* Into cx->arena. Settings' texts may be static; all else lives there. */
static Status build(Cx *cx, Snapshot *s)
{
    CatalogShop shop;
    TRY(load_promotions(cx, s));
    TRY(load_taxes(cx, s));
    TRY(catalog_shop(cx, &shop));
    s->zone = shop.time_zone;
    return ST_OK;
}

static Status build_tx(Cx *cx, void *arg)
{
    return build(cx, arg);
}

static void release(void *arg)
{
    Snapshot *s = arg;
    if (s == NULL || atomic_fetch_sub(&s->holders, 1) > 1)
        return;
    arena_done(&s->arena);
    free(s);
}

static Status renew(Store *store, Err *err)
{
    Cx        cx = {0};
    Snapshot *s = calloc(1, sizeof *s), *old;
    if (s == NULL)
        base_out_of_memory(sizeof *s);
    atomic_init(&s->holders, 1);
    arena_init(&s->arena, 32 << 10);
    pthread_mutex_lock(&store->building);
    Status st =
        cx_begin(&cx, &s->arena, store->db, store->core ? core_now(store->core) : clock_now());
    if (st == ST_OK)
        st = cx_in_snapshot(&cx, build_tx, s);
    *err = cx.err;
    cx_end(&cx);
    if (st == ST_OK) {
        pthread_mutex_lock(&lock);
        old = store->now;
        store->now = s;
        pthread_mutex_unlock(&lock);
        s = old;
    }
    pthread_mutex_unlock(&store->building);
    release(s);
    return st;
}

/* --- beginning and end -------------------------------------------------------------------- */

static Store *store_of(Db *db)
{
    for (size_t i = 0; i < STORES; i++)
        if (stores[i] != NULL && stores[i]->db == db)
            return stores[i];
    return NULL;
}

/* The table that ships, on a database that never had one. */
static Status load_shipped(Db *db, Core *core, Err *err)
{
    CLEANUP(arena_done) Arena a;
    Cx                        cx = {0};
    TaxShipped                shipped;
    arena_init(&a, 64 << 10);
    Status st = cx_begin(&cx, &a, db, core ? core_now(core) : clock_now());
    cx.core = core;
    cx.actor = (Actor){.kind = ACTOR_SYSTEM, .all = true};
    if (st == ST_OK)
        st = tax_shipped_get(&cx, &shipped);
    if (st == ST_OK && shipped.applied.len == 0)
        st = tax_shipped_apply(&cx, false, &shipped);
    *err = cx.err;
    cx_end(&cx);
    return st;
}

Status pricing_start(Db *db, Core *core, Err *err)
{
    Store *store = calloc(1, sizeof *store);
    if (store == NULL)
        base_out_of_memory(sizeof *store);
    store->db = db;
    store->core = core;
    pthread_mutex_init(&store->building, NULL);
    Status st = load_shipped(db, core, err);
    if (st == ST_OK)
        st = renew(store, err);
    bool placed = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < STORES && st == ST_OK && !placed; i++)
        if (stores[i] == NULL) {
            stores[i] = store;
            placed = true;
        }
    pthread_mutex_unlock(&lock);
    if (placed) /* for what was told while there was no store */
        return renew(store, err);
    release(store->now);
    free(store);
    return st != ST_OK ? st : err_set(err, ST_LIMIT, "order.too_many_stores", "too many databases");
}

void pricing_stop(Db *db)
{
    Store *store = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < STORES; i++)
        if (stores[i] != NULL && stores[i]->db == db) {
            store = stores[i];
            stores[i] = NULL;
        }
    pthread_mutex_unlock(&lock);
    if (store == NULL)
        return;
    release(store->now);
    pthread_mutex_destroy(&store->building);
    free(store);
}

Status pricing_react(Cx *cx, const Event *event)
{
    (void)event;
    pthread_mutex_lock(&lock);
    Store *store = store_of(cx->db);
    pthread_mutex_unlock(&lock);
    if (store == NULL)
        return ST_OK;
    cx_idle(cx);
    return renew(store, &cx->err);
}

static Status view(Cx *cx, const Snapshot **ret)
{
    pthread_mutex_lock(&lock);
    Store    *store = store_of(cx->db);
    Snapshot *s = store ? store->now : NULL;
    if (s != NULL)
        atomic_fetch_add(&s->holders, 1);
    pthread_mutex_unlock(&lock);
    if (s != NULL) {
        arena_defer(cx->arena, release, s);
    } else {
        s = arena_new(cx->arena, Snapshot);
        TRY(build(cx, s));
    }
    *ret = s;
    return ST_OK;
}

/* --- a cart's promotions ------------------------------------------------------------------ */

typedef struct Picked {
    TotalsPromotion *items;
    size_t           n;
} Picked;

static const PromotionRule *rule_of(const Snapshot *s, int64_t id)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->rules[i]->p->id == id)
            return s->rules[i];
    return NULL;
}

/* Those that are over or switched off need not be asked for each cart. */
static void pick_automatic(const Snapshot *s, const TotalsIn *in, Picked *to)
{
    for (size_t i = s->n; i-- > 0;) { /* oldest first */
        const OrderPromotion *p = s->rules[i]->p;
        if (p->automatic && p->active && !(p->starts_at.has && in->at.v < p->starts_at.v.v) &&
            !(p->ends_at.has && in->at.v >= p->ends_at.v.v))
            to->items[to->n++] = (TotalsPromotion){.rule = s->rules[i]};
    }
}

static const OrderCodeRow *code_row(const OrderCodeRowList *rows, Str key)
{
    for (size_t i = 0; i < rows->n; i++)
        if (str_eq(rows->items[i].code_key, key))
            return &rows->items[i];
    return NULL;
}

static TotalsRefusal code_refusal(const OrderCodeRow *row)
{
    if (!row->active)
        return REFUSED_INACTIVE;
    return row->limit_total.has && row->used >= row->limit_total.v ? REFUSED_USED_UP : REFUSED_NOT;
}

static Status pick_codes(Cx *cx, const Snapshot *s, const TotalsIn *in, Picked *to)
{
    OrderCodeRowList rows;
    size_t           n = in->codes.n < TOTALS_CODES_MAX ? in->codes.n : TOTALS_CODES_MAX;
    Str             *keys = arena_array(cx->arena, Str, n + 1);
    if (n == 0)
        return ST_OK;
    for (size_t i = 0; i < n; i++)
        keys[i] = order_code_key(cx->arena, in->codes.items[i]);
    TRY(order_sql_codes_by_key(cx, keys, n, &rows));
    for (size_t i = 0; i < n; i++) {
        const OrderCodeRow  *row = code_row(&rows, keys[i]);
        const PromotionRule *rule = row ? rule_of(s, row->promotion_id) : NULL;
        if (rule != NULL)
            to->items[to->n++] = (TotalsPromotion){.rule = rule,
                                                   .code = in->codes.items[i],
                                                   .code_id = row->id,
                                                   .refused = code_refusal(row)};
    }
    return ST_OK;
}

static bool is_limited(const OrderPromotion *p)
{
    return p->limit_total.has || p->limit_per_customer.has || !money_absent(p->budget);
}

static void set_used(TotalsPromotion *t, const OrderPromotionUsed *u)
{
    const OrderPromotion *p = t->rule->p;
    t->budget_left = p->budget.minor - u->used_amount;
    if (t->refused != REFUSED_NOT)
        return;
    if (p->limit_total.has && u->used >= p->limit_total.v)
        t->refused = REFUSED_USED_UP;
    else if (p->limit_per_customer.has && u->used_by_buyer >= p->limit_per_customer.v)
        t->refused = REFUSED_USED_BY_YOU;
    else if (!money_absent(p->budget) && t->budget_left <= 0)
        t->refused = REFUSED_BUDGET_SPENT;
}

/* One statement, and only when one of them has a limit. */
static Status load_used(Cx *cx, Str buyer, Picked *list)
{
    OrderPromotionUsedList rows;
    int64_t               *ids = arena_array(cx->arena, int64_t, list->n + 1);
    size_t                 n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (is_limited(list->items[i].rule->p))
            ids[n++] = list->items[i].rule->p->id;
    if (n == 0)
        return ST_OK;
    TRY(order_sql_promotions_used(cx, ids, n, buyer, &rows));
    for (size_t i = 0; i < list->n; i++)
        for (size_t j = 0; j < rows.n; j++)
            if (rows.items[j].id == list->items[i].rule->p->id)
                set_used(&list->items[i], &rows.items[j]);
    return ST_OK;
}

/* --- taxes -------------------------------------------------------------------------------- */

static void set_tax(const Snapshot *s, TotalsIn *in)
{
    const TaxSettings *t = &s->settings;
    in->tax = (TotalsTaxRules){
        .table = s->taxes,
        .prices_include_tax = t->prices_include_tax,
        .round_per_total = t->rounding == 1,
        .delivery = (TotalsDeliveryTax)t->delivery,
        .keep_net = t->keep_net,
        .home_country = t->home_country,
        .home_region = t->home_region,
        .countries = {t->countries.items, t->countries.n},
    };
}

#define COPY(a, T, from, n)                                                                        \
    memcpy(arena_array((a), T, (n) + 1), (n) ? (const void *)(from) : "", (n) * sizeof(T))

static void ask_provider(Cx *cx, const Snapshot *s, TotalsIn *in)
{
    const TaxProvider *p = tax_provider_find(s->settings.provider);
    if (p == NULL || cx->tx_depth > 0 || cx->snapshot_depth > 0)
        return;
    TotalsLine     *lines = COPY(cx->arena, TotalsLine, in->lines, in->nlines);
    TotalsDelivery *deliveries = COPY(cx->arena, TotalsDelivery, in->deliveries, in->ndeliveries);
    TotalsFee      *fees = COPY(cx->arena, TotalsFee, in->fees, in->nfees);
    cx_idle(cx);
    if (p->rates(cx, in, lines, deliveries, fees) != ST_OK) {
        log_event(LOG_WARN, "order.tax_provider", log_s("provider", str_from_cstr(p->key)),
                  log_s("code", str_from_cstr(cx->err.code)));
        cx->err = (Err){0};
        return;
    }
    in->lines = lines;
    in->deliveries = deliveries;
    in->fees = fees;
}

Status order_totals_context_load(Cx *cx, Str email, TotalsIn *in)
{
    const Snapshot *s;
    Picked          list = {0};
    TRY(view(cx, &s));
    set_tax(s, in);
    in->utc_offset_min = zone_offset(s->zone, in->at) / 60000;
    list.items = arena_array(cx->arena, TotalsPromotion, s->n + TOTALS_CODES_MAX + 1);
    pick_automatic(s, in, &list);
    TRY(pick_codes(cx, s, in, &list));
    TRY(load_used(cx, promotion_buyer(cx->arena, in->buyer.customer_id, email), &list));
    in->promotions = list.items;
    in->npromotions = list.n;
    ask_provider(cx, s, in);
    return ST_OK;
}

/* --- providers ---------------------------------------------------------------------------- */

static const TaxProvider *providers[8];

void tax_provider_add(const TaxProvider *p)
{
    for (size_t i = 0; i < COUNT_OF(providers); i++)
        if (providers[i] == NULL || providers[i] == p) {
            providers[i] = p;
            return;
        }
    ASSERT(false && "too many tax providers");
}

const TaxProvider *tax_provider_find(Str key)
{
    for (size_t i = 0; i < COUNT_OF(providers) && providers[i]; i++)
        if (str_eq(str_from_cstr(providers[i]->key), key))
            return providers[i];
    return NULL;
}
