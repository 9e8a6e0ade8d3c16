/* schedule.h - work at fixed times, cron-like, by one process at a time.
 *
 * When a schedule is due, one process notes so and queues a job of kind "core.schedule", in
 * one transaction; the job runs it, and retries it as jobs are retried. While a run waits or
 * goes on there is no other; times that were missed meanwhile, or while no process ran, are
 * made up by one run. Its lease is prolonged as long as it runs. */
#pragma once

#include "core/cx.h"

typedef Status ScheduleFn(Cx *cx);

typedef struct Schedule {
    const char *name; /* "core.prune" */
    const char *cron; /* minute hour day month weekday in UTC: "30 4 * * 1-5"; see cron.h */
    ScheduleFn *run;
} Schedule;
