/* order.h - orders: what was bought, its timeline, its statuses, changing and cancelling it.
 *
 * An order is a copy, never a live view: titles, prices, taxes, addresses are those of the moment
 * it was placed. Its life is one `status` - draft, placed, closed, archived; or cancelled,
 * expired - and three more that are derived from payments and from the counters of lines by
 * order_derive(), in the transaction that changes them, stored and indexed. `hold` stops it from
 * being sent, for a reason.
 *
 * Counters of a line, each counting pieces:
 *      qty >= cancelled + fulfilled      fulfilled >= shipped >= delivered >= returned
 *
 * Amounts of lines and of the order are those of what is not cancelled. Taking pieces away scales
 * a line as placed by what is left (rounded half up, discount and tax rows along), so what is
 * left and what is given back add up to what was paid, however it is cut.
 *
 * Invariants (schema, tests/order)
 *   total = items + delivery + fees + tax_added;  items = sum of line.total
 *   sum of taxes = tax_added + tax_included;      granted <= refunded <= captured
 *   the timeline's seq has no gaps;               numbers have none (setting "order.numbers")
 *
 * Errors: ST_NOT_FOUND "order.no_order", "order.no_line"; ST_CONFLICT "order.not_open" (it is
 * cancelled, or was sent), "order.too_many" (more pieces than can still be cancelled),
 * "order.changed" (the preview is out of date), "order.other_place" (tax and delivery would be
 * others there), "order.nothing_due". */
#pragma once

#include "core/setting.h"
#include "order/cart.h"
#include "order/checkout.h"

#define ORDER_ID        "ord"
#define ORDER_LINE_ID   "oln"
#define ORDER_CHANGE_ID "och"

enum { ORDER_TAGS_MAX = 50, ORDER_TAG_MAX = 60, ORDER_NOTE_MAX = 5000, ORDER_LIST_MAX = 250 };

typedef enum OrderStatus {
    ORDER_DRAFT,
    ORDER_PLACED,
    ORDER_CLOSED,
    ORDER_ARCHIVED,
    ORDER_CANCELLED,
    ORDER_EXPIRED
} OrderStatus;

typedef enum OrderHold {
    HOLD_NONE,
    HOLD_REVIEW,
    HOLD_BACKORDER,
    HOLD_PAYMENT_DUE,
    HOLD_MANUAL
} OrderHold;

typedef enum OrderPaymentStatus {
    ORDER_PAY_NONE, /* nothing is to be paid */
    ORDER_PAY_PENDING,
    ORDER_PAY_AUTHORIZED,
    ORDER_PAY_PARTIALLY_AUTHORIZED,
    ORDER_PAY_PARTIALLY_PAID,
    ORDER_PAY_PAID,
    ORDER_PAY_OVERPAID,
    ORDER_PAY_PARTIALLY_REFUNDED,
    ORDER_PAY_REFUNDED,
    ORDER_PAY_VOIDED,
    ORDER_PAY_DISPUTED
} OrderPaymentStatus;

typedef enum OrderFulfillmentStatus {
    ORDER_UNFULFILLED,
    ORDER_PARTIAL, /* some of it is packed */
    ORDER_FULFILLED,
    ORDER_PARTIALLY_SHIPPED,
    ORDER_SHIPPED,
    ORDER_PARTIALLY_DELIVERED,
    ORDER_DELIVERED,
    ORDER_NOT_NEEDED /* nothing is sent */
} OrderFulfillmentStatus;

typedef enum OrderReturnStatus {
    ORDER_RETURN_NONE,
    ORDER_RETURN_REQUESTED,
    ORDER_RETURN_IN_PROGRESS,
    ORDER_PARTIALLY_RETURNED,
    ORDER_RETURNED
} OrderReturnStatus;

extern const char *const order_status_names[];
extern const char *const order_hold_names[];
extern const char *const order_payment_status_names[];
extern const char *const order_fulfillment_status_names[];
extern const char *const order_return_status_names[];

/* --- what an order is --------------------------------------------------------------------- */

typedef struct OrderLine {
    int64_t         id;
    int64_t         variant_id, product_id;
    Str             sku, title, variant_title, vendor;
    Str             handle, image;
    OrderProperties properties;
    bool            requires_shipping;
    bool            taxable;
    Str             tax_class;
    int64_t         weight_g;
    OptI64          gift_of;
    int64_t         qty; /* as placed or changed */
    int64_t cancelled, fulfilled, shipped, delivered, return_requested, returned, written_off;
    int64_t left; /* qty - cancelled */
    Money   unit_price;
    Money   compare_at;
    Money   gross, discount, tax, tax_added, total; /* of what is left */
} OrderLine;
typedef TOTALS_LIST(OrderLine) OrderLines;

