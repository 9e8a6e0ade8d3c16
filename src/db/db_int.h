/* db_int.h - what the two drivers and the common part of db/ share.
 *
 * A driver embeds Db, DbConn and DbSlot at the start of its own structs and fills in a
 * DbDriver. The common part keeps the pool, the statement cache, dooming and filters. */
#pragma once

#include "db/db.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct DbDriver DbDriver;
typedef struct DbSlot   DbSlot;

/* --- statements kept by a connection ----------------------------------------------- */

struct DbSlot {                   /* one prepared statement */
    const DbQuery *query;         /* its own copy for a filter */
    bool           busy;          /* between db_run() and db_run_end() */
    bool           owned;         /* of a filter: query and its texts are freed with the slot */
    bool           unkept;        /* not in the cache: freed by db_run_end() */
    bool           bad_text;      /* a NUL byte was bound */
    DbSlot        *newer, *older; /* filters: least recently used go first */
};

typedef struct DbCache {
    DbSlot **slots;  /* open addressing, keyed by the address of the DbQuery */
    size_t   nslots; /* power of two, or 0 */
    size_t   nused;
    DbSlot  *newest, *oldest; /* filters, found by comparing texts */
    size_t   nfilters;
} DbCache;

enum { DB_FILTERS_MAX = 64 }; /* kept per connection */

DbSlot **db_cache_place(DbCache *c, const DbQuery *query); /* *place is NULL: not there yet */
void     db_cache_added(DbCache *c);
DbSlot  *db_cache_filter(DbCache *c, const char *sqlite, const char *columns); /* or NULL */
void     db_cache_filter_add(DbCache *c, DbSlot *slot);
/* Take the least recently used idle filter out, when there are too many; or NULL. */
DbSlot *db_cache_filter_evict(DbCache *c);
void    db_cache_drop(DbCache *c, DbConn *conn); /* all, through the driver */

/* --- connections and databases ----------------------------------------------------- */

enum { DB_HINTS_MAX = 4 }; /* channels per transaction */

struct DbConn {
    const DbDriver *driver;
    Db             *db;
    DbConn         *next; /* in the pool */
    DbCache         cache;
    bool            in_tx;               /* inside db_write() or db_snapshot() */
    const char     *hints[DB_HINTS_MAX]; /* channels to tell after the commit; ends with NULL */
    Err             doom; /* what failed first in this transaction; status ST_OK: nothing */
};

struct Db {
    const DbDriver *driver;
    DbOptions       options; /* defaults filled in */
    pthread_mutex_t lock;    /* guards what follows */
    pthread_cond_t  given;
    DbConn         *idle; /* most recently used first */
    int             nidle;
    int             nopen;
    DbListener     *listeners;
    atomic_int      writers; /* db_writers() */
};

struct DbListener {
    Db         *db;
    const char *channel;
    int         event_fd; /* readable: look at the flags */
    DbConn     *conn;     /* PostgreSQL: listens to other processes */
    DbListener *next;
    bool        told;         /* these two are guarded by db->lock */
    bool        forward;      /* other processes have not been told yet */
    int64_t     forwarded_ms; /* when they were told last */
};

struct DbDriver {
    DbKind kind;
    Status (*open)(const char *url, const DbOptions *options, Db **ret, Err *err);
    void (*close)(Db *db); /* frees it; no connection is open any more */
    Status (*conn_open)(Db *db, DbConn **ret, Err *err);
    void (*conn_close)(DbConn *conn);
    Status (*write)(Db *db, DbConn *conn, DbTxKind kind, DbTxFn *fn, void *arg, Err *err);
    void (*settled)(Db *db); /* or NULL: what can be read is on the disk */
    Status (*snapshot_begin)(DbConn *conn, Err *err);
    void (*snapshot_end)(DbConn *conn);
    /* A connection of its own for db_migrate(), which closes it with conn_close(): it may
     * write, and checks foreign keys only in fk_check(). */
    Status (*admin_open)(Db *db, DbConn **ret, Err *err);
    Status (*exec)(DbConn *conn, const char *sql, Err *err); /* any number of statements */
    Status (*fk_check)(DbConn *conn, Err *err);
    /* Called once before the first of some migrations, `first`, is applied to old data. */
    Status (*before_migrating)(Db *db, const DbMigration *first, Err *err);
    const char *begin; /* "BEGIN IMMEDIATE" */
    Status (*backup)(Db *db, const char *path, Err *err);

