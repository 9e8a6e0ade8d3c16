/* Carts and checkout for storefronts: /store/v1/carts. Whoever has the token has the cart. */
#include "order/cart.h"

#include "base/id.h"
#include "catalog/product.h"
#include "http/page.h"
#include "order/cart_http.h"
#include "order/checkout.h"
#include "order/order.h"

#include <string.h>

Str order_base_url(Cx *cx, const HttpReq *rq)
{
    CLEANUP(buf_done) Buf b = {0};
    Str                   host = http_header(rq, STR("host"));
    buf_init(&b, 1024);
    buf_add(&b, rq->tls ? STR("https://") : STR("http://"));
    buf_add(&b, str_head(host, 255));
    return str_dup(cx->arena, buf_str(&b));
}

static Str token_of(const HttpReq *rq)
{
    return rq->params[0];
}

/* --- bodies ------------------------------------------------------------------------------- */

typedef TOTALS_LIST(CartItem) Items;

typedef struct NewCart {
    Str   currency, locale, country, anonymous_id;
    Items items;
} NewCart;

static const ShapeField ITEM[] = {
    SHAPE_ID(CartItem, variant_id, CATALOG_VARIANT_ID, .flags = SHAPE_REQUIRED),
    SHAPE_INT(CartItem, qty, .min = 1, .max = CART_QTY_MAX, .flags = SHAPE_REQUIRED),
    SHAPE_LIST(CartItem, properties, OrderProperty, &order_property_shape,
               .max = CART_PROPERTIES_MAX),
};
static const Shape item_shape =
    SHAPE_OF(CartItem, "CartItem", ITEM, .doc = "So many of a variant, to be put into a cart.");

static const ShapeField NEW_CART[] = {
    SHAPE_TEXT(NewCart, currency, .max = 3, .flags = SHAPE_LINE, .doc = "Else the shop's."),
    SHAPE_TEXT(NewCart, locale, .max = 35, .flags = SHAPE_LINE),
    SHAPE_TEXT(NewCart, country, .max = 2, .flags = SHAPE_LINE,
               .doc = "A guess of where it goes, for taxes."),
    SHAPE_TEXT(NewCart, anonymous_id, .max = 255, .flags = SHAPE_LINE,
               .doc = "What the browser or app calls itself to the tracker."),
    SHAPE_LIST(NewCart, items, CartItem, &item_shape, .max = CART_LINES_MAX),
};
static const Shape new_cart_shape =
    SHAPE_OF(NewCart, "CartNew", NEW_CART, .doc = "A cart to be made.");

typedef struct ItemsIn {
    Items items;
} ItemsIn;

static const ShapeField ITEMS_IN[] = {
    SHAPE_LIST(ItemsIn, items, CartItem, &item_shape, .min = 1, .max = CART_LINES_MAX,
               .flags = SHAPE_REQUIRED),
};
static const Shape items_in_shape =
    SHAPE_OF(ItemsIn, "CartItems", ITEMS_IN, .doc = "What is to be put into a cart.");

typedef struct LineIn {
    uint64_t        given;
    int64_t         qty;
    OrderProperties properties;
} LineIn;

static const ShapeField LINE_IN[] = {
    SHAPE_INT(LineIn, qty, .min = 0, .max = CART_QTY_MAX, .doc = "0 takes it away."),
    SHAPE_LIST(LineIn, properties, OrderProperty, &order_property_shape,
               .max = CART_PROPERTIES_MAX),
};
static const Shape line_in_shape =
    SHAPE_OF_PATCH(LineIn, "CartLineChange", LINE_IN, .doc = "How a line is to be changed.");

typedef struct CodeIn {
    Str code;
} CodeIn;

static const ShapeField CODE_IN[] = {
    SHAPE_TEXT(CodeIn, code, .min = 1, .max = 64, .flags = SHAPE_REQUIRED | SHAPE_LINE),
};
static const Shape code_in_shape = SHAPE_OF(CodeIn, "CartCode", CODE_IN, .doc = "A code.");

