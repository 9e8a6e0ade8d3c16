#include "search/values_int.h"

#include <stdatomic.h>

#include "base/map.h"
#include "base/utf8.h"
#include "search/document.h"
#include "search/mem_int.h"

enum {
    FIRST_BITS = 6, /* the first chunk has 64 texts, each next one twice as many */
    CHUNKS = 32 - FIRST_BITS,
    BYTES_BLOCK = 16384,
};

typedef struct Table {
    struct Table    *outgrown;
    uint32_t         mask;
    _Atomic uint32_t slots[]; /* a number; 0: free */
} Table;

typedef struct Block {
    struct Block *next;
    size_t        used, size;
    char          bytes[];
} Block;

typedef struct Value {
    Str      text;
    uint64_t prefix;
} Value;

struct Values {
    _Atomic(Value *) chunks[CHUNKS];
    _Atomic(Table *) table;
    _Atomic uint32_t n;
    _Atomic size_t   bytes;
    Block           *blocks;
};

static Table *table_new(size_t slots, Table *outgrown)
{
    Table *t = mem_new(1, sizeof *t + slots * sizeof t->slots[0]);
    t->mask = (uint32_t)slots - 1;
    t->outgrown = outgrown;
    return t;
}

Values *values_new(void)
{
    Values *v = mem_new(1, sizeof *v);
    Table  *t = table_new(16, NULL);
    atomic_store(&v->table, t);
    atomic_store(&v->bytes, sizeof *v + sizeof *t + 16 * sizeof t->slots[0]);
    return v;
}

void values_free(Values *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < CHUNKS; i++)
        free(atomic_load(&v->chunks[i]));
    for (Table *t = atomic_load(&v->table), *next; t; t = next) {
        next = t->outgrown;
        free(t);
    }
    for (Block *b = v->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(v);
}

/* Chunk c holds the 64 * 2^c texts from 64 * (2^c - 1) on. */
static uint32_t chunk_of(uint32_t index, uint32_t *at)
{
    uint32_t shifted = index + (1U << FIRST_BITS);
    uint32_t chunk = 31U - (uint32_t)__builtin_clz(shifted) - FIRST_BITS;
    *at = shifted - (1U << (chunk + FIRST_BITS));
    return chunk;
}

static const Value *value_at(const Values *v, uint32_t number)
{
    ASSERT(number > 0 && number <= values_count(v));
    uint32_t at, chunk = chunk_of(number - 1, &at);
    return &atomic_load_explicit(&v->chunks[chunk], memory_order_acquire)[at];
}

Str values_text(const Values *v, uint32_t number)
{
    return value_at(v, number)->text;
}

uint32_t values_count(const Values *v)
{
    return atomic_load_explicit(&v->n, memory_order_acquire);
}

size_t values_bytes(const Values *v)
{
    return atomic_load(&v->bytes);
}

uint64_t values_prefix(const Values *v, uint32_t number)
{
    return value_at(v, number)->prefix;
}

static uint64_t prefix_of(Str s)
{
    uint64_t p = 0;
    for (size_t i = 0; i < 8; i++)
        p = p << 8 | (i < s.len ? (unsigned char)s.ptr[i] : 0);
    return p;
}

static Str clip(Str text)
{
    return text.len <= SEARCH_KEYWORD_MAX ? text : utf8_truncate_bytes(text, SEARCH_KEYWORD_MAX);
}

uint32_t values_find(const Values *v, Str text)
{
    text = clip(text);
    const Table *t = atomic_load_explicit(&v->table, memory_order_acquire);
    for (uint32_t i = (uint32_t)map_hash(text);; i++) {
        uint32_t n = atomic_load_explicit(&t->slots[i & t->mask], memory_order_acquire);
        if (n == 0 || str_eq(values_text(v, n), text))
            return n;
    }
}

static void put(Table *t, uint32_t number, Str text)
{
    uint32_t i = (uint32_t)map_hash(text);
    while (atomic_load_explicit(&t->slots[i & t->mask], memory_order_relaxed) != 0)
        i++;
    atomic_store_explicit(&t->slots[i & t->mask], number, memory_order_release);
}

static void grow(Values *v, uint32_t n)
{
    Table *old = atomic_load(&v->table);
    size_t slots = ((size_t)old->mask + 1) * 2;
    Table *t = table_new(slots, old);
    for (uint32_t i = 1; i <= n; i++)
        put(t, i, values_text(v, i));
    atomic_fetch_add(&v->bytes, sizeof *t + slots * sizeof t->slots[0]);
    atomic_store_explicit(&v->table, t, memory_order_release);
}

static Str keep(Values *v, Str text)
{
    if (!v->blocks || v->blocks->size - v->blocks->used < text.len) {
        size_t size = v->blocks ? BYTES_BLOCK : 512;
        Block *b = mem_new(1, sizeof *b + size);
        b->size = size;
        b->next = v->blocks;
        v->blocks = b;
        atomic_fetch_add(&v->bytes, sizeof *b + size);
    }
    char *p = v->blocks->bytes + v->blocks->used;
    v->blocks->used += text.len;
    if (text.len > 0)
        memcpy(p, text.ptr, text.len);
    return (Str){p, text.len};
}

uint32_t values_add(Values *v, Str text)
{
    text = clip(text);
    uint32_t number = values_find(v, text);
    if (number != 0)
        return number;
    uint32_t n = atomic_load(&v->n), at, chunk = chunk_of(n, &at);
    Value   *texts = atomic_load(&v->chunks[chunk]);
    if (!texts) {
        size_t room = (size_t)1 << (chunk + FIRST_BITS);
        texts = mem_new(room, sizeof *texts);
        atomic_fetch_add(&v->bytes, room * sizeof *texts);
        atomic_store_explicit(&v->chunks[chunk], texts, memory_order_release);
    }
    texts[at] = (Value){keep(v, text), prefix_of(text)};
    number = n + 1;
    atomic_store_explicit(&v->n, number, memory_order_release);
    const Table *t = atomic_load(&v->table);
    if ((uint64_t)number * 2 > t->mask)
        grow(v, number);
    else
        put(atomic_load(&v->table), number, text);
    return number;
}
