/* What a cart can choose from. */
#include "base/id.h"
#include "base/sort.h"
#include "order/delivery_int.h"
#include "order/tax.h"

#include <string.h>

enum { GROUPS_MAX = 16 /* profiles in one cart that are told apart */ };

/* Goods of one profile. */
typedef struct Group {
    int64_t             profile;
    DeliveryLoad        load;
    const DeliveryZone *zone; /* NULL: not served */
} Group;

typedef struct Asking {
    Cx                   *cx;
    const DeliveryTables *t;
    const DeliveryAsk    *ask;
    DeliveryTo            to;
    Group                 groups[GROUPS_MAX];
    size_t                n;
    DeliveryWhen          when;
    StockParts            spread; /* what is where, for pickup */
    bool                  spread_known;
} Asking;

/* --- the goods ---------------------------------------------------------------------------- */

static Group *group_of(Asking *a, int64_t profile)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->groups[i].profile == profile)
            return &a->groups[i];
    if (a->n == GROUPS_MAX)
        return &a->groups[GROUPS_MAX - 1];
    a->groups[a->n] = (Group){.profile = profile};
    return &a->groups[a->n++];
}

static void add_line(Asking *a, const DeliveryLine *line)
{
    if (line->digital)
        return;
    DeliveryLoad *load = &group_of(a, delivery_profile_of(a->t, line->product_id))->load;
    load->weight_g += line->weight_g * line->qty;
    load->amount += line->amount;
    load->qty += line->qty;
    if (!line->backorder)
        return;
    if (!line->expected_at.has)
        a->when.unknown = true;
    else if (!a->when.expected_at.has || a->when.expected_at.v.v < line->expected_at.v.v)
        a->when.expected_at = line->expected_at;
}

/* The default profile leads, then the one with the lowest number. */
static void order_groups(Asking *a)
{
    for (size_t i = 1; i < a->n; i++) {
        Group  g = a->groups[i];
        size_t k = i;
        for (; k > 0 && a->groups[k - 1].profile > g.profile; k--)
            a->groups[k] = a->groups[k - 1];
        a->groups[k] = g;
    }
}

/* DELIVERY_FINE, or why there is nothing to choose from. */
static int begin(Asking *a)
{
    a->when.now = a->ask->now;
    a->to = (DeliveryTo){a->ask->country, a->ask->region, a->ask->postal};
    for (size_t i = 0; i < a->ask->n; i++)
        add_line(a, &a->ask->lines[i]);
    if (a->n == 0)
        return DELIVERY_NOTHING;
    if (a->ask->country.len == 0)
        return DELIVERY_NO_ADDRESS;
    order_groups(a);
    for (size_t i = 0; i < a->n; i++) {
        a->groups[i].zone = delivery_zone_of(a->t, a->groups[i].profile, &a->to);
        if (a->groups[i].zone == NULL)
            return DELIVERY_NOT_SERVED;
    }
    return DELIVERY_FINE;
}

/* --- the price over all profiles ---------------------------------------------------------- */

static bool is_sent(int kind)
{
    return kind == DELIVERY_STANDARD || kind == DELIVERY_EXPRESS;
}

/* Of another profile: the cheapest of the same kind, else the cheapest that is sent. */
static const DeliveryMethod *match(const Asking *a, const Group *g, int kind, Money *ret)
{
    const DeliveryMethod *best = NULL;
    bool                  same = false;
    for (size_t i = 0; i < a->t->methods.n; i++) {
        const DeliveryMethod *m = &a->t->methods.items[i];
        Money                 amount, to_free;
        bool                  like = m->kind == kind;
        if (m->zone_id != g->zone->id || !(like || (is_sent(m->kind) && kind != DELIVERY_PICKUP)) ||
            !delivery_rate(m, &g->load, a->ask->currency, &amount, &to_free))
            continue;
        if (best == NULL || (like && !same) || (like == same && amount.minor < ret->minor)) {
            best = m;
            same = like;
            *ret = amount;
        }
    }
    return best;
}

static void later(DeliveryPromise *p, const DeliveryPromise *q)
{
    if (p->to == 0 || q->to == 0) {
        *p = (DeliveryPromise){0};
        return;
    }
    p->from = p->from > q->from ? p->from : q->from;
    p->to = p->to > q->to ? p->to : q->to;
    if (q->order_by.has && (!p->order_by.has || q->order_by.v.v < p->order_by.v.v))
        p->order_by = q->order_by;
}

