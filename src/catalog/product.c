/* Products and variants: one transaction for each change. */
#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/events.h"
#include "text/text.h"

#define P &catalog_product_shape, CatalogProduct

static Status handle_owner(Cx *cx, Str handle, int64_t scope, bool *ret_found, int64_t *ret_id)
{
    (void)scope;
    return catalog_sql_product_by_handle(cx, handle, ret_found, ret_id);
}

/* The handle that was given; else, for a new product, one made from the title. */
static Status settle_handle(Edit *e)
{
    CatalogProduct *p = e->after;
    bool explicit = GIVEN(P, p, handle) && p->handle.len > 0;
    if (e->before && str_eq(e->before->handle, p->handle))
        return ST_OK;
    if (p->handle.len == 0)
        p->handle = text_handle(e->cx->arena, p->title, STR(""));
    return handle_settle(e->cx, handle_owner, 0, p->id, explicit, "product", &p->handle);
}

static Status check_attributes(Edit *e)
{
    Cx                   *cx = e->cx;
    const CatalogProduct *p = e->after;
    if (GIVEN(P, p, attributes))
        TRY(attributes_check(cx, &e->defs, CATALOG_SCOPE_PRODUCT, "attributes", p->attributes));
    for (size_t i = 0; i < p->variants.n; i++) {
        const CatalogVariant *v = &p->variants.items[i];
        char                  list[64];
        snprintf(list, sizeof list, "variants/%zu/attributes", i);
        if (v->given != 0 && SHAPE_GIVEN(&catalog_variant_shape, CatalogVariant, v, attributes))
            TRY(attributes_check(cx, &e->defs, CATALOG_SCOPE_VARIANT, list, v->attributes));
    }
    return ST_OK;
}

/* As it is when it is read again. */
static void tell_availability(CatalogProduct *p)
{
    for (size_t i = 0; i < p->variants.n; i++)
        p->variants.items[i].availability =
            (int)catalog_variant_availability(&p->variants.items[i]);
}

/* From what was given to rows: e->after holds the result. Works on copies, so that it can
 * run again with the same input. */
static Status apply(Edit *e)
{
    e->cx->issues.n = e->cx->issues.total = 0;
    TRY(product_merge(e));
    product_check(e);
    TRY(check_attributes(e));
    TRY(price_lists_check(e));
    TRY(cx_check_issues(e->cx));
    TRY(settle_handle(e));
    TRY(product_save(e));
    tell_availability(e->after);
    return ST_OK;
}

/* --- products ----------------------------------------------------------------------------- */

Status product_create_in_tx(Cx *cx, struct AttributeDefs **defs, const CatalogProduct *in,
                            CatalogProduct *ret)
{
    *ret = *in;
    Edit   e = {.cx = cx, .after = ret, .defs = *defs};
    Status st = apply(&e);
    *defs = e.defs;
    return st;
}

Status product_update_in_tx(Cx *cx, struct AttributeDefs **defs, int64_t id, int64_t rev,
                            const CatalogProduct *in, CatalogProduct *ret, bool *ret_changed)
{
    CatalogProduct before;
    TRY(catalog_product_get(cx, id, CATALOG_WITH_ALL, &before));
    TRY(rev_check(cx, rev, before.rev));
    *ret = *in;
    Edit   e = {.cx = cx, .before = &before, .after = ret, .defs = *defs};
    Status st = apply(&e);
    *defs = e.defs;
    *ret_changed = e.changed;
    return st;
}

Status product_delete_in_tx(Cx *cx, int64_t id, int64_t rev)
{
    CatalogProduct p;
    TRY(catalog_product_get(cx, id, 0, &p));
    TRY(rev_check(cx, rev, p.rev));
    TRY(root_forget(cx, id));
    TRY(catalog_sql_product_delete(cx, id, NULL));
    const CatalogDeleted told = {.id = id_format(cx->arena, CATALOG_PRODUCT_ID, id),
                                 .handle = p.handle};
    TRY(event_tell(cx, &catalog_product_deleted, id, &told));
    return audit_change(cx, "catalog.product", id, &catalog_product_head_shape, &p, NULL);
}

typedef struct Change {
    int64_t         id;
    int64_t         rev;
    bool            changed;
    CatalogProduct *in;
    CatalogProduct  out;
} Change;

static Status create_tx(Cx *cx, void *arg)
{
    Change               *job = arg;
    struct AttributeDefs *defs = NULL;
    return product_create_in_tx(cx, &defs, job->in, &job->out);
}

