/* Events become deliveries, deliveries become requests. */
#include "people/webhook_int.h"

#include "base/codec.h"
#include "base/id.h"
#include "base/utf8.h"
#include "core/core.h"
#include "core/seal.h"
#include "wire/http_client.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const people_delivery_names[] = {"waiting", "done", "failed", NULL};

static const ShapeField DELIVERY_FIELDS[] = {
    SHAPE_ID(PeopleDelivery, id, "whd"),
    SHAPE_ID(PeopleDelivery, webhook_id, "whe"),
    SHAPE_TEXT(PeopleDelivery, event_id, .doc = "The header webhook-id."),
    SHAPE_TEXT(PeopleDelivery, type),
    SHAPE_TEXT(PeopleDelivery, body),
    SHAPE_ENUM(PeopleDelivery, status, people_delivery_names),
    SHAPE_INT(PeopleDelivery, attempts),
    SHAPE_INT(PeopleDelivery, http_status, .doc = "Of the last attempt; 0: there was no answer."),
    SHAPE_TEXT(PeopleDelivery, problem),
    SHAPE_INT(PeopleDelivery, millis, .doc = "How long the last attempt took."),
    SHAPE_TIME(PeopleDelivery, created_at),
    SHAPE_TIME(PeopleDelivery, next_at, .doc = "When it is tried again."),
    SHAPE_TIME(PeopleDelivery, done_at),
};
const Shape people_delivery_shape = SHAPE_OF(PeopleDelivery, "WebhookDelivery", DELIVERY_FIELDS,
                                             .doc = "An event that was or will be sent.");

static const ShapeField RULES_FIELDS[] = {
    SHAPE_BOOL(PeopleWebhookRules, allow_private,
               .doc =
                   "Endpoints may be in the shop's own network: everybody who may make endpoints "
                   "can reach what is there."),
};
const Shape people_webhook_rules_shape =
    SHAPE_OF(PeopleWebhookRules, "WebhookRules", RULES_FIELDS, .doc = "Where webhooks may go.");
const PeopleWebhookRules people_webhook_rules_defaults = {.allow_private = false};

static const Setting RULES = {"people.webhooks", &people_webhook_rules_shape,
                              &people_webhook_rules_defaults};

/* When it is tried again after the n-th attempt: the schedule that Standard Webhooks suggests. */
static const SpanMs SCHEDULE[] = {{5 * 1000},         {5 * 60 * 1000},    {30 * 60 * 1000},
                                  {2 * 3600 * 1000},  {5 * 3600 * 1000},  {10 * 3600 * 1000},
                                  {14 * 3600 * 1000}, {20 * 3600 * 1000}, {24 * 3600 * 1000}};

enum { PRUNE_MAX = 5000, PROBLEM_MAX = 300, ANSWER_MAX = 64 * 1024, REPLAY_MAX = 1000 };

PeopleDelivery people_delivery_of(const PeopleDeliveryRow *r)
{
    return (PeopleDelivery){.id = r->id,
                            .webhook_id = r->webhook_id,
                            .event_id = r->event_id,
                            .type = r->type,
                            .body = r->body,
                            .status = r->status,
                            .attempts = r->attempts,
                            .http_status = r->http_status,
                            .problem = r->problem,
                            .millis = r->millis,
                            .created_at = r->created_ms,
                            .next_at = r->next_ms,
                            .done_at = r->done_ms};
}

/* --- who wants what: active endpoints in memory ---------------------------------------------- */

typedef struct Wants {
    int64_t id;
    char   *events; /* one a line */
} Wants;

static pthread_rwlock_t wants_lock = PTHREAD_RWLOCK_INITIALIZER;
static Wants            wants[PEOPLE_WEBHOOKS_MAX];
static size_t           nwants;
static int64_t          wants_of; /* core_id(); 0: not known */
static uint64_t         wants_age;

void people_webhooks_forget(void)
{
    pthread_rwlock_wrlock(&wants_lock);
    wants_of = 0;
    wants_age++;
    pthread_rwlock_unlock(&wants_lock);
}

Status people_webhook_changed(Cx *cx, const Event *event)
{
    (void)cx, (void)event;
    people_webhooks_forget();
    return ST_OK;
}

