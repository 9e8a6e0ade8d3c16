/* What templates see of an order. */
#include "channel/storefront/order_page.h"

#include "base/civil.h"
#include "base/id.h"
#include "base/json_read.h"
#include "channel/storefront/account.h"
#include "channel/storefront/basket.h"
#include "channel/storefront/checkout_page.h"
#include "channel/storefront/object.h"
#include "channel/storefront/pairs.h"
#include "http/http_csrf.h"
#include "order/promotion.h"
#include "text/messages.h"

#include <string.h>

enum { STEPS = 5 };

#define WORD(v, key) message(visit_arena(v), account_lang(v), key, MSG_NONE)

static Str word_of(Visit *v, const char *prefix, const char *name)
{
    char room[96];
    int  n = snprintf(room, sizeof room, "%s%s", prefix, name);
    return message_has((Str){room, (size_t)n})
               ? message_make(visit_arena(v), account_lang(v), room, NULL, 0)
               : STR("");
}

static void put_time(Visit *v, Pairs *p, UnixMs at)
{
    pairs_put(p, "iso", liquid_time(at));
    pairs_put(p, "time",
              liquid_text(locale_date(visit_arena(v), v->locale, at, v->shop->time_zone,
                                      DATE_MEDIUM, true)));
}

/* --- how it stands --------------------------------------------------------------------------- */

/* The newest that is known of any parcel. */
static int parcel_code(const OrderView *w)
{
    int     code = TRACKING_NONE;
    int64_t at = 0;
    for (size_t i = 0; i < w->sent.n; i++)
        for (size_t k = 0; k < w->sent.items[i].parcels.n; k++) {
            const Parcel *p = &w->sent.items[i].parcels.items[k];
            if (p->status_at.has && p->status_at.v.v >= at) {
                at = p->status_at.v.v;
                code = p->status;
            }
        }
    return code;
}

/* What the provider left for the buyer to pay by, of what is still to come: an account and a
 * reference, or the code of a voucher. NULL: nothing. */
static Status next_of(const OrderView *w, const JsonValue **ret)
{
    PaymentSession s;
    Err            err = {0};
    *ret = NULL;
    for (size_t i = w->paid.n; i-- > 0 && *ret == NULL && w->o->due.minor > 0;) {
        const Payment *p = &w->paid.items[i];
        if (p->status != PAYMENT_PENDING)
            continue;
        TRY(payment_session_get(w->v->cx, p->session_id, &s));
        if (s.next.len == 0 || json_parse(visit_arena(w->v), s.next, ret, &err) != ST_OK ||
            (json_get(*ret, STR("reference")) == NULL && json_get(*ret, STR("code")) == NULL))
            *ret = NULL;
    }
    return ST_OK;
}

Status order_view_load(OrderView *w)
{
    Cx              *cx = w->v->cx;
    const JsonValue *next;
    TRY(fulfillments_of_order(cx, w->o->id, &w->sent));
    TRY(order_promise_get(cx, w->o->id, &w->promise));
    TRY(payment_of_order(cx, w->o->id, &w->paid));
    TRY(next_of(w, &next));
    w->awaits = next != NULL;
    return ST_OK;
}

/* Money is waited for before it is packed: not with what is paid at the door. */
static bool is_unpaid(const OrderView *w)
{
    return w->o->due.minor > 0 && (w->awaits || w->o->hold == HOLD_PAYMENT_DUE);
}

static const char *underway(const OrderView *w)
{
    switch (parcel_code(w)) {
    case TRACKING_OUT_FOR_DELIVERY: return "out";
    case TRACKING_AVAILABLE_FOR_PICKUP: return "pickup";
    case TRACKING_DELIVERY_ATTEMPT: return "attempt";
    case TRACKING_EXCEPTION: return "exception";
    default: return w->promise.late ? "late" : "shipped";
    }
}

/* Last part of the names of its texts. */
static const char *state_of(const OrderView *w)
{
    const Order *o = w->o;
    if (o->status == ORDER_CANCELLED)
        return "cancelled";
    switch (o->fulfillment_status) {
    case ORDER_DELIVERED: return "delivered";
    case ORDER_PARTIALLY_DELIVERED: return "partly_delivered";
    case ORDER_SHIPPED: return underway(w);
    case ORDER_PARTIALLY_SHIPPED: return "partly_shipped";
    case ORDER_PARTIAL:
    case ORDER_FULFILLED: return "packed";
    default: break;
    }
    if (w->promise.late)
        return "late";
    return is_unpaid(w) ? "unpaid" : "placed";
}

