/* Signing in and up: codes sent by mail, and passwords. */
#include "people/customer_int.h"

#include "base/id.h"
#include "base/utf8.h"
#include "people/mail.h"
#include "people/password.h"

#include <sodium.h>
#include <string.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, CODE_DIGITS = 6 };

/* Mails to one address, and from one network; codes tried, and passwords. */
static const PeopleThrottleRule ASK_BY_EMAIL = {"ca:", 4, {MINUTE}, {60 * MINUTE}};
static const PeopleThrottleRule ASK_BY_NET = {
    "cn:", 20, {10 * SECOND}, {15 * MINUTE}, .shared = true};
static const PeopleThrottleRule CODE_BY_NET = {"cc:", 20, {SECOND}, {15 * MINUTE}, .shared = true};
static const PeopleThrottleRule LOGIN_BY_BOTH = {"cb:", 5, {SECOND}, {15 * MINUTE}};
static const PeopleThrottleRule LOGIN_BY_EMAIL = {"ce:", 50, {SECOND}, {MINUTE}};

/* --- asking for a code ----------------------------------------------------------------------- */

static Status code_hash(Cx *cx, Str token, Str code, Str *ret)
{
    unsigned char            key[SECRET_BYTES];
    crypto_generichash_state state;
    unsigned char           *hash = arena_array(cx->arena, unsigned char, PEOPLE_HASH_BYTES);
    TRY(secret_get(cx, "people.code", key));
    int rc = crypto_generichash_init(&state, key, sizeof key, PEOPLE_HASH_BYTES);
    rc |= crypto_generichash_update(&state, (const unsigned char *)token.ptr, token.len);
    rc |= crypto_generichash_update(&state, (const unsigned char *)code.ptr, code.len);
    rc |= crypto_generichash_final(&state, hash, PEOPLE_HASH_BYTES);
    ASSERT(rc == 0);
    *ret = (Str){(const char *)hash, PEOPLE_HASH_BYTES};
    return ST_OK;
}

typedef struct Ask {
    const PeopleAsking *in;
    PeopleCodeRow       row;
    Str                 code;
    Str                 token_text;
    int64_t             mail_id;
} Ask;

/* Which mail: what somebody with an account gets differs, the reply to the browser does not. */
static const char *template_of(int purpose, bool has_account)
{
    switch (purpose) {
    case PEOPLE_CODE_REGISTER: return has_account ? "registered" : "code";
    case PEOPLE_CODE_PASSWORD: return has_account ? "password" : "no_account";
    case PEOPLE_CODE_EMAIL: return has_account ? "email_taken" : "email";
    default: return "code";
    }
}

static Status queue_mail(Cx *cx, const Ask *ask, bool has_account)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, PEOPLE_MAIL_DATA_MAX);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "code", ask->code);
    json_i64(&j, "minutes", PEOPLE_CODE_LIFE.v / MINUTE);
    json_str(&j, "first_name", ask->row.first_name);
    json_end(&j);
    PeopleMail mail = {.key = id_format(cx->arena, "code", ask->mail_id),
                       .template = template_of(ask->row.purpose, has_account),
                       .to = ask->row.email,
                       .locale = ask->row.locale,
                       .data = str_dup(cx->arena, buf_str(&b))};
    return people_mail_queue(cx, &mail);
}

static Status ask_tx(Cx *cx, void *arg)
{
    Ask             *ask = arg;
    PeopleAccountRow account;
    bool             found;
    TRY(people_sql_account_by_email(cx, ask->row.email_key, &found, &account));
    if (found && account.locale.len > 0)
        ask->row.locale = account.locale;
    /* One account per address, so a code that could only fail later is of no use to anybody. */
    bool useless = (found && account.status != PEOPLE_ACCOUNT_ACTIVE) ||
                   (found && ask->row.purpose == PEOPLE_CODE_EMAIL) ||
                   (!found && ask->row.purpose == PEOPLE_CODE_PASSWORD);
    if (useless)
        ask->row.tries = PEOPLE_CODE_TRIES;
    TRY(people_sql_code_add(cx, &ask->row, NULL));
    if (found && account.status != PEOPLE_ACCOUNT_ACTIVE)
        return ST_OK; /* whoever was shut out gets no mail */
    return queue_mail(cx, ask, found);
}

