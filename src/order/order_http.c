/* Orders over HTTP: for staff at /api/v1/orders, for buyers at /store/v1/orders. */
#include "order/order.h"

#include "base/id.h"
#include "catalog/product.h"
#include "http/page.h"
#include "order/cart_http.h"

static PageKey order_key(const void *row)
{
    return (PageKey){.id = ((const Order *)row)->id};
}

static PageKey event_key(const void *row)
{
    return (PageKey){.id = ((const OrderEvent *)row)->seq};
}

static PageKey cart_key(const void *row)
{
    return (PageKey){.id = ((const Cart *)row)->id};
}

/* --- lists for staff ---------------------------------------------------------------------- */

static Status query_name(Cx *cx, const HttpReq *rq, Str name, const char *const *names, int *ret)
{
    Str v;
    TRY(http_query(cx, rq, name, STR(""), &v));
    *ret = -1;
    for (int i = 0; v.len > 0 && names[i]; i++) {
        if (str_eq(v, str_from_cstr(names[i])))
            *ret = i;
    }
    if (v.len > 0 && *ret < 0)
        return cx_fail(cx, ST_INVALID, "http.bad_param", STR_FMT " is no such value",
                       STR_ARG(name));
    return ST_OK;
}

static Status query_time(Cx *cx, const HttpReq *rq, Str name, UnixMs *ret)
{
    Str v;
    TRY(http_query(cx, rq, name, STR(""), &v));
    *ret = (UnixMs){0};
    if (v.len > 0 && !clock_parse(v, ret) && !clock_parse_date(v, ret))
        return cx_fail(cx, ST_INVALID, "http.bad_param", STR_FMT " is a date or time",
                       STR_ARG(name));
    return ST_OK;
}

static Status query_filter(Cx *cx, const HttpReq *rq, OrderFilter *f)
{
    *f = ORDER_FILTER_ALL;
    TRY(query_name(cx, rq, STR("status"), order_status_names, &f->status));
    TRY(query_name(cx, rq, STR("hold"), order_hold_names, &f->hold));
    TRY(query_name(cx, rq, STR("payment_status"), order_payment_status_names, &f->payment_status));
    TRY(query_name(cx, rq, STR("fulfillment_status"), order_fulfillment_status_names,
                   &f->fulfillment_status));
    TRY(query_name(cx, rq, STR("return_status"), order_return_status_names, &f->return_status));
    TRY(http_query_id(cx, rq, STR("account_id"), "acc", 0, &f->account_id));
    TRY(http_query_id(cx, rq, STR("variant_id"), CATALOG_VARIANT_ID, 0, &f->variant_id));
    TRY(http_query(cx, rq, STR("email"), STR(""), &f->email));
    TRY(http_query(cx, rq, STR("tag"), STR(""), &f->tag));
    TRY(query_time(cx, rq, STR("from"), &f->from));
    TRY(query_time(cx, rq, STR("to"), &f->to));
    return http_query_bool(cx, rq, STR("drafts"), false, &f->drafts);
}

static const HttpParam FILTER[] = {
    {"status", "draft, placed, closed, archived, cancelled, expired", "string", false},
    {"hold", "none, review, backorder, payment_due, manual", "string", false},
    {"payment_status", "paid, pending, …", "string", false},
    {"fulfillment_status", "unfulfilled, shipped, …", "string", false},
    {"return_status", "none, requested, …", "string", false},
    {"account_id", "Of one customer's account", "id", false},
    {"variant_id", "With this variant", "id", false},
    {"email", "Of this address, in any case", "string", false},
    {"tag", "With this tag", "string", false},
    {"from", "Placed from this day or time on", "string", false},
    {"to", "Placed before this day or time", "string", false},
    {"drafts", "Those that were never placed, too", "boolean", false},
    {0},
};

static Status forwards(Cx *cx, Page *page)
{
    if (page->backwards)
        return cx_fail(cx, ST_INVALID, "http.bad_param", "this list goes forwards only");
    page->has_after = false; /* no previous page */
    return ST_OK;
}

/* GET /api/v1/orders */
static Status list_orders(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    OrderFilter filter;
    Page        page;
    Orders      orders;
    TRY(query_filter(cx, rq, &filter));
    TRY(page_read(cx, rq, &page));
    TRY(forwards(cx, &page));
    TRY(order_list(cx, &filter, page.id, page.limit + 1, &orders));
    page_reply(cx, rq, rs, &page, orders.items, orders.n, order_key);
    return ST_OK;
}

