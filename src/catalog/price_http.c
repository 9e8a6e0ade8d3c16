/* Price lists and prices. */
#include "base/id.h"
#include "catalog/catalog.h"
#include "catalog/content_http.h"
#include "catalog/resource_http.h"
#include "catalog/shared_http.h"
#include "catalog/shop.h"

static PageKey list_key(const void *row)
{
    return (PageKey){.id = ((const CatalogPriceList *)row)->id};
}

/* GET /api/v1/price-lists: a shop has few, so one page has them. */
static Status list_price_lists(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogPriceLists lists;
    TRY(catalog_price_lists(cx, &lists));
    const Page page = {.limit = (int64_t)lists.n + 1};
    page_reply(cx, rq, rs, &page, lists.items, lists.n, list_key);
    return ST_OK;
}

static PageKey price_key(const void *row)
{
    return (PageKey){.id = ((const CatalogListPrice *)row)->id};
}

/* GET /api/v1/price-lists/:id/prices */
static Status list_prices(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    Page              page;
    CatalogPriceList  list;
    CatalogListPrices prices;
    TRY(http_param_id(cx, rq, 0, CATALOG_PRICE_LIST_ID, &id));
    TRY(page_read(cx, rq, &page));
    if (page.backwards)
        return cx_fail(cx, ST_INVALID, "http.bad_param", "this list goes forwards only");
    TRY(catalog_price_list_get(cx, id, &list));
    TRY(catalog_list_prices_get(cx, id, page.id, page.limit + 1, &prices));
    page.has_after = false; /* it has no previous page */
    page_reply(cx, rq, rs, &page, prices.items, prices.n, price_key);
    return ST_OK;
}

typedef struct Prices {
    CatalogListPrices prices;
} Prices;

static const ShapeField PRICES[] = {
    SHAPE_LIST(Prices, prices, CatalogListPrice, &catalog_list_price_shape, .min = 1,
               .max = CATALOG_PRICES_PUT_MAX, .flags = SHAPE_REQUIRED),
};
static const Shape prices_shape =
    SHAPE_OF(Prices, "ListPrices", PRICES, .doc = "Prices of one list.");

/* PUT /api/v1/price-lists/:id/prices */
static Status put_prices(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, CATALOG_PRICE_LIST_ID, &id));
    TRY(catalog_list_prices_put(cx, id, ((const Prices *)rq->in)->prices));
    http_reply_none(rs);
    return ST_OK;
}

