#include "journey/space.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static void *grown(void *p, size_t n, size_t size)
{
    p = realloc(p, n * size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

void dict_done(Dict *d)
{
    arena_done(&d->arena);
    free(d->texts);
    free(d->slots);
    *d = (Dict){0};
}

static uint32_t *dict_slot(const Dict *d, Str text)
{
    uint32_t at = (uint32_t)XXH3_64bits(text.ptr, text.len) & (d->nslots - 1);
    while (d->slots[at] != 0 && !str_eq(d->texts[d->slots[at]], text))
        at = (at + 1) & (d->nslots - 1);
    return &d->slots[at];
}

static void dict_grow(Dict *d)
{
    uint32_t nslots = d->nslots > 0 ? d->nslots * 2 : 16;
    if (d->nslots == 0)
        arena_init(&d->arena, 1024);
    free(d->slots);
    d->slots = calloc(nslots, sizeof *d->slots);
    if (d->slots == NULL)
        base_out_of_memory(nslots);
    d->nslots = nslots;
    for (uint32_t i = 1; i <= d->n; i++)
        *dict_slot(d, d->texts[i]) = i;
    if (d->arena.block_size < d->bytes / 4)
        d->arena.block_size = d->bytes / 4 < (1U << 20) ? d->bytes / 4 : 1U << 20;
}

uint32_t dict_put(Dict *d, Str text)
{
    if ((size_t)d->n * 3 + 3 > (size_t)d->nslots * 2)
        dict_grow(d);
    uint32_t *slot = dict_slot(d, text);
    if (*slot != 0)
        return *slot;
    if (d->n + 2 > d->cap) {
        d->cap = d->cap > 0 ? d->cap * 2 : 16;
        d->texts = grown(d->texts, d->cap, sizeof *d->texts);
        d->texts[0] = STR("");
    }
    d->texts[++d->n] = str_dup(&d->arena, text);
    d->bytes += text.len;
    *slot = d->n;
    return d->n;
}

uint32_t dict_get(const Dict *d, Str text)
{
    return d->nslots > 0 ? *dict_slot(d, text) : 0;
}

bool keys_has(const Keys *k, Str key)
{
    bool has = k == NULL;
    for (size_t i = 0; !has && i < k->n; i++)
        has = str_eq(k->key[i], key);
    return has;
}

/* --- space --------------------------------------------------------------------------- */

void space_init(Space *s)
{
    *s = (Space){0};
    arena_init(&s->arena, 1024);
    pthread_mutex_init(&s->lock, NULL);
}

void space_done(Space *s)
{
    for (size_t i = 0; i < s->n; i++)
        dict_done(&s->columns[i]->dict);
    dict_done(&s->names);
    dict_done(&s->keys);
    free(s->columns);
    arena_done(&s->arena);
    pthread_mutex_destroy(&s->lock);
    *s = (Space){0};
}

/* A key as its type and its bytes. */
static Str key_of(char *room, Str key, JourneyType type)
{
    ASSERT(key.len <= JOURNEY_KEY_MAX);
    room[0] = (char)type;
    if (key.len > 0)
        memcpy(room + 1, key.ptr, key.len);
    return (Str){room, key.len + 1};
}

size_t space_find(const Space *s, Str key, JourneyType type)
{
    char room[JOURNEY_KEY_MAX + 1];
    return (size_t)dict_get(&s->keys, key_of(room, key, type)) - 1;
}

size_t space_column(Space *s, Str key, JourneyType type)
{
    char   room[JOURNEY_KEY_MAX + 1];
    size_t at = (size_t)dict_put(&s->keys, key_of(room, key, type)) - 1;
    if (at < s->n)
        return at;
    if (s->n == s->cap) {
        s->cap = s->cap > 0 ? s->cap * 2 : 16;
        s->columns = grown(s->columns, s->cap, sizeof(SpaceColumn *));
    }
    SpaceColumn *c = arena_new(&s->arena, SpaceColumn);
    c->key = str_dup(&s->arena, key);
    c->type = type;
    s->columns[s->n++] = c;
    return at;
}
