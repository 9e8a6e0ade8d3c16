/* Subjects: JSON trees and structs seen through their shapes. */
#include "condition/condition_int.h"

CondValue cond_bool(bool v)
{
    return (CondValue){.kind = COND_BOOL, .boolean = v};
}

CondValue cond_i64(int64_t v)
{
    return (CondValue){.kind = COND_NUMBER, .integer = true, .i64 = v, .real = (double)v};
}

CondValue cond_real(double v)
{
    return (CondValue){.kind = COND_NUMBER, .real = v};
}

CondValue cond_text(Str v)
{
    return v.ptr ? (CondValue){.kind = COND_TEXT, .text = v} : (CondValue){0};
}

CondValue cond_object(CondMember *member, const void *of)
{
    return (CondValue){.kind = COND_OBJECT, .n = SIZE_MAX, .member = member, .of = of};
}

/* --- JSON --------------------------------------------------------------------------------- */

static CondValue json_member(const CondValue *object, Str key, Arena *a)
{
    (void)a;
    return cond_json(json_get(object->of, key));
}

static CondValue json_item(const CondValue *list, size_t i, Arena *a)
{
    (void)a;
    return cond_json(&((const JsonValue *)list->of)->items[i]);
}

CondValue cond_json(const JsonValue *v)
{
    if (!v)
        return (CondValue){0};
    switch (v->type) {
    case JSON_NULL: break;
    case JSON_BOOL: return cond_bool(v->boolean);
    case JSON_NUMBER: return v->integer ? cond_i64(v->i64) : cond_real(v->real);
    case JSON_STRING: return (CondValue){.kind = COND_TEXT, .text = v->text};
    case JSON_ARRAY: return (CondValue){.kind = COND_LIST, .n = v->n, .item = json_item, .of = v};
    case JSON_OBJECT:
        return (CondValue){.kind = COND_OBJECT, .n = v->n, .member = json_member, .of = v};
    }
    return (CondValue){0};
}