static Str headline(const OrderView *w)
{
    Visit *v = w->v;
    if (!w->fresh || w->o->status == ORDER_CANCELLED)
        return word_of(v, "storefront.order.is_", state_of(w));
    Str name = w->o->address != NULL ? w->o->address->first_name : STR("");
    return name.len > 0 ? message(visit_arena(v), account_lang(v), "storefront.order.thanks",
                                  msg_s("name", name))
                        : WORD(v, "storefront.order.thanks_plain");
}

static bool is_fetched(const OrderView *w)
{
    int kind = w->o->delivery_method.kind;
    return w->o->delivery_method.method_id != 0 &&
           (kind == DELIVERY_PICKUP || kind == DELIVERY_PICKUP_POINT);
}

static Str promised(const OrderView *w)
{
    const CartDelivery *d = &w->o->delivery_method;
    bool                fetched = is_fetched(w);
    if (w->o->status == ORDER_CANCELLED || w->o->fulfillment_status == ORDER_DELIVERED)
        return STR("");
    if (w->promise.from_day != 0)
        return promise_text(
            w->v, (DeliveryPromise){.from = w->promise.from_day, .to = w->promise.to_day}, fetched);
    return promise_of_days(w->v, d->promise_from, d->promise_to, fetched);
}

/* What happens next, and when it arrives. */
static Str text_below(const OrderView *w)
{
    CLEANUP(buf_done) Buf b = {0};
    Visit                *v = w->v;
    buf_init(&b, 4096);
    Str         when = promised(w);
    const char *state = state_of(w);
    bool        over = strcmp(state, "late") == 0 || strcmp(state, "pickup") == 0;
    if (when.len > 0 && !over && strcmp(state, "unpaid") != 0) {
        buf_add(&b, when); /* abbreviated months end with one already */
        buf_add(&b, account_lang(v) == LANG_ZH ? STR("。")
                    : str_ends(when, STR(".")) ? STR(" ")
                                               : STR(". "));
    }
    buf_add(&b, w->fresh ? message(visit_arena(v), account_lang(v), "storefront.order.thanks_text",
                                   msg_s("email", w->o->email))
                         : word_of(v, "storefront.order.next_", state_of(w)));
    return str_dup(visit_arena(v), buf_str(&b));
}

/* --- steps ----------------------------------------------------------------------------------- */

typedef struct Step {
    const char *name;
    bool        shown, done;
    OptTime     at;
} Step;

static OptTime first_time(const OrderView *w, bool delivered)
{
    OptTime at = {0};
    for (size_t i = 0; i < w->sent.n; i++) {
        OptTime t = delivered ? w->sent.items[i].delivered_at : w->sent.items[i].shipped_at;
        if (t.has && (!at.has || t.v.v < at.v.v))
            at = t;
    }
    return at;
}

static void fill_steps(const OrderView *w, Step steps[static STEPS])
{
    const Order *o = w->o;
    int          f = o->fulfillment_status;
    bool         sends = f != ORDER_NOT_NEEDED;
    bool         delivered = f == ORDER_DELIVERED;
    bool         shipped = delivered || f == ORDER_SHIPPED || f == ORDER_PARTIALLY_SHIPPED ||
                   f == ORDER_PARTIALLY_DELIVERED;
    bool paid = o->payment_status != ORDER_PAY_PENDING && o->payment_status != ORDER_PAY_NONE &&
                o->payment_status != ORDER_PAY_PARTIALLY_PAID;
    steps[0] = (Step){"ordered", true, true, o->placed_at};
    steps[1] = (Step){"paid", o->placed_total.minor > 0, paid, {.has = false}};
    steps[2] = (Step){"packed", sends, shipped || f == ORDER_FULFILLED, {.has = false}};
    steps[3] = (Step){"shipped", sends, shipped, first_time(w, false)};
    steps[4] = (Step){"delivered", sends, delivered, first_time(w, true)};
}

