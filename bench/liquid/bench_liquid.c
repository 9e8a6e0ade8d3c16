/* bench_liquid FOLDER SECONDS [escape] - render FOLDER/templates/index.liquid with
 * FOLDER/data.json for that long; print renders per second, and whether the page is what
 * FOLDER/expected_result.txt says. */
#include "liquid/liquid.h"

#include "base/clock.h"

#include <stdio.h>
#include <time.h>

typedef struct Folder {
    const char *path;
} Folder;

static bool read_file(Arena *a, const char *dir, Str name, Str *ret)
{
    char path[1024];
    int  n = snprintf(path, sizeof path, "%s/" STR_FMT, dir, STR_ARG(name));
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    FILE *f = fopen(path, "rbe");
    if (f == NULL)
        return false;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64 << 20);
    char   block[8192];
    size_t got;
    while ((got = fread(block, 1, sizeof block, f)) > 0)
        buf_add(&b, (Str){block, got});
    (void)fclose(f);
    *ret = str_dup(a, buf_str(&b));
    return true;
}

static bool load(void *arg, Str name, Arena *a, Str *ret)
{
    const Folder *folder = arg;
    char          dir[1024];
    (void)snprintf(dir, sizeof dir, "%s/templates", folder->path);
    return read_file(a, dir, name, ret);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool render_once(const LiquidTemplate *t, const JsonValue *data, Arena *a, Buf *out)
{
    LiquidError  e = {0};
    LiquidRender r = {.arena = a, .out = out, .data = liquid_json(data)};
    r.now = (UnixMs){INT64_C(1750000000000)}; /* 2025, as on the expected pages */
    buf_clear(out);
    arena_reset(a);
    return liquid_render(t, &r, &e) == ST_OK && r.errors == 0;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    Folder                    folder = {argv[1]};
    CLEANUP(arena_done) Arena a;
    CLEANUP(arena_done) Arena work;
    CLEANUP(buf_done) Buf     out;
    arena_init(&a, 65536);
    arena_init(&work, 65536);
    buf_init(&out, 64 << 20);
    Str                   text, expected;
    const JsonValue      *data;
    Err                   err;
    LiquidError           e;
    const LiquidTemplate *t;
    int64_t               tenths;
    LiquidOptions         o = {.plain = argc < 4, .load = load, .load_arg = &folder};
    Liquid               *lq = liquid_new(&o);
    if (!read_file(&a, folder.path, STR("data.json"), &text) ||
        json_parse(&a, text, &data, &err) != ST_OK ||
        liquid_load(lq, STR("index.liquid"), &t, &e) != ST_OK ||
        !str_parse_i64(str_from_cstr(argv[2]), &tenths) || !render_once(t, data, &work, &out)) {
        fprintf(stderr, "bench_liquid: cannot render %s\n", folder.path);
        return 1;
    }
    bool same = !read_file(&a, folder.path, STR("expected_result.txt"), &expected) ||
                str_eq(str_trim(buf_str(&out)), str_trim(expected));
    for (int i = 0; i < 200; i++)
        (void)render_once(t, data, &work, &out);
    double from = seconds(), until = from + (double)tenths / 10, now = from;
    long   n = 0;
    while (now < until) {
        for (int i = 0; i < 100; i++, n++)
            (void)render_once(t, data, &work, &out);
        now = seconds();
    }
    printf("%.1f %zu %s\n", (double)n / (now - from), out.len, same ? "same" : "differs");
    liquid_free(lq);
    return 0;
}