/* GET /api/v1/orders.csv */
static Status get_csv(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    OrderFilter filter;
    TRY(query_filter(cx, rq, &filter));
    rs->type = "text/csv; charset=utf-8";
    http_set_header(cx, rs, "Content-Disposition", STR("attachment; filename=\"orders.csv\""));
    return order_csv(cx, &filter, &rs->body);
}

/* GET /api/v1/orders/:id, by id or number */
static Status get_order(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Order   order;
    if (id_parse(rq->params[0], ORDER_ID, &id))
        TRY(order_get(cx, id, &order));
    else
        TRY(order_by_number(cx, rq->params[0], &order));
    http_reply(rq, rs, &order);
    return ST_OK;
}

static Status reply_events(Cx *cx, const HttpReq *rq, HttpResp *rs, int64_t id, bool only_public)
{
    OrderEvents events;
    Page        page;
    TRY(page_read(cx, rq, &page));
    TRY(forwards(cx, &page));
    TRY(order_events(cx, id, page.id, only_public, &events));
    if ((int64_t)events.n > page.limit + 1)
        events.n = (size_t)page.limit + 1;
    page_reply(cx, rq, rs, &page, events.items, events.n, event_key);
    return ST_OK;
}

/* GET /api/v1/orders/:id/events */
static Status get_events(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &id));
    return reply_events(cx, rq, rs, id, false);
}

/* --- what staff do ------------------------------------------------------------------------ */

typedef struct TextIn {
    Str text;
} TextIn;
static const ShapeField TEXT_IN[] = {
    SHAPE_TEXT(TextIn, text, .min = 1, .max = ORDER_NOTE_MAX, .flags = SHAPE_REQUIRED),
};
static const Shape text_in_shape = SHAPE_OF(TextIn, "OrderNote", TEXT_IN, .doc = "A note.");

/* POST /api/v1/orders/:id/notes */
static Status post_note(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &id));
    TRY(order_note(cx, id, ((const TextIn *)rq->in)->text));
    http_reply_none(rs);
    return ST_OK;
}

typedef struct TagsIn {
    OrderTexts tags;
} TagsIn;
static const ShapeField TAGS_IN[] = {
    SHAPE_TEXTS(TagsIn, tags, .max = ORDER_TAGS_MAX, .item_min = 1, .item_max = ORDER_TAG_MAX,
                .flags = SHAPE_REQUIRED),
};
static const Shape tags_in_shape =
    SHAPE_OF(TagsIn, "OrderTags", TAGS_IN, .doc = "All tags of an order.");

/* PUT /api/v1/orders/:id/tags */
static Status put_tags(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Order   order;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &id));
    TRY(order_tags_set(cx, id, ((const TagsIn *)rq->in)->tags, &order));
    http_reply(rq, rs, &order);
    return ST_OK;
}

typedef struct HoldIn {
    int hold;
    Str reason;
} HoldIn;
static const ShapeField HOLD_IN[] = {
    SHAPE_ENUM(HoldIn, hold, order_hold_names, .flags = SHAPE_REQUIRED, .doc = "none releases it."),
    SHAPE_TEXT(HoldIn, reason, .max = 500),
};
static const Shape hold_in_shape =
    SHAPE_OF(HoldIn, "OrderHold", HOLD_IN, .doc = "What stops an order from being sent.");

/* PUT /api/v1/orders/:id/hold */
static Status put_hold(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const HoldIn *in = rq->in;
    int64_t       id;
    Order         order;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &id));
    TRY(order_hold_set(cx, id, in->hold, in->reason, &order));
    http_reply(rq, rs, &order);
    return ST_OK;
}

static Status archive(Cx *cx, const HttpReq *rq, HttpResp *rs, bool archived)
{
    int64_t id;
    Order   order;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &id));
    TRY(order_archive(cx, id, archived, &order));
    http_reply(rq, rs, &order);
    return ST_OK;
}

/* POST /api/v1/orders/:id/archive */
static Status post_archive(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return archive(cx, rq, rs, true);
}

/* POST /api/v1/orders/:id/unarchive */
static Status post_unarchive(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return archive(cx, rq, rs, false);
}

