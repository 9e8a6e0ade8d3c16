/* real.h - doubles as decimal text, the same in every locale.
 *
 * Not for money: that is money.h. */
#pragma once

#include "base/buf.h"

/* Read a decimal number as JSON writes it ("-12.5e3"; a leading '+' or zeros are fine too)
 * as the nearest double. False, and *ret untouched, for anything else, for more than 1,000
 * characters, and for what a double cannot hold. */
NODISCARD bool real_parse(Str s, double *ret);

/* Append the shortest decimal text that real_parse() reads back as `v`, which is finite. */
void real_add(Buf *b, double v);

/* The same bits: NaN is itself, and 0 is not -0. */
static inline bool real_same(double x, double y)
{
    uint64_t a, b;
    memcpy(&a, &x, sizeof a);
    memcpy(&b, &y, sizeof b);
    return a == b;
}
