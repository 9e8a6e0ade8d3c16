/* The customer's own account, for storefronts and apps: /store/v1/account. */
#include "people/account_http.h"
#include "http/http_csrf.h"
#include "people/country.h"
#include "people/people_http.h"

#include <string.h>

/* --- shared with the pages ------------------------------------------------------------------- */

void people_set_customer(Cx *cx, const HttpReq *rq, HttpResp *rs, const PeopleCustomerLogin *login)
{
    http_set_cookie(cx, rq, rs, STR(PEOPLE_CUSTOMER_COOKIE), login->token, login->life);
    cx->actor = (Actor){.kind = ACTOR_CUSTOMER, .id = login->account_id, .session = login->session};
}

void people_clear_customer(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    http_set_cookie(cx, rq, rs, STR(PEOPLE_CUSTOMER_COOKIE), STR(""), (SpanMs){0});
    cx->actor = (Actor){0};
}

Str people_anonymous_id(const HttpReq *rq)
{
    return http_cookie(rq, STR(PEOPLE_ANONYMOUS_COOKIE));
}

Status people_require_customer(Cx *cx)
{
    if (cx->actor.kind == ACTOR_CUSTOMER)
        return ST_OK;
    return cx_fail(cx, ST_UNKNOWN, "core.login_needed", "sign in first");
}

/* --- signing in ------------------------------------------------------------------------------ */

static const char *const ASK_NAMES[] = {"login", "register", "email", "password", NULL};

typedef struct AskInput {
    int purpose;
    Str email;
    Str first_name, last_name;
    Str password;
    Str locale;
} AskInput;

