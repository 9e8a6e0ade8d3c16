/* Payments: what the test provider plays and what becomes of it, on both databases. */
#include "base/fault.h"
#include "base/id.h"
#include "catalog/module.h"
#include "core/setting.h"
#include "order/bank.h"
#include "order/module.h"
#include "order/order_sql.h"
#include "order/payment_module.h"
#include "order/provider_test.h"
#include "people/people.h"
#include "world.h"

#include <stdio.h>

WORLD_MODULES(&people_module, &catalog_module, &order_module);

/* --- the shop that is told ------------------------------------------------------------------- */

static struct {
    int     settled, failed, changed;
    int     status;   /* of the session, when it was last told */
    int64_t captured; /* of the payment */
    int     refuse;   /* so many times the shop does not take it */
} shop;

static Status take_news(Cx *cx, const PaymentNews *news)
{
    assert_true(cx->tx_depth > 0);
    if (shop.refuse > 0) {
        shop.refuse--;
        return cx_fail(cx, ST_CONFLICT, "payment.cannot", "the shop is not ready");
    }
    shop.settled += news->what == PAYMENT_TOLD_SETTLED;
    shop.failed += news->what == PAYMENT_TOLD_FAILED;
    shop.changed += news->what == PAYMENT_TOLD_CHANGED;
    shop.status = news->session->status;
    shop.captured = news->payment != NULL ? news->payment->captured : -1;
    return ST_OK;
}

static void open_shop(void)
{
    memset(&shop, 0, sizeof shop);
    payment_on_settled(take_news);
    payment_test_on(true);
}

static PaymentAsk ask_of(const char *card)
{
    static char    input[200];
    static int64_t cart;
    snprintf(input, sizeof input, "{\"card\":\"%s\"}", card);
    return (PaymentAsk){.cart_id = 1000 + ++cart,
                        .order_id = 77,
                        .number = STR("1001"),
                        .amount = MONEY(4800, "EUR"),
                        .provider = STR("test"),
                        .input = str_from_cstr(input),
                        .base_url = STR("https://shop.example"),
                        .return_url = STR("/checkout/done"),
                        .buyer = {.country = STR("NL")}};
}

static PaymentNext pay(World *w, const char *card)
{
    PaymentAsk  ask = ask_of(card);
    PaymentNext next = {0};
    assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
    return next;
}

static Payment payment_of_session(World *w, int64_t session_id)
{
    OrderPayment row;
    bool         found;
    assert_ok(order_sql_payment_by_session(&w->cx, session_id, &found, &row), &w->cx.err);
    assert_true(found);
    return payment_of(&row);
}

static void later(World *w, SpanMs span)
{
    w->cx.now = unix_ms_add(w->cx.now, span);
}

static void sweep(World *w)
{
    assert_ok(payment_sweep(&w->cx), &w->cx.err);
}

/* --- outcomes -------------------------------------------------------------------------------- */

static void a_card_that_succeeds_settles_once(void **state)
{
    World *w = *state;
    open_shop();
    PaymentNext next = pay(w, "4242 4242 4242 4242");
    assert_int_equal(next.kind, PAYMENT_NEXT_DONE);
    assert_str(next.url, "https://shop.example/checkout/done");
    assert_int_equal(next.status, PAYMENT_CAPTURED);
    assert_int_equal(shop.settled, 1);
    Payment p = payment_of_session(w, next.session_id);
    assert_int_equal(p.captured, 4800);
    assert_str(p.brand, "visa");
    assert_str(p.last4, "4242");
    assert_ok(payment_start(&w->cx, next.session_id, &next), &w->cx.err);
    sweep(w);
    assert_int_equal(shop.settled, 1);
    assert_int_equal(shop.changed + shop.failed, 0);
}

static void refusals_have_words(void **state)
{
    static const struct {
        const char *card, *code;
    } CASES[] = {{"4000000000000002", "declined"},
                 {"4000000000009995", "insufficient_funds"},
                 {"4000000000000069", "expired_card"},
                 {"4000000000000127", "incorrect_cvc"}};
    World *w = *state;
    open_shop();
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        PaymentNext next = pay(w, CASES[i].card);
        assert_int_equal(next.kind, PAYMENT_NEXT_FAILED);
        assert_str(next.code, CASES[i].code);
        assert_true(next.message.len > 20);
    }
    assert_int_equal(shop.failed, (int)COUNT_OF(CASES));
    assert_int_equal(shop.settled, 0);
}

