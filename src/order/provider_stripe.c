/* Stripe as a provider: its hosted page for new cards, Payment Intents for saved ones. */
#include "base/id.h"
#include "order/stripe.h"
#include "people/customer.h"

#include <stdio.h>
#include <string.h>

/* Stripe lets a page live 30 minutes at least; the hour is counted from when the session was made,
 * so that the same call again says the same. */
static const SpanMs PAGE_LIFE = {60 * 60 * 1000};

static Status config_of(Cx *cx, const PaymentStripeConfig **ret)
{
    const PaymentConfig *c;
    TRY(payment_config(cx, &c));
    *ret = &c->stripe;
    return ST_OK;
}

static Status stripe_offer(Cx *cx, const PaymentWayAsk *ask, bool *ret_on, PaymentWay *ret)
{
    const PaymentStripeConfig *c;
    int64_t                    amount;
    TRY(config_of(cx, &c));
    PaymentRule rule = {c->on, c->countries, c->currencies, c->min_amount, c->max_amount};
    *ret_on = payment_rule_fits(&rule, ask) && stripe_amount(ask->amount, &amount) &&
              c->secret_key.len > 0 && stripe_base_ok(c->api_base);
    ret->test =
        str_starts(c->secret_key, STR("sk_test_")) || str_starts(c->secret_key, STR("rk_test_"));
    return ST_OK;
}

/* --- customers ------------------------------------------------------------------------------- */

typedef struct Customer {
    int64_t account_id;
    Str     ref;
} Customer;

static Status customer_tx(Cx *cx, void *arg)
{
    const Customer *c = arg;
    return order_sql_payment_customer_add(cx, c->account_id, STR("stripe"), c->ref, NULL);
}

/* The customer of an account, made where there is none. */
static Status customer_of(Cx *cx, int64_t account_id, Str email, Str *ret)
{
    bool         found;
    StripeAnswer a;
    TRY(order_sql_payment_customer_get(cx, account_id, STR("stripe"), &found, ret));
    if (found)
        return ST_OK;
    CLEANUP(stripe_call_done) StripeCall c;
    Str                                  account = id_format(cx->arena, "acc", account_id);
    stripe_call_init(&c, true, "/v1/customers");
    stripe_add(&c, "email", email);
    stripe_add(&c, "metadata[rapport_account]", account);
    c.key = account;
    TRY(stripe_call(cx, &c, &a));
    if (a.status >= 300)
        return cx_fail(cx, ST_IO, "payment.provider_failed", "Stripe makes no customer: %d",
                       a.status);
    Customer made = {account_id, stripe_text(a.body, "id")};
    TRY(cx_in_tx(cx, customer_tx, &made));
    *ret = made.ref;
    return ST_OK;
}

/* --- what Stripe says of a payment ----------------------------------------------------------- */

/* Codes of declines as words of ours, for texts to shoppers. */
static Str decline_code(const JsonValue *error)
{
    static const char *const OURS[] = {
        "insufficient_funds",    "expired_card",       "incorrect_cvc",
        "processing_error",      "incorrect_number",   "lost_card",
        "stolen_card",           "card_not_supported", "currency_not_supported",
        "card_velocity_exceeded"};
    Str code = stripe_text(error, "decline_code");
    if (code.len == 0)
        code = stripe_text(error, "code");
    for (size_t i = 0; i < COUNT_OF(OURS); i++)
        if (str_eq(code, str_from_cstr(OURS[i])))
            return str_eq(code, STR("lost_card")) || str_eq(code, STR("stolen_card"))
                       ? STR("declined")
                       : str_from_cstr(OURS[i]);
    if (str_eq(code, STR("payment_intent_authentication_failure")) ||
        str_eq(code, STR("authentication_required")))
        return STR("authentication_failed");
    return STR("declined");
}

