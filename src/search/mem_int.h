/* mem_int.h - heap arrays that grow; out of memory aborts, as everywhere. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* Zeroed; NULL for nothing. */
static inline void *mem_new(size_t n, size_t size)
{
    if (n == 0)
        return NULL;
    void *p = calloc(n, size);
    if (!p)
        base_out_of_memory(n * size);
    return p;
}

static inline void *mem_resize(void *p, size_t n, size_t size)
{
    if (n == 0) {
        free(p);
        return NULL;
    }
    void *q = reallocarray(p, n, size);
    if (!q)
        base_out_of_memory(n * size);
    return q;
}

static inline void *mem_copy(const void *p, size_t n, size_t size)
{
    void *q = mem_new(n, size);
    if (n > 0)
        memcpy(q, p, n * size);
    return q;
}

/* A growing array of T: VEC(uint32_t) v = {0}; *vec_push(&v) = 7; free(v.items). */
#define VEC(T)                                                                                     \
    struct {                                                                                       \
        T     *items;                                                                              \
        size_t n, cap;                                                                             \
    }

/* `items` with room for `more` beyond n. */
static inline void *mem_room(void *items, size_t n, size_t more, size_t *cap, size_t size)
{
    if (n + more <= *cap)
        return items;
    *cap = *cap * 2 > n + more ? *cap * 2 : n + more;
    *cap = *cap < 8 ? 8 : *cap;
    return mem_resize(items, *cap, size);
}

/* Room for `more` items beyond n. */
#define vec_reserve(v, more)                                                                       \
    ((v)->items = mem_room((v)->items, (v)->n, (more), &(v)->cap, sizeof *(v)->items))

/* Append; a statement. */
#define vec_add(v, item) (vec_reserve((v), 1), (void)((v)->items[(v)->n++] = (item)))

/* Give back what is not used: for arrays that stay. */
#define vec_trim(v)                                                                                \
    do {                                                                                           \
        (v)->items = mem_resize((v)->items, (v)->n, sizeof *(v)->items);                           \
        (v)->cap = (v)->n;                                                                         \
    } while (0)
