/* Views of data as values: JSON, structs through their shapes, lists, drops. */
#include "liquid/cx.h"

#include "liquid/number.h"

#include "base/id.h"
#include "base/shape.h"
#include "base/utf8.h"

#include <string.h>

typedef struct LiquidShapeList {
    const ShapeField *field; /* NULL: structs of `of` */
    const Shape      *of;
    const void       *items;
    size_t            n;
} LiquidShapeList;

/* --- making values --------------------------------------------------------------------- */

LiquidValue liquid_money(Money m)
{
    uint32_t code = 0;
    memcpy(&code, m.cur, 3);
    return (LiquidValue){.type = LIQUID_MONEY, .len = code, .i = m.minor};
}

static LiquidValue json_number(const JsonValue *v)
{
    return v->integer ? liquid_int(v->i64) : liquid_real(v->real);
}

LiquidValue liquid_json(const JsonValue *v)
{
    if (v == NULL)
        return liquid_nil();
    switch (v->type) {
    case JSON_NULL: break;
    case JSON_BOOL: return liquid_bool(v->boolean);
    case JSON_NUMBER: return json_number(v);
    case JSON_STRING: return liquid_text(v->text);
    case JSON_ARRAY: return (LiquidValue){.type = LIQUID_JLIST, .json = v};
    case JSON_OBJECT: return (LiquidValue){.type = LIQUID_JOBJ, .json = v};
    }
    return liquid_nil();
}

LiquidValue liquid_struct(Arena *a, const Shape *shape, const void *ptr)
{
    if (ptr == NULL)
        return liquid_nil();
    LiquidStruct *st = arena_new(a, LiquidStruct);
    *st = (LiquidStruct){shape, ptr};
    return (LiquidValue){.type = LIQUID_STRUCT, .st = st};
}

LiquidValue liquid_structs(Arena *a, const Shape *shape, const void *items, size_t n)
{
    LiquidShapeList *l = arena_new(a, LiquidShapeList);
    *l = (LiquidShapeList){.of = shape, .items = items, .n = n};
    return (LiquidValue){.type = LIQUID_SLIST, .slist = l};
}

LiquidValue liquid_drop(Arena *a, const LiquidDropType *type, const void *self)
{
    LiquidDrop *d = arena_new(a, LiquidDrop);
    *d = (LiquidDrop){type, self};
    return (LiquidValue){.type = LIQUID_DROP, .drop = d};
}

LiquidValue liquid_array(Arena *a, const LiquidValue *items, size_t n)
{
    LiquidArray *list = arena_new(a, LiquidArray);
    *list = (LiquidArray){items, n};
    return (LiquidValue){.type = LIQUID_ARRAY, .array = list};
}

LiquidValue liquid_map(Arena *a, const LiquidPair *pairs, size_t n)
{
    LiquidMap *map = arena_new(a, LiquidMap);
    *map = (LiquidMap){pairs, n};
    return (LiquidValue){.type = LIQUID_MAP, .map = map};
}

/* --- structs ------------------------------------------------------------------------------ */

static LiquidValue text_of(const ShapeField *f, Str s)
{
    if (s.ptr == NULL && (f->flags & SHAPE_NULLABLE) != 0)
        return liquid_nil();
    return f->flags & SHAPE_HTML ? liquid_html(s) : liquid_text(s);
}

static LiquidValue json_of(LiquidCx *cx, Str s)
{
    const JsonValue *v;
    Err              err;
    if (s.ptr == NULL || json_parse(cx->arena, s, &v, &err) != ST_OK)
        return liquid_nil();
    return liquid_json(v);
}

static LiquidValue name_of(const ShapeField *f, int number)
{
    for (int i = 0; f->names != NULL && f->names[i] != NULL && i <= number; i++)
        if (i == number)
            return liquid_text(str_from_cstr(f->names[i]));
    return liquid_nil();
}

static LiquidValue money_of_field(Money m)
{
    return money_absent(m) ? liquid_nil() : liquid_money(m);
}

static LiquidValue optional(LiquidCx *cx, const ShapeField *f, ShapeKind kind, const void *at)
{
    const OptI64 *i = at;
    switch (kind) {
    case SHAPE_K_BOOL: {
        const OptBool *b = at;
        return b->has ? liquid_bool(b->v) : liquid_nil();
    }
    case SHAPE_K_REAL: {
        const OptReal *r = at;
        return r->has ? liquid_real(r->v) : liquid_nil();
    }
    case SHAPE_K_TIME: {
        const OptTime *t = at;
        return t->has ? liquid_time(t->v) : liquid_nil();
    }
    case SHAPE_K_INT: return i->has ? liquid_int(i->v) : liquid_nil();
    case SHAPE_K_ID:
        return i->has ? liquid_text(id_format(cx->arena, f->prefix, i->v)) : liquid_nil();
    case SHAPE_K_OBJECT: return liquid_struct(cx->arena, f->of, *(const void *const *)at);
    case SHAPE_K_TEXT:
    case SHAPE_K_MONEY:
    case SHAPE_K_ENUM:
    case SHAPE_K_JSON:
    case SHAPE_K_LIST: break;
    }
    return liquid_nil();
}

