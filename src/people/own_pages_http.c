/* The pages of one's own account: password and second step. */
#include "http/http_form.h"
#include "people/html_http.h"
#include "people/people_http.h"
#include "people/shared_http.h"

static const HtmlField OLD_PASSWORD = {
    "old_password", "Password now",        "password", "current-password",
    NULL,           " maxlength=\"1024\"", {0}};
static const HtmlField NEW_PASSWORD = {"password",
                                       "New password",
                                       "password",
                                       "new-password",
                                       "At least 10 characters. A few unrelated words do well.",
                                       " minlength=\"10\" maxlength=\"1024\"",
                                       {0}};
static const HtmlField CODE = {"code",
                               "Code",
                               "text",
                               "one-time-code",
                               "The six digits that the app shows now.",
                               " inputmode=\"numeric\" maxlength=\"12\" autofocus",
                               {0}};

static const char BACK[] = "<p class=\"hint\"><a href=\"/staff\">Back</a></p>";

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
    html_begin(cx, rs, "Change your password", false);
    html_problem(cx, rs);
    html_form(cx, rs, "/staff/password", STR(""));
    html_field(cx, rs, &OLD_PASSWORD);
    html_field(cx, rs, &NEW_PASSWORD);
    buf_add(&rs->body, STR("<button>Save the password</button></form><p class=\"hint\">You stay "
                           "signed in here; all your other sessions end.</p>"));
    buf_add(&rs->body, str_from_cstr(BACK));
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

static const char TITLE[] = "Two-step sign-in";

static void password_form(Cx *cx, HttpResp *rs, const char *action, const char *button, bool quiet)
{
    html_form(cx, rs, action, STR(""));
    html_field(cx, rs, &OLD_PASSWORD);
    buf_addf(&rs->body, "<button%s>%s</button></form>", quiet ? " class=\"quiet\"" : "", button);
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
        buf_addf(b,
                 "<p>It is on: besides your password you type a code from your app. You have "
                 "%lld recovery codes left.</p><h2>New recovery codes</h2>"
                 "<p>The old ones become worthless.</p>",
                 (long long)left);
        password_form(cx, rs, "/staff/two-step/codes", "Make new codes", true);
        buf_add(b, STR("<h2>Switch it off</h2>"));
        password_form(cx, rs, "/staff/two-step/off", "Switch it off", true);
    } else {
        buf_add(b, STR("<p>It is off. With it, whoever learns your password still cannot sign in: "
                       "an app on your phone shows a code that changes every 30 seconds. Any "
                       "authenticator app will do.</p>"));
        password_form(cx, rs, "/staff/two-step/begin", "Set it up", false);
    }
    buf_add(b, str_from_cstr(BACK));
    html_end(rs);
    return ST_OK;
}

/* GET /staff/two-step */
static Status get_two_step(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    return sent_to_login(cx, rs) ? ST_OK : show_two_step(cx, rs);
}

static void show_confirm(Cx *cx, HttpResp *rs, const PeopleTotp *totp)
{
    Buf *b = &rs->body;
    html_begin(cx, rs, TITLE, false);
    html_problem(cx, rs);
    if (totp != NULL) {
        buf_add(b, STR("<ol><li><p>In your authenticator app add an account and type this key:</p>"
                       "<p class=\"secret\">"));
        for (size_t i = 0; i < totp->secret.len; i += 4) {
            size_t n = totp->secret.len - i < 4 ? totp->secret.len - i : 4;
            buf_addf(b, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(((Str){totp->secret.ptr + i, n})));
        }
        buf_add(b, STR("</p><p>Reading this on the phone with the app? <a href=\""));
        buf_add_html(b, totp->uri);
        buf_add(b, STR("\">Add it directly</a>.</p></li><li><p>Type the code that it shows:</p>"));
    }
    html_form(cx, rs, "/staff/two-step/confirm", STR(""));
    html_field(cx, rs, &CODE);
    buf_add(b, STR("<button>Switch it on</button></form>"));
    buf_add(b, totp != NULL ? STR("</li></ol>")
                            : STR("<p class=\"hint\"><a href=\"/staff/two-step\">Begin again</a> "
                                  "with another key.</p>"));
    html_end(rs);
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
    show_confirm(cx, rs, &totp);
    return ST_OK;
}

static void show_codes(Cx *cx, HttpResp *rs, const PeopleTexts *codes)
{
    Buf *b = &rs->body;
    html_begin(cx, rs, "Your recovery codes", false);
    buf_add(b, STR("<p>If you lose the phone, each of these lets you in once. Print them or put "
                   "them into your password manager: they are not shown again.</p>"
                   "<ul class=\"codes\">"));
    for (size_t i = 0; i < codes->n; i++)
        buf_addf(b, "<li>" STR_FMT "</li>", STR_ARG(codes->items[i]));
    buf_add(b, STR("</ul><p><a href=\"/staff\">I have kept them</a></p>"));
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
        show_confirm(cx, rs, NULL);
        return ST_OK;
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