/* False: these goods do not go that way. */
static bool price(const Asking *a, const DeliveryMethod *m, DeliveryOption *o)
{
    Str locale = a->ask->locale;
    *o = (DeliveryOption){.method_id = m->id,
                          .kind = m->kind,
                          .title = order_title_in(&m->translations, locale, m->title),
                          .description =
                              order_description_in(&m->translations, locale, m->description),
                          .carrier = m->carrier,
                          .tax_class = m->tax_class};
    if (!delivery_rate(m, &a->groups[0].load, a->ask->currency, &o->amount, &o->to_free))
        return false;
    o->promise = delivery_promise(a->t, m, a->to.country, &a->when);
    for (size_t i = 1; i < a->n; i++) {
        Money                 amount = {0};
        const DeliveryMethod *other = match(a, &a->groups[i], m->kind, &amount);
        if (other == NULL ||
            __builtin_add_overflow(o->amount.minor, amount.minor, &o->amount.minor))
            return false;
        DeliveryPromise p = delivery_promise(a->t, other, a->to.country, &a->when);
        later(&o->promise, &p);
    }
    return true;
}

/* --- places to fetch it ------------------------------------------------------------------- */

static Status know_spread(Asking *a)
{
    int64_t *ids = arena_array(a->cx->arena, int64_t, a->ask->n + 1);
    size_t   n = 0;
    if (a->spread_known)
        return ST_OK;
    for (size_t i = 0; i < a->ask->n; i++)
        if (!a->ask->lines[i].digital)
            ids[n++] = a->ask->lines[i].variant_id;
    a->spread_known = true;
    return stock_spread(a->cx, ids, n, &a->spread);
}

static bool counted(const Asking *a, int64_t variant)
{
    for (size_t i = 0; i < a->spread.n; i++)
        if (a->spread.items[i].variant_id == variant)
            return true;
    return false;
}

static bool all_there(const Asking *a, int64_t location)
{
    for (size_t i = 0; i < a->ask->n; i++) {
        const DeliveryLine *line = &a->ask->lines[i];
        int64_t             there = 0, want = 0;
        if (line->digital || !counted(a, line->variant_id))
            continue;
        for (size_t k = 0; k < a->ask->n; k++)
            want += a->ask->lines[k].variant_id == line->variant_id ? a->ask->lines[k].qty : 0;
        for (size_t k = 0; k < a->spread.n; k++)
            if (a->spread.items[k].variant_id == line->variant_id &&
                a->spread.items[k].location_id == location)
                there = a->spread.items[k].qty;
        if (there < want)
            return false;
    }
    return true;
}

static bool has_location(const DeliveryMethod *m, int64_t id)
{
    for (size_t i = 0; i < m->locations.n; i++)
        if (m->locations.items[i] == id)
            return true;
    return m->locations.n == 0;
}

static Status add_shops(Asking *a, const DeliveryMethod *m, DeliveryOption *o)
{
    TRY(know_spread(a));
    o->points.items = arena_array(a->cx->arena, DeliveryOffer, a->t->shops.n + 1);
    for (size_t i = 0; i < a->t->shops.n; i++) {
        const StockLocation *l = &a->t->shops.items[i];
        if (!has_location(m, l->id))
            continue;
        DeliveryWhen   when = a->when;
        DeliveryOffer *offer = &o->points.items[o->points.n++];
        when.here = all_there(a, l->id);
        *offer = (DeliveryOffer){.id = id_format(a->cx->arena, STOCK_LOCATION_ID, l->id),
                                 .title = l->name,
                                 .line1 = l->address1,
                                 .city = l->city,
                                 .postal = l->postal,
                                 .country = l->country,
                                 .hours = STR(""),
                                 .here = when.here,
                                 .promise = delivery_promise(a->t, m, a->to.country, &when)};
    }
    return ST_OK;
}

/* Characters that two postal codes begin alike with. */
static size_t alike(Str x, Str y)
{
    size_t n = 0;
    while (n < x.len && n < y.len && (x.ptr[n] | 32) == (y.ptr[n] | 32))
        n++;
    return n;
}

