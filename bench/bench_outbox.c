/* bench_outbox [DIR] - what an event and a job cost beside a bare commit.
 *
 * Eight writers commit one small row each, durably: bare, with an event, with a job. Then
 * the same with a running Core, whose reaction counts events and whose workers run the
 * jobs: told or queued until done. Last, one event at a time: from its commit to its
 * reaction. With RAPPORT_TEST_POSTGRES set (scripts/with-postgres --durable), PostgreSQL
 * does the same. */
#include "base/log.h"
#include "core/core.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRITERS = 8, SINGLES = 500 };
static const double SECONDS = 1.0;

typedef struct Moved {
    int64_t item, qty;
    Str     place;
} Moved;

static const ShapeField MOVED_FIELDS[] = {
    SHAPE_INT(Moved, item),
    SHAPE_INT(Moved, qty),
    SHAPE_TEXT(Moved, place, .max = 100),
};
static const Shape     moved_shape = SHAPE_OF(Moved, "BenchMoved", MOVED_FIELDS, .doc = "Moved.");
static const EventType moved = {"bench.moved", 1, &moved_shape, "Something was moved."};

static const DbMigration TABLE[] = {
    {.module = "bench",
     .version = 1,
     .name = "rows",
     .sqlite = "CREATE TABLE bench_row (id INTEGER PRIMARY KEY, qty INTEGER NOT NULL) STRICT",
     .postgres = "CREATE TABLE bench_row (id BIGINT PRIMARY KEY, qty BIGINT NOT NULL)",
     .sqlite_sum = "1",
     .postgres_sum = "1"}};
static const DbQuery Q_ROW = {"bench.row", "INSERT INTO bench_row (id, qty) VALUES (?1, ?2)",
                              "INSERT INTO bench_row (id, qty) VALUES ($1::bigint, $2::bigint)",
                              "ii", ""};

static atomic_llong reacted, worked;
static atomic_llong reacted_at_us;

static Status react(Cx *cx, const Event *event)
{
    (void)cx;
    (void)event;
    atomic_store(&reacted_at_us, clock_mono_us());
    atomic_fetch_add(&reacted, 1);
    return ST_OK;
}

static Status work(Cx *cx, const Job *job)
{
    (void)cx;
    (void)job;
    atomic_fetch_add(&worked, 1);
    return ST_OK;
}

static const Reaction REACTIONS[] = {{.name = "bench.react", .type = "bench.moved", .run = react}};
static const JobKind  JOBS[] = {{.name = "bench.work", .run = work}};
static const Module   MODULE = {.name = "bench",
                                .migrations = {.items = TABLE, .n = 1},
                                .reactions = REACTIONS,
                                .nreactions = 1,
                                .jobs = JOBS,
                                .njobs = 1};
static const Module *const MODULES[] = {&MODULE};

static void fail(const Err *err)
{
    fprintf(stderr, "bench_outbox: %s (%s)\n", err->msg, err->code != NULL ? err->code : "?");
    exit(1);
}

/* --- writing --------------------------------------------------------------------------------- */

typedef enum What { BARE, EVENT, JOB } What;

typedef struct Bench {
    Db          *db;
    Core        *core;
    What         what;
    atomic_llong next, committed;
    atomic_bool  stop;
} Bench;

typedef struct Step {
    Bench  *bench;
    int64_t id;
} Step;

static Status step_tx(Cx *cx, void *arg)
{
    const Step               *s = arg;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(cx_run(cx, &Q_ROW, &run));
    db_bind_i64(&run, 1, s->id);
    db_bind_i64(&run, 2, 7);
    TRY(db_step(&run, &row, &cx->err));
    Moved told = {.item = s->id, .qty = 7, .place = STR("shelf 12 in the back")};
    if (s->bench->what == EVENT)
        return event_tell(cx, &moved, s->id % 1000, &told);
    if (s->bench->what == JOB)
        return job_queue(cx, "bench.work", STR("{\"item\":12345}"), NULL, NULL);
    return ST_OK;
}

static void commit_one(Bench *b, Arena *a)
{
    Cx   cx = {.core = b->core};
    Step s = {b, atomic_fetch_add(&b->next, 1)};
    if (cx_begin(&cx, a, b->db, clock_now()) != ST_OK || cx_in_tx(&cx, step_tx, &s) != ST_OK)
        fail(&cx.err);
    cx_end(&cx);
    arena_reset(a);
    atomic_fetch_add(&b->committed, 1);
}

static void *writer_main(void *arg)
{
    Bench                    *b = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    while (!atomic_load(&b->stop))
        commit_one(b, &a);
    return NULL;
}

