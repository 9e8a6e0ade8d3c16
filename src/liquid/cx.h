/* cx.h - inside of the engine: the state of one rendering.
 *
 * Variables are cells, one per name that any template of the engine uses: looking a name
 * up is one access to an array. A scope (a loop, an include) saves the cells that it sets
 * and puts them back when it ends; {% assign %} goes to the outermost scope, below them.
 * A cell belongs to the rendering when its `gen` is the current one, so that an isolated
 * {% render %} begins with empty cells without clearing an array.
 *
 * An error sets `failed`; whoever renders a node writes the message there. `stop` ends
 * blocks early: a break or continue on its way to its loop, or the end of everything. */
#pragma once

#include "liquid/engine.h"

#include <string.h>

typedef enum LqInterrupt { LQ_RUN, LQ_BREAK, LQ_CONTINUE } LqInterrupt;

typedef enum LqCellKind { LQ_CELL_ENV, LQ_CELL_OUTER, LQ_CELL_SCOPED } LqCellKind;

typedef struct LqCell {
    LiquidValue v;
    uint32_t    gen;
    uint8_t     kind;
    bool        missing; /* LQ_CELL_ENV: no such name */
} LqCell;

typedef struct LqSave {
    LqCell   cell;
    uint32_t sym;
} LqSave;

typedef struct LqLoop {
    const struct LqLoop *parent;
    Str                  name;
    int64_t              length, index;
    int64_t              cols, col, row; /* tablerow; cols < 0: a for loop */
} LqLoop;

/* {% increment %} by symbol, cycles by name. */
typedef struct LqTally {
    uint32_t        sym;
    Str             key; /* cycles with a name: its value */
    int64_t         n;
    struct LqTally *next;
} LqTally;

/* What is separate in an isolated snippet. */
typedef struct LqLevel {
    LqCell       *cells;
    uint32_t      ncells, gen;
    size_t        saves;             /* the scope stack begins here */
    LqTally      *counters, *cycles; /* cycles: those with a name */
    const LqLoop *loop;
    LiquidValue   changed; /* what {% ifchanged %} saw last */
    LiquidValue   data;
} LqLevel;

enum { LQ_FUEL = 512, LQ_DEPTH = 100, LQ_SPARES = 8 };

struct LiquidCx {
    LqLevel now; /* the level we are in; `levels` keeps the outer ones */
    Buf    *out;
    Arena  *arena;
    Liquid *engine;
    const LiquidTemplate *template;
    LiquidRender              *render;
    LqSave                    *saves;
    size_t                     nsaves, saves_cap;
    bool                       failed; /* an error waits to be written */
    bool                       quiet;  /* … which is never shown: unknown variable or filter */
    bool                       syntax; /* … which is one of syntax, in a partial */
    bool                       fatal;  /* nothing more is rendered */
    bool                       stop;   /* fatal, or an interrupt */
    bool                       partial;
    uint8_t                    interrupt;
    unsigned                   depth, render_depth;
    int64_t                    fuel; /* steps until the next look at the limits */
    uint64_t                   burnt;
    size_t                     arena_start, out_start;
    UnixMs                     deadline, time;
    Status                     status;
    Str                        message; /* of the error that waits */
    LiquidError                error;   /* when it has a place of its own (a partial's syntax) */
    bool                       placed;
    unsigned                   isolated; /* inside of {% render %} */
    size_t                     host_marks[32], nhost_marks;
    const LiquidGlobal *const *by_sym; /* the engine's nglobals, when it knows their names */
    struct LqSpare {
        LqCell  *cells;
        uint32_t n;
    } spares[LQ_SPARES]; /* cells of isolated levels that ended */
    uint32_t nspares, next_gen;
};

/* --- limits ---------------------------------------------------------------------------- */

/* Look at all limits; called when fuel ran out. */
void lq_refuel(LiquidCx *cx);

/* Pay for `n` steps of work. */
static inline void lq_burn(LiquidCx *cx, size_t n)
{
    cx->fuel -= n < INT32_MAX ? (int64_t)n : INT32_MAX;
    if (cx->fuel < 0)
        lq_refuel(cx);
}

void lq_stop(LiquidCx *cx, Status st, const char *message);

/* --- variables ------------------------------------------------------------------------- */

LiquidValue lq_env(LiquidCx *cx, uint32_t sym); /* the slow way, outside of all scopes */

static inline LiquidValue lq_var(LiquidCx *cx, uint32_t sym)
{
    const LqCell *c = &cx->now.cells[sym];
    return c->gen == cx->now.gen ? c->v : lq_env(cx, sym);
}