static DeliveryOffer point_offer(Cx *cx, const DeliveryPoint *p, const DeliveryOption *o)
{
    return (DeliveryOffer){.id = id_format(cx->arena, DELIVERY_POINT_ID, p->id),
                           .title = p->name,
                           .line1 = p->line1,
                           .city = p->city,
                           .postal = p->postal,
                           .country = p->country,
                           .hours = p->hours,
                           .promise = o->promise};
}

static bool is_point_of(const Asking *a, const DeliveryMethod *m, const DeliveryPoint *p)
{
    return str_eq_nocase(p->country, a->to.country) &&
           (m->carrier.len == 0 || str_eq_nocase(p->carrier, m->carrier));
}

/* Those whose postal code is most like that of the address. */
static void add_points(Asking *a, const DeliveryMethod *m, DeliveryOption *o)
{
    size_t best[DELIVERY_POINTS_SHOWN], score[DELIVERY_POINTS_SHOWN], n = 0;
    for (size_t i = 0; i < a->t->points.n; i++) {
        const DeliveryPoint *p = &a->t->points.items[i];
        if (!is_point_of(a, m, p))
            continue;
        size_t fits = alike(p->postal, a->to.postal), k;
        if (n == DELIVERY_POINTS_SHOWN && fits <= score[n - 1])
            continue;
        k = n < DELIVERY_POINTS_SHOWN ? n++ : n - 1;
        for (; k > 0 && score[k - 1] < fits; k--) {
            best[k] = best[k - 1];
            score[k] = score[k - 1];
        }
        best[k] = i;
        score[k] = fits;
    }
    o->points.items = arena_array(a->cx->arena, DeliveryOffer, n + 1);
    o->points.n = n;
    for (size_t i = 0; i < n; i++)
        o->points.items[i] = point_offer(a->cx, &a->t->points.items[best[i]], o);
}

/* From the first that is free to the last; false: all are full. */
static bool promise_of_slots(DeliveryOption *o)
{
    bool any = false;
    for (size_t i = 0; i < o->slots.n; i++) {
        if (o->slots.items[i].left == 0)
            continue;
        if (!any)
            o->promise = (DeliveryPromise){.from = o->slots.items[i].day};
        o->promise.to = o->slots.items[i].day;
        any = true;
    }
    return any;
}

/* False: there is no place or time for it. */
static Status add_offers(Asking *a, const DeliveryMethod *m, DeliveryOption *o, bool *ret_any)
{
    *ret_any = true;
    if (m->kind == DELIVERY_PICKUP) {
        TRY(add_shops(a, m, o));
        *ret_any = o->points.n > 0;
        if (o->points.n > 0)
            o->promise = o->points.items[0].promise;
    } else if (m->kind == DELIVERY_PICKUP_POINT) {
        add_points(a, m, o);
        *ret_any = o->points.n > 0;
    } else if (m->kind == DELIVERY_LOCAL && m->slots.n > 0) {
        TRY(delivery_slots(a->cx, a->t, m, &a->when, &o->slots));
        *ret_any = promise_of_slots(o);
    }
    return ST_OK;
}

/* --- answers ------------------------------------------------------------------------------ */

static int by_amount(const void *x, const void *y)
{
    const DeliveryOption *p = x, *q = y;
    if (p->amount.minor != q->amount.minor)
        return p->amount.minor < q->amount.minor ? -1 : 1;
    if (p->promise.to != q->promise.to)
        return p->promise.to < q->promise.to ? -1 : 1;
    return p->method_id < q->method_id ? -1 : p->method_id > q->method_id;
}

Status order_delivery_options(Cx *cx, const DeliveryAsk *ask, DeliveryOptions *ret)
{
    Asking a = {.cx = cx, .ask = ask};
    *ret = (DeliveryOptions){0};
    TRY(delivery_tables(cx, &a.t));
    ret->problem = begin(&a);
    if (ret->problem != DELIVERY_FINE)
        return ST_OK;
    ret->items = arena_array(cx->arena, DeliveryOption, a.t->methods.n + 1);
    for (size_t i = 0; i < a.t->methods.n; i++) {
        const DeliveryMethod *m = &a.t->methods.items[i];
        DeliveryOption       *o = &ret->items[ret->n];
        bool                  any;
        if (m->zone_id != a.groups[0].zone->id || !price(&a, m, o))
            continue;
        TRY(add_offers(&a, m, o, &any));
        ret->n += any ? 1 : 0;
    }
    array_sort(ret->items, ret->n, sizeof *ret->items, by_amount);
    if (ret->n == 0)
        ret->problem = DELIVERY_NO_METHOD;
    return ST_OK;
}

