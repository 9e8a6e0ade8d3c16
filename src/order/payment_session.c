/* Sessions: opened, begun, continued, given up. What is learnt of them: payment_settle.c. */
#include "order/payment_int.h"

#include "base/codec.h"
#include "base/fault.h"
#include "base/id.h"
#include "core/core.h"
#include "people/people.h"
#include "text/messages.h"

#include <sodium.h>
#include <string.h>

enum { TOKEN_BYTES = 16, KEY_MAX = 200, NUMBER_MAX = 100 };

/* How long the buyer has, by flow; deferred ways say so themselves. */
static const SpanMs LIFE[] = {[PAYMENT_SYNC] = {30 * 60 * 1000},
                              [PAYMENT_REDIRECT] = {35 * 60 * 1000},
                              [PAYMENT_PUSH] = {10 * 60 * 1000},
                              [PAYMENT_VOUCHER] = {INT64_C(3) * 24 * 3600 * 1000},
                              [PAYMENT_DEFERRED] = {INT64_C(14) * 24 * 3600 * 1000}};

/* The first call is made right after the row: the sweeper gives it so much time. */
static const SpanMs CALL_TIME = {90 * 1000};

static Str token_new(Arena *a)
{
    unsigned char bytes[TOKEN_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64);
    codec_add_base64(&b, CODEC_BASE64URL, (Str){(const char *)bytes, sizeof bytes});
    return str_dup(a, buf_str(&b));
}

Str payment_call_key(Arena *a, const char *prefix, int64_t id)
{
    return id_format(a, prefix, id);
}

Str payment_url(Cx *cx, const PaymentSession *s, const char *path)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, (size_t)2 * PAYMENT_URL_MAX);
    buf_addf(&b, STR_FMT "/pay/%s/" STR_FMT, STR_ARG(s->base_url), path, STR_ARG(s->token));
    return str_dup(cx->arena, buf_str(&b));
}

/* --- opening --------------------------------------------------------------------------------- */

static bool is_path(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == '\\')
            return false;
    return s.len > 0 && s.len <= PAYMENT_URL_MAX && s.ptr[0] == '/' &&
           (s.len == 1 || s.ptr[1] != '/');
}

static bool is_base(Str s)
{
    Str rest = str_starts(s, STR("https://"))  ? str_skip(s, 8)
               : str_starts(s, STR("http://")) ? str_skip(s, 7)
                                               : (Str){0};
    for (size_t i = 0; i < rest.len; i++)
        if ((unsigned char)rest.ptr[i] <= ' ' || strchr("/\\\"'<>?#", rest.ptr[i]) != NULL)
            return false;
    return rest.len > 0 && s.len <= 300;
}

static Status check_ask(Cx *cx, const PaymentAsk *ask)
{
    if (ask->amount.minor <= 0 || money_absent(ask->amount) ||
        currency_find(str_from_cstr(ask->amount.cur)) == NULL)
        return cx_fail(cx, ST_INVALID, "payment.amount", "there is nothing to pay");
    if ((ask->cart_id == 0 && ask->order_id == 0) || ask->key.len > KEY_MAX ||
        ask->number.len > NUMBER_MAX || ask->input.len > PAYMENT_INPUT_MAX)
        return cx_fail(cx, ST_INVALID, "payment.bad_input", "what is paid is not told");
    if (!is_path(ask->return_url) || !is_base(ask->base_url))
        return cx_fail(cx, ST_INVALID, "payment.bad_input", "the addresses to return to are wrong");
    return ST_OK;
}

static Status open_tx(Cx *cx, void *arg)
{
    OrderPaymentSession *row = arg;
    int64_t              added;
    bool                 found;
    OrderPaymentSession  old;
    TRY(order_sql_payment_session_add(cx, row, &added));
    if (added == 1)
        return ST_OK;
    TRY(order_sql_payment_session_by_key(cx, row->key, &found, &old));
    if (!found)
        return cx_fail(cx, ST_BUSY, "db.busy", "a session went the moment it was looked at");
    if (old.cart_id != row->cart_id || !str_eq(old.provider, row->provider) ||
        old.amount.minor != row->amount.minor || strcmp(old.amount.cur, row->amount.cur) != 0)
        return cx_fail(cx, ST_CONFLICT, "payment.key_used",
                       "this key belongs to another attempt to pay");
    *row = old;
    return ST_OK;
}

