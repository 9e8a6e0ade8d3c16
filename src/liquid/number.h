/* number.h - exact decimal arithmetic for the math filters, and reals as Ruby prints them.
 *
 * A number is m / 10^scale with a mantissa of 127 bits: 0.1 + 0.2 is 0.3. Whole numbers
 * stay whole. What does not fit any more becomes a double. */
#pragma once

#include "liquid/value.h"

__extension__ typedef __int128          LqWide;
__extension__ typedef unsigned __int128 LqUwide;

typedef struct LqBig {
    LqWide v;
} LqBig;

typedef struct LqNum {
    LqWide  m;
    int32_t scale;
    bool    decimal; /* was, or became, a number with a point: prints as a real */
    bool    minus;   /* m is 0, and the zero is -0.0 */
    bool    inexact; /* too long for m, or no finite number: see `real` */
    double  real;
} LqNum;

typedef enum LqOp { LQ_ADD, LQ_SUB, LQ_MUL, LQ_DIV, LQ_MOD } LqOp;

LqNum lq_num_int(int64_t v);
LqNum lq_num_real(double v);

/* As Ruby's String#to_i and, for "12.50", BigDecimal read text: "12 pieces" is 12. */
LqNum lq_num_text(Str s);

/* What the math filters make of any value; 0 for what is no number. */
LqNum lq_num(LiquidValue v);

/* False when dividing by zero. */
NODISCARD bool lq_num_op(LqOp op, LqNum x, LqNum y, LqNum *ret);

int    lq_num_cmp(LqNum x, LqNum y);
LqNum  lq_num_neg(LqNum x);
double lq_num_double(LqNum x);

/* Half away from zero, to `digits` places; at most 0 gives a whole number. */
LqNum lq_num_round(LqNum x, int64_t digits);
LqNum lq_num_floor(LqNum x);
LqNum lq_num_ceil(LqNum x);

/* Back to a value; `a` keeps whole numbers beyond 64 bits. */
LiquidValue lq_num_value(Arena *a, LqNum x);

enum { LQ_NUMBER_MAX = 48 };

/* Write a real as Ruby does ("3.0", "1.0e+20"); return the length. */
size_t lq_real_text(double v, char text[static LQ_NUMBER_MAX]);
size_t lq_wide_text(LqWide v, char text[static LQ_NUMBER_MAX]);
