/* A hash table in three storeys: table, chunks, buckets. A copy shares all chunks; changing it
 * copies one chunk and one bucket. */
#include "base/map.h"
#include "catalog/published_int.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64, PER_BUCKET = 4 };

typedef struct Slot {
    uint64_t  key;
    PubThing *thing;
} Slot;

typedef struct Bucket {
    int    refs;
    size_t n;
    Slot   slots[];
} Bucket;

typedef struct Chunk {
    int     refs;
    Bucket *buckets[CHUNK]; /* NULL: empty */
} Chunk;

struct PubTable {
    int    refs;
    size_t n;
    size_t nchunks;  /* a power of two */
    Chunk *chunks[]; /* NULL: empty */
};

static void *made(size_t size)
{
    void *p = calloc(1, size);
    if (p == NULL)
        base_out_of_memory(size);
    return p;
}

static PubTable *table_make(size_t nchunks)
{
    PubTable *t = made(sizeof *t + nchunks * sizeof(Chunk *));
    t->refs = 1;
    t->nchunks = nchunks;
    return t;
}

PubTable *pub_table_new(void)
{
    return table_make(1);
}

PubTable *pub_table_ref(PubTable *t)
{
    t->refs++;
    return t;
}

PubTable *pub_table_copy(PubTable *from)
{
    PubTable *t = table_make(from->nchunks);
    t->n = from->n;
    memcpy(t->chunks, from->chunks, from->nchunks * sizeof(Chunk *));
    for (size_t i = 0; i < t->nchunks; i++)
        if (t->chunks[i] != NULL)
            t->chunks[i]->refs++;
    return t;
}

static void bucket_unref(Bucket *b)
{
    if (b == NULL || --b->refs > 0)
        return;
    for (size_t i = 0; i < b->n; i++)
        pub_thing_unref(b->slots[i].thing);
    free(b);
}

static void chunk_unref(Chunk *c)
{
    if (c == NULL || --c->refs > 0)
        return;
    for (size_t i = 0; i < CHUNK; i++)
        bucket_unref(c->buckets[i]);
    free(c);
}

void pub_table_unref(PubTable *t)
{
    if (t == NULL || --t->refs > 0)
        return;
    for (size_t i = 0; i < t->nchunks; i++)
        chunk_unref(t->chunks[i]);
    free(t);
}

size_t pub_table_count(const PubTable *t)
{
    return t->n;
}

/* --- finding ------------------------------------------------------------------------------ */

/* Ids are ordered by time: spread them. */
static uint64_t spread(uint64_t key)
{
    key ^= key >> 32;
    key *= UINT64_C(0x9e3779b97f4a7c15);
    return key ^ (key >> 29);
}

uint64_t pub_handle_key(Str handle, int64_t scope)
{
    return map_hash(handle) ^ (uint64_t)scope;
}

static const Bucket *bucket_of(const PubTable *t, uint64_t key)
{
    uint64_t     at = spread(key);
    const Chunk *c = t->chunks[(at / CHUNK) & (t->nchunks - 1)];
    return c != NULL ? c->buckets[at % CHUNK] : NULL;
}

PubThing *pub_table_by_id(const PubTable *t, int64_t id)
{
    const Bucket *b = bucket_of(t, (uint64_t)id);
    for (size_t i = 0; b != NULL && i < b->n; i++)
        if (b->slots[i].key == (uint64_t)id)
            return b->slots[i].thing;
    return NULL;
}

PubThing *pub_table_by_handle(const PubTable *t, Str handle, int64_t scope)
{
    uint64_t      key = pub_handle_key(handle, scope);
    const Bucket *b = bucket_of(t, key);
    for (size_t i = 0; b != NULL && i < b->n; i++) {
        PubThing *thing = b->slots[i].thing;
        if (b->slots[i].key == key && thing->scope == scope && str_eq(thing->handle, handle))
            return thing;
    }
    return NULL;
}

void pub_table_each(const PubTable *t, PubVisit *fn, void *arg)
{
    for (size_t c = 0; c < t->nchunks; c++)
        for (size_t k = 0; t->chunks[c] != NULL && k < CHUNK; k++) {
            const Bucket *b = t->chunks[c]->buckets[k];
            for (size_t i = 0; b != NULL && i < b->n; i++)
                fn(b->slots[i].thing, arg);
        }
}

/* --- changing ----------------------------------------------------------------------------- */

/* The chunk of `key` as the table's own. */
static Chunk *own_chunk(PubTable *t, uint64_t key)
{
    Chunk **at = &t->chunks[(spread(key) / CHUNK) & (t->nchunks - 1)];
    if (*at != NULL && (*at)->refs == 1)
        return *at;
    Chunk *c = made(sizeof *c);
    if (*at != NULL) {
        *c = **at;
        for (size_t i = 0; i < CHUNK; i++)
            if (c->buckets[i] != NULL)
                c->buckets[i]->refs++;
        (*at)->refs--;
    }
    c->refs = 1;
    return *at = c;
}

/* The bucket with the things of others, and room for one more. */
static Bucket *bucket_without(const Bucket *old, uint64_t key, int64_t id, bool *ret_was)
{
    size_t  n = old != NULL ? old->n : 0;
    Bucket *b = made(sizeof *b + (n + 1) * sizeof(Slot));
    b->refs = 1;
    *ret_was = false;
    for (size_t i = 0; i < n; i++) {
        if (old->slots[i].key == key && old->slots[i].thing->id == id) {
            *ret_was = true;
            continue;
        }
        b->slots[b->n] = old->slots[i];
        (void)pub_thing_ref(b->slots[b->n++].thing);
    }
    return b;
}

static void put(PubTable *t, uint64_t key, PubThing *thing)
{
    bool     was;
    Bucket **at = &own_chunk(t, key)->buckets[spread(key) % CHUNK];
    Bucket  *b = bucket_without(*at, key, thing->id, &was);
    b->slots[b->n++] = (Slot){key, pub_thing_ref(thing)};
    bucket_unref(*at);
    *at = b;
    t->n += !was;
}

static PubTable *grown(const PubTable *old)
{
    PubTable *t = table_make(old->nchunks * 4);
    for (size_t c = 0; c < old->nchunks; c++)
        for (size_t k = 0; old->chunks[c] != NULL && k < CHUNK; k++) {
            const Bucket *b = old->chunks[c]->buckets[k];
            for (size_t i = 0; b != NULL && i < b->n; i++)
                put(t, b->slots[i].key, b->slots[i].thing);
        }
    return t;
}

void pub_table_put(PubTable **t, uint64_t key, PubThing *thing)
{
    if ((*t)->n >= (*t)->nchunks * CHUNK * PER_BUCKET) {
        PubTable *bigger = grown(*t);
        pub_table_unref(*t);
        *t = bigger;
    }
    put(*t, key, thing);
}

void pub_table_drop(PubTable *t, uint64_t key, int64_t id)
{
    bool     was;
    Bucket **at = &own_chunk(t, key)->buckets[spread(key) % CHUNK];
    Bucket  *b = bucket_without(*at, key, id, &was);
    bucket_unref(*at);
    *at = b->n > 0 ? b : NULL;
    if (b->n == 0)
        free(b);
    t->n -= was;
}
