#include "people/api.h"

#include "base/id.h"
#include "people/totp.h"

static Api owner_of(World *w)
{
    Api api = api_of(w);
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    api_sign_in(&api, "owner@shop.example");
    return api;
}

static const char *path_of(World *w, const char *before, const char *prefix, int64_t id,
                           const char *after)
{
    Str    text = id_format(&w->arena, prefix, id);
    size_t room = strlen(before) + text.len + strlen(after) + 1;
    char  *out = arena_array(&w->arena, char, room);
    snprintf(out, room, "%s" STR_FMT "%s", before, STR_ARG(text), after);
    return out;
}

/* --- signing in ------------------------------------------------------------------------------ */

static void signing_in_gives_a_cookie_that_scripts_cannot_read(void **state)
{
    World *w = *state;
    Api    api = owner_of(w);
    assert_true(str_starts(api.set_cookie, STR("session=")));
    assert_non_null(memmem(api.set_cookie.ptr, api.set_cookie.len, "HttpOnly", 8));
    assert_non_null(memmem(api.set_cookie.ptr, api.set_cookie.len, "SameSite=Lax", 12));
    api_expect(&api, 200, HTTP_GET, "/api/v1/session", NULL);
    assert_str(api_text(&api, "staff.email"), "owner@shop.example");
    assert_true(api_has(&api, "\"people.write\""));
    api_expect(&api, 204, HTTP_DELETE, "/api/v1/session", NULL);
    assert_true(str_starts(api.set_cookie, STR("session=; Path=/; Max-Age=0")));
    api_expect(&api, 401, HTTP_GET, "/api/v1/session", NULL);
}

static void a_session_planted_before_signing_in_is_worth_nothing(void **state)
{
    World *w = *state;
    Api    api = api_of(w);
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    api.cookie = STR("planted-by-somebody-else-planted-by-somebody");
    api_sign_in(&api, "jane@shop.example");
    Str first = api.cookie;
    assert_false(str_eq(first, STR("planted-by-somebody-else-planted-by-somebody")));
    api_sign_in(&api, "jane@shop.example"); /* once more, with the old cookie still there */
    Str second = api.cookie;
    assert_false(str_eq(first, second));
    api.cookie = first;
    api_expect(&api, 401, HTTP_GET, "/api/v1/session", NULL);
    api.cookie = second;
    api_expect(&api, 200, HTTP_GET, "/api/v1/session", NULL);
}

static void failures_look_alike_and_say_when_to_come_back(void **state)
{
    static const char *const BODIES[] = {
        "{\"email\":\"jane@shop.example\",\"password\":\"wrong password\"}",
        "{\"email\":\"nobody@shop.example\",\"password\":\"wrong password\"}",
        "{\"email\":\"\",\"password\":\"\"}"};
    World *w = *state;
    Api    api = api_of(w);
    Str    bodies[3];
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
        api_expect(&api, 401, HTTP_POST, "/api/v1/session", BODIES[i]);
        assert_null(api.set_cookie.ptr);
        bodies[i] = api.body;
        assert_str(api_text(&api, "code"), "people.wrong_login");
    }
    assert_true(str_eq(bodies[0], bodies[1]));
    assert_true(str_eq(bodies[0], bodies[2]));
    for (int i = 0; i < 5; i++)
        api_expect(&api, 401, HTTP_POST, "/api/v1/session", BODIES[0]);
    api_expect(&api, 429, HTTP_POST, "/api/v1/session", BODIES[0]);
    assert_str(api.retry_after, "1");
}

static void other_sites_cannot_sign_anybody_in(void **state)
{
    World *w = *state;
    Api    api = api_of(w);
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    api.origin = STR("cross-site");
    api_expect(&api, 403, HTTP_POST, "/api/v1/session",
               "{\"email\":\"jane@shop.example\",\"password\":\"correct horse battery\"}");
    api_expect(&api, 403, HTTP_POST, "/login",
               "email=jane%40shop.example&password=correct+horse+battery");
}

static void changes_need_the_token_of_the_session(void **state)
{
    World *w = *state;
    Api    api = owner_of(w);
    api.csrf = (Str){0};
    api_expect(&api, 403, HTTP_POST, "/api/v1/sessions/end-others", NULL);
    assert_str(api_text(&api, "code"), "http.csrf");
    api_expect(&api, 403, HTTP_DELETE, "/api/v1/session", NULL);
    api_expect(&api, 200, HTTP_GET, "/api/v1/session", NULL);
}

