#include "journey/segment.h"

#include "journey/disk.h"

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

static const char MAGIC[8] = "RPSEG01";

static Status corrupt(const Segment *s, const char *what, Err *err)
{
    return err_set(err, ST_IO, "journey.corrupt", "%s: %s", segment_name(s), what);
}

const char *segment_name(const Segment *s)
{
    if (s->path == NULL)
        return "memory";
    const char *slash = strrchr(s->path, '/');
    return slash != NULL ? slash + 1 : s->path;
}

/* --- columns and dictionaries -------------------------------------------------------- */

typedef struct Cursor {
    const unsigned char *p, *end;
    bool                 bad;
} Cursor;

static uint32_t take_u32(Cursor *c)
{
    uint32_t v = 0;
    if (c->end - c->p < 4)
        c->bad = true;
    else
        memcpy(&v, c->p, 4);
    c->p += c->bad ? 0 : 4;
    return v;
}

static Str take_text(Cursor *c)
{
    uint32_t n = take_u32(c);
    if (c->bad || n > (size_t)(c->end - c->p)) {
        c->bad = true;
        return STR("");
    }
    Str s = {(const char *)c->p, n};
    c->p += n;
    return s;
}

static bool read_columns(Segment *s, Cursor c)
{
    s->columns = arena_array(&s->arena, SegColumn, s->tail.ncolumns);
    for (size_t i = 0; i < s->tail.ncolumns && !c.bad; i++) {
        SegColumn *col = &s->columns[i];
        col->type = take_u32(&c);
        col->raw = take_u32(&c) != 0;
        col->key = take_text(&c);
        uint32_t n = take_u32(&c);
        if (col->type >= JOURNEY_TYPES || col->key.len > JOURNEY_KEY_MAX ||
            n > (size_t)(c.end - c.p) / 4)
            return false;
        col->dict = arena_array(&s->arena, Str, (size_t)n + 1);
        for (uint32_t k = 1; k <= n && !c.bad; k++)
            col->dict[k] = take_text(&c);
        col->ndict = n;
    }
    return !c.bad;
}

/* No block of zstd takes fewer bytes, or becomes more (RFC 8878). */
enum { ZSTD_BLOCK_LEAST = 4, ZSTD_BLOCK_MOST = 128 << 10, COLUMN_LEAST = 16 };

static Status open_columns(Segment *s, Err *err)
{
    const SegTail *t = &s->tail;
    if (t->columns_plain > (1ULL << 32) || t->ncolumns < SEG_FIXED ||
        t->columns_plain / ZSTD_BLOCK_MOST > t->columns_bytes / ZSTD_BLOCK_LEAST ||
        t->ncolumns > t->columns_plain / COLUMN_LEAST)
        return corrupt(s, "the columns", err);
    unsigned char *plain = arena_alloc(&s->arena, t->columns_plain + 1, 8);
    size_t got = ZSTD_decompress(plain, t->columns_plain, s->p + t->columns_at, t->columns_bytes);
    if (got != t->columns_plain || !read_columns(s, (Cursor){plain, plain + got, false}))
        return corrupt(s, "the columns", err);
    return ST_OK;
}

/* --- opening ------------------------------------------------------------------------- */

static bool index_fits(const Segment *s)
{
    const SegTail *t = &s->tail;
    uint64_t       room = s->size - sizeof *t;
    if (t->columns_at > room || t->columns_bytes > room - t->columns_at || t->blocks_at % 8 != 0 ||
        t->blocks_at < t->columns_at + t->columns_bytes || t->blocks_at > room)
        return false;
    if (t->nblocks > room / sizeof(SegBlock) || t->nchunks > room / sizeof(ChunkHead))
        return false;
    return t->chunks_at == t->blocks_at + t->nblocks * sizeof(SegBlock) &&
           t->chunks_at + t->nchunks * sizeof(ChunkHead) == room;
}

