#include "catalog/import_http.h"

#include "catalog/catalog_int.h"
#include "catalog/export.h"
#include "catalog/import_jobs.h"
#include "catalog/product.h"
#include "catalog/shop.h"
#include "http/page.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define UPLOAD_MAX ((int64_t)1 << 30)

/* These lists go forwards only. */
static Status page_forwards(Cx *cx, const HttpReq *rq, Page *ret)
{
    TRY(page_read(cx, rq, ret));
    if (ret->backwards)
        return cx_fail(cx, ST_INVALID, "http.bad_param", "this list has no `before`");
    return ST_OK;
}

static Status query_format(Cx *cx, const HttpReq *rq, int *ret)
{
    Str name;
    TRY(http_query(cx, rq, STR("format"), STR("auto"), &name));
    for (int i = 0; import_format_names[i] != NULL; i++) {
        if (!str_eq(name, str_from_cstr(import_format_names[i])))
            continue;
        *ret = i;
        return ST_OK;
    }
    return cx_fail(cx, ST_INVALID, "http.bad_param", "format is auto, shopify or woocommerce");
}

static Status query_currency(Cx *cx, const HttpReq *rq, Str *ret)
{
    CatalogShop shop;
    TRY(catalog_shop(cx, &shop));
    TRY(http_query(cx, rq, STR("currency"), shop.currency, ret));
    if (currency_find(*ret) == NULL)
        return cx_fail(cx, ST_INVALID, "catalog.unknown_currency", "\"%.*s\" is no currency",
                       (int)(ret->len < 20 ? ret->len : 20), ret->ptr);
    return ST_OK;
}

/* POST /api/v1/imports?name=…: the file is the body -> 202 Import */
static Status post_import(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    ImportUpload up = {.bytes = rq->body};
    Import       made;
    TRY(query_format(cx, rq, &up.format));
    TRY(query_currency(cx, rq, &up.currency));
    TRY(http_query_bool(cx, rq, STR("dry_run"), false, &up.dry_run));
    TRY(http_query_bool(cx, rq, STR("fetch_images"), false, &up.fetch_images));
    TRY(http_query(cx, rq, STR("name"), STR("products.csv"), &up.name));
    TRY(import_upload(cx, &up, &made));
    rs->status = 202;
    http_reply(rq, rs, &made);
    return ST_OK;
}

/* GET /api/v1/imports: newest first */
static Status list_imports(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page    page;
    Imports list;
    TRY(page_forwards(cx, rq, &page));
    TRY(catalog_imports(cx, page.has_after ? page.id : INT64_MAX, page.limit + 1, &list));
    bool   more = (int64_t)list.n > page.limit;
    size_t n = more ? (size_t)page.limit : list.n;
    Json   j = page_begin(rs);
    for (size_t i = 0; i < n; i++)
        shape_write(&j, NULL, &catalog_import_shape, &list.items[i]);
    page_end(&j, more ? page_cursor(cx, rq, (PageKey){.id = list.items[n - 1].id}) : (Str){0},
             (Str){0});
    return ST_OK;
}

/* GET /api/v1/imports/:id */
static Status get_import(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Import  im;
    TRY(http_param_id(cx, rq, 0, CATALOG_IMPORT_ID, &id));
    TRY(catalog_import_get(cx, id, &im));
    http_reply(rq, rs, &im);
    return ST_OK;
}

/* GET /api/v1/imports/:id/issues */
static Status list_issues(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t      id;
    Import       im;
    Page         page;
    ImportIssues list;
    TRY(http_param_id(cx, rq, 0, CATALOG_IMPORT_ID, &id));
    TRY(page_forwards(cx, rq, &page));
    TRY(catalog_import_get(cx, id, &im));
    int64_t after = page.has_after ? page.id : 0;
    TRY(catalog_import_issues(cx, id, after, page.limit + 1, &list));
    bool   more = (int64_t)list.n > page.limit;
    size_t n = more ? (size_t)page.limit : list.n;
    Json   j = page_begin(rs);
    for (size_t i = 0; i < n; i++)
        shape_write(&j, NULL, &catalog_import_issue_shape, &list.items[i]);
    page_end(&j, more ? page_cursor(cx, rq, (PageKey){.id = after + (int64_t)n}) : (Str){0},
             (Str){0});
    return ST_OK;
}

