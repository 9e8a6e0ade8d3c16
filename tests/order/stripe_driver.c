/* stripe_driver - the client of Stripe's API, led by tests/e2e/stripe.test.mjs over stdin and
 * stdout: one command a line, one line of JSON for an answer. Usage: stripe_driver API_BASE
 * WEBHOOK_SECRET */
#include "base/codec.h"
#include "base/id.h"
#include "catalog/module.h"
#include "core/setting.h"
#include "order/module.h"
#include "order/order_sql.h"
#include "order/payment_int.h"
#include "order/payment_module.h"
#include "people/people.h"
#include "stock/module.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module);

static World  *w;
static int64_t offset_ms;

typedef struct Words {
    Str    items[8];
    size_t n;
} Words;

static int64_t number(const Words *c, size_t i)
{
    int64_t v = 0;
    return i < c->n && str_parse_i64(c->items[i], &v) ? v : 0;
}

/* As text: JavaScript's numbers do not hold ids. */
static void id_out(Json *j, const char *key, int64_t id)
{
    char text[32];
    int  n = snprintf(text, sizeof text, "%lld", (long long)id);
    json_str(j, key, (Str){text, (size_t)n});
}

static void answer(Status st, Json *j)
{
    json_str(j, "status", str_from_cstr(status_name(st)));
    if (st != ST_OK) {
        json_str(j, "error", str_from_cstr(w->cx.err.code));
        json_str(j, "message", str_from_cstr(w->cx.err.msg));
    }
}

static Status next_out(Status st, const PaymentNext *next, Json *j)
{
    static const char *const KINDS[] = {"done", "redirect", "failed"};
    if (st != ST_OK)
        return st;
    PaymentSession s;
    TRY(payment_session_get(&w->cx, next->session_id, &s));
    json_str(j, "kind", str_from_cstr(KINDS[next->kind]));
    json_str(j, "url", next->url);
    json_str(j, "code", next->code);
    json_str(j, "token", s.token);
    id_out(j, "session", s.id);
    json_str(j, "state", str_from_cstr(payment_status_names[s.status]));
    json_str(j, "next", s.next);
    return ST_OK;
}

/* begin AMOUNT CURRENCY ACCOUNT SAVE METHOD LATER */
static Status begin(const Words *c, Json *j)
{
    static int64_t cart = 1;
    PaymentNext    next = {0};
    PaymentAsk     ask = {.cart_id = ++cart,
                          .order_id = 77,
                          .number = STR("1001"),
                          .amount = money_of(number(c, 1), c->items[2]),
                          .provider = STR("stripe"),
                          .base_url = STR("https://shop.example"),
                          .return_url = STR("/checkout/done"),
                          .save_method = number(c, 4) != 0,
                          .method_id = number(c, 5),
                          .later = number(c, 6) != 0,
                          .buyer = {.email = STR("a@shop.example"), .account_id = number(c, 3)}};
    return next_out(payment_begin(&w->cx, &ask, &next), &next, j);
}

static Status webhook(const Words *c, Json *j)
{
    CLEANUP(buf_done) Buf body;
    (void)j;
    buf_init(&body, 1 << 20);
    if (!codec_base64(CODEC_BASE64, c->items[2], &body))
        abort();
    PaymentHook hook = {buf_str(&body), c->items[1]};
    return payment_webhook(&w->cx, STR("stripe"), &hook);
}

static Status payment_out(const Words *c, Json *j)
{
    OrderPayment row;
    bool         found;
    TRY(order_sql_payment_by_session(&w->cx, number(c, 1), &found, &row));
    if (found) {
        Payment p = payment_of(&row);
        shape_write(j, "payment", &payment_shape, &p);
        id_out(j, "payment_id", p.id);
    }
    return ST_OK;
}

static Status txn_out(Status st, const PaymentTxn *t, Json *j)
{
    if (st == ST_OK)
        shape_write(j, "txn", &payment_txn_shape, t);
    return st;
}

