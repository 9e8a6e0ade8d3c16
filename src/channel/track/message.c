/* Segment's messages, read from JSON straight into events. */
#include "channel/track/sink.h"

#include <string.h>

typedef struct Message {
    Str     type, event, id, user, anonymous, previous, group, time, original, sent, name, category;
    SinkWho who;
    bool    refused; /* they do not agree to analytics */
    bool    has_agent;
    bool    is_object;
} Message;

/* A text, or a number as it is written; anything else is passed over. */
static void scan_text(JsonScan *in, Str *ret)
{
    JsonType   type;
    JsonNumber n;
    if (!json_scan_type(in, &type))
        return;
    if (type == JSON_STRING)
        json_scan_str(in, ret);
    else if (type == JSON_NUMBER && json_scan_number(in, &n))
        *ret = n.text;
    else if (type != JSON_NUMBER)
        json_scan_skip(in, NULL);
}

/* A property of a message that is not among its properties. */
static void scan_prop(Sink *s, JsonScan *in, Str key, Str *ret)
{
    scan_text(in, ret);
    sink_text(s, key, *ret);
}

/* The whole value, besides what is done with it. */
static Str raw_of(JsonScan *in)
{
    Str      raw = STR("");
    JsonScan ahead = *in;
    json_scan_skip(&ahead, &raw);
    return raw;
}

/* --- consent --------------------------------------------------------------------------------- */

/* {"categoryPreferences": {"analytics": false, …}}: an object without the category says no. */
static void scan_consent(JsonScan *in, Message *m)
{
    JsonType type;
    Str      key;
    bool     yes;
    if (!json_scan_type(in, &type) || type != JSON_OBJECT) {
        json_scan_skip(in, NULL);
        return;
    }
    json_scan_open(in, JSON_OBJECT);
    while (json_scan_key(in, &key)) {
        if (str_eq(key, STR("version"))) {
            scan_text(in, &m->who.text_version);
            continue;
        }
        if (str_eq(key, STR("locale"))) {
            scan_text(in, &m->who.text_locale);
            continue;
        }
        if (!str_eq(key, STR("categoryPreferences")) || !json_scan_type(in, &type) ||
            type != JSON_OBJECT) {
            json_scan_skip(in, NULL);
            continue;
        }
        m->who.consent = raw_of(in);
        m->refused = true;
        json_scan_open(in, JSON_OBJECT);
        while (json_scan_key(in, &key)) {
            bool ours = str_eq_nocase(key, STR("analytics"));
            if (ours && json_scan_type(in, &type) && type == JSON_BOOL && json_scan_bool(in, &yes))
                m->refused = !yes;
            else
                json_scan_skip(in, NULL);
        }
    }
}

/* "203.0.113.77" -> "203.0.113.0": nobody needs to know the house. */
static Str network_of(Arena *a, Str ip)
{
    bool   v6 = ip.len > 0 && memchr(ip.ptr, ':', ip.len) != NULL;
    size_t n = 0;
    for (int dots = 0; n < ip.len; n++)
        if (ip.ptr[n] == (v6 ? ':' : '.') && ++dots == 3)
            break;
    if (n == ip.len)
        return STR("");
    char *p = arena_array(a, char, n + 3);
    memcpy(p, ip.ptr, n);
    memcpy(p + n, v6 ? "::" : ".0", 2);
    return (Str){p, n + 2};
}

static void scan_context(Sink *s, JsonScan *in, Message *m)
{
    static const Str PREFIX = STR_INIT("context.");
    JsonType         type;
    Str              key;
    if (!json_scan_type(in, &type) || type != JSON_OBJECT) {
        json_scan_skip(in, NULL);
        return;
    }
    json_scan_open(in, JSON_OBJECT);
    while (json_scan_key(in, &key)) {
        Str text = STR("");
        if (str_eq(key, STR("consent"))) {
            scan_consent(in, m);
        } else if (str_eq(key, STR("ip"))) {
            scan_text(in, &text);
            sink_text(s, STR("context.ip"), network_of(s->arena, text));
        } else {
            m->has_agent = m->has_agent || str_eq(key, STR("userAgent"));
            sink_member(s, in, PREFIX, key);
        }
    }
}

/* --- one message ----------------------------------------------------------------------------- */

static bool scan_id(Sink *s, JsonScan *in, Str key, Message *m)
{
    const struct {
        Str  name;
        Str *to;
    } TEXTS[] = {{STR_INIT("type"), &m->type},
                 {STR_INIT("event"), &m->event},
                 {STR_INIT("messageId"), &m->id},
                 {STR_INIT("userId"), &m->who.user},
                 {STR_INIT("anonymousId"), &m->who.anonymous},
                 {STR_INIT("previousId"), &m->previous},
                 {STR_INIT("timestamp"), &m->time},
                 {STR_INIT("originalTimestamp"), &m->original},
                 {STR_INIT("sentAt"), &m->sent}};
    (void)s;
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
        if (str_eq(key, TEXTS[i].name)) {
            scan_text(in, TEXTS[i].to);
            return true;
        }
    return false;
}

