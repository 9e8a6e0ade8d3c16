/* What hosts rely on: escaping, limits, structs through shapes, drops, tags and filters of
 * their own, many threads. */
#include "lq.h"

#include "base/shape.h"

#include <pthread.h>

/* --- escaping --------------------------------------------------------------------------- */

static void output_is_escaped_by_where_it_stands(void **state)
{
    (void)state;
    static const LqLine CASES[] = {
        {"<p>{{ x }}</p>", "<p>&lt;b&gt; &amp; &quot;&#39;</p>", "{\"x\":\"<b> & \\\"'\"}"},
        {"<a title='{{ x }}' id={{ y }}>", "<a title='&#39;' id=a&#32;onload&#61;b>",
         "{\"x\":\"'\",\"y\":\"a onload=b\"}"},
        {"<script>a = {{ x }}; b = '{{ x }}';</script>{{ x }}",
         "<script>a = \"\\u003c/script\\u003e\"; b = '\\u003c/script\\u003e';</script>"
         "&lt;/script&gt;",
         "{\"x\":\"</script>\"}"},
        {"<script>a = \"{{ x }}\"; b = \"{{ y }}\";</script>",
         "<script>a = \"\\\\\"; b = \";alert(1)//\";</script>",
         "{\"x\":\"\\\\\",\"y\":\";alert(1)//\"}"},
        {"<b data-x=\"{{ x | json }}\">", "<b data-x=\"{&quot;a&quot;:&quot;\\u0027&quot;}\">",
         "{\"x\":{\"a\":\"'\"}}"},
        {"<script>{{ x | json }}</script>", "<script>{\"a\":[1,null,true]}</script>",
         "{\"x\":{\"a\":[1,null,true]}}"},
        {"{{ x | escape }} {{ x | escape | escape }} {{ x | raw }}", "&lt; &lt; <",
         "{\"x\":\"<\"}"},
        {"{% capture c %}<i>{{ x }}</i>{% endcapture %}{{ c }}{{ c | strip | append: x }}",
         "<i>&lt;</i><i>&lt;</i>&lt;", "{\"x\":\"<\"}"},
        {"{{ x | append: y }}{{ x | newline_to_br }}", "&lt;&gt;&lt;", "{\"x\":\"<\",\"y\":\">\"}"},
        {"{{ l }}{{ l | join: '<' }}{{ o }}", "&lt;a&lt;&lt;a{&quot;k&quot;=&gt;&quot;&lt;&quot;}",
         "{\"l\":[\"<\",\"a\"],\"o\":{\"k\":\"<\"}}"},
        {"<!-- {% if x %}\"<script>{% endif %} -->{{ x }}", "<!-- \"<script> -->&lt;",
         "{\"x\":\"<\"}"},
        {"{% if x %}<a {% else %}<b {% endif %}>{{ x }}", "<a >&lt;", "{\"x\":\"<\"}"},
        {"{{ '<b>' | link_to: x }}", "<a href=\"&quot; onclick=&quot;\">&lt;b&gt;</a>",
         "{\"x\":\"\\\" onclick=\\\"\"}"},
    };
    lq_cases(CASES, COUNT_OF(CASES), true, LIQUID_LAX);
}

/* --- limits ------------------------------------------------------------------------------ */