static void read_method(const JsonValue *pi, PaymentReply *ret)
{
    const JsonValue *method = stripe_get(pi, "payment_method");
    const JsonValue *card = stripe_get(method, "card");
    if (method == NULL || method->type != JSON_OBJECT)
        return;
    ret->method = stripe_text(method, "type");
    if (card != NULL) {
        ret->brand = stripe_text(card, "brand");
        ret->last4 = stripe_text(card, "last4");
        ret->fingerprint = stripe_text(card, "fingerprint");
        ret->saved_month = stripe_i64(card, "exp_month");
        ret->saved_year = stripe_i64(card, "exp_year");
    }
    if (stripe_text(pi, "setup_future_usage").len > 0)
        ret->saved_ref = stripe_text(method, "id");
}

static Str next_json(Cx *cx, const char *kind, const char *name, Str url)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8192);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "kind", str_from_cstr(kind));
    json_str(&j, name, url);
    json_end(&j);
    return str_dup(cx->arena, buf_str(&b));
}

/* Vouchers (OXXO, Boleto, Multibanco, Konbini) have a page with the code. */
static Str voucher_url(const JsonValue *next)
{
    for (uint32_t i = 0; next != NULL && next->type == JSON_OBJECT && i < next->n; i++) {
        Str url = stripe_text(&next->members[i].value, "hosted_voucher_url");
        if (url.len > 0)
            return url;
    }
    return (Str){0};
}

static void read_action(Cx *cx, const JsonValue *pi, PaymentReply *ret)
{
    const JsonValue *next = stripe_get(pi, "next_action");
    Str              url = stripe_text(stripe_get(next, "redirect_to_url"), "url");
    Str              voucher = voucher_url(next);
    ret->status = PAYMENT_WAITING;
    if (voucher.len > 0) {
        ret->status = PAYMENT_PENDING;
        ret->next = next_json(cx, "voucher", "pay_url", voucher);
        ret->expires = unix_ms_add(cx->now, SPAN_DAYS(8));
    } else if (url.len > 0) {
        ret->status = PAYMENT_ACTION;
        ret->next = next_json(cx, "redirect", "url", url);
    }
}

/* Debits that take days: the order can be placed, the money is on its way. */
static bool slow(Str method)
{
    static const char *const SLOW[] = {"sepa_debit", "bacs_debit",    "us_bank_account",
                                       "acss_debit", "au_becs_debit", "customer_balance"};
    for (size_t i = 0; i < COUNT_OF(SLOW); i++)
        if (str_eq(method, str_from_cstr(SLOW[i])))
            return true;
    return false;
}

static void read_intent(Cx *cx, const JsonValue *pi, PaymentReply *ret)
{
    Str              status = stripe_text(pi, "status");
    Str              currency = stripe_text(pi, "currency");
    const JsonValue *error = stripe_get(pi, "last_payment_error");
    char             cur[4] = {0};
    for (size_t i = 0; i < currency.len && i < 3; i++)
        cur[i] = (char)(currency.ptr[i] >= 'a' ? currency.ptr[i] - 'a' + 'A' : currency.ptr[i]);
    ret->charge = stripe_text(pi, "id");
    ret->authorized = stripe_amount_back(stripe_i64(pi, "amount"), str_from_cstr(cur));
    ret->captured = stripe_amount_back(stripe_i64(pi, "amount_received"), str_from_cstr(cur));
    read_method(pi, ret);
    if (str_eq(status, STR("succeeded"))) {
        ret->status = PAYMENT_CAPTURED;
    } else if (str_eq(status, STR("requires_capture"))) {
        ret->status = PAYMENT_AUTHORIZED;
    } else if (str_eq(status, STR("processing"))) {
        ret->status = slow(ret->method) ? PAYMENT_PENDING : PAYMENT_WAITING;
        ret->expires = slow(ret->method) ? unix_ms_add(cx->now, SPAN_DAYS(30)) : (UnixMs){0};
    } else if (str_eq(status, STR("canceled"))) {
        ret->status = PAYMENT_CANCELLED;
        ret->code = STR("cancelled");
    } else if (str_eq(status, STR("requires_action"))) {
        read_action(cx, pi, ret);
    } else if (error != NULL) {
        ret->status = PAYMENT_FAILED;
        ret->code = decline_code(error);
        ret->problem = stripe_text(error, "message");
    } else {
        ret->status = PAYMENT_WAITING;
    }
}

