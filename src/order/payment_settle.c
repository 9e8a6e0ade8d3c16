/* What a provider says becomes rows, and the shop is told: one transaction. */
#include "order/payment_int.h"
#include "order/payment_module.h"

#include "base/fault.h"
#include "base/id.h"

#include <stdio.h>

static PaymentSettledFn *settled_fn;

void payment_on_settled(PaymentSettledFn *fn)
{
    settled_fn = fn;
}

Status payment_tell(Cx *cx, const PaymentNews *news)
{
    return settled_fn != NULL ? settled_fn(cx, news) : ST_OK;
}

static const ShapeField FAILED_FIELDS[] = {
    SHAPE_ID(PaymentFailedTold, order_id, "ord"),
    SHAPE_ID(PaymentFailedTold, session_id, "pse"),
    SHAPE_TEXT(PaymentFailedTold, code, .doc = "expired, cancelled, declined …"),
};
const Shape payment_failed_shape =
    SHAPE_OF(PaymentFailedTold, "PaymentFailed", FAILED_FIELDS, .doc = "Money that did not come.");
const EventType payment_failed_event = PAYMENT_EVENT_LINES;

typedef struct Settle {
    int64_t             id;
    const PaymentReply *reply;
    bool                quiet;   /* record without telling */
    bool                refused; /* the shop would not take it */
    OrderPaymentSession row;     /* as it is then */
} Settle;

/* --- what becomes of the session ------------------------------------------------------------- */

/* A later state never gives way to an earlier one; money beats "failed". */
static int next_status(int old, int said)
{
    bool over = old == PAYMENT_FAILED || old == PAYMENT_CANCELLED;
    if (old == PAYMENT_CAPTURED)
        return old;
    if (said == PAYMENT_CAPTURED || said == PAYMENT_AUTHORIZED)
        return said;
    if (over)
        return old;
    if (said == PAYMENT_FAILED || said == PAYMENT_CANCELLED)
        return said;
    return said > old ? said : old;
}

/* When the sweeper looks at it next, as long as nobody else has news. */
static OptTime due_of(Cx *cx, const OrderPaymentSession *row, bool told)
{
    if (!told)
        return opt_time(unix_ms_add(cx->now, SPAN_SECONDS(30)));
    SpanMs wait = SPAN_MINUTES(5);
    switch (row->status) {
    case PAYMENT_CREATED: wait = SPAN_SECONDS(60); break;
    case PAYMENT_WAITING: wait = SPAN_SECONDS(row->tries < 10 ? 15 : 120); break;
    case PAYMENT_ACTION: break;
    case PAYMENT_PENDING:
        if (row->flow == PAYMENT_DEFERRED)
            return opt_time(row->expires_ms);
        wait = SPAN_HOURS(1);
        break;
    default: return (OptTime){0};
    }
    UnixMs at = unix_ms_add(cx->now, wait);
    if (row->expires_ms.v > cx->now.v && at.v > row->expires_ms.v)
        at = row->expires_ms;
    return opt_time(at);
}

static Str kept(Str new, Str old)
{
    return new.ptr != NULL ? new : old;
}

static Status store_session(Cx *cx, Settle *s, bool told)
{
    const PaymentReply  *r = s->reply;
    OrderPaymentSession *row = &s->row;
    row->charge = kept(r->charge, row->charge);
    row->reference = kept(r->reference, row->reference);
    row->next = kept(r->next, row->next);
    row->ref = r->ref.len > 0 ? r->ref : row->ref;
    row->code = row->status == PAYMENT_FAILED || row->status == PAYMENT_CANCELLED
                    ? kept(r->code, row->code)
                    : STR("");
    row->problem = kept(r->problem, STR(""));
    row->expires_ms = r->expires.v != 0 ? r->expires : row->expires_ms;
    row->updated_ms = cx->now;
    row->due_ms = due_of(cx, row, told);
    OrderPaymentAnswer in = {.id = row->id,
                             .status = row->status,
                             .ref = row->ref,
                             .charge = row->charge,
                             .reference = row->reference,
                             .next = row->next,
                             .code = row->code,
                             .problem = row->problem,
                             .now = cx->now,
                             .expires = row->expires_ms,
                             .due = row->due_ms};
    return order_sql_payment_session_answer(cx, &in, NULL);
}

/* --- what becomes of the payment ------------------------------------------------------------- */

static Status add_txn(Cx *cx, const OrderPayment *p, int kind, int64_t amount, const char *key,
                      PaymentTxn *ret)
{
    OrderPaymentTxn t = {.id = id_new(),
                         .payment_id = p->id,
                         .order_id = p->order_id,
                         .kind = kind,
                         .status = PAYMENT_TXN_DONE,
                         .amount = money_of(amount, p->currency),
                         .provider = p->provider,
                         .reason = STR(""),
                         .problem = STR(""),
                         .actor = cx->actor.name.ptr != NULL ? cx->actor.name : STR(""),
                         .key = str_from_cstr(key),
                         .created_ms = cx->now,
                         .updated_ms = cx->now};
    *ret = payment_txn_of(&t);
    return order_sql_payment_txn_add(cx, &t, NULL);
}