static Str code_of(World *w, const char *email)
{
    PeopleStaffRow row;
    bool           found;
    char          *code = arena_array(&w->arena, char, 7);
    assert_ok(people_sql_staff_by_email(&w->cx, str_from_cstr(email), &found, &row), &w->cx.err);
    snprintf(code, 7, "%06u", (unsigned)totp_code(row.totp_secret, w->cx.now.v / 30000, 6));
    return str_from_cstr(code);
}

static void the_second_step_over_http(void **state)
{
    World *w = *state;
    Api    api = owner_of(w);
    char   body[128];
    api_expect(&api, 403, HTTP_POST, "/api/v1/session/totp", "{\"password\":\"wrong\"}");
    api_expect(&api, 200, HTTP_POST, "/api/v1/session/totp",
               "{\"password\":\"correct horse battery\"}");
    assert_int_equal(api_text(&api, "secret").len, 32);
    assert_true(str_starts(api_text(&api, "uri"), STR("otpauth://totp/Rapport:owner@shop")));
    api_expect(&api, 400, HTTP_POST, "/api/v1/session/totp/confirm", "{\"code\":\"000000\"}");
    snprintf(body, sizeof body, "{\"code\":\"" STR_FMT "\"}",
             STR_ARG(code_of(w, "owner@shop.example")));
    api_expect(&api, 200, HTTP_POST, "/api/v1/session/totp/confirm", body);
    Str recovery = api_text(&api, "recovery_codes.9");
    api.csrf = api_text(&api, "csrf_token");
    api_expect(&api, 200, HTTP_GET, "/api/v1/session", NULL);
    assert_str(api_text(&api, "recovery_codes_left"), "10");
    api_expect(&api, 204, HTTP_DELETE, "/api/v1/session", NULL);

    api.csrf = (Str){0};
    api_expect(&api, 200, HTTP_POST, "/api/v1/session",
               "{\"email\":\"owner@shop.example\",\"password\":\"correct horse battery\"}");
    assert_str(api_text(&api, "state"), "second_step");
    assert_true(api_has(&api, "\"csrf_token\":null"));
    api_expect(&api, 401, HTTP_GET, "/api/v1/session", NULL);
    api_expect(&api, 401, HTTP_GET, "/api/v1/staff", NULL);
    api_expect(&api, 401, HTTP_POST, "/api/v1/session/second-step", "{\"code\":\"12345\"}");
    snprintf(body, sizeof body, "{\"code\":\"" STR_FMT "\"}", STR_ARG(recovery));
    api_expect(&api, 200, HTTP_POST, "/api/v1/session/second-step", body);
    api_expect(&api, 200, HTTP_GET, "/api/v1/session", NULL);
}

/* --- staff and roles ------------------------------------------------------------------------- */

static void staff_are_added_changed_and_removed(void **state)
{
    World *w = *state;
    Api    api = owner_of(w);
    char   path[64], link[128];
    api_expect(&api, 201, HTTP_POST, "/api/v1/staff",
               "{\"email\":\"jane@shop.example\",\"name\":\"Jane\","
               "\"roles\":[\"rol_0000000000003\"]}");
    assert_str(api_text(&api, "status"), "invited");
    assert_str(api.etag, "\"1\"");
    snprintf(path, sizeof path, STR_FMT, STR_ARG(api.location));
    api_expect(&api, 409, HTTP_POST, "/api/v1/staff",
               "{\"email\":\"JANE@shop.example\",\"name\":\"Jane\","
               "\"roles\":[\"rol_0000000000003\"]}");
    api.if_match = STR("\"7\"");
    api_expect(&api, 412, HTTP_PATCH, path, "{\"name\":\"Jane Doe\"}");
    api.if_match = STR("\"1\"");
    api_expect(&api, 200, HTTP_PATCH, path, "{\"name\":\"Jane Doe\"}");
    assert_str(api.etag, "\"2\"");
    assert_str(api_text(&api, "email"), "jane@shop.example");
    api.if_match = (Str){0};
    snprintf(link, sizeof link, "%s/link", path);
    api_expect(&api, 201, HTTP_POST, link, NULL);
    assert_true(str_starts(api_text(&api, "path"), STR("/setup/")));
    assert_str(api_text(&api, "purpose"), "invite");
    api_expect(&api, 200, HTTP_GET, "/api/v1/staff?limit=1", NULL);
    assert_str(api_text(&api, "data.0.email"), "jane@shop.example");
    snprintf(link, sizeof link, "/api/v1/staff?limit=1&after=" STR_FMT,
             STR_ARG(api_text(&api, "page.next")));
    api_expect(&api, 200, HTTP_GET, link, NULL);
    assert_str(api_text(&api, "data.0.email"), "owner@shop.example");
    assert_true(api_has(&api, "\"next\":null"));
    api_expect(&api, 204, HTTP_DELETE, path, NULL);
    api_expect(&api, 404, HTTP_GET, path, NULL);
}