static PaymentSession session_of(World *w, int64_t id)
{
    PaymentSession s;
    assert_ok(payment_session_get(&w->cx, id, &s), &w->cx.err);
    return s;
}

static void three_d_secure_asks_first(void **state)
{
    World *w = *state;
    bool   lost;
    open_shop();
    PaymentNext    next = pay(w, "4000000000003220");
    PaymentSession s = session_of(w, next.session_id);
    assert_int_equal(next.kind, PAYMENT_NEXT_REDIRECT);
    assert_true(str_starts(next.url, STR("https://shop.example/pay/test/")));
    assert_ok(payment_continue(&w->cx, s.token, &next), &w->cx.err);
    assert_int_equal(next.kind, PAYMENT_NEXT_REDIRECT); /* not decided */
    assert_int_equal(shop.settled, 0);
    assert_ok(payment_test_decide(&w->cx, s.token, true, &lost), &w->cx.err);
    assert_ok(payment_continue(&w->cx, s.token, &next), &w->cx.err);
    assert_int_equal(next.kind, PAYMENT_NEXT_DONE);
    assert_ok(payment_continue(&w->cx, s.token, &next), &w->cx.err);
    assert_int_equal(shop.settled, 1);

    next = pay(w, "4000000000003220");
    s = session_of(w, next.session_id);
    assert_ok(payment_test_decide(&w->cx, s.token, false, &lost), &w->cx.err);
    assert_ok(payment_continue(&w->cx, s.token, &next), &w->cx.err);
    assert_int_equal(next.kind, PAYMENT_NEXT_FAILED);
    assert_str(next.code, "authentication_failed");
}

static void a_lost_callback_is_found_by_the_sweeper(void **state)
{
    World *w = *state;
    bool   lost;
    open_shop();
    PaymentNext    next = pay(w, "4000000000000093");
    PaymentSession s = session_of(w, next.session_id);
    assert_ok(payment_test_decide(&w->cx, s.token, true, &lost), &w->cx.err);
    assert_true(lost);
    sweep(w);
    assert_int_equal(shop.settled, 0); /* not due yet */
    later(w, SPAN_MINUTES(6));
    sweep(w);
    assert_int_equal(shop.settled, 1);
    assert_int_equal(session_of(w, s.id).status, PAYMENT_CAPTURED);
}

static void a_lost_answer_is_asked_for_again(void **state)
{
    World      *w = *state;
    PaymentAsk  ask = ask_of("4000000000000101");
    PaymentNext next;
    open_shop();
    ask.key = STR("cart-1");
    assert_fails(payment_begin(&w->cx, &ask, &next), ST_BUSY, &w->cx.err, "payment.provider_busy");
    assert_int_equal(shop.settled, 0);
    assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err); /* the buyer presses again */
    assert_int_equal(next.status, PAYMENT_CAPTURED);
    assert_int_equal(shop.settled, 1);

    ask.key = STR("cart-2");
    assert_fails(payment_begin(&w->cx, &ask, &next), ST_BUSY, &w->cx.err, "payment.provider_busy");
    later(w, SPAN_MINUTES(2));
    sweep(w);
    assert_int_equal(shop.settled, 2);
}

static void the_open_end_expires(void **state)
{
    World *w = *state;
    open_shop();
    PaymentNext next = pay(w, "4000000000003220");
    later(w, SPAN_HOURS(2));
    sweep(w);
    assert_int_equal(session_of(w, next.session_id).status, PAYMENT_CANCELLED);
    assert_int_equal(shop.failed, 1);
}

static void a_voucher_places_the_order_and_is_paid_later(void **state)
{
    World *w = *state;
    bool   lost;
    open_shop();
    PaymentNext    next = pay(w, "4000000000000135");
    PaymentSession s = session_of(w, next.session_id);
    assert_int_equal(next.kind, PAYMENT_NEXT_DONE);
    assert_int_equal(s.status, PAYMENT_PENDING);
    assert_int_equal(shop.settled, 1);
    assert_int_equal(shop.captured, 0);
    assert_ok(payment_test_decide(&w->cx, s.token, true, &lost), &w->cx.err);
    later(w, SPAN_HOURS(2));
    sweep(w);
    assert_int_equal(shop.changed, 1);
    assert_int_equal(shop.captured, 4800);
}

