#include "people/people_int.h"

#include "core/audit.h"
#include "people/password.h"
#include "people/totp.h"

#include <sodium.h>

static const ShapeField TOTP_FIELDS[] = {
    SHAPE_TEXT(PeopleTotp, secret, .doc = "To be typed into an authenticator app (base32)."),
    SHAPE_TEXT(PeopleTotp, uri, .doc = "The same as a URI, to be shown as a QR code."),
};
const Shape people_totp_shape = SHAPE_OF(PeopleTotp, "TwoStepSecret", TOTP_FIELDS,
                                         .doc = "What an authenticator app needs to know.");

Status people_confirm_password(Cx *cx, Str password, PeopleStaffRow *ret)
{
    PeopleStaffRow row;
    bool           right, stale;
    SpanMs         retry;
    char           id[32];
    if (cx->actor.kind != ACTOR_STAFF || cx->actor.session == 0)
        return cx_fail(cx, ST_DENIED, "people.not_a_person", "only a person who is signed in can");
    int       n = snprintf(id, sizeof id, "%lld", (long long)cx->actor.id);
    PeopleTry try = {&people_by_code, {id, (size_t)n}};
    TRY(people_try(cx, &try, 1, &retry));
    TRY(people_sql_staff_get(cx, cx->actor.id, &row));
    TRY(password_check(cx, row.password, password, &right, &stale));
    if (!right)
        return cx_fail(cx, ST_DENIED, "people.wrong_password", "this is not your password");
    *ret = row;
    return ST_OK;
}

/* The failure that people_confirm_password() counted beforehand is none. */
static Status confirmed(Cx *cx)
{
    char      id[32];
    int       n = snprintf(id, sizeof id, "%lld", (long long)cx->actor.id);
    PeopleTry try = {&people_by_code, {id, (size_t)n}};
    return people_try_forget(cx, &try, 1);
}

typedef struct Own {
    Str          password; /* hash */
    Str          secret;
    Str          code;
    PeopleTexts *codes;
    PeopleLogin  login;
} Own;

static Status tell(Cx *cx, const char *action, const PeopleStaff *before)
{
    PeopleStaff after;
    TRY(people_staff_get(cx, cx->actor.id, &after));
    TRY(audit_add(cx, "people.staff", cx->actor.id, action, &people_staff_shape, before, &after));
    return people_tell_staff(cx, cx->actor.id);
}

/* --- password -------------------------------------------------------------------------------- */

static Status password_tx(Cx *cx, void *arg)
{
    Own        *own = arg;
    PeopleStaff before;
    TRY(confirmed(cx));
    TRY(people_staff_get(cx, cx->actor.id, &before));
    TRY(people_sql_staff_set_password(cx, cx->actor.id, own->password, PEOPLE_ACTIVE, cx->now,
                                      NULL));
    TRY(people_sql_link_clear(cx, cx->actor.id, NULL));
    TRY(people_session_renew(cx, &own->login));
    return tell(cx, "change_password", &before);
}

Status people_password_change(Cx *cx, Str old, Str new, PeopleLogin *ret)
{
    PeopleStaffRow row;
    Own            own = {0};
    TRY(people_confirm_password(cx, old, &row));
    password_judge(&cx->issues, "/password", new, row.email, row.name);
    TRY(people_check_issues(cx));
    TRY(password_hash(cx, new, &own.password));
    TRY(cx_in_tx(cx, password_tx, &own));
    people_grants_forget();
    *ret = own.login;
    return ST_OK;
}

/* --- second step ----------------------------------------------------------------------------- */

static Status begin_tx(Cx *cx, void *arg)
{
    const Own     *own = arg;
    PeopleStaffRow row;
    TRY(confirmed(cx));
    TRY(people_sql_staff_get(cx, cx->actor.id, &row));
    if (row.totp_ms.has)
        return cx_fail(cx, ST_CONFLICT, "people.totp_on", "switch the second step off first");
    return people_sql_staff_set_totp(cx, row.id, own->secret, (OptTime){0}, row.totp_step, cx->now,
                                     NULL);
}

Status people_totp_begin(Cx *cx, Str password, PeopleTotp *ret)
{
    PeopleStaffRow row;
    char          *secret = arena_array(cx->arena, char, TOTP_SECRET_BYTES);
    Own            own = {.secret = {secret, TOTP_SECRET_BYTES}};
    TRY(people_confirm_password(cx, password, &row));
    randombytes_buf(secret, TOTP_SECRET_BYTES);
    TRY(cx_in_tx(cx, begin_tx, &own));
    *ret = (PeopleTotp){.secret = totp_base32(cx->arena, own.secret),
                        .uri = totp_uri(cx->arena, STR("Rapport"), row.email, own.secret)};
    return ST_OK;
}

/* "abcd-efgh-jkmn-pqrs": 80 random bits in an alphabet without look-alikes. */
static Str recovery_code(Arena *a, Str *ret_plain)
{
    static const char ALPHABET[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char     bytes[16];
    char             *shown = arena_array(a, char, 20);
    char             *plain = arena_array(a, char, 17);
    size_t            n = 0;
    randombytes_buf(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i > 0 && i % 4 == 0)
            shown[n++] = '-';
        plain[i] = ALPHABET[bytes[i] & 31];
        shown[n++] = plain[i];
    }
    *ret_plain = (Str){plain, sizeof bytes};
    return (Str){shown, n};
}

