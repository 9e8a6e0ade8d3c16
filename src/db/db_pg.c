/* db_pg.c - db.h on PostgreSQL: connections, transactions and what their failures mean. */
#include "db/db_pg_int.h"

#include "base/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    RETRY_MS = 10000,     /* how long to repeat transactions that others get in the way of */
    REVIVE_MS = 2000,     /* how long to wait for a server that went away */
    LOCK_KEY = 0x72617070 /* "rapp": the advisory lock of db_migrate() */
};

/* --- errors ------------------------------------------------------------------------ */

static const char *field(const PGresult *res, int which)
{
    const char *text = PQresultErrorField(res, which);
    return text != NULL ? text : "";
}

static Status fail_constraint(const PGresult *res, const char *state, const char *what, Err *err)
{
    const char *name = field(res, PG_DIAG_CONSTRAINT_NAME);
    if (strcmp(state, "23503") == 0) /* what SQLite can say, too */
        name = "foreign_key";
    else if (strcmp(state, "23502") == 0)
        name = "not_null";
    return err_set(err, ST_CONFLICT, "db.constraint", "constraint %s in %s: %s",
                   name[0] != '\0' ? name : "unknown", what, field(res, PG_DIAG_MESSAGE_PRIMARY));
}

static Status fail_lost(PgConn *c, const char *what, Err *err)
{
    c->lost = true;
    c->again = true;
    char text[100]; /* the first line says it */
    (void)snprintf(text, sizeof text, "%s", PQerrorMessage(c->pg));
    text[strcspn(text, "\n")] = '\0';
    return err_set(err, ST_BUSY, "db.lost", "%s: %s", what, text);
}

/* The server ends sessions that say nothing for too long, within a transaction or outside of one:
 * whatever was sent then was never read. */
static bool ended_idle(const char *state)
{
    return strcmp(state, "25P03") == 0 || strcmp(state, "57P05") == 0;
}

Status pg_fail(PgConn *c, const PGresult *res, const char *what, Err *err)
{
    const char *state = field(res, PG_DIAG_SQLSTATE);
    const char *msg = field(res, PG_DIAG_MESSAGE_PRIMARY);
    if (PQstatus(c->pg) != CONNECTION_OK || strncmp(state, "57P", 3) == 0 || ended_idle(state))
        return fail_lost(c, what, err);
    if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0) {
        c->again = true;
        return err_set(err, ST_BUSY, "db.busy", "%s: %s", what, msg);
    }
    if (strcmp(state, "55P03") == 0 || strncmp(state, "53", 2) == 0)
        return strcmp(state, "53100") == 0
                   ? err_set(err, ST_IO, "db.disk_full", "%s: %s", what, msg)
                   : err_set(err, ST_BUSY, "db.busy", "%s: %s", what, msg);
    if (strncmp(state, "23", 2) == 0)
        return fail_constraint(res, state, what, err);
    if (strcmp(state, "57014") == 0)
        return err_set(err, ST_IO, "db.too_slow", "%s: took longer than allowed", what);
    if (strncmp(state, "54", 2) == 0)
        return err_set(err, ST_LIMIT, "db.too_big", "%s: %s", what, msg);
    if (strcmp(state, "22021") == 0 || strcmp(state, "22P05") == 0)
        return err_set(err, ST_INVALID, "db.bad_text", "%s: %s", what, msg);
    return err_set(err, ST_IO, "db.failed", "%s: %s (%s)", what,
                   msg[0] != '\0' ? msg : PQerrorMessage(c->pg), state);
}

Status pg_exec(DbConn *conn, const char *sql, Err *err)
{
    PgConn *c = pg_conn(conn);
    if (fault_hit())
        return err_set(err, ST_IO, "db.fault", "injected before: %.80s", sql);
    TRY(pg_catch_up(c, err));
    PGresult      *res = PQexec(c->pg, sql);
    ExecStatusType got = PQresultStatus(res);
    Status st = got == PGRES_COMMAND_OK || got == PGRES_TUPLES_OK || got == PGRES_EMPTY_QUERY
                    ? ST_OK
                    : pg_fail(c, res, sql, err);
    PQclear(res);
    return st;
}

/* --- connections ------------------------------------------------------------------- */

static void no_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static Status settle(PgConn *c, int64_t statement_ms, Err *err)
{
    if (PQstatus(c->pg) != CONNECTION_OK)
        return fail_lost(c, "connect", err);
    PQsetNoticeProcessor(c->pg, no_notice, NULL);
    char *sql = db_text("SET statement_timeout = %lld; SET idle_in_transaction_session_timeout = "
                        "60000; SET timezone = 'UTC'; SET jit = off",
                        (long long)statement_ms);
    PGresult *res = PQexec(c->pg, sql);
    free(sql);
    Status st = PQresultStatus(res) == PGRES_COMMAND_OK ? ST_OK : pg_fail(c, res, "connect", err);
    PQclear(res);
    if (st == ST_OK)
        c->lost = false;
    return st;
}