static void webhooks_that_come_often_count_once(void **state)
{
    World *w = *state;
    Core  *core;
    open_shop();
    assert_ok(core_start(w->db, world_modules, world_nmodules, &(CoreOptions){.manual = true},
                         &core, &w->cx.err),
              &w->cx.err);
    w->cx.core = core;
    core_set_now(core, w->cx.now);
    PaymentNext next = pay(w, "4000000000000085");
    assert_int_equal(next.status, PAYMENT_WAITING);
    later(w, SPAN_SECONDS(7));
    core_set_now(core, w->cx.now);
    assert_ok(core_drain(core, &w->cx.err), &w->cx.err);
    assert_int_equal(shop.settled, 1);
    assert_int_equal(session_of(w, next.session_id).status, PAYMENT_CAPTURED);
    w->cx.core = NULL;
    assert_true(core_stop(core));
}

static void a_webhook_needs_its_signature(void **state)
{
    World      *w = *state;
    PaymentHook hook = {STR("{\"id\":\"evt_1\",\"type\":\"x\",\"ref\":\"test_1\"}"), STR("00")};
    assert_fails(payment_webhook(&w->cx, STR("test"), &hook), ST_INVALID, &w->cx.err,
                 "payment.bad_signature");
    assert_fails(payment_webhook(&w->cx, STR("cash"), &hook), ST_NOT_FOUND, &w->cx.err,
                 "payment.no_provider");
}

/* --- the shop cannot take it ----------------------------------------------------------------- */

static void money_is_kept_when_the_shop_cannot_take_it(void **state)
{
    World      *w = *state;
    PaymentAsk  ask = ask_of("success");
    PaymentNext next;
    open_shop();
    shop.refuse = 1;
    ask.key = STR("once");
    assert_fails(payment_begin(&w->cx, &ask, &next), ST_CONFLICT, &w->cx.err, "payment.cannot");
    OrderPaymentSession row;
    bool                found;
    assert_ok(order_sql_payment_session_by_key(&w->cx, STR("once"), &found, &row), &w->cx.err);
    assert_int_equal(row.status, PAYMENT_CAPTURED);
    assert_int_equal(row.told, PAYMENT_CREATED);
    later(w, SPAN_MINUTES(1));
    sweep(w);
    assert_int_equal(shop.settled, 1);
    later(w, SPAN_HOURS(1));
    sweep(w);
    assert_int_equal(shop.settled, 1);
}

/* --- asking wrongly -------------------------------------------------------------------------- */

static void bad_questions_are_refused(void **state)
{
    World         *w = *state;
    PaymentSession s;
    PaymentAsk     ask = ask_of("success");
    open_shop();
    ask.amount = MONEY(0, "EUR");
    assert_fails(payment_open(&w->cx, &ask, &s), ST_INVALID, &w->cx.err, "payment.amount");
    ask = ask_of("4111111111111111");
    assert_fails(payment_open(&w->cx, &ask, &s), ST_INVALID, &w->cx.err, "payment.bad_input");
    ask = ask_of("success");
    ask.return_url = STR("//evil.example/");
    assert_fails(payment_open(&w->cx, &ask, &s), ST_INVALID, &w->cx.err, "payment.bad_input");
    ask.return_url = STR("/x");
    ask.provider = STR("bitcoin");
    assert_fails(payment_open(&w->cx, &ask, &s), ST_INVALID, &w->cx.err, "payment.no_provider");
    ask.provider = STR("cash"); /* not switched on */
    assert_fails(payment_open(&w->cx, &ask, &s), ST_INVALID, &w->cx.err, "payment.no_provider");
    ask = ask_of("success");
    ask.key = STR("k");
    assert_ok(payment_open(&w->cx, &ask, &s), &w->cx.err);
    int64_t first = s.id;
    assert_ok(payment_open(&w->cx, &ask, &s), &w->cx.err);
    assert_int_equal(s.id, first);
    ask.amount = MONEY(1, "EUR");
    assert_fails(payment_open(&w->cx, &ask, &s), ST_CONFLICT, &w->cx.err, "payment.key_used");
}

/* --- movements ------------------------------------------------------------------------------- */