static bool blocks_sound(const Segment *s)
{
    uint64_t rows = 0, chunks = 0;
    for (size_t i = 0; i < s->tail.nblocks; i++) {
        const SegBlock *b = &s->blocks[i];
        if (b->row != rows || b->chunk != chunks || b->rows == 0 || b->rows > INT32_MAX ||
            b->persons == 0 || b->persons > b->rows || b->profile_min > b->profile_max ||
            (i > 0 && b->profile_min <= s->blocks[i - 1].profile_max))
            return false;
        rows += b->rows;
        chunks += b->nchunks;
    }
    if (rows != s->tail.rows || chunks != s->tail.nchunks)
        return false;
    for (size_t i = 0; i < s->tail.nchunks; i++) {
        const ChunkHead *h = &s->chunks[i];
        if (h->at % 8 != 0 || h->at > s->tail.columns_at || h->bytes > s->tail.columns_at - h->at ||
            h->column >= s->tail.ncolumns)
            return false;
    }
    return true;
}

static Status parse(Segment *s, Err *err)
{
    SegTail *t = &s->tail;
    if (s->size < sizeof *t)
        return corrupt(s, "it is too short", err);
    memcpy(t, s->p + s->size - sizeof *t, sizeof *t);
    if (memcmp(t->magic, MAGIC, sizeof MAGIC) != 0)
        return corrupt(s, "the tail is not that of a segment", err);
    if (XXH3_64bits(t, offsetof(SegTail, sum)) != t->sum)
        return corrupt(s, "the tail: checksum", err);
    if (!index_fits(s))
        return corrupt(s, "the tail", err);
    if (XXH3_64bits(s->p + t->columns_at, s->size - sizeof *t - t->columns_at) != t->index_sum)
        return corrupt(s, "the index: checksum", err);
    s->blocks = (const SegBlock *)(const void *)(s->p + t->blocks_at);
    s->chunks = (const ChunkHead *)(const void *)(s->p + t->chunks_at);
    if (!blocks_sound(s))
        return corrupt(s, "the index", err);
    s->verified = arena_array(&s->arena, atomic_uchar, t->nchunks + 1);
    return open_columns(s, err);
}

static Segment *blank(void)
{
    Segment *s = calloc(1, sizeof *s);
    if (s == NULL)
        base_out_of_memory(sizeof *s);
    arena_init(&s->arena, 4096);
    atomic_store(&s->refs, 1);
    return s;
}

