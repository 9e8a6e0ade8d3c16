/* From a paid draft to an order: once, whoever comes first; and what else payments bring about. */
#include "order/events.h"
#include "order/order_store.h"
#include "order/promotion.h"

#include "base/fault.h"
#include "base/id.h"
#include "stock/stock.h"

typedef struct Finalize {
    int64_t          order_id, session_id;
    bool             read; /* the row, in this transaction */
    OrderRow         row;
    OrderBody        body;
    OrderLineRowList lines;
    PaymentSums      sums;
    int              hold;
    int64_t          seq;
} Finalize;

/* --- numbers ------------------------------------------------------------------------------ */

Status order_number_next(Cx *cx, Str *ret)
{
    OrderNumbers          setting;
    CLEANUP(buf_done) Buf b = {0};
    int64_t               value;
    char                  digits[32];
    TRY(setting_kept(cx, &order_numbers_setting, &setting));
    TRY(order_sql_number_next(cx, &value));
    int n = snprintf(digits, sizeof digits, "%0*lld", (int)setting.digits, (long long)value);
    buf_init(&b, 200);
    buf_add(&b, setting.prefix);
    buf_add(&b, (Str){digits, (size_t)n});
    buf_add(&b, setting.suffix);
    *ret = str_dup(cx->arena, buf_str(&b));
    return ST_OK;
}

Status order_numbers_know(Cx *cx)
{
    OrderNumbers setting;
    return setting_kept(cx, &order_numbers_setting, &setting);
}

/* --- what belongs to it ------------------------------------------------------------------- */

static Status allocate(Cx *cx, Finalize *f)
{
    StockAllocation  out = {0};
    StockLine       *lines = arena_array(cx->arena, StockLine, f->lines.n);
    const OrderBody *b = &f->body;
    StockAsk         ask = {.owner = f->row.cart_id,
                            .order_id = f->row.id,
                            .lines = lines,
                            .n = f->lines.n,
                            .to = {.country = f->row.country}};
    if (b->address)
        ask.to =
            (StockDestination){b->address->country, b->address->zone, b->address->postal_code, 0};
    if (b->delivery.kind == DELIVERY_PICKUP && b->delivery.method_id != 0)
        ask.to.location_id = order_delivery_location(b->delivery.point);
    for (size_t i = 0; i < f->lines.n; i++)
        lines[i] = (StockLine){.variant_id = f->lines.items[i].variant_id,
                               .qty = f->lines.items[i].qty,
                               .line_id = f->lines.items[i].id};
    Status st = stock_allocate(cx, &ask, &out);
    if (st != ST_CONFLICT)
        return st;
    /* Sold to somebody else after the reservation had ended: a person decides. */
    ask.flags = STOCK_FORCE;
    f->hold = HOLD_BACKORDER;
    return stock_allocate(cx, &ask, &out);
}

static Status count_promotions(Cx *cx, Finalize *f)
{
    OrderTotals used = {.currency = f->row.currency};
    if (f->body.applied.n == 0)
        return ST_OK;
    used.applied.items = arena_array(cx->arena, TotalsApplied, f->body.applied.n);
    for (size_t i = 0; i < f->body.applied.n; i++) {
        const OrderApplied *a = &f->body.applied.items[i];
        used.applied.items[used.applied.n++] =
            (TotalsApplied){a->promotion_id, a->code_id, a->code, a->title, a->kind, a->amount};
    }
    Str    buyer = promotion_buyer(cx->arena, f->row.account_id, f->row.email);
    Status st = promotion_use(cx, f->row.id, buyer, &used);
    if (st == ST_CONFLICT && f->session_id != 0) { /* the last one was used meanwhile */
        f->hold = HOLD_REVIEW;
        return ST_OK;
    }
    return st;
}

static Status take_slot(Cx *cx, Finalize *f)
{
    const OrderBody *b = &f->body;
    if (b->delivery.method_id == 0)
        return ST_OK;
    Status st = order_delivery_placed(cx, f->row.id, b->delivery.method_id, b->delivery.slot,
                                      b->promise_from, b->promise_to);
    if (st == ST_CONFLICT && f->session_id != 0) {
        f->hold = HOLD_REVIEW;
        return ST_OK;
    }
    return st;
}

/* --- placing ------------------------------------------------------------------------------ */

