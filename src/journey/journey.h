/* journey.h - the event store: every touch kept, every question answered from it.
 *
 * An event says that somebody did something at some time: a subject, a name, an instant and
 * any number of typed properties, of which no schema is kept. The store appends events
 * durably, lays them out in columns sorted by person and time, and answers questions -
 * funnels, retention, paths, sessions, attribution, ... - in one pass over each person.
 *
 *      Journey *j;
 *      TRY(journey_open("data/journey", &(JourneyOptions){0}, &j, err));
 *      TRY(journey_append(j, events, n, &receipt, err));   // durable when it returns
 *      TRY(journey_ask(j, STR("{\"type\":\"sessions\"}"), NULL, &answer, err));
 *      journey_close(j);
 *
 * Subjects and profiles
 *   An event keeps the *subject* it came with: the number of an identifier (a user id, an
 *   anonymous id, ...), chosen by the caller; journey_subject() makes one from text. Who that
 *   is may change: journey_remap() says which *profile* a subject belongs to from now on. A
 *   subject that was never mapped is its own profile. Events are not rewritten: each question
 *   sees the mapping of the moment, and taking two people apart again is one more remap.
 *
 * What is promised
 *   - An event is durable (fsync) before journey_append() returns, and counts in every answer
 *     from then on. Appends of many threads share one fsync.
 *   - An event whose message id was seen within 24 hours is not stored again.
 *   - A torn or damaged end of the log is cut at the last whole record; damage elsewhere is
 *     found by checksum, and the file and block are named in the error ("journey.corrupt").
 *   - What cannot be read is set aside by itself: opening, appending and merging go on without it;
 *     questions fail with "journey.corrupt" until journey_mend() or until the file is back.
 *   - A full disk fails the append with ST_BUSY "journey.full"; nothing of that batch counts;
 *     once there is room, appends work again.
 *   - journey_erase() takes effect at once in every answer; the bytes are gone from all files
 *     after journey_settle() or, in the background, soon.
 *
 * All functions may be called from any thread, except open and close.
 *
 * Errors: "journey.full", "journey.disk", "journey.corrupt", "journey.in_use",
 * "journey.bad_event", "journey.too_big", "journey.bad_question", "journey.cancelled",
 * "journey.bad_file", "journey.not_found", "journey.exists". */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/json_read.h"
#include "base/status.h"

#include <stdatomic.h>

typedef struct Journey Journey;

enum {
    JOURNEY_NAME_MAX = 200,        /* bytes of an event's name */
    JOURNEY_KEY_MAX = 200,         /* bytes of a property's key: "context.page.url" */
    JOURNEY_TEXT_MAX = 32 << 10,   /* bytes of a text property; longer is refused */
    JOURNEY_PROPS_MAX = 512,       /* properties of one event */
    JOURNEY_MESSAGE_MAX = 200,     /* bytes of a message id */
    JOURNEY_BATCH_MAX = 10000,     /* events of one append */
    JOURNEY_BATCH_BYTES = 16 << 20 /* of one append, as stored in the log */
};

typedef enum JourneyType {
    JOURNEY_BOOL = 1,
    JOURNEY_INT,
    JOURNEY_REAL, /* finite */
    JOURNEY_TEXT,
    JOURNEY_JSON, /* a list, or an object within one, as JSON text */
    JOURNEY_TYPES
} JourneyType;

typedef struct JourneyProp {
    Str         key; /* a path: "revenue", "context.page.url" */
    JourneyType type;
    int64_t     i;    /* JOURNEY_INT; JOURNEY_BOOL: 0 or 1 */
    double      real; /* JOURNEY_REAL */
    Str         text; /* JOURNEY_TEXT, JOURNEY_JSON: UTF-8 */
} JourneyProp;

typedef struct JourneyEvent {
    int64_t            subject; /* > 0 */
    UnixMs             time;    /* years 1970 to 2200 */
    Str                name;    /* "Order Completed"; not empty */
    Str                message; /* id that makes it unique; empty: always taken as new */
    const JourneyProp *props;   /* a key stands once; of a repeated one the last counts */
    size_t             nprops;
} JourneyEvent;

/* --- opening ------------------------------------------------------------------------- */

