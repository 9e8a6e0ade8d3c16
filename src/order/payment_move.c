/* Movements of payments: captures, voids, refunds, disputes. Opened in a transaction, carried out
 * outside of one, recorded in another. */
#include "order/order_int.h"
#include "order/payment_int.h"
#include "order/payment_module.h"

#include "base/fault.h"
#include "base/id.h"
#include "core/audit.h"

#include <stdio.h>

#define MOVE_JOB "order.payment_move"

static Status no_more(Cx *cx)
{
    return cx_fail(cx, ST_CONFLICT, "payment.too_much",
                   "that is more than there is of this payment");
}

static Status cannot(Cx *cx)
{
    return cx_fail(cx, ST_CONFLICT, "payment.cannot", "this payment cannot do that now");
}

static Str actor_of(const Cx *cx)
{
    return cx->actor.name.ptr != NULL ? cx->actor.name : STR("");
}

static Str or_empty(Str s)
{
    return s.ptr != NULL ? s : STR("");
}

/* What staff ask for stands in the audit log, too. */
static Status add_txn(Cx *cx, const OrderPaymentTxn *row)
{
    bool       staff = cx->actor.kind == ACTOR_STAFF || cx->actor.kind == ACTOR_API_KEY;
    PaymentTxn txn = payment_txn_of(row);
    TRY(order_sql_payment_txn_add(cx, row, NULL));
    return staff ? audit_add(cx, "order.payment", row->payment_id, payment_kind_names[row->kind],
                             &payment_txn_shape, NULL, &txn)
                 : ST_OK;
}

/* --- opening --------------------------------------------------------------------------------- */

typedef struct Open {
    int64_t         payment_id;
    int             kind;
    int64_t         amount; /* 0: what is left */
    Str             reason, key;
    bool            owed;    /* a refund is to be paid again */
    int64_t         granted; /* computed */
    bool            now;     /* the caller carries it out: no job */
    OrderPaymentTxn row;
} Open;

static Status queue(Cx *cx, int64_t txn_id)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 100);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "txn", id_format(cx->arena, "ptx", txn_id));
    json_end(&j);
    return job_queue(cx, MOVE_JOB, str_dup(cx->arena, buf_str(&b)), NULL, NULL);
}

static Status add_row(Cx *cx, const OrderPayment *p, Open *o)
{
    int64_t id = id_new();
    bool    by_hand =
        payment_provider(p->provider) == NULL || payment_provider(p->provider)->move == NULL;
    o->row = (OrderPaymentTxn){.id = id,
                               .payment_id = p->id,
                               .order_id = p->order_id,
                               .kind = o->kind,
                               .status = PAYMENT_TXN_PENDING,
                               .amount = money_of(o->amount, p->currency),
                               .provider = p->provider,
                               .reason = or_empty(o->reason),
                               .problem = STR(""),
                               .actor = actor_of(cx),
                               .key = o->key.len > 0 ? o->key : id_format(cx->arena, "ptx", id),
                               .granted = o->granted,
                               .created_ms = cx->now,
                               .updated_ms = cx->now};
    if (!by_hand)
        o->row.due_ms = opt_time(unix_ms_add(cx->now, SPAN_SECONDS(90)));
    TRY(add_txn(cx, &o->row));
    return by_hand || o->now ? ST_OK : queue(cx, id);
}

/* Is another movement of what is held under way? */
static Status held_is_busy(Cx *cx, int64_t payment_id, bool *ret)
{
    OrderPaymentTxnList list;
    *ret = false;
    TRY(order_sql_payment_txn_of(cx, payment_id, &list));
    for (size_t i = 0; i < list.n; i++)
        *ret = *ret || (list.items[i].status == PAYMENT_TXN_PENDING &&
                        list.items[i].kind != PAYMENT_TXN_REFUND);
    return ST_OK;
}

/* Of a refund that begins now. */
static Status grants(Cx *cx, int64_t order_id, int64_t amount, int64_t *ret)
{
    PaymentSums sums;
    bool        placed = false;
    int64_t     total;
    *ret = 0;
    if (order_id != 0)
        TRY(order_sql_order_total(cx, order_id, &placed, &total));
    if (!placed)
        return ST_OK;
    TRY(payment_sums(cx, order_id, &sums));
    *ret = order_grants(total, &sums, amount);
    return ST_OK;
}