static void limits_stop_what_grows(void **state)
{
    (void)state;
    static const char LOOP[] = "{% for i in (1..100000000) %}{% for j in (1..1000) %}{% endfor %}"
                               "{% endfor %}";
    static const struct {
        const char  *source;
        LiquidLimits limits;
        const char  *what; /* NULL: either memory or work */
    } CASES[] = {
        {LOOP, {.steps = 1000000}, "Work"},
        {LOOP, {.steps = UINT64_MAX, .time_ms = 50}, "Time"},
        {"{% for i in (1..100000) %}0123456789{% endfor %}", {.output = 100000}, "Output"},
        {"{% assign s = 'ab' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}",
         {.memory = 1000000},
         "Memory"},
        {"{% assign s = 'a' %}{% for i in (1..40) %}{% assign s = s | replace: 'a', 'aa' %}{% "
         "endfor %}",
         {0},
         NULL},
        {"{{ (1..100000000) | join: ',' }}", {.memory = 1000000}, "Memory"},
        {"{% assign s = '' %}{% for i in (1..9999) %}{% capture s %}{{ s }}{{ s }}x{% endcapture %}"
         "{% endfor %}",
         {0},
         NULL},
        {"{{ 0 | date: '%1000Y%1000Y%1000Y' }}", {.memory = 2000}, "Memory"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        LqTest t;
        lq_begin(&t);
        t.r.limits = CASES[i].limits;
        (void)lq_run_z(&t, CASES[i].source);
        assert_int_equal(t.status, ST_LIMIT);
        assert_true(str_starts(t.error.message, STR("Liquid error: ")));
        assert_true(CASES[i].what == NULL ||
                    str_starts(t.error.detail, str_from_cstr(CASES[i].what)));
        lq_done(&t);
    }
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf b;
    LqTest                t;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 101; i++)
        buf_add(&b, STR("{% if true %}"));
    for (int i = 0; i < 101; i++)
        buf_add(&b, STR("{% endif %}"));
    lq_begin(&t);
    (void)lq_run(&t, buf_str(&b));
    assert_false(t.compiled);
    assert_str(t.error.message, "Liquid error: Nesting too deep");
    buf_clear(&b);
    buf_add(&b, STR("{{ a"));
    for (int i = 0; i < 3000; i++)
        buf_add(&b, STR("[a"));
    for (int i = 0; i < 3000; i++)
        buf_add(&b, STR("]"));
    buf_add(&b, STR(" }}"));
    (void)lq_run(&t, buf_str(&b));
    assert_false(t.compiled);
    lq_done(&t);
}

static void bad_bytes_are_no_template(void **state)
{
    (void)state;
    LqTest t;
    lq_begin(&t);
    (void)lq_run(&t, STR("a\xFF"));
    assert_str(t.error.message, "Liquid syntax error (line 1): Invalid template encoding");
    t.options.source_max = 10;
    (void)lq_run(&t, STR("0123456789a"));
    assert_false(t.compiled);
    lq_done(&t);
}

/* --- structs, drops, globals ------------------------------------------------------------------ */

typedef struct Maker {
    Str name;
    Str secret;
} Maker;

typedef struct Tea {
    Str     title, story;
    int64_t stock;
    double  strength;
    bool    loose;
    Money   price, was;
    UnixMs  picked;
    Maker   maker;
    struct {
        Str   *items;
        size_t n;
    } tags;
    struct {
        Maker *items;
        size_t n;
    } makers;
    OptI64 rank;
    int    kind;
} Tea;

static const char *const KINDS[] = {"green", "black", NULL};
static const ShapeField  MAKER_FIELDS[] = {
     SHAPE_TEXT(Maker, name, .max = 100),
     SHAPE_TEXT(Maker, secret, .flags = SHAPE_WRITE_ONLY),
};
static const Shape      maker_shape = SHAPE_OF(Maker, "Maker", MAKER_FIELDS);
static const ShapeField TEA_FIELDS[] = {
    SHAPE_TEXT(Tea, title, .max = 100),
    SHAPE_TEXT(Tea, story, .flags = SHAPE_HTML),
    SHAPE_INT(Tea, stock, .max = 9),
    SHAPE_REAL(Tea, strength, .max = 9),
    SHAPE_BOOL(Tea, loose),
    SHAPE_MONEY(Tea, price),
    SHAPE_MONEY(Tea, was, .flags = SHAPE_NULLABLE),
    SHAPE_TIME(Tea, picked),
    SHAPE_OBJECT(Tea, maker, Maker, &maker_shape),
    SHAPE_TEXTS(Tea, tags, .max = 9),
    SHAPE_LIST(Tea, makers, Maker, &maker_shape, .max = 9),
    SHAPE_INT(Tea, rank, .max = 9),
    SHAPE_ENUM(Tea, kind, KINDS),
};
static const Shape tea_shape = SHAPE_OF(Tea, "Tea", TEA_FIELDS);

