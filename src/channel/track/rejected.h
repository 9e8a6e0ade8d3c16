/* rejected.h - what could not be understood: kept with its reason, replayed on demand. */
#pragma once

#include "base/shape.h"
#include "people/people.h"

enum { TRACK_REJECTED_MAX = 10000 }; /* the oldest go first */

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

NODISCARD Status track_rejected_list(Cx *cx, const PeopleRange *range, TrackRejectedList *ret);

typedef struct TrackReplayed {
    int64_t stored;  /* understood now; they are no longer kept aside */
    int64_t refused; /* understood, but nobody may store them */
    int64_t left;    /* still not understood */
} TrackReplayed;

/* Read them again; with their first time, where they have none of their own. At most 500 ids. */
NODISCARD Status track_rejected_replay(Cx *cx, const PeopleIds *ids, TrackReplayed *ret);
NODISCARD Status track_rejected_remove(Cx *cx, const PeopleIds *ids);
