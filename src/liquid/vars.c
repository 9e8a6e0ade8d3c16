/* Variables, scopes and limits of one rendering. */
#include "liquid/cx.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- errors ------------------------------------------------------------------------------ */

PRINTF_LIKE(2, 0) static Str format(LiquidCx *cx, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0 || n > 4096)
        n = n < 0 ? 0 : 4096;
    char *z = arena_alloc(cx->arena, (size_t)n + 1, 1);
    vsnprintf(z, (size_t)n + 1, fmt, ap);
    return (Str){z, (size_t)n};
}

LiquidValue liquid_fail(LiquidCx *cx, const char *fmt, ...)
{
    if (cx->failed || cx->fatal)
        return liquid_nil();
    va_list ap;
    va_start(ap, fmt);
    cx->message = format(cx, fmt, ap);
    va_end(ap);
    cx->failed = true;
    cx->quiet = cx->syntax = cx->placed = false;
    return liquid_nil();
}

void lq_fail_at(LiquidCx *cx, const LiquidError *e)
{
    if (cx->failed || cx->fatal)
        return;
    cx->failed = cx->placed = true;
    cx->quiet = false;
    cx->syntax = e->syntax;
    cx->error = *e;
    cx->message = e->detail;
}

void lq_stop(LiquidCx *cx, Status st, const char *message)
{
    if (cx->fatal)
        return;
    cx->fatal = cx->stop = true;
    cx->failed = false;
    cx->status = st;
    cx->message = str_from_cstr(message);
}

/* --- limits ------------------------------------------------------------------------------ */

void lq_refuel(LiquidCx *cx)
{
    const LiquidLimits *l = &cx->render->limits;
    cx->burnt += (uint64_t)(LQ_FUEL - cx->fuel);
    cx->fuel = LQ_FUEL;
    if (cx->burnt > l->steps)
        lq_stop(cx, ST_LIMIT, "Work limits exceeded");
    else if (cx->arena->used - cx->arena_start > l->memory)
        lq_stop(cx, ST_LIMIT, "Memory limits exceeded");
    else if (cx->out->len - cx->out_start > l->output || buf_overflowed(cx->out))
        lq_stop(cx, ST_LIMIT, "Output limits exceeded");
    else if (clock_now().v > cx->deadline.v)
        lq_stop(cx, ST_LIMIT, "Time limits exceeded");
}

void *liquid_alloc(LiquidCx *cx, size_t size)
{
    lq_burn(cx, size >> 6);
    if (size > cx->render->limits.memory ||
        cx->arena->used - cx->arena_start > cx->render->limits.memory - size)
        lq_stop(cx, ST_LIMIT, "Memory limits exceeded");
    return cx->fatal ? NULL : arena_alloc(cx->arena, size, 16);
}

/* --- variables ----------------------------------------------------------------------------- */

static const LiquidGlobal *search_global(const LiquidCx *cx, Str name)
{
    for (size_t i = 0; i < cx->render->nglobals; i++)
        if (str_eq(cx->render->globals[i].name, name))
            return &cx->render->globals[i];
    return NULL;
}

static bool global(LiquidCx *cx, const LiquidGlobal *g, LiquidValue *ret)
{
    cx->render->saw |= g != NULL && g->shared ? LIQUID_SAW_SHARED : LIQUID_SAW_OWN;
    if (g != NULL)
        *ret = g->value;
    return g != NULL;
}

/* A name that no global can have is looked for nowhere. */
static bool global_sym(LiquidCx *cx, uint32_t sym, Str name, LiquidValue *ret)
{
    if (cx->by_sym == NULL)
        return global(cx, search_global(cx, name), ret);
    return sym < cx->engine->nglobals && global(cx, cx->by_sym[sym], ret);
}

/* Outside of all scopes: counters, the data, what every template sees. */
static bool outside(LiquidCx *cx, uint32_t sym, LiquidValue *ret)
{
    for (const LqTally *t = cx->now.counters; t != NULL; t = t->next)
        if (t->sym == sym) {
            *ret = liquid_int(t->n);
            return true;
        }
    Str name = lq_symbol_name(cx->engine, sym);
    if (lq_is_object(cx->now.data)) {
        cx->render->saw |= LIQUID_SAW_OWN;
        if (lq_member(cx, cx->now.data, name, NULL, ret) &&
            (ret->type != LIQUID_NIL || cx->render->strict_variables))
            return true;
    }
    return global_sym(cx, sym, name, ret);
}

LiquidValue lq_env(LiquidCx *cx, uint32_t sym)
{
    LiquidValue v = {0};
    bool        found = outside(cx, sym, &v);
    if (!found && cx->render->strict_variables) {
        Str name = lq_symbol_name(cx->engine, sym);
        liquid_fail(cx, "undefined variable " STR_FMT, STR_ARG(name));
        cx->quiet = true;
        return liquid_nil();
    }
    LqCell *c = &cx->now.cells[sym];
    *c = (LqCell){.v = v, .gen = cx->now.gen, .kind = LQ_CELL_ENV};
    return v;
}

void lq_assign(LiquidCx *cx, uint32_t sym, LiquidValue v)
{
    LqCell *c = &cx->now.cells[sym];
    if (c->gen == cx->now.gen && c->kind == LQ_CELL_SCOPED) {
        for (size_t i = cx->now.saves; i < cx->nsaves; i++)
            if (cx->saves[i].sym == sym) {
                c = &cx->saves[i].cell;
                break;
            }
    }
    *c = (LqCell){.v = v, .gen = cx->now.gen, .kind = LQ_CELL_OUTER};
}