Status payment_store(Cx *cx, const OrderPayment *p)
{
    OrderPaymentSet in = {.id = p->id,
                          .rev = p->rev,
                          .status = p->status,
                          .ref = p->ref,
                          .authorized = p->authorized,
                          .captured = p->captured,
                          .refunded = p->refunded,
                          .refunding = p->refunding,
                          .voided = p->voided,
                          .disputed = p->disputed,
                          .method = p->method,
                          .brand = p->brand,
                          .last4 = p->last4,
                          .fingerprint = p->fingerprint,
                          .reference = p->reference,
                          .now = cx->now};
    int64_t         changed;
    TRY(order_sql_payment_set(cx, &in, &changed));
    ASSERT(changed == 1); /* read in the same transaction */
    return ST_OK;
}

static Status load_payment(Cx *cx, const Settle *s, bool *ret_new, OrderPayment *ret)
{
    const OrderPaymentSession *row = &s->row;
    bool                       found;
    TRY(order_sql_payment_by_session(cx, row->id, &found, ret));
    *ret_new = !found;
    if (!found)
        *ret = (OrderPayment){.id = id_new(),
                              .session_id = row->id,
                              .cart_id = row->cart_id,
                              .order_id = row->order_id,
                              .provider = row->provider,
                              .test = row->test,
                              .status = PAYMENT_PENDING,
                              .ref = STR(""),
                              .currency = str_dup(cx->arena, str_from_cstr(row->amount.cur)),
                              .amount = row->amount.minor,
                              .method = STR(""),
                              .brand = STR(""),
                              .last4 = STR(""),
                              .fingerprint = STR(""),
                              .reference = STR(""),
                              .created_ms = cx->now,
                              .updated_ms = cx->now};
    return ST_OK;
}

/* A capture that we asked for and have not heard of is what made it captured. */
static Status finish_capture(Cx *cx, const OrderPayment *p, PaymentTxn *ret, bool *ret_moved)
{
    OrderPaymentTxnList list;
    TRY(order_sql_payment_txn_of(cx, p->id, &list));
    for (size_t i = 0; i < list.n && !*ret_moved; i++) {
        OrderPaymentTxn *t = &list.items[i];
        if (t->kind != PAYMENT_TXN_CAPTURE || t->status != PAYMENT_TXN_PENDING)
            continue;
        TRY(order_sql_payment_txn_answer(cx, t->id, PAYMENT_TXN_DONE, (Str){0}, STR(""), cx->now,
                                         (OptTime){0}, NULL));
        t->status = PAYMENT_TXN_DONE;
        *ret = payment_txn_of(t);
        *ret_moved = true;
    }
    return ST_OK;
}

/* Movements that brought it from what it was to what the provider says. */
static Status add_movements(Cx *cx, const OrderPayment *before, const OrderPayment *p,
                            PaymentTxn *ret, bool *ret_moved)
{
    char key[80];
    if (p->authorized > before->authorized && p->captured < p->authorized) {
        snprintf(key, sizeof key, "authorize:%lld:%lld", (long long)p->id,
                 (long long)p->authorized);
        TRY(add_txn(cx, p, PAYMENT_TXN_AUTHORIZE, p->authorized - before->authorized, key, ret));
        *ret_moved = p->captured == before->captured;
    }
    if (p->captured > before->captured && before->status == PAYMENT_AUTHORIZED)
        TRY(finish_capture(cx, p, ret, ret_moved));
    if (p->captured > before->captured && !*ret_moved) {
        snprintf(key, sizeof key, "capture:%lld:%lld", (long long)p->id, (long long)p->captured);
        TRY(add_txn(cx, p, PAYMENT_TXN_CAPTURE, p->captured - before->captured, key, ret));
        *ret_moved = true;
    }
    return ST_OK;
}

static void update_payment(const Settle *s, OrderPayment *p)
{
    const PaymentReply *r = s->reply;
    int                 status = s->row.status;
    if (status == PAYMENT_AUTHORIZED || status == PAYMENT_CAPTURED) {
        int64_t captured =
            status == PAYMENT_CAPTURED ? (r->captured > 0 ? r->captured : p->amount) : 0;
        int64_t authorized = r->authorized > 0 ? r->authorized : p->amount;
        p->captured = captured > p->captured ? captured : p->captured;
        p->authorized = authorized > p->authorized ? authorized : p->authorized;
    }
    if (status == PAYMENT_CAPTURED && p->authorized > p->captured)
        p->voided = p->authorized - p->captured; /* what was not captured was let go */
    if (p->status != PAYMENT_CAPTURED)
        p->status = status;
    p->ref = r->charge.len > 0 ? r->charge : r->ref.len > 0 ? r->ref : p->ref;
    p->method = kept(r->method, p->method);
    p->brand = kept(r->brand, p->brand);
    p->last4 = kept(r->last4, p->last4);
    p->fingerprint = kept(r->fingerprint, p->fingerprint);
    p->reference = s->row.reference;
}

