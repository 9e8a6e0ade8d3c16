#include "shop.h"

#include "base/json_write.h"

#include <stdlib.h>

#ifndef SHOP_MODULES /* a test above the catalogue names its own */
WORLD_MODULES(&catalog_module);
#endif

Status shop_read(Cx *cx, const Shape *shape, const char *json, void *dst)
{
    cx->issues.n = cx->issues.total = 0;
    return shape_read(shape, SHAPE_CREATE, str_dup(cx->arena, str_from_cstr(json)), cx->arena, dst,
                      &cx->issues, &cx->err);
}

Status shop_create(Cx *cx, const char *json, CatalogProduct *ret)
{
    *ret = (CatalogProduct){0};
    TRY(shop_read(cx, &catalog_product_shape, json, ret));
    return catalog_product_create(cx, ret);
}

Status shop_update(Cx *cx, int64_t id, const char *json, CatalogProduct *ret)
{
    bool changed;
    *ret = (CatalogProduct){0};
    cx->issues.n = cx->issues.total = 0;
    TRY(shape_read(&catalog_product_shape, SHAPE_PATCH, str_dup(cx->arena, str_from_cstr(json)),
                   cx->arena, ret, &cx->issues, &cx->err));
    return catalog_product_update(cx, id, 0, ret, &changed);
}

Status shop_variant_update(Cx *cx, int64_t id, const char *json, CatalogVariant *ret)
{
    *ret = (CatalogVariant){0};
    TRY(shop_read(cx, &catalog_variant_shape, json, ret));
    return catalog_variant_update(cx, id, ret);
}

static void show_issues(const Cx *cx)
{
    for (size_t i = 0; i < cx->issues.n; i++)
        print_error("# " STR_FMT ": %s: " STR_FMT "\n", STR_ARG(cx->issues.items[i].pointer),
                    cx->issues.items[i].code, STR_ARG(cx->issues.items[i].detail));
}

CatalogProduct shop_product(World *w, const char *json)
{
    CatalogProduct p;
    Status         st = shop_create(&w->cx, json, &p);
    if (st != ST_OK)
        show_issues(&w->cx);
    assert_ok(st, &w->cx.err);
    return p;
}

CatalogProduct shop_get(World *w, int64_t id)
{
    CatalogProduct p;
    assert_ok(catalog_product_get(&w->cx, id, CATALOG_WITH_ALL, &p), &w->cx.err);
    return p;
}

const char *shop_json(World *w, const Shape *shape, const void *value)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64 << 20);
    Json j = json_begin(&b);
    shape_write(&j, NULL, shape, value);
    return str_cstr(&w->arena, buf_str(&b));
}

void assert_issue_at(const Cx *cx, const char *pointer, const char *code, const char *file,
                     int line)
{
    for (size_t i = 0; i < cx->issues.n; i++)
        if (str_eq(cx->issues.items[i].pointer, str_from_cstr(pointer)) &&
            strcmp(cx->issues.items[i].code, code) == 0)
            return;
    show_issues(cx);
    print_error("# no issue %s at %s\n", code, pointer);
    _fail(file, line);
}

int64_t shop_number_at(World *w, const char *sqlite, const char *postgres)
{
    static DbQuery queries[512]; /* statements are kept by their address, so they stay */
    size_t         i = 0;
    while (i < COUNT_OF(queries) && queries[i].sqlite != NULL &&
           (strcmp(queries[i].sqlite, sqlite) != 0 || strcmp(queries[i].postgres, postgres) != 0))
        i++;
    assert_true(i < COUNT_OF(queries));
    DbQuery *q = &queries[i];
    if (q->sqlite == NULL)
        *q = (DbQuery){.name = "test",
                       .sqlite = strdup(sqlite),
                       .postgres = strdup(postgres),
                       .types = "",
                       .columns = "I"};
    DbConn *conn = NULL;
    Err     err;
    assert_ok(db_conn_take(w->db, &conn, &err), &err);
    DbRun run = {0};
    bool  row;
    assert_ok(db_run(conn, q, &run, &err), &err);
    assert_ok(db_step(&run, &row, &err), &err);
    int64_t n = row ? db_col_i64(&run, 0) : -1;
    db_run_end(&run);
    db_conn_give(conn);
    return n;
}

