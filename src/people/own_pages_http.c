/* The pages of one's own account: password and second step. */
#include "http/http_form.h"
#include "people/html_http.h"
#include "people/people_http.h"
#include "people/shared_http.h"
#include "picture/qr.h"
#include "text/messages.h"

static const HtmlField OLD_PASSWORD = {
    .name = "old_password",
    .label_key = "people.field.old_password",
    .type = "password",
    .autocomplete = "current-password",
    .more = " maxlength=\"1024\"",
};
static const HtmlField NEW_PASSWORD = {
    .name = "password",
    .label_key = "people.field.new_password",
    .type = "password",
    .autocomplete = "new-password",
    .hint_key = "people.field.password_hint",
    .more = " minlength=\"10\" maxlength=\"1024\"",
};
static const HtmlField CODE = {
    .name = "code",
    .label_key = "people.field.code",
    .type = "text",
    .autocomplete = "one-time-code",
    .hint_key = "people.field.code_now_hint",
    .more = " inputmode=\"numeric\" maxlength=\"12\" autofocus",
};

static void show_back(Cx *cx, HttpResp *rs)
{
    html_say(cx, rs, "<p class=\"hint\"><a href=\"/staff\">", "people.back", "</a></p>");
}

static Status read_field(Cx *cx, const HttpReq *rq, const char *name, Str *ret)
{
    HttpForm form;
    TRY(http_form_read(cx, rq, &form));
    *ret = http_form_text(&form, str_from_cstr(name));
    return ST_OK;
}

/* Whoever is not signed in is sent there: true. */
static bool sent_to_login(Cx *cx, HttpResp *rs)
{
    if (cx->actor.kind == ACTOR_STAFF && cx->actor.session != 0)
        return false;
    http_redirect(cx, rs, 303, STR("/login"));
    return true;
}

/* --- password -------------------------------------------------------------------------------- */

static Status show_password(Cx *cx, HttpResp *rs)
{
    html_begin(cx, rs, "people.password.title", false);
    html_problem(cx, rs);
    html_form(cx, rs, "/staff/password", STR(""));
    html_field(cx, rs, &OLD_PASSWORD);
    html_field(cx, rs, &NEW_PASSWORD);
    html_say(cx, rs, "<button>", "people.save_password", "</button></form>");
    html_say(cx, rs, "<p class=\"hint\">", "people.password.note", "</p>");
    show_back(cx, rs);
    html_end(rs);
    return ST_OK;
}

/* GET /staff/password */
static Status get_password(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    return sent_to_login(cx, rs) ? ST_OK : show_password(cx, rs);
}

/* POST /staff/password */
static Status post_password(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleLogin login;
    Str         old, new;
    TRY(read_field(cx, rq, "old_password", &old));
    TRY(read_field(cx, rq, "password", &new));
    Status st = people_password_change(cx, old, new, &login);
    if (st != ST_OK) {
        TRY(people_as_page(cx, rs, st));
        return show_password(cx, rs);
    }
    people_set_session(cx, rq, rs, &login);
    http_redirect(cx, rs, 303, STR("/staff"));
    return ST_OK;
}

/* --- second step ----------------------------------------------------------------------------- */

static const char TITLE[] = "people.two_step.title";

static void password_form(Cx *cx, HttpResp *rs, const char *action, const char *key, bool quiet)
{
    html_form(cx, rs, action, STR(""));
    html_field(cx, rs, &OLD_PASSWORD);
    html_say(cx, rs, quiet ? "<button class=\"quiet\">" : "<button>", key, "</button></form>");
}

static Status show_two_step(Cx *cx, HttpResp *rs)
{
    Buf        *b = &rs->body;
    PeopleStaff me;
    int64_t     left;
    TRY(people_staff_get(cx, cx->actor.id, &me));
    TRY(people_recovery_left(cx, &left));
    html_begin(cx, rs, TITLE, false);
    html_problem(cx, rs);
    if (me.two_step) {
        buf_add(b, STR("<p>"));
        message_html(b, cx->lang, "people.two_step.on", msg_i("n", left));
        html_say(cx, rs, "</p><h2>", "people.two_step.codes_title", "</h2>");
        html_say(cx, rs, "<p>", "people.two_step.codes_text", "</p>");
        password_form(cx, rs, "/staff/two-step/codes", "people.two_step.codes_button", true);
        html_say(cx, rs, "<h2>", "people.two_step.switch_off", "</h2>");
        password_form(cx, rs, "/staff/two-step/off", "people.two_step.switch_off", true);
    } else {
        html_say(cx, rs, "<p>", "people.two_step.off", "</p>");
        password_form(cx, rs, "/staff/two-step/begin", "people.two_step.set_up", false);
    }
    show_back(cx, rs);
    html_end(rs);
    return ST_OK;
}

/* GET /staff/two-step */
static Status get_two_step(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    return sent_to_login(cx, rs) ? ST_OK : show_two_step(cx, rs);
}

