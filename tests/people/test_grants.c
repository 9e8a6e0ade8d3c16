/* What is known of sessions and keys in memory: shared by threads, renewed by events. */
#include "people/fixture.h"

#include <pthread.h>
#include <stdatomic.h>

static Status react(World *w, const char *type)
{
    for (size_t i = 0; i < people_module.nreactions; i++) {
        const Reaction *r = &people_module.reactions[i];
        if (strcmp(r->type, type) == 0) {
            assert_true(r->every_process);
            return r->run(&w->cx, &(Event){.type = str_from_cstr(type)});
        }
    }
    fail_msg("nothing reacts to %s", type);
    return ST_IO;
}

static Status remove_tx(Cx *cx, void *arg)
{
    return people_sql_session_remove(cx, *(const int64_t *)arg, NULL);
}

static void an_event_of_another_process_renews_what_is_known(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str     token = act_as(w, "jane@shop.example");
    int64_t id = w->cx.actor.session;
    assert_ok(cx_in_tx(&w->cx, remove_tx, &id), &w->cx.err); /* behind the back of this process */
    assert_ok(people_enter_session(&w->cx, token), &w->cx.err);
    assert_int_equal(w->cx.actor.kind, ACTOR_STAFF);
    assert_ok(react(w, "people.session_ended"), &w->cx.err);
    w->cx.actor = (Actor){0};
    assert_ok(people_enter_session(&w->cx, token), &w->cx.err);
    assert_int_equal(w->cx.actor.kind, ACTOR_ANONYMOUS);
}

static void without_any_event_it_is_renewed_after_a_minute(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str     token = act_as(w, "jane@shop.example");
    int64_t id = w->cx.actor.session;
    assert_ok(cx_in_tx(&w->cx, remove_tx, &id), &w->cx.err);
    later(w, SPAN_MINUTES(1));
    w->cx.actor = (Actor){0};
    assert_ok(people_enter_session(&w->cx, token), &w->cx.err);
    assert_int_equal(w->cx.actor.kind, ACTOR_ANONYMOUS);
}

static void every_event_that_changes_access_is_heard(void **state)
{
    static const char *const TYPES[] = {
        "people.staff_changed", "people.role_changed",           "people.key_changed",
        "people.session_ended", "people.customer_session_ended", "core.setting_changed"};
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        assert_ok(react(w, TYPES[i]), &w->cx.err);
    size_t n = 0;
    for (size_t i = 0; i < people_module.nreactions; i++)
        n += str_starts(str_from_cstr(people_module.reactions[i].name), STR("people.forget_"));
    assert_int_equal(n, COUNT_OF(TYPES));
}

static int64_t count(World *w, const char *table)
{
    CLEANUP(db_run_end) DbRun run = {0};
    DbFilter                  f;
    bool                      row;
    if (strcmp(table, "session") == 0)
        db_filter_init(&f, &w->arena, "SELECT count(*) FROM people_session");
    else if (strcmp(table, "link") == 0)
        db_filter_init(&f, &w->arena, "SELECT count(*) FROM people_link");
    else
        db_filter_init(&f, &w->arena, "SELECT count(*) FROM people_throttle");
    assert_ok(cx_filter_run(&w->cx, &f, "i", &run), &w->cx.err);
    assert_ok(db_step(&run, &row, &w->cx.err), &w->cx.err);
    return db_col_i64(&run, 0);
}

static void what_is_over_is_cleared_away(void **state)
{
    World      *w = *state;
    PeopleStaff jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    PeopleLink  link;
    SpanMs      retry;
    PeopleLogin login;
    sign_in(w, "jane@shop.example", PASSWORD);
    assert_int_equal(people_login(&w->cx, STR("x@y.zz"), STR("wrong"), HOME, &login, &retry),
                     ST_UNKNOWN);
    act_as_system(w);
    assert_ok(people_link_make(&w->cx, jane.id, &link), &w->cx.err);
    assert_ok(people_module.schedules[0].run(&w->cx), &w->cx.err);
    assert_int_equal(count(w, "session"), 1);
    assert_int_equal(count(w, "link"), 1);
    assert_true(count(w, "throttle") > 0);
    later(w, SPAN_DAYS(8));
    assert_ok(people_module.schedules[0].run(&w->cx), &w->cx.err);
    assert_int_equal(count(w, "session"), 0);
    assert_int_equal(count(w, "link"), 0);
    assert_int_equal(count(w, "throttle"), 0);
}

typedef struct Visitor {
    World      *w;
    Str         token;
    atomic_bool stop;
    int         entered;
} Visitor;

static void *visit(void *arg)
{
    Visitor *v = arg;
    do {
        CLEANUP(arena_done) Arena arena = {0};
        CLEANUP(cx_end) Cx        cx = {0};
        arena_init(&arena, 4096);
        if (cx_begin(&cx, &arena, v->w->db, v->w->cx.now) == ST_OK &&
            people_enter_session(&cx, v->token) == ST_OK && cx.actor.kind == ACTOR_STAFF)
            v->entered++;
    } while (!v->stop);
    return NULL;
}

static void threads_share_what_is_known(void **state)
{
    World    *w = *state;
    Visitor   visitors[4];
    pthread_t threads[4];
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    Str token = act_as(w, "jane@shop.example");
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        visitors[i] = (Visitor){.w = w, .token = token};
        assert_int_equal(pthread_create(&threads[i], NULL, visit, &visitors[i]), 0);
    }
    for (int i = 0; i < 200; i++)
        people_grants_forget();
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        visitors[i].stop = true;
        pthread_join(threads[i], NULL);
        assert_true(visitors[i].entered > 0);
    }
}

static void the_thread_that_writes_uses_down_starts_and_stops(void **state)
{
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    assert_ok(people_start(w->db, &w->cx.err), &w->cx.err);
    act_as(w, "jane@shop.example");
    people_stop();
    assert_ok(people_start(w->db, &w->cx.err), &w->cx.err);
    people_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_PEOPLE(an_event_of_another_process_renews_what_is_known),
        TEST_PEOPLE(without_any_event_it_is_renewed_after_a_minute),
        TEST_PEOPLE(every_event_that_changes_access_is_heard),
        TEST_PEOPLE(what_is_over_is_cleared_away),
        TEST_PEOPLE(threads_share_what_is_known),
        TEST_PEOPLE(the_thread_that_writes_uses_down_starts_and_stops),
    };
    return cmocka_run_group_tests_name("grants", tests, NULL, NULL);
}
