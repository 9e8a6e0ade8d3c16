/* The shop's own pages: our script, what it sends, and a view of who runs no scripts. */
#include "base/embedded.h"
#include "channel/track/collect.h"
#include "http/http_encode.h"

#include <pthread.h>
#include <stdio.h>
#include <xxhash.h>

extern const EmbeddedText track_files[];
extern const size_t       track_files_n;

static Str script(void)
{
    ASSERT(track_files_n == 1);
    return track_files[0].text;
}

static uint64_t script_hash(void)
{
    Str s = script();
    return XXH3_64bits(s.ptr, s.len);
}

Str track_head(Arena *a)
{
    const TrackKey       *key = track_key_own();
    CLEANUP(buf_done) Buf b = {0};
    if (key == NULL)
        return STR("");
    buf_init(&b, 1024);
    buf_addf(&b,
             "<script defer src=\"/t/track.js?v=%016llx\" data-key=\"" STR_FMT "\"></script>"
             "<noscript><link rel=\"stylesheet\" href=\"/t/page.css\"></noscript>",
             (unsigned long long)script_hash(), STR_ARG(key->text));
    return str_dup(a, buf_str(&b));
}

/* Every page loads it: packed once, as small as can be. */
static Str            packed[HTTP_BR];
static pthread_once_t packed_once = PTHREAD_ONCE_INIT;

static void pack(void)
{
    packed[HTTP_ZSTD] = http_pack_zstd(script(), 19);
    packed[HTTP_GZIP] = http_pack_gzip(script(), 9);
}

/* GET /t/track.js */
Status own_script(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    char       text[40];
    HttpCoding coding = http_coding_pick(http_header(rq, STR("Accept-Encoding")),
                                         1U << HTTP_ZSTD | 1U << HTTP_GZIP);
    (void)pthread_once(&packed_once, pack);
    (void)snprintf(text, sizeof text, "\"%016llx" STR_FMT "\"", (unsigned long long)script_hash(),
                   STR_ARG(http_coding_name(coding)));
    rs->type = "text/javascript; charset=utf-8";
    rs->borrowed = coding == HTTP_PLAIN ? script() : packed[coding];
    rs->encoding = http_coding_name(coding);
    rs->etag = str_dup(cx->arena, str_from_cstr(text));
    rs->cache_control = http_query_has(rq, STR("v")) ? "public, max-age=31536000, immutable"
                                                     : "public, max-age=3600";
    http_set_header(cx, rs, "Cross-Origin-Resource-Policy", STR("cross-origin"));
    collect_cors(cx, rq, rs);
    http_set_header(cx, rs, "Vary", STR("Accept-Encoding"));
    return ST_OK;
}

/* GET /.well-known/gpc.json */
Status own_gpc(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)cx;
    (void)rq;
    rs->type = "application/json";
    rs->borrowed = STR("{\"gpc\":true,\"lastUpdate\":\"2026-11-23\"}");
    rs->cache_control = "public, max-age=86400";
    return ST_OK;
}

/* Nobody has looked at what a browser fetches or makes ready beforehand. */
static bool is_ahead(const HttpReq *rq)
{
    Str purpose = http_header(rq, STR("Sec-Purpose"));
    if (purpose.len == 0)
        purpose = http_header(rq, STR("Purpose"));
    return str_starts(purpose, STR("prefetch")) || str_starts(purpose, STR("prerender"));
}

/* Programs are no visitors, and whoever's browser says so is not counted. */
static bool is_counted(const HttpReq *rq)
{
    return !visitor_is_bot(http_header(rq, STR("User-Agent"))) && !is_ahead(rq) &&
           !str_eq(http_header(rq, STR("Sec-GPC")), STR("1")) &&
           !str_eq(http_header(rq, STR("DNT")), STR("1"));
}

Status own_post(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    if (is_counted(rq))
        return segment_post(cx, rq, rs);
    collect_reply(cx, rq, rs, COLLECT_JSON);
    return ST_OK;
}

/* A key that lets its holder in, as a part of a path: long, of all kinds of characters. */
static bool is_secret(Str part)
{
    bool lower = false, upper = false, digit = false;
    for (size_t i = 0; i < part.len; i++) {
        lower = lower || (part.ptr[i] >= 'a' && part.ptr[i] <= 'z');
        upper = upper || (part.ptr[i] >= 'A' && part.ptr[i] <= 'Z');
        digit = digit || (part.ptr[i] >= '0' && part.ptr[i] <= '9');
    }
    return part.len >= 20 && lower && upper && digit;
}

/* "https://shop.example/orders/SECRET?x=1" -> "/orders/-", "x=1". As web/embed/page.ts. */
static Str path_of(Arena *a, Str url, Str *ret_query)
{
    size_t                at = str_find(url, STR("://"));
    Str                   rest = at != SIZE_MAX ? str_skip(url, at + 3) : (Str){0}, host, part;
    CLEANUP(buf_done) Buf b = {0};
    *ret_query = STR("");
    if (!str_cut(rest, '/', &host, &rest))
        return STR("");
    (void)str_cut(rest, '?', &rest, ret_query);
    buf_init(&b, 1000);
    for (bool more = true; more;) {
        more = str_cut(rest, '/', &part, &rest);
        buf_addc(&b, '/');
        buf_add(&b, is_secret(part) ? STR("-") : part);
    }
    return buf_overflowed(&b) ? STR("") : str_dup(a, buf_str(&b));
}

/* GET /t/page.css, which only browsers without scripts ask for: an empty style sheet, and the view
 * of the page that it stands in. */
Status own_view(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const TrackKey *key = track_key_own();
    Str page = http_header(rq, STR("Referer")), agent = http_header(rq, STR("User-Agent"));
    Str query, path = path_of(cx->arena, page, &query);
    rs->type = "text/css; charset=utf-8";
    if (key == NULL || path.len == 0 || rq->head || !http_same_origin(rq) || !is_counted(rq))
        return ST_OK;
    TRY(collect_key(cx, rq, key->text, &key));
    Sink *s = sink_begin(cx->arena, cx->now, key, "page");
    sink_text(s, STR("context.page.path"), path);
    sink_campaign(s, query);
    sink_text(s, STR("context.userAgent"), agent);
    sink_bool(s, STR("context.ephemeral"), true);
    SinkWho who = {.anonymous = visitor_hash(cx->arena, cx->now, rq->peer, agent, key->text)};
    TRY(sink_event(s, &who, STR("Page Viewed"), cx->now, STR(""), &cx->err));
    return collect_send(cx, rq, rs, s, COLLECT_CSS);
}