static const ShapeField ASK_FIELDS[] = {
    SHAPE_ENUM(AskInput, purpose, ASK_NAMES,
               .doc = "login (also signs up), register (with name and password), email (have "
                      "another address), password (set a new one)."),
    SHAPE_TEXT(AskInput, email, .max = 254, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(AskInput, first_name, .max = 100, .flags = SHAPE_LINE),
    SHAPE_TEXT(AskInput, last_name, .max = 100, .flags = SHAPE_LINE),
    SHAPE_TEXT(AskInput, password, .max = 1024, .flags = SHAPE_WRITE_ONLY,
               .doc = "register: may be left out, then codes are what they sign in with."),
    SHAPE_TEXT(AskInput, locale, .max = 35, .flags = SHAPE_LINE, .doc = "Language of the mail."),
};
static const Shape ask_shape =
    SHAPE_OF(AskInput, "CodeRequest", ASK_FIELDS, .doc = "A code to be sent by mail.");

typedef struct AskReply {
    Str    token;
    UnixMs ends_at;
} AskReply;

static const ShapeField ASK_REPLY_FIELDS[] = {
    SHAPE_TEXT(AskReply, token, .doc = "Comes back with the code: it works with this one only."),
    SHAPE_TIME(AskReply, ends_at, .doc = "When the code does not work any more."),
};
static const Shape ask_reply_shape = SHAPE_OF(AskReply, "CodeSent", ASK_REPLY_FIELDS,
                                              .doc = "Whether or not the address has an account.");

/* POST /store/v1/account/code */
static Status post_code(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const AskInput *in = rq->in;
    PeopleAsking    ask = {.purpose = in->purpose,
                           .email = in->email,
                           .first_name = in->first_name,
                           .last_name = in->last_name,
                           .password = in->password,
                           .locale = in->locale,
                           .from = people_origin(rq)};
    PeopleAsked     asked;
    SpanMs          retry = {0};
    TRY(people_same_origin(cx, rq));
    if (ask.purpose == PEOPLE_CODE_EMAIL)
        TRY(people_require_customer(cx));
    TRY(people_retry_after(cx, rs, people_code_ask(cx, &ask, &asked, &retry), retry));
    http_reply(rq, rs, &(AskReply){asked.token, asked.ends_at});
    return ST_OK;
}

typedef struct EnterInput {
    Str token, code;
    Str email, password;
    Str anonymous_id;
} EnterInput;

static const ShapeField ENTER_FIELDS[] = {
    SHAPE_TEXT(EnterInput, token, .max = 100, .doc = "With `code`: what asking for it gave."),
    SHAPE_TEXT(EnterInput, code, .max = 64, .flags = SHAPE_WRITE_ONLY, .doc = "Six digits."),
    SHAPE_TEXT(EnterInput, email, .max = 254, .flags = SHAPE_LINE,
               .doc = "With `password`, instead of a code."),
    SHAPE_TEXT(EnterInput, password, .max = 1024, .flags = SHAPE_WRITE_ONLY,
               .doc = "Or the new one, with a code of purpose password."),
    SHAPE_TEXT(EnterInput, anonymous_id, .max = 255, .flags = SHAPE_LINE,
               .doc = "Who they were before, where they consented to being known."),
};
static const Shape enter_shape =
    SHAPE_OF(EnterInput, "CustomerLogin", ENTER_FIELDS, .doc = "A code, or address and password.");

typedef struct Me {
    PeopleAccount *account;
    Str            csrf_token;
    bool           made;
} Me;

static const ShapeField ME_FIELDS[] = {
    SHAPE_OBJECT(Me, account, PeopleAccount, &people_account_shape),
    SHAPE_TEXT(Me, csrf_token, .doc = "For the header X-CSRF-Token of whatever changes something."),
    SHAPE_BOOL(Me, made, .doc = "Is the account new?"),
};
static const Shape me_shape =
    SHAPE_OF(Me, "CustomerMe", ME_FIELDS, .doc = "The customer who is signed in.");

static Status reply_me(Cx *cx, const HttpReq *rq, HttpResp *rs, bool made)
{
    PeopleAccount account;
    TRY(people_account_get(cx, cx->actor.id, &account));
    http_etag_rev(cx, rs, account.rev);
    http_reply(rq, rs, &(Me){&account, http_csrf_token(cx), made});
    return ST_OK;
}

/* POST /store/v1/account/session */
static Status post_session(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const EnterInput   *in = rq->in;
    PeopleEntering      enter = {.token = in->token,
                                 .code = in->code,
                                 .password = in->password,
                                 .anonymous = in->anonymous_id.len > 0 ? in->anonymous_id
                                                                       : people_anonymous_id(rq),
                                 .from = people_origin(rq)};
    PeopleCustomerLogin login;
    SpanMs              retry = {0};
    TRY(people_same_origin(cx, rq));
    Status st = in->code.len > 0
                    ? people_code_enter(cx, &enter, &login, &retry)
                    : people_customer_login(cx, in->email, in->password, &enter, &login, &retry);
    TRY(people_retry_after(cx, rs, st, retry));
    if (login.token.len > 0) /* else an address was changed, in the same session */
        people_set_customer(cx, rq, rs, &login);
    return reply_me(cx, rq, rs, login.made);
}

/* DELETE /store/v1/account/session */
static Status delete_session(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(people_require_customer(cx));
    TRY(people_customer_logout(cx));
    people_clear_customer(cx, rq, rs);
    http_reply_none(rs);
    return ST_OK;
}

/* --- the account ----------------------------------------------------------------------------- */

/* GET /store/v1/account */
static Status get_account(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(people_require_customer(cx));
    return reply_me(cx, rq, rs, false);
}

/* PATCH /store/v1/account */
static Status patch_account(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t       rev;
    PeopleAccount account;
    TRY(people_require_customer(cx));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(people_account_update(cx, cx->actor.id, rev, rq->in, &account));
    return reply_me(cx, rq, rs, false);
}

typedef struct PasswordInput {
    Str old_password, password;
} PasswordInput;

static const ShapeField PASSWORD_FIELDS[] = {
    SHAPE_TEXT(PasswordInput, old_password, .max = 1024, .flags = SHAPE_WRITE_ONLY,
               .doc = "If there is one."),
    SHAPE_TEXT(PasswordInput, password, .max = 1024, .flags = SHAPE_REQUIRED | SHAPE_WRITE_ONLY,
               .doc = "At least 10 characters, not one of the commonest."),
};
static const Shape password_shape = SHAPE_OF(PasswordInput, "CustomerPassword", PASSWORD_FIELDS,
                                             .doc = "A new password; all other sessions end.");

/* PUT /store/v1/account/password */
static Status put_password(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const PasswordInput *in = rq->in;
    TRY(people_require_customer(cx));
    TRY(people_customer_password(cx, in->old_password, in->password));
    http_reply_none(rs);
    return ST_OK;
}

/* GET /store/v1/account/sessions */
static Status get_sessions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleCustomerSessionList list;
    (void)rq;
    TRY(people_require_customer(cx));
    TRY(people_customer_session_list(cx, cx->actor.id, &list));
    Json j = page_begin(rs);
    for (size_t i = 0; i < list.n; i++)
        shape_write(&j, NULL, &people_customer_session_shape, &list.items[i]);
    page_end(&j, (Str){0}, (Str){0});
    return ST_OK;
}

