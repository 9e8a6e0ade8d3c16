/* What is done to carts. */
#include "order/cart_int.h"

#include "base/id.h"
#include "base/utf8.h"
#include "order/events.h"
#include "order/promotion.h"

#include <string.h>

/* --- lines -------------------------------------------------------------------------------- */

static bool same_properties(const OrderProperties *x, const OrderProperties *y)
{
    if (x->n != y->n)
        return false;
    for (size_t i = 0; i < x->n; i++) {
        if (!str_eq(x->items[i].name, y->items[i].name) ||
            !str_eq(x->items[i].value, y->items[i].value))
            return false;
    }
    return true;
}

static Status check_properties(Cx *cx, const OrderProperties *p)
{
    if (p->n > CART_PROPERTIES_MAX)
        issue_add(&cx->issues, STR("/properties"), "too_many", "are more than %d",
                  CART_PROPERTIES_MAX);
    for (size_t i = 0; i < p->n && i < CART_PROPERTIES_MAX; i++) {
        if (p->items[i].name.len == 0 || p->items[i].name.len > 400 ||
            p->items[i].value.len > (size_t)4 * CART_PROPERTY_MAX)
            issue_add(&cx->issues, STR("/properties"), "too_long",
                      "has a name or value of a wrong "
                      "length");
    }
    if (cx->issues.total > 0)
        return cx_fail(cx, ST_INVALID, "shape.invalid", "the properties are not right");
    return ST_OK;
}

static CartBodyLine *find_same(CartBody *b, const CartItem *item)
{
    for (size_t i = 0; i < b->lines.n; i++) {
        CartBodyLine *l = &b->lines.items[i];
        bool          priced = !money_absent(item->price);
        if (l->variant_id == item->variant_id &&
            same_properties(&l->properties, &item->properties) && l->price.has == priced &&
            (!priced || l->price.v == item->price.minor))
            return l;
    }
    return NULL;
}

static CartBodyLine *new_line(Cx *cx, CartBody *b)
{
    CartBodyLine *grown = arena_array(cx->arena, CartBodyLine, b->lines.n + 1);
    if (b->lines.n > 0)
        memcpy(grown, b->lines.items, b->lines.n * sizeof *grown);
    b->lines.items = grown;
    grown[b->lines.n] = (CartBodyLine){.id = id_new()};
    return &grown[b->lines.n++];
}

static void told(Cx *cx, CartWork *w, const EventType *type, int64_t variant, int64_t qty)
{
    if (w->told == NULL)
        w->told = arena_array(cx->arena, struct CartTold, CART_LINES_MAX);
    if (w->ntold < CART_LINES_MAX)
        w->told[w->ntold++] = (struct CartTold){type, variant, qty};
}

static Status put_item(Cx *cx, CartWork *w, const Published *view, const CartItem *item)
{
    const PublishedProduct *p;
    const CatalogVariant   *v;
    if (item->qty < 1 || item->qty > CART_QTY_MAX) {
        issue_add(&cx->issues, STR("/qty"), "out_of_range", "is from 1 to %d", CART_QTY_MAX);
        return cx_fail(cx, ST_INVALID, "shape.invalid", "the quantity is not right");
    }
    TRY(check_properties(cx, &item->properties));
    TRY(cart_variant(cx, view, item->variant_id, &p, &v));
    CartBodyLine *l = find_same(&w->body, item);
    if (!l) {
        if (w->body.lines.n >= CART_LINES_MAX)
            return cx_fail(cx, ST_LIMIT, "order.cart_full", "a cart has at most %d lines",
                           CART_LINES_MAX);
        l = new_line(cx, &w->body);
    }
    int64_t before = l->qty, wanted = before + item->qty;
    l->variant_id = v->id;
    l->product_id = p->product.id;
    l->properties = item->properties;
    l->price = money_absent(item->price) ? (OptI64){0} : opt_i64(item->price.minor);
    l->qty = cart_fit_qty(v, wanted);
    l->adjusted = l->qty != wanted;
    if (l->qty > before)
        told(cx, w, &order_product_added, l->variant_id, l->qty - before);
    return ST_OK;
}

Status cart_put_items(Cx *cx, CartWork *w, const CartItem *items, size_t n, bool skip,
                      bool *ret_skipped)
{
    const Published *view;
    TRY(published_view(cx, &view));
    for (size_t i = 0; i < w->body.lines.n; i++)
        w->body.lines.items[i].adjusted = false;
    for (size_t i = 0; i < n; i++) {
        Status st = put_item(cx, w, view, &items[i]);
        if (ret_skipped != NULL)
            ret_skipped[i] = st == ST_NOT_FOUND;
        if (st == ST_NOT_FOUND && skip)
            continue;
        TRY(st);
    }
    return ST_OK;
}

