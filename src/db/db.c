#include "db/db_int.h"

#include "base/fault.h"
#include "base/metric.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_WAIT_S = 30 };

void *db_alloc(size_t size)
{
    void *p = calloc(1, size);
    if (p == NULL)
        base_out_of_memory(size);
    return p;
}

char *db_text(const char *fmt, ...)
{
    char   *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        base_out_of_memory(0);
    return text;
}

int64_t db_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the database and its pool ----------------------------------------------------- */

void db_init(Db *db, const DbDriver *driver, const DbOptions *options)
{
    db->driver = driver;
    if (options != NULL)
        db->options = *options;
    if (db->options.connections == 0)
        db->options.connections = 8;
    if (db->options.statement_limit.v == 0)
        db->options.statement_limit = SPAN_SECONDS(30);
    if (db->options.group_max == 0)
        db->options.group_max = 256;
    if (db->options.log_pages == 0)
        db->options.log_pages = 20000;
    pthread_mutex_init(&db->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&db->given, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

Status db_open(const char *url, const DbOptions *options, Db **ret, Err *err)
{
    static const char *const POSTGRES[] = {"postgresql://", "postgres://"};
    for (size_t i = 0; i < COUNT_OF(POSTGRES); i++)
        if (strncmp(url, POSTGRES[i], strlen(POSTGRES[i])) == 0)
            return db_pg_driver.open(url, options, ret, err);
    return db_sqlite_driver.open(url, options, ret, err);
}

void db_pool_drain(Db *db)
{
    while (db->idle != NULL) {
        DbConn *conn = db->idle;
        db->idle = conn->next;
        db->nidle--;
        db->nopen--;
        db->driver->conn_close(conn);
    }
    ASSERT(db->nopen == 0); /* else somebody still holds one */
}

void db_close(Db *db)
{
    if (db == NULL)
        return;
    const DbDriver *driver = db->driver;
    ASSERT(db->listeners == NULL);
    db_pool_drain(db);
    pthread_cond_destroy(&db->given);
    pthread_mutex_destroy(&db->lock);
    driver->close(db);
}

DbKind db_kind(const Db *db)
{
    return db->driver->kind;
}

/* Wait, with the lock held, until a connection is idle or may be opened. */
static Status pool_wait(Db *db, Err *err)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += POOL_WAIT_S;
    while (db->idle == NULL && db->nopen >= db->options.connections)
        if (pthread_cond_timedwait(&db->given, &db->lock, &until) == ETIMEDOUT)
            return err_set(err, ST_BUSY, "db.no_connection", "all %d connections are in use",
                           db->options.connections);
    return ST_OK;
}

Status db_conn_take(Db *db, DbConn **ret, Err *err)
{
    if (fault_hit())
        return err_set(err, ST_IO, "db.fault", "injected before taking a connection");
    pthread_mutex_lock(&db->lock);
    Status  st = pool_wait(db, err);
    DbConn *conn = st == ST_OK ? db->idle : NULL;
    if (conn != NULL) {
        db->idle = conn->next;
        db->nidle--;
    } else if (st == ST_OK) {
        db->nopen++;
    }
    pthread_mutex_unlock(&db->lock);
    if (st == ST_OK && conn == NULL)
        st = db->driver->conn_open(db, &conn, err);
    else if (st != ST_OK)
        return st;
    if (st != ST_OK) { /* could not be opened: somebody else may try */
        pthread_mutex_lock(&db->lock);
        db->nopen--;
        pthread_cond_signal(&db->given);
        pthread_mutex_unlock(&db->lock);
        return st;
    }
    conn->next = NULL;
    *ret = conn;
    return ST_OK;
}

void db_conn_give(DbConn *conn)
{
    if (conn == NULL)
        return;
    ASSERT(!conn->in_tx);
    Db *db = conn->db;
    pthread_mutex_lock(&db->lock);
    conn->next = db->idle;
    db->idle = conn;
    db->nidle++;
    pthread_cond_signal(&db->given);
    pthread_mutex_unlock(&db->lock);
}

DbStats db_stats(Db *db)
{
    DbStats stats = {0};
    pthread_mutex_lock(&db->lock);
    stats.connections = db->nopen;
    stats.idle = db->nidle;
    pthread_mutex_unlock(&db->lock);
    if (db->driver->stats != NULL)
        db->driver->stats(db, &stats);
    return stats;
}

void db_committed(int64_t n)
{
    static Metric transactions = METRIC_COUNTER("db_transactions", "Transactions that wrote.");
    static Metric commits =
        METRIC_COUNTER("db_commits", "Commits, each of one or several of them.");
    metric_add(&transactions, n);
    metric_add(&commits, 1);
}

void db_settled(Db *db)
{
    if (db->driver->settled != NULL)
        db->driver->settled(db);
}

int db_writers(const Db *db)
{
    return atomic_load_explicit(&db->writers, memory_order_relaxed);
}

Status db_backup(Db *db, const char *path, Err *err)
{
    return db->driver->backup(db, path, err);
}

/* --- transactions ------------------------------------------------------------------ */

Status db_tx_body(DbConn *conn, DbTxFn *fn, void *arg, Err *err)
{
    ASSERT(!conn->in_tx);
    conn->in_tx = true;
    conn->doom = (Err){0};
    conn->hints[0] = NULL;
    Status st = fn(conn, arg, err);
    conn->in_tx = false;
    if (st == ST_OK && conn->doom.status != ST_OK) {
        *err = conn->doom;
        st = err->status;
    }
    return st;
}

Status db_write(Db *db, DbConn *conn, DbTxKind kind, DbTxFn *fn, void *arg, Err *err)
{
    return db->driver->write(db, conn, kind, fn, arg, err);
}

Status db_snapshot(DbConn *conn, DbTxFn *fn, void *arg, Err *err)
{
    TRY(conn->driver->snapshot_begin(conn, err));
    Status st = db_tx_body(conn, fn, arg, err);
    conn->driver->snapshot_end(conn);
    return st;
}

/* Drivers write messages as "constraint NAME in QUERY: …". */
bool db_constraint_is(const Err *err, const char *name)
{
    static const char PREFIX[] = "constraint ";
    size_t            n = strlen(name);
    return err->status == ST_CONFLICT && strcmp(err->code, "db.constraint") == 0 &&
           strncmp(err->msg, PREFIX, sizeof PREFIX - 1) == 0 &&
           strncmp(err->msg + sizeof PREFIX - 1, name, n) == 0 &&
           err->msg[sizeof PREFIX - 1 + n] == ' ';
}

/* --- statements -------------------------------------------------------------------- */

static DbSlot *slot_of(DbRun *run)
{
    return run->slot;
}

static Status doomed(DbConn *conn, Status st, const Err *err)
{
    if (conn->in_tx && conn->doom.status == ST_OK)
        conn->doom = *err;
    return st;
}

/* In a transaction that is lost already, every statement fails. */
static Status check_doom(const DbConn *conn, Err *err)
{
    Status st = conn->in_tx ? conn->doom.status : ST_OK;
    if (st != ST_OK)
        *err = conn->doom;
    return st;
}

static Status start(DbConn *conn, DbSlot *slot, bool each, DbRun *ret, Err *err)
{
    ASSERT(!slot->busy); /* a query cannot be started inside its own loop */
    Status st = conn->driver->start(conn, slot, each, err);
    if (st != ST_OK)
        return doomed(conn, st, err);
    slot->busy = true;
    slot->bad_text = false;
    *ret = (DbRun){.conn = conn, .slot = slot};
    return ST_OK;
}

/* The statement of `query`, prepared at its first use. */
static Status find(DbConn *conn, const DbQuery *query, DbSlot **ret, Err *err)
{
    TRY(check_doom(conn, err));
    DbSlot **place = db_cache_place(&conn->cache, query);
    if (*place == NULL) {
        DbSlot *made;
        Status  st = conn->driver->prepare(conn, query, &made, err);
        if (st != ST_OK)
            return doomed(conn, st, err);
        *db_cache_place(&conn->cache, query) = made; /* looked up again: a driver that
                                                        reconnects empties the cache */
        db_cache_added(&conn->cache);
        place = db_cache_place(&conn->cache, query);
    }
    *ret = *place;
    return ST_OK;
}

Status db_run(DbConn *conn, const DbQuery *query, DbRun *ret, Err *err)
{
    DbSlot *slot;
    TRY(find(conn, query, &slot, err));
    return start(conn, slot, false, ret, err);
}

Status db_run_each(DbConn *conn, const DbQuery *query, DbRun *ret, Err *err)
{
    ASSERT(conn->in_tx);
    DbSlot *slot;
    TRY(find(conn, query, &slot, err));
    return start(conn, slot, true, ret, err);
}

Status db_check(DbConn *conn, const DbQuery *query, Err *err)
{
    DbSlot *slot;
    TRY(find(conn, query, &slot, err));
    return conn->driver->check(conn, slot, err);
}

static void slot_free(DbConn *conn, DbSlot *slot)
{
    const DbQuery *owned = slot->owned ? slot->query : NULL;
    conn->driver->slot_free(conn, slot);
    if (owned != NULL)
        db_query_free(owned);
}

void db_run_end(DbRun *run)
{
    DbSlot *s = run->slot;
    if (s == NULL)
        return;
    run->conn->driver->reset(run->conn, s);
    s->busy = false;
    if (s->unkept)
        slot_free(run->conn, s);
    run->slot = NULL;
}

/* A text that a filter makes is kept as a statement, unless that very text is running. */
static Status filter_slot(DbConn *conn, const DbFilter *f, const char *columns, DbSlot **ret,
                          Err *err)
{
    DbSlot *s = db_cache_filter(&conn->cache, f->sqlite->ptr, columns);
    if (s != NULL && !s->busy) {
        *ret = s;
        return ST_OK;
    }
    bool     twice = s != NULL;
    DbQuery *query = db_filter_query(f, columns);
    Status   st = conn->driver->prepare(conn, query, &s, err);
    if (st != ST_OK) {
        db_query_free(query);
        return doomed(conn, st, err);
    }
    s->owned = true;
    s->unkept = twice;
    if (!twice)
        db_cache_filter_add(&conn->cache, s);
    *ret = s;
    return ST_OK;
}

static void bind_value(DbRun *run, int index, const DbValue *v)
{
    switch (v->type) {
    case 'i': db_bind_i64(run, index, v->i); break;
    case 't': db_bind_str(run, index, v->s); break;
    case 'b': db_bind_bool(run, index, v->i != 0); break;
    case 'r': db_bind_real(run, index, v->r); break;
    case 'I': db_bind_ids(run, index, v->ids, v->n); break;
    default: db_bind_strs(run, index, v->strs, v->n); break;
    }
}

Status db_filter_run(DbConn *conn, const DbFilter *f, const char *columns, DbRun *ret, Err *err)
{
    if (buf_overflowed(f->sqlite) || buf_overflowed(f->postgres))
        return err_set(err, ST_LIMIT, "db.filter_too_long", "the filter has too many conditions");
    TRY(check_doom(conn, err));
    DbSlot *slot;
    TRY(filter_slot(conn, f, columns, &slot, err));
    Status st = start(conn, slot, false, ret, err);
    if (st != ST_OK) {
        if (slot->unkept)
            slot_free(conn, slot);
        return st;
    }
    for (size_t i = 0; i < f->n; i++)
        bind_value(ret, (int)i + 1, &f->values[i]);
    DbSlot *old = db_cache_filter_evict(&conn->cache);
    if (old != NULL)
        slot_free(conn, old);
    return ST_OK;
}

/* --- parameters and columns -------------------------------------------------------- */

void db_bind_null(DbRun *run, int index)
{
    run->conn->driver->bind_null(slot_of(run), index);
}

void db_bind_i64(DbRun *run, int index, int64_t v)
{
    run->conn->driver->bind_i64(slot_of(run), index, v);
}

void db_bind_real(DbRun *run, int index, double v)
{
    run->conn->driver->bind_real(slot_of(run), index, v);
}

void db_bind_bool(DbRun *run, int index, bool v)
{
    run->conn->driver->bind_bool(slot_of(run), index, v);
}

static Str present(Str v)
{
    return v.ptr != NULL ? v : (Str){"", 0};
}

/* PostgreSQL has no NUL in a text; so SQLite shall not have one either. */
static void check_text(DbSlot *slot, Str v)
{
    if (v.len > 0 && memchr(v.ptr, 0, v.len) != NULL)
        slot->bad_text = true;
}

void db_bind_str(DbRun *run, int index, Str v)
{
    check_text(slot_of(run), v);
    run->conn->driver->bind_text(slot_of(run), index, present(v));
}

void db_bind_blob(DbRun *run, int index, Str v)
{
    run->conn->driver->bind_blob(slot_of(run), index, present(v));
}

void db_bind_ids(DbRun *run, int index, const int64_t *v, size_t n)
{
    run->conn->driver->bind_ids(slot_of(run), index, v, n);
}

void db_bind_strs(DbRun *run, int index, const Str *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_text(slot_of(run), v[i]);
    run->conn->driver->bind_strs(slot_of(run), index, v, n);
}

/* A column in small letters promised not to be NULL. */
static Status check_nulls(DbRun *run, Err *err)
{
    const DbDriver *driver = run->conn->driver;
    DbSlot         *slot = slot_of(run);
    const char     *columns = slot->query->columns;
    for (int i = 0; columns[i] != '\0'; i++)
        if (columns[i] >= 'a' && driver->col_null(slot, i))
            return err_set(err, ST_IO, "db.null_column", "%s: column %d is NULL", slot->query->name,
                           i + 1);
    return ST_OK;
}

static Status check_run(const DbSlot *slot, Err *err)
{
    if (fault_hit())
        return err_set(err, ST_IO, "db.fault", "injected in %s", slot->query->name);
    if (slot->bad_text)
        return err_set(err, ST_INVALID, "db.bad_text", "%s: a text has a NUL byte",
                       slot->query->name);
    return ST_OK;
}

static Status step(DbRun *run, bool *ret_row, Err *err)
{
    DbSlot *slot = slot_of(run);
    bool    row;
    TRY(check_run(slot, err));
    TRY(run->conn->driver->step(run->conn, slot, &row, err));
    if (row)
        TRY(check_nulls(run, err));
    *ret_row = row;
    return ST_OK;
}

Status db_step(DbRun *run, bool *ret_row, Err *err)
{
    Status st = step(run, ret_row, err);
    return st == ST_OK ? ST_OK : doomed(run->conn, st, err);
}

static Status post(DbRun *run, Err *err)
{
    DbSlot *slot = slot_of(run);
    TRY(check_run(slot, err));
    return run->conn->driver->post(run->conn, slot, err);
}

Status db_exec(DbRun *run, int64_t *ret_changed, Err *err)
{
    bool row;
    if (ret_changed == NULL && run->conn->in_tx && run->conn->driver->post != NULL) {
        Status st = post(run, err);
        return st == ST_OK ? ST_OK : doomed(run->conn, st, err);
    }
    TRY(db_step(run, &row, err));
    if (ret_changed != NULL)
        *ret_changed = db_changes(run);
    return ST_OK;
}

bool db_col_null(DbRun *run, int index)
{
    return run->conn->driver->col_null(slot_of(run), index);
}

int64_t db_col_i64(DbRun *run, int index)
{
    return run->conn->driver->col_i64(slot_of(run), index);
}

double db_col_real(DbRun *run, int index)
{
    return run->conn->driver->col_real(slot_of(run), index);
}

bool db_col_bool(DbRun *run, int index)
{
    return run->conn->driver->col_bool(slot_of(run), index);
}

Str db_col_str(DbRun *run, Arena *a, int index)
{
    if (db_col_null(run, index))
        return (Str){0};
    return str_dup(a, run->conn->driver->col_bytes(slot_of(run), index));
}

Str db_col_blob(DbRun *run, Arena *a, int index)
{
    return db_col_str(run, a, index);
}

void db_col_chars(DbRun *run, int index, char *ret, size_t size)
{
    Str    s = run->conn->driver->col_bytes(slot_of(run), index);
    size_t n = s.len < size ? s.len : size - 1;
    if (n > 0)
        memcpy(ret, s.ptr, n);
    ret[n] = '\0';
}

int db_col_name(DbRun *run, int index, const char *const *names)
{
    Str s = run->conn->driver->col_bytes(slot_of(run), index);
    int i = 0;
    while (names[i] != NULL && !str_eq(s, str_from_cstr(names[i])))
        i++;
    ASSERT(names[i] != NULL);
    return i;
}

int64_t db_changes(DbRun *run)
{
    return run->conn->driver->changes(slot_of(run));
}
