/* Orders as they are shown, found and listed. */
#include "order/order_store.h"

#include "base/csv.h"
#include "people/customer.h"
#include "text/text.h"

static OptI64 some(int64_t id)
{
    return id != 0 ? opt_i64(id) : (OptI64){0};
}

static Status read_properties(Cx *cx, Str text, OrderProperties *ret)
{
    const JsonValue *v;
    *ret = (OrderProperties){0};
    TRY(json_parse(cx->arena, text, &v, &cx->err));
    ret->items = arena_array(cx->arena, OrderProperty, v->n);
    for (uint32_t i = 0; v->type == JSON_ARRAY && i < v->n; i++) {
        const JsonValue *name = json_get(&v->items[i], STR("name"));
        const JsonValue *value = json_get(&v->items[i], STR("value"));
        if (name && value)
            ret->items[ret->n++] = (OrderProperty){name->text, value->text};
    }
    return ST_OK;
}

static OrderLine line_of(Cx *cx, const OrderLineRow *r, Str c)
{
    OrderLine l = {
        .id = r->id,
        .variant_id = r->variant_id,
        .product_id = r->product_id,
        .sku = r->sku,
        .title = r->title,
        .variant_title = r->variant_title,
        .vendor = r->vendor,
        .handle = r->handle,
        .image = r->image,
        .requires_shipping = r->requires_shipping,
        .taxable = r->taxable,
        .tax_class = r->tax_class,
        .weight_g = r->weight_g,
        .gift_of = some(r->gift_of),
        .qty = r->qty,
        .cancelled = r->cancelled,
        .fulfilled = r->fulfilled,
        .shipped = r->shipped,
        .delivered = r->delivered,
        .return_requested = r->return_requested,
        .returned = r->returned,
        .written_off = r->written_off,
        .left = r->qty - r->cancelled,
        .unit_price = money_of(r->unit_price, c),
        .compare_at = r->compare_at > 0 ? money_of(r->compare_at, c) : (Money){0},
        .gross = money_of(r->gross, c),
        .discount = money_of(r->discount, c),
        .tax = money_of(r->tax_added + r->tax_included, c),
        .tax_added = money_of(r->tax_added, c),
        .total = money_of(r->total, c),
    };
    if (read_properties(cx, r->properties, &l.properties) != ST_OK)
        l.properties = (OrderProperties){0}; /* it was written by us: cannot be */
    return l;
}

void order_show_lines(Cx *cx, const OrderRow *row, const OrderLineRowList *lines, OrderLines *ret)
{
    *ret = (OrderLines){.items = arena_array(cx->arena, OrderLine, lines->n)};
    for (size_t i = 0; i < lines->n; i++)
        ret->items[ret->n++] = line_of(cx, &lines->items[i], row->currency);
}

size_t order_discount_sums(Arena *a, const Order *o, OrderDiscount **ret)
{
    OrderDiscount *sums = arena_array(a, OrderDiscount, o->discounts.n + 1);
    size_t         n = 0;
    for (size_t i = 0; i < o->discounts.n; i++) {
        const OrderDiscount *d = &o->discounts.items[i];
        size_t               k = 0;
        if (!d->line_id.has || d->amount.minor == 0)
            continue;
        while (k < n && sums[k].promotion_id != d->promotion_id)
            k++;
        if (k == n) {
            sums[n++] = *d;
            sums[k].line_id = (OptI64){0};
        } else {
            sums[k].amount.minor += d->amount.minor;
        }
    }
    *ret = sums;
    return n;
}

Str order_discount_label(Arena *a, Str title, Str code)
{
    CLEANUP(buf_done) Buf b = {0};
    if (title.len == 0 || code.len == 0)
        return title.len > 0 ? title : code;
    buf_init(&b, 2048);
    buf_addf(&b, STR_FMT " (" STR_FMT ")", STR_ARG(title), STR_ARG(code));
    return str_dup(a, buf_str(&b));
}

static Money due_of(const OrderRow *row)
{
    int64_t net = row->captured - row->refunded;
    bool    owed = row->status == ORDER_PLACED || row->status == ORDER_CLOSED;
    int64_t total = order_owed(row->total, row->granted);
    return money_of(owed && total > net ? total - net : 0, row->currency);
}

