#include "http/server_int.h"

#include <stdlib.h>

struct Workers {
    HttpServer     *srv;
    pthread_mutex_t lock;
    pthread_cond_t  work;
    Exchange       *first, *last; /* queued */
    int             waiting, busy, queue_max;
    bool            stopping;
    int             n;
    pthread_t       threads[];
};

static Exchange *next_work(Workers *w)
{
    pthread_mutex_lock(&w->lock);
    while (w->first == NULL && !w->stopping)
        pthread_cond_wait(&w->work, &w->lock);
    Exchange *ex = w->first;
    if (ex != NULL) {
        w->first = ex->next;
        w->waiting--;
        w->busy++;
    }
    pthread_mutex_unlock(&w->lock);
    return ex;
}

static void *run(void *arg)
{
    Workers  *w = arg;
    Lane     *lane = lane_new(w->srv);
    Exchange *ex;
    while ((ex = next_work(w)) != NULL) {
        if (ex->step == STEP_ADMITTED)
            lane_admit(lane, ex);
        else
            lane_answer(lane, ex);
        pthread_mutex_lock(&w->lock);
        w->busy--;
        pthread_mutex_unlock(&w->lock);
        if (ex->step != STEP_ADMITTED && !ex->answered && ex->rs.later != NULL &&
            http_later_wait(ex->rs.later, mhd_wake, ex))
            continue;   /* whoever ends the waiting resumes it */
        mhd_resume(ex); /* from here on it belongs to its I/O thread again */
    }
    lane_free(lane);
    return NULL;
}

Status workers_start(HttpServer *srv, int n, int queue_max, Workers **ret, Err *err)
{
    Workers *w = calloc(1, sizeof *w + (size_t)n * sizeof w->threads[0]);
    if (w == NULL)
        base_out_of_memory(sizeof *w);
    w->srv = srv;
    w->queue_max = queue_max;
    ASSERT(pthread_mutex_init(&w->lock, NULL) == 0 && pthread_cond_init(&w->work, NULL) == 0);
    for (; w->n < n; w->n++) {
        if (pthread_create(&w->threads[w->n], NULL, run, w) == 0)
            continue;
        workers_stop(w);
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
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->n; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->work);
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
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
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
