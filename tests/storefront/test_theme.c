/* Themes: what is read, what is refused, what texts and prices become. */
#include "test.h"

#include "base/rng.h"
#include "channel/storefront/locale.h"
#include "channel/storefront/theme.h"

#include <string.h>
#include <sys/stat.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>
#include <unistd.h>

static const ThemeFile LAYOUT = {STR_INIT("layout/theme.liquid"),
                                 STR_INIT("{{ content_for_layout }}")};

static Theme *with(const char *path, const char *text)
{
    const ThemeFile files[] = {
        LAYOUT,
        {STR_INIT("sections/a.liquid"),
         STR_INIT("a{% schema %}{\"name\":\"A\",\"max_blocks\":2,\"blocks\":[{\"type\":\"x\","
                  "\"name\":\"X\",\"limit\":1},{\"type\":\"y\",\"name\":\"Y\"}]}{% endschema %}")},
        {str_from_cstr(path), str_from_cstr(text)}};
    Theme *t;
    Err    err;
    assert_ok(theme_make(files, 3, &t, &err), &err);
    return t;
}

static void mistakes_in_a_theme_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *problem;
    } CASES[] = {
        {"templates/index.json", "{", "templates/index.json: "},
        {"templates/index.json", "{\"sections\":{\"m\":{\"type\":\"none\"}},\"order\":[\"m\"]}",
         "no section of type \"none\""},
        {"templates/index.json", "{\"sections\":{},\"order\":[\"m\"]}", "is missing"},
        {"templates/index.json",
         "{\"sections\":{\"m\":{\"type\":\"a\",\"blocks\":{\"1\":{\"type\":\"z\"}},\"block_order\":"
         "["
         "\"1\"]}},\"order\":[\"m\"]}",
         "takes no block of type \"z\""},
        {"templates/index.json",
         "{\"sections\":{\"m\":{\"type\":\"a\",\"blocks\":{\"1\":{\"type\":\"x\"},\"2\":{\"type\":"
         "\"x\"}},\"block_order\":[\"1\",\"2\"]}},\"order\":[\"m\"]}",
         "at most 1 blocks of type x"},
        {"templates/index.json",
         "{\"sections\":{\"m\":{\"type\":\"a\",\"blocks\":{\"1\":{\"type\":\"y\"},\"2\":{\"type\":"
         "\"y\"},\"3\":{\"type\":\"y\"}},\"block_order\":[\"1\",\"2\",\"3\"]}},\"order\":[\"m\"]}",
         "at most 2 blocks"},
        {"templates/index.json", "{\"wrapper\":\"div><script>\",\"sections\":{}}", "wrapper"},
        {"sections/b.liquid", "{% if %}", "sections/b.liquid: "},
        {"sections/b.liquid", "{% schema %}{\"name\":{% endschema %}", "sections/b.liquid: "},
        {"sections/b.liquid",
         "{% schema %}{\"settings\":[{\"type\":\"magic\",\"id\":\"m\"}]}{% endschema %}",
         "unknown type of setting \"magic\""},
        {"sections/b.liquid",
         "{% schema %}{\"settings\":[{\"type\":\"text\",\"id\":\"m\"},{\"type\":\"text\",\"id\":"
         "\"m\"}]}{% endschema %}",
         "needs an id of its own"},
        {"sections/b.liquid",
         "{% schema %}{\"settings\":[{\"type\":\"range\",\"id\":\"m\",\"min\":0,\"max\":1000,"
         "\"step\":1}]}{% endschema %}",
         "at most 101 steps"},
        {"sections/b.liquid",
         "{% schema "
         "%}{\"settings\":[{\"type\":\"select\",\"id\":\"m\",\"options\":[{\"value\":\"a\"}"
         "],\"default\":\"b\"}]}{% endschema %}",
         "none of the options"},
        {"sections/b.liquid", "{% schema %}{\"tag\":\"script\"}{% endschema %}",
         "the tag of a section"},
        {"sections/b.liquid",
         "{% schema %}{\"presets\":[{\"name\":\"P\",\"blocks\":[{\"type\":\"q\"}]}]}{% endschema "
         "%}",
         "unknown type \"q\""},
        {"locales/english!.json", "{}", ""},
        {"locales/en.json", "{\"a\":1}", "a is no text"},
        {"assets/run.exe", "MZ", "no type is known"},
        {"sections/b.liquid", "\xff\xfe", "is not UTF-8"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Theme *t = with(CASES[i].path, CASES[i].text);
        bool   told = CASES[i].problem[0] == '\0';
        for (size_t k = 0; k < t->nproblems; k++)
            told = told || str_find(t->problems[k], str_from_cstr(CASES[i].problem)) != SIZE_MAX;
        if (!told)
            fail_msg("%s with %s: not told %s", CASES[i].path, CASES[i].text, CASES[i].problem);
        theme_release(t);
    }
}

