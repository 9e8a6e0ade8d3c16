/* bench_commit [DIR] - durable transactions per second with 1, 8 and 64 writers.
 *
 * A transaction is an order: its row, three lines, three times stock taken, one event.
 * SQLite with shared commits stands beside itself with a commit each (group_max = 1), in
 * turns, and beside the disk: how often a second it can write 4 KB and fdatasync. With
 * RAPPORT_TEST_POSTGRES set (scripts/with-postgres --durable), PostgreSQL does the same. */
#include "bench_db.h"
#include "db/db.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PRODUCTS = 100000, WRITERS_MAX = 64 };
static const double SECONDS = 0.7; /* per turn */
enum { TURNS = 3 };

#define TABLES(i, end)                                                                             \
    "CREATE TABLE b_stock (id " i " PRIMARY KEY, qty " i " NOT NULL)" end                          \
    "CREATE TABLE b_order (id " i " PRIMARY KEY, customer " i " NOT NULL, total " i " NOT NULL,"   \
    " created_ms " i " NOT NULL)" end                                                              \
    "CREATE INDEX b_order_by_customer ON b_order (customer, id);"                                  \
    "CREATE TABLE b_line (id " i " PRIMARY KEY, order_id " i " NOT NULL, product " i " NOT NULL,"  \
    " qty " i " NOT NULL, price " i " NOT NULL)" end                                               \
    "CREATE INDEX b_line_by_order ON b_line (order_id);"                                           \
    "CREATE TABLE b_event (id " i " PRIMARY KEY, stream " i                                        \
    " NOT NULL, payload TEXT NOT NULL)" end

static const DbMigration  TABLE[] = {{.module = "b",
                                      .version = 1,
                                      .name = "tables",
                                      .sqlite = TABLES("INTEGER", " STRICT;"),
                                      .postgres = TABLES("BIGINT", ";"),
                                      .sqlite_sum = "1",
                                      .postgres_sum = "1"}};
static const DbMigrations SCHEMA = {.items = TABLE, .n = 1};

static const DbQuery Q_FILL = {
    .name = "b.fill",
    .sqlite = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
              " INSERT INTO b_stock (id, qty) SELECT i, 1000000 FROM n",
    .postgres =
        "INSERT INTO b_stock (id, qty) SELECT i, 1000000 FROM generate_series(1, $1::bigint)"
        " AS i",
    .types = "i",
    .columns = ""};
static const DbQuery Q_ORDER = {
    .name = "b.order",
    .sqlite = "INSERT INTO b_order (id, customer, total, created_ms) VALUES (?1, ?2, ?3, ?4)",
    .postgres = "INSERT INTO b_order (id, customer, total, created_ms)"
                " VALUES ($1::bigint, $2::bigint, $3::bigint, $4::bigint)",
    .types = "iiii",
    .columns = ""};
static const DbQuery Q_LINE = {
    .name = "b.line",
    .sqlite = "INSERT INTO b_line (id, order_id, product, qty, price) VALUES (?1, ?2, ?3, 1, ?4)",
    .postgres = "INSERT INTO b_line (id, order_id, product, qty, price)"
                " VALUES ($1::bigint, $2::bigint, $3::bigint, 1, $4::bigint)",
    .types = "iiii",
    .columns = ""};
static const DbQuery Q_TAKE = {
    .name = "b.take",
    .sqlite = "UPDATE b_stock SET qty = qty - 1 WHERE id = ?1 AND qty >= 1",
    .postgres = "UPDATE b_stock SET qty = qty - 1 WHERE id = $1::bigint AND qty >= 1",
    .types = "i",
    .columns = ""};
static const DbQuery Q_EVENT = {
    .name = "b.event",
    .sqlite = "INSERT INTO b_event (id, stream, payload) VALUES (?1, ?2, ?3)",
    .postgres =
        "INSERT INTO b_event (id, stream, payload) VALUES ($1::bigint, $2::bigint, $3::text)",
    .types = "iit",
    .columns = ""};

