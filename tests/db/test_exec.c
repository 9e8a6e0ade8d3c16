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

int main(void)
{
    const struct CMUnitTest tests[] = {
        DBTEST(they_are_there_when_somebody_asks),
        DBTEST(a_failure_is_told_in_the_end_and_nothing_is_kept),
        DBTEST(who_wants_to_know_what_changed_waits),
        DBTEST(rows_may_be_written_while_others_are_read),
        DBTEST(large_ones_get_through),
    };
    return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
