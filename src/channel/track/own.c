/* The shop's own pages: our script, what it sends, and a view of who runs no scripts. */
#include "base/embedded.h"
#include "channel/track/collect.h"

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

/* GET /t/track.js */
Status own_script(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    char text[24];
    (void)snprintf(text, sizeof text, "\"%016llx\"", (unsigned long long)script_hash());
    rs->type = "text/javascript; charset=utf-8";
    rs->borrowed = script();
    rs->etag = str_dup(cx->arena, str_from_cstr(text));
    rs->cache_control = http_query_has(rq, STR("v")) ? "public, max-age=31536000, immutable"
                                                     : "public, max-age=3600";
    http_set_header(cx, rs, "Cross-Origin-Resource-Policy", STR("cross-origin"));
    collect_cors(cx, rq, rs);
    return ST_OK;
}

/* Programs are no visitors, and whoever's browser says so is not counted. */
static bool is_counted(const HttpReq *rq)
{
    return !visitor_is_bot(http_header(rq, STR("User-Agent"))) &&
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

/* "https://shop.example/products/x?y" -> "/products/x" */
static Str path_of(Str url)
{
    size_t at = str_find(url, STR("://"));
    Str    rest = at != SIZE_MAX ? str_skip(url, at + 3) : (Str){0}, host, path;
    if (!str_cut(rest, '/', &host, &path) || path.len > 1000)
        return STR("");
    Str whole = {path.ptr - 1, path.len + 1}, query;
    (void)str_cut(whole, '?', &whole, &query);
    return whole;
}

/* GET /t/page.css, which only browsers without scripts ask for: an empty style sheet, and the view
 * of the page that it stands in. */
Status own_view(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const TrackKey *key = track_key_own();
    Str page = http_header(rq, STR("Referer")), agent = http_header(rq, STR("User-Agent"));
    Str path = path_of(page);
    rs->type = "text/css; charset=utf-8";
    if (key == NULL || path.len == 0 || !http_same_origin(rq) || !is_counted(rq))
        return ST_OK;
    TRY(collect_key(cx, rq, key->text, &key));
    Sink *s = sink_begin(cx->arena, cx->now, key, "page");
    sink_text(s, STR("context.page.path"), path);
    sink_text(s, STR("context.page.url"), page);
    sink_text(s, STR("context.userAgent"), agent);
    sink_bool(s, STR("context.ephemeral"), true);
    SinkWho who = {.anonymous = visitor_hash(cx->arena, cx->now, rq->peer, agent, key->text)};
    TRY(sink_event(s, &who, STR("Page Viewed"), cx->now, STR(""), &cx->err));
    return collect_send(cx, rq, rs, s, COLLECT_CSS);
}
