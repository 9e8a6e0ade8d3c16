/* `cart`, under the names that theme authors know; basket.h finds it. */
#include "channel/storefront/account.h"
#include "channel/storefront/basket.h"
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"
#include "channel/storefront/order_page.h"

#include "base/id.h"
#include "text/messages.h"

#include <string.h>

enum { FEW = 5 }; /* pieces: so many, or fewer, are told to the buyer */

static LiquidValue map_of(Visit *v, const LiquidPair *pairs, size_t n)
{
    LiquidPair *own = arena_array(visit_arena(v), LiquidPair, n);
    memcpy(own, pairs, n * sizeof *own);
    return liquid_map(visit_arena(v), own, n);
}

/* --- lines ----------------------------------------------------------------------------------- */

typedef struct LineObject {
    const Cart     *cart;
    const CartLine *line;
} LineObject;

static const CartLine *line_of(const void *self)
{
    return ((const LineObject *)self)->line;
}

static LiquidValue line_id(Visit *v, const void *self)
{
    return object_id(v, CATALOG_VARIANT_ID, line_of(self)->variant_id);
}

static LiquidValue line_product_id(Visit *v, const void *self)
{
    return object_id(v, CATALOG_PRODUCT_ID, line_of(self)->product_id);
}

static LiquidValue line_key(Visit *v, const void *self)
{
    return liquid_text(id_format(visit_arena(v), ORDER_CLN_ID, line_of(self)->id));
}

static LiquidValue line_qty(Visit *v, const void *self)
{
    (void)v;
    return liquid_int(line_of(self)->qty);
}

/* "Linen shirt - M" */
static LiquidValue line_title(Visit *v, const void *self)
{
    const CartLine *l = line_of(self);
    if (l->variant_title.len == 0 || l->options.n == 0)
        return liquid_text(l->title);
    return liquid_text(visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, STR_FMT " - " STR_FMT,
                                  STR_ARG(l->title), STR_ARG(l->variant_title)));
}

static LiquidValue line_product_title(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(line_of(self)->title);
}

static LiquidValue line_variant_title(Visit *v, const void *self)
{
    const CartLine *l = line_of(self);
    (void)v;
    return l->options.n > 0 ? liquid_text(l->variant_title) : liquid_nil();
}

static LiquidValue line_only(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(line_of(self)->options.n == 0);
}

static LiquidValue line_properties(Visit *v, const void *self)
{
    return basket_properties(v, line_of(self)->properties);
}

static LiquidValue line_options(Visit *v, const void *self)
{
    OrderProperties o = line_of(self)->options;
    LiquidValue    *items = arena_array(visit_arena(v), LiquidValue, o.n + 1);
    for (size_t i = 0; i < o.n; i++) {
        LiquidPair p[] = {{STR("name"), liquid_text(o.items[i].name)},
                          {STR("value"), liquid_text(o.items[i].value)}};
        items[i] = map_of(v, p, COUNT_OF(p));
    }
    return object_list(v, items, o.n);
}

static LiquidValue line_variant_options(Visit *v, const void *self)
{
    OrderProperties o = line_of(self)->options;
    LiquidValue    *items = arena_array(visit_arena(v), LiquidValue, o.n + 1);
    for (size_t i = 0; i < o.n; i++)
        items[i] = liquid_text(o.items[i].value);
    return object_list(v, items, o.n);
}

static Money piece(const CartLine *l)
{
    Money m = l->unit_price;
    if (!money_absent(l->total) && l->qty > 0)
        m.minor = l->total.minor / l->qty;
    return m;
}

static LiquidValue line_price(Visit *v, const void *self)
{
    (void)v;
    return object_money(line_of(self)->unit_price);
}

static LiquidValue line_final_price(Visit *v, const void *self)
{
    (void)v;
    return object_money(piece(line_of(self)));
}

static LiquidValue line_gross(Visit *v, const void *self)
{
    (void)v;
    return object_money(line_of(self)->gross);
}

static LiquidValue line_total(Visit *v, const void *self)
{
    (void)v;
    return object_money(line_of(self)->total);
}

static LiquidValue line_discount(Visit *v, const void *self)
{
    Money m = line_of(self)->discount;
    (void)v;
    m.minor = -m.minor;
    return object_money(m);
}

static LiquidValue line_sku(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(line_of(self)->sku);
}

static LiquidValue line_grams(Visit *v, const void *self)
{
    (void)v;
    return liquid_int(line_of(self)->weight_g);
}

static LiquidValue line_vendor(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(line_of(self)->vendor);
}

