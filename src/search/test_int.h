/* test_int.h - a filter on the column of one segment.
 *
 * Filters become tests of codes. The outcome of all tests of a row (or document) is one byte:
 * 0 when all hold; the mark of a field when only filters of that field fail, which is what
 * disjunctive counts want to know; FAIL_MANY when others fail as well. */
#pragma once

#include "search/query.h"
#include "search/schema_int.h"
#include "search/segment_int.h"

enum { FAIL_NONE = 0, FAIL_MANY = 255 };

typedef struct Test {
    const Column *column; /* NULL: no document of the segment has a value */
    SearchMatch   match;
    uint8_t       mark; /* of its field, from 1; FAIL_MANY: fixed */
    bool          grouped;
    bool          never;    /* cannot hold here */
    bool          is_range; /* holds for codes from low to high (or, inverted, for others) */
    bool          inverted;
    uint32_t      low, high;
    uint64_t     *set;   /* a bit per code; NULL: `codes` */
    uint32_t     *codes; /* wanted, ascending */
    size_t        n_codes;
} Test;

void test_init(Test *t, const SearchFilter *f, const Field *field, const Segment *s, uint8_t mark,
               Arena *a);

/* Does it hold for a row of its column? */
bool test_row(const Test *t, uint32_t row);

/* Fold the outcome for rows[0..n) into fail[0..n). */
void test_rows(const Test *t, const uint32_t *rows, size_t n, uint8_t *fail);

/* Without branches: whether a row passes cannot be foretold. */
static inline uint8_t fail_fold(uint8_t fail, bool ok, uint8_t mark)
{
    uint8_t others = (uint8_t) - (int)((fail != FAIL_NONE) & (fail != mark));
    uint8_t bad = (uint8_t) - (int)!ok;
    return (uint8_t)(fail ^ ((fail ^ (mark | others)) & bad));
}
