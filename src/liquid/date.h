/* date.h - moments: reading them from text, and strftime as Ruby has it. */
#pragma once

#include "liquid/cx.h"

typedef struct LqMoment {
    int64_t unix_s;
    int32_t nanos;
    int32_t offset;  /* seconds east of UTC */
    char    zone[8]; /* "UTC", or empty when only the offset is known */
} LqMoment;

/* The moment in the zone of the rendering. */
LqMoment lq_moment(LiquidCx *cx, int64_t unix_s, int32_t nanos);

/* What the `date` filter takes: a time, seconds, "now", or text as people and programs write
 * dates. False when it is none of them. */
NODISCARD bool lq_to_moment(LiquidCx *cx, LiquidValue v, LqMoment *ret);
NODISCARD bool lq_parse_date(LiquidCx *cx, Str s, LqMoment *ret);

void lq_strftime(LiquidBuild *b, Str format, const LqMoment *m);

/* "2026-11-22 13:00:00 UTC" */
void lq_time_add(LiquidBuild *b, UnixMs t);