static Status unavailable(Cx *cx)
{
    return cx_fail(cx, ST_CONFLICT, "order.delivery_unavailable",
                   "this way of delivery is not possible (any more)");
}

static Status choose_offer(Cx *cx, const DeliveryOffers *offers, Str id, DeliveryOption *o)
{
    for (size_t i = 0; i < offers->n; i++)
        if (str_eq(offers->items[i].id, id)) {
            o->chosen = offers->items[i];
            o->promise = o->chosen.promise;
            return ST_OK;
        }
    return unavailable(cx);
}

/* A point that is not among the nearest may have been chosen all the same. */
static Status choose_point(Asking *a, const DeliveryMethod *m, Str id, DeliveryOption *o)
{
    int64_t point;
    if (!id_parse(id, DELIVERY_POINT_ID, &point))
        return unavailable(a->cx);
    for (size_t i = 0; i < a->t->points.n; i++)
        if (a->t->points.items[i].id == point && is_point_of(a, m, &a->t->points.items[i])) {
            o->chosen = point_offer(a->cx, &a->t->points.items[i], o);
            return ST_OK;
        }
    return unavailable(a->cx);
}

Status order_delivery_choose(Cx *cx, const DeliveryAsk *ask, int64_t method_id, Str point, Str slot,
                             DeliveryOption *ret)
{
    Asking                a = {.cx = cx, .ask = ask};
    const DeliveryMethod *m = NULL;
    bool                  any;
    TRY(delivery_tables(cx, &a.t));
    if (begin(&a) != DELIVERY_FINE)
        return unavailable(cx);
    for (size_t i = 0; i < a.t->methods.n; i++)
        if (a.t->methods.items[i].id == method_id)
            m = &a.t->methods.items[i];
    if (m == NULL || m->zone_id != a.groups[0].zone->id || !price(&a, m, ret))
        return unavailable(cx);
    TRY(add_offers(&a, m, ret, &any));
    if (!any)
        return unavailable(cx);
    if (m->kind == DELIVERY_PICKUP_POINT)
        return choose_point(&a, m, point, ret);
    if (ret->points.n > 0)
        return choose_offer(cx, &ret->points, point, ret);
    if (ret->slots.n == 0)
        return ST_OK;
    TRY(choose_offer(cx, &ret->slots, slot, ret));
    if (ret->chosen.left == 0)
        return cx_fail(cx, ST_CONFLICT, "order.slot_full", "no more orders go into this slot");
    return ST_OK;
}

bool order_delivery_hint(Cx *cx, Str country, const DeliveryLine *line, Str currency, UnixMs now,
                         DeliveryOption *ret)
{
    const DeliveryAsk ask = {.country = country,
                             .region = STR(""),
                             .postal = STR(""),
                             .lines = line,
                             .n = 1,
                             .currency = currency,
                             .now = now};
    Asking            a = {.cx = cx, .ask = &ask};
    bool              found = false;
    if (delivery_tables(cx, &a.t) != ST_OK || begin(&a) != DELIVERY_FINE)
        return false;
    for (int kind = DELIVERY_STANDARD; kind <= DELIVERY_EXPRESS && !found; kind++)
        for (size_t i = 0; i < a.t->methods.n; i++) {
            const DeliveryMethod *m = &a.t->methods.items[i];
            DeliveryOption        o;
            if (m->kind != kind || m->zone_id != a.groups[0].zone->id || !price(&a, m, &o) ||
                (found && by_amount(ret, &o) <= 0))
                continue;
            *ret = o;
            found = true;
        }
    return found;
}

