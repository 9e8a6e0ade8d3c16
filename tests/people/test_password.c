#include "people/password.h"
#include "test.h"

#include <pthread.h>

static void passwords_are_judged_by_length_and_commonness_alone(void **state)
{
    static const struct {
        const char *password;
        const char *code; /* NULL: taken */
    } CASES[] = {
        {"", "too_short"},
        {"short", "too_short"},
        {"ninechars", "too_short"},
        {"äöüäöüäöü", "too_short"}, /* nine characters in 18 bytes */
        {"абвгдежзик", NULL},
        {"zebra lamp", NULL},
        {"correct horse battery staple", NULL},
        {"          ", "too_common"},
        {"aaaaaaaaaaaa", "too_common"},
        {"abababababab", "too_common"},
        {"abcabcabcabc", "too_common"},
        {"abcdefghijklm", "too_common"},
        {"0123456789", "too_common"},
        {"9876543210", "too_common"},
        {"password123", "too_common"},
        {"PassWord123", "too_common"},
        {"qwertyuiop", "too_common"},
        {"jane.doe42", "too_personal"},
        {"jane.doe@shop.example", "too_personal"},
        {"Jane Dolittle", "too_personal"},
        {"Jane Dolittle rides a green zebra", NULL},
    };
    CLEANUP(arena_done) Arena a = {0};
    (void)state;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Issues is = {.arena = &a};
        password_judge(&is, "/password", str_from_cstr(CASES[i].password),
                       STR("jane.doe@shop.example"), STR("Jane Dolittle"));
        const char *got = is.n == 0 ? "taken" : is.items[0].code;
        const char *want = CASES[i].code == NULL ? "taken" : CASES[i].code;
        if (strcmp(got, want) != 0 || is.n > 1)
            fail_msg("'%s': %s, not %s", CASES[i].password, got, want);
    }
}

static void very_long_passwords_are_refused_before_they_cost_anything(void **state)
{
    CLEANUP(arena_done) Arena a = {0};
    (void)state;
    arena_init(&a, 4096);
    for (size_t len = PASSWORD_BYTES_MAX; len <= PASSWORD_BYTES_MAX + 1; len++) {
        Issues is = {.arena = &a};
        char  *text = arena_array(&a, char, len);
        for (size_t i = 0; i < len; i++)
            text[i] = (char)('a' + i * i % 23);
        password_judge(&is, "/password", (Str){text, len}, STR("a@b.cd"), STR("Jane"));
        assert_int_equal(is.n, len > PASSWORD_BYTES_MAX);
    }
}

static void hashes_are_argon2id_with_64_mib(void **state)
{
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {.arena = &a};
    Str                       hash;
    bool                      right, stale;
    (void)state;
    arena_init(&a, 4096);
    assert_ok(password_hash(&cx, STR("correct horse"), &hash), &cx.err);
    assert_true(str_starts(hash, STR("$argon2id$v=19$m=65536,t=2,p=1$")));
    assert_ok(password_check(&cx, hash, STR("correct horse"), &right, &stale), &cx.err);
    assert_true(right && !stale);
    assert_ok(password_check(&cx, hash, STR("correct horsf"), &right, &stale), &cx.err);
    assert_false(right);
    assert_ok(password_check(&cx, hash, (Str){0}, &right, &stale), &cx.err);
    assert_false(right);
    assert_ok(password_check(&cx, STR(""), STR("correct horse"), &right, &stale), &cx.err);
    assert_false(right);
}

static void older_parameters_are_noticed(void **state)
{
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {.arena = &a};
    Str                       hash;
    bool                      right, stale;
    (void)state;
    arena_init(&a, 4096);
    password_test_cheap(true);
    assert_ok(password_hash(&cx, STR("correct horse"), &hash), &cx.err);
    password_test_cheap(false);
    assert_ok(password_check(&cx, hash, STR("correct horse"), &right, &stale), &cx.err);
    assert_true(right && stale);
    assert_ok(password_check(&cx, hash, STR("wrong horse"), &right, &stale), &cx.err);
    assert_true(!right && !stale);
}

static void *hash_one(void *arg)
{
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {.arena = &a};
    Str                       hash;
    int                      *fine = arg;
    arena_init(&a, 4096);
    *fine = password_hash(&cx, STR("correct horse"), &hash) == ST_OK;
    return NULL;
}

static void many_at_once_take_turns(void **state)
{
    pthread_t threads[12];
    int       fine[12] = {0};
    (void)state;
    password_test_cheap(true);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_one, &fine[i]), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_true(fine[i]);
    }
    password_test_cheap(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_are_judged_by_length_and_commonness_alone),
        cmocka_unit_test(very_long_passwords_are_refused_before_they_cost_anything),
        cmocka_unit_test(hashes_are_argon2id_with_64_mib),
        cmocka_unit_test(older_parameters_are_noticed),
        cmocka_unit_test(many_at_once_take_turns),
    };
    return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
