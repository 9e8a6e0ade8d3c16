/* asking.h - a store, its model and questions to it, for tests. */
#pragma once

#include "brute.h"

#include <math.h>

typedef struct World {
    char        *dir;
    Journey     *j;
    Model        m;
    Rng          rng;
    Err          err;
    Arena        arena;
    Buf          answer;
    ModelEvent **person[MODEL_SUBJECTS + 1];
    size_t       n[MODEL_SUBJECTS + 1];
    int64_t      edge; /* of journey_expire() */
} World;

enum { WINDOW_MS = 2 * 3600000, GAP_MS = 30 * 60000 };

static const JourneyOptions QUIET = {.no_merging = true, .threads = 2, .memory_rows = 400};

static inline int setup(void **state)
{
    World *w = calloc(1, sizeof *w);
    w->dir = model_dir();
    model_init(&w->m);
    arena_init(&w->arena, 65536);
    buf_init(&w->answer, 64 << 20);
    assert_ok(journey_open(w->dir, &QUIET, &w->j, &w->err), &w->err);
    *state = w;
    return 0;
}

static inline int teardown(void **state)
{
    World *w = *state;
    journey_close(w->j);
    model_rmdir(w->dir);
    model_done(&w->m);
    for (int p = 0; p <= MODEL_SUBJECTS; p++)
        free(w->person[p]);
    arena_done(&w->arena);
    buf_done(&w->answer);
    free(w);
    return 0;
}

static inline void append(World *w, size_t n)
{
    JourneyProp props[4];
    for (size_t i = 0; i < n; i++) {
        JourneyEvent e = model_event(model_add(&w->m, &w->rng), props);
        assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    }
}

static inline void change(World *w)
{
    int64_t s = rng_between(&w->rng, 1, MODEL_SUBJECTS),
            p = rng_between(&w->rng, 1, MODEL_SUBJECTS);
    switch (rng_below(&w->rng, 5)) {
    case 0:
    case 1:
        w->m.profile[s] = rng_below(&w->rng, 3) == 0 ? s : p;
        assert_ok(journey_remap(w->j, &(JourneyLink){s, w->m.profile[s]}, 1, &w->err), &w->err);
        break;
    case 2:
        if (rng_below(&w->rng, 3) != 0)
            break;
        for (size_t i = 0; i < w->m.n; i++)
            if (model_profile(&w->m, &w->m.events[i]) == p)
                w->m.events[i].gone = true;
        assert_ok(journey_erase(w->j, p, &w->err), &w->err);
        break;
    case 3: assert_ok(journey_settle(w->j, rng_below(&w->rng, 2) == 0, &w->err), &w->err); break;
    default: journey_close(w->j); assert_ok(journey_open(w->dir, &QUIET, &w->j, &w->err), &w->err);
    }
}

static inline void collect(World *w)
{
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        free(w->person[p]);
        w->person[p] = model_person(&w->m, p, &w->n[p]);
    }
}

/* A filter of the form {"key": "text"}. */
static inline bool equals(const void *of, const JourneyValue *values, Arena *scratch)
{
    const Str *want = of;
    (void)scratch;
    return values[0].type == JOURNEY_TEXT && str_eq(values[0].text, *want);
}

static inline Status compile(void *arg, Arena *a, const JsonValue *json, JourneyFilter *ret,
                             Err *err)
{
    Str *key = arena_new(a, Str), *want = arena_new(a, Str);
    (void)arg;
    (void)err;
    *key = json->members[0].key;
    *want = json->members[0].value.text;
    *ret = (JourneyFilter){.paths = key, .npaths = 1, .holds = equals, .of = want};
    return ST_OK;
}

/* person.parity: "odd" or "even". */
static inline JourneyValue trait(void *arg, int64_t profile, Str path, Arena *a)
{
    (void)arg;
    (void)a;
    assert_str(path, "parity");
    return (JourneyValue){.type = JOURNEY_TEXT,
                          .text = profile % 2 != 0 ? STR("odd") : STR("even")};
}

/* The answer lives until the arena is reset. */
static inline const JsonValue *ask_of(World *w, const char *question, const JourneyAsk *o)
{
    const JsonValue *v;
    buf_clear(&w->answer);
    assert_ok(journey_ask(w->j, str_from_cstr(question), o, &w->answer, &w->err), &w->err);
    assert_ok(json_parse(&w->arena, str_dup(&w->arena, buf_str(&w->answer)), &v, &w->err), &w->err);
    return v;
}

static inline const JsonValue *ask(World *w, const char *question)
{
    return ask_of(w, question, &(JourneyAsk){.compile = compile, .trait = trait});
}

static inline const JsonValue *get(const JsonValue *v, const char *key)
{
    const JsonValue *m = json_get(v, str_from_cstr(key));
    assert_non_null(m);
    return m;
}

static inline int64_t number(const JsonValue *v)
{
    assert_int_equal(v->type, JSON_NUMBER);
    return v->integer ? v->i64 : llround(v->real);
}

static inline double real(const JsonValue *v)
{
    assert_int_equal(v->type, JSON_NUMBER);
    return v->integer ? (double)v->i64 : v->real;
}
