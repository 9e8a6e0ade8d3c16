#include "dbtest.h"

#include "postgres.h"

static const DbMigration ITEMS[] = {
    {.module = "t",
     .version = 1,
     .name = "items",
     .sqlite =
         "CREATE TABLE t_item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT,"
         " n INTEGER CONSTRAINT t_item_n_small CHECK (n < 1000000 OR n > 2000000), ok INTEGER,"
         " share REAL, data BLOB) STRICT;"
         "CREATE UNIQUE INDEX t_item_by_name ON t_item (name);"
         "CREATE TABLE t_part (id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL"
         " REFERENCES t_item (id) DEFERRABLE INITIALLY DEFERRED) STRICT;",
     .postgres =
         "CREATE TABLE t_item (id BIGINT PRIMARY KEY, name TEXT NOT NULL, note TEXT,"
         " n BIGINT CONSTRAINT t_item_n_small CHECK (n < 1000000 OR n > 2000000), ok BOOLEAN,"
         " share DOUBLE PRECISION, data BYTEA);"
         "CREATE UNIQUE INDEX t_item_by_name ON t_item (name);"
         "CREATE TABLE t_part (id BIGINT PRIMARY KEY, item_id BIGINT NOT NULL"
         " REFERENCES t_item (id) DEFERRABLE INITIALLY DEFERRED);",
     .sqlite_sum = "1",
     .postgres_sum = "1"},
};
const DbMigrations dbtest_schema = {.items = ITEMS, .n = 1};

const DbQuery        Q_COUNT = {.name = "t.count",
                                .sqlite = "SELECT count(*) FROM t_item",
                                .postgres = "SELECT count(*) FROM t_item",
                                .types = "",
                                .columns = "i"};
static const DbQuery Q_PUT = {.name = "t.put",
                              .sqlite = "INSERT INTO t_item (id, name) VALUES (?1, ?2)",
                              .postgres =
                                  "INSERT INTO t_item (id, name) VALUES ($1::bigint, $2::text)",
                              .types = "it",
                              .columns = ""};

static int setup(void **state, const char *url)
{
    DbTest *t = test_calloc(1, sizeof *t);
    *state = t;
    log_min_level = LOG_ERROR;
    arena_init(&t->arena, 4096);
    (void)snprintf(t->url, sizeof t->url, "%s", url);
    assert_ok(db_open(url, NULL, &t->db, &t->err), &t->err);
    assert_ok(db_migrate(t->db, &dbtest_schema, 1, &t->err), &t->err);
    assert_ok(db_conn_take(t->db, &t->conn, &t->err), &t->err);
    t->kind = db_kind(t->db);
    return 0;
}

int dbtest_setup_sqlite(void **state)
{
    return setup(state, ":memory:");
}

int dbtest_setup_postgres(void **state)
{
    char url[POSTGRES_URL_MAX];
    postgres_make(NULL, url);
    return setup(state, url);
}

int dbtest_teardown(void **state)
{
    DbTest *t = *state;
    db_conn_give(t->conn);
    db_close(t->db);
    if (t->kind == DB_POSTGRES)
        postgres_drop(t->url);
    arena_done(&t->arena);
    test_free(t);
    return 0;
}

int64_t dbtest_number(DbConn *conn, const DbQuery *query)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = false;
    Err                       err = {0};
    assert_ok(db_run(conn, query, &run, &err), &err);
    assert_ok(db_step(&run, &row, &err), &err);
    assert_true(row);
    return db_col_i64(&run, 0);
}

int64_t dbtest_count(DbTest *t)
{
    return dbtest_number(t->conn, &Q_COUNT);
}

Status dbtest_do(DbConn *conn, const DbQuery *query, Err *err)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = true;
    TRY(db_run(conn, query, &run, err));
    while (row)
        TRY(db_step(&run, &row, err));
    return ST_OK;
}

static Status put(DbConn *conn, int64_t id, const char *name, int64_t *ret_changed, Err *err)
{
    CLEANUP(db_run_end) DbRun run = {0};
    TRY(db_run(conn, &Q_PUT, &run, err));
    db_bind_i64(&run, 1, id);
    db_bind_str(&run, 2, str_from_cstr(name));
    return db_exec(&run, ret_changed, err);
}

Status dbtest_put_in(DbConn *conn, int64_t id, const char *name, Err *err)
{
    int64_t changed;
    return put(conn, id, name, &changed, err);
}

Status dbtest_post_in(DbConn *conn, int64_t id, const char *name, Err *err)
{
    return put(conn, id, name, NULL, err);
}

typedef struct Put {
    int64_t     id;
    const char *name;
} Put;

static Status put_tx(DbConn *conn, void *arg, Err *err)
{
    Put *p = arg;
    return dbtest_post_in(conn, p->id, p->name, err);
}

Status dbtest_put(Db *db, int64_t id, const char *name, Err *err)
{
    Put p = {id, name};
    return db_write(db, NULL, DB_TX_SERIALIZABLE, put_tx, &p, err);
}

pthread_t dbtest_thread(void *(*fn)(void *), void *arg)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, fn, arg), 0);
    return thread;
}
