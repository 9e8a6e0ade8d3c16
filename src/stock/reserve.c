/* Reservations: pieces held for carts that check out. */
#include "stock/reserve_int.h"

enum { ENDED_BATCH = 500 };

/* --- ending them -------------------------------------------------------------------------- */

void reservations_off(const StockStands *s, const StockReservationRowList *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        StockStand *x = stand_of(s, rows->items[i].variant_id);
        if (x != NULL)
            level_book(stand_level(s, x, rows->items[i].location_id), 0, 0, -rows->items[i].qty);
    }
}

/* A variant that was deleted has levels still. */
Status reservations_orphans(Cx *cx, const StockStands *s, const StockReservationRowList *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        const StockReservationRow *r = &rows->items[i];
        if (stand_of(s, r->variant_id) == NULL)
            TRY(stock_sql_level_change(cx, r->variant_id, r->location_id, 0, 0, -r->qty, cx->now,
                                       NULL));
    }
    return ST_OK;
}

typedef struct Ended {
    int64_t n;
} Ended;

static Status prune_tx(Cx *cx, void *arg)
{
    Ended                  *job = arg;
    StockReservationRowList rows;
    StockStands             s;
    TRY(stock_sql_reservations_ended(cx, cx->now, ENDED_BATCH, &rows));
    job->n = (int64_t)rows.n;
    if (rows.n == 0)
        return ST_OK;
    int64_t *ids = arena_array(cx->arena, int64_t, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        ids[i] = rows.items[i].variant_id;
    TRY(stands_load(cx, ids, rows.n, &s));
    reservations_off(&s, &rows);
    TRY(reservations_orphans(cx, &s, &rows));
    for (size_t i = 0; i < rows.n; i++)
        TRY(stock_sql_reservation_drop(cx, rows.items[i].owner_id, rows.items[i].variant_id,
                                       rows.items[i].location_id, NULL));
    return stands_write(cx, &s);
}

Status reservations_prune_some(Cx *cx, int64_t *ret_n)
{
    Ended job = {0};
    TRY(prune_tx(cx, &job));
    *ret_n = job.n;
    return ST_OK;
}

Status stock_prune(Cx *cx)
{
    for (;;) {
        Ended job = {0};
        TRY(cx_in_tx(cx, prune_tx, &job));
        if (job.n < ENDED_BATCH)
            return ST_OK;
        if (cx->core != NULL && core_stopping(cx->core))
            return cx_fail(cx, ST_BUSY, "core.stopping", "the program ends");
    }
}

/* --- planning ----------------------------------------------------------------------------- */

int64_t *stock_line_ids(Cx *cx, const StockLine *lines, size_t n,
                        const StockReservationRowList *held)
{
    int64_t *ids = arena_array(cx->arena, int64_t, n + held->n + 1);
    for (size_t i = 0; i < n; i++)
        ids[i] = lines[i].variant_id;
    for (size_t i = 0; i < held->n; i++)
        ids[n + i] = held->items[i].variant_id;
    return ids;
}

void lack_add(Cx *cx, StockShort *list, size_t cap, const StockLine *line, int64_t left)
{
    if (list->items == NULL)
        list->items = arena_array(cx->arena, StockLack, cap);
    list->items[list->n++] = (StockLack){.variant_id = line->variant_id,
                                         .line_id = line->line_id,
                                         .wanted = line->qty,
                                         .available = left > 0 ? left : 0};
}

typedef struct Plan {
    Cx                     *cx;
    int64_t                 owner;
    const StockLine        *lines;
    size_t                  n;
    UnixMs                  expires;
    StockReservationRowList held;
    StockReservationRow    *want; /* qty 0: none */
    size_t                  nwant;
    StockStands             s;
    StockShort              lack;
} Plan;

static void want_add(Plan *p, const StockStand *x, StockLevel *l, int64_t qty)
{
    level_book(l, 0, 0, qty);
    for (size_t i = 0; i < p->nwant; i++)
        if (p->want[i].variant_id == x->variant_id && p->want[i].location_id == l->location_id) {
            p->want[i].qty += qty;
            return;
        }
    p->want[p->nwant++] = (StockReservationRow){.owner_id = p->owner,
                                                .variant_id = x->variant_id,
                                                .location_id = l->location_id,
                                                .qty = qty,
                                                .expires_ms = p->expires};
}

/* Locations by priority; what is beyond what is there is held at the first. */
static void hold_line(Plan *p, StockStand *x, int64_t qty)
{
    const StockLocation *first = NULL;
    for (size_t i = 0; i < p->s.locations.n && qty > 0; i++) {
        const StockLocation *at = &p->s.locations.items[i];
        if (!at->active || !at->online)
            continue;
        first = first ? first : at;
        StockLevel *l = stand_level(&p->s, x, at->id);
        int64_t     take = level_free(l) < qty ? level_free(l) : qty;
        if (take > 0) {
            want_add(p, x, l, take);
            qty -= take;
        }
    }
    if (qty > 0 && first != NULL)
        want_add(p, x, stand_level(&p->s, x, first->id), qty);
}

static void plan_line(Plan *p, const StockLine *line)
{
    StockStand *x = stand_of(&p->s, line->variant_id);
    int64_t     oversell = x != NULL ? stand_oversell(x) : 0;
    if (oversell == STOCK_QTY_MAX)
        return;
    int64_t left = x != NULL ? stand_available(x) + oversell : 0;
    if (line->qty > left)
        lack_add(p->cx, &p->lack, p->n, line, left);
    if (left > 0)
        hold_line(p, x, line->qty < left ? line->qty : left);
}

static Status plan(Plan *p)
{
    Cx *cx = p->cx;
    p->lack = (StockShort){0};
    p->nwant = 0;
    TRY(stands_load(cx, stock_line_ids(cx, p->lines, p->n, &p->held), p->n + p->held.n, &p->s));
    p->want = arena_array(cx->arena, StockReservationRow, p->n * (p->s.locations.n + 1) + 1);
    reservations_off(&p->s, &p->held);
    for (size_t i = 0; i < p->n; i++)
        plan_line(p, &p->lines[i]);
    return ST_OK;
}

/* --- writing ------------------------------------------------------------------------------ */

static const StockReservationRow *row_like(const StockReservationRow *rows, size_t n,
                                           const StockReservationRow *r)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].variant_id == r->variant_id && rows[i].location_id == r->location_id)
            return &rows[i];
    return NULL;
}

