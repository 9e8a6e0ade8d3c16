/* Hours, days, weeks and months of a question, in its time zone. */
#include "base/fast.h"
#include "journey/ask.h"

#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { BUCKETS_MAX = 20000 };

static Status calendar(const Ask *q, UCalendar **ret, Err *err)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar      id[64], canonical[64];
    int32_t    n = 0;
    UBool      known = 0;
    if (q->timezone.len < 60)
        u_strFromUTF8(id, 60, &n, q->timezone.ptr, (int32_t)q->timezone.len, &code);
    ucal_getCanonicalTimeZoneID(id, n, canonical, 64, &known, &code);
    if (U_FAILURE(code) || q->timezone.len >= 60 || !known)
        return ask_bad(err, "timezone", "is no time zone of the IANA database");
    UCalendar *c = ucal_open(id, n, "en_GB", UCAL_GREGORIAN, &code);
    if (U_FAILURE(code))
        return ask_bad(err, "timezone", "cannot be used");
    ucal_setGregorianChange(c, -1e18, &code); /* Gregorian throughout */
    *ret = c;
    return ST_OK;
}

/* Back to the beginning of the hour, day, week, ... An hour may come twice, so it is not set but
 * gone back to. */
static void to_start(UCalendar *c, Interval interval, UErrorCode *code)
{
    if (interval == BY_HOUR) {
        int32_t seconds = ucal_get(c, UCAL_MINUTE, code) * 60 + ucal_get(c, UCAL_SECOND, code);
        int32_t ms = seconds * 1000 + ucal_get(c, UCAL_MILLISECOND, code);
        ucal_setMillis(c, ucal_getMillis(c, code) - ms, code);
        return;
    }
    ucal_set(c, UCAL_MILLISECOND, 0);
    ucal_set(c, UCAL_SECOND, 0);
    ucal_set(c, UCAL_MINUTE, 0);
    ucal_set(c, UCAL_HOUR_OF_DAY, 0);
    if (interval == BY_WEEK) {
        int32_t day = ucal_get(c, UCAL_DAY_OF_WEEK, code); /* 1 Sunday */
        ucal_add(c, UCAL_DATE, -((day + 5) % 7), code);
    }
    if (interval == BY_MONTH || interval == BY_QUARTER || interval == BY_YEAR)
        ucal_set(c, UCAL_DATE, 1);
    if (interval == BY_YEAR)
        ucal_set(c, UCAL_MONTH, 0);
    if (interval == BY_QUARTER)
        ucal_set(c, UCAL_MONTH, ucal_get(c, UCAL_MONTH, code) / 3 * 3);
}

/* On to the next. Where clocks go forward at midnight a day begins at one; the next does not. */
static void step(UCalendar *c, Interval interval, UErrorCode *code)
{
    static const UCalendarDateFields FIELDS[] = {UCAL_HOUR_OF_DAY, UCAL_DATE,  UCAL_DATE,
                                                 UCAL_MONTH,       UCAL_MONTH, UCAL_YEAR};
    static const int32_t             AMOUNTS[] = {1, 1, 7, 1, 3, 1};
    ucal_add(c, FIELDS[interval], AMOUNTS[interval], code);
    if (interval != BY_HOUR)
        to_start(c, interval, code);
}

/* A cell of the guess has at most one boundary, unless that were too many cells. Years of seconds
 * in 32 bits: no cell is larger than those can be shifted by. */
static BucketGuess make_guess(Ask *q, const int64_t *at, size_t n, int64_t ticks)
{
    BucketGuess ret = {0};
    int64_t     shortest = INT64_MAX;
    for (size_t k = 0; k < n; k++)
        shortest = at[k + 1] - at[k] < shortest ? at[k + 1] - at[k] : shortest;
    while (ret.shift < 31 && 2LL << ret.shift <= shortest)
        ret.shift++;
    while (ticks >> ret.shift > 4 << 20) /* then a few steps are made */
        ret.shift++;
    size_t cells = (size_t)(ticks >> ret.shift) + 2;
    ret.of = arena_array(q->arena, uint32_t, cells + 16);
    for (size_t g = 0, k = 0; g < cells; g++) {
        while (k + 1 < n && (int64_t)g << ret.shift >= at[k + 1])
            k++;
        ret.of[g] = (uint32_t)k;
    }
    return ret;
}

