#include "search/run_int.h"

#include <math.h>
#include <string.h>

#include "base/fast.h"
#include "base/sort.h"
#include "search/mem_int.h"

enum {
    COUNTED_CODES_MAX = 1 << 20, /* numbers of more different values are not told one by one */
    SORTED_AT_ONCE = 32,
    COUNTED_APART = 64, /* counts from here on are as good as one another at first */
    LISTED_ROWS = 512,  /* of a block: of more, the values are not noted one by one */
};

void facet_init(Run *r)
{
    r->facets = arena_array(r->a, FacetState, r->q->n_facets);
    for (size_t i = 0; i < r->q->n_facets; i++) {
        FacetState *f = &r->facets[i];
        f->ask = &r->q->facets[i];
        f->mark = NO_MARK;
        f->min = 1;
        f->field = schema_field(r->schema, f->ask->field);
        for (size_t k = 0; k < r->q->n_filters; k++)
            if (r->q->filters[k].field == f->ask->field && r->marks[k] != FAIL_MANY)
                f->mark = r->marks[k];
        if (f->field->values) {
            f->n_counts = values_count(f->field->values) + (size_t)1;
            f->counts = arena_array(r->a, uint32_t, f->n_counts);
            f->used = r->scratch->used[i];
            f->listed = true;
        }
        f->buckets = arena_array(r->a, int64_t, f->ask->n_bounds);
    }
}

static void begin_numbers(Run *r, FacetState *f)
{
    const Column *c = f->column;
    f->view_counts = NULL;
    f->low = UINT32_MAX;
    f->high = 0;
    if (f->ask->limit > 0 && c->max_code < COUNTED_CODES_MAX) {
        f->view_counts = arena_array(r->a, uint32_t, c->max_code + (size_t)1);
        f->view_stamps = r->segment->first_row && f->field->def.grouped
                             ? arena_array(r->a, uint32_t, c->max_code + (size_t)1)
                             : NULL;
    }
    f->bounds = arena_array(r->a, uint32_t, f->ask->n_bounds);
    for (size_t i = 0; i < f->ask->n_bounds; i++) {
        uint32_t low, high;
        bool     any = column_range(c, f->ask->bounds[i], (double)INFINITY, &low, &high);
        f->bounds[i] = any ? low : UINT32_MAX;
    }
}

void facet_begin_view(Run *r)
{
    for (size_t i = 0; i < r->q->n_facets; i++) {
        FacetState *f = &r->facets[i];
        f->column =
            f->ask->field < r->segment->n_columns ? r->segment->columns[f->ask->field] : NULL;
        if (!f->column)
            continue;
        if (!f->counts)
            begin_numbers(r, f);
        else if (f->field->def.grouped && r->segment->first_row) /* stamps are of one view */
            f->stamps = arena_array(r->a, uint32_t, f->n_counts);
    }
}

/* --- counting -------------------------------------------------------------------------------- */

