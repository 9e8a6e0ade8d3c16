/* {{ value | filter: argument, key: argument }}, in all four ways. */
#include "liquid/parse.h"

#include <string.h>

enum { ARGS_MAX = 60, WARNINGS_MAX = 100 };

/* The arguments of one filter while they are being read. */
typedef struct Args {
    LqExpr  args[ARGS_MAX];
    LqNamed named[ARGS_MAX];
    size_t  nargs, nnamed;
} Args;

/* The filters of one output. */
typedef struct Calls {
    LqCall *calls;
    size_t  n, cap;
    Args    args;
} Calls;

static bool add_positional(LqParse *p, Calls *c, LqExpr e)
{
    if (c->args.nargs == ARGS_MAX)
        return lq_syntax(p, NULL, "Too many arguments");
    c->args.args[c->args.nargs++] = e;
    return true;
}

static bool add_named(LqParse *p, Calls *c, Str key, LqExpr e)
{
    for (size_t i = 0; i < c->args.nnamed; i++)
        if (str_eq(c->args.named[i].key, key)) {
            c->args.named[i].value = e;
            return true;
        }
    if (c->args.nnamed == ARGS_MAX)
        return lq_syntax(p, NULL, "Too many arguments");
    c->args.named[c->args.nnamed++] = (LqNamed){key, e};
    return true;
}

static void add_call(LqParse *p, Calls *c, Str name)
{
    if (c->n == c->cap) {
        size_t  cap = c->cap == 0 ? 4 : 2 * c->cap;
        LqCall *bigger = arena_array(p->a, LqCall, cap);
        if (c->n > 0)
            memcpy(bigger, c->calls, c->n * sizeof *bigger);
        c->calls = bigger;
        c->cap = cap;
    }
    LqExpr  *args = arena_array(p->a, LqExpr, c->args.nargs + 1);
    LqNamed *named = arena_array(p->a, LqNamed, c->args.nnamed + 1);
    memcpy(args, c->args.args, c->args.nargs * sizeof *args);
    memcpy(named, c->args.named, c->args.nnamed * sizeof *named);
    c->calls[c->n++] = (LqCall){.filter = lq_find_filter(p->lq, name),
                                .name = name,
                                .args = args,
                                .named = named,
                                .nargs = (uint32_t)c->args.nargs,
                                .nnamed = (uint32_t)c->args.nnamed};
    c->args.nargs = c->args.nnamed = 0;
    if (c->calls[c->n - 1].filter == NULL)
        lq_fact(p, LIQUID_FACT_FILTER, name);
}

/* 'key' | t */
static void note_text(LqParse *p, const LqOutput *o)
{
    bool t = o->ncalls > 0 &&
             (str_eq(o->calls[0].name, STR("t")) || str_eq(o->calls[0].name, STR("translate")));
    if (t && o->expr.kind == LQ_CONST && o->expr.value.type == LIQUID_TEXT)
        lq_fact(p, LIQUID_FACT_TEXT, liquid_str(o->expr.value));
}

static void finish(const Calls *c, LqOutput *o)
{
    o->calls = c->calls;
    o->ncalls = (uint32_t)c->n;
}

/* --- strictly ------------------------------------------------------------------------- */

static bool argument(LqParse *p, Calls *c)
{
    LqExpr e;
    Str    key;
    if (!lq_look(p, LQ_T_ID, 0) || !lq_look(p, LQ_T_COLON, 1))
        return lq_parse_expr(p, &e) && add_positional(p, c, e);
    return lq_accept(p, LQ_T_ID, &key) && lq_accept(p, LQ_T_COLON, NULL) && lq_parse_expr(p, &e) &&
           add_named(p, c, key, e);
}

static bool strict_arguments(LqParse *p, Calls *c)
{
    do {
        if (!argument(p, c))
            return false;
    } while (lq_accept(p, LQ_T_COMMA, NULL));
    return true;
}

static bool at_end_of_arguments(const LqParse *p)
{
    return lq_look(p, LQ_T_PIPE, 0) || lq_look(p, LQ_T_END, 0);
}

/* None at all, and a comma after the last one, are fine here. */
static bool strict2_arguments(LqParse *p, Calls *c)
{
    if (at_end_of_arguments(p))
        return true;
    do {
        if (!argument(p, c))
            return false;
    } while (lq_accept(p, LQ_T_COMMA, NULL) && !at_end_of_arguments(p));
    return true;
}

static bool read_strictly(LqParse *p, Str markup, LqOutput *o, bool strict2)
{
    Calls c = {0};
    Str   name;
    if (!lq_lex(p, markup))
        return false;
    if (lq_look(p, LQ_T_END, 0))
        return true;
    if (!lq_parse_expr(p, &o->expr))
        return false;
    while (lq_accept(p, LQ_T_PIPE, NULL)) {
        if (!lq_expect(p, LQ_T_ID, &name))
            return false;
        if (lq_accept(p, LQ_T_COLON, NULL) &&
            !(strict2 ? strict2_arguments(p, &c) : strict_arguments(p, &c)))
            return false;
        add_call(p, &c, name);
    }
    finish(&c, o);
    return lq_expect(p, LQ_T_END, NULL);
}

/* --- laxly ----------------------------------------------------------------------------- */

static Str from(Str s, size_t n)
{
    return (Str){s.ptr + n, s.len - n};
}

/* `key: value` as a whole? */
static bool split_named(Str s, Str *ret_key, Str *ret_value)
{
    Str rest = s;
    return lq_find_attribute(&rest, ret_key, ret_value) && ret_key->ptr == s.ptr && rest.len == 0;
}

