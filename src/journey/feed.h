/* feed.h - files of events, piece by piece, into a bulk load.
 *
 *   segment  a message of Segment's HTTP API per line (docs/journey.md: what becomes of it)
 *   csv      rows with a header; a mapping in JSON says which column is what
 *   bench    records of 20 bytes of the event workload
 *
 * What cannot be understood is told, with its line, and passed over. Everything counts when
 * feed_finish() has returned ST_OK, or nothing. */
#pragma once

#include "journey/journey.h"

typedef enum FeedFormat { FEED_SEGMENT, FEED_CSV, FEED_BENCH } FeedFormat;

typedef struct FeedCounts {
    int64_t events;
    int64_t links;    /* of anonymous ids to users */
    int64_t rejected; /* lines */
} FeedCounts;

typedef struct Feed Feed;
typedef void        FeedRejected(void *arg, int64_t line, const char *reason);

NODISCARD bool feed_format(Str name, FeedFormat *ret);

/* `map`: for csv. ST_INVALID "journey.bad_file". */
NODISCARD Status feed_begin(Journey *j, FeedFormat format, Str map, FeedRejected *rejected,
                            void *arg, Feed **ret, Err *err);

/* The next bytes of the file, cut anywhere. ST_INVALID "journey.bad_file": it is no text, or
 * (bench) a record is out of range; csv: the header. */
NODISCARD Status feed_bytes(Feed *f, Str bytes, Err *err);
NODISCARD Status feed_end(Feed *f, Err *err); /* there are no more */

/* Commit, or drop; frees the feed. */
NODISCARD Status feed_finish(Feed *f, bool commit, FeedCounts *ret, Err *err);

/* --- the formats, for feed.c --------------------------------------------------------- */

/* One message as JSON. The event's texts live in `a`, its properties in `props`, which has room for
 * JOURNEY_PROPS_MAX. ST_INVALID "journey.bad_event". */
typedef struct FeedMessage {
    JourneyEvent event;
    JourneyLink  link; /* subject 0: none */
} FeedMessage;
NODISCARD Status feed_message(Arena *a, Str line, JourneyProp *props, FeedMessage *ret, Err *err);

/* Properties of a JSON value, flattened: {"a": {"b": 1}} is a.b; lists stay JSON. Appends to
 * props[*n], at most JOURNEY_PROPS_MAX; what does not fit is left out. */
void feed_flatten(Arena *a, Str prefix, const JsonValue *v, JourneyProp *props, size_t *n);

typedef struct FeedCsv FeedCsv;
typedef Status         FeedCsvEvent(void *arg, const JourneyEvent *event, const JourneyLink *link,
                                    Err *err);
NODISCARD Status       feed_csv_new(Str map, FeedCsv **ret, Err *err);
void                   feed_csv_free(FeedCsv *c);
NODISCARD Status       feed_csv_bytes(FeedCsv *c, Str bytes, bool last, FeedCsvEvent *fn,
                                      FeedRejected *rejected, void *arg, Err *err);
