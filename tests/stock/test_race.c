/* 200 who want the same piece at once: one gets it. */
#include "shop.h"
#include "stocked.h"

#include <pthread.h>
#include <stdatomic.h>

enum { BUYERS = 200, THREADS = 20 };

typedef struct Race {
    World      *w;
    int64_t     variant;
    bool        reserve, allocate;
    atomic_int  next, got, lost, other;
    atomic_bool go;
    char        what[200];
} Race;

static Status buy(Race *r, Cx *cx, int64_t who)
{
    StockLine       line = {.variant_id = r->variant, .qty = 1, .line_id = who};
    StockShort      lack;
    StockAllocation got;
    StockAsk        ask = {.owner = who, .order_id = 1000 + who, .lines = &line, .n = 1};
    if (r->reserve)
        TRY(in_tx_reserve(cx, who, &line, 1, 600000, &lack));
    return r->allocate ? in_tx_allocate(cx, &ask, &got) : ST_OK;
}

static void *run(void *arg)
{
    Race                     *r = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16384);
    while (!atomic_load(&r->go)) {
    }
    for (;;) {
        int who = atomic_fetch_add(&r->next, 1);
        Cx  cx = {0};
        if (who > BUYERS)
            return NULL;
        Status st = cx_begin(&cx, &a, r->w->db, WORLD_NOW);
        cx.actor = r->w->cx.actor;
        if (st == ST_OK)
            st = buy(r, &cx, who);
        if (st == ST_OK) {
            atomic_fetch_add(&r->got, 1);
        } else if (st == ST_CONFLICT && strcmp(cx.err.code, "stock.insufficient") == 0) {
            atomic_fetch_add(&r->lost, 1);
        } else {
            atomic_fetch_add(&r->other, 1);
            (void)snprintf(r->what, sizeof r->what, "%s %.150s", cx.err.code, cx.err.msg);
        }
        cx_end(&cx);
        arena_reset(&a);
    }
}

static void race(World *w, int64_t pieces, bool reserve, bool allocate)
{
    pthread_t      threads[THREADS];
    CatalogProduct p = stocked_product(w, 1, pieces, "deny");
    Race           r = {.w = w,
                        .variant = p.variants.items[0].id,
                        .reserve = reserve,
                        .allocate = allocate,
                        .next = 1};
    cx_idle(&w->cx);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, &r), 0);
    atomic_store(&r.go, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    if (atomic_load(&r.other) > 0)
        fail_msg("%d: %s", atomic_load(&r.other), r.what);
    assert_int_equal(atomic_load(&r.got), pieces);
    assert_int_equal(atomic_load(&r.lost), BUYERS - pieces);
    assert_int_equal(available(w, r.variant), 0);
    stock_sound(w);
}

static void one_of_200_reserves_the_last_piece(void **state)
{
    race(*state, 1, true, false);
}

static void one_of_200_gets_the_last_piece(void **state)
{
    race(*state, 1, false, true);
}

static void one_of_200_holds_and_gets_the_last_piece(void **state)
{
    race(*state, 1, true, true);
}

static void as_many_get_one_as_there_are(void **state)
{
    race(*state, 50, true, true);
}

int main(void)
{
    stock_install();
    const struct CMUnitTest tests[] = {
        TEST_WORLD(one_of_200_reserves_the_last_piece),
        TEST_WORLD(one_of_200_gets_the_last_piece),
        TEST_WORLD(one_of_200_holds_and_gets_the_last_piece),
        TEST_WORLD(as_many_get_one_as_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
