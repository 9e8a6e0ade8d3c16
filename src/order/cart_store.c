/* Carts as rows. */
#include "order/cart_int.h"
#include "order/cart_kept.h"
#include "people/identity.h"

#include "base/codec.h"
#include "base/id.h"
#include "stock/stock.h"

#include <sodium.h>

enum { TRIES = 20 };

Str order_token(Cx *cx)
{
    unsigned char         bytes[16];
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 64);
    randombytes_buf(bytes, sizeof bytes);
    codec_add_base64(&b, CODEC_BASE64URL, (Str){(const char *)bytes, sizeof bytes});
    return str_dup(cx->arena, buf_str(&b));
}

Status cart_of_row(Cx *cx, const OrderCartRow *row, CartWork *w)
{
    *w = (CartWork){.row = *row};
    TRY(shape_read(&cart_body_shape, SHAPE_CREATE, row->body, cx->arena, &w->body, &cx->issues,
                   &cx->err));
    w->body.method_id = w->body.method.v;
    return ST_OK;
}

static bool may_see(const Cx *cx, const OrderCartRow *row)
{
    return row->account_id == 0 || cx->actor.kind == ACTOR_STAFF ||
           cx->actor.kind == ACTOR_API_KEY || cx->actor.kind == ACTOR_SYSTEM ||
           (cx->actor.kind == ACTOR_CUSTOMER && cx->actor.id == row->account_id);
}

Status cart_load(Cx *cx, Str token, CartWork *w)
{
    OrderCartRow row;
    if (token.len != CART_TOKEN_LEN)
        return cx_fail(cx, ST_NOT_FOUND, "order.no_cart", "there is no such cart");
    TRY(order_sql_cart_by_token(cx, token, &row));
    if (!may_see(cx, &row))
        return cx_fail(cx, ST_NOT_FOUND, "order.no_cart", "there is no such cart");
    return cart_of_row(cx, &row, w);
}

bool cart_load_kept(Cx *cx, Str token, CartWork *w)
{
    OrderCartRow row;
    return cx->tx_depth == 0 && cart_kept(cx, token, &row) && may_see(cx, &row) &&
           row.status == CART_OPEN && cart_of_row(cx, &row, w) == ST_OK;
}

void cart_try_again(Cx *cx, const Issues *before)
{
    cx->issues.n = before->n;
    cx->issues.total = before->total;
    cx->err = (Err){0};
}

Status cart_load_id(Cx *cx, int64_t id, CartWork *w)
{
    OrderCartRow row;
    TRY(order_sql_cart_get(cx, id, &row));
    return cart_of_row(cx, &row, w);
}

static Status body_text(Cx *cx, CartBody *body, Str *ret)
{
    body->method = (OptI64){.v = body->method_id, .has = body->method_id != 0};
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1 << 20);
    Json j = json_begin(&b);
    shape_write(&j, NULL, &cart_body_shape, body);
    if (buf_overflowed(&b))
        return cx_fail(cx, ST_LIMIT, "order.cart_full", "the cart has too much in it");
    *ret = str_dup(cx->arena, buf_str(&b));
    return ST_OK;
}

/* Put off only when a day has passed, so that most writes leave the index alone. */
static UnixMs expiry(const Cx *cx, const OrderCartRow *row)
{
    SpanMs life = row->account_id != 0 ? CART_CUSTOMER_LIFE : CART_GUEST_LIFE;
    UnixMs at = unix_ms_add(cx->now, life);
    return at.v - row->expires_ms.v > SPAN_DAYS(1).v || at.v < row->expires_ms.v ? at
                                                                                 : row->expires_ms;
}

Status cart_write(Cx *cx, CartWork *w, bool *ret_ok)
{
    OrderCartRow *row = &w->row;
    int64_t       changed;
    TRY(body_text(cx, &w->body, &row->body));
    const OrderCartPut put = {
        .id = row->id,
        .seen = row->rev,
        .rev = row->rev + 1,
        .status = row->status,
        .account_id = row->account_id,
        .email = row->email,
        .name = row->name,
        .currency = row->currency,
        .body = row->body,
        .qty = w->priced ? w->cart.qty : row->qty,
        .total = w->priced ? w->cart.totals.total.minor : row->total,
        .order_id = row->order_id,
        .locked_ms = row->locked_ms,
        .updated_ms = cx->now,
        .expires_ms = expiry(cx, row),
    };
    TRY(order_sql_cart_put(cx, &put, &changed));
    *ret_ok = changed > 0;
    return ST_OK;
}

