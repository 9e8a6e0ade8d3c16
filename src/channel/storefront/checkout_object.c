/* What the template of the checkout sees. */
#include "channel/storefront/account.h"
#include "channel/storefront/checkout_page.h"
#include "channel/storefront/object.h"
#include "channel/storefront/pairs.h"

#include "base/id.h"
#include "base/json_read.h"
#include "http/http_csrf.h"
#include "people/customer.h"
#include "text/messages.h"

#include <string.h>

enum { TOLD_MAX = 20, LINKS_MAX = 3 };

static Str word(CheckoutPage *p, const char *key)
{
    return message_make(p->cx->arena, account_lang(&p->v), key, NULL, 0);
}

Str checkout_field(const CheckoutPage *p, const char *name)
{
    Str s = http_form_text(&p->form, str_from_cstr(name));
    return s.ptr != NULL ? s : STR("");
}

static bool posted(const CheckoutPage *p)
{
    return p->form.n > 0;
}

/* --- what is missing ------------------------------------------------------------------------- */

static const CartNeed *need_of(const CheckoutPage *p, const char *prefix)
{
    for (size_t i = 0; p->telling && i < p->cart.needs.n; i++)
        if (str_starts(p->cart.needs.items[i].code, str_from_cstr(prefix)))
            return &p->cart.needs.items[i];
    return NULL;
}

/* "/address/postal_code" is told at the field ship-postal_code. */
static Str place_of(CheckoutPage *p, const CartNeed *need)
{
    static const char *const PLACES[][2] = {{"/address/", "ship-"}, {"/billing/", "bill-"}};
    for (size_t i = 0; i < COUNT_OF(PLACES); i++)
        if (str_starts(need->pointer, str_from_cstr(PLACES[i][0])))
            return visit_urlf(&(Visit){.cx = p->cx, .root = STR("")}, "%s" STR_FMT, PLACES[i][1],
                              STR_ARG(str_skip(need->pointer, strlen(PLACES[i][0]))));
    if (str_starts(need->code, STR("email")))
        return STR("email");
    if (str_starts(need->code, STR("phone")))
        return STR("ship-phone");
    if (str_starts(need->code, STR("delivery")))
        return STR("delivery");
    if (str_starts(need->code, STR("payment")))
        return STR("payment");
    if (str_starts(need->code, STR("address")) || str_starts(need->code, STR("country")))
        return STR("ship-country");
    return STR("");
}

static Str titled(CheckoutPage *p, Str title, Str text)
{
    return visit_urlf(&(Visit){.cx = p->cx, .root = STR("")}, STR_FMT ": " STR_FMT, STR_ARG(title),
                      STR_ARG(text));
}

/* Above the form, where the field or the line is not in sight: "Street and number: Please fill
 * this in", "Linen towel: Sold out". */
static Str told(CheckoutPage *p, const CartNeed *need)
{
    const OrderAddress *a =
        str_starts(need->pointer, STR("/billing")) ? p->cart.billing : p->cart.address;
    for (size_t i = 0; need->line_id.has && i < p->cart.lines.n; i++)
        if (p->cart.lines.items[i].id == need->line_id.v)
            return titled(p, p->cart.lines.items[i].title, need->message);
    size_t at = str_find(str_skip(need->pointer, 1), STR("/"));
    if (at == SIZE_MAX || str_starts(need->code, STR("delivery")))
        return need->message;
    Str label =
        address_label(&p->v, a != NULL ? a->country : STR(""), str_skip(need->pointer, at + 2));
    return label.len == 0 ? need->message : titled(p, label, need->message);
}

static LiquidValue issues(CheckoutPage *p)
{
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, TOLD_MAX + 1);
    size_t       n = 0;
    for (size_t i = 0; p->telling && i < p->cart.needs.n && n < TOLD_MAX; i++) {
        const CartNeed *need = &p->cart.needs.items[i];
        Pairs           pair = pairs_new(&p->v);
        pairs_put(&pair, "text", liquid_text(told(p, need)));
        pairs_put(&pair, "field", text_or_nil(place_of(p, need)));
        items[n++] = pairs_map(&p->v, &pair);
    }
    if (p->no_terms) {
        Pairs pair = pairs_new(&p->v);
        pairs_put(&pair, "text", liquid_text(word(p, "storefront.checkout.terms_needed")));
        pairs_put(&pair, "field", liquid_text(STR("terms")));
        items[n++] = pairs_map(&p->v, &pair);
    }
    return object_list(&p->v, items, n);
}

