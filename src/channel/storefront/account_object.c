/* What templates see of the customer who is signed in. */
#include "channel/storefront/account.h"

#include "base/id.h"
#include "order/cart.h"
#include "people/country.h"
#include "people/customer.h"
#include "text/names.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ucol.h>

/* --- countries ------------------------------------------------------------------------------- */

typedef struct Named {
    const char *code;
    Str         name;
    UCollator  *order; /* qsort() has no argument of its own */
} Named;

static int by_name(const void *x, const void *y)
{
    const Named *a = x, *b = y;
    UErrorCode   st = U_ZERO_ERROR;
    if (a->order == NULL)
        return str_cmp(a->name, b->name);
    return (int)ucol_strcollUTF8(a->order, a->name.ptr, (int32_t)a->name.len, b->name.ptr,
                                 (int32_t)b->name.len, &st);
}

LiquidValue account_countries(Visit *v)
{
    size_t         n;
    const Country *all = countries(&n);
    Named         *named = arena_array(visit_arena(v), Named, n);
    LiquidValue   *items = arena_array(visit_arena(v), LiquidValue, n);
    UErrorCode     st = U_ZERO_ERROR;
    const char    *tag = str_cstr(visit_arena(v), v->tag);
    UCollator     *order = ucol_open(tag, &st);
    for (size_t i = 0; i < n; i++)
        named[i] = (Named){all[i].code, country_name(visit_arena(v), tag, all[i].code),
                           U_SUCCESS(st) ? order : NULL};
    qsort(named, n, sizeof *named, by_name);
    if (order != NULL)
        ucol_close(order);
    for (size_t i = 0; i < n; i++) {
        LiquidValue *pair = arena_array(visit_arena(v), LiquidValue, 2);
        pair[0] = liquid_text(str_from_cstr(named[i].code));
        pair[1] = liquid_text(named[i].name);
        items[i] = object_list(v, pair, 2);
    }
    return object_list(v, items, n);
}

/* --- addresses ------------------------------------------------------------------------------- */

static Str joined(Visit *v, Str a, Str b)
{
    bool both = a.len > 0 && b.len > 0;
    return visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, STR_FMT "%s" STR_FMT, STR_ARG(a),
                      both ? " " : "", STR_ARG(b));
}

LiquidValue account_address_lines(Visit *v, const PeopleAddress *a)
{
    const OrderAddress x = {.first_name = a->first_name,
                            .last_name = a->last_name,
                            .company = a->company,
                            .line1 = a->line1,
                            .line2 = a->line2,
                            .city = a->city,
                            .zone = a->zone,
                            .postal_code = a->postal_code,
                            .country = a->country};
    Str                lines[ORDER_ADDRESS_LINES];
    size_t n = order_address_lines_in(visit_arena(v), str_cstr(visit_arena(v), v->tag), &x, lines);
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, n + 1);
    for (size_t i = 0; i < n; i++)
        items[i] = liquid_text(lines[i]);
    if (a->phone.len > 0)
        items[n++] = liquid_text(a->phone);
    return object_list(v, items, n);
}

static LiquidValue address_object(Visit *v, const PeopleAddress *a)
{
    LiquidPair pairs[] = {
        {STR("id"), liquid_text(id_format(visit_arena(v), "adr", a->id))},
        {STR("first_name"), liquid_text(a->first_name)},
        {STR("last_name"), liquid_text(a->last_name)},
        {STR("name"), liquid_text(order_person_name(visit_arena(v), a->first_name, a->last_name))},
        {STR("company"), liquid_text(a->company)},
        {STR("address1"), liquid_text(a->line1)},
        {STR("address2"), liquid_text(a->line2)},
        {STR("street"), liquid_text(joined(v, a->line1, a->line2))},
        {STR("city"), liquid_text(a->city)},
        {STR("province"), liquid_text(country_zone_name(a->country, a->zone))},
        {STR("zip"), liquid_text(a->postal_code)},
        {STR("country_code"), liquid_text(a->country)},
        {STR("country"), liquid_text(country_name(visit_arena(v), str_cstr(visit_arena(v), v->tag),
                                                  str_cstr(visit_arena(v), a->country)))},
        {STR("phone"), liquid_text(a->phone)},
        {STR("is_default"), liquid_bool(a->is_default)},
        {STR("lines"), account_address_lines(v, a)},
    };
    LiquidPair *own = arena_array(visit_arena(v), LiquidPair, COUNT_OF(pairs));
    memcpy(own, pairs, sizeof pairs);
    return liquid_map(visit_arena(v), own, COUNT_OF(pairs));
}

/* --- the customer ---------------------------------------------------------------------------- */

Status account_customer(Visit *v, LiquidValue *ret)
{
    PeopleAccount     a;
    PeopleAddressList list;
    bool              marketing;
    TRY(people_account_get(v->cx, v->cx->actor.id, &a));
    TRY(people_address_list(v->cx, a.id, &list));
    TRY(people_may(v->cx, a.profile_id, STR("marketing_email"), &marketing));
    LiquidValue *addresses = arena_array(visit_arena(v), LiquidValue, list.n + 1);
    LiquidValue  usual = liquid_nil();
    for (size_t i = 0; i < list.n; i++) {
        addresses[i] = address_object(v, &list.items[i]);
        if (list.items[i].is_default)
            usual = addresses[i];
    }
    LiquidPair pairs[] = {
        {STR("id"), liquid_text(id_format(visit_arena(v), "acc", a.id))},
        {STR("email"), liquid_text(a.email)},
        {STR("first_name"), liquid_text(a.first_name)},
        {STR("last_name"), liquid_text(a.last_name)},
        {STR("name"), liquid_text(order_person_name(visit_arena(v), a.first_name, a.last_name))},
        {STR("phone"), liquid_text(a.phone)},
        {STR("has_account"), liquid_bool(true)},
        {STR("has_password"), liquid_bool(a.has_password)},
        {STR("accepts_marketing"), liquid_bool(marketing)},
        {STR("addresses"), object_list(v, addresses, list.n)},
        {STR("addresses_count"), liquid_int((int64_t)list.n)},
        {STR("default_address"), usual},
        {STR("tags"), object_list(v, NULL, 0)},
    };
    LiquidPair *own = arena_array(visit_arena(v), LiquidPair, COUNT_OF(pairs));
    memcpy(own, pairs, sizeof pairs);
    *ret = liquid_map(visit_arena(v), own, COUNT_OF(pairs));
    return ST_OK;
}
