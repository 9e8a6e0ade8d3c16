/* /api/v1/tracking: write keys, and what was kept aside. */
#include "channel/track/collect.h"
#include "channel/track/rejected.h"

#include "http/http_etag.h"
#include "http/page.h"

#define READ  "journey.read"
#define WRITE "journey.write"

/* --- keys ------------------------------------------------------------------------------------ */

static PageKey key_key(const void *row)
{
    return (PageKey){.id = ((const TrackKeyView *)row)->id};
}

static Status get_keys(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TrackKeyViews list;
    Page          page = {.limit = TRACK_KEYS_MAX};
    TRY(track_key_list(cx, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, key_key);
    return ST_OK;
}

static Status reply_key(Cx *cx, const HttpReq *rq, HttpResp *rs, const TrackKeyView *key)
{
    http_etag_rev(cx, rs, key->rev);
    http_reply(rq, rs, key);
    return ST_OK;
}

static Status get_key(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t      id;
    TrackKeyView key;
    TRY(http_param_id(cx, rq, 0, "trk", &id));
    TRY(track_key_get(cx, id, &key));
    return reply_key(cx, rq, rs, &key);
}

static Status post_key(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TrackKeyView key;
    TRY(track_key_add(cx, rq->in, &key));
    return reply_key(cx, rq, rs, &key);
}

static Status patch_key(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t      id, rev;
    TrackKeyView key;
    TRY(http_param_id(cx, rq, 0, "trk", &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(track_key_update(cx, id, rev, rq->in, &key));
    return reply_key(cx, rq, rs, &key);
}

static Status delete_key(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, "trk", &id));
    TRY(track_key_revoke(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

/* --- kept aside ------------------------------------------------------------------------------ */

static PageKey rejected_key(const void *row)
{
    return (PageKey){.id = ((const TrackRejected *)row)->id};
}

static Status get_rejected(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page              page;
    TrackRejectedList list;
    Str               reason;
    TRY(page_read(cx, rq, &page));
    TRY(http_query(cx, rq, STR("reason"), STR(""), &reason));
    PeopleRange range = {.limit = page.limit + 1,
                         .from = page.has_after,
                         .backwards = page.backwards,
                         .id = page.id};
    TRY(track_rejected_list(cx, &range, reason, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, rejected_key);
    return ST_OK;
}

static PageKey reason_key(const void *row)
{
    return (PageKey){.id = ((const TrackReason *)row)->n};
}

static Status get_reasons(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TrackReasons list;
    Page         page = {.limit = TRACK_REASONS_MAX};
    TRY(track_rejected_reasons(cx, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, reason_key);
    return ST_OK;
}

static const ShapeField WHICH_FIELDS[] = {
    SHAPE_IDS(TrackWhich, ids, "rej", .max = 500, .doc = "Which; none: by their reason."),
    SHAPE_TEXT(TrackWhich, reason, .max = 1000,
               .doc = "All that are kept aside for it; replay: none of both means all."),
};
static const Shape WHICH =
    SHAPE_OF(TrackWhich, "RejectedIds", WHICH_FIELDS, .doc = "Messages that were kept aside.");

static const ShapeField REPLAYED_FIELDS[] = {
    SHAPE_INT(TrackReplayed, stored, .doc = "Understood now, stored, no longer kept aside."),
    SHAPE_INT(TrackReplayed, refused, .doc = "Understood, but nobody may store them."),
    SHAPE_INT(TrackReplayed, left, .doc = "Still not understood."),
};
static const Shape REPLAYED =
    SHAPE_OF(TrackReplayed, "RejectedReplayed", REPLAYED_FIELDS, .doc = "What a replay has done.");

static Status post_replay(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TrackReplayed done;
    TRY(track_rejected_replay(cx, rq->in, &done));
    http_reply(rq, rs, &done);
    return ST_OK;
}

static Status post_discard(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(track_rejected_remove(cx, rq->in));
    http_reply_none(rs);
    return ST_OK;
}

#define P(method_, pattern_, handler_, permission_, ...)                                           \
    {                                                                                              \
        .method = (method_), .pattern = STR_INIT(pattern_), .handler = (handler_),                 \
        .permission = (permission_), __VA_ARGS__                                                   \
    }

static const HttpRoute ROUTES[] = {
    P(HTTP_GET, "/api/v1/tracking/keys", get_keys, READ, .flags = HTTP_LIST,
      .out = &track_key_shape, .summary = "Sources of events"),
    P(HTTP_POST, "/api/v1/tracking/keys", post_key, WRITE, .flags = HTTP_IDEMPOTENT,
      .body = HTTP_BODY_JSON, .in = &track_key_input_shape, .out = &track_key_shape, .status = 201,
      .summary = "Make a write key"),
    P(HTTP_GET, "/api/v1/tracking/keys/:id", get_key, READ, .out = &track_key_shape,
      .summary = "A write key"),
    P(HTTP_PATCH, "/api/v1/tracking/keys/:id", patch_key, WRITE, .body = HTTP_BODY_JSON,
      .mode = SHAPE_PATCH, .in = &track_key_input_shape, .out = &track_key_shape,
      .summary = "Change a write key"),
    P(HTTP_DELETE, "/api/v1/tracking/keys/:id", delete_key, WRITE, .status = 204,
      .summary = "Revoke a write key"),
    P(HTTP_GET, "/api/v1/tracking/rejected", get_rejected, READ, .flags = HTTP_LIST,
      .out = &track_rejected_shape, .summary = "Messages that could not be understood"),
    P(HTTP_GET, "/api/v1/tracking/rejected/reasons", get_reasons, READ, .flags = HTTP_LIST,
      .out = &track_reason_shape, .summary = "Why messages could not be understood"),
    P(HTTP_POST, "/api/v1/tracking/rejected/replay", post_replay, WRITE, .body = HTTP_BODY_JSON,
      .in = &WHICH, .out = &REPLAYED, .summary = "Read such messages again"),
    P(HTTP_POST, "/api/v1/tracking/rejected/discard", post_discard, WRITE, .body = HTTP_BODY_JSON,
      .in = &WHICH, .status = 204, .summary = "Forget such messages"),
};

const HttpRoutes track_key_routes = {"Tracking", ROUTES, COUNT_OF(ROUTES)};
