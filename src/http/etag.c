#include "http/http_etag.h"

#include "http/http_int.h"

#include <stdio.h>

void http_etag_rev(Cx *cx, HttpResp *rs, int64_t rev)
{
    char *text = arena_array(cx->arena, char, 24);
    int   n = snprintf(text, 24, "\"%lld\"", (long long)rev);
    rs->etag = (Str){text, (size_t)n};
}

/* `"x+zstd"` -> `x`: without quotes and without the mark of an encoding. */
static bool opaque(Str tag, bool weak, Str *ret)
{
    if (str_starts(tag, STR("W/"))) {
        if (!weak)
            return false;
        tag = (Str){tag.ptr + 2, tag.len - 2};
    }
    if (tag.len < 2 || tag.ptr[0] != '"' || tag.ptr[tag.len - 1] != '"')
        return false;
    tag = (Str){tag.ptr + 1, tag.len - 2};
    static const Str MARKS[] = {STR_INIT("+zstd"), STR_INIT("+gzip"), STR_INIT("+br")};
    for (size_t i = 0; i < COUNT_OF(MARKS); i++) {
        size_t n = MARKS[i].len;
        if (tag.len > n && str_eq((Str){tag.ptr + tag.len - n, n}, MARKS[i])) {
            tag.len -= n;
            break;
        }
    }
    *ret = tag;
    return true;
}

bool http_etag_listed(Str list, Str etag, bool weak)
{
    Str item, have, want;
    if (str_eq(str_trim(list), STR("*")))
        return true;
    if (!opaque(etag, weak, &want))
        return false;
    while (http_list_next(&list, &item))
        if (opaque(item, weak, &have) && str_eq(have, want))
            return true;
    return false;
}

Status http_if_match_rev(Cx *cx, const HttpReq *rq, int64_t *ret_rev)
{
    Str header = http_header(rq, STR("If-Match")), tag;
    *ret_rev = 0;
    if (header.ptr == NULL || str_eq(str_trim(header), STR("*")))
        return ST_OK;
    int64_t rev;
    if (!opaque(str_trim(header), false, &tag) || !str_parse_i64(tag, &rev) || rev <= 0)
        return cx_fail(cx, ST_STALE, "http.stale", "If-Match names no revision of this");
    *ret_rev = rev;
    return ST_OK;
}

Status http_check_rev(Cx *cx, const HttpReq *rq, int64_t rev)
{
    int64_t want;
    TRY(http_if_match_rev(cx, rq, &want));
    if (want != 0 && want != rev)
        return cx_fail(cx, ST_STALE, "http.stale", "it was changed since: revision %lld now",
                       (long long)rev);
    return ST_OK;
}

void http_condition(const HttpReq *rq, HttpResp *rs)
{
    if (rq->method != HTTP_GET || rs->status != 200 || rs->etag.len == 0)
        return;
    Str none = http_header(rq, STR("If-None-Match"));
    if (none.ptr == NULL || !http_etag_listed(none, rs->etag, true))
        return;
    HttpResp gone = *rs;
    rs->body = (Buf){.max = gone.body.max};
    rs->file = HTTP_FILE_NONE;
    rs->borrowed = (Str){0};
    rs->release = NULL;
    rs->status = 304;
    http_resp_done(&gone);
}
