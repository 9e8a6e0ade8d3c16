/* job.h - durable background work.
 *
 * A job is a row: queued in the caller's transaction, run later by a worker of any
 * process, retried with exponential back-off, and kept as a dead letter when its attempts
 * are used up. Finished jobs are pruned; the queue is bounded per kind. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

typedef struct Job {
    int64_t id;
    int     attempt; /* 1, 2, … */
    Str     payload; /* JSON, as queued */
} Job;

/* Runs on a worker, outside any transaction. The lease lasts JobKind.lease: longer work
 * calls job_extend(). */
typedef Status JobFn(Cx *cx, const Job *job);

typedef struct JobKind {
    const char *name; /* "catalog.import" */
    JobFn      *run;
    int         attempts; /* 0: 12 */
    SpanMs      lease;    /* 0: 60 s */
    int64_t     queue_max; /* waiting jobs of this kind at most; 0: 1,000,000 */
    int         parallel; /* at once in one process at most; 0: no limit but the workers */
} JobKind;

typedef struct JobOptions {
    int    priority; /* higher runs first; 0 is usual */
    UnixMs run_at;   /* not before; 0: now */
    Str    unique;   /* with a key: a waiting job of this kind and key is kept instead */
} JobOptions;

/* Queue a job, in the running transaction (asserts). `payload` is JSON. ST_BUSY
 * "core.queue_full". *ret_id may be NULL. */
NODISCARD Status job_queue(Cx *cx, const char *kind, Str payload, const JobOptions *options,
                           int64_t *ret_id);
NODISCARD Status job_extend(Cx *cx, const Job *job, SpanMs lease);
