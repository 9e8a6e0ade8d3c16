/* Transfers and counts for staff. */
#include "http/page.h"
#include "stock/document.h"
#include "stock/stock_http.h"

#define READ  "stock.read"
#define WRITE "stock.write"

static Status page_of(Cx *cx, const HttpReq *rq, Page *ret, int64_t *ret_before)
{
    TRY(page_read(cx, rq, ret));
    if (ret->backwards)
        return cx_fail(cx, ST_INVALID, "http.bad_param", "this list goes forwards only");
    *ret_before = ret->has_after ? ret->id : 0;
    ret->has_after = false;
    return ST_OK;
}

/* --- transfers ---------------------------------------------------------------------------- */

static PageKey transfer_key(const void *row)
{
    return (PageKey){.id = ((const Transfer *)row)->id};
}

static Status list_transfers(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page      page;
    int64_t   before;
    Transfers rows;
    TRY(page_of(cx, rq, &page, &before));
    TRY(stock_transfers(cx, before, page.limit + 1, &rows));
    page_reply(cx, rq, rs, &page, rows.items, rows.n, transfer_key);
    return ST_OK;
}

static Status post_transfer(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(stock_transfer_create(cx, rq->in));
    rs->status = 201;
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

static Status get_transfer(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t  id;
    Transfer t;
    TRY(http_param_id(cx, rq, 0, STOCK_TRANSFER_ID, &id));
    TRY(stock_transfer_get(cx, id, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

static Status post_send(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t  id;
    Transfer t;
    TRY(http_param_id(cx, rq, 0, STOCK_TRANSFER_ID, &id));
    TRY(stock_transfer_send(cx, id, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

typedef struct Arrived {
    int64_t variant_id, received;
} Arrived;
static const ShapeField ARRIVED[] = {
    SHAPE_ID(Arrived, variant_id, CATALOG_VARIANT_ID, .flags = SHAPE_REQUIRED),
    SHAPE_INT(Arrived, received, .min = 0, .max = STOCK_QTY_MAX, .flags = SHAPE_REQUIRED),
};
static const Shape arrived_shape =
    SHAPE_OF(Arrived, "StockArrived", ARRIVED, .doc = "So many of a variant arrived.");

typedef struct Receipt {
    struct {
        Arrived *items;
        size_t   n;
    } lines;
} Receipt;
static const ShapeField RECEIPT[] = {
    SHAPE_LIST(Receipt, lines, Arrived, &arrived_shape, .max = STOCK_LINES_MAX,
               .doc = "Absent: all of it. What is not here is lost."),
};
static const Shape receipt_shape =
    SHAPE_OF(Receipt, "StockReceipt", RECEIPT, .doc = "What arrived of a transfer.");

static Status post_receive(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Receipt *in = rq->in;
    int64_t        id;
    Transfer       t;
    TransferLines  lines = {arena_array(cx->arena, TransferLine, in->lines.n + 1), in->lines.n};
    for (size_t i = 0; i < in->lines.n; i++)
        lines.items[i] = (TransferLine){.variant_id = in->lines.items[i].variant_id,
                                        .received = in->lines.items[i].received};
    TRY(http_param_id(cx, rq, 0, STOCK_TRANSFER_ID, &id));
    TRY(stock_transfer_receive(cx, id, &lines, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

static Status post_cancel(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t  id;
    Transfer t;
    TRY(http_param_id(cx, rq, 0, STOCK_TRANSFER_ID, &id));
    TRY(stock_transfer_cancel(cx, id, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

/* --- counts ------------------------------------------------------------------------------- */

static PageKey count_key(const void *row)
{
    return (PageKey){.id = ((const Count *)row)->id};
}

static Status list_counts(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page    page;
    int64_t before;
    Counts  rows;
    TRY(page_of(cx, rq, &page, &before));
    TRY(stock_counts(cx, before, page.limit + 1, &rows));
    page_reply(cx, rq, rs, &page, rows.items, rows.n, count_key);
    return ST_OK;
}

static Status post_count(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(stock_count_create(cx, rq->in));
    rs->status = 201;
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

static Status get_count(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Count   c;
    TRY(http_param_id(cx, rq, 0, STOCK_COUNT_ID, &id));
    TRY(stock_count_get(cx, id, &c));
    http_reply(rq, rs, &c);
    return ST_OK;
}

typedef struct Counted {
    int64_t variant_id, counted;
} Counted;
static const ShapeField COUNTED[] = {
    SHAPE_ID(Counted, variant_id, CATALOG_VARIANT_ID, .flags = SHAPE_REQUIRED),
    SHAPE_INT(Counted, counted, .min = 0, .max = STOCK_QTY_MAX, .flags = SHAPE_REQUIRED),
};
static const Shape counted_shape =
    SHAPE_OF(Counted, "StockCounted", COUNTED, .doc = "So many of a variant are there.");

typedef struct Sheet {
    struct {
        Counted *items;
        size_t   n;
    } lines;
} Sheet;
static const ShapeField SHEET[] = {
    SHAPE_LIST(Sheet, lines, Counted, &counted_shape, .min = 1, .max = STOCK_LINES_MAX,
               .flags = SHAPE_REQUIRED),
};
static const Shape sheet_shape =
    SHAPE_OF(Sheet, "StockCountSheet", SHEET, .doc = "What was counted.");

static Status post_lines(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Sheet *in = rq->in;
    int64_t      id;
    Count        c;
    CountLines   lines = {arena_array(cx->arena, CountLine, in->lines.n + 1), in->lines.n};
    for (size_t i = 0; i < in->lines.n; i++)
        lines.items[i] = (CountLine){.variant_id = in->lines.items[i].variant_id,
                                     .counted = in->lines.items[i].counted};
    TRY(http_param_id(cx, rq, 0, STOCK_COUNT_ID, &id));
    TRY(stock_count_note(cx, id, &lines, &c));
    http_reply(rq, rs, &c);
    return ST_OK;
}

static Status post_post(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Count   c;
    TRY(http_param_id(cx, rq, 0, STOCK_COUNT_ID, &id));
    TRY(stock_count_post(cx, id, &c));
    http_reply(rq, rs, &c);
    return ST_OK;
}

static Status post_drop(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Count   c;
    TRY(http_param_id(cx, rq, 0, STOCK_COUNT_ID, &id));
    TRY(stock_count_cancel(cx, id, &c));
    http_reply(rq, rs, &c);
    return ST_OK;
}

/* --- routes ------------------------------------------------------------------------------- */

static const HttpParam PAGE_PARAMS[] = {
    {"limit", "Rows of a page.", "integer", false},
    {"after", "Cursor: what comes behind it.", "string", false},
    {0},
};

#define LIST(url, fn, shape_, what)                                                                \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(url), .handler = (fn), .permission = READ,         \
        .flags = HTTP_LIST, .out = &(shape_), .params = PAGE_PARAMS, .summary = (what)             \
    }
#define ONE(url, fn, shape_, what)                                                                 \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(url), .handler = (fn), .permission = READ,         \
        .out = &(shape_), .summary = (what)                                                        \
    }
#define MAKE(url, fn, shape_, what)                                                                \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(url), .handler = (fn), .permission = WRITE,       \
        .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX, .body = HTTP_BODY_JSON, .in = &(shape_),           \
        .out = &(shape_), .status = 201, .summary = (what)                                         \
    }
#define STEP(url, fn, shape_, what)                                                                \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(url), .handler = (fn), .permission = WRITE,       \
        .out = &(shape_), .summary = (what)                                                        \
    }
#define STEP_IN(url, fn, in_, shape_, what)                                                        \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(url), .handler = (fn), .permission = WRITE,       \
        .body = HTTP_BODY_JSON, .in = &(in_), .out = &(shape_), .summary = (what)                  \
    }

static const HttpRoute ROUTES[] = {
    LIST("/api/v1/stock/transfers", list_transfers, stock_transfer_shape,
         "Transfers, newest first"),
    MAKE("/api/v1/stock/transfers", post_transfer, stock_transfer_shape, "Draft a transfer"),
    ONE("/api/v1/stock/transfers/:id", get_transfer, stock_transfer_shape, "One transfer"),
    STEP("/api/v1/stock/transfers/:id/send", post_send, stock_transfer_shape,
         "Send it: its pieces leave"),
    STEP_IN("/api/v1/stock/transfers/:id/receive", post_receive, receipt_shape,
            stock_transfer_shape, "It arrived"),
    STEP("/api/v1/stock/transfers/:id/cancel", post_cancel, stock_transfer_shape,
         "Cancel it: what was sent is back"),
    LIST("/api/v1/stock/counts", list_counts, stock_count_shape, "Counts, newest first"),
    MAKE("/api/v1/stock/counts", post_count, stock_count_shape, "Begin to count"),
    ONE("/api/v1/stock/counts/:id", get_count, stock_count_shape, "One count"),
    STEP_IN("/api/v1/stock/counts/:id/lines", post_lines, sheet_shape, stock_count_shape,
            "Write down what was counted"),
    STEP("/api/v1/stock/counts/:id/post", post_post, stock_count_shape, "Book the differences"),
    STEP("/api/v1/stock/counts/:id/cancel", post_drop, stock_count_shape, "Forget it"),
};
const HttpRoutes stock_document_routes = {"Stock", ROUTES, COUNT_OF(ROUTES)};