static int by_code(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

Str order_delivery_title(Cx *cx, int64_t method_id, Str locale, Str was)
{
    const DeliveryTables *t;
    if (delivery_tables(cx, &t) != ST_OK)
        return was;
    for (size_t i = 0; i < t->methods.n; i++) {
        const DeliveryMethod *m = &t->methods.items[i];
        if (m->id == method_id)
            return order_title_in(&m->translations, locale, m->title);
    }
    return was;
}

static bool zone_has_method(const DeliveryTables *t, int64_t zone)
{
    for (size_t i = 0; i < t->methods.n; i++)
        if (t->methods.items[i].zone_id == zone)
            return true;
    return false;
}

Status order_delivery_countries(Cx *cx, TotalsTexts *ret)
{
    const DeliveryTables *t;
    size_t                most = 0, n = 0;
    TRY(delivery_tables(cx, &t));
    for (size_t i = 0; i < t->zones.n; i++)
        most += t->zones.items[i].places.n;
    Str *all = arena_array(cx->arena, Str, most + 1);
    for (size_t i = 0; i < t->zones.n; i++)
        for (size_t k = 0; k < t->zones.items[i].places.n; k++)
            if (zone_has_method(t, t->zones.items[i].id))
                all[n++] = t->zones.items[i].places.items[k].country;
    array_sort(all, n, sizeof *all, by_code);
    size_t once = 0;
    for (size_t i = 0; i < n; i++)
        if (once == 0 || !str_eq(all[once - 1], all[i]))
            all[once++] = all[i];
    *ret = (TotalsTexts){all, once};
    return ST_OK;
}

Str order_delivery_home(Cx *cx)
{
    const DeliveryTables *t;
    TaxSettings           tax = {0};
    Str                   first = STR("");
    if (setting_get(cx, &order_tax_setting, &tax, NULL) != ST_OK ||
        delivery_tables(cx, &t) != ST_OK)
        return first;
    for (size_t i = 0; i < t->zones.n; i++)
        for (size_t k = 0; k < t->zones.items[i].places.n; k++) {
            Str country = t->zones.items[i].places.items[k].country;
            if (!zone_has_method(t, t->zones.items[i].id))
                continue;
            if (tax.home_country.len > 0 && (country.len == 0 || str_eq(country, tax.home_country)))
                return tax.home_country;
            if (first.len == 0)
                first = country;
        }
    return first;
}

int64_t order_delivery_location(Str point)
{
    int64_t id = 0;
    return id_parse(point, STOCK_LOCATION_ID, &id) ? id : 0;
}

/* --- orders ------------------------------------------------------------------------------- */

static int64_t capacity_of(const DeliveryTables *t, int64_t method, Str slot, Arena *a)
{
    int64_t day;
    if (slot.len < 10 || !delivery_date_read(str_head(slot, 10), &day))
        return 0;
    for (size_t i = 0; i < t->methods.n; i++) {
        const DeliveryMethod *m = &t->methods.items[i];
        for (size_t k = 0; m->id == method && k < m->slots.n; k++) {
            const DeliverySlot *s = &m->slots.items[k];
            if (s->weekday == civil_weekday(day) &&
                str_eq(delivery_slot_id(a, day, s->from, s->to), slot))
                return s->capacity;
        }
    }
    return 0;
}

Status order_delivery_placed(Cx *cx, int64_t order_id, int64_t method_id, Str slot,
                             int64_t promise_from, int64_t promise_to)
{
    ASSERT(cx->tx_depth > 0);
    OrderPromiseRow was;
    bool            found;
    TRY(order_sql_promise_get(cx, order_id, &found, &was));
    if (found) /* again, after a crash */
        return ST_OK;
    if (slot.len > 0) {
        const DeliveryTables *t;
        int64_t               changed = 0;
        TRY(delivery_tables(cx, &t));
        int64_t capacity = capacity_of(t, method_id, slot, cx->arena);
        if (capacity > 0)
            TRY(order_sql_delivery_slot_take(cx, method_id, slot, capacity, &changed));
        if (changed == 0)
            return cx_fail(cx, ST_CONFLICT, "order.slot_full", "no more orders go into this slot");
    }
    return order_sql_promise_put(cx, order_id, method_id, slot.ptr ? slot : STR(""), promise_from,
                                 promise_to, NULL);
}

Status order_delivery_cancelled(Cx *cx, int64_t order_id)
{
    ASSERT(cx->tx_depth > 0);
    OrderPromiseRow p;
    bool            found;
    int64_t         ended = 0;
    TRY(order_sql_promise_get(cx, order_id, &found, &p));
    if (!found)
        return ST_OK;
    TRY(order_sql_promise_end(cx, order_id, &ended));
    if (ended > 0 && p.slot.len > 0)
        TRY(order_sql_delivery_slot_give(cx, p.method_id, p.slot, NULL));
    return ST_OK;
}