static Status check_method(Cx *cx, const PaymentAsk *ask)
{
    OrderPaymentMethod row;
    bool               found;
    if (ask->method_id == 0)
        return ST_OK;
    TRY(order_sql_payment_method_get(cx, ask->method_id, ask->buyer.account_id, &found, &row));
    if (!found || ask->buyer.account_id == 0 || !str_eq(row.provider, ask->provider))
        return cx_fail(cx, ST_INVALID, "payment.bad_input", "there is no such saved method");
    return ST_OK;
}

static Str or_empty(Str s)
{
    return s.ptr != NULL ? s : STR("");
}

/* Nobody needs more than a few attempts for one cart. */
static Status often(Cx *cx, const PaymentAsk *ask)
{
    char    key[48];
    int64_t id = ask->cart_id != 0 ? ask->cart_id : ask->order_id;
    int     n = snprintf(key, sizeof key, "pay:%lld", (long long)id);
    return rate_take(cx, (Str){key, (size_t)n}, 20, 10, 1, NULL);
}

static Status fill(Cx *cx, const PaymentProvider *p, const PaymentAsk *ask,
                   OrderPaymentSession *ret)
{
    Str           token = token_new(cx->arena);
    PaymentWayAsk way = {.amount = ask->amount,
                         .country = or_empty(ask->buyer.country),
                         .pickup = true,
                         .ships = true};
    PaymentWay    offered;
    Str           input = STR("{}");
    TRY(payment_way(cx, &way, ask->provider, &offered));
    TRY(check_method(cx, ask));
    if (p->check != NULL)
        TRY(p->check(cx, ask, &input));
    *ret = (OrderPaymentSession){.id = id_new(),
                                 .cart_id = ask->cart_id,
                                 .order_id = ask->order_id,
                                 .provider = str_from_cstr(p->key),
                                 .flow = p->flow,
                                 .test = offered.test,
                                 .amount = ask->amount,
                                 .later = ask->later && (p->can & PAYMENT_CAN_LATER) != 0,
                                 .token = token,
                                 .key = ask->key.len > 0 ? ask->key : token,
                                 .charge = STR(""),
                                 .reference = STR(""),
                                 .number = or_empty(ask->number),
                                 .input = input,
                                 .next = STR(""),
                                 .return_url = ask->return_url,
                                 .base_url = ask->base_url,
                                 .email = or_empty(ask->buyer.email),
                                 .country = or_empty(ask->buyer.country),
                                 .locale = or_empty(ask->buyer.locale),
                                 .net = people_net_fine(cx->arena, ask->buyer.address),
                                 .account_id = ask->buyer.account_id,
                                 .method_id = ask->method_id,
                                 .save_method = ask->save_method && ask->buyer.account_id != 0 &&
                                                offered.can_save,
                                 .code = STR(""),
                                 .problem = STR(""),
                                 .created_ms = cx->now,
                                 .updated_ms = cx->now,
                                 .expires_ms = unix_ms_add(cx->now, LIFE[p->flow]),
                                 .due_ms = opt_time(unix_ms_add(cx->now, CALL_TIME))};
    if (ret->net.ptr == NULL)
        ret->net = STR("");
    return ST_OK;
}

Status payment_open(Cx *cx, const PaymentAsk *ask, PaymentSession *ret)
{
    const PaymentProvider *p = payment_provider(ask->provider);
    OrderPaymentSession    row;
    TRY(check_ask(cx, ask));
    if (p == NULL)
        return cx_fail(cx, ST_INVALID, "payment.no_provider", "there is no such way to pay");
    if (cx->tx_depth == 0)
        TRY(often(cx, ask));
    TRY(fill(cx, p, ask, &row));
    TRY(cx_in_tx(cx, open_tx, &row));
    *ret = payment_session_of(&row);
    return ST_OK;
}

/* --- where the buyer goes -------------------------------------------------------------------- */

static Str joined(Cx *cx, Str base, Str path)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, (size_t)2 * PAYMENT_URL_MAX);
    buf_add(&b, base);
    buf_add(&b, path);
    return str_dup(cx->arena, buf_str(&b));
}