static Status update_tx(Cx *cx, void *arg)
{
    Change               *job = arg;
    struct AttributeDefs *defs = NULL;
    return product_update_in_tx(cx, &defs, job->id, job->rev, job->in, &job->out, &job->changed);
}

static Status delete_tx(Cx *cx, void *arg)
{
    const Change *job = arg;
    return product_delete_in_tx(cx, job->id, job->rev);
}

Status catalog_product_create(Cx *cx, CatalogProduct *p)
{
    Change job = {.in = p};
    product_prepare(cx, p);
    TRY(catalog_in_tx(cx, create_tx, &job));
    *p = job.out;
    return ST_OK;
}

Status catalog_product_update(Cx *cx, int64_t id, int64_t rev, CatalogProduct *p, bool *ret_changed)
{
    Change job = {.id = id, .rev = rev, .in = p};
    product_prepare(cx, p);
    TRY(catalog_in_tx(cx, update_tx, &job));
    *p = job.out;
    if (ret_changed)
        *ret_changed = job.changed;
    return ST_OK;
}

Status catalog_product_delete(Cx *cx, int64_t id, int64_t rev)
{
    Change job = {.id = id, .rev = rev};
    return catalog_in_tx(cx, delete_tx, &job);
}

/* --- one variant -------------------------------------------------------------------------- */

enum { AROUND = CATALOG_WITH_OPTIONS | CATALOG_WITH_MEDIA };

static Status variant_product(Cx *cx, int64_t id, unsigned parts, CatalogProduct *ret)
{
    bool    found;
    int64_t product;
    TRY(catalog_sql_variant_product(cx, id, &found, &product));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_variant", "there is no such variant");
    return catalog_product_get(cx, product, parts, ret);
}

static Status variant_with_product(Cx *cx, int64_t id, unsigned parts, CatalogProduct *ret)
{
    TRY(variant_product(cx, id, parts, ret));
    TRY(variants_load(cx, &id, 1, &ret->variants));
    variants_name(cx->arena, ret, ret->variants);
    return ST_OK;
}

typedef struct VariantsJob {
    const int64_t  *ids;
    size_t          n;
    CatalogVariants ret;
} VariantsJob;

/* Variants of several products: these are loaded with their options, all at once. */
static Status variants_get_in_snapshot(Cx *cx, void *arg)
{
    VariantsJob    *job = arg;
    CatalogVariants found;
    CatalogProducts products;
    IdIndex         by_id, owners;
    TRY(variants_load(cx, job->ids, job->n, &found));
    Ids ids = ids_new(cx->arena, found.n);
    id_index_init(&by_id, cx->arena, found.n);
    id_index_init(&owners, cx->arena, found.n);
    for (size_t i = 0; i < found.n; i++) {
        id_index_add(&by_id, found.items[i].id, &found.items[i]);
        if (id_index_find(&owners, found.items[i].product_id))
            continue;
        id_index_add(&owners, found.items[i].product_id, &ids);
        ids_add(&ids, found.items[i].product_id);
    }
    TRY(catalog_products_get(cx, ids.items, ids.n, CATALOG_WITH_OPTIONS, &products));
    id_index_init(&owners, cx->arena, products.n);
    for (size_t i = 0; i < products.n; i++)
        id_index_add(&owners, products.items[i].id, &products.items[i]);
    job->ret = (CatalogVariants){arena_array(cx->arena, CatalogVariant, found.n + 1), 0};
    for (size_t i = 0; i < job->n; i++) {
        const CatalogVariant *v = id_index_find(&by_id, job->ids[i]);
        const CatalogProduct *p = v ? id_index_find(&owners, v->product_id) : NULL;
        if (!p)
            continue;
        CatalogVariant *out = &job->ret.items[job->ret.n++];
        *out = *v;
        variants_name(cx->arena, p, (CatalogVariants){out, 1});
    }
    return ST_OK;
}

Status catalog_variants_get(Cx *cx, const int64_t *ids, size_t n, CatalogVariants *ret)
{
    VariantsJob job = {.ids = ids, .n = n};
    TRY(cx_in_snapshot(cx, variants_get_in_snapshot, &job));
    *ret = job.ret;
    return ST_OK;
}

typedef struct VariantJob {
    int64_t         id; /* of the variant; when one is made, of its product */
    CatalogVariant *in;
    CatalogVariant  out;
} VariantJob;

