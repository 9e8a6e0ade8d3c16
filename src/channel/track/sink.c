#include "channel/track/sink.h"

#include "base/json_write.h"
#include "people/identity.h"
#include "people/journey_store.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { DEPTH_MAX = 8, KEYS = 4096, SHORT_MESSAGE = 20, KNOWN = 1 << 17 };

/* "context.page." and "url" are put together once per thread: the same few hundred keys come
 * again and again. */
typedef struct Joined {
    Str      whole; /* "context.page.url." with the dot that a prefix has */
    uint32_t prefix;
} Joined;

/* What a thread keeps from one request to the next, until it ends. */
typedef struct Kept {
    Sink   sink;
    Joined joined[KEYS];
    Arena  keys; /* of them */
} Kept;

static _Thread_local Kept *mine;
static pthread_key_t       mine_key; /* frees it */
static pthread_once_t      mine_once = PTHREAD_ONCE_INIT;

static void kept_free(void *p)
{
    Kept *k = p;
    buf_done(&k->sink.records);
    buf_done(&k->sink.text);
    free(k->sink.events);
    free(k->sink.props);
    free(k->sink.told);
    free(k->sink.news);
    arena_done(&k->keys);
    free(k);
}

static void make_key(void)
{
    ASSERT(pthread_key_create(&mine_key, kept_free) == 0);
}

static Kept *kept(void)
{
    if (mine != NULL)
        return mine;
    ASSERT(pthread_once(&mine_once, make_key) == 0);
    mine = calloc(1, sizeof *mine);
    if (mine == NULL)
        base_out_of_memory(sizeof *mine);
    arena_init(&mine->keys, 16 << 10);
    buf_init(&mine->sink.records, SINK_QUEUE_BYTES);
    buf_init(&mine->sink.text, SINK_QUEUE_BYTES);
    ASSERT(pthread_setspecific(mine_key, mine) == 0);
    return mine;
}

Sink *sink_begin(Arena *a, UnixMs now, const TrackKey *key, const char *format)
{
    Sink *s = &kept()->sink;
    s->arena = a;
    s->now = now;
    s->key = key;
    s->format = format;
    s->replay = false;
    s->n = s->nprops = s->first = s->ntold = s->nnews = 0;
    s->refused = s->rejected = 0;
    s->reason = STR("");
    buf_clear(&s->records);
    return s;
}

static void *grown(void *p, size_t *cap, size_t size)
{
    *cap = *cap > 0 ? *cap * 2 : 256;
    p = realloc(p, *cap * size);
    if (p == NULL)
        base_out_of_memory(*cap * size);
    return p;
}

/* --- keys ------------------------------------------------------------------------------------ */

static Joined join(Arena *a, Str prefix, Str key)
{
    size_t n = prefix.len + key.len + 1;
    char  *p = arena_array(a, char, n);
    memcpy(p, prefix.len > 0 ? prefix.ptr : "", prefix.len);
    memcpy(p + prefix.len, key.len > 0 ? key.ptr : "", key.len);
    p[n - 1] = '.';
    return (Joined){.whole = {p, n}, .prefix = (uint32_t)prefix.len};
}

/* prefix + key + "."; what does not fit the table is made anew. */
static Str joined_key(Sink *s, Str prefix, Str key)
{
    uint64_t h = XXH3_64bits_withSeed(key.ptr, key.len, (uintptr_t)prefix.ptr + prefix.len);
    Joined  *j = &kept()->joined[h & (KEYS - 1)];
    if (j->whole.len == 0 && prefix.len + key.len <= JOURNEY_KEY_MAX)
        *j = join(&mine->keys, prefix, key);
    if (j->prefix == prefix.len && j->whole.len == prefix.len + key.len + 1 &&
        memcmp(j->whole.ptr + prefix.len, key.ptr, key.len) == 0 &&
        memcmp(j->whole.ptr, prefix.ptr, prefix.len) == 0)
        return j->whole;
    return join(s->arena, prefix, key).whole;
}

static Str full_key(Sink *s, Str prefix, Str key)
{
    if (prefix.len == 0)
        return key;
    Str whole = joined_key(s, prefix, key);
    return str_head(whole, whole.len - 1);
}

/* --- properties ------------------------------------------------------------------------------ */

static JourneyProp *prop(Sink *s, Str key, JourneyType type)
{
    if (key.len == 0 || key.len > JOURNEY_KEY_MAX || s->nprops - s->first >= JOURNEY_PROPS_MAX)
        return NULL;
    if (s->nprops == s->cap_props)
        s->props = grown(s->props, &s->cap_props, sizeof *s->props);
    JourneyProp *p = &s->props[s->nprops++];
    *p = (JourneyProp){.key = key, .type = type};
    return p;
}