typedef struct Items {
    const CartItem *items;
    size_t          n;
    bool            replace, skip;
} Items;

static Status add_edit(Cx *cx, CartWork *w, void *arg)
{
    const Items *in = arg;
    if (in->replace)
        w->body.lines.n = 0;
    TRY(cart_put_items(cx, w, in->items, in->n, in->skip, NULL));
    if (in->replace && w->body.lines.n == 0)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_variant", "none of these is sold");
    return ST_OK;
}

static bool may_price(const Cx *cx)
{
    return cx->actor.kind == ACTOR_STAFF || cx->actor.kind == ACTOR_API_KEY ||
           cx->actor.kind == ACTOR_SYSTEM;
}

Status cart_add(Cx *cx, Str token, const CartItem *items, size_t n, Cart *ret)
{
    Items in = {items, n, false, false};
    for (size_t i = 0; i < n; i++) {
        if (!money_absent(items[i].price) && (!may_price(cx) || items[i].price.minor < 0))
            return cx_fail(cx, ST_DENIED, "order.not_your_price", "prices are the shop's");
    }
    return cart_edit(cx, token, add_edit, &in, ret);
}

typedef struct Changes {
    const CartChange *items;
    size_t            n;
} Changes;

static void drop_line(Cx *cx, CartWork *w, size_t at)
{
    const CartBodyLine *l = &w->body.lines.items[at];
    told(cx, w, &order_product_removed, l->variant_id, l->qty);
    memmove(&w->body.lines.items[at], &w->body.lines.items[at + 1],
            (w->body.lines.n - at - 1) * sizeof w->body.lines.items[0]);
    w->body.lines.n--;
}

static Status set_qty(Cx *cx, CartBodyLine *l, int64_t qty)
{
    const Published        *view;
    const PublishedProduct *p;
    const CatalogVariant   *v;
    if (qty < 1 || qty > CART_QTY_MAX) {
        issue_add(&cx->issues, STR("/qty"), "out_of_range", "is from 0 to %d", CART_QTY_MAX);
        return cx_fail(cx, ST_INVALID, "shape.invalid", "the quantity is not right");
    }
    TRY(published_view(cx, &view));
    Status st = cart_variant(cx, view, l->variant_id, &p, &v);
    if (st != ST_OK && st != ST_NOT_FOUND)
        return st;
    l->qty = st == ST_OK ? cart_fit_qty(v, qty) : qty;
    l->adjusted = l->qty != qty;
    return ST_OK;
}

static Status change_edit(Cx *cx, CartWork *w, void *arg)
{
    const Changes *in = arg;
    for (size_t i = 0; i < w->body.lines.n; i++)
        w->body.lines.items[i].adjusted = false;
    for (size_t i = 0; i < in->n; i++) {
        const CartChange *change = &in->items[i];
        size_t            at = 0;
        while (at < w->body.lines.n && w->body.lines.items[at].id != change->line_id)
            at++;
        if (at == w->body.lines.n)
            return cx_fail(cx, ST_NOT_FOUND, "order.no_line", "there is no such line");
        if (change->qty.has && change->qty.v == 0) {
            drop_line(cx, w, at);
            continue;
        }
        CartBodyLine *l = &w->body.lines.items[at];
        if (change->qty.has) {
            int64_t before = l->qty;
            TRY(set_qty(cx, l, change->qty.v));
            if (l->qty > before)
                told(cx, w, &order_product_added, l->variant_id, l->qty - before);
            else if (l->qty < before)
                told(cx, w, &order_product_removed, l->variant_id, before - l->qty);
        }
        if (change->properties) {
            TRY(check_properties(cx, change->properties));
            l->properties = *change->properties;
        }
    }
    return ST_OK;
}

Status cart_change(Cx *cx, Str token, const CartChange *changes, size_t n, Cart *ret)
{
    Changes in = {changes, n};
    return cart_edit(cx, token, change_edit, &in, ret);
}

Status cart_remove(Cx *cx, Str token, int64_t line_id, Cart *ret)
{
    const CartChange change = {.line_id = line_id, .qty = opt_i64(0)};
    return cart_change(cx, token, &change, 1, ret);
}

static Status clear_edit(Cx *cx, CartWork *w, void *arg)
{
    (void)arg;
    while (w->body.lines.n > 0)
        drop_line(cx, w, w->body.lines.n - 1);
    return ST_OK;
}

Status cart_clear(Cx *cx, Str token, Cart *ret)
{
    return cart_edit(cx, token, clear_edit, NULL, ret);
}

/* --- permalinks --------------------------------------------------------------------------- */

