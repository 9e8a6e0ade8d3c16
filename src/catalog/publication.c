/* On which channels something is shown, from when to when. */
#include "catalog/catalog_int.h"

static const CatalogPublication *on_channel(CatalogPublications list, Str channel)
{
    for (size_t i = 0; i < list.n; i++)
        if (str_eq(list.items[i].channel, channel))
            return &list.items[i];
    return NULL;
}

void publications_merge(Cx *cx, CatalogPublications before, bool by_default,
                        CatalogPublications *after)
{
    CatalogPublications in = *after;
    if (by_default) {
        after->items = arena_new(cx->arena, CatalogPublication);
        after->n = 1;
        after->items[0] =
            (CatalogPublication){.channel = STR("web"), .published_at = opt_time(cx->now)};
        return;
    }
    after->items = arena_array(cx->arena, CatalogPublication, in.n ? in.n : 1);
    for (size_t i = 0; i < in.n; i++) {
        CatalogPublication *p = &after->items[i];
        *p = in.items[i];
        if (p->published_at.has)
            continue;
        const CatalogPublication *was = on_channel(before, p->channel);
        p->published_at = was ? was->published_at : opt_time(cx->now);
    }
}

Status publications_save(Cx *cx, int64_t entity, CatalogPublications before,
                         CatalogPublications after, bool *changed)
{
    for (size_t i = 0; i < before.n; i++) {
        if (on_channel(after, before.items[i].channel))
            continue;
        *changed = true;
        TRY(catalog_sql_publication_delete(cx, entity, before.items[i].channel, NULL));
    }
    for (size_t i = 0; i < after.n; i++) {
        const CatalogPublication *p = &after.items[i], *was = on_channel(before, p->channel);
        if (was && catalog_same(&catalog_publication_shape, was, p))
            continue;
        *changed = true;
        TRY(catalog_sql_publication_put(cx, entity, p->channel, p->published_at.v, p->unpublish_at,
                                        NULL));
    }
    return ST_OK;
}

bool catalog_published(CatalogPublications list, Str channel, UnixMs now)
{
    const CatalogPublication *p = on_channel(list, channel);
    return p && p->published_at.v.v <= now.v &&
           (!p->unpublish_at.has || p->unpublish_at.v.v > now.v);
}

bool catalog_product_visible(const CatalogProduct *p, Str channel, UnixMs now)
{
    return p->status == CATALOG_ACTIVE && catalog_published(p->publications, channel, now);
}