/* How an app gets the key: by its camera, by hand, by a link. */
static Status show_key(Cx *cx, HttpResp *rs, const PeopleTotp *totp)
{
    Buf *b = &rs->body;
    html_say(cx, rs, "<li><p>", "people.two_step.scan", "</p>");
    TRY(qr_add_svg(b, totp->uri, message(cx->arena, cx->lang, "people.two_step.qr", MSG_NONE),
                   &cx->err));
    html_say(cx, rs, "<p>", "people.two_step.or_type", "</p><p class=\"secret\">");
    for (size_t i = 0; i < totp->secret.len; i += 4) {
        size_t n = totp->secret.len - i < 4 ? totp->secret.len - i : 4;
        buf_addf(b, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(((Str){totp->secret.ptr + i, n})));
    }
    buf_add(b, STR("</p><p>"));
    message_html(b, cx->lang, "people.two_step.add_directly", msg_s("uri", totp->uri));
    buf_add(b, STR("</p></li>"));
    return ST_OK;
}

static Status show_confirm(Cx *cx, HttpResp *rs, const PeopleTotp *totp)
{
    html_begin(cx, rs, TITLE, false);
    html_problem(cx, rs);
    if (totp != NULL) {
        buf_add(&rs->body, STR("<ol>"));
        TRY(show_key(cx, rs, totp));
        html_say(cx, rs, "<li><p>", "people.two_step.type_code", "</p>");
    }
    html_form(cx, rs, "/staff/two-step/confirm", STR(""));
    html_field(cx, rs, &CODE);
    html_say(cx, rs, "<button>", "people.two_step.switch_on", "</button></form>");
    if (totp != NULL)
        buf_add(&rs->body, STR("</li></ol>"));
    else
        html_say(cx, rs, "<p class=\"hint\">", "people.two_step.again", "</p>");
    html_end(rs);
    return ST_OK;
}

/* POST /staff/two-step/begin */
static Status post_begin(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleTotp totp;
    Str        password;
    TRY(read_field(cx, rq, "old_password", &password));
    Status st = people_totp_begin(cx, password, &totp);
    if (st != ST_OK) {
        TRY(people_as_page(cx, rs, st));
        return show_two_step(cx, rs);
    }
    return show_confirm(cx, rs, &totp);
}

static void show_codes(Cx *cx, HttpResp *rs, const PeopleTexts *codes)
{
    Buf *b = &rs->body;
    html_begin(cx, rs, "people.codes.title", false);
    html_say(cx, rs, "<p>", "people.codes.text", "</p><ul class=\"codes\">");
    for (size_t i = 0; i < codes->n; i++)
        buf_addf(b, "<li>" STR_FMT "</li>", STR_ARG(codes->items[i]));
    html_say(cx, rs, "</ul><p><a href=\"/staff\">", "people.codes.kept", "</a></p>");
    html_end(rs);
}

/* POST /staff/two-step/confirm */
static Status post_confirm(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleTexts codes;
    PeopleLogin login;
    Str         code;
    TRY(read_field(cx, rq, "code", &code));
    Status st = people_totp_confirm(cx, code, &codes, &login);
    if (st != ST_OK) {
        TRY(people_as_page(cx, rs, st));
        return show_confirm(cx, rs, NULL);
    }
    people_set_session(cx, rq, rs, &login);
    show_codes(cx, rs, &codes);
    return ST_OK;
}

/* POST /staff/two-step/codes */
static Status post_codes(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleTexts codes;
    Str         password;
    TRY(read_field(cx, rq, "old_password", &password));
    Status st = people_recovery_renew(cx, password, &codes);
    if (st != ST_OK) {
        TRY(people_as_page(cx, rs, st));
        return show_two_step(cx, rs);
    }
    show_codes(cx, rs, &codes);
    return ST_OK;
}

/* POST /staff/two-step/off */
static Status post_off(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PeopleLogin login;
    Str         password;
    TRY(read_field(cx, rq, "old_password", &password));
    Status st = people_totp_off(cx, password, &login);
    if (st != ST_OK) {
        TRY(people_as_page(cx, rs, st));
        return show_two_step(cx, rs);
    }
    people_set_session(cx, rq, rs, &login);
    http_redirect(cx, rs, 303, STR("/staff"));
    return ST_OK;
}

#define PAGE(path, fn)                                                                             \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(path), .handler = (fn),                            \
        .flags = HTTP_PUBLIC | HTTP_HIDDEN, .out_type = "text/html"                                \
    }
#define FORM(path, fn)                                                                             \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(path), .handler = (fn), .flags = HTTP_HIDDEN,     \
        .body = HTTP_BODY_FORM, .body_max = 65536, .out_type = "text/html"                         \
    }

static const HttpRoute ROUTES[] = {
    PAGE("/staff/password", get_password),         FORM("/staff/password", post_password),
    PAGE("/staff/two-step", get_two_step),         FORM("/staff/two-step/begin", post_begin),
    FORM("/staff/two-step/confirm", post_confirm), FORM("/staff/two-step/codes", post_codes),
    FORM("/staff/two-step/off", post_off),
};
const HttpRoutes people_own_routes = {"Pages of one's account", ROUTES, COUNT_OF(ROUTES)};
