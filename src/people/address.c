#include "people/customer_int.h"

#include "base/id.h"
#include "people/country.h"

enum { LINE = 100 };

static const ShapeField ADDRESS_FIELDS[] = {
    SHAPE_ID(PeopleAddress, id, "adr"),
    SHAPE_TEXT(PeopleAddress, first_name),
    SHAPE_TEXT(PeopleAddress, last_name),
    SHAPE_TEXT(PeopleAddress, company),
    SHAPE_TEXT(PeopleAddress, line1),
    SHAPE_TEXT(PeopleAddress, line2),
    SHAPE_TEXT(PeopleAddress, city),
    SHAPE_TEXT(PeopleAddress, zone, .doc = "State, province, prefecture."),
    SHAPE_TEXT(PeopleAddress, postal_code),
    SHAPE_TEXT(PeopleAddress, country, .doc = "ISO 3166."),
    SHAPE_TEXT(PeopleAddress, phone),
    SHAPE_BOOL(PeopleAddress, is_default),
    SHAPE_INT(PeopleAddress, rev, .doc = "Grows with every change; the ETag."),
    SHAPE_TIME(PeopleAddress, created_at),
    SHAPE_TIME(PeopleAddress, updated_at),
};
const Shape people_address_shape =
    SHAPE_OF(PeopleAddress, "Address", ADDRESS_FIELDS, .doc = "Where things are sent.");

static const ShapeField ADDRESS_INPUT_FIELDS[] = {
    SHAPE_TEXT(PeopleAddressInput, first_name, .max = LINE, .flags = SHAPE_LINE),
    SHAPE_TEXT(PeopleAddressInput, last_name, .max = LINE, .flags = SHAPE_LINE),
    SHAPE_TEXT(PeopleAddressInput, company, .max = LINE, .flags = SHAPE_LINE),
    SHAPE_TEXT(PeopleAddressInput, line1, .max = LINE, .flags = SHAPE_LINE | SHAPE_REQUIRED,
               .doc = "Street and number."),
    SHAPE_TEXT(PeopleAddressInput, line2, .max = LINE, .flags = SHAPE_LINE),
    SHAPE_TEXT(PeopleAddressInput, city, .max = LINE, .flags = SHAPE_LINE | SHAPE_REQUIRED),
    SHAPE_TEXT(PeopleAddressInput, zone, .max = LINE, .flags = SHAPE_LINE,
               .doc = "Where the country's addresses have one: /store/v1/countries."),
    SHAPE_TEXT(PeopleAddressInput, postal_code, .max = 20, .flags = SHAPE_LINE),
    SHAPE_TEXT(PeopleAddressInput, country, .min = 2, .max = 2,
               .flags = SHAPE_LINE | SHAPE_REQUIRED, .doc = "ISO 3166."),
    SHAPE_TEXT(PeopleAddressInput, phone, .max = 40, .flags = SHAPE_LINE),
    SHAPE_BOOL(PeopleAddressInput, is_default),
};
const Shape people_address_input_shape =
    SHAPE_OF_PATCH(PeopleAddressInput, "AddressInput", ADDRESS_INPUT_FIELDS,
                   .doc = "An address to be added or changed.");

enum { GIVEN_DEFAULT = 1 << 10 };

static PeopleAddress address_of(const PeopleAddressRow *r)
{
    return (PeopleAddress){.id = r->id,
                           .first_name = r->first_name,
                           .last_name = r->last_name,
                           .company = r->company,
                           .line1 = r->line1,
                           .line2 = r->line2,
                           .city = r->city,
                           .zone = r->zone,
                           .postal_code = r->postal_code,
                           .country = r->country,
                           .phone = r->phone,
                           .is_default = r->is_default,
                           .rev = r->rev,
                           .created_at = r->created_ms,
                           .updated_at = r->updated_ms};
}

