/* Many threads write through one queue and share commits. */
#include "dbtest.h"

#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THREADS = 64, EACH = 20 };

typedef struct Writer {
    Db     *db;
    int     number;
    int64_t written;
    int64_t refused;
} Writer;

/* Every fourth name is one that somebody else has. */
static void *writer_main(void *arg)
{
    Writer *w = arg;
    for (int i = 0; i < EACH; i++) {
        char    name[32];
        Err     err = {0};
        int64_t id = 1 + (int64_t)w->number * EACH + i;
        (void)snprintf(name, sizeof name, i % 4 == 3 ? "taken" : "item %lld", (long long)id);
        Status st = dbtest_put(w->db, id, name, &err);
        w->written += st == ST_OK;
        w->refused += st == ST_CONFLICT && db_constraint_is(&err, "t_item_by_name");
    }
    return NULL;
}

static void those_that_fail_do_not_hurt_their_group(void **state)
{
    DbTest   *t = *state;
    pthread_t threads[THREADS];
    Writer    writers[THREADS];
    int64_t   written = 0;
    int64_t   refused = 0;
    assert_ok(dbtest_put(t->db, 0, "taken", &t->err), &t->err);
    for (int i = 0; i < THREADS; i++) {
        writers[i] = (Writer){.db = t->db, .number = i};
        threads[i] = dbtest_thread(writer_main, &writers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        written += writers[i].written;
        refused += writers[i].refused;
    }
    assert_int_equal(written, THREADS * EACH * 3 / 4);
    assert_int_equal(refused, THREADS * EACH / 4);
    assert_int_equal(dbtest_count(t), written + 1);
}

/* --- one group, put together by hand: the writer is kept busy while others queue ---- */

typedef struct Gate {
    atomic_bool entered;
    atomic_bool open;
} Gate;

static Status wait_tx(DbConn *conn, void *arg, Err *err)
{
    (void)conn;
    (void)err;
    Gate *gate = arg;
    atomic_store(&gate->entered, true);
    while (!atomic_load(&gate->open))
        usleep(200);
    return ST_OK;
}

typedef struct Member {
    Db         *db;
    DbTxFn     *fn;
    void       *arg;
    int64_t     id;
    const char *name;
    int         runs;
    int         place; /* when it ran first, from 1 */
    Status      st;
    Err         err;
} Member;

static atomic_int places;

static void *member_main(void *arg)
{
    Member *m = arg;
    m->st = db_write(m->db, NULL, DB_TX_SERIALIZABLE, m->fn, m->arg != NULL ? m->arg : m, &m->err);
    return NULL;
}

static Status put_tx(DbConn *conn, void *arg, Err *err)
{
    Member *m = arg;
    if (m->runs++ == 0)
        m->place = 1 + atomic_fetch_add(&places, 1);
    return dbtest_put_in(conn, m->id, m->name, err);
}

/* Let n members queue in this order behind a transaction that waits, then let them go. */
static void run_group(DbTest *t, Member *members, size_t n)
{
    Gate      gate = {0};
    Member    first = {.db = t->db, .fn = wait_tx, .arg = &gate};
    pthread_t threads[16];
    atomic_store(&places, 0);
    assert_true(n < COUNT_OF(threads));
    threads[0] = dbtest_thread(member_main, &first);
    while (!atomic_load(&gate.entered))
        usleep(200);
    for (size_t i = 0; i < n; i++) {
        members[i].db = t->db;
        if (members[i].fn == NULL)
            members[i].fn = put_tx;
        threads[i + 1] = dbtest_thread(member_main, &members[i]);
        while (t->kind == DB_SQLITE && db_stats(t->db).waiting <= (int64_t)i)
            usleep(200);
    }
    atomic_store(&gate.open, true);
    for (size_t i = 0; i <= n; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(first.st, ST_OK);
}

static void first_come_first_served(void **state)
{
    DbTest *t = *state;
    Member  m[8] = {0};
    char    names[8][8];
    for (int i = 0; i < 8; i++) {
        (void)snprintf(names[i], sizeof names[i], "n%d", i);
        m[i].id = 100 - i;
        m[i].name = names[i];
    }
    run_group(t, m, 8);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(m[i].st, ST_OK);
        assert_int_equal(m[i].place, i + 1);
        assert_int_equal(m[i].runs, 1);
    }
    assert_int_equal(dbtest_count(t), 8);
    assert_int_equal(db_stats(t->db).transactions, 9);
    assert_int_equal(db_stats(t->db).groups, 2);
}

static void a_later_one_sees_what_an_earlier_one_did(void **state)
{
    DbTest *t = *state;
    Member  m[3] = {{.id = 1, .name = "tea"}, {.id = 2, .name = "tea"}, {.id = 3, .name = "salt"}};
    run_group(t, m, 3);
    assert_int_equal(m[0].st, ST_OK);
    assert_int_equal(m[1].st, ST_CONFLICT);
    assert_true(db_constraint_is(&m[1].err, "t_item_by_name"));
    assert_int_equal(m[2].st, ST_OK);
    assert_int_equal(dbtest_count(t), 2);
}

/* Writes, reads it back, then fails. */
static Status regret_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    TRY(dbtest_put_in(conn, 50, "regretted", err));
    assert_true(dbtest_number(conn, &Q_COUNT) > 0);
    return err_set(err, ST_DENIED, "t.regret", "changed my mind");
}

