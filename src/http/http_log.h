/* http_log.h - the access log: one logfmt line per request on stderr.
 *
 *      ts=2026-11-22T13:00:00.000Z level=info event=http.request id=… method=GET
 *      route=/products/:id status=200 bytes=2048 us=85 sql=3 net=203.0.113.0
 *
 * No personal data: the route's pattern instead of the address, no query, the sender's
 * network instead of the sender. Failures (5xx) carry code, message and source line.
 *
 * A server writes its lines through a buffer that another thread empties, so that a slow
 * reader of stderr cannot hold up requests; when the buffer is full, lines are dropped and
 * counted. Without a server every line is written at once. */
#pragma once

#include "http/http.h"

void http_log_request(const Cx *cx, const HttpReq *rq, const HttpResp *rs, int64_t bytes,
                      int64_t us);

/* Buffer lines from now on; whoever says so calls http_log_flush() now and then. Counted:
 * ends with as many false as there were true. */
void http_log_buffered(bool on);
void http_log_flush(void);

int64_t http_log_clock(void); /* microseconds, monotonic */
