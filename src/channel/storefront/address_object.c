/* Addresses as forms and as letters have them, and days as people say them. */
#include "channel/storefront/account.h"
#include "channel/storefront/checkout_page.h"
#include "channel/storefront/object.h"

#include "base/civil.h"
#include "people/country.h"
#include "people/customer.h"
#include "text/messages.h"

#include <string.h>

/* --- fields ---------------------------------------------------------------------------------- */

typedef struct Field {
    const char *key; /* of the form, and last part of the pointer */
    const char *label;
    size_t      offset;
    const char *autocomplete;
    const char *type;
    const char *width; /* "half", "wide" */
    int         max;
} Field;

#define AT(member) offsetof(OrderAddress, member)
static const Field FIELDS[] = {
    {"first_name", "storefront.address.first_name", AT(first_name), "given-name", "text", "half",
     100},
    {"last_name", "storefront.address.last_name", AT(last_name), "family-name", "text", "half",
     100},
    {"company", "storefront.address.company", AT(company), "organization", "text", "wide", 100},
    {"line1", "storefront.address.line1", AT(line1), "address-line1", "text", "wide", 100},
    {"line2", "storefront.address.line2", AT(line2), "address-line2", "text", "wide", 100},
    {"postal_code", "storefront.address.postal", AT(postal_code), "postal-code", "text", "half",
     20},
    {"city", "storefront.address.city", AT(city), "address-level2", "text", "half", 100},
    {"zone", "storefront.address.zone", AT(zone), "address-level1", "text", "wide", 100},
    {"phone", "storefront.address.phone", AT(phone), "tel", "tel", "wide", 40},
};
enum { FIELD_POSTAL = 5, FIELD_CITY = 6, FIELD_ZONE = 7, FIELD_PHONE = 8 };

static Str error_of(const AddressForm *f, const char *key)
{
    char room[64];
    int  n = snprintf(room, sizeof room, "%s/%s", f->pointer, key);
    for (size_t i = 0; f->needs != NULL && i < f->needs->n; i++) {
        const CartNeed *need = &f->needs->items[i];
        bool            phone = strcmp(key, "phone") == 0 && str_eq(need->pointer, STR("/phone"));
        if (str_eq(need->pointer, (Str){room, (size_t)n}) || phone)
            return need->message;
    }
    return STR("");
}

static bool is_needed(const Country *c, const Field *field, bool phone)
{
    if (field == &FIELDS[FIELD_POSTAL])
        return c != NULL && (c->fields & COUNTRY_POSTAL_NEEDED) != 0;
    if (field == &FIELDS[FIELD_ZONE])
        return c != NULL && (c->fields & COUNTRY_ZONE_NEEDED) != 0;
    if (field == &FIELDS[FIELD_PHONE])
        return phone;
    return strcmp(field->key, "company") != 0 && strcmp(field->key, "line2") != 0 &&
           strcmp(field->key, "first_name") != 0;
}

static Str label_of(Visit *v, const Country *c, const Field *field)
{
    char room[64];
    int  n = 0;
    Lang lang = account_lang(v);
    if (field == &FIELDS[FIELD_ZONE] && c != NULL && c->zone_label != NULL)
        n = snprintf(room, sizeof room, "storefront.address.zone_%s", c->zone_label);
    if (n > 0 && message_has((Str){room, (size_t)n}))
        return message_make(visit_arena(v), lang, room, NULL, 0);
    return message_make(visit_arena(v), lang, field->label, NULL, 0);
}

Str address_label(Visit *v, Str country, Str key)
{
    for (size_t i = 0; i < COUNT_OF(FIELDS); i++)
        if (str_eq(key, str_from_cstr(FIELDS[i].key)))
            return label_of(v, country_find(country), &FIELDS[i]);
    return STR("");
}

static LiquidValue field_value(Visit *v, const AddressForm *f, const Country *c, const Field *field)
{
    Str         value = STR(""), error = error_of(f, field->key);
    bool        renews = field == &FIELDS[FIELD_POSTAL] || field == &FIELDS[FIELD_ZONE];
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 10);
    if (f->address != NULL)
        value = *(const Str *)(const void *)((const char *)f->address + field->offset);
    p[0] = (LiquidPair){STR("key"), liquid_text(str_from_cstr(field->key))};
    p[1] = (LiquidPair){STR("label"), liquid_text(label_of(v, c, field))};
    p[2] = (LiquidPair){STR("value"), liquid_text(value)};
    p[3] = (LiquidPair){STR("type"), liquid_text(str_from_cstr(field->type))};
    p[4] = (LiquidPair){STR("autocomplete"), liquid_text(str_from_cstr(field->autocomplete))};
    p[5] = (LiquidPair){STR("max"), liquid_int(field->max)};
    p[6] = (LiquidPair){STR("required"), liquid_bool(is_needed(c, field, f->phone_needed))};
    p[7] = (LiquidPair){STR("error"), error.len > 0 ? liquid_text(error) : liquid_nil()};
    p[8] = (LiquidPair){STR("width"), liquid_text(str_from_cstr(field->width))};
    p[9] = (LiquidPair){STR("renews"), liquid_bool(renews)};
    return liquid_map(visit_arena(v), p, 10);
}

