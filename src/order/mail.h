/* mail.h - e-mails about orders: confirmed, waiting for money, paid, on their way, arrived, late,
 * changed, cancelled, refunded.
 *
 * Each is queued by a reaction to the event that makes it due, under a key made of the event's id:
 * an event that is delivered twice sends one mail. What they say is src/order/mail (Liquid, HTML
 * and text, six languages; the buyer's is the order's locale); the table of the order, totals,
 * addresses, where the parcel is, and the link to the order - which needs no account - come from
 * here. */
#pragma once

#include "core/event.h"
#include "order/order.h"
#include "people/mail.h"

typedef enum OrderMailKind {
    ORDER_MAIL_CONFIRMED,
    ORDER_MAIL_PAYMENT_PENDING,
    ORDER_MAIL_PAYMENT_FAILED,
    ORDER_MAIL_PAYMENT_RECEIVED,
    ORDER_MAIL_SHIPPED,
    ORDER_MAIL_OUT_FOR_DELIVERY,
    ORDER_MAIL_READY,
    ORDER_MAIL_DELIVERED,
    ORDER_MAIL_DELAYED,
    ORDER_MAIL_CHANGED,
    ORDER_MAIL_CANCELLED,
    ORDER_MAIL_REFUNDED,
    ORDER_MAIL_KINDS
} OrderMailKind;

extern const char *const order_mail_names[]; /* confirmed payment_pending …; for the API */

/* What belongs to one mail besides the order; all may be empty. */
typedef struct OrderMailFacts {
    Money amount;                 /* of a refund */
    Str   promised;               /* "2026-11-27" */
    Str   carrier, tracking, url; /* of a parcel */
} OrderMailFacts;

/* The mail of an order as it would leave now: for previews. `locale` empty: the order's. */
NODISCARD Status order_mail_preview(Cx *cx, int64_t order_id, int kind, Str locale,
                                    PeopleMailText *ret);

/* Queue it, under `key`, in a transaction of its own. An order without an address gets none. */
NODISCARD Status order_mail_send(Cx *cx, int64_t order_id, int kind, const OrderMailFacts *facts,
                                 Str key);

Status order_mail_event(Cx *cx, const Event *event);
Status order_mail_events(Cx *cx, const Event *events, size_t n); /* in one transaction */

/* For the module's table of reactions. */
/* clang-format off */
#define ORDER_MAIL_REACTION_LINES                                                                  \
    {"order.mail_placed", "order.placed", order_mail_event, .run_many = order_mail_events},        \
    {"order.mail_paid", "order.paid", order_mail_event, .run_many = order_mail_events},            \
    {"order.mail_partly_paid", "order.partly_paid", order_mail_event},                             \
    {"order.mail_payment_failed", "order.payment_failed", order_mail_event},                       \
    {"order.mail_shipped", "order.shipped", order_mail_event},                                     \
    {"order.mail_out", "order.out_for_delivery", order_mail_event},                                \
    {"order.mail_ready", "order.ready_for_pickup", order_mail_event},                              \
    {"order.mail_delivered", "order.delivered", order_mail_event},                                 \
    {"order.mail_late", "order.delivery_late", order_mail_event},                                  \
    {"order.mail_changed", "order.changed", order_mail_event},                                     \
    {"order.mail_cancelled", "order.cancelled", order_mail_event},                                 \
    {"order.mail_refunded", "Order Refunded", order_mail_event}
/* clang-format on */

void order_mail_install(void); /* its templates: once, at start; also in tests */
