#include "people/fixture.h"

#include "base/fault.h"
#include "core/audit.h"
#include "core/setting.h"
#include "people/totp.h"

static Status try_login(World *w, const char *email, Str password, const PeopleOrigin *from,
                        SpanMs *ret_retry)
{
    PeopleLogin login;
    w->cx.actor = (Actor){0};
    return people_login(&w->cx, str_from_cstr(email), password, from, &login, ret_retry);
}

static bool enters(World *w, Str token)
{
    w->cx.actor = (Actor){0};
    assert_ok(people_enter_session(&w->cx, token), &w->cx.err);
    return w->cx.actor.kind == ACTOR_STAFF;
}

/* Switch the second step on for jane; gives the secret. */
static Str with_totp(World *w, PeopleTexts *ret_codes, PeopleLogin *ret)
{
    PeopleTotp     totp;
    PeopleStaffRow row;
    bool           found;
    char           code[7];
    assert_ok(people_totp_begin(&w->cx, PASSWORD, &totp), &w->cx.err);
    assert_ok(people_sql_staff_by_email(&w->cx, STR("jane@shop.example"), &found, &row),
              &w->cx.err);
    assert_str(totp_base32(&w->arena, row.totp_secret), str_cstr(&w->arena, totp.secret));
    snprintf(code, sizeof code, "%06u",
             (unsigned)totp_code(row.totp_secret, w->cx.now.v / 30000, 6));
    assert_ok(people_totp_confirm(&w->cx, str_from_cstr(code), ret_codes, ret), &w->cx.err);
    return row.totp_secret;
}

static Str code_now(World *w, Str secret)
{
    char *code = arena_array(&w->arena, char, 7);
    snprintf(code, 7, "%06u", (unsigned)totp_code(secret, w->cx.now.v / 30000, 6));
    return str_from_cstr(code);
}

static Status second(World *w, Str token, Str code, PeopleLogin *ret)
{
    SpanMs retry;
    w->cx.actor = (Actor){0};
    return people_login_second(&w->cx, token, code, HOME, ret, &retry);
}

/* --- the first owner ------------------------------------------------------------------------- */

static Str token_of(const PeopleLink *link)
{
    return (Str){link->path.ptr + 7, link->path.len - 7};
}

static void the_first_owner_comes_by_a_link_that_works_once(void **state)
{
    World         *w = *state;
    PeopleLink     old, link, none;
    PeopleLinkInfo info;
    PeopleStaff    owner;
    PeopleSetup    setup = {
           .email = STR(" Olga@Shop.example "), .name = STR("Olga"), .password = PASSWORD};
    w->cx.actor = (Actor){0};
    assert_ok(people_owner_link(&w->cx, &old), &w->cx.err);
    assert_ok(people_owner_link(&w->cx, &link), &w->cx.err);
    assert_fails(people_link_look(&w->cx, token_of(&old), &info), ST_NOT_FOUND, &w->cx.err,
                 "people.no_link");
    assert_ok(people_link_look(&w->cx, token_of(&link), &info), &w->cx.err);
    assert_int_equal(info.purpose, PEOPLE_LINK_OWNER);
    assert_ok(people_link_use(&w->cx, token_of(&link), &setup, &owner), &w->cx.err);
    assert_str(owner.email, "Olga@Shop.example");
    assert_int_equal(owner.status, PEOPLE_ACTIVE);
    assert_int_equal(owner.roles.items[0], PEOPLE_ROLE_OWNER);
    assert_int_equal(w->cx.actor.kind, ACTOR_ANONYMOUS);
    assert_fails(people_link_use(&w->cx, token_of(&link), &setup, &owner), ST_NOT_FOUND, &w->cx.err,
                 "people.no_link");
    assert_ok(people_owner_link(&w->cx, &none), &w->cx.err);
    assert_int_equal(none.path.len, 0);
    act_as(w, "olga@shop.example");
    assert_true(w->cx.actor.all);
}

static void a_link_is_too_old_after_a_day(void **state)
{
    World         *w = *state;
    PeopleLink     link;
    PeopleLinkInfo info;
    assert_ok(people_owner_link(&w->cx, &link), &w->cx.err);
    later(w, (SpanMs){PEOPLE_OWNER_LINK.v - 1});
    assert_ok(people_link_look(&w->cx, token_of(&link), &info), &w->cx.err);
    later(w, (SpanMs){1});
    assert_fails(people_link_look(&w->cx, token_of(&link), &info), ST_NOT_FOUND, &w->cx.err,
                 "people.no_link");
    assert_fails(people_link_look(&w->cx, STR(""), &info), ST_NOT_FOUND, &w->cx.err,
                 "people.no_link");
}

