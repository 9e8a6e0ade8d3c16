/* The threads of a running Core: order per stream, jobs shared by workers, the end; and on
 * PostgreSQL transactions that overlap. */
#include "fixture.h"

#include "postgres.h"

#include "base/id.h"
#include "core/inspect.h"

#include <pthread.h>
#include <unistd.h>

static Core *start(World *w, CoreOptions options)
{
    Core *core = NULL;
    fixture_reset();
    assert_ok(core_start(w->db, world_modules, world_nmodules, &options, &core, &w->cx.err),
              &w->cx.err);
    w->cx.core = core;
    w->cx.now = clock_now();
    return core;
}

static void drain(World *w)
{
    assert_ok(core_drain(w->cx.core, &w->cx.err), &w->cx.err);
}

/* Wait until the number is reached; the test's time limit is the only one. */
static void await(atomic_int *counter, int n)
{
    while (atomic_load(counter) < n)
        usleep(1000);
}

/* --- many streams -------------------------------------------------------------------------------
 */

enum { TELLERS = 4, STREAMS = 5, PER_STREAM = 60 };

static atomic_int last_of[TELLERS * STREAMS];
static atomic_int disorder, at_once, most_at_once;

static Status check_order(Cx *cx, const Event *event)
{
    int now = atomic_fetch_add(&at_once, 1) + 1;
    int most = atomic_load(&most_at_once);
    while (now > most && !atomic_compare_exchange_weak(&most_at_once, &most, now)) {
    }
    int n = (int)fixture_n(cx, event);
    if (atomic_exchange(&last_of[event->stream], n) != n - 1)
        atomic_fetch_add(&disorder, 1);
    usleep(200);
    atomic_fetch_sub(&at_once, 1);
    return ST_OK;
}

typedef struct Teller {
    World    *w;
    int       number;
    Status    st;
    pthread_t thread;
} Teller;

static void *teller_main(void *arg)
{
    Teller                   *t = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (int n = 1; n <= PER_STREAM && t->st == ST_OK; n++) {
        for (int s = 0; s < STREAMS && t->st == ST_OK; s++) {
            Cx cx = {.core = t->w->cx.core};
            t->st = cx_begin(&cx, &a, t->w->db, clock_now());
            if (t->st == ST_OK)
                t->st = fixture_tell(&cx, t->number * STREAMS + s, n);
            cx_end(&cx);
            arena_reset(&a);
        }
    }
    return NULL;
}

static void streams_keep_their_order_while_others_overtake(void **state)
{
    World *w = *state;
    Core  *core = start(w, (CoreOptions){0});
    Teller tellers[TELLERS] = {0};
    for (int i = 0; i < TELLERS * STREAMS; i++)
        atomic_store(&last_of[i], 0);
    atomic_store(&disorder, 0);
    atomic_store(&most_at_once, 0);
    fixture.react = check_order;
    for (int i = 0; i < TELLERS; i++) {
        tellers[i] = (Teller){.w = w, .number = i};
        assert_int_equal(pthread_create(&tellers[i].thread, NULL, teller_main, &tellers[i]), 0);
    }
    for (int i = 0; i < TELLERS; i++) {
        pthread_join(tellers[i].thread, NULL);
        assert_int_equal(tellers[i].st, ST_OK);
    }
    drain(w);
    assert_int_equal(atomic_load(&disorder), 0);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), TELLERS * STREAMS * PER_STREAM);
    assert_int_equal(fixture_ask(&w->cx, &Q_TIMES), TELLERS * STREAMS * PER_STREAM);
    assert_true(atomic_load(&most_at_once) > 1); /* streams did run in parallel */
    assert_true(core_stop(core));
}

/* --- poison among many
 * ---------------------------------------------------------------------------- */

static Status hate_sevens(Cx *cx, const Event *event)
{
    return fixture_n(cx, event) == 7 ? cx_fail(cx, ST_INVALID, "test.seven", "no") : ST_OK;
}

