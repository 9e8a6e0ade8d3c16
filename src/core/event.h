/* event.h - events: what modules tell each other, and later the journey.
 *
 * A module tells an event inside the transaction that makes it true (event_tell): the
 * rows and the event commit together or not at all (outbox). The relay then delivers each
 * event at least once to every reaction that asked for its type, on worker threads, in
 * the order of one `stream` (a profile, a product …) - so a reaction must be idempotent by
 * event id. Failures are retried with back-off; a poisoned event is parked, visibly, and
 * does not block other streams. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

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

/* Tell it, in the running transaction (asserts). `payload` is a struct of type->payload. */
NODISCARD Status event_tell(Cx *cx, const EventType *type, int64_t stream, const void *payload);

/* Runs on a worker with a Cx of its own, outside any transaction. ST_OK: done. */
typedef Status ReactionFn(Cx *cx, const Event *event);

typedef struct Reaction {
    const char *name; /* "catalog.renew_snapshot", unique: its cursor's name */
    const char *type; /* event name, or "*" for all */
    ReactionFn *run;
    bool        every_process; /* true: refreshes memory, so each process runs it, from now on */
} Reaction;