static Str url_in(Cx *cx, Str next)
{
    const JsonValue *v;
    Err              err;
    if (next.len == 0 || json_parse(cx->arena, next, &v, &err) != ST_OK)
        return (Str){0};
    const JsonValue *url = json_get(v, STR("url"));
    return url != NULL && url->type == JSON_STRING ? url->text : (Str){0};
}

/* Why a payment did not come about, for the buyer. */
static Str declined(Cx *cx, Str code)
{
    static const char *const WORDS[][2] = {
        {"declined", "order.payment.declined.declined"},
        {"insufficient_funds", "order.payment.declined.insufficient_funds"},
        {"expired_card", "order.payment.declined.expired_card"},
        {"incorrect_cvc", "order.payment.declined.incorrect_cvc"},
        {"authentication_failed", "order.payment.declined.authentication_failed"},
        {"cancelled", "order.payment.declined.cancelled"},
        {"expired", "order.payment.declined.expired"},
        {"processing_error", "order.payment.declined.processing_error"},
    };
    size_t k = 0;
    for (size_t i = 0; i < COUNT_OF(WORDS); i++)
        k = str_eq(code, str_from_cstr(WORDS[i][0])) ? i : k;
    return message(cx->arena, cx->lang, WORDS[k][1], MSG_NONE);
}

PaymentNext payment_next_of(Cx *cx, const PaymentSession *s)
{
    PaymentNext next = {.session_id = s->id,
                        .order_id = s->order_id,
                        .kind = PAYMENT_NEXT_DONE,
                        .status = s->status,
                        .url = joined(cx, s->base_url, s->return_url)};
    if (s->status == PAYMENT_FAILED || s->status == PAYMENT_CANCELLED) {
        next.kind = PAYMENT_NEXT_FAILED;
        next.code = s->code.len > 0 ? s->code : STR("cancelled");
        next.message = declined(cx, next.code);
    } else if (!payment_places(s->status)) {
        Str url = s->status == PAYMENT_ACTION ? url_in(cx, s->next) : (Str){0};
        next.kind = PAYMENT_NEXT_REDIRECT;
        /* A form's answer may not lead to another site: a page of ours does (payment_page_http.c).
         */
        bool ours = url.len > 0 && str_starts(url, s->base_url);
        next.url = ours ? url : payment_url(cx, s, url.len > 0 ? "go" : "wait");
    }
    return next;
}

/* --- beginning ------------------------------------------------------------------------------- */

typedef struct Later {
    int64_t id;
    OptTime due;
    Str     problem;
    bool    calling;
} Later;

static Status later_tx(Cx *cx, void *arg)
{
    const Later *l = arg;
    if (l->calling)
        return order_sql_payment_session_calling(cx, l->id, cx->now, l->due.v, NULL);
    return order_sql_payment_session_later(cx, l->id, l->due, l->problem, NULL);
}

/* The provider did not answer, or we did not understand: the sweeper asks again. */
static Status unanswered(Cx *cx, int64_t id, Status st)
{
    Err    why = cx->err;
    Later  later = {.id = id,
                    .due = opt_time(unix_ms_add(cx->now, SPAN_SECONDS(20))),
                    .problem = str_dup(cx->arena, str_from_cstr(why.msg))};
    Status noted = cx_in_tx(cx, later_tx, &later);
    (void)noted; /* if it is not, what it is due for already stands */
    cx->err = why;
    return st;
}

Status payment_ask(Cx *cx, const PaymentSession *s, PaymentSession *ret)
{
    const PaymentProvider *p = payment_provider(s->provider);
    PaymentReply           reply = {.status = s->status};
    if (p == NULL)
        return cx_fail(cx, ST_INVALID, "payment.no_provider", "this provider is gone");
    cx_idle(cx);
    bool   begun = s->status != PAYMENT_CREATED;
    Status st = begun ? p->status(cx, s, &reply) : p->initiate(cx, s, &reply);
    if (st != ST_OK)
        return unanswered(cx, s->id, st);
    (void)fault_at("payment.answered");
    return payment_settle(cx, s->id, &reply, ret);
}

