/* scan.h - people over several segments, one after the other.
 *
 * A View is made of segments, oldest first, and the columns that are wanted. When the remaps
 * or erasures since a segment was written touch some people, these are left out of the
 * segments and come, laid out as of now, from a small segment in memory: the patch.
 *
 *      scan_init(&s, &view, lo, hi);
 *      while (scan_next(&s, &piece, &more, err) == ST_OK && more)
 *          for (p = piece.first; p < piece.end; p++)      // people of piece.slab
 *              rows piece.slab->start[p] .. start[p + 1]
 */
#pragma once

#include "journey/build.h"
#include "journey/slab.h"

enum { PATCH_PARTS = 4 };

typedef struct Patch {
    Segment *part[PATCH_PARTS]; /* what is to tell; NULL behind the last */
    int64_t *skip;              /* profiles that are in it, or gone; ascending */
    size_t   nskip;
    uint64_t remap_version, erase_version; /* of the whole, with the patch */

    /* An earlier patch, of the first `covers` segments, that this one goes on from. */
    Segment *base[PATCH_PARTS]; /* its parts */
    size_t   covers;
    uint8_t *hides; /* [nskip]: SOURCE_BASE: only those segments may not tell of a profile;
                     * SOURCE_PATCH: all others but the patch. NULL: SOURCE_PATCH for all */
} Patch;

/* With the properties that are wanted; NULL: all. A large one is made by several threads, each a
 * part of it. */
NODISCARD Status patch_make(Segment *const *segs, size_t n, Remap *remap, const Keys *wanted,
                            int threads, Patch *ret, Err *err);
void             patch_done(Patch *p);

/* Add to `out` the events that `profiles` (ascending) have in a segment, unless forgotten. */
NODISCARD Status gather(Segment *seg, const int64_t *profiles, size_t n, Remap *remap,
                        const Keys *wanted, Build *out, Err *err);

/* Columns of the space are those that are read. `lazy`: for one thread. `patch` is used for as long
 * as the view. */
NODISCARD Status view_make(Segment *const *segs, size_t n, const Patch *patch, Space *space,
                           bool lazy, View *ret, Err *err);
void             view_done(View *v);

/* May `source` not tell of v->skip[k]? */
static inline bool view_hides(const View *v, size_t k, const Source *source)
{
    return source->level < (v->hides != NULL ? v->hides[k] : SOURCE_PATCH);
}

/* Instants in ms, both included; first > last: there is no event that counts. */
typedef struct Extent {
    int64_t first, last;
} Extent;
NODISCARD Status view_extent(const View *v, int64_t keep_from, Extent *ret, Err *err);

typedef struct Piece {
    Slab  *slab;
    size_t first, end; /* people */
} Piece;

typedef struct ScanCursor {
    Source *source;
    size_t  block, end; /* blocks: the one in the slab, the one after the last */
    Slab    slab;
    size_t  person;
    bool    open;
} ScanCursor;

/* People put together as a slab (scan_slab.c). */
typedef struct Assembly {
    Slab    slab;
    size_t  rows, persons;
    size_t *filled; /* [column]: rows of codes, words of bits that are written */
    size_t *values; /* [column]: numbers */
    bool    filling;
} Assembly;

void             assembly_init(Assembly *a, const View *view);
void             assembly_done(Assembly *a);
NODISCARD Status assembly_add(Assembly *a, Slab *from, size_t lo, size_t hi, Err *err); /* rows */
void             assembly_person(Assembly *a, int64_t profile); /* whose rows these were */
Slab            *assembly_end(Assembly *a); /* what it is now; the next row begins another one */

typedef struct Scan {
    const View     *view;
    ScanCursor     *cursors;
    int64_t        *head; /* [cursor]: the profile at which it stands, where slabs have them */
    size_t          n;    /* cursors that are not at their end */
    size_t          ncursors;
    int64_t         lo, hi; /* profiles, both included */
    size_t          skip;
    bool            unsettled; /* some cursor may be at the end of its slab */
    bool            collect;   /* people become `rows`: for merges, whose views are lazy */
    WriteRows       rows;
    size_t          cap_rows, cap_persons;
    Arena           raw_arena;
    Str            *raw;
    size_t          nraw, cap_raw;
    Assembly        merged; /* else they become this, or are handed out as they are */
    struct ScanRun *runs;   /* [ncursors] */
} Scan;

NODISCARD Status scan_init(Scan *s, const View *view, int64_t lo, int64_t hi, Err *err);
void             scan_done(Scan *s);
NODISCARD Status scan_next(Scan *s, Piece *ret, bool *ret_more, Err *err);

/* For merges: blocks of rows as seg_writer_block() takes them; valid until the next call. */
NODISCARD Status scan_rows(Scan *s, const WriteRows **ret, bool *ret_more, Err *err);