static void wants_set(const PeopleWebhookRowList *rows, const Core *core, uint64_t age)
{
    pthread_rwlock_wrlock(&wants_lock);
    for (size_t i = 0; i < nwants; i++)
        free(wants[i].events);
    nwants = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const PeopleWebhookRow *r = &rows->items[i];
        if (!r->active)
            continue;
        char *copy = strndup(r->events.ptr, r->events.len);
        if (copy == NULL)
            base_out_of_memory(r->events.len);
        wants[nwants++] = (Wants){r->id, copy};
    }
    wants_of = age == wants_age ? core_id(core) : 0;
    pthread_rwlock_unlock(&wants_lock);
}

static bool name_fits(Str pattern, Str type)
{
    bool star = str_ends(pattern, STR("*"));
    return star ? str_starts(type, str_head(pattern, pattern.len - 1)) : str_eq(pattern, type);
}

static bool wanted(const char *events, Str type)
{
    for (Str rest = str_from_cstr(events), line; rest.len > 0;) {
        str_cut(rest, '\n', &line, &rest);
        if (name_fits(line, type))
            return true;
    }
    return false;
}

static size_t who_wants(Str type, int64_t ret[PEOPLE_WEBHOOKS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < nwants; i++)
        if (wanted(wants[i].events, type))
            ret[n++] = wants[i].id;
    return n;
}

static Status find_wanting(Cx *cx, Str type, int64_t ret[PEOPLE_WEBHOOKS_MAX], size_t *ret_n)
{
    pthread_rwlock_rdlock(&wants_lock);
    bool     known = wants_of != 0 && wants_of == core_id(cx->core);
    uint64_t age = wants_age;
    *ret_n = known ? who_wants(type, ret) : 0;
    pthread_rwlock_unlock(&wants_lock);
    if (known)
        return ST_OK;
    PeopleWebhookRowList rows;
    TRY(people_sql_webhook_all(cx, PEOPLE_WEBHOOKS_MAX, &rows));
    wants_set(&rows, cx->core, age);
    pthread_rwlock_rdlock(&wants_lock);
    *ret_n = who_wants(type, ret);
    pthread_rwlock_unlock(&wants_lock);
    return ST_OK;
}

/* --- from event to delivery ------------------------------------------------------------------ */

static Str body_of(Arena *a, Str type, UnixMs at, Str data)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, (size_t)EVENT_PAYLOAD_MAX + 4096);
    Json j = json_begin(&b);
    bool thin = data.len + type.len + 100 > PEOPLE_WEBHOOK_BODY;
    json_obj(&j, NULL);
    json_str(&j, "type", type);
    json_str(&j, "timestamp", clock_format(a, at));
    json_raw(&j, "data", thin ? STR("{\"thin\":true}") : data.len > 0 ? data : STR("{}"));
    json_end(&j);
    return str_dup(a, buf_str(&b));
}

Status people_delivery_queue(Cx *cx, int64_t id, UnixMs at)
{
    CLEANUP(buf_done) Buf b;
    Str                   name = id_format(cx->arena, "whd", id);
    JobOptions            options = {.run_at = at, .unique = name};
    buf_init(&b, 200);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "delivery", name);
    json_end(&j);
    return job_queue(cx, WEBHOOK_JOB, str_dup(cx->arena, buf_str(&b)), &options, NULL);
}

typedef struct Fan {
    const int64_t *ids;
    size_t         n;
    Str            event_id, type, body;
    bool           queue;
    int64_t        made; /* the last delivery */
} Fan;

static Status fan_tx(Cx *cx, void *arg)
{
    Fan *f = arg;
    for (size_t i = 0; i < f->n; i++) {
        PeopleDeliveryRow row = {.id = id_new(),
                                 .webhook_id = f->ids[i],
                                 .event_id = f->event_id,
                                 .type = f->type,
                                 .body = f->body,
                                 .status = PEOPLE_DELIVERY_WAITING,
                                 .problem = STR(""),
                                 .created_ms = cx->now,
                                 .next_ms = opt_time(cx->now)};
        int64_t           added;
        TRY(people_sql_delivery_add(cx, &row, &added));
        if (added == 1 && f->queue)
            TRY(people_delivery_queue(cx, row.id, cx->now));
        f->made = row.id;
    }
    return ST_OK;
}

