/* Segment's HTTP API: see docs/tracking.md. */
#include "channel/track/collect.h"

#include "base/codec.h"

#include <string.h>

enum { BODY_MAX = 512000 };

/* --- who sends it ---------------------------------------------------------------------------- */

static Str basic_user(Cx *cx, Str header)
{
    Buf b;
    Str user = STR(""), rest;
    buf_init(&b, 1024);
    if (codec_base64(CODEC_BASE64, str_trim(str_skip(header, 6)), &b))
        (void)str_cut(str_dup(cx->arena, buf_str(&b)), ':', &user, &rest);
    buf_done(&b);
    return user;
}

static Status key_text(Cx *cx, const HttpReq *rq, Str in_body, Str *ret)
{
    Str header = http_header(rq, STR("Authorization"));
    *ret = STR("");
    if (header.len > 6 && str_eq_nocase(str_head(header, 6), STR("Basic ")))
        *ret = basic_user(cx, header);
    if (ret->len == 0)
        *ret = http_header(rq, STR("X-Write-Key"));
    if (ret->len == 0)
        *ret = in_body;
    if (ret->len > 0)
        return ST_OK;
    return http_query(cx, rq, STR("writeKey"), STR(""), ret);
}

/* --- messages -------------------------------------------------------------------------------- */

/* What the last part of the address says: "t", "track" …; empty: the message says. */
static Str type_of(Str path)
{
    static const struct {
        Str last, type;
    } TYPES[] = {
        {STR_INIT("t"), STR_INIT("track")},           {STR_INIT("p"), STR_INIT("page")},
        {STR_INIT("i"), STR_INIT("identify")},        {STR_INIT("s"), STR_INIT("screen")},
        {STR_INIT("g"), STR_INIT("group")},           {STR_INIT("a"), STR_INIT("alias")},
        {STR_INIT("track"), STR_INIT("track")},       {STR_INIT("page"), STR_INIT("page")},
        {STR_INIT("identify"), STR_INIT("identify")}, {STR_INIT("screen"), STR_INIT("screen")},
        {STR_INIT("group"), STR_INIT("group")},       {STR_INIT("alias"), STR_INIT("alias")},
    };
    size_t slash = 0;
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '/')
            slash = i;
    Str last = str_skip(path, slash + 1);
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (str_eq(last, TYPES[i].last))
            return TYPES[i].type;
    return STR("");
}

static MessageOf of_request(Cx *cx, const HttpReq *rq, const TrackKey *key)
{
    bool browser = key->kind == TRACK_BROWSER;
    Str  agent = http_header(rq, STR("User-Agent"));
    bool own = str_eq(rq->path, STR("/t/events"));
    return (MessageOf){.type = type_of(rq->path),
                       .import = str_ends(rq->path, STR("/import")),
                       .visitor = own ? visitor_hash(cx->arena, cx->now, rq->peer, agent, key->text)
                                      : STR(""),
                       .agent = browser ? agent : STR("")};
}

static Status read_body(Cx *cx, const HttpReq *rq, Sink **ret)
{
    Str             body, text;
    MessageBody     head;
    const TrackKey *key;
    bool            done = false;
    TRY(collect_body(cx, rq, BODY_MAX, &body));
    TRY(key_text(cx, rq, STR(""), &text));
    if (text.len > 0 && type_of(rq->path).len == 0) {
        TRY(collect_key(cx, rq, text, &key));
        *ret = sink_begin(cx->arena, cx->now, key, "segment");
        TRY(message_whole(*ret, body, of_request(cx, rq, key), &done, &cx->err));
        if (done)
            return ST_OK;
    }
    TRY(message_head(cx->arena, body, &head, &cx->err));
    TRY(key_text(cx, rq, head.write_key, &text));
    TRY(collect_key(cx, rq, text, &key));
    Sink     *s = sink_begin(cx->arena, cx->now, key, "segment");
    MessageOf of = of_request(cx, rq, key);
    if (head.batch.len == 0 && body.len > SINK_EVENT_BYTES)
        return cx_fail(cx, ST_LIMIT, "track.too_big", "an event has at most %d bytes",
                       SINK_EVENT_BYTES);
    TRY(message_body(s, body, &head, of, &cx->err));
    *ret = s;
    return ST_OK;
}

