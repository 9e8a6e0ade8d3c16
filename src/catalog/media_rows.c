/* Pictures, videos and models of an owner. */
#include "base/id.h"
#include "catalog/catalog_int.h"

#define M &catalog_media_shape, CatalogMedia

static const CatalogMedia *media_was(CatalogMediaList before, const bool *used,
                                     const CatalogMedia *m)
{
    for (size_t i = 0; i < before.n; i++) {
        const CatalogMedia *b = &before.items[i];
        if (used[i])
            continue;
        if (m->id        ? b->id == m->id
            : m->url.len ? str_eq(b->url, m->url)
                         : m->hash.len && str_eq(b->hash, m->hash))
            return b;
    }
    return NULL;
}

void media_merge(Cx *cx, const char *list, CatalogMediaList before, CatalogMediaList *after)
{
    CatalogMediaList in = *after;
    bool            *used = arena_array(cx->arena, bool, before.n ? before.n : 1);
    after->items = arena_array(cx->arena, CatalogMedia, in.n ? in.n : 1);
    for (size_t i = 0; i < in.n; i++) {
        CatalogMedia *m = &after->items[i];
        *m = in.items[i];
        const CatalogMedia *was = media_was(before, used, m);
        if (m->id && !was)
            issue_at(cx, list, i, "id", "not_found", "is not among these media, or is there twice");
        if (!was) {
            m->id = id_new();
            continue;
        }
        used[was - before.items] = true;
        Str  hash = m->hash;
        bool moved = GIVEN(M, m, url) && !str_eq(m->url, was->url);
        catalog_keep(&catalog_media_shape, m, was);
        m->id = was->id;
        if (hash.len > 0 || moved) /* set by those who stored the file */
            m->hash = hash;
    }
}

static CatalogMediaWrite media_row(const CatalogMedia *m, int64_t owner, size_t i, UnixMs now)
{
    return (CatalogMediaWrite){
        .id = m->id,
        .owner_id = owner,
        .position = (int64_t)i + 1,
        .kind = m->kind,
        .url = m->url,
        .hash = m->hash,
        .mime = m->mime,
        .alt = m->alt,
        .width = m->width,
        .height = m->height,
        .colour = m->colour,
        .poster = m->poster,
        .created_ms = now,
    };
}

static Status media_drop(Cx *cx, CatalogMediaList before, IdIndex *kept, bool *changed)
{
    Ids gone = ids_new(cx->arena, before.n);
    for (size_t i = 0; i < before.n; i++)
        if (!id_index_find(kept, before.items[i].id))
            ids_add(&gone, before.items[i].id);
    if (gone.n == 0)
        return ST_OK;
    *changed = true;
    TRY(catalog_sql_media_delete(cx, gone.items, gone.n, NULL));
    return translation_forget(cx, gone.items, gone.n);
}

Status media_save(Cx *cx, int64_t owner, CatalogMediaList before, CatalogMediaList after,
                  bool *changed)
{
    IdIndex were, kept;
    id_index_init(&were, cx->arena, before.n);
    id_index_init(&kept, cx->arena, after.n);
    for (size_t i = 0; i < before.n; i++)
        id_index_add(&were, before.items[i].id, &before.items[i]);
    for (size_t i = 0; i < after.n; i++)
        id_index_add(&kept, after.items[i].id, &after.items[i]);
    TRY(media_drop(cx, before, &kept, changed));
    for (size_t i = 0; i < after.n; i++) {
        const CatalogMedia *m = &after.items[i];
        const CatalogMedia *was = id_index_find(&were, m->id);
        CatalogMediaWrite   row = media_row(m, owner, i, cx->now);
        if (was && (size_t)(was - before.items) == i && str_eq(was->hash, m->hash) &&
            catalog_same(&catalog_media_shape, was, m))
            continue;
        *changed = true;
        if (!was) {
            TRY(catalog_sql_media_insert(cx, &row, NULL));
            continue;
        }
        TRY(catalog_sql_media_update(cx, &row, NULL));
        if (!str_eq(was->alt, m->alt))
            TRY(translation_outdate(cx, m->id, "alt"));
    }
    return ST_OK;
}