static LiquidValue steps(const OrderView *w)
{
    Visit       *v = w->v;
    Step         all[STEPS];
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, STEPS);
    size_t       n = 0;
    bool         now = false;
    fill_steps(w, all);
    for (size_t i = 0; i < STEPS && w->o->status != ORDER_CANCELLED; i++) {
        if (!all[i].shown)
            continue;
        const char *state = all[i].done ? "done" : !now ? "now" : "later";
        now = now || !all[i].done;
        Pairs p = pairs_new(v);
        pairs_put(&p, "title", liquid_text(word_of(v, "storefront.order.step_", all[i].name)));
        pairs_put(&p, "state", liquid_text(str_from_cstr(state)));
        if (all[i].at.has)
            pairs_put(&p, "time",
                      liquid_text(locale_date_skeleton(visit_arena(v), v->locale, all[i].at.v,
                                                       v->shop->time_zone, STR("dMMM"))));
        items[n++] = pairs_map(v, &p);
    }
    return object_list(v, items, n);
}

/* --- parcels --------------------------------------------------------------------------------- */

static LiquidValue trail(Visit *v, const Parcel *p)
{
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, p->events.n + 1);
    for (size_t i = 0; i < p->events.n; i++) {
        const TrackingEvent *e = &p->events.items[i];
        Pairs                x = pairs_new(v);
        Str                  text = word_of(v, "storefront.track.",
                           tracking_code_names[e->code][0] != '\0' ? tracking_code_names[e->code]
                                                                                    : "none");
        pairs_put(&x, "text", liquid_text(text));
        pairs_put(&x, "place", text_or_nil(e->place));
        put_time(v, &x, e->at);
        items[i] = pairs_map(v, &x);
    }
    return object_list(v, items, p->events.n);
}

/* Is the page in another language than the order, which keeps its words as they were? */
static bool elsewhere(const OrderView *w)
{
    return !str_eq_nocase(w->o->locale, w->v->tag);
}

/* How the shop calls it now, in the language of the page. */
static void tell_line(const OrderView *w, const OrderLine *l, Str *title, Str *variant)
{
    const Visit   *v = w->v;
    ProductObject *p = elsewhere(w) ? product_object(w->v, l->product_id) : NULL;
    if (p == NULL)
        return;
    *title = product_title(w->v, p);
    for (size_t i = 0; i < p->p->product.variants.n; i++)
        if (p->p->product.variants.items[i].id == l->variant_id && l->variant_title.len > 0)
            *variant = published_variant_title(visit_arena(v), p->p,
                                               &p->p->product.variants.items[i], v->tag);
}

static Str line_title(const OrderView *w, int64_t line)
{
    const Order *o = w->o;
    Str          title = STR(""), variant = STR("");
    for (size_t i = 0; i < o->lines.n; i++)
        if (o->lines.items[i].id == line) {
            title = o->lines.items[i].title;
            tell_line(w, &o->lines.items[i], &title, &variant);
        }
    return title;
}

static LiquidValue contents(const OrderView *w, const Fulfillment *f)
{
    LiquidValue *items = arena_array(visit_arena(w->v), LiquidValue, f->lines.n + 1);
    for (size_t i = 0; i < f->lines.n; i++) {
        Pairs x = pairs_new(w->v);
        pairs_put(&x, "title", liquid_text(line_title(w, f->lines.items[i].line_id)));
        pairs_put(&x, "quantity", liquid_int(f->lines.items[i].qty));
        items[i] = pairs_map(w->v, &x);
    }
    return object_list(w->v, items, f->lines.n);
}

static LiquidValue parcel_value(const OrderView *w, const Fulfillment *f, const Parcel *p,
                                int64_t nth)
{
    Visit      *v = w->v;
    Pairs       x = pairs_new(v);
    const char *code = tracking_code_names[p->status];
    bool        shipped = f->status == FULFILLMENT_SHIPPED && p->status == TRACKING_NONE;
    pairs_put(&x, "title",
              liquid_text(message(visit_arena(v), account_lang(v), "storefront.order.parcel",
                                  msg_i("n", nth))));
    pairs_put(&x, "status",
              liquid_text(shipped
                              ? WORD(v, "storefront.track.in_transit")
                              : word_of(v, "storefront.track.", code[0] != '\0' ? code : "none")));
    pairs_put(&x, "carrier", liquid_text(p->carrier_name.len > 0 ? p->carrier_name : p->carrier));
    pairs_put(&x, "number", liquid_text(p->tracking));
    pairs_put(&x, "url", str_starts(p->url, STR("http")) ? liquid_text(p->url) : liquid_nil());
    pairs_put(&x, "items", w->tracking ? liquid_nil() : contents(w, f));
    pairs_put(&x, "events", trail(v, p));
    return pairs_map(v, &x);
}

