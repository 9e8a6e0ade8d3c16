#include "channel/track/track.h"

#include "base/metric.h"
#include "channel/track/platform.h"
#include "channel/track/track_int.h"
#include "channel/track/track_sql.h"
#include "people/journey_store.h"

#include <time.h>

Track track;

static void collect(Buf *b, void *arg)
{
    metric_family(b, METRIC_GAUGE_K, "track_queue_bytes", "Bytes that wait to be worked off.");
    metric_sample(b, METRIC_GAUGE_K, "track_queue_bytes", "", queue_backlog(arg));
}

static Status begin_keys(Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {.core = track.core};
    arena_init(&a, 16384);
    Status st = cx_begin(&cx, &a, track.db, clock_now());
    cx.actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("tracking"), .all = true};
    st = st == ST_OK ? track_keys_begin(&cx) : st;
    if (st != ST_OK)
        *err = cx.err;
    cx_end(&cx);
    return st;
}

Status track_start(const TrackOptions *options, Err *err)
{
    Queue *q;
    ASSERT(track.queue == NULL);
    track.db = options->db;
    track.core = options->core;
    atomic_store(&track.stop, false);
    sink_know_nothing(); /* it may be another database */
    TRY(begin_keys(err));
    TRY(queue_open(options->dir, &q, err));
    track.queue = q;
    track.limiter = limiter_new(0);
    if (pthread_create(&track.worker, NULL, work_run, NULL) != 0) {
        queue_close(q);
        limiter_free(track.limiter);
        track.queue = NULL;
        return err_set(err, ST_IO, "track.disk", "no thread can be started");
    }
    metric_collect(collect, q);
    return ST_OK;
}

void track_stop(void)
{
    Queue *q = track.queue;
    if (q == NULL)
        return;
    atomic_store(&track.stop, true);
    queue_stop(q);
    pthread_join(track.worker, NULL);
    metric_uncollect(collect, q);
    track.queue = NULL;
    queue_close(q);
    limiter_free(track.limiter);
    track_keys_free();
}

Status track_settle(Err *err)
{
    if (track.queue == NULL)
        return err_set(err, ST_BUSY, "track.not_started", "nothing is collected here");
    for (int i = 0; i < 1000; i++) {
        if (queue_backlog(track.queue) == 0)
            return ST_OK;
        (void)nanosleep(&(struct timespec){.tv_nsec = 10 * 1000000L}, NULL);
    }
    return err_set(err, ST_BUSY, "track.stuck", "the queue is not worked off");
}

/* --- the module ------------------------------------------------------------------------------ */

static Status renew_keys(Cx *cx, const Event *event)
{
    (void)event;
    return track_keys_load(cx);
}

static const Reaction REACTIONS[] = {
    {"track.platform", "*", platform_told, .run_many = platform_told_many},
    {"track.renew_keys", "track.key_changed", renew_keys, .every_process = true},
};

const Module track_module = {
    .name = "track",
    .migrations = TRACK_MIGRATIONS,
    .events = &track_key_changed,
    .nevents = 1,
    .reactions = REACTIONS,
    .nreactions = COUNT_OF(REACTIONS),
};