static void refunds_never_pass_what_was_captured(void **state)
{
    World     *w = *state;
    PaymentTxn t;
    open_shop();
    Payment          p = payment_of_session(w, pay(w, "success").session_id);
    PaymentRefundAsk ask = {.payment_id = p.id, .amount = 4000, .reason = STR("too big")};
    assert_ok(payment_refund(&w->cx, &ask, &t), &w->cx.err);
    assert_int_equal(t.status, PAYMENT_TXN_DONE);
    assert_fails(payment_refund(&w->cx, &ask, &t), ST_CONFLICT, &w->cx.err, "payment.too_much");
    ask.amount = 800;
    ask.key = STR("line-2");
    assert_ok(payment_refund(&w->cx, &ask, &t), &w->cx.err);
    int64_t id = t.id;
    assert_ok(payment_refund(&w->cx, &ask, &t), &w->cx.err); /* the same again */
    assert_int_equal(t.id, id);
    PaymentSums sums;
    assert_ok(payment_sums(&w->cx, 77, &sums), &w->cx.err);
    assert_int_equal(sums.captured, 4800);
    assert_int_equal(sums.refunded, 4800);
    assert_int_equal(sums.refunding, 0);
    assert_int_equal(shop.changed, 2);

    p = payment_of_session(w, pay(w, "4000000000005126").session_id);
    ask = (PaymentRefundAsk){.payment_id = p.id, .amount = 100};
    assert_ok(payment_refund(&w->cx, &ask, &t), &w->cx.err);
    assert_int_equal(t.status, PAYMENT_TXN_FAILED);
    assert_int_equal(payment_of_session(w, p.session_id).refunding, 0);
}

static void what_is_authorised_is_captured_or_let_go(void **state)
{
    World      *w = *state;
    PaymentAsk  ask = ask_of("success");
    PaymentNext next;
    PaymentTxn  t;
    open_shop();
    ask.later = true;
    assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
    assert_int_equal(next.status, PAYMENT_AUTHORIZED);
    Payment p = payment_of_session(w, next.session_id);
    assert_int_equal(p.authorized, 4800);
    assert_int_equal(p.captured, 0);
    assert_fails(payment_capture(&w->cx, p.id, 4801, &t), ST_CONFLICT, &w->cx.err,
                 "payment.too_much");
    assert_ok(payment_capture(&w->cx, p.id, 3000, &t), &w->cx.err);
    p = payment_of_session(w, next.session_id);
    assert_int_equal(p.captured, 3000);
    assert_int_equal(p.voided, 1800);
    assert_int_equal(p.status, PAYMENT_CAPTURED);
    assert_fails(payment_capture(&w->cx, p.id, 0, &t), ST_CONFLICT, &w->cx.err, "payment.cannot");
    sweep(w);
    assert_int_equal(payment_of_session(w, next.session_id).captured, 3000);

    ask = ask_of("success");
    ask.later = true;
    assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
    p = payment_of_session(w, next.session_id);
    assert_ok(payment_void(&w->cx, p.id, &t), &w->cx.err);
    p = payment_of_session(w, next.session_id);
    assert_int_equal(p.voided, 4800);
    assert_int_equal(p.status, PAYMENT_CANCELLED);
}

/* --- by hand --------------------------------------------------------------------------------- */

static const Setting bank_setting = {"payment.bank", &payment_bank_shape, &payment_bank_defaults};
static const Setting cash_setting = {"payment.cash", &payment_cash_shape, &payment_cash_defaults};

static void with_bank(World *w)
{
    PaymentBankConfig bank = payment_bank_defaults;
    bank.on = true;
    bank.holder = STR("Shop BV");
    bank.iban = STR("NL91 ABNA 0417 1643 00");
    bank.bic = STR("ABNANL2A");
    assert_ok(setting_put(&w->cx, &bank_setting, 0, &bank, NULL), &w->cx.err);
}

static PaymentNext transfer(World *w, PaymentSession *ret)
{
    PaymentAsk  ask = ask_of("x");
    PaymentNext next;
    ask.provider = STR("bank");
    assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
    *ret = session_of(w, next.session_id);
    return next;
}

