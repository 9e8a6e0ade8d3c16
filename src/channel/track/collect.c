#include "channel/track/collect.h"

#include "base/json_write.h"
#include "base/metric.h"
#include "channel/track/track_int.h"
#include "people/journey_store.h"

#include <semaphore.h>
#include <stdlib.h>
#include <zlib.h>

static Metric taken = METRIC_COUNTER("track_events", "Events stored.");
static Metric again = METRIC_COUNTER("track_repeated", "Events that had come before.");
static Metric refused =
    METRIC_COUNTER("track_refused", "Events not stored: no consent, or the person was erased.");
static Metric aside = METRIC_COUNTER("track_rejected", "Messages kept aside.");
static Metric limited = METRIC_COUNTER("track_limited", "Requests beyond a key's limit.");

/* --- the request ----------------------------------------------------------------------------- */

void collect_cors(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str origin = http_header(rq, STR("Origin"));
    if (origin.len == 0)
        return;
    http_set_header(cx, rs, "Access-Control-Allow-Origin", origin);
    http_set_header(cx, rs, "Access-Control-Expose-Headers", STR("Retry-After"));
    http_set_header(cx, rs, "Vary", STR("Origin"));
}

Status collect_key(Cx *cx, const HttpReq *rq, Str key, const TrackKey **ret)
{
    if (track.queue == NULL || people_journey() == NULL)
        return cx_fail(cx, ST_BUSY, "track.not_started", "events cannot be stored at the moment");
    Str             head, rest;
    const TrackKey *k = track_key_find(key);
    if (k == NULL && str_cut(key, ':', &head, &rest)) /* as Jitsu's clients want them */
        k = track_key_find(head);
    if (k == NULL)
        return cx_fail(cx, ST_UNKNOWN, "track.bad_key", "%s write key",
                       key.len > 0 ? "there is no such" : "the request names no");
    if (!track_key_allows(k, http_header(rq, STR("Origin"))))
        return cx_fail(cx, ST_DENIED, "track.bad_origin", "this key is not for that origin");
    *ret = k;
    return ST_OK;
}

static Status inflate_body(Cx *cx, Str body, size_t max, Str *ret)
{
    z_stream z = {0};
    size_t   room = max + 1;
    char    *out = arena_array(cx->arena, char, room);
    if (inflateInit2(&z, 15 + 32) != Z_OK) /* gzip or zlib, by its head */
        base_out_of_memory(sizeof z);
    z.next_in = (unsigned char *)(uintptr_t)body.ptr;
    z.avail_in = (unsigned)body.len;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)room;
    int rc = inflate(&z, Z_FINISH);
    while (rc == Z_STREAM_END && z.avail_in > 2 && z.next_in[0] == 0x1f && z.next_in[1] == 0x8b &&
           inflateReset(&z) == Z_OK)
        rc = inflate(&z, Z_FINISH); /* another member */
    size_t n = room - z.avail_out;
    (void)inflateEnd(&z);
    if (rc == Z_BUF_ERROR && n == room)
        return cx_fail(cx, ST_LIMIT, "track.too_big", "at most %zu bytes", max);
    if (rc != Z_STREAM_END)
        return cx_fail(cx, ST_INVALID, "track.bad_body", "the body is not what gzip makes");
    *ret = (Str){out, n};
    return ST_OK;
}

Status collect_body(Cx *cx, const HttpReq *rq, size_t max, Str *ret)
{
    Str coding = http_header(rq, STR("Content-Encoding"));
    *ret = rq->body;
    if (str_eq_nocase(coding, STR("gzip")) || str_eq_nocase(coding, STR("deflate")))
        return inflate_body(cx, rq->body, max, ret);
    if (coding.len > 0 && !str_eq_nocase(coding, STR("identity")))
        return cx_fail(cx, ST_INVALID, "track.bad_body", "no other encoding than gzip is taken");
    if (rq->body.len > max)
        return cx_fail(cx, ST_LIMIT, "track.too_big", "at most %zu bytes", max);
    return ST_OK;
}

