/* Signing in and out, one's own password and second step, sessions. */
#include "http/http_csrf.h"
#include "people/people_http.h"
#include "people/shared_http.h"

/* --- signing in ------------------------------------------------------------------------------ */

typedef struct LoginInput {
    Str email;
    Str password;
} LoginInput;

static const ShapeField LOGIN_INPUT_FIELDS[] = {
    SHAPE_TEXT(LoginInput, email, .max = 254, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(LoginInput, password, .max = 1024, .flags = SHAPE_REQUIRED | SHAPE_WRITE_ONLY),
};
static const Shape login_input_shape =
    SHAPE_OF(LoginInput, "LoginInput", LOGIN_INPUT_FIELDS, .doc = "Address and password.");

typedef struct CodeInput {
    Str code;
} CodeInput;

static const ShapeField CODE_INPUT_FIELDS[] = {
    SHAPE_TEXT(CodeInput, code, .max = 64, .flags = SHAPE_REQUIRED | SHAPE_WRITE_ONLY,
               .doc = "Six digits of the app, or, when signing in, a recovery code."),
};
static const Shape code_input_shape =
    SHAPE_OF(CodeInput, "CodeInput", CODE_INPUT_FIELDS, .doc = "A one-time code.");

typedef struct PasswordInput {
    Str password;
} PasswordInput;

static const ShapeField PASSWORD_INPUT_FIELDS[] = {
    SHAPE_TEXT(PasswordInput, password, .max = 1024, .flags = SHAPE_REQUIRED | SHAPE_WRITE_ONLY),
};
static const Shape password_input_shape = SHAPE_OF(
    PasswordInput, "PasswordInput", PASSWORD_INPUT_FIELDS, .doc = "One's password, once more.");

typedef struct PasswordChange {
    Str old_password;
    Str password;
} PasswordChange;

static const ShapeField PASSWORD_CHANGE_FIELDS[] = {
    SHAPE_TEXT(PasswordChange, old_password, .max = 1024,
               .flags = SHAPE_REQUIRED | SHAPE_WRITE_ONLY),
    SHAPE_TEXT(PasswordChange, password, .max = 1024, .flags = SHAPE_REQUIRED | SHAPE_WRITE_ONLY,
               .doc = "The new one: at least 10 characters, not one of the commonest."),
};
static const Shape password_change_shape = SHAPE_OF(
    PasswordChange, "PasswordChange", PASSWORD_CHANGE_FIELDS, .doc = "The old and the new one.");

static const char *const STATES[] = {"signed_in", "second_step", NULL};

typedef struct LoginReply {
    int         state;
    Str         csrf_token;
    PeopleTexts recovery_codes;
} LoginReply;

static const ShapeField LOGIN_REPLY_FIELDS[] = {
    SHAPE_ENUM(LoginReply, state, STATES,
               .doc = "second_step: send a code to /api/v1/session/second-step."),
    SHAPE_TEXT(LoginReply, csrf_token, .flags = SHAPE_NULLABLE,
               .doc = "For the header X-CSRF-Token of whatever changes something."),
    SHAPE_TEXTS(LoginReply, recovery_codes,
                .doc = "New ones, shown this once; each replaces the app a single time."),
};
static const Shape login_reply_shape =
    SHAPE_OF(LoginReply, "LoginReply", LOGIN_REPLY_FIELDS, .doc = "How far signing in got.");

static void reply_login(Cx *cx, const HttpReq *rq, HttpResp *rs, const PeopleLogin *login,
                        const PeopleTexts *codes)
{
    LoginReply reply = {.state = login->second_step};
    people_set_session(cx, rq, rs, login);
    if (!login->second_step)
        reply.csrf_token = http_csrf_token(cx);
    if (codes != NULL)
        reply.recovery_codes = *codes;
    http_reply(rq, rs, &reply);
}

/* POST /api/v1/session */
static Status post_session(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const LoginInput *in = rq->in;
    PeopleOrigin      from = people_origin(rq);
    PeopleLogin       login;
    SpanMs            retry = {0};
    TRY(people_same_origin(cx, rq));
    TRY(people_leave_old(cx));
    Status st = people_login(cx, in->email, in->password, &from, &login, &retry);
    TRY(people_retry_after(cx, rs, st, retry));
    reply_login(cx, rq, rs, &login, NULL);
    return ST_OK;
}

/* POST /api/v1/session/second-step */
static Status post_second_step(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const CodeInput *in = rq->in;
    PeopleOrigin     from = people_origin(rq);
    PeopleLogin      login;
    SpanMs           retry = {0};
    Status st = people_login_second(cx, people_session_cookie(rq), in->code, &from, &login, &retry);
    TRY(people_retry_after(cx, rs, st, retry));
    reply_login(cx, rq, rs, &login, NULL);
    return ST_OK;
}

typedef struct Me {
    PeopleStaff *staff;
    OptI64       key_id;
    Str          name;
    PeopleTexts  permissions;
    Str          csrf_token;
    OptI64       recovery_codes_left;
} Me;

static const ShapeField ME_FIELDS[] = {
    SHAPE_OBJECT(Me, staff, PeopleStaff, &people_staff_shape, .doc = "null for an API key."),
    SHAPE_ID(Me, key_id, "rap", .doc = "null for a person."),
    SHAPE_TEXT(Me, name),
    SHAPE_TEXTS(Me, permissions, .doc = "All that may be done; AREA.write includes AREA.read."),
    SHAPE_TEXT(Me, csrf_token, .flags = SHAPE_NULLABLE),
    SHAPE_INT(Me, recovery_codes_left, .doc = "null without a second step."),
};
static const Shape me_shape = SHAPE_OF(Me, "Me", ME_FIELDS, .doc = "Who is asking.");

/* GET /api/v1/session */
static Status get_session(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Me          me = {.name = cx->actor.name, .permissions = people_actor_names(cx)};
    PeopleStaff staff;
    int64_t     left;
    if (cx->actor.kind == ACTOR_API_KEY)
        me.key_id = opt_i64(cx->actor.id);
    if (cx->actor.kind == ACTOR_STAFF) {
        TRY(people_staff_get(cx, cx->actor.id, &staff));
        TRY(people_recovery_left(cx, &left));
        me.staff = &staff;
        me.csrf_token = http_csrf_token(cx);
        if (staff.two_step)
            me.recovery_codes_left = opt_i64(left);
    }
    http_reply(rq, rs, &me);
    return ST_OK;
}

/* DELETE /api/v1/session */
static Status delete_session(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(people_logout(cx));
    people_clear_session(cx, rq, rs);
    http_reply_none(rs);
    return ST_OK;
}

/* POST /api/v1/session/password */
static Status post_password(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const PasswordChange *in = rq->in;
    PeopleLogin           login;
    TRY(people_password_change(cx, in->old_password, in->password, &login));
    reply_login(cx, rq, rs, &login, NULL);
    return ST_OK;
}

/* POST /api/v1/session/totp */
static Status post_totp(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const PasswordInput *in = rq->in;
    PeopleTotp           totp;
    TRY(people_totp_begin(cx, in->password, &totp));
    http_reply(rq, rs, &totp);
    return ST_OK;
}

/* POST /api/v1/session/totp/confirm */
static Status post_totp_confirm(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const CodeInput *in = rq->in;
    PeopleTexts      codes;
    PeopleLogin      login;
    TRY(people_totp_confirm(cx, in->code, &codes, &login));
    reply_login(cx, rq, rs, &login, &codes);
    return ST_OK;
}

/* POST /api/v1/session/totp/off */
static Status post_totp_off(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const PasswordInput *in = rq->in;
    PeopleLogin          login;
    TRY(people_totp_off(cx, in->password, &login));
    reply_login(cx, rq, rs, &login, NULL);
    return ST_OK;
}

/* POST /api/v1/session/recovery-codes */
static Status post_recovery(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const PasswordInput *in = rq->in;
    LoginReply           reply = {0};
    TRY(people_recovery_renew(cx, in->password, &reply.recovery_codes));
    reply.csrf_token = http_csrf_token(cx);
    http_reply(rq, rs, &reply);
    return ST_OK;
}

/* --- sessions -------------------------------------------------------------------------------- */

static PageKey session_key(const void *row)
{
    return (PageKey){.id = ((const PeopleSession *)row)->id};
}

static Status list_sessions(Cx *cx, const HttpReq *rq, HttpResp *rs, int64_t staff_id)
{
    Page              page;
    PeopleSessionList list;
    TRY(page_read(cx, rq, &page));
    PeopleRange range = people_range(&page);
    TRY(people_session_list(cx, staff_id, &range, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, session_key);
    return ST_OK;
}

/* GET /api/v1/sessions */
static Status get_sessions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    if (cx->actor.kind != ACTOR_STAFF)
        return cx_fail(cx, ST_DENIED, "people.not_a_person", "only a person has sessions");
    return list_sessions(cx, rq, rs, cx->actor.id);
}

/* GET /api/v1/staff/:id/sessions */
static Status get_staff_sessions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     id;
    PeopleStaff staff;
    TRY(http_param_id(cx, rq, 0, "stf", &id));
    TRY(people_staff_get(cx, id, &staff));
    return list_sessions(cx, rq, rs, id);
}

