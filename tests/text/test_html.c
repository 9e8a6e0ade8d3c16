#include "test.h"

#include "base/buf.h"
#include "text/html.h"

typedef struct Case {
    const char *in, *out;
} Case;

static void check(const Case *cases, size_t n)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < n; i++) {
        Str out = html_clean(&a, str_from_cstr(cases[i].in));
        assert_str(out, cases[i].out);
        assert_true(str_eq(html_clean(&a, out), out));
    }
}

static void ordinary_descriptions_stay_as_they_are(void **state)
{
    (void)state;
    static const char *const SAME[] = {
        "",
        "Just text, 5 > 3 &amp; more &mdash; done",
        "<p>A <strong>warm</strong> jacket.</p><ul><li>light</li><li>dry</li></ul>",
        ("<h2>Size</h2><table><thead><tr><th scope=\"col\">S</th></tr></thead><tbody><tr>"
         "<td colspan=\"2\">90</td></tr></tbody></table>"),
        "<a href=\"/collections/shoes?a=1#x\">all</a>",
        "<img src=\"https://example.com/a.jpg\" alt=\"A &quot;b&quot;\" width=\"20\">",
        "<p style=\"text-align: center; color: #c00\">x</p>",
        "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    };
    for (size_t i = 0; i < COUNT_OF(SAME); i++)
        check(&(Case){SAME[i], SAME[i]}, 1);
}

static void what_is_not_on_the_list_is_left_out(void **state)
{
    (void)state;
    static const Case CASES[] = {
        {"<script>alert(1)</script>x", "x"},
        {"<SCRIPT SRC=//e.x/a.js></SCRIPT >x", "x"},
        {"<script>a</scriptx>b</script\n>x", "x"},
        {"<style>p{}</style><p onclick=\"a()\" id=\"x\" data-y=1>x</p>", "<p>x</p>"},
        {"<img src=x onerror=alert(1)//>", "<img src=\"x\">"},
        {"<img/src=\"x\"/onerror=alert(1)>", "<img src=\"x\">"},
        {"<svg><a xlink:href=\"javascript:x\">t</a><svg></svg></svg>x", "x"},
        {"<math><mi><style></math><img src=x onerror=a></style></mi></math>x", "<img src=\"x\">x"},
        {"<form action=x><input value=1><b>x</b></form>", "<b>x</b>"},
        {"<object data=x><embed src=y></object>z", "z"},
        {"<textarea><img src=x></textarea>z", "z"},
        {"<noscript><p title=\"</noscript><img src=x onerror=a>\">", "<img src=\"x\">\">"},
        {"<!-- <b> --><b>x</b><!--> y --> z", "<b>x</b> y --> z"},
        {"<!doctype html><?php x ?><body><p>x", "<p>x</p>"},
        {"<b", ""},
        {"<b x='", ""},
        {"a < b <3 c", "a &lt; b &lt;3 c"},
        {"<p>a</p", "<p>a</p>"},
        {"<x-y z>a</x-y>", "a"},
        {"&copy &lt; &#60; & &x", "&amp;copy &lt; &#60; &amp; &amp;x"},
    };
    check(CASES, COUNT_OF(CASES));
}

static void addresses_are_relative_or_of_a_harmless_scheme(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "javascript:a",         "JaVaScRiPt:a",       " javascript:a",    "java\tscript:a",
        "java&#10;script:a",    "java&#x0A;script:a", "&#106avascript:a", "javascript&colon;a",
        "javascript&#58a",      "&Tab;javascript:a",  "vbscript:a",       "data:text/html,x",
        "data:image/svg+xml;x", "file:///etc/passwd", "blob:x",           "\x01javascript:a",
    };
    static const char *const GOOD[] = {
        "/a",           "a",          "a/b:c",      "?a=b:c",  "#a", "//host/a",
        "https://e.x/", "HTTP://e.x", "mailto:a@b", "tel:+31", "",
    };
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        char in[128];
        snprintf(in, sizeof in, "<a href=\"%s\">x</a>", BAD[i]);
        assert_str(html_clean(&a, str_from_cstr(in)), "<a>x</a>");
    }
    for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
        char in[128];
        snprintf(in, sizeof in, "<a href=\"%s\">x</a>", GOOD[i]);
        assert_str(html_clean(&a, str_from_cstr(in)), in);
    }
    static const Case PICTURES[] = {
        {"<img src=\"data:image/png;base64,AA==\">", "<img src=\"data:image/png;base64,AA==\">"},
        {"<img src=\"data:image/svg+xml;base64,AA==\">", "<img>"},
        {"<a href=\"data:image/png;base64,AA==\">x</a>", "<a>x</a>"},
        {"<a href=x target=_blank>y</a>", "<a href=\"x\" target=\"_blank\" rel=\"noopener\">y</a>"},
        {"<a href=x target=_top>y</a>", "<a href=\"x\">y</a>"},
    };
    for (size_t i = 0; i < COUNT_OF(PICTURES); i++)
        check(&PICTURES[i], 1);
}

