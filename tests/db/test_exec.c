/* Statements that nobody waits for: on PostgreSQL they travel with the next one. */
#include "dbtest.h"

enum { MANY = 300 };

typedef struct Body {
    DbTest *t;
    DbTxFn *fn;
    int64_t counted;
    bool    ended; /* the body came to its end, and said that all was well */
} Body;

static Status body_tx(DbConn *conn, void *arg, Err *err)
{
    Body *b = arg;
    b->ended = false;
    TRY(b->fn(conn, b, err));
    b->ended = true;
    return ST_OK;
}

static Status write_body(Body *b)
{
    return db_write(b->t->db, NULL, DB_TX_SERIALIZABLE, body_tx, b, &b->t->err);
}

static Status many_tx(DbConn *conn, void *arg, Err *err)
{
    Body *b = arg;
    for (int i = 0; i < MANY; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", i);
        TRY(dbtest_post_in(conn, i + 1, name, err));
    }
    b->counted = dbtest_number(conn, &Q_COUNT);
    return dbtest_post_in(conn, MANY + 1, "last", err);
}

static void they_are_there_when_somebody_asks(void **state)
{
    Body b = {.t = *state, .fn = many_tx};
    assert_ok(write_body(&b), &b.t->err);
    assert_int_equal(b.counted, MANY);
    assert_int_equal(dbtest_count(b.t), MANY + 1);
}

static Status clash_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    TRY(dbtest_post_in(conn, 1, "tea", err));
    return dbtest_post_in(conn, 2, "tea", err);
}

static Status clash_and_ask_tx(DbConn *conn, void *arg, Err *err)
{
    TRY(clash_tx(conn, arg, err));
    return dbtest_do(conn, &Q_COUNT, err);
}

static Status clash_and_go_on_tx(DbConn *conn, void *arg, Err *err)
{
    TRY(clash_tx(conn, arg, err));
    return dbtest_post_in(conn, 3, "salt", err);
}

static void a_failure_is_told_in_the_end_and_nothing_is_kept(void **state)
{
    DbTxFn *const bodies[] = {clash_tx, clash_and_ask_tx, clash_and_go_on_tx};
    DbTest       *t = *state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        Body b = {.t = t, .fn = bodies[i]};
        assert_int_equal(write_body(&b), ST_CONFLICT);
        assert_true(db_constraint_is(&t->err, "t_item_by_name"));
        assert_non_null(strstr(t->err.msg, "t.put"));
        assert_int_equal(b.ended, t->kind == DB_POSTGRES && bodies[i] != clash_and_ask_tx);
        assert_int_equal(dbtest_count(t), 0);
    }
    assert_ok(dbtest_put(t->db, 1, "tea", &t->err), &t->err); /* the connection is sound */
}

static Status count_changes_tx(DbConn *conn, void *arg, Err *err)
{
    DBTEST_QUERY(ALL, "UPDATE t_item SET n = 7", "");
    Body                     *b = arg;
    CLEANUP(db_run_end) DbRun run = {0};
    TRY(many_tx(conn, arg, err));
    TRY(db_run(conn, &ALL, &run, err));
    return db_exec(&run, &b->counted, err);
}

static void who_wants_to_know_what_changed_waits(void **state)
{
    Body b = {.t = *state, .fn = count_changes_tx};
    assert_ok(write_body(&b), &b.t->err);
    assert_int_equal(b.counted, MANY + 1);
}

/* While rows come through a cursor, others are written. */
static Status copy_tx(DbConn *conn, void *arg, Err *err)
{
    DBTEST_QUERY(EACH, "SELECT id, name FROM t_item WHERE id <= 1000 ORDER BY id", "it");
    Body                     *b = arg;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = true;
    b->counted = 0;
    TRY(db_run_each(conn, &EACH, &run, err));
    for (;;) {
        char name[40];
        TRY(db_step(&run, &row, err));
        if (!row)
            return ST_OK;
        (void)snprintf(name, sizeof name, "copy %lld", (long long)db_col_i64(&run, 0));
        TRY(dbtest_post_in(conn, 1000 + db_col_i64(&run, 0), name, err));
        b->counted++;
    }
}

