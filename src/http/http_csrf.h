/* http_csrf.h - protection of cookie sessions against foreign pages.
 *
 * http_dispatch() refuses a request that changes something (not GET, HEAD, OPTIONS) when
 *  - the browser says that another site's page sent it (Sec-Fetch-Site, else Origin):
 *    ST_DENIED "http.cross_site"; or
 *  - it acts for a session that a cookie named, and brings no token made for that session:
 *    ST_DENIED "http.csrf". The token comes in the header X-CSRF-Token, or in the field
 *    `csrf_token` of a form.
 * Requests with an Authorization header are exempt: no foreign page can send one. Routes
 * with HTTP_NO_CSRF are exempt. Signing in has no session yet, so only the first rule
 * holds there. */
#pragma once

#include "http/http.h"

/* A token for cx->actor.session (not 0), good for its life. Lives in cx->arena; every call
 * gives another text (so that compression reveals nothing about it). */
Str http_csrf_token(Cx *cx);

/* Is `token` one made for `session`? */
bool http_csrf_check(Str token, int64_t session);
