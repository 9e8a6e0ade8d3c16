/* condition_int.h - the compiled form; private to this folder. */
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "condition/condition.h"

typedef enum CondOp {
    OP_AND,
    OP_OR,
    OP_NOR,
    OP_NOT_COND, /* $not around a condition on the subject */
    OP_AT,       /* kids[0] holds for the value at `path` */
    OP_ALL_OPS,  /* all kids hold for the value: {"$gt": 1, "$lt": 5} */
    OP_NEVER,
    OP_LOOSE, /* a bare value */
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LTE,
    OP_GT,
    OP_GTE,
    OP_VEQ,
    OP_VNE,
    OP_VLT,
    OP_VLTE,
    OP_VGT,
    OP_VGTE,
    OP_IN,
    OP_NIN,
    OP_INI,
    OP_NINI,
    OP_ALL,
    OP_ALLI,
    OP_ELEM_OPS,  /* $elemMatch with operators */
    OP_ELEM_COND, /* $elemMatch with a condition */
    OP_SIZE,
    OP_REGEX,
    OP_EXISTS,
    OP_TYPE,
    OP_NOT, /* $not around operators */
    OP_IN_GROUP,
    OP_NOT_IN_GROUP
} CondOp;

struct Condition {
    CondOp           op;
    Str              path; /* as written */
    Str             *parts;
    size_t           nparts;
    const JsonValue *literal;
    Str             *folded; /* $ini …: the literal's texts, folded; ptr NULL where not text */
    pcre2_code      *regex;
    const Condition *kids; /* array */
    size_t           nkids;
};

CondValue cond_at(CondValue v, const Condition *c, Arena *a);
