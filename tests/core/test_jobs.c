/* Jobs and schedules without threads: what runs when, how often, and what becomes of it. */
#include "fixture.h"

#include "base/id.h"
#include "core/audit.h"
#include "core/inspect.h"

static void drain(World *w)
{
    assert_ok(core_drain(w->cx.core, &w->cx.err), &w->cx.err);
}

static void later(World *w, int64_t seconds)
{
    core_set_now(w->cx.core, unix_ms_add(core_now(w->cx.core), SPAN_SECONDS(seconds)));
    w->cx.now = core_now(w->cx.core);
}

static int64_t queue(World *w, const char *kind, int64_t n, JobOptions options)
{
    int64_t id = 0;
    assert_ok(fixture_queue(&w->cx, kind, n, &options, &id), &w->cx.err);
    return id;
}

static JobInfo info(World *w, int64_t id)
{
    JobInfo job = {0};
    assert_ok(job_get(&w->cx, id, &job), &w->cx.err);
    return job;
}

static int64_t ran[100];
static size_t  nran;

static Status note(Cx *cx, const Job *job)
{
    (void)cx;
    assert_true(nran < COUNT_OF(ran));
    bool ok = str_parse_i64(job->payload, &ran[nran++]);
    assert_true(ok);
    return ST_OK;
}

static Core *start(World *w)
{
    Core *core = fixture_core(w);
    nran = 0;
    fixture.work = note;
    return core;
}

static void a_job_runs_once(void **state)
{
    World  *w = *state;
    Core   *core = start(w);
    int64_t id = queue(w, "fixture.work", 7, (JobOptions){0});
    assert_str(info(w, id).state, "ready");
    drain(w);
    drain(w);
    assert_int_equal(nran, 1);
    assert_int_equal(ran[0], 7);
    JobInfo job = info(w, id);
    assert_str(job.state, "done");
    assert_int_equal(job.attempts, 1);
    assert_int_equal(job.progress, 100);
    assert_str(job.queued_by, "test");
    assert_int_equal(job.finished_ms.v, WORLD_NOW.v);
    assert_true(core_stop(core));
}

static void higher_priorities_run_first_also_across_kinds(void **state)
{
    World *w = *state;
    Core  *core = start(w);
    queue(w, "fixture.work", 1, (JobOptions){.priority = -5});
    queue(w, "fixture.work", 2, (JobOptions){0});
    queue(w, "fixture.small", 3, (JobOptions){.priority = 5});
    queue(w, "fixture.work", 4, (JobOptions){.priority = 9});
    queue(w, "fixture.small", 5, (JobOptions){0});
    queue(w, "fixture.single", 6, (JobOptions){.priority = 1000});
    drain(w);
    static const int64_t WANTED[] = {6, 4, 3, 2, 5, 1};
    assert_int_equal(nran, COUNT_OF(WANTED));
    for (size_t i = 0; i < nran; i++)
        assert_int_equal(ran[i], WANTED[i]);
    assert_true(core_stop(core));
}

static void a_job_waits_for_its_time(void **state)
{
    World  *w = *state;
    Core   *core = start(w);
    UnixMs  at = unix_ms_add(WORLD_NOW, SPAN_HOURS(2));
    int64_t id = queue(w, "fixture.work", 1, (JobOptions){.run_at = at});
    drain(w);
    assert_int_equal(nran, 0);
    assert_str(info(w, id).state, "delayed");
    later(w, 2 * 3600 - 1);
    drain(w);
    assert_int_equal(nran, 0);
    later(w, 1);
    drain(w);
    assert_int_equal(nran, 1);
    assert_true(core_stop(core));
}

static void one_waiting_job_per_key_is_enough(void **state)
{
    World     *w = *state;
    Core      *core = start(w);
    JobOptions key = {.unique = STR("product 7")};
    int64_t    first = queue(w, "fixture.work", 1, key);
    assert_int_equal(queue(w, "fixture.work", 2, key), first);
    assert_true(queue(w, "fixture.small", 3, key) != first); /* another kind */
    assert_true(queue(w, "fixture.work", 4, (JobOptions){.unique = STR("product 8")}) != first);
    drain(w);
    assert_int_equal(nran, 3);
    assert_true(queue(w, "fixture.work", 5, key) != first); /* it does not wait any more */
    drain(w);
    assert_int_equal(nran, 4);
    assert_true(core_stop(core));
}

