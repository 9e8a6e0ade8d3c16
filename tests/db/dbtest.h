/* dbtest.h - a small schema on both engines, below Cx and modules. */
#pragma once

#include "test.h"

#include "db/db.h"

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

extern const DbMigrations dbtest_schema;

/* Run a statement for one number: a count, or the rows changed by a write. */
int64_t dbtest_count(DbTest *t, const DbQuery *query);

/* INSERT INTO t_item (id, name) in a transaction of its own. */
Status               dbtest_put(Db *db, int64_t id, const char *name, Err *err);
extern const DbQuery Q_COUNT; /* rows of t_item */