static Status open_tx(Cx *cx, void *arg)
{
    Open        *o = arg;
    OrderPayment p;
    bool         found = false, busy;
    if (o->key.len > 0)
        TRY(order_sql_payment_txn_by_key(cx, o->key, &found, &o->row));
    if (found)
        return o->row.payment_id == o->payment_id && o->row.kind == o->kind ? ST_OK : cannot(cx);
    TRY(order_sql_payment_get(cx, o->payment_id, &p));
    if (o->kind == PAYMENT_TXN_REFUND) {
        int64_t left = p.captured - p.refunded - p.refunding;
        if (o->amount <= 0 || o->amount > left)
            return no_more(cx);
        o->granted = 0;
        if (!o->owed)
            TRY(grants(cx, p.order_id, o->amount, &o->granted));
        p.refunding += o->amount;
        TRY(payment_store(cx, &p));
        return add_row(cx, &p, o);
    }
    int64_t held = p.authorized - p.captured - p.voided;
    TRY(held_is_busy(cx, p.id, &busy));
    if (busy || p.status != PAYMENT_AUTHORIZED || held <= 0)
        return cannot(cx);
    o->amount = o->amount == 0 || o->kind == PAYMENT_TXN_VOID ? held : o->amount;
    return o->amount < 0 || o->amount > held ? no_more(cx) : add_row(cx, &p, o);
}

/* --- recording ------------------------------------------------------------------------------- */

/* A movement of `amount` took place: what the payment comes to. */
static void apply(OrderPayment *p, int kind, int64_t amount)
{
    switch (kind) {
    case PAYMENT_TXN_REFUND:
        p->refunding -= amount;
        p->refunded += amount;
        break;
    case PAYMENT_TXN_CAPTURE: /* what is not captured with it is let go */
        p->captured += amount;
        p->voided = p->authorized > p->captured ? p->authorized - p->captured : 0;
        p->status = PAYMENT_CAPTURED;
        break;
    case PAYMENT_TXN_VOID:
        p->voided += amount;
        p->status = p->captured > 0 ? PAYMENT_CAPTURED : PAYMENT_CANCELLED;
        break;
    case PAYMENT_TXN_DISPUTE: p->disputed += amount; break;
    case PAYMENT_TXN_DISPUTE_WON:
        p->disputed = p->disputed > amount ? p->disputed - amount : 0;
        break;
    default: break;
    }
}

static Status tell_changed(Cx *cx, const OrderPayment *p, const OrderPaymentTxn *t)
{
    OrderPaymentSession row;
    TRY(order_sql_payment_session_get(cx, p->session_id, &row));
    PaymentSession session = payment_session_of(&row);
    Payment        payment = payment_of(p);
    PaymentTxn     txn = payment_txn_of(t);
    PaymentNews    news = {PAYMENT_TOLD_CHANGED, &session, &payment, &txn};
    return payment_tell(cx, &news);
}

/* The session of a payment whose money is captured or let go is over as well. */
static Status end_session(Cx *cx, const OrderPayment *p)
{
    if (p->status != PAYMENT_CAPTURED && p->status != PAYMENT_CANCELLED)
        return ST_OK;
    OrderPaymentSession row;
    TRY(order_sql_payment_session_get(cx, p->session_id, &row));
    OrderPaymentAnswer in = {.id = row.id,
                             .status = p->status,
                             .ref = row.ref,
                             .charge = row.charge,
                             .reference = row.reference,
                             .next = row.next,
                             .code = row.code,
                             .problem = row.problem,
                             .now = cx->now,
                             .expires = row.expires_ms};
    TRY(order_sql_payment_session_answer(cx, &in, NULL));
    return order_sql_payment_session_told(cx, row.id, p->status, (OptTime){0}, NULL);
}

typedef struct Answer {
    int64_t             txn_id;
    const PaymentReply *reply;
    OrderPaymentTxn     row;
} Answer;

static OptTime again(const Cx *cx, int64_t tries)
{
    int64_t s = tries < 8 ? 30 * tries * tries : 3600;
    return opt_time(unix_ms_add(cx->now, SPAN_SECONDS(s < 30 ? 30 : s)));
}