void shop_sound(World *w)
{
    static const char *const NONE[] = {
        /* the number of variants is what the product says, and never 0 */
        "SELECT count(*) FROM catalog_product p WHERE variant_count <> "
        "(SELECT count(*) FROM catalog_variant v WHERE v.product_id = p.id)",
        /* positions of variants have no doubles */
        "SELECT count(*) FROM (SELECT 1 FROM catalog_variant GROUP BY product_id, position "
        "HAVING count(*) > 1) x",
        /* nobody is parked */
        "SELECT count(*) FROM catalog_variant WHERE option_key LIKE '!%' ESCAPE '#'",
        /* a variant has as many values as its product has options */
        "SELECT count(*) FROM catalog_variant v WHERE "
        "(SELECT count(*) FROM catalog_option o WHERE o.product_id = v.product_id) <> "
        "CASE WHEN option_key = '' THEN 0 "
        "ELSE length(option_key) - length(replace(option_key, '.', '')) + 1 END",
        /* numbers of values are at most value_count */
        "SELECT count(*) FROM catalog_option_value o JOIN catalog_product p ON p.id = o.product_id "
        "WHERE o.number > p.value_count",
        /* prices, values and attributes belong to what is there */
        "SELECT count(*) FROM catalog_price c LEFT JOIN catalog_variant v ON v.id = c.variant_id "
        "WHERE v.id IS NULL OR v.product_id <> c.product_id",
        "SELECT count(*) FROM catalog_option_value v JOIN catalog_option o ON o.id = v.option_id "
        "WHERE o.product_id <> v.product_id",
        "SELECT count(*) FROM catalog_variant v WHERE media_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM catalog_media m WHERE m.id = v.media_id AND m.owner_id = v.product_id)",
        /* no redirect leads to another, or away from a product that is there */
        "SELECT count(*) FROM catalog_redirect x JOIN catalog_redirect y ON x.target = y.path",
        "SELECT count(*) FROM catalog_redirect r JOIN catalog_product p "
        "ON r.path = '/products/' || p.handle",
    };
    for (size_t i = 0; i < COUNT_OF(NONE); i++) {
        int64_t n = shop_number(w, NONE[i]);
        if (n != 0)
            fail_msg("%lld: %s", (long long)n, NONE[i]);
    }
}

void shop_drain(World *w)
{
    if (!w->cx.core) {
        const CoreOptions options = {.manual = true};
        assert_ok(
            core_start(w->db, world_modules, world_nmodules, &options, &w->cx.core, &w->cx.err),
            &w->cx.err);
        core_set_now(w->cx.core, w->cx.now);
    }
    assert_ok(core_drain(w->cx.core, &w->cx.err), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM core_event_parked"), 0);
}

void shop_close(World *w)
{
    if (w->cx.core)
        assert_true(core_stop(w->cx.core));
    w->cx.core = NULL;
}

CatalogCollection shop_collection(World *w, const char *json)
{
    CatalogCollection c = {0};
    Status            st = shop_read(&w->cx, &catalog_collection_shape, json, &c);
    if (st == ST_OK)
        st = catalog_collection_create(&w->cx, &c);
    if (st != ST_OK)
        show_issues(&w->cx);
    assert_ok(st, &w->cx.err);
    return c;
}

Status shop_collection_update(Cx *cx, int64_t id, const char *json, CatalogCollection *ret)
{
    *ret = (CatalogCollection){0};
    cx->issues.n = cx->issues.total = 0;
    TRY(shape_read(&catalog_collection_shape, SHAPE_PATCH, str_dup(cx->arena, str_from_cstr(json)),
                   cx->arena, ret, &cx->issues, &cx->err));
    return catalog_collection_update(cx, id, 0, ret);
}

int64_t shop_members(World *w, int64_t collection)
{
    char *sql = arena_array(&w->arena, char, 128);
    snprintf(sql, 128, "SELECT count(*) FROM catalog_collection_product WHERE collection_id = %lld",
             (long long)collection);
    return shop_number(w, sql);
}
