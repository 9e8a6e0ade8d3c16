/* db_pg_stmt.c - statements on PostgreSQL. Parameters and results travel in binary: no
 * numbers are printed and parsed, bytes go as they are. Parameter types are certain since
 * the text casts every one; result types are compared with what the query declares. */
#include "db/db_pg_int.h"

#include "base/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { /* type numbers that are built into every server: pg_type.dat */
       T_BOOL = 16,
       T_BYTEA = 17,
       T_NAME = 19,
       T_INT8 = 20,
       T_INT2 = 21,
       T_INT4 = 23,
       T_TEXT = 25,
       T_JSON = 114,
       T_FLOAT4 = 700,
       T_FLOAT8 = 701,
       T_BPCHAR = 1042,
       T_VARCHAR = 1043,
       T_JSONB = 3802
};
enum { BINARY = 1, FETCH_ROWS = 500 };

typedef struct Param {
    uint64_t number; /* room for a value in network order */
    char    *owned;  /* a list, freed by reset */
} Param;

typedef struct PgSlot {
    DbSlot       base;
    char         name[16];
    int          generation; /* of the session it was prepared in */
    bool         checked;    /* its columns have the declared types */
    bool         each;       /* rows come through a cursor */
    bool         open;       /* the cursor is */
    int          n;          /* parameters */
    Param       *params;
    const char **values;
    int         *lengths;
    int         *formats;
    PGresult    *res;
    int          row; /* the current one in res */
    int          nrows;
} PgSlot;

static PgSlot *pg_slot(DbSlot *slot)
{
    return (PgSlot *)(void *)slot;
}

/* --- several on the way -------------------------------------------------------------- */

static bool sound(const PGresult *res)
{
    ExecStatusType got = PQresultStatus(res);
    return got == PGRES_COMMAND_OK || got == PGRES_TUPLES_OK;
}

/* Into the pipeline, with what opens the transaction. */
static bool enter(PgConn *c)
{
    if (c->nbehind == 0 && PQenterPipelineMode(c->pg) != 1)
        return false;
    const char *begin = c->begin;
    if (begin == NULL)
        return true;
    c->begin = NULL;
    c->behind[c->nbehind++] = "BEGIN";
    return PQsendQueryParams(c->pg, begin, 0, NULL, NULL, NULL, NULL, BINARY) == 1;
}

static bool send_slot(PgConn *c, const PgSlot *s)
{
    ASSERT(c->nbehind < (int)COUNT_OF(c->behind));
    c->behind[c->nbehind++] = s->base.query->name;
    return PQsendQueryPrepared(c->pg, s->name, s->n, s->values, s->lengths, s->formats, BINARY) ==
           1;
}

/* All answers up to the end of the pipeline: the first failure, otherwise the last one; NULL
 * when the connection broke. */
static PGresult *answers(const PgConn *c, const char **ret_name)
{
    PGresult *answer = NULL;
    bool      failed = false;
    for (int i = 0;;) {
        PGresult *res = PQgetResult(c->pg);
        if (res == NULL && PQstatus(c->pg) == CONNECTION_OK)
            continue; /* between two */
        if (res == NULL || PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
            if (res != NULL || failed) {
                PQclear(res);
                return answer;
            }
            PQclear(answer); /* there should have been more */
            return NULL;
        }
        if (failed || i == c->nbehind) {
            PQclear(res);
            continue;
        }
        PQclear(answer);
        answer = res;
        failed = !sound(res);
        *ret_name = c->behind[i++];
    }
}

/* Out of the pipeline. `sent`: everything could be sent; if not, no answer is right. */
static PGresult *finish(PgConn *c, bool sent, const char **ret_name)
{
    PGresult *answer = PQpipelineSync(c->pg) == 1 ? answers(c, ret_name) : NULL;
    c->nbehind = 0;
    if (PQexitPipelineMode(c->pg) != 1)
        c->lost = true; /* in the middle of something: of no use any more */
    if (!sent && sound(answer)) {
        PQclear(answer);
        answer = NULL;
    }
    return answer;
}

