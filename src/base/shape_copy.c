#include "base/shape.h"

#include <string.h>

static Str text_copy(Arena *a, Str s)
{
    if (s.ptr == NULL)
        return s;
    return s.len > 0 ? str_dup(a, s) : STR("");
}

static void list_copy(Arena *a, const ShapeField *f, void *at)
{
    ShapeList list;
    memcpy(&list, at, sizeof list);
    if (list.n == 0) {
        memset(at, 0, sizeof list);
        return;
    }
    size_t      size = shape_item_size(f);
    char       *items = arena_alloc_array(a, list.n, size, _Alignof(max_align_t));
    const char *from = list.items;
    for (size_t i = 0; i < list.n; i++) {
        if (f->item == SHAPE_K_OBJECT) {
            shape_copy(f->of, a, items + i * size, from + i * size);
        } else if (f->item == SHAPE_K_TEXT || f->item == SHAPE_K_JSON) {
            Str s;
            memcpy(&s, from + i * size, sizeof s);
            s = text_copy(a, s);
            memcpy(items + i * size, &s, sizeof s);
        } else {
            memcpy(items + i * size, from + i * size, size);
        }
    }
    list.items = items;
    memcpy(at, &list, sizeof list);
}

static void object_copy(Arena *a, const ShapeField *f, char *at)
{
    const void *from;
    if (!f->opt) {
        shape_copy(f->of, a, at, at);
        return;
    }
    memcpy(&from, at, sizeof from);
    if (from == NULL)
        return;
    void *to = arena_alloc(a, f->of->size, _Alignof(max_align_t));
    shape_copy(f->of, a, to, from);
    memcpy(at, &to, sizeof to);
}

void shape_copy(const Shape *shape, Arena *a, void *dst, const void *src)
{
    if (dst != src)
        memcpy(dst, src, shape->size);
    for (size_t i = 0; i < shape->n; i++) {
        const ShapeField *f = &shape->fields[i];
        char             *at = (char *)dst + f->offset;
        if (f->kind == SHAPE_K_LIST) {
            list_copy(a, f, at);
        } else if (f->kind == SHAPE_K_OBJECT) {
            object_copy(a, f, at);
        } else if (f->kind == SHAPE_K_TEXT || f->kind == SHAPE_K_JSON) {
            Str s;
            memcpy(&s, at, sizeof s);
            s = text_copy(a, s);
            memcpy(at, &s, sizeof s);
        }
    }
}
