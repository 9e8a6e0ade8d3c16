/* Making views: which column of a segment is which, which code is which; and patches. */
#include "journey/scan.h"

#include <limits.h>
#include <pthread.h>

/* --- gathering the events of a few people -------------------------------------------- */

typedef struct Row {
    uint32_t row; /* of the block */
    int64_t  subject;
} Row;

typedef struct Gather {
    Segment       *seg;
    const int64_t *profiles;
    size_t         n;
    Remap         *remap;
    Build         *out;
    const Keys    *wanted;   /* columns; NULL: all */
    bool           erasures; /* there are any */
    Row           *rows;     /* of the block at hand; they become those from `made` on */
    size_t         nrows, cap_rows, made;
    View           view; /* for the slab: no columns */
    Arena          arena;
    uint32_t     **code;  /* [column][code]: of what is built; 0: not met yet */
    uint64_t      *bits;  /* of a column: rows that have a value */
    uint32_t      *rank;  /* [word]: values before it */
    size_t         words; /* that there is room for */
} Gather;

static void want(Gather *g, size_t row, int64_t subject)
{
    if (g->erasures && remap_erased(g->remap, subject) > g->seg->tail.erase_version)
        return;
    if (g->nrows == g->cap_rows) {
        g->cap_rows = g->cap_rows > 0 ? g->cap_rows * 2 : 256;
        g->rows = realloc(g->rows, g->cap_rows * sizeof *g->rows);
        if (g->rows == NULL)
            base_out_of_memory(g->cap_rows);
    }
    g->rows[g->nrows++] = (Row){.row = (uint32_t)row, .subject = subject};
}

/* The code of a text of the segment in what is built. */
static uint32_t gather_code(Gather *g, unsigned column, Dict *dict, int64_t code)
{
    const SegColumn *col = &g->seg->columns[column];
    if (g->code[column] == NULL)
        g->code[column] = arena_array(&g->arena, uint32_t, (size_t)col->ndict + 1);
    uint32_t *to = &g->code[column][code];
    if (*to == 0)
        *to = dict_put(dict, col->dict[code]);
    return *to;
}

static void gather_ranks(Gather *g, const ChunkView *v)
{
    size_t   words = (v->rows + 63) / 64;
    uint32_t n = 0;
    if (words > g->words) {
        g->words = words * 2;
        g->bits = arena_array(&g->arena, uint64_t, g->words);
        g->rank = arena_array(&g->arena, uint32_t, g->words);
    }
    chunk_bits(v, g->bits);
    for (size_t w = 0; w < words; w++) {
        g->rank[w] = n;
        n += (uint32_t)__builtin_popcountll(g->bits[w]);
    }
}

static Status gather_column(Gather *g, const SegBlock *b, unsigned column, Err *err)
{
    ChunkView                 v;
    bool                      has;
    const SegColumn          *col = &g->seg->columns[column];
    JourneyType               type = (JourneyType)col->type;
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    Str                      *texts = NULL;
    TRY(segment_chunk(g->seg, b, column, &v, &has, err));
    if (!has)
        return ST_OK;
    size_t to = space_column(&g->out->space, col->key, type);
    Dict  *dict = &g->out->space.columns[to]->dict;
    if (v.encoding == CHUNK_TEXT && !chunk_texts(&v, &a, &texts))
        return err_set(err, ST_IO, "journey.corrupt", "%s: packed texts", segment_name(g->seg));
    gather_ranks(g, &v);
    for (size_t i = 0; i < g->nrows; i++) {
        uint32_t row = g->rows[i].row;
        uint64_t word = g->bits[row >> 6], bit = 1ULL << (row & 63);
        if ((word & bit) == 0)
            continue;
        size_t  at = g->rank[row >> 6] + (size_t)__builtin_popcountll(word & (bit - 1));
        int64_t value = texts != NULL ? dict_put(dict, texts[at]) : chunk_get(&v, at);
        if (texts == NULL && type_is_text(type)) {
            value = gather_code(g, column, dict, value);
        } else if (type == JOURNEY_REAL) {
            double real = chunk_real(&v, value);
            memcpy(&value, &real, sizeof value);
        }
        build_value(g->out, to, g->made + i, value);
    }
    return ST_OK;
}

