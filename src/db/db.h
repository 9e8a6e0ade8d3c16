/* db.h - the database as the rest of the program sees it: SQLite or PostgreSQL.
 *
 * Module code never calls these functions with SQL text. It writes queries into its
 * queries.sql; scripts/sqlgen checks them against the schema while the program is
 * built and generates one C function per query, and that code calls db_*.
 *
 * Db is the database: made once, shared by all threads. DbConn is one connection: one
 * thread at a time. On SQLite all writing runs on the Db's writer thread, which lets many
 * transactions share one fsync (db_write); on PostgreSQL it runs on the caller's
 * connection. Modules see neither: they call cx_in_tx().
 *
 * A statement that fails dooms its transaction on both engines: every later statement in
 * it fails with the same error and nothing is committed. To try something that may clash,
 * say ON CONFLICT DO NOTHING and look at the rows changed. */
#pragma once

#include "base/buf.h"
#include "base/opt.h"
#include "base/status.h"

typedef struct Db     Db;
typedef struct DbConn DbConn;

typedef enum DbKind { DB_SQLITE, DB_POSTGRES } DbKind;

typedef struct DbOptions {
    int     connections;     /* most DbConns at once; 0: 8 */
    SpanMs  statement_limit; /* longest a statement may run; 0: 30 s */
    int64_t group_max;       /* SQLite: transactions per commit at most; 0: 256, 1: no sharing */
    int     log_pages;       /* SQLite: from so many pages on, the log is moved into the file beside
                                a busy writer; 0: 20,000 */
    bool take_turns;         /* PostgreSQL: serialisable transactions of this process run one after
                                the other, up to 64 in one commit, instead of getting in each
                                other's way; those of other processes still may */
} DbOptions;

/* `url` is a file name, ":memory:" (tests: a file of its own in the temporary folder that
 * is never synced and goes away with db_close()) or "postgresql://…". `options` may be
 * NULL. On success *ret is closed with db_close(). */
NODISCARD Status db_open(const char *url, const DbOptions *options, Db **ret, Err *err);
void             db_close(Db *db); /* waits for the writer; every DbConn was given back */
DbKind           db_kind(const Db *db);

/* Take a connection from the pool, waiting for one if need be; give it back afterwards.
 * On SQLite it can only read. ST_BUSY "db.no_connection" when none came free in 30 s. */
NODISCARD Status db_conn_take(Db *db, DbConn **ret, Err *err);
void             db_conn_give(DbConn *conn); /* NULL is fine */

/* Figures for metrics. Those of writing are SQLite's: transactions per commit show how well
 * they share. */
typedef struct DbStats {
    int64_t connections;  /* open */
    int64_t idle;         /* of these */
    int64_t waiting;      /* transactions queued for the writer, beside those that run */
    int64_t transactions; /* that the writer ran, failed ones too */
    int64_t groups;       /* in which it ran them */
} DbStats;

DbStats db_stats(Db *db);

/* How many threads wait in db_write() for another to run their transaction: they use no
 * processor. */
int db_writers(const Db *db);

/* --- schema ------------------------------------------------------------------------ */

typedef struct DbQuery DbQuery;

typedef struct DbMigration {
    const char *module;
    int         version; /* 1, 2, 3, … within the module */
    const char *name;    /* "products": of the file 0001_products.sql */
    const char *sqlite;  /* the statements, per engine */
    const char *postgres;
    const char *sqlite_sum; /* of the source without comments and white space */
    const char *postgres_sum;
} DbMigration;

/* One module's schema and the statements it runs. sqlgen.py generates it as a macro for
 * a Module's table: `.migrations = CATALOG_MIGRATIONS`. */
typedef struct DbMigrations {
    const DbMigration    *items;
    size_t                n;
    const DbQuery *const *queries;
    size_t                nqueries;
} DbMigrations;

/* Apply what this database has not seen, in order, each in its own transaction; two
 * processes that start at once do it once. An SQLite file that has data and needs
 * migrating is first backed up beside itself ("FILE.before-MODULE-VERSION.bak", after the
 * first migration to come). Such a backup is never replaced: one of a later attempt at the
 * same migration is "FILE.before-MODULE-VERSION.again.bak", the newest of them. Nothing is changed
 * when the answer is ST_CONFLICT "db.newer_schema"      the database has migrations this program
 * lacks ST_CONFLICT "db.migration_edited"  an applied migration is not what the program has */