static Status variant_get_in_snapshot(Cx *cx, void *arg)
{
    VariantJob    *job = arg;
    CatalogProduct p;
    TRY(variant_with_product(cx, job->id, CATALOG_WITH_OPTIONS, &p));
    job->out = p.variants.items[0];
    return ST_OK;
}

Status catalog_variant_get(Cx *cx, int64_t id, CatalogVariant *ret)
{
    VariantJob job = {.id = id};
    TRY(cx_in_snapshot(cx, variant_get_in_snapshot, &job));
    *ret = job.out;
    return ST_OK;
}

/* Its sisters are not loaded, so ask the index whether one has these values. */
static Status check_combination(Edit *e)
{
    const CatalogVariant *v = &e->after->variants.items[0];
    bool                  taken;
    int64_t               other;
    TRY(catalog_sql_variant_by_key(e->cx, e->after->id, v->key, &taken, &other));
    if (taken && other != v->id)
        issue_add(&e->cx->issues, STR("/options"), "not_unique",
                  "another variant has these values");
    return cx_check_issues(e->cx);
}

/* Issues of the only variant stand at its own members, not in a list. */
static void shorten_pointers(Cx *cx)
{
    const Str prefix = STR("/variants/0");
    for (size_t i = 0; i < cx->issues.n; i++) {
        Str *p = &cx->issues.items[i].pointer;
        if (str_starts(*p, prefix))
            *p = (Str){p->ptr + prefix.len, p->len - prefix.len};
    }
}

static Status variant_apply(Edit *e, CatalogVariant *in, CatalogVariant *ret)
{
    Cx            *cx = e->cx;
    CatalogProduct after = {.variants = {in, 1}};
    cx->issues.n = cx->issues.total = 0;
    CATALOG_GIVE(P, &after, variants);
    e->after = &after;
    e->partial = true;
    TRY(product_merge(e));
    after.variant_count = e->before->variant_count;
    product_check(e);
    TRY(check_attributes(e));
    TRY(price_lists_check(e));
    Status st = cx_check_issues(cx);
    shorten_pointers(cx);
    TRY(st);
    TRY(check_combination(e));
    TRY(product_save(e));
    tell_availability(&after);
    *ret = after.variants.items[0];
    return ST_OK;
}

static Status variant_create_tx(Cx *cx, void *arg)
{
    VariantJob    *job = arg;
    CatalogProduct before;
    bool           any;
    int64_t        last = 0;
    TRY(catalog_product_get(cx, job->id, AROUND, &before));
    if (before.variant_count >= CATALOG_VARIANTS_MAX)
        return cx_fail(cx, ST_LIMIT, "catalog.too_many", "at most %d variants of a product",
                       CATALOG_VARIANTS_MAX);
    TRY(catalog_sql_variant_last(cx, job->id, &any, &last));
    CatalogVariant in = *job->in;
    in.id = 0;
    in.position = last + 1;
    Edit e = {.cx = cx, .before = &before};
    return variant_apply(&e, &in, &job->out);
}

static Status variant_update_tx(Cx *cx, void *arg)
{
    VariantJob    *job = arg;
    CatalogProduct before;
    TRY(variant_with_product(cx, job->id, AROUND, &before));
    CatalogVariant in = *job->in;
    in.id = job->id;
    Edit e = {.cx = cx, .before = &before};
    return variant_apply(&e, &in, &job->out);
}

static Status variant_delete_tx(Cx *cx, void *arg)
{
    VariantJob    *job = arg;
    CatalogProduct before, after;
    TRY(variant_with_product(cx, job->id, AROUND, &before));
    if (before.variant_count <= 1)
        return cx_fail(cx, ST_CONFLICT, "catalog.last_variant",
                       "a product has at least one variant");
    after = before;
    after.variants = (CatalogVariants){0};
    Edit e = {.cx = cx, .before = &before, .after = &after, .partial = true};
    return product_save(&e);
}

Status catalog_variant_create(Cx *cx, int64_t product_id, CatalogVariant *v)
{
    VariantJob job = {.id = product_id, .in = v};
    TRY(catalog_in_tx(cx, variant_create_tx, &job));
    *v = job.out;
    return ST_OK;
}

Status catalog_variant_update(Cx *cx, int64_t id, CatalogVariant *v)
{
    VariantJob job = {.id = id, .in = v};
    TRY(catalog_in_tx(cx, variant_update_tx, &job));
    *v = job.out;
    return ST_OK;
}

Status catalog_variant_delete(Cx *cx, int64_t id)
{
    VariantJob job = {.id = id};
    return catalog_in_tx(cx, variant_delete_tx, &job);
}
