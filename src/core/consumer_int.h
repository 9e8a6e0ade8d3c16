/* consumer_int.h - what one reaction has been given and how far it got, in memory.
 *
 * A Consumer is one reaction in this process. The relay feeds it events in order; each
 * becomes a Delivery. Of one stream only the first unfinished delivery runs; deliveries of
 * different streams run in parallel. Two lists hold them:
 *
 *   window  in the order of the outbox. What has finished at its front lets `low` grow,
 *           which the relay saves as the durable cursor: all up to `low` is settled.
 *   kept    those that have a row in core_event_parked: they failed (or wait behind one
 *           that failed, or run for very long) and must not hold `low` back.
 *
 *      fed -> behind -> ready -> running -> done
 *                         ^         |
 *                         +- waiting (failed, tried again later) -> given up (parked)
 *
 * Nothing here locks or touches the database: the relay calls it under its mutex. Only the
 * relay's thread frees deliveries. */
#pragma once

#include "core/event.h"

enum {
    CONSUMER_WINDOW = 1024, /* deliveries in the window at most */
    CONSUMER_KEPT = 1000,   /* and kept: a consumer that fails everything stops there */
    CONSUMER_STREAMS = 256, /* hash chains */
    CONSUMER_TRIES = 12     /* then it is parked: after some 25 minutes */
};

/* Place of an event in the order of delivery: see event.c. */
typedef struct Pos {
    int64_t xid; /* of the transaction that told it; 0 on SQLite */
    int64_t id;
} Pos;

static inline bool pos_before(Pos a, Pos b)
{
    return a.xid != b.xid ? a.xid < b.xid : a.id < b.id;
}
static inline bool pos_same(Pos a, Pos b)
{
    return a.xid == b.xid && a.id == b.id;
}

/* An event in memory, shared by its deliveries. */
typedef struct SharedEvent {
    int    refs;
    size_t bytes;
    Pos    pos;
    Event  event; /* texts stand behind the struct */
} SharedEvent;

typedef enum DeliveryState {
    DELIVERY_BEHIND,  /* an earlier one of its stream is not finished */
    DELIVERY_READY,   /* to be taken by a worker */
    DELIVERY_RUNNING, /* a worker has it */
    DELIVERY_WAITING, /* failed; again at `again` */
    DELIVERY_DONE,
    DELIVERY_GIVEN_UP /* out of tries: to be parked */
} DeliveryState;

typedef struct Consumer Consumer;
typedef struct Stream   Stream;
typedef struct Delivery Delivery;

struct Delivery {
    Consumer     *consumer;
    SharedEvent  *shared; /* NULL once it is done */
    Pos           pos;
    Stream       *stream;         /* NULL once it is done or given up */
    Delivery     *prev, *next;    /* in window or kept */
    Delivery     *next_in_stream; /* newer */
    Delivery     *next_ready;
    DeliveryState state;
    int           tries; /* that failed */
    UnixMs        again; /* DELIVERY_WAITING: when */
    UnixMs        since; /* DELIVERY_RUNNING: since when */
    UnixMs        first_failed;
    bool          kept;    /* in `kept`: has a row */
    bool          changed; /* kept: the row is not up to date */
    bool          orphan;  /* its consumer was cleared: free it when it stops running */
    Err           err;     /* of the last try */
};

struct Stream {
    int64_t   id;
    Delivery *first, *last;
    Stream   *next; /* in the hash chain */
};

typedef struct DeliveryList {
    Delivery *first, *last;
    size_t    n;
} DeliveryList;

struct Consumer {
    const Reaction *reaction;
    bool            held;    /* this process delivers it: has the lease, or needs none */
    bool            leaving; /* gets nothing new and is given back when it is idle */
    int64_t         fence;   /* of the lease; saving fails when somebody else took it over */
    Pos             read;    /* fed up to here */
    Pos             saved;   /* the durable cursor */
    UnixMs          saved_at;
    bool            worked;    /* something was delivered since it was saved */
    bool            loaded;    /* its rows in core_event_parked are in `kept` */
    bool            in_pass;   /* the relay is feeding it */
    bool            full;      /* had no room: tell the relay when it has */
    int64_t         idle_turn; /* the relay's turn in which nothing was left to read */
    DeliveryList    window, kept;
    size_t          changed; /* deliveries in `kept` whose rows are not up to date */
    Delivery       *ready_first, *ready_last;
    int             running;
    bool            in_ring; /* in the relay's ring of consumers with work */
    Consumer       *ring_next;
    Stream         *streams[CONSUMER_STREAMS];
    size_t          bytes;                           /* of events that wait */
    int64_t         delivered, failed, parked, lost; /* since the process began */
};

SharedEvent *shared_event_new(const Event *event, Pos pos); /* with one reference */
SharedEvent *shared_event_ref(SharedEvent *s);
void         shared_event_unref(SharedEvent *s); /* NULL is fine */

bool consumer_wants(const Consumer *c, Str type);
bool consumer_has_room(const Consumer *c);

/* Give it the next event. */
void consumer_feed(Consumer *c, SharedEvent *s);

/* What a row of core_event_parked says: put it into `kept`. */
void consumer_feed_kept(Consumer *c, SharedEvent *s, int tries, UnixMs again, UnixMs first_failed);
/* Is this event in `kept`? */
bool consumer_keeps(const Consumer *c, int64_t event_id);

/* The next delivery to run, or NULL: now it is running. */
Delivery *consumer_take(Consumer *c, UnixMs now);
/* Another one that may run together with it, or NULL. */
Delivery *consumer_take_more(Consumer *c, UnixMs now);

/* It ran: `st` is what the reaction returned, `err` why. */
void consumer_finish(Delivery *d, Status st, const Err *err, UnixMs now, uint64_t random);

/* Make those ready whose time has come; the time of the next one, or 0 when there is none. */
UnixMs consumer_awake(Consumer *c, UnixMs now);

/* What to write: planned under the mutex, written without it, then told to consumer_saved()
 * or, when writing failed, consumer_unsaved(). A delivery that must be kept or parked is in
 * `rows`, one whose row must go in `gone`. */
typedef struct KeptRow {
    Delivery    *delivery;
    SharedEvent *shared; /* a reference: the delivery may finish meanwhile */
    int          tries;
    UnixMs       again, first_failed;
    bool         parked;
    Err          err;
} KeptRow;

typedef struct SavePlan {
    Consumer  *consumer;
    Pos        low;
    KeptRow   *rows;
    size_t     nrows;
    Delivery **gone;
    size_t     ngone;
    bool       lost; /* set by the writer: the lease has gone to somebody else */
} SavePlan;

/* False when there is nothing to write. */
bool consumer_plan(Consumer *c, UnixMs now, Arena *a, SavePlan *ret);
void consumer_saved(const SavePlan *plan, UnixMs now);
void consumer_unsaved(const SavePlan *plan);

/* Forget all deliveries: the lease is lost or given back, or the process ends. */
void consumer_clear(Consumer *c);

/* Nothing runs, is ready to run or waits to be saved; only retries may be left. */
bool consumer_is_idle(const Consumer *c);

/* Age of the oldest event that it has not finished, 0 when there is none. */
SpanMs consumer_lag(const Consumer *c, UnixMs now);