/* --- one transaction ----------------------------------------------------------------- */

static atomic_llong next_id = 1;

typedef struct Order {
    int64_t id;
    int64_t customer;
    int64_t products[3];
} Order;

static Status write4(DbConn *conn, const DbQuery *q, int64_t a, int64_t b, int64_t c, int64_t d,
                     Err *err)
{
    const int64_t             values[] = {a, b, c, d};
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(db_run(conn, q, &run, err));
    for (int i = 0; q->types[i] != '\0'; i++)
        db_bind_i64(&run, i + 1, values[i]);
    return db_step(&run, &row, err);
}

static Status order_tx(DbConn *conn, void *arg, Err *err)
{
    static const char PAYLOAD[] = "{\"cart\":\"crt_01hv\",\"channel\":\"storefront\",\"items\":3}";
    const Order      *o = arg;
    TRY(write4(conn, &Q_ORDER, o->id, o->customer, 2997, o->id, err));
    for (int i = 0; i < 3; i++) {
        TRY(write4(conn, &Q_LINE, o->id + i, o->id, o->products[i], 999, err));
        TRY(write4(conn, &Q_TAKE, o->products[i], 0, 0, 0, err));
    }
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(db_run(conn, &Q_EVENT, &run, err));
    db_bind_i64(&run, 1, o->id);
    db_bind_i64(&run, 2, o->customer);
    db_bind_str(&run, 3, (Str){PAYLOAD, sizeof PAYLOAD - 1});
    return db_step(&run, &row, err);
}

/* --- many of them ----------------------------------------------------------------------- */

typedef struct Writer {
    Db       *db;
    uint64_t  random;
    double    until;
    long long done;
    double    slowest;
} Writer;

static int64_t dice(Writer *w, int64_t sides)
{
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return 1 + (int64_t)((w->random >> 33) % (uint64_t)sides);
}

static void *writer_main(void *arg)
{
    Writer *w = arg;
    for (double begun = bench_now(); begun < w->until;) {
        Order o = {.id = atomic_fetch_add(&next_id, 8), .customer = dice(w, 50000)};
        for (int i = 0; i < 3; i++)
            o.products[i] = dice(w, PRODUCTS);
        Err err = {0};
        bench_need(db_write(w->db, NULL, DB_TX_SERIALIZABLE, order_tx, &o, &err), &err);
        double ended = bench_now();
        if (ended - begun > w->slowest)
            w->slowest = ended - begun;
        begun = ended;
        w->done++;
    }
    return NULL;
}

typedef struct Rate {
    double    seconds;
    long long done;
    double    slowest_ms;
    double    cpu; /* seconds of this process */
    DbStats   stats;
} Rate;

static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double per_second(const Rate *r)
{
    return (double)r->done / r->seconds;
}

/* One turn with that many writers, added to *r. */
static void turn(Db *db, int writers, Rate *r)
{
    Writer    w[WRITERS_MAX] = {0};
    pthread_t threads[WRITERS_MAX];
    double    begun = bench_now();
    double    cpu_begun = cpu();
    for (int i = 0; i < writers; i++) {
        w[i] = (Writer){.db = db, .random = (uint64_t)i * 7919 + 1, .until = begun + SECONDS};
        if (pthread_create(&threads[i], NULL, writer_main, &w[i]) != 0)
            bench_fail("thread", "cannot start");
    }
    for (int i = 0; i < writers; i++) {
        pthread_join(threads[i], NULL);
        r->done += w[i].done;
        if (w[i].slowest * 1000 > r->slowest_ms)
            r->slowest_ms = w[i].slowest * 1000;
    }
    r->seconds += bench_now() - begun;
    r->cpu += cpu() - cpu_begun;
    DbStats stats = db_stats(db);
    r->stats.transactions += stats.transactions;
    r->stats.groups += stats.groups;
}