/* Where people write the family's name first and the province before the street, on a page in their
 * own script. */
static bool is_from_the_large(Visit *v, const Country *c)
{
    static const char CODES[][3] = {"CN", "HK", "JP", "KR", "MO", "TW"};
    for (size_t i = 0; c != NULL && account_lang(v) == LANG_ZH && i < COUNT_OF(CODES); i++)
        if (strcmp(c->code, CODES[i]) == 0)
            return true;
    return false;
}
static const size_t FROM_THE_LARGE[] = {1, 0, 2,          FIELD_ZONE, FIELD_CITY, FIELD_POSTAL,
                                        3, 4, FIELD_PHONE};
_Static_assert(COUNT_OF(FROM_THE_LARGE) == COUNT_OF(FIELDS), "each field once");

/* Only what an address of the country has, in its order. */
static LiquidValue fields_of(Visit *v, const AddressForm *f)
{
    const Country *c = country_find(f->country);
    unsigned       has = c != NULL ? c->fields : COUNTRY_POSTAL;
    LiquidValue   *items = arena_array(visit_arena(v), LiquidValue, COUNT_OF(FIELDS));
    size_t         n = 0;
    bool           own = is_from_the_large(v, c);
    for (size_t i = 0; i < COUNT_OF(FIELDS); i++) {
        const Field *field = &FIELDS[own ? FROM_THE_LARGE[i] : i];
        bool         swap = !own && (has & COUNTRY_POSTAL_FIRST) == 0;
        if (!own && (i == FIELD_POSTAL || i == FIELD_CITY))
            field = swap ? &FIELDS[FIELD_POSTAL + FIELD_CITY - i] : field;
        if ((field == &FIELDS[FIELD_POSTAL] && (has & COUNTRY_POSTAL) == 0) ||
            (field == &FIELDS[FIELD_ZONE] && (has & COUNTRY_ZONE) == 0))
            continue;
        items[n++] = field_value(v, f, c, field);
    }
    return object_list(v, items, n);
}

/* Those that are delivered to; everywhere: all. */
static LiquidValue countries_of(Visit *v, const AddressForm *f)
{
    TotalsTexts  served = {0};
    LiquidValue  all = account_countries(v);
    LiquidValue *items;
    size_t       n = 0;
    if (f->all_countries || order_delivery_countries(v->cx, &served) != ST_OK || served.n == 0 ||
        served.items[0].len == 0)
        return all;
    items = arena_array(visit_arena(v), LiquidValue, all.array->n + 1);
    for (size_t i = 0; i < all.array->n; i++) {
        Str code = liquid_str(all.array->items[i].array->items[0]);
        for (size_t k = 0; k < served.n; k++)
            if (str_eq(code, served.items[k]))
                items[n++] = all.array->items[i];
    }
    return object_list(v, items, n);
}

LiquidValue address_form(Visit *v, const AddressForm *f)
{
    Str         error = error_of(f, "country");
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 5);
    p[0] = (LiquidPair){STR("prefix"), liquid_text(str_from_cstr(f->prefix))};
    p[1] = (LiquidPair){STR("fields"), fields_of(v, f)};
    p[2] = (LiquidPair){STR("countries"), countries_of(v, f)};
    p[3] = (LiquidPair){STR("country"), liquid_text(f->country)};
    p[4] = (LiquidPair){STR("country_error"), error.len > 0 ? liquid_text(error) : liquid_nil()};
    return liquid_map(visit_arena(v), p, 5);
}

static bool is_served(const TotalsTexts *served, const Country *c)
{
    for (size_t i = 0; c != NULL && i < served->n; i++)
        if (served->items[i].len == 0 || str_eq(served->items[i], str_from_cstr(c->code)))
            return true;
    return false;
}

/* "en-GB,en;q=0.9": the country that a browser names first; NULL: none. */
static const Country *browser_country(const Visit *v)
{
    Str rest = http_header(v->rq, STR("Accept-Language")), tag;
    while (rest.len > 0) {
        str_cut(rest, ',', &tag, &rest);
        tag = str_trim(tag);
        if (tag.len >= 5 && tag.ptr[2] == '-' && country_find((Str){tag.ptr + 3, 2}) != NULL)
            return country_find((Str){tag.ptr + 3, 2});
    }
    return NULL;
}

