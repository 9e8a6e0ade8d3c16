/* collect.h - from a request to durable events: what all formats share. */
#pragma once

#include "channel/track/sink.h"

typedef enum CollectReply {
    COLLECT_JSON,  /* {"success":true} */
    COLLECT_BULK,  /* {"status":"success","tracked":2,"invalid":0} */
    COLLECT_EMPTY, /* 204 */
    COLLECT_GIF,   /* one transparent pixel */
    COLLECT_CSS    /* an empty style sheet */
} CollectReply;

/* Start the work of a request: its key, or ST_UNKNOWN "track.bad_key", ST_DENIED
 * "track.bad_origin". ST_BUSY "track.not_started". */
NODISCARD Status collect_key(Cx *cx, const HttpReq *rq, Str key, const TrackKey **ret);

/* The body, out of its encoding, at most `max` bytes. ST_INVALID "track.bad_body", ST_LIMIT
 * "track.too_big". */
NODISCARD Status collect_body(Cx *cx, const HttpReq *rq, size_t max, Str *ret);

/* Store what is in the sink and answer when it is durable. ST_RATE "track.too_often". */
NODISCARD Status collect_send(Cx *cx, const HttpReq *rq, HttpResp *rs, Sink *s, CollectReply reply);

/* Fill in the reply of `kind`, with the headers that pages of other origins need. */
void collect_reply(Cx *cx, const HttpReq *rq, HttpResp *rs, CollectReply kind);
void collect_cors(Cx *cx, const HttpReq *rq, HttpResp *rs);

/* Store it, with whose it is, and wait: for jobs. *ret_stored (may be NULL): events that had not
 * come before. ST_BUSY "track.not_started". */
NODISCARD Status collect_now(Cx *cx, Sink *s, int64_t *ret_stored);

/* The handlers of the formats, for track_routes. */
HttpHandler segment_post, segment_settings, segment_options, segment_pixel;
HttpHandler ga4_collect, ga4_debug, ga4_hits;
HttpHandler matomo_get, matomo_post;
HttpHandler own_script, own_post, own_view, own_gpc;