/* The value of a field, or an element of one, of this kind at `at`. */
static LiquidValue scalar(LiquidCx *cx, const ShapeField *f, ShapeKind kind, const void *at)
{
    switch (kind) {
    case SHAPE_K_BOOL: return liquid_bool(*(const bool *)at);
    case SHAPE_K_INT: return liquid_int(*(const int64_t *)at);
    case SHAPE_K_REAL: return liquid_real(*(const double *)at);
    case SHAPE_K_TEXT: return text_of(f, *(const Str *)at);
    case SHAPE_K_ID: return liquid_text(id_format(cx->arena, f->prefix, *(const int64_t *)at));
    case SHAPE_K_TIME: return liquid_time(*(const UnixMs *)at);
    case SHAPE_K_MONEY: return money_of_field(*(const Money *)at);
    case SHAPE_K_ENUM: return name_of(f, *(const int *)at);
    case SHAPE_K_JSON: return json_of(cx, *(const Str *)at);
    case SHAPE_K_OBJECT: return liquid_struct(cx->arena, f->of, at);
    case SHAPE_K_LIST: {
        const ShapeList *l = at;
        LiquidShapeList *kept = arena_new(cx->arena, LiquidShapeList);
        *kept = (LiquidShapeList){f, f->of, l->items, l->n};
        return (LiquidValue){.type = LIQUID_SLIST, .slist = kept};
    }
    }
    return liquid_nil();
}

static LiquidValue field_value(LiquidCx *cx, const LiquidStruct *st, const ShapeField *f)
{
    const char *at = (const char *)st->ptr + f->offset;
    return f->opt ? optional(cx, f, f->kind, at) : scalar(cx, f, f->kind, at);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written atomically */
static bool struct_member(LiquidCx *cx, const LiquidStruct *st, Str key, uint32_t *hint,
                          LiquidValue *ret)
{
    uint32_t          at = hint != NULL ? __atomic_load_n(hint, __ATOMIC_RELAXED) : UINT32_MAX;
    const ShapeField *f = at < st->shape->n ? &st->shape->fields[at] : NULL;
    if (f == NULL || strncmp(f->name, key.ptr, key.len) != 0 || f->name[key.len] != '\0') {
        f = shape_field(st->shape, key);
        if (f == NULL)
            return false;
        if (hint != NULL)
            __atomic_store_n(hint, (uint32_t)(f - st->shape->fields), __ATOMIC_RELAXED);
    }
    if (f->flags & SHAPE_WRITE_ONLY)
        return false;
    *ret = field_value(cx, st, f);
    return true;
}

static size_t item_size(const LiquidShapeList *l)
{
    if (l->of != NULL)
        return l->of->size;
    switch (l->field->item) {
    case SHAPE_K_BOOL: return sizeof(bool);
    case SHAPE_K_REAL: return sizeof(double);
    case SHAPE_K_TEXT:
    case SHAPE_K_JSON: return sizeof(Str);
    case SHAPE_K_MONEY: return sizeof(Money);
    case SHAPE_K_ENUM: return sizeof(int);
    case SHAPE_K_INT:
    case SHAPE_K_ID:
    case SHAPE_K_TIME: return sizeof(int64_t);
    case SHAPE_K_OBJECT:
    case SHAPE_K_LIST: break;
    }
    return 0;
}

static LiquidValue list_item(LiquidCx *cx, const LiquidShapeList *l, size_t i)
{
    const char *at = (const char *)l->items + i * item_size(l);
    return l->of != NULL ? liquid_struct(cx->arena, l->of, at)
                         : scalar(cx, l->field, l->field->item, at);
}

/* --- members -------------------------------------------------------------------------------- */

/* NOLINTNEXTLINE(readability-non-const-parameter): written atomically */
static bool json_member(const JsonValue *v, Str key, uint32_t *hint, LiquidValue *ret)
{
    uint32_t at = hint != NULL ? __atomic_load_n(hint, __ATOMIC_RELAXED) : UINT32_MAX;
    if (at < v->n && str_eq(v->members[at].key, key)) {
        *ret = liquid_json(&v->members[at].value);
        return true;
    }
    for (uint32_t i = v->n; i > 0; i--)
        if (str_eq(v->members[i - 1].key, key)) {
            if (hint != NULL)
                __atomic_store_n(hint, i - 1, __ATOMIC_RELAXED);
            *ret = liquid_json(&v->members[i - 1].value);
            return true;
        }
    return false;
}

static bool map_member(const LiquidMap *m, Str key, LiquidValue *ret)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->pairs[i].key, key)) {
            *ret = m->pairs[i].value;
            return true;
        }
    return false;
}