/* --- changes ------------------------------------------------------------------------------ */

typedef struct ChangeIn {
    TOTALS_LIST(ChangeAction) actions;
    Str   reason;
    bool  keep_money;
    Money expected_total;
    Str   key;
} ChangeIn;

static const ShapeField CHANGE_IN[] = {
    SHAPE_LIST(ChangeIn, actions, ChangeAction, &change_action_shape, .min = 1, .max = 200,
               .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(ChangeIn, reason, .max = 1000),
    SHAPE_BOOL(ChangeIn, keep_money, .doc = "Staff: what was paid too much is not given back."),
    SHAPE_MONEY(ChangeIn, expected_total, .flags = SHAPE_NULLABLE,
                .doc = "The total that the preview showed."),
    SHAPE_TEXT(ChangeIn, key, .max = 100, .flags = SHAPE_LINE,
               .doc = "The same key again changes nothing."),
};
static const Shape change_in_shape =
    SHAPE_OF(ChangeIn, "OrderChange", CHANGE_IN, .doc = "How an order is to be changed.");

static ChangeAsk change_ask(const HttpReq *rq, bool buyer)
{
    const ChangeIn *in = rq->in;
    return (ChangeAsk){.actions = {.items = in->actions.items, .n = in->actions.n},
                       .reason = in->reason,
                       .keep = in->keep_money && !buyer,
                       .expected = in->expected_total,
                       .key = in->key,
                       .buyer = buyer};
}

static Status preview(Cx *cx, const HttpReq *rq, HttpResp *rs, int64_t id, bool buyer)
{
    const ChangeAsk ask = change_ask(rq, buyer);
    ChangePreview   out;
    TRY(order_change_preview(cx, id, &ask, &out));
    http_reply(rq, rs, &out);
    return ST_OK;
}

static Status change(Cx *cx, const HttpReq *rq, HttpResp *rs, int64_t id, bool buyer)
{
    const ChangeAsk ask = change_ask(rq, buyer);
    Order           order;
    TRY(order_change(cx, id, &ask, &order));
    http_reply(rq, rs, &order);
    return ST_OK;
}

/* POST /api/v1/orders/:id/change-preview */
static Status post_preview(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &id));
    return preview(cx, rq, rs, id, false);
}

/* POST /api/v1/orders/:id/changes */
static Status post_change(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &id));
    return change(cx, rq, rs, id, false);
}

typedef struct CancelIn {
    Str reason;
} CancelIn;
static const ShapeField CANCEL_IN[] = {
    SHAPE_TEXT(CancelIn, reason, .max = 1000),
};
static const Shape cancel_in_shape =
    SHAPE_OF(CancelIn, "OrderCancel", CANCEL_IN, .doc = "Why an order is cancelled.");

static Status cancel(Cx *cx, const HttpReq *rq, HttpResp *rs, int64_t id, bool buyer)
{
    ChangeAction    action = {.kind = CHANGE_CANCEL};
    const ChangeAsk ask = {.actions = {.items = &action, .n = 1},
                           .reason = ((const CancelIn *)rq->in)->reason,
                           .buyer = buyer};
    Order           order;
    TRY(order_change(cx, id, &ask, &order));
    http_reply(rq, rs, &order);
    return ST_OK;
}

/* POST /api/v1/orders/:id/cancel */
static Status post_cancel(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &id));
    return cancel(cx, rq, rs, id, false);
}

/* --- carts of staff ----------------------------------------------------------------------- */

typedef struct DraftItem {
    int64_t         variant_id, qty;
    OrderProperties properties;
    Money           price;
} DraftItem;

static const ShapeField DRAFT_ITEM[] = {
    SHAPE_ID(DraftItem, variant_id, CATALOG_VARIANT_ID, .flags = SHAPE_REQUIRED),
    SHAPE_INT(DraftItem, qty, .min = 1, .max = CART_QTY_MAX, .flags = SHAPE_REQUIRED),
    SHAPE_LIST(DraftItem, properties, OrderProperty, &order_property_shape,
               .max = CART_PROPERTIES_MAX),
    SHAPE_MONEY(DraftItem, price, .flags = SHAPE_NULLABLE, .doc = "Instead of the price list's."),
};
static const Shape draft_item_shape =
    SHAPE_OF(DraftItem, "DraftItem", DRAFT_ITEM, .doc = "So many of a variant, at staff's price.");

