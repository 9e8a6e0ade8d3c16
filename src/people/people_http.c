#include "people/people_http.h"

#include "base/id.h"
#include "http/http_csrf.h"
#include "http/http_etag.h"
#include "people/shared_http.h"

#include <strings.h>

#define COOKIE STR(PEOPLE_COOKIE)

/* --- who asks ----------------------------------------------------------------------------------
 */

Status people_authenticate(Cx *cx, const HttpReq *rq)
{
    Str sent = http_header(rq, STR("Authorization"));
    if (sent.ptr == NULL) {
        Str token = http_cookie(rq, COOKIE);
        return token.len > 0 ? people_enter_session(cx, token) : ST_OK;
    }
    Str scheme, key;
    str_cut(str_trim(sent), ' ', &scheme, &key);
    if (scheme.len != 6 || strncasecmp(scheme.ptr, "bearer", 6) != 0)
        return cx_fail(cx, ST_UNKNOWN, "people.bad_key",
                       "send an API key as Authorization: Bearer rap_…");
    return people_enter_key(cx, str_trim(key));
}

Str people_session_cookie(const HttpReq *rq)
{
    return http_cookie(rq, COOKIE);
}

void people_set_session(Cx *cx, const HttpReq *rq, HttpResp *rs, const PeopleLogin *login)
{
    http_set_cookie(cx, rq, rs, COOKIE, login->token, login->life);
    cx->actor.session = login->second_step ? 0 : login->session;
}

void people_clear_session(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    http_set_cookie(cx, rq, rs, COOKIE, STR(""), (SpanMs){0});
}

PeopleOrigin people_origin(const HttpReq *rq)
{
    return (PeopleOrigin){.address = rq->peer, .agent = http_header(rq, STR("User-Agent"))};
}

Status people_retry_after(Cx *cx, HttpResp *rs, Status st, SpanMs retry)
{
    char text[24];
    int  n = snprintf(text, sizeof text, "%lld", (long long)(retry.v + 999) / 1000);
    if (st == ST_RATE)
        http_set_header(cx, rs, "Retry-After", (Str){text, (size_t)n});
    return st;
}

Status people_same_origin(Cx *cx, const HttpReq *rq)
{
    return http_same_origin(rq)
               ? ST_OK
               : cx_fail(cx, ST_DENIED, "http.cross_site", "sent by a page of another site");
}

Status people_leave_old(Cx *cx)
{
    Status st = cx->actor.session != 0 ? people_logout(cx) : ST_OK;
    cx->actor = (Actor){0};
    return st == ST_NOT_FOUND ? ST_OK : st;
}

PeopleRange people_range(const Page *page)
{
    return (PeopleRange){.limit = page->limit + 1,
                         .from = page->has_after,
                         .backwards = page->backwards,
                         .id = page->id,
                         .key = page->key};
}

static void location(Cx *cx, HttpResp *rs, const char *path, const char *prefix, int64_t id)
{
    Str    text = id_format(cx->arena, prefix, id);
    size_t room = strlen(path) + text.len + 2;
    char  *out = arena_array(cx->arena, char, room);
    int    n = snprintf(out, room, "%s/" STR_FMT, path, STR_ARG(text));
    http_set_header(cx, rs, "Location", (Str){out, (size_t)n});
}

/* --- signing in
 * ----------------------------------------------------------------------------------- */

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

/* --- sessions
 * --------------------------------------------------------------------------------------- */

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

/* --- permissions and roles
 * --------------------------------------------------------------------------- */

typedef struct PermissionInfo {
    Str name;
    Str doc;
} PermissionInfo;

static const ShapeField PERMISSION_FIELDS[] = {
    SHAPE_TEXT(PermissionInfo, name),
    SHAPE_TEXT(PermissionInfo, doc, .doc = "What it allows."),
};
static const Shape permission_shape =
    SHAPE_OF(PermissionInfo, "Permission", PERMISSION_FIELDS, .doc = "A right to do something.");

/* GET /api/v1/permissions */
static Status get_permissions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    size_t                   n;
    const Permission *const *all = people_permissions(&n);
    Json                     j = page_begin(rs);
    (void)cx;
    for (size_t i = 0; i < n; i++)
        shape_write(&j, NULL, rq->route->out,
                    &(PermissionInfo){str_from_cstr(all[i]->name), str_from_cstr(all[i]->doc)});
    page_end(&j, (Str){0}, (Str){0});
    return ST_OK;
}

static PageKey role_key(const void *row)
{
    return (PageKey){.id = ((const PeopleRole *)row)->id};
}

