#include "people/customer_int.h"

#include "base/id.h"
#include "people/password.h"

static const ShapeField SESSION_FIELDS[] = {
    SHAPE_ID(PeopleCustomerSession, id, "ses"),
    SHAPE_TEXT(PeopleCustomerSession, agent, .doc = "The browser, as it calls itself."),
    SHAPE_TEXT(PeopleCustomerSession, net,
               .doc = "The network it came from; the address is not kept."),
    SHAPE_BOOL(PeopleCustomerSession, current, .doc = "Is it the one that asks?"),
    SHAPE_TIME(PeopleCustomerSession, created_at),
    SHAPE_TIME(PeopleCustomerSession, seen_at, .doc = "To the minute."),
    SHAPE_TIME(PeopleCustomerSession, ends_at, .doc = "At the latest."),
};
const Shape people_customer_session_shape =
    SHAPE_OF(PeopleCustomerSession, "CustomerSession", SESSION_FIELDS,
             .doc = "A browser in which a customer is signed in.");

Status people_customer_session_open(Cx *cx, int64_t account_id, Str agent, Str net,
                                    PeopleCustomerLogin *ret)
{
    PeopleCustomerLogin      made = {.token = people_token_new(cx->arena),
                                     .session = id_new(),
                                     .account_id = account_id,
                                     .life = PEOPLE_CUSTOMER_SESSION_LIFE};
    PeopleCustomerSessionRow row = {.id = made.session,
                                    .account_id = account_id,
                                    .token_hash = people_token_hash(cx->arena, made.token),
                                    .agent = agent,
                                    .net = net,
                                    .created_ms = cx->now,
                                    .seen_ms = cx->now,
                                    .ends_ms = unix_ms_add(cx->now, made.life)};
    TRY(people_sql_customer_session_add(cx, &row, NULL));
    TRY(people_sql_customer_session_trim(cx, account_id, PEOPLE_CUSTOMER_SESSIONS_MAX, NULL));
    *ret = made;
    return ST_OK;
}

Status people_customer_sessions_clear(Cx *cx, int64_t account_id, int64_t besides)
{
    int64_t n;
    TRY(people_sql_customer_session_clear(cx, account_id, besides, &n));
    return n > 0 ? people_tell_customer_session(cx, account_id) : ST_OK;
}

Status people_customer_session_list(Cx *cx, int64_t account_id, PeopleCustomerSessionList *ret)
{
    PeopleCustomerSessionRowList rows;
    TRY(people_sql_customer_session_of(cx, account_id, PEOPLE_CUSTOMER_SESSIONS_MAX, &rows));
    PeopleCustomerSessionList list = {
        .items = arena_array(cx->arena, PeopleCustomerSession, rows.n + 1)};
    for (size_t i = 0; i < rows.n; i++) {
        const PeopleCustomerSessionRow *r = &rows.items[i];
        if (r->ends_ms.v > cx->now.v)
            list.items[list.n++] = (PeopleCustomerSession){.id = r->id,
                                                           .agent = r->agent,
                                                           .net = r->net,
                                                           .current = r->id == cx->actor.session,
                                                           .created_at = r->created_ms,
                                                           .seen_at = r->seen_ms,
                                                           .ends_at = r->ends_ms};
    }
    *ret = list;
    return ST_OK;
}

/* --- ending ---------------------------------------------------------------------------------- */

static Status require_customer(Cx *cx)
{
    if (cx->actor.kind == ACTOR_CUSTOMER)
        return ST_OK;
    return cx_fail(cx, ST_UNKNOWN, "core.login_needed", "sign in first");
}

static Status end_tx(Cx *cx, void *arg)
{
    const int64_t *id = arg;
    int64_t        n;
    TRY(people_sql_customer_session_remove(cx, *id, cx->actor.id, &n));
    if (n == 0)
        return cx_fail(cx, ST_NOT_FOUND, "people.no_session", "there is no such session");
    return people_tell_customer_session(cx, cx->actor.id);
}

Status people_customer_session_end(Cx *cx, int64_t id)
{
    TRY(require_customer(cx));
    TRY(cx_in_tx(cx, end_tx, &id));
    people_grants_forget();
    return ST_OK;
}

Status people_customer_logout(Cx *cx)
{
    return people_customer_session_end(cx, cx->actor.session);
}

static Status end_all_tx(Cx *cx, void *arg)
{
    const int64_t   *id = arg;
    PeopleAccountRow row;
    TRY(people_sql_account_get(cx, *id, &row));
    TRY(people_customer_sessions_clear(cx, *id, 0));
    return audit_add(cx, "people.account", *id, "end_sessions", NULL, NULL, NULL);
}

Status people_customer_sessions_end(Cx *cx, int64_t account_id)
{
    if (cx->actor.kind != ACTOR_CUSTOMER || cx->actor.id != account_id)
        TRY(cx_require(cx, "customers.write"));
    TRY(cx_in_tx(cx, end_all_tx, &account_id));
    people_grants_forget();
    return ST_OK;
}

/* --- one's password -------------------------------------------------------------------------- */

typedef struct NewPassword {
    PeopleAccountRow account;
    Str              hash;
} NewPassword;

static Status password_tx(Cx *cx, void *arg)
{
    NewPassword     *p = arg;
    PeopleAccountRow now;
    TRY(people_sql_account_get(cx, p->account.id, &now));
    if (!str_eq(now.password, p->account.password))
        return cx_fail(cx, ST_DENIED, "people.wrong_password", "the password is wrong");
    TRY(people_sql_account_set_password(cx, now.id, p->hash, cx->now, NULL));
    TRY(people_customer_sessions_clear(cx, now.id, cx->actor.session));
    return audit_add(cx, "people.account", now.id, "set_password", NULL, NULL, NULL);
}

Status people_customer_password(Cx *cx, Str old, Str new)
{
    NewPassword p = {0};
    bool        right = true, stale;
    TRY(require_customer(cx));
    TRY(people_sql_account_get(cx, cx->actor.id, &p.account));
    if (p.account.password.len > 0)
        TRY(password_check(cx, p.account.password, old, &right, &stale));
    if (!right)
        return cx_fail(cx, ST_DENIED, "people.wrong_password", "the password is wrong");
    password_judge(&cx->issues, "/password", new, p.account.email, p.account.first_name);
    TRY(people_check_issues(cx));
    TRY(password_hash(cx, new, &p.hash));
    TRY(cx_in_tx(cx, password_tx, &p));
    people_grants_forget();
    return ST_OK;
}