static void a_theme_needs_a_layout(void **state)
{
    (void)state;
    Theme *t;
    Err    err;
    assert_int_equal(theme_make(NULL, 0, &t, &err), ST_INVALID);
    assert_string_equal(err.code, "storefront.bad_theme");
}

/* Links, hidden files and strange names do not become part of a theme. */
static void nothing_outside_of_the_folder_is_read(void **state)
{
    (void)state;
    char                     dir[] = "/tmp/rapport-theme-XXXXXX", path[200];
    static const char *const FOLDERS[] = {"layout", "snippets", "assets"};
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < COUNT_OF(FOLDERS); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, FOLDERS[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    (void)snprintf(path, sizeof path, "%s/layout/theme.liquid", dir);
    FILE *f = fopen(path, "w");
    fputs("{% render '../../secret' %}{% render 'passwd' %}", f);
    (void)fclose(f);
    (void)snprintf(path, sizeof path, "%s/snippets/passwd.liquid", dir);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    (void)snprintf(path, sizeof path, "%s/assets/passwd.txt", dir);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    (void)snprintf(path, sizeof path, "%s/locales", dir);
    assert_int_equal(symlink("/etc", path), 0);
    Theme *t;
    Err    err;
    assert_ok(theme_load(dir, &t, &err), &err);
    assert_int_equal(t->nfiles, 1);
    assert_null(theme_asset(t, STR("passwd.txt")));
    theme_release(t);
    static const char *const MADE[] = {"locales",
                                       "assets/passwd.txt",
                                       "snippets/passwd.liquid",
                                       "layout/theme.liquid",
                                       "assets",
                                       "snippets",
                                       "layout",
                                       ""};
    for (size_t i = 0; i < COUNT_OF(MADE); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, MADE[i]);
        assert_int_equal(remove(path), 0);
    }
    assert_int_equal(theme_load(dir, &t, &err), ST_NOT_FOUND);
}

static void texts_follow_the_language(void **state)
{
    (void)state;
    const ThemeFile files[] = {
        LAYOUT,
        {STR_INIT("locales/en.default.json"),
         STR_INIT("{\"n\":{\"one\":\"one\",\"other\":\"many\"},\"only\":\"Only\",\"z\":{\"zero\":"
                  "\"none\",\"other\":\"some\"}}")},
        {STR_INIT("locales/uk.json"), STR_INIT("{\"n\":{\"one\":\"один\",\"few\":\"кілька\","
                                               "\"many\":\"багато\",\"other\":\"інше\"}}")},
        {STR_INIT("locales/pt-BR.json"), STR_INIT("{\"only\":\"Só\"}")},
    };
    static const struct {
        const char *tag, *key;
        double      n; /* < 0: none */
        const char *text;
    } CASES[] = {
        {"en", "n", 1, "one"},      {"en", "n", 2, "many"},     {"uk", "n", 1, "один"},
        {"uk", "n", 3, "кілька"},   {"uk", "n", 5, "багато"},   {"uk", "n", 21, "один"},
        {"uk", "n", 1.5, "інше"},   {"uk", "only", -1, "Only"}, {"pt-BR", "only", -1, "Só"},
        {"pt-BR", "n", 1, "one"},   {"en", "z", 0, "none"},     {"en", "z", 4, "some"},
        {"tr", "only", -1, "Only"},
    };
    Theme *t;
    Err    err;
    assert_ok(theme_make(files, COUNT_OF(files), &t, &err), &err);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Str  text;
        bool html;
        assert_true(theme_text(t->texts, locale_of(str_from_cstr(CASES[i].tag)),
                               str_from_cstr(CASES[i].key), CASES[i].n >= 0, CASES[i].n, &text,
                               &html));
        assert_str(text, CASES[i].text);
    }
    theme_release(t);
}

