/* condition.h - one language for "does this hold for that person, cart or product?".
 *
 * Conditions are Mongo-style JSON, as GrowthBook and others write them:
 *
 *      {"vendor": "Nord", "price.EUR": {"$lt": 5000}, "tags": {"$in": ["new", "sale"]},
 *       "$or": [{"type": "Boot"}, {"variants": {"$elemMatch": {"quantity": {"$gt": 0}}}}]}
 *
 * A key is a path into the subject ("a.b.0"); all keys of an object must hold.
 *
 *   $and $or $nor $not               of conditions
 *   $eq $ne $lt $lte $gt $gte        $eq compares types too; the others as JavaScript does
 *   $in $nin $all $elemMatch $size   for lists; $in on a list: any element
 *   $ini $nini $alli $regexi         the same without regard to case
 *   $regex $exists $type $not
 *   $veq $vne $vlt $vlte $vgt $vgte  versions: 1.10.0 is after 1.9.0 and after 1.10.0-rc.1
 *   $inGroup $notInGroup             lists that are kept elsewhere, by name
 *
 * A bare value as condition compares loosely: {"n": 8} holds for "8", {"on": true} for any
 * truthy value; a bare object or list must be equal throughout. What is missing is null;
 * as a number it is 0.
 *
 * A condition is compiled once, then asked from any thread; it lives in the arena it was
 * compiled into. Subjects are JSON, a C struct seen through its Shape, or anything else by
 * way of a function. A regular expression that works too hard does not hold. */
#pragma once

#include "base/shape.h"

enum {
    CONDITION_BYTES_MAX = 64 << 10,
    CONDITION_DEPTH_MAX = 24,
    CONDITION_NODES_MAX = 4096,
    CONDITION_REGEX_MAX = 1024 /* bytes of one pattern */
};

typedef enum CondKind {
    COND_NULL, /* also: missing */
    COND_BOOL,
    COND_NUMBER,
    COND_TEXT,
    COND_LIST,
    COND_OBJECT
} CondKind;

typedef struct CondValue CondValue;

/* Member `key` of an object, element `i` of a list; what they need to make goes to `a`. */
typedef CondValue CondMember(const CondValue *object, Str key, Arena *a);
typedef CondValue CondItem(const CondValue *list, size_t i, Arena *a);

struct CondValue {
    CondKind    kind;
    bool        boolean;
    bool        integer; /* COND_NUMBER: `i64` is exact; otherwise `real` */
    int64_t     i64;
    double      real; /* always set for COND_NUMBER */
    Str         text;
    size_t      n;      /* COND_LIST: elements; COND_OBJECT: members, SIZE_MAX: not known */
    CondMember *member; /* COND_OBJECT; a list may have one too */
    CondItem   *item;   /* COND_LIST */
    const void *of;     /* for `member` and `item` */
    const void *type;   /* for `member` and `item` */
};

CondValue cond_bool(bool v);
CondValue cond_i64(int64_t v);
CondValue cond_real(double v);
CondValue cond_text(Str v); /* absent: null */
CondValue cond_json(const JsonValue *v);
CondValue cond_shape(const Shape *shape, const void *object);
CondValue cond_object(CondMember *member, const void *of);

typedef struct Condition Condition;

typedef enum CondMode {
    COND_STRICT, /* unknown operators and wrong operands are errors */
    COND_LENIENT /* they never hold, as the public SDKs do it */
} CondMode;

/* Compile `json`, which must live as long as the result. ST_INVALID "condition.bad" with
 * the JSON pointer of what is wrong; ST_LIMIT "condition.too_big". */
NODISCARD Status condition_compile(Arena *a, const JsonValue *json, CondMode mode,
                                   const Condition **ret, Err *err);

/* As above from text, which is copied. */
NODISCARD Status condition_compile_text(Arena *a, Str json, CondMode mode, const Condition **ret,
                                        Err *err);

/* Does it hold for `subject`? `groups` is a JSON object of lists for $inGroup, or NULL.
 * Uses `a` for passing needs. */
bool condition_holds(const Condition *c, CondValue subject, const JsonValue *groups, Arena *a);

/* The paths that a condition looks at, as written, each once: to know what must be loaded,
 * and to refuse fields that do not exist. Paths inside $elemMatch follow its own with a
 * '.'. */
typedef struct CondPaths {
    Str   *items;
    size_t n;
} CondPaths;
CondPaths condition_paths(const Condition *c, Arena *a);