static void a_form_that_is_wrong_leaves_the_link_usable(void **state)
{
    static const PeopleSetup BAD[] = {
        {.email = STR_INIT("olga"),
         .name = STR_INIT("Olga"),
         .password = STR_INIT("long enough 1")},
        {.email = STR_INIT("o@s.example"),
         .name = STR_INIT(" "),
         .password = STR_INIT("long enough 1")},
        {.email = STR_INIT("o@s.example"), .name = STR_INIT("Olga"), .password = STR_INIT("short")},
        {.email = STR_INIT("o x@s.example"),
         .name = STR_INIT("Olga"),
         .password = STR_INIT("long enough 1")},
    };
    World      *w = *state;
    PeopleLink  link;
    PeopleStaff owner;
    PeopleSetup good = {.email = STR("o@s.example"), .name = STR("Olga"), .password = PASSWORD};
    assert_ok(people_owner_link(&w->cx, &link), &w->cx.err);
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        assert_fails(people_link_use(&w->cx, token_of(&link), &BAD[i], &owner), ST_INVALID,
                     &w->cx.err, "shape.invalid");
        assert_int_equal(w->cx.issues.n, 1);
        w->cx.issues.n = w->cx.issues.total = 0;
    }
    assert_ok(people_link_use(&w->cx, token_of(&link), &good, &owner), &w->cx.err);
}

static void an_owner_made_meanwhile_makes_the_link_worthless(void **state)
{
    World         *w = *state;
    PeopleLink     link;
    PeopleStaff    owner;
    PeopleSetup    setup = {.email = STR("o@s.example"), .name = STR("Olga"), .password = PASSWORD};
    PeopleLinkInfo info;
    assert_ok(people_owner_link(&w->cx, &link), &w->cx.err);
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    assert_ok(people_link_look(&w->cx, token_of(&link), &info), &w->cx.err);
    people_hire(w, "first@shop.example", PEOPLE_ROLE_OWNER);
    assert_fails(people_link_use(&w->cx, token_of(&link), &setup, &owner), ST_NOT_FOUND, &w->cx.err,
                 "people.no_link");
}

static void invitations_and_resets_set_the_password(void **state)
{
    World           *w = *state;
    int64_t          role = ROLE_SUPPORT;
    PeopleStaffInput in = {
        .email = STR("jane@shop.example"), .name = STR("J"), .roles = {&role, 1}};
    PeopleStaff jane;
    PeopleLink  link;
    PeopleSetup setup = {.name = STR("Jane Doe"), .password = PASSWORD};
    SpanMs      retry;
    assert_ok(people_staff_add(&w->cx, &in, &jane), &w->cx.err);
    assert_fails(try_login(w, "jane@shop.example", PASSWORD, HOME, &retry), ST_UNKNOWN, &w->cx.err,
                 "people.wrong_login");
    act_as_system(w);
    assert_ok(people_link_make(&w->cx, jane.id, &link), &w->cx.err);
    assert_int_equal(link.purpose, PEOPLE_LINK_INVITE);
    assert_ok(people_link_use(&w->cx, token_of(&link), &setup, &jane), &w->cx.err);
    assert_str(jane.name, "Jane Doe");
    assert_int_equal(jane.status, PEOPLE_ACTIVE);
    Str token = act_as(w, "jane@shop.example");
    act_as_system(w);
    assert_ok(people_link_make(&w->cx, jane.id, &link), &w->cx.err);
    assert_int_equal(link.purpose, PEOPLE_LINK_RESET);
    setup.password = STR("another good one");
    assert_true(enters(w, token)); /* nothing happens before the link is used */
    assert_ok(people_link_use(&w->cx, token_of(&link), &setup, &jane), &w->cx.err);
    assert_false(enters(w, token));
    sign_in(w, "jane@shop.example", STR("another good one"));
}

/* --- signing in ------------------------------------------------------------------------------ */

