/* Money that comes by other ways than ours: bank transfer, cash or card on delivery, pay in shop.
 * Staff, a bank's file or another program say when it has come. */
#include "base/id.h"
#include "order/bank.h"
#include "order/payment_int.h"

#include <string.h>

#define RULE(c)                                                                                    \
    (&(PaymentRule){(c).on, (c).countries, (c).currencies, (c).min_amount, (c).max_amount})

/* Nobody holds anything for us, so there is nothing to ask or to let go. */
static Status as_it_was(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    (void)cx;
    ret->status = s->status;
    return ST_OK;
}

static Status given_up(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    (void)cx, (void)s;
    ret->status = PAYMENT_CANCELLED;
    ret->code = STR("cancelled");
    return ST_OK;
}

static const SpanMs LONG = {INT64_C(400) * 24 * 3600 * 1000};

static Status accepted(Cx *cx, PaymentReply *ret, Str method)
{
    *ret = (PaymentReply){.status = PAYMENT_PENDING,
                          .method = method,
                          .next = STR("{}"),
                          .expires = unix_ms_add(cx->now, LONG)};
    return ST_OK;
}

/* --- on delivery ----------------------------------------------------------------------------- */

static Status cash_offer(Cx *cx, const PaymentWayAsk *ask, bool *ret_on, PaymentWay *ret)
{
    const PaymentConfig *c;
    TRY(payment_config(cx, &c));
    *ret_on = ask->ships && payment_rule_fits(RULE(c->cash), ask);
    if (*ret_on && c->cash.fee > 0)
        ret->fee = money_of(c->cash.fee, str_from_cstr(ask->amount.cur));
    return ST_OK;
}

static Status cash_initiate(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    (void)s;
    return accepted(cx, ret, STR("on_delivery"));
}

const PaymentProvider payment_cash = {.key = "cash",
                                      .name_key = "order.payment.cash",
                                      .hint_key = "order.payment.cash.hint",
                                      .flow = PAYMENT_DEFERRED,
                                      .can = PAYMENT_CAN_REFUND | PAYMENT_BY_HAND,
                                      .offer = cash_offer,
                                      .initiate = cash_initiate,
                                      .status = as_it_was,
                                      .give_up = given_up};

/* --- in the shop ----------------------------------------------------------------------------- */

static Status shop_offer(Cx *cx, const PaymentWayAsk *ask, bool *ret_on, PaymentWay *ret)
{
    const PaymentConfig *c;
    (void)ret;
    TRY(payment_config(cx, &c));
    *ret_on = ask->pickup && payment_rule_fits(RULE(c->shop), ask);
    return ST_OK;
}

static Status shop_initiate(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    (void)s;
    return accepted(cx, ret, STR("in_shop"));
}

const PaymentProvider payment_shop = {.key = "shop",
                                      .name_key = "order.payment.shop",
                                      .hint_key = "order.payment.shop.hint",
                                      .flow = PAYMENT_DEFERRED,
                                      .can = PAYMENT_CAN_REFUND | PAYMENT_BY_HAND,
                                      .offer = shop_offer,
                                      .initiate = shop_initiate,
                                      .status = as_it_was,
                                      .give_up = given_up};

/* --- bank transfer --------------------------------------------------------------------------- */

static Status bank_offer(Cx *cx, const PaymentWayAsk *ask, bool *ret_on, PaymentWay *ret)
{
    const PaymentConfig *c;
    (void)ret;
    TRY(payment_config(cx, &c));
    *ret_on =
        c->bank.iban.len > 0 && c->bank.holder.len > 0 && payment_rule_fits(RULE(c->bank), ask);
    return ST_OK;
}

/* The payload of a SEPA credit transfer's QR code (EPC069-12, version 002). */
static Str epc_code(Cx *cx, const PaymentBankConfig *c, const PaymentSession *s, Str reference)
{
    if (strcmp(s->amount.cur, "EUR") != 0)
        return (Str){0};
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 331); /* the standard's limit */
    buf_addf(&b, "BCD\n002\n1\nSCT\n" STR_FMT "\n" STR_FMT "\n", STR_ARG(c->bic),
             STR_ARG(str_head(c->holder, 70)));
    for (size_t i = 0; i < c->iban.len; i++)
        if (c->iban.ptr[i] != ' ')
            buf_addc(&b, c->iban.ptr[i]);
    buf_add(&b, STR("\nEUR"));
    money_add_text(&b, s->amount);
    buf_addf(&b, "\n\n" STR_FMT, STR_ARG(reference));
    return buf_overflowed(&b) ? (Str){0} : str_dup(cx->arena, buf_str(&b));
}

static Str bank_next(Cx *cx, const PaymentBankConfig *c, const PaymentSession *s, Str reference)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8192);
    Json j = json_begin(&b);
    Str  epc = epc_code(cx, c, s, reference);
    json_obj(&j, NULL);
    json_str(&j, "kind", STR("bank"));
    json_str(&j, "holder", c->holder);
    json_str(&j, "iban", c->iban);
    json_str(&j, "bic", c->bic);
    json_str(&j, "bank", c->bank);
    json_str(&j, "reference", reference);
    if (epc.len > 0)
        json_str(&j, "qr", epc);
    json_end(&j);
    return str_dup(cx->arena, buf_str(&b));
}

static Status bank_initiate(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    const PaymentConfig *c;
    TRY(payment_config(cx, &c));
    Str reference = bank_reference(cx->arena, s->id);
    TRY(accepted(cx, ret, STR("bank_transfer")));
    ret->reference = reference;
    ret->next = bank_next(cx, &c->bank, s, reference);
    ret->expires = unix_ms_add(cx->now, SPAN_DAYS(c->bank.days));
    return ST_OK;
}

const PaymentProvider payment_bank = {.key = "bank",
                                      .name_key = "order.payment.bank",
                                      .hint_key = "order.payment.bank.hint",
                                      .flow = PAYMENT_DEFERRED,
                                      .can = PAYMENT_CAN_REFUND | PAYMENT_BY_HAND,
                                      .offer = bank_offer,
                                      .initiate = bank_initiate,
                                      .status = as_it_was,
                                      .give_up = given_up};
