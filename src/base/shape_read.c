/* Bodies are read straight into structs: no tree in between. What does not fit becomes an
 * issue, the value is passed over, and reading goes on, so that all problems are told at
 * once; only broken JSON stops it. */
#include "base/format.h"
#include "base/id.h"
#include "base/json_scan.h"
#include "base/shape_index.h"
#include "base/utf8.h"

#include <string.h>

typedef struct Path { /* where we are, innermost first; made into a pointer when needed */
    const struct Path *up;
    Str                key;   /* of an object's member, */
    int64_t            index; /* or of an array's element when key.ptr is NULL */
} Path;

typedef struct Reader {
    JsonScan scan;
    Arena   *arena;
    Issues  *issues;
    Str      base; /* pointer of the outermost value */
} Reader;

static void read_object(Reader *r, const Shape *shape, ShapeMode mode, char *dst, const Path *path);

/* --- issues ------------------------------------------------------------------------- */

enum { POINTER_MAX = 512, KEY_SHOWN = 80 };

static void add_pointer(Buf *b, const Path *path)
{
    if (path == NULL)
        return;
    add_pointer(b, path->up);
    buf_addc(b, '/');
    if (path->key.ptr == NULL) {
        buf_add_i64(b, path->index);
        return;
    }
    Str key = utf8_truncate_bytes(path->key, KEY_SHOWN);
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] == '~' || key.ptr[i] == '/')
            buf_add(b, key.ptr[i] == '~' ? STR("~0") : STR("~1"));
        else
            buf_addc(b, key.ptr[i]);
    }
}

#define issue(r, path, code, ...)                                                                  \
    do {                                                                                           \
        CLEANUP(buf_done) Buf pointer_;                                                            \
        pointer_of((r), (path), &pointer_);                                                        \
        issue_add((r)->issues, buf_str(&pointer_), (code), __VA_ARGS__);                           \
    } while (0)

static void pointer_of(const Reader *r, const Path *path, Buf *ret)
{
    buf_init(ret, POINTER_MAX);
    buf_add(ret, r->base);
    add_pointer(ret, path);
}

static const char *type_name(JsonType type)
{
    static const char *const NAMES[] = {"null",   "a boolean", "a number",
                                        "a text", "an array",  "an object"};
    return NAMES[type];
}

static const char *kind_name(ShapeKind kind)
{
    switch (kind) {
    case SHAPE_K_BOOL: return "true or false";
    case SHAPE_K_INT: return "a whole number";
    case SHAPE_K_REAL: return "a number";
    case SHAPE_K_TEXT: return "a text";
    case SHAPE_K_ID: return "an id, a text";
    case SHAPE_K_TIME: return "a time, a text";
    case SHAPE_K_MONEY: return "an object with amount and currency";
    case SHAPE_K_ENUM: return "a text";
    case SHAPE_K_JSON: return "JSON";
    case SHAPE_K_OBJECT: return "an object";
    case SHAPE_K_LIST: return "an array";
    }
    return "?";
}

/* The value that comes next has the wrong type: say so and pass over it. */
static void wrong_type(Reader *r, ShapeKind wanted, JsonType found, const Path *path)
{
    if (json_scan_skip(&r->scan, NULL))
        issue(r, path, "wrong_type", "is %s, must be %s", type_name(found), kind_name(wanted));
}

/* --- scalars -------------------------------------------------------------------------- */

typedef struct Item { /* one value that is to be read */
    const ShapeField *f;
    ShapeKind         kind;
    bool              item; /* it is an element of a list */
    const Path       *path;
} Item;

static void check_range(Reader *r, const Item *it, int64_t v)
{
    ShapeLimits limits = shape_limits(it->f, it->item);
    if (v < limits.min || v > limits.max)
        issue(r, it->path, "out_of_range", "must be from %lld to %lld", (long long)limits.min,
              (long long)limits.max);
}

/* 12.0 is a whole number too, as JSON Schema has it. */
static bool whole(const JsonNumber *number, int64_t *ret)
{
    const double limit = 9007199254740992.0;
    *ret = number->i64;
    if (number->integer)
        return true;
    if (!(number->real >= -limit && number->real <= limit))
        return false;
    *ret = (int64_t)number->real;
    double again = (double)*ret;
    return !(again < number->real) && !(again > number->real);
}

