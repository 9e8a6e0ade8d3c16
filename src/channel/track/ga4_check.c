/* What GA4 would not take of a request, in the words of its validation server:
 * https://developers.google.com/analytics/devguides/collection/protocol/ga4/validating-events */
#include "channel/track/sink.h"

#include "base/json_write.h"

#include <stdarg.h>
#include <string.h>

enum {
    MESSAGES_MAX = 100,
    EVENTS_MAX = 25,
    PARAMS_MAX = 25,
    ITEMS_MAX = 200,
    USER_MAX = 25,
    BACK_HOURS = 72
};

typedef struct Check {
    Json   out;
    int    n; /* messages */
    UnixMs now;
} Check;

static void say(Check *c, const char *path, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void say(Check *c, const char *path, const char *code, const char *fmt, ...)
{
    char    text[300];
    va_list args;
    if (c->n++ >= MESSAGES_MAX)
        return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    json_obj(&c->out, NULL);
    json_str(&c->out, "fieldPath", str_from_cstr(path));
    json_str(&c->out, "description", str_from_cstr(text));
    json_str(&c->out, "validationCode", str_from_cstr(code));
    json_end(&c->out);
}

static bool among(Str text, const char *const *list)
{
    for (; *list != NULL; list++)
        if (str_eq(text, str_from_cstr(*list)))
            return true;
    return false;
}

static Str text_of(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && (m->type == JSON_STRING || m->type == JSON_NUMBER) ? m->text : STR("");
}

/* --- names ----------------------------------------------------------------------------------- */

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0; /* of any script */
}

/* Why it is no name; NULL: it is one. */
static const char *bad_name(Str name, size_t max)
{
    if (name.len == 0)
        return "Names must not be empty.";
    if (!is_alpha(name.ptr[0]))
        return "Names must start with an alphabetic character.";
    for (size_t i = 0; i < name.len; i++)
        if (!is_alpha(name.ptr[i]) && name.ptr[i] != '_' &&
            !(name.ptr[i] >= '0' && name.ptr[i] <= '9'))
            return "Names must contain only alphanumeric characters and underscores.";
    return name.len > max ? "The name is too long." : NULL;
}

static bool is_reserved(Str name, const char *const *list)
{
    static const char *const PREFIXES[] = {"firebase_", "ga_", "google_", "gtag."};
    for (size_t i = 0; i < COUNT_OF(PREFIXES); i++)
        if (str_starts(name, str_from_cstr(PREFIXES[i])))
            return true;
    return among(name, list);
}

typedef struct Naming {
    const char        *path, *what;
    size_t             max;
    const char *const *reserved;
} Naming;

static void check_name(Check *c, const Naming *as, uint32_t event, Str name)
{
    int         n = name.len < 100 ? (int)name.len : 100;
    const char *why = bad_name(name, as->max);
    if (is_reserved(name, as->reserved))
        say(c, as->path, "NAME_RESERVED", "%s at index: [%u] has name [%.*s] which is reserved.",
            as->what, event, n, name.ptr);
    else if (why != NULL)
        say(c, as->path, "NAME_INVALID", "%s at index: [%u] has invalid name [%.*s]. %s", as->what,
            event, n, name.len > 0 ? name.ptr : "", why);
}

/* --- values ---------------------------------------------------------------------------------- */

static void check_members(Check *c, const JsonValue *v, const char *path, const char *const *known)
{
    for (uint32_t i = 0; i < v->n; i++) {
        Str key = v->members[i].key;
        if (!among(key, known))
            say(c, path, "VALUE_INVALID", "There is no field [%.*s] here.",
                key.len < 100 ? (int)key.len : 100, key.ptr);
    }
}

static void check_time(Check *c, const JsonValue *v, const char *path)
{
    int64_t n;
    Str     text = text_of(v, "timestamp_micros");
    if (json_get(v, STR("timestamp_micros")) == NULL)
        return;
    if (!str_parse_i64(text, &n))
        say(c, path, "VALUE_INVALID", "A time is a number of microseconds since 1970.");
    else if (n / 1000 > c->now.v + 60000 || n / 1000 < c->now.v - SPAN_HOURS(BACK_HOURS).v)
        say(c, path, "VALUE_OUT_OF_BOUNDS", "A time is at most %d hours ago, and not to come.",
            (int)BACK_HOURS);
}

