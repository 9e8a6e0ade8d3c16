/* Several processes on one database, and processes that are killed at any moment: every
 * event that was committed is delivered, every job that was queued is done, and while
 * nobody dies nothing is delivered twice. */
#include "fixture.h"

#include "postgres.h"

#include "core/core_sql.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 20, TELLERS = 3, SHARERS = 6, FIRST = 6 };

/* --- six reactions that note who delivered --------------------------------------------------- */

static const DbMigration SHARED_MIGRATIONS[] = {
    {.module = "shared",
     .version = 1,
     .name = "shared",
     .sqlite = "CREATE TABLE shared_note (reaction TEXT NOT NULL, event_id INTEGER NOT NULL,"
               " pid INTEGER NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (reaction, event_id))"
               " STRICT",
     .postgres = "CREATE TABLE shared_note (reaction TEXT NOT NULL, event_id BIGINT NOT NULL,"
                 " pid BIGINT NOT NULL, times BIGINT NOT NULL, PRIMARY KEY (reaction, event_id))",
     .sqlite_sum = "1",
     .postgres_sum = "1"},
};

#define SAME(text) .sqlite = (text), .postgres = (text)

static const DbQuery Q_SHARE = {
    "shared.note",
    "INSERT INTO shared_note (reaction, event_id, pid, times) VALUES (?1, ?2, ?3, 1)"
    " ON CONFLICT (reaction, event_id) DO UPDATE SET times = times + 1",
    "INSERT INTO shared_note (reaction, event_id, pid, times) VALUES ($1, $2, $3, 1)"
    " ON CONFLICT (reaction, event_id) DO UPDATE SET times = shared_note.times + 1",
    "tii", ""};
static const DbQuery Q_NOTES = {"shared.notes", SAME("SELECT count(*) FROM shared_note"), "", "i"};
static const DbQuery Q_TWICE = {"shared.twice",
                                SAME("SELECT count(*) FROM shared_note WHERE times > 1"), "", "i"};
static const DbQuery Q_PAIRS = {
    "shared.pairs", SAME("SELECT count(*) FROM (SELECT DISTINCT reaction, pid FROM shared_note) p"),
    "", "i"};
static const DbQuery Q_PIDS = {
    "shared.pids", SAME("SELECT count(*) FROM (SELECT DISTINCT pid FROM shared_note) p"), "", "i"};
static const DbQuery Q_EMPTY = {"shared.empty", SAME("DELETE FROM shared_note"), "", ""};

static Status share_tx(Cx *cx, void *arg)
{
    const Event              *event = arg;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(cx_run(cx, &Q_SHARE, &run));
    db_bind_str(&run, 1, cx->actor.name); /* the reaction */
    db_bind_i64(&run, 2, event->id);
    db_bind_i64(&run, 3, getpid());
    return db_step(&run, &row, &cx->err);
}

static Status share(Cx *cx, const Event *event)
{
    return cx_in_tx(cx, share_tx, (void *)(uintptr_t)event);
}

static const Reaction SHARED_REACTIONS[SHARERS] = {
    {"shared.a", "fixture.told", share, false},
    {"shared.b", "*", share, false},
    {"shared.c", "fixture.told", share, false},
    {"shared.d", "fixture.told", share, false},
    {"shared.e", "*", share, false},
    {"shared.f", "fixture.told", share, false},
};

static const Module shared_module = {
    .name = "shared",
    .migrations = {.items = SHARED_MIGRATIONS, .n = COUNT_OF(SHARED_MIGRATIONS)},
    .reactions = SHARED_REACTIONS,
    .nreactions = SHARERS,
};

/* --- a database and processes on it --------------------------------------------------------------
 */

typedef struct Place {
    bool                 postgres;
    char                 dir[64], url[256];
    const Module *const *modules;
    size_t               nmodules;
} Place;

static const Module *const ALL[] = {&fixture_module, &shared_module};

