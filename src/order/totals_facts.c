/* What conditions of promotions can ask about, made when it is asked for. */
#include "base/civil.h"
#include "base/id.h"
#include "order/totals_int.h"

#define OF(object) ((const Work *)(object)->of)

/* --- lists -------------------------------------------------------------------------------- */

static CondValue text_item(const CondValue *list, size_t i, Arena *a)
{
    (void)a;
    return cond_text(((const Str *)list->of)[i]);
}

static CondValue texts(const Str *items, size_t n)
{
    return (CondValue){.kind = COND_LIST, .n = n, .item = text_item, .of = items};
}

typedef enum ListOf {
    OF_PRODUCTS,
    OF_VARIANTS,
    OF_COLLECTIONS,
    OF_TAGS,
    OF_VENDORS,
    OF_TYPES
} ListOf;

static size_t list_of_line(const TotalsLine *l, ListOf of, Arena *a, Str *to)
{
    switch (of) {
    case OF_PRODUCTS: *to = id_format(a, "prd", l->product_id); return 1;
    case OF_VARIANTS: *to = id_format(a, "var", l->variant_id); return 1;
    case OF_VENDORS: *to = l->vendor; return 1;
    case OF_TYPES: *to = l->type; return 1;
    case OF_COLLECTIONS:
        for (size_t i = 0; i < l->collections.n; i++)
            to[i] = id_format(a, "col", l->collections.items[i]);
        return l->collections.n;
    case OF_TAGS:
        for (size_t i = 0; i < l->tags.n; i++)
            to[i] = l->tags.items[i];
        return l->tags.n;
    }
    return 0;
}

/* Of all lines that were bought. */
static CondValue list_of(const Work *w, ListOf of, Arena *a)
{
    size_t room = 1, n = 0;
    for (size_t i = 0; i < w->n; i++)
        room += 1 + w->in->lines[i].collections.n + w->in->lines[i].tags.n;
    Str *all = arena_array(a, Str, room);
    for (size_t i = 0; i < w->n; i++)
        if (w->may[i])
            n += list_of_line(&w->in->lines[i], of, a, &all[n]);
    return texts(all, n);
}

/* --- cart --------------------------------------------------------------------------------- */

static int64_t sum_of(const Work *w, char what)
{
    int64_t sum = 0;
    for (size_t i = 0; i < w->n; i++) {
        const TotalsLine *l = &w->in->lines[i];
        int64_t           grams;
        if (l->gift_of != 0)
            continue;
        if (what == 'w' && !__builtin_mul_overflow(l->weight_g, l->qty, &grams))
            sum += grams > TOTALS_AMOUNT_MAX ? TOTALS_AMOUNT_MAX : grams;
        if (what != 'w')
            sum += what == 'q' ? l->qty : 1;
    }
    return sum;
}

static CondValue cart_list(const Work *w, Str key, Arena *a)
{
    static const char *const NAMES[] = {"products", "variants", "collections",
                                        "tags",     "vendors",  "types"};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (str_eq(key, str_from_cstr(NAMES[i])))
            return list_of(w, (ListOf)i, a);
    return (CondValue){0};
}

static CondValue cart_member(const CondValue *object, Str key, Arena *a)
{
    const Work        *w = OF(object);
    const TotalsBuyer *b = &w->in->buyer;
    if (str_eq(key, STR("subtotal")))
        return cond_i64(w->subtotal);
    if (str_eq(key, STR("qty")))
        return cond_i64(sum_of(w, 'q'));
    if (str_eq(key, STR("lines")))
        return cond_i64(sum_of(w, 'l'));
    if (str_eq(key, STR("weight_g")))
        return cond_i64(sum_of(w, 'w'));
    if (str_eq(key, STR("currency")))
        return cond_text(str_from_cstr(w->in->currency));
    if (str_eq(key, STR("codes")))
        return texts(w->in->codes.items, w->in->codes.n);
    if (str_eq(key, STR("channel")))
        return cond_text(b->channel);
    if (str_eq(key, STR("market")))
        return cond_text(b->market);
    if (str_eq(key, STR("country")))
        return cond_text(b->country);
    if (str_eq(key, STR("region")))
        return cond_text(b->region);
    if (str_eq(key, STR("postal")))
        return cond_text(b->postal);
    return cart_list(w, key, a);
}

/* --- customer, time ----------------------------------------------------------------------- */

static CondValue customer_member(const CondValue *object, Str key, Arena *a)
{
    const TotalsBuyer *b = &OF(object)->in->buyer;
    if (str_eq(key, STR("id")))
        return b->customer_id ? cond_text(id_format(a, "acc", b->customer_id)) : (CondValue){0};
    if (str_eq(key, STR("signed_in")))
        return cond_bool(b->customer_id != 0);
    if (str_eq(key, STR("groups")))
        return texts(b->groups.items, b->groups.n);
    if (str_eq(key, STR("company")))
        return cond_text(b->company);
    if (str_eq(key, STR("orders")))
        return cond_i64(b->orders);
    if (str_eq(key, STR("first_order")))
        return cond_bool(b->orders == 0);
    return (CondValue){0};
}

static CondValue date_text(CivilDate d, Arena *a)
{
    char *z = arena_alloc(a, 11, 1);
    int   parts[] = {d.year / 100, d.year % 100, d.month, d.day};
    for (int i = 0, at = 0; i < 4; i++) {
        z[at++] = (char)('0' + parts[i] / 10 % 10);
        z[at++] = (char)('0' + parts[i] % 10);
        if (i == 1 || i == 2)
            z[at++] = '-';
    }
    return cond_text((Str){z, 10});
}

static CondValue time_member(const CondValue *object, Str key, Arena *a)
{
    const int64_t   DAY = 24 * 60;
    const TotalsIn *in = OF(object)->in;
    int64_t         at = in->at.v / 60000 + in->utc_offset_min;
    int64_t         days = at / DAY - (at % DAY < 0), minute = at - days * DAY;
    CivilDate       d = civil_from_days(days);
    if (str_eq(key, STR("weekday")))
        return cond_i64(civil_weekday(days) + 1);
    if (str_eq(key, STR("hour")))
        return cond_i64(minute / 60);
    if (str_eq(key, STR("minute")))
        return cond_i64(minute);
    if (str_eq(key, STR("day")))
        return cond_i64(d.day);
    if (str_eq(key, STR("month")))
        return cond_i64(d.month);
    return str_eq(key, STR("date")) ? date_text(d, a) : (CondValue){0};
}

static CondValue root_member(const CondValue *object, Str key, Arena *a)
{
    (void)a;
    if (str_eq(key, STR("cart")))
        return cond_object(cart_member, object->of);
    if (str_eq(key, STR("customer")))
        return cond_object(customer_member, object->of);
    if (str_eq(key, STR("time")))
        return cond_object(time_member, object->of);
    return (CondValue){0};
}

bool totals_conditions_hold(const Work *w, const PromotionRule *r, TotalsRefusal *ret)
{
    for (size_t i = 0; i < r->nconditions; i++)
        if (!condition_holds(r->conditions[i].holds, cond_object(root_member, w), NULL, w->a)) {
            *ret = r->conditions[i].refusal;
            return false;
        }
    return true;
}
