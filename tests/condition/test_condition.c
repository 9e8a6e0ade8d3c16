#include "data.h"

#include "condition/condition.h"

static Arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 10);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const JsonValue *parse(const char *json)
{
    const JsonValue *v;
    Err              err;
    assert_ok(json_parse(&arena, str_from_cstr(json), &v, &err), &err);
    return v;
}

static bool holds(const char *condition, const char *subject)
{
    const Condition *c;
    Err              err;
    assert_ok(condition_compile(&arena, parse(condition), COND_STRICT, &c, &err), &err);
    return condition_holds(c, cond_json(parse(subject)), NULL, &arena);
}

static void the_public_cases_hold(void **state)
{
    (void)state;
    const char      *path = test_data(&arena, "experiments/growthbook_cases_part.json");
    const JsonValue *all;
    Err              err;
    assert_ok(json_parse(&arena, test_read(&arena, path), &all, &err), &err);
    const JsonValue *cases = json_get(all, STR("evalCondition"));
    int              wrong = 0;
    for (size_t i = 0; i < cases->n; i++) {
        const JsonValue *c = &cases->items[i];
        const Condition *compiled;
        assert_ok(condition_compile(&arena, &c->items[1], COND_LENIENT, &compiled, &err), &err);
        bool is = condition_holds(compiled, cond_json(&c->items[2]), c->n > 4 ? &c->items[4] : NULL,
                                  &arena);
        if (is != c->items[3].boolean) {
            print_error("# " STR_FMT "\n", STR_ARG(c->items[0].text));
            wrong++;
        }
    }
    assert_true(cases->n > 100);
    assert_int_equal(wrong, 0);
}

static void paths_lead_through_objects_and_lists(void **state)
{
    (void)state;
    static const char SUBJECT[] = "{\"a\":{\"b\":[{\"c\":1},{\"c\":2}]},\"n\":7}";
    assert_true(holds("{\"a.b.1.c\":2}", SUBJECT));
    assert_true(holds("{\"a.b.2.c\":null}", SUBJECT));
    assert_true(holds("{\"a.b\":{\"$size\":{\"$gt\":1}}}", SUBJECT));
    assert_true(holds("{\"n.x\":{\"$exists\":false}}", SUBJECT));
    assert_true(holds("{\"a.b\":{\"$elemMatch\":{\"c\":{\"$gte\":2}}}}", SUBJECT));
    assert_false(holds("{\"a.b\":{\"$elemMatch\":{\"c\":{\"$gt\":2}}}}", SUBJECT));
}

static void integers_are_exact(void **state)
{
    (void)state;
    assert_false(holds("{\"n\":{\"$eq\":9007199254740993}}", "{\"n\":9007199254740992}"));
    assert_true(holds("{\"n\":{\"$gt\":9007199254740992}}", "{\"n\":9007199254740993}"));
    assert_true(holds("{\"n\":{\"$eq\":2}}", "{\"n\":2.0}"));
}

static void strict_refuses_what_can_never_hold(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } CASES[] = {
        {"[]", "/: a condition is an object"},
        {"{\"a\":{\"$bogus\":1}}", "/a/$bogus: unknown operator"},
        {"{\"$or\":[{\"a/b\":{\"$in\":1}}]}", "/$or/0/a~1b/$in: wants a list"},
        {"{\"a\":{\"$regex\":\"(\"}}", "/a/$regex: not a regular expression"},
        {"{\"a\":{\"$type\":\"int\"}}", "/a/$type: wants the name of a type"},
        {"{\"$and\":{}}", "/$and: wants a list of conditions"},
        {"{\"a\":{\"$elemMatch\":3}}", "/a/$elemMatch: $elemMatch wants an object"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const Condition *c;
        Err              err;
        assert_fails(condition_compile(&arena, parse(CASES[i].json), COND_STRICT, &c, &err),
                     ST_INVALID, &err, "condition.bad");
        assert_string_equal(err.msg, CASES[i].message);
        assert_ok(condition_compile(&arena, parse(CASES[i].json), COND_LENIENT, &c, &err), &err);
        assert_false(condition_holds(c, cond_json(parse("{\"a\":1}")), NULL, &arena));
    }
}

static void size_and_depth_are_limited(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 30; i++)
        buf_add(&b, STR("{\"$not\":"));
    buf_add(&b, STR("{}"));
    for (int i = 0; i < 30; i++)
        buf_addc(&b, '}');
    const Condition *c;
    Err              err;
    assert_fails(condition_compile_text(&arena, buf_str(&b), COND_STRICT, &c, &err), ST_LIMIT, &err,
                 "condition.too_big");
    buf_clear(&b);
    buf_add(&b, STR("{\"$or\":[{}"));
    for (int i = 0; i < 5000; i++)
        buf_add(&b, STR(",{}"));
    buf_add(&b, STR("]}"));
    assert_fails(condition_compile_text(&arena, buf_str(&b), COND_STRICT, &c, &err), ST_LIMIT, &err,
                 "condition.too_big");
}

