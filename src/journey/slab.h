/* slab.h - a stretch of people in memory, whose columns are read when they are asked for.
 *
 * A slab is either one block of a segment, or people assembled from several segments (and
 * then all of its columns are there from the start). Questions read both alike. */
#pragma once

#include "journey/segment.h"

/* Who tells of a profile that is concerned by a change which its segment has not folded in. */
typedef enum SourceLevel { SOURCE_COVERED, SOURCE_BASE, SOURCE_PATCH } SourceLevel;

/* A segment as seen from a Space: which column is which, which code is which. */
typedef struct Source {
    Segment   *seg;
    unsigned  *column; /* [space column]: of the segment; 0: it has none */
    uint32_t **code;   /* [space column][code]: of the space, 0: not asked for yet; NULL: same */
    uint32_t  *name;   /* [code]: as above */
    uint8_t    level;  /* SourceLevel: its people are not skipped for the sake of lower ones */
} Source;

/* What is read: segments, oldest first, through one Space. */
typedef struct View {
    Source        *sources;
    size_t         n;
    Space         *space;
    size_t         ncols;     /* columns of the space that are read */
    bool           lazy;      /* codes are given when met, one thread: for merges */
    unsigned       name_size; /* bytes of a code of a name: 1, 2, 4 */
    unsigned      *code_size; /* [column]: the same, of texts */
    const int64_t *skip;      /* profiles that only patches may tell of, ascending … */
    const uint8_t *hides;     /* … and from which level of sources on; NULL: SOURCE_PATCH */
    size_t         nskip;
    /* Times are seen as ticks: (ms - origin) / unit, which is exact. */
    int64_t origin, unit;
    bool    narrow; /* ticks fit 32 bits */
    int64_t coarse; /* so many ticks are a coarse one, which fits: 1; else a second's; 0: none do */
    int64_t skew;   /* ticks from the beginning of the first coarse one to the origin */
    int64_t ticks;  /* all are below this */
    int64_t keep_from; /* lazy views: older events are left out */
    Arena   arena;
} View;

typedef struct SlabColumn {
    bool      loaded;
    bool      any;    /* some row has a value */
    void     *codes;  /* texts: one per row, 0: none */
    uint64_t *bits;   /* numbers: which rows have one */
    uint32_t *rank;   /* per word of `bits`: values before it */
    int64_t  *values; /* numbers: by rank; REAL: bits of the double */
    size_t    cap_codes, cap_bits, cap_values;
} SlabColumn;

typedef struct Slab {
    const View     *view;
    Source         *source; /* NULL: assembled */
    const SegBlock *block;
    size_t          rows, persons;
    uint32_t       *start;   /* [persons + 1] */
    int64_t        *profile; /* slab_profiles() */
    bool            has_profiles, has_time, has_names, has_subjects, time_view, has_coarse;
    ChunkView       times;
    void           *time;   /* uint32_t (narrow) or int64_t ticks; slab_time() */
    uint32_t       *coarse; /* coarse ticks; slab_coarse() */
    void           *names;  /* codes of view->name_size; slab_names() */
    SlabColumn     *columns;
    SlabColumn      subject;
    size_t          ncols, cap_rows, cap_persons, cap_wide, cap_coarse;
    int64_t        *wide;   /* scratch: something of each row */
    uint64_t        serial; /* another one for each content, for those who keep results */
    Str            *raw;    /* texts of codes from SLAB_RAW on */
    size_t          nraw, cap_raw;
    Arena           arena;   /* texts of `raw` */
    size_t          watched; /* the person that ask_watch() was told last, and one */
    void           *kept;    /* results of a question over this content */
    void (*kept_free)(void *);
} Slab;

enum { SLAB_ROOM = 64 }; /* elements that readers of packed numbers may write too many */

#define SLAB_RAW 0x80000000U /* views that are lazy: a text that is in no dictionary */

void slab_init(Slab *s, const View *view);
void slab_done(Slab *s);

/* Make it block `b` of a source. */
NODISCARD Status slab_open(Slab *s, Source *source, const SegBlock *b, Err *err);

/* Another content, of which nothing is there yet. */
void slab_new_content(Slab *s);

NODISCARD Status slab_profiles(Slab *s, Err *err);
NODISCARD Status slab_time(Slab *s, Err *err);
NODISCARD Status slab_names(Slab *s, Err *err);
NODISCARD Status slab_subjects(Slab *s, Err *err); /* `subject` */
NODISCARD Status slab_column(Slab *s, size_t column, Err *err);

/* Be able to say the time of single rows; cheaper than slab_time() for few. */
NODISCARD Status slab_time_some(Slab *s, Err *err);

/* Coarse ticks, (tick + skew) / coarse: whether one is before a whole second is told by them. Where
 * the view has such. */
NODISCARD Status slab_coarse(Slab *s, const uint32_t **ret, Err *err);

/* What slab_column() leaves of numbers, from their bits. */
void slab_ranks(SlabColumn *c, size_t rows);

static inline int64_t view_ms(const View *v, int64_t tick)
{
    return v->origin + tick * v->unit;
}

static inline int64_t slab_tick(const Slab *s, size_t row)
{
    if (s->has_time)
        return s->view->narrow ? ((const uint32_t *)s->time)[row] : ((const int64_t *)s->time)[row];
    return (chunk_get(&s->times, row) - s->view->origin) / s->view->unit;
}

static inline bool column_has(const SlabColumn *c, size_t row)
{
    return c->any && (c->bits[row >> 6] >> (row & 63) & 1) != 0;
}
/* The value of a row that has one. */
static inline int64_t column_value(const SlabColumn *c, size_t row)
{
    uint64_t below = c->bits[row >> 6] & (((uint64_t)1 << (row & 63)) - 1);
    return c->values[c->rank[row >> 6] + (unsigned)__builtin_popcountll(below)];
}
static inline uint32_t code_at(const void *codes, unsigned size, size_t row)
{
    if (size == 1)
        return ((const uint8_t *)codes)[row];
    return size == 2 ? ((const uint16_t *)codes)[row] : ((const uint32_t *)codes)[row];
}
static inline uint32_t slab_name(const Slab *s, size_t row)
{
    return code_at(s->names, s->view->name_size, row);
}
