#include "channel/track/collect.h"

enum { BODY_MAX = 130 << 10, LINES_MAX = 100 };

/* The key is api_secret; who configures only the measurement id gives the key that as an alias. */
static Status ga4_key(Cx *cx, const HttpReq *rq, const char *first, const char *second,
                      const TrackKey **ret)
{
    Str text, other;
    TRY(http_query(cx, rq, str_from_cstr(first), STR(""), &text));
    TRY(http_query(cx, rq, str_from_cstr(second), STR(""), &other));
    if (track_key_find(text) == NULL && track_key_find(other) != NULL)
        text = other;
    return collect_key(cx, rq, text, ret);
}

Status ga4_collect(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str             body;
    const TrackKey *key;
    collect_cors(cx, rq, rs);
    TRY(ga4_key(cx, rq, "api_secret", "measurement_id", &key));
    TRY(collect_body(cx, rq, BODY_MAX, &body));
    Sink *s = sink_begin(cx->arena, cx->now, key, "ga4");
    rs->nheaders = 0;
    if (ga4_body(s, body, &cx->err) != ST_OK)
        sink_reject(s, body, cx->err.msg); /* GA4 answers 2xx to everything */
    return collect_send(cx, rq, rs, s, COLLECT_EMPTY);
}

/* As GA4 does: says what is wrong, and stores nothing. */
Status ga4_debug(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str             body;
    const TrackKey *key;
    collect_cors(cx, rq, rs);
    TRY(ga4_key(cx, rq, "api_secret", "measurement_id", &key));
    TRY(collect_body(cx, rq, BODY_MAX, &body));
    ga4_check(cx->arena, body, cx->now, &rs->body);
    return ST_OK;
}

/* gtag: what all have in common in the address, and a line for each event in the body. */
Status ga4_hits(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str             body, line, agent = http_header(rq, STR("User-Agent"));
    const TrackKey *key;
    collect_cors(cx, rq, rs);
    TRY(ga4_key(cx, rq, "tid", "api_secret", &key));
    TRY(collect_body(cx, rq, BODY_MAX, &body));
    rs->nheaders = 0;
    Sink *s = sink_begin(cx->arena, cx->now, key, "gtag");
    if (body.len == 0)
        ga4_hit(s, rq->query, STR(""), agent);
    for (int i = 0; body.len > 0 && i < LINES_MAX; i++) {
        (void)str_cut(body, '\n', &line, &body);
        line = str_trim(line);
        if (line.len > 0)
            ga4_hit(s, rq->query, line, agent);
    }
    return collect_send(cx, rq, rs, s, COLLECT_EMPTY);
}
