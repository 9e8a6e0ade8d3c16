/* Questions over a view: masks, codes, numbers. */
#include "base/fast.h"
#include "journey/ask.h"

#include "base/real.h"

enum { KEPT_BITS = 8, KEPT_STARTS = 6, KEPT_ENDS = 7 };

/* What was worked out for the content of a slab. */
typedef struct Kept {
    uint64_t  serial;
    uint64_t *mask[ASK_SELECTORS];
    bool      has_mask[ASK_SELECTORS];
    uint32_t *codes[ASK_FIELDS];
    bool      has_codes[ASK_FIELDS];
    uint64_t *bits[KEPT_BITS];
    bool      has_bits[KEPT_BITS];
    uint64_t *base;
    bool      has_base;
    size_t    cap; /* rows */
} Kept;

static void *room(void *p, size_t n, size_t size)
{
    free(p);
    p = calloc(n + 64, size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

static void kept_free(void *p)
{
    Kept *k = p;
    for (size_t i = 0; i < ASK_SELECTORS; i++)
        free(k->mask[i]);
    for (size_t i = 0; i < ASK_FIELDS; i++)
        free(k->codes[i]);
    for (size_t i = 0; i < KEPT_BITS; i++)
        free(k->bits[i]);
    free(k->base);
    free(k);
}

static Kept *kept(Slab *s)
{
    Kept *k = s->kept;
    if (k == NULL) {
        k = calloc(1, sizeof *k);
        if (k == NULL)
            base_out_of_memory(sizeof *k);
        s->kept = k;
        s->kept_free = kept_free;
    }
    if (k->serial == s->serial)
        return k;
    k->serial = s->serial;
    memset(k->has_mask, 0, sizeof k->has_mask);
    memset(k->has_codes, 0, sizeof k->has_codes);
    memset(k->has_bits, 0, sizeof k->has_bits);
    k->has_base = false;
    if (s->rows > k->cap) { /* all arrays are of the same length */
        for (size_t i = 0; i < ASK_SELECTORS; i++) {
            free(k->mask[i]);
            k->mask[i] = NULL;
        }
        for (size_t i = 0; i < ASK_FIELDS; i++) {
            free(k->codes[i]);
            k->codes[i] = NULL;
        }
        for (size_t i = 0; i < KEPT_BITS; i++) {
            free(k->bits[i]);
            k->bits[i] = NULL;
        }
        free(k->base);
        k->base = NULL;
        k->cap = s->rows + s->rows / 4;
    }
    return k;
}

static uint64_t *bits_room(const Kept *k, uint64_t *p)
{
    return p != NULL ? p : room(NULL, k->cap / 64 + 2, 8);
}

uint64_t *kept_bits(Slab *s, size_t slot, bool *ret_fresh)
{
    Kept *k = kept(s);
    ASSERT(slot < KEPT_BITS);
    k->bits[slot] = bits_room(k, k->bits[slot]);
    *ret_fresh = !k->has_bits[slot];
    k->has_bits[slot] = true;
    return k->bits[slot];
}

const uint64_t *bits_starts(Slab *s)
{
    bool      fresh;
    uint64_t *bits = kept_bits(s, KEPT_STARTS, &fresh);
    if (fresh) {
        memset(bits, 0, (s->rows + 63) / 64 * 8);
        for (size_t p = 0; p < s->persons; p++)
            bits[s->start[p] >> 6] |= 1ULL << (s->start[p] & 63);
    }
    return bits;
}

const uint64_t *bits_ends(Slab *s)
{
    bool      fresh;
    uint64_t *bits = kept_bits(s, KEPT_ENDS, &fresh);
    if (fresh) {
        memset(bits, 0, (s->rows + 63) / 64 * 8);
        for (size_t p = 1; p <= s->persons; p++)
            bits[(s->start[p] - 1) >> 6] |= 1ULL << ((s->start[p] - 1) & 63);
    }
    return bits;
}

/* --- values -------------------------------------------------------------------------- */

static JourneyValue trait(const Ask *q, int64_t profile, Str path, Arena *a)
{
    if (q->options == NULL || q->options->trait == NULL)
        return (JourneyValue){0};
    return q->options->trait(q->options->arg, profile, path, a);
}

static Status load_field(Ask *q, Slab *s, size_t field, Err *err);

static Status load_filters(Ask *q, Slab *s, Filter *const *filters, size_t n, Err *err)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < filters[i]->f.npaths; k++)
            TRY(load_field(q, s, filters[i]->fields[k], err));
    return ST_OK;
}

