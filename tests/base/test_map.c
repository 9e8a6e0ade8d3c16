/* The hash table, beside a model that is too simple to be wrong. */
#include "test.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/rng.h"

enum { KEYS = 300 };

static uint64_t seed;

static void check_against_model(Arena *a, const Str *keys, bool heap)
{
    Rng     rng = rng_of(seed);
    Map     m;
    bool    there[KEYS] = {false};
    int64_t values[KEYS] = {0};
    size_t  n = 0;
    map_init(&m, heap ? NULL : a, rng_below(&rng, 50));
    for (int step = 0; step < 2000; step++) {
        size_t k = rng_below(&rng, KEYS);
        bool   is_new;
        switch (rng_below(&rng, 3)) {
        case 0: {
            MapValue *v = map_put(&m, keys[k], &is_new);
            assert_int_equal(is_new, !there[k]);
            assert_int_equal(v->i, there[k] ? values[k] : 0);
            n += is_new;
            there[k] = true;
            values[k] = v->i = step;
            break;
        }
        case 1:
            assert_int_equal(map_remove(&m, keys[k]), there[k]);
            n -= there[k];
            there[k] = false;
            break;
        default: {
            MapValue *v = map_get(&m, keys[k]);
            assert_int_equal(v != NULL, there[k]);
            assert_true(v == NULL || v->i == values[k]);
        }
        }
        assert_int_equal(m.n, n);
    }
    size_t         at = 0, seen = 0;
    const MapSlot *slot;
    while ((slot = map_next(&m, &at)) != NULL) {
        int64_t k;
        assert_true(str_parse_i64(str_skip(slot->key, 4), &k));
        assert_true(there[k] && slot->value.i == values[k]);
        seen++;
    }
    assert_int_equal(seen, n);
    map_done(&m);
}

static void puts_gets_and_removes_agree_with_a_model(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 1 << 16);
    Str  keys[KEYS];
    char text[16];
    for (int i = 0; i < KEYS; i++) {
        int n = snprintf(text, sizeof text, "key-%d", i);
        keys[i] = str_dup(&a, (Str){text, (size_t)n});
    }
    for (seed = 1; seed <= 100; seed++)
        check_against_model(&a, keys, seed % 2);
}

static int show_seed(void **state)
{
    (void)state;
    print_message("# stopped at seed %llu\n", (unsigned long long)seed);
    return 0;
}

static void the_empty_key_is_a_key(void **state)
{
    (void)state;
    Map m;
    map_init(&m, NULL, 0);
    assert_null(map_get(&m, (Str){0}));
    map_put(&m, (Str){0}, NULL)->i = 7;
    assert_int_equal(map_get(&m, STR(""))->i, 7);
    assert_true(map_remove(&m, STR("")));
    assert_false(map_remove(&m, STR("")));
    map_done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(puts_gets_and_removes_agree_with_a_model, show_seed),
        cmocka_unit_test(the_empty_key_is_a_key),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