static void a_transfer_is_matched_by_its_reference(void **state)
{
    World         *w = *state;
    PaymentSession s;
    BankReceipt    r;
    char           text[100];
    open_shop();
    with_bank(w);
    PaymentNext next = transfer(w, &s);
    assert_int_equal(next.kind, PAYMENT_NEXT_DONE);
    assert_int_equal(s.reference.len, BANK_REFERENCE_LEN);
    assert_true(str_find(s.next, STR("EUR48.00")) != SIZE_MAX);
    assert_int_equal(shop.settled, 1);
    /* In two parts, written as people do, and too much in the end. */
    snprintf(text, sizeof text, "order, ref %.4s %.4s %.4s thanks", s.reference.ptr,
             s.reference.ptr + 4, s.reference.ptr + 8);
    BankReceiptIn in = {
        .bank_ref = STR("b1"), .amount = MONEY(4000, "EUR"), .text = str_from_cstr(text)};
    assert_ok(bank_receive(&w->cx, &in, &r), &w->cx.err);
    assert_true(r.payment_id.has);
    assert_ok(bank_receive(&w->cx, &in, &r), &w->cx.err); /* the same again */
    Payment p = payment_of_session(w, s.id);
    assert_int_equal(p.captured, 4000);
    assert_int_equal(p.status, PAYMENT_PENDING);
    in.bank_ref = STR("b2");
    in.amount = MONEY(1000, "EUR");
    assert_ok(bank_receive(&w->cx, &in, &r), &w->cx.err);
    p = payment_of_session(w, s.id);
    assert_int_equal(p.captured, 5000);
    assert_int_equal(p.status, PAYMENT_CAPTURED);
    assert_int_equal(shop.changed, 2);
    /* Nobody knows what for; staff do. */
    in = (BankReceiptIn){.bank_ref = STR("b3"), .amount = MONEY(4800, "EUR"), .text = STR("hello")};
    assert_ok(bank_receive(&w->cx, &in, &r), &w->cx.err);
    assert_false(r.payment_id.has);
    transfer(w, &s);
    p = payment_of_session(w, s.id);
    assert_ok(bank_match(&w->cx, r.id, p.id, &r), &w->cx.err);
    assert_int_equal(payment_of_session(w, s.id).captured, 4800);
    assert_fails(bank_match(&w->cx, r.id, p.id, &r), ST_CONFLICT, &w->cx.err,
                 "payment.receipt_matched");
    in = (BankReceiptIn){
        .bank_ref = STR("b4"), .amount = MONEY(100, "USD"), .payment_id = opt_i64(p.id)};
    assert_fails(bank_receive(&w->cx, &in, &r), ST_CONFLICT, &w->cx.err, "payment.other_currency");
}

static void references_are_checked(void **state)
{
    Arena *a = &((World *)*state)->arena;
    for (int64_t id = 1; id < 2000; id++) {
        Str  ref = bank_reference(a, id);
        char wrong[BANK_REFERENCE_LEN];
        assert_true(str_eq(bank_reference_find(a, ref), ref));
        memcpy(wrong, ref.ptr, sizeof wrong);
        wrong[6] = wrong[6] <= '9' ? (wrong[6] == '7' ? '8' : '7') : wrong[6] == 'A' ? 'B' : 'A';
        assert_int_equal(bank_reference_find(a, (Str){wrong, sizeof wrong}).len, 0);
    }
}

static void money_that_never_comes_is_given_up_and_may_come_late(void **state)
{
    World         *w = *state;
    PaymentSession s;
    BankReceipt    r;
    open_shop();
    with_bank(w);
    transfer(w, &s);
    later(w, SPAN_DAYS(15));
    sweep(w);
    assert_int_equal(session_of(w, s.id).status, PAYMENT_CANCELLED);
    assert_int_equal(shop.failed, 1);
    BankReceiptIn in = {.bank_ref = STR("b1"), .amount = MONEY(4800, "EUR"), .text = s.reference};
    assert_ok(bank_receive(&w->cx, &in, &r), &w->cx.err);
    assert_int_equal(payment_of_session(w, s.id).status, PAYMENT_CAPTURED);
    assert_int_equal(shop.captured, 4800);
}

static void a_file_of_the_bank_is_read(void **state)
{
    World         *w = *state;
    PaymentSession s;
    BankImport     im;
    char           file[1000];
    open_shop();
    with_bank(w);
    transfer(w, &s);
    snprintf(file, sizeof file,
             "Datum;Naam tegenpartij;Bedrag;Mededelingen\n"
             "22-11-2026;J. Jansen;\"1.048,00\";boodschappen\n"
             "2026-11-22;A. de Vries;48,00;" STR_FMT "\n"
             "22/11/2026;Huur;-900,00;huur\n"
             "gisteren;X;1,00;x\n",
             STR_ARG(s.reference));
    assert_ok(bank_import(&w->cx, str_from_cstr(file), STR("EUR"), &im), &w->cx.err);
    assert_int_equal(im.rows, 3);
    assert_int_equal(im.matched, 1);
    assert_int_equal(im.open, 1);
    assert_int_equal(im.failed, 1);
    assert_int_equal(im.problems.items[0].line, 5);
    assert_int_equal(payment_of_session(w, s.id).captured, 4800);
    assert_ok(bank_import(&w->cx, str_from_cstr(file), STR("EUR"), &im), &w->cx.err);
    assert_int_equal(im.known, 2);
    assert_int_equal(payment_of_session(w, s.id).captured, 4800);
    assert_fails(bank_import(&w->cx, STR("a,b\n1,2\n"), STR("EUR"), &im), ST_INVALID, &w->cx.err,
                 "payment.bad_bank_file");
}

