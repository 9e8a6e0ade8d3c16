/* db_sqlite_write.c - the writer thread: transactions queue, run one after the other, and
 * share a commit.
 *
 * What has queued while the last group was being committed forms the next group: one
 * BEGIN IMMEDIATE, all their statements, one COMMIT with one fsync, and only then the answers.
 * When one of them fails, all is undone and the group runs again with each in a savepoint of
 * its own, and so do the next few groups: failures come in swarms, and are rare otherwise. A
 * transaction that comes to an idle writer starts at once and waits for nobody. Where several were
 * at work a moment ago, the writer gives those it has just answered half a commit's time to come
 * back: without that, two groups of half the size take turns. */
#include "db/db_sqlite_int.h"

#include "base/fault.h"

#include <errno.h>
#include <string.h>

enum {
    WAL_PAGES_IDLE = 1000, /* an idle writer moves the log into the file from here on */
    CHECKPOINT_IDLE_MS = 200,
    COMPANY_US_MAX = 1000, /* to wait for those who were just answered */
    CAREFUL_GROUPS = 16    /* with savepoints, after one transaction failed among others */
};

/* Run one of the statements that open and close transactions. */
static Status control(SqliteDb *db, int which, Err *err)
{
    static const char *const NAMES[W_COUNT_] = {"BEGIN",     "COMMIT",  "ROLLBACK",
                                                "SAVEPOINT", "RELEASE", "ROLLBACK TO"};
    if (which != W_ROLLBACK && which != W_BACK && fault_hit())
        return err_set(err, ST_IO, "db.fault", "injected before %s", NAMES[which]);
    if (which == W_COMMIT)
        atomic_store(&db->sync.begun, db->sync.group);
    sqlite3_stmt *stmt = db->control[which];
    int           rc = sqlite3_step(stmt);
    Status        st = rc == SQLITE_DONE ? ST_OK : sqlite_fail(db->writer, rc, NAMES[which], err);
    sqlite3_reset(stmt);
    return st;
}

static bool in_transaction(SqliteDb *db)
{
    return sqlite3_get_autocommit(db->writer->sq) == 0;
}

static void rollback(SqliteDb *db)
{
    Err ignored;
    if (in_transaction(db)) /* some errors roll back by themselves */
        (void)!control(db, W_ROLLBACK, &ignored);
}

/* The body of a transaction. Foreign keys that are checked at commit are checked here,
 * so that the blame falls on the right one. */
static Status run_body(SqliteDb *db, Write *w)
{
    TRY(db_tx_body(&db->writer->base, w->fn, w->arg, w->err));
    memcpy(w->hints, db->writer->base.hints, sizeof w->hints);
    int open_keys = 0;
    int peak;
    sqlite3_db_status(db->writer->sq, SQLITE_DBSTATUS_DEFERRED_FKS, &open_keys, &peak, 0);
    if (open_keys != 0)
        return err_set(w->err, ST_CONFLICT, "db.constraint",
                       "constraint foreign_key in COMMIT: a row refers to one that is not there");
    return ST_OK;
}

/* One transaction with a commit of its own. */
static Status run_alone(SqliteDb *db, Write *w)
{
    TRY(control(db, W_BEGIN, w->err));
    Status st = run_body(db, w);
    if (st == ST_OK)
        st = control(db, W_COMMIT, w->err);
    if (st != ST_OK)
        rollback(db);
    return st;
}

/* One transaction among others. */
static Status run_in_savepoint(SqliteDb *db, Write *w)
{
    TRY(control(db, W_SAVEPOINT, w->err));
    Status st = run_body(db, w);
    if (st == ST_OK)
        st = control(db, W_RELEASE, w->err);
    if (st != ST_OK && in_transaction(db)) {
        Err ignored;
        if (control(db, W_BACK, &ignored) != ST_OK || control(db, W_RELEASE, &ignored) != ST_OK)
            rollback(db);
    }
    return st;
}

/* All of them as one transaction, without the copy of every page that a savepoint keeps. True:
 * all succeeded and are committed. False: nothing is; one failed, or the commit did. *ret_culprit,
 * if set, ended the transaction of all, and has its own answer. */
static bool run_hopeful(SqliteDb *db, Write *group, Write **ret_culprit)
{
    Err err;
    if (control(db, W_BEGIN, &err) != ST_OK)
        return false;
    Write *w = group;
    while (w != NULL && (w->st = run_body(db, w)) == ST_OK)
        w = w->next;
    if (w != NULL && !in_transaction(db))
        *ret_culprit = w;
    if (w == NULL && control(db, W_COMMIT, &err) == ST_OK)
        return true;
    rollback(db);
    return false;
}

