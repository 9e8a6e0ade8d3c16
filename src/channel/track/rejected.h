/* rejected.h - what could not be understood: kept with its reason, replayed on demand. */
#pragma once

#include "base/shape.h"
#include "people/people.h"

enum {
    TRACK_REJECTED_MAX = 10000, /* the oldest go first */
    TRACK_REASONS_MAX = 100
};

typedef struct TrackRejected {
    int64_t id;
    OptI64  key_id;
    Str     format, reason, raw;
    bool    cut;
    UnixMs  at;
} TrackRejected;

typedef struct TrackRejectedList {
    TrackRejected *items;
    size_t         n;
} TrackRejectedList;

extern const Shape track_rejected_shape;

/* `reason`: those alone; empty: all. */
NODISCARD Status track_rejected_list(Cx *cx, const PeopleRange *range, Str reason,
                                     TrackRejectedList *ret);

typedef struct TrackReason {
    Str     reason;
    int64_t n;
    UnixMs  first, last;
} TrackReason;

typedef struct TrackReasons {
    TrackReason *items; /* the most frequent first */
    size_t       n;
} TrackReasons;

extern const Shape track_reason_shape;

NODISCARD Status track_rejected_reasons(Cx *cx, TrackReasons *ret);

typedef struct TrackWhich {
    PeopleIds ids; /* at most 500; none: by their reason */
    Str       reason;
} TrackWhich;

typedef struct TrackReplayed {
    int64_t stored;  /* understood now; they are no longer kept aside */
    int64_t refused; /* understood, but nobody may store them */
    int64_t left;    /* still not understood */
} TrackReplayed;

/* Read them again; with their first time, where they have none of their own. Without ids all of
 * the reason, without a reason all there are. */
NODISCARD Status track_rejected_replay(Cx *cx, const TrackWhich *which, TrackReplayed *ret);

/* Without ids and reason: nothing. */
NODISCARD Status track_rejected_remove(Cx *cx, const TrackWhich *which);
