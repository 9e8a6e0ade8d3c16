/* track_int.h - the running collector; for the files of this folder. */
#pragma once

#include "channel/track/queue.h"
#include "channel/track/sink.h"
#include "core/limiter.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct Track {
    Queue      *queue; /* NULL: not started */
    Limiter    *limiter;
    Db         *db;
    Core       *core;
    pthread_t   worker;
    atomic_bool stop;
} Track;

extern Track track;

/* work.c: the thread that works the queue off. */
void *work_run(void *arg);

/* rejected.c */
NODISCARD Status rejected_keep(Cx *cx, int64_t place, const JsonValue *record); /* in a tx */
NODISCARD Status rejected_prune(Cx *cx);                                        /* in a tx */

/* What names somebody who was erased, or who refuses, goes; outside of a tx, resets cx->arena. */
NODISCARD Status rejected_forget(Cx *cx);
