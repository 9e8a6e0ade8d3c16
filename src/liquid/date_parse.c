/* Dates as people and programs write them: "March 14, 2016", "14/03/2016 5pm",
 * "2016-03-14T10:00:00+01:00". The rules are those of Ruby's Time.parse: look for one form
 * after the other, wherever in the text it stands. */
#include "liquid/date.h"
#include "liquid/parse.h"

#include "base/civil.h"

#include <string.h>

enum { ABSENT = -1 };

typedef struct Found {
    int     year, month, day; /* ABSENT */
    int     hour, minute, second;
    int32_t nanos;
    bool    zoned, utc;
    int32_t offset;
} Found;

/* A number as it was written: how long it was decides what it is. */
typedef struct Number {
    int    v;
    size_t digits; /* 0: absent */
    bool   quoted; /* '16 */
} Number;

typedef struct Text { /* lower case; what was understood becomes blanks */
    char   z[208];
    size_t n;
} Text;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static void wipe(Text *t, size_t from, size_t to)
{
    memset(t->z + from, ' ', to - from);
}

static size_t skip_blanks(const Text *t, size_t i)
{
    while (i < t->n && lq_is_space(t->z[i]))
        i++;
    return i;
}

/* Digits at *i, which moves behind them. */
static bool number(const Text *t, size_t *i, Number *ret)
{
    size_t at = *i;
    *ret = (Number){0};
    if (at < t->n && t->z[at] == '\'') {
        ret->quoted = true;
        at++;
    }
    for (; at < t->n && is_digit(t->z[at]); at++) {
        if (ret->digits < 9)
            ret->v = ret->v * 10 + (t->z[at] - '0');
        ret->digits++;
    }
    if (ret->digits == 0)
        return false;
    *i = at;
    return true;
}

static const char MONTHS[] = "janfebmaraprmayjunjulaugsepoctnovdec";
static const char DAYS[] = "sunmontuewedthufrisat";

/* Number of the name that begins at `i`, from 1; 0 when there is none. */
static int name_at(const Text *t, size_t i, const char *names)
{
    if (i + 3 > t->n || (i > 0 && (lq_is_word(t->z[i - 1]) && !is_digit(t->z[i - 1]))))
        return 0;
    for (int k = 0; names[(ptrdiff_t)k * 3] != '\0'; k++)
        if (memcmp(t->z + i, names + (ptrdiff_t)k * 3, 3) == 0)
            return k + 1;
    return 0;
}

static size_t word_end(const Text *t, size_t i)
{
    while (i < t->n && !is_digit(t->z[i]) && !lq_is_space(t->z[i]) && t->z[i] != '-' &&
           t->z[i] != '\'' && t->z[i] != '/')
        i++;
    return i;
}

/* --- time and zone --------------------------------------------------------------------------- */

/* "am", "p.m." at *i, which moves behind it: 0 am, 1 pm, -1 neither. */
static int meridian(const Text *t, size_t *i)
{
    size_t at = skip_blanks(t, *i);
    if (at + 1 >= t->n || (t->z[at] != 'a' && t->z[at] != 'p'))
        return -1;
    int    pm = t->z[at] == 'p';
    size_t end = at + 1;
    if (t->z[end] == 'm')
        end++;
    else if (end + 2 < t->n && memcmp(t->z + end, ".m.", 3) == 0)
        end += 3;
    else
        return -1;
    if (end < t->n && lq_is_word(t->z[end]) && t->z[end - 1] == 'm')
        return -1;
    *i = end;
    return pm;
}

typedef struct Zone {
    const char *name;
    int         hours;
} Zone;

