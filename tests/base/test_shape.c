/* One description: bodies in, JSON out, issues, schema, TypeScript. */
#include "test.h"

#include "base/id.h"
#include "base/shape.h"

#include <pthread.h>

typedef enum Colour { RED, GREEN } Colour;

typedef struct Size {
    Str    name;
    OptI64 width;
} Size;

typedef struct SizeList {
    Size  *items;
    size_t n;
} SizeList;

typedef struct Thing {
    int64_t  id;
    Str      title;
    Str      note;
    Str      secret;
    bool     on;
    OptBool  maybe;
    int64_t  count;
    OptI64   parent;
    double   ratio;
    OptReal  weight;
    UnixMs   made;
    OptTime  gone;
    Money    price;
    Money    was;
    Colour   colour;
    int      mood;
    Str      extra;
    Size     main;
    Size    *other;
    SizeList sizes;
    struct {
        Str   *items;
        size_t n;
    } tags;
    struct {
        int64_t *items;
        size_t   n;
    } friends;
    struct {
        int   *items;
        size_t n;
    } colours;
    Str      email, url, handle;
    int64_t  keyword;
    uint64_t given;
} Thing;

static const char *const COLOURS[] = {"red", "green", NULL};
static const char *const MOODS[] = {"happy", "sad", NULL};

