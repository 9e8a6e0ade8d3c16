/* Many changes at once. */
#include "catalog/bulk.h"

#include "catalog/catalog_int.h"

typedef struct Chunk {
    CatalogBulkEntry *items;
    size_t            n;
    CatalogBulkEntry *failed; /* the one that ended the transaction */
} Chunk;

static Status apply(Cx *cx, struct AttributeDefs **defs, CatalogBulkEntry *e, CatalogProduct *made,
                    int *outcome)
{
    bool changed = true;
    switch (e->op) {
    case CATALOG_BULK_CREATE:
        *outcome = CATALOG_BULK_CREATED;
        return product_create_in_tx(cx, defs, &e->product, made);
    case CATALOG_BULK_UPDATE:
        TRY(product_update_in_tx(cx, defs, e->id, e->rev, &e->product, made, &changed));
        *outcome = changed ? CATALOG_BULK_UPDATED : CATALOG_BULK_UNCHANGED;
        return ST_OK;
    default:
        *outcome = CATALOG_BULK_DELETED;
        *made = (CatalogProduct){.id = e->id};
        return product_delete_in_tx(cx, e->id, e->rev);
    }
}

/* What one entry did stands in `items` at the end only: the transaction may run again. */
static Status chunk_tx(Cx *cx, void *arg)
{
    Chunk *c = arg;
    struct {
        int64_t id, rev;
        int     outcome;
    } done[CATALOG_BULK_CHUNK] = {0};
    ASSERT(c->n <= CATALOG_BULK_CHUNK);
    struct AttributeDefs *defs = NULL; /* read once: there may be 2,000 */
    c->failed = NULL;
    for (size_t i = 0; i < c->n; i++) {
        CatalogBulkEntry *e = &c->items[i];
        CatalogProduct    made;
        if (e->outcome == CATALOG_BULK_FAILED)
            continue;
        cx->issues.n = cx->issues.total = 0;
        Status st = apply(cx, &defs, e, &made, &done[i].outcome);
        if (st != ST_OK) {
            c->failed = e;
            return st;
        }
        done[i].id = made.id;
        done[i].rev = made.rev;
    }
    for (size_t i = 0; i < c->n; i++) {
        if (c->items[i].outcome == CATALOG_BULK_FAILED)
            continue;
        c->items[i].outcome = done[i].outcome;
        c->items[i].id = done[i].id;
        c->items[i].rev = done[i].rev;
    }
    return ST_OK;
}

static void note_failure(Cx *cx, CatalogBulkEntry *e)
{
    e->outcome = CATALOG_BULK_FAILED;
    e->err = cx->err;
    e->issues = (Issues){.arena = cx->arena, .n = cx->issues.n, .total = cx->issues.total};
    e->issues.items = arena_array(cx->arena, Issue, cx->issues.n + 1);
    for (size_t i = 0; i < cx->issues.n; i++)
        e->issues.items[i] = cx->issues.items[i];
    cx->issues.n = cx->issues.total = 0;
}

/* All in one transaction; when one of them fails, each in its own. */
static void run_chunk(Cx *cx, CatalogBulkEntry *items, size_t n)
{
    Chunk all = {.items = items, .n = n};
    if (catalog_in_tx(cx, chunk_tx, &all) == ST_OK)
        return;
    for (size_t i = 0; i < n; i++) {
        Chunk one = {.items = &items[i], .n = 1};
        if (items[i].outcome != CATALOG_BULK_FAILED && catalog_in_tx(cx, chunk_tx, &one) != ST_OK)
            note_failure(cx, &items[i]);
    }
}

Status catalog_products_bulk(Cx *cx, CatalogBulkEntry *entries, size_t n)
{
    ASSERT(cx->tx_depth == 0); /* its transactions are its own */
    if (n > CATALOG_BULK_MAX)
        return cx_fail(cx, ST_LIMIT, "catalog.too_many", "at most %d entries at once",
                       CATALOG_BULK_MAX);
    for (size_t i = 0; i < n; i++)
        product_prepare(cx, &entries[i].product);
    for (size_t i = 0; i < n; i += CATALOG_BULK_CHUNK)
        run_chunk(cx, entries + i, n - i < CATALOG_BULK_CHUNK ? n - i : CATALOG_BULK_CHUNK);
    return ST_OK;
}