static void place_make(Place *p, bool postgres, size_t nmodules)
{
    Db *db = NULL;
    Err err = {0};
    *p = (Place){.postgres = postgres, .modules = ALL, .nmodules = nmodules};
    log_min_level = LOG_ERROR;
    fixture_reset();
    if (postgres) {
        postgres_make(NULL, p->url);
    } else {
        (void)snprintf(p->dir, sizeof p->dir, "/tmp/rapport-core-XXXXXX");
        assert_non_null(mkdtemp(p->dir));
        (void)snprintf(p->url, sizeof p->url, "%s/db", p->dir);
    }
    assert_ok(db_open(p->url, NULL, &db, &err), &err);
    assert_ok(core_migrate(db, p->modules, p->nmodules, &err), &err);
    db_close(db); /* no threads are left when we fork */
}

static void place_drop(const Place *p)
{
    static const char *const FILES[] = {"db", "db-wal", "db-shm"};
    if (p->postgres) {
        postgres_drop(p->url);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(FILES); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", p->dir, FILES[i]);
        (void)unlink(path);
    }
    (void)rmdir(p->dir);
}

/* The database as this process uses it, with a Core or without. */
typedef struct Desk {
    Arena arena;
    Cx    cx;
    Db   *db;
    Core *core;
} Desk;

static Status desk_open(Desk *d, const Place *p, const CoreOptions *options)
{
    *d = (Desk){0};
    arena_init(&d->arena, 16384);
    TRY(db_open(p->url, NULL, &d->db, &d->cx.err));
    if (options != NULL)
        TRY(core_start(d->db, p->modules, p->nmodules, options, &d->core, &d->cx.err));
    TRY(cx_begin(&d->cx, &d->arena, d->db, clock_now()));
    d->cx.core = d->core;
    d->cx.actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("test"), .all = true};
    return ST_OK;
}

static void desk_close(Desk *d)
{
    cx_end(&d->cx);
    assert_true(core_stop(d->core));
    db_close(d->db);
    arena_done(&d->arena);
}

static const CoreOptions QUICK = {.lease = {900}, .poll = {50}, .workers = 2, .reactors = 3};

static void end(pid_t pid)
{
    int how = 0;
    kill(pid, SIGKILL);
    waitpid(pid, &how, 0);
    assert_true(WIFSIGNALED(how)); /* it had not failed by itself */
}

/* --- kill -9
 * ---------------------------------------------------------------------------------------- */

typedef struct Teller {
    Desk   *desk;
    int64_t next;
    int     acks;
} Teller;

static Status both_tx(Cx *cx, void *arg)
{
    int64_t n = *(const int64_t *)arg;
    TRY(fixture_tell(cx, n % 7, n));
    return fixture_queue(cx, "fixture.sturdy", n, NULL, NULL);
}

/* Tell events and queue jobs for ever; after each commit tell the parent which. */
static void *teller_main(void *arg)
{
    Teller                   *t = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (;; t->next += TELLERS) {
        Cx cx = {.core = t->desk->core};
        if (cx_begin(&cx, &a, t->desk->db, clock_now()) != ST_OK ||
            cx_in_tx(&cx, both_tx, &t->next) != ST_OK)
            _exit(3);
        if (write(t->acks, &t->next, sizeof t->next) != sizeof t->next)
            _exit(4);
        cx_end(&cx);
        arena_reset(&a);
    }
}

NORETURN static void telling_child(const Place *p, int acks, int64_t first)
{
    Desk      desk;
    Teller    tellers[TELLERS];
    pthread_t thread;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* not to outlive the test */
    if (desk_open(&desk, p, &QUICK) != ST_OK)
        _exit(2);
    for (int i = 0; i < TELLERS; i++) {
        tellers[i] = (Teller){&desk, first + i, acks};
        if (pthread_create(&thread, NULL, teller_main, &tellers[i]) != 0)
            _exit(5);
    }
    for (;;)
        pause();
}

