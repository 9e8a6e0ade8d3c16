/* test_world.c - each test gets a migrated database of its own, on both engines. */
#include "world.h"

static const Module nothing = {.name = "world"};
WORLD_MODULES(&nothing); /* core's own tables are there all the same */

static int64_t count(World *w, const DbQuery *query)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = false;
    assert_ok(cx_run(&w->cx, query, &run), &w->cx.err);
    assert_ok(db_step(&run, &row, &w->cx.err), &w->cx.err);
    assert_true(row);
    return db_col_i64(&run, 0);
}

static Status leave_a_row(Cx *cx, void *arg)
{
    static const char    SQL[] = "INSERT INTO db_migration (module, version, name, sum, at_ms) "
                                 "VALUES ('world', 1, 'left', '', 0)";
    static const DbQuery Q = {"world.leave", SQL, SQL, "", ""};
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    (void)arg;
    TRY(cx_run(cx, &Q, &run));
    return db_step(&run, &row, &cx->err);
}

static void a_world_is_migrated_and_untouched(void **state)
{
    World               *w = *state;
    static const char    LEFT[] = "SELECT count(*) FROM db_migration WHERE module = 'world'";
    static const char    ALL[] = "SELECT count(*) FROM db_migration";
    static const DbQuery QL = {"world.left", LEFT, LEFT, "", "i"};
    static const DbQuery QA = {"world.all", ALL, ALL, "", "i"};
    assert_true(db_kind(w->db) == w->kind);
    assert_true(count(w, &QA) > 0);
    assert_int_equal(count(w, &QL), 0);
    assert_ok(cx_in_tx(&w->cx, leave_a_row, NULL), &w->cx.err);
    assert_int_equal(count(w, &QL), 1);
    world_again(w);
    assert_int_equal(count(w, &QL), 1);
    assert_true(w->cx.now.v == WORLD_NOW.v);
}

static void the_next_world_is_untouched_too(void **state)
{
    a_world_is_migrated_and_untouched(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_world_is_migrated_and_untouched),
        TEST_WORLD(the_next_world_is_untouched_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
