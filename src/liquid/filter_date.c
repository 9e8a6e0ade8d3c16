/* date, and what it takes for one. */
#include "liquid/date.h"
#include "liquid/filters.h"

#include <string.h>

LqMoment lq_moment(LiquidCx *cx, int64_t unix_s, int32_t nanos)
{
    LqMoment m = {.unix_s = unix_s, .nanos = nanos, .zone = "UTC"};
    if (cx->render->offset_at != NULL)
        m.offset = cx->render->offset_at(cx->render->offset_arg, unix_s, m.zone);
    return m;
}

static LqMoment of_ms(LiquidCx *cx, int64_t ms)
{
    int64_t s = ms / 1000 - (ms % 1000 < 0);
    return lq_moment(cx, s, (int32_t)(ms - s * 1000) * 1000000);
}

/* Years 0 to 9999: what calendars agree on. */
static bool in_range(int64_t unix_s)
{
    return unix_s >= -62167219200 + 86400 && unix_s < 253402300800 - 86400;
}

static bool all_digits(Str s)
{
    size_t i = s.len > 0 && s.ptr[0] == '-';
    if (i == s.len)
        return false;
    for (; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return true;
}

static bool of_text(LiquidCx *cx, Str s, LqMoment *ret)
{
    int64_t     seconds;
    LiquidBuild lower = liquid_build(cx, s.len);
    if (s.len == 0 || s.len > 200)
        return false;
    lq_downcase(&lower, s);
    Str text = {lower.ptr, lower.failed ? 0 : lower.len};
    if (str_eq(text, STR("now")) || str_eq(text, STR("today"))) {
        *ret = of_ms(cx, liquid_now(cx).v);
        return true;
    }
    if (all_digits(text)) {
        if (!str_parse_i64(text, &seconds) || !in_range(seconds))
            return false;
        *ret = lq_moment(cx, seconds, 0);
        return true;
    }
    return lq_parse_date(cx, text, ret);
}

bool lq_to_moment(LiquidCx *cx, LiquidValue v, LqMoment *ret)
{
    if (v.type == LIQUID_TIME && in_range(v.i / 1000)) {
        *ret = of_ms(cx, v.i);
        return true;
    }
    if (v.type == LIQUID_INT && in_range(v.i)) {
        *ret = lq_moment(cx, v.i, 0);
        return true;
    }
    return v.type == LIQUID_TEXT && of_text(cx, liquid_str(v), ret);
}

LQ_FILTER(date)
{
    LqMoment m;
    Str      format = liquid_to_text(cx, liquid_arg(args, 0));
    if (format.len == 0 || !lq_to_moment(cx, in, &m))
        return in;
    LiquidBuild b = liquid_build(cx, 2 * format.len + 16);
    lq_strftime(&b, format, &m);
    return liquid_built(&b);
}

const LiquidFilter lq_date_filters[] = {{"date", date, 1, 1, false}, {0}};