static size_t value_max(Str param)
{
    return str_eq(param, STR("page_location"))   ? 1000
           : str_eq(param, STR("page_referrer")) ? 420
           : str_eq(param, STR("page_title"))    ? 300
                                                 : 100;
}

static void check_param(Check *c, const JsonMember *m, uint32_t event)
{
    static const char *const RESERVED[] = {"firebase_conversion", NULL};
    static const Naming      AS = {"events.params", "Event parameter of event", 40, RESERVED};
    int                      n = m->key.len < 100 ? (int)m->key.len : 100;
    const JsonValue         *v = &m->value;
    check_name(c, &AS, event, m->key);
    if (v->type == JSON_STRING && v->text.len > value_max(m->key))
        say(c, AS.path, "VALUE_OUT_OF_BOUNDS", "[%.*s] has more than %zu characters.", n,
            m->key.ptr, value_max(m->key));
    if (!str_eq(m->key, STR("items"))) {
        if (v->type == JSON_OBJECT || v->type == JSON_ARRAY)
            say(c, AS.path, "VALUE_INVALID", "[%.*s] is neither a text nor a number.", n,
                m->key.ptr);
    } else if (v->type != JSON_ARRAY) {
        say(c, "events.params.items", "VALUE_INVALID", "Items are a list.");
    } else if (v->n > ITEMS_MAX) {
        say(c, "events.params.items", "EXCEEDED_MAX_ENTITIES", "At most %d items.", (int)ITEMS_MAX);
    }
}

/* What some events cannot do without. */
static void check_commerce(Check *c, Str name, const JsonValue *params)
{
    Str currency = text_of(params, "currency");
    if (json_get(params, STR("value")) != NULL && currency.len == 0)
        say(c, "events.params.currency", "VALUE_REQUIRED", "A value needs its currency.");
    if (currency.len > 0 && currency.len != 3)
        say(c, "events.params.currency", "VALUE_INVALID", "A currency is a code of ISO 4217.");
    if ((str_eq(name, STR("purchase")) || str_eq(name, STR("refund"))) &&
        text_of(params, "transaction_id").len == 0)
        say(c, "events.params.transaction_id", "VALUE_REQUIRED", "It needs its transaction_id.");
}

static void check_params(Check *c, Str name, const JsonValue *params, uint32_t event)
{
    if (params->type != JSON_OBJECT) {
        say(c, "events.params", "VALUE_INVALID", "Parameters are an object.");
        return;
    }
    if (params->n > PARAMS_MAX)
        say(c, "events.params", "EXCEEDED_MAX_ENTITIES",
            "Event at index: [%u] has more than %d parameters.", event, (int)PARAMS_MAX);
    for (uint32_t i = 0; i < params->n && i < MESSAGES_MAX; i++) {
        check_param(c, &params->members[i], event);
        for (uint32_t k = 0; k < i; k++)
            if (str_eq(params->members[k].key, params->members[i].key))
                say(c, "events.params", "NAME_DUPLICATED",
                    "Event at index: [%u] has a parameter twice.", event);
    }
    check_commerce(c, name, params);
}

/* --- parts ----------------------------------------------------------------------------------- */

static void check_event(Check *c, const JsonValue *e, uint32_t at)
{
    static const char *const KNOWN[] = {"name", "params", "timestamp_micros", NULL};
    static const char *const RESERVED[] = {"ad_activeview",
                                           "ad_click",
                                           "ad_exposure",
                                           "ad_impression",
                                           "ad_query",
                                           "ad_reward",
                                           "adunit_exposure",
                                           "app_background",
                                           "app_clear_data",
                                           "app_exception",
                                           "app_install",
                                           "app_remove",
                                           "app_store_refund",
                                           "app_store_subscription_cancel",
                                           "app_update",
                                           "app_store_subscription_renew",
                                           "error",
                                           "first_open",
                                           "first_visit",
                                           "in_app_purchase",
                                           "notification_open",
                                           "notification_dismiss",
                                           "notification_send",
                                           "notification_foreground",
                                           "notification_receive",
                                           "os_update",
                                           "session_start",
                                           "user_engagement",
                                           NULL};
    static const Naming      AS = {"events", "Event", 40, RESERVED};
    const JsonValue         *params = json_get(e, STR("params"));
    if (e->type != JSON_OBJECT) {
        say(c, "events", "VALUE_INVALID", "Event at index: [%u] is no object.", at);
        return;
    }
    check_members(c, e, "events", KNOWN);
    check_time(c, e, "events.timestamp_micros");
    Str name = text_of(e, "name");
    if (name.len == 0)
        say(c, "events.name", "VALUE_REQUIRED", "Event at index: [%u] needs a name.", at);
    else
        check_name(c, &AS, at, name);
    if (params != NULL)
        check_params(c, name, params, at);
}

