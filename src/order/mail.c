#include "order/mail.h"

#include "base/civil.h"
#include "base/embedded.h"
#include "base/id.h"
#include "catalog/shop.h"
#include "order/delivery.h"
#include "order/payment.h"
#include "text/messages.h"

#include <stdio.h>
#include <string.h>

extern const EmbeddedText order_mail_files[];
extern const size_t       order_mail_files_n;

const char *const order_mail_names[] = {
    "confirmed", "payment_pending",  "payment_failed",   "payment_received",
    "shipped",   "out_for_delivery", "ready_for_pickup", "delivered",
    "delayed",   "changed",          "cancelled",        "refunded",
    NULL};

/* Names of their texts. */
static const char *const TEMPLATES[ORDER_MAIL_KINDS] = {
    "order_confirmed", "order_payment_pending",  "order_payment_failed",   "order_payment_received",
    "order_shipped",   "order_out_for_delivery", "order_ready_for_pickup", "order_delivered",
    "order_delayed",   "order_changed",          "order_cancelled",        "order_refunded"};

enum { LINES_MAX = 60, DATA_MAX = 60 * 1024 };

void order_mail_install(void)
{
    people_mail_templates(order_mail_files, order_mail_files_n);
}

/* --- what a mail holds ----------------------------------------------------------------------- */

typedef struct Letter {
    Cx                   *cx;
    const Order          *order;
    const OrderMailFacts *facts;
    int                   kind;
    Lang                  lang;
    Json                  j;
} Letter;

static Str money_text(const Letter *l, Money m)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 200);
    message_format(&b, l->lang, STR("{amount}"), (const MessageArg[]){msg_m("amount", m)}, 1);
    return str_dup(l->cx->arena, buf_str(&b));
}

/* "Fri, 27 November" of a day that is written "2026-11-27"; "" for anything else. */
static Str day_text(const Letter *l, Str day)
{
    int64_t               y, m, d;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 200);
    if (day.len != 10 || !str_parse_i64(str_head(day, 4), &y) ||
        !str_parse_i64((Str){day.ptr + 5, 2}, &m) || !str_parse_i64((Str){day.ptr + 8, 2}, &d) ||
        !civil_valid((CivilDate){(int)y, (int)m, (int)d}))
        return STR("");
    UnixMs noon = {civil_to_days((CivilDate){(int)y, (int)m, (int)d}) * 86400000 + 43200000};
    message_format(&b, l->lang, STR("{day, date, day}"),
                   (const MessageArg[]){msg_t("day", noon, "UTC")}, 1);
    return str_dup(l->cx->arena, buf_str(&b));
}

static Str say(const Letter *l, const char *key)
{
    return message_make(l->cx->arena, l->lang, key, NULL, 0);
}

static void add_lines(Letter *l)
{
    size_t shown = 0, left = 0;
    json_arr(&l->j, "items");
    for (size_t i = 0; i < l->order->lines.n; i++) {
        const OrderLine *line = &l->order->lines.items[i];
        if (line->left == 0 && l->kind != ORDER_MAIL_CANCELLED)
            continue;
        if (++shown > LINES_MAX) {
            left++;
            continue;
        }
        json_obj(&l->j, NULL);
        json_str(&l->j, "title", line->title);
        json_str(&l->j, "variant", line->variant_title);
        json_i64(&l->j, "qty", l->kind == ORDER_MAIL_CANCELLED ? line->qty : line->left);
        json_str(&l->j, "total", line->left > 0 ? money_text(l, line->gross) : STR(""));
        json_end(&l->j);
    }
    json_end(&l->j);
    if (left > 0)
        json_str(&l->j, "more",
                 message(l->cx->arena, l->lang, "order.mail.more", msg_i("n", (int64_t)left)));
}

static void add_row(Letter *l, Str label, Money m, bool strong)
{
    json_obj(&l->j, NULL);
    json_str(&l->j, "label", label);
    json_str(&l->j, "value", money_text(l, m));
    json_bool(&l->j, "strong", strong);
    json_end(&l->j);
}