    void (*stats)(Db *db, DbStats *ret); /* or NULL */

    /* PostgreSQL only, otherwise NULL. */
    Status (*listen)(Db *db, const char *channel, DbConn **ret, Err *err);
    void (*tell)(DbConn *conn, const char *channel); /* other processes; outside of a tx */
    int (*socket)(DbConn *conn);
    Status (*heard)(DbConn *conn, const char *channel, bool *ret, Err *err); /* revives it */

    Status (*prepare)(DbConn *conn, const DbQuery *query, DbSlot **ret, Err *err);
    void (*slot_free)(DbConn *conn, DbSlot *slot);
    Status (*check)(DbConn *conn, DbSlot *slot, Err *err);
    Status (*start)(DbConn *conn, DbSlot *slot, bool each, Err *err); /* before binding */
    void (*reset)(DbConn *conn, DbSlot *slot);
    Status (*step)(DbConn *conn, DbSlot *slot, bool *ret_row, Err *err);
    /* Or NULL. Inside a transaction, a statement that nobody waits for: send it with the next
     * one, and let a failure be that of whatever comes next, the commit at the latest. */
    Status (*post)(DbConn *conn, DbSlot *slot, Err *err);

    void (*bind_null)(DbSlot *slot, int index);
    void (*bind_i64)(DbSlot *slot, int index, int64_t v);
    void (*bind_real)(DbSlot *slot, int index, double v);
    void (*bind_bool)(DbSlot *slot, int index, bool v);
    void (*bind_text)(DbSlot *slot, int index, Str v); /* ptr not NULL */
    void (*bind_blob)(DbSlot *slot, int index, Str v); /* ptr not NULL */
    void (*bind_ids)(DbSlot *slot, int index, const int64_t *v, size_t n);
    void (*bind_strs)(DbSlot *slot, int index, const Str *v, size_t n);

    bool (*col_null)(DbSlot *slot, int index);
    int64_t (*col_i64)(DbSlot *slot, int index);
    double (*col_real)(DbSlot *slot, int index);
    bool (*col_bool)(DbSlot *slot, int index);
    Str (*col_bytes)(DbSlot *slot, int index); /* borrowed until the next step */
    int64_t (*changes)(DbSlot *slot);
};

extern const DbDriver db_sqlite_driver;
extern const DbDriver db_pg_driver;

void *db_alloc(size_t size);                           /* zeroed; never NULL */
char *db_text(const char *fmt, ...) PRINTF_LIKE(1, 2); /* malloc'd */

/* Set up the common part of a Db that a driver allocated. */
void db_init(Db *db, const DbDriver *driver, const DbOptions *options);

/* Close pooled connections that nobody uses; asserts that nobody uses one. */
void db_pool_drain(Db *db);

/* Run fn as the body of a transaction on `conn`: sets in_tx, clears and honours doom. */
Status db_tx_body(DbConn *conn, DbTxFn *fn, void *arg, Err *err);

/* A transaction with these hints is committed: wake listeners. `conn` may be NULL. */
void db_tell(Db *db, DbConn *conn, const char *const hints[DB_HINTS_MAX]);

/* A commit was made for `n` transactions: for /metrics. */
void db_committed(int64_t n);

int64_t db_now_ms(void); /* on the monotonic clock, coarse: some ms */

/* The value of a filter, and its texts. */
struct DbValue {
    char           type; /* as in DbQuery.types */
    int64_t        i;
    double         r;
    Str            s;
    const int64_t *ids;
    const Str     *strs;
    size_t         n;
};

/* Copy a filter's statement into a DbQuery that the caller's slot owns. */
DbQuery *db_filter_query(const DbFilter *f, const char *columns);
void     db_query_free(const DbQuery *query);
