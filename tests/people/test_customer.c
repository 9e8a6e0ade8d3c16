/* Customers' accounts through the API that storefronts use, and what staff see of them. */
#include "people/api.h"

#include "base/fault.h"
#include "base/id.h"
#include "people/country.h"
#include "people/customer.h"
#include "people/customer_int.h"
#include "people/mail_int.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- helpers --------------------------------------------------------------------------------- */

static char body[1024];

static const char *fmt(const char *format, ...) PRINTF_LIKE(1, 2);
static const char *fmt(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    return body;
}

/* The newest mail: its template and data. */
static PeopleMailRow newest_mail(World *w)
{
    PeopleMailRowList rows;
    assert_ok(people_sql_mail_page(&w->cx, INT64_MAX, 1, &rows), &w->cx.err);
    assert_int_equal(rows.n, 1);
    return rows.items[0];
}

static Str mailed_code(World *w)
{
    const JsonValue *v;
    assert_ok(json_parse(&w->arena, newest_mail(w).data, &v, &w->cx.err), &w->cx.err);
    return json_get(v, STR("code"))->text;
}

static Str ask(Api *api, const char *purpose, const char *email, const char *more)
{
    api_expect(api, 202, HTTP_POST, "/store/v1/account/code",
               fmt("{\"purpose\":\"%s\",\"email\":\"%s\"%s}", purpose, email, more));
    return api_text(api, "token");
}

static void enter(Api *api, int status, Str token, Str code, const char *more)
{
    api_expect(api, status, HTTP_POST, "/store/v1/account/session",
               fmt("{\"token\":\"" STR_FMT "\",\"code\":\"" STR_FMT "\"%s}", STR_ARG(token),
                   STR_ARG(code), more));
    if (status == 200)
        api->csrf = api_text(api, "csrf_token");
}

/* Sign in (or up) with a code. */
static Api customer(World *w, const char *email)
{
    Api api = api_of(w);
    Str token = ask(&api, "login", email, "");
    enter(&api, 200, token, mailed_code(w), "");
    return api;
}

/* --- signing in ------------------------------------------------------------------------------ */

static void a_code_signs_in_and_makes_the_account(void **state)
{
    World *w = *state;
    Api    api = api_of(w);
    Str    token = ask(&api, "login", "Ann@Customer.Example", ",\"locale\":\"uk\"");
    assert_int_equal(api.customer.len, 0);
    Str code = mailed_code(w);
    assert_int_equal(code.len, 6);
    enter(&api, 401, token, STR("000000x"), "");
    enter(&api, 401, STR("another"), code, "");
    enter(&api, 200, token, code, ",\"anonymous_id\":\"web-1\"");
    assert_true(api_has(&api, "\"made\":true"));
    assert_non_null(memmem(api.set_cookie.ptr, api.set_cookie.len, "HttpOnly", 8));
    assert_str(api_text(&api, "account.email"), "Ann@Customer.Example");
    assert_str(api_text(&api, "account.locale"), "uk");
    api_expect(&api, 200, HTTP_GET, "/store/v1/account", NULL);
    enter(&api, 401, token, code, ""); /* it was spent */
    PeopleProfile p;
    assert_ok(people_find(&w->cx, PEOPLE_ANONYMOUS_ID, STR("web-1"), &p), &w->cx.err);
    assert_str(p.email, "Ann@Customer.Example");
    assert_str(p.lifecycle, "customer");
    Api again = customer(w, "ANN@customer.example");
    assert_false(api_has(&again, "\"made\":true"));
    assert_true(p.account_id.has);
}

static void codes_end_after_a_while_and_after_a_few_tries(void **state)
{
    World *w = *state;
    Api    api = api_of(w);
    Str    token = ask(&api, "login", "ann@customer.example", ""), code = mailed_code(w);
    later(w, SPAN_MINUTES(10));
    enter(&api, 401, token, code, "");
    later(w, SPAN_HOURS(1));
    token = ask(&api, "login", "ann@customer.example", "");
    code = mailed_code(w);
    for (int i = 0; i < PEOPLE_CODE_TRIES; i++)
        enter(&api, 401, token, STR("wrong"), "");
    enter(&api, 401, token, code, ""); /* right, but too late */
}

static void replies_do_not_tell_who_has_an_account(void **state)
{
    static const struct {
        const char *purpose, *known, *unknown;
    } CASES[] = {{"login", "code", "code"},
                 {"register", "registered", "code"},
                 {"password", "password", "no_account"}};
    World *w = *state;
    customer(w, "ann@customer.example");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Api a = api_of(w), b = api_of(w);
        later(w, SPAN_HOURS(25));
        ask(&a, CASES[i].purpose, "ann@customer.example", "");
        assert_str(newest_mail(w).template, CASES[i].known);
        ask(&b, CASES[i].purpose, "nobody@customer.example", "");
        assert_str(newest_mail(w).template, CASES[i].unknown);
        assert_int_equal(a.body.len, b.body.len);
        assert_int_equal(a.status, b.status);
    }
}

