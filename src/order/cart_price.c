/* A cart as it is shown: products, prices and stock from memory, totals by the one function. */
#include "base/format.h"
#include "base/id.h"
#include "order/cart_int.h"
#include "order/pricing.h"
#include "stock/stock.h"
#include "text/messages.h"
#include "text/text.h"

#include <string.h>

void cart_need(Cx *cx, CartNeeds *needs, const char *code, Str pointer, OptI64 line, Str message)
{
    if (needs->items == NULL)
        needs->items = arena_array(cx->arena, CartNeed, CART_LINES_MAX + 40);
    if (needs->n < CART_LINES_MAX + 40)
        needs->items[needs->n++] = (CartNeed){str_from_cstr(code), pointer, line, message};
}

Status cart_variant(Cx *cx, const Published *v, int64_t variant_id,
                    const PublishedProduct **ret_product, const CatalogVariant **ret)
{
    TRY(published_variant(cx, v, variant_id, ret_product, ret));
    const PublishedHead *head = published_head(v, (*ret_product)->product.id);
    if (!published_product_shown(head, cx->now))
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_variant", "this is not sold");
    return ST_OK;
}

int64_t cart_fit_qty(const CatalogVariant *v, int64_t qty)
{
    int64_t min = v->min_qty > 0 ? v->min_qty : 1;
    int64_t step = v->step_qty > 0 ? v->step_qty : 1;
    int64_t max = v->max_qty.has && v->max_qty.v > 0 ? v->max_qty.v : CART_QTY_MAX;
    if (max > CART_QTY_MAX)
        max = CART_QTY_MAX;
    if (qty < min)
        qty = min;
    if (qty % step != 0)
        qty += step - qty % step;
    while (qty > max)
        qty -= step;
    return qty > 0 ? qty : step;
}

typedef struct Pricing {
    Cx              *cx;
    CartWork        *w;
    const Published *view;
    CatalogPricing   pricing;
    TotalsLine      *lines; /* for totals */
    int64_t         *line_of;
    size_t           n;
    Str              in_country;
} Pricing;

static const CatalogVariant *variant_of(const PublishedProduct *p, int64_t id)
{
    for (size_t i = 0; p && i < p->product.variants.n; i++) {
        if (p->product.variants.items[i].id == id)
            return &p->product.variants.items[i];
    }
    return NULL;
}

static void set_image(const PublishedProduct *p, const CatalogVariant *v, CartLine *l)
{
    size_t pick = 0;
    for (size_t i = 0; v->media_id.has && i < p->product.media.n; i++) {
        if (p->product.media.items[i].id == v->media_id.v)
            pick = i;
    }
    if (pick >= p->product.media.n || p->media == NULL)
        return;
    l->image = p->media[pick].path;
    l->image_alt = p->product.media.items[pick].alt;
}

static void set_texts(const Pricing *x, const PublishedProduct *p, const CatalogVariant *v,
                      CartLine *l)
{
    Arena *a = x->cx->arena;
    Str    locale = order_locale(x->cx, x->w->body.locale);
    l->title = published_text(p->texts, p->product.id, STR("title"), locale, p->product.title);
    l->variant_title =
        p->product.options.n > 0 ? published_variant_title(a, p, v, locale) : STR("");
    l->sku = v->sku;
    l->vendor = p->product.vendor;
    l->handle = p->product.handle;
    size_t n = p->product.options.n < v->options.n ? p->product.options.n : v->options.n;
    l->options.items = arena_array(a, OrderProperty, n);
    for (size_t i = 0; i < n; i++)
        l->options.items[l->options.n++] =
            (OrderProperty){published_option_name(p, i, locale),
                            published_option_value(p, i, v->options.items[i], locale)};
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1024);
    buf_addf(&b, "/products/%.*s", (int)l->handle.len, l->handle.ptr);
    if (p->product.variants.n > 1)
        buf_addf(&b, "?variant=%lld", (long long)v->id);
    l->url = str_dup(a, buf_str(&b));
    set_image(p, v, l);
}

static void set_rules(const CatalogVariant *v, CartLine *l)
{
    l->requires_shipping = v->requires_shipping;
    l->weight_g = v->weight_g.has ? v->weight_g.v : 0;
    l->min_qty = v->min_qty > 0 ? v->min_qty : 1;
    l->step_qty = v->step_qty > 0 ? v->step_qty : 1;
    l->max_qty = v->max_qty;
}

