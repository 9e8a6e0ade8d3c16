/* The language where it is odd: what templates of strangers rely on. */
#include "lq.h"

static void scopes_end_where_their_block_ends(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"{% for x in (1..2) %}{% assign x = 9 %}{{ x }}{% endfor %}{{ x }}", "129", NULL},
        {"{% assign x = 1 %}{% for x in (7..8) %}{{ x }}{% endfor %}{{ x }}", "781", NULL},
        {"{% for x in (1..2) %}{% for x in (5..6) %}{{ x }}{% endfor %}{{ x }}{% endfor %}",
         "561562", NULL},
        {"{% for x in (1..2) %}{% capture x %}c{% endcapture %}{% endfor %}{{ x }}", "c", NULL},
        {"{{ forloop.index }}{% for i in (1..1) %}{{ forloop.index }}{% endfor %}", "1", NULL},
        {"{% assign a.b = 1 %}{{ a.b }}{{ ['a.b'] }}", "1", NULL},
        {"{% increment n %}{{ n }}{% assign n = 7 %}{{ n }}{% increment n %}", "0171", NULL},
        {"{% increment n %}{% increment n %}{{ n }}", "567", "{\"n\":5}"},
    };
    LQ_CASES(CASES);
}

static void lookups_forgive(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"{{ a.b.c.d }}|{{ a[9] }}|{{ a[-1] }}|{{ a['x'] }}", "||3|", "{\"a\":[1,2,3]}"},
        {"{{ [k] }} {{ o[k] }} {{ o.size }}", "v v 1",
         "{\"k\":\"v\",\"v\":\"v\",\"o\":{\"v\":\"v\"}}"},
        {"{{ o.size }} {{ o['size'] }} {{ o.first }}", "9 9 size9", "{\"o\":{\"size\":9}}"},
        {"{{ o.first[1] }}", "1", "{\"o\":{\"a\":1,\"b\":2}}"},
        {"{{ 1.2.3 }} {{ 12. }} {{ -0.5 }} {{ 1e3 }}", "1.2 12.0 -0.5 ", NULL},
        {"{{ s.first }}{{ s.last }}{{ s.size }}", "üz3", "{\"s\":\"üßz\"}"},
        {"{{ x? }}{{ o.y? }}", "12", "{\"x?\":1,\"o\":{\"y?\":2}}"},
        {"{{ a | size }}{{ nothing | size }}{{ 5 | size }}", "208", "{\"a\":[1,2]}"},
        {"{{ o }} {{ l }}", "{\"a\"=>[1, \"x\", nil]} 1true",
         "{\"o\":{\"a\":[1,\"x\",null]},\"l\":[1,[true]]}"},
    };
    LQ_CASES(CASES);
}

static void white_space_goes_where_dashes_are(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"a  {{- 1 -}}  b", "a1b", NULL},
        {"a\n{%- if true -%}\n b \n{%- endif -%}\n c", "abc", NULL},
        {"a {%- raw -%} x {%- endraw -%} b", "a x b", NULL},
        {"{% raw %} x {% endraw %}{%- if true %}y{% endif %}", " x y", NULL},
        {"{% raw %} {% endraw %}{{- 1 }}", " 1", NULL},
        {"a {%- comment -%} x {%- endcomment -%} b", "ab", NULL},
        {"!{% if true %}\n {% assign x = 1 %}\n{% endif %}!", "!!", NULL},
        {"!{% for i in (1..3) %}  {% endfor %}!", "!!", NULL},
        {"{%- liquid\n  assign x = 1\n  if x == 1\n    echo 'one'\n  endif\n-%} .", "one.", NULL},
    };
    LQ_CASES(CASES);
}

static void odd_markup_is_passed_over_laxly(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"{{ 'a' | upcase | }}", "A", NULL},
        {"{{ a b c }}", "1", "{\"a\":1}"},
        {"{{ a ! | plus 2 }}",
         "Liquid error (line 1): wrong number of arguments (given 1, expected 2)", "{\"a\":1}"},
        {"{% if a == 1 foo %}y{% endif %}", "y", "{\"a\":1}"},
        {"{% if a=1 %}y{% endif %}", "", "{\"a\":1}"},
        {"{% for i in a, limit: 1 foo %}{{ i }}{% endfor %}", "1", "{\"a\":[1,2]}"},
        {"{{ 'x' | append: 'a|b' | append: \"c:d\" }}", "xa|bc:d", NULL},
        {"{% case 1 %}{% when 1 nonsense %}y{% endcase %}", "y", NULL},
        {"{% cycle 'a' 'b' %}", "a", NULL},
        {"{% for i in (1..3) %}{% cycle nil, 'a', 'b' %}{% endfor %}", "aba", NULL},
        {"{% cycle nil, null %}{% cycle 'g': nil, missing, 1 %}.", ".", NULL},
    };
    LQ_CASES(CASES);
}

