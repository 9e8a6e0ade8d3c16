/* json_read.h - read JSON (RFC 8259, strictly) into a tree in an arena.
 *
 * Refuses what the RFC refuses: trailing commas, comments, bare control characters, lone
 * surrogates, bytes that are not UTF-8, a BOM, anything after the value. Numbers keep
 * their text: an integer that fits is exact in `i64`, and `real` is the nearest double.
 *
 * Most code does not want a tree: it reads a body straight into a struct with
 * shape_read() (shape.h). The tree is for JSON whose form is not known beforehand. */
#pragma once

#include "base/status.h"
#include "base/str.h"

typedef enum JsonType {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
} JsonType;

typedef struct JsonValue  JsonValue;
typedef struct JsonMember JsonMember;

struct JsonValue {
    JsonType type;
    bool     boolean; /* JSON_BOOL */
    bool     integer; /* JSON_NUMBER: written without '.', 'e' and fits i64 */
    uint32_t n;       /* JSON_ARRAY, JSON_OBJECT: number of items or members */
    union {
        int64_t           i64;  /* JSON_NUMBER with `integer` */
        double            real; /* JSON_NUMBER without */
        const JsonValue  *items;
        const JsonMember *members; /* in the order written */
    };
    Str text; /* JSON_STRING: decoded; JSON_NUMBER: as written; else the raw slice of the input */
};

struct JsonMember {
    Str       key; /* decoded */
    JsonValue value;
};

/* A tree is several times larger than its text, most of all for texts like [[],[],…], so
 * the number of values is limited too: JSON_NODES_FREE and one more per 4 bytes of text. */
enum { JSON_DEPTH_MAX = 64, JSON_NODES_FREE = 65536 };

/* Parse all of `text`. Strings without escapes are slices of `text`, which must outlive
 * the tree; all else lives in `a`. Duplicate keys are kept; json_get() finds the last.
 * ST_INVALID "json.syntax" with line and column, ST_LIMIT "json.too_deep" or
 * "json.too_many". */
NODISCARD Status json_parse(Arena *a, Str text, const JsonValue **ret, Err *err);

/* Member `key` of an object; NULL when absent or `v` is not an object (or is NULL). */
const JsonValue *json_get(const JsonValue *v, Str key);
