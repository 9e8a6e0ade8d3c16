/* Many threads write through one queue and share commits. */
#include "dbtest.h"

#include <pthread.h>

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
        assert_int_equal(pthread_create(&threads[i], NULL, writer_main, &writers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        written += writers[i].written;
        refused += writers[i].refused;
    }
    assert_int_equal(written, THREADS * EACH * 3 / 4);
    assert_int_equal(refused, THREADS * EACH / 4);
    assert_int_equal(dbtest_count(t, &Q_COUNT), written + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DBTEST(those_that_fail_do_not_hurt_their_group),
    };
    return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