static void nobody_is_flooded_with_mails(void **state)
{
    World *w = *state;
    Api    api = api_of(w);
    int    sent = 0;
    for (int i = 0; i < 10; i++) {
        api_send(&api, HTTP_POST, "/store/v1/account/code",
                 "{\"purpose\":\"login\",\"email\":\"victim@customer.example\"}");
        assert_true(api.status == 202 || api.status == 429);
        sent += api.status == 202;
    }
    assert_true(sent <= 5);
    assert_int_equal(api.status, 429);
    assert_true(api.retry_after.len > 0);
}

static void passwords_are_set_checked_and_forgotten(void **state)
{
    World *w = *state;
    Api    api = api_of(w);
    Str    token = ask(&api, "register", "bob@customer.example",
                       ",\"first_name\":\"Bob\",\"last_name\":\"B.\","
                          "\"password\":\"correct horse battery\"");
    enter(&api, 200, token, mailed_code(w), "");
    assert_str(api_text(&api, "account.first_name"), "Bob");
    assert_true(api_has(&api, "\"has_password\":true"));
    static const char *const GOOD =
        "{\"email\":\"BOB@customer.example\",\"password\":\"correct horse battery\"}";
    static const char *const BAD =
        "{\"email\":\"bob@customer.example\",\"password\":\"correct horse batterx\"}";
    Api other = api_of(w);
    api_expect(&other, 401, HTTP_POST, "/store/v1/account/session", BAD);
    api_expect(&other, 200, HTTP_POST, "/store/v1/account/session", GOOD);
    api_expect(&api, 403, HTTP_PUT, "/store/v1/account/password",
               "{\"old_password\":\"wrong\",\"password\":\"another horse battery\"}");
    api_expect(&api, 422, HTTP_PUT, "/store/v1/account/password",
               "{\"old_password\":\"correct horse battery\",\"password\":\"short\"}");
    api_expect(
        &api, 204, HTTP_PUT, "/store/v1/account/password",
        "{\"old_password\":\"correct horse battery\",\"password\":\"another horse battery\"}");
    api_expect(&other, 401, HTTP_GET, "/store/v1/account", NULL); /* signed out there */
    api_expect(&api, 200, HTTP_GET, "/store/v1/account", NULL);
    api_expect(&other, 401, HTTP_POST, "/store/v1/account/session", GOOD);
    token = ask(&other, "password", "bob@customer.example", "");
    enter(&other, 422, token, mailed_code(w), ",\"password\":\"short\"");
    enter(&other, 200, token, mailed_code(w), ",\"password\":\"third horse battery\"");
    api_expect(&api, 401, HTTP_GET, "/store/v1/account", NULL);
    assert_false(stored_anywhere(w, STR("horse battery")));
}

static void guessing_a_password_is_slowed_down(void **state)
{
    World *w = *state;
    Api    api = customer(w, "ann@customer.example");
    int    slowed = 0;
    for (int i = 0; i < 12; i++) {
        Api thief = api_of(w);
        api_send(&thief, HTTP_POST, "/store/v1/account/session",
                 "{\"email\":\"ann@customer.example\",\"password\":\"guess guess guess\"}");
        assert_true(thief.status == 401 || thief.status == 429);
        slowed += thief.status == 429;
    }
    assert_true(slowed >= 5);
    api_expect(&api, 200, HTTP_GET, "/store/v1/account", NULL);
}

static void an_address_changes_once_it_is_confirmed(void **state)
{
    World *w = *state;
    Api    other = customer(w, "ann@customer.example");
    Api    api = customer(w, "ann@customer.example");
    Str    token = ask(&api, "email", "ann@new.example", "");
    Str    code = mailed_code(w);
    assert_str(newest_mail(w).recipient, "ann@new.example");
    Api thief = customer(w, "eve@customer.example");
    enter(&thief, 401, token, code, ""); /* it is not hers */
    enter(&api, 200, token, code, "");
    assert_str(api_text(&api, "account.email"), "ann@new.example");
    assert_str(newest_mail(w).template, "email_changed");
    assert_str(newest_mail(w).recipient, "ann@customer.example");
    api_expect(&other, 401, HTTP_GET, "/store/v1/account", NULL);
    api_expect(&api, 200, HTTP_GET, "/store/v1/account", NULL);
    ask(&api, "email", "eve@customer.example", "");
    assert_str(newest_mail(w).template, "email_taken");
    Api anonymous = api_of(w);
    api_expect(&anonymous, 401, HTTP_POST, "/store/v1/account/code",
               "{\"purpose\":\"email\",\"email\":\"x@customer.example\"}");
}

