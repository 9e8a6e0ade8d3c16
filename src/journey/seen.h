/* seen.h - the message ids of the last 24 hours, so that none is stored twice.
 *
 * An id is 59 bits of a hash, with the hour in which it came: 8 bytes, in one open table.
 * When more than `max` are there the oldest hours go first. One thread at a time. */
#pragma once

#include "journey/journey.h"

typedef struct Seen {
    uint64_t *slots;
    size_t    cap, n, max;
    int64_t   hour;  /* now */
    uint64_t *fresh; /* not yet in the file */
    size_t    nfresh, cap_fresh;
    bool      torn; /* the end of the file: it will be written anew */
} Seen;

void     seen_init(Seen *s, size_t max);
void     seen_done(Seen *s);
uint64_t seen_hash(Str message); /* never 0 */

/* False: it was there. */
NODISCARD bool seen_add(Seen *s, uint64_t hash, UnixMs now);
void           seen_remove(Seen *s, uint64_t hash); /* what was added last, when it failed */

/* dir/seen: append what is new and fsync; write it anew once most of it is old. */
NODISCARD Status seen_save(Seen *s, const char *dir, Err *err);
NODISCARD Status seen_load(Seen *s, const char *dir, UnixMs now, Err *err);

/* Read the file once more: the byte from which on it is damaged, -1 when it is sound. */
NODISCARD Status seen_check(const char *dir, int64_t *ret_at, Err *err);
