/* Keep the products of collections by rule: after a product changed, after a rule changed. */
#include "catalog/catalog_int.h"
#include "catalog/events.h"
#include "catalog/rule.h"
#include "core/core.h"

enum { CHUNK = 200 /* products looked at in one transaction */ };

static Status tell(Cx *cx, int64_t collection, OptI64 product)
{
    const CatalogMembersChanged told = {.collection_id = collection, .product_id = product};
    return event_tell(cx, &catalog_members_changed, collection, &told);
}

/* --- one product, all rules --------------------------------------------------------------- */

typedef struct ProductJob {
    int64_t product;
    bool    differs;
} ProductJob;

static bool contains(const CatalogIdRowList *list, int64_t id)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].id == id)
            return true;
    return false;
}

/* In a transaction: write what differs. Outside: only find out whether something does. */
static Status collect_product(Cx *cx, void *arg)
{
    ProductJob      *job = arg;
    Rules            rules;
    CatalogProducts  found;
    CatalogIdRowList in;
    job->differs = false;
    TRY(rules_load(cx, 0, &rules));
    if (rules.n == 0)
        return ST_OK;
    TRY(catalog_products_get(cx, &job->product, 1, rules.parts, &found));
    if (found.n == 0)
        return ST_OK;
    TRY(catalog_sql_rule_collections_of(cx, job->product, &in));
    const Facts *facts = facts_of(cx->arena, &found.items[0]);
    for (size_t i = 0; i < rules.n; i++) {
        int64_t collection = rules.items[i].collection;
        bool    holds = rule_holds(&rules.items[i], facts, cx->arena);
        if (holds == contains(&in, collection))
            continue;
        job->differs = true;
        if (cx->tx_depth == 0)
            return ST_OK;
        TRY(holds ? catalog_sql_member_add(cx, collection, job->product, 0, NULL)
                  : catalog_sql_members_remove(cx, collection, &job->product, 1, NULL));
        TRY(tell(cx, collection, opt_i64(job->product)));
    }
    return ST_OK;
}

Status catalog_collect_product(Cx *cx, const Event *event)
{
    CatalogProductChanged told = {0};
    TRY(event_read(cx, event, &catalog_product_changed, &told));
    return catalog_collect_again(cx, told.product_id);
}

Status catalog_collect_again(Cx *cx, int64_t product_id)
{
    ProductJob job = {.product = product_id};
    TRY(cx_in_snapshot(cx, collect_product, &job));
    return job.differs ? cx_in_tx(cx, collect_product, &job) : ST_OK;
}

/* --- one rule, all products --------------------------------------------------------------- */

typedef struct Pass {
    int64_t collection;
    int64_t rule_rev;
    int64_t after;
    bool    done;
    bool    changed;
} Pass;

static const ShapeField PASS[] = {
    SHAPE_ID(Pass, collection, CATALOG_COLLECTION_ID),
    SHAPE_INT(Pass, rule_rev),
};
static const Shape pass_shape = SHAPE_OF(Pass, "CatalogPass", PASS);

static Status queue_tx(Cx *cx, void *arg)
{
    Pass *pass = arg;
    bool  found;
    TRY(catalog_sql_collection_rule_rev(cx, pass->collection, &found, &pass->rule_rev));
    if (!found)
        return ST_OK;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    Json j = json_begin(&b);
    shape_write(&j, NULL, &pass_shape, pass);
    return job_queue(cx, CATALOG_COLLECT_JOB, buf_str(&b), NULL, NULL);
}

Status catalog_collect_changed(Cx *cx, const Event *event)
{
    CatalogCollectionChanged told = {0};
    TRY(event_read(cx, event, &catalog_collection_changed, &told));
    if (!told.rule)
        return ST_OK;
    Pass pass = {.collection = told.collection_id};
    return cx_in_tx(cx, queue_tx, &pass);
}

/* The values of an attribute go with its definition, without a change of each product. */
Status catalog_collect_content(Cx *cx, const Event *event)
{
    CatalogContentChanged told = {0};
    Rules                 rules;
    TRY(event_read(cx, event, &catalog_content_changed, &told));
    if (!told.deleted || !str_eq(told.kind, STR("attribute")))
        return ST_OK;
    TRY(rules_load(cx, 0, &rules));
    for (size_t i = 0; i < rules.n; i++) {
        Pass pass = {.collection = rules.items[i].collection};
        if (rules.items[i].parts & CATALOG_WITH_ATTRIBUTES)
            TRY(cx_in_tx(cx, queue_tx, &pass));
    }
    return ST_OK;
}

static Status apply_rule(Cx *cx, Pass *pass, const Rule *rule, const CatalogProducts *products,
                         IdIndex *members)
{
    for (size_t i = 0; i < products->n; i++) {
        const CatalogProduct *p = &products->items[i];
        bool                  holds = rule_holds(rule, facts_of(cx->arena, p), cx->arena);
        if (holds == (id_index_find(members, p->id) != NULL))
            continue;
        pass->changed = true;
        TRY(holds ? catalog_sql_member_add(cx, pass->collection, p->id, 0, NULL)
                  : catalog_sql_members_remove(cx, pass->collection, &p->id, 1, NULL));
    }
    return ST_OK;
}

/* What a product is must not change between looking and writing: all in one transaction. */
static Status pass_tx(Cx *cx, void *arg)
{
    Pass            *pass = arg;
    Rules            rules;
    CatalogProducts  products;
    CatalogIdRowList in;
    bool             found, changed = pass->changed;
    int64_t          rev = 0;
    pass->done = true;
    TRY(catalog_sql_collection_rule_rev(cx, pass->collection, &found, &rev));
    if (!found || rev != pass->rule_rev)
        return ST_OK; /* a newer pass has been queued */
    TRY(rules_load(cx, pass->collection, &rules));
    if (rules.n == 0)
        return ST_OK;
    TRY(catalog_products_after(cx, pass->after, CHUNK, rules.parts, &products));
    if (products.n > 0) {
        int64_t last = products.items[products.n - 1].id;
        IdIndex members;
        TRY(catalog_sql_members_between(cx, pass->collection, pass->after, last, &in));
        id_index_init(&members, cx->arena, in.n);
        for (size_t i = 0; i < in.n; i++)
            id_index_add(&members, in.items[i].id, &in.items[i]);
        pass->changed = changed;
        TRY(apply_rule(cx, pass, &rules.items[0], &products, &members));
        pass->after = last;
    }
    pass->done = products.n < CHUNK;
    return pass->done && pass->changed ? tell(cx, pass->collection, (OptI64){0}) : ST_OK;
}

/* One chunk, in memory of its own: there may be many. */
static Status run_chunk(Cx *cx, Pass *pass)
{
    CLEANUP(arena_done) Arena chunk;
    Arena                    *outer = cx->arena;
    arena_init(&chunk, 256 << 10);
    cx->arena = &chunk;
    Pass   next = *pass;
    Status st = cx_in_tx(cx, pass_tx, &next);
    cx->arena = outer;
    if (st == ST_OK)
        *pass = next;
    return st;
}

Status catalog_collect_job(Cx *cx, const Job *job)
{
    Pass pass = {0};
    TRY(shape_read(&pass_shape, SHAPE_CREATE, job->payload, cx->arena, &pass, &cx->issues,
                   &cx->err));
    while (!pass.done) {
        TRY(run_chunk(cx, &pass));
        TRY(job_extend(cx, job, SPAN_SECONDS(60)));
        if (cx->core && core_stopping(cx->core))
            return cx_fail(cx, ST_BUSY, "core.stopping", "goes on after the next start");
    }
    return ST_OK;
}
