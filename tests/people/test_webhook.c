/* Signatures of webhooks: the check vector of Standard Webhooks. How they travel: tests/e2e. */
#include "people/webhook.h"
#include "test.h"

static void the_check_vector_is_met(void **state)
{
    CLEANUP(arena_done) Arena a = {0};
    (void)state;
    arena_init(&a, 1024);
    Str secret = STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    Str id = STR("msg_p5jXN8AQM9LWM0D4loKWxJek");
    Str body = STR("{\"test\": 2432232314}");
    assert_str(webhook_sign(&a, secret, id, 1614265330, body),
               "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_int_equal(webhook_sign(&a, STR("whsec_***"), id, 1, body).len, 0);
    assert_int_equal(webhook_sign(&a, STR("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), id, 1, body).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_check_vector_is_met)};
    return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