static Status load_field(Ask *q, Slab *s, size_t field, Err *err)
{
    const Field *f = &q->fields[field];
    if (f->kind == FIELD_EVENT)
        return slab_names(s, err);
    if (f->kind == FIELD_TIME)
        return slab_time_some(s, err);
    if (f->kind == FIELD_PERSON)
        return slab_profiles(s, err);
    if (f->kind == FIELD_SEGMENT)
        return load_filters(q, s, f->filters, f->nfilters, err);
    for (unsigned t = 0; t < JOURNEY_TYPES; t++)
        if (f->column[t] != SIZE_MAX)
            TRY(slab_column(s, f->column[t], err));
    return ST_OK;
}

static bool number_value(const Slab *s, const Field *f, unsigned type, size_t row,
                         JourneyValue *ret)
{
    size_t c = f->column[type];
    if (c == SIZE_MAX || !column_has(&s->columns[c], row))
        return false;
    int64_t v = column_value(&s->columns[c], row);
    *ret = (JourneyValue){.type = (JourneyType)type, .i = v};
    if (type == JOURNEY_REAL) {
        memcpy(&ret->real, &v, sizeof v);
        ret->i = 0;
    }
    return true;
}

/* The value of a loaded field. */
static JourneyValue value_at(Ask *q, const Slab *s, size_t field, size_t row, size_t person,
                             Arena *a)
{
    const Field *f = &q->fields[field];
    JourneyValue v = {0};
    if (f->kind == FIELD_EVENT)
        return (JourneyValue){.type = JOURNEY_TEXT,
                              .text = q->space.names.texts[slab_name(s, row)]};
    if (f->kind == FIELD_TIME)
        return (JourneyValue){.type = JOURNEY_INT,
                              .i = q->view.origin + slab_tick(s, row) * q->view.unit};
    if (f->kind == FIELD_PERSON)
        return trait(q, s->profile[person], f->path, a);
    for (unsigned t = JOURNEY_TEXT; t <= JOURNEY_JSON; t++) {
        size_t   c = f->column[t];
        uint32_t code = c != SIZE_MAX && s->columns[c].any
                            ? code_at(s->columns[c].codes, q->view.code_size[c], row)
                            : 0;
        if (code == 0)
            continue;
        pthread_mutex_lock(&q->space.lock); /* texts may move while others add some */
        Str text = q->space.columns[c]->dict.texts[code];
        pthread_mutex_unlock(&q->space.lock);
        return (JourneyValue){.type = (JourneyType)t, .text = text};
    }
    if (number_value(s, f, JOURNEY_INT, row, &v) || number_value(s, f, JOURNEY_REAL, row, &v) ||
        number_value(s, f, JOURNEY_BOOL, row, &v))
        return v;
    return v;
}

/* --- filters ------------------------------------------------------------------------- */

static bool filter_holds(Ask *q, const Slab *s, Filter *f, size_t row, size_t person, Arena *a)
{
    uint32_t code = UINT32_MAX;
    if (f->memo != NULL) {
        const Field *field = &q->fields[f->fields[0]];
        if (field->kind == FIELD_EVENT)
            code = slab_name(s, row);
        else
            code = s->columns[field->texts].any ? code_at(s->columns[field->texts].codes,
                                                          q->view.code_size[field->texts], row)
                                                : 0;
        signed char known = atomic_load_explicit(&f->memo[code], memory_order_relaxed);
        if (known >= 0)
            return known != 0;
    }
    JourneyValue values[ASK_FILTERS];
    for (size_t i = 0; i < f->f.npaths; i++)
        values[i] = value_at(q, s, f->fields[i], row, person, a);
    bool holds = f->f.holds(f->f.of, values, a);
    if (f->memo != NULL)
        atomic_store_explicit(&f->memo[code], holds, memory_order_relaxed);
    return holds;
}

