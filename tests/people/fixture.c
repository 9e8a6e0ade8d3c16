#include "people/fixture.h"

#include "base/fault.h"
#include "people/people_int.h"

WORLD_MODULES(&people_module);

static int ready(void)
{
    static const Permission SHOP[] = {
        {"catalog.read", "See products."},     {"catalog.write", "Change products."},
        {"orders.read", "See orders."},        {"orders.write", "Change orders."},
        {"outreach.write", "Send campaigns."},
    };
    static const Module SHOP_MODULE = {
        .name = "shop", .permissions = SHOP, .npermissions = COUNT_OF(SHOP)};
    static const Module *const MODULES[] = {&people_module, &SHOP_MODULE};
    password_test_cheap(true);
    people_modules(MODULES, COUNT_OF(MODULES));
    people_grants_forget();
    return 0;
}

int people_setup_sqlite(void **state)
{
    return ready() + world_setup_sqlite(state);
}

int people_setup_postgres(void **state)
{
    return ready() + world_setup_postgres(state);
}

PeopleStaff people_hire(World *w, const char *email, int64_t role)
{
    PeopleStaff      staff;
    PeopleStaffInput in = {.email = str_from_cstr(email),
                           .name = STR("Somebody Else"),
                           .roles = {.items = &role, .n = 1}};
    Actor            before = w->cx.actor;
    act_as_system(w);
    assert_ok(people_staff_add_with(&w->cx, &in, PASSWORD, &staff), &w->cx.err);
    w->cx.actor = before;
    return staff;
}

PeopleLogin sign_in(World *w, const char *email, Str password)
{
    PeopleLogin login;
    SpanMs      retry;
    w->cx.actor = (Actor){0};
    assert_ok(people_login(&w->cx, str_from_cstr(email), password, HOME, &login, &retry),
              &w->cx.err);
    return login;
}

Str act_as(World *w, const char *email)
{
    PeopleLogin login = sign_in(w, email, PASSWORD);
    w->cx.actor = (Actor){0};
    assert_ok(people_enter_session(&w->cx, login.token), &w->cx.err);
    assert_int_equal(w->cx.actor.kind, ACTOR_STAFF);
    return login.token;
}

void act_as_system(World *w)
{
    w->cx.actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("test"), .all = true};
}

void later(World *w, SpanMs span)
{
    w->cx.now = unix_ms_add(w->cx.now, span);
}

static bool found_by(World *w, DbFilter *f)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    assert_ok(cx_filter_run(&w->cx, f, "i", &run), &w->cx.err);
    assert_ok(db_step(&run, &row, &w->cx.err), &w->cx.err);
    assert_true(row);
    return db_col_i64(&run, 0) > 0;
}

bool stored_anywhere(World *w, Str text)
{
    CLEANUP(buf_done) Buf pattern;
    DbFilter              f;
    buf_init(&pattern, 4096);
    buf_addf(&pattern, "%%" STR_FMT "%%", STR_ARG(text));
    db_filter_init(&f, &w->arena, "SELECT (SELECT count(*) FROM core_audit WHERE before LIKE ");
    db_filter_str(&f, buf_str(&pattern));
    db_filter_sql(&f, " OR after LIKE ");
    db_filter_str(&f, buf_str(&pattern));
    db_filter_sql(&f, ") + (SELECT count(*) FROM core_event WHERE payload LIKE ");
    db_filter_str(&f, buf_str(&pattern));
    db_filter_sql(&f, ") + (SELECT count(*) FROM people_staff WHERE password LIKE ");
    db_filter_str(&f, buf_str(&pattern));
    db_filter_sql(&f, ") + (SELECT count(*) FROM people_throttle WHERE key LIKE ");
    db_filter_str(&f, buf_str(&pattern));
    db_filter_sql(&f, ")");
    return found_by(w, &f);
}

int64_t audit_count(World *w, const char *action)
{
    CLEANUP(db_run_end) DbRun run = {0};
    DbFilter                  f;
    bool                      row;
    db_filter_init(&f, &w->arena, "SELECT count(*) FROM core_audit WHERE action = ");
    db_filter_str(&f, str_from_cstr(action));
    assert_ok(cx_filter_run(&w->cx, &f, "i", &run), &w->cx.err);
    assert_ok(db_step(&run, &row, &w->cx.err), &w->cx.err);
    return db_col_i64(&run, 0);
}

int64_t people_footprint(World *w)
{
    CLEANUP(db_run_end) DbRun run = {0};
    DbFilter                  f;
    bool                      row;
    db_filter_init(
        &f, &w->arena,
        "SELECT CAST((SELECT count(*) * 7919 + coalesce(sum(rev), 0) FROM people_staff)"
        " + (SELECT count(*) FROM people_staff_role) * 104729"
        " + (SELECT count(*) * 1299709 + coalesce(sum(rev), 0) * 31 FROM people_role)"
        " + (SELECT count(*) * 15485863 + coalesce(sum(rev), 0) * 37 FROM people_key)"
        " + (SELECT count(*) FROM people_link) * 32452843"
        " + (SELECT count(*) FROM people_session) * 49979687"
        " + (SELECT count(*) FROM people_recovery_code) * 67867967"
        " + (SELECT count(*) * 141650939 + coalesce(sum(profile_id % 1000003), 0)"
        "     FROM people_identifier)"
        " + (SELECT count(*) FROM people_edge) * 160481183"
        " + (SELECT count(*) FROM people_edge WHERE state = 'active') * 179424673"
        " + (SELECT count(*) * 198491317 + coalesce(sum(id % 999983), 0) FROM people_profile)"
        " + (SELECT count(*) FROM people_trait) * 217645177"
        " + (SELECT count(*) * 236887691 + coalesce(sum(rev), 0) * 41 FROM people_account)"
        " + (SELECT count(*) FROM people_customer_session) * 256203161"
        " + (SELECT count(*) FROM people_code) * 275604541"
        " + (SELECT count(*) * 295075147 + coalesce(sum(rev), 0) * 43 FROM people_address)"
        " + (SELECT count(*) FROM people_consent) * 314606869"
        " + (SELECT count(*) FROM people_data_request) * 334214459"
        " + (SELECT count(*) FROM people_data_request WHERE status = 'pending') * 353868013"
        " + (SELECT count(*) FROM people_suppression) * 373587883"
        " + (SELECT count(*) FROM people_mail) * 393342739"
        " + (SELECT count(*) FROM core_job) * 413158511"
        " + (SELECT count(*) FROM core_event) * 86028121"
        " + (SELECT count(*) FROM core_audit) * 122949823 AS BIGINT)");
    assert_ok(cx_filter_run(&w->cx, &f, "i", &run), &w->cx.err);
    assert_ok(db_step(&run, &row, &w->cx.err), &w->cx.err);
    return db_col_i64(&run, 0);
}

void people_survives_faults(World *w, PeopleStep *step)
{
    Actor   actor = w->cx.actor;
    int64_t before = people_footprint(w);
    for (int n = 1;; n++) {
        fault_arm(n, false);
        Status st = step(w);
        bool   fired = fault_fired();
        fault_arm(0, false);
        if (st == ST_OK)
            break;
        if (!fired)
            assert_ok(st, &w->cx.err);
        assert_int_equal(people_footprint(w), before);
        assert_true(n < 200);
        w->cx.actor = actor;
        w->cx.issues.n = w->cx.issues.total = 0;
        later(w, SPAN_HOURS(1)); /* failures to give a password were counted */
    }
    assert_int_not_equal(people_footprint(w), before);
}
