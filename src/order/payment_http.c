/* Payments for staff, and saved methods for customers. */
#include "order/payment_http.h"

#include "base/id.h"
#include "catalog/shop.h"
#include "http/page.h"
#include "order/bank.h"
#include "order/payment.h"
#include "people/customer.h"

#include <stdio.h>

/* --- lists ----------------------------------------------------------------------------------- */

static PageKey payment_key(const void *row)
{
    return (PageKey){.id = ((const Payment *)row)->id};
}

static PageKey session_key(const void *row)
{
    return (PageKey){.id = ((const PaymentSession *)row)->id};
}

static PageKey receipt_key(const void *row)
{
    return (PageKey){.id = ((const BankReceipt *)row)->id};
}

static PageKey txn_key(const void *row)
{
    return (PageKey){.id = ((const PaymentTxn *)row)->id};
}

static PageKey way_key(const void *row)
{
    (void)row;
    return (PageKey){0};
}

static PageKey method_key(const void *row)
{
    return (PageKey){.id = ((const PaymentMethod *)row)->id};
}

/* All of a short list, on one page. */
static void reply_all(Cx *cx, const HttpReq *rq, HttpResp *rs, const void *items, size_t n,
                      PageKeyFn *key)
{
    Page page = {.limit = (int64_t)n + 1};
    page_reply(cx, rq, rs, &page, items, n, key);
}