typedef struct JourneyOptions {
    int     threads;     /* that work on one question; 0: as many as cores, at most 8 */
    int64_t seen_max;    /* message ids kept for 24 h; 0: 16 million (about 200 MB) */
    int64_t memory_rows; /* events in memory before they become a file; 0: 1 million */
    int64_t keep_days;   /* older events are dropped; 0: all are kept */
    bool    no_merging;  /* no background work: for tests; see journey_settle() */
    bool    read_only;   /* look only: takes no lock, changes no file */
    bool    mend;        /* open in spite of damaged links, as journey_mend() wants it */
} JourneyOptions;

/* Open the store in folder `dir`, which is made where it is missing. ST_CONFLICT
 * "journey.in_use", ST_IO "journey.disk", "journey.corrupt". */
NODISCARD Status journey_open(const char *dir, const JourneyOptions *options, Journey **ret,
                              Err *err);

/* Wait for background work to stop; NULL is fine. What was appended is durable already. */
void journey_close(Journey *j);

/* --- writing ------------------------------------------------------------------------- */

typedef struct JourneyReceipt {
    int64_t stored;
    int64_t repeated; /* their message ids had been seen */
} JourneyReceipt;

/* Store all of `events`, or none. ST_INVALID "journey.bad_event", ST_LIMIT
 * "journey.too_big", ST_BUSY "journey.full", ST_IO "journey.disk". `ret` may be NULL. */
NODISCARD Status journey_append(Journey *j, const JourneyEvent *events, size_t n,
                                JourneyReceipt *ret, Err *err);

/* As above without waiting: `done` is called once, on the log's thread, when the batch is
 * durable or has failed; it must be quick. When the call itself fails, it is not called. The
 * events may go as soon as the call returns. */
typedef void JourneyDone(void *arg, Status status, const JourneyReceipt *receipt, const Err *err);
NODISCARD Status journey_append_later(Journey *j, const JourneyEvent *events, size_t n,
                                      JourneyDone *done, void *arg, Err *err);

/* A subject for an identifier: 63 bits of a hash of kind ("user", "anonymous") and value. */
int64_t journey_subject(Str kind, Str value);

typedef struct JourneyLink {
    int64_t subject;
    int64_t profile; /* equal to `subject`: it stands for itself again */
} JourneyLink;

/* From now on each `subject` belongs to `profile`, all at once; durable when it returns. Of a
 * subject that stands twice the last link counts. */
NODISCARD Status journey_remap(Journey *j, const JourneyLink *links, size_t n, Err *err);

/* The profile of a subject, as mapped now. */
int64_t journey_profile(Journey *j, int64_t subject);

/* Forget every event that `profile` has at this moment, under whichever subject. */
NODISCARD Status journey_erase(Journey *j, int64_t profile, Err *err);

/* Forget every event older than `t`: at once in answers, in the files when they are merged. */
NODISCARD Status journey_expire(Journey *j, UnixMs t, Err *err);

/* --- bulk ---------------------------------------------------------------------------- */

/* Load many events past the log: rows are sorted in memory and written as files, which count
 * all together when journey_load_end() has returned ST_OK, or not at all. Several loads and
 * appends may run at once; one load belongs to one thread. */
typedef struct JourneyLoad JourneyLoad;
JourneyLoad               *journey_load_begin(Journey *j);
NODISCARD Status           journey_load_add(JourneyLoad *load, const JourneyEvent *events, size_t n,
                                            Err *err);

/* Commit and free, or (`commit` false) drop and free. */
NODISCARD Status journey_load_end(JourneyLoad *load, bool commit, Err *err);

/* Records of the event workload, 20 bytes each (see docs/journey.md), fast. */
NODISCARD Status journey_load_bench(JourneyLoad *load, Str records, Err *err);

/* --- questions ----------------------------------------------------------------------- */

/* A value that filters see: of a property, or of a person's trait. */
typedef struct JourneyValue {
    JourneyType type; /* 0: absent */
    int64_t     i;
    double      real;
    Str         text;
} JourneyValue;

/* A compiled filter: the paths it looks at, and whether it holds for their values. Called from
 * several threads at once. A path "person.x" is the trait x of the person, any other a
 * property of the event; "event" is its name, "time" its instant in milliseconds. */
typedef struct JourneyFilter {
    const Str *paths;
    size_t     npaths;
    bool (*holds)(const void *of, const JourneyValue *values, Arena *scratch);
    const void *of;
} JourneyFilter;

