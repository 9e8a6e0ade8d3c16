/* events.h - what carts and orders tell others: under Segment's names for the journey, under
 * names of their own for webhooks. Streams: the cart, the order. */
#pragma once

#include "core/event.h"
#include "order/order_int.h"

typedef struct OrderToldLine {
    int64_t product_id, variant_id;
    Str     sku, name, variant, brand;
    Money   price;
    int64_t quantity;
} OrderToldLine;

typedef struct ProductTold { /* "Product Added", "Product Removed" */
    int64_t cart_id;
    OptI64  account_id;
    Str     anonymous_id; /* of the browser; "": not known */
    int64_t variant_id;
    OptI64  product_id; /* these, where it is in the cart */
    Str     sku, name, variant, brand;
    Money   price; /* of one; absent: not known */
    Str     currency;
    int64_t quantity;
} ProductTold;

typedef struct CouponTold { /* "Coupon Entered", "… Applied", "… Denied", "… Removed" */
    int64_t cart_id;
    OptI64  account_id;
    Str     anonymous_id;
    Str     coupon_id; /* the code, as it was typed */
    Str     reason;    /* denied: why, as TotalsCode's */
} CouponTold;

typedef struct OrderTold {
    int64_t order_id;
    OptI64  cart_id;
    Str     number;
    OptI64  account_id;
    Str     anonymous_id; /* of the browser; "": not known */
    Str     email;
    Str     channel;
    Str     coupon; /* the first code that applied; "": none */
    Money   total, subtotal, discount, shipping, tax;
    Money   amount;                      /* of what happened: the refund, the difference; absent */
    TOTALS_LIST(OrderToldLine) products; /* at most 100 */
} OrderTold;

enum {
    ORDER_EV_PRODUCT_ADDED,
    ORDER_EV_PRODUCT_REMOVED,
    ORDER_EV_COUPON_ENTERED,
    ORDER_EV_COUPON_APPLIED,
    ORDER_EV_COUPON_DENIED,
    ORDER_EV_COUPON_REMOVED,
    ORDER_EV_CHECKOUT_STARTED,
    ORDER_EV_ORDER_COMPLETED,
    ORDER_EV_ORDER_UPDATED,
    ORDER_EV_ORDER_CANCELLED,
    ORDER_EV_ORDER_REFUNDED,
    ORDER_EV_PLACED,
    ORDER_EV_PAID,
    ORDER_EV_CHANGED,
    ORDER_EV_CANCELLED,
    ORDER_EV_PARTLY_PAID,
    ORDER_EVENTS
};

extern const Shape     order_product_told_shape, order_coupon_told_shape, order_told_shape;
extern const EventType order_events_told[];

/* In the order of the enum. */
#define ORDER_EVENT_LINES                                                                          \
    {"Product Added", 1, &order_product_told_shape, "Put into a cart."},                           \
        {"Product Removed", 1, &order_product_told_shape, "Taken out of a cart."},                 \
        {"Coupon Entered", 1, &order_coupon_told_shape, "A code was given to a cart."},            \
        {"Coupon Applied", 1, &order_coupon_told_shape, "That code makes something cheaper."},     \
        {"Coupon Denied", 1, &order_coupon_told_shape, "That code does not: `reason`."},           \
        {"Coupon Removed", 1, &order_coupon_told_shape, "A code was taken back."},                 \
        {"Checkout Started", 1, &order_told_shape,                                                 \
         "The buyer is about to pay: a draft was written."},                                       \
        {"Order Completed", 1, &order_told_shape, "An order was placed."},                         \
        {"Order Updated", 1, &order_told_shape, "A placed order was changed."},                    \
        {"Order Cancelled", 1, &order_told_shape, "An order was cancelled as a whole."},           \
        {"Order Refunded", 1, &order_told_shape, "Money was given back: `amount`."},               \
        {"order.placed", 1, &order_told_shape, "An order was placed."},                            \
        {"order.paid", 1, &order_told_shape, "An order is paid in full."},                         \
        {"order.changed", 1, &order_told_shape,                                                    \
         "A placed order was changed; `amount` is what its total grew by."},                       \
        {"order.cancelled", 1, &order_told_shape, "An order was cancelled as a whole."},           \
    {                                                                                              \
        "order.partly_paid", 1, &order_told_shape,                                                 \
            "A part of the money came; `amount` is all that came so far."                          \
    }

#define order_product_added    order_events_told[ORDER_EV_PRODUCT_ADDED]
#define order_product_removed  order_events_told[ORDER_EV_PRODUCT_REMOVED]
#define order_checkout_started order_events_told[ORDER_EV_CHECKOUT_STARTED]
#define order_order_completed  order_events_told[ORDER_EV_ORDER_COMPLETED]
#define order_order_updated    order_events_told[ORDER_EV_ORDER_UPDATED]
#define order_order_cancelled  order_events_told[ORDER_EV_ORDER_CANCELLED]
#define order_order_refunded   order_events_told[ORDER_EV_ORDER_REFUNDED]
#define order_placed           order_events_told[ORDER_EV_PLACED]
#define order_paid             order_events_told[ORDER_EV_PAID]
#define order_changed          order_events_told[ORDER_EV_CHANGED]
#define order_cancelled        order_events_told[ORDER_EV_CANCELLED]
#define order_partly_paid      order_events_told[ORDER_EV_PARTLY_PAID]

/* Tell `type` of an order, in the running transaction. `lines`: with what was bought. */
NODISCARD Status order_tell(Cx *cx, const EventType *type, const OrderRow *row,
                            const OrderLineRowList *lines, OptI64 amount);