static Status answer_tx(Cx *cx, void *arg)
{
    Answer             *a = arg;
    const PaymentReply *r = a->reply;
    OrderPayment        p;
    int64_t             changed;
    TRY(order_sql_payment_txn_get(cx, a->txn_id, &a->row));
    OptTime due = r->txn_status == PAYMENT_TXN_PENDING ? again(cx, a->row.tries + 3) : (OptTime){0};
    Str     ref = r->ref.len > 0 ? r->ref : (Str){0};
    TRY(order_sql_payment_txn_answer(cx, a->txn_id, r->txn_status, ref, or_empty(r->problem),
                                     cx->now, due, &changed));
    if (changed == 0)
        return ST_OK; /* known */
    a->row.status = r->txn_status;
    a->row.ref = ref.ptr != NULL ? ref : a->row.ref;
    a->row.problem = or_empty(r->problem);
    if (r->txn_status == PAYMENT_TXN_PENDING)
        return ST_OK;
    TRY(order_sql_payment_get(cx, a->row.payment_id, &p));
    if (r->txn_status == PAYMENT_TXN_DONE)
        apply(&p, a->row.kind, a->row.amount.minor);
    else if (a->row.kind == PAYMENT_TXN_REFUND)
        p.refunding -= a->row.amount.minor;
    TRY(payment_store(cx, &p));
    if (r->txn_status == PAYMENT_TXN_DONE)
        TRY(end_session(cx, &p));
    return tell_changed(cx, &p, &a->row);
}

/* --- carrying out ---------------------------------------------------------------------------- */

typedef struct Calling {
    int64_t txn_id;
    OptTime due;
    int64_t changed;
} Calling;

static Status calling_tx(Cx *cx, void *arg)
{
    Calling *c = arg;
    return order_sql_payment_txn_calling(cx, c->txn_id, cx->now, c->due.v, &c->changed);
}

Status payment_carry_out(Cx *cx, int64_t txn_id, PaymentTxn *ret)
{
    OrderPaymentTxn     row;
    OrderPayment        p;
    OrderPaymentSession s;
    PaymentReply        reply = {.txn_status = PAYMENT_TXN_PENDING};
    ASSERT(cx->tx_depth == 0);
    TRY(order_sql_payment_txn_get(cx, txn_id, &row));
    *ret = payment_txn_of(&row);
    const PaymentProvider *provider = payment_provider(row.provider);
    if (row.status != PAYMENT_TXN_PENDING || provider == NULL || provider->move == NULL)
        return ST_OK;
    Calling calling = {.txn_id = txn_id, .due = again(cx, row.tries + 1)};
    TRY(cx_in_tx(cx, calling_tx, &calling));
    TRY(order_sql_payment_get(cx, row.payment_id, &p));
    TRY(order_sql_payment_session_get(cx, p.session_id, &s));
    PaymentSession session = payment_session_of(&s);
    Payment        payment = payment_of(&p);
    PaymentTxn     txn = payment_txn_of(&row);
    cx_idle(cx);
    (void)fault_at("payment.moving");
    TRY(provider->move(cx, &session, &payment, &txn, &reply));
    (void)fault_at("payment.moved");
    Answer answer = {.txn_id = txn_id, .reply = &reply};
    TRY(cx_in_tx(cx, answer_tx, &answer));
    *ret = payment_txn_of(&answer.row);
    return ST_OK;
}

Status payment_txn_job(Cx *cx, const Job *job)
{
    const JsonValue *v;
    int64_t          id;
    PaymentTxn       txn;
    TRY(json_parse(cx->arena, job->payload, &v, &cx->err));
    const JsonValue *text = json_get(v, STR("txn"));
    if (text == NULL || !id_parse(text->text, "ptx", &id))
        return cx_fail(cx, ST_INVALID, "payment.no_txn", "the job names no movement");
    return payment_carry_out(cx, id, &txn);
}

/* Open and carry out; when the provider does not answer, it stays pending for the sweeper. */
static Status move(Cx *cx, Open *o, PaymentTxn *ret)
{
    o->now = true;
    TRY(cx_in_tx(cx, open_tx, o));
    *ret = payment_txn_of(&o->row);
    return payment_carry_out(cx, o->row.id, ret);
}

