/* A server with two pages, for bench_http.py: JSON written by shape, and HTML put together
 * line by line, each made anew for every request. `bench_http --write DIR` writes the same
 * bytes as files, for the peer; otherwise it serves until its input ends. */
#include "base/log.h"
#include "base/shape.h"
#include "http/http_builtin.h"
#include "http/http_server.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Variant {
    int64_t id;
    Str     sku;
    Str     title;
    Money   price;
    int64_t stock;
} Variant;

typedef struct Product {
    int64_t id;
    Str     title;
    Str     description;
    UnixMs  changed;
    struct {
        Variant *items;
        size_t   n;
    } variants;
} Product;

static const ShapeField VARIANT_FIELDS[] = {
    SHAPE_ID(Variant, id, "var"), SHAPE_TEXT(Variant, sku),  SHAPE_TEXT(Variant, title),
    SHAPE_MONEY(Variant, price),  SHAPE_INT(Variant, stock),
};
static const Shape variant_shape = SHAPE_OF(Variant, "Variant", VARIANT_FIELDS);

static const ShapeField PRODUCT_FIELDS[] = {
    SHAPE_ID(Product, id, "prd"),
    SHAPE_TEXT(Product, title),
    SHAPE_TEXT(Product, description),
    SHAPE_TIME(Product, changed),
    SHAPE_LIST(Product, variants, Variant, &variant_shape),
};
static const Shape product_shape = SHAPE_OF(Product, "Product", PRODUCT_FIELDS);

enum { VARIANTS = 12, LINES = 72 };

static Status json_page(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    static Variant variants[VARIANTS];
    Product        p = {.id = 12345678901234,
                        .title = STR("Thermo mug, 350 ml"),
                        .description = STR("Keeps tea warm for six hours & coffee for five."),
                        .changed = {1763816400000},
                        .variants = {variants, VARIANTS}};
    (void)cx;
    for (int64_t i = 0; i < VARIANTS; i++)
        variants[i] = (Variant){.id = 98765432109876 + i,
                                .sku = STR("MUG-350-GREEN"),
                                .title = STR("Green, 350 ml, with lid"),
                                .price = MONEY(1995 + i, "EUR"),
                                .stock = 17 * i};
    http_reply(rq, rs, &p);
    return ST_OK;
}

static Status html_page(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)cx;
    (void)rq;
    rs->type = "text/html; charset=utf-8";
    buf_add(&rs->body, STR("<!doctype html><html lang=\"en\"><head><title>Mugs</title></head>"
                           "<body><ul class=\"products\">\n"));
    for (int i = 0; i < LINES; i++) {
        buf_add(&rs->body, STR("<li class=\"card\"><a href=\"/products/mug-"));
        buf_add_i64(&rs->body, i);
        buf_add(&rs->body, STR("\"><h2>"));
        buf_add_html(&rs->body, STR("Mug \"Dawn\" & saucer"));
        buf_add(&rs->body, STR("</h2></a><p class=\"price\">"));
        buf_add_i64(&rs->body, 1200 + i);
        buf_add(&rs->body, STR("</p></li>\n"));
    }
    buf_add(&rs->body, STR("</ul></body></html>\n"));
    return ST_OK;
}

enum { QUICK = HTTP_QUICK | HTTP_PUBLIC };

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/product.json"), json_page, .flags = QUICK, .out = &product_shape},
    {HTTP_GET, STR_INIT("/page.html"), html_page, .flags = QUICK},
    {HTTP_GET, STR_INIT("/worker/product.json"), json_page, .flags = HTTP_PUBLIC,
     .out = &product_shape},
};
static const HttpRoutes TABLES[] = {{"Bench", ROUTES, COUNT_OF(ROUTES)}};

static HttpApp app = {.tables = TABLES, .ntables = COUNT_OF(TABLES)};

static int write_file(const char *dir, const char *name)
{
    char     path[4096], target[64];
    Arena    a;
    Cx       cx = {0};
    HttpResp rs;
    arena_init(&a, 65536);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(target, sizeof target, "/%s", name);
    HttpReq rq = {.target = str_from_cstr(target)};
    ASSERT(cx_begin(&cx, &a, NULL, clock_now()) == ST_OK);
    http_dispatch(&app, &cx, &rq, &rs);
    FILE *f = fopen(path, "we");
    int   bad = f == NULL || fwrite(rs.body.ptr, 1, rs.body.len, f) != rs.body.len;
    bad = (f != NULL && fclose(f) != 0) || bad;
    http_resp_done(&rs);
    cx_end(&cx);
    arena_done(&a);
    return bad;
}

int main(int argc, char **argv)
{
    Err         err;
    HttpServer *server;
    char        byte;
    http_app_index(&app);
    log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC); /* lines are made, but nobody wants them */
    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return write_file(argv[2], "product.json") + write_file(argv[2], "page.html");
    if (http_server_start(&(HttpServerOptions){.per_address_max = 2000}, &app, &server, &err) !=
        ST_OK) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    printf("%u\n", http_server_port(server));
    (void)fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    http_server_stop(server);
    return 0;
}
