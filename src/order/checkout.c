/* From cart to order: preparing and paying. Finalising: checkout_finalize.c. */
#include "order/cart_kept.h"
#include "order/events.h"
#include "order/order_store.h"
#include "order/promotion.h"

#include "base/fault.h"
#include "base/id.h"
#include "people/identity.h"
#include "stock/stock.h"
#include "text/messages.h"

enum { TRIES = 10 };

/* --- what is missing ---------------------------------------------------------------------- */

static Status ask_needs(Cx *cx, const CartWork *w, const CheckoutAsk *ask, bool manual,
                        CartNeeds *needs)
{
    OrderCheckout setting;
    *needs = (CartNeeds){0};
    for (size_t i = 0; i < w->cart.needs.n; i++) {
        const CartNeed *n = &w->cart.needs.items[i];
        if (!manual || !str_eq(n->code, STR("email_missing")))
            cart_need(cx, needs, str_cstr(cx->arena, n->code), n->pointer, n->line_id, n->message);
    }
    if (manual)
        return ST_OK;
    TRY(setting_kept(cx, &order_checkout_setting, &setting));
    if (setting.terms && !ask->consent.terms)
        cart_need(cx, needs, "terms_not_accepted", STR("/consent/terms"), (OptI64){0},
                  message(cx->arena, cx->lang, "order.need.terms_not_accepted", MSG_NONE));
    if (setting.phone && w->cart.phone.len == 0 &&
        !(w->cart.address && w->cart.address->phone.len > 0))
        cart_need(cx, needs, "phone_missing", STR("/phone"), (OptI64){0},
                  message(cx->arena, cx->lang, "order.need.phone_missing", MSG_NONE));
    if (w->cart.totals.total.minor > 0 && ask->provider.len == 0 && w->body.payment.len == 0)
        cart_need(cx, needs, "payment_missing", STR("/payment"), (OptI64){0},
                  message(cx->arena, cx->lang, "order.need.payment_missing", MSG_NONE));
    return ST_OK;
}

/* Issues know literals as codes: those of needs are. */
static Status refuse(Cx *cx, const CartNeeds *needs)
{
    for (size_t i = 0; i < needs->n; i++) {
        const CartNeed *need = &needs->items[i];
        issue_add(&cx->issues, need->pointer, str_cstr(cx->arena, need->code), "%.*s",
                  (int)need->message.len, need->message.ptr);
    }
    return needs->n == 0 ? ST_OK
                         : cx_fail(cx, ST_INVALID, "order.incomplete",
                                   "something is missing before this can be bought");
}

static Status check_ask(Cx *cx, CartWork *w, const CheckoutAsk *ask, bool manual,
                        CheckoutResult *ret)
{
    CartNeeds needs;
    Money     total = w->cart.totals.total;
    if (!money_absent(ask->expected) &&
        (!str_eq(str_from_cstr(ask->expected.cur), str_from_cstr(total.cur)) ||
         ask->expected.minor != total.minor)) {
        ret->cart = &w->cart;
        return cx_fail(cx, ST_CONFLICT, "order.cart_changed",
                       "the total is another than the one shown");
    }
    TRY(ask_needs(cx, w, ask, manual, &needs));
    return refuse(cx, &needs);
}

/* --- prepare ------------------------------------------------------------------------------ */

typedef struct Prepare {
    CartWork          *w;
    const CheckoutAsk *ask;
    bool               free;   /* nothing is to be paid: placed at once */
    bool               manual; /* without a payment session */
    OrderRows          rows;
    PaymentAsk         pay;
    PaymentSession     session;
    StockShort         lack;
    bool               ok; /* the cart was as we read it */
} Prepare;

static Status reserve(Cx *cx, Prepare *p)
{
    const OrderLineRowList *lines = &p->rows.lines;
    StockLine              *stock = arena_array(cx->arena, StockLine, lines->n);
    for (size_t i = 0; i < lines->n; i++)
        stock[i] = (StockLine){.variant_id = lines->items[i].variant_id,
                               .qty = lines->items[i].qty,
                               .line_id = lines->items[i].id};
    return stock_reserve(cx, p->w->row.id, stock, lines->n, CHECKOUT_RESERVE, &p->lack);
}

