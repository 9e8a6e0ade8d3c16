/* How orders look outside of the program, and as they are kept. */
#include "order/order_store.h"
#include "order/promotion.h"

const char *const order_status_names[] = {"draft",     "placed",  "closed", "archived",
                                          "cancelled", "expired", NULL};
const char *const order_hold_names[] = {"none",        "review", "backorder",
                                        "payment_due", "manual", NULL};
const char *const order_payment_status_names[] = {
    "none",           "pending", "authorized", "partially_authorized",
    "partially_paid", "paid",    "overpaid",   "partially_refunded",
    "refunded",       "voided",  "disputed",   NULL};
const char *const order_fulfillment_status_names[] = {
    "unfulfilled", "partial",    "fulfilled", "partially_shipped", "shipped", "partially_delivered",
    "delivered",   "not_needed", NULL};
const char *const order_return_status_names[] = {
    "none", "requested", "in_progress", "partially_returned", "returned", NULL};
const char *const checkout_state_names[] = {"placed", "redirect", "failed", NULL};
const char *const change_kind_names[] = {"set_qty", "add", "address", "cancel", NULL};

static const ShapeField CONSENT[] = {
    SHAPE_BOOL(CheckoutConsent, terms),
    SHAPE_TEXT(CheckoutConsent, terms_text, .max = 2000, .doc = "The sentence beside the box."),
    SHAPE_TEXT(CheckoutConsent, policies, .max = 500, .doc = "Versions of what was accepted."),
    SHAPE_BOOL(CheckoutConsent, marketing),
    SHAPE_TEXT(CheckoutConsent, marketing_text, .max = 2000),
};
const Shape checkout_consent_shape = SHAPE_OF(CheckoutConsent, "CheckoutConsent", CONSENT,
                                              .doc = "What the buyer agreed to, as shown.");

static const ShapeField RESULT[] = {
    SHAPE_ENUM(CheckoutResult, state, checkout_state_names),
    SHAPE_ID(CheckoutResult, order_id, ORDER_ID),
    SHAPE_TEXT(CheckoutResult, number),
    SHAPE_TEXT(CheckoutResult, order_token, .doc = "Opens the order: /store/v1/orders/TOKEN."),
    SHAPE_ID(CheckoutResult, session_id, "pse"),
    SHAPE_TEXT(CheckoutResult, url, .doc = "Where the buyer has to go."),
    SHAPE_TEXT(CheckoutResult, code, .doc = "Why it failed: stable."),
    SHAPE_TEXT(CheckoutResult, message, .doc = "The same, for the buyer."),
    SHAPE_MONEY(CheckoutResult, total, .flags = SHAPE_NULLABLE),
    SHAPE_OBJECT(CheckoutResult, cart, Cart, &cart_shape, .doc = "As it is now, when it changed."),
};
const Shape checkout_result_shape =
    SHAPE_OF(CheckoutResult, "CheckoutResult", RESULT, .doc = "What became of a checkout.");

/* --- orders ------------------------------------------------------------------------------- */

static const ShapeField LINE[] = {
    SHAPE_ID(OrderLine, id, ORDER_LINE_ID),
    SHAPE_ID(OrderLine, variant_id, CATALOG_VARIANT_ID),
    SHAPE_ID(OrderLine, product_id, CATALOG_PRODUCT_ID),
    SHAPE_TEXT(OrderLine, sku),
    SHAPE_TEXT(OrderLine, title),
    SHAPE_TEXT(OrderLine, variant_title),
    SHAPE_TEXT(OrderLine, vendor),
    SHAPE_TEXT(OrderLine, handle),
    SHAPE_TEXT(OrderLine, image),
    SHAPE_LIST(OrderLine, properties, OrderProperty, &order_property_shape),
    SHAPE_BOOL(OrderLine, requires_shipping),
    SHAPE_BOOL(OrderLine, taxable),
    SHAPE_TEXT(OrderLine, tax_class),
    SHAPE_INT(OrderLine, weight_g),
    SHAPE_ID(OrderLine, gift_of, "prm"),
    SHAPE_INT(OrderLine, qty, .doc = "As placed."),
    SHAPE_INT(OrderLine, cancelled),
    SHAPE_INT(OrderLine, fulfilled),
    SHAPE_INT(OrderLine, shipped),
    SHAPE_INT(OrderLine, delivered),
    SHAPE_INT(OrderLine, return_requested),
    SHAPE_INT(OrderLine, returned),
    SHAPE_INT(OrderLine, written_off),
    SHAPE_INT(OrderLine, left, .doc = "qty - cancelled; the amounts are of these."),
    SHAPE_MONEY(OrderLine, unit_price),
    SHAPE_MONEY(OrderLine, compare_at, .flags = SHAPE_NULLABLE),
    SHAPE_MONEY(OrderLine, gross),
    SHAPE_MONEY(OrderLine, discount),
    SHAPE_MONEY(OrderLine, tax),
    SHAPE_MONEY(OrderLine, tax_added),
    SHAPE_MONEY(OrderLine, total),
};
static const Shape line_shape = SHAPE_OF(OrderLine, "OrderLine", LINE, .doc = "What was bought.");

