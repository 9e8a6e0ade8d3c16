/* Matomo's tracking requests: https://developer.matomo.org/api-reference/tracking-api */
#include "channel/track/sink.h"

#include "http/http.h"

#include <math.h>

typedef struct Hit {
    Str   visitor, user, url, action, category, act, name, value, query, content, link, download;
    Str   goal, order, revenue, items, time, language, agent, address, interaction, tax, shipping;
    Str   sku, product, product_category, price;
    bool  ping, recorded, custom;
    Sink *sink;
} Hit;

static void put(Hit *h, Str key, Str value)
{
    const struct {
        Str  name;
        Str *to;
    } TEXTS[] = {
        {STR_INIT("url"), &h->url},         {STR_INIT("action_name"), &h->action},
        {STR_INIT("e_c"), &h->category},    {STR_INIT("e_a"), &h->act},
        {STR_INIT("e_n"), &h->name},        {STR_INIT("e_v"), &h->value},
        {STR_INIT("search"), &h->query},    {STR_INIT("c_n"), &h->content},
        {STR_INIT("link"), &h->link},       {STR_INIT("download"), &h->download},
        {STR_INIT("idgoal"), &h->goal},     {STR_INIT("ec_id"), &h->order},
        {STR_INIT("revenue"), &h->revenue}, {STR_INIT("ec_items"), &h->items},
        {STR_INIT("cdt"), &h->time},        {STR_INIT("uid"), &h->user},
        {STR_INIT("ua"), &h->agent},        {STR_INIT("lang"), &h->language},
        {STR_INIT("cip"), &h->address},     {STR_INIT("c_i"), &h->interaction},
        {STR_INIT("ec_tx"), &h->tax},       {STR_INIT("ec_sh"), &h->shipping},
        {STR_INIT("_pks"), &h->sku},        {STR_INIT("_pkn"), &h->product},
        {STR_INIT("_pkp"), &h->price},      {STR_INIT("_pkc"), &h->product_category},
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
    else if (str_eq(key, STR("rec")))
        h->recorded = str_eq(value, STR("1"));
    else if (str_eq(key, STR("ca")))
        h->custom = str_eq(value, STR("1"));
    else if (str_eq(key, STR("c_p")))
        sink_text(h->sink, STR("piece"), value);
    else if (str_eq(key, STR("c_t")))
        sink_text(h->sink, STR("target"), value);
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

/* Matomo's revenue is all that was paid; Segment's is without taxes and shipping. */
static void put_revenue(Sink *s, const Hit *h)
{
    double total, tax, shipping;
    if (h->tax.len > 0)
        sink_number(s, STR("tax"), h->tax);
    if (h->shipping.len > 0)
        sink_number(s, STR("shipping"), h->shipping);
    if (h->revenue.len == 0)
        return;
    sink_number(s, STR("total"), h->revenue);
    tax = str_parse_real(h->tax, &tax) ? tax : 0;
    shipping = str_parse_real(h->shipping, &shipping) ? shipping : 0;
    if (str_parse_real(h->revenue, &total) && (tax > 0 || shipping > 0))
        sink_real(s, STR("revenue"), round((total - tax - shipping) * 10000) / 10000);
    else
        sink_number(s, STR("revenue"), h->revenue);
}

static Str order_of(Sink *s, Hit *h)
{
    put_products(s, h->items);
    put_revenue(s, h);
    if (h->order.len == 0)
        return STR("Cart Updated");
    sink_text(s, STR("order_id"), h->order);
    return STR("Order Completed");
}

static Str product_of(Sink *s, const Hit *h)
{
    const JsonValue *v;
    Err              err = {0};
    sink_text(s, STR("product_id"), h->sku);
    sink_text(s, STR("name"), h->product);
    if (h->price.len > 0)
        sink_number(s, STR("price"), h->price);
    if (str_starts(h->product_category, STR("[")) &&
        json_parse(s->arena, h->product_category, &v, &err) == ST_OK)
        sink_json(s, STR("category"), h->product_category);
    else
        sink_text(s, STR("category"), h->product_category);
    return h->sku.len > 0 ? STR("Product Viewed") : STR("Product List Viewed");
}

static Str event_of(Sink *s, const Hit *h)
{
    sink_text(s, STR("category"), h->category);
    sink_text(s, STR("label"), h->name);
    if (h->value.len > 0)
        sink_number(s, STR("value"), h->value);
    return h->act;
}

/* What it was, with the properties that tell of it. Empty: nothing that is known here. */
static Str name_of(Sink *s, Hit *h)
{
    if (h->url.len > 0)
        sink_page(s, h->url);
    if (str_eq(h->goal, STR("0")))
        return order_of(s, h);
    if (h->revenue.len > 0)
        sink_number(s, STR("revenue"), h->revenue);
    if (h->goal.len > 0) {
        sink_text(s, STR("goal_id"), h->goal);
        return STR("Goal Completed");
    }
    if (h->act.len > 0)
        return event_of(s, h);
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
        sink_text(s, STR("interaction"), h->interaction);
        return h->interaction.len > 0 ? STR("Content Clicked") : STR("Content Viewed");
    }
    if (h->custom)
        return STR(""); /* of a plugin: media, heatmaps */
    sink_text(s, STR("context.page.title"), h->action);
    return h->sku.len > 0 || h->product_category.len > 0 ? product_of(s, h) : STR("Page Viewed");
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

/* Whoever has the key itself, and not only a site's id, may say when it was, and from where. */
static bool is_trusted(const Sink *s)
{
    return s->key->kind == TRACK_SERVER && !s->key->by_alias;
}

/* "nl-NL,nl;q=0.9" -> "nl-NL" */
static Str first_language(Str text)
{
    Str first, rest;
    (void)str_cut(text, ',', &first, &rest);
    (void)str_cut(first, ';', &first, &rest);
    return str_trim(first);
}

static Status put_event(Sink *s, Hit *h, const MatomoOf *of, Err *err)
{
    Str    agent = h->agent.len > 0 ? h->agent : of->agent;
    Str    language = h->language.len > 0 ? h->language : first_language(of->language);
    UnixMs time = time_of(s, h->time);
    Str    what = name_of(s, h);
    if (what.len == 0) {
        sink_drop(s);
        return ST_OK;
    }
    if (agent.len > 0)
        sink_text(s, STR("context.userAgent"), agent);
    if (language.len > 0)
        sink_text(s, STR("context.locale"), language);
    if (!is_trusted(s) && unix_ms_diff(s->now, time).v > SPAN_DAYS(1).v)
        return err_set(err, ST_INVALID, "journey.bad_event",
                       "a time of more than a day ago needs the key as token_auth");
    SinkWho who = {.user = h->user, .anonymous = h->visitor};
    Str     peer = h->address.len > 0 && is_trusted(s) ? h->address : of->peer;
    if (who.user.len == 0 && who.anonymous.len == 0 && peer.len > 0)
        who.anonymous = visitor_hash(s->arena, s->now, peer, agent, s->key->text);
    return sink_event(s, &who, what, time, STR(""), err);
}

void matomo_hit(Sink *s, Str query, const MatomoOf *of)
{
    Hit h = {.sink = s};
    Str rest = query, name, value;
    Err why = {0};
    if (str_starts(rest, STR("?")))
        rest = str_skip(rest, 1);
    while (http_query_next(&rest, &name, &value))
        put(&h, sink_decoded(s, name), sink_decoded(s, value));
    if (h.ping || !h.recorded) {
        sink_drop(s); /* still there, or a check whether we are: nothing new */
    } else if (put_event(s, &h, of, &why) != ST_OK) {
        sink_drop(s);
        sink_reject(s, query, why.msg);
    }
}