static LiquidValue error_at(const CheckoutPage *p, const char *prefix)
{
    const CartNeed *need = need_of(p, prefix);
    return need != NULL ? liquid_text(need->message) : liquid_nil();
}

/* --- delivery -------------------------------------------------------------------------------- */

static Str offer_text(CheckoutPage *p, const DeliveryOffer *o)
{
    CLEANUP(buf_done) Buf b = {0};
    Visit                *v = &p->v;
    buf_init(&b, 1024);
    if (o->day != 0) {
        buf_add(&b, promise_day(v, o->day));
        buf_addf(&b, ", %02lld:%02lld–%02lld:%02lld", (long long)(o->from / 60),
                 (long long)(o->from % 60), (long long)(o->to / 60), (long long)(o->to % 60));
    } else {
        buf_add(&b, o->here ? message(p->cx->arena, account_lang(v),
                                      "storefront.checkout.point_here", msg_s("title", o->title))
                            : o->title);
        Str parts[] = {o->line1, o->postal, o->city, o->hours};
        for (size_t i = 0; i < COUNT_OF(parts); i++)
            if (parts[i].len > 0)
                buf_addf(&b, "%s" STR_FMT, i == 2 && o->postal.len > 0 ? " " : ", ",
                         STR_ARG(parts[i]));
    }
    return str_dup(p->cx->arena, buf_str(&b));
}

static LiquidValue offers(CheckoutPage *p, const DeliveryOffers *list, Str chosen)
{
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, list->n + 1);
    size_t       n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].day != 0 && list->items[i].left == 0) /* a slot that is full */
            continue;
        Pairs c = pairs_new(&p->v);
        pairs_put(&c, "id", liquid_text(list->items[i].id));
        pairs_put(&c, "text", liquid_text(offer_text(p, &list->items[i])));
        pairs_put(&c, "selected", liquid_bool(str_eq(list->items[i].id, chosen)));
        items[n++] = pairs_map(&p->v, &c);
    }
    return object_list(&p->v, items, n);
}

static LiquidValue option_value(CheckoutPage *p, const DeliveryOption *o)
{
    const CartDelivery *now = &p->cart.delivery;
    bool                chosen = now->method_id == o->method_id;
    bool                fetched = o->kind == DELIVERY_PICKUP || o->kind == DELIVERY_PICKUP_POINT;
    bool                slots = o->slots.n > 0;
    Pairs               pair = pairs_new(&p->v);
    Str                 promise = promise_text(&p->v, o->promise, fetched);
    if (chosen && now->promise_from.len > 0)
        promise = promise_of_days(&p->v, now->promise_from, now->promise_to, fetched);
    pairs_put(&pair, "id", liquid_text(id_format(p->cx->arena, DELIVERY_METHOD_ID, o->method_id)));
    pairs_put(&pair, "title", liquid_text(o->title));
    pairs_put(&pair, "hint", text_or_nil(o->description));
    pairs_put(&pair, "price", object_money(o->amount));
    pairs_put(&pair, "promise", text_or_nil(promise));
    pairs_put(&pair, "selected", liquid_bool(chosen));
    pairs_put(&pair, "choice_name", liquid_text(slots ? STR("slot") : STR("point")));
    pairs_put(
        &pair, "choice_label",
        liquid_text(word(p, slots ? "storefront.checkout.slot" : "storefront.checkout.point")));
    pairs_put(&pair, "choices",
              slots ? offers(p, &o->slots, now->slot) : offers(p, &o->points, now->point));
    return pairs_map(&p->v, &pair);
}

static LiquidValue deliveries(CheckoutPage *p)
{
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, p->delivery.n + 1);
    LiquidValue *one = arena_new(p->cx->arena, LiquidValue);
    Pairs        group = pairs_new(&p->v);
    for (size_t i = 0; i < p->delivery.n; i++)
        items[i] = option_value(p, &p->delivery.items[i]);
    pairs_put(&group, "name", liquid_text(STR("delivery")));
    pairs_put(&group, "options", object_list(&p->v, items, p->delivery.n));
    *one = pairs_map(&p->v, &group);
    return object_list(&p->v, one, 1);
}