static void read_int(Reader *r, const Item *it, int64_t *ret)
{
    JsonNumber number;
    if (!json_scan_number(&r->scan, &number))
        return;
    if (whole(&number, ret))
        check_range(r, it, *ret);
    else if (memchr(number.text.ptr, '.', number.text.len) == NULL)
        issue(r, it->path, "out_of_range", "does not fit");
    else
        issue(r, it->path, "wrong_type", "must be a whole number");
}

static void read_real(Reader *r, const Item *it, double *ret)
{
    JsonNumber number;
    if (!json_scan_number(&r->scan, &number))
        return;
    *ret = number.real;
    ShapeLimits limits = shape_limits(it->f, it->item);
    if (*ret < (double)limits.min || *ret > (double)limits.max) {
        if (limits.min != INT64_MIN)
            issue(r, it->path, "out_of_range", "must be from %lld to %lld", (long long)limits.min,
                  (long long)limits.max);
    }
}

static void check_length(Reader *r, const Item *it, Str s)
{
    ShapeLimits limits = shape_limits(it->f, it->item);
    int64_t     n = (int64_t)s.len; /* never less than the characters */
    if (n > limits.max || (limits.min > 1 && n >= limits.min))
        n = (int64_t)utf8_count(s);
    if (n > limits.max)
        issue(r, it->path, "too_long", "has %lld characters, at most %lld may be", (long long)n,
              (long long)limits.max);
    else if (n < limits.min && n == 0)
        issue(r, it->path, "too_short", "must not be empty");
    else if (n < limits.min)
        issue(r, it->path, "too_short", "has %lld characters, at least %lld must be", (long long)n,
              (long long)limits.min);
}

static void check_format(Reader *r, const Item *it, Str s)
{
    unsigned flags = it->f->flags;
    bool     decoded = s.ptr < r->scan.begin || s.ptr >= r->scan.end; /* only escapes make NULs */
    if (decoded && s.len > 0 && memchr(s.ptr, '\0', s.len) != NULL)
        issue(r, it->path, "bad_format", "the character U+0000 cannot be stored");
    else if ((flags & SHAPE_LINE) && !format_is_line(s))
        issue(r, it->path, "bad_format", "must be one line without control characters");
    if (s.len == 0) /* `min` decides whether it may be empty */
        return;
    if ((flags & SHAPE_URL) && !format_is_url(s))
        issue(r, it->path, "bad_format", "must be an http or https address");
    if ((flags & SHAPE_EMAIL) && !format_is_email(s))
        issue(r, it->path, "bad_format", "must be an e-mail address");
    if ((flags & SHAPE_HANDLE) && !format_is_handle(s))
        issue(r, it->path, "bad_format", "may have lower-case letters, digits and hyphens");
}

static void read_text(Reader *r, const Item *it, Str *ret)
{
    Str s;
    if (!json_scan_str(&r->scan, &s))
        return;
    if (it->f->flags & SHAPE_LINE)
        s = str_trim(s);
    check_length(r, it, s);
    check_format(r, it, s);
    *ret = s;
}

static void read_id(Reader *r, const Item *it, int64_t *ret)
{
    Str s;
    if (json_scan_str(&r->scan, &s) && !id_parse(s, it->f->prefix, ret))
        issue(r, it->path, "bad_format", "must be an id that begins with %s_", it->f->prefix);
}

static void read_time(Reader *r, const Item *it, UnixMs *ret)
{
    Str s;
    if (json_scan_str(&r->scan, &s) && !clock_parse(s, ret))
        issue(r, it->path, "bad_format", "must be a time like 2026-11-22T13:00:00Z");
}

static void read_enum(Reader *r, const Item *it, int *ret)
{
    Str s;
    if (!json_scan_str(&r->scan, &s))
        return;
    for (int i = 0; it->f->names[i] != NULL; i++) {
        if (str_eq(s, str_from_cstr(it->f->names[i]))) {
            *ret = i;
            return;
        }
    }
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 400);
    for (int i = 0; it->f->names[i] != NULL; i++)
        buf_addf(&b, "%s%s", i > 0 ? ", " : "", it->f->names[i]);
    issue(r, it->path, "not_one_of", "must be one of: " STR_FMT, STR_ARG(buf_str(&b)));
}

