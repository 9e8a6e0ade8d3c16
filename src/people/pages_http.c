/* The pages that staff need before there is a console: to set a password behind a one-time link,
 * to sign in, and to see and end their sessions. */
#include "base/id.h"
#include "http/http_form.h"
#include "people/html_http.h"
#include "people/people_http.h"
#include "people/shared_http.h"

static const HtmlField EMAIL = {"email", "E-mail address",     "email", "username",
                                NULL,    " maxlength=\"254\"", {0}};
static const HtmlField PASSWORD = {
    "password", "Password", "password", "current-password", NULL, " maxlength=\"1024\"", {0}};
static const HtmlField NEW_PASSWORD = {"password",
                                       "Password",
                                       "password",
                                       "new-password",
                                       "At least 10 characters. A few unrelated words do well.",
                                       " minlength=\"10\" maxlength=\"1024\"",
                                       {0}};
static const HtmlField NAME = {
    "name", "Your name", "text", "name", "As colleagues see it.", " maxlength=\"100\"", {0}};
static const HtmlField CODE = {
    "code",
    "Code",
    "text",
    "one-time-code",
    "Six digits from your authenticator app, or one of your recovery codes.",
    " inputmode=\"text\" maxlength=\"64\" autofocus",
    {0}};

static Str kept(Str value)
{
    return value.ptr != NULL ? value : STR("");
}

static void field(Cx *cx, HttpResp *rs, const HtmlField *which, Str value)
{
    HtmlField f = *which;
    f.value = value;
    html_field(cx, rs, &f);
}

Status people_as_page(Cx *cx, HttpResp *rs, Status st)
{
    if (st == ST_IO)
        return st;
    rs->status = http_status_of(&cx->err, &cx->issues);
    return ST_OK;
}

/* --- a password behind a one-time link ------------------------------------------------------- */

static Status show_no_link(Cx *cx, HttpResp *rs)
{
    rs->status = 404;
    html_begin(cx, rs, "This link no longer works", false);
    buf_add(&rs->body,
            STR("<p>One-time links work once, and only for a while. If you are setting up a shop, "
                "start the program again: it prints a new link as long as there is no owner. "
                "Otherwise ask whoever gave you this one for another.</p>"
                "<p><a href=\"/login\">Sign in</a> if you have set your password already.</p>"));
    html_end(rs);
    return ST_OK;
}

/* They save a password under the name in the field before it. */
static void for_password_managers(Buf *b, Str email)
{
    buf_add(b, STR("<input class=\"unseen\" name=\"email\" type=\"email\" tabindex=\"-1\" readonly "
                   "aria-hidden=\"true\" autocomplete=\"username\" value=\""));
    buf_add_html(b, email);
    buf_add(b, STR("\">"));
}

static void show_setup(Cx *cx, HttpResp *rs, Str token, const PeopleLinkInfo *info,
                       const PeopleSetup *typed)
{
    static const char *const TITLES[] = {[PEOPLE_LINK_OWNER] = "Become the owner of this shop",
                                         [PEOPLE_LINK_INVITE] = "Welcome",
                                         [PEOPLE_LINK_RESET] = "Set a new password"};
    static const char *const BUTTONS[] = {[PEOPLE_LINK_OWNER] = "Make my account",
                                          [PEOPLE_LINK_INVITE] = "Make my account",
                                          [PEOPLE_LINK_RESET] = "Save the password"};
    Buf                     *b = &rs->body;
    bool                     first = info->purpose == PEOPLE_LINK_OWNER;
    html_begin(cx, rs, TITLES[info->purpose], false);
    if (first) {
        buf_add(b, STR("<p>The owner may do everything, and lets others in.</p>"));
    } else {
        buf_add(b, STR("<p>You will sign in as <strong>"));
        buf_add_html(b, info->email);
        buf_add(b, STR("</strong>.</p>"));
    }
    html_problem(cx, rs);
    html_form(cx, rs, "/setup/", token);
    if (first)
        field(cx, rs, &EMAIL, kept(typed->email));
    else
        for_password_managers(b, info->email);
    if (info->purpose != PEOPLE_LINK_RESET)
        field(cx, rs, &NAME, typed->name.ptr != NULL ? typed->name : info->name);
    field(cx, rs, &NEW_PASSWORD, (Str){0});
    buf_addf(b, "<button>%s</button></form>", BUTTONS[info->purpose]);
    html_end(rs);
}

