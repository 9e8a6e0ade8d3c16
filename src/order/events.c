/* What carts and orders tell others. */
#include "order/events.h"
#include "order/cart_int.h"
#include "order/order_store.h"
#include "order/promotion.h"

enum { TOLD_LINES_MAX = 100 };

static const ShapeField TOLD_LINE[] = {
    SHAPE_ID(OrderToldLine, product_id, CATALOG_PRODUCT_ID),
    SHAPE_ID(OrderToldLine, variant_id, CATALOG_VARIANT_ID),
    SHAPE_TEXT(OrderToldLine, sku),
    SHAPE_TEXT(OrderToldLine, name),
    SHAPE_TEXT(OrderToldLine, variant),
    SHAPE_TEXT(OrderToldLine, brand),
    SHAPE_MONEY(OrderToldLine, price),
    SHAPE_INT(OrderToldLine, quantity),
};
static const Shape told_line_shape =
    SHAPE_OF(OrderToldLine, "OrderToldLine", TOLD_LINE, .doc = "A product of an order.");

static const ShapeField PRODUCT[] = {
    SHAPE_ID(ProductTold, cart_id, ORDER_CART_ID),
    SHAPE_ID(ProductTold, account_id, "acc"),
    SHAPE_TEXT(ProductTold, anonymous_id,
               .doc = "The browser that it came from, where that may be told."),
    SHAPE_ID(ProductTold, variant_id, CATALOG_VARIANT_ID),
    SHAPE_ID(ProductTold, product_id, CATALOG_PRODUCT_ID),
    SHAPE_TEXT(ProductTold, sku),
    SHAPE_TEXT(ProductTold, name),
    SHAPE_TEXT(ProductTold, variant),
    SHAPE_TEXT(ProductTold, brand),
    SHAPE_MONEY(ProductTold, price, .flags = SHAPE_NULLABLE),
    SHAPE_TEXT(ProductTold, currency),
    SHAPE_INT(ProductTold, quantity),
};
const Shape order_product_told_shape =
    SHAPE_OF(ProductTold, "CartProductTold", PRODUCT, .doc = "What was put into a cart or out.");

static const ShapeField COUPON[] = {
    SHAPE_ID(CouponTold, cart_id, ORDER_CART_ID),
    SHAPE_ID(CouponTold, account_id, "acc"),
    SHAPE_TEXT(CouponTold, anonymous_id,
               .doc = "The browser that it came from, where that may be told."),
    SHAPE_TEXT(CouponTold, coupon_id, .doc = "The code, as it was typed."),
    SHAPE_TEXT(CouponTold, reason, .doc = "Why it was denied."),
};
const Shape order_coupon_told_shape =
    SHAPE_OF(CouponTold, "CartCouponTold", COUPON, .doc = "A code of a cart.");

static const ShapeField ORDER[] = {
    SHAPE_ID(OrderTold, order_id, ORDER_ID),
    SHAPE_ID(OrderTold, cart_id, ORDER_CART_ID),
    SHAPE_TEXT(OrderTold, number),
    SHAPE_ID(OrderTold, account_id, "acc"),
    SHAPE_TEXT(OrderTold, anonymous_id,
               .doc = "The browser that it came from, where that may be told."),
    SHAPE_TEXT(OrderTold, email),
    SHAPE_TEXT(OrderTold, channel),
    SHAPE_TEXT(OrderTold, coupon),
    SHAPE_MONEY(OrderTold, total),
    SHAPE_MONEY(OrderTold, subtotal),
    SHAPE_MONEY(OrderTold, discount),
    SHAPE_MONEY(OrderTold, shipping),
    SHAPE_MONEY(OrderTold, tax),
    SHAPE_MONEY(OrderTold, amount, .flags = SHAPE_NULLABLE, .doc = "Of what happened."),
    SHAPE_LIST(OrderTold, products, OrderToldLine, &told_line_shape),
};
const Shape order_told_shape = SHAPE_OF(OrderTold, "OrderTold", ORDER, .doc = "An order.");

const EventType order_events_told[] = {ORDER_EVENT_LINES};

/* What the cart says of it; nothing of what is not in there any more. */
static void tell_product(const CartWork *w, ProductTold *told)
{
    for (size_t i = 0; i < w->cart.lines.n; i++) {
        const CartLine *l = &w->cart.lines.items[i];
        if (l->variant_id != told->variant_id || l->gift_of.has)
            continue;
        told->product_id = opt_i64(l->product_id);
        told->sku = l->sku;
        told->name = l->title;
        told->variant = l->variant_title;
        told->brand = l->vendor;
        told->price = l->unit_price;
        return;
    }
}

