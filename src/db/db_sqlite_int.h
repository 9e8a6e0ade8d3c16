/* db_sqlite_int.h - what db_sqlite.c (connections, statements) and db_sqlite_write.c (the
 * writer thread) share. */
#pragma once

#include "db/db_int.h"

#include <sqlite3.h>

typedef struct SqliteConn {
    DbConn        base;
    sqlite3      *sq;
    sqlite3_stmt *begin, *end; /* of snapshots; NULL until the first */
    int64_t       deadline_ms; /* of the running statement, on the coarse monotonic clock */
} SqliteConn;

typedef struct SqliteSlot {
    DbSlot        base;
    sqlite3_stmt *stmt;
} SqliteSlot;

typedef struct Write Write; /* one queued transaction */

enum { W_BEGIN, W_COMMIT, W_ROLLBACK, W_SAVEPOINT, W_RELEASE, W_BACK, W_COUNT_ };

typedef struct SqliteDb {
    Db    base;
    char *path;
    char *temp_dir; /* of ":memory:", removed with what is in it; else NULL */

    /* The writer thread's: its connection and statements that are no DbQuery. */
    SqliteConn   *writer;
    sqlite3_stmt *control[W_COUNT_];
    int           wal_pages; /* in the write-ahead log after the last commit */
    int64_t       active;    /* transactions that were there, run or queued, at that moment */
    int64_t       group_us;  /* how long a group takes, on average */
    int           careful;   /* so many groups to come have savepoints */
    pthread_t     thread;
    bool          started;

    pthread_mutex_t queue_lock; /* guards what follows */
    pthread_cond_t  queued;
    Write          *head, *tail;
    int64_t         wanted; /* so many waiting transactions wake the writer */
    bool            stopping;
    int64_t         waiting, transactions, groups; /* DbStats */
} SqliteDb;

static inline SqliteDb *sqlite_db(Db *db)
{
    return (SqliteDb *)(void *)db;
}

static inline SqliteConn *sqlite_conn(DbConn *conn)
{
    return (SqliteConn *)(void *)conn;
}

/* Turn a result code into a Status with what SQLite says about it. */
Status sqlite_fail(SqliteConn *c, int rc, const char *what, Err *err);

Status sqlite_writer_start(SqliteDb *db, Err *err); /* db->writer is open */
void   sqlite_writer_stop(SqliteDb *db);            /* after what has queued; safe unstarted */
void   sqlite_stats(Db *base, DbStats *ret);
Status sqlite_write(Db *base, DbConn *conn, DbTxKind kind, DbTxFn *fn, void *arg, Err *err);