static Tea make_tea(void)
{
    static Str   TAGS[] = {{"a", 1}, {"<b>", 3}};
    static Maker MAKERS[] = {{{"Ann", 3}, {"s", 1}}, {{"Bob", 3}, {"s", 1}}};
    return (Tea){.title = STR("Tea & co"),
                 .story = STR("<b>old</b>"),
                 .stock = 3,
                 .strength = 2.5,
                 .loose = true,
                 .price = MONEY(1250, "EUR"),
                 .picked = {INT64_C(1152098955000)},
                 .maker = {STR("Ann"), STR("secret")},
                 .tags = {TAGS, 2},
                 .makers = {MAKERS, 2},
                 .kind = 1};
}

static void structs_are_read_through_their_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *source, *expected;
    } CASES[] = {
        {"{{ tea.title }} {{ tea.story }} {{ tea.stock | plus: 1 }} {{ tea.strength }}",
         "Tea &amp; co <b>old</b> 4 2.5"},
        {"{{ tea.loose }} {{ tea.kind }} {{ tea.rank }}{{ tea.was }}|{{ tea.nope }}",
         "true black |"},
        {"{{ tea.price }} {{ tea.price.currency }} {{ tea.price | money }}", "1250 EUR 12.50"},
        {"{{ tea.picked | date: '%F' }} {{ tea.picked }}", "2006-07-05 2006-07-05 11:29:15 UTC"},
        {"{{ tea.maker.name }}{{ tea.maker.secret }}", "Ann"},
        {"{% for t in tea.tags %}{{ t }},{% endfor %}{{ tea.tags.size }}", "a,&lt;b&gt;,2"},
        {"{{ tea.makers | map: 'name' | join: '+' }} {{ tea.makers[1].name }}{{ "
         "tea.makers.last.name }}",
         "Ann+Bob BobBob"},
        {"{% assign m = tea.makers | where: 'name', 'Bob' | first %}{{ m.name }}", "Bob"},
        {"{% for p in tea.maker %}{{ p[0] }}={{ p[1] }};{% endfor %}", "name=Ann;secret=;"},
        {"{% if tea.price > 1000 and tea.price == 1250 %}y{% endif %}", "y"},
        {"<script>{{ tea.maker | json }}{{ tea.price | json }}</script>",
         "<script>{\"name\":\"Ann\",\"secret\":null}1250</script>"},
    };
    Tea tea = make_tea();
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        LqTest t;
        lq_begin(&t);
        LiquidGlobal g = {STR("tea"), liquid_struct(&t.a, &tea_shape, &tea)};
        t.r.globals = &g;
        t.r.nglobals = 1;
        assert_str(lq_run_z(&t, CASES[i].source), CASES[i].expected);
        lq_done(&t);
    }
}

static bool counter_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    (void)cx;
    *ret = liquid_int(*(const int *)self + (int)key.len);
    return key.len < 9;
}

static size_t counter_count(LiquidCx *cx, const void *self)
{
    (void)cx;
    return (size_t) * (const int *)self;
}

static LiquidValue counter_at(LiquidCx *cx, const void *self, size_t i)
{
    (void)cx;
    (void)self;
    return liquid_int((int64_t)i * 10);
}

static void globals_reach_snippets_and_data_does_not(void **state)
{
    (void)state;
    static const LqSnippet      SNIPPETS[] = {{"s", "[{{ d.abc }}{{ x }}]"}, {0}};
    static const LiquidDropType COUNTER = {
        .name = "Counter", .get = counter_get, .count = counter_count, .at = counter_at};
    const int three = 3;
    LqTest    t;
    lq_begin(&t);
    LiquidGlobal g = {STR("d"), liquid_drop(&t.a, &COUNTER, &three)};
    t.r.globals = &g;
    t.r.nglobals = 1;
    t.snippets = SNIPPETS;
    lq_data(&t, STR("{\"x\":1}"));
    assert_str(lq_run_z(&t, "{{ x }}{% render 's' %}{% include 's' %}"), "1[6][61]");
    assert_str(lq_run_z(&t, "{{ d }}{% for i in d %}{{ i }},{% endfor %}{{ d.size }}"),
               "Counter0,10,20,7");
    assert_str(lq_run_z(&t, "{{ d.much_too_long }}{% if d == d %}same{% endif %}"), "same");
    lq_done(&t);
}