/* Times and names: read as a whole where much of the block is wanted. */
static Status gather_rows(Gather *g, Slab *s, const SegBlock *b, Err *err)
{
    ChunkView times, names;
    bool      has, many = g->nrows * 8 > b->rows;
    TRY(segment_chunk(g->seg, b, SEG_TIME, &times, &has, err));
    TRY(segment_chunk(g->seg, b, SEG_NAME, &names, &has, err));
    if (many)
        TRY(slab_time(s, err));
    if (many)
        TRY(slab_names(s, err));
    g->made = g->out->n;
    for (size_t i = 0; i < g->nrows; i++) {
        size_t   row = g->rows[i].row;
        int64_t  time = many ? slab_tick(s, row) : chunk_get(&times, row);
        uint32_t name = many ? slab_name(s, row) : (uint32_t)chunk_get(&names, row);
        build_row(g->out, g->rows[i].subject, time,
                  gather_code(g, SEG_NAME, &g->out->space.names, name));
    }
    return ST_OK;
}

/* `k`: the first profile that may be in the block. */
static Status gather_block(Gather *g, Slab *s, Source *source, const SegBlock *b, size_t k,
                           Err *err)
{
    TRY(slab_open(s, source, b, err));
    TRY(slab_profiles(s, err));
    TRY(slab_subjects(s, err));
    g->nrows = 0;
    for (size_t p = 0; p < s->persons && k < g->n;) {
        if (s->profile[p] != g->profiles[k]) {
            if (s->profile[p] < g->profiles[k])
                p++;
            else
                k++;
            continue;
        }
        for (size_t row = s->start[p]; row < s->start[p + 1]; row++)
            want(g, row,
                 column_has(&s->subject, row) ? column_value(&s->subject, row) : s->profile[p]);
        p++;
    }
    if (g->nrows == 0)
        return ST_OK;
    TRY(gather_rows(g, s, b, err));
    for (unsigned c = SEG_FIXED; c < g->seg->tail.ncolumns; c++)
        if (keys_has(g->wanted, g->seg->columns[c].key))
            TRY(gather_column(g, b, c, err));
    return ST_OK;
}

/* Is one of the profiles in the range of a block? *k moves on to the first that may be. */
static bool concerns(const Gather *g, const SegBlock *b, size_t *k)
{
    while (*k < g->n && g->profiles[*k] < b->profile_min)
        ++*k;
    return *k < g->n && g->profiles[*k] <= b->profile_max;
}

Status gather(Segment *seg, const int64_t *profiles, size_t n, Remap *remap, const Keys *wanted,
              Build *out, Err *err)
{
    Space  empty;
    Source source = {.seg = seg};
    Gather g = {.seg = seg, .n = n, .remap = remap, .out = out, .wanted = wanted};
    arena_init(&g.arena, 16384);
    g.code = arena_array(&g.arena, uint32_t *, seg->tail.ncolumns);
    g.erasures = remap_erasures(remap) > 0;
    Status st = ST_OK;
    space_init(&empty);
    g.view = (View){.space = &empty, .unit = 1, .name_size = 4};
    CLEANUP(slab_done) Slab s;
    slab_init(&s, &g.view);
    g.profiles = profiles;
    size_t k = 0, lo = 0;
    for (size_t hi = seg->tail.nblocks; n > 0 && lo < hi;) { /* where the first one may be */
        size_t mid = (lo + hi) / 2;
        if (seg->blocks[mid].profile_max < profiles[0])
            lo = mid + 1;
        else
            hi = mid;
    }
    for (size_t i = lo; i < seg->tail.nblocks && k < n && st == ST_OK; i++)
        if (concerns(&g, &seg->blocks[i], &k))
            st = gather_block(&g, &s, &source, &seg->blocks[i], k, err);
    free(g.rows);
    arena_done(&g.arena);
    space_done(&empty);
    return st;
}

/* --- patches ------------------------------------------------------------------------- */

enum { PART_PEOPLE = 50000 }; /* for fewer a thread is not worth it */

void patch_done(Patch *p)
{
    for (size_t i = 0; i < PATCH_PARTS; i++) {
        segment_unref(p->part[i]);
        segment_unref(p->base[i]);
    }
    free(p->skip);
    free(p->hides);
    *p = (Patch){0};
}

