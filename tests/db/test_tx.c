/* Transactions, statements and their failures mean the same on both engines. */
#include "dbtest.h"

#include <unistd.h>

/* --- a statement that fails --------------------------------------------------------- */

static Status ignore_tx(DbConn *conn, void *arg, Err *err)
{
    Err *second = arg;
    TRY(dbtest_put_in(conn, 1, "tea", err));
    assert_int_equal(dbtest_put_in(conn, 2, "tea", err), ST_CONFLICT);
    assert_int_equal(dbtest_put_in(conn, 3, "salt", second), ST_CONFLICT);
    return ST_OK; /* as if nothing had happened */
}

static void a_failed_statement_dooms_its_transaction(void **state)
{
    DbTest *t = *state;
    Err     second = {0};
    Status  st = db_write(t->db, NULL, DB_TX_SERIALIZABLE, ignore_tx, &second, &t->err);
    assert_fails(st, ST_CONFLICT, &t->err, "db.constraint");
    assert_true(db_constraint_is(&second, "t_item_by_name")); /* the cause, once more */
    assert_int_equal(dbtest_count(t), 0);
    assert_ok(dbtest_put(t->db, 2, "tea", &t->err), &t->err); /* and the next one is well */
}

static Status do_tx(DbConn *conn, void *arg, Err *err)
{
    return dbtest_do(conn, arg, err);
}

static void constraints_have_one_name_on_both_engines(void **state)
{
    DBTEST_QUERY(PK, "INSERT INTO t_item (id, name) VALUES (1, 'other')", "");
    DBTEST_QUERY(UNIQUE, "INSERT INTO t_item (id, name) VALUES (2, 'tea')", "");
    DBTEST_QUERY(CHECK, "UPDATE t_item SET n = 1500000", "");
    DBTEST_QUERY(NOT_NULL, "UPDATE t_item SET name = NULL", "");
    DBTEST_QUERY(KEY, "INSERT INTO t_part (id, item_id) VALUES (1, 7)", "");
    static const struct {
        const DbQuery *query;
        const char    *name;
    } CASES[] = {{&PK, "t_item_pkey"},
                 {&UNIQUE, "t_item_by_name"},
                 {&CHECK, "t_item_n_small"},
                 {&NOT_NULL, "not_null"},
                 {&KEY, "foreign_key"}};
    DbTest *t = *state;
    assert_ok(dbtest_put(t->db, 1, "tea", &t->err), &t->err);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        void  *query = (void *)(uintptr_t)CASES[i].query; /* not written to */
        Status st = db_write(t->db, NULL, DB_TX_SERIALIZABLE, do_tx, query, &t->err);
        assert_fails(st, ST_CONFLICT, &t->err, "db.constraint");
        if (!db_constraint_is(&t->err, CASES[i].name))
            fail_msg("%s is not of %s", t->err.msg, CASES[i].name);
        assert_false(db_constraint_is(&t->err, "t_item"));
    }
}

static void null_where_none_was_promised_is_an_error(void **state)
{
    DBTEST_QUERY(SUM, "SELECT CAST(sum(n) AS BIGINT) FROM t_item", "i");
    DBTEST_QUERY(SUM_OR_NULL, "SELECT CAST(sum(n) AS BIGINT) FROM t_item", "I");
    DbTest                   *t = *state;
    CLEANUP(db_run_end) DbRun run = {0};
    CLEANUP(db_run_end) DbRun again = {0};
    bool                      row = false;
    assert_ok(db_run(t->conn, &SUM, &run, &t->err), &t->err);
    assert_fails(db_step(&run, &row, &t->err), ST_IO, &t->err, "db.null_column");
    assert_ok(db_run(t->conn, &SUM_OR_NULL, &again, &t->err), &t->err);
    assert_ok(db_step(&again, &row, &t->err), &t->err);
    assert_true(row && db_col_null(&again, 0));
    assert_int_equal(db_col_i64(&again, 0), 0);
}

static void a_text_with_a_nul_is_refused(void **state)
{
    static const DbQuery ECHO = {.name = "t.echo",
                                 .sqlite = "SELECT CAST(?1 AS TEXT)",
                                 .postgres = "SELECT $1::text",
                                 .types = "t",
                                 .columns = "t"};
    DbTest              *t = *state;
    bool                 row = false;
    for (int good = 0; good <= 1; good++) {
        CLEANUP(db_run_end) DbRun run = {0};
        assert_ok(db_run(t->conn, &ECHO, &run, &t->err), &t->err);
        db_bind_str(&run, 1, good ? STR("ab") : STR("a\0b"));
        if (good)
            assert_ok(db_step(&run, &row, &t->err), &t->err);
        else
            assert_fails(db_step(&run, &row, &t->err), ST_INVALID, &t->err, "db.bad_text");
    }
    assert_true(row);
}