/* Days and hours begin with a second, so 32 bits tell in which one an event was. */
static void make_coarse(Ask *q, Buckets *b)
{
    const View *v = &q->view;
    int64_t    *at = arena_array(q->arena, int64_t, b->n + 1);
    for (size_t k = 0; k <= b->n; k++) {
        if (v->coarse == 0 || (k > 0 && k < b->n && (b->at[k] + v->skew) % v->coarse != 0))
            return;
        at[k] = (b->at[k] + v->skew) / v->coarse;
    }
    b->coarse = make_guess(q, at, b->n, v->ticks / v->coarse + 1);
    b->coarse_at = arena_array(q->arena, uint32_t, b->n + 2);
    for (size_t k = 0; k < b->n; k++)
        b->coarse_at[k] = at[k] < 0 ? 0 : at[k] > UINT32_MAX ? UINT32_MAX : (uint32_t)at[k];
    b->coarse_at[b->n] = b->coarse_at[b->n + 1] = UINT32_MAX;
}

FAST static void find_buckets(uint32_t *out, const uint32_t *ticks, size_t n, const uint32_t *guess,
                              unsigned shift, const uint32_t *at)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t k = guess[ticks[i] >> shift];
        out[i] = k + (ticks[i] >= at[k + 1]);
    }
}

Status ask_row_buckets(const Buckets *b, Slab *s, size_t from, size_t to, uint32_t *out, Err *err)
{
    const uint32_t *coarse;
    if (b->coarse_at != NULL) {
        TRY(slab_coarse(s, &coarse, err));
        find_buckets(out + from, coarse + from, to - from, b->coarse.of, b->coarse.shift,
                     b->coarse_at);
        return ST_OK;
    }
    TRY(slab_time(s, err));
    for (size_t row = from; row < to; row++)
        out[row] = (uint32_t)bucket_of(b, slab_tick(s, row));
    return ST_OK;
}

/* The boundaries, from the one at or before the range to the one at or after it. */
static Status boundaries(Ask *q, Interval interval, bool before, Buckets *ret, Err *err)
{
    UErrorCode code = U_ZERO_ERROR;
    UCalendar *c = NULL;
    int64_t    last = q->to_ms > q->from_ms ? q->to_ms - 1 : q->from_ms;
    TRY(calendar(q, &c, err));
    ucal_setMillis(c, (double)q->from_ms, &code);
    to_start(c, interval, &code);
    if (before) {
        ucal_setMillis(c, ucal_getMillis(c, &code) - 1, &code);
        to_start(c, interval, &code);
    }
    for (;;) {
        int64_t at = (int64_t)ucal_getMillis(c, &code);
        ret->at_ms[ret->n] = at;
        if (at > last || U_FAILURE(code) || ret->n > BUCKETS_MAX)
            break;
        ret->n++;
        step(c, interval, &code);
    }
    ucal_close(c);
    return U_FAILURE(code) || ret->n > BUCKETS_MAX
               ? err_set(err, ST_LIMIT, "journey.too_big",
                         "/interval makes more than %d intervals of this range: take a larger one",
                         BUCKETS_MAX)
               : ST_OK;
}

