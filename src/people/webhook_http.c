/* /api/v1/webhooks: endpoints, their secrets, and what was sent to them. */
#include "base/id.h"
#include "http/http_etag.h"
#include "http/page.h"
#include "people/people_http.h"
#include "people/shared_http.h"
#include "people/webhook.h"

static PageKey webhook_key(const void *row)
{
    return (PageKey){.id = ((const PeopleWebhook *)row)->id};
}

static PageKey delivery_key(const void *row)
{
    return (PageKey){.id = ((const PeopleDelivery *)row)->id};
}

static Status get_webhooks(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleWebhookList list;
    Page              page = {.limit = PEOPLE_WEBHOOKS_MAX};
    TRY(people_webhook_list(cx, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, webhook_key);
    return ST_OK;
}

/* Without Idempotency-Key, whose store would keep the secret. */
static Status post_webhook(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleWebhookMade made;
    TRY(people_webhook_add(cx, rq->in, &made));
    http_reply(rq, rs, &made);
    return ST_OK;
}

static Status get_webhook(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t       id;
    PeopleWebhook w;
    TRY(http_param_id(cx, rq, 0, "whe", &id));
    TRY(people_webhook_get(cx, id, &w));
    http_etag_rev(cx, rs, w.rev);
    http_reply(rq, rs, &w);
    return ST_OK;
}

static Status patch_webhook(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t       id, rev;
    PeopleWebhook w;
    TRY(http_param_id(cx, rq, 0, "whe", &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(people_webhook_update(cx, id, rev, rq->in, &w));
    http_etag_rev(cx, rs, w.rev);
    http_reply(rq, rs, &w);
    return ST_OK;
}

static Status delete_webhook(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return people_act(cx, rq, rs, "whe", people_webhook_remove);
}

static Status post_rotate(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    PeopleWebhookMade made;
    TRY(http_param_id(cx, rq, 0, "whe", &id));
    TRY(people_webhook_rotate(cx, id, &made));
    http_reply(rq, rs, &made);
    return ST_OK;
}

static Status post_ping(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    PeopleDelivery d;
    TRY(http_param_id(cx, rq, 0, "whe", &id));
    TRY(people_webhook_ping(cx, id, &d));
    http_reply(rq, rs, &d);
    return ST_OK;
}

static Status get_deliveries(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t            id;
    Page               page;
    PeopleDeliveryList list;
    TRY(http_param_id(cx, rq, 0, "whe", &id));
    TRY(page_read(cx, rq, &page));
    PeopleRange range = people_range(&page);
    TRY(people_delivery_list(cx, id, &range, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, delivery_key);
    return ST_OK;
}

static Status post_replay(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    PeopleDelivery d;
    TRY(http_param_id(cx, rq, 0, "whd", &id));
    TRY(people_delivery_replay(cx, id, &d));
    http_reply(rq, rs, &d);
    return ST_OK;
}

typedef struct ReplayAsk {
    UnixMs since;
} ReplayAsk;
static const ShapeField REPLAY_FIELDS[] = {
    SHAPE_TIME(ReplayAsk, since, .flags = SHAPE_REQUIRED, .doc = "Deliveries made since then.")};
static const Shape replay_shape =
    SHAPE_OF(ReplayAsk, "WebhookReplay", REPLAY_FIELDS, .doc = "What to send again.");

typedef struct Replayed {
    int64_t n;
} Replayed;
static const ShapeField REPLAYED_FIELDS[] = {
    SHAPE_INT(Replayed, n, .doc = "So many; ask again as long as it is 1000.")};
static const Shape replayed_shape =
    SHAPE_OF(Replayed, "WebhookReplayed", REPLAYED_FIELDS, .doc = "What is sent again.");

static Status post_replay_failed(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const ReplayAsk *in = rq->in;
    int64_t          id;
    Replayed         out;
    TRY(http_param_id(cx, rq, 0, "whe", &id));
    TRY(people_delivery_replay_failed(cx, id, in->since, &out.n));
    http_reply(rq, rs, &out);
    return ST_OK;
}

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/api/v1/webhooks"), get_webhooks, .permission = "webhooks.read",
     .flags = HTTP_LIST, .out = &people_webhook_shape, .summary = "Where events are sent"},
    {HTTP_POST, STR_INIT("/api/v1/webhooks"), post_webhook, .permission = "webhooks.write",
     .body = HTTP_BODY_JSON, .in = &people_webhook_input_shape, .out = &people_webhook_made_shape,
     .status = 201, .summary = "Make an endpoint; its secret is shown this once"},
    {HTTP_GET, STR_INIT("/api/v1/webhooks/:id"), get_webhook, .permission = "webhooks.read",
     .out = &people_webhook_shape, .summary = "An endpoint"},
    {HTTP_PATCH, STR_INIT("/api/v1/webhooks/:id"), patch_webhook, .permission = "webhooks.write",
     .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &people_webhook_input_shape,
     .out = &people_webhook_shape, .summary = "Change an endpoint"},
    {HTTP_DELETE, STR_INIT("/api/v1/webhooks/:id"), delete_webhook, .permission = "webhooks.write",
     .status = 204, .summary = "Remove an endpoint and its log"},
    {HTTP_POST, STR_INIT("/api/v1/webhooks/:id/secret"), post_rotate,
     .permission = "webhooks.write", .out = &people_webhook_made_shape,
     .summary = "A new secret; the old one signs as well for a day"},
    {HTTP_POST, STR_INIT("/api/v1/webhooks/:id/ping"), post_ping, .permission = "webhooks.write",
     .out = &people_delivery_shape, .summary = "Send webhook.ping now"},
    {HTTP_GET, STR_INIT("/api/v1/webhooks/:id/deliveries"), get_deliveries,
     .permission = "webhooks.read", .flags = HTTP_LIST, .out = &people_delivery_shape,
     .summary = "What was sent to an endpoint"},
    {HTTP_POST, STR_INIT("/api/v1/webhooks/:id/replay"), post_replay_failed,
     .permission = "webhooks.write", .body = HTTP_BODY_JSON, .in = &replay_shape,
     .out = &replayed_shape, .summary = "Send again what failed"},
    {HTTP_POST, STR_INIT("/api/v1/webhook-deliveries/:id/replay"), post_replay,
     .permission = "webhooks.write", .out = &people_delivery_shape, .summary = "Send one again"},
};
const HttpRoutes people_webhook_routes = {"Webhooks", ROUTES, COUNT_OF(ROUTES)};
