#include "search/test_int.h"

#include "base/sort.h"

enum { SET_MAX = 1 << 20 /* codes of a bit set; beyond, they are searched for */ };

static int by_code(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

static void add_number(Test *t, double number)
{
    uint32_t low, high;
    if (column_range(t->column, number, number, &low, &high))
        t->codes[t->n_codes++] = low;
}

static void add_keyword(Test *t, const Field *field, Str text)
{
    uint32_t code = values_find(field->values, text);
    if (code != 0 && code <= t->column->max_code)
        t->codes[t->n_codes++] = code;
}

static void collect_codes(Test *t, const SearchFilter *f, const Field *field, Arena *a)
{
    t->codes = arena_array(a, uint32_t, f->n);
    for (size_t i = 0; i < f->n; i++) {
        if (field_is_numeric(field))
            add_number(t, f->numbers[i]);
        else
            add_keyword(t, field, f->values[i]);
    }
    t->never = t->match == SEARCH_ALL_OF ? t->n_codes < f->n
                                         : t->match == SEARCH_ANY_OF && t->n_codes == 0;
    array_sort(t->codes, t->n_codes, sizeof *t->codes, by_code);
    size_t n = 0;
    for (size_t i = 0; i < t->n_codes; i++)
        if (n == 0 || t->codes[i] != t->codes[n - 1])
            t->codes[n++] = t->codes[i];
    t->n_codes = n;
    if (n == 0 || t->column->max_code > SET_MAX)
        return;
    t->set = arena_array(a, uint64_t, t->column->max_code / 64 + 1);
    for (size_t i = 0; i < n; i++)
        t->set[t->codes[i] / 64] |= (uint64_t)1 << (t->codes[i] % 64);
}

void test_init(Test *t, const SearchFilter *f, const Field *field, const Segment *s, uint8_t mark,
               Arena *a)
{
    *t = (Test){.column = f->field < s->n_columns ? s->columns[f->field] : NULL,
                .match = f->match,
                .mark = mark,
                .grouped = field->def.grouped};
    if (!t->column) {
        t->never = f->match != SEARCH_NONE_OF;
        return;
    }
    if (f->match == SEARCH_RANGE) {
        t->is_range = true;
        t->never = !column_range(t->column, f->min, f->max, &t->low, &t->high);
    } else if (f->match == SEARCH_PRESENT) {
        t->is_range = true;
        t->low = 1;
        t->high = UINT32_MAX;
    } else {
        collect_codes(t, f, field, a);
        t->inverted = f->match == SEARCH_NONE_OF;
        t->is_range = t->n_codes == 1;
        t->low = t->high = t->n_codes == 1 ? t->codes[0] : 0;
    }
}

static bool is_wanted(const Test *t, uint32_t code)
{
    if (t->is_range)
        return code - t->low <= t->high - t->low;
    if (t->set)
        return code <= t->column->max_code && (t->set[code / 64] >> (code % 64) & 1) != 0;
    size_t low = 0, n = t->n_codes;
    while (n > 0) {
        size_t half = n / 2;
        if (t->codes[low + half] < code) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low < t->n_codes && t->codes[low] == code;
}

static bool has_code(const Column *c, size_t from, size_t end, uint32_t code)
{
    for (; from < end; from++)
        if (column_code(c, from) == code)
            return true;
    return false;
}

bool test_row(const Test *t, uint32_t row)
{
    if (t->never || !t->column)
        return !t->never;
    const Column *c = t->column;
    size_t        from, end = column_row(c, row, &from);
    if (t->match == SEARCH_ALL_OF) {
        for (size_t i = 0; i < t->n_codes; i++)
            if (!has_code(c, from, end, t->codes[i]))
                return false;
        return true;
    }
    for (; from < end; from++)
        if (is_wanted(t, column_code(c, from)))
            return !t->inverted;
    return t->inverted;
}

/* One code per row, 0 where there is none: 0 is in no range and in no set. By width of codes. */
#define DEFINE_TESTS(T)                                                                            \
    static void test_range_##T(const Test *t, const uint32_t *rows, size_t n, uint8_t *fail)       \
    {                                                                                              \
        const T *codes = t->column->codes;                                                         \
        uint32_t low = t->low, span = t->high - t->low;                                            \
        for (size_t i = 0; i < n; i++) {                                                           \
            bool in = codes[rows[i]] - low <= span;                                                \
            fail[i] = fail_fold(fail[i], in != t->inverted, t->mark);                              \
        }                                                                                          \
    }                                                                                              \
    static void test_set_##T(const Test *t, const uint32_t *rows, size_t n, uint8_t *fail)         \
    {                                                                                              \
        const T *codes = t->column->codes;                                                         \
        for (size_t i = 0; i < n; i++) {                                                           \
            uint32_t code = codes[rows[i]];                                                        \
            bool     in = (t->set[code / 64] >> (code % 64) & 1) != 0;                             \
            fail[i] = fail_fold(fail[i], in != t->inverted, t->mark);                              \
        }                                                                                          \
    }
DEFINE_TESTS(uint8_t)
DEFINE_TESTS(uint16_t)
DEFINE_TESTS(uint32_t)

typedef void TestFn(const Test *t, const uint32_t *rows, size_t n, uint8_t *fail);

void test_rows(const Test *t, const uint32_t *rows, size_t n, uint8_t *fail)
{
    static TestFn *const RANGE[] = {
        [1] = test_range_uint8_t, [2] = test_range_uint16_t, [4] = test_range_uint32_t};
    static TestFn *const SET[] = {
        [1] = test_set_uint8_t, [2] = test_set_uint16_t, [4] = test_set_uint32_t};
    const Column *c = t->column;
    bool          dense = c && !t->never && !c->rows && !c->offsets && t->match != SEARCH_ALL_OF;
    if (dense && t->is_range) {
        RANGE[c->width](t, rows, n, fail);
        return;
    }
    if (dense && t->set) {
        SET[c->width](t, rows, n, fail);
        return;
    }
    for (size_t i = 0; i < n; i++)
        fail[i] = fail_fold(fail[i], test_row(t, rows[i]), t->mark);
}
