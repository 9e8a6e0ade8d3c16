/* What callers change: events, remaps, erasures. */
#include "journey/store.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static Status writable(const Journey *j, Err *err)
{
    return j->log != NULL ? ST_OK
                          : err_set(err, ST_CONFLICT, "journey.in_use", "opened for reading only");
}

Status journey_append_later(Journey *j, const JourneyEvent *events, size_t n, JourneyDone *done,
                            void *arg, Err *err)
{
    LogBatch *b;
    TRY(writable(j, err));
    TRY(batch_encode(events, n, &b, err));
    b->done = done;
    b->arg = arg;
    log_append(j->log, b);
    return ST_OK;
}

typedef struct Waiting {
    pthread_mutex_t lock;
    pthread_cond_t  cond;
    bool            done;
    Status          status;
    JourneyReceipt  receipt;
    Err             err;
} Waiting;

static void arrived(void *arg, Status status, const JourneyReceipt *receipt, const Err *err)
{
    Waiting *w = arg;
    pthread_mutex_lock(&w->lock);
    w->status = status;
    w->receipt = *receipt;
    w->err = *err;
    w->done = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
}

Status journey_append(Journey *j, const JourneyEvent *events, size_t n, JourneyReceipt *ret,
                      Err *err)
{
    Waiting w = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    TRY(journey_append_later(j, events, n, arrived, &w, err));
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.cond, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_mutex_destroy(&w.lock);
    pthread_cond_destroy(&w.cond);
    if (w.status != ST_OK) {
        *err = w.err;
        return w.status;
    }
    if (ret != NULL)
        *ret = w.receipt;
    return ST_OK;
}

int64_t journey_subject(Str kind, Str value)
{
    uint64_t seed = XXH3_64bits(kind.ptr, kind.len);
    int64_t  v = (int64_t)(XXH3_64bits_withSeed(value.ptr, value.len, seed) >> 1);
    return v != 0 ? v : 1;
}

Status journey_remap(Journey *j, const JourneyLink *links, size_t n, Err *err)
{
    TRY(writable(j, err));
    return remap_link(j->remap, links, n, err);
}

int64_t journey_profile(Journey *j, int64_t subject)
{
    return remap_profile(j->remap, subject);
}

Status journey_erase(Journey *j, int64_t profile, Err *err)
{
    uint64_t log;
    TRY(writable(j, err));
    TRY(log_rotate(j->log, &log, err));
    return remap_erase(j->remap, profile, log, err);
}

Status journey_expire(Journey *j, UnixMs t, Err *err)
{
    TRY(writable(j, err));
    return remap_expire(j->remap, t.v, err);
}