/* The address and, for signing up, name and password. */
static Status check(Cx *cx, const PeopleAsking *in, Ask *ask)
{
    Str key;
    if (!people_normalise(cx->arena, PEOPLE_EMAIL, in->email, &key))
        issue_add(&cx->issues, STR("/email"), "bad_format", "is no e-mail address");
    else
        ask->row.email_key = key;
    if (in->purpose == PEOPLE_CODE_REGISTER && in->password.len > 0)
        password_judge(&cx->issues, "/password", in->password, in->email, in->first_name);
    return people_check_issues(cx);
}

static Str line_of(Str s)
{
    return s.ptr != NULL ? utf8_truncate(str_trim(s), 100) : STR("");
}

Status people_code_ask(Cx *cx, const PeopleAsking *in, PeopleAsked *ret, SpanMs *ret_retry)
{
    Ask ask = {.in = in};
    TRY(check(cx, in, &ask));
    Str       net = people_net_fine(cx->arena, in->from.address);
    PeopleTry tries[] = {
        {&ASK_BY_EMAIL, people_throttle_key(cx, ask.row.email_key, STR("mail"))},
        {&ASK_BY_NET, people_throttle_key(cx, STR("mail"), net)},
    };
    TRY(people_try(cx, tries, COUNT_OF(tries), ret_retry));
    char *digits = arena_array(cx->arena, char, CODE_DIGITS + 1);
    for (size_t i = 0; i < CODE_DIGITS; i++)
        digits[i] = (char)('0' + randombytes_uniform(10));
    ask.code = (Str){digits, CODE_DIGITS};
    ask.token_text = people_token_new(cx->arena);
    ask.mail_id = id_new();
    ask.row.token_hash = people_token_hash(cx->arena, ask.token_text);
    ask.row.purpose = in->purpose;
    ask.row.email = str_trim(in->email);
    ask.row.first_name = line_of(in->first_name);
    ask.row.last_name = line_of(in->last_name);
    ask.row.locale = in->locale.ptr != NULL ? utf8_truncate_bytes(in->locale, 35) : STR("");
    ask.row.password = STR("");
    ask.row.created_ms = cx->now;
    ask.row.ends_ms = unix_ms_add(cx->now, PEOPLE_CODE_LIFE);
    if (in->purpose == PEOPLE_CODE_EMAIL)
        ask.row.account_id = opt_i64(cx->actor.id);
    TRY(code_hash(cx, ask.token_text, ask.code, &ask.row.code_hash));
    if (in->purpose == PEOPLE_CODE_REGISTER && in->password.len > 0)
        TRY(password_hash(cx, in->password, &ask.row.password));
    TRY(cx_in_tx(cx, ask_tx, &ask));
    *ret = (PeopleAsked){.token = ask.token_text, .ends_at = ask.row.ends_ms};
    return ST_OK;
}

/* --- bringing it back ------------------------------------------------------------------------ */

static Status wrong_code(Cx *cx)
{
    return cx_fail(cx, ST_UNKNOWN, "people.wrong_code", "the code is wrong, old or used");
}

/* "123 456" and "123-456" are 123456. */
static Str digits_of(Arena *a, Str typed)
{
    char  *out = arena_array(a, char, typed.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < typed.len; i++)
        if (typed.ptr[i] != ' ' && typed.ptr[i] != '-')
            out[n++] = typed.ptr[i];
    return (Str){out, n};
}

typedef struct Enter {
    const PeopleEntering *in;
    PeopleCodeRow         code;
    PeopleAccountRow      account;
    Str                   password; /* hash of a new one; empty: none */
    Str                   agent, net;
    PeopleTry             tries[3];
    size_t                ntries;
    Str                   evidence;
    PeopleCustomerLogin   login;
} Enter;

static Status try_tx(Cx *cx, void *arg)
{
    Enter  *e = arg;
    int64_t n;
    TRY(people_sql_code_try(cx, e->code.token_hash, PEOPLE_CODE_TRIES, cx->now, &n));
    return n == 0 ? wrong_code(cx) : ST_OK;
}

