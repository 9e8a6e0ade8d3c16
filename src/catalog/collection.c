/* Collections, and the products put into them by hand. */
#include "catalog/collection.h"

#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/events.h"
#include "catalog/rule.h"
#include "text/html.h"
#include "text/text.h"

#define C &catalog_collection_shape, CatalogCollection

const char *const catalog_collection_kind_names[] = {"manual", "rule", NULL};
const char *const catalog_sort_names[] = {"manual",  "title",        "title_desc",
                                          "created", "created_desc", NULL};

static const ShapeField FIELDS[] = {
    SHAPE_ID(CatalogCollection, id, CATALOG_COLLECTION_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(CatalogCollection, handle, .max = 255, .flags = SHAPE_LINE,
               .doc = "Its place in addresses: /collections/HANDLE. Made from the title when "
                      "absent."),
    SHAPE_TEXT(CatalogCollection, title, .min = 1, .max = 255,
               .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(CatalogCollection, description, .max = CATALOG_HTML_MAX, .flags = SHAPE_HTML,
               .doc = "HTML as written."),
    SHAPE_TEXT(CatalogCollection, description_safe, .max = CATALOG_HTML_MAX,
               .flags = SHAPE_HTML | SHAPE_NULLABLE | SHAPE_READ_ONLY,
               .doc = "Made safe to show; null: it is so as written."),
    SHAPE_ENUM(CatalogCollection, kind, catalog_collection_kind_names,
               .doc = "Products chosen by hand, or all for which the rule holds."),
    SHAPE_JSON(CatalogCollection, rule, .max = CATALOG_RULE_MAX, .flags = SHAPE_NULLABLE,
               .doc = "A condition on the product's facts.",
               .example = "{\"tags\":{\"$in\":[\"sale\"]},\"price.EUR\":{\"$lt\":5000}}"),
    SHAPE_ENUM(CatalogCollection, sort, catalog_sort_names, .doc = "How its products stand."),
    SHAPE_LIST(CatalogCollection, media, CatalogMedia, &catalog_media_shape, .max = 20),
    SHAPE_LIST(CatalogCollection, attributes, CatalogAttribute, &catalog_attribute_shape,
               .max = CATALOG_ATTRIBUTES_MAX),
    SHAPE_LIST(CatalogCollection, publications, CatalogPublication, &catalog_publication_shape,
               .max = CATALOG_CHANNELS_MAX, .doc = "New ones: on web, from now."),
    SHAPE_TEXT(CatalogCollection, seo_title, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(CatalogCollection, seo_description, .max = 5000),
    SHAPE_TEXT(CatalogCollection, template_suffix, .max = 64, .flags = SHAPE_LINE),
    SHAPE_INT(CatalogCollection, rev, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogCollection, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogCollection, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_collection_shape =
    SHAPE_OF_PATCH(CatalogCollection, "Collection", FIELDS, .doc = "A group of products.");

/* --- loading ------------------------------------------------------------------------------ */

static void from_row(Arena *a, const CatalogCollectionRow *r, CatalogCollection *c)
{
    *c = (CatalogCollection){
        .id = r->id,
        .handle = r->handle,
        .title = r->title,
        .description = r->description,
        .description_safe =
            html_safe_again(a, r->description, r->description_safe, r->html_version),
        .kind = r->kind,
        .rule = r->rule.len ? r->rule : (Str){0},
        .sort = r->sort,
        .seo_title = r->seo_title,
        .seo_description = r->seo_description,
        .template_suffix = r->template_suffix,
        .rev = r->rev,
        .created_at = r->created_ms,
        .updated_at = r->updated_ms,
    };
}

typedef struct GetJob {
    const int64_t     *ids;
    size_t             n;
    CatalogCollections ret;
} GetJob;

static Status get_in_snapshot(Cx *cx, void *arg)
{
    GetJob                  *job = arg;
    CatalogCollectionRowList rows;
    IdIndex                  found;
    TRY(catalog_sql_collections_in(cx, job->ids, job->n, &rows));
    id_index_init(&found, cx->arena, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        id_index_add(&found, rows.items[i].id, &rows.items[i]);
    CatalogCollection *items = arena_array(cx->arena, CatalogCollection, rows.n + 1);
    Parts              parts;
    parts_init(&parts, cx->arena, rows.n);
    Ids    ids = ids_new(cx->arena, rows.n);
    size_t n = 0;
    for (size_t i = 0; i < job->n && n < rows.n; i++) {
        const CatalogCollectionRow *row = id_index_find(&found, job->ids[i]);
        if (!row)
            continue;
        CatalogCollection *c = &items[n++];
        from_row(cx->arena, row, c);
        ids_add(&ids, c->id);
        parts_add(&parts, c->id, &c->media, &c->attributes, &c->publications);
    }
    job->ret = (CatalogCollections){items, n};
    return parts_load(cx, &parts, ids.items, n, CATALOG_WITH_ALL);
}

Status catalog_collections_get(Cx *cx, const int64_t *ids, size_t n, CatalogCollections *ret)
{
    GetJob job = {.ids = ids, .n = n};
    TRY(cx_in_snapshot(cx, get_in_snapshot, &job));
    *ret = job.ret;
    return ST_OK;
}

Status catalog_collection_get(Cx *cx, int64_t id, CatalogCollection *ret)
{
    CatalogCollections found;
    TRY(catalog_collections_get(cx, &id, 1, &found));
    if (found.n == 0)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_collection", "there is no such collection");
    *ret = found.items[0];
    return ST_OK;
}

static Status owner(Cx *cx, Str handle, int64_t scope, bool *ret_found, int64_t *ret_id)
{
    (void)scope;
    return catalog_sql_collection_by_handle(cx, handle, ret_found, ret_id);
}

Status catalog_collection_by_handle(Cx *cx, Str handle, CatalogCollection *ret)
{
    bool    found;
    int64_t id = 0;
    TRY(catalog_sql_collection_by_handle(cx, handle, &found, &id));
    return catalog_collection_get(cx, id, ret);
}

/* --- saving ------------------------------------------------------------------------------- */

typedef struct SaveJob {
    int64_t           id, rev;
    CatalogCollection in, out;
} SaveJob;

static CatalogCollectionWrite to_row(Cx *cx, const CatalogCollection *c)
{
    return (CatalogCollectionWrite){
        .id = c->id,
        .handle = c->handle,
        .title = c->title,
        .title_key = text_fold(cx->arena, c->title),
        .description = c->description,
        .description_safe = c->description_safe,
        .html_version = HTML_CLEAN_VERSION,
        .kind = c->kind,
        .rule = c->rule,
        .sort = c->sort,
        .seo_title = c->seo_title,
        .seo_description = c->seo_description,
        .template_suffix = c->template_suffix,
        .rev = c->rev,
        .created_ms = c->created_at,
        .updated_ms = c->updated_at,
    };
}

static Status check(Cx *cx, const CatalogCollection *c, struct AttributeDefs **defs)
{
    Err err;
    if (c->title.len == 0)
        issue_add(&cx->issues, STR("/title"), "required", "is missing");
    if (c->kind == CATALOG_BY_RULE && c->rule.len == 0)
        issue_add(&cx->issues, STR("/rule"), "required", "is missing");
    if (c->kind == CATALOG_BY_HAND && c->rule.len > 0)
        issue_add(&cx->issues, STR("/rule"), "not_one_of", "is for collections by rule");
    if (c->kind == CATALOG_BY_RULE && c->rule.len > 0 &&
        rule_check(cx->arena, c->rule, &err) != ST_OK)
        issue_add(&cx->issues, STR("/rule"), "bad_format", "%s", err.msg);
    parts_check(cx, c->media, c->publications, c->template_suffix);
    TRY(attributes_check(cx, defs, CATALOG_SCOPE_COLLECTION, "attributes", c->attributes));
    return cx_check_issues(cx);
}

/* Every change of a product asks all rules. */
static Status check_count(Cx *cx)
{
    int64_t n;
    TRY(catalog_sql_rules_count(cx, &n));
    if (n < CATALOG_RULES_MAX)
        return ST_OK;
    return cx_fail(cx, ST_LIMIT, "catalog.too_many", "at most %d collections by rule",
                   CATALOG_RULES_MAX);
}

static Status outdate(Cx *cx, const CatalogCollection *x, const CatalogCollection *y)
{
    const TextChange TEXTS[] = {
        {"title", x->title, y->title},
        {"description", x->description, y->description},
        {"seo_title", x->seo_title, y->seo_title},
        {"seo_description", x->seo_description, y->seo_description},
    };
    return translations_outdate(cx, y->id, TEXTS, COUNT_OF(TEXTS));
}

static void merge(Cx *cx, const CatalogCollection *was, bool is_new, CatalogCollection *c)
{
    Str  safe = c->description_safe;
    bool html = GIVEN(C, c, description), media = GIVEN(C, c, media),
         published = GIVEN(C, c, publications);
    catalog_keep(&catalog_collection_shape, c, was);
    if (html)
        c->description_safe = safe;
    if (media)
        media_merge(cx, "media", was->media, &c->media);
    if (published || is_new)
        publications_merge(cx, was->publications, !published, &c->publications);
    if (GIVEN(C, c, kind) && c->kind == CATALOG_BY_HAND && !GIVEN(C, c, rule))
        c->rule = (Str){0};
}

static Status save_parts(Cx *cx, struct AttributeDefs **defs, const CatalogCollection *was,
                         const CatalogCollection *c, bool *changed)
{
    TRY(media_save(cx, c->id, was->media, c->media, changed));
    TRY(attributes_save(cx, defs, CATALOG_SCOPE_COLLECTION, c->id, c->id, was->attributes,
                        c->attributes, changed));
    return publications_save(cx, c->id, was->publications, c->publications, changed);
}

static Status save_row(Cx *cx, const CatalogCollection *was, CatalogCollection *c, bool new_rule)
{
    c->rev = was->rev + 1;
    c->updated_at = cx->now;
    CatalogCollectionWrite row = to_row(cx, c);
    if (was->id == 0) {
        TRY(catalog_sql_collection_insert(cx, &row, NULL));
        TRY(redirect_live(cx, "/collections/", c->handle));
    } else {
        TRY(catalog_sql_collection_update(cx, &row, NULL));
        if (new_rule)
            TRY(catalog_sql_collection_rule_changed(cx, c->id, NULL));
        if (!str_eq(was->handle, c->handle))
            TRY(redirect_moved(cx, "/collections/", was->handle, c->handle));
        TRY(outdate(cx, was, c));
    }
    const CatalogCollectionChanged told = {c->id, c->rev, new_rule};
    TRY(event_tell(cx, &catalog_collection_changed, c->id, &told));
    return audit_change(cx, "catalog.collection", c->id, &catalog_collection_shape,
                        was->id ? was : NULL, c);
}

static Status save_tx(Cx *cx, void *arg)
{
    SaveJob              *job = arg;
    CatalogCollection     was = {0}, *c = &job->out;
    struct AttributeDefs *defs = NULL;
    bool                  changed = false;
    cx->issues.n = cx->issues.total = 0;
    if (job->id) {
        TRY(catalog_collection_get(cx, job->id, &was));
        TRY(rev_check(cx, job->rev, was.rev));
    }
    *c = job->in;
    bool explicit = GIVEN(C, c, handle) && c->handle.len > 0;
    merge(cx, &was, !job->id, c);
    c->id = job->id ? job->id : id_new();
    c->created_at = job->id ? was.created_at : cx->now;
    TRY(check(cx, c, &defs));
    if (c->handle.len == 0) /* a handle that was not given is a wish */
        c->handle =
            job->in.handle.len > 0 ? job->in.handle : text_handle(cx->arena, c->title, STR(""));
    TRY(handle_settle(cx, owner, 0, c->id, explicit, "collection", &c->handle));
    bool new_rule =
        c->kind == CATALOG_BY_RULE && (was.kind != CATALOG_BY_RULE || !str_eq(was.rule, c->rule));
    if (c->kind == CATALOG_BY_RULE && was.kind != CATALOG_BY_RULE)
        TRY(check_count(cx));
    if (!job->id)
        TRY(save_row(cx, &was, c, new_rule));
    TRY(save_parts(cx, &defs, &was, c, &changed));
    if (job->id && (changed || !catalog_same(&catalog_collection_shape, &was, c)))
        TRY(save_row(cx, &was, c, new_rule));
    return ST_OK;
}

static Status save(Cx *cx, int64_t id, int64_t rev, CatalogCollection *c)
{
    SaveJob job = {.id = id, .rev = rev};
    if (GIVEN(C, c, description))
        c->description_safe = html_safe(cx->arena, c->description);
    job.in = *c;
    TRY(catalog_in_tx(cx, save_tx, &job));
    *c = job.out;
    return ST_OK;
}

Status catalog_collection_create(Cx *cx, CatalogCollection *c)
{
    return save(cx, 0, 0, c);
}

Status catalog_collection_update(Cx *cx, int64_t id, int64_t rev, CatalogCollection *c)
{
    return save(cx, id, rev, c);
}

static Status delete_tx(Cx *cx, void *arg)
{
    SaveJob           *job = arg;
    CatalogCollection *c = &job->out;
    TRY(catalog_collection_get(cx, job->id, c));
    TRY(rev_check(cx, job->rev, c->rev));
    TRY(root_forget(cx, job->id));
    TRY(catalog_sql_collection_delete(cx, job->id, NULL));
    const CatalogDeleted told = {.id = id_format(cx->arena, CATALOG_COLLECTION_ID, job->id),
                                 .handle = c->handle};
    TRY(event_tell(cx, &catalog_collection_deleted, job->id, &told));
    return audit_change(cx, "catalog.collection", job->id, &catalog_collection_shape, c, NULL);
}

Status catalog_collection_delete(Cx *cx, int64_t id, int64_t rev)
{
    SaveJob job = {.id = id, .rev = rev};
    return catalog_in_tx(cx, delete_tx, &job);
}

/* --- by hand ------------------------------------------------------------------------------ */

enum { STEP = 1024 }; /* between positions, so that moving one need not move others */

typedef struct MembersJob {
    int64_t        id;
    const int64_t *products;
    size_t         n;
    int64_t        before;
} MembersJob;

static Status by_hand(Cx *cx, int64_t id)
{
    bool found;
    int  kind = 0;
    TRY(catalog_sql_collection_kind(cx, id, &found, &kind));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_collection", "there is no such collection");
    if (kind != CATALOG_BY_HAND)
        return cx_fail(cx, ST_CONFLICT, "catalog.collection_by_rule",
                       "its rule decides what is in it");
    return ST_OK;
}

static Status tell_members(Cx *cx, int64_t id, const int64_t *products, size_t n)
{
    CatalogMembersChanged told = {.collection_id = id};
    if (n == 1)
        told.product_id = opt_i64(products[0]);
    return event_tell(cx, &catalog_members_changed, id, &told);
}

static Status end_of(Cx *cx, int64_t id, int64_t *ret)
{
    bool found;
    *ret = 0;
    TRY(catalog_sql_members_last(cx, id, &found, ret));
    *ret += STEP;
    return ST_OK;
}

static Status add_tx(Cx *cx, void *arg)
{
    const MembersJob *job = arg;
    int64_t           position, added, total = 0;
    CatalogIdRowList  there;
    TRY(by_hand(cx, job->id));
    TRY(catalog_sql_products_there(cx, job->products, job->n, &there));
    IdIndex known;
    id_index_init(&known, cx->arena, there.n);
    for (size_t i = 0; i < there.n; i++)
        id_index_add(&known, there.items[i].id, &there.items[i]);
    TRY(end_of(cx, job->id, &position));
    for (size_t i = 0; i < job->n; i++) {
        if (!id_index_find(&known, job->products[i]))
            return cx_fail(cx, ST_NOT_FOUND, "catalog.no_product", "there is no product " STR_FMT,
                           STR_ARG(id_format(cx->arena, CATALOG_PRODUCT_ID, job->products[i])));
        TRY(catalog_sql_member_add(cx, job->id, job->products[i], position, &added));
        position += STEP * added;
        total += added;
    }
    return total ? tell_members(cx, job->id, job->products, job->n) : ST_OK;
}

static Status remove_tx(Cx *cx, void *arg)
{
    const MembersJob *job = arg;
    int64_t           removed;
    TRY(by_hand(cx, job->id));
    TRY(catalog_sql_members_remove(cx, job->id, job->products, job->n, &removed));
    return removed ? tell_members(cx, job->id, job->products, job->n) : ST_OK;
}

static Status members_change(Cx *cx, int64_t id, const int64_t *products, size_t n, CxTxFn *fn)
{
    MembersJob job = {.id = id, .products = products, .n = n};
    if (n > CATALOG_MEMBERS_MAX)
        return cx_fail(cx, ST_LIMIT, "catalog.too_many", "at most %d products at once",
                       CATALOG_MEMBERS_MAX);
    return catalog_in_tx(cx, fn, &job);
}

Status catalog_collection_add(Cx *cx, int64_t id, const int64_t *products, size_t n)
{
    return members_change(cx, id, products, n, add_tx);
}

Status catalog_collection_remove(Cx *cx, int64_t id, const int64_t *products, size_t n)
{
    return members_change(cx, id, products, n, remove_tx);
}

static Status position_of(Cx *cx, int64_t id, int64_t product, int64_t *ret)
{
    bool found;
    TRY(catalog_sql_member_position(cx, id, product, &found, ret));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_product", "is not in this collection");
    return ST_OK;
}

/* A position between the one before `before` and `before`; when there is no room, all from
 * there on move up. */
static Status position_before(Cx *cx, const MembersJob *job, int64_t *ret)
{
    bool    found;
    int64_t at, previous = 0;
    TRY(position_of(cx, job->id, job->before, &at));
    TRY(catalog_sql_member_previous(cx, job->id, at, job->products[0], &found, &previous));
    if (at - previous < 2) {
        TRY(catalog_sql_members_shift(cx, job->id, at, STEP, NULL));
        at += STEP;
    }
    *ret = previous + (at - previous) / 2;
    return ST_OK;
}

static Status move_tx(Cx *cx, void *arg)
{
    const MembersJob *job = arg;
    int64_t           position;
    TRY(by_hand(cx, job->id));
    TRY(position_of(cx, job->id, job->products[0], &position));
    if (job->before == job->products[0])
        return ST_OK;
    TRY(job->before ? position_before(cx, job, &position) : end_of(cx, job->id, &position));
    TRY(catalog_sql_member_move(cx, job->id, job->products[0], position, NULL));
    return tell_members(cx, job->id, job->products, 1);
}

Status catalog_collection_move(Cx *cx, int64_t id, int64_t product, int64_t before)
{
    const int64_t one = product;
    MembersJob    job = {.id = id, .products = &one, .n = 1, .before = before};
    return catalog_in_tx(cx, move_tx, &job);
}

Status catalog_collections_of(Cx *cx, int64_t product_id, CatalogIds *ret)
{
    CatalogIdRowList rows;
    TRY(catalog_sql_collections_of(cx, product_id, &rows));
    *ret = (CatalogIds){arena_array(cx->arena, int64_t, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = rows.items[i].id;
    return ST_OK;
}