static const ShapeField SIZE_FIELDS[] = {
    SHAPE_TEXT(Size, name, .min = 1, .max = 5, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_INT(Size, width, .min = 1, .max = 100),
};
static const Shape size_shape = SHAPE_OF(Size, "Size", SIZE_FIELDS);

static const ShapeField THING_FIELDS[] = {
    SHAPE_ID(Thing, id, "thg", .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(Thing, title, .min = 2, .max = 10, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "What */ it is called.", .example = "\"Tea\""),
    SHAPE_TEXT(Thing, note, .flags = SHAPE_NULLABLE | SHAPE_HTML),
    SHAPE_TEXT(Thing, secret, .flags = SHAPE_WRITE_ONLY),
    SHAPE_BOOL(Thing, on),
    SHAPE_BOOL(Thing, maybe),
    SHAPE_INT(Thing, count, .min = 0, .max = 1000),
    SHAPE_ID(Thing, parent, "thg"),
    SHAPE_REAL(Thing, ratio, .min = -1, .max = 1),
    SHAPE_REAL(Thing, weight),
    SHAPE_TIME(Thing, made),
    SHAPE_TIME(Thing, gone),
    SHAPE_MONEY(Thing, price, .min = 0, .max = SHAPE_INT_MAX),
    SHAPE_MONEY(Thing, was, .flags = SHAPE_NULLABLE),
    SHAPE_ENUM(Thing, colour, COLOURS),
    SHAPE_ENUM(Thing, mood, MOODS, .flags = SHAPE_NULLABLE),
    SHAPE_JSON(Thing, extra, .max = 20),
    SHAPE_OBJECT(Thing, main, Size, &size_shape),
    SHAPE_OBJECT(Thing, other, Size, &size_shape),
    SHAPE_LIST(Thing, sizes, Size, &size_shape, .max = 3),
    SHAPE_TEXTS(Thing, tags, .min = 1, .max = 9, .item_min = 1, .item_max = 4),
    SHAPE_IDS(Thing, friends, "thg"),
    SHAPE_ENUMS(Thing, colours, COLOURS),
    SHAPE_TEXT(Thing, email, .flags = SHAPE_EMAIL),
    SHAPE_TEXT(Thing, url, .flags = SHAPE_URL),
    SHAPE_TEXT(Thing, handle, .flags = SHAPE_HANDLE),
    SHAPE_INT_AS(Thing, keyword, "for-each"),
};
static const Shape thing_shape = SHAPE_OF_PATCH(Thing, "Thing", THING_FIELDS, .doc = "Something.");

typedef struct World {
    Arena  arena;
    Issues issues;
    Err    err;
    Thing  thing;
} World;

static int setup(void **state)
{
    World *w = test_calloc(1, sizeof *w);
    arena_init(&w->arena, 4096);
    w->issues.arena = &w->arena;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    World *w = *state;
    arena_done(&w->arena);
    test_free(w);
    return 0;
}

static Str written(World *w)
{
    Buf *b = arena_new(&w->arena, Buf);
    buf_init(b, 1 << 16);
    Json j = json_begin(b);
    shape_write(&j, NULL, &thing_shape, &w->thing);
    Str s = str_dup(&w->arena, buf_str(b));
    buf_done(b);
    return s;
}

#define BODY(middle)                                                                               \
    "\"title\":\"Tea\",\"note\":null," middle "\"on\":true,\"maybe\":false,\"count\":7,"           \
    "\"parent\":\"thg_0000000000001\",\"ratio\":0.5,\"weight\":null,"                              \
    "\"made\":\"2026-11-22T13:00:00.000Z\",\"gone\":null,"                                         \
    "\"price\":{\"amount\":1250,\"currency\":\"EUR\"},\"was\":null,"                               \
    "\"colour\":\"green\",\"mood\":null,\"extra\":{\"a\":[1]},"                                    \
    "\"main\":{\"name\":\"M\",\"width\":12},\"other\":null,"                                       \
    "\"sizes\":[{\"name\":\"S\",\"width\":null},{\"name\":\"L\",\"width\":3}],"                    \
    "\"tags\":[\"a\",\"b\"],\"friends\":[\"thg_000000000000z\"],\"colours\":[\"red\",\"green\"],"  \
    "\"email\":\"a@b.c\",\"url\":\"https://b.c/\",\"handle\":\"a-b\",\"for-each\":-1}"

static void what_is_read_is_written_again(void **state)
{
    World *w = *state;
    Str    body = STR("{" BODY("\"secret\":\"xyz\","));
    assert_ok(
        shape_read(&thing_shape, SHAPE_CREATE, body, &w->arena, &w->thing, &w->issues, &w->err),
        &w->err);
    assert_str(w->thing.secret, "xyz");
    assert_int_equal(w->thing.colour, GREEN);
    assert_int_equal(w->thing.mood, -1);
    assert_true(w->thing.maybe.has && !w->thing.maybe.v);
    assert_false(w->thing.weight.has);
    w->thing.id = 2;
    assert_str(written(w), "{\"id\":\"thg_0000000000002\"," BODY(""));
}

static void the_order_of_fields_does_not_matter(void **state)
{
    World *w = *state;
    Str    body = STR("{\"for-each\":2.0,\"tags\":[\"x\"],\"id\":[1,2],\"title\":\" \\u0054ea \"}");
    assert_ok(
        shape_read(&thing_shape, SHAPE_CREATE, body, &w->arena, &w->thing, &w->issues, &w->err),
        &w->err);
    assert_str(w->thing.title, "Tea");
    assert_int_equal(w->thing.keyword, 2);
    assert_int_equal(w->thing.tags.n, 1);
    assert_int_equal(w->thing.id, 0); /* read-only: passed over */
}

/* Every issue as "pointer code; ". */
static Str issues_of(World *w)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < w->issues.n; i++)
        buf_addf(&b, "%s" STR_FMT " %s", i > 0 ? "; " : "", STR_ARG(w->issues.items[i].pointer),
                 w->issues.items[i].code);
    return str_dup(&w->arena, buf_str(&b));
}