static void a_statement_that_takes_too_long_is_stopped(void **state)
{
    DBTEST_QUERY(
        LONG,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000)"
        " SELECT count(*) FROM n",
        "i");
    DbTest         *t = *state;
    const DbOptions options = {.statement_limit = {100}};
    Db             *db = NULL;
    DbConn         *conn = NULL;
    bool            row;
    assert_ok(db_open(t->url, &options, &db, &t->err), &t->err);
    assert_ok(db_conn_take(db, &conn, &t->err), &t->err);
    {
        CLEANUP(db_run_end) DbRun run = {0};
        assert_ok(db_run(conn, &LONG, &run, &t->err), &t->err);
        assert_fails(db_step(&run, &row, &t->err), ST_IO, &t->err, "db.too_slow");
    }
    DBTEST_QUERY(ONE, "SELECT count(*) FROM (SELECT 1) AS one", "i");
    assert_int_equal(dbtest_number(conn, &ONE), 1);
    db_conn_give(conn);
    db_close(db);
}

/* --- seeing one state ----------------------------------------------------------------- */

static Status look_tx(DbConn *conn, void *arg, Err *err)
{
    DbTest *t = arg;
    assert_int_equal(dbtest_number(conn, &Q_COUNT), 1);
    TRY(dbtest_put(t->db, 2, "salt", err));
    assert_int_equal(dbtest_number(conn, &Q_COUNT), 1);
    return ST_OK;
}

static void a_snapshot_does_not_see_what_comes_later(void **state)
{
    DbTest *t = *state;
    assert_ok(dbtest_put(t->db, 1, "tea", &t->err), &t->err);
    assert_ok(db_snapshot(t->conn, look_tx, t, &t->err), &t->err);
    assert_int_equal(dbtest_count(t), 2);
}

/* Read, think, write: only one at a time must seem to do so. */
static Status increment_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    static const DbQuery SET = {.name = "t.set",
                                .sqlite = "UPDATE t_item SET n = ?1 WHERE id = 1",
                                .postgres = "UPDATE t_item SET n = $1::bigint WHERE id = 1",
                                .types = "i",
                                .columns = ""};
    DBTEST_QUERY(GET, "SELECT coalesce(n, 0) FROM t_item WHERE id = 1", "i");
    CLEANUP(db_run_end) DbRun get = {0};
    CLEANUP(db_run_end) DbRun set = {0};
    bool                      row;
    TRY(db_run(conn, &GET, &get, err));
    TRY(db_step(&get, &row, err));
    int64_t n = db_col_i64(&get, 0);
    TRY(db_run(conn, &SET, &set, err));
    db_bind_i64(&set, 1, n + 1);
    return db_step(&set, &row, err);
}

typedef struct Counter {
    DbTest *t;
    Status  st;
    Err     err;
} Counter;

static void *count_main(void *arg)
{
    Counter *c = arg;
    for (int i = 0; i < 25 && c->st == ST_OK; i++)
        c->st = db_write(c->t->db, NULL, DB_TX_SERIALIZABLE, increment_tx, NULL, &c->err);
    return NULL;
}

static void transactions_that_collide_run_again(void **state)
{
    DBTEST_QUERY(GET, "SELECT n FROM t_item WHERE id = 1", "i");
    DbTest   *t = *state;
    Counter   counters[6];
    pthread_t threads[6];
    assert_ok(dbtest_put(t->db, 1, "tea", &t->err), &t->err);
    for (int i = 0; i < 6; i++) {
        counters[i] = (Counter){.t = t};
        threads[i] = dbtest_thread(count_main, &counters[i]);
    }
    for (int i = 0; i < 6; i++) {
        pthread_join(threads[i], NULL);
        assert_ok(counters[i].st, &counters[i].err);
    }
    assert_int_equal(dbtest_number(t->conn, &GET), 150);
}

enum { TAKERS = 200 };

static Status take_tx(DbConn *conn, void *arg, Err *err)
{
    DBTEST_QUERY(TAKE, "UPDATE t_item SET n = n - 1 WHERE id = 1 AND n >= 1", "");
    int64_t                  *taken = arg;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(db_run(conn, &TAKE, &run, err));
    TRY(db_step(&run, &row, err));
    *taken = db_changes(&run);
    return ST_OK;
}

typedef struct Buyer {
    Db     *db;
    int64_t taken;
    Status  st;
    Err     err;
} Buyer;

static void *buy_main(void *arg)
{
    Buyer *b = arg;
    b->st = db_write(b->db, NULL, DB_TX_SERIALIZABLE, take_tx, &b->taken, &b->err);
    return NULL;
}

