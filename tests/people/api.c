#include "people/api.h"

#include "base/json_read.h"

#include <stdlib.h>

static HttpApp app;

static const HttpApp *the_app(void)
{
    static HttpRoutes tables[7];
    if (app.index == NULL) {
        tables[0] = people_routes;
        tables[1] = people_admin_routes;
        tables[2] = people_page_routes;
        tables[3] = people_own_routes;
        tables[4] = people_session_routes;
        tables[5] = people_customer_routes;
        tables[6] = people_account_routes;
        app = (HttpApp){.tables = tables,
                        .ntables = COUNT_OF(tables),
                        .title = "Rapport",
                        .version = "0",
                        .hooks = {.authenticate = people_authenticate}};
        http_app_index(&app);
    }
    return &app;
}

Api api_of(World *w)
{
    return (Api){.w = w};
}

static Str joined(Arena *a, const char *before, Str value)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 65536);
    buf_addf(&b, "%s" STR_FMT, before, STR_ARG(value));
    return str_dup(a, buf_str(&b));
}

static size_t headers_of(Api *api, const char *body, HttpPair *ret)
{
    Arena *a = &api->w->arena;
    size_t n = 0;
    ret[n++] = (HttpPair){STR("User-Agent"), STR("Browser/1.0")};
    if (body != NULL)
        ret[n++] = (HttpPair){STR("Content-Type"), body[0] == '{'
                                                       ? STR("application/json")
                                                       : STR("application/x-www-form-urlencoded")};
    if (api->cookie.len > 0)
        ret[n++] = (HttpPair){STR("Cookie"), joined(a, "session=", api->cookie)};
    if (api->customer.len > 0)
        ret[n++] = (HttpPair){STR("Cookie"), joined(a, "customer=", api->customer)};
    if (api->csrf.len > 0)
        ret[n++] = (HttpPair){STR("X-CSRF-Token"), api->csrf};
    if (api->bearer.len > 0)
        ret[n++] = (HttpPair){STR("Authorization"), joined(a, "Bearer ", api->bearer)};
    if (api->if_match.len > 0)
        ret[n++] = (HttpPair){STR("If-Match"), api->if_match};
    if (api->key.len > 0)
        ret[n++] = (HttpPair){STR("Idempotency-Key"), api->key};
    if (api->origin.len > 0)
        ret[n++] = (HttpPair){STR("Sec-Fetch-Site"), api->origin};
    if (api->lang.len > 0)
        ret[n++] = (HttpPair){STR("Accept-Language"), api->lang};
    return n;
}

static void take_cookie(Api *api)
{
    Str name, value, rest;
    if (api->set_cookie.ptr == NULL)
        return;
    str_cut(api->set_cookie, ';', &value, &rest);
    str_cut(value, '=', &name, &value);
    *(str_eq(name, STR("customer")) ? &api->customer : &api->cookie) = value;
}

static void take_reply(Api *api, HttpResp *rs)
{
    Arena *a = &api->w->arena;
    api->status = rs->status;
    api->body = str_dup(a, buf_str(&rs->body));
    api->etag = str_dup(a, rs->etag);
    api->location = api->retry_after = api->set_cookie = (Str){0};
    for (size_t i = 0; i < rs->nheaders; i++) {
        Str name = rs->headers[i].name, value = str_dup(a, rs->headers[i].value);
        if (str_eq(name, STR("Location")))
            api->location = value;
        else if (str_eq(name, STR("Retry-After")))
            api->retry_after = value;
        else if (str_eq(name, STR("Set-Cookie")))
            api->set_cookie = value;
    }
    take_cookie(api);
}

void api_send(Api *api, HttpMethod method, const char *target, const char *body)
{
    HttpPair headers[10];
    Cx       cx = {0};
    HttpReq  rq = {.method = method,
                   .target = str_from_cstr(target),
                   .headers = headers,
                   .nheaders = headers_of(api, body, headers),
                   .peer = STR("203.0.113.7"),
                   .body = str_from_cstr(body)};
    HttpResp rs;
    assert_ok(cx_begin(&cx, &api->w->arena, api->w->db, api->w->cx.now), &cx.err);
    http_dispatch(the_app(), &cx, &rq, &rs);
    take_reply(api, &rs);
    http_resp_done(&rs);
    cx_end(&cx);
}

Str api_text(Api *api, const char *path)
{
    const JsonValue *v = NULL;
    Err              err = {0};
    Str              rest = str_from_cstr(path), part;
    assert_ok(json_parse(&api->w->arena, api->body, &v, &err), &err);
    while (rest.len > 0 && v != NULL) {
        int64_t i;
        str_cut(rest, '.', &part, &rest);
        if (v->type == JSON_ARRAY && str_parse_i64(part, &i))
            v = (uint64_t)i < v->n ? &v->items[i] : NULL;
        else
            v = json_get(v, part);
    }
    if (v != NULL && (v->type == JSON_STRING || v->type == JSON_NUMBER))
        return v->text;
    fail_msg("no %s in " STR_FMT, path, STR_ARG(api->body));
    return (Str){0};
}

bool api_has(const Api *api, const char *text)
{
    return api->body.len > 0 && memmem(api->body.ptr, api->body.len, text, strlen(text)) != NULL;
}

void api_sign_in(Api *api, const char *email)
{
    char body[256];
    snprintf(body, sizeof body, "{\"email\":\"%s\",\"password\":\"correct horse battery\"}", email);
    api_expect(api, 200, HTTP_POST, "/api/v1/session", body);
    assert_str(api_text(api, "state"), "signed_in");
    api->csrf = api_text(api, "csrf_token");
}
