/* The pages that staff need before there is a console: to set a password behind a one-time link,
 * to sign in, and to see and end their sessions. */
#include "base/id.h"
#include "http/http_form.h"
#include "people/html_http.h"
#include "people/people_http.h"
#include "people/shared_http.h"
#include "text/messages.h"

static const HtmlField EMAIL = {
    .name = "email",
    .label_key = "people.field.email",
    .type = "email",
    .autocomplete = "username",
    .more = " maxlength=\"254\"",
};
static const HtmlField PASSWORD = {
    .name = "password",
    .label_key = "people.field.password",
    .type = "password",
    .autocomplete = "current-password",
    .more = " maxlength=\"1024\"",
};
static const HtmlField NEW_PASSWORD = {
    .name = "password",
    .label_key = "people.field.password",
    .type = "password",
    .autocomplete = "new-password",
    .hint_key = "people.field.password_hint",
    .more = " minlength=\"10\" maxlength=\"1024\"",
};
static const HtmlField NAME = {
    .name = "name",
    .label_key = "people.field.name",
    .type = "text",
    .autocomplete = "name",
    .hint_key = "people.field.name_hint",
    .more = " maxlength=\"100\"",
};
static const HtmlField CODE = {
    .name = "code",
    .label_key = "people.field.code",
    .type = "text",
    .autocomplete = "one-time-code",
    .hint_key = "people.field.code_hint",
    .more = " inputmode=\"text\" maxlength=\"64\" autofocus",
};

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
    html_begin(cx, rs, "people.no_link.title", false);
    html_say(cx, rs, "<p>", "people.no_link.text", "</p>");
    html_say(cx, rs, "<p>", "people.no_link.sign_in", "</p>");
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
    static const char *const TITLES[] = {[PEOPLE_LINK_OWNER] = "people.setup.owner_title",
                                         [PEOPLE_LINK_INVITE] = "people.setup.invite_title",
                                         [PEOPLE_LINK_RESET] = "people.setup.reset_title"};
    static const char *const BUTTONS[] = {[PEOPLE_LINK_OWNER] = "people.setup.make_account",
                                          [PEOPLE_LINK_INVITE] = "people.setup.make_account",
                                          [PEOPLE_LINK_RESET] = "people.save_password"};
    Buf                     *b = &rs->body;
    bool                     first = info->purpose == PEOPLE_LINK_OWNER;
    html_begin(cx, rs, TITLES[info->purpose], false);
    buf_add(b, STR("<p>"));
    if (first)
        message_html(b, cx->lang, "people.setup.owner_text", MSG_NONE);
    else
        message_html(b, cx->lang, "people.setup.as", msg_s("email", info->email));
    buf_add(b, STR("</p>"));
    html_problem(cx, rs);
    html_form(cx, rs, "/setup/", token);
    if (first)
        field(cx, rs, &EMAIL, kept(typed->email));
    else
        for_password_managers(b, info->email);
    if (info->purpose != PEOPLE_LINK_RESET)
        field(cx, rs, &NAME, typed->name.ptr != NULL ? typed->name : info->name);
    field(cx, rs, &NEW_PASSWORD, (Str){0});
    html_say(cx, rs, "<button>", BUTTONS[info->purpose], "</button></form>");
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
    html_begin(cx, rs, "people.login.title", false);
    html_problem(cx, rs);
    html_form(cx, rs, "/login", STR(""));
    field(cx, rs, &EMAIL, kept(email));
    field(cx, rs, &PASSWORD, (Str){0});
    html_say(cx, rs, "<button>", "people.login.button", "</button></form>");
    html_say(cx, rs, "<p class=\"hint\">", "people.login.forgot", "</p>");
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
    html_begin(cx, rs, "people.code.title", false);
    html_problem(cx, rs);
    html_form(cx, rs, "/login/code", STR(""));
    field(cx, rs, &CODE, (Str){0});
    html_say(cx, rs, "<button>", "people.login.button", "</button></form>");
    html_say(cx, rs, "<p class=\"hint\"><a href=\"/login\">", "people.begin_again", "</a></p>");
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

static void show_used(Cx *cx, HttpResp *rs, const PeopleSession *s)
{
    CLEANUP(buf_done) Buf iso;
    buf_init(&iso, 64);
    clock_add(&iso, s->seen_at);
    message_html(
        &rs->body, cx->lang, s->net.len > 0 ? "people.session.used_from" : "people.session.used",
        msg_t("when", s->seen_at, NULL), msg_s("iso", buf_str(&iso)), msg_s("net", s->net));
}

static void show_session(Cx *cx, HttpResp *rs, const PeopleSession *s)
{
    Buf *b = &rs->body;
    Str  agent = html_agent(cx->arena, cx->lang, s->agent);
    buf_add(b, STR("<li><div><strong>"));
    buf_add_html(b, agent);
    buf_add(b, STR("</strong>"));
    if (s->current)
        html_say(cx, rs, " <span class=\"tag\">", "people.session.this", "</span>");
    buf_add(b, STR("<br><span class=\"hint\">"));
    show_used(cx, rs, s);
    buf_add(b, STR("</span></div>"));
    if (!s->current) {
        html_form(cx, rs, "/staff/end-session/", id_format(cx->arena, "ses", s->id));
        buf_add(b, STR("<button class=\"quiet\" aria-label=\""));
        message_html(b, cx->lang, "people.session.end_named", msg_s("agent", agent));
        html_say(cx, rs, "\">", "people.session.end", "</button></form>");
    }
    buf_add(b, STR("</li>"));
}

