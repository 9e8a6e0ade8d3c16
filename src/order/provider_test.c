#include "order/provider_test.h"

#include "base/codec.h"
#include "base/id.h"
#include "core/secret.h"
#include "order/payment_module.h"
#include "text/messages.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define EVENT_JOB "order.payment_test_event"

static const SpanMs DELAY = {5000};

typedef struct Scenario {
    const char *card; /* digits */
    const char *name;
    bool        fails;  /* at once */
    bool        remote; /* the other side keeps a row */
} Scenario;

static const Scenario SCENARIOS[] = {
    {"4242424242424242", "success", false, false},
    {"4000000000003220", "three_d_secure", false, true},
    {"4000000000000002", "declined", true, false},
    {"4000000000009995", "insufficient_funds", true, false},
    {"4000000000000069", "expired_card", true, false},
    {"4000000000000127", "incorrect_cvc", true, false},
    {"4000000000000119", "processing_error", true, false},
    {"4000000000000077", "delayed", false, true},
    {"4000000000000085", "duplicate", false, true},
    {"4000000000000093", "lost", false, true},
    {"4000000000000101", "unanswered", false, true},
    {"4000000000000135", "voucher", false, true},
    {"4000000000000143", "push", false, true},
    {"4000000000005126", "refund_fails", false, false},
    {"4000000000000259", "disputed", false, true},
};

static atomic_bool always_on;

void payment_test_on(bool on)
{
    atomic_store(&always_on, on);
}

/* --- what the buyer chose -------------------------------------------------------------------- */

static const Scenario *scenario_find(Str typed)
{
    char   digits[20];
    size_t n = 0;
    for (size_t i = 0; i < typed.len && n < sizeof digits - 1; i++)
        if (typed.ptr[i] >= '0' && typed.ptr[i] <= '9')
            digits[n++] = typed.ptr[i];
    digits[n] = '\0';
    for (size_t i = 0; i < COUNT_OF(SCENARIOS); i++)
        if (strcmp(digits, SCENARIOS[i].card) == 0 ||
            str_eq(str_trim(typed), str_from_cstr(SCENARIOS[i].name)))
            return &SCENARIOS[i];
    return NULL;
}

/* Only the word of the scenario is kept, whatever was typed: it might be a real card. */
static Status test_check(Cx *cx, const PaymentAsk *ask, Str *ret_input)
{
    const JsonValue *v = NULL;
    Str              card = STR("success");
    if (ask->input.len > 0)
        TRY(json_parse(cx->arena, ask->input, &v, &cx->err));
    const JsonValue *given = json_get(v, STR("card"));
    if (given != NULL && given->type == JSON_STRING)
        card = given->text;
    const Scenario *s = scenario_find(card);
    if (s == NULL)
        return cx_fail(cx, ST_INVALID, "payment.bad_input",
                       "this is no card of the test provider's");
    *ret_input = str_from_cstr(s->name);
    return ST_OK;
}

static const Scenario *scenario_of(const PaymentSession *s)
{
    const Scenario *found = scenario_find(s->input);
    return found != NULL ? found : &SCENARIOS[0];
}

static Str test_fingerprint(const PaymentSession *s)
{
    return str_from_cstr(scenario_of(s)->card);
}

static Status test_offer(Cx *cx, const PaymentWayAsk *ask, bool *ret_on, PaymentWay *ret)
{
    const PaymentConfig  *c;
    CLEANUP(buf_done) Buf b = {0};
    TRY(payment_config(cx, &c));
    const PaymentTestConfig *t = &c->test;
    PaymentRule              rule = {t->on || atomic_load(&always_on), t->countries, t->currencies,
                                     t->min_amount, t->max_amount};
    *ret_on = payment_rule_fits(&rule, ask);
    if (!*ret_on)
        return ST_OK;
    ret->test = true;
    buf_init(&b, 2000);
    Json j = json_begin(&b);
    json_arr(&j, NULL);
    json_obj(&j, NULL);
    json_str(&j, "name", STR("card"));
    json_str(&j, "label", message(cx->arena, cx->lang, "order.payment.test.card", MSG_NONE));
    json_str(&j, "value", STR("4242 4242 4242 4242"));
    json_str(&j, "hint", message(cx->arena, cx->lang, "order.payment.test.card_hint", MSG_NONE));
    json_bool(&j, "required", true);
    json_end(&j);
    json_end(&j);
    ret->fields = str_dup(cx->arena, buf_str(&b));
    return ST_OK;
}

