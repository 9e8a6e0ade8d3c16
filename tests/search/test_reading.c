#include "test.h"

#include <string.h>

#include "search/compound.h"
#include "search/layout.h"
#include "search/translit.h"
#include "search/unit.h"

static Str cstr(const char *z)
{
    return str_from_cstr(z);
}

static void layouts_slip_both_ways(void **state)
{
    (void)state;
    static const struct {
        LayoutSlip  slip;
        const char *typed, *meant;
    } CASES[] = {
        {LAYOUT_US_TO_RU, "ghbdtn", "привет"},
        {LAYOUT_US_TO_RU, ",jnbyrb", "ботинки"},
        {LAYOUT_US_TO_RU, "rehnrf", "куртка"},
        {LAYOUT_US_TO_RU, "Yjen,er", "ноутбук"},
        {LAYOUT_US_TO_UK, "rhjcsdrb", "кросівки"},
        {LAYOUT_US_TO_UK, "s;f", "іжа"},
        {LAYOUT_RU_TO_US, "руддщ", "hello"},
        {LAYOUT_RU_TO_US, "ызщеншан", "spotyify"},
        {LAYOUT_UK_TO_US, "тшлу", "nike"},
        {LAYOUT_UK_TO_US, "фззду", "apple"},
        {LAYOUT_US_TO_RU, "привет", ""},
        {LAYOUT_RU_TO_US, "hello", ""},
        {LAYOUT_US_TO_RU, "123", ""},
        {LAYOUT_US_TO_RU, "\xff", ""},
    };
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 1024);
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_str(layout_slip(CASES[i].slip, cstr(CASES[i].typed), &a), CASES[i].meant);
}

static void equal_amounts_have_equal_keys(void **state)
{
    (void)state;
    static const struct {
        const char *number, *unit, *key;
    } CASES[] = {
        {"10", "mm", "#l10000000000"},
        {"1", "cm", "#l10000000000"},
        {"1", "см", "#l10000000000"},
        {"1", "CM", "#l10000000000"},
        {"2", "TB", "#d2000000000000"},
        {"2000", "гб", "#d2000000000000"},
        {"2048", "MB", "#d2000000000"},
        {"2", "GB", "#d2000000000"},
        {"1.5", "kg", "#m1500000000000"},
        {"1500", "г", "#m1500000000000"},
        {"15.6", "\"", "#i15600000000"},
        {"15.6", "inch", "#i15600000000"},
        {"15.60", "дюймов", "#i15600000000"},
        {"5", "公斤", "#m5000000000000"},
        {"5", "xyz", ""},
        {"1.2.3", "mm", ""},
        {"", "mm", ""},
        {"9999999999999999", "km", ""},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char key[UNIT_KEY_MAX];
        Str  made = {key, unit_key(cstr(CASES[i].number), cstr(CASES[i].unit), key)};
        assert_str(made, CASES[i].key);
    }
}

static void a_unit_ends_where_its_letters_end(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t      length;
    } CASES[] = {{"mm x", 2}, {"mmx", 0}, {"\" tv", 1}, {"кг", 4}, {"公斤装", 6},
                 {"gb2", 0},  {"Gb", 2},  {"", 0},      {"-", 0},  {"''", 2}};
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_int_equal(unit_length(cstr(CASES[i].text)), CASES[i].length);
}

typedef struct Known {
    const char *words; /* apart by blanks */
    char        found[64];
    unsigned    cost;
    unsigned    asked;
} Known;

static bool known_begins(void *ctx, Str beginning)
{
    Known *k = ctx;
    k->asked++;
    Str rest = cstr(k->words);
    for (Str word; rest.len > 0;) {
        str_cut(rest, ' ', &word, &rest);
        if (str_starts(word, beginning))
            return true;
    }
    return false;
}

static uint32_t known_word(void *ctx, Str word)
{
    Known *k = ctx;
    Str    rest = cstr(k->words);
    for (Str each; rest.len > 0;) {
        str_cut(rest, ' ', &each, &rest);
        if (str_eq(each, word))
            return 1;
    }
    return 0;
}

static bool known_reading(void *ctx, Str word, unsigned cost)
{
    Known *k = ctx;
    if (known_word(k, word) && (!k->found[0] || cost < k->cost)) {
        memcpy(k->found, word.ptr, word.len);
        k->found[word.len] = '\0';
        k->cost = cost;
    }
    return true;
}

