/* Events of GA4: the Measurement Protocol's JSON, and the hits that gtag sends. */
#include "channel/track/sink.h"

#include "base/json_write.h"
#include "http/http.h"

#include <string.h>

enum { EVENTS_MAX = 25, PARAMS_MAX = 100, ITEMS_MAX = 200, NAME_MAX_ = 40 };

/* --- items ----------------------------------------------------------------------------------- */

static void put_value(Json *j, Str key, const JsonValue *v)
{
    json_key(j, key);
    if (v->type == JSON_STRING)
        json_str(j, NULL, v->text);
    else if (v->type == JSON_BOOL)
        json_bool(j, NULL, v->boolean);
    else
        json_raw(j, NULL, v->type == JSON_NULL ? STR("null") : v->text);
}

static void put_prop(Sink *s, Str key, const JsonValue *v)
{
    if (v->type == JSON_STRING)
        sink_text(s, key, v->text);
    else if (v->type == JSON_BOOL)
        sink_bool(s, key, v->boolean);
    else if (v->type == JSON_NUMBER)
        sink_number(s, key, v->text);
    else if (v->type != JSON_NULL)
        sink_json(s, key, v->text);
}

/* Of an event that is about one product: Product Viewed, Product Added … */
static bool is_single(Str name)
{
    return str_starts(name, STR("Product ")) && !str_starts(name, STR("Product List")) &&
           !str_eq(name, STR("Products Searched"));
}

static void put_items(Sink *s, Str name, const JsonValue *items)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, JOURNEY_TEXT_MAX);
    if (items->type != JSON_ARRAY || items->n == 0)
        return;
    const JsonValue *first = &items->items[0];
    if (is_single(name) && items->n == 1 && first->type == JSON_OBJECT) {
        for (uint32_t i = 0; i < first->n; i++)
            put_prop(s, names_ga4_item(first->members[i].key), &first->members[i].value);
        return;
    }
    Json j = json_begin(&b);
    json_arr(&j, NULL);
    for (uint32_t i = 0; i < items->n && i < ITEMS_MAX; i++) {
        json_obj(&j, NULL);
        for (uint32_t k = 0; items->items[i].type == JSON_OBJECT && k < items->items[i].n; k++)
            put_value(&j, names_ga4_item(items->items[i].members[k].key),
                      &items->items[i].members[k].value);
        json_end(&j);
    }
    json_end(&j);
    if (!buf_overflowed(&b))
        sink_json(s, STR("products"), str_dup(s->arena, buf_str(&b)));
}

/* --- the Measurement Protocol ---------------------------------------------------------------- */

typedef struct Ga4 {
    SinkWho who;
    UnixMs  time;
    bool    refused;
    Str     session;
} Ga4;

static Str text_of(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && (m->type == JSON_STRING || m->type == JSON_NUMBER) ? m->text : STR("");
}

static void say(Ga4Said *said, const char *path, const char *code, const char *what)
{
    if (said->messages == NULL)
        return;
    if (said->messages->len > 0)
        buf_addc(said->messages, ',');
    Json j = json_begin(said->messages);
    json_obj(&j, NULL);
    json_str(&j, "fieldPath", str_from_cstr(path));
    json_str(&j, "description", str_from_cstr(what));
    json_str(&j, "validationCode", str_from_cstr(code));
    json_end(&j);
}

/* {"k": {"value": 1}} as {"k": 1} */
static Str user_properties(Sink *s, const JsonValue *v)
{
    const JsonValue      *all = json_get(v, STR("user_properties"));
    CLEANUP(buf_done) Buf b = {0};
    if (all == NULL || all->type != JSON_OBJECT || all->n == 0)
        return STR("");
    buf_init(&b, SINK_EVENT_BYTES);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (uint32_t i = 0; i < all->n; i++) {
        const JsonValue *value = json_get(&all->members[i].value, STR("value"));
        if (value != NULL)
            put_value(&j, all->members[i].key, value);
    }
    json_end(&j);
    return buf_overflowed(&b) ? STR("") : str_dup(s->arena, buf_str(&b));
}

static UnixMs micros(const JsonValue *v)
{
    int64_t n = 0;
    return str_parse_i64(text_of(v, "timestamp_micros"), &n) ? (UnixMs){n / 1000} : (UnixMs){0};
}