static void poison_is_parked_while_others_flow_and_can_be_replayed(void **state)
{
    World *w = *state;
    Core  *core = start(w, (CoreOptions){0});
    fixture.react = hate_sevens;
    for (int64_t i = 0; i < 40; i++)
        assert_ok(fixture_tell(&w->cx, i % 10, i % 10), &w->cx.err);
    drain(w);
    while (fixture_ask(&w->cx, &Q_PARKED) < 4) /* rows are written a little later */
        usleep(5000);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 36);
    EventParkedList list;
    ParkedFilter    f = {.limit = 3};
    assert_ok(event_parked_list(&w->cx, &f, &list), &w->cx.err);
    assert_int_equal(list.n, 3);
    assert_str(list.items[0].consumer, "fixture.count");
    assert_str(list.items[0].error, "test.seven");
    assert_str(list.items[0].stream, "7");
    assert_str(list.items[0].payload, "{\"n\":7,\"note\":\"hello\"}");
    assert_int_equal(list.items[0].tries, 1);
    f.after_event = list.items[2].event_id;
    f.after_consumer = list.items[2].consumer;
    EventParkedList rest;
    assert_ok(event_parked_list(&w->cx, &f, &rest), &w->cx.err);
    assert_int_equal(rest.n, 1);
    f.backwards = true;
    assert_ok(event_parked_list(&w->cx, &f, &rest), &w->cx.err);
    assert_int_equal(rest.n, 2);
    assert_int_equal(rest.items[0].event_id, list.items[1].event_id);
    fixture.react = NULL; /* the bug is fixed */
    assert_ok(event_parked_drop(&w->cx, STR("fixture.count"), list.items[0].event_id), &w->cx.err);
    for (int i = 1; i < 3; i++)
        assert_ok(event_parked_replay(&w->cx, STR("fixture.count"), list.items[i].event_id),
                  &w->cx.err);
    assert_fails(event_parked_drop(&w->cx, STR("fixture.count"), list.items[1].event_id),
                 ST_NOT_FOUND, &w->cx.err, "core.not_parked");
    drain(w);
    while (fixture_ask(&w->cx, &Q_RETRYING) > 0)
        usleep(5000);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 38);
    assert_int_equal(fixture_ask(&w->cx, &Q_PARKED), 1);
    ConsumerInfo *consumers;
    size_t        n;
    assert_ok(event_consumers(&w->cx, &consumers, &n), &w->cx.err);
    assert_int_equal(n, 2);
    assert_str(consumers[0].name, "fixture.count");
    assert_true(consumers[0].held);
    assert_int_equal(consumers[0].parked, 1);
    assert_true(core_stop(core));
}

/* --- jobs
 * -------------------------------------------------------------------------------------------- */

static Status count_at_once(Cx *cx, const Job *job)
{
    (void)cx;
    (void)job;
    int now = atomic_fetch_add(&at_once, 1) + 1;
    int most = atomic_load(&most_at_once);
    while (now > most && !atomic_compare_exchange_weak(&most_at_once, &most, now)) {
    }
    usleep(500);
    atomic_fetch_sub(&at_once, 1);
    return ST_OK;
}

static const DbQuery Q_RUNS = {
    "test.runs", "SELECT CAST(coalesce(sum(times), 0) AS bigint) FROM fixture_worked",
    "SELECT CAST(coalesce(sum(times), 0) AS bigint) FROM fixture_worked", "", "i"};

static void workers_share_the_jobs_and_each_runs_once(void **state)
{
    World *w = *state;
    Core  *core = start(w, (CoreOptions){.workers = 4});
    atomic_store(&most_at_once, 0);
    fixture.work = count_at_once;
    for (int64_t i = 0; i < 300; i++)
        assert_ok(fixture_queue(&w->cx, "fixture.work", i, NULL, NULL), &w->cx.err);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_WORKED), 300);
    assert_int_equal(fixture_ask(&w->cx, &Q_RUNS), 300);
    assert_int_equal(fixture_ask(&w->cx, &Q_JOBS), 0);
    assert_true(atomic_load(&most_at_once) > 1);
    assert_true(core_stop(core));
}