static void every_problem_is_told_at_its_place(void **state)
{
    static const struct {
        Str         body;
        const char *issues;
    } CASES[] = {
        {STR_INIT("[]"), " wrong_type"},
        {STR_INIT("{}"), "/title required"},
        {STR_INIT("{\"title\":null}"), "/title wrong_type"},
        {STR_INIT("{\"title\":7}"), "/title wrong_type"},
        {STR_INIT("{\"title\":\" x \"}"), "/title too_short"},
        {STR_INIT("{\"title\":\"\xD1\x97\xD1\x97\xD1\x97\xD1\x97\xD1\x97\xD1\x97\"}"), ""},
        {STR_INIT("{\"title\":\"12345678901\"}"), "/title too_long"},
        {STR_INIT("{\"title\":\"a\\nb\"}"), "/title bad_format"},
        {STR_INIT("{\"title\":\"ok\",\"note\":\"a\\u0000b\"}"), "/note bad_format"},
        {STR_INIT("{\"title\":\"ok\",\"title\":\"ok\"}"), "/title duplicate"},
        {STR_INIT("{\"title\":\"ok\",\"a/b~c\":{\"x\":[1]},\"on\":1}"),
         "/a~1b~0c unknown_field; /on wrong_type"},
        {STR_INIT("{\"title\":\"ok\",\"on\":null,\"maybe\":null}"), "/on wrong_type"},
        {STR_INIT("{\"title\":\"ok\",\"count\":-1,\"ratio\":1.01}"),
         "/count out_of_range; /ratio out_of_range"},
        {STR_INIT("{\"title\":\"ok\",\"count\":1.5,\"weight\":\"1\"}"),
         "/count wrong_type; /weight wrong_type"},
        {STR_INIT("{\"title\":\"ok\",\"count\":99999999999999999999}"), "/count out_of_range"},
        {STR_INIT("{\"title\":\"ok\",\"for-each\":9007199254740992}"), "/for-each out_of_range"},
        {STR_INIT("{\"title\":\"ok\",\"parent\":\"prd_0000000000001\"}"), "/parent bad_format"},
        {STR_INIT("{\"title\":\"ok\",\"made\":\"yesterday\"}"), "/made bad_format"},
        {STR_INIT("{\"title\":\"ok\",\"price\":{\"amount\":-1,\"currency\":\"EUR\"}}"),
         "/price/amount out_of_range"},
        {STR_INIT("{\"title\":\"ok\",\"price\":{\"amount\":1,\"currency\":\"EUX\"}}"),
         "/price/currency not_one_of"},
        {STR_INIT("{\"title\":\"ok\",\"price\":{\"amount\":\"1\",\"x\":1}}"),
         "/price/amount wrong_type; /price/x unknown_field; /price/currency required"},
        {STR_INIT("{\"title\":\"ok\",\"price\":12.5}"), "/price wrong_type"},
        {STR_INIT("{\"title\":\"ok\",\"colour\":\"blue\"}"), "/colour not_one_of"},
        {STR_INIT("{\"title\":\"ok\",\"extra\":\"a long one, too long\"}"), "/extra too_long"},
        {STR_INIT("{\"title\":\"ok\",\"main\":{\"width\":0}}"),
         "/main/width out_of_range; /main/name required"},
        {STR_INIT("{\"title\":\"ok\",\"main\":null}"), "/main wrong_type"},
        {STR_INIT("{\"title\":\"ok\",\"sizes\":[{\"name\":\"S\"},7,{\"name\":\"\"},{}]}"),
         "/sizes/1 wrong_type; /sizes/2/name too_short; /sizes too_many"},
        {STR_INIT("{\"title\":\"ok\",\"tags\":[\"\",\"12345\",null]}"),
         "/tags/0 too_short; /tags/1 too_long; /tags/2 wrong_type"},
        {STR_INIT("{\"title\":\"ok\",\"tags\":[]}"), "/tags too_few"},
        {STR_INIT("{\"title\":\"ok\",\"colours\":[\"red\",\"blue\"]}"), "/colours/1 not_one_of"},
        {STR_INIT("{\"title\":\"ok\",\"email\":\"a@\",\"url\":\"ftp://x\",\"handle\":\"A b\"}"),
         "/email bad_format; /url bad_format; /handle bad_format"},
    };
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        bool fine = CASES[i].issues[0] == '\0';
        w->issues = (Issues){.arena = &w->arena};
        w->thing = (Thing){0};
        Status st = shape_read(&thing_shape, SHAPE_CREATE, CASES[i].body, &w->arena, &w->thing,
                               &w->issues, &w->err);
        assert_str(issues_of(w), CASES[i].issues);
        assert_int_equal(st, fine ? ST_OK : ST_INVALID);
        if (!fine)
            assert_string_equal(w->err.code, "shape.invalid");
    }
}

static void broken_json_is_a_syntax_error(void **state)
{
    World *w = *state;
    assert_fails(shape_read(&thing_shape, SHAPE_CREATE, STR("{\"title\":\"ok\",\n\"main\":{]"),
                            &w->arena, &w->thing, &w->issues, &w->err),
                 ST_INVALID, &w->err, "json.syntax");
    assert_string_equal(w->err.msg, "line 2, column 9: a string is due here");
}

static void issues_are_counted_beyond_their_limit(void **state)
{
    World                *w = *state;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 16);
    buf_add(&b, STR("{\"title\":\"ok\""));
    for (int i = 0; i < 300; i++)
        buf_addf(&b, ",\"x%d\":1", i);
    buf_addc(&b, '}');
    assert_fails(shape_read(&thing_shape, SHAPE_CREATE, buf_str(&b), &w->arena, &w->thing,
                            &w->issues, &w->err),
                 ST_INVALID, &w->err, "shape.invalid");
    assert_int_equal(w->issues.n, ISSUES_MAX);
    assert_int_equal(w->issues.total, 300);
    assert_string_equal(w->err.msg, "/x0 Thing has no such field, and more problems");
}

