/* http_client.h - fetch from other servers (libcurl), safely.
 *
 * Addresses come from merchants and customers, so every connection is checked after the
 * name was resolved: private, loopback, link-local, multicast and other special addresses
 * are refused unless `allow_private` (SSRF guard), at every redirect again. Only http and
 * https; sizes and times are limited; certificates are verified; no cookies, no proxies from
 * the environment. A redirect to another origin loses the credentials, one from https to http
 * is refused. Each thread keeps a few connections open. Blocking: workers only. The
 * program ignores SIGPIPE (TLS may raise it). */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/status.h"

typedef struct HttpClientHeader {
    Str name;
    Str value;
} HttpClientHeader;

typedef struct HttpClientRequest {
    const char             *method; /* GET HEAD POST PUT PATCH DELETE; NULL is GET */
    Str                     url;
    const HttpClientHeader *headers;
    size_t                  nheaders;
    Str                     body;
    SpanMs                  timeout;   /* whole exchange; 0: 15 s */
    size_t                  reply_max; /* bytes; 0: 8 MiB; more is ST_LIMIT "wire.too_big" */
    int                     redirects; /* followed at most; 0: none */
    bool                    allow_private;
} HttpClientRequest;

typedef struct HttpClientReply {
    int status;
    Str type; /* Content-Type */
    Str body;
    Str url;         /* after redirects */
    Str retry_after; /* the header, as sent; empty: none */
} HttpClientReply;

/* The reply lives in `a`. ST_OK for any HTTP status. ST_DENIED "wire.private_address" or
 * "wire.downgrade", ST_INVALID "wire.bad_url" or "wire.bad_header", ST_LIMIT "wire.too_big" or
 * "wire.too_many_redirects", ST_BUSY "wire.timeout", ST_IO "wire.failed". */
NODISCARD Status http_client_fetch(Arena *a, const HttpClientRequest *rq, HttpClientReply *ret,
                                   Err *err);

/* Close this thread's kept connections before the thread ends of itself. */
void http_client_thread_done(void);
