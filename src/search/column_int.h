/* column_int.h - the values of one field in one segment, by row.
 *
 * A row is a document, or a group of one where the field is grouped. Values are kept as codes,
 * from 1 (0: no value), in 1, 2 or 4 bytes each. Codes of keywords are their numbers in the
 * field's Values. Codes of numbers follow the order of the numbers, so that a range of numbers
 * is a range of codes: either positions in a sorted list of the different ones, or steps from
 * the least.
 *
 * A column is dense (a code per row), sparse (when few rows have values: sorted rows beside
 * their codes) or has several values per row (offsets into the codes). */
#pragma once

#include "search/document.h"

typedef struct Column {
    uint32_t  n_rows;  /* of the segment */
    uint32_t  n_slots; /* rows kept: all of them, or those with values */
    uint32_t *rows;    /* sparse: which, ascending; NULL: dense */
    uint32_t
        *offsets; /* n_slots + 1: codes of slot i are [offsets[i], offsets[i+1]); NULL: one each */
    uint8_t  width; /* bytes of a code: 1, 2, 4 */
    bool     numeric;
    void    *codes;
    size_t   n_codes;
    uint32_t max_code; /* the greatest that is used */
    double  *numbers;  /* numeric: numbers[code - 1]; NULL: base + step * (code - 1) */
    double   base, step;
} Column;

void   column_free(Column *c);
size_t column_bytes(const Column *c);

static inline uint32_t column_code(const Column *c, size_t i)
{
    switch (c->width) {
    case 1: return ((const uint8_t *)c->codes)[i];
    case 2: return ((const uint16_t *)c->codes)[i];
    default: return ((const uint32_t *)c->codes)[i];
    }
}

static inline double column_number(const Column *c, uint32_t code)
{
    return c->numbers ? c->numbers[code - 1] : c->base + c->step * (double)(code - 1);
}

/* The codes of a row: [*from, return value). */
size_t column_row(const Column *c, uint32_t row, size_t *from);

/* Codes of the numbers from `min` to `max`: [*low, *high]; false when there are none. */
bool column_range(const Column *c, double min, double max, uint32_t *low, uint32_t *high);

/* --- building: rows in ascending order ---------------------------------------------------- */

typedef struct ColumnPair {
    uint32_t row;
    uint32_t code; /* keyword */
    double   number;
} ColumnPair;

typedef struct ColumnPairs {
    ColumnPair *items;
    size_t      n, cap;
} ColumnPairs;

/* NULL when there are no pairs. */
Column *column_new(const ColumnPairs *pairs, bool numeric, uint32_t n_rows);
