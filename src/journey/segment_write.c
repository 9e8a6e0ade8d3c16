#include "journey/disk.h"
#include "journey/segment.h"

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

enum { FLUSH_BYTES = 4 << 20 };

/* Codes of a dictionary that rows have. The others are not written: the text may be of somebody who
 * was erased, whose rows were left out. */
typedef struct Used {
    uint64_t *bits;
    size_t    words;
    uint32_t  max, n;
} Used;

struct SegWriter {
    Space   *space;
    char    *path;
    int      fd;  /* -1: in memory */
    Buf      out; /* bytes not yet in the file */
    uint64_t at;  /* bytes before them */
    Buf      blocks, heads;
    SegTail  tail;
    Used     names;
    Used    *used; /* per column of the space */
    bool    *raw;  /* it has CHUNK_TEXT */
    size_t   nused;
    int64_t *scratch;
    size_t   nscratch;
};

Status seg_writer_new(const char *path, Space *space, SegWriter **ret, Err *err)
{
    int fd = -1;
    if (path != NULL)
        TRY(disk_create(path, &fd, err));
    SegWriter *w = calloc(1, sizeof *w);
    if (w == NULL)
        base_out_of_memory(sizeof *w);
    w->space = space;
    w->fd = fd;
    w->path = path != NULL ? strdup(path) : NULL;
    w->tail.profile_min = w->tail.time_min = INT64_MAX;
    w->tail.profile_max = w->tail.time_max = INT64_MIN;
    buf_init(&w->out, SIZE_MAX / 4);
    buf_init(&w->blocks, SIZE_MAX / 4);
    buf_init(&w->heads, SIZE_MAX / 4);
    *ret = w;
    return ST_OK;
}

static void writer_free(SegWriter *w)
{
    disk_close(&w->fd);
    buf_done(&w->out);
    buf_done(&w->blocks);
    buf_done(&w->heads);
    free(w->path);
    free(w->names.bits);
    for (size_t k = 0; k < w->nused; k++)
        free(w->used[k].bits);
    free(w->used);
    free(w->raw);
    free(w->scratch);
    free(w);
}

void seg_writer_drop(SegWriter *w)
{
    Err err;
    if (w == NULL)
        return;
    if (w->path != NULL && disk_unlink(w->path, &err) != ST_OK)
        w->at = 0; /* stays: the next opening removes what belongs to nothing */
    writer_free(w);
}

static void align(Buf *b)
{
    while (b->len % 8 != 0)
        buf_addc(b, '\0');
}

/* --- one chunk ----------------------------------------------------------------------- */

static int64_t *scratch(SegWriter *w, size_t n)
{
    if (n > w->nscratch) {
        free(w->scratch);
        w->nscratch = n * 2;
        w->scratch = malloc(w->nscratch * sizeof *w->scratch);
        if (w->scratch == NULL)
            base_out_of_memory(w->nscratch);
    }
    return w->scratch;
}

static void seal(SegWriter *w, ChunkHead *h, size_t from, unsigned column)
{
    h->at = w->at + from;
    h->column = column;
    ASSERT(w->out.len - from <= UINT32_MAX);
    h->bytes = (uint32_t)(w->out.len - from);
    h->sum = (uint32_t)XXH3_64bits(w->out.ptr + from, h->bytes);
    align(&w->out);
    buf_add(&w->heads, (Str){(const char *)h, sizeof *h});
    w->tail.nchunks++;
}

static void put_ints(SegWriter *w, unsigned column, const int64_t *v, size_t n)
{
    ChunkHead h = {0};
    size_t    from = w->out.len;
    chunk_put_presence(&w->out, &h, NULL, n, n);
    chunk_put_ints(&w->out, &h, v, n);
    seal(w, &h, from, column);
}