static Str list_name(Str name)
{
    return str_eq(name, STR("transaction_id")) ? STR("order_id") : names_ga4_item(name);
}

static Status one_event(Sink *s, const Ga4 *of, const JsonValue *e, Ga4Said *said, Err *err)
{
    Str              given = text_of(e, "name"), name = names_ga4(given);
    const JsonValue *params = json_get(e, STR("params"));
    UnixMs           time = micros(e);
    if (given.len == 0) {
        say(said, "events.name", "VALUE_REQUIRED", "An event needs a name.");
        return err_set(err, ST_INVALID, "journey.bad_event", "an event without a name");
    }
    if (given.len > NAME_MAX_)
        say(said, "events.name", "NAME_INVALID", "A name has at most 40 characters.");
    if (params != NULL && params->type == JSON_OBJECT && params->n > 25)
        say(said, "events.params", "EXCEEDED_MAX_ENTITIES", "GA4 takes at most 25 parameters.");
    for (uint32_t i = 0; params != NULL && params->type == JSON_OBJECT && i < params->n; i++) {
        Str key = params->members[i].key;
        if (str_eq(key, STR("items")))
            put_items(s, name, &params->members[i].value);
        else if (i < PARAMS_MAX)
            put_prop(s, list_name(key), &params->members[i].value);
        if (str_eq(key, STR("value")) && str_eq(name, STR("Order Completed")))
            put_prop(s, STR("revenue"), &params->members[i].value);
        if (str_eq(key, STR("page_location")))
            put_prop(s, STR("context.page.url"), &params->members[i].value);
    }
    if (of->refused) {
        s->refused++;
        sink_drop(s);
        return ST_OK;
    }
    SinkWho who = of->who;
    if (s->n > 0)
        who.traits = STR("");
    return sink_event(s, &who, name, sink_time(s, time.v != 0 ? time : of->time, (UnixMs){0}),
                      STR(""), err);
}

Status ga4_body(Sink *s, Str body, Ga4Said *said, Err *err)
{
    const JsonValue *v;
    TRY(json_parse(s->arena, body, &v, err));
    const JsonValue *events = json_get(v, STR("events"));
    const JsonValue *consent = json_get(v, STR("consent"));
    Ga4 of = {.who = {.user = text_of(v, "user_id"), .anonymous = text_of(v, "client_id")},
              .time = micros(v),
              .refused = str_eq(text_of(consent, "analytics_storage"), STR("DENIED"))};
    if (of.who.anonymous.len == 0)
        of.who.anonymous = text_of(v, "app_instance_id");
    of.who.traits = user_properties(s, v);
    if (of.who.anonymous.len == 0)
        say(said, "client_id", "VALUE_REQUIRED", "client_id, or app_instance_id, is missing.");
    if (events == NULL || events->type != JSON_ARRAY || events->n == 0) {
        say(said, "events", "VALUE_REQUIRED", "There is no event.");
        sink_reject(s, body, "no events");
        return ST_OK;
    }
    if (events->n > EVENTS_MAX) {
        say(said, "events", "EXCEEDED_MAX_ENTITIES", "At most 25 events.");
        sink_reject(s, body, "more than 25 events");
        return ST_OK;
    }
    for (uint32_t i = 0; i < events->n; i++) {
        Err why = {0};
        if (one_event(s, &of, &events->items[i], said, &why) == ST_OK)
            continue;
        sink_drop(s);
        if (events->n == 1 || i == 0) /* the head says who it was: kept with it */
            sink_reject(s, body, why.msg);
    }
    return ST_OK;
}

/* --- gtag's hits ----------------------------------------------------------------------------- */

typedef struct Hit {
    Ga4  of;
    Str  name;
    Json products;
    int  nproducts;
    Buf  list;
} Hit;

static Str decoded(Sink *s, Str text)
{
    Cx  cx = {.arena = s->arena};
    Str ret;
    return http_decode_form(&cx, text, &ret) == ST_OK ? ret : STR("");
}