/* GET /setup/:token */
static Status get_setup(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleLinkInfo info;
    Status         st = people_link_look(cx, rq->params[0], &info);
    if (st == ST_NOT_FOUND)
        return show_no_link(cx, rs);
    TRY(st);
    show_setup(cx, rs, rq->params[0], &info, &(PeopleSetup){0});
    return ST_OK;
}

/* Sign in who has just set a password; where that needs more, send them to the form for it. */
static Status enter(Cx *cx, const HttpReq *rq, HttpResp *rs, Str email, Str password)
{
    PeopleOrigin from = people_origin(rq);
    PeopleLogin  login;
    SpanMs       retry = {0};
    TRY(people_leave_old(cx));
    Status st = people_login(cx, email, password, &from, &login, &retry);
    TRY(people_retry_after(cx, rs, st, retry));
    people_set_session(cx, rq, rs, &login);
    http_redirect(cx, rs, 303, login.second_step ? STR("/login/code") : STR("/staff"));
    return ST_OK;
}

/* POST /setup/:token */
static Status post_setup(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    HttpForm       form;
    PeopleLinkInfo info;
    PeopleStaff    staff;
    Str            token = rq->params[0];
    TRY(people_same_origin(cx, rq));
    TRY(http_form_read(cx, rq, &form));
    PeopleSetup typed = {.email = http_form_text(&form, STR("email")),
                         .name = http_form_text(&form, STR("name")),
                         .password = http_form_text(&form, STR("password"))};
    Status      st = people_link_look(cx, token, &info);
    if (st == ST_OK)
        st = people_link_use(cx, token, &typed, &staff);
    if (st == ST_NOT_FOUND)
        return show_no_link(cx, rs);
    if (st != ST_OK) {
        TRY(people_as_page(cx, rs, st));
        show_setup(cx, rs, token, &info, &typed);
        return ST_OK;
    }
    if (enter(cx, rq, rs, staff.email, typed.password) != ST_OK)
        http_redirect(cx, rs, 303, STR("/login"));
    return ST_OK;
}

/* --- signing in ------------------------------------------------------------------------------ */

static void show_login(Cx *cx, HttpResp *rs, Str email)
{
    html_begin(cx, rs, "Sign in", false);
    html_problem(cx, rs);
    html_form(cx, rs, "/login", STR(""));
    field(cx, rs, &EMAIL, kept(email));
    field(cx, rs, &PASSWORD, (Str){0});
    buf_add(&rs->body,
            STR("<button>Sign in</button></form><p class=\"hint\">Forgot your password? Somebody "
                "who manages staff can give you a link to set a new one.</p>"));
    html_end(rs);
}

/* GET /login */
static Status get_login(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    if (cx->actor.kind == ACTOR_STAFF)
        http_redirect(cx, rs, 303, STR("/staff"));
    else
        show_login(cx, rs, STR(""));
    return ST_OK;
}

/* POST /login */
static Status post_login(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    HttpForm form;
    TRY(people_same_origin(cx, rq));
    TRY(http_form_read(cx, rq, &form));
    Str    email = http_form_text(&form, STR("email"));
    Status st = enter(cx, rq, rs, str_trim(email), http_form_text(&form, STR("password")));
    if (st == ST_OK)
        return ST_OK;
    TRY(people_as_page(cx, rs, st));
    show_login(cx, rs, email);
    return ST_OK;
}

