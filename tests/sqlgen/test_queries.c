/* Every statement of every module fits both engines: it can be prepared there, and its
 * parameters and columns have the declared types. sqlgen has only SQLite to ask. */
#include "app/app.h"
#include "core/core.h"
#include "core/core_sql.h"
#include "postgres.h"
#include "test.h"

static int check(DbConn *conn, const DbMigrations *m)
{
    int bad = 0;
    for (size_t i = 0; i < m->nqueries; i++) {
        Err err = {0};
        if (db_check(conn, m->queries[i], &err) == ST_OK)
            continue;
        print_error("# %s\n", err.msg);
        bad++;
    }
    return bad;
}

static void check_all(const char *url)
{
    static const DbMigrations CORE = CORE_MIGRATIONS;
    Db                       *db = NULL;
    DbConn                   *conn = NULL;
    Err                       err = {0};
    assert_ok(db_open(url, NULL, &db, &err), &err);
    assert_ok(core_migrate(db, app_modules, app_nmodules, &err), &err);
    assert_ok(db_conn_take(db, &conn, &err), &err);
    int bad = check(conn, &CORE);
    for (size_t i = 0; i < app_nmodules; i++)
        bad += check(conn, &app_modules[i]->migrations);
    db_conn_give(conn);
    db_close(db);
    assert_int_equal(bad, 0);
}

static void every_query_fits_sqlite(void **state)
{
    (void)state;
    check_all(":memory:");
}

static void every_query_fits_postgres(void **state)
{
    (void)state;
    char url[POSTGRES_URL_MAX];
    postgres_make(NULL, url);
    check_all(url);
    postgres_drop(url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_query_fits_sqlite),
        cmocka_unit_test(every_query_fits_postgres),
    };
    return cmocka_run_group_tests_name("queries", tests, NULL, NULL);
}