/* --- sessions -------------------------------------------------------------------------------- */

static void sessions_are_listed_and_ended(void **state)
{
    World *w = *state;
    Api    one = customer(w, "ann@customer.example"), two = customer(w, "ann@customer.example");
    api_expect(&one, 200, HTTP_GET, "/store/v1/account/sessions", NULL);
    Str second = api_text(&one, "data.0.id");
    assert_true(api_has(&one, "\"net\":\"203.0.113.0/24\""));
    char target[128];
    snprintf(target, sizeof target, "/store/v1/account/sessions/" STR_FMT, STR_ARG(second));
    Api eve = customer(w, "eve@customer.example");
    api_expect(&eve, 404, HTTP_DELETE, target, NULL);
    api_expect(&one, 204, HTTP_DELETE, target, NULL);
    api_expect(&two, 401, HTTP_GET, "/store/v1/account", NULL);
    two = customer(w, "ann@customer.example");
    api_expect(&one, 204, HTTP_DELETE, "/store/v1/account/sessions", NULL);
    api_expect(&two, 401, HTTP_GET, "/store/v1/account", NULL);
    api_expect(&eve, 200, HTTP_GET, "/store/v1/account", NULL);
    api_expect(&eve, 204, HTTP_DELETE, "/store/v1/account/session", NULL);
    api_expect(&eve, 401, HTTP_GET, "/store/v1/account", NULL);
}

static void a_foreign_page_changes_nothing(void **state)
{
    World *w = *state;
    Api    api = customer(w, "ann@customer.example");
    Str    csrf = api.csrf;
    api.csrf = (Str){0};
    api_expect(&api, 403, HTTP_PATCH, "/store/v1/account", "{\"first_name\":\"Eve\"}");
    api.csrf = csrf;
    api.origin = STR("cross-site");
    api_expect(&api, 403, HTTP_PATCH, "/store/v1/account", "{\"first_name\":\"Eve\"}");
    api_expect(&api, 403, HTTP_POST, "/store/v1/account/code",
               "{\"purpose\":\"login\",\"email\":\"a@b.example\"}");
    api.origin = STR("same-origin");
    api_expect(&api, 200, HTTP_PATCH, "/store/v1/account", "{\"first_name\":\"Ann\"}");
}

static void staff_and_customers_are_not_mixed_up(void **state)
{
    World *w = *state;
    Api    api = customer(w, "ann@customer.example");
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    api_expect(&api, 401, HTTP_GET, "/api/v1/customers", NULL);
    Api staff = api_of(w);
    api_sign_in(&staff, "owner@shop.example");
    api_expect(&staff, 401, HTTP_GET, "/store/v1/account", NULL);
    staff.customer = api.customer; /* the owner shops in the same browser */
    api_expect(&staff, 200, HTTP_GET, "/store/v1/account", NULL);
    assert_str(api_text(&staff, "account.email"), "ann@customer.example");
    api_expect(&staff, 200, HTTP_GET, "/api/v1/customers", NULL);
    staff.cookie = api.customer; /* one kind of token is no good as the other */
    api_expect(&staff, 401, HTTP_GET, "/api/v1/customers", NULL);
}

/* --- addresses ------------------------------------------------------------------------------- */

static void addresses_have_the_parts_of_their_country(void **state)
{
    static const struct {
        int         status;
        const char *parts, *issue;
    } CASES[] = {
        {201, "\"country\":\"NL\",\"postal_code\":\"1012 ab\",\"zone\":\"ignored\"", ""},
        {422, "\"country\":\"NL\"", "/postal_code"},
        {422, "\"country\":\"NL\",\"postal_code\":\"12345\"", "/postal_code"},
        {201, "\"country\":\"HK\",\"zone\":\"Kowloon\"", ""},
        {422, "\"country\":\"US\",\"postal_code\":\"10001\"", "/zone"},
        {201, "\"country\":\"us\",\"postal_code\":\"10001-0001\",\"zone\":\"NY\"", ""},
        {201, "\"country\":\"GB\",\"postal_code\":\"sw1a 1aa\"", ""},
        {201, "\"country\":\"IE\"", ""},
        {201, "\"country\":\"IE\",\"postal_code\":\"D02 X285\"", ""},
        {422, "\"country\":\"XX\"", "/country"},
        {201, "\"country\":\"AE\",\"zone\":\"Dubai\"", ""},
    };
    World *w = *state;
    Api    api = customer(w, "ann@customer.example");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        api_expect(&api, CASES[i].status, HTTP_POST, "/store/v1/account/addresses",
                   fmt("{\"last_name\":\"A\",\"line1\":\"Street 1\",\"city\":\"Town\",%s}",
                       CASES[i].parts));
        assert_true(api_has(&api, CASES[i].issue));
    }
    size_t         n;
    const Country *all = countries(&n);
    for (size_t i = 0; i < n; i++) /* the table finds all of itself, in either case */
        assert_ptr_equal(country_find(str_from_cstr(all[i].code)), &all[i]);
}