static void whatever_is_wrong_the_answer_is_the_same(void **state)
{
    World           *w = *state;
    PeopleStaffInput disable = {.given = 8, .status = PEOPLE_DISABLED};
    PeopleStaff      jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    static const struct {
        const char *email;
        const char *password;
    } CASES[] = {{"jane@shop.example", "wrong password"},
                 {"nobody@shop.example", "correct horse battery"},
                 {"", ""},
                 {"jane@shop.example", ""},
                 {"off@shop.example", "correct horse battery"},
                 {"\xff\xfe", "correct horse battery"}};
    PeopleStaff off = people_hire(w, "off@shop.example", ROLE_SUPPORT);
    SpanMs      retry;
    char        first[160] = "";
    int64_t     statements = 0;
    assert_ok(people_staff_update(&w->cx, off.id, 0, &disable, &off), &w->cx.err);
    (void)jane;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        PeopleOrigin from = {.address = STR("198.51.100.1"), .agent = STR("x")};
        int64_t      before = w->cx.statements;
        assert_fails(try_login(w, CASES[i].email, str_from_cstr(CASES[i].password), &from, &retry),
                     ST_UNKNOWN, &w->cx.err, "people.wrong_login");
        if (i == 0) {
            snprintf(first, sizeof first, "%s", w->cx.err.msg);
            statements = w->cx.statements - before;
        }
        assert_string_equal(w->cx.err.msg, first);
        assert_int_equal(w->cx.statements - before, statements); /* as much work, too */
        assert_int_equal(w->cx.actor.kind, ACTOR_ANONYMOUS);
    }
    sign_in(w, "JANE@shop.example", PASSWORD);
}

static void guessing_is_slowed_down_ever_more(void **state)
{
    static const int64_t WAITS[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900};
    World               *w = *state;
    SpanMs               retry = {0};
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    for (size_t i = 0; i < COUNT_OF(WAITS); i++) {
        assert_int_equal(try_login(w, "jane@shop.example", STR("wrong password"), HOME, &retry),
                         ST_UNKNOWN);
        if (WAITS[i] == 0)
            continue;
        assert_fails(try_login(w, "jane@shop.example", PASSWORD, HOME, &retry), ST_RATE, &w->cx.err,
                     "people.try_later");
        assert_int_equal(retry.v, WAITS[i] * 1000);
        later(w, (SpanMs){retry.v - 1});
        assert_int_equal(try_login(w, "jane@shop.example", PASSWORD, HOME, &retry), ST_RATE);
        later(w, (SpanMs){1});
    }
    sign_in(w, "jane@shop.example", PASSWORD);
    assert_int_equal(try_login(w, "jane@shop.example", STR("wrong password"), HOME, &retry),
                     ST_UNKNOWN);
    assert_int_equal(try_login(w, "jane@shop.example", STR("wrong password"), HOME, &retry),
                     ST_UNKNOWN);
}

static void unknown_accounts_are_slowed_down_alike(void **state)
{
    World *w = *state;
    SpanMs retry = {0};
    for (int i = 0; i < 6; i++)
        assert_int_equal(try_login(w, "nobody@shop.example", STR("wrong"), HOME, &retry),
                         ST_UNKNOWN);
    assert_int_equal(try_login(w, "nobody@shop.example", STR("wrong"), HOME, &retry), ST_RATE);
    assert_int_equal(retry.v, 1000);
}

static void somebody_elses_guessing_does_not_lock_the_owner_out(void **state)
{
    World       *w = *state;
    PeopleOrigin away = {.address = STR("198.51.100.9"), .agent = STR("Guess")};
    SpanMs       retry = {0};
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    for (int i = 0; i < 6; i++)
        assert_int_equal(try_login(w, "jane@shop.example", STR("wrong password"), &away, &retry),
                         ST_UNKNOWN);
    assert_int_equal(try_login(w, "jane@shop.example", PASSWORD, &away, &retry), ST_RATE);
    sign_in(w, "jane@shop.example", PASSWORD);
}

static void one_network_cannot_try_many_accounts(void **state)
{
    World *w = *state;
    SpanMs retry = {0};
    int    stopped = 0;
    for (int i = 0; i < 60; i++) {
        char email[64], address[64];
        snprintf(email, sizeof email, "user%d@shop.example", i);
        snprintf(address, sizeof address, "2001:db8:1:2::%x", (unsigned)i + 1); /* one /64 */
        PeopleOrigin from = {.address = str_from_cstr(address), .agent = STR("x")};
        stopped += try_login(w, email, STR("wrong"), &from, &retry) == ST_RATE;
    }
    assert_int_equal(stopped, 60 - 31);
}

static void passwords_under_old_parameters_are_hashed_anew(void **state)
{
    World         *w = *state;
    PeopleStaffRow before, after;
    bool           found;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    assert_ok(people_sql_staff_by_email(&w->cx, STR("jane@shop.example"), &found, &before),
              &w->cx.err);
    password_test_cheap(false);
    sign_in(w, "jane@shop.example", PASSWORD);
    assert_ok(people_sql_staff_by_email(&w->cx, STR("jane@shop.example"), &found, &after),
              &w->cx.err);
    assert_false(str_eq(before.password, after.password));
    assert_true(str_starts(after.password, STR("$argon2id$v=19$m=65536,")));
    sign_in(w, "jane@shop.example", PASSWORD);
}

