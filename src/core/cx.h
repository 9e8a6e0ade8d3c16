/* cx.h - the context of one unit of work.
 *
 * An HTTP request, a background job and a test each make one Cx and pass it down as the
 * first argument. It carries what such work needs and would otherwise be global: where to
 * allocate, which connection, what time it is, who asks, and what went wrong. */
#pragma once

#include "base/issue.h"
#include "base/lang.h"
#include "db/db.h"

typedef struct Core Core; /* core.h: the running services: relay, jobs, limits */

typedef enum ActorKind {
    ACTOR_ANONYMOUS, /* a shopper or a script without a session */
    ACTOR_CUSTOMER,
    ACTOR_STAFF,
    ACTOR_API_KEY,
    ACTOR_SYSTEM /* the program itself: jobs, reactions, command line */
} ActorKind;

/* Who does the work. Permissions are names as "catalog.write"; `all` has every one. */
typedef struct Actor {
    ActorKind  kind;
    int64_t    id;      /* of the staff account, key or customer; 0 otherwise */
    int64_t    session; /* id of the session; 0 otherwise */
    Str        name;    /* for the audit log */
    const Str *permissions;
    size_t     npermissions;
    bool       all;
} Actor;

typedef struct Cx {
    Arena  *arena; /* results live here; released when the work ends */
    Db     *db;
    DbConn *conn; /* for reading, NULL until needed; inside cx_in_tx() the writing one */
    Core   *core; /* NULL where none runs (some tests) */
    UnixMs  now;  /* read once; tests set it */
    Lang    lang; /* for texts that people read: what they chose, or what the request asks for */
    Str locale; /* the same for texts of the shop, which has other languages, too: "pt-BR", or "" */
    Actor    actor;
    Str      request_id;     /* empty where there is none */
    Err      err;            /* filled by whoever returned something other than ST_OK */
    Issues   issues;         /* what is wrong with the input, field by field */
    int      tx_depth;       /* > 0 inside cx_in_tx() */
    int      snapshot_depth; /* > 0 inside cx_in_snapshot() */
    bool     tx_doomed;      /* something in the running transaction failed: no commit ... */
    Err      tx_cause;       /* ... and this was it */
    bool     wrote;          /* a transaction of this unit of work was committed */
    bool     wake_events;    /* the transaction told events: the relay is woken after the commit */
    uint64_t wake_jobs;      /* kinds of jobs queued in this transaction: core's own */
    /* Runs at the end of the first transaction to be committed, within it; then it is NULL. */
    Status (*first_write)(struct Cx *cx, void *arg);
    void   *first_write_arg;
    int64_t statements; /* SQL statements run so far; logged, and asserted in tests */
} Cx;

/* return cx_fail(cx, ST_CONFLICT, "stock.short", "only %lld left", n); */
#define cx_fail(cx, status, code, ...) err_set(&(cx)->err, (status), code, __VA_ARGS__)

/* ST_INVALID "shape.invalid", naming the first of cx->issues, when there are any. */
NODISCARD Status cx_check_issues(Cx *cx);

/* Set up a zeroed Cx: arena, issues, time. `db` may be NULL for work that needs none. The
 * first query takes a connection from the pool. */
NODISCARD Status cx_begin(Cx *cx, Arena *a, Db *db, UnixMs now);
void             cx_end(Cx *cx); /* gives the connection back; for CLEANUP */

/* Give the connection back until the next query: before waiting for something slow, like
 * another server's answer. */
void cx_idle(Cx *cx);

typedef Status CxTxFn(Cx *cx, void *arg);

/* Run fn in a write transaction: commit when it returns ST_OK, roll back otherwise, and
 * return when the commit is on disk.
 *
 * fn may run on another thread (with the same Cx) and may run again when another
 * transaction got in the way, so it must have no effect other than on the database, cx->arena and
 * *arg. It must be short and must not wait for anything but the database: other writers queue
 * behind it. A call inside a call joins the outer transaction; if it fails, or a statement
 * does, the outer one cannot commit, even if its error is ignored.
 *
 * This is the only way to write: a writing query outside of it asserts. */
NODISCARD Status cx_in_tx(Cx *cx, CxTxFn *fn, void *arg);

/* As cx_in_tx() at PostgreSQL's READ COMMITTED: for taking work from a queue with SKIP
 * LOCKED, where SERIALIZABLE would only make the takers collide. */
NODISCARD Status cx_in_tx_relaxed(Cx *cx, CxTxFn *fn, void *arg);

/* Run fn so that all its queries see one state of the database. Inside cx_in_tx() that
 * is so already; a cx_in_tx() inside of this asserts. */
NODISCARD Status cx_in_snapshot(Cx *cx, CxTxFn *fn, void *arg);

/* In cx_in_tx(): wake who listens to `channel` (a literal) once it is committed: db_notify. */
void cx_notify(Cx *cx, const char *channel);

/* ST_UNKNOWN "core.login_needed" for an anonymous actor, ST_DENIED "core.denied" for one
 * without `permission` ("catalog.write", a literal). */
NODISCARD Status cx_require(Cx *cx, const char *permission);

/* Generated code: a query of one row found none. ST_NOT_FOUND "db.no_row". */
Status cx_no_row(Cx *cx, const char *noun);

/* Generated code: start a query, counting it. */
NODISCARD Status cx_run(Cx *cx, const DbQuery *query, DbRun *ret);
NODISCARD Status cx_run_each(Cx *cx, const DbQuery *query, DbRun *ret); /* asserts: in a tx or
                                                                           snapshot */
NODISCARD Status cx_filter_run(Cx *cx, const DbFilter *f, const char *columns, DbRun *ret);