static void put_texts(SegWriter *w, ChunkHead *h, const SpaceColumn *col, const WriteColumn *c,
                      const Str *raw)
{
    Str *texts = malloc((c->n + 1) * sizeof *texts);
    if (texts == NULL)
        base_out_of_memory(c->n);
    for (size_t i = 0; i < c->n; i++)
        texts[i] =
            c->value[i] >= WRITE_RAW ? raw[c->value[i] - WRITE_RAW] : col->dict.texts[c->value[i]];
    chunk_put_texts(&w->out, h, texts, c->n);
    free(texts);
}

static void use_codes(Used *u, const int64_t *codes, size_t n)
{
    uint32_t max = u->max;
    for (size_t i = 0; i < n; i++)
        max = (uint32_t)codes[i] > max ? (uint32_t)codes[i] : max;
    if (max / 64 >= u->words) {
        size_t words = max / 64 * 2 + 16;
        u->bits = realloc(u->bits, words * sizeof *u->bits);
        if (u->bits == NULL)
            base_out_of_memory(words);
        memset(u->bits + u->words, 0, (words - u->words) * sizeof *u->bits);
        u->words = words;
    }
    u->max = max;
    for (size_t i = 0; i < n; i++) {
        uint64_t *word = &u->bits[(uint64_t)codes[i] >> 6];
        u->n += (*word >> (codes[i] & 63) & 1) == 0;
        *word |= 1ULL << (codes[i] & 63);
    }
}

static void put_codes(SegWriter *w, ChunkHead *h, size_t k, const WriteColumn *c, const Str *raw)
{
    SpaceColumn *col = w->space->columns[k];
    bool         text = col->raw;
    for (size_t i = 0; i < c->n && !text; i++)
        text = c->value[i] >= WRITE_RAW;
    col->values += c->n;
    if (text) {
        w->raw[k] = true;
        put_texts(w, h, col, c, raw);
        return;
    }
    use_codes(&w->used[k], c->value, c->n);
    chunk_put_ints(&w->out, h, c->value, c->n);
    if (texts_hardly_repeat(w->used[k].n, col->values))
        col->raw = true; /* no dictionary from here on */
}

static void put_column(SegWriter *w, size_t k, const WriteRows *r)
{
    const WriteColumn *c = &r->columns[k];
    JourneyType        type = w->space->columns[k]->type;
    ChunkHead          h = {0};
    size_t             from = w->out.len;
    chunk_put_presence(&w->out, &h, c->row, c->n, r->rows);
    if (type_is_text(type)) {
        put_codes(w, &h, k, c, r->raw);
    } else if (type == JOURNEY_REAL) {
        double *reals = malloc((c->n + 1) * sizeof *reals);
        if (reals == NULL)
            base_out_of_memory(c->n);
        memcpy(reals, c->value, c->n * sizeof *reals);
        chunk_put_reals(&w->out, &h, reals, c->n);
        free(reals);
    } else {
        chunk_put_ints(&w->out, &h, c->value, c->n);
    }
    seal(w, &h, from, (unsigned)k + SEG_FIXED);
}

/* --- one block ----------------------------------------------------------------------- */

/* Profiles ascend, so that their distances are small numbers: the first one, then those. */
static void put_people(SegWriter *w, const WriteRows *r)
{
    int64_t *v = scratch(w, r->persons);
    for (size_t i = 0; i < r->persons; i++)
        v[i] = i == 0 ? 0 : (int64_t)((uint64_t)r->profile[i] - (uint64_t)r->profile[i - 1]);
    put_ints(w, SEG_PROFILE, v, r->persons);
    for (size_t i = 0; i < r->persons; i++)
        v[i] = (int64_t)(r->start[i + 1] - r->start[i]);
    put_ints(w, SEG_COUNT, v, r->persons);
}

static void put_subject(SegWriter *w, const WriteRows *r)
{
    ChunkHead h = {0};
    size_t    from = w->out.len;
    chunk_put_presence(&w->out, &h, r->subject.row, r->subject.n, r->rows);
    chunk_put_ints(&w->out, &h, r->subject.value, r->subject.n);
    seal(w, &h, from, SEG_SUBJECT);
}