static void a_failed_one_leaves_nothing_and_keeps_its_error(void **state)
{
    DbTest *t = *state;
    Member  m[3] = {{.id = 1, .name = "tea"}, {.fn = regret_tx}, {.id = 60, .name = "salt"}};
    run_group(t, m, 3);
    assert_fails(m[1].st, ST_DENIED, &m[1].err, "t.regret");
    assert_int_equal(m[0].st, ST_OK);
    assert_int_equal(m[2].st, ST_OK);
    assert_int_equal(dbtest_count(t), 2);
}

/* On SQLite some errors end the transaction of the whole group. */
static Status break_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    DBTEST_QUERY(BREAK, "INSERT OR ROLLBACK INTO t_item (id, name) VALUES (1, 'again')", "");
    return dbtest_do(conn, &BREAK, err);
}

static void when_one_ends_the_transaction_of_all_the_others_run_again(void **state)
{
    DbTest *t = *state;
    Member  m[4] = {{.id = 1, .name = "tea"},
                    {.fn = break_tx},
                    {.id = 2, .name = "salt"},
                    {.id = 3, .name = "tea"}};
    run_group(t, m, 4);
    assert_int_equal(m[0].st, ST_OK);
    assert_int_equal(m[0].runs, 2);
    assert_int_equal(m[1].st, ST_CONFLICT);
    assert_true(db_constraint_is(&m[1].err, "t_item_pkey"));
    assert_int_equal(m[2].st, ST_OK);
    assert_int_equal(m[3].st, ST_CONFLICT);
    assert_int_equal(dbtest_count(t), 2);
}

static Status orphan_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    DBTEST_QUERY(ORPHAN, "INSERT INTO t_part (id, item_id) VALUES (1, 999)", "");
    return dbtest_do(conn, &ORPHAN, err);
}

static void a_broken_deferred_key_is_told_to_the_one_who_broke_it(void **state)
{
    DbTest *t = *state;
    Member  m[3] = {{.id = 1, .name = "tea"}, {.fn = orphan_tx}, {.id = 2, .name = "salt"}};
    run_group(t, m, 3);
    assert_int_equal(m[0].st, ST_OK);
    assert_int_equal(m[1].st, ST_CONFLICT);
    assert_true(db_constraint_is(&m[1].err, "foreign_key"));
    assert_int_equal(m[2].st, ST_OK);
    assert_int_equal(dbtest_count(t), 2);
}

/* --- sharing -------------------------------------------------------------------------- */

static void *many_main(void *arg)
{
    Member *m = arg;
    for (int i = 0; i < 50 && m->st == ST_OK; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%lld.%d", (long long)m->id, i);
        m->st = dbtest_put(m->db, m->id * 1000 + i, name, &m->err);
    }
    return NULL;
}

/* With sharing forbidden, the same rows are there. */
static void a_group_of_one_works_too(void **state)
{
    (void)state;
    const DbOptions options = {.group_max = 1};
    Err             err = {0};
    Db             *db = NULL;
    DbConn         *conn = NULL;
    Member          m[8] = {0};
    pthread_t       threads[8];
    assert_ok(db_open(":memory:", &options, &db, &err), &err);
    assert_ok(db_migrate(db, &dbtest_schema, 1, &err), &err);
    for (int i = 0; i < 8; i++) {
        m[i] = (Member){.db = db, .id = i + 1};
        threads[i] = dbtest_thread(many_main, &m[i]);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        assert_ok(m[i].st, &m[i].err);
    }
    assert_ok(db_conn_take(db, &conn, &err), &err);
    assert_int_equal(dbtest_number(conn, &Q_COUNT), 400);
    db_conn_give(conn);
    db_close(db);
}

/* --- the log ---------------------------------------------------------------------------- */

enum { LOG_PAGES = 200, LOG_THREADS = 4, PAGE_BYTES = 4096 };