static LiquidValue parcels(const OrderView *w)
{
    size_t n = 0, max = 0;
    for (size_t i = 0; i < w->sent.n; i++)
        max += w->sent.items[i].parcels.n;
    LiquidValue *items = arena_array(visit_arena(w->v), LiquidValue, max + 1);
    for (size_t i = 0; i < w->sent.n; i++) {
        const Fulfillment *f = &w->sent.items[i];
        bool gone = f->status == FULFILLMENT_SHIPPED || f->status == FULFILLMENT_DELIVERED ||
                    f->status == FULFILLMENT_FAILED;
        for (size_t k = 0; gone && k < f->parcels.n; k++) {
            items[n] = parcel_value(w, f, &f->parcels.items[k], (int64_t)n + 1);
            n++;
        }
    }
    return object_list(w->v, items, n);
}

/* --- lines ----------------------------------------------------------------------------------- */

static Str line_state(Visit *v, const OrderLine *l)
{
    const char *state = l->left == 0              ? "cancelled"
                        : l->delivered >= l->left ? "delivered"
                        : l->shipped >= l->left   ? "shipped"
                                                  : NULL;
    return state != NULL ? word_of(v, "storefront.order.line_", state) : STR("");
}

static OptI64 wanted(const OrderView *w, int64_t line)
{
    for (size_t i = 0; w->asked != NULL && i < w->asked->actions.n; i++) {
        const ChangeAction *a = &w->asked->actions.items[i];
        if (a->kind == CHANGE_SET_QTY && a->line_id == line)
            return (OptI64){.has = true, .v = a->qty};
    }
    return (OptI64){0};
}

static LiquidValue line_value(const OrderView *w, const OrderLine *l)
{
    Visit *v = w->v;
    Pairs  x = pairs_new(v);
    Money  piece = l->unit_price;
    OptI64 qty = wanted(w, l->id);
    Str    title = l->title, variant = l->variant_title;
    bool   sold = product_object(v, l->product_id) != NULL;
    tell_line(w, l, &title, &variant);
    if (l->left > 0)
        piece.minor = l->total.minor / l->left;
    pairs_put(&x, "id", liquid_text(id_format(visit_arena(v), ORDER_LINE_ID, l->id)));
    pairs_put(&x, "title", liquid_text(title));
    pairs_put(&x, "variant_title", text_or_nil(variant));
    pairs_put(&x, "sku", liquid_text(l->sku));
    pairs_put(&x, "quantity", liquid_int(l->left));
    pairs_put(&x, "properties", basket_properties(v, l->properties));
    pairs_put(&x, "original_price", object_money(l->unit_price));
    pairs_put(&x, "final_price", object_money(piece));
    pairs_put(&x, "original_line_price", object_money(l->gross));
    pairs_put(&x, "final_line_price", object_money(l->total));
    pairs_put(&x, "state", text_or_nil(line_state(v, l)));
    pairs_put(&x, "can_change", liquid_bool(l->left > l->fulfilled && !l->gift_of.has));
    pairs_put(&x, "wanted", qty.has ? liquid_int(qty.v) : liquid_nil());
    pairs_put(&x, "image", basket_image(v, l->product_id, l->variant_id, l->image, l->title));
    pairs_put(&x, "url",
              sold ? liquid_text(visit_urlf(v, "/products/" STR_FMT, STR_ARG(l->handle)))
                   : liquid_nil());
    return pairs_map(v, &x);
}

static LiquidValue lines(const OrderView *w)
{
    LiquidValue *items = arena_array(visit_arena(w->v), LiquidValue, w->o->lines.n + 1);
    for (size_t i = 0; i < w->o->lines.n; i++)
        items[i] = line_value(w, &w->o->lines.items[i]);
    return object_list(w->v, items, w->o->lines.n);
}

/* --- amounts --------------------------------------------------------------------------------- */