static uint64_t divisor(uint64_t x, uint64_t y)
{
    while (y != 0) {
        uint64_t t = x % y;
        x = y;
        y = t;
    }
    return x;
}

static void widen(SegWriter *w, const SegBlock *b)
{
    SegTail *t = &w->tail;
    int64_t  first = ((const SegBlock *)(const void *)w->blocks.ptr)->time_min;
    /* every time less the first block's minimum; the distance of the two minima divides too */
    const ChunkHead *h = (const ChunkHead *)(const void *)w->heads.ptr + b->chunk + SEG_TIME;
    uint64_t         apart = (uint64_t)(b->time_min - first);
    bool             one = h->encoding == CHUNK_FOR && h->width == 0; /* divisible by anything */
    t->time_scale = divisor(divisor(t->time_scale, one ? 0 : (uint64_t)h->scale),
                            (int64_t)apart < 0 ? 0 - apart : apart);
    t->rows += b->rows;
    t->persons += b->persons;
    t->nblocks++;
    t->profile_min = b->profile_min < t->profile_min ? b->profile_min : t->profile_min;
    t->profile_max = b->profile_max > t->profile_max ? b->profile_max : t->profile_max;
    t->time_min = b->time_min < t->time_min ? b->time_min : t->time_min;
    t->time_max = b->time_max > t->time_max ? b->time_max : t->time_max;
}

static void know_columns(SegWriter *w, size_t n)
{
    if (n <= w->nused)
        return;
    w->used = realloc(w->used, n * sizeof *w->used);
    w->raw = realloc(w->raw, n * sizeof *w->raw);
    if (w->used == NULL || w->raw == NULL)
        base_out_of_memory(n);
    for (; w->nused < n; w->nused++) {
        w->used[w->nused] = (Used){0};
        w->raw[w->nused] = false;
    }
}

Status seg_writer_block(SegWriter *w, const WriteRows *r, Err *err)
{
    SegBlock b = {.row = w->tail.rows,
                  .chunk = w->tail.nchunks,
                  .rows = (uint32_t)r->rows,
                  .persons = (uint32_t)r->persons,
                  .profile_min = r->profile[0],
                  .profile_max = r->profile[r->persons - 1],
                  .time_min = INT64_MAX,
                  .time_max = INT64_MIN};
    ASSERT(r->rows > 0 && r->rows < INT32_MAX && r->start[r->persons] == r->rows);
    for (size_t i = 0; i < r->rows; i++) {
        b.time_min = r->time[i] < b.time_min ? r->time[i] : b.time_min;
        b.time_max = r->time[i] > b.time_max ? r->time[i] : b.time_max;
    }
    know_columns(w, w->space->n);
    put_people(w, r);
    put_ints(w, SEG_TIME, r->time, r->rows);
    put_ints(w, SEG_NAME, r->name, r->rows);
    use_codes(&w->names, r->name, r->rows);
    if (r->subject.n > 0)
        put_subject(w, r);
    for (size_t k = 0; k < r->ncolumns; k++)
        if (r->columns[k].n > 0)
            put_column(w, k, r);
    b.nchunks = (uint32_t)(w->tail.nchunks - b.chunk);
    buf_add(&w->blocks, (Str){(const char *)&b, sizeof b});
    widen(w, &b);
    if (w->fd < 0 || w->out.len < FLUSH_BYTES)
        return ST_OK;
    TRY(disk_write(w->fd, w->out.ptr, w->out.len, err));
    w->at += w->out.len;
    buf_clear(&w->out);
    return ST_OK;
}

/* --- index --------------------------------------------------------------------------- */

static void add_u32(Buf *b, size_t v)
{
    uint32_t n = (uint32_t)v;
    buf_add(b, (Str){(const char *)&n, sizeof n});
}

static void add_text(Buf *b, Str s)
{
    add_u32(b, s.len);
    buf_add(b, s);
}

