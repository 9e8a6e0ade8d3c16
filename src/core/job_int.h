/* job_int.h - takes jobs out of their table to the workers, and notes how they ended.
 *
 * One thread, the foreman, does all that with the table: what has ended since the last time
 * and the next claims are one transaction, so that one fsync serves many jobs. Workers only
 * run them. Jobs are claimed ahead as long as they are quick (about CLAIM_AHEAD_MS of
 * work); one that was claimed and could not begin soon is handed back.
 *
 * A kind is `hot` while it may have jobs that are ready: it was queued by this process, its
 * delayed jobs came due, or a poll saw some. Only hot kinds are looked at when claiming. */
#pragma once

#include "core/job.h"
#include "core/module.h"
#include "core/schedule.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct JobRun JobRun;
typedef struct Jobs   Jobs;

typedef struct JobKindState {
    const JobKind  *kind;
    size_t          index;
    int             attempts; /* with the defaults filled in */
    SpanMs          lease;
    int64_t         queue_max;
    bool            prolong;             /* the foreman extends the lease while it runs */
    _Atomic int64_t waiting;             /* about how many wait; -1: not counted yet */
    _Atomic int64_t counted_at;          /* monotonic ms */
    int64_t         asked, seen;         /* hot while they differ; under the mutex */
    int             claimed;             /* and not finished; under the mutex */
    int64_t         done, retried, dead; /* since the process began */
} JobKindState;

typedef enum JobEnd { JOB_END_DONE, JOB_END_RETRY, JOB_END_DEAD, JOB_END_HAND_BACK } JobEnd;

struct JobRun {
    Job             job;
    JobKindState   *kind;
    Jobs           *jobs;
    int64_t         priority;
    int64_t         token;
    int64_t         claimed_at; /* monotonic ms */
    _Atomic int64_t until;      /* end of the lease, Unix ms */
    int64_t         noted_at;   /* monotonic ms of the last progress that was written */
    Buf             result;
    JobEnd          end;
    UnixMs          again;
    Err             err;
    JobRun         *next;
};

typedef struct ScheduleState {
    const Schedule *schedule;
    UnixMs          next;  /* as the table had it; 0: look */
    int64_t         check; /* monotonic ms: look at the table again */
    bool            busy;  /* its last run waited or went on */
} ScheduleState;

struct Jobs {
    Core           *core;
    pthread_mutex_t mutex;
    pthread_cond_t  work;     /* the workers wait */
    pthread_cond_t  ending;   /* whoever stops them waits */
    DbListener     *listener; /* the foreman waits; NULL without threads */
    bool            threaded, running, woken, stopping, shifting;
    JobKindState   *kinds;
    size_t          nkinds;
    JobRun         *queue;    /* claimed, not begun; in order of priority */
    JobRun         *active;   /* begun */
    JobRun         *finished; /* to be noted */
    int             nqueue, nactive;
    int64_t         average_us;         /* of a run; moving */
    int64_t         poll_at;            /* monotonic ms */
    bool            look, look_expired; /* the foreman is to look what others did */
    UnixMs          delayed_at;         /* when the next delayed one is due; 0: none known */
    ScheduleState  *schedules;
    size_t          nschedules;
    pthread_t       thread, *workers;
    int             nworkers, alive;
};

NODISCARD Status jobs_init(Jobs *j, Core *core, Err *err);
void             jobs_done(Jobs *j);
NODISCARD Status jobs_start(Jobs *j, Err *err);
bool             jobs_stop(Jobs *j, int64_t deadline_ms);
void             jobs_wake(Jobs *j, uint64_t kinds); /* bit n: the kind with index n */

NODISCARD Status jobs_drain(Jobs *j, Cx *cx, bool *ret_did);
bool             jobs_are_idle(Jobs *j);

JobKindState *jobs_kind(Jobs *j, Str name); /* or NULL */
void          jobs_run_free(JobRun *run);

/* The foreman's work: job_shift.c */
NODISCARD Status jobs_look(Jobs *j, Cx *cx);
NODISCARD Status jobs_shift(Jobs *j, Cx *cx, bool *ret_did);
NODISCARD Status jobs_settle(Jobs *j, Cx *cx); /* at the end: hand back what has not begun */

/* Schedules, for the foreman: schedule.c. Queue those that are due. */
NODISCARD Status     schedules_init(Jobs *j, Cx *cx);
NODISCARD Status     schedules_tick(Jobs *j, Cx *cx);
extern const JobKind schedule_job;
