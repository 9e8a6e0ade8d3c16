#include "channel/storefront/checkout_page.h"

#include "base/id.h"
#include "base/log.h"
#include "channel/storefront/account.h"
#include "channel/storefront/order_page.h"
#include "channel/storefront/render.h"
#include "channel/storefront/storefront_int.h"
#include "people/account_http.h"
#include "people/customer.h"
#include "text/messages.h"

#include <string.h>

enum { FORM_MAX = 64 << 10 };

static Str word(CheckoutPage *p, const char *key)
{
    return message_make(p->cx->arena, account_lang(&p->v), key, NULL, 0);
}

static Status go(CheckoutPage *p, Str path)
{
    http_redirect(p->cx, p->rs, 303, path);
    return ST_OK;
}

/* --- what is chosen when nothing was --------------------------------------------------------- */

static OrderAddress from_saved(const PeopleAddress *a)
{
    return (OrderAddress){.first_name = a->first_name,
                          .last_name = a->last_name,
                          .company = a->company,
                          .line1 = a->line1,
                          .line2 = a->line2,
                          .city = a->city,
                          .zone = a->zone,
                          .postal_code = a->postal_code,
                          .country = a->country,
                          .phone = a->phone};
}

static bool same_address(const OrderAddress *a, const OrderAddress *b)
{
    return str_eq(a->last_name, b->last_name) && str_eq(a->line1, b->line1) &&
           str_eq(a->line2, b->line2) && str_eq(a->city, b->city) &&
           str_eq(a->postal_code, b->postal_code) && str_eq(a->country, b->country);
}

/* The customer's own: e-mail, and the address that is used unless told otherwise. */
static Status begin_customer(CheckoutPage *p, CartUpdate *u, OrderAddress *address)
{
    PeopleAccount     account;
    PeopleAddressList list;
    TRY(people_account_get(p->cx, p->cx->actor.id, &account));
    if (!str_eq(p->cart.email, account.email)) {
        u->set |= CART_SET_EMAIL;
        u->email = account.email;
    }
    if (p->cart.address != NULL && p->cart.address->line1.len > 0)
        return ST_OK;
    TRY(people_address_list(p->cx, account.id, &list));
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i].is_default || i == 0) {
            *address = from_saved(&list.items[i]);
            u->address = address;
            u->set |= CART_SET_ADDRESS;
        }
    return ST_OK;
}

static Status begin_address(CheckoutPage *p)
{
    CartUpdate   u = {0};
    OrderAddress address = {0};
    if (p->cx->actor.kind == ACTOR_CUSTOMER)
        TRY(begin_customer(p, &u, &address));
    if ((u.set & CART_SET_ADDRESS) == 0 &&
        (p->cart.address == NULL || p->cart.address->country.len == 0)) {
        if (p->cart.address != NULL)
            address = *p->cart.address;
        address.country = likely_country(&p->v, true);
        u.address = &address;
        u.set |= address.country.len > 0 ? CART_SET_ADDRESS : 0;
    }
    return u.set != 0 ? cart_update(p->cx, p->cart.token, &u, &p->cart) : ST_OK;
}

static Status read_ways(CheckoutPage *p)
{
    int           kind = p->cart.delivery.kind;
    bool          chosen = p->cart.delivery.method_id != 0;
    PaymentWayAsk ask = {.amount = p->cart.totals.total,
                         .country = p->cart.address != NULL ? p->cart.address->country : STR(""),
                         .pickup = chosen && kind == DELIVERY_PICKUP,
                         .ships = p->cart.needs_delivery && !(chosen && kind == DELIVERY_PICKUP)};
    return payment_ways(p->cx, &ask, &p->ways);
}

static const DeliveryOption *option_of(const CheckoutPage *p, int64_t method)
{
    for (size_t i = 0; i < p->delivery.n; i++)
        if (p->delivery.items[i].method_id == method)
            return &p->delivery.items[i];
    return NULL;
}

static bool is_offered(const DeliveryOffers *list, Str id)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->items[i].id, id))
            return list->items[i].day == 0 || list->items[i].left > 0;
    return false;
}

/* What is chosen for who has not chosen: it is brought. Fetching costs least, but who overlooks it
 * waits at home for nothing. */