/* --- payment --------------------------------------------------------------------------------- */

static const char *icon_of(const PaymentWay *w)
{
    if (w->flow != PAYMENT_DEFERRED)
        return "credit-card";
    if (str_find(w->provider, STR("bank")) != SIZE_MAX)
        return "building-bank";
    return str_find(w->provider, STR("shop")) != SIZE_MAX ? "building-store" : "cash";
}

static Str input_value(CheckoutPage *p, Str provider, Str name)
{
    char room[160];
    int  n = snprintf(room, sizeof room, "pay[" STR_FMT "][" STR_FMT "]", STR_ARG(provider),
                      STR_ARG(name));
    return n > 0 && (size_t)n < sizeof room ? checkout_field(p, room) : STR("");
}

/* What a way of paying asks: [{name, label, placeholder, required}]. */
static LiquidValue way_fields(CheckoutPage *p, const PaymentWay *w)
{
    const JsonValue *list = NULL;
    Err              err = {0};
    if (w->fields.len == 0 || json_parse(p->cx->arena, w->fields, &list, &err) != ST_OK ||
        list->type != JSON_ARRAY)
        return object_list(&p->v, NULL, 0);
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, list->n + 1);
    for (uint32_t i = 0; i < list->n; i++) {
        const JsonValue *name = json_get(&list->items[i], STR("name"));
        const JsonValue *label = json_get(&list->items[i], STR("label"));
        const JsonValue *hint = json_get(&list->items[i], STR("placeholder"));
        Pairs            f = pairs_new(&p->v);
        pairs_put(&f, "name", liquid_text(name != NULL ? name->text : STR("")));
        pairs_put(&f, "label", liquid_text(label != NULL ? label->text : STR("")));
        pairs_put(&f, "hint", hint != NULL ? text_or_nil(hint->text) : liquid_nil());
        pairs_put(&f, "value",
                  liquid_text(name != NULL ? input_value(p, w->provider, name->text) : STR("")));
        items[i] = pairs_map(&p->v, &f);
    }
    return object_list(&p->v, items, list->n);
}

static LiquidValue payments(CheckoutPage *p)
{
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, p->ways.n + 1);
    bool         fees = false;
    for (size_t i = 0; i < p->ways.n; i++)
        fees = fees || !money_absent(p->ways.items[i].fee);
    for (size_t i = 0; i < p->ways.n; i++) {
        const PaymentWay *w = &p->ways.items[i];
        Pairs             pair = pairs_new(&p->v);
        pairs_put(&pair, "id", liquid_text(w->provider));
        pairs_put(&pair, "title", liquid_text(w->name));
        pairs_put(&pair, "hint", text_or_nil(w->hint));
        pairs_put(&pair, "test", liquid_bool(w->test));
        pairs_put(&pair, "icon", liquid_text(str_from_cstr(icon_of(w))));
        pairs_put(&pair, "fee", object_money(w->fee));
        pairs_put(&pair, "renews", liquid_bool(fees));
        pairs_put(&pair, "selected", liquid_bool(str_eq(w->provider, p->cart.payment)));
        pairs_put(&pair, "fields", way_fields(p, w));
        items[i] = pairs_map(&p->v, &pair);
    }
    return object_list(&p->v, items, p->ways.n);
}

/* --- terms ----------------------------------------------------------------------------------- */

static const int TERMS[] = {CATALOG_TERMS, CATALOG_RETURNS, CATALOG_PRIVACY};

static const PublishedPolicy *policy(const CheckoutPage *p, int kind)
{
    return published_policy(p->v.view, kind);
}

static Str policy_title(CheckoutPage *p, const PublishedPolicy *x)
{
    return visit_text(&p->v, x->texts, x->policy.id, STR("title"), x->policy.title);
}

