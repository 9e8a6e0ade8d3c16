/* What the tags do, but for loops and partials. */
#include "liquid/parse.h"

#include "liquid/cx.h"

#include <stdio.h>
#include <string.h>

void lq_render_nothing(LiquidCx *cx, const LqNode *node)
{
    (void)cx;
    (void)node;
}

void lq_render_if(LiquidCx *cx, const LqNode *node)
{
    const LqIf *t = node->tag;
    for (uint32_t i = 0; i < t->n; i++) {
        const LqBranch *b = &t->branches[i];
        bool            holds = b->condition == NULL || lq_holds(cx, b->condition);
        if (cx->failed)
            return;
        if (i == 0 && t->unless)
            holds = !holds;
        if (holds) {
            lq_render_block(cx, &b->body);
            return;
        }
    }
}

uint32_t *lq_case_slot(const LqCase *c, const LqWhen *whens, Str text)
{
    uint32_t at = lq_hash(text) & c->mask;
    while (c->slots[at] != 0 && !str_eq(liquid_str(whens[c->slots[at] - 1].value.value), text))
        at = (at + 1) & c->mask;
    return &c->slots[at];
}

static void render_found(LiquidCx *cx, const LqCase *t, Str text)
{
    uint32_t at = *lq_case_slot(t, t->whens, text);
    if (at == 0 && t->whens[t->n - 1].is_else)
        at = t->n;
    for (; at != 0 && !cx->stop; at = t->whens[at - 1].same)
        lq_render_block(cx, t->whens[at - 1].body);
}

/* Every branch that matches is rendered, as often as it does. */
void lq_render_case(LiquidCx *cx, const LqNode *node)
{
    const LqCase *t = node->tag;
    bool          matched = false;
    if (t->slots != NULL) {
        LiquidValue left = lq_eval(cx, &t->left);
        if (cx->failed)
            return;
        if (left.type == LIQUID_TEXT) {
            render_found(cx, t, liquid_str(left));
            return;
        }
    }
    for (uint32_t i = 0; i < t->n && !cx->stop; i++) {
        const LqWhen     *w = &t->whens[i];
        const LqCondition same = {.left = t->left, .right = w->value, .op = LQ_EQ};
        bool              holds = w->is_else ? !matched : lq_holds(cx, &same);
        if (cx->failed)
            return;
        if (!holds)
            continue;
        matched = matched || !w->is_else;
        lq_render_block(cx, w->body);
    }
}

void lq_render_assign(LiquidCx *cx, const LqNode *node)
{
    const LqAssign *t = node->tag;
    LiquidValue     v = lq_eval_output(cx, &t->value);
    if (!cx->failed)
        lq_assign(cx, t->sym, v);
}

void lq_render_capture(LiquidCx *cx, const LqNode *node)
{
    const LqCapture *t = node->tag;
    size_t           from = cx->out->len;
    lq_render_block(cx, &t->body);
    lq_assign(cx, t->sym, lq_take_output(cx, from, node->place != LQ_PLAIN));
}

void lq_render_ifchanged(LiquidCx *cx, const LqNode *node)
{
    const LqBlock *body = node->tag;
    size_t         from = cx->out->len;
    lq_render_block(cx, body);
    LiquidValue v = lq_take_output(cx, from, true);
    if (cx->now.changed.type == LIQUID_TEXT && liquid_equal(cx, v, cx->now.changed))
        return;
    cx->now.changed = v;
    if (v.type == LIQUID_TEXT)
        lq_out(cx, v.s, v.len);
}

/* Counters live beside the data: {% assign %} hides them, but does not change them. */
void lq_render_counter(LiquidCx *cx, const LqNode *node)
{
    const LqCounter *t = node->tag;
    int64_t          first = 0;
    bool             known = false;
    for (const LqTally *c = cx->now.counters; c != NULL && !known; c = c->next)
        known = c->sym == t->sym;
    if (!known) {
        Str         name = lq_symbol_name(cx->engine, t->sym);
        LiquidValue v =
            lq_is_object(cx->now.data) ? liquid_get(cx, cx->now.data, name) : liquid_nil();
        if (v.type == LIQUID_INT)
            first = v.i;
    }
    int64_t *n = lq_tally(cx, &cx->now.counters, t->sym, first);
    int64_t  shown = t->step < 0 ? *n - 1 : *n;
    if (__builtin_add_overflow(*n, t->step, n))
        *n = 0;
    LqCell *cell = &cx->now.cells[t->sym];
    if (cell->gen == cx->now.gen && cell->kind == LQ_CELL_ENV)
        cell->gen = 0; /* what was looked up before is old now */
    lq_write(cx, liquid_int(shown), LQ_PLAIN);
}