static void add_total(Letter *l, const char *key, Money m, bool always, bool strong)
{
    if (!money_absent(m) && (m.minor != 0 || always))
        add_row(l, say(l, key), m, strong);
}

/* Lines are told before discounts: so they add up to the subtotal. */
static void add_discounts(Letter *l)
{
    OrderDiscount *sums;
    size_t         n = order_discount_sums(l->cx->arena, l->order, &sums);
    for (size_t i = 0; i < n; i++) {
        Str title = sums[i].title.len > 0 ? sums[i].title : say(l, "order.mail.discount");
        add_row(l, order_discount_label(l->cx->arena, title, sums[i].code), sums[i].amount, false);
    }
}

static void add_totals(Letter *l)
{
    const Order *o = l->order;
    json_arr(&l->j, "totals");
    add_total(l, "order.mail.subtotal", o->subtotal, true, false);
    add_discounts(l);
    add_total(l, "order.mail.delivery", o->delivery, o->address != NULL, false);
    add_total(l, "order.mail.fees", o->fees, false, false);
    add_total(l, "order.mail.tax", o->tax_added, false, false);
    add_total(l, "order.mail.total", o->total, true, true);
    if (o->prices_include_tax)
        add_total(l, "order.mail.tax_included", o->tax, false, false);
    add_total(l, "order.mail.refunded", o->refunded, false, false);
    add_total(l, "order.mail.due", o->due, false, true);
    json_end(&l->j);
}

static void add_text(Letter *l, Str s)
{
    if (s.len > 0)
        json_str(&l->j, NULL, s);
}

static void add_block(Letter *l, const char *key)
{
    json_obj(&l->j, NULL);
    json_str(&l->j, "label", say(l, key));
    json_arr(&l->j, "lines");
}

static void end_block(Letter *l)
{
    json_end(&l->j);
    json_end(&l->j);
}

static void add_blocks(Letter *l)
{
    const OrderAddress *a = l->order->address;
    Str                 lines[ORDER_ADDRESS_LINES];
    int                 kind = l->order->delivery_method.kind;
    bool                fetched = l->order->delivery_method.place.len > 0 &&
                   (kind == DELIVERY_PICKUP || kind == DELIVERY_PICKUP_POINT);
    json_arr(&l->j, "blocks");
    if (a != NULL && !fetched) {
        add_block(l, "order.mail.address");
        size_t n = order_address_lines(l->cx->arena, l->lang, a, lines);
        for (size_t i = 0; i < n; i++)
            add_text(l, lines[i]);
        end_block(l);
    }
    if (l->order->delivery_method.name.len > 0) {
        add_block(l, "order.mail.method");
        add_text(l, l->order->delivery_method.name);
        add_text(l, l->order->delivery_method.place);
        end_block(l);
    }
    json_end(&l->j);
}

/* --- facts: how to pay, where the parcel is -------------------------------------------------- */

static void add_fact(Letter *l, const char *key, Str value, Str url)
{
    if (value.len == 0)
        return;
    json_obj(&l->j, NULL);
    json_str(&l->j, "label", say(l, key));
    json_str(&l->j, "value", value);
    if (str_starts(url, STR("https://")) || str_starts(url, STR("http://")))
        json_str(&l->j, "url", url);
    json_end(&l->j);
}

static Str member(const JsonValue *v, const char *name)
{
    const JsonValue *m = json_get(v, str_from_cstr(name));
    return m != NULL && m->type == JSON_STRING ? m->text : STR("");
}

