/* Staff's API of promotions, codes and taxes, and what a cart would cost. */
#include "order/pricing_http.h"

#include "base/id.h"
#include "catalog/published.h"
#include "http/http_etag.h"
#include "http/page.h"
#include "order/pricing.h"

#define READ  "pricing.read"
#define WRITE "pricing.write"

static Status created(Cx *cx, const HttpReq *rq, HttpResp *rs, const char *path, const char *prefix,
                      int64_t id)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    buf_addf(&b, "%s/", path);
    id_add(&b, prefix, id);
    http_set_header(cx, rs, "Location", buf_str(&b));
    rs->status = 201;
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

/* --- promotions --------------------------------------------------------------------------- */

static PageKey promotion_key(const void *row)
{
    return (PageKey){.id = ((const OrderPromotion *)row)->id};
}

static Status forwards(Cx *cx, const HttpReq *rq, Page *page)
{
    TRY(page_read(cx, rq, page));
    if (page->backwards)
        return cx_fail(cx, ST_INVALID, "http.bad_param", "this list goes forwards only");
    return ST_OK;
}

/* GET /api/v1/promotions: newest first */
static Status get_promotions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page            page;
    OrderPromotions list;
    TRY(forwards(cx, rq, &page));
    TRY(order_promotions(cx, page.id, page.limit + 1, &list));
    page.has_after = false;
    page_reply(cx, rq, rs, &page, list.items, list.n, promotion_key);
    return ST_OK;
}

static Status post_promotion(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    OrderPromotion *p = rq->in;
    TRY(order_promotion_create(cx, p));
    http_etag_rev(cx, rs, p->rev);
    return created(cx, rq, rs, "/api/v1/promotions", ORDER_PROMOTION_ID, p->id);
}

static Status get_promotion(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    OrderPromotion p;
    TRY(http_param_id(cx, rq, 0, ORDER_PROMOTION_ID, &id));
    TRY(order_promotion_get(cx, id, &p));
    http_etag_rev(cx, rs, p.rev);
    http_reply(rq, rs, &p);
    return ST_OK;
}