typedef struct Rows {
    Visit       *v;
    LiquidValue *items;
    size_t       n;
} Rows;

static Rows rows_new(Visit *v, size_t max)
{
    return (Rows){v, arena_array(visit_arena(v), LiquidValue, max), 0};
}

static void row(Rows *r, Str label, Money amount, const char *kind)
{
    Pairs p = pairs_new(r->v);
    pairs_put(&p, "label", liquid_text(label));
    pairs_put(&p, "amount", object_money(amount));
    pairs_put(&p, "kind", liquid_text(str_from_cstr(kind)));
    r->items[r->n++] = pairs_map(r->v, &p);
}

/* One row for each promotion, with the code that was entered for it. */
static void discount_rows(Rows *r, const OrderView *w)
{
    OrderDiscount *sums;
    size_t         n = order_discount_sums(visit_arena(r->v), w->o, &sums);
    for (size_t i = 0; i < n; i++) {
        const OrderDiscount *d = &sums[i];
        Str                  title = elsewhere(w)
                                         ? order_promotion_title(r->v->cx, d->promotion_id, r->v->tag, d->title)
                                         : d->title;
        Str                  label = order_discount_label(
                             visit_arena(r->v), title.len > 0 ? title : WORD(r->v, "storefront.sum.discount"),
                             d->code);
        row(r, label, d->amount, "discount");
    }
}

static LiquidValue rows(const OrderView *w)
{
    const Order *o = w->o;
    Visit       *v = w->v;
    Rows         r = rows_new(v, o->discounts.n + o->charges.n + o->tax_sums.n + 6);
    row(&r, WORD(v, "storefront.sum.items"), o->subtotal, "items");
    discount_rows(&r, w);
    for (size_t i = 0; i < o->charges.n; i++) {
        const OrderCharge *c = &o->charges.items[i];
        bool               delivery = str_eq(c->kind, STR("delivery"));
        row(&r, delivery ? WORD(v, "storefront.sum.delivery") : WORD(v, "storefront.sum.fee"),
            c->total, delivery && c->total.minor == 0 ? "free" : "delivery");
    }
    for (size_t i = 0; i < o->tax_sums.n; i++)
        if (!o->tax_sums.items[i].included)
            row(&r, o->tax_sums.items[i].name, o->tax_sums.items[i].amount, "tax");
    if (o->refunded.minor > 0)
        row(&r, WORD(v, "storefront.sum.refunded"), o->refunded, "refunded");
    if (o->due.minor > 0)
        row(&r, WORD(v, "storefront.sum.due"), o->due, "due");
    return object_list(v, r.items, r.n);
}

static LiquidValue tax_note(const OrderView *w)
{
    OrderTotals t = {.prices_include_tax = w->o->prices_include_tax, .currency = w->o->currency};
    t.tax_sums.items = w->o->tax_sums.items;
    t.tax_sums.n = w->o->tax_sums.n;
    return basket_tax_note(w->v, &t);
}

/* --- payment --------------------------------------------------------------------------------- */

static const char *pay_state(int status)
{
    static const char *const NAMES[] = {
        [ORDER_PAY_NONE] = "none",
        [ORDER_PAY_PENDING] = "pending",
        [ORDER_PAY_AUTHORIZED] = "authorized",
        [ORDER_PAY_PARTIALLY_AUTHORIZED] = "authorized",
        [ORDER_PAY_PARTIALLY_PAID] = "partly",
        [ORDER_PAY_PAID] = "paid",
        [ORDER_PAY_OVERPAID] = "paid",
        [ORDER_PAY_PARTIALLY_REFUNDED] = "partly_refunded",
        [ORDER_PAY_REFUNDED] = "refunded",
        [ORDER_PAY_VOIDED] = "voided",
        [ORDER_PAY_DISPUTED] = "disputed",
    };
    return NAMES[status];
}

/* "Visa •••• 4242", or how the way of paying is called. */
static Str pay_title(Visit *v, const Payment *p)
{
    if (p->last4.len > 0)
        return visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, STR_FMT " •••• " STR_FMT,
                          STR_ARG(payment_brand(p->brand)), STR_ARG(p->last4));
    Str name = word_of(v, "order.payment.", str_cstr(visit_arena(v), p->provider));
    return name.len > 0 ? name : p->provider;
}