static void save(LiquidCx *cx, uint32_t sym, LqCell cell)
{
    if (cx->nsaves == cx->saves_cap) {
        size_t  cap = cx->saves_cap == 0 ? 32 : 2 * cx->saves_cap;
        LqSave *bigger = arena_array(cx->arena, LqSave, cap);
        if (cx->nsaves > 0)
            memcpy(bigger, cx->saves, cx->nsaves * sizeof *bigger);
        cx->saves = bigger;
        cx->saves_cap = cap;
    }
    cx->saves[cx->nsaves++] = (LqSave){cell, sym};
}

void lq_bind(LiquidCx *cx, uint32_t sym, LiquidValue v)
{
    LqCell *c = &cx->now.cells[sym];
    save(cx, sym, *c);
    *c = (LqCell){.v = v, .gen = cx->now.gen, .kind = LQ_CELL_SCOPED};
}

bool lq_enter(LiquidCx *cx, size_t *ret_mark)
{
    *ret_mark = cx->nsaves;
    if (cx->depth >= cx->render->limits.depth) {
        liquid_fail(cx, "Nesting too deep");
        return false;
    }
    cx->depth++;
    return true;
}

void lq_leave(LiquidCx *cx, size_t mark)
{
    while (cx->nsaves > mark) {
        const LqSave *s = &cx->saves[--cx->nsaves];
        cx->now.cells[s->sym] = s->cell;
    }
    cx->depth--;
}

int64_t *lq_tally(LiquidCx *cx, LqTally **list, uint32_t sym, int64_t first)
{
    for (LqTally *t = *list; t != NULL; t = t->next)
        if (t->sym == sym && t->key.ptr == NULL)
            return &t->n;
    LqTally *t = arena_new(cx->arena, LqTally);
    *t = (LqTally){.sym = sym, .n = first, .next = *list};
    *list = t;
    return &t->n;
}

/* --- levels ---------------------------------------------------------------------------------- */

static void reserve(LiquidCx *cx, uint32_t syms)
{
    LqLevel *l = &cx->now;
    if (syms <= l->ncells)
        return;
    uint32_t n = lq_symbol_count(cx->engine);
    LqCell  *bigger = arena_array(cx->arena, LqCell, n);
    if (l->ncells > 0)
        memcpy(bigger, l->cells, l->ncells * sizeof *bigger);
    l->cells = bigger;
    l->ncells = n;
}

void lq_reserve_cells(LiquidCx *cx, const LiquidTemplate *t)
{
    reserve(cx, t->nsyms);
}

uint32_t lq_name_cell(LiquidCx *cx, Str name)
{
    uint32_t sym = lq_symbol_locked(cx->engine, name);
    reserve(cx, sym + 1);
    return sym;
}

bool lq_level_push(LiquidCx *cx, LqLevel *saved)
{
    if (cx->depth >= cx->render->limits.depth) {
        liquid_fail(cx, "Nesting too deep");
        return false;
    }
    cx->depth++;
    *saved = cx->now;
    uint32_t gen = ++cx->next_gen;
    cx->now = (LqLevel){.gen = gen, .saves = cx->nsaves};
    if (cx->nspares > 0) { /* of a level that ended: nobody's, by its generation */
        cx->now.cells = cx->spares[--cx->nspares].cells;
        cx->now.ncells = cx->spares[cx->nspares].n;
    }
    return true;
}

void lq_level_pop(LiquidCx *cx, const LqLevel *saved)
{
    if (cx->now.ncells > 0 && cx->nspares < LQ_SPARES)
        cx->spares[cx->nspares++] = (struct LqSpare){cx->now.cells, cx->now.ncells};
    cx->now = *saved;
    cx->depth--;
}

/* --- for hosts ----------------------------------------------------------------------------------
 */

Arena *liquid_arena(LiquidCx *cx)
{
    return cx->arena;
}

void *liquid_host(LiquidCx *cx)
{
    cx->render->saw |= LIQUID_SAW_HOST;
    return cx->render->host;
}

LiquidRender *liquid_rendering(LiquidCx *cx)
{
    return cx->render;
}

size_t liquid_written(const LiquidCx *cx)
{
    return cx->out->len;
}

Str liquid_written_since(const LiquidCx *cx, size_t from)
{
    return str_skip(buf_str(cx->out), from);
}

UnixMs liquid_now(LiquidCx *cx)
{
    cx->render->saw |= LIQUID_SAW_NOW;
    if (cx->time.v == 0)
        cx->time = cx->render->now.v != 0 ? cx->render->now : clock_now();
    return cx->time;
}

bool liquid_plain(LiquidCx *cx)
{
    return cx->engine->options.plain;
}

LiquidValue liquid_lookup(LiquidCx *cx, Str name)
{
    uint32_t    sym;
    LiquidValue v = {0};
    if (lq_symbol_find(cx->engine, name, &sym) && sym < cx->now.ncells)
        return lq_var(cx, sym);
    if (lq_is_object(cx->now.data) && lq_member(cx, cx->now.data, name, NULL, &v))
        return v;
    (void)global(cx, search_global(cx, name), &v);
    return v;
}
