/* cron.h - times that repeat, written as in crontab(5): "30 4 * * 1-5".
 *
 * Five fields: minute (0-59), hour (0-23), day of the month (1-31), month (1-12 or
 * jan-dec), day of the week (0-7 or sun-sat; 0 and 7 are Sunday). A field is a list of
 * parts joined by commas; a part is "*", a number, a range "a-b", or "*" or a range or a
 * number with a step: "*" "/15", "9-17/2", "5/10" (from 5 to the end). All times are UTC,
 * so there is no hour that is missing or comes twice.
 *
 * When both the day of the month and the day of the week are restricted, a day matches
 * that fits either; a field that begins with "*" counts as unrestricted, even with a step. */
#pragma once

#include "base/clock.h"
#include "base/status.h"
#include "base/str.h"

typedef struct Cron {
    uint64_t minutes; /* bit n: minute n */
    uint32_t hours;
    uint32_t days;     /* bits 1-31 */
    uint32_t months;   /* bits 1-12 */
    uint32_t weekdays; /* bits 0-6 */
    bool     any_day, any_weekday;
} Cron;

/* ST_INVALID "core.bad_cron", also for what never comes ("0 0 30 2 *"). */
NODISCARD Status cron_parse(Str text, Cron *ret, Err *err);

/* The first time after `after`, which may be any instant. */
UnixMs cron_next(const Cron *cron, UnixMs after);
