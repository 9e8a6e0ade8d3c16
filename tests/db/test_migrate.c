/* Schemas move forward, whole steps at a time, and never silently. */
#include "dbtest.h"

#include "base/fault.h"
#include "postgres.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP(n, what, text)                                                                        \
    {                                                                                              \
        .module = "m", .version = (n), .name = (what), .sqlite = (text), .postgres = (text),       \
        .sqlite_sum = (text), .postgres_sum = (text)                                               \
    }

static const DbMigration STEPS[] = {
    STEP(1, "a", "CREATE TABLE m_a (id BIGINT PRIMARY KEY); INSERT INTO m_a VALUES (1)"),
    STEP(2, "b",
         "CREATE TABLE m_b (id BIGINT PRIMARY KEY); INSERT INTO m_b VALUES (1); "
         "UPDATE m_a SET id = 2"),
    STEP(3, "c", "CREATE TABLE m_c (id BIGINT PRIMARY KEY REFERENCES m_a (id))"),
};
static const DbMigration EDITED[] = {
    STEP(1, "a", "CREATE TABLE m_a (id BIGINT PRIMARY KEY, more TEXT)"),
};
static const DbMigration BROKEN[] = {
    STEP(1, "a", "CREATE TABLE m_a (id BIGINT PRIMARY KEY); INSERT INTO m_a VALUES (1)"),
    STEP(2, "b", "CREATE TABLE m_b (id BIGINT PRIMARY KEY); INSERT INTO m_nowhere VALUES (1)"),
};

DBTEST_QUERY(A, "SELECT max(id) FROM m_a", "i");
DBTEST_QUERY(B, "SELECT count(*) FROM m_b", "i");
DBTEST_QUERY(APPLIED, "SELECT count(*) FROM db_migration WHERE module = 'm'", "i");

typedef struct Home { /* a database of its own, file or PostgreSQL */
    char dir[64];
    char url[256];
    Db  *db;
    Err  err;
} Home;

static int setup(void **state, bool postgres)
{
    Home *h = test_calloc(1, sizeof *h);
    *state = h;
    if (postgres) {
        postgres_make(NULL, h->url);
    } else {
        (void)snprintf(h->dir, sizeof h->dir, "/tmp/rapport-test-XXXXXX");
        assert_non_null(mkdtemp(h->dir));
        (void)snprintf(h->url, sizeof h->url, "%s/db", h->dir);
    }
    assert_ok(db_open(h->url, NULL, &h->db, &h->err), &h->err);
    return 0;
}

static int setup_sqlite(void **state)
{
    return setup(state, false);
}

static int setup_postgres(void **state)
{
    return setup(state, true);
}

static int teardown(void **state)
{
    static const char *const FILES[] = {"db",
                                        "db-wal",
                                        "db-shm",
                                        "db.before-m-0002.bak",
                                        "db.before-m-0003.bak",
                                        "db.before-m-0002.again.bak",
                                        "copy",
                                        "copy-wal",
                                        "copy-shm"};
    Home                    *h = *state;
    db_close(h->db);
    if (h->dir[0] == '\0')
        postgres_drop(h->url);
    for (size_t i = 0; i < COUNT_OF(FILES) && h->dir[0] != '\0'; i++) {
        char path[300];
        (void)snprintf(path, sizeof path, "%s/%s", h->dir, FILES[i]);
        unlink(path);
    }
    if (h->dir[0] != '\0')
        assert_int_equal(rmdir(h->dir), 0); /* nothing else was left there */
    test_free(h);
    return 0;
}