/* Length of "key: fragment" or "fragment" at `s`. */
static size_t argument_len(Str s)
{
    size_t n = 0;
    while (n < s.len && lq_is_word(s.ptr[n]))
        n++;
    Str rest = lq_skip_space(from(s, n));
    if (n > 0 && rest.len > 0 && rest.ptr[0] == ':') {
        rest = lq_skip_space(from(rest, 1));
        size_t len = lq_fragment_len(rest);
        if (len > 0)
            return (size_t)(rest.ptr - s.ptr) + len;
    }
    return lq_fragment_len(s);
}

static bool lax_argument(LqParse *p, Str s, Calls *c)
{
    LqExpr e;
    Str    key, value;
    if (split_named(s, &key, &value))
        return lq_expr(p, value, &e) && add_named(p, c, key, e);
    return lq_expr(p, s, &e) && add_positional(p, c, e);
}

/* One filter: its first word is the name, what follows colons and commas are arguments. */
static bool lax_filter(LqParse *p, Str s, Calls *c)
{
    size_t i = 0, n = 0;
    while (i < s.len && !lq_is_word(s.ptr[i]))
        i++;
    while (i + n < s.len && lq_is_word(s.ptr[i + n]))
        n++;
    if (n == 0)
        return true;
    Str name = {s.ptr + i, n};
    while (s.len > 0) {
        bool   opens = s.ptr[0] == ':' || s.ptr[0] == ',';
        Str    rest = lq_skip_space(from(s, 1));
        size_t len = opens ? argument_len(rest) : 0;
        if (len > 0 && !lax_argument(p, (Str){rest.ptr, len}, c))
            return false;
        s = len > 0 ? from(rest, len) : from(s, 1);
    }
    add_call(p, c, name);
    return true;
}

/* Length of a filter at `s`: spaces, fragments and commas. */
static size_t filter_len(Str s)
{
    size_t n = 0;
    while (n < s.len) {
        size_t more = lq_is_space(s.ptr[n]) || s.ptr[n] == ',' ? 1 : lq_fragment_len(from(s, n));
        if (more == 0)
            break;
        n += more;
    }
    return n;
}

static bool read_laxly(LqParse *p, Str markup, LqOutput *o)
{
    Calls c = {0};
    Str   name, rest = markup;
    if (!lq_find_fragment(&rest, &name))
        return true;
    if (!lq_expr(p, name, &o->expr))
        return false;
    const char *pipe = memchr(rest.ptr, '|', rest.len);
    if (pipe == NULL)
        return true;
    rest = from(rest, (size_t)(pipe - rest.ptr) + 1);
    while (rest.len > 0) {
        size_t n = filter_len(rest);
        if (n > 0 && !lax_filter(p, (Str){rest.ptr, n}, &c))
            return false;
        rest = from(rest, n > 0 ? n : 1);
    }
    finish(&c, o);
    return true;
}

/* Forget the error that the strict way met; with LIQUID_WARN keep it as a warning. */
static void forgive(LqParse *p)
{
    LiquidTemplate *t = p->t;
    if (p->mode == LIQUID_WARN && t->nwarnings < WARNINGS_MAX) {
        if (t->warnings == NULL)
            t->warnings = arena_array(p->a, LiquidError, WARNINGS_MAX);
        LiquidError *e = &t->warnings[t->nwarnings++];
        *e = (LiquidError){.detail = p->message, .message = p->message, .template = t->name};
        e->syntax = true;
        lq_place_of(t, (size_t)((p->error_at != NULL ? p->error_at : p->at) - t->source.ptr),
                    &e->line, &e->column);
    }
    p->failed = false;
    p->message = p->context = (Str){0};
    p->error_at = NULL;
}

/* What is written around markup in messages. */
static void add_context(LqParse *p, Str markup, bool variable)
{
    if (!p->failed || p->context.len > 0)
        return;
    Str   shown = variable ? markup : str_trim(markup);
    char *z = arena_alloc(p->a, shown.len + 16, 1);
    int   n = snprintf(z, shown.len + 16,
                     variable ? " in \"{{" STR_FMT "}}\"" : " in \"" STR_FMT "\"", STR_ARG(shown));
    p->context = (Str){z, n > 0 ? (size_t)n : 0};
}

bool lq_parse_output(LqParse *p, Str markup, LqOutput *ret)
{
    LqOutput o = {0};
    bool     ok = read_strictly(p, markup, &o, p->mode == LIQUID_STRICT2);
    if (!ok && (p->mode == LIQUID_STRICT || p->mode == LIQUID_STRICT2)) {
        add_context(p, markup, true);
        return false;
    }
    if (!ok) {
        forgive(p);
        o = (LqOutput){0};
        ok = read_laxly(p, markup, &o);
    }
    if (ok)
        note_text(p, &o);
    *ret = o;
    return ok;
}

bool lq_read(LqParse *p, const LqReaders *how, Str markup, void *node)
{
    bool ok;
    switch (p->mode) {
    case LIQUID_LAX: return how->lax(p, markup, node);
    case LIQUID_WARN:
        if (how->strict2(p, markup, node))
            return true;
        forgive(p);
        return how->lax(p, markup, node);
    case LIQUID_STRICT: ok = how->strict(p, markup, node); break;
    case LIQUID_STRICT2: ok = how->strict2(p, markup, node); break;
    default: ok = false; break;
    }
    if (!ok)
        add_context(p, markup, false);
    return ok;
}