static Status get_payments(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page        page;
    PaymentList list;
    int64_t     order_id;
    TRY(http_query_id(cx, rq, STR("order"), "ord", 0, &order_id));
    TRY(page_read(cx, rq, &page));
    if (order_id != 0) {
        TRY(payment_of_order(cx, order_id, &list));
        reply_all(cx, rq, rs, list.items, list.n, payment_key);
        return ST_OK;
    }
    TRY(payment_list(cx, page.id, page.backwards, page.limit + 1, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, payment_key);
    return ST_OK;
}

static Status get_payment(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Payment p;
    TRY(http_param_id(cx, rq, 0, "pay", &id));
    TRY(payment_get(cx, id, &p));
    http_reply(rq, rs, &p);
    return ST_OK;
}

static Status get_txns(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    Payment        p;
    PaymentTxnList list;
    TRY(http_param_id(cx, rq, 0, "pay", &id));
    TRY(payment_get(cx, id, &p));
    TRY(payment_txns(cx, id, &list));
    reply_all(cx, rq, rs, list.items, list.n, txn_key);
    return ST_OK;
}

static Status get_sessions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page               page;
    PaymentSessionList list;
    int64_t            order_id;
    TRY(http_query_id(cx, rq, STR("order"), "ord", 0, &order_id));
    TRY(page_read(cx, rq, &page));
    if (order_id != 0) {
        TRY(payment_sessions_of_order(cx, order_id, &list));
        reply_all(cx, rq, rs, list.items, list.n, session_key);
        return ST_OK;
    }
    TRY(payment_session_list(cx, page.id, page.backwards, page.limit + 1, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, session_key);
    return ST_OK;
}

/* --- movements ------------------------------------------------------------------------------- */

typedef struct AmountIn {
    int64_t amount;
    Str     reason;
    bool    owed;
} AmountIn;

static const ShapeField CAPTURE_FIELDS[] = {
    SHAPE_INT(AmountIn, amount, .min = 0, .max = SHAPE_INT_MAX,
              .doc = "In minor units; 0 or absent: all that is left."),
};
static const Shape capture_shape =
    SHAPE_OF(AmountIn, "PaymentCapture", CAPTURE_FIELDS, .doc = "How much to capture.");

static const ShapeField REFUND_FIELDS[] = {
    SHAPE_INT(AmountIn, amount, .min = 1, .max = SHAPE_INT_MAX, .flags = SHAPE_REQUIRED,
              .doc = "In minor units."),
    SHAPE_TEXT(AmountIn, reason, .max = 500, .flags = SHAPE_LINE),
    SHAPE_BOOL(AmountIn, owed,
               .doc =
                   "The buyer pays it again, in another way. Otherwise what they had not paid too "
                   "much is granted: the order stays paid."),
};
static const Shape refund_shape =
    SHAPE_OF(AmountIn, "PaymentRefund", REFUND_FIELDS, .doc = "What to give back.");

static Status post_capture(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const AmountIn *in = rq->in;
    int64_t         id;
    PaymentTxn      t;
    TRY(http_param_id(cx, rq, 0, "pay", &id));
    TRY(payment_capture(cx, id, in->amount, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

static Status post_void(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t    id;
    PaymentTxn t;
    TRY(http_param_id(cx, rq, 0, "pay", &id));
    TRY(payment_void(cx, id, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

static Status post_refund(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const AmountIn  *in = rq->in;
    PaymentRefundAsk ask = {.amount = in->amount, .reason = in->reason, .owed = in->owed};
    PaymentTxn       t;
    TRY(http_param_id(cx, rq, 0, "pay", &ask.payment_id));
    TRY(payment_refund(cx, &ask, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

static Status post_refund_done(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t    id;
    PaymentTxn t;
    TRY(http_param_id(cx, rq, 0, "ptx", &id));
    TRY(payment_refund_done(cx, id, &t));
    http_reply(rq, rs, &t);
    return ST_OK;
}

/* Ask the provider now what became of a session. */
static Status post_session_check(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    PaymentSession s;
    PaymentNext    next;
    TRY(http_param_id(cx, rq, 0, "pse", &id));
    TRY(payment_session_get(cx, id, &s));
    TRY(payment_continue(cx, s.token, &next));
    TRY(payment_session_get(cx, id, &s));
    http_reply(rq, rs, &s);
    return ST_OK;
}

/* --- bank ------------------------------------------------------------------------------------ */

static const ShapeField RECEIPT_IN_FIELDS[] = {
    SHAPE_TEXT(BankReceiptIn, bank_ref, .min = 1, .max = 140, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "The bank's own name for it: the same again is not counted again."),
    SHAPE_MONEY(BankReceiptIn, amount, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(BankReceiptIn, text, .max = 250, .doc = "What the payer wrote."),
    SHAPE_TEXT(BankReceiptIn, payer, .max = 250),
    SHAPE_TIME(BankReceiptIn, received_at, .doc = "Absent: now."),
    SHAPE_ID(BankReceiptIn, payment_id, "pay", .doc = "Absent: found by the reference."),
};
static const Shape receipt_in_shape = SHAPE_OF(BankReceiptIn, "BankReceiptInput", RECEIPT_IN_FIELDS,
                                               .doc = "Money that was received.");

typedef struct MatchIn {
    int64_t payment_id;
} MatchIn;
static const ShapeField MATCH_FIELDS[] = {
    SHAPE_ID(MatchIn, payment_id, "pay", .flags = SHAPE_REQUIRED)};
static const Shape match_shape =
    SHAPE_OF(MatchIn, "BankReceiptMatch", MATCH_FIELDS, .doc = "What a receipt was for.");

static Status get_receipts(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page            page;
    BankReceiptList list;
    bool            open;
    TRY(page_read(cx, rq, &page));
    TRY(http_query_bool(cx, rq, STR("open"), false, &open));
    TRY(bank_receipt_list(cx, open, page.id, page.backwards, page.limit + 1, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, receipt_key);
    return ST_OK;
}

static Status post_receipt(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    BankReceipt r;
    TRY(bank_receive(cx, rq->in, &r));
    http_reply(rq, rs, &r);
    return ST_OK;
}

static Status post_match(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const MatchIn *in = rq->in;
    int64_t        id;
    BankReceipt    r;
    TRY(http_param_id(cx, rq, 0, "brc", &id));
    TRY(bank_match(cx, id, in->payment_id, &r));
    http_reply(rq, rs, &r);
    return ST_OK;
}

static Status post_import(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogShop shop;
    BankImport  im;
    Str         currency;
    TRY(catalog_shop(cx, &shop));
    TRY(http_query(cx, rq, STR("currency"), shop.currency, &currency));
    TRY(bank_import(cx, rq->body, currency, &im));
    http_reply(rq, rs, &im);
    return ST_OK;
}

/* --- ways and saved methods ------------------------------------------------------------------ */

static Status get_ways(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CatalogShop    shop;
    PaymentWayList list;
    PaymentWayAsk  ask = {.pickup = true, .ships = true};
    Str            currency;
    int64_t        amount;
    TRY(catalog_shop(cx, &shop));
    TRY(http_query(cx, rq, STR("currency"), shop.currency, &currency));
    TRY(http_query(cx, rq, STR("country"), STR(""), &ask.country));
    TRY(http_query_i64(cx, rq, STR("amount"), 1, SHAPE_INT_MAX, 1000, &amount));
    if (currency_find(currency) == NULL)
        return cx_fail(cx, ST_INVALID, "money.unknown_currency", "there is no such currency");
    ask.amount = money_of(amount, currency);
    TRY(payment_ways(cx, &ask, &list));
    reply_all(cx, rq, rs, list.items, list.n, way_key);
    return ST_OK;
}

/* Only a customer has methods, whatever else a key or a member of staff may do. */
static Status customer(Cx *cx)
{
    if (cx->actor.kind != ACTOR_CUSTOMER)
        return cx_fail(cx, ST_UNKNOWN, "core.login_needed", "sign in first");
    return ST_OK;
}

static Status get_methods(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PaymentMethodList list;
    TRY(customer(cx));
    TRY(payment_methods(cx, cx->actor.id, &list));
    reply_all(cx, rq, rs, list.items, list.n, method_key);
    return ST_OK;
}

static Status delete_method(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(customer(cx));
    TRY(http_param_id(cx, rq, 0, "pmt", &id));
    TRY(payment_method_remove(cx, cx->actor.id, id));
    http_reply_none(rs);
    return ST_OK;
}

static const HttpParam OF_ORDER[] = {
    {"order", "Only those of this order, oldest first.", "id", false}, {NULL, NULL, NULL, false}};
static const HttpParam RECEIPTS[] = {
    {"open", "true: only those without a payment.", "boolean", false}, {NULL, NULL, NULL, false}};
static const HttpParam IMPORT[] = {
    {"currency", "Of rows that name none; else the shop's.", "string", false},
    {NULL, NULL, NULL, false}};
static const HttpParam WAYS[] = {{"amount", "In minor units.", "integer", false},
                                 {"currency", "ISO 4217.", "string", false},
                                 {"country", "Of delivery, ISO 3166.", "string", false},
                                 {NULL, NULL, NULL, false}};

/* Of bodies, for the document. */
#define CAPTURE_EXAMPLE HTTP_EXAMPLE("{\"amount\":4895}")
#define REFUND_EXAMPLE  HTTP_EXAMPLE("{\"amount\":500,\"reason\":\"A scratch on the lid.\"}")
#define RECEIPT_EXAMPLE                                                                            \
    HTTP_EXAMPLE("{\"bank_ref\":\"2026112300471\",\"amount\":{\"amount\":4895,\"currency\":"       \
                 "\"EUR\"},\"text\":\"RF18 5390 0754 7034\",\"payer\":\"A. de "                    \
                 "Vries\",\"received_at\":\"2026-11-23T09:00:00Z\"}")
#define MATCH_EXAMPLE HTTP_EXAMPLE("{\"payment_id\":\"pay_0cn6n0t3j0804\"}")

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/api/v1/payments"), get_payments, .permission = "orders.read",
     .flags = HTTP_LIST, .out = &payment_shape, .params = OF_ORDER, .summary = "Payments"},
    {HTTP_GET, STR_INIT("/api/v1/payments/:id"), get_payment, .permission = "orders.read",
     .out = &payment_shape, .summary = "A payment"},
    {HTTP_GET, STR_INIT("/api/v1/payments/:id/transactions"), get_txns, .permission = "orders.read",
     .flags = HTTP_LIST, .out = &payment_txn_shape, .summary = "What was moved of a payment"},
    {HTTP_POST, STR_INIT("/api/v1/payments/:id/capture"), post_capture,
     .permission = "orders.write", .flags = HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON,
     .in = &capture_shape, .examples = CAPTURE_EXAMPLE, .out = &payment_txn_shape,
     .summary = "Capture what is authorised, or note money that was received by hand"},
    {HTTP_POST, STR_INIT("/api/v1/payments/:id/void"), post_void, .permission = "orders.write",
     .flags = HTTP_IDEMPOTENT, .out = &payment_txn_shape,
     .summary = "Let go of what is authorised, or of money that never came"},
    {HTTP_POST, STR_INIT("/api/v1/payments/:id/refunds"), post_refund, .permission = "orders.write",
     .flags = HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &refund_shape,
     .examples = REFUND_EXAMPLE, .out = &payment_txn_shape, .summary = "Give money back"},
    {HTTP_POST, STR_INIT("/api/v1/payment-transactions/:id/done"), post_refund_done,
     .permission = "orders.write", .out = &payment_txn_shape,
     .summary = "A refund by hand was paid out"},
    {HTTP_GET, STR_INIT("/api/v1/payment-sessions"), get_sessions, .permission = "orders.read",
     .flags = HTTP_LIST, .out = &payment_session_shape, .params = OF_ORDER,
     .summary = "Attempts to pay"},
    {HTTP_POST, STR_INIT("/api/v1/payment-sessions/:id/check"), post_session_check,
     .permission = "orders.write", .out = &payment_session_shape,
     .summary = "Ask the provider what became of it"},
    {HTTP_GET, STR_INIT("/api/v1/payment-ways"), get_ways, .permission = "orders.read",
     .flags = HTTP_LIST, .out = &payment_way_shape, .params = WAYS,
     .summary = "Ways to pay that a cart would be offered"},
    {HTTP_GET, STR_INIT("/api/v1/bank-receipts"), get_receipts, .permission = "orders.read",
     .flags = HTTP_LIST, .out = &bank_receipt_shape, .params = RECEIPTS,
     .summary = "Money that came to the shop's account"},
    {HTTP_POST, STR_INIT("/api/v1/bank-receipts"), post_receipt, .permission = "orders.write",
     .body = HTTP_BODY_JSON, .in = &receipt_in_shape, .examples = RECEIPT_EXAMPLE,
     .out = &bank_receipt_shape, .summary = "Money was received; it is matched by its reference"},
    {HTTP_POST, STR_INIT("/api/v1/bank-receipts/:id/match"), post_match,
     .permission = "orders.write", .body = HTTP_BODY_JSON, .in = &match_shape,
     .examples = MATCH_EXAMPLE, .out = &bank_receipt_shape,
     .summary = "Say what a receipt was for"},
    {HTTP_POST, STR_INIT("/api/v1/bank-receipts/import"), post_import, .permission = "orders.write",
     .body = HTTP_BODY_RAW, .body_max = BANK_FILE_MAX, .out = &bank_import_shape, .params = IMPORT,
     .summary = "Import a bank's CSV file"},
    {HTTP_GET, STR_INIT("/store/v1/account/payment-methods"), get_methods,
     .flags = HTTP_SHOPPER | HTTP_LIST, .out = &payment_method_shape,
     .summary = "One's saved ways to pay"},
    {HTTP_DELETE, STR_INIT("/store/v1/account/payment-methods/:id"), delete_method,
     .flags = HTTP_SHOPPER, .status = 204, .summary = "Forget a saved way to pay"},
};
const HttpRoutes payment_routes = {"Payments", ROUTES, COUNT_OF(ROUTES)};