Status people_webhook_event(Cx *cx, const Event *event)
{
    int64_t ids[PEOPLE_WEBHOOKS_MAX];
    size_t  n;
    TRY(find_wanting(cx, event->type, ids, &n));
    if (n == 0)
        return ST_OK;
    Fan    fan = {.ids = ids,
                  .n = n,
                  .event_id = id_format(cx->arena, "evt", event->id),
                  .type = event->type,
                  .body = body_of(cx->arena, event->type, event->at, event->payload),
                  .queue = true};
    Status st = cx_in_tx(cx, fan_tx, &fan);
    if (st == ST_CONFLICT) /* an endpoint was removed this moment */
        people_webhooks_forget();
    return st == ST_CONFLICT ? cx_fail(cx, ST_BUSY, "db.busy", "an endpoint went") : st;
}

/* Mostly nobody wants them: then this is a look into memory. */
Status people_webhook_events(Cx *cx, const Event *events, size_t n)
{
    for (size_t i = 0; i < n; i++)
        TRY(people_webhook_event(cx, &events[i]));
    return ST_OK;
}

/* --- sending --------------------------------------------------------------------------------- */

static void add_signature(Buf *b, Str signature)
{
    if (signature.len == 0)
        return;
    if (b->len > 0)
        buf_addc(b, ' ');
    buf_add(b, signature);
}

static Str signatures(Cx *cx, const PeopleWebhookRow *w, Str id, int64_t seconds, Str body)
{
    CLEANUP(buf_done) Buf b, seed;
    Str                   secret, text;
    buf_init(&b, 1024);
    buf_init(&seed, 64);
    if (seal_open(cx->arena, w->secret, &secret))
        add_signature(&b, webhook_sign(cx->arena, secret, id, seconds, body));
    if (w->old_until_ms.has && w->old_until_ms.v.v > cx->now.v &&
        seal_open(cx->arena, w->secret_old, &secret))
        add_signature(&b, webhook_sign(cx->arena, secret, id, seconds, body));
    if (seal_open(cx->arena, w->key_seed, &text) && codec_base64(CODEC_BASE64, text, &seed) &&
        seed.len == 32)
        add_signature(
            &b, webhook_sign_key(cx->arena, (const unsigned char *)seed.ptr, id, seconds, body));
    return str_dup(cx->arena, buf_str(&b));
}

typedef struct Try {
    PeopleWebhookRow  webhook;
    PeopleDeliveryRow row;
    int               http; /* 0: no answer */
    Str               problem;
    int64_t           millis;
    SpanMs            wait; /* what Retry-After asks for */
    bool              gone, success;
} Try;

static Str seconds_text(Arena *a, int64_t seconds)
{
    char *out = arena_array(a, char, 24);
    int   n = snprintf(out, 24, "%lld", (long long)seconds);
    return (Str){out, (size_t)n};
}

static Status request(Cx *cx, Try *t)
{
    PeopleWebhookRules rules;
    HttpClientReply    reply;
    Err                err;
    int64_t            seconds = cx->now.v / 1000, retry, begun = clock_mono_us();
    TRY(setting_get(cx, &RULES, &rules, NULL));
    HttpClientHeader headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("webhook-id"), t->row.event_id},
        {STR("webhook-timestamp"), seconds_text(cx->arena, seconds)},
        {STR("webhook-signature"),
         signatures(cx, &t->webhook, t->row.event_id, seconds, t->row.body)},
    };
    HttpClientRequest rq = {.method = "POST",
                            .url = t->webhook.url,
                            .headers = headers,
                            .nheaders = COUNT_OF(headers),
                            .body = t->row.body,
                            .timeout = SPAN_SECONDS(20),
                            .reply_max = ANSWER_MAX,
                            .allow_private = rules.allow_private};
    cx_idle(cx);
    Status st = http_client_fetch(cx->arena, &rq, &reply, &err);
    t->millis = (clock_mono_us() - begun) / 1000;
    if (st != ST_OK && st != ST_LIMIT) {
        t->problem = str_dup(cx->arena, str_from_cstr(err.msg));
        return ST_OK;
    }
    t->http = st == ST_LIMIT ? 200 : reply.status; /* a long answer is an answer */
    t->success = t->http >= 200 && t->http < 300;
    t->gone = t->http == 410;
    t->problem = STR("");
    if (!t->success) {
        CLEANUP(buf_done) Buf clean;
        buf_init(&clean, (size_t)3 * PROBLEM_MAX);
        utf8_clean(&clean, str_head(reply.body, PROBLEM_MAX));
        for (size_t i = 0; i < clean.len; i++)
            clean.ptr[i] = (unsigned char)clean.ptr[i] < ' ' ? ' ' : clean.ptr[i];
        t->problem = str_dup(cx->arena, buf_str(&clean));
    }
    if ((t->http == 429 || t->http == 502 || t->http == 503 || t->http == 504) &&
        str_parse_i64(reply.retry_after, &retry) && retry > 0)
        t->wait = SPAN_SECONDS(retry < 86400 ? retry : 86400);
    return ST_OK;
}

