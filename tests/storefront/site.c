#include "site.h"

#include "base/log.h"
#include "catalog/product_search.h"
#include "channel/storefront/cart_pages.h"
#include "channel/storefront/checkout_page.h"
#include "channel/storefront/order_page.h"
#include "channel/storefront/site.h"

#include <string.h>

void site_open(World *w)
{
    site_open_with(w, TEST_SOURCE_ROOT "/tests/storefront/theme");
}

void site_open_with(World *w, const char *theme)
{
    const PublishedOptions  options = {.manual = true};
    const StorefrontOptions storefront = {.db = w->db, .core = w->cx.core, .theme = theme};
    log_min_level = LOG_ERROR + 1;
    shop_drain(w);
    assert_ok(published_start(w->db, w->cx.core, &options, &w->cx.err), &w->cx.err);
    assert_ok(product_search_start(w->db, &w->cx.err), &w->cx.err);
    StorefrontOptions with_core = storefront;
    with_core.core = w->cx.core;
    assert_ok(storefront_start(&with_core, &w->cx.err), &w->cx.err);
    TotalsTexts countries; /* read into memory, as it is while a shop runs */
    assert_ok(order_delivery_countries(&w->cx, &countries), &w->cx.err);
    site_settle(w);
}

void site_close(World *w)
{
    storefront_stop();
    world_again(w);
    product_search_stop(w->db);
    published_stop(w->db);
    shop_close(w);
}

void site_settle(World *w)
{
    shop_drain(w);
    assert_ok(published_settle(&w->cx), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
}

static Status anybody(Cx *cx, const HttpReq *rq)
{
    (void)cx;
    (void)rq;
    return ST_OK;
}

static Status home(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return storefront_home(cx, rq, rs);
}

static HttpApp *app(void)
{
    static const HttpRoute HOME[] = {{.method = HTTP_GET,
                                      .pattern = STR_INIT("/"),
                                      .handler = home,
                                      .flags = HTTP_PUBLIC | HTTP_NO_AUTH | HTTP_HIDDEN}};
    static HttpRoutes      tables[5];
    static HttpApp it = {.tables = tables, .ntables = 5, .hooks = {.authenticate = anybody}};
    if (it.index == NULL) {
        tables[0] = (HttpRoutes){"Home", HOME, 1};
        tables[1] = storefront_routes;
        tables[2] = cart_routes;
        tables[3] = checkout_routes;
        tables[4] = order_page_routes;
        http_app_index(&it);
    }
    return &it;
}

static const char *header(World *w, const HttpResp *rs, const char *name)
{
    for (size_t i = 0; i < rs->nheaders; i++)
        if (str_eq(rs->headers[i].name, str_from_cstr(name)))
            return str_cstr(&w->arena, rs->headers[i].value);
    return "";
}

static Reply ask(World *w, HttpReq *rq)
{
    HttpResp rs;
    Cx       cx = {0};
    Arena    arena;
    arena_init(&arena, 64 << 10);
    rq->peer = STR("127.0.0.1");
    assert_ok(cx_begin(&cx, &arena, w->db, w->cx.now), &cx.err);
    cx.core = w->cx.core;
    http_dispatch(app(), &cx, rq, &rs);
    cx_end(&cx);
    Str   text = rs.borrowed.ptr != NULL ? rs.borrowed : buf_str(&rs.body);
    Reply r = {.status = rs.status,
               .text = str_cstr(&w->arena, text),
               .len = text.len,
               .type = str_cstr(&w->arena, str_from_cstr(rs.type)),
               .csp = str_cstr(&w->arena, str_from_cstr(rs.csp)),
               .location = header(w, &rs, "Location"),
               .link = header(w, &rs, "Link"),
               .etag = str_cstr(&w->arena, rs.etag),
               .cache = str_cstr(&w->arena, str_from_cstr(rs.cache_control)),
               .statements = cx.statements};
    http_resp_done(&rs);
    arena_done(&arena);
    return r;
}

Reply site_get(World *w, const char *target, const char *name, const char *value)
{
    HttpPair headers[] = {{STR("Host"), STR("shop.example")},
                          {str_from_cstr(name), str_from_cstr(value)}};
    HttpReq  rq = {.method = HTTP_GET,
                   .target = str_from_cstr(target),
                   .headers = headers,
                   .nheaders = name != NULL ? 2 : 1};
    return ask(w, &rq);
}

Reply site_post(World *w, const char *target, const char *form)
{
    HttpPair headers[] = {{STR("Host"), STR("shop.example")},
                          {STR("Content-Type"), STR("application/x-www-form-urlencoded")}};
    HttpReq  rq = {.method = HTTP_POST,
                   .target = str_from_cstr(target),
                   .headers = headers,
                   .nheaders = 2,
                   .body = str_from_cstr(form)};
    return ask(w, &rq);
}

Reply site_page(World *w, const char *target, int status)
{
    Reply r = site_get(w, target, NULL, NULL);
    if (r.status != status)
        fail_msg("GET %s: %d, not %d: %s", target, r.status, status, r.text);
    return r;
}

void assert_has_at(const char *text, const char *part, const char *file, int line)
{
    if (strstr(text, part) == NULL) {
        print_message("# lacks %s\n# in %s\n", part, text);
        _fail(file, line);
    }
}

void assert_lacks_at(const char *text, const char *part, const char *file, int line)
{
    if (strstr(text, part) != NULL) {
        print_message("# has %s\n# in %s\n", part, text);
        _fail(file, line);
    }
}

void site_settings(World *w, const char *json)
{
    Site    site;
    int64_t version;
    assert_ok(setting_get(&w->cx, &site_setting, &site, &version), &w->cx.err);
    assert_ok(shape_read(&site_shape, SHAPE_PATCH, str_from_cstr(json), &w->arena, &site,
                         &w->cx.issues, &w->cx.err),
              &w->cx.err);
    assert_ok(setting_put(&w->cx, &site_setting, version, &site, NULL), &w->cx.err);
    site_settle(w);
}
