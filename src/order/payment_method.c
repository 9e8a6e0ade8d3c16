/* Methods that customers let be kept. */
#include "order/payment_int.h"

#include "base/id.h"

Str payment_brand(Str brand)
{
    static const Str BRANDS[][2] = {
        {STR_INIT("visa"), STR_INIT("Visa")},
        {STR_INIT("mastercard"), STR_INIT("Mastercard")},
        {STR_INIT("amex"), STR_INIT("American Express")},
        {STR_INIT("maestro"), STR_INIT("Maestro")},
        {STR_INIT("discover"), STR_INIT("Discover")},
        {STR_INIT("diners"), STR_INIT("Diners Club")},
        {STR_INIT("jcb"), STR_INIT("JCB")},
        {STR_INIT("unionpay"), STR_INIT("UnionPay")},
    };
    for (size_t i = 0; i < COUNT_OF(BRANDS); i++)
        if (str_eq_nocase(brand, BRANDS[i][0]))
            return BRANDS[i][1];
    return brand;
}

Status payment_methods(Cx *cx, int64_t account_id, PaymentMethodList *ret)
{
    OrderPaymentMethodList rows;
    TRY(order_sql_payment_method_of(cx, account_id, &rows));
    PaymentMethodList list = {.items = arena_array(cx->arena, PaymentMethod, rows.n + 1),
                              .n = rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const OrderPaymentMethod *r = &rows.items[i];
        list.items[i] = (PaymentMethod){.id = r->id,
                                        .account_id = r->account_id,
                                        .provider = r->provider,
                                        .brand = r->brand,
                                        .last4 = r->last4,
                                        .exp_month = r->exp_month,
                                        .exp_year = r->exp_year,
                                        .created_at = r->created_ms};
    }
    *ret = list;
    return ST_OK;
}

typedef struct Remove {
    int64_t id, account_id;
} Remove;

static Status remove_tx(Cx *cx, void *arg)
{
    const Remove *r = arg;
    return order_sql_payment_method_remove(cx, r->id, r->account_id, NULL);
}

Status payment_method_remove(Cx *cx, int64_t account_id, int64_t id)
{
    OrderPaymentMethod row;
    bool               found;
    TRY(order_sql_payment_method_get(cx, id, account_id, &found, &row));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "payment.no_method", "there is no such saved method");
    const PaymentProvider *p = payment_provider(row.provider);
    if (p != NULL && p->method_remove != NULL)
        TRY(p->method_remove(cx, row.ref));
    Remove r = {id, account_id};
    return cx_in_tx(cx, remove_tx, &r);
}

static const PaymentProvider *saver(Str key)
{
    const PaymentProvider *p = payment_provider(key);
    return p != NULL && p->method_begin != NULL ? p : NULL;
}

Status payment_method_begin(Cx *cx, int64_t account_id, Str email, Str provider, Str success_url,
                            Str cancel_url, Str *ret_url)
{
    const PaymentProvider *p = saver(provider);
    if (p == NULL)
        return cx_fail(cx, ST_INVALID, "payment.no_provider", "nothing can be kept there");
    return p->method_begin(cx, account_id, email, success_url, cancel_url, ret_url);
}

static Status add_tx(Cx *cx, void *arg)
{
    const OrderPaymentMethod *row = arg;
    return order_sql_payment_method_add(cx, row, NULL);
}

Status payment_method_finish(Cx *cx, int64_t account_id, Str provider, Str ref)
{
    const PaymentProvider *p = saver(provider);
    PaymentReply           reply = {0};
    if (p == NULL)
        return cx_fail(cx, ST_INVALID, "payment.no_provider", "nothing can be kept there");
    TRY(p->method_finish(cx, account_id, ref, &reply));
    if (reply.saved_ref.len == 0)
        return ST_OK;
    OrderPaymentMethod row = {.id = id_new(),
                              .account_id = account_id,
                              .provider = str_from_cstr(p->key),
                              .ref = reply.saved_ref,
                              .brand = reply.brand,
                              .last4 = reply.last4,
                              .exp_month = reply.saved_month,
                              .exp_year = reply.saved_year,
                              .created_ms = cx->now};
    if (row.brand.ptr == NULL)
        row.brand = STR("");
    if (row.last4.ptr == NULL)
        row.last4 = STR("");
    return cx_in_tx(cx, add_tx, &row);
}
