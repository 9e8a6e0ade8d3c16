/* backoff.h - how long to wait before trying again. */
#pragma once

#include "base/clock.h"

typedef struct Backoff {
    SpanMs first;  /* after the first failure */
    SpanMs most;   /* grows no longer than this */
    int    factor; /* each wait is that many times the one before */
} Backoff;

/* The wait after failure number `failures` (1, 2, …), spread over ±25 % by `random` (any
 * 64 random bits), so that what failed together does not come back together. */
SpanMs backoff_wait(const Backoff *b, int failures, uint64_t random);
