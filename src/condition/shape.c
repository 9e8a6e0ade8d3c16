/* Subjects that are C structs, seen through their shapes. */
#include "condition/condition_int.h"

#include <string.h>

#include "base/id.h"

static CondValue field_value(const ShapeField *f, ShapeKind kind, const char *at, Arena *a);

static CondValue shape_member(const CondValue *object, Str key, Arena *a)
{
    const ShapeField *f = shape_field(object->type, key);
    if (f == NULL || (f->flags & SHAPE_WRITE_ONLY))
        return (CondValue){0};
    return field_value(f, f->kind, (const char *)object->of + f->offset, a);
}

CondValue cond_shape(const Shape *shape, const void *object)
{
    return (CondValue){
        .kind = COND_OBJECT, .n = SIZE_MAX, .member = shape_member, .of = object, .type = shape};
}

static CondValue list_item(const CondValue *list, size_t i, Arena *a)
{
    const ShapeField *f = list->type;
    const char       *items = ((const ShapeList *)list->of)->items;
    return field_value(f, f->item, items + i * shape_item_size(f), a);
}

static CondValue money_member(const CondValue *object, Str key, Arena *a)
{
    (void)a;
    const Money *m = object->of;
    if (str_eq(key, STR("amount")))
        return cond_i64(m->minor);
    return str_eq(key, STR("currency")) ? cond_text(str_from_cstr(m->cur)) : (CondValue){0};
}

static CondValue id_value(const ShapeField *f, int64_t id, Arena *a)
{
    return id == 0 ? (CondValue){0} : cond_text(id_format(a, f->prefix, id));
}

static CondValue json_value(Str text, Arena *a)
{
    const JsonValue *v;
    Err              err;
    if (text.len == 0 || json_parse(a, text, &v, &err) != ST_OK)
        return (CondValue){0};
    return cond_json(v);
}

/* The optional types: an absent one is null, else the plain value stands first. */
static bool absent(ShapeKind kind, const char *at)
{
    switch ((int)kind) {
    case SHAPE_K_BOOL: return !((const OptBool *)(const void *)at)->has;
    case SHAPE_K_INT:
    case SHAPE_K_ID: return !((const OptI64 *)(const void *)at)->has;
    case SHAPE_K_REAL: return !((const OptReal *)(const void *)at)->has;
    case SHAPE_K_TIME: return !((const OptTime *)(const void *)at)->has;
    case SHAPE_K_OBJECT: return *(const void *const *)(const void *)at == NULL;
    default: return false;
    }
}

static CondValue field_value(const ShapeField *f, ShapeKind kind, const char *at, Arena *a)
{
    bool element = kind != f->kind;
    if (f->opt && !element && absent(kind, at))
        return (CondValue){0};
    const void *p = at;
    switch (kind) {
    case SHAPE_K_BOOL: return cond_bool(*(const bool *)p);
    case SHAPE_K_INT: return cond_i64(*(const int64_t *)p);
    case SHAPE_K_REAL: return cond_real(*(const double *)p);
    case SHAPE_K_TEXT: return cond_text(*(const Str *)p);
    case SHAPE_K_ID: return id_value(f, *(const int64_t *)p, a);
    case SHAPE_K_TIME: return cond_text(clock_format(a, *(const UnixMs *)p));
    case SHAPE_K_MONEY:
        if (money_absent(*(const Money *)p))
            return (CondValue){0};
        return cond_object(money_member, p);
    case SHAPE_K_ENUM: {
        int i = *(const int *)p;
        return i < 0 ? (CondValue){0} : cond_text(str_from_cstr(f->names[i]));
    }
    case SHAPE_K_JSON: return json_value(*(const Str *)p, a);
    case SHAPE_K_OBJECT: return cond_shape(f->of, f->opt && !element ? *(const void *const *)p : p);
    case SHAPE_K_LIST:
        return (CondValue){.kind = COND_LIST,
                           .n = ((const ShapeList *)p)->n,
                           .item = list_item,
                           .of = p,
                           .type = f};
    }
    return (CondValue){0};
}
