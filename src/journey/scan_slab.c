/* People out of several segments, assembled as a slab: what questions read. Both have the same
 * view, and so the same codes and ticks: rows are copied as they are, in runs. */
#include "journey/scan.h"

static void *more(void *p, size_t n, size_t size)
{
    p = realloc(p, (n + SLAB_ROOM) * size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

static void rows_room(Slab *m, size_t rows)
{
    if (rows <= m->cap_rows)
        return;
    m->cap_rows = rows + rows / 2 + SEG_BLOCK_ROWS;
    m->time = more(m->time, m->cap_rows, m->view->narrow ? 4 : 8);
    m->names = more(m->names, m->cap_rows, m->view->name_size);
}

static void persons_room(Slab *m, size_t persons)
{
    if (persons <= m->cap_persons)
        return;
    m->cap_persons = persons * 2 + 1024;
    m->start = more(m->start, m->cap_persons + 1, sizeof *m->start);
    m->profile = more(m->profile, m->cap_persons, sizeof *m->profile);
}

void assembly_init(Assembly *a, const View *view)
{
    *a = (Assembly){0};
    slab_init(&a->slab, view);
    a->filled = calloc(view->ncols + 1, sizeof *a->filled);
    a->values = calloc(view->ncols + 1, sizeof *a->values);
    if (a->filled == NULL || a->values == NULL)
        base_out_of_memory(view->ncols);
}

void assembly_done(Assembly *a)
{
    if (a->slab.view != NULL)
        slab_done(&a->slab);
    free(a->filled);
    free(a->values);
    *a = (Assembly){0};
}

static void begin(Assembly *a)
{
    slab_new_content(&a->slab);
    a->rows = a->persons = 0;
    a->filling = true;
    memset(a->filled, 0, a->slab.ncols * sizeof *a->filled);
    memset(a->values, 0, a->slab.ncols * sizeof *a->values);
}

/* Rows in between have none. */
static void add_codes(Assembly *a, const SlabColumn *from, size_t k, size_t lo, size_t hi)
{
    SlabColumn *to = &a->slab.columns[k];
    size_t      size = a->slab.view->code_size[k], n = hi - lo;
    size_t      bytes = (a->rows + n + SLAB_ROOM) * size;
    if (bytes > to->cap_codes) {
        to->cap_codes = bytes + bytes / 2 + SEG_BLOCK_ROWS * size;
        to->codes = more(to->codes, to->cap_codes, 1);
    }
    char *codes = to->codes;
    memset(codes + a->filled[k] * size, 0, (a->rows - a->filled[k]) * size);
    memcpy(codes + a->rows * size, (const char *)from->codes + lo * size, n * size);
    a->filled[k] = a->rows + n;
    to->any = true;
}

/* `n` bits from `lo` on to those that are zero from `at` on; how many of them are set. */
static size_t copy_bits(uint64_t *to, size_t at, const uint64_t *from, size_t lo, size_t n)
{
    size_t set = 0;
    for (size_t done = 0, some; done < n; done += some) {
        size_t   off = (lo + done) & 63, room = (at + done) & 63;
        uint64_t bits = from[(lo + done) >> 6] >> off;
        some = 64 - off < n - done ? 64 - off : n - done;
        bits &= some < 64 ? (1ULL << some) - 1 : UINT64_MAX;
        to[(at + done) >> 6] |= bits << room;
        if (room + some > 64)
            to[((at + done) >> 6) + 1] |= bits >> (64 - room);
        set += (size_t)__builtin_popcountll(bits);
    }
    return set;
}

/* Words of bits up to row `rows` are there, zero where nothing was put. */
static void bits_room(Assembly *a, size_t k, size_t rows)
{
    SlabColumn *to = &a->slab.columns[k];
    size_t      words = (rows + 63) / 64;
    if (words > to->cap_bits) {
        to->cap_bits = words + words / 2 + SEG_BLOCK_ROWS / 64;
        to->bits = more(to->bits, to->cap_bits, sizeof *to->bits);
        to->rank = more(to->rank, to->cap_bits, sizeof *to->rank);
    }
    if (words > a->filled[k])
        memset(to->bits + a->filled[k], 0, (words - a->filled[k]) * sizeof *to->bits);
    a->filled[k] = words;
}

static void add_numbers(Assembly *a, const SlabColumn *from, size_t k, size_t lo, size_t hi)
{
    SlabColumn *to = &a->slab.columns[k];
    bits_room(a, k, a->rows + hi - lo);
    size_t n = copy_bits(to->bits, a->rows, from->bits, lo, hi - lo);
    if (n == 0)
        return;
    uint64_t below = from->bits[lo >> 6] & ((1ULL << (lo & 63)) - 1);
    size_t   first = from->rank[lo >> 6] + (size_t)__builtin_popcountll(below);
    size_t   end = a->values[k] + n;
    if (end > to->cap_values) {
        to->cap_values = end + end / 2 + SEG_BLOCK_ROWS;
        to->values = more(to->values, to->cap_values, sizeof *to->values);
    }
    memcpy(to->values + a->values[k], from->values + first, n * sizeof *to->values);
    a->values[k] = end;
    to->any = true;
}

Status assembly_add(Assembly *a, Slab *from, size_t lo, size_t hi, Err *err)
{
    Slab       *m = &a->slab;
    const View *view = m->view;
    size_t      tick = view->narrow ? 4 : 8, name = view->name_size, n = hi - lo;
    if (!a->filling)
        begin(a);
    TRY(slab_time(from, err));
    TRY(slab_names(from, err));
    rows_room(m, a->rows + n);
    memcpy((char *)m->time + a->rows * tick, (const char *)from->time + lo * tick, n * tick);
    memcpy((char *)m->names + a->rows * name, (const char *)from->names + lo * name, n * name);
    for (size_t k = 0; k < view->ncols; k++) {
        TRY(slab_column(from, k, err));
        if (!from->columns[k].any)
            continue;
        if (type_is_text(view->space->columns[k]->type))
            add_codes(a, &from->columns[k], k, lo, hi);
        else
            add_numbers(a, &from->columns[k], k, lo, hi);
    }
    a->rows += n;
    return ST_OK;
}

void assembly_person(Assembly *a, int64_t profile)
{
    Slab *m = &a->slab;
    persons_room(m, a->persons + 1);
    if (a->persons == 0)
        m->start[0] = 0;
    m->profile[a->persons++] = profile;
    m->start[a->persons] = (uint32_t)a->rows;
}

Slab *assembly_end(Assembly *a)
{
    Slab *m = &a->slab;
    m->rows = a->rows;
    m->persons = a->persons;
    m->has_profiles = m->has_time = m->has_names = m->has_subjects = true;
    for (size_t k = 0; k < m->ncols; k++) {
        SlabColumn *c = &m->columns[k];
        size_t      size = m->view->code_size[k];
        c->loaded = true;
        if (!c->any)
            continue;
        if (type_is_text(m->view->space->columns[k]->type)) {
            size_t bytes = (a->rows + SLAB_ROOM) * size;
            if (bytes > c->cap_codes) {
                c->cap_codes = bytes;
                c->codes = more(c->codes, bytes, 1);
            }
            memset((char *)c->codes + a->filled[k] * size, 0, (a->rows - a->filled[k]) * size);
        } else {
            bits_room(a, k, a->rows);
            slab_ranks(c, a->rows);
        }
    }
    a->filling = false;
    a->rows = a->persons = 0;
    return m;
}
