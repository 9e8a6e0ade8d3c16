/* Messages of Segment's API as events. */
#include "journey/feed.h"

#include <math.h>

enum { DEPTH_MAX = 8 };

/* Raw JSON of a list. */
static void put_json(Arena *a, Str key, const JsonValue *v, JourneyProp *p)
{
    (void)a;
    *p = (JourneyProp){.key = key, .type = JOURNEY_JSON, .text = v->text};
}

static Str joined(Arena *a, Str prefix, Str key)
{
    if (prefix.len == 0)
        return key;
    char *p = arena_array(a, char, prefix.len + key.len + 1);
    memcpy(p, prefix.ptr, prefix.len);
    p[prefix.len] = '.';
    memcpy(p + prefix.len + 1, key.len > 0 ? key.ptr : "", key.len);
    return (Str){p, prefix.len + key.len + 1};
}

static void flatten(Arena *a, Str key, const JsonValue *v, JourneyProp *props, size_t *n, int depth)
{
    if (v->type == JSON_OBJECT && depth < DEPTH_MAX) {
        for (uint32_t i = 0; i < v->n; i++)
            flatten(a, joined(a, key, v->members[i].key), &v->members[i].value, props, n,
                    depth + 1);
        return;
    }
    if (v->type == JSON_NULL || *n == JOURNEY_PROPS_MAX || key.len == 0 ||
        key.len > JOURNEY_KEY_MAX)
        return;
    JourneyProp *p = &props[*n];
    *p = (JourneyProp){.key = key};
    if (v->type == JSON_BOOL) {
        p->type = JOURNEY_BOOL;
        p->i = v->boolean;
    } else if (v->type == JSON_NUMBER && v->integer) {
        p->type = JOURNEY_INT;
        p->i = v->i64;
    } else if (v->type == JSON_NUMBER) {
        p->type = JOURNEY_REAL;
        p->real = v->real;
        if (!isfinite(v->real))
            return;
    } else if (v->type == JSON_STRING) {
        p->type = JOURNEY_TEXT;
        p->text = v->text;
    } else {
        put_json(a, key, v, p);
    }
    if (p->text.len <= JOURNEY_TEXT_MAX)
        ++*n;
}

void feed_flatten(Arena *a, Str prefix, const JsonValue *v, JourneyProp *props, size_t *n)
{
    if (v != NULL && v->type == JSON_OBJECT)
        flatten(a, prefix, v, props, n, 0);
}

/* A text, or a number written as one. */
static Str text_of(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && (m->type == JSON_STRING || m->type == JSON_NUMBER) ? m->text : STR("");
}

static Str name_of(const JsonValue *v, Str type)
{
    if (str_eq(type, STR("track")))
        return text_of(v, "event");
    if (str_eq(type, STR("page")))
        return STR("Page Viewed");
    if (str_eq(type, STR("screen")))
        return STR("Screen Viewed");
    if (str_eq(type, STR("identify")))
        return STR("Identified");
    if (str_eq(type, STR("group")))
        return STR("Grouped");
    return str_eq(type, STR("alias")) ? STR("Aliased") : STR("");
}

static Status bad(const char *what, Err *err)
{
    return err_set(err, ST_INVALID, "journey.bad_event", "%s", what);
}

/* Who it is: the user where it is known, else the anonymous id. When a message has both, the
 * anonymous one belongs to the user from now on; so does an alias's former id. */
static Status subject_of(const JsonValue *v, Str type, FeedMessage *ret, Err *err)
{
    Str user = text_of(v, "userId"), anonymous = text_of(v, "anonymousId");
    Str former = str_eq(type, STR("alias")) ? text_of(v, "previousId") : STR("");
    if (user.len == 0 && anonymous.len == 0)
        return bad("neither userId nor anonymousId", err);
    int64_t known = user.len > 0 ? journey_subject(STR("user"), user) : 0;
    int64_t nameless = anonymous.len > 0 ? journey_subject(STR("anonymous"), anonymous) : 0;
    ret->event.subject = known != 0 ? known : nameless;
    ret->link = (JourneyLink){0};
    if (known != 0 && nameless != 0)
        ret->link = (JourneyLink){nameless, known};
    else if (known != 0 && former.len > 0)
        ret->link = (JourneyLink){journey_subject(STR("anonymous"), former), known};
    return ST_OK;
}

Status feed_message(Arena *a, Str line, JourneyProp *props, FeedMessage *ret, Err *err)
{
    const JsonValue *v;
    *ret = (FeedMessage){0};
    TRY(json_parse(a, line, &v, err));
    if (v->type != JSON_OBJECT)
        return bad("not an object", err);
    Str type = text_of(v, "type"), time = text_of(v, "timestamp");
    if (time.len == 0)
        time = text_of(v, "originalTimestamp");
    ret->event.name = name_of(v, type);
    ret->event.message = text_of(v, "messageId");
    if (ret->event.name.len == 0)
        return bad("no event, or an unknown type", err);
    if (!clock_parse(time, &ret->event.time))
        return bad("no timestamp, or not one of RFC 3339", err);
    TRY(subject_of(v, type, ret, err));
    size_t n = 0;
    feed_flatten(a, STR(""), json_get(v, STR("properties")), props, &n);
    feed_flatten(a, STR("traits"), json_get(v, STR("traits")), props, &n);
    feed_flatten(a, STR("context"), json_get(v, STR("context")), props, &n);
    Str name = text_of(v, "name");
    if (name.len > 0 && name.len <= JOURNEY_TEXT_MAX && n < JOURNEY_PROPS_MAX)
        props[n++] = (JourneyProp){.key = STR("name"), .type = JOURNEY_TEXT, .text = name};
    ret->event.props = props;
    ret->event.nprops = n;
    return ST_OK;
}