/* --- sessions -------------------------------------------------------------------------------- */

static void every_sign_in_has_a_token_of_its_own(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str one = act_as(w, "jane@shop.example");
    Str two = act_as(w, "jane@shop.example");
    assert_int_equal(one.len, 43);
    assert_false(str_eq(one, two));
    assert_true(enters(w, one));
    assert_true(enters(w, two));
    assert_false(enters(w, STR("")));
    assert_false(enters(w, STR("made-up")));
    assert_false(stored_anywhere(w, one));
}

static void sessions_end_when_idle_and_in_any_case(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str idle = act_as(w, "jane@shop.example");
    Str busy = act_as(w, "jane@shop.example");
    for (SpanMs t = {0}; t.v + SPAN_HOURS(10).v < SPAN_DAYS(7).v; t.v += SPAN_HOURS(10).v) {
        assert_true(enters(w, busy));
        later(w, SPAN_HOURS(10));
        assert_ok(people_flush(&w->cx), &w->cx.err);
    }
    assert_false(enters(w, idle));
    assert_true(enters(w, busy));
    later(w, SPAN_HOURS(10));
    assert_false(enters(w, busy));
}

static void set_security(World *w, const PeopleSecurity *security)
{
    int64_t        version;
    PeopleSecurity old;
    act_as_system(w);
    assert_ok(setting_get(&w->cx, &people_security_setting, &old, &version), &w->cx.err);
    assert_ok(setting_put(&w->cx, &people_security_setting, version, security, NULL), &w->cx.err);
    people_grants_forget(); /* as the reaction to it does */
}

static void the_shop_says_how_long_sessions_last(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str before = act_as(w, "jane@shop.example");
    set_security(w, &(PeopleSecurity){.session_idle_hours = 2, .session_days = 1});
    Str after = act_as(w, "jane@shop.example");
    for (int hours = 0; hours < 22; hours += 2) {
        later(w, SPAN_HOURS(2));
        assert_true(enters(w, before));
        assert_true(enters(w, after));
        assert_ok(people_flush(&w->cx), &w->cx.err);
    }
    later(w, SPAN_HOURS(2));
    assert_true(enters(w, before)); /* it was to last a week */
    assert_false(enters(w, after));
    later(w, (SpanMs){SPAN_HOURS(2).v + 1});
    assert_false(enters(w, before)); /* but not unused */
}

static int64_t entries(World *w)
{
    AuditEntry *list;
    size_t      n;
    assert_ok(audit_list(&w->cx, &(AuditFilter){.limit = 1000}, &list, &n), &w->cx.err);
    return (int64_t)n;
}

static void the_audit_log_is_kept_as_long_as_the_shop_says(void **state)
{
    World *w = *state;
    act_as_system(w);
    int64_t first = entries(w);
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    int64_t old = entries(w);
    assert_true(old > first);
    set_security(w, &(PeopleSecurity){.session_idle_hours = 2, .session_days = 1});
    later(w, SPAN_DAYS(5000));
    assert_ok(people_prune_audit(&w->cx), &w->cx.err);
    assert_true(entries(w) > old); /* 0: for ever */
    set_security(w, &(PeopleSecurity){2, 1, 1});
    int64_t all = entries(w);
    later(w, SPAN_DAYS(89));
    assert_ok(people_prune_audit(&w->cx), &w->cx.err);
    assert_int_equal(entries(w), 1); /* the youngest, for 90 days at least */
    assert_true(all > 1);
    later(w, SPAN_DAYS(2));
    assert_ok(people_prune_audit(&w->cx), &w->cx.err);
    assert_int_equal(entries(w), 0);
}

static Status seen_tx(Cx *cx, void *arg)
{
    return people_sql_session_seen(cx, *(const int64_t *)arg, cx->now, NULL);
}

static void what_another_process_saw_counts_too(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str     token = act_as(w, "jane@shop.example");
    int64_t id = w->cx.actor.session;
    later(w, SPAN_HOURS(11));
    assert_ok(cx_in_tx(&w->cx, seen_tx, &id), &w->cx.err); /* the other process */
    later(w, SPAN_HOURS(11));
    assert_true(enters(w, token));
}

static void requests_of_a_known_session_need_no_statement(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str     token = act_as(w, "jane@shop.example");
    int64_t before = w->cx.statements;
    for (int i = 0; i < 100; i++)
        assert_true(enters(w, token));
    assert_int_equal(w->cx.statements, before);
    later(w, SPAN_MINUTES(1));
    assert_true(enters(w, token));
    assert_true(w->cx.statements > before);
}