/* --- codes ---------------------------------------------------------------------------------- */

static bool has_code(Cx *cx, OrderTexts codes, Str code)
{
    Str key = order_code_key(cx->arena, code);
    for (size_t i = 0; i < codes.n; i++)
        if (str_eq(order_code_key(cx->arena, codes.items[i]), key))
            return true;
    return false;
}

/* Whether it applies is known once the cart has its prices. */
static Status tell_entered(Cx *cx, const CartWork *w, CouponTold *told)
{
    TRY(event_tell(cx, &order_events_told[ORDER_EV_COUPON_ENTERED], w->row.id, told));
    for (size_t i = 0; w->priced && i < w->cart.totals.codes.n; i++) {
        const TotalsCode *c = &w->cart.totals.codes.items[i];
        if (!str_eq(c->code, told->coupon_id))
            continue;
        if (!c->applied)
            told->reason = str_from_cstr(totals_refusal_names[c->reason]);
        return event_tell(
            cx, &order_events_told[c->applied ? ORDER_EV_COUPON_APPLIED : ORDER_EV_COUPON_DENIED],
            w->row.id, told);
    }
    return ST_OK;
}

static Status tell_codes(Cx *cx, const CartWork *w)
{
    OrderTexts before = w->codes_before, now = w->body.codes;
    CouponTold told = {
        .cart_id = w->row.id,
        .anonymous_id = w->body.anonymous_id,
        .account_id = w->row.account_id != 0 ? opt_i64(w->row.account_id) : (OptI64){0},
    };
    if (before.items == now.items && before.n == now.n)
        return ST_OK;
    for (size_t i = 0; i < before.n; i++) {
        told.coupon_id = before.items[i];
        if (!has_code(cx, now, told.coupon_id))
            TRY(event_tell(cx, &order_events_told[ORDER_EV_COUPON_REMOVED], w->row.id, &told));
    }
    for (size_t i = 0; i < now.n; i++) {
        told.coupon_id = now.items[i];
        told.reason = STR("");
        if (!has_code(cx, before, told.coupon_id))
            TRY(tell_entered(cx, w, &told));
    }
    return ST_OK;
}

Status cart_tell(Cx *cx, const CartWork *w)
{
    for (size_t i = 0; i < w->ntold; i++) {
        ProductTold told = {
            .cart_id = w->row.id,
            .anonymous_id = w->body.anonymous_id,
            .account_id = w->row.account_id != 0 ? opt_i64(w->row.account_id) : (OptI64){0},
            .variant_id = w->told[i].variant_id,
            .currency = w->row.currency,
            .quantity = w->told[i].qty,
        };
        tell_product(w, &told);
        TRY(event_tell(cx, w->told[i].type, w->row.id, &told));
    }
    return tell_codes(cx, w);
}

static void tell_lines(Cx *cx, OrderTold *told, const OrderRow *row, const OrderLineRowList *lines)
{
    size_t n = lines->n < TOLD_LINES_MAX ? lines->n : TOLD_LINES_MAX;
    told->products.items = arena_array(cx->arena, OrderToldLine, n);
    for (size_t i = 0; i < n; i++) {
        const OrderLineRow *l = &lines->items[i];
        told->products.items[told->products.n++] = (OrderToldLine){
            .product_id = l->product_id,
            .variant_id = l->variant_id,
            .sku = l->sku,
            .name = l->title,
            .variant = l->variant_title,
            .brand = l->vendor,
            .price = money_of(l->unit_price, row->currency),
            .quantity = l->qty - l->cancelled,
        };
    }
}

Status order_tell(Cx *cx, const EventType *type, const OrderRow *row, const OrderLineRowList *lines,
                  OptI64 amount)
{
    Str c = row->currency, anonymous, coupon;
    TRY(order_body_told(cx, row, &anonymous, &coupon));
    OrderTold told = {
        .order_id = row->id,
        .cart_id = row->cart_id != 0 ? opt_i64(row->cart_id) : (OptI64){0},
        .number = row->number,
        .anonymous_id = anonymous,
        .account_id = row->account_id != 0 ? opt_i64(row->account_id) : (OptI64){0},
        .email = row->email,
        .channel = row->channel,
        .coupon = coupon,
        .total = money_of(row->total, c),
        .subtotal = money_of(row->subtotal, c),
        .discount = money_of(row->discount, c),
        .shipping = money_of(row->delivery, c),
        .tax = money_of(row->tax_added + row->tax_included, c),
        .amount = amount.has ? money_of(amount.v, c) : (Money){0},
    };
    if (lines)
        tell_lines(cx, &told, row, lines);
    return event_tell(cx, type, row->id, &told);
}