static LiquidValue payments(const OrderView *w, const PaymentList *list)
{
    Visit       *v = w->v;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        Pairs x = pairs_new(v);
        pairs_put(&x, "title", liquid_text(pay_title(v, &list->items[i])));
        pairs_put(
            &x, "status",
            liquid_text(word_of(v, "storefront.order.pay_", pay_state(w->o->payment_status))));
        items[i] = pairs_map(v, &x);
    }
    return object_list(v, items, list->n);
}

static Str member_text(const JsonValue *v, const char *name)
{
    const JsonValue *x = json_get(v, str_from_cstr(name));
    return x != NULL && x->type == JSON_STRING ? x->text : STR("");
}

/* Where to send the money, or by which code: what the provider left for the buyer. */
static Status put_transfer(const OrderView *w, Pairs *x)
{
    static const char *const NAMES[] = {"holder", "iban", "bic", "bank", "reference", "code"};
    Visit                   *v = w->v;
    const JsonValue         *next;
    TRY(next_of(w, &next));
    if (next == NULL)
        return ST_OK;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, COUNT_OF(NAMES) + 1);
    size_t       n = 0;
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        Str value = member_text(next, NAMES[i]);
        if (value.len == 0)
            continue;
        Pairs row = pairs_new(v);
        pairs_put(&row, "label", liquid_text(word_of(v, "storefront.transfer.", NAMES[i])));
        pairs_put(&row, "value", liquid_text(value));
        items[n++] = pairs_map(v, &row);
    }
    Pairs amount = pairs_new(v), t = pairs_new(v);
    pairs_put(&amount, "label", liquid_text(WORD(v, "storefront.sum.due")));
    pairs_put(&amount, "value",
              liquid_text(locale_money(visit_arena(v), v->locale, w->o->due, MONEY_SYMBOL)));
    items[n++] = pairs_map(v, &amount);
    bool code = member_text(next, "code").len > 0;
    Str  url = member_text(next, "pay_url");
    pairs_put(&t, "title",
              liquid_text(
                  WORD(v, code ? "storefront.transfer.code_title" : "storefront.transfer.title")));
    pairs_put(
        &t, "text",
        liquid_text(WORD(v, code ? "storefront.transfer.code_text" : "storefront.transfer.text")));
    pairs_put(&t, "rows", object_list(v, items, n));
    pairs_put(x, "transfer", pairs_map(v, &t));
    if (str_starts(url, STR("https://")) || str_starts(url, STR("http://")))
        pairs_put(x, "pay_url", liquid_text(url));
    return ST_OK;
}

/* --- timeline -------------------------------------------------------------------------------- */

static Str event_text(Visit *v, const OrderEvent *e)
{
    static const char *const KEYS[][2] = {
        {"placed", "storefront.order.step_ordered"},
        {"paid", "storefront.order.step_paid"},
        {"packed", "storefront.order.step_packed"},
        {"shipped", "storefront.order.step_shipped"},
        {"delivered", "storefront.order.step_delivered"},
        {"cancelled", "storefront.order.gone"},
        {"changed", "storefront.order.changed"},
        {"refunded", "storefront.sum.refunded"},
    };
    for (size_t i = 0; i < COUNT_OF(KEYS); i++)
        if (str_eq(e->type, str_from_cstr(KEYS[i][0])))
            return message_make(visit_arena(v), account_lang(v), KEYS[i][1], NULL, 0);
    return e->text;
}

static LiquidValue timeline(const OrderView *w)
{
    OrderEvents list = {0};
    Visit      *v = w->v;
    if (order_events(v->cx, w->o->id, 0, true, &list) != ST_OK)
        return liquid_nil();
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, list.n + 1);
    size_t       n = 0;
    for (size_t i = list.n; i-- > 0;) {
        Str text = event_text(v, &list.items[i]);
        if (text.len == 0)
            continue;
        Pairs x = pairs_new(v);
        pairs_put(&x, "text", liquid_text(text));
        put_time(v, &x, list.items[i].at);
        items[n++] = pairs_map(v, &x);
    }
    return object_list(v, items, n);
}

/* --- what it would become -------------------------------------------------------------------- */

