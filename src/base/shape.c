#include "base/shape_index.h"

#include <stdlib.h>
#include <string.h>

/* --- the index ---------------------------------------------------------------------- */

static uint64_t load(const char *p, size_t n)
{
    uint64_t v = 0;
    memcpy(&v, p, n);
    return v;
}

/* Two words of the name and its length; longer names go byte by byte. */
static uint64_t name_hash(Str s, uint64_t seed)
{
    uint64_t head = 0, tail = 0;
    if (s.len > 16) {
        head = UINT64_C(0xcbf29ce484222325);
        for (size_t i = 0; i < s.len; i++)
            head = (head ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
    } else if (s.len >= 8) {
        head = load(s.ptr, 8);
        tail = load(s.ptr + s.len - 8, 8);
    } else if (s.len >= 4) {
        head = load(s.ptr, 4);
        tail = load(s.ptr + s.len - 4, 4);
    } else if (s.len > 0) {
        head = (uint64_t)(unsigned char)s.ptr[0] << 16 |
               (uint64_t)(unsigned char)s.ptr[s.len / 2] << 8 |
               (uint64_t)(unsigned char)s.ptr[s.len - 1];
    }
    uint64_t h = (head ^ seed) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 32 ^ tail ^ s.len) * UINT64_C(0xff51afd7ed558ccd);
    return h ^ h >> 32;
}

/* Put every field into a slot of its own. False when two meet under this seed. */
static bool place(ShapeIndex *x, size_t n)
{
    memset(x->slots, 0, (x->mask + 1) * sizeof *x->slots);
    for (size_t i = 0; i < n; i++) {
        uint16_t *slot = &x->slots[name_hash(x->names[i], x->seed) & x->mask];
        if (*slot != 0) {
            Str other = x->names[*slot - 1];
            ASSERT(!str_eq(other, x->names[i])); /* two fields of one name */
            return false;
        }
        *slot = (uint16_t)(i + 1);
    }
    return true;
}

