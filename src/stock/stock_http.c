/* Locations, levels and movements for staff. */
#include "stock/stock_http.h"

#include "base/id.h"
#include "http/page.h"
#include "stock/stock.h"

#define READ  "stock.read"
#define WRITE "stock.write"

static PageKey no_key(const void *row)
{
    (void)row;
    return (PageKey){0};
}

/* --- locations ---------------------------------------------------------------------------- */

static Status list_locations(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    StockLocations all;
    TRY(stock_locations(cx, &all));
    const Page page = {.limit = (int64_t)all.n + 1};
    page_reply(cx, rq, rs, &page, all.items, all.n, no_key);
    return ST_OK;
}

static Status get_location(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t       id;
    StockLocation l;
    TRY(http_param_id(cx, rq, 0, STOCK_LOCATION_ID, &id));
    TRY(stock_location_get(cx, id, &l));
    http_reply(rq, rs, &l);
    return ST_OK;
}

static Status post_location(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(stock_location_create(cx, rq->in));
    rs->status = 201;
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

static Status patch_location(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, STOCK_LOCATION_ID, &id));
    TRY(stock_location_update(cx, id, rq->in));
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

static Status delete_location(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, STOCK_LOCATION_ID, &id));
    TRY(stock_location_delete(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

/* --- levels ------------------------------------------------------------------------------- */

static PageKey level_key(const void *row)
{
    const StockRow *r = row;
    return (PageKey){.i64 = r->variant_id, .id = r->location_id};
}

static Status forwards_only(Cx *cx, const Page *page)
{
    if (page->backwards)
        return cx_fail(cx, ST_INVALID, "http.bad_param", "this list goes forwards only");
    return ST_OK;
}

static Status list_levels(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    StockFilter f = {0};
    StockRows   rows;
    Page        page;
    TRY(page_read(cx, rq, &page));
    TRY(forwards_only(cx, &page));
    TRY(http_query_id(cx, rq, STR("location"), STOCK_LOCATION_ID, 0, &f.location_id));
    TRY(http_query_id(cx, rq, STR("variant"), CATALOG_VARIANT_ID, 0, &f.variant_id));
    TRY(http_query_id(cx, rq, STR("product"), CATALOG_PRODUCT_ID, 0, &f.product_id));
    TRY(http_query(cx, rq, STR("sku"), STR(""), &f.sku));
    TRY(http_query_i64(cx, rq, STR("at_most"), -STOCK_QTY_MAX, STOCK_QTY_MAX, 0, &f.low_max));
    f.low = http_query_has(rq, STR("at_most"));
    f.after_variant = page.has_after ? page.key_i64 : 0;
    f.after_location = page.has_after ? page.id : 0;
    f.limit = page.limit + 1;
    TRY(stock_levels(cx, &f, &rows));
    page.has_after = false;
    page_reply(cx, rq, rs, &page, rows.items, rows.n, level_key);
    return ST_OK;
}

typedef struct Sets {
    struct {
        StockSet *items;
        size_t    n;
    } items;
} Sets;
static const ShapeField SETS[] = {
    SHAPE_LIST(Sets, items, StockSet, &stock_set_shape, .min = 1, .max = STOCK_LINES_MAX,
               .flags = SHAPE_REQUIRED),
};
static const Shape sets_shape = SHAPE_OF(Sets, "StockSets", SETS, .doc = "Numbers to be written.");

static Status post_set(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Sets *in = rq->in;
    TRY(stock_set(cx, in->items.items, in->items.n));
    http_reply_none(rs);
    return ST_OK;
}

static Status get_csv(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    TRY(stock_csv_write(cx, &rs->body));
    rs->type = "text/csv; charset=utf-8";
    http_set_header(cx, rs, "Content-Disposition", STR("attachment; filename=\"stock.csv\""));
    return ST_OK;
}

static Status post_csv(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    StockCsvDone done;
    TRY(stock_csv_read(cx, rq->body, &done));
    http_reply(rq, rs, &done);
    return ST_OK;
}

/* --- one variant -------------------------------------------------------------------------- */

static Status get_item(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t   id;
    StockItem item;
    TRY(http_param_id(cx, rq, 0, CATALOG_VARIANT_ID, &id));
    TRY(stock_item_get(cx, id, &item));
    http_reply(rq, rs, &item);
    return ST_OK;
}

static Status put_item(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    StockItem *in = rq->in;
    TRY(http_param_id(cx, rq, 0, CATALOG_VARIANT_ID, &in->variant_id));
    TRY(stock_item_put(cx, in));
    http_reply(rq, rs, in);
    return ST_OK;
}

static PageKey movement_key(const void *row)
{
    return (PageKey){.id = ((const StockMovement *)row)->id};
}

static Status list_movements(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    Page           page;
    StockMovements rows;
    TRY(http_param_id(cx, rq, 0, CATALOG_VARIANT_ID, &id));
    TRY(page_read(cx, rq, &page));
    TRY(forwards_only(cx, &page));
    TRY(stock_movements(cx, id, page.has_after ? page.id : 0, page.limit + 1, &rows));
    page.has_after = false;
    page_reply(cx, rq, rs, &page, rows.items, rows.n, movement_key);
    return ST_OK;
}

/* --- routes ------------------------------------------------------------------------------- */

static const HttpParam LEVEL_PARAMS[] = {
    {"limit", "Rows of a page.", "integer", false},
    {"after", "Cursor: what comes behind it.", "string", false},
    {"location", "Only there.", "id", false},
    {"variant", "Only of it.", "id", false},
    {"product", "Only of its variants.", "id", false},
    {"sku", "Exactly.", "string", false},
    {"at_most", "Only where so many or fewer are available.", "integer", false},
    {0},
};

static const HttpParam PAGE_PARAMS[] = {
    {"limit", "Rows of a page.", "integer", false},
    {"after", "Cursor: what comes behind it.", "string", false},
    {0},
};

static const HttpRoute ROUTES[] = {
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/stock/locations"),
     .handler = list_locations,
     .permission = READ,
     .flags = HTTP_LIST,
     .out = &stock_location_shape,
     .summary = "Warehouses and shops, by priority"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/stock/locations"),
     .handler = post_location,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &stock_location_shape,
     .out = &stock_location_shape,
     .status = 201,
     .summary = "Make a location"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/stock/locations/:id"),
     .handler = get_location,
     .permission = READ,
     .out = &stock_location_shape,
     .summary = "One location"},
    {.method = HTTP_PATCH,
     .pattern = STR_INIT("/api/v1/stock/locations/:id"),
     .handler = patch_location,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .mode = SHAPE_PATCH,
     .in = &stock_location_shape,
     .out = &stock_location_shape,
     .summary = "Change a location"},
    {.method = HTTP_DELETE,
     .pattern = STR_INIT("/api/v1/stock/locations/:id"),
     .handler = delete_location,
     .permission = WRITE,
     .status = 204,
     .summary = "Delete a location where no stock ever was"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/stock/levels"),
     .handler = list_levels,
     .permission = READ,
     .flags = HTTP_LIST,
     .out = &stock_row_shape,
     .params = LEVEL_PARAMS,
     .summary = "What there is of each variant at each location"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/stock/set"),
     .handler = post_set,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &sets_shape,
     .status = 204,
     .summary = "Count, adjust or receive many variants, all or none"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/stock/levels.csv"),
     .handler = get_csv,
     .permission = READ,
     .out_type = "text/csv",
     .summary = "All levels as CSV"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/stock/levels.csv"),
     .handler = post_csv,
     .permission = WRITE,
     .body = HTTP_BODY_RAW,
     .body_max = 32 << 20,
     .out = &stock_csv_done_shape,
     .summary = "Count what a CSV file says"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/stock/variants/:id"),
     .handler = get_item,
     .permission = READ,
     .out = &stock_item_shape,
     .summary = "What is said of a variant's stock"},
    {.method = HTTP_PUT,
     .pattern = STR_INIT("/api/v1/stock/variants/:id"),
     .handler = put_item,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .in = &stock_item_shape,
     .out = &stock_item_shape,
     .summary = "Say when it is low, how many back-orders are taken, when more comes"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/stock/variants/:id/movements"),
     .handler = list_movements,
     .permission = READ,
     .flags = HTTP_LIST,
     .out = &stock_movement_shape,
     .params = PAGE_PARAMS,
     .summary = "Everything that ever changed a variant's stock, newest first"},
};
const HttpRoutes stock_routes = {"Stock", ROUTES, COUNT_OF(ROUTES)};
