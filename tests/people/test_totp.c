#include "people/totp.h"
#include "test.h"

#define SECRET STR("12345678901234567890")

/* RFC 6238, appendix B (SHA-1, eight digits). */
static void codes_are_those_of_the_rfc(void **state)
{
    static const struct {
        int64_t  seconds;
        uint32_t code;
    } CASES[] = {
        {59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
        {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_int_equal(totp_code(SECRET, CASES[i].seconds / 30, 8), CASES[i].code);
}

/* RFC 4226, appendix D (six digits, counter 0 to 9). */
static void six_digit_codes_are_those_of_the_hotp_rfc(void **state)
{
    static const uint32_t CODES[] = {755224, 287082, 359152, 969429, 338314,
                                     254676, 287922, 162583, 399871, 520489};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CODES); i++)
        assert_int_equal(totp_code(SECRET, (int64_t)i, 6), CODES[i]);
}

static UnixMs at(int64_t seconds)
{
    return (UnixMs){seconds * 1000};
}

static void a_step_more_or_less_is_taken_but_not_two(void **state)
{
    static const struct {
        const char *typed;
        bool        good;
    } CASES[] = {
        {"359152", true},  /* step 2 */
        {"969429", true},  /* 3: now */
        {"338314", true},  /* 4 */
        {"287082", false}, /* 1 */
        {"254676", false}, /* 5 */
        {"969 429", true},  {" 969-429 ", true}, {"96942", false},
        {"9694290", false}, {"969429x", false},  {"", false},
        {"abcdef", false},  {"-96942", false},   {"\xd9\xa9", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        int64_t step = 0;
        if (totp_check(SECRET, str_from_cstr(CASES[i].typed), at(100), -1, &step) != CASES[i].good)
            fail_msg("'%s'", CASES[i].typed);
    }
}

static void a_used_code_and_older_ones_are_spent(void **state)
{
    int64_t step = 0;
    (void)state;
    assert_true(totp_check(SECRET, STR("969429"), at(100), 2, &step));
    assert_int_equal(step, 3);
    assert_false(totp_check(SECRET, STR("969429"), at(100), 3, &step));
    assert_false(totp_check(SECRET, STR("359152"), at(100), 3, &step));
    assert_true(totp_check(SECRET, STR("338314"), at(100), 3, &step));
}

static void secrets_are_written_as_apps_read_them(void **state)
{
    CLEANUP(arena_done) Arena a = {0};
    (void)state;
    arena_init(&a, 4096);
    /* RFC 4648, section 10, without padding */
    assert_str(totp_base32(&a, STR("")), "");
    assert_str(totp_base32(&a, STR("f")), "MY");
    assert_str(totp_base32(&a, STR("fo")), "MZXQ");
    assert_str(totp_base32(&a, STR("foo")), "MZXW6");
    assert_str(totp_base32(&a, STR("foob")), "MZXW6YQ");
    assert_str(totp_base32(&a, STR("fooba")), "MZXW6YTB");
    assert_str(totp_base32(&a, STR("foobar")), "MZXW6YTBOI");
    assert_str(totp_uri(&a, STR("My shop"), STR("a+b@c.de"), STR("foobar")),
               "otpauth://totp/My%20shop:a%2Bb@c.de?secret=MZXW6YTBOI&issuer=My%20shop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(six_digit_codes_are_those_of_the_hotp_rfc),
        cmocka_unit_test(a_step_more_or_less_is_taken_but_not_two),
        cmocka_unit_test(a_used_code_and_older_ones_are_spent),
        cmocka_unit_test(secrets_are_written_as_apps_read_them),
    };
    return cmocka_run_group_tests_name("totp", tests, NULL, NULL);
}
