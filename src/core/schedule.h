/* schedule.h - work at fixed times, cron-like, by one process at a time. */
#pragma once

#include "core/cx.h"

typedef Status ScheduleFn(Cx *cx);

typedef struct Schedule {
    const char *name; /* "core.prune" */
    const char *cron; /* minute hour day month weekday in UTC: "30 4 * * 1-5" */
    ScheduleFn *run;
} Schedule;
