/* Changing a placed order before dispatch: computed from what was placed, then written at once. */
#include "order/events.h"
#include "order/order_store.h"
#include "order/promotion.h"

#include "base/fault.h"
#include "base/id.h"
#include "stock/stock.h"

#include <string.h>

typedef struct Change { /* an order as it is and as it will be */
    const ChangeAsk *ask;
    OrderRows        was, now;
    CartWork        *added;  /* NULL: nothing was added */
    OrderRows        extra;  /* the rows of what was added */
    int64_t          refund; /* given back at once */
    bool             cancels;
    bool             address;
} Change;

/* --- scaling ------------------------------------------------------------------------------ */

/* x * left / qty, half up; x >= 0. It grows with `left` and with x, so that what is taken away is
 * never negative and parts of a whole stay parts. */
static int64_t share(int64_t x, int64_t left, int64_t qty)
{
    Money ret = {0};
    bool  fits = money_mul_ratio((Money){.minor = x}, left, qty, MONEY_HALF_UP, &ret);
    ASSERT(fits); /* left <= qty */
    return ret.minor;
}

static void scale_discounts(OrderRows *now, const OrderLineRow *l, int64_t left)
{
    int64_t level = l->unit_price * l->qty; /* as placed, before and after each discount */
    for (size_t i = 0; i < now->discounts.n; i++) {
        OrderDiscountRow *d = &now->discounts.items[i];
        if (d->line_id != l->id)
            continue;
        int64_t next = level + d->placed;
        d->amount = share(next, left, l->qty) - share(level, left, l->qty);
        level = next;
    }
}

/* The taxes of one kind of a line, each share a difference of sums, so that they add up to the
 * share of the whole. */
static int64_t scale_taxes(OrderRows *now, const OrderLineRow *l, int64_t left, bool included)
{
    int64_t sum = 0;
    for (size_t i = 0; i < now->taxes.n; i++) {
        OrderTaxRow *t = &now->taxes.items[i];
        if (t->line_id != l->id || t->included != included)
            continue;
        int64_t next = sum + t->placed;
        t->amount = share(next, left, l->qty) - share(sum, left, l->qty);
        sum = next;
        t->base = share(t->placed_base, left, l->qty);
    }
    return share(sum, left, l->qty);
}

/* Amounts of line `l` when `left` of its pieces are left, with
 * its rows of discounts and taxes: always from what was placed. */
void order_scale_line(OrderRows *rows, OrderLineRow *line, int64_t left)
{
    line->cancelled = line->qty - left;
    line->gross = line->unit_price * left;
    line->total = share(line->placed_total, left, line->qty);
    line->discount = line->total - line->gross;
    scale_discounts(rows, line, left);
    line->tax_added = scale_taxes(rows, line, left, false);
    line->tax_included = scale_taxes(rows, line, left, true);
}

void order_sum_up(OrderRows *rows)
{
    OrderRow *o = &rows->row;
    o->subtotal = o->items = o->delivery = o->fees = o->tax_added = o->tax_included = o->qty = 0;
    for (size_t i = 0; i < rows->lines.n; i++) {
        const OrderLineRow *l = &rows->lines.items[i];
        o->subtotal += l->gross;
        o->items += l->total;
        o->tax_added += l->tax_added;
        o->tax_included += l->tax_included;
        o->qty += l->qty - l->cancelled;
    }
    for (size_t i = 0; i < rows->charges.n; i++) {
        const OrderChargeRow *c = &rows->charges.items[i];
        *(c->method_id != 0 ? &o->delivery : &o->fees) += c->total;
        o->tax_added += c->tax_added;
        o->tax_included += c->tax_included;
    }
    o->discount = o->items - o->subtotal;
    o->total = o->items + o->delivery + o->fees + o->tax_added;
}

