/* test_core.h - what the tests of src/core share. */
#pragma once

#include "test.h"

#include "base/buf.h"

/* Random numbers that are the same in every run. */
typedef struct Rng {
    uint64_t state;
} Rng;

static inline Rng rng_seeded(const char *name)
{
    Rng rng = {UINT64_C(0x9e3779b97f4a7c15)};
    for (; *name != '\0'; name++)
        rng.state = (rng.state ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
    return rng;
}

static inline uint64_t rng_next(Rng *rng) /* splitmix64 */
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t rng_below(Rng *rng, uint64_t n)
{
    return rng_next(rng) % n;
}
