#include "http/http_int.h"

#include <stdlib.h>
#include <unistd.h>

void http_resp_init(HttpResp *rs)
{
    *rs = (HttpResp){.status = 200, .file = HTTP_FILE_NONE};
    buf_init(&rs->body, HTTP_MAX_REPLY);
}

void http_resp_done(HttpResp *rs)
{
    buf_done(&rs->body);
    if (rs->release != NULL)
        rs->release(rs->owner);
    rs->release = NULL;
    if (rs->file >= 0)
        close(rs->file);
    rs->file = HTTP_FILE_NONE;
}

void http_reply(const HttpReq *rq, HttpResp *rs, const void *value)
{
    ASSERT(rq->route != NULL && rq->route->out != NULL);
    Json j = json_begin(&rs->body);
    shape_write(&j, NULL, rq->route->out, value);
}

void http_reply_none(HttpResp *rs)
{
    rs->status = 204;
    buf_clear(&rs->body);
}

void http_redirect(Cx *cx, HttpResp *rs, int status, Str location)
{
    ASSERT(status >= 301 && status <= 308);
    rs->status = status;
    buf_clear(&rs->body);
    http_set_header(cx, rs, "Location", location);
}

enum { HEADERS_STEP = 8 };

void http_set_header(Cx *cx, HttpResp *rs, const char *name, Str value)
{
    if (rs->nheaders % HEADERS_STEP == 0) { /* full: the old array stays in the arena */
        HttpPair *more = arena_array(cx->arena, HttpPair, rs->nheaders + HEADERS_STEP);
        for (size_t i = 0; i < rs->nheaders; i++)
            more[i] = rs->headers[i];
        rs->headers = more;
    }
    char  *clean = arena_array(cx->arena, char, value.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] >= 0x20 && value.ptr[i] != 0x7f)
            clean[n++] = value.ptr[i];
    rs->headers[rs->nheaders++] = (HttpPair){str_from_cstr(name), {clean, n}};
}

static bool is_cookie_text(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= 0x20 || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\')
            return false;
    }
    return true;
}

void http_set_cookie(Cx *cx, const HttpReq *rq, HttpResp *rs, Str name, Str value, SpanMs max_age)
{
    ASSERT(name.len > 0 && is_cookie_text(name) && is_cookie_text(value));
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8192);
    buf_addf(&b, "%s" STR_FMT "=" STR_FMT "; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
             rq->tls ? "__Host-" : "", STR_ARG(name), STR_ARG(value), (long long)(max_age.v / 1000),
             rq->tls ? "; Secure" : "");
    ASSERT(!buf_overflowed(&b));
    http_set_header(cx, rs, "Set-Cookie", buf_str(&b));
}
