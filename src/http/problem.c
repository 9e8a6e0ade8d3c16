#include "http/http_int.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *code;
    int         status;
} BY_CODE[] = {
    {"http.bad_method", 405},      {"http.bad_type", 415},
    {"http.target_too_long", 414}, {"http.headers_too_big", 431},
    {"http.form_too_big", 413},    {"http.idempotency_conflict", 422},
    {"http.request_timeout", 408}, {"http.not_implemented", 501},
    {"db.disk_full", 503},
};

static const int BY_STATUS[ST_COUNT_] = {
    [ST_OK] = 200,        [ST_INVALID] = 400,  [ST_UNKNOWN] = 401, [ST_DENIED] = 403,
    [ST_NOT_FOUND] = 404, [ST_CONFLICT] = 409, [ST_STALE] = 412,   [ST_LIMIT] = 413,
    [ST_RATE] = 429,      [ST_BUSY] = 503,     [ST_IO] = 500,
};

int http_status_of(const Err *err, const Issues *issues)
{
    if (err->code == NULL)
        return 500;
    for (size_t i = 0; i < COUNT_OF(BY_CODE); i++)
        if (strcmp(err->code, BY_CODE[i].code) == 0)
            return BY_CODE[i].status;
    if (err->status == ST_INVALID && issues != NULL && issues->total > 0)
        return 422;
    ASSERT(err->status > ST_OK && err->status < ST_COUNT_);
    return BY_STATUS[err->status];
}

static const char *title_of(int status)
{
    switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
    }
}

static void write_issues(Json *j, const Issues *issues)
{
    json_arr(j, "errors");
    for (size_t i = 0; i < issues->n; i++) {
        json_obj(j, NULL);
        json_str(j, "pointer", issues->items[i].pointer);
        json_str(j, "code", str_from_cstr(issues->items[i].code));
        json_str(j, "detail", issues->items[i].detail);
        json_end(j);
    }
    json_end(j);
    if (issues->total > issues->n)
        json_i64(j, "errors_total", (int64_t)issues->total);
}

static bool has_header(const HttpResp *rs, Str name)
{
    for (size_t i = 0; i < rs->nheaders; i++)
        if (http_eq_nocase(rs->headers[i].name, name))
            return true;
    return false;
}

static void add_headers(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    if (rs->status == 401)
        http_set_header(cx, rs, "WWW-Authenticate", STR("Bearer"));
    if ((rs->status == 503 || rs->status == 429) && !has_header(rs, STR("Retry-After")))
        http_set_header(cx, rs, "Retry-After", rs->status == 503 ? STR("1") : STR("10"));
    if (rs->status == 405)
        http_allow(cx, rq, rs);
}

void http_allow(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    for (HttpMethod m = HTTP_GET; m < HTTP_NMETHODS; m++) {
        if (!(rq->methods >> m & 1) && m != HTTP_OPTIONS)
            continue;
        buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", http_method_name(m));
        if (m == HTTP_GET)
            buf_add(&b, STR(", HEAD"));
    }
    http_set_header(cx, rs, "Allow", buf_str(&b));
}

void http_problem(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    HttpResp    old = *rs;
    const char *code = cx->err.code != NULL ? cx->err.code : "internal";
    int         status = http_status_of(&cx->err, &cx->issues);
    bool        ours = status == 500; /* do not show clients what our disk says */
    http_resp_init(rs);
    rs->headers = old.headers;
    rs->nheaders = old.nheaders;
    http_resp_done(&old);
    rs->status = status;
    rs->type = "application/problem+json";
    add_headers(cx, rq, rs);

    char uri[128];
    snprintf(uri, sizeof uri, "urn:rapport:problem:%s", ours ? "internal" : code);
    Json j = json_begin(&rs->body);
    json_obj(&j, NULL);
    json_str(&j, "type", str_from_cstr(uri));
    json_str(&j, "title", str_from_cstr(title_of(status)));
    json_i64(&j, "status", status);
    json_str(&j, "detail",
             ours ? STR("The server failed; it was logged under this instance.")
                  : str_from_cstr(cx->err.msg));
    if (cx->request_id.len > 0)
        json_str(&j, "instance", cx->request_id);
    json_str(&j, "code", ours ? STR("internal") : str_from_cstr(code));
    if (!ours && status == 422 && cx->issues.n > 0)
        write_issues(&j, &cx->issues);
    json_end(&j);
}
