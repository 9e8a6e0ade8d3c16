/* node.h - the compiled form of a template: arrays of small nodes, names as numbers.
 *
 * Everything lives in the template's arena and never changes after compiling, except the
 * hints of LqStep, which remember where a key was found last; they are read and written
 * atomically and only ever guide a search. */
#pragma once

#include "liquid/filter.h"
#include "liquid/tag.h"

typedef struct LqExpr LqExpr;
typedef struct LqNode LqNode;

/* Members that loops, lists and texts have of their own. */
typedef enum LqWord {
    LQ_W_NONE,
    LQ_W_SIZE,
    LQ_W_FIRST,
    LQ_W_LAST,
    LQ_W_INDEX,
    LQ_W_INDEX0,
    LQ_W_RINDEX,
    LQ_W_RINDEX0,
    LQ_W_LENGTH,
    LQ_W_NAME,
    LQ_W_PARENTLOOP,
    LQ_W_COL,
    LQ_W_COL0,
    LQ_W_ROW,
    LQ_W_COL_FIRST,
    LQ_W_COL_LAST
} LqWord;

LqWord lq_word(Str s);

typedef struct LqStep {
    Str           key;   /* `.key`, or ['key'] */
    const LqExpr *expr;  /* [expr]; NULL for a key or an index */
    int64_t       index; /* [2] */
    bool          by_index;
    bool          command; /* written `.size`: may be a word besides a key */
    uint8_t       word;    /* LqWord of the key */
    uint32_t      hint;    /* JSON member or shape field where the key was last */
} LqStep;

typedef enum LqExprKind {
    LQ_CONST,
    LQ_VAR,  /* name */
    LQ_PATH, /* name.key[expr] */
    LQ_ROOT, /* [expr].key: the name is worked out */
    LQ_SPAN  /* (a..b) */
} LqExprKind;

struct LqExpr {
    uint8_t       kind;
    uint32_t      nsteps;
    uint32_t      sym; /* LQ_VAR, LQ_PATH */
    LiquidValue   value;
    LqStep       *steps;
    const LqExpr *a, *b; /* LQ_SPAN; LQ_ROOT: a is the name */
};

typedef struct LqNamed {
    Str    key;
    LqExpr value;
} LqNamed;

typedef struct LqCall {
    const LiquidFilter *filter; /* NULL: nobody knows it */
    Str                 name;
    const LqExpr       *args;
    const LqNamed      *named;
    uint32_t            nargs, nnamed;
} LqCall;

typedef struct LqOutput {
    LqExpr        expr;
    const LqCall *calls;
    uint32_t      ncalls;
} LqOutput;

/* Where in the page output lands: decides how it is escaped. */
typedef enum LqPlace {
    LQ_PLAIN,   /* no escaping at all */
    LQ_HTML,    /* text, or an attribute in quotes */
    LQ_BARE,    /* an attribute without quotes */
    LQ_SCRIPT,  /* <script>, outside of a JavaScript string */
    LQ_SCRIPT_S /* <script>, inside a JavaScript string */
} LqPlace;

typedef enum LqNodeKind { LQ_N_TEXT, LQ_N_OUTPUT, LQ_N_TAG } LqNodeKind;

typedef void LqRenderTag(LiquidCx *cx, const LqNode *node);

struct LqNode {
    uint8_t  kind;
    bool     blank; /* an error in it is not shown */
    uint8_t  place; /* LqPlace of output */
    bool     fixed; /* text of {% raw %}: no dash behind it trims it */
    uint32_t at;    /* offset in the source */
    union {
        const char     *text;
        const LqOutput *output;
        const void     *tag;
    };
    union {
        size_t       len; /* LQ_N_TEXT */
        LqRenderTag *render;
    };
};

typedef struct LqBlock {
    const LqNode *nodes;
    uint32_t      n;
    bool          blank; /* nothing but white space and silent tags */
} LqBlock;

/* --- what the tags keep --------------------------------------------------------------- */

typedef enum LqRelation { LQ_LAST, LQ_AND, LQ_OR } LqRelation;

typedef enum LqCompare {
    LQ_TRUTH, /* no operator */
    LQ_EQ,
    LQ_NE,
    LQ_LT,
    LQ_GT,
    LQ_LE,
    LQ_GE,
    LQ_CONTAINS,
    LQ_UNKNOWN
} LqCompare;

typedef struct LqCondition LqCondition;
struct LqCondition {
    LqExpr       left, right;
    uint8_t      op;       /* LqCompare */
    uint8_t      relation; /* LqRelation to `next` */
    Str          op_name;  /* for messages */
    LqCondition *next;
};

typedef struct LqBranch {
    const LqCondition *condition; /* NULL: else */
    LqBlock            body;
} LqBranch;

typedef struct LqIf {
    const LqBranch *branches;
    uint32_t        n;
    bool            unless;
} LqIf;

typedef struct LqWhen {
    LqExpr         value;
    bool           is_else;
    uint32_t       same; /* index + 1 of the next one with the same text; 0: none */
    const LqBlock *body;
} LqWhen;

/* When all alternatives are texts, with {% else %} behind them or nowhere, a text is looked up
 * instead of compared with each. */
typedef struct LqCase {
    LqExpr        left;
    const LqWhen *whens;
    uint32_t      n;
    uint32_t     *slots; /* index + 1 of the first with a text, by its hash; NULL: no such case */
    uint32_t      mask;  /* slots - 1 */
} LqCase;

typedef struct LqFor {
    Str           name; /* "item-list" */
    uint32_t      sym;
    uint32_t      key; /* `name` as a symbol, for offset: continue */
    LqExpr        list;
    const LqExpr *limit, *offset; /* NULL: not given */
    bool          offset_continue, reversed;
    LqBlock       body;
    bool          has_else;
    LqBlock       otherwise;
} LqFor;

typedef struct LqTablerow {
    uint32_t      sym;
    LqExpr        list;
    const LqExpr *limit, *offset, *cols;
    LqBlock       body;
} LqTablerow;

typedef struct LqAssign {
    uint32_t sym;
    LqOutput value;
} LqAssign;

typedef struct LqCapture {
    uint32_t sym;
    LqBlock  body;
} LqCapture;

typedef struct LqCounter {
    uint32_t sym;
    int      step; /* 1, -1 */
} LqCounter;

typedef struct LqCycle {
    const LqExpr *name;  /* worked out; NULL: `group` */
    uint32_t      group; /* symbol of the group */
    const LqExpr *items;
    uint32_t      n;
} LqCycle;

typedef struct LqPartial {
    LqExpr          name;
    bool            isolated; /* render */
    bool            each;     /* render … for */
    const LqExpr   *with;     /* NULL: none */
    bool            has_alias;
    uint32_t        alias;
    uint32_t        own;   /* symbol for the value when there is no alias and `name` is constant */
    uint32_t        whole; /* symbol of the whole constant name */
    const LqNamed  *named;
    const uint32_t *syms; /* of the named arguments */
    uint32_t        nnamed;
    const struct LiquidTemplate **loaded; /* atomically: what a constant name stands for */
    bool                          fixed;  /* {% render 'x', a: 1 %}: nothing but constants */
    const Str **made; /* atomically: what a fixed one comes to, when it reads nothing else */
} LqPartial;

typedef struct LqHostTag {
    const LiquidTag *tag;
    const LqExpr    *args;
    const LqNamed   *named;
    uint32_t         nargs, nnamed;
    LqBlock          body;
    Str              raw;
    size_t           index;
} LqHostTag;