static Status rollback_tx(Cx *cx, void *arg)
{
    (void)arg;
    TRY(fixture_queue(cx, "fixture.work", 1, NULL, NULL));
    return cx_fail(cx, ST_CONFLICT, "test.no", "no");
}

static void a_job_is_queued_with_its_transaction_or_not_at_all(void **state)
{
    World *w = *state;
    Core  *core = start(w);
    assert_int_equal(cx_in_tx(&w->cx, rollback_tx, NULL), ST_CONFLICT);
    drain(w);
    assert_int_equal(nran, 0);
    assert_int_equal(fixture_ask(&w->cx, &Q_JOBS), 0);
    assert_true(core_stop(core));
}

static Status break_it(Cx *cx, const Job *job)
{
    (void)note(cx, job);
    return cx_fail(cx, ST_IO, "test.broken", "attempt %d", job->attempt);
}

static void a_failing_job_is_tried_again_then_kept_as_a_dead_letter(void **state)
{
    World  *w = *state;
    Core   *core = start(w);
    int64_t id = queue(w, "fixture.work", 1, (JobOptions){0});
    fixture.work = break_it;
    drain(w);
    assert_int_equal(nran, 1);
    JobInfo job = info(w, id);
    assert_str(job.state, "delayed");
    assert_str(job.error, "test.broken");
    assert_str(job.detail, "attempt 1");
    assert_in_range(job.run_at_ms.v - WORLD_NOW.v, 1500, 2500);
    later(w, 3);
    drain(w);
    assert_int_equal(nran, 2);
    later(w, 8);
    drain(w);
    assert_int_equal(nran, 3); /* JobKind.attempts */
    later(w, 100000);
    drain(w);
    assert_int_equal(nran, 3);
    assert_str(info(w, id).state, "dead");
    /* Staff: it is listed, and runs again when asked to. */
    JobInfoList dead;
    JobFilter   f = {.state = STR("dead"), .limit = 10};
    assert_ok(job_list(&w->cx, &f, &dead), &w->cx.err);
    assert_int_equal(dead.n, 1);
    assert_int_equal(dead.items[0].id, id);
    fixture.work = note;
    assert_ok(job_requeue(&w->cx, id), &w->cx.err);
    assert_fails(job_requeue(&w->cx, id), ST_CONFLICT, &w->cx.err, "core.job_not_idle");
    drain(w);
    assert_str(info(w, id).state, "done");
    assert_int_equal(info(w, id).attempts, 1);
    assert_fails(job_discard(&w->cx, id), ST_CONFLICT, &w->cx.err, "core.job_not_idle");
    assert_true(core_stop(core));
}

static Status never(Cx *cx, const Job *job)
{
    (void)note(cx, job);
    return cx_fail(cx, ST_INVALID, "test.never", "cannot be");
}

static void what_can_never_succeed_is_dead_at_once(void **state)
{
    World  *w = *state;
    Core   *core = start(w);
    int64_t id = queue(w, "fixture.work", 1, (JobOptions){0});
    fixture.work = never;
    drain(w);
    assert_str(info(w, id).state, "dead");
    assert_ok(job_discard(&w->cx, id), &w->cx.err);
    JobInfo job;
    assert_fails(job_get(&w->cx, id, &job), ST_NOT_FOUND, &w->cx.err, "core.no_such_job");
    assert_fails(job_discard(&w->cx, id), ST_NOT_FOUND, &w->cx.err, "core.no_such_job");
    AuditEntry *list;
    size_t      n;
    AuditFilter f = {.entity = STR("core.job"), .entity_id = id, .limit = 10};
    assert_ok(audit_list(&w->cx, &f, &list, &n), &w->cx.err);
    assert_int_equal(n, 1);
    assert_str(list[0].action, "discard");
    assert_true(core_stop(core));
}

static void a_retry_gives_up_its_key_to_a_job_queued_meanwhile(void **state)
{
    World     *w = *state;
    Core      *core = start(w);
    JobOptions key = {.unique = STR("k")};
    queue(w, "fixture.work", 1, key);
    fixture.work = break_it;
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_JOBS), 1);
    JobInfoList all;
    JobFilter   f = {.limit = 10};
    assert_ok(job_list(&w->cx, &f, &all), &w->cx.err);
    assert_int_equal(queue(w, "fixture.work", 2, key), all.items[0].id); /* it waits again */
    fixture.work = note;
    later(w, 10);
    drain(w);
    assert_int_equal(ran[nran - 1], 1);
    assert_true(core_stop(core));
}