typedef struct OrderCharge { /* delivery or a fee */
    Str    kind;             /* "delivery", or that of the fee */
    OptI64 method_id;
    Str    title;
    Money  amount, discount, tax, tax_added, total;
} OrderCharge;

typedef struct OrderDiscount {
    OptI64  line_id; /* absent: of delivery */
    int64_t promotion_id;
    Str     code, title;
    Money   amount; /* <= 0 */
} OrderDiscount;

typedef struct OrderTax {
    OptI64  line_id; /* absent: of a charge */
    Str     name;
    int64_t rate_ppm;
    Money   base, amount;
    bool    included;
} OrderTax;

typedef struct Order {
    int64_t       id;
    Str           number; /* "1001"; "" of a draft */
    OptI64        cart_id;
    Str           token; /* for the guest's link; not for lists */
    Str           channel;
    OptI64        account_id;
    Str           email, phone, name, locale, currency;
    int           status, hold, payment_status, fulfillment_status, return_status;
    bool          prices_include_tax;
    OrderAddress *address; /* NULL: nothing is sent */
    OrderAddress *billing; /* NULL: the same */
    CartDelivery  delivery_method;
    OrderLines    lines;
    TOTALS_LIST(OrderCharge) charges;
    TOTALS_LIST(OrderDiscount) discounts;
    TOTALS_LIST(OrderTax) taxes;
    TOTALS_LIST(TotalsTaxSum) tax_sums;
    OrderTexts      tags;
    OrderTexts      codes;
    Str             note; /* the buyer's */
    bool            gift;
    Str             gift_message;
    OrderProperties attributes;
    CheckoutConsent consent;
    Money           subtotal, discount, items, delivery, fees, tax, tax_added, total;
    Money           placed_total; /* as it was placed */
    Money           captured, refunded;
    Money           granted;    /* of refunded: for goods that the buyer keeps */
    Money           due;        /* still to be paid; 0: nothing */
    int64_t         qty;        /* pieces that are not cancelled */
    bool            can_cancel; /* wholly, by the one who asks */
    bool            can_change;
    int64_t         rev;
    UnixMs          created_at, updated_at;
    OptTime         placed_at, cancelled_at;
} Order;
typedef TOTALS_LIST(Order) Orders;

extern const Shape order_shape;      /* for staff */
extern const Shape order_own_shape;  /* for the buyer */
extern const Shape order_head_shape; /* in lists: without lines and money rows */

NODISCARD Status order_get(Cx *cx, int64_t id, Order *ret);
NODISCARD Status order_by_number(Cx *cx, Str number, Order *ret);
/* The guest's signed link: whoever holds it may see, change and cancel this one order. */
NODISCARD Status order_by_token(Cx *cx, Str token, Order *ret);
/* A customer's own: of the account, or ordered as a guest with its address, which its owner has
 * proven (no account is made, and none changes its address, without a code that was sent there).
 * Another's is ST_NOT_FOUND. */
NODISCARD Status order_of_account(Cx *cx, int64_t account_id, int64_t id, Order *ret);

/* What each promotion took off the lines, in *ret of `a`: line_id is absent. Gives how many. */
size_t order_discount_sums(Arena *a, const Order *o, OrderDiscount **ret);
/* "Spring sale (SPRING)"; the title may be of another language than the row's. */
Str order_discount_label(Arena *a, Str title, Str code);

typedef struct OrderFilter { /* -1, 0, "": any */
    int     status, hold, payment_status, fulfillment_status, return_status;
    int64_t account_id;
    Str     guest_email; /* with account_id: orders of no account with this address, too */
    Str     email;       /* any case */
    Str     tag;
    int64_t variant_id;
    UnixMs  from, to; /* placed; 0: any */
    bool    drafts;   /* those that were not placed, too */
} OrderFilter;
#define ORDER_FILTER_ALL                                                                           \
    ((OrderFilter){.status = -1,                                                                   \
                   .hold = -1,                                                                     \
                   .payment_status = -1,                                                           \
                   .fulfillment_status = -1,                                                       \
                   .return_status = -1})

/* Heads (no lines, no money rows), newest first, id < before (0: all), at most `max`. */
NODISCARD Status order_list(Cx *cx, const OrderFilter *filter, int64_t before, int64_t max,
                            Orders *ret);
/* All of a customer's own, as of order_of_account(). */
NODISCARD Status order_list_own(Cx *cx, int64_t account_id, int64_t before, int64_t max,
                                Orders *ret);

/* What order_list() gives as CSV, one row for each line, guarded against formulas. Appends to
 * `out`. */
NODISCARD Status order_csv(Cx *cx, const OrderFilter *filter, Buf *out);

