/* The way of delivery that a cart has chosen, and those that it could choose. */
#include "order/cart_int.h"

#include "text/messages.h"

static DeliveryAsk ask_of(Cx *cx, const CartWork *w)
{
    const OrderAddress *to = w->body.address;
    const Cart         *c = &w->cart;
    DeliveryLine       *lines = arena_array(cx->arena, DeliveryLine, c->lines.n);
    size_t              n = 0;
    for (size_t i = 0; i < c->lines.n; i++) {
        const CartLine *l = &c->lines.items[i];
        if (l->problem != CART_FINE)
            continue;
        lines[n++] = (DeliveryLine){.variant_id = l->variant_id,
                                    .product_id = l->product_id,
                                    .qty = l->qty,
                                    .weight_g = l->weight_g,
                                    .amount = l->total.minor,
                                    .digital = !l->requires_shipping,
                                    .backorder = w->more[i].backorder,
                                    .expected_at = w->more[i].expected_at};
    }
    return (DeliveryAsk){.country = to && to->country.len > 0 ? to->country : w->body.country,
                         .region = to ? to->zone : STR(""),
                         .postal = to ? to->postal_code : STR(""),
                         .lines = lines,
                         .n = n,
                         .currency = w->row.currency,
                         .locale = order_locale(cx, w->body.locale),
                         .now = cx->now};
}

/* Orders keep it: the carrier's list of lockers changes. Of a slot the hours: "17:00–19:00". */
static Str place_of(Cx *cx, const DeliveryOffer *o)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4096);
    if (o->day != 0)
        buf_addf(&b, "%02d:%02d–%02d:%02d", (int)(o->from / 60), (int)(o->from % 60),
                 (int)(o->to / 60), (int)(o->to % 60));
    buf_add(&b, o->title);
    if (o->line1.len > 0)
        buf_addf(&b, ", " STR_FMT, STR_ARG(o->line1));
    if (o->postal.len > 0 || o->city.len > 0)
        buf_addf(&b, ", " STR_FMT "%s" STR_FMT, STR_ARG(o->postal),
                 o->postal.len > 0 && o->city.len > 0 ? " " : "", STR_ARG(o->city));
    return str_dup(cx->arena, buf_str(&b));
}

static void chosen(Cx *cx, CartWork *w)
{
    const DeliveryOption *o = &w->option;
    DeliveryPromise       promise = o->promise;
    if (o->chosen.promise.from != 0)
        promise = o->chosen.promise;
    w->promise = promise;
    w->cart.delivery.name = o->title;
    w->cart.delivery.kind = o->kind;
    w->cart.delivery.amount = o->amount;
    if (o->chosen.id.len > 0)
        w->cart.delivery.place = place_of(cx, &o->chosen);
    w->cart.delivery.promise_from = order_delivery_day(cx->arena, promise.from);
    w->cart.delivery.promise_to = order_delivery_day(cx->arena, promise.to);
}

static void need(Cx *cx, CartWork *w, const char *code, const char *key)
{
    cart_need(cx, &w->cart.needs, code, STR("/delivery/method_id"), (OptI64){0},
              message(cx->arena, cx->lang, key, MSG_NONE));
}

Status cart_delivery(Cx *cx, CartWork *w, TotalsDelivery *ret, size_t *ret_n)
{
    *ret_n = 0;
    w->cart.delivery =
        (CartDelivery){.method_id = w->body.method_id,
                       .method = {.v = w->body.method_id, .has = w->body.method_id != 0},
                       .point = w->body.point,
                       .slot = w->body.slot};
    if (!w->cart.needs_delivery)
        return ST_OK;
    if (w->body.method_id == 0) {
        need(cx, w, "delivery_not_selected", "order.need.delivery_not_selected");
        return ST_OK;
    }
    const DeliveryAsk ask = ask_of(cx, w);
    Status            st =
        order_delivery_choose(cx, &ask, w->body.method_id, w->body.point, w->body.slot, &w->option);
    if (st == ST_CONFLICT || st == ST_NOT_FOUND) {
        bool hour = w->body.slot.len > 0 && w->option.slots.n > 0;
        need(cx, w, "delivery_unavailable",
             hour ? "order.need.slot_gone" : "order.need.delivery_unavailable");
        return ST_OK;
    }
    TRY(st);
    chosen(cx, w);
    *ret = (TotalsDelivery){.method_id = w->option.method_id,
                            .amount = w->option.amount.minor,
                            .tax_class = w->option.tax_class};
    *ret_n = 1;
    return ST_OK;
}

Status cart_delivery_options(Cx *cx, Str token, Cart *ret_cart, DeliveryOptions *ret)
{
    CartWork *w = arena_new(cx->arena, CartWork);
    TRY(cart_load(cx, token, w));
    TRY(cart_price(cx, w));
    *ret_cart = w->cart;
    const DeliveryAsk ask = ask_of(cx, w);
    return order_delivery_options(cx, &ask, ret);
}
