/* Profiles, zones, methods, holidays and points: what they are, and writing them. */
#include "base/id.h"
#include "core/audit.h"
#include "order/delivery_int.h"
#include "people/country.h"

#include <stdio.h>
#include <string.h>

enum { BODY_MAX = 512 << 10, POINTS_MAX = 20000, HOLIDAYS_MAX = 2000, PRODUCTS_MAX = 1000 };

const char *const        delivery_kind_names[] = {"standard",     "express", "pickup",
                                                  "pickup_point", "local",   NULL};
const char *const        delivery_problem_names[] = {"",           "nothing",   "no_address",
                                                     "not_served", "no_method", NULL};
static const char *const WEEKDAYS[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

/* --- shapes ------------------------------------------------------------------------------- */

static const ShapeField PROFILE[] = {
    SHAPE_ID(DeliveryProfile, id, DELIVERY_PROFILE_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(DeliveryProfile, title, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .example = "\"Furniture\""),
    SHAPE_INT(DeliveryProfile, products, .flags = SHAPE_READ_ONLY,
              .doc = "How many products are in it. All that are in none are in the first."),
    SHAPE_TIME(DeliveryProfile, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(DeliveryProfile, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape delivery_profile_shape = SHAPE_OF_PATCH(DeliveryProfile, "DeliveryProfile", PROFILE,
                                                    .doc = "How a group of products is delivered.");

static const ShapeField POSTAL[] = {
    SHAPE_TEXT(DeliveryPostal, from, .min = 1, .max = 16, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(DeliveryPostal, to, .max = 16, .flags = SHAPE_LINE,
               .doc = "Empty: all codes that begin with from."),
};
static const Shape postal_shape =
    SHAPE_OF(DeliveryPostal, "DeliveryPostal", POSTAL, .doc = "Postal codes, from one to another.");

static const ShapeField PLACE[] = {
    SHAPE_TEXT(DeliveryPlace, country, .max = 2, .flags = SHAPE_LINE,
               .doc = "ISO 3166-1 alpha-2; empty: everywhere.", .example = "\"NL\""),
    SHAPE_TEXTS(DeliveryPlace, regions, .max = 100, .item_max = 100,
                .doc = "States or provinces, as addresses name them; none: the whole country."),
    SHAPE_LIST(DeliveryPlace, postals, DeliveryPostal, &postal_shape, .max = 500),
};
static const Shape place_shape =
    SHAPE_OF(DeliveryPlace, "DeliveryPlace", PLACE, .doc = "A country, or a part of one.");

static const ShapeField ZONE[] = {
    SHAPE_ID(DeliveryZone, id, DELIVERY_ZONE_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_ID(DeliveryZone, profile_id, DELIVERY_PROFILE_ID,
             .doc = "The first profile, unless given."),
    SHAPE_TEXT(DeliveryZone, title, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_LIST(DeliveryZone, places, DeliveryPlace, &place_shape, .min = 1,
               .max = DELIVERY_PLACES_MAX, .flags = SHAPE_REQUIRED),
    SHAPE_TIME(DeliveryZone, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(DeliveryZone, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape delivery_zone_shape = SHAPE_OF_PATCH(
    DeliveryZone, "DeliveryZone", ZONE, .doc = "Places that goods are delivered to alike.");

#define LIMIT(member, doc_) SHAPE_INT(DeliveryRate, member, .max = SHAPE_INT_MAX, .doc = (doc_))
static const ShapeField RATE[] = {
    SHAPE_MONEY(DeliveryRate, amount, .flags = SHAPE_REQUIRED),
    LIMIT(weight_from, "Grams of all goods, from …"),
    LIMIT(weight_to, "… to less than this."),
    LIMIT(price_from, "What all goods cost, in minor units of the amount's currency, from …"),
    LIMIT(price_to, "… to less than this."),
    LIMIT(qty_from, "Pieces, from …"),
    LIMIT(qty_to, "… to less than this."),
    SHAPE_INT(DeliveryRate, step_g, .min = 1, .max = 1000000000,
              .doc = "With step_amount: that much more for each so many grams, begun, above "
                     "weight_from."),
    SHAPE_MONEY(DeliveryRate, step_amount, .flags = SHAPE_NULLABLE),
};
static const Shape rate_shape =
    SHAPE_OF(DeliveryRate, "DeliveryRate", RATE, .doc = "What it costs within limits.");

static const ShapeField SLOT[] = {
    SHAPE_ENUM(DeliverySlot, weekday, WEEKDAYS, .flags = SHAPE_REQUIRED),
    SHAPE_INT(DeliverySlot, from, .max = 1440, .flags = SHAPE_REQUIRED,
              .doc = "Minutes since midnight.", .example = "600"),
    SHAPE_INT(DeliverySlot, to, .max = 1440, .flags = SHAPE_REQUIRED, .example = "720"),
    SHAPE_INT(DeliverySlot, capacity, .min = 1, .max = 100000, .flags = SHAPE_REQUIRED,
              .doc = "Orders it takes."),
};
static const Shape slot_shape =
    SHAPE_OF(DeliverySlot, "DeliverySlot", SLOT, .doc = "Hours of a day of the week.");

#define M DeliveryMethod
static const ShapeField METHOD[] = {
    SHAPE_ID(M, id, DELIVERY_METHOD_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_ID(M, zone_id, DELIVERY_ZONE_ID, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(M, title, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .example = "\"Standard delivery\""),
    SHAPE_TEXT(M, description, .max = 500),
    SHAPE_LIST(M, translations, OrderTranslation, &order_text_shape, .max = ORDER_LOCALES_MAX,
               .doc = "For shoppers in other languages."),
    SHAPE_ENUM(M, kind, delivery_kind_names),
    SHAPE_BOOL(M, active),
    SHAPE_INT(M, position, .max = 1000000),
    SHAPE_TEXT(M, carrier, .max = 64, .flags = SHAPE_LINE, .example = "\"dhl\""),
    SHAPE_TEXT(M, tax_class, .max = 64, .flags = SHAPE_LINE),
    SHAPE_LIST(M, rates, DeliveryRate, &rate_shape, .max = DELIVERY_RATES_MAX,
               .doc = "The first that fits holds; if none does, the method is not offered."),
    SHAPE_MONEYS(M, free_over, .max = 50, .doc = "From so much on it is free; one a currency."),
    SHAPE_INT(M, handling_days, .max = 90, .doc = "Working days until it is packed."),
    SHAPE_INT(M, cutoff, .max = 1440,
              .doc = "Orders before are packed from the same day on; minutes since midnight."),
    SHAPE_INT(M, transit_min, .max = 90, .doc = "Days on which the carrier delivers, at least …"),
    SHAPE_INT(M, transit_max, .max = 90, .doc = "… and at most; null: no promise."),
    SHAPE_ENUMS(M, weekdays, WEEKDAYS, .max = 7,
                .doc = "On which the carrier delivers; none: Monday to Friday."),
    SHAPE_IDS(M, locations, "loc", .max = 200, .doc = "Of pickup; none: all that allow it."),
    SHAPE_LIST(M, slots, DeliverySlot, &slot_shape, .max = DELIVERY_SLOTS_MAX,
               .doc = "Of local delivery."),
    SHAPE_INT(M, days_ahead, .max = 90, .doc = "For how many days slots are offered; 0: 7."),
    SHAPE_INT(M, max_weight_g, .max = 1000000000),
    SHAPE_TIME(M, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(M, updated_at, .flags = SHAPE_READ_ONLY),
};
#undef M
const Shape delivery_method_shape = SHAPE_OF_PATCH(DeliveryMethod, "DeliveryMethod", METHOD,
                                                   .doc = "A way of delivery within a zone.");

static const ShapeField POINT[] = {
    SHAPE_ID(DeliveryPoint, id, DELIVERY_POINT_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(DeliveryPoint, carrier, .max = 64, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(DeliveryPoint, code, .min = 1, .max = 64, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(DeliveryPoint, name, .min = 1, .max = 200, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(DeliveryPoint, line1, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(DeliveryPoint, city, .max = 100, .flags = SHAPE_LINE),
    SHAPE_TEXT(DeliveryPoint, postal, .max = 20, .flags = SHAPE_LINE),
    SHAPE_TEXT(DeliveryPoint, country, .min = 2, .max = 2, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(DeliveryPoint, hours, .max = 255, .flags = SHAPE_LINE),
};
const Shape delivery_point_shape =
    SHAPE_OF(DeliveryPoint, "DeliveryPoint", POINT, .doc = "A locker or parcel shop.");

static const ShapeField HOLIDAY[] = {
    SHAPE_TEXT(DeliveryHoliday, date, .min = 10, .max = 10, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .example = "\"2026-12-25\""),
    SHAPE_TEXT(DeliveryHoliday, country, .max = 2, .flags = SHAPE_LINE,
               .doc =
                   "Empty: the shop's own, on which nothing is packed; else nothing is delivered "
                   "there."),
    SHAPE_BOOL(DeliveryHoliday, yearly, .doc = "Every year on this day."),
    SHAPE_TEXT(DeliveryHoliday, title, .max = 100, .flags = SHAPE_LINE),
};
const Shape delivery_holiday_shape =
    SHAPE_OF(DeliveryHoliday, "DeliveryHoliday", HOLIDAY, .doc = "A day without work.");

static const ShapeField SETTINGS[] = {
    SHAPE_INT(DeliverySettings, handling_days, .max = 90,
              .doc = "Working days until it is packed."),
    SHAPE_INT(DeliverySettings, cutoff, .max = 1440,
              .doc = "Orders before are packed from the same day on; minutes since midnight."),
    SHAPE_ENUMS(DeliverySettings, workdays, WEEKDAYS, .max = 7),
    SHAPE_BOOL(DeliverySettings, promise, .doc = "Show when things arrive."),
    SHAPE_INT(DeliverySettings, late_hours, .max = 1000,
              .doc = "How long after the promised day customers are told that it is late."),
    SHAPE_TEXT(DeliverySettings, webhook_secret, .max = 200,
               .flags = SHAPE_WRITE_ONLY | SHAPE_LINE | SHAPE_NULLABLE,
               .doc = "Signs tracking events that are sent to us; whsec_ and base64."),
};
const Shape delivery_settings_shape =
    SHAPE_OF(DeliverySettings, "DeliverySettings", SETTINGS, .doc = "When orders are packed.");
static int             WORKDAYS[] = {0, 1, 2, 3, 4};
const DeliverySettings delivery_settings_default = {
    .handling_days = 1,
    .cutoff = 14 * 60,
    .workdays = {WORKDAYS, COUNT_OF(WORKDAYS)},
    .promise = true,
    .late_hours = 12,
};
const Setting delivery_settings[1] = {DELIVERY_SETTING_LINES};

/* --- writing ------------------------------------------------------------------------------ */

static Status body_of(Cx *cx, const Shape *shape, const void *value, Str *ret)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, BODY_MAX);
    Json j = json_begin(&b);
    shape_write(&j, NULL, shape, value);
    if (buf_overflowed(&b))
        return cx_fail(cx, ST_LIMIT, "order.delivery_too_big", "more than %d bytes", BODY_MAX);
    *ret = str_dup(cx->arena, buf_str(&b));
    return ST_OK;
}

typedef struct Save {
    int64_t id; /* 0: new */
    void   *in;
    bool    gone;
} Save;

static Status run(Cx *cx, CxTxFn *fn, int64_t id, void *in)
{
    Save job = {.id = id, .in = in};
    return cx_in_tx(cx, fn, &job);
}

/* --- profiles ----------------------------------------------------------------------------- */

Status delivery_profiles(Cx *cx, DeliveryProfiles *ret)
{
    OrderDeliveryProfileRowList rows;
    TRY(order_sql_delivery_profiles(cx, DELIVERY_PROFILES_MAX, &rows));
    *ret = (DeliveryProfiles){arena_array(cx->arena, DeliveryProfile, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = (DeliveryProfile){.id = rows.items[i].id,
                                          .title = rows.items[i].title,
                                          .products = rows.items[i].products,
                                          .created_at = rows.items[i].created_ms,
                                          .updated_at = rows.items[i].updated_ms};
    return ST_OK;
}

static Status profile_find(Cx *cx, int64_t id, DeliveryProfile *ret, size_t *ret_n)
{
    DeliveryProfiles all;
    TRY(delivery_profiles(cx, &all));
    *ret_n = all.n;
    for (size_t i = 0; i < all.n; i++)
        if (all.items[i].id == id) {
            *ret = all.items[i];
            return ST_OK;
        }
    return cx_fail(cx, ST_NOT_FOUND, "order.no_delivery_profile", "there is no such profile");
}

static Status profile_tx(Cx *cx, void *arg)
{
    Save            *job = arg;
    DeliveryProfile *p = job->in, was = {0};
    size_t           n = 0;
    Status           st = profile_find(cx, job->id, &was, &n);
    if (job->id != 0)
        TRY(st);
    else if (n >= DELIVERY_PROFILES_MAX)
        return cx_fail(cx, ST_LIMIT, "order.too_many_delivery", "at most %d profiles",
                       DELIVERY_PROFILES_MAX);
    catalog_keep(&delivery_profile_shape, p, &was);
    p->id = job->id ? job->id : id_new();
    p->created_at = job->id ? was.created_at : cx->now;
    p->updated_at = cx->now;
    TRY(order_sql_delivery_profile_put(cx, p->id, p->title, cx->now, NULL));
    TRY(delivery_tell(cx));
    return audit_add(cx, "order.delivery_profile", p->id, job->id ? "update" : "create",
                     &delivery_profile_shape, job->id ? &was : NULL, p);
}

Status delivery_profile_save(Cx *cx, int64_t id, DeliveryProfile *p)
{
    DeliveryProfile copy = *p;
    TRY(run(cx, profile_tx, id, &copy));
    *p = copy;
    return ST_OK;
}

static Status profile_delete_tx(Cx *cx, void *arg)
{
    Save           *job = arg;
    DeliveryProfile was;
    size_t          n;
    TRY(profile_find(cx, job->id, &was, &n));
    if (job->id == DELIVERY_DEFAULT_PROFILE)
        return cx_fail(cx, ST_CONFLICT, "order.default_profile", "the first profile stays");
    TRY(order_sql_delivery_profile_delete(cx, job->id, NULL));
    TRY(delivery_tell(cx));
    return audit_add(cx, "order.delivery_profile", job->id, "delete", &delivery_profile_shape, &was,
                     NULL);
}

Status delivery_profile_delete(Cx *cx, int64_t id)
{
    return run(cx, profile_delete_tx, id, NULL);
}

typedef struct Take {
    int64_t        id;
    const int64_t *products;
    size_t         n;
} Take;

static Status take_tx(Cx *cx, void *arg)
{
    const Take     *job = arg;
    DeliveryProfile p;
    size_t          n;
    TRY(profile_find(cx, job->id, &p, &n));
    if (job->id == DELIVERY_DEFAULT_PROFILE) {
        TRY(order_sql_delivery_products_drop(cx, job->products, job->n, NULL));
        return delivery_tell(cx);
    }
    for (size_t i = 0; i < job->n; i++)
        TRY(order_sql_delivery_product_put(cx, job->products[i], job->id, NULL));
    return delivery_tell(cx);
}

Status delivery_profile_take(Cx *cx, int64_t id, const int64_t *products, size_t n)
{
    Take job = {id, products, n};
    if (n > PRODUCTS_MAX)
        return cx_fail(cx, ST_LIMIT, "order.too_many_delivery", "at most %d products at once",
                       PRODUCTS_MAX);
    return cx_in_tx(cx, take_tx, &job);
}

/* --- zones -------------------------------------------------------------------------------- */

/* The rest of it is as it was written, and checked then. */
static Status body_read(Cx *cx, const Shape *shape, Str body, void *ret)
{
    Issues none = {.arena = cx->arena};
    return shape_read(shape, SHAPE_PATCH, body, cx->arena, ret, &none, &cx->err);
}

Status delivery_zones(Cx *cx, DeliveryZones *ret)
{
    OrderDeliveryZoneRowList rows;
    TRY(order_sql_delivery_zones(cx, DELIVERY_ZONES_MAX, &rows));
    *ret = (DeliveryZones){arena_array(cx->arena, DeliveryZone, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        DeliveryZone *z = &ret->items[i];
        TRY(body_read(cx, &delivery_zone_shape, rows.items[i].body, z));
        z->id = rows.items[i].id;
        z->profile_id = rows.items[i].profile_id;
        z->created_at = rows.items[i].created_ms;
        z->updated_at = rows.items[i].updated_ms;
    }
    return ST_OK;
}

static Status zone_find(Cx *cx, int64_t id, DeliveryZone *ret, size_t *ret_n)
{
    DeliveryZones all;
    TRY(delivery_zones(cx, &all));
    *ret_n = all.n;
    for (size_t i = 0; i < all.n; i++)
        if (all.items[i].id == id) {
            *ret = all.items[i];
            return ST_OK;
        }
    return cx_fail(cx, ST_NOT_FOUND, "order.no_delivery_zone", "there is no such zone");
}

static void check_place(Cx *cx, DeliveryPlace *p, size_t i)
{
    char pointer[48];
    (void)snprintf(pointer, sizeof pointer, "/places/%zu/country", i);
    Str at = str_dup(cx->arena, str_from_cstr(pointer));
    if (p->country.len == 0) {
        if (p->regions.n > 0 || p->postals.n > 0)
            issue_add(&cx->issues, at, "missing", "regions and postal codes are of a country");
        return;
    }
    const Country *c = country_find(p->country);
    if (c == NULL)
        issue_add(&cx->issues, at, "not_found", "there is no such country");
    else
        p->country = str_from_cstr(c->code);
}

static Status zone_tx(Cx *cx, void *arg)
{
    Save           *job = arg;
    DeliveryZone   *z = job->in, was = {.profile_id = DELIVERY_DEFAULT_PROFILE};
    DeliveryProfile profile;
    size_t          n = 0;
    Str             body;
    Status          st = zone_find(cx, job->id, &was, &n);
    cx->issues.n = cx->issues.total = 0;
    if (job->id != 0)
        TRY(st);
    else if (n >= DELIVERY_ZONES_MAX)
        return cx_fail(cx, ST_LIMIT, "order.too_many_delivery", "at most %d zones",
                       DELIVERY_ZONES_MAX);
    catalog_keep(&delivery_zone_shape, z, &was);
    TRY(profile_find(cx, z->profile_id, &profile, &n));
    for (size_t i = 0; i < z->places.n; i++)
        check_place(cx, &z->places.items[i], i);
    TRY(cx_check_issues(cx));
    z->id = job->id ? job->id : id_new();
    z->created_at = job->id ? was.created_at : cx->now;
    z->updated_at = cx->now;
    TRY(body_of(cx, &delivery_zone_shape, z, &body));
    TRY(order_sql_delivery_zone_put(cx, z->id, z->profile_id, body, cx->now, NULL));
    TRY(delivery_tell(cx));
    return audit_add(cx, "order.delivery_zone", z->id, job->id ? "update" : "create",
                     &delivery_zone_shape, job->id ? &was : NULL, z);
}

Status delivery_zone_save(Cx *cx, int64_t id, DeliveryZone *z)
{
    DeliveryZone copy = *z;
    TRY(run(cx, zone_tx, id, &copy));
    *z = copy;
    return ST_OK;
}

static Status zone_delete_tx(Cx *cx, void *arg)
{
    Save        *job = arg;
    DeliveryZone was;
    size_t       n;
    TRY(zone_find(cx, job->id, &was, &n));
    TRY(order_sql_delivery_zone_delete(cx, job->id, NULL));
    TRY(delivery_tell(cx));
    return audit_add(cx, "order.delivery_zone", job->id, "delete", &delivery_zone_shape, &was,
                     NULL);
}

Status delivery_zone_delete(Cx *cx, int64_t id)
{
    return run(cx, zone_delete_tx, id, NULL);
}

/* --- methods ------------------------------------------------------------------------------ */

Status delivery_methods(Cx *cx, DeliveryMethods *ret)
{
    OrderDeliveryMethodRowList rows;
    TRY(order_sql_delivery_methods(cx, DELIVERY_METHODS_MAX, &rows));
    *ret = (DeliveryMethods){arena_array(cx->arena, DeliveryMethod, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        DeliveryMethod *m = &ret->items[i];
        TRY(body_read(cx, &delivery_method_shape, rows.items[i].body, m));
        m->id = rows.items[i].id;
        m->zone_id = rows.items[i].zone_id;
        m->created_at = rows.items[i].created_ms;
        m->updated_at = rows.items[i].updated_ms;
    }
    return ST_OK;
}

static Status method_find(Cx *cx, int64_t id, DeliveryMethod *ret, size_t *ret_n)
{
    DeliveryMethods all;
    TRY(delivery_methods(cx, &all));
    *ret_n = all.n;
    for (size_t i = 0; i < all.n; i++)
        if (all.items[i].id == id) {
            *ret = all.items[i];
            return ST_OK;
        }
    return cx_fail(cx, ST_NOT_FOUND, "order.no_delivery_method", "there is no such method");
}

static void issue_of(Cx *cx, const char *list, size_t i, const char *member, const char *detail)
{
    char pointer[64];
    (void)snprintf(pointer, sizeof pointer, "/%s/%zu%s", list, i, member);
    issue_add(&cx->issues, str_dup(cx->arena, str_from_cstr(pointer)), "out_of_range", "%s",
              detail);
}

static bool backwards(OptI64 from, OptI64 to)
{
    return (from.has && from.v < 0) || (to.has && to.v < 0) ||
           (from.has && to.has && from.v >= to.v);
}

static void check_rate(Cx *cx, const DeliveryRate *r, size_t i)
{
    if (r->amount.minor < 0)
        issue_of(cx, "rates", i, "/amount", "must not be negative");
    if (backwards(r->weight_from, r->weight_to))
        issue_of(cx, "rates", i, "/weight_to", "must be more than weight_from");
    if (backwards(r->price_from, r->price_to))
        issue_of(cx, "rates", i, "/price_to", "must be more than price_from");
    if (backwards(r->qty_from, r->qty_to))
        issue_of(cx, "rates", i, "/qty_to", "must be more than qty_from");
    if (!money_absent(r->step_amount) &&
        (r->step_amount.minor < 0 || strcmp(r->step_amount.cur, r->amount.cur) != 0))
        issue_of(cx, "rates", i, "/step_amount", "must be in the same currency, not negative");
}

static Status check_method(Cx *cx, const DeliveryMethod *m)
{
    for (size_t i = 0; i < m->rates.n; i++)
        check_rate(cx, &m->rates.items[i], i);
    for (size_t i = 0; i < m->free_over.n; i++)
        if (m->free_over.items[i].minor < 0)
            issue_of(cx, "free_over", i, "", "must not be negative");
    for (size_t i = 0; i < m->slots.n; i++)
        if (m->slots.items[i].from >= m->slots.items[i].to)
            issue_of(cx, "slots", i, "/to", "must be later than from");
    if (m->transit_min.has && m->transit_max.has && m->transit_min.v > m->transit_max.v)
        issue_add(&cx->issues, STR("/transit_max"), "out_of_range",
                  "must not be less than the least");
    return cx_check_issues(cx);
}

static Status method_tx(Cx *cx, void *arg)
{
    Save           *job = arg;
    DeliveryMethod *m = job->in, was = {.active = true};
    DeliveryZone    zone;
    size_t          n = 0;
    Str             body;
    Status          st = method_find(cx, job->id, &was, &n);
    cx->issues.n = cx->issues.total = 0;
    if (job->id != 0)
        TRY(st);
    else if (n >= DELIVERY_METHODS_MAX)
        return cx_fail(cx, ST_LIMIT, "order.too_many_delivery", "at most %d methods",
                       DELIVERY_METHODS_MAX);
    catalog_keep(&delivery_method_shape, m, &was);
    TRY(zone_find(cx, m->zone_id, &zone, &n));
    TRY(check_method(cx, m));
    m->id = job->id ? job->id : id_new();
    m->created_at = job->id ? was.created_at : cx->now;
    m->updated_at = cx->now;
    TRY(body_of(cx, &delivery_method_shape, m, &body));
    TRY(order_sql_delivery_method_put(cx, m->id, m->zone_id, body, cx->now, NULL));
    TRY(delivery_tell(cx));
    return audit_add(cx, "order.delivery_method", m->id, job->id ? "update" : "create",
                     &delivery_method_shape, job->id ? &was : NULL, m);
}

Status delivery_method_save(Cx *cx, int64_t id, DeliveryMethod *m)
{
    DeliveryMethod copy = *m;
    TRY(run(cx, method_tx, id, &copy));
    *m = copy;
    return ST_OK;
}

static Status method_delete_tx(Cx *cx, void *arg)
{
    Save          *job = arg;
    DeliveryMethod was;
    size_t         n;
    TRY(method_find(cx, job->id, &was, &n));
    TRY(order_sql_delivery_method_delete(cx, job->id, NULL));
    TRY(delivery_tell(cx));
    return audit_add(cx, "order.delivery_method", job->id, "delete", &delivery_method_shape, &was,
                     NULL);
}

Status delivery_method_delete(Cx *cx, int64_t id)
{
    return run(cx, method_delete_tx, id, NULL);
}

/* --- holidays, points --------------------------------------------------------------------- */

Status delivery_holidays(Cx *cx, DeliveryHolidays *ret)
{
    OrderDeliveryHolidayRowList rows;
    TRY(order_sql_delivery_holidays(cx, HOLIDAYS_MAX, &rows));
    *ret = (DeliveryHolidays){arena_array(cx->arena, DeliveryHoliday, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = (DeliveryHoliday){.date = delivery_date(cx->arena, rows.items[i].day),
                                          .country = rows.items[i].country,
                                          .yearly = rows.items[i].yearly,
                                          .title = rows.items[i].title};
    return ST_OK;
}

static Status holidays_tx(Cx *cx, void *arg)
{
    const DeliveryHolidays *list = arg;
    cx->issues.n = cx->issues.total = 0;
    TRY(order_sql_delivery_holidays_clear(cx, NULL));
    for (size_t i = 0; i < list->n && i < HOLIDAYS_MAX; i++) {
        DeliveryHoliday *h = &list->items[i];
        const Country   *c = h->country.len > 0 ? country_find(h->country) : NULL;
        int64_t          day = 0;
        if (!delivery_date_read(h->date, &day))
            issue_of(cx, "holidays", i, "/date", "must be a date like 2026-12-25");
        else if (h->country.len > 0 && c == NULL)
            issue_of(cx, "holidays", i, "/country", "there is no such country");
        else
            TRY(order_sql_delivery_holiday_add(cx, day, c ? str_from_cstr(c->code) : STR(""),
                                               h->yearly, h->title, NULL));
    }
    TRY(cx_check_issues(cx));
    return delivery_tell(cx);
}

Status delivery_holidays_put(Cx *cx, const DeliveryHolidays *list)
{
    DeliveryHolidays copy = *list;
    return cx_in_tx(cx, holidays_tx, &copy);
}

typedef struct PutPoints {
    Str                   carrier;
    const DeliveryPoints *list;
} PutPoints;

static Status points_tx(Cx *cx, void *arg)
{
    const PutPoints *job = arg;
    TRY(order_sql_delivery_points_clear(cx, job->carrier, NULL));
    for (size_t i = 0; i < job->list->n; i++) {
        const DeliveryPoint        *p = &job->list->items[i];
        const OrderDeliveryPointRow row = {.id = id_new(),
                                           .carrier = job->carrier,
                                           .code = p->code,
                                           .name = p->name,
                                           .line1 = p->line1,
                                           .city = p->city,
                                           .postal = p->postal,
                                           .country = p->country,
                                           .hours = p->hours};
        TRY(order_sql_delivery_point_add(cx, &row, NULL));
    }
    return delivery_tell(cx);
}

Status delivery_points_put(Cx *cx, Str carrier, const DeliveryPoints *list)
{
    PutPoints job = {carrier, list};
    if (list->n > POINTS_MAX)
        return cx_fail(cx, ST_LIMIT, "order.too_many_delivery", "at most %d points", POINTS_MAX);
    return cx_in_tx(cx, points_tx, &job);
}
