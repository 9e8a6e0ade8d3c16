#include "app/welcome.h"

#include "app/assets.h"
#include "channel/storefront/storefront.h"
#include "text/messages.h"

static const struct {
    const char *href, *name_key, *hint_key;
} LINKS[] = {
    {"/login", "app.welcome.sign_in", "app.welcome.sign_in_hint"},
    {"/api/v1/openapi.json", "app.welcome.api", "app.welcome.api_hint"},
    {"/readyz", "app.welcome.health", "app.welcome.health_hint"},
    {"/metrics", "app.welcome.metrics", "app.welcome.metrics_hint"},
};

static Status get_welcome(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    if (storefront_runs())
        return storefront_home(cx, rq, rs);
    Buf *b = &rs->body;
    Str  css = assets_url(cx->arena, STR("welcome.css"));
    Str  icon = assets_url(cx->arena, STR("icon.svg"));
    buf_addf(b,
             "<!doctype html><html lang=\"" STR_FMT "\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width\"><title>Rapport</title>"
             "<link rel=\"icon\" href=\"" STR_FMT "\"><link rel=\"stylesheet\" href=\"" STR_FMT
             "\"></head><body><main><h1>",
             STR_ARG(lang_tag(cx->lang)), STR_ARG(icon), STR_ARG(css));
    message_html(b, cx->lang, "app.welcome.title", MSG_NONE);
    buf_add(b, STR("</h1><p>"));
    message_html(b, cx->lang, "app.welcome.text", MSG_NONE);
    buf_add(b, STR("</p><ul>"));
    for (size_t i = 0; i < COUNT_OF(LINKS); i++) {
        buf_addf(b, "<li><a href=\"%s\">", LINKS[i].href);
        message_html(b, cx->lang, LINKS[i].name_key, MSG_NONE);
        buf_add(b, STR("<span>"));
        message_html(b, cx->lang, LINKS[i].hint_key, MSG_NONE);
        buf_add(b, STR("</span></a></li>"));
    }
    buf_add(b, STR("</ul></main></body></html>\n"));
    rs->type = "text/html; charset=utf-8";
    return ST_OK;
}

static const HttpRoute ROUTES[] = {
    {.method = HTTP_GET,
     .pattern = STR_INIT("/"),
     .handler = get_welcome,
     .flags = HTTP_QUICK | HTTP_NO_AUTH | HTTP_PUBLIC | HTTP_HIDDEN,
     .out_type = "text/html"},
};

const HttpRoutes welcome_routes = {"Pages", ROUTES, COUNT_OF(ROUTES)};
