/* Every change to the catalogue, failed at its first, second, third … call of the database:
 * whenever it fails nothing may have changed, and the shop stays sound. */
#include "shop.h"

#include "base/fault.h"
#include "catalog/content.h"

typedef Status Step(World *w);

static int64_t made; /* product that steps change */

/* Everything that a half-done change would alter. */
static int64_t fingerprint(World *w)
{
    return shop_number(w, "SELECT (SELECT count(*) FROM catalog_product)"
                          " + 3 * (SELECT count(*) FROM catalog_variant)"
                          " + 7 * (SELECT count(*) FROM catalog_price)"
                          " + 11 * (SELECT count(*) FROM catalog_option)"
                          " + 13 * (SELECT count(*) FROM catalog_option_value)"
                          " + 17 * (SELECT count(*) FROM catalog_media)"
                          " + 19 * (SELECT count(*) FROM catalog_product_tag)"
                          " + 23 * (SELECT count(*) FROM catalog_redirect)"
                          " + 29 * (SELECT count(*) FROM catalog_publication)"
                          " + 31 * (SELECT count(*) FROM catalog_collection)"
                          " + 37 * (SELECT count(*) FROM catalog_page)"
                          " + 41 * (SELECT count(*) FROM catalog_price_history)"
                          " + 43 * (SELECT count(*) FROM core_event)"
                          " + 1009 * (SELECT CAST(coalesce(sum(rev), 0) AS BIGINT)"
                          "           FROM catalog_product)");
}

static void survives(World *w, Step *step)
{
    for (int n = 1;; n++) {
        int64_t before = fingerprint(w);
        fault_arm(n, false);
        Status st = step(w);
        bool   fired = fault_fired();
        fault_arm(0, false);
        world_again(w);
        if (!fired) {
            assert_int_equal(st, ST_OK);
            assert_true(n > 5);
            break;
        }
        if (st != ST_OK)
            assert_int_equal(fingerprint(w), before);
        shop_sound(w);
        if (st == ST_OK) /* the fault met something that may fail, and it is done */
            break;
    }
    shop_sound(w);
}

static Status create(World *w)
{
    CatalogProduct p;
    Status         st = shop_create(
                &w->cx,
                "{\"title\":\"Mug\",\"tags\":[\"a\",\"b\"],\"options\":[{\"name\":\"Size\"}],"
                        "\"media\":[{\"url\":\"https://x.example/1.jpg\"},{\"url\":\"https://x.example/2.jpg\"}],"
                        "\"variants\":[{\"options\":[\"S\"],\"media_index\":2,\"prices\":[{\"price\":"
                        "{\"amount\":1000,\"currency\":\"EUR\"}}]},{\"options\":[\"M\"],\"prices\":[{\"price\":"
                        "{\"amount\":1200,\"currency\":\"EUR\"}}]}]}",
                &p);
    if (st == ST_OK)
        made = p.id;
    return st;
}

static Status change(World *w)
{
    CatalogProduct p;
    return shop_update(
        &w->cx, made,
        "{\"handle\":\"cup\",\"tags\":[\"b\",\"c\"],\"media\":[{\"url\":"
        "\"https://x.example/2.jpg\",\"alt\":\"Cup\"}],\"variants\":[{\"options\":[\"M\"],"
        "\"prices\":[{\"price\":{\"amount\":900,\"currency\":\"EUR\"}}]},{\"options\":"
        "[\"L\"]}]}",
        &p);
}

static Status drop(World *w)
{
    return catalog_product_delete(&w->cx, made, 0);
}

static void products_are_changed_whole_or_not_at_all(void **state)
{
    World *w = *state;
    survives(w, create);
    survives(w, change);
    CatalogProduct p;
    assert_ok(catalog_product_by_handle(&w->cx, STR("cup"), CATALOG_WITH_ALL, &p), &w->cx.err);
    assert_int_equal(p.variants.n, 2);
    assert_int_equal(p.media.n, 1);
    survives(w, drop);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_variant"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(products_are_changed_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
