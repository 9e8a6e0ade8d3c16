#include "journey/scan.h"

enum { SMALL_PIECE = 8 }; /* people fewer than that are copied rather than handed out */

/* What a cursor has of one person, in order; what comes first in it. */
typedef struct ScanRun {
    size_t  cursor, row, end;
    int64_t tick, subject;
} ScanRun;

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

static void find_head(Scan *s, size_t i)
{
    const ScanCursor *c = &s->cursors[i];
    s->head[i] = c->slab.has_profiles ? c->slab.profile[c->person] : INT64_MIN;
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
            find_head(s, i);
            if (!c->slab.has_profiles || s->head[i] <= s->hi)
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
    for (size_t i = 0; s->unsettled && i < s->n;) {
        bool gone;
        TRY(cursor_settle(s, i, &gone, err));
        if (!gone) {
            i++;
            continue;
        }
        ScanCursor last = s->cursors[i]; /* order says which events are older: keep it */
        memmove(&s->cursors[i], &s->cursors[i + 1], (s->n - i - 1) * sizeof last);
        memmove(&s->head[i], &s->head[i + 1], (s->n - i - 1) * sizeof s->head[0]);
        s->cursors[--s->n] = last;
    }
    s->unsettled = false;
    return ST_OK;
}

/* A cursor goes on to the person at `person`. */
static void advance(Scan *s, size_t i, size_t person)
{
    ScanCursor *c = &s->cursors[i];
    c->person = person;
    if (person < c->slab.persons)
        find_head(s, i);
    if (person >= c->slab.persons || s->head[i] > s->hi)
        s->unsettled = true;
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
    *s = (Scan){.view = view, .lo = lo, .hi = hi, .collect = view->lazy, .unsettled = true};
    s->cursors = calloc(view->n + 1, sizeof *s->cursors);
    s->head = calloc(view->n + 1, sizeof *s->head);
    s->runs = calloc(view->n + 1, sizeof *s->runs);
    if (s->cursors == NULL || s->head == NULL || s->runs == NULL)
        base_out_of_memory(view->n);
    arena_init(&s->raw_arena, 4096);
    assembly_init(&s->merged, view);
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
    free(s->head);
    free(s->runs);
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
    assembly_done(&s->merged);
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
    if (code < SLAB_RAW)
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
    if (!s->collect)
        return assembly_add(&s->merged, slab, from, to, err);
    TRY(slab_time(slab, err));
    TRY(slab_names(slab, err));
    while (from < to && slab_tick(slab, from) < s->view->keep_from)
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
    TRY(slab_subjects(slab, err));
    if (slab->subject.any)
        copy_numbers(&slab->subject, &r->subject, from, to, at);
    r->rows += to - from;
    return ST_OK;
}

static void person_ends(Scan *s, int64_t profile)
{
    WriteRows *r = &s->rows;
    if (!s->collect) {
        assembly_person(&s->merged, profile);
        return;
    }
    if (r->rows == (r->persons > 0 ? r->start[r->persons] : 0))
        return; /* all of it had expired */
    rows_room(s, r->rows, r->persons + 1);
    r->profile[r->persons++] = profile;
    r->start[r->persons] = (uint32_t)r->rows;
}

static int64_t subject_at(const Slab *slab, size_t row, int64_t profile)
{
    return column_has(&slab->subject, row) ? column_value(&slab->subject, row) : profile;
}

static void stand_at(const Scan *s, ScanRun *r, size_t row, int64_t profile)
{
    const Slab *slab = &s->cursors[r->cursor].slab;
    r->row = row;
    if (row < r->end) {
        r->tick = slab_tick(slab, row);
        r->subject = subject_at(slab, row, profile);
    }
}

/* By time, then by subject, then by age of the segment. */
static bool precedes(const ScanRun *x, const ScanRun *y)
{
    if (x->tick != y->tick)
        return x->tick < y->tick;
    return x->subject != y->subject ? x->subject < y->subject : x->cursor < y->cursor;
}

static Status find_runs(Scan *s, int64_t profile, size_t *ret_n, Err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        ScanCursor *c = &s->cursors[i];
        if (s->head[i] != profile)
            continue;
        TRY(slab_time(&c->slab, err));
        TRY(slab_subjects(&c->slab, err));
        ScanRun *r = &s->runs[n++];
        *r = (ScanRun){.cursor = i, .end = c->slab.start[c->person + 1]};
        stand_at(s, r, c->slab.start[c->person], profile);
    }
    *ret_n = n;
    return ST_OK;
}