typedef struct Write {
    CartWork *w;
    bool      ok;
} Write;

static Status write_tx(Cx *cx, void *arg)
{
    Write *write = arg;
    TRY(cart_write(cx, write->w, &write->ok));
    return write->ok ? cart_tell(cx, write->w) : ST_OK;
}

static Status check_open(Cx *cx, const OrderCartRow *row)
{
    if (row->status == CART_COMPLETED)
        return cx_fail(cx, ST_CONFLICT, "order.cart_done", "this cart was bought already");
    if (row->status == CART_COMPLETING)
        return cx_fail(cx, ST_CONFLICT, "order.cart_locked", "this cart is being paid");
    return ST_OK;
}

/* What is shown of the row after the write, and kept of it. */
static void written(Cx *cx, CartWork *w)
{
    OrderCartRow *row = &w->row;
    row->expires_ms = expiry(cx, row);
    row->rev++;
    row->qty = w->cart.qty;
    row->total = w->cart.totals.total.minor;
    row->updated_ms = cx->now;
    w->cart.rev = row->rev;
    w->cart.updated_at = cx->now;
    cart_keep(cx, row);
}

/* The shopper sees these prices now. */
static void note_seen(CartWork *w)
{
    for (size_t i = 0; i < w->body.lines.n; i++) {
        const CartLine *l = &w->cart.lines.items[i];
        if (!money_absent(l->unit_price))
            w->body.lines.items[i].seen = opt_i64(l->unit_price.minor);
    }
}

static Status edit_once(Cx *cx, CartWork *w, CartEditFn *fn, void *arg, bool *ret_ok)
{
    Write write = {.w = w};
    TRY(check_open(cx, &w->row));
    if (w->row.status == CART_ABANDONED)
        w->row.status = CART_OPEN;
    w->body.left_out.n = 0;
    w->codes_before = w->body.codes;
    TRY(fn(cx, w, arg));
    TRY(cart_price(cx, w));
    note_seen(w);
    TRY(cx_in_tx(cx, write_tx, &write));
    *ret_ok = write.ok;
    return ST_OK;
}

Status cart_edit(Cx *cx, Str token, CartEditFn *fn, void *arg, Cart *ret)
{
    const Issues before = cx->issues;
    for (int i = 0; i < TRIES; i++) {
        CartWork *w = arena_new(cx->arena, CartWork);
        bool      ok = false, kept = i == 0 && cart_load_kept(cx, token, w);
        if (!kept)
            TRY(cart_load(cx, token, w));
        Status st = edit_once(cx, w, fn, arg, &ok);
        if (ok) {
            written(cx, w);
            *ret = w->cart;
            return ST_OK;
        }
        if (!kept)
            TRY(st);
        cart_try_again(cx, &before);
    }
    return cx_fail(cx, ST_BUSY, "order.cart_busy", "others change this cart all the time");
}

/* --- making ------------------------------------------------------------------------------- */

static Status add_tx(Cx *cx, void *arg)
{
    return order_sql_cart_add(cx, arg, NULL);
}

Str cart_anonymous_id(Cx *cx, Str said)
{
    Str value;
    return people_normalise(cx->arena, PEOPLE_ANONYMOUS_ID, said, &value) ? value : STR("");
}

static Status first_row(Cx *cx, const CartNew *in, OrderCartRow *row, CartBody *body)
{
    CatalogShop      shop;
    const Published *view;
    if (published_is_there(cx)) {
        TRY(published_view(cx, &view));
        shop = *published_shop(view);
    } else {
        TRY(catalog_shop(cx, &shop));
    }
    bool own = cx->actor.kind == ACTOR_CUSTOMER;
    Str  currency = in->currency.len > 0 ? in->currency : shop.currency;
    if (!currency_find(currency)) {
        issue_add(&cx->issues, STR("/currency"), "unknown", "is not an ISO 4217 code");
        return cx_fail(cx, ST_INVALID, "shape.invalid", "there is no such currency");
    }
    *row = (OrderCartRow){
        .id = id_new(),
        .token = order_token(cx),
        .rev = 1,
        .status = CART_OPEN,
        .channel = in->channel.len > 0 ? in->channel : STR("web"),
        .account_id = own ? cx->actor.id : 0,
        .name = in->name,
        .currency = currency,
        .created_ms = cx->now,
        .updated_ms = cx->now,
        .expires_ms = unix_ms_add(cx->now, own ? CART_CUSTOMER_LIFE : CART_GUEST_LIFE),
    };
    *body = (CartBody){.locale = in->locale.len > 0 ? in->locale : shop.locale,
                       .country = in->country,
                       .anonymous_id = cart_anonymous_id(cx, in->anonymous_id)};
    return ST_OK;
}

