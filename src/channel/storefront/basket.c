#include "channel/storefront/basket.h"

#include "base/log.h"
#include "channel/storefront/account.h"
#include "channel/storefront/object.h"
#include "order/checkout.h"
#include "people/account_http.h"
#include "text/messages.h"

#include <string.h>

#define COOKIE STR("cart")
#define BOUGHT STR("bought")

bool basket_said(const HttpReq *rq)
{
    return http_cookie(rq, COOKIE).len == CART_TOKEN_LEN;
}

static bool read_it(Visit *v, Cart *ret)
{
    Cx    *cx = v->cx;
    bool   own = cx->actor.kind == ACTOR_CUSTOMER, found = false;
    Str    token = http_cookie(v->rq, COOKIE);
    Status st = ST_NOT_FOUND;
    cx->lang = account_lang(v);
    cx->locale = v->tag;
    if (token.len == CART_TOKEN_LEN)
        st = cart_get(cx, token, ret);
    if (st == ST_OK)
        found = ret->status == CART_OPEN || ret->status == CART_COMPLETING;
    if (!found && own && (st == ST_OK || st == ST_NOT_FOUND))
        st = cart_of_account(cx, cx->actor.id, &found, ret);
    if (st != ST_OK && st != ST_NOT_FOUND) {
        log_event(LOG_WARN, "storefront.no_cart", log_s("code", str_from_cstr(cx->err.code)),
                  log_s("message", str_from_cstr(cx->err.msg)));
        found = false;
    }
    cx->err = (Err){0};
    return found;
}

const Cart *basket_of(Visit *v)
{
    v->shows_cart = true;
    if (v->cart_read)
        return v->cart;
    v->cart_read = true;
    if (!basket_said(v->rq) && v->cx->actor.kind != ACTOR_CUSTOMER)
        return NULL;
    Cart *cart = arena_new(visit_arena(v), Cart);
    v->uncacheable = true;
    if (read_it(v, cart))
        v->cart = cart;
    return v->cart;
}

Status basket_need(Visit *v, Cart *ret)
{
    const Cart *have = basket_of(v);
    v->cx->lang = account_lang(v);
    v->cx->locale = v->tag;
    if (have != NULL) {
        *ret = *have;
        return ST_OK;
    }
    return cart_create(v->cx,
                       &(CartNew){.channel = STR(PUBLISHED_CHANNEL),
                                  .currency = v->currency,
                                  .locale = v->tag,
                                  .country = STR(""),
                                  .name = STR(""),
                                  .anonymous_id = people_anonymous_id(v->rq)},
                       ret);
}

/* Read by our script, so not HttpOnly; it says nothing but a number. */
static void set_count(Visit *v, HttpResp *rs, int64_t count, SpanMs max_age)
{
    char room[120];
    int  n = snprintf(room, sizeof room, "cart_count=%lld; Path=/; Max-Age=%lld; SameSite=Lax%s",
                      (long long)count, (long long)(max_age.v / 1000), v->rq->tls ? "; Secure" : "");
    http_set_header(v->cx, rs, "Set-Cookie", (Str){room, (size_t)n});
}

void basket_set(Visit *v, HttpResp *rs, const Cart *cart)
{
    SpanMs life = cart->account_id.has ? CART_CUSTOMER_LIFE : CART_GUEST_LIFE;
    Cart  *own = arena_new(visit_arena(v), Cart);
    *own = *cart;
    v->cart = own;
    v->cart_read = true;
    if (!str_eq(http_cookie(v->rq, COOKIE), cart->token) || cart->qty > 0)
        http_set_cookie(v->cx, v->rq, rs, COOKIE, cart->token, life);
    set_count(v, rs, cart->qty, cart->qty > 0 ? life : (SpanMs){0});
}

static void forget_cart(Visit *v, HttpResp *rs)
{
    v->cart = NULL;
    v->cart_read = true;
    if (http_cookie(v->rq, COOKIE).len == 0)
        return;
    http_set_cookie(v->cx, v->rq, rs, COOKIE, STR(""), (SpanMs){0});
    set_count(v, rs, 0, (SpanMs){0});
}

void basket_forget(Visit *v, HttpResp *rs)
{
    forget_cart(v, rs);
    if (http_cookie(v->rq, BOUGHT).len > 0)
        http_set_cookie(v->cx, v->rq, rs, BOUGHT, STR(""), (SpanMs){0});
}

void basket_bought(Visit *v, HttpResp *rs, Str order_token)
{
    forget_cart(v, rs);
    http_set_cookie(v->cx, v->rq, rs, BOUGHT, order_token, SPAN_DAYS(1));
}

Status basket_last_order(Visit *v, Order *ret)
{
    Str token = http_cookie(v->rq, BOUGHT);
    v->uncacheable = true;
    if (token.len == 0)
        return ST_NOT_FOUND;
    Status st = order_by_token(v->cx, token, ret);
    if (st == ST_NOT_FOUND)
        v->cx->err = (Err){0};
    return st;
}

Status basket_to_change(Visit *v, HttpResp *rs, Cart *ret)
{
    TRY(basket_need(v, ret));
    if (ret->status != CART_COMPLETING)
        return ST_OK;
    Status st = checkout_reopen(v->cx, ret->token, ret);
    if (st != ST_CONFLICT)
        return st;
    v->cx->err = (Err){0};
    forget_cart(v, rs);
    return basket_need(v, ret);
}

/* --- amounts, row by row --------------------------------------------------------------------- */

enum { ROWS_MAX = 64 };