static bool link_item(Str part, CartItem *ret)
{
    Str     variant, qty;
    int64_t id, n = 1;
    if (str_cut(part, ':', &variant, &qty) && !str_parse_i64(qty, &n))
        return false;
    if (!id_parse(variant, CATALOG_VARIANT_ID, &id) && !str_parse_i64(variant, &id))
        return false;
    *ret = (CartItem){.variant_id = id, .qty = n};
    return id >= 1 && n >= 1 && n <= CART_QTY_MAX;
}

Status cart_link_read(Cx *cx, Str items, CartItem ret[CART_LINES_MAX], size_t *ret_n)
{
    Str    rest = items, part;
    size_t n = 0;
    if (items.len == 0)
        return cx_fail(cx, ST_INVALID, "order.bad_permalink", "the link names nothing");
    while (rest.len > 0) {
        str_cut(rest, ',', &part, &rest);
        if (n == CART_LINES_MAX || !link_item(part, &ret[n]))
            return cx_fail(cx, ST_INVALID, "order.bad_permalink",
                           "a link is VARIANT:QUANTITY, separated by commas");
        n++;
    }
    *ret_n = n;
    return ST_OK;
}

Status cart_fill(Cx *cx, Str token, Str items, Cart *ret)
{
    CartItem *list = arena_array(cx->arena, CartItem, CART_LINES_MAX);
    Items     in = {.items = list, .replace = true, .skip = true};
    TRY(cart_link_read(cx, items, list, &in.n));
    return cart_edit(cx, token, add_edit, &in, ret);
}

/* --- the rest ----------------------------------------------------------------------------- */

static void check_text(Cx *cx, const char *pointer, Str s, size_t max)
{
    if (s.len > max * 4 || utf8_count(s) > max)
        issue_add(&cx->issues, str_from_cstr(pointer), "too_long", "has more than %zu characters",
                  max);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == 0x7F || (c < 0x20 && c != '\n' && c != '\r' && c != '\t')) {
            issue_add(&cx->issues, str_from_cstr(pointer), "bad_text", "has control characters");
            return;
        }
    }
}

static void check_address(Cx *cx, const OrderAddress *in)
{
    check_text(cx, "/address/first_name", in->first_name, 100);
    check_text(cx, "/address/last_name", in->last_name, 100);
    check_text(cx, "/address/company", in->company, 200);
    check_text(cx, "/address/line1", in->line1, 255);
    check_text(cx, "/address/line2", in->line2, 255);
    check_text(cx, "/address/city", in->city, 100);
    check_text(cx, "/address/zone", in->zone, 100);
    check_text(cx, "/address/postal_code", in->postal_code, 20);
    check_text(cx, "/address/country", in->country, 2);
    check_text(cx, "/address/phone", in->phone, 40);
}