static void close_conn(DbConn *conn)
{
    PgConn *c = pg_conn(conn);
    PgConn  gone = *c; /* no need to tell the server of each statement */
    c->generation = -1;
    db_cache_drop(&conn->cache, conn);
    PQfinish(gone.pg);
    free(c);
}

static Status open_one(Db *base, int64_t statement_ms, DbConn **ret, Err *err)
{
    static const char *const KEYS[] = {"dbname",           "fallback_application_name",
                                       "client_encoding",  "connect_timeout",
                                       "tcp_user_timeout", NULL};
    const char *values[] = {((PgDb *)(void *)base)->url, "rapport", "UTF8", "10", "30000", NULL};
    PgConn     *c = db_alloc(sizeof *c);
    c->base = (DbConn){.driver = &db_pg_driver, .db = base};
    if (fault_hit()) {
        free(c);
        return err_set(err, ST_IO, "db.fault", "injected before connecting");
    }
    c->pg = PQconnectdbParams(KEYS, values, 1);
    if (c->pg == NULL)
        base_out_of_memory(0);
    Status st = settle(c, statement_ms, err);
    if (st != ST_OK) {
        close_conn(&c->base);
        return st;
    }
    *ret = &c->base;
    return ST_OK;
}

static Status open_conn(Db *db, DbConn **ret, Err *err)
{
    return open_one(db, db->options.statement_limit.v, ret, err);
}

/* The lock makes programs that start at once migrate one after the other. */
static Status admin_open(Db *db, DbConn **ret, Err *err)
{
    DbConn *conn;
    TRY(open_one(db, 0, &conn, err));
    char sql[60];
    (void)snprintf(sql, sizeof sql, "SELECT pg_advisory_lock(%d)", LOCK_KEY);
    Status st = pg_exec(conn, sql, err);
    if (st != ST_OK) {
        close_conn(conn);
        return st;
    }
    *ret = conn;
    return ST_OK;
}

Status pg_revive(PgConn *c, Err *err)
{
    if (!c->lost)
        return ST_OK;
    PQreset(c->pg);
    c->generation++;
    return settle(c, c->base.db->options.statement_limit.v, err);
}

static void close_db(Db *base)
{
    PgDb *db = (PgDb *)(void *)base;
    pthread_mutex_destroy(&db->turn);
    pthread_mutex_destroy(&db->turns_lock);
    free(db->url);
    free(db);
}

static Status open_db(const char *url, const DbOptions *options, Db **ret, Err *err)
{
    PgDb *db = db_alloc(sizeof *db);
    db_init(&db->base, &db_pg_driver, options);
    pthread_mutex_init(&db->turn, NULL);
    pthread_mutex_init(&db->turns_lock, NULL);
    db->url = db_text("%s", url);
    DbConn *conn; /* the first one, to see that there is a database */
    Status  st = db_conn_take(&db->base, &conn, err);
    if (st != ST_OK) {
        db_close(&db->base);
        return st;
    }
    db_conn_give(conn);
    *ret = &db->base;
    return ST_OK;
}

/* --- transactions ------------------------------------------------------------------ */

/* BEGIN travels with the first statement: one round trip less. */
static Status begin(PgConn *c, const char *sql, Err *err)
{
    if (fault_hit())
        return err_set(err, ST_IO, "db.fault", "injected before BEGIN");
    TRY(pg_revive(c, err));
    c->begin = sql;
    return ST_OK;
}

Status pg_ensure_begun(PgConn *c, Err *err)
{
    const char *sql = c->begin;
    Status      st = ST_OK;
    TRY(pg_catch_up(c, err));
    c->begin = NULL;
    for (int i = 0; i < 2 && sql != NULL; i++) { /* twice: on a new connection */
        PGresult *res = PQexec(c->pg, sql);
        st = PQresultStatus(res) == PGRES_COMMAND_OK ? ST_OK : pg_fail(c, res, "BEGIN", err);
        PQclear(res);
        if (st == ST_OK || !c->lost || pg_revive(c, err) != ST_OK)
            break;
        c->again = false;
    }
    return st;
}

