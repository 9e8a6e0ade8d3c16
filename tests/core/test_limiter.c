/* limiter.h and backoff.h. */
#include "test_core.h"

#include "core/backoff.h"
#include "core/limiter.h"

#include <pthread.h>

static bool take(Limiter *l, const char *key, int64_t now, int64_t cost)
{
    SpanMs wait;
    return limiter_take(l, str_from_cstr(key), (UnixMs){now}, 5, 60, cost, &wait);
}

static void a_burst_passes_then_it_waits_for_the_refill(void **state)
{
    (void)state;
    Limiter *l = limiter_new(0);
    SpanMs   wait = {0};
    for (int i = 0; i < 5; i++)
        assert_true(take(l, "login:7", 1000, 1));
    assert_false(limiter_take(l, STR("login:7"), (UnixMs){1000}, 5, 60, 1, &wait));
    assert_int_equal(wait.v, 1000);
    assert_false(limiter_take(l, STR("login:7"), (UnixMs){1400}, 5, 60, 2, &wait));
    assert_int_equal(wait.v, 1600);
    assert_true(take(l, "login:8", 1000, 5)); /* another key is another bucket */
    assert_true(take(l, "login:7", 2000, 1));
    assert_false(take(l, "login:7", 2999, 1));
    assert_true(take(l, "login:7", 3000, 1));
    assert_true(take(l, "login:7", 3000000, 5)); /* never more than the burst */
    assert_false(take(l, "login:7", 3000000, 1));
    limiter_free(l);
}

static void what_can_never_pass_says_come_back_in_an_hour(void **state)
{
    (void)state;
    Limiter *l = limiter_new(0);
    SpanMs   wait = {0};
    assert_false(limiter_take(l, STR("k"), (UnixMs){0}, 5, 60, 6, &wait));
    assert_int_equal(wait.v, 60 * 60 * 1000);
    assert_true(limiter_take(l, STR("z"), (UnixMs){0}, 1, 0, 1, &wait));
    assert_false(limiter_take(l, STR("z"), (UnixMs){INT64_MAX / 2}, 1, 0, 1, &wait));
    assert_int_equal(wait.v, 60 * 60 * 1000);
    limiter_free(l);
}

static void a_clock_that_goes_back_neither_fills_nor_blocks(void **state)
{
    (void)state;
    Limiter *l = limiter_new(0);
    assert_true(take(l, "k", 1000000, 5));
    assert_false(take(l, "k", 500000, 1));
    assert_true(take(l, "k", 501000, 1));
    assert_false(take(l, "k", 501000, 1));
    limiter_free(l);
}

/* In any window no more passes than burst + refill, and what was refused passes after the
 * wait that was promised. */
static void never_more_than_promised_and_never_less(void **state)
{
    (void)state;
    Rng rng = rng_seeded("limiter");
    for (int round = 0; round < 300; round++) {
        Limiter *l = limiter_new(0);
        int64_t  burst = 1 + (int64_t)rng_below(&rng, 50);
        int64_t  rate = 1 + (int64_t)rng_below(&rng, 100000);
        int64_t  start = (int64_t)rng_below(&rng, 1000000);
        int64_t  now = start;
        int64_t  passed = 0;
        for (int i = 0; i < 200; i++) {
            SpanMs  wait = {0};
            int64_t cost = 1 + (int64_t)rng_below(&rng, (uint64_t)burst);
            now += (int64_t)rng_below(&rng, 100);
            if (!limiter_take(l, STR("k"), (UnixMs){now}, burst, rate, cost, &wait)) {
                assert_true(wait.v > 0);
                SpanMs again;
                assert_false(limiter_take(l, STR("k"), (UnixMs){now + wait.v - 1}, burst, rate,
                                          cost, &again));
                now += wait.v;
                assert_true(limiter_take(l, STR("k"), (UnixMs){now}, burst, rate, cost, &again));
            }
            passed += cost;
            assert_true(passed * 60000 <= burst * 60000 + (now - start) * rate);
        }
        limiter_free(l);
    }
}

static void the_least_recently_used_keys_go_first(void **state)
{
    (void)state;
    Limiter *l = limiter_new(16 * 1000);
    char     key[32];
    assert_true(take(l, "steady", 0, 5));
    for (int i = 0; i < 200000; i++) {
        snprintf(key, sizeof key, "flood:%d", i);
        assert_true(take(l, key, 0, 5));
        if (i % 100 == 0)
            assert_false(take(l, "steady", 0, 1)); /* in use: never forgotten */
    }
    assert_int_equal(limiter_keys(l), 16 * 1000);
    assert_false(take(l, "flood:199999", 0, 1)); /* still known */
    assert_true(take(l, "flood:0", 0, 1));       /* forgotten */
    limiter_free(l);
}

enum { THREADS = 4, TAKES = 20000 };

static void *taker(void *arg)
{
    Limiter *l = arg;
    intptr_t got = 0;
    SpanMs   wait;
    for (int i = 0; i < TAKES; i++)
        got += limiter_take(l, STR("shared"), (UnixMs){5}, THREADS * TAKES / 2, 60, 1, &wait);
    return (void *)got;
}

static void threads_share_a_bucket_exactly(void **state)
{
    (void)state;
    Limiter  *l = limiter_new(0);
    pthread_t threads[THREADS];
    intptr_t  total = 0;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, taker, l), 0);
    for (int i = 0; i < THREADS; i++) {
        void *got;
        pthread_join(threads[i], &got);
        total += (intptr_t)got;
    }
    assert_int_equal(total, THREADS * TAKES / 2);
    limiter_free(l);
}

static void waits_grow_to_a_limit_and_spread(void **state)
{
    (void)state;
    static const Backoff B = {.first = {100}, .most = {60000}, .factor = 3};
    static const int64_t MIDDLE[] = {100, 300, 900, 2700, 8100, 24300, 60000, 60000};
    Rng                  rng = rng_seeded("backoff");
    for (size_t i = 0; i < COUNT_OF(MIDDLE); i++) {
        int64_t least = INT64_MAX;
        int64_t most = 0;
        for (int n = 0; n < 1000; n++) {
            int64_t wait = backoff_wait(&B, (int)i + 1, rng_next(&rng)).v;
            least = wait < least ? wait : least;
            most = wait > most ? wait : most;
        }
        assert_in_range(least, MIDDLE[i] * 75 / 100, MIDDLE[i] * 80 / 100);
        assert_in_range(most, MIDDLE[i] * 120 / 100, MIDDLE[i] * 125 / 100);
    }
    assert_in_range(backoff_wait(&B, 1000000, 1).v, 45000, 75000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_passes_then_it_waits_for_the_refill),
        cmocka_unit_test(what_can_never_pass_says_come_back_in_an_hour),
        cmocka_unit_test(a_clock_that_goes_back_neither_fills_nor_blocks),
        cmocka_unit_test(never_more_than_promised_and_never_less),
        cmocka_unit_test(the_least_recently_used_keys_go_first),
        cmocka_unit_test(threads_share_a_bucket_exactly),
        cmocka_unit_test(waits_grow_to_a_limit_and_spread),
    };
    return cmocka_run_group_tests_name("limiter", tests, NULL, NULL);
}
