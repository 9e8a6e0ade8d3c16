#include "people/html_http.h"

#include "http/http_csrf.h"
#include "people/people_http.h"
#include "text/messages.h"

#include <string.h>

static PeopleAssetUrl *asset_url;

void people_page_assets(PeopleAssetUrl *url)
{
    asset_url = url;
}

static void add_asset(Cx *cx, HttpResp *rs, const char *before, Str name)
{
    if (asset_url == NULL)
        return; /* plain pages are pages, too */
    buf_add(&rs->body, str_from_cstr(before));
    buf_add_html(&rs->body, asset_url(cx->arena, name));
    buf_add(&rs->body, STR("\">"));
}

void html_say(Cx *cx, HttpResp *rs, const char *before, const char *key, const char *after)
{
    buf_add(&rs->body, str_from_cstr(before));
    message_html(&rs->body, cx->lang, key, MSG_NONE);
    buf_add(&rs->body, str_from_cstr(after));
}

void html_begin(Cx *cx, HttpResp *rs, const char *title_key, bool wide)
{
    Buf *b = &rs->body;
    buf_clear(b);
    rs->type = "text/html; charset=utf-8";
    buf_addf(b, "<!doctype html><html lang=\"" STR_FMT "\"><head><meta charset=\"utf-8\">",
             STR_ARG(lang_tag(cx->lang)));
    buf_add(b, STR("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                   "<meta name=\"referrer\" content=\"no-referrer\">"));
    html_say(cx, rs, "<title>", title_key, " · Rapport</title>");
    add_asset(cx, rs, "<link rel=\"icon\" href=\"", STR("icon.svg"));
    add_asset(cx, rs, "<link rel=\"stylesheet\" href=\"", STR("staff.css"));
    buf_addf(b, "</head><body><main class=\"%s\"><p class=\"brand\">Rapport</p>",
             wide ? "wide" : "narrow");
    html_say(cx, rs, "<h1>", title_key, "</h1>");
}

void html_end(HttpResp *rs)
{
    buf_add(&rs->body, STR("</main></body></html>\n"));
}

/* --- forms ----------------------------------------------------------------------------------- */

static const Issue *issue_of(const Cx *cx, const char *name)
{
    for (size_t i = 0; i < cx->issues.n; i++) {
        Str pointer = cx->issues.items[i].pointer;
        if (pointer.len > 1 && str_eq((Str){pointer.ptr + 1, pointer.len - 1}, str_from_cstr(name)))
            return &cx->issues.items[i];
    }
    return NULL;
}

/* What is wrong, by its code where there is a text for it. */
static void add_issue(Cx *cx, HttpResp *rs, const Issue *issue)
{
    CLEANUP(buf_done) Buf key;
    buf_init(&key, 128);
    buf_addf(&key, "issue.%s", issue->code);
    if (message_has(buf_str(&key)))
        message_html(&rs->body, cx->lang, str_cstr(cx->arena, buf_str(&key)), MSG_NONE);
    else
        buf_add_html(&rs->body, issue->detail);
}

/* What is wrong with it, and what is expected. */
static void add_notes(Cx *cx, HttpResp *rs, const HtmlField *f, const Issue *issue)
{
    Buf *b = &rs->body;
    if (issue == NULL && f->hint_key == NULL)
        return;
    buf_addf(b, "<span id=\"%s-note\">", f->name);
    if (issue != NULL) {
        buf_add(b, STR("<span class=\"error\">"));
        add_issue(cx, rs, issue);
        buf_add(b, STR("</span>"));
    }
    if (f->hint_key != NULL)
        html_say(cx, rs, "<span class=\"hint\">", f->hint_key, "</span>");
    buf_add(b, STR("</span>"));
}