static void a_kind_can_limit_itself(void **state)
{
    World *w = *state;
    Core  *core = start(w, (CoreOptions){.workers = 4});
    atomic_store(&most_at_once, 0);
    fixture.work = count_at_once;
    for (int64_t i = 0; i < 50; i++)
        assert_ok(fixture_queue(&w->cx, "fixture.single", i, NULL, NULL), &w->cx.err);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_WORKED), 50);
    assert_int_equal(atomic_load(&most_at_once), 1);
    assert_true(core_stop(core));
}

static Status until_stopped(Cx *cx, const Job *job)
{
    (void)job;
    while (!core_stopping(cx->core))
        usleep(1000);
    return cx_fail(cx, ST_BUSY, "core.stopping", "later");
}

static void what_runs_at_the_end_goes_on_in_the_next_process(void **state)
{
    World *w = *state;
    Core  *core = start(w, (CoreOptions){.workers = 2});
    fixture.work = until_stopped;
    for (int64_t i = 0; i < 5; i++)
        assert_ok(fixture_queue(&w->cx, "fixture.work", i, NULL, NULL), &w->cx.err);
    await(&fixture.jobs, 2);
    assert_true(core_stop(core));
    w->cx.core = NULL;
    JobInfoList list;
    JobFilter   f = {.state = STR("ready"), .limit = 10};
    assert_ok(job_list(&w->cx, &f, &list), &w->cx.err);
    assert_int_equal(list.n, 5);
    for (size_t i = 0; i < list.n; i++)
        assert_int_equal(list.items[i].attempts, 0); /* as if it had not begun */
    start(w, (CoreOptions){0});
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_WORKED), 5);
    assert_true(core_stop(w->cx.core));
}

static void starting_and_stopping_leaves_nothing_behind(void **state)
{
    World *w = *state;
    for (int i = 0; i < 10; i++) {
        Core *core = start(w, (CoreOptions){.workers = 3, .reactors = 3});
        assert_ok(fixture_tell(&w->cx, i, i), &w->cx.err);
        assert_ok(fixture_queue(&w->cx, "fixture.work", i, NULL, NULL), &w->cx.err);
        assert_true(core_stop(core)); /* at once, whatever was begun */
        w->cx.core = NULL;
    }
    Core *core = start(w, (CoreOptions){0});
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 10);
    assert_int_equal(fixture_ask(&w->cx, &Q_WORKED), 10);
    assert_int_equal(fixture_ask(&w->cx, &Q_TIMES), 10);
    assert_int_equal(fixture_ask(&w->cx, &Q_RUNS), 10);
    assert_true(core_stop(core));
}

/* --- transactions that overlap (PostgreSQL)
 * ----------------------------------------------------------- */

typedef struct Slow { /* a transaction that tells an event and then waits */
    World      *w;
    const char *url; /* of its database */
    atomic_int  told, may_end;
    Status      st;
    pthread_t   thread;
} Slow;

static Status slow_tx(Cx *cx, void *arg)
{
    Slow *s = arg;
    TRY(fixture_tell(cx, 1, 1));
    (void)fixture_ask(cx, &Q_SEEN); /* what is told arrives with the next answer */
    atomic_store(&s->told, 1);
    await(&s->may_end, 1);
    return ST_OK;
}

static void *slow_main(void *arg)
{
    Slow                     *s = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    Cx  cx = {0};
    Db *db = NULL;
    s->st = db_open(s->url, NULL, &db, &cx.err);
    if (s->st == ST_OK)
        s->st = cx_begin(&cx, &a, db, clock_now());
    if (s->st == ST_OK)
        s->st = cx_in_tx(&cx, slow_tx, s);
    cx_end(&cx);
    db_close(db);
    return NULL;
}

static atomic_int first_seen;

static Status note_first(Cx *cx, const Event *event)
{
    int none = 0;
    atomic_compare_exchange_strong(&first_seen, &none, (int)fixture_n(cx, event));
    return ST_OK;
}

