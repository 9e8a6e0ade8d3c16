/* Bytes as text, and random numbers. */
#include "test.h"

#include "base/codec.h"
#include "base/rng.h"

#include <sys/wait.h>
#include <unistd.h>

static void examples_of_rfc_4648_are_written_and_read(void **state)
{
    (void)state;
    static const struct {
        Str         bytes;
        const char *hex, *base64, *base64url;
    } CASES[] = {
        {STR_INIT(""), "", "", ""},
        {STR_INIT("f"), "66", "Zg==", "Zg"},
        {STR_INIT("fo"), "666f", "Zm8=", "Zm8"},
        {STR_INIT("foo"), "666f6f", "Zm9v", "Zm9v"},
        {STR_INIT("foob"), "666f6f62", "Zm9vYg==", "Zm9vYg"},
        {STR_INIT("fooba"), "666f6f6261", "Zm9vYmE=", "Zm9vYmE"},
        {STR_INIT("foobar"), "666f6f626172", "Zm9vYmFy", "Zm9vYmFy"},
        {STR_INIT("\0\xFF\xFE\xFB"), "00fffefb", "AP/++w==", "AP_--w"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const char *texts[] = {CASES[i].hex, CASES[i].base64, CASES[i].base64url};
        for (size_t k = 0; k < COUNT_OF(texts); k++) {
            CLEANUP(buf_done) Buf b;
            buf_init(&b, 100);
            Str  text = str_from_cstr(texts[k]);
            bool ok;
            if (k == 0)
                codec_add_hex(&b, CASES[i].bytes);
            else
                codec_add_base64(&b, k == 1 ? CODEC_BASE64 : CODEC_BASE64URL, CASES[i].bytes);
            assert_str(buf_str(&b), texts[k]);
            buf_clear(&b);
            if (k == 0)
                ok = codec_hex(text, &b);
            else
                ok = codec_base64(k == 1 ? CODEC_BASE64 : CODEC_BASE64URL, text, &b);
            assert_true(ok && str_eq(buf_str(&b), CASES[i].bytes));
        }
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 100);
    static const char *const HEX[] = {"0", "0g", "xy", "00 1", " 00"};
    for (size_t i = 0; i < COUNT_OF(HEX); i++)
        assert_false(codec_hex(str_from_cstr(HEX[i]), &b));
    static const char *const PADDED[] = {
        "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v=", "Zm 9v", "Zm-_", "A", "Zg==Zg=="};
    for (size_t i = 0; i < COUNT_OF(PADDED); i++)
        assert_false(codec_base64(CODEC_BASE64, str_from_cstr(PADDED[i]), &b));
    static const char *const URL[] = {"Zg==", "Zh", "Zm9", "Z", "Zm+/", "Zm9vY"};
    for (size_t i = 0; i < COUNT_OF(URL); i++)
        assert_false(codec_base64(CODEC_BASE64URL, str_from_cstr(URL[i]), &b));
    assert_int_equal(b.len, 0);
    assert_true(codec_hex(STR("aBcD"), &b));
    assert_int_equal(b.len, 2);
}

static void the_generator_gives_its_published_numbers(void **state)
{
    (void)state;
    Rng                   r = {{1, 2, 3, 4}};
    static const uint64_t WANT[] = {11520,
                                    0,
                                    1509978240,
                                    UINT64_C(1215971899390074240),
                                    UINT64_C(1216172134540287360),
                                    UINT64_C(607988272756665600)};
    for (size_t i = 0; i < COUNT_OF(WANT); i++)
        assert_true(rng_next(&r) == WANT[i]);
}

static void numbers_stay_in_their_range_and_reach_all_of_it(void **state)
{
    (void)state;
    Rng r = rng_of(1);
    int seen[6] = {0};
    for (int i = 0; i < 6000; i++) {
        int64_t v = rng_between(&r, -2, 3);
        assert_true(v >= -2 && v <= 3);
        seen[v + 2]++;
        double x = rng_real(&r);
        assert_true(x >= 0 && x < 1);
    }
    for (size_t i = 0; i < COUNT_OF(seen); i++)
        assert_true(seen[i] > 800 && seen[i] < 1200);
    assert_true(rng_between(&r, 5, 5) == 5);
    rng_between(&r, INT64_MIN, INT64_MAX);
}

static void a_child_process_draws_other_bytes(void **state)
{
    (void)state;
    uint64_t mine[2], its;
    int      ends[2];
    (void)rng_u64(); /* the store is full now, and the child gets a copy */
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        its = rng_u64();
        _exit(write(ends[1], &its, sizeof its) == sizeof its ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(read(ends[0], &its, sizeof its), sizeof its);
    mine[0] = rng_u64();
    rng_bytes(&mine[1], sizeof mine[1]);
    assert_true(its != mine[0] && mine[0] != mine[1]);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_rfc_4648_are_written_and_read),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(the_generator_gives_its_published_numbers),
        cmocka_unit_test(numbers_stay_in_their_range_and_reach_all_of_it),
        cmocka_unit_test(a_child_process_draws_other_bytes),
    };
    return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