void html_field(Cx *cx, HttpResp *rs, const HtmlField *f)
{
    Buf         *b = &rs->body;
    const Issue *issue = issue_of(cx, f->name);
    buf_addf(b, "<p class=\"field\"><label for=\"%s\">", f->name);
    html_say(cx, rs, "", f->label_key, "</label>");
    buf_addf(b, "<input id=\"%s\" name=\"%s\" type=\"%s\" autocomplete=\"%s\" required%s", f->name,
             f->name, f->type, f->autocomplete, f->more != NULL ? f->more : "");
    if (f->value.len > 0) {
        buf_add(b, STR(" value=\""));
        buf_add_html(b, f->value);
        buf_addc(b, '"');
    }
    if (issue != NULL || f->hint_key != NULL)
        buf_addf(b, " aria-describedby=\"%s-note\"", f->name);
    if (issue != NULL)
        buf_addf(b, " aria-invalid=\"true\"%s", issue == cx->issues.items ? " autofocus" : "");
    buf_addc(b, '>');
    add_notes(cx, rs, f, issue);
    buf_add(b, STR("</p>"));
}

static void add_error(Cx *cx, HttpResp *rs)
{
    CLEANUP(buf_done) Buf key;
    buf_init(&key, 128);
    buf_addf(&key, "error.%s", cx->err.code);
    if (message_has(buf_str(&key))) {
        message_html(&rs->body, cx->lang, str_cstr(cx->arena, buf_str(&key)), MSG_NONE);
    } else {
        buf_add_html(&rs->body, str_from_cstr(cx->err.msg));
        buf_addc(&rs->body, '.');
    }
}

void html_problem(Cx *cx, HttpResp *rs)
{
    Buf *b = &rs->body;
    if (cx->err.code == NULL)
        return;
    buf_add(b, STR("<p class=\"problem\" role=\"alert\">"));
    if (cx->issues.n > 0)
        message_html(b, cx->lang, "people.nothing_saved", MSG_NONE);
    else
        add_error(cx, rs);
    buf_add(b, STR("</p>"));
}

void html_form(Cx *cx, HttpResp *rs, const char *action, Str id)
{
    Buf *b = &rs->body;
    buf_addf(b, "<form method=\"post\" action=\"%s", action);
    buf_add_html(b, id);
    buf_add(b, STR("\">"));
    if (cx->actor.session == 0)
        return;
    buf_add(b, STR("<input type=\"hidden\" name=\"csrf_token\" value=\""));
    buf_add_html(b, http_csrf_token(cx));
    buf_add(b, STR("\">"));
}

/* --- words ----------------------------------------------------------------------------------- */

static const char *name_in(Str agent, const char *const pairs[][2], size_t n, const char *other)
{
    for (size_t i = 0; i < n; i++)
        if (agent.len > 0 && memmem(agent.ptr, agent.len, pairs[i][0], strlen(pairs[i][0])) != NULL)
            return pairs[i][1];
    return other;
}

Str html_agent(Arena *a, Lang lang, Str agent)
{
    /* Each calls itself by the names of those below, too. */
    static const char *const BROWSERS[][2] = {{"Firefox/", "Firefox"}, {"Edg/", "Edge"},
                                              {"OPR/", "Opera"},       {"Chrome/", "Chrome"},
                                              {"Safari/", "Safari"},   {"curl/", "curl"}};
    static const char *const SYSTEMS[][2] = {
        {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},  {"Windows", "Windows"},
        {"Mac OS X", "macOS"},  {"CrOS", "ChromeOS"}, {"Linux", "Linux"}};
    const char *os = name_in(agent, SYSTEMS, COUNT_OF(SYSTEMS), NULL);
    const char *known = name_in(agent, BROWSERS, COUNT_OF(BROWSERS), NULL);
    Str         browser =
        known != NULL ? str_from_cstr(known) : message(a, lang, "people.agent.unknown", MSG_NONE);
    if (os == NULL)
        return browser;
    return message(a, lang, "people.agent.on", msg_s("browser", browser),
                   msg_s("system", str_from_cstr(os)));
}