/* While its page is open the buyer can try another card: a decline there is not the end. */
static void read_page(Cx *cx, const JsonValue *page, PaymentReply *ret)
{
    Str              status = stripe_text(page, "status");
    const JsonValue *pi = stripe_get(page, "payment_intent");
    bool             known = pi != NULL && pi->type == JSON_OBJECT;
    if (known)
        read_intent(cx, pi, ret);
    ret->ref = stripe_text(page, "id");
    if (str_eq(status, STR("expired"))) {
        ret->status = PAYMENT_CANCELLED;
        ret->code = STR("expired");
    } else if (str_eq(status, STR("open"))) {
        ret->status = PAYMENT_ACTION;
        ret->code = (Str){0};
        if (stripe_text(page, "url").len > 0)
            ret->next = next_json(cx, "redirect", "url", stripe_text(page, "url"));
    } else if (!known) {
        ret->status = PAYMENT_WAITING;
    }
}

/* Stripe's no to a call: a decline, or something wrong with it. */
static Status refused(Cx *cx, const PaymentSession *s, const StripeAnswer *a, PaymentReply *ret)
{
    const JsonValue *pi = stripe_get(a->body, "payment_intent");
    *ret = (PaymentReply){
        .status = PAYMENT_FAILED,
        .ref = s->ref.len > 0 ? s->ref : stripe_text(pi, "id"),
        .charge = stripe_text(pi, "id"),
        .code = decline_code(a->body),
        .problem = stripe_text(a->body, "message"),
        .fingerprint =
            stripe_text(stripe_get(stripe_get(a->body, "payment_method"), "card"), "fingerprint")};
    if (!str_eq(stripe_text(a->body, "type"), STR("card_error")))
        ret->code = STR("provider_refused");
    (void)cx;
    return ST_OK;
}

/* --- beginning ------------------------------------------------------------------------------- */

static void add_metadata(Cx *cx, StripeCall *c, const char *at, const PaymentSession *s)
{
    char name[80];
    snprintf(name, sizeof name, "%s[rapport_session]", at);
    stripe_add(c, name, id_format(cx->arena, "pse", s->id));
    if (s->number.len > 0) {
        snprintf(name, sizeof name, "%s[order]", at);
        stripe_add(c, name, s->number);
    }
}

static Str lower(Cx *cx, const char *cur)
{
    return str_lower_ascii(cx->arena, str_from_cstr(cur));
}

static Str title_of(Cx *cx, const PaymentSession *s)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 200);
    buf_addf(&b, "Order " STR_FMT, STR_ARG(s->number));
    return str_trim(str_dup(cx->arena, buf_str(&b)));
}

static Status add_buyer(Cx *cx, StripeCall *c, const PaymentSession *s)
{
    Str customer;
    if (s->account_id == 0 || (!s->save_method && s->method_id == 0)) {
        stripe_add(c, "customer_email", s->email);
        return ST_OK;
    }
    TRY(customer_of(cx, s->account_id, s->email, &customer));
    stripe_add(c, "customer", customer);
    if (s->save_method)
        stripe_add(c, "payment_intent_data[setup_future_usage]", STR("on_session"));
    return ST_OK;
}

