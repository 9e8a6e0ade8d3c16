/* rapport liquid and rapport theme check, as a person calls them. */
#include "data.h"

#include "app/verbs.h"

typedef struct Said {
    int  code;
    char out[4096], err[1024];
} Said;

/* `line` without the program's name; words are parted by one space. */
static Said *run(const char *line)
{
    static Said s;
    static char words[300];
    char       *argv[20] = {words};
    int         argc = 0;
    FILE       *out = fmemopen(s.out, sizeof s.out, "w"), *err = fmemopen(s.err, sizeof s.err, "w");
    assert_true(out != NULL && err != NULL);
    (void)snprintf(words, sizeof words, "rapport %s", line);
    for (char *p = words; p != NULL; p = strchr(p, ' ')) {
        if (*p == ' ')
            *p++ = '\0';
        argv[argc++] = p;
    }
    memset(s.out, 0, sizeof s.out);
    memset(s.err, 0, sizeof s.err);
    s.code = cli_main(verbs, nverbs, argc, argv, out, err);
    (void)fclose(out);
    (void)fclose(err);
    return &s;
}

static void put(const char *dir, const char *name, const char *text)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wbe");
    assert_non_null(f);
    (void)fputs(text, f);
    (void)fclose(f);
}

static void make_dir(const char *dir, const char *name)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static int setup(void **state)
{
    static char dir[] = "/tmp/rapport-liquid-XXXXXX";
    (void)snprintf(dir, sizeof dir, "/tmp/rapport-liquid-XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    *state = dir;
    return 0;
}

static int teardown(void **state)
{
    assert_int_equal(chdir("/"), 0);
    test_rmdir(*state);
    return 0;
}

static void a_template_is_rendered_with_its_data(void **state)
{
    put(*state, "page.liquid", "{{ name }} {% render 'card', x: 1 %}{% include 'plain' %}\n");
    put(*state, "data.json", "{\"name\":\"a & b\"}");
    make_dir(*state, "snippets");
    put(*state, "snippets/card.liquid", "card {{ x }}");
    put(*state, "snippets/plain", "plain");
    const Said *s = run("liquid page.liquid --data data.json --dir snippets");
    assert_string_equal(s->out, "a &amp; b card 1plain\n");
    assert_int_equal(s->code, 0);
    assert_string_equal(run("liquid page.liquid --data data.json --dir snippets --no-escape")->out,
                        "a & b card 1plain\n");
}

static void snippets_stay_in_their_folder(void **state)
{
    put(*state, "secret.liquid", "secret");
    put(*state, "page.liquid",
        "{% assign n = '../secret' %}{% include n %}{% include '/etc/passwd' %}"
        "{% include '.hidden' %}{% include 'link' %}");
    make_dir(*state, "snippets");
    put(*state, "snippets/.hidden.liquid", "hidden");
    assert_int_equal(symlink("../secret.liquid", "snippets/link.liquid"), 0);
    const Said *s = run("liquid page.liquid --dir snippets --no-escape");
    assert_null(strstr(s->out, "secret\n"));
    assert_string_equal(s->out, "Liquid error (line 1): No such template '../secret'"
                                "Liquid error (line 1): No such template '/etc/passwd'"
                                "Liquid error (line 1): No such template '.hidden'"
                                "Liquid error (line 1): No such template 'link'");
}

static void errors_are_written_or_raised(void **state)
{
    put(*state, "page.liquid", "a\n {{ 1 | divided_by: 0 }}");
    const Said *s = run("liquid page.liquid");
    assert_int_equal(s->code, 0);
    assert_string_equal(s->out, "a\n Liquid error (line 2): divided by 0");
    s = run("liquid page.liquid --raise");
    assert_int_equal(s->code, 1);
    assert_string_equal(s->out, "");
    assert_string_equal(s->err, "page.liquid:2:2: divided by 0\n");
}

static void what_does_not_parse_is_refused(void **state)
{
    put(*state, "page.liquid", "{{ a ; }}");
    const Said *s = run("liquid page.liquid --mode strict");
    assert_int_equal(s->code, 1);
    assert_string_equal(s->err, "page.liquid:1:6: Unexpected character ; in \"{{ a ; }}\"\n");
    assert_int_equal(run("liquid page.liquid")->code, 0);
    assert_int_equal(run("liquid page.liquid --mode odd")->code, 2);
    assert_int_equal(run("liquid nowhere.liquid")->code, 1);
}

static void a_theme_is_linted(void **state)
{
    static const char *const FOLDERS[] = {"templates", "sections", "snippets", "locales", "layout"};
    for (size_t i = 0; i < COUNT_OF(FOLDERS); i++)
        make_dir(*state, FOLDERS[i]);
    put(*state, "layout/theme.liquid", "{{ content_for_layout }}{% section 'nope' %}");
    put(*state, "templates/product.liquid",
        "{% assign x = 1 %}{% assign y = 2 %}{{ y | foo }}{% render 'card' %}{% render 'gone' %}\n"
        "<img src=\"{{ y }}\" alt=\"\"><img src=a width=1 height=2>\n"
        "{{ 'cart.title' | t }}{{ 'cart.nope' | t }}{{ y | image_url }}{% if y = 1 %}{% endif %}");
    put(*state, "templates/index.json",
        "{\"sections\":{\"a\":{\"type\":\"main\"},\"b\":{\"type\":\"bad\"}}}");
    put(*state, "sections/main.liquid",
        "{% schema %}{\"a\": {{1}}{% endschema %}{% form 'x', y %}{% endform %}");
    put(*state, "snippets/card.liquid", "card");
    put(*state, "locales/en.default.json", "/* note */ {\"cart\":{\"title\":\"Cart\"}}");
    put(*state, "locales/de.json", "{\"cart\":{}}");
    const Said *s = run("theme check .");
    assert_int_equal(s->code, 1);
    assert_string_equal(s->out, "locales/de.json:1:1: no translation of cart.title\n"
                                "templates/product.liquid:3:71: Unexpected character =\n"
                                "layout/theme.liquid:1:36: no section called nope\n"
                                "templates/product.liquid:1:11: set but never used: x\n"
                                "templates/product.liquid:1:44: unknown filter foo\n"
                                "templates/product.liquid:1:80: no snippet called gone\n"
                                "templates/product.liquid:3:23: no translation of cart.nope\n"
                                "templates/product.liquid:2:1: image without width and height\n"
                                "templates/product.liquid:2:27: image without alt\n"
                                "sections/main.liquid:1:1: line 1, column 8: a string is due "
                                "here\n"
                                "templates/index.json:1:1: there is no section of type \"bad\"\n"
                                "7 files, 11 problems\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_template_is_rendered_with_its_data, setup, teardown),
        cmocka_unit_test_setup_teardown(snippets_stay_in_their_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_are_written_or_raised, setup, teardown),
        cmocka_unit_test_setup_teardown(what_does_not_parse_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_theme_is_linted, setup, teardown),
    };
    return cmocka_run_group_tests_name("app liquid", tests, NULL, NULL);
}
