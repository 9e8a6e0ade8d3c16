/* Nodes into the output buffer. */
#include "liquid/parse.h"

#include "liquid/cx.h"
#include "liquid/json_out.h"
#include "liquid/number.h"

#include "base/html_run.h"

#include <stdio.h>
#include <string.h>

/* --- output ------------------------------------------------------------------------------ */

static void out_str(LiquidCx *cx, Str s)
{
    lq_out(cx, s.ptr, s.len);
}

static void out_int(LiquidCx *cx, int64_t v)
{
    char  text[24];
    char *end = text + sizeof text, *p = end;
    /* Two's complement: INT64_MIN has no positive counterpart. */
    uint64_t abs = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        *--p = (char)('0' + abs % 10);
        abs /= 10;
    } while (abs > 0);
    if (v < 0)
        *--p = '-';
    lq_out(cx, p, (size_t)(end - p));
}

/* Text without anything special, the usual case, goes out in one piece. */
static void out_html(LiquidCx *cx, Str s)
{
    const char *p = s.len > 0 ? s.ptr : "", *end = p + s.len;
    for (;;) {
        const char *from = p;
        p = html_plain_run(p, end);
        lq_out(cx, from, (size_t)(p - from));
        if (p == end)
            return;
        out_str(cx, html_entity_of(*p++));
    }
}

/* An attribute without quotes ends at a space, too. */
static void out_bare(LiquidCx *cx, Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        char text[8];
        if (lq_is_space(c) || c == '=' || c == '`' || c == '\0') {
            int n = snprintf(text, sizeof text, "&#%d;", c);
            lq_out(cx, text, (size_t)n);
        } else {
            out_html(cx, (Str){s.ptr + i, 1});
        }
    }
}

static bool is_html(LiquidValue v)
{
    return v.safe == LIQUID_SAFE_HTML || v.safe == LIQUID_SAFE_RAW;
}

static void out_text(LiquidCx *cx, LiquidValue v, LqPlace place)
{
    Str s = liquid_str(v);
    switch (place) {
    case LQ_PLAIN: out_str(cx, s); break;
    case LQ_HTML: is_html(v) ? out_str(cx, s) : out_html(cx, s); break;
    case LQ_BARE: is_html(v) ? out_str(cx, s) : out_bare(cx, s); break;
    case LQ_SCRIPT: lq_json_out(cx, v); break;
    case LQ_SCRIPT_S: v.safe == LIQUID_SAFE_RAW ? out_str(cx, s) : lq_json_inner(cx, s); break;
    }
}

static void out_other(LiquidCx *cx, LiquidValue v, LqPlace place)
{
    if (v.type == LIQUID_DROP && v.drop->type->text != NULL) {
        lq_write(cx, v.drop->type->text(cx, v.drop->self), place);
        return;
    }
    char text[LQ_NUMBER_MAX];
    if (v.type == LIQUID_REAL)
        lq_out(cx, text, lq_real_text(v.r, text));
    else
        out_text(cx, liquid_text(liquid_to_text(cx, v)), place);
}

void lq_write(LiquidCx *cx, LiquidValue v, LqPlace place)
{
    if (v.type == LIQUID_TEXT) {
        out_text(cx, v, place);
    } else if (v.type == LIQUID_INT) {
        out_int(cx, v.i);
    } else if (v.type == LIQUID_ARRAY || v.type == LIQUID_JLIST || v.type == LIQUID_SLIST) {
        size_t n = liquid_count(cx, v);
        if (++cx->render_depth > 100) {
            cx->render_depth--;
            return;
        }
        for (size_t i = 0; i < n && !cx->fatal; i++) {
            lq_burn(cx, 1);
            lq_write(cx, liquid_at(cx, v, i), place);
        }
        cx->render_depth--;
    } else if (v.type != LIQUID_NIL) {
        out_other(cx, v, place);
    }
}

LiquidValue lq_take_output(LiquidCx *cx, size_t from, bool html)
{
    size_t n = cx->out->len - from;
    cx->render->saw |= LIQUID_CAPTURED;
    char *kept = liquid_alloc(cx, n + 1);
    if (kept == NULL)
        return liquid_nil();
    if (n > 0)
        memcpy(kept, cx->out->ptr + from, n);
    cx->out->len = from;
    LiquidValue v = liquid_text((Str){kept, n});
    v.safe = html ? LIQUID_SAFE_HTML : LIQUID_UNSAFE;
    return v;
}

/* --- errors --------------------------------------------------------------------------------- */

