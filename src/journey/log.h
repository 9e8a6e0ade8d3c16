/* log.h - the write-ahead log: events are durable here before anything else happens to them.
 *
 * Callers hand in encoded batches; one thread writes all that wait with a single write and a
 * single fsync, drops repeated message ids, and publishes them in order. Files are numbered;
 * log_rotate() begins a new one, so that old ones can go when their events are in segments.
 *
 *      file    "RPLOG01\0", number; then records
 *      record  bytes, events, sum (XXH3) of the payload; payload: one batch */
#pragma once

#include "journey/build.h"
#include "journey/seen.h"

typedef struct LogBatch {
    atomic_int       refs;
    char            *bytes; /* payload, malloc'd */
    size_t           n;     /* bytes */
    size_t           events;
    uint32_t        *at;     /* [events]: offset of each event; NULL once written */
    size_t           stored; /* events that are not repeated */
    uint64_t         log;    /* number of the file */
    JourneyDone     *done;
    void            *arg;
    struct LogBatch *next;
} LogBatch;

NODISCARD Status batch_encode(const JourneyEvent *events, size_t n, LogBatch **ret, Err *err);
void             batch_unref(LogBatch *b);
LogBatch        *batch_ref(LogBatch *b);

/* Its events that are not repeated. False: it is damaged. */
typedef void   BatchEventFn(void *arg, const JourneyEvent *event, uint64_t message);
NODISCARD bool batch_each(Str payload, BatchEventFn *fn, void *arg);

/* The same of several that are sound, for they are in memory: with those of their properties that
 * are wanted. */
void batches_each(LogBatch *const *batches, size_t n, const Keys *wanted, BatchEventFn *fn,
                  void *arg);

typedef struct Log Log;

/* Called on the log's thread for a batch that is durable; takes the reference. */
typedef void LogPublish(void *arg, LogBatch *b);

NODISCARD Status log_open(const char *dir, uint64_t number, Seen *seen, LogPublish *publish,
                          void *arg, Log **ret, Err *err);
void             log_close(Log *l); /* what waits is written first */

/* Hand in a batch; its `done` will be called. Takes the reference. */
void log_append(Log *l, LogBatch *b);

/* What was handed in before is in older files than *ret_number. */
NODISCARD Status log_rotate(Log *l, uint64_t *ret_number, Err *err);

/* With the log standing still: call fn(arg). For what the log's thread also uses. */
NODISCARD Status log_pause(Log *l, Status (*fn)(void *arg, Err *err), void *arg, Err *err);

int64_t log_size(Log *l); /* bytes of the current file */

/* Make a file that is empty but for its head: sound, and without records. */
NODISCARD Status log_begin(const char *path, uint64_t number, Err *err);

/* Does the file begin as the one of this number should? One that is too short is torn, not this. */
NODISCARD Status log_head_check(const char *path, uint64_t number, bool *ret_sound, Err *err);

/* What there is of a file: `size` bytes up to the end of the last sound record. */
typedef struct LogState {
    int64_t size;
    bool    torn;    /* more comes then: what was never acknowledged */
    int64_t damaged; /* byte of the first record that is not sound though one behind it is; -1 */
} LogState;

/* Read the sound records of a file; the batches are the callee's. */
typedef void     LogBatchFn(void *arg, LogBatch *b);
NODISCARD Status log_replay(const char *path, uint64_t number, LogBatchFn *fn, void *arg,
                            LogState *ret, Err *err);
