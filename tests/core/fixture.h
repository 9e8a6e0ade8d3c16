/* fixture.h - a module that tells events, reacts to them and runs jobs, for core's tests.
 *
 * Its reaction notes each event once in a table, as a real one would: the primary key makes
 * it idempotent, and `times` counts how often it was delivered all the same. What a test
 * wants to happen in between it does in fixture.react and fixture.work. */
#pragma once

#include "world.h"

#include "test_core.h"

#include "base/shape.h"
#include "core/core.h"

#include <stdatomic.h>

typedef struct Told {
    int64_t n;
    Str     note;
} Told;

typedef struct Fixture {
    ReactionFn     *react;    /* before an event is noted; may be NULL */
    ReactionManyFn *together; /* before several are noted at once; may be NULL */
    JobFn          *work;     /* the job; NULL: it succeeds */
    ScheduleFn     *clockwork;
    atomic_int      reactions, batches, jobs, memories, runs; /* begun since fixture_reset() */
} Fixture;

extern Fixture         fixture;
extern const Module    fixture_module;
extern const EventType fixture_told, fixture_many, fixture_other;

void fixture_reset(void);

/* Tell `n` on `stream` in a transaction of its own. */
NODISCARD Status fixture_tell(Cx *cx, int64_t stream, int64_t n);
/* The same for the reaction that takes several at once. */
NODISCARD Status fixture_tell_many(Cx *cx, int64_t stream, int64_t n);
/* Queue a job with payload `n` in a transaction of its own. */
NODISCARD Status fixture_queue(Cx *cx, const char *kind, int64_t n, const JobOptions *options,
                               int64_t *ret_id);

/* What an event says. */
int64_t fixture_n(Cx *cx, const Event *event);

/* One number from the database. */
int64_t fixture_ask(Cx *cx, const DbQuery *query);

extern const DbQuery Q_SEEN;     /* distinct events noted */
extern const DbQuery Q_TIMES;    /* deliveries noted */
extern const DbQuery Q_WORKED;   /* distinct jobs noted */
extern const DbQuery Q_EVENTS;   /* rows of core_event */
extern const DbQuery Q_PARKED;   /* of core_event_parked with state 1 */
extern const DbQuery Q_RETRYING; /* with state 0 */
extern const DbQuery Q_JOBS;     /* rows of core_job that are not done */

/* A Core without threads for w; w->cx gets it. */
Core *fixture_core(World *w);