static void a_zone_that_came_as_a_number_is_written_as_its_name(void **state)
{
    static const struct {
        const char *country, *zone, *written;
    } CASES[] = {
        {"TR", "34", "İstanbul"}, {"TR", "TR-06", "Ankara"},
        {"tr", "1", "Adana"},     {"TR", "81", "Düzce"},
        {"TR", "82", "82"},       {"TR", "0", "0"},
        {"TR", "-1", "-1"},       {"TR", "İstanbul", "İstanbul"},
        {"TR", "JP-13", "JP-13"}, {"JP", "JP-13", "Tokyo"},
        {"JP", "47", "Okinawa"},  {"JP", "48", "48"},
        {"US", "NY", "NY"},       {"DE", "34", "34"},
        {"XX", "34", "34"},       {"TR", "TR-", "TR-"},
        {"TR", "", ""},           {"", "34", "34"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Str got = country_zone_name(str_from_cstr(CASES[i].country), str_from_cstr(CASES[i].zone));
        assert_true(str_eq(got, str_from_cstr(CASES[i].written)));
    }
}

static void there_is_one_default_address_as_long_as_there_are_any(void **state)
{
    static const char *const ADDRESS = "{\"last_name\":\"A\",\"line1\":\"Street 1\",\"city\":"
                                       "\"Kyiv\",\"country\":\"UA\",\"postal_code\":\"01001\"}";
    World                   *w = *state;
    Api  api = customer(w, "ann@customer.example"), eve = customer(w, "eve@customer.example");
    char first[128], second[128];
    api_expect(&api, 201, HTTP_POST, "/store/v1/account/addresses", ADDRESS);
    assert_true(api_has(&api, "\"is_default\":true"));
    snprintf(first, sizeof first, "/store/v1/account/addresses/" STR_FMT,
             STR_ARG(api_text(&api, "id")));
    api_expect(&api, 201, HTTP_POST, "/store/v1/account/addresses", ADDRESS);
    assert_true(api_has(&api, "\"is_default\":false"));
    snprintf(second, sizeof second, "/store/v1/account/addresses/" STR_FMT,
             STR_ARG(api_text(&api, "id")));
    api_expect(&eve, 404, HTTP_GET, second, NULL);
    api_expect(&eve, 404, HTTP_PATCH, second, "{\"city\":\"Elsewhere\"}");
    api_expect(&eve, 404, HTTP_DELETE, second, NULL);
    api_expect(&api, 200, HTTP_PATCH, second, "{\"is_default\":true}");
    api_expect(&api, 200, HTTP_GET, first, NULL);
    assert_true(api_has(&api, "\"is_default\":false"));
    api_expect(&api, 204, HTTP_DELETE, second, NULL);
    api_expect(&api, 200, HTTP_GET, first, NULL);
    assert_true(api_has(&api, "\"is_default\":true"));
    api.if_match = STR("\"99\"");
    api_expect(&api, 412, HTTP_PATCH, first, "{\"city\":\"Lviv\"}");
}

/* --- staff ----------------------------------------------------------------------------------- */

static void staff_find_merge_and_part_customers(void **state)
{
    World *w = *state;
    Api    staff = api_of(w);
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    api_sign_in(&staff, "owner@shop.example");
    api_expect(&staff, 201, HTTP_POST, "/api/v1/customers",
               "{\"identifiers\":[{\"namespace\":\"email\",\"value\":\"ann@x.example\"},"
               "{\"namespace\":\"loyalty_card\",\"value\":\"4711\"}],"
               "\"traits\":{\"name\":\"Ann A.\",\"vip\":true}}");
    Str one = api_text(&staff, "id");
    api_expect(&staff, 201, HTTP_POST, "/api/v1/customers",
               "{\"identifiers\":[{\"namespace\":\"phone\",\"value\":\"+31 20 123 4567\"}],"
               "\"traits\":{\"name\":\"A. Ann\"}}");
    Str two = api_text(&staff, "id");
    api_expect(&staff, 400, HTTP_POST, "/api/v1/customers",
               "{\"identifiers\":[{\"namespace\":\"email\",\"value\":\"null\"}]}");
    api_expect(&staff, 200, HTTP_GET, "/api/v1/customers/lookup?namespace=loyalty_card&value=4711",
               NULL);
    assert_true(str_eq(api_text(&staff, "id"), one));
    api_expect(&staff, 404, HTTP_GET, "/api/v1/customers/lookup?value=nobody@x.example", NULL);
    api_expect(&staff, 200, HTTP_GET, "/api/v1/customers?query=ann%20a", NULL);
    assert_true(str_eq(api_text(&staff, "data.0.id"), one));
    char target[128];
    snprintf(target, sizeof target, "/api/v1/customers/" STR_FMT "/merge", STR_ARG(two));
    api_expect(&staff, 200, HTTP_POST, target,
               fmt("{\"with\":\"" STR_FMT "\",\"note\":\"same card\"}", STR_ARG(one)));
    assert_true(str_eq(api_text(&staff, "id"), one));
    assert_str(api_text(&staff, "identifiers"), "3");
    snprintf(target, sizeof target, "/api/v1/customers/" STR_FMT "/links", STR_ARG(two));
    api_expect(&staff, 200, HTTP_GET, target, NULL);
    assert_str(api_text(&staff, "data.0.rule"), "manual");
    assert_str(api_text(&staff, "data.0.evidence"), "same card");
    Str edge = api_text(&staff, "data.0.id");
    snprintf(target, sizeof target, "/api/v1/customers/links/" STR_FMT, STR_ARG(edge));
    api_expect(&staff, 400, HTTP_DELETE, target, NULL); /* and why? */
    snprintf(target, sizeof target, "/api/v1/customers/links/" STR_FMT "?note=wrong",
             STR_ARG(edge));
    api_expect(&staff, 204, HTTP_DELETE, target, NULL);
    api_expect(&staff, 409, HTTP_DELETE, target, NULL);
    api_expect(&staff, 200, HTTP_GET, "/api/v1/audit?entity=people.customer", NULL);
    assert_str(api_text(&staff, "data.0.action"), "unmerge");
    assert_str(api_text(&staff, "data.0.after.note"), "wrong");
    assert_true(str_eq(api_text(&staff, "data.0.after.link"), edge));
    assert_str(api_text(&staff, "data.1.after.note"), "same card");
    snprintf(target, sizeof target, "/api/v1/customers/" STR_FMT "/consents", STR_ARG(two));
    api_expect(&staff, 204, HTTP_POST, target,
               "{\"purpose\":\"replay\",\"status\":\"denied\",\"text_version\":\"1\"}");
    api_expect(&staff, 400, HTTP_POST, target,
               "{\"purpose\":\"fun\",\"status\":\"denied\",\"text_version\":\"1\"}");
    api_expect(&staff, 200, HTTP_GET, target, NULL);
    assert_str(api_text(&staff, "data.0.status"), "denied");
    assert_str(api_text(&staff, "data.0.source"), "staff");
    snprintf(target, sizeof target, "/api/v1/customers/" STR_FMT, STR_ARG(two));
    api_expect(&staff, 200, HTTP_GET, target, NULL);
    assert_str(api_text(&staff, "name"), "A. Ann");
    api_expect(&staff, 200, HTTP_PATCH, target, "{\"traits\":{\"name\":null,\"note\":\"x\"}}");
    assert_true(api_has(&staff, "\"name\":null"));
    people_hire(w, "reader@shop.example", ROLE_MARKETING);
    Api other = api_of(w);
    api_sign_in(&other, "reader@shop.example");
    api_expect(&other, 403, HTTP_PATCH, target, "{\"traits\":{\"name\":\"X\"}}");
    assert_true(audit_count(w, "merge") == 1 && audit_count(w, "unmerge") == 1);
}

static void a_disabled_account_is_shut_out(void **state)
{
    World        *w = *state;
    Api           api = customer(w, "ann@customer.example");
    int64_t       id;
    PeopleAccount account;
    api_expect(&api, 200, HTTP_GET, "/store/v1/account", NULL);
    assert_true(id_parse(api_text(&api, "account.id"), "acc", &id));
    act_as_system(w);
    assert_ok(people_account_enable(&w->cx, id, false, &account), &w->cx.err);
    api_expect(&api, 401, HTTP_GET, "/store/v1/account", NULL);
    later(w, SPAN_HOURS(25));
    int64_t before = newest_mail(w).id;
    ask(&api, "login", "ann@customer.example", "");
    assert_int_equal(newest_mail(w).id, before);
    assert_ok(people_account_enable(&w->cx, id, true, &account), &w->cx.err);
    customer(w, "ann@customer.example");
}

/* --- one's data ------------------------------------------------------------------------------ */

static Core *core;

static void drained(World *w)
{
    core_set_now(core, w->cx.now);
    assert_ok(core_drain(core, &w->cx.err), &w->cx.err);
}

static void start_core(World *w)
{
    CoreOptions options = {.manual = true};
    assert_ok(core_start(w->db, world_modules, world_nmodules, &options, &core, &w->cx.err),
              &w->cx.err);
}

static void consents_count_the_newest_answer(void **state)
{
    World        *w = *state;
    Api           api = customer(w, "ann@customer.example");
    PeopleProfile p;
    bool          may;
    assert_ok(people_find(&w->cx, PEOPLE_EMAIL, STR("ann@customer.example"), &p), &w->cx.err);
    assert_ok(people_may(&w->cx, p.id, STR("marketing_email"), &may), &w->cx.err);
    assert_false(may); /* silence is no consent */
    api_expect(&api, 204, HTTP_POST, "/store/v1/account/consents",
               "{\"purpose\":\"marketing_email\",\"status\":\"granted\",\"text_version\":\"v1\"}");
    assert_ok(people_may(&w->cx, p.id, STR("marketing_email"), &may), &w->cx.err);
    assert_true(may);
    api_expect(
        &api, 204, HTTP_POST, "/store/v1/account/consents",
        "{\"purpose\":\"marketing_email\",\"status\":\"withdrawn\",\"text_version\":\"v1\"}");
    assert_ok(people_may(&w->cx, p.id, STR("marketing_email"), &may), &w->cx.err);
    assert_false(may);
    api_expect(&api, 400, HTTP_POST, "/store/v1/account/consents",
               "{\"purpose\":\"world domination\",\"status\":\"granted\",\"text_version\":\"1\"}");
    api_expect(&api, 200, HTTP_GET, "/store/v1/account/consents", NULL);
    assert_str(api_text(&api, "data.1.status"), "granted");
    assert_str(api_text(&api, "data.0.net"), "203.0.113.0/24");
}

static void who_is_erased_stays_erased(void **state)
{
    World *w = *state;
    start_core(w);
    Api api = customer(w, "ann@customer.example");
    api_expect(&api, 201, HTTP_POST, "/store/v1/account/addresses",
               "{\"last_name\":\"A\",\"line1\":\"Secret Street 1\",\"city\":\"Kyiv\","
               "\"country\":\"UA\",\"postal_code\":\"01001\"}");
    api_expect(&api, 200, HTTP_POST, "/store/v1/account/export", NULL);
    assert_true(api_has(&api, "Secret Street 1") && api_has(&api, "ann@customer.example"));
    api_expect(&api, 200, HTTP_POST, "/store/v1/account/erase", NULL);
    assert_str(api_text(&api, "status"), "pending");
    drained(w);
    api_expect(&api, 200, HTTP_GET, "/store/v1/account", NULL); /* time to change one's mind */
    later(w, SPAN_DAYS(4));
    w->cx.core = core;
    drained(w);
    people_grants_forget(); /* other processes hear of it */
    api_expect(&api, 401, HTTP_GET, "/store/v1/account", NULL);
    PeopleProfile p;
    assert_fails(people_find(&w->cx, PEOPLE_EMAIL, STR("ann@customer.example"), &p), ST_NOT_FOUND,
                 &w->cx.err, "people.no_customer");
    act_as_system(w);
    /* A late event does not bring them back; they themselves may come back. */
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    Api staff = api_of(w);
    api_sign_in(&staff, "owner@shop.example");
    api_expect(&staff, 400, HTTP_POST, "/api/v1/customers",
               "{\"identifiers\":[{\"namespace\":\"email\",\"value\":\"ann@customer.example\"}]}");
    Api back = customer(w, "ann@customer.example");
    assert_true(api_has(&back, "\"made\":true"));
    core_stop(core);
}

/* --- mail ------------------------------------------------------------------------------------ */

static void mails_are_rendered_in_the_readers_language(void **state)
{
    static const struct {
        const char *locale, *subject;
    } CASES[] = {{"en", "123456 is your code for Rapport"},
                 {"uk-UA", "123456 — ваш код для Rapport"},
                 {"ru", "123456 — ваш код для Rapport"},
                 {"tr", "Rapport kodunuz: 123456"},
                 {"nl", "123456 is uw code voor Rapport"},
                 {"zh-Hans", "123456 是您在 Rapport 的验证码"},
                 {"xx", "123456 is your code for Rapport"},
                 {"../../etc/passwd", "123456 is your code for Rapport"}};
    static const char *const NAMES[] = {"code",       "registered",   "password",
                                        "no_account", "webhook_gone", "webhook_failing",
                                        "email",      "email_taken",  "email_changed"};
    World                   *w = *state;
    PeopleMailText           text;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        for (size_t k = 0; k < COUNT_OF(NAMES); k++) {
            PeopleMail mail = {.template = NAMES[k],
                               .locale = str_from_cstr(CASES[i].locale),
                               .data = STR("{\"code\":\"123456\",\"minutes\":10,"
                                           "\"email\":\"<i>@x.example\"}")};
            assert_ok(people_mail_render(&w->cx, &mail, &text), &w->cx.err);
            if (k == 0)
                assert_str(text.subject, CASES[i].subject);
            assert_true(str_find(text.html, STR("{{")) == SIZE_MAX);
            assert_true(str_find(text.html, STR("<i>@")) == SIZE_MAX); /* escaped */
            assert_true(text.text.len > 50 && str_find(text.text, STR("<p")) == SIZE_MAX);
        }
    }
}

