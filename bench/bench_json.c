/* JSON: megabytes per second, beside yajl (events, and its tree) and jansson (tree). The
 * text is a batch of product events as a shop's pages send them. */
#include "bench.h"

#include "base/json_scan.h"
#include "base/shape.h"

#include <yajl/yajl_parse.h>
#include <yajl/yajl_tree.h>

enum { EVENTS = 2000 };

typedef struct Properties {
    Str     product_id, sku, name, brand, category;
    Money   price;
    int64_t quantity;
    double  rating;
    struct {
        Str   *items;
        size_t n;
    } tags;
    bool in_stock;
} Properties;

typedef struct Event {
    Str        type, event, message_id, anonymous_id;
    UnixMs     timestamp;
    Properties properties;
} Event;

typedef struct Batch {
    struct {
        Event *items;
        size_t n;
    } batch;
} Batch;

static const ShapeField PROPERTIES_FIELDS[] = {
    SHAPE_TEXT(Properties, product_id), SHAPE_TEXT(Properties, sku),
    SHAPE_TEXT(Properties, name),       SHAPE_TEXT(Properties, brand),
    SHAPE_TEXT(Properties, category),   SHAPE_MONEY(Properties, price),
    SHAPE_INT(Properties, quantity),    SHAPE_REAL(Properties, rating),
    SHAPE_TEXTS(Properties, tags),      SHAPE_BOOL(Properties, in_stock),
};
static const Shape properties_shape = SHAPE_OF(Properties, "Properties", PROPERTIES_FIELDS);

static const ShapeField EVENT_FIELDS[] = {
    SHAPE_TEXT(Event, type),
    SHAPE_TEXT(Event, event),
    SHAPE_TEXT_AS(Event, message_id, "messageId"),
    SHAPE_TEXT_AS(Event, anonymous_id, "anonymousId"),
    SHAPE_TIME(Event, timestamp),
    SHAPE_OBJECT(Event, properties, Properties, &properties_shape),
};
static const Shape event_shape = SHAPE_OF(Event, "Event", EVENT_FIELDS);

static const ShapeField BATCH_FIELDS[] = {
    SHAPE_LIST(Batch, batch, Event, &event_shape, .max = EVENTS),
};
static const Shape batch_shape = SHAPE_OF(Batch, "Batch", BATCH_FIELDS);

typedef struct Work {
    Arena arena;
    Buf   text; /* NUL-terminated, which yajl's tree wants */
    Buf   out;
    Batch batch;
} Work;

static void make_text(Work *w)
{
    static const char *const NAMES[] = {"Chervoni krosivky", "Théière en fonte émaillée",
                                        "Рубашка в клетку", "Plain \\\"tea\\\" mug"};
    buf_add(&w->text, STR("{\"batch\":["));
    for (int i = 0; i < EVENTS; i++)
        buf_addf(
            &w->text,
            "%s{\"type\":\"track\",\"event\":\"Product Viewed\",\"messageId\":\"ajs-%08x-%08x\","
            "\"anonymousId\":\"b5b4a3c0-5a7e-4c5d-9f00-%012x\","
            "\"timestamp\":\"2026-11-22T13:%02d:%02d.%03dZ\",\"properties\":{"
            "\"product_id\":\"%d\",\"sku\":\"SKU-%d\",\"name\":\"%s\",\"brand\":\"Acme\","
            "\"category\":\"Shoes / Running\",\"price\":{\"amount\":%d,\"currency\":\"EUR\"},"
            "\"quantity\":%d,\"rating\":%d.%d,\"tags\":[\"new\",\"summer\",\"sale\"],"
            "\"in_stock\":true}}",
            i > 0 ? "," : "", (unsigned)i * 2654435761U, (unsigned)i, (unsigned)i * 40503U,
            i / 60 % 60, i % 60, i % 1000, i, i, NAMES[i % 4], 999 + i, i % 5 + 1, i % 5, i % 10);
    buf_add(&w->text, STR("]}"));
    ASSERT(!buf_overflowed(&w->text));
}

static void skip(void *arg)
{
    Work    *w = arg;
    JsonScan s;
    json_scan_init(&s, &w->arena, buf_str(&w->text));
    ASSERT(json_scan_skip(&s, NULL) && json_scan_end(&s));
    arena_reset(&w->arena);
}

static void tree(void *arg)
{
    Work            *w = arg;
    const JsonValue *v;
    Err              err;
    ASSERT(json_parse(&w->arena, buf_str(&w->text), &v, &err) == ST_OK);
    ASSERT(json_get(v, STR("batch"))->n == EVENTS);
    arena_reset(&w->arena);
}

