/* include and render: other templates, in this scope or in one of their own. */
#include "liquid/parse.h"

#include "liquid/cx.h"

#include <stdio.h>
#include <string.h>

/* The template, or NULL with an error. A constant name is looked up once. */
static const LiquidTemplate *load(LiquidCx *cx, const LqPartial *t, Str name)
{
    bool                  fixed = t->name.kind == LQ_CONST;
    const LiquidTemplate *found = fixed ? __atomic_load_n(t->loaded, __ATOMIC_ACQUIRE) : NULL;
    if (found != NULL)
        return found;
    LiquidError e;
    if (cx->engine->options.load == NULL) {
        liquid_fail(cx, "This liquid context does not allow includes.");
        return NULL;
    }
    Status st = liquid_load(cx->engine, name, &found, &e);
    if (st == ST_NOT_FOUND)
        liquid_fail(cx, "No such template '" STR_FMT "'", STR_ARG(name));
    else if (st != ST_OK)
        lq_fail_at(cx, &e);
    if (st != ST_OK)
        return NULL;
    if (fixed)
        __atomic_store_n(t->loaded, found, __ATOMIC_RELEASE);
    return found;
}

/* Where we were before another template began. */
typedef struct Place {
    const LiquidTemplate *template;
    bool partial;
} Place;

static Place go_into(LiquidCx *cx, const LiquidTemplate *t)
{
    Place here = {cx->template, cx->partial};
    cx->template = t;
    cx->partial = true;
    lq_reserve_cells(cx, t);
    return here;
}

static void come_back(LiquidCx *cx, Place p)
{
    cx->template = p.template;
    cx->partial = p.partial;
}

/* --- include --------------------------------------------------------------------------------- */

static Str last_part(Str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/')
            return (Str){name.ptr + i, name.len - i};
    return name;
}

/* The variable that the snippet gets its value in. False when no template has such a name. */
static bool own_symbol(LiquidCx *cx, const LqPartial *t, Str name, uint32_t *ret)
{
    *ret = t->has_alias ? t->alias : t->own;
    return t->has_alias || t->name.kind == LQ_CONST ||
           (lq_symbol_find(cx->engine, last_part(name), ret) && *ret < cx->now.ncells);
}

static void include_each(LiquidCx *cx, const LiquidTemplate *found, LiquidValue list, uint32_t sym)
{
    size_t n = liquid_count(cx, list);
    for (size_t i = 0; i < n && !cx->stop; i++) {
        lq_rebind(cx, sym, liquid_at(cx, list, i));
        lq_render_block(cx, &found->body);
        lq_burn(cx, 1);
    }
}

static void include(LiquidCx *cx, const LqPartial *t, const LiquidTemplate *found, Str name)
{
    size_t      mark;
    uint32_t    sym;
    LiquidValue v = t->with != NULL ? lq_eval(cx, t->with) : liquid_lookup(cx, name);
    if (cx->failed || !lq_enter(cx, &mark))
        return;
    Place here = go_into(cx, found);
    for (uint32_t i = 0; i < t->nnamed; i++)
        lq_bind(cx, t->syms[i], lq_eval(cx, &t->named[i].value));
    bool known = own_symbol(cx, t, name, &sym);
    bool each = v.type == LIQUID_ARRAY || v.type == LIQUID_JLIST || v.type == LIQUID_SLIST;
    if (known)
        lq_bind(cx, sym, v);
    if (each && known)
        include_each(cx, found, v, sym);
    else
        lq_render_block(cx, &found->body);
    come_back(cx, here);
    lq_leave(cx, mark);
}

/* --- render -------------------------------------------------------------------------------------
 */

typedef struct Isolated {
    const LqPartial *tag;
    const LiquidTemplate *template;
    LqLoop      *loop;  /* render … for */
    LiquidValue *named; /* of the named arguments */
} Isolated;

static void bind_isolated(LiquidCx *cx, const Isolated *x, LiquidValue v)
{
    const LqPartial *t = x->tag;
    if (x->loop != NULL)
        lq_assign(cx, cx->engine->forloop, (LiquidValue){.type = LIQUID_LOOP, .loop = x->loop});
    for (uint32_t i = 0; i < t->nnamed; i++)
        lq_assign(cx, t->syms[i], x->named[i]);
    if (v.type != LIQUID_NIL)
        lq_assign(cx, t->has_alias ? t->alias : t->own, v);
}

