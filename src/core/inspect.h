/* inspect.h - what runs and what failed in the background, and what staff do about it.
 *
 * Everything here is on durable rows, so any process sees the same. Changes are recorded in
 * the audit log. */
#pragma once

#include "core/core_sql.h" /* EventParked, JobInfo, ScheduleInfo and their shapes */
#include "core/event.h"
#include "core/job.h"

enum { INSPECT_LIMIT_MAX = 1000 };

/* --- events that a reaction could not process -------------------------------------------- */

typedef struct ParkedFilter {
    Str     consumer;    /* only this reaction's; empty: all */
    int64_t after_event; /* go on from here: oldest first, by (event, reaction) */
    Str     after_consumer;
    bool    backwards; /* to older ones, nearest first */
    int64_t limit;
} ParkedFilter;

NODISCARD Status event_parked_list(Cx *cx, const ParkedFilter *filter, EventParkedList *ret);
/* ST_NOT_FOUND "core.not_parked", also by the next two. */
NODISCARD Status event_parked_get(Cx *cx, Str consumer, int64_t event_id, EventParked *ret);

/* Deliver it once more, soon, with all tries anew. Later events of its stream may have been
 * processed since. */
NODISCARD Status event_parked_replay(Cx *cx, Str consumer, int64_t event_id);
NODISCARD Status event_parked_drop(Cx *cx, Str consumer, int64_t event_id);

typedef struct ConsumerInfo {
    Str     name;
    bool    held;     /* a process delivers it */
    SpanMs  behind;   /* age of the oldest event that it has not settled; 0: none */
    int64_t retrying; /* deliveries that wait for another try, or behind one */
    int64_t parked;
    UnixMs  seen; /* by a program that has this reaction */
} ConsumerInfo;

NODISCARD Status event_consumers(Cx *cx, ConsumerInfo **ret, size_t *ret_n);

/* --- jobs ------------------------------------------------------------------------------------ */

typedef struct JobFilter {
    Str     kind;  /* empty: all */
    Str     state; /* "delayed", "ready", "running", "done", "dead"; empty: all */
    int64_t after; /* id to go on from: newest first */
    bool    backwards;
    int64_t limit;
} JobFilter;

typedef struct JobInfoList {
    JobInfo *items;
    size_t   n;
} JobInfoList;

/* ST_INVALID "core.bad_job_state". */
NODISCARD Status job_list(Cx *cx, const JobFilter *filter, JobInfoList *ret);
NODISCARD Status job_get(Cx *cx, int64_t id, JobInfo *ret); /* ST_NOT_FOUND "core.no_such_job" */

/* Run a dead or delayed job now, with all attempts anew. ST_CONFLICT "core.job_not_idle" when
 * it waits already, runs or is done. */
NODISCARD Status job_requeue(Cx *cx, int64_t id);
/* Delete a job that is dead or has not begun. ST_CONFLICT "core.job_not_idle". */
NODISCARD Status job_discard(Cx *cx, int64_t id);

/* --- schedules ---------------------------------------------------------------------------------
 */

NODISCARD Status schedule_list(Cx *cx, ScheduleInfoList *ret);
