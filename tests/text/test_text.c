#include "test.h"

#include "text/text.h"

static void handles_are_latin_lower_case_and_hyphens(void **state)
{
    (void)state;
    static const struct {
        const char *title, *locale, *handle;
    } CASES[] = {
        {"Червоні кросівки", "", "chervoni-krosivky"},
        {"Кава зернова \"Ранок\"", "uk", "kava-zernova-ranok"},
        {"Щука під шубою", "", "shchuka-pid-shuboyu"},
        {"Мужская футболка", "", "muzhskaya-futbolka"},
        {"Größe ½", "", "grosse-1-2"},
        {"İpek gömlek", "", "ipek-gomlek"},
        {"红色跑步鞋", "", "hong-se-pao-bu-xie"},
        {"Women's T-Shirt  (XL) !", "", "womens-t-shirt-xl"},
        {"  --a__b--  ", "", "a-b"},
        {"Crème Brûlée & Co.", "", "creme-brulee-co"},
        {"!!!", "", ""},
        {"", "", ""},
        {"👟", "", ""},
        {"Łódź", "", "lodz"},
        {"Œuvre æsthetic", "", "oeuvre-aesthetic"},
    };
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_str(text_handle(&a, str_from_cstr(CASES[i].title), str_from_cstr(CASES[i].locale)),
                   CASES[i].handle);
}

static void a_handle_made_is_a_handle_and_makes_itself(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    char     title[400];
    unsigned seed = 7;
    for (int round = 0; round < 2000; round++) {
        size_t n = 0;
        while (n < sizeof title - 1) {
            seed = seed * 1103515245u + 12345u;
            title[n++] = (char)(seed >> 17);
            if ((seed >> 9) % 300 == 0)
                break;
        }
        Str handle = text_handle(&a, (Str){title, n}, STR(""));
        assert_true(handle.len <= TEXT_HANDLE_MAX);
        assert_true(handle.len == 0 || text_is_handle(handle));
        assert_true(str_eq(text_handle(&a, handle, STR("")), handle));
        arena_reset(&a);
    }
}

static void long_titles_are_cut_between_words(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    char title[600];
    for (size_t i = 0; i < sizeof title; i++)
        title[i] = i % 10 == 9 ? ' ' : 'x';
    Str handle = text_handle(&a, (Str){title, sizeof title}, STR(""));
    assert_int_equal(handle.len, 249);
    assert_int_equal(handle.ptr[248], 'x');
}

static void handles_of_any_script_are_accepted_but_not_upper_case_or_signs(void **state)
{
    (void)state;
    assert_true(text_is_handle(STR("red-shoes_2")));
    assert_true(text_is_handle(STR("кросівки")));
    assert_true(text_is_handle(STR("跑步鞋")));
    assert_false(text_is_handle(STR("")));
    assert_false(text_is_handle(STR("Red")));
    assert_false(text_is_handle(STR("Кросівки")));
    assert_false(text_is_handle(STR("a b")));
    assert_false(text_is_handle(STR("a/b")));
    assert_false(text_is_handle(STR("a\xff")));
    assert_false(text_is_handle(STR("a%20")));
}

static void folding_makes_case_width_and_spacing_equal(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    assert_str(text_fold(&a, STR("  Red\t SHOES ")), "red shoes");
    assert_str(text_fold(&a, STR("ЧЕРВОНІ  Кросівки")), "червоні кросівки");
    assert_str(text_fold(&a, STR("Straße")), "strasse");
    assert_str(text_fold(&a, STR("ＡＢＣ１２")), "abc12");
    assert_str(text_fold(&a, STR("ﬁne")), "fine");
    assert_str(text_fold(&a, STR("")), "");
    assert_str(text_fold(&a, STR("e\xcc\x81t\xc3\xa9")), "\xc3\xa9t\xc3\xa9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles_are_latin_lower_case_and_hyphens),
        cmocka_unit_test(a_handle_made_is_a_handle_and_makes_itself),
        cmocka_unit_test(long_titles_are_cut_between_words),
        cmocka_unit_test(handles_of_any_script_are_accepted_but_not_upper_case_or_signs),
        cmocka_unit_test(folding_makes_case_width_and_spacing_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