void lq_assign(LiquidCx *cx, uint32_t sym, LiquidValue v); /* in the outermost scope */
void lq_bind(LiquidCx *cx, uint32_t sym, LiquidValue v);   /* in the innermost one */

/* Set again what lq_bind() bound in this scope: a loop's variable. */
static inline void lq_rebind(LiquidCx *cx, uint32_t sym, LiquidValue v)
{
    cx->now.cells[sym].v = v;
}

/* Begin a scope; false with an error when there are too many. Give the mark to lq_leave(). */
NODISCARD bool lq_enter(LiquidCx *cx, size_t *ret_mark);
void           lq_leave(LiquidCx *cx, size_t mark);

/* A number kept under a symbol that is no variable's, 0 at first. */
static inline int64_t *lq_slot(LiquidCx *cx, uint32_t sym)
{
    LqCell *c = &cx->now.cells[sym];
    if (c->gen != cx->now.gen)
        *c = (LqCell){.gen = cx->now.gen, .kind = LQ_CELL_OUTER};
    return &c->v.i;
}

int64_t *lq_tally(LiquidCx *cx, LqTally **list, uint32_t sym, int64_t first);

/* Room for the names of a template that is about to be rendered, or for one name. */
void     lq_reserve_cells(LiquidCx *cx, const LiquidTemplate *t);
uint32_t lq_name_cell(LiquidCx *cx, Str name);

NODISCARD bool lq_level_push(LiquidCx *cx, LqLevel *saved);
void           lq_level_pop(LiquidCx *cx, const LqLevel *saved);

/* --- evaluation (expr.c) ---------------------------------------------------------------- */

LiquidValue lq_eval(LiquidCx *cx, const LqExpr *e);
LiquidValue lq_eval_output(LiquidCx *cx, const LqOutput *o);
bool        lq_holds(LiquidCx *cx, const LqCondition *c);

/* --- rendering (render.c) --------------------------------------------------------------- */

void lq_render_block(LiquidCx *cx, const LqBlock *b);
void lq_report(LiquidCx *cx, const LqNode *node); /* write the error that waits */
void lq_fail_at(LiquidCx *cx, const LiquidError *e);
void lq_write(LiquidCx *cx, LiquidValue v, LqPlace place);

static inline void lq_out(LiquidCx *cx, const char *p, size_t n)
{
    Buf *b = cx->out;
    if (n < b->cap - b->len && n <= b->max - b->len && b->cap > b->len) {
        memcpy(b->ptr + b->len, p, n);
        b->len += n;
        b->ptr[b->len] = '\0';
        return;
    }
    buf_add(b, (Str){p, n});
}

/* Everything rendered by fn since `from`, as a value; the output is cut back. */
LiquidValue lq_take_output(LiquidCx *cx, size_t from, bool html);

/* --- values (value.c, compare.c, text.c) ------------------------------------------------ */

bool lq_is_list(LiquidValue v);   /* list, range, drop with items */
bool lq_is_object(LiquidValue v); /* has members */

/* Member of an object: false when it has none of that name. */
NODISCARD bool lq_member(LiquidCx *cx, LiquidValue v, Str key, uint32_t *hint, LiquidValue *ret);

/* Things a loop walks over: lists, ranges, objects ([key, value]), one text. */
size_t      lq_iter_count(LiquidCx *cx, LiquidValue v);
LiquidValue lq_iter_at(LiquidCx *cx, LiquidValue v, size_t i);

/* .size of anything; false for what has none. */
NODISCARD bool lq_size(LiquidCx *cx, LiquidValue v, LiquidValue *ret);

/* First or last character; empty for empty text. */
LiquidValue lq_end_char(Str s, bool last);

NODISCARD bool lq_loop_member(LiquidCx *cx, const LqLoop *l, LqWord word, LiquidValue *ret);

bool lq_is_empty(LiquidCx *cx, LiquidValue v);
bool lq_is_blank(LiquidCx *cx, LiquidValue v);

/* <=>: false when the two cannot be compared. */
NODISCARD bool lq_order(LiquidCx *cx, LiquidValue x, LiquidValue y, int *ret);

/* Ruby's names, for messages: "Integer", or the value itself for small ones. */
Str lq_class_name(LiquidValue v);
Str lq_inspect(LiquidCx *cx, LiquidValue v);

/* Append what {{ v }} prints. */
void lq_text_add(LiquidBuild *b, LiquidValue v);
void lq_inspect_add(LiquidBuild *b, LiquidValue v, unsigned depth);

/* [key, value] */
LiquidValue lq_pair(LiquidCx *cx, LiquidValue key, LiquidValue value);
