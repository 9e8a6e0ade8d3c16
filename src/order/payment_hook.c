/* Webhooks in: checked, kept, acted on; each once. */
#include "order/payment_int.h"

#include "base/fault.h"
#include "base/id.h"
#include "base/utf8.h"

enum { TRIES_MAX = 12, EVENT_ID_MAX = 200, REF_MAX = 255 };

typedef struct Keep {
    OrderPaymentEvent row;
    bool              known; /* came before, and was acted on */
} Keep;

static Status keep_tx(Cx *cx, void *arg)
{
    Keep   *k = arg;
    int64_t added;
    TRY(order_sql_payment_event_add(cx, &k->row, &added));
    k->known = false;
    if (added == 1)
        return ST_OK;
    bool              found;
    OrderPaymentEvent old;
    TRY(order_sql_payment_event_get(cx, k->row.provider, k->row.event_id, &found, &old));
    k->known = found && old.done_ms.has;
    k->row.id = found ? old.id : k->row.id;
    return ST_OK;
}

typedef struct Acted {
    int64_t id;
    bool    done;
    Str     problem;
    OptTime due;
} Acted;

static Status acted_tx(Cx *cx, void *arg)
{
    const Acted *a = arg;
    if (a->done)
        return order_sql_payment_event_done(cx, a->id, cx->now, NULL);
    return order_sql_payment_event_failed(cx, a->id, a->problem, a->due, NULL);
}

/* Act on an event that is kept. What fails is tried again by the sweeper. */
static Status act(Cx *cx, const OrderPaymentEvent *row)
{
    const PaymentProvider *p = payment_provider(row->provider);
    if (p == NULL || p->hook_act == NULL)
        return ST_OK;
    Acted  acted = {.id = row->id};
    Status st = p->hook_act(cx, row->type, row->ref);
    acted.done = st == ST_OK;
    (void)fault_at("payment.hook_acted");
    if (st != ST_OK) {
        acted.problem = str_dup(cx->arena, str_from_cstr(cx->err.msg));
        int64_t wait = INT64_C(30) << (row->tries < 8 ? row->tries : 8);
        if (row->tries + 1 < TRIES_MAX)
            acted.due = opt_time(unix_ms_add(cx->now, SPAN_SECONDS(wait)));
    }
    return cx_in_tx(cx, acted_tx, &acted);
}

Status payment_webhook(Cx *cx, Str provider, const PaymentHook *hook)
{
    const PaymentProvider *p = payment_provider(provider);
    PaymentHookRead        read = {0};
    if (p == NULL || p->hook_read == NULL)
        return cx_fail(cx, ST_NOT_FOUND, "payment.no_provider", "nobody sends webhooks here");
    TRY(p->hook_read(cx, hook, &read));
    if (read.ignore)
        return ST_OK;
    if (read.event_id.len == 0 || read.event_id.len > EVENT_ID_MAX || read.ref.len > REF_MAX ||
        read.type.len > REF_MAX)
        return cx_fail(cx, ST_INVALID, "payment.bad_event", "this event has no usable id");
    Keep keep = {.row = {.id = id_new(),
                         .provider = str_from_cstr(p->key),
                         .event_id = read.event_id,
                         .type = read.type,
                         .ref = read.ref,
                         .body = utf8_truncate_bytes(hook->body, PAYMENT_EVENT_KEEP),
                         .problem = STR(""),
                         .received_ms = cx->now,
                         .due_ms = opt_time(unix_ms_add(cx->now, SPAN_SECONDS(30)))}};
    TRY(cx_in_tx(cx, keep_tx, &keep));
    return keep.known ? ST_OK : act(cx, &keep.row);
}

Status payment_events_due(Cx *cx)
{
    OrderPaymentEventList list;
    TRY(order_sql_payment_event_due(cx, cx->now, 100, &list));
    for (size_t i = 0; i < list.n; i++)
        TRY(act(cx, &list.items[i]));
    return ST_OK;
}
