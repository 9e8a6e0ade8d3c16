#include "journey/build.h"

#include "base/utf8.h"

#include <math.h>

static const int64_t TIME_MAX = 7258118400000; /* the year 2200 */

static void *grown(void *p, size_t n, size_t size)
{
    p = realloc(p, n * size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

void build_init(Build *b)
{
    *b = (Build){0};
    space_init(&b->space);
}

void build_done(Build *b)
{
    for (size_t i = 0; i < b->ncolumns; i++) {
        free(b->columns[i].row);
        free(b->columns[i].value);
    }
    free(b->columns);
    free(b->subject);
    free(b->time);
    free(b->name);
    space_done(&b->space);
    *b = (Build){0};
}

void build_clear(Build *b)
{
    build_done(b);
    build_init(b);
}

size_t build_bytes(const Build *b)
{
    size_t bytes = b->n * 20 + b->values * 12 + b->space.names.bytes;
    for (size_t i = 0; i < b->space.n; i++)
        bytes += b->space.columns[i]->dict.bytes + b->space.columns[i]->dict.n * 40UL;
    return bytes;
}

void build_row(Build *b, int64_t subject, int64_t time, uint32_t name)
{
    if (b->n == b->cap) {
        b->cap = b->cap > 0 ? b->cap * 2 : 1024;
        b->subject = grown(b->subject, b->cap, sizeof *b->subject);
        b->time = grown(b->time, b->cap, sizeof *b->time);
        b->name = grown(b->name, b->cap, sizeof *b->name);
    }
    b->subject[b->n] = subject;
    b->time[b->n] = time;
    b->name[b->n++] = name;
}

void build_value(Build *b, size_t column, size_t row, int64_t value)
{
    if (column >= b->ncolumns) {
        size_t n = b->space.n > column ? b->space.n : column + 1;
        b->columns = grown(b->columns, n, sizeof *b->columns);
        memset(b->columns + b->ncolumns, 0, (n - b->ncolumns) * sizeof *b->columns);
        b->ncolumns = n;
    }
    WriteColumn *c = &b->columns[column];
    if (c->n == c->cap) {
        c->cap = c->cap > 0 ? c->cap * 2 : 1024;
        c->row = grown(c->row, c->cap, sizeof *c->row);
        c->value = grown(c->value, c->cap, sizeof *c->value);
    }
    if (c->n > 0 && c->row[c->n - 1] == row) { /* the key stands twice: the last one counts */
        c->value[c->n - 1] = value;
        return;
    }
    c->row[c->n] = (uint32_t)row;
    c->value[c->n++] = value;
    b->values++;
}

/* Events come in runs with the same keys in the same order: the column at the same place of the
 * event before is tried first. */
static size_t column_of(Build *b, const JourneyProp *p, size_t i)
{
    size_t at = i < BUILD_GUESSES ? b->guess[i] : SIZE_MAX;
    if (at < b->space.n && b->space.columns[at]->type == p->type &&
        str_eq(b->space.columns[at]->key, p->key))
        return at;
    at = space_column(&b->space, p->key, p->type);
    if (i < BUILD_GUESSES)
        b->guess[i] = (uint32_t)at;
    return at;
}

/* Many a text is that of the row before. */
static int64_t text_code(const Build *b, size_t column, Dict *dict, Str text)
{
    const WriteColumn *c = column < b->ncolumns ? &b->columns[column] : NULL;
    if (c != NULL && c->n > 0 && str_eq(dict->texts[c->value[c->n - 1]], text))
        return c->value[c->n - 1];
    return dict_put(dict, text);
}

void build_event(Build *b, const JourneyEvent *e)
{
    size_t row = b->n;
    build_row(b, e->subject, e->time.v, dict_put(&b->space.names, e->name));
    for (size_t i = 0; i < e->nprops; i++) {
        const JourneyProp *p = &e->props[i];
        size_t             column = column_of(b, p, i);
        int64_t            value = p->i;
        if (type_is_text(p->type))
            value = text_code(b, column, &b->space.columns[column]->dict, p->text);
        else if (p->type == JOURNEY_REAL)
            memcpy(&value, &p->real, sizeof value);
        else if (p->type == JOURNEY_BOOL)
            value = p->i != 0;
        build_value(b, column, row, value);
    }
}

/* --- sorting ------------------------------------------------------------------------- */

typedef struct Key {
    uint64_t key;
    uint64_t row;
} Key;

/* Stable, by `key`, 10 bits at a time, leaving out what is the same in all. */
static void radix_sort(Key *keys, Key *other, size_t n)
{
    uint64_t differ = 0;
    Key     *from = keys, *to = other;
    for (size_t i = 1; i < n; i++)
        differ |= keys[i].key ^ keys[0].key;
    for (unsigned shift = 0; shift < 64; shift += 10) {
        size_t count[1024] = {0};
        if ((differ >> shift & 1023) == 0)
            continue;
        for (size_t i = 0; i < n; i++)
            count[from[i].key >> shift & 1023]++;
        for (size_t k = 0, sum = 0; k < 1024; k++) {
            size_t here = count[k];
            count[k] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[from[i].key >> shift & 1023]++] = from[i];
        Key *t = from;
        from = to;
        to = t;
    }
    if (from != keys)
        memcpy(keys, from, n * sizeof *keys);
}

/* Of one profile's events at the same instant, those of smaller subjects come first: an order
 * that does not depend on when the subjects were joined. */
static void order_ties(const Build *b, Key *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        Key    k = keys[i];
        size_t at = i;
        while (at > 0 && b->time[keys[at - 1].row] == b->time[k.row] &&
               b->subject[keys[at - 1].row] > b->subject[k.row]) {
            keys[at] = keys[at - 1];
            at--;
        }
        keys[at] = k;
    }
}

/* One profile's rows, stable by time. */
static void order_times(const Build *b, Key *keys, Key *other, size_t n)
{
    uint64_t profile = keys[0].key;
    if (n < 64) {
        for (size_t i = 1; i < n; i++) {
            Key    k = keys[i];
            size_t at = i;
            for (; at > 0 && b->time[keys[at - 1].row] > b->time[k.row]; at--)
                keys[at] = keys[at - 1];
            keys[at] = k;
        }
        return;
    }
    for (size_t i = 0; i < n; i++)
        keys[i].key = (uint64_t)b->time[keys[i].row];
    radix_sort(keys, other, n);
    for (size_t i = 0; i < n; i++)
        keys[i].key = profile;
}

/* The rows of each profile, which came in any order. They mostly came by time. */
static void order_people(const Build *b, Key *keys, Key *other, bool times, bool ties)
{
    for (size_t from = 0, to; from < b->n; from = to) {
        bool ordered = true;
        for (to = from + 1; to < b->n && keys[to].key == keys[from].key; to++)
            ordered = ordered && b->time[keys[to].row] >= b->time[keys[to - 1].row];
        if (times && !ordered)
            order_times(b, keys + from, other, to - from);
        if (ties)
            order_ties(b, keys + from, to - from);
    }
}

/* Rows by profile, then by time, then by subject, then by arrival; key: the profile. */
static Key *sorted_rows(const Build *b, Remap *remap)
{
    Key *keys = grown(NULL, b->n, sizeof *keys);
    Key *other = grown(NULL, b->n, sizeof *other);
    bool ordered = true, joined = false;
    for (size_t i = 0; i < b->n; i++) {
        keys[i] = (Key){(uint64_t)b->subject[i], i};
        ordered = ordered && (i == 0 || b->time[i] >= b->time[i - 1]);
    }
    remap_profiles(remap, (int64_t *)(void *)keys, b->n, sizeof *keys / sizeof(int64_t));
    for (size_t i = 0; i < b->n && !joined; i++)
        joined = keys[i].key != (uint64_t)b->subject[i];
    radix_sort(keys, other, b->n);
    if (!ordered || joined)
        order_people(b, keys, other, !ordered, joined);
    free(other);
    return keys;
}

/* --- writing ------------------------------------------------------------------------- */

typedef struct Lookup {
    uint32_t **at; /* [column][row]: index of its value, plus 1 */
} Lookup;

static void write_push(WriteColumn *c, size_t row, int64_t value)
{
    if (c->n == c->cap) {
        c->cap = c->cap > 0 ? c->cap * 2 : 1024;
        c->row = grown(c->row, c->cap, sizeof *c->row);
        c->value = grown(c->value, c->cap, sizeof *c->value);
    }
    c->row[c->n] = (uint32_t)row;
    c->value[c->n++] = value;
}

/* A column in the new order, a whole segment of it at a time. */
static void reorder(const Build *b, const WriteColumn *from, const Key *keys, uint32_t *at,
                    WriteColumn *to)
{
    *to = (WriteColumn){0};
    to->cap = from->n + 1;
    to->row = grown(NULL, to->cap, sizeof *to->row);
    to->value = grown(NULL, to->cap, sizeof *to->value);
    if (from->n == b->n) { /* every row has one */
        for (size_t i = 0; i < b->n; i++) {
            to->row[i] = (uint32_t)i;
            to->value[i] = from->value[keys[i].row];
        }
        to->n = b->n;
        return;
    }
    memset(at, 0, b->n * sizeof *at);
    for (size_t k = 0; k < from->n; k++)
        at[from->row[k]] = (uint32_t)k + 1;
    for (size_t i = 0; i < b->n; i++) {
        uint32_t k = at[keys[i].row];
        if (k != 0)
            write_push(to, i, from->value[k - 1]);
    }
}

typedef struct Sorted {
    const Build *b;
    const Key   *keys;
    WriteColumn *columns; /* whole, in the new order */
    size_t      *done;    /* [column]: values in earlier blocks */
    WriteRows    rows;
    size_t       cap;
} Sorted;

/* The values of rows [from, to) of each column, with rows counted from the block's first. */
static void cut_columns(Sorted *s, size_t from, size_t to)
{
    for (size_t k = 0; k < s->b->ncolumns; k++) {
        const WriteColumn *all = &s->columns[k];
        WriteColumn       *c = &s->rows.columns[k];
        size_t             end = s->done[k];
        while (end < all->n && all->row[end] < to)
            end++;
        c->row = all->row + s->done[k];
        c->value = all->value + s->done[k];
        c->n = end - s->done[k];
        for (size_t i = 0; i < c->n; i++)
            c->row[i] -= (uint32_t)from;
        s->done[k] = end;
    }
}

/* Rows [from, to) are a block of whole people. */
static Status write_block(Sorted *s, SegWriter *w, size_t from, size_t to, Err *err)
{
    WriteRows *r = &s->rows;
    size_t     n = to - from;
    if (n > s->cap) {
        s->cap = n;
        r->profile = grown(r->profile, n, sizeof *r->profile);
        r->start = grown(r->start, n + 1, sizeof *r->start);
        r->time = grown(r->time, n, sizeof *r->time);
        r->name = grown(r->name, n, sizeof *r->name);
    }
    r->rows = n;
    r->persons = 0;
    r->subject.n = 0;
    for (size_t i = 0; i < n; i++) {
        const Key *key = &s->keys[from + i];
        int64_t    subject = s->b->subject[key->row];
        r->time[i] = s->b->time[key->row];
        r->name[i] = s->b->name[key->row];
        if (i == 0 || key->key != key[-1].key) {
            r->start[r->persons] = (uint32_t)i;
            r->profile[r->persons++] = (int64_t)key->key;
        }
        if (subject != (int64_t)key->key)
            write_push(&r->subject, i, subject);
    }
    r->start[r->persons] = (uint32_t)n;
    cut_columns(s, from, to);
    return seg_writer_block(w, r, err);
}

static Status write_blocks(Sorted *s, SegWriter *w, Err *err)
{
    size_t n = s->b->n;
    for (size_t from = 0, to; from < n; from = to) {
        to = from + SEG_BLOCK_ROWS < n ? from + SEG_BLOCK_ROWS : n;
        while (to < n && s->keys[to].key == s->keys[to - 1].key)
            to++;
        TRY(write_block(s, w, from, to, err));
    }
    return ST_OK;
}

static void sorted_columns(Sorted *s)
{
    const Build *b = s->b;
    uint32_t    *at = grown(NULL, b->n + 1, sizeof *at);
    s->columns = calloc(b->ncolumns + 1, sizeof *s->columns);
    s->done = calloc(b->ncolumns + 1, sizeof *s->done);
    s->rows.columns = calloc(b->ncolumns + 1, sizeof *s->rows.columns);
    if (s->columns == NULL || s->done == NULL || s->rows.columns == NULL)
        base_out_of_memory(b->ncolumns);
    s->rows.ncolumns = b->ncolumns;
    for (size_t k = 0; k < b->ncolumns; k++) {
        SpaceColumn *col = b->space.columns[k];
        reorder(b, &b->columns[k], s->keys, at, &s->columns[k]);
        if (type_is_text(col->type) && texts_hardly_repeat(col->dict.n, s->columns[k].n))
            col->raw = true;
    }
    free(at);
}

static void sorted_done(Sorted *s)
{
    for (size_t k = 0; k < s->b->ncolumns; k++) {
        free(s->columns[k].row);
        free(s->columns[k].value);
    }
    free(s->columns);
    free(s->done);
    free(s->rows.columns);
    free(s->rows.profile);
    free(s->rows.start);
    free(s->rows.time);
    free(s->rows.name);
    free(s->rows.subject.row);
    free(s->rows.subject.value);
}

Status build_segment(Build *b, Remap *remap, uint64_t erase_version, const char *path,
                     uint64_t number, Segment **ret, Err *err)
{
    SegWriter     *w;
    unsigned char *bytes;
    size_t         n;
    *ret = NULL;
    if (b->n == 0)
        return ST_OK;
    uint64_t remap_now = remap_version(remap); /* before: what comes in between is patched */
    Key     *keys = sorted_rows(b, remap);
    Sorted   s = {.b = b, .keys = keys};
    Status   st = seg_writer_new(path, &b->space, &w, err);
    if (st == ST_OK) {
        sorted_columns(&s);
        st = write_blocks(&s, w, err);
        if (st == ST_OK)
            st = seg_writer_end(w, remap_now, erase_version, &bytes, &n, err);
        else
            seg_writer_drop(w);
        sorted_done(&s);
    }
    free(keys);
    TRY(st);
    return path != NULL ? segment_open(path, number, ret, err) : segment_of(bytes, n, ret, err);
}

/* --- checking events ----------------------------------------------------------------- */

static Status bad(const char *what, Err *err)
{
    return err_set(err, ST_INVALID, "journey.bad_event", "%s", what);
}

static Status check_prop(const JourneyProp *p, Err *err)
{
    if (p->key.len == 0 || p->key.len > JOURNEY_KEY_MAX || !utf8_valid(p->key))
        return bad("a property's key is empty, too long or not UTF-8", err);
    if (p->type < JOURNEY_BOOL || p->type >= JOURNEY_TYPES)
        return bad("a property's type is unknown", err);
    if (p->type == JOURNEY_REAL && !isfinite(p->real))
        return bad("a property is not a finite number", err);
    if (type_is_text(p->type) && p->text.len > JOURNEY_TEXT_MAX)
        return bad("a property's text is too long", err);
    if (type_is_text(p->type) && !utf8_valid(p->text))
        return bad("a property's text is not UTF-8", err);
    return ST_OK;
}

Status event_check(const JourneyEvent *e, Err *err)
{
    if (e->subject <= 0)
        return bad("the subject is not positive", err);
    if (e->time.v < 0 || e->time.v > TIME_MAX)
        return bad("the time is out of range", err);
    if (e->name.len == 0 || e->name.len > JOURNEY_NAME_MAX || !utf8_valid(e->name))
        return bad("the name is empty, too long or not UTF-8", err);
    if (e->message.len > JOURNEY_MESSAGE_MAX)
        return bad("the message id is too long", err);
    if (e->nprops > JOURNEY_PROPS_MAX)
        return bad("too many properties", err);
    for (size_t i = 0; i < e->nprops; i++)
        TRY(check_prop(&e->props[i], err));
    return ST_OK;
}
