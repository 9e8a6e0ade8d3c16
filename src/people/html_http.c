#include "people/html_http.h"

#include "base/civil.h"
#include "http/http_csrf.h"
#include "people/people_http.h"

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

void html_begin(Cx *cx, HttpResp *rs, const char *title, bool wide)
{
    Buf *b = &rs->body;
    buf_clear(b);
    rs->type = "text/html; charset=utf-8";
    buf_add(b, STR("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                   "<meta name=\"referrer\" content=\"no-referrer\"><title>"));
    buf_add_html(b, str_from_cstr(title));
    buf_add(b, STR(" · Rapport</title>"));
    add_asset(cx, rs, "<link rel=\"icon\" href=\"", STR("icon.svg"));
    add_asset(cx, rs, "<link rel=\"stylesheet\" href=\"", STR("staff.css"));
    buf_addf(b,
             "</head><body><main class=\"%s\"><p class=\"brand\">Rapport</p>"
             "<h1>",
             wide ? "wide" : "narrow");
    buf_add_html(b, str_from_cstr(title));
    buf_add(b, STR("</h1>"));
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

void html_field(Cx *cx, HttpResp *rs, const HtmlField *f)
{
    Buf         *b = &rs->body;
    const Issue *issue = issue_of(cx, f->name);
    buf_addf(b,
             "<p class=\"field\"><label for=\"%s\">%s</label><input id=\"%s\" name=\"%s\" "
             "type=\"%s\" autocomplete=\"%s\" required%s",
             f->name, f->label, f->name, f->name, f->type, f->autocomplete,
             f->more != NULL ? f->more : "");
    if (f->value.len > 0) {
        buf_add(b, STR(" value=\""));
        buf_add_html(b, f->value);
        buf_addc(b, '"');
    }
    if (issue != NULL || f->hint != NULL)
        buf_addf(b, " aria-describedby=\"%s-note\"", f->name);
    if (issue != NULL)
        buf_addf(b, " aria-invalid=\"true\"%s", issue == cx->issues.items ? " autofocus" : "");
    buf_addc(b, '>');
    if (issue != NULL) {
        buf_addf(b, "<span class=\"error\" id=\"%s-note\">%s ", f->name, f->label);
        buf_add_html(b, issue->detail);
        buf_add(b, STR(".</span>"));
    } else if (f->hint != NULL) {
        buf_addf(b, "<span class=\"hint\" id=\"%s-note\">%s</span>", f->name, f->hint);
    }
    buf_add(b, STR("</p>"));
}

void html_problem(Cx *cx, HttpResp *rs)
{
    Buf *b = &rs->body;
    if (cx->err.code == NULL)
        return;
    buf_add(b, STR("<p class=\"problem\" role=\"alert\">"));
    if (cx->issues.n > 0)
        buf_add(b, STR("Nothing was saved yet: please look at what is marked below."));
    else
        buf_add_html(b, str_from_cstr(cx->err.msg));
    if (cx->issues.n == 0)
        buf_addc(b, '.');
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

void html_time(HttpResp *rs, UnixMs t)
{
    static const char *const DAYS[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const MONTHS[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int64_t                  day = t.v / SPAN_DAYS(1).v;
    int64_t                  minute = t.v % SPAN_DAYS(1).v / 60000;
    CivilDate                d = civil_from_days(day);
    buf_add(&rs->body, STR("<time datetime=\""));
    clock_add(&rs->body, t);
    buf_addf(&rs->body, "\">%s %d %s %d, %02d:%02d UTC</time>", DAYS[civil_weekday(day)], d.day,
             MONTHS[d.month - 1], d.year, (int)(minute / 60), (int)(minute % 60));
}

static const char *name_in(Str agent, const char *const pairs[][2], size_t n, const char *other)
{
    for (size_t i = 0; i < n; i++)
        if (agent.len > 0 && memmem(agent.ptr, agent.len, pairs[i][0], strlen(pairs[i][0])) != NULL)
            return pairs[i][1];
    return other;
}

void html_agent(HttpResp *rs, Str agent)
{
    /* Each calls itself by the names of those below, too. */
    static const char *const BROWSERS[][2] = {{"Firefox/", "Firefox"}, {"Edg/", "Edge"},
                                              {"OPR/", "Opera"},       {"Chrome/", "Chrome"},
                                              {"Safari/", "Safari"},   {"curl/", "curl"}};
    static const char *const SYSTEMS[][2] = {
        {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},  {"Windows", "Windows"},
        {"Mac OS X", "macOS"},  {"CrOS", "ChromeOS"}, {"Linux", "Linux"}};
    const char *os = name_in(agent, SYSTEMS, COUNT_OF(SYSTEMS), NULL);
    buf_add(&rs->body, str_from_cstr(name_in(agent, BROWSERS, COUNT_OF(BROWSERS), "A browser")));
    if (os != NULL)
        buf_addf(&rs->body, " on %s", os);
}