static void styles_keep_plain_values_of_listed_properties(void **state)
{
    (void)state;
    static const Case CASES[] = {
        {"<p style='COLOR : red;position:fixed'>x</p>", "<p style=\"color: red\">x</p>"},
        {"<p style='background:url(x)'>x</p>", "<p>x</p>"},
        {"<p style='width:expression(a)'>x</p>", "<p>x</p>"},
        {"<p style='color:\\72 ed'>x</p>", "<p>x</p>"},
        {"<p style='color:rgb(1, 2, 3)'>x</p>", "<p style=\"color: rgb(1, 2, 3)\">x</p>"},
        {"<p style='color:&quot;red'>x</p>", "<p>x</p>"},
    };
    check(CASES, COUNT_OF(CASES));
}

static void every_element_is_closed_where_a_browser_would(void **state)
{
    (void)state;
    static const Case CASES[] = {
        {"<p>a<p>b", "<p>a</p><p>b</p>"},
        {"<b><i>a</b>b</i>c", "<b><i>a</i></b>bc"},
        {"<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e",
         "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>e"},
        {"</div></div>x</p>", "x"},
        {"<p>a<div>b</div>c</p>", "<p>a</p><div>b</div>c"},
        {"<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"},
        {"<table><tr><td>a<td>b<tr><td>c</table>x",
         "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>x"},
        {"<table><tr><td><table><tr><td>a</table>b</table>",
         "<table><tr><td><table><tr><td>a</td></tr></table>b</td></tr></table>"},
        {"<td></div></table>x", "<td>x</td>"},
        {"<div><td></div>", "<div><td></td></div>"},
        {"<a href=1>x<a href=2>y</a>", "<a href=\"1\">x</a><a href=\"2\">y</a>"},
        {"<p class=a class=b>x", "<p class=\"a\">x</p>"},
        {"<br/><hr />", "<br><hr>"},
    };
    check(CASES, COUNT_OF(CASES));
}

static void frames_only_of_the_video_hosts(void **state)
{
    (void)state;
    static const Case CASES[] = {
        {"<iframe src=\"https://www.youtube.com/embed/x\" onload=a>b<p>c</iframe>d",
         "<iframe src=\"https://www.youtube.com/embed/x\" loading=\"lazy\"></iframe>d"},
        {"<iframe src=\"https://www.youtube.com.evil/embed/x\"></iframe>d", "d"},
        {"<iframe src=\"https://evil.example/\" "
         "src=\"https://player.vimeo.com/video/1\"></iframe>d",
         "d"},
        {"<iframe srcdoc=\"<script>\"></iframe>d", "d"},
    };
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_str(html_clean(&a, str_from_cstr(CASES[i].in)), CASES[i].out);
}

static void deep_nesting_costs_tags_not_text(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 100000; i++)
        buf_add(&b, STR("<b>"));
    buf_add(&b, STR("x"));
    Str out = html_clean(&a, buf_str(&b));
    assert_int_equal(out.len, HTML_DEPTH_MAX * 7 + 1);
}

static void text_of_html_is_plain(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    assert_str(
        html_text(&a, STR("<h1>A&amp;B</h1><p>c <b>d</b>e<br>f&nbsp;g<script>h</script>"), 100),
        "A&B c de f g");
    assert_str(html_text(&a, STR("<p>one two three four</p>"), 12), "one two…");
    assert_str(html_text(&a, STR(""), 12), "");
    assert_str(html_text(&a, STR("яяяяяяяяяя"), 8), "яя…");
    assert_str(html_text(&a, STR("&lt;b&gt;"), 8), "<b>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_descriptions_stay_as_they_are),
        cmocka_unit_test(what_is_not_on_the_list_is_left_out),
        cmocka_unit_test(addresses_are_relative_or_of_a_harmless_scheme),
        cmocka_unit_test(styles_keep_plain_values_of_listed_properties),
        cmocka_unit_test(every_element_is_closed_where_a_browser_would),
        cmocka_unit_test(frames_only_of_the_video_hosts),
        cmocka_unit_test(deep_nesting_costs_tags_not_text),
        cmocka_unit_test(text_of_html_is_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