void sink_text(Sink *s, Str key, Str text)
{
    JourneyProp *p =
        text.len > 0 && text.len <= JOURNEY_TEXT_MAX ? prop(s, key, JOURNEY_TEXT) : NULL;
    if (p != NULL)
        p->text = text;
}

void sink_i64(Sink *s, Str key, int64_t v)
{
    JourneyProp *p = prop(s, key, JOURNEY_INT);
    if (p != NULL)
        p->i = v;
}

void sink_bool(Sink *s, Str key, bool v)
{
    JourneyProp *p = prop(s, key, JOURNEY_BOOL);
    if (p != NULL)
        p->i = v;
}

void sink_real(Sink *s, Str key, double v)
{
    JourneyProp *p = isfinite(v) ? prop(s, key, JOURNEY_REAL) : NULL;
    if (p != NULL)
        p->real = v;
}

void sink_number(Sink *s, Str key, Str text)
{
    int64_t i;
    double  d;
    if (str_parse_i64(text, &i))
        sink_i64(s, key, i);
    else if (str_parse_real(text, &d))
        sink_real(s, key, d);
    else
        sink_text(s, key, text);
}

void sink_json(Sink *s, Str key, Str json)
{
    JourneyProp *p = json.len <= JOURNEY_TEXT_MAX ? prop(s, key, JOURNEY_JSON) : NULL;
    if (p != NULL)
        p->text = json;
}

static void flatten_object(Sink *s, JsonScan *in, Str prefix, int depth);

static void flatten_value(Sink *s, JsonScan *in, Str prefix, Str key, int depth)
{
    JsonType   type;
    JsonNumber n;
    Str        text = STR("");
    bool       b;
    if (!json_scan_type(in, &type))
        return;
    if (type == JSON_STRING) {
        if (json_scan_str(in, &text))
            sink_text(s, full_key(s, prefix, key), text);
    } else if (type == JSON_NUMBER) {
        if (json_scan_number(in, &n) && n.integer)
            sink_i64(s, full_key(s, prefix, key), n.i64);
        else if (in->what == NULL)
            sink_real(s, full_key(s, prefix, key), n.real);
    } else if (type == JSON_BOOL) {
        if (json_scan_bool(in, &b))
            sink_bool(s, full_key(s, prefix, key), b);
    } else if (type == JSON_OBJECT && depth < DEPTH_MAX) {
        flatten_object(s, in, joined_key(s, prefix, key), depth + 1);
    } else if (json_scan_skip(in, &text) && type != JSON_NULL) {
        sink_json(s, full_key(s, prefix, key), text);
    }
}

static void flatten_object(Sink *s, JsonScan *in, Str prefix, int depth)
{
    Str key;
    json_scan_open(in, JSON_OBJECT);
    while (json_scan_key(in, &key))
        flatten_value(s, in, prefix, key, depth);
}

void sink_flatten(Sink *s, JsonScan *in, Str prefix, int depth)
{
    JsonType type;
    if (!json_scan_type(in, &type))
        return;
    if (type == JSON_OBJECT)
        flatten_object(s, in, prefix, depth);
    else
        json_scan_skip(in, NULL);
}

void sink_member(Sink *s, JsonScan *in, Str prefix, Str key)
{
    flatten_value(s, in, prefix, key, 0);
}

/* --- who ------------------------------------------------------------------------------------- */

static _Atomic uint64_t known[KNOWN]; /* who */
static struct {
    _Atomic uint64_t told, stored; /* what was said of an owner last */
} traits[KNOWN];

static uint64_t known_at(_Atomic uint64_t *p)
{
    return atomic_load_explicit(p, memory_order_relaxed);
}

/* Of two that were told at once, the one that was told last is known. */
void sink_know(const SinkNews *news, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = news[i].owner & (KNOWN - 1);
        atomic_store_explicit(&known[news[i].who & (KNOWN - 1)], news[i].who, memory_order_relaxed);
        if (news[i].what != 0 && known_at(&traits[at].told) == news[i].what)
            atomic_store_explicit(&traits[at].stored, news[i].what, memory_order_relaxed);
    }
}

void sink_know_nothing(void)
{
    for (size_t i = 0; i < KNOWN; i++) {
        atomic_store_explicit(&known[i], 0, memory_order_relaxed);
        atomic_store_explicit(&traits[i].told, 0, memory_order_relaxed);
        atomic_store_explicit(&traits[i].stored, 0, memory_order_relaxed);
    }
}