static Status add_payment_facts(Letter *l)
{
    PaymentSessionList list;
    const JsonValue   *v;
    TRY(payment_sessions_of_order(l->cx, l->order->id, &list));
    if (list.n == 0 || list.items[0].status != PAYMENT_PENDING || list.items[0].next.len == 0)
        return ST_OK;
    const PaymentSession *s = &list.items[0];
    TRY(json_parse(l->cx->arena, s->next, &v, &l->cx->err));
    if (!str_eq(member(v, "kind"), STR("bank")) && !str_eq(member(v, "kind"), STR("voucher")))
        return ST_OK;
    add_fact(l, "order.mail.amount",
             money_text(l, l->order->due.minor > 0 ? l->order->due : s->amount), (Str){0});
    add_fact(l, "order.mail.holder", member(v, "holder"), (Str){0});
    add_fact(l, "order.mail.iban", member(v, "iban"), (Str){0});
    add_fact(l, "order.mail.bic", member(v, "bic"), (Str){0});
    add_fact(l, "order.mail.bank", member(v, "bank"), (Str){0});
    add_fact(l, "order.mail.reference", member(v, "reference"), (Str){0});
    add_fact(l, "order.mail.code", member(v, "code"), member(v, "pay_url"));
    return ST_OK;
}

/* When it was promised, for as long as that is the news. */
static void add_arrival(Letter *l)
{
    const CartDelivery *d = &l->order->delivery_method;
    bool                fetched = d->kind == DELIVERY_PICKUP || d->kind == DELIVERY_PICKUP_POINT;
    bool                news = l->kind == ORDER_MAIL_CONFIRMED || l->kind == ORDER_MAIL_CHANGED ||
                l->kind == ORDER_MAIL_SHIPPED;
    Str from = news ? day_text(l, d->promise_from) : STR("");
    Str to = news ? day_text(l, d->promise_to) : STR("");
    if (to.len > 0 && from.len > 0 && !str_eq(from, to))
        to =
            message(l->cx->arena, l->lang, "order.mail.days", msg_s("from", from), msg_s("to", to));
    add_fact(l, fetched ? "order.mail.fetch_from" : "order.mail.arrives", fetched ? from : to,
             (Str){0});
}

static Status add_facts(Letter *l)
{
    json_arr(&l->j, "facts");
    if (l->kind == ORDER_MAIL_PAYMENT_PENDING)
        TRY(add_payment_facts(l));
    add_arrival(l);
    add_fact(l, "order.mail.carrier", l->facts->carrier, (Str){0});
    add_fact(l, "order.mail.tracking", l->facts->tracking, l->facts->url);
    json_end(&l->j);
    return ST_OK;
}

/* --- the whole ------------------------------------------------------------------------------- */

static Str link_of(const Letter *l, const char *end)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 300);
    buf_addf(&b, "/orders/" STR_FMT "%s?locale=" STR_FMT, STR_ARG(l->order->token), end,
             STR_ARG(l->order->locale));
    return str_dup(l->cx->arena, buf_str(&b));
}

static Status is_test(Cx *cx, int64_t order_id, bool *ret)
{
    PaymentList list;
    *ret = false;
    TRY(payment_of_order(cx, order_id, &list));
    for (size_t i = 0; i < list.n; i++)
        *ret = *ret || list.items[i].test;
    return ST_OK;
}

static Status data_of(Letter *l, Str *ret)
{
    CLEANUP(buf_done) Buf b;
    bool                  test;
    buf_init(&b, DATA_MAX);
    TRY(is_test(l->cx, l->order->id, &test));
    l->j = json_begin(&b);
    json_obj(&l->j, NULL);
    json_str(&l->j, "number", l->order->number);
    json_str(&l->j, "promised", day_text(l, l->facts->promised));
    json_str(&l->j, "amount",
             money_absent(l->facts->amount) ? STR("") : money_text(l, l->facts->amount));
    json_str(&l->j, "preheader",
             message(l->cx->arena, l->lang, "order.mail.preheader",
                     msg_s("number", l->order->number), msg_m("total", l->order->total)));
    json_str(&l->j, "link", link_of(l, ""));
    json_str(&l->j, "button", say(l, "order.mail.see"));
    if (l->kind == ORDER_MAIL_CONFIRMED || l->kind == ORDER_MAIL_PAYMENT_PENDING ||
        l->kind == ORDER_MAIL_CHANGED) {
        json_str(&l->j, "document", say(l, "order.mail.document"));
        json_str(&l->j, "document_link", link_of(l, "/confirmation.pdf"));
    }
    if (test)
        json_str(&l->j, "test", say(l, "order.payment.page.test"));
    TRY(add_facts(l));
    add_lines(l);
    add_totals(l);
    add_blocks(l);
    json_end(&l->j);
    if (buf_overflowed(&b))
        return cx_fail(l->cx, ST_LIMIT, "people.mail_too_big", "the order is too long for a mail");
    *ret = str_dup(l->cx->arena, buf_str(&b));
    return ST_OK;
}