PGresult *pg_finish_with(PgConn *c, const char *sql, const char **ret_name)
{
    *ret_name = sql;
    c->behind[c->nbehind++] = sql;
    bool sent = PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, BINARY) == 1;
    return finish(c, sent, ret_name);
}

static void catch_up(PgConn *c)
{
    const char *name = "the connection";
    if (c->nbehind == 0)
        return;
    PGresult *answer = finish(c, true, &name);
    Err       err;
    if (c->late.status == ST_OK && fault_hit()) {
        (void)!err_set(&c->late, ST_IO, "db.fault", "injected in the answers of others");
    } else if (!sound(answer) && c->late.status == ST_OK) {
        (void)!pg_fail(c, answer, name, &err);
        c->late = err;
    }
    PQclear(answer);
}

static Status late_failure(const PgConn *c, Err *err)
{
    if (c->late.status != ST_OK)
        *err = c->late;
    return c->late.status;
}

Status pg_catch_up(PgConn *c, Err *err)
{
    catch_up(c);
    return late_failure(c, err);
}

void pg_forget_behind(PgConn *c)
{
    const char *name;
    if (c->nbehind > 0)
        PQclear(finish(c, true, &name));
    c->late = (Err){0};
}

Status pg_post(DbConn *conn, DbSlot *slot, Err *err)
{
    PgConn     *c = pg_conn(conn);
    PgSlot     *s = pg_slot(slot);
    const char *name = s->base.query->name;
    bool        row;
    if (c->reading)
        return pg_step(conn, slot, &row, err);
    TRY(late_failure(c, err));
    if (c->nbehind >= PG_BEHIND_MAX)
        TRY(pg_catch_up(c, err));
    if (enter(c) && send_slot(c, s))
        return ST_OK;
    PGresult *answer = finish(c, false, &name);
    Status    st = pg_fail(c, answer, name, err);
    PQclear(answer);
    return st;
}

/* --- preparing --------------------------------------------------------------------- */

static Status send_prepare(PgConn *c, PgSlot *s, Err *err)
{
    TRY(pg_catch_up(c, err));
    PGresult *res = PQprepare(c->pg, s->name, s->base.query->postgres, 0, NULL);
    Status    st =
        PQresultStatus(res) == PGRES_COMMAND_OK ? ST_OK : pg_fail(c, res, s->base.query->name, err);
    PQclear(res);
    if (st == ST_OK)
        s->generation = c->generation;
    return st;
}

/* Has the server begun the transaction? As long as it has not, a lost connection can be
 * replaced by another. */
static bool inside(const PgConn *c)
{
    return c->base.in_tx && c->begin == NULL;
}

/* The same; outside of a transaction, on a new connection when this one is lost. */
static Status prepare_alive(PgConn *c, PgSlot *s, Err *err)
{
    if (inside(c))
        return send_prepare(c, s, err);
    TRY(pg_revive(c, err));
    Status st = send_prepare(c, s, err);
    if (st == ST_OK || !c->lost)
        return st;
    TRY(pg_revive(c, err));
    return send_prepare(c, s, err);
}

Status pg_prepare(DbConn *conn, const DbQuery *query, DbSlot **ret, Err *err)
{
    PgConn *c = pg_conn(conn);
    PgSlot *s = db_alloc(sizeof *s);
    size_t  n = strlen(query->types);
    s->base.query = query;
    s->generation = -1;
    s->n = (int)n;
    s->params = db_alloc((n + 1) * sizeof *s->params);
    s->values = db_alloc((n + 1) * sizeof *s->values);
    s->lengths = db_alloc((n + 1) * sizeof *s->lengths);
    s->formats = db_alloc((n + 1) * sizeof *s->formats);
    for (size_t i = 0; i < n; i++)
        s->formats[i] = BINARY;
    (void)snprintf(s->name, sizeof s->name, "q%u", ++c->names);
    Status st = prepare_alive(c, s, err);
    if (st != ST_OK) {
        pg_slot_free(conn, &s->base);
        return st;
    }
    *ret = &s->base;
    return ST_OK;
}

