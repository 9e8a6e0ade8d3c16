/* Liquid: any template with any data compiles or is refused, and stays within its limits. The
 * first line of the input is the data; the first byte behind it chooses the mode. */
#include "liquid/liquid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const SNIPPETS[] = {"{{ a }}{% break %}", "{% render 'b' %}{% include 'a' %}",
                                       "{% for i in a %}{{ i }}{% include 'c' %}{% endfor %}"};

static bool load(void *arg, Str name, Arena *a, Str *ret)
{
    (void)arg;
    (void)a;
    if (name.len != 1 || name.ptr[0] < 'a' || name.ptr[0] > 'c')
        return false;
    *ret = str_from_cstr(SNIPPETS[name.ptr[0] - 'a']);
    return true;
}

static void render(const LiquidTemplate *t, Arena *a, LiquidValue data)
{
    CLEANUP(buf_done) Buf out;
    LiquidError           e = {0};
    buf_init(&out, 1 << 21);
    LiquidRender r = {
        .arena = a,
        .out = &out,
        .data = data,
        .limits = {.output = 1 << 18, .memory = 1 << 22, .steps = 20000, .depth = 20}};
    Status st = liquid_render(t, &r, &e);
    ASSERT(st == ST_OK || (st == ST_LIMIT && e.message.len > 0));
    ASSERT(st != ST_OK || out.len <= 1 << 18);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    Str text = {(const char *)data, size}, json, source;
    str_cut(text, '\n', &json, &source);
    if (source.len == 0)
        return 0;
    const JsonValue *v = NULL;
    Err              err;
    if (json_parse(&a, json, &v, &err) != ST_OK)
        v = NULL;
    unsigned              how = (unsigned char)source.ptr[0];
    LiquidOptions         o = {.mode = (LiquidMode)(how % 4), .plain = how & 4, .load = load};
    Liquid               *lq = liquid_new(&o);
    const LiquidTemplate *t;
    LiquidError           e = {0};
    if (liquid_compile(lq, STR("fuzz"), (Str){source.ptr + 1, source.len - 1}, &t, &e) == ST_OK)
        render(t, &a, liquid_json(v));
    else
        ASSERT(e.message.len > 0 && e.line > 0);
    liquid_free(lq);
    return 0;
}