Status segment_open(const char *path, uint64_t number, Segment **ret, Err *err)
{
    Segment *s = blank();
    s->number = number;
    s->path = str_cstr(&s->arena, str_from_cstr(path));
    Status st = disk_map(path, PACK_PAD, &s->p, &s->size, err);
    if (st == ST_OK)
        st = parse(s, err);
    if (st == ST_OK)
        *ret = s;
    else
        segment_unref(s);
    return st;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is freed with the segment */
Status segment_of(unsigned char *bytes, size_t n, Segment **ret, Err *err)
{
    Segment *s = blank();
    s->p = bytes;
    s->size = n;
    Status st = parse(s, err);
    if (st == ST_OK)
        *ret = s;
    else
        segment_unref(s);
    return st;
}

Segment *segment_ref(Segment *s)
{
    atomic_fetch_add(&s->refs, 1);
    return s;
}

void segment_unref(Segment *s)
{
    Err err;
    if (s == NULL || atomic_fetch_sub(&s->refs, 1) != 1)
        return;
    if (s->path != NULL)
        disk_unmap(s->p, s->size, PACK_PAD);
    else
        free((void *)(uintptr_t)s->p);
    if (s->path != NULL && atomic_load(&s->condemned) && disk_unlink(s->path, &err) != ST_OK)
        atomic_store(&s->condemned, true); /* left behind: the next opening removes it */
    arena_done(&s->arena);
    free(s);
}

/* --- chunks -------------------------------------------------------------------------- */

static Status bad_chunk(Segment *s, const SegBlock *b, unsigned column, Err *err)
{
    static const char *const FIXED[] = {"profile", "count", "time", "name", "subject"};
    Str key = column < SEG_FIXED ? str_from_cstr(FIXED[column]) : s->columns[column].key;
    atomic_store(&s->damaged, true);
    return err_set(err, ST_IO, "journey.corrupt", "%s, block %lld, column %.*s: checksum",
                   segment_name(s), (long long)(b - s->blocks), (int)str_head(key, 60).len,
                   key.ptr);
}

static Status verify(Segment *s, const SegBlock *b, size_t at, const ChunkView *v, Err *err)
{
    const ChunkHead *h = &s->chunks[at];
    const SegColumn *c = &s->columns[h->column];
    bool             codes = h->column == SEG_NAME || type_is_text((JourneyType)c->type);
    if ((uint32_t)XXH3_64bits(s->p + h->at, h->bytes) != h->sum)
        return bad_chunk(s, b, h->column, err);
    if (!chunk_sound(v, codes && h->encoding != CHUNK_TEXT ? (int64_t)c->ndict : -1) ||
        (h->encoding == CHUNK_TEXT && !codes)) {
        atomic_store(&s->damaged, true);
        return corrupt(s, "a chunk contradicts itself", err);
    }
    atomic_store_explicit(&s->verified[at], 1, memory_order_release);
    return ST_OK;
}

Status segment_chunk(Segment *s, const SegBlock *b, unsigned column, ChunkView *ret, bool *ret_has,
                     Err *err)
{
    size_t lo = b->chunk, hi = b->chunk + b->nchunks;
    if (column < b->nchunks && s->chunks[lo + column].column == column)
        lo = hi = lo + column; /* those that every block has are found at once */
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s->chunks[mid].column < column)
            lo = mid + 1;
        else
            hi = mid;
    }
    *ret_has = lo < b->chunk + b->nchunks && s->chunks[lo].column == column;
    if (!*ret_has)
        return ST_OK;
    const ChunkHead *h = &s->chunks[lo];
    size_t           rows = column == SEG_PROFILE || column == SEG_COUNT ? b->persons : b->rows;
    if (!chunk_view(h, s->p + h->at, rows, ret)) {
        atomic_store(&s->damaged, true);
        return corrupt(s, "the head of a chunk", err);
    }
    if (atomic_load_explicit(&s->verified[lo], memory_order_acquire) == 0)
        return verify(s, b, lo, ret, err);
    return ST_OK;
}

void segment_fetch(const Segment *s, const SegBlock *b)
{
    const ChunkHead *next = s->chunks + b->chunk + b->nchunks, *end = s->chunks + s->tail.nchunks;
    if (end - next > (ptrdiff_t)SEG_FIXED)
        for (size_t at = 0; at < next[SEG_COUNT].bytes && at < 1024; at += 64)
            __builtin_prefetch(s->p + next[SEG_COUNT].at + at, 0, 3);
    next += b->nchunks;
    for (size_t i = 0; i < SEG_FIXED && end - next > (ptrdiff_t)i; i++)
        __builtin_prefetch(next + i, 0, 3);
}

const unsigned char *segment_ahead(const Segment *s, const SegBlock *b, unsigned column,
                                   const unsigned char *p)
{
    size_t next = (size_t)(b - s->blocks) + 1;
    for (size_t at = b->chunk; next < s->tail.nblocks && at < b->chunk + b->nchunks; at++)
        if (s->chunks[at].column == column && at + b->nchunks < s->tail.nchunks)
            return s->p + s->chunks[at + b->nchunks].at;
    return p;
}

unsigned segment_column(const Segment *s, Str key, JourneyType type)
{
    for (unsigned i = SEG_FIXED; i < s->tail.ncolumns; i++)
        if (s->columns[i].type == type && str_eq(s->columns[i].key, key))
            return i;
    return 0;
}
