/* SQLite's answers wait for the disk, other writers do not wait with them; and what the disk
 * refuses is never answered well. The disk's part is played by fdatasync() below. */
#include "dbtest.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_bool held, refusing;
static atomic_int  syncing; /* calls that have begun */

/* Of the whole program, SQLite in it, too: that one syncs only when it makes checkpoints. */
int fdatasync(int fildes)
{
    atomic_fetch_add(&syncing, 1);
    while (atomic_load(&held))
        usleep(200);
    if (atomic_load(&refusing)) {
        errno = EIO;
        return -1;
    }
    return fsync(fildes);
}

typedef struct Case {
    char    dir[64], path[96];
    Db     *db;
    DbConn *conn;
    Err     err;
} Case;

static int setup(void **state)
{
    Case *c = test_calloc(1, sizeof *c);
    *state = c;
    log_min_level = LOG_ERROR;
    (void)snprintf(c->dir, sizeof c->dir, "/tmp/rapport-sync-XXXXXX");
    assert_non_null(mkdtemp(c->dir));
    (void)snprintf(c->path, sizeof c->path, "%s/db", c->dir);
    assert_ok(db_open(c->path, NULL, &c->db, &c->err), &c->err);
    assert_ok(db_migrate(c->db, &dbtest_schema, 1, &c->err), &c->err);
    assert_ok(db_conn_take(c->db, &c->conn, &c->err), &c->err);
    return 0;
}

static int teardown(void **state)
{
    static const char *const SUFFIXES[] = {"", "-wal", "-shm"};
    Case                    *c = *state;
    atomic_store(&held, false);
    atomic_store(&refusing, false);
    db_conn_give(c->conn);
    db_close(c->db);
    for (size_t i = 0; i < COUNT_OF(SUFFIXES); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", c->path, SUFFIXES[i]);
        unlink(path);
    }
    rmdir(c->dir);
    test_free(c);
    return 0;
}

typedef struct Put {
    Db         *db;
    int64_t     id;
    char        name[16];
    Err         err;
    Status      st;
    atomic_bool answered;
} Put;

static void *put_main(void *arg)
{
    Put *p = arg;
    p->st = dbtest_put(p->db, p->id, p->name, &p->err);
    atomic_store(&p->answered, true);
    return NULL;
}

static pthread_t put(Put *p, Db *db, int64_t id)
{
    *p = (Put){.db = db, .id = id};
    (void)snprintf(p->name, sizeof p->name, "item %lld", (long long)id);
    return dbtest_thread(put_main, p);
}

static void *settled_main(void *arg)
{
    Put *p = arg;
    db_settled(p->db);
    atomic_store(&p->answered, true);
    return NULL;
}

static void wait_for(const Case *c, int64_t rows)
{
    while (dbtest_number(c->conn, &Q_COUNT) < rows)
        usleep(200);
}

static void wait_for_syncs(int n)
{
    while (atomic_load(&syncing) < n)
        usleep(200);
}

static void answers_wait_for_the_disk_and_the_writer_does_not(void **state)
{
    Case *c = *state;
    Put   first, second, third, reader = {.db = c->db};
    atomic_store(&held, true);
    atomic_store(&syncing, 0);
    pthread_t a = put(&first, c->db, 1);
    wait_for(c, 1);
    wait_for_syncs(1);
    pthread_t b = put(&second, c->db, 2); /* while the first one is on its way to the disk */
    wait_for(c, 2);
    wait_for_syncs(2);
    pthread_t d = put(&third, c->db, 3);
    wait_for(c, 3);
    pthread_t e = dbtest_thread(settled_main, &reader);
    usleep(2000); /* whoever did not wait would be through by now, most of the time */
    assert_false(atomic_load(&first.answered));
    assert_false(atomic_load(&second.answered));
    assert_false(atomic_load(&third.answered));
    assert_false(atomic_load(&reader.answered));
    atomic_store(&held, false);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    pthread_join(d, NULL);
    pthread_join(e, NULL);
    assert_ok(first.st, &first.err);
    assert_ok(second.st, &second.err);
    assert_ok(third.st, &third.err);
    assert_true(atomic_load(&syncing) >= 3);
}

static void what_the_disk_refuses_is_told_and_nothing_is_taken_after_it(void **state)
{
    Case *c = *state;
    assert_ok(dbtest_put(c->db, 1, "tea", &c->err), &c->err);
    atomic_store(&refusing, true);
    assert_int_equal(dbtest_put(c->db, 2, "salt", &c->err), ST_IO);
    assert_string_equal(c->err.code, "db.commit_unknown");
    atomic_store(&refusing, false);
    assert_int_equal(dbtest_put(c->db, 3, "bread", &c->err), ST_IO);
    assert_string_equal(c->err.code, "db.failed");
    assert_int_not_equal(dbtest_number(c->conn, &Q_COUNT), 3);
    db_settled(c->db); /* does not hang */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_wait_for_the_disk_and_the_writer_does_not, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_the_disk_refuses_is_told_and_nothing_is_taken_after_it,
                                        setup, teardown),
    };
    return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