/* DELETE /store/v1/account/sessions/:id */
static Status delete_a_session(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(people_require_customer(cx));
    TRY(http_param_id(cx, rq, 0, "ses", &id));
    TRY(people_customer_session_end(cx, id));
    if (id == cx->actor.session)
        people_clear_customer(cx, rq, rs);
    http_reply_none(rs);
    return ST_OK;
}

/* DELETE /store/v1/account/sessions */
static Status delete_sessions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(people_require_customer(cx));
    TRY(people_customer_sessions_end(cx, cx->actor.id));
    people_clear_customer(cx, rq, rs);
    http_reply_none(rs);
    return ST_OK;
}

/* --- addresses ------------------------------------------------------------------------------- */

/* GET /store/v1/account/addresses */
static Status get_addresses(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleAddressList list;
    (void)rq;
    TRY(people_require_customer(cx));
    TRY(people_address_list(cx, cx->actor.id, &list));
    Json j = page_begin(rs);
    for (size_t i = 0; i < list.n; i++)
        shape_write(&j, NULL, &people_address_shape, &list.items[i]);
    page_end(&j, (Str){0}, (Str){0});
    return ST_OK;
}

static Status reply_address(Cx *cx, const HttpReq *rq, HttpResp *rs, const PeopleAddress *address)
{
    http_etag_rev(cx, rs, address->rev);
    http_reply(rq, rs, address);
    return ST_OK;
}

/* POST /store/v1/account/addresses */
static Status post_address(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleAddress address;
    TRY(people_require_customer(cx));
    TRY(people_address_add(cx, cx->actor.id, rq->in, &address));
    return reply_address(cx, rq, rs, &address);
}

/* GET /store/v1/account/addresses/:id */
static Status get_address(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t       id;
    PeopleAddress address;
    TRY(people_require_customer(cx));
    TRY(http_param_id(cx, rq, 0, "adr", &id));
    TRY(people_address_get(cx, cx->actor.id, id, &address));
    return reply_address(cx, rq, rs, &address);
}