static void show_sessions(Cx *cx, HttpResp *rs, const PeopleSessionList *list)
{
    html_say(cx, rs, "<h2>", "people.session.title", "</h2><ul class=\"rows\">");
    for (size_t i = 0; i < list->n; i++)
        show_session(cx, rs, &list->items[i]);
    buf_add(&rs->body, STR("</ul>"));
    if (list->n > 1) {
        html_form(cx, rs, "/staff/end-others", STR(""));
        html_say(cx, rs, "<button class=\"quiet\">", "people.session.end_others",
                 "</button></form>");
    }
}

static void show_links(Cx *cx, HttpResp *rs)
{
    static const char HINT[] = "<br><span class=\"hint\">", END[] = "</span></div></li>";
    html_say(cx, rs, "<h2>", "people.links.title", "</h2><ul class=\"rows\">");
    html_say(cx, rs, "<li><div><a href=\"/api/v1/openapi.json\">", "people.links.api", "</a>");
    html_say(cx, rs, HINT, "people.links.api_hint", END);
    html_say(cx, rs, "<li><div><a href=\"/api/v1/session\">", "people.links.me", "</a>");
    html_say(cx, rs, HINT, "people.links.me_hint", END);
    buf_add(&rs->body, STR("<li><div><strong>rapport --help</strong>"));
    html_say(cx, rs, HINT, "people.links.help_hint", END);
    buf_add(&rs->body, STR("</ul>"));
}

static void show_who(Cx *cx, HttpResp *rs, const PeopleStaff *me)
{
    Buf *b = &rs->body;
    buf_add(b, STR("<div class=\"who\"><p><strong>"));
    buf_add_html(b, me->name);
    buf_add(b, STR("</strong><br><span class=\"hint\">"));
    buf_add_html(b, me->email);
    buf_add(b, STR(" · <a href=\"/staff/two-step\">"));
    message_html(b, cx->lang, "people.staff.two_step",
                 msg_s("state", me->two_step ? STR("on") : STR("off")));
    html_say(cx, rs, "</a> · <a href=\"/staff/password\">", "people.staff.change_password",
             "</a></span></p>");
    html_form(cx, rs, "/logout", STR(""));
    html_say(cx, rs, "<button class=\"quiet\">", "people.staff.sign_out", "</button></form></div>");
}

static void show_language(Cx *cx, HttpResp *rs, const PeopleStaff *me)
{
    Buf *b = &rs->body;
    Lang chosen;
    if (!lang_find(me->locale, &chosen))
        chosen = LANGS;
    html_say(cx, rs, "<h2 id=\"language\">", "people.field.language", "</h2>");
    html_form(cx, rs, "/staff/language", STR(""));
    buf_add(b, STR("<p class=\"field\"><select name=\"locale\" aria-labelledby=\"language\">"));
    html_say(cx, rs, "<option value=\"\">", "people.staff.language_browser", "</option>");
    for (Lang i = 0; i < LANGS; i++)
        buf_addf(b, "<option value=\"%s\" lang=\"%s\"%s>" STR_FMT "</option>", lang_tags[i],
                 lang_tags[i], i == chosen ? " selected" : "", STR_ARG(lang_name(i)));
    html_say(cx, rs, "</select></p><button class=\"quiet\">", "people.staff.language_save",
             "</button></form>");
}

/* GET /staff */
static Status get_staff(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleStaff       me;
    PeopleSessionList sessions;
    (void)rq;
    if (cx->actor.kind != ACTOR_STAFF) {
        http_redirect(cx, rs, 303, STR("/login"));
        return ST_OK;
    }
    TRY(people_staff_get(cx, cx->actor.id, &me));
    TRY(people_session_list(cx, me.id, &(PeopleRange){.limit = PEOPLE_SESSIONS_MAX}, &sessions));
    html_begin(cx, rs, "people.staff.title", true);
    show_who(cx, rs, &me);
    show_links(cx, rs);
    show_sessions(cx, rs, &sessions);
    show_language(cx, rs, &me);
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

/* POST /staff/language */
static Status post_language(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    HttpForm form;
    TRY(http_form_read(cx, rq, &form));
    TRY(people_speak(cx, str_trim(http_form_text(&form, STR("locale")))));
    return back_to_staff(cx, rs, ST_OK);
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
    {HTTP_POST, STR_INIT("/staff/language"), post_language, .flags = HTTP_HIDDEN,
     .body = HTTP_BODY_FORM, .body_max = 65536, .out_type = "text/html"},
    {HTTP_POST, STR_INIT("/staff/end-session/:id"), post_end_session, .flags = HTTP_HIDDEN,
     .body = HTTP_BODY_FORM, .body_max = 65536, .out_type = "text/html"},
    {HTTP_POST, STR_INIT("/staff/end-others"), post_end_others, .flags = HTTP_HIDDEN,
     .body = HTTP_BODY_FORM, .body_max = 65536, .out_type = "text/html"},
};
const HttpRoutes people_page_routes = {"Pages for staff", ROUTES, COUNT_OF(ROUTES)};