static void rows_may_be_written_while_others_are_read(void **state)
{
    Body b = {.t = *state, .fn = many_tx};
    assert_ok(write_body(&b), &b.t->err);
    b.fn = copy_tx;
    assert_ok(write_body(&b), &b.t->err);
    assert_int_equal(b.counted, MANY + 1);
    assert_int_equal(dbtest_count(b.t), 2 * (MANY + 1));
}

static Status large_tx(DbConn *conn, void *arg, Err *err)
{
    static const DbQuery LARGE = {
        .name = "t.large",
        .sqlite = "INSERT INTO t_item (id, name, data) VALUES (?1, ?1, ?2)",
        .postgres = "INSERT INTO t_item (id, name, data) VALUES ($1::bigint, $1::bigint::text, "
                    "$2::bytea)",
        .types = "ix",
        .columns = ""};
    Body *b = arg;
    Str   data = {arena_array(&b->t->arena, char, 1 << 20), 1 << 20};
    for (int64_t i = 1; i <= 40; i++) { /* more than sockets hold */
        CLEANUP(db_run_end) DbRun run = {0};
        TRY(db_run(conn, &LARGE, &run, err));
        db_bind_i64(&run, 1, i);
        db_bind_blob(&run, 2, data);
        TRY(db_exec(&run, NULL, err));
    }
    return ST_OK;
}

static void large_ones_get_through(void **state)
{
    Body b = {.t = *state, .fn = large_tx};
    assert_ok(write_body(&b), &b.t->err);
    assert_int_equal(dbtest_count(b.t), 40);
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
    Err     err;
    assert_ok(db_open(t->url, NULL, &db, &err), &err);
    assert_ok(db_conn_take(db, &conn, &err), &err);
    assert_true(dbtest_number(conn, &KILL) > 0);
    db_conn_give(conn);
    db_close(db);
}

typedef enum Next { NEXT_COMMIT, NEXT_POST, NEXT_ASK, NEXT_PREPARE, NEXT_CURSOR, NEXTS } Next;

typedef struct Unlucky {
    DbTest *t;
    Next    next;
    int     runs, posts;
} Unlucky;

static Status go_on(DbConn *conn, Next next, Err *err)
{
    DBTEST_QUERY(NEW, "SELECT max(id) FROM t_item", "I");
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    switch (next) {
    case NEXT_POST: return dbtest_post_in(conn, 5000, "more", err);
    case NEXT_ASK: return dbtest_do(conn, &Q_COUNT, err);
    case NEXT_PREPARE: return dbtest_do(conn, &NEW, err);
    case NEXT_CURSOR: TRY(db_run_each(conn, &NEW, &run, err)); return db_step(&run, &row, err);
    case NEXT_COMMIT:
    case NEXTS: return ST_OK;
    }
    return ST_OK;
}

static Status post_some(DbConn *conn, int n, Err *err)
{
    for (int i = 0; i < n; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", i);
        TRY(dbtest_post_in(conn, i + 1, name, err));
    }
    return ST_OK;
}

static Status unlucky_tx(DbConn *conn, void *arg, Err *err)
{
    Unlucky *u = arg;
    TRY(dbtest_do(conn, &Q_COUNT, err));
    TRY(post_some(conn, u->posts, err));
    if (u->runs++ == 0)
        kill_connections(u->t);
    return go_on(conn, u->next, err);
}

static void a_connection_lost_with_some_on_the_way_repeats_them(void **state)
{
    static const int POSTS[] = {1, 64, 65, MANY};
    DBTEST_QUERY(CLEAR, "DELETE FROM t_item", "");
    DbTest *t = *state;
    for (size_t i = 0; i < COUNT_OF(POSTS) * NEXTS; i++) {
        Unlucky u = {.t = t, .posts = POSTS[i / NEXTS], .next = (Next)(i % NEXTS)};
        assert_ok(db_write(t->db, NULL, DB_TX_SERIALIZABLE, unlucky_tx, &u, &t->err), &t->err);
        assert_int_equal(u.runs, 2);
        assert_int_equal(dbtest_count(t), u.posts + (u.next == NEXT_POST));
        assert_ok(dbtest_do(t->conn, &CLEAR, &t->err), &t->err);
    }
}

/* How the server ends a session that says nothing for too long: while a transaction is open, or
 * while none is. */
