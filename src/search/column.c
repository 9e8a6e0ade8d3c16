#include "search/column_int.h"

#include <math.h>

#include "base/sort.h"
#include "search/mem_int.h"

enum { SPARSE_BELOW = 3 /* a row in so many has a value: sparse takes less */ };

void column_free(Column *c)
{
    if (!c)
        return;
    free(c->rows);
    free(c->offsets);
    free(c->codes);
    free(c->numbers);
    free(c);
}

size_t column_bytes(const Column *c)
{
    size_t n = sizeof *c + c->n_codes * c->width;
    n += c->rows ? c->n_slots * sizeof *c->rows : 0;
    n += c->offsets ? (c->n_slots + (size_t)1) * sizeof *c->offsets : 0;
    return n + (c->numbers ? c->max_code * sizeof *c->numbers : 0);
}

/* The first of n ascending numbers that is not less than x. */
static uint32_t lower_row(const uint32_t *rows, uint32_t n, uint32_t x)
{
    uint32_t low = 0;
    while (n > 0) {
        uint32_t half = n / 2;
        if (rows[low + half] < x) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

size_t column_row(const Column *c, uint32_t row, size_t *from)
{
    uint32_t slot = row;
    if (c->rows) {
        slot = lower_row(c->rows, c->n_slots, row);
        if (slot == c->n_slots || c->rows[slot] != row)
            return *from = 0;
    }
    if (c->offsets) {
        *from = c->offsets[slot];
        return c->offsets[slot + 1];
    }
    *from = slot;
    return column_code(c, slot) == 0 ? slot : (size_t)slot + 1;
}

static uint32_t is_below(double y, double x, bool or_same)
{
    return (uint32_t)(y < x) | (uint32_t)(or_same & (y <= x));
}

static uint32_t lower_number(const Column *c, double x, bool above)
{
    uint32_t low = 0, n = c->max_code;
    while (n > 1) { /* without branches: which half it is cannot be foretold */
        uint32_t half = n / 2;
        low += half & (0U - is_below(column_number(c, low + half), x, above));
        n -= half;
    }
    return low + 1 + (n == 1 ? is_below(column_number(c, low + 1), x, above) : 0);
}

bool column_range(const Column *c, double min, double max, uint32_t *low, uint32_t *high)
{
    if (min > max)
        return false;
    *low = lower_number(c, min, false);
    *high = lower_number(c, max, true) - 1;
    return *low <= *high;
}

/* --- building --------------------------------------------------------------------------- */

static int by_number(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

static bool is_same(double x, double y)
{
    return !(x < y) && !(x > y);
}

static double common_step(double x, double y)
{
    while (y > 0) {
        double rest = fmod(x, y);
        x = y;
        y = rest;
    }
    return x;
}

/* Whole numbers of one step, in 32 bits from the least: fewer bytes than the list, when most
 * rows have numbers of their own. */
static bool has_step(const double *sorted, size_t n, double *step)
{
    double all = 0;
    if (fabs(sorted[0]) > 9e15 || fabs(sorted[n - 1]) > 9e15)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_same(sorted[i], floor(sorted[i])))
            return false;
        all = common_step(all, sorted[i] - sorted[0]);
        if (i > 64 && (sorted[n - 1] - sorted[0]) / all > 4e9)
            return false;
    }
    *step = all > 0 ? all : 1;
    return (sorted[n - 1] - sorted[0]) / *step < 4e9;
}

static void choose_codes(Column *c, const ColumnPairs *pairs)
{
    double *sorted = mem_new(pairs->n, sizeof *sorted);
    for (size_t i = 0; i < pairs->n; i++)
        sorted[i] = pairs->items[i].number;
    array_sort(sorted, pairs->n, sizeof *sorted, by_number);
    size_t n = 1;
    for (size_t i = 1; i < pairs->n; i++)
        if (sorted[i] > sorted[n - 1])
            sorted[n++] = sorted[i];
    if (n > 65535 && has_step(sorted, n, &c->step)) {
        c->base = sorted[0];
        c->max_code = (uint32_t)((sorted[n - 1] - sorted[0]) / c->step) + 1;
        free(sorted);
        return;
    }
    c->numbers = mem_resize(sorted, n, sizeof *sorted);
    c->max_code = (uint32_t)n;
}

static uint32_t code_of(const Column *c, const ColumnPair *p)
{
    if (!c->numeric)
        return p->code;
    if (!c->numbers)
        return (uint32_t)((p->number - c->base) / c->step) + 1;
    return lower_number(c, p->number, false);
}

static void put_code(Column *c, size_t i, uint32_t code)
{
    if (c->width == 1)
        ((uint8_t *)c->codes)[i] = (uint8_t)code;
    else if (c->width == 2)
        ((uint16_t *)c->codes)[i] = (uint16_t)code;
    else
        ((uint32_t *)c->codes)[i] = code;
}

static void lay_out(Column *c, const ColumnPairs *pairs, uint32_t n_used, bool several)
{
    c->n_slots = c->n_rows;
    if (n_used < c->n_rows / SPARSE_BELOW) {
        c->n_slots = n_used;
        c->rows = mem_new(n_used, sizeof *c->rows);
    }
    if (several)
        c->offsets = mem_new(c->n_slots + (size_t)1, sizeof *c->offsets);
    c->n_codes = several ? pairs->n : c->n_slots;
    c->codes = mem_new(c->n_codes, c->width);
    uint32_t slot = 0;
    for (size_t i = 0; i < pairs->n; i++) {
        const ColumnPair *p = &pairs->items[i];
        if (c->rows && i > 0 && p->row != p[-1].row)
            slot++;
        if (c->rows)
            c->rows[slot] = p->row;
        else
            slot = p->row;
        if (several)
            c->offsets[slot + 1]++;
        put_code(c, several ? i : slot, code_of(c, p));
    }
    for (uint32_t i = 0; several && i < c->n_slots; i++)
        c->offsets[i + 1] += c->offsets[i];
}

Column *column_new(const ColumnPairs *pairs, bool numeric, uint32_t n_rows)
{
    if (pairs->n == 0)
        return NULL;
    Column  *c = mem_new(1, sizeof *c);
    uint32_t n_used = 1;
    bool     several = false;
    c->n_rows = n_rows;
    c->numeric = numeric;
    for (size_t i = 1; i < pairs->n; i++) {
        bool same = pairs->items[i].row == pairs->items[i - 1].row;
        several |= same;
        n_used += !same;
    }
    if (numeric)
        choose_codes(c, pairs);
    for (size_t i = 0; !numeric && i < pairs->n; i++)
        if (pairs->items[i].code > c->max_code)
            c->max_code = pairs->items[i].code;
    c->width = c->max_code <= UINT8_MAX ? 1 : c->max_code <= UINT16_MAX ? 2 : 4;
    lay_out(c, pairs, n_used, several);
    return c;
}