static const DeliveryOption *usual_option(const CheckoutPage *p)
{
    for (size_t i = 0; i < p->delivery.n; i++)
        if (p->delivery.items[i].kind != DELIVERY_PICKUP &&
            p->delivery.items[i].kind != DELIVERY_PICKUP_POINT)
            return &p->delivery.items[i];
    return p->delivery.n > 0 ? &p->delivery.items[0] : NULL;
}

static Str first_slot(const DeliveryOffers *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].left > 0)
            return list->items[i].id;
    return STR("");
}

/* What became of the way of delivery, or the hour, that the buyer saw; NULL: it is still offered.
 */
static const char *delivery_gone(const CheckoutPage *p)
{
    const CartDelivery   *now = &p->cart.delivery;
    const DeliveryOption *o = option_of(p, now->method_id);
    if (now->method_id == 0 || !p->cart.needs_delivery || p->delivery.n == 0)
        return NULL;
    if (o == NULL)
        return "storefront.checkout.delivery_gone";
    if (now->slot.len > 0 && o->slots.n > 0 && !is_offered(&o->slots, now->slot))
        return "storefront.checkout.slot_gone";
    return NULL;
}

/* The usual way of delivery with its first point or free slot, so that all costs are seen at once;
 * and a chosen one that is not offered here any more is let go. */
static bool begin_delivery(CheckoutPage *p, CartUpdate *u)
{
    const CartDelivery   *now = &p->cart.delivery;
    const DeliveryOption *o = option_of(p, now->method_id);
    if (o == NULL)
        o = usual_option(p);
    if (o == NULL || !p->cart.needs_delivery)
        return false;
    Str point = now->method_id == o->method_id ? now->point : STR("");
    Str slot = now->method_id == o->method_id ? now->slot : STR("");
    if (point.len == 0 && o->points.n > 0)
        point = o->points.items[0].id;
    if (o->slots.n > 0 && !is_offered(&o->slots, slot))
        slot = first_slot(&o->slots);
    if (now->method_id == o->method_id && str_eq(point, now->point) && str_eq(slot, now->slot))
        return false;
    u->set |= CART_SET_DELIVERY;
    u->method_id = o->method_id;
    u->point = point;
    u->slot = slot;
    return true;
}

static bool begin_payment(CheckoutPage *p, CartUpdate *u)
{
    for (size_t i = 0; i < p->ways.n; i++)
        if (str_eq(p->ways.items[i].provider, p->cart.payment))
            return false;
    if (p->ways.n == 0)
        return false;
    u->set |= CART_SET_PAYMENT;
    u->payment = p->ways.items[0].provider;
    return true;
}

/* Everything that the page shows, with what was never chosen chosen. */
static Status settle(CheckoutPage *p)
{
    CartUpdate u = {0};
    TRY(begin_address(p));
    TRY(cart_delivery_options(p->cx, p->cart.token, &p->cart, &p->delivery));
    p->delivery_gone = delivery_gone(p);
    if (begin_delivery(p, &u))
        TRY(cart_update(p->cx, p->cart.token, &u, &p->cart));
    TRY(read_ways(p));
    u = (CartUpdate){0};
    if (begin_payment(p, &u))
        TRY(cart_update(p->cx, p->cart.token, &u, &p->cart));
    return ST_OK;
}

/* --- showing --------------------------------------------------------------------------------- */

/* Is the address one of the customer's own? */
static Status find_saved(CheckoutPage *p)
{
    PeopleAddressList list;
    if (p->cx->actor.kind != ACTOR_CUSTOMER || p->choosing_saved || p->cart.address == NULL)
        return ST_OK;
    TRY(people_address_list(p->cx, p->cx->actor.id, &list));
    for (size_t i = 0; i < list.n; i++) {
        OrderAddress a = from_saved(&list.items[i]);
        if (same_address(&a, p->cart.address))
            p->saved = id_format(p->cx->arena, "adr", list.items[i].id);
    }
    return ST_OK;
}

static Status show(CheckoutPage *p)
{
    Visit *v = &p->v;
    TRY(settle(p));
    TRY(find_saved(p));
    if (p->form.n == 0)
        p->bill_other = p->cart.billing != NULL;
    basket_set(v, p->rs, &p->cart);
    v->kind = STR("checkout");
    v->suffix = STR("");
    v->title = word(p, "storefront.checkout.title");
    v->no_index = v->uncacheable = true;
    TRY(checkout_globals(p));
    buf_clear(&p->rs->body);
    TRY(render_page(v, p->rs));
    p->rs->cache_control = "no-store";
    return ST_OK;
}

