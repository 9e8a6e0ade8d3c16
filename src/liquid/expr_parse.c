/* The text of one expression as an LqExpr. */
#include "liquid/parse.h"

#include "liquid/number.h"

#include "base/real.h"

#include <string.h>

enum { LOOKUP_MAX = 4096 }; /* bytes of a name with all that follows it */

typedef struct Word {
    Str  text;
    bool bracket; /* `text` is what stands inside [ ] */
} Word;

LqWord lq_word(Str s)
{
    static const struct {
        const char *name;
        LqWord      word;
    } WORDS[] = {
        {"size", LQ_W_SIZE},         {"first", LQ_W_FIRST},
        {"last", LQ_W_LAST},         {"index", LQ_W_INDEX},
        {"index0", LQ_W_INDEX0},     {"rindex", LQ_W_RINDEX},
        {"rindex0", LQ_W_RINDEX0},   {"length", LQ_W_LENGTH},
        {"name", LQ_W_NAME},         {"parentloop", LQ_W_PARENTLOOP},
        {"col", LQ_W_COL},           {"col0", LQ_W_COL0},
        {"row", LQ_W_ROW},           {"col_first", LQ_W_COL_FIRST},
        {"col_last", LQ_W_COL_LAST},
    };
    for (size_t i = 0; i < COUNT_OF(WORDS); i++)
        if (str_eq(s, str_from_cstr(WORDS[i].name)))
            return WORDS[i].word;
    return LQ_W_NONE;
}

static LqExpr constant(LiquidValue v)
{
    return (LqExpr){.kind = LQ_CONST, .value = v};
}