static bool named_zone(const Text *t, size_t *i, Found *f)
{
    static const Zone ZONES[] = {{"utc", 0},  {"gmt", 0},  {"z", 0},    {"ut", 0},
                                 {"est", -5}, {"edt", -4}, {"cst", -6}, {"cdt", -5},
                                 {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};
    size_t            end = *i;
    while (end < t->n && is_letter(t->z[end]))
        end++;
    for (size_t k = 0; k < COUNT_OF(ZONES); k++) {
        size_t n = strlen(ZONES[k].name);
        if (end - *i != n || memcmp(t->z + *i, ZONES[k].name, n) != 0)
            continue;
        f->zoned = true;
        f->utc = ZONES[k].hours == 0;
        f->offset = ZONES[k].hours * 3600;
        *i = end;
        return true;
    }
    return false;
}

/* "+01:00", "-0530", "+2" */
static bool numeric_zone(const Text *t, size_t *i, Found *f)
{
    size_t at = *i;
    Number h, m = {0};
    if (at >= t->n || (t->z[at] != '+' && t->z[at] != '-'))
        return false;
    bool west = t->z[at++] == '-';
    if (!number(t, &at, &h) || h.digits > 4)
        return false;
    if (h.digits > 2) {
        m.v = h.v % 100;
        h.v /= 100;
    } else if (at < t->n && t->z[at] == ':') {
        at++;
        if (!number(t, &at, &m))
            return false;
    }
    f->zoned = true;
    f->utc = false;
    f->offset = (h.v * 3600 + m.v * 60) * (west ? -1 : 1);
    *i = at;
    return h.v < 24 && m.v < 60;
}

static void zone(const Text *t, size_t *i, Found *f)
{
    size_t at = skip_blanks(t, *i);
    bool   named = named_zone(t, &at, f);
    bool   more = numeric_zone(t, &at, f);
    if (named || more)
        *i = at;
}

static void fraction(const Text *t, size_t *i, Found *f)
{
    if (*i + 1 >= t->n || (t->z[*i] != '.' && t->z[*i] != ',') || !is_digit(t->z[*i + 1]))
        return;
    int32_t unit = 100000000;
    for ((*i)++; *i < t->n && is_digit(t->z[*i]); (*i)++) {
        f->nanos += (t->z[*i] - '0') * unit;
        unit /= 10;
    }
}

/* ":30", ":30:15.5" behind the hour. */
static bool minutes(const Text *t, size_t *i, Found *f)
{
    size_t at = skip_blanks(t, *i);
    Number n;
    if (at >= t->n || t->z[at] != ':')
        return false;
    at = skip_blanks(t, at + 1);
    if (!number(t, &at, &n))
        return false;
    f->minute = n.v;
    *i = at;
    at = skip_blanks(t, at);
    if (at < t->n && t->z[at] == ':') {
        at = skip_blanks(t, at + 1);
        if (number(t, &at, &n)) {
            f->second = n.v;
            fraction(t, &at, f);
            *i = at;
        }
    }
    return true;
}

/* "h", "h30", "h30m15s" behind the hour. */
static bool hour_letter(const Text *t, size_t *i, Found *f)
{
    size_t at = skip_blanks(t, *i);
    Number n;
    if (at >= t->n || t->z[at] != 'h' || (at + 1 < t->n && is_letter(t->z[at + 1])))
        return false;
    *i = ++at;
    at = skip_blanks(t, at);
    if (!number(t, &at, &n))
        return true;
    f->minute = n.v;
    at += at < t->n && t->z[at] == 'm';
    *i = at;
    at = skip_blanks(t, at);
    if (number(t, &at, &n)) {
        f->second = n.v;
        *i = at + (at < t->n && t->z[at] == 's');
    }
    return true;
}

/* The first "10:30", "5pm" and the like. */
static void find_time(Text *t, Found *f)
{
    for (size_t i = 0; i < t->n; i++) {
        size_t at = i;
        Number h;
        if (!is_digit(t->z[i]) || !number(t, &at, &h))
            continue;
        bool clock = h.digits <= 2 && (minutes(t, &at, f) || hour_letter(t, &at, f));
        int  pm = h.digits <= 2 ? meridian(t, &at) : -1;
        if (!clock && pm < 0) {
            i = at - 1;
            continue;
        }
        f->hour = pm >= 0 ? h.v % 12 + 12 * pm : h.v;
        f->minute = f->minute == ABSENT ? 0 : f->minute;
        f->second = f->second == ABSENT ? 0 : f->second;
        zone(t, &at, f);
        size_t from = i > 0 && t->z[i - 1] == 't' && i > 1 && is_digit(t->z[i - 2]) ? i - 1 : i;
        wipe(t, from, at);
        return;
    }
}

/* --- dates -------------------------------------------------------------------------------------
 */

static int full_year(Number n)
{
    if (n.digits > 2)
        return n.v;
    return n.v >= 69 ? n.v + 1900 : n.v + 2000;
}

static bool is_year(Number n)
{
    return n.quoted || n.digits > 2;
}

/* Three numbers in the order year, month, day, unless their lengths say otherwise. */
static void settle(Found *f, Number y, Number m, Number d, int month_name)
{
    if (y.digits > 0 && m.digits > 0 && d.digits == 0 && month_name == 0) {
        d = m;
        m = y;
        y = (Number){0};
    }
    if (y.digits == 0 && is_year(d)) {
        y = d;
        d = (Number){0};
    }
    if (month_name == 0 && is_year(m)) {
        Number day = y;
        y = m;
        m = d;
        d = day;
    }
    if (is_year(d)) {
        Number swap = y;
        y = d;
        d = swap;
    }
    if (y.digits > 0)
        f->year = full_year(y);
    if (month_name > 0)
        f->month = month_name;
    else if (m.digits > 0)
        f->month = m.v;
    if (d.digits > 0)
        f->day = d.v;
}

/* "14 march 2016" */
static bool day_month_year(Text *t, Found *f)
{
    for (size_t i = 0; i < t->n; i++) {
        size_t at = i;
        Number d, y = {0};
        if ((i > 0 && is_digit(t->z[i - 1])) || !number(t, &at, &d))
            continue;
        size_t name = skip_blanks(t, word_end(t, at));
        int    month = name_at(t, name, MONTHS);
        if (month == 0) {
            name = at;
            month = name_at(t, name, MONTHS);
        }
        if (month == 0) {
            i = at - 1;
            continue;
        }
        size_t end = word_end(t, name), year = skip_blanks(t, end);
        if (number(t, &year, &y))
            end = year;
        wipe(t, i, end);
        settle(f, y, (Number){0}, d, month);
        return true;
    }
    return false;
}

/* "march 14, 2016", "march 2016" */
static bool month_day_year(Text *t, Found *f)
{
    for (size_t i = 0; i < t->n; i++) {
        int    month = name_at(t, i, MONTHS);
        Number d = {0}, y = {0};
        if (month == 0)
            continue;
        size_t at = skip_blanks(t, word_end(t, i));
        at += at + 1 < t->n && t->z[at] == '-' && is_digit(t->z[at + 1]);
        if (!number(t, &at, &d))
            continue;
        size_t end = at;
        at = word_end(t, at);
        at = skip_blanks(t, at);
        if (at < t->n && t->z[at] == ',')
            at = skip_blanks(t, at + 1);
        if (number(t, &at, &y))
            end = at;
        wipe(t, i, end);
        settle(f, y, (Number){0}, d, month);
        return true;
    }
    return false;
}

/* "14-mar-2016" */
static bool dashed_name(Text *t, Found *f)
{
    for (size_t i = 0; i < t->n; i++) {
        int month = i > 0 && t->z[i - 1] == '-' ? name_at(t, i, MONTHS) : 0;
        if (month == 0)
            continue;
        size_t from = i - 1, at = word_end(t, i);
        Number first, last;
        while (from > 0 && is_digit(t->z[from - 1]))
            from--;
        size_t start = from;
        if (!number(t, &from, &first) || at >= t->n || t->z[at] != '-')
            continue;
        at++;
        if (!number(t, &at, &last))
            continue;
        wipe(t, start, at);
        settle(f, first, (Number){0}, last, month);
        return true;
    }
    return false;
}

/* Two or three numbers with `sign` between them. */
static bool signed_numbers(Text *t, Found *f, char sign, bool two)
{
    for (size_t i = 0; i < t->n; i++) {
        size_t at = i;
        Number y, m, d = {0};
        if ((i > 0 && is_digit(t->z[i - 1])) || !number(t, &at, &y) || at >= t->n ||
            t->z[at] != sign)
            continue;
        at++;
        if (sign != '-')
            at = skip_blanks(t, at);
        if (!number(t, &at, &m))
            continue;
        size_t end = at;
        if (at < t->n && t->z[at] == sign) {
            at++;
            if (sign != '-')
                at = skip_blanks(t, at);
            if (number(t, &at, &d))
                end = at;
        }
        if (d.digits == 0 && !two)
            continue;
        wipe(t, i, end);
        settle(f, y, m, d, 0);
        return true;
    }
    return false;
}

/* "2016-074": the 74th day */
static bool year_and_day(Text *t, Found *f)
{
    for (size_t i = 0; i < t->n; i++) {
        size_t at = i;
        Number y, d;
        if ((i > 0 && is_digit(t->z[i - 1])) || !number(t, &at, &y) || y.digits != 4 ||
            at >= t->n || t->z[at++] != '-' || !number(t, &at, &d) || d.digits != 3 || y.v < 1)
            continue;
        CivilDate date = civil_from_days(civil_to_days((CivilDate){y.v, 1, 1}) + d.v - 1);
        if (d.v < 1 || date.year != y.v)
            continue;
        f->year = date.year;
        f->month = date.month;
        f->day = date.day;
        return true;
    }
    return false;
}

/* "'16" */
static bool quoted_year(Text *t, Found *f)
{
    for (size_t i = 0; i < t->n; i++) {
        size_t at = i;
        Number y;
        if (t->z[i] == '\'' && number(t, &at, &y)) {
            f->year = full_year(y);
            return true;
        }
    }
    return false;
}

static int digits_at(const char *z, size_t from, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (z[from + i] - '0');
    return v;
}

/* "t1030" behind the digits of a date */
static void clock_digits(const Text *t, size_t *i, Found *f)
{
    size_t at = skip_blanks(t, *i);
    at += at < t->n && t->z[at] == 't';
    size_t n = 0;
    while (at + n < t->n && is_digit(t->z[at + n]))
        n++;
    if (n != 2 && n != 4 && n != 6)
        return;
    f->hour = digits_at(t->z, at, 2);
    f->minute = n >= 4 ? digits_at(t->z, at + 2, 2) : 0;
    f->second = n == 6 ? digits_at(t->z, at + 4, 2) : 0;
    *i = at + n;
}

/* "20160314", "20160314103000": what the number of digits says. */
static bool run_of_digits(Text *t, Found *f)
{
    size_t i = 0, n = 0;
    while (i < t->n && !is_digit(t->z[i]))
        i++;
    while (i + n < t->n && is_digit(t->z[i + n]))
        n++;
    const char *z = t->z + i;
    switch (n) {
    case 2: f->day = digits_at(z, 0, 2); break;
    case 4:
        f->month = digits_at(z, 0, 2);
        f->day = digits_at(z, 2, 2);
        break;
    case 6:
        f->year = full_year((Number){digits_at(z, 0, 2), 2, false});
        f->month = digits_at(z, 2, 2);
        f->day = digits_at(z, 4, 2);
        break;
    case 8:
    case 10:
    case 12:
    case 14:
        f->year = digits_at(z, 0, 4);
        f->month = digits_at(z, 4, 2);
        f->day = digits_at(z, 6, 2);
        if (n >= 10)
            f->hour = digits_at(z, 8, 2);
        if (n >= 12)
            f->minute = digits_at(z, 10, 2);
        if (n == 14)
            f->second = digits_at(z, 12, 2);
        break;
    default: return false;
    }
    size_t end = i + n;
    if (n == 8)
        clock_digits(t, &end, f);
    if (n >= 8)
        zone(t, &end, f);
    return true;
}

static bool month_alone(Text *t, Found *f)
{
    for (size_t i = 0; i < t->n; i++) {
        int month = name_at(t, i, MONTHS);
        if (month > 0) {
            f->month = month;
            return true;
        }
    }
    return false;
}

static void find_date(Text *t, Found *f)
{
    (void)(day_month_year(t, f) || dashed_name(t, f) || month_day_year(t, f) ||
           signed_numbers(t, f, '-', false) || signed_numbers(t, f, '/', true) ||
           signed_numbers(t, f, '.', false) || year_and_day(t, f) || quoted_year(t, f) ||
           month_alone(t, f) || run_of_digits(t, f));
}

/* The weekday says nothing that the date does not; alone it is no date. */
static bool drop_weekday(Text *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (name_at(t, i, DAYS) > 0) {
            size_t end = i;
            while (end < t->n && is_letter(t->z[end]))
                end++;
            wipe(t, i, end);
            return true;
        }
    return false;
}

/* --- putting it together ------------------------------------------------------------------------
 */

/* What stands before the first thing that is known comes from now, the rest is the least. */
static void complete(LiquidCx *cx, Found *f)
{
    int64_t   now = liquid_now(cx).v / 1000;
    LqMoment  m = lq_moment(cx, now, 0);
    int64_t   local = now + (f->zoned ? f->offset : m.offset);
    CivilDate today = civil_from_days(local / 86400 - (local % 86400 < 0));
    if (f->year == ABSENT) {
        f->year = today.year;
        if (f->month == ABSENT) {
            f->month = today.month;
            if (f->day == ABSENT)
                f->day = today.day;
        }
    }
    f->month = f->month == ABSENT ? 1 : f->month;
    f->day = f->day == ABSENT ? 1 : f->day;
    f->hour = f->hour == ABSENT ? 0 : f->hour;
    f->minute = f->minute == ABSENT ? 0 : f->minute;
    f->second = f->second == ABSENT ? 0 : f->second;
}

static bool valid(const Found *f)
{
    return f->year > 0 && f->year <= 9999 && f->month >= 1 && f->month <= 12 && f->day >= 1 &&
           f->day <= 31 && f->hour <= 24 && f->minute <= 59 && f->second <= 60;
}

static void to_moment(LiquidCx *cx, const Found *f, LqMoment *ret)
{
    int64_t days = civil_to_days((CivilDate){f->year, f->month, 1}) + f->day - 1;
    int64_t local = days * 86400 + INT64_C(3600) * f->hour + INT64_C(60) * f->minute + f->second;
    *ret = (LqMoment){.unix_s = local - f->offset, .nanos = f->nanos, .offset = f->offset};
    if (f->utc)
        memcpy(ret->zone, "UTC", 4);
    if (f->zoned)
        return;
    *ret = lq_moment(cx, local, f->nanos); /* the zone at about that time … */
    *ret = lq_moment(cx, local - ret->offset, f->nanos);
}

bool lq_parse_date(LiquidCx *cx, Str s, LqMoment *ret)
{
    Text  t = {.n = s.len};
    Found f = {.year = ABSENT,
               .month = ABSENT,
               .day = ABSENT,
               .hour = ABSENT,
               .minute = ABSENT,
               .second = ABSENT};
    if (s.len >= sizeof t.z)
        return false;
    memcpy(t.z, s.ptr, s.len);
    drop_weekday(&t);
    find_time(&t, &f);
    find_date(&t, &f);
    if (f.year == ABSENT && f.month == ABSENT && f.day == ABSENT && f.hour == ABSENT)
        return false;
    complete(cx, &f);
    if (!valid(&f))
        return false;
    to_moment(cx, &f, ret);
    return true;
}