Status ask_buckets(Ask *q, Interval interval, bool before, Buckets *ret, Err *err)
{
    *ret = (Buckets){.at_ms = arena_array(q->arena, int64_t, BUCKETS_MAX + 2)};
    if (interval == BY_NOTHING) {
        ret->at_ms[0] = q->from_ms;
        ret->at_ms[1] = q->to_ms;
        ret->n = 1;
    } else {
        TRY(boundaries(q, interval, before, ret, err));
    }
    ret->at = arena_array(q->arena, int64_t, ret->n + 2);
    for (size_t k = 0; k <= ret->n; k++) { /* rounded up: the first tick that is not before */
        int64_t ms = ret->at_ms[k] - q->view.origin;
        ret->at[k] = ms >= 0 ? (ms + q->view.unit - 1) / q->view.unit : -(-ms / q->view.unit);
    }
    ret->guess = make_guess(q, ret->at, ret->n, q->view.ticks);
    make_coarse(q, ret);
    return ST_OK;
}

/* When clocks go back an hour comes twice: "+02:00" tells which. */
static void tell_offset(UCalendar *c, int64_t ms, char *text, size_t room)
{
    static const int HOUR = 3600000;
    UErrorCode       code = U_ZERO_ERROR;
    int              hour[3];
    for (int i = 0; i < 3; i++) {
        ucal_setMillis(c, (double)(ms + (i - 1) * HOUR), &code);
        hour[i] = ucal_get(c, UCAL_HOUR_OF_DAY, &code);
    }
    ucal_setMillis(c, (double)ms, &code);
    if (hour[0] != hour[1] && hour[1] != hour[2])
        return;
    int minutes =
        (ucal_get(c, UCAL_ZONE_OFFSET, &code) + ucal_get(c, UCAL_DST_OFFSET, &code)) / 60000;
    int size = minutes < 0 ? -minutes : minutes;
    (void)snprintf(text, room, "%c%02d:%02d", minutes < 0 ? '-' : '+', size / 60, size % 60);
}

void ask_write_bucket(Ask *q, Interval interval, const Buckets *b, size_t k, Json *out)
{
    UErrorCode code = U_ZERO_ERROR;
    UCalendar *c = NULL;
    Err        err;
    char       text[40] = "";
    if (interval == BY_NOTHING || calendar(q, &c, &err) != ST_OK) {
        json_null(out, NULL);
        return;
    }
    ucal_setMillis(c, (double)b->at_ms[k], &code);
    int year = ucal_get(c, UCAL_YEAR, &code), month = ucal_get(c, UCAL_MONTH, &code) + 1;
    int day = ucal_get(c, UCAL_DATE, &code), hour = ucal_get(c, UCAL_HOUR_OF_DAY, &code);
    if (interval == BY_HOUR)
        (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d", year, month, day, hour);
    else
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    if (interval == BY_HOUR)
        tell_offset(c, b->at_ms[k], text + strlen(text), sizeof text - strlen(text));
    ucal_close(c);
    json_str(out, NULL, str_from_cstr(text));
}

Status ask_midnight(Ask *q, CivilDate d, int64_t *ret, Err *err)
{
    UErrorCode code = U_ZERO_ERROR;
    UCalendar *c = NULL;
    TRY(calendar(q, &c, err));
    ucal_clear(c);
    ucal_setDateTime(c, d.year, d.month - 1, d.day, 0, 0, 0, &code);
    *ret = (int64_t)ucal_getMillis(c, &code);
    ucal_close(c);
    return ST_OK;
}

Status ask_before(Ask *q, int64_t ms, int64_t span, int64_t *ret, Err *err)
{
    static const int64_t DAY = 86400000, HOUR = 3600000;
    UErrorCode           code = U_ZERO_ERROR;
    UCalendar           *c = NULL;
    int64_t              days = (span + DAY / 2) / DAY, rest = span - days * DAY;
    *ret = ms - span;
    if (days == 0 || rest > HOUR || rest < -HOUR)
        return ST_OK;
    TRY(calendar(q, &c, err));
    ucal_setMillis(c, (double)ms, &code);
    ucal_add(c, UCAL_DATE, -(int32_t)days, &code);
    *ret = (int64_t)ucal_getMillis(c, &code);
    ucal_close(c);
    return ST_OK;
}