static LiquidValue preview(const OrderView *w)
{
    const ChangePreview *p = w->preview;
    Visit               *v = w->v;
    Arena               *a = visit_arena(v);
    if (p == NULL)
        return liquid_nil();
    bool  whole = p->cancels;
    Rows  r = rows_new(v, 3);
    Pairs x = pairs_new(v);
    row(&r, WORD(v, "storefront.sum.before"), p->total_before, "before");
    if (p->refund.minor > 0)
        row(&r, WORD(v, "storefront.sum.back"), p->refund, "back");
    Str text = p->refund.minor > 0
                   ? message(a, account_lang(v), "storefront.order.refund_text",
                             msg_s("amount", locale_money(a, v->locale, p->refund, MONEY_SYMBOL)))
                   : WORD(v, "storefront.order.no_refund_text");
    pairs_put(&x, "title",
              liquid_text(whole ? WORD(v, "storefront.order.cancel_title")
                                : WORD(v, "storefront.order.change_title")));
    pairs_put(&x, "text", liquid_text(text));
    pairs_put(&x, "rows", object_list(v, r.items, r.n));
    pairs_put(&x, "total", object_money(p->total));
    pairs_put(&x, "act", liquid_text(whole ? STR("cancel") : STR("change")));
    pairs_put(&x, "button",
              liquid_text(whole ? WORD(v, "storefront.order.cancel_yes")
                                : WORD(v, "storefront.order.change_yes")));
    pairs_put(&x, "expected",
              liquid_text(visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, "%lld " STR_FMT,
                                     (long long)p->total.minor, STR_ARG(w->o->currency))));
    return pairs_map(v, &x);
}

/* --- all of it ------------------------------------------------------------------------------- */

static void put_state(const OrderView *w, Pairs *x)
{
    const Order *o = w->o;
    Visit       *v = w->v;
    pairs_put(x, "id", liquid_text(id_format(visit_arena(v), ORDER_ID, o->id)));
    pairs_put(x, "name", liquid_text(o->number));
    pairs_put(x, "created_at", liquid_time(o->placed_at.has ? o->placed_at.v : o->created_at));
    pairs_put(x, "headline", liquid_text(headline(w)));
    pairs_put(x, "text", liquid_text(text_below(w)));
    pairs_put(x, "problem", text_or_nil(w->problem));
    pairs_put(x, "done", text_or_nil(w->done));
    pairs_put(x, "steps", steps(w));
    pairs_put(x, "parcels", parcels(w));
    pairs_put(x, "financial_status",
              liquid_text(str_from_cstr(order_payment_status_names[o->payment_status])));
    pairs_put(x, "fulfillment_status",
              liquid_text(str_from_cstr(order_fulfillment_status_names[o->fulfillment_status])));
    pairs_put(x, "cancelled", liquid_bool(o->status == ORDER_CANCELLED));
    pairs_put(x, "cancelled_at",
              o->cancelled_at.has ? liquid_time(o->cancelled_at.v) : liquid_nil());
}

static void put_deeds(const OrderView *w, Pairs *x)
{
    const Order *o = w->o;
    Visit       *v = w->v;
    bool         can = (o->can_cancel || o->can_change) && !w->changing;
    pairs_put(x, "url", liquid_text(w->url));
    pairs_put(x, "action_url", liquid_text(w->url));
    pairs_put(x, "change_url",
              liquid_text(visit_urlf(&(Visit){.cx = v->cx, .root = STR("")},
                                     STR_FMT "?change=1#change", STR_ARG(w->url))));
    pairs_put(x, "document_url",
              liquid_text(visit_urlf(&(Visit){.cx = v->cx, .root = STR("")},
                                     "/orders/" STR_FMT "/confirmation.pdf?locale=" STR_FMT,
                                     STR_ARG(o->token), STR_ARG(v->tag))));
    pairs_put(x, "csrf_token",
              liquid_text(v->cx->actor.session != 0 ? http_csrf_token(v->cx) : STR("")));
    pairs_put(x, "can_change", liquid_bool(o->can_change));
    pairs_put(x, "can_cancel", liquid_bool(o->can_cancel));
    pairs_put(x, "can_reorder", liquid_bool(true));
    pairs_put(x, "until", can ? liquid_text(WORD(v, "storefront.order.until")) : liquid_nil());
    pairs_put(x, "changing", liquid_bool(w->changing));
    pairs_put(x, "preview", preview(w));
}

