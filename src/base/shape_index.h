/* shape_index.h - what shape_*.c work out once per shape: lengths of names, keys as they
 * are written, and a hash table without collisions. Only shape_*.c include this. */
#pragma once

#include "base/shape.h"

struct ShapeIndex {
    Str      *names; /* of each field */
    Str      *keys;  /* `"name":` of each field */
    uint64_t  seed;  /* under which no two names meet */
    uint64_t  mask;  /* slots - 1 */
    uint16_t *slots; /* field + 1, or 0 */
};

/* Made by the first caller; any thread. */
const ShapeIndex *shape_index(const Shape *shape);

/* Number of the field called `name`, or -1. */
int shape_index_find(const ShapeIndex *x, Str name);

/* Limits of a field or, with `item`, of its elements, with the defaults filled in. */
typedef struct ShapeLimits {
    int64_t min, max;
} ShapeLimits;

ShapeLimits shape_limits(const ShapeField *f, bool item);