/* PATCH /store/v1/account/addresses/:id */
static Status patch_address(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t       id, rev;
    PeopleAddress address;
    TRY(people_require_customer(cx));
    TRY(http_param_id(cx, rq, 0, "adr", &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(people_address_update(cx, cx->actor.id, id, rev, rq->in, &address));
    return reply_address(cx, rq, rs, &address);
}

/* DELETE /store/v1/account/addresses/:id */
static Status delete_address(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(people_require_customer(cx));
    TRY(http_param_id(cx, rq, 0, "adr", &id));
    TRY(people_address_remove(cx, cx->actor.id, id));
    http_reply_none(rs);
    return ST_OK;
}

typedef struct CountryInfo {
    Str  code;
    bool has_postal, needs_postal, has_zone, needs_zone, postal_first;
    Str  zone_label;
} CountryInfo;

static const ShapeField COUNTRY_FIELDS[] = {
    SHAPE_TEXT(CountryInfo, code, .doc = "ISO 3166."),
    SHAPE_BOOL_AS(CountryInfo, has_postal, "has_postal_code"),
    SHAPE_BOOL_AS(CountryInfo, needs_postal, "needs_postal_code"),
    SHAPE_BOOL(CountryInfo, has_zone),
    SHAPE_BOOL(CountryInfo, needs_zone),
    SHAPE_BOOL(CountryInfo, postal_first, .doc = "Written before the town."),
    SHAPE_TEXT(CountryInfo, zone_label, .flags = SHAPE_NULLABLE,
               .doc = "What a zone is there: state, province …"),
};
static const Shape country_shape =
    SHAPE_OF(CountryInfo, "Country", COUNTRY_FIELDS, .doc = "Which parts addresses have there.");

/* GET /store/v1/countries */
static Status get_countries(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    size_t         n;
    const Country *all = countries(&n);
    (void)cx, (void)rq;
    Json j = page_begin(rs);
    for (size_t i = 0; i < n; i++) {
        CountryInfo c = {.code = str_from_cstr(all[i].code),
                         .has_postal = all[i].fields & COUNTRY_POSTAL,
                         .needs_postal = all[i].fields & COUNTRY_POSTAL_NEEDED,
                         .has_zone = all[i].fields & COUNTRY_ZONE,
                         .needs_zone = all[i].fields & COUNTRY_ZONE_NEEDED,
                         .postal_first = all[i].fields & COUNTRY_POSTAL_FIRST};
        if (all[i].zone_label != NULL)
            c.zone_label = str_from_cstr(all[i].zone_label);
        shape_write(&j, NULL, &country_shape, &c);
    }
    page_end(&j, (Str){0}, (Str){0});
    rs->cache_control = "public, max-age=86400";
    return ST_OK;
}

/* --- consent, one's data --------------------------------------------------------------------- */

static const ShapeField CONSENT_FIELDS[] = {
    SHAPE_TEXT(PeopleConsentInput, purpose, .max = 40, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "analytics, personalisation, marketing_email …"),
    SHAPE_ENUM(PeopleConsentInput, status, people_consent_names, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(PeopleConsentInput, text_version, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "Of the words that were shown."),
    SHAPE_TEXT(PeopleConsentInput, locale, .max = 35, .flags = SHAPE_LINE),
};
const Shape people_consent_input_shape =
    SHAPE_OF(PeopleConsentInput, "ConsentInput", CONSENT_FIELDS, .doc = "An answer to be kept.");

/* POST /store/v1/account/consents */
static Status post_consent(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const PeopleConsentInput *in = rq->in;
    PeopleConsent             consent = {.purpose = in->purpose,
                                         .status = in->status,
                                         .text_version = in->text_version,
                                         .locale = in->locale,
                                         .source = STR("account"),
                                         .net = rq->peer,
                                         .agent = http_header(rq, STR("User-Agent"))};
    TRY(people_require_customer(cx));
    TRY(people_customer_consent(cx, &consent));
    http_reply_none(rs);
    return ST_OK;
}

static Status own_profile(Cx *cx, int64_t *ret)
{
    PeopleAccount account;
    TRY(people_require_customer(cx));
    TRY(people_account_get(cx, cx->actor.id, &account));
    *ret = account.profile_id;
    return ST_OK;
}

/* GET /store/v1/account/consents */
static Status get_consents(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    PeopleConsentList list;
    (void)rq;
    TRY(own_profile(cx, &id));
    TRY(people_consent_list(cx, id, &list));
    Json j = page_begin(rs);
    for (size_t i = 0; i < list.n; i++)
        shape_write(&j, NULL, &people_consent_shape, &list.items[i]);
    page_end(&j, (Str){0}, (Str){0});
    return ST_OK;
}

Status people_reply_export(Cx *cx, HttpResp *rs, int64_t profile_id)
{
    rs->type = "application/json";
    http_set_header(cx, rs, "Content-Disposition",
                    STR("attachment; filename=\"personal-data.json\""));
    return people_export(cx, profile_id, &rs->body);
}

/* POST /store/v1/account/export */
static Status post_export(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    (void)rq;
    TRY(own_profile(cx, &id));
    return people_reply_export(cx, rs, id);
}

/* POST /store/v1/account/erase */
static Status post_erase(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    PeopleDataRequest request;
    TRY(own_profile(cx, &id));
    TRY(people_erase_ask(cx, id, false, &request));
    http_reply(rq, rs, &request);
    return ST_OK;
}

/* --- table ----------------------------------------------------------------------------------- */

enum { OWN = HTTP_SHOPPER, OPEN = HTTP_SHOPPER | HTTP_PUBLIC };

static const HttpRoute ROUTES[] = {
    {HTTP_POST, STR_INIT("/store/v1/account/code"), post_code, .flags = OPEN | HTTP_NO_CSRF,
     .body = HTTP_BODY_JSON, .in = &ask_shape, .out = &ask_reply_shape, .status = 202,
     .summary = "Send a code by mail, to sign in or up with"},
    {HTTP_POST, STR_INIT("/store/v1/account/session"), post_session, .flags = OPEN | HTTP_NO_CSRF,
     .body = HTTP_BODY_JSON, .in = &enter_shape, .out = &me_shape,
     .summary = "Sign in, with a code or a password"},
    {HTTP_DELETE, STR_INIT("/store/v1/account/session"), delete_session, .flags = OWN,
     .status = 204, .summary = "Sign out"},
    {HTTP_GET, STR_INIT("/store/v1/account"), get_account, .flags = OWN, .out = &me_shape,
     .summary = "The customer who is signed in"},
    {HTTP_PATCH, STR_INIT("/store/v1/account"), patch_account, .flags = OWN, .body = HTTP_BODY_JSON,
     .mode = SHAPE_PATCH, .in = &people_account_input_shape, .out = &me_shape,
     .summary = "Change one's name, telephone number or language"},
    {HTTP_PUT, STR_INIT("/store/v1/account/password"), put_password, .flags = OWN,
     .body = HTTP_BODY_JSON, .in = &password_shape, .status = 204,
     .summary = "Set a password; all other sessions end"},
    {HTTP_GET, STR_INIT("/store/v1/account/sessions"), get_sessions, .flags = OWN | HTTP_LIST,
     .out = &people_customer_session_shape, .summary = "Browsers in which one is signed in"},
    {HTTP_DELETE, STR_INIT("/store/v1/account/sessions/:id"), delete_a_session, .flags = OWN,
     .status = 204, .summary = "Sign out there"},
    {HTTP_DELETE, STR_INIT("/store/v1/account/sessions"), delete_sessions, .flags = OWN,
     .status = 204, .summary = "Sign out everywhere"},
    {HTTP_GET, STR_INIT("/store/v1/account/addresses"), get_addresses, .flags = OWN | HTTP_LIST,
     .out = &people_address_shape, .summary = "One's addresses"},
    {HTTP_POST, STR_INIT("/store/v1/account/addresses"), post_address,
     .flags = OWN | HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &people_address_input_shape,
     .out = &people_address_shape, .status = 201, .summary = "Add an address"},
    {HTTP_GET, STR_INIT("/store/v1/account/addresses/:id"), get_address, .flags = OWN,
     .out = &people_address_shape, .summary = "An address"},
    {HTTP_PATCH, STR_INIT("/store/v1/account/addresses/:id"), patch_address, .flags = OWN,
     .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &people_address_input_shape,
     .out = &people_address_shape, .summary = "Change an address; is_default makes it the default"},
    {HTTP_DELETE, STR_INIT("/store/v1/account/addresses/:id"), delete_address, .flags = OWN,
     .status = 204, .summary = "Remove an address"},
    {HTTP_GET, STR_INIT("/store/v1/countries"), get_countries,
     .flags = OPEN | HTTP_LIST | HTTP_QUICK | HTTP_MEMORY, .out = &country_shape,
     .summary = "Countries, and the parts that addresses have there"},
    {HTTP_GET, STR_INIT("/store/v1/account/consents"), get_consents, .flags = OWN | HTTP_LIST,
     .out = &people_consent_shape, .summary = "What one has agreed to, newest first"},
    {HTTP_POST, STR_INIT("/store/v1/account/consents"), post_consent, .flags = OWN,
     .body = HTTP_BODY_JSON, .in = &people_consent_input_shape, .status = 204,
     .summary = "Agree to a use of one's data, or not"},
    {HTTP_POST, STR_INIT("/store/v1/account/export"), post_export, .flags = OWN,
     .out_type = "application/json", .summary = "All that is held of one, as JSON"},
    {HTTP_POST, STR_INIT("/store/v1/account/erase"), post_erase, .flags = OWN,
     .out = &people_data_request_shape, .summary = "Ask to be forgotten, in three days"},
};
const HttpRoutes people_account_routes = {"Customer account", ROUTES, COUNT_OF(ROUTES)};
