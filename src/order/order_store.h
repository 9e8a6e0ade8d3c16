/* order_store.h - orders as rows: writing a priced cart down, reading it again. Between the files
 * of this folder. */
#pragma once

#include "core/job.h"
#include "order/cart_int.h"

typedef struct OrderApplied { /* a promotion that was used */
    int64_t promotion_id;
    OptI64  code_id;
    Str     code, title;
    int     kind;
    Money   amount;
} OrderApplied;

typedef struct OrderBody { /* what order_order.body holds */
    OrderAddress   *address, *billing;
    CartDelivery    delivery;
    int64_t         promise_from, promise_to; /* days of civil.h */
    Str             note;
    bool            gift;
    Str             gift_message;
    OrderProperties attributes;
    OrderTexts      codes;
    CheckoutConsent consent;
    Str             agent, net;
    Str             anonymous_id; /* of the browser it was bought in; "": not known */
    TOTALS_LIST(OrderApplied) applied;
} OrderBody;
extern const Shape order_body_shape;

NODISCARD Status order_body_text(Cx *cx, const OrderBody *body, Str *ret);
/* Of the body alone: whose browser it was, and the first code that made something cheaper. */
NODISCARD Status order_body_told(Cx *cx, const OrderRow *row, Str *ret_anonymous, Str *ret_coupon);
NODISCARD Status order_body_read(Cx *cx, const OrderRow *row, OrderBody *ret);

/* Everything of an order, as rows. */
typedef struct OrderRows {
    OrderRow             row;
    OrderBody            body;
    OrderLineRowList     lines;
    OrderChargeRowList   charges;
    OrderDiscountRowList discounts;
    OrderTaxRowList      taxes;
} OrderRows;

NODISCARD Status order_rows(Cx *cx, int64_t id, OrderRows *ret);

/* A priced cart as a draft order: rows in memory, then written in the caller's transaction. */
NODISCARD Status order_from_cart(Cx *cx, const CartWork *w, const CheckoutAsk *ask, OrderRows *ret);
NODISCARD Status order_rows_write(Cx *cx, const OrderRows *rows);

/* The parts of it, behind those that are there. */
NODISCARD Status order_write_lines(Cx *cx, int64_t id, const OrderLineRow *lines, size_t n);
NODISCARD Status order_write_charges(Cx *cx, int64_t id, const OrderChargeRow *rows, size_t n);
NODISCARD Status order_write_discounts(Cx *cx, int64_t id, const OrderDiscountRow *rows, size_t n);
NODISCARD Status order_write_taxes(Cx *cx, int64_t id, const OrderTaxRow *rows, size_t n);

/* As it is shown. */
NODISCARD Status order_show(Cx *cx, const OrderRows *rows, Order *ret);
void order_show_lines(Cx *cx, const OrderRow *row, const OrderLineRowList *lines, OrderLines *ret);

/* Amounts of a line of `rows` when `left` of its pieces are left, with its rows of discounts and
 * taxes: always from what was placed. Then the order's own. Pure. */
void order_scale_line(OrderRows *rows, OrderLineRow *line, int64_t left);
void order_sum_up(OrderRows *rows);
/* Nothing is left of it: delivery and fees fall away, too. */
void order_drop_charges(OrderRows *rows);

/* Payment status of what is to be paid and what was. Pure. */
int order_payment_status(int64_t total, const PaymentSums *sums);

/* Write an event with the number that the caller knows is free. */
NODISCARD Status order_event_at(Cx *cx, int64_t order_id, int64_t seq, const OrderEventIn *in);

/* The order's number from the counter, with the setting's prefix. In a transaction. */
NODISCARD Status order_number_next(Cx *cx, Str *ret);

/* How numbers look, known before the transaction that gives one. */
NODISCARD Status order_numbers_know(Cx *cx);

/* Open a cart again that waits for this draft; the draft expires. */
NODISCARD Status checkout_unlock(Cx *cx, int64_t cart_id, int64_t order_id);

/* "order.void": let go of what a cancelled order's payments still hold. */
Status order_void_job(Cx *cx, const Job *job);

/* Place a cart without a payment: what it costs is due. */
NODISCARD Status checkout_place(Cx *cx, Str token, CheckoutResult *ret);
