/* Matomo's tracking requests: https://developer.matomo.org/api-reference/tracking-api */
#include "channel/track/sink.h"

#include "http/http.h"

typedef struct Hit {
    Str     visitor, user, url, action, category, act, name, value, query, content, link, download;
    Str     goal, order, revenue, items, time, token, language, agent, address;
    bool    ping;
    SinkWho who;
    Sink   *sink;
} Hit;

static Str decoded(Sink *s, Str text)
{
    Cx  cx = {.arena = s->arena};
    Str ret;
    return http_decode_form(&cx, text, &ret) == ST_OK ? ret : STR("");
}

static void put(Hit *h, Str key, Str value)
{
    const struct {
        Str  name;
        Str *to;
    } TEXTS[] = {
        {STR_INIT("url"), &h->url},          {STR_INIT("action_name"), &h->action},
        {STR_INIT("e_c"), &h->category},     {STR_INIT("e_a"), &h->act},
        {STR_INIT("e_n"), &h->name},         {STR_INIT("e_v"), &h->value},
        {STR_INIT("search"), &h->query},     {STR_INIT("c_n"), &h->content},
        {STR_INIT("link"), &h->link},        {STR_INIT("download"), &h->download},
        {STR_INIT("idgoal"), &h->goal},      {STR_INIT("ec_id"), &h->order},
        {STR_INIT("revenue"), &h->revenue},  {STR_INIT("ec_items"), &h->items},
        {STR_INIT("cdt"), &h->time},         {STR_INIT("uid"), &h->user},
        {STR_INIT("token_auth"), &h->token}, {STR_INIT("lang"), &h->language},
        {STR_INIT("ua"), &h->agent},         {STR_INIT("cip"), &h->address},
    };
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
        if (str_eq(key, TEXTS[i].name)) {
            *TEXTS[i].to = value;
            return;
        }
    if (str_eq(key, STR("cid")) || (str_eq(key, STR("_id")) && h->visitor.len == 0))
        h->visitor = value;
    else if (str_eq(key, STR("ping")))
        h->ping = str_eq(value, STR("1"));
    else if (str_eq(key, STR("urlref")))
        sink_text(h->sink, STR("context.page.referrer"), value);
    else if (str_eq(key, STR("res")))
        sink_text(h->sink, STR("context.screen.size"), value);
    else if (str_eq(key, STR("search_cat")))
        sink_text(h->sink, STR("category"), value);
    else if (str_eq(key, STR("search_count")))
        sink_number(h->sink, STR("results"), value);
    else if (str_starts(key, STR("dimension")))
        sink_text(h->sink, key, value);
    else if (str_eq(key, STR("ec_st")))
        sink_number(h->sink, STR("subtotal"), value);
    else if (str_eq(key, STR("ec_tx")))
        sink_number(h->sink, STR("tax"), value);
    else if (str_eq(key, STR("ec_sh")))
        sink_number(h->sink, STR("shipping"), value);
    else if (str_eq(key, STR("ec_dt")))
        sink_number(h->sink, STR("discount"), value);
    else if (str_eq(key, STR("pv_id")))
        sink_text(h->sink, STR("page_view_id"), value);
    else if (str_eq(key, STR("_rcn")))
        sink_text(h->sink, STR("context.campaign.name"), value);
    else if (str_eq(key, STR("_rck")))
        sink_text(h->sink, STR("context.campaign.term"), value);
}

/* [[sku, name, category, price, quantity], …] as products. */
static void put_products(Sink *s, Str text)
{
    static const char *const NAMES[] = {"product_id", "name", "category", "price", "quantity"};
    const JsonValue         *v;
    Err                      err = {0};
    CLEANUP(buf_done) Buf    b = {0};
    if (text.len == 0 || json_parse(s->arena, text, &v, &err) != ST_OK || v->type != JSON_ARRAY)
        return;
    buf_init(&b, JOURNEY_TEXT_MAX);
    Json j = json_begin(&b);
    json_arr(&j, NULL);
    for (uint32_t i = 0; i < v->n; i++) {
        const JsonValue *item = &v->items[i];
        json_obj(&j, NULL);
        for (uint32_t k = 0; item->type == JSON_ARRAY && k < item->n && k < COUNT_OF(NAMES); k++) {
            const JsonValue *m = &item->items[k];
            if (m->type == JSON_STRING)
                json_str(&j, NAMES[k], m->text);
            else if (m->type != JSON_BOOL && m->type != JSON_NULL)
                json_raw(&j, NAMES[k], m->text);
        }
        json_end(&j);
    }
    json_end(&j);
    if (!buf_overflowed(&b))
        sink_json(s, STR("products"), str_dup(s->arena, buf_str(&b)));
}

