#include "channel/track/collect.h"

#include <string.h>

enum { BODY_MAX = 1 << 20, REQUESTS_MAX = 1000 };

static MatomoOf of_request(const HttpReq *rq)
{
    return (MatomoOf){.peer = rq->peer,
                      .agent = http_header(rq, STR("User-Agent")),
                      .language = http_header(rq, STR("Accept-Language"))};
}

static Status query_text(Cx *cx, Str query, const char *name, Str *ret)
{
    HttpReq rq = {.query = str_starts(query, STR("?")) ? str_skip(query, 1) : query};
    return http_query(cx, &rq, str_from_cstr(name), STR(""), ret);
}

/* The site's id, or the key itself: as idsite or token_auth. */
static Status matomo_key(Cx *cx, const HttpReq *rq, Str query, Str token, const TrackKey **ret)
{
    Str site;
    TRY(query_text(cx, query, "idsite", &site));
    if (token.len == 0)
        TRY(query_text(cx, query, "token_auth", &token));
    return collect_key(cx, rq, track_key_find(token) != NULL ? token : site, ret);
}

static Status one(Cx *cx, const HttpReq *rq, HttpResp *rs, Str query)
{
    Str             image;
    const TrackKey *key;
    MatomoOf        of = of_request(rq);
    TRY(matomo_key(cx, rq, query, STR(""), &key));
    TRY(query_text(cx, query, "send_image", &image));
    Sink *s = sink_begin(cx->arena, cx->now, key, "matomo");
    matomo_hit(s, query, &of);
    return collect_send(cx, rq, rs, s, str_eq(image, STR("0")) ? COLLECT_EMPTY : COLLECT_GIF);
}

Status matomo_get(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return one(cx, rq, rs, rq->query);
}

/* {"requests": ["?…", …], "token_auth": "…"} */
static Status bulk(Cx *cx, const HttpReq *rq, HttpResp *rs, Str body)
{
    const JsonValue *v;
    const TrackKey  *key;
    MatomoOf         of = of_request(rq);
    TRY(json_parse(cx->arena, body, &v, &cx->err));
    const JsonValue *list = json_get(v, STR("requests")), *token = json_get(v, STR("token_auth"));
    if (list == NULL || list->type != JSON_ARRAY || list->n == 0)
        return cx_fail(cx, ST_INVALID, "track.bad_body", "`requests` is missing");
    if (list->n > REQUESTS_MAX)
        return cx_fail(cx, ST_LIMIT, "track.too_big", "at most %d requests", REQUESTS_MAX);
    TRY(matomo_key(cx, rq, list->items[0].type == JSON_STRING ? list->items[0].text : STR(""),
                   token != NULL && token->type == JSON_STRING ? token->text : STR(""), &key));
    Sink *s = sink_begin(cx->arena, cx->now, key, "matomo");
    for (uint32_t i = 0; i < list->n; i++) {
        Str text = list->items[i].text, site;
        if (list->items[i].type != JSON_STRING)
            sink_reject(s, text, "a request is a text");
        else if (query_text(cx, text, "idsite", &site) != ST_OK ||
                 (site.len > 0 && track_key_find(site) == NULL))
            sink_reject(s, text, "there is no such site");
        else
            matomo_hit(s, text, &of);
    }
    return collect_send(cx, rq, rs, s, COLLECT_BULK);
}

/* What the address and the body say together. */
static Str joined(Cx *cx, Str query, Str body)
{
    char *p = arena_array(cx->arena, char, query.len + body.len + 1);
    memcpy(p, query.ptr, query.len);
    p[query.len] = '&';
    memcpy(p + query.len + 1, body.ptr, body.len);
    return (Str){p, query.len + body.len + 1};
}

Status matomo_post(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str body;
    TRY(collect_body(cx, rq, BODY_MAX, &body));
    Str text = str_trim(body);
    if (text.len == 0)
        return one(cx, rq, rs, rq->query);
    if (str_starts(text, STR("{")))
        return bulk(cx, rq, rs, text);
    return one(cx, rq, rs, rq->query.len > 0 ? joined(cx, rq->query, text) : text);
}