/* Take the bits of rows for which it does not hold. */
static Status apply_filter(Ask *q, Slab *s, Filter *f, uint64_t *bits, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 16384};
    TRY(load_filters(q, s, &f, 1, err));
    size_t person = 0;
    for (size_t row = bit_next(bits, 0, s->rows); row < s->rows;
         row = bit_next(bits, row + 1, s->rows)) {
        while (row >= s->start[person + 1])
            person++;
        if (!filter_holds(q, s, f, row, person, &a))
            bits[row >> 6] &= ~(1ULL << (row & 63));
        if (a.used > 1 << 20)
            arena_reset(&a);
    }
    return ST_OK;
}

static void fill(uint64_t *bits, size_t rows)
{
    memset(bits, 0xff, (rows + 63) / 64 * 8);
    if (rows % 64 != 0)
        bits[rows / 64] = pack_mask((unsigned)(rows % 64));
}

/* Take the bits of rows outside [from, to). */
static Status cut_range(const Ask *q, Slab *s, int64_t from, int64_t to, uint64_t *bits, Err *err)
{
    if (from <= 0 && to >= q->view.ticks)
        return ST_OK;
    TRY(slab_time(s, err));
    for (size_t row = 0; row < s->rows; row++) {
        int64_t t = slab_tick(s, row);
        if (t < from || t >= to)
            bits[row >> 6] &= ~(1ULL << (row & 63));
    }
    return ST_OK;
}

/* Rows in the range of time for which `where` holds. */
static Status base_bits(Ask *q, Slab *s, const uint64_t **ret, Err *err)
{
    Kept *k = kept(s);
    *ret = NULL;
    if (q->all_rows)
        return ST_OK;
    if (!k->has_base) {
        k->base = bits_room(k, k->base);
        fill(k->base, s->rows);
        TRY(cut_range(q, s, q->from, q->to, k->base, err));
        for (size_t i = 0; i < q->nwhere; i++)
            TRY(apply_filter(q, s, q->where[i], k->base, err));
        k->has_base = true;
    }
    *ret = k->base;
    return ST_OK;
}

Status ask_rows(Ask *q, Slab *s, size_t selector, const uint64_t **ret, Err *err)
{
    Selector       *sel = &q->selectors[selector];
    const uint64_t *base = NULL;
    if (!sel->apart)
        TRY(base_bits(q, s, &base, err));
    *ret = base;
    if (sel->everything)
        return ST_OK;
    Kept *k = kept(s);
    if (!k->has_mask[selector]) {
        uint64_t *m = k->mask[selector] = bits_room(k, k->mask[selector]);
        size_t    words = (s->rows + 63) / 64;
        if (sel->any)
            fill(m, s->rows);
        else
            memset(m, 0, words * 8);
        if (!sel->any && sel->ncodes > 0)
            TRY(slab_names(s, err));
        for (size_t i = 0; i < sel->ncodes; i++)
            bits_equal(m, s->names, q->view.name_size, sel->codes[i], s->rows, i > 0);
        for (size_t w = 0; base != NULL && w < words; w++)
            m[w] &= base[w];
        if (sel->apart)
            TRY(cut_range(q, s, sel->from, sel->to, m, err));
        for (size_t i = 0; i < sel->nfilters; i++)
            TRY(apply_filter(q, s, sel->filters[i], m, err));
        k->has_mask[selector] = true;
    }
    *ret = k->mask[selector];
    return ST_OK;
}

static size_t count_bits(const uint64_t *m, size_t from, size_t to)
{
    size_t n = 0;
    if (m == NULL)
        return to - from;
    for (size_t w = from >> 6; from < to && w <= (to - 1) >> 6; w++) {
        uint64_t word = m[w];
        word &= w == from >> 6 ? UINT64_MAX << (from & 63) : UINT64_MAX;
        word &= w == (to - 1) >> 6 ? UINT64_MAX >> (63 - ((to - 1) & 63)) : UINT64_MAX;
        n += (size_t)__builtin_popcountll(word);
    }
    return n;
}

