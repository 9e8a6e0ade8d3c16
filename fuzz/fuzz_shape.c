/* Shapes: a body that is accepted is written as JSON that is accepted again, and then comes
 * out the same; as a patch nothing else than issues may happen. */
#include "base/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Part {
    Str    name;
    OptI64 width;
} Part;

typedef struct Thing {
    Str     title, note, email, url, handle, raw;
    OptBool maybe;
    int64_t count;
    OptI64  parent;
    OptReal weight;
    OptTime gone;
    Money   price;
    int     colour;
    Part    main;
    Part   *other;
    struct {
        Part  *items;
        size_t n;
    } parts;
    struct {
        Str   *items;
        size_t n;
    } tags;
    uint64_t given;
} Thing;

static const char *const COLOURS[] = {"red", "green", NULL};

static const ShapeField PART_FIELDS[] = {
    SHAPE_TEXT(Part, name, .max = 10, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_INT(Part, width, .min = -5, .max = 100),
};
static const Shape part_shape = SHAPE_OF(Part, "Part", PART_FIELDS);

static const ShapeField THING_FIELDS[] = {
    SHAPE_TEXT(Thing, title, .min = 2),
    SHAPE_TEXT(Thing, note, .flags = SHAPE_NULLABLE),
    SHAPE_TEXT(Thing, email, .flags = SHAPE_EMAIL),
    SHAPE_TEXT(Thing, url, .flags = SHAPE_URL),
    SHAPE_TEXT(Thing, handle, .flags = SHAPE_HANDLE),
    SHAPE_JSON(Thing, raw),
    SHAPE_BOOL(Thing, maybe),
    SHAPE_INT(Thing, count),
    SHAPE_ID(Thing, parent, "thg"),
    SHAPE_REAL(Thing, weight),
    SHAPE_TIME(Thing, gone),
    SHAPE_MONEY(Thing, price, .flags = SHAPE_NULLABLE),
    SHAPE_ENUM(Thing, colour, COLOURS, .flags = SHAPE_NULLABLE),
    SHAPE_OBJECT(Thing, main, Part, &part_shape),
    SHAPE_OBJECT(Thing, other, Part, &part_shape),
    SHAPE_LIST(Thing, parts, Part, &part_shape, .max = 5),
    SHAPE_TEXTS(Thing, tags, .max = 5),
};
static const Shape thing_shape = SHAPE_OF_PATCH(Thing, "Thing", THING_FIELDS);

static void write_thing(Buf *b, const Thing *thing)
{
    Json j = json_begin(b);
    shape_write(&j, NULL, &thing_shape, thing);
    ASSERT(!buf_overflowed(b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    Issues issues = {.arena = &a};
    Err    err;
    Str    body = {(const char *)data, size};
    Thing  patched = {.title = STR("old"), .main = {.name = STR("m")}};
    Status st = shape_read(&thing_shape, SHAPE_PATCH, body, &a, &patched, &issues, &err);
    ASSERT(st == ST_OK || issues.total > 0 || err.code[0] == 'j');
    issues = (Issues){.arena = &a};
    Thing thing = {0};
    if (shape_read(&thing_shape, SHAPE_CREATE, body, &a, &thing, &issues, &err) != ST_OK)
        return 0;
    CLEANUP(buf_done) Buf first;
    CLEANUP(buf_done) Buf second;
    buf_init(&first, 8 * size + 4096);
    buf_init(&second, 8 * size + 4096);
    write_thing(&first, &thing);
    Thing again = {0};
    /* A patch, since fields that were absent are written as what an empty struct has. */
    st = shape_read(&thing_shape, SHAPE_PATCH, buf_str(&first), &a, &again, &issues, &err);
    if (st != ST_OK && (thing.given != (UINT64_C(1) << COUNT_OF(THING_FIELDS)) - 1))
        return 0;
    ASSERT(st == ST_OK);
    write_thing(&second, &again);
    ASSERT(str_eq(buf_str(&first), buf_str(&second)));
    return 0;
}
