/* db_pg_turns.c - DbOptions.take_turns: serialisable transactions of one process, one after the
 * other, many in one commit.
 *
 * PostgreSQL finds conflicts by the page, and an index that grows at its end has one page that all
 * read and write: eight checkouts at once hardly share a row, and yet most of them were told to run
 * again. Here whoever comes while nobody is at work leads: its transaction and all that have queued
 * run as one on its connection, one commit makes them durable, and then whoever is first in the
 * queue leads. When one of a group fails, the others run again without it, and it runs alone. */
#include "db/db_pg_int.h"

#include <semaphore.h>
#include <string.h>

enum { TOGETHER = 64, ROUNDS = 3 };

struct PgTurn { /* lives on its caller's stack */
    PgWrite     write;
    Status      st;
    const char *hints[DB_HINTS_MAX];
    bool        leads, done;
    sem_t       called; /* answered, or made the leader */
    PgTurn     *next;
};

/* Everybody who is not done, as one transaction. *ret_failed: whose body failed, if any did. */
static Status run_once(PgConn *c, PgTurn *group, PgTurn **ret_failed, Err *err)
{
    *ret_failed = NULL;
    TRY(pg_begin(c, DB_TX_SERIALIZABLE, err));
    for (PgTurn *t = group; t != NULL; t = t->next) {
        if (t->done)
            continue;
        t->st = db_tx_body(&c->base, t->write.fn, t->write.arg, t->write.err);
        if (t->st == ST_OK) /* what is its failure must not become that of the next one */
            t->st = pg_catch_up(c, t->write.err);
        if (t->st != ST_OK) {
            *ret_failed = t;
            pg_rollback(c);
            return t->st;
        }
        memcpy(t->hints, c->base.hints, sizeof t->hints);
    }
    Status st = pg_commit(c, err);
    if (st != ST_OK)
        pg_rollback(c);
    return st;
}

static void answer_all(PgTurn *group, Status st, const Err *err)
{
    for (PgTurn *t = group; t != NULL; t = t->next) {
        if (t->done)
            continue;
        t->st = st;
        if (st != ST_OK)
            *t->write.err = *err;
        t->done = true;
    }
}

static void run_together(PgConn *c, PgTurn *group)
{
    PgTurn *failed;
    Err     err;
    for (int i = 0; i < ROUNDS; i++) {
        Status st = run_once(c, group, &failed, &err);
        if (st == ST_OK) {
            int64_t n = 0;
            for (PgTurn *t = group; t != NULL; t = t->next) {
                if (!t->done)
                    db_tell(c->base.db, &c->base, t->hints);
                n += !t->done;
            }
            db_committed(n);
            answer_all(group, ST_OK, NULL);
            return;
        }
        if (c->again)
            return; /* other processes are in the way: each for itself */
        if (failed == NULL) {
            answer_all(group, st, &err);
            return;
        }
        failed->st = pg_write_on(c, &failed->write);
        failed->done = true;
    }
}

static void run_group(Db *db, PgTurn *group)
{
    DbConn *conn;
    Err     err;
    Status  st = db_conn_take(db, &conn, &err);
    if (st != ST_OK) {
        answer_all(group, st, &err);
        return;
    }
    PgConn *c = pg_conn(conn);
    if (group->next != NULL)
        run_together(c, group);
    for (PgTurn *t = group; t != NULL; t = t->next)
        if (!t->done)
            t->st = pg_write_on(c, &t->write);
    db_conn_give(conn);
}

static PgTurn *take_group(PgDb *db)
{
    pthread_mutex_lock(&db->turns_lock);
    PgTurn *first = db->turns, *last = first;
    for (int n = 1; n < TOGETHER && last->next != NULL; n++)
        last = last->next;
    db->turns = last->next;
    last->next = NULL;
    pthread_mutex_unlock(&db->turns_lock);
    return first;
}

static void hand_over(PgDb *db)
{
    pthread_mutex_lock(&db->turns_lock);
    PgTurn *next = db->turns;
    db->led = next != NULL;
    if (next != NULL)
        next->leads = true;
    pthread_mutex_unlock(&db->turns_lock);
    if (next != NULL)
        sem_post(&next->called);
}

static void wait_for_call(PgTurn *t)
{
    while (sem_wait(&t->called) != 0) /* a signal came */
        ;
}

static bool queue(PgDb *db, PgTurn *t)
{
    pthread_mutex_lock(&db->turns_lock);
    if (db->turns == NULL)
        db->turns = t;
    else
        db->last_turn->next = t;
    db->last_turn = t;
    bool leads = !db->led;
    db->led = true;
    pthread_mutex_unlock(&db->turns_lock);
    return leads;
}

Status pg_take_turn(Db *base, const PgWrite *write)
{
    PgDb  *db = (PgDb *)(void *)base;
    PgTurn mine = {.write = *write};
    sem_init(&mine.called, 0, 0);
    if (!queue(db, &mine)) {
        atomic_fetch_add_explicit(&base->writers, 1, memory_order_relaxed);
        wait_for_call(&mine);
        atomic_fetch_sub_explicit(&base->writers, 1, memory_order_relaxed);
        if (!mine.leads) {
            sem_destroy(&mine.called);
            return mine.st;
        }
    }
    PgTurn *group = take_group(db);
    run_group(base, group);
    hand_over(db);
    for (PgTurn *t = group; t != NULL;) {
        PgTurn *next = t->next; /* *t is gone with the answer */
        if (t != &mine)
            sem_post(&t->called);
        t = next;
    }
    sem_destroy(&mine.called);
    return mine.st;
}
