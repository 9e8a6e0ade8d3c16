/* Many changes to products at once. */
#include "base/id.h"
#include "catalog/bulk.h"
#include "catalog/product_http.h"

static const char *const BULK_OPS[] = {"create", "update", "delete", NULL};
static const char *const BULK_OUTCOMES[] = {"created", "updated", "unchanged",
                                            "deleted", "failed",  NULL};

typedef struct BulkEntry {
    int     op;
    int64_t id;
    int64_t rev;
    Str     product;
} BulkEntry;

static const ShapeField BULK_ENTRY[] = {
    SHAPE_ENUM(BulkEntry, op, BULK_OPS, .flags = SHAPE_REQUIRED),
    SHAPE_ID(BulkEntry, id, CATALOG_PRODUCT_ID, .doc = "To update or delete."),
    SHAPE_INT(BulkEntry, rev, .min = 0, .max = SHAPE_INT_MAX,
              .doc = "When it is given, it must be the newest."),
    SHAPE_JSON(BulkEntry, product, .max = 16 << 20,
               .doc = "A Product, as for POST or PATCH of one."),
};
static const Shape bulk_entry_shape =
    SHAPE_OF(BulkEntry, "BulkEntry", BULK_ENTRY, .doc = "One change of many.");

typedef struct BulkBody {
    struct {
        BulkEntry *items;
        size_t     n;
    } entries;
} BulkBody;

static const ShapeField BULK[] = {
    SHAPE_LIST(BulkBody, entries, BulkEntry, &bulk_entry_shape, .min = 1, .max = CATALOG_BULK_MAX,
               .flags = SHAPE_REQUIRED),
};
static const Shape bulk_shape = SHAPE_OF(BulkBody, "Bulk", BULK, .doc = "Many changes at once.");

typedef struct BulkIssue {
    Str pointer;
    Str code;
    Str detail;
} BulkIssue;

static const ShapeField BULK_ISSUE[] = {
    SHAPE_TEXT(BulkIssue, pointer, .doc = "Within the product."),
    SHAPE_TEXT(BulkIssue, code),
    SHAPE_TEXT(BulkIssue, detail),
};
static const Shape bulk_issue_shape =
    SHAPE_OF(BulkIssue, "BulkIssue", BULK_ISSUE, .doc = "What is wrong with one value.");

typedef struct BulkResult {
    int    outcome;
    OptI64 id;
    OptI64 rev;
    Str    code;
    Str    detail;
    struct {
        BulkIssue *items;
        size_t     n;
    } errors;
} BulkResult;

static const ShapeField BULK_RESULT[] = {
    SHAPE_ENUM(BulkResult, outcome, BULK_OUTCOMES),
    SHAPE_ID(BulkResult, id, CATALOG_PRODUCT_ID),
    SHAPE_INT(BulkResult, rev),
    SHAPE_TEXT(BulkResult, code, .flags = SHAPE_NULLABLE, .doc = "Why it failed."),
    SHAPE_TEXT(BulkResult, detail, .flags = SHAPE_NULLABLE),
    SHAPE_LIST(BulkResult, errors, BulkIssue, &bulk_issue_shape),
};
static const Shape bulk_result_shape =
    SHAPE_OF(BulkResult, "BulkResult", BULK_RESULT, .doc = "What became of one entry.");

typedef struct BulkReply {
    struct {
        BulkResult *items;
        size_t      n;
    } results; /* in the order of the entries */
    int64_t failed;
} BulkReply;

static const ShapeField BULK_REPLY[] = {
    SHAPE_LIST(BulkReply, results, BulkResult, &bulk_result_shape,
               .doc = "In the order of the entries."),
    SHAPE_INT(BulkReply, failed, .doc = "How many failed."),
};
static const Shape bulk_reply_shape =
    SHAPE_OF(BulkReply, "BulkReply", BULK_REPLY, .doc = "What became of many changes.");

static void bulk_read(Cx *cx, const BulkEntry *in, CatalogBulkEntry *e)
{
    *e = (CatalogBulkEntry){
        .op = in->op, .id = in->id, .rev = in->rev, .outcome = CATALOG_BULK_WAITING};
    Issues issues = {.arena = cx->arena};
    if (in->op != CATALOG_BULK_CREATE && in->id == 0)
        issue_add(&issues, STR("/id"), "required", "is missing");
    if (in->op != CATALOG_BULK_DELETE && in->product.len == 0)
        issue_add(&issues, STR("/product"), "required", "is missing");
    Status st = issues.total == 0
                    ? ST_OK
                    : err_set(&e->err, ST_INVALID, "shape.invalid", "something is missing");
    if (st == ST_OK && in->op != CATALOG_BULK_DELETE)
        st = shape_read(&catalog_product_shape,
                        in->op == CATALOG_BULK_CREATE ? SHAPE_CREATE : SHAPE_PATCH, in->product,
                        cx->arena, &e->product, &issues, &e->err);
    if (st != ST_OK)
        e->outcome = CATALOG_BULK_FAILED;
    e->issues = issues;
}

static void bulk_result(Cx *cx, const CatalogBulkEntry *e, BulkResult *r)
{
    *r = (BulkResult){.outcome = e->outcome};
    if (e->id != 0)
        r->id = opt_i64(e->id);
    if (e->outcome != CATALOG_BULK_FAILED) {
        if (e->outcome != CATALOG_BULK_DELETED)
            r->rev = opt_i64(e->rev);
        return;
    }
    r->code = str_from_cstr(e->err.code);
    r->detail = str_dup(cx->arena, str_from_cstr(e->err.msg));
    r->errors.items = arena_array(cx->arena, BulkIssue, e->issues.n + 1);
    for (size_t i = 0; i < e->issues.n; i++)
        r->errors.items[r->errors.n++] =
            (BulkIssue){e->issues.items[i].pointer, str_from_cstr(e->issues.items[i].code),
                        e->issues.items[i].detail};
}

/* POST /api/v1/products/bulk */
static Status post_bulk(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const BulkBody   *body = rq->in;
    size_t            n = body->entries.n;
    CatalogBulkEntry *entries = arena_array(cx->arena, CatalogBulkEntry, n);
    for (size_t i = 0; i < n; i++)
        bulk_read(cx, &body->entries.items[i], &entries[i]);
    TRY(catalog_products_bulk(cx, entries, n));
    BulkReply reply = {.results = {arena_array(cx->arena, BulkResult, n), n}};
    for (size_t i = 0; i < n; i++) {
        bulk_result(cx, &entries[i], &reply.results.items[i]);
        reply.failed += entries[i].outcome == CATALOG_BULK_FAILED;
    }
    cx->issues.n = cx->issues.total = 0;
    http_reply(rq, rs, &reply);
    return ST_OK;
}

static const HttpRoute ROUTES[] = {
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/products/bulk"),
     .handler = post_bulk,
     .permission = "catalog.write",
     .flags = HTTP_IDEMPOTENT,
     .body = HTTP_BODY_JSON,
     .body_max = 32 << 20,
     .in = &bulk_shape,
     .out = &bulk_reply_shape,
     .summary = "Up to 1,000 changes, each for itself"},
};

const HttpRoutes catalog_bulk_routes = {"Products", ROUTES, COUNT_OF(ROUTES)};
