/* Checking input: formats, issues, and errors that carry texts of strangers. */
#include "test.h"

#include "base/format.h"
#include "base/issue.h"
#include "base/utf8.h"

typedef bool FormatFn(Str s);

typedef struct Case {
    Str  text;
    bool fine;
} Case;

static void check(FormatFn *format, const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (format(cases[i].text) != cases[i].fine)
            fail_msg("\"" STR_FMT "\" is%s taken", STR_ARG(cases[i].text),
                     cases[i].fine ? " not" : "");
}

static void addresses_of_mail_are_told_from_other_text(void **state)
{
    (void)state;
    static const Case CASES[] = {
        {STR_INIT("a@b"), true},
        {STR_INIT("first.last+tag@shop.example.com"), true},
        {STR_INIT("\u0457\u0436\u0430\u043A@\u043F\u043E\u0448\u0442\u0430.\u0443\u043A\u0440"),
         true},
        {STR_INIT("o'neil@example.com"), true},
        {STR_INIT(""), false},
        {STR_INIT("a"), false},
        {STR_INIT("@b.c"), false},
        {STR_INIT("a@"), false},
        {STR_INIT("a@b@c"), false},
        {STR_INIT("a b@c.d"), false},
        {STR_INIT("a@b..c"), false},
        {STR_INIT("a@-b.c"), false},
        {STR_INIT("a@b.c."), false},
        {STR_INIT("a@b.c\r\nBcc: x@y.z"), false},
        {STR_INIT("Name <a@b.c>"), false},
        {STR_INIT("a\0@b.c"), false},
    };
    check(format_is_email, CASES, COUNT_OF(CASES));
}

static void urls_are_absolute_and_of_the_web(void **state)
{
    (void)state;
    static const Case CASES[] = {
        {STR_INIT("https://example.com"), true},
        {STR_INIT("HTTP://example.com:8080/a?b=c#d"), true},
        {STR_INIT("https://example.com./x"), true},
        {STR_INIT("https://127.0.0.1/"), true},
        {STR_INIT("https://[2001:db8::1]:443/"), true},
        {STR_INIT("https://\u043F\u043E\u0448\u0442\u0430.\u0443\u043A\u0440/\u0457?x={y}"), true},
        {STR_INIT(""), false},
        {STR_INIT("https://"), false},
        {STR_INIT("https:///path"), false},
        {STR_INIT("example.com"), false},
        {STR_INIT("//example.com"), false},
        {STR_INIT("javascript:alert(1)"), false},
        {STR_INIT("ftp://example.com"), false},
        {STR_INIT("https://user@example.com"), false},
        {STR_INIT("https://example.com:0/"), false},
        {STR_INIT("https://example.com:65536/"), false},
        {STR_INIT("https://example.com:/"), false},
        {STR_INIT("https://[::g]/"), false},
        {STR_INIT("https://exa mple.com/"), false},
        {STR_INIT("https://example.com/\"onload="), false},
        {STR_INIT("https://example.com/\n"), false},
    };
    check(format_is_url, CASES, COUNT_OF(CASES));
}

static void handles_have_letters_digits_and_hyphens(void **state)
{
    (void)state;
    static const Case CASES[] = {
        {STR_INIT("tea-pot-2"), true},
        {STR_INIT("a_b"), true},
        {STR_INIT("\u0447\u0430\u0439\u043D\u0438\u043A"), true},
        {STR_INIT("\u8336\u58F6"), true},
        {STR_INIT(""), false},
        {STR_INIT("Tea"), false},
        {STR_INIT("tea pot"), false},
        {STR_INIT("tea/pot"), false},
        {STR_INIT("tea.pot"), false},
        {STR_INIT("tea\u00A0pot"), false},
        {STR_INIT("tea\u2013pot"), false},
        {STR_INIT("tea\xFF"), false},
    };
    check(format_is_handle, CASES, COUNT_OF(CASES));
}

static void a_line_has_no_control_characters(void **state)
{
    (void)state;
    static const Case CASES[] = {
        {STR_INIT(""), true},         {STR_INIT("\u0422\u0435\u0430 \u00A0\u2027"), true},
        {STR_INIT("a\tb"), false},    {STR_INIT("a\nb"), false},
        {STR_INIT("a\x7F"), false},   {STR_INIT("a\xC2\x85"), false},
        {STR_INIT("a\u2028"), false}, {STR_INIT("a\u2029"), false},
    };
    check(format_is_line, CASES, COUNT_OF(CASES));
}

static void long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    char text[1001];
    for (size_t i = 0; i < 500; i++)
        memcpy(text + 2 * i, "\u0457", 2);
    text[1000] = '\0';
    for (int shift = 0; shift < 2; shift++) {
        Issues issues = {.arena = &a};
        Err    err;
        issue_add(&issues, STR("/x"), "bad_format", "%s%s", shift ? "a" : "", text);
        assert_true(utf8_valid(issues.items[0].detail) && issues.items[0].detail.len > 500);
        Status st = err_set(&err, ST_INVALID, "test.cut", "%s%s", shift ? "a" : "", text);
        assert_int_equal(st, ST_INVALID);
        assert_true(utf8_valid(str_from_cstr(err.msg)) && strlen(err.msg) > 150);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_mail_are_told_from_other_text),
        cmocka_unit_test(urls_are_absolute_and_of_the_web),
        cmocka_unit_test(handles_have_letters_digits_and_hyphens),
        cmocka_unit_test(a_line_has_no_control_characters),
        cmocka_unit_test(long_texts_are_cut_between_characters),
    };
    return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