static const DbQuery Q_UNSEEN = {"test.unseen",
                                 SAME("SELECT count(*) FROM core_event WHERE type = 'fixture.told'"
                                      " AND id NOT IN (SELECT event_id FROM fixture_seen)"),
                                 "", "i"};
static const DbQuery Q_UNDONE = {
    "test.undone",
    SAME("SELECT count(*) FROM core_job WHERE kind = 'fixture.sturdy'"
         " AND (state <> 3 OR id NOT IN (SELECT job_id FROM fixture_worked))"),
    "", "i"};
static const DbQuery Q_SEEN_N = {"test.seen_n", "SELECT count(*) FROM fixture_seen WHERE n = ?1",
                                 "SELECT count(*) FROM fixture_seen WHERE n = $1", "i", "i"};
static const DbQuery Q_WORKED_N = {"test.worked_n",
                                   "SELECT count(*) FROM fixture_worked WHERE n = ?1",
                                   "SELECT count(*) FROM fixture_worked WHERE n = $1", "i", "i"};

static int64_t ask_n(Cx *cx, const DbQuery *query, int64_t n)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = false;
    assert_ok(cx_run(cx, query, &run), &cx->err);
    db_bind_i64(&run, 1, n);
    assert_ok(db_step(&run, &row, &cx->err), &cx->err);
    return db_col_i64(&run, 0);
}

/* Waits for them, until there are `max` or the other end is gone. */
static size_t read_acks(int fd, int64_t *list, size_t n, size_t max)
{
    while (n < max && read(fd, &list[n], sizeof *list) == sizeof *list)
        n++;
    return n;
}

static void check_all_is_done(const Place *p, const int64_t *acked, size_t n)
{
    Desk d;
    assert_ok(desk_open(&d, p, &QUICK), &d.cx.err);
    assert_ok(core_drain(d.core, &d.cx.err), &d.cx.err);
    while (fixture_ask(&d.cx, &Q_UNSEEN) > 0 || fixture_ask(&d.cx, &Q_UNDONE) > 0) {
        usleep(50 * 1000); /* retries of what was interrupted; the time limit is the test's */
        arena_reset(&d.arena);
    }
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(ask_n(&d.cx, &Q_SEEN_N, acked[i]), 1);
        assert_int_equal(ask_n(&d.cx, &Q_WORKED_N, acked[i]), 1);
    }
    print_message("# %zu acknowledged, %lld events, %lld deliveries, none lost\n", n,
                  (long long)fixture_ask(&d.cx, &Q_SEEN), (long long)fixture_ask(&d.cx, &Q_TIMES));
    desk_close(&d);
}

static void kill_and_look(bool postgres)
{
    enum { MOST = 1 << 20 };
    Place    p;
    int64_t *acked = test_calloc(MOST, sizeof *acked);
    size_t   n = 0;
    place_make(&p, postgres, 1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int pipefd[2];
        assert_int_equal(pipe(pipefd), 0);
        pid_t child = fork();
        if (child == 0)
            telling_child(&p, pipefd[1], 1 + (int64_t)round * 1000000);
        close(pipefd[1]);
        n = read_acks(pipefd[0], acked, n, n + FIRST); /* it is at work, however slow today */
        usleep(round * 7919 % 90000);
        end(child);
        n = read_acks(pipefd[0], acked, n, MOST);
        close(pipefd[0]);
    }
    assert_true(n >= (size_t)ROUNDS * FIRST);
    check_all_is_done(&p, acked, n);
    place_drop(&p);
    test_free(acked);
}

static void nothing_is_lost_when_processes_are_killed_sqlite(void **state)
{
    (void)state;
    kill_and_look(false);
}

static void nothing_is_lost_when_processes_are_killed_postgres(void **state)
{
    (void)state;
    kill_and_look(true);
}

/* --- sharing
 * ------------------------------------------------------------------------------------------ */