static Status open_page(Cx *cx, const PaymentSession *s, const PaymentStripeConfig *config,
                        PaymentReply *ret)
{
    CLEANUP(stripe_call_done) StripeCall c = {0};
    StripeAnswer                         a;
    int64_t                              amount;
    bool                                 fits = stripe_amount(s->amount, &amount);
    if (!fits)
        return cx_fail(cx, ST_INVALID, "payment.amount", "Stripe cannot take this amount");
    stripe_call_init(&c, true, "/v1/checkout/sessions");
    stripe_add(&c, "mode", STR("payment"));
    stripe_add(&c, "client_reference_id", id_format(cx->arena, "pse", s->id));
    stripe_add(&c, "success_url", payment_url(cx, s, "return"));
    stripe_add(&c, "cancel_url", payment_url(cx, s, "cancel"));
    stripe_add_i64(&c, "expires_at", (s->created_at.v + PAGE_LIFE.v) / 1000);
    stripe_add(&c, "locale", STR("auto"));
    stripe_add_i64(&c, "line_items[0][quantity]", 1);
    stripe_add(&c, "line_items[0][price_data][currency]", lower(cx, s->amount.cur));
    stripe_add_i64(&c, "line_items[0][price_data][unit_amount]", amount);
    stripe_add(&c, "line_items[0][price_data][product_data][name]", title_of(cx, s));
    if (s->later || config->later)
        stripe_add(&c, "payment_intent_data[capture_method]", STR("manual"));
    stripe_add(&c, "payment_intent_data[description]", title_of(cx, s));
    stripe_add(&c, "payment_intent_data[statement_descriptor_suffix]", config->descriptor);
    add_metadata(cx, &c, "payment_intent_data[metadata]", s);
    add_metadata(cx, &c, "metadata", s);
    TRY(add_buyer(cx, &c, s));
    c.key = payment_call_key(cx->arena, "pse", s->id);
    TRY(stripe_call(cx, &c, &a));
    if (a.status >= 300)
        return refused(cx, s, &a, ret);
    read_page(cx, a.body, ret);
    ret->expires = unix_ms_add(s->created_at, PAGE_LIFE);
    return ST_OK;
}

static Status charge_saved(Cx *cx, const PaymentSession *s, const PaymentStripeConfig *config,
                           PaymentReply *ret)
{
    CLEANUP(stripe_call_done) StripeCall c = {0};
    StripeAnswer                         a;
    OrderPaymentMethod                   method;
    Str                                  customer;
    bool                                 found;
    int64_t                              amount;
    TRY(order_sql_payment_method_get(cx, s->method_id, s->account_id, &found, &method));
    if (!found || !stripe_amount(s->amount, &amount)) {
        *ret = (PaymentReply){.status = PAYMENT_FAILED, .code = STR("declined")};
        return ST_OK;
    }
    TRY(customer_of(cx, s->account_id, s->email, &customer));
    stripe_call_init(&c, true, "/v1/payment_intents");
    stripe_add_i64(&c, "amount", amount);
    stripe_add(&c, "currency", lower(cx, s->amount.cur));
    stripe_add(&c, "customer", customer);
    stripe_add(&c, "payment_method", method.ref);
    stripe_add(&c, "allowed_payment_method_types[0]", STR("card"));
    stripe_add(&c, "confirm", STR("true"));
    stripe_add(&c, "return_url", payment_url(cx, s, "return"));
    if (s->later || config->later)
        stripe_add(&c, "capture_method", STR("manual"));
    stripe_add(&c, "description", title_of(cx, s));
    stripe_add(&c, "statement_descriptor_suffix", config->descriptor);
    stripe_add(&c, "expand[0]", STR("payment_method"));
    add_metadata(cx, &c, "metadata", s);
    c.key = payment_call_key(cx->arena, "pse", s->id);
    TRY(stripe_call(cx, &c, &a));
    if (a.status >= 300)
        return refused(cx, s, &a, ret);
    read_intent(cx, a.body, ret);
    ret->ref = ret->charge;
    return ST_OK;
}

static Status stripe_initiate(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    const PaymentStripeConfig *config;
    TRY(config_of(cx, &config));
    return s->method_id != 0 ? charge_saved(cx, s, config, ret) : open_page(cx, s, config, ret);
}

/* --- asking ---------------------------------------------------------------------------------- */