static void bad_bodies_name_every_field(void **state)
{
    World *w = *state;
    Api    api = owner_of(w);
    api_expect(&api, 422, HTTP_POST, "/api/v1/staff",
               "{\"email\":\"not an address\",\"name\":\"\",\"roles\":[\"prd_0000000000003\"],"
               "\"boss\":true}");
    assert_true(api_has(&api, "/email"));
    assert_true(api_has(&api, "/name"));
    assert_true(api_has(&api, "/roles/0"));
    assert_true(api_has(&api, "/boss"));
    api_expect(&api, 404, HTTP_POST, "/api/v1/staff",
               "{\"email\":\"j@shop.example\",\"name\":\"J\",\"roles\":[\"rol_00000000000zz\"]}");
    api_expect(&api, 422, HTTP_POST, "/api/v1/roles",
               "{\"name\":\"R\",\"permissions\":[\"catalog.read\",\"nothing.read\"]}");
    assert_true(api_has(&api, "/permissions/1"));
}

static void rights_end_where_they_end(void **state)
{
    World      *w = *state;
    Api         api = api_of(w);
    PeopleStaff owner = people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    PeopleStaff jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    people_hire(w, "manager@shop.example", ROLE_MANAGER);
    const char              *of_owner = path_of(w, "/api/v1/staff/", "stf", owner.id, "");
    const char              *of_jane = path_of(w, "/api/v1/staff/", "stf", jane.id, "");
    static const char *const CLOSED[] = {"/api/v1/staff", "/api/v1/roles",    "/api/v1/keys",
                                         "/api/v1/audit", "/api/v1/settings", "/api/v1/jobs"};
    for (size_t i = 0; i < COUNT_OF(CLOSED); i++)
        api_expect(&api, 401, HTTP_GET, CLOSED[i], NULL);
    api_sign_in(&api, "jane@shop.example");
    for (size_t i = 0; i < COUNT_OF(CLOSED); i++)
        api_expect(&api, 403, HTTP_GET, CLOSED[i], NULL);
    api_expect(&api, 403, HTTP_PATCH, of_jane, "{\"roles\":[\"rol_0000000000001\"]}");
    api_expect(&api, 200, HTTP_GET, "/api/v1/sessions", NULL);
    api_sign_in(&api, "manager@shop.example");
    api_expect(&api, 403, HTTP_PATCH, of_jane, "{\"roles\":[\"rol_0000000000001\"]}");
    assert_str(api_text(&api, "code"), "people.not_yours_to_give");
    api_expect(&api, 403, HTTP_PATCH, of_owner, "{\"status\":\"disabled\"}");
    api_expect(&api, 403, HTTP_DELETE, of_owner, NULL);
    api_expect(&api, 403, HTTP_POST, "/api/v1/roles",
               "{\"name\":\"R\",\"permissions\":[\"keys.write\"]}");
    api_expect(&api, 403, HTTP_POST, "/api/v1/keys",
               "{\"name\":\"K\",\"permissions\":[\"catalog.read\"]}");
    api_expect(&api, 200, HTTP_PATCH, of_jane, "{\"roles\":[\"rol_0000000000007\"]}");
    api_sign_in(&api, "owner@shop.example");
    api_expect(&api, 403, HTTP_PATCH, of_owner, "{\"status\":\"disabled\"}");
}

