/* dbtest.h - a small schema on both engines, below Cx and modules. */
#pragma once

#include "test.h"

#include "db/db.h"

#include <pthread.h>

typedef struct DbTest {
    Arena   arena;
    DbKind  kind;
    Db     *db;
    DbConn *conn; /* for reading */
    Err     err;
    char    url[256];
} DbTest;

int dbtest_setup_sqlite(void **state);
int dbtest_setup_postgres(void **state);
int dbtest_teardown(void **state);

#define DBTEST_SQLITE(fn)                                                                          \
    {                                                                                              \
#fn " (sqlite)", fn, dbtest_setup_sqlite, dbtest_teardown, NULL                            \
    }
#define DBTEST_POSTGRES(fn)                                                                        \
    {                                                                                              \
#fn " (postgres)", fn, dbtest_setup_postgres, dbtest_teardown, NULL                        \
    }
#define DBTEST(fn) DBTEST_SQLITE(fn), DBTEST_POSTGRES(fn)

extern const DbMigrations dbtest_schema; /* t_item and t_part */
extern const DbQuery      Q_COUNT;       /* rows of t_item */

/* A query without parameters, whose text both engines take. */
#define DBTEST_QUERY(var, sql, out)                                                                \
    static const DbQuery var = {                                                                   \
        .name = "t." #var, .sqlite = (sql), .postgres = (sql), .types = "", .columns = (out)}

/* Run a query without parameters for one number. */
int64_t dbtest_number(DbConn *conn, const DbQuery *query);
int64_t dbtest_count(DbTest *t); /* rows of t_item, on t->conn */

/* Run a statement without parameters in the running transaction. */
Status dbtest_do(DbConn *conn, const DbQuery *query, Err *err);

/* INSERT INTO t_item (id, name): in the running transaction, or in one of its own. */
Status dbtest_put_in(DbConn *conn, int64_t id, const char *name, Err *err);
Status dbtest_post_in(DbConn *conn, int64_t id, const char *name, Err *err); /* does not wait */
Status dbtest_put(Db *db, int64_t id, const char *name, Err *err);

/* Start a thread, or fail. */
pthread_t dbtest_thread(void *(*fn)(void *), void *arg);
