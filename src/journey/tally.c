#include "journey/tally.h"

#include "base/base.h"

#include <stdlib.h>

void tally_done(Tally *t)
{
    free(t->entries);
    *t = (Tally){0};
}

static TallyEntry *find(const Tally *t, uint64_t key)
{
    uint64_t h = key * 0x9e3779b97f4a7c15ULL;
    size_t   at = (size_t)(h >> 32 ^ h) & (t->cap - 1);
    while (t->entries[at].count != 0 && t->entries[at].key != key)
        at = (at + 1) & (t->cap - 1);
    return &t->entries[at];
}

static void grow(Tally *t)
{
    Tally more = {.cap = t->cap > 0 ? t->cap * 2 : 256, .n = t->n};
    more.entries = calloc(more.cap, sizeof *more.entries);
    if (more.entries == NULL)
        base_out_of_memory(more.cap);
    for (size_t i = 0; i < t->cap; i++)
        if (t->entries[i].count != 0)
            *find(&more, t->entries[i].key) = t->entries[i];
    free(t->entries);
    *t = more;
}

void tally_add(Tally *t, uint64_t key, int64_t count)
{
    if (t->n * 3 + 3 > t->cap * 2)
        grow(t);
    TallyEntry *e = find(t, key);
    t->n += e->count == 0;
    e->key = key;
    e->count += count;
}

void tally_merge(Tally *into, const Tally *from)
{
    for (size_t i = 0; i < from->cap; i++)
        if (from->entries[i].count != 0)
            tally_add(into, from->entries[i].key, from->entries[i].count);
}