/* DELETE /api/v1/sessions/:id */
static Status delete_a_session(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, "ses", &id));
    TRY(people_session_end(cx, id));
    if (id == cx->actor.session)
        people_clear_session(cx, rq, rs);
    http_reply_none(rs);
    return ST_OK;
}

/* POST /api/v1/sessions/end-others */
static Status post_end_others(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    TRY(people_session_end_others(cx));
    http_reply_none(rs);
    return ST_OK;
}

/* --- table ------------------------------------------------------------------------------------ */

static const HttpRoute ROUTES[] = {
    {HTTP_POST, STR_INIT("/api/v1/session"), post_session, .flags = HTTP_PUBLIC | HTTP_NO_CSRF,
     .body = HTTP_BODY_JSON, .in = &login_input_shape, .out = &login_reply_shape,
     .summary = "Sign in"},
    {HTTP_POST, STR_INIT("/api/v1/session/second-step"), post_second_step, .flags = HTTP_PUBLIC,
     .body = HTTP_BODY_JSON, .in = &code_input_shape, .out = &login_reply_shape,
     .summary = "Sign in: the second step"},
    {HTTP_GET, STR_INIT("/api/v1/session"), get_session, .out = &me_shape,
     .summary = "Who is asking, and what they may do"},
    {HTTP_DELETE, STR_INIT("/api/v1/session"), delete_session, .status = 204,
     .summary = "Sign out"},
    {HTTP_POST, STR_INIT("/api/v1/session/password"), post_password, .body = HTTP_BODY_JSON,
     .in = &password_change_shape, .out = &login_reply_shape,
     .summary = "Change one's password; all other sessions end"},
    {HTTP_POST, STR_INIT("/api/v1/session/totp"), post_totp, .body = HTTP_BODY_JSON,
     .in = &password_input_shape, .out = &people_totp_shape,
     .summary = "Set up a second step: get a secret for an authenticator app"},
    {HTTP_POST, STR_INIT("/api/v1/session/totp/confirm"), post_totp_confirm, .body = HTTP_BODY_JSON,
     .in = &code_input_shape, .out = &login_reply_shape,
     .summary = "Switch the second step on with a first code; gives recovery codes"},
    {HTTP_POST, STR_INIT("/api/v1/session/totp/off"), post_totp_off, .body = HTTP_BODY_JSON,
     .in = &password_input_shape, .out = &login_reply_shape,
     .summary = "Switch the second step off"},
    {HTTP_POST, STR_INIT("/api/v1/session/recovery-codes"), post_recovery, .body = HTTP_BODY_JSON,
     .in = &password_input_shape, .out = &login_reply_shape,
     .summary = "New recovery codes; the old ones are worthless"},
    {HTTP_GET, STR_INIT("/api/v1/sessions"), get_sessions, .flags = HTTP_LIST,
     .out = &people_session_shape, .summary = "One's own sessions"},
    {HTTP_POST, STR_INIT("/api/v1/sessions/end-others"), post_end_others, .status = 204,
     .summary = "End all of one's sessions but this one"},
    {HTTP_DELETE, STR_INIT("/api/v1/sessions/:id"), delete_a_session, .status = 204,
     .summary = "End a session: one's own, or with people.write another's"},
    {HTTP_GET, STR_INIT("/api/v1/staff/:id/sessions"), get_staff_sessions,
     .permission = "people.read", .flags = HTTP_LIST, .out = &people_session_shape,
     .summary = "A staff member's sessions"},
};
const HttpRoutes people_session_routes = {"Signing in", ROUTES, COUNT_OF(ROUTES)};