static Status gone(Cx *cx, const StripeAnswer *a)
{
    return cx_fail(cx, ST_IO, "payment.provider_failed", "Stripe answers %d: %.100s", a->status,
                   str_cstr(cx->arena, stripe_text(a->body, "message")));
}

static Status get_intent(Cx *cx, Str id, StripeAnswer *ret)
{
    CLEANUP(stripe_call_done) StripeCall c;
    stripe_call_init(&c, false, "/v1/payment_intents/%.200s", str_cstr(cx->arena, id));
    stripe_add(&c, "expand[0]", STR("payment_method"));
    TRY(stripe_call(cx, &c, ret));
    return ret->status >= 300 ? gone(cx, ret) : ST_OK;
}

static Status stripe_status(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    StripeAnswer a;
    if (str_starts(s->ref, STR("pi_"))) {
        TRY(get_intent(cx, s->ref, &a));
        read_intent(cx, a.body, ret);
        ret->ref = s->ref;
        return ST_OK;
    }
    CLEANUP(stripe_call_done) StripeCall c;
    stripe_call_init(&c, false, "/v1/checkout/sessions/%.200s", str_cstr(cx->arena, s->ref));
    stripe_add(&c, "expand[0]", STR("payment_intent.payment_method"));
    TRY(stripe_call(cx, &c, &a));
    if (a.status >= 300)
        return gone(cx, &a);
    read_page(cx, a.body, ret);
    return ST_OK;
}

static Status stripe_give_up(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    CLEANUP(stripe_call_done) StripeCall c;
    StripeAnswer                         a;
    bool                                 page = str_starts(s->ref, STR("cs_"));
    stripe_call_init(&c, true,
                     page ? "/v1/checkout/sessions/%.200s/expire"
                          : "/v1/payment_intents/%.200s/cancel",
                     str_cstr(cx->arena, s->ref));
    TRY(stripe_call(cx, &c, &a));
    if (a.status >= 300) /* it is not open any more: what is it, then? */
        return stripe_status(cx, s, ret);
    if (page)
        read_page(cx, a.body, ret);
    else
        read_intent(cx, a.body, ret);
    return ST_OK;
}

/* --- movements ------------------------------------------------------------------------------- */

static int refund_status(Str status)
{
    return str_eq(status, STR("succeeded"))                                   ? PAYMENT_TXN_DONE
           : str_eq(status, STR("failed")) || str_eq(status, STR("canceled")) ? PAYMENT_TXN_FAILED
                                                                              : PAYMENT_TXN_PENDING;
}

static void read_refund(const JsonValue *refund, PaymentReply *ret)
{
    *ret = (PaymentReply){.txn_status = refund_status(stripe_text(refund, "status")),
                          .ref = stripe_text(refund, "id"),
                          .problem = stripe_text(refund, "failure_reason")};
}

static Status refused_move(const StripeAnswer *a, PaymentReply *ret)
{
    *ret = (PaymentReply){.txn_status = PAYMENT_TXN_FAILED,
                          .problem = stripe_text(a->body, "message")};
    return ST_OK;
}

/* Was it made by a call whose idempotency key Stripe has forgotten since? */
static Status find_refund(Cx *cx, const Payment *p, Str ours, bool *ret_found, PaymentReply *ret)
{
    CLEANUP(stripe_call_done) StripeCall c;
    StripeAnswer                         a;
    *ret_found = false;
    stripe_call_init(&c, false, "/v1/refunds");
    stripe_add(&c, "payment_intent", p->ref);
    stripe_add_i64(&c, "limit", 100);
    TRY(stripe_call(cx, &c, &a));
    const JsonValue *data = stripe_get(a.body, "data");
    for (uint32_t i = 0; data != NULL && data->type == JSON_ARRAY && i < data->n; i++) {
        const JsonValue *refund = &data->items[i];
        if (!str_eq(stripe_text(stripe_get(refund, "metadata"), "rapport_txn"), ours))
            continue;
        read_refund(refund, ret);
        *ret_found = true;
    }
    return ST_OK;
}