NORETURN static void sharing_child(const Place *p)
{
    Desk desk;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* not to outlive the test */
    if (desk_open(&desk, p, &QUICK) != ST_OK)
        _exit(2);
    for (;;)
        pause();
}

static pid_t fork_sharer(const Place *p)
{
    pid_t child = fork();
    if (child == 0)
        sharing_child(p);
    assert_true(child > 0);
    return child;
}

/* Wait until every reaction is held, and `processes` hold some, evenly. */
static void await_shares(Desk *d, size_t processes)
{
    for (;;) {
        CoreConsumerRowList rows;
        int64_t             holders[SHARERS + 1];
        size_t              n = 0;
        bool                all = true;
        assert_ok(core_sql_consumer_list(&d->cx, 100, &rows), &d->cx.err);
        for (size_t i = 0; i < rows.n; i++) {
            all &= rows.items[i].holder != 0 && rows.items[i].until_ms.v > clock_now().v;
            bool known = false;
            for (size_t k = 0; k < n; k++)
                known |= holders[k] == rows.items[i].holder;
            if (!known)
                holders[n++] = rows.items[i].holder;
        }
        arena_reset(&d->arena);
        if (all && n == processes)
            return;
        usleep(20 * 1000);
    }
}

static void tell_and_await(Desk *d, int64_t from, int64_t n, int64_t notes)
{
    for (int64_t i = from; i < from + n; i++)
        assert_ok(fixture_tell(&d->cx, i % 5, i), &d->cx.err);
    while (fixture_ask(&d->cx, &Q_NOTES) < notes)
        usleep(10 * 1000);
}

static Status empty_tx(Cx *cx, void *arg)
{
    (void)arg;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(cx_run(cx, &Q_EMPTY, &run));
    return db_step(&run, &row, &cx->err);
}

static void share_and_take_over(bool postgres)
{
    Place p;
    Desk  d;
    place_make(&p, postgres, 2);
    pid_t a = fork_sharer(&p);
    pid_t b = fork_sharer(&p);
    assert_ok(desk_open(&d, &p, NULL), &d.cx.err);
    await_shares(&d, 2);
    tell_and_await(&d, 0, 150, 150 * SHARERS);
    assert_int_equal(fixture_ask(&d.cx, &Q_TWICE), 0);
    assert_int_equal(fixture_ask(&d.cx, &Q_PAIRS), SHARERS); /* each by one process … */
    assert_int_equal(fixture_ask(&d.cx, &Q_PIDS), 2);        /* … and both had some */
    for (int64_t i = 150; i < 200; i++)
        assert_ok(fixture_tell(&d.cx, i % 5, i), &d.cx.err);
    end(a); /* in the middle of it */
    tell_and_await(&d, 200, 50, 250 * SHARERS);
    await_shares(&d, 1);
    assert_ok(cx_in_tx(&d.cx, empty_tx, NULL), &d.cx.err);
    usleep(1000 * 1000); /* longer than a lease, and than what is not saved yet */
    tell_and_await(&d, 300, 50, 50 * SHARERS);
    assert_int_equal(fixture_ask(&d.cx, &Q_TWICE), 0);
    assert_int_equal(fixture_ask(&d.cx, &Q_PIDS), 1);
    end(b);
    desk_close(&d);
    place_drop(&p);
}

static void two_processes_share_and_one_takes_over_sqlite(void **state)
{
    (void)state;
    share_and_take_over(false);
}

static void two_processes_share_and_one_takes_over_postgres(void **state)
{
    (void)state;
    share_and_take_over(true);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_when_processes_are_killed_sqlite),
        cmocka_unit_test(nothing_is_lost_when_processes_are_killed_postgres),
        cmocka_unit_test(two_processes_share_and_one_takes_over_sqlite),
        cmocka_unit_test(two_processes_share_and_one_takes_over_postgres),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("processes", tests, NULL, NULL);
}
