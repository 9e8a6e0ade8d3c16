#include "liquid/engine.h"

#include <stdlib.h>
#include <string.h>

uint32_t lq_hash(Str s)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 16777619U;
    return h ^ h >> 15;
}

/* The slot where `name` is, or where it would go. */
static size_t slot_of(const LqSymbols *t, Str name)
{
    size_t at = lq_hash(name) & (t->nslots - 1);
    while (t->slots[at] != 0 && !str_eq(t->names[t->slots[at] - 1], name))
        at = (at + 1) & (t->nslots - 1);
    return at;
}

static void *grow(void *p, size_t count, size_t size)
{
    void *bigger = reallocarray(p, count, size);
    if (bigger == NULL)
        base_out_of_memory(count * size);
    return bigger;
}

static void grow_slots(LqSymbols *t)
{
    t->nslots = t->nslots == 0 ? 256 : t->nslots * 2;
    t->slots = grow(t->slots, t->nslots, sizeof *t->slots);
    memset(t->slots, 0, t->nslots * sizeof *t->slots);
    for (uint32_t i = 0; i < t->n; i++)
        t->slots[slot_of(t, t->names[i])] = i + 1;
}

uint32_t lq_symbol(Liquid *lq, Str name)
{
    LqSymbols *t = &lq->symbols;
    if (2 * t->n >= t->nslots)
        grow_slots(t);
    size_t at = slot_of(t, name);
    if (t->slots[at] != 0)
        return t->slots[at] - 1;
    if (t->n == t->cap) {
        t->cap = t->cap == 0 ? 128 : t->cap * 2;
        t->names = grow(t->names, t->cap, sizeof *t->names);
    }
    ASSERT(t->n < UINT32_MAX - 1);
    t->names[t->n++] = str_dup(&t->arena, name);
    t->slots[at] = (uint32_t)t->n;
    return (uint32_t)t->n - 1;
}

bool lq_symbol_find(Liquid *lq, Str name, uint32_t *ret)
{
    pthread_mutex_lock(&lq->lock);
    uint32_t number = lq->symbols.nslots > 0 ? lq->symbols.slots[slot_of(&lq->symbols, name)] : 0;
    pthread_mutex_unlock(&lq->lock);
    if (number == 0)
        return false;
    *ret = number - 1;
    return true;
}

Str lq_symbol_name(Liquid *lq, uint32_t sym)
{
    pthread_mutex_lock(&lq->lock);
    Str name = lq->symbols.names[sym];
    pthread_mutex_unlock(&lq->lock);
    return name;
}

uint32_t lq_symbol_count(Liquid *lq)
{
    pthread_mutex_lock(&lq->lock);
    uint32_t n = (uint32_t)lq->symbols.n;
    pthread_mutex_unlock(&lq->lock);
    return n;
}