/* Nothing is left of it, and nothing of it was sent: delivery and fees fall away, too. */
void order_drop_charges(OrderRows *rows)
{
    for (size_t i = 0; i < rows->charges.n; i++) {
        OrderChargeRow *c = &rows->charges.items[i];
        *c = (OrderChargeRow){
            .position = c->position, .kind = c->kind, .method_id = c->method_id, .title = c->title};
    }
    for (size_t i = 0; i < rows->discounts.n; i++) {
        if (rows->discounts.items[i].charge >= 0)
            rows->discounts.items[i].amount = 0;
    }
    for (size_t i = 0; i < rows->taxes.n; i++) {
        if (rows->taxes.items[i].charge >= 0)
            rows->taxes.items[i].amount = rows->taxes.items[i].base = 0;
    }
}

/* --- actions ------------------------------------------------------------------------------ */

static OrderLineRow *find_line(OrderRows *r, int64_t id)
{
    for (size_t i = 0; i < r->lines.n; i++) {
        if (r->lines.items[i].id == id)
            return &r->lines.items[i];
    }
    return NULL;
}

static Status want_more(Cx *cx, Change *c, const CartItem *item)
{
    if (!c->added) {
        c->added = arena_new(cx->arena, CartWork);
        *c->added =
            (CartWork){.row = {.id = 0,
                               .channel = c->was.row.channel,
                               .account_id = c->was.row.account_id,
                               .email = c->was.row.email,
                               .currency = c->was.row.currency},
                       .body = {.locale = c->was.row.locale, .address = c->was.body.address}};
    }
    return cart_put_items(cx, c->added, item, 1, false, NULL);
}

static Status set_qty(Cx *cx, Change *c, const ChangeAction *a)
{
    OrderLineRow *l = find_line(&c->now, a->line_id);
    if (!l)
        return cx_fail(cx, ST_NOT_FOUND, "order.no_line", "there is no such line");
    int64_t left = l->qty - l->cancelled;
    if (a->qty < 0 || a->qty < l->fulfilled)
        return cx_fail(cx, ST_CONFLICT, "order.too_many", "%lld pieces of it were packed already",
                       (long long)l->fulfilled);
    if (a->qty > left) {
        CartItem item = {.variant_id = l->variant_id, .qty = a->qty - left};
        return want_more(cx, c, &item);
    }
    l->cancelled = l->qty - a->qty;
    return ST_OK;
}

static Status set_address(Cx *cx, Change *c, const OrderAddress *a)
{
    const OrderAddress *was = c->was.body.address;
    CartNeeds           needs = {0};
    if (!a || !was)
        return cx_fail(cx, ST_INVALID, "order.bad_change", "there is no address");
    if (!str_eq(a->country, was->country) || !str_eq(a->zone, was->zone) ||
        c->was.row.fulfillment_status != ORDER_UNFULFILLED)
        return cx_fail(cx, ST_CONFLICT, "order.other_place",
                       "tax and delivery would be others there: cancel, and order again");
    order_address_needs(cx, a, "/address", "address_incomplete", &needs);
    for (size_t i = 0; i < needs.n; i++)
        issue_add(&cx->issues, needs.items[i].pointer, "address_incomplete", "%.*s",
                  (int)needs.items[i].message.len, needs.items[i].message.ptr);
    if (needs.n > 0)
        return cx_fail(cx, ST_INVALID, "shape.invalid", "the address is not complete");
    c->now.body.address = arena_new(cx->arena, OrderAddress);
    *c->now.body.address = *a;
    c->address = true;
    return ST_OK;
}

static Status act(Cx *cx, Change *c, const ChangeAction *a)
{
    CartItem item = {.variant_id = a->variant_id, .qty = a->qty};
    switch ((ChangeKind)a->kind) {
    case CHANGE_SET_QTY: return set_qty(cx, c, a);
    case CHANGE_ADD: return want_more(cx, c, &item);
    case CHANGE_ADDRESS: return set_address(cx, c, a->address);
    case CHANGE_CANCEL:
        for (size_t i = 0; i < c->now.lines.n; i++)
            c->now.lines.items[i].cancelled =
                c->now.lines.items[i].qty - c->now.lines.items[i].fulfilled;
        return ST_OK;
    }
    return ST_OK;
}

