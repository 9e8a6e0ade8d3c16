#include "base/json_scan.h"

#include <stdlib.h>
#include <string.h>

/* The members of all open containers, one behind the other; when a container closes, its
 * part is copied into the arena in one piece. */
typedef struct Builder {
    JsonScan    scan;
    JsonMember *stack;
    size_t      n, cap;
    size_t      nodes, nodes_max;
    bool        too_many;
} Builder;

static bool build(Builder *b, JsonValue *ret);

static void push(Builder *b, Str key, const JsonValue *value)
{
    if (b->n == b->cap) {
        size_t      cap = b->cap == 0 ? 64 : b->cap * 2;
        JsonMember *p = realloc(b->stack, cap * sizeof *p);
        if (p == NULL)
            base_out_of_memory(cap * sizeof *p);
        b->stack = p;
        b->cap = cap;
    }
    b->stack[b->n].key = key;
    b->stack[b->n].value = *value;
    b->n++;
}

static bool build_array(Builder *b, JsonValue *v)
{
    size_t base = b->n;
    json_scan_open(&b->scan, JSON_ARRAY);
    while (json_scan_item(&b->scan)) {
        JsonValue item;
        if (!build(b, &item))
            return false;
        push(b, (Str){0}, &item);
    }
    if (b->scan.what != NULL)
        return false;
    size_t     n = b->n - base;
    JsonValue *items = n > 0 ? arena_array(b->scan.arena, JsonValue, n) : NULL;
    for (size_t i = 0; i < n; i++)
        items[i] = b->stack[base + i].value;
    b->n = base;
    v->n = (uint32_t)n;
    v->items = items;
    return true;
}

static bool build_object(Builder *b, JsonValue *v)
{
    size_t base = b->n;
    Str    key;
    json_scan_open(&b->scan, JSON_OBJECT);
    while (json_scan_key(&b->scan, &key)) {
        JsonValue value;
        if (!build(b, &value))
            return false;
        push(b, key, &value);
    }
    if (b->scan.what != NULL)
        return false;
    size_t      n = b->n - base;
    JsonMember *members = n > 0 ? arena_array(b->scan.arena, JsonMember, n) : NULL;
    if (n > 0)
        memcpy(members, b->stack + base, n * sizeof *members);
    b->n = base;
    v->n = (uint32_t)n;
    v->members = members;
    return true;
}

static bool build_number(Builder *b, JsonValue *v)
{
    JsonNumber number;
    if (!json_scan_number(&b->scan, &number))
        return false;
    v->integer = number.integer;
    v->text = number.text;
    if (number.integer)
        v->i64 = number.i64;
    else
        v->real = number.real;
    return true;
}

static bool build(Builder *b, JsonValue *ret)
{
    JsonScan *s = &b->scan;
    JsonType  type;
    bool      ok = false;
    if (++b->nodes > b->nodes_max)
        b->too_many = true;
    if (b->too_many || !json_scan_type(s, &type))
        return false;
    const char *from = s->at;
    *ret = (JsonValue){.type = type};
    switch (type) {
    case JSON_NULL: ok = json_scan_null(s); break;
    case JSON_BOOL: ok = json_scan_bool(s, &ret->boolean); break;
    case JSON_STRING: return json_scan_str(s, &ret->text);
    case JSON_NUMBER: return build_number(b, ret);
    case JSON_ARRAY: ok = build_array(b, ret); break;
    case JSON_OBJECT: ok = build_object(b, ret); break;
    }
    ret->text = (Str){from, (size_t)(s->at - from)};
    return ok;
}

Status json_parse(Arena *a, Str text, const JsonValue **ret, Err *err)
{
    if (text.len > UINT32_MAX)
        return err_set(err, ST_LIMIT, "json.too_many", "a text of %zu bytes", text.len);
    Builder    b = {.nodes_max = JSON_NODES_FREE + text.len / 4};
    JsonValue *root = arena_new(a, JsonValue);
    json_scan_init(&b.scan, a, text);
    if (build(&b, root))
        json_scan_end(&b.scan);
    free(b.stack);
    if (b.too_many)
        return err_set(err, ST_LIMIT, "json.too_many", "more than %zu values", b.nodes_max);
    TRY(json_scan_status(&b.scan, err));
    *ret = root;
    return ST_OK;
}

const JsonValue *json_get(const JsonValue *v, Str key)
{
    if (v == NULL || v->type != JSON_OBJECT)
        return NULL;
    for (size_t i = v->n; i > 0; i--)
        if (str_eq(v->members[i - 1].key, key))
            return &v->members[i - 1].value;
    return NULL;
}