static void show_head(const OrderRow *row, Order *o)
{
    Str c = row->currency;
    *o = (Order){
        .id = row->id,
        .number = row->number,
        .cart_id = some(row->cart_id),
        .token = row->token,
        .channel = row->channel,
        .account_id = some(row->account_id),
        .email = row->email,
        .phone = row->phone,
        .name = row->name,
        .locale = row->locale,
        .currency = c,
        .status = row->status,
        .hold = row->hold,
        .payment_status = row->payment_status,
        .fulfillment_status = row->fulfillment_status,
        .return_status = row->return_status,
        .prices_include_tax = row->prices_include_tax,
        .subtotal = money_of(row->subtotal, c),
        .discount = money_of(row->discount, c),
        .items = money_of(row->items, c),
        .delivery = money_of(row->delivery, c),
        .fees = money_of(row->fees, c),
        .tax = money_of(row->tax_added + row->tax_included, c),
        .tax_added = money_of(row->tax_added, c),
        .total = money_of(row->total, c),
        .placed_total = money_of(row->placed_total, c),
        .captured = money_of(row->captured, c),
        .refunded = money_of(row->refunded, c),
        .granted = money_of(row->granted, c),
        .due = due_of(row),
        .qty = row->qty,
        .rev = row->rev,
        .created_at = row->created_ms,
        .updated_at = row->updated_ms,
        .placed_at = row->placed_ms,
        .cancelled_at = row->cancelled_ms,
    };
}

/* --- money rows --------------------------------------------------------------------------- */

static void show_charges(Cx *cx, const OrderRows *rows, Order *o)
{
    Str c = rows->row.currency;
    o->charges.items = arena_array(cx->arena, OrderCharge, rows->charges.n);
    for (size_t i = 0; i < rows->charges.n; i++) {
        const OrderChargeRow *r = &rows->charges.items[i];
        o->charges.items[o->charges.n++] =
            (OrderCharge){.kind = r->kind,
                          .method_id = some(r->method_id),
                          .title = r->title,
                          .amount = money_of(r->amount, c),
                          .discount = money_of(r->discount, c),
                          .tax = money_of(r->tax_added + r->tax_included, c),
                          .tax_added = money_of(r->tax_added, c),
                          .total = money_of(r->total, c)};
    }
    o->discounts.items = arena_array(cx->arena, OrderDiscount, rows->discounts.n);
    for (size_t i = 0; i < rows->discounts.n; i++) {
        const OrderDiscountRow *r = &rows->discounts.items[i];
        if (r->amount != 0)
            o->discounts.items[o->discounts.n++] = (OrderDiscount){
                some(r->line_id), r->promotion_id, r->code, r->title, money_of(r->amount, c)};
    }
}

static void add_tax_sum(Order *o, const OrderTaxRow *r, Str c)
{
    for (size_t i = 0; i < o->tax_sums.n; i++) {
        TotalsTaxSum *s = &o->tax_sums.items[i];
        if (str_eq(s->name, r->name) && s->rate_ppm == r->rate_ppm && s->included == r->included) {
            s->base.minor += r->base;
            s->amount.minor += r->amount;
            return;
        }
    }
    o->tax_sums.items[o->tax_sums.n++] = (TotalsTaxSum){r->name, r->rate_ppm, money_of(r->base, c),
                                                        money_of(r->amount, c), r->included};
}

static void show_taxes(Cx *cx, const OrderRows *rows, Order *o)
{
    Str c = rows->row.currency;
    o->taxes.items = arena_array(cx->arena, OrderTax, rows->taxes.n);
    o->tax_sums.items = arena_array(cx->arena, TotalsTaxSum, rows->taxes.n);
    for (size_t i = 0; i < rows->taxes.n; i++) {
        const OrderTaxRow *r = &rows->taxes.items[i];
        if (r->amount == 0 && r->base == 0)
            continue; /* all of it was cancelled */
        o->taxes.items[o->taxes.n++] =
            (OrderTax){some(r->line_id),       r->name,    r->rate_ppm, money_of(r->base, c),
                       money_of(r->amount, c), r->included};
        add_tax_sum(o, r, c);
    }
}

static bool staff_asks(const Cx *cx)
{
    return cx->actor.kind == ACTOR_STAFF || cx->actor.kind == ACTOR_API_KEY ||
           cx->actor.kind == ACTOR_SYSTEM;
}