static SinkNews news_of(const SinkWho *who)
{
    SinkNews n = {.who = XXH3_64bits_withSeed(who->user.ptr, who->user.len, 1)};
    Str      owner = who->user.len > 0 ? who->user : who->anonymous;
    n.who = XXH3_64bits_withSeed(who->anonymous.ptr, who->anonymous.len, n.who);
    n.who = XXH3_64bits_withSeed(who->previous.ptr, who->previous.len, n.who);
    n.owner = XXH3_64bits_withSeed(owner.ptr, owner.len, who->user.len > 0);
    if (who->traits.len > 0)
        n.what = XXH3_64bits_withSeed(who->traits.ptr, who->traits.len, n.owner) | 1;
    return n;
}

/* Is it known already, or was it said a few events before? */
static bool is_old_news(const Sink *s, const SinkNews *n)
{
    size_t at = n->owner & (KNOWN - 1);
    bool   who = known_at(&known[n->who & (KNOWN - 1)]) == n->who;
    bool   what = n->what == 0 ||
                (known_at(&traits[at].stored) == n->what && known_at(&traits[at].told) == n->what);
    bool seen = n->what == 0;
    for (size_t i = s->nnews; i > 0 && s->nnews - i < 64 && !(who && what && seen); i--) {
        const SinkNews *old = &s->news[i - 1];
        who |= old->who == n->who;
        if (!seen && old->owner == n->owner && old->what != 0) {
            what = old->what == n->what; /* the last before this one */
            seen = true;
        }
    }
    return who && what;
}

/* Who the last event was, unless that is known already. An account is told of once, so that it is
 * found; of a browser nobody knows more than its events. An answer is told whenever it is given. */
static void tell_identity(Sink *s, const SinkWho *who)
{
    SinkNews n = news_of(who);
    if (who->consent.len == 0 &&
        ((who->user.len == 0 && who->previous.len == 0 && n.what == 0) || is_old_news(s, &n)))
        return;
    if (s->nnews == s->cap_news)
        s->news = grown(s->news, &s->cap_news, sizeof *s->news);
    s->news[s->nnews++] = n;
    if (n.what != 0)
        atomic_store_explicit(&traits[n.owner & (KNOWN - 1)].told, n.what, memory_order_relaxed);
    if (s->ntold == s->cap_told)
        s->told = grown(s->told, &s->cap_told, sizeof *s->told);
    s->told[s->ntold++] = (SinkTold){.who = *who, .event = s->n - 1};
}

/* The event that says so: its id, or what there is instead. */
static void put_evidence(Json *j, const JourneyEvent *e)
{
    char text[CLOCK_TEXT_LEN];
    Buf  b;
    if (e->message.len > 0) {
        json_str(j, "m", e->message);
        return;
    }
    clock_put(text, e->time);
    buf_init(&b, JOURNEY_NAME_MAX + 64);
    buf_addf(&b, STR_FMT ", ", STR_ARG(e->name));
    buf_add(&b, (Str){text, sizeof text});
    json_str(j, "m", buf_str(&b));
    buf_done(&b);
}

static void put_told(Sink *s, const SinkTold *told)
{
    const SinkWho *who = &told->who;
    buf_clear(&s->text);
    Json j = json_begin(&s->text);
    json_obj(&j, NULL);
    json_str(&j, "k", STR("who"));
    json_i64(&j, "key", s->key->id);
    json_bool(&j, "server", s->key->kind == TRACK_SERVER && !s->key->by_alias);
    json_i64(&j, "at", s->events[told->event].time.v);
    put_evidence(&j, &s->events[told->event]);
    if (who->user.len > 0)
        json_str(&j, "user", who->user);
    if (who->anonymous.len > 0)
        json_str(&j, "anonymous", who->anonymous);
    if (who->previous.len > 0)
        json_str(&j, "previous", who->previous);
    if (who->traits.len > 0)
        json_raw(&j, "traits", who->traits);
    if (who->consent.len > 0)
        json_raw(&j, "consent", who->consent);
    if (who->text_version.len > 0)
        json_str(&j, "text_version", who->text_version);
    if (who->text_locale.len > 0)
        json_str(&j, "text_locale", who->text_locale);
    json_end(&j);
    queue_add(&s->records, buf_str(&s->text));
}

/* --- events ---------------------------------------------------------------------------------- */

UnixMs sink_time(const Sink *s, UnixMs t, UnixMs sent)
{
    static const int64_t YEAR_2000 = 946684800000, AHEAD = 60000;
    if (t.v == 0)
        return s->now;
    if (sent.v != 0)
        t.v = s->now.v - (sent.v - t.v);
    return t.v < YEAR_2000 || t.v > s->now.v + AHEAD ? s->now : t;
}