static Str upper(Cx *cx, Str s)
{
    char *p = arena_array(cx->arena, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        p[i] = (char)(s.ptr[i] >= 'a' && s.ptr[i] <= 'z' ? s.ptr[i] - 32 : s.ptr[i]);
    return (Str){p, s.len};
}

static OrderAddress *tidy_address(Cx *cx, const OrderAddress *in)
{
    OrderAddress *a = arena_new(cx->arena, OrderAddress);
    *a = (OrderAddress){.first_name = str_trim(in->first_name),
                        .last_name = str_trim(in->last_name),
                        .company = str_trim(in->company),
                        .line1 = str_trim(in->line1),
                        .line2 = str_trim(in->line2),
                        .city = str_trim(in->city),
                        .zone = str_trim(in->zone),
                        .postal_code = str_trim(in->postal_code),
                        .country = upper(cx, str_trim(in->country)),
                        .phone = str_trim(in->phone)};
    return a;
}

static Status check_update(Cx *cx, const CartUpdate *in)
{
    check_text(cx, "/email", in->email, 254);
    check_text(cx, "/phone", in->phone, 40);
    check_text(cx, "/note", in->note, CART_NOTE_MAX);
    check_text(cx, "/gift_message", in->gift_message, CART_NOTE_MAX);
    check_text(cx, "/delivery/point", in->point, 255);
    check_text(cx, "/delivery/slot", in->slot, 100);
    check_text(cx, "/payment", in->payment, 64);
    check_text(cx, "/locale", in->locale, 35);
    check_text(cx, "/name", in->name, 100);
    if (in->address)
        check_address(cx, in->address);
    if (in->billing)
        check_address(cx, in->billing);
    if (in->codes.n > CART_CODES_MAX)
        issue_add(&cx->issues, STR("/codes"), "too_many", "are more than %d", CART_CODES_MAX);
    for (size_t i = 0; i < in->codes.n && i < CART_CODES_MAX; i++)
        check_text(cx, "/codes", in->codes.items[i], PROMOTION_CODE_MAX);
    if ((in->set & CART_SET_CURRENCY) && !currency_find(in->currency))
        issue_add(&cx->issues, STR("/currency"), "unknown", "is not an ISO 4217 code");
    if (cx->issues.total > 0)
        return cx_fail(cx, ST_INVALID, "shape.invalid", "some of it is not right");
    return check_properties(cx, &in->attributes);
}

static void set_contact(Cx *cx, CartWork *w, const CartUpdate *in)
{
    if (in->set & CART_SET_EMAIL)
        w->row.email = str_trim(in->email);
    if (in->set & CART_SET_PHONE)
        w->body.phone = str_trim(in->phone);
    if (in->set & CART_SET_ADDRESS)
        w->body.address = in->address ? tidy_address(cx, in->address) : NULL;
    if (in->set & CART_SET_BILLING)
        w->body.billing = in->billing ? tidy_address(cx, in->billing) : NULL;
    if (in->set & CART_SET_LOCALE)
        w->body.locale = in->locale;
    if (in->set & CART_SET_NAME)
        w->row.name = in->name;
    if (in->set & CART_SET_CURRENCY)
        w->row.currency = in->currency;
}

static void set_attributes(Cx *cx, CartWork *w, const OrderProperties *in)
{
    w->body.attributes = (OrderProperties){.items = arena_array(cx->arena, OrderProperty, in->n)};
    for (size_t i = 0; i < in->n; i++) {
        if (in->items[i].value.len > 0)
            w->body.attributes.items[w->body.attributes.n++] = in->items[i];
    }
}

static Status update_edit(Cx *cx, CartWork *w, void *arg)
{
    const CartUpdate *in = arg;
    set_contact(cx, w, in);
    if (in->set & CART_SET_NOTE)
        w->body.note = in->note;
    if (in->set & CART_SET_GIFT) {
        w->body.gift = in->gift;
        w->body.gift_message = in->gift_message;
    }
    if (in->set & CART_SET_ATTRIBUTES)
        set_attributes(cx, w, &in->attributes);
    if (in->set & CART_SET_CODES)
        w->body.codes = in->codes;
    if (in->set & CART_SET_DELIVERY) {
        w->body.method_id = in->method_id;
        w->body.point = in->point;
        w->body.slot = in->slot;
    }
    if (in->set & CART_SET_PAYMENT)
        w->body.payment = in->payment;
    if (in->set & CART_SET_ANONYMOUS)
        w->body.anonymous_id = cart_anonymous_id(cx, in->anonymous_id);
    return ST_OK;
}

Status cart_update(Cx *cx, Str token, const CartUpdate *in, Cart *ret)
{
    CartUpdate copy = *in;
    TRY(check_update(cx, in));
    return cart_edit(cx, token, update_edit, &copy, ret);
}

Status cart_set_address(Cx *cx, Str token, const OrderAddress *address, Cart *ret)
{
    const CartUpdate in = {.set = CART_SET_ADDRESS, .address = address};
    return cart_update(cx, token, &in, ret);
}

Status cart_set_delivery(Cx *cx, Str token, int64_t method_id, Str point, Str slot, Cart *ret)
{
    const CartUpdate in = {
        .set = CART_SET_DELIVERY, .method_id = method_id, .point = point, .slot = slot};
    return cart_update(cx, token, &in, ret);
}

typedef struct Code {
    Str  code;
    bool remove;
} Code;

static Status code_edit(Cx *cx, CartWork *w, void *arg)
{
    const Code *in = arg;
    Str         key = order_code_key(cx->arena, in->code);
    OrderTexts  codes = {.items = arena_array(cx->arena, Str, w->body.codes.n + 1)};
    for (size_t i = 0; i < w->body.codes.n; i++) {
        if (!str_eq(order_code_key(cx->arena, w->body.codes.items[i]), key))
            codes.items[codes.n++] = w->body.codes.items[i];
    }
    if (!in->remove && codes.n >= CART_CODES_MAX)
        return cx_fail(cx, ST_LIMIT, "order.cart_full", "a cart takes at most %d codes",
                       CART_CODES_MAX);
    if (!in->remove)
        codes.items[codes.n++] = str_trim(in->code);
    w->body.codes = codes;
    return ST_OK;
}

Status cart_apply_code(Cx *cx, Str token, Str code, Cart *ret)
{
    Code in = {code, false};
    check_text(cx, "/code", code, PROMOTION_CODE_MAX);
    if (str_trim(code).len == 0)
        issue_add(&cx->issues, STR("/code"), "required", "is empty");
    if (cx->issues.total > 0)
        return cx_fail(cx, ST_INVALID, "shape.invalid", "this is no code");
    return cart_edit(cx, token, code_edit, &in, ret);
}

Status cart_remove_code(Cx *cx, Str token, Str code, Cart *ret)
{
    Code in = {code, true};
    return cart_edit(cx, token, code_edit, &in, ret);
}