static Status show_rights(Cx *cx, const OrderRows *rows, Order *o)
{
    OrderCheckout setting = {0}; /* what customers may; staff may anyhow */
    bool          staff = staff_asks(cx), left = false;
    if (!staff)
        TRY(setting_kept(cx, &order_checkout_setting, &setting));
    for (size_t i = 0; i < rows->lines.n; i++) {
        const OrderLineRow *l = &rows->lines.items[i];
        left |= l->qty - l->cancelled > l->fulfilled;
    }
    bool open = rows->row.status == ORDER_PLACED && left;
    bool untouched = rows->row.fulfillment_status == ORDER_UNFULFILLED;
    o->can_cancel = open && (staff || (setting.cancel && untouched));
    o->can_change = open && (staff || (setting.change && untouched));
    return ST_OK;
}

Status order_show(Cx *cx, const OrderRows *rows, Order *ret)
{
    const OrderBody *b = &rows->body;
    show_head(&rows->row, ret);
    order_show_lines(cx, &rows->row, &rows->lines, &ret->lines);
    show_charges(cx, rows, ret);
    show_taxes(cx, rows, ret);
    ret->address = b->address;
    ret->billing = b->billing;
    ret->delivery_method = b->delivery;
    ret->note = b->note;
    ret->gift = b->gift;
    ret->gift_message = b->gift_message;
    ret->attributes = b->attributes;
    ret->codes = b->codes;
    ret->consent = b->consent;
    return show_rights(cx, rows, ret);
}

/* --- finding ------------------------------------------------------------------------------ */

static Status add_tags(Cx *cx, Orders *orders)
{
    OrderTagRowList tags;
    int64_t        *ids = arena_array(cx->arena, int64_t, orders->n);
    for (size_t i = 0; i < orders->n; i++)
        ids[i] = orders->items[i].id;
    if (orders->n == 0)
        return ST_OK;
    TRY(order_sql_tags_of(cx, ids, orders->n, &tags));
    for (size_t i = 0; i < orders->n; i++) {
        Order *o = &orders->items[i];
        o->tags.items = arena_array(cx->arena, Str, ORDER_TAGS_MAX);
        for (size_t k = 0; k < tags.n && o->tags.n < ORDER_TAGS_MAX; k++) {
            if (tags.items[k].order_id == o->id)
                o->tags.items[o->tags.n++] = tags.items[k].tag;
        }
    }
    return ST_OK;
}

Status order_get(Cx *cx, int64_t id, Order *ret)
{
    OrderRows rows;
    Orders    one = {.items = ret, .n = 1};
    TRY(order_rows(cx, id, &rows));
    TRY(order_show(cx, &rows, ret));
    return add_tags(cx, &one);
}

Status order_by_number(Cx *cx, Str number, Order *ret)
{
    int64_t id;
    TRY(order_sql_order_id_by_number(cx, number, &id));
    return order_get(cx, id, ret);
}

Status order_by_token(Cx *cx, Str token, Order *ret)
{
    int64_t id;
    if (token.len != CART_TOKEN_LEN)
        return cx_fail(cx, ST_NOT_FOUND, "order.no_order", "there is no such order");
    TRY(order_sql_order_id_by_token(cx, token, &id));
    TRY(order_get(cx, id, ret));
    if (ret->number.len == 0) /* a draft is nobody's yet */
        return cx_fail(cx, ST_NOT_FOUND, "order.no_order", "there is no such order");
    return ST_OK;
}

Status order_of_account(Cx *cx, int64_t account_id, int64_t id, Order *ret)
{
    TRY(order_get(cx, id, ret));
    bool own = ret->account_id.has && ret->account_id.v == account_id;
    if (!ret->account_id.has) {
        PeopleAccount account;
        TRY(people_account_get(cx, account_id, &account));
        own = account.email.len > 0 &&
              str_eq(text_fold(cx->arena, account.email), text_fold(cx->arena, ret->email));
    }
    if (!own || ret->number.len == 0)
        return cx_fail(cx, ST_NOT_FOUND, "order.no_order", "there is no such order");
    return ST_OK;
}

Status order_list_own(Cx *cx, int64_t account_id, int64_t before, int64_t max, Orders *ret)
{
    OrderFilter   filter = ORDER_FILTER_ALL;
    PeopleAccount account;
    TRY(people_account_get(cx, account_id, &account));
    filter.account_id = account_id;
    filter.guest_email = account.email;
    return order_list(cx, &filter, before, max, ret);
}

/* --- lists -------------------------------------------------------------------------------- */