/* Up to a tenth more, so that those that failed together do not come back together. */
static SpanMs with_jitter(SpanMs span)
{
    return (SpanMs){span.v + (int64_t)randombytes_uniform((uint32_t)(span.v / 10) + 1)};
}

static Status record_tx(Cx *cx, void *arg)
{
    Try                 *t = arg;
    int64_t              attempts = t->row.attempts + 1;
    PeopleDeliveryAnswer a = {.id = t->row.id,
                              .status = PEOPLE_DELIVERY_DONE,
                              .attempts = attempts,
                              .http_status = t->http,
                              .problem = t->problem,
                              .millis = t->millis};
    bool more = !t->gone && t->webhook.active && attempts <= (int64_t)COUNT_OF(SCHEDULE);
    if (t->success) {
        a.done = opt_time(cx->now);
    } else if (more) {
        SpanMs wait = with_jitter(SCHEDULE[attempts - 1]);
        a.status = PEOPLE_DELIVERY_WAITING;
        a.next = opt_time(unix_ms_add(cx->now, wait.v > t->wait.v ? wait : t->wait));
    } else {
        a.status = PEOPLE_DELIVERY_FAILED;
        a.done = opt_time(cx->now);
    }
    TRY(people_sql_delivery_answer(cx, &a, NULL));
    if (a.next.has)
        TRY(people_delivery_queue(cx, t->row.id, a.next.v));
    if (!t->success || t->webhook.failing_ms.has)
        TRY(people_sql_webhook_failing(cx, t->webhook.id,
                                       t->success ? (OptTime){0} : opt_time(cx->now), NULL));
    bool failing = !t->success && t->webhook.failing_ms.has &&
                   cx->now.v - t->webhook.failing_ms.v.v > PEOPLE_WEBHOOK_FAIL.v;
    if (t->gone || failing)
        TRY(people_webhook_off(cx, &t->webhook, t->gone, t->problem));
    return people_sql_delivery_get(cx, t->row.id, &t->row);
}

Status people_delivery_try(Cx *cx, int64_t id, PeopleDelivery *ret)
{
    Try t = {0};
    TRY(people_sql_delivery_get(cx, id, &t.row));
    TRY(people_sql_webhook_get(cx, t.row.webhook_id, &t.webhook));
    if (t.row.status == PEOPLE_DELIVERY_WAITING) {
        if (t.webhook.active || str_eq(t.row.type, STR("webhook.ping")))
            TRY(request(cx, &t));
        else
            t.problem = STR("the endpoint is switched off");
        TRY(cx_in_tx(cx, record_tx, &t));
        if (t.gone)
            people_webhooks_forget();
    }
    *ret = people_delivery_of(&t.row);
    return ST_OK;
}

Status people_webhook_send_job(Cx *cx, const Job *job)
{
    const JsonValue *v;
    int64_t          id;
    PeopleDelivery   d;
    TRY(json_parse(cx->arena, job->payload, &v, &cx->err));
    const JsonValue *text = json_get(v, STR("delivery"));
    if (text == NULL || !id_parse(text->text, "whd", &id))
        return cx_fail(cx, ST_INVALID, "people.no_delivery", "the job names no delivery");
    Status st = people_delivery_try(cx, id, &d);
    return st == ST_NOT_FOUND ? ST_OK : st; /* removed with its endpoint */
}