/* A client drops what it gets a 400 for, and so it gets one for nothing else than bad JSON and
 * what is too big. */
Status segment_post(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Sink  *s;
    Status st = read_body(cx, rq, &s);
    if (st != ST_OK) {
        collect_cors(cx, rq, rs);
        return st == ST_LIMIT ? cx->err.status = ST_INVALID : st;
    }
    return collect_send(cx, rq, rs, s, COLLECT_JSON);
}

/* GET /pixel/v1/{track,page}?writeKey=…&event=…&data=base64 */
Status segment_pixel(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str             text, data, name, value, rest = rq->query;
    MessageBody     head = {0};
    const TrackKey *key;
    TRY(http_query(cx, rq, STR("writeKey"), STR(""), &text));
    TRY(collect_key(cx, rq, text, &key));
    TRY(http_query(cx, rq, STR("data"), STR(""), &data));
    Sink                 *s = sink_begin(cx->arena, cx->now, key, "segment");
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, SINK_EVENT_BYTES);
    if (data.len > 0) {
        if (!codec_base64(CODEC_BASE64, data, &b))
            return cx_fail(cx, ST_INVALID, "track.bad_body", "`data` is not base64");
    } else {
        Json j = json_begin(&b);
        json_obj(&j, NULL);
        while (http_query_next(&rest, &name, &value)) {
            TRY(http_decode_form(cx, name, &name));
            TRY(http_decode_form(cx, value, &value));
            json_key(&j, name);
            json_str(&j, NULL, value);
        }
        json_end(&j);
    }
    MessageOf of = {.type = type_of(rq->path), .agent = http_header(rq, STR("User-Agent"))};
    TRY(message_body(s, str_dup(cx->arena, buf_str(&b)), &head, of, &cx->err));
    return collect_send(cx, rq, rs, s, COLLECT_GIF);
}

/* --- what the browser's client asks ---------------------------------------------------------- */

/* GET /v1/projects/:key/settings */
Status segment_settings(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const TrackKey *key;
    Str             host = http_header(rq, STR("Host"));
    TRY(collect_key(cx, rq, rq->params[0], &key));
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4096);
    buf_addf(&b, STR_FMT "/v1", STR_ARG(host));
    Json j = json_begin(&rs->body);
    json_obj(&j, NULL);
    json_obj(&j, "integrations");
    json_obj(&j, "Segment.io");
    json_str(&j, "apiKey", rq->params[0]);
    json_str(&j, "apiHost", buf_str(&b));
    json_str(&j, "protocol", rq->tls ? STR("https") : STR("http"));
    json_bool(&j, "unbundledIntegrations", false);
    json_end(&j);
    json_end(&j);
    json_obj(&j, "plan");
    json_obj(&j, "track");
    json_end(&j);
    json_end(&j);
    json_arr(&j, "enabledMiddleware");
    json_end(&j);
    json_end(&j);
    collect_cors(cx, rq, rs);
    return ST_OK;
}

/* Names of headers. Every client has some of its own, and none of them means anything here. */
static bool is_list(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_, ",
                   text.ptr[i], 66) == NULL)
            return false;
    return text.len > 0 && text.len <= 1000;
}

/* OPTIONS of all addresses here: which key will come is not known yet. */
Status segment_options(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    http_reply_none(rs);
    collect_cors(cx, rq, rs);
    http_set_header(cx, rs, "Access-Control-Allow-Methods", STR("GET, POST, OPTIONS"));
    Str asked = http_header(rq, STR("Access-Control-Request-Headers"));
    http_set_header(cx, rs, "Access-Control-Allow-Headers",
                    is_list(asked) ? asked
                                   : STR("Authorization, Content-Type, Content-Encoding, "
                                         "X-Write-Key, X-Retry-Count, AnonymousId"));
    http_set_header(cx, rs, "Access-Control-Max-Age", STR("86400"));
    return ST_OK;
}
