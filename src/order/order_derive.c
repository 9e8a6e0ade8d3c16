/* The statuses that follow from payments and from the counters of lines. */
#include "order/events.h"
#include "order/order_store.h"
#include "order/payment.h"

int64_t order_owed(int64_t total, int64_t granted)
{
    return total > granted ? total - granted : 0;
}

int64_t order_grants(int64_t total, const PaymentSums *s, int64_t amount)
{
    int64_t net = s->captured - s->refunded - s->refunding;
    int64_t over = net - order_owed(total, s->granted + s->granting);
    return over <= 0 ? amount : over < amount ? amount - over : 0;
}

static int unpaid_status(int64_t total, const PaymentSums *s)
{
    int64_t held = s->authorized - s->voided;
    if (held > 0)
        return held >= total ? ORDER_PAY_AUTHORIZED : ORDER_PAY_PARTIALLY_AUTHORIZED;
    if (s->voided > 0 && s->waiting == 0)
        return ORDER_PAY_VOIDED;
    return total > 0 || s->waiting > 0 ? ORDER_PAY_PENDING : ORDER_PAY_NONE;
}

int order_payment_status(int64_t total, const PaymentSums *s)
{
    int64_t net = s->captured - s->refunded, owed = order_owed(total, s->granted);
    if (s->disputed > 0)
        return ORDER_PAY_DISPUTED;
    if (s->captured == 0)
        return unpaid_status(total, s);
    if (net <= 0)
        return ORDER_PAY_REFUNDED;
    if (net < owed)
        return ORDER_PAY_PARTIALLY_PAID;
    if (net > owed)
        return ORDER_PAY_OVERPAID;
    return s->refunded > 0 ? ORDER_PAY_PARTIALLY_REFUNDED : ORDER_PAY_PAID;
}

static int fulfillment_status(const OrderLineSums *s, int before)
{
    if (s->qty == 0)
        return s->shipped == 0 ? before : ORDER_DELIVERED;
    if (s->delivered >= s->qty)
        return ORDER_DELIVERED;
    if (s->delivered > 0)
        return ORDER_PARTIALLY_DELIVERED;
    if (s->shipped >= s->qty)
        return ORDER_SHIPPED;
    if (s->shipped > 0)
        return ORDER_PARTIALLY_SHIPPED;
    if (s->fulfilled >= s->qty)
        return ORDER_FULFILLED;
    return s->fulfilled > 0 ? ORDER_PARTIAL : ORDER_UNFULFILLED;
}

static int return_status(const OrderLineSums *s)
{
    if (s->returned > 0)
        return s->returned >= s->delivered ? ORDER_RETURNED : ORDER_PARTIALLY_RETURNED;
    return s->return_requested > 0 ? ORDER_RETURN_REQUESTED : ORDER_RETURN_NONE;
}

static bool is_paid(int status)
{
    return status == ORDER_PAY_PAID || status == ORDER_PAY_NONE || status == ORDER_PAY_OVERPAID ||
           status == ORDER_PAY_PARTIALLY_REFUNDED;
}

/* All of it, and nothing is owed for what was delivered. */
static bool given_back(const OrderRow *row, const OrderDerived *d)
{
    return d->payment_status == ORDER_PAY_REFUNDED && order_owed(row->total, d->granted) == 0;
}

/* Paid and delivered, nothing stops it: closed. Anything of that undone: open again. */
static int life(const OrderRow *row, const OrderDerived *d)
{
    bool done =
        (is_paid(d->payment_status) || given_back(row, d)) && row->hold == HOLD_NONE &&
        (d->fulfillment_status == ORDER_DELIVERED || d->fulfillment_status == ORDER_NOT_NEEDED);
    if (row->status == ORDER_PLACED && done)
        return ORDER_CLOSED;
    if (row->status == ORDER_CLOSED && !done)
        return ORDER_PLACED;
    return row->status;
}

static Status say_paid(Cx *cx, const OrderRow *row, const OrderDerived *d)
{
    bool was = is_paid(row->payment_status);
    if (!was && (d->payment_status == ORDER_PAY_PAID || d->payment_status == ORDER_PAY_OVERPAID))
        return order_tell(cx, &order_paid, row, NULL, opt_i64(d->captured));
    if (row->status == ORDER_PLACED && d->payment_status == ORDER_PAY_PARTIALLY_PAID &&
        d->captured > row->captured)
        return order_tell(cx, &order_partly_paid, row, NULL, opt_i64(d->captured));
    return ST_OK;
}

Status order_derive(Cx *cx, int64_t order_id)
{
    OrderRow      row;
    OrderLineSums lines;
    PaymentSums   sums;
    TRY(order_sql_order_get(cx, order_id, &row));
    if (row.number.len == 0)
        return ST_OK; /* a draft has none of it */
    TRY(order_sql_line_sums(cx, order_id, &lines));
    TRY(payment_sums(cx, order_id, &sums));
    OrderDerived d = {
        .id = order_id,
        .payment_status = order_payment_status(row.total, &sums),
        .fulfillment_status = row.fulfillment_status == ORDER_NOT_NEEDED
                                  ? ORDER_NOT_NEEDED
                                  : fulfillment_status(&lines, row.fulfillment_status),
        .return_status = return_status(&lines),
        .captured = sums.captured,
        .refunded = sums.refunded,
        .granted = sums.granted,
        .now = cx->now,
    };
    d.status = life(&row, &d);
    if (d.payment_status == row.payment_status && d.status == row.status &&
        d.fulfillment_status == row.fulfillment_status && d.return_status == row.return_status &&
        d.captured == row.captured && d.refunded == row.refunded && d.granted == row.granted)
        return ST_OK;
    TRY(order_sql_order_derived(cx, &d, NULL));
    return say_paid(cx, &row, &d);
}

/* --- counters ----------------------------------------------------------------------------- */

static Status counted(Cx *cx, int64_t changed)
{
    if (changed == 0)
        return cx_fail(cx, ST_CONFLICT, "order.too_many", "the line has not so many pieces");
    return ST_OK;
}

Status order_line_fulfilled(Cx *cx, int64_t order_id, int64_t line_id, int64_t qty)
{
    int64_t changed;
    TRY(order_sql_line_fulfilled(cx, order_id, line_id, qty, &changed));
    return counted(cx, changed);
}

Status order_line_shipped(Cx *cx, int64_t order_id, int64_t line_id, int64_t qty)
{
    int64_t changed;
    TRY(order_sql_line_shipped(cx, order_id, line_id, qty, &changed));
    return counted(cx, changed);
}

Status order_line_delivered(Cx *cx, int64_t order_id, int64_t line_id, int64_t qty)
{
    int64_t changed;
    TRY(order_sql_line_delivered(cx, order_id, line_id, qty, &changed));
    return counted(cx, changed);
}