static void of_many_who_want_the_last_one_exactly_one_gets_it(void **state)
{
    DBTEST_QUERY(GET, "SELECT n FROM t_item WHERE id = 1", "i");
    DbTest      *t = *state;
    static Buyer buyers[TAKERS];
    pthread_t    threads[TAKERS];
    int64_t      taken = 0;
    assert_ok(dbtest_put(t->db, 1, "tea", &t->err), &t->err);
    assert_ok(db_write(t->db, NULL, DB_TX_SERIALIZABLE, increment_tx, NULL, &t->err), &t->err);
    for (int i = 0; i < TAKERS; i++) {
        buyers[i] = (Buyer){.db = t->db};
        threads[i] = dbtest_thread(buy_main, &buyers[i]);
    }
    for (int i = 0; i < TAKERS; i++) {
        pthread_join(threads[i], NULL);
        assert_ok(buyers[i].st, &buyers[i].err);
        taken += buyers[i].taken;
    }
    assert_int_equal(taken, 1);
    assert_int_equal(dbtest_number(t->conn, &GET), 0);
}

/* --- connections ------------------------------------------------------------------------- */

typedef struct Taker {
    DbTest *t;
    DbConn *conn;
    Status  st;
    Err     err;
} Taker;

static void *take_main(void *arg)
{
    Taker *k = arg;
    k->st = db_conn_take(k->t->db, &k->conn, &k->err);
    return NULL;
}

static void whoever_finds_the_pool_empty_waits(void **state)
{
    DbTest *t = *state;
    DbConn *all[8] = {NULL};
    size_t  n = 0;
    while (db_stats(t->db).connections < 8) /* one is t->conn */
        assert_ok(db_conn_take(t->db, &all[n++], &t->err), &t->err);
    assert_int_equal(db_stats(t->db).idle, 0);
    Taker     late = {.t = t};
    pthread_t thread = dbtest_thread(take_main, &late);
    usleep(10000);
    db_conn_give(all[0]);
    pthread_join(thread, NULL);
    assert_ok(late.st, &late.err);
    assert_ptr_equal(late.conn, all[0]);
    assert_int_equal(db_stats(t->db).connections, 8);
    db_conn_give(late.conn);
    for (size_t i = 1; i < n; i++)
        db_conn_give(all[i]);
    assert_int_equal(db_stats(t->db).idle, 7);
}

static const DbQuery KILL = {.name = "t.kill",
                             .postgres =
                                 "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                 " WHERE datname = current_database() AND pid <> pg_backend_pid()",
                             .types = "",
                             .columns = "i"};

/* Close all connections of t->db, as a server that starts anew does. */
static void kill_connections(DbTest *t)
{
    DbConn *conn = NULL;
    Db     *db = NULL;
    assert_ok(db_open(t->url, NULL, &db, &t->err), &t->err);
    assert_ok(db_conn_take(db, &conn, &t->err), &t->err);
    assert_true(dbtest_number(conn, &KILL) > 0);
    db_conn_give(conn);
    db_close(db);
}

static Status count_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    (void)err;
    assert_int_equal(dbtest_number(conn, &Q_COUNT), 2);
    return ST_OK;
}

static void a_lost_connection_is_made_anew(void **state)
{
    DbTest *t = *state;
    assert_ok(dbtest_put(t->db, 1, "tea", &t->err), &t->err);
    assert_int_equal(dbtest_count(t), 1);
    kill_connections(t);
    assert_int_equal(dbtest_count(t), 1); /* with its statements prepared again */
    kill_connections(t);
    assert_ok(dbtest_put(t->db, 2, "salt", &t->err), &t->err);
    kill_connections(t);
    assert_ok(db_snapshot(t->conn, count_tx, NULL, &t->err), &t->err);
}

typedef struct Unlucky {
    DbTest *t;
    int     runs;
} Unlucky;

static Status unlucky_tx(DbConn *conn, void *arg, Err *err)
{
    Unlucky *u = arg;
    TRY(dbtest_post_in(conn, 1, "tea", err));
    if (u->runs++ == 0)
        kill_connections(u->t);
    return dbtest_post_in(conn, 2, "salt", err);
}

static void a_connection_lost_within_a_transaction_repeats_it(void **state)
{
    Unlucky u = {.t = *state};
    assert_ok(db_write(u.t->db, NULL, DB_TX_SERIALIZABLE, unlucky_tx, &u, &u.t->err), &u.t->err);
    assert_int_equal(u.runs, 2);
    assert_int_equal(dbtest_count(u.t), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DBTEST(a_failed_statement_dooms_its_transaction),
        DBTEST(constraints_have_one_name_on_both_engines),
        DBTEST(null_where_none_was_promised_is_an_error),
        DBTEST(a_text_with_a_nul_is_refused),
        DBTEST(a_statement_that_takes_too_long_is_stopped),
        DBTEST(a_snapshot_does_not_see_what_comes_later),
        DBTEST(transactions_that_collide_run_again),
        DBTEST(of_many_who_want_the_last_one_exactly_one_gets_it),
        DBTEST(whoever_finds_the_pool_empty_waits),
        DBTEST_POSTGRES(a_lost_connection_is_made_anew),
        DBTEST_POSTGRES(a_connection_lost_within_a_transaction_repeats_it),
    };
    return cmocka_run_group_tests_name("tx", tests, NULL, NULL);
}