/* Rows of eight pages: some 400 transactions make 4000 pages and more. */
static Status fat_tx(DbConn *conn, void *arg, Err *err)
{
    static const DbQuery      FAT = {.name = "t.fat",
                                     .sqlite = "INSERT INTO t_item (id, name, data)"
                                                    " VALUES (?1, ?1, zeroblob(32768))",
                                     .types = "i",
                                     .columns = ""};
    CLEANUP(db_run_end) DbRun run = {0};
    TRY(db_run(conn, &FAT, &run, err));
    db_bind_i64(&run, 1, *(int64_t *)arg);
    return db_exec(&run, NULL, err);
}

static void *fat_main(void *arg)
{
    Member *m = arg;
    for (int64_t i = 0; i < 100 && m->st == ST_OK; i++) {
        int64_t id = m->id * 1000 + i;
        m->st = db_write(m->db, NULL, DB_TX_SERIALIZABLE, fat_tx, &id, &m->err);
    }
    return NULL;
}

/* It is moved into the file beside the writer, and begins anew, while all are at work. */
static void the_log_does_not_grow_for_ever(void **state)
{
    const DbOptions options = {.log_pages = LOG_PAGES};
    char            dir[] = "/tmp/rapport-log-XXXXXX", path[64], log[72];
    Err             err = {0};
    Db             *db = NULL;
    DbConn         *conn = NULL;
    Member          m[LOG_THREADS] = {0};
    pthread_t       threads[LOG_THREADS];
    struct stat     info;
    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/db", dir);
    (void)snprintf(log, sizeof log, "%s-wal", path);
    assert_ok(db_open(path, &options, &db, &err), &err);
    assert_ok(db_migrate(db, &dbtest_schema, 1, &err), &err);
    for (int i = 0; i < LOG_THREADS; i++) {
        m[i] = (Member){.db = db, .id = i + 1};
        threads[i] = dbtest_thread(fat_main, &m[i]);
    }
    for (int i = 0; i < LOG_THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_ok(m[i].st, &m[i].err);
    }
    assert_int_equal(stat(log, &info), 0);
    assert_true(info.st_size < (off_t)2000 * PAGE_BYTES); /* half of all, at most */
    assert_ok(db_conn_take(db, &conn, &err), &err);
    assert_int_equal(dbtest_number(conn, &Q_COUNT), LOG_THREADS * 100);
    db_conn_give(conn);
    db_close(db);
    assert_int_equal(stat(log, &info), -1); /* all of it is in the file */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

/* Half of what each thread puts is taken already, and fails, within whatever group it comes. */
static void *half_main(void *arg)
{
    Member *m = arg;
    for (int i = 0; i < 40 && m->st == ST_OK; i++) {
        char   name[32];
        Err    err = {0};
        bool   again = i % 2 == 1;
        Status st;
        (void)snprintf(name, sizeof name, "%lld.%d", (long long)m->id, again ? i - 1 : i);
        st = dbtest_put(m->db, m->id * 1000 + i, name, &err);
        if (again != db_constraint_is(&err, "t_item_by_name") || again != (st == ST_CONFLICT))
            m->st = err_set(&m->err, ST_IO, "t.unexpected", "%s: %s", name, err.msg);
        m->runs += st == ST_OK;
    }
    return NULL;
}

static void those_that_take_turns_share_commits_and_fail_alone(void **state)
{
    DbTest         *t = *state;
    const DbOptions options = {.take_turns = true};
    Db             *db = NULL;
    Member          m[8] = {0};
    pthread_t       threads[8];
    assert_ok(db_open(t->url, &options, &db, &t->err), &t->err);
    for (int i = 0; i < 8; i++) {
        m[i] = (Member){.db = db, .id = i + 1};
        threads[i] = dbtest_thread(half_main, &m[i]);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        assert_ok(m[i].st, &m[i].err);
        assert_int_equal(m[i].runs, 20);
    }
    assert_int_equal(dbtest_count(t), 160);
    assert_int_equal(db_writers(db), 0);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DBTEST(those_that_fail_do_not_hurt_their_group),
        DBTEST_SQLITE(first_come_first_served),
        DBTEST_SQLITE(a_later_one_sees_what_an_earlier_one_did),
        DBTEST(a_failed_one_leaves_nothing_and_keeps_its_error),
        DBTEST_POSTGRES(those_that_take_turns_share_commits_and_fail_alone),
        DBTEST_SQLITE(when_one_ends_the_transaction_of_all_the_others_run_again),
        DBTEST(a_broken_deferred_key_is_told_to_the_one_who_broke_it),
        cmocka_unit_test(a_group_of_one_works_too),
        cmocka_unit_test(the_log_does_not_grow_for_ever),
    };
    return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