/* Pieces of this variant in the lines before. */
static int64_t taken(const Cart *c, size_t n, int64_t variant)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (c->lines.items[i].variant_id == variant && c->lines.items[i].problem == CART_FINE)
            sum += c->lines.items[i].qty;
    }
    return sum;
}

/* How many are there and may be sold. What memory shows above STOCK_SHOWN_MAX is "at least", and it
 * does not know how many may be sold beyond: only then the exact numbers are read. */
static Status read_stock(Pricing *x, const CatalogVariant *v, int64_t wanted, int64_t *ret_there,
                         int64_t *ret_sellable)
{
    bool    limited = v->policy == CATALOG_DENY || v->full;
    int64_t there = v->quantity > 0 ? v->quantity : 0;
    int64_t sellable = limited ? there : STOCK_QTY_MAX;
    if (there >= STOCK_SHOWN_MAX ? wanted > STOCK_SHOWN_MAX : !limited && wanted > there) {
        StockAvailability exact;
        TRY(stock_available(x->cx, &v->id, 1, &exact));
        there = exact.available > 0 ? exact.available : 0;
        sellable = exact.sellable;
    }
    *ret_there = there;
    *ret_sellable = sellable;
    return ST_OK;
}

static Status check_stock(Pricing *x, const CatalogVariant *v, size_t at, CartLine *l)
{
    if (!v->tracked)
        return ST_OK;
    int64_t before = taken(&x->w->cart, at, v->id), there, sellable;
    TRY(read_stock(x, v, before + l->qty, &there, &sellable));
    int64_t left = sellable > before ? sellable - before : 0;
    if (sellable < STOCK_QTY_MAX)
        l->available = opt_i64(left);
    if (left == 0)
        l->problem = CART_SOLD_OUT;
    else if (left < l->qty)
        l->problem = CART_SHORT;
    if (left == 0) {
        l->availability = CATALOG_OUT_OF_STOCK;
    } else if (before + l->qty > there && v->policy != CATALOG_DENY) {
        l->availability = v->policy == CATALOG_PREORDER ? CATALOG_PREORDERED : CATALOG_BACKORDERED;
        l->availability_date = catalog_variant_more_at(v, x->cx->now);
    }
    return ST_OK;
}

static bool rules_hold(const CartLine *l)
{
    return l->qty >= l->min_qty && l->qty % l->step_qty == 0 &&
           !(l->max_qty.has && l->max_qty.v > 0 && l->qty > l->max_qty.v);
}

static bool set_price(Pricing *x, const CartBodyLine *b, const CatalogVariant *v, CartLine *l)
{
    CatalogQuote quote = {0};
    Str          currency = x->w->row.currency;
    bool         found = catalog_quote(&x->pricing, v->prices, b->qty, &quote);
    if (b->price.has) {
        l->unit_price = money_of(b->price.v, currency);
        return true;
    }
    if (!found)
        return false;
    l->unit_price = quote.price;
    l->compare_at = quote.compare_at;
    if (b->seen.has && b->seen.v != quote.price.minor)
        l->was = money_of(b->seen.v, currency);
    return true;
}

/* The gift line of a promotion has its id: one gift each. */
static Status read_line(Pricing *x, const PublishedProduct *p, const CartBodyLine *b, size_t at,
                        CartLine *l, CartLineMore *more)
{
    const PublishedHead  *head = published_head(x->view, b->product_id);
    const CatalogVariant *v = variant_of(p, b->variant_id);
    *l = (CartLine){.id = b->id,
                    .variant_id = b->variant_id,
                    .product_id = b->product_id,
                    .qty = b->qty,
                    .properties = b->properties,
                    .adjusted = b->adjusted,
                    .min_qty = 1,
                    .step_qty = 1};
    if (v)
        set_texts(x, p, v, l);
    if (!v || !head || !published_product_shown(head, x->cx->now)) {
        l->problem = CART_GONE;
        return ST_OK;
    }
    *more = (CartLineMore){.tax_class = p->product.tax_class, .taxable = v->taxable};
    set_rules(v, l);
    l->availability = (int)catalog_variant_availability(v);
    if (!set_price(x, b, v, l))
        l->problem = CART_NO_PRICE;
    else if (!rules_hold(l))
        l->problem = CART_BAD_QTY;
    else
        TRY(check_stock(x, v, at, l));
    more->backorder =
        l->availability == CATALOG_BACKORDERED || l->availability == CATALOG_PREORDERED;
    more->expected_at = l->availability_date;
    return ST_OK;
}