/* Who ticked nothing has not answered. */
static Status note_consent(Cx *cx, const Prepare *p)
{
    const CheckoutConsent *c = &p->ask->consent;
    if (!c->marketing || p->manual)
        return ST_OK;
    return people_consent_of_buyer(cx, p->rows.row.account_id, p->rows.row.email,
                                   &(PeopleConsent){.purpose = STR("marketing_email"),
                                                    .status = PEOPLE_GRANTED,
                                                    .text_version = c->marketing_text,
                                                    .locale = p->w->cart.locale,
                                                    .source = STR("checkout"),
                                                    .agent = p->ask->agent});
}

static Status prepare_tx(Cx *cx, void *arg)
{
    Prepare     *p = arg;
    CartWork    *w = p->w;
    OrderCartRow before = w->row;
    p->ok = false;
    w->row.status = CART_COMPLETING;
    w->row.order_id = p->rows.row.id;
    w->row.locked_ms = opt_time(cx->now);
    Status st = cart_write(cx, w, &p->ok);
    w->row = before;
    TRY(st);
    if (!p->ok)
        return ST_OK;
    TRY(reserve(cx, p));
    if (before.order_id != 0)
        TRY(order_sql_order_expire(cx, before.order_id, cx->now, NULL));
    TRY(order_rows_write(cx, &p->rows));
    TRY(note_consent(cx, p));
    if (p->free)
        return checkout_finalize(cx, p->rows.row.id, 0);
    TRY(order_tell(cx, &order_checkout_started, &p->rows.row, &p->rows.lines, (OptI64){0}));
    (void)fault_at("checkout.preparing");
    return payment_open(cx, &p->pay, &p->session);
}

static Str pay_key(Cx *cx, int64_t order_id)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 64);
    buf_add(&b, STR("checkout:"));
    id_add(&b, ORDER_ID, order_id);
    return str_dup(cx->arena, buf_str(&b));
}

static PaymentAsk pay_ask(Cx *cx, const CheckoutAsk *ask, const OrderRow *row, Str provider)
{
    return (PaymentAsk){.cart_id = row->cart_id,
                        .order_id = row->id,
                        .number = row->number,
                        .amount = money_of(row->total, row->currency),
                        .provider = provider,
                        .input = ask->input,
                        .method_id = ask->method_id,
                        .save_method = ask->save_method,
                        .base_url = ask->base_url,
                        .return_url = ask->return_url,
                        .key = pay_key(cx, row->id),
                        .buyer = {.address = ask->address,
                                  .email = row->email,
                                  .country = row->country,
                                  .locale = row->locale,
                                  .account_id = row->account_id}};
}

static void placed_result(const OrderRow *row, CheckoutResult *ret)
{
    *ret = (CheckoutResult){.state = CHECKOUT_PLACED,
                            .order_id = opt_i64(row->id),
                            .number = row->number,
                            .order_token = row->token,
                            .total = money_of(row->total, row->currency)};
}

static Status placed(Cx *cx, int64_t order_id, CheckoutResult *ret)
{
    OrderRow row;
    TRY(order_sql_order_get(cx, order_id, &row));
    placed_result(&row, ret);
    return ST_OK;
}

/* What lacks, as issues of the lines. */
static Status say_lack(Cx *cx, const Prepare *p)
{
    for (size_t i = 0; i < p->lack.n; i++)
        issue_add(&cx->issues, STR("/lines"), "item_unavailable", "of %s there are %lld left",
                  str_cstr(cx->arena,
                           id_format(cx->arena, CATALOG_VARIANT_ID, p->lack.items[i].variant_id)),
                  (long long)p->lack.items[i].available);
    return ST_CONFLICT;
}