/* --- by hand --------------------------------------------------------------------------------- */

Status people_webhook_ping(Cx *cx, int64_t id, PeopleDelivery *ret)
{
    PeopleWebhookRow row;
    TRY(cx_require(cx, "webhooks.write"));
    TRY(people_sql_webhook_get(cx, id, &row));
    Fan fan = {.ids = &id,
               .n = 1,
               .event_id = id_format(cx->arena, "evt", id_new()),
               .type = STR("webhook.ping"),
               .body = body_of(cx->arena, STR("webhook.ping"), cx->now, STR("{}"))};
    TRY(cx_in_tx(cx, fan_tx, &fan));
    return people_delivery_try(cx, fan.made, ret);
}

Status people_delivery_list(Cx *cx, int64_t webhook_id, const PeopleRange *range,
                            PeopleDeliveryList *ret)
{
    PeopleDeliveryRowList rows;
    PeopleWebhookRow      webhook;
    TRY(cx_require(cx, "webhooks.read"));
    TRY(people_sql_webhook_get(cx, webhook_id, &webhook));
    if (range->backwards)
        TRY(people_sql_delivery_page_back(cx, webhook_id, range->id, range->limit, &rows));
    else
        TRY(people_sql_delivery_page(cx, webhook_id, range->from ? range->id : INT64_MAX,
                                     range->limit, &rows));
    PeopleDeliveryList list = {.items = arena_array(cx->arena, PeopleDelivery, rows.n + 1),
                               .n = rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = people_delivery_of(&rows.items[i]);
    *ret = list;
    return ST_OK;
}

typedef struct Replay {
    int64_t           id, webhook_id;
    UnixMs            since;
    int64_t           n;
    PeopleDeliveryRow row;
} Replay;

static Status again(Cx *cx, int64_t id)
{
    TRY(people_sql_delivery_again(cx, id, cx->now, NULL));
    return people_delivery_queue(cx, id, cx->now);
}

static Status replay_tx(Cx *cx, void *arg)
{
    Replay *r = arg;
    TRY(people_sql_delivery_get(cx, r->id, &r->row));
    TRY(again(cx, r->id));
    return people_sql_delivery_get(cx, r->id, &r->row);
}

Status people_delivery_replay(Cx *cx, int64_t id, PeopleDelivery *ret)
{
    Replay r = {.id = id};
    TRY(cx_require(cx, "webhooks.write"));
    TRY(cx_in_tx(cx, replay_tx, &r));
    *ret = people_delivery_of(&r.row);
    return ST_OK;
}

static Status replay_failed_tx(Cx *cx, void *arg)
{
    Replay               *r = arg;
    PeopleDeliveryRowList rows;
    TRY(people_sql_delivery_failed(cx, r->webhook_id, id_at(r->since), REPLAY_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++)
        TRY(again(cx, rows.items[i].id));
    r->n = (int64_t)rows.n;
    return ST_OK;
}

Status people_delivery_replay_failed(Cx *cx, int64_t webhook_id, UnixMs since, int64_t *ret_n)
{
    Replay           r = {.webhook_id = webhook_id, .since = since};
    PeopleWebhookRow webhook;
    TRY(cx_require(cx, "webhooks.write"));
    TRY(people_sql_webhook_get(cx, webhook_id, &webhook));
    TRY(cx_in_tx(cx, replay_failed_tx, &r));
    *ret_n = r.n;
    return ST_OK;
}

/* --- clearing away --------------------------------------------------------------------------- */

static Status prune_tx(Cx *cx, void *arg)
{
    (void)arg;
    UnixMs before = unix_ms_add(cx->now, (SpanMs){-PEOPLE_WEBHOOK_KEEP.v});
    return people_sql_delivery_prune(cx, id_at(before), PRUNE_MAX, NULL);
}

Status people_webhook_prune(Cx *cx)
{
    return cx_in_tx(cx, prune_tx, NULL);
}
