/* Kill a process with eight writing threads at random moments and look at the file it
 * leaves: all that was acknowledged is there, and nothing by halves. */
#include "dbtest.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 20, WRITERS = 8 };

DBTEST_QUERY(INTEGRITY, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
             "i");
DBTEST_QUERY(HALVES,
             "SELECT (SELECT count(*) FROM t_item WHERE id NOT IN (SELECT item_id FROM t_part))"
             " + (SELECT count(*) FROM t_part WHERE item_id NOT IN (SELECT id FROM t_item))",
             "i");
static const DbQuery Q_PART = {.name = "t.part",
                               .sqlite = "INSERT INTO t_part (id, item_id) VALUES (?1, ?1)",
                               .types = "i",
                               .columns = ""};
static const DbQuery Q_THERE = {.name = "t.there",
                                .sqlite = "SELECT count(*) FROM t_item WHERE id = ?1",
                                .types = "i",
                                .columns = "i"};

typedef struct Writer {
    Db     *db;
    int64_t next;
    int     acks;
} Writer;

static Status pair_tx(DbConn *conn, void *arg, Err *err)
{
    Writer *w = arg;
    char    name[32];
    bool    row;
    (void)snprintf(name, sizeof name, "%lld", (long long)w->next);
    CLEANUP(db_run_end) DbRun run = {0};
    TRY(db_run(conn, &Q_PART, &run, err));
    db_bind_i64(&run, 1, w->next);
    TRY(db_step(&run, &row, err));
    return dbtest_put_in(conn, w->next, name, err);
}

/* Write pairs for ever; after each commit tell the parent which. */
static void *writer_main(void *arg)
{
    Writer *w = arg;
    Err     err = {0};
    for (;; w->next += WRITERS) {
        if (db_write(w->db, NULL, DB_TX_SERIALIZABLE, pair_tx, w, &err) != ST_OK)
            _exit(1);
        if (write(w->acks, &w->next, sizeof w->next) != sizeof w->next)
            _exit(1);
    }
}

NORETURN static void child_main(const char *path, int acks, int64_t first)
{
    Db    *db = NULL;
    Err    err = {0};
    Writer writers[WRITERS];
    if (db_open(path, NULL, &db, &err) != ST_OK || db_migrate(db, &dbtest_schema, 1, &err) != ST_OK)
        _exit(1);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){.db = db, .next = first + i, .acks = acks};
        (void)dbtest_thread(writer_main, &writers[i]);
    }
    for (;;)
        pause();
}

static int64_t there(DbConn *conn, int64_t id)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = false;
    Err                       err = {0};
    assert_ok(db_run(conn, &Q_THERE, &run, &err), &err);
    db_bind_i64(&run, 1, id);
    assert_ok(db_step(&run, &row, &err), &err);
    return db_col_i64(&run, 0);
}

/* Returns how many were acknowledged. */
static int64_t look(const char *path, int acks)
{
    Db     *db = NULL;
    DbConn *conn = NULL;
    Err     err = {0};
    int64_t id;
    int64_t n = 0;
    assert_ok(db_open(path, NULL, &db, &err), &err);
    assert_ok(db_conn_take(db, &conn, &err), &err);
    assert_int_equal(dbtest_number(conn, &INTEGRITY), 0);
    assert_int_equal(dbtest_number(conn, &HALVES), 0);
    for (; read(acks, &id, sizeof id) == sizeof id; n++)
        if (there(conn, id) != 1)
            fail_msg("%lld was acknowledged and is lost", (long long)id);
    db_conn_give(conn);
    db_close(db);
    return n;
}

static void make(const char *path)
{
    Db *db = NULL;
    Err err = {0};
    assert_ok(db_open(path, NULL, &db, &err), &err);
    assert_ok(db_migrate(db, &dbtest_schema, 1, &err), &err);
    db_close(db);
}

static void nothing_acknowledged_is_lost(void **state)
{
    (void)state;
    static const char *const SUFFIXES[] = {"", "-wal", "-shm"};
    char                     dir[] = "/tmp/rapport-crash-XXXXXX";
    char                     path[64];
    int64_t                  acked = 0;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/db", dir);
    make(path);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int pipefd[2];
        assert_int_equal(pipe(pipefd), 0);
        pid_t child = fork();
        if (child == 0)
            child_main(path, pipefd[1], 1 + (int64_t)round * 1000000);
        close(pipefd[1]);
        usleep(20000 + round * 3777 % 60000);
        kill(child, SIGKILL);
        int how = 0;
        waitpid(child, &how, 0);
        assert_true(WIFSIGNALED(how)); /* it had not failed by itself */
        acked += look(path, pipefd[0]);
        close(pipefd[0]);
    }
    print_message("# %lld acknowledged, none lost\n", (long long)acked);
    assert_true(acked > 0);
    for (size_t i = 0; i < COUNT_OF(SUFFIXES); i++) {
        char name[80];
        (void)snprintf(name, sizeof name, "%s%s", path, SUFFIXES[i]);
        unlink(name);
    }
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_acknowledged_is_lost)};
    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
