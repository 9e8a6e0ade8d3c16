#include "people/people_http.h"
#include "people/customer.h"

#include "base/id.h"
#include "http/http_etag.h"
#include "people/shared_http.h"

#include <strings.h>

#define COOKIE STR(PEOPLE_COOKIE)

/* --- who asks -------------------------------------------------------------------------------- */

Status people_authenticate(Cx *cx, const HttpReq *rq)
{
    Str sent = http_header(rq, STR("Authorization"));
    if (sent.ptr == NULL) {
        bool shopper = rq->route != NULL && (rq->route->flags & HTTP_SHOPPER);
        Str  token = http_cookie(rq, shopper ? STR(PEOPLE_CUSTOMER_COOKIE) : COOKIE);
        if (token.len == 0)
            return ST_OK;
        return shopper ? people_enter_customer(cx, token) : people_enter_session(cx, token);
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

Status people_act(Cx *cx, const HttpReq *rq, HttpResp *rs, const char *prefix,
                  Status (*act)(Cx *cx, int64_t id))
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, prefix, &id));
    TRY(act(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

Status people_remove(Cx *cx, const HttpReq *rq, HttpResp *rs, const char *prefix,
                     Status (*remove)(Cx *cx, int64_t id, int64_t rev))
{
    int64_t id, rev;
    TRY(http_param_id(cx, rq, 0, prefix, &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(remove(cx, id, rev));
    http_reply_none(rs);
    return ST_OK;
}

static void location(Cx *cx, HttpResp *rs, const char *path, const char *prefix, int64_t id)
{
    Str    text = id_format(cx->arena, prefix, id);
    size_t room = strlen(path) + text.len + 2;
    char  *out = arena_array(cx->arena, char, room);
    int    n = snprintf(out, room, "%s/" STR_FMT, path, STR_ARG(text));
    http_set_header(cx, rs, "Location", (Str){out, (size_t)n});
}

/* --- permissions and roles ------------------------------------------------------------------- */

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
    return people_remove(cx, rq, rs, "rol", people_role_remove);
}

/* --- staff ----------------------------------------------------------------------------------- */

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
    return people_remove(cx, rq, rs, "stf", people_staff_remove);
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
    return people_act(cx, rq, rs, "stf", people_staff_drop_totp);
}

/* --- API keys -------------------------------------------------------------------------------- */

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
    return people_act(cx, rq, rs, "rap", people_key_revoke);
}

/* --- table ----------------------------------------------------------------------------------- */

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/api/v1/permissions"), get_permissions, .flags = HTTP_LIST,
     .out = &permission_shape, .summary = "All rights there are"},
    {HTTP_GET, STR_INIT("/api/v1/roles"), get_roles, .permission = "people.read",
     .flags = HTTP_LIST, .out = &people_role_shape, .summary = "Roles"},
    {HTTP_POST, STR_INIT("/api/v1/roles"), post_role, .permission = "people.write",
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX, .body = HTTP_BODY_JSON, .in = &people_role_input_shape,
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
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX, .body = HTTP_BODY_JSON,
     .in = &people_staff_input_shape, .out = &people_staff_shape, .status = 201,
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
