/* Events of GA4: the Measurement Protocol's JSON, and the hits that gtag sends. */
#include "channel/track/sink.h"

#include "base/json_write.h"
#include "http/http.h"

#include <string.h>

enum { EVENTS_MAX = 25, PARAMS_MAX = 100, ITEMS_MAX = 200 };

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
    static const struct {
        Str from, to;
    } PAGE[] = {{STR_INIT("page_title"), STR_INIT("context.page.title")},
                {STR_INIT("page_referrer"), STR_INIT("context.page.referrer")},
                {STR_INIT("language"), STR_INIT("context.locale")},
                {STR_INIT("screen_resolution"), STR_INIT("context.screen.size")}};
    for (size_t i = 0; i < COUNT_OF(PAGE); i++)
        if (str_eq(name, PAGE[i].from))
            return PAGE[i].to;
    return names_ga4_item(name);
}

static void put_params(Sink *s, Str name, const JsonValue *params)
{
    for (uint32_t i = 0; params->type == JSON_OBJECT && i < params->n; i++) {
        Str              key = params->members[i].key;
        const JsonValue *v = &params->members[i].value;
        if (str_eq(key, STR("items")))
            put_items(s, name, v);
        else if (i < PARAMS_MAX)
            put_prop(s, list_name(key), v);
        if (str_eq(key, STR("value")) && str_eq(name, STR("Order Completed")))
            put_prop(s, STR("revenue"), v);
        if (str_eq(key, STR("page_location")) && v->type == JSON_STRING)
            sink_page(s, v->text);
    }
}

static Status one_event(Sink *s, const Ga4 *of, const JsonValue *e, Err *err)
{
    Str              given = text_of(e, "name"), name = names_ga4(given);
    const JsonValue *params = json_get(e, STR("params"));
    UnixMs           time = micros(e);
    if (given.len == 0)
        return err_set(err, ST_INVALID, "journey.bad_event", "an event without a name");
    if (params != NULL)
        put_params(s, name, params);
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

/* One event of several, with the head that says whose it was: so that it can be read again without
 * the others. */
static void reject_one(Sink *s, const JsonValue *body, const JsonValue *e, const char *why)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, SINK_QUEUE_BYTES);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (uint32_t i = 0; i < body->n; i++)
        if (!str_eq(body->members[i].key, STR("events")))
            put_value(&j, body->members[i].key, &body->members[i].value);
    json_arr(&j, "events");
    if (e->type == JSON_STRING)
        json_str(&j, NULL, e->text);
    else if (e->type == JSON_BOOL)
        json_bool(&j, NULL, e->boolean);
    else
        json_raw(&j, NULL, e->type == JSON_NULL ? STR("null") : e->text);
    json_end(&j);
    json_end(&j);
    sink_drop(s);
    sink_reject(s, buf_str(&b), why);
}

Status ga4_body(Sink *s, Str body, Err *err)
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
    if (events == NULL || events->type != JSON_ARRAY || events->n == 0) {
        sink_reject(s, body, "no events");
        return ST_OK;
    }
    if (events->n > EVENTS_MAX) {
        sink_reject(s, body, "more than 25 events");
        return ST_OK;
    }
    for (uint32_t i = 0; i < events->n; i++) {
        Err why = {0};
        if (one_event(s, &of, &events->items[i], &why) != ST_OK)
            reject_one(s, v, &events->items[i], why.msg);
    }
    return ST_OK;
}

/* --- gtag's hits ----------------------------------------------------------------------------- */

typedef struct Hit {
    Ga4  of;
    Str  name, value;
    Str  products[ITEMS_MAX]; /* as they came: idSKU~nmName~pr9.90~qt2 */
    int  nproducts;
    Json user;
    Buf  traits;
    bool has_traits;
} Hit;

/* "nmName" -> "name", "Name"; false: nothing that is kept. */
static bool product_part(Str part, Str *ret_name, Str *ret_value, bool *ret_number)
{
    static const struct {
        Str  two, name;
        bool number;
    } PARTS[] = {{STR_INIT("id"), STR_INIT("product_id"), false},
                 {STR_INIT("nm"), STR_INIT("name"), false},
                 {STR_INIT("br"), STR_INIT("brand"), false},
                 {STR_INIT("ca"), STR_INIT("category"), false},
                 {STR_INIT("va"), STR_INIT("variant"), false},
                 {STR_INIT("pr"), STR_INIT("price"), true},
                 {STR_INIT("qt"), STR_INIT("quantity"), true},
                 {STR_INIT("cp"), STR_INIT("coupon"), false},
                 {STR_INIT("lp"), STR_INIT("position"), true},
                 {STR_INIT("ln"), STR_INIT("list_name"), false},
                 {STR_INIT("li"), STR_INIT("list_id"), false},
                 {STR_INIT("ds"), STR_INIT("discount"), true}};
    for (size_t i = 0; i < COUNT_OF(PARTS); i++)
        if (str_starts(part, PARTS[i].two)) {
            *ret_name = PARTS[i].name;
            *ret_value = str_skip(part, 2);
            *ret_number = PARTS[i].number;
            return true;
        }
    return false;
}

