/* remap.h - whose subjects are whose, and who was forgotten.
 *
 * A subject that was never mapped is its own profile. Each change has a version; a segment
 * says up to which version it is laid out, and moves after that are patched when it is read.
 * Changes are written to a file of their own and are durable when a call returns. Any thread. */
#pragma once

#include "journey/journey.h"

typedef struct Remap Remap;

typedef struct Move {
    uint64_t version;
    int64_t  subject, from, to;
} Move;

/* `dir`/links; a torn end is cut. `dir` NULL: in memory only. */
NODISCARD Status remap_open(const char *dir, bool read_only, Remap **ret, Err *err);
void             remap_close(Remap *r);

/* Before it is opened: leave out what is damaged, and keep the file as it was in `damaged`. *ret:
 * how many bytes; 0 when the file was sound. */
NODISCARD Status remap_mend(const char *dir, int64_t *ret, Err *err);

/* Read the file once more: the byte from which on it is damaged, -1 when it is sound. `written`:
 * another process may be writing its end at this moment. */
NODISCARD Status remap_check(Remap *r, bool written, int64_t *ret_at, Err *err);

NODISCARD Status remap_link(Remap *r, const JourneyLink *links, size_t n, Err *err);

/* Forget what the subjects of `profile` have in log files before `log`. */
NODISCARD Status remap_erase(Remap *r, int64_t profile, uint64_t log, Err *err);

/* Forget what is older. */
NODISCARD Status remap_expire(Remap *r, int64_t before, Err *err);

int64_t  remap_profile(Remap *r, int64_t subject);
uint64_t remap_version(Remap *r);
uint64_t remap_erase_version(Remap *r);
int64_t  remap_expired(Remap *r); /* ms; INT64_MIN: nothing */
size_t   remap_mapped(Remap *r);

/* Versions that segments have; false: the file's were smaller, and are these from now on. */
bool remap_at_least(Remap *r, uint64_t moved, uint64_t erased);

/* Write down the versions of now. */
NODISCARD Status remap_mark(Remap *r, Err *err);

/* In every `step`-th number from *v on: the subject becomes its profile. */
void remap_profiles(Remap *r, int64_t *v, size_t n, size_t step);

/* The erasure from which on this subject is forgotten: those in segments of smaller
 * erase_version; 0: never. */
uint64_t remap_erased(Remap *r, int64_t subject);

/* Erasures that concern events of log file `log`: for segments made from the log alone. */
uint64_t remap_erase_version_of(Remap *r, uint64_t log);

/* Profiles that moves after `moved` and erasures after `erased` touch, ascending, malloc'd. */
size_t remap_touched(Remap *r, uint64_t moved, uint64_t erased, int64_t **ret);

/* All segments have folded in up to here: forget the moves and erasures before. */
NODISCARD Status remap_folded(Remap *r, uint64_t moved, uint64_t erased, Err *err);

/* How often that was done. Who holds segments of before it happened is told too little by
 * remap_touched() afterwards, and takes them anew. */
uint64_t remap_folds(Remap *r);

size_t remap_moves(Remap *r);
size_t remap_moves_after(Remap *r, uint64_t moved);
size_t remap_erasures(Remap *r);
