/* map.h - a hash table from text to a pointer or a number.
 *
 *      Map m;
 *      map_init(&m, arena, 100);
 *      bool      is_new;
 *      MapValue *v = map_put(&m, sku, &is_new);
 *      if (is_new)
 *          v->p = make(sku);
 *
 * Keys are borrowed: they must live as long as the map (str_dup() them if need be). The
 * hash is seeded per process, so clients cannot choose keys that collide. The order of a
 * walk is not defined, but the same while the map does not change.
 *
 * With an arena the table lives there, and each growth leaves the smaller table behind:
 * say what you expect. Without (NULL), map_done() frees it. One thread at a time. */
#pragma once

#include "base/str.h"

typedef union MapValue {
    void   *p;
    int64_t i;
} MapValue;

typedef struct MapSlot {
    Str      key; /* ptr NULL: free */
    uint64_t hash;
    MapValue value;
} MapSlot;

typedef struct Map {
    Arena   *arena;
    MapSlot *slots;
    size_t   cap; /* a power of two, or 0 */
    size_t   n;
} Map;

void map_init(Map *m, Arena *a, size_t expected);
void map_done(Map *m);

/* The value of `key`, or NULL. Valid until the next put or remove. */
MapValue *map_get(const Map *m, Str key);

/* The value of `key`; a new one is zero. `ret_new` may be NULL. */
MapValue *map_put(Map *m, Str key, bool *ret_new);

bool map_remove(Map *m, Str key); /* was it there? */

/* Walk: size_t at = 0; while ((slot = map_next(&m, &at)) != NULL) … */
const MapSlot *map_next(const Map *m, size_t *at);

/* The hash that the map uses, for tables of other kinds. */
uint64_t map_hash(Str s);
