#include "http/http.h"

#include "base/json_write.h"
#include "base/log.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Status http_decode(Cx *cx, Str s, Str *ret)
{
    char  *out = arena_array(cx->arena, char, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            int hi = s.len - i > 2 ? hex_value(s.ptr[i + 1]) : -1;
            int lo = s.len - i > 2 ? hex_value(s.ptr[i + 2]) : -1;
            if (hi < 0 || lo < 0 || (hi == 0 && lo == 0))
                return cx_fail(cx, ST_INVALID, "http.bad_escape", "malformed %%-escape");
            c = (char)(hi * 16 + lo);
            i += 2;
        }
        out[n++] = c;
    }
    *ret = (Str){out, n};
    return ST_OK;
}

Status http_query_i64(Cx *cx, const HttpReq *rq, Str name, int64_t min, int64_t max, int64_t *ret)
{
    Str     rest = rq->query, pair, key, value;
    int64_t v;
    while (rest.len > 0) {
        str_cut(rest, '&', &pair, &rest);
        str_cut(pair, '=', &key, &value);
        if (!str_eq(key, name))
            continue;
        if (!str_parse_i64(value, &v) || v < min || v > max)
            return cx_fail(cx, ST_INVALID, "http.bad_param",
                           STR_FMT " must be an integer from %lld to %lld", STR_ARG(name),
                           (long long)min, (long long)max);
        *ret = v;
        return ST_OK;
    }
    return cx_fail(cx, ST_INVALID, "http.missing_param", STR_FMT " is missing", STR_ARG(name));
}

/* Match path against pattern part by part; ":x" takes one non-empty part. */
static bool route_matches(Str pattern, Str path, HttpReq *rq)
{
    rq->nparams = 0;
    while (pattern.len > 0 || path.len > 0) {
        Str  want, have;
        bool more_want = str_cut(pattern, '/', &want, &pattern);
        bool more_have = str_cut(path, '/', &have, &path);
        if (str_starts(want, STR(":"))) {
            if (have.len == 0 || rq->nparams == HTTP_MAX_PARAMS)
                return false;
            rq->params[rq->nparams++] = have;
        } else if (!str_eq(want, have)) {
            return false;
        }
        if (more_want != more_have)
            return false;
    }
    return true;
}

static Status run_handler(const HttpRoute *r, Cx *cx, HttpReq *rq, HttpResp *rs)
{
    for (size_t i = 0; i < rq->nparams; i++)
        TRY(http_decode(cx, rq->params[i], &rq->params[i]));
    return r->handler(cx, rq, rs);
}

static Status run_route(const HttpRoutes *tables, size_t ntables, Cx *cx, HttpReq *rq, HttpResp *rs)
{
    bool known_path = false;
    if (rq->body_too_big)
        return cx_fail(cx, ST_LIMIT, "http.body_too_big", "at most %d bytes", HTTP_MAX_BODY);
    str_cut(rq->target, '?', &rq->path, &rq->query);
    for (size_t t = 0; t < ntables; t++) {
        for (size_t i = 0; i < tables[t].n; i++) {
            const HttpRoute *r = &tables[t].items[i];
            if (!route_matches(r->pattern, rq->path, rq))
                continue;
            known_path = true;
            if (str_eq(r->method, rq->method))
                return run_handler(r, cx, rq, rs);
        }
    }
    if (known_path)
        return cx_fail(cx, ST_INVALID, "http.bad_method", "method not allowed here");
    return cx_fail(cx, ST_NOT_FOUND, "http.no_route", "nothing at this address");
}

static int http_status_of(Status st)
{
    static const int MAP[ST_COUNT_] = {
        [ST_OK] = 200,       [ST_INVALID] = 400, [ST_DENIED] = 403, [ST_NOT_FOUND] = 404,
        [ST_CONFLICT] = 409, [ST_LIMIT] = 413,   [ST_BUSY] = 503,   [ST_IO] = 500,
    };
    return MAP[st];
}

static void respond_problem(const Err *err, HttpResp *rs)
{
    bool ours = err->status == ST_IO; /* do not show clients what our disk says */
    buf_clear(&rs->body);
    rs->status = http_status_of(err->status);
    rs->type = "application/problem+json";
    rs->cache_control = NULL;
    Json j = json_begin(&rs->body);
    json_obj(&j, NULL);
    json_str(&j, "code", ours ? STR("internal") : str_from_cstr(err->code));
    json_str(&j, "detail", ours ? STR("internal error") : str_from_cstr(err->msg));
    json_end(&j);
}

void http_dispatch(const HttpRoutes *tables, size_t ntables, Cx *cx, HttpReq *rq, HttpResp *rs)
{
    *rs = (HttpResp){.status = 200};
    buf_init(&rs->body, HTTP_MAX_REPLY);
    Status st = run_route(tables, ntables, cx, rq, rs);
    if (st == ST_OK && buf_overflowed(&rs->body))
        st = cx_fail(cx, ST_LIMIT, "http.reply_too_big", "the reply is too big");
    if (st == ST_OK) {
        log_event(LOG_INFO, "http.done", log_s("method", rq->method), log_s("target", rq->target),
                  log_i("status", rs->status));
        return;
    }
    respond_problem(&cx->err, rs);
    log_event(st == ST_IO ? LOG_ERROR : LOG_INFO, "http.failed", log_s("method", rq->method),
              log_s("target", rq->target), log_i("status", rs->status),
              log_s("code", str_from_cstr(cx->err.code)), log_s("msg", str_from_cstr(cx->err.msg)),
              log_s("file", str_from_cstr(cx->err.file)), log_i("line", cx->err.line));
}
