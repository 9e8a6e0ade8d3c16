/* build.h - rows in the order in which they came become a segment. */
#pragma once

#include "journey/remap.h"
#include "journey/segment.h"

enum { BUILD_ROWS_MAX = 16 << 20, BUILD_GUESSES = 64 };

typedef struct Build {
    Space        space;
    size_t       n, cap;
    int64_t     *subject, *time; /* [n] */
    uint32_t    *name;           /* codes in space.names */
    WriteColumn *columns;        /* as those of the space; rows ascend in order of arrival */
    size_t       ncolumns;
    size_t       values;               /* all together: for limits */
    uint32_t     guess[BUILD_GUESSES]; /* columns of the last event's properties */
} Build;

void   build_init(Build *b);
void   build_done(Build *b);
void   build_clear(Build *b); /* forget the rows, and the texts */
size_t build_bytes(const Build *b);

/* The event is sound (event_check()). */
void build_event(Build *b, const JourneyEvent *e);

/* The same in pieces: a row, then its values. */
void build_row(Build *b, int64_t subject, int64_t time, uint32_t name);
void build_value(Build *b, size_t column, size_t row, int64_t value);

/* Sorted by the profiles that subjects have now, into a file or (path NULL) into memory; *ret is
 * NULL when there are no rows. `number`: of the file. */
NODISCARD Status build_segment(Build *b, Remap *remap, uint64_t erase_version, const char *path,
                               uint64_t number, Segment **ret, Err *err);

/* Is this an event that can be stored? ST_INVALID "journey.bad_event". */
NODISCARD Status event_check(const JourneyEvent *e, Err *err);
