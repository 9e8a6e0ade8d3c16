/* rng.h - random numbers: unpredictable ones for secrets, repeatable ones for tests.
 *
 * rng_bytes() is the kernel's generator behind a small buffer per thread: good for keys,
 * tokens and salts. Rng is for simulations, samples and property tests: the same seed gives
 * the same numbers on every machine, and anybody can foretell them. */
#pragma once

#include "base/base.h"

/* Any thread; safe after fork(). Never fails: aborts where the kernel has none to give. */
void     rng_bytes(void *p, size_t n);
uint64_t rng_u64(void);

typedef struct Rng { /* xoshiro256** */
    uint64_t s[4];
} Rng;

Rng      rng_of(uint64_t seed);
uint64_t rng_next(Rng *r);
uint64_t rng_below(Rng *r, uint64_t n);                  /* 0 … n - 1, evenly; n > 0 */
int64_t  rng_between(Rng *r, int64_t low, int64_t high); /* both included */
double   rng_real(Rng *r);                               /* 0 <= x < 1 */
