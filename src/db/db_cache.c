#include "db/db_int.h"

#include <stdlib.h>
#include <string.h>

/* Index at which `query` is, or where it would go. `n` is a power of two, not all in use. */
static size_t index_of(DbSlot *const *slots, size_t n, const DbQuery *query)
{
    uint64_t hash = ((uintptr_t)query >> 4) * UINT64_C(0x9e3779b97f4a7c15);
    size_t   i = (size_t)(hash >> 32) & (n - 1);
    while (slots[i] != NULL && slots[i]->query != query)
        i = (i + 1) & (n - 1);
    return i;
}

static void grow(DbCache *c)
{
    size_t   n = c->nslots == 0 ? 64 : c->nslots * 2;
    DbSlot **slots = db_alloc(n * sizeof *slots);
    for (size_t i = 0; i < c->nslots; i++)
        if (c->slots[i] != NULL)
            slots[index_of(slots, n, c->slots[i]->query)] = c->slots[i];
    free(c->slots);
    c->slots = slots;
    c->nslots = n;
}

DbSlot **db_cache_place(DbCache *c, const DbQuery *query)
{
    if (2 * (c->nused + 1) > c->nslots)
        grow(c);
    return &c->slots[index_of(c->slots, c->nslots, query)];
}

void db_cache_added(DbCache *c)
{
    c->nused++;
}

static void unlink_filter(DbCache *c, DbSlot *s)
{
    *(s->newer != NULL ? &s->newer->older : &c->newest) = s->older;
    *(s->older != NULL ? &s->older->newer : &c->oldest) = s->newer;
    s->newer = s->older = NULL;
    c->nfilters--;
}

void db_cache_filter_add(DbCache *c, DbSlot *slot)
{
    slot->newer = NULL;
    slot->older = c->newest;
    *(c->newest != NULL ? &c->newest->newer : &c->oldest) = slot;
    c->newest = slot;
    c->nfilters++;
}

DbSlot *db_cache_filter(DbCache *c, const char *sqlite, const char *columns)
{
    for (DbSlot *s = c->newest; s != NULL; s = s->older) {
        if (strcmp(s->query->sqlite, sqlite) == 0 && strcmp(s->query->columns, columns) == 0) {
            unlink_filter(c, s);
            db_cache_filter_add(c, s);
            return s;
        }
    }
    return NULL;
}

DbSlot *db_cache_filter_evict(DbCache *c)
{
    if (c->nfilters <= DB_FILTERS_MAX)
        return NULL;
    for (DbSlot *s = c->oldest; s != NULL; s = s->newer) {
        if (!s->busy) {
            unlink_filter(c, s);
            return s;
        }
    }
    return NULL;
}

static void drop(DbConn *conn, DbSlot *slot)
{
    const DbQuery *owned = slot->owned ? slot->query : NULL;
    conn->driver->slot_free(conn, slot);
    if (owned != NULL)
        db_query_free(owned);
}

void db_cache_drop(DbCache *c, DbConn *conn)
{
    while (c->newest != NULL) {
        DbSlot *s = c->newest;
        unlink_filter(c, s);
        drop(conn, s);
    }
    for (size_t i = 0; i < c->nslots; i++)
        if (c->slots[i] != NULL)
            drop(conn, c->slots[i]);
    free(c->slots);
    *c = (DbCache){0};
}
