/* What the address of a page says: its path, and which campaign brought somebody there. */
#include "channel/track/sink.h"

#include "http/http.h"

static bool has_prop(const Sink *s, Str key)
{
    for (size_t i = s->first; i < s->nprops; i++)
        if (str_eq(s->props[i].key, key))
            return true;
    return false;
}

static void put_once(Sink *s, Str key, Str text)
{
    if (!has_prop(s, key))
        sink_text(s, key, text);
}

Str sink_decoded(Sink *s, Str text)
{
    Cx  cx = {.arena = s->arena};
    Str ret;
    return http_decode_form(&cx, text, &ret) == ST_OK ? ret : STR("");
}

void sink_campaign(Sink *s, Str query)
{
    static const struct {
        Str name, key;
    } PARTS[] = {{STR_INIT("source"), STR_INIT("context.campaign.source")},
                 {STR_INIT("medium"), STR_INIT("context.campaign.medium")},
                 {STR_INIT("campaign"), STR_INIT("context.campaign.name")},
                 {STR_INIT("term"), STR_INIT("context.campaign.term")},
                 {STR_INIT("kwd"), STR_INIT("context.campaign.term")},
                 {STR_INIT("content"), STR_INIT("context.campaign.content")}};
    Str name, value;
    while (http_query_next(&query, &name, &value)) {
        if (!str_starts(name, STR("utm_")) && !str_starts(name, STR("mtm_")))
            continue;
        for (size_t i = 0; i < COUNT_OF(PARTS); i++)
            if (str_eq(str_skip(name, 4), PARTS[i].name))
                put_once(s, PARTS[i].key, sink_decoded(s, value));
    }
}

void sink_page(Sink *s, Str url)
{
    Str    rest = url, host, path = STR(""), query = STR(""), hash;
    size_t at = str_find(url, STR("://"));
    put_once(s, STR("context.page.url"), url);
    if (at != SIZE_MAX)
        rest = str_skip(url, at + 3);
    if (!str_cut(rest, '#', &rest, &hash))
        hash = STR("");
    if (!str_cut(rest, '?', &rest, &query))
        query = STR("");
    if (str_cut(rest, '/', &host, &path))
        put_once(s, STR("context.page.path"), (Str){path.ptr - 1, path.len + 1});
    else if (at != SIZE_MAX)
        put_once(s, STR("context.page.path"), STR("/"));
    if (query.len > 0)
        put_once(s, STR("context.page.search"), (Str){query.ptr - 1, query.len + 1});
    sink_campaign(s, query);
}
