/* segment.h - events that do not change any more, in columns sorted by profile and time.
 *
 *      chunks of block 0, of block 1, ...    a block: people with all of their events
 *      columns (zstd)                        keys, types, dictionaries
 *      blocks                                SegBlock, with minima and maxima
 *      heads of chunks                       ChunkHead, ascending by column within a block
 *      SegTail                               sums and where the above is
 *
 * Numbers are little-endian. Everything is covered by a checksum (XXH3): the index by that of
 * the tail, which is verified when a segment is opened; each chunk by its own, verified when
 * it is read for the first time. The same bytes serve in memory, for recent events. */
#pragma once

#include "journey/chunk.h"
#include "journey/space.h"

#include <stdatomic.h>

enum { SEG_PROFILE, SEG_COUNT, SEG_TIME, SEG_NAME, SEG_SUBJECT, SEG_FIXED }; /* columns */
enum { SEG_BLOCK_ROWS = 8192 }; /* a block is full when it has as many; people stay whole */

typedef struct SegBlock {
    uint64_t row;   /* rows before it */
    uint64_t chunk; /* its first */
    uint32_t rows, persons;
    uint32_t nchunks, zero;
    int64_t  profile_min, profile_max;
    int64_t  time_min, time_max;
} SegBlock;
_Static_assert(sizeof(SegBlock) == 64, "a block is 64 bytes in the file");

typedef struct SegTail {
    char     magic[8];
    uint64_t rows, persons, nblocks, nchunks, ncolumns;
    int64_t  profile_min, profile_max, time_min, time_max;
    uint64_t time_scale;    /* divides every time less time_min, in ms */
    uint64_t remap_version; /* remaps up to it are folded in */
    uint64_t erase_version; /* erasures up to it do not concern it any more */
    uint64_t columns_at, columns_bytes, columns_plain;
    uint64_t blocks_at, chunks_at;
    uint64_t index_sum; /* of columns, blocks and heads */
    uint64_t sum;       /* of the tail before this */
} SegTail;

typedef struct SegColumn {
    Str      key;
    unsigned type;  /* JourneyType; 0 for fixed columns */
    bool     raw;   /* some chunks are CHUNK_TEXT */
    uint32_t ndict; /* codes are 1 .. ndict */
    Str     *dict;  /* [1 .. ndict] */
} SegColumn;

typedef struct Segment {
    atomic_int           refs;
    atomic_bool          condemned; /* the file goes with the last reference */
    atomic_bool          damaged;   /* a chunk was found to be; it is not merged */
    char                *path;      /* NULL: in memory */
    uint64_t             number;    /* of the file */
    const unsigned char *p;
    size_t               size;
    SegTail              tail;
    const SegBlock      *blocks;
    const ChunkHead     *chunks;
    SegColumn           *columns;
    atomic_uchar        *verified; /* one per chunk */
    Arena                arena;
    uint64_t             log; /* in memory: the log file that has its events */
} Segment;

/* Open a file, or bytes (malloc'd with PACK_PAD behind them, then owned by the segment, also
 * when this fails). ST_IO "journey.corrupt". */
NODISCARD Status segment_open(const char *path, uint64_t number, Segment **ret, Err *err);
NODISCARD Status segment_of(unsigned char *bytes, size_t n, Segment **ret, Err *err);
Segment         *segment_ref(Segment *s);
void             segment_unref(Segment *s); /* NULL is fine */

const char *segment_name(const Segment *s); /* "0000000007.seg", or "memory" */

/* The chunk of `column` in a block, checked; *ret_has false when the block has none. */
NODISCARD Status segment_chunk(Segment *s, const SegBlock *b, unsigned column, ChunkView *ret,
                               bool *ret_has, Err *err);

/* Where the same column of the next block is likely to be; `p` when there is none. Only to have it
 * fetched early: nothing is promised of it. */
const unsigned char *segment_ahead(const Segment *s, const SegBlock *b, unsigned column,
                                   const unsigned char *p);

/* Have fetched early what slab_open() will want of the next block, and where its chunks are. */
void segment_fetch(const Segment *s, const SegBlock *b);

/* Column of key and type; 0 (SEG_PROFILE) when it has none. */
unsigned segment_column(const Segment *s, Str key, JourneyType type);

/* --- writing ------------------------------------------------------------------------- */

/* A column's values in the rows that have one. */
typedef struct WriteColumn {
    uint32_t *row;  /* ascending */
    int64_t *value; /* BOOL, INT; REAL: its bits; TEXT, JSON: code in the space, or WRITE_RAW + i */
    size_t   n, cap;
} WriteColumn;

#define WRITE_RAW (1LL << 32) /* the text is raw[value - WRITE_RAW] */

/* Whole people, ascending by profile; their rows by time, then by subject, then by arrival. */
typedef struct WriteRows {
    size_t       rows, persons;
    int64_t     *profile; /* [persons] */
    uint32_t    *start;   /* [persons + 1] */
    int64_t     *time;    /* [rows], ms */
    int64_t     *name;    /* [rows], code in space->names */
    WriteColumn  subject; /* rows whose subject is not their profile */
    WriteColumn *columns; /* as those of the space */
    size_t       ncolumns;
    const Str   *raw;
} WriteRows;

typedef struct SegWriter SegWriter;

/* Into a file, or (path NULL) into memory. */
NODISCARD Status seg_writer_new(const char *path, Space *space, SegWriter **ret, Err *err);

/* One block. At most 2^31 rows. */
NODISCARD Status seg_writer_block(SegWriter *w, const WriteRows *rows, Err *err);

/* Write index and tail; fsync. A segment without rows gives *ret_bytes NULL and no file. In
 * memory: the bytes, as segment_of() wants them. Frees the writer in any case. */
NODISCARD Status seg_writer_end(SegWriter *w, uint64_t remap_version, uint64_t erase_version,
                                unsigned char **ret_bytes, size_t *ret_n, Err *err);
void             seg_writer_drop(SegWriter *w); /* and remove the file; NULL is fine */