static Status methods(const Words *c, Json *j)
{
    PaymentMethodList list;
    TRY(payment_methods(&w->cx, number(c, 1), &list));
    json_arr(j, "methods");
    for (size_t i = 0; i < list.n; i++) {
        json_obj(j, NULL);
        id_out(j, "id", list.items[i].id);
        json_str(j, "last4", list.items[i].last4);
        json_end(j);
    }
    json_end(j);
    return ST_OK;
}

/* keep ACCOUNT: the address of a page to keep a card; kept ACCOUNT NAME: the buyer came back. */
static Status keep(const Words *c, Json *j)
{
    Str url;
    TRY(payment_method_begin(&w->cx, number(c, 1), STR("a@shop.example"), STR("stripe"),
                             STR("https://shop.example/saved?s={CHECKOUT_SESSION_ID}"),
                             STR("https://shop.example/account"), &url));
    json_str(j, "url", url);
    return ST_OK;
}

static Status run(const Words *c, Json *j)
{
    Str         verb = c->items[0];
    Cx         *cx = &w->cx;
    PaymentNext next;
    PaymentTxn  t;
    if (str_eq(verb, STR("begin")))
        return begin(c, j);
    if (str_eq(verb, STR("continue")))
        return next_out(payment_continue(cx, c->items[1], &next), &next, j);
    if (str_eq(verb, STR("webhook")))
        return webhook(c, j);
    if (str_eq(verb, STR("payment")))
        return payment_out(c, j);
    if (str_eq(verb, STR("capture")))
        return txn_out(payment_capture(cx, number(c, 1), number(c, 2), &t), &t, j);
    if (str_eq(verb, STR("void")))
        return txn_out(payment_void(cx, number(c, 1), &t), &t, j);
    if (str_eq(verb, STR("refund"))) {
        PaymentRefundAsk ask = {.payment_id = number(c, 1), .amount = number(c, 2)};
        return txn_out(payment_refund(cx, &ask, &t), &t, j);
    }
    if (str_eq(verb, STR("give_up")))
        return payment_give_up(cx, number(c, 1));
    if (str_eq(verb, STR("methods")))
        return methods(c, j);
    if (str_eq(verb, STR("keep")))
        return keep(c, j);
    if (str_eq(verb, STR("kept")))
        return payment_method_finish(cx, number(c, 1), STR("stripe"), c->items[2]);
    if (str_eq(verb, STR("forget")))
        return payment_method_remove(cx, number(c, 1), number(c, 2));
    if (str_eq(verb, STR("sweep"))) {
        offset_ms += number(c, 1) * 1000;
        cx->now = (UnixMs){clock_now().v + offset_ms};
        return payment_sweep(cx);
    }
    abort();
}

static void one_line(char *line)
{
    Words c = {.n = 0};
    for (Str rest = str_trim(str_from_cstr(line)), word; rest.len > 0 && c.n < 8;) {
        str_cut(rest, ' ', &word, &rest);
        c.items[c.n++] = word;
    }
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    Json j = json_begin(&b);
    w->cx.now = (UnixMs){clock_now().v + offset_ms};
    json_obj(&j, NULL);
    answer(run(&c, &j), &j);
    json_end(&j);
    printf(STR_FMT "\n", STR_ARG(buf_str(&b)));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const Setting STRIPE = {"payment.stripe", &payment_stripe_shape,
                                   &payment_stripe_defaults};
    static char          line[1 << 20];
    void                *state = NULL;
    if (argc != 3 || world_setup_sqlite(&state) != 0)
        return 1;
    w = state;
    PaymentStripeConfig config = payment_stripe_defaults;
    config.on = true;
    config.api_base = str_from_cstr(argv[1]);
    config.secret_key = STR("sk_test_123");
    config.webhook_secret = str_from_cstr(argv[2]);
    config.webhook_secret_old = STR("");
    config.descriptor = STR("SHOP");
    if (setting_put(&w->cx, &STRIPE, 0, &config, NULL) != ST_OK)
        return 1;
    while (fgets(line, sizeof line, stdin) != NULL)
        one_line(line);
    return world_teardown(&state);
}
