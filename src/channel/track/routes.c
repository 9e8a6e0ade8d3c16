/* The addresses that trackers send to. */
#include "channel/track/collect.h"

enum { RAW_MAX = 1 << 20 };

/* A quick route: reading a body takes less than handing it to a thread. */
#define TAKE(method_, pattern_, handler_, summary_)                                                \
    {                                                                                              \
        .method = (method_), .pattern = STR_INIT(pattern_), .handler = (handler_),                 \
        .flags = HTTP_QUICK | HTTP_MEMORY | HTTP_NO_AUTH | HTTP_ENCODED | HTTP_NO_CSRF |           \
                 ((method_) == HTTP_GET ? HTTP_HIDDEN : 0), /* pictures, in a browser's words */   \
                                                                                                   \
            .body = (method_) == HTTP_POST ? HTTP_BODY_RAW : HTTP_BODY_NONE, .body_max = RAW_MAX,  \
        .out_type = "application/json", .summary = (summary_)                                      \
    }
#define SEGMENT(pattern_, summary_) POST(pattern_, segment_post, summary_)
#define POST(pattern_, handler_, summary_)                                                         \
    TAKE(HTTP_POST, pattern_, handler_, summary_), ASKED(pattern_)
#define ASKED(pattern_) /* by a page of another origin, before it sends */                         \
    {                                                                                              \
        .method = HTTP_OPTIONS, .pattern = STR_INIT(pattern_), .handler = segment_options,         \
        .flags = HTTP_QUICK | HTTP_MEMORY | HTTP_NO_AUTH | HTTP_HIDDEN                             \
    }

static const HttpRoute ROUTES[] = {
    SEGMENT("/v1/identify", "Segment: who somebody is"),
    SEGMENT("/v1/track", "Segment: what somebody did"),
    SEGMENT("/v1/page", "Segment: a page was seen"),
    SEGMENT("/v1/screen", "Segment: a screen was seen"),
    SEGMENT("/v1/group", "Segment: which company somebody is of"),
    SEGMENT("/v1/alias", "Segment: two ids are one person"),
    SEGMENT("/v1/batch", "Segment: several messages"),
    SEGMENT("/v1/import", "Segment: several messages of the past"),
    SEGMENT("/v1/i", "Segment's browser client: identify"),
    SEGMENT("/v1/t", "Segment's browser client: track"),
    SEGMENT("/v1/p", "Segment's browser client: page"),
    SEGMENT("/v1/s", "Segment's browser client: screen"),
    SEGMENT("/v1/g", "Segment's browser client: group"),
    SEGMENT("/v1/a", "Segment's browser client: alias"),
    SEGMENT("/v1/b", "Segment's browser client: batch"),
    SEGMENT("/v1/m", "Segment's browser client: its own metrics"),
    SEGMENT("/beacon/v1/batch", "RudderStack's beacon: several messages"),
    SEGMENT("/api/s/:type", "Jitsu: a message"),
    SEGMENT("/api/s/s2s/:type", "Jitsu: a message of a server"),
    POST("/t/events", own_post, "Our own script: several messages"),
    TAKE(HTTP_GET, "/t/track.js", own_script, "Our own script"),
    TAKE(HTTP_GET, "/t/page.css", own_view, "A view of a page without scripts"),
    TAKE(HTTP_GET, "/.well-known/gpc.json", own_gpc, "That a browser's no (Sec-GPC) is heeded"),
    TAKE(HTTP_GET, "/pixel/v1/track", segment_pixel, "Segment: what somebody did, as a picture"),
    TAKE(HTTP_GET, "/pixel/v1/page", segment_pixel, "Segment: a page was seen, as a picture"),
    TAKE(HTTP_GET, "/v1/projects/:key/settings", segment_settings,
         "Segment's browser client: where to send to"),
    ASKED("/v1/projects/:key/settings"),
    POST("/mp/collect", ga4_collect, "GA4 Measurement Protocol"),
    POST("/debug/mp/collect", ga4_debug, "GA4 Measurement Protocol: check only"),
    POST("/g/collect", ga4_hits, "gtag: events"),
    TAKE(HTTP_GET, "/g/collect", ga4_hits, "gtag: an event"),
    TAKE(HTTP_GET, "/matomo.php", matomo_get, "Matomo: a request of its tracker"),
    POST("/matomo.php", matomo_post, "Matomo: requests of its tracker"),
    TAKE(HTTP_GET, "/piwik.php", matomo_get, "Matomo, as it was called"),
    POST("/piwik.php", matomo_post, "Matomo, as it was called"),
};

const HttpRoutes track_routes = {"Collecting", ROUTES, COUNT_OF(ROUTES)};