static void read_shape(void *arg)
{
    Work  *w = arg;
    Issues issues = {.arena = &w->arena};
    Err    err;
    w->batch = (Batch){0};
    ASSERT(shape_read(&batch_shape, SHAPE_CREATE, buf_str(&w->text), &w->arena, &w->batch, &issues,
                      &err) == ST_OK);
    ASSERT(w->batch.batch.n == EVENTS);
    arena_reset(&w->arena);
}

static void write_shape(void *arg)
{
    Work *w = arg;
    buf_clear(&w->out);
    Json j = json_begin(&w->out);
    shape_write(&j, NULL, &batch_shape, &w->batch);
    ASSERT(!buf_overflowed(&w->out));
}

static int on_null(void *ctx)
{
    ++*(int64_t *)ctx;
    return 1;
}
static int on_bool(void *ctx, int v)
{
    *(int64_t *)ctx += v;
    return 1;
}
static int on_number(void *ctx, const char *s, size_t n)
{
    *(int64_t *)ctx += s[0] + (int64_t)n;
    return 1;
}
static int on_text(void *ctx, const unsigned char *s, size_t n)
{
    *(int64_t *)ctx += (int64_t)n + (s != NULL);
    return 1;
}

static void yajl_events(void *arg)
{
    static const yajl_callbacks CALLBACKS = {
        .yajl_null = on_null,
        .yajl_boolean = on_bool,
        .yajl_number = on_number,
        .yajl_string = on_text,
        .yajl_start_map = on_null,
        .yajl_map_key = on_text,
        .yajl_end_map = on_null,
        .yajl_start_array = on_null,
        .yajl_end_array = on_null,
    };
    Work       *w = arg;
    int64_t     seen = 0;
    yajl_handle h = yajl_alloc(&CALLBACKS, NULL, &seen);
    ASSERT(yajl_parse(h, (const unsigned char *)w->text.ptr, w->text.len) == yajl_status_ok);
    ASSERT(yajl_complete_parse(h) == yajl_status_ok && seen > 0);
    yajl_free(h);
}

static void yajl_whole_tree(void *arg)
{
    Work    *w = arg;
    char     error[100];
    yajl_val v = yajl_tree_parse(w->text.ptr, error, sizeof error);
    ASSERT(v != NULL);
    yajl_tree_free(v);
}

/* Its names collide with ours, so it has a file of its own. */
void peer_jansson(const char *text, size_t len);

static void jansson_tree(void *arg)
{
    const Work *w = arg;
    peer_jansson(w->text.ptr, w->text.len);
}

static double show(const char *what, BenchFn *fn, Work *w, double peer, const char *peer_name)
{
    double speed = (double)w->text.len / bench_seconds(fn, w) / 1e6;
    printf("%-34s %7.0f MB/s", what, speed);
    if (peer > 0)
        printf("   %5.1f x %s", speed / peer, peer_name);
    printf("\n");
    return speed;
}

int main(void)
{
    Work w = {0};
    arena_init(&w.arena, 16 << 20);
    buf_init(&w.text, 16 << 20);
    buf_init(&w.out, 16 << 20);
    make_text(&w);
    printf("%d events, %zu bytes\n", EVENTS, w.text.len);
    double events = show("yajl events", yajl_events, &w, 0, NULL);
    double ytree = show("yajl tree", yajl_whole_tree, &w, 0, NULL);
    double jtree = show("jansson tree", jansson_tree, &w, 0, NULL);
    show("json_scan_skip (checks only)", skip, &w, events, "yajl events");
    show("json_parse (tree)", tree, &w, ytree, "yajl tree");
    show("json_parse (tree)", tree, &w, jtree, "jansson tree");
    show("shape_read (into structs)", read_shape, &w, events, "yajl events");

    /* Keep what was read, to write it. */
    Arena  a;
    Issues issues = {0};
    Err    err;
    arena_init(&a, 1 << 20);
    issues.arena = &a;
    w.batch = (Batch){0};
    ASSERT(shape_read(&batch_shape, SHAPE_CREATE, buf_str(&w.text), &a, &w.batch, &issues, &err) ==
           ST_OK);
    show("shape_write", write_shape, &w, 0, NULL);
    arena_done(&a);
    arena_done(&w.arena);
    buf_done(&w.text);
    buf_done(&w.out);
    return 0;
}
