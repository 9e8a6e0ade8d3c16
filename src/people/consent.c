#include "people/customer_int.h"

#include "base/id.h"
#include "base/utf8.h"

const char *const people_consent_names[] = {"granted", "denied", "withdrawn", NULL};

/* What data may be used for. What is strictly necessary needs no consent and is not here. */
const char *const people_purpose_texts[] = {
    "functional",    "analytics",      "personalisation",     "ads", "replay", "marketing_email",
    "marketing_sms", "marketing_push", "marketing_messenger", NULL,
};

static const ShapeField CONSENT_FIELDS[] = {
    SHAPE_ID(PeopleConsent, id, "cns"),
    SHAPE_TEXT(PeopleConsent, purpose, .doc = "What the data may be used for."),
    SHAPE_ENUM(PeopleConsent, status, people_consent_names),
    SHAPE_TEXT(PeopleConsent, text_version, .doc = "Of the words that they saw."),
    SHAPE_TEXT(PeopleConsent, locale, .doc = "The language of these words."),
    SHAPE_TEXT(PeopleConsent, source, .doc = "Where they were asked."),
    SHAPE_TEXT(PeopleConsent, net, .doc = "The network they answered from."),
    SHAPE_TEXT(PeopleConsent, agent, .doc = "Their browser."),
    SHAPE_TIME(PeopleConsent, at),
};
const Shape people_consent_shape =
    SHAPE_OF(PeopleConsent, "Consent", CONSENT_FIELDS, .doc = "An answer that a customer gave.");

bool people_is_purpose(Str purpose)
{
    for (size_t i = 0; people_purpose_texts[i] != NULL; i++)
        if (str_eq(purpose, str_from_cstr(people_purpose_texts[i])))
            return true;
    return false;
}

enum { TEXT_BYTES = 255, ROWS_MAX = 5000 };

static Str kept(Str s)
{
    return s.ptr != NULL ? utf8_truncate_bytes(s, TEXT_BYTES) : STR("");
}

static Status rows_of(Cx *cx, int64_t profile_id, PeopleConsentRowList *ret)
{
    PeopleIdentifierRowList members;
    TRY(people_members(cx, profile_id, &members));
    PeopleIds ids = people_member_ids(cx->arena, &members);
    return people_sql_consent_of(cx, ids.items, ids.n, ROWS_MAX, ret);
}

static bool says_the_same(const PeopleConsentRow *r, const PeopleConsent *in, UnixMs at)
{
    return r->status == in->status && r->at_ms.v <= at.v && str_eq(r->source, kept(in->source)) &&
           str_eq(r->text_version, kept(in->text_version)) && str_eq(r->locale, kept(in->locale));
}

/* Is it what the person said last, and what was said last of this very identifier? It stays with
 * the identifier when the person turns out to be two. */
static Status is_repeated(Cx *cx, const PeopleIdentifierRow *of, const PeopleConsent *in, UnixMs at,
                          bool *ret)
{
    PeopleIdentifierRowList members;
    PeopleConsentRow        last;
    *ret = false;
    TRY(people_sql_consent_newest(cx, &of->id, 1, in->purpose, ret, &last));
    if (!*ret || !says_the_same(&last, in, at)) {
        *ret = false;
        return ST_OK;
    }
    TRY(people_members(cx, of->profile_id, &members));
    PeopleIds ids = people_member_ids(cx->arena, &members);
    TRY(people_sql_consent_newest(cx, ids.items, ids.n, in->purpose, ret, &last));
    *ret = *ret && says_the_same(&last, in, at);
    return ST_OK;
}

Status people_consent_note(Cx *cx, int64_t identifier_id, const PeopleConsent *in)
{
    PeopleIdentifierRow of;
    bool                again;
    ASSERT(cx->tx_depth > 0);
    if (!people_is_purpose(in->purpose))
        return cx_fail(cx, ST_INVALID, "people.no_purpose", "there is no purpose \"" STR_FMT "\"",
                       STR_ARG(str_head(in->purpose, 40)));
    TRY(people_sql_identifier_get(cx, identifier_id, &of));
    UnixMs at = in->at.v > 0 && in->at.v < cx->now.v ? in->at : cx->now;
    TRY(is_repeated(cx, &of, in, at, &again));
    if (again)
        return ST_OK;
    PeopleConsentRow row = {.id = id_new(),
                            .identifier_id = identifier_id,
                            .purpose = in->purpose,
                            .status = in->status,
                            .text_version = kept(in->text_version),
                            .locale = kept(in->locale),
                            .source = kept(in->source),
                            .net = kept(in->net),
                            .agent = kept(in->agent),
                            .at_ms = at};
    TRY(people_sql_consent_add(cx, &row, NULL));
    return people_tell_customer(cx, of.profile_id);
}

