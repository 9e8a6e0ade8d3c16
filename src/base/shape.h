/* shape.h - one description per struct that leaves the program.
 *
 * A Shape says which fields a struct has, how each is written in JSON, which values it may
 * take and what it means. From that one description come: reading and checking JSON bodies
 * (shape_read), writing JSON (shape_write), messages for forms, the OpenAPI document
 * (shape_schema), the console's TypeScript types, CSV columns and what a Liquid template
 * sees. Nobody writes the same list of fields twice.
 *
 *      typedef struct Tag { Str name; int64_t uses; } Tag;
 *
 *      static const ShapeField TAG_FIELDS[] = {
 *          SHAPE_TEXT(Tag, name, .min = 1, .max = 255, .flags = SHAPE_REQUIRED,
 *                     .doc = "As shown to people."),
 *          SHAPE_INT(Tag, uses, .flags = SHAPE_READ_ONLY, .doc = "Products that carry it."),
 *      };
 *      const Shape tag_shape = SHAPE_OF(Tag, "Tag", TAG_FIELDS, .doc = "A label.");
 *
 * A wrong C type for a kind is a compile error. Rows that queries return get their shape
 * from queries.sql (scripts/sqlgen.py). Shapes and their fields stand at file scope.
 *
 * Partial updates: a struct with a member `uint64_t given` (SHAPE_OF_PATCH) learns which
 * fields the body had: bit i stands for field i; ask with SHAPE_GIVEN(). Absent fields keep
 * their value; an embedded object is patched in turn, a list is replaced as a whole.
 *
 * Codes of issues: required, unknown_field, wrong_type, too_short, too_long, too_few,
 * too_many, out_of_range, not_one_of, bad_format, duplicate. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/issue.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/money.h"
#include "base/opt.h"

typedef struct Shape Shape;

typedef enum ShapeKind {               /* C type                  JSON */
                         SHAPE_K_BOOL, /* bool, OptBool           true */
                         SHAPE_K_INT,  /* int64_t, OptI64         12, within min..max */
                         SHAPE_K_REAL, /* double, OptReal         1.5, within min..max */
                         SHAPE_K_TEXT, /* Str                     "…", min..max characters (code
                                          points) */
                         SHAPE_K_ID, /* int64_t, OptI64         "prd_01hv…" with the field's prefix
                                      */
                         SHAPE_K_TIME,  /* UnixMs, OptTime         "2026-11-22T13:00:00.000Z" (RFC
                                           3339) */
                         SHAPE_K_MONEY, /* Money                   {"amount":1250,"currency":"EUR"}
                                         */
                         SHAPE_K_ENUM, /* int or an enum          a name of `names`; nullable: -1 is
                                          null */
                         SHAPE_K_JSON, /* Str, raw JSON text      any value, checked, up to `max`
                                          bytes */
                         SHAPE_K_OBJECT, /* a struct with shape `of`, by value, or a pointer: NULL
                                            is null */
                         SHAPE_K_LIST    /* {T *items; size_t n;} of `of`, or of scalar kind `item`;
                                          * min..max elements */
} ShapeKind;

enum {                       /* ShapeField.flags */
       SHAPE_REQUIRED = 1,   /* must be in a body that creates */
       SHAPE_NULLABLE = 2,   /* null is a value: Str with ptr NULL, Money without currency, enum
                              * -1. The Opt… types and pointers are nullable by themselves. */
       SHAPE_READ_ONLY = 4,  /* written to replies; ignored in bodies */
       SHAPE_WRITE_ONLY = 8, /* a secret: read from bodies, never written */
       SHAPE_URL = 16,       /* text: absolute http(s) URL */
       SHAPE_EMAIL = 32,     /* text: addr-spec */
       SHAPE_HANDLE = 64,    /* text: lower-case letters, digits, '-' */
       SHAPE_HTML = 128,     /* text: HTML; limits count code points of the source */
       SHAPE_LINE = 256      /* text: no control characters, trimmed while reading */
};

/* Limits where min and max are both 0; with `min` alone, `max` is the one below. A field
 * that must not be negative says .max too: .max = SHAPE_INT_MAX. */
enum {
    SHAPE_TEXT_MAX = 65535, /* characters */
    SHAPE_LINE_MAX = 255,   /* characters, with SHAPE_LINE or SHAPE_HANDLE */
    SHAPE_URL_MAX = 2048,   /* characters */
    SHAPE_EMAIL_MAX = 254,  /* characters */
    SHAPE_JSON_MAX = 65535, /* bytes */
    SHAPE_LIST_MAX = 1000   /* elements */
};
#define SHAPE_INT_MAX INT64_C(9007199254740991) /* what JavaScript holds exactly; -MAX..MAX */

