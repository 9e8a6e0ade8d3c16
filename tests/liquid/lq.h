/* lq.h - templates in tests: render one line of Liquid with some JSON. */
#pragma once

#include "data.h"
#include "test.h"

#include "liquid/liquid.h"

#include "base/json_read.h"

typedef struct LqSnippet {
    const char *name, *source;
} LqSnippet;

typedef struct LqTest {
    Arena            a;
    Buf              out;
    LiquidOptions    options;
    LiquidRender     r;
    const LqSnippet *snippets; /* ends with an empty one */
    LiquidError      error;
    Status           status; /* of compiling, or of rendering */
    bool             compiled;
    Liquid          *lq;
} LqTest;

static bool lq_test_load(void *arg, Str name, Arena *a, Str *ret)
{
    const LqTest *t = arg;
    (void)a;
    for (const LqSnippet *s = t->snippets; s != NULL && s->name != NULL; s++)
        if (str_eq(name, str_from_cstr(s->name))) {
            *ret = str_from_cstr(s->source);
            return true;
        }
    return false;
}

static inline void lq_begin(LqTest *t)
{
    *t = (LqTest){0};
    arena_init(&t->a, 65536);
    buf_init(&t->out, (size_t)1 << 26);
    t->options.load = lq_test_load;
    t->options.load_arg = t;
    t->r.arena = &t->a;
    t->r.out = &t->out;
    t->r.now = (UnixMs){INT64_C(1795353600000)}; /* 2026-11-22 13:20 UTC */
}

static inline void lq_done(LqTest *t)
{
    liquid_free(t->lq);
    t->lq = NULL;
    buf_done(&t->out);
    arena_done(&t->a);
}

static inline void lq_data(LqTest *t, Str json)
{
    const JsonValue *v;
    Err              err = {0};
    assert_ok(json_parse(&t->a, json, &v, &err), &err);
    t->r.data = liquid_json(v);
}

/* Compile and render; what was written, also when that failed. */
static inline Str lq_run(LqTest *t, Str source)
{
    const LiquidTemplate *tpl;
    liquid_free(t->lq);
    t->lq = liquid_new(&t->options);
    buf_clear(&t->out);
    t->status = liquid_compile(t->lq, STR("page"), source, &tpl, &t->error);
    t->compiled = t->status == ST_OK;
    if (t->compiled)
        t->status = liquid_render(tpl, &t->r, &t->error);
    return (Str){t->out.ptr != NULL ? t->out.ptr : "", t->out.len};
}

static inline Str lq_run_z(LqTest *t, const char *source)
{
    return lq_run(t, str_from_cstr(source));
}

typedef struct LqLine {
    const char *source, *expected, *data; /* data: JSON, or NULL */
} LqLine;

/* Every case of a table; all that fail are shown. Plain unless `escape`. */
static inline void lq_cases(const LqLine *cases, size_t n, bool escape, LiquidMode mode)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        LqTest t;
        lq_begin(&t);
        t.options.plain = !escape;
        t.options.mode = mode;
        if (cases[i].data != NULL)
            lq_data(&t, str_from_cstr(cases[i].data));
        Str got = lq_run_z(&t, cases[i].source);
        if (!t.compiled)
            got = t.error.message;
        if (!str_eq(got, str_from_cstr(cases[i].expected))) {
            print_error("# %s\n#   gives    \"" STR_FMT "\"\n#   expected \"%s\"\n",
                        cases[i].source, STR_ARG(got), cases[i].expected);
            bad++;
        }
        lq_done(&t);
    }
    assert_int_equal(bad, 0);
}
#define LQ_CASES(table) lq_cases((table), COUNT_OF(table), false, LIQUID_LAX)