/* Find the code, count the attempt - which stays counted - and compare. */
static Status look(Cx *cx, Enter *e)
{
    bool found;
    Str  hash;
    Str  token = people_token_hash(cx->arena, e->in->token);
    TRY(people_sql_code_get(cx, token, &found, &e->code));
    if (!found || e->code.ends_ms.v <= cx->now.v)
        return wrong_code(cx);
    TRY(cx_in_tx(cx, try_tx, e));
    TRY(code_hash(cx, e->in->token, digits_of(cx->arena, str_head(e->in->code, 64)), &hash));
    if (sodium_memcmp(hash.ptr, e->code.code_hash.ptr, PEOPLE_HASH_BYTES) != 0)
        return wrong_code(cx);
    return ST_OK;
}

/* In the transaction: from here on the work is this customer's. */
static Status sign_in(Cx *cx, Enter *e, bool verified)
{
    TRY(people_try_forget(cx, e->tries, e->ntries));
    TRY(people_account_link(cx, &e->account, e->in->anonymous, verified, e->evidence));
    TRY(people_customer_session_open(cx, e->account.id, e->agent, e->net, &e->login));
    TRY(people_sql_account_logged_in(cx, e->account.id, cx->now, NULL));
    return people_account_refresh(cx, &e->account);
}

static Status change_email(Cx *cx, Enter *e)
{
    CLEANUP(buf_done) Buf b = {0};
    PeopleAccountRow      other;
    bool                  taken;
    TRY(people_sql_account_by_email(cx, e->code.email_key, &taken, &other));
    if (taken && other.id != e->code.account_id.v)
        return cx_fail(cx, ST_CONFLICT, "people.email_taken", "this address has another account");
    TRY(people_sql_account_get(cx, e->code.account_id.v, &e->account));
    Str old = e->account.email;
    TRY(people_sql_account_set_email(cx, e->account.id, e->code.email, e->code.email_key, cx->now,
                                     NULL));
    TRY(people_sql_account_get(cx, e->account.id, &e->account));
    TRY(people_account_link(cx, &e->account, e->in->anonymous, true, e->evidence));
    TRY(people_customer_sessions_clear(cx, e->account.id, cx->actor.session));
    TRY(people_account_refresh(cx, &e->account));
    TRY(audit_add(cx, "people.account", e->account.id, "change_email", NULL, NULL, NULL));
    buf_init(&b, 4096);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "email", e->account.email);
    json_end(&j);
    e->login = (PeopleCustomerLogin){.session = cx->actor.session, .account_id = e->account.id};
    return people_mail_queue(cx, &(PeopleMail){.key = id_format(cx->arena, "changed", id_new()),
                                               .template = "email_changed",
                                               .to = old,
                                               .locale = e->account.locale,
                                               .data = str_dup(cx->arena, buf_str(&b))});
}

static Status enter_tx(Cx *cx, void *arg)
{
    Enter  *e = arg;
    int64_t n;
    bool    found;
    TRY(people_sql_code_spend(cx, e->code.token_hash, &n));
    if (n == 0)
        return wrong_code(cx);
    if (e->code.purpose == PEOPLE_CODE_EMAIL)
        return change_email(cx, e);
    TRY(people_sql_account_by_email(cx, e->code.email_key, &found, &e->account));
    if (found && e->account.status != PEOPLE_ACCOUNT_ACTIVE)
        return wrong_code(cx);
    if (!found)
        TRY(people_account_make(cx, &e->code, &e->account));
    cx->actor = (Actor){.kind = ACTOR_CUSTOMER, .id = e->account.id};
    if (e->password.len > 0) {
        TRY(people_sql_account_set_password(cx, e->account.id, e->password, cx->now, NULL));
        TRY(people_customer_sessions_clear(cx, e->account.id, 0));
        TRY(audit_add(cx, "people.account", e->account.id, "set_password", NULL, NULL, NULL));
    }
    TRY(sign_in(cx, e, true));
    e->login.made = !found;
    return ST_OK;
}

