/* job.h - durable background work.
 *
 * A job is a row: queued in the caller's transaction, run later by a worker of any
 * process, retried with exponential back-off (2 s, 6 s, 18 s … up to an hour), and kept as
 * a dead letter when its attempts are used up. It may run more than once, also when it
 * succeeded: a process can die before it has noted that. Finished jobs are pruned after
 * three days, dead ones after 90; the queue is bounded per kind. Staff see, requeue and
 * discard jobs through inspect.h. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

enum {
    JOB_PAYLOAD_MAX = 1 << 20,
    JOB_RESULT_MAX = 1 << 20,
    JOB_PRIORITY_MAX = 1000, /* from -1000 to 1000 */
    JOB_KEY_MAX = 200,
    JOB_NOTE_MAX = 500
};

struct JobRun;

typedef struct Job {
    int64_t        id;
    int            attempt; /* 1, 2, … */
    Str            payload; /* JSON, as queued */
    struct JobRun *run;     /* core's own */
} Job;

/* Runs on a worker, as the system, outside any transaction. The lease lasts JobKind.lease:
 * longer work calls job_extend(). ST_INVALID means that it can never succeed: it is dead at
 * once. */
typedef Status JobFn(Cx *cx, const Job *job);

typedef struct JobKind {
    const char *name; /* "catalog.import" */
    JobFn      *run;
    int         attempts;  /* 0: 12 */
    SpanMs      lease;     /* 0: 60 s */
    int64_t     queue_max; /* waiting jobs of this kind at most; 0: 1,000,000 */
    int         parallel;  /* at once in one process at most; 0: no limit but the workers */
} JobKind;

typedef struct JobOptions {
    int    priority; /* higher runs first; 0 is usual */
    UnixMs run_at;   /* not before; 0: now */
    Str    unique;   /* with a key: a waiting job of this kind and key is kept instead */
} JobOptions;

/* Queue a job, in the running transaction (asserts). `payload` is JSON. `options` and
 * ret_id may be NULL. ST_BUSY "core.queue_full", kept to about a second's worth of what
 * other processes queue; ST_INVALID "core.no_such_kind" (neither without cx->core, which
 * knows the kinds); ST_LIMIT "core.job_too_big". */
NODISCARD Status job_queue(Cx *cx, const char *kind, Str payload, const JobOptions *options,
                           int64_t *ret_id);

/* Run for `lease` longer, counted from now. ST_CONFLICT "core.job_lost" when the lease had
 * ended and another worker has the job: stop. */
NODISCARD Status job_extend(Cx *cx, const Job *job, SpanMs lease);

/* Show how far it is: 0-100 and a short note. Writes at most twice a second. ST_CONFLICT
 * "core.job_lost" as job_extend(), ST_BUSY "core.stopping" when the process is about to end:
 * return that, and the job is run again. */
NODISCARD Status job_progress(Cx *cx, const Job *job, int percent, Str note);

/* JSON to be kept with the job when it succeeds. ST_LIMIT "core.job_too_big". */
NODISCARD Status job_result(Cx *cx, const Job *job, Str json);
