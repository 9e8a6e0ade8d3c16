#include "people/customer_int.h"

#include "base/id.h"
#include "people/mail.h"

const char *const people_account_status_names[] = {"active", "disabled", "erased", NULL};
const char *const people_code_names[] = {"login", "register", "email", "password", NULL};

enum { NAME_MAX_CHARS = 100, LOCALE_MAX_CHARS = 35, PHONE_MAX_CHARS = 40 };

static const ShapeField ACCOUNT_FIELDS[] = {
    SHAPE_ID(PeopleAccount, id, "acc"),
    SHAPE_ID(PeopleAccount, profile_id, "cus", .doc = "The person it is a part of."),
    SHAPE_TEXT(PeopleAccount, email),
    SHAPE_TEXT(PeopleAccount, first_name),
    SHAPE_TEXT(PeopleAccount, last_name),
    SHAPE_TEXT(PeopleAccount, phone),
    SHAPE_TEXT(PeopleAccount, locale, .doc = "BCP 47; empty: the shop's."),
    SHAPE_ENUM(PeopleAccount, status, people_account_status_names),
    SHAPE_BOOL(PeopleAccount, has_password, .doc = "Else they sign in with codes only."),
    SHAPE_INT(PeopleAccount, rev, .doc = "Grows with every change; the ETag."),
    SHAPE_TIME(PeopleAccount, created_at),
    SHAPE_TIME(PeopleAccount, updated_at),
    SHAPE_TIME(PeopleAccount, last_login_at),
};
const Shape people_account_shape = SHAPE_OF(PeopleAccount, "CustomerAccount", ACCOUNT_FIELDS,
                                            .doc = "What a customer signs in to.");

static const ShapeField ACCOUNT_INPUT_FIELDS[] = {
    SHAPE_TEXT(PeopleAccountInput, first_name, .max = NAME_MAX_CHARS, .flags = SHAPE_LINE),
    SHAPE_TEXT(PeopleAccountInput, last_name, .max = NAME_MAX_CHARS, .flags = SHAPE_LINE),
    SHAPE_TEXT(PeopleAccountInput, phone, .max = PHONE_MAX_CHARS, .flags = SHAPE_LINE),
    SHAPE_TEXT(PeopleAccountInput, locale, .max = LOCALE_MAX_CHARS, .flags = SHAPE_LINE,
               .doc = "Language of mails and pages, as a BCP 47 tag; empty: the shop's."),
};
const Shape people_account_input_shape =
    SHAPE_OF_PATCH(PeopleAccountInput, "CustomerAccountInput", ACCOUNT_INPUT_FIELDS,
                   .doc = "What customers change of their accounts.");

enum { GIVEN_FIRST = 1, GIVEN_LAST = 2, GIVEN_PHONE = 4, GIVEN_LOCALE = 8 };

/* --- reading --------------------------------------------------------------------------------- */

static Status account_of(Cx *cx, const PeopleAccountRow *r, PeopleAccount *ret)
{
    PeopleIdentifierRow row;
    TRY(people_sql_identifier_get(cx, r->identifier_id, &row));
    *ret = (PeopleAccount){.id = r->id,
                           .profile_id = row.profile_id,
                           .email = r->email,
                           .first_name = r->first_name,
                           .last_name = r->last_name,
                           .phone = r->phone,
                           .locale = r->locale,
                           .status = r->status,
                           .has_password = r->password.len > 0,
                           .rev = r->rev,
                           .created_at = r->created_ms,
                           .updated_at = r->updated_ms,
                           .last_login_at = r->last_login_ms};
    return ST_OK;
}

Status people_account_get(Cx *cx, int64_t id, PeopleAccount *ret)
{
    PeopleAccountRow row;
    TRY(people_sql_account_get(cx, id, &row));
    return account_of(cx, &row, ret);
}

/* --- making ---------------------------------------------------------------------------------- */

Status people_account_link(Cx *cx, const PeopleAccountRow *account, Str anonymous,
                           bool verified_email, Str evidence)
{
    PeopleKnown   known[2] = {{PEOPLE_USER_ID, id_format(cx->arena, "acc", account->id), true},
                              {PEOPLE_EMAIL, account->email, verified_email}};
    PeopleLinking linking = {.known = known,
                             .n = 2,
                             .rule = PEOPLE_VERIFIED_EMAIL,
                             .confidence = 100,
                             .source = STR("storefront"),
                             .evidence = evidence,
                             .returned = verified_email};
    PeopleLinked  linked;
    if (verified_email)
        TRY(people_link(cx, &linking, &linked));
    if (anonymous.len == 0)
        return ST_OK;
    known[1] = (PeopleKnown){PEOPLE_ANONYMOUS_ID, anonymous, false};
    linking.rule = PEOPLE_LOGIN;
    return people_link(cx, &linking, &linked);
}

Status people_account_refresh(Cx *cx, const PeopleAccountRow *account)
{
    PeopleIdentifierRow row;
    TRY(people_sql_identifier_get(cx, account->identifier_id, &row));
    TRY(people_profile_refresh(cx, row.profile_id));
    return people_tell_customer(cx, row.profile_id);
}