typedef struct ShapeField {
    const char        *name; /* in JSON */
    const char        *doc;  /* one sentence for OpenAPI and help texts */
    ShapeKind          kind;
    ShapeKind          item; /* SHAPE_K_LIST of scalars: their kind */
    unsigned           flags;
    bool               opt; /* the C type is Opt…, or a pointer for SHAPE_K_OBJECT */
    size_t             offset;
    int64_t            min, max;           /* both 0: the kind's defaults */
    int64_t            item_min, item_max; /* of each element of a list of scalars */
    const Shape       *of;                 /* SHAPE_K_OBJECT, SHAPE_K_LIST of objects; else NULL */
    const char        *prefix;             /* SHAPE_K_ID (or a LIST of ids) */
    const char *const *names;              /* SHAPE_K_ENUM: names of 0, 1, 2, …; NULL ends */
    const char        *example;            /* JSON text, for the documentation */
} ShapeField;

typedef struct ShapeIndex ShapeIndex; /* made at first use */

struct Shape {
    const char       *name; /* "Product", unique in the program: the OpenAPI component */
    const char       *doc;
    size_t            size; /* sizeof the struct */
    const ShapeField *fields;
    size_t            n;            /* at most SHAPE_FIELDS_MAX; with `given` at most 64 */
    size_t            given_offset; /* of `uint64_t given`, or SIZE_MAX */
    ShapeIndex      **index;
};

enum { SHAPE_FIELDS_MAX = 256 };

/* As elements of SHAPE_K_LIST lie in memory. */
typedef struct ShapeList {
    const void *items;
    size_t      n;
} ShapeList;

static inline bool shape_nullable(const ShapeField *f)
{
    return f->opt || (f->flags & SHAPE_NULLABLE) != 0;
}

/* The SHAPE_TEXT(…), SHAPE_INT(…) … macros, which check the member's type: shape_macros.h */
#include "base/shape_macros.h"

typedef enum ShapeMode {
    SHAPE_CREATE, /* SHAPE_REQUIRED fields must be there */
    SHAPE_PATCH   /* absent fields keep the value that *dst has */
} ShapeMode;

/* Read a JSON object into *dst (zeroed by the caller, or holding the current values for
 * SHAPE_PATCH). Every problem becomes an issue with its JSON pointer; unknown fields are
 * issues too ("unknown_field"). Texts live in `a` or in `body`, which must outlive *dst.
 * ST_INVALID "json.syntax", ST_INVALID "shape.invalid" when there were issues. */
NODISCARD Status shape_read(const Shape *shape, ShapeMode mode, Str body, Arena *a, void *dst,
                            Issues *issues, Err *err);

/* As shape_read() for a value that has been parsed; `pointer` is where it stands. */
NODISCARD Status shape_read_value(const Shape *shape, ShapeMode mode, const JsonValue *v,
                                  Str pointer, Arena *a, void *dst, Issues *issues, Err *err);

/* Write *src as a JSON object: the value of `key`, or NULL as json_write.h says. */
void shape_write(Json *j, const char *key, const Shape *shape, const void *src);

/* Inside an array or at the top: only the fields i with wanted[i]; NULL: all. */
void shape_write_some(Json *j, const Shape *shape, const void *src, const bool *wanted);

/* Copy a struct with all that hangs on it - texts, lists, objects - into `a`. Members that the
 * shape does not describe are copied as they are. *dst and *src may be the same. */
void shape_copy(const Shape *shape, Arena *a, void *dst, const void *src);

/* The field called `name`, or NULL. One probe of a hash table, any thread. */
const ShapeField *shape_field(const Shape *shape, Str name);

/* Had the body this member? `offset` is that of the member, for a struct with `given`. */
bool shape_given(const Shape *shape, const void *value, size_t offset);
#define SHAPE_GIVEN(shape, T, value, member)                                                       \
    shape_given((shape), (const T *){(value)}, offsetof(T, member))

/* Value and size of an element of a list field; of->size or that of the scalar. */
size_t shape_item_size(const ShapeField *f);

/* --- descriptions for others: shape_schema.c, shape_typescript.c ------------------------ */

/* Write the JSON Schema (2020-12, as OpenAPI 3.1 wants it) of a shape; nested shapes are
 * written as {"$ref":"#/components/schemas/NAME"}, money as …/Money. One schema serves
 * requests and replies: readOnly and writeOnly tell them apart, and `required` lists what
 * a creating body must have and what a reply always has. SHAPE_PATCH: nothing is required
 * and what is read-only is left out. */
void shape_schema(Json *j, const char *key, const Shape *shape);
void shape_schema_mode(Json *j, const char *key, const Shape *shape, ShapeMode mode);
void shape_schema_money(Json *j, const char *key);

/* Append TypeScript: `export interface Product {…}`, what replies hold, or with `input`
 * `export interface ProductInput {…}`, what bodies hold. */
void shape_typescript(Buf *b, const Shape *shape, bool input);
void shape_typescript_money(Buf *b);

/* Add `shape` and all shapes in it to all[0..*n), each once. Asserts that `max` suffices. */
void shape_collect(const Shape *shape, const Shape **all, size_t max, size_t *n);