Status ask_did_rows(Ask *q, Slab *s, const Did *did, size_t n, const uint64_t **ret, Err *err)
{
    for (size_t i = 0; i < n; i++)
        TRY(ask_rows(q, s, did[i].selector, &ret[i], err));
    return ST_OK;
}

bool ask_did(const Slab *s, const Did *did, size_t n, const uint64_t *const *rows, size_t person)
{
    for (size_t i = 0; i < n; i++) {
        int64_t times = (int64_t)count_bits(rows[i], s->start[person], s->start[person + 1]);
        if (times < did[i].least || times > did[i].most)
            return false;
    }
    return true;
}

/* A person's first row in the range; before it are those that are only looked back at. */
static size_t first_told(const Ask *q, const Slab *s, size_t from, size_t to)
{
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (slab_tick(s, mid) < q->begin)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

Status ask_population(Ask *q, Slab *s, size_t first, size_t end, int64_t *people, int64_t *events,
                      Err *err)
{
    const uint64_t *base;
    bool            back = q->begin > q->from;
    TRY(base_bits(q, s, &base, err));
    if (base == NULL && !back) {
        *people += (int64_t)(end - first);
        *events += (int64_t)(s->start[end] - s->start[first]);
        return ST_OK;
    }
    if (back)
        TRY(slab_time(s, err));
    for (size_t p = first; p < end; p++) {
        size_t from = s->start[p], to = s->start[p + 1];
        size_t n = count_bits(base, back ? first_told(q, s, from, to) : from, to);
        *events += (int64_t)n;
        *people += n > 0;
    }
    return ST_OK;
}

/* --- codes --------------------------------------------------------------------------- */

static uint32_t value_code(Field *f, const JourneyValue *v)
{
    char   stack[64];
    size_t n = 9;
    if (v->type == 0)
        return 0;
    if (type_is_text(v->type))
        n = v->text.len + 1;
    char *p = n <= sizeof stack ? stack : malloc(n);
    if (p == NULL)
        base_out_of_memory(n);
    p[0] = (char)v->type;
    if (type_is_text(v->type) && v->text.len > 0)
        memcpy(p + 1, v->text.ptr, v->text.len);
    else if (v->type == JOURNEY_REAL)
        memcpy(p + 1, &v->real, 8);
    else if (!type_is_text(v->type))
        memcpy(p + 1, &v->i, 8);
    uint32_t code = dict_put(&f->dict, (Str){p, n});
    if (p != stack)
        free(p);
    return code;
}

/* Several fields as one: pairs (or triples) of codes are numbered as they are met. */
static uint32_t many_code(Field *f, const uint32_t *codes)
{
    pthread_mutex_lock(&f->lock);
    uint32_t code = dict_put(&f->dict, (Str){(const char *)codes, f->nparts * sizeof *codes});
    pthread_mutex_unlock(&f->lock);
    return code;
}

/* Two fields of few values each, by a plain copy of the table. Zero: some pair is new. */
FAST static uint32_t two_bytes(uint32_t *out, const uint8_t *a, const uint8_t *b, uint32_t radix,
                               const uint32_t *table, size_t n)
{
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        out[i] = table[a[i] * radix + b[i]];
        least = out[i] < least ? out[i] : least;
    }
    return least;
}

static bool pairs_known(const Slab *s, const Field *f, const void *const *parts,
                        const unsigned *sizes, uint32_t *out)
{
    enum { TABLE = 2048 };
    uint32_t table[TABLE];
    size_t   cells = f->nparts == 2 ? f->radix[0] * f->radix[1] : SIZE_MAX;
    if (cells > TABLE || sizes[0] != 1 || sizes[1] != 1 || parts[0] == NULL || parts[1] == NULL)
        return false;
    for (size_t i = 0; i < cells; i++)
        table[i] = atomic_load_explicit(&f->pair[i], memory_order_relaxed);
    return two_bytes(out, parts[0], parts[1], (uint32_t)f->radix[1], table, s->rows) != 0;
}

