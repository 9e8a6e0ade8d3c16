/* Who waits for work is told when a transaction brought some. */
#include "dbtest.h"

#include <unistd.h>

static Status tell_tx(DbConn *conn, void *arg, Err *err)
{
    Status *result = arg;
    db_notify(conn, "work");
    db_notify(conn, "work"); /* once is enough */
    return *result == ST_OK ? ST_OK : err_set(err, *result, "t.no", "not today");
}

static Status tell(Db *db, Status result, Err *err)
{
    return db_write(db, NULL, DB_TX_SERIALIZABLE, tell_tx, &result, err);
}

static bool told(DbTest *t, DbListener *l, SpanMs wait)
{
    bool is_told = false;
    assert_ok(db_listen_wait(l, wait, &is_told, &t->err), &t->err);
    return is_told;
}

static void a_commit_wakes_its_listeners(void **state)
{
    DbTest     *t = *state;
    DbListener *work = NULL;
    DbListener *other = NULL;
    assert_ok(db_listen(t->db, "work", &work, &t->err), &t->err);
    assert_ok(db_listen(t->db, "other", &other, &t->err), &t->err);
    assert_false(told(t, work, (SpanMs){0}));
    assert_ok(tell(t->db, ST_OK, &t->err), &t->err);
    assert_true(told(t, work, SPAN_SECONDS(10)));
    assert_false(told(t, other, (SpanMs){0}));
    db_listen_close(work);
    db_listen_close(other);
}

static void a_rolled_back_transaction_tells_nobody(void **state)
{
    DbTest     *t = *state;
    DbListener *work = NULL;
    assert_ok(db_listen(t->db, "work", &work, &t->err), &t->err);
    assert_fails(tell(t->db, ST_DENIED, &t->err), ST_DENIED, &t->err, "t.no");
    assert_false(told(t, work, (SpanMs){20}));
    db_listen_close(work);
}

static void *wake_main(void *arg)
{
    usleep(20000);
    db_listen_wake(arg);
    return NULL;
}

static void waking_ends_the_wait(void **state)
{
    DbTest     *t = *state;
    DbListener *work = NULL;
    assert_ok(db_listen(t->db, "work", &work, &t->err), &t->err);
    pthread_t thread = dbtest_thread(wake_main, work);
    assert_false(told(t, work, SPAN_SECONDS(600)));
    pthread_join(thread, NULL);
    db_listen_close(work);
}

/* Another Db on the same PostgreSQL is like another process. */
static void other_processes_are_told_of_the_last_one_too(void **state)
{
    DbTest     *t = *state;
    Db         *db = NULL;
    DbListener *theirs = NULL;
    DbListener *ours = NULL;
    assert_ok(db_open(t->url, NULL, &db, &t->err), &t->err);
    assert_ok(db_listen(t->db, "work", &ours, &t->err), &t->err);
    assert_ok(db_listen(db, "work", &theirs, &t->err), &t->err);
    for (int i = 0; i < 20; i++) {
        assert_ok(tell(t->db, ST_OK, &t->err), &t->err);
        if (i % 5 == 4) { /* then all is forwarded, at the latest, by who listens here */
            assert_true(told(t, ours, SPAN_SECONDS(10)));
            assert_true(told(t, theirs, SPAN_SECONDS(10)));
        }
    }
    /* A process that does not listen itself tells at once. */
    while (told(t, theirs, (SpanMs){50})) {
    }
    db_listen_close(ours);
    assert_ok(tell(t->db, ST_OK, &t->err), &t->err);
    assert_true(told(t, theirs, SPAN_SECONDS(10)));
    db_listen_close(theirs);
    db_close(db);
}

static void a_lost_listener_comes_back(void **state)
{
    static const DbQuery KILL = {
        .name = "t.kill",
        .postgres = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        .types = "",
        .columns = "i"};
    DbTest     *t = *state;
    DbListener *work = NULL;
    assert_ok(db_listen(t->db, "work", &work, &t->err), &t->err);
    assert_true(dbtest_number(t->conn, &KILL) >= 1);
    Status st = ST_OK;
    bool   is_told = false;
    for (int i = 0; i < 100 && !is_told; i++) /* "db.lost", then connected and told to look */
        st = db_listen_wait(work, (SpanMs){50}, &is_told, &t->err);
    assert_ok(st, &t->err);
    assert_true(is_told);
    assert_ok(tell(t->db, ST_OK, &t->err), &t->err);
    assert_true(told(t, work, SPAN_SECONDS(10)));
    db_listen_close(work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DBTEST(a_commit_wakes_its_listeners),
        DBTEST(a_rolled_back_transaction_tells_nobody),
        DBTEST(waking_ends_the_wait),
        DBTEST_POSTGRES(other_processes_are_told_of_the_last_one_too),
        DBTEST_POSTGRES(a_lost_listener_comes_back),
    };
    return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
