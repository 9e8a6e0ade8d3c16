#include "search/run_int.h"

#include <string.h>

#include <xxhash.h>

#include "base/codec.h"

enum { CURSOR_VERSION = 1, SORTED_AT_ONCE = 32 };

/* Numbers as unsigned ones of the same order, none of them 0. */
uint64_t top_order(double number, bool descending)
{
    uint64_t bits;
    if (!(number > 0 || number < 0))
        number = 0; /* not -0 */
    memcpy(&bits, &number, sizeof bits);
    bits = bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
    return descending ? bits : ~bits;
}

/* Complete hits, then those that miss words, then buried ones. */
uint64_t top_score_order(float score, bool buried, bool complete)
{
    uint32_t bits;
    memcpy(&bits, &score, sizeof bits);
    bits = bits >> 31 ? ~bits : bits | 1U << 31;
    return (uint64_t)(buried ? 1 : complete ? 3 : 2) << 32 | bits;
}

static int compare_texts(const SearchSort *s, Str x, Str y)
{
    int order = str_cmp(x, y);
    return s->descending ? -order : order;
}

/* < 0: x comes first. `x_texts`: of a cursor, whose codes mean nothing. */
static int compare(const Run *r, const Entry *x, const Str *x_texts, const Entry *y)
{
    size_t n = r->q->n_sorts > 0 ? r->q->n_sorts : 1;
    for (size_t i = 0; i < n; i++) {
        if (x->keys[i].order != y->keys[i].order)
            return x->keys[i].order > y->keys[i].order ? -1 : 1;
        uint32_t a = x->keys[i].code, b = y->keys[i].code;
        if (b == 0 || (!x_texts && a == b))
            continue;
        const Field *f = schema_field(r->schema, r->q->sorts[i].field);
        Str          text = x_texts ? x_texts[i] : values_text(f->values, a);
        int          order = compare_texts(&r->q->sorts[i], text, values_text(f->values, b));
        if (order != 0)
            return order;
    }
    bool by_id = r->q->n_sorts > 0 && r->q->sorts[r->q->n_sorts - 1].by == SEARCH_BY_ID &&
                 r->q->sorts[r->q->n_sorts - 1].descending;
    if (x->id == y->id)
        return 0;
    return (x->id < y->id) != by_id ? -1 : 1;
}

bool top_before(const Run *r, const Entry *x, const Entry *y)
{
    if (x->keys[0].order != y->keys[0].order)
        return x->keys[0].order > y->keys[0].order;
    return compare(r, x, NULL, y) < 0;
}

bool top_is_after(const Run *r, const Entry *e)
{
    return !r->has_after || compare(r, &r->after, r->after_texts, e) < 0;
}

/* --- the heap ----------------------------------------------------------------------------------
 */

static void swap(Entry *x, Entry *y)
{
    Entry held = *x;
    *x = *y;
    *y = held;
}

static void sink(const Run *r, Entry *items, size_t i, size_t n)
{
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && top_before(r, &items[child], &items[child + 1]))
            child++;
        if (!top_before(r, &items[i], &items[child]))
            return;
        swap(&items[i], &items[child]);
    }
}

static void make_heap(const Run *r, Top *t)
{
    for (size_t i = t->n / 2; i > 0; i--)
        sink(r, t->items, i - 1, t->n);
}

void top_push(Run *r, const Entry *e)
{
    Top *t = &r->top;
    if (t->n < t->max) {
        t->items[t->n++] = *e;
        if (t->n == t->max)
            make_heap(r, t);
    } else if (t->max > 0 && top_before(r, e, &t->items[0])) {
        t->items[0] = *e;
        sink(r, t->items, 0, t->n);
    }
}

/* Of few entries whose first keys differ: in order without branches, since which comes first cannot
 * be foretold. */
static bool rank_few(Run *r)
{
    Top              *t = &r->top;
    uint8_t           before[SORTED_AT_ONCE] = {0};
    NOT_CLEARED Entry sorted[SORTED_AT_ONCE];
    bool              alike = t->n > SORTED_AT_ONCE;
    for (size_t i = 1; i < t->n && !alike; i++)
        for (size_t k = 0; k < i; k++) {
            uint64_t x = t->items[i].keys[0].order, y = t->items[k].keys[0].order;
            before[i] = (uint8_t)(before[i] + (y > x));
            before[k] = (uint8_t)(before[k] + (x > y));
            alike |= x == y;
        }
    for (size_t i = 0; i < t->n && !alike; i++)
        sorted[before[i]] = t->items[i];
    if (!alike && t->n > 0)
        memcpy(t->items, sorted, t->n * sizeof *sorted);
    return !alike;
}

void top_sort(Run *r)
{
    Top *t = &r->top;
    if (rank_few(r))
        return;
    if (t->n < t->max)
        make_heap(r, t);
    for (size_t n = t->n; n > 1; n--) {
        swap(&t->items[0], &t->items[n - 1]);
        sink(r, t->items, 0, n - 1);
    }
}