static LiquidValue line_handle(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(line_of(self)->handle);
}

static LiquidValue line_url(Visit *v, const void *self)
{
    const CartLine *l = line_of(self);
    return liquid_text(
        visit_urlf(v, "/products/" STR_FMT "?variant=" STR_FMT, STR_ARG(l->handle),
                   STR_ARG(id_format(visit_arena(v), CATALOG_VARIANT_ID, l->variant_id))));
}

static LiquidValue line_url_to_remove(Visit *v, const void *self)
{
    return liquid_text(
        visit_urlf(v, "/cart/change?id=" STR_FMT "&quantity=0",
                   STR_ARG(id_format(visit_arena(v), ORDER_CLN_ID, line_of(self)->id))));
}

static LiquidValue line_image(Visit *v, const void *self)
{
    const CartLine *l = line_of(self);
    return basket_image(v, l->product_id, l->variant_id, l->image, l->image_alt);
}

static LiquidValue line_image_url(Visit *v, const void *self)
{
    const CartLine *l = line_of(self);
    (void)v;
    return l->image.len > 0 ? liquid_text(l->image) : liquid_nil();
}

static LiquidValue line_product(Visit *v, const void *self)
{
    return object_product(v, line_of(self)->product_id);
}

static LiquidValue line_variant(Visit *v, const void *self)
{
    const CartLine *l = line_of(self);
    ProductObject  *p = product_object(v, l->product_id);
    VariantObject  *items = p != NULL ? product_variants(v, p) : NULL;
    for (size_t i = 0; p != NULL && i < p->p->product.variants.n; i++)
        if (items[i].v->id == l->variant_id)
            return object_variant(v, &items[i]);
    return liquid_nil();
}

static LiquidValue line_product_type(Visit *v, const void *self)
{
    ProductObject *p = product_object(v, line_of(self)->product_id);
    return p != NULL ? liquid_text(p->p->product.type) : liquid_text(STR(""));
}

static LiquidValue line_ships(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(line_of(self)->requires_shipping);
}

static LiquidValue line_gift(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(line_of(self)->gift_of.has);
}

static LiquidValue line_problem(Visit *v, const void *self)
{
    Str m = line_of(self)->message;
    (void)v;
    return line_of(self)->problem != CART_FINE && m.len > 0 ? liquid_text(m) : liquid_nil();
}

static LiquidValue line_availability(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(str_from_cstr(catalog_availability_names[line_of(self)->availability]));
}

static LiquidValue line_availability_date(Visit *v, const void *self)
{
    OptTime at = line_of(self)->availability_date;
    (void)v;
    return at.has ? liquid_time(at.v) : liquid_nil();
}

/* How many there are, when they are few; nil: enough. */
static LiquidValue line_few_left(Visit *v, const void *self)
{
    const CartLine *l = line_of(self);
    (void)v;
    return l->available.has && l->available.v > 0 && l->available.v <= FEW
               ? liquid_int(l->available.v)
               : liquid_nil();
}

static LiquidValue line_rule(Visit *v, const void *self)
{
    const CartLine *l = line_of(self);
    LiquidPair      p[] = {
             {STR("min"), liquid_int(l->min_qty > 0 ? l->min_qty : 1)},
             {STR("max"), l->max_qty.has ? liquid_int(l->max_qty.v) : liquid_nil()},
             {STR("increment"), liquid_int(l->step_qty > 0 ? l->step_qty : 1)},
    };
    return map_of(v, p, COUNT_OF(p));
}

/* {title, type, …} of a promotion, for templates. */
static LiquidValue application(Visit *v, const TotalsApplied *a)
{
    Money sum = a->amount;
    sum.minor = -sum.minor;
    LiquidPair p[] = {
        {STR("title"), liquid_text(a->title)},
        {STR("type"), liquid_text(a->code.len > 0 ? STR("discount_code") : STR("automatic"))},
        {STR("code"), a->code.len > 0 ? liquid_text(a->code) : liquid_nil()},
        {STR("total_allocated_amount"), object_money(sum)},
    };
    return map_of(v, p, COUNT_OF(p));
}

static const TotalsApplied *applied(const OrderTotals *t, int64_t promotion)
{
    for (size_t i = 0; i < t->applied.n; i++)
        if (t->applied.items[i].promotion_id == promotion)
            return &t->applied.items[i];
    return NULL;
}

