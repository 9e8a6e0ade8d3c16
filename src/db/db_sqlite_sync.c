/* db_sqlite_sync.c - brings groups of transactions to the disk and answers them.
 *
 * The writer commits a group into the write-ahead log and goes on with the next one at once; the
 * threads here sync the log and only then let those of the group go on. What several groups wrote
 * meanwhile goes with one sync, and two syncs may be under way: a slow disk takes them together.
 * The log is one file that only grows at its end, and each record in it is good only if all before
 * it are, so a sync makes durable whatever was committed before it began.
 *
 * What others have committed can thus be read a moment before it is on the disk. Who passes such
 * things on to where they outlive a loss of power waits with db_settled().
 *
 * When the disk refuses, nobody knows what is in the log: those transactions are answered
 * "db.commit_unknown" and no other is taken until the program has been started anew. */
#include "db/db_sqlite_int.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The writer has committed `group`, `size` transactions; `seq` counts groups. */
void sqlite_sync_hand(SqliteDb *db, Write *group, int64_t seq)
{
    SqliteSync *s = &db->sync;
    Write      *last = group;
    while (last->next != NULL)
        last = last->next;
    pthread_mutex_lock(&s->lock);
    if (s->head == NULL)
        s->head = group;
    else
        s->tail->next = group;
    s->tail = last;
    s->handed = seq;
    pthread_cond_signal(&s->work);
    pthread_mutex_unlock(&s->lock);
}

/* Opened by its name once it is there, by each thread for itself: so each is told of errors. */
static bool sync_log(const SqliteDb *db, int *fd)
{
    if (*fd < 0) {
        char *path = db_text("%s-wal", db->path);
        *fd = open(path, O_RDWR | O_CLOEXEC);
        free(path);
    }
    return *fd >= 0 && fdatasync(*fd) == 0;
}

static void answer_all(SqliteDb *db, Write *list, bool durable)
{
    for (Write *w = list; w != NULL; w = w->next) {
        if (w->st == ST_OK && !durable)
            w->st = err_set(w->err, ST_IO, "db.commit_unknown",
                            "the disk did not confirm what was written");
        if (w->st == ST_OK)
            db_tell(&db->base, NULL, w->hints);
    }
    sqlite_answer(list);
}

static void *sync_main(void *arg)
{
    SqliteDb   *db = arg;
    SqliteSync *s = &db->sync;
    int         fd = -1;
    (void)pthread_setname_np(pthread_self(), "syncer");
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (s->head == NULL && !s->stopping)
            pthread_cond_wait(&s->work, &s->lock);
        if (s->head == NULL)
            break;
        Write  *list = s->head;
        int64_t seq = s->handed;
        s->head = s->tail = NULL;
        pthread_mutex_unlock(&s->lock);
        bool durable = !atomic_load(&s->lost) && sync_log(db, &fd);
        if (!durable)
            atomic_store(&s->lost, true);
        answer_all(db, list, durable);
        pthread_mutex_lock(&s->lock);
        if (seq > s->synced)
            s->synced = seq;
        if (s->waiting > 0)
            pthread_cond_broadcast(&s->settled);
    }
    pthread_mutex_unlock(&s->lock);
    if (fd >= 0)
        close(fd);
    return NULL;
}

void sqlite_settled(Db *base)
{
    SqliteDb   *db = sqlite_db(base);
    SqliteSync *s = &db->sync;
    if (s->nthreads == 0)
        return;
    ASSERT(!pthread_equal(pthread_self(),
                          db->thread)); /* in a transaction: it would wait for itself */
    int64_t wanted = atomic_load(&s->begun);
    pthread_mutex_lock(&s->lock);
    s->waiting++;
    while (s->synced < wanted)
        pthread_cond_wait(&s->settled, &s->lock);
    s->waiting--;
    pthread_mutex_unlock(&s->lock);
}

Status sqlite_sync_start(SqliteDb *db, Err *err)
{
    SqliteSync *s = &db->sync;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    pthread_cond_init(&s->settled, NULL);
    s->made = true;
    for (; s->nthreads < SQLITE_SYNCERS; s->nthreads++) {
        int rc = pthread_create(&s->threads[s->nthreads], NULL, sync_main, db);
        if (rc != 0)
            return err_set(err, ST_IO, "db.failed", "cannot start a thread that syncs (%d)", rc);
    }
    return ST_OK;
}

void sqlite_sync_stop(SqliteDb *db)
{
    SqliteSync *s = &db->sync;
    if (!s->made)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < s->nthreads; i++)
        pthread_join(s->threads[i], NULL);
    pthread_cond_destroy(&s->work);
    pthread_cond_destroy(&s->settled);
    pthread_mutex_destroy(&s->lock);
}