static void odd_markup_is_refused_strictly(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"{{ 'a' | upcase | }}",
         "Liquid syntax error (line 1): Expected id but found end_of_string in \"{{ 'a' | upcase | "
         "}}\"",
         NULL},
        {"{{ a b }}",
         "Liquid syntax error (line 1): Expected end_of_string but found id in \"{{ a b }}\"",
         NULL},
        {"\n\n{% if a = 1 %}{% endif %}",
         "Liquid syntax error (line 3): Unexpected character = in \"a = 1\"", NULL},
        {"{% for i of a %}{% endfor %}",
         "Liquid syntax error (line 1): For loops require an 'in' clause in \"i of a\"", NULL},
        {"{{ -a }}",
         "Liquid syntax error (line 1): [:dash, \"-\"] is not a valid expression in \"{{ -a }}\"",
         NULL},
        {"{% for i in a foo: 1 %}{% endfor %}",
         "Liquid syntax error (line 1): Invalid attribute in for loop. Valid attributes are limit "
         "and "
         "offset in \"i in a foo: 1\"",
         NULL},
    };
    lq_cases(CASES, COUNT_OF(CASES), false, LIQUID_STRICT);
}

static void malformed_tags_are_refused_more_strictly(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"{% case 1 %}{% when 1 x %}{% endcase %}",
         "Liquid syntax error (line 1): Expected end_of_string but found id", NULL},
        {"{% cycle 'a' 'b' %}",
         "Liquid syntax error (line 1): Expected end_of_string but found string in \"'a' 'b'\"",
         NULL},
        {"{% render x %}", "Liquid syntax error (line 1): Expected string but found id in \"x\"",
         NULL},
        {"{% tablerow i in (1..2) rows: 1 %}{% endtablerow %}",
         "Liquid syntax error (line 1): Invalid attribute 'rows' in tablerow loop. Valid "
         "attributes are "
         "cols, limit, offset, and range in \"i in (1..2) rows: 1\"",
         NULL},
        {"{% cycle n: 1, 2, %}{{ 'a' | append: 'b', }}", "1ab", NULL},
    };
    lq_cases(CASES, COUNT_OF(CASES), false, LIQUID_STRICT2);
}

static void blocks_must_be_closed(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"{% if a %}", "Liquid syntax error (line 1): 'if' tag was never closed", NULL},
        {"{% if a %}\n{% endfor %}",
         "Liquid syntax error (line 2): 'endfor' is not a valid delimiter for if tags. use endif",
         NULL},
        {"{% endif %}", "Liquid syntax error (line 1): Unknown tag 'endif'", NULL},
        {"{% else %}", "Liquid syntax error (line 1): Unexpected outer 'else' tag", NULL},
        {"{% capture a %}{% else %}{% endcapture %}",
         "Liquid syntax error (line 1): capture tag does not expect 'else' tag", NULL},
        {"{% nonsense %}", "Liquid syntax error (line 1): Unknown tag 'nonsense'", NULL},
        {"a {{ b",
         "Liquid syntax error (line 1): Variable '{{' was not properly terminated with "
         "regexp: /\\}\\}/",
         NULL},
        {"a {% b",
         "Liquid syntax error (line 1): Tag '{%' was not properly terminated with regexp: "
         "/\\%\\}/",
         NULL},
        {"{% raw %}", "Liquid syntax error (line 1): 'raw' tag was never closed", NULL},
        {"{% raw x %}{% endraw %}",
         "Liquid syntax error (line 1): Syntax Error in 'raw' - Valid syntax: raw", NULL},
        {"{% comment %}", "Liquid syntax error (line 1): 'comment' tag was never closed", NULL},
        {"{% liquid\nendif %}",
         "Liquid syntax error (line 2): 'endif' is not a valid delimiter for "
         "liquid tags. use %}",
         NULL},
    };
    LQ_CASES(CASES);
}

