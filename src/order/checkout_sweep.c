/* Repair: locks that are too old, drafts that came to nothing, carts that have expired. */
#include "order/order_store.h"

#include "base/id.h"

enum { SWEEP_MAX = 500 };

#define DRAFT_LIFE SPAN_DAYS(30)

/* A draft with a session that may still settle stays locked: payment_sweep() asks the provider, and
 * its answer unlocks. Without one nothing can come of it. */
static Status settle_stuck(Cx *cx, const OrderCartStuck *stuck)
{
    OrderSessionIdList ids;
    OrderRow           row;
    Status             st = order_sql_order_get(cx, stuck->order_id, &row);
    if (st != ST_OK && st != ST_NOT_FOUND)
        return st;
    if (st == ST_NOT_FOUND)
        return checkout_unlock(cx, stuck->id, stuck->order_id);
    TRY(order_sql_sessions_of_order(cx, stuck->order_id, PAYMENT_SESSIONS_MAX, &ids));
    for (size_t i = 0; i < ids.n; i++) {
        PaymentSession s;
        TRY(payment_session_get(cx, ids.items[i].id, &s));
        if (payment_places(s.status))
            return checkout_finalize(cx, row.id, s.id);
        if (!payment_is_over(s.status))
            return ST_OK;
    }
    return checkout_unlock(cx, stuck->id, stuck->order_id);
}

typedef struct Old {
    UnixMs  now;
    int64_t changed;
} Old;

static Status expire_tx(Cx *cx, void *arg)
{
    Old *old = arg;
    return order_sql_cart_expire(cx, old->now, SWEEP_MAX, &old->changed);
}

static Status drop_tx(Cx *cx, void *arg)
{
    const OrderDraftOld *draft = arg;
    return order_sql_order_expire(cx, draft->id, cx->now, NULL);
}

Status checkout_sweep(Cx *cx)
{
    OrderCartStuckList stuck;
    OrderDraftOldList  drafts;
    Old                old = {.now = cx->now};
    UnixMs             until = unix_ms_add(cx->now, (SpanMs){-CHECKOUT_LOCK.v});
    Status             first = ST_OK;
    TRY(order_sql_cart_stuck(cx, until, SWEEP_MAX, &stuck));
    for (size_t i = 0; i < stuck.n; i++) {
        Status st = settle_stuck(cx, &stuck.items[i]);
        if (first == ST_OK)
            first = st; /* one that fails keeps nobody else waiting */
    }
    TRY(cx_in_tx(cx, expire_tx, &old));
    TRY(order_sql_order_drafts_old(cx, id_at(unix_ms_add(cx->now, (SpanMs){-DRAFT_LIFE.v})),
                                   SWEEP_MAX, &drafts));
    for (size_t i = 0; i < drafts.n; i++)
        TRY(cx_in_tx(cx, drop_tx, &drafts.items[i]));
    return first;
}