static void disabling_ends_sessions_at_once(void **state)
{
    World           *w = *state;
    PeopleStaff      jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    PeopleStaffInput disable = {.given = 8, .status = PEOPLE_DISABLED};
    PeopleStaffInput enable = {.given = 8, .status = PEOPLE_ACTIVE};
    Str              token = act_as(w, "jane@shop.example");
    act_as_system(w);
    assert_ok(people_staff_update(&w->cx, jane.id, 0, &disable, &jane), &w->cx.err);
    assert_false(enters(w, token));
    act_as_system(w);
    assert_ok(people_staff_update(&w->cx, jane.id, 0, &enable, &jane), &w->cx.err);
    assert_false(enters(w, token));
}

static void a_change_of_roles_ends_sessions(void **state)
{
    World           *w = *state;
    int64_t          role = ROLE_READER;
    PeopleStaff      jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    PeopleStaffInput in = {.given = 16, .roles = {&role, 1}};
    Str              token = act_as(w, "jane@shop.example");
    act_as_system(w);
    assert_ok(people_staff_update(&w->cx, jane.id, 0, &in, &jane), &w->cx.err);
    assert_false(enters(w, token));
}

static void sessions_are_listed_and_ended_by_their_owner(void **state)
{
    World            *w = *state;
    PeopleSessionList list;
    PeopleStaff       jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    PeopleStaff       eve = people_hire(w, "eve@shop.example", ROLE_SUPPORT);
    PeopleRange       all = {.limit = 100};
    Str               one = act_as(w, "jane@shop.example");
    Str               two = act_as(w, "jane@shop.example");
    assert_ok(people_session_list(&w->cx, jane.id, &all, &list), &w->cx.err);
    assert_int_equal(list.n, 2);
    assert_true(list.items[0].current);
    assert_str(list.items[0].net, "203.0.113.0/24");
    assert_str(list.items[0].agent, "Browser/1.0");
    int64_t first = list.items[1].id;
    act_as(w, "eve@shop.example");
    assert_int_equal(people_session_list(&w->cx, jane.id, &all, &list), ST_DENIED);
    assert_int_equal(people_session_end(&w->cx, first), ST_DENIED);
    assert_true(enters(w, one));
    assert_true(enters(w, two));
    assert_ok(people_session_end(&w->cx, first), &w->cx.err);
    assert_false(enters(w, one));
    assert_true(enters(w, two));
    assert_fails(people_session_end(&w->cx, first), ST_NOT_FOUND, &w->cx.err, "people.no_session");
    assert_ok(people_logout(&w->cx), &w->cx.err);
    assert_false(enters(w, two));
    (void)eve;
}

static void all_other_sessions_end_together(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str one = act_as(w, "jane@shop.example");
    Str two = act_as(w, "jane@shop.example");
    assert_ok(people_session_end_others(&w->cx), &w->cx.err);
    assert_false(enters(w, one));
    assert_true(enters(w, two));
}

static void the_oldest_of_too_many_sessions_end(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str first = act_as(w, "jane@shop.example");
    for (int i = 0; i < PEOPLE_SESSIONS_MAX - 1; i++)
        sign_in(w, "jane@shop.example", PASSWORD);
    people_grants_forget();
    assert_true(enters(w, first));
    sign_in(w, "jane@shop.example", PASSWORD);
    people_grants_forget();
    assert_false(enters(w, first));
}

static void networks_are_kept_and_addresses_are_not(void **state)
{
    static const struct {
        const char *address, *net, *fine;
    } CASES[] = {
        {"203.0.113.77", "203.0.113.0/24", "203.0.113.77/32"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1::/48", "2001:db8:1:2::/64"},
        {"::ffff:203.0.113.77", "203.0.113.0/24", "203.0.113.77/32"},
        {"", "", ""},
        {"not an address", "", ""},
    };
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        assert_str(people_net(&w->arena, str_from_cstr(CASES[i].address)), CASES[i].net);
        assert_str(people_net_fine(&w->arena, str_from_cstr(CASES[i].address)), CASES[i].fine);
    }
}

/* --- password -------------------------------------------------------------------------------- */