static void scan_member(Sink *s, JsonScan *in, Str key, Message *m)
{
    if (scan_id(s, in, key, m))
        return;
    if (str_eq(key, STR("properties"))) {
        sink_flatten(s, in, STR(""), 0);
    } else if (str_eq(key, STR("context"))) {
        scan_context(s, in, m);
    } else if (str_eq(key, STR("traits"))) {
        m->who.traits = raw_of(in);
        sink_flatten(s, in, STR("traits."), 0);
    } else if (str_eq(key, STR("name"))) {
        scan_prop(s, in, STR("name"), &m->name);
    } else if (str_eq(key, STR("category"))) {
        scan_prop(s, in, STR("category"), &m->category);
    } else if (str_eq(key, STR("groupId"))) {
        scan_prop(s, in, STR("groupId"), &m->group);
    } else {
        json_scan_skip(in, NULL);
    }
}

static Str name_of(const Message *m)
{
    static const struct {
        Str type, name;
    } TYPES[] = {{STR_INIT("page"), STR_INIT("Page Viewed")},
                 {STR_INIT("screen"), STR_INIT("Screen Viewed")},
                 {STR_INIT("identify"), STR_INIT("Identified")},
                 {STR_INIT("group"), STR_INIT("Grouped")},
                 {STR_INIT("alias"), STR_INIT("Aliased")}};
    if (str_eq(m->type, STR("track")))
        return names_v2(str_trim(m->event));
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (str_eq(m->type, TYPES[i].type))
            return TYPES[i].name;
    return STR("");
}

/* What ISO 8601 allows and RFC 3339 does not: no time zone (UTC), "+0200", a day alone. */
static bool parse_loosely(Str text, UnixMs *ret)
{
    char   iso[40];
    size_t n = text.len;
    if (clock_parse_date(text, ret))
        return true;
    if (n < 16 || n + 2 > sizeof iso)
        return false;
    memcpy(iso, text.ptr, n);
    if ((iso[n - 5] == '+' || iso[n - 5] == '-') && iso[n - 3] != ':') {
        memmove(iso + n - 1, iso + n - 2, 2);
        iso[n - 2] = ':';
    } else {
        iso[n] = 'Z';
    }
    return clock_parse((Str){iso, n + 1}, ret);
}

static UnixMs instant(Str text)
{
    UnixMs  t = {0};
    int64_t n;
    if (text.len == 0 || clock_parse(text, &t) || parse_loosely(text, &t))
        return t;
    if (str_parse_i64(text, &n) && n > 0) /* seconds or milliseconds since 1970 */
        t.v = n > 100000000000 ? n : n * 1000;
    return t;
}

static UnixMs time_of(const Sink *s, const Message *m, const MessageOf *of)
{
    UnixMs t = instant(m->original.len > 0 ? m->original : m->time);
    UnixMs sent = instant(m->sent);
    if (of->sent_later)
        return t; /* message_whole() makes it right, also where there is none */
    if (sent.v == 0)
        sent = of->sent;
    return sink_time(s, t, of->import ? (UnixMs){0} : sent);
}

static Status complete(Sink *s, Message *m, const MessageOf *of, Err *err)
{
    if (m->type.len == 0 || of->type.len > 0)
        m->type = of->type;
    Str name = name_of(m);
    if (name.len == 0)
        return err_set(err, ST_INVALID, "journey.bad_event", "%s",
                       str_eq(m->type, STR("track")) ? "a track without an event"
                                                     : "the type is unknown");
    if (m->refused && !str_eq(name, STR("Segment Consent Preference Updated"))) {
        s->refused++;
        sink_drop(s);
        return ST_OK;
    }
    if (m->previous.len > 0) {
        m->who.previous = m->previous;
        sink_text(s, STR("previousId"), m->previous);
    }
    if (str_eq(m->type, STR("group")))
        m->who.traits = STR(""); /* of the group, not the person */
    if (!str_eq(name, STR("Segment Consent Preference Updated")))
        m->who.consent = STR("");
    m->who.agreed = m->who.consent.len > 0 && !m->refused;
    if (of->visitor.len > 0 && m->who.user.len == 0 && m->who.anonymous.len == 0) {
        m->who.anonymous = of->visitor;
        sink_bool(s, STR("context.ephemeral"), true);
    }
    if (!m->has_agent && of->agent.len > 0)
        sink_text(s, STR("context.userAgent"), of->agent);
    return sink_event(s, &m->who, name, time_of(s, m, of), m->id, err);
}