NODISCARD Status db_migrate(Db *db, const DbMigrations *modules, size_t n, Err *err);

/* Copy a running SQLite database into file `path`, consistently; a file that is there is
 * replaced when the copy is complete. ST_INVALID "db.no_backup" on PostgreSQL, which has
 * pg_dump. */
NODISCARD Status db_backup(Db *db, const char *path, Err *err);

/* Prepare `query` and compare its parameters and columns with what is declared: tests
 * run this over every module's queries on both engines. */
NODISCARD Status db_check(DbConn *conn, const DbQuery *query, Err *err);

/* --- transactions: use cx_in_tx() and cx_in_snapshot() ----------------------------- */

typedef enum DbTxKind {
    DB_TX_SERIALIZABLE, /* as if alone */
    DB_TX_RELAXED       /* PostgreSQL: READ COMMITTED, for queues with SKIP LOCKED */
} DbTxKind;

typedef Status DbTxFn(DbConn *conn, void *arg, Err *err);

/* Run fn in a write transaction and return once the commit is on disk. SQLite: on the writer
 * thread (first come, first served; one commit and one fsync for what has queued), `conn` is
 * ignored. PostgreSQL: on `conn`, or on one from the pool when it is NULL; with take_turns on that
 * of whoever leads, perhaps on another thread.
 *
 * fn may run again (another transaction got in the way; the commit it shared failed), so
 * it must have no effect other than on the database and *arg.
 * ST_BUSY "db.busy" when retries with back-off did not help. ST_IO "db.commit_unknown"
 * when the connection to PostgreSQL was lost while committing, or the disk under SQLite did not
 * confirm it: then ST_IO "db.failed" for all others, until the program is started anew. */
NODISCARD Status db_write(Db *db, DbConn *conn, DbTxKind kind, DbTxFn *fn, void *arg, Err *err);

/* On SQLite what others have written can be read up to a few milliseconds before it is on the
 * disk and they are answered. Who passes on what it has read to where it outlives a loss of power
 * (another store, an acknowledgement) waits here first. Inside of db_write() it asserts. */
void db_settled(Db *db);

/* Run fn on `conn` in a read transaction: all its statements see one state. */
NODISCARD Status db_snapshot(DbConn *conn, DbTxFn *fn, void *arg, Err *err);

/* --- telling those who wait: hints, not promises ----------------------------------- */

/* In a write transaction: once it is committed, wake everybody who listens to `channel`, a
 * literal of [a-z_]: threads of this process at once, other processes on the same
 * PostgreSQL within 20 ms. A hint can get lost with a connection, and SQLite tells no
 * other process, so who waits looks for work now and then all the same. */
void db_notify(DbConn *conn, const char *channel);

typedef struct DbListener DbListener; /* one thread at a time, but for db_listen_wake() */

NODISCARD Status db_listen(Db *db, const char *channel, DbListener **ret, Err *err);
void             db_listen_close(DbListener *listener); /* NULL is fine; before db_close() */

/* Wait until there was a hint since the last call, or db_listen_wake(), or `timeout`.
 * *ret_told: there may be work. ST_BUSY "db.lost" after `timeout` when the database is
 * away; the next call connects anew. */
NODISCARD Status db_listen_wait(DbListener *listener, SpanMs timeout, bool *ret_told, Err *err);
void             db_listen_wake(DbListener *listener); /* from any thread */

/* Was *err raised by this constraint? `name` is that of a CREATE UNIQUE INDEX or a
 * CONSTRAINT … CHECK; "TABLE_pkey" for a primary key. */
bool db_constraint_is(const Err *err, const char *name);

/* --- running one query: for generated code ----------------------------------------- */

/* Types are one letter each: i int, t text, r real, b bool, x blob, and for parameters
 * also I list of int, T list of text. A column in capitals may be NULL; NULL in any other
 * fails with ST_IO "db.null_column". */
struct DbQuery {
    const char *name;     /* "stock.item_get", for logs and metrics */
    const char *sqlite;   /* with ?1 ?2 … */
    const char *postgres; /* with $1 $2 … */
    const char *types;    /* one letter per parameter */
    const char *columns;  /* one letter per result column */
};

/* A prepared statement in use. Prepared once per connection and kept; a query cannot be
 * started again inside its own loop (asserts). */
typedef struct DbRun {
    DbConn *conn;
    void   *slot;
} DbRun;