static Status patch_promotion(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t         id, rev;
    OrderPromotion *p = rq->in;
    TRY(http_param_id(cx, rq, 0, ORDER_PROMOTION_ID, &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(order_promotion_update(cx, id, rev, p));
    http_etag_rev(cx, rs, p->rev);
    http_reply(rq, rs, p);
    return ST_OK;
}

static Status delete_promotion(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id, rev;
    TRY(http_param_id(cx, rq, 0, ORDER_PROMOTION_ID, &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(order_promotion_delete(cx, id, rev));
    http_reply_none(rs);
    return ST_OK;
}

/* --- codes -------------------------------------------------------------------------------- */

static PageKey code_key(const void *row)
{
    return (PageKey){.id = ((const OrderCode *)row)->id};
}

/* GET /api/v1/promotions/:id/codes */
static Status get_codes(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t    id;
    Str        batch;
    Page       page;
    OrderCodes list;
    TRY(http_param_id(cx, rq, 0, ORDER_PROMOTION_ID, &id));
    TRY(forwards(cx, rq, &page));
    TRY(http_query(cx, rq, STR("batch"), STR(""), &batch));
    TRY(order_codes(cx, id, batch, page.id, page.limit + 1, &list));
    page.has_after = false;
    page_reply(cx, rq, rs, &page, list.items, list.n, code_key);
    return ST_OK;
}

static Status post_code(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    OrderCode *c = rq->in;
    TRY(http_param_id(cx, rq, 0, ORDER_PROMOTION_ID, &c->promotion_id));
    TRY(order_code_create(cx, c));
    return created(cx, rq, rs, "/api/v1/promotion-codes", ORDER_CODE_ID, c->id);
}

typedef struct Made {
    OrderCodes codes;
} Made;

static const ShapeField MADE[] = {
    SHAPE_LIST(Made, codes, OrderCode, &order_code_shape, .max = PROMOTION_BULK_MAX),
};

/* POST /api/v1/promotions/:id/codes/bulk */
static Status post_codes(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Made    made;
    TRY(http_param_id(cx, rq, 0, ORDER_PROMOTION_ID, &id));
    TRY(order_codes_make(cx, id, rq->in, &made.codes));
    rs->status = 201;
    http_reply(rq, rs, &made);
    return ST_OK;
}

static Status patch_code(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_CODE_ID, &id));
    TRY(order_code_update(cx, id, rq->in));
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

static Status delete_code(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_CODE_ID, &id));
    TRY(order_code_delete(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

/* --- tax ---------------------------------------------------------------------------------- */

static PageKey zone_key(const void *row)
{
    return (PageKey){.id = ((const TaxZone *)row)->id};
}

/* GET /api/v1/tax-zones: one page has them */
static Status get_zones(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TaxZones all;
    TRY(tax_zones(cx, &all));
    const Page page = {.limit = (int64_t)all.n + 1};
    page_reply(cx, rq, rs, &page, all.items, all.n, zone_key);
    return ST_OK;
}

static Status post_zone(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TaxZone *z = rq->in;
    TRY(tax_zone_create(cx, z));
    http_etag_rev(cx, rs, z->rev);
    return created(cx, rq, rs, "/api/v1/tax-zones", ORDER_TAX_ZONE_ID, z->id);
}

static Status get_zone(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TaxZone z;
    TRY(http_param_id(cx, rq, 0, ORDER_TAX_ZONE_ID, &id));
    TRY(tax_zone_get(cx, id, &z));
    http_etag_rev(cx, rs, z.rev);
    http_reply(rq, rs, &z);
    return ST_OK;
}

static Status patch_zone(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t  id, rev;
    TaxZone *z = rq->in;
    TRY(http_param_id(cx, rq, 0, ORDER_TAX_ZONE_ID, &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(tax_zone_update(cx, id, rev, z));
    http_etag_rev(cx, rs, z->rev);
    http_reply(rq, rs, z);
    return ST_OK;
}

static Status delete_zone(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id, rev;
    TRY(http_param_id(cx, rq, 0, ORDER_TAX_ZONE_ID, &id));
    TRY(http_if_match_rev(cx, rq, &rev));
    TRY(tax_zone_delete(cx, id, rev));
    http_reply_none(rs);
    return ST_OK;
}

static PageKey class_key(const void *row)
{
    return (PageKey){.id = ((const TaxClass *)row)->id};
}

static Status get_classes(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TaxClasses all;
    TRY(tax_classes(cx, &all));
    const Page page = {.limit = (int64_t)all.n + 1};
    page_reply(cx, rq, rs, &page, all.items, all.n, class_key);
    return ST_OK;
}

static Status post_class(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TaxClass *c = rq->in;
    TRY(tax_class_create(cx, c));
    return created(cx, rq, rs, "/api/v1/tax-classes", ORDER_TAX_CLASS_ID, c->id);
}

static Status patch_class(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_TAX_CLASS_ID, &id));
    TRY(tax_class_update(cx, id, rq->in));
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

static Status delete_class(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_TAX_CLASS_ID, &id));
    TRY(tax_class_delete(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

/* GET /api/v1/tax-table */
static Status get_table(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TaxShipped t;
    TRY(tax_shipped_get(cx, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

/* POST /api/v1/tax-table/apply */
static Status post_table(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TaxShipped t;
    TRY(tax_shipped_apply(cx, true, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

/* --- what would it cost? ------------------------------------------------------------------ */

typedef struct PreviewLine {
    int64_t variant_id;
    int64_t qty;
    Money   unit_price; /* absent: as it is sold */
} PreviewLine;

typedef struct PreviewDelivery {
    int64_t method_id;
    Money   amount;
    Str     tax_class;
} PreviewDelivery;

typedef struct Preview {
    Str     currency; /* "": the shop's */
    OptTime at;
    TOTALS_LIST(PreviewLine) lines;
    TOTALS_LIST(PreviewDelivery) deliveries;
    TOTALS_LIST(Str) codes;
    Str    country, region, postal, channel, market, company, email;
    OptI64 account_id;
    TOTALS_LIST(Str) groups;
    int64_t orders;
    bool    tax_exempt;
} Preview;

static const ShapeField PREVIEW_LINE[] = {
    SHAPE_ID(PreviewLine, variant_id, "var", .flags = SHAPE_REQUIRED),
    SHAPE_INT(PreviewLine, qty, .min = 1, .max = TOTALS_QTY_MAX, .flags = SHAPE_REQUIRED),
    SHAPE_MONEY(PreviewLine, unit_price, .flags = SHAPE_NULLABLE, .doc = "Null: as it is sold."),
};
static const Shape preview_line_shape =
    SHAPE_OF(PreviewLine, "PricingPreviewLine", PREVIEW_LINE, .doc = "A line.");

static const ShapeField PREVIEW_DELIVERY[] = {
    SHAPE_ID(PreviewDelivery, method_id, "dlm"),
    SHAPE_MONEY(PreviewDelivery, amount, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(PreviewDelivery, tax_class, .max = 64, .flags = SHAPE_LINE),
};
static const Shape preview_delivery_shape =
    SHAPE_OF(PreviewDelivery, "PricingPreviewDelivery", PREVIEW_DELIVERY, .doc = "A delivery.");

static const ShapeField PREVIEW[] = {
    SHAPE_TEXT(Preview, currency, .max = 3, .flags = SHAPE_LINE, .doc = "Empty: the shop's."),
    SHAPE_TIME(Preview, at, .doc = "Null: now."),
    SHAPE_LIST(Preview, lines, PreviewLine, &preview_line_shape, .min = 1, .max = TOTALS_LINES_MAX,
               .flags = SHAPE_REQUIRED),
    SHAPE_LIST(Preview, deliveries, PreviewDelivery, &preview_delivery_shape, .max = 10),
    SHAPE_TEXTS(Preview, codes, .max = TOTALS_CODES_MAX, .item_max = PROMOTION_CODE_MAX),
    SHAPE_TEXT(Preview, country, .max = 2, .flags = SHAPE_LINE),
    SHAPE_TEXT(Preview, region, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TEXT(Preview, postal, .max = 16, .flags = SHAPE_LINE),
    SHAPE_TEXT(Preview, channel, .max = 64, .flags = SHAPE_LINE, .doc = "web when absent."),
    SHAPE_TEXT(Preview, market, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TEXT(Preview, company, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(Preview, email, .max = 254, .flags = SHAPE_LINE, .doc = "Of a guest, for limits."),
    SHAPE_ID(Preview, account_id, "acc"),
    SHAPE_TEXTS(Preview, groups, .max = 100, .item_max = 64),
    SHAPE_INT(Preview, orders, .min = 0, .max = SHAPE_INT_MAX, .doc = "Placed before."),
    SHAPE_BOOL(Preview, tax_exempt),
};
static const Shape preview_shape =
    SHAPE_OF(Preview, "PricingPreview", PREVIEW, .doc = "A cart that nobody has.");

static Status line_of(Cx *cx, const Published *v, const CatalogPricing *prices, const Preview *in,
                      size_t at, TotalsLine *ret)
{
    const PreviewLine      *l = &in->lines.items[at];
    const PublishedProduct *p;
    const CatalogVariant   *variant;
    CatalogQuote            quote;
    TRY(published_variant(cx, v, l->variant_id, &p, &variant));
    bool priced = catalog_quote(prices, variant->prices, l->qty, &quote);
    if (!priced && money_absent(l->unit_price))
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_price", "a line has no price");
    if (!money_absent(l->unit_price) && memcmp(l->unit_price.cur, prices->currency, 4) != 0)
        return cx_fail(cx, ST_INVALID, "order.bad_cart", "a line is in another currency");
    *ret = (TotalsLine){
        .id = (int64_t)at + 1,
        .variant_id = variant->id,
        .product_id = p->product.id,
        .collections = {p->collections.items, p->collections.n},
        .tags = {p->product.tags.items, p->product.tags.n},
        .vendor = p->product.vendor,
        .type = p->product.type,
        .tax_class = p->product.tax_class,
        .no_tax = !variant->taxable,
        .qty = l->qty,
        .unit_price = money_absent(l->unit_price) ? quote.price.minor : l->unit_price.minor,
        .compare_at = priced && !money_absent(quote.compare_at) ? quote.compare_at.minor : 0,
        .weight_g = variant->weight_g.has ? variant->weight_g.v : 0,
        .no_discount = p->product.kind == CATALOG_GIFT_CARD,
    };
    return ST_OK;
}

static TotalsBuyer buyer_of(const Preview *in)
{
    return (TotalsBuyer){.country = in->country,
                         .region = in->region,
                         .postal = in->postal,
                         .customer_id = in->account_id.has ? in->account_id.v : 0,
                         .groups = {in->groups.items, in->groups.n},
                         .company = in->company,
                         .orders = in->orders,
                         .tax_exempt = in->tax_exempt,
                         .channel = in->channel.len ? in->channel : STR("web"),
                         .market = in->market};
}

static Status preview_lines(Cx *cx, const Published *v, const Preview *in, TotalsIn *t)
{
    CatalogPricing     prices;
    TotalsLine        *lines = arena_array(cx->arena, TotalsLine, in->lines.n + 1);
    const CatalogBuyer buyer = {.channel = t->buyer.channel,
                                .market = in->market,
                                .country = in->country,
                                .groups = {in->groups.items, in->groups.n},
                                .company = in->company};
    TRY(published_pricing(cx, v, &buyer, str_from_cstr(t->currency), t->at, &prices));
    for (size_t i = 0; i < in->lines.n; i++)
        TRY(line_of(cx, v, &prices, in, i, &lines[i]));
    t->lines = lines;
    t->nlines = in->lines.n;
    return ST_OK;
}

static Status preview_deliveries(Cx *cx, const Preview *in, TotalsIn *t)
{
    TotalsDelivery *d = arena_array(cx->arena, TotalsDelivery, in->deliveries.n + 1);
    for (size_t i = 0; i < in->deliveries.n; i++) {
        const PreviewDelivery *x = &in->deliveries.items[i];
        if (memcmp(x->amount.cur, t->currency, 4) != 0)
            return cx_fail(cx, ST_INVALID, "order.bad_cart", "a delivery is in another currency");
        d[i] = (TotalsDelivery){
            .method_id = x->method_id, .amount = x->amount.minor, .tax_class = x->tax_class};
    }
    t->deliveries = d;
    t->ndeliveries = in->deliveries.n;
    return ST_OK;
}

/* POST /api/v1/pricing/preview */
static Status post_preview(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Preview   *in = rq->in;
    const Published *v;
    OrderTotals      totals;
    TotalsIn         t = {.at = in->at.has ? in->at.v : cx->now,
                          .buyer = buyer_of(in),
                          .codes = {in->codes.items, in->codes.n},
                          .want_hints = true};
    TRY(published_view(cx, &v));
    const Currency *currency =
        currency_find(in->currency.len ? in->currency : published_shop(v)->currency);
    if (currency == NULL)
        return cx_fail(cx, ST_INVALID, "order.bad_cart", "currency is an ISO 4217 code");
    memcpy(t.currency, currency->code, sizeof t.currency);
    TRY(preview_lines(cx, v, in, &t));
    TRY(preview_deliveries(cx, in, &t));
    TRY(order_totals_context_load(cx, in->email, &t));
    TRY(order_totals(cx->arena, &t, &totals, &cx->err));
    http_reply(rq, rs, &totals);
    return ST_OK;
}

/* --- routes ------------------------------------------------------------------------------- */

static const Shape codes_shape =
    SHAPE_OF(Made, "PromotionCodes", MADE, .doc = "Codes that were made.");

static const HttpParam PAGE_PARAMS[] = {
    {"limit", "Rows of a page.", "integer"},
    {"after", "Cursor: what comes behind it.", "string"},
    {0},
};

static const HttpParam CODE_PARAMS[] = {
    {"limit", "Rows of a page.", "integer"},
    {"after", "Cursor: what comes behind it.", "string"},
    {"batch", "Only of this batch.", "string"},
    {0},
};

/* NOLINTBEGIN(bugprone-macro-parentheses): members of a struct */
#define LIST(path, fn, shape, more, text)                                                          \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(path), .handler = fn, .permission = READ,          \
        .flags = HTTP_LIST, .out = shape, .params = more, .summary = text                          \
    }
#define POST(path, fn, shape, text)                                                                \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(path), .handler = fn, .permission = WRITE,        \
        .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX, .body = HTTP_BODY_JSON, .in = shape, .out = shape, \
        .status = 201, .summary = text                                                             \
    }
#define GET(path, fn, shape, text)                                                                 \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(path), .handler = fn, .permission = READ,          \
        .out = shape, .summary = text                                                              \
    }
#define PATCH(path, fn, shape, text)                                                               \
    {                                                                                              \
        .method = HTTP_PATCH, .pattern = STR_INIT(path), .handler = fn, .permission = WRITE,       \
        .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = shape, .out = shape, .summary = text    \
    }
#define DELETE(path, fn, text)                                                                     \
    {                                                                                              \
        .method = HTTP_DELETE, .pattern = STR_INIT(path), .handler = fn, .permission = WRITE,      \
        .status = 204, .summary = text                                                             \
    }

/* NOLINTEND(bugprone-macro-parentheses) */

static const HttpRoute ROUTES[] = {
    LIST("/api/v1/promotions", get_promotions, &order_promotion_shape, PAGE_PARAMS,
         "Promotions, newest first"),
    POST("/api/v1/promotions", post_promotion, &order_promotion_shape, "Make a promotion"),
    GET("/api/v1/promotions/:id", get_promotion, &order_promotion_shape, "One promotion"),
    PATCH("/api/v1/promotions/:id", patch_promotion, &order_promotion_shape, "Change a promotion"),
    DELETE("/api/v1/promotions/:id", delete_promotion, "Delete a promotion that no order used"),
    LIST("/api/v1/promotions/:id/codes", get_codes, &order_code_shape, CODE_PARAMS,
         "Codes of a promotion"),
    POST("/api/v1/promotions/:id/codes", post_code, &order_code_shape, "Make a code"),
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/promotions/:id/codes/bulk"),
     .handler = post_codes,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &order_code_bulk_shape,
     .out = &codes_shape,
     .status = 201,
     .summary = "Make many codes at random"},
    PATCH("/api/v1/promotion-codes/:id", patch_code, &order_code_shape,
          "Switch a code on or off, or limit it"),
    DELETE("/api/v1/promotion-codes/:id", delete_code, "Delete a code"),
    LIST("/api/v1/tax-zones", get_zones, &tax_zone_shape, NULL, "Tax zones with their rates"),
    POST("/api/v1/tax-zones", post_zone, &tax_zone_shape, "Make a tax zone"),
    GET("/api/v1/tax-zones/:id", get_zone, &tax_zone_shape, "One tax zone"),
    PATCH("/api/v1/tax-zones/:id", patch_zone, &tax_zone_shape,
          "Change a tax zone; its list of rates as a whole"),
    DELETE("/api/v1/tax-zones/:id", delete_zone, "Delete a tax zone and its rates"),
    LIST("/api/v1/tax-classes", get_classes, &tax_class_shape, NULL, "Tax classes"),
    POST("/api/v1/tax-classes", post_class, &tax_class_shape, "Make a tax class"),
    PATCH("/api/v1/tax-classes/:id", patch_class, &tax_class_shape, "Change a tax class"),
    DELETE("/api/v1/tax-classes/:id", delete_class, "Delete a tax class that no rate is of"),
    GET("/api/v1/tax-table", get_table, &tax_shipped_shape, "The table of rates that ships"),
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/tax-table/apply"),
     .handler = post_table,
     .permission = WRITE,
     .out = &tax_shipped_shape,
     .summary = "Bring rates of the table that ships in; what staff wrote stays"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/pricing/preview"),
     .handler = post_preview,
     .permission = READ,
     .body = HTTP_BODY_JSON,
     .in = &preview_shape,
     .out = &order_totals_shape,
     .summary = "What a cart would cost, and why"},
};

const HttpRoutes order_pricing_routes = {"Pricing", ROUTES, COUNT_OF(ROUTES)};
