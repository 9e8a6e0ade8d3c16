/* Staff set up how goods are delivered; storefronts ask what there is. */
#include "order/delivery_http.h"

#include "http/page.h"
#include "order/delivery_int.h"

#define READ  "orders.read"
#define WRITE "orders.write"

static PageKey no_key(const void *row)
{
    (void)row;
    return (PageKey){0};
}

/* All of them: there are few. */
static Status reply_all(Cx *cx, const HttpReq *rq, HttpResp *rs, const void *items, size_t n)
{
    const Page page = {.limit = (int64_t)n + 1};
    page_reply(cx, rq, rs, &page, items, n, no_key);
    return ST_OK;
}

static Status reply_made(const HttpReq *rq, HttpResp *rs, const void *value)
{
    rs->status = 201;
    http_reply(rq, rs, value);
    return ST_OK;
}

/* --- profiles ----------------------------------------------------------------------------- */

static Status list_profiles(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    DeliveryProfiles all;
    TRY(delivery_profiles(cx, &all));
    return reply_all(cx, rq, rs, all.items, all.n);
}

static Status post_profile(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(delivery_profile_save(cx, 0, rq->in));
    return reply_made(rq, rs, rq->in);
}

static Status patch_profile(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, DELIVERY_PROFILE_ID, &id));
    TRY(delivery_profile_save(cx, id, rq->in));
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

static Status delete_profile(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, DELIVERY_PROFILE_ID, &id));
    TRY(delivery_profile_delete(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

typedef struct Products {
    struct {
        int64_t *items;
        size_t   n;
    } products;
} Products;
static const ShapeField PRODUCTS[] = {
    SHAPE_IDS(Products, products, CATALOG_PRODUCT_ID, .min = 1, .max = 1000,
              .flags = SHAPE_REQUIRED),
};
static const Shape products_shape =
    SHAPE_OF(Products, "DeliveryProducts", PRODUCTS, .doc = "Products that are delivered alike.");

static Status post_products(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Products *in = rq->in;
    int64_t         id;
    TRY(http_param_id(cx, rq, 0, DELIVERY_PROFILE_ID, &id));
    TRY(delivery_profile_take(cx, id, in->products.items, in->products.n));
    http_reply_none(rs);
    return ST_OK;
}

/* --- zones, methods ----------------------------------------------------------------------- */

static Status list_zones(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    DeliveryZones all;
    TRY(delivery_zones(cx, &all));
    return reply_all(cx, rq, rs, all.items, all.n);
}

static Status post_zone(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(delivery_zone_save(cx, 0, rq->in));
    return reply_made(rq, rs, rq->in);
}

static Status patch_zone(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, DELIVERY_ZONE_ID, &id));
    TRY(delivery_zone_save(cx, id, rq->in));
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

static Status delete_zone(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, DELIVERY_ZONE_ID, &id));
    TRY(delivery_zone_delete(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

static Status list_methods(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    DeliveryMethods all;
    int64_t         zone;
    size_t          n = 0;
    TRY(http_query_id(cx, rq, STR("zone"), DELIVERY_ZONE_ID, 0, &zone));
    TRY(delivery_methods(cx, &all));
    for (size_t i = 0; i < all.n; i++)
        if (zone == 0 || all.items[i].zone_id == zone)
            all.items[n++] = all.items[i];
    return reply_all(cx, rq, rs, all.items, n);
}

static Status post_method(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(delivery_method_save(cx, 0, rq->in));
    return reply_made(rq, rs, rq->in);
}

static Status patch_method(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, DELIVERY_METHOD_ID, &id));
    TRY(delivery_method_save(cx, id, rq->in));
    http_reply(rq, rs, rq->in);
    return ST_OK;
}