static void add_total(Pricing *x, const PublishedProduct *p, const CartLine *l,
                      const CartLineMore *more, size_t at)
{
    x->line_of[x->n] = (int64_t)at;
    x->lines[x->n++] = (TotalsLine){
        .id = l->id,
        .variant_id = l->variant_id,
        .product_id = l->product_id,
        .collections = {p->collections.items, p->collections.n},
        .tags = {p->product.tags.items, p->product.tags.n},
        .vendor = p->product.vendor,
        .type = p->product.type,
        .tax_class = more->tax_class,
        .no_tax = !more->taxable,
        .qty = l->qty,
        .unit_price = l->unit_price.minor,
        .compare_at = money_absent(l->compare_at) ? 0 : l->compare_at.minor,
        .weight_g = l->weight_g,
        .no_discount = p->product.kind == CATALOG_GIFT_CARD,
        .gift_of = l->gift_of.has ? l->gift_of.v : 0,
    };
}

static void say_problem(Cx *cx, CartLine *l)
{
    switch ((CartProblem)l->problem) {
    case CART_FINE: break;
    case CART_GONE:
        l->message = message(cx->arena, cx->lang, "order.problem.gone", MSG_NONE);
        break;
    case CART_SOLD_OUT:
        l->message = message(cx->arena, cx->lang, "order.problem.sold_out", MSG_NONE);
        break;
    case CART_SHORT:
        l->message = message(cx->arena, cx->lang, "order.problem.short",
                             msg_i("n", l->available.has ? l->available.v : 0));
        break;
    case CART_NO_PRICE:
        l->message = message(cx->arena, cx->lang, "order.problem.no_price", MSG_NONE);
        break;
    case CART_BAD_QTY:
        l->message = message(cx->arena, cx->lang, "order.problem.bad_qty", msg_i("min", l->min_qty),
                             msg_i("step", l->step_qty),
                             msg_i("max", l->max_qty.has ? l->max_qty.v : CART_QTY_MAX));
        break;
    }
}

/* --- lines -------------------------------------------------------------------------------- */

static Status read_lines(Pricing *x, const PublishedProduct **products)
{
    Cart *c = &x->w->cart;
    for (size_t i = 0; i < x->w->body.lines.n; i++) {
        CartLine     *l = &c->lines.items[i];
        CartLineMore *more = &x->w->more[i];
        TRY(read_line(x, products[i], &x->w->body.lines.items[i], i, l, more));
        c->lines.n = i + 1;
        say_problem(x->cx, l);
        if (l->problem != CART_FINE)
            continue;
        add_total(x, products[i], l, more, i);
        c->qty += l->qty;
        c->weight_g += l->weight_g * l->qty;
        c->needs_delivery |= l->requires_shipping;
    }
    return ST_OK;
}