/* --- the answer ------------------------------------------------------------------------------ */

void collect_reply(Cx *cx, const HttpReq *rq, HttpResp *rs, CollectReply kind)
{
    static const unsigned char GIF[] = {'G', 'I', 'F', '8', '9', 'a',  1,    0,    1,   0,    0x80,
                                        0,   0,   0,   0,   0,   0xff, 0xff, 0xff, '!', 0xf9, 4,
                                        1,   0,   0,   0,   0,   ',',  0,    0,    0,   0,    1,
                                        0,   1,   0,   0,   2,   2,    0x44, 1,    0,   ';'};
    collect_cors(cx, rq, rs);
    if (kind == COLLECT_EMPTY) {
        http_reply_none(rs);
    } else if (kind == COLLECT_GIF) {
        rs->type = "image/gif";
        rs->borrowed = (Str){(const char *)GIF, sizeof GIF};
    } else if (kind == COLLECT_CSS) {
        rs->type = "text/css; charset=utf-8";
    } else {
        rs->type = "application/json";
        rs->borrowed = STR("{\"success\":true}");
    }
}

typedef struct Pending {
    atomic_int   left; /* journey and queue */
    atomic_bool  failed;
    Err          err; /* of the first that failed */
    HttpLater   *later;
    CollectReply reply;
    int64_t      tracked, invalid;
    size_t       nnews;
    SinkNews     news[];
} Pending;

static void part_done(Pending *p, Status st, const Err *err)
{
    if (st != ST_OK && !atomic_exchange(&p->failed, true))
        p->err = *err;
    if (atomic_fetch_sub(&p->left, 1) != 1)
        return;
    if (!atomic_load(&p->failed))
        sink_know(p->news, p->nnews);
    http_later_end(p->later);
}

/* As Matomo answers many requests at once. */
static void reply_bulk(HttpResp *rs, int64_t tracked, int64_t invalid)
{
    Json j = json_begin(&rs->body);
    rs->type = "application/json";
    rs->borrowed = (Str){0};
    json_obj(&j, NULL);
    json_str(&j, "status", STR("success"));
    json_i64(&j, "tracked", tracked);
    json_i64(&j, "invalid", invalid);
    json_end(&j);
}

static void stored(void *arg, Status st, const JourneyReceipt *receipt, const Err *err)
{
    if (st == ST_OK) {
        metric_add(&taken, receipt->stored);
        metric_add(&again, receipt->repeated);
    }
    part_done(arg, st, err);
}

static void queued(void *arg, Status st, const Err *err)
{
    part_done(arg, st, err);
}

static Status answer(Cx *cx, const HttpReq *rq, HttpResp *rs, void *arg)
{
    Pending *p = arg;
    Status   st = ST_OK;
    if (atomic_load(&p->failed)) {
        collect_cors(cx, rq, rs);
        cx->err = p->err;
        st = p->err.status;
    } else {
        collect_reply(cx, rq, rs, p->reply);
        if (p->reply == COLLECT_BULK)
            reply_bulk(rs, p->tracked, p->invalid);
    }
    free(p);
    return st;
}

static Status within_limit(Cx *cx, const HttpReq *rq, HttpResp *rs, const Sink *s)
{
    int64_t per_minute = s->key->per_minute, n = (int64_t)s->n + s->rejected;
    SpanMs  wait;
    if (per_minute == 0 || n == 0)
        return ST_OK;
    int64_t burst = per_minute > SINK_EVENTS_MAX ? per_minute : SINK_EVENTS_MAX;
    if (limiter_take(track.limiter, s->key->text, s->now, burst, per_minute, n, &wait))
        return ST_OK;
    metric_add(&limited, 1);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 32);
    buf_add_i64(&b, (wait.v + 999) / 1000);
    collect_cors(cx, rq, rs);
    http_set_header(cx, rs, "Retry-After", buf_str(&b));
    http_set_header(cx, rs, "X-RateLimit-Reset", buf_str(&b));
    return cx_fail(cx, ST_RATE, "track.too_often", "this key may send %lld events per minute",
                   (long long)per_minute);
}

