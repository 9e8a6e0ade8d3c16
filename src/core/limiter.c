#include "core/limiter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

enum {
    SHARDS = 16, /* power of two */
    FIRST_SLOTS = 64,
    UNITS = 60000, /* per token, so that one token per minute is one unit per millisecond */
    WAIT_MOST_MS = 60 * 60 * 1000,
    NONE = UINT16_MAX
};

typedef struct Bucket {
    XXH128_hash_t hash;
    int64_t       units;        /* tokens * UNITS */
    int64_t       at_ms;        /* when `units` was right */
    uint16_t      newer, older; /* by use; NONE at the ends */
    uint16_t      chain;        /* next with the same place in `heads` */
} Bucket;

typedef struct Shard {
    pthread_mutex_t mutex;
    Bucket         *buckets;
    uint16_t       *heads; /* by hash; as many as `cap`, which is a power of two */
    size_t          n, cap, max;
    uint16_t        newest, oldest;
} Shard;

struct Limiter {
    uint64_t seed; /* nobody outside can make keys that collide */
    Shard    shards[SHARDS];
};

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

static size_t place(const Shard *s, XXH128_hash_t hash)
{
    return (size_t)(hash.low64 >> 8) & (s->cap - 1);
}

static void shard_grow(Shard *s, size_t cap)
{
    Bucket *more = zeroed(cap, sizeof *more);
    if (s->n > 0)
        memcpy(more, s->buckets, s->n * sizeof *more);
    free(s->buckets);
    free(s->heads);
    s->buckets = more;
    s->heads = zeroed(cap, sizeof *s->heads);
    s->cap = cap;
    for (size_t i = 0; i < cap; i++)
        s->heads[i] = NONE;
    for (size_t i = 0; i < s->n; i++) {
        size_t p = place(s, more[i].hash);
        more[i].chain = s->heads[p];
        s->heads[p] = (uint16_t)i;
    }
}

Limiter *limiter_new(size_t keys_max)
{
    Limiter *l = zeroed(1, sizeof *l);
    ssize_t  got = getrandom(&l->seed, sizeof l->seed, 0);
    ASSERT(got == (ssize_t)sizeof l->seed);
    size_t per_shard = (keys_max == 0 ? LIMITER_KEYS : keys_max) / SHARDS;
    ASSERT(per_shard < NONE);
    for (size_t i = 0; i < SHARDS; i++) {
        Shard *s = &l->shards[i];
        pthread_mutex_init(&s->mutex, NULL);
        s->max = per_shard == 0 ? 1 : per_shard;
        s->newest = s->oldest = NONE;
        shard_grow(s, FIRST_SLOTS);
    }
    return l;
}

void limiter_free(Limiter *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_destroy(&l->shards[i].mutex);
        free(l->shards[i].buckets);
        free(l->shards[i].heads);
    }
    free(l);
}

static void unlink_use(Shard *s, uint16_t i)
{
    const Bucket *b = &s->buckets[i];
    if (b->newer != NONE)
        s->buckets[b->newer].older = b->older;
    else
        s->newest = b->older;
    if (b->older != NONE)
        s->buckets[b->older].newer = b->newer;
    else
        s->oldest = b->newer;
}

static void link_newest(Shard *s, uint16_t i)
{
    s->buckets[i].newer = NONE;
    s->buckets[i].older = s->newest;
    if (s->newest != NONE)
        s->buckets[s->newest].newer = i;
    else
        s->oldest = i;
    s->newest = i;
}

static void unlink_hash(Shard *s, uint16_t i)
{
    uint16_t *at = &s->heads[place(s, s->buckets[i].hash)];
    while (*at != i)
        at = &s->buckets[*at].chain;
    *at = s->buckets[i].chain;
}

/* A free place for a new bucket: the next one, or that of the least recently used. */
static uint16_t take_slot(Shard *s)
{
    if (s->n < s->max) {
        if (s->n == s->cap)
            shard_grow(s, s->cap * 2);
        return (uint16_t)s->n++;
    }
    uint16_t i = s->oldest;
    unlink_use(s, i);
    unlink_hash(s, i);
    return i;
}

static Bucket *find(Shard *s, XXH128_hash_t hash, UnixMs now, int64_t burst)
{
    for (uint16_t i = s->heads[place(s, hash)]; i != NONE; i = s->buckets[i].chain) {
        if (XXH128_isEqual(s->buckets[i].hash, hash)) {
            unlink_use(s, i);
            link_newest(s, i);
            return &s->buckets[i];
        }
    }
    uint16_t i = take_slot(s);
    Bucket  *b = &s->buckets[i];
    *b = (Bucket){.hash = hash, .units = burst * UNITS, .at_ms = now.v};
    b->chain = s->heads[place(s, hash)];
    s->heads[place(s, hash)] = i;
    link_newest(s, i);
    return b;
}

static void refill(Bucket *b, UnixMs now, int64_t burst, int64_t per_minute)
{
    int64_t most = burst * UNITS;
    int64_t elapsed = now.v > b->at_ms ? now.v - b->at_ms : 0; /* clocks do go back */
    int64_t more;
    if (__builtin_mul_overflow(elapsed, per_minute, &more) || more > most)
        more = most;
    b->units = b->units > most - more ? most : b->units + more;
    b->at_ms = now.v;
}

static int64_t wait_for(int64_t missing, int64_t per_minute)
{
    if (per_minute == 0)
        return WAIT_MOST_MS;
    int64_t wait = (missing + per_minute - 1) / per_minute;
    return wait < WAIT_MOST_MS ? wait : WAIT_MOST_MS;
}

bool limiter_take(Limiter *l, Str key, UnixMs now, int64_t burst, int64_t per_minute, int64_t cost,
                  SpanMs *ret_wait)
{
    static const int64_t MOST = INT64_MAX / UNITS / 4;
    ASSERT(burst >= 0 && burst < MOST && per_minute >= 0 && per_minute < MOST);
    ASSERT(cost >= 0 && cost < MOST);
    XXH128_hash_t hash = XXH3_128bits_withSeed(key.ptr, key.len, l->seed);
    Shard        *s = &l->shards[hash.high64 & (SHARDS - 1)];
    pthread_mutex_lock(&s->mutex);
    Bucket *b = find(s, hash, now, burst);
    refill(b, now, burst, per_minute);
    bool    ok = b->units >= cost * UNITS;
    int64_t missing = cost * UNITS - b->units;
    if (ok)
        b->units -= cost * UNITS;
    pthread_mutex_unlock(&s->mutex);
    if (!ok)
        *ret_wait = (SpanMs){cost > burst ? WAIT_MOST_MS : wait_for(missing, per_minute)};
    return ok;
}

size_t limiter_keys(Limiter *l)
{
    size_t n = 0;
    for (size_t i = 0; i < SHARDS; i++) {
        Shard *s = &l->shards[i];
        pthread_mutex_lock(&s->mutex);
        n += s->n;
        pthread_mutex_unlock(&s->mutex);
    }
    return n;
}