typedef struct Noting {
    int64_t              profile_id;
    const PeopleConsent *in;
} Noting;

static Status set_tx(Cx *cx, void *arg)
{
    const Noting       *n = arg;
    PeopleIdentifierRow row;
    TRY(people_sql_identifier_get(cx, n->profile_id, &row));
    TRY(people_consent_note(cx, row.profile_id, n->in));
    return audit_add(cx, "people.customer", row.profile_id, "consent", &people_consent_shape, NULL,
                     n->in);
}

Status people_consent_set(Cx *cx, int64_t profile_id, const PeopleConsent *in)
{
    TRY(cx_require(cx, "customers.write"));
    return cx_in_tx(cx, set_tx, &(Noting){profile_id, in});
}

/* An address that somebody typed: may it answer for whoever's it is? */
static Status may_answer(Cx *cx, Str email, Str purpose, bool *ret)
{
    Str                     value;
    bool                    found, answered;
    PeopleIdentifierRow     row;
    PeopleIdentifierRowList members;
    PeopleConsentRow        last;
    *ret = people_normalise(cx->arena, PEOPLE_EMAIL, email, &value);
    if (!*ret)
        return ST_OK;
    TRY(people_sql_identifier_find(cx, PEOPLE_EMAIL, value, &found, &row));
    if (!found)
        return ST_OK;
    TRY(people_members(cx, row.id, &members));
    PeopleIds ids = people_member_ids(cx->arena, &members);
    TRY(people_sql_consent_newest(cx, ids.items, ids.n, purpose, &answered, &last));
    *ret = !row.verified_ms.has && !answered;
    return ST_OK;
}

Status people_consent_of_buyer(Cx *cx, int64_t account_id, Str email, const PeopleConsent *in)
{
    PeopleAccountRow account;
    PeopleKnown      known = {.ns = PEOPLE_EMAIL, .value = email};
    PeopleLinked     linked;
    bool             may;
    PeopleLinking    linking = {
           .known = &known, .n = 1, .rule = PEOPLE_SAME_EVENT, .confidence = 50, .source = in->source};
    if (account_id != 0) {
        TRY(people_sql_account_get(cx, account_id, &account));
        return people_consent_note(cx, account.identifier_id, in);
    }
    TRY(may_answer(cx, email, in->purpose, &may));
    if (!may)
        return ST_OK;
    TRY(people_link(cx, &linking, &linked));
    return linked.identifier_id != 0 ? people_consent_note(cx, linked.identifier_id, in) : ST_OK;
}

Status people_consent_list(Cx *cx, int64_t profile_id, PeopleConsentList *ret)
{
    PeopleConsentRowList rows;
    TRY(rows_of(cx, profile_id, &rows));
    PeopleConsentList list = {.items = arena_array(cx->arena, PeopleConsent, rows.n + 1),
                              .n = rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const PeopleConsentRow *r = &rows.items[i];
        list.items[i] = (PeopleConsent){.id = r->id,
                                        .purpose = r->purpose,
                                        .status = r->status,
                                        .text_version = r->text_version,
                                        .locale = r->locale,
                                        .source = r->source,
                                        .net = r->net,
                                        .agent = r->agent,
                                        .at = r->at_ms};
    }
    *ret = list;
    return ST_OK;
}

Status people_may(Cx *cx, int64_t profile_id, Str purpose, bool *ret)
{
    PeopleIdentifierRowList members;
    PeopleConsentRow        last;
    bool                    answered;
    TRY(people_members(cx, profile_id, &members));
    PeopleIds ids = people_member_ids(cx->arena, &members);
    TRY(people_sql_consent_newest(cx, ids.items, ids.n, purpose, &answered, &last));
    *ret = answered && last.status == PEOPLE_GRANTED;
    return ST_OK;
}
