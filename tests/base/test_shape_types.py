#!/usr/bin/env python3
"""test_shape_types.py CC INCLUDE - a field whose C type does not fit its kind does not compile."""
import subprocess
import sys

cc, include = sys.argv[1:3]
HEAD = """
#include "base/shape.h"
typedef struct Part { Str name; } Part;
typedef struct Other { Str name; } Other;
extern const Shape part_shape;
static const char *const NAMES[] = {"a", NULL};
typedef enum Colour { RED } Colour;
typedef struct T {
    bool b; OptBool ob; int64_t i; OptI64 oi; int small; double r; OptReal or; float f; Str s;
    const char *z; UnixMs t; OptTime ot; SpanMs span; Money m; Colour e; Part part; Part *pointer;
    struct { Part *items; size_t n; } parts;
    struct { size_t n; Part *items; } reversed;
    struct { Part *items; int n; } narrow;
    struct { Str *items; size_t n; } texts;
    uint64_t given;
} T;
typedef struct Plain { int64_t i; } Plain;
"""
GOOD = """SHAPE_BOOL(T, b) SHAPE_BOOL(T, ob) SHAPE_INT(T, i) SHAPE_INT(T, oi) SHAPE_REAL(T, r)
SHAPE_REAL(T, or) SHAPE_TEXT(T, s) SHAPE_JSON(T, s) SHAPE_TIME(T, t) SHAPE_TIME(T, ot)
SHAPE_MONEY(T, m) SHAPE_ENUM(T, e, NAMES) SHAPE_ENUM(T, small, NAMES) SHAPE_ID(T, i, "p")
SHAPE_ID(T, oi, "p") SHAPE_OBJECT(T, part, Part, &part_shape)
SHAPE_OBJECT(T, pointer, Part, &part_shape) SHAPE_LIST(T, parts, Part, &part_shape)
SHAPE_TEXTS(T, texts) SHAPE_TEXT_AS(T, s, "for-each", .max = 3)"""
BAD = """SHAPE_BOOL(T, i) SHAPE_INT(T, small) SHAPE_INT(T, b) SHAPE_REAL(T, f) SHAPE_TEXT(T, z)
SHAPE_JSON(T, z) SHAPE_TIME(T, i) SHAPE_TIME(T, span) SHAPE_MONEY(T, i) SHAPE_ENUM(T, i, NAMES)
SHAPE_ID(T, t, "p") SHAPE_OBJECT(T, part, Other, &part_shape) SHAPE_LIST(T, texts, Part, &part_shape)
SHAPE_LIST(T, reversed, Part, &part_shape) SHAPE_LIST(T, narrow, Part, &part_shape)
SHAPE_TEXTS(T, parts) SHAPE_INT(T, missing) SHAPE_TEXT_AS(T, s, NAMES)"""


def split(text):
    """Each SHAPE_…(…) by itself."""
    parts, depth, start = [], 0, None
    for i, c in enumerate(text):
        if c == "S" and depth == 0 and start is None:
            start = i
        depth += (c == "(") - (c == ")")
        if c == ")" and depth == 0:
            parts.append(" ".join(text[start:i + 1].split()))
            start = None
    return parts


def compiles(code):
    done = subprocess.run([*cc.split(), "-std=c17", "-fsyntax-only", "-I", include, "-x", "c", "-"],
                          input=HEAD + code, capture_output=True, text=True)
    return done.returncode == 0


def field(text):
    return f"const ShapeField FIELDS[] = {{{text}}};"


cases = [(field(f), True) for f in split(GOOD)] + [(field(f), False) for f in split(BAD)]
ONE = "static const ShapeField FIELDS[] = {SHAPE_INT(%s, i)};\n"
cases += [(ONE % "T" + 'const Shape s = SHAPE_OF_PATCH(T, "T", FIELDS);', True),
          (ONE % "Plain" + 'const Shape s = SHAPE_OF(Plain, "P", FIELDS, .doc = "x");', True),
          (ONE % "Plain" + 'const Shape s = SHAPE_OF_PATCH(Plain, "P", FIELDS);', False)]
wrong = 0
print(f"1..{len(cases)}")
for n, (code, good) in enumerate(cases, 1):
    fine = compiles(code) == good
    print("ok" if fine else "not ok", n, "-", "takes" if good else "refuses", code.split("\n")[-1][:90])
    wrong += not fine
sys.exit(wrong > 0)