typedef struct DraftIn {
    Str           currency, locale, email, phone, note;
    OrderAddress *address, *billing;
    OptI64        delivery_method_id;
    OrderTexts    codes;
    TOTALS_LIST(DraftItem) items;
} DraftIn;

static const ShapeField DRAFT_IN[] = {
    SHAPE_TEXT(DraftIn, currency, .max = 3, .flags = SHAPE_LINE),
    SHAPE_TEXT(DraftIn, locale, .max = 35, .flags = SHAPE_LINE),
    SHAPE_TEXT(DraftIn, email, .max = 254, .flags = SHAPE_LINE),
    SHAPE_TEXT(DraftIn, phone, .max = 40, .flags = SHAPE_LINE),
    SHAPE_TEXT(DraftIn, note, .max = CART_NOTE_MAX),
    SHAPE_OBJECT(DraftIn, address, OrderAddress, &order_address_shape),
    SHAPE_OBJECT(DraftIn, billing, OrderAddress, &order_address_shape),
    SHAPE_ID(DraftIn, delivery_method_id, DELIVERY_METHOD_ID),
    SHAPE_TEXTS(DraftIn, codes, .max = CART_CODES_MAX, .item_max = 64),
    SHAPE_LIST(DraftIn, items, DraftItem, &draft_item_shape, .min = 1, .max = CART_LINES_MAX,
               .flags = SHAPE_REQUIRED),
};
static const Shape draft_in_shape =
    SHAPE_OF(DraftIn, "DraftOrder", DRAFT_IN, .doc = "An order that staff write down.");

