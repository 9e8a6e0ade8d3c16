/* What customers keep for later: carts under a name, cards to pay with. */
#include "channel/storefront/account_int.h"

#include "base/id.h"
#include "channel/storefront/basket.h"
#include "channel/storefront/object.h"
#include "channel/storefront/storefront_int.h"
#include "order/payment.h"
#include "people/customer.h"
#include "text/messages.h"

#include <string.h>

#define CARTS "storefront.account.carts"
#define CARDS "storefront.account.cards"

static LiquidValue map_of(AccountPage *p, const LiquidPair *pairs, size_t n)
{
    LiquidPair *own = arena_array(p->cx->arena, LiquidPair, n);
    memcpy(own, pairs, n * sizeof *own);
    return liquid_map(p->cx->arena, own, n);
}

/* --- carts ----------------------------------------------------------------------------------- */

static LiquidValue lines_of(AccountPage *p, const Cart *cart)
{
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, cart->lines.n + 1);
    for (size_t i = 0; i < cart->lines.n; i++)
        items[i] = basket_line_of(&p->v, cart, &cart->lines.items[i]);
    return object_list(&p->v, items, cart->lines.n);
}

static bool is_blocked(const Cart *cart)
{
    for (size_t i = 0; i < cart->lines.n; i++)
        if (cart->lines.items[i].problem != CART_FINE)
            return true;
    return false;
}

static LiquidValue cart_value(AccountPage *p, const Cart *cart)
{
    LiquidPair pairs[] = {
        {STR("id"), liquid_text(id_format(p->cx->arena, ORDER_CART_ID, cart->id))},
        {STR("name"), liquid_text(cart->name)},
        {STR("item_count"), liquid_int(cart->qty)},
        {STR("total_price"), object_money(cart->totals.items)},
        {STR("updated_at"), liquid_time(cart->updated_at)},
        {STR("line_items"), lines_of(p, cart)},
        {STR("blocked"), liquid_bool(is_blocked(cart))},
    };
    return map_of(p, pairs, COUNT_OF(pairs));
}

Status account_show_carts(AccountPage *p)
{
    Carts saved;
    p->cx->lang = account_lang(&p->v);
    p->cx->locale = p->v.tag;
    TRY(cart_saved(p->cx, p->cx->actor.id, &saved));
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, saved.n + 1);
    for (size_t i = 0; i < saved.n; i++)
        items[i] = cart_value(p, &saved.items[i]);
    visit_global(&p->v, "saved_carts", object_list(&p->v, items, saved.n));
    return account_show(p, "carts", CARTS);
}

/* What went wrong, above the list as it is now. */
static Status carts_again(AccountPage *p, Status st)
{
    Err    err = p->cx->err;
    Issues issues = p->cx->issues;
    Carts  saved;
    if (st == ST_IO)
        return st;
    TRY(cart_saved(p->cx, p->cx->actor.id, &saved));
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, saved.n + 1);
    for (size_t i = 0; i < saved.n; i++)
        items[i] = cart_value(p, &saved.items[i]);
    visit_global(&p->v, "saved_carts", object_list(&p->v, items, saved.n));
    p->cx->err = err;
    p->cx->issues = issues;
    return account_again(p, st, "carts", CARTS);
}

/* The open cart becomes a saved one, and is empty. */
static Status save(AccountPage *p)
{
    Cart cart, saved;
    Str  name = str_trim(account_field(p, "cart", "name"));
    TRY(basket_need(&p->v, &cart));
    TRY(cart_save(p->cx, cart.token, name, &saved));
    TRY(cart_get(p->cx, cart.token, &cart));
    basket_set(&p->v, p->rs, &cart);
    return account_go(p, STR("/account/carts"));
}

static Status restore(AccountPage *p, int64_t id)
{
    Cart cart;
    TRY(basket_need(&p->v, &cart));
    TRY(cart_restore(p->cx, cart.token, id, &cart));
    basket_set(&p->v, p->rs, &cart);
    return account_go(p, STR("/cart"));
}

/* One that was saved: an open cart is not deleted from here. */
static Status drop(AccountPage *p, int64_t id)
{
    Carts saved;
    TRY(cart_saved(p->cx, p->cx->actor.id, &saved));
    for (size_t i = 0; i < saved.n; i++)
        if (saved.items[i].id == id)
            TRY(cart_delete(p->cx, id));
    return account_go(p, STR("/account/carts"));
}