const LqExpr *lq_expr_keep(LqParse *p, LqExpr e)
{
    LqExpr *kept = arena_new(p->a, LqExpr);
    *kept = e;
    return kept;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "12", "-1.5", "1.2.3" (which is 1.2), "12." */
static bool number(LqParse *p, Str s, LqExpr *ret)
{
    size_t i = s.ptr[0] == '-', dots = 0, end = s.len;
    if (i == s.len || !is_digit(s.ptr[i]))
        return false;
    for (; i < s.len; i++) {
        if (s.ptr[i] == '.' && ++dots == 2)
            end = i;
        if (s.ptr[i] != '.' && !is_digit(s.ptr[i]))
            return false;
    }
    if (dots == 0) {
        *ret = constant(lq_num_value(p->a, lq_num_text(s)));
        return true;
    }
    s.len = end;
    if (s.ptr[s.len - 1] == '.')
        s.len--;
    double v = 0;
    if (!real_parse(s, &v))
        v = 0;
    *ret = constant(liquid_real(v));
    return true;
}

/* "(a..b)": the last ".." of the first run without spaces parts the two. */
static bool range_parts(Str s, Str *ret_first, Str *ret_last)
{
    if (s.len < 5 || s.ptr[0] != '(' || s.ptr[s.len - 1] != ')')
        return false;
    Str    in = lq_skip_space((Str){s.ptr + 1, s.len - 1});
    size_t run = 0;
    while (run < in.len && !lq_is_space(in.ptr[run]))
        run++;
    size_t first = 0, dots = 0;
    for (size_t i = run; i >= 3 && dots == 0; i--)
        if (in.ptr[i - 1] == '.' && in.ptr[i - 2] == '.') {
            first = i - 2;
            dots = i - 2;
        }
    if (dots == 0) { /* the dots may stand behind spaces */
        Str rest = lq_skip_space((Str){in.ptr + run, in.len - run});
        if (run == 0 || rest.len < 2 || rest.ptr[0] != '.' || rest.ptr[1] != '.')
            return false;
        first = run;
        dots = (size_t)(rest.ptr - in.ptr);
    }
    Str last = lq_skip_space((Str){in.ptr + dots + 2, in.len - dots - 2});
    last.len -= last.len > 0; /* the bracket */
    while (last.len > 0 && lq_is_space(last.ptr[last.len - 1]))
        last.len--;
    for (size_t i = 0; i < last.len; i++)
        if (lq_is_space(last.ptr[i]))
            return false;
    *ret_first = (Str){in.ptr, first};
    *ret_last = last;
    return first > 0 && last.len > 0;
}

/* What a constant end of a range counts as. */
static bool range_end(LqParse *p, Str markup, const LqExpr *e, int64_t *ret)
{
    if (e->value.type == LIQUID_BOOL)
        return lq_syntax(p, NULL, "Invalid expression type '" STR_FMT "' in range expression",
                         STR_ARG(markup));
    LqNum n = e->value.type == LIQUID_TEXT ? lq_num_text(liquid_str(e->value)) : lq_num(e->value);
    LqNum whole = n.m < 0 ? lq_num_ceil(n) : lq_num_floor(n);
    *ret = whole.inexact || whole.m > INT64_MAX || whole.m < INT64_MIN ? 0 : (int64_t)whole.m;
    return true;
}

static bool range(LqParse *p, Str first, Str last, LqExpr *ret)
{
    LqExpr a, b;
    if (!lq_expr(p, first, &a) || !lq_expr(p, last, &b))
        return false;
    if (a.kind != LQ_CONST || b.kind != LQ_CONST) {
        *ret = (LqExpr){.kind = LQ_SPAN, .a = lq_expr_keep(p, a), .b = lq_expr_keep(p, b)};
        return true;
    }
    LiquidRange *r = arena_new(p->a, LiquidRange);
    *ret = constant((LiquidValue){.type = LIQUID_RANGE, .range = r});
    return range_end(p, first, &a, &r->first) && range_end(p, last, &b, &r->last);
}

/* Length of the balanced [ ] at `s`; 0 when it is not closed. */
static size_t bracket_len(Str s)
{
    size_t depth = 0;
    for (size_t i = 0; i < s.len; i++) {
        depth += s.ptr[i] == '[';
        if (s.ptr[i] == ']' && --depth == 0)
            return i + 1;
    }
    return 0;
}

/* The next name or bracket in *s, which moves behind it. */
static bool next_word(Str *s, Word *ret)
{
    for (; s->len > 0; s->ptr++, s->len--) {
        size_t n = s->ptr[0] == '[' ? bracket_len(*s) : 0;
        if (n > 2) {
            *ret = (Word){{s->ptr + 1, n - 2}, true};
            *s = (Str){s->ptr + n, s->len - n};
            return true;
        }
        while (n < s->len && (lq_is_word(s->ptr[n]) || s->ptr[n] == '-'))
            n++;
        if (n == 0 || s->ptr[0] == '[')
            continue;
        n += n < s->len && s->ptr[n] == '?';
        *ret = (Word){{s->ptr, n}, false};
        *s = (Str){s->ptr + n, s->len - n};
        return true;
    }
    return false;
}

static bool step(LqParse *p, Word w, LqStep *ret)
{
    if (!w.bracket) {
        *ret = (LqStep){.key = w.text, .command = true, .word = (uint8_t)lq_word(w.text)};
        return true;
    }
    LqExpr e;
    if (!lq_expr(p, w.text, &e))
        return false;
    if (e.kind == LQ_CONST && e.value.type == LIQUID_TEXT) {
        Str key = liquid_str(e.value);
        *ret = (LqStep){.key = key, .word = (uint8_t)lq_word(key)};
    } else if (e.kind == LQ_CONST && e.value.type == LIQUID_INT) {
        *ret = (LqStep){.by_index = true, .index = e.value.i};
    } else {
        *ret = (LqStep){.expr = lq_expr_keep(p, e)};
    }
    return true;
}

static bool steps(LqParse *p, Str rest, LqExpr *e)
{
    Word w;
    Str  counted = rest;
    while (next_word(&counted, &w))
        e->nsteps++;
    if (e->nsteps == 0)
        return true;
    e->steps = arena_array(p->a, LqStep, e->nsteps);
    for (uint32_t i = 0; i < e->nsteps; i++) {
        bool found = next_word(&rest, &w);
        ASSERT(found);
        if (!step(p, w, &e->steps[i]))
            return false;
    }
    return true;
}

static bool lookup(LqParse *p, Str s, LqExpr *ret)
{
    Word   w;
    LqExpr e = {0};
    if (s.len > LOOKUP_MAX)
        return lq_syntax(p, s.ptr, "Expression is too long");
    if (!next_word(&s, &w)) {
        *ret = e; /* nothing that could be a name: nil */
        return true;
    }
    if (!steps(p, s, &e))
        return false;
    LqExpr name = constant(liquid_text(w.text));
    if (w.bracket && !lq_expr(p, w.text, &name))
        return false;
    if (name.kind == LQ_CONST && name.value.type == LIQUID_TEXT) {
        e.sym = lq_symbol(p->lq, liquid_str(name.value));
        lq_fact(p, LIQUID_FACT_GET, liquid_str(name.value));
        e.kind = e.nsteps > 0 ? LQ_PATH : LQ_VAR;
    } else {
        e.kind = LQ_ROOT;
        e.a = lq_expr_keep(p, name);
    }
    *ret = e;
    return true;
}

static bool literal(Str s, LqExpr *ret)
{
    if (s.len == 0 || str_eq(s, STR("nil")) || str_eq(s, STR("null")))
        *ret = (LqExpr){0};
    else if (str_eq(s, STR("true")) || str_eq(s, STR("false")))
        *ret = constant(liquid_bool(s.ptr[0] == 't'));
    else if (str_eq(s, STR("blank")) || str_eq(s, STR("empty")))
        *ret = constant(liquid_text(STR("")));
    else
        return false;
    return true;
}

static bool read_expr(LqParse *p, Str s, LqExpr *ret)
{
    Str first, last;
    if (range_parts(s, &first, &last))
        return range(p, first, last, ret);
    return number(p, s, ret) || lookup(p, s, ret);
}

bool lq_expr(LqParse *p, Str markup, LqExpr *ret)
{
    Str s = str_trim(markup);
    if (s.len > 0 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0]) {
        *ret = constant(liquid_text((Str){s.ptr + 1, s.len > 1 ? s.len - 2 : 0}));
        return true;
    }
    if (literal(s, ret))
        return true;
    if (p->depth >= 150)
        return lq_syntax(p, s.ptr, "Expression is nested too deep");
    p->depth++;
    bool ok = read_expr(p, s, ret);
    p->depth--;
    return ok && !p->failed;
}

bool lq_condition_expr(LqParse *p, Str markup, LqExpr *ret)
{
    if (str_eq(markup, STR("blank")))
        *ret = constant((LiquidValue){.type = LIQUID_BLANK});
    else if (str_eq(markup, STR("empty")))
        *ret = constant((LiquidValue){.type = LIQUID_EMPTY});
    else
        return lq_expr(p, markup, ret);
    return true;
}