static void an_event_that_commits_late_is_not_skipped(void **state)
{
    World *w = *state;
    Core  *core = start(w, (CoreOptions){0});
    Slow   slow = {.w = w, .url = w->url};
    fixture.react = note_first;
    atomic_store(&first_seen, 0);
    assert_int_equal(pthread_create(&slow.thread, NULL, slow_main, &slow), 0);
    await(&slow.told, 1);
    assert_ok(fixture_tell(&w->cx, 1, 2), &w->cx.err); /* later, and committed first */
    usleep(300 * 1000);
    assert_int_equal(atomic_load(&fixture.reactions), 0); /* held back */
    atomic_store(&slow.may_end, 1);
    pthread_join(slow.thread, NULL);
    assert_int_equal(slow.st, ST_OK);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 2);
    assert_int_equal(atomic_load(&first_seen), 1);
    assert_true(core_stop(core));
}

static void transactions_of_other_databases_hold_nothing_back(void **state)
{
    World *w = *state;
    char   other[POSTGRES_URL_MAX];
    postgres_make(NULL, other);
    Db *db = NULL;
    assert_ok(db_open(other, NULL, &db, &w->cx.err), &w->cx.err);
    assert_ok(core_migrate(db, world_modules, world_nmodules, &w->cx.err), &w->cx.err);
    Slow slow = {.w = w, .url = other};
    assert_int_equal(pthread_create(&slow.thread, NULL, slow_main, &slow), 0);
    await(&slow.told, 1); /* it has a transaction number and keeps it */
    Core *core = start(w, (CoreOptions){0});
    for (int64_t i = 0; i < 20; i++)
        assert_ok(fixture_tell(&w->cx, 1, i), &w->cx.err);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 20);
    assert_true(core_stop(core));
    atomic_store(&slow.may_end, 1);
    pthread_join(slow.thread, NULL);
    assert_int_equal(slow.st, ST_OK);
    db_close(db);
    postgres_drop(other);
}

static const DbQuery Q_FUTURE_EVENTS = {"test.future", "SELECT 1",
                                        "UPDATE core_event SET xid = xid + 1000000000000", "", ""};
static const DbQuery Q_FUTURE_CONSUMERS = {
    "test.future2", "SELECT 1", "UPDATE core_consumer SET xid = xid + 1000000000000", "", ""};

static Status to_the_future(Cx *cx, void *arg)
{
    const DbQuery *const QUERIES[] = {&Q_FUTURE_EVENTS, &Q_FUTURE_CONSUMERS};
    (void)arg;
    for (size_t i = 0; i < COUNT_OF(QUERIES); i++) {
        CLEANUP(db_run_end) DbRun run = {0};
        bool                      row;
        TRY(cx_run(cx, QUERIES[i], &run));
        TRY(db_step(&run, &row, &cx->err));
    }
    return ST_OK;
}

static void a_dump_restored_elsewhere_goes_on_where_it_was(void **state)
{
    World *w = *state;
    fixture_reset();
    for (int64_t i = 0; i < 10; i++)
        assert_ok(fixture_tell(&w->cx, i, i), &w->cx.err);
    /* As if another cluster, with more transactions behind it, had made these rows. */
    assert_ok(cx_in_tx(&w->cx, to_the_future, NULL), &w->cx.err);
    log_min_level = LOG_ERROR;
    assert_ok(core_migrate(w->db, world_modules, world_nmodules, &w->cx.err), &w->cx.err);
    assert_ok(fixture_tell(&w->cx, 1, 10), &w->cx.err);
    Core *core = start(w, (CoreOptions){0});
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 11);
    assert_int_equal(fixture_ask(&w->cx, &Q_TIMES), 11);
    assert_true(core_stop(core));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(streams_keep_their_order_while_others_overtake),
        TEST_WORLD(poison_is_parked_while_others_flow_and_can_be_replayed),
        TEST_WORLD(workers_share_the_jobs_and_each_runs_once),
        TEST_WORLD(a_kind_can_limit_itself),
        TEST_WORLD(what_runs_at_the_end_goes_on_in_the_next_process),
        TEST_WORLD(starting_and_stopping_leaves_nothing_behind),
        TEST_POSTGRES(an_event_that_commits_late_is_not_skipped),
        TEST_POSTGRES(transactions_of_other_databases_hold_nothing_back),
        TEST_POSTGRES(a_dump_restored_elsewhere_goes_on_where_it_was),
    };
    return cmocka_run_group_tests_name("running", tests, NULL, NULL);
}
