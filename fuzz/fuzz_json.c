/* JSON: reading a tree, passing over a value and writing the tree again must agree. */
#include "base/json_scan.h"
#include "base/json_write.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_value(Json *j, const JsonValue *v)
{
    if (v->type == JSON_STRING) {
        json_str(j, NULL, v->text);
    } else if (v->type == JSON_ARRAY) {
        json_arr(j, NULL);
        for (size_t i = 0; i < v->n; i++)
            write_value(j, &v->items[i]);
        json_end(j);
    } else if (v->type == JSON_OBJECT) {
        json_obj(j, NULL);
        for (size_t i = 0; i < v->n; i++) {
            json_key(j, v->members[i].key);
            write_value(j, &v->members[i].value);
        }
        json_end(j);
    } else if (v->type == JSON_NUMBER && !v->integer) {
        json_real(j, NULL, v->real);
    } else {
        json_raw(j, NULL, v->text);
    }
}

static void same(const JsonValue *x, const JsonValue *y)
{
    ASSERT(x->type == y->type && x->n == y->n);
    if (x->type == JSON_STRING)
        ASSERT(str_eq(x->text, y->text));
    if (x->type == JSON_NUMBER && x->integer)
        ASSERT(y->integer && x->i64 == y->i64);
    for (size_t i = 0; x->type == JSON_ARRAY && i < x->n; i++)
        same(&x->items[i], &y->items[i]);
    for (size_t i = 0; x->type == JSON_OBJECT && i < x->n; i++) {
        ASSERT(str_eq(x->members[i].key, y->members[i].key));
        same(&x->members[i].value, &y->members[i].value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    Str              text = {(const char *)data, size};
    const JsonValue *v, *again;
    Err              err;
    JsonScan         s;
    bool             ok = json_parse(&a, text, &v, &err) == ST_OK;
    json_scan_init(&s, &a, text);
    bool skipped = json_scan_skip(&s, NULL) && json_scan_end(&s);
    ASSERT(ok == skipped || strcmp(err.code, "json.too_many") == 0);
    if (!ok)
        return 0;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8 * size + 64);
    Json j = json_begin(&b);
    write_value(&j, v);
    ASSERT(!buf_overflowed(&b));
    ASSERT(json_parse(&a, buf_str(&b), &again, &err) == ST_OK);
    same(v, again);
    return 0;
}