static void cash_is_captured_by_hand_and_paid_back_by_hand(void **state)
{
    World            *w = *state;
    PaymentCashConfig cash = payment_cash_defaults;
    PaymentAsk        ask = ask_of("x");
    PaymentNext       next;
    PaymentTxn        t;
    open_shop();
    cash.on = true;
    cash.countries = STR("NL BE");
    assert_ok(setting_put(&w->cx, &cash_setting, 0, &cash, NULL), &w->cx.err);
    ask.provider = STR("cash");
    assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
    assert_int_equal(next.status, PAYMENT_PENDING);
    Payment p = payment_of_session(w, next.session_id);
    assert_ok(payment_capture(&w->cx, p.id, 0, &t), &w->cx.err);
    p = payment_of_session(w, next.session_id);
    assert_int_equal(p.captured, 4800);
    assert_int_equal(p.status, PAYMENT_CAPTURED);
    PaymentRefundAsk refund = {.payment_id = p.id, .amount = 100};
    assert_ok(payment_refund(&w->cx, &refund, &t), &w->cx.err);
    assert_int_equal(t.status, PAYMENT_TXN_PENDING);
    assert_ok(payment_refund_done(&w->cx, t.id, &t), &w->cx.err);
    assert_int_equal(payment_of_session(w, next.session_id).refunded, 100);
    ask = ask_of("x");
    ask.provider = STR("cash");
    ask.buyer.country = STR("UA");
    assert_fails(payment_begin(&w->cx, &ask, &next), ST_INVALID, &w->cx.err, "payment.no_provider");
}

/* --- stolen cards ---------------------------------------------------------------------------- */

static void many_failures_bring_a_puzzle_then_an_end(void **state)
{
    World      *w = *state;
    PaymentAsk  ask;
    PaymentNext next = {0};
    open_shop();
    for (int i = 0; i < 4; i++) {
        ask = ask_of("declined");
        ask.buyer.address = STR("203.0.113.7");
        assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
        assert_int_equal(next.kind, PAYMENT_NEXT_FAILED);
    }
    ask = ask_of("success");
    ask.buyer.address = STR("203.0.113.7");
    assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
    assert_int_equal(next.kind, PAYMENT_NEXT_REDIRECT);
    assert_true(str_find(next.url, STR("/pay/check/")) != SIZE_MAX);
    assert_int_equal(shop.settled, 0);
    PaymentSession s = session_of(w, next.session_id);
    PaymentPuzzle  puzzle;
    assert_ok(payment_puzzle_new(&w->cx, &s, &puzzle), &w->cx.err);
    assert_fails(payment_puzzle_check(&w->cx, &s, puzzle.token, STR("")), ST_DENIED, &w->cx.err,
                 "payment.puzzle");
    later(w, SPAN_SECONDS(16));
    assert_ok(payment_puzzle_check(&w->cx, &s, puzzle.token, STR("")), &w->cx.err);
    assert_fails(payment_puzzle_check(&w->cx, &s, puzzle.token, STR("")), ST_DENIED, &w->cx.err,
                 "payment.puzzle"); /* used */
    assert_ok(payment_start(&w->cx, s.id, &next), &w->cx.err);
    assert_int_equal(next.kind, PAYMENT_NEXT_DONE);
    /* Somebody else is not troubled. */
    ask = ask_of("success");
    ask.buyer.address = STR("198.51.100.1");
    assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
    assert_int_equal(next.kind, PAYMENT_NEXT_DONE);
    /* Too many: no more attempts, with a puzzle or without. */
    for (int i = 0; i < 26; i++) {
        ask = ask_of("declined");
        ask.buyer.address = STR("203.0.113.7");
        assert_ok(payment_open(&w->cx, &ask, &s), &w->cx.err);
        assert_ok(payment_settle(&w->cx, s.id,
                                 &(PaymentReply){.status = PAYMENT_FAILED, .code = STR("declined")},
                                 NULL),
                  &w->cx.err);
    }
    ask = ask_of("success");
    ask.buyer.address = STR("203.0.113.7");
    assert_fails(payment_begin(&w->cx, &ask, &next), ST_RATE, &w->cx.err, "payment.too_many_tries");
    later(w, SPAN_HOURS(2));
    ask = ask_of("success");
    ask.buyer.address = STR("203.0.113.7");
    assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
    assert_int_equal(next.kind, PAYMENT_NEXT_DONE);
}