/* --- export ------------------------------------------------------------------------------- */

static Status write_piece(void *arg, Str bytes, Err *err)
{
    const int *fd = arg;
    while (bytes.len > 0) {
        ssize_t n = write(*fd, bytes.ptr, bytes.len);
        if (n <= 0)
            return err_set(err, ST_IO, "catalog.export_failed", "the file cannot be written");
        bytes = (Str){bytes.ptr + n, bytes.len - (size_t)n};
    }
    return ST_OK;
}

static Str own_origin(Cx *cx, const HttpReq *rq)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    buf_addf(&b, "%s://" STR_FMT, rq->tls ? "https" : "http",
             STR_ARG(http_header(rq, STR("host"))));
    return str_dup(cx->arena, buf_str(&b));
}

/* GET /api/v1/exports/products.csv */
static Status get_export(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    ExportOptions options = {.origin = own_origin(cx, rq)};
    ExportCounts  counts;
    TRY(query_format(cx, rq, &options.format));
    TRY(query_currency(cx, rq, &options.currency));
    int fd = import_temp_file();
    if (fd < 0)
        return cx_fail(cx, ST_IO, "catalog.export_failed", "no temporary file can be made");
    Status  st = catalog_export_products(cx, &options, write_piece, &fd, &counts);
    int64_t size = st == ST_OK ? (int64_t)lseek(fd, 0, SEEK_END) : -1;
    if (st == ST_OK && size < 0)
        st = cx_fail(cx, ST_IO, "catalog.export_failed", "the file cannot be read");
    if (st != ST_OK) {
        close(fd);
        return st;
    }
    rs->file = fd;
    rs->file_size = size;
    rs->type = "text/csv; charset=utf-8";
    http_set_header(cx, rs, "Content-Disposition", STR("attachment; filename=\"products.csv\""));
    return ST_OK;
}

static const HttpParam IMPORT_PARAMS[] = {
    {"format", "auto (told by the columns), shopify or woocommerce.", "string"},
    {"currency", "Of the prices, ISO 4217; the shop's unless given.", "string"},
    {"name", "Of the file, for people.", "string"},
    {"dry_run", "Check and count only.", "boolean"},
    {"fetch_images", "Fetch pictures from their addresses.", "boolean"},
    {0},
};
static const HttpParam EXPORT_PARAMS[] = {
    {"format", "shopify or woocommerce.", "string"},
    {"currency", "Of the prices, ISO 4217; the shop's unless given.", "string"},
    {0},
};

static const HttpRoute ROUTES[] = {
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/imports"),
     .handler = post_import,
     .permission = "catalog.write",
     .body = HTTP_BODY_RAW,
     .body_max = UPLOAD_MAX,
     .out = &catalog_import_shape,
     .status = 202,
     .params = IMPORT_PARAMS,
     .summary = "Import products from a CSV file, which is the body"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/imports"),
     .handler = list_imports,
     .permission = "catalog.read",
     .flags = HTTP_LIST,
     .out = &catalog_import_shape,
     .summary = "Imports, newest first"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/imports/:id"),
     .handler = get_import,
     .permission = "catalog.read",
     .out = &catalog_import_shape,
     .summary = "How far an import is, and what it did"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/imports/:id/issues"),
     .handler = list_issues,
     .permission = "catalog.read",
     .flags = HTTP_LIST,
     .out = &catalog_import_issue_shape,
     .summary = "What was wrong in an import's file, by line"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/exports/products.csv"),
     .handler = get_export,
     .permission = "catalog.read",
     .out_type = "text/csv",
     .params = EXPORT_PARAMS,
     .summary = "All products as a CSV file"},
};

const HttpRoutes catalog_import_routes = {"Import and export", ROUTES, COUNT_OF(ROUTES)};