static void a_new_password_needs_the_old_one_and_ends_other_sessions(void **state)
{
    World      *w = *state;
    PeopleLogin login;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str other = act_as(w, "jane@shop.example");
    Str mine = act_as(w, "jane@shop.example");
    assert_fails(people_password_change(&w->cx, STR("wrong"), STR("a fine new one"), &login),
                 ST_DENIED, &w->cx.err, "people.wrong_password");
    assert_fails(people_password_change(&w->cx, PASSWORD, STR("short"), &login), ST_INVALID,
                 &w->cx.err, "shape.invalid");
    w->cx.issues.n = w->cx.issues.total = 0;
    assert_ok(people_password_change(&w->cx, PASSWORD, STR("a fine new one"), &login), &w->cx.err);
    assert_false(enters(w, other));
    assert_false(enters(w, mine)); /* its token was replaced */
    assert_true(enters(w, login.token));
    sign_in(w, "jane@shop.example", STR("a fine new one"));
    act_as_system(w);
    assert_fails(people_password_change(&w->cx, PASSWORD, STR("a fine new one"), &login), ST_DENIED,
                 &w->cx.err, "people.not_a_person");
}

static void guessing_the_password_of_an_open_session_is_slowed_down(void **state)
{
    World      *w = *state;
    PeopleLogin login;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    act_as(w, "jane@shop.example");
    for (int i = 0; i < 6; i++)
        assert_int_equal(people_password_change(&w->cx, STR("guess"), STR("a fine one"), &login),
                         ST_DENIED);
    assert_fails(people_password_change(&w->cx, PASSWORD, STR("a fine new one"), &login), ST_RATE,
                 &w->cx.err, "people.try_later");
}

/* --- second step ----------------------------------------------------------------------------- */

static void the_second_step_is_asked_for_once_it_is_on(void **state)
{
    World      *w = *state;
    PeopleTexts codes;
    PeopleLogin login, done;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str other = act_as(w, "jane@shop.example");
    Str before = act_as(w, "jane@shop.example");
    Str secret = with_totp(w, &codes, &login);
    assert_int_equal(codes.n, PEOPLE_RECOVERY_CODES);
    assert_false(enters(w, other));
    assert_false(enters(w, before));
    assert_true(enters(w, login.token));
    later(w, SPAN_SECONDS(30));
    login = sign_in(w, "jane@shop.example", PASSWORD);
    assert_true(login.second_step);
    assert_false(enters(w, login.token));
    assert_fails(second(w, login.token, STR("000000"), &done), ST_UNKNOWN, &w->cx.err,
                 "people.wrong_code");
    Str code = code_now(w, secret);
    assert_ok(second(w, login.token, code, &done), &w->cx.err);
    assert_false(done.second_step);
    assert_true(enters(w, done.token));
    assert_false(enters(w, login.token));
    assert_fails(second(w, login.token, code, &done), ST_UNKNOWN, &w->cx.err, "people.login_again");
    login = sign_in(w, "jane@shop.example", PASSWORD);
    assert_fails(second(w, login.token, code, &done), ST_UNKNOWN, &w->cx.err, "people.wrong_code");
}

static void the_second_step_has_ten_minutes(void **state)
{
    World      *w = *state;
    PeopleTexts codes;
    PeopleLogin login, done;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    act_as(w, "jane@shop.example");
    Str secret = with_totp(w, &codes, &login);
    login = sign_in(w, "jane@shop.example", PASSWORD);
    later(w, PEOPLE_HALF_LIFE);
    assert_fails(second(w, login.token, code_now(w, secret), &done), ST_UNKNOWN, &w->cx.err,
                 "people.login_again");
    assert_fails(second(w, STR("made up"), code_now(w, secret), &done), ST_UNKNOWN, &w->cx.err,
                 "people.login_again");
}

static void codes_cannot_be_guessed(void **state)
{
    World      *w = *state;
    PeopleTexts codes;
    PeopleLogin login, done;
    int         tried = 0;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    act_as(w, "jane@shop.example");
    with_totp(w, &codes, &login);
    login = sign_in(w, "jane@shop.example", PASSWORD);
    for (int i = 0; i < 600; i++) { /* one a second, for as long as the step lasts */
        tried += second(w, login.token, STR("123456"), &done) == ST_UNKNOWN;
        later(w, SPAN_SECONDS(1));
    }
    assert_true(tried < 20);
}