static Status told(CheckoutPage *p, const char *key)
{
    p->problem = word(p, key);
    p->v.status = 422;
    return show(p);
}

/* --- reading the form ------------------------------------------------------------------------ */

static Str part(const CheckoutPage *p, const char *prefix, const char *name)
{
    char room[64];
    (void)snprintf(room, sizeof room, "%s[%s]", prefix, name);
    return str_trim(checkout_field(p, room));
}

static OrderAddress typed_address(const CheckoutPage *p, const char *prefix)
{
    return (OrderAddress){.first_name = part(p, prefix, "first_name"),
                          .last_name = part(p, prefix, "last_name"),
                          .company = part(p, prefix, "company"),
                          .line1 = part(p, prefix, "line1"),
                          .line2 = part(p, prefix, "line2"),
                          .city = part(p, prefix, "city"),
                          .zone = part(p, prefix, "zone"),
                          .postal_code = part(p, prefix, "postal_code"),
                          .country = part(p, prefix, "country"),
                          .phone = part(p, prefix, "phone")};
}

static bool has_field(const CheckoutPage *p, const char *name)
{
    return http_form_text(&p->form, str_from_cstr(name)).ptr != NULL;
}

/* One of the customer's own addresses, chosen; or "another". */
static Status read_saved(CheckoutPage *p, OrderAddress *ret, bool *ret_found)
{
    PeopleAddressList list;
    int64_t           id = 0;
    *ret_found = false;
    if (p->cx->actor.kind != ACTOR_CUSTOMER || !has_field(p, "saved"))
        return ST_OK;
    p->choosing_saved = true;
    p->saved = checkout_field(p, "saved");
    if (!id_parse(p->saved, "adr", &id)) {
        p->saved = STR("");
        return ST_OK;
    }
    TRY(people_address_list(p->cx, p->cx->actor.id, &list));
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i].id == id) {
            *ret = from_saved(&list.items[i]);
            *ret_found = true;
        }
    return ST_OK;
}

static Status read_address(CheckoutPage *p, CartUpdate *u, OrderAddress *room)
{
    bool found;
    TRY(read_saved(p, room, &found));
    if (!found && has_field(p, "ship[country]"))
        *room = typed_address(p, "ship");
    else if (!found && p->choosing_saved) /* another one: begin it empty, there */
        *room =
            (OrderAddress){.country = p->cart.address != NULL ? p->cart.address->country : STR("")};
    else if (!found)
        return ST_OK;
    u->set |= CART_SET_ADDRESS;
    u->address = room;
    if (room->phone.len > 0) {
        u->set |= CART_SET_PHONE;
        u->phone = room->phone;
    }
    return ST_OK;
}

static void read_billing(CheckoutPage *p, CartUpdate *u, OrderAddress *room)
{
    p->bill_other = has_field(p, "bill[country]") && !has_field(p, "bill_same");
    u->set |= CART_SET_BILLING;
    if (!p->bill_other)
        return;
    *room = typed_address(p, "bill");
    u->billing = room;
}

static void read_choices(CheckoutPage *p, CartUpdate *u)
{
    int64_t method = 0;
    Str     act = checkout_field(p, "act");
    if (has_field(p, "email")) {
        u->set |= CART_SET_EMAIL;
        u->email = str_eq(act, STR("typo")) ? checkout_field(p, "email_suggestion")
                                            : str_trim(checkout_field(p, "email"));
    }
    if (id_parse(checkout_field(p, "delivery"), DELIVERY_METHOD_ID, &method)) {
        u->set |= CART_SET_DELIVERY;
        u->method_id = method;
        u->point = checkout_field(p, "point");
        u->slot = checkout_field(p, "slot");
    }
    if (has_field(p, "payment")) {
        u->set |= CART_SET_PAYMENT;
        u->payment = checkout_field(p, "payment");
    }
}

/* A point belongs to the way of delivery that it was chosen for. */
static void part_choices(const CheckoutPage *p, CartUpdate *u)
{
    if ((u->set & CART_SET_DELIVERY) != 0 && u->method_id != p->cart.delivery.method_id)
        u->point = u->slot = STR("");
}