static const ShapeField CHARGE[] = {
    SHAPE_TEXT(OrderCharge, kind, .doc = "delivery, or the kind of fee."),
    SHAPE_ID(OrderCharge, method_id, "dlm"),
    SHAPE_TEXT(OrderCharge, title),
    SHAPE_MONEY(OrderCharge, amount),
    SHAPE_MONEY(OrderCharge, discount),
    SHAPE_MONEY(OrderCharge, tax),
    SHAPE_MONEY(OrderCharge, tax_added),
    SHAPE_MONEY(OrderCharge, total),
};
static const Shape charge_shape =
    SHAPE_OF(OrderCharge, "OrderCharge", CHARGE, .doc = "What delivery or a fee costs.");

static const ShapeField DISCOUNT[] = {
    SHAPE_ID(OrderDiscount, line_id, ORDER_LINE_ID),
    SHAPE_ID(OrderDiscount, promotion_id, "prm"),
    SHAPE_TEXT(OrderDiscount, code),
    SHAPE_TEXT(OrderDiscount, title),
    SHAPE_MONEY(OrderDiscount, amount),
};
static const Shape discount_shape =
    SHAPE_OF(OrderDiscount, "OrderDiscount", DISCOUNT, .doc = "What a promotion took off.");

static const ShapeField TAX[] = {
    SHAPE_ID(OrderTax, line_id, ORDER_LINE_ID),
    SHAPE_TEXT(OrderTax, name),
    SHAPE_INT(OrderTax, rate_ppm),
    SHAPE_MONEY(OrderTax, base),
    SHAPE_MONEY(OrderTax, amount),
    SHAPE_BOOL(OrderTax, included),
};
static const Shape tax_shape =
    SHAPE_OF(OrderTax, "OrderTax", TAX, .doc = "A tax on a line or charge.");

static const ShapeField TAX_SUM[] = {
    SHAPE_TEXT(TotalsTaxSum, name),     SHAPE_INT(TotalsTaxSum, rate_ppm),
    SHAPE_MONEY(TotalsTaxSum, base),    SHAPE_MONEY(TotalsTaxSum, amount),
    SHAPE_BOOL(TotalsTaxSum, included),
};
static const Shape tax_sum_shape =
    SHAPE_OF(TotalsTaxSum, "OrderTaxSum", TAX_SUM, .doc = "Taxes of one name and rate.");

/* What lists, staff and buyers see alike. */
#define HEAD_FIELDS                                                                                \
    SHAPE_ID(Order, id, ORDER_ID), SHAPE_TEXT(Order, number), SHAPE_TEXT(Order, channel),          \
        SHAPE_TEXT(Order, email), SHAPE_TEXT(Order, phone),                                        \
        SHAPE_TEXT(Order, name, .doc = "Who gets it."), SHAPE_TEXT(Order, locale),                 \
        SHAPE_TEXT(Order, currency), SHAPE_ENUM(Order, status, order_status_names),                \
        SHAPE_ENUM(Order, payment_status, order_payment_status_names),                             \
        SHAPE_ENUM(Order, fulfillment_status, order_fulfillment_status_names),                     \
        SHAPE_ENUM(Order, return_status, order_return_status_names),                               \
        SHAPE_INT(Order, qty, .doc = "Pieces that are not cancelled."),                            \
        SHAPE_MONEY(Order, subtotal), SHAPE_MONEY(Order, discount), SHAPE_MONEY(Order, items),     \
        SHAPE_MONEY(Order, delivery), SHAPE_MONEY(Order, fees), SHAPE_MONEY(Order, tax),           \
        SHAPE_MONEY(Order, tax_added), SHAPE_MONEY(Order, total),                                  \
        SHAPE_MONEY(Order, placed_total, .doc = "As it was placed."),                              \
        SHAPE_MONEY(Order, captured), SHAPE_MONEY(Order, refunded),                                \
        SHAPE_MONEY(Order, granted,                                                                \
                    .doc = "Of it: given back for goods that stay with the buyer."),               \
        SHAPE_MONEY(Order, due,                                                                    \
                    .doc = "Still to be paid: total - granted - captured + refunded."),            \
        SHAPE_BOOL(Order, prices_include_tax), SHAPE_TIME(Order, created_at),                      \
        SHAPE_TIME(Order, updated_at), SHAPE_TIME(Order, placed_at),                               \
        SHAPE_TIME(Order, cancelled_at)

