/* account_http.h - signing a browser in as a customer, for whatever speaks HTTP with shoppers.
 *
 * Routes for shoppers have HTTP_SHOPPER among their flags: then cx->actor is the customer
 * (ACTOR_CUSTOMER, id of the account) or anonymous. What changes something brings the form
 * token of the session (http_csrf.h) as everywhere. */
#pragma once

#include "http/http_etag.h"
#include "http/page.h"
#include "people/customer.h"
#include "people/shared_http.h"

/* Set by our own tracker once its visitor has consented; also what Segment's sets. */
#define PEOPLE_ANONYMOUS_COOKIE "ajs_anonymous_id"

/* Give the browser the session's cookie, or take it away; the work goes on as that customer. */
void people_set_customer(Cx *cx, const HttpReq *rq, HttpResp *rs, const PeopleCustomerLogin *login);
void people_clear_customer(Cx *cx, const HttpReq *rq, HttpResp *rs);

/* Who the browser was before it signed in; empty where nothing is kept. */
Str people_anonymous_id(const HttpReq *rq);

/* ST_UNKNOWN "core.login_needed" unless a customer asks. */
NODISCARD Status people_require_customer(Cx *cx);

/* An answer of a customer, as it is sent. */
typedef struct PeopleConsentInput {
    Str purpose;
    int status;
    Str text_version;
    Str locale;
} PeopleConsentInput;
extern const Shape people_consent_input_shape;

/* All that is held of a person, as a file to be saved. */
NODISCARD Status people_reply_export(Cx *cx, HttpResp *rs, int64_t profile_id);