Status payment_void(Cx *cx, int64_t payment_id, PaymentTxn *ret)
{
    OrderPayment p;
    TRY(order_sql_payment_get(cx, payment_id, &p));
    if (p.status == PAYMENT_PENDING && p.captured == 0) { /* nothing is held: no movement */
        TRY(payment_give_up(cx, p.session_id));
        *ret = (PaymentTxn){.payment_id = p.id,
                            .order_id = p.order_id,
                            .kind = PAYMENT_TXN_VOID,
                            .status = PAYMENT_TXN_DONE,
                            .amount = money_of(0, p.currency),
                            .provider = p.provider,
                            .ref = STR(""),
                            .reason = STR(""),
                            .problem = STR(""),
                            .actor = actor_of(cx),
                            .created_at = cx->now,
                            .updated_at = cx->now};
        return ST_OK;
    }
    Open o = {.payment_id = payment_id, .kind = PAYMENT_TXN_VOID};
    return move(cx, &o, ret);
}

/* --- refunds --------------------------------------------------------------------------------- */

Status payment_refund_open(Cx *cx, const PaymentRefundAsk *ask, PaymentTxn *ret)
{
    Open o = {.payment_id = ask->payment_id,
              .kind = PAYMENT_TXN_REFUND,
              .amount = ask->amount,
              .reason = ask->reason,
              .key = ask->key,
              .owed = ask->owed};
    TRY(cx_in_tx(cx, open_tx, &o));
    *ret = payment_txn_of(&o.row);
    return ST_OK;
}

Status payment_refund(Cx *cx, const PaymentRefundAsk *ask, PaymentTxn *ret)
{
    Open o = {.payment_id = ask->payment_id,
              .kind = PAYMENT_TXN_REFUND,
              .amount = ask->amount,
              .reason = ask->reason,
              .key = ask->key,
              .owed = ask->owed};
    return move(cx, &o, ret);
}

typedef struct Done {
    int64_t    txn_id;
    PaymentTxn txn;
} Done;

static Status done_tx(Cx *cx, void *arg)
{
    Done           *d = arg;
    PaymentReply    reply = {.txn_status = PAYMENT_TXN_DONE};
    Answer          answer = {.txn_id = d->txn_id, .reply = &reply};
    OrderPaymentTxn row;
    TRY(order_sql_payment_txn_get(cx, d->txn_id, &row));
    const PaymentProvider *p = payment_provider(row.provider);
    if ((p != NULL && p->move != NULL) || row.kind != PAYMENT_TXN_REFUND)
        return cannot(cx);
    TRY(answer_tx(cx, &answer));
    d->txn = payment_txn_of(&answer.row);
    return ST_OK;
}

Status payment_refund_done(Cx *cx, int64_t txn_id, PaymentTxn *ret)
{
    Done d = {.txn_id = txn_id};
    TRY(cx_in_tx(cx, done_tx, &d));
    *ret = d.txn;
    return ST_OK;
}

typedef struct Share {
    int64_t        order_id, amount;
    Str            reason, key;
    PaymentTxnList list;
} Share;

static Status share_tx(Cx *cx, void *arg)
{
    Share           *s = arg;
    OrderPaymentList payments;
    int64_t          left = s->amount;
    TRY(order_sql_payment_of_order(cx, s->order_id, &payments));
    s->list = (PaymentTxnList){.items = arena_array(cx->arena, PaymentTxn, payments.n + 1), .n = 0};
    /* Newest first; those that we can pay back ourselves before those by hand. */
    for (int by_hand = 0; by_hand < 2; by_hand++) {
        for (size_t i = payments.n; i-- > 0 && left > 0;) {
            const OrderPayment    *p = &payments.items[i];
            const PaymentProvider *provider = payment_provider(p->provider);
            int64_t                room = p->captured - p->refunded - p->refunding;
            if ((provider == NULL || provider->move == NULL) != (by_hand == 1) || room <= 0)
                continue;
            char             key[300];
            PaymentRefundAsk ask = {
                .payment_id = p->id, .amount = room < left ? room : left, .reason = s->reason};
            if (s->key.len > 0 && s->key.len < 200) {
                int n =
                    snprintf(key, sizeof key, STR_FMT ":%lld", STR_ARG(s->key), (long long)p->id);
                ask.key = str_dup(cx->arena, (Str){key, (size_t)n});
            }
            TRY(payment_refund_open(cx, &ask, &s->list.items[s->list.n++]));
            left -= ask.amount;
        }
    }
    return left > 0 ? no_more(cx) : ST_OK;
}

Status payment_refund_order(Cx *cx, int64_t order_id, int64_t amount, Str reason, Str key,
                            PaymentTxnList *ret)
{
    Share s = {.order_id = order_id, .amount = amount, .reason = reason, .key = key};
    TRY(cx_in_tx(cx, share_tx, &s));
    *ret = s.list;
    return ST_OK;
}

