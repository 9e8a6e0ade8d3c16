/* api.h - requests to the routes of src/people through http_dispatch(), as a browser or a program
 * sends them: the cookie is kept, the form token sent along. */
#pragma once

#include "http/http.h"
#include "people/fixture.h"
#include "people/people_http.h"

typedef struct Api {
    World *w;
    Str    cookie;   /* of the session of staff; empty: none */
    Str    customer; /* of that of a customer */
    Str    csrf;     /* sent with what changes something; empty: none */
    Str    bearer;
    Str    if_match;
    Str    key; /* Idempotency-Key */
    Str    origin;
    Str    lang; /* Accept-Language */
    /* of the last reply: */
    int status;
    Str body;
    Str etag;
    Str location;
    Str retry_after;
    Str set_cookie; /* whole header */
} Api;

Api api_of(World *w);

/* Send; `body` is JSON, or a form when it does not begin with '{'; NULL: none. */
void api_send(Api *api, HttpMethod method, const char *target, const char *body);

/* The same, and the status must be this. */
#define api_expect(on, want, how, where, what)                                                     \
    do {                                                                                           \
        api_send((on), (how), (where), (what));                                                    \
        if ((on)->status != (want)) {                                                              \
            print_error("# %s: %d, not %d: " STR_FMT "\n", (where), (on)->status, (want),          \
                        STR_ARG((on)->body));                                                      \
            _fail(__FILE__, __LINE__);                                                             \
        }                                                                                          \
    } while (0)

/* A text member of the reply, by a path of keys and numbers: "data.0.id". Fails when absent. */
Str  api_text(Api *api, const char *path);
bool api_has(const Api *api, const char *text); /* anywhere in the body */

/* Sign in by POST /api/v1/session. */
void api_sign_in(Api *api, const char *email);