static bool money_member(LiquidValue v, Str key, LiquidValue *ret, LiquidCx *cx)
{
    if (str_eq(key, STR("amount"))) {
        *ret = liquid_int(v.i);
        return true;
    }
    if (!str_eq(key, STR("currency")))
        return false;
    char *code = arena_alloc(cx->arena, 4, 1);
    memcpy(code, &v.len, 3);
    *ret = liquid_text((Str){code, 3});
    return true;
}

bool lq_is_object(LiquidValue v)
{
    return v.type == LIQUID_JOBJ || v.type == LIQUID_STRUCT || v.type == LIQUID_MAP ||
           v.type == LIQUID_LOOP || v.type == LIQUID_MONEY ||
           (v.type == LIQUID_DROP && v.drop->type->get != NULL);
}

bool lq_is_list(LiquidValue v)
{
    return v.type == LIQUID_JLIST || v.type == LIQUID_ARRAY || v.type == LIQUID_SLIST ||
           v.type == LIQUID_RANGE ||
           (v.type == LIQUID_DROP && v.drop->type->count != NULL && v.drop->type->key_at == NULL);
}

bool lq_member(LiquidCx *cx, LiquidValue v, Str key, uint32_t *hint, LiquidValue *ret)
{
    switch ((LiquidType)v.type) {
    case LIQUID_JOBJ: return json_member(v.json, key, hint, ret);
    case LIQUID_STRUCT: return struct_member(cx, v.st, key, hint, ret);
    case LIQUID_MAP: return map_member(v.map, key, ret);
    case LIQUID_DROP:
        return v.drop->type->get != NULL && v.drop->type->get(cx, v.drop->self, key, ret);
    case LIQUID_LOOP: return lq_loop_member(cx, v.loop, lq_word(key), ret);
    case LIQUID_MONEY: return money_member(v, key, ret, cx);
    case LIQUID_NIL:
    case LIQUID_BOOL:
    case LIQUID_INT:
    case LIQUID_REAL:
    case LIQUID_TEXT:
    case LIQUID_TIME:
    case LIQUID_BIG:
    case LIQUID_RANGE:
    case LIQUID_ARRAY:
    case LIQUID_JLIST:
    case LIQUID_SLIST:
    case LIQUID_EMPTY:
    case LIQUID_BLANK: break;
    }
    return false;
}

LiquidValue liquid_get(LiquidCx *cx, LiquidValue object, Str key)
{
    LiquidValue v;
    return lq_member(cx, object, key, NULL, &v) ? v : liquid_nil();
}

static LiquidValue tablerow_word(const LqLoop *l, LqWord word, bool *found)
{
    *found = true;
    if (word == LQ_W_COL)
        return liquid_int(l->col);
    if (word == LQ_W_COL0)
        return liquid_int(l->col - 1);
    if (word == LQ_W_ROW)
        return liquid_int(l->row);
    if (word == LQ_W_COL_FIRST)
        return liquid_bool(l->col == 1);
    if (word == LQ_W_COL_LAST)
        return liquid_bool(l->col == l->cols);
    *found = false;
    return liquid_nil();
}

static LiquidValue forloop_word(const LqLoop *l, LqWord word, bool *found)
{
    *found = true;
    if (word == LQ_W_NAME)
        return liquid_text(l->name);
    if (word == LQ_W_PARENTLOOP)
        return l->parent != NULL ? (LiquidValue){.type = LIQUID_LOOP, .loop = l->parent}
                                 : liquid_nil();
    *found = false;
    return liquid_nil();
}

bool lq_loop_member(LiquidCx *cx, const LqLoop *l, LqWord word, LiquidValue *ret)
{
    (void)cx;
    bool found = true;
    switch ((int)word) {
    case LQ_W_INDEX: *ret = liquid_int(l->index + 1); break;
    case LQ_W_INDEX0: *ret = liquid_int(l->index); break;
    case LQ_W_RINDEX: *ret = liquid_int(l->length - l->index); break;
    case LQ_W_RINDEX0: *ret = liquid_int(l->length - l->index - 1); break;
    case LQ_W_FIRST: *ret = liquid_bool(l->index == 0); break;
    case LQ_W_LAST: *ret = liquid_bool(l->index == l->length - 1); break;
    case LQ_W_LENGTH: *ret = liquid_int(l->length); break;
    default: *ret = l->cols >= 0 ? tablerow_word(l, word, &found) : forloop_word(l, word, &found);
    }
    return found;
}

/* --- walking ------------------------------------------------------------------------------------
 */