/* --- money that came ------------------------------------------------------------------------- */

Status payment_received_tx(Cx *cx, int64_t payment_id, int64_t amount, Str key, Str ref, Str reason,
                           PaymentTxn *ret)
{
    OrderPayment    p;
    OrderPaymentTxn row;
    bool            found;
    TRY(order_sql_payment_txn_by_key(cx, key, &found, &row));
    if (!found) {
        TRY(order_sql_payment_get(cx, payment_id, &p));
        row = (OrderPaymentTxn){.id = id_new(),
                                .payment_id = p.id,
                                .order_id = p.order_id,
                                .kind = PAYMENT_TXN_CAPTURE,
                                .status = PAYMENT_TXN_DONE,
                                .amount = money_of(amount, p.currency),
                                .provider = p.provider,
                                .ref = ref.len > 0 ? ref : (Str){0},
                                .reason = or_empty(reason),
                                .problem = STR(""),
                                .actor = actor_of(cx),
                                .key = key,
                                .created_ms = cx->now,
                                .updated_ms = cx->now};
        TRY(add_txn(cx, &row));
        p.captured += amount;
        p.status = p.captured >= p.amount ? PAYMENT_CAPTURED : PAYMENT_PENDING;
        TRY(payment_store(cx, &p));
        TRY(end_session(cx, &p));
        TRY(tell_changed(cx, &p, &row));
    }
    *ret = payment_txn_of(&row);
    return ST_OK;
}

typedef struct Received {
    int64_t    payment_id, amount;
    PaymentTxn txn;
} Received;

static Status received_tx(Cx *cx, void *arg)
{
    Received    *r = arg;
    OrderPayment p;
    TRY(order_sql_payment_get(cx, r->payment_id, &p));
    int64_t left = p.amount - p.captured;
    if (p.status == PAYMENT_CANCELLED || p.status == PAYMENT_FAILED || left <= 0)
        return cannot(cx);
    if (r->amount < 0 || r->amount > left)
        return no_more(cx);
    Str key = id_format(cx->arena, "ptx", id_new());
    return payment_received_tx(cx, p.id, r->amount == 0 ? left : r->amount, key, (Str){0}, STR(""),
                               &r->txn);
}

Status payment_capture(Cx *cx, int64_t payment_id, int64_t amount, PaymentTxn *ret)
{
    OrderPayment p;
    TRY(order_sql_payment_get(cx, payment_id, &p));
    const PaymentProvider *provider = payment_provider(p.provider);
    if (provider != NULL && (provider->can & PAYMENT_BY_HAND) != 0) {
        Received r = {.payment_id = payment_id, .amount = amount};
        TRY(cx_in_tx(cx, received_tx, &r));
        *ret = r.txn;
        return ST_OK;
    }
    if (amount < 0)
        return no_more(cx);
    Open o = {.payment_id = payment_id, .kind = PAYMENT_TXN_CAPTURE, .amount = amount};
    return move(cx, &o, ret);
}

/* --- what a provider tells ------------------------------------------------------------------- */

typedef struct Told {
    int64_t              session_id;
    const PaymentReport *report;
} Told;

static Status find_told(Cx *cx, const Told *t, Str provider, bool *ret_found, OrderPaymentTxn *ret)
{
    const PaymentReport *r = t->report;
    TRY(order_sql_payment_txn_by_ref(cx, provider, r->kind, r->ref, ret_found, ret));
    if (*ret_found || r->txn_id == 0)
        return ST_OK;
    TRY(order_sql_payment_txn_get(cx, r->txn_id, ret));
    *ret_found = true;
    return ST_OK;
}

/* A movement that did not begin here. */
static Status add_told(Cx *cx, OrderPayment *p, const PaymentReport *r)
{
    OrderPaymentTxn row = {.id = id_new(),
                           .payment_id = p->id,
                           .order_id = p->order_id,
                           .kind = r->kind,
                           .status = r->status,
                           .amount = money_of(r->amount, p->currency),
                           .provider = p->provider,
                           .ref = r->ref,
                           .reason = or_empty(r->reason),
                           .problem = or_empty(r->problem),
                           .actor = p->provider,
                           .key = id_format(cx->arena, "ptx", id_new()),
                           .created_ms = cx->now,
                           .updated_ms = cx->now};
    if (r->kind == PAYMENT_TXN_REFUND && r->status != PAYMENT_TXN_FAILED) {
        if (r->amount > p->captured - p->refunded - p->refunding)
            return no_more(cx);
        TRY(grants(cx, p->order_id, r->amount, &row.granted));
        p->refunding += r->amount;
    }
    if (r->status == PAYMENT_TXN_PENDING)
        row.due_ms = again(cx, 4);
    TRY(order_sql_payment_txn_add(cx, &row, NULL));
    if (r->status == PAYMENT_TXN_DONE)
        apply(p, r->kind, r->amount);
    TRY(payment_store(cx, p));
    return tell_changed(cx, p, &row);
}