/* --- timeline ----------------------------------------------------------------------------- */

typedef struct OrderEvent {
    int64_t seq;  /* 1, 2, … */
    Str     type; /* "placed", "paid", "refunded", "cancelled", "changed", "note", "hold", … */
    Str     actor;
    Str     name;
    bool public;
    Str    text;
    Str    data; /* JSON object */
    UnixMs at;
} OrderEvent;
typedef TOTALS_LIST(OrderEvent) OrderEvents;
extern const Shape order_event_shape;

typedef struct OrderEventIn {
    const char *type;
    bool public;
    Str text;
    Str data; /* JSON object; "": {} */
} OrderEventIn;

/* In the caller's transaction, by cx->actor. */
NODISCARD Status order_event(Cx *cx, int64_t order_id, const OrderEventIn *in);
/* seq > after, oldest first, at most ORDER_LIST_MAX. */
NODISCARD Status order_events(Cx *cx, int64_t order_id, int64_t after, bool only_public,
                              OrderEvents *ret);

NODISCARD Status order_note(Cx *cx, int64_t order_id, Str text);
NODISCARD Status order_tags_set(Cx *cx, int64_t order_id, OrderTexts tags, Order *ret);
NODISCARD Status order_hold_set(Cx *cx, int64_t order_id, int hold, Str reason, Order *ret);
NODISCARD Status order_archive(Cx *cx, int64_t order_id, bool archived, Order *ret);

/* --- change and cancel, before dispatch --------------------------------------------------- */

typedef enum ChangeKind {
    CHANGE_SET_QTY, /* line_id, qty: pieces that are to be left; more are priced as of today */
    CHANGE_ADD,     /* variant_id, qty */
    CHANGE_ADDRESS, /* address: in the same country and zone, so that tax and delivery stay */
    CHANGE_CANCEL   /* all that was not sent; with delivery and fees when nothing was */
} ChangeKind;
extern const char *const change_kind_names[]; /* set_qty add address cancel */

typedef struct ChangeAction {
    int           kind;
    int64_t       line_id, variant_id, qty;
    OrderAddress *address;
} ChangeAction;
extern const Shape change_action_shape;

typedef struct ChangeAsk {
    TOTALS_LIST(ChangeAction) actions;
    Str   reason;
    bool  keep;     /* staff: what was paid too much is not given back now */
    Money expected; /* the new total that was shown; absent: not checked */
    Str   key;      /* idempotency: the same key again changes nothing; "" always */
    bool  buyer;    /* asked for by the buyer: only what buyers may do */
} ChangeAsk;

typedef struct ChangePreview {
    Money      total_before, total;
    Money      difference; /* total - total_before */
    Money      refund;     /* given back at once: > 0 or 0 */
    Money      due;        /* to be paid: > 0 or 0 */
    bool       cancels;    /* nothing is left */
    OrderLines lines;      /* as they would be */
} ChangePreview;
extern const Shape change_preview_shape;

/* Computed, never stored. */
NODISCARD Status order_change_preview(Cx *cx, int64_t order_id, const ChangeAsk *ask,
                                      ChangePreview *ret);
/* Do it: stock, refund and rows in one transaction. */
NODISCARD Status order_change(Cx *cx, int64_t order_id, const ChangeAsk *ask, Order *ret);
NODISCARD Status order_cancel(Cx *cx, int64_t order_id, Str reason, Order *ret);

/* Pay what is due of a placed order. */
NODISCARD Status order_pay(Cx *cx, int64_t order_id, const CheckoutAsk *ask, CheckoutResult *ret);

/* --- settings ----------------------------------------------------------------------------- */

typedef struct OrderNumbers { /* "order.numbers" */
    Str     prefix, suffix;
    int64_t digits; /* at least so many, with zeros in front */
} OrderNumbers;

typedef struct OrderCheckout { /* "order.checkout" */
    bool terms;                /* they must be accepted */
    bool phone;                /* it must be given */
    bool cancel;               /* buyers may cancel before dispatch */
    bool change;               /* … and change */
} OrderCheckout;

#define ORDER_SETTING_LINES                                                                        \
    {"order.numbers", &order_numbers_shape, &order_numbers_default},                               \
    {                                                                                              \
        "order.checkout", &order_checkout_settings_shape, &order_checkout_default                  \
    }
extern const Shape         order_numbers_shape, order_checkout_settings_shape;
extern const OrderNumbers  order_numbers_default;
extern const OrderCheckout order_checkout_default;
extern const Setting       order_settings[2];
#define order_numbers_setting  order_settings[0]
#define order_checkout_setting order_settings[1]

/* Plug checkout into payments, read settings. After pricing_start(); also in tests. */
void order_install(void);