static Status read_codes(CheckoutPage *p)
{
    Str drop = checkout_field(p, "remove_code"), code = str_trim(checkout_field(p, "discount"));
    if (drop.len > 0)
        return cart_remove_code(p->cx, p->cart.token, drop, &p->cart);
    return code.len > 0 ? cart_apply_code(p->cx, p->cart.token, code, &p->cart) : ST_OK;
}

static Status keep_typed(CheckoutPage *p)
{
    OrderAddress *rooms = arena_array(p->cx->arena, OrderAddress, 2);
    CartUpdate    u = {.locale = p->v.tag,
                       .anonymous_id = people_anonymous_id(p->v.rq),
                       .set = CART_SET_LOCALE | CART_SET_ANONYMOUS};
    TRY(read_address(p, &u, &rooms[0]));
    read_billing(p, &u, &rooms[1]);
    read_choices(p, &u);
    part_choices(p, &u);
    TRY(cart_update(p->cx, p->cart.token, &u, &p->cart));
    return read_codes(p);
}

/* --- ordering -------------------------------------------------------------------------------- */

/* "4800 EUR": the total that was shown. */
static Money seen_total(const CheckoutPage *p)
{
    Str     minor, code;
    int64_t n = 0;
    if (!str_cut(checkout_field(p, "expected_total"), ' ', &minor, &code) ||
        !str_parse_i64(minor, &n) || code.len != 3)
        return (Money){0};
    return money_of(n, code);
}

/* pay[PROVIDER][NAME] as the provider wants it. */
static Str way_input(CheckoutPage *p, Str provider)
{
    CLEANUP(buf_done) Buf b = {0};
    char                  room[80];
    int                   n = snprintf(room, sizeof room, "pay[" STR_FMT "][", STR_ARG(provider));
    buf_init(&b, PAYMENT_INPUT_MAX * 2);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (size_t i = 0; n > 0 && (size_t)n < sizeof room && i < p->form.n; i++) {
        Str name = p->form.parts[i].name;
        if (!str_starts(name, (Str){room, (size_t)n}) || !str_ends(name, STR("]")))
            continue;
        name = str_skip(str_head(name, name.len - 1), (size_t)n);
        json_str(&j, str_cstr(p->cx->arena, name), p->form.parts[i].value);
    }
    json_end(&j);
    return buf_overflowed(&b) ? STR("{}") : str_dup(p->cx->arena, buf_str(&b));
}

static CheckoutAsk ask_of(CheckoutPage *p)
{
    CheckoutAsk ask = {.token = p->cart.token,
                       .expected = seen_total(p),
                       .provider = p->cart.payment,
                       .input = way_input(p, p->cart.payment),
                       .base_url = p->v.origin,
                       .return_url = visit_url(&p->v, STR("/checkout/return")),
                       .address = p->rq->peer,
                       .agent = http_header(p->rq, STR("User-Agent"))};
    checkout_terms(p, &ask.consent.terms_text, &ask.consent.policies);
    ask.consent.terms = checkout_field(p, "terms").len > 0;
    ask.consent.marketing = checkout_field(p, "marketing").len > 0;
    ask.consent.marketing_text = word(p, "storefront.checkout.marketing");
    return ask;
}

static Status done(CheckoutPage *p, Str token)
{
    basket_bought(&p->v, p->rs, token);
    return go(p, order_link(&p->v, token, true));
}

static Status declined(CheckoutPage *p, Str reason)
{
    if (reason.len == 0)
        return told(p, "storefront.checkout.failed");
    p->problem = reason; /* it says that nothing was charged, and what to do */
    p->v.status = 422;
    return show(p);
}