static Status delete_method(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, DELIVERY_METHOD_ID, &id));
    TRY(delivery_method_delete(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

/* --- holidays, points --------------------------------------------------------------------- */

typedef struct Holidays {
    DeliveryHolidays holidays;
} Holidays;
static const ShapeField HOLIDAYS[] = {
    SHAPE_LIST(Holidays, holidays, DeliveryHoliday, &delivery_holiday_shape, .max = 2000,
               .flags = SHAPE_REQUIRED),
};
static const Shape holidays_shape =
    SHAPE_OF(Holidays, "DeliveryHolidays", HOLIDAYS, .doc = "All days without work.");

static Status get_holidays(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Holidays all;
    TRY(delivery_holidays(cx, &all.holidays));
    http_reply(rq, rs, &all);
    return ST_OK;
}

static Status put_holidays(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(delivery_holidays_put(cx, &((const Holidays *)rq->in)->holidays));
    return get_holidays(cx, rq, rs);
}

typedef struct Points {
    DeliveryPoints points;
} Points;
static const ShapeField POINTS[] = {
    SHAPE_LIST(Points, points, DeliveryPoint, &delivery_point_shape, .max = 20000,
               .flags = SHAPE_REQUIRED),
};
static const Shape points_shape =
    SHAPE_OF(Points, "DeliveryPoints", POINTS, .doc = "All lockers and parcel shops of a carrier.");

static Status put_points(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    TRY(delivery_points_put(cx, rq->params[0], &((const Points *)rq->in)->points));
    http_reply_none(rs);
    return ST_OK;
}

/* --- what there is for an address ---------------------------------------------------------- */

typedef struct Quoted {
    int64_t method_id;
    int     kind;
    Str     title, description;
    Money   amount, to_free;
    Str     from, to;
    OptTime order_by;
} Quoted;
static const ShapeField QUOTED[] = {
    SHAPE_ID(Quoted, method_id, DELIVERY_METHOD_ID),
    SHAPE_ENUM(Quoted, kind, delivery_kind_names),
    SHAPE_TEXT(Quoted, title),
    SHAPE_TEXT(Quoted, description),
    SHAPE_MONEY(Quoted, amount),
    SHAPE_MONEY(Quoted, to_free, .flags = SHAPE_NULLABLE,
                .doc = "What is missing until it is free."),
    SHAPE_TEXT(Quoted, from, .doc = "It arrives from this day …"),
    SHAPE_TEXT(Quoted, to, .doc = "… to this; empty: nothing is promised."),
    SHAPE_TIME(Quoted, order_by, .doc = "If it is ordered before."),
};
static const Shape quoted_shape =
    SHAPE_OF(Quoted, "DeliveryQuote", QUOTED, .doc = "A way of delivery, its cost and promise.");

typedef struct Weighed {
    int64_t product_id, variant_id, qty, weight_g;
    int64_t amount;
} Weighed;
static const ShapeField WEIGHED[] = {
    SHAPE_ID(Weighed, product_id, CATALOG_PRODUCT_ID),
    SHAPE_ID(Weighed, variant_id, CATALOG_VARIANT_ID),
    SHAPE_INT(Weighed, qty, .min = 1, .max = TOTALS_QTY_MAX, .flags = SHAPE_REQUIRED),
    SHAPE_INT(Weighed, weight_g, .min = 0, .max = 1000000000),
    SHAPE_INT(Weighed, amount, .min = 0, .max = SHAPE_INT_MAX, .doc = "Minor units, of all."),
};
static const Shape weighed_shape =
    SHAPE_OF(Weighed, "DeliveryGoods", WEIGHED, .doc = "Goods to be delivered.");

typedef struct QuoteIn {
    Str country, region, postal, currency;
    TOTALS_LIST(Weighed) goods;
} QuoteIn;
static const ShapeField QUOTE_IN[] = {
    SHAPE_TEXT(QuoteIn, country, .min = 2, .max = 2, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(QuoteIn, region, .max = 100, .flags = SHAPE_LINE),
    SHAPE_TEXT(QuoteIn, postal, .max = 20, .flags = SHAPE_LINE),
    SHAPE_TEXT(QuoteIn, currency, .min = 3, .max = 3, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_LIST(QuoteIn, goods, Weighed, &weighed_shape, .min = 1, .max = TOTALS_LINES_MAX,
               .flags = SHAPE_REQUIRED),
};
static const Shape quote_in_shape =
    SHAPE_OF(QuoteIn, "DeliveryQuoteIn", QUOTE_IN, .doc = "Where some goods are to go.");

/* POST /api/v1/delivery/quote: try out what is set up. */
static Status post_quote(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const QuoteIn  *in = rq->in;
    DeliveryLine   *lines = arena_array(cx->arena, DeliveryLine, in->goods.n);
    DeliveryOptions options;
    for (size_t i = 0; i < in->goods.n; i++)
        lines[i] = (DeliveryLine){.product_id = in->goods.items[i].product_id,
                                  .variant_id = in->goods.items[i].variant_id,
                                  .qty = in->goods.items[i].qty,
                                  .weight_g = in->goods.items[i].weight_g,
                                  .amount = in->goods.items[i].amount};
    const DeliveryAsk ask = {.country = in->country,
                             .region = in->region,
                             .postal = in->postal,
                             .lines = lines,
                             .n = in->goods.n,
                             .currency = in->currency,
                             .now = cx->now};
    TRY(order_delivery_options(cx, &ask, &options));
    Quoted *rows = arena_array(cx->arena, Quoted, options.n + 1);
    for (size_t i = 0; i < options.n; i++) {
        const DeliveryOption *o = &options.items[i];
        rows[i] = (Quoted){.method_id = o->method_id,
                           .kind = o->kind,
                           .title = o->title,
                           .description = o->description.ptr ? o->description : STR(""),
                           .amount = o->amount,
                           .to_free = o->to_free,
                           .from = delivery_date(cx->arena, o->promise.from),
                           .to = delivery_date(cx->arena, o->promise.to),
                           .order_by = o->promise.order_by};
    }
    return reply_all(cx, rq, rs, rows, options.n);
}

/* --- routes ------------------------------------------------------------------------------- */

static const HttpParam METHOD_PARAMS[] = {{"zone", "Only of this zone.", "id", false}, {0}};

#define LIST(url, fn, shape_, params_, what)                                                       \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(url), .handler = (fn), .permission = READ,         \
        .flags = HTTP_LIST, .out = &(shape_), .params = (params_), .summary = (what)               \
    }
#define POST(url, fn, shape_, what)                                                                \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(url), .handler = (fn), .permission = WRITE,       \
        .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX, .body = HTTP_BODY_JSON, .in = &(shape_),           \
        .out = &(shape_), .status = 201, .summary = (what)                                         \
    }
#define PATCH(url, fn, shape_, what)                                                               \
    {                                                                                              \
        .method = HTTP_PATCH, .pattern = STR_INIT(url), .handler = (fn), .permission = WRITE,      \
        .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &(shape_), .out = &(shape_),            \
        .summary = (what)                                                                          \
    }
#define DELETE(url, fn, what)                                                                      \
    {                                                                                              \
        .method = HTTP_DELETE, .pattern = STR_INIT(url), .handler = (fn), .permission = WRITE,     \
        .status = 204, .summary = (what)                                                           \
    }

static const HttpRoute ROUTES[] = {
    LIST("/api/v1/delivery/profiles", list_profiles, delivery_profile_shape, NULL,
         "Profiles: groups of products that are delivered alike"),
    POST("/api/v1/delivery/profiles", post_profile, delivery_profile_shape, "Make a profile"),
    PATCH("/api/v1/delivery/profiles/:id", patch_profile, delivery_profile_shape,
          "Rename a profile"),
    DELETE("/api/v1/delivery/profiles/:id", delete_profile,
           "Delete a profile with its zones; its products are delivered as the others"),
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/delivery/profiles/:id/products"),
     .handler = post_products,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .in = &products_shape,
     .status = 204,
     .summary = "Put products into a profile, out of any other"},
    LIST("/api/v1/delivery/zones", list_zones, delivery_zone_shape, NULL, "Zones"),
    POST("/api/v1/delivery/zones", post_zone, delivery_zone_shape, "Make a zone"),
    PATCH("/api/v1/delivery/zones/:id", patch_zone, delivery_zone_shape, "Change a zone"),
    DELETE("/api/v1/delivery/zones/:id", delete_zone, "Delete a zone with its methods"),
    LIST("/api/v1/delivery/methods", list_methods, delivery_method_shape, METHOD_PARAMS,
         "Ways of delivery"),
    POST("/api/v1/delivery/methods", post_method, delivery_method_shape, "Make a method"),
    PATCH("/api/v1/delivery/methods/:id", patch_method, delivery_method_shape, "Change a method"),
    DELETE("/api/v1/delivery/methods/:id", delete_method, "Delete a method"),
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/delivery/holidays"),
     .handler = get_holidays,
     .permission = READ,
     .out = &holidays_shape,
     .summary = "Days without work"},
    {.method = HTTP_PUT,
     .pattern = STR_INIT("/api/v1/delivery/holidays"),
     .handler = put_holidays,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .in = &holidays_shape,
     .out = &holidays_shape,
     .summary = "Replace the days without work"},
    {.method = HTTP_PUT,
     .pattern = STR_INIT("/api/v1/delivery/points/:carrier"),
     .handler = put_points,
     .permission = WRITE,
     .body = HTTP_BODY_JSON,
     .body_max = 8 << 20,
     .in = &points_shape,
     .status = 204,
     .summary = "Replace the lockers and parcel shops of a carrier"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/delivery/quote"),
     .handler = post_quote,
     .permission = READ,
     .flags = HTTP_LIST,
     .body = HTTP_BODY_JSON,
     .in = &quote_in_shape,
     .out = &quoted_shape,
     .summary = "Try out: ways of delivery of some goods to an address"},
};
const HttpRoutes order_delivery_routes = {"Delivery", ROUTES, COUNT_OF(ROUTES)};
