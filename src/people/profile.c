/* Profiles: what a component of identifiers adds up to. */
#include "people/identity_int.h"

#include "base/id.h"
#include "base/utf8.h"
#include "text/text.h"

#include <string.h>

static const ShapeField PROFILE_FIELDS[] = {
    SHAPE_ID(PeopleProfile, id, "cus"),
    SHAPE_INT(PeopleProfile, identifiers, .doc = "How many identifiers name them."),
    SHAPE_ID(PeopleProfile, account_id, "acc", .doc = "What they sign in with."),
    SHAPE_TEXT(PeopleProfile, email, .flags = SHAPE_NULLABLE),
    SHAPE_TEXT(PeopleProfile, phone, .flags = SHAPE_NULLABLE),
    SHAPE_TEXT(PeopleProfile, name, .flags = SHAPE_NULLABLE),
    SHAPE_TEXT(PeopleProfile, country, .flags = SHAPE_NULLABLE, .doc = "ISO 3166."),
    SHAPE_TEXT(PeopleProfile, locale, .flags = SHAPE_NULLABLE, .doc = "BCP 47."),
    SHAPE_TEXT(PeopleProfile, lifecycle,
               .doc = "anonymous, lead (an address is known) or customer (has an account)."),
    SHAPE_JSON(PeopleProfile, traits, .flags = SHAPE_NULLABLE,
               .doc = "What counts of all that was told; null in lists."),
    SHAPE_TIME(PeopleProfile, created_at),
    SHAPE_TIME(PeopleProfile, seen_at, .doc = "To the hour."),
};
const Shape people_profile_shape =
    SHAPE_OF(PeopleProfile, "Customer", PROFILE_FIELDS, .doc = "Somebody, as far as we know.");

Str people_actor_text(Cx *cx)
{
    const Actor          *who = &cx->actor;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    switch (who->kind) {
    case ACTOR_CUSTOMER: id_add(&b, "acc", who->id); break;
    case ACTOR_STAFF: id_add(&b, "stf", who->id); break;
    case ACTOR_API_KEY: id_add(&b, "rap", who->id); break;
    case ACTOR_SYSTEM: return STR("system");
    case ACTOR_ANONYMOUS: return STR("anonymous");
    }
    return str_dup(cx->arena, buf_str(&b));
}

/* --- what it adds up to ---------------------------------------------------------------------- */

static Str joined(Arena *a, Str first, Str last)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4096);
    buf_add(&b, first);
    if (first.len > 0 && last.len > 0)
        buf_addc(&b, ' ');
    buf_add(&b, last);
    return b.len > 0 ? str_dup(a, buf_str(&b)) : (Str){0};
}

/* The text of one of these traits; absent when none of them is a text. */
static Str trait_text(Cx *cx, const PeopleTraitRowList *traits, const char *const *names)
{
    for (; *names != NULL; names++) {
        for (size_t i = 0; i < traits->n; i++) {
            const JsonValue *v;
            Err              err = {0};
            if (str_eq(traits->items[i].name, str_from_cstr(*names)) &&
                json_parse(cx->arena, traits->items[i].value, &v, &err) == ST_OK &&
                v->type == JSON_STRING && v->text.len > 0)
                return utf8_truncate_bytes(v->text, 255);
        }
    }
    return (Str){0};
}

static Str name_of(Cx *cx, const PeopleTraitRowList *traits)
{
    static const char *const NAME[] = {"name", NULL};
    static const char *const FIRST[] = {"firstName", "first_name", "firstname", NULL};
    static const char *const LAST[] = {"lastName", "last_name", "lastname", NULL};
    Str                      name = trait_text(cx, traits, NAME);
    if (name.len > 0)
        return name;
    return joined(cx->arena, trait_text(cx, traits, FIRST), trait_text(cx, traits, LAST));
}

/* The identifier of a namespace to show: a verified one, else the one seen last. */
static Str best_of(const PeopleIdentifierRowList *rows, int ns)
{
    const PeopleIdentifierRow *best = NULL;
    for (size_t i = 0; i < rows->n; i++) {
        const PeopleIdentifierRow *r = &rows->items[i];
        if (r->namespace != ns)
            continue;
        if (best == NULL || (r->verified_ms.has && !best->verified_ms.has) ||
            (r->verified_ms.has == best->verified_ms.has && r->seen_ms.v > best->seen_ms.v))
            best = r;
    }
    return best != NULL ? best->value : (Str){0};
}