static void *must_calloc(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

static void index_free(ShapeIndex *x)
{
    free(x->slots);
    free((char *)(uintptr_t)x->keys[0].ptr);
    free(x->keys);
    free(x->names);
    free(x);
}

static ShapeIndex *index_new(const Shape *shape)
{
    ASSERT(shape->n > 0 && shape->n <= SHAPE_FIELDS_MAX);
    ASSERT(shape->given_offset == SIZE_MAX || shape->n <= 64);
    ShapeIndex *x = must_calloc(1, sizeof *x);
    x->names = must_calloc(shape->n, sizeof *x->names);
    x->keys = must_calloc(shape->n, sizeof *x->keys);
    Buf keys;
    buf_init(&keys, 1 << 20);
    for (size_t i = 0; i < shape->n; i++) {
        size_t from = keys.len;
        x->names[i] = str_from_cstr(shape->fields[i].name);
        json_key_text(&keys, x->names[i]);
        x->keys[i].len = keys.len - from;
    }
    size_t      bytes;
    const char *p = buf_take(&keys, &bytes);
    for (size_t i = 0; i < shape->n; i++) {
        x->keys[i].ptr = p;
        p += x->keys[i].len;
    }
    size_t slots = 4;
    while (slots < 2 * shape->n)
        slots *= 2;
    for (;; slots *= 2) { /* a larger table needs less luck */
        x->mask = slots - 1;
        x->slots = must_calloc(slots, sizeof *x->slots);
        for (x->seed = 1; x->seed < 1000; x->seed++)
            if (place(x, shape->n))
                return x;
        free(x->slots);
    }
}

const ShapeIndex *shape_index(const Shape *shape)
{
    ShapeIndex *x = __atomic_load_n(shape->index, __ATOMIC_ACQUIRE);
    if (x != NULL)
        return x;
    ShapeIndex *made = index_new(shape), *none = NULL;
    if (__atomic_compare_exchange_n(shape->index, &none, made, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return made;
    index_free(made); /* another thread was quicker */
    return none;
}

int shape_index_find(const ShapeIndex *x, Str name)
{
    int i = x->slots[name_hash(name, x->seed) & x->mask] - 1;
    return i >= 0 && str_eq(x->names[i], name) ? i : -1;
}

const ShapeField *shape_field(const Shape *shape, Str name)
{
    int i = shape_index_find(shape_index(shape), name);
    return i >= 0 ? &shape->fields[i] : NULL;
}

/* --- fields --------------------------------------------------------------------------- */

bool shape_given(const Shape *shape, const void *value, size_t offset)
{
    ASSERT(shape->given_offset != SIZE_MAX);
    uint64_t given;
    memcpy(&given, (const char *)value + shape->given_offset, sizeof given);
    for (size_t i = 0; i < shape->n; i++)
        if (shape->fields[i].offset == offset)
            return given >> i & 1;
    ASSERT(false && "a member that is no field");
    return false;
}

static size_t scalar_size(ShapeKind kind)
{
    switch (kind) {
    case SHAPE_K_BOOL: return sizeof(bool);
    case SHAPE_K_INT:
    case SHAPE_K_ID: return sizeof(int64_t);
    case SHAPE_K_REAL: return sizeof(double);
    case SHAPE_K_TEXT:
    case SHAPE_K_JSON: return sizeof(Str);
    case SHAPE_K_TIME: return sizeof(UnixMs);
    case SHAPE_K_MONEY: return sizeof(Money);
    case SHAPE_K_ENUM: return sizeof(int);
    case SHAPE_K_OBJECT:
    case SHAPE_K_LIST: break;
    }
    ASSERT(false && "no scalar");
    return 0;
}

size_t shape_item_size(const ShapeField *f)
{
    ASSERT(f->kind == SHAPE_K_LIST);
    return f->item == SHAPE_K_OBJECT ? f->of->size : scalar_size(f->item);
}

static int64_t text_max(unsigned flags)
{
    if (flags & SHAPE_URL)
        return SHAPE_URL_MAX;
    if (flags & SHAPE_EMAIL)
        return SHAPE_EMAIL_MAX;
    return flags & (SHAPE_LINE | SHAPE_HANDLE) ? SHAPE_LINE_MAX : SHAPE_TEXT_MAX;
}

static ShapeLimits default_limits(ShapeKind kind, unsigned flags)
{
    switch (kind) {
    case SHAPE_K_TEXT: return (ShapeLimits){0, text_max(flags)};
    case SHAPE_K_JSON: return (ShapeLimits){0, SHAPE_JSON_MAX};
    case SHAPE_K_LIST: return (ShapeLimits){0, SHAPE_LIST_MAX};
    case SHAPE_K_INT:
    case SHAPE_K_MONEY: return (ShapeLimits){-SHAPE_INT_MAX, SHAPE_INT_MAX};
    case SHAPE_K_REAL:
    case SHAPE_K_BOOL:
    case SHAPE_K_ID:
    case SHAPE_K_TIME:
    case SHAPE_K_ENUM:
    case SHAPE_K_OBJECT: break;
    }
    return (ShapeLimits){INT64_MIN, INT64_MAX};
}

ShapeLimits shape_limits(const ShapeField *f, bool item)
{
    ShapeLimits own =
        item ? (ShapeLimits){f->item_min, f->item_max} : (ShapeLimits){f->min, f->max};
    ShapeLimits usual = default_limits(item ? f->item : f->kind, f->flags);
    if (own.min == 0 && own.max == 0)
        return usual;
    if (own.min > own.max) /* only `min` was given */
        own.max = usual.max;
    return own;
}

void shape_collect(const Shape *shape, const Shape **all, size_t max, size_t *n)
{
    for (size_t i = 0; i < *n; i++)
        if (all[i] == shape)
            return;
    ASSERT(*n < max);
    all[(*n)++] = shape;
    for (size_t i = 0; i < shape->n; i++)
        if (shape->fields[i].of != NULL)
            shape_collect(shape->fields[i].of, all, max, n);
}
