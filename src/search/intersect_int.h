/* intersect_int.h - where two ascending lists of 16-bit numbers meet.
 *
 * Lists of a chunk hold some hundred to some thousand documents, and most queries are two of
 * them: eight numbers of one list are compared with eight of the other at once, where the
 * machine can. A list that is much longer than the other one is leapt through instead. */
#pragma once

#include <stdint.h>

/* The positions in a and in b of the numbers that are in both, ascending; returns how many:
 * there is room for min(n, m). Numbers of a list are different. */
uint32_t intersect(const uint16_t *a, uint32_t n, const uint16_t *b, uint32_t m, uint16_t *at_a,
                   uint16_t *at_b);

/* The first position of n ascending numbers that is not less than x. */
uint32_t intersect_lower(const uint16_t *a, uint32_t n, uint16_t x);