/* --- what was added ----------------------------------------------------------------------- */

static Status price_added(Cx *cx, Change *c)
{
    const CheckoutAsk none = {0};
    OrderRows        *x = &c->extra;
    TRY(cart_price(cx, c->added));
    for (size_t i = 0; i < c->added->cart.lines.n; i++) {
        if (c->added->cart.lines.items[i].problem != CART_FINE) {
            issue_add(&cx->issues, STR("/actions"), "item_unavailable", "%.*s",
                      (int)c->added->cart.lines.items[i].message.len,
                      c->added->cart.lines.items[i].message.ptr);
            return cx_fail(cx, ST_CONFLICT, "stock.insufficient", "it cannot be had");
        }
    }
    TRY(order_from_cart(cx, c->added, &none, x));
    x->charges.n = 0; /* what is added travels along */
    for (size_t i = 0; i < x->lines.n; i++) {
        x->lines.items[i].order_id = c->was.row.id;
        x->lines.items[i].position += (int64_t)c->was.lines.n;
    }
    return ST_OK;
}

/* Room for both, the extra ones behind. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses */
#define APPEND(member, Type)                                                                       \
    do {                                                                                           \
        Type *all_ = arena_array(cx->arena, Type, c->now.member.n + c->extra.member.n);            \
        if (c->now.member.n > 0)                                                                   \
            memcpy(all_, c->now.member.items, c->now.member.n * sizeof *all_);                     \
        if (c->extra.member.n > 0)                                                                 \
            memcpy(all_ + c->now.member.n, c->extra.member.items,                                  \
                   c->extra.member.n * sizeof *all_);                                              \
        c->now.member.items = all_;                                                                \
        c->now.member.n += c->extra.member.n;                                                      \
    } while (0)
/* NOLINTEND(bugprone-macro-parentheses) */

static void append_extra(Cx *cx, Change *c)
{
    int64_t discount =
        c->now.discounts.n > 0 ? c->now.discounts.items[c->now.discounts.n - 1].position + 1 : 0;
    int64_t tax = c->now.taxes.n > 0 ? c->now.taxes.items[c->now.taxes.n - 1].position + 1 : 0;
    for (size_t i = 0; i < c->extra.discounts.n; i++)
        c->extra.discounts.items[i].position += discount;
    for (size_t i = 0; i < c->extra.taxes.n; i++)
        c->extra.taxes.items[i].position += tax;
    APPEND(lines, OrderLineRow);
    APPEND(discounts, OrderDiscountRow);
    APPEND(taxes, OrderTaxRow);
}

/* --- the whole ---------------------------------------------------------------------------- */

static Status may_change(Cx *cx, const Change *c)
{
    const OrderRow *row = &c->was.row;
    OrderCheckout   setting;
    if (row->status != ORDER_PLACED)
        return cx_fail(cx, ST_CONFLICT, "order.not_open", "this order cannot be changed any more");
    if (!c->ask->buyer)
        return ST_OK;
    TRY(setting_get(cx, &order_checkout_setting, &setting, NULL));
    bool cancel = c->ask->actions.n == 1 && c->ask->actions.items[0].kind == CHANGE_CANCEL;
    if (row->fulfillment_status != ORDER_UNFULFILLED && row->fulfillment_status != ORDER_NOT_NEEDED)
        return cx_fail(cx, ST_CONFLICT, "order.not_open", "it is being packed already");
    if (cancel ? !setting.cancel : !setting.change)
        return cx_fail(cx, ST_CONFLICT, "order.not_open", "ask the shop to change it");
    return ST_OK;
}

static bool nothing_left(const OrderRows *r)
{
    for (size_t i = 0; i < r->lines.n; i++) {
        if (r->lines.items[i].qty > r->lines.items[i].cancelled)
            return false;
    }
    return true;
}