static void show_code(Cx *cx, HttpResp *rs)
{
    html_begin(cx, rs, "One more step", false);
    html_problem(cx, rs);
    html_form(cx, rs, "/login/code", STR(""));
    field(cx, rs, &CODE, (Str){0});
    buf_add(&rs->body, STR("<button>Sign in</button></form>"
                           "<p class=\"hint\"><a href=\"/login\">Begin again</a></p>"));
    html_end(rs);
}

/* GET /login/code */
static Status get_code(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    if (people_session_cookie(rq).len == 0)
        http_redirect(cx, rs, 303, STR("/login"));
    else
        show_code(cx, rs);
    return ST_OK;
}

/* POST /login/code */
static Status post_code(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    HttpForm     form;
    PeopleOrigin from = people_origin(rq);
    PeopleLogin  login;
    SpanMs       retry = {0};
    TRY(http_form_read(cx, rq, &form));
    Str    code = http_form_text(&form, STR("code"));
    Status st = people_login_second(cx, people_session_cookie(rq), code, &from, &login, &retry);
    if (st != ST_OK) {
        (void)people_retry_after(cx, rs, st, retry);
        TRY(people_as_page(cx, rs, st));
        show_code(cx, rs);
        return ST_OK;
    }
    people_set_session(cx, rq, rs, &login);
    http_redirect(cx, rs, 303, STR("/staff"));
    return ST_OK;
}

/* POST /logout */
static Status post_logout(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(people_leave_old(cx));
    people_clear_session(cx, rq, rs);
    http_redirect(cx, rs, 303, STR("/login"));
    return ST_OK;
}

/* --- the page of whoever is signed in -------------------------------------------------------- */

static void show_session(Cx *cx, HttpResp *rs, const PeopleSession *s)
{
    Buf *b = &rs->body;
    buf_add(b, STR("<li><div><strong>"));
    html_agent(rs, s->agent);
    buf_add(b, STR("</strong>"));
    if (s->current)
        buf_add(b, STR(" <span class=\"tag\">this one</span>"));
    buf_add(b, STR("<br><span class=\"hint\">Last used "));
    html_time(rs, s->seen_at);
    if (s->net.len > 0) {
        buf_add(b, STR(" from "));
        buf_add_html(b, s->net);
    }
    buf_add(b, STR("</span></div>"));
    if (!s->current) {
        html_form(cx, rs, "/staff/end-session/", id_format(cx->arena, "ses", s->id));
        buf_add(b, STR("<button class=\"quiet\" aria-label=\"End the session of "));
        html_agent(rs, s->agent);
        buf_add(b, STR("\">End</button></form>"));
    }
    buf_add(b, STR("</li>"));
}

static void show_sessions(Cx *cx, HttpResp *rs, const PeopleSessionList *list)
{
    buf_add(&rs->body, STR("<h2>Where you are signed in</h2><ul class=\"rows\">"));
    for (size_t i = 0; i < list->n; i++)
        show_session(cx, rs, &list->items[i]);
    buf_add(&rs->body, STR("</ul>"));
    if (list->n > 1) {
        html_form(cx, rs, "/staff/end-others", STR(""));
        buf_add(&rs->body, STR("<button class=\"quiet\">End all others</button></form>"));
    }
}

static void show_links(HttpResp *rs)
{
    buf_add(&rs->body,
            STR("<h2>What is here</h2><ul class=\"rows\">"
                "<li><div><a href=\"/api/v1/openapi.json\">The API</a><br><span class=\"hint\">"
                "All that the shop can do, as an OpenAPI 3.1 document for your client "
                "generator.</span></div></li>"
                "<li><div><a href=\"/api/v1/session\">Who you are to the API</a><br>"
                "<span class=\"hint\">Your permissions, as JSON.</span></div></li>"
                "<li><div><strong>rapport --help</strong><br><span class=\"hint\">In a terminal: "
                "imports, backups, staff and API keys.</span></div></li></ul>"));
}