static Status queue_twin_and_fail(Cx *cx, const Job *job)
{
    (void)note(cx, job);
    JobOptions key = {.unique = STR("k")};
    if (nran == 1)
        TRY(fixture_queue(cx, "fixture.work", 2, &key, NULL)); /* while this one runs */
    return nran == 1 ? cx_fail(cx, ST_IO, "test.broken", "once") : ST_OK;
}

static void a_running_job_that_fails_meets_its_twin(void **state)
{
    World *w = *state;
    Core  *core = start(w);
    fixture.work = queue_twin_and_fail;
    queue(w, "fixture.work", 1, (JobOptions){.unique = STR("k")});
    drain(w);
    later(w, 10);
    drain(w);
    assert_int_equal(nran, 3); /* 1 failed, 2 ran, 1 again without its key */
    assert_int_equal(fixture_ask(&w->cx, &Q_JOBS), 0);
    assert_true(core_stop(core));
}

static void the_queue_is_bounded_per_kind(void **state)
{
    World *w = *state;
    Core  *core = start(w);
    for (int64_t i = 0; i < 10; i++)
        queue(w, "fixture.small", i, (JobOptions){.run_at = {i % 2 == 0 ? 0 : WORLD_NOW.v + 9}});
    assert_fails(fixture_queue(&w->cx, "fixture.small", 10, NULL, NULL), ST_BUSY, &w->cx.err,
                 "core.queue_full");
    queue(w, "fixture.work", 0, (JobOptions){0}); /* another kind has room */
    drain(w);
    queue(w, "fixture.small", 10, (JobOptions){0}); /* half have run */
    assert_fails(fixture_queue(&w->cx, "fixture.none", 1, NULL, NULL), ST_INVALID, &w->cx.err,
                 "core.no_such_kind");
    assert_true(core_stop(core));
}

static Status big_tx(Cx *cx, void *arg)
{
    Str payload = {arena_array(cx->arena, char, JOB_PAYLOAD_MAX + 1), JOB_PAYLOAD_MAX + 1};
    (void)arg;
    return job_queue(cx, "fixture.work", payload, NULL, NULL);
}

static void a_job_has_a_limit(void **state)
{
    World *w = *state;
    assert_fails(cx_in_tx(&w->cx, big_tx, NULL), ST_LIMIT, &w->cx.err, "core.job_too_big");
}

static Status show(Cx *cx, const Job *job)
{
    TRY(job_progress(cx, job, 50, STR("half of it")));
    JobInfo row;
    TRY(job_get(cx, job->id, &row));
    assert_int_equal(row.progress, 50);
    assert_str(row.note, "half of it");
    assert_str(row.state, "running");
    TRY(job_progress(cx, job, 60, STR("too soon to be written")));
    TRY(job_get(cx, job->id, &row));
    assert_int_equal(row.progress, 50);
    TRY(job_extend(cx, job, SPAN_MINUTES(10)));
    TRY(job_result(cx, job, STR("{\"rows\":5}")));
    return ST_OK;
}

static void a_job_shows_how_far_it_is_and_what_came_out(void **state)
{
    World *w = *state;
    Core  *core = start(w);
    fixture.work = show;
    int64_t id = queue(w, "fixture.work", 1, (JobOptions){0});
    drain(w);
    JobInfo job = info(w, id);
    assert_str(job.state, "done");
    assert_str(job.result, "{\"rows\":5}");
    assert_true(core_stop(core));
}

static int64_t lost_id;

static Status overrun(Cx *cx, const Job *job)
{
    (void)note(cx, job);
    if (job->attempt > 1)
        return ST_OK;
    lost_id = job->id;
    /* The lease of two seconds ends; somebody else looks for such jobs. */
    core_set_now(cx->core, unix_ms_add(core_now(cx->core), SPAN_SECONDS(5)));
    Core                    *other = NULL;
    static const CoreOptions MANUAL = {.manual = true};
    Fixture                  saved = {.work = fixture.work};
    TRY(core_start(cx->db, world_modules, world_nmodules, &MANUAL, &other, &cx->err));
    core_set_now(other, core_now(cx->core));
    fixture.work = note;
    TRY(core_drain(other, &cx->err));
    fixture.work = saved.work;
    assert_true(core_stop(other));
    Err err = {0};
    Cx  mine = {.core = cx->core};
    TRY(cx_begin(&mine, cx->arena, cx->db, core_now(cx->core)));
    Status st = job_extend(&mine, job, SPAN_MINUTES(1));
    err = mine.err;
    cx_end(&mine);
    assert_fails(st, ST_CONFLICT, &err, "core.job_lost");
    return cx_fail(cx, ST_CONFLICT, "core.job_lost", "stop");
}

