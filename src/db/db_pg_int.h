/* db_pg_int.h - what db_pg.c (connections, transactions), db_pg_turns.c (transactions that take
 * turns) and db_pg_stmt.c (statements) share. */
#pragma once

#include "db/db_int.h"

#include <libpq-fe.h>

typedef struct PgTurn PgTurn; /* one queued transaction */

typedef struct PgDb {
    Db              base;
    char           *url;
    pthread_mutex_t turn;       /* held by the transaction of this process that runs again */
    pthread_mutex_t turns_lock; /* guards what follows */
    PgTurn         *turns, *last_turn;
    bool            led; /* somebody runs what has queued */
} PgDb;

/* Statements that nobody waits for travel with the next one that is waited for: one round trip
 * for all. `behind` are those on the way (or still in libpq's buffer); the connection is in
 * libpq's pipeline mode as long as there are any. */
enum { PG_BEHIND_MAX = 64 };

typedef struct PgConn {
    DbConn      base;
    PGconn     *pg;
    bool        lost;       /* the server went away: reset before the next transaction */
    bool        reading;    /* a snapshot: it ends without a commit that could tell of failures */
    bool        again;      /* what failed in this transaction may succeed in another */
    const char *begin;      /* opens the transaction, sent with its first statement; or NULL */
    int         generation; /* of the session: statements of older ones are gone */
    unsigned    names;      /* statement names given so far */
    const char *behind[PG_BEHIND_MAX + 2]; /* with room for BEGIN and what is waited for */
    int         nbehind;
    Err         late; /* what one of them failed with and nobody was told; status ST_OK: nothing */
} PgConn;

static inline PgConn *pg_conn(DbConn *conn)
{
    return (PgConn *)(void *)conn;
}

typedef struct PgWrite { /* a transaction to be run */
    DbTxKind kind;
    DbTxFn  *fn;
    void    *arg;
    Err     *err;
} PgWrite;

NODISCARD Status pg_begin(PgConn *c, DbTxKind kind, Err *err); /* clears `again` */
NODISCARD Status pg_commit(PgConn *c, Err *err);
void             pg_rollback(PgConn *c);
/* All of it, and again as long as that may help. */
NODISCARD Status pg_write_on(PgConn *c, const PgWrite *w);
NODISCARD Status pg_take_turn(Db *db, const PgWrite *w);

/* What a failed command says, as a Status; notes in `c` whether to try again. */
Status pg_fail(PgConn *c, const PGresult *res, const char *what, Err *err);

/* Run text without parameters: any number of statements. */
Status pg_exec(DbConn *conn, const char *sql, Err *err);

/* Send what opens the transaction, if that is still to be done; and catch up. */
Status pg_ensure_begun(PgConn *c, Err *err);

/* Read the answers of all that is on the way: what failed first among them. */
Status pg_catch_up(PgConn *c, Err *err);
/* The same together with one more, whose text is `sql`: the first that failed, otherwise its
 * answer, NULL when the connection broke. *ret_name: of the statement that it belongs to. */
PGresult *pg_finish_with(PgConn *c, const char *sql, const char **ret_name);
void      pg_forget_behind(PgConn *c);

/* Connect anew if the connection was lost. Not inside a transaction. */
Status pg_revive(PgConn *c, Err *err);

Status pg_prepare(DbConn *conn, const DbQuery *query, DbSlot **ret, Err *err);
void   pg_slot_free(DbConn *conn, DbSlot *slot);
Status pg_check(DbConn *conn, DbSlot *slot, Err *err);
Status pg_start(DbConn *conn, DbSlot *slot, bool each, Err *err);
void   pg_reset(DbConn *conn, DbSlot *slot);
Status pg_step(DbConn *conn, DbSlot *slot, bool *ret_row, Err *err);
Status pg_post(DbConn *conn, DbSlot *slot, Err *err);

void pg_bind_null(DbSlot *slot, int index);
void pg_bind_i64(DbSlot *slot, int index, int64_t v);
void pg_bind_real(DbSlot *slot, int index, double v);
void pg_bind_bool(DbSlot *slot, int index, bool v);
void pg_bind_bytes(DbSlot *slot, int index, Str v);
void pg_bind_ids(DbSlot *slot, int index, const int64_t *v, size_t n);
void pg_bind_strs(DbSlot *slot, int index, const Str *v, size_t n);

bool    pg_col_null(DbSlot *slot, int index);
int64_t pg_col_i64(DbSlot *slot, int index);
double  pg_col_real(DbSlot *slot, int index);
bool    pg_col_bool(DbSlot *slot, int index);
Str     pg_col_bytes(DbSlot *slot, int index);
int64_t pg_changes(DbSlot *slot);
