/* The public conformance cases of Liquid, where they lie beside the repository. */
#include "lq.h"

static Str member(const JsonValue *v, const char *key)
{
    const JsonValue *m = json_get(v, str_from_cstr(key));
    return m != NULL ? m->text : STR("");
}

static bool has_tag(const JsonValue *v, const char *tag)
{
    const JsonValue *tags = json_get(v, STR("tags"));
    for (size_t i = 0; tags != NULL && i < tags->n; i++)
        if (str_eq(tags->items[i].text, str_from_cstr(tag)))
            return true;
    return false;
}

static bool load(void *arg, Str name, Arena *a, Str *ret)
{
    const JsonValue *v = json_get(json_get(arg, STR("templates")), name);
    (void)a;
    if (v != NULL)
        *ret = v->text;
    return v != NULL;
}

static bool expected(const JsonValue *c, Str got)
{
    const JsonValue *all = json_get(c, STR("results"));
    for (size_t i = 0; all != NULL && i < all->n; i++)
        if (str_eq(all->items[i].text, got))
            return true;
    return all == NULL && str_eq(member(c, "result"), got);
}

static bool passes(LqTest *t, const JsonValue *c)
{
    const JsonValue *invalid = json_get(c, STR("invalid"));
    bool             refused = invalid != NULL && invalid->boolean;
    t->options.plain = true;
    t->options.load = load;
    t->options.load_arg = (void *)(uintptr_t)c;
    t->options.mode = has_tag(c, "strict2")  ? LIQUID_STRICT2
                      : has_tag(c, "strict") ? LIQUID_STRICT
                                             : LIQUID_LAX;
    t->r.raise = refused;
    t->r.data = liquid_json(json_get(c, STR("data")));
    Str got = lq_run(t, member(c, "template"));
    if (refused)
        return t->status == ST_INVALID && t->error.detail.len > 0;
    if (t->status == ST_OK && expected(c, got))
        return true;
    print_error("# gives \"" STR_FMT "\"" STR_FMT "\n", STR_ARG(got), STR_ARG(t->error.message));
    return false;
}

static void all_public_cases_pass(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    const JsonValue          *all;
    Err                       err = {0};
    int                       bad = 0;
    arena_init(&a, 65536);
    Str text = test_read(&a, test_data(&a, "liquid/golden_liquid_part.json"));
    assert_ok(json_parse(&a, text, &all, &err), &err);
    const JsonValue *cases = json_get(all, STR("tests"));
    assert_non_null(cases);
    for (size_t i = 0; i < cases->n; i++) {
        LqTest t;
        lq_begin(&t);
        if (!passes(&t, &cases->items[i])) {
            print_error("# failed: " STR_FMT "\n", STR_ARG(member(&cases->items[i], "name")));
            bad++;
        }
        lq_done(&t);
    }
    assert_true(cases->n > 600);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_public_cases_pass)};
    return cmocka_run_group_tests_name("liquid golden", tests, NULL, NULL);
}
