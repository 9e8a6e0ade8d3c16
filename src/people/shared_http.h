/* shared_http.h - what the HTTP files of this folder share; not for others. */
#pragma once

#include "http/page.h"
#include "people/people.h"

/* Peer and User-Agent of a request. */
PeopleOrigin people_origin(const HttpReq *rq);

/* Sign in: give the browser the session's cookie; the work goes on as that session. */
void people_set_session(Cx *cx, const HttpReq *rq, HttpResp *rs, const PeopleLogin *login);
void people_clear_session(Cx *cx, const HttpReq *rq, HttpResp *rs);
Str  people_session_cookie(const HttpReq *rq);

/* Retry-After, when `st` is ST_RATE. */
Status people_retry_after(Cx *cx, HttpResp *rs, Status st, SpanMs retry);

/* ST_DENIED "http.cross_site": for routes that do without the form token. */
NODISCARD Status people_same_origin(Cx *cx, const HttpReq *rq);

/* Give the reply the status of a failure that a page shows. Faults of ours are not for pages: they
 * are returned. */
NODISCARD Status people_as_page(Cx *cx, HttpResp *rs, Status st);

/* End the session that a request came with, when another one begins. */
NODISCARD Status people_leave_old(Cx *cx);

PeopleRange people_range(const Page *page);

/* Do something to what the path's id names; replies with an empty 204. */
NODISCARD Status people_act(Cx *cx, const HttpReq *rq, HttpResp *rs, const char *prefix,
                            Status (*act)(Cx *cx, int64_t id));

/* The same for what is removed only at the revision that If-Match says. */
NODISCARD Status people_remove(Cx *cx, const HttpReq *rq, HttpResp *rs, const char *prefix,
                               Status (*remove)(Cx *cx, int64_t id, int64_t rev));