void pg_rollback(PgConn *c)
{
    c->begin = NULL;
    pg_forget_behind(c);
    if (PQtransactionStatus(c->pg) != PQTRANS_IDLE)
        PQclear(PQexec(c->pg, "ROLLBACK"));
    if (PQstatus(c->pg) != CONNECTION_OK)
        c->lost = true;
}

/* The server said that it ends the session, and did so before it came to the commit. */
static bool ended_before(const PGresult *res, const char *name)
{
    const char *state = field(res, PG_DIAG_SQLSTATE);
    return ended_idle(state) || (strncmp(state, "57P", 3) == 0 && strcmp(name, "COMMIT") != 0);
}

/* Its first answer: PQexec() gives the last one, which after "I end this session" says only that
 * the connection broke. */
static PGresult *send_commit(PgConn *c)
{
    PGresult *first = NULL;
    if (PQsendQuery(c->pg, "COMMIT") != 1)
        return NULL;
    for (PGresult *res; (res = PQgetResult(c->pg)) != NULL;) {
        if (first == NULL)
            first = res;
        else
            PQclear(res);
    }
    return first;
}

/* Otherwise a connection that breaks here leaves open whether the transaction took place. */
Status pg_commit(PgConn *c, Err *err)
{
    if (fault_hit())
        return err_set(err, ST_IO, "db.fault", "injected before COMMIT");
    if (c->begin != NULL) { /* it did nothing */
        c->begin = NULL;
        return ST_OK;
    }
    if (c->late.status != ST_OK) {
        *err = c->late;
        return err->status;
    }
    const char *name = "COMMIT";
    PGresult   *res = c->nbehind > 0 ? pg_finish_with(c, "COMMIT", &name) : send_commit(c);
    Status      st = ST_OK;
    if (PQresultStatus(res) != PGRES_COMMAND_OK) {
        st = pg_fail(c, res, name, err);
        if (c->lost && !ended_before(res, name)) {
            c->again = false;
            st = err_set(err, ST_IO, "db.commit_unknown",
                         "the connection was lost while committing");
        }
    } else if (strcmp(PQcmdStatus(res), "COMMIT") != 0) {
        st = err_set(err, ST_IO, "db.failed", "the transaction was rolled back");
    }
    PQclear(res);
    return st;
}

Status pg_begin(PgConn *c, DbTxKind kind, Err *err)
{
    c->again = false;
    c->late = (Err){0};
    return begin(c,
                 kind == DB_TX_RELAXED ? "BEGIN ISOLATION LEVEL READ COMMITTED"
                                       : "BEGIN ISOLATION LEVEL SERIALIZABLE",
                 err);
}

static Status write_once(PgConn *c, const PgWrite *w)
{
    TRY(pg_begin(c, w->kind, w->err));
    Status st = db_tx_body(&c->base, w->fn, w->arg, w->err);
    if (st == ST_OK)
        st = pg_commit(c, w->err);
    if (st == ST_OK) {
        db_committed(1);
        db_tell(c->base.db, &c->base, c->base.hints);
    } else {
        pg_rollback(c);
    }
    return st;
}

/* Wait a random time up to a bound that doubles from 1 to 64 ms: transactions of several
 * processes that met must not meet again. */
static void back_off(int failures)
{
    uint32_t random = 0;
    (void)!getrandom(&random, sizeof random, 0);
    int64_t         bound_us = INT64_C(1000) << (failures < 6 ? failures : 6);
    int64_t         us = (int64_t)(random % (uint32_t)bound_us);
    struct timespec t = {.tv_nsec = (long)us * 1000};
    nanosleep(&t, NULL);
}

/* Once more, alone among those of this process that run once more: where all of them came
 * back together, all but one would fail again. False when its turn did not come in time. */
static bool write_again(PgConn *c, const PgWrite *w, int64_t left_ms, Status *ret_st)
{
    PgDb           *db = (PgDb *)(void *)c->base.db;
    struct timespec until; /* not clocklock(): ThreadSanitizer does not know it */
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += left_ms / 1000 + 1;
    if (pthread_mutex_timedlock(&db->turn, &until) != 0)
        return false;
    *ret_st = write_once(c, w);
    pthread_mutex_unlock(&db->turn);
    return true;
}

Status pg_write_on(PgConn *c, const PgWrite *w)
{
    int64_t begun = db_now_ms();
    Status  st = write_once(c, w);
    for (int failures = 1; st != ST_OK && c->again; failures++) {
        int64_t until = begun + (c->lost ? REVIVE_MS : RETRY_MS);
        if (failures > 1)
            back_off(failures - 2);
        int64_t left = until - db_now_ms();
        if (left < 0 || !write_again(c, w, left, &st))
            return st;
    }
    return st;
}