/* ICU's own answer. */
static void icu_money(const char *tag, Money m, int decimals, char *ret, int32_t size)
{
    UErrorCode     e = U_ZERO_ERROR;
    UChar          code[4], out[200];
    char           number[40];
    UNumberFormat *f = unum_open(UNUM_CURRENCY, NULL, 0, tag, NULL, &e);
    u_charsToUChars(m.cur, code, 4);
    unum_setTextAttribute(f, UNUM_CURRENCY_CODE, code, 3, &e);
    unum_setAttribute(f, UNUM_MIN_FRACTION_DIGITS, decimals);
    unum_setAttribute(f, UNUM_MAX_FRACTION_DIGITS, decimals);
    int     n = snprintf(number, sizeof number, "%lldE-%d", (long long)m.minor, decimals);
    int32_t len = unum_formatDecimal(f, number, n, out, 200, NULL, &e);
    u_strToUTF8(ret, size, NULL, out, len, &e);
    assert_true(U_SUCCESS(e));
    unum_close(f);
}

static void prices_are_written_as_icu_writes_them(void **state)
{
    (void)state;
    static const char *const TAGS[] = {"en", "uk",    "ru", "tr", "nl",    "zh",
                                       "de", "de-CH", "hi", "pl", "pt-BR", "ja"};
    static const char *const CODES[] = {"EUR", "USD", "UAH", "TRY", "CNY", "JPY", "KWD"};
    Arena                    a;
    Rng                      rng = rng_of(7);
    arena_init(&a, 4096);
    for (int i = 0; i < 4000; i++) {
        const char   *tag = TAGS[rng_below(&rng, COUNT_OF(TAGS))];
        const char   *code = CODES[rng_below(&rng, COUNT_OF(CODES))];
        const int64_t size = (int64_t)1 << rng_below(&rng, 50);
        Money         m =
            money_of((int64_t)rng_below(&rng, (uint64_t)size * 2) - size / 8, str_from_cstr(code));
        char want[400];
        icu_money(tag, m, currency_find(str_from_cstr(code))->decimals, want, sizeof want);
        Str is = locale_money(&a, locale_of(str_from_cstr(tag)), m, MONEY_SYMBOL);
        /* where CLDR has no symbol, its code may have given way to a narrow one */
        bool narrowed = strstr(want, code) != NULL && str_find(is, str_from_cstr(code)) == SIZE_MAX;
        if (!narrowed && !str_eq(is, str_from_cstr(want)))
            fail_msg("%s %lld %s: " STR_FMT ", ICU says %s", tag, (long long)m.minor, code,
                     STR_ARG(is), want);
    }
    const Locale *en = locale_of(STR("en")), *uk = locale_of(STR("uk")), *tr = locale_of(STR("tr"));
    /* what CLDR has no symbol for in Ukrainian; dollars that are not the best known keep theirs */
    assert_str(locale_money(&a, uk, MONEY(2900, "EUR"), MONEY_SYMBOL), "29,00\xc2\xa0€");
    assert_str(locale_money(&a, uk, MONEY(2900, "TRY"), MONEY_SYMBOL), "29,00\xc2\xa0₺");
    assert_str(locale_money(&a, uk, MONEY(2900, "CAD"), MONEY_SYMBOL), "29,00\xc2\xa0"
                                                                       "CAD");
    assert_str(locale_money(&a, tr, MONEY(2900, "EUR"), MONEY_SYMBOL), "€29,00");
    assert_str(locale_money(&a, en, MONEY(1200, "EUR"), MONEY_NO_ZEROS), "€12");
    assert_str(locale_money(&a, en, MONEY(1250, "EUR"), MONEY_NO_ZEROS), "€12.50");
    assert_str(locale_money(&a, en, MONEY(-1250, "EUR"), MONEY_BARE), "-12.50");
    assert_str(locale_money(&a, en, MONEY(1250, "EUR"), MONEY_CODE), "€12.50 EUR");
    arena_done(&a);
}

static void only_tags_of_languages_are_languages(void **state)
{
    (void)state;
    static const char *const GOOD[][2] = {
        {"EN", "en"}, {"pt-br", "pt-BR"}, {"zh-hant-tw", "zh-Hant-TW"}};
    static const char *const BAD[] = {
        "",   "e",     "english", "en-",          "-en",
        "e1", "en_US", "../en",   "en-aaaaaaaaa", "aa-bb-cc-dd-ee-ff-gg-hh-ii"};
    char tag[LOCALE_TAG_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
        assert_true(locale_tag(str_from_cstr(GOOD[i][0]), tag));
        assert_string_equal(tag, GOOD[i][1]);
    }
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_false(locale_tag(str_from_cstr(BAD[i]), tag));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_in_a_theme_are_told),
        cmocka_unit_test(a_theme_needs_a_layout),
        cmocka_unit_test(nothing_outside_of_the_folder_is_read),
        cmocka_unit_test(texts_follow_the_language),
        cmocka_unit_test(prices_are_written_as_icu_writes_them),
        cmocka_unit_test(only_tags_of_languages_are_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