static Status begin_pricing(Pricing *x)
{
    Cx          *cx = x->cx;
    CartWork    *w = x->w;
    Arena       *a = cx->arena;
    size_t       n = w->body.lines.n, room = n + CART_CODES_MAX + 20;
    CatalogBuyer buyer = {
        .channel = STR(PUBLISHED_CHANNEL),
        .country = w->body.address ? w->body.address->country : w->body.country,
        .locale = w->body.locale,
        .customer = w->row.account_id != 0 ? id_format(a, "cus", w->row.account_id) : STR("")};
    TRY(published_view(cx, &x->view));
    TRY(published_pricing(cx, x->view, &buyer, w->row.currency, cx->now, &x->pricing));
    w->cart.lines.items = arena_array(a, CartLine, room);
    w->more = arena_array(a, CartLineMore, room);
    x->lines = arena_array(a, TotalsLine, room);
    x->line_of = arena_array(a, int64_t, room);
    const PublishedProduct **products = arena_array(a, const PublishedProduct *, n + 1);
    int64_t                 *ids = arena_array(a, int64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        ids[i] = w->body.lines.items[i].product_id;
    TRY(published_products(cx, x->view, ids, n, products));
    return read_lines(x, products);
}

/* --- totals ------------------------------------------------------------------------------- */

static Status buyer_orders(Cx *cx, const OrderCartRow *row, TotalsBuyer *buyer)
{
    if (row->account_id == 0 && row->email.len == 0)
        return ST_OK;
    return order_sql_orders_before(cx, row->account_id, text_fold(cx->arena, row->email),
                                   &buyer->orders);
}

static Status payment_fee(Pricing *x, const OrderTotals *t, TotalsFee *ret, size_t *ret_n)
{
    PaymentWay    way;
    const Str     key = x->w->body.payment;
    PaymentWayAsk ask = {.amount = t->total,
                         .country = x->in_country,
                         .pickup = x->w->cart.delivery.kind == DELIVERY_PICKUP,
                         .ships = x->w->cart.needs_delivery};
    *ret_n = 0;
    if (key.len == 0 || t->total.minor <= 0)
        return ST_OK;
    Status st = payment_way(x->cx, &ask, key, &way);
    if (st == ST_INVALID)
        return ST_OK; /* not offered for this cart: the buyer chooses another */
    TRY(st);
    if (!money_absent(way.fee) && way.fee.minor > 0) {
        *ret = (TotalsFee){.kind = STR("payment"), .amount = way.fee.minor};
        *ret_n = 1;
    }
    return ST_OK;
}

static Status add_gifts(Pricing *x, const OrderTotals *t, bool *ret_more)
{
    Cart *c = &x->w->cart;
    *ret_more = false;
    for (size_t i = 0; i < t->gifts.n && i < 20; i++) {
        const PublishedProduct *p;
        const CatalogVariant   *v;
        const TotalsGift       *g = &t->gifts.items[i];
        Status                  st = cart_variant(x->cx, x->view, g->variant_id, &p, &v);
        if (st == ST_NOT_FOUND)
            continue;
        TRY(st);
        CartLine    *l = &c->lines.items[c->lines.n];
        CartBodyLine b = {.id = g->promotion_id,
                          .variant_id = g->variant_id,
                          .product_id = p->product.id,
                          .qty = g->qty,
                          .price = opt_i64(0)};
        TRY(read_line(x, p, &b, c->lines.n, l, &x->w->more[c->lines.n]));
        if (l->problem != CART_FINE && l->problem != CART_BAD_QTY)
            continue; /* what is not there is not given */
        l->problem = CART_FINE;
        l->gift_of = opt_i64(g->promotion_id);
        add_total(x, p, l, &x->w->more[c->lines.n], c->lines.n);
        c->needs_delivery |= l->requires_shipping;
        c->qty += l->qty;
        c->lines.n++;
        *ret_more = true;
    }
    return ST_OK;
}

static void take_totals(Pricing *x)
{
    CartWork *w = x->w;
    w->line_of = x->line_of;
    for (size_t i = 0; i < w->cart.totals.lines.n; i++) {
        const TotalsOutLine *t = &w->cart.totals.lines.items[i];
        CartLine            *l = &w->cart.lines.items[x->line_of[i]];
        l->gross = t->gross;
        l->discount = t->discount;
        l->total = t->total;
    }
}

static Status run_totals(Pricing *x)
{
    TRY(order_totals(x->cx->arena, &x->w->in, &x->w->cart.totals, &x->cx->err));
    take_totals(x);
    return ST_OK;
}

static Status compute_totals(Pricing *x)
{
    Cx                 *cx = x->cx;
    CartWork           *w = x->w;
    const OrderAddress *to = w->body.address;
    OrderTotalsIn      *in = &w->in;
    TotalsDelivery     *delivery = arena_new(cx->arena, TotalsDelivery);
    TotalsFee          *fee = arena_new(cx->arena, TotalsFee);
    bool                more;
    x->in_country = to && to->country.len > 0 ? to->country : w->body.country;
    *in = (OrderTotalsIn){
        .at = cx->now,
        .buyer = {.country = x->in_country,
                  .region = to ? to->zone : STR(""),
                  .postal = to ? to->postal_code : STR(""),
                  .customer_id = w->row.account_id,
                  .channel = w->row.channel},
        .lines = x->lines,
        .nlines = x->n,
        .codes = {w->body.codes.items, w->body.codes.n},
        .want_hints = true,
        .locale = order_locale(cx, w->body.locale),
    };
    memcpy(in->currency, x->pricing.currency, sizeof in->currency);
    TRY(order_totals_context_load(cx, w->row.email, in));
    if (in->npromotions > 0)
        TRY(buyer_orders(cx, &w->row, &in->buyer));
    TRY(run_totals(x));
    if (w->cart.totals.gifts.n > 0) {
        TRY(add_gifts(x, &w->cart.totals, &more));
        in->nlines = x->n;
        if (more)
            TRY(run_totals(x));
    }
    TRY(cart_delivery(cx, w, delivery, &in->ndeliveries));
    in->deliveries = delivery;
    if (in->ndeliveries > 0)
        TRY(run_totals(x));
    TRY(payment_fee(x, &w->cart.totals, fee, &in->nfees));
    in->fees = fee;
    return in->nfees > 0 ? run_totals(x) : ST_OK;
}

/* --- what is missing ---------------------------------------------------------------------- */

static void line_needs(Cx *cx, Cart *c)
{
    bool told = false;
    for (size_t i = 0; i < c->lines.n; i++) {
        if (c->lines.items[i].problem == CART_FINE)
            continue;
        told = true;
        cart_need(cx, &c->needs, "item_unavailable", STR("/lines"), opt_i64(c->lines.items[i].id),
                  c->lines.items[i].message);
    }
    if (c->qty == 0 && !told) /* what is sold out lies there all the same */
        cart_need(cx, &c->needs, "cart_empty", STR("/lines"), (OptI64){0},
                  message(cx->arena, cx->lang, "order.need.cart_empty", MSG_NONE));
}

static void contact_needs(Cx *cx, Cart *c)
{
    if (c->email.len == 0)
        cart_need(cx, &c->needs, "email_missing", STR("/email"), (OptI64){0},
                  message(cx->arena, cx->lang, "order.need.email_missing", MSG_NONE));
    else if (!format_is_email(c->email))
        cart_need(cx, &c->needs, "email_invalid", STR("/email"), (OptI64){0},
                  message(cx->arena, cx->lang, "order.need.email_invalid", MSG_NONE));
}

static void all_needs(Cx *cx, CartWork *w)
{
    Cart *c = &w->cart;
    line_needs(cx, c);
    contact_needs(cx, c);
    bool fetched = c->delivery.method_id != 0 && (c->delivery.kind == DELIVERY_PICKUP ||
                                                  c->delivery.kind == DELIVERY_PICKUP_POINT);
    if (c->needs_delivery && !c->address && !fetched)
        cart_need(cx, &c->needs, "address_missing", STR("/address"), (OptI64){0},
                  message(cx->arena, cx->lang, "order.need.address_missing", MSG_NONE));
    else if (c->needs_delivery && !fetched)
        order_address_needs(cx, c->address, "/address", "address_incomplete", &c->needs);
    if (c->billing)
        order_address_needs(cx, c->billing, "/billing", "billing_incomplete", &c->needs);
}

static void copy_body(Cx *cx, CartWork *w)
{
    const CartBody     *b = &w->body;
    const OrderCartRow *row = &w->row;
    CartNeeds           needs = w->cart.needs;
    w->cart = (Cart){
        .id = row->id,
        .token = row->token,
        .rev = row->rev,
        .status = row->status,
        .channel = row->channel,
        .name = row->name,
        .account_id = row->account_id != 0 ? opt_i64(row->account_id) : (OptI64){0},
        .currency = row->currency,
        .locale = b->locale,
        .email = row->email,
        .phone = b->phone,
        .email_hint = order_email_hint(cx->arena, row->email),
        .address = b->address,
        .billing = b->billing,
        .note = b->note,
        .gift = b->gift,
        .gift_message = b->gift_message,
        .attributes = b->attributes,
        .codes = b->codes,
        .payment = b->payment,
        .needs = needs,
        .left_out = b->left_out,
        .order_id = row->order_id != 0 ? opt_i64(row->order_id) : (OptI64){0},
        .created_at = row->created_ms,
        .updated_at = row->updated_ms,
        .expires_at = row->expires_ms,
    };
}

Status cart_price(Cx *cx, CartWork *w)
{
    Pricing x = {.cx = cx, .w = w};
    w->cart.needs = (CartNeeds){0};
    copy_body(cx, w);
    TRY(begin_pricing(&x));
    TRY(compute_totals(&x));
    all_needs(cx, w);
    w->priced = true;
    return ST_OK;
}