/* Without the buyer's doing: only what decides at once, and a saved card only when it was asked. */
bool payment_may_be_charged(const PaymentSession *s)
{
    return s->flow == PAYMENT_SYNC || (s->method_id != 0 && s->tries > 0);
}

/* A saved card is charged by the call itself: whoever finds the row must know that it was made. */
static Status mark_calling(Cx *cx, const PaymentSession *s)
{
    Later later = {.id = s->id, .due = opt_time(unix_ms_add(cx->now, CALL_TIME)), .calling = true};
    return cx_in_tx(cx, later_tx, &later);
}

static Status session_row(Cx *cx, int64_t id, OrderPaymentSession *ret)
{
    return order_sql_payment_session_get(cx, id, ret);
}

/* Nobody was asked for the money yet, when the session was made by this very request: it is over,
 * and the cart is open again. Of an older one a call may have been made that was lost. */
static Status turn_away(Cx *cx, const PaymentSession *s)
{
    PaymentSession over;
    Err            why = cx->err;
    if (s->tries == 0 && s->created_at.v == cx->now.v)
        TRY(payment_settle(
            cx, s->id, &(PaymentReply){.status = PAYMENT_CANCELLED, .code = STR("too_many_tries")},
            &over));
    cx->err = why;
    return why.status;
}

static Status start(Cx *cx, PaymentSession *s, bool passed, PaymentNext *ret)
{
    if (s->status == PAYMENT_CREATED) {
        const PaymentProvider *p = payment_provider(s->provider);
        bool                   challenge = false;
        Str    print = p != NULL && p->fingerprint != NULL ? p->fingerprint(s) : STR("");
        Status st = payment_guard(cx, s, print, passed, &challenge);
        if (st != ST_OK)
            return st == ST_RATE ? turn_away(cx, s) : st;
        if (challenge) {
            *ret = (PaymentNext){.session_id = s->id,
                                 .order_id = s->order_id,
                                 .kind = PAYMENT_NEXT_REDIRECT,
                                 .status = s->status,
                                 .url = payment_url(cx, s, "check")};
            return ST_OK;
        }
        if (s->method_id != 0)
            TRY(mark_calling(cx, s));
        TRY(payment_ask(cx, s, s));
    }
    *ret = payment_next_of(cx, s);
    return ST_OK;
}

Status payment_start(Cx *cx, int64_t session_id, PaymentNext *ret)
{
    OrderPaymentSession row;
    ASSERT(cx->tx_depth == 0);
    TRY(session_row(cx, session_id, &row));
    PaymentSession s = payment_session_of(&row);
    return start(cx, &s, row.passed, ret);
}

Status payment_start_opened(Cx *cx, const PaymentSession *opened, PaymentNext *ret)
{
    PaymentSession s = *opened;
    ASSERT(cx->tx_depth == 0);
    return start(cx, &s, false, ret);
}

Status payment_begin(Cx *cx, const PaymentAsk *ask, PaymentNext *ret)
{
    PaymentSession s;
    TRY(payment_open(cx, ask, &s));
    return payment_start(cx, s.id, ret);
}

Status payment_continue(Cx *cx, Str token, PaymentNext *ret)
{
    PaymentSession s;
    TRY(payment_session_by_token(cx, token, &s));
    if (s.status == PAYMENT_ACTION || s.status == PAYMENT_WAITING)
        TRY(payment_ask(cx, &s, &s));
    else if (s.status == PAYMENT_CREATED)
        return payment_start(cx, s.id, ret);
    *ret = payment_next_of(cx, &s);
    return ST_OK;
}

/* --- giving up ------------------------------------------------------------------------------- */

static Status given_up(Cx *cx, const PaymentSession *s)
{
    if (payment_places(s->status) && s->status != PAYMENT_PENDING)
        return cx_fail(cx, ST_CONFLICT, "payment.done", "this was paid meanwhile");
    if (!payment_is_over(s->status))
        return cx_fail(cx, ST_CONFLICT, "payment.undecided", "this payment is being decided");
    return ST_OK;
}