static void errors_say_where_they_happened(void **state)
{
    (void)state;
    static const LqSnippet SNIPPETS[] = {
        {"bad", "\n{{ 1 | divided_by: 0 }}"}, {"worse", "x\n\n{% if %}"}, {0}};
    LqTest t;
    lq_begin(&t);
    t.options.plain = true;
    t.snippets = SNIPPETS;
    assert_str(lq_run_z(&t, "a{% include 'bad' %}b"),
               "a\nLiquid error (bad line 2): divided by 0b");
    assert_int_equal(t.r.errors, 1);
    assert_str(lq_run_z(&t, "{% render 'worse' %}"),
               "Liquid syntax error (worse line 3): Syntax Error in tag 'if' - Valid syntax: if "
               "[expression]");
    assert_str(lq_run_z(&t, "{% assign x = 1 | divided_by: 0 %}quiet"), "quiet");
    t.r.raise = true;
    (void)lq_run_z(&t, "ab\n  {{ 'x' | slice: 'no' }}");
    assert_int_equal(t.status, ST_INVALID);
    assert_int_equal(t.error.line, 2);
    assert_int_equal(t.error.column, 3);
    assert_str(t.error.detail, "invalid integer");
    lq_done(&t);
    lq_begin(&t);
    t.options.mode = LIQUID_STRICT;
    (void)lq_run_z(&t, "ab\n {{ üa ; }}");
    assert_int_equal(t.error.line, 2);
    assert_int_equal(t.error.column, 5);
    lq_done(&t);
}

static void warnings_are_counted(void **state)
{
    (void)state;
    LqTest                t;
    const LiquidTemplate *tpl;
    lq_begin(&t);
    t.options.mode = LIQUID_WARN;
    t.lq = liquid_new(&t.options);
    assert_int_equal(liquid_compile(t.lq, STR("page"), STR("{{ a b }}\n{% if x = 1 %}{% endif %}"),
                                    &tpl, &t.error),
                     ST_OK);
    assert_int_equal(liquid_warnings(tpl), 2);
    assert_int_equal(liquid_warning(tpl, 1)->line, 2);
    assert_str(liquid_warning(tpl, 1)->detail, "Unexpected character =");
    lq_done(&t);
}

static void the_unknown_can_be_an_error(void **state)
{
    (void)state;
    LqTest t;
    lq_begin(&t);
    t.options.plain = true;
    t.r.strict_variables = t.r.strict_filters = true;
    lq_data(&t, STR("{\"a\":{\"b\":null}}"));
    assert_str(lq_run_z(&t, "x{{ a.b }}{{ nope }}{{ a.nope }}{{ 1 | nope }}y"), "xy");
    assert_int_equal(t.r.errors, 3);
    assert_str(t.r.first.detail, "undefined variable nope");
    lq_done(&t);
}