/* POST /api/v1/carts: a draft order is a cart of channel "staff". */
static Status post_draft(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const DraftIn *in = rq->in;
    const CartNew new = {.channel = STR("staff"), .currency = in->currency, .locale = in->locale};
    CartItem        *items = arena_array(cx->arena, CartItem, in->items.n);
    const CartUpdate update = {.set = CART_SET_EMAIL | CART_SET_PHONE | CART_SET_NOTE |
                                      CART_SET_CODES | CART_SET_DELIVERY | CART_SET_ADDRESS |
                                      CART_SET_BILLING,
                               .email = in->email,
                               .phone = in->phone,
                               .note = in->note,
                               .codes = in->codes,
                               .method_id = in->delivery_method_id.v,
                               .address = in->address,
                               .billing = in->billing};
    Cart             cart;
    for (size_t i = 0; i < in->items.n; i++)
        items[i] = (CartItem){in->items.items[i].variant_id, in->items.items[i].qty,
                              in->items.items[i].properties, in->items.items[i].price};
    TRY(cart_create(cx, &new, &cart));
    TRY(cart_add(cx, cart.token, items, in->items.n, &cart));
    TRY(cart_update(cx, cart.token, &update, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* GET /api/v1/carts */
static Status list_carts(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t account;
    Page    page;
    Carts   carts;
    TRY(http_query_id(cx, rq, STR("account_id"), "acc", -1, &account));
    TRY(page_read(cx, rq, &page));
    TRY(forwards(cx, &page));
    TRY(cart_list(cx, account, page.id, page.limit + 1, &carts));
    page_reply(cx, rq, rs, &page, carts.items, carts.n, cart_key);
    return ST_OK;
}

/* GET /api/v1/carts/:id */
static Status get_cart(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Cart    cart;
    TRY(http_param_id(cx, rq, 0, ORDER_CART_ID, &id));
    TRY(cart_get_id(cx, id, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* DELETE /api/v1/carts/:id */
static Status delete_cart(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, ORDER_CART_ID, &id));
    TRY(cart_delete(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

typedef struct PlaceIn {
    bool paid;
    Str  payment;
    Str  note;
} PlaceIn;
static const ShapeField PLACE_IN[] = {
    SHAPE_BOOL(PlaceIn, paid, .doc = "The money was received already; else it is due."),
    SHAPE_TEXT(PlaceIn, payment, .max = 64, .flags = SHAPE_LINE,
               .doc = "How it was paid: bank_transfer unless given."),
    SHAPE_TEXT(PlaceIn, note, .max = ORDER_NOTE_MAX),
};
static const Shape place_in_shape =
    SHAPE_OF(PlaceIn, "DraftPlace", PLACE_IN, .doc = "Make an order of a cart.");

/* POST /api/v1/carts/:id/place */
static Status post_place(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const PlaceIn *in = rq->in;
    CheckoutManual ask = {.paid = in->paid, .provider = in->payment, .note = in->note};
    CheckoutResult result;
    TRY(http_param_id(cx, rq, 0, ORDER_CART_ID, &ask.cart_id));
    TRY(checkout_manual(cx, &ask, &result));
    http_reply(rq, rs, &result);
    return ST_OK;
}

/* --- for buyers --------------------------------------------------------------------------- */

static Status by_token(Cx *cx, const HttpReq *rq, Order *ret)
{
    return order_by_token(cx, rq->params[0], ret);
}

/* GET /store/v1/orders/:token: a guest's link, as it stands in the mail. */
static Status get_own(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Order order;
    TRY(by_token(cx, rq, &order));
    http_reply(rq, rs, &order);
    return ST_OK;
}

/* GET /store/v1/orders/:token/events */
static Status get_own_events(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Order order;
    TRY(by_token(cx, rq, &order));
    return reply_events(cx, rq, rs, order.id, true);
}

/* POST /store/v1/orders/:token/change-preview */
static Status post_own_preview(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Order order;
    TRY(by_token(cx, rq, &order));
    return preview(cx, rq, rs, order.id, true);
}

/* POST /store/v1/orders/:token/changes */
static Status post_own_change(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Order order;
    TRY(by_token(cx, rq, &order));
    return change(cx, rq, rs, order.id, true);
}

/* POST /store/v1/orders/:token/cancel */
static Status post_own_cancel(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Order order;
    TRY(by_token(cx, rq, &order));
    return cancel(cx, rq, rs, order.id, true);
}

typedef struct PayIn {
    Str payment, input, return_url;
} PayIn;
static const ShapeField PAY_IN[] = {
    SHAPE_TEXT(PayIn, payment, .min = 1, .max = 64, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_JSON(PayIn, input, .max = PAYMENT_INPUT_MAX, .flags = SHAPE_NULLABLE),
    SHAPE_TEXT(PayIn, return_url, .max = 2000, .flags = SHAPE_LINE),
};
static const Shape pay_in_shape =
    SHAPE_OF(PayIn, "OrderPay", PAY_IN, .doc = "Pay what is due of an order.");

/* POST /store/v1/orders/:token/pay */
static Status post_own_pay(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const PayIn   *in = rq->in;
    Order          order;
    CheckoutResult result;
    TRY(by_token(cx, rq, &order));
    const CheckoutAsk ask = {.provider = in->payment,
                             .input = in->input,
                             .base_url = order_base_url(cx, rq),
                             .return_url = in->return_url.len > 0 ? in->return_url : STR("/"),
                             .address = rq->peer};
    TRY(order_pay(cx, order.id, &ask, &result));
    http_reply(rq, rs, &result);
    return ST_OK;
}

/* GET /store/v1/account/orders */
static Status list_own(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page   page;
    Orders orders;
    TRY(people_require_customer(cx));
    TRY(page_read(cx, rq, &page));
    TRY(forwards(cx, &page));
    TRY(order_list_own(cx, cx->actor.id, page.id, page.limit + 1, &orders));
    page_reply(cx, rq, rs, &page, orders.items, orders.n, order_key);
    return ST_OK;
}

/* GET /store/v1/account/orders/:id */
static Status get_account_order(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Order   order;
    TRY(people_require_customer(cx));
    TRY(http_param_id(cx, rq, 0, ORDER_ID, &id));
    TRY(order_of_account(cx, cx->actor.id, id, &order));
    http_reply(rq, rs, &order);
    return ST_OK;
}

/* POST /store/v1/carts/:token/reorder/:id */
static Status post_reorder(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Order   order;
    Cart    cart;
    TRY(people_require_customer(cx));
    TRY(http_param_id(cx, rq, 1, ORDER_ID, &id));
    TRY(order_of_account(cx, cx->actor.id, id, &order));
    TRY(cart_reorder(cx, rq->params[0], order.id, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* --- tables ------------------------------------------------------------------------------- */

/* Of bodies, for the document. */
#define TEXT_EXAMPLE HTTP_EXAMPLE("{\"text\":\"Called: leave it with the neighbours.\"}")
#define TAGS_EXAMPLE HTTP_EXAMPLE("{\"tags\":[\"wholesale\",\"first order\"]}")
#define HOLD_EXAMPLE                                                                               \
    HTTP_EXAMPLE("{\"hold\":\"review\",\"reason\":\"The address does not exist.\"}")
#define CHANGE_EXAMPLE                                                                             \
    HTTP_EXAMPLE("{\"actions\":[{\"kind\":\"set_qty\",\"line_id\":\"oln_0cn6n0t3j0803\",\"qty\":"  \
                 "1}],\"reason\":\"One is "                                                        \
                 "enough.\",\"expected_total\":{\"amount\":2450,\"currency\":\"EUR\"}}")
#define CANCEL_EXAMPLE HTTP_EXAMPLE("{\"reason\":\"Ordered twice.\"}")
#define DRAFT_EXAMPLE                                                                              \
    HTTP_EXAMPLE(                                                                                  \
        "{\"email\":\"anna@example.com\",\"address\":{\"first_name\":\"Anna\",\"last_name\":\"de " \
        "Vries\",\"line1\":\"Keizersgracht 1\",\"city\":\"Amsterdam\",\"postal_code\":\"1012 "     \
        "AB\",\"country\":\"NL\"},\"items\":[{\"variant_id\":\"var_0cn6n0t3j0801\",\"qty\":10,"    \
        "\"price\":{\"amount\":1800,\"currency\":\"EUR\"}}]}")
#define PLACE_EXAMPLE                                                                              \
    HTTP_EXAMPLE("{\"paid\":true,\"payment\":\"bank_transfer\",\"note\":\"By phone.\"}")
#define PAY_EXAMPLE HTTP_EXAMPLE("{\"payment\":\"stripe\",\"return_url\":\"/account/orders\"}")

/* clang-format off */

static const HttpRoute STAFF[] = {
    {HTTP_GET, STR_INIT("/api/v1/orders"), list_orders, .permission = "orders.read",
     .flags = HTTP_LIST, .out = &order_head_shape, .params = FILTER, .summary = "Orders"},
    {HTTP_GET, STR_INIT("/api/v1/orders.csv"), get_csv, .permission = "orders.read",
     .out_type = "text/csv", .params = FILTER, .summary = "Orders as CSV, a row for each line"},
    {HTTP_GET, STR_INIT("/api/v1/orders/:id"), get_order, .permission = "orders.read",
     .out = &order_shape, .summary = "An order, by id or number"},
    {HTTP_GET, STR_INIT("/api/v1/orders/:id/events"), get_events, .permission = "orders.read",
     .flags = HTTP_LIST, .out = &order_event_shape, .summary = "The timeline of an order"},
    {HTTP_POST, STR_INIT("/api/v1/orders/:id/notes"), post_note, .permission = "orders.write",
     .body = HTTP_BODY_JSON, .in = &text_in_shape, .examples = TEXT_EXAMPLE,
     .status = 204,
     .summary = "Write a note into the timeline"},
    {HTTP_PUT, STR_INIT("/api/v1/orders/:id/tags"), put_tags, .permission = "orders.write",
     .body = HTTP_BODY_JSON, .in = &tags_in_shape, .examples = TAGS_EXAMPLE,
     .out = &order_shape, .summary = "Set the tags"},
    {HTTP_PUT, STR_INIT("/api/v1/orders/:id/hold"), put_hold, .permission = "orders.write",
     .body = HTTP_BODY_JSON, .in = &hold_in_shape, .examples = HOLD_EXAMPLE,
     .out = &order_shape,
     .summary = "Hold an order back, or release it"},
    {HTTP_POST, STR_INIT("/api/v1/orders/:id/archive"), post_archive, .permission = "orders.write",
     .out = &order_shape, .summary = "Archive an order that is done"},
    {HTTP_POST, STR_INIT("/api/v1/orders/:id/unarchive"), post_unarchive,
     .permission = "orders.write", .out = &order_shape, .summary = "Take an order out of the archive"},
    {HTTP_POST, STR_INIT("/api/v1/orders/:id/change-preview"), post_preview,
     .permission = "orders.read", .body = HTTP_BODY_JSON, .in = &change_in_shape,
     .examples = CHANGE_EXAMPLE,
     .out = &change_preview_shape, .summary = "What a change would come to"},
    {HTTP_POST, STR_INIT("/api/v1/orders/:id/changes"), post_change, .permission = "orders.write",
     .flags = HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &change_in_shape,
     .examples = CHANGE_EXAMPLE,
     .out = &order_shape, .summary = "Change an order, or cancel a part of it"},
    {HTTP_POST, STR_INIT("/api/v1/orders/:id/cancel"), post_cancel, .permission = "orders.write",
     .flags = HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &cancel_in_shape,
     .examples = CANCEL_EXAMPLE,
     .out = &order_shape, .summary = "Cancel all of an order that was not sent"},
    {HTTP_GET, STR_INIT("/api/v1/carts"), list_carts, .permission = "orders.read",
     .flags = HTTP_LIST, .out = &cart_shape, .summary = "Carts, newest first"},
    {HTTP_POST, STR_INIT("/api/v1/carts"), post_draft, .permission = "orders.write",
     .flags = HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &draft_in_shape,
     .examples = DRAFT_EXAMPLE,
     .out = &cart_shape,
     .status = 201, .summary = "Write a draft order"},
    {HTTP_GET, STR_INIT("/api/v1/carts/:id"), get_cart, .permission = "orders.read",
     .out = &cart_shape, .summary = "A cart"},
    {HTTP_DELETE, STR_INIT("/api/v1/carts/:id"), delete_cart, .permission = "orders.write",
     .status = 204, .summary = "Delete a cart that was not bought"},
    {HTTP_POST, STR_INIT("/api/v1/carts/:id/place"), post_place, .permission = "orders.write",
     .flags = HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &place_in_shape,
     .examples = PLACE_EXAMPLE,
     .out = &checkout_result_shape, .summary = "Make an order of a cart without its buyer paying now"},
};
const HttpRoutes order_staff_routes = {"Orders", STAFF, COUNT_OF(STAFF)};

#define SHOP (HTTP_PUBLIC | HTTP_SHOPPER)

static const HttpRoute OWN[] = {
    {HTTP_GET, STR_INIT("/store/v1/orders/:token"), get_own, .flags = SHOP,
     .out = &order_own_shape, .summary = "An order, by the link from the mail"},
    {HTTP_GET, STR_INIT("/store/v1/orders/:token/events"), get_own_events,
     .flags = SHOP | HTTP_LIST, .out = &order_event_shape, .summary = "What happened to it"},
    {HTTP_POST, STR_INIT("/store/v1/orders/:token/change-preview"), post_own_preview, .flags = SHOP,
     .body = HTTP_BODY_JSON, .in = &change_in_shape, .examples = CHANGE_EXAMPLE,
     .out = &change_preview_shape,
     .summary = "What a change of one's order would come to"},
    {HTTP_POST, STR_INIT("/store/v1/orders/:token/changes"), post_own_change,
     .flags = SHOP | HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &change_in_shape,
     .examples = CHANGE_EXAMPLE,
     .out = &order_own_shape, .summary = "Change one's order before it is sent"},
    {HTTP_POST, STR_INIT("/store/v1/orders/:token/cancel"), post_own_cancel,
     .flags = SHOP | HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &cancel_in_shape,
     .examples = CANCEL_EXAMPLE,
     .out = &order_own_shape, .summary = "Cancel one's order before it is sent"},
    {HTTP_POST, STR_INIT("/store/v1/orders/:token/pay"), post_own_pay,
     .flags = SHOP | HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &pay_in_shape,
     .examples = PAY_EXAMPLE,
     .out = &checkout_result_shape, .summary = "Pay what is due of one's order"},
    {HTTP_GET, STR_INIT("/store/v1/account/orders"), list_own, .flags = HTTP_SHOPPER | HTTP_LIST,
     .out = &order_head_shape, .summary = "One's orders"},
    {HTTP_GET, STR_INIT("/store/v1/account/orders/:id"), get_account_order, .flags = HTTP_SHOPPER,
     .out = &order_own_shape, .summary = "One of one's orders"},
    {HTTP_POST, STR_INIT("/store/v1/carts/:token/reorder/:id"), post_reorder, .flags = SHOP,
     .out = &cart_shape, .summary = "Put what an order had into a cart"},
};
/* clang-format on */
const HttpRoutes order_own_routes = {"Orders of shoppers", OWN, COUNT_OF(OWN)};
