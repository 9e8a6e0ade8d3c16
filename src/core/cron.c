#include "core/cron.h"

#include "base/civil.h"

enum { MINUTE_MS = 60 * 1000, DAY_MS = 24 * 60 * MINUTE_MS };

/* 29 February on one weekday comes again after 40 years at most (around 2100). */
enum { DAYS_AHEAD = 41 * 366 };

typedef struct FieldRule {
    const char *what;
    int         min, max;
    int         names_from; /* number of the first name */
    const char *names;      /* three letters each, or NULL */
} FieldRule;

enum { F_MINUTE, F_HOUR, F_DAY, F_MONTH, F_WEEKDAY, NFIELDS };

static const FieldRule RULES[NFIELDS] = {
    {"minute", 0, 59, 0, NULL},
    {"hour", 0, 23, 0, NULL},
    {"day of the month", 1, 31, 0, NULL},
    {"month", 1, 12, 1, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {"day of the week", 0, 7, 0, "sunmontuewedthufrisat"},
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool parse_name(const FieldRule *rule, Str s, int *ret)
{
    if (rule->names == NULL || s.len != 3)
        return false;
    const char *name = rule->names;
    for (int i = 0; name[0] != '\0'; i++, name += 3) {
        if (lower(s.ptr[0]) == name[0] && lower(s.ptr[1]) == name[1] &&
            lower(s.ptr[2]) == name[2]) {
            *ret = rule->names_from + i;
            return true;
        }
    }
    return false;
}

static bool parse_value(const FieldRule *rule, Str s, int *ret)
{
    int64_t v;
    if (parse_name(rule, s, ret))
        return true;
    if (s.len > 2 || !str_parse_i64(s, &v) || v < rule->min || v > rule->max)
        return false;
    *ret = (int)v;
    return true;
}

/* One part of a list: "*", "a", "a-b", each with "/step". */
static bool parse_part(const FieldRule *rule, Str part, uint64_t *bits)
{
    Str     range, step_text, from, to;
    int64_t step = 1;
    int     first = rule->min;
    int     last = rule->max;
    bool    stepped = str_cut(part, '/', &range, &step_text);
    if (stepped && (!str_parse_i64(step_text, &step) || step < 1 || step > rule->max))
        return false;
    if (!str_eq(range, STR("*"))) {
        bool ranged = str_cut(range, '-', &from, &to);
        if (!parse_value(rule, from, &first))
            return false;
        if (ranged && !parse_value(rule, to, &last))
            return false;
        if (!ranged && !stepped)
            last = first;
        if (first > last)
            return false;
    }
    for (int v = first; v <= last; v += (int)step)
        *bits |= UINT64_C(1) << v;
    return true;
}

static Status parse_field(const FieldRule *rule, Str field, uint64_t *ret, Err *err)
{
    uint64_t bits = 0;
    Str      rest = field;
    bool     more = true;
    while (more) {
        Str part;
        more = str_cut(rest, ',', &part, &rest);
        if (!parse_part(rule, part, &bits))
            return err_set(err, ST_INVALID, "core.bad_cron", "%s \"" STR_FMT "\"", rule->what,
                           STR_ARG(field));
    }
    *ret = bits;
    return ST_OK;
}

static Str next_word(Str *rest)
{
    Str word = {0};
    while (word.len == 0 && rest->len > 0)
        str_cut(*rest, ' ', &word, rest);
    return word;
}

static bool starts_with_star(Str field)
{
    return field.len > 0 && field.ptr[0] == '*';
}

static bool find_next(const Cron *cron, UnixMs after, UnixMs *ret);

Status cron_parse(Str text, Cron *ret, Err *err)
{
    Str      fields[NFIELDS];
    uint64_t bits[NFIELDS] = {0};
    UnixMs   first;
    Str      rest = text;
    for (size_t i = 0; i < NFIELDS; i++) {
        fields[i] = next_word(&rest);
        if (fields[i].len == 0)
            return err_set(err, ST_INVALID, "core.bad_cron",
                           "five fields wanted in \"" STR_FMT "\"", STR_ARG(text));
        TRY(parse_field(&RULES[i], fields[i], &bits[i], err));
    }
    if (str_trim(rest).len > 0)
        return err_set(err, ST_INVALID, "core.bad_cron", "more than five fields in \"" STR_FMT "\"",
                       STR_ARG(text));
    if ((bits[F_WEEKDAY] & (1U << 7)) != 0) /* 7 is Sunday too */
        bits[F_WEEKDAY] |= 1;
    Cron cron = {
        .minutes = bits[F_MINUTE],
        .hours = (uint32_t)bits[F_HOUR],
        .days = (uint32_t)bits[F_DAY],
        .months = (uint32_t)bits[F_MONTH],
        .weekdays = (uint32_t)bits[F_WEEKDAY] & 0x7f,
        .any_day = starts_with_star(fields[F_DAY]),
        .any_weekday = starts_with_star(fields[F_WEEKDAY]),
    };
    if (!find_next(&cron, (UnixMs){0}, &first))
        return err_set(err, ST_INVALID, "core.bad_cron", "no such day ever: \"" STR_FMT "\"",
                       STR_ARG(text));
    *ret = cron;
    return ST_OK;
}

static bool day_matches(const Cron *cron, int64_t days)
{
    CivilDate date = civil_from_days(days);
    if ((cron->months >> date.month & 1) == 0)
        return false;
    int  weekday = (civil_weekday(days) + 1) % 7; /* 0 is Sunday */
    bool day_fits = (cron->days >> date.day & 1) != 0;
    bool weekday_fits = (cron->weekdays >> weekday & 1) != 0;
    if (cron->any_day || cron->any_weekday)
        return day_fits && weekday_fits;
    return day_fits || weekday_fits;
}

/* First bit at `from` or above, or -1. */
static int bit_from(uint64_t bits, int from)
{
    uint64_t left = from > 63 ? 0 : bits >> from << from;
    return left == 0 ? -1 : __builtin_ctzll(left);
}

/* The first minute of the day at `minute` or later, or -1. */
static int minute_from(const Cron *cron, int minute)
{
    int hour = bit_from(cron->hours, minute / 60);
    if (hour < 0)
        return -1;
    int first = bit_from(cron->minutes, hour == minute / 60 ? minute % 60 : 0);
    if (first < 0) { /* not in this hour any more */
        hour = bit_from(cron->hours, hour + 1);
        first = bit_from(cron->minutes, 0);
    }
    return hour < 0 ? -1 : hour * 60 + first;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool find_next(const Cron *cron, UnixMs after, UnixMs *ret)
{
    int64_t start = floor_div(after.v, MINUTE_MS) + 1; /* minutes since 1970 */
    int64_t day = floor_div(start, 24 * 60);
    int     minute = (int)(start - day * 24 * 60);
    for (int i = 0; i < DAYS_AHEAD; i++, day++, minute = 0) {
        int found = day_matches(cron, day) ? minute_from(cron, minute) : -1;
        if (found >= 0) {
            *ret = (UnixMs){day * DAY_MS + (int64_t)found * MINUTE_MS};
            return true;
        }
    }
    return false;
}

UnixMs cron_next(const Cron *cron, UnixMs after)
{
    UnixMs next = {0};
    bool   found = find_next(cron, after, &next);
    ASSERT(found); /* cron_parse() has seen one */
    return next;
}
