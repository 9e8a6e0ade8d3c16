#include "liquid/number.h"

#include "base/real.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TENS_MAX = 38 }; /* 10^38 is the largest power of ten in 127 bits */

static LqWide ten_to(int n)
{
    LqWide p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

static LqNum inexact(double v)
{
    return (LqNum){.decimal = true, .inexact = true, .real = v};
}

LqNum lq_num_int(int64_t v)
{
    return (LqNum){.m = v};
}

/* Significant digits and exponent of the shortest decimal that reads back as `v` (> 0). */
static int shortest(double v, char digits[static 32], int *ret_exponent)
{
    char text[40];
    for (int precision = 14; precision <= 16; precision++) {
        int n = snprintf(text, sizeof text, "%.*e", precision, v);
        ASSERT(n > 0 && (size_t)n < sizeof text);
        char *comma = strchr(text, ','); /* a library may have set another locale */
        if (comma != NULL)
            *comma = '.';
        double again = 0;
        if (real_parse((Str){text, (size_t)n}, &again) && !(again < v) && !(again > v))
            break;
    }
    int count = 0;
    for (const char *p = text; *p != 'e'; p++)
        if (*p != '.')
            digits[count++] = *p;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    int64_t exponent = 0;
    char   *e = strchr(text, 'e') + 1;
    bool    negative = *e == '-';
    bool    ok = str_parse_i64(str_from_cstr(e + 1), &exponent);
    ASSERT(ok);
    *ret_exponent = negative ? -(int)exponent : (int)exponent;
    return count;
}

static const double POWERS[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

/* The usual case, few decimals: m / 10^k rounded once is `abs` again. */
static bool few_decimals(double abs, int64_t *ret_m, int *ret_k)
{
    if (!(abs < 1e9))
        return false;
    for (int k = 0; k <= 6; k++) {
        double m = nearbyint(abs * POWERS[k]);
        if (m / POWERS[k] < abs || m / POWERS[k] > abs)
            continue;
        *ret_m = (int64_t)m;
        *ret_k = k;
        return true;
    }
    return false;
}

LqNum lq_num_real(double v)
{
    if (!isfinite(v))
        return inexact(v);
    int64_t m;
    int     k;
    double  abs = fabs(v);
    if (few_decimals(abs, &m, &k))
        return (LqNum){
            .m = signbit(v) ? -m : m, .scale = k, .decimal = true, .minus = m == 0 && signbit(v)};
    char   digits[32];
    int    exponent;
    int    n = shortest(abs, digits, &exponent);
    LqWide wide = 0;
    for (int i = 0; i < n; i++)
        wide = wide * 10 + (digits[i] - '0');
    return (LqNum){.m = signbit(v) ? -wide : wide, .scale = n - 1 - exponent, .decimal = true};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Is the whole of `s` "-12.50"? */
static bool is_decimal(Str s)
{
    size_t i = s.len > 0 && s.ptr[0] == '-', from = i;
    while (i < s.len && is_digit(s.ptr[i]))
        i++;
    if (i == from || i == s.len || s.ptr[i] != '.')
        return false;
    for (from = ++i; i < s.len && is_digit(s.ptr[i]); i++) {
    }
    return i == s.len && i > from;
}

LqNum lq_num_text(Str s)
{
    s = str_trim(s);
    LqNum  n = {.decimal = is_decimal(s)};
    size_t i = 0;
    bool   negative = s.len > 0 && s.ptr[0] == '-', point = false;
    if (s.len > 0 && (negative || s.ptr[0] == '+'))
        i++;
    for (; i < s.len; i++) {
        char c = s.ptr[i];
        if (n.decimal && c == '.' && !point) {
            point = true;
            continue;
        }
        if (c == '_' && i + 1 < s.len && is_digit(s.ptr[i + 1]) && is_digit(s.ptr[i - (i > 0)]))
            continue;
        if (!is_digit(c))
            break;
        if (n.m > (ten_to(TENS_MAX) - 9) / 10) {
            double real = 0;
            return inexact(real_parse(s, &real) ? real : 0);
        }
        n.m = n.m * 10 + (c - '0');
        n.scale += point;
    }
    if (negative)
        n.m = -n.m;
    n.minus = negative && n.decimal && n.m == 0;
    return n;
}

LqNum lq_num(LiquidValue v)
{
    switch ((LiquidType)v.type) {
    case LIQUID_INT:
    case LIQUID_MONEY: return lq_num_int(v.i);
    case LIQUID_REAL: return lq_num_real(v.r);
    case LIQUID_BIG: return (LqNum){.m = v.big->v};
    case LIQUID_TEXT: return lq_num_text(liquid_str(v));
    case LIQUID_TIME:
    case LIQUID_NIL:
    case LIQUID_BOOL:
    case LIQUID_RANGE:
    case LIQUID_ARRAY:
    case LIQUID_JLIST:
    case LIQUID_SLIST:
    case LIQUID_MAP:
    case LIQUID_JOBJ:
    case LIQUID_STRUCT:
    case LIQUID_DROP:
    case LIQUID_LOOP:
    case LIQUID_EMPTY:
    case LIQUID_BLANK: break;
    }
    return (LqNum){0};
}

double lq_num_double(LqNum x)
{
    if (x.inexact)
        return x.real;
    if (x.m == 0)
        return x.minus ? -0.0 : 0.0;
    static const LqWide EXACT = (LqWide)1 << 53;
    LqWide              abs = x.m < 0 ? -x.m : x.m;
    if (abs <= EXACT && x.scale >= -6 && x.scale <= 6) {
        double m = (double)x.m; /* both operands are exact: one rounding */
        return x.scale < 0 ? m * POWERS[-x.scale] : m / POWERS[x.scale];
    }
    char   text[LQ_NUMBER_MAX + 16];
    size_t n = lq_wide_text(x.m, text);
    int    more = snprintf(text + n, sizeof text - n, "e%d", -x.scale);
    double v;
    if (more > 0 && real_parse((Str){text, n + (size_t)more}, &v))
        return v;
    double tiny = x.scale > 0 ? 0.0 : (double)INFINITY;
    return x.m < 0 ? -tiny : tiny;
}

/* Bring both to the same scale. False when that takes more than 127 bits. */
static bool align(LqNum *x, LqNum *y)
{
    LqNum *low = x->scale < y->scale ? x : y;
    int    target = x->scale < y->scale ? y->scale : x->scale;
    int    by = target - low->scale;
    if (low->m == 0) {
        low->scale = target;
        return true;
    }
    if (by > TENS_MAX || __builtin_mul_overflow(low->m, ten_to(by), &low->m))
        return false;
    low->scale = target;
    return true;
}

static LqWide floor_div(LqWide x, LqWide y)
{
    LqWide q = x / y;
    return x % y != 0 && (x < 0) != (y < 0) ? q - 1 : q;
}

/* As many digits as fit; the result becomes a double anyway. */
static LqNum divide(LqNum x, LqNum y)
{
    int shift = 0;
    while (shift < 2 * TENS_MAX && x.m % y.m != 0) {
        LqWide more;
        if (__builtin_mul_overflow(x.m, 10, &more))
            break;
        x.m = more;
        shift++;
    }
    if (x.m % y.m != 0 && x.m / y.m < (LqWide)1 << 60 && x.m / y.m > -((LqWide)1 << 60))
        return inexact(lq_num_double(x) / lq_num_double(y));
    return (LqNum){.m = x.m / y.m, .scale = x.scale + shift - y.scale, .decimal = true};
}

static bool exact_op(LqOp op, LqNum *x, LqNum *y, LqNum *ret)
{
    bool decimal = x->decimal || y->decimal;
    *ret = (LqNum){.decimal = decimal};
    if (op == LQ_MUL) {
        ret->scale = x->scale + y->scale;
        return !__builtin_mul_overflow(x->m, y->m, &ret->m);
    }
    if (op == LQ_DIV && decimal) {
        *ret = divide(*x, *y);
        return true;
    }
    if (!align(x, y))
        return false;
    ret->scale = x->scale;
    switch (op) {
    case LQ_ADD: return !__builtin_add_overflow(x->m, y->m, &ret->m);
    case LQ_SUB: return !__builtin_sub_overflow(x->m, y->m, &ret->m);
    case LQ_DIV: ret->m = floor_div(x->m, y->m); return true;
    case LQ_MOD: ret->m = x->m - floor_div(x->m, y->m) * y->m; return true;
    case LQ_MUL: break;
    }
    return false;
}

static bool is_minus(LqNum x)
{
    return x.inexact ? signbit(x.real) != 0 : x.m < 0 || (x.m == 0 && x.minus);
}

static double real_op(LqOp op, double x, double y)
{
    switch (op) {
    case LQ_ADD: return x + y;
    case LQ_SUB: return x - y;
    case LQ_MUL: return x * y;
    case LQ_DIV: return x / y;
    case LQ_MOD: return x - floor(x / y) * y;
    }
    return 0;
}

/* Is the zero that came out of it -0.0? */
static bool is_minus_zero(LqOp op, LqNum x, LqNum y)
{
    switch (op) {
    case LQ_MUL:
    case LQ_DIV: return is_minus(x) != is_minus(y);
    case LQ_ADD: return x.m == 0 && is_minus(x) && is_minus(y);
    case LQ_SUB: return x.m == 0 && is_minus(x) && !is_minus(y);
    case LQ_MOD: break;
    }
    return false;
}

bool lq_num_op(LqOp op, LqNum x, LqNum y, LqNum *ret)
{
    bool zero = !y.inexact && y.m == 0;
    if (zero && (op == LQ_MOD || (op == LQ_DIV && !x.decimal && !y.decimal)))
        return false;
    LqNum ax = x, ay = y;
    if (!x.inexact && !y.inexact && !(zero && op == LQ_DIV) && exact_op(op, &ax, &ay, ret)) {
        ret->minus = ret->m == 0 && is_minus_zero(op, x, y);
        return true;
    }
    *ret = inexact(real_op(op, lq_num_double(x), lq_num_double(y)));
    return true;
}

int lq_num_cmp(LqNum x, LqNum y)
{
    if (!x.inexact && !y.inexact && align(&x, &y))
        return (x.m > y.m) - (x.m < y.m);
    double a = lq_num_double(x), b = lq_num_double(y);
    return (a > b) - (a < b);
}

LqNum lq_num_neg(LqNum x)
{
    x.m = -x.m;
    x.real = -x.real;
    return x;
}

/* Drop `by` digits; `half`: 0 towards minus infinity, otherwise half away from zero. */
static LqWide drop_digits(LqWide m, int by, bool round)
{
    if (by > TENS_MAX)
        return !round && m < 0 ? -1 : 0;
    LqWide ten = ten_to(by);
    if (!round)
        return floor_div(m, ten);
    LqWide half = ten / 2;
    return m < 0 ? -((-m + half) / ten) : (m + half) / ten;
}

/* To scale `digits`, which is less than x.scale. */
static LqNum to_scale(LqNum x, int64_t digits, bool round)
{
    int64_t by = x.scale - digits;
    bool    minus = is_minus(x);
    x.m = drop_digits(x.m, by > TENS_MAX ? TENS_MAX + 1 : (int)by, round);
    x.scale = x.m == 0 ? 0 : (int32_t)digits;
    x.minus = x.m == 0 && minus;
    return x;
}

/* A whole number has no scale and no point. */
static LqNum whole(LqNum x)
{
    x.decimal = false;
    if (x.scale >= 0)
        return x;
    LqNum one = {.m = 0};
    if (align(&x, &one))
        return x;
    return inexact(lq_num_double(x));
}

LqNum lq_num_round(LqNum x, int64_t digits)
{
    if (x.inexact)
        return x;
    if (x.scale > digits)
        x = to_scale(x, digits, true);
    return digits <= 0 ? whole(x) : x;
}

LqNum lq_num_floor(LqNum x)
{
    if (x.inexact)
        return inexact(floor(x.real));
    return whole(x.scale > 0 ? to_scale(x, 0, false) : x);
}

LqNum lq_num_ceil(LqNum x)
{
    return lq_num_neg(lq_num_floor(lq_num_neg(x)));
}

LiquidValue lq_num_value(Arena *a, LqNum x)
{
    if (x.decimal || x.inexact)
        return liquid_real(lq_num_double(x));
    if (x.m >= INT64_MIN && x.m <= INT64_MAX)
        return liquid_int((int64_t)x.m);
    LqBig *big = arena_new(a, LqBig);
    big->v = x.m;
    return (LiquidValue){.type = LIQUID_BIG, .big = big};
}

size_t lq_wide_text(LqWide v, char text[static LQ_NUMBER_MAX])
{
    char    reversed[LQ_NUMBER_MAX];
    size_t  n = 0, len = 0;
    LqUwide abs = v < 0 ? (LqUwide)0 - (LqUwide)v : (LqUwide)v;
    do {
        reversed[n++] = (char)('0' + (int)(abs % 10));
        abs /= 10;
    } while (abs > 0);
    if (v < 0)
        text[len++] = '-';
    while (n > 0)
        text[len++] = reversed[--n];
    return len;
}

/* digits[0..n) times ten to the power of exponent, with a point. */
static size_t place_point(char *out, const char *digits, int n, int exponent)
{
    char *p = out;
    int   whole_digits = exponent + 1;
    if (whole_digits <= 0)
        *p++ = '0';
    for (int i = 0; i < whole_digits; i++)
        *p++ = (char)(i < n ? digits[i] : '0');
    *p++ = '.';
    for (int i = whole_digits; i < 0; i++)
        *p++ = '0';
    int from = whole_digits > 0 ? whole_digits : 0;
    if (from >= n)
        *p++ = '0';
    for (int i = from; i < n; i++)
        *p++ = digits[i];
    return (size_t)(p - out);
}

size_t lq_real_text(double v, char text[static LQ_NUMBER_MAX])
{
    const char *odd = isnan(v) ? "NaN" : isinf(v) ? (v < 0 ? "-Infinity" : "Infinity") : NULL;
    if (odd != NULL)
        return (size_t)snprintf(text, LQ_NUMBER_MAX, "%s", odd);
    size_t len = 0;
    if (signbit(v))
        text[len++] = '-';
    double  abs = fabs(v);
    char    digits[LQ_NUMBER_MAX] = "0";
    int     n = 1, exponent = 0, k;
    int64_t m;
    if (abs > 0 && few_decimals(abs, &m, &k)) {
        n = (int)lq_wide_text(m, digits);
        exponent = n - 1 - k;
        while (n > 1 && digits[n - 1] == '0')
            n--;
    } else if (abs > 0) {
        n = shortest(abs, digits, &exponent);
    }
    if (exponent >= -4 && (exponent < 15 || n > exponent + 1)) /* as Ruby shows them */
        return len + place_point(text + len, digits, n, exponent);
    len += place_point(text + len, digits, n, 0);
    int more = snprintf(text + len, LQ_NUMBER_MAX - len, "e%c%02d", exponent < 0 ? '-' : '+',
                        exponent < 0 ? -exponent : exponent);
    return len + (size_t)more;
}
