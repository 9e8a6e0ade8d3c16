/* Many who want one handle at the same moment: a handle made from the title goes on to the next
 * free one; one that was asked for belongs to the first, and the others hear that it is
 * taken. */
#include "shop.h"

#include "catalog/bulk.h"
#include "catalog/content.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { THREADS = 6, TIMES = 8 };

typedef Status MakeFn(Cx *cx, bool explicit);

typedef struct Race {
    World  *w;
    MakeFn *make;
    bool explicit;
    atomic_int  made, taken, other;
    atomic_bool go;
    char        what[200]; /* of `other` */
} Race;

static void *run(void *arg)
{
    Race                     *r = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16384);
    while (!atomic_load(&r->go)) {
    }
    for (int i = 0; i < TIMES; i++) {
        Cx     cx = {0};
        Status st = cx_begin(&cx, &a, r->w->db, WORLD_NOW);
        cx.actor = r->w->cx.actor;
        if (st == ST_OK)
            st = r->make(&cx, r->explicit);
        if (st == ST_OK) {
            atomic_fetch_add(&r->made, 1);
        } else if (st == ST_CONFLICT && strcmp(cx.err.code, "catalog.handle_taken") == 0) {
            atomic_fetch_add(&r->taken, 1);
        } else {
            atomic_fetch_add(&r->other, 1);
            (void)snprintf(r->what, sizeof r->what, "%s %.150s", cx.err.code, cx.err.msg);
        }
        cx_end(&cx);
        arena_reset(&a);
    }
    return NULL;
}

static void race(World *w, MakeFn *make, bool explicit, Race *r)
{
    pthread_t threads[THREADS];
    *r = (Race){.w = w, .make = make, .explicit = explicit};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, r), 0);
    atomic_store(&r->go, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    if (atomic_load(&r->other) > 0)
        fail_msg("%d: %s", atomic_load(&r->other), r->what);
}

static const char *body(bool explicit)
{
    return explicit ? "{\"title\":\"Mug\",\"handle\":\"mine\"}" : "{\"title\":\"Mug\"}";
}

static Status make_product(Cx *cx, bool explicit)
{
    CatalogProduct p;
    return shop_create(cx, body(explicit), &p);
}

static Status make_bulk(Cx *cx, bool explicit)
{
    CatalogBulkEntry entries[3] = {{.op = CATALOG_BULK_CREATE}};
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        entries[i].op = CATALOG_BULK_CREATE;
        TRY(shop_read(cx, &catalog_product_shape, body(explicit), &entries[i].product));
    }
    TRY(catalog_products_bulk(cx, entries, COUNT_OF(entries)));
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        if (entries[i].outcome == CATALOG_BULK_CREATED)
            continue;
        cx->err = entries[i].err;
        return cx->err.status;
    }
    return ST_OK;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): types cannot stand in parentheses */
#define MAKE(name, T, shape, create)                                                               \
    static Status name(Cx *cx, bool explicit)                                                      \
    {                                                                                              \
        T v = {0};                                                                                 \
        TRY(shop_read(cx, &shape, body(explicit), &v));                                            \
        return create(cx, &v);                                                                     \
    }
/* NOLINTEND(bugprone-macro-parentheses) */
MAKE(make_collection, CatalogCollection, catalog_collection_shape, catalog_collection_create)
MAKE(make_page, CatalogPage, catalog_page_shape, catalog_page_create)
MAKE(make_blog, CatalogBlog, catalog_blog_shape, catalog_blog_create)
MAKE(make_menu, CatalogMenu, catalog_menu_shape, catalog_menu_create)

static Status make_list(Cx *cx, bool explicit)
{
    CatalogPriceList l = {0};
    TRY(shop_read(cx, &catalog_price_list_shape,
                  explicit ? "{\"title\":\"Mug\",\"handle\":\"mine\",\"kind\":\"sale\"}"
                           : "{\"title\":\"Mug\",\"kind\":\"sale\"}",
                  &l));
    return catalog_price_list_create(cx, &l);
}

static int64_t blog; /* of the articles */

static Status make_article(Cx *cx, bool explicit)
{
    CatalogArticle a = {0};
    TRY(shop_read(cx, &catalog_article_shape, body(explicit), &a));
    return catalog_article_create(cx, blog, &a);
}

