#include "http/http_int.h"

#include "http/http_form.h"

/* "application/json; charset=utf-8" -> "application/json" */
static Str media_type(Str header)
{
    Str type, rest;
    str_cut(header, ';', &type, &rest);
    return str_trim(type);
}

static bool is_json(Str type)
{
    Str suffix = STR("+json");
    if (http_eq_nocase(type, STR("application/json")))
        return true;
    return type.len > suffix.len && http_starts_nocase(type, STR("application/")) &&
           http_eq_nocase((Str){type.ptr + type.len - suffix.len, suffix.len}, suffix);
}

static bool is_form(Str type)
{
    return http_eq_nocase(type, STR("application/x-www-form-urlencoded")) ||
           http_eq_nocase(type, STR("multipart/form-data"));
}

/* No other charset than UTF-8; no compression but where a route undoes it itself, with a limit:
 * it would turn a small body into a huge one. */
static Status check_coding(Cx *cx, const HttpReq *rq, Str header)
{
    Str charset = http_header_param(cx->arena, header, STR("charset"));
    if (charset.ptr != NULL && !http_eq_nocase(charset, STR("utf-8")))
        return cx_fail(cx, ST_INVALID, "http.bad_type", "the body must be UTF-8");
    Str coding = http_header(rq, STR("Content-Encoding"));
    if (!(rq->route->flags & HTTP_ENCODED) && coding.ptr != NULL &&
        !http_eq_nocase(coding, STR("identity")))
        return cx_fail(cx, ST_INVALID, "http.bad_type", "compressed bodies are not taken");
    return ST_OK;
}

static Status check_size(Cx *cx, const HttpReq *rq)
{
    int64_t max = rq->route->body_max > 0 ? rq->route->body_max : HTTP_MAX_BODY;
    if (rq->route->body == HTTP_BODY_NONE && rq->body.len > 0)
        return cx_fail(cx, ST_INVALID, "http.unwanted_body", "no body is taken here");
    if (rq->body.len > (uint64_t)max)
        return cx_fail(cx, ST_LIMIT, "http.body_too_big", "at most %lld bytes are taken here",
                       (long long)max);
    return ST_OK;
}

Status http_body_check(Cx *cx, const HttpReq *rq)
{
    TRY(check_size(cx, rq));
    HttpBody want = rq->route->body;
    if (want == HTTP_BODY_NONE || rq->body.len == 0)
        return ST_OK;
    Str header = http_header(rq, STR("Content-Type"));
    Str type = media_type(header);
    if (want == HTTP_BODY_JSON && !is_json(type))
        return cx_fail(cx, ST_INVALID, "http.bad_type",
                       "the body must be application/json, and its Content-Type must say so");
    if (want == HTTP_BODY_FORM && !is_form(type))
        return cx_fail(cx, ST_INVALID, "http.bad_type", "the body must be a form");
    return check_coding(cx, rq, header);
}

Status http_body_read(Cx *cx, HttpReq *rq)
{
    const HttpRoute *route = rq->route;
    if (route->body != HTTP_BODY_JSON || route->in == NULL)
        return ST_OK;
    if (rq->body.len == 0)
        return cx_fail(cx, ST_INVALID, "http.missing_body", "a JSON body is missing");
    rq->in = arena_alloc(cx->arena, route->in->size, _Alignof(max_align_t));
    return shape_read(route->in, route->mode, rq->body, cx->arena, rq->in, &cx->issues, &cx->err);
}
