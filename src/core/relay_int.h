/* relay_int.h - takes events out of the outbox and to the reactions.
 *
 * One thread reads the outbox, feeds the consumers (consumer_int.h), saves their cursors and
 * keeps their leases; `reactors` threads run the reactions. A consumer is fed while it has
 * room; those that stand at one place are fed by one read. Cursors are saved together, a
 * few times a second: what was delivered since the last save is delivered again after a
 * crash. */
#pragma once

#include "core/consumer_int.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct Relay {
    Core           *core;
    pthread_mutex_t mutex;
    pthread_cond_t  work;     /* the reactors wait */
    pthread_cond_t  ending;   /* whoever stops them waits */
    DbListener     *listener; /* the relay's thread waits; NULL without threads */
    atomic_bool     woken;
    atomic_bool     replays; /* somebody asked for a replay */
    bool            threaded, running, stopping, stepping;
    Consumer       *consumers;
    size_t          n, ndurable;
    Consumer       *ring_first, *ring_last; /* with work, each in turn */
    int             per_consumer;           /* reactors that one may occupy */
    int64_t         turn;                   /* counts wakes and polls */
    bool            pending;                /* committed events that may not be read yet */
    int             pending_tries;
    int64_t         unsaved; /* deliveries finished since the last save */
    int64_t         save_at, poll_at, beat_at, again_at; /* monotonic ms; 0: not planned */
    int64_t         reads;                               /* statements that read the outbox */
    pthread_t       thread, *reactors;
    int             nreactors; /* begun */
    int             alive;     /* reactors that have not ended */
} Relay;

NODISCARD Status relay_init(Relay *r, Core *core, Cx *cx);
void             relay_done(Relay *r);
NODISCARD Status relay_start(Relay *r, Err *err);
/* False when a reaction still ran at `deadline_ms` (monotonic). */
bool relay_stop(Relay *r, int64_t deadline_ms);

void relay_wake(Relay *r); /* an event was committed, or may have been */

/* Everything that can be done now, on this thread. True when something was. */
NODISCARD Status relay_drain(Relay *r, Cx *cx, bool *ret_did);
/* Nothing is left to do but retries whose time has not come. */
bool relay_is_idle(Relay *r);

/* --- pieces, for drain and for the relay's thread; relay_*.c ------------------------------ */

NODISCARD Status relay_beat(Relay *r, Cx *cx);           /* leases: relay_lease.c */
NODISCARD Status relay_release(Relay *r, Cx *cx);        /* give all back */
NODISCARD Status relay_save(Relay *r, Cx *cx, bool all); /* cursors: relay_save.c */
NODISCARD Status relay_read(Relay *r, Cx *cx, bool *ret_fed);
void             relay_ring_add(Relay *r, Consumer *c); /* with the mutex held */
