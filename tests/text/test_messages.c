/* The program's texts: patterns, plurals, numbers, money and dates in all languages. */
#include "test.h"

#include "text/messages.h"

#include <pthread.h>
#include <string.h>

static const char *format(Lang lang, const char *pattern, const MessageArg *args, size_t n)
{
    static char           room[1024];
    CLEANUP(buf_done) Buf b;
    buf_init(&b, sizeof room - 1);
    message_format(&b, lang, str_from_cstr(pattern), args, n);
    memset(room, 0, sizeof room);
    if (b.len > 0)
        memcpy(room, b.ptr, b.len);
    return room;
}

#define FORMAT(lang, pattern, ...) format((lang), (pattern), MESSAGE_ARGS(__VA_ARGS__))

static void patterns_are_icus(void **state)
{
    static const struct {
        const char *pattern, *want;
    } CASES[] = {
        {"", ""},
        {"plain", "plain"},
        {"Hi {name}!", "Hi Ann!"},
        {"Hi { name }!", "Hi Ann!"},
        {"{name}{name}", "AnnAnn"},
        {"it's {name}''s '{'box'}'", "it's Ann's {box}"},
        {"'{name}'", "{name}"},
        {"# is itself", "# is itself"},
        {"{n, plural, one {# cat} other {# cats}}", "3 cats"},
        {"{n, plural, =3 {three} other {# cats}}", "three"},
        {"{n, plural, offset:1 one {you and # more} other {you and # others}}", "you and 2 others"},
        {"{n, plural, other {'#'#, {name}}}", "#3, Ann"},
        {"{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}", "3rd"},
        {"{name, select, Ann {she} other {they}} came", "she came"},
        {"{name, select, Bob {he} other {they, {n}}}", "they, 3"},
        {"{n, number, percent}", "300%"},
        /* what is broken stays as it is */
        {"{gone}", "{gone}"},
        {"{", "{"},
        {"}", "}"},
        {"{name", "{name"},
        {"{n, plural, one}", ""},
        {"{n, plural}", ""},
        {"'{", "{"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_string_equal(
            FORMAT(LANG_EN, CASES[i].pattern, msg_s("name", STR("Ann")), msg_i("n", 3)),
            CASES[i].want);
}

static void each_language_has_its_plurals(void **state)
{
    static const char PATTERN[] = "{n, plural, one {one} few {few} many {many} other {other}}";
    static const struct {
        int64_t     n;
        const char *want[LANGS]; /* en uk ru tr nl zh */
    } CASES[] = {
        {0, {"other", "many", "many", "other", "other", "other"}},
        {1, {"one", "one", "one", "one", "one", "other"}},
        {2, {"other", "few", "few", "other", "other", "other"}},
        {5, {"other", "many", "many", "other", "other", "other"}},
        {11, {"other", "many", "many", "other", "other", "other"}},
        {21, {"other", "one", "one", "other", "other", "other"}},
        {22, {"other", "few", "few", "other", "other", "other"}},
        {112, {"other", "many", "many", "other", "other", "other"}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        for (Lang lang = 0; lang < LANGS; lang++)
            assert_string_equal(FORMAT(lang, PATTERN, msg_i("n", CASES[i].n)), CASES[i].want[lang]);
}

/* No-break spaces, wide and narrow, as spaces. */
static void plain_spaces(char *s)
{
    static const char *const SPACES[] = {"\u00a0", "\u202f"};
    for (size_t i = 0; i < COUNT_OF(SPACES); i++) {
        size_t n = strlen(SPACES[i]);
        for (char *p; (p = strstr(s, SPACES[i])) != NULL;) {
            *p = ' ';
            memmove(p + 1, p + n, strlen(p + n) + 1);
        }
    }
}

static void values_are_written_as_the_language_does(void **state)
{
    const UnixMs             when = {1700000000000}; /* 2023-11-14T22:13:20Z */
    const Money              price = MONEY(123450, "EUR"), yen = MONEY(500, "JPY");
    static const char *const WANT[LANGS] = {
        "1,234,567 | 0.5 | €1,234.50 | ¥500 | 15 November 2023, 00:13",
        "1 234 567 | 0,5 | 1 234,50 € | 500 ¥ | 15 листопада 2023 р., 00:13",
        "1 234 567 | 0,5 | 1 234,50 € | 500 ¥ | 15 ноября 2023 г., 00:13",
        "1.234.567 | 0,5 | €1.234,50 | ¥500 | 15 Kasım 2023, 00:13",
        "1.234.567 | 0,5 | € 1.234,50 | JP¥ 500 | 15 november 2023, 00:13",
        "1,234,567 | 0.5 | €1,234.50 | JP¥500 | 2023年11月15日, 00:13",
    };
    (void)state;
    for (Lang lang = 0; lang < LANGS; lang++) {
        char *got = (char *)(uintptr_t)FORMAT(
            lang, "{n} | {r} | {eur} | {yen} | {t, date, long}, {t, time, short}",
            msg_i("n", 1234567), msg_r("r", 0.5), msg_m("eur", price), msg_m("yen", yen),
            msg_t("t", when, "Europe/Kyiv"));
        plain_spaces(got);
        assert_string_equal(got, WANT[lang]);
    }
    assert_string_equal(FORMAT(LANG_EN, "{t, time, short}", msg_t("t", when, NULL)), "22:13 UTC");
    assert_string_equal(FORMAT(LANG_UK, "{t, date, day}", msg_t("t", when, "UTC")),
                        "вт, 14 листопада");
    assert_string_equal(FORMAT(LANG_NL, "{t, date, day}", msg_t("t", when, "UTC")),
                        "di 14 november");
}

static void arguments_become_text_in_html(void **state)
{
    CLEANUP(buf_done) Buf b;
    (void)state;
    buf_init(&b, 1024);
    message_html(&b, LANG_EN, "people.setup.as", msg_s("email", STR("<b>&\"@x")));
    assert_str(buf_str(&b), "You will sign in as <strong>&lt;b&gt;&amp;&quot;@x</strong>.");
    assert_true(message_has(STR("people.setup.as")));
    assert_false(message_has(STR("people.setup.as.not")));
    buf_clear(&b);
    message_text(&b, LANG_EN, "no.such.key", MSG_NONE);
    assert_str(buf_str(&b), "no.such.key");
}

static void *format_many(void *arg)
{
    static const char *const CURRENCIES[] = {"EUR", "USD", "UAH", "TRY", "CNY", "JPY", "KWD"};
    (void)arg;
    for (int i = 0; i < 2000; i++) {
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 256);
        Money      m = money_of(i, str_from_cstr(CURRENCIES[i % 7]));
        MessageArg args[] = {msg_m("m", m), msg_t("t", (UnixMs){i * 1000LL}, NULL)};
        message_format(&b, (Lang)(i % LANGS), STR("{m} {t, date}"), args, 2);
        ASSERT(b.len > 8);
    }
    return NULL;
}

static void threads_share_what_is_opened(void **state)
{
    pthread_t threads[4];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, format_many, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
}

static void languages_are_found_and_preferred(void **state)
{
    static const struct {
        const char *header;
        Lang        want; /* falling back on LANG_NL */
    } CASES[] = {
        {"", LANG_NL},
        {"uk", LANG_UK},
        {"UK-ua", LANG_UK},
        {"de, fr", LANG_NL},
        {"de, zh-Hans-CN;q=0.9, en;q=0.8", LANG_ZH},
        {"en;q=0.5, ru;q=0.7", LANG_RU},
        {"en;q=0, *", LANG_NL},
        {"tr;q=1.000, en", LANG_TR},
        {"tr;q=0.999,en;q=1", LANG_EN},
        {"en;q=x, uk;q=0.1", LANG_UK},
        {"en;q=99, uk;q=0.1", LANG_UK},
        {";;;,,,-,uk", LANG_UK},
        {"ukr", LANG_NL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_int_equal(lang_accept(str_from_cstr(CASES[i].header), LANG_NL), CASES[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_are_icus),
        cmocka_unit_test(each_language_has_its_plurals),
        cmocka_unit_test(values_are_written_as_the_language_does),
        cmocka_unit_test(arguments_become_text_in_html),
        cmocka_unit_test(threads_share_what_is_opened),
        cmocka_unit_test(languages_are_found_and_preferred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