#ifdef FAULT_INJECTION
/* Whichever call fails: asked again, or swept, there is one payment, and it is told once. */
static void a_fault_anywhere_loses_and_doubles_nothing(void **state)
{
    World      *w = *state;
    bool        fired = true;
    PaymentNext next;
    for (int n = 1; fired && n < 200; n++) {
        PaymentAsk ask = ask_of("success");
        char       key[32];
        open_shop();
        snprintf(key, sizeof key, "fault-%d", n);
        ask.key = str_from_cstr(key);
        world_again(w);
        fault_arm(n, false);
        Status st = payment_begin(&w->cx, &ask, &next);
        fired = fault_fired();
        fault_arm(0, false);
        assert_true(st == ST_OK || fired);
        later(w, SPAN_MINUTES(10));
        sweep(w);
        assert_ok(payment_begin(&w->cx, &ask, &next), &w->cx.err);
        assert_int_equal(next.status, PAYMENT_CAPTURED);
        assert_true(shop.settled >= 1); /* told again where its transaction was undone */
        OrderPaymentSession row;
        PaymentTxnList      txns;
        assert_ok(order_sql_payment_session_get(&w->cx, next.session_id, &row), &w->cx.err);
        assert_int_equal(row.told, PAYMENT_CAPTURED);
        assert_int_equal(payment_of_session(w, next.session_id).captured, 4800);
        int64_t id = payment_of_session(w, next.session_id).id;
        assert_ok(payment_txns(&w->cx, id, &txns), &w->cx.err);
        assert_int_equal(txns.n, 1);
        PaymentRefundAsk refund = {.payment_id = payment_of_session(w, next.session_id).id,
                                   .amount = 800,
                                   .key = str_from_cstr(key)};
        PaymentTxn       t;
        fault_arm(n, false);
        (void)!payment_refund(&w->cx, &refund, &t); /* fails, or not: what counts is the end */
        fired = fired || fault_fired();
        fault_arm(0, false);
        later(w, SPAN_MINUTES(10));
        sweep(w);
        assert_ok(payment_refund(&w->cx, &refund, &t), &w->cx.err);
        Payment p = payment_of_session(w, next.session_id);
        assert_int_equal(p.refunded, 800);
        assert_int_equal(p.refunding, 0);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_card_that_succeeds_settles_once),
        TEST_WORLD(refusals_have_words),
        TEST_WORLD(three_d_secure_asks_first),
        TEST_WORLD(a_lost_callback_is_found_by_the_sweeper),
        TEST_WORLD(a_lost_answer_is_asked_for_again),
        TEST_WORLD(the_open_end_expires),
        TEST_WORLD(a_voucher_places_the_order_and_is_paid_later),
        TEST_WORLD(webhooks_that_come_often_count_once),
        TEST_WORLD(a_webhook_needs_its_signature),
        TEST_WORLD(money_is_kept_when_the_shop_cannot_take_it),
        TEST_WORLD(bad_questions_are_refused),
        TEST_WORLD(refunds_never_pass_what_was_captured),
        TEST_WORLD(what_is_authorised_is_captured_or_let_go),
        TEST_WORLD(a_transfer_is_matched_by_its_reference),
        TEST_SQLITE(references_are_checked),
        TEST_WORLD(money_that_never_comes_is_given_up_and_may_come_late),
        TEST_WORLD(a_file_of_the_bank_is_read),
        TEST_WORLD(cash_is_captured_by_hand_and_paid_back_by_hand),
        TEST_WORLD(many_failures_bring_a_puzzle_then_an_end),
#ifdef FAULT_INJECTION
        TEST_WORLD(a_fault_anywhere_loses_and_doubles_nothing),
#endif
    };
    return cmocka_run_group_tests_name("payment", tests, NULL, NULL);
}