/* GET /staff */
static Status get_staff(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Buf              *b = &rs->body;
    PeopleStaff       me;
    PeopleSessionList sessions;
    (void)rq;
    if (cx->actor.kind != ACTOR_STAFF) {
        http_redirect(cx, rs, 303, STR("/login"));
        return ST_OK;
    }
    TRY(people_staff_get(cx, cx->actor.id, &me));
    TRY(people_session_list(cx, me.id, &(PeopleRange){.limit = PEOPLE_SESSIONS_MAX}, &sessions));
    html_begin(cx, rs, "You are signed in", true);
    buf_add(b, STR("<div class=\"who\"><p><strong>"));
    buf_add_html(b, me.name);
    buf_add(b, STR("</strong><br><span class=\"hint\">"));
    buf_add_html(b, me.email);
    buf_addf(b,
             " · <a href=\"/staff/two-step\">two-step sign-in is %s</a>"
             " · <a href=\"/staff/password\">change password</a></span></p>",
             me.two_step ? "on" : "off");
    html_form(cx, rs, "/logout", STR(""));
    buf_add(b, STR("<button class=\"quiet\">Sign out</button></form></div>"));
    show_links(rs);
    show_sessions(cx, rs, &sessions);
    html_end(rs);
    return ST_OK;
}

static Status back_to_staff(Cx *cx, HttpResp *rs, Status st)
{
    if (st != ST_OK && st != ST_NOT_FOUND)
        return st;
    http_redirect(cx, rs, 303, STR("/staff"));
    return ST_OK;
}

/* POST /staff/end-session/:id */
static Status post_end_session(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, "ses", &id));
    return back_to_staff(cx, rs, people_session_end(cx, id));
}

/* POST /staff/end-others */
static Status post_end_others(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    return back_to_staff(cx, rs, people_session_end_others(cx));
}

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/setup/:token"), get_setup, .flags = HTTP_PUBLIC | HTTP_HIDDEN,
     .out_type = "text/html"},
    {HTTP_POST, STR_INIT("/setup/:token"), post_setup,
     .flags = HTTP_PUBLIC | HTTP_HIDDEN | HTTP_NO_CSRF, .body = HTTP_BODY_FORM, .body_max = 65536,
     .out_type = "text/html"},
    {HTTP_GET, STR_INIT("/login"), get_login, .flags = HTTP_PUBLIC | HTTP_HIDDEN,
     .out_type = "text/html"},
    {HTTP_POST, STR_INIT("/login"), post_login, .flags = HTTP_PUBLIC | HTTP_HIDDEN | HTTP_NO_CSRF,
     .body = HTTP_BODY_FORM, .body_max = 65536, .out_type = "text/html"},
    {HTTP_GET, STR_INIT("/login/code"), get_code, .flags = HTTP_PUBLIC | HTTP_HIDDEN,
     .out_type = "text/html"},
    {HTTP_POST, STR_INIT("/login/code"), post_code, .flags = HTTP_PUBLIC | HTTP_HIDDEN,
     .body = HTTP_BODY_FORM, .body_max = 65536, .out_type = "text/html"},
    {HTTP_POST, STR_INIT("/logout"), post_logout, .flags = HTTP_PUBLIC | HTTP_HIDDEN,
     .body = HTTP_BODY_FORM, .body_max = 65536, .out_type = "text/html"},
    {HTTP_GET, STR_INIT("/staff"), get_staff, .flags = HTTP_PUBLIC | HTTP_HIDDEN,
     .out_type = "text/html"},
    {HTTP_POST, STR_INIT("/staff/end-session/:id"), post_end_session, .flags = HTTP_HIDDEN,
     .body = HTTP_BODY_FORM, .body_max = 65536, .out_type = "text/html"},
    {HTTP_POST, STR_INIT("/staff/end-others"), post_end_others, .flags = HTTP_HIDDEN,
     .body = HTTP_BODY_FORM, .body_max = 65536, .out_type = "text/html"},
};
const HttpRoutes people_page_routes = {"Pages for staff", ROUTES, COUNT_OF(ROUTES)};