static void copy_rows(Cx *cx, Change *c)
{
    c->now = c->was;
    c->extra = (OrderRows){0};
    append_extra(cx, c); /* of nothing: so that the lists are our own */
}

static Status compute(Cx *cx, Change *c)
{
    PaymentSums sums;
    TRY(may_change(cx, c));
    copy_rows(cx, c);
    for (size_t i = 0; i < c->ask->actions.n; i++)
        TRY(act(cx, c, &c->ask->actions.items[i]));
    for (size_t i = 0; i < c->now.lines.n; i++) {
        OrderLineRow *l = &c->now.lines.items[i];
        if (l->cancelled != c->was.lines.items[i].cancelled)
            order_scale_line(&c->now, l, l->qty - l->cancelled);
    }
    if (c->added) {
        TRY(price_added(cx, c));
        append_extra(cx, c);
    }
    c->cancels = nothing_left(&c->now);
    if (c->cancels)
        order_drop_charges(&c->now);
    order_sum_up(&c->now);
    TRY(payment_sums(cx, c->was.row.id, &sums));
    int64_t net = sums.captured - sums.refunded - sums.refunding;
    int64_t owed = order_owed(c->now.row.total, sums.granted + sums.granting);
    c->refund = !c->ask->keep && net > owed ? net - owed : 0;
    return ST_OK;
}

static Status check_expected(Cx *cx, const Change *c)
{
    Money e = c->ask->expected;
    if (!money_absent(e) && e.minor != c->now.row.total)
        return cx_fail(cx, ST_CONFLICT, "order.changed", "the new total is another than shown");
    return ST_OK;
}

Status order_change_preview(Cx *cx, int64_t order_id, const ChangeAsk *ask, ChangePreview *ret)
{
    Change c = {.ask = ask};
    TRY(order_rows(cx, order_id, &c.was));
    TRY(compute(cx, &c));
    Str     cur = c.was.row.currency;
    int64_t paid = c.was.row.captured - c.was.row.refunded;
    int64_t owed = order_owed(c.now.row.total, c.was.row.granted);
    *ret = (ChangePreview){.total_before = money_of(c.was.row.total, cur),
                           .total = money_of(c.now.row.total, cur),
                           .difference = money_of(c.now.row.total - c.was.row.total, cur),
                           .refund = money_of(c.refund, cur),
                           .due = money_of(owed > paid ? owed - paid : 0, cur),
                           .cancels = c.cancels};
    order_show_lines(cx, &c.now.row, &c.now.lines, &ret->lines);
    return ST_OK;
}

/* --- writing ------------------------------------------------------------------------------ */

static Status write_lines(Cx *cx, const Change *c)
{
    size_t n = c->was.lines.n;
    for (size_t i = 0; i < n; i++) {
        const OrderLineRow *l = &c->now.lines.items[i], *was = &c->was.lines.items[i];
        int64_t             changed;
        if (l->cancelled == was->cancelled)
            continue;
        const OrderLineAmounts amounts = {.id = l->id,
                                          .order_id = l->order_id,
                                          .cancelled = l->cancelled,
                                          .gross = l->gross,
                                          .discount = l->discount,
                                          .tax_added = l->tax_added,
                                          .tax_included = l->tax_included,
                                          .total = l->total};
        TRY(order_sql_line_amounts(cx, &amounts, &changed));
        if (changed == 0)
            return cx_fail(cx, ST_CONFLICT, "order.too_many", "pieces were packed meanwhile");
        TRY(stock_unallocate(cx, l->order_id, l->id, l->cancelled - was->cancelled));
    }
    return order_write_lines(cx, c->was.row.id, c->now.lines.items + n, c->now.lines.n - n);
}