static LiquidError describe(LiquidCx *cx, const LqNode *node)
{
    LiquidError e = {.detail = cx->message, .syntax = cx->syntax};
    lq_burn(cx, 16 + cx->template->source.len / 64);
    if (cx->placed) {
        e = cx->error;
    } else {
        if (cx->partial)
            e.template = cx->template->name;
        lq_place_of(cx->template, node->at, &e.line, &e.column);
    }
    size_t size = e.detail.len + e.template.len + 64;
    char  *z = arena_alloc(cx->arena, size, 1);
    int    n = snprintf(z, size, "%s (" STR_FMT "%sline %u): " STR_FMT,
                     e.syntax ? "Liquid syntax error" : "Liquid error", STR_ARG(e.template),
                     e.template.len > 0 ? " " : "", e.line, STR_ARG(e.detail));
    e.message = (Str){z, n > 0 ? (size_t)n : 0};
    return e;
}

void lq_report(LiquidCx *cx, const LqNode *node)
{
    LiquidError e = describe(cx, node);
    cx->failed = false;
    if (cx->render->errors++ == 0) {
        cx->render->first = e;
        if (e.template.ptr == NULL)
            cx->render->first.template = cx->template->name;
    }
    if (cx->render->raise) {
        lq_stop(cx, ST_INVALID, "");
        return;
    }
    if (cx->quiet || (node->kind == LQ_N_TAG && node->blank))
        return;
    if (node->place == LQ_PLAIN)
        out_str(cx, e.message);
    else
        out_html(cx, e.message);
}

/* --- blocks ------------------------------------------------------------------------------------
 */

static void render_output(LiquidCx *cx, const LqNode *node)
{
    const LqOutput *o = node->output;
    LiquidValue     v = o->ncalls == 0 ? lq_eval(cx, &o->expr) : lq_eval_output(cx, o);
    if (!cx->failed)
        lq_write(cx, v, (LqPlace)node->place);
}

void lq_render_block(LiquidCx *cx, const LqBlock *b)
{
    const LqNode *node = b->nodes, *end = node + b->n;
    lq_burn(cx, b->n);
    for (; node < end && !cx->stop; node++) {
        if (node->kind == LQ_N_TEXT) {
            lq_out(cx, node->text, node->len);
            continue;
        }
        if (node->kind == LQ_N_OUTPUT)
            render_output(cx, node);
        else
            node->render(cx, node);
        if (cx->failed)
            lq_report(cx, node);
    }
}

/* --- one rendering
 * -------------------------------------------------------------------------------- */

static void set_limits(LiquidRender *r)
{
    LiquidLimits *l = &r->limits;
    if (l->output == 0)
        l->output = (size_t)16 << 20;
    if (l->memory == 0)
        l->memory = (size_t)64 << 20;
    if (l->steps == 0)
        l->steps = 20000000;
    if (l->time_ms == 0)
        l->time_ms = 5000;
    if (l->depth == 0)
        l->depth = LQ_DEPTH;
}

static Status finish(LiquidCx *cx, LiquidError *ret_error)
{
    lq_refuel(cx);
    if (!cx->fatal)
        return ST_OK;
    if (cx->render->raise && cx->status == ST_INVALID) {
        *ret_error = cx->render->first;
        return ST_INVALID;
    }
    *ret_error = (LiquidError){.detail = cx->message, .template = cx->template->name};
    size_t size = cx->message.len + 32;
    char  *z = arena_alloc(cx->arena, size, 1);
    int    n = snprintf(z, size, "Liquid error: " STR_FMT, STR_ARG(cx->message));
    ret_error->message = (Str){z, n > 0 ? (size_t)n : 0};
    return cx->status;
}

/* Globals by their symbols: the first of a name is it. */
static void index_globals(LiquidCx *cx, const LiquidGlobal **by_sym)
{
    const LiquidRender *r = cx->render;
    memset(by_sym, 0, cx->engine->nglobals * sizeof(const LiquidGlobal *));
    for (size_t i = r->nglobals; i > 0; i--) {
        uint32_t sym;
        bool     known = lq_symbol_find(cx->engine, r->globals[i - 1].name, &sym);
        ASSERT(known && sym < cx->engine->nglobals); /* it stands in LiquidOptions.globals */
        by_sym[sym] = &r->globals[i - 1];
    }
    cx->by_sym = by_sym;
}

Status liquid_render(const LiquidTemplate *t, LiquidRender *r, LiquidError *ret_error)
{
    NOT_CLEARED const LiquidGlobal *by_sym[LQ_GLOBALS_MAX];
    LiquidLimits                    given = r->limits;
    set_limits(r);
    r->errors = 0;
    r->saw = 0;
    LiquidCx cx = {.out = r->out,
                   .arena = r->arena,
                   .engine = t->engine,
                   .template = t,
                   .render = r,
                   .fuel = LQ_FUEL,
                   .next_gen = 1,
                   .arena_start = r->arena->used,
                   .out_start = r->out->len};
    cx.now = (LqLevel){.gen = 1, .data = r->data};
    if (t->engine->nglobals > 0)
        index_globals(&cx, by_sym);
    cx.deadline = unix_ms_add(clock_now(), (SpanMs){r->limits.time_ms});
    lq_reserve_cells(&cx, t);
    lq_render_block(&cx, &t->body);
    Status st = finish(&cx, ret_error);
    r->limits = given;
    return st;
}