static void list_product(Json *j, Str text)
{
    Str    part, name, value;
    bool   number;
    double d;
    json_obj(j, NULL);
    for (bool more = true; more;) {
        more = str_cut(text, '~', &part, &text);
        if (!product_part(part, &name, &value, &number))
            continue;
        json_key(j, name);
        if (number && str_parse_real(value, &d))
            json_real(j, NULL, d);
        else
            json_str(j, NULL, value);
    }
    json_end(j);
}

static void put_products(Sink *s, const Hit *h)
{
    Str  part, name, value, text = h->nproducts > 0 ? h->products[0] : STR("");
    bool number, single = is_single(h->name) && h->nproducts == 1;
    for (bool more = single; more;) {
        more = str_cut(text, '~', &part, &text);
        if (product_part(part, &name, &value, &number))
            (number ? sink_number : sink_text)(s, name, value);
    }
    if (single || h->nproducts == 0)
        return;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, JOURNEY_TEXT_MAX);
    Json j = json_begin(&b);
    json_arr(&j, NULL);
    for (int i = 0; i < h->nproducts; i++)
        list_product(&j, h->products[i]);
    json_end(&j);
    if (!buf_overflowed(&b))
        sink_json(s, STR("products"), str_dup(s->arena, buf_str(&b)));
}

static bool is_product(Str key)
{
    return key.len >= 3 && key.len <= 5 && str_starts(key, STR("pr")) && key.ptr[2] >= '1' &&
           key.ptr[2] <= '9';
}

/* up.plan=gold, upn.age=4 */
static void put_trait(Hit *h, Str key, Str value)
{
    double d;
    bool   number = str_starts(key, STR("upn.")) && str_parse_real(value, &d);
    json_key(&h->user, str_skip(key, key.ptr[2] == 'n' ? 4 : 3));
    if (number)
        json_real(&h->user, NULL, d);
    else
        json_str(&h->user, NULL, value);
    h->has_traits = true;
}

static void put_hit(Sink *s, Hit *h, Str key, Str value)
{
    static const struct {
        Str from, to;
    } PLAIN[] = {{STR_INIT("dr"), STR_INIT("context.page.referrer")},
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
    else if (str_eq(key, STR("dl")))
        sink_page(s, value);
    else if (str_eq(key, STR("gcs"))) /* G1 ads analytics: G100 is no to both */
        h->of.refused = value.len == 4 && value.ptr[3] == '0';
    else if (str_starts(key, STR("up.")) || str_starts(key, STR("upn.")))
        put_trait(h, key, value);
    else if (str_starts(key, STR("ep.")))
        sink_text(s, list_name(str_skip(key, 3)), value);
    else if (str_starts(key, STR("epn.")))
        sink_number(s, list_name(str_skip(key, 4)), value);
    else if (str_eq(key, STR("_et")))
        sink_number(s, STR("engagement_time_msec"), value);
    else if (is_product(key) && value.len > 0 && h->nproducts < ITEMS_MAX)
        h->products[h->nproducts++] = value;
    if (str_eq(key, STR("epn.value")))
        h->value = value;
    for (size_t i = 0; i < COUNT_OF(PLAIN); i++)
        if (str_eq(key, PLAIN[i].from))
            sink_text(s, PLAIN[i].to, value);
}

/* A hit as one query, to be read again. */
static Str both_of(Sink *s, Str query, Str line)
{
    if (line.len == 0 || query.len == 0)
        return line.len > 0 ? line : query;
    char *p = arena_array(s->arena, char, query.len + line.len + 1);
    memcpy(p, query.ptr, query.len);
    p[query.len] = '&';
    memcpy(p + query.len + 1, line.ptr, line.len);
    return (Str){p, query.len + line.len + 1};
}

void ga4_hit(Sink *s, Str query, Str line, Str agent)
{
    Hit *h = arena_new(s->arena, Hit);
    Str  whole = both_of(s, query, line), rest = whole, name, value;
    Err  why = {0};
    buf_init(&h->traits, SINK_EVENT_BYTES);
    h->user = json_begin(&h->traits);
    json_obj(&h->user, NULL);
    while (http_query_next(&rest, &name, &value))
        put_hit(s, h, sink_decoded(s, name), sink_decoded(s, value));
    json_end(&h->user);
    if (h->has_traits && !buf_overflowed(&h->traits))
        h->of.who.traits = str_dup(s->arena, buf_str(&h->traits));
    buf_done(&h->traits);
    put_products(s, h);
    if (h->value.len > 0 && str_eq(h->name, STR("Order Completed")))
        sink_number(s, STR("revenue"), h->value);
    if (agent.len > 0)
        sink_text(s, STR("context.userAgent"), agent);
    if (h->of.refused) {
        s->refused++;
        sink_drop(s);
        return;
    }
    if (sink_event(s, &h->of.who, h->name, s->now, STR(""), &why) != ST_OK)
        sink_reject(s, whole, why.msg);
}