NODISCARD Status db_run(DbConn *conn, const DbQuery *query, DbRun *ret, Err *err);
void             db_run_end(DbRun *run); /* for CLEANUP; no-op on a zeroed DbRun */

/* As db_run() for results of any size: rows come in chunks, memory stays bounded. Only
 * inside db_write() or db_snapshot(). */
NODISCARD Status db_run_each(DbConn *conn, const DbQuery *query, DbRun *ret, Err *err);

/* index counts from 1; texts and blobs must live until db_run_end(). A text with a NUL
 * byte makes db_step() fail with ST_INVALID "db.bad_text". */
void db_bind_null(DbRun *run, int index);
void db_bind_i64(DbRun *run, int index, int64_t v);
void db_bind_real(DbRun *run, int index, double v);
void db_bind_bool(DbRun *run, int index, bool v);
void db_bind_str(DbRun *run, int index, Str v); /* absent (ptr NULL, len 0) binds "" */
void db_bind_blob(DbRun *run, int index, Str v);
void db_bind_ids(DbRun *run, int index, const int64_t *v, size_t n);
void db_bind_strs(DbRun *run, int index, const Str *v, size_t n);

NODISCARD Status db_step(DbRun *run, bool *ret_row, Err *err);

/* Run a statement that has no rows; *ret_changed: how many it changed. Who passes NULL does not
 * wait for PostgreSQL: the statement travels with the next one that is waited for, or with the
 * commit, which fails in its place. */
NODISCARD Status db_exec(DbRun *run, int64_t *ret_changed, Err *err);

/* index counts from 0 */
bool    db_col_null(DbRun *run, int index);
int64_t db_col_i64(DbRun *run, int index); /* 0 for NULL, as the next two */
double  db_col_real(DbRun *run, int index);
bool    db_col_bool(DbRun *run, int index);
Str     db_col_str(DbRun *run, Arena *a, int index); /* copied into `a`; absent for NULL */
Str     db_col_blob(DbRun *run, Arena *a, int index);
/* Copy a text into ret[size], cut if longer, with a NUL. */
void db_col_chars(DbRun *run, int index, char *ret, size_t size);
/* The place of a text among `names`, which ends with NULL; asserts that it is there: the
 * column has a CHECK. */
int     db_col_name(DbRun *run, int index, const char *const *names);
int64_t db_changes(DbRun *run); /* rows changed, after the last db_step() */

/* --- statements made at run time, for filters that users choose --------------------
 *
 *      DbFilter f;
 *      db_filter_init(&f, arena, "SELECT id, title FROM catalog_product WHERE TRUE");
 *      db_filter_sql(&f, " AND status = "); db_filter_str(&f, status);
 *      db_filter_sql(&f, " ORDER BY id LIMIT "); db_filter_i64(&f, limit);
 *
 * Only string literals and bound values can get in: a '?' or '$' in a literal
 * asserts. Statements are kept by their text, so keep the number of texts small: no
 * values spelled out, conditions in a fixed order. */

typedef struct DbValue DbValue;

typedef struct DbFilter {
    Arena   *arena;
    Buf     *sqlite;   /* with ?N */
    Buf     *postgres; /* with $N::type */
    DbValue *values;
    size_t   n;
    size_t   cap;
} DbFilter;

void db_filter_init_at(DbFilter *f, Arena *a, const char *literal);
void db_filter_sql_at(DbFilter *f, const char *sqlite, const char *postgres);
void db_filter_str(DbFilter *f, Str v);
void db_filter_i64(DbFilter *f, int64_t v);
void db_filter_bool(DbFilter *f, bool v);
void db_filter_real(DbFilter *f, double v);
/* " IN (…)" with all of v, which may be empty */
void db_filter_in_ids(DbFilter *f, const int64_t *v, size_t n);
void db_filter_in_strs(DbFilter *f, const Str *v, size_t n);
#define db_filter_init(f, a, literal) db_filter_init_at((f), (a), "" literal)
#define db_filter_sql(f, literal)     db_filter_sql_at((f), "" literal, "" literal)
/* where the engines must differ */
#define db_filter_sql_pg(f, sqlite, postgres) db_filter_sql_at((f), "" sqlite, "" postgres)

/* Start it: step, read columns and end as with db_run(). `columns` as in DbQuery, a
 * literal. */
NODISCARD Status db_filter_run(DbConn *conn, const DbFilter *f, const char *columns, DbRun *ret,
                               Err *err);
