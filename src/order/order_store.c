/* Orders as rows. */
#include "order/order_store.h"

#include "base/id.h"
#include "text/text.h"

#include <string.h>

/* --- from a cart -------------------------------------------------------------------------- */

static Str properties_text(Cx *cx, const OrderProperties *p)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1 << 20);
    Json j = json_begin(&b);
    json_arr(&j, NULL);
    for (size_t i = 0; i < p->n; i++)
        shape_write(&j, NULL, &order_property_shape, &p->items[i]);
    json_end(&j);
    return str_dup(cx->arena, buf_str(&b));
}

static void taxes_of_line(const OrderTotals *t, int target, size_t at, int64_t *ret_added,
                          int64_t *ret_included)
{
    *ret_added = *ret_included = 0;
    for (size_t i = 0; i < t->taxes.n; i++) {
        const TotalsTax *x = &t->taxes.items[i];
        if (x->target != target || x->index != (int64_t)at)
            continue;
        *(x->included ? ret_included : ret_added) += x->amount.minor;
    }
}

static void copy_lines(Cx *cx, const CartWork *w, OrderRows *ret)
{
    const OrderTotals *t = &w->cart.totals;
    ret->lines.items = arena_array(cx->arena, OrderLineRow, t->lines.n);
    for (size_t i = 0; i < t->lines.n; i++) {
        const TotalsOutLine *o = &t->lines.items[i];
        size_t               at = (size_t)w->line_of[i];
        const CartLine      *l = &w->cart.lines.items[at];
        OrderLineRow        *r = &ret->lines.items[ret->lines.n++];
        *r = (OrderLineRow){
            .id = id_new(),
            .order_id = ret->row.id,
            .position = (int64_t)i + 1,
            .variant_id = l->variant_id,
            .product_id = l->product_id,
            .sku = l->sku,
            .title = l->title,
            .variant_title = l->variant_title,
            .handle = l->handle,
            .image = l->image,
            .vendor = l->vendor,
            .tax_class = w->more[at].tax_class,
            .requires_shipping = l->requires_shipping,
            .taxable = w->more[at].taxable,
            .weight_g = l->weight_g,
            .properties = properties_text(cx, &l->properties),
            .gift_of = l->gift_of.has ? l->gift_of.v : 0,
            .unit_price = o->unit_price.minor,
            .compare_at = money_absent(l->compare_at) ? 0 : l->compare_at.minor,
            .gross = o->gross.minor,
            .discount = o->total.minor - o->gross.minor,
            .total = o->total.minor,
            .qty = o->qty,
        };
        taxes_of_line(t, TOTALS_LINE, i, &r->tax_added, &r->tax_included);
        r->placed_discount = r->discount;
        r->placed_total = r->total;
        r->placed_tax = r->tax_added + r->tax_included;
        ret->row.qty += r->qty;
    }
}

static void copy_charges(Cx *cx, const CartWork *w, OrderRows *ret)
{
    const OrderTotals *t = &w->cart.totals;
    ret->charges.items = arena_array(cx->arena, OrderChargeRow, t->deliveries.n + t->fees.n);
    for (size_t i = 0; i < t->deliveries.n; i++) {
        const TotalsOutDelivery *o = &t->deliveries.items[i];
        OrderChargeRow          *r = &ret->charges.items[ret->charges.n++];
        *r = (OrderChargeRow){.position = (int64_t)i,
                              .kind = STR("delivery"),
                              .method_id = o->method_id,
                              .title = w->cart.delivery.name,
                              .amount = o->amount.minor,
                              .discount = o->total.minor - o->amount.minor,
                              .total = o->total.minor};
        taxes_of_line(t, TOTALS_DELIVERY, i, &r->tax_added, &r->tax_included);
    }
    for (size_t i = 0; i < t->fees.n; i++) {
        const TotalsOutFee *o = &t->fees.items[i];
        OrderChargeRow     *r = &ret->charges.items[ret->charges.n];
        *r = (OrderChargeRow){.position = (int64_t)ret->charges.n,
                              .kind = o->kind,
                              .title = w->body.payment,
                              .amount = o->amount.minor,
                              .discount = o->total.minor - o->amount.minor,
                              .total = o->total.minor};
        taxes_of_line(t, TOTALS_FEE, i, &r->tax_added, &r->tax_included);
        ret->charges.n++;
    }
}

/* Where row `index` of the totals' target went: a line's id, or a charge's position. */
static void target_of(const OrderTotals *t, const OrderRows *rows, int target, int64_t index,
                      int64_t *ret_line, int64_t *ret_charge)
{
    *ret_line = target == TOTALS_LINE ? rows->lines.items[index].id : 0;
    *ret_charge = target == TOTALS_LINE       ? -1
                  : target == TOTALS_DELIVERY ? index
                                              : (int64_t)t->deliveries.n + index;
}