static Status write_order(Cx *cx, Finalize *f)
{
    int64_t changed;
    TRY(payment_sums(cx, f->order_id, &f->sums));
    f->row.payment_status = order_payment_status(f->row.total, &f->sums);
    bool paid = f->row.payment_status == ORDER_PAY_PAID;
    TRY(order_number_next(cx, &f->row.number));
    const OrderPlacing placing = {.id = f->order_id,
                                  .number = f->row.number,
                                  .hold = f->hold,
                                  .payment_status = f->row.payment_status,
                                  .captured = f->sums.captured,
                                  .refunded = f->sums.refunded,
                                  .events = paid ? 2 : 1,
                                  .now = cx->now};
    TRY(order_sql_order_place(cx, &placing, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_BUSY, "order.placed_meanwhile", "somebody else placed it");
    f->row.status = ORDER_PLACED;
    TRY(order_event_at(cx, f->order_id, 1, &(OrderEventIn){.type = "placed", .public = true}));
    if (paid)
        TRY(order_event_at(cx, f->order_id, 2, &(OrderEventIn){.type = "paid", .public = true}));
    if (f->row.cart_id != 0)
        TRY(order_sql_cart_status(cx, f->row.cart_id, CART_COMPLETED, f->order_id, (OptTime){0},
                                  cx->now, NULL));
    TRY(order_tell(cx, &order_order_completed, &f->row, &f->lines, (OptI64){0}));
    TRY(order_tell(cx, &order_placed, &f->row, NULL, (OptI64){0}));
    if (paid)
        TRY(order_tell(cx, &order_paid, &f->row, NULL, opt_i64(f->sums.captured)));
    return ST_OK;
}

/* The cart was bought with another draft already, and now this one was paid, too: the money is
 * that order's, and a person gives it back. */
static Status paid_twice(Cx *cx, const Finalize *f, int64_t order_id)
{
    TRY(payment_attach(cx, f->session_id, order_id));
    TRY(order_sql_order_hold(cx, order_id, HOLD_REVIEW, cx->now, NULL));
    TRY(order_event(cx, order_id, &(OrderEventIn){.type = "paid_twice"}));
    return order_derive(cx, order_id);
}

static Status finalize_tx(Cx *cx, void *arg)
{
    Finalize    *f = arg;
    OrderCartRow cart = {0};
    f->hold = HOLD_NONE;
    if (!f->read)
        TRY(order_sql_order_get(cx, f->order_id, &f->row));
    if (f->row.number.len > 0)
        return ST_OK; /* done */
    if (f->row.cart_id != 0) {
        Status st = order_sql_cart_get(cx, f->row.cart_id, &cart);
        if (st != ST_OK && st != ST_NOT_FOUND)
            return st;
        if (st == ST_OK && cart.status == CART_COMPLETED && cart.order_id != f->order_id)
            return paid_twice(cx, f, cart.order_id);
    }
    TRY(order_body_read(cx, &f->row, &f->body));
    TRY(order_sql_lines_of(cx, f->order_id, &f->lines));
    TRY(allocate(cx, f));
    TRY(count_promotions(cx, f));
    TRY(take_slot(cx, f));
    if (fault_at("checkout.finalizing"))
        return cx_fail(cx, ST_IO, "db.failed", "injected");
    return write_order(cx, f);
}

Status checkout_finalize(Cx *cx, int64_t order_id, int64_t session_id)
{
    Finalize f = {.order_id = order_id, .session_id = session_id};
    return cx_in_tx(cx, finalize_tx, &f);
}

/* Within the transaction that read the row. */
static Status finalize_read(Cx *cx, const OrderRow *row, int64_t session_id)
{
    Finalize f = {.order_id = row->id, .session_id = session_id, .read = true, .row = *row};
    ASSERT(cx->tx_depth > 0);
    return cx_in_tx(cx, finalize_tx, &f);
}

/* --- what payments tell ------------------------------------------------------------------- */

static Str txn_data(Cx *cx, const PaymentTxn *t)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1024);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "txn", id_format(cx->arena, "ptx", t->id));
    json_i64(&j, "amount", t->amount.minor);
    json_str(&j, "currency", str_from_cstr(t->amount.cur));
    json_end(&j);
    return str_dup(cx->arena, buf_str(&b));
}

static const char *txn_event(const PaymentTxn *t)
{
    static const char *const DONE[] = {
        [PAYMENT_TXN_AUTHORIZE] = "authorized", [PAYMENT_TXN_CAPTURE] = "payment_received",
        [PAYMENT_TXN_REFUND] = "refunded",      [PAYMENT_TXN_VOID] = "payment_voided",
        [PAYMENT_TXN_DISPUTE] = "disputed",     [PAYMENT_TXN_DISPUTE_WON] = "dispute_won"};
    if (t->status == PAYMENT_TXN_FAILED)
        return t->kind == PAYMENT_TXN_REFUND ? "refund_failed" : "payment_failed";
    return t->status == PAYMENT_TXN_DONE ? DONE[t->kind] : NULL;
}

static Status moved(Cx *cx, int64_t order_id, const PaymentTxn *t)
{
    const char *type = t ? txn_event(t) : NULL;
    bool        there;
    int64_t     seq;
    OrderRow    row;
    if (type) {
        Str data = txn_data(cx, t);
        TRY(order_sql_event_there(cx, order_id, str_from_cstr(type), data, &there, &seq));
        if (!there) {
            TRY(order_event(cx, order_id,
                            &(OrderEventIn){.type = type,
                                            .public = t->kind != PAYMENT_TXN_DISPUTE &&
                                                      t->kind != PAYMENT_TXN_DISPUTE_WON,
                                            .data = data}));
            TRY(order_sql_order_get(cx, order_id, &row));
            if (t->kind == PAYMENT_TXN_REFUND && t->status == PAYMENT_TXN_DONE)
                TRY(order_tell(cx, &order_order_refunded, &row, NULL, opt_i64(t->amount.minor)));
        }
    }
    return order_derive(cx, order_id);
}

Status checkout_on_payment(Cx *cx, const PaymentNews *news)
{
    const PaymentSession *s = news->session;
    int64_t               id = news->payment ? news->payment->order_id : s->order_id;
    OrderRow              row;
    if (id == 0)
        return ST_OK;
    TRY(order_sql_order_get(cx, id, &row));
    bool draft = row.number.len == 0;
    switch (news->what) {
    case PAYMENT_TOLD_SETTLED:
        return draft ? finalize_read(cx, &row, s->id) : moved(cx, id, news->txn);
    case PAYMENT_TOLD_FAILED:
        return draft ? checkout_unlock(cx, row.cart_id, id) : order_derive(cx, id);
    case PAYMENT_TOLD_CHANGED: return draft ? ST_OK : moved(cx, id, news->txn);
    }
    return ST_OK;
}