/* Message ids of some clients are short ("17"), and then another client's "17" is another one. */
static Str scoped(Sink *s, Str message, int64_t subject)
{
    if (message.len == 0 || (message.len >= SHORT_MESSAGE && message.len <= JOURNEY_MESSAGE_MAX))
        return message;
    uint64_t h = XXH3_64bits_withSeed(message.ptr, message.len, (uint64_t)s->key->id);
    char    *p = arena_array(s->arena, char, 40);
    int n = snprintf(p, 40, "%016llx%016llx", (unsigned long long)h, (unsigned long long)subject);
    return (Str){p, (size_t)n};
}

void sink_drop(Sink *s)
{
    s->nprops = s->first;
}

static void push(Sink *s, int64_t subject, Str name, UnixMs time, Str message)
{
    if (s->n == s->cap)
        s->events = grown(s->events, &s->cap, sizeof *s->events);
    s->events[s->n++] = (JourneyEvent){.subject = subject,
                                       .time = time,
                                       .name = name,
                                       .message = message,
                                       .nprops = s->nprops - s->first};
    s->first = s->nprops;
}

Status sink_event_as(Sink *s, int64_t subject, Str name, UnixMs time, Str message, Err *err)
{
    if (name.len == 0 || name.len > JOURNEY_NAME_MAX) {
        sink_drop(s);
        return err_set(err, ST_INVALID, "journey.bad_event", "the event's name is out of range");
    }
    if (people_journey_takes(subject)) {
        push(s, subject, name, time, message);
    } else {
        s->refused++;
        sink_drop(s);
    }
    return ST_OK;
}

static bool names_somebody(const Sink *s, int ns, Str value, Str *ret)
{
    return value.len > 0 && people_normalise(s->arena, ns, value, ret) &&
           !people_journey_blocks(*ret);
}

/* Who had said no may say yes; who was erased stays so. */
static bool may_take(int64_t subject, bool agreed)
{
    return subject == 0 || people_journey_takes(subject) ||
           (agreed && !people_journey_forgot(subject));
}

static Status take(Sink *s, const SinkWho *who, Str name, UnixMs time, Str message, Err *err)
{
    Str user = STR(""), anonymous = STR("");
    if (!names_somebody(s, PEOPLE_USER_ID, who->user, &user))
        user = STR("");
    if (!names_somebody(s, PEOPLE_ANONYMOUS_ID, who->anonymous, &anonymous))
        anonymous = STR("");
    if (user.len == 0 && anonymous.len == 0)
        return err_set(err, ST_INVALID, "journey.bad_event",
                       "neither userId nor anonymousId names anybody");
    if (name.len == 0 || name.len > JOURNEY_NAME_MAX)
        return err_set(err, ST_INVALID, "journey.bad_event", "the event's name is %s",
                       name.len == 0 ? "missing" : "too long");
    int64_t as_user = user.len > 0 ? people_subject(PEOPLE_USER_ID, user) : 0;
    int64_t as_browser = anonymous.len > 0 ? people_subject(PEOPLE_ANONYMOUS_ID, anonymous) : 0;
    if (!may_take(as_user, who->agreed) || !may_take(as_browser, who->agreed)) {
        s->refused++;
        sink_drop(s);
        return ST_OK;
    }
    int64_t subject = as_user != 0 ? as_user : as_browser;
    message = scoped(s, message, subject);
    push(s, subject, name, time, message);
    SinkWho both = *who;
    both.user = user;
    both.anonymous = anonymous;
    tell_identity(s, &both);
    return ST_OK;
}

Status sink_event(Sink *s, const SinkWho *who, Str name, UnixMs time, Str message, Err *err)
{
    Status st = take(s, who, name, time, message, err);
    if (st != ST_OK)
        sink_drop(s);
    return st;
}

void sink_reject(Sink *s, Str raw, const char *reason)
{
    bool cut = raw.len > SINK_RAW_MAX;
    s->rejected++;
    s->reason = str_dup(s->arena, str_from_cstr(reason));
    if (s->replay)
        return;
    buf_clear(&s->text);
    Json j = json_begin(&s->text);
    json_obj(&j, NULL);
    json_str(&j, "k", STR("rejected"));
    json_i64(&j, "key", s->key != NULL ? s->key->id : 0);
    json_i64(&j, "at", s->now.v);
    json_str(&j, "format", str_from_cstr(s->format));
    json_str(&j, "reason", s->reason);
    json_bool(&j, "cut", cut);
    json_str(&j, "raw", str_head(raw, SINK_RAW_MAX));
    json_end(&j);
    queue_add(&s->records, buf_str(&s->text));
}

void sink_seal(Sink *s)
{
    size_t at = 0;
    for (size_t i = 0; i < s->n; i++) {
        s->events[i].props = s->props + at;
        at += s->events[i].nprops;
    }
    for (size_t i = 0; i < s->ntold; i++)
        put_told(s, &s->told[i]);
    s->ntold = 0;
}