static void a_patch_changes_what_it_names(void **state)
{
    World *w = *state;
    Size   other = {.name = STR("X"), .width = opt_i64(5)};
    w->thing = (Thing){.title = STR("Old"),
                       .count = 5,
                       .parent = opt_i64(9),
                       .note = STR("n"),
                       .was = MONEY(5, "EUR"),
                       .main = {.name = STR("M"), .width = opt_i64(1)},
                       .other = &other};
    assert_ok(shape_read(&thing_shape, SHAPE_PATCH,
                         STR("{\"count\":6,\"parent\":null,\"note\":null,\"was\":null,"
                             "\"main\":{\"width\":2},\"other\":{\"width\":null}}"),
                         &w->arena, &w->thing, &w->issues, &w->err),
              &w->err);
    assert_str(w->thing.title, "Old");
    assert_int_equal(w->thing.count, 6);
    assert_false(w->thing.parent.has);
    assert_null(w->thing.note.ptr);
    assert_true(money_absent(w->thing.was));
    assert_str(w->thing.main.name, "M");
    assert_int_equal(w->thing.main.width.v, 2);
    assert_str(w->thing.other->name, "X");
    assert_false(w->thing.other->width.has);
    assert_true(other.width.has); /* what was there before is not touched */
    assert_true(SHAPE_GIVEN(&thing_shape, Thing, &w->thing, count));
    assert_true(SHAPE_GIVEN(&thing_shape, Thing, &w->thing, parent));
    assert_false(SHAPE_GIVEN(&thing_shape, Thing, &w->thing, title));
    assert_int_equal(w->thing.given, 1 << 2 | 1 << 6 | 1 << 7 | 1 << 13 | 1 << 17 | 1 << 18);
    /* A new object is no patch of an old one. */
    w->thing.other = NULL;
    assert_fails(shape_read(&thing_shape, SHAPE_PATCH, STR("{\"other\":{\"width\":1}}"), &w->arena,
                            &w->thing, &w->issues, &w->err),
                 ST_INVALID, &w->err, "shape.invalid");
    assert_str(issues_of(w), "/other/name required");
}

static void a_parsed_value_is_read_too(void **state)
{
    World           *w = *state;
    const JsonValue *v;
    Size             size = {0};
    assert_ok(json_parse(&w->arena, STR("[ {\"name\":\"S\"}, 7, {\"name\":1} ]"), &v, &w->err),
              &w->err);
    assert_ok(shape_read_value(&size_shape, SHAPE_CREATE, &v->items[0], STR("/0"), &w->arena, &size,
                               &w->issues, &w->err),
              &w->err);
    assert_str(size.name, "S");
    assert_fails(shape_read_value(&size_shape, SHAPE_CREATE, &v->items[1], STR("/1"), &w->arena,
                                  &size, &w->issues, &w->err),
                 ST_INVALID, &w->err, "shape.invalid");
    assert_fails(shape_read_value(&size_shape, SHAPE_CREATE, &v->items[2], STR("/2"), &w->arena,
                                  &size, &w->issues, &w->err),
                 ST_INVALID, &w->err, "shape.invalid");
    assert_str(issues_of(w), "/1 wrong_type; /2/name wrong_type");
}

static void fields_are_found_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < thing_shape.n; i++)
        assert_ptr_equal(shape_field(&thing_shape, str_from_cstr(THING_FIELDS[i].name)),
                         &THING_FIELDS[i]);
    assert_null(shape_field(&thing_shape, STR("")));
    assert_null(shape_field(&thing_shape, STR("titl")));
    assert_null(shape_field(&thing_shape, STR("a name that is longer than any field has")));
    const Shape *all[4];
    size_t       n = 0;
    shape_collect(&thing_shape, all, COUNT_OF(all), &n);
    assert_int_equal(n, 2);
    assert_ptr_equal(all[1], &size_shape);
}

enum { THREADS = 8 };

static char found_wrong;

static const Shape fresh_shape = SHAPE_OF(Thing, "Fresh", THING_FIELDS);