/* What some of the people have in all segments, as one segment. */
typedef struct Part {
    Segment *const *segs;
    size_t          nsegs;
    const int64_t  *profiles;
    size_t          n;
    Remap          *remap;
    const Keys     *wanted;
    uint64_t        erase_version;
    Segment        *made; /* NULL: they have nothing */
    Status          status;
    Err             err;
    pthread_t       thread;
    bool            started;
} Part;

static void *make_part(void *arg)
{
    Part  *p = arg;
    Build  b;
    Status st = ST_OK;
    build_init(&b);
    for (size_t i = 0; i < p->nsegs && st == ST_OK; i++)
        st = gather(p->segs[i], p->profiles, p->n, p->remap, p->wanted, &b, &p->err);
    if (st == ST_OK)
        st = build_segment(&b, p->remap, p->erase_version, NULL, 0, &p->made, &p->err);
    build_done(&b);
    p->status = st;
    return NULL;
}

/* Each row is in one part: that of the profile which it is laid out under. Whoever is joined of
 * people in two parts is put together as with any two segments. */
static Status make_parts(const Part *all, size_t parts, Patch *p, Err *err)
{
    Part   part[PATCH_PARTS];
    Status st = ST_OK;
    for (size_t i = 0; i < parts; i++) {
        size_t from = all->n * i / parts, to = all->n * (i + 1) / parts;
        part[i] = *all;
        part[i].profiles = all->profiles + from;
        part[i].n = to - from;
    }
    for (size_t i = 1; i < parts; i++)
        part[i].started = pthread_create(&part[i].thread, NULL, make_part, &part[i]) == 0;
    for (size_t i = 0, made = 0; i < parts; i++) {
        if (part[i].started)
            pthread_join(part[i].thread, NULL);
        else
            (void)make_part(&part[i]);
        if (part[i].made != NULL)
            p->part[made++] = part[i].made;
        if (st == ST_OK && part[i].status != ST_OK) {
            st = part[i].status;
            *err = part[i].err;
        }
    }
    return st;
}

Status patch_make(Segment *const *segs, size_t n, Remap *remap, const Keys *wanted, int threads,
                  Patch *ret, Err *err)
{
    Patch p = {.remap_version = remap_version(remap), .erase_version = remap_erase_version(remap)};
    uint64_t moved = p.remap_version, erased = p.erase_version;
    for (size_t i = 0; i < n; i++) {
        const SegTail *t = &segs[i]->tail;
        moved = t->remap_version < moved ? t->remap_version : moved;
        erased = t->erase_version < erased ? t->erase_version : erased;
    }
    p.nskip = remap_touched(remap, moved, erased, &p.skip);
    if (p.nskip == 0) {
        *ret = p;
        return ST_OK;
    }
    size_t most = threads < PATCH_PARTS ? (size_t)threads : PATCH_PARTS;
    size_t parts = p.nskip / PART_PEOPLE < most ? p.nskip / PART_PEOPLE : most;
    Part   all = {.segs = segs,
                  .nsegs = n,
                  .profiles = p.skip,
                  .n = p.nskip,
                  .remap = remap,
                  .wanted = wanted,
                  .erase_version = p.erase_version};
    Status st = make_parts(&all, parts > 0 ? parts : 1, &p, err);
    if (st == ST_OK)
        *ret = p;
    else
        patch_done(&p);
    return st;
}

/* --- views --------------------------------------------------------------------------- */

/* The table of codes, or NULL where they are the same in both. */
static uint32_t *codes_of(View *v, Dict *dict, const SegColumn *c)
{
    uint32_t *table = arena_array(&v->arena, uint32_t, (size_t)c->ndict + 1);
    bool      same = true;
    if (v->lazy)
        return table;
    for (uint32_t i = 1; i <= c->ndict; i++) {
        table[i] = dict_put(dict, c->dict[i]);
        same = same && table[i] == i;
    }
    return same ? NULL : table;
}

static void source_make(View *v, Source *s, bool *raw)
{
    const Segment *seg = s->seg;
    s->column = arena_array(&v->arena, unsigned, v->ncols + 1);
    s->code = arena_array(&v->arena, uint32_t *, v->ncols + 1);
    s->name = codes_of(v, &v->space->names, &seg->columns[SEG_NAME]);
    for (unsigned c = SEG_FIXED; c < seg->tail.ncolumns; c++) {
        const SegColumn *col = &seg->columns[c];
        size_t           k = space_find(v->space, col->key, (JourneyType)col->type);
        if (k >= v->ncols)
            continue;
        s->column[k] = c;
        raw[k] = raw[k] || col->raw;
        if (type_is_text((JourneyType)col->type))
            s->code[k] = codes_of(v, &v->space->columns[k]->dict, col);
    }
}

