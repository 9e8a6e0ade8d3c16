/* core.h - the running services of one process: event relay, job workers, schedules.
 *
 *      TRY(core_migrate(db, modules, n, &err));
 *      TRY(core_start(db, modules, n, NULL, &core, &err));
 *      …                                // every Cx gets cx->core = core
 *      core_stop(core);
 *
 * Several processes may run on one PostgreSQL: they share reactions and jobs between them,
 * and take over what a dead one had. A Cx with a Core wakes it when a transaction that told
 * events or queued jobs is committed; what was written without one is found within
 * CoreOptions.poll. */
#pragma once

#include "core/module.h"

typedef struct CoreOptions {
    int    workers;    /* threads that run jobs; 0: 2 */
    int    reactors;   /* threads that run reactions; 0: 4 */
    bool   manual;     /* no threads: only core_drain() does anything (tests, command line) */
    SpanMs lease;      /* how long a silent process keeps its reactions; 0: 15 s */
    SpanMs poll;       /* 0: 1 s */
    SpanMs event_keep; /* how long events are kept at least; 0: 24 h */
    SpanMs stop_wait;  /* how long core_stop() waits for what runs; 0: 10 s */
} CoreOptions;

/* Start delivering events and running jobs of `modules` (borrowed until core_stop).
 * The database has been migrated (core_migrate). `options` may be NULL. An every_process
 * reaction gets what is committed after this call began: read the state it keeps in memory
 * afterwards. ST_INVALID "core.bad_module" when the tables contradict each other. */
NODISCARD Status core_start(Db *db, const Module *const *modules, size_t n,
                            const CoreOptions *options, Core **ret, Err *err);

/* Finish what runs, hand back what waits; NULL is fine. False when something still ran
 * after stop_wait: its thread goes on, so end the process and do not close the Db. */
bool core_stop(Core *core);

/* Has core_stop() been called? Long jobs ask between their steps, and return ST_BUSY
 * "core.stopping" to be run again from where they are, by the next process. */
bool core_stopping(const Core *core);

/* Bring the database up to date: core's own tables, then those of `modules`; and note which
 * reactions there are, so that what is told from now on will reach them. Every program that
 * opens the database calls it first. */
NODISCARD Status core_migrate(Db *db, const Module *const *modules, size_t n, Err *err);

/* Deliver all events and run all jobs that are due, including those that this brings about.
 * What fails waits for its next try as usual. On a manual Core it all happens on this
 * thread, in the order of the outbox, and the same way each time; on a running one this
 * waits until the threads have done it. ST_BUSY "core.drain_stuck" after a minute. */
NODISCARD Status core_drain(Core *core, Err *err);

/* Tests: from now on it is `now` for this Core, which makes retries due, jobs run, leases
 * of jobs end and schedules fire (core_tick). {0}: the clock of the machine again. */
void   core_set_now(Core *core, UnixMs now);
UnixMs core_now(const Core *core);

/* Names this Core among all there ever were: what is kept in memory of a Core's shop is kept under
 * this, not under its address, which a later one may have. 0 for NULL. */
int64_t core_id(const Core *core);

/* Tests: look at the schedules now and queue those that are due. */
NODISCARD Status core_tick(Core *core, Err *err);

/* All modules' permissions, for role forms. */
const Permission *core_permissions(const Core *core, size_t *ret_n);

/* What /metrics shows of it (core_start() registers it): how far reactions are behind, what
 * they and the jobs did, what waits. */
void core_metrics(Buf *b, void *arg); /* arg: the Core */

/* Token bucket in memory: `cost` tokens of `key` in a bucket of `burst` that refills
 * `per_minute`. ST_RATE "core.too_often"; *ret_retry (may be NULL) says when to come back.
 * The number of keys kept is bounded; the least recently used go first. Without cx->core
 * there is no limit. */
NODISCARD Status rate_take(Cx *cx, Str key, int64_t burst, int64_t per_minute, int64_t cost,
                           SpanMs *ret_retry);