static void a_pattern_that_works_too_hard_does_not_hold(void **state)
{
    (void)state;
    assert_false(holds("{\"a\":{\"$regex\":\"^(a+)+$\"}}",
                       "{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}"));
    assert_true(holds("{\"a\":{\"$regex\":\"^[а-я]{3}$\"}}", "{\"a\":\"чай\"}"));
    assert_true(holds("{\"a\":{\"$regexi\":\"^ЧАЙ$\"}}", "{\"a\":\"чай\"}"));
    assert_false(holds("{\"a\":{\"$regex\":\"x$\"}}", "{\"a\":\"x\\n\"}"));
}

typedef struct Item {
    Str     sku;
    int64_t quantity;
} Item;

typedef struct Thing {
    int64_t id;
    Str     title;
    OptI64  weight;
    bool    active;
    int     status;
    Money   price;
    UnixMs  made;
    Str     extra;
    struct {
        Str   *items;
        size_t n;
    } tags;
    struct {
        Item  *items;
        size_t n;
    } parts;
} Thing;

static const char *const STATUS[] = {"draft", "live", NULL};

static const ShapeField ITEM_FIELDS[] = {
    SHAPE_TEXT(Item, sku),
    SHAPE_INT(Item, quantity),
};
static const Shape item_shape = SHAPE_OF(Item, "Item", ITEM_FIELDS);

static const ShapeField THING_FIELDS[] = {
    SHAPE_ID(Thing, id, "thg"),        SHAPE_TEXT(Thing, title),
    SHAPE_INT(Thing, weight),          SHAPE_BOOL(Thing, active),
    SHAPE_ENUM(Thing, status, STATUS), SHAPE_MONEY(Thing, price),
    SHAPE_TIME(Thing, made),           SHAPE_JSON(Thing, extra),
    SHAPE_TEXTS(Thing, tags),          SHAPE_LIST(Thing, parts, Item, &item_shape),
};
static const Shape thing_shape = SHAPE_OF(Thing, "Thing", THING_FIELDS);

static void structs_are_seen_through_their_shape(void **state)
{
    (void)state;
    Str         tags[] = {STR("new"), STR("sale")};
    Item        parts[] = {{STR("a-1"), 0}, {STR("a-2"), 5}};
    const Thing thing = {
        .id = 1,
        .title = STR("Boot"),
        .active = true,
        .status = 1,
        .price = MONEY(4999, "EUR"),
        .made = {1700000000000},
        .extra = STR("{\"google\":{\"gender\":\"female\"}}"),
        .tags = {tags, 2},
        .parts = {parts, 2},
    };
    static const char *const HOLD[] = {
        "{\"title\":\"Boot\",\"active\":true,\"status\":\"live\"}",
        "{\"weight\":{\"$exists\":false}}",
        "{\"price.amount\":{\"$lt\":5000},\"price.currency\":\"EUR\"}",
        "{\"made\":{\"$gt\":\"2023-01-01\",\"$lt\":\"2024-01-01\"}}",
        "{\"extra.google.gender\":{\"$in\":[\"female\",\"unisex\"]}}",
        "{\"tags\":{\"$in\":[\"sale\"]}}",
        "{\"tags\":{\"$all\":[\"new\",\"sale\"]}}",
        "{\"tags\":[\"new\",\"sale\"]}",
        "{\"parts\":{\"$elemMatch\":{\"sku\":\"a-2\",\"quantity\":{\"$gt\":0}}}}",
        "{\"parts.0.sku\":\"a-1\"}",
        "{\"id\":\"thg_0000000000001\"}",
    };
    static const char *const NOT[] = {
        "{\"nothing\":1}",
        "{\"parts\":{\"$elemMatch\":{\"sku\":\"a-1\",\"quantity\":{\"$gt\":0}}}}",
        "{\"tags\":[\"new\"]}",
        "{\"price\":{\"amount\":4999,\"currency\":\"USD\"}}",
    };
    for (size_t i = 0; i < COUNT_OF(HOLD) + COUNT_OF(NOT); i++) {
        const char      *json = i < COUNT_OF(HOLD) ? HOLD[i] : NOT[i - COUNT_OF(HOLD)];
        const Condition *c;
        Err              err;
        assert_ok(condition_compile(&arena, parse(json), COND_STRICT, &c, &err), &err);
        if (condition_holds(c, cond_shape(&thing_shape, &thing), NULL, &arena) !=
            (i < COUNT_OF(HOLD)))
            fail_msg("%s", json);
    }
}

static void paths_are_listed(void **state)
{
    (void)state;
    const Condition *c;
    Err              err;
    assert_ok(condition_compile(&arena,
                                parse("{\"a.b\":1,\"$or\":[{\"v\":{\"$elemMatch\":{\"q\":1}}},"
                                      "{\"a.b\":2}],\"$not\":{\"c\":3}}"),
                                COND_STRICT, &c, &err),
              &err);
    CondPaths p = condition_paths(c, &arena);
    assert_int_equal(p.n, 4);
    assert_str(p.items[0], "a.b");
    assert_str(p.items[1], "v");
    assert_str(p.items[2], "v.q");
    assert_str(p.items[3], "c");
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_public_cases_hold),
        T(paths_lead_through_objects_and_lists),
        T(integers_are_exact),
        T(strict_refuses_what_can_never_hold),
        T(size_and_depth_are_limited),
        T(a_pattern_that_works_too_hard_does_not_hold),
        T(structs_are_seen_through_their_shape),
        T(paths_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