typedef struct UpdateIn {
    uint64_t        given;
    Str             email, phone;
    OrderAddress   *address, *billing;
    Str             note;
    bool            gift;
    Str             gift_message;
    OrderProperties attributes;
    OrderTexts      codes;
    OptI64          delivery_method_id;
    Str             delivery_point, delivery_slot;
    Str             payment, locale, currency, anonymous_id;
} UpdateIn;

static const ShapeField UPDATE_IN[] = {
    SHAPE_TEXT(UpdateIn, email, .max = 254, .flags = SHAPE_LINE),
    SHAPE_TEXT(UpdateIn, phone, .max = 40, .flags = SHAPE_LINE),
    SHAPE_OBJECT(UpdateIn, address, OrderAddress, &order_address_shape),
    SHAPE_OBJECT(UpdateIn, billing, OrderAddress, &order_address_shape, .doc = "Null: the same."),
    SHAPE_TEXT(UpdateIn, note, .max = CART_NOTE_MAX),
    SHAPE_BOOL(UpdateIn, gift),
    SHAPE_TEXT(UpdateIn, gift_message, .max = CART_NOTE_MAX),
    SHAPE_LIST(UpdateIn, attributes, OrderProperty, &order_property_shape,
               .max = CART_PROPERTIES_MAX),
    SHAPE_TEXTS(UpdateIn, codes, .max = CART_CODES_MAX, .item_max = 64),
    SHAPE_ID(UpdateIn, delivery_method_id, DELIVERY_METHOD_ID),
    SHAPE_TEXT(UpdateIn, delivery_point, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(UpdateIn, delivery_slot, .max = 100, .flags = SHAPE_LINE),
    SHAPE_TEXT(UpdateIn, payment, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TEXT(UpdateIn, locale, .max = 35, .flags = SHAPE_LINE),
    SHAPE_TEXT(UpdateIn, currency, .max = 3, .flags = SHAPE_LINE),
    SHAPE_TEXT(UpdateIn, anonymous_id, .max = 255, .flags = SHAPE_LINE,
               .doc = "What the browser or app calls itself to the tracker."),
};
static const Shape update_in_shape =
    SHAPE_OF_PATCH(UpdateIn, "CartUpdate", UPDATE_IN, .doc = "What is to be changed of a cart.");

#define GIVEN(member) SHAPE_GIVEN(&update_in_shape, UpdateIn, in, member)

static CartUpdate update_of(const UpdateIn *in)
{
    CartUpdate u = {.email = in->email,
                    .phone = in->phone,
                    .address = in->address,
                    .billing = in->billing,
                    .note = in->note,
                    .gift = in->gift,
                    .gift_message = in->gift_message,
                    .attributes = in->attributes,
                    .codes = in->codes,
                    .method_id = in->delivery_method_id.v,
                    .point = in->delivery_point,
                    .slot = in->delivery_slot,
                    .payment = in->payment,
                    .locale = in->locale,
                    .currency = in->currency,
                    .anonymous_id = in->anonymous_id};
    u.set = (GIVEN(email) ? CART_SET_EMAIL : 0U) | (GIVEN(phone) ? CART_SET_PHONE : 0U) |
            (GIVEN(address) ? CART_SET_ADDRESS : 0U) | (GIVEN(billing) ? CART_SET_BILLING : 0U) |
            (GIVEN(note) ? CART_SET_NOTE : 0U) |
            (GIVEN(gift) || GIVEN(gift_message) ? CART_SET_GIFT : 0U) |
            (GIVEN(attributes) ? CART_SET_ATTRIBUTES : 0U) | (GIVEN(codes) ? CART_SET_CODES : 0U) |
            (GIVEN(delivery_method_id) ? CART_SET_DELIVERY : 0U) |
            (GIVEN(payment) ? CART_SET_PAYMENT : 0U) | (GIVEN(locale) ? CART_SET_LOCALE : 0U) |
            (GIVEN(currency) ? CART_SET_CURRENCY : 0U) |
            (GIVEN(anonymous_id) ? CART_SET_ANONYMOUS : 0U);
    return u;
}

/* --- carts -------------------------------------------------------------------------------- */

/* POST /store/v1/carts */
static Status post_cart(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const NewCart *in = rq->in;
    const CartNew new = {.currency = in->currency,
                         .locale = in->locale,
                         .country = in->country,
                         .anonymous_id = in->anonymous_id};
    Cart cart;
    TRY(cart_create(cx, &new, &cart));
    if (in->items.n > 0)
        TRY(cart_add(cx, cart.token, in->items.items, in->items.n, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* GET /store/v1/carts/:token */
static Status get_cart(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Cart cart;
    TRY(cart_get(cx, token_of(rq), &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* PATCH /store/v1/carts/:token */
static Status patch_cart(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const CartUpdate u = update_of(rq->in);
    Cart             cart;
    TRY(cart_update(cx, token_of(rq), &u, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* POST /store/v1/carts/:token/lines */
static Status post_lines(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const ItemsIn *in = rq->in;
    Cart           cart;
    TRY(cart_add(cx, token_of(rq), in->items.items, in->items.n, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* PATCH /store/v1/carts/:token/lines/:id */
static Status patch_line(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const LineIn *in = rq->in;
    CartChange    change = {0};
    Cart          cart;
    TRY(http_param_id(cx, rq, 1, ORDER_CLN_ID, &change.line_id));
    if (SHAPE_GIVEN(&line_in_shape, LineIn, in, qty))
        change.qty = opt_i64(in->qty);
    if (SHAPE_GIVEN(&line_in_shape, LineIn, in, properties))
        change.properties = &in->properties;
    TRY(cart_change(cx, token_of(rq), &change, 1, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* DELETE /store/v1/carts/:token/lines/:id */
static Status delete_line(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Cart    cart;
    TRY(http_param_id(cx, rq, 1, ORDER_CLN_ID, &id));
    TRY(cart_remove(cx, token_of(rq), id, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* POST /store/v1/carts/:token/codes */
static Status post_code(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Cart cart;
    TRY(cart_apply_code(cx, token_of(rq), ((const CodeIn *)rq->in)->code, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* DELETE /store/v1/carts/:token/codes/:code */
static Status delete_code(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Cart cart;
    TRY(cart_remove_code(cx, token_of(rq), rq->params[1], &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* --- delivery and payment ----------------------------------------------------------------- */

static const ShapeField OFFER[] = {
    SHAPE_TEXT(DeliveryOffer, id),     SHAPE_TEXT(DeliveryOffer, title),
    SHAPE_TEXT(DeliveryOffer, line1),  SHAPE_TEXT(DeliveryOffer, city),
    SHAPE_TEXT(DeliveryOffer, postal), SHAPE_TEXT(DeliveryOffer, country),
    SHAPE_TEXT(DeliveryOffer, hours),  SHAPE_BOOL(DeliveryOffer, here),
    SHAPE_INT(DeliveryOffer, left),
};
static const Shape offer_shape = SHAPE_OF(DeliveryOffer, "CartDeliveryOffer", OFFER,
                                          .doc = "A place to fetch it, or a slot of time.");

typedef struct OptionOut {
    int64_t        method_id;
    int            kind;
    Str            title, description, carrier;
    Money          amount, to_free;
    Str            promise_from, promise_to;
    OptTime        order_by;
    DeliveryOffers points, slots;
} OptionOut;

static const ShapeField OPTION[] = {
    SHAPE_ID(OptionOut, method_id, DELIVERY_METHOD_ID),
    SHAPE_ENUM(OptionOut, kind, delivery_kind_names),
    SHAPE_TEXT(OptionOut, title),
    SHAPE_TEXT(OptionOut, description),
    SHAPE_TEXT(OptionOut, carrier),
    SHAPE_MONEY(OptionOut, amount),
    SHAPE_MONEY(OptionOut, to_free, .flags = SHAPE_NULLABLE,
                .doc = "What is missing to free delivery."),
    SHAPE_TEXT(OptionOut, promise_from, .doc = "Day in the shop's time zone; empty: none."),
    SHAPE_TEXT(OptionOut, promise_to),
    SHAPE_TIME(OptionOut, order_by, .doc = "Until then the promise holds."),
    SHAPE_LIST(OptionOut, points, DeliveryOffer, &offer_shape, .doc = "Choose one."),
    SHAPE_LIST(OptionOut, slots, DeliveryOffer, &offer_shape, .doc = "Choose one."),
};
static const Shape option_shape =
    SHAPE_OF(OptionOut, "CartDeliveryOption", OPTION, .doc = "A way to get the goods.");

typedef struct OptionsOut {
    TOTALS_LIST(OptionOut) options;
    int problem;
} OptionsOut;

static const ShapeField OPTIONS[] = {
    SHAPE_LIST(OptionsOut, options, OptionOut, &option_shape),
    SHAPE_ENUM(OptionsOut, problem, delivery_problem_names, .doc = "Why there are none."),
};
static const Shape options_shape =
    SHAPE_OF(OptionsOut, "CartDeliveryOptions", OPTIONS, .doc = "The ways to get the goods.");

static OptionOut option_out(Cx *cx, const DeliveryOption *o)
{
    return (OptionOut){.method_id = o->method_id,
                       .kind = o->kind,
                       .title = o->title,
                       .description = o->description,
                       .carrier = o->carrier,
                       .amount = o->amount,
                       .to_free = o->to_free,
                       .promise_from = order_delivery_day(cx->arena, o->promise.from),
                       .promise_to = order_delivery_day(cx->arena, o->promise.to),
                       .order_by = o->promise.order_by,
                       .points = o->points,
                       .slots = o->slots};
}

/* GET /store/v1/carts/:token/delivery-options */
static Status get_delivery(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Cart            cart;
    DeliveryOptions options;
    OptionsOut      out = {0};
    TRY(cart_delivery_options(cx, token_of(rq), &cart, &options));
    out.problem = options.problem;
    out.options.items = arena_array(cx->arena, OptionOut, options.n);
    for (size_t i = 0; i < options.n; i++)
        out.options.items[out.options.n++] = option_out(cx, &options.items[i]);
    http_reply(rq, rs, &out);
    return ST_OK;
}

static PageKey way_key(const void *row)
{
    (void)row;
    return (PageKey){0};
}

/* GET /store/v1/carts/:token/payment-ways */
static Status get_ways(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Cart           cart;
    PaymentWayList ways;
    TRY(cart_get(cx, token_of(rq), &cart));
    const PaymentWayAsk ask = {.amount = cart.totals.total,
                               .country = cart.address ? cart.address->country : STR(""),
                               .pickup = cart.delivery.method_id != 0 &&
                                         cart.delivery.kind == DELIVERY_PICKUP,
                               .ships = cart.needs_delivery};
    TRY(payment_ways(cx, &ask, &ways));
    const Page page = {.limit = (int64_t)ways.n + 1};
    page_reply(cx, rq, rs, &page, ways.items, ways.n, way_key);
    return ST_OK;
}

/* --- checkout ----------------------------------------------------------------------------- */

typedef struct CheckoutIn {
    Money           expected_total;
    Str             payment;
    Str             input;
    OptI64          method_id;
    bool            save_method;
    CheckoutConsent consent;
    Str             return_url;
} CheckoutIn;

static const ShapeField CHECKOUT_IN[] = {
    SHAPE_MONEY(CheckoutIn, expected_total, .flags = SHAPE_NULLABLE,
                .doc = "What the buyer saw: 409 order.cart_changed when it is another now."),
    SHAPE_TEXT(CheckoutIn, payment, .max = 64, .flags = SHAPE_LINE,
               .doc = "Key of the way to pay; else the cart's."),
    SHAPE_JSON(CheckoutIn, input, .max = PAYMENT_INPUT_MAX, .flags = SHAPE_NULLABLE,
               .doc = "What the provider asked the buyer: an object of texts."),
    SHAPE_ID(CheckoutIn, method_id, "pmt", .doc = "A saved way to pay."),
    SHAPE_BOOL(CheckoutIn, save_method),
    SHAPE_OBJECT(CheckoutIn, consent, CheckoutConsent, &checkout_consent_shape),
    SHAPE_TEXT(CheckoutIn, return_url, .max = 2000, .flags = SHAPE_LINE,
               .doc = "A path of this shop, where the buyer comes back to; else \"/\"."),
};
static const Shape checkout_in_shape =
    SHAPE_OF(CheckoutIn, "Checkout", CHECKOUT_IN, .doc = "Buy what is in a cart.");

static CheckoutAsk ask_of(Cx *cx, const HttpReq *rq)
{
    const CheckoutIn *in = rq->in;
    return (CheckoutAsk){.token = token_of(rq),
                         .expected = in->expected_total,
                         .provider = in->payment,
                         .input = in->input,
                         .method_id = in->method_id.v,
                         .save_method = in->save_method,
                         .consent = in->consent,
                         .base_url = order_base_url(cx, rq),
                         .return_url = in->return_url.len > 0 ? in->return_url : STR("/"),
                         .address = rq->peer,
                         .agent = http_header(rq, STR("user-agent"))};
}

/* POST /store/v1/carts/:token/checkout: 200 placed or to be continued at `url`; 409 with the cart
 * as it is now; 422 with what is missing. */
static Status post_checkout(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const CheckoutAsk ask = ask_of(cx, rq);
    CheckoutResult    result;
    Status            st = checkout_complete(cx, &ask, &result);
    if (st == ST_CONFLICT && strcmp(cx->err.code, "order.cart_changed") == 0) {
        result.state = CHECKOUT_FAILED;
        result.code = STR("order.cart_changed");
        result.total = result.cart->totals.total;
        http_reply(rq, rs, &result);
        rs->status = 409;
        return ST_OK;
    }
    TRY(st);
    http_reply(rq, rs, &result);
    return ST_OK;
}

/* POST /store/v1/carts/:token/reopen */
static Status post_reopen(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Cart cart;
    TRY(checkout_reopen(cx, token_of(rq), &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* --- customers ---------------------------------------------------------------------------- */

typedef struct TokenIn {
    Str token;
} TokenIn;

static const ShapeField TOKEN_IN[] = {
    SHAPE_TEXT(TokenIn, token, .max = 64, .flags = SHAPE_LINE, .doc = "The guest's cart."),
};
static const Shape token_in_shape =
    SHAPE_OF(TokenIn, "CartToken", TOKEN_IN, .doc = "A cart by its token.");

/* POST /store/v1/account/cart: the guest's cart and the account's become one. */
static Status post_merge(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Cart cart;
    bool found;
    TRY(people_require_customer(cx));
    TRY(cart_merge(cx, ((const TokenIn *)rq->in)->token, &found, &cart));
    if (!found)
        TRY(cart_create(cx, &(CartNew){0}, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

typedef struct NameIn {
    Str name;
} NameIn;

static const ShapeField NAME_IN[] = {
    SHAPE_TEXT(NameIn, name, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE),
};
static const Shape name_in_shape = SHAPE_OF(NameIn, "CartName", NAME_IN, .doc = "A name.");

/* POST /store/v1/carts/:token/save */
static Status post_save(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Cart cart;
    TRY(people_require_customer(cx));
    TRY(cart_save(cx, token_of(rq), ((const NameIn *)rq->in)->name, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

static PageKey cart_key(const void *row)
{
    return (PageKey){.id = ((const Cart *)row)->id};
}

/* GET /store/v1/account/carts */
static Status get_saved(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Carts carts;
    TRY(people_require_customer(cx));
    TRY(cart_saved(cx, cx->actor.id, &carts));
    const Page page = {.limit = (int64_t)carts.n + 1};
    page_reply(cx, rq, rs, &page, carts.items, carts.n, cart_key);
    return ST_OK;
}

/* POST /store/v1/carts/:token/restore/:id */
static Status post_restore(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Cart    cart;
    TRY(people_require_customer(cx));
    TRY(http_param_id(cx, rq, 1, ORDER_CART_ID, &id));
    TRY(cart_restore(cx, token_of(rq), id, &cart));
    http_reply(rq, rs, &cart);
    return ST_OK;
}

/* DELETE /store/v1/account/carts/:id */
static Status delete_saved(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(people_require_customer(cx));
    TRY(http_param_id(cx, rq, 0, ORDER_CART_ID, &id));
    TRY(cart_delete(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

#define SHOP (HTTP_PUBLIC | HTTP_SHOPPER)

/* Of bodies, for the document. */
#define NEW_CART_EXAMPLE                                                                           \
    HTTP_EXAMPLE("{\"locale\":\"nl\",\"country\":\"NL\",\"items\":[{\"variant_id\":\"var_"         \
                 "0cn6n0t3j0801\",\"qty\":2}]}")
#define UPDATE_EXAMPLE                                                                             \
    HTTP_EXAMPLE(                                                                                  \
        "{\"email\":\"anna@example.com\",\"address\":{\"first_name\":\"Anna\",\"last_name\":\"de " \
        "Vries\",\"line1\":\"Keizersgracht 1\",\"city\":\"Amsterdam\",\"postal_code\":\"1012 "     \
        "AB\",\"country\":\"NL\"},\"delivery_method_id\":\"dlm_0cn6n0t3j0802\",\"payment\":"       \
        "\"stripe\"}")
#define ITEMS_EXAMPLE                                                                              \
    HTTP_EXAMPLE("{\"items\":[{\"variant_id\":\"var_0cn6n0t3j0801\",\"qty\":1,\"properties\":[{"   \
                 "\"name\":\"Engraving\",\"value\":\"For Mia\"}]}]}")
#define LINE_EXAMPLE  HTTP_EXAMPLE("{\"qty\":3}")
#define CODE_EXAMPLE  HTTP_EXAMPLE("{\"code\":\"WELCOME10\"}")
#define NAME_EXAMPLE  HTTP_EXAMPLE("{\"name\":\"For the summer house\"}")
#define TOKEN_EXAMPLE HTTP_EXAMPLE("{\"token\":\"0GYDPJsB6ksroJ8lalbC7g\"}")
#define CHECKOUT_EXAMPLE                                                                           \
    HTTP_EXAMPLE("{\"expected_total\":{\"amount\":4895,\"currency\":\"EUR\"},\"payment\":"         \
                 "\"stripe\",\"consent\":{\"terms\":true},\"return_url\":\"/checkout/done\"}")

/* clang-format off */
static const HttpRoute ROUTES[] = {
    {HTTP_POST, STR_INIT("/store/v1/carts"), post_cart, .flags = SHOP | HTTP_IDEMPOTENT,
     .body = HTTP_BODY_JSON, .in = &new_cart_shape, .examples = NEW_CART_EXAMPLE,
     .out = &cart_shape, .status = 201,
     .summary = "Begin a cart"},
    {HTTP_GET, STR_INIT("/store/v1/carts/:token"), get_cart, .flags = SHOP, .out = &cart_shape,
     .summary = "A cart, priced as of now"},
    {HTTP_PATCH, STR_INIT("/store/v1/carts/:token"), patch_cart, .flags = SHOP,
     .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &update_in_shape,
     .examples = UPDATE_EXAMPLE,
     .out = &cart_shape,
     .summary = "Say who buys, where it goes, how it is delivered"},
    {HTTP_POST, STR_INIT("/store/v1/carts/:token/lines"), post_lines,
     .flags = SHOP | HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &items_in_shape,
     .examples = ITEMS_EXAMPLE,
     .out = &cart_shape, .summary = "Put something into a cart"},
    {HTTP_PATCH, STR_INIT("/store/v1/carts/:token/lines/:id"), patch_line, .flags = SHOP,
     .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &line_in_shape,
     .examples = LINE_EXAMPLE,
     .out = &cart_shape,
     .summary = "Change a line of a cart"},
    {HTTP_DELETE, STR_INIT("/store/v1/carts/:token/lines/:id"), delete_line, .flags = SHOP,
     .out = &cart_shape, .summary = "Take a line out of a cart"},
    {HTTP_POST, STR_INIT("/store/v1/carts/:token/codes"), post_code, .flags = SHOP,
     .body = HTTP_BODY_JSON, .in = &code_in_shape, .examples = CODE_EXAMPLE,
     .out = &cart_shape,
     .summary = "Give a promotion code"},
    {HTTP_DELETE, STR_INIT("/store/v1/carts/:token/codes/:code"), delete_code, .flags = SHOP,
     .out = &cart_shape, .summary = "Take a promotion code back"},
    {HTTP_GET, STR_INIT("/store/v1/carts/:token/delivery-options"), get_delivery, .flags = SHOP,
     .out = &options_shape, .summary = "The ways to get what is in a cart"},
    {HTTP_GET, STR_INIT("/store/v1/carts/:token/payment-ways"), get_ways,
     .flags = SHOP | HTTP_LIST, .out = &payment_way_shape, .summary = "The ways to pay a cart"},
    {HTTP_POST, STR_INIT("/store/v1/carts/:token/checkout"), post_checkout,
     .flags = SHOP | HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &checkout_in_shape,
     .examples = CHECKOUT_EXAMPLE,
     .out = &checkout_result_shape, .summary = "Buy what is in a cart"},
    {HTTP_POST, STR_INIT("/store/v1/carts/:token/reopen"), post_reopen, .flags = SHOP,
     .out = &cart_shape, .summary = "Give a payment up and open the cart again"},
    {HTTP_POST, STR_INIT("/store/v1/carts/:token/save"), post_save, .flags = HTTP_SHOPPER | HTTP_PUBLIC,
     .body = HTTP_BODY_JSON, .in = &name_in_shape, .examples = NAME_EXAMPLE,
     .out = &cart_shape, .status = 201,
     .summary = "Keep a cart under a name"},
    {HTTP_POST, STR_INIT("/store/v1/carts/:token/restore/:id"), post_restore,
     .flags = HTTP_SHOPPER | HTTP_PUBLIC, .out = &cart_shape,
     .summary = "Put what a saved cart has into this one"},
    {HTTP_POST, STR_INIT("/store/v1/account/cart"), post_merge, .flags = HTTP_SHOPPER,
     .body = HTTP_BODY_JSON, .in = &token_in_shape, .examples = TOKEN_EXAMPLE,
     .out = &cart_shape,
     .summary = "One's cart, with what the guest's had"},
    {HTTP_GET, STR_INIT("/store/v1/account/carts"), get_saved,
     .flags = HTTP_SHOPPER | HTTP_LIST, .out = &cart_shape,
     .summary = "One's saved carts"},
    {HTTP_DELETE, STR_INIT("/store/v1/account/carts/:id"), delete_saved,
     .flags = HTTP_SHOPPER, .status = 204, .summary = "Delete a saved cart"},
};
/* clang-format on */
const HttpRoutes order_cart_routes = {"Carts", ROUTES, COUNT_OF(ROUTES)};
