/* Let the n-th call to the database fail, for every n, once and for good: in telling, in
 * queueing, in delivering, in claiming and noting jobs, in saving cursors, in starting and
 * stopping. What was acknowledged is delivered and done in the end; what was not, is not
 * there at all. */
#include "fixture.h"

#include "base/fault.h"
#include "core/inspect.h"

static const DbQuery Q_TOLD_N = {"test.told_n", "SELECT count(*) FROM core_event WHERE stream = ?1",
                                 "SELECT count(*) FROM core_event WHERE stream = $1", "i", "i"};
static const DbQuery Q_QUEUED_N = {
    "test.queued_n", "SELECT count(*) FROM core_job WHERE payload = CAST(?1 AS TEXT)",
    "SELECT count(*) FROM core_job WHERE payload = CAST(CAST($1 AS bigint) AS text)", "i", "i"};
static const DbQuery Q_PENDING = {
    "test.pending",
    "SELECT (SELECT count(*) FROM core_event WHERE type = 'fixture.told' AND id NOT IN"
    " (SELECT event_id FROM fixture_seen)) + (SELECT count(*) FROM core_job WHERE state <> 3)"
    " + (SELECT count(*) FROM core_event_parked)",
    "SELECT (SELECT count(*) FROM core_event WHERE type = 'fixture.told' AND id NOT IN"
    " (SELECT event_id FROM fixture_seen)) + (SELECT count(*) FROM core_job WHERE state <> 3)"
    " + (SELECT count(*) FROM core_event_parked)",
    "", "i"};

static int64_t ask_n(Cx *cx, const DbQuery *query, int64_t n)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = false;
    assert_ok(cx_run(cx, query, &run), &cx->err);
    db_bind_i64(&run, 1, n);
    assert_ok(db_step(&run, &row, &cx->err), &cx->err);
    return db_col_i64(&run, 0);
}

/* The first try of every third event fails, so that rows for retries are written too. */
static Status now_and_then(Cx *cx, const Event *event)
{
    static int64_t failed;
    if (fixture_n(cx, event) % 3 == 0 && failed != event->id) {
        failed = event->id;
        return cx_fail(cx, ST_IO, "test.once", "not at first");
    }
    return ST_OK;
}

static Status half(Cx *cx, const Job *job)
{
    return job_progress(cx, job, 50, STR("half"));
}

static void settle(World *w)
{
    for (int i = 0; i < 10; i++) {
        core_set_now(w->cx.core, unix_ms_add(core_now(w->cx.core), SPAN_HOURS(2)));
        assert_ok(core_drain(w->cx.core, &w->cx.err), &w->cx.err);
        if (fixture_ask(&w->cx, &Q_PENDING) == 0)
            return;
    }
    fail_msg("%lld things are left undone", (long long)fixture_ask(&w->cx, &Q_PENDING));
}

static void check_acknowledged(World *w, Status told, Status queued, int64_t n)
{
    assert_int_equal(ask_n(&w->cx, &Q_TOLD_N, n), told == ST_OK);
    assert_int_equal(ask_n(&w->cx, &Q_QUEUED_N, n), queued == ST_OK);
}

static void what_is_acknowledged_is_done_and_nothing_else(void **state)
{
    World  *w = *state;
    int64_t n = 0;
    int     swallowed = 0;
    fixture_core(w);
    for (int persistent = 0; persistent <= 1; persistent++) {
        bool fired = true;
        while (fired) {
            int64_t before = fixture_ask(&w->cx, &Q_SEEN);
            n++;
            fixture.react = now_and_then;
            fixture.work = half;
            fault_arm((int)n - (persistent != 0 ? swallowed : 0), persistent != 0);
            Status told = fixture_tell(&w->cx, n, n);
            Status queued = fixture_queue(&w->cx, "fixture.sturdy", n, NULL, NULL);
            (void)!core_drain(w->cx.core, &w->cx.err);
            fired = fault_fired();
            fault_arm(0, false);
            check_acknowledged(w, told, queued, n);
            settle(w);
            assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), before + (told == ST_OK));
            world_again(w);
        }
        if (persistent == 0)
            swallowed = (int)n;
    }
    print_message("# %lld rounds\n", (long long)n);
    assert_true(n > 60);
    assert_true(core_stop(w->cx.core));
}

static const DbQuery Q_EMPTY = {"test.empty", "DELETE FROM core_process",
                                "DELETE FROM core_process", "", ""};

static Status empty_tx(Cx *cx, void *arg)
{
    (void)arg;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(cx_run(cx, &Q_EMPTY, &run));
    return db_step(&run, &row, &cx->err);
}

/* A Core starts or says why not, and ends whatever happens. */
static void starting_and_stopping_survive_faults(void **state)
{
    static const CoreOptions MANUAL = {.manual = true};
    World                   *w = *state;
    bool                     fired = true;
    int                      n = 0;
    fixture_reset();
    while (fired) {
        Core *core = NULL;
        Err   err = {0};
        n++;
        fault_arm(n, false);
        Status st = core_migrate(w->db, world_modules, world_nmodules, &err);
        if (st == ST_OK)
            st = core_start(w->db, world_modules, world_nmodules, &MANUAL, &core, &err);
        if (st != ST_OK)
            assert_true(fault_fired() && err.status == st);
        else
            assert_true(core_stop(core));
        fired = fault_fired();
        fault_arm(0, false);
        /* Rows of those that could not sign off make more steps in the next round. */
        assert_ok(cx_in_tx(&w->cx, empty_tx, NULL), &w->cx.err);
        world_again(w);
    }
    print_message("# %d rounds\n", n);
    assert_true(n > 15);
    /* And after all that it works. */
    fixture_core(w);
    assert_ok(fixture_tell(&w->cx, 1, 1), &w->cx.err);
    settle(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 1);
    assert_true(core_stop(w->cx.core));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(what_is_acknowledged_is_done_and_nothing_else),
        TEST_WORLD(starting_and_stopping_survive_faults),
    };
    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