static void a_job_that_overruns_its_lease_loses_it(void **state)
{
    World *w = *state;
    Core  *core = start(w);
    fixture.work = overrun;
    queue(w, "fixture.work", 1, (JobOptions){0});
    drain(w);
    assert_int_equal(nran, 2);
    JobInfo job = info(w, lost_id);
    assert_str(job.state, "done"); /* by the other; the late end of the first changed nothing */
    assert_int_equal(job.attempts, 2);
    assert_true(core_stop(core));
}

static void lists_go_both_ways(void **state)
{
    World  *w = *state;
    Core   *core = start(w);
    int64_t ids[6];
    for (int64_t i = 0; i < 6; i++)
        ids[i] = queue(w, i < 4 ? "fixture.work" : "fixture.single", i, (JobOptions){0});
    JobInfoList list;
    JobFilter   f = {.kind = STR("fixture.work"), .limit = 3};
    assert_ok(job_list(&w->cx, &f, &list), &w->cx.err);
    assert_int_equal(list.n, 3);
    assert_int_equal(list.items[0].id, ids[3]);
    f.after = list.items[2].id;
    assert_ok(job_list(&w->cx, &f, &list), &w->cx.err);
    assert_int_equal(list.n, 1);
    assert_int_equal(list.items[0].id, ids[0]);
    JobFilter back = {.after = ids[1], .backwards = true, .limit = 2, .state = STR("ready")};
    assert_ok(job_list(&w->cx, &back, &list), &w->cx.err);
    assert_int_equal(list.n, 2);
    assert_int_equal(list.items[0].id, ids[2]);
    static const char *const STATES[] = {"delayed", "running", "done", "dead"};
    for (size_t i = 0; i < COUNT_OF(STATES); i++) {
        JobFilter none = {.state = str_from_cstr(STATES[i]), .limit = 10};
        assert_ok(job_list(&w->cx, &none, &list), &w->cx.err);
        assert_int_equal(list.n, 0);
    }
    JobFilter wrong = {.state = STR("lost"), .limit = 10};
    assert_fails(job_list(&w->cx, &wrong, &list), ST_INVALID, &w->cx.err, "core.bad_job_state");
    assert_true(core_stop(core));
}

/* --- schedules ----------------------------------------------------------------------------------
 */

static void tick(World *w)
{
    assert_ok(core_tick(w->cx.core, &w->cx.err), &w->cx.err);
    drain(w);
}

static ScheduleInfo clock_row(World *w)
{
    ScheduleInfoList list;
    assert_ok(schedule_list(&w->cx, &list), &w->cx.err);
    for (size_t i = 0; i < list.n; i++)
        if (str_eq(list.items[i].name, STR("fixture.clockwork")))
            return list.items[i];
    fail_msg("not listed");
    return (ScheduleInfo){0};
}

static void a_schedule_fires_once_when_it_is_due(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    core_set_now(core, (UnixMs){clock_row(w).next_ms.v - 1000});
    tick(w);
    assert_int_equal(atomic_load(&fixture.runs), 0);
    later(w, 1);
    tick(w);
    tick(w);
    assert_int_equal(atomic_load(&fixture.runs), 1);
    ScheduleInfo row = clock_row(w);
    assert_int_equal(row.last_ms.v, core_now(core).v);
    assert_int_equal(row.next_ms.v - row.last_ms.v, SPAN_DAYS(1).v);
    later(w, 24 * 3600);
    tick(w);
    assert_int_equal(atomic_load(&fixture.runs), 2);
    assert_true(core_stop(core));
}

static void what_was_missed_is_made_up_by_one_run(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    UnixMs now = unix_ms_add(clock_row(w).next_ms, SPAN_DAYS(10));
    assert_true(core_stop(core));
    core = fixture_core(w); /* ten days later */
    core_set_now(core, now);
    tick(w);
    tick(w);
    assert_int_equal(atomic_load(&fixture.runs), 1);
    assert_true(clock_row(w).next_ms.v > now.v);
    assert_true(core_stop(core));
}