Status people_account_make(Cx *cx, const PeopleCodeRow *code, PeopleAccountRow *ret)
{
    int64_t             id = id_new();
    PeopleKnown         self = {PEOPLE_USER_ID, id_format(cx->arena, "acc", id), true};
    bool                usable, proved;
    PeopleIdentifierRow identifier;
    TRY(people_identifier_take(cx, &self, true, &usable, &proved, &identifier));
    ASSERT(usable);
    PeopleAccountRow row = {.id = id,
                            .identifier_id = identifier.id,
                            .email = code->email,
                            .email_key = code->email_key,
                            .first_name = code->first_name,
                            .last_name = code->last_name,
                            .phone = STR(""),
                            .locale = code->locale,
                            .password = code->password,
                            .status = PEOPLE_ACCOUNT_ACTIVE,
                            .rev = 1,
                            .created_ms = cx->now,
                            .updated_ms = cx->now};
    TRY(people_sql_account_add(cx, &row, NULL));
    TRY(audit_add(cx, "people.account", id, "create", NULL, NULL, NULL));
    *ret = row;
    return ST_OK;
}

/* --- changing -------------------------------------------------------------------------------- */

typedef struct Change {
    int64_t                   id, rev;
    const PeopleAccountInput *in;
    bool                      enable, disable;
    PeopleAccount             account;
} Change;

static Status store(Cx *cx, Change *c, PeopleAccountRow *row)
{
    PeopleAccount       before;
    int64_t             changed;
    PeopleAccountChange set = {.id = row->id,
                               .rev = row->rev,
                               .first_name = row->first_name,
                               .last_name = row->last_name,
                               .phone = row->phone,
                               .locale = row->locale,
                               .status = row->status,
                               .now = cx->now};
    TRY(people_account_get(cx, row->id, &before));
    TRY(people_sql_account_set(cx, &set, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_STALE, "people.stale", "somebody changed it since");
    TRY(people_sql_account_get(cx, row->id, row));
    TRY(people_account_refresh(cx, row));
    TRY(account_of(cx, row, &c->account));
    return audit_add(cx, "people.account", row->id, "update", &people_account_shape, &before,
                     &c->account);
}

static Status update_tx(Cx *cx, void *arg)
{
    Change                   *c = arg;
    const PeopleAccountInput *in = c->in;
    PeopleAccountRow          row;
    TRY(people_sql_account_get(cx, c->id, &row));
    if (c->rev != 0 && c->rev != row.rev)
        return cx_fail(cx, ST_STALE, "people.stale", "somebody changed it since");
    if (in->given & GIVEN_FIRST)
        row.first_name = in->first_name;
    if (in->given & GIVEN_LAST)
        row.last_name = in->last_name;
    if (in->given & GIVEN_PHONE)
        row.phone = in->phone;
    if (in->given & GIVEN_LOCALE)
        row.locale = in->locale;
    return store(cx, c, &row);
}

Status people_account_update(Cx *cx, int64_t id, int64_t rev, const PeopleAccountInput *in,
                             PeopleAccount *ret)
{
    Change c = {.id = id, .rev = rev, .in = in};
    TRY(cx_in_tx(cx, update_tx, &c));
    *ret = c.account;
    return ST_OK;
}

static Status enable_tx(Cx *cx, void *arg)
{
    Change          *c = arg;
    PeopleAccountRow row;
    TRY(people_sql_account_get(cx, c->id, &row));
    if (row.status == PEOPLE_ACCOUNT_ERASED)
        return cx_fail(cx, ST_CONFLICT, "people.account_erased", "its person was erased");
    row.status = c->enable ? PEOPLE_ACCOUNT_ACTIVE : PEOPLE_ACCOUNT_DISABLED;
    if (!c->enable)
        TRY(people_customer_sessions_clear(cx, c->id, 0));
    return store(cx, c, &row);
}

Status people_account_enable(Cx *cx, int64_t id, bool enabled, PeopleAccount *ret)
{
    Change c = {.id = id, .enable = enabled};
    TRY(cx_require(cx, "customers.write"));
    TRY(cx_in_tx(cx, enable_tx, &c));
    if (!enabled)
        people_grants_forget();
    *ret = c.account;
    return ST_OK;
}

/* --- consent --------------------------------------------------------------------------------- */

static Status consent_tx(Cx *cx, void *arg)
{
    const PeopleConsent *in = arg;
    PeopleAccountRow     row;
    TRY(people_sql_account_get(cx, cx->actor.id, &row));
    return people_consent_note(cx, row.identifier_id, in);
}

Status people_customer_consent(Cx *cx, const PeopleConsent *in)
{
    PeopleConsent consent = *in;
    consent.net = people_net(cx->arena, in->net);
    consent.agent = people_agent(cx->arena, in->agent);
    return cx_in_tx(cx, consent_tx, &consent);
}