#define ON_BOTH(fn)                                                                                \
    {#fn " (sqlite)", fn, setup_sqlite, teardown, NULL},                                           \
    {                                                                                              \
#fn " (postgres)", fn, setup_postgres, teardown, NULL                                      \
    }

static Status migrate(Home *h, const DbMigration *steps, size_t n)
{
    const DbMigrations modules[] = {{.items = steps, .n = n}};
    return db_migrate(h->db, modules, 1, &h->err);
}

static int64_t ask(Db *db, const DbQuery *query)
{
    DbConn *conn = NULL;
    Err     err = {0};
    assert_ok(db_conn_take(db, &conn, &err), &err);
    int64_t n = dbtest_number(conn, query);
    db_conn_give(conn);
    return n;
}

static bool exists(const Home *h, const char *name)
{
    char        path[300];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/%s", h->dir, name);
    return stat(path, &st) == 0 && (st.st_mode & 0077) == 0; /* and is nobody else's to read */
}

static void each_step_is_taken_once(void **state)
{
    Home *h = *state;
    assert_ok(migrate(h, STEPS, 1), &h->err);
    assert_int_equal(ask(h->db, &A), 1);
    assert_ok(migrate(h, STEPS, 3), &h->err);
    assert_ok(migrate(h, STEPS, 3), &h->err);
    assert_int_equal(ask(h->db, &A), 2);
    assert_int_equal(ask(h->db, &APPLIED), 3);
}

static void a_newer_schema_is_refused(void **state)
{
    Home *h = *state;
    assert_ok(migrate(h, STEPS, 2), &h->err);
    assert_fails(migrate(h, STEPS, 1), ST_CONFLICT, &h->err, "db.newer_schema");
    assert_int_equal(ask(h->db, &APPLIED), 2);
}

static void an_edited_step_is_refused(void **state)
{
    Home *h = *state;
    assert_ok(migrate(h, STEPS, 1), &h->err);
    assert_fails(migrate(h, EDITED, 1), ST_CONFLICT, &h->err, "db.migration_edited");
}

static void a_step_that_fails_leaves_nothing(void **state)
{
    Home *h = *state;
    assert_fails(migrate(h, BROKEN, 2), ST_IO, &h->err, "db.migration_failed");
    assert_int_equal(ask(h->db, &APPLIED), 1);
    assert_ok(migrate(h, STEPS, 3), &h->err); /* m_b could be made: it was not there */
    assert_int_equal(ask(h->db, &B), 1);
}

static void a_step_that_orphans_rows_is_refused(void **state)
{
    static const DbMigration ORPHANS[] = {
        STEP(1, "a",
             "CREATE TABLE m_a (id BIGINT PRIMARY KEY); INSERT INTO m_a VALUES (1);"
             "CREATE TABLE m_p (a_id BIGINT REFERENCES m_a (id)); INSERT INTO m_p VALUES (1)"),
        STEP(2, "b", "DELETE FROM m_a"),
    };
    Home *h = *state;
    assert_int_equal(migrate(h, ORPHANS, 2), db_kind(h->db) == DB_SQLITE ? ST_CONFLICT : ST_IO);
    assert_int_equal(ask(h->db, &APPLIED), 1);
    assert_int_equal(ask(h->db, &A), 1);
}

static Status empty_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    DBTEST_QUERY(DROP, "DROP SCHEMA public CASCADE", "");
    DBTEST_QUERY(MAKE, "CREATE SCHEMA public", "");
    TRY(dbtest_do(conn, &DROP, err));
    return dbtest_do(conn, &MAKE, err);
}

/* A home with nothing in it: on PostgreSQL the same one, made empty. */
static Home *fresh_home(Home *h)
{
    void *fresh = NULL;
    if (h->dir[0] != '\0') {
        setup(&fresh, false);
        return fresh;
    }
    assert_ok(db_write(h->db, NULL, DB_TX_SERIALIZABLE, empty_tx, NULL, &h->err), &h->err);
    return h;
}

/* Whatever fails, and however often: then whole steps are there, and the rest can follow. */
static void a_fault_anywhere_leaves_whole_steps(void **state)
{
    Home *h = *state;
    int   rounds = 0;
    bool  fired = true;
    for (int n = 1; fired; n++, rounds++) {
        Home *f = fresh_home(h);
        assert_ok(migrate(f, STEPS, 1), &f->err);
        fault_arm(n, false);
        Status st = migrate(f, STEPS, 3);
        fired = fault_fired();
        fault_arm(0, false);
        assert_int_equal(st == ST_OK, !fired);
        int64_t applied = ask(f->db, &APPLIED);
        assert_int_equal(ask(f->db, &A), applied == 1 ? 1 : 2);
        assert_ok(migrate(f, STEPS, 3), &f->err);
        assert_int_equal(ask(f->db, &APPLIED), 3);
        assert_int_equal(ask(f->db, &B), 1);
        void *done = f;
        if (f != h)
            teardown(&done);
    }
    assert_true(rounds > 12);
}

static void data_is_copied_before_it_is_migrated(void **state)
{
    Home *h = *state;
    assert_ok(migrate(h, STEPS, 1), &h->err);
    assert_false(exists(h, "db.before-m-0002.bak")); /* there was no data yet */
    assert_ok(migrate(h, STEPS, 3), &h->err);
    assert_true(exists(h, "db"));
    assert_true(exists(h, "db.before-m-0002.bak"));
    char path[300];
    Db  *old = NULL;
    (void)snprintf(path, sizeof path, "%s/db.before-m-0002.bak", h->dir);
    assert_ok(db_open(path, NULL, &old, &h->err), &h->err);
    assert_int_equal(ask(old, &A), 1);
    assert_int_equal(ask(old, &APPLIED), 1);
    db_close(old);
}

/* The highest id of m_a in a backup; -1: there is none. */
static int64_t highest_in(Home *h, const char *name)
{
    char path[300];
    Db  *old = NULL;
    if (!exists(h, name))
        return -1;
    (void)snprintf(path, sizeof path, "%s/%s", h->dir, name);
    assert_ok(db_open(path, NULL, &old, &h->err), &h->err);
    int64_t n = ask(old, &A);
    db_close(old);
    return n;
}

