/* tally.h - how often each of many keys was counted: a table of those that occur. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct TallyEntry {
    uint64_t key;
    int64_t  count; /* 0: free */
} TallyEntry;

typedef struct Tally {
    TallyEntry *entries;
    size_t      cap, n; /* cap: a power of two */
} Tally;                /* zero is empty */

void tally_done(Tally *t);
void tally_add(Tally *t, uint64_t key, int64_t count); /* > 0 */
void tally_merge(Tally *into, const Tally *from);