static Str order_of(Sink *s, Hit *h)
{
    put_products(s, h->items);
    if (h->order.len == 0)
        return STR("Cart Updated");
    sink_text(s, STR("order_id"), h->order);
    return STR("Order Completed");
}

/* What it was, with the properties that tell of it. */
static Str name_of(Sink *s, Hit *h)
{
    if (h->url.len > 0)
        sink_text(s, STR("context.page.url"), h->url);
    if (h->revenue.len > 0)
        sink_number(s, STR("revenue"), h->revenue);
    if (str_eq(h->goal, STR("0")))
        return order_of(s, h);
    if (h->goal.len > 0) {
        sink_text(s, STR("goal_id"), h->goal);
        return STR("Goal Completed");
    }
    if (h->act.len > 0) {
        sink_text(s, STR("category"), h->category);
        sink_text(s, STR("label"), h->name);
        if (h->value.len > 0)
            sink_number(s, STR("value"), h->value);
        return h->act;
    }
    if (h->query.len > 0) {
        sink_text(s, STR("query"), h->query);
        return STR("Products Searched");
    }
    if (h->link.len > 0 || h->download.len > 0) {
        sink_text(s, STR("url"), h->link.len > 0 ? h->link : h->download);
        return h->link.len > 0 ? STR("Link Clicked") : STR("File Downloaded");
    }
    if (h->content.len > 0) {
        sink_text(s, STR("content"), h->content);
        return STR("Content Viewed");
    }
    sink_text(s, STR("context.page.title"), h->action);
    return STR("Page Viewed");
}

/* "2026-11-22 19:00:00" in UTC, or seconds since 1970. */
static UnixMs time_of(Sink *s, Str text)
{
    UnixMs                t = {0};
    int64_t               n;
    CLEANUP(buf_done) Buf b = {0};
    if (text.len == 0)
        return s->now;
    if (str_parse_i64(text, &n))
        return sink_time(s, (UnixMs){n > 0 && n < 100000000000 ? n * 1000 : 0}, (UnixMs){0});
    buf_init(&b, 64);
    buf_add(&b, text);
    buf_addc(&b, 'Z');
    if (!buf_overflowed(&b) && clock_parse(buf_str(&b), &t))
        return sink_time(s, t, (UnixMs){0});
    return s->now;
}

Status matomo_hit(Sink *s, Str query, const MatomoOf *of, Err *err)
{
    Hit h = {.sink = s};
    Str rest = query, name, value;
    Err why = {0};
    (void)err;
    if (str_starts(rest, STR("?")))
        rest = str_skip(rest, 1);
    while (http_query_next(&rest, &name, &value))
        put(&h, decoded(s, name), decoded(s, value));
    if (h.ping) {
        sink_drop(s);
        return ST_OK; /* still there: nothing new */
    }
    Str agent = h.agent.len > 0 ? h.agent : of->agent;
    Str language = h.language.len > 0 ? h.language : of->language;
    if (agent.len > 0)
        sink_text(s, STR("context.userAgent"), agent);
    if (language.len > 0)
        sink_text(s, STR("context.locale"), language);
    Str     what = name_of(s, &h);
    SinkWho who = {.user = h.user, .anonymous = h.visitor};
    if (who.user.len == 0 && who.anonymous.len == 0 && of->peer.len > 0)
        who.anonymous = visitor_hash(s->arena, s->now, h.address.len > 0 ? h.address : of->peer,
                                     agent, s->key->text);
    if (sink_event(s, &who, what, time_of(s, h.time), STR(""), &why) != ST_OK)
        sink_reject(s, query, why.msg);
    return ST_OK;
}