/* The names of the policies, as links or as text. */
static void add_links(CheckoutPage *p, Buf *b, bool html)
{
    size_t n = 0, all = 0;
    for (size_t i = 0; i < COUNT_OF(TERMS); i++)
        all += policy(p, TERMS[i]) != NULL;
    for (size_t i = 0; i < COUNT_OF(TERMS); i++) {
        const PublishedPolicy *x = policy(p, TERMS[i]);
        if (x == NULL)
            continue;
        if (n++ > 0)
            buf_add(b, n == all ? word(p, "storefront.checkout.and") : STR(", "));
        if (!html) {
            buf_add(b, policy_title(p, x));
            continue;
        }
        buf_add(b, STR("<a target=\"_blank\" href=\""));
        buf_add_html(b, visit_urlf(&p->v, "/policies/%s", catalog_policy_kind_names[TERMS[i]]));
        buf_add(b, STR("\">"));
        buf_add_html(b, policy_title(p, x));
        buf_add(b, STR("</a>"));
    }
}

/* The sentence, with the links at their place. */
static Str sentence(CheckoutPage *p, bool html)
{
    static const Str      MARK = STR_INIT("\x01");
    CLEANUP(buf_done) Buf b = {0};
    size_t                named = 0;
    for (size_t i = 0; i < COUNT_OF(TERMS); i++)
        named += policy(p, TERMS[i]) != NULL;
    if (named == 0) {
        Str plain = message(p->cx->arena, account_lang(&p->v), "storefront.checkout.terms_none",
                            msg_s("shop", p->v.shop->name));
        buf_init(&b, 8192);
        if (html)
            buf_add_html(&b, plain);
        else
            buf_add(&b, plain);
        return str_dup(p->cx->arena, buf_str(&b));
    }
    Str    text = message(p->cx->arena, account_lang(&p->v), "storefront.checkout.terms_html",
                          msg_s("links", MARK));
    size_t at = str_find(text, MARK);
    buf_init(&b, 8192);
    if (html)
        buf_add_html(&b, str_head(text, at == SIZE_MAX ? text.len : at));
    else
        buf_add(&b, str_head(text, at == SIZE_MAX ? text.len : at));
    if (at != SIZE_MAX) {
        add_links(p, &b, html);
        if (html)
            buf_add_html(&b, str_skip(text, at + 1));
        else
            buf_add(&b, str_skip(text, at + 1));
    }
    return str_dup(p->cx->arena, buf_str(&b));
}

/* A shop that asks for consent asks, also before it has written policies. */
static bool terms_asked(const CheckoutPage *p)
{
    return p->rules.terms;
}

void checkout_terms(CheckoutPage *p, Str *ret_text, Str *ret_versions)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1024);
    for (size_t i = 0; i < COUNT_OF(TERMS); i++) {
        const PublishedPolicy *x = policy(p, TERMS[i]);
        if (x != NULL)
            buf_addf(&b, "%s%s %lld", b.len > 0 ? ", " : "", catalog_policy_kind_names[TERMS[i]],
                     (long long)x->policy.version);
    }
    *ret_text = terms_asked(p) ? sentence(p, false) : STR("");
    *ret_versions = str_dup(p->cx->arena, buf_str(&b));
}

/* --- addresses ------------------------------------------------------------------------------- */

static LiquidValue saved(CheckoutPage *p)
{
    PeopleAddressList list = {0};
    if (p->cx->actor.kind != ACTOR_CUSTOMER ||
        people_address_list(p->cx, p->cx->actor.id, &list) != ST_OK)
        return object_list(&p->v, NULL, 0);
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        Str   id = id_format(p->cx->arena, "adr", list.items[i].id);
        Pairs a = pairs_new(&p->v);
        pairs_put(&a, "id", liquid_text(id));
        pairs_put(&a, "lines", account_address_lines(&p->v, &list.items[i]));
        pairs_put(&a, "selected", liquid_bool(str_eq(id, p->saved)));
        items[i] = pairs_map(&p->v, &a);
    }
    return object_list(&p->v, items, list.n);
}

static Str country_of(const CheckoutPage *p, const OrderAddress *a)
{
    if (a != NULL && a->country.len > 0)
        return a->country;
    return p->cart.address != NULL ? p->cart.address->country : STR("");
}