/* --- cursors ------------------------------------------------------------------------------------
 */

static void hash_str(XXH64_state_t *h, Str s)
{
    XXH64_update(h, &s.len, sizeof s.len);
    if (s.len > 0)
        XXH64_update(h, s.ptr, s.len);
}

/* What must not change from one page to the next. */
static uint32_t query_hash(const SearchQuery *q)
{
    XXH64_state_t *h = XXH64_createState();
    if (!h)
        base_out_of_memory(0);
    XXH64_reset(h, 0);
    hash_str(h, q->text);
    hash_str(h, q->locale);
    for (size_t i = 0; i < q->n_filters; i++) {
        const SearchFilter *f = &q->filters[i];
        uint32_t            head[3] = {f->field, (uint32_t)f->match, (uint32_t)f->n};
        double              range[2] = {f->min, f->max};
        XXH64_update(h, head, sizeof head);
        if (f->match == SEARCH_RANGE)
            XXH64_update(h, range, sizeof range);
        for (size_t k = 0; f->values && k < f->n; k++)
            hash_str(h, f->values[k]);
        if (f->numbers)
            XXH64_update(h, f->numbers, f->n * sizeof *f->numbers);
    }
    if (q->among)
        XXH64_update(h, q->among->ids, q->among->n * sizeof *q->among->ids);
    for (size_t i = 0; i < q->n_sorts; i++) {
        uint32_t sort[3] = {(uint32_t)q->sorts[i].by, q->sorts[i].field, q->sorts[i].descending};
        XXH64_update(h, sort, sizeof sort);
    }
    uint64_t hash = XXH64_digest(h);
    XXH64_freeState(h);
    return (uint32_t)(hash ^ hash >> 32);
}

static size_t n_keys(const SearchQuery *q)
{
    return q->n_sorts > 0 ? q->n_sorts : 1;
}

static Str text_of(const Run *r, const Entry *e, size_t i)
{
    if (e->keys[i].code == 0)
        return (Str){0};
    return values_text(schema_field(r->schema, r->q->sorts[i].field)->values, e->keys[i].code);
}

static void add_bytes(Buf *b, const void *p, size_t n)
{
    buf_add(b, (Str){p, n});
}

/* version, hash, has an entry, [keys, texts, id]; `last` NULL: nothing but pins was shown. */
Str top_cursor(const Run *r, const Entry *last)
{
    CLEANUP(buf_done) Buf bytes, text;
    buf_init(&bytes, 2048);
    buf_init(&text, 4096);
    uint32_t hash = query_hash(r->q);
    buf_addc(&bytes, CURSOR_VERSION);
    add_bytes(&bytes, &hash, sizeof hash);
    buf_addc(&bytes, last ? 1 : 0);
    for (size_t i = 0; last && i < n_keys(r->q); i++) {
        Str value = text_of(r, last, i);
        add_bytes(&bytes, &last->keys[i].order, sizeof last->keys[i].order);
        buf_addc(&bytes, (char)value.len);
        buf_add(&bytes, value);
    }
    if (last)
        add_bytes(&bytes, &last->id, sizeof last->id);
    codec_add_base64(&text, CODEC_BASE64URL, buf_str(&bytes));
    return str_dup(r->a, buf_str(&text));
}

static bool take(Str *s, void *to, size_t n)
{
    if (s->len < n)
        return false;
    memcpy(to, s->ptr, n);
    *s = str_skip(*s, n);
    return true;
}

static bool read_entry(Run *r, Str s)
{
    for (size_t i = 0; i < n_keys(r->q); i++) {
        unsigned char len;
        if (!take(&s, &r->after.keys[i].order, sizeof(uint64_t)) || !take(&s, &len, 1) ||
            s.len < len)
            return false;
        r->after_texts[i] = str_dup(r->a, str_head(s, len));
        s = str_skip(s, len);
    }
    r->has_after = true;
    return take(&s, &r->after.id, sizeof r->after.id) && s.len == 0;
}

static bool read_bytes(Run *r, Str s)
{
    unsigned char version, has;
    uint32_t      hash;
    if (!take(&s, &version, 1) || version != CURSOR_VERSION || !take(&s, &hash, sizeof hash) ||
        hash != query_hash(r->q) || !take(&s, &has, 1))
        return false;
    r->has_cursor = true;
    return has == 1 ? read_entry(r, s) : has == 0 && s.len == 0;
}

Status top_read_cursor(Run *r, Err *err)
{
    CLEANUP(buf_done) Buf bytes;
    buf_init(&bytes, 4096);
    if (r->q->cursor.len == 0)
        return ST_OK;
    if (r->q->cursor.len > SEARCH_CURSOR_MAX ||
        !codec_base64(CODEC_BASE64URL, r->q->cursor, &bytes) || !read_bytes(r, buf_str(&bytes)))
        return err_set(err, ST_INVALID, "search.cursor", "this is no cursor of this query");
    return ST_OK;
}
