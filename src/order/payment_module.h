/* payment_module.h - what the module's table needs of payments: settings, jobs, schedules. */
#pragma once

#include "core/module.h"
#include "order/payment.h"

enum { PAYMENT_SETTINGS = 6 };

extern const Shape payment_stripe_shape, payment_bank_shape, payment_cash_shape, payment_shop_shape,
    payment_test_shape, payment_guard_shape;
extern const struct PaymentStripeConfig payment_stripe_defaults;
extern const struct PaymentBankConfig   payment_bank_defaults;
extern const struct PaymentCashConfig   payment_cash_defaults;
extern const struct PaymentShopConfig   payment_shop_defaults;
extern const struct PaymentTestConfig   payment_test_defaults;
extern const struct PaymentGuardConfig  payment_guard_defaults;

#define PAYMENT_SETTING_LINES                                                                      \
    {"payment.stripe", &payment_stripe_shape, &payment_stripe_defaults},                           \
        {"payment.bank", &payment_bank_shape, &payment_bank_defaults},                             \
        {"payment.cash", &payment_cash_shape, &payment_cash_defaults},                             \
        {"payment.shop", &payment_shop_shape, &payment_shop_defaults},                             \
        {"payment.test", &payment_test_shape, &payment_test_defaults},                             \
    {                                                                                              \
        "payment.guard", &payment_guard_shape, &payment_guard_defaults                             \
    }

typedef struct PaymentFailedTold { /* "order.payment_failed" */
    int64_t order_id, session_id;
    Str     code;
} PaymentFailedTold;
extern const Shape     payment_failed_shape;
extern const EventType payment_failed_event;

#define PAYMENT_EVENT_LINES                                                                        \
    {                                                                                              \
        "order.payment_failed", 1, &payment_failed_shape,                                          \
            "The money of an order that was placed did not come."                                  \
    }

Status payment_config_changed(Cx *cx, const Event *event); /* a reaction, in every process */
Status payment_txn_job(Cx *cx, const Job *job);            /* "order.payment_move" */
Status payment_test_event_job(Cx *cx, const Job *job);     /* "order.payment_test_event" */
Status payment_prune(Cx *cx);                              /* a schedule */
