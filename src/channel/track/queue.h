/* queue.h - what events mean for the database, durable before they are acknowledged.
 *
 * Records are appended to files with group commit, as the journey's log does, and read back in
 * order by one thread. A record may be read again after a crash: whoever works it off is
 * idempotent, by `place`, which names it.
 *
 *      file    queue-NUMBER: records of length, sum (XXH3), JSON
 *      at      number and offset up to where it was worked off */
#pragma once

#include "base/buf.h"
#include "base/status.h"

typedef struct Queue Queue;

enum {
    QUEUE_RECORD_MAX = 1 << 20,
    QUEUE_FILE_BYTES = 32 << 20,
    QUEUE_TURN_MS = 20 * 60000, /* then a new file is begun, so that what was worked off goes */
    QUEUE_HEAD = 12             /* bytes in front of each record */
};
#define QUEUE_BACKLOG_MAX INT64_C(1073741824) /* bytes; then "track.full" */

typedef void QueueDone(void *arg, Status status, const Err *err);

NODISCARD Status queue_open(const char *dir, Queue **ret, Err *err);
void             queue_close(Queue *q); /* what waits is written first */

/* Append a record to `b`, for queue_put(). */
void queue_add(Buf *b, Str json);

/* Write these records; `done` is called once, on the queue's thread, when they are durable or
 * could not be written. `records` may go as soon as this returns. */
void queue_put(Queue *q, Str records, QueueDone *done, void *arg);

/* The next records, up to `max`, waiting for them at most `ms`. They live in `a`. *ret_n 0:
 * nothing came, or the queue is being closed. */
typedef struct QueueRecord {
    int64_t place; /* file number << 32 | offset */
    Str     json;
} QueueRecord;
NODISCARD Status queue_read(Queue *q, Arena *a, QueueRecord *ret, size_t max, int ms, size_t *ret_n,
                            Err *err);
void             queue_stop(Queue *q); /* whoever waits in queue_read() comes back */

/* Begin a new file after so long, QUEUE_TURN_MS unless this is said: for tests. */
void queue_turn_after(Queue *q, int64_t ms);

/* All that was read has been worked off. */
void queue_worked(Queue *q);

int64_t queue_backlog(Queue *q); /* bytes that were not worked off yet */

/* Verify all files; each finding is told to `fn`: "track/queue-0000000003, byte 952: checksum".
 * `written`: a server may be writing the end of the last one. How many there were. */
typedef void QueueFinding(void *arg, const char *what);
int64_t      queue_check(const char *dir, bool written, QueueFinding *fn, void *arg);