/* Numbers of pairs by a table: most are there already. */
static void pair_codes(Ask *q, const Slab *s, Field *f, const void *const *parts,
                       const unsigned *sizes, uint32_t *out)
{
    (void)q;
    if (pairs_known(s, f, parts, sizes, out))
        return;
    for (size_t row = 0; row < s->rows; row++) {
        uint32_t codes[3] = {0};
        size_t   cell = 0;
        for (size_t i = 0; i < f->nparts; i++) {
            codes[i] = parts[i] != NULL ? code_at(parts[i], sizes[i], row) : 0;
            cell = cell * f->radix[i] + codes[i];
        }
        uint32_t code = atomic_load_explicit(&f->pair[cell], memory_order_relaxed);
        if (code == 0) {
            code = many_code(f, codes);
            atomic_store_explicit(&f->pair[cell], code, memory_order_relaxed);
        }
        out[row] = code;
    }
}

static Status many_codes(Ask *q, Slab *s, Field *f, uint32_t *out, Err *err)
{
    const void     *raw[3] = {NULL};
    unsigned        sizes[3] = {4, 4, 4};
    const uint32_t *parts[3] = {NULL};
    if (f->pair != NULL) {
        for (size_t i = 0; i < f->nparts; i++)
            TRY(ask_raw_codes(q, s, f->part[i], &raw[i], &sizes[i], err));
        pair_codes(q, s, f, raw, sizes, out);
        return ST_OK;
    }
    for (size_t i = 0; i < f->nparts; i++)
        TRY(ask_codes(q, s, f->part[i], &parts[i], err));
    uint32_t last[3] = {UINT32_MAX}, code = 0;
    for (size_t row = 0; row < s->rows; row++) {
        uint32_t codes[3] = {0};
        for (size_t i = 0; i < f->nparts; i++)
            codes[i] = parts[i] != NULL ? parts[i][row] : 0;
        if (memcmp(codes, last, sizeof codes) != 0) {
            code = many_code(f, codes);
            memcpy(last, codes, sizeof codes);
        }
        out[row] = code;
    }
    return ST_OK;
}

/* Of a field that is kept as codes, or is the event's name. */
static void plain_codes(const Ask *q, const Slab *s, const Field *f, uint32_t *out)
{
    const void *plain = f->kind == FIELD_EVENT     ? s->names
                        : s->columns[f->texts].any ? s->columns[f->texts].codes
                                                   : NULL;
    unsigned    size = f->kind == FIELD_EVENT ? q->view.name_size : q->view.code_size[f->texts];
    for (size_t row = 0; row < s->rows; row++)
        out[row] = plain != NULL ? code_at(plain, size, row) : 0;
}

static JourneyValue segment_at(Ask *q, const Slab *s, const Field *f, bool did, size_t row,
                               size_t person, Arena *a)
{
    bool holds = did;
    for (size_t i = 0; i < f->nfilters && holds; i++)
        holds = filter_holds(q, s, f->filters[i], row, person, a);
    return (JourneyValue){.type = JOURNEY_BOOL, .i = holds};
}

/* Of any other: its values are numbered as they are met. */
static Status numbered_codes(Ask *q, Slab *s, size_t field, uint32_t *out, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    Field                    *f = &q->fields[field];
    bool                      segment = f->kind == FIELD_SEGMENT;
    bool                      of_person = segment ? f->of_person : f->kind == FIELD_PERSON;
    const uint64_t           *rows[ASK_DIDS] = {NULL};
    TRY(ask_did_rows(q, s, f->did, f->ndid, rows, err));
    pthread_mutex_lock(&f->lock);
    for (size_t p = 0; p < s->persons; p++) {
        uint32_t same = 0;
        bool     did = ask_did(s, f->did, f->ndid, rows, p);
        for (size_t row = s->start[p]; row < s->start[p + 1]; row++) {
            if (!of_person || row == s->start[p]) {
                JourneyValue v = segment ? segment_at(q, s, f, did, row, p, &a)
                                         : value_at(q, s, field, row, p, &a);
                same = value_code(f, &v);
            }
            out[row] = same;
        }
        if (a.used > 1 << 20)
            arena_reset(&a);
    }
    bool many = f->dict.n > ASK_GROUPS * 40;
    pthread_mutex_unlock(&f->lock);
    if (many)
        return err_set(err, ST_LIMIT, "journey.too_big", "more than %d values of %.60s",
                       ASK_GROUPS * 40, str_head(f->path, 60).ptr);
    return ST_OK;
}

