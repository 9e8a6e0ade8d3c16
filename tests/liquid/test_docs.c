/* Every example of docs/liquid.md gives what it says, and every tag and filter has one. */
#include "lq.h"

#include "liquid/parse.h"

#include <stdlib.h>

static const LqSnippet SNIPPETS[] = {{"hello", "Hello {{ hello }}{{ who }}!"}, {0}};

/* ⏎ stands for the end of a line. */
static Str with_newlines(Arena *a, Str s)
{
    static const char SIGN[] = "⏎";
    char             *z = arena_alloc(a, s.len + 1, 1);
    size_t            n = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool sign = i + 3 <= s.len && memcmp(s.ptr + i, SIGN, 3) == 0;
        z[n++] = (char)(sign ? '\n' : s.ptr[i]);
        i += sign ? 2 : 0;
    }
    return (Str){z, n};
}

static bool split_example(Str line, Str *ret_template, Str *ret_output)
{
    static const char ARROW[] = " → ";
    const char       *hit = memmem(line.ptr, line.len, ARROW, sizeof ARROW - 1);
    if (hit == NULL)
        return false;
    size_t n = (size_t)(hit - line.ptr), skip = n + sizeof ARROW - 1;
    *ret_template = (Str){line.ptr, n};
    *ret_output = (Str){line.ptr + skip, line.len - skip};
    return true;
}

/* Lines of the page, one after the other; inside which kind of fence. */
typedef struct Page {
    Str  rest, line;
    Str  fence; /* "liquid", "json"; empty outside */
    bool opened;
} Page;

static bool next_line(Page *p)
{
    if (p->rest.len == 0)
        return false;
    str_cut(p->rest, '\n', &p->line, &p->rest);
    p->opened = false;
    if (str_starts(p->line, STR("```"))) {
        p->opened = p->fence.len == 0;
        p->fence = p->opened ? (Str){p->line.ptr + 3, p->line.len - 3} : (Str){0};
    }
    return true;
}

static Str page_text(Arena *a)
{
    return test_read(a, TEST_SOURCE_ROOT "/docs/liquid.md");
}

static Str page_data(Str page)
{
    Page        p = {.rest = page};
    const char *from = NULL;
    while (next_line(&p)) {
        if (p.opened && str_eq(p.fence, STR("json")))
            from = p.rest.ptr;
        else if (from != NULL && p.fence.len == 0)
            return (Str){from, (size_t)(p.line.ptr - from)};
    }
    fail_msg("no data on the page");
    return (Str){0};
}

static void every_example_gives_what_it_says(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 65536);
    Page p = {.rest = page_text(&a)};
    Str  data = page_data(p.rest), template = {0}, expected = {0};
    int  bad = 0, n = 0;
    while (next_line(&p)) {
        if (p.opened || !str_eq(p.fence, STR("liquid")))
            continue;
        LqTest t;
        lq_begin(&t);
        t.snippets = SNIPPETS;
        lq_data(&t, data);
        bool ok = split_example(p.line, &template, &expected);
        Str  got = ok ? lq_run(&t, with_newlines(&a, template)) : STR("no arrow in the line");
        if (!t.compiled && ok)
            got = t.error.message;
        if (!str_eq(got, with_newlines(&a, expected))) {
            print_error("# " STR_FMT "\n#   gives " STR_FMT "\n", STR_ARG(p.line), STR_ARG(got));
            bad++;
        }
        n++;
        lq_done(&t);
    }
    assert_true(n > 80);
    assert_int_equal(bad, 0);
}

/* Is there a heading of that name, and an example before the next chapter? */
static bool has_heading(Str page, const char *name)
{
    Page p = {.rest = page};
    while (next_line(&p))
        if (str_starts(p.line, STR("### ")) &&
            str_eq((Str){p.line.ptr + 4, p.line.len - 4}, str_from_cstr(name)))
            return true;
    return false;
}

static void every_filter_is_described(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 65536);
    Str page = page_text(&a);
    int bad = 0;
    for (size_t i = 0; lq_filters(i) != NULL; i++)
        for (const LiquidFilter *f = lq_filters(i); f->name != NULL; f++)
            if (!has_heading(page, f->name)) {
                print_error("# no heading for %s\n", f->name);
                bad++;
            }
    assert_int_equal(bad, 0);
}

static void every_tag_is_described(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 65536);
    Page p = {.rest = page_text(&a)};
    bool tags = false;
    int  n = 0;
    while (next_line(&p)) {
        if (str_starts(p.line, STR("## ")))
            tags = str_eq(p.line, STR("## Tags"));
        if (!tags || !str_starts(p.line, STR("### ")))
            continue;
        Str name = {p.line.ptr + 4, p.line.len - 4};
        if (str_eq(name, STR("&#35;")))
            name = STR("#");
        assert_true(str_eq(name, STR("liquid")) || lq_tag_type(name) != NULL);
        n++;
    }
    assert_int_equal(n, 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_gives_what_it_says),
        cmocka_unit_test(every_filter_is_described),
        cmocka_unit_test(every_tag_is_described),
    };
    return cmocka_run_group_tests_name("liquid docs", tests, NULL, NULL);
}