/* pr1=idSKU~nmName~pr9.90~qt2 */
static void put_product(Hit *h, Str text)
{
    static const struct {
        Str two, name;
    } PARTS[] = {{STR_INIT("id"), STR_INIT("product_id")}, {STR_INIT("nm"), STR_INIT("name")},
                 {STR_INIT("br"), STR_INIT("brand")},      {STR_INIT("ca"), STR_INIT("category")},
                 {STR_INIT("va"), STR_INIT("variant")},    {STR_INIT("pr"), STR_INIT("price")},
                 {STR_INIT("qt"), STR_INIT("quantity")},   {STR_INIT("cp"), STR_INIT("coupon")},
                 {STR_INIT("lp"), STR_INIT("position")},   {STR_INIT("ln"), STR_INIT("list_name")},
                 {STR_INIT("li"), STR_INIT("list_id")},    {STR_INIT("ds"), STR_INIT("discount")}};
    Str  part;
    bool more = text.len > 0 && h->nproducts++ < ITEMS_MAX;
    if (!more)
        return;
    json_obj(&h->products, NULL);
    while (more) {
        double d;
        more = str_cut(text, '~', &part, &text);
        for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
            if (!str_starts(part, PARTS[i].two))
                continue;
            Str value = str_skip(part, 2);
            json_key(&h->products, PARTS[i].name);
            if (i >= 5 && i != 7 && i < 9 && str_parse_real(value, &d))
                json_real(&h->products, NULL, d);
            else
                json_str(&h->products, NULL, value);
            break;
        }
    }
    json_end(&h->products);
}

static bool is_product(Str key)
{
    return key.len >= 3 && key.len <= 5 && str_starts(key, STR("pr")) && key.ptr[2] >= '1' &&
           key.ptr[2] <= '9';
}

static void put_hit(Sink *s, Hit *h, Str key, Str value)
{
    static const struct {
        Str from, to;
    } PLAIN[] = {{STR_INIT("dl"), STR_INIT("context.page.url")},
                 {STR_INIT("dr"), STR_INIT("context.page.referrer")},
                 {STR_INIT("dt"), STR_INIT("context.page.title")},
                 {STR_INIT("ul"), STR_INIT("context.locale")},
                 {STR_INIT("sr"), STR_INIT("context.screen.size")},
                 {STR_INIT("sid"), STR_INIT("session_id")},
                 {STR_INIT("cu"), STR_INIT("currency")}};
    if (str_eq(key, STR("cid")))
        h->of.who.anonymous = value;
    else if (str_eq(key, STR("uid")))
        h->of.who.user = value;
    else if (str_eq(key, STR("en")))
        h->name = names_ga4(value);
    else if (str_eq(key, STR("gcs"))) /* G1 ads analytics: G100 is no to both */
        h->of.refused = value.len == 4 && value.ptr[3] == '0';
    else if (str_starts(key, STR("ep.")))
        sink_text(s, list_name(str_skip(key, 3)), value);
    else if (str_starts(key, STR("epn.")))
        sink_number(s, list_name(str_skip(key, 4)), value);
    else if (str_eq(key, STR("_et")))
        sink_number(s, STR("engagement_time_msec"), value);
    else if (is_product(key))
        put_product(h, value);
    for (size_t i = 0; i < COUNT_OF(PLAIN); i++)
        if (str_eq(key, PLAIN[i].from))
            sink_text(s, PLAIN[i].to, value);
}

Status ga4_hit(Sink *s, Str query, Str line, Str agent, Err *err)
{
    Hit h = {0};
    Str both[2] = {query, line}, name, value;
    Err why = {0};
    buf_init(&h.list, JOURNEY_TEXT_MAX);
    h.products = json_begin(&h.list);
    json_arr(&h.products, NULL);
    for (size_t i = 0; i < COUNT_OF(both); i++)
        while (http_query_next(&both[i], &name, &value))
            put_hit(s, &h, decoded(s, name), decoded(s, value));
    json_end(&h.products);
    if (h.nproducts > 0 && !buf_overflowed(&h.list))
        sink_json(s, STR("products"), str_dup(s->arena, buf_str(&h.list)));
    buf_done(&h.list);
    if (agent.len > 0)
        sink_text(s, STR("context.userAgent"), agent);
    (void)err;
    if (h.of.refused) {
        s->refused++;
        sink_drop(s);
        return ST_OK;
    }
    if (sink_event(s, &h.of.who, h.name, s->now, STR(""), &why) != ST_OK)
        sink_reject(s, line.len > 0 ? line : query, why.msg);
    return ST_OK;
}
