#include "journey/slab.h"

/* Results are kept by the thread that has the slab: no other one counts with it. */
static _Thread_local uint64_t serials;

static void *sized(void *p, size_t n, size_t size)
{
    free(p);
    p = malloc((n + SLAB_ROOM) * size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

void slab_init(Slab *s, const View *view)
{
    *s = (Slab){.view = view, .ncols = view->ncols};
    s->columns = calloc(view->ncols + 1, sizeof *s->columns);
    if (s->columns == NULL)
        base_out_of_memory(view->ncols);
    arena_init(&s->arena, 4096);
}

static void column_done(SlabColumn *c)
{
    free(c->codes);
    free(c->bits);
    free(c->rank);
    free(c->values);
}

static void drop_kept(Slab *s)
{
    if (s->kept != NULL && s->kept_free != NULL)
        s->kept_free(s->kept);
    s->kept = NULL;
}

void slab_done(Slab *s)
{
    drop_kept(s);
    for (size_t i = 0; i < s->ncols; i++)
        column_done(&s->columns[i]);
    column_done(&s->subject);
    free(s->columns);
    free(s->start);
    free(s->profile);
    free(s->time);
    free(s->coarse);
    free(s->names);
    free(s->wide);
    free(s->raw);
    arena_done(&s->arena);
    *s = (Slab){0};
}

void slab_new_content(Slab *s)
{
    s->serial = ++serials;
    s->has_profiles = s->has_time = s->has_names = s->has_subjects = false;
    s->time_view = s->has_coarse = false;
    s->nraw = 0;
    s->watched = 0;
    arena_reset(&s->arena);
    for (size_t i = 0; i < s->ncols; i++)
        s->columns[i].loaded = s->columns[i].any = false;
    s->subject.loaded = s->subject.any = false;
}

static void reserve(Slab *s, size_t rows, size_t persons)
{
    if (rows > s->cap_rows) {
        s->cap_rows = rows + rows / 4;
        s->time = sized(s->time, s->cap_rows, s->view->narrow ? 4 : 8);
        s->names = sized(s->names, s->cap_rows, s->view->name_size);
    }
    if (persons > s->cap_persons) {
        s->cap_persons = persons + persons / 4;
        s->start = sized(s->start, s->cap_persons + 1, sizeof *s->start);
        s->profile = sized(s->profile, s->cap_persons, sizeof *s->profile);
    }
}

static Status damaged(const Slab *s, const char *what, Err *err)
{
    return err_set(err, ST_IO, "journey.corrupt", "%s, block %lld: %s",
                   segment_name(s->source->seg), (long long)(s->block - s->source->seg->blocks),
                   what);
}

static Status need(const Slab *s, unsigned column, ChunkView *ret, Err *err)
{
    bool has;
    TRY(segment_chunk(s->source->seg, s->block, column, ret, &has, err));
    return has && ret->encoding != CHUNK_TEXT && ret->presence == CHUNK_ALL
               ? ST_OK
               : damaged(s, "a column is missing", err);
}

/* Rows of each person to start[1 ...], none of them more than *ret_most; false: some count is out
 * of range. */
static bool read_counts(Slab *s, const ChunkView *v, uint64_t *ret_most)
{
    uint32_t *out = s->start + 1;
    *ret_most = s->rows;
    if (v->encoding == CHUNK_FOR && v->scale == 1 && v->width < 32 && v->base >= 1 &&
        v->base < INT32_MAX) {
        *ret_most = (uint64_t)v->base + pack_mask(v->width);
        pack_read_u32(out, v->packed, v->width, v->n, (uint32_t)v->base);
        return true;
    }
    for (size_t i = 0; i < v->n; i++) {
        int64_t n = chunk_get(v, i);
        if (n < 1 || n > (int64_t)s->rows)
            return false;
        out[i] = (uint32_t)n;
    }
    return true;
}

/* Where each person's rows start, from how many they have; false: they are not s->rows. */
static bool add_counts(Slab *s, uint64_t most)
{
    s->start[0] = 0;
    if (most * s->persons <= UINT32_MAX) {
        pack_sums(s->start + 1, s->persons);
        return s->start[s->persons] == s->rows;
    }
    uint64_t at = 0;
    for (size_t i = 1; i <= s->persons; i++) {
        at += s->start[i];
        s->start[i] = (uint32_t)at;
    }
    return at == s->rows;
}

Status slab_open(Slab *s, Source *source, const SegBlock *b, Err *err)
{
    ChunkView counts;
    slab_new_content(s);
    s->source = source;
    s->block = b;
    s->rows = b->rows;
    s->persons = b->persons;
    reserve(s, s->rows, s->persons);
    TRY(need(s, SEG_COUNT, &counts, err));
    segment_fetch(source->seg, b);
    uint64_t most;
    if (!read_counts(s, &counts, &most))
        return damaged(s, "people without events", err);
    return add_counts(s, most) ? ST_OK : damaged(s, "its rows do not add up", err);
}

Status slab_profiles(Slab *s, Err *err)
{
    ChunkView steps;
    if (s->has_profiles)
        return ST_OK;
    TRY(need(s, SEG_PROFILE, &steps, err));
    chunk_read(&steps, s->profile);
    s->profile[0] = s->block->profile_min;
    for (size_t i = 1; i < s->persons; i++) {
        s->profile[i] = (int64_t)((uint64_t)s->profile[i - 1] + (uint64_t)s->profile[i]);
        if (s->profile[i] <= s->profile[i - 1])
            return damaged(s, "profiles do not ascend", err);
    }
    if (s->profile[s->persons - 1] != s->block->profile_max)
        return damaged(s, "profiles differ from the index", err);
    s->has_profiles = true;
    return ST_OK;
}

Status slab_time_some(Slab *s, Err *err)
{
    if (s->has_time || s->time_view)
        return ST_OK;
    TRY(need(s, SEG_TIME, &s->times, err));
    s->time_view = true;
    return ST_OK;
}

static int64_t *wide(Slab *s)
{
    if (s->cap_rows > s->cap_wide) {
        s->cap_wide = s->cap_rows;
        s->wide = sized(s->wide, s->cap_wide, sizeof *s->wide);
    }
    return s->wide;
}

/* Milliseconds become ticks. The unit is 1 or 1000: a loop for each, which divides by a number. */
static void put_ticks(const View *view, const int64_t *ms, uint32_t *to, size_t n)
{
    ASSERT(view->unit == 1 || view->unit == 1000);
    if (view->unit == 1)
        for (size_t i = 0; i < n; i++)
            to[i] = (uint32_t)(ms[i] - view->origin);
    else
        for (size_t i = 0; i < n; i++)
            to[i] = (uint32_t)((uint64_t)(ms[i] - view->origin) / 1000);
}

Status slab_time(Slab *s, Err *err)
{
    if (s->has_time)
        return ST_OK;
    TRY(slab_time_some(s, err));
    const ChunkView *v = &s->times;
    const View      *view = s->view;
    if (view->narrow && v->encoding == CHUNK_FOR && v->scale == view->unit && v->width <= 32) {
        pack_read_ahead(s->time, v->packed, v->width, v->n,
                        (uint32_t)((v->base - view->origin) / view->unit),
                        segment_ahead(s->source->seg, s->block, SEG_TIME, v->packed));
    } else if (view->narrow) {
        chunk_read(v, wide(s));
        put_ticks(view, s->wide, s->time, s->rows);
    } else if (v->encoding == CHUNK_FOR && view->unit == 1) {
        pack_read_i64(s->time, v->packed, v->width, v->n, v->base - view->origin, v->scale);
    } else {
        int64_t *out = s->time;
        chunk_read(v, out);
        if (view->unit == 1)
            for (size_t i = 0; i < s->rows; i++)
                out[i] -= view->origin;
        else
            for (size_t i = 0; i < s->rows; i++)
                out[i] = (out[i] - view->origin) / view->unit;
    }
    s->has_time = true;
    return ST_OK;
}

/* Whole seconds since the beginning of the origin's. */
static void seconds_of(Slab *s)
{
    const View      *view = s->view;
    const ChunkView *v = &s->times;
    int64_t          skew = view->skew, base = v->base - view->origin + skew;
    if (!s->has_time && v->scale == 1) {
        pack_read_seconds(s->coarse, v->packed, v->width, v->n, base,
                          segment_ahead(s->source->seg, s->block, SEG_TIME, v->packed));
    } else if (!s->has_time) { /* of seconds: the part of one is the same for all */
        pack_read_ahead(s->coarse, v->packed, v->width, v->n, (uint32_t)(base / 1000),
                        segment_ahead(s->source->seg, s->block, SEG_TIME, v->packed));
    } else {
        const int64_t *tick = s->time;
        for (size_t i = 0; i < s->rows; i++)
            s->coarse[i] = (uint32_t)((uint64_t)(tick[i] + skew) / 1000);
    }
}

Status slab_coarse(Slab *s, const uint32_t **ret, Err *err)
{
    ASSERT(s->view->coarse != 0);
    TRY(slab_time_some(s, err));
    if (s->view->coarse == 1) {
        TRY(slab_time(s, err));
        *ret = s->time;
        return ST_OK;
    }
    if (!s->has_coarse) {
        const ChunkView *v = &s->times;
        if (!s->has_time && (v->encoding != CHUNK_FOR || v->width > 56 ||
                             (v->scale != 1 && (v->scale != 1000 || v->width > 32))))
            TRY(slab_time(s, err));
        if (s->rows > s->cap_coarse) {
            s->cap_coarse = s->cap_rows;
            s->coarse = sized(s->coarse, s->cap_coarse, sizeof *s->coarse);
        }
        seconds_of(s);
        s->has_coarse = true;
    }
    *ret = s->coarse;
    return ST_OK;
}

/* --- codes --------------------------------------------------------------------------- */

/* The code in the space for each code of a segment; given now when the view is lazy. */
static uint32_t translated(Dict *dict, const Str *texts, uint32_t *table, uint32_t code)
{
    if (code != 0 && table[code] == 0)
        table[code] = dict_put(dict, texts[code]);
    return table[code];
}

static void read_codes(const ChunkView *v, void *out, unsigned size)
{
    if (size == 1)
        chunk_codes_u8(v, out);
    else if (size == 2)
        chunk_codes_u16(v, out);
    else
        chunk_codes_u32(v, out);
}

/* The segment's codes may need more room than those of the space: read wide, write narrow. */
static void translate(Slab *s, const ChunkView *v, void *out, unsigned size, Dict *dict,
                      const Str *texts, uint32_t *table)
{
    uint32_t *codes = (uint32_t *)(void *)wide(s);
    chunk_codes_u32(v, codes);
    for (size_t i = 0; i < s->rows; i++) {
        uint32_t code = s->view->lazy ? translated(dict, texts, table, codes[i]) : table[codes[i]];
        if (size == 1)
            ((uint8_t *)out)[i] = (uint8_t)code;
        else if (size == 2)
            ((uint16_t *)out)[i] = (uint16_t)code;
        else
            ((uint32_t *)out)[i] = code;
    }
}

Status slab_names(Slab *s, Err *err)
{
    ChunkView v;
    if (s->has_names)
        return ST_OK;
    TRY(need(s, SEG_NAME, &v, err));
    if (s->source->name == NULL)
        read_codes(&v, s->names, s->view->name_size);
    else
        translate(s, &v, s->names, s->view->name_size, &s->view->space->names,
                  s->source->seg->columns[SEG_NAME].dict, s->source->name);
    s->has_names = true;
    return ST_OK;
}

static uint32_t keep_raw(Slab *s, Str text)
{
    if (s->nraw == s->cap_raw) {
        s->cap_raw = s->cap_raw > 0 ? s->cap_raw * 2 : 256;
        s->raw = realloc(s->raw, s->cap_raw * sizeof *s->raw);
        if (s->raw == NULL)
            base_out_of_memory(s->cap_raw);
    }
    s->raw[s->nraw] = text;
    return SLAB_RAW + (uint32_t)s->nraw++;
}

/* Texts that stand in the chunk themselves. */
static Status read_texts(Slab *s, const ChunkView *v, size_t column, Err *err)
{
    SpaceColumn              *col = s->view->space->columns[column];
    uint32_t                 *out = s->columns[column].codes;
    CLEANUP(arena_done) Arena passing = {.block_size = 4096};
    Str                      *texts;
    bool                      keep = s->view->lazy && col->raw;
    if (!chunk_texts(v, keep ? &s->arena : &passing, &texts))
        return damaged(s, "packed texts", err);
    memset(out, 0, s->rows * sizeof *out);
    uint64_t *bits = malloc((s->rows + 63) / 64 * 8);
    if (bits == NULL)
        base_out_of_memory(s->rows);
    chunk_bits(v, bits);
    pthread_mutex_lock(&s->view->space->lock);
    for (size_t row = 0, k = 0; row < s->rows; row++)
        if ((bits[row >> 6] >> (row & 63) & 1) != 0) {
            out[row] = keep ? keep_raw(s, texts[k]) : dict_put(&col->dict, texts[k]);
            k++;
        }
    pthread_mutex_unlock(&s->view->space->lock);
    free(bits);
    return ST_OK;
}

static void codes_room(SlabColumn *c, size_t rows, unsigned size)
{
    size_t bytes = (rows + SLAB_ROOM) * size;
    if (bytes > c->cap_codes) {
        c->cap_codes = bytes + bytes / 4;
        c->codes = sized(c->codes, c->cap_codes, 1);
    }
}

static Status load_codes(Slab *s, const ChunkView *v, size_t column, Err *err)
{
    SlabColumn *c = &s->columns[column];
    unsigned    size = s->view->code_size[column];
    codes_room(c, s->rows, size);
    if (v->encoding == CHUNK_TEXT)
        return size == 4 ? read_texts(s, v, column, err) : damaged(s, "packed texts", err);
    if (s->source->code[column] == NULL)
        read_codes(v, c->codes, size);
    else
        translate(s, v, c->codes, size, &s->view->space->columns[column]->dict,
                  s->source->seg->columns[s->source->column[column]].dict, s->source->code[column]);
    return ST_OK;
}

/* --- numbers ------------------------------------------------------------------------- */

static void numbers_room(SlabColumn *c, size_t rows, size_t values)
{
    size_t words = (rows + 63) / 64;
    if (words > c->cap_bits) {
        c->cap_bits = words + words / 4;
        c->bits = sized(c->bits, c->cap_bits, sizeof *c->bits);
        c->rank = sized(c->rank, c->cap_bits, sizeof *c->rank);
    }
    if (values > c->cap_values) {
        c->cap_values = values + values / 4;
        c->values = sized(c->values, c->cap_values, sizeof *c->values);
    }
}

void slab_ranks(SlabColumn *c, size_t rows)
{
    uint32_t n = 0;
    for (size_t w = 0; w < (rows + 63) / 64; w++) {
        c->rank[w] = n;
        n += (uint32_t)__builtin_popcountll(c->bits[w]);
    }
}

static void load_numbers(SlabColumn *c, const ChunkView *v, bool real)
{
    numbers_room(c, v->rows, v->n);
    chunk_bits(v, c->bits);
    slab_ranks(c, v->rows);
    chunk_read(v, c->values);
    for (size_t i = 0; real && i < v->n; i++) {
        double value = chunk_real(v, c->values[i]);
        memcpy(&c->values[i], &value, sizeof value);
    }
}

Status slab_column(Slab *s, size_t column, Err *err)
{
    SlabColumn *c = &s->columns[column];
    if (c->loaded)
        return ST_OK;
    unsigned    at = s->source->column[column];
    JourneyType type = s->view->space->columns[column]->type;
    ChunkView   v;
    bool        has = false;
    if (at != 0)
        TRY(segment_chunk(s->source->seg, s->block, at, &v, &has, err));
    c->any = has && v.n > 0;
    if (c->any && type_is_text(type))
        TRY(load_codes(s, &v, column, err));
    else if (c->any && v.encoding == CHUNK_TEXT)
        return damaged(s, "texts among numbers", err);
    else if (c->any)
        load_numbers(c, &v, type == JOURNEY_REAL);
    c->loaded = true;
    return ST_OK;
}

Status slab_subjects(Slab *s, Err *err)
{
    ChunkView v;
    bool      has;
    if (s->has_subjects)
        return ST_OK;
    TRY(segment_chunk(s->source->seg, s->block, SEG_SUBJECT, &v, &has, err));
    if (has && v.encoding == CHUNK_TEXT)
        return damaged(s, "subjects", err);
    s->subject.any = has && v.n > 0;
    if (s->subject.any)
        load_numbers(&s->subject, &v, false);
    s->has_subjects = true;
    return ST_OK;
}
