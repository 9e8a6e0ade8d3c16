/* One thing of a view: a struct and all that hangs on it, in memory of its own. */
#include "base/sort.h"
#include "catalog/media.h"
#include "catalog/published_int.h"
#include "picture/picture.h"

#include <stdlib.h>

enum { BLOCK = 1024 };

PubThing *pub_thing_new(PubStore *s, PublishedKind kind, int64_t id, size_t size)
{
    PubThing *t = calloc(1, sizeof *t);
    if (t == NULL)
        base_out_of_memory(sizeof *t);
    atomic_init(&t->refs, 1);
    t->store = s;
    t->kind = kind;
    t->id = id;
    t->turn = PUB_NEVER;
    arena_init(&t->arena, size > BLOCK / 2 ? 2 * BLOCK : size + 128);
    t->value = arena_alloc(&t->arena, size, _Alignof(max_align_t));
    t->rev = t->value;
    return t;
}

void pub_thing_done(PubThing *t)
{
    t->bytes = sizeof *t + t->arena.used + t->arena.used / 8;
    atomic_fetch_add_explicit(&t->store->bytes, (int64_t)t->bytes, memory_order_relaxed);
}

PubThing *pub_thing_ref(PubThing *t)
{
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void pub_count_kept(PubStore *s, int64_t bytes)
{
    atomic_fetch_add_explicit(&s->kept, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->bytes, bytes, memory_order_relaxed);
}

void pub_thing_unref(void *thing)
{
    PubThing *t = thing;
    if (t == NULL || atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) > 1)
        return;
    atomic_fetch_sub_explicit(&t->store->bytes, (int64_t)t->bytes, memory_order_relaxed);
    for (PubKept *k = atomic_load(&t->kept); k != NULL;) {
        PubKept *older = k->older;
        pub_count_kept(t->store, -(int64_t)(sizeof *k + k->len));
        free(k);
        k = older;
    }
    arena_done(&t->arena);
    free(t);
}

/* --- parts -------------------------------------------------------------------------------- */

static int by_place(const void *x, const void *y)
{
    const PublishedText *p = x, *q = y;
    if (p->entity != q->entity)
        return p->entity < q->entity ? -1 : 1;
    int d = str_cmp(p->field, q->field);
    return d != 0 ? d : str_cmp(p->locale, q->locale);
}

PublishedTexts pub_texts_copy(Arena *a, const CatalogPublishedTextRowList *rows, int64_t root)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++)
        n += rows->items[i].root_id == root;
    PublishedText *items = n > 0 ? arena_array(a, PublishedText, n) : NULL;
    n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const CatalogPublishedTextRow *r = &rows->items[i];
        if (r->root_id != root)
            continue;
        Str safe = r->html_version ? html_safe_again(a, r->value, r->value_safe, r->html_version)
                                   : (Str){0};
        items[n++] = (PublishedText){.entity = r->entity_id,
                                     .field = str_dup(a, r->field),
                                     .locale = str_dup(a, r->locale),
                                     .value = str_dup(a, safe.ptr ? safe : r->value)};
    }
    array_sort(items, n, sizeof *items, by_place);
    return (PublishedTexts){items, n};
}

static void renditions(Arena *a, const CatalogMedia *m, PublishedMedia *ret)
{
    int64_t widths[PICTURE_PLAN_MAX];
    if (m->kind != CATALOG_IMAGE || m->hash.len == 0 || !m->width.has || !m->height.has ||
        m->width.v < 1)
        return;
    ret->n = picture_plan(m->width.v, widths);
    PublishedRendition *items = arena_array(a, PublishedRendition, ret->n);
    for (size_t i = 0; i < ret->n; i++) {
        int64_t height = (m->height.v * widths[i] + m->width.v / 2) / m->width.v;
        items[i] = (PublishedRendition){widths[i], height > 0 ? height : 1};
    }
    ret->renditions = items;
}

const PublishedMedia *pub_media_copy(Arena *a, CatalogMediaList media, Str handle)
{
    if (media.n == 0)
        return NULL;
    PublishedMedia *items = arena_array(a, PublishedMedia, media.n);
    for (size_t i = 0; i < media.n; i++) {
        const CatalogMedia *m = &media.items[i];
        items[i].path = m->hash.len > 0 ? media_path(a, m->hash, handle) : m->url;
        renditions(a, m, &items[i]);
    }
    return items;
}

static int by_id(const void *x, const void *y, void *ids)
{
    int64_t a = ((const int64_t *)ids)[*(const uint32_t *)x];
    int64_t b = ((const int64_t *)ids)[*(const uint32_t *)y];
    return (a > b) - (a < b);
}

const uint32_t *pub_ids_order(Arena *a, CatalogIds ids)
{
    uint32_t *places = arena_array(a, uint32_t, ids.n + 1);
    for (size_t i = 0; i < ids.n; i++)
        places[i] = (uint32_t)i;
    if (ids.n > 1)
        qsort_r(places, ids.n, sizeof *places, by_id, ids.items);
    return places;
}

CatalogIds pub_ids_copy(Arena *a, const int64_t *ids, size_t n)
{
    CatalogIds ret = {n > 0 ? arena_array(a, int64_t, n) : NULL, n};
    for (size_t i = 0; i < n; i++)
        ret.items[i] = ids[i];
    return ret;
}
