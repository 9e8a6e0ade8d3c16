/* bench_read - rows read by key per second: through db.h, and through the engine's own
 * library with the least that can be written there. Peers: sqlite3, libpq. */
#include "bench_db.h"
#include "db/db.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 100000, TURNS = 5 };
static const double SECONDS = 0.3;

#define TABLE(i, end)                                                                              \
    "CREATE TABLE b_item (id " i " PRIMARY KEY, title TEXT NOT NULL, price " i " NOT NULL)" end
static const DbMigration  TABLES[] = {{.module = "b",
                                       .version = 1,
                                       .name = "items",
                                       .sqlite = TABLE("INTEGER", " STRICT"),
                                       .postgres = TABLE("BIGINT", ""),
                                       .sqlite_sum = "1",
                                       .postgres_sum = "1"}};
static const DbMigrations SCHEMA = {.items = TABLES, .n = 1};
static const DbQuery      Q_FILL = {
         .name = "b.fill",
         .sqlite =
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
                  " INSERT INTO b_item (id, title, price) SELECT i, 'A fine thing no. ' || i, i * 7 FROM n",
         .postgres = "INSERT INTO b_item (id, title, price) SELECT i, 'A fine thing no. ' || i, i * 7"
                          " FROM generate_series(1, $1::bigint) AS i",
         .types = "i",
         .columns = ""};
static const DbQuery Q_GET = {.name = "b.get",
                              .sqlite = "SELECT id, title, price FROM b_item WHERE id = ?1",
                              .postgres =
                                  "SELECT id, title, price FROM b_item WHERE id = $1::bigint",
                              .types = "i",
                              .columns = "iti"};

static uint64_t dice = 1;

static int64_t next_id(void)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return 1 + (int64_t)((dice >> 33) % ROWS);
}

/* Each reader copies the title and adds the price to a sum, so that nothing is left out. */
typedef int64_t ReadFn(void *handle, Arena *a, int64_t id);

static int64_t read_db(void *handle, Arena *a, int64_t id)
{
    CLEANUP(db_run_end) DbRun run = {0};
    Err                       err = {0};
    bool                      row = false;
    bench_need(db_run(handle, &Q_GET, &run, &err), &err);
    db_bind_i64(&run, 1, id);
    bench_need(db_step(&run, &row, &err), &err);
    Str title = db_col_str(&run, a, 1);
    return db_col_i64(&run, 2) + (int64_t)title.len;
}

static int64_t read_sqlite(void *handle, Arena *a, int64_t id)
{
    sqlite3_stmt *stmt = handle;
    sqlite3_bind_int64(stmt, 1, id);
    if (sqlite3_step(stmt) != SQLITE_ROW)
        bench_fail("sqlite3", "no row");
    Str title = {(const char *)sqlite3_column_text(stmt, 1), (size_t)sqlite3_column_bytes(stmt, 1)};
    title = str_dup(a, title);
    int64_t sum = sqlite3_column_int64(stmt, 2) + (int64_t)title.len;
    sqlite3_reset(stmt);
    return sum;
}

static int64_t read_libpq(void *handle, Arena *a, int64_t id)
{
    char number[24];
    (void)snprintf(number, sizeof number, "%lld", (long long)id);
    const char *values[] = {number};
    PGresult   *res = PQexecPrepared(handle, "get", 1, values, NULL, NULL, 0);
    if (PQntuples(res) != 1)
        bench_fail("libpq", PQerrorMessage(handle));
    int64_t price = 0;
    Str     title = str_dup(a, str_from_cstr(PQgetvalue(res, 0, 1)));
    if (!str_parse_i64(str_from_cstr(PQgetvalue(res, 0, 2)), &price))
        bench_fail("libpq", "no number");
    PQclear(res);
    return price + (int64_t)title.len;
}

static double turn(ReadFn *fn, void *handle)
{
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 4096);
    int64_t n = 0;
    int64_t sum = 0;
    double  begun = bench_now();
    while (bench_now() - begun < SECONDS) {
        for (int i = 0; i < 64; i++, n++)
            sum += fn(handle, &a, next_id());
        arena_reset(&a);
    }
    if (sum == 0)
        bench_fail("reads", "nothing came");
    return (double)n / (bench_now() - begun);
}

static void compare(const char *name, DbConn *conn, ReadFn *peer, void *handle)
{
    double ours = 0;
    double theirs = 0;
    for (int i = 0; i < TURNS; i++) {
        ours += turn(read_db, conn) / TURNS;
        theirs += turn(peer, handle) / TURNS;
    }
    printf("%-8s %8.0f rows/s by key through db.h, %8.0f through its own library, ratio %.2f\n",
           name, ours, theirs, ours / theirs);
    (void)fflush(stdout);
}

static Status fill_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(db_run(conn, &Q_FILL, &run, err));
    db_bind_i64(&run, 1, ROWS);
    return db_step(&run, &row, err);
}

static Db *prepare(const char *url, DbConn **ret_conn)
{
    Db *db = NULL;
    Err err = {0};
    bench_need(db_open(url, NULL, &db, &err), &err);
    bench_need(db_migrate(db, &SCHEMA, 1, &err), &err);
    bench_need(db_write(db, NULL, DB_TX_SERIALIZABLE, fill_tx, NULL, &err), &err);
    bench_need(db_conn_take(db, ret_conn, &err), &err);
    return db;
}

static void sqlite(void)
{
    char dir[] = "/tmp/rapport-bench-XXXXXX";
    char path[64];
    if (mkdtemp(dir) == NULL)
        bench_fail(dir, "cannot be made");
    (void)snprintf(path, sizeof path, "%s/db", dir);
    DbConn       *conn = NULL;
    Db           *db = prepare(path, &conn);
    sqlite3      *sq = NULL;
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_open_v2(path, &sq, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(sq, "PRAGMA mmap_size = 268435456", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(sq, Q_GET.sqlite, -1, &stmt, NULL) != SQLITE_OK)
        bench_fail("sqlite3", sqlite3_errmsg(sq));
    compare("sqlite", conn, read_sqlite, stmt);
    sqlite3_finalize(stmt);
    sqlite3_close(sq);
    db_conn_give(conn);
    db_close(db);
    unlink(path);
    rmdir(dir);
}

static void postgres(const char *server)
{
    char url[BENCH_URL_MAX];
    bench_postgres_make(server, "bench_read", url);
    DbConn   *conn = NULL;
    Db       *db = prepare(url, &conn);
    PGconn   *pg = PQconnectdb(url);
    PGresult *res = PQprepare(pg, "get", Q_GET.postgres, 0, NULL);
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        bench_fail("libpq", PQerrorMessage(pg));
    PQclear(res);
    compare("postgres", conn, read_libpq, pg);
    PQfinish(pg);
    db_conn_give(conn);
    db_close(db);
    bench_postgres_drop(server, "bench_read");
}

int main(void)
{
    const char *server = getenv("RAPPORT_TEST_POSTGRES"); // NOLINT(concurrency-mt-unsafe)
    sqlite();
    if (server != NULL)
        postgres(server);
    else
        printf("postgres: skipped, RAPPORT_TEST_POSTGRES is not set\n");
    return 0;
}
