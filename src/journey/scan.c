#include "journey/scan.h"

#include "base/sort.h"

enum { SMALL_PIECE = 8 }; /* people fewer than that are copied rather than handed out */

typedef struct ScanRow {
    int64_t tick;
    int64_t subject;
    size_t  cursor;
    size_t  row;
} ScanRow;

static void *grown(void *p, size_t n, size_t size)
{
    p = realloc(p, n * size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

/* --- cursors ------------------------------------------------------------------------- */

/* Is the slab looked at by profile? With one segment and nothing to skip the index says enough. */
static bool by_profile(const Scan *s, const SegBlock *b)
{
    return s->ncursors > 1 || s->view->nskip > 0 || s->collect || b->profile_min < s->lo ||
           b->profile_max > s->hi;
}

static Status cursor_open(Scan *s, ScanCursor *c, Err *err)
{
    const SegBlock *b = &c->source->seg->blocks[c->block];
    TRY(slab_open(&c->slab, c->source, b, err));
    c->person = 0;
    c->open = true;
    if (!by_profile(s, b))
        return ST_OK;
    TRY(slab_profiles(&c->slab, err));
    while (c->person < c->slab.persons && c->slab.profile[c->person] < s->lo)
        c->person++;
    return ST_OK;
}

/* Stand at a person within [lo, hi], or be taken out of the list. */
static Status cursor_settle(Scan *s, size_t i, bool *ret_gone, Err *err)
{
    ScanCursor *c = &s->cursors[i];
    *ret_gone = false;
    while (c->block < c->end) {
        if (!c->open && c->source->seg->blocks[c->block].profile_min > s->hi)
            break;
        if (!c->open)
            TRY(cursor_open(s, c, err));
        if (c->person < c->slab.persons) {
            if (!c->slab.has_profiles || c->slab.profile[c->person] <= s->hi)
                return ST_OK;
            break;
        }
        c->block++;
        c->open = false;
    }
    *ret_gone = true;
    return ST_OK;
}

static Status settle_all(Scan *s, Err *err)
{
    for (size_t i = 0; i < s->n;) {
        bool gone;
        TRY(cursor_settle(s, i, &gone, err));
        if (!gone) {
            i++;
            continue;
        }
        ScanCursor last = s->cursors[i]; /* order says which events are older: keep it */
        memmove(&s->cursors[i], &s->cursors[i + 1], (s->n - i - 1) * sizeof last);
        s->cursors[--s->n] = last;
    }
    return ST_OK;
}

static size_t first_block(const Segment *seg, int64_t lo)
{
    size_t from = 0, to = seg->tail.nblocks;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (seg->blocks[mid].profile_max < lo)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

Status scan_init(Scan *s, const View *view, int64_t lo, int64_t hi, Err *err)
{
    *s = (Scan){.view = view, .lo = lo, .hi = hi, .collect = view->lazy};
    s->cursors = calloc(view->n + 1, sizeof *s->cursors);
    if (s->cursors == NULL)
        base_out_of_memory(view->n);
    arena_init(&s->raw_arena, 4096);
    slab_init(&s->merged, view);
    for (size_t i = 0; i < view->n; i++) {
        Segment *seg = view->sources[i].seg;
        size_t   from = first_block(seg, lo);
        if (from == seg->tail.nblocks || seg->blocks[from].profile_min > hi)
            continue;
        ScanCursor *c = &s->cursors[s->ncursors++];
        c->source = &view->sources[i];
        c->block = from;
        c->end = seg->tail.nblocks;
        slab_init(&c->slab, view);
    }
    s->n = s->ncursors;
    s->rows.columns = calloc(view->ncols + 1, sizeof *s->rows.columns);
    if (s->rows.columns == NULL)
        base_out_of_memory(view->ncols);
    s->rows.ncolumns = view->ncols;
    for (size_t end = view->nskip; s->skip < end;) { /* the first that is not before lo */
        size_t mid = (s->skip + end) / 2;
        if (view->skip[mid] < lo)
            s->skip = mid + 1;
        else
            end = mid;
    }
    (void)err;
    return ST_OK;
}

void scan_done(Scan *s)
{
    for (size_t i = 0; i < s->ncursors; i++)
        slab_done(&s->cursors[i].slab);
    free(s->cursors);
    for (size_t k = 0; k < s->rows.ncolumns; k++) {
        free(s->rows.columns[k].row);
        free(s->rows.columns[k].value);
    }
    free(s->rows.columns);
    free(s->rows.subject.row);
    free(s->rows.subject.value);
    free(s->rows.profile);
    free(s->rows.start);
    free(s->rows.time);
    free(s->rows.name);
    free(s->raw);
    free(s->order);
    if (s->merged.view != NULL)
        slab_done(&s->merged);
    arena_done(&s->raw_arena);
    *s = (Scan){0};
}

/* --- assembling ---------------------------------------------------------------------- */

static void push(WriteColumn *c, size_t row, int64_t value)
{
    if (c->n == c->cap) {
        c->cap = c->cap > 0 ? c->cap * 2 : 1024;
        c->row = grown(c->row, c->cap, sizeof *c->row);
        c->value = grown(c->value, c->cap, sizeof *c->value);
    }
    c->row[c->n] = (uint32_t)row;
    c->value[c->n++] = value;
}

static void rows_room(Scan *s, size_t rows, size_t persons)
{
    WriteRows *r = &s->rows;
    if (rows > s->cap_rows) {
        s->cap_rows = rows * 2;
        r->time = grown(r->time, s->cap_rows, sizeof *r->time);
        r->name = grown(r->name, s->cap_rows, sizeof *r->name);
    }
    if (persons > s->cap_persons) {
        s->cap_persons = persons * 2;
        r->profile = grown(r->profile, s->cap_persons, sizeof *r->profile);
        r->start = grown(r->start, s->cap_persons + 1, sizeof *r->start);
        r->start[0] = 0;
    }
}

static int64_t code_value(Scan *s, const Slab *slab, uint32_t code)
{
    if (code < SLAB_RAW || !s->view->lazy)
        return code;
    if (s->nraw == s->cap_raw) {
        s->cap_raw = s->cap_raw > 0 ? s->cap_raw * 2 : 256;
        s->raw = grown(s->raw, s->cap_raw, sizeof *s->raw);
    }
    s->raw[s->nraw] = str_dup(&s->raw_arena, slab->raw[code - SLAB_RAW]);
    return WRITE_RAW + (int64_t)s->nraw++;
}

static void copy_codes(Scan *s, const Slab *slab, size_t k, size_t from, size_t to, size_t at)
{
    const SlabColumn *c = &slab->columns[k];
    unsigned          size = s->view->code_size[k];
    for (size_t row = from; row < to; row++) {
        uint32_t code = code_at(c->codes, size, row);
        if (code != 0)
            push(&s->rows.columns[k], at + row - from, code_value(s, slab, code));
    }
}

static void copy_numbers(const SlabColumn *c, WriteColumn *to, size_t from, size_t end, size_t at)
{
    for (size_t row = from; row < end;) {
        uint64_t bits = c->bits[row >> 6] >> (row & 63);
        if (bits == 0) {
            row = (row | 63) + 1;
            continue;
        }
        row += (size_t)__builtin_ctzll(bits);
        if (row < end)
            push(to, at + row - from, column_value(c, row));
        row++;
    }
}

/* Rows [from, to) of a slab become the next rows of the assembled ones. */
static Status copy_rows(Scan *s, Slab *slab, size_t from, size_t to, Err *err)
{
    WriteRows *r = &s->rows;
    size_t     at = r->rows;
    TRY(slab_time(slab, err));
    TRY(slab_names(slab, err));
    while (s->view->lazy && from < to && slab_tick(slab, from) < s->view->keep_from)
        from++;
    rows_room(s, at + to - from, r->persons + 1);
    for (size_t row = from; row < to; row++) {
        r->time[at + row - from] = slab_tick(slab, row);
        r->name[at + row - from] = slab_name(slab, row);
    }
    for (size_t k = 0; k < s->view->ncols; k++) {
        TRY(slab_column(slab, k, err));
        if (!slab->columns[k].any)
            continue;
        if (type_is_text(s->view->space->columns[k]->type))
            copy_codes(s, slab, k, from, to, at);
        else
            copy_numbers(&slab->columns[k], &r->columns[k], from, to, at);
    }
    if (s->view->lazy) {
        TRY(slab_subjects(slab, err));
        if (slab->subject.any)
            copy_numbers(&slab->subject, &r->subject, from, to, at);
    }
    r->rows += to - from;
    return ST_OK;
}

static void person_ends(Scan *s, int64_t profile)
{
    WriteRows *r = &s->rows;
    if (r->rows == (r->persons > 0 ? r->start[r->persons] : 0))
        return; /* all of it had expired */
    rows_room(s, r->rows, r->persons + 1);
    r->profile[r->persons++] = profile;
    r->start[r->persons] = (uint32_t)r->rows;
}

static int by_tick(const void *x, const void *y)
{
    const ScanRow *a = x, *b = y;
    if (a->tick != b->tick)
        return a->tick < b->tick ? -1 : 1;
    if (a->subject != b->subject)
        return a->subject < b->subject ? -1 : 1;
    if (a->cursor != b->cursor)
        return a->cursor < b->cursor ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* The rows of one person in several cursors, in order. */
static Status order_rows(Scan *s, int64_t profile, size_t *ret_n, Err *err)
{
    size_t n = 0;
    bool   sorted = true;
    for (size_t i = 0; i < s->n; i++) {
        ScanCursor *c = &s->cursors[i];
        if (c->slab.profile[c->person] != profile)
            continue;
        TRY(slab_time(&c->slab, err));
        TRY(slab_subjects(&c->slab, err));
        size_t from = c->slab.start[c->person], to = c->slab.start[c->person + 1];
        if (n + to - from > s->cap_order) {
            s->cap_order = (n + to - from) * 2;
            s->order = grown(s->order, s->cap_order, sizeof *s->order);
        }
        for (size_t row = from; row < to; row++) {
            int64_t subject =
                column_has(&c->slab.subject, row) ? column_value(&c->slab.subject, row) : profile;
            s->order[n] = (ScanRow){slab_tick(&c->slab, row), subject, i, row};
            sorted = sorted && (n == 0 || s->order[n].tick > s->order[n - 1].tick);
            n++;
        }
    }
    if (!sorted)
        array_sort(s->order, n, sizeof *s->order, by_tick);
    *ret_n = n;
    return ST_OK;
}

static Status merge_person(Scan *s, int64_t profile, Err *err)
{
    size_t n;
    TRY(order_rows(s, profile, &n, err));
    for (size_t i = 0, end; i < n; i = end) {
        const ScanRow *first = &s->order[i];
        for (end = i + 1; end < n && s->order[end].cursor == first->cursor &&
                          s->order[end].row == first->row + (end - i);)
            end++;
        TRY(copy_rows(s, &s->cursors[first->cursor].slab, first->row, first->row + (end - i), err));
    }
    person_ends(s, profile);
    for (size_t i = 0; i < s->n; i++)
        s->cursors[i].person += s->cursors[i].slab.profile[s->cursors[i].person] == profile;
    return ST_OK;
}

/* --- the assembled rows as a slab ---------------------------------------------------- */

static void fill_codes(SlabColumn *to, const WriteColumn *from, size_t rows, unsigned size)
{
    slab_codes(to, rows, size);
    memset(to->codes, 0, rows * size);
    for (size_t i = 0; i < from->n; i++) {
        uint32_t row = from->row[i];
        if (size == 1)
            ((uint8_t *)to->codes)[row] = (uint8_t)from->value[i];
        else if (size == 2)
            ((uint16_t *)to->codes)[row] = (uint16_t)from->value[i];
        else
            ((uint32_t *)to->codes)[row] = (uint32_t)from->value[i];
    }
}

static void fill_numbers(SlabColumn *to, const WriteColumn *from, size_t rows)
{
    slab_numbers(to, rows, from->n);
    memset(to->bits, 0, (rows + 63) / 64 * 8);
    for (size_t i = 0; i < from->n; i++)
        to->bits[from->row[i] >> 6] |= 1ULL << (from->row[i] & 63);
    slab_ranks(to, rows);
    memcpy(to->values, from->value, from->n * sizeof *to->values);
}

static void fill_slab(Scan *s)
{
    const WriteRows *r = &s->rows;
    Slab            *m = &s->merged;
    unsigned         size = s->view->name_size;
    slab_new_content(m);
    m->rows = r->rows;
    m->persons = r->persons;
    slab_reserve(m, r->rows, r->persons);
    memcpy(m->start, r->start, (r->persons + 1) * sizeof *m->start);
    memcpy(m->profile, r->profile, r->persons * sizeof *m->profile);
    for (size_t i = 0; i < r->rows; i++) {
        if (s->view->narrow)
            ((uint32_t *)m->time)[i] = (uint32_t)r->time[i];
        else
            ((int64_t *)m->time)[i] = r->time[i];
        if (size == 1)
            ((uint8_t *)m->names)[i] = (uint8_t)r->name[i];
        else if (size == 2)
            ((uint16_t *)m->names)[i] = (uint16_t)r->name[i];
        else
            ((uint32_t *)m->names)[i] = (uint32_t)r->name[i];
    }
    m->has_profiles = m->has_time = m->has_names = m->has_subjects = true;
    for (size_t k = 0; k < s->view->ncols; k++) {
        SlabColumn *c = &m->columns[k];
        c->loaded = true;
        c->any = r->columns[k].n > 0;
        if (c->any && type_is_text(s->view->space->columns[k]->type))
            fill_codes(c, &r->columns[k], r->rows, s->view->code_size[k]);
        else if (c->any)
            fill_numbers(c, &r->columns[k], r->rows);
    }
}

static void rows_clear(Scan *s)
{
    s->rows.rows = s->rows.persons = 0;
    s->rows.subject.n = 0;
    s->nraw = 0;
    arena_reset(&s->raw_arena);
    for (size_t k = 0; k < s->rows.ncolumns; k++)
        s->rows.columns[k].n = 0;
}

/* --- walking ------------------------------------------------------------------------- */

/* The cursor at the smallest profile, and the profile at which another one takes part. */
static size_t smallest(const Scan *s, int64_t *ret_other)
{
    size_t  at = 0;
    int64_t other = INT64_MAX;
    for (size_t i = 1; i < s->n; i++) {
        int64_t profile = s->cursors[i].slab.profile[s->cursors[i].person];
        int64_t least = s->cursors[at].slab.profile[s->cursors[at].person];
        if (profile < least) {
            other = least;
            at = i;
        } else if (profile < other) {
            other = profile;
        }
    }
    *ret_other = other;
    return at;
}

/* Leave `profile` out of all but patches. True: somebody was left out. */
static bool skip_profile(Scan *s, int64_t profile)
{
    bool any = false;
    while (s->skip < s->view->nskip && s->view->skip[s->skip] < profile)
        s->skip++;
    if (s->skip == s->view->nskip || s->view->skip[s->skip] != profile)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        ScanCursor *c = &s->cursors[i];
        if (c->source->patch || c->slab.profile[c->person] != profile)
            continue;
        c->person++;
        any = true;
    }
    return any;
}

/* The first person of a slab from c->person on whose profile is at least `stop`. */
static size_t person_at(const ScanCursor *c, int64_t stop)
{
    size_t lo = c->person, hi = c->slab.persons;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (c->slab.profile[mid] < stop)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Those whom a cursor has alone: up to the next one that concerns others. */
static size_t alone_until(const Scan *s, const ScanCursor *c, int64_t other)
{
    if (!c->slab.has_profiles)
        return c->slab.persons;
    int64_t stop = other;
    size_t  k = s->skip; /* the one at hand was not skipped: it is a patch's */
    if (k < s->view->nskip && s->view->skip[k] <= c->slab.profile[c->person])
        k++;
    if (!c->source->patch && k < s->view->nskip && s->view->skip[k] < stop)
        stop = s->view->skip[k];
    size_t end = stop < INT64_MAX ? person_at(c, stop) : c->slab.persons;
    if (end > c->person && c->slab.profile[end - 1] > s->hi)
        end = person_at(c, s->hi + 1);
    return end;
}

/* Blocks that are not looked at by profile come here too, when they are of few people. */
static Status copy_people(Scan *s, ScanCursor *c, size_t end, Err *err)
{
    TRY(slab_profiles(&c->slab, err));
    for (; c->person < end; c->person++) {
        size_t from = c->slab.start[c->person], to = c->slab.start[c->person + 1];
        TRY(copy_rows(s, &c->slab, from, to, err));
        person_ends(s, c->slab.profile[c->person]);
        if (s->collect && s->rows.rows >= SEG_BLOCK_ROWS) {
            c->person++;
            break;
        }
    }
    return ST_OK;
}

/* One step: people are copied, or (*ret with a slab) handed out as they are. */
static Status step(Scan *s, Piece *ret, Err *err)
{
    int64_t     other = INT64_MAX;
    size_t      at = s->n > 1 ? smallest(s, &other) : 0;
    ScanCursor *c = &s->cursors[at];
    ret->slab = NULL;
    if (c->slab.has_profiles) {
        int64_t profile = c->slab.profile[c->person];
        if (skip_profile(s, profile))
            return ST_OK;
        if (other == profile)
            return merge_person(s, profile, err);
    }
    size_t end = alone_until(s, c, other);
    ASSERT(end > c->person);
    if (s->collect || end - c->person < SMALL_PIECE)
        return copy_people(s, c, end, err);
    *ret = (Piece){&c->slab, c->person, end};
    c->person = end;
    return ST_OK;
}

static void hand_out(Scan *s, Piece *ret)
{
    fill_slab(s);
    *ret = (Piece){&s->merged, 0, s->merged.persons};
    rows_clear(s);
}

Status scan_next(Scan *s, Piece *ret, bool *ret_more, Err *err)
{
    *ret_more = true;
    for (;;) {
        TRY(settle_all(s, err));
        if (s->rows.rows >= SEG_BLOCK_ROWS || (s->n == 0 && s->rows.rows > 0)) {
            hand_out(s, ret);
            return ST_OK;
        }
        if (s->n == 0) {
            *ret_more = false;
            return ST_OK;
        }
        TRY(step(s, ret, err));
        if (ret->slab != NULL)
            return ST_OK;
    }
}

Status scan_rows(Scan *s, const WriteRows **ret, bool *ret_more, Err *err)
{
    Piece none;
    rows_clear(s);
    for (;;) {
        TRY(settle_all(s, err));
        if (s->rows.rows >= SEG_BLOCK_ROWS || s->n == 0)
            break;
        TRY(step(s, &none, err));
    }
    s->rows.raw = s->raw;
    *ret = &s->rows;
    *ret_more = s->rows.rows > 0;
    return ST_OK;
}