/* --- the other side -------------------------------------------------------------------------- */

static Str ref_of(Cx *cx, const PaymentSession *s)
{
    return id_format(cx->arena, "test", s->id);
}

static Status make_tx(Cx *cx, void *arg)
{
    OrderPaymentTest *row = arg;
    int64_t           added;
    bool              found;
    TRY(order_sql_payment_test_add(cx, row, &added));
    return added == 1 ? ST_OK : order_sql_payment_test_get(cx, row->ref, &found, row);
}

typedef struct TestEvent {
    Str    ref;
    Str    type;
    int    times;
    UnixMs at;
} TestEvent;

static Status event_tx(Cx *cx, void *arg)
{
    const TestEvent *e = arg;
    Str              id = id_format(cx->arena, "evt", id_new());
    for (int i = 0; i < e->times; i++) {
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 1000);
        Json j = json_begin(&b);
        json_obj(&j, NULL);
        json_str(&j, "id", id);
        json_str(&j, "type", e->type);
        json_str(&j, "ref", e->ref);
        json_end(&j);
        JobOptions when = {.run_at = {e->at.v + i * 50}};
        TRY(job_queue(cx, EVENT_JOB, str_dup(cx->arena, buf_str(&b)), &when, NULL));
    }
    return ST_OK;
}

static Status send_event(Cx *cx, Str ref, Str type, int times, SpanMs after)
{
    TestEvent e = {ref, type, times, unix_ms_add(cx->now, after)};
    return cx->core == NULL ? ST_OK : cx_in_tx(cx, event_tx, &e);
}

/* --- answers --------------------------------------------------------------------------------- */

static void taken(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    const Scenario *sc = scenario_of(s);
    Str             card = str_from_cstr(sc->card);
    *ret = (PaymentReply){.status = s->later ? PAYMENT_AUTHORIZED : PAYMENT_CAPTURED,
                          .ref = ref_of(cx, s),
                          .authorized = s->amount.minor,
                          .captured = s->later ? 0 : s->amount.minor,
                          .method = STR("card"),
                          .brand = STR("visa"),
                          .last4 = str_skip(card, 12),
                          .fingerprint = card};
}

static void refused(Cx *cx, const PaymentSession *s, Str code, PaymentReply *ret)
{
    *ret = (PaymentReply){.status = PAYMENT_FAILED,
                          .ref = ref_of(cx, s),
                          .code = code,
                          .problem = STR("the test card says so"),
                          .fingerprint = str_from_cstr(scenario_of(s)->card)};
}

static Str next_json(Cx *cx, const char *kind, Str url, Str code)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8192);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "kind", str_from_cstr(kind));
    json_str(&j,
             strcmp(kind, "push") == 0      ? "qr"
             : strcmp(kind, "voucher") == 0 ? "pay_url"
                                            : "url",
             url);
    if (code.len > 0)
        json_str(&j, "code", code);
    json_end(&j);
    return str_dup(cx->arena, buf_str(&b));
}

static void undecided(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    const char *name = scenario_of(s)->name;
    Str         url = payment_url(cx, s, "test");
    *ret = (PaymentReply){.status = PAYMENT_WAITING, .ref = ref_of(cx, s)};
    if (strcmp(name, "voucher") == 0) {
        Str code = ref_of(cx, s);
        ret->status = PAYMENT_PENDING;
        ret->method = STR("voucher");
        ret->next = next_json(cx, "voucher", url, str_skip(code, code.len - 8));
        ret->expires = unix_ms_add(s->created_at, SPAN_DAYS(3));
    } else if (strcmp(name, "push") == 0) {
        ret->next = next_json(cx, "push", url, (Str){0});
    } else if (strcmp(name, "three_d_secure") == 0 || strcmp(name, "lost") == 0) {
        ret->status = PAYMENT_ACTION;
        ret->next = next_json(cx, "redirect", url, (Str){0});
    }
}

static bool delays(const char *name)
{
    return strcmp(name, "delayed") == 0 || strcmp(name, "duplicate") == 0;
}

