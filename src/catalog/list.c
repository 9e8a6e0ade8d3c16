/* Lists, as users filter and sort them. */
#include "catalog/list.h"

#include <string.h>

#include "catalog/catalog_int.h"
#include "text/text.h"

/* --- slices ------------------------------------------------------------------------------- */

/* Only literals can get into a statement, so each sort is spelled out. */
static void order_by_id(DbFilter *f, const CatalogSlice *s, bool up)
{
    if (s->from) {
        if (up)
            db_filter_sql(f, " AND x.id > ");
        else
            db_filter_sql(f, " AND x.id < ");
        db_filter_i64(f, s->id);
    }
    if (up)
        db_filter_sql(f, " ORDER BY x.id LIMIT ");
    else
        db_filter_sql(f, " ORDER BY x.id DESC LIMIT ");
    db_filter_i64(f, s->limit);
}

static void order_by_updated(DbFilter *f, const CatalogSlice *s, bool up)
{
    if (s->from) {
        if (up)
            db_filter_sql(f, " AND (x.updated_ms, x.id) > (");
        else
            db_filter_sql(f, " AND (x.updated_ms, x.id) < (");
        db_filter_i64(f, s->number);
        db_filter_sql(f, ", ");
        db_filter_i64(f, s->id);
        db_filter_sql(f, ")");
    }
    if (up)
        db_filter_sql(f, " ORDER BY x.updated_ms, x.id LIMIT ");
    else
        db_filter_sql(f, " ORDER BY x.updated_ms DESC, x.id DESC LIMIT ");
    db_filter_i64(f, s->limit);
}

static void order_by_title(DbFilter *f, const CatalogSlice *s, bool up)
{
    if (s->from) {
        if (up)
            db_filter_sql(f, " AND (x.title_key, x.id) > (");
        else
            db_filter_sql(f, " AND (x.title_key, x.id) < (");
        db_filter_str(f, s->text);
        db_filter_sql(f, ", ");
        db_filter_i64(f, s->id);
        db_filter_sql(f, ")");
    }
    if (up)
        db_filter_sql(f, " ORDER BY x.title_key, x.id LIMIT ");
    else
        db_filter_sql(f, " ORDER BY x.title_key DESC, x.id DESC LIMIT ");
    db_filter_i64(f, s->limit);
}

static void order_by_position(DbFilter *f, const CatalogSlice *s, bool up)
{
    if (s->from) {
        if (up)
            db_filter_sql(f, " AND (m.position, m.product_id) > (");
        else
            db_filter_sql(f, " AND (m.position, m.product_id) < (");
        db_filter_i64(f, s->number);
        db_filter_sql(f, ", ");
        db_filter_i64(f, s->id);
        db_filter_sql(f, ")");
    }
    if (up)
        db_filter_sql(f, " ORDER BY m.position, m.product_id LIMIT ");
    else
        db_filter_sql(f, " ORDER BY m.position DESC, m.product_id DESC LIMIT ");
    db_filter_i64(f, s->limit);
}

static void slice(DbFilter *f, const CatalogSlice *s)
{
    bool up = s->descending == s->backwards;
    switch (s->order) {
    case CATALOG_ORDER_UPDATED: order_by_updated(f, s, up); break;
    case CATALOG_ORDER_TITLE: order_by_title(f, s, up); break;
    case CATALOG_ORDER_COLLECTION: order_by_position(f, s, up); break;
    default: order_by_id(f, s, up); break;
    }
}

/* The columns are id, text key or '', number key or 0. */
static Status run(Cx *cx, const DbFilter *f, int64_t limit, CatalogKeyedList *ret)
{
    CLEANUP(db_run_end) DbRun r = {0};
    bool                      row;
    *ret = (CatalogKeyedList){arena_array(cx->arena, CatalogKeyed, (size_t)limit + 1), 0};
    TRY(cx_filter_run(cx, f, "iti", &r));
    for (;;) {
        TRY(db_step(&r, &row, &cx->err));
        if (!row)
            return ST_OK;
        ASSERT(ret->n < (size_t)limit);
        ret->items[ret->n++] = (CatalogKeyed){
            .id = db_col_i64(&r, 0),
            .text = db_col_str(&r, cx->arena, 1),
            .number = db_col_i64(&r, 2),
        };
    }
}

/* Every text that begins with `prefix` is less than this: no character is behind U+10FFFF,
 * and keys are compared bytewise. */
static Str prefix_end(Arena *a, Str prefix)
{
    char *end = arena_array(a, char, prefix.len + 5);
    if (prefix.len)
        memcpy(end, prefix.ptr, prefix.len);
    memcpy(end + prefix.len, "\xf4\x8f\xbf\xbf", 4);
    return (Str){end, prefix.len + 4};
}