/* The account among these identifiers that was used last; those of other systems have none. */
static Status account_among(Cx *cx, const PeopleIdentifierRowList *rows, bool *ret_found,
                            PeopleAccountRow *ret)
{
    PeopleAccountRowList accounts;
    int64_t             *ids = arena_array(cx->arena, int64_t, rows->n + 1);
    size_t               n = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (rows->items[i].namespace == PEOPLE_USER_ID)
            ids[n++] = rows->items[i].id;
    *ret_found = false;
    if (n == 0)
        return ST_OK;
    TRY(people_sql_account_by_identifiers(cx, ids, n, 100, &accounts));
    const PeopleAccountRow *best = NULL;
    for (size_t i = 0; i < accounts.n; i++)
        if (best == NULL || accounts.items[i].last_login_ms.v.v > best->last_login_ms.v.v)
            best = &accounts.items[i];
    if (best == NULL)
        return ST_OK;
    *ret = *best;
    *ret_found = true;
    return ST_OK;
}

static void take_account(Cx *cx, const PeopleAccountRow *account, PeopleProfileRow *row)
{
    Str name = joined(cx->arena, account->first_name, account->last_name);
    row->account_id = opt_i64(account->id);
    if (name.len > 0)
        row->name = name;
    if (account->email.len > 0)
        row->email = account->email;
    if (account->locale.len > 0)
        row->locale = account->locale;
    if (account->phone.len > 0)
        row->phone = account->phone;
}

static Status work_out(Cx *cx, const PeopleIdentifierRowList *rows, PeopleProfileRow *ret)
{
    static const char *const COUNTRY[] = {"country", "country_code", NULL};
    static const char *const LOCALE[] = {"locale", "language", NULL};
    PeopleTraitRowList       traits;
    PeopleAccountRow         account;
    bool                     has_account;
    PeopleIds                ids = people_member_ids(cx->arena, rows);
    TRY(people_traits_of(cx, &ids, &traits));
    TRY(account_among(cx, rows, &has_account, &account));
    *ret = (PeopleProfileRow){.id = rows->items[0].profile_id,
                              .identifiers = (int64_t)rows->n,
                              .email = best_of(rows, PEOPLE_EMAIL),
                              .phone = best_of(rows, PEOPLE_PHONE),
                              .name = name_of(cx, &traits),
                              .country = trait_text(cx, &traits, COUNTRY),
                              .locale = trait_text(cx, &traits, LOCALE),
                              .created_ms = rows->items[0].created_ms,
                              .seen_ms = rows->items[0].seen_ms};
    for (size_t i = 1; i < rows->n; i++) {
        if (rows->items[i].created_ms.v < ret->created_ms.v)
            ret->created_ms = rows->items[i].created_ms;
        if (rows->items[i].seen_ms.v > ret->seen_ms.v)
            ret->seen_ms = rows->items[i].seen_ms;
    }
    if (has_account)
        take_account(cx, &account, ret);
    ret->name_key = ret->name.len > 0 ? text_fold(cx->arena, ret->name) : STR("");
    ret->known = has_account || ret->email.len > 0 || ret->phone.len > 0;
    return ST_OK;
}

Status people_profile_refresh(Cx *cx, int64_t profile_id)
{
    PeopleIdentifierRowList rows;
    PeopleProfileRow        row;
    TRY(people_sql_identifier_of_profile(cx, profile_id, PEOPLE_IDENTIFIERS_MAX + 1, &rows));
    if (rows.n == 0)
        return people_sql_profile_remove(cx, profile_id, NULL);
    TRY(work_out(cx, &rows, &row));
    return people_sql_profile_put(cx, &row, NULL);
}

/* --- reading --------------------------------------------------------------------------------- */

static PeopleProfile profile_of(const PeopleProfileRow *r)
{
    return (PeopleProfile){.id = r->id,
                           .identifiers = r->identifiers,
                           .account_id = r->account_id,
                           .email = r->email,
                           .phone = r->phone,
                           .name = r->name,
                           .country = r->country,
                           .locale = r->locale,
                           .lifecycle = r->account_id.has ? STR("customer")
                                        : r->known        ? STR("lead")
                                                          : STR("anonymous"),
                           .created_at = r->created_ms,
                           .seen_at = r->seen_ms};
}