static size_t files_in(const char *dir, char *ret_name, size_t room)
{
    size_t         n = 0;
    DIR           *d = opendir(dir);
    struct dirent *e;
    while ((e = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (e->d_name[0] == '.')
            continue;
        n++;
        snprintf(ret_name, room, "%s/%s", dir, e->d_name);
    }
    closedir(d);
    return n;
}

static void a_mail_is_sent_once_however_often_it_is_tried(void **state)
{
    World *w = *state;
    char   dir[] = "/tmp/rapport-mails-XXXXXX", name[512];
    start_core(w);
    Api api = api_of(w);
    ask(&api, "login", "ann@customer.example", ""); /* nothing is set up: it waits */
    drained(w);
    PeopleMailRow row = newest_mail(w);
    assert_int_equal(row.status, PEOPLE_MAIL_QUEUED);
    assert_true(row.attempts == 1 && row.problem.len > 0);
    assert_non_null(mkdtemp(dir));
    people_mail_dir(dir);
    later(w, SPAN_MINUTES(5));
    drained(w);
    assert_int_equal(files_in(dir, name, sizeof name), 1);
    row = newest_mail(w);
    assert_int_equal(row.status, PEOPLE_MAIL_SENT);
    assert_str(row.data, ""); /* the code is gone from the database */
    unlink(name);
    Job                   job = {.payload = str_dup(&w->arena, STR("{}"))};
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 128);
    buf_addf(&b, "{\"mail\":\"" STR_FMT "\"}", STR_ARG(id_format(&w->arena, "mai", row.id)));
    job.payload = buf_str(&b);
    assert_ok(people_mail_send_job(&w->cx, &job), &w->cx.err); /* run again after a crash */
    assert_int_equal(files_in(dir, name, sizeof name), 0);
    people_mail_dir(NULL);
    rmdir(dir);
    core_stop(core);
}