static Str title_of(const OrderTotals *t, int64_t promotion)
{
    for (size_t i = 0; i < t->applied.n; i++) {
        if (t->applied.items[i].promotion_id == promotion)
            return t->applied.items[i].title;
    }
    return STR("");
}

static void copy_money(Cx *cx, const CartWork *w, OrderRows *ret)
{
    const OrderTotals *t = &w->cart.totals;
    ret->discounts.items = arena_array(cx->arena, OrderDiscountRow, t->discounts.n);
    for (size_t i = 0; i < t->discounts.n; i++) {
        const TotalsDiscount *o = &t->discounts.items[i];
        OrderDiscountRow     *r = &ret->discounts.items[ret->discounts.n++];
        *r = (OrderDiscountRow){.position = (int64_t)i,
                                .promotion_id = o->promotion_id,
                                .code = o->code,
                                .title = title_of(t, o->promotion_id),
                                .amount = o->amount.minor,
                                .placed = o->amount.minor};
        target_of(t, ret, o->target, o->index, &r->line_id, &r->charge);
    }
    ret->taxes.items = arena_array(cx->arena, OrderTaxRow, t->taxes.n);
    for (size_t i = 0; i < t->taxes.n; i++) {
        const TotalsTax *o = &t->taxes.items[i];
        OrderTaxRow     *r = &ret->taxes.items[ret->taxes.n++];
        *r = (OrderTaxRow){.position = (int64_t)i,
                           .rate_id = o->rate_id.has ? o->rate_id.v : 0,
                           .name = o->name,
                           .rate_ppm = o->rate_ppm,
                           .base = o->base.minor,
                           .amount = o->amount.minor,
                           .included = o->included,
                           .placed = o->amount.minor,
                           .placed_base = o->base.minor};
        target_of(t, ret, o->target, o->index, &r->line_id, &r->charge);
    }
}

static void copy_body(Cx *cx, const CartWork *w, const CheckoutAsk *ask, OrderBody *b)
{
    const Cart        *c = &w->cart;
    const OrderTotals *t = &c->totals;
    *b = (OrderBody){.address = c->address,
                     .billing = c->billing,
                     .delivery = c->delivery,
                     .promise_from = w->promise.from,
                     .promise_to = w->promise.to,
                     .note = c->note,
                     .gift = c->gift,
                     .gift_message = c->gift_message,
                     .attributes = c->attributes,
                     .codes = c->codes,
                     .consent = ask->consent,
                     .agent = str_head(ask->agent, 200),
                     .anonymous_id = w->body.anonymous_id};
    b->applied.items = arena_array(cx->arena, OrderApplied, t->applied.n);
    for (size_t i = 0; i < t->applied.n; i++) {
        const TotalsApplied *o = &t->applied.items[i];
        b->applied.items[b->applied.n++] =
            (OrderApplied){o->promotion_id, o->code_id, o->code, o->title, o->kind, o->amount};
    }
}

static Str full_name(Cx *cx, const OrderAddress *a)
{
    if (!a)
        return STR("");
    Str name = order_person_name(cx->arena, a->first_name, a->last_name);
    return name.len > 0 ? name : a->company;
}

Status order_from_cart(Cx *cx, const CartWork *w, const CheckoutAsk *ask, OrderRows *ret)
{
    const Cart         *c = &w->cart;
    const OrderTotals  *t = &c->totals;
    const OrderAddress *who = c->address ? c->address : c->billing;
    bool                sent = c->needs_delivery;
    *ret = (OrderRows){0};
    ret->row = (OrderRow){
        .id = id_new(),
        .number = STR(""),
        .cart_id = c->id,
        .cart_rev = c->rev,
        .token = order_token(cx),
        .channel = c->channel,
        .account_id = w->row.account_id,
        .email = c->email,
        .email_key = text_fold(cx->arena, c->email),
        .phone = c->phone.len > 0 ? c->phone : (who ? who->phone : STR("")),
        .name = full_name(cx, who),
        .country = c->address ? c->address->country : STR(""),
        .locale = c->locale,
        .currency = c->currency,
        .status = ORDER_DRAFT,
        .fulfillment_status = sent ? ORDER_UNFULFILLED : ORDER_NOT_NEEDED,
        .prices_include_tax = t->prices_include_tax,
        .subtotal = t->subtotal.minor,
        .discount = t->items.minor - t->subtotal.minor,
        .items = t->items.minor,
        .delivery = t->delivery.minor,
        .fees = t->fees_total.minor,
        .tax_added = t->tax_added.minor,
        .tax_included = t->tax_included.minor,
        .total = t->total.minor,
        .placed_total = t->total.minor,
        .rev = 1,
        .created_ms = cx->now,
        .updated_ms = cx->now,
    };
    copy_lines(cx, w, ret);
    copy_charges(cx, w, ret);
    copy_money(cx, w, ret);
    copy_body(cx, w, ask, &ret->body);
    return order_body_text(cx, &ret->body, &ret->row.body);
}

