#include "base/rng.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

enum { KEPT = 256 };

/* Each thread's store. A child process must not use what its parent has. */
static _Thread_local struct {
    unsigned char bytes[KEPT];
    size_t        left;
    unsigned      generation;
} store;

static unsigned       generation; /* forks this process is away from its first ancestor */
static pthread_once_t at_fork_once = PTHREAD_ONCE_INIT;

static void in_child(void)
{
    generation++; /* the child has one thread now */
}

static void watch_forks(void)
{
    int rc = pthread_atfork(NULL, NULL, in_child);
    ASSERT(rc == 0);
}

static void from_kernel(unsigned char *p, size_t n)
{
    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        ASSERT(got > 0);
        p += got;
        n -= (size_t)got;
    }
}

void rng_bytes(void *p, size_t n)
{
    if (n > KEPT / 4) {
        from_kernel(p, n);
        return;
    }
    if (store.left < n || store.generation != generation) {
        pthread_once(&at_fork_once, watch_forks);
        from_kernel(store.bytes, KEPT);
        store.left = KEPT;
        store.generation = generation;
    }
    store.left -= n;
    memcpy(p, store.bytes + store.left, n);
    explicit_bzero(store.bytes + store.left, n); /* given out once, kept nowhere */
}

uint64_t rng_u64(void)
{
    uint64_t v;
    rng_bytes(&v, sizeof v);
    return v;
}

/* splitmix64 spreads a seed, however small, over the state. */
Rng rng_of(uint64_t seed)
{
    Rng r;
    for (size_t i = 0; i < COUNT_OF(r.s); i++) {
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        r.s[i] = z ^ z >> 31;
    }
    return r;
}

static uint64_t rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

uint64_t rng_next(Rng *r)
{
    uint64_t result = rotl(r->s[1] * 5, 7) * 9;
    uint64_t t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = rotl(r->s[3], 45);
    return result;
}

uint64_t rng_below(Rng *r, uint64_t n)
{
    ASSERT(n > 0);
    uint64_t uneven = (0 - n) % n; /* 2^64 mod n: these values would be drawn once too often */
    for (;;) {
        uint64_t v = rng_next(r);
        if (v >= uneven)
            return v % n;
    }
}

int64_t rng_between(Rng *r, int64_t low, int64_t high)
{
    ASSERT(low <= high);
    uint64_t span = (uint64_t)high - (uint64_t)low + 1; /* 0: all of them */
    uint64_t v = span == 0 ? rng_next(r) : rng_below(r, span);
    return (int64_t)((uint64_t)low + v);
}

double rng_real(Rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1p-53;
}