/* --- faults ---------------------------------------------------------------------------------- */

static Str    fault_token, fault_code;
static UnixMs fault_time;

static Status sign_up_step(World *w)
{
    PeopleAsked         asked;
    SpanMs              retry;
    PeopleCustomerLogin login;
    PeopleAsking        in = {
               .purpose = PEOPLE_CODE_LOGIN, .email = STR("fault@customer.example"), .from = *HOME};
    (void)login;
    return people_code_ask(&w->cx, &in, &asked, &retry);
}

static Status enter_step(World *w)
{
    PeopleCustomerLogin login;
    SpanMs              retry;
    PeopleEntering      in = {.token = fault_token, .code = fault_code, .from = *HOME};
    w->cx.now = fault_time; /* the code lives ten minutes */
    return people_code_enter(&w->cx, &in, &login, &retry);
}

static Status erase_step(World *w)
{
    PeopleProfile     p;
    PeopleDataRequest request;
    TRY(people_find(&w->cx, PEOPLE_EMAIL, STR("ann@customer.example"), &p));
    return people_erase_ask(&w->cx, p.id, true, &request);
}

static void accounts_survive_every_fault(void **state)
{
    World *w = *state;
    people_survives_faults(w, sign_up_step);
    later(w, SPAN_DAYS(2));
    fault_time = w->cx.now;
    PeopleAsked  asked;
    SpanMs       retry;
    PeopleAsking in = {
        .purpose = PEOPLE_CODE_LOGIN, .email = STR("ann@customer.example"), .from = *HOME};
    assert_ok(people_code_ask(&w->cx, &in, &asked, &retry), &w->cx.err);
    fault_token = str_dup(&w->arena, asked.token);
    fault_code = mailed_code(w);
    PeopleCodeRow code;
    bool          found;
    int           faults = 0;
    for (int n = 1;; n++) { /* each failure may have counted as one of the five tries */
        w->cx.actor = (Actor){0};
        fault_arm(n, false);
        Status st = enter_step(w);
        fault_arm(0, false);
        if (st == ST_OK)
            break;
        faults++;
        PeopleProfile p;
        assert_int_equal(people_find(&w->cx, PEOPLE_EMAIL, STR("ann@customer.example"), &p),
                         ST_NOT_FOUND); /* nothing half made */
        assert_ok(
            people_sql_code_get(&w->cx, people_token_hash(&w->arena, fault_token), &found, &code),
            &w->cx.err);
        assert_true(found);
        if (code.tries >= 3) {
            fault_time = unix_ms_add(fault_time, SPAN_DAYS(2));
            w->cx.now = fault_time;
            assert_ok(people_code_ask(&w->cx, &in, &asked, &retry), &w->cx.err);
            fault_token = str_dup(&w->arena, asked.token);
            fault_code = mailed_code(w);
        }
        assert_true(n < 300);
    }
    assert_true(faults > 20);
    act_as_system(w);
    people_survives_faults(w, erase_step);
}