static Status refund(Cx *cx, const Payment *p, const PaymentTxn *t, PaymentReply *ret)
{
    CLEANUP(stripe_call_done) StripeCall c = {0};
    StripeAnswer                         a;
    Str                                  ours = payment_call_key(cx->arena, "ptx", t->id);
    bool                                 found = false;
    int64_t                              amount;
    if (!stripe_amount(t->amount, &amount))
        return cx_fail(cx, ST_INVALID, "payment.amount", "Stripe cannot pay back this amount");
    if (t->ref.len > 0) {
        stripe_call_init(&c, false, "/v1/refunds/%.200s", str_cstr(cx->arena, t->ref));
        TRY(stripe_call(cx, &c, &a));
        if (a.status >= 300)
            return gone(cx, &a);
        read_refund(a.body, ret);
        return ST_OK;
    }
    stripe_call_init(&c, true, "/v1/refunds");
    if (cx->now.v - t->created_at.v > SPAN_HOURS(20).v)
        TRY(find_refund(cx, p, ours, &found, ret));
    if (found)
        return ST_OK;
    stripe_add(&c, "payment_intent", p->ref);
    stripe_add_i64(&c, "amount", amount);
    stripe_add(&c, "metadata[rapport_txn]", ours);
    c.key = ours;
    TRY(stripe_call(cx, &c, &a));
    if (a.status >= 300)
        return refused_move(&a, ret);
    read_refund(a.body, ret);
    return ST_OK;
}

/* It was refused: perhaps because it was done already. */
static Status look_again(Cx *cx, const Payment *p, const PaymentTxn *t, const StripeAnswer *no,
                         PaymentReply *ret)
{
    StripeAnswer a;
    TRY(get_intent(cx, p->ref, &a));
    Str  status = stripe_text(a.body, "status");
    bool done = str_eq(status, t->kind == PAYMENT_TXN_CAPTURE ? STR("succeeded") : STR("canceled"));
    if (!done)
        return refused_move(no, ret);
    *ret = (PaymentReply){.txn_status = PAYMENT_TXN_DONE};
    return ST_OK;
}

static Status stripe_move(Cx *cx, const PaymentSession *s, const Payment *p, const PaymentTxn *t,
                          PaymentReply *ret)
{
    (void)s;
    if (t->kind == PAYMENT_TXN_REFUND)
        return refund(cx, p, t, ret);
    CLEANUP(stripe_call_done) StripeCall c;
    StripeAnswer                         a;
    int64_t                              amount;
    bool                                 capture = t->kind == PAYMENT_TXN_CAPTURE;
    stripe_call_init(&c, true,
                     capture ? "/v1/payment_intents/%.200s/capture"
                             : "/v1/payment_intents/%.200s/cancel",
                     str_cstr(cx->arena, p->ref));
    if (capture && stripe_amount(t->amount, &amount))
        stripe_add_i64(&c, "amount_to_capture", amount);
    c.key = payment_call_key(cx->arena, "ptx", t->id);
    TRY(stripe_call(cx, &c, &a));
    if (a.status >= 300)
        return look_again(cx, p, t, &a, ret);
    *ret = (PaymentReply){.txn_status = PAYMENT_TXN_DONE};
    return ST_OK;
}

/* --- webhooks -------------------------------------------------------------------------------- */

static Status stripe_hook_read(Cx *cx, const PaymentHook *hook, PaymentHookRead *ret)
{
    const PaymentStripeConfig *c;
    TRY(config_of(cx, &c));
    Str secrets[] = {c->webhook_secret, c->webhook_secret_old};
    TRY(stripe_signature_check(cx, hook->signature, hook->body, secrets, COUNT_OF(secrets)));
    return stripe_event_read(cx, hook->body, ret);
}