/* Kept aside with what the address said of it, so that it can be read again. */
static Str with_type(Sink *s, Str raw, Str type)
{
    CLEANUP(buf_done) Buf b = {0};
    if (type.len == 0 || raw.len < 2 || raw.ptr[raw.len - 1] != '}')
        return raw;
    bool none = str_trim(str_head(str_skip(raw, 1), raw.len - 2)).len == 0;
    buf_init(&b, raw.len + 40);
    buf_add(&b, str_head(raw, raw.len - 1));
    buf_addf(&b, "%s\"type\":\"" STR_FMT "\"}", none ? "" : ",", STR_ARG(type));
    return str_dup(s->arena, buf_str(&b));
}

Status message_read(Sink *s, JsonScan *in, const MessageOf *of, Err *err)
{
    Message  m = {0};
    Err      why = {0};
    JsonType type;
    Str      key;
    if (!json_scan_type(in, &type))
        return json_scan_status(in, err);
    const char *begin = in->at;
    if (type != JSON_OBJECT) {
        json_scan_skip(in, NULL);
    } else {
        json_scan_open(in, JSON_OBJECT);
        while (json_scan_key(in, &key))
            scan_member(s, in, key, &m);
    }
    Status st = json_scan_status(in, err);
    Str    raw = {begin, (size_t)(in->at - begin)};
    if (st != ST_OK) {
        sink_drop(s);
        return st;
    }
    if (type != JSON_OBJECT)
        st = err_set(&why, ST_INVALID, "journey.bad_event", "not an object");
    else if (raw.len > SINK_EVENT_BYTES)
        st = err_set(&why, ST_LIMIT, "track.too_big", "the event is larger than 32 KB");
    else
        st = complete(s, &m, of, &why);
    if (st != ST_OK) {
        sink_drop(s);
        sink_reject(s, with_type(s, raw, of->type), why.msg);
    }
    return ST_OK;
}

/* --- a body ---------------------------------------------------------------------------------- */

Status message_head(Arena *a, Str body, MessageBody *ret, Err *err)
{
    JsonScan in;
    JsonType type;
    Str      key;
    *ret = (MessageBody){0};
    json_scan_init(&in, a, body);
    if (!json_scan_type(&in, &type) || type != JSON_OBJECT)
        return err_set(err, ST_INVALID, "track.bad_body", "the body is no JSON object");
    json_scan_open(&in, JSON_OBJECT);
    while (json_scan_key(&in, &key)) {
        if (str_eq(key, STR("batch")) && json_scan_type(&in, &type) && type == JSON_ARRAY)
            json_scan_skip(&in, &ret->batch);
        else if (str_eq(key, STR("writeKey")))
            scan_text(&in, &ret->write_key);
        else if (str_eq(key, STR("sentAt")))
            scan_text(&in, &ret->sent_at);
        else
            json_scan_skip(&in, NULL);
    }
    (void)json_scan_end(&in);
    return json_scan_status(&in, err);
}

/* When it was sent often stands behind the messages: their times are made right then. */
static void fix_times(Sink *s, size_t from, UnixMs sent)
{
    for (size_t i = from; i < s->n; i++)
        s->events[i].time = sink_time(s, s->events[i].time, sent);
}

static Status read_batch(Sink *s, JsonScan *in, const MessageOf *of, Err *err)
{
    json_scan_open(in, JSON_ARRAY);
    while (json_scan_item(in)) {
        if (s->n + (size_t)s->refused + (size_t)s->rejected >= SINK_EVENTS_MAX)
            return err_set(err, ST_LIMIT, "track.too_big", "at most %d events", SINK_EVENTS_MAX);
        TRY(message_read(s, in, of, err));
    }
    return json_scan_status(in, err);
}

Status message_whole(Sink *s, Str body, MessageOf of, bool *ret_batch, Err *err)
{
    JsonScan in;
    JsonType type;
    Str      key, sent = STR("");
    of.sent_later = !of.import;
    of.type = STR("");
    *ret_batch = false;
    json_scan_init(&in, s->arena, body);
    if (!json_scan_type(&in, &type) || type != JSON_OBJECT)
        return err_set(err, ST_INVALID, "track.bad_body", "the body is no JSON object");
    json_scan_open(&in, JSON_OBJECT);
    while (json_scan_key(&in, &key)) {
        if (str_eq(key, STR("batch")) && json_scan_type(&in, &type) && type == JSON_ARRAY) {
            *ret_batch = true;
            TRY(read_batch(s, &in, &of, err));
        } else if (str_eq(key, STR("sentAt"))) {
            scan_text(&in, &sent);
        } else {
            json_scan_skip(&in, NULL);
        }
    }
    (void)json_scan_end(&in);
    TRY(json_scan_status(&in, err));
    if (of.sent_later)
        fix_times(s, 0, instant(sent));
    return ST_OK;
}

Status message_body(Sink *s, Str body, const MessageBody *head, MessageOf of, Err *err)
{
    JsonScan in;
    of.sent = instant(head->sent_at);
    if (head->batch.len == 0) {
        json_scan_init(&in, s->arena, body);
        return message_read(s, &in, &of, err);
    }
    of.type = STR("");
    json_scan_init(&in, s->arena, head->batch);
    return read_batch(s, &in, &of, err);
}
