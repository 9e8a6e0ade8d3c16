/* Carts of customers: merging at log-in, saved carts, buying again. */
#include "order/cart_int.h"

#include "base/id.h"
#include "people/customer.h"
#include "stock/stock.h"

#include <string.h>

static Status default_address(Cx *cx, int64_t account, OrderAddress **ret)
{
    PeopleAddressList list;
    TRY(people_address_list(cx, account, &list));
    for (size_t i = 0; i < list.n; i++) {
        const PeopleAddress *p = &list.items[i];
        if (!p->is_default)
            continue;
        *ret = arena_new(cx->arena, OrderAddress);
        **ret = (OrderAddress){.first_name = p->first_name,
                               .last_name = p->last_name,
                               .company = p->company,
                               .line1 = p->line1,
                               .line2 = p->line2,
                               .city = p->city,
                               .zone = p->zone,
                               .postal_code = p->postal_code,
                               .country = p->country,
                               .phone = p->phone};
    }
    return ST_OK;
}

Status cart_account_facts(Cx *cx, OrderCartRow *row, CartBody *body)
{
    PeopleAccount account;
    if (row->account_id == 0)
        return ST_OK;
    Status st = people_account_get(cx, row->account_id, &account);
    if (st == ST_NOT_FOUND)
        return ST_OK;
    TRY(st);
    if (row->email.len == 0)
        row->email = account.email;
    if (body->phone.len == 0)
        body->phone = account.phone;
    return body->address ? ST_OK : default_address(cx, row->account_id, &body->address);
}

/* --- at log-in ---------------------------------------------------------------------------- */

typedef struct Merge {
    CartWork *from, *to; /* from: NULL, or goes into `to` and ends */
    bool      ok;
} Merge;

static CartBodyLine *match(CartBody *b, const CartBodyLine *l)
{
    for (size_t i = 0; i < b->lines.n; i++) {
        CartBodyLine *x = &b->lines.items[i];
        bool          same = x->variant_id == l->variant_id && x->properties.n == l->properties.n;
        for (size_t k = 0; same && k < x->properties.n; k++)
            same = str_eq(x->properties.items[k].name, l->properties.items[k].name) &&
                   str_eq(x->properties.items[k].value, l->properties.items[k].value);
        if (same)
            return x;
    }
    return NULL;
}

static void merge_lines(Cx *cx, CartBody *to, const CartBody *from, bool sum)
{
    CartBodyLine *all = arena_array(cx->arena, CartBodyLine, to->lines.n + from->lines.n);
    if (to->lines.n > 0)
        memcpy(all, to->lines.items, to->lines.n * sizeof *all);
    to->lines.items = all;
    for (size_t i = 0; i < from->lines.n; i++) {
        const CartBodyLine *l = &from->lines.items[i];
        CartBodyLine       *same = match(to, l);
        if (same && (sum || l->qty > same->qty))
            same->qty = sum && same->qty + l->qty <= CART_QTY_MAX ? same->qty + l->qty : l->qty;
        else if (!same && to->lines.n < CART_LINES_MAX)
            all[to->lines.n++] = *l;
    }
}

/* What the guest typed a moment ago counts. */
static void merge_rest(CartWork *to, const CartWork *from)
{
    CartBody       *b = &to->body;
    const CartBody *f = &from->body;
    if (from->row.email.len > 0)
        to->row.email = from->row.email;
    if (f->address)
        b->address = f->address;
    if (f->billing)
        b->billing = f->billing;
    if (f->phone.len > 0)
        b->phone = f->phone;
    if (f->note.len > 0)
        b->note = f->note;
    if (f->gift) {
        b->gift = true;
        b->gift_message = f->gift_message;
    }
    if (f->anonymous_id.len > 0)
        b->anonymous_id = f->anonymous_id;
    if (f->attributes.n > 0)
        b->attributes = f->attributes;
    if (f->codes.n > 0)
        b->codes = f->codes;
    if (f->method_id != 0) {
        b->method_id = f->method_id;
        b->point = f->point;
        b->slot = f->slot;
    }
}