/* Our session of an object of Stripe's: by its name, else by what we wrote on it. */
static Status session_of(Cx *cx, Str ref, bool *ret_found, OrderPaymentSession *ret)
{
    int64_t      id;
    StripeAnswer a;
    TRY(order_sql_payment_session_by_ref(cx, STR("stripe"), ref, ret_found, ret));
    if (!*ret_found)
        TRY(order_sql_payment_session_by_charge(cx, STR("stripe"), ref, ret_found, ret));
    if (*ret_found)
        return ST_OK;
    CLEANUP(stripe_call_done) StripeCall c;
    stripe_call_init(&c, false,
                     str_starts(ref, STR("cs_")) ? "/v1/checkout/sessions/%.200s"
                                                 : "/v1/payment_intents/%.200s",
                     str_cstr(cx->arena, ref));
    TRY(stripe_call(cx, &c, &a));
    Str ours = stripe_text(stripe_get(a.body, "metadata"), "rapport_session");
    if (a.status >= 300 || !id_parse(ours, "pse", &id))
        return ST_OK; /* of another program that shares the account */
    TRY(order_sql_payment_session_get(cx, id, ret));
    *ret_found = str_eq(ret->provider, STR("stripe"));
    return ST_OK;
}

static Status act_on_session(Cx *cx, Str ref)
{
    OrderPaymentSession row;
    bool                found;
    TRY(session_of(cx, ref, &found, &row));
    if (!found)
        return ST_OK;
    PaymentSession s = payment_session_of(&row);
    return payment_ask(cx, &s, &s);
}

static Status fetch(Cx *cx, const char *path, Str ref, StripeAnswer *ret)
{
    CLEANUP(stripe_call_done) StripeCall c;
    stripe_call_init(&c, false, "%s/%.200s", path, str_cstr(cx->arena, ref));
    TRY(stripe_call(cx, &c, ret));
    return ret->status >= 300 ? gone(cx, ret) : ST_OK;
}

/* A payment that we have not heard of yet is asked about first. */
static Status report(Cx *cx, Str intent, const PaymentReport *r)
{
    OrderPaymentSession row;
    bool                found;
    TRY(session_of(cx, intent, &found, &row));
    if (!found)
        return ST_OK;
    PaymentSession s = payment_session_of(&row);
    if (!payment_is_over(s.status))
        TRY(payment_ask(cx, &s, &s));
    return payment_report(cx, s.id, r);
}

static Status act_on_refund(Cx *cx, Str ref)
{
    StripeAnswer a;
    PaymentReply reply;
    TRY(fetch(cx, "/v1/refunds", ref, &a));
    read_refund(a.body, &reply);
    Str           currency = stripe_text(a.body, "currency");
    PaymentReport r = {.kind = PAYMENT_TXN_REFUND,
                       .status = reply.txn_status,
                       .ref = ref,
                       .reason = stripe_text(a.body, "reason"),
                       .problem = reply.problem};
    char          cur[4] = {0};
    for (size_t i = 0; i < currency.len && i < 3; i++)
        cur[i] = (char)(currency.ptr[i] >= 'a' ? currency.ptr[i] - 'a' + 'A' : currency.ptr[i]);
    r.amount = stripe_amount_back(stripe_i64(a.body, "amount"), str_from_cstr(cur));
    Str ours = stripe_text(stripe_get(a.body, "metadata"), "rapport_txn");
    if (!id_parse(ours, "ptx", &r.txn_id))
        r.txn_id = 0;
    return report(cx, stripe_id(a.body, "payment_intent"), &r);
}

static Status act_on_dispute(Cx *cx, Str ref)
{
    StripeAnswer a;
    TRY(fetch(cx, "/v1/disputes", ref, &a));
    Str status = stripe_text(a.body, "status");
    if (str_starts(status, STR("warning_")) || str_eq(status, STR("prevented")))
        return ST_OK; /* a question of the bank's: no money has moved */
    PaymentReport r = {.kind = str_eq(status, STR("won")) ? PAYMENT_TXN_DISPUTE_WON
                                                          : PAYMENT_TXN_DISPUTE,
                       .status = PAYMENT_TXN_DONE,
                       .ref = ref,
                       .amount = stripe_i64(a.body, "amount"),
                       .reason = stripe_text(a.body, "reason")};
    return report(cx, stripe_id(a.body, "payment_intent"), &r);
}