static void filter_names(DbFilter *f, const OrderFilter *in)
{
    if (in->status >= 0) {
        db_filter_sql(f, " AND status = ");
        db_filter_str(f, str_from_cstr(order_status_names[in->status]));
    }
    if (in->hold >= 0) {
        db_filter_sql(f, " AND hold = ");
        db_filter_str(f, str_from_cstr(order_hold_names[in->hold]));
    }
    if (in->payment_status >= 0) {
        db_filter_sql(f, " AND payment_status = ");
        db_filter_str(f, str_from_cstr(order_payment_status_names[in->payment_status]));
    }
    if (in->fulfillment_status >= 0) {
        db_filter_sql(f, " AND fulfillment_status = ");
        db_filter_str(f, str_from_cstr(order_fulfillment_status_names[in->fulfillment_status]));
    }
    if (in->return_status >= 0) {
        db_filter_sql(f, " AND return_status = ");
        db_filter_str(f, str_from_cstr(order_return_status_names[in->return_status]));
    }
}

static void filter_account(Cx *cx, DbFilter *f, const OrderFilter *in)
{
    db_filter_sql(f, " AND (account_id <> 0 AND account_id = ");
    db_filter_i64(f, in->account_id);
    if (in->guest_email.len > 0) {
        db_filter_sql(f, " OR account_id = 0 AND email_key = ");
        db_filter_str(f, text_fold(cx->arena, in->guest_email));
    }
    db_filter_sql(f, ")");
}

static void filter_rest(Cx *cx, DbFilter *f, const OrderFilter *in)
{
    if (!in->drafts)
        db_filter_sql(f, " AND number <> ''");
    if (in->account_id != 0) /* "<> 0" is the condition of the index */
        filter_account(cx, f, in);
    if (in->email.len > 0) {
        db_filter_sql(f, " AND email_key = ");
        db_filter_str(f, text_fold(cx->arena, in->email));
    }
    if (in->tag.len > 0) {
        db_filter_sql(f, " AND id IN (SELECT order_id FROM order_tag WHERE tag = ");
        db_filter_str(f, in->tag);
        db_filter_sql(f, ")");
    }
    if (in->variant_id != 0) {
        db_filter_sql(f, " AND id IN (SELECT order_id FROM order_line WHERE variant_id = ");
        db_filter_i64(f, in->variant_id);
        db_filter_sql(f, ")");
    }
    if (in->from.v != 0) {
        db_filter_sql(f, " AND placed_ms >= ");
        db_filter_i64(f, in->from.v);
    }
    if (in->to.v != 0) {
        db_filter_sql(f, " AND placed_ms < ");
        db_filter_i64(f, in->to.v);
    }
}

enum { IDS_MAX = 5000 };

static Status list_ids(Cx *cx, const OrderFilter *filter, int64_t before, int64_t max,
                       int64_t *ret_ids, size_t *ret_n)
{
    DbFilter                  f;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = true;
    db_filter_init(&f, cx->arena, "SELECT id FROM order_order WHERE id < ");
    db_filter_i64(&f, before > 0 ? before : INT64_MAX);
    filter_names(&f, filter);
    filter_rest(cx, &f, filter);
    db_filter_sql(&f, " ORDER BY id DESC LIMIT ");
    db_filter_i64(&f, max);
    TRY(cx_filter_run(cx, &f, "i", &run));
    *ret_n = 0;
    while (true) {
        TRY(db_step(&run, &row, &cx->err));
        if (!row || *ret_n == (size_t)max)
            return ST_OK;
        ret_ids[(*ret_n)++] = db_col_i64(&run, 0);
    }
}

static int64_t bounded(int64_t max)
{
    return max < 1 ? 1 : (max > IDS_MAX ? IDS_MAX : max);
}

Status order_list(Cx *cx, const OrderFilter *filter, int64_t before, int64_t max, Orders *ret)
{
    OrderRowList rows;
    size_t       n;
    int64_t     *ids = arena_array(cx->arena, int64_t, (size_t)bounded(max));
    TRY(list_ids(cx, filter, before, bounded(max), ids, &n));
    *ret = (Orders){.items = arena_array(cx->arena, Order, n)};
    if (n == 0)
        return ST_OK;
    TRY(order_sql_orders_by_ids(cx, ids, n, &rows));
    for (size_t i = 0; i < rows.n; i++)
        show_head(&rows.items[i], &ret->items[ret->n++]);
    return add_tags(cx, ret);
}