void pg_slot_free(DbConn *conn, DbSlot *slot)
{
    PgConn *c = pg_conn(conn);
    PgSlot *s = pg_slot(slot);
    if (s->base.owned)
        catch_up(c);
    if (s->base.owned && s->generation == c->generation && PQstatus(c->pg) == CONNECTION_OK &&
        PQtransactionStatus(c->pg) != PQTRANS_INERROR) { /* a filter that was forgotten */
        char sql[40];
        (void)snprintf(sql, sizeof sql, "DEALLOCATE %s", s->name);
        PQclear(PQexec(c->pg, sql));
    }
    PQclear(s->res);
    free(s->params);
    free(s->values);
    free(s->lengths);
    free(s->formats);
    free(s);
}

static bool type_fits(char declared, Oid type)
{
    switch (declared) {
    case 'i':
    case 'I': return type == T_INT8 || type == T_INT4 || type == T_INT2;
    case 'b':
    case 'B': return type == T_BOOL;
    case 'r':
    case 'R': return type == T_FLOAT8 || type == T_FLOAT4;
    case 'x':
    case 'X': return type == T_BYTEA;
    default:
        return type == T_TEXT || type == T_VARCHAR || type == T_BPCHAR || type == T_NAME ||
               type == T_JSON || type == T_JSONB;
    }
}

/* `res` is of a query, or of a description. */
static Status check_columns(PgSlot *s, const PGresult *res, Err *err)
{
    const DbQuery *q = s->base.query;
    int            n = PQnfields(res);
    if ((size_t)n != strlen(q->columns))
        return err_set(err, ST_IO, "db.types", "%s: %d columns, not %zu", q->name, n,
                       strlen(q->columns));
    for (int i = 0; i < n; i++)
        if (!type_fits(q->columns[i], PQftype(res, i)))
            return err_set(err, ST_IO, "db.types",
                           "%s: column %s has type number %u: cast it ({INT} for sums)", q->name,
                           PQfname(res, i), PQftype(res, i));
    s->checked = true;
    return ST_OK;
}

Status pg_check(DbConn *conn, DbSlot *slot, Err *err)
{
    PgConn   *c = pg_conn(conn);
    PgSlot   *s = pg_slot(slot);
    PGresult *res = PQdescribePrepared(c->pg, s->name);
    Status    st = ST_OK;
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        st = pg_fail(c, res, s->base.query->name, err);
    else if (PQnparams(res) != s->n)
        st = err_set(err, ST_IO, "db.types", "%s: %d parameters, not %d", s->base.query->name,
                     PQnparams(res), s->n);
    else
        st = check_columns(s, res, err);
    PQclear(res);
    return st;
}

/* --- running ----------------------------------------------------------------------- */

Status pg_start(DbConn *conn, DbSlot *slot, bool each, Err *err)
{
    PgConn *c = pg_conn(conn);
    PgSlot *s = pg_slot(slot);
    if ((c->lost && !inside(c)) || s->generation != c->generation)
        TRY(prepare_alive(c, s, err));
    s->each = each;
    return ST_OK;
}

static void forget_result(PgSlot *s)
{
    PQclear(s->res);
    s->res = NULL;
    s->row = s->nrows = 0;
}

void pg_reset(DbConn *conn, DbSlot *slot)
{
    PgConn *c = pg_conn(conn);
    PgSlot *s = pg_slot(slot);
    forget_result(s);
    if (s->open)
        catch_up(c);
    if (s->open && PQtransactionStatus(c->pg) == PQTRANS_INTRANS) {
        char sql[40];
        (void)snprintf(sql, sizeof sql, "CLOSE %s", s->name);
        PQclear(PQexec(c->pg, sql));
    }
    s->open = false;
    for (int i = 0; i < s->n; i++) {
        free(s->params[i].owned);
        s->params[i].owned = NULL;
        s->values[i] = NULL;
    }
}

