#include "people/identity_int.h"

#include "base/id.h"
#include "base/utf8.h"

const char *const people_consent_names[] = {"granted", "denied", "withdrawn", NULL};

/* What data may be used for. What is strictly necessary needs no consent and is not here. */
const char *const people_purpose_texts[] = {
    "functional",    "analytics",      "personalisation",     "ads", "replay", "marketing_email",
    "marketing_sms", "marketing_push", "marketing_messenger", NULL,
};

static const ShapeField CONSENT_FIELDS[] = {
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

enum { TEXT_BYTES = 255, ROWS_MAX = 1000 };

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

static Status is_repeated(Cx *cx, int64_t profile_id, const PeopleConsent *in, UnixMs at, bool *ret)
{
    PeopleConsentRowList rows;
    TRY(rows_of(cx, profile_id, &rows));
    *ret = false;
    for (size_t i = 0; i < rows.n; i++) {
        const PeopleConsentRow *r = &rows.items[i];
        if (!str_eq(r->purpose, in->purpose))
            continue;
        *ret =
            r->status == in->status && r->at_ms.v <= at.v && str_eq(r->source, kept(in->source)) &&
            str_eq(r->text_version, kept(in->text_version)) && str_eq(r->locale, kept(in->locale));
        break; /* the newest answer */
    }
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
    TRY(is_repeated(cx, of.profile_id, in, at, &again));
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

Status people_consent_list(Cx *cx, int64_t profile_id, PeopleConsentList *ret)
{
    PeopleConsentRowList rows;
    TRY(rows_of(cx, profile_id, &rows));
    PeopleConsentList list = {.items = arena_array(cx->arena, PeopleConsent, rows.n + 1),
                              .n = rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const PeopleConsentRow *r = &rows.items[i];
        list.items[i] = (PeopleConsent){.purpose = r->purpose,
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
    PeopleConsentRowList rows;
    TRY(rows_of(cx, profile_id, &rows));
    *ret = false;
    for (size_t i = 0; i < rows.n; i++) {
        if (!str_eq(rows.items[i].purpose, purpose))
            continue;
        *ret = rows.items[i].status == PEOPLE_GRANTED; /* the newest answer */
        return ST_OK;
    }
    return ST_OK;
}
