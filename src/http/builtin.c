#include "http/http_builtin.h"

#include "base/metric.h"
#include "http/http_int.h"

#include <stdio.h>
#include <xxhash.h>

static Status healthz(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)cx;
    (void)rq;
    buf_add(&rs->body, STR("{\"status\":\"ok\"}\n"));
    return ST_OK;
}

static Status readyz(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    if (atomic_load(&rq->app->index->stopping) > 0)
        return cx_fail(cx, ST_BUSY, "http.stopping", "the server is stopping");
    if (rq->app->hooks.ready != NULL)
        TRY(rq->app->hooks.ready(cx));
    buf_add(&rs->body, STR("{\"status\":\"ready\"}\n"));
    return ST_OK;
}

static bool from_here(const HttpReq *rq)
{
    static const Str PROXY_HEADERS[] = {STR_INIT("X-Forwarded-For"), STR_INIT("Forwarded"),
                                        STR_INIT("X-Real-IP"), STR_INIT("Via")};
    for (size_t i = 0; i < COUNT_OF(PROXY_HEADERS); i++)
        if (http_header(rq, PROXY_HEADERS[i]).ptr != NULL)
            return false;
    return str_starts(rq->peer, STR("127.")) || str_eq(rq->peer, STR("::1"));
}

static Status metrics(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    if (!from_here(rq))
        TRY(cx_require(cx, "system.read"));
    metrics_write(&rs->body);
    return ST_OK;
}

static Status openapi(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    struct HttpIndex *index = rq->app->index;
    (void)cx;
    pthread_mutex_lock(&index->lock);
    if (index->openapi.len == 0) {
        http_openapi_write(rq->app, &index->openapi);
        snprintf(index->openapi_tag, sizeof index->openapi_tag, "\"%016llx\"",
                 (unsigned long long)XXH3_64bits(index->openapi.ptr, index->openapi.len));
    }
    pthread_mutex_unlock(&index->lock);
    rs->borrowed = buf_str(&index->openapi); /* never changes again */
    rs->etag = str_from_cstr(index->openapi_tag);
    rs->cache_control = "no-cache";
    return ST_OK;
}

enum { IN_MEMORY = HTTP_QUICK | HTTP_MEMORY | HTTP_PUBLIC | HTTP_NO_AUTH };

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/healthz"), healthz, .flags = IN_MEMORY | HTTP_HIDDEN},
    {HTTP_GET, STR_INIT("/readyz"), readyz, .flags = HTTP_PUBLIC | HTTP_NO_AUTH | HTTP_HIDDEN},
    {HTTP_GET, STR_INIT("/metrics"), metrics, .flags = HTTP_PUBLIC | HTTP_HIDDEN,
     .out_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"},
    {HTTP_GET, STR_INIT("/api/v1/openapi.json"), openapi, .flags = IN_MEMORY,
     .out_type = "application/json", .summary = "This document"},
};

const HttpRoutes http_builtin_routes = {"System", ROUTES, COUNT_OF(ROUTES)};
