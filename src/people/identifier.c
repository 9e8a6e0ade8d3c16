#include "people/identity_int.h"

#include "base/id.h"
#include "base/utf8.h"
#include "people/journey_store.h"
#include "text/text.h"

#include <sodium.h>
#include <string.h>

const char *const people_namespace_names[] = {
    "user_id",      "email",     "phone",      "anonymous_id", "device_id",
    "loyalty_card", "messenger", "push_token", "external",     NULL,
};

static const ShapeField IDENTIFIER_FIELDS[] = {
    SHAPE_ID(PeopleIdentifier, id, "idn"),
    SHAPE_ENUM_AS(PeopleIdentifier, ns, "namespace", people_namespace_names),
    SHAPE_TEXT(PeopleIdentifier, value, .doc = "As it is compared."),
    SHAPE_TIME(PeopleIdentifier, verified_at, .doc = "Since when it is proven to be theirs."),
    SHAPE_BOOL(PeopleIdentifier, shared, .doc = "Used with too many accounts: joins nobody."),
    SHAPE_TIME(PeopleIdentifier, created_at),
    SHAPE_TIME(PeopleIdentifier, seen_at, .doc = "To the hour."),
};
const Shape people_identifier_shape = SHAPE_OF(PeopleIdentifier, "Identifier", IDENTIFIER_FIELDS,
                                               .doc = "Something that names a customer.");

/* --- limits ---------------------------------------------------------------------------------- */

static const ShapeField RULE_FIELDS[] = {
    SHAPE_INT(PeopleIdentityRules, emails, .min = 1, .max = 100,
              .doc = "E-mail addresses of one person at most."),
    SHAPE_INT(PeopleIdentityRules, phones, .min = 1, .max = 100,
              .doc = "Telephone numbers of one person at most."),
    SHAPE_INT(PeopleIdentityRules, browsers, .min = 1, .max = 900,
              .doc = "Browsers and devices of one person at most."),
    SHAPE_INT(PeopleIdentityRules, shared_accounts, .min = 1, .max = 100,
              .doc = "A browser that more accounts have used joins nobody any more."),
    SHAPE_TEXTS(PeopleIdentityRules, blocked, .max = 1000, .item_max = PEOPLE_VALUE_MAX,
                .doc = "Values that name nobody, besides \"null\", \"undefined\" and the like."),
};
const Shape people_identity_shape = SHAPE_OF(PeopleIdentityRules, "IdentityRules", RULE_FIELDS,
                                             .doc = "When identifiers are taken for one person.");

const PeopleIdentityRules people_identity_defaults = {
    .emails = 5, .phones = 5, .browsers = 500, .shared_accounts = 2};

const Setting people_identity_setting = {"people.identity", &people_identity_shape,
                                         &people_identity_defaults};

/* --- values ---------------------------------------------------------------------------------- */

/* What badly made trackers send instead of an identifier. */
static bool is_junk(Str v)
{
    static const char *const JUNK[] = {
        "-1",
        "0",
        "anonymous",
        "guest",
        "n/a",
        "na",
        "nan",
        "nil",
        "none",
        "null",
        "test",
        "true",
        "false",
        "undefined",
        "unknown",
        "id",
        "user_id",
        "distinct_id",
        "distinctid",
        "not_authenticated",
        "email",
        "[object object]",
        "anonymousid",
        "test@test.com",
        "test@example.com",
        "example@example.com",
        "noreply",
        "(not set)",
        "userid",
        "email@email.com",
        "none@none.com",
        "no@no.com",
        "asdf@asdf.com",
    };
    bool zeros = true;
    for (size_t i = 0; i < v.len && zeros; i++)
        zeros = memchr("0-{}", v.ptr[i], 4) != NULL;
    if (zeros)
        return true;
    for (size_t i = 0; i < COUNT_OF(JUNK); i++)
        if (str_eq_nocase(v, str_from_cstr(JUNK[i])))
            return true;
    return false;
}