static void check_user(Check *c, const JsonValue *all)
{
    static const char *const RESERVED[] = {
        "first_open_time",          "first_visit_time", "last_deep_link_referrer",
        "first_open_after_install", "user_id",          NULL};
    static const Naming AS = {"user_properties", "User property", 24, RESERVED};
    if (all->type != JSON_OBJECT) {
        say(c, AS.path, "VALUE_INVALID", "User properties are an object.");
        return;
    }
    if (all->n > USER_MAX)
        say(c, AS.path, "EXCEEDED_MAX_ENTITIES", "At most %d user properties.", (int)USER_MAX);
    for (uint32_t i = 0; i < all->n && i < MESSAGES_MAX; i++) {
        const JsonValue *value = json_get(&all->members[i].value, STR("value"));
        check_name(c, &AS, i, all->members[i].key);
        if (value == NULL)
            say(c, AS.path, "VALUE_REQUIRED", "User property at index: [%u] has no value.", i);
        else if (value->type == JSON_STRING && value->text.len > 36)
            say(c, AS.path, "VALUE_OUT_OF_BOUNDS",
                "User property at index: [%u] has more than 36 characters.", i);
    }
}

static void check_consent(Check *c, const JsonValue *consent)
{
    for (uint32_t i = 0; i < consent->n && consent->type == JSON_OBJECT; i++) {
        Str said = consent->members[i].value.text;
        if (consent->members[i].value.type != JSON_STRING ||
            (!str_eq(said, STR("GRANTED")) && !str_eq(said, STR("DENIED"))))
            say(c, "consent", "VALUE_INVALID", "Consent is GRANTED or DENIED.");
    }
}

static void check_events(Check *c, const JsonValue *events)
{
    if (events == NULL || (events->type == JSON_ARRAY && events->n == 0))
        say(c, "events", "VALUE_REQUIRED", "There is no event.");
    else if (events->type != JSON_ARRAY)
        say(c, "events", "VALUE_INVALID", "Events are a list.");
    else if (events->n > EVENTS_MAX)
        say(c, "events", "EXCEEDED_MAX_ENTITIES", "At most %d events.", (int)EVENTS_MAX);
    else
        for (uint32_t i = 0; i < events->n; i++)
            check_event(c, &events->items[i], i);
}

void ga4_check(Arena *a, Str body, UnixMs now, Buf *to)
{
    static const char *const KNOWN[] = {
        "client_id",  "app_instance_id",      "user_id",   "timestamp_micros", "user_properties",
        "consent",    "non_personalized_ads", "user_data", "user_location",    "ip_override",
        "user_agent", "validation_behavior",  "device",    "events",           NULL};
    Check            c = {.out = json_begin(to), .now = now};
    const JsonValue *v, *part;
    Err              err = {0};
    json_obj(&c.out, NULL);
    json_arr(&c.out, "validationMessages");
    if (json_parse(a, body, &v, &err) != ST_OK) {
        say(&c, "", "VALUE_INVALID", "The body cannot be read: %s", err.msg);
    } else if (v->type != JSON_OBJECT) {
        say(&c, "", "VALUE_INVALID", "The body is no object.");
    } else {
        check_members(&c, v, "", KNOWN);
        if (text_of(v, "client_id").len == 0 && text_of(v, "app_instance_id").len == 0)
            say(&c, "client_id", "VALUE_REQUIRED", "client_id, or app_instance_id, is missing.");
        check_time(&c, v, "timestamp_micros");
        part = json_get(v, STR("user_properties"));
        if (part != NULL)
            check_user(&c, part);
        part = json_get(v, STR("consent"));
        if (part != NULL)
            check_consent(&c, part);
        check_events(&c, json_get(v, STR("events")));
    }
    json_end(&c.out);
    json_end(&c.out);
}
