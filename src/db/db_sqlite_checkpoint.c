/* db_sqlite_checkpoint.c - moves the write-ahead log into the file while the writer goes on.
 *
 * The log begins anew only after a checkpoint that moved all of it, which no other thread can make
 * while the writer adds to it. So a thread here moves what there is, with a connection of its own,
 * and then the writer moves the little that has come meanwhile: it stands still for that alone. */
#include "db/db_sqlite_int.h"

/* True: all of the log is in the file, and the next commit may begin it anew. */
static bool move(SqliteConn *c)
{
    int log_pages = 0;
    int moved = 0;
    int rc = sqlite3_wal_checkpoint_v2(c->sq, NULL, SQLITE_CHECKPOINT_PASSIVE, &log_pages, &moved);
    return rc == SQLITE_OK && log_pages == moved;
}

void sqlite_checkpoint(SqliteDb *db)
{
    if (move(db->writer))
        db->wal_pages = 0;
}

static void *mover_main(void *arg)
{
    SqliteDb    *db = arg;
    SqliteMover *m = &db->mover;
    (void)pthread_setname_np(pthread_self(), "mover");
    pthread_mutex_lock(&m->lock);
    for (;;) {
        while (m->state != MOVER_ASKED && !m->stopping)
            pthread_cond_wait(&m->asked, &m->lock);
        if (m->stopping)
            break;
        pthread_mutex_unlock(&m->lock);
        (void)move(m->conn);
        pthread_mutex_lock(&m->lock);
        m->state = MOVER_DONE;
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

/* Between two groups. */
void sqlite_checkpoint_if_long(SqliteDb *db)
{
    SqliteMover *m = &db->mover;
    if (db->wal_pages < db->base.options.log_pages)
        return;
    bool mine = !m->made;
    if (m->made) {
        pthread_mutex_lock(&m->lock);
        mine = m->state == MOVER_DONE;
        if (m->state != MOVER_ASKED) {
            m->state = mine ? MOVER_IDLE : MOVER_ASKED;
            pthread_cond_signal(&m->asked);
        }
        pthread_mutex_unlock(&m->lock);
    }
    if (mine)
        sqlite_checkpoint(db);
}

bool sqlite_checkpoint_runs(SqliteDb *db)
{
    SqliteMover *m = &db->mover;
    if (!m->made)
        return false;
    pthread_mutex_lock(&m->lock);
    bool runs = m->state == MOVER_ASKED;
    pthread_mutex_unlock(&m->lock);
    return runs;
}

Status sqlite_mover_start(SqliteDb *db, Err *err)
{
    SqliteMover *m = &db->mover;
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->asked, NULL);
    m->made = true;
    int rc = pthread_create(&m->thread, NULL, mover_main, db);
    if (rc != 0)
        return err_set(err, ST_IO, "db.failed", "cannot start a thread for checkpoints (%d)", rc);
    m->started = true;
    return ST_OK;
}

void sqlite_mover_stop(SqliteDb *db)
{
    SqliteMover *m = &db->mover;
    if (!m->made)
        return;
    pthread_mutex_lock(&m->lock);
    m->stopping = true;
    pthread_cond_signal(&m->asked);
    pthread_mutex_unlock(&m->lock);
    if (m->started)
        pthread_join(m->thread, NULL);
    pthread_cond_destroy(&m->asked);
    pthread_mutex_destroy(&m->lock);
}