static Status enter(Cx *cx, Enter *e)
{
    const PeopleEntering *in = e->in;
    TRY(look(cx, e));
    if (e->code.purpose == PEOPLE_CODE_EMAIL &&
        (cx->actor.kind != ACTOR_CUSTOMER || cx->actor.id != e->code.account_id.v))
        return wrong_code(cx);
    if (e->code.purpose == PEOPLE_CODE_PASSWORD) {
        password_judge(&cx->issues, "/password", in->password, e->code.email, STR(""));
        TRY(people_check_issues(cx));
        TRY(password_hash(cx, in->password, &e->password));
    }
    return cx_in_tx(cx, enter_tx, e);
}

Status people_code_enter(Cx *cx, const PeopleEntering *in, PeopleCustomerLogin *ret,
                         SpanMs *ret_retry)
{
    Actor before = cx->actor;
    Str   net = people_net_fine(cx->arena, in->from.address);
    Enter e = {.in = in,
               .agent = people_agent(cx->arena, in->from.agent),
               .net = people_net(cx->arena, in->from.address),
               .tries = {{&CODE_BY_NET, people_throttle_key(cx, STR("code"), net)}},
               .ntries = 1,
               .evidence = cx->request_id.len > 0 ? cx->request_id : STR("code")};
    TRY(people_try(cx, e.tries, e.ntries, ret_retry));
    Status st = enter(cx, &e);
    if (st != ST_OK || e.code.purpose == PEOPLE_CODE_EMAIL)
        cx->actor = before;
    TRY(st);
    people_grants_forget();
    *ret = e.login;
    return ST_OK;
}

/* --- passwords ------------------------------------------------------------------------------- */

static Status wrong_login(Cx *cx)
{
    return cx_fail(cx, ST_UNKNOWN, "people.wrong_login", "the address or the password is wrong");
}

static Status login_tx(Cx *cx, void *arg)
{
    Enter           *e = arg;
    PeopleAccountRow now;
    TRY(people_sql_account_get(cx, e->account.id, &now));
    if (now.status != PEOPLE_ACCOUNT_ACTIVE || !str_eq(now.password, e->account.password))
        return wrong_login(cx);
    if (e->password.len > 0)
        TRY(people_sql_account_rehash(cx, now.id, now.password, e->password, NULL));
    cx->actor = (Actor){.kind = ACTOR_CUSTOMER, .id = now.id};
    return sign_in(cx, e, false);
}

static Status log_in(Cx *cx, Str key, Str password, Enter *e)
{
    bool found, right, stale;
    TRY(people_sql_account_by_email(cx, key, &found, &e->account));
    bool usable = found && e->account.status == PEOPLE_ACCOUNT_ACTIVE;
    TRY(password_check(cx, usable ? e->account.password : STR(""), password, &right, &stale));
    if (!right)
        return wrong_login(cx);
    if (stale)
        TRY(password_hash(cx, password, &e->password));
    return cx_in_tx(cx, login_tx, e);
}

Status people_customer_login(Cx *cx, Str email, Str password, const PeopleEntering *in,
                             PeopleCustomerLogin *ret, SpanMs *ret_retry)
{
    Actor before = cx->actor;
    Str   key = people_staff_key(cx->arena, utf8_truncate_bytes(email, 254));
    Str   net = people_net_fine(cx->arena, in->from.address);
    Enter e = {.in = in,
               .agent = people_agent(cx->arena, in->from.agent),
               .net = people_net(cx->arena, in->from.address),
               .tries = {{&LOGIN_BY_BOTH, people_throttle_key(cx, key, net)},
                         {&LOGIN_BY_EMAIL, people_throttle_key(cx, key, STR("customer"))},
                         {&CODE_BY_NET, people_throttle_key(cx, STR("login"), net)}},
               .ntries = 3,
               .evidence = cx->request_id.len > 0 ? cx->request_id : STR("password")};
    TRY(people_try(cx, e.tries, e.ntries, ret_retry));
    Status st = log_in(cx, key, password, &e);
    if (st != ST_OK)
        cx->actor = before;
    TRY(st);
    *ret = e.login;
    return ST_OK;
}
