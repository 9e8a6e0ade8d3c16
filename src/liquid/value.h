/* value.h - what a Liquid expression can be: a small tagged union, passed by value.
 *
 * Values own nothing. Text is a slice of the template, of the data, or of the arena of the
 * rendering; objects and lists are views of what is there already: parsed JSON, C structs
 * read through their shapes (base/shape.h), lists that a filter made, or a drop: an object
 * whose members C functions compute.
 *
 * `safe` text is HTML already and is written as it is; all other text is escaped on its
 * way into an HTML page. */
#pragma once

#include "base/clock.h"
#include "base/json_read.h"
#include "base/money.h"

typedef struct LiquidCx    LiquidCx;
typedef struct Shape       Shape;
typedef struct LiquidValue LiquidValue;

typedef enum LiquidType {
    LIQUID_NIL,
    LIQUID_BOOL,
    LIQUID_INT,
    LIQUID_REAL,
    LIQUID_TEXT,
    LIQUID_TIME,   /* milliseconds since 1970 */
    LIQUID_MONEY,  /* minor units; behaves as a whole number */
    LIQUID_BIG,    /* whole number beyond 64 bits */
    LIQUID_RANGE,  /* (1..5) */
    LIQUID_ARRAY,  /* list made while rendering */
    LIQUID_JLIST,  /* JSON array */
    LIQUID_SLIST,  /* list of structs or scalars, as shapes describe it */
    LIQUID_MAP,    /* object made while rendering */
    LIQUID_JOBJ,   /* JSON object */
    LIQUID_STRUCT, /* struct with a shape */
    LIQUID_DROP,   /* object or list of C functions */
    LIQUID_LOOP,   /* forloop, tablerowloop */
    LIQUID_EMPTY,  /* the word `empty` in a condition */
    LIQUID_BLANK   /* the word `blank` in a condition */
} LiquidType;

/* What text is already, so that it is not escaped again. */
typedef enum LiquidSafe {
    LIQUID_UNSAFE,
    LIQUID_SAFE_HTML,
    LIQUID_SAFE_JSON, /* not escaped inside of <script> */
    LIQUID_SAFE_RAW   /* the author's word for it: never escaped */
} LiquidSafe;

typedef struct LiquidRange {
    int64_t first, last;
} LiquidRange;

typedef struct LiquidArray {
    const LiquidValue *items;
    size_t             n;
} LiquidArray;

typedef struct LiquidPair LiquidPair;
typedef struct LiquidMap {
    const LiquidPair *pairs; /* in order; keys are unique */
    size_t            n;
} LiquidMap;

typedef struct LiquidStruct {
    const Shape *shape;
    const void  *ptr;
} LiquidStruct;

typedef struct LiquidDrop {
    const struct LiquidDropType *type;
    const void                  *self;
} LiquidDrop;

struct LiquidValue {
    uint8_t  type; /* LiquidType */
    uint8_t  safe; /* LIQUID_TEXT: LiquidSafe */
    uint32_t len;  /* LIQUID_TEXT: bytes; LIQUID_MONEY: currency, three letters */
    union {
        bool                          b;
        int64_t                       i;
        double                        r;
        const char                   *s;
        const LiquidRange            *range;
        const LiquidArray            *array;
        const LiquidMap              *map;
        const LiquidStruct           *st;
        const LiquidDrop             *drop;
        const struct LiquidShapeList *slist;
        const JsonValue              *json;
        const struct LqBig           *big;
        const struct LqLoop          *loop;
    };
};

struct LiquidPair {
    Str         key;
    LiquidValue value;
};

/* An object whose members are computed. Any function but `get` may be NULL. A drop with
 * `count` is a list (or, with `key_at`, an object that can be walked). */
typedef struct LiquidDropType {
    const char *name; /* what {{ the_drop }} prints when there is no `text` */
    bool (*get)(LiquidCx *cx, const void *self, Str key, LiquidValue *ret);
    size_t (*count)(LiquidCx *cx, const void *self);
    LiquidValue (*at)(LiquidCx *cx, const void *self, size_t i);
    Str (*key_at)(LiquidCx *cx, const void *self, size_t i);
    LiquidValue (*text)(LiquidCx *cx, const void *self);
} LiquidDropType;

static inline LiquidValue liquid_nil(void)
{
    return (LiquidValue){0};
}
static inline LiquidValue liquid_bool(bool b)
{
    return (LiquidValue){.type = LIQUID_BOOL, .b = b};
}
static inline LiquidValue liquid_int(int64_t i)
{
    return (LiquidValue){.type = LIQUID_INT, .i = i};
}
static inline LiquidValue liquid_real(double r)
{
    return (LiquidValue){.type = LIQUID_REAL, .r = r};
}
/* Text; NULL with length 0 becomes empty text. Longer than 4 GB is cut. */
static inline LiquidValue liquid_text(Str s)
{
    return (LiquidValue){.type = LIQUID_TEXT,
                         .len = s.len < UINT32_MAX ? (uint32_t)s.len : UINT32_MAX,
                         .s = s.ptr != NULL ? s.ptr : ""};
}
/* Text that is HTML already. */
static inline LiquidValue liquid_html(Str s)
{
    LiquidValue v = liquid_text(s);
    v.safe = LIQUID_SAFE_HTML;
    return v;
}
static inline LiquidValue liquid_time(UnixMs t)
{
    return (LiquidValue){.type = LIQUID_TIME, .i = t.v};
}
LiquidValue liquid_money(Money m);

/* A parsed JSON value, which must outlive the rendering. */
LiquidValue liquid_json(const JsonValue *v);

/* A struct described by a shape; both must outlive the rendering. */
LiquidValue liquid_struct(Arena *a, const Shape *shape, const void *ptr);

/* `n` structs that stand side by side. */
LiquidValue liquid_structs(Arena *a, const Shape *shape, const void *items, size_t n);

LiquidValue liquid_drop(Arena *a, const LiquidDropType *type, const void *self);
LiquidValue liquid_array(Arena *a, const LiquidValue *items, size_t n);
LiquidValue liquid_map(Arena *a, const LiquidPair *pairs, size_t n);

/* The bytes of a LIQUID_TEXT. */
static inline Str liquid_str(LiquidValue v)
{
    return (Str){v.s, v.len};
}

/* Everything but nil and false is true. */
static inline bool liquid_truthy(LiquidValue v)
{
    return v.type != LIQUID_NIL && (v.type != LIQUID_BOOL || v.b);
}

/* Member `key` of an object; nil when there is none. */
LiquidValue liquid_get(LiquidCx *cx, LiquidValue object, Str key);

/* Items of a list, or members of an object that can be walked; 0 for anything else. */
size_t liquid_count(LiquidCx *cx, LiquidValue v);

/* Item `i` of a list, or [key, value] of an object. */
LiquidValue liquid_at(LiquidCx *cx, LiquidValue v, size_t i);

/* The text that {{ v }} would print, before escaping. It lives as long as the rendering. */
Str liquid_to_text(LiquidCx *cx, LiquidValue v);

bool liquid_equal(LiquidCx *cx, LiquidValue x, LiquidValue y);
