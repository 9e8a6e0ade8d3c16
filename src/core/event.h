/* event.h - events: what modules tell each other, and later the journey.
 *
 * A module tells an event inside the transaction that makes it true (event_tell): the
 * rows and the event commit together or not at all (outbox). The relay then delivers each
 * event at least once to every reaction that asked for its type, on worker threads, in
 * the order of one `stream` (a profile, a product …) - so a reaction must be idempotent by
 * event id.
 *
 * A failure is tried again after a while (0.05 s, 0.2 s, … up to five minutes, 12 times in
 * all, some 25 minutes); meanwhile the later events of that stream wait, those of other
 * streams do not. Then the event is parked for that reaction: staff see it with its error
 * and replay or drop it (inspect.h), and the later events of the stream go on without it.
 * ST_INVALID means that the event can never be processed: it is parked at once. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

enum { EVENT_PAYLOAD_MAX = 64 * 1024 };

typedef struct EventType {
    const char  *name;    /* "catalog.product_changed"; Segment's names where it has one */
    int          version; /* grows when the payload changes incompatibly */
    const Shape *payload;
    const char  *doc;
} EventType;

typedef struct Event {
    int64_t id; /* time-ordered, the key for idempotency */
    Str     type;
    int     version;
    int64_t stream; /* id of the thing or person it is about; orders delivery */
    UnixMs  at;
    Str     payload; /* JSON */
} Event;

/* Tell it, in the running transaction (asserts). `payload` is a struct of type->payload.
 * ST_LIMIT "core.event_too_big". */
NODISCARD Status event_tell(Cx *cx, const EventType *type, int64_t stream, const void *payload);

/* Runs on a worker with a Cx of its own, as the system, outside any transaction. ST_OK: done.
 * What takes long or talks to other servers belongs into a job that the reaction queues. */
typedef Status ReactionFn(Cx *cx, const Event *event);

/* The same of several events at once, each of another stream, none of which was tried before: what
 * costs as much for one as for many (a sync, a transaction) is paid once. ST_OK: all are done.
 * Otherwise each is given to the ReactionFn by itself, those that were done, too. */
typedef Status ReactionManyFn(Cx *cx, const Event *events, size_t n);
enum { REACTION_MANY = 64 };

typedef struct Reaction {
    const char *name; /* "catalog.renew_snapshot", unique: its cursor's name */
    const char *type; /* event name, or "*" for all */
    ReactionFn *run;
    bool        every_process; /* true: refreshes memory, so each process runs it, from now on;
                                * out of tries it is logged and skipped, not parked */
    ReactionManyFn *run_many;  /* or NULL */
} Reaction;