/* Take `res` as the current rows; `name`: of the statement whose answer it is. */
static Status take_result(PgConn *c, PgSlot *s, PGresult *res, const char *name, Err *err)
{
    forget_result(s);
    Status st = ST_OK;
    if (!sound(res))
        st = pg_fail(c, res, name, err);
    else if (!s->checked && PQresultStatus(res) == PGRES_TUPLES_OK)
        st = check_columns(s, res, err);
    if (st != ST_OK) {
        PQclear(res);
        return st;
    }
    s->res = res;
    s->row = -1;
    s->nrows = PQntuples(res);
    return ST_OK;
}

static Status send_query(PgConn *c, PgSlot *s, Err *err)
{
    const char *name = s->base.query->name;
    PGresult   *res;
    if (c->begin == NULL && c->nbehind == 0)
        res = PQexecPrepared(c->pg, s->name, s->n, s->values, s->lengths, s->formats, BINARY);
    else
        res = finish(c, enter(c) && send_slot(c, s), &name);
    return take_result(c, s, res, name, err);
}

static Status run_query(PgConn *c, PgSlot *s, Err *err)
{
    bool        was_inside = inside(c);
    const char *begin = c->begin;
    TRY(late_failure(c, err));
    Status st = send_query(c, s, err);
    if (st == ST_OK || !c->lost || was_inside)
        return st;
    /* Nothing came before it, and nothing of it was committed: it may run again. */
    TRY(pg_revive(c, err));
    TRY(send_prepare(c, s, err));
    c->begin = begin;
    c->again = false;
    return send_query(c, s, err);
}

static Status open_cursor(PgConn *c, PgSlot *s, Err *err)
{
    TRY(pg_ensure_begun(c, err));
    char     *sql = db_text("DECLARE %s NO SCROLL CURSOR FOR %s", s->name, s->base.query->postgres);
    PGresult *res = PQexecParams(c->pg, sql, s->n, NULL, s->values, s->lengths, s->formats, BINARY);
    Status    st =
        PQresultStatus(res) == PGRES_COMMAND_OK ? ST_OK : pg_fail(c, res, s->base.query->name, err);
    PQclear(res);
    free(sql);
    s->open = st == ST_OK;
    return st;
}

/* Other statements may run between two chunks: a cursor keeps its place. */
static Status fetch(PgConn *c, PgSlot *s, Err *err)
{
    char sql[60];
    TRY(pg_catch_up(c, err));
    (void)snprintf(sql, sizeof sql, "FETCH %d FROM %s", FETCH_ROWS, s->name);
    return take_result(c, s, PQexecParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, BINARY),
                       s->base.query->name, err);
}

Status pg_step(DbConn *conn, DbSlot *slot, bool *ret_row, Err *err)
{
    PgConn *c = pg_conn(conn);
    PgSlot *s = pg_slot(slot);
    if (s->res == NULL) {
        if (s->each)
            TRY(open_cursor(c, s, err));
        TRY(s->each ? fetch(c, s, err) : run_query(c, s, err));
    } else if (s->each && s->row + 1 == s->nrows && s->nrows == FETCH_ROWS) {
        TRY(fetch(c, s, err));
    }
    if (s->row + 1 < s->nrows) {
        s->row++;
        *ret_row = true;
    } else {
        *ret_row = false;
    }
    return ST_OK;
}

/* --- parameters -------------------------------------------------------------------- */

static void bind(DbSlot *slot, int index, const void *value, size_t length)
{
    PgSlot *s = pg_slot(slot);
    ASSERT(index >= 1 && index <= s->n && length <= INT32_MAX);
    s->values[index - 1] = value;
    s->lengths[index - 1] = (int)length;
}

static char *room(DbSlot *slot, int index)
{
    PgSlot *s = pg_slot(slot);
    ASSERT(index >= 1 && index <= s->n);
    return (char *)&s->params[index - 1].number;
}

static void put_number(char *to, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (char)(v >> (8 * (bytes - 1 - i)) & 0xff);
}

static uint64_t get_number(const char *from, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | (unsigned char)from[i];
    return v;
}

void pg_bind_null(DbSlot *slot, int index)
{
    bind(slot, index, NULL, 0);
}

void pg_bind_i64(DbSlot *slot, int index, int64_t v)
{
    char *to = room(slot, index);
    put_number(to, (uint64_t)v, 8);
    bind(slot, index, to, 8);
}

