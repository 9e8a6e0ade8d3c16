#include "people/customer_int.h"

#include "base/id.h"
#include "base/utf8.h"
#include "people/password.h"
#include "people/totp.h"

#include <string.h>

static const ShapeField SESSION_FIELDS[] = {
    SHAPE_ID(PeopleSession, id, "ses", .flags = SHAPE_READ_ONLY),
    SHAPE_ID(PeopleSession, staff_id, "stf", .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(PeopleSession, agent, .doc = "The browser, as it calls itself."),
    SHAPE_TEXT(PeopleSession, net, .doc = "The network it came from; the address is not kept."),
    SHAPE_BOOL(PeopleSession, current, .doc = "Is it the one that asks?"),
    SHAPE_TIME(PeopleSession, created_at),
    SHAPE_TIME(PeopleSession, seen_at, .doc = "To the minute."),
    SHAPE_TIME(PeopleSession, ends_at, .doc = "At the latest."),
};
const Shape people_session_shape =
    SHAPE_OF(PeopleSession, "Session", SESSION_FIELDS, .doc = "A browser that is signed in.");

/* --- opening, renewing, ending --------------------------------------------------------------- */

enum { AGENT_MAX = 255 };

/* What a browser says of itself, fit to be stored and shown. */
Str people_agent(Arena *a, Str sent)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 16384);
    utf8_clean(&b, utf8_truncate_bytes(sent, AGENT_MAX));
    for (size_t i = 0; i < b.len; i++)
        if ((unsigned char)b.ptr[i] < ' ' || b.ptr[i] == 0x7f)
            b.ptr[i] = ' ';
    return b.len == 0 ? STR("") : str_dup(a, buf_str(&b));
}

Status people_session_open(Cx *cx, int64_t staff_id, bool half, Str agent, Str net,
                           PeopleLogin *ret)
{
    PeopleSecurity security;
    TRY(people_security(cx, &security));
    SpanMs           life = half ? PEOPLE_HALF_LIFE : SPAN_DAYS(security.session_days);
    PeopleLogin      made = {.token = people_token_new(cx->arena),
                             .session = id_new(),
                             .second_step = half,
                             .life = life};
    PeopleSessionRow row = {.id = made.session,
                            .staff_id = staff_id,
                            .token_hash = people_token_hash(cx->arena, made.token),
                            .half = half,
                            .agent = agent,
                            .net = net,
                            .created_ms = cx->now,
                            .seen_ms = cx->now,
                            .ends_ms = unix_ms_add(cx->now, life)};
    TRY(people_sql_session_add(cx, &row, NULL));
    TRY(people_sql_session_trim(cx, staff_id, PEOPLE_SESSIONS_MAX, NULL));
    *ret = made;
    return ST_OK;
}

Status people_session_renew(Cx *cx, PeopleLogin *ret)
{
    PeopleSessionRow old;
    TRY(people_sql_session_get(cx, cx->actor.session, &old));
    TRY(people_sessions_clear(cx, old.staff_id, 0));
    return people_session_open(cx, old.staff_id, false, old.agent, old.net, ret);
}

Status people_sessions_clear(Cx *cx, int64_t staff_id, int64_t besides)
{
    int64_t n;
    TRY(people_sql_session_remove_others(cx, staff_id, besides, &n));
    return n > 0 ? people_tell_session(cx, staff_id, 0) : ST_OK;
}

/* --- signing in: the password ---------------------------------------------------------------- */

static Status wrong_login(Cx *cx)
{
    return cx_fail(cx, ST_UNKNOWN, "people.wrong_login", "the address or the password is wrong");
}

typedef struct Entering {
    PeopleStaffRow staff;
    Str            agent, net;
    Str            rehashed; /* empty: the stored hash is fine */
    PeopleTry      tries[3];
    size_t         ntries;
    int64_t        half;     /* the session whose second step this is */
    int64_t        step;     /* the app's code, or … */
    Str            recovery; /* … the hash of a recovery code */
    PeopleLogin    login;
} Entering;

/* From here on the work is this person's. */
static void become(Cx *cx, const PeopleStaffRow *row)
{
    cx->actor = (Actor){.kind = ACTOR_STAFF, .id = row->id, .name = row->name};
}

