/* people_http.h - the HTTP side of people: who asks, the API, and the few pages. */
#pragma once

#include "http/http.h"

/* For HttpHooks: an API key (Authorization: Bearer) or the session's cookie. A cookie that is no
 * longer good leaves the actor anonymous; a key that is not good is ST_UNKNOWN "people.bad_key". */
#define PEOPLE_COOKIE          "session"
#define PEOPLE_CUSTOMER_COOKIE "customer" /* on routes with HTTP_SHOPPER */
NODISCARD Status people_authenticate(Cx *cx, const HttpReq *rq);

/* Where pages find their style sheet "staff.css" and icon "icon.svg": once, before the first
 * request. Without it they come plain. */
typedef Str PeopleAssetUrl(Arena *a, Str name);
void        people_page_assets(PeopleAssetUrl *url);

extern const HttpRoutes people_session_routes;  /* /api/v1/session, sessions */
extern const HttpRoutes people_routes;          /* /api/v1/staff, roles, permissions, keys */
extern const HttpRoutes people_admin_routes;    /* /api/v1/audit, jobs, events, settings */
extern const HttpRoutes people_own_routes;      /* /staff/password, /staff/two-step */
extern const HttpRoutes people_page_routes;     /* /setup/…, /login, /staff */
extern const HttpRoutes people_customer_routes; /* /api/v1/customers, identity, mails */
extern const HttpRoutes people_account_routes;  /* /store/v1/account */
extern const HttpRoutes people_journey_routes;  /* /api/v1/journey */
extern const HttpRoutes people_webhook_routes;  /* /api/v1/webhooks */