static Status prepare_open(Cx *cx, Prepare *p, CheckoutResult *ret)
{
    CartWork *w = p->w;
    TRY(cart_price(cx, w));
    if (p->ask->provider.len > 0 && !str_eq(p->ask->provider, w->body.payment) && !p->manual) {
        w->body.payment = p->ask->provider; /* its fee counts */
        TRY(cart_price(cx, w));
    }
    TRY(check_ask(cx, w, p->ask, p->manual, ret));
    TRY(order_from_cart(cx, w, p->ask, &p->rows));
    p->free = p->rows.row.total == 0 || p->manual;
    p->pay = pay_ask(cx, p->ask, &p->rows.row, w->body.payment);
    Status st = cx_in_tx(cx, prepare_tx, p);
    if (st == ST_CONFLICT && p->lack.n > 0)
        return say_lack(cx, p);
    TRY(st);
    if (!p->ok)
        return ST_OK;
    (void)fault_at("checkout.prepared");
    if (p->free)
        return placed(cx, p->rows.row.id, ret);
    *ret = (CheckoutResult){.state = CHECKOUT_REDIRECT,
                            .order_id = opt_i64(p->rows.row.id),
                            .session_id = opt_i64(p->session.id),
                            .total = p->pay.amount};
    return ST_OK;
}

/* The cart is being paid: the same way again goes on with that session, another one gives
 * it up first. *ret_on false: the cart is open (or gone) now, look again. */
static Status go_on(Cx *cx, const CartWork *w, const CheckoutAsk *ask, bool *ret_on,
                    CheckoutResult *ret)
{
    OrderRow       row;
    PaymentSession session;
    Cart           cart;
    *ret_on = false;
    TRY(order_sql_order_get(cx, w->row.order_id, &row));
    Str        provider = ask->provider.len > 0 ? ask->provider : w->body.payment;
    PaymentAsk pay = pay_ask(cx, ask, &row, provider);
    TRY(payment_open(cx, &pay, &session));
    *ret = (CheckoutResult){.state = CHECKOUT_REDIRECT,
                            .order_id = opt_i64(row.id),
                            .session_id = opt_i64(session.id),
                            .total = session.amount};
    *ret_on = payment_same(cx, &session, &pay) || payment_places(session.status);
    if (*ret_on)
        return ST_OK;
    Status st = checkout_reopen(cx, ask->token, &cart);
    *ret_on = st == ST_CONFLICT && strcmp(cx->err.code, "payment.undecided") == 0;
    return st == ST_CONFLICT ? ST_OK : st;
}

/* *ret_opened: the session that was made; its id is 0 where none was. */
static Status prepare(Cx *cx, const CheckoutAsk *ask, bool manual, PaymentSession *ret_opened,
                      CheckoutResult *ret)
{
    const Issues before = cx->issues;
    *ret_opened = (PaymentSession){0};
    for (int i = 0; i < TRIES; i++) {
        Prepare *p = arena_new(cx->arena, Prepare);
        bool     on = true;
        *p = (Prepare){.w = arena_new(cx->arena, CartWork), .ask = ask, .manual = manual};
        *ret = (CheckoutResult){0};
        bool kept = i == 0 && cart_load_kept(cx, ask->token, p->w);
        if (!kept)
            TRY(cart_load(cx, ask->token, p->w));
        if (p->w->row.status == CART_COMPLETED)
            return placed(cx, p->w->row.order_id, ret);
        if (p->w->row.status == CART_COMPLETING && manual)
            return cx_fail(cx, ST_CONFLICT, "order.cart_locked", "this cart is being paid");
        if (p->w->row.status == CART_COMPLETING) {
            TRY(go_on(cx, p->w, ask, &on, ret));
            if (on)
                return ST_OK;
            continue;
        }
        Status st = prepare_open(cx, p, ret);
        if (!kept)
            TRY(st);
        if (p->ok && st == ST_OK) {
            cart_keep_not(cx, ask->token);
            *ret_opened = p->session;
            return ST_OK;
        }
        cart_try_again(cx, &before);
    }
    return cx_fail(cx, ST_BUSY, "order.cart_busy", "others change this cart all the time");
}

Status checkout_prepare(Cx *cx, const CheckoutAsk *ask, CheckoutResult *ret)
{
    PaymentSession opened;
    return prepare(cx, ask, false, &opened, ret);
}