static void title_begins(DbFilter *f, Arena *a, Str title)
{
    Str key = text_fold(a, title);
    db_filter_sql(f, " AND x.title_key >= ");
    db_filter_str(f, key);
    db_filter_sql(f, " AND x.title_key < ");
    db_filter_str(f, prefix_end(a, key));
}

/* --- products ----------------------------------------------------------------------------- */

static void product_names(Cx *cx, DbFilter *f, const CatalogProductFilter *p)
{
    if (p->status > 0) {
        db_filter_sql(f, " AND x.status = ");
        db_filter_str(f, str_from_cstr(catalog_status_names[p->status - 1]));
    }
    if (p->vendor.len > 0) {
        db_filter_sql(f, " AND x.vendor_key = ");
        db_filter_str(f, text_fold(cx->arena, p->vendor));
    }
    if (p->type.len > 0) {
        db_filter_sql(f, " AND x.type_key = ");
        db_filter_str(f, text_fold(cx->arena, p->type));
    }
    if (p->title.len > 0)
        title_begins(f, cx->arena, p->title);
    if (p->handle.len > 0) {
        db_filter_sql(f, " AND x.handle = ");
        db_filter_str(f, p->handle);
    }
}

static void product_relations(Cx *cx, DbFilter *f, const CatalogProductFilter *p)
{
    if (p->tag.len > 0) {
        db_filter_sql(f, " AND x.id IN (SELECT product_id FROM catalog_product_tag "
                         "WHERE tag_key = ");
        db_filter_str(f, text_fold(cx->arena, p->tag));
        db_filter_sql(f, ")");
    }
    if (p->sku.len > 0) {
        db_filter_sql(f, " AND x.id IN (SELECT product_id FROM catalog_variant "
                         "WHERE sku <> '' AND sku = ");
        db_filter_str(f, p->sku);
        db_filter_sql(f, ")");
    }
    if (p->channel.len > 0) {
        db_filter_sql(f, " AND EXISTS (SELECT 1 FROM catalog_publication u "
                         "WHERE u.entity_id = x.id AND u.channel = ");
        db_filter_str(f, p->channel);
        db_filter_sql(f, ")");
    }
}

Status catalog_product_list(Cx *cx, const CatalogProductFilter *p, const CatalogSlice *s,
                            CatalogKeyedList *ret)
{
    DbFilter f;
    if (p->collection != 0) {
        if (s->order == CATALOG_ORDER_COLLECTION)
            db_filter_init(&f, cx->arena,
                           "SELECT x.id, '', m.position FROM catalog_collection_product m "
                           "JOIN catalog_product x ON x.id = m.product_id "
                           "WHERE m.collection_id = ");
        else
            db_filter_init(&f, cx->arena,
                           "SELECT x.id, x.title_key, x.updated_ms "
                           "FROM catalog_collection_product m "
                           "JOIN catalog_product x ON x.id = m.product_id "
                           "WHERE m.collection_id = ");
        db_filter_i64(&f, p->collection);
    } else {
        db_filter_init(&f, cx->arena,
                       "SELECT x.id, x.title_key, x.updated_ms FROM catalog_product x WHERE TRUE");
    }
    product_names(cx, &f, p);
    product_relations(cx, &f, p);
    if (p->updated_since.has) {
        db_filter_sql(&f, " AND x.updated_ms >= ");
        db_filter_i64(&f, p->updated_since.v.v);
    }
    if (p->ids) {
        db_filter_sql(&f, " AND x.id ");
        db_filter_in_ids(&f, p->ids, p->nids);
    }
    slice(&f, s);
    return run(cx, &f, s->limit, ret);
}

/* --- collections -------------------------------------------------------------------------- */

Status catalog_collection_list(Cx *cx, const CatalogCollectionFilter *c, const CatalogSlice *s,
                               CatalogKeyedList *ret)
{
    DbFilter f;
    db_filter_init(&f, cx->arena,
                   "SELECT x.id, x.title_key, x.updated_ms FROM catalog_collection x WHERE TRUE");
    if (c->kind > 0) {
        db_filter_sql(&f, " AND x.kind = ");
        db_filter_str(&f, str_from_cstr(catalog_collection_kind_names[c->kind - 1]));
    }
    if (c->title.len > 0)
        title_begins(&f, cx->arena, c->title);
    if (c->handle.len > 0) {
        db_filter_sql(&f, " AND x.handle = ");
        db_filter_str(&f, c->handle);
    }
    if (c->product != 0) {
        db_filter_sql(&f, " AND x.id IN (SELECT collection_id FROM catalog_collection_product "
                          "WHERE product_id = ");
        db_filter_i64(&f, c->product);
        db_filter_sql(&f, ")");
    }
    if (c->updated_since.has) {
        db_filter_sql(&f, " AND x.updated_ms >= ");
        db_filter_i64(&f, c->updated_since.v.v);
    }
    slice(&f, s);
    return run(cx, &f, s->limit, ret);
}

/* --- variants ----------------------------------------------------------------------------- */