/* True: all that succeeded is committed. False: nothing is, and some must run again: some
 * errors (a full disk, an interrupted write) end the transaction of all, or the commit
 * itself failed. *ret_culprit, if set, has its own answer. */
static bool run_together(SqliteDb *db, Write *group, Write **ret_culprit)
{
    Err err;
    if (control(db, W_BEGIN, &err) != ST_OK) {
        for (Write *w = group; w != NULL; w = w->next) {
            *w->err = err;
            w->st = err.status;
        }
        return true;
    }
    for (Write *w = group; w != NULL; w = w->next) {
        w->st = run_in_savepoint(db, w);
        if (!in_transaction(db)) {
            *ret_culprit = w;
            return false;
        }
    }
    if (control(db, W_COMMIT, &err) == ST_OK)
        return true;
    rollback(db);
    return false;
}

static void run_group(SqliteDb *db, Write *group)
{
    if (group->next == NULL) {
        group->st = run_alone(db, group);
        return;
    }
    Write *culprit = NULL;
    if (db->careful > 0) {
        db->careful--;
    } else if (run_hopeful(db, group, &culprit)) {
        return;
    } else {
        db->careful = CAREFUL_GROUPS;
    }
    if (culprit == NULL && run_together(db, group, &culprit))
        return;
    for (Write *w = group; w != NULL; w = w->next)
        if (w != culprit)
            w->st = run_alone(db, w);
}