DBTEST_QUERY(IMPATIENT_INSIDE,
             "SELECT set_config('idle_in_transaction_session_timeout', '2', true)", "t");
DBTEST_QUERY(IMPATIENT_OUTSIDE, "SELECT set_config('idle_session_timeout', '2', false)", "t");
DBTEST_QUERY(PID, "SELECT pg_backend_pid()::bigint", "i");

static void wait_for_its_end(DbTest *t, int64_t pid)
{
    static const DbQuery ALIVE = {
        .name = "t.alive",
        .postgres = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1::bigint",
        .types = "i",
        .columns = "i"};
    DbConn *conn = NULL;
    Db     *db = NULL;
    bool    row, alive = true;
    Err     err;
    assert_ok(db_open(t->url, NULL, &db, &err), &err);
    assert_ok(db_conn_take(db, &conn, &err), &err);
    while (alive) {
        CLEANUP(db_run_end) DbRun run = {0};
        assert_ok(db_run(conn, &ALIVE, &run, &err), &err);
        db_bind_i64(&run, 1, pid);
        assert_ok(db_step(&run, &row, &err), &err);
        alive = db_col_i64(&run, 0) > 0;
    }
    db_conn_give(conn);
    db_close(db);
}

static Status slow_tx(DbConn *conn, void *arg, Err *err)
{
    Unlucky *u = arg;
    int64_t  pid = 0;
    if (u->runs++ == 0) {
        pid = dbtest_number(conn, &PID);
        TRY(dbtest_do(conn, &IMPATIENT_INSIDE, err));
    }
    TRY(post_some(conn, u->posts, err));
    if (pid != 0)
        wait_for_its_end(u->t, pid);
    return go_on(conn, u->next, err);
}

static Status quick_tx(DbConn *conn, void *arg, Err *err)
{
    Unlucky *u = arg;
    TRY(post_some(conn, u->posts, err));
    return go_on(conn, u->next, err);
}

/* With none on the way, some, as many as fit and more: what nobody was told of is repeated. */
static void a_session_that_the_server_ended_for_being_idle_repeats_them(void **state)
{
    static const int POSTS[] = {0, 1, 64, 65};
    DBTEST_QUERY(CLEAR, "DELETE FROM t_item", "");
    DbTest *t = *state;
    for (size_t i = 0; i < COUNT_OF(POSTS) * NEXTS * 2; i++) {
        Unlucky u = {.t = t, .posts = POSTS[i / 2 / NEXTS], .next = (Next)(i / 2 % NEXTS)};
        DbTxFn *fn = i % 2 == 0 ? slow_tx : quick_tx;
        if (fn == quick_tx) {
            int64_t pid = dbtest_number(t->conn, &PID);
            assert_ok(dbtest_do(t->conn, &IMPATIENT_OUTSIDE, &t->err), &t->err);
            wait_for_its_end(t, pid);
        }
        assert_ok(db_write(t->db, t->conn, DB_TX_SERIALIZABLE, fn, &u, &t->err), &t->err);
        assert_int_equal(dbtest_count(t), u.posts + (u.next == NEXT_POST));
        assert_ok(dbtest_do(t->conn, &CLEAR, &t->err), &t->err);
    }
}

static Status write_in_snapshot(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    return dbtest_post_in(conn, 1, "tea", err);
}

static void a_snapshot_tells_at_once_that_it_only_reads(void **state)
{
    DbTest *t = *state;
    assert_int_not_equal(db_snapshot(t->conn, write_in_snapshot, NULL, &t->err), ST_OK);
    assert_int_equal(dbtest_count(t), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DBTEST(they_are_there_when_somebody_asks),
        DBTEST(a_failure_is_told_in_the_end_and_nothing_is_kept),
        DBTEST(who_wants_to_know_what_changed_waits),
        DBTEST(rows_may_be_written_while_others_are_read),
        DBTEST(large_ones_get_through),
        DBTEST_POSTGRES(a_connection_lost_with_some_on_the_way_repeats_them),
        DBTEST_POSTGRES(a_session_that_the_server_ended_for_being_idle_repeats_them),
        DBTEST_POSTGRES(a_snapshot_tells_at_once_that_it_only_reads),
    };
    return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
