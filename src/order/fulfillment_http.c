/* Staff pack and send; whoever follows parcels tells us where they are. */
#include "core/core.h"
#include "http/page.h"
#include "order/delivery_http.h"
#include "order/fulfillment.h"
#include "order/order.h"

#define READ  "orders.read"
#define WRITE "orders.write"

static PageKey no_key(const void *row)
{
    (void)row;
    return (PageKey){0};
}

static Status reply_list(Cx *cx, const HttpReq *rq, HttpResp *rs, const Fulfillments *all)
{
    const Page page = {.limit = (int64_t)all->n + 1};
    page_reply(cx, rq, rs, &page, all->items, all->n, no_key);
    return ST_OK;
}

/* GET /api/v1/orders/:id/fulfillments */
static Status list_fulfillments(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t      order;
    Fulfillments all;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &order));
    TRY(fulfillments_of_order(cx, order, &all));
    return reply_list(cx, rq, rs, &all);
}

static Status post_fulfillment(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    FulfillmentIn *in = rq->in;
    Fulfillment    f;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &in->order_id));
    TRY(fulfillment_create(cx, in, &f));
    rs->status = 201;
    http_reply(rq, rs, &f);
    return ST_OK;
}

static Status post_plan(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t      order;
    Fulfillments made;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &order));
    TRY(fulfillment_plan(cx, order, &made));
    return reply_list(cx, rq, rs, &made);
}

static Status get_fulfillment(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     id;
    Fulfillment f;
    TRY(http_param_id(cx, rq, 0, FULFILLMENT_ID, &id));
    TRY(fulfillment_get(cx, id, &f));
    http_reply(rq, rs, &f);
    return ST_OK;
}

static Status post_pack(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     id;
    Fulfillment f;
    TRY(http_param_id(cx, rq, 0, FULFILLMENT_ID, &id));
    TRY(fulfillment_pack(cx, id, &f));
    http_reply(rq, rs, &f);
    return ST_OK;
}

typedef struct Shipment {
    TOTALS_LIST(ParcelIn) parcels;
} Shipment;
static const ShapeField SHIPMENT[] = {
    SHAPE_LIST(Shipment, parcels, ParcelIn, &parcel_in_shape, .max = PARCELS_MAX),
};
static const Shape shipment_shape =
    SHAPE_OF(Shipment, "Shipment", SHIPMENT, .doc = "The boxes that leave.");

static Status post_ship(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Shipment *in = rq->in;
    int64_t         id;
    Fulfillment     f;
    TRY(http_param_id(cx, rq, 0, FULFILLMENT_ID, &id));
    TRY(fulfillment_ship(cx, id, in->parcels.items, in->parcels.n, &f));
    http_reply(rq, rs, &f);
    return ST_OK;
}

static Status post_deliver(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     id;
    Fulfillment f;
    TRY(http_param_id(cx, rq, 0, FULFILLMENT_ID, &id));
    TRY(fulfillment_deliver(cx, id, &f));
    http_reply(rq, rs, &f);
    return ST_OK;
}

typedef struct Failure {
    bool restock;
} Failure;
static const ShapeField FAILURE[] = {
    SHAPE_BOOL(Failure, restock, .doc = "It came back and is in stock again."),
};
static const Shape failure_shape =
    SHAPE_OF(Failure, "FulfillmentFailure", FAILURE, .doc = "It did not arrive.");

static Status post_fail(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     id;
    Fulfillment f;
    TRY(http_param_id(cx, rq, 0, FULFILLMENT_ID, &id));
    TRY(fulfillment_fail(cx, id, ((const Failure *)rq->in)->restock, &f));
    http_reply(rq, rs, &f);
    return ST_OK;
}

static Status post_cancel(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     id;
    Fulfillment f;
    TRY(http_param_id(cx, rq, 0, FULFILLMENT_ID, &id));
    TRY(fulfillment_cancel(cx, id, &f));
    http_reply(rq, rs, &f);
    return ST_OK;
}

static Status post_parcel(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Parcel  p;
    TRY(http_param_id(cx, rq, 0, FULFILLMENT_ID, &id));
    TRY(parcel_add(cx, id, rq->in, &p));
    rs->status = 201;
    http_reply(rq, rs, &p);
    return ST_OK;
}

static Status put_parcel(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Parcel  p;
    TRY(http_param_id(cx, rq, 0, PARCEL_ID, &id));
    TRY(parcel_update(cx, id, rq->in, &p));
    http_reply(rq, rs, &p);
    return ST_OK;
}