static void answer(Cx *cx, const PaymentSession *s, const OrderPaymentTest *row, PaymentReply *ret)
{
    bool early = delays(scenario_of(s)->name) && cx->now.v < row->created_ms.v + DELAY.v;
    if (str_eq(row->state, STR("failed")))
        refused(cx, s, STR("authentication_failed"), ret);
    else if (str_eq(row->state, STR("cancelled")))
        *ret =
            (PaymentReply){.status = PAYMENT_CANCELLED, .ref = row->ref, .code = STR("cancelled")};
    else if (str_eq(row->state, STR("open")) || early)
        undecided(cx, s, ret);
    else
        taken(cx, s, ret);
}

static Status test_initiate(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    const Scenario *sc = scenario_of(s);
    if (sc->fails)
        refused(cx, s, str_from_cstr(sc->name), ret);
    else if (!sc->remote)
        taken(cx, s, ret);
    if (sc->fails || !sc->remote)
        return ST_OK;
    int64_t amount = s->amount.minor;
    bool    asks = strcmp(sc->name, "three_d_secure") == 0 || strcmp(sc->name, "lost") == 0 ||
                strcmp(sc->name, "voucher") == 0 || strcmp(sc->name, "push") == 0;
    OrderPaymentTest row = {.ref = ref_of(cx, s),
                            .session_id = s->id,
                            .scenario = str_from_cstr(sc->name),
                            .state = asks ? STR("open") : STR("captured"),
                            .amount = amount,
                            .captured = asks ? 0 : amount,
                            .refunds = STR(""),
                            .created_ms = cx->now};
    OrderPaymentTest mine = row;
    bool             found;
    TRY(order_sql_payment_test_get(cx, row.ref, &found, &mine));
    if (!found)
        TRY(cx_in_tx(cx, make_tx, &mine));
    if (!found && strcmp(sc->name, "unanswered") == 0)
        return cx_fail(cx, ST_BUSY, "payment.provider_busy", "the test provider does not answer");
    if (!found && delays(sc->name))
        TRY(send_event(cx, row.ref, STR("payment.decided"),
                       strcmp(sc->name, "duplicate") == 0 ? 3 : 1, DELAY));
    if (!found && strcmp(sc->name, "disputed") == 0)
        TRY(send_event(cx, row.ref, STR("payment.disputed"), 1, DELAY));
    answer(cx, s, &mine, ret);
    return ST_OK;
}

static Status test_status(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    OrderPaymentTest row;
    bool             found;
    TRY(order_sql_payment_test_get(cx, ref_of(cx, s), &found, &row));
    if (found)
        answer(cx, s, &row, ret);
    else
        ret->status = s->status;
    return ST_OK;
}

typedef struct Set {
    OrderPaymentTest row;
    const char      *state;
    bool             done; /* it was open */
} Set;

static Status set_tx(Cx *cx, void *arg)
{
    Set *s = arg;
    bool found;
    TRY(order_sql_payment_test_get(cx, s->row.ref, &found, &s->row));
    s->done = found && str_eq(s->row.state, STR("open"));
    if (!s->done)
        return ST_OK;
    bool captured = strcmp(s->state, "captured") == 0;
    return order_sql_payment_test_set(cx, s->row.ref, str_from_cstr(s->state),
                                      captured ? s->row.amount : 0, 0, s->row.refunds, NULL);
}

static Status test_give_up(Cx *cx, const PaymentSession *s, PaymentReply *ret)
{
    Set set = {.row = {.ref = ref_of(cx, s)}, .state = "cancelled"};
    TRY(cx_in_tx(cx, set_tx, &set));
    return test_status(cx, s, ret);
}

/* Its memory of refunds and captures is their own id: the same again is the same. */
static Status test_move(Cx *cx, const PaymentSession *s, const Payment *p, const PaymentTxn *t,
                        PaymentReply *ret)
{
    (void)p;
    bool fails = t->kind == PAYMENT_TXN_REFUND && strcmp(scenario_of(s)->name, "refund_fails") == 0;
    *ret = (PaymentReply){.txn_status = fails ? PAYMENT_TXN_FAILED : PAYMENT_TXN_DONE,
                          .ref = payment_call_key(cx->arena, "test", t->id),
                          .problem = fails ? STR("the test card refuses refunds") : STR("")};
    return ST_OK;
}

/* --- its webhooks ---------------------------------------------------------------------------- */

