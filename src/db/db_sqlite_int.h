/* db_sqlite_int.h - what db_sqlite.c (connections, statements), db_sqlite_write.c (the writer
 * thread), db_sqlite_sync.c (the disk) and db_sqlite_checkpoint.c share. */
#pragma once

#include "db/db_int.h"

#include <semaphore.h>
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

typedef struct Write { /* one queued transaction: lives on its caller's stack */
    DbTxFn       *fn;
    void         *arg;
    Err          *err;
    Status        st;
    const char   *hints[DB_HINTS_MAX];
    sem_t         answered; /* not a condition: who wakes need not wait for the queue's lock */
    struct Write *next;
} Write;

enum { SQLITE_SYNCERS = 2 };

typedef struct SqliteSync {
    bool            made; /* lock and conditions are there: not for ":memory:", never synced */
    int             nthreads;
    pthread_t       threads[SQLITE_SYNCERS];
    atomic_bool     lost;  /* the disk refused: nothing is written any more */
    int64_t         group; /* the writer's: number of the one that runs */
    atomic_llong    begun; /* the last one whose commit has begun: who reads may see it */
    pthread_mutex_t lock;  /* guards what follows */
    pthread_cond_t  work, settled;
    Write          *head, *tail;    /* committed, not on the disk yet */
    int64_t         handed, synced; /* the number of the last group */
    int             waiting;        /* in sqlite_settled() */
    bool            stopping;
} SqliteSync;

/* Makes checkpoints beside the writer: not for ":memory:". */
typedef struct SqliteMover {
    bool            made, started;
    SqliteConn     *conn; /* its own; opened and closed by db_sqlite.c */
    pthread_t       thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t  asked;
    enum { MOVER_IDLE, MOVER_ASKED, MOVER_DONE } state; /* DONE: the writer moves the rest */
    bool stopping;
} SqliteMover;

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

    SqliteSync  sync;
    SqliteMover mover;
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
void   sqlite_answer(Write *list); /* they go on; *list is gone then */

Status sqlite_sync_start(SqliteDb *db, Err *err);
void   sqlite_sync_stop(SqliteDb *db); /* after what was handed over; safe unstarted */
void   sqlite_sync_hand(SqliteDb *db, Write *group, int64_t seq);
void   sqlite_settled(Db *base);

Status sqlite_mover_start(SqliteDb *db, Err *err); /* db->mover.conn is open */
void   sqlite_mover_stop(SqliteDb *db);            /* safe unstarted */
/* The writer's, between groups: of the whole log, now; or of one that has become long. */
void sqlite_checkpoint(SqliteDb *db);
void sqlite_checkpoint_if_long(SqliteDb *db);
bool sqlite_checkpoint_runs(SqliteDb *db); /* the mover is at it */