static Status write_money(Cx *cx, const Change *c)
{
    int64_t id = c->was.row.id;
    TRY(order_sql_charges_clear(cx, id, NULL));
    TRY(order_sql_discounts_clear(cx, id, NULL));
    TRY(order_sql_taxes_clear(cx, id, NULL));
    TRY(order_write_charges(cx, id, c->now.charges.items, c->now.charges.n));
    TRY(order_write_discounts(cx, id, c->now.discounts.items, c->now.discounts.n));
    return order_write_taxes(cx, id, c->now.taxes.items, c->now.taxes.n);
}

static Status allocate_extra(Cx *cx, const Change *c)
{
    StockAllocation     out = {0};
    size_t              n = c->extra.lines.n;
    StockLine          *lines = arena_array(cx->arena, StockLine, n);
    const OrderAddress *a = c->now.body.address;
    StockAsk            ask = {.order_id = c->was.row.id, .lines = lines, .n = n};
    if (n == 0)
        return ST_OK;
    if (a)
        ask.to = (StockDestination){a->country, a->zone, a->postal_code, 0};
    for (size_t i = 0; i < n; i++)
        lines[i] = (StockLine){.variant_id = c->extra.lines.items[i].variant_id,
                               .qty = c->extra.lines.items[i].qty,
                               .line_id = c->extra.lines.items[i].id};
    return stock_allocate(cx, &ask, &out);
}

static Status write_order(Cx *cx, Change *c)
{
    const OrderRow *row = &c->now.row;
    int64_t         changed;
    Str             body;
    OptTime         cancelled = {.v = cx->now, .has = c->cancels};
    TRY(order_body_text(cx, &c->now.body, &body));
    const OrderAmounts amounts = {
        .id = row->id,
        .seen = c->was.row.rev,
        .status = c->cancels ? ORDER_CANCELLED : row->status,
        .subtotal = row->subtotal,
        .discount = row->discount,
        .items = row->items,
        .delivery = row->delivery,
        .fees = row->fees,
        .tax_added = row->tax_added,
        .tax_included = row->tax_included,
        .total = row->total,
        .qty = row->qty,
        .body = body,
        .name = row->name,
        .phone = row->phone,
        .cancelled_ms = cancelled,
        .now = cx->now,
    };
    TRY(order_sql_order_amounts(cx, &amounts, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_CONFLICT, "order.changed", "the order was changed meanwhile");
    return ST_OK;
}

static Str actions_text(Cx *cx, const Change *c)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1 << 20);
    Json j = json_begin(&b);
    json_arr(&j, NULL);
    for (size_t i = 0; i < c->ask->actions.n; i++)
        shape_write(&j, NULL, &change_action_shape, &c->ask->actions.items[i]);
    json_end(&j);
    return str_dup(cx->arena, buf_str(&b));
}

static Str change_key(Cx *cx, const Change *c, int64_t id)
{
    return c->ask->key.len > 0 ? c->ask->key : id_format(cx->arena, ORDER_CHANGE_ID, id);
}

static Status record(Cx *cx, const Change *c)
{
    int64_t              id = id_new();
    PaymentTxnList       txns;
    const OrderChangeRow row = {.id = id,
                                .order_id = c->was.row.id,
                                .key = change_key(cx, c, id),
                                .kind = c->cancels ? STR("cancel") : STR("edit"),
                                .actions = actions_text(cx, c),
                                .reason = c->ask->reason,
                                .actor = cx->actor.name,
                                .difference = c->now.row.total - c->was.row.total,
                                .refund = c->refund,
                                .at_ms = cx->now};
    TRY(order_sql_change_add(cx, &row, NULL));
    TRY(order_event(cx, row.order_id,
                    &(OrderEventIn){.type = c->cancels ? "cancelled" : "changed",
                                    .public = true,
                                    .text = c->ask->reason,
                                    .data = STR("{}")}));
    if (c->refund > 0)
        TRY(payment_refund_order(cx, row.order_id, c->refund, c->ask->reason,
                                 id_format(cx->arena, ORDER_CHANGE_ID, id), &txns));
    return ST_OK;
}