static void count(const Sink *s)
{
    if (s->refused > 0)
        metric_add(&refused, s->refused);
    if (s->rejected > 0)
        metric_add(&aside, s->rejected);
}

/* How many parts there are is said before the first of them can be done. */
Status collect_send(Cx *cx, const HttpReq *rq, HttpResp *rs, Sink *s, CollectReply reply)
{
    TRY(within_limit(cx, rq, rs, s));
    sink_seal(s);
    if (buf_overflowed(&s->records))
        return cx_fail(cx, ST_LIMIT, "track.too_big", "too much to be noted");
    count(s);
    if (s->n == 0 && s->records.len == 0) {
        collect_reply(cx, rq, rs, reply);
        if (reply == COLLECT_BULK)
            reply_bulk(rs, 0, 0);
        return ST_OK;
    }
    Pending *p = malloc(sizeof *p + s->nnews * sizeof p->news[0]);
    if (p == NULL)
        base_out_of_memory(s->nnews);
    *p = (Pending){.reply = reply,
                   .tracked = (int64_t)s->n + s->refused,
                   .invalid = s->rejected,
                   .nnews = s->nnews};
    if (s->nnews > 0)
        memcpy(p->news, s->news, s->nnews * sizeof p->news[0]);
    atomic_store(&p->left, (s->n > 0) + (s->records.len > 0));
    p->later = http_later(rs, answer, p);
    bool both = s->n > 0 && s->records.len > 0;
    if (s->records.len > 0)
        queue_put(track.queue, buf_str(&s->records), queued, p);
    if (both || s->n > 0) {
        Err    err = {0};
        Status st = journey_append_later(people_journey(), s->events, s->n, stored, p, &err);
        if (st != ST_OK)
            part_done(p, st, &err);
    }
    return ST_OK;
}

typedef struct Waiting {
    sem_t  written;
    Status status;
    Err    err;
} Waiting;

static void written(void *arg, Status st, const Err *err)
{
    Waiting *w = arg;
    w->status = st;
    if (st != ST_OK)
        w->err = *err;
    (void)sem_post(&w->written);
}

static Status queue_now(Cx *cx, Sink *s)
{
    Waiting w = {.status = ST_OK};
    ASSERT(sem_init(&w.written, 0, 0) == 0);
    queue_put(track.queue, buf_str(&s->records), written, &w);
    while (sem_wait(&w.written) != 0)
        continue; /* a signal came */
    (void)sem_destroy(&w.written);
    if (w.status != ST_OK)
        cx->err = w.err;
    else
        sink_know(s->news, s->nnews);
    return w.status;
}

Status collect_now(Cx *cx, Sink *s, int64_t *ret_stored)
{
    JourneyReceipt receipt = {0};
    if (ret_stored != NULL)
        *ret_stored = 0;
    sink_seal(s);
    if (s->n == 0 && s->records.len == 0)
        return ST_OK;
    if (people_journey() == NULL || (s->records.len > 0 && track.queue == NULL))
        return cx_fail(cx, ST_BUSY, "track.not_started", "events cannot be stored at the moment");
    if (buf_overflowed(&s->records))
        return cx_fail(cx, ST_LIMIT, "track.too_big", "too much to be noted");
    if (s->records.len > 0)
        TRY(queue_now(cx, s));
    if (s->n == 0)
        return ST_OK;
    TRY(journey_append(people_journey(), s->events, s->n, &receipt, &cx->err));
    metric_add(&taken, receipt.stored);
    metric_add(&again, receipt.repeated);
    if (ret_stored != NULL)
        *ret_stored = receipt.stored;
    return ST_OK;
}
