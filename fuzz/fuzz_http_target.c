/* Whatever the request target is, taking it apart keeps its promises. */
#include "base/log.h"
#include "http/http.h"
#include "http/page.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Status show(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str     text = {0};
    int64_t n = 0, id = 0;
    bool    on = false;
    Page    page;
    for (size_t i = 0; i < rq->nparams; i++) {
        ASSERT(rq->params[i].len > 0);
        ASSERT(memchr(rq->params[i].ptr, 0, rq->params[i].len) == NULL);
        buf_add(&rs->body, rq->params[i]);
    }
    TRY(http_query_i64(cx, rq, STR("n"), -5, 5, 0, &n));
    ASSERT(n >= -5 && n <= 5);
    TRY(http_query(cx, rq, STR("q"), STR("x"), &text));
    ASSERT(text.len <= rq->query.len + 1);
    TRY(http_query_bool(cx, rq, STR("on"), false, &on));
    TRY(http_query_id(cx, rq, STR("id"), "prd", 0, &id));
    TRY(page_read(cx, rq, &page));
    ASSERT(page.limit >= 1 && page.limit <= PAGE_LIMIT_MAX);
    ASSERT(!page.has_after); /* nobody guesses a MAC */
    return rq->nparams > 0 ? http_param_id(cx, rq, 0, "prd", &id) : ST_OK;
}

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/a"), show, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/a/:x"), show, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/a/:x/b/:y"), show, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/a/b/c"), show, .flags = HTTP_PUBLIC},
    {HTTP_POST, STR_INIT("/a/b/:*rest"), show, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/:*rest"), show, .flags = HTTP_PUBLIC},
};
static const HttpRoutes TABLES[] = {{"A", ROUTES, COUNT_OF(ROUTES)}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char SECRET[32];
    static HttpApp             app = {.tables = TABLES, .ntables = 1};
    if (app.index == NULL) {
        http_app_index(&app);
        http_secret_set(SECRET);
        log_min_level = LOG_ERROR + 1;
    }
    if (size == 0)
        return 0;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 1024);
    Cx cx = {0};
    ASSERT(cx_begin(&cx, &a, NULL, (UnixMs){0}) == ST_OK);
    /* A copy of exactly this size, so that reading past its end is seen. */
    char *copy = malloc(size);
    ASSERT(copy != NULL);
    memcpy(copy, data, size);
    HttpReq  rq = {.method = data[0] % 2 ? HTTP_GET : HTTP_POST, .target = {copy + 1, size - 1}};
    HttpResp rs;
    http_dispatch(&app, &cx, &rq, &rs);
    ASSERT(rs.status == 200 || rs.status == 400 || rs.status == 404 || rs.status == 405 ||
           rs.status == 414);
    if (rs.status == 200)
        ASSERT(rq.route != NULL && rq.path.len > 0 && rq.path.ptr[0] == '/');
    http_resp_done(&rs);
    cx_end(&cx);
    free(copy);
    return 0;
}
