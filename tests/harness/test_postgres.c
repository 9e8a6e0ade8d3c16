/* test_postgres.c - every test that asks for a PostgreSQL database gets one of its own. */
#include "test.h"

#include "postgres.h"

#include <libpq-fe.h>

static char *one(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    assert_int_equal(PQntuples(result), 1);
    char *value = strdup(PQgetvalue(result, 0, 0));
    PQclear(result);
    return value;
}

static void assert_one(const char *url, const char *sql, const char *expected)
{
    PGconn *conn = PQconnectdb(url);
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    char *value = one(conn, sql);
    assert_string_equal(value, expected);
    free(value);
    PQfinish(conn);
}

static void run(const char *url, const char *sql)
{
    PGconn   *conn = PQconnectdb(url);
    PGresult *result = PQexec(conn, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    PQfinish(conn);
}

static void a_database_is_new_sorts_by_byte_and_speaks_utf_8(void **state)
{
    (void)state;
    char url[POSTGRES_URL_MAX];
    postgres_make(NULL, url);
    assert_one(url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace",
               "0");
    assert_one(url, "SELECT 'a' < 'B'", "f");
    assert_one(url, "SELECT length('Łódź')", "4");
    assert_one(url, "SHOW timezone", "UTC");
    postgres_drop(url);
}

static void a_copy_has_the_rows_of_its_original_and_leaves_it_alone(void **state)
{
    (void)state;
    char original[POSTGRES_URL_MAX];
    char copy[POSTGRES_URL_MAX];
    char name[64];
    postgres_make(NULL, original);
    run(original, "CREATE TABLE t AS SELECT 7 AS x");
    postgres_name(original, name);
    postgres_make(name, copy);
    run(copy, "UPDATE t SET x = 8");
    assert_one(copy, "SELECT x FROM t", "8");
    assert_one(original, "SELECT x FROM t", "7");
    postgres_drop(copy);
    postgres_drop(original);
}

static void a_database_can_be_dropped_while_somebody_is_connected(void **state)
{
    (void)state;
    char url[POSTGRES_URL_MAX];
    postgres_make(NULL, url);
    PGconn *conn = PQconnectdb(url);
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    postgres_drop(url);
    PQfinish(conn);
    conn = PQconnectdb(url);
    assert_int_equal(PQstatus(conn), CONNECTION_BAD);
    PQfinish(conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_is_new_sorts_by_byte_and_speaks_utf_8),
        cmocka_unit_test(a_copy_has_the_rows_of_its_original_and_leaves_it_alone),
        cmocka_unit_test(a_database_can_be_dropped_while_somebody_is_connected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
