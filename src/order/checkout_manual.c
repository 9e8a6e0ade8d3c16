/* Orders that staff place, and paying for what is due of a placed one. */
#include "order/order_store.h"

#include "base/id.h"

/* --- by staff ----------------------------------------------------------------------------- */

/* Money that was received already: a session with a deferred way to pay, captured at once. */
static Status receive(Cx *cx, int64_t order_id, Str provider)
{
    OrderRow    row;
    PaymentNext next;
    PaymentList list;
    PaymentTxn  txn;
    TRY(order_sql_order_get(cx, order_id, &row));
    if (row.total == 0 || row.payment_status == ORDER_PAY_PAID)
        return ST_OK;
    const PaymentAsk ask = {.order_id = order_id,
                            .number = row.number,
                            .amount = money_of(row.total, row.currency),
                            .provider = provider,
                            .key = id_format(cx->arena, "manual", order_id),
                            .buyer = {.email = row.email,
                                      .country = row.country,
                                      .locale = row.locale,
                                      .account_id = row.account_id}};
    TRY(payment_begin(cx, &ask, &next));
    TRY(payment_of_order(cx, order_id, &list));
    for (size_t i = 0; i < list.n; i++) {
        if (list.items[i].status == PAYMENT_PENDING || list.items[i].status == PAYMENT_AUTHORIZED)
            TRY(payment_capture(cx, list.items[i].id, 0, &txn));
    }
    return ST_OK;
}

Status checkout_manual(Cx *cx, const CheckoutManual *ask, CheckoutResult *ret)
{
    OrderCartRow cart;
    TRY(order_sql_cart_get(cx, ask->cart_id, &cart));
    TRY(checkout_place(cx, cart.token, ret));
    if (ask->note.len > 0)
        TRY(order_note(cx, ret->order_id.v, ask->note));
    if (ask->paid)
        TRY(receive(cx, ret->order_id.v,
                    ask->provider.len > 0 ? ask->provider : STR("bank_transfer")));
    return ST_OK;
}

/* --- what is due -------------------------------------------------------------------------- */

static Str due_key(Cx *cx, const OrderRow *row, Str provider)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 200);
    buf_add(&b, STR("due:"));
    id_add(&b, ORDER_ID, row->id);
    buf_addf(&b, ":%lld:%.*s", (long long)row->rev, (int)provider.len, provider.ptr);
    return str_dup(cx->arena, buf_str(&b));
}

Status order_pay(Cx *cx, int64_t order_id, const CheckoutAsk *ask, CheckoutResult *ret)
{
    OrderRow    row;
    PaymentNext next;
    TRY(order_sql_order_get(cx, order_id, &row));
    int64_t due = order_owed(row.total, row.granted) - (row.captured - row.refunded);
    if ((row.status != ORDER_PLACED && row.status != ORDER_CLOSED) || due <= 0)
        return cx_fail(cx, ST_CONFLICT, "order.nothing_due", "nothing is to be paid");
    const PaymentAsk pay = {.order_id = order_id,
                            .number = row.number,
                            .amount = money_of(due, row.currency),
                            .provider = ask->provider,
                            .input = ask->input,
                            .method_id = ask->method_id,
                            .save_method = ask->save_method,
                            .base_url = ask->base_url,
                            .return_url = ask->return_url,
                            .key = due_key(cx, &row, ask->provider),
                            .buyer = {.address = ask->address,
                                      .email = row.email,
                                      .country = row.country,
                                      .locale = row.locale,
                                      .account_id = row.account_id}};
    TRY(payment_begin(cx, &pay, &next));
    *ret = (CheckoutResult){.state = next.kind == PAYMENT_NEXT_REDIRECT ? CHECKOUT_REDIRECT
                                     : next.kind == PAYMENT_NEXT_DONE   ? CHECKOUT_PLACED
                                                                        : CHECKOUT_FAILED,
                            .order_id = opt_i64(order_id),
                            .number = row.number,
                            .order_token = row.token,
                            .session_id = opt_i64(next.session_id),
                            .url = next.url,
                            .code = next.code,
                            .message = next.message,
                            .total = pay.amount};
    return ST_OK;
}