static Status get_row(Cx *cx, int64_t account_id, int64_t id, PeopleAddressRow *ret)
{
    TRY(people_sql_address_get(cx, id, ret));
    if (ret->account_id != account_id)
        return cx_fail(cx, ST_NOT_FOUND, "people.no_address", "there is no such address");
    return ST_OK;
}

Status people_address_list(Cx *cx, int64_t account_id, PeopleAddressList *ret)
{
    PeopleAddressRowList rows;
    TRY(people_sql_address_of(cx, account_id, PEOPLE_ADDRESSES_MAX, &rows));
    PeopleAddressList list = {.items = arena_array(cx->arena, PeopleAddress, rows.n + 1),
                              .n = rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = address_of(&rows.items[i]);
    *ret = list;
    return ST_OK;
}

Status people_address_get(Cx *cx, int64_t account_id, int64_t id, PeopleAddress *ret)
{
    PeopleAddressRow row;
    TRY(get_row(cx, account_id, id, &row));
    *ret = address_of(&row);
    return ST_OK;
}

/* --- what is taken --------------------------------------------------------------------------- */

static void needed(Cx *cx, const char *pointer, Str value)
{
    if (value.len == 0)
        issue_add(&cx->issues, str_from_cstr(pointer), "required", "is missing");
}

static Str upper(Arena *a, Str s)
{
    char *out = arena_array(a, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        out[i] = (char)(s.ptr[i] >= 'a' && s.ptr[i] <= 'z' ? s.ptr[i] - ('a' - 'A') : s.ptr[i]);
    return (Str){out, s.len};
}

static Status check(Cx *cx, PeopleAddressRow *row)
{
    const Country *c = country_find(row->country);
    needed(cx, "/line1", row->line1);
    needed(cx, "/city", row->city);
    if (row->last_name.len == 0 && row->first_name.len == 0)
        needed(cx, "/last_name", row->company);
    if (c == NULL) {
        issue_add(&cx->issues, STR("/country"), "not_one_of", "is no country that post goes to");
        return people_check_issues(cx);
    }
    row->country = upper(cx->arena, row->country);
    if ((c->fields & COUNTRY_POSTAL) == 0)
        row->postal_code = STR("");
    else if (row->postal_code.len > 0 || (c->fields & COUNTRY_POSTAL_NEEDED)) {
        needed(cx, "/postal_code", row->postal_code);
        row->postal_code = upper(cx->arena, row->postal_code);
        if (row->postal_code.len > 0 && !country_postal_fits(c, row->postal_code))
            issue_add(&cx->issues, STR("/postal_code"), "bad_format",
                      "is no postal code of this country");
    }
    if ((c->fields & COUNTRY_ZONE) == 0)
        row->zone = STR("");
    else if (c->fields & COUNTRY_ZONE_NEEDED)
        needed(cx, "/zone", row->zone);
    return people_check_issues(cx);
}

/* The given fields of `in` into the row. */
static void take(const PeopleAddressInput *in, bool all, PeopleAddressRow *row)
{
    Str *const       to[] = {&row->first_name, &row->last_name, &row->company, &row->line1,
                             &row->line2,      &row->city,      &row->zone,    &row->postal_code,
                             &row->country,    &row->phone};
    const Str *const from[] = {&in->first_name, &in->last_name, &in->company, &in->line1,
                               &in->line2,      &in->city,      &in->zone,    &in->postal_code,
                               &in->country,    &in->phone};
    for (size_t i = 0; i < COUNT_OF(to); i++) {
        if (all || (in->given & (UINT64_C(1) << i)))
            *to[i] = *from[i];
        if (to[i]->ptr == NULL)
            *to[i] = STR("");
    }
}

/* --- changing -------------------------------------------------------------------------------- */

typedef struct Change {
    int64_t                   account_id, id, rev;
    const PeopleAddressInput *in;
    PeopleAddressRow          row;
} Change;

static Status add_tx(Cx *cx, void *arg)
{
    Change              *c = arg;
    PeopleAddressRowList rows;
    PeopleAccountRow     account;
    TRY(people_sql_account_get(cx, c->account_id, &account));
    TRY(people_sql_address_of(cx, c->account_id, PEOPLE_ADDRESSES_MAX, &rows));
    if (rows.n >= PEOPLE_ADDRESSES_MAX)
        return cx_fail(cx, ST_LIMIT, "people.too_many_addresses",
                       "an account has at most %d addresses", PEOPLE_ADDRESSES_MAX);
    c->row = (PeopleAddressRow){.id = id_new(),
                                .account_id = c->account_id,
                                .rev = 1,
                                .created_ms = cx->now,
                                .updated_ms = cx->now};
    take(c->in, true, &c->row);
    TRY(check(cx, &c->row));
    c->row.is_default = rows.n == 0 || c->in->is_default;
    if (c->row.is_default)
        TRY(people_sql_address_no_default(cx, c->account_id, NULL));
    TRY(people_sql_address_add(cx, &c->row, NULL));
    TRY(audit_add(cx, "people.address", c->row.id, "create", NULL, NULL, NULL));
    return people_account_refresh(cx, &account);
}

Status people_address_add(Cx *cx, int64_t account_id, const PeopleAddressInput *in,
                          PeopleAddress *ret)
{
    Change c = {.account_id = account_id, .in = in};
    TRY(cx_in_tx(cx, add_tx, &c));
    *ret = address_of(&c.row);
    return ST_OK;
}

static Status update_tx(Cx *cx, void *arg)
{
    Change          *c = arg;
    PeopleAccountRow account;
    int64_t          changed;
    TRY(people_sql_account_get(cx, c->account_id, &account));
    TRY(get_row(cx, c->account_id, c->id, &c->row));
    if (c->rev != 0 && c->rev != c->row.rev)
        return cx_fail(cx, ST_STALE, "people.stale", "somebody changed it since");
    take(c->in, false, &c->row);
    TRY(check(cx, &c->row));
    /* The default is given to another address, not taken away. */
    bool now_default = (c->in->given & GIVEN_DEFAULT) && c->in->is_default;
    if (now_default && !c->row.is_default)
        TRY(people_sql_address_no_default(cx, c->account_id, NULL));
    c->row.is_default |= now_default;
    c->row.updated_ms = cx->now;
    TRY(people_sql_address_set(cx, &c->row, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_STALE, "people.stale", "somebody changed it since");
    c->row.rev++;
    TRY(audit_add(cx, "people.address", c->row.id, "update", NULL, NULL, NULL));
    return people_account_refresh(cx, &account);
}

Status people_address_update(Cx *cx, int64_t account_id, int64_t id, int64_t rev,
                             const PeopleAddressInput *in, PeopleAddress *ret)
{
    Change c = {.account_id = account_id, .id = id, .rev = rev, .in = in};
    TRY(cx_in_tx(cx, update_tx, &c));
    *ret = address_of(&c.row);
    return ST_OK;
}

static Status remove_tx(Cx *cx, void *arg)
{
    Change              *c = arg;
    PeopleAddressRowList rows;
    PeopleAccountRow     account;
    TRY(people_sql_account_get(cx, c->account_id, &account));
    TRY(get_row(cx, c->account_id, c->id, &c->row));
    TRY(people_sql_address_remove(cx, c->id, NULL));
    TRY(people_sql_address_of(cx, c->account_id, 1, &rows));
    if (c->row.is_default && rows.n > 0)
        TRY(people_sql_address_make_default(cx, rows.items[0].id, NULL));
    TRY(audit_add(cx, "people.address", c->id, "delete", NULL, NULL, NULL));
    return people_account_refresh(cx, &account);
}

Status people_address_remove(Cx *cx, int64_t account_id, int64_t id)
{
    Change c = {.account_id = account_id, .id = id};
    return cx_in_tx(cx, remove_tx, &c);
}