Status account_post_carts(AccountPage *p)
{
    int64_t id = 0;
    Status  st;
    p->cx->lang = account_lang(&p->v);
    p->cx->locale = p->v.tag;
    if (account_field(p, "cart", "save").len > 0)
        st = save(p);
    else if (id_parse(account_field(p, "cart", "restore"), ORDER_CART_ID, &id))
        st = restore(p, id);
    else if (id_parse(account_field(p, "cart", "remove"), ORDER_CART_ID, &id))
        st = drop(p, id);
    else
        st = cx_fail(p->cx, ST_NOT_FOUND, "order.no_cart", "there is no such cart");
    return st == ST_OK ? ST_OK : carts_again(p, st);
}

/* --- cards ----------------------------------------------------------------------------------- */

/* A way of paying that keeps cards also when nothing is bought. */
static Status keeper(AccountPage *p, Str *ret)
{
    PaymentWayList ways;
    PaymentWayAsk  ask = {.amount = money_of(1000, p->v.shop->currency), .country = STR("")};
    *ret = STR("");
    TRY(payment_ways(p->cx, &ask, &ways));
    for (size_t i = ways.n; i-- > 0;)
        if (ways.items[i].can_save)
            *ret = ways.items[i].provider;
    return ST_OK;
}

static LiquidValue card_value(AccountPage *p, const PaymentMethod *m)
{
    char       expiry[16];
    LiquidPair pairs[] = {
        {STR("id"), liquid_text(id_format(p->cx->arena, "pmt", m->id))},
        {STR("brand"), liquid_text(payment_brand(m->brand))},
        {STR("last4"), liquid_text(m->last4)},
        {STR("expiry"), liquid_nil()},
        {STR("created_at"), liquid_time(m->created_at)},
    };
    if (m->exp_month > 0) {
        int n = snprintf(expiry, sizeof expiry, "%02lld/%02lld", (long long)m->exp_month,
                         (long long)(m->exp_year % 100));
        pairs[3].value = liquid_text(str_dup(p->cx->arena, (Str){expiry, (size_t)n}));
    }
    return map_of(p, pairs, COUNT_OF(pairs));
}

static Status read_cards(AccountPage *p)
{
    PaymentMethodList list;
    Str               provider;
    TRY(payment_methods(p->cx, p->cx->actor.id, &list));
    TRY(keeper(p, &provider));
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, list.n + 1);
    for (size_t i = 0; i < list.n; i++)
        items[i] = card_value(p, &list.items[i]);
    visit_global(&p->v, "saved_cards", object_list(&p->v, items, list.n));
    visit_global(&p->v, "can_keep_cards", liquid_bool(provider.len > 0));
    return ST_OK;
}

static Status cards_again(AccountPage *p, Status st)
{
    Err err = p->cx->err;
    if (st != ST_BUSY) { /* the provider's fault is for pages, too: try again later */
        TRY(read_cards(p));
        p->cx->err = err;
    }
    return st == ST_BUSY ? st : account_again(p, st, "cards", CARDS);
}

/* Back from the provider's page: "?kept=SESSION". */
Status account_show_cards(AccountPage *p)
{
    Str kept = visit_param(&p->v, STR("kept")), provider;
    if (kept.len > 0 && kept.len <= 200) {
        TRY(keeper(p, &provider));
        Status st = payment_method_finish(p->cx, p->cx->actor.id, provider, kept);
        return st == ST_OK ? account_go(p, STR("/account/cards")) : cards_again(p, st);
    }
    TRY(read_cards(p));
    return account_show(p, "cards", CARDS);
}

static Status add_card(AccountPage *p)
{
    PeopleAccount account;
    Str           provider, url;
    Str           back = visit_urlf(&p->v, "/account/cards");
    Visit         bare = {.cx = p->cx, .root = STR("")};
    TRY(keeper(p, &provider));
    TRY(people_account_get(p->cx, p->cx->actor.id, &account));
    TRY(payment_method_begin(
        p->cx, account.id, account.email, provider,
        visit_urlf(&bare, STR_FMT STR_FMT "?kept={CHECKOUT_SESSION_ID}", STR_ARG(p->v.origin),
                   STR_ARG(back)),
        visit_urlf(&bare, STR_FMT STR_FMT, STR_ARG(p->v.origin), STR_ARG(back)), &url));
    http_redirect(p->cx, p->rs, 303, url);
    return ST_OK;
}

Status account_post_cards(AccountPage *p)
{
    int64_t id = 0;
    Status  st;
    if (account_field(p, "card", "add").len > 0)
        st = add_card(p);
    else if (id_parse(account_field(p, "card", "remove"), "pmt", &id))
        st = payment_method_remove(p->cx, p->cx->actor.id, id);
    else
        st = cx_fail(p->cx, ST_NOT_FOUND, "payment.no_method", "there is no such saved method");
    if (st != ST_OK)
        return cards_again(p, st);
    return id != 0 ? account_go(p, STR("/account/cards")) : ST_OK;
}