/* One list from its first page to its last and one back: `want` rows, none of them twice. */
static void walk_pages(Api *staff, Str id, const char *list, int want)
{
    char target[700], path[32];
    Str  seen[8], next = {0};
    int  at = 0;
    do {
        snprintf(target, sizeof target, "/api/v1/customers/" STR_FMT "/%s?limit=3%s" STR_FMT,
                 STR_ARG(id), list, next.len > 0 ? "&after=" : "", STR_ARG(next));
        api_expect(staff, 200, HTTP_GET, target, NULL);
        for (int i = 0; i < 3 && at < want; i++, at++) {
            snprintf(path, sizeof path, "data.%d.id", i);
            seen[at] = api_text(staff, path);
            for (int k = 0; k < at; k++)
                assert_false(str_eq(seen[k], seen[at]));
        }
        next = api_has(staff, "\"has_more\":true") ? api_text(staff, "page.next") : (Str){0};
    } while (next.len > 0);
    assert_int_equal(at, want);
    snprintf(target, sizeof target, "/api/v1/customers/" STR_FMT "/%s?limit=3&before=" STR_FMT,
             STR_ARG(id), list, STR_ARG(api_text(staff, "page.prev")));
    api_expect(staff, 200, HTTP_GET, target, NULL);
    assert_true(str_eq(api_text(staff, "data.0.id"), seen[3]));
    assert_true(str_eq(api_text(staff, "data.2.id"), seen[5]));
}