/* A bit for the bucket of a code; 0: below all of them. */
static uint64_t bucket_bit(const FacetState *f, uint32_t code)
{
    size_t low = 0, n = f->ask->n_bounds;
    while (n > 0) {
        size_t half = n / 2;
        if (f->bounds[low + half] <= code) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low == 0 ? 0 : (uint64_t)1 << (low - 1);
}

static void count_buckets(FacetState *f, uint64_t bits)
{
    for (; bits != 0; bits &= bits - 1)
        f->buckets[__builtin_ctzll(bits)]++;
}

/* A value that is counted for the first time. Without branches; when there are too many, only how
 * many there are is of use. */
static inline void note_used(FacetState *f, uint32_t code, uint32_t count)
{
    f->used[f->n_used % USED_MAX] = code;
    f->n_used += count == 0;
}

static void note_code(FacetState *f, uint32_t code, uint32_t stamp, uint64_t *buckets)
{
    uint32_t *counts = f->counts ? f->counts : f->view_counts;
    uint32_t *stamps = f->counts ? f->stamps : f->view_stamps;
    if (!f->counts) {
        f->low = code < f->low ? code : f->low;
        f->high = code > f->high ? code : f->high;
        *buckets |= bucket_bit(f, code);
    }
    if (!counts || (stamps && stamps[code] == stamp))
        return;
    if (stamps)
        stamps[code] = stamp;
    if (f->counts)
        note_used(f, code, counts[code]);
    counts[code]++;
}

static bool counts_row(const FacetState *f, uint8_t fail)
{
    return fail == FAIL_NONE || fail == f->mark;
}

void facet_count_groups(FacetState *f, uint32_t doc, const uint32_t *rows, const uint8_t *fail,
                        size_t n)
{
    uint64_t buckets = 0;
    bool     any = false;
    for (size_t i = 0; f->column && i < n; i++) {
        if (!counts_row(f, fail[i]))
            continue;
        size_t at, end = column_row(f->column, rows[i], &at);
        any |= at < end;
        for (; at < end; at++)
            note_code(f, column_code(f->column, at), doc + 1, &buckets);
    }
    f->n_docs += any;
    count_buckets(f, buckets);
}

/* One code per row, keywords: what most facets are. */
#define COUNT_DENSE(T)                                                                             \
    do {                                                                                           \
        const T *codes = c->codes;                                                                 \
        for (size_t i = 0; i < n; i++) {                                                           \
            uint32_t code = counts_row(f, fail[i]) ? codes[rows[i]] : 0;                           \
            counts[code]++;                                                                        \
            docs += code != 0;                                                                     \
        }                                                                                          \
    } while (0)

/* The same, and the values are noted. */
#define COUNT_LISTED(T)                                                                            \
    do {                                                                                           \
        const T *codes = c->codes;                                                                 \
        for (size_t i = 0; i < n; i++) {                                                           \
            uint32_t code = counts_row(f, fail[i]) ? codes[rows[i]] : 0;                           \
            used[n_used % USED_MAX] = code;                                                        \
            n_used += (counts[code]++ == 0) & (code != 0);                                         \
            docs += code != 0;                                                                     \
        }                                                                                          \
    } while (0)

#define COUNT_BY_WIDTH(COUNT)                                                                      \
    do {                                                                                           \
        if (c->width == 1)                                                                         \
            COUNT(uint8_t);                                                                        \
        else if (c->width == 2)                                                                    \
            COUNT(uint16_t);                                                                       \
        else                                                                                       \
            COUNT(uint32_t);                                                                       \
    } while (0)

static int64_t count_listed(FacetState *f, const uint32_t *rows, const uint8_t *fail, size_t n)
{
    const Column *c = f->column;
    uint32_t     *counts = f->counts, *used = f->used;
    size_t        n_used = f->n_used;
    int64_t       docs = 0;
    COUNT_BY_WIDTH(COUNT_LISTED);
    f->n_used = n_used;
    return docs;
}

void facet_count_rows(FacetState *f, const uint32_t *rows, const uint8_t *fail, size_t n)
{
    const Column *c = f->column;
    if (!c)
        return;
    if (c->rows || c->offsets || !f->counts) {
        for (size_t i = 0; i < n; i++)
            facet_count_groups(f, rows[i], &rows[i], &fail[i], 1);
        return;
    }
    uint32_t *counts = f->counts;
    int64_t   docs = 0;
    f->listed &= n <= LISTED_ROWS;
    if (f->listed)
        docs = count_listed(f, rows, fail, n);
    else
        COUNT_BY_WIDTH(COUNT_DENSE);
    f->n_docs += docs;
}

/* --- adding up -------------------------------------------------------------------------------- */

static void note_range(FacetState *f, double min, double max)
{
    bool first = f->min > f->max;
    f->min = first || min < f->min ? min : f->min;
    f->max = first || max > f->max ? max : f->max;
}

static void add_number(Run *r, FacetState *f, double number, uint32_t count)
{
    if (f->n_numbers == f->numbers_cap) {
        size_t cap = f->numbers_cap ? f->numbers_cap * 2 : 64;
        void  *items = arena_alloc_array(r->a, cap, sizeof *f->numbers, _Alignof(double));
        if (f->n_numbers > 0)
            memcpy(items, f->numbers, f->n_numbers * sizeof *f->numbers);
        f->numbers = items;
        f->numbers_cap = cap;
    }
    f->numbers[f->n_numbers].number = number;
    f->numbers[f->n_numbers++].count = count;
}

void facet_end_view(Run *r)
{
    for (size_t i = 0; i < r->q->n_facets; i++) {
        FacetState *f = &r->facets[i];
        if (!f->column || f->counts || f->high == 0)
            continue;
        note_range(f, column_number(f->column, f->low), column_number(f->column, f->high));
        for (uint32_t code = f->low; f->view_counts && code <= f->high; code++)
            if (f->view_counts[code] > 0)
                add_number(r, f, column_number(f->column, code), f->view_counts[code]);
    }
}

static int by_number(const void *x, const void *y)
{
    const struct NumberCount *a = x, *b = y;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void unite_numbers(FacetState *f)
{
    size_t n = 0;
    array_sort(f->numbers, f->n_numbers, sizeof *f->numbers, by_number);
    for (size_t i = 0; i < f->n_numbers; i++) {
        if (n > 0 && by_number(&f->numbers[n - 1], &f->numbers[i]) == 0)
            f->numbers[n - 1].count += f->numbers[i].count;
        else
            f->numbers[n++] = f->numbers[i];
    }
    f->n_numbers = n;
}

/* --- telling -----------------------------------------------------------------------------------
 */

static int most_first(const void *x, const void *y)
{
    const SearchFacetValue *a = x, *b = y;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    int order = str_cmp(a->text, b->text);
    return order != 0 ? order : a->number < b->number ? -1 : a->number > b->number;
}

typedef struct Most { /* the most counted so far; sorted when there is room for few */
    SearchFacetValue *items;
    size_t            n, max;
    bool              heap; /* or else, when it is full: the least in front */
} Most;

static void sink(Most *m, size_t i)
{
    for (size_t child; (child = 2 * i + 1) < m->n; i = child) {
        if (child + 1 < m->n && most_first(&m->items[child + 1], &m->items[child]) > 0)
            child++;
        if (most_first(&m->items[i], &m->items[child]) >= 0)
            return;
        SearchFacetValue held = m->items[i];
        m->items[i] = m->items[child];
        m->items[child] = held;
    }
}

static void insert(Most *m, const SearchFacetValue *v)
{
    size_t at = m->n;
    if (at == m->max && (at == 0 || most_first(v, &m->items[--at]) >= 0))
        return;
    for (; at > 0 && most_first(v, &m->items[at - 1]) < 0; at--)
        m->items[at] = m->items[at - 1];
    m->items[at] = *v;
    m->n += m->n < m->max;
}

static void most_add(Most *m, const SearchFacetValue *v)
{
    if (m->max <= SORTED_AT_ONCE) {
        insert(m, v);
        return;
    }
    if (m->n < m->max) {
        m->items[m->n++] = *v;
        return;
    }
    for (size_t i = m->n / 2; !m->heap && i > 0; i--) /* when there is more than room for */
        sink(m, i - 1);
    m->heap = true;
    if (m->n > 0 && most_first(v, &m->items[0]) < 0) {
        m->items[0] = *v;
        sink(m, 0);
    }
}

static void most_sort(Most *m)
{
    if (m->max > SORTED_AT_ONCE)
        array_sort(m->items, m->n, sizeof *m->items, most_first);
}

/* What is counted less often is none of the most. */
static int64_t most_least(const Most *m)
{
    if (m->max <= SORTED_AT_ONCE)
        return m->n == m->max ? m->items[m->n - 1].count : 0;
    return m->heap ? m->items[0].count : 0;
}

static void collect_keyword(const FacetState *f, uint32_t code, Most *m)
{
    if (f->counts[code] < most_least(m))
        return;
    most_add(m, &(SearchFacetValue){.text = values_text(f->field->values, code),
                                    .count = f->counts[code]});
}

/* How many times the most counted of the noted values are counted at least: as many as there is
 * room for, and those that are counted as often as the last of them. */
static uint32_t least_count(const FacetState *f, size_t max)
{
    uint16_t times[COUNTED_APART] = {0};
    uint32_t least = COUNTED_APART;
    if (f->n_used <= max)
        return 1;
    for (size_t i = 0; i < f->n_used; i++) {
        uint32_t count = f->counts[f->used[i]];
        times[count < COUNTED_APART ? count : COUNTED_APART - 1]++;
    }
    for (size_t n = 0; n < max && least > 1;)
        n += times[--least];
    return least;
}

typedef struct Noted {
    uint64_t prefix;
    uint32_t count, code;
} Noted;

/* Few of them, in order, without branches: which comes first cannot be foretold. False: two begin
 * alike, and the whole texts must be looked at. */
static bool rank_noted(const FacetState *f, const Noted *noted, size_t n, Most *m)
{
    uint8_t before[SORTED_AT_ONCE] = {0};
    bool    alike = false;
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            const Noted *x = &noted[i], *y = &noted[k];
            bool         same = x->count == y->count;
            bool         first = (x->count > y->count) | (same & (x->prefix < y->prefix));
            before[i] = (uint8_t)(before[i] + !first);
            before[k] = (uint8_t)(before[k] + first);
            alike |= same & (x->prefix == y->prefix);
        }
    m->n = n < m->max ? n : m->max;
    for (size_t i = 0; i < n && !alike; i++)
        if (before[i] < m->n)
            m->items[before[i]] = (SearchFacetValue){
                .text = values_text(f->field->values, noted[i].code), .count = noted[i].count};
    return !alike;
}

/* The noted ones. */
static void collect_used(const FacetState *f, Most *m)
{
    NOT_CLEARED Noted noted[USED_MAX];
    size_t            n = 0;
    uint32_t          least = least_count(f, m->max);
    for (size_t i = 0; i < f->n_used; i++) {
        uint32_t code = f->used[i], count = f->counts[code];
        noted[n].count = count;
        noted[n].code = code;
        n += count >= least;
    }
    for (size_t i = 0; i < n; i++)
        noted[i].prefix = values_prefix(f->field->values, noted[i].code);
    if (n <= SORTED_AT_ONCE && rank_noted(f, noted, n, m))
        return;
    m->n = 0;
    for (size_t i = 0; i < n; i++)
        collect_keyword(f, noted[i].code, m);
}

/* Eight at a time: most values of a large field are none of an answer's. */
static void collect_keywords(const FacetState *f, Most *m)
{
    const uint32_t *counts = f->counts;
    uint32_t        code = 0, n = (uint32_t)f->n_counts;
    while (code < n) {
        uint64_t eight[4];
        uint32_t end = code + 8 < n ? code + 8 : n;
        if (end == code + 8) {
            memcpy(eight, counts + code, sizeof eight);
            if ((eight[0] | eight[1] | eight[2] | eight[3]) == 0) {
                code = end;
                continue;
            }
        }
        for (; code < end; code++)
            if (counts[code] != 0 && code > 0)
                collect_keyword(f, code, m);
    }
}

static bool is_same_value(const SearchFacetValue *a, const SearchFacetValue *b)
{
    return str_eq(a->text, b->text) && !(a->number < b->number) && !(a->number > b->number);
}

static int64_t count_of(const FacetState *f, const SearchFacetValue *v)
{
    if (f->counts) {
        uint32_t code = values_find(f->field->values, v->text);
        return code > 0 && code < f->n_counts ? f->counts[code] : 0;
    }
    for (size_t i = 0; i < f->n_numbers; i++)
        if (!(f->numbers[i].number < v->number) && !(f->numbers[i].number > v->number))
            return f->numbers[i].count;
    return 0;
}

/* A chosen value is marked; when it is not told, it is told behind the others. */
static void tell_chosen(const FacetState *f, SearchFacetValue *values, size_t *n,
                        SearchFacetValue *chosen)
{
    for (size_t i = 0; i < *n; i++)
        if (is_same_value(&values[i], chosen)) {
            values[i].chosen = true;
            return;
        }
    chosen->chosen = true;
    chosen->count = count_of(f, chosen);
    values[(*n)++] = *chosen;
}

static void tell_choices(const Run *r, const FacetState *f, SearchFacetValue *values, size_t *n)
{
    for (size_t i = 0; i < r->q->n_filters; i++) {
        const SearchFilter *filter = &r->q->filters[i];
        bool choice = filter->match == SEARCH_ANY_OF || filter->match == SEARCH_ALL_OF;
        if (filter->field != f->ask->field || filter->fixed || !choice)
            continue;
        for (size_t k = 0; k < filter->n; k++) {
            SearchFacetValue v = {0};
            if (f->counts)
                v.text = str_dup(r->a, filter->values[k]);
            else
                v.number = filter->numbers[k];
            tell_chosen(f, values, n, &v);
        }
    }
}

static size_t count_choices(const Run *r, const FacetState *f)
{
    size_t n = 0;
    for (size_t i = 0; i < r->q->n_filters; i++)
        if (r->q->filters[i].field == f->ask->field)
            n += r->q->filters[i].n;
    return n;
}

FAST static uint32_t count_used(const uint32_t *counts, size_t n)
{
    uint32_t used = 0;
    for (size_t i = 0; i < n; i++)
        used += counts[i] != 0;
    return used;
}

/* How many values there are. */
static size_t count_values(const FacetState *f)
{
    if (!f->counts)
        return f->n_numbers;
    return f->listed ? f->n_used : count_used(f->counts + 1, f->n_counts - 1);
}

/* In the answer's memory: it may outlive the index. */
static void keep_texts(Run *r, Most *m)
{
    size_t all = 0;
    for (size_t i = 0; i < m->n; i++)
        all += m->items[i].text.len;
    char *to = arena_array(r->a, char, all);
    for (size_t i = 0; i < m->n; i++) {
        Str *text = &m->items[i].text;
        if (text->len > 0)
            memcpy(to, text->ptr, text->len);
        text->ptr = to;
        to += text->len;
    }
}

static void tell(Run *r, FacetState *f, SearchFacet *ret)
{
    if (!f->counts)
        unite_numbers(f);
    size_t there = count_values(f);
    Most   m = {.max = there < f->ask->limit ? there : f->ask->limit};
    m.items = arena_array(r->a, SearchFacetValue, m.max + count_choices(r, f));
    *ret = (SearchFacet){.field = f->ask->field, .n_docs = f->n_docs, .values = m.items};
    ret->n_all = (int64_t)there;
    if (f->counts) {
        if (m.max > 0 && f->listed && there < USED_MAX)
            collect_used(f, &m);
        else if (m.max > 0)
            collect_keywords(f, &m);
    } else {
        for (size_t i = 0; i < f->n_numbers; i++)
            most_add(&m, &(SearchFacetValue){.number = f->numbers[i].number,
                                             .count = f->numbers[i].count});
        ret->min = f->n_docs > 0 ? f->min : 0;
        ret->max = f->n_docs > 0 ? f->max : 0;
        ret->buckets = f->buckets;
        ret->n_buckets = f->ask->n_bounds;
    }
    most_sort(&m);
    keep_texts(r, &m);
    if (f->ask->limit > 0)
        tell_choices(r, f, m.items, &m.n);
    ret->n_values = m.n;
}

void facet_answer(Run *r, SearchResult *ret)
{
    ret->n_facets = r->q->n_facets;
    ret->facets = arena_array(r->a, SearchFacet, r->q->n_facets);
    for (size_t i = 0; i < r->q->n_facets; i++)
        tell(r, &r->facets[i], &ret->facets[i]);
}
