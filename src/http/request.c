#include "http/http_int.h"

#include "base/id.h"
#include "base/utf8.h"

#include <string.h>

static const char *const METHOD_NAMES[HTTP_NMETHODS + 1] = {
    "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER",
};

const char *http_method_name(HttpMethod m)
{
    ASSERT(m <= HTTP_OTHER);
    return METHOD_NAMES[m];
}

HttpMethod http_method_from(Str name, bool *ret_head)
{
    *ret_head = str_eq(name, STR("HEAD"));
    if (*ret_head)
        return HTTP_GET;
    for (HttpMethod m = HTTP_GET; m < HTTP_NMETHODS; m++)
        if (str_eq(name, str_from_cstr(METHOD_NAMES[m])))
            return m;
    return HTTP_OTHER;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool http_eq_nocase(Str x, Str y)
{
    if (x.len != y.len)
        return false;
    for (size_t i = 0; i < x.len; i++)
        if (lower(x.ptr[i]) != lower(y.ptr[i]))
            return false;
    return true;
}

bool http_starts_nocase(Str s, Str prefix)
{
    return s.len >= prefix.len && http_eq_nocase((Str){s.ptr, prefix.len}, prefix);
}

bool http_list_next(Str *rest, Str *ret_item)
{
    while (rest->len > 0) {
        size_t n = 0;
        bool   quoted = false;
        for (; n < rest->len && (quoted || rest->ptr[n] != ','); n++) {
            if (quoted && rest->ptr[n] == '\\' && n + 1 < rest->len)
                n++;
            else if (rest->ptr[n] == '"')
                quoted = !quoted;
        }
        *ret_item = str_trim((Str){rest->ptr, n});
        size_t skip = n < rest->len ? n + 1 : n;
        *rest = (Str){rest->ptr + skip, rest->len - skip};
        if (ret_item->len > 0)
            return true;
    }
    return false;
}

Str http_header(const HttpReq *rq, Str name)
{
    for (size_t i = 0; i < rq->nheaders; i++)
        if (http_eq_nocase(rq->headers[i].name, name))
            return rq->headers[i].value.ptr != NULL ? rq->headers[i].value : STR("");
    return (Str){0};
}

static Str cookie_in(Str header, Str name, bool prefixed)
{
    Str rest = header, pair, key, value;
    while (rest.len > 0) {
        str_cut(rest, ';', &pair, &rest);
        if (!str_cut(str_trim(pair), '=', &key, &value))
            continue;
        if (prefixed) {
            if (!str_starts(key, STR("__Host-")))
                continue;
            key = (Str){key.ptr + 7, key.len - 7};
        }
        if (str_eq(key, name))
            return value.len > 0 ? value : STR("");
    }
    return (Str){0};
}

Str http_cookie(const HttpReq *rq, Str name)
{
    for (size_t i = 0; i < rq->nheaders; i++) {
        if (!http_eq_nocase(rq->headers[i].name, STR("Cookie")))
            continue;
        Str found = cookie_in(rq->headers[i].value, name, rq->tls);
        if (found.ptr != NULL)
            return found;
    }
    return (Str){0};
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static Status decode(Cx *cx, Str s, bool plus, Str *ret)
{
    char  *out = arena_array(cx->arena, char, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            int hi = s.len - i > 2 ? hex_value(s.ptr[i + 1]) : -1;
            int lo = s.len - i > 2 ? hex_value(s.ptr[i + 2]) : -1;
            if (hi < 0 || lo < 0)
                return cx_fail(cx, ST_INVALID, "http.bad_escape", "malformed %%-escape");
            c = (char)(hi * 16 + lo);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0')
            return cx_fail(cx, ST_INVALID, "http.bad_escape", "a NUL in the text");
        out[n++] = c;
    }
    *ret = (Str){out, n};
    if (!utf8_valid(*ret))
        return cx_fail(cx, ST_INVALID, "http.bad_escape", "the text is not UTF-8");
    return ST_OK;
}

Status http_decode(Cx *cx, Str s, Str *ret)
{
    return decode(cx, s, false, ret);
}

Status http_decode_form(Cx *cx, Str s, Str *ret)
{
    return decode(cx, s, true, ret);
}

bool http_query_next(Str *rest, Str *ret_name, Str *ret_value)
{
    Str pair;
    while (rest->len > 0) {
        str_cut(*rest, '&', &pair, rest);
        str_cut(pair, '=', ret_name, ret_value);
        if (pair.len > 0)
            return true;
    }
    return false;
}

/* Names are compared as sent first; one that was sent with escapes is decoded here. */
static bool name_is(Str sent, Str name)
{
    size_t n = 0;
    for (size_t i = 0; i < sent.len; i++, n++) {
        char c = sent.ptr[i];
        if (c == '%' && sent.len - i > 2 && hex_value(sent.ptr[i + 1]) >= 0 &&
            hex_value(sent.ptr[i + 2]) >= 0) {
            c = (char)(hex_value(sent.ptr[i + 1]) * 16 + hex_value(sent.ptr[i + 2]));
            i += 2;
        }
        if (n == name.len || name.ptr[n] != c)
            return false;
    }
    return n == name.len;
}

static bool find_query(const HttpReq *rq, Str name, Str *ret)
{
    Str rest = rq->query, key, value;
    while (http_query_next(&rest, &key, &value)) {
        if (!name_is(key, name))
            continue;
        *ret = value;
        return true;
    }
    return false;
}

bool http_query_has(const HttpReq *rq, Str name)
{
    Str value;
    return find_query(rq, name, &value);
}

Status http_query(Cx *cx, const HttpReq *rq, Str name, Str fallback, Str *ret)
{
    Str value;
    if (find_query(rq, name, &value))
        return http_decode_form(cx, value, ret);
    *ret = fallback;
    return ST_OK;
}

Status http_query_i64(Cx *cx, const HttpReq *rq, Str name, int64_t min, int64_t max,
                      int64_t fallback, int64_t *ret)
{
    Str     value;
    int64_t v = fallback;
    if (find_query(rq, name, &value) && (!str_parse_i64(value, &v) || v < min || v > max))
        return cx_fail(cx, ST_INVALID, "http.bad_param",
                       STR_FMT " must be an integer from %lld to %lld", STR_ARG(name),
                       (long long)min, (long long)max);
    *ret = v;
    return ST_OK;
}

Status http_query_bool(Cx *cx, const HttpReq *rq, Str name, bool fallback, bool *ret)
{
    Str value;
    *ret = fallback;
    if (!find_query(rq, name, &value))
        return ST_OK;
    bool yes = str_eq(value, STR("true")) || str_eq(value, STR("1"));
    if (!yes && !str_eq(value, STR("false")) && !str_eq(value, STR("0")))
        return cx_fail(cx, ST_INVALID, "http.bad_param", STR_FMT " must be true or false",
                       STR_ARG(name));
    *ret = yes;
    return ST_OK;
}

Status http_query_id(Cx *cx, const HttpReq *rq, Str name, const char *prefix, int64_t fallback,
                     int64_t *ret)
{
    Str value;
    *ret = fallback;
    if (!find_query(rq, name, &value) || id_parse(value, prefix, ret))
        return ST_OK;
    return cx_fail(cx, ST_INVALID, "http.bad_param", STR_FMT " must be an id as %s_…",
                   STR_ARG(name), prefix);
}

Status http_param_id(Cx *cx, const HttpReq *rq, size_t i, const char *prefix, int64_t *ret)
{
    ASSERT(i < rq->nparams);
    if (!id_parse(rq->params[i], prefix, ret))
        return cx_fail(cx, ST_NOT_FOUND, "http.bad_id", "no id of this kind in the address");
    return ST_OK;
}

bool http_same_origin(const HttpReq *rq)
{
    Str site = http_header(rq, STR("Sec-Fetch-Site"));
    if (site.ptr != NULL)
        return str_eq(site, STR("same-origin")) || str_eq(site, STR("none"));
    Str origin = http_header(rq, STR("Origin"));
    if (origin.ptr == NULL)
        return true;
    if (http_starts_nocase(origin, STR("https://")))
        origin = (Str){origin.ptr + 8, origin.len - 8};
    else if (!rq->tls && http_starts_nocase(origin, STR("http://")))
        origin = (Str){origin.ptr + 7, origin.len - 7};
    else
        return false;
    return http_eq_nocase(origin, http_header(rq, STR("Host")));
}