/* --- CSV ---------------------------------------------------------------------------------- */

static const char *const CSV_HEAD[] = {
    "Number",      "Placed at",     "Status",       "Hold",          "Payment status",
    "Fulfillment", "Email",         "Phone",        "Name",          "Country",
    "Currency",    "Subtotal",      "Discount",     "Delivery",      "Fees",
    "Tax",         "Total",         "Captured",     "Refunded",      "Channel",
    "Line SKU",    "Line title",    "Line variant", "Line quantity", "Line cancelled",
    "Line price",  "Line discount", "Line tax",     "Line total",
};

static void csv_money(Cx *cx, CsvWriter *w, int64_t minor, Str currency)
{
    csv_field(w, money_format(cx->arena, money_of(minor, currency)));
}

static void csv_int(Cx *cx, CsvWriter *w, int64_t v)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 32);
    buf_add_i64(&b, v);
    csv_field(w, str_dup(cx->arena, buf_str(&b)));
}

static void csv_order(Cx *cx, CsvWriter *w, const OrderRow *r)
{
    csv_field(w, r->number);
    csv_field(w, r->placed_ms.has ? clock_format(cx->arena, r->placed_ms.v) : STR(""));
    csv_field(w, str_from_cstr(order_status_names[r->status]));
    csv_field(w, str_from_cstr(order_hold_names[r->hold]));
    csv_field(w, str_from_cstr(order_payment_status_names[r->payment_status]));
    csv_field(w, str_from_cstr(order_fulfillment_status_names[r->fulfillment_status]));
    csv_field(w, r->email);
    csv_field(w, r->phone);
    csv_field(w, r->name);
    csv_field(w, r->country);
    csv_field(w, r->currency);
    csv_money(cx, w, r->subtotal, r->currency);
    csv_money(cx, w, r->discount, r->currency);
    csv_money(cx, w, r->delivery, r->currency);
    csv_money(cx, w, r->fees, r->currency);
    csv_money(cx, w, r->tax_added + r->tax_included, r->currency);
    csv_money(cx, w, r->total, r->currency);
    csv_money(cx, w, r->captured, r->currency);
    csv_money(cx, w, r->refunded, r->currency);
    csv_field(w, r->channel);
}

static void csv_line(Cx *cx, CsvWriter *w, const OrderRow *r, const OrderLineRow *l)
{
    csv_order(cx, w, r);
    csv_field(w, l->sku);
    csv_field(w, l->title);
    csv_field(w, l->variant_title);
    csv_int(cx, w, l->qty);
    csv_int(cx, w, l->cancelled);
    csv_money(cx, w, l->unit_price, r->currency);
    csv_money(cx, w, l->discount, r->currency);
    csv_money(cx, w, l->tax_added + l->tax_included, r->currency);
    csv_money(cx, w, l->total, r->currency);
    csv_row_end(w);
}

static Status csv_page(Cx *cx, CsvWriter *w, const int64_t *ids, size_t n)
{
    OrderRowList     rows;
    OrderLineRowList lines;
    TRY(order_sql_orders_by_ids(cx, ids, n, &rows));
    TRY(order_sql_lines_by_orders(cx, ids, n, &lines));
    for (size_t i = 0; i < rows.n; i++) {
        for (size_t k = 0; k < lines.n; k++) {
            if (lines.items[k].order_id == rows.items[i].id)
                csv_line(cx, w, &rows.items[i], &lines.items[k]);
        }
    }
    return ST_OK;
}

Status order_csv(Cx *cx, const OrderFilter *filter, Buf *out)
{
    CsvWriter w = {.out = out, .guard = true};
    int64_t   before = 0;
    int64_t  *ids = arena_array(cx->arena, int64_t, 100);
    for (size_t i = 0; i < COUNT_OF(CSV_HEAD); i++)
        csv_field(&w, str_from_cstr(CSV_HEAD[i]));
    csv_row_end(&w);
    for (;;) {
        size_t n;
        TRY(list_ids(cx, filter, before, 100, ids, &n));
        if (n == 0)
            return ST_OK;
        TRY(csv_page(cx, &w, ids, n));
        before = ids[n - 1];
        if (buf_overflowed(out))
            return cx_fail(cx, ST_LIMIT, "order.export_too_long",
                           "there are too many orders for one file: ask for a shorter time");
    }
}
