/* What products, collections and others have alike: media, attributes, publications. */
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "catalog/catalog_int.h"
#include "text/text.h"

typedef struct Owner {
    CatalogMediaList    *media;
    CatalogAttributes   *attributes;
    CatalogPublications *publications;
} Owner;

void parts_init(Parts *p, Arena *a, size_t cap)
{
    p->arena = a;
    p->owners = arena_array(a, Owner, cap + 1);
    id_index_init(&p->index, a, cap);
}

void parts_add(Parts *p, int64_t id, CatalogMediaList *media, CatalogAttributes *attributes,
               CatalogPublications *publications)
{
    Owner *o = &((Owner *)p->owners)[p->index.n];
    *o = (Owner){media, attributes, publications};
    id_index_add(&p->index, id, o);
}

/* --- attributes --------------------------------------------------------------------------- */

static int by_key(const void *x, const void *y)
{
    const CatalogAttributeRow *p = x, *q = y;
    size_t                     n = p->key.len < q->key.len ? p->key.len : q->key.len;
    int                        c = n ? memcmp(p->key.ptr, q->key.ptr, n) : 0;
    return c ? c : p->key.len < q->key.len ? -1 : p->key.len > q->key.len;
}

/* Rows are taken in two passes: count, then fill; `n` of the list serves as counter. */
static void add_attributes(Parts *p, CatalogAttributeRowList *rows)
{
    if (rows->n == 0)
        return;
    array_sort(rows->items, rows->n, sizeof *rows->items, by_key);
    for (size_t i = 0; i < rows->n; i++) {
        const Owner *o = id_index_find(&p->index, rows->items[i].entity_id);
        if (o)
            o->attributes->n++;
    }
    for (size_t i = 0; i < rows->n; i++) {
        const Owner *o = id_index_find(&p->index, rows->items[i].entity_id);
        if (!o)
            continue;
        CatalogAttributes *list = o->attributes;
        if (!list->items) {
            list->items = arena_array(p->arena, CatalogAttribute, list->n);
            list->n = 0;
        }
        list->items[list->n++] = (CatalogAttribute){rows->items[i].key, rows->items[i].value};
    }
}

Status parts_load_attributes(Cx *cx, Parts *p, const int64_t *entities, size_t n)
{
    CatalogAttributeRowList rows;
    TRY(catalog_sql_attribute_values_of(cx, entities, n, &rows));
    add_attributes(p, &rows);
    return ST_OK;
}

static Status load_attributes(Cx *cx, Parts *p, const int64_t *roots, size_t n)
{
    CatalogAttributeRowList rows;
    TRY(catalog_sql_attribute_values_in(cx, roots, n, &rows));
    add_attributes(p, &rows);
    return ST_OK;
}

/* --- media -------------------------------------------------------------------------------- */

static int by_position(const void *x, const void *y)
{
    const CatalogMediaRow *p = x, *q = y;
    return p->position < q->position ? -1 : p->position > q->position;
}

static CatalogMedia media_from_row(const CatalogMediaRow *r)
{
    return (CatalogMedia){
        .id = r->id,
        .kind = r->kind,
        .url = r->url,
        .hash = r->hash,
        .mime = r->mime,
        .alt = r->alt,
        .width = r->width,
        .height = r->height,
        .colour = r->colour,
        .poster = r->poster,
    };
}

static Status load_media(Cx *cx, Parts *p, const int64_t *owners, size_t n)
{
    CatalogMediaRowList rows;
    TRY(catalog_sql_media_in(cx, owners, n, &rows));
    array_sort(rows.items, rows.n, sizeof *rows.items, by_position);
    for (size_t i = 0; i < rows.n; i++) {
        const Owner *o = id_index_find(&p->index, rows.items[i].owner_id);
        if (o)
            o->media->n++;
    }
    for (size_t i = 0; i < rows.n; i++) {
        const Owner *o = id_index_find(&p->index, rows.items[i].owner_id);
        if (!o)
            continue;
        if (!o->media->items) {
            o->media->items = arena_array(p->arena, CatalogMedia, o->media->n);
            o->media->n = 0;
        }
        o->media->items[o->media->n++] = media_from_row(&rows.items[i]);
    }
    return ST_OK;
}

/* --- publications ------------------------------------------------------------------------- */

static Status load_publications(Cx *cx, Parts *p, const int64_t *entities, size_t n)
{
    CatalogPublicationRowList rows;
    TRY(catalog_sql_publications_in(cx, entities, n, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const Owner *o = id_index_find(&p->index, rows.items[i].entity_id);
        if (o)
            o->publications->n++;
    }
    for (size_t i = 0; i < rows.n; i++) {
        const CatalogPublicationRow *r = &rows.items[i];
        const Owner                 *o = id_index_find(&p->index, r->entity_id);
        if (!o)
            continue;
        CatalogPublications *list = o->publications;
        if (!list->items) {
            list->items = arena_array(p->arena, CatalogPublication, list->n);
            list->n = 0;
        }
        list->items[list->n++] = (CatalogPublication){
            .channel = r->channel,
            .published_at = opt_time(r->published_ms),
            .unpublish_at = r->unpublish_ms,
        };
    }
    return ST_OK;
}

Status parts_load(Cx *cx, Parts *p, const int64_t *ids, size_t n, unsigned parts)
{
    if (n == 0)
        return ST_OK;
    if (parts & CATALOG_WITH_MEDIA)
        TRY(load_media(cx, p, ids, n));
    if (parts & CATALOG_WITH_ATTRIBUTES)
        TRY(load_attributes(cx, p, ids, n));
    if (parts & CATALOG_WITH_PUBLICATIONS)
        TRY(load_publications(cx, p, ids, n));
    return ST_OK;
}

/* --- all that hangs on a thing that goes
 * ---------------------------------------------------------- */

Status root_forget(Cx *cx, int64_t id)
{
    TRY(catalog_sql_attribute_values_delete_root(cx, id, NULL));
    TRY(catalog_sql_translations_forget_root(cx, id, NULL));
    TRY(catalog_sql_publications_delete(cx, id, NULL));
    return catalog_sql_media_delete_of(cx, id, NULL);
}

Status translations_outdate(Cx *cx, int64_t entity, const TextChange *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!str_eq(texts[i].was, texts[i].is))
            TRY(translation_outdate(cx, entity, texts[i].field));
    return ST_OK;
}
