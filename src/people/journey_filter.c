#include "people/journey_filter.h"

#include "condition/condition.h"

typedef struct Compiled {
    const Condition *condition;
    CondPaths        paths;
} Compiled;

/* An event, or a branch of it: what its paths have in common so far. */
typedef struct Branch {
    const Compiled     *of;
    const JourneyValue *values;
    Str                 prefix; /* "person." */
} Branch;

static CondValue leaf(const JourneyValue *v, Arena *a)
{
    const JsonValue *json;
    Err              err;
    switch (v->type) {
    case JOURNEY_BOOL: return cond_bool(v->i != 0);
    case JOURNEY_INT: return cond_i64(v->i);
    case JOURNEY_REAL: return cond_real(v->real);
    case JOURNEY_TEXT: return cond_text(v->text);
    case JOURNEY_JSON:
        if (json_parse(a, v->text, &json, &err) == ST_OK)
            return cond_json(json);
        return cond_text((Str){0});
    case JOURNEY_TYPES:
    default: return cond_text((Str){0});
    }
}

static CondValue member(const CondValue *object, Str key, Arena *a)
{
    const Branch *b = object->of;
    Branch       *below = arena_new(a, Branch);
    char         *path = arena_array(a, char, b->prefix.len + key.len + 2);
    memcpy(path, b->prefix.len > 0 ? b->prefix.ptr : "", b->prefix.len);
    memcpy(path + b->prefix.len, key.len > 0 ? key.ptr : "", key.len);
    Str exact = {path, b->prefix.len + key.len};
    path[exact.len] = '.';
    *below = (Branch){b->of, b->values, {path, exact.len + 1}};
    for (size_t i = 0; i < b->of->paths.n; i++) {
        if (str_eq(b->of->paths.items[i], exact))
            return leaf(&b->values[i], a);
        if (str_starts(b->of->paths.items[i], below->prefix))
            return cond_object(member, below);
    }
    return cond_text((Str){0});
}

static bool holds(const void *of, const JourneyValue *values, Arena *scratch)
{
    const Compiled *c = of;
    Branch          root = {.of = c, .values = values};
    return condition_holds(c->condition, cond_object(member, &root), NULL, scratch);
}

Status journey_filter_compile(void *arg, Arena *a, const JsonValue *json, JourneyFilter *ret,
                              Err *err)
{
    Compiled *c = arena_new(a, Compiled);
    (void)arg;
    TRY(condition_compile(a, json, COND_STRICT, &c->condition, err));
    c->paths = condition_paths(c->condition, a);
    *ret = (JourneyFilter){.paths = c->paths.items, .npaths = c->paths.n, .holds = holds, .of = c};
    return ST_OK;
}
