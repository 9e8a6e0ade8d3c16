#include "base/real.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1000 };

/* Powers of ten that a double holds exactly. */
static const double  POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const int64_t EXACT = INT64_C(1) << DBL_MANT_DIG; /* integers up to here are exact */

_Static_assert(FLT_EVAL_METHOD == 0, "one rounding per operation, please");

static locale_t       c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void c_locale_make(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    ASSERT(c_locale != (locale_t)0);
}

/* Any number, correctly rounded, through the C library. */
static bool parse_slow(Str s, double *ret)
{
    char z[TEXT_MAX + 1];
    memcpy(z, s.ptr, s.len);
    z[s.len] = '\0';
    pthread_once(&c_locale_once, c_locale_make);
    char  *end;
    double v = strtod_l(z, &end, c_locale);
    if (end != z + s.len || !isfinite(v))
        return false;
    *ret = v;
    return true;
}

typedef struct Decimal {
    uint64_t digits;   /* all digits, as long as they fit */
    int64_t  exponent; /* of ten */
    int      kept;     /* significant digits in `digits` */
    bool     too_long; /* there were more than 19 */
} Decimal;

static const char *take_digits(const char *p, const char *end, bool fraction, Decimal *d)
{
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        if (d->kept == 19) {
            d->too_long = true;
            continue;
        }
        d->digits = d->digits * 10 + (uint64_t)(*p - '0');
        d->kept += d->digits != 0;
        d->exponent -= fraction;
    }
    return p;
}

/* Take "e+12" apart. False when it is malformed; huge exponents are cut. */
static bool take_exponent(const char *p, const char *end, Decimal *d)
{
    if (p == end)
        return true;
    if (*p != 'e' && *p != 'E')
        return false;
    p++;
    bool neg = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end)
        return false;
    int64_t v = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        v = v < 100000 ? v * 10 + (*p - '0') : v;
    d->exponent += neg ? -v : v;
    return p == end;
}

bool real_parse(Str s, double *ret)
{
    if (s.len == 0 || s.len > TEXT_MAX)
        return false;
    const char *p = s.ptr, *end = s.ptr + s.len;
    bool        neg = *p == '-';
    Decimal     d = {0};
    p += *p == '-' || *p == '+';
    const char *first = p;
    p = take_digits(p, end, false, &d);
    if (p == first)
        return false;
    if (p < end && *p == '.') {
        const char *point = p + 1;
        p = take_digits(point, end, true, &d);
        if (p == point)
            return false;
    }
    if (!take_exponent(p, end, &d))
        return false;
    if (d.too_long || d.digits > (uint64_t)EXACT || d.exponent < -22 || d.exponent > 22)
        return parse_slow(s, ret);
    /* Both operands are exact, so the one rounding here is the right one. */
    double v = (double)d.digits;
    v = d.exponent < 0 ? v / POWERS[-d.exponent] : v * POWERS[d.exponent];
    *ret = neg ? -v : v;
    return true;
}

/* Few decimals, as prices and ratios have: m / 10^k, rounded once, is `v` again. */
static bool add_short(Buf *b, double v)
{
    double abs = fabs(v);
    if (!(abs < 1e9) || (abs > 0 && abs < 1e-4))
        return false;
    for (int k = 0; k <= 6; k++) {
        double m = nearbyint(abs * POWERS[k]);
        if (m / POWERS[k] < abs || m / POWERS[k] > abs)
            continue;
        uint64_t digits = (uint64_t)m, power = (uint64_t)POWERS[k];
        if (signbit(v) && digits > 0)
            buf_addc(b, '-');
        buf_add_u64(b, digits / power);
        if (k == 0)
            return true;
        char     frac[8] = {'.'};
        uint64_t rest = digits % power;
        for (int i = k; i > 0; i--) {
            frac[i] = (char)('0' + rest % 10);
            rest /= 10;
        }
        buf_add(b, (Str){frac, (size_t)k + 1});
        return true;
    }
    return false;
}

void real_add(Buf *b, double v)
{
    ASSERT(isfinite(v));
    if (add_short(b, v))
        return;
    char text[40];
    for (int precision = 15; precision <= 17; precision++) {
        int n = snprintf(text, sizeof text, "%.*g", precision, v);
        ASSERT(n > 0 && (size_t)n < sizeof text);
        char *comma = strchr(text, ','); /* a library may have set another locale */
        if (comma != NULL)
            *comma = '.';
        double again;
        if (real_parse((Str){text, (size_t)n}, &again) && !(again < v) && !(again > v))
            break;
    }
    buf_add(b, str_from_cstr(text));
}
