/* strftime as Ruby has it: flags, widths, %N, %:z and all. English names; other languages
 * are the host's business. */
#include "liquid/date.h"

#include "base/civil.h"

#include <stdio.h>
#include <string.h>

static const char *const DAYS[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
static const char *const MONTHS[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

enum { WIDTH_MAX = 1024 };

typedef struct Parts {
    const LqMoment *m;
    CivilDate       date;
    int             hour, minute, second;
    int             weekday; /* 0 Sunday */
    int             yday;    /* 1-366 */
    int64_t         days;    /* since 1970 */
} Parts;

/* "%-5d" taken apart. */
typedef struct Spec {
    char   pad; /* '0', ' ', '-' for none; '\0': the conversion's own */
    bool   upper, swap;
    int    colons;
    size_t width; /* 0: the conversion's own */
    char   letter;
} Spec;

static int64_t floor_div(int64_t x, int64_t y)
{
    return x / y - (x % y < 0);
}

static Parts take_apart(const LqMoment *m)
{
    int64_t local = m->unix_s + m->offset;
    Parts   p = {.m = m, .days = floor_div(local, 86400)};
    int64_t rest = local - p.days * 86400;
    p.date = civil_from_days(p.days);
    p.hour = (int)(rest / 3600);
    p.minute = (int)(rest / 60 % 60);
    p.second = (int)(rest % 60);
    p.weekday = (int)(((p.days + 4) % 7 + 7) % 7);
    p.yday = (int)(p.days - civil_to_days((CivilDate){p.date.year, 1, 1})) + 1;
    return p;
}

/* Week of the year; `first`: the weekday that begins it. */
static int week(const Parts *p, int first)
{
    int weekday = (p->weekday - first + 7) % 7;
    return (p->yday + 6 - weekday) / 7;
}

/* Year and week of ISO 8601. */
static int iso_week(const Parts *p, int *ret_year)
{
    int64_t   thursday = p->days + 3 - (p->weekday + 6) % 7;
    CivilDate d = civil_from_days(thursday);
    int64_t   january = civil_to_days((CivilDate){d.year, 1, 1});
    *ret_year = d.year;
    return (int)((thursday - january) / 7) + 1;
}

static char swap_case(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static char upper_case(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static void pad_to(LiquidBuild *b, char c, size_t len, size_t width)
{
    for (size_t i = len; i < width && !b->failed; i++)
        liquid_build_add(b, (Str){&c, 1});
}

static void add_text(LiquidBuild *b, const Spec *s, const char *text, bool all_upper)
{
    size_t n = strlen(text);
    char   pad = (char)(s->pad == '0' ? '0' : ' ');
    if (s->pad != '-')
        pad_to(b, pad, n, s->width);
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (s->upper || (s->swap && !all_upper))
            c = upper_case(c);
        else if (s->swap)
            c = swap_case(c);
        liquid_build_add(b, (Str){&c, 1});
    }
}

static void add_number(LiquidBuild *b, const Spec *s, int64_t v, char pad, size_t width)
{
    char text[32];
    bool negative = v < 0;
    int  n = snprintf(text, sizeof text, "%lld", (long long)(negative ? -v : v));
    if (s->pad != '\0')
        pad = s->pad;
    if (s->width > 0)
        width = s->width;
    if (pad == '-')
        width = 0;
    size_t len = (size_t)n + negative;
    if (negative && pad == '0')
        liquid_build_add(b, STR("-"));
    pad_to(b, (char)(pad == '0' ? '0' : ' '), len, width);
    if (negative && pad != '0')
        liquid_build_add(b, STR("-"));
    liquid_build_add(b, (Str){text, (size_t)n});
}

/* %z, %:z, %::z; %:::z has as many parts as it needs */
static void add_offset(LiquidBuild *b, const Spec *s, int32_t offset)
{
    char     text[24];
    uint32_t abs = offset < 0 ? (uint32_t)-offset : (uint32_t)offset;
    unsigned h = abs / 3600, m = abs / 60 % 60, sec = abs % 60;
    int      sign = offset < 0 ? '-' : '+', digits = s->pad == ' ' ? 1 : 2, n;
    int      parts = s->colons < 3 ? s->colons : sec > 0 ? 2 : m > 0 ? 1 : 3;
    if (parts == 0)
        n = snprintf(text, sizeof text, "%c%0*u%02u", sign, digits, h, m);
    else if (parts == 1)
        n = snprintf(text, sizeof text, "%c%0*u:%02u", sign, digits, h, m);
    else if (parts == 2)
        n = snprintf(text, sizeof text, "%c%0*u:%02u:%02u", sign, digits, h, m, sec);
    else
        n = snprintf(text, sizeof text, "%c%0*u", sign, digits, h);
    size_t width = (size_t)n + (digits == 1 && h < 10), to = s->width > width ? s->width : width;
    if (digits == 2 && to > (size_t)n) {
        liquid_build_add(b, (Str){text, 1});
        pad_to(b, '0', (size_t)n, to);
        liquid_build_add(b, (Str){text + 1, (size_t)n - 1});
        return;
    }
    pad_to(b, ' ', (size_t)n, to);
    liquid_build_add(b, (Str){text, (size_t)n});
}

/* %N, %3N, %L: digits of the second's fraction. */
static void add_fraction(LiquidBuild *b, const Spec *s, size_t digits)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%09d", s->colons); /* nanoseconds, put there by the caller */
    if (s->width > 0)
        digits = s->width;
    liquid_build_add(b, (Str){text, digits < 9 ? digits : 9});
    pad_to(b, '0', 9, digits);
}

static void add_zone(LiquidBuild *b, const Spec *s, const LqMoment *m)
{
    if (m->zone[0] != '\0') /* unknown: no width either */
        add_text(b, s, m->zone, true);
}

static void format(LiquidBuild *b, Str f, const Parts *p, unsigned depth);

static const char *composite(char letter)
{
    switch (letter) {
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'r': return "%I:%M:%S %p";
    case 'R': return "%H:%M";
    case 'T':
    case 'X': return "%H:%M:%S";
    case 'v': return "%e-%^b-%Y";
    default: return NULL;
    }
}

static bool add_composite(LiquidBuild *b, const Spec *s, const Parts *p, unsigned depth)
{
    const char *f = composite(s->letter);
    if (f == NULL)
        return false;
    LiquidBuild inner = liquid_build(b->cx, 40);
    format(&inner, str_from_cstr(f), p, depth + 1);
    liquid_build_add(&inner, (Str){"\0", 1});
    Spec whole = {.pad = s->pad == '0' ? '0' : ' ', .upper = s->upper, .width = s->width};
    if (!inner.failed)
        add_text(b, &whole, inner.ptr, false);
    return true;
}

static bool add_name(LiquidBuild *b, const Spec *s, const Parts *p)
{
    char        text[4];
    const char *name =
        s->letter == 'a' || s->letter == 'A' ? DAYS[p->weekday] : MONTHS[p->date.month - 1];
    switch (s->letter) {
    case 'A':
    case 'B': add_text(b, s, name, false); return true;
    case 'a':
    case 'b':
    case 'h':
        (void)snprintf(text, sizeof text, "%.3s", name);
        add_text(b, s, text, false);
        return true;
    case 'p': add_text(b, s, p->hour < 12 ? "AM" : "PM", true); return true;
    case 'P': add_text(b, s, p->hour < 12 ? "am" : "pm", false); return true;
    case 'Z': add_zone(b, s, p->m); return true;
    case 'n': add_text(b, s, "\n", false); return true;
    case 't': add_text(b, s, "\t", false); return true;
    case '%': add_text(b, s, "%", false); return true;
    default: return false;
    }
}

static bool add_time(LiquidBuild *b, const Spec *s, const Parts *p)
{
    int  twelve = p->hour % 12 == 0 ? 12 : p->hour % 12;
    Spec fraction = *s;
    fraction.colons = p->m->nanos;
    switch (s->letter) {
    case 'H': add_number(b, s, p->hour, '0', 2); return true;
    case 'k': add_number(b, s, p->hour, ' ', 2); return true;
    case 'I': add_number(b, s, twelve, '0', 2); return true;
    case 'l': add_number(b, s, twelve, ' ', 2); return true;
    case 'M': add_number(b, s, p->minute, '0', 2); return true;
    case 'S': add_number(b, s, p->second, '0', 2); return true;
    case 's': add_number(b, s, p->m->unix_s, '0', 1); return true;
    case 'L': add_fraction(b, &fraction, 3); return true;
    case 'N': add_fraction(b, &fraction, 9); return true;
    case 'z': add_offset(b, s, p->m->offset); return true;
    default: return false;
    }
}

static bool add_date(LiquidBuild *b, const Spec *s, const Parts *p)
{
    int year = p->date.year, iso_year = year, iso = iso_week(p, &iso_year);
    switch (s->letter) {
    case 'Y': add_number(b, s, year, '0', year < 0 ? 5 : 4); return true;
    case 'C': add_number(b, s, floor_div(year, 100), '0', 2); return true;
    case 'y': add_number(b, s, (year % 100 + 100) % 100, '0', 2); return true;
    case 'm': add_number(b, s, p->date.month, '0', 2); return true;
    case 'd': add_number(b, s, p->date.day, '0', 2); return true;
    case 'e': add_number(b, s, p->date.day, ' ', 2); return true;
    case 'j': add_number(b, s, p->yday, '0', 3); return true;
    case 'u': add_number(b, s, p->weekday == 0 ? 7 : p->weekday, '0', 1); return true;
    case 'w': add_number(b, s, p->weekday, '0', 1); return true;
    case 'U': add_number(b, s, week(p, 0), '0', 2); return true;
    case 'W': add_number(b, s, week(p, 1), '0', 2); return true;
    case 'V': add_number(b, s, iso, '0', 2); return true;
    case 'G': add_number(b, s, iso_year, '0', 4); return true;
    case 'g': add_number(b, s, iso_year % 100, '0', 2); return true;
    default: return false;
    }
}

/* %Ey, %Od: other calendars and digits, which English has not. */
static bool is_alternative(char modifier, char letter)
{
    const char *letters = modifier == 'E' ? "cCxXyY" : modifier == 'O' ? "deHkIlmMSuUVwWy" : "";
    return letter != '\0' && strchr(letters, letter) != NULL;
}

/* Flags, width and letter behind a '%'; how many bytes, 0 when it is none. *ret_cut: the
 * format ends before the letter. */
static size_t read_spec(Str f, Spec *s, bool *ret_cut)
{
    size_t i = 0;
    *s = (Spec){0};
    for (; i < f.len && f.ptr[i] != '\0' && strchr("-0^#_", f.ptr[i]) != NULL; i++) {
        char c = f.ptr[i];
        if (c == '-' || c == '0')
            s->pad = c;
        s->pad = (char)(c == '_' ? ' ' : s->pad);
        s->upper = s->upper || c == '^';
        s->swap = s->swap || c == '#';
    }
    for (; i < f.len && f.ptr[i] >= '0' && f.ptr[i] <= '9'; i++)
        if (s->width < WIDTH_MAX)
            s->width = s->width * 10 + (size_t)(f.ptr[i] - '0');
    if (s->width > WIDTH_MAX)
        s->width = WIDTH_MAX;
    for (; i < f.len && f.ptr[i] == ':'; i++)
        s->colons++;
    if (s->colons == 0 && i + 1 < f.len && is_alternative(f.ptr[i], f.ptr[i + 1]))
        i++;
    *ret_cut = i >= f.len;
    if (i >= f.len || s->colons > 3 || (s->colons > 0 && f.ptr[i] != 'z'))
        return 0;
    s->letter = f.ptr[i];
    return i + 1;
}

static void format(LiquidBuild *b, Str f, const Parts *p, unsigned depth)
{
    for (size_t i = 0; i < f.len && !b->failed; i++) {
        Spec   s;
        bool   cut = false;
        size_t n = f.ptr[i] == '%' ? read_spec((Str){f.ptr + i + 1, f.len - i - 1}, &s, &cut) : 0;
        if (cut) {
            liquid_fail(b->cx, "invalid format: " STR_FMT, STR_ARG(f));
            return;
        }
        if (n > 0 && (add_date(b, &s, p) || add_time(b, &s, p) || add_name(b, &s, p) ||
                      (depth == 0 && add_composite(b, &s, p, depth))))
            i += n;
        else
            liquid_build_add(b, (Str){f.ptr + i, 1});
    }
}

void lq_strftime(LiquidBuild *b, Str f, const LqMoment *m)
{
    Parts p = take_apart(m);
    format(b, f, &p, 0);
}

void lq_time_add(LiquidBuild *b, UnixMs t)
{
    int64_t  s = floor_div(t.v, 1000);
    LqMoment m = lq_moment(b->cx, s, (int32_t)(t.v - s * 1000) * 1000000);
    bool     utc = strcmp(m.zone, "UTC") == 0;
    lq_strftime(b, utc ? STR("%Y-%m-%d %H:%M:%S UTC") : STR("%Y-%m-%d %H:%M:%S %z"), &m);
}
