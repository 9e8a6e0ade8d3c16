/* http_int.h - what the files of this folder share; not for others. */
#pragma once

#include "http/http.h"

#include <pthread.h>
#include <stdatomic.h>

enum { HTTP_MAC_BYTES = 16 };

/* MAC of `data` under a key of this installation; `purpose` (a literal) keeps the uses
 * apart. */
void http_mac(const char *purpose, Str data, unsigned char ret[HTTP_MAC_BYTES]);

/* base64url without padding. http_unbase64 is false for anything else. */
Str  http_base64(Arena *a, const void *bytes, size_t n);
bool http_unbase64(Str text, void *bytes, size_t max, size_t *ret_n);

/* Comparison without case, ASCII only. */
bool http_eq_nocase(Str x, Str y);
bool http_starts_nocase(Str s, Str prefix);

/* Split a header's list at its commas; quoted strings are kept whole. Trimmed, not empty. */
bool http_list_next(Str *rest, Str *ret_item);

/* How often a route was answered with which status. */
enum { HTTP_STATUSES = 28 };

typedef struct HttpRouteStat {
    const HttpRoute *route; /* NULL: requests that no route takes */
    _Atomic int64_t  counts[HTTP_STATUSES];
} HttpRouteStat;

int  http_status_at(int i); /* the status counted at place `i`; 0: all others */
void http_count(HttpRouteStat *stat, int status);

struct HttpIndex {
    struct HttpNodes *nodes;
    HttpRouteStat    *stats; /* of all routes, in the order of the tables */
    size_t            n;
    HttpRouteStat     none;
    _Atomic int       stopping; /* servers that are */
    pthread_mutex_t   lock;     /* guards what follows */
    Buf               openapi;  /* the document, once it was asked for */
    char              openapi_tag[24];
};

/* Write the OpenAPI document of the app. */
void http_openapi_write(const HttpApp *app, Buf *b);

/* Make *rs the problem document of cx->err and cx->issues; headers set so far stay. */
void http_problem(Cx *cx, const HttpReq *rq, HttpResp *rs);

/* May this request bring a big body? Asked when its headers are there, so that strangers
 * cannot fill the disk. Not what only the body tells: its shape, a token in a form. */
NODISCARD Status http_admit(const HttpApp *app, Cx *cx, const HttpReq *rq);

/* Add the header Allow. */
void http_allow(Cx *cx, const HttpReq *rq, HttpResp *rs);

/* later.c: call wake(owner) when http_later_end() is called; false: it has been. */
NODISCARD bool http_later_wait(HttpLater *l, void (*wake)(void *owner), void *owner);
void           http_later_sleep(HttpLater *l);
/* After http_later_end(): make *rs the reply. */
void http_later_answer(Cx *cx, HttpReq *rq, HttpResp *rs);

/* http_dispatch() without the line in the log. */
void http_answer(const HttpApp *app, Cx *cx, HttpReq *rq, HttpResp *rs);

/* The body against what the route takes, read into rq->in where the route says so. */
NODISCARD Status http_body_check(Cx *cx, const HttpReq *rq);
NODISCARD Status http_body_read(Cx *cx, HttpReq *rq);

NODISCARD Status http_csrf_guard(Cx *cx, const HttpReq *rq);

/* Turn a successful reply into 304 (or 412) when the request's conditions say so. */
void http_condition(const HttpReq *rq, HttpResp *rs);

/* Run the route's handler under the request's Idempotency-Key, if it has one. */
NODISCARD Status http_run_once(const HttpApp *app, Cx *cx, HttpReq *rq, HttpResp *rs);
NODISCARD Status http_run_handler(Cx *cx, HttpReq *rq, HttpResp *rs);