/* GET /api/v1/roles */
static Status get_roles(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page           page;
    PeopleRoleList list;
    TRY(page_read(cx, rq, &page));
    PeopleRange range = people_range(&page);
    TRY(people_role_list(cx, &range, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, role_key);
    return ST_OK;
}

static void reply_role(Cx *cx, const HttpReq *rq, HttpResp *rs, const PeopleRole *role)
{
    http_etag_rev(cx, rs, role->rev);
    http_reply(rq, rs, role);
}

/* POST /api/v1/roles */
static Status post_role(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleRole role;
    TRY(people_role_add(cx, rq->in, &role));
    location(cx, rs, "/api/v1/roles", "rol", role.id);
    reply_role(cx, rq, rs, &role);
    return ST_OK;
}

/* GET /api/v1/roles/:id */
static Status get_role(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t    id;
    PeopleRole role;
    TRY(http_param_id(cx, rq, 0, "rol", &id));
    TRY(people_role_get(cx, id, &role));
    reply_role(cx, rq, rs, &role);
    return ST_OK;
}

/* PATCH /api/v1/roles/:id */
static Status patch_role(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t    id, rev;
    PeopleRole role;
    TRY(http_param_id(cx, rq, 0, "rol", &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(people_role_update(cx, id, rev, rq->in, &role));
    reply_role(cx, rq, rs, &role);
    return ST_OK;
}

/* DELETE /api/v1/roles/:id */
static Status delete_role(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id, rev;
    TRY(http_param_id(cx, rq, 0, "rol", &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(people_role_remove(cx, id, rev));
    http_reply_none(rs);
    return ST_OK;
}

/* --- staff
 * --------------------------------------------------------------------------------------------- */

static PageKey staff_key(const void *row)
{
    const PeopleStaff *staff = row;
    return (PageKey){.text = staff->email_key, .id = staff->id};
}

/* GET /api/v1/staff */
static Status get_staff_list(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page            page;
    PeopleStaffList list;
    TRY(page_read(cx, rq, &page));
    PeopleRange range = people_range(&page);
    TRY(people_staff_list(cx, &range, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, staff_key);
    return ST_OK;
}

static void reply_staff(Cx *cx, const HttpReq *rq, HttpResp *rs, const PeopleStaff *staff)
{
    http_etag_rev(cx, rs, staff->rev);
    http_reply(rq, rs, staff);
}

/* POST /api/v1/staff */
static Status post_staff(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleStaff staff;
    TRY(people_staff_add(cx, rq->in, &staff));
    location(cx, rs, "/api/v1/staff", "stf", staff.id);
    reply_staff(cx, rq, rs, &staff);
    return ST_OK;
}

/* GET /api/v1/staff/:id */
static Status get_staff(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     id;
    PeopleStaff staff;
    TRY(http_param_id(cx, rq, 0, "stf", &id));
    TRY(people_staff_get(cx, id, &staff));
    reply_staff(cx, rq, rs, &staff);
    return ST_OK;
}

/* PATCH /api/v1/staff/:id */
static Status patch_staff(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     id, rev;
    PeopleStaff staff;
    TRY(http_param_id(cx, rq, 0, "stf", &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(people_staff_update(cx, id, rev, rq->in, &staff));
    reply_staff(cx, rq, rs, &staff);
    return ST_OK;
}

/* DELETE /api/v1/staff/:id */
static Status delete_staff(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id, rev;
    TRY(http_param_id(cx, rq, 0, "stf", &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(people_staff_remove(cx, id, rev));
    http_reply_none(rs);
    return ST_OK;
}

/* POST /api/v1/staff/:id/link */
static Status post_staff_link(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t    id;
    PeopleLink link;
    TRY(http_param_id(cx, rq, 0, "stf", &id));
    TRY(people_link_make(cx, id, &link));
    http_reply(rq, rs, &link);
    return ST_OK;
}

/* DELETE /api/v1/staff/:id/totp */
static Status delete_staff_totp(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, "stf", &id));
    TRY(people_staff_drop_totp(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

/* --- API keys
 * ------------------------------------------------------------------------------------------ */

static PageKey key_key(const void *row)
{
    return (PageKey){.id = ((const PeopleKey *)row)->id};
}

/* GET /api/v1/keys */
static Status get_keys(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page          page;
    PeopleKeyList list;
    TRY(page_read(cx, rq, &page));
    PeopleRange range = people_range(&page);
    TRY(people_key_list(cx, &range, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, key_key);
    return ST_OK;
}

static void reply_key(Cx *cx, const HttpReq *rq, HttpResp *rs, const PeopleKey *key)
{
    http_etag_rev(cx, rs, key->rev);
    http_reply(rq, rs, key);
}

/* POST /api/v1/keys: without Idempotency-Key, whose store would keep the secret */
static Status post_key(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleKeyMade made;
    TRY(people_key_add(cx, rq->in, &made));
    location(cx, rs, "/api/v1/keys", "rap", made.key.id);
    http_reply(rq, rs, &made);
    return ST_OK;
}

/* GET /api/v1/keys/:id */
static Status get_key(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t   id;
    PeopleKey key;
    TRY(http_param_id(cx, rq, 0, "rap", &id));
    TRY(people_key_get(cx, id, &key));
    reply_key(cx, rq, rs, &key);
    return ST_OK;
}

/* PATCH /api/v1/keys/:id */
static Status patch_key(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t   id, rev;
    PeopleKey key;
    TRY(http_param_id(cx, rq, 0, "rap", &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(people_key_update(cx, id, rev, rq->in, &key));
    reply_key(cx, rq, rs, &key);
    return ST_OK;
}

/* DELETE /api/v1/keys/:id */
static Status delete_key(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, "rap", &id));
    TRY(people_key_revoke(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

/* --- table
 * --------------------------------------------------------------------------------------------- */

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
    {HTTP_GET, STR_INIT("/api/v1/permissions"), get_permissions, .flags = HTTP_LIST,
     .out = &permission_shape, .summary = "All rights there are"},
    {HTTP_GET, STR_INIT("/api/v1/roles"), get_roles, .permission = "people.read",
     .flags = HTTP_LIST, .out = &people_role_shape, .summary = "Roles"},
    {HTTP_POST, STR_INIT("/api/v1/roles"), post_role, .permission = "people.write",
     .flags = HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &people_role_input_shape,
     .out = &people_role_shape, .status = 201, .summary = "Make a role"},
    {HTTP_GET, STR_INIT("/api/v1/roles/:id"), get_role, .permission = "people.read",
     .out = &people_role_shape, .summary = "A role"},
    {HTTP_PATCH, STR_INIT("/api/v1/roles/:id"), patch_role, .permission = "people.write",
     .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &people_role_input_shape,
     .out = &people_role_shape, .summary = "Change a role"},
    {HTTP_DELETE, STR_INIT("/api/v1/roles/:id"), delete_role, .permission = "people.write",
     .status = 204, .summary = "Remove a role that nobody has"},
    {HTTP_GET, STR_INIT("/api/v1/staff"), get_staff_list, .permission = "people.read",
     .flags = HTTP_LIST, .out = &people_staff_shape, .summary = "Staff, by address"},
    {HTTP_POST, STR_INIT("/api/v1/staff"), post_staff, .permission = "people.write",
     .flags = HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &people_staff_input_shape,
     .out = &people_staff_shape, .status = 201,
     .summary = "Add somebody; hand them a link afterwards"},
    {HTTP_GET, STR_INIT("/api/v1/staff/:id"), get_staff, .permission = "people.read",
     .out = &people_staff_shape, .summary = "A staff member"},
    {HTTP_PATCH, STR_INIT("/api/v1/staff/:id"), patch_staff, .permission = "people.write",
     .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &people_staff_input_shape,
     .out = &people_staff_shape, .summary = "Change a staff member; disable them with status"},
    {HTTP_DELETE, STR_INIT("/api/v1/staff/:id"), delete_staff, .permission = "people.write",
     .status = 204, .summary = "Remove a staff member"},
    {HTTP_POST, STR_INIT("/api/v1/staff/:id/link"), post_staff_link, .permission = "people.write",
     .out = &people_link_shape, .status = 201,
     .summary = "A one-time link: to accept the invitation, or to set a new password"},
    {HTTP_DELETE, STR_INIT("/api/v1/staff/:id/totp"), delete_staff_totp,
     .permission = "people.write", .status = 204,
     .summary = "Switch somebody's second step off, who lost it"},
    {HTTP_GET, STR_INIT("/api/v1/staff/:id/sessions"), get_staff_sessions,
     .permission = "people.read", .flags = HTTP_LIST, .out = &people_session_shape,
     .summary = "A staff member's sessions"},
    {HTTP_GET, STR_INIT("/api/v1/keys"), get_keys, .permission = "keys.read", .flags = HTTP_LIST,
     .out = &people_key_shape, .summary = "API keys"},
    {HTTP_POST, STR_INIT("/api/v1/keys"), post_key, .permission = "keys.write",
     .body = HTTP_BODY_JSON, .in = &people_key_input_shape, .out = &people_key_made_shape,
     .status = 201, .summary = "Make an API key; its secret is shown this once"},
    {HTTP_GET, STR_INIT("/api/v1/keys/:id"), get_key, .permission = "keys.read",
     .out = &people_key_shape, .summary = "An API key"},
    {HTTP_PATCH, STR_INIT("/api/v1/keys/:id"), patch_key, .permission = "keys.write",
     .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &people_key_input_shape,
     .out = &people_key_shape, .summary = "Change an API key"},
    {HTTP_DELETE, STR_INIT("/api/v1/keys/:id"), delete_key, .permission = "keys.write",
     .status = 204, .summary = "Revoke an API key"},
};
const HttpRoutes people_routes = {"Staff and keys", ROUTES, COUNT_OF(ROUTES)};