static void snippets_see_what_they_should(void **state)
{
    (void)state;
    static const LqSnippet SNIPPETS[] = {
        {"show",
         "[{{ show }}{{ x }}{{ y }}{{ forloop.index }}]{% assign y = 2 %}{% increment n %}"},
        {"stop", "a{% break %}b"},
        {"self", "{% render 'self' %}"},
        {"dir/part", "{{ part }}"},
        {"old", "{% include 'show' %}"},
        {0}};
    static const struct {
        const char *source, *expected;
    } CASES[] = {
        {"{% assign x = 1 %}{% include 'show' %}{{ y }}{% include 'show' %}", "[1]02[12]1"},
        {"{% assign x = 1 %}{% render 'show' %}{{ y }}{% render 'show' %}", "[]0[]0"},
        {"{% render 'show', x: 5, y: 6 %}", "[56]0"},
        {"{% render 'show' for l %}", "[71]0[82]0"},
        {"{% render 'show' with 4 as x %}", "[4]0"},
        {"{% include 'dir/part' with 3 %}", "3"},
        {"{% include 'dir/part' for l %}", "78"},
        {"{% for i in (1..3) %}{% include 'stop' %}{% endfor %}", "a"},
        {"{% for i in (1..3) %}{% render 'stop' %}{% endfor %}", "aaa"},
        {"{% render 'old' %}",
         "Liquid error (old line 1): include usage is not allowed in this context"},
        {"{% render 'self' %}", "Liquid error (self line 1): Nesting too deep"},
        {"{% assign n = 'show' %}{% include n %}", "[]0"},
        {"{% include nothing %}",
         "Liquid error (line 1): Argument error in tag 'include' - Illegal template name"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        LqTest t;
        lq_begin(&t);
        t.options.plain = true;
        t.snippets = SNIPPETS;
        lq_data(&t, STR("{\"l\":[7,8]}"));
        assert_str(lq_run_z(&t, CASES[i].source), CASES[i].expected);
        lq_done(&t);
    }
}

static void numbers_are_exact_decimals(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"{{ 0.1 | plus: 0.2 }} {{ 1.1 | times: 1.1 }} {{ 0.3 | minus: 0.1 }}", "0.3 1.21 0.2",
         NULL},
        {"{{ 10 | divided_by: 3.0 }} {{ 1 | divided_by: 3.0 | times: 3 }}",
         "3.3333333333333335 0.9999999999999999", NULL},
        {"{{ 9223372036854775807 | plus: 1 }} {{ 99999999999 | times: 99999999999 }}",
         "9223372036854775808 9999999999800000000001", NULL},
        {"{{ -7 | divided_by: 2 }} {{ -7 | modulo: 3 }} {{ 7 | modulo: -3 }}", "-4 2 -2", NULL},
        {"{{ 1.005 | round: 2 }} {{ 2.5 | round }} {{ -2.5 | round }} {{ 1234.5 | round: -2 }}",
         "1.01 3 -3 1200", NULL},
        {"{{ 100000000000000.0 }} {{ 1000000000000000.0 }} {{ 0.0001 }} {{ 0.00001 }}",
         "100000000000000.0 1.0e+15 0.0001 1.0e-05", NULL},
        {"{{ 1.0 | divided_by: 0 }} {{ 1 | divided_by: 0 }}",
         "Infinity Liquid error (line 1): divided by 0", NULL},
        {"{{ '12abc' | plus: 1 }} {{ ' 3.5 ' | plus: 1 }} {{ '1_000' | plus: 1 }}", "13 4.5 1001",
         NULL},
        {"{{ 1e400 }}{{ 1e-7 }}", "", NULL},
        {"{{ x }} {{ x | plus: 0.1 }}", "1.0e-07 0.1000001", "{\"x\":1e-7}"},
        {"{% if 1 == 1.0 and 2 > 1.5 %}y{% endif %}", "y", NULL},
        {"{{ 1000000000000000.5 }} {{ 9007199254740993 | times: 0.2 }}",
         "1000000000000000.5 1801439850948198.5", NULL},
        {"{{ 1000000000000000.0 }} {{ 0.00001 }}", "1.0e+15 1.0e-05", NULL},
        {"{{ 1234567.891 | round: -2.5 }} {{ 1234567.891 | round: 1.9 }}", "1234600 1234567.9",
         NULL},
        {"{{ -0.0 | plus: -0.0 }} {{ -0.0 | minus: 0 }} {{ 3 | times: '-0.0' }}", "-0.0 -0.0 -0.0",
         NULL},
    };
    LQ_CASES(CASES);
}

static void dates_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"{{ 'now' | date: '%F %T' }} {{ 'TODAY' | date: '%F' }}", "2026-11-22 13:20:00 2026-11-22",
         NULL},
        {"{{ '14/03/2016' | date: '%F' }} {{ '14.3.2016' | date: '%F' }}", "2016-03-14 2016-03-14",
         NULL},
        {"{{ '14-Mar-2016' | date: '%F' }} {{ 'Sep-2019' | date: '%F' }}", "2016-03-14 2019-09-01",
         NULL},
        {"{{ 'Fri, 16 May 2008 14:30:00 GMT' | date: '%c %z' }}", "Fri May 16 14:30:00 2008 +0000",
         NULL},
        {"{{ '2016-03-14T10:20:30.5+02:00' | date: '%T.%L %:z %s' }}",
         "10:20:30.500 +02:00 1457943630", NULL},
        {"{{ '20160314T102030' | date: '%F %T' }} {{ '5:30pm' | date: '%F %R' }}",
         "2016-03-14 10:20:30 2026-11-22 17:30", NULL},
        {"{{ '31 Feb 2016' | date: '%F' }} {{ 'hello' | date: '%F' }} {{ '' | date: '%F' }}",
         "2016-03-02 hello ", NULL},
        {"{{ 0 | date: '%j %U %W %V %G %u %w %C %y %e|%-d|%3d|%^a|%#p|%10N' }}",
         "001 00 00 01 1970 4 4 19 70  1|1|001|THU|am|0000000000", NULL},
        {"{{ 0 | date: '100%' }}", "Liquid error (line 1): invalid format: 100%", NULL},
        {"{{ -86400 | date: '%F' }} {{ '1152098955' | date: '%D' }}", "1969-12-31 07/05/06", NULL},
    };
    LQ_CASES(CASES);
}