Status ask_codes(Ask *q, Slab *s, size_t field, const uint32_t **ret, Err *err)
{
    Kept  *k = kept(s);
    Field *f = &q->fields[field];
    if (k->codes[field] == NULL)
        k->codes[field] = room(NULL, k->cap, 4);
    if (k->has_codes[field])
        ;
    else if (f->kind == FIELD_MANY) {
        TRY(many_codes(q, s, f, k->codes[field], err));
    } else {
        TRY(load_field(q, s, field, err));
        if (f->plain || f->kind == FIELD_EVENT)
            plain_codes(q, s, f, k->codes[field]);
        else
            TRY(numbered_codes(q, s, field, k->codes[field], err));
    }
    k->has_codes[field] = true;
    *ret = k->codes[field];
    return ST_OK;
}

Status ask_raw_codes(Ask *q, Slab *s, size_t field, const void **ret, unsigned *ret_size, Err *err)
{
    Field *f = &q->fields[field];
    if (!f->plain) {
        const uint32_t *codes;
        TRY(ask_codes(q, s, field, &codes, err));
        *ret = codes;
        *ret_size = 4;
        return ST_OK;
    }
    TRY(load_field(q, s, field, err));
    if (f->kind == FIELD_EVENT) {
        *ret = s->names;
        *ret_size = q->view.name_size;
        return ST_OK;
    }
    *ret = s->columns[f->texts].any ? s->columns[f->texts].codes : NULL;
    *ret_size = q->view.code_size[f->texts];
    return ST_OK;
}

size_t ask_code_count(Ask *q, size_t field)
{
    Field *f = &q->fields[field];
    if (f->kind == FIELD_EVENT)
        return q->space.names.n + 1;
    if (!f->plain) {
        pthread_mutex_lock(&f->lock);
        size_t n = f->dict.n + 1;
        pthread_mutex_unlock(&f->lock);
        return n;
    }
    pthread_mutex_lock(&q->space.lock);
    size_t n = q->space.columns[f->texts]->dict.n + 1;
    pthread_mutex_unlock(&q->space.lock);
    return n;
}

static JourneyValue code_value(Ask *q, size_t field, uint32_t code)
{
    const Field *f = &q->fields[field];
    JourneyValue v = {.type = JOURNEY_TEXT};
    if (code == 0)
        return (JourneyValue){0};
    if (f->kind == FIELD_EVENT)
        v.text = q->space.names.texts[code];
    else if (f->plain)
        v.text = q->space.columns[f->texts]->dict.texts[code];
    else {
        Str bytes = f->dict.texts[code];
        v.type = (JourneyType)bytes.ptr[0];
        if (type_is_text(v.type))
            v.text = str_skip(bytes, 1);
        else if (v.type == JOURNEY_REAL)
            memcpy(&v.real, bytes.ptr + 1, 8);
        else
            memcpy(&v.i, bytes.ptr + 1, 8);
    }
    return v;
}

static uint32_t part_code(const Field *f, uint32_t code, size_t part)
{
    uint32_t c = 0;
    if (code != 0)
        memcpy(&c, f->dict.texts[code].ptr + part * sizeof c, sizeof c);
    return c;
}