/* --- writing ------------------------------------------------------------------------------ */

Status order_body_text(Cx *cx, const OrderBody *body, Str *ret)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1 << 20);
    Json j = json_begin(&b);
    shape_write(&j, NULL, &order_body_shape, body);
    if (buf_overflowed(&b))
        return cx_fail(cx, ST_LIMIT, "order.cart_full", "the order has too much in it");
    *ret = str_dup(cx->arena, buf_str(&b));
    return ST_OK;
}

Status order_body_read(Cx *cx, const OrderRow *row, OrderBody *ret)
{
    *ret = (OrderBody){0};
    TRY(shape_read(&order_body_shape, SHAPE_CREATE, row->body, cx->arena, ret, &cx->issues,
                   &cx->err));
    ret->delivery.method_id = ret->delivery.method.v;
    return ST_OK;
}

static Str text_at(const JsonValue *v, Str member)
{
    v = json_get(v, member);
    return v != NULL && v->type == JSON_STRING ? v->text : STR("");
}

Status order_body_told(Cx *cx, const OrderRow *row, Str *ret_anonymous, Str *ret_coupon)
{
    const JsonValue *v;
    TRY(json_parse(cx->arena, row->body, &v, &cx->err));
    *ret_anonymous = text_at(v, STR("anonymous_id"));
    *ret_coupon = STR("");
    v = json_get(v, STR("applied"));
    for (uint32_t i = 0; v != NULL && v->type == JSON_ARRAY && i < v->n && !ret_coupon->len; i++)
        *ret_coupon = text_at(&v->items[i], STR("code"));
    return ST_OK;
}

static void line_json(Json *j, const OrderLineRow *l)
{
    json_obj(j, NULL);
    json_i64(j, "id", l->id);
    json_i64(j, "position", l->position);
    json_i64(j, "variant_id", l->variant_id);
    json_i64(j, "product_id", l->product_id);
    json_str(j, "sku", l->sku);
    json_str(j, "title", l->title);
    json_str(j, "variant_title", l->variant_title);
    json_str(j, "handle", l->handle);
    json_str(j, "image", l->image);
    json_str(j, "vendor", l->vendor);
    json_str(j, "tax_class", l->tax_class);
    json_bool(j, "requires_shipping", l->requires_shipping);
    json_bool(j, "taxable", l->taxable);
    json_i64(j, "weight_g", l->weight_g);
    json_str(j, "properties", l->properties);
    json_i64(j, "gift_of", l->gift_of);
    json_i64(j, "unit_price", l->unit_price);
    json_i64(j, "compare_at", l->compare_at);
    json_i64(j, "discount", l->discount);
    json_i64(j, "total", l->total);
    json_i64(j, "tax", l->tax_added + l->tax_included);
    json_i64(j, "gross", l->gross);
    json_i64(j, "tax_added", l->tax_added);
    json_i64(j, "tax_included", l->tax_included);
    json_i64(j, "qty", l->qty);
    json_end(j);
}

/* One statement for all rows of a table: an array of objects. */
typedef struct Batch {
    Buf  buf;
    Json j;
} Batch;

static void batch_begin(Batch *b)
{
    buf_init(&b->buf, 8 << 20);
    b->j = json_begin(&b->buf);
    json_arr(&b->j, NULL);
}

static void batch_done(Batch *b)
{
    buf_done(&b->buf);
}

static Status batch_end(Cx *cx, Batch *b, Str *ret)
{
    json_end(&b->j);
    if (buf_overflowed(&b->buf))
        return cx_fail(cx, ST_LIMIT, "order.cart_full", "the order has too much in it");
    *ret = buf_str(&b->buf);
    return ST_OK;
}

Status order_write_lines(Cx *cx, int64_t id, const OrderLineRow *lines, size_t n)
{
    CLEANUP(batch_done) Batch b = {0};
    Str                       text;
    if (n == 0)
        return ST_OK;
    if (n == 1) { /* most of them: a fifth of the work of a list */
        OrderLineRow one = *lines;
        one.order_id = id;
        one.placed_discount = one.discount;
        one.placed_total = one.total;
        one.placed_tax = one.tax_added + one.tax_included;
        return order_sql_line_add(cx, &one, NULL);
    }
    batch_begin(&b);
    for (size_t i = 0; i < n; i++)
        line_json(&b.j, &lines[i]);
    TRY(batch_end(cx, &b, &text));
    return order_sql_lines_add(cx, id, text, NULL);
}