static Status told_tx(Cx *cx, void *arg)
{
    const Told          *t = arg;
    const PaymentReport *r = t->report;
    OrderPaymentTxn      row;
    OrderPayment         p;
    bool                 found;
    int64_t              changed;
    TRY(order_sql_payment_by_session(cx, t->session_id, &found, &p));
    if (!found)
        return cx_fail(cx, ST_CONFLICT, "payment.not_captured", "the payment is not known yet");
    TRY(find_told(cx, t, p.provider, &found, &row));
    if (!found)
        return add_told(cx, &p, r);
    if (row.status == PAYMENT_TXN_DONE && r->status == PAYMENT_TXN_FAILED &&
        row.kind == PAYMENT_TXN_REFUND) {
        TRY(order_sql_payment_txn_reverse(cx, row.id, or_empty(r->problem), cx->now, &changed));
        p.refunded -= changed == 1 ? row.amount.minor : 0;
        row.status = PAYMENT_TXN_FAILED;
        TRY(payment_store(cx, &p));
        return tell_changed(cx, &p, &row);
    }
    PaymentReply reply = {.txn_status = r->status, .ref = r->ref, .problem = r->problem};
    Answer       answer = {.txn_id = row.id, .reply = &reply};
    return answer_tx(cx, &answer);
}

Status payment_report(Cx *cx, int64_t session_id, const PaymentReport *report)
{
    Told t = {session_id, report};
    return cx_in_tx(cx, told_tx, &t);
}

/* --- reading --------------------------------------------------------------------------------- */

Status payment_get(Cx *cx, int64_t id, Payment *ret)
{
    OrderPayment row;
    TRY(order_sql_payment_get(cx, id, &row));
    *ret = payment_of(&row);
    return ST_OK;
}

static PaymentList payments_of(Cx *cx, const OrderPaymentList *rows)
{
    PaymentList list = {.items = arena_array(cx->arena, Payment, rows->n + 1), .n = rows->n};
    for (size_t i = 0; i < rows->n; i++)
        list.items[i] = payment_of(&rows->items[i]);
    return list;
}

Status payment_of_order(Cx *cx, int64_t order_id, PaymentList *ret)
{
    OrderPaymentList rows;
    TRY(order_sql_payment_of_order(cx, order_id, &rows));
    *ret = payments_of(cx, &rows);
    return ST_OK;
}

Status payment_list(Cx *cx, int64_t from, bool backwards, int64_t max, PaymentList *ret)
{
    OrderPaymentList rows;
    if (backwards)
        TRY(order_sql_payment_page_back(cx, from, max, &rows));
    else
        TRY(order_sql_payment_page(cx, from == 0 ? INT64_MAX : from, max, &rows));
    *ret = payments_of(cx, &rows);
    return ST_OK;
}

Status payment_txns(Cx *cx, int64_t payment_id, PaymentTxnList *ret)
{
    OrderPaymentTxnList rows;
    TRY(order_sql_payment_txn_of(cx, payment_id, &rows));
    PaymentTxnList list = {.items = arena_array(cx->arena, PaymentTxn, rows.n + 1), .n = rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = payment_txn_of(&rows.items[i]);
    *ret = list;
    return ST_OK;
}

Status payment_sums(Cx *cx, int64_t order_id, PaymentSums *ret)
{
    OrderPaymentSum row;
    TRY(order_sql_payment_sum(cx, order_id, &row));
    *ret = (PaymentSums){.n = row.n,
                         .waiting = row.waiting,
                         .authorized = row.authorized,
                         .captured = row.captured,
                         .refunded = row.refunded,
                         .refunding = row.refunding,
                         .voided = row.voided,
                         .disputed = row.disputed,
                         .granted = row.granted,
                         .granting = row.granting};
    return ST_OK;
}
