/* http_server.h - serve an HttpApp over TCP.
 *
 * Two I/O threads parse requests, take bodies in and send replies; they never wait. Quick
 * routes run on them, all others on worker threads, which therefore never see a slow
 * client: a worker gets a request when its last byte is there and is free again when the
 * reply is made. When the workers' queue is full, 503 with Retry-After.
 *
 * What is limited: connections in all and per address (of IPv6: per /64), time until the
 * headers are complete, idle time, speed of bodies and readers, sizes of target, headers
 * and bodies. Requests that could mean different things to a proxy before us are refused.
 *
 * Plain HTTP/1.1, or TLS by certificate and key. HTTP/2 is for a proxy in front; name it in
 * `trust_proxy` so that its X-Forwarded-For, X-Forwarded-Proto and X-Request-Id count. */
#pragma once

#include "http/http.h"

typedef struct HttpServer HttpServer;

typedef struct HttpServerOptions { /* 0 or NULL: what stands behind */
    const char *address;           /* "127.0.0.1"; "0.0.0.0" or "::" for all */
    uint16_t    port;              /* any free one: http_server_port() */
    int         io_threads;        /* 2; at most 16 */
    int         workers;           /* 8, and up to 8 times as many while those wait to commit */
    int         queue_max;         /* requests waiting for a worker: 512 */
    int         connections_max;   /* 10,000 in all, as far as file descriptors go */
    int         per_address_max;   /* 256; trusted proxies are exempt */
    SpanMs      header_limit;      /* from the first byte to the last header: 10 s */
    SpanMs      idle_limit;        /* between requests, and without any progress: 30 s */
    SpanMs      slow_grace;        /* a body or a reply may go slowly for 10 s … */
    int64_t     rate_min;          /* … then it needs so many bytes/s on average: 512 */
    SpanMs      stop_limit;        /* how long http_server_stop() waits for requests: 15 s */
    SpanMs      heartbeat;         /* of silent streams: 15 s */
    const char *tmp_dir;           /* of big bodies while they are here: $TMPDIR or /tmp */
    const char *tls_cert;          /* PEM files, both or none */
    const char *tls_key;
    const char *trust_proxy; /* networks: "10.0.0.0/8, ::1" */
    Db         *db;          /* each thread takes a connection; NULL: none */
    Core       *core;
} HttpServerOptions;

/* `app` is indexed and, with what it points to, outlives the server. Strings of `options`
 * are only needed during the call. ST_IO "http.listen" (address in use, no permission),
 * ST_IO "http.start", ST_INVALID "http.bad_address", "http.bad_tls", "http.bad_proxies". */
NODISCARD Status http_server_start(const HttpServerOptions *options, const HttpApp *app,
                                   HttpServer **ret, Err *err);

/* Stop accepting, finish what was accepted, end the streams, free everything. Takes as long
 * as the longest running request, at most stop_limit; whoever is not done then is cut off
 * (a handler that runs is always waited for). NULL is fine. */
void http_server_stop(HttpServer *srv);

uint16_t http_server_port(const HttpServer *srv);

/* Is it (still) accepting? For readiness: false from the moment it was told to stop. */
bool http_server_stopping(const HttpServer *srv);