static void a_recovery_code_works_once(void **state)
{
    World      *w = *state;
    PeopleTexts codes;
    PeopleLogin login, done;
    int64_t     left;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    act_as(w, "jane@shop.example");
    with_totp(w, &codes, &login);
    for (size_t i = 0; i < codes.n; i++) {
        assert_int_equal(codes.items[i].len, 19);
        for (size_t k = 0; k < i; k++)
            assert_false(str_eq(codes.items[i], codes.items[k]));
        assert_false(stored_anywhere(w, codes.items[i]));
    }
    char upper[19];
    for (size_t i = 0; i < sizeof upper; i++) {
        char c = codes.items[3].ptr[i];
        upper[i] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c == '-' ? ' ' : c);
    }
    login = sign_in(w, "jane@shop.example", PASSWORD);
    assert_ok(second(w, login.token, (Str){upper, sizeof upper}, &done), &w->cx.err);
    login = sign_in(w, "jane@shop.example", PASSWORD);
    assert_fails(second(w, login.token, codes.items[3], &done), ST_UNKNOWN, &w->cx.err,
                 "people.wrong_code");
    assert_ok(second(w, login.token, codes.items[4], &done), &w->cx.err);
    assert_true(enters(w, done.token));
    assert_ok(people_recovery_left(&w->cx, &left), &w->cx.err);
    assert_int_equal(left, PEOPLE_RECOVERY_CODES - 2);
    PeopleTexts fresh;
    assert_ok(people_recovery_renew(&w->cx, PASSWORD, &fresh), &w->cx.err);
    login = sign_in(w, "jane@shop.example", PASSWORD);
    assert_fails(second(w, login.token, codes.items[5], &done), ST_UNKNOWN, &w->cx.err,
                 "people.wrong_code");
    assert_ok(second(w, login.token, fresh.items[5], &done), &w->cx.err);
}

static void the_second_step_is_switched_off_by_password_or_by_a_manager(void **state)
{
    World      *w = *state;
    PeopleTexts codes;
    PeopleLogin login, done;
    PeopleTotp  totp;
    PeopleStaff jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    act_as(w, "jane@shop.example");
    with_totp(w, &codes, &login);
    assert_true(enters(w, login.token));
    assert_fails(people_totp_begin(&w->cx, PASSWORD, &totp), ST_CONFLICT, &w->cx.err,
                 "people.totp_on");
    assert_fails(people_totp_off(&w->cx, STR("wrong"), &done), ST_DENIED, &w->cx.err,
                 "people.wrong_password");
    assert_ok(people_totp_off(&w->cx, PASSWORD, &done), &w->cx.err);
    assert_false(sign_in(w, "jane@shop.example", PASSWORD).second_step);
    act_as(w, "jane@shop.example");
    later(w, SPAN_MINUTES(2)); /* the code used before is spent */
    with_totp(w, &codes, &login);
    act_as(w, "owner@shop.example");
    assert_ok(people_staff_drop_totp(&w->cx, jane.id), &w->cx.err);
    assert_false(enters(w, login.token));
    assert_false(sign_in(w, "jane@shop.example", PASSWORD).second_step);
}

/* --- faults ---------------------------------------------------------------------------------- */

static int64_t count(World *w, const char *which)
{
    CLEANUP(db_run_end) DbRun run = {0};
    DbFilter                  f;
    bool                      row;
    if (which[0] == 's')
        db_filter_init(&f, &w->arena, "SELECT count(*) FROM people_session");
    else
        db_filter_init(&f, &w->arena, "SELECT count(*) FROM people_recovery_code");
    assert_ok(cx_filter_run(&w->cx, &f, "i", &run), &w->cx.err);
    assert_ok(db_step(&run, &row, &w->cx.err), &w->cx.err);
    return db_col_i64(&run, 0);
}

static void a_fault_while_signing_in_leaves_no_session(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    for (int n = 1;; n++) {
        SpanMs retry;
        fault_arm(n, false);
        Status st = try_login(w, "jane@shop.example", PASSWORD, HOME, &retry);
        bool   fired = fault_fired();
        fault_arm(0, false);
        assert_int_equal(count(w, "session"), st == ST_OK);
        if (st == ST_OK || !fired)
            break;
        assert_int_equal(w->cx.actor.kind, ACTOR_ANONYMOUS);
        later(w, SPAN_HOURS(1)); /* what failed was counted */
    }
    assert_int_equal(count(w, "session"), 1);
}

static void a_fault_at_the_second_step_spends_nothing(void **state)
{
    World      *w = *state;
    PeopleTexts codes;
    PeopleLogin login, done;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    act_as(w, "jane@shop.example");
    with_totp(w, &codes, &login);
    for (int n = 1;; n++) {
        login = sign_in(w, "jane@shop.example", PASSWORD);
        fault_arm(n, false);
        Status st = second(w, login.token, codes.items[0], &done);
        bool   fired = fault_fired();
        fault_arm(0, false);
        assert_int_equal(count(w, "codes"), PEOPLE_RECOVERY_CODES - (st == ST_OK));
        if (st == ST_OK || !fired)
            break;
        later(w, SPAN_HOURS(1));
    }
    assert_true(enters(w, done.token));
}

static PeopleLink  reset_link;
static Str         new_password;
static PeopleLogin renewed; /* by the last step */