static Status settle_payment(Cx *cx, Settle *s, Payment *ret, PaymentTxn *ret_txn, bool *ret_moved)
{
    OrderPayment p, before;
    bool new;
    TRY(load_payment(cx, s, &new, &p));
    if (new && !payment_places(s->row.status)) { /* it never came to anything */
        *ret = (Payment){0};
        return ST_OK;
    }
    before = p;
    update_payment(s, &p);
    if (new)
        TRY(order_sql_payment_add(cx, &p, NULL));
    else
        TRY(payment_store(cx, &p));
    TRY(add_movements(cx, &before, &p, ret_txn, ret_moved));
    *ret = payment_of(&p);
    return ST_OK;
}

/* --- the whole ------------------------------------------------------------------------------- */

static Status keep_method(Cx *cx, const Settle *s)
{
    const PaymentReply *r = s->reply;
    if (!s->row.save_method || r->saved_ref.len == 0 || !payment_places(s->row.status))
        return ST_OK;
    OrderPaymentMethod m = {.id = id_new(),
                            .account_id = s->row.account_id,
                            .provider = s->row.provider,
                            .ref = r->saved_ref,
                            .brand = kept(r->brand, STR("")),
                            .last4 = kept(r->last4, STR("")),
                            .exp_month = r->saved_month,
                            .exp_year = r->saved_year,
                            .created_ms = cx->now};
    return order_sql_payment_method_add(cx, &m, NULL);
}

static Status tell(Cx *cx, Settle *s, const Payment *p, const PaymentTxn *txn, bool moved)
{
    PaymentSession session = payment_session_of(&s->row);
    bool           placed = payment_places(s->row.told);
    PaymentNews    news = {.what = !payment_places(s->row.status) ? PAYMENT_TOLD_FAILED
                                   : placed                       ? PAYMENT_TOLD_CHANGED
                                                                  : PAYMENT_TOLD_SETTLED,
                           .session = &session,
                           .payment = p->id != 0 ? p : NULL,
                           .txn = moved ? txn : NULL};
    Status         st = payment_tell(cx, &news);
    s->refused = st != ST_OK;
    TRY(st);
    if (news.what == PAYMENT_TOLD_FAILED && p->id != 0 && s->row.order_id != 0) {
        PaymentFailedTold failed = {s->row.order_id, s->row.id, s->row.code};
        TRY(event_tell(cx, &payment_failed_event, s->row.order_id, &failed));
    }
    s->row.told = s->row.status;
    return order_sql_payment_session_told(cx, s->row.id, s->row.told, due_of(cx, &s->row, true),
                                          NULL);
}

static bool counts_as_failure(const Settle *s, int old)
{
    return s->row.status == PAYMENT_FAILED && old != PAYMENT_FAILED;
}

static Status settle_tx(Cx *cx, void *arg)
{
    Settle    *s = arg;
    Payment    payment = {0};
    PaymentTxn txn = {0};
    bool       moved = false;
    s->refused = false;
    TRY(order_sql_payment_session_get(cx, s->id, &s->row));
    int old = s->row.status;
    s->row.status = next_status(old, s->reply->status);
    bool news = s->row.told != s->row.status &&
                (payment_places(s->row.status) || payment_is_over(s->row.status));
    if (!news && s->row.status == old && old != PAYMENT_CREATED && s->reply->next.ptr == NULL &&
        (payment_is_over(old) || old == PAYMENT_AUTHORIZED))
        return ST_OK; /* known, taken */
    TRY(store_session(cx, s, !news));
    TRY(settle_payment(cx, s, &payment, &txn, &moved));
    TRY(keep_method(cx, s));
    if (counts_as_failure(s, old))
        TRY(payment_guard_failed(cx,
                                 &(PaymentSession){.net = s->row.net, .cart_id = s->row.cart_id},
                                 kept(s->reply->fingerprint, STR(""))));
    return news && !s->quiet ? tell(cx, s, &payment, &txn, moved) : ST_OK;
}

Status payment_settle(Cx *cx, int64_t session_id, const PaymentReply *reply, PaymentSession *ret)
{
    Settle s = {.id = session_id, .reply = reply};
    Status st = cx_in_tx(cx, settle_tx, &s);
    if (st != ST_OK && s.refused && cx->tx_depth == 0) {
        Err why = cx->err;
        s.quiet = true; /* the money must not be forgotten: the sweeper tells it again */
        TRY(cx_in_tx(cx, settle_tx, &s));
        cx->err = why;
        (void)fault_at("payment.kept");
    }
    TRY(st);
    (void)fault_at("payment.settled");
    if (ret != NULL)
        *ret = payment_session_of(&s.row);
    return ST_OK;
}
