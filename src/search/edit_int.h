/* edit_int.h - how far two words are from one another.
 *
 * The distance is that of optimal string alignment: letters put in, left out, replaced, or two
 * neighbours swapped, each costs one. Letters are code points. */
#pragma once

#include "base/base.h"

/* The distance when it is at most `max` (0 to 2), else max + 1. Words of at most 64 letters. */
unsigned edit_distance(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b, unsigned max);

/* How many edits a word of n letters may be away: 0 below four, then 1, from eight on 2. */
unsigned edit_allowed(size_t n);