static Status stripe_hook_act(Cx *cx, Str type, Str ref)
{
    if (str_starts(type, STR("refund.")))
        return act_on_refund(cx, ref);
    if (str_starts(type, STR("charge.dispute.")))
        return act_on_dispute(cx, ref);
    return act_on_session(cx, ref);
}

/* --- saved methods --------------------------------------------------------------------------- */

static Status stripe_method_remove(Cx *cx, Str ref)
{
    CLEANUP(stripe_call_done) StripeCall c;
    StripeAnswer                         a;
    stripe_call_init(&c, true, "/v1/payment_methods/%.200s/detach", str_cstr(cx->arena, ref));
    return stripe_call(cx, &c, &a); /* refused: it is gone already */
}

static Status stripe_method_begin(Cx *cx, int64_t account_id, Str email, Str success_url,
                                  Str cancel_url, Str *ret_url)
{
    CLEANUP(stripe_call_done) StripeCall c = {0};
    StripeAnswer                         a;
    Str                                  customer;
    TRY(customer_of(cx, account_id, email, &customer));
    stripe_call_init(&c, true, "/v1/checkout/sessions");
    stripe_add(&c, "mode", STR("setup"));
    stripe_add(&c, "allowed_payment_method_types[0]", STR("card"));
    stripe_add(&c, "customer", customer);
    stripe_add(&c, "success_url", success_url);
    stripe_add(&c, "cancel_url", cancel_url);
    TRY(stripe_call(cx, &c, &a));
    if (a.status >= 300)
        return gone(cx, &a);
    *ret_url = stripe_text(a.body, "url");
    return ST_OK;
}

static Status stripe_method_finish(Cx *cx, int64_t account_id, Str ref, PaymentReply *ret)
{
    CLEANUP(stripe_call_done) StripeCall c = {0};
    StripeAnswer                         a;
    Str                                  customer;
    bool                                 found;
    TRY(order_sql_payment_customer_get(cx, account_id, STR("stripe"), &found, &customer));
    stripe_call_init(&c, false, "/v1/checkout/sessions/%.200s", str_cstr(cx->arena, ref));
    stripe_add(&c, "expand[0]", STR("setup_intent.payment_method"));
    if (found)
        TRY(stripe_call(cx, &c, &a));
    if (!found || a.status >= 300 || !str_eq(stripe_id(a.body, "customer"), customer))
        return cx_fail(cx, ST_NOT_FOUND, "payment.no_session", "this card is not yours to keep");
    const JsonValue *intent = stripe_get(a.body, "setup_intent");
    const JsonValue *method = stripe_get(intent, "payment_method");
    if (!str_eq(stripe_text(intent, "status"), STR("succeeded")))
        return ST_OK;
    read_method(intent, ret);
    ret->saved_ref = stripe_text(method, "id");
    return ST_OK;
}

const PaymentProvider payment_stripe = {.key = "stripe",
                                        .name_key = "order.payment.stripe",
                                        .hint_key = "order.payment.stripe.hint",
                                        .flow = PAYMENT_REDIRECT,
                                        .can = PAYMENT_CAN_LATER | PAYMENT_CAN_REFUND |
                                               PAYMENT_CAN_SAVE,
                                        .hook_header = "Stripe-Signature",
                                        .offer = stripe_offer,
                                        .initiate = stripe_initiate,
                                        .status = stripe_status,
                                        .give_up = stripe_give_up,
                                        .move = stripe_move,
                                        .hook_read = stripe_hook_read,
                                        .hook_act = stripe_hook_act,
                                        .method_remove = stripe_method_remove,
                                        .method_begin = stripe_method_begin,
                                        .method_finish = stripe_method_finish};