Str likely_country(Visit *v, bool browser)
{
    TotalsTexts    served = {0};
    bool           uk = str_starts(v->tag, STR("uk"));
    const Country *own = country_find(uk ? STR("UA") : str_head(v->tag, 2));
    const Country *told = browser ? browser_country(v) : NULL;
    if (order_delivery_countries(v->cx, &served) != ST_OK || served.n == 0)
        return STR("");
    if (is_served(&served, told))
        return str_from_cstr(told->code);
    if (v->translated && is_served(&served, own))
        return str_from_cstr(own->code);
    return order_delivery_home(v->cx);
}

/* --- letters --------------------------------------------------------------------------------- */

LiquidValue address_lines(Visit *v, const OrderAddress *a)
{
    PeopleAddress p = {.first_name = a->first_name,
                       .last_name = a->last_name,
                       .company = a->company,
                       .line1 = a->line1,
                       .line2 = a->line2,
                       .city = a->city,
                       .zone = a->zone,
                       .postal_code = a->postal_code,
                       .country = a->country,
                       .phone = a->phone};
    return account_address_lines(v, &p);
}

/* --- days ------------------------------------------------------------------------------------ */

Str promise_day(Visit *v, int64_t day)
{
    /* Noon of the day in UTC is on that day nearly everywhere: it is only written, as UTC. */
    UnixMs at = {day * 86400000 + 43200000};
    return locale_date_skeleton(visit_arena(v), v->locale, at, STR("UTC"), STR("EEEdMMM"));
}

Str promise_text(Visit *v, DeliveryPromise promise, bool fetched)
{
    Lang lang = account_lang(v);
    if (promise.from == 0)
        return STR("");
    Str from = promise_day(v, promise.from), to = promise_day(v, promise.to);
    if (fetched)
        return message(visit_arena(v), lang, "storefront.promise.fetch", msg_s("day", from));
    if (promise.to <= promise.from)
        return message(visit_arena(v), lang, "storefront.promise.on", msg_s("day", from));
    return message(visit_arena(v), lang, "storefront.promise.between", msg_s("from", from),
                   msg_s("to", to));
}

static int64_t day_of(Str s)
{
    int64_t y, m, d;
    if (s.len != 10 || !str_parse_i64(str_head(s, 4), &y) ||
        !str_parse_i64((Str){s.ptr + 5, 2}, &m) || !str_parse_i64((Str){s.ptr + 8, 2}, &d))
        return 0;
    CivilDate date = {(int)y, (int)m, (int)d};
    return civil_valid(date) ? civil_to_days(date) : 0;
}

Str promise_of_days(Visit *v, Str from, Str to, bool fetched)
{
    return promise_text(v, (DeliveryPromise){.from = day_of(from), .to = day_of(to)}, fetched);
}

/* --- on the page of a product ----------------------------------------------------------------- */

/* "Arrives 3 – 5 March if you order by 14:00, free delivery": holds until the cut-off. */
LiquidValue promise_of_variant(Visit *v, const CatalogVariant *x, int64_t product_id)
{
    Lang           lang = account_lang(v);
    Arena         *a = visit_arena(v);
    DeliveryOption o = {0};
    DeliveryLine   line = {.variant_id = x->id,
                           .product_id = product_id,
                           .qty = 1,
                           .digital = !x->requires_shipping,
                           .backorder = catalog_variant_availability(x) != CATALOG_IN_STOCK,
                           .expected_at = catalog_variant_more_at(x, v->cx->now)};
    Str            country = likely_country(v, false);
    visit_reads_page(v); /* the time: no part of pages that are kept by themselves */
    if (!x->requires_shipping || !variant_available(x) || country.len == 0 ||
        !order_delivery_hint(v->cx, country, &line, v->currency, v->cx->now, &o) ||
        o.promise.from == 0)
        return liquid_nil();
    Str     text = promise_text(v, o.promise, false);
    int64_t until = o.promise.order_by.has ? o.promise.order_by.v.v : v->cx->now.v + 3600000;
    visit_good_until(v, (UnixMs){until});
    if (o.promise.order_by.has && until - v->cx->now.v < 86400000)
        text = message(a, lang, "storefront.promise.order_by", msg_s("promise", text),
                       msg_s("time", locale_date_skeleton(a, v->locale, o.promise.order_by.v,
                                                          v->shop->time_zone, STR("Hm"))));
    Str cost = o.amount.minor == 0
                   ? message(a, lang, "storefront.promise.free", MSG_NONE)
                   : message(a, lang, "storefront.promise.cost",
                             msg_s("amount", locale_money(a, v->locale, o.amount, MONEY_SYMBOL)));
    return liquid_text(visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, STR_FMT ", " STR_FMT,
                                  STR_ARG(text), STR_ARG(cost)));
}