static void read_json(Reader *r, const Item *it, Str *ret)
{
    Str raw;
    if (!json_scan_skip(&r->scan, &raw))
        return;
    *ret = raw;
    ShapeLimits limits = shape_limits(it->f, it->item);
    if ((int64_t)raw.len > limits.max)
        issue(r, it->path, "too_long", "has %zu bytes, at most %lld may be", raw.len,
              (long long)limits.max);
}

/* --- money ---------------------------------------------------------------------------- */

typedef struct MoneyBody {
    int64_t amount;
    Str     currency;
} MoneyBody;

static const ShapeField MONEY_FIELDS[] = {
    SHAPE_INT(MoneyBody, amount, .min = INT64_MIN, .max = INT64_MAX, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(MoneyBody, currency, .flags = SHAPE_REQUIRED),
};
static const Shape MONEY_BODY = SHAPE_OF(MoneyBody, "Money", MONEY_FIELDS);

static void read_money(Reader *r, const Item *it, Money *ret)
{
    MoneyBody body = {0};
    size_t    before = r->issues->total;
    read_object(r, &MONEY_BODY, SHAPE_CREATE, (char *)&body, it->path);
    if (r->scan.what != NULL || r->issues->total != before)
        return;
    if (currency_find(body.currency) == NULL) {
        Path at = {.up = it->path, .key = STR("currency")};
        issue(r, &at, "not_one_of", "must be a currency of ISO 4217, like EUR");
        return;
    }
    Path at = {.up = it->path, .key = STR("amount")};
    Item amount = *it;
    amount.path = &at;
    check_range(r, &amount, body.amount);
    *ret = money_of(body.amount, body.currency);
}

/* --- values ----------------------------------------------------------------------------- */

static JsonType json_type_of(ShapeKind kind)
{
    switch (kind) {
    case SHAPE_K_BOOL: return JSON_BOOL;
    case SHAPE_K_INT:
    case SHAPE_K_REAL: return JSON_NUMBER;
    case SHAPE_K_TEXT:
    case SHAPE_K_ID:
    case SHAPE_K_TIME:
    case SHAPE_K_ENUM: return JSON_STRING;
    case SHAPE_K_LIST: return JSON_ARRAY;
    case SHAPE_K_MONEY:
    case SHAPE_K_OBJECT:
    case SHAPE_K_JSON: break;
    }
    return JSON_OBJECT;
}

/* What comes next has the right type. */
static void read_right(Reader *r, const Item *it, ShapeMode mode, void *dst)
{
    switch (it->kind) {
    case SHAPE_K_BOOL: json_scan_bool(&r->scan, dst); break;
    case SHAPE_K_INT: read_int(r, it, dst); break;
    case SHAPE_K_REAL: read_real(r, it, dst); break;
    case SHAPE_K_TEXT: read_text(r, it, dst); break;
    case SHAPE_K_ID: read_id(r, it, dst); break;
    case SHAPE_K_TIME: read_time(r, it, dst); break;
    case SHAPE_K_MONEY: read_money(r, it, dst); break;
    case SHAPE_K_ENUM: read_enum(r, it, dst); break;
    case SHAPE_K_JSON: read_json(r, it, dst); break;
    case SHAPE_K_OBJECT: read_object(r, it->f->of, mode, dst, it->path); break;
    case SHAPE_K_LIST: ASSERT(false && "lists of lists");
    }
}

static void grow(Reader *r, ShapeList *list, size_t *cap, size_t size)
{
    size_t more = *cap == 0 ? 4 : *cap * 2;
    void  *p = arena_alloc_array(r->arena, more, size, _Alignof(max_align_t));
    if (list->n > 0)
        memcpy(p, list->items, list->n * size);
    list->items = p;
    *cap = more;
}

static void read_list(Reader *r, const Item *it, ShapeList *ret)
{
    size_t      size = shape_item_size(it->f), cap = 0;
    ShapeLimits limits = shape_limits(it->f, false);
    ShapeList   list = {0};
    int64_t     found = 0;
    json_scan_open(&r->scan, JSON_ARRAY);
    for (; json_scan_item(&r->scan); found++) {
        Path     at = {.up = it->path, .index = found};
        Item     item = {.f = it->f, .kind = it->f->item, .item = true, .path = &at};
        JsonType type;
        if (found >= limits.max) {
            json_scan_skip(&r->scan, NULL);
            continue;
        }
        if (!json_scan_type(&r->scan, &type))
            return;
        if (list.n == cap)
            grow(r, &list, &cap, size);
        if (type == json_type_of(item.kind))
            read_right(r, &item, SHAPE_CREATE, (char *)(uintptr_t)list.items + list.n * size);
        else
            wrong_type(r, item.kind, type, &at);
        list.n++;
    }
    if (found > limits.max)
        issue(r, it->path, "too_many", "has %lld elements, at most %lld may be", (long long)found,
              (long long)limits.max);
    else if (found < limits.min && r->scan.what == NULL)
        issue(r, it->path, "too_few", "has %lld elements, at least %lld must be", (long long)found,
              (long long)limits.min);
    *ret = list;
}

static void set_null(const ShapeField *f, void *dst)
{
    switch (f->kind) {
    case SHAPE_K_BOOL: *(OptBool *)dst = (OptBool){0}; break;
    case SHAPE_K_INT:
    case SHAPE_K_ID: *(OptI64 *)dst = (OptI64){0}; break;
    case SHAPE_K_REAL: *(OptReal *)dst = (OptReal){0}; break;
    case SHAPE_K_TIME: *(OptTime *)dst = (OptTime){0}; break;
    case SHAPE_K_TEXT:
    case SHAPE_K_JSON: *(Str *)dst = (Str){0}; break;
    case SHAPE_K_MONEY: *(Money *)dst = (Money){0}; break;
    case SHAPE_K_ENUM: *(int *)dst = -1; break;
    case SHAPE_K_OBJECT: *(void **)dst = NULL; break;
    case SHAPE_K_LIST: *(ShapeList *)dst = (ShapeList){0}; break;
    }
}

static void set_has(ShapeKind kind, void *dst)
{
    switch (kind) {
    case SHAPE_K_BOOL: ((OptBool *)dst)->has = true; break;
    case SHAPE_K_INT:
    case SHAPE_K_ID: ((OptI64 *)dst)->has = true; break;
    case SHAPE_K_REAL: ((OptReal *)dst)->has = true; break;
    case SHAPE_K_TIME: ((OptTime *)dst)->has = true; break;
    case SHAPE_K_TEXT:
    case SHAPE_K_MONEY:
    case SHAPE_K_ENUM:
    case SHAPE_K_JSON:
    case SHAPE_K_OBJECT:
    case SHAPE_K_LIST: break;
    }
}

/* A pointer to an object: a new struct, which begins as a copy of the present one when that
 * is patched (others may look at the present one). */
static void *new_object(Reader *r, const ShapeField *f, ShapeMode *mode, void *dst)
{
    void **slot = dst;
    void  *p = arena_alloc(r->arena, f->of->size, _Alignof(max_align_t));
    if (*slot == NULL)
        *mode = SHAPE_CREATE;
    else if (*mode == SHAPE_PATCH)
        memcpy(p, *slot, f->of->size);
    *slot = p;
    return p;
}

static void read_field(Reader *r, const ShapeField *f, ShapeMode mode, void *dst, const Path *path)
{
    Item     it = {.f = f, .kind = f->kind, .path = path};
    JsonType type;
    if (!json_scan_type(&r->scan, &type))
        return;
    if (type == JSON_NULL && shape_nullable(f)) {
        if (json_scan_null(&r->scan))
            set_null(f, dst);
    } else if (f->kind != SHAPE_K_JSON && type != json_type_of(f->kind)) {
        wrong_type(r, f->kind, type, path);
    } else if (f->kind == SHAPE_K_LIST) {
        read_list(r, &it, dst);
    } else if (f->kind == SHAPE_K_OBJECT && f->opt) {
        void *object = new_object(r, f, &mode, dst);
        read_right(r, &it, mode, object);
    } else {
        read_right(r, &it, mode, dst);
        if (f->opt)
            set_has(f->kind, dst);
    }
}

static void check_required(Reader *r, const Shape *shape, const uint64_t *seen, const Path *path)
{
    for (size_t i = 0; i < shape->n; i++) {
        const ShapeField *f = &shape->fields[i];
        if (!(f->flags & SHAPE_REQUIRED) || (f->flags & SHAPE_READ_ONLY) ||
            (seen[i / 64] >> (i % 64) & 1))
            continue;
        Path at = {.up = path, .key = str_from_cstr(f->name)};
        issue(r, &at, "required", "is missing");
    }
}

static void read_object(Reader *r, const Shape *shape, ShapeMode mode, char *dst, const Path *path)
{
    const ShapeIndex *x = shape_index(shape);
    uint64_t          seen[SHAPE_FIELDS_MAX / 64] = {0};
    size_t            expected = 0; /* most writers keep the order of the shape */
    Str               key;
    json_scan_open(&r->scan, JSON_OBJECT);
    while (json_scan_key(&r->scan, &key)) {
        Path   at = {.up = path, .key = key};
        size_t i = expected;
        if (i >= shape->n || !str_eq(key, x->names[i]))
            i = (size_t)shape_index_find(x, key); /* SIZE_MAX when there is none */
        if (i >= shape->n) {
            if (json_scan_skip(&r->scan, NULL))
                issue(r, &at, "unknown_field", "%s has no such field", shape->name);
            continue;
        }
        expected = i + 1;
        if (seen[i / 64] >> (i % 64) & 1) {
            if (json_scan_skip(&r->scan, NULL))
                issue(r, &at, "duplicate", "is given twice");
            continue;
        }
        const ShapeField *f = &shape->fields[i];
        if (f->flags & SHAPE_READ_ONLY) {
            json_scan_skip(&r->scan, NULL);
            continue;
        }
        seen[i / 64] |= UINT64_C(1) << (i % 64);
        read_field(r, f, mode, dst + f->offset, &at);
    }
    if (r->scan.what != NULL)
        return;
    if (mode == SHAPE_CREATE)
        check_required(r, shape, seen, path);
    if (shape->given_offset != SIZE_MAX)
        memcpy(dst + shape->given_offset, &seen[0], sizeof seen[0]);
}

/* --- entry points --------------------------------------------------------------------- */

static Status read_all(const Shape *shape, ShapeMode mode, Str text, Str pointer, Arena *a,
                       void *dst, Issues *issues, Err *err)
{
    Reader   r = {.arena = a, .issues = issues, .base = pointer};
    size_t   kept = issues->n, before = issues->total;
    JsonType type;
    json_scan_init(&r.scan, a, text);
    if (json_scan_type(&r.scan, &type)) {
        if (type == JSON_OBJECT)
            read_object(&r, shape, mode, dst, NULL);
        else
            wrong_type(&r, SHAPE_K_OBJECT, type, NULL);
    }
    json_scan_end(&r.scan);
    TRY(json_scan_status(&r.scan, err));
    return issues_status(issues, kept, before, err);
}

Status shape_read(const Shape *shape, ShapeMode mode, Str body, Arena *a, void *dst, Issues *issues,
                  Err *err)
{
    return read_all(shape, mode, body, (Str){0}, a, dst, issues, err);
}

Status shape_read_value(const Shape *shape, ShapeMode mode, const JsonValue *v, Str pointer,
                        Arena *a, void *dst, Issues *issues, Err *err)
{
    if (v->type == JSON_OBJECT) /* `text` is the slice that the tree was read from */
        return read_all(shape, mode, v->text, pointer, a, dst, issues, err);
    issue_add(issues, pointer, "wrong_type", "is %s, must be an object", type_name(v->type));
    return err_set(err, ST_INVALID, "shape.invalid", STR_FMT " must be an object",
                   STR_ARG(pointer));
}