/* DELETE /api/v1/prices/:id */
static Status delete_price(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, CATALOG_PRICE_ID, &id));
    TRY(catalog_list_price_delete(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

/* --- what does it cost? ------------------------------------------------------------------- */

static const ShapeField QUOTE[] = {
    SHAPE_MONEY(CatalogQuote, price, .doc = "For one piece."),
    SHAPE_MONEY(CatalogQuote, compare_at, .flags = SHAPE_NULLABLE),
    SHAPE_ID(CatalogQuote, list_id, CATALOG_PRICE_LIST_ID, .doc = "The list it is from."),
    SHAPE_INT(CatalogQuote, min_qty, .doc = "It holds from this quantity on."),
    SHAPE_TIME(CatalogQuote, ends_at, .doc = "Null: no end is known."),
};
static const Shape quote_shape =
    SHAPE_OF(CatalogQuote, "Quote", QUOTE, .doc = "What a variant costs somebody.");

static Status query_currency(Cx *cx, const HttpReq *rq, Str *ret)
{
    CatalogShop shop;
    TRY(catalog_shop(cx, &shop));
    TRY(http_query(cx, rq, STR("currency"), shop.currency, ret));
    if (!currency_find(*ret))
        return cx_fail(cx, ST_INVALID, "http.bad_param", "currency is an ISO 4217 code");
    return ST_OK;
}

static Status query_buyer(Cx *cx, const HttpReq *rq, CatalogBuyer *b)
{
    Str groups, part;
    TRY(http_query(cx, rq, STR("channel"), STR("web"), &b->channel));
    TRY(http_query(cx, rq, STR("market"), STR(""), &b->market));
    TRY(http_query(cx, rq, STR("country"), STR(""), &b->country));
    TRY(http_query(cx, rq, STR("company"), STR(""), &b->company));
    TRY(http_query(cx, rq, STR("customer"), STR(""), &b->customer));
    TRY(http_query(cx, rq, STR("groups"), STR(""), &groups));
    b->groups.items = arena_array(cx->arena, Str, 100);
    while (groups.len > 0 && b->groups.n < 100) {
        str_cut(groups, ',', &part, &groups);
        b->groups.items[b->groups.n++] = str_trim(part);
    }
    return ST_OK;
}

/* GET /api/v1/variants/:id/price */
static Status get_quote(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id, qty;
    Str            currency;
    OptTime        at;
    CatalogBuyer   buyer = {0};
    CatalogPricing pricing;
    CatalogQuote   quote;
    TRY(http_param_id(cx, rq, 0, CATALOG_VARIANT_ID, &id));
    TRY(http_query_i64(cx, rq, STR("qty"), 1, 1000000, 1, &qty));
    TRY(query_currency(cx, rq, &currency));
    TRY(query_time(cx, rq, "at", &at));
    TRY(query_buyer(cx, rq, &buyer));
    TRY(catalog_pricing(cx, &buyer, currency, at.has ? at.v : cx->now, &pricing));
    TRY(catalog_price(cx, &pricing, id, qty, &quote));
    http_reply(rq, rs, &quote);
    return ST_OK;
}

typedef struct Lowest {
    Money   price;
    int64_t days;
} Lowest;

static const ShapeField LOWEST[] = {
    SHAPE_MONEY(Lowest, price, .flags = SHAPE_NULLABLE, .doc = "Null: there was none."),
    SHAPE_INT(Lowest, days),
};
static const Shape lowest_shape =
    SHAPE_OF(Lowest, "LowestPrice", LOWEST, .doc = "The lowest price that everybody could pay.");

/* GET /api/v1/variants/:id/lowest-price */
static Status get_lowest(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    Str            currency;
    bool           found;
    Lowest         reply = {0};
    CatalogVariant v;
    TRY(http_param_id(cx, rq, 0, CATALOG_VARIANT_ID, &id));
    TRY(http_query_i64(cx, rq, STR("days"), 1, CATALOG_HISTORY_DAYS, 30, &reply.days));
    TRY(query_currency(cx, rq, &currency));
    TRY(catalog_variant_get(cx, id, &v));
    TRY(catalog_lowest_price(cx, id, currency, reply.days, &found, &reply.price));
    http_reply(rq, rs, &reply);
    return ST_OK;
}

/* --- routes
 * ---------------------------------------------------------------------------------------- */

static const HttpParam PAGE_PARAMS[] = {
    {"limit", "Rows of a page.", "integer"},
    {"after", "Cursor: what comes behind it.", "string"},
    {0},
};

static const HttpParam QUOTE_PARAMS[] = {
    {"currency", "ISO 4217; absent: the shop's.", "string"},
    {"qty", "Pieces.", "integer"},
    {"at", "RFC 3339; absent: now.", "string"},
    {"channel", "web when absent.", "string"},
    {"market", "Of the buyer.", "string"},
    {"country", "Of the buyer, ISO 3166-1 alpha-2.", "string"},
    {"company", "Of the buyer.", "string"},
    {"customer", "Id of the buyer.", "string"},
    {"groups", "Of the buyer, with commas between.", "string"},
    {0},
};

static const HttpParam LOWEST_PARAMS[] = {
    {"currency", "ISO 4217; absent: the shop's.", "string"},
    {"days", "30 when absent.", "integer"},
    {0},
};

static const HttpRoute ROUTES[] = {
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/price-lists"),
     .handler = list_price_lists,
     .permission = READ,
     .flags = HTTP_LIST,
     .out = &catalog_price_list_shape,
     .summary = "Price lists"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/price-lists"),
     .handler = resource_post,
     .permission = WRITE,
     .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_JSON,
     .in = &catalog_price_list_shape,
     .out = &catalog_price_list_shape,
     .status = 201,
     .summary = "Make a price list"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/price-lists/:id"),
     .handler = resource_get,
     .permission = READ,
     .out = &catalog_price_list_shape,
     .summary = "One price list"},
    {.method = HTTP_PATCH,
     .pattern = STR_INIT("/api/v1/price-lists/:id"),
     .handler = resource_patch,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .mode = SHAPE_PATCH,
     .in = &catalog_price_list_shape,
     .out = &catalog_price_list_shape,
     .summary = "Change a price list"},
    {.method = HTTP_DELETE,
     .pattern = STR_INIT("/api/v1/price-lists/:id"),
     .handler = resource_delete,
     .permission = WRITE,
     .status = 204,
     .summary = "Delete a price list and its prices"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/price-lists/:id/prices"),
     .handler = list_prices,
     .permission = READ,
     .flags = HTTP_LIST,
     .out = &catalog_list_price_shape,
     .params = PAGE_PARAMS,
     .summary = "Prices of a list"},
    {.method = HTTP_PUT,
     .pattern = STR_INIT("/api/v1/price-lists/:id/prices"),
     .handler = put_prices,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .in = &prices_shape,
     .status = 204,
     .summary = "Write prices of a list; each replaces the one in its place"},
    {.method = HTTP_DELETE,
     .pattern = STR_INIT("/api/v1/prices/:id"),
     .handler = delete_price,
     .permission = WRITE,
     .status = 204,
     .summary = "Delete one price"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/variants/:id/price"),
     .handler = get_quote,
     .permission = READ,
     .out = &quote_shape,
     .params = QUOTE_PARAMS,
     .summary = "What a variant costs somebody"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/variants/:id/lowest-price"),
     .handler = get_lowest,
     .permission = READ,
     .out = &lowest_shape,
     .params = LOWEST_PARAMS,
     .summary = "The lowest price of the last days"},
};

const HttpRoutes catalog_price_routes = {"Prices", ROUTES, COUNT_OF(ROUTES)};