static LiquidValue address(CheckoutPage *p, bool billing)
{
    const OrderAddress *a = billing ? p->cart.billing : p->cart.address;
    AddressForm         f = {.prefix = billing ? "bill" : "ship",
                             .pointer = billing ? "/billing" : "/address",
                             .address = a,
                             .country = country_of(p, a),
                             .needs = p->telling ? &p->cart.needs : NULL,
                             .phone_needed = p->rules.phone && !billing,
                             .all_countries = billing || !p->cart.needs_delivery};
    return address_form(&p->v, &f);
}

/* --- all of it ------------------------------------------------------------------------------- */

static LiquidValue expected(CheckoutPage *p)
{
    return liquid_text(visit_urlf(&(Visit){.cx = p->cx, .root = STR("")}, "%lld " STR_FMT,
                                  (long long)p->cart.totals.total.minor,
                                  STR_ARG(p->cart.currency)));
}

static Str delivery_none(CheckoutPage *p)
{
    return word(p, p->delivery.problem == DELIVERY_NO_METHOD ? "storefront.checkout.no_method"
                                                             : "storefront.checkout.no_delivery");
}

static void put_contact(CheckoutPage *p, Pairs *c)
{
    pairs_put(c, "email", liquid_text(p->cart.email));
    pairs_put(c, "email_error", error_at(p, "email"));
    pairs_put(c, "email_suggestion", text_or_nil(p->cart.email_hint));
    pairs_put(c, "marketing", liquid_bool(checkout_field(p, "marketing").len > 0));
    pairs_put(c, "csrf_token",
              p->cx->actor.session != 0 ? liquid_text(http_csrf_token(p->cx)) : liquid_nil());
    pairs_put(c, "problem", text_or_nil(p->problem));
    pairs_put(c, "issues", issues(p));
}

static void put_terms(CheckoutPage *p, Pairs *c)
{
    pairs_put(c, "terms_needed", liquid_bool(terms_asked(p)));
    pairs_put(c, "terms", liquid_bool(checkout_field(p, "terms").len > 0));
    pairs_put(c, "terms_html", liquid_html(sentence(p, true)));
    pairs_put(c, "terms_error",
              p->no_terms ? liquid_text(word(p, "storefront.checkout.terms_needed"))
                          : liquid_nil());
}

static LiquidValue checkout_value(CheckoutPage *p)
{
    const Cart *cart = &p->cart;
    Pairs       c = pairs_new(&p->v);
    put_contact(p, &c);
    put_terms(p, &c);
    pairs_put(&c, "needs_delivery", liquid_bool(cart->needs_delivery));
    pairs_put(&c, "saved", saved(p));
    pairs_put(&c, "saved_none", liquid_bool(p->saved.len == 0));
    pairs_put(&c, "address", address(p, false));
    pairs_put(&c, "billing", address(p, true));
    pairs_put(&c, "bill_same", liquid_bool(!p->bill_other));
    pairs_put(&c, "deliveries", deliveries(p));
    pairs_put(&c, "delivery_error", error_at(p, "delivery"));
    pairs_put(&c, "delivery_none", liquid_text(delivery_none(p)));
    pairs_put(&c, "payments", payments(p));
    pairs_put(&c, "payment_error", error_at(p, "payment"));
    pairs_put(&c, "nothing_to_pay", liquid_bool(cart->totals.total.minor == 0));
    pairs_put(&c, "expected_total", expected(p));
    pairs_put(&c, "total", object_money(cart->totals.total));
    pairs_put(&c, "nothing_left", liquid_bool(cart->qty == 0));
    pairs_put(
        &c, "rows",
        basket_rows(&p->v, &cart->totals, cart->needs_delivery, cart->delivery.method_id != 0));
    pairs_put(&c, "tax_note", basket_tax_note(&p->v, &cart->totals));
    pairs_put(&c, "open", liquid_bool(posted(p) && str_eq(checkout_field(p, "act"), STR("code"))));
    return pairs_map(&p->v, &c);
}

Status checkout_globals(CheckoutPage *p)
{
    LiquidValue customer = liquid_nil();
    if (p->cx->actor.kind == ACTOR_CUSTOMER)
        TRY(account_customer(&p->v, &customer));
    visit_global(&p->v, "customer", customer);
    visit_global(&p->v, "checkout", checkout_value(p));
    return ST_OK;
}