typedef struct Rows {
    Visit       *v;
    LiquidValue *items;
    size_t       n;
} Rows;

static void row(Rows *r, Str label, Money amount, const char *kind, Str text)
{
    LiquidPair *p = arena_array(visit_arena(r->v), LiquidPair, 4);
    if (r->n == ROWS_MAX)
        return;
    p[0] = (LiquidPair){STR("label"), liquid_text(label)};
    p[1] = (LiquidPair){STR("amount"), object_money(amount)};
    p[2] = (LiquidPair){STR("kind"), liquid_text(str_from_cstr(kind))};
    p[3] = (LiquidPair){STR("text"), text.len > 0 ? liquid_text(text) : liquid_nil()};
    r->items[r->n++] = liquid_map(visit_arena(r->v), p, 4);
}

#define WORD(v, key) message(visit_arena(v), account_lang(v), key, MSG_NONE)

/* One row for each promotion that reduces lines. */
static void discount_rows(Rows *r, const OrderTotals *t)
{
    for (size_t i = 0; i < t->applied.n; i++) {
        const TotalsApplied *a = &t->applied.items[i];
        Money                sum = money_of(0, t->currency);
        for (size_t k = 0; k < t->discounts.n; k++) {
            const TotalsDiscount *d = &t->discounts.items[k];
            if (d->promotion_id == a->promotion_id && d->target == TOTALS_LINE)
                sum.minor += d->amount.minor;
        }
        if (sum.minor == 0)
            continue;
        Str title = a->title.len > 0 ? a->title : WORD(r->v, "storefront.sum.discount");
        row(r, title, sum, "discount", STR(""));
    }
}

static Str tax_name(Visit *v, Str name, int64_t ppm)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 256);
    buf_add(&b, name);
    if (ppm > 0) {
        buf_addf(&b, " %lld", (long long)(ppm / 10000));
        if (ppm % 10000 != 0)
            buf_addf(&b, ".%02lld", (long long)(ppm % 10000 / 100));
        buf_add(&b, STR(" %"));
    }
    return str_dup(visit_arena(v), buf_str(&b));
}

LiquidValue basket_rows(Visit *v, const OrderTotals *t, bool needs_delivery, bool chosen)
{
    Rows r = {.v = v, .items = arena_array(visit_arena(v), LiquidValue, ROWS_MAX)};
    row(&r, WORD(v, "storefront.sum.items"), t->subtotal, "items", STR(""));
    discount_rows(&r, t);
    if (t->relief.minor != 0)
        row(&r, WORD(v, "storefront.sum.relief"), t->relief, "relief", STR(""));
    if (needs_delivery && !chosen)
        row(&r, WORD(v, "storefront.sum.delivery"), t->delivery, "delivery",
            WORD(v, "storefront.sum.later"));
    else if (needs_delivery)
        row(&r, WORD(v, "storefront.sum.delivery"), t->delivery, "delivery",
            t->delivery.minor == 0 ? WORD(v, "storefront.sum.free") : STR(""));
    for (size_t i = 0; i < t->fees.n; i++)
        row(&r, WORD(v, "storefront.sum.fee"), t->fees.items[i].total, "fee", STR(""));
    for (size_t i = 0; i < t->tax_sums.n; i++) {
        const TotalsTaxSum *s = &t->tax_sums.items[i];
        if (!s->included)
            row(&r, tax_name(v, s->name, s->rate_ppm), s->amount, "tax", STR(""));
    }
    return object_list(v, r.items, r.n);
}

LiquidValue basket_tax_note(Visit *v, const OrderTotals *t)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 2048);
    for (size_t i = 0; i < t->tax_sums.n; i++) {
        const TotalsTaxSum *s = &t->tax_sums.items[i];
        if (!s->included || s->amount.minor == 0)
            continue;
        buf_addf(&b, "%s", b.len > 0 ? ", " : "");
        buf_add(&b, tax_name(v, s->name, s->rate_ppm));
        buf_addc(&b, ' ');
        buf_add(&b, locale_money(visit_arena(v), v->locale, s->amount, MONEY_SYMBOL));
    }
    if (b.len == 0)
        return t->prices_include_tax ? liquid_text(WORD(v, "storefront.sum.tax_included"))
                                     : liquid_nil();
    return liquid_text(message(visit_arena(v), account_lang(v), "storefront.sum.tax_of",
                               msg_s("taxes", buf_str(&b))));
}

/* --- what lines show ------------------------------------------------------------------------- */

LiquidValue basket_properties(Visit *v, OrderProperties p)
{
    LiquidPair *pairs = arena_array(visit_arena(v), LiquidPair, p.n + 1);
    for (size_t i = 0; i < p.n; i++)
        pairs[i] = (LiquidPair){p.items[i].name, liquid_text(p.items[i].value)};
    return liquid_map(visit_arena(v), pairs, p.n);
}

LiquidValue basket_image(Visit *v, int64_t product_id, int64_t variant_id, Str path, Str alt)
{
    ImageObject    image;
    ProductObject *p = product_object(v, product_id);
    if (p != NULL) {
        VariantObject *items = product_variants(v, p);
        for (size_t i = 0; i < p->p->product.variants.n; i++)
            if (items[i].v->id == variant_id &&
                object_to_image(v, object_variant(v, &items[i]), &image))
                return object_image(v, &image);
        if (object_to_image(v, object_product(v, product_id), &image))
            return object_image(v, &image);
    }
    if (path.len == 0)
        return liquid_nil();
    return object_image(
        v, &(ImageObject){.path = path, .alt = alt, .sized = str_starts(path, STR("/media/"))});
}