/* "+380 (44) 123-45-67" as "+380441234567"; "00" in front is '+', and "(0)" behind a country's
 * number is what is dialled at home. */
static Str phone_of(Arena *a, Str s)
{
    char  *out = arena_array(a, char, s.len + 2);
    size_t n = 0;
    bool   abroad = str_starts(s, STR("+")) || str_starts(s, STR("00"));
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (abroad && str_starts(str_skip(s, i), STR("(0)")))
            i += 2;
        else if ((c >= '0' && c <= '9') || (c == '+' && n == 0))
            out[n++] = c;
        else if (memchr(" -.()/", c, 6) == NULL)
            return (Str){0};
    }
    if (n > 2 && out[0] == '0' && out[1] == '0') {
        out[1] = '+';
        out++, n--;
    }
    size_t from = n > 0 && out[0] == '+', digits = n - from;
    bool   alike = true; /* "(000) 000-0000", "999 999 99 99": typed to get past a form */
    for (size_t i = from + 1; i < n && alike; i++)
        alike = out[i] == out[from];
    return digits >= 5 && digits <= 15 && !alike ? (Str){out, n} : (Str){0};
}

static bool is_email(Str s)
{
    Str name, domain;
    return str_cut(s, '@', &name, &domain) && name.len > 0 && name.len <= 64 && domain.len > 2 &&
           s.len <= 254 && memchr(domain.ptr, '@', domain.len) == NULL &&
           memchr(domain.ptr, '.', domain.len) != NULL && memchr(s.ptr, ' ', s.len) == NULL &&
           domain.ptr[0] != '.' && domain.ptr[domain.len - 1] != '.';
}

bool people_normalise(Arena *a, int ns, Str value, Str *ret)
{
    Str v = str_trim(value);
    if (v.len == 0 || v.len > PEOPLE_VALUE_MAX || !utf8_valid(v))
        return false;
    for (size_t i = 0; i < v.len; i++)
        if ((unsigned char)v.ptr[i] < ' ' || v.ptr[i] == 0x7f)
            return false;
    if (is_junk(v))
        return false;
    if (ns == PEOPLE_EMAIL) {
        v = text_fold(a, v);
        if (!is_email(v) || is_junk(v))
            return false;
    }
    if (ns == PEOPLE_PHONE)
        v = phone_of(a, v);
    *ret = v;
    return v.len > 0;
}

bool people_identifier_blocked(Arena *a, const PeopleIdentityRules *rules, const PeopleKnown *known)
{
    Str value, item;
    if (rules->blocked.n == 0 || !people_normalise(a, known->ns, known->value, &value))
        return false;
    for (size_t i = 0; i < rules->blocked.n; i++)
        if (str_eq_nocase(rules->blocked.items[i], value) ||
            (people_normalise(a, known->ns, rules->blocked.items[i], &item) && str_eq(item, value)))
            return true;
    return false;
}

/* --- suppression ----------------------------------------------------------------------------- */

Status people_identifier_hash(Cx *cx, int ns, Str value, Str *ret)
{
    unsigned char  key[SECRET_BYTES];
    unsigned char *hash = arena_array(cx->arena, unsigned char, PEOPLE_HASH_BYTES);
    TRY(secret_get(cx, "people.suppression", key));
    crypto_generichash_state state;
    unsigned char            tag = (unsigned char)ns;
    int rc = crypto_generichash_init(&state, key, sizeof key, PEOPLE_HASH_BYTES);
    rc |= crypto_generichash_update(&state, &tag, 1);
    rc |= crypto_generichash_update(&state, (const unsigned char *)value.ptr, value.len);
    rc |= crypto_generichash_final(&state, hash, PEOPLE_HASH_BYTES);
    ASSERT(rc == 0);
    *ret = (Str){(const char *)hash, PEOPLE_HASH_BYTES};
    return ST_OK;
}