static void words_are_read_in_the_other_script(void **state)
{
    (void)state;
    static const struct {
        TranslitTo  to;
        const char *typed, *meant;
    } CASES[] = {
        {TRANSLIT_TO_LATIN, "найк", "nike"},
        {TRANSLIT_TO_LATIN, "адидас", "adidas"},
        {TRANSLIT_TO_LATIN, "адідас", "adidas"},
        {TRANSLIT_TO_LATIN, "самсунг", "samsung"},
        {TRANSLIT_TO_LATIN, "айфон", "iphone"},
        {TRANSLIT_TO_LATIN, "филипс", "philips"},
        {TRANSLIT_TO_LATIN, "бош", "bosch"},
        {TRANSLIT_TO_LATIN, "сименс", "siemens"},
        {TRANSLIT_TO_LATIN, "хуавей", "huawei"},
        {TRANSLIT_TO_LATIN, "логитек", "logitech"},
        {TRANSLIT_TO_LATIN, "эпл", "apple"},
        {TRANSLIT_TO_LATIN, "рибок", "reebok"},
        {TRANSLIT_TO_LATIN, "гугл", "google"},
        {TRANSLIT_TO_LATIN, "конверс", "converse"},
        {TRANSLIT_TO_LATIN, "сони", "sony"},
        {TRANSLIT_TO_LATIN, "леново", "lenovo"},
        {TRANSLIT_TO_LATIN, "сяоми", "xiaomi"},
        {TRANSLIT_TO_LATIN, "асус", "asus"},
        {TRANSLIT_TO_RUSSIAN, "kurtka", "куртка"},
        {TRANSLIT_TO_RUSSIAN, "chernye", "черные"},
        {TRANSLIT_TO_RUSSIAN, "krossovki", "кроссовки"},
        {TRANSLIT_TO_RUSSIAN, "4ernye", "черные"},
        {TRANSLIT_TO_RUSSIAN, "shapka", "шапка"},
        {TRANSLIT_TO_RUSSIAN, "naushniki", "наушники"},
        {TRANSLIT_TO_RUSSIAN, "noutbuk", "ноутбук"},
        {TRANSLIT_TO_RUSSIAN, "zhenskiy", "женский"},
        {TRANSLIT_TO_UKRAINIAN, "krosivky", "кросівки"},
        {TRANSLIT_TO_UKRAINIAN, "cholovichi", "чоловічі"},
        {TRANSLIT_TO_UKRAINIAN, "zhinocha", "жіноча"},
        {TRANSLIT_TO_UKRAINIAN, "futbolka", "футболка"},
        {TRANSLIT_TO_UKRAINIAN, "krosovky", "кросовки"},
        {TRANSLIT_TO_UKRAINIAN, "shkarpetky", "шкарпетки"},
        {TRANSLIT_TO_UKRAINIAN, "dytiachyi", "дитячий"},
        {TRANSLIT_TO_UKRAINIAN, "nike", "найк"},
    };
    static const char WORDS[] =
        "nike adidas samsung iphone philips bosch siemens huawei logitech apple reebok google "
        "converse sony lenovo xiaomi asus куртка кроссовки черные шапка наушники ноутбук женский "
        "кросівки чоловічі жіноча футболка кросовки шкарпетки дитячий найк";
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Known       k = {.words = WORDS};
        TranslitAsk ask = {&k, known_begins, known_reading};
        translit_walk(CASES[i].to, cstr(CASES[i].typed), &ask);
        assert_string_equal(k.found, CASES[i].meant);
    }
}

static bool always(void *ctx, Str beginning)
{
    (void)beginning;
    ++*(unsigned *)ctx;
    return true;
}

static bool any_reading(void *ctx, Str word, unsigned cost)
{
    (void)ctx, (void)word, (void)cost;
    return true;
}

static void readings_are_limited_in_number(void **state)
{
    (void)state;
    unsigned    asked = 0;
    TranslitAsk ask = {&asked, always, any_reading};
    translit_walk(TRANSLIT_TO_RUSSIAN, STR("aeiouyaeiouyaeiouyaeiouyaeiouy"), &ask);
    assert_true(asked < TRANSLIT_STEPS_MAX * 8);
    char out[64];
    assert_int_equal(translit_plain(TRANSLIT_TO_UKRAINIAN, STR("?"), out, sizeof out), 0);
    assert_int_equal(translit_plain(TRANSLIT_TO_UKRAINIAN, STR("shchshchshch"), out, 5), 0);
    size_t n = translit_plain(TRANSLIT_TO_UKRAINIAN, STR("shapka"), out, sizeof out);
    assert_str(((Str){out, n}), "шапка");
}

static void compounds_are_split_into_known_words(void **state)
{
    (void)state;
    static const struct {
        Language    language;
        const char *word, *parts;
    } CASES[] = {
        {LANG_NL, "hardloopschoenen", "hardloop|schoenen"},
        {LANG_NL, "kinderfiets", "kind|fiets"},
        {LANG_NL, "schoenendoos", "schoenen|doos"},
        {LANG_NL, "waterkoker", "water|koker"},
        {LANG_DE, "damenlaufschuhe", "damen|lauf|schuhe"},
        {LANG_DE, "kinderwagen", "kinder|wagen"},
        {LANG_DE, "geschenkspapier", "geschenk|papier"},
        {LANG_DE, "kaffeemaschine", "kaffee|maschine"},
        {LANG_DE, "schuh", ""},
        {LANG_DE, "unbekannteswort", ""},
        {LANG_EN, "waterkoker", ""},
    };
    Known k = {.words = "hardloop schoenen kind fiets doos water koker damen lauf schuhe wagen "
                        "kinder geschenk papier kaffee maschine schuh"};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Known use = k;
        if (CASES[i].language == LANG_NL)
            use.words = "hardloop schoenen kind fiets doos water koker";
        Str    parts[COMPOUND_PARTS_MAX];
        char   got[128] = "";
        size_t at = 0;
        size_t n = compound_split(CASES[i].language, cstr(CASES[i].word), known_word, &use, parts);
        for (size_t p = 0; p < n; p++) {
            if (p > 0)
                got[at++] = '|';
            memcpy(got + at, parts[p].ptr, parts[p].len);
            at += parts[p].len;
        }
        got[at] = '\0';
        assert_string_equal(got, CASES[i].parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_slip_both_ways),
        cmocka_unit_test(equal_amounts_have_equal_keys),
        cmocka_unit_test(a_unit_ends_where_its_letters_end),
        cmocka_unit_test(words_are_read_in_the_other_script),
        cmocka_unit_test(readings_are_limited_in_number),
        cmocka_unit_test(compounds_are_split_into_known_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