static Str delivery_name(const OrderView *w)
{
    const CartDelivery *d = &w->o->delivery_method;
    return elsewhere(w) ? order_delivery_title(w->v->cx, d->method_id, w->v->tag, d->name)
                        : d->name;
}

/* Where it goes, or where the buyer fetches it. */
static void put_place(const OrderView *w, Pairs *x)
{
    const Order *o = w->o;
    Visit       *v = w->v;
    Str          place = o->delivery_method.place, line;
    LiquidValue *lines = arena_array(visit_arena(v), LiquidValue, 8);
    size_t       n = 0;
    bool         fetched = is_fetched(w) && place.len > 0;
    pairs_put(x, "delivery", text_or_nil(delivery_name(w)));
    pairs_put(x, "delivery_hours", fetched ? liquid_nil() : text_or_nil(place));
    pairs_put(x, "shipping_title",
              liquid_text(WORD(v, fetched ? "storefront.order.fetch" : "storefront.order.to")));
    while (fetched && place.len > 0 && n < 8) {
        str_cut(place, ',', &line, &place);
        lines[n++] = liquid_text(str_trim(line));
    }
    pairs_put(x, "shipping_lines",
              fetched              ? object_list(v, lines, n)
              : o->address != NULL ? address_lines(v, o->address)
                                   : liquid_nil());
}

Status order_value(OrderView *w, LiquidValue *ret)
{
    const Order *o = w->o;
    Visit       *v = w->v;
    Pairs        x = pairs_new(v);
    put_state(w, &x);
    put_deeds(w, &x);
    pairs_put(&x, "email", liquid_text(o->email));
    pairs_put(&x, "note", text_or_nil(o->gift_message.len > 0 ? o->gift_message : o->note));
    pairs_put(&x, "line_items", lines(w));
    pairs_put(&x, "item_count", liquid_int(o->qty));
    pairs_put(&x, "rows", rows(w));
    pairs_put(&x, "tax_note", tax_note(w));
    pairs_put(&x, "total_price", object_money(o->total));
    pairs_put(&x, "payments", payments(w, &w->paid));
    TRY(put_transfer(w, &x));
    pairs_put(&x, "events", timeline(w));
    put_place(w, &x);
    pairs_put(&x, "billing_lines",
              o->billing != NULL ? address_lines(v, o->billing) : liquid_nil());
    *ret = pairs_map(v, &x);
    return ST_OK;
}

LiquidValue order_head_value(Visit *v, const Order *o)
{
    OrderView w = {.v = v, .o = o};
    Pairs     x = pairs_new(v);
    pairs_put(&x, "id", liquid_text(id_format(visit_arena(v), ORDER_ID, o->id)));
    pairs_put(&x, "name", liquid_text(o->number));
    pairs_put(&x, "order_number", liquid_text(o->number));
    pairs_put(&x, "created_at", liquid_time(o->placed_at.has ? o->placed_at.v : o->created_at));
    pairs_put(&x, "headline", liquid_text(word_of(v, "storefront.order.is_", state_of(&w))));
    pairs_put(&x, "total_price", object_money(o->total));
    pairs_put(&x, "item_count", liquid_int(o->qty));
    pairs_put(&x, "line_items", lines(&w));
    pairs_put(&x, "cancelled", liquid_bool(o->status == ORDER_CANCELLED));
    pairs_put(&x, "financial_status",
              liquid_text(str_from_cstr(order_payment_status_names[o->payment_status])));
    pairs_put(&x, "fulfillment_status",
              liquid_text(str_from_cstr(order_fulfillment_status_names[o->fulfillment_status])));
    pairs_put(&x, "url",
              liquid_text(visit_urlf(v, "/account/orders/" STR_FMT,
                                     STR_ARG(id_format(visit_arena(v), ORDER_ID, o->id)))));
    pairs_put(&x, "customer_url", x.items[x.n - 1].value);
    return pairs_map(v, &x);
}

LiquidValue order_track_value(OrderView *w)
{
    Pairs x = pairs_new(w->v);
    w->tracking = true;
    put_state(w, &x);
    pairs_put(&x, "found", liquid_bool(true));
    return pairs_map(w->v, &x);
}