/* In the place of a text that no row has: what is no other's, so that codes stay as they are when a
 * view reads them. */
static void add_nothing(Buf *b, uint32_t code)
{
    char text[16];
    int  n = snprintf(text, sizeof text, "%c%x", 0, (unsigned)code);
    add_text(b, (Str){text, (size_t)n});
}

static void add_column(Buf *b, unsigned type, bool raw, Str key, const Dict *d, const Used *u)
{
    add_u32(b, type);
    add_u32(b, raw);
    add_text(b, key);
    add_u32(b, u->max);
    for (uint32_t i = 1; i <= u->max; i++) {
        if ((u->bits[i >> 6] >> (i & 63) & 1) != 0)
            add_text(b, d->texts[i]);
        else
            add_nothing(b, i);
    }
}

static void put_index(SegWriter *w)
{
    SegTail              *t = &w->tail;
    CLEANUP(buf_done) Buf plain = {0};
    const Used            none = {0};
    buf_init(&plain, UINT32_MAX);
    for (unsigned i = 0; i < SEG_FIXED; i++)
        add_column(&plain, 0, false, STR(""), &w->space->names, i == SEG_NAME ? &w->names : &none);
    for (size_t k = 0; k < w->nused; k++) {
        const SpaceColumn *c = w->space->columns[k];
        add_column(&plain, c->type, w->raw[k], c->key, &c->dict, &w->used[k]);
    }
    ASSERT(!buf_overflowed(&plain));
    size_t from = w->out.len;
    size_t bound = ZSTD_compressBound(plain.len);
    char  *p = buf_extend(&w->out, bound);
    ASSERT(p != NULL);
    size_t got = ZSTD_compress(p, bound, plain.ptr, plain.len, 3);
    ASSERT(!ZSTD_isError(got));
    w->out.len = from + got;
    t->ncolumns = SEG_FIXED + w->nused;
    t->columns_at = w->at + from;
    t->columns_bytes = got;
    t->columns_plain = plain.len;
    align(&w->out);
    t->blocks_at = w->at + w->out.len;
    buf_add(&w->out, buf_str(&w->blocks));
    t->chunks_at = w->at + w->out.len;
    buf_add(&w->out, buf_str(&w->heads));
    t->index_sum = XXH3_64bits(w->out.ptr + from, w->out.len - from);
    memcpy(t->magic, "RPSEG01", sizeof t->magic);
    t->sum = XXH3_64bits(t, offsetof(SegTail, sum));
    buf_add(&w->out, (Str){(const char *)t, sizeof *t});
}

static Status finish(SegWriter *w, unsigned char **ret_bytes, size_t *ret_n, Err *err)
{
    put_index(w);
    if (w->fd >= 0) {
        TRY(disk_write(w->fd, w->out.ptr, w->out.len, err));
        TRY(disk_sync(w->fd, err));
        *ret_n = w->at + w->out.len;
        return ST_OK;
    }
    size_t n = w->out.len;
    char  *pad = buf_extend(&w->out, PACK_PAD);
    ASSERT(pad != NULL);
    memset(pad, 0, PACK_PAD);
    *ret_bytes = (unsigned char *)buf_take(&w->out, ret_n);
    *ret_n = n;
    return ST_OK;
}

Status seg_writer_end(SegWriter *w, uint64_t remap_version, uint64_t erase_version,
                      unsigned char **ret_bytes, size_t *ret_n, Err *err)
{
    *ret_bytes = NULL;
    *ret_n = 0;
    if (w->tail.rows == 0) {
        seg_writer_drop(w);
        return ST_OK;
    }
    w->tail.remap_version = remap_version;
    w->tail.erase_version = erase_version;
    if (w->tail.time_scale == 0)
        w->tail.time_scale = 1;
    Status st = finish(w, ret_bytes, ret_n, err);
    if (st == ST_OK)
        writer_free(w);
    else
        seg_writer_drop(w);
    return st;
}
