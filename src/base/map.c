/* Open addressing with linear probing, at most 7/8 full; removing moves later entries of
 * the run back, so there are no tombstones. */
#include "base/map.h"

#include "base/rng.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static uint64_t       hash_seed;
static pthread_once_t hash_seed_once = PTHREAD_ONCE_INIT;

static void hash_seed_make(void)
{
    hash_seed = rng_u64();
}

uint64_t map_hash(Str s)
{
    pthread_once(&hash_seed_once, hash_seed_make);
    return XXH3_64bits_withSeed(s.len > 0 ? s.ptr : "", s.len, hash_seed);
}

static size_t capacity_for(size_t n)
{
    size_t cap = 8;
    while (cap - cap / 8 < n)
        cap *= 2;
    return cap;
}

static MapSlot *new_slots(const Map *m, size_t cap)
{
    if (m->arena != NULL)
        return arena_array(m->arena, MapSlot, cap);
    MapSlot *slots = calloc(cap, sizeof *slots);
    if (slots == NULL)
        base_out_of_memory(cap * sizeof *slots);
    return slots;
}

void map_init(Map *m, Arena *a, size_t expected)
{
    *m = (Map){.arena = a};
    if (expected > 0) {
        m->cap = capacity_for(expected);
        m->slots = new_slots(m, m->cap);
    }
}

void map_done(Map *m)
{
    if (m->arena == NULL)
        free(m->slots);
    *m = (Map){0};
}

/* The slot of `key`, or the free one where it belongs. There is one: never full. */
static MapSlot *find(const Map *m, Str key, uint64_t hash)
{
    for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        MapSlot *slot = &m->slots[i];
        if (slot->key.ptr == NULL || (slot->hash == hash && str_eq(slot->key, key)))
            return slot;
    }
}

MapValue *map_get(const Map *m, Str key)
{
    if (m->n == 0)
        return NULL;
    MapSlot *slot = find(m, key, map_hash(key));
    return slot->key.ptr != NULL ? &slot->value : NULL;
}

static void grow(Map *m)
{
    Map wide = {.arena = m->arena, .cap = capacity_for(m->n * 2 + 1), .n = m->n};
    wide.slots = new_slots(m, wide.cap);
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].key.ptr != NULL)
            *find(&wide, m->slots[i].key, m->slots[i].hash) = m->slots[i];
    map_done(m);
    *m = wide;
}

MapValue *map_put(Map *m, Str key, bool *ret_new)
{
    uint64_t hash = map_hash(key);
    MapSlot *slot = m->cap > 0 ? find(m, key, hash) : NULL;
    bool     is_new = slot == NULL || slot->key.ptr == NULL;
    if (is_new && m->n + 1 > m->cap - m->cap / 8) {
        grow(m);
        slot = find(m, key, hash);
    }
    if (is_new) {
        *slot = (MapSlot){.key = {key.ptr != NULL ? key.ptr : "", key.len}, .hash = hash};
        m->n++;
    }
    if (ret_new != NULL)
        *ret_new = is_new;
    return &slot->value;
}

bool map_remove(Map *m, Str key)
{
    if (m->n == 0)
        return false;
    size_t mask = m->cap - 1;
    size_t hole = (size_t)(find(m, key, map_hash(key)) - m->slots);
    if (m->slots[hole].key.ptr == NULL)
        return false;
    for (size_t i = (hole + 1) & mask; m->slots[i].key.ptr != NULL; i = (i + 1) & mask) {
        size_t home = m->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue; /* moving it would put it before its home */
        m->slots[hole] = m->slots[i];
        hole = i;
    }
    m->slots[hole] = (MapSlot){0};
    m->n--;
    return true;
}

const MapSlot *map_next(const Map *m, size_t *at)
{
    while (*at < m->cap) {
        const MapSlot *slot = &m->slots[(*at)++];
        if (slot->key.ptr != NULL)
            return slot;
    }
    return NULL;
}