Status payment_give_up(Cx *cx, int64_t session_id)
{
    PaymentSession s;
    PaymentReply   reply = {.status = PAYMENT_CANCELLED, .code = STR("cancelled")};
    TRY(payment_session_get(cx, session_id, &s));
    if (s.status == PAYMENT_CAPTURED || s.status == PAYMENT_AUTHORIZED)
        return cx_fail(cx, ST_CONFLICT, "payment.done", "this was paid meanwhile");
    if (payment_is_over(s.status))
        return ST_OK;
    const PaymentProvider *p = payment_provider(s.provider);
    cx_idle(cx);
    if (p != NULL && p->give_up != NULL && (s.ref.len > 0 || s.status != PAYMENT_CREATED)) {
        Status st = p->give_up(cx, &s, &reply);
        if (st != ST_OK)
            return unanswered(cx, s.id, st);
    } else if (s.status == PAYMENT_CREATED && payment_may_be_charged(&s)) {
        TRY(payment_ask(cx, &s, &s));
        return given_up(cx, &s);
    }
    TRY(payment_settle(cx, s.id, &reply, &s));
    return given_up(cx, &s);
}

bool payment_same(Cx *cx, const PaymentSession *s, const PaymentAsk *ask)
{
    const PaymentProvider *p = payment_provider(s->provider);
    Str                    input = ask->input;
    if (!str_eq(s->provider, ask->provider) || s->method_id != ask->method_id)
        return false;
    if (input.len > 0 && p != NULL && p->check != NULL && p->check(cx, ask, &input) != ST_OK)
        return false;
    return input.len == 0 || str_eq(s->input, input);
}

/* --- reading --------------------------------------------------------------------------------- */

Status payment_session_get(Cx *cx, int64_t id, PaymentSession *ret)
{
    OrderPaymentSession row;
    TRY(session_row(cx, id, &row));
    *ret = payment_session_of(&row);
    return ST_OK;
}

Status payment_session_by_token(Cx *cx, Str token, PaymentSession *ret)
{
    OrderPaymentSession row;
    TRY(order_sql_payment_session_by_token(cx, token, &row));
    *ret = payment_session_of(&row);
    return ST_OK;
}

static PaymentSessionList sessions_of(Cx *cx, const OrderPaymentSessionList *rows)
{
    PaymentSessionList list = {.items = arena_array(cx->arena, PaymentSession, rows->n + 1),
                               .n = rows->n};
    for (size_t i = 0; i < rows->n; i++)
        list.items[i] = payment_session_of(&rows->items[i]);
    return list;
}

Status payment_session_list(Cx *cx, int64_t from, bool backwards, int64_t max,
                            PaymentSessionList *ret)
{
    OrderPaymentSessionList rows;
    if (backwards)
        TRY(order_sql_payment_session_page_back(cx, from, max, &rows));
    else
        TRY(order_sql_payment_session_page(cx, from == 0 ? INT64_MAX : from, max, &rows));
    *ret = sessions_of(cx, &rows);
    return ST_OK;
}

Status payment_sessions_of_order(Cx *cx, int64_t order_id, PaymentSessionList *ret)
{
    OrderPaymentSessionList rows;
    TRY(order_sql_payment_session_of_order(cx, order_id, PAYMENT_SESSIONS_MAX, &rows));
    *ret = sessions_of(cx, &rows);
    return ST_OK;
}

Status payment_sessions_of_cart(Cx *cx, int64_t cart_id, PaymentSessionList *ret)
{
    OrderPaymentSessionList rows;
    TRY(order_sql_payment_session_of_cart(cx, cart_id, PAYMENT_SESSIONS_MAX, &rows));
    *ret = sessions_of(cx, &rows);
    return ST_OK;
}

typedef struct Attach {
    int64_t session_id, order_id;
} Attach;

static Status attach_tx(Cx *cx, void *arg)
{
    const Attach *at = arg;
    TRY(order_sql_payment_session_attach(cx, at->session_id, at->order_id, NULL));
    TRY(order_sql_payment_attach(cx, at->session_id, at->order_id, NULL));
    return order_sql_payment_txn_attach(cx, at->session_id, at->order_id, NULL);
}

Status payment_attach(Cx *cx, int64_t session_id, int64_t order_id)
{
    Attach at = {session_id, order_id};
    return cx_in_tx(cx, attach_tx, &at);
}
