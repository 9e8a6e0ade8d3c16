/* core.h - the running services of one process: event relay, job workers, schedules. */
#pragma once

#include "core/module.h"

typedef struct CoreOptions {
    int workers; /* background worker threads; 0: 2 */
} CoreOptions;

/* Start delivering events and running jobs of `modules` (borrowed until core_stop).
 * The database has been migrated (core_migrate). */
NODISCARD Status core_start(Db *db, const Module *const *modules, size_t n,
                            const CoreOptions *options, Core **ret, Err *err);
void             core_stop(Core *core); /* finishes what runs; waiting work stays queued */

NODISCARD Status core_migrate(Db *db, const Module *const *modules, size_t n, Err *err);

/* Tests and the command line: deliver all events and run all due jobs now, on this thread. */
NODISCARD Status core_drain(Core *core, Err *err);

/* All modules' permissions, for role forms. */
const Permission *core_permissions(const Core *core, size_t *ret_n);

/* Token bucket in memory: `cost` tokens of `key` in a bucket of `burst` that refills
 * `per_minute`. ST_RATE "core.too_often"; *ret_retry (may be NULL) says when to come back.
 * The number of keys kept is bounded; the least recently used go first. */
NODISCARD Status rate_take(Cx *cx, Str key, int64_t burst, int64_t per_minute, int64_t cost,
                           SpanMs *ret_retry);