/* Commits per second; with `done`, until as many have been done. */
static double run(Bench *b, What what, const atomic_llong *done)
{
    pthread_t threads[WRITERS];
    int64_t   target = done != NULL ? atomic_load(done) : 0;
    b->what = what;
    atomic_store(&b->committed, 0);
    atomic_store(&b->stop, false);
    int64_t from = clock_mono_us();
    for (int i = 0; i < WRITERS; i++)
        if (pthread_create(&threads[i], NULL, writer_main, b) != 0)
            exit(1);
    usleep((useconds_t)(SECONDS * 1e6));
    atomic_store(&b->stop, true);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    target += atomic_load(&b->committed);
    while (done != NULL && atomic_load(done) < target)
        usleep(200);
    return (double)atomic_load(&b->committed) * 1e6 / (double)(clock_mono_us() - from);
}

static int by_size(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x;
    int64_t b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static void latency(Bench *b)
{
    static int64_t            us[SINGLES];
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    b->what = EVENT;
    for (int i = 0; i < SINGLES; i++) {
        int64_t before = atomic_load(&reacted);
        commit_one(b, &a);
        int64_t committed = clock_mono_us();
        while (atomic_load(&reacted) == before)
            usleep(20);
        us[i] = atomic_load(&reacted_at_us) - committed;
        usleep(500);
    }
    qsort(us, SINGLES, sizeof us[0], by_size);
    int64_t p50 = us[SINGLES / 2], p99 = us[SINGLES * 99 / 100];
    printf("  commit to reaction: p50 %.2f ms, p99 %.2f ms\n", (double)p50 / 1e3,
           (double)p99 / 1e3);
}

static void bench(const char *name, const char *url)
{
    Err       err = {0};
    DbOptions options = {.connections = 24};
    Bench     b = {0};
    atomic_store(&b.next, 1);
    atomic_store(&reacted, 0);
    atomic_store(&worked, 0);
    if (db_open(url, &options, &b.db, &err) != ST_OK ||
        core_migrate(b.db, MODULES, 1, &err) != ST_OK)
        fail(&err);
    double bare = run(&b, BARE, NULL);
    double told = run(&b, EVENT, NULL);
    double queued = run(&b, JOB, NULL);
    double again = run(&b, BARE, NULL);
    bare = again > bare ? again : bare;
    printf("%s, %d writers: %.0f bare commits/s\n", name, WRITERS, bare);
    printf("  with an event %.0f/s = %.2fx, with a job %.0f/s = %.2fx\n", told, told / bare, queued,
           queued / bare);
    if (core_start(b.db, MODULES, 1, NULL, &b.core, &err) != ST_OK ||
        core_drain(b.core, &err) != ST_OK)
        fail(&err);
    double delivered = run(&b, EVENT, &reacted);
    printf("  with an event and its delivery %.0f/s = %.2fx\n", delivered, delivered / bare);
    double jobs = run(&b, JOB, &worked);
    printf("  with a job and running it %.0f/s = %.2fx\n", jobs, jobs / bare);
    latency(&b);
    core_stop(b.core);
    db_close(b.db);
}

static void bench_postgres(const char *base)
{
    char        url[512];
    PGconn     *admin = PQconnectdb(base);
    const char *at = strstr(base, "/postgres?");
    if (at == NULL || PQstatus(admin) != CONNECTION_OK)
        exit(1);
    PQclear(PQexec(admin, "DROP DATABASE IF EXISTS bench_outbox"));
    PQclear(PQexec(admin, "CREATE DATABASE bench_outbox TEMPLATE template0"));
    (void)snprintf(url, sizeof url, "%.*s/bench_outbox?%s", (int)(at - base), base,
                   at + strlen("/postgres?"));
    bench("PostgreSQL", url);
    PQclear(PQexec(admin, "DROP DATABASE bench_outbox"));
    PQfinish(admin);
}

int main(int argc, char **argv)
{
    static const char *const SUFFIXES[] = {"", "-wal", "-shm"};
    const char              *postgres = getenv("RAPPORT_TEST_POSTGRES");
    char                     path[512];
    log_min_level = LOG_ERROR;
    (void)snprintf(path, sizeof path, "%s/bench_outbox.%d", argc > 1 ? argv[1] : ".",
                   (int)getpid());
    bench("SQLite", path);
    for (size_t i = 0; i < COUNT_OF(SUFFIXES); i++) {
        char file[540];
        (void)snprintf(file, sizeof file, "%s%s", path, SUFFIXES[i]);
        (void)unlink(file);
    }
    if (postgres != NULL)
        bench_postgres(postgres);
    return 0;
}