/* A snippet with nothing but constants is rendered once, unless it reads something else. */
static void fixed_snippets_are_kept_only_when_nothing_else_is_read(void **state)
{
    (void)state;
    static const LqSnippet SNIPPETS[] = {
        {"pure", "[{{ name }}{{ other }}{% render 'inner', a: name %}]"},
        {"inner", "({{ a | upcase }})"},
        {"global", "[{{ name }}{{ d }}]"},
        {"absent", "[{{ e }}]"},
        {"time", "{{ 'now' | date: '%s' }}"},
        {"captured", "{% capture c %}{{ name }}{% endcapture %}{{ c }}{{ c }}"},
        {"wrong", "{{ 1 | divided_by: 0 }}"},
        {0}};
    static const char *const GLOBALS[] = {"d", "e", NULL};
    static const char        SOURCE[] =
        "{% render 'pure', name: 'x' %}{% render 'global', name: 'x' %}{% render 'absent' %}"
        "{% render 'time' %}{% render 'captured', name: '<' %}{% render 'wrong' %}";
    LqTest t;
    lq_begin(&t);
    t.snippets = SNIPPETS;
    t.options.globals = GLOBALS;
    t.lq = liquid_new(&t.options);
    const LiquidTemplate *tpl;
    assert_int_equal(liquid_compile(t.lq, STR("p"), str_from_cstr(SOURCE), &tpl, &t.error), ST_OK);
    for (int i = 1; i < 5; i++) {
        LiquidGlobal g[] = {{STR("d"), liquid_int(i), false}, {STR("e"), liquid_int(i * 10), true}};
        LiquidError  e;
        char         expected[200];
        size_t       n = i % 2 == 0 ? 2 : 1; /* one global is not always there */
        t.r.globals = g;
        t.r.nglobals = n;
        t.r.now = (UnixMs){i * 1000};
        buf_clear(&t.out);
        assert_int_equal(liquid_render(tpl, &t.r, &e), ST_OK);
        (void)snprintf(expected, sizeof expected,
                       "[x(X)][x%d][%s]%d&lt;&lt;Liquid error (wrong line 1): divided by 0", i,
                       n == 2 ? (i == 2 ? "20" : "40") : "", i);
        assert_str(buf_str(&t.out), expected);
        assert_int_equal(t.r.errors, 1);
        assert_int_equal(t.r.saw & LIQUID_SAW_SHARED, n == 2 ? LIQUID_SAW_SHARED : 0);
        assert_true(t.r.saw & LIQUID_SAW_NOW);
    }
    lq_done(&t);
}

/* --- filters and tags of the host ---------------------------------------------------------------
 */

static LiquidValue shout(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Str mark = liquid_to_text(cx, liquid_named(args, STR("mark")));
    return liquid_append(cx, in, liquid_text(mark.len > 0 ? mark : STR("!")));
}

static LiquidValue my_upcase(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)cx;
    (void)in;
    (void)args;
    return liquid_html(STR("<mine>"));
}

static LiquidValue translate(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    bool html = str_eq(liquid_to_text(cx, in), STR("html"));
    return liquid_interpolate(cx, STR("<i>{{ a }}</i>{{b}}{{"), args, html);
}

static void render_twice(LiquidCx *cx, const LiquidTagCall *call)
{
    liquid_write(cx, STR("<div>"));
    liquid_write_value(cx, liquid_arg(&call->args, 0));
    for (int i = 0; i < 2 && liquid_enter(cx); i++) {
        liquid_set(cx, STR("turn"), liquid_int(i + 1));
        liquid_render_body(cx, call);
        liquid_leave(cx);
    }
    liquid_write_value(cx, liquid_named(&call->args, STR("end")));
    liquid_write(cx, STR("</div>"));
}

static const LiquidFilter FILTERS[] = {
    {"shout", shout, 0, 0, true}, {"upcase", my_upcase, 0, 0, false}, {"t", translate, 0, 0, true}};
static const LiquidTag TAGS[] = {
    {"twice", LIQUID_TAG_BODY, "by", 1, 2, render_twice},
    {"schema", LIQUID_TAG_RAW, NULL, 0, 0, NULL},
};

