#include "app/welcome.h"

#include "app/assets.h"

static const struct {
    const char *href, *name, *what;
} LINKS[] = {
    {"/api/v1/openapi.json", "The API", "OpenAPI 3.1, for your client generator"},
    {"/readyz", "Health", "can it take orders right now?"},
    {"/metrics", "Metrics", "for Prometheus and its kin, from this machine"},
};

static Status get_welcome(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    Str css = assets_url(cx->arena, STR("welcome.css"));
    Str icon = assets_url(cx->arena, STR("icon.svg"));
    buf_addf(&rs->body,
             "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width\"><title>Rapport</title>"
             "<link rel=\"icon\" href=\"" STR_FMT "\"><link rel=\"stylesheet\" href=\"" STR_FMT
             "\"></head><body><main><h1>Rapport is running</h1>"
             "<p>The shop is filled and managed through its API.</p><ul>",
             STR_ARG(icon), STR_ARG(css));
    for (size_t i = 0; i < COUNT_OF(LINKS); i++)
        buf_addf(&rs->body, "<li><a href=\"%s\">%s<span>%s</span></a></li>", LINKS[i].href,
                 LINKS[i].name, LINKS[i].what);
    buf_add(&rs->body, STR("</ul></main></body></html>\n"));
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