typedef struct JourneyAsk {
    /* Compile a filter of the question: JSON of the condition language. NULL: filters are
     * refused. The engine knows no condition language of its own. */
    Status (*compile)(void *arg, Arena *a, const JsonValue *json, JourneyFilter *ret, Err *err);
    /* Trait `path` of a profile; text lives in `a`. NULL: nobody has traits. Called from several
     * threads at once. */
    JourneyValue (*trait)(void *arg, int64_t profile, Str path, Arena *a);
    void              *arg;
    const atomic_bool *cancel; /* becomes true: stop, ST_CONFLICT "journey.cancelled" */
    UnixMs             now;    /* for relative ranges; 0: the clock's */
} JourneyAsk;

/* Answer a question, JSON in and JSON out: see docs/journey.md for the types and their
 * members. `options` may be NULL. ST_INVALID "journey.bad_question" with the JSON pointer of
 * what is wrong, ST_LIMIT "journey.too_big", ST_IO "journey.corrupt". */
NODISCARD Status journey_ask(Journey *j, Str question, const JourneyAsk *options, Buf *answer,
                             Err *err);

/* Events of one profile, oldest first, from `from` until before `to`, until `fn` returns
 * false. The event and its texts are valid during the call. */
typedef bool     JourneyEventFn(void *arg, const JourneyEvent *event);
NODISCARD Status journey_timeline(Journey *j, int64_t profile, UnixMs from, UnixMs to,
                                  JourneyEventFn *fn, void *arg, Err *err);

/* What a question of the type "timeline" says besides whose it is, for those who tell it
 * themselves. `timezone` lies in the question. ST_INVALID "journey.bad_question". */
typedef struct JourneySpan {
    UnixMs  from, to; /* [from, to) */
    int64_t skip, limit;
    bool    latest; /* counted from the end: the newest, told in order all the same */
    Str     timezone;
} JourneySpan;
NODISCARD Status journey_read_timeline(const JsonValue *question, JourneySpan *ret, Err *err);

/* Those events of a profile. *ret_more: there are others behind them, or before them if `latest`.
 */
NODISCARD Status journey_tell(Journey *j, int64_t profile, const JourneySpan *span,
                              JourneyEventFn *fn, void *arg, bool *ret_more, Err *err);

/* --- keeping house ------------------------------------------------------------------- */

typedef struct JourneyStats {
    int64_t events;   /* stored, those not yet dropped from files included */
    int64_t profiles; /* at least; those in several segments count in each */
    int64_t segments; /* files */
    int64_t bytes;    /* of segment files */
    int64_t log_bytes;
    int64_t memory_rows; /* events that are in the log and in memory only */
    int64_t mapped;      /* subjects that are not their own profile */
    int64_t moved;       /* of those, not yet folded into all segments */
    int64_t erased;      /* profiles not yet erased from all segments */
    int64_t seen;        /* message ids kept */
    int64_t merging;     /* merges running */
    int64_t damaged;     /* files that cannot be read, or of which a part was found damaged */
} JourneyStats;

void journey_stats(Journey *j, JourneyStats *ret);

/* Do the background work now and wait: everything in memory becomes a file, erasures and
 * remaps are folded in; with `whole`, all segments become one. */
NODISCARD Status journey_settle(Journey *j, bool whole, Err *err);

/* Read everything and verify every checksum. Each finding is told to `fn` ("0000000007.seg,
 * block 12, column page: checksum"). ST_IO "journey.corrupt" when there were any. */
typedef void     JourneyFinding(void *arg, const char *what);
NODISCARD Status journey_check(Journey *j, JourneyFinding *fn, void *arg, Err *err);

/* Copy the store into `dir`, which must not exist, while it is in use. What was acknowledged
 * before the call is in it. */
NODISCARD Status journey_backup(Journey *j, const char *dir, Err *err);

/* Go on without what is damaged: files that cannot be read leave the store, blocks that are damaged
 * leave their files, and so do records of links; each is told to `fn`. The damaged files are kept
 * in the folder `damaged`. Of a store that was opened with `mend` and `no_merging`. */
NODISCARD Status journey_mend(Journey *j, JourneyFinding *fn, void *arg, Err *err);
