/* db.h - the database as the rest of the program sees it: SQLite or PostgreSQL.
 *
 * Module code never calls these functions with SQL text. It writes queries into its
 * queries.sql; scripts/sqlgen.py checks them against the schema while the program is
 * built and generates one C function per query, and that code calls db_*.
 *
 * Db is the database: made once, shared by all threads. DbConn is one connection: one
 * thread at a time. On SQLite all writing runs on the Db's writer thread, which lets many
 * transactions share one fsync (db_write); on PostgreSQL it runs on the caller's
 * connection. Modules see neither: they call cx_in_tx(). */
#pragma once

#include "base/opt.h"
#include "base/status.h"
#include "base/str.h"

typedef struct Db     Db;
typedef struct DbConn DbConn;

typedef enum DbKind { DB_SQLITE, DB_POSTGRES } DbKind;

typedef struct DbOptions {
    int     connections;     /* most DbConns at once; 0: 8 */
    SpanMs  statement_limit; /* longest a statement may run; 0: 30 s */
    int64_t group_max;       /* SQLite: transactions per commit at most; 0: 256, 1: no sharing */
} DbOptions;

/* `url` is a file name, ":memory:" (tests: all connections see one database) or
 * "postgresql://…". On success *ret is closed with db_close(). */
NODISCARD Status db_open(const char *url, const DbOptions *options, Db **ret, Err *err);
void             db_close(Db *db); /* waits for the writer; every DbConn was given back */
DbKind           db_kind(const Db *db);

/* Take a connection from the pool, waiting for one if need be; give it back afterwards.
 * On SQLite it can only read. */
NODISCARD Status db_conn_take(Db *db, DbConn **ret, Err *err);
void             db_conn_give(DbConn *conn); /* NULL is fine */

/* --- schema ----------------------------------------------------------------------- */

typedef struct DbMigration {
    const char *module;
    int         version; /* 1, 2, 3, … within the module */
    const char *name;    /* "products": of the file 0001_products.sql */
    const char *sqlite;  /* the statements, per engine */
    const char *postgres;
} DbMigration;

typedef struct DbMigrations { /* one module's list */
    const DbMigration *items;
    size_t             n;
} DbMigrations;

/* Apply what this database has not seen, in order, each in its own transaction. An SQLite
 * file that has data and needs migrating is first backed up beside itself
 * ("FILE.before-VERSIONS.bak"). ST_CONFLICT "db.newer_schema" when the database has
 * migrations that this program does not know: nothing is changed. */
NODISCARD Status db_migrate(Db *db, const DbMigrations *modules, size_t n, Err *err);

/* Copy a running SQLite database into file `path`, consistently. */
NODISCARD Status db_backup(Db *db, const char *path, Err *err);

/* --- transactions: use cx_in_tx() and cx_in_snapshot() ------------------------------ */

typedef Status DbTxFn(DbConn *conn, void *arg, Err *err);

/* Run fn in a write transaction and return once the commit is on disk. SQLite: on the
 * writer thread (first come, first served; each in a savepoint of its own; one commit and
 * one fsync for what has queued), `conn` is ignored. PostgreSQL: on `conn`, SERIALIZABLE.
 * fn may run again after ST_BUSY (retries with back-off inside), so it must have no
 * effect other than on the database and *arg. */
NODISCARD Status db_write(Db *db, DbConn *conn, DbTxFn *fn, void *arg, Err *err);

/* Run fn on `conn` in a read transaction: all its statements see one state. */
NODISCARD Status db_snapshot(DbConn *conn, DbTxFn *fn, void *arg, Err *err);

/* --- running one query: for generated code ---------------------------------------- */

typedef struct DbQuery {
    const char *name;     /* "stock.item_get", for logs and metrics */
    const char *sqlite;   /* with ?1 ?2 … */
    const char *postgres; /* with $1 $2 … */
    const char *types;    /* one letter per parameter: i int, t text, r real, b bool, x blob */
    const char *columns;  /* one letter per result column */
} DbQuery;

/* A prepared statement in use. Prepared once per connection and kept; a query cannot be
 * started again inside its own loop (asserts). */
typedef struct DbRun {
    DbConn *conn;
    void   *slot;
} DbRun;

NODISCARD Status db_run(DbConn *conn, const DbQuery *query, DbRun *ret, Err *err);
void             db_run_end(DbRun *run); /* for CLEANUP; no-op on a zeroed DbRun */

/* index counts from 1; texts and blobs must live until db_run_end(). */
void db_bind_null(DbRun *run, int index);
void db_bind_i64(DbRun *run, int index, int64_t v);
void db_bind_real(DbRun *run, int index, double v);
void db_bind_bool(DbRun *run, int index, bool v);
void db_bind_str(DbRun *run, int index, Str v);  /* absent (ptr NULL, len 0) binds "" */
void db_bind_blob(DbRun *run, int index, Str v);

NODISCARD Status db_step(DbRun *run, bool *ret_row, Err *err);

/* index counts from 0 */
bool    db_col_null(DbRun *run, int index);
int64_t db_col_i64(DbRun *run, int index);
double  db_col_real(DbRun *run, int index);
bool    db_col_bool(DbRun *run, int index);
Str     db_col_str(DbRun *run, Arena *a, int index); /* copied into `a` */
Str     db_col_blob(DbRun *run, Arena *a, int index);
int64_t db_changes(DbRun *run); /* rows changed, after the last db_step() */

/* --- statements made at run time, for filters that users choose --------------------
 *
 *      DbFilter f;
 *      db_filter_init(&f, arena, "SELECT id, title FROM catalog_product WHERE TRUE");
 *      db_filter_sql(&f, " AND status = "); db_filter_str(&f, status);
 *      db_filter_sql(&f, " ORDER BY id LIMIT "); db_filter_i64(&f, limit);
 *
 * Only string literals and bound values can get in. Statements are kept by their text. */

typedef struct DbFilter DbFilter;
struct DbFilter {
    Arena *arena;
    Buf   *sql; /* with ?N */
    void  *values;
    int    n;
};

void db_filter_init_at(DbFilter *f, Arena *a, const char *literal);
void db_filter_sql_at(DbFilter *f, const char *literal);
void db_filter_str(DbFilter *f, Str v);
void db_filter_i64(DbFilter *f, int64_t v);
void db_filter_bool(DbFilter *f, bool v);
#define db_filter_init(f, a, literal) db_filter_init_at((f), (a), "" literal)
#define db_filter_sql(f, literal)     db_filter_sql_at((f), "" literal)

/* Start it: step, read columns and end as with db_run(). `columns` as in DbQuery. */
NODISCARD Status db_filter_run(DbConn *conn, const DbFilter *f, const char *columns, DbRun *ret,
                               Err *err);
