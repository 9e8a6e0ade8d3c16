#include "http/http_encode.h"

#include "http/http_etag.h"
#include "http/http_int.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { CODINGS = 4, ZSTD_LEVEL = 3, GZIP_LEVEL = 5 };

static const Str NAMES[CODINGS] = {
    [HTTP_PLAIN] = {"", 0},
    [HTTP_GZIP] = STR_INIT("gzip"),
    [HTTP_ZSTD] = STR_INIT("zstd"),
    [HTTP_BR] = STR_INIT("br"),
};

Str http_coding_name(HttpCoding c)
{
    return NAMES[c];
}

/* "gzip;q=0.8": the weight in thousandths, or -1 when it is malformed. */
static int weight_of(Str params)
{
    Str q = str_trim(params);
    if (q.len == 0)
        return 1000;
    if (q.len < 3 || (q.ptr[0] | 0x20) != 'q' || q.ptr[1] != '=' || q.len > 7)
        return -1;
    if (q.ptr[2] != '0' && q.ptr[2] != '1')
        return -1;
    int value = (q.ptr[2] - '0') * 1000, unit = 100;
    for (size_t i = 3; i < q.len; i++) {
        char c = q.ptr[i];
        if (i == 3 ? c != '.' : c < '0' || c > '9')
            return -1;
        if (i > 3) {
            value += (c - '0') * unit;
            unit /= 10;
        }
    }
    return value <= 1000 ? value : -1;
}

HttpCoding http_coding_pick(Str accept, unsigned offered)
{
    int q[CODINGS] = {-1, -1, -1, -1}, star = -1;
    Str item, name, params;
    while (http_list_next(&accept, &item)) {
        str_cut(item, ';', &name, &params);
        int weight = weight_of(params);
        name = str_trim(name);
        if (weight >= 0 && str_eq(name, STR("*")))
            star = weight;
        for (int c = HTTP_GZIP; c < CODINGS && weight >= 0; c++)
            if (http_eq_nocase(name, NAMES[c]) ||
                (c == HTTP_GZIP && http_eq_nocase(name, STR("x-gzip"))))
                q[c] = weight;
        if (weight >= 0 && http_eq_nocase(name, STR("identity")))
            q[HTTP_PLAIN] = weight;
    }
    HttpCoding best = HTTP_PLAIN;
    int        best_q = q[HTTP_PLAIN] > 0 ? q[HTTP_PLAIN] : 0;
    for (int c = HTTP_GZIP; c < CODINGS; c++) {
        int weight = q[c] >= 0 ? q[c] : star;
        if ((offered >> c & 1) && weight > 0 && weight >= best_q) {
            best = (HttpCoding)c;
            best_q = weight;
        }
    }
    return best;
}

bool http_compressible(const char *type)
{
    static const Str TYPES[] = {
        STR_INIT("application/json"),       STR_INIT("application/problem+json"),
        STR_INIT("application/javascript"), STR_INIT("application/xml"),
        STR_INIT("application/ld+json"),    STR_INIT("application/manifest+json"),
        STR_INIT("application/rss+xml"),    STR_INIT("application/atom+xml"),
        STR_INIT("application/wasm"),       STR_INIT("application/openmetrics-text"),
        STR_INIT("image/svg+xml"),          STR_INIT("model/gltf+json"),
    };
    if (type == NULL)
        return true; /* JSON */
    Str full = str_from_cstr(type), name, rest;
    str_cut(full, ';', &name, &rest);
    if (str_starts(name, STR("text/")))
        return !str_eq(name, STR("text/event-stream"));
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (str_eq(name, TYPES[i]))
            return true;
    return false;
}

/* Each thread that compresses keeps its tables, which cost more to make than a page costs
 * to compress. */
typedef struct Tools {
    ZSTD_CCtx *zstd;
    z_stream   gzip;
    bool       gzip_ready;
} Tools;

static pthread_key_t  tools_key;
static pthread_once_t tools_once = PTHREAD_ONCE_INIT;

static void free_tools(void *p)
{
    Tools *t = p;
    ZSTD_freeCCtx(t->zstd);
    if (t->gzip_ready)
        deflateEnd(&t->gzip);
    free(t);
}

static void make_key(void)
{
    ASSERT(pthread_key_create(&tools_key, free_tools) == 0);
}

static Tools *tools(void)
{
    ASSERT(pthread_once(&tools_once, make_key) == 0);
    Tools *t = pthread_getspecific(tools_key);
    if (t != NULL)
        return t;
    t = calloc(1, sizeof *t);
    if (t == NULL)
        base_out_of_memory(sizeof *t);
    ASSERT(pthread_setspecific(tools_key, t) == 0);
    return t;
}

static size_t run_zstd(Str in, char *out, size_t room)
{
    Tools *t = tools();
    if (t->zstd == NULL)
        t->zstd = ZSTD_createCCtx();
    if (t->zstd == NULL)
        base_out_of_memory(sizeof *t);
    size_t n = ZSTD_compressCCtx(t->zstd, out, room, in.ptr, in.len, ZSTD_LEVEL);
    return ZSTD_isError(n) ? 0 : n;
}