#define BODY_FIELDS                                                                                \
    SHAPE_OBJECT(Order, address, OrderAddress, &order_address_shape),                              \
        SHAPE_OBJECT(Order, billing, OrderAddress, &order_address_shape,                           \
                     .doc = "Null: the same."),                                                    \
        SHAPE_OBJECT(Order, delivery_method, CartDelivery, &cart_delivery_shape),                  \
        SHAPE_LIST(Order, lines, OrderLine, &line_shape),                                          \
        SHAPE_LIST(Order, charges, OrderCharge, &charge_shape),                                    \
        SHAPE_LIST(Order, discounts, OrderDiscount, &discount_shape),                              \
        SHAPE_LIST(Order, taxes, OrderTax, &tax_shape),                                            \
        SHAPE_LIST(Order, tax_sums, TotalsTaxSum, &tax_sum_shape),                                 \
        SHAPE_TEXTS(Order, codes, .item_max = 64), SHAPE_TEXT(Order, note),                        \
        SHAPE_BOOL(Order, gift), SHAPE_TEXT(Order, gift_message),                                  \
        SHAPE_LIST(Order, attributes, OrderProperty, &order_property_shape),                       \
        SHAPE_BOOL(Order, can_cancel), SHAPE_BOOL(Order, can_change)

static const ShapeField ORDER[] = {
    HEAD_FIELDS,
    BODY_FIELDS,
    SHAPE_ENUM(Order, hold, order_hold_names),
    SHAPE_ID(Order, cart_id, ORDER_CART_ID),
    SHAPE_ID(Order, account_id, "acc"),
    SHAPE_TEXTS(Order, tags, .item_max = ORDER_TAG_MAX),
    SHAPE_OBJECT(Order, consent, CheckoutConsent, &checkout_consent_shape),
    SHAPE_INT(Order, rev),
};
const Shape order_shape = SHAPE_OF(Order, "Order", ORDER, .doc = "An order, for staff.");

static const ShapeField OWN[] = {
    HEAD_FIELDS,
    BODY_FIELDS,
    SHAPE_TEXT(Order, token, .doc = "Opens the order to whoever has it."),
};
const Shape order_own_shape = SHAPE_OF(Order, "OwnOrder", OWN, .doc = "An order, for its buyer.");

static const ShapeField HEAD[] = {
    HEAD_FIELDS,
    SHAPE_ENUM(Order, hold, order_hold_names),
    SHAPE_ID(Order, account_id, "acc"),
    SHAPE_TEXTS(Order, tags, .item_max = ORDER_TAG_MAX),
};
const Shape order_head_shape =
    SHAPE_OF(Order, "OrderHead", HEAD, .doc = "An order in a list, without its lines.");

static const ShapeField EVENT[] = {
    SHAPE_INT(OrderEvent, seq),
    SHAPE_TEXT(OrderEvent, type),
    SHAPE_TEXT(OrderEvent, actor, .doc = "customer, staff, api_key or system."),
    SHAPE_TEXT(OrderEvent, name),
    SHAPE_BOOL(OrderEvent, public, .doc = "The buyer sees it, too."),
    SHAPE_TEXT(OrderEvent, text),
    SHAPE_JSON(OrderEvent, data),
    SHAPE_TIME(OrderEvent, at),
};
const Shape order_event_shape =
    SHAPE_OF(OrderEvent, "OrderEvent", EVENT, .doc = "What happened to an order.");

static const ShapeField ACTION[] = {
    SHAPE_ENUM(ChangeAction, kind, change_kind_names, .flags = SHAPE_REQUIRED),
    SHAPE_ID(ChangeAction, line_id, ORDER_LINE_ID, .doc = "set_qty"),
    SHAPE_ID(ChangeAction, variant_id, CATALOG_VARIANT_ID, .doc = "add"),
    SHAPE_INT(ChangeAction, qty, .min = 0, .max = CART_QTY_MAX,
              .doc = "set_qty: pieces that are to be left; add: pieces."),
    SHAPE_OBJECT(ChangeAction, address, OrderAddress, &order_address_shape, .doc = "address"),
};
const Shape change_action_shape =
    SHAPE_OF(ChangeAction, "OrderChangeAction", ACTION, .doc = "One change of an order.");

