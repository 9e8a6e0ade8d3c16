#include "base/id.h"
#include "base/shape_index.h"

#include <string.h>

static void write_object(Json *j, const Shape *shape, const void *src);

static void write_money(Json *j, const Money *m)
{
    if (money_absent(*m)) {
        json_null(j, NULL);
        return;
    }
    json_obj(j, NULL);
    json_i64(j, "amount", m->minor);
    json_str(j, "currency", str_from_cstr(m->cur));
    json_end(j);
}

static void write_id(Json *j, const char *prefix, int64_t id)
{
    char text[ID_TEXT_MAX];
    json_str(j, NULL, (Str){text, id_put(text, prefix, id)});
}

static void write_time(Json *j, UnixMs t)
{
    char text[CLOCK_TEXT_LEN];
    clock_put(text, t);
    json_str(j, NULL, (Str){text, sizeof text});
}

static void write_enum(Json *j, const ShapeField *f, const int *v)
{
    if (*v < 0 && shape_nullable(f)) {
        json_null(j, NULL);
        return;
    }
    for (int i = 0; i <= *v; i++)
        ASSERT(f->names[i] != NULL && *v >= 0);
    json_str(j, NULL, str_from_cstr(f->names[*v]));
}

static void write_text(Json *j, const ShapeField *f, const Str *s)
{
    if (s->ptr == NULL && (f->flags & SHAPE_NULLABLE))
        json_null(j, NULL);
    else
        json_str(j, NULL, *s);
}

/* An optional scalar is the plain one, at offset 0, and `has`. */
static bool is_absent(ShapeKind kind, const void *p)
{
    switch (kind) {
    case SHAPE_K_BOOL: return !((const OptBool *)p)->has;
    case SHAPE_K_INT:
    case SHAPE_K_ID: return !((const OptI64 *)p)->has;
    case SHAPE_K_REAL: return !((const OptReal *)p)->has;
    case SHAPE_K_TIME: return !((const OptTime *)p)->has;
    case SHAPE_K_TEXT:
    case SHAPE_K_MONEY:
    case SHAPE_K_ENUM:
    case SHAPE_K_JSON:
    case SHAPE_K_OBJECT:
    case SHAPE_K_LIST: break;
    }
    return false;
}

static void write_scalar(Json *j, const ShapeField *f, ShapeKind kind, const void *p)
{
    switch (kind) {
    case SHAPE_K_BOOL: json_bool(j, NULL, *(const bool *)p); break;
    case SHAPE_K_INT: json_i64(j, NULL, *(const int64_t *)p); break;
    case SHAPE_K_REAL: json_real(j, NULL, *(const double *)p); break;
    case SHAPE_K_TEXT: write_text(j, f, p); break;
    case SHAPE_K_ID: write_id(j, f->prefix, *(const int64_t *)p); break;
    case SHAPE_K_TIME: write_time(j, *(const UnixMs *)p); break;
    case SHAPE_K_MONEY: write_money(j, p); break;
    case SHAPE_K_ENUM: write_enum(j, f, p); break;
    case SHAPE_K_JSON: {
        const Str *raw = p;
        json_raw(j, NULL, raw->len > 0 ? *raw : STR("null"));
        break;
    }
    case SHAPE_K_OBJECT: write_object(j, f->of, p); break;
    case SHAPE_K_LIST: ASSERT(false && "lists of lists");
    }
}

static void write_list(Json *j, const ShapeField *f, const ShapeList *list)
{
    const char *item = list->items;
    size_t      size = shape_item_size(f);
    json_arr(j, NULL);
    for (size_t i = 0; i < list->n; i++, item += size)
        write_scalar(j, f, f->item, item);
    json_end(j);
}

static void write_field(Json *j, const ShapeField *f, const void *p)
{
    if (f->kind == SHAPE_K_LIST) {
        write_list(j, f, p);
        return;
    }
    if (f->kind == SHAPE_K_OBJECT && f->opt) {
        p = *(const void *const *)p;
        if (p == NULL) {
            json_null(j, NULL);
            return;
        }
    } else if (f->opt && is_absent(f->kind, p)) {
        json_null(j, NULL);
        return;
    }
    write_scalar(j, f, f->kind, p);
}

static void write_fields(Json *j, const Shape *shape, const void *src, const bool *wanted)
{
    const ShapeIndex *x = shape_index(shape);
    json_obj(j, NULL);
    for (size_t i = 0; i < shape->n; i++) {
        const ShapeField *f = &shape->fields[i];
        if ((f->flags & SHAPE_WRITE_ONLY) || (wanted != NULL && !wanted[i]))
            continue;
        json_key_made(j, x->keys[i]);
        write_field(j, f, (const char *)src + f->offset);
    }
    json_end(j);
}

static void write_object(Json *j, const Shape *shape, const void *src)
{
    write_fields(j, shape, src, NULL);
}

void shape_write_some(Json *j, const Shape *shape, const void *src, const bool *wanted)
{
    write_fields(j, shape, src, wanted);
}

void shape_write(Json *j, const char *key, const Shape *shape, const void *src)
{
    if (key != NULL)
        json_key(j, str_from_cstr(key));
    write_object(j, shape, src);
}
