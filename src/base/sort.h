/* sort.h - qsort() that takes an empty array: no items may be no pointer, too. */
#pragma once

#include <stdlib.h>

static inline void array_sort(void *items, size_t n, size_t size,
                              int (*order)(const void *, const void *))
{
    if (n > 1)
        qsort(items, n, size, order);
}