static LiquidValue line_allocations(Visit *v, const void *self)
{
    const LineObject  *o = self;
    const OrderTotals *t = &o->cart->totals;
    LiquidValue       *items = arena_array(visit_arena(v), LiquidValue, t->discounts.n + 1);
    size_t             n = 0;
    for (size_t i = 0; i < t->discounts.n; i++) {
        const TotalsDiscount *d = &t->discounts.items[i];
        const TotalsApplied  *a = applied(t, d->promotion_id);
        if (d->target != TOTALS_LINE || a == NULL || (size_t)d->index >= t->lines.n ||
            t->lines.items[d->index].id != o->line->id)
            continue;
        Money amount = d->amount;
        amount.minor = -amount.minor;
        LiquidPair p[] = {{STR("amount"), object_money(amount)},
                          {STR("discount_application"), application(v, a)}};
        items[n++] = map_of(v, p, COUNT_OF(p));
    }
    return object_list(v, items, n);
}

static const Member LINE[] = {
    {"id", line_id, true},
    {"properties", line_properties, true},
    {"quantity", line_qty, true},
    {"variant_id", line_id, true},
    {"key", line_key, true},
    {"title", line_title, true},
    {"price", line_price, true},
    {"original_price", line_price, true},
    {"discounted_price", line_final_price, true},
    {"line_price", line_total, true},
    {"original_line_price", line_gross, true},
    {"total_discount", line_discount, true},
    {"discounts", line_allocations, false},
    {"sku", line_sku, true},
    {"grams", line_grams, true},
    {"vendor", line_vendor, true},
    {"taxable", member_yes, true},
    {"product_id", line_product_id, true},
    {"product_has_only_default_variant", line_only, true},
    {"gift_card", member_no, true},
    {"final_price", line_final_price, true},
    {"final_line_price", line_total, true},
    {"url", line_url, true},
    {"featured_image", line_image, false},
    {"image", line_image, false},
    {"image_url", line_image_url, true},
    {"handle", line_handle, true},
    {"requires_shipping", line_ships, true},
    {"product_type", line_product_type, true},
    {"product_title", line_product_title, true},
    {"variant_title", line_variant_title, true},
    {"variant_options", line_variant_options, true},
    {"options_with_values", line_options, true},
    {"line_level_discount_allocations", line_allocations, true},
    {"line_level_total_discount", line_discount, true},
    {"quantity_rule", line_rule, true},
    {"problem", line_problem, true},
    {"availability", line_availability, true},
    {"availability_date", line_availability_date, true},
    {"few_left", line_few_left, true},
    {"gift", line_gift, true},
    {"product", line_product, false},
    {"variant", line_variant, false},
    {"url_to_remove", line_url_to_remove, false},
    {"has_components", member_no, true},
};
OBJECT(cart_line, "LineItemDrop", LINE)

static LiquidValue line_value(Visit *v, const Cart *cart, const CartLine *line)
{
    LineObject *o = arena_new(visit_arena(v), LineObject);
    *o = (LineObject){cart, line};
    return liquid_drop(visit_arena(v), &cart_line_type, o);
}

LiquidValue basket_line_of(Visit *v, const Cart *cart, const CartLine *line)
{
    return line_value(v, cart, line);
}

LiquidValue basket_line(Visit *v, const CartLine *line)
{
    return line_value(v, basket_of(v), line);
}

/* --- the cart -------------------------------------------------------------------------------- */

static LiquidValue money(Visit *v, Money m)
{
    return liquid_money(money_absent(m) ? money_of(0, v->currency) : m);
}

#define OF_CART(name, none, some)                                                                  \
    static LiquidValue name(Visit *v, const void *self)                                            \
    {                                                                                              \
        const Cart *c = basket_of(v);                                                              \
        (void)self;                                                                                \
        return c == NULL ? (none) : (some);                                                        \
    }

OF_CART(cart_id, liquid_nil(), liquid_text(id_format(visit_arena(v), ORDER_CART_ID, c->id)))
OF_CART(cart_token, liquid_nil(), liquid_text(c->token))
OF_CART(cart_note, liquid_nil(), liquid_text(c->gift_message.len > 0 ? c->gift_message : c->note))
OF_CART(cart_attributes, basket_properties(v, (OrderProperties){0}),
        basket_properties(v, c->attributes))