/* The place of a cycle that has a name: cycles of the same value share it. */
static int64_t *named_cycle(LiquidCx *cx, const LqCycle *t)
{
    LiquidValue name = lq_eval(cx, t->name);
    Str         key = lq_inspect(cx, name);
    for (LqTally *c = cx->now.cycles; c != NULL; c = c->next)
        if (c->key.ptr != NULL && str_eq(c->key, key))
            return &c->n;
    LqTally *c = arena_new(cx->arena, LqTally);
    *c = (LqTally){.key = key, .next = cx->now.cycles};
    cx->now.cycles = c;
    return &c->n;
}

void lq_render_cycle(LiquidCx *cx, const LqNode *node)
{
    const LqCycle *t = node->tag;
    int64_t       *at = t->name != NULL ? named_cycle(cx, t) : lq_slot(cx, t->group);
    LiquidValue    v = *at < t->n ? lq_eval(cx, &t->items[*at]) : liquid_nil();
    if (cx->failed)
        return;
    lq_write(cx, v, (LqPlace)node->place);
    *at = *at + 1 >= t->n ? 0 : *at + 1;
}

void lq_render_break(LiquidCx *cx, const LqNode *node)
{
    (void)node;
    cx->interrupt = LQ_BREAK;
    cx->stop = true;
}

void lq_render_continue(LiquidCx *cx, const LqNode *node)
{
    (void)node;
    cx->interrupt = LQ_CONTINUE;
    cx->stop = true;
}

/* --- tags of the host ----------------------------------------------------------------------------
 */

void lq_render_host_tag(LiquidCx *cx, const LqNode *node)
{
    const LqHostTag        *t = node->tag;
    NOT_CLEARED LiquidValue v[16];
    NOT_CLEARED LiquidPair  named[16];
    if (t->tag->render == NULL)
        return;
    for (uint32_t i = 0; i < t->nargs; i++)
        v[i] = lq_eval(cx, &t->args[i]);
    for (uint32_t i = 0; i < t->nnamed; i++)
        named[i] = (LiquidPair){t->named[i].key, lq_eval(cx, &t->named[i].value)};
    if (cx->failed)
        return;
    LiquidTagCall call = {.tag = t->tag,
                          .args = {v, t->nargs, named, t->nnamed},
                          .body = &t->body,
                          .raw = t->raw,
                          .index = t->index};
    t->tag->render(cx, &call);
}

void liquid_write(LiquidCx *cx, Str html)
{
    lq_out(cx, html.ptr, html.len);
}

void liquid_write_value(LiquidCx *cx, LiquidValue v)
{
    lq_write(cx, v, liquid_plain(cx) ? LQ_PLAIN : LQ_HTML);
}

void liquid_render_body(LiquidCx *cx, const LiquidTagCall *call)
{
    lq_render_block(cx, call->body);
}

LiquidValue liquid_capture_body(LiquidCx *cx, const LiquidTagCall *call)
{
    size_t from = cx->out->len;
    lq_render_block(cx, call->body);
    return lq_take_output(cx, from, !liquid_plain(cx));
}

/* Scopes of hosts nest, so one mark per depth is enough: it is kept in the scope itself. */
bool liquid_enter(LiquidCx *cx)
{
    size_t mark;
    if (!lq_enter(cx, &mark))
        return false;
    if (cx->nhost_marks == COUNT_OF(cx->host_marks)) {
        lq_leave(cx, mark);
        liquid_fail(cx, "Nesting too deep");
        return false;
    }
    cx->host_marks[cx->nhost_marks++] = mark;
    return true;
}

void liquid_set(LiquidCx *cx, Str name, LiquidValue v)
{
    lq_bind(cx, lq_name_cell(cx, name), v);
}

void liquid_leave(LiquidCx *cx)
{
    ASSERT(cx->nhost_marks > 0);
    lq_leave(cx, cx->host_marks[--cx->nhost_marks]);
}