static Status step_link_use(World *w)
{
    PeopleStaff jane;
    PeopleSetup setup = {.password = STR("set behind a link")};
    return people_link_use(&w->cx, token_of(&reset_link), &setup, &jane);
}

static Status step_owner_link(World *w)
{
    PeopleLink link;
    return people_owner_link(&w->cx, &link);
}

static Status step_password(World *w)
{
    return people_password_change(&w->cx, PASSWORD, new_password, &renewed);
}

static Status step_totp_begin(World *w)
{
    PeopleTotp totp;
    return people_totp_begin(&w->cx, new_password, &totp);
}

static Status step_totp_confirm(World *w)
{
    PeopleStaffRow row;
    PeopleTexts    codes;
    TRY(people_sql_staff_get(&w->cx, w->cx.actor.id, &row));
    return people_totp_confirm(&w->cx, code_now(w, row.totp_secret), &codes, &renewed);
}

static Status step_recovery(World *w)
{
    PeopleTexts codes;
    return people_recovery_renew(&w->cx, new_password, &codes);
}

static Status step_totp_off(World *w)
{
    return people_totp_off(&w->cx, new_password, &renewed);
}

static void a_fault_leaves_ones_account_as_it_was(void **state)
{
    static PeopleStep *const STEPS[] = {step_password, step_totp_begin, step_totp_confirm,
                                        step_recovery, step_totp_off};
    World                   *w = *state;
    PeopleStaff              jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    new_password = STR("another good one");
    people_survives_faults(w, step_owner_link);
    act_as(w, "jane@shop.example");
    for (size_t s = 0; s < COUNT_OF(STEPS); s++) {
        renewed = (PeopleLogin){0};
        people_survives_faults(w, STEPS[s]);
        if (renewed.token.len > 0)
            assert_true(enters(w, renewed.token));
    }
    act_as_system(w);
    assert_ok(people_link_make(&w->cx, jane.id, &reset_link), &w->cx.err);
    people_survives_faults(w, step_link_use);
    sign_in(w, "jane@shop.example", STR("set behind a link"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_PEOPLE(the_first_owner_comes_by_a_link_that_works_once),
        TEST_PEOPLE(a_link_is_too_old_after_a_day),
        TEST_PEOPLE(a_form_that_is_wrong_leaves_the_link_usable),
        TEST_PEOPLE(an_owner_made_meanwhile_makes_the_link_worthless),
        TEST_PEOPLE(invitations_and_resets_set_the_password),
        TEST_PEOPLE(whatever_is_wrong_the_answer_is_the_same),
        TEST_PEOPLE(guessing_is_slowed_down_ever_more),
        TEST_PEOPLE(unknown_accounts_are_slowed_down_alike),
        TEST_PEOPLE(somebody_elses_guessing_does_not_lock_the_owner_out),
        TEST_PEOPLE(one_network_cannot_try_many_accounts),
        TEST_PEOPLE(passwords_under_old_parameters_are_hashed_anew),
        TEST_PEOPLE(every_sign_in_has_a_token_of_its_own),
        TEST_PEOPLE(the_shop_says_how_long_sessions_last),
        TEST_PEOPLE(the_audit_log_is_kept_as_long_as_the_shop_says),
        TEST_PEOPLE(sessions_end_when_idle_and_in_any_case),
        TEST_PEOPLE(what_another_process_saw_counts_too),
        TEST_PEOPLE(requests_of_a_known_session_need_no_statement),
        TEST_PEOPLE(disabling_ends_sessions_at_once),
        TEST_PEOPLE(a_change_of_roles_ends_sessions),
        TEST_PEOPLE(sessions_are_listed_and_ended_by_their_owner),
        TEST_PEOPLE(all_other_sessions_end_together),
        TEST_PEOPLE(the_oldest_of_too_many_sessions_end),
        TEST_PEOPLE(networks_are_kept_and_addresses_are_not),
        TEST_PEOPLE(a_new_password_needs_the_old_one_and_ends_other_sessions),
        TEST_PEOPLE(guessing_the_password_of_an_open_session_is_slowed_down),
        TEST_PEOPLE(the_second_step_is_asked_for_once_it_is_on),
        TEST_PEOPLE(the_second_step_has_ten_minutes),
        TEST_PEOPLE(codes_cannot_be_guessed),
        TEST_PEOPLE(a_recovery_code_works_once),
        TEST_PEOPLE(the_second_step_is_switched_off_by_password_or_by_a_manager),
        TEST_PEOPLE(a_fault_while_signing_in_leaves_no_session),
        TEST_PEOPLE(a_fault_at_the_second_step_spends_nothing),
        TEST_PEOPLE(a_fault_leaves_ones_account_as_it_was),
    };
    return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