static Status traits_json(Cx *cx, int64_t profile_id, Str *ret)
{
    PeopleIdentifierRowList rows;
    PeopleTraitRowList      traits;
    CLEANUP(buf_done) Buf   b;
    buf_init(&b, (size_t)PEOPLE_TRAITS_MAX * PEOPLE_IDENTIFIERS_MAX * 64);
    TRY(people_members(cx, profile_id, &rows));
    PeopleIds ids = people_member_ids(cx->arena, &rows);
    TRY(people_traits_of(cx, &ids, &traits));
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (size_t i = 0; i < traits.n; i++) {
        json_key(&j, traits.items[i].name);
        json_raw(&j, NULL, traits.items[i].value);
    }
    json_end(&j);
    if (buf_overflowed(&b))
        return cx_fail(cx, ST_LIMIT, "people.too_many_traits", "more traits than can be shown");
    *ret = str_dup(cx->arena, buf_str(&b));
    return ST_OK;
}

Status people_profile_get(Cx *cx, int64_t id, PeopleProfile *ret)
{
    PeopleIdentifierRow row;
    PeopleProfileRow    profile;
    TRY(people_sql_identifier_get(cx, id, &row));
    TRY(people_sql_profile_get(cx, row.profile_id, &profile));
    PeopleProfile p = profile_of(&profile);
    TRY(traits_json(cx, p.id, &p.traits));
    *ret = p;
    return ST_OK;
}

Status people_find(Cx *cx, int ns, Str value, PeopleProfile *ret)
{
    Str                 normal;
    bool                found = false;
    PeopleIdentifierRow row;
    if (people_normalise(cx->arena, ns, value, &normal))
        TRY(people_sql_identifier_find(cx, ns, normal, &found, &row));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "people.no_customer", "nobody is known by this");
    return people_profile_get(cx, row.id, ret);
}

static void profiles_of(Cx *cx, const PeopleProfileRowList *rows, PeopleProfileList *ret)
{
    PeopleProfileList list = {.items = arena_array(cx->arena, PeopleProfile, rows->n + 1),
                              .n = rows->n};
    for (size_t i = 0; i < rows->n; i++)
        list.items[i] = profile_of(&rows->items[i]);
    *ret = list;
}

Status people_profile_list(Cx *cx, const PeopleRange *range, PeopleProfileList *ret)
{
    PeopleProfileRowList rows;
    if (range->backwards)
        TRY(people_sql_profile_page_back(cx, range->id, range->limit, &rows));
    else
        TRY(people_sql_profile_page(cx, range->from ? range->id : INT64_MAX, range->limit, &rows));
    profiles_of(cx, &rows, ret);
    return ST_OK;
}

/* --- searching ------------------------------------------------------------------------------- */

enum { FOUND_MAX = 50 };

/* The first text that does not begin so: UTF-8 has no byte above 0xf4. */
static Str behind(Arena *a, Str prefix)
{
    char *out = arena_array(a, char, prefix.len + 4);
    memcpy(out, prefix.ptr, prefix.len);
    memcpy(out + prefix.len, "\xf4\x8f\xbf\xbf", 4);
    return (Str){out, prefix.len + 4};
}

static void add_found(PeopleProfileRowList *all, const PeopleProfileRowList *more)
{
    for (size_t i = 0; i < more->n && all->n < FOUND_MAX; i++) {
        bool there = false;
        for (size_t k = 0; k < all->n && !there; k++)
            there = all->items[k].id == more->items[i].id;
        if (!there)
            all->items[all->n++] = more->items[i];
    }
}

Status people_profile_search(Cx *cx, Str text, PeopleProfileList *ret)
{
    PeopleProfileRowList all = {.items = arena_array(cx->arena, PeopleProfileRow, FOUND_MAX)};
    PeopleProfileRowList some;
    Str                  key = text_fold(cx->arena, utf8_truncate_bytes(text, 255)), phone;
    if (key.len > 0) {
        TRY(people_sql_profile_by_identifier(cx, PEOPLE_EMAIL, key, behind(cx->arena, key),
                                             FOUND_MAX, &some));
        add_found(&all, &some);
        TRY(people_sql_profile_by_name(cx, key, behind(cx->arena, key), FOUND_MAX, &some));
        add_found(&all, &some);
    }
    if (people_normalise(cx->arena, PEOPLE_PHONE, text, &phone)) {
        TRY(people_sql_profile_by_identifier(cx, PEOPLE_PHONE, phone, behind(cx->arena, phone),
                                             FOUND_MAX, &some));
        add_found(&all, &some);
    }
    profiles_of(cx, &all, ret);
    return ST_OK;
}