static Status sign(Cx *cx, Str body, Str *ret)
{
    unsigned char         key[SECRET_BYTES], mac[32];
    CLEANUP(buf_done) Buf b = {0};
    TRY(secret_get(cx, "order.payment.test", key));
    crypto_generichash(mac, sizeof mac, (const unsigned char *)body.ptr, body.len, key, sizeof key);
    buf_init(&b, 100);
    codec_add_hex(&b, (Str){(const char *)mac, sizeof mac});
    *ret = str_dup(cx->arena, buf_str(&b));
    return ST_OK;
}

static Status test_hook_read(Cx *cx, const PaymentHook *hook, PaymentHookRead *ret)
{
    const JsonValue *v;
    Str              right;
    TRY(sign(cx, hook->body, &right));
    if (right.len != hook->signature.len ||
        sodium_memcmp(right.ptr, hook->signature.ptr, right.len) != 0)
        return cx_fail(cx, ST_INVALID, "payment.bad_signature", "the signature is wrong");
    TRY(json_parse(cx->arena, hook->body, &v, &cx->err));
    const JsonValue *id = json_get(v, STR("id")), *type = json_get(v, STR("type")),
                    *ref = json_get(v, STR("ref"));
    if (id == NULL || type == NULL || ref == NULL || id->type != JSON_STRING ||
        type->type != JSON_STRING || ref->type != JSON_STRING)
        return cx_fail(cx, ST_INVALID, "payment.bad_event", "this is no event");
    *ret = (PaymentHookRead){.event_id = id->text, .type = type->text, .ref = ref->text};
    return ST_OK;
}

static Status test_hook_act(Cx *cx, Str type, Str ref)
{
    OrderPaymentSession row;
    bool                found;
    TRY(order_sql_payment_session_by_ref(cx, STR("test"), ref, &found, &row));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "payment.no_session", "no session has this name");
    PaymentSession s = payment_session_of(&row);
    if (str_eq(type, STR("payment.disputed"))) {
        PaymentReport report = {.kind = PAYMENT_TXN_DISPUTE,
                                .status = PAYMENT_TXN_DONE,
                                .ref = ref,
                                .amount = s.amount.minor,
                                .reason = STR("fraudulent")};
        return payment_report(cx, s.id, &report);
    }
    return payment_is_over(s.status) ? ST_OK : payment_ask(cx, &s, &s);
}

Status payment_test_event_job(Cx *cx, const Job *job)
{
    Str signature;
    TRY(sign(cx, job->payload, &signature));
    return payment_webhook(cx, STR("test"), &(PaymentHook){job->payload, signature});
}

/* --- its page -------------------------------------------------------------------------------- */

Status payment_test_page(Cx *cx, Str token, PaymentTestPage *ret)
{
    OrderPaymentTest row;
    bool             found = false;
    TRY(payment_session_by_token(cx, token, &ret->session));
    if (str_eq(ret->session.provider, STR("test")))
        TRY(order_sql_payment_test_get(cx, ref_of(cx, &ret->session), &found, &row));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "payment.no_session", "there is nothing to confirm here");
    ret->scenario = row.scenario;
    ret->open = str_eq(row.state, STR("open"));
    return ST_OK;
}

Status payment_test_decide(Cx *cx, Str token, bool approve, bool *ret_lost)
{
    PaymentTestPage page;
    TRY(payment_test_page(cx, token, &page));
    Set set = {.row = {.ref = ref_of(cx, &page.session)}, .state = approve ? "captured" : "failed"};
    TRY(cx_in_tx(cx, set_tx, &set));
    *ret_lost = approve && str_eq(page.scenario, STR("lost"));
    if (set.done && !*ret_lost)
        TRY(send_event(cx, set.row.ref, STR("payment.decided"), 1, (SpanMs){200}));
    return ST_OK;
}

const PaymentProvider payment_test = {.key = "test",
                                      .name_key = "order.payment.test",
                                      .hint_key = "order.payment.test.hint",
                                      .flow = PAYMENT_SYNC,
                                      .can = PAYMENT_CAN_LATER | PAYMENT_CAN_REFUND,
                                      .hook_header = "Test-Signature",
                                      .offer = test_offer,
                                      .check = test_check,
                                      .initiate = test_initiate,
                                      .status = test_status,
                                      .give_up = test_give_up,
                                      .move = test_move,
                                      .hook_read = test_hook_read,
                                      .hook_act = test_hook_act,
                                      .fingerprint = test_fingerprint};