static size_t run_gzip(Str in, char *out, size_t room)
{
    Tools *t = tools();
    if (!t->gzip_ready) /* 15 + 16: a gzip header around a window of 32 KiB */
        t->gzip_ready =
            deflateInit2(&t->gzip, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    if (!t->gzip_ready || deflateReset(&t->gzip) != Z_OK)
        return 0;
    t->gzip.next_in = (Bytef *)(uintptr_t)in.ptr;
    t->gzip.avail_in = (uInt)in.len;
    t->gzip.next_out = (Bytef *)out;
    t->gzip.avail_out = (uInt)room;
    return deflate(&t->gzip, Z_FINISH) == Z_STREAM_END ? room - t->gzip.avail_out : 0;
}

/* "abc" -> "abc+zstd" */
static void mark_etag(Cx *cx, HttpResp *rs)
{
    if (rs->etag.len < 2 || rs->etag.ptr[rs->etag.len - 1] != '"')
        return;
    size_t n = rs->etag.len + 1 + rs->encoding.len;
    char  *text = arena_array(cx->arena, char, n + 1);
    snprintf(text, n + 1, STR_FMT "+" STR_FMT "\"", (int)rs->etag.len - 1, rs->etag.ptr,
             STR_ARG(rs->encoding));
    rs->etag = (Str){text, n};
}

static bool worth_it(const HttpResp *rs, Str body, size_t max)
{
    return body.len >= HTTP_ENCODE_MIN && body.len <= max && body.len <= INT32_MAX &&
           rs->encoding.len == 0 && rs->file < 0 && rs->stream == NULL && rs->status != 206 &&
           http_compressible(rs->type);
}

Str http_pack_zstd(Str body, int level)
{
    size_t room = ZSTD_compressBound(body.len);
    char  *out = malloc(room);
    if (out == NULL)
        base_out_of_memory(room);
    size_t n = ZSTD_compress(out, room, body.ptr, body.len, level);
    return (Str){out, ZSTD_isError(n) || n >= body.len ? 0 : n};
}

Str http_pack_gzip(Str body, int level)
{
    z_stream z = {0};
    char    *out = malloc(body.len + 1);
    if (out == NULL || deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        base_out_of_memory(body.len);
    z.next_in = (Bytef *)(uintptr_t)body.ptr;
    z.avail_in = (uInt)body.len;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)body.len;
    size_t n = deflate(&z, Z_FINISH) == Z_STREAM_END ? body.len - z.avail_out : 0;
    deflateEnd(&z);
    return (Str){out, n};
}

void http_encode(Cx *cx, const HttpReq *rq, HttpResp *rs, size_t max)
{
    Str body = rs->borrowed.ptr != NULL ? rs->borrowed : buf_str(&rs->body);
    if (!worth_it(rs, body, max))
        return;
    http_set_header(cx, rs, "Vary", STR("Accept-Encoding"));
    HttpCoding coding = http_coding_pick(http_header(rq, STR("Accept-Encoding")),
                                         1U << HTTP_ZSTD | 1U << HTTP_GZIP);
    if (coding == HTTP_PLAIN)
        return;
    /* Not more room than the plain body has: what does not shrink is sent as it is. */
    char *out = malloc(body.len);
    if (out == NULL)
        base_out_of_memory(body.len);
    size_t n =
        coding == HTTP_ZSTD ? run_zstd(body, out, body.len - 1) : run_gzip(body, out, body.len - 1);
    if (n == 0) {
        free(out);
        return;
    }
    buf_done(&rs->body);
    rs->borrowed = (Str){0};
    if (rs->release != NULL)
        rs->release(rs->owner);
    rs->release = NULL;
    out[n] = '\0';
    rs->body = (Buf){.ptr = out, .len = n, .cap = body.len, .max = HTTP_MAX_REPLY};
    rs->encoding = http_coding_name(coding);
    mark_etag(cx, rs);
}

/* --- ranges ----------------------------------------------------------------------------------- */

static bool if_range_holds(Str if_range, Str etag)
{
    if (if_range.ptr == NULL)
        return true;
    return etag.len > 0 && !str_starts(str_trim(if_range), STR("*")) &&
           http_etag_listed(if_range, etag, false);
}

HttpRange http_range(Str range, Str if_range, Str etag, int64_t size)
{
    HttpRange whole = {.first = 0, .n = size};
    Str       first, last;
    int64_t   from = 0, to = size - 1;
    if (!http_starts_nocase(range, STR("bytes=")) || !if_range_holds(if_range, etag))
        return whole;
    range = (Str){range.ptr + 6, range.len - 6};
    if (memchr(range.ptr, ',', range.len) != NULL || !str_cut(str_trim(range), '-', &first, &last))
        return whole;
    if (first.len == 0) { /* the last so many bytes */
        if (!str_parse_i64(last, &to) || to < 0)
            return whole;
        from = to < size ? size - to : 0;
        if (to == 0)
            from = size;
        to = size - 1;
    } else if (!str_parse_i64(first, &from) || from < 0 ||
               (last.len > 0 && (!str_parse_i64(last, &to) || to < from))) {
        return whole;
    }
    if (from >= size)
        return (HttpRange){.none = true};
    if (to > size - 1)
        to = size - 1;
    return (HttpRange){.first = from, .n = to - from + 1, .partial = true};
}