OF_CART(cart_total, money(v, money_of(0, v->currency)), money(v, c->totals.total))
OF_CART(cart_subtotal, money(v, money_of(0, v->currency)), money(v, c->totals.items))
OF_CART(cart_original, money(v, money_of(0, v->currency)), money(v, c->totals.subtotal))
OF_CART(cart_weight, liquid_int(0), liquid_int(c->weight_g))
OF_CART(cart_items_n, liquid_int(0), liquid_int(c->qty))
OF_CART(cart_lines_count, liquid_int(0), liquid_int((int64_t)c->lines.n))
OF_CART(cart_ships, liquid_bool(false), liquid_bool(c->needs_delivery))
OF_CART(cart_empty, liquid_bool(true), liquid_bool(c->lines.n == 0))
OF_CART(cart_included, liquid_bool(true), liquid_bool(c->totals.prices_include_tax))
OF_CART(cart_rows, liquid_nil(),
        basket_rows(v, &c->totals, c->needs_delivery, c->delivery.method_id != 0))
OF_CART(cart_tax_note, liquid_nil(), basket_tax_note(v, &c->totals))

static LiquidValue cart_discount(Visit *v, const void *self)
{
    const Cart *c = basket_of(v);
    Money       m = c != NULL ? c->totals.discount : money_of(0, v->currency);
    (void)self;
    m.minor = -m.minor;
    return money(v, m);
}

static LiquidValue cart_items(Visit *v, const void *self)
{
    const Cart  *c = basket_of(v);
    size_t       n = c != NULL ? c->lines.n : 0;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, n + 1);
    (void)self;
    for (size_t i = 0; i < n; i++)
        items[i] = line_value(v, c, &c->lines.items[i]);
    return object_list(v, items, n);
}

/* A text that has `iso_code`: JSON and templates want it differently. */
static bool currency_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    const Str *code = self;
    (void)cx;
    *ret = liquid_text(*code);
    return str_eq(key, STR("iso_code"));
}

static LiquidValue currency_text(LiquidCx *cx, const void *self)
{
    (void)cx;
    return liquid_text(*(const Str *)self);
}

static const LiquidDropType currency_type = {
    .name = "CurrencyDrop", .get = currency_get, .text = currency_text};

static LiquidValue cart_currency(Visit *v, const void *self)
{
    const Cart *c = basket_of(v);
    Str        *code = arena_new(visit_arena(v), Str);
    (void)self;
    *code = c != NULL ? c->currency : v->currency;
    return liquid_drop(visit_arena(v), &currency_type, code);
}

static LiquidValue cart_applications(Visit *v, const void *self)
{
    const Cart  *c = basket_of(v);
    size_t       n = c != NULL ? c->totals.applied.n : 0;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, n + 1);
    (void)self;
    for (size_t i = 0; i < n; i++)
        items[i] = application(v, &c->totals.applied.items[i]);
    return object_list(v, items, n);
}

static LiquidValue none(Visit *v, const void *self)
{
    (void)self;
    return object_list(v, NULL, 0);
}

/* Codes as given, and why those do not apply that do not. */
static LiquidValue cart_codes(Visit *v, const void *self)
{
    const Cart  *c = basket_of(v);
    size_t       n = c != NULL ? c->totals.codes.n : 0;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, n + 1);
    (void)self;
    for (size_t i = 0; i < n; i++) {
        const TotalsCode *code = &c->totals.codes.items[i];
        Str               why = STR("");
        if (!code->applied)
            why = totals_refusal_text(visit_arena(v), account_lang(v), code,
                                      str_cstr(visit_arena(v), v->shop->time_zone));
        LiquidPair p[] = {{STR("code"), liquid_text(code->code)},
                          {STR("applicable"), liquid_bool(code->applied)},
                          {STR("reason"), liquid_text(why)}};
        items[i] = map_of(v, p, COUNT_OF(p));
    }
    return object_list(v, items, n);
}

/* "Spend €12.00 more for free delivery", and how near that is. */
static LiquidValue cart_hints(Visit *v, const void *self)
{
    const Cart  *c = basket_of(v);
    size_t       n = c != NULL ? c->totals.hints.n : 0;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, n + 1);
    (void)self;
    for (size_t i = 0; i < n; i++) {
        const TotalsHint *h = &c->totals.hints.items[i];
        Str               text = totals_hint_text(visit_arena(v), account_lang(v), h);
        int64_t           have = c->totals.items.minor;
        LiquidValue       percent = liquid_nil();
        if (!money_absent(h->missing_amount) && have + h->missing_amount.minor > 0)
            percent = liquid_int(have * 100 / (have + h->missing_amount.minor));
        LiquidPair p[] = {{STR("text"), liquid_text(text)}, {STR("percent"), percent}};
        items[i] = map_of(v, p, COUNT_OF(p));
    }
    return object_list(v, items, n);
}