/* How far runs[0] goes before another one's turn comes. */
static size_t end_of_turn(const Scan *s, const ScanRun *next, int64_t profile)
{
    const ScanRun *r = &s->runs[0];
    const Slab    *slab = &s->cursors[r->cursor].slab;
    if (next == NULL)
        return r->end;
    if (slab_tick(slab, r->end - 1) < next->tick) /* mostly */
        return r->end;
    ScanRun at = *r;
    while (++at.row < at.end) {
        stand_at(s, &at, at.row, profile);
        if (!precedes(&at, next))
            break;
    }
    return at.row;
}

/* The first of the runs comes to the front. Returns the one that comes then, or NULL. */
static const ScanRun *first_of(ScanRun *runs, size_t n)
{
    const ScanRun *next = NULL;
    for (size_t i = 1; i < n; i++)
        if (precedes(&runs[i], &runs[0])) {
            ScanRun r = runs[0];
            runs[0] = runs[i];
            runs[i] = r;
            next = &runs[i];
        } else if (next == NULL || precedes(&runs[i], next)) {
            next = &runs[i];
        }
    return next;
}

/* The rows of one person in several cursors, in order. */
static Status merge_person(Scan *s, int64_t profile, Err *err)
{
    size_t n;
    TRY(find_runs(s, profile, &n, err));
    while (n > 0) {
        ScanRun       *r = s->runs;
        const ScanRun *next = first_of(r, n);
        size_t         end = end_of_turn(s, next, profile);
        TRY(copy_rows(s, &s->cursors[r->cursor].slab, r->row, end, err));
        stand_at(s, r, end, profile);
        if (end == r->end)
            *r = s->runs[--n];
    }
    person_ends(s, profile);
    for (size_t i = 0; i < s->n; i++)
        if (s->head[i] == profile)
            advance(s, i, s->cursors[i].person + 1);
    return ST_OK;
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
    int64_t least = s->head[0], other = INT64_MAX;
    for (size_t i = 1; i < s->n; i++) {
        int64_t profile = s->head[i];
        if (profile < least) {
            other = least;
            least = profile;
            at = i;
        } else if (profile < other) {
            other = profile;
        }
    }
    *ret_other = other;
    return at;
}

/* Leave `profile` out where others tell of it. True: somebody was left out. */
static bool skip_profile(Scan *s, int64_t profile)
{
    const View *v = s->view;
    bool        any = false;
    while (s->skip < v->nskip && v->skip[s->skip] < profile)
        s->skip++;
    if (s->skip == v->nskip || v->skip[s->skip] != profile)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        if (!view_hides(v, s->skip, s->cursors[i].source) || s->head[i] != profile)
            continue;
        advance(s, i, s->cursors[i].person + 1);
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
    int64_t stop = other, last = c->slab.profile[c->slab.persons - 1];
    size_t  k = s->skip; /* the one at hand was not skipped: it is told of here */
    if (k < s->view->nskip && s->view->skip[k] <= c->slab.profile[c->person])
        k++;
    while (c->source->level < SOURCE_PATCH && k < s->view->nskip && s->view->skip[k] < stop &&
           s->view->skip[k] <= last) {
        if (view_hides(s->view, k, c->source))
            stop = s->view->skip[k];
        k++;
    }
    size_t end = stop < INT64_MAX ? person_at(c, stop) : c->slab.persons;
    if (end > c->person && c->slab.profile[end - 1] > s->hi)
        end = person_at(c, s->hi + 1);
    return end;
}

/* Blocks that are not looked at by profile come here too, when they are of few people. */
static Status copy_people(Scan *s, size_t at, size_t end, Err *err)
{
    ScanCursor *c = &s->cursors[at];
    size_t      person = c->person;
    TRY(slab_profiles(&c->slab, err));
    for (; person < end && s->rows.rows < SEG_BLOCK_ROWS; person++) {
        TRY(copy_rows(s, &c->slab, c->slab.start[person], c->slab.start[person + 1], err));
        person_ends(s, c->slab.profile[person]);
    }
    advance(s, at, person);
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
        int64_t profile = s->head[at];
        if (skip_profile(s, profile))
            return ST_OK;
        if (other == profile)
            return merge_person(s, profile, err);
    }
    size_t end = alone_until(s, c, other);
    ASSERT(end > c->person);
    if (s->collect || end - c->person < SMALL_PIECE)
        return copy_people(s, at, end, err);
    *ret = (Piece){&c->slab, c->person, end};
    advance(s, at, end);
    return ST_OK;
}

Status scan_next(Scan *s, Piece *ret, bool *ret_more, Err *err)
{
    *ret_more = true;
    for (;;) {
        TRY(settle_all(s, err));
        if (s->merged.rows >= SEG_BLOCK_ROWS || (s->n == 0 && s->merged.rows > 0)) {
            Slab *slab = assembly_end(&s->merged);
            *ret = (Piece){slab, 0, slab->persons};
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
