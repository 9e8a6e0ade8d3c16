/* for and tablerow. */
#include "liquid/parse.h"

#include "liquid/cx.h"
#include "liquid/number.h"

#include <stdio.h>

/* The part of a list that a loop walks over. */
typedef struct Segment {
    LiquidValue list;
    size_t      from, n;
} Segment;

static void cut(LiquidCx *cx, Segment *s, int64_t from, bool limited, int64_t to)
{
    size_t count = lq_iter_count(cx, s->list);
    size_t end = !limited ? count : to <= 0 ? 0 : (uint64_t)to < count ? (size_t)to : count;
    if (s->list.type == LIQUID_TEXT) { /* text is one item, whatever the limits say */
        end = count;
        from = 0;
    }
    s->from = from <= 0 ? 0 : (uint64_t)from < count ? (size_t)from : count;
    s->n = end > s->from ? end - s->from : 0;
}

static bool add_limit(int64_t from, int64_t limit, int64_t *ret)
{
    if (__builtin_add_overflow(from, limit, ret))
        *ret = limit > 0 ? INT64_MAX : INT64_MIN;
    return true;
}

static bool for_segment(LiquidCx *cx, const LqFor *t, Segment *s)
{
    int64_t from = 0, limit = 0, to = 0;
    bool    limited = false;
    if (t->offset_continue) {
        from = *lq_slot(cx, t->key);
    } else if (t->offset != NULL) {
        LiquidValue v = lq_eval(cx, t->offset);
        if (v.type != LIQUID_NIL && !liquid_to_int(cx, v, &from))
            return false;
    }
    s->list = lq_eval(cx, &t->list);
    if (t->limit != NULL) {
        LiquidValue v = lq_eval(cx, t->limit);
        if (v.type != LIQUID_NIL && !liquid_to_int(cx, v, &limit))
            return false;
        limited = v.type != LIQUID_NIL && add_limit(from, limit, &to);
    }
    cut(cx, s, from, limited, to);
    if (cx->failed)
        return false;
    (void)add_limit(from, (int64_t)s->n, lq_slot(cx, t->key));
    return true;
}

/* True when the loop goes on: breaks and continues meant for it end here. */
static bool go_on(LiquidCx *cx)
{
    if (!cx->stop)
        return true;
    if (cx->fatal)
        return false;
    bool again = cx->interrupt == LQ_CONTINUE;
    cx->interrupt = LQ_RUN;
    cx->stop = false;
    return again;
}

static uint32_t forloop_sym(const LiquidCx *cx, bool row)
{
    return row ? cx->engine->tablerowloop : cx->engine->forloop;
}

/* A loop and its variables in a scope of their own. False with an error. */
static LqLoop *open_loop(LiquidCx *cx, uint32_t sym, bool row, size_t *mark)
{
    LqLoop *loop = liquid_alloc(cx, sizeof *loop);
    if (loop == NULL || !lq_enter(cx, mark))
        return NULL;
    *loop = (LqLoop){.parent = row ? NULL : cx->now.loop, .cols = -1};
    lq_bind(cx, forloop_sym(cx, row), (LiquidValue){.type = LIQUID_LOOP, .loop = loop});
    lq_bind(cx, sym, liquid_nil());
    return loop;
}

void lq_render_for(LiquidCx *cx, const LqNode *node)
{
    const LqFor *t = node->tag;
    Segment      s;
    size_t       mark;
    if (!for_segment(cx, t, &s))
        return;
    if (s.n == 0) {
        if (t->has_else)
            lq_render_block(cx, &t->otherwise);
        return;
    }
    LqLoop *loop = open_loop(cx, t->sym, false, &mark);
    if (loop == NULL)
        return;
    loop->name = t->name;
    loop->length = (int64_t)s.n;
    cx->now.loop = loop;
    for (size_t i = 0; i < s.n; i++) {
        size_t at = s.from + (t->reversed ? s.n - 1 - i : i);
        loop->index = (int64_t)i;
        lq_rebind(cx, t->sym, lq_iter_at(cx, s.list, at));
        lq_render_block(cx, &t->body);
        lq_burn(cx, 1);
        if (!go_on(cx))
            break;
    }
    cx->now.loop = loop->parent;
    lq_leave(cx, mark);
}

/* --- tablerow ----------------------------------------------------------------------------------
 */

/* As Ruby's to_i. False, with an error, for what has none. */
static bool loose_int(LiquidCx *cx, const LqExpr *e, int64_t fallback, int64_t *ret)
{
    *ret = fallback;
    if (e == NULL)
        return true;
    LiquidValue v = lq_eval(cx, e);
    if (lq_is_list(v) || lq_is_object(v) || v.type == LIQUID_BOOL) {
        liquid_fail(cx, "invalid integer");
        return false;
    }
    LqNum n = lq_num(v);
    n = n.m < 0 ? lq_num_ceil(n) : lq_num_floor(n);
    *ret = n.m > INT32_MAX ? INT32_MAX : n.m < INT32_MIN ? INT32_MIN : (int64_t)n.m;
    return !cx->failed;
}

static void out_number(LiquidCx *cx, const char *before, int64_t n, const char *after)
{
    char text[64];
    int  len = snprintf(text, sizeof text, "%s%lld%s", before, (long long)n, after);
    lq_out(cx, text, (size_t)len);
}

static void next_cell(LiquidCx *cx, LqLoop *loop)
{
    if (loop->col == loop->cols && loop->index != loop->length - 1)
        out_number(cx, "</tr>\n<tr class=\"row", loop->row + 1, "\">");
    loop->index++;
    if (loop->col == loop->cols) {
        loop->col = 1;
        loop->row++;
    } else {
        loop->col++;
    }
}

static void render_cells(LiquidCx *cx, const LqTablerow *t, const Segment *s, LqLoop *loop)
{
    for (size_t i = 0; i < s->n && !cx->fatal; i++) {
        lq_burn(cx, 1);
        lq_rebind(cx, t->sym, lq_iter_at(cx, s->list, s->from + i));
        out_number(cx, "<td class=\"col", loop->col, "\">");
        lq_render_block(cx, &t->body);
        lq_out(cx, "</td>", 5);
        if (!go_on(cx))
            return;
        next_cell(cx, loop);
    }
}

void lq_render_tablerow(LiquidCx *cx, const LqNode *node)
{
    const LqTablerow *t = node->tag;
    Segment           s = {.list = lq_eval(cx, &t->list)};
    int64_t           from, limit, cols, to = 0;
    size_t            mark;
    if (!liquid_truthy(s.list) || cx->failed)
        return;
    if (!loose_int(cx, t->offset, 0, &from) || !loose_int(cx, t->limit, 0, &limit))
        return;
    bool limited = t->limit != NULL && add_limit(from, limit, &to);
    cut(cx, &s, from, limited, to);
    if (!loose_int(cx, t->cols, (int64_t)s.n, &cols))
        return;
    LqLoop *loop = open_loop(cx, t->sym, true, &mark);
    if (loop == NULL)
        return;
    loop->length = (int64_t)s.n;
    loop->cols = cols < 0 ? 0 : cols;
    loop->col = loop->row = 1;
    lq_out(cx, "<tr class=\"row1\">\n", 18);
    render_cells(cx, t, &s, loop);
    lq_out(cx, "</tr>\n", 6);
    lq_leave(cx, mark);
}