static Status more_tx(DbConn *conn, void *arg, Err *err)
{
    (void)arg;
    DBTEST_QUERY(MORE, "INSERT INTO m_a (id) SELECT max(id) + 1 FROM m_a", "");
    return dbtest_do(conn, &MORE, err);
}

static void a_copy_made_before_a_failure_stays(void **state)
{
    static const char        BAK[] = "db.before-m-0002.bak", AGAIN[] = "db.before-m-0002.again.bak";
    static const DbMigration MENDED[] = {
        STEP(1, "a", "CREATE TABLE m_a (id BIGINT PRIMARY KEY); INSERT INTO m_a VALUES (1)"),
        STEP(2, "b", "CREATE TABLE m_b (id BIGINT PRIMARY KEY)"),
    };
    Home *h = *state;
    assert_ok(migrate(h, BROKEN, 1), &h->err);
    for (int64_t attempt = 1; attempt <= 3; attempt++) {
        assert_int_equal(migrate(h, BROKEN, 2), ST_IO);
        assert_int_equal(highest_in(h, BAK), 1);
        assert_int_equal(highest_in(h, AGAIN), attempt == 1 ? -1 : attempt);
        assert_ok(db_write(h->db, NULL, DB_TX_SERIALIZABLE, more_tx, NULL, &h->err), &h->err);
    }
    assert_ok(migrate(h, MENDED, 2), &h->err);
    assert_int_equal(highest_in(h, BAK), 1);
    assert_int_equal(highest_in(h, AGAIN), 4);
}

static void *more_main(void *arg)
{
    Err err = {0};
    for (int i = 0; i < 200; i++)
        if (db_write(arg, NULL, DB_TX_SERIALIZABLE, more_tx, NULL, &err) != ST_OK)
            return arg;
    return NULL;
}

static void a_copy_is_whole_while_others_write(void **state)
{
    DBTEST_QUERY(COUNT, "SELECT count(*) FROM m_a", "i");
    Home *h = *state;
    char  path[300];
    (void)snprintf(path, sizeof path, "%s/copy", h->dir);
    assert_ok(migrate(h, STEPS, 1), &h->err);
    pthread_t thread = dbtest_thread(more_main, h->db);
    for (int i = 0; i < 5; i++) {
        Db *copy = NULL;
        assert_ok(db_backup(h->db, path, &h->err), &h->err);
        assert_ok(db_open(path, NULL, &copy, &h->err), &h->err);
        DBTEST_QUERY(
            CHECK, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'", "i");
        assert_int_equal(ask(copy, &CHECK), 1);
        assert_int_equal(ask(copy, &COUNT), ask(copy, &A));
        db_close(copy);
    }
    void *failed = NULL;
    pthread_join(thread, &failed);
    assert_null(failed);
}

/* Programs that start at the same moment, on a database with nothing in it. */
static void two_processes_may_migrate_at_once(void **state)
{
    Home *h = *state;
    pid_t children[4];
    db_close(h->db); /* no threads, no connections while forking */
    h->db = NULL;
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            Home mine = *h;
            mine.db = NULL;
            if (db_open(h->url, NULL, &mine.db, &mine.err) != ST_OK ||
                migrate(&mine, STEPS, 3) != ST_OK) {
                print_error("# %s\n", mine.err.msg);
                _exit(1);
            }
            _exit(0);
        }
    }
    for (int i = 0; i < 4; i++) {
        int how = -1;
        waitpid(children[i], &how, 0);
        assert_int_equal(how, 0);
    }
    assert_ok(db_open(h->url, NULL, &h->db, &h->err), &h->err);
    assert_int_equal(ask(h->db, &A), 2);
    assert_int_equal(ask(h->db, &APPLIED), 3);
}

static void postgres_is_not_copied(void **state)
{
    Home *h = *state;
    assert_fails(db_backup(h->db, "/tmp/x", &h->err), ST_INVALID, &h->err, "db.no_backup");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(each_step_is_taken_once),
        ON_BOTH(a_newer_schema_is_refused),
        ON_BOTH(an_edited_step_is_refused),
        ON_BOTH(a_step_that_fails_leaves_nothing),
        ON_BOTH(a_step_that_orphans_rows_is_refused),
        ON_BOTH(a_fault_anywhere_leaves_whole_steps),
        ON_BOTH(two_processes_may_migrate_at_once),
        {"a_copy_made_before_a_failure_stays", a_copy_made_before_a_failure_stays, setup_sqlite,
         teardown, NULL},
        {"data_is_copied_before_it_is_migrated", data_is_copied_before_it_is_migrated, setup_sqlite,
         teardown, NULL},
        {"a_copy_is_whole_while_others_write", a_copy_is_whole_while_others_write, setup_sqlite,
         teardown, NULL},
        {"postgres_is_not_copied", postgres_is_not_copied, setup_postgres, teardown, NULL},
    };
    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