static Status renew_codes(Cx *cx, PeopleTexts *ret)
{
    PeopleTexts codes = {.items = arena_array(cx->arena, Str, PEOPLE_RECOVERY_CODES),
                         .n = PEOPLE_RECOVERY_CODES};
    TRY(people_sql_recovery_clear(cx, cx->actor.id, NULL));
    for (size_t i = 0; i < codes.n; i++) {
        Str plain;
        codes.items[i] = recovery_code(cx->arena, &plain);
        TRY(people_sql_recovery_add(cx, cx->actor.id, people_token_hash(cx->arena, plain), NULL));
    }
    *ret = codes;
    return ST_OK;
}

static Status confirm_tx(Cx *cx, void *arg)
{
    Own           *own = arg;
    PeopleStaffRow row;
    PeopleStaff    before;
    int64_t        step;
    TRY(people_sql_staff_get(cx, cx->actor.id, &row));
    if (row.totp_secret.len == 0 || row.totp_ms.has)
        return cx_fail(cx, ST_CONFLICT, "people.totp_not_begun", "begin with the secret");
    if (!totp_check(row.totp_secret, own->code, cx->now, row.totp_step, &step))
        return cx_fail(cx, ST_INVALID, "people.bad_code", "the code is wrong, old or used");
    TRY(people_staff_get(cx, row.id, &before));
    TRY(people_sql_staff_set_totp(cx, row.id, row.totp_secret, opt_time(cx->now), step, cx->now,
                                  NULL));
    TRY(renew_codes(cx, own->codes));
    TRY(people_session_renew(cx, &own->login));
    return tell(cx, "two_step_on", &before);
}

static Status require_session(Cx *cx)
{
    if (cx->actor.kind != ACTOR_STAFF || cx->actor.session == 0)
        return cx_fail(cx, ST_DENIED, "people.not_a_person", "only a person who is signed in can");
    return ST_OK;
}

Status people_totp_confirm(Cx *cx, Str code, PeopleTexts *ret_codes, PeopleLogin *ret)
{
    PeopleTexts codes;
    Own         own = {.code = code, .codes = &codes};
    TRY(require_session(cx));
    TRY(cx_in_tx(cx, confirm_tx, &own));
    people_grants_forget();
    *ret_codes = codes;
    *ret = own.login;
    return ST_OK;
}

static Status off_tx(Cx *cx, void *arg)
{
    Own           *own = arg;
    PeopleStaffRow row;
    PeopleStaff    before;
    TRY(confirmed(cx));
    TRY(people_sql_staff_get(cx, cx->actor.id, &row));
    TRY(people_staff_get(cx, row.id, &before));
    TRY(people_sql_staff_set_totp(cx, row.id, (Str){0}, (OptTime){0}, row.totp_step, cx->now,
                                  NULL));
    TRY(people_sql_recovery_clear(cx, row.id, NULL));
    TRY(people_session_renew(cx, &own->login));
    return tell(cx, "two_step_off", &before);
}

Status people_totp_off(Cx *cx, Str password, PeopleLogin *ret)
{
    PeopleStaffRow row;
    Own            own = {0};
    TRY(people_confirm_password(cx, password, &row));
    TRY(cx_in_tx(cx, off_tx, &own));
    people_grants_forget();
    *ret = own.login;
    return ST_OK;
}

static Status renew_tx(Cx *cx, void *arg)
{
    Own           *own = arg;
    PeopleStaffRow row;
    TRY(confirmed(cx));
    TRY(people_sql_staff_get(cx, cx->actor.id, &row));
    if (!row.totp_ms.has)
        return cx_fail(cx, ST_CONFLICT, "people.totp_off", "there is no second step to recover");
    TRY(renew_codes(cx, own->codes));
    return audit_add(cx, "people.staff", row.id, "renew_recovery_codes", NULL, NULL, NULL);
}

Status people_recovery_renew(Cx *cx, Str password, PeopleTexts *ret_codes)
{
    PeopleStaffRow row;
    PeopleTexts    codes;
    Own            own = {.codes = &codes};
    TRY(people_confirm_password(cx, password, &row));
    TRY(cx_in_tx(cx, renew_tx, &own));
    *ret_codes = codes;
    return ST_OK;
}

Status people_recovery_left(Cx *cx, int64_t *ret_n)
{
    TRY(require_session(cx));
    return people_sql_recovery_count(cx, cx->actor.id, ret_n);
}

/* --- language --------------------------------------------------------------------------------- */

static Status speak_tx(Cx *cx, void *arg)
{
    const Str  *locale = arg;
    PeopleStaff before, after;
    TRY(people_staff_get(cx, cx->actor.id, &before));
    TRY(people_sql_staff_set_locale(cx, cx->actor.id, *locale, cx->now, NULL));
    TRY(people_staff_get(cx, cx->actor.id, &after));
    TRY(audit_add(cx, "people.staff", cx->actor.id, "update", &people_staff_shape, &before,
                  &after));
    return people_tell_staff(cx, cx->actor.id);
}

Status people_speak(Cx *cx, Str locale)
{
    Lang lang;
    if (cx->actor.kind != ACTOR_STAFF)
        return cx_fail(cx, ST_DENIED, "people.not_a_person", "only a person speaks a language");
    if (locale.len > 0 && !lang_find(locale, &lang))
        issue_add(&cx->issues, STR("/locale"), "not_one_of", "is no language of the program");
    TRY(people_check_issues(cx));
    TRY(cx_in_tx(cx, speak_tx, &locale));
    people_grants_forget();
    return ST_OK;
}