static int on_commit(void *arg, sqlite3 *sq, const char *name, int pages)
{
    (void)sq;
    (void)name;
    ((SqliteDb *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void add_us(struct timespec *t, int64_t us)
{
    t->tv_nsec += us * 1000;
    t->tv_sec += t->tv_nsec / 1000000000;
    t->tv_nsec %= 1000000000;
}

/* Wait, with the lock held, for work; do the house-keeping of a quiet moment. */
static void wait_for_work(SqliteDb *db)
{
    while (db->head == NULL && !db->stopping) {
        if (db->wal_pages < WAL_PAGES_IDLE) {
            pthread_cond_wait(&db->queued, &db->queue_lock);
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        add_us(&until, CHECKPOINT_IDLE_MS * 1000);
        if (pthread_cond_timedwait(&db->queued, &db->queue_lock, &until) == ETIMEDOUT) {
            if (sqlite_checkpoint_runs(db))
                continue; /* after it */
            pthread_mutex_unlock(&db->queue_lock);
            sqlite_checkpoint(db);
            pthread_mutex_lock(&db->queue_lock);
            if (db->wal_pages >= WAL_PAGES_IDLE) /* a reader holds on to it: leave it be */
                db->wal_pages = 0;
        }
    }
}

/* With the lock held: let those come back who were at work a moment ago. */
static void wait_for_company(SqliteDb *db)
{
    int64_t most =
        db->active < db->base.options.group_max ? db->active : db->base.options.group_max;
    int64_t         us = db->group_us / 2 < COMPANY_US_MAX ? db->group_us / 2 : COMPANY_US_MAX;
    struct timespec until;
    if (db->waiting >= most || db->sync.made)
        return;
    clock_gettime(CLOCK_MONOTONIC, &until);
    add_us(&until, us);
    db->wanted = most;
    while (db->waiting < most && !db->stopping)
        if (pthread_cond_timedwait(&db->queued, &db->queue_lock, &until) == ETIMEDOUT)
            break;
    db->wanted = 1;
}

static Write *take_group(SqliteDb *db)
{
    Write  *first = db->head;
    Write  *last = first;
    int64_t n = 1;
    for (; n < db->base.options.group_max && last->next != NULL; n++)
        last = last->next;
    db->waiting -= n;
    db->transactions += n;
    db->groups++;
    db->head = last->next;
    last->next = NULL;
    return first;
}

void sqlite_answer(Write *list)
{
    for (Write *w = list; w != NULL;) {
        Write *next = w->next; /* *w is gone with the answer */
        sem_post(&w->answered);
        w = next;
    }
}

static void refuse(Write *group)
{
    for (Write *w = group; w != NULL; w = w->next)
        w->st = err_set(w->err, ST_IO, "db.failed",
                        "the disk refused to write earlier: start the program anew");
}

/* Run a group, and answer it or hand it to those who sync. */
static void serve(SqliteDb *db, Write *group)
{
    bool    synced = db->sync.made;
    int64_t begun = now_us();
    db->sync.group++;
    if (synced && atomic_load(&db->sync.lost))
        refuse(group);
    else
        run_group(db, group);
    db->group_us += (now_us() - begun - db->group_us) / 8;
    if (synced) {
        sqlite_sync_hand(db, group, db->sync.group);
        return;
    }
    for (Write *w = group; w != NULL; w = w->next)
        if (w->st == ST_OK)
            db_tell(&db->base, NULL, w->hints);
    sqlite_answer(group);
}

static void *writer_main(void *arg)
{
    SqliteDb *db = arg;
    (void)pthread_setname_np(pthread_self(), "writer");
    pthread_mutex_lock(&db->queue_lock);
    for (;;) {
        wait_for_work(db);
        if (db->head == NULL)
            break;
        wait_for_company(db);
        int64_t before = db->transactions;
        Write  *group = take_group(db);
        int64_t size = db->transactions - before;
        pthread_mutex_unlock(&db->queue_lock);
        serve(db, group);
        db_committed(size);
        sqlite_checkpoint_if_long(db);
        pthread_mutex_lock(&db->queue_lock);
        db->active = size + db->waiting;
    }
    pthread_mutex_unlock(&db->queue_lock);
    return NULL;
}

Status sqlite_writer_start(SqliteDb *db, Err *err)
{
    static const char *const SQL[W_COUNT_] = {"BEGIN IMMEDIATE", "COMMIT",    "ROLLBACK",
                                              "SAVEPOINT w",     "RELEASE w", "ROLLBACK TO w"};
    for (int i = 0; i < W_COUNT_; i++) {
        int rc = sqlite3_prepare_v3(db->writer->sq, SQL[i], -1, SQLITE_PREPARE_PERSISTENT,
                                    &db->control[i], NULL);
        if (rc != SQLITE_OK)
            return sqlite_fail(db->writer, rc, SQL[i], err);
    }
    sqlite3_wal_hook(db->writer->sq, on_commit, db);
    db->wanted = 1;
    pthread_mutex_init(&db->queue_lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&db->queued, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int rc = pthread_create(&db->thread, NULL, writer_main, db);
    if (rc != 0) {
        pthread_cond_destroy(&db->queued);
        pthread_mutex_destroy(&db->queue_lock);
        return err_set(err, ST_IO, "db.failed", "cannot start the writer thread (%d)", rc);
    }
    db->started = true;
    return ST_OK;
}

void sqlite_writer_stop(SqliteDb *db)
{
    if (db->started) {
        pthread_mutex_lock(&db->queue_lock);
        db->stopping = true;
        pthread_cond_signal(&db->queued);
        pthread_mutex_unlock(&db->queue_lock);
        pthread_join(db->thread, NULL);
        pthread_cond_destroy(&db->queued);
        pthread_mutex_destroy(&db->queue_lock);
    }
    for (int i = 0; i < W_COUNT_; i++)
        sqlite3_finalize(db->control[i]);
    sqlite_sync_stop(db);
}

Status sqlite_write(Db *base, DbConn *conn, DbTxKind kind, DbTxFn *fn, void *arg, Err *err)
{
    (void)conn;
    (void)kind;
    SqliteDb *db = sqlite_db(base);
    ASSERT(!pthread_equal(pthread_self(), db->thread)); /* a transaction waiting for another */
    Write w = {.fn = fn, .arg = arg, .err = err};
    sem_init(&w.answered, 0, 0);
    atomic_fetch_add_explicit(&base->writers, 1, memory_order_relaxed);
    pthread_mutex_lock(&db->queue_lock);
    ASSERT(!db->stopping);
    if (db->head == NULL)
        db->head = &w;
    else
        db->tail->next = &w;
    db->tail = &w;
    bool wake = ++db->waiting == db->wanted;
    pthread_mutex_unlock(&db->queue_lock);
    if (wake)
        pthread_cond_signal(&db->queued);
    while (sem_wait(&w.answered) != 0) /* a signal came */
        ;
    atomic_fetch_sub_explicit(&base->writers, 1, memory_order_relaxed);
    sem_destroy(&w.answered);
    return w.st;
}

void sqlite_stats(Db *base, DbStats *ret)
{
    SqliteDb *db = sqlite_db(base);
    pthread_mutex_lock(&db->queue_lock);
    ret->waiting = db->waiting;
    ret->transactions = db->transactions;
    ret->groups = db->groups;
    pthread_mutex_unlock(&db->queue_lock);
}