void pg_bind_real(DbSlot *slot, int index, double v)
{
    char    *to = room(slot, index);
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_number(to, bits, 8);
    bind(slot, index, to, 8);
}

void pg_bind_bool(DbSlot *slot, int index, bool v)
{
    char *to = room(slot, index);
    to[0] = (char)v;
    bind(slot, index, to, 1);
}

void pg_bind_bytes(DbSlot *slot, int index, Str v)
{
    bind(slot, index, v.ptr, v.len);
}

/* An array: dimensions, "has NULLs", element type; length, lower bound; elements. */
static char *array_start(DbSlot *slot, int index, size_t bytes, size_t n, uint64_t type)
{
    char *p = db_alloc(20 + bytes);
    ASSERT(index >= 1 && index <= pg_slot(slot)->n);
    pg_slot(slot)->params[index - 1].owned = p;
    put_number(p, n > 0, 4);
    put_number(p + 8, type, 4);
    put_number(p + 12, n, 4);
    put_number(p + 16, 1, 4);
    bind(slot, index, p, n > 0 ? 20 + bytes : 12);
    return p + 20;
}

void pg_bind_ids(DbSlot *slot, int index, const int64_t *v, size_t n)
{
    ASSERT(n <= INT32_MAX / 12);
    char *p = array_start(slot, index, n * 12, n, T_INT8);
    for (size_t i = 0; i < n; i++, p += 12) {
        put_number(p, 8, 4);
        put_number(p + 4, (uint64_t)v[i], 8);
    }
}

void pg_bind_strs(DbSlot *slot, int index, const Str *v, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += 4 + v[i].len;
    char *p = array_start(slot, index, bytes, n, T_TEXT);
    for (size_t i = 0; i < n; i++) {
        put_number(p, v[i].len, 4);
        if (v[i].len > 0)
            memcpy(p + 4, v[i].ptr, v[i].len);
        p += 4 + v[i].len;
    }
}

/* --- columns ----------------------------------------------------------------------- */

bool pg_col_null(DbSlot *slot, int index)
{
    PgSlot *s = pg_slot(slot);
    return PQgetisnull(s->res, s->row, index) != 0;
}

static const char *value(DbSlot *slot, int index)
{
    PgSlot *s = pg_slot(slot);
    return PQgetvalue(s->res, s->row, index);
}

static int length(DbSlot *slot, int index)
{
    PgSlot *s = pg_slot(slot);
    return PQgetlength(s->res, s->row, index);
}

int64_t pg_col_i64(DbSlot *slot, int index)
{
    const char *p = value(slot, index);
    switch (length(slot, index)) { /* NULL has length 0 */
    case 8: return (int64_t)get_number(p, 8);
    case 4: return (int32_t)get_number(p, 4);
    case 2: return (int16_t)get_number(p, 2);
    default: return 0;
    }
}

double pg_col_real(DbSlot *slot, int index)
{
    const char *p = value(slot, index);
    if (length(slot, index) == 8) {
        uint64_t bits = get_number(p, 8);
        double   v;
        memcpy(&v, &bits, sizeof v);
        return v;
    }
    if (length(slot, index) == 4) {
        uint32_t bits = (uint32_t)get_number(p, 4);
        float    v;
        memcpy(&v, &bits, sizeof v);
        return (double)v;
    }
    return 0;
}

bool pg_col_bool(DbSlot *slot, int index)
{
    return length(slot, index) == 1 && value(slot, index)[0] != 0;
}

Str pg_col_bytes(DbSlot *slot, int index)
{
    PgSlot *s = pg_slot(slot);
    Str     v = {value(slot, index), (size_t)length(slot, index)};
    if (PQftype(s->res, index) == T_JSONB && v.len > 0) { /* begins with its version */
        v.ptr++;
        v.len--;
    }
    return v;
}

int64_t pg_changes(DbSlot *slot)
{
    int64_t n = 0;
    (void)!str_parse_i64(str_from_cstr(PQcmdTuples(pg_slot(slot)->res)), &n);
    return n;
}