static void lists_of_one_customer_have_pages(void **state)
{
    World *w = *state;
    Api    staff = api_of(w);
    char   text[1000];
    int    n = snprintf(text, sizeof text, "{\"identifiers\":[");
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    api_sign_in(&staff, "owner@shop.example");
    for (int i = 0; i < 8; i++)
        n += snprintf(text + n, sizeof text - (size_t)n,
                      "%s{\"namespace\":\"external\",\"value\":\"x:%d\"}", i > 0 ? "," : "", i);
    snprintf(text + n, sizeof text - (size_t)n,
             "],\"traits\":{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7}}");
    api_expect(&staff, 201, HTTP_POST, "/api/v1/customers", text);
    Str id = api_text(&staff, "id");
    walk_pages(&staff, id, "identifiers", 8);
    walk_pages(&staff, id, "links", 7);
    walk_pages(&staff, id, "traits", 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_PEOPLE(a_code_signs_in_and_makes_the_account),
        TEST_PEOPLE(codes_end_after_a_while_and_after_a_few_tries),
        TEST_PEOPLE(replies_do_not_tell_who_has_an_account),
        TEST_PEOPLE(nobody_is_flooded_with_mails),
        TEST_PEOPLE(passwords_are_set_checked_and_forgotten),
        TEST_PEOPLE(guessing_a_password_is_slowed_down),
        TEST_PEOPLE(an_address_changes_once_it_is_confirmed),
        TEST_PEOPLE(sessions_are_listed_and_ended),
        TEST_PEOPLE(a_foreign_page_changes_nothing),
        TEST_PEOPLE(staff_and_customers_are_not_mixed_up),
        TEST_PEOPLE(addresses_have_the_parts_of_their_country),
        cmocka_unit_test(a_zone_that_came_as_a_number_is_written_as_its_name),
        TEST_PEOPLE(there_is_one_default_address_as_long_as_there_are_any),
        TEST_PEOPLE(staff_find_merge_and_part_customers),
        TEST_PEOPLE(a_disabled_account_is_shut_out),
        TEST_PEOPLE(consents_count_the_newest_answer),
        TEST_PEOPLE(lists_of_one_customer_have_pages),
        TEST_PEOPLE(who_is_erased_stays_erased),
        TEST_PEOPLE(mails_are_rendered_in_the_readers_language),
        TEST_PEOPLE(a_mail_is_sent_once_however_often_it_is_tried),
        TEST_PEOPLE(accounts_survive_every_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