Status checkout_place(Cx *cx, Str token, CheckoutResult *ret)
{
    const CheckoutAsk ask = {.token = token};
    PaymentSession    opened;
    return prepare(cx, &ask, true, &opened, ret);
}

/* --- pay ---------------------------------------------------------------------------------- */

static Status result_of(Cx *cx, const PaymentNext *next, CheckoutResult *ret)
{
    if (next->kind == PAYMENT_NEXT_REDIRECT) {
        *ret = (CheckoutResult){
            .state = CHECKOUT_REDIRECT, .session_id = opt_i64(next->session_id), .url = next->url};
        return ST_OK;
    }
    if (next->kind == PAYMENT_NEXT_FAILED) {
        *ret = (CheckoutResult){.state = CHECKOUT_FAILED,
                                .session_id = opt_i64(next->session_id),
                                .code = next->code,
                                .message = next->message};
        return ST_OK;
    }
    TRY(placed(cx, next->order_id, ret));
    if (ret->number.len == 0) { /* taken, but not placed yet: what failed then is tried again */
        TRY(checkout_finalize(cx, next->order_id, next->session_id));
        TRY(placed(cx, next->order_id, ret));
    }
    ret->session_id = opt_i64(next->session_id);
    return ST_OK;
}

Status checkout_pay(Cx *cx, int64_t session_id, CheckoutResult *ret)
{
    PaymentNext next;
    TRY(payment_start(cx, session_id, &next));
    return result_of(cx, &next, ret);
}

Status checkout_return(Cx *cx, Str session_token, CheckoutResult *ret)
{
    PaymentNext next;
    TRY(payment_continue(cx, session_token, &next));
    return result_of(cx, &next, ret);
}

Status checkout_complete(Cx *cx, const CheckoutAsk *ask, CheckoutResult *ret)
{
    PaymentSession opened;
    PaymentNext    next;
    TRY(order_numbers_know(cx));
    TRY(prepare(cx, ask, false, &opened, ret));
    if (ret->state == CHECKOUT_PLACED)
        return ST_OK;
    if (opened.id == 0)
        return checkout_pay(cx, ret->session_id.v, ret);
    TRY(payment_start_opened(cx, &opened, &next));
    return result_of(cx, &next, ret);
}

/* --- back --------------------------------------------------------------------------------- */

typedef struct Unlock {
    int64_t cart_id, order_id;
} Unlock;

static Status unlock_tx(Cx *cx, void *arg)
{
    const Unlock *u = arg;
    int64_t       changed;
    TRY(order_sql_cart_unlock(cx, u->cart_id, u->order_id, cx->now, &changed));
    if (changed == 0)
        return ST_OK;
    TRY(stock_release(cx, u->cart_id));
    return order_sql_order_expire(cx, u->order_id, cx->now, NULL);
}

Status checkout_unlock(Cx *cx, int64_t cart_id, int64_t order_id)
{
    Unlock u = {cart_id, order_id};
    return cx_in_tx(cx, unlock_tx, &u);
}

/* ST_CONFLICT "payment.done" when one of them was paid meanwhile. */
static Status give_up_all(Cx *cx, int64_t order_id)
{
    OrderSessionIdList ids;
    TRY(order_sql_sessions_of_order(cx, order_id, PAYMENT_SESSIONS_MAX, &ids));
    for (size_t i = 0; i < ids.n; i++)
        TRY(payment_give_up(cx, ids.items[i].id));
    return ST_OK;
}

Status checkout_reopen(Cx *cx, Str token, Cart *ret)
{
    CartWork *w = arena_new(cx->arena, CartWork);
    TRY(cart_load(cx, token, w));
    if (w->row.status != CART_COMPLETING)
        return cart_get(cx, token, ret);
    Status st = give_up_all(cx, w->row.order_id);
    if (st == ST_CONFLICT) {
        Err why = cx->err;
        TRY(cart_get(cx, token, ret));
        cx->err = why;
        return st;
    }
    TRY(st);
    TRY(checkout_unlock(cx, w->row.id, w->row.order_id));
    return cart_get(cx, token, ret);
}