static void dates_are_written_as_ruby_does(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"{{ d | date: '%Ey %Oe %OS %EB %OL' }}", "24 29 09 %EB %OL", NULL},
        {"{{ d | date: '%_z|%_10z|%-10z|%:::z|%:10z' }}", " +000|      +000|+000000000|+00|%:10z",
         NULL},
        {"{{ d | date: '%#c' }}", "Thu Feb 29 13:05:09 2024", NULL},
        {"{{ d | date: '%-10x|%^10b|%010e' }}", "  02/29/24|       FEB|0000000029", NULL},
    };
    LqLine with[COUNT_OF(CASES)];
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        with[i] = (LqLine){CASES[i].source, CASES[i].expected, "{\"d\":\"2024-02-29 13:05:09\"}"};
    LQ_CASES(with);
}

/* Texts are looked up, all else is compared: the same comes out. */
static void long_cases_are_the_same_as_short_ones(void **state)
{
    (void)state;
#define LONG                                                                                       \
    "{% case x %}{% when 'a' %}1{% when 'b' or 'c' %}2{% when 'd' %}3{% when 'a', 'e' %}4"         \
    "{% when '' %}5{% else %}6{% endcase %}"
    static const LqLine CASES[] = {
        {LONG, "14", "{\"x\":\"a\"}"},
        {LONG, "2", "{\"x\":\"c\"}"},
        {LONG, "4", "{\"x\":\"e\"}"},
        {LONG, "5", "{\"x\":\"\"}"},
        {LONG, "6", "{\"x\":\"nothing\"}"},
        {LONG, "6", "{\"x\":null}"},
        {LONG, "6", "{\"x\":1}"},
        {LONG, "6", "{\"x\":[\"a\"]}"},
        {"{% case x %}{% when 'a' %}1{% when 'b' %}2{% else %}3{% when 'c' %}4{% when 'd' %}5"
         "{% endcase %}",
         "34", "{\"x\":\"c\"}"},
        {"{% case x %}{% when 'a' %}1{% when 'b' %}2{% when y %}3{% when 'c' %}4{% endcase %}",
         "34", "{\"x\":\"c\",\"y\":\"c\"}"},
        {"{% for i in x %}{% case i %}{% when 'a' %}1{% break %}{% when 'b' %}2{% when 'c' %}3"
         "{% when 'a' %}4{% endcase %}{% endfor %}",
         "21", "{\"x\":[\"b\",\"a\",\"c\"]}"},
    };
#undef LONG
    LQ_CASES(CASES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_cases_are_the_same_as_short_ones),
        cmocka_unit_test(scopes_end_where_their_block_ends),
        cmocka_unit_test(lookups_forgive),
        cmocka_unit_test(white_space_goes_where_dashes_are),
        cmocka_unit_test(odd_markup_is_passed_over_laxly),
        cmocka_unit_test(odd_markup_is_refused_strictly),
        cmocka_unit_test(malformed_tags_are_refused_more_strictly),
        cmocka_unit_test(blocks_must_be_closed),
        cmocka_unit_test(errors_say_where_they_happened),
        cmocka_unit_test(warnings_are_counted),
        cmocka_unit_test(the_unknown_can_be_an_error),
        cmocka_unit_test(snippets_see_what_they_should),
        cmocka_unit_test(numbers_are_exact_decimals),
        cmocka_unit_test(dates_are_read_as_people_write_them),
        cmocka_unit_test(dates_are_written_as_ruby_does),
    };
    return cmocka_run_group_tests_name("liquid language", tests, NULL, NULL);
}