static const ShapeField PREVIEW[] = {
    SHAPE_MONEY(ChangePreview, total_before),
    SHAPE_MONEY(ChangePreview, total),
    SHAPE_MONEY(ChangePreview, difference),
    SHAPE_MONEY(ChangePreview, refund, .doc = "Given back at once."),
    SHAPE_MONEY(ChangePreview, due, .doc = "Still to be paid."),
    SHAPE_BOOL(ChangePreview, cancels, .doc = "Nothing is left of the order."),
    SHAPE_LIST(ChangePreview, lines, OrderLine, &line_shape),
};
const Shape change_preview_shape =
    SHAPE_OF(ChangePreview, "OrderChangePreview", PREVIEW, .doc = "What a change would come to.");

/* --- as it is kept ------------------------------------------------------------------------ */

static const ShapeField APPLIED[] = {
    SHAPE_ID(OrderApplied, promotion_id, ORDER_PROMOTION_ID),
    SHAPE_ID(OrderApplied, code_id, ORDER_CODE_ID),
    SHAPE_TEXT(OrderApplied, code),
    SHAPE_TEXT(OrderApplied, title),
    SHAPE_ENUM(OrderApplied, kind, promotion_kind_names),
    SHAPE_MONEY(OrderApplied, amount),
};
static const Shape applied_shape =
    SHAPE_OF(OrderApplied, "OrderApplied", APPLIED, .doc = "A promotion that was used.");

static const ShapeField BODY[] = {
    SHAPE_OBJECT(OrderBody, address, OrderAddress, &order_address_shape),
    SHAPE_OBJECT(OrderBody, billing, OrderAddress, &order_address_shape),
    SHAPE_OBJECT(OrderBody, delivery, CartDelivery, &cart_delivery_shape),
    SHAPE_INT(OrderBody, promise_from),
    SHAPE_INT(OrderBody, promise_to),
    SHAPE_TEXT(OrderBody, note),
    SHAPE_BOOL(OrderBody, gift),
    SHAPE_TEXT(OrderBody, gift_message),
    SHAPE_LIST(OrderBody, attributes, OrderProperty, &order_property_shape),
    SHAPE_TEXTS(OrderBody, codes, .item_max = 64),
    SHAPE_OBJECT(OrderBody, consent, CheckoutConsent, &checkout_consent_shape),
    SHAPE_TEXT(OrderBody, agent),
    SHAPE_TEXT(OrderBody, anonymous_id),
    SHAPE_TEXT(OrderBody, net),
    SHAPE_LIST(OrderBody, applied, OrderApplied, &applied_shape),
};
const Shape order_body_shape =
    SHAPE_OF(OrderBody, "OrderBody", BODY, .doc = "What of an order is kept as JSON.");

/* --- settings ----------------------------------------------------------------------------- */

static const ShapeField NUMBERS[] = {
    SHAPE_TEXT(OrderNumbers, prefix, .max = 20, .flags = SHAPE_LINE),
    SHAPE_TEXT(OrderNumbers, suffix, .max = 20, .flags = SHAPE_LINE),
    SHAPE_INT(OrderNumbers, digits, .min = 1, .max = 12,
              .doc = "At least so many, with zeros in front."),
};
const Shape order_numbers_shape =
    SHAPE_OF(OrderNumbers, "OrderNumbers", NUMBERS, .doc = "How orders are numbered: no gaps.");
const OrderNumbers order_numbers_default = {STR_INIT(""), STR_INIT(""), 1};

static const ShapeField CHECKOUT[] = {
    SHAPE_BOOL(OrderCheckout, terms, .doc = "The terms must be accepted."),
    SHAPE_BOOL(OrderCheckout, phone, .doc = "A phone number must be given."),
    SHAPE_BOOL(OrderCheckout, cancel, .doc = "Buyers may cancel before dispatch."),
    SHAPE_BOOL(OrderCheckout, change, .doc = "Buyers may change orders before dispatch."),
};
const Shape order_checkout_settings_shape =
    SHAPE_OF(OrderCheckout, "OrderCheckoutSettings", CHECKOUT, .doc = "What a checkout asks for.");
const OrderCheckout order_checkout_default = {true, false, true, true};

const Setting order_settings[2] = {ORDER_SETTING_LINES};