void ask_write_code(Ask *q, size_t field, uint32_t code, const char *key, Json *out)
{
    const Field *f = &q->fields[field];
    if (f->kind == FIELD_MANY) {
        json_arr(out, key);
        for (size_t i = 0; i < f->nparts; i++)
            ask_write_code(q, f->part[i], part_code(f, code, i), NULL, out);
        json_end(out);
        return;
    }
    JourneyValue v = code_value(q, field, code);
    if (v.type == JOURNEY_BOOL)
        json_bool(out, key, v.i != 0);
    else if (v.type == JOURNEY_INT)
        json_i64(out, key, v.i);
    else if (v.type == JOURNEY_REAL)
        json_real(out, key, v.real);
    else if (v.type == JOURNEY_TEXT)
        json_str(out, key, v.text);
    else if (v.type == JOURNEY_JSON)
        json_raw(out, key, v.text);
    else
        json_null(out, key);
}

/* Numbers in order of size, then texts in order of their bytes. */
Str ask_code_text(Ask *q, size_t field, uint32_t code, Arena *a)
{
    const Field *f = &q->fields[field];
    if (f->kind == FIELD_MANY) {
        CLEANUP(buf_done) Buf b = {0};
        buf_init(&b, 4 * JOURNEY_TEXT_MAX);
        for (size_t i = 0; i < f->nparts; i++) {
            buf_add(&b, ask_code_text(q, f->part[i], part_code(f, code, i), a));
            buf_addc(&b, '\0');
        }
        return str_dup(a, buf_str(&b));
    }
    JourneyValue v = code_value(q, field, code);
    char         text[40] = "";
    if (v.type == JOURNEY_TEXT || v.type == JOURNEY_JSON)
        return v.text;
    if (v.type == JOURNEY_REAL)
        (void)snprintf(text, sizeof text, "%030.6f", v.real);
    else if (v.type != 0)
        (void)snprintf(text, sizeof text, "%023lld", (long long)v.i);
    return str_dup(a, str_from_cstr(text));
}

static bool same_value(Ask *q, size_t field, uint32_t code, const JsonValue *v)
{
    const Field *f = &q->fields[field];
    if (f->kind == FIELD_MANY) {
        bool same = v->type == JSON_ARRAY && v->n == f->nparts && code != 0;
        for (size_t i = 0; same && i < f->nparts; i++)
            same = same_value(q, f->part[i], part_code(f, code, i), &v->items[i]);
        return same;
    }
    JourneyValue c = code_value(q, field, code);
    return (c.type == 0 && v->type == JSON_NULL) ||
           (c.type == JOURNEY_TEXT && v->type == JSON_STRING && str_eq(c.text, v->text)) ||
           (c.type == JOURNEY_INT && v->type == JSON_NUMBER && v->integer && v->i64 == c.i) ||
           (c.type == JOURNEY_BOOL && v->type == JSON_BOOL && v->boolean == (c.i != 0)) ||
           (c.type == JOURNEY_REAL && v->type == JSON_NUMBER && /* 73.0 is written as 73 */
            real_same(v->integer ? (double)v->i64 : v->real, c.real));
}

bool ask_find_code(Ask *q, size_t field, const JsonValue *v, uint32_t *ret)
{
    for (uint32_t code = 0; code < ask_code_count(q, field); code++)
        if (same_value(q, field, code, v)) {
            *ret = code;
            return true;
        }
    return false;
}

bool ask_code_is(Ask *q, size_t field, uint32_t code, const JsonValue *v)
{
    pthread_mutex_lock(&q->fields[field].lock);
    bool same = same_value(q, field, code, v);
    pthread_mutex_unlock(&q->fields[field].lock);
    return same;
}

/* --- numbers ------------------------------------------------------------------------- */

Status ask_numbers(Ask *q, Slab *s, size_t field, Err *err)
{
    return load_field(q, s, field, err);
}

bool ask_number(const Ask *q, const Slab *s, size_t field, size_t row, double *ret,
                int64_t *ret_int, bool *ret_integer)
{
    const Field *f = &q->fields[field];
    JourneyValue v;
    if (f->kind != FIELD_PROP)
        return false;
    if (number_value(s, f, JOURNEY_INT, row, &v)) {
        *ret = (double)v.i;
        *ret_int = v.i;
        *ret_integer = true;
        return true;
    }
    if (!number_value(s, f, JOURNEY_REAL, row, &v))
        return false;
    *ret = v.real;
    *ret_int = 0;
    *ret_integer = false;
    return true;
}