static const struct {
    MakeFn     *make;
    const char *count; /* distinct handles */
    int         each;
} KINDS[] = {
    {make_product, "SELECT count(DISTINCT handle) FROM catalog_product", 1},
    {make_collection, "SELECT count(DISTINCT handle) FROM catalog_collection", 1},
    {make_page, "SELECT count(DISTINCT handle) FROM catalog_page", 1},
    {make_menu, "SELECT count(DISTINCT handle) FROM catalog_menu", 1},
    {make_list, "SELECT count(DISTINCT handle) FROM catalog_price_list WHERE id <> 1", 1},
    {make_article, "SELECT count(DISTINCT handle) FROM catalog_article", 1},
};

static void begin(World *w)
{
    CatalogBlog b = {0};
    assert_ok(shop_read(&w->cx, &catalog_blog_shape, "{\"title\":\"News\"}", &b), &w->cx.err);
    assert_ok(catalog_blog_create(&w->cx, &b), &w->cx.err);
    blog = b.id;
}

static void made_handles_go_on_to_the_next(void **state)
{
    World *w = *state;
    Race   r;
    begin(w);
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        race(w, KINDS[i].make, false, &r);
        assert_int_equal(atomic_load(&r.made), THREADS * TIMES);
        assert_int_equal(shop_number(w, KINDS[i].count), THREADS * TIMES);
    }
    race(w, make_blog, false, &r);
    assert_int_equal(atomic_load(&r.made), THREADS * TIMES);
    race(w, make_bulk, false, &r);
    assert_int_equal(atomic_load(&r.made), THREADS * TIMES);
    assert_int_equal(shop_number(w, KINDS[0].count), 4 * THREADS * TIMES);
    shop_sound(w);
}

static void a_handle_that_was_asked_for_belongs_to_the_first(void **state)
{
    World *w = *state;
    Race   r;
    begin(w);
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        race(w, KINDS[i].make, true, &r);
        assert_int_equal(atomic_load(&r.made), 1);
        assert_int_equal(atomic_load(&r.taken), THREADS * TIMES - 1);
        assert_int_equal(shop_number(w, KINDS[i].count), 1);
    }
    race(w, make_bulk, true, &r);
    assert_int_equal(atomic_load(&r.made), 0);
    assert_int_equal(shop_number(w, KINDS[0].count), 1);
    shop_sound(w);
}

/* One handle changes hands while others want it. */
static atomic_int turn;

static Status rename_one(Cx *cx, bool explicit)
{
    CatalogProducts list;
    CatalogProduct  p;
    (void)explicit;
    int at = atomic_fetch_add(&turn, 1);
    TRY(catalog_products_after(cx, 0, 4, 0, &list));
    const char *json = at % 3 == 0   ? "{\"handle\":\"a\"}"
                       : at % 3 == 1 ? "{\"handle\":\"b\"}"
                                     : "{\"handle\":\"c\"}";
    return shop_update(cx, list.items[(size_t)at % list.n].id, json, &p);
}

static void handles_change_hands_without_a_trace_of_two(void **state)
{
    World *w = *state;
    Race   r;
    for (int i = 0; i < 4; i++)
        (void)shop_product(w, "{\"title\":\"Mug\"}");
    race(w, rename_one, true, &r);
    assert_true(atomic_load(&r.made) > 0);
    shop_sound(w);
}

/* PostgreSQL tells serializable transactions of each other before an index has to; of one that
 * is not, only the index does. */
static atomic_bool done;

static Status relaxed_tx(Cx *cx, void *arg)
{
    (void)arg;
    return make_product(cx, false);
}

static void *be_rude(void *arg)
{
    World                    *w = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16384);
    while (!atomic_load(&done)) {
        Cx cx = {0};
        if (cx_begin(&cx, &a, w->db, WORLD_NOW) == ST_OK) {
            cx.actor = w->cx.actor;
            (void)!cx_in_tx_relaxed(&cx, relaxed_tx, NULL);
        }
        cx_end(&cx);
        arena_reset(&a);
    }
    return NULL;
}

static void those_whom_only_the_index_tells_try_again(void **state)
{
    World    *w = *state;
    Race      r;
    pthread_t rude[3];
    atomic_store(&done, false);
    for (size_t i = 0; i < COUNT_OF(rude); i++)
        assert_int_equal(pthread_create(&rude[i], NULL, be_rude, w), 0);
    race(w, make_product, false, &r);
    atomic_store(&done, true);
    for (size_t i = 0; i < COUNT_OF(rude); i++)
        pthread_join(rude[i], NULL);
    assert_int_equal(atomic_load(&r.made), THREADS * TIMES);
    shop_sound(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(made_handles_go_on_to_the_next),
        TEST_WORLD(a_handle_that_was_asked_for_belongs_to_the_first),
        TEST_WORLD(handles_change_hands_without_a_trace_of_two),
        TEST_POSTGRES(those_whom_only_the_index_tells_try_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
