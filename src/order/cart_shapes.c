/* How carts look outside of the program. */
#include "order/cart_int.h"

const char *const cart_status_names[] = {"open", "completing", "completed", "abandoned", NULL};
const char *const cart_problem_names[] = {"fine",     "gone",    "sold_out", "short",
                                          "no_price", "bad_qty", NULL};

static const ShapeField ADDRESS[] = {
    SHAPE_TEXT(OrderAddress, first_name, .max = 100, .flags = SHAPE_LINE),
    SHAPE_TEXT(OrderAddress, last_name, .max = 100, .flags = SHAPE_LINE),
    SHAPE_TEXT(OrderAddress, company, .max = 200, .flags = SHAPE_LINE),
    SHAPE_TEXT(OrderAddress, line1, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(OrderAddress, line2, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(OrderAddress, city, .max = 100, .flags = SHAPE_LINE),
    SHAPE_TEXT(OrderAddress, zone, .max = 100, .flags = SHAPE_LINE,
               .doc = "State, province, prefecture."),
    SHAPE_TEXT(OrderAddress, postal_code, .max = 20, .flags = SHAPE_LINE),
    SHAPE_TEXT(OrderAddress, country, .max = 2, .flags = SHAPE_LINE, .doc = "ISO 3166-1 alpha-2.",
               .example = "\"NL\""),
    SHAPE_TEXT(OrderAddress, phone, .max = 40, .flags = SHAPE_LINE),
};
const Shape order_address_shape =
    SHAPE_OF(OrderAddress, "OrderAddress", ADDRESS, .doc = "Where something goes.");

static const ShapeField PROPERTY[] = {
    SHAPE_TEXT(OrderProperty, name, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(OrderProperty, value, .max = CART_PROPERTY_MAX, .flags = SHAPE_REQUIRED),
};
const Shape order_property_shape =
    SHAPE_OF(OrderProperty, "OrderProperty", PROPERTY, .doc = "A name and its value.");

static const ShapeField LINE[] = {
    SHAPE_ID(CartLine, id, ORDER_CLN_ID),
    SHAPE_ID(CartLine, variant_id, CATALOG_VARIANT_ID),
    SHAPE_ID(CartLine, product_id, CATALOG_PRODUCT_ID),
    SHAPE_INT(CartLine, qty),
    SHAPE_TEXT(CartLine, title),
    SHAPE_TEXT(CartLine, variant_title),
    SHAPE_TEXT(CartLine, sku),
    SHAPE_TEXT(CartLine, vendor),
    SHAPE_TEXT(CartLine, handle, .doc = "Of the product."),
    SHAPE_TEXT(CartLine, url),
    SHAPE_TEXT(CartLine, image, .doc = "Path of the picture; empty: none."),
    SHAPE_TEXT(CartLine, image_alt),
    SHAPE_LIST(CartLine, options, OrderProperty, &order_property_shape),
    SHAPE_LIST(CartLine, properties, OrderProperty, &order_property_shape),
    SHAPE_MONEY(CartLine, unit_price, .flags = SHAPE_NULLABLE),
    SHAPE_MONEY(CartLine, compare_at, .flags = SHAPE_NULLABLE),
    SHAPE_MONEY(CartLine, gross, .flags = SHAPE_NULLABLE),
    SHAPE_MONEY(CartLine, discount, .flags = SHAPE_NULLABLE),
    SHAPE_MONEY(CartLine, total, .flags = SHAPE_NULLABLE),
    SHAPE_ID(CartLine, gift_of, "prm", .doc = "The promotion that gives it."),
    SHAPE_BOOL(CartLine, requires_shipping),
    SHAPE_INT(CartLine, weight_g),
    SHAPE_INT(CartLine, min_qty),
    SHAPE_INT(CartLine, step_qty),
    SHAPE_INT(CartLine, max_qty),
    SHAPE_INT(CartLine, available, .doc = "Pieces; null: any number."),
    SHAPE_ENUM(CartLine, availability, catalog_availability_names,
               .doc = "Of so many: in_stock only when all of them are there."),
    SHAPE_TIME(CartLine, availability_date, .doc = "When those come that are not there yet."),
    SHAPE_ENUM(CartLine, problem, cart_problem_names, .doc = "Why it cannot be bought as it is."),
    SHAPE_TEXT(CartLine, message, .doc = "The problem, for people."),
    SHAPE_BOOL(CartLine, adjusted, .doc = "The quantity asked for was put right."),
    SHAPE_MONEY(CartLine, was, .flags = SHAPE_NULLABLE,
                .doc = "The price last seen, when it is another now."),
};
const Shape cart_line_shape =
    SHAPE_OF(CartLine, "CartLine", LINE, .doc = "So many of one variant.");

static const ShapeField NEED[] = {
    SHAPE_TEXT(CartNeed, code),
    SHAPE_TEXT(CartNeed, pointer, .doc = "Of the field that it is about."),
    SHAPE_ID(CartNeed, line_id, ORDER_CLN_ID),
    SHAPE_TEXT(CartNeed, message, .doc = "For people."),
};
const Shape cart_need_shape =
    SHAPE_OF(CartNeed, "CartNeed", NEED, .doc = "What is missing before it can be bought.");

static const ShapeField DELIVERY[] = {
    SHAPE_ID_AS(CartDelivery, method, "method_id", "dlm"),
    SHAPE_TEXT(CartDelivery, name),
    SHAPE_ENUM(CartDelivery, kind, delivery_kind_names),
    SHAPE_TEXT(CartDelivery, point, .doc = "Pickup point or shop."),
    SHAPE_TEXT(CartDelivery, slot, .doc = "Time slot of local delivery."),
    SHAPE_TEXT(CartDelivery, place, .doc = "Where it is fetched, or the hours, for people."),
    SHAPE_TEXT(CartDelivery, promise_from, .doc = "Day, in the shop's time zone."),
    SHAPE_TEXT(CartDelivery, promise_to),
    SHAPE_MONEY(CartDelivery, amount, .flags = SHAPE_NULLABLE, .doc = "Before promotions."),
};
const Shape cart_delivery_shape =
    SHAPE_OF(CartDelivery, "CartDelivery", DELIVERY, .doc = "The way of delivery chosen.");

static const ShapeField CART[] = {
    SHAPE_ID(Cart, id, ORDER_CART_ID),
    SHAPE_TEXT(Cart, token, .doc = "Names the cart in addresses; whoever has it has the cart."),
    SHAPE_INT(Cart, rev),
    SHAPE_ENUM(Cart, status, cart_status_names),
    SHAPE_TEXT(Cart, channel),
    SHAPE_TEXT(Cart, name, .doc = "Of a saved cart."),
    SHAPE_ID(Cart, account_id, "acc"),
    SHAPE_TEXT(Cart, currency),
    SHAPE_TEXT(Cart, locale),
    SHAPE_TEXT(Cart, email),
    SHAPE_TEXT(Cart, phone),
    SHAPE_TEXT(Cart, email_hint, .doc = "What the address was probably meant to be."),
    SHAPE_OBJECT(Cart, address, OrderAddress, &order_address_shape),
    SHAPE_OBJECT(Cart, billing, OrderAddress, &order_address_shape, .doc = "Null: the same."),
    SHAPE_LIST(Cart, lines, CartLine, &cart_line_shape),
    SHAPE_INT(Cart, qty),
    SHAPE_INT(Cart, weight_g),
    SHAPE_BOOL(Cart, needs_delivery),
    SHAPE_TEXT(Cart, note),
    SHAPE_BOOL(Cart, gift),
    SHAPE_TEXT(Cart, gift_message),
    SHAPE_LIST(Cart, attributes, OrderProperty, &order_property_shape),
    SHAPE_TEXTS(Cart, codes, .item_max = 64),
    SHAPE_OBJECT(Cart, delivery, CartDelivery, &cart_delivery_shape),
    SHAPE_TEXT(Cart, payment, .doc = "Key of the way to pay."),
    SHAPE_OBJECT(Cart, totals, OrderTotals, &order_totals_shape),
    SHAPE_LIST(Cart, needs, CartNeed, &cart_need_shape),
    SHAPE_TEXTS(Cart, left_out,
                .doc = "What is not sold any more of an order that was put in again."),
    SHAPE_ID(Cart, order_id, "ord"),
    SHAPE_TIME(Cart, created_at),
    SHAPE_TIME(Cart, updated_at),
    SHAPE_TIME(Cart, expires_at),
};
const Shape cart_shape =
    SHAPE_OF(Cart, "Cart", CART, .doc = "What somebody wants to buy, priced as of now.");

/* --- as it is kept ------------------------------------------------------------------------ */

static const ShapeField BODY_LINE[] = {
    SHAPE_ID_AS(CartBodyLine, id, "i", ORDER_CLN_ID),
    SHAPE_ID_AS(CartBodyLine, variant_id, "v", CATALOG_VARIANT_ID),
    SHAPE_ID_AS(CartBodyLine, product_id, "p", CATALOG_PRODUCT_ID),
    SHAPE_INT_AS(CartBodyLine, qty, "n"),
    SHAPE_INT_AS(CartBodyLine, seen, "s"),
    SHAPE_INT_AS(CartBodyLine, price, "o"),
    SHAPE_BOOL_AS(CartBodyLine, adjusted, "a"),
    SHAPE_LIST_AS(CartBodyLine, properties, "x", OrderProperty, &order_property_shape),
};
static const Shape body_line_shape =
    SHAPE_OF(CartBodyLine, "CartBodyLine", BODY_LINE, .doc = "A line as it is kept.");

static const ShapeField BODY[] = {
    SHAPE_LIST(CartBody, lines, CartBodyLine, &body_line_shape),
    SHAPE_TEXT(CartBody, locale),
    SHAPE_TEXT(CartBody, country),
    SHAPE_TEXT(CartBody, phone),
    SHAPE_OBJECT(CartBody, address, OrderAddress, &order_address_shape),
    SHAPE_OBJECT(CartBody, billing, OrderAddress, &order_address_shape),
    SHAPE_TEXT(CartBody, note),
    SHAPE_BOOL(CartBody, gift),
    SHAPE_TEXT(CartBody, gift_message),
    SHAPE_LIST(CartBody, attributes, OrderProperty, &order_property_shape),
    SHAPE_TEXTS(CartBody, codes, .item_max = 64),
    SHAPE_ID(CartBody, method, DELIVERY_METHOD_ID),
    SHAPE_TEXT(CartBody, point),
    SHAPE_TEXT(CartBody, slot),
    SHAPE_TEXT(CartBody, payment),
    SHAPE_TEXT(CartBody, anonymous_id),
    SHAPE_TEXTS(CartBody, left_out),
};
const Shape cart_body_shape = SHAPE_OF(CartBody, "CartBody", BODY, .doc = "A cart as it is kept.");
