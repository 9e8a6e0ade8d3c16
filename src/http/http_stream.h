/* http_stream.h - server-sent events: replies that go on, without a thread each.
 *
 *      static Status watch_orders(Cx *cx, const HttpReq *rq, HttpResp *rs)
 *      {
 *          HttpStream *s = http_stream_open(rs);
 *          send_missed(cx, s, http_header(rq, STR("Last-Event-ID")));
 *          http_stream_join(s, orders_topic);
 *          http_stream_release(s);
 *          return ST_OK;
 *      }
 *
 *      http_topic_publish(orders_topic, &(HttpEvent){.name = STR("order"), .data = json});
 *
 * Any thread may send and publish; nobody ever waits. What a client has not taken yet
 * queues up to HTTP_STREAM_EVENTS events or HTTP_STREAM_BYTES bytes, which also has to hold a
 * burst that comes before the streams' thread gets its turn; one who is slower than that is
 * cut off, and the browser comes back with Last-Event-ID. A stream ends when the
 * server stops, and when no holder and no topic is left that could send to it. Silent
 * streams get a comment every 15 seconds, which keeps proxies from closing them and finds
 * clients that have gone. */
#pragma once

#include "http/http.h"

enum { HTTP_STREAM_EVENTS = 4096, HTTP_STREAM_BYTES = 1 << 20 };

typedef struct HttpTopic HttpTopic;

typedef struct HttpEvent {
    Str name; /* one line; empty: "message" */
    Str id;   /* one line; comes back as Last-Event-ID; empty: none */
    Str data; /* any text; lines are kept */
} HttpEvent;

/* Make *rs a stream. The caller holds it until http_stream_release(). */
HttpStream *http_stream_open(HttpResp *rs);
HttpStream *http_stream_hold(HttpStream *s); /* once more, for another thread */
void        http_stream_release(HttpStream *s);

/* False when the client has gone or was cut off: release it. */
bool http_stream_send(HttpStream *s, const HttpEvent *e);

void http_stream_join(HttpStream *s, HttpTopic *topic);

HttpTopic *http_topic_new(void);
void       http_topic_free(HttpTopic *topic); /* lets go of its streams */
void       http_topic_publish(HttpTopic *topic, const HttpEvent *e);
size_t     http_topic_size(HttpTopic *topic); /* clients that listen */