/* --- tracking ----------------------------------------------------------------------------- */

typedef struct Noted {
    int64_t noted;
} Noted;
static const ShapeField NOTED[] = {SHAPE_INT(Noted, noted, .doc = "Events that were new.")};
static const Shape      noted_shape =
    SHAPE_OF(Noted, "TrackingNoted", NOTED, .doc = "What became of tracking events.");

typedef struct Batch {
    TOTALS_LIST(TrackingIn) events;
} Batch;

static Status post_tracking(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Batch *in = rq->in;
    Noted        done;
    TRY(tracking_note(cx, in->events.items, in->events.n, STR("staff"), &done.noted));
    http_reply(rq, rs, &done);
    return ST_OK;
}

/* POST /webhooks/tracking */
static Status post_hook(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const TrackingSigned in = {.id = http_header(rq, STR("webhook-id")),
                               .timestamp = http_header(rq, STR("webhook-timestamp")),
                               .signature = http_header(rq, STR("webhook-signature")),
                               .body = rq->body};
    Noted                done;
    TRY(rate_take(cx, STR("order.tracking"), 600, 600, 1, NULL));
    TRY(tracking_hook(cx, &in, &done.noted));
    http_reply(rq, rs, &done);
    return ST_OK;
}

/* --- routes ------------------------------------------------------------------------------- */

#define STEP(url, fn, what)                                                                        \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(url), .handler = (fn), .permission = WRITE,       \
        .out = &fulfillment_shape, .summary = (what)                                               \
    }
#define STEP_IN(url, fn, in_, out_, what)                                                          \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(url), .handler = (fn), .permission = WRITE,       \
        .body = HTTP_BODY_JSON, .in = &(in_), .out = &(out_), .summary = (what)                    \
    }

static const HttpRoute ROUTES[] = {
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/orders/:id/fulfillments"),
     .handler = list_fulfillments,
     .permission = READ,
     .flags = HTTP_LIST,
     .out = &fulfillment_shape,
     .summary = "Fulfilments of an order, with parcels and where they were"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/orders/:id/fulfillments"),
     .handler = post_fulfillment,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &fulfillment_in_shape,
     .out = &fulfillment_shape,
     .status = 201,
     .summary = "Draft a fulfilment of some, or all that is left"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/orders/:id/fulfillments/plan"),
     .handler = post_plan,
     .permission = WRITE,
     .flags = HTTP_LIST,
     .out = &fulfillment_shape,
     .summary = "Draft one for each location where it is allocated"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/fulfillments/:id"),
     .handler = get_fulfillment,
     .permission = READ,
     .out = &fulfillment_shape,
     .summary = "One fulfilment"},
    STEP("/api/v1/fulfillments/:id/pack", post_pack, "It is packed"),
    STEP_IN("/api/v1/fulfillments/:id/ship", post_ship, shipment_shape, fulfillment_shape,
            "It leaves, in these parcels"),
    STEP("/api/v1/fulfillments/:id/deliver", post_deliver, "It arrived"),
    STEP_IN("/api/v1/fulfillments/:id/fail", post_fail, failure_shape, fulfillment_shape,
            "It did not arrive: it is to be sent again"),
    STEP("/api/v1/fulfillments/:id/cancel", post_cancel, "It does not leave"),
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/fulfillments/:id/parcels"),
     .handler = post_parcel,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &parcel_in_shape,
     .out = &parcel_shape,
     .status = 201,
     .summary = "Add a parcel"},
    {.method = HTTP_PUT,
     .pattern = STR_INIT("/api/v1/parcels/:id"),
     .handler = put_parcel,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .in = &parcel_in_shape,
     .out = &parcel_shape,
     .summary = "Change carrier, number or address of a parcel"},
    STEP_IN("/api/v1/tracking", post_tracking, tracking_batch_shape, noted_shape,
            "Note where parcels were"),
    {.method = HTTP_POST,
     .pattern = STR_INIT("/webhooks/tracking"),
     .handler = post_hook,
     .flags = HTTP_NO_AUTH | HTTP_NO_CSRF,
     .body = HTTP_BODY_RAW,
     .body_max = 256 << 10,
     .out = &noted_shape,
     .summary = "The same, signed by whoever follows parcels (Standard Webhooks)"},
};
const HttpRoutes order_fulfillment_routes = {"Fulfilment", ROUTES, COUNT_OF(ROUTES)};