static Status letter(Cx *cx, const Order *o, int kind, const OrderMailFacts *facts, Str locale,
                     Str key, PeopleMail *ret)
{
    Str    wanted = locale.len > 0 ? locale : o->locale;
    Letter l = {.cx = cx, .order = o, .facts = facts, .kind = kind};
    if (!lang_find(wanted, &l.lang))
        l.lang = LANG_EN;
    *ret = (PeopleMail){
        .key = key, .template = TEMPLATES[kind], .to = o->email, .locale = lang_tag(l.lang)};
    return data_of(&l, &ret->data);
}

Status order_mail_preview(Cx *cx, int64_t order_id, int kind, Str locale, PeopleMailText *ret)
{
    Order          o;
    PeopleMail     mail;
    OrderMailFacts facts = {.promised = STR("2026-11-27")}; /* as examples */
    TRY(order_get(cx, order_id, &o));
    facts.amount = o.total;
    TRY(letter(cx, &o, kind, &facts, locale, STR("preview"), &mail));
    return people_mail_render(cx, &mail, ret);
}

typedef struct Mails {
    PeopleMail items[REACTION_MANY];
    size_t     n;
} Mails;

static Status queue_tx(Cx *cx, void *arg)
{
    const Mails *mails = arg;
    for (size_t i = 0; i < mails->n; i++)
        TRY(people_mail_queue(cx, &mails->items[i]));
    return ST_OK;
}

static Status add_mail(Cx *cx, int64_t order_id, int kind, const OrderMailFacts *facts, Str key,
                       Mails *mails)
{
    Order o;
    ASSERT(mails->n < REACTION_MANY);
    TRY(order_get(cx, order_id, &o));
    if (o.email.len == 0)
        return ST_OK;
    TRY(letter(cx, &o, kind, facts, (Str){0}, key, &mails->items[mails->n]));
    mails->n++;
    return ST_OK;
}

Status order_mail_send(Cx *cx, int64_t order_id, int kind, const OrderMailFacts *facts, Str key)
{
    Mails *mails = arena_new(cx->arena, Mails);
    mails->n = 0;
    TRY(add_mail(cx, order_id, kind, facts, key, mails));
    return mails->n == 0 ? ST_OK : cx_in_tx(cx, queue_tx, mails);
}

/* --- what makes them due --------------------------------------------------------------------- */

/* Will the money of an order come later, by the buyer's doing? */
static Status waits_for_money(Cx *cx, int64_t order_id, bool *ret)
{
    PaymentSessionList list;
    TRY(payment_sessions_of_order(cx, order_id, &list));
    *ret = list.n > 0 && list.items[0].status == PAYMENT_PENDING &&
           (list.items[0].reference.len > 0 || list.items[0].flow == PAYMENT_VOUCHER ||
            str_find(list.items[0].next, STR("\"voucher\"")) != SIZE_MAX);
    return ST_OK;
}

/* Was the order placed before its money came? Then the money is news. */
static Status paid_later(Cx *cx, int64_t order_id, bool *ret)
{
    PaymentSessionList list;
    TRY(payment_sessions_of_order(cx, order_id, &list));
    *ret = false;
    for (size_t i = 0; i < list.n; i++)
        *ret = *ret || (list.items[i].status == PAYMENT_CAPTURED &&
                        (list.items[i].reference.len > 0 || list.items[i].flow == PAYMENT_VOUCHER ||
                         str_find(list.items[i].next, STR("\"voucher\"")) != SIZE_MAX));
    return ST_OK;
}

