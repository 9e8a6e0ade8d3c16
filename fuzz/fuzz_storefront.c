/* Addresses of the storefront: languages, handles, filters, sorting, pages, parts of pages. Each
 * line of the input is one target of a GET; a shop with a few products answers.
 *
 * Whatever is asked: it is no failure of ours, a redirect stays in the shop, and what the address
 * says is never a tag of the page. */
#include "base/log.h"
#include "catalog/collection.h"
#include "catalog/module.h"
#include "catalog/product_search.h"
#include "channel/storefront/storefront.h"
#include "core/core.h"
#include "http/http.h"

#include <string.h>

/* NOLINTNEXTLINE(readability-non-const-parameter): libFuzzer's type */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { LINES_MAX = 4, TARGET_MAX = 2000 };

static Db *db;

static void must(Status st, const Err *err)
{
    if (st != ST_OK)
        (void)fprintf(stderr, "%s: %s\n", err->code, err->msg);
    ASSERT(st == ST_OK);
}

static const char *const PRODUCTS[] = {
    "{\"title\":\"Linen shirt\",\"status\":\"active\",\"vendor\":\"Loom & Co\",\"type\":\"Shirts\","
    "\"tags\":[\"Summer wear\"],\"options\":[{\"name\":\"Size\",\"values\":[{\"name\":\"S\"},"
    "{\"name\":\"M\"}]}],\"variants\":[{\"options\":[\"S\"],\"prices\":[{\"price\":{\"amount\":"
    "5900,"
    "\"currency\":\"EUR\"}}]},{\"options\":[\"M\"],\"prices\":[{\"price\":{\"amount\":6900,"
    "\"currency\":\"EUR\"}}]}]}",
    "{\"title\":\"Mug\",\"status\":\"active\",\"vendor\":\"Clay\",\"variants\":[{\"prices\":[{"
    "\"price\":{\"amount\":1250,\"currency\":\"EUR\"}}]}]}",
    "{\"title\":\"Bowl\",\"status\":\"active\",\"vendor\":\"Clay\",\"variants\":[{}]}",
};

static void fill(Cx *cx)
{
    int64_t           ids[COUNT_OF(PRODUCTS)];
    CatalogCollection c = {0};
    for (size_t i = 0; i < COUNT_OF(PRODUCTS); i++) {
        CatalogProduct p = {0};
        must(shape_read(&catalog_product_shape, SHAPE_CREATE,
                        str_dup(cx->arena, str_from_cstr(PRODUCTS[i])), cx->arena, &p, &cx->issues,
                        &cx->err),
             &cx->err);
        must(catalog_product_create(cx, &p), &cx->err);
        ids[i] = p.id;
    }
    must(shape_read(&catalog_collection_shape, SHAPE_CREATE,
                    str_dup(cx->arena, STR("{\"title\":\"Things\"}")), cx->arena, &c, &cx->issues,
                    &cx->err),
         &cx->err);
    must(catalog_collection_create(cx, &c), &cx->err);
    must(catalog_collection_add(cx, c.id, ids, COUNT_OF(ids)), &cx->err);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libFuzzer's type */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const Module *const MODULES[] = {&catalog_module, &storefront_module};
    static Arena               arena; /* the core's, as long as the program runs */
    Err                        err = {0};
    Cx                         cx = {0};
    const PublishedOptions     published = {.manual = true};
    (void)argc;
    (void)argv;
    log_min_level = LOG_ERROR + 1;
    arena_init(&arena, 1 << 16);
    must(db_open(":memory:", NULL, &db, &err), &err);
    must(core_migrate(db, MODULES, COUNT_OF(MODULES), &err), &err);
    must(cx_begin(&cx, &arena, db, clock_now()), &cx.err);
    cx.actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("fuzz"), .all = true};
    fill(&cx);
    must(published_start(db, NULL, &published, &err), &err);
    must(product_search_start(db, &err), &err);
    must(storefront_start(&(StorefrontOptions){.db = db, .cache_bytes = 1 << 20}, &err), &err);
    must(product_search_settle(&cx), &cx.err);
    cx_end(&cx);
    return 0;
}

static Status anybody(Cx *cx, const HttpReq *rq)
{
    (void)cx;
    (void)rq;
    return ST_OK;
}

static HttpApp *app(void)
{
    static HttpRoutes tables[1];
    static HttpApp    it = {.tables = tables, .ntables = 1, .hooks = {.authenticate = anybody}};
    if (it.index == NULL) {
        tables[0] = storefront_routes;
        http_app_index(&it);
    }
    return &it;
}

static void check(const Cx *cx, const HttpReq *rq, const HttpResp *rs)
{
    static const char TAG[] = "<zz"; /* no theme has it; inputs do, escaped in all ways */
    Str               body = rs->borrowed.ptr != NULL ? rs->borrowed : buf_str(&rs->body);
    if (rs->status >= 500)
        (void)fprintf(stderr, "%d %s: %s\n" STR_FMT "\n", rs->status, cx->err.code, cx->err.msg,
                      STR_ARG(rq->target));
    ASSERT(rs->status < 500 || rs->status == 503);
    ASSERT(body.len == 0 || memmem(body.ptr, body.len, TAG, sizeof TAG - 1) == NULL);
    for (size_t i = 0; i < rs->nheaders; i++) {
        Str to = rs->headers[i].value;
        if (!str_eq(rs->headers[i].name, STR("Location")))
            continue;
        ASSERT(to.len > 0 && to.ptr[0] == '/');
        ASSERT(to.len == 1 || (to.ptr[1] != '/' && to.ptr[1] != '\\'));
    }
}

static void ask(Str target)
{
    HttpPair headers[] = {{STR("Host"), STR("shop.example")}};
    HttpReq  rq = {.method = HTTP_GET,
                   .target = target,
                   .peer = STR("127.0.0.1"),
                   .headers = headers,
                   .nheaders = 1};
    HttpResp rs;
    Cx       cx = {0};
    Arena    arena;
    arena_init(&arena, 64 << 10);
    must(cx_begin(&cx, &arena, db, clock_now()), &cx.err);
    http_dispatch(app(), &cx, &rq, &rs);
    check(&cx, &rq, &rs);
    http_resp_done(&rs);
    cx_end(&cx);
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    Str rest = {(const char *)data, size}, line;
    for (int i = 0; i < LINES_MAX && rest.len > 0; i++) {
        (void)str_cut(rest, '\n', &line, &rest);
        if (line.len > 0 && line.len <= TARGET_MAX && line.ptr[0] == '/')
            ask(line);
    }
    return 0;
}