static void hosts_add_filters_and_tags(void **state)
{
    (void)state;
    LqTest t;
    lq_begin(&t);
    t.options.filters = FILTERS;
    t.options.nfilters = COUNT_OF(FILTERS);
    t.options.tags = TAGS;
    t.options.ntags = COUNT_OF(TAGS);
    assert_str(lq_run_z(&t, "{{ '<' | shout }}{{ 'a' | shout: mark: '?' }}{{ 'a' | upcase }}"),
               "&lt;!a?<mine>");
    assert_str(lq_run_z(&t, "{{ 'html' | t: a: '<', b: 1 }} {{ 'text' | t: a: '<' }}"),
               "<i>&lt;</i>1{{ &lt;i&gt;&lt;&lt;/i&gt;{{");
    assert_str(lq_run_z(&t, "{% twice '<' by 3, end: '>' %}{{ turn }}{% endtwice %}{{ turn }}"),
               "<div>&lt;12&gt;</div>");
    assert_str(lq_run_z(&t, "{% twice %}{% endtwice %}"), "");
    assert_str(t.error.detail, "Syntax Error in 'twice' - wrong number of arguments");
    const LiquidTemplate *tpl;
    assert_str(lq_run_z(&t, "a{% schema %}{\"{{ x }}\": 1}{% endschema %}b"), "ab");
    assert_int_equal(
        liquid_compile(t.lq, STR("p"), STR("{% schema %}{}{% endschema %}"), &tpl, &t.error),
        ST_OK);
    assert_str(liquid_raw_block(tpl, STR("schema")), "{}");
    assert_str(liquid_raw_block(tpl, STR("style")), "");
    lq_done(&t);
}

/* --- threads
 * -------------------------------------------------------------------------------------- */

typedef struct Worker {
    const LiquidTemplate *tpl;
    const JsonValue      *data;
    Str                   expected;
    int                   bad;
} Worker;

static void *work(void *arg)
{
    Worker *w = arg;
    for (int i = 0; i < 200; i++) {
        CLEANUP(arena_done) Arena a;
        CLEANUP(buf_done) Buf     out;
        LiquidError               e;
        arena_init(&a, 8192);
        buf_init(&out, 1 << 20);
        LiquidRender r = {.arena = &a, .out = &out, .data = liquid_json(w->data)};
        if (liquid_render(w->tpl, &r, &e) != ST_OK || !str_eq(buf_str(&out), w->expected))
            w->bad++;
    }
    return NULL;
}

static void threads_share_templates(void **state)
{
    (void)state;
    static const LqSnippet SNIPPETS[] = {
        {"one", "{{ x.k }}{% assign fresh_name = x.k %}{{ fresh_name }}"},
        {"two", "{% for another_name in x.l %}{{ another_name.v }}{% endfor %}"},
        {0}};
    LqTest                t;
    const LiquidTemplate *tpl;
    const JsonValue      *data;
    Err                   err;
    pthread_t             threads[4];
    Worker                workers[4];
    lq_begin(&t);
    t.snippets = SNIPPETS;
    t.lq = liquid_new(&t.options);
    assert_ok(
        json_parse(&t.a, STR("{\"x\":{\"k\":\"ab\",\"l\":[{\"v\":1},{\"v\":2}]}}"), &data, &err),
        &err);
    assert_int_equal(liquid_compile(t.lq, STR("p"),
                                    STR("{% render 'one', x: x %}{% render 'two', x: x %}"), &tpl,
                                    &t.error),
                     ST_OK);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        workers[i] = (Worker){tpl, data, STR("abab12"), 0};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].bad, 0);
    }
    lq_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_is_escaped_by_where_it_stands),
        cmocka_unit_test(limits_stop_what_grows),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(bad_bytes_are_no_template),
        cmocka_unit_test(structs_are_read_through_their_shapes),
        cmocka_unit_test(globals_reach_snippets_and_data_does_not),
        cmocka_unit_test(fixed_snippets_are_kept_only_when_nothing_else_is_read),
        cmocka_unit_test(hosts_add_filters_and_tags),
        cmocka_unit_test(threads_share_templates),
    };
    return cmocka_run_group_tests_name("liquid host", tests, NULL, NULL);
}