static LiquidValue cart_blocked(Visit *v, const void *self)
{
    const Cart *c = basket_of(v);
    (void)self;
    for (size_t i = 0; c != NULL && i < c->lines.n; i++)
        if (c->lines.items[i].problem != CART_FINE)
            return liquid_bool(true);
    return liquid_bool(false);
}

/* What was taken out just now: "?removed=var_…:2", to be put back. */
static LiquidValue cart_undo(Visit *v, const void *self)
{
    const PublishedProduct *product;
    const CatalogVariant   *x;
    Str                     removed = visit_param(v, STR("removed")), id, qty;
    int64_t                 variant = 0, n = 0;
    (void)self;
    if (v->cart_removed.len > 0)
        removed = v->cart_removed;
    if (removed.ptr == NULL || !str_cut(removed, ':', &id, &qty) ||
        !id_parse(id, CATALOG_VARIANT_ID, &variant) || !str_parse_i64(qty, &n) || n < 1 ||
        n > CART_QTY_MAX || published_variant(v->cx, v->view, variant, &product, &x) != ST_OK)
        return liquid_nil();
    ProductObject *p = product_object(v, product->product.id);
    if (p == NULL)
        return liquid_nil();
    LiquidPair pairs[] = {{STR("id"), liquid_text(id)},
                          {STR("quantity"), liquid_int(n)},
                          {STR("title"), liquid_text(product_title(v, p))}};
    return map_of(v, pairs, COUNT_OF(pairs));
}

/* Where the cart is empty because it was ordered: {name, url}. Only on the cart's page, which is
 * never kept for others. */
static LiquidValue cart_last_order(Visit *v, const void *self)
{
    const Cart *c = basket_of(v);
    Order      *order;
    (void)self;
    if ((c != NULL && c->lines.n > 0) || !str_eq(v->kind, STR("cart")))
        return liquid_nil();
    order = arena_new(visit_arena(v), Order);
    if (basket_last_order(v, order) != ST_OK)
        return liquid_nil();
    LiquidPair p[] = {{STR("name"), liquid_text(order->number)},
                      {STR("url"), liquid_text(order_link(v, order->token, false))}};
    return map_of(v, p, COUNT_OF(p));
}

/* Titles of what could not be ordered again. */
static LiquidValue cart_left_out(Visit *v, const void *self)
{
    const Cart  *c = basket_of(v);
    size_t       n = c != NULL ? c->left_out.n : 0;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, n + 1);
    (void)self;
    for (size_t i = 0; i < n; i++)
        items[i] = liquid_text(c->left_out.items[i]);
    return object_list(v, items, n);
}

static LiquidValue cart_problem(Visit *v, const void *self)
{
    (void)self;
    return v->cart_problem.len > 0 ? liquid_text(v->cart_problem) : liquid_nil();
}

static const Member CART[] = {
    {"id", cart_id, false},
    {"token", cart_token, true},
    {"note", cart_note, true},
    {"attributes", cart_attributes, true},
    {"original_total_price", cart_original, true},
    {"total_price", cart_total, true},
    {"total_discount", cart_discount, true},
    {"total_weight", cart_weight, true},
    {"item_count", cart_items_n, true},
    {"items", cart_items, true},
    {"requires_shipping", cart_ships, true},
    {"currency", cart_currency, true},
    {"items_subtotal_price", cart_subtotal, true},
    {"cart_level_discount_applications", none, true},
    {"discount_codes", cart_codes, true},
    {"checkout_charge_amount", cart_total, false},
    {"items_count", cart_lines_count, false},
    {"empty?", cart_empty, false},
    {"discount_applications", cart_applications, false},
    {"taxes_included", cart_included, false},
    {"duties_included", member_no, false},
    {"codes", cart_codes, false},
    {"hints", cart_hints, false},
    {"rows", cart_rows, false},
    {"tax_note", cart_tax_note, false},
    {"blocked", cart_blocked, false},
    {"undo", cart_undo, false},
    {"problem", cart_problem, false},
    {"left_out", cart_left_out, false},
    {"last_order", cart_last_order, false},
};
OBJECT(cart_object, "CartDrop", CART)

static bool cart_read(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    visit_reads_cart(liquid_host(cx));
    return cart_object_get(cx, self, key, ret);
}

static const LiquidDropType read_cart_type = {
    .name = "CartDrop", .get = cart_read, .count = cart_object_count, .key_at = cart_object_key};

LiquidValue object_cart(Visit *v)
{
    (void)cart_object_type;
    return liquid_drop(visit_arena(v), &read_cart_type, v);
}
