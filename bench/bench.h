/* bench.h - measure repeated work. */
#pragma once

#include "base/clock.h"

typedef void BenchFn(void *arg);

/* Seconds that one call takes: the fastest of several rounds, each of about 0.2 s, since
 * whatever disturbs a round makes it slower. */
static inline double bench_seconds(BenchFn *fn, void *arg)
{
    double best = 0;
    for (int round = 0; round < 5; round++) {
        int64_t from = clock_mono_us(), us = 0;
        int64_t calls = 0;
        while (us < 200000) {
            fn(arg);
            calls++;
            us = clock_mono_us() - from;
        }
        double each = (double)us / (double)calls / 1e6;
        best = round == 0 || each < best ? each : best;
    }
    return best;
}
