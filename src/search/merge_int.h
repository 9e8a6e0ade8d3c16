/* merge_int.h - several segments become one, without what is dead. */
#pragma once

#include "search/schema_int.h"
#include "search/segment_int.h"

typedef struct MergeSource {
    const Segment  *segment;
    const uint64_t *dead; /* a bit per document; NULL: none */
} MergeSource;

/* A segment with one reference: the living documents in order of the sources. NULL when there
 * are none. Signals are left out: they change meanwhile (merge_signals()). */
Segment *search_merge_segments(const Schema *schema, const MergeSource *sources, size_t n);

/* Carry the signals over, as they are now. `sources` as for the merge. */
void merge_signals(Segment *to, const MergeSource *sources, size_t n);

static inline bool bit_is_set(const uint64_t *bits, uint32_t i)
{
    return bits && (bits[i / 64] >> (i % 64) & 1) != 0;
}
static inline void bit_set(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= (uint64_t)1 << (i % 64);
}
