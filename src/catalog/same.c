/* Structs compared and completed through their shapes. */
#include <string.h>

#include "catalog/catalog_int.h"

static bool real_same(double x, double y)
{
    return !(x < y) && !(x > y);
}

static bool opt_same(const ShapeField *f, const void *x, const void *y)
{
    switch ((int)f->kind) {
    case SHAPE_K_BOOL: {
        const OptBool *p = x, *q = y;
        return p->has == q->has && (!p->has || p->v == q->v);
    }
    case SHAPE_K_REAL: {
        const OptReal *p = x, *q = y;
        return p->has == q->has && (!p->has || real_same(p->v, q->v));
    }
    case SHAPE_K_TIME: {
        const OptTime *p = x, *q = y;
        return p->has == q->has && (!p->has || p->v.v == q->v.v);
    }
    case SHAPE_K_OBJECT: {
        const void *p = *(const void *const *)x, *q = *(const void *const *)y;
        return p == NULL || q == NULL ? p == q : catalog_same(f->of, p, q);
    }
    default: {
        const OptI64 *p = x, *q = y;
        return p->has == q->has && (!p->has || p->v == q->v);
    }
    }
}

static bool money_same(const Money *x, const Money *y)
{
    return strcmp(x->cur, y->cur) == 0 && (money_absent(*x) || x->minor == y->minor);
}

static bool field_same(const ShapeField *f, const void *x, const void *y)
{
    if (f->opt)
        return opt_same(f, x, y);
    switch (f->kind) {
    case SHAPE_K_BOOL: return *(const bool *)x == *(const bool *)y;
    case SHAPE_K_INT:
    case SHAPE_K_ID: return *(const int64_t *)x == *(const int64_t *)y;
    case SHAPE_K_REAL: return real_same(*(const double *)x, *(const double *)y);
    case SHAPE_K_TEXT:
    case SHAPE_K_JSON: return str_eq(*(const Str *)x, *(const Str *)y);
    case SHAPE_K_TIME: return ((const UnixMs *)x)->v == ((const UnixMs *)y)->v;
    case SHAPE_K_MONEY: return money_same(x, y);
    case SHAPE_K_ENUM: return *(const int *)x == *(const int *)y;
    case SHAPE_K_OBJECT: return catalog_same(f->of, x, y);
    case SHAPE_K_LIST: return true;
    }
    return false;
}

bool catalog_same(const Shape *shape, const void *x, const void *y)
{
    for (size_t i = 0; i < shape->n; i++) {
        const ShapeField *f = &shape->fields[i];
        if (f->flags & (SHAPE_READ_ONLY | SHAPE_WRITE_ONLY))
            continue;
        if (!field_same(f, (const char *)x + f->offset, (const char *)y + f->offset))
            return false;
    }
    return true;
}

static size_t field_size(const ShapeField *f)
{
    switch (f->kind) {
    case SHAPE_K_BOOL: return f->opt ? sizeof(OptBool) : sizeof(bool);
    case SHAPE_K_INT:
    case SHAPE_K_ID: return f->opt ? sizeof(OptI64) : sizeof(int64_t);
    case SHAPE_K_REAL: return f->opt ? sizeof(OptReal) : sizeof(double);
    case SHAPE_K_TEXT:
    case SHAPE_K_JSON: return sizeof(Str);
    case SHAPE_K_TIME: return f->opt ? sizeof(OptTime) : sizeof(UnixMs);
    case SHAPE_K_MONEY: return sizeof(Money);
    case SHAPE_K_ENUM: return sizeof(int);
    case SHAPE_K_OBJECT: return f->opt ? sizeof(void *) : f->of->size;
    case SHAPE_K_LIST: return sizeof(ShapeList);
    }
    return 0;
}

void catalog_keep(const Shape *shape, void *to, const void *from)
{
    uint64_t given;
    memcpy(&given, (char *)to + shape->given_offset, sizeof given);
    for (size_t i = 0; i < shape->n; i++) {
        const ShapeField *f = &shape->fields[i];
        if (!(given >> i & 1) || (f->flags & SHAPE_READ_ONLY))
            memcpy((char *)to + f->offset, (const char *)from + f->offset, field_size(f));
    }
}

void catalog_give(const Shape *shape, void *value, size_t offset)
{
    uint64_t given;
    memcpy(&given, (char *)value + shape->given_offset, sizeof given);
    for (size_t i = 0; i < shape->n; i++)
        if (shape->fields[i].offset == offset)
            given |= UINT64_C(1) << i;
    memcpy((char *)value + shape->given_offset, &given, sizeof given);
}

bool catalog_texts_same(CatalogTexts x, CatalogTexts y)
{
    if (x.n != y.n)
        return false;
    for (size_t i = 0; i < x.n; i++)
        if (!str_eq(x.items[i], y.items[i]))
            return false;
    return true;
}
