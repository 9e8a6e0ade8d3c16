/* Let the n-th call to the database fail, for every n, once and for good, and look at what
 * is left: all of an operation or nothing, and the error is told. */
#include "dbtest.h"

#include "base/fault.h"

static Status three_tx(DbConn *conn, void *arg, Err *err)
{
    DBTEST_QUERY(PART, "INSERT INTO t_part (id, item_id) SELECT 1, id FROM t_item WHERE id = 1",
                 "");
    (void)arg;
    TRY(dbtest_post_in(conn, 1, "tea", err));
    TRY(dbtest_do(conn, &PART, err));
    return dbtest_post_in(conn, 2, "salt", err);
}

static Status empty_tx(DbConn *conn, void *arg, Err *err)
{
    DBTEST_QUERY(PARTS, "DELETE FROM t_part", "");
    DBTEST_QUERY(ITEMS, "DELETE FROM t_item", "");
    (void)arg;
    TRY(dbtest_do(conn, &PARTS, err));
    return dbtest_do(conn, &ITEMS, err);
}

static Status look_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    TRY(dbtest_do(conn, &Q_COUNT, err));
    return dbtest_do(conn, &Q_COUNT, err);
}

static Status work(DbTest *t)
{
    TRY(db_write(t->db, NULL, DB_TX_SERIALIZABLE, three_tx, NULL, &t->err));
    return db_snapshot(t->conn, look_tx, NULL, &t->err);
}

static void nothing_is_ever_half_done(void **state)
{
    DBTEST_QUERY(PARTS, "SELECT count(*) FROM t_part", "i");
    DbTest *t = *state;
    int     rounds = 0;
    for (int persistent = 0; persistent <= 1; persistent++) {
        bool fired = true;
        for (int n = 1; fired; n++, rounds++) {
            fault_arm(n, persistent != 0);
            Status st = work(t);
            fired = fault_fired();
            fault_arm(0, false);
            assert_int_equal(st == ST_OK, !fired); /* no fault is swallowed */
            int64_t items = dbtest_count(t);
            assert_true(items == 0 || items == 2);
            assert_int_equal(dbtest_number(t->conn, &PARTS), items / 2);
            assert_ok(db_write(t->db, NULL, DB_TX_SERIALIZABLE, empty_tx, NULL, &t->err), &t->err);
        }
    }
    print_message("# %d rounds\n", rounds);
    assert_true(rounds >= 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {DBTEST(nothing_is_ever_half_done)};
    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