static bool only_longer(const Plan *p)
{
    if (p->nwant != p->held.n)
        return false;
    for (size_t i = 0; i < p->nwant; i++) {
        const StockReservationRow *was = row_like(p->held.items, p->held.n, &p->want[i]);
        if (was == NULL || was->qty != p->want[i].qty)
            return false;
    }
    return true;
}

static Status write_plan(Plan *p)
{
    Cx *cx = p->cx;
    if (only_longer(p))
        return p->nwant > 0 ? stock_sql_reservations_extend(cx, p->owner, p->expires, NULL) : ST_OK;
    for (size_t i = 0; i < p->held.n; i++) {
        const StockReservationRow *r = &p->held.items[i];
        if (row_like(p->want, p->nwant, r) == NULL)
            TRY(stock_sql_reservation_drop(cx, p->owner, r->variant_id, r->location_id, NULL));
    }
    for (size_t i = 0; i < p->nwant; i++) {
        const StockReservationRow *r = &p->want[i];
        TRY(stock_sql_reservation_put(cx, p->owner, r->variant_id, r->location_id, r->qty,
                                      p->expires, NULL));
    }
    TRY(reservations_orphans(cx, &p->s, &p->held));
    return stands_write(cx, &p->s);
}

Status stock_reserve(Cx *cx, int64_t owner, const StockLine *lines, size_t n, SpanMs ttl,
                     StockShort *ret)
{
    ASSERT(cx->tx_depth > 0 && n <= STOCK_LINES_MAX);
    Plan p = {.cx = cx, .owner = owner, .lines = lines, .n = n};
    p.expires = unix_ms_add(cx->now, ttl);
    TRY(stock_sql_reservations_of(cx, owner, &p.held));
    TRY(plan(&p));
    if (p.lack.n > 0) { /* what has ended stands in the way until it is pruned */
        int64_t ended;
        TRY(reservations_prune_some(cx, &ended));
        if (ended > 0) {
            TRY(stock_sql_reservations_of(cx, owner, &p.held));
            TRY(plan(&p));
        }
    }
    *ret = p.lack;
    if (p.lack.n > 0)
        return cx_fail(cx, ST_CONFLICT, "stock.insufficient", "%zu lines cannot be had in full",
                       p.lack.n);
    return write_plan(&p);
}

Status stock_extend(Cx *cx, int64_t owner, SpanMs ttl, int64_t *ret_held)
{
    ASSERT(cx->tx_depth > 0);
    TRY(stock_sql_reservations_extend(cx, owner, unix_ms_add(cx->now, ttl), NULL));
    int64_t held;
    TRY(stock_sql_reservations_held(cx, owner, cx->now, &held));
    if (ret_held != NULL)
        *ret_held = held;
    return ST_OK;
}

Status stock_release(Cx *cx, int64_t owner)
{
    StockShort none;
    return stock_reserve(cx, owner, NULL, 0, (SpanMs){0}, &none);
}
