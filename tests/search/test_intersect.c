/* Where two lists meet, whatever their lengths, and which words are near another one: beside the
 * obvious way. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "search/intersect_int.h"
#include "search/sift_int.h"

enum { ALL = 1 << 16 };

typedef struct Lists {
    uint16_t a[ALL], b[ALL], at_a[ALL], at_b[ALL];
    uint32_t n, m;
    bool     in_a[ALL], in_b[ALL];
} Lists;

static uint32_t some(Rng *r, uint16_t *list, bool *in, uint32_t one_of, uint32_t range)
{
    uint32_t n = 0;
    for (uint32_t x = 0; x < ALL; x++) {
        in[x] = x < range && rng_below(r, one_of) == 0;
        if (in[x])
            list[n++] = (uint16_t)x;
    }
    return n;
}

static void assert_meet(Lists *l)
{
    uint32_t met = intersect(l->a, l->n, l->b, l->m, l->at_a, l->at_b), k = 0;
    for (uint32_t x = 0; x < ALL; x++)
        if (l->in_a[x] && l->in_b[x]) {
            assert_true(k < met);
            assert_int_equal(l->a[l->at_a[k]], x);
            assert_int_equal(l->b[l->at_b[k]], x);
            k++;
        }
    assert_int_equal(k, met);
}

static void lists_meet_where_both_have_the_number(void **state)
{
    static const uint32_t ONE_OF[] = {1, 2, 3, 7, 30, 200, 3000, 40000};
    static const uint32_t RANGES[] = {0, 1, 7, 8, 9, 100, 5000, ALL};
    Lists                *l = calloc(1, sizeof *l);
    Rng                   r = rng_of(7);
    (void)state;
    assert_non_null(l);
    for (size_t i = 0; i < COUNT_OF(ONE_OF); i++)
        for (size_t k = 0; k < COUNT_OF(ONE_OF); k++)
            for (size_t e = 0; e < COUNT_OF(RANGES); e++) {
                l->n = some(&r, l->a, l->in_a, ONE_OF[i], RANGES[e]);
                l->m = some(&r, l->b, l->in_b, ONE_OF[k], ALL);
                assert_meet(l);
            }
    free(l);
}

static void the_place_of_a_number_is_found(void **state)
{
    static const uint16_t LIST[] = {3, 5, 5000, 65535};
    (void)state;
    assert_int_equal(intersect_lower(LIST, 0, 1), 0);
    assert_int_equal(intersect_lower(LIST, 4, 0), 0);
    assert_int_equal(intersect_lower(LIST, 4, 3), 0);
    assert_int_equal(intersect_lower(LIST, 4, 4), 1);
    assert_int_equal(intersect_lower(LIST, 4, 5001), 3);
    assert_int_equal(intersect_lower(LIST, 3, 65535), 3);
}

static const Difference BOUNDS[] = {
    {1, {3, 3}}, {2, {6, 4, 4}}, {3, {9, 9, 7, 7}}, {4, {12, 10, 10, 8, 8}}};

static bool is_near(uint32_t letters, uint64_t pairs, const Difference *d)
{
    int n = __builtin_popcount(letters);
    return n <= d->letters && __builtin_popcountll(pairs) <= d->pairs[n];
}

/* RAPPORT_SIMD tells for which processors. */
static void words_are_sifted_by_their_signatures(void **state)
{
    static const size_t COUNTS[] = {0, 1, 7, 8, 15, 16, 17, 100, SIFT_MAX - 1, SIFT_MAX};
    static uint32_t     letters[SIFT_MAX];
    static uint64_t     pairs[SIFT_MAX];
    static uint16_t     at[SIFT_MAX];
    Rng                 r = rng_of(7);
    (void)state;
    for (size_t i = 0; i < 4 * COUNT_OF(COUNTS); i++) {
        const Difference *d = &BOUNDS[i % 4];
        const Signatures  wanted = {(uint32_t)rng_next(&r), rng_next(&r)};
        size_t            n = COUNTS[i / 4], near = 0;
        for (size_t k = 0; k < n; k++) {
            letters[k] = wanted.letters;
            pairs[k] = wanted.pairs;
            for (uint64_t bits = rng_below(&r, 7); bits > 0; bits--)
                letters[k] ^= 1U << rng_below(&r, 32);
            for (uint64_t bits = rng_below(&r, 15); bits > 0; bits--)
                pairs[k] ^= (uint64_t)1 << rng_below(&r, 64);
        }
        size_t found = sift_near(letters, pairs, n, &wanted, d, at);
        for (size_t k = 0; k < n; k++)
            if (is_near(letters[k] ^ wanted.letters, pairs[k] ^ wanted.pairs, d)) {
                assert_true(near < found);
                assert_int_equal(at[near++], k);
            }
        assert_int_equal(near, found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_meet_where_both_have_the_number),
        cmocka_unit_test(the_place_of_a_number_is_found),
        cmocka_unit_test(words_are_sifted_by_their_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