static unsigned size_for(uint32_t codes)
{
    if (codes <= UINT8_MAX)
        return 1;
    return codes <= UINT16_MAX ? 2 : 4;
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

/* Ticks: what divides all times, counted from the first. */
static void set_ticks(View *v)
{
    uint64_t unit = 0;
    int64_t  first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < v->n; i++) {
        const SegTail *t = &v->sources[i].seg->tail;
        first = t->time_min < first ? t->time_min : first;
        last = t->time_max > last ? t->time_max : last;
    }
    for (size_t i = 0; i < v->n; i++) {
        const SegTail *t = &v->sources[i].seg->tail;
        unit = divisor(divisor(unit, t->time_scale), (uint64_t)(t->time_min - first));
    }
    v->unit = unit > 0 && unit <= INT64_MAX ? (int64_t)unit : 1;
    while (v->unit > 1000 && v->unit % 1000 == 0) /* seconds are coarse enough */
        v->unit = 1000;
    if (v->unit != 1000)
        v->unit = 1;
    v->origin = v->n > 0 ? first : 0;
    v->ticks = v->n > 0 ? (last - first) / v->unit + 1 : 0;
    v->narrow = v->ticks < UINT32_MAX && !v->lazy;
    v->coarse = v->narrow ? 1 : 0;
    if (!v->narrow && v->unit == 1 && v->ticks / 1000 < UINT32_MAX - 1) {
        v->coarse = 1000;
        v->skew = (v->origin % 1000 + 1000) % 1000;
    }
    if (v->lazy) {
        v->origin = 0;
        v->unit = 1;
    }
}

static void add_source(View *v, Segment *seg, SourceLevel level)
{
    v->sources[v->n++] = (Source){.seg = segment_ref(seg), .level = (uint8_t)level};
}

static void add_parts(View *v, Segment *const *parts, SourceLevel level)
{
    for (size_t i = 0; i < PATCH_PARTS && parts[i] != NULL; i++)
        add_source(v, parts[i], level);
}

Status view_make(Segment *const *segs, size_t n, const Patch *patch, Space *space, bool lazy,
                 View *ret, Err *err)
{
    View *v = ret;
    (void)err;
    *v = (View){.space = space, .ncols = space->n, .lazy = lazy};
    arena_init(&v->arena, 64 << 10);
    v->sources = arena_array(&v->arena, Source, n + (size_t)2 * PATCH_PARTS);
    v->code_size = arena_array(&v->arena, unsigned, v->ncols + 1);
    bool *raw = arena_array(&v->arena, bool, v->ncols + 1);
    /* The largest goes first, so that its codes stay as they are. */
    size_t largest = 0, first = 0;
    size_t covers = patch != NULL ? patch->covers : 0;
    for (size_t i = 0; i <= n; i++) {
        if (i == covers && patch != NULL) /* as old as what it covers */
            add_parts(v, patch->base, SOURCE_BASE);
        if (i == n)
            break;
        if (segs[i]->tail.rows > segs[largest]->tail.rows || i == 0) {
            largest = i;
            first = v->n;
        }
        add_source(v, segs[i], i < covers ? SOURCE_COVERED : SOURCE_BASE);
    }
    if (patch != NULL) {
        add_parts(v, patch->part, SOURCE_PATCH);
        v->nskip = patch->nskip;
        v->skip = patch->skip;
        v->hides = patch->hides;
    }
    if (n > 0)
        source_make(v, &v->sources[first], raw);
    for (size_t i = 0; i < v->n; i++)
        if (v->sources[i].column == NULL)
            source_make(v, &v->sources[i], raw);
    v->name_size = lazy ? 4 : size_for(space->names.n);
    for (size_t k = 0; k < v->ncols; k++)
        v->code_size[k] = lazy || raw[k] ? 4 : size_for(space->columns[k]->dict.n);
    set_ticks(v);
    return ST_OK;
}

void view_done(View *v)
{
    for (size_t i = 0; i < v->n; i++)
        segment_unref(v->sources[i].seg);
    arena_done(&v->arena);
    *v = (View){0};
}