static size_t range_count(const LiquidRange *r)
{
    return r->last < r->first ? 0 : (size_t)(r->last - r->first) + 1;
}

size_t liquid_count(LiquidCx *cx, LiquidValue v)
{
    switch ((LiquidType)v.type) {
    case LIQUID_JLIST:
    case LIQUID_JOBJ: return v.json->n;
    case LIQUID_ARRAY: return v.array->n;
    case LIQUID_SLIST: return v.slist->n;
    case LIQUID_MAP: return v.map->n;
    case LIQUID_STRUCT: return v.st->shape->n;
    case LIQUID_RANGE: return range_count(v.range);
    case LIQUID_DROP:
        return v.drop->type->count != NULL ? v.drop->type->count(cx, v.drop->self) : 0;
    case LIQUID_NIL:
    case LIQUID_BOOL:
    case LIQUID_INT:
    case LIQUID_REAL:
    case LIQUID_TEXT:
    case LIQUID_TIME:
    case LIQUID_MONEY:
    case LIQUID_BIG:
    case LIQUID_LOOP:
    case LIQUID_EMPTY:
    case LIQUID_BLANK: break;
    }
    return 0;
}

LiquidValue lq_pair(LiquidCx *cx, LiquidValue key, LiquidValue value)
{
    LiquidValue *both = arena_array(cx->arena, LiquidValue, 2);
    both[0] = key;
    both[1] = value;
    return liquid_array(cx->arena, both, 2);
}

static LiquidValue drop_at(LiquidCx *cx, const LiquidDrop *d, size_t i)
{
    if (d->type->key_at == NULL)
        return d->type->at != NULL ? d->type->at(cx, d->self, i) : liquid_nil();
    Str         key = d->type->key_at(cx, d->self, i);
    LiquidValue value = {0};
    if (d->type->get != NULL && !d->type->get(cx, d->self, key, &value))
        value = liquid_nil();
    return lq_pair(cx, liquid_text(key), value);
}

static LiquidValue struct_at(LiquidCx *cx, const LiquidStruct *st, size_t i)
{
    const ShapeField *f = &st->shape->fields[i];
    LiquidValue       v = f->flags & SHAPE_WRITE_ONLY ? liquid_nil() : field_value(cx, st, f);
    return lq_pair(cx, liquid_text(str_from_cstr(f->name)), v);
}

LiquidValue liquid_at(LiquidCx *cx, LiquidValue v, size_t i)
{
    if (i >= liquid_count(cx, v))
        return liquid_nil();
    if (v.type == LIQUID_JLIST)
        return liquid_json(&v.json->items[i]);
    if (v.type == LIQUID_ARRAY)
        return v.array->items[i];
    if (v.type == LIQUID_RANGE)
        return liquid_int(v.range->first + (int64_t)i);
    if (v.type == LIQUID_SLIST)
        return list_item(cx, v.slist, i);
    if (v.type == LIQUID_JOBJ)
        return lq_pair(cx, liquid_text(v.json->members[i].key),
                       liquid_json(&v.json->members[i].value));
    if (v.type == LIQUID_MAP)
        return lq_pair(cx, liquid_text(v.map->pairs[i].key), v.map->pairs[i].value);
    if (v.type == LIQUID_STRUCT)
        return struct_at(cx, v.st, i);
    return drop_at(cx, v.drop, i);
}

size_t lq_iter_count(LiquidCx *cx, LiquidValue v)
{
    if (v.type == LIQUID_TEXT)
        return v.len > 0 ? 1 : 0;
    return liquid_count(cx, v);
}

LiquidValue lq_iter_at(LiquidCx *cx, LiquidValue v, size_t i)
{
    return v.type == LIQUID_TEXT ? v : liquid_at(cx, v, i);
}

bool lq_size(LiquidCx *cx, LiquidValue v, LiquidValue *ret)
{
    if (v.type == LIQUID_TEXT)
        *ret = liquid_int((int64_t)utf8_count(liquid_str(v)));
    else if (v.type == LIQUID_INT)
        *ret = liquid_int(8); /* what Ruby says of a number */
    else if (lq_is_list(v) || (lq_is_object(v) && v.type != LIQUID_LOOP && v.type != LIQUID_MONEY))
        *ret = liquid_int((int64_t)liquid_count(cx, v));
    else
        return false;
    return true;
}

LiquidValue lq_end_char(Str s, bool last)
{
    if (s.len == 0)
        return liquid_text(s);
    size_t i = last ? s.len - 1 : 0;
    while (i > 0 && ((unsigned char)s.ptr[i] & 0xC0) == 0x80)
        i--;
    uint32_t cp;
    size_t   n = utf8_next(s.ptr + i, s.ptr + s.len, &cp);
    return liquid_text((Str){s.ptr + i, n > 0 ? n : 1});
}