/* All that is left once everything was right: in a transaction. */
static Status enter(Cx *cx, Entering *e, bool half)
{
    TRY(people_try_forget(cx, e->tries, e->ntries));
    TRY(people_session_open(cx, e->staff.id, half, e->agent, e->net, &e->login));
    if (half)
        return ST_OK;
    TRY(people_sql_staff_logged_in(cx, e->staff.id, cx->now, NULL));
    return audit_add(cx, "people.staff", e->staff.id, "sign_in", NULL, NULL, NULL);
}

static Status login_tx(Cx *cx, void *arg)
{
    Entering      *e = arg;
    PeopleStaffRow now;
    TRY(people_sql_staff_get(cx, e->staff.id, &now));
    if (now.status != PEOPLE_ACTIVE || !str_eq(now.password, e->staff.password))
        return wrong_login(cx);
    if (e->rehashed.len > 0)
        TRY(people_sql_staff_rehash(cx, now.id, now.password, e->rehashed, NULL));
    return enter(cx, e, now.totp_ms.has);
}

static Status log_in(Cx *cx, Str email, Str password, Entering *e)
{
    bool found, right, stale;
    TRY(people_sql_staff_by_email(cx, people_staff_key(cx->arena, email), &found, &e->staff));
    bool usable = found && e->staff.status == PEOPLE_ACTIVE;
    TRY(password_check(cx, usable ? e->staff.password : STR(""), password, &right, &stale));
    if (!right)
        return wrong_login(cx);
    if (stale)
        TRY(password_hash(cx, password, &e->rehashed));
    become(cx, &e->staff);
    return cx_in_tx(cx, login_tx, e);
}

/* What failures are counted under: not the address itself, which may be anything. */
Str people_throttle_key(Cx *cx, Str a, Str b)
{
    static const char HEX[] = "0123456789abcdef";
    size_t            room = a.len + b.len + 2;
    char             *text = arena_array(cx->arena, char, room);
    int               n = snprintf(text, room, STR_FMT "\n" STR_FMT, STR_ARG(a), STR_ARG(b));
    Str               hash = people_token_hash(cx->arena, (Str){text, (size_t)n});
    char             *out = arena_array(cx->arena, char, 33);
    for (size_t i = 0; i < 16; i++) {
        out[2 * i] = HEX[(unsigned char)hash.ptr[i] >> 4];
        out[2 * i + 1] = HEX[(unsigned char)hash.ptr[i] & 15];
    }
    return (Str){out, 32};
}

/* As whoever was before, if it fails. */
static Status as_before(Cx *cx, Status st, const Actor *before)
{
    if (st != ST_OK)
        cx->actor = *before;
    return st;
}

Status people_login(Cx *cx, Str email, Str password, const PeopleOrigin *from, PeopleLogin *ret,
                    SpanMs *ret_retry)
{
    Actor    before = cx->actor;
    Str      key = people_staff_key(cx->arena, utf8_truncate_bytes(email, 254));
    Str      net = people_net_fine(cx->arena, from->address);
    Entering e = {.agent = people_agent(cx->arena, from->agent),
                  .net = people_net(cx->arena, from->address),
                  .tries = {{&people_by_account_and_net, people_throttle_key(cx, key, net)},
                            {&people_by_account, people_throttle_key(cx, key, STR(""))},
                            {&people_by_net, people_throttle_key(cx, STR(""), net)}},
                  .ntries = 3};
    TRY(people_try(cx, e.tries, e.ntries, ret_retry));
    TRY(as_before(cx, log_in(cx, email, password, &e), &before));
    *ret = e.login;
    return ST_OK;
}

/* --- signing in: the second step ------------------------------------------------------------- */

