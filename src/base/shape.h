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
 * from queries.sql (scripts/sqlgen.py).
 *
 * Partial updates: a struct with a member `uint64_t given` (SHAPE_OF_PATCH) learns which
 * fields the body had: bit i stands for field i. Absent fields keep their value. */
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
                         SHAPE_K_REAL, /* double, OptReal         1.5 */
                         SHAPE_K_TEXT, /* Str                     "…", min..max characters (code
                                          points) */
                         SHAPE_K_ID, /* int64_t, OptI64         "prd_01hv…" with the field's prefix
                                      */
                         SHAPE_K_TIME,   /* UnixMs, OptTime         "2026-11-22T13:00:00.000Z" (RFC
                                            3339) */
                         SHAPE_K_MONEY,  /* Money                   {"amount":1250,"currency":"EUR"}
                                          */
                         SHAPE_K_ENUM,   /* int                     a name of `names` */
                         SHAPE_K_JSON,   /* Str, raw JSON text      any value, checked */
                         SHAPE_K_OBJECT, /* a struct with shape `of`, embedded by value */
                         SHAPE_K_LIST    /* {T *items; size_t n;} of `of`, or of scalar kind `item`;
                                          * min..max elements */
} ShapeKind;

enum {                       /* ShapeField.flags */
       SHAPE_REQUIRED = 1,   /* must be in a body that creates */
       SHAPE_NULLABLE = 2,   /* null is a value: the C type is Opt…, or a Str with ptr NULL */
       SHAPE_READ_ONLY = 4,  /* written to replies; ignored in bodies */
       SHAPE_WRITE_ONLY = 8, /* a secret: read from bodies, never written */
       SHAPE_URL = 16,       /* text: absolute http(s) URL */
       SHAPE_EMAIL = 32,     /* text: addr-spec */
       SHAPE_HANDLE = 64,    /* text: lower-case letters, digits, '-' */
       SHAPE_HTML = 128,     /* text: HTML; limits count code points of the source */
       SHAPE_LINE = 256      /* text: no control characters, trimmed while reading */
};

typedef struct ShapeField {
    const char        *name; /* in JSON */
    const char        *doc;  /* one sentence for OpenAPI and help texts */
    ShapeKind          kind;
    ShapeKind          item; /* SHAPE_K_LIST of scalars: their kind */
    unsigned           flags;
    size_t             offset;
    int64_t            min, max; /* both 0: the kind's defaults */
    const Shape       *of;       /* SHAPE_K_OBJECT, SHAPE_K_LIST of objects */
    const char        *prefix;   /* SHAPE_K_ID (or a LIST of ids) */
    const char *const *names;    /* SHAPE_K_ENUM: names of 0, 1, 2, …; NULL ends */
    const char        *example;  /* JSON text, for the documentation */
} ShapeField;

struct Shape {
    const char       *name; /* "Product", unique in the program: the OpenAPI component */
    const char       *doc;
    size_t            size; /* sizeof the struct */
    const ShapeField *fields;
    size_t            n;
    size_t            given_offset; /* of `uint64_t given`, or SIZE_MAX */
};

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

/* Write the JSON Schema (2020-12, as OpenAPI 3.1 wants it) of a shape; nested shapes are
 * written as {"$ref":"#/components/schemas/NAME"}. */
void shape_schema(Json *j, const char *key, const Shape *shape);

/* The field called `name`, or NULL. */
const ShapeField *shape_field(const Shape *shape, Str name);