static void *find_all(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < fresh_shape.n; i++)
        if (shape_field(&fresh_shape, str_from_cstr(THING_FIELDS[i].name)) != &THING_FIELDS[i])
            return &found_wrong;
    return NULL;
}

static void threads_may_use_a_shape_for_the_first_time_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_all, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

static void the_schema_says_what_is_checked(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 16);
    Json j = json_begin(&b);
    shape_schema(&j, NULL, &size_shape);
    assert_str(buf_str(&b),
               "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1,"
               "\"maxLength\":5},\"width\":{\"type\":[\"integer\",\"null\"],\"minimum\":1,"
               "\"maximum\":100}},\"required\":[\"name\"],\"additionalProperties\":false}");
    buf_clear(&b);
    j = json_begin(&b);
    shape_schema(&j, NULL, &thing_shape);
    static const char *const PARTS[] = {
        "\"id\":{\"type\":\"string\",\"pattern\":\"^thg_[0-9A-Za-z]{13}$\",\"readOnly\":true}",
        "\"description\":\"What */ it is called.\",\"examples\":[\"Tea\"]",
        "\"secret\":{\"type\":\"string\",\"maxLength\":65535,\"writeOnly\":true}",
        "\"made\":{\"type\":\"string\",\"format\":\"date-time\"}",
        "\"price\":{\"$ref\":\"#/components/schemas/Money\"}",
        "\"was\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/Money\"},{\"type\":\"null\"}]}",
        "\"mood\":{\"type\":[\"string\",\"null\"],\"enum\":[\"happy\",\"sad\",null]}",
        "\"extra\":{}",
        ("\"sizes\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Size\"},"
         "\"maxItems\":3}"),
        "\"items\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":4},\"minItems\":1",
        "\"required\":[\"id\",\"title\"]",
    };
    for (size_t i = 0; i < COUNT_OF(PARTS); i++)
        if (strstr(b.ptr, PARTS[i]) == NULL)
            fail_msg("%s is not in %s", PARTS[i], b.ptr);
    buf_clear(&b);
    j = json_begin(&b);
    shape_schema_mode(&j, NULL, &thing_shape, SHAPE_PATCH);
    assert_null(strstr(b.ptr, "required"));
    assert_null(strstr(b.ptr, "\"id\""));
}

static void typescript_has_one_type_for_replies_and_one_for_bodies(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 16);
    shape_typescript(&b, &size_shape, false);
    shape_typescript(&b, &size_shape, true);
    assert_str(buf_str(&b), "export interface Size {\n  name: string;\n  width: number | null;\n}\n"
                            "export interface SizeInput {\n  name: string;\n"
                            "  width?: number | null;\n}\n");
    buf_clear(&b);
    shape_typescript(&b, &thing_shape, false);
    static const char *const PARTS[] = {
        ("/** Something. */\nexport interface Thing {\n  readonly id: string;\n"
         "  /** What * / it is called. */\n  title: string;\n  note: string | null;\n"
         "  on: boolean;\n"),
        "  was: Money | null;\n  colour: \"red\" | \"green\";\n",
        "  sizes: Size[];\n  tags: string[];\n",
        "  colours: (\"red\" | \"green\")[];\n",
        "  \"for-each\": number;\n}\n",
    };
    for (size_t i = 0; i < COUNT_OF(PARTS); i++)
        if (strstr(b.ptr, PARTS[i]) == NULL)
            fail_msg("%s is not in %s", PARTS[i], b.ptr);
}

int main(void)
{
#define SHAPE_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        SHAPE_TEST(what_is_read_is_written_again),
        SHAPE_TEST(the_order_of_fields_does_not_matter),
        SHAPE_TEST(every_problem_is_told_at_its_place),
        SHAPE_TEST(broken_json_is_a_syntax_error),
        SHAPE_TEST(issues_are_counted_beyond_their_limit),
        SHAPE_TEST(a_patch_changes_what_it_names),
        SHAPE_TEST(a_parsed_value_is_read_too),
        cmocka_unit_test(fields_are_found_by_name),
        cmocka_unit_test(threads_may_use_a_shape_for_the_first_time_at_once),
        cmocka_unit_test(the_schema_says_what_is_checked),
        cmocka_unit_test(typescript_has_one_type_for_replies_and_one_for_bodies),
    };
    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