Status order_write_charges(Cx *cx, int64_t id, const OrderChargeRow *rows, size_t n)
{
    CLEANUP(batch_done) Batch b = {0};
    Str                       text;
    if (n == 0)
        return ST_OK;
    batch_begin(&b);
    for (size_t i = 0; i < n; i++) {
        json_obj(&b.j, NULL);
        json_i64(&b.j, "position", rows[i].position);
        json_str(&b.j, "kind", rows[i].kind);
        json_i64(&b.j, "method_id", rows[i].method_id);
        json_str(&b.j, "title", rows[i].title);
        json_i64(&b.j, "amount", rows[i].amount);
        json_i64(&b.j, "discount", rows[i].discount);
        json_i64(&b.j, "tax_added", rows[i].tax_added);
        json_i64(&b.j, "tax_included", rows[i].tax_included);
        json_i64(&b.j, "total", rows[i].total);
        json_end(&b.j);
    }
    TRY(batch_end(cx, &b, &text));
    return order_sql_charges_add(cx, id, text, NULL);
}

Status order_write_discounts(Cx *cx, int64_t id, const OrderDiscountRow *rows, size_t n)
{
    CLEANUP(batch_done) Batch b = {0};
    Str                       text;
    if (n == 0)
        return ST_OK;
    batch_begin(&b);
    for (size_t i = 0; i < n; i++) {
        json_obj(&b.j, NULL);
        json_i64(&b.j, "position", rows[i].position);
        json_i64(&b.j, "line_id", rows[i].line_id);
        json_i64(&b.j, "charge", rows[i].charge);
        json_i64(&b.j, "promotion_id", rows[i].promotion_id);
        json_str(&b.j, "code", rows[i].code);
        json_str(&b.j, "title", rows[i].title);
        json_i64(&b.j, "amount", rows[i].amount);
        json_i64(&b.j, "placed", rows[i].placed);
        json_end(&b.j);
    }
    TRY(batch_end(cx, &b, &text));
    return order_sql_discounts_add(cx, id, text, NULL);
}

Status order_write_taxes(Cx *cx, int64_t id, const OrderTaxRow *rows, size_t n)
{
    CLEANUP(batch_done) Batch b = {0};
    Str                       text;
    if (n == 0)
        return ST_OK;
    batch_begin(&b);
    for (size_t i = 0; i < n; i++) {
        json_obj(&b.j, NULL);
        json_i64(&b.j, "position", rows[i].position);
        json_i64(&b.j, "line_id", rows[i].line_id);
        json_i64(&b.j, "charge", rows[i].charge);
        json_i64(&b.j, "rate_id", rows[i].rate_id);
        json_str(&b.j, "name", rows[i].name);
        json_i64(&b.j, "rate_ppm", rows[i].rate_ppm);
        json_i64(&b.j, "base", rows[i].base);
        json_i64(&b.j, "amount", rows[i].amount);
        json_bool(&b.j, "included", rows[i].included);
        json_i64(&b.j, "placed", rows[i].placed);
        json_i64(&b.j, "placed_base", rows[i].placed_base);
        json_end(&b.j);
    }
    TRY(batch_end(cx, &b, &text));
    return order_sql_taxes_add(cx, id, text, NULL);
}

Status order_rows_write(Cx *cx, const OrderRows *rows)
{
    int64_t id = rows->row.id;
    TRY(order_sql_order_add(cx, &rows->row, NULL));
    TRY(order_write_lines(cx, id, rows->lines.items, rows->lines.n));
    TRY(order_write_charges(cx, id, rows->charges.items, rows->charges.n));
    TRY(order_write_discounts(cx, id, rows->discounts.items, rows->discounts.n));
    return order_write_taxes(cx, id, rows->taxes.items, rows->taxes.n);
}

/* --- reading ------------------------------------------------------------------------------ */

typedef struct Read {
    int64_t    id;
    OrderRows *rows;
} Read;

static Status read_fn(Cx *cx, void *arg)
{
    const Read *read = arg;
    TRY(order_sql_order_get(cx, read->id, &read->rows->row));
    TRY(order_sql_lines_of(cx, read->id, &read->rows->lines));
    TRY(order_sql_charges_of(cx, read->id, &read->rows->charges));
    TRY(order_sql_discounts_of(cx, read->id, &read->rows->discounts));
    return order_sql_taxes_of(cx, read->id, &read->rows->taxes);
}

Status order_rows(Cx *cx, int64_t id, OrderRows *ret)
{
    Read read = {id, ret};
    *ret = (OrderRows){0};
    TRY(cx_in_snapshot(cx, read_fn, &read));
    return order_body_read(cx, &ret->row, &ret->body);
}