static Db *open_db(const char *url, int64_t group_max)
{
    const DbOptions options = {.group_max = group_max, .connections = WRITERS_MAX};
    Db             *db = NULL;
    Err             err = {0};
    bench_need(db_open(url, &options, &db, &err), &err);
    return db;
}

static Status fill_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    return write4(conn, &Q_FILL, PRODUCTS, 0, 0, 0, err);
}

static void prepare(const char *url)
{
    Db *db = open_db(url, 0);
    Err err = {0};
    bench_need(db_migrate(db, &SCHEMA, 1, &err), &err);
    bench_need(db_write(db, NULL, DB_TX_SERIALIZABLE, fill_tx, NULL, &err), &err);
    db_close(db);
}

/* --- the peers ---------------------------------------------------------------------------- */

static double disk(const char *dir)
{
    static char block[4096];
    char        path[560];
    (void)snprintf(path, sizeof path, "%s/disk", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        bench_fail(path, "cannot be made");
    long   n = 0;
    double begun = bench_now();
    while (bench_now() - begun < SECONDS) {
        if (pwrite(fd, block, sizeof block, (n % 2048) * 4096L) != sizeof block ||
            fdatasync(fd) != 0)
            bench_fail(path, "cannot be written");
        n++;
    }
    close(fd);
    unlink(path);
    return (double)n / (bench_now() - begun);
}

static void sqlite(const char *dir)
{
    char path[560];
    (void)snprintf(path, sizeof path, "%s/db", dir);
    prepare(path);
    for (int writers = 1; writers <= WRITERS_MAX; writers *= 8) {
        Rate   alone = {0};
        Rate   shared = {0};
        double sync = 0;
        for (int i = 0; i < TURNS; i++) {
            sync += disk(dir) / TURNS;
            Db *db = open_db(path, 1);
            turn(db, writers, &alone);
            db_close(db);
            db = open_db(path, 0);
            turn(db, writers, &shared);
            db_close(db);
        }
        printf("sqlite    %2d writers: %6.0f orders/s shared (%.1f per commit, %.0f us of CPU, "
               "slowest %.0f ms), "
               "%6.0f with an fsync each (slowest %.0f ms), ratio %.2f; disk %.0f fdatasync/s\n",
               writers, per_second(&shared),
               (double)shared.stats.transactions / (double)shared.stats.groups,
               shared.cpu * 1e6 / (double)shared.done, shared.slowest_ms, per_second(&alone),
               alone.slowest_ms, per_second(&shared) / per_second(&alone), sync);
        (void)fflush(stdout);
    }
    static const char *const SUFFIXES[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(SUFFIXES); i++) {
        char name[580];
        (void)snprintf(name, sizeof name, "%s%s", path, SUFFIXES[i]);
        unlink(name);
    }
}

static void postgres(const char *server)
{
    char url[BENCH_URL_MAX];
    bench_postgres_make(server, "bench_commit", url);
    prepare(url);
    for (int writers = 1; writers <= WRITERS_MAX; writers *= 8) {
        Rate rate = {0};
        Db  *db = open_db(url, 0);
        for (int i = 0; i < TURNS; i++)
            turn(db, writers, &rate);
        db_close(db);
        printf("postgres  %2d writers: %6.0f orders/s (slowest %.0f ms)\n", writers,
               per_second(&rate), rate.slowest_ms);
        (void)fflush(stdout);
    }
    bench_postgres_drop(server, "bench_commit");
}

int main(int argc, char **argv)
{
    char        dir[512];
    const char *server = getenv("RAPPORT_TEST_POSTGRES"); // NOLINT(concurrency-mt-unsafe)
    (void)snprintf(dir, sizeof dir, "%s/rapport-bench-XXXXXX", argc > 1 ? argv[1] : "/tmp");
    if (mkdtemp(dir) == NULL)
        bench_fail(dir, "cannot be made");
    sqlite(dir);
    rmdir(dir);
    if (server != NULL)
        postgres(server);
    else
        printf("postgres: skipped, RAPPORT_TEST_POSTGRES is not set\n");
    return 0;
}