/* "abcd-efgh-jkmn-pqrs", however it was typed, as it was made. */
static Str recovery_hash(Arena *a, Str typed)
{
    char  *out = arena_array(a, char, typed.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.ptr[i];
        if (c != ' ' && c != '-')
            out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return people_token_hash(a, (Str){out, n});
}

static Status wrong_code(Cx *cx)
{
    return cx_fail(cx, ST_UNKNOWN, "people.wrong_code", "the code is wrong, old or used");
}

static Status login_again(Cx *cx)
{
    return cx_fail(cx, ST_UNKNOWN, "people.login_again", "begin again with the password");
}

static Status second_tx(Cx *cx, void *arg)
{
    Entering *e = arg;
    int64_t   n;
    TRY(people_sql_session_remove(cx, e->half, &n));
    if (n == 0)
        return login_again(cx);
    if (e->step >= 0)
        TRY(people_sql_staff_spend_step(cx, e->staff.id, e->step, &n));
    else
        TRY(people_sql_recovery_spend(cx, e->staff.id, e->recovery, &n));
    return n == 0 ? wrong_code(cx) : enter(cx, e, false);
}

static Status second(Cx *cx, Str code, Entering *e)
{
    bool app = totp_check(e->staff.totp_secret, code, cx->now, e->staff.totp_step, &e->step);
    if (!app) {
        e->step = -1;
        e->recovery = recovery_hash(cx->arena, code);
    }
    become(cx, &e->staff);
    return cx_in_tx(cx, second_tx, e);
}

Status people_login_second(Cx *cx, Str token, Str code, const PeopleOrigin *from, PeopleLogin *ret,
                           SpanMs *ret_retry)
{
    Actor            before = cx->actor;
    PeopleSessionRow half;
    bool             found;
    TRY(people_sql_session_by_token(cx, people_token_hash(cx->arena, token), &found, &half));
    if (!found || !half.half || half.ends_ms.v <= cx->now.v || code.len > 64)
        return login_again(cx);
    Str      net = people_net_fine(cx->arena, from->address);
    Str      who = {(const char *)&half.staff_id, sizeof half.staff_id};
    Entering e = {.agent = half.agent,
                  .net = half.net,
                  .half = half.id,
                  .tries = {{&people_by_code, people_throttle_key(cx, STR("code"), who)},
                            {&people_by_net, people_throttle_key(cx, STR(""), net)}},
                  .ntries = 2};
    TRY(people_sql_staff_get(cx, half.staff_id, &e.staff));
    if (e.staff.status != PEOPLE_ACTIVE || !e.staff.totp_ms.has)
        return login_again(cx);
    TRY(people_try(cx, e.tries, e.ntries, ret_retry));
    TRY(as_before(cx, second(cx, code, &e), &before));
    *ret = e.login;
    return ST_OK;
}

/* --- lists, ending --------------------------------------------------------------------------- */

static Status require_session_of(Cx *cx, int64_t staff_id, const char *permission)
{
    if (cx->actor.kind == ACTOR_STAFF && cx->actor.id == staff_id)
        return ST_OK;
    return cx_require(cx, permission);
}

Status people_session_list(Cx *cx, int64_t staff_id, const PeopleRange *range,
                           PeopleSessionList *ret)
{
    PeopleSessionRowList rows;
    TRY(require_session_of(cx, staff_id, "people.read"));
    if (range->backwards)
        TRY(people_sql_session_page_back(cx, staff_id, range->id, range->limit, &rows));
    else
        TRY(people_sql_session_page(cx, staff_id, range->from ? range->id : INT64_MAX, range->limit,
                                    &rows));
    PeopleSessionList list = {.items = arena_array(cx->arena, PeopleSession, rows.n + 1),
                              .n = rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const PeopleSessionRow *r = &rows.items[i];
        list.items[i] = (PeopleSession){.id = r->id,
                                        .staff_id = r->staff_id,
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

static Status end_tx(Cx *cx, void *arg)
{
    const int64_t   *id = arg;
    PeopleSessionRow row;
    TRY(people_sql_session_get(cx, *id, &row));
    TRY(require_session_of(cx, row.staff_id, "people.write"));
    if (cx->actor.id != row.staff_id)
        TRY(people_require_over(cx, row.staff_id));
    TRY(people_sql_session_remove(cx, *id, NULL));
    TRY(audit_add(cx, "people.staff", row.staff_id, "end_session", NULL, NULL, NULL));
    return people_tell_session(cx, row.staff_id, row.id);
}

Status people_session_end(Cx *cx, int64_t id)
{
    TRY(cx_in_tx(cx, end_tx, &id));
    people_grants_forget();
    return ST_OK;
}

Status people_logout(Cx *cx)
{
    return people_session_end(cx, cx->actor.session);
}

static Status end_others_tx(Cx *cx, void *arg)
{
    (void)arg;
    TRY(people_sessions_clear(cx, cx->actor.id, cx->actor.session));
    return audit_add(cx, "people.staff", cx->actor.id, "end_other_sessions", NULL, NULL, NULL);
}

Status people_session_end_others(Cx *cx)
{
    if (cx->actor.kind != ACTOR_STAFF)
        return cx_fail(cx, ST_DENIED, "people.not_a_person", "only a person has sessions");
    TRY(cx_in_tx(cx, end_others_tx, NULL));
    people_grants_forget();
    return ST_OK;
}