/* Why it could not be ordered: everything typed is there. */
static Status not_ordered(CheckoutPage *p, Status st)
{
    static const char *const TOLD[][2] = {
        {"order.cart_changed", "storefront.checkout.changed"},
        {"order.incomplete", "storefront.checkout.look"},
        {"order.cart_locked", "storefront.checkout.locked"},
        {"stock.insufficient", "storefront.checkout.short"},
        {"order.slot_full", "storefront.checkout.slot_gone"},
        {"payment.bad_input", "storefront.checkout.way_input"},
        {"payment.no_provider", "storefront.checkout.way_gone"},
    };
    const char *code = p->cx->err.code != NULL ? p->cx->err.code : "", *key = NULL;
    char        room[80];
    for (size_t i = 0; i < COUNT_OF(TOLD); i++)
        if (strcmp(code, TOLD[i][0]) == 0)
            key = TOLD[i][1];
    log_event(LOG_INFO, "storefront.not_ordered", log_s("code", str_from_cstr(code)),
              log_s("message", str_from_cstr(p->cx->err.msg)), log_i("status", (int64_t)st));
    (void)snprintf(room, sizeof room, "error.%s", code);
    bool known = message_has(str_from_cstr(room));
    p->telling = strcmp(code, "order.incomplete") == 0;
    p->cx->err = (Err){0};
    p->cx->issues.n = 0;
    TRY(cart_get(p->cx, p->cart.token, &p->cart));
    if (key == NULL && known) {
        p->problem = word(p, str_cstr(p->cx->arena, str_from_cstr(room)));
        p->v.status = 422;
        return show(p);
    }
    return told(p, key != NULL ? key : "storefront.checkout.failed");
}

static Status pay(CheckoutPage *p)
{
    CheckoutResult r = {0};
    TRY(settle(p));
    if (p->delivery_gone != NULL) /* settled on another: to be looked at first */
        return told(p, p->delivery_gone);
    CheckoutAsk ask = ask_of(p);
    p->no_terms = ask.consent.terms_text.len > 0 && !ask.consent.terms;
    if (p->cart.needs.n > 0 || p->no_terms) {
        p->telling = true;
        return told(p, "storefront.checkout.look");
    }
    Status st = checkout_complete(p->cx, &ask, &r);
    if (st != ST_OK)
        return not_ordered(p, st);
    if (r.state == CHECKOUT_PLACED)
        return done(p, r.order_token);
    if (r.state == CHECKOUT_REDIRECT)
        return go(p, r.url);
    TRY(cart_get(p->cx, p->cart.token, &p->cart));
    return declined(p, r.message);
}

/* --- requests -------------------------------------------------------------------------------- */

/* The order that this cart became. */
static Status to_order(CheckoutPage *p)
{
    Order order;
    TRY(order_get(p->cx, p->cart.order_id.v, &order));
    return done(p, order.token);
}

/* The provider has not decided and cannot let go: on to the page that waits for it. */
static Status wait_for_it(CheckoutPage *p)
{
    CheckoutResult r = {0};
    CheckoutAsk    ask = ask_of(p);
    p->cx->err = (Err){0};
    ask.provider = ask.input = STR("");
    TRY(checkout_complete(p->cx, &ask, &r));
    return r.state == CHECKOUT_PLACED ? done(p, r.order_token) : go(p, r.url);
}

/* A payment that was begun is given up by whoever goes on typing. */
static Status reopen(CheckoutPage *p)
{
    if (p->cart.status != CART_COMPLETING)
        return ST_OK;
    Status st = checkout_reopen(p->cx, p->cart.token, &p->cart);
    if (st == ST_CONFLICT && p->cart.status == CART_COMPLETED)
        p->cx->err = (Err){0};
    else
        TRY(st);
    return ST_OK;
}

static Status post(CheckoutPage *p)
{
    Str act;
    TRY(http_form_read(p->cx, p->rq, &p->form));
    Status st = reopen(p);
    if (st == ST_CONFLICT && strcmp(p->cx->err.code, "payment.undecided") == 0)
        return wait_for_it(p);
    TRY(st);
    if (p->cart.status == CART_COMPLETED)
        return to_order(p);
    TRY(keep_typed(p));
    act = checkout_field(p, "act");
    return str_eq(act, STR("pay")) && checkout_field(p, "remove_code").len == 0 ? pay(p) : show(p);
}

/* There is nothing to buy: to the order that the cart became in another tab, or to the cart. */
static Status nothing_to_buy(CheckoutPage *p)
{
    Order  order;
    Status st = basket_last_order(&p->v, &order);
    if (st == ST_OK)
        return go(p, order_link(&p->v, order.token, false));
    return st == ST_NOT_FOUND ? go(p, visit_url(&p->v, STR("/cart"))) : st;
}