static const struct {
    const char *type;
    int         kind;
} DUE[] = {{"order.placed", ORDER_MAIL_CONFIRMED},
           {"order.paid", ORDER_MAIL_PAYMENT_RECEIVED},
           {"order.partly_paid", ORDER_MAIL_PAYMENT_PENDING},
           {"order.payment_failed", ORDER_MAIL_PAYMENT_FAILED},
           {"order.shipped", ORDER_MAIL_SHIPPED},
           {"order.out_for_delivery", ORDER_MAIL_OUT_FOR_DELIVERY},
           {"order.ready_for_pickup", ORDER_MAIL_READY},
           {"order.delivered", ORDER_MAIL_DELIVERED},
           {"order.delivery_late", ORDER_MAIL_DELAYED},
           {"order.changed", ORDER_MAIL_CHANGED},
           {"order.cancelled", ORDER_MAIL_CANCELLED},
           {"Order Refunded", ORDER_MAIL_REFUNDED}};

static int64_t id_in(const JsonValue *v, const char *name, const char *prefix)
{
    int64_t id;
    return id_parse(member(v, name), prefix, &id) ? id : 0;
}

static Money money_in(const JsonValue *v, const char *name)
{
    const JsonValue *m = json_get(v, str_from_cstr(name));
    const JsonValue *amount = json_get(m, STR("amount"));
    Str              currency = member(m, "currency");
    bool             known = amount != NULL && amount->type == JSON_NUMBER && amount->integer &&
                 currency_find(currency) != NULL;
    return known ? money_of(amount->i64, currency) : (Money){0};
}

static Status add_due(Cx *cx, const Event *event, Mails *mails)
{
    const JsonValue *v;
    int              kind = -1;
    bool             yes;
    char             key[100];
    for (size_t i = 0; i < COUNT_OF(DUE); i++)
        kind = str_eq(event->type, str_from_cstr(DUE[i].type)) ? DUE[i].kind : kind;
    if (kind < 0)
        return ST_OK;
    TRY(json_parse(cx->arena, event->payload, &v, &cx->err));
    int64_t order_id = id_in(v, "order_id", "ord");
    if (order_id == 0)
        return ST_OK;
    if (kind == ORDER_MAIL_CONFIRMED) {
        TRY(waits_for_money(cx, order_id, &yes));
        kind = yes ? ORDER_MAIL_PAYMENT_PENDING : kind;
    } else if (kind == ORDER_MAIL_PAYMENT_PENDING) { /* the rest is still to come */
        TRY(waits_for_money(cx, order_id, &yes));
        if (!yes)
            return ST_OK;
    }
    if (kind == ORDER_MAIL_PAYMENT_RECEIVED) {
        TRY(paid_later(cx, order_id, &yes));
        if (!yes)
            return ST_OK; /* the confirmation said so */
    }
    OrderMailFacts facts = {.amount = money_in(v, "amount"),
                            .promised = member(v, "promised"),
                            .carrier = member(v, "carrier"),
                            .tracking = member(v, "tracking"),
                            .url = member(v, "url")};
    int            n = snprintf(key, sizeof key, "order.%s." STR_FMT, order_mail_names[kind],
                                STR_ARG(id_format(cx->arena, "evt", event->id)));
    Status         st =
        add_mail(cx, order_id, kind, &facts, str_dup(cx->arena, (Str){key, (size_t)n}), mails);
    return st == ST_NOT_FOUND ? ST_OK : st; /* gone meanwhile: erased */
}

Status order_mail_events(Cx *cx, const Event *events, size_t n)
{
    Mails *mails = arena_new(cx->arena, Mails);
    mails->n = 0;
    for (size_t i = 0; i < n; i++)
        TRY(add_due(cx, &events[i], mails));
    return mails->n == 0 ? ST_OK : cx_in_tx(cx, queue_tx, mails);
}

Status order_mail_event(Cx *cx, const Event *event)
{
    return order_mail_events(cx, event, 1);
}