Status cart_create(Cx *cx, const CartNew *in, Cart *ret)
{
    OrderCartRow row;
    CartBody     body;
    CartWork    *w = arena_new(cx->arena, CartWork);
    TRY(first_row(cx, in, &row, &body));
    TRY(cart_account_facts(cx, &row, &body));
    TRY(body_text(cx, &body, &row.body));
    TRY(cx_in_tx(cx, add_tx, &row));
    cart_keep(cx, &row);
    TRY(cart_of_row(cx, &row, w));
    TRY(cart_price(cx, w));
    *ret = w->cart;
    return ST_OK;
}

/* --- reading ------------------------------------------------------------------------------ */

static Status show(Cx *cx, CartWork *w, Cart *ret)
{
    TRY(cart_price(cx, w));
    *ret = w->cart;
    return ST_OK;
}

Status cart_get(Cx *cx, Str token, Cart *ret)
{
    CartWork *w = arena_new(cx->arena, CartWork);
    TRY(cart_load(cx, token, w));
    return show(cx, w, ret);
}

Status cart_get_id(Cx *cx, int64_t id, Cart *ret)
{
    CartWork *w = arena_new(cx->arena, CartWork);
    TRY(cart_load_id(cx, id, w));
    return show(cx, w, ret);
}

static Status show_rows(Cx *cx, const OrderCartRowList *rows, Carts *ret)
{
    *ret = (Carts){.items = arena_array(cx->arena, Cart, rows->n)};
    for (size_t i = 0; i < rows->n; i++) {
        CartWork *w = arena_new(cx->arena, CartWork);
        TRY(cart_of_row(cx, &rows->items[i], w));
        TRY(show(cx, w, &ret->items[ret->n]));
        ret->n++;
    }
    return ST_OK;
}

Status cart_of_account(Cx *cx, int64_t account_id, bool *ret_found, Cart *ret)
{
    OrderCartRowList rows;
    TRY(order_sql_cart_of_account(cx, account_id, false, 1, &rows));
    *ret_found = rows.n > 0;
    if (rows.n == 0)
        return ST_OK;
    CartWork *w = arena_new(cx->arena, CartWork);
    TRY(cart_of_row(cx, &rows.items[0], w));
    return show(cx, w, ret);
}

Status cart_saved(Cx *cx, int64_t account_id, Carts *ret)
{
    OrderCartRowList rows;
    TRY(order_sql_cart_of_account(cx, account_id, true, CART_SAVED_MAX, &rows));
    return show_rows(cx, &rows, ret);
}

Status cart_list(Cx *cx, int64_t account_id, int64_t before, int64_t max, Carts *ret)
{
    OrderCartRowList rows;
    TRY(order_sql_cart_list(cx, account_id, before > 0 ? before : INT64_MAX, max, &rows));
    return show_rows(cx, &rows, ret);
}

typedef struct Delete {
    int64_t id;
    int64_t changed;
} Delete;

static Status delete_tx(Cx *cx, void *arg)
{
    Delete *d = arg;
    TRY(stock_release(cx, d->id));
    return order_sql_cart_delete(cx, d->id, &d->changed);
}

Status cart_delete(Cx *cx, int64_t id)
{
    OrderCartRow row;
    Delete       d = {.id = id};
    TRY(order_sql_cart_get(cx, id, &row));
    if (!may_see(cx, &row))
        return cx_fail(cx, ST_NOT_FOUND, "order.no_cart", "there is no such cart");
    TRY(cx_in_tx(cx, delete_tx, &d));
    if (d.changed == 0)
        return cx_fail(cx, ST_CONFLICT, "order.cart_locked", "this cart is being paid, or was");
    return ST_OK;
}