static Status is_suppressed(Cx *cx, int ns, Str value, bool lift, bool *ret)
{
    Str     hash;
    int64_t n;
    TRY(people_identifier_hash(cx, ns, value, &hash));
    TRY(people_sql_suppression_has(cx, ns, hash, &n));
    *ret = n > 0 && !lift;
    if (n == 0 || !lift)
        return ST_OK;
    TRY(people_sql_forgotten_lift(cx, people_subject(ns, value), NULL));
    return people_sql_suppression_lift(cx, ns, hash, NULL);
}

/* --- finding and making ---------------------------------------------------------------------- */

enum { SEEN_EVERY_MS = 3600 * 1000 };

static Status make(Cx *cx, const PeopleKnown *known, Str value, PeopleIdentifierRow *ret)
{
    PeopleIdentifierRow row = {.id = id_new(),
                               .namespace = known->ns,
                               .value = str_dup(cx->arena, value),
                               .created_ms = cx->now,
                               .seen_ms = cx->now};
    row.profile_id = row.id;
    if (known->verified)
        row.verified_ms = opt_time(cx->now);
    TRY(people_sql_identifier_add(cx, &row, NULL));
    *ret = row;
    return people_profile_refresh(cx, row.id);
}

Status people_identifier_take(Cx *cx, const PeopleKnown *known, bool returned, bool *ret_usable,
                              bool *ret_proved, PeopleIdentifierRow *ret)
{
    Str  value;
    bool found, suppressed;
    *ret_usable = *ret_proved = false;
    if (!people_normalise(cx->arena, known->ns, known->value, &value))
        return ST_OK;
    TRY(people_sql_identifier_find(cx, known->ns, value, &found, ret));
    if (!found) {
        TRY(is_suppressed(cx, known->ns, value, returned, &suppressed));
        if (suppressed)
            return ST_OK;
        *ret_usable = true;
        return make(cx, known, value, ret);
    }
    *ret_usable = true;
    bool again = unix_ms_diff(cx->now, ret->seen_ms).v >= SEEN_EVERY_MS;
    if (again) {
        TRY(people_sql_identifier_seen(cx, ret->id, cx->now, NULL));
        ret->seen_ms = cx->now;
    }
    if (known->verified && !ret->verified_ms.has) {
        TRY(people_sql_identifier_verify(cx, ret->id, cx->now, NULL));
        ret->verified_ms = opt_time(cx->now);
        *ret_proved = true;
    }
    return again || *ret_proved ? people_profile_refresh(cx, ret->profile_id) : ST_OK;
}

static PeopleIdentifier identifier_of(const PeopleIdentifierRow *r)
{
    return (PeopleIdentifier){.id = r->id,
                              .ns = r->namespace,
                              .value = r->value,
                              .verified_at = r->verified_ms,
                              .shared = r->shared,
                              .created_at = r->created_ms,
                              .seen_at = r->seen_ms};
}

Status people_members(Cx *cx, int64_t id, PeopleIdentifierRowList *ret)
{
    PeopleIdentifierRow row;
    TRY(people_sql_identifier_get(cx, id, &row));
    return people_sql_identifier_of_profile(cx, row.profile_id, PEOPLE_IDENTIFIERS_MAX + 1, ret);
}

PeopleIds people_member_ids(Arena *a, const PeopleIdentifierRowList *members)
{
    PeopleIds ids = {.items = arena_array(a, int64_t, members->n + 1), .n = members->n};
    for (size_t i = 0; i < members->n; i++)
        ids.items[i] = members->items[i].id;
    return ids;
}

Status people_identifier_list(Cx *cx, int64_t profile_id, PeopleIdentifierList *ret)
{
    PeopleIdentifierRowList rows;
    TRY(people_members(cx, profile_id, &rows));
    PeopleIdentifierList list = {.items = arena_array(cx->arena, PeopleIdentifier, rows.n + 1),
                                 .n = rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = identifier_of(&rows.items[i]);
    *ret = list;
    return ST_OK;
}