static Status break_down(Cx *cx)
{
    return cx_fail(cx, ST_IO, "test.broken", "not today");
}

static void a_schedule_does_not_fire_while_its_last_run_is_unfinished(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    fixture.clockwork = break_down;
    core_set_now(core, clock_row(w).next_ms);
    UnixMs fired = core_now(core);
    tick(w); /* fails, waits for its retry */
    assert_int_equal(atomic_load(&fixture.runs), 1);
    core_set_now(core, unix_ms_add(fired, SPAN_DAYS(1)));
    assert_ok(core_tick(core, &w->cx.err), &w->cx.err);
    assert_int_equal(clock_row(w).last_ms.v, fired.v); /* not fired again */
    fixture.clockwork = NULL;
    drain(w); /* the retry succeeds */
    assert_int_equal(atomic_load(&fixture.runs), 2);
    assert_true(core_stop(core));
}

static void two_cores_fire_it_once(void **state)
{
    World                   *w = *state;
    static const CoreOptions MANUAL = {.manual = true};
    Core                    *a = fixture_core(w);
    Core                    *b = NULL;
    assert_ok(core_start(w->db, world_modules, world_nmodules, &MANUAL, &b, &w->cx.err),
              &w->cx.err);
    UnixMs due = clock_row(w).next_ms;
    core_set_now(a, due);
    core_set_now(b, due);
    assert_ok(core_tick(a, &w->cx.err), &w->cx.err);
    assert_ok(core_tick(b, &w->cx.err), &w->cx.err);
    assert_ok(core_drain(b, &w->cx.err), &w->cx.err);
    assert_ok(core_drain(a, &w->cx.err), &w->cx.err);
    assert_int_equal(atomic_load(&fixture.runs), 1);
    assert_true(core_stop(a));
    assert_true(core_stop(b));
}

static Status prune(Cx *cx)
{
    return ST_OK + (cx == NULL);
}

static void modules_that_contradict_each_other_are_refused(void **state)
{
    World                *w = *state;
    static const Schedule WRONG_CRON[] = {{"other.clock", "0 0 31 2 *", prune}};
    static const Schedule TWICE[] = {{"core.prune", "* * * * *", prune}};
    static const Module   MODULES[] = {
          {.name = "other", .schedules = WRONG_CRON, .nschedules = 1},
          {.name = "other", .schedules = TWICE, .nschedules = 1},
          {.name = "other", .reactions = NULL, .nreactions = 0},
    };
    for (size_t i = 0; i < 3; i++) {
        Module        copy = MODULES[i];
        const Module *list[] = {&fixture_module, &copy};
        Core         *core = NULL;
        if (i == 2) {
            copy.jobs = fixture_module.jobs;
            copy.njobs = 1;
        }
        CoreOptions manual = {.manual = true};
        assert_fails(core_start(w->db, list, 2, &manual, &core, &w->cx.err), ST_INVALID, &w->cx.err,
                     "core.bad_module");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(a_job_runs_once),
        TEST_WORLD(higher_priorities_run_first_also_across_kinds),
        TEST_WORLD(a_job_waits_for_its_time),
        TEST_WORLD(one_waiting_job_per_key_is_enough),
        TEST_WORLD(a_job_is_queued_with_its_transaction_or_not_at_all),
        TEST_WORLD(a_failing_job_is_tried_again_then_kept_as_a_dead_letter),
        TEST_WORLD(what_can_never_succeed_is_dead_at_once),
        TEST_WORLD(a_retry_gives_up_its_key_to_a_job_queued_meanwhile),
        TEST_WORLD(a_running_job_that_fails_meets_its_twin),
        TEST_WORLD(the_queue_is_bounded_per_kind),
        TEST_WORLD(a_job_has_a_limit),
        TEST_WORLD(a_job_shows_how_far_it_is_and_what_came_out),
        TEST_WORLD(a_job_that_overruns_its_lease_loses_it),
        TEST_WORLD(lists_go_both_ways),
        TEST_WORLD(a_schedule_fires_once_when_it_is_due),
        TEST_WORLD(what_was_missed_is_made_up_by_one_run),
        TEST_WORLD(a_schedule_does_not_fire_while_its_last_run_is_unfinished),
        TEST_WORLD(two_cores_fire_it_once),
        TEST_SQLITE(modules_that_contradict_each_other_are_refused),
    };
    return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