Status catalog_variant_list(Cx *cx, const CatalogVariantFilter *v, const CatalogSlice *s,
                            CatalogKeyedList *ret)
{
    DbFilter     f;
    CatalogSlice by_age = *s;
    by_age.order = CATALOG_ORDER_CREATED;
    db_filter_init(&f, cx->arena, "SELECT x.id, '', x.position FROM catalog_variant x WHERE TRUE");
    if (v->product != 0) {
        db_filter_sql(&f, " AND x.product_id = ");
        db_filter_i64(&f, v->product);
    }
    if (v->sku.len > 0) {
        db_filter_sql(&f, " AND x.sku <> '' AND x.sku = ");
        db_filter_str(&f, v->sku);
    }
    if (v->barcode.len > 0) {
        db_filter_sql(&f, " AND x.barcode <> '' AND x.barcode = ");
        db_filter_str(&f, v->barcode);
    }
    if (v->ids) {
        db_filter_sql(&f, " AND x.id ");
        db_filter_in_ids(&f, v->ids, v->nids);
    }
    slice(&f, &by_age);
    return run(cx, &f, s->limit, ret);
}

/* --- the others --------------------------------------------------------------------------- */

static void from_table(Cx *cx, DbFilter *f, CatalogTable table)
{
    switch (table) {
    case CATALOG_PAGES:
        db_filter_init(f, cx->arena,
                       "SELECT x.id, x.title_key, x.updated_ms FROM catalog_page x WHERE TRUE");
        break;
    case CATALOG_BLOGS:
        db_filter_init(f, cx->arena,
                       "SELECT x.id, '', x.updated_ms FROM catalog_blog x WHERE TRUE");
        break;
    case CATALOG_ARTICLES:
        db_filter_init(f, cx->arena,
                       "SELECT x.id, x.title_key, x.updated_ms FROM catalog_article x WHERE TRUE");
        break;
    case CATALOG_MENUS:
        db_filter_init(f, cx->arena,
                       "SELECT x.id, '', x.updated_ms FROM catalog_menu x WHERE TRUE");
        break;
    case CATALOG_REDIRECTS:
    case CATALOG_TABLES:
        db_filter_init(f, cx->arena,
                       "SELECT x.id, '', x.created_ms FROM catalog_redirect x WHERE TRUE");
        break;
    }
}

Status catalog_list(Cx *cx, CatalogTable table, int64_t parent, Str handle, const CatalogSlice *s,
                    CatalogKeyedList *ret)
{
    DbFilter     f;
    CatalogSlice own = *s;
    bool         titled = table == CATALOG_PAGES || table == CATALOG_ARTICLES;
    if (s->order != CATALOG_ORDER_TITLE || !titled)
        own.order = CATALOG_ORDER_CREATED;
    from_table(cx, &f, table);
    if (table == CATALOG_ARTICLES && parent != 0) {
        db_filter_sql(&f, " AND x.blog_id = ");
        db_filter_i64(&f, parent);
    }
    if (handle.len > 0) {
        if (table == CATALOG_REDIRECTS)
            db_filter_sql(&f, " AND x.path = ");
        else
            db_filter_sql(&f, " AND x.handle = ");
        db_filter_str(&f, handle);
    }
    slice(&f, &own);
    return run(cx, &f, s->limit, ret);
}

/* --- names
 * ----------------------------------------------------------------------------------------- */

static const ShapeField NAME[] = {
    SHAPE_TEXT(CatalogName, name, .flags = SHAPE_READ_ONLY),
    SHAPE_INT(CatalogName, uses, .flags = SHAPE_READ_ONLY, .doc = "Products that have it."),
};
const Shape catalog_name_shape =
    SHAPE_OF(CatalogName, "ProductName", NAME, .doc = "A vendor, product type or tag.");

Status catalog_names(Cx *cx, CatalogNameKind kind, Str prefix, Str after, int64_t limit,
                     CatalogNames *ret)
{
    CatalogFacetList rows;
    Str              from = text_fold(cx->arena, prefix), before = prefix_end(cx->arena, from);
    if (after.len > 0) { /* the smallest text behind it */
        Str   key = text_fold(cx->arena, after);
        char *next = arena_array(cx->arena, char, key.len + 2);
        memcpy(next, key.ptr, key.len);
        next[key.len] = '\x01';
        from = (Str){next, key.len + 1};
    }
    TRY(kind == CATALOG_VENDORS ? catalog_sql_vendors_list(cx, from, before, limit, &rows)
        : kind == CATALOG_TYPES ? catalog_sql_types_list(cx, from, before, limit, &rows)
                                : catalog_sql_tags_list(cx, from, before, limit, &rows));
    *ret = (CatalogNames){arena_array(cx->arena, CatalogName, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = (CatalogName){rows.items[i].name, rows.items[i].uses};
    return ST_OK;
}