static void roles_and_permissions_are_listed(void **state)
{
    World *w = *state;
    Api    api = owner_of(w);
    char   path[64];
    api_expect(&api, 200, HTTP_GET, "/api/v1/permissions", NULL);
    assert_str(api_text(&api, "data.0.name"), "people.read");
    api_expect(&api, 200, HTTP_GET, "/api/v1/roles?limit=3", NULL);
    assert_str(api_text(&api, "data.2.name"), "Support");
    api_expect(&api, 201, HTTP_POST, "/api/v1/roles",
               "{\"name\":\"Buyer\",\"permissions\":[\"catalog.write\",\"catalog.read\"]}");
    assert_true(api_has(&api, "\"permissions\":[\"catalog.write\"]"));
    snprintf(path, sizeof path, STR_FMT, STR_ARG(api.location));
    api_expect(&api, 200, HTTP_PATCH, path, "{\"description\":\"Buys.\"}");
    assert_str(api_text(&api, "name"), "Buyer");
    api_expect(&api, 204, HTTP_DELETE, path, NULL);
    api_expect(&api, 409, HTTP_DELETE, "/api/v1/roles/rol_0000000000002", NULL);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void a_program_signs_in_with_a_key(void **state)
{
    World *w = *state;
    Api    api = owner_of(w);
    char   path[64];
    api_expect(&api, 201, HTTP_POST, "/api/v1/keys",
               "{\"name\":\"Robot\",\"permissions\":[\"people.read\"]}");
    Api robot = api_of(w);
    robot.bearer = api_text(&api, "secret");
    snprintf(path, sizeof path, STR_FMT, STR_ARG(api.location));
    api_expect(&robot, 200, HTTP_GET, "/api/v1/staff", NULL);
    api_expect(&robot, 200, HTTP_GET, "/api/v1/session", NULL);
    assert_true(api_has(&robot, "\"staff\":null"));
    api_expect(&robot, 403, HTTP_POST, "/api/v1/staff", "{\"email\":\"x@y.zz\"}");
    api_expect(&robot, 403, HTTP_GET, "/api/v1/keys", NULL);
    api_expect(&robot, 403, HTTP_POST, "/api/v1/session/totp", "{\"password\":\"x\"}");
    api_expect(&robot, 403, HTTP_GET, "/api/v1/sessions", NULL);
    api_expect(&api, 200, HTTP_GET, path, NULL);
    assert_false(api_has(&api, "secret"));
    api_expect(&api, 204, HTTP_DELETE, path, NULL);
    api_expect(&robot, 401, HTTP_GET, "/api/v1/staff", NULL);
    assert_str(api_text(&robot, "code"), "people.bad_key");
    robot.bearer = STR("nonsense");
    robot.cookie = api.cookie; /* no falling back to the cookie */
    api_expect(&robot, 401, HTTP_GET, "/api/v1/staff", NULL);
}

/* --- the system ------------------------------------------------------------------------------ */

static void the_audit_log_tells_who_changed_what(void **state)
{
    World *w = *state;
    Api    api = owner_of(w);
    char   target[160];
    api_expect(&api, 201, HTTP_POST, "/api/v1/staff",
               "{\"email\":\"jane@shop.example\",\"name\":\"Jane\","
               "\"roles\":[\"rol_0000000000003\"]}");
    Str id = api_text(&api, "id");
    snprintf(target, sizeof target, "/api/v1/staff/" STR_FMT, STR_ARG(id));
    api_expect(&api, 200, HTTP_PATCH, target, "{\"name\":\"Jane Doe\"}");
    snprintf(target, sizeof target, "/api/v1/audit?entity=people.staff&entity_id=" STR_FMT,
             STR_ARG(id));
    api_expect(&api, 200, HTTP_GET, target, NULL);
    assert_str(api_text(&api, "data.0.action"), "update");
    assert_str(api_text(&api, "data.0.before.name"), "Jane");
    assert_str(api_text(&api, "data.0.after.name"), "Jane Doe");
    assert_str(api_text(&api, "data.0.actor_kind"), "staff");
    assert_str(api_text(&api, "data.1.action"), "create");
    snprintf(target, sizeof target, "/api/v1/audit?actor=" STR_FMT "&action=update&limit=5",
             STR_ARG(api_text(&api, "data.0.actor_id")));
    api_expect(&api, 200, HTTP_GET, target, NULL);
    assert_str(api_text(&api, "data.0.entity"), "people.staff");
    api_expect(&api, 200, HTTP_GET, "/api/v1/audit?limit=2", NULL);
    snprintf(target, sizeof target, "/api/v1/audit?limit=2&after=" STR_FMT,
             STR_ARG(api_text(&api, "page.next")));
    api_expect(&api, 200, HTTP_GET, target, NULL);
    api_expect(&api, 400, HTTP_GET, "/api/v1/audit?actor=nobody", NULL);
    api_expect(&api, 400, HTTP_GET, "/api/v1/audit?since=yesterday", NULL);
    api_expect(&api, 400, HTTP_GET, "/api/v1/audit?entity_id=%FF", NULL);
    api_expect(&api, 200, HTTP_GET, "/api/v1/audit?since=2023-01-01&until=2024-01-01", NULL);
}

static void background_work_is_seen(void **state)
{
    static const char *const LISTS[] = {"/api/v1/jobs",          "/api/v1/jobs?state=dead",
                                        "/api/v1/events/parked", "/api/v1/events/reactions",
                                        "/api/v1/schedules",     "/api/v1/settings"};
    World                   *w = *state;
    Api                      api = owner_of(w);
    for (size_t i = 0; i < COUNT_OF(LISTS); i++) {
        api_expect(&api, 200, HTTP_GET, LISTS[i], NULL);
        assert_true(api_has(&api, "\"data\":["));
    }
    api_expect(&api, 400, HTTP_GET, "/api/v1/jobs?state=lost", NULL);
    api_expect(&api, 404, HTTP_GET, "/api/v1/jobs/job_0000000000001", NULL);
    api_expect(&api, 404, HTTP_POST, "/api/v1/jobs/job_0000000000001/requeue", NULL);
    api_expect(&api, 404, HTTP_DELETE, "/api/v1/events/parked/x.y/evt_0000000000001", NULL);
    api_expect(&api, 404, HTTP_GET, "/api/v1/settings/no.such", NULL);
}

/* --- pages ----------------------------------------------------------------------------------- */

static void the_first_owner_sets_the_shop_up_in_a_browser(void **state)
{
    World     *w = *state;
    Api        api = api_of(w);
    PeopleLink link;
    assert_ok(people_owner_link(&w->cx, &link), &w->cx.err);
    const char *path = str_cstr(&w->arena, link.path);
    api_expect(&api, 200, HTTP_GET, path, NULL);
    assert_true(api_has(&api, "<form method=\"post\" action=\"/setup/"));
    api_expect(&api, 422, HTTP_POST, path, "email=olga%40&name=%3Cb%3E&password=short");
    assert_true(api_has(&api, "value=\"olga@\""));
    assert_true(api_has(&api, "value=\"&lt;b&gt;\""));
    assert_true(api_has(&api, "id=\"password-note\""));
    assert_false(api_has(&api, "short\""));
    api_expect(&api, 303, HTTP_POST, path,
               "email=olga%40shop.example&name=Olga+O&password=correct+horse+battery");
    assert_str(api.location, "/staff");
    api_expect(&api, 200, HTTP_GET, "/staff", NULL);
    assert_true(api_has(&api, "Olga O"));
    assert_true(api_has(&api, "this one"));
    Api late = api_of(w);
    api_expect(&late, 404, HTTP_GET, path, NULL);
    assert_true(api_has(&late, "This link no longer works"));
    api_expect(&late, 404, HTTP_POST, path, "email=e%40v.il&name=E&password=correct+horse+b");
}

/* The hidden field of the last page's form. */
static Str form_token(const Api *api)
{
    static const char FIELD[] = "name=\"csrf_token\" value=\"";
    const char       *at = memmem(api->body.ptr, api->body.len, FIELD, sizeof FIELD - 1);
    Str               token, rest;
    assert_non_null(at);
    at += sizeof FIELD - 1;
    str_cut((Str){at, (size_t)(api->body.ptr + api->body.len - at)}, '"', &token, &rest);
    return token;
}

static void signing_in_and_out_in_a_browser(void **state)
{
    World *w = *state;
    Api    api = api_of(w);
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    api_expect(&api, 303, HTTP_GET, "/staff", NULL);
    assert_str(api.location, "/login");
    api_expect(&api, 200, HTTP_GET, "/login", NULL);
    api_expect(&api, 401, HTTP_POST, "/login", "email=jane%40shop.example&password=wrong");
    assert_true(api_has(&api, "role=\"alert\""));
    assert_true(api_has(&api, "value=\"jane@shop.example\""));
    api_expect(&api, 303, HTTP_POST, "/login",
               "email=jane%40shop.example&password=correct+horse+battery");
    assert_str(api.location, "/staff");
    api_expect(&api, 303, HTTP_GET, "/login", NULL);
    api_expect(&api, 200, HTTP_GET, "/staff", NULL);
    Str token = form_token(&api);
    api_expect(&api, 403, HTTP_POST, "/logout", "x=1");
    char body[128];
    snprintf(body, sizeof body, "csrf_token=" STR_FMT, STR_ARG(token));
    api_expect(&api, 303, HTTP_POST, "/logout", body);
    api_expect(&api, 303, HTTP_GET, "/staff", NULL);
    assert_str(api.location, "/login");
}

static void other_sessions_are_ended_in_a_browser(void **state)
{
    World            *w = *state;
    Api               api = api_of(w), other = api_of(w);
    PeopleSessionList list;
    PeopleStaff       jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    api_sign_in(&other, "jane@shop.example");
    api_sign_in(&api, "jane@shop.example");
    assert_ok(people_session_list(&w->cx, jane.id, &(PeopleRange){.limit = 5}, &list), &w->cx.err);
    assert_int_equal(list.n, 2);
    api_expect(&api, 200, HTTP_GET, "/staff", NULL);
    assert_true(api_has(&api, "name=\"csrf_token\""));
    api_expect(&api, 303, HTTP_POST, path_of(w, "/staff/end-session/", "ses", list.items[1].id, ""),
               "x=1");
    api_expect(&other, 401, HTTP_GET, "/api/v1/session", NULL);
    api_expect(&api, 303, HTTP_POST, "/staff/end-others", "x=1");
    api_expect(&api, 200, HTTP_GET, "/api/v1/session", NULL);
}

static void pages_speak_the_language_of_their_reader(void **state)
{
    World *w = *state;
    Api    api = owner_of(w), nobody = api_of(w);
    nobody.lang = STR("tr, en;q=0.5");
    api_expect(&nobody, 200, HTTP_GET, "/login", NULL);
    assert_true(api_has(&nobody, "<html lang=\"tr\">") && api_has(&nobody, "E-posta adresi"));
    api_expect(&nobody, 401, HTTP_POST, "/login", "email=a%40b.example&password=wrong");
    assert_true(api_has(&nobody, "Adres ya da parola yanlış."));
    api.lang = STR("zh-CN");
    api_expect(&api, 200, HTTP_GET, "/staff", NULL);
    assert_true(api_has(&api, "<html lang=\"zh\">"));
    api_expect(&api, 303, HTTP_POST, "/staff/language", "locale=uk");
    api_expect(&api, 200, HTTP_GET, "/staff", NULL); /* what they chose counts for more */
    assert_true(api_has(&api, "<html lang=\"uk\">") && api_has(&api, "Ви ввійшли"));
    assert_true(api_has(&api, "<option value=\"uk\" lang=\"uk\" selected>"));
    api_expect(&api, 422, HTTP_POST, "/staff/language", "locale=xx");
    api_expect(&api, 303, HTTP_POST, "/staff/language", "locale=");
    api_expect(&api, 200, HTTP_GET, "/staff", NULL);
    assert_true(api_has(&api, "<html lang=\"zh\">"));
}

static void the_second_step_in_a_browser(void **state)
{
    World *w = *state;
    Api    api = owner_of(w);
    char   body[128];
    api_expect(&api, 200, HTTP_GET, "/staff/two-step", NULL);
    assert_true(api_has(&api, "It is off"));
    api_expect(&api, 403, HTTP_POST, "/staff/two-step/begin", "old_password=wrong");
    assert_true(api_has(&api, "role=\"alert\""));
    api_expect(&api, 200, HTTP_POST, "/staff/two-step/begin", "old_password=correct+horse+battery");
    assert_true(api_has(&api, "<svg class=\"qr\""));
    assert_true(api_has(&api, "otpauth://totp/Rapport:owner@shop.example?secret="));
    api_expect(&api, 400, HTTP_POST, "/staff/two-step/confirm", "code=12");
    snprintf(body, sizeof body, "code=" STR_FMT, STR_ARG(code_of(w, "owner@shop.example")));
    api_expect(&api, 200, HTTP_POST, "/staff/two-step/confirm", body);
    assert_true(api_has(&api, "Your recovery codes"));
    api_expect(&api, 200, HTTP_GET, "/staff/two-step", NULL); /* with the new cookie */
    assert_true(api_has(&api, "10 recovery codes left"));
    api.csrf = form_token(&api);
    api_expect(&api, 200, HTTP_POST, "/staff/two-step/codes", "old_password=correct+horse+battery");
    api_expect(&api, 303, HTTP_POST, "/logout", "x=1");
    api_expect(&api, 303, HTTP_POST, "/login",
               "email=owner%40shop.example&password=correct+horse+battery");
    assert_str(api.location, "/login/code");
    api_expect(&api, 200, HTTP_GET, "/login/code", NULL);
    api_expect(&api, 401, HTTP_POST, "/login/code", "code=000000");
    later(w, SPAN_SECONDS(60));
    snprintf(body, sizeof body, "code=" STR_FMT, STR_ARG(code_of(w, "owner@shop.example")));
    api_expect(&api, 303, HTTP_POST, "/login/code", body);
    assert_str(api.location, "/staff");
    api_expect(&api, 200, HTTP_GET, "/staff/two-step", NULL);
    api.csrf = form_token(&api);
    api_expect(&api, 303, HTTP_POST, "/staff/two-step/off", "old_password=correct+horse+battery");
    api_expect(&api, 200, HTTP_GET, "/staff", NULL);
    assert_true(api_has(&api, "two-step sign-in is off"));
}

static void the_password_is_changed_in_a_browser(void **state)
{
    World *w = *state;
    Api    api = owner_of(w), nobody = api_of(w);
    api_expect(&nobody, 303, HTTP_GET, "/staff/password", NULL);
    api_expect(&nobody, 401, HTTP_POST, "/staff/password", "old_password=x&password=y");
    api_expect(&api, 422, HTTP_POST, "/staff/password",
               "old_password=correct+horse+battery&password=password123");
    assert_true(api_has(&api, "tried first"));
    api_expect(&api, 303, HTTP_POST, "/staff/password",
               "old_password=correct+horse+battery&password=a+much+better+one");
    api_expect(&api, 200, HTTP_GET, "/staff", NULL);
    api_expect(&nobody, 303, HTTP_POST, "/login",
               "email=owner%40shop.example&password=a+much+better+one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_PEOPLE(signing_in_gives_a_cookie_that_scripts_cannot_read),
        TEST_PEOPLE(a_session_planted_before_signing_in_is_worth_nothing),
        TEST_PEOPLE(failures_look_alike_and_say_when_to_come_back),
        TEST_PEOPLE(other_sites_cannot_sign_anybody_in),
        TEST_PEOPLE(changes_need_the_token_of_the_session),
        TEST_PEOPLE(the_second_step_over_http),
        TEST_PEOPLE(staff_are_added_changed_and_removed),
        TEST_PEOPLE(bad_bodies_name_every_field),
        TEST_PEOPLE(rights_end_where_they_end),
        TEST_PEOPLE(roles_and_permissions_are_listed),
        TEST_PEOPLE(a_program_signs_in_with_a_key),
        TEST_PEOPLE(the_audit_log_tells_who_changed_what),
        TEST_PEOPLE(background_work_is_seen),
        TEST_PEOPLE(the_first_owner_sets_the_shop_up_in_a_browser),
        TEST_PEOPLE(signing_in_and_out_in_a_browser),
        TEST_PEOPLE(other_sessions_are_ended_in_a_browser),
        TEST_PEOPLE(pages_speak_the_language_of_their_reader),
        TEST_PEOPLE(the_second_step_in_a_browser),
        TEST_PEOPLE(the_password_is_changed_in_a_browser),
    };
    return cmocka_run_group_tests_name("people_api", tests, NULL, NULL);
}
