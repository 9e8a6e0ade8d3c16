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

Str lq_symbol_name(const Liquid *lq, uint32_t sym)
{
    return lq->symbols.chunks[sym / LQ_CHUNK][sym % LQ_CHUNK];
}

static Str name_of(const LqSymbols *t, size_t i)
{
    return t->chunks[i / LQ_CHUNK][i % LQ_CHUNK];
}

/* The slot where `name` is, or where it would go. */
static size_t slot_of(const LqSymbols *t, Str name)
{
    size_t at = lq_hash(name) & (t->nslots - 1);
    while (t->slots[at] != 0 && !str_eq(name_of(t, t->slots[at] - 1), name))
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
        t->slots[slot_of(t, name_of(t, i))] = i + 1;
}

uint32_t lq_symbol(Liquid *lq, Str name)
{
    LqSymbols *t = &lq->symbols;
    if (2 * t->n >= t->nslots)
        grow_slots(t);
    size_t at = slot_of(t, name);
    if (t->slots[at] != 0)
        return t->slots[at] - 1;
    ASSERT(t->n < (size_t)LQ_CHUNK * LQ_CHUNKS);
    if (t->n % LQ_CHUNK == 0)
        t->chunks[t->n / LQ_CHUNK] = arena_array(&t->arena, Str, LQ_CHUNK);
    t->chunks[t->n / LQ_CHUNK][t->n % LQ_CHUNK] = str_dup(&t->arena, name);
    t->n++;
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

uint32_t lq_symbol_locked(Liquid *lq, Str name)
{
    pthread_mutex_lock(&lq->lock);
    uint32_t sym = lq_symbol(lq, name);
    pthread_mutex_unlock(&lq->lock);
    return sym;
}

uint32_t lq_symbol_count(Liquid *lq)
{
    pthread_mutex_lock(&lq->lock);
    uint32_t n = (uint32_t)lq->symbols.n;
    pthread_mutex_unlock(&lq->lock);
    return n;
}
