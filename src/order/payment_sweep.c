/* The sweeper: what nobody told us, what the shop has not taken, what is over. */
#include "order/payment_int.h"
#include "order/payment_module.h"

#include "base/id.h"
#include "base/log.h"

enum { SWEEP_MAX = 200, PRUNE_MAX = 5000, EVENT_DAYS = 30, TEST_DAYS = 30 };

typedef struct Note {
    int64_t id;
    OptTime due;
    Str     problem;
} Note;

static Status note_tx(Cx *cx, void *arg)
{
    const Note *n = arg;
    return order_sql_payment_session_later(cx, n->id, n->due, n->problem, NULL);
}

/* The buyer's time is up. */
static Status expire(Cx *cx, const PaymentSession *s)
{
    const PaymentProvider *p = payment_provider(s->provider);
    PaymentReply           reply = {.status = PAYMENT_CANCELLED, .code = STR("expired")};
    cx_idle(cx);
    if (s->status != PAYMENT_CREATED && p != NULL && p->give_up != NULL)
        TRY(p->give_up(cx, s, &reply));
    return payment_settle(cx, s->id, &reply, NULL);
}

static Status look_at(Cx *cx, const OrderPaymentSession *row)
{
    PaymentSession s = payment_session_of(row);
    bool           late = row->expires_ms.v <= cx->now.v;
    if (row->told != row->status && (payment_places(row->status) || payment_is_over(row->status)))
        return payment_settle(cx, s.id, &(PaymentReply){.status = s.status, .code = s.code}, NULL);
    if (s.status == PAYMENT_AUTHORIZED || payment_is_over(s.status))
        return ST_OK;
    if (s.status == PAYMENT_CREATED && s.method_id != 0 && s.tries == 0)
        return expire(cx, &s); /* it was never begun */
    if (s.status == PAYMENT_CREATED && late && !payment_may_be_charged(&s))
        return expire(cx, &s);
    if (s.status == PAYMENT_CREATED && !late && !payment_may_be_charged(&s)) {
        Note note = {s.id, opt_time(row->expires_ms), s.problem};
        return cx_in_tx(cx, note_tx, &note); /* nobody can have paid; the buyer may come back */
    }
    if (s.status == PAYMENT_PENDING && s.flow == PAYMENT_DEFERRED)
        return late ? expire(cx, &s) : ST_OK;
    TRY(payment_ask(cx, &s, &s));
    return late && !payment_is_over(s.status) && s.status != PAYMENT_AUTHORIZED ? expire(cx, &s)
                                                                                : ST_OK;
}

/* One that fails must not keep the others waiting; nor may it be looked at in each round. */
static Status look_and_note(Cx *cx, const OrderPaymentSession *row)
{
    Status st = look_at(cx, row);
    if (st == ST_OK)
        return ST_OK;
    log_event(LOG_WARN, "payment.sweep", log_i("session", row->id),
              log_s("code", str_from_cstr(cx->err.code)),
              log_s("what", str_from_cstr(cx->err.msg)));
    int64_t age = cx->now.v - row->updated_ms.v;
    int64_t wait = age < 60000 ? 60000 : age > 3600000 ? 3600000 : age;
    Note    note = {row->id, opt_time(unix_ms_add(cx->now, (SpanMs){wait})),
                    str_dup(cx->arena, str_from_cstr(cx->err.msg))};
    return cx_in_tx(cx, note_tx, &note);
}

static Status sweep_sessions(Cx *cx)
{
    OrderPaymentSessionList list;
    TRY(order_sql_payment_session_due(cx, cx->now, SWEEP_MAX, &list));
    for (size_t i = 0; i < list.n; i++)
        TRY(look_and_note(cx, &list.items[i]));
    return ST_OK;
}

static Status sweep_txns(Cx *cx)
{
    OrderPaymentTxnList list;
    PaymentTxn          txn;
    TRY(order_sql_payment_txn_due(cx, cx->now, SWEEP_MAX, &list));
    for (size_t i = 0; i < list.n; i++) {
        Status st = payment_carry_out(cx, list.items[i].id, &txn);
        if (st != ST_OK) /* it is due again later: payment_carry_out() has written when */
            log_event(LOG_WARN, "payment.sweep", log_i("txn", list.items[i].id),
                      log_s("code", str_from_cstr(cx->err.code)),
                      log_s("what", str_from_cstr(cx->err.msg)));
    }
    return ST_OK;
}

static Status prune_tx(Cx *cx, void *arg)
{
    (void)arg;
    UnixMs events = unix_ms_add(cx->now, (SpanMs){-SPAN_DAYS(EVENT_DAYS).v});
    UnixMs tests = unix_ms_add(cx->now, (SpanMs){-SPAN_DAYS(TEST_DAYS).v});
    UnixMs day = unix_ms_add(cx->now, (SpanMs){-SPAN_DAYS(1).v});
    TRY(order_sql_payment_event_prune(cx, id_at(events), PRUNE_MAX, NULL));
    TRY(order_sql_payment_test_prune(cx, tests, PRUNE_MAX, NULL));
    return order_sql_payment_throttle_prune(cx, day, PRUNE_MAX, NULL);
}

Status payment_sweep(Cx *cx)
{
    TRY(sweep_sessions(cx));
    TRY(sweep_txns(cx));
    return payment_events_due(cx);
}

Status payment_prune(Cx *cx)
{
    return cx_in_tx(cx, prune_tx, NULL);
}
