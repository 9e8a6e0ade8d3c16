/* What a storefront shows of an order that was bought: how to pay what is due, and where it is. */
#include "http/http.h"
#include "order/cart_http.h"
#include "order/delivery.h"
#include "order/fulfillment.h"
#include "order/order.h"
#include "order/payment.h"

/* --- paying ------------------------------------------------------------------------------- */

typedef struct PayOut {
    Money   due;
    Str     provider;
    int     flow, status;
    Str     details; /* JSON */
    OptTime expires_at;
} PayOut;

static const ShapeField PAY[] = {
    SHAPE_MONEY(PayOut, due, .doc = "Still to be paid; 0: nothing."),
    SHAPE_TEXT(PayOut, provider, .doc = "Of the attempt that waits; empty: none does."),
    SHAPE_ENUM(PayOut, flow, payment_flow_names),
    SHAPE_ENUM(PayOut, status, payment_status_names),
    SHAPE_JSON(PayOut, details, .flags = SHAPE_NULLABLE,
               .doc = "What the buyer is shown: {kind: bank, holder, iban, bic, reference, qr}, "
                      "{kind: voucher, code, pay_url}, {kind: push, qr}, {kind: redirect, url}."),
    SHAPE_TIME(PayOut, expires_at, .doc = "It is given up then."),
};
static const Shape pay_shape =
    SHAPE_OF(PayOut, "OwnPayment", PAY, .doc = "How the buyer pays what is due.");

static bool waits(const PaymentSession *s)
{
    return s->status == PAYMENT_ACTION || s->status == PAYMENT_WAITING ||
           s->status == PAYMENT_PENDING;
}

/* GET /store/v1/orders/:token/payment */
static Status get_payment(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Order              order;
    PaymentSessionList list;
    TRY(order_by_token(cx, rq->params[0], &order));
    TRY(payment_sessions_of_order(cx, order.id, &list));
    PayOut out = {.due = order.due, .provider = STR("")};
    for (size_t i = list.n; i-- > 0;) { /* the newest last */
        const PaymentSession *s = &list.items[i];
        if (!waits(s))
            continue;
        out = (PayOut){.due = order.due,
                       .provider = s->provider,
                       .flow = s->flow,
                       .status = s->status,
                       .details = s->next.len > 0 ? s->next : (Str){0},
                       .expires_at = opt_time(s->expires_at)};
    }
    http_reply(rq, rs, &out);
    return ST_OK;
}

/* --- where it is -------------------------------------------------------------------------- */

static const ShapeField PART[] = {
    SHAPE_INT(Fulfillment, number, .doc = "1, 2, … of the order."),
    SHAPE_ENUM(Fulfillment, status, fulfillment_status_names),
    SHAPE_LIST(Fulfillment, lines, FulfillmentLine, &fulfillment_line_shape),
    SHAPE_LIST(Fulfillment, parcels, Parcel, &parcel_shape),
    SHAPE_TIME(Fulfillment, shipped_at),
    SHAPE_TIME(Fulfillment, delivered_at),
};
static const Shape part_shape =
    SHAPE_OF(Fulfillment, "OwnFulfillment", PART, .doc = "What of an order leaves together.");

typedef struct TrackOut {
    Str          promised_from, promised_to;
    bool         late;
    Fulfillments fulfillments;
} TrackOut;

static const ShapeField TRACK[] = {
    SHAPE_TEXT(TrackOut, promised_from, .doc = "Day in the shop's time zone; empty: none."),
    SHAPE_TEXT(TrackOut, promised_to),
    SHAPE_BOOL(TrackOut, late, .doc = "It did not come when promised, and the buyer was told."),
    SHAPE_LIST(TrackOut, fulfillments, Fulfillment, &part_shape),
};
static const Shape track_shape =
    SHAPE_OF(TrackOut, "OwnTracking", TRACK, .doc = "Where the goods of an order are.");

/* GET /store/v1/orders/:token/tracking. Drafts are the packers' own business. */
static Status get_tracking(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Order        order;
    OrderPromise promise;
    TrackOut     out = {0};
    Fulfillments all;
    TRY(order_by_token(cx, rq->params[0], &order));
    TRY(order_promise_get(cx, order.id, &promise));
    TRY(fulfillments_of_order(cx, order.id, &all));
    out.promised_from = order_delivery_day(cx->arena, promise.from_day);
    out.promised_to = order_delivery_day(cx->arena, promise.to_day);
    out.late = promise.late;
    out.fulfillments.items = arena_array(cx->arena, Fulfillment, all.n + 1);
    for (size_t i = 0; i < all.n; i++)
        if (all.items[i].status != FULFILLMENT_DRAFT &&
            all.items[i].status != FULFILLMENT_CANCELLED)
            out.fulfillments.items[out.fulfillments.n++] = all.items[i];
    http_reply(rq, rs, &out);
    return ST_OK;
}

static const HttpRoute ROUTES[] = {
    {.method = HTTP_GET,
     .pattern = STR_INIT("/store/v1/orders/:token/payment"),
     .handler = get_payment,
     .flags = HTTP_PUBLIC | HTTP_SHOPPER,
     .out = &pay_shape,
     .summary = "How to pay what is due of an order"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/store/v1/orders/:token/tracking"),
     .handler = get_tracking,
     .flags = HTTP_PUBLIC | HTTP_SHOPPER,
     .out = &track_shape,
     .summary = "Where the goods of an order are, and when they were promised"},
};
const HttpRoutes order_track_routes = {"Orders of shoppers", ROUTES, COUNT_OF(ROUTES)};
