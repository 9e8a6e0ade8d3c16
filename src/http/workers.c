#include "http/server_int.h"

#include <errno.h>
#include <stdlib.h>

/* A worker that waits for its commit uses no processor, and the more of them wait for one, the
 * more share it: only those that do not wait are held to the number asked for. */
enum { WIDEST = 8, LINGER_S = 10 };

struct Workers {
    HttpServer     *srv;
    pthread_mutex_t lock;
    pthread_cond_t  work;
    pthread_cond_t  ended;        /* a thread has */
    Exchange       *first, *last; /* queued */
    int             waiting, busy, queue_max;
    bool            stopping;
    int             least, alive; /* threads that stay, and those that there are */
};

/* With the lock held: wait for work. False: none came for long enough to do without this thread. */
static bool wait_for_work(Workers *w)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LINGER_S;
    while (w->first == NULL && !w->stopping) {
        if (w->alive <= w->least)
            pthread_cond_wait(&w->work, &w->lock);
        else if (pthread_cond_timedwait(&w->work, &w->lock, &until) == ETIMEDOUT &&
                 w->first == NULL && w->alive > w->least)
            return false;
    }
    return true;
}

/* NULL: this thread is to end. `was_busy`: it has just done something. */
static Exchange *next_work(Workers *w, bool was_busy)
{
    pthread_mutex_lock(&w->lock);
    w->busy -= was_busy;
    Exchange *ex = wait_for_work(w) ? w->first : NULL;
    if (ex != NULL) {
        w->first = ex->next;
        w->waiting--;
        w->busy++;
    }
    pthread_mutex_unlock(&w->lock);
    return ex;
}

static void leave(Workers *w)
{
    pthread_mutex_lock(&w->lock);
    w->alive--;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->lock);
}

static void *run(void *arg)
{
    Workers *w = arg;
    (void)pthread_setname_np(pthread_self(), "worker");
    Lane     *lane = lane_new(w->srv);
    Exchange *ex;
    for (bool busy = false; (ex = next_work(w, busy)) != NULL; busy = true) {
        if (ex->step == STEP_ADMITTED)
            lane_admit(lane, ex);
        else
            lane_answer(lane, ex);
        if (ex->step != STEP_ADMITTED && !ex->answered && ex->rs.later != NULL &&
            http_later_wait(ex->rs.later, mhd_wake, ex))
            continue;   /* whoever ends the waiting resumes it */
        mhd_resume(ex); /* from here on it belongs to its I/O thread again */
    }
    lane_free(lane);
    leave(w);
    return NULL;
}

/* With the lock held. */
static bool one_more(Workers *w)
{
    pthread_attr_t attr;
    pthread_t      thread;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    bool made = pthread_create(&thread, &attr, run, w) == 0;
    pthread_attr_destroy(&attr);
    w->alive += made;
    return made;
}

/* With the lock held: is everybody busy, and most of them only wait? */
static bool too_few(const Workers *w)
{
    const Db *db = w->srv->options.db;
    return w->busy + w->waiting > w->alive && w->alive < WIDEST * w->least && db != NULL &&
           w->alive - db_writers(db) < w->least;
}

Status workers_start(HttpServer *srv, int n, int queue_max, Workers **ret, Err *err)
{
    Workers *w = calloc(1, sizeof *w);
    if (w == NULL)
        base_out_of_memory(sizeof *w);
    w->srv = srv;
    w->queue_max = queue_max;
    w->least = n;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    ASSERT(pthread_mutex_init(&w->lock, NULL) == 0 &&
           pthread_cond_init(&w->work, &monotonic) == 0 && pthread_cond_init(&w->ended, NULL) == 0);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_lock(&w->lock);
    while (w->alive < n && one_more(w))
        ;
    bool all = w->alive == n;
    pthread_mutex_unlock(&w->lock);
    if (!all) {
        workers_stop(w);
        workers_free(w);
        return err_set(err, ST_IO, "http.start", "cannot start %d workers", n);
    }
    *ret = w;
    return ST_OK;
}

void workers_stop(Workers *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->work);
    while (w->alive > 0)
        pthread_cond_wait(&w->ended, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

void workers_free(Workers *w)
{
    if (w == NULL)
        return;
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->ended);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

bool workers_take(Workers *w, Exchange *ex)
{
    pthread_mutex_lock(&w->lock);
    bool fine = w->waiting < w->queue_max && !w->stopping;
    if (fine) {
        ex->next = NULL;
        if (w->first == NULL)
            w->first = ex;
        else
            w->last->next = ex;
        w->last = ex;
        w->waiting++;
        if (too_few(w))
            (void)one_more(w);
    }
    pthread_mutex_unlock(&w->lock);
    if (fine)
        pthread_cond_signal(&w->work); /* without the lock, which who wakes wants */
    return fine;
}

int workers_waiting(Workers *w)
{
    pthread_mutex_lock(&w->lock);
    int n = w->waiting;
    pthread_mutex_unlock(&w->lock);
    return n;
}

int workers_busy(Workers *w)
{
    pthread_mutex_lock(&w->lock);
    int n = w->busy;
    pthread_mutex_unlock(&w->lock);
    return n;
}

int workers_alive(Workers *w)
{
    pthread_mutex_lock(&w->lock);
    int n = w->alive;
    pthread_mutex_unlock(&w->lock);
    return n;
}