/* What "?payment=CODE" says of a payment that failed; "" when it says nothing. */
static Str why_declined(CheckoutPage *p)
{
    Str  code = visit_param(&p->v, STR("payment"));
    char key[80];
    if (code.len == 0 || code.len > 40)
        return STR("");
    int n = snprintf(key, sizeof key, "order.payment.declined." STR_FMT, STR_ARG(code));
    return message_has((Str){key, (size_t)n}) ? word(p, key) : STR("");
}

/* The provider sent the buyer back: it was paid, or not, or is not known yet. */
static Status came_back(CheckoutPage *p)
{
    CheckoutResult r = {0};
    Str            session = visit_param(&p->v, STR("session"));
    if (session.len > 0) {
        TRY(checkout_return(p->cx, session, &r));
        if (r.state == CHECKOUT_PLACED)
            return done(p, r.order_token);
        if (r.state == CHECKOUT_REDIRECT && r.url.len > 0)
            return go(p, r.url);
    }
    if (p->cart.id != 0 && p->cart.status == CART_COMPLETED)
        return to_order(p);
    if (p->cart.id == 0 || p->cart.lines.n == 0)
        return nothing_to_buy(p);
    return declined(p, r.message.len > 0 ? r.message : why_declined(p));
}

/* The browser's cart as it is, bought ones too. */
static Status find_cart(CheckoutPage *p)
{
    const Cart *cart = basket_of(&p->v);
    Str         token = http_cookie(p->rq, STR("cart"));
    if (cart != NULL) {
        p->cart = *cart;
        return ST_OK;
    }
    if (token.len == CART_TOKEN_LEN && cart_get(p->cx, token, &p->cart) != ST_OK) {
        p->cart = (Cart){0};
        p->cx->err = (Err){0};
    }
    return ST_OK;
}

static Status answer(CheckoutPage *p)
{
    Str  rest = str_skip(p->v.raw, strlen("/checkout"));
    bool back = str_eq(rest, STR("/return"));
    TRY(find_cart(p));
    if (back)
        return came_back(p);
    if (rest.len > 1) {
        storefront_say(&p->v, p->rs, 404);
        return ST_OK;
    }
    if (p->cart.id != 0 && p->cart.status == CART_COMPLETED && p->cart.order_id.has)
        return to_order(p);
    if (p->cart.id == 0 || p->cart.lines.n == 0)
        return nothing_to_buy(p);
    if (p->rq->method == HTTP_POST)
        return post(p);
    if (p->cart.status == CART_COMPLETING)
        p->problem = word(p, "storefront.checkout.begun");
    return show(p);
}

static Status checkout_route(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CheckoutPage *p = arena_new(cx->arena, CheckoutPage);
    *p = (CheckoutPage){.cx = cx, .rq = rq, .rs = rs, .problem = STR(""), .saved = STR("")};
    if (!storefront_runs())
        return cx_fail(cx, ST_NOT_FOUND, "http.no_route", "nothing at this address");
    TRY(storefront_visit(cx, rq, &p->v));
    if (!str_starts(p->v.raw, STR("/checkout")))
        return storefront_home(cx, rq, rs);
    cx->lang = account_lang(&p->v);
    cx->locale = p->v.tag;
    p->v.uncacheable = true;
    if (p->v.site->closed) {
        storefront_say(&p->v, rs, 503);
        return ST_OK;
    }
    TRY(setting_get(cx, &order_checkout_setting, &p->rules, NULL));
    return answer(p);
}

#define PLACE(path)                                                                                \
    {.method = HTTP_GET,                                                                           \
     .pattern = STR_INIT(path),                                                                    \
     .handler = checkout_route,                                                                    \
     .flags = HTTP_PUBLIC | HTTP_SHOPPER | HTTP_HIDDEN},                                           \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(path), .handler = checkout_route,                 \
        .body = HTTP_BODY_FORM, .body_max = FORM_MAX,                                              \
        .flags = HTTP_PUBLIC | HTTP_SHOPPER | HTTP_HIDDEN                                          \
    }

static const HttpRoute ROUTES[] = {PLACE("/checkout"), PLACE("/checkout/:*rest"),
                                   PLACE("/:locale/checkout"), PLACE("/:locale/checkout/:*rest")};
const HttpRoutes       checkout_routes = {"Checkout pages", ROUTES, COUNT_OF(ROUTES)};