static Status merge_tx(Cx *cx, void *arg)
{
    Merge  *m = arg;
    int64_t changed = 1;
    TRY(cart_write(cx, m->to, &m->ok));
    if (!m->ok || !m->from)
        return ST_OK;
    TRY(stock_release(cx, m->from->row.id));
    TRY(order_sql_cart_delete(cx, m->from->row.id, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_CONFLICT, "order.cart_locked", "this cart is being paid");
    return ST_OK;
}

static Status guest_cart(Cx *cx, Str token, CartWork **ret)
{
    CartWork *w = arena_new(cx->arena, CartWork);
    *ret = NULL;
    if (token.len == 0)
        return ST_OK;
    Status st = cart_load(cx, token, w);
    if (st == ST_NOT_FOUND)
        return ST_OK;
    TRY(st);
    if (w->row.status == CART_OPEN && w->row.name.len == 0)
        *ret = w;
    return ST_OK;
}

static Status merge_once(Cx *cx, Str token, Merge *m)
{
    OrderCartRowList rows;
    CartWork        *guest;
    *m = (Merge){0};
    TRY(guest_cart(cx, token, &guest));
    TRY(order_sql_cart_of_account(cx, cx->actor.id, false, 1, &rows));
    if (rows.n > 0 && rows.items[0].status == CART_OPEN) {
        m->to = arena_new(cx->arena, CartWork);
        TRY(cart_of_row(cx, &rows.items[0], m->to));
        if (guest && guest->row.id != m->to->row.id) {
            m->from = guest;
            merge_lines(cx, &m->to->body, &guest->body, false);
            merge_rest(m->to, guest);
        }
    } else {
        m->to = guest;
    }
    if (!m->to)
        return ST_OK;
    m->to->row.account_id = cx->actor.id;
    TRY(cart_account_facts(cx, &m->to->row, &m->to->body));
    TRY(cart_price(cx, m->to));
    return cx_in_tx(cx, merge_tx, m);
}

Status cart_merge(Cx *cx, Str token, bool *ret_found, Cart *ret)
{
    Merge m = {0};
    *ret_found = false;
    if (cx->actor.kind != ACTOR_CUSTOMER)
        return cx_fail(cx, ST_UNKNOWN, "core.login_needed", "sign in first");
    for (int i = 0; i < 10 && !m.ok; i++) {
        TRY(merge_once(cx, token, &m));
        if (!m.to)
            return ST_OK;
    }
    if (!m.ok)
        return cx_fail(cx, ST_BUSY, "order.cart_busy", "others change this cart all the time");
    *ret_found = true;
    return cart_get_id(cx, m.to->row.id, ret);
}

/* --- saved carts -------------------------------------------------------------------------- */

typedef struct Save {
    Str          name;
    CartBody     body; /* as it was */
    OrderCartRow row;
} Save;

static Status save_edit(Cx *cx, CartWork *w, void *arg)
{
    Save *save = arg;
    (void)cx;
    if (w->body.lines.n == 0)
        return cx_fail(cx, ST_CONFLICT, "order.cart_empty", "there is nothing in the cart");
    save->row = w->row;
    save->body = w->body;
    w->body.lines.n = 0;
    return ST_OK;
}

static Status save_tx(Cx *cx, void *arg)
{
    Save            *save = arg;
    Cart             empty;
    OrderCartRowList rows;
    OrderCartRow     row;
    TRY(order_sql_cart_of_account(cx, cx->actor.id, true, CART_SAVED_MAX, &rows));
    if (rows.n >= CART_SAVED_MAX)
        return cx_fail(cx, ST_LIMIT, "order.too_many_saved", "at most %d carts can be saved",
                       CART_SAVED_MAX);
    Str token = save->row.token;
    TRY(cart_edit(cx, token, save_edit, save, &empty));
    row = save->row;
    row.id = id_new();
    row.token = order_token(cx);
    row.rev = 1;
    row.account_id = cx->actor.id;
    row.name = save->name;
    row.expires_ms = unix_ms_add(cx->now, SPAN_DAYS(365));
    TRY(order_sql_cart_add(cx, &row, NULL));
    save->row = row;
    return ST_OK;
}

Status cart_save(Cx *cx, Str token, Str name, Cart *ret_saved)
{
    Save save = {.name = name, .row = {.token = token}};
    if (cx->actor.kind != ACTOR_CUSTOMER)
        return cx_fail(cx, ST_UNKNOWN, "core.login_needed", "sign in first");
    if (name.len == 0 || name.len > 400) {
        issue_add(&cx->issues, STR("/name"), "required", "has 1 to 100 characters");
        return cx_fail(cx, ST_INVALID, "shape.invalid", "the name is not right");
    }
    TRY(cx_in_tx(cx, save_tx, &save));
    return cart_get_id(cx, save.row.id, ret_saved);
}

static Status restore_edit(Cx *cx, CartWork *w, void *arg)
{
    const CartWork *saved = arg;
    merge_lines(cx, &w->body, &saved->body, true);
    return ST_OK;
}

Status cart_restore(Cx *cx, Str token, int64_t saved_id, Cart *ret)
{
    CartWork *saved = arena_new(cx->arena, CartWork);
    TRY(cart_load_id(cx, saved_id, saved));
    if (cx->actor.kind != ACTOR_CUSTOMER || saved->row.account_id != cx->actor.id)
        return cx_fail(cx, ST_NOT_FOUND, "order.no_cart", "there is no such cart");
    return cart_edit(cx, token, restore_edit, saved, ret);
}

/* --- again -------------------------------------------------------------------------------- */

typedef struct Again {
    CartItem *items;
    Str      *titles;
    bool     *gone;
    size_t    n;
} Again;

static Status again_edit(Cx *cx, CartWork *w, void *arg)
{
    const Again *again = arg;
    OrderTexts   out = {arena_array(cx->arena, Str, again->n + 1), 0};
    TRY(cart_put_items(cx, w, again->items, again->n, true, again->gone));
    for (size_t i = 0; i < again->n; i++)
        if (again->gone[i])
            out.items[out.n++] = again->titles[i];
    w->body.left_out = out;
    return ST_OK;
}

/* "Linen shirt – Blue / M" */
static Str title_of(Cx *cx, const OrderLine *l)
{
    CLEANUP(buf_done) Buf b = {0};
    if (l->variant_title.len == 0)
        return l->title;
    buf_init(&b, l->title.len + l->variant_title.len + 16);
    buf_addf(&b, STR_FMT " – " STR_FMT, STR_ARG(l->title), STR_ARG(l->variant_title));
    return str_dup(cx->arena, buf_str(&b));
}

Status cart_reorder(Cx *cx, Str token, int64_t order_id, Cart *ret)
{
    Order order;
    Again again = {0};
    TRY(order_get(cx, order_id, &order));
    again.items = arena_array(cx->arena, CartItem, order.lines.n);
    again.titles = arena_array(cx->arena, Str, order.lines.n);
    again.gone = arena_array(cx->arena, bool, order.lines.n);
    for (size_t i = 0; i < order.lines.n; i++) {
        const OrderLine *l = &order.lines.items[i];
        if (l->gift_of.has)
            continue;
        again.titles[again.n] = title_of(cx, l);
        again.items[again.n++] =
            (CartItem){.variant_id = l->variant_id, .qty = l->qty, .properties = l->properties};
    }
    return cart_edit(cx, token, again_edit, &again, ret);
}