static Str number_text(Cx *cx, int64_t v)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 32);
    buf_add_i64(&b, v);
    return str_dup(cx->arena, buf_str(&b));
}

static Status tell(Cx *cx, Change *c)
{
    int64_t difference = c->now.row.total - c->was.row.total;
    TRY(order_derive(cx, c->was.row.id));
    TRY(order_sql_order_get(cx, c->was.row.id, &c->now.row));
    if (c->cancels) {
        if (cx->core)
            TRY(job_queue(cx, "order.void", number_text(cx, c->was.row.id), NULL, NULL));
        TRY(promotion_give_back(cx, c->was.row.id));
        TRY(order_delivery_cancelled(cx, c->was.row.id));
        TRY(order_tell(cx, &order_order_cancelled, &c->now.row, &c->now.lines, (OptI64){0}));
        return order_tell(cx, &order_cancelled, &c->now.row, NULL, opt_i64(difference));
    }
    TRY(order_tell(cx, &order_order_updated, &c->now.row, &c->now.lines, (OptI64){0}));
    return order_tell(cx, &order_changed, &c->now.row, NULL, opt_i64(difference));
}

static Status change_tx(Cx *cx, void *arg)
{
    Change *c = arg;
    int64_t id = c->was.row.id, there;
    bool    done = false;
    if (c->ask->key.len > 0)
        TRY(order_sql_change_by_key(cx, id, c->ask->key, &done, &there));
    if (done)
        return ST_OK;
    TRY(write_order(cx, c));
    TRY(write_lines(cx, c));
    TRY(write_money(cx, c));
    TRY(allocate_extra(cx, c));
    TRY(record(cx, c));
    (void)fault_at("order.changing");
    return tell(cx, c);
}

static Status done_before(Cx *cx, int64_t order_id, Str key, bool *ret)
{
    int64_t id;
    *ret = false;
    return key.len > 0 ? order_sql_change_by_key(cx, order_id, key, ret, &id) : ST_OK;
}

/* What was promised to be paid later and never came: let go of, outside of the transaction. A
 * session that settles afterwards makes the order overpaid, which staff see. */
static Status void_open(Cx *cx, int64_t order_id)
{
    PaymentList list;
    PaymentTxn  txn;
    TRY(payment_of_order(cx, order_id, &list));
    for (size_t i = 0; i < list.n; i++) {
        const Payment *p = &list.items[i];
        if (p->captured == 0 && (p->status == PAYMENT_PENDING || p->status == PAYMENT_AUTHORIZED)) {
            Status st = payment_void(cx, p->id, &txn);
            if (st != ST_CONFLICT)
                TRY(st);
        }
    }
    return ST_OK;
}

Status order_void_job(Cx *cx, const Job *job)
{
    int64_t id;
    if (!str_parse_i64(job->payload, &id))
        return cx_fail(cx, ST_INVALID, "order.no_order", "there is no such order");
    return void_open(cx, id);
}

Status order_change(Cx *cx, int64_t order_id, const ChangeAsk *ask, Order *ret)
{
    Change c = {.ask = ask};
    bool   done;
    TRY(done_before(cx, order_id, ask->key, &done));
    if (!done) {
        TRY(order_rows(cx, order_id, &c.was));
        TRY(compute(cx, &c));
        TRY(check_expected(cx, &c));
        TRY(cx_in_tx(cx, change_tx, &c));
        (void)fault_at("order.changed");
        if (c.cancels)
            TRY(void_open(cx, order_id));
    }
    return order_get(cx, order_id, ret);
}

Status order_cancel(Cx *cx, int64_t order_id, Str reason, Order *ret)
{
    ChangeAction action = {.kind = CHANGE_CANCEL};
    ChangeAsk    ask = {.actions = {.items = &action, .n = 1}, .reason = reason};
    return order_change(cx, order_id, &ask, ret);
}
