/* civil.h - calendar dates of the Gregorian calendar, as numbers of days.
 *
 * Days count from 1970-01-01, as UnixMs does. Years 0-9999. Time zones are ICU's business. */
#pragma once

#include "base/base.h"

typedef struct CivilDate {
    int year;
    int month; /* 1-12 */
    int day;   /* 1-31 */
} CivilDate;

bool      civil_valid(CivilDate d);
int       civil_month_days(int year, int month); /* 28-31 */
int64_t   civil_to_days(CivilDate d);            /* d is valid */
CivilDate civil_from_days(int64_t days);
int       civil_weekday(int64_t days); /* 0 Monday … 6 Sunday */

/* The same day `months` later (or earlier), or the last one of that month. */
CivilDate civil_add_months(CivilDate d, int months);