static void render_isolated(LiquidCx *cx, const Isolated *x, LiquidValue v)
{
    LqLevel outer;
    if (!lq_level_push(cx, &outer))
        return;
    Place here = go_into(cx, x->template);
    lq_reserve_cells(cx, here.template); /* names of the arguments are the caller's */
    bind_isolated(cx, x, v);
    lq_render_block(cx, &x->template->body);
    come_back(cx, here);
    lq_level_pop(cx, &outer);
    if (!cx->fatal) { /* a break ends the snippet, not the loop around it */
        cx->interrupt = LQ_RUN;
        cx->stop = false;
    }
}

static bool is_walkable(LiquidValue v)
{
    return lq_is_list(v) || v.type == LIQUID_JOBJ || v.type == LIQUID_MAP;
}

static void render_each(LiquidCx *cx, Isolated *x, LiquidValue list, Str name)
{
    size_t n = liquid_count(cx, list);
    x->loop = liquid_alloc(cx, sizeof *x->loop);
    if (x->loop == NULL)
        return;
    *x->loop = (LqLoop){.name = name, .length = (int64_t)n, .cols = -1};
    for (size_t i = 0; i < n && !cx->stop && !cx->failed; i++) {
        x->loop->index = (int64_t)i;
        render_isolated(cx, x, liquid_at(cx, list, i));
        lq_burn(cx, 1);
    }
}

static void render(LiquidCx *cx, const LqPartial *t, const LiquidTemplate *found, Str name)
{
    NOT_CLEARED LiquidValue named[64];
    Isolated                x = {.tag = t, .template = found, .named = named};
    LiquidValue             v = t->with != NULL ? lq_eval(cx, t->with) : liquid_nil();
    for (uint32_t i = 0; i < t->nnamed; i++)
        x.named[i] = lq_eval(cx, &t->named[i].value);
    if (cx->failed)
        return;
    if (t->each && is_walkable(v))
        render_each(cx, &x, v, name);
    else
        render_isolated(cx, &x, v);
}

/* --- fixed ones ------------------------------------------------------------------------------ */

enum { MADE_MAX = 4096 };

static void keep_made(LiquidCx *cx, const LqPartial *t, Str text)
{
    Liquid    *lq = cx->engine;
    const Str *none = NULL;
    pthread_mutex_lock(&lq->lock);
    Str *made = arena_new(&lq->made, Str);
    *made = str_dup(&lq->made, text);
    (void)__atomic_compare_exchange_n(t->made, &none, made, false, __ATOMIC_RELEASE,
                                      __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lq->lock);
}

/* What has nothing but constants and reads nothing else is the same every time. */
static void render_fixed(LiquidCx *cx, const LqPartial *t, const LiquidTemplate *found, Str name)
{
    LiquidRender *r = cx->render;
    const Str    *made = __atomic_load_n(t->made, __ATOMIC_ACQUIRE);
    if (made != NULL) {
        lq_out(cx, made->ptr, made->len);
        return;
    }
    unsigned saw = r->saw;
    size_t   errors = r->errors, from = cx->out->len;
    r->saw = 0;
    render(cx, t, found, name);
    bool whole = !cx->failed && !cx->stop && r->errors == errors && !buf_overflowed(cx->out);
    if (whole && (r->saw & ~(unsigned)LIQUID_CAPTURED) == 0 && !r->strict_variables &&
        cx->out->len - from <= MADE_MAX)
        keep_made(cx, t, str_skip(buf_str(cx->out), from));
    r->saw |= saw;
}

void lq_render_partial(LiquidCx *cx, const LqNode *node)
{
    const LqPartial *t = node->tag;
    LiquidValue      name = lq_eval(cx, &t->name);
    if (cx->failed)
        return;
    if (!t->isolated && cx->isolated > 0) {
        liquid_fail(cx, "include usage is not allowed in this context");
        return;
    }
    if (name.type != LIQUID_TEXT) {
        liquid_fail(cx, "Argument error in tag 'include' - Illegal template name");
        return;
    }
    const LiquidTemplate *found = load(cx, t, liquid_str(name));
    if (found == NULL)
        return;
    if (!t->isolated) {
        include(cx, t, found, liquid_str(name));
        return;
    }
    cx->isolated++;
    if (t->fixed)
        render_fixed(cx, t, found, liquid_str(name));
    else
        render(cx, t, found, liquid_str(name));
    cx->isolated--;
}

void liquid_render_other(LiquidCx *cx, const LiquidTemplate *t, const LiquidPair *names, size_t n)
{
    LqLevel outer;
    if (!lq_level_push(cx, &outer))
        return;
    Place here = go_into(cx, t);
    for (size_t i = 0; i < n; i++)
        lq_assign(cx, lq_name_cell(cx, names[i].key), names[i].value);
    lq_render_block(cx, &t->body);
    come_back(cx, here);
    lq_level_pop(cx, &outer);
    if (!cx->fatal) {
        cx->interrupt = LQ_RUN;
        cx->stop = false;
    }
}