static Status write_tx(Db *db, DbConn *conn, DbTxKind kind, DbTxFn *fn, void *arg, Err *err)
{
    DbConn *taken = NULL;
    PgWrite w = {.kind = kind, .fn = fn, .arg = arg, .err = err};
    if (kind == DB_TX_SERIALIZABLE && db->options.take_turns)
        return pg_take_turn(db, &w);
    if (conn == NULL) {
        TRY(db_conn_take(db, &taken, err));
        conn = taken;
    }
    Status st = pg_write_on(pg_conn(conn), &w);
    db_conn_give(taken);
    return st;
}

static Status snapshot_begin(DbConn *conn, Err *err)
{
    PgConn *c = pg_conn(conn);
    TRY(begin(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err));
    c->reading = true;
    return ST_OK;
}

static void snapshot_end(DbConn *conn)
{
    pg_conn(conn)->reading = false;
    pg_rollback(pg_conn(conn));
}

/* --- hints to other processes ------------------------------------------------------ */

static Status listen_on(DbConn *conn, const char *channel, Err *err)
{
    char  *sql = db_text("LISTEN rapport_%s", channel);
    Status st = pg_exec(conn, sql, err);
    free(sql);
    return st;
}

static Status listen_open(Db *db, const char *channel, DbConn **ret, Err *err)
{
    DbConn *conn;
    TRY(open_conn(db, &conn, err));
    Status st = listen_on(conn, channel, err);
    if (st != ST_OK) {
        close_conn(conn);
        return st;
    }
    *ret = conn;
    return ST_OK;
}

/* Outside of the transaction that it tells of: a NOTIFY inside would make all commits wait
 * for each other. */
static void tell(DbConn *conn, const char *channel)
{
    PgConn *c = pg_conn(conn);
    char   *sql = db_text("NOTIFY rapport_%s", channel);
    PQclear(PQexec(c->pg, sql));
    free(sql);
    if (PQstatus(c->pg) != CONNECTION_OK)
        c->lost = true;
}

static int socket_of(DbConn *conn)
{
    PgConn *c = pg_conn(conn);
    return c->lost ? -1 : PQsocket(c->pg);
}

static Status heard(DbConn *conn, const char *channel, bool *ret, Err *err)
{
    PgConn *c = pg_conn(conn);
    bool    was_lost = c->lost;
    if (was_lost) {
        TRY(pg_revive(c, err));
        TRY(listen_on(conn, channel, err));
    } else if (PQconsumeInput(c->pg) == 0) {
        return fail_lost(c, "LISTEN", err);
    }
    *ret = was_lost; /* who knows what was missed */
    for (PGnotify *n = PQnotifies(c->pg); n != NULL; n = PQnotifies(c->pg)) {
        if (n->be_pid != PQbackendPID(c->pg))
            *ret = true;
        PQfreemem(n);
    }
    return ST_OK;
}

/* --- the rest ---------------------------------------------------------------------- */

static Status fk_check(DbConn *conn, Err *err)
{
    (void)conn;
    (void)err;
    return ST_OK; /* checked as rows change */
}

static Status backup(Db *db, const char *path, Err *err)
{
    (void)db;
    return err_set(err, ST_INVALID, "db.no_backup", "%s: use pg_dump for PostgreSQL", path);
}

const DbDriver db_pg_driver = {
    .kind = DB_POSTGRES,
    .open = open_db,
    .close = close_db,
    .conn_open = open_conn,
    .conn_close = close_conn,
    .write = write_tx,
    .snapshot_begin = snapshot_begin,
    .snapshot_end = snapshot_end,
    .admin_open = admin_open,
    .exec = pg_exec,
    .fk_check = fk_check,
    .begin = "BEGIN",
    .backup = backup,
    .listen = listen_open,
    .tell = tell,
    .socket = socket_of,
    .heard = heard,
    .prepare = pg_prepare,
    .slot_free = pg_slot_free,
    .check = pg_check,
    .start = pg_start,
    .reset = pg_reset,
    .step = pg_step,
    .post = pg_post,
    .bind_null = pg_bind_null,
    .bind_i64 = pg_bind_i64,
    .bind_real = pg_bind_real,
    .bind_bool = pg_bind_bool,
    .bind_text = pg_bind_bytes,
    .bind_blob = pg_bind_bytes,
    .bind_ids = pg_bind_ids,
    .bind_strs = pg_bind_strs,
    .col_null = pg_col_null,
    .col_i64 = pg_col_i64,
    .col_real = pg_col_real,
    .col_bool = pg_col_bool,
    .col_bytes = pg_col_bytes,
    .changes = pg_changes,
};
