/* {% for %} and {% tablerow %}. */
#include "liquid/parse.h"

#include <stdio.h>

/* "item-list", by which offset: continue finds where the last loop ended. */
static void name_loop(LqParse *p, LqFor *f, Str variable, Str list)
{
    size_t size = variable.len + list.len + 3;
    char  *z = arena_alloc(p->a, size, 1);
    (void)snprintf(z, size, "|" STR_FMT "-" STR_FMT, STR_ARG(variable), STR_ARG(list));
    f->name = (Str){z + 1, size - 2};
    f->sym = lq_symbol(p->lq, variable);
    f->key = lq_symbol(p->lq, (Str){z, size - 1}); /* no variable is called so */
}

static bool set_limit(LqParse *p, LqFor *f, Str key, Str value)
{
    LqExpr e;
    if (str_eq(key, STR("offset")) && str_eq(value, STR("continue"))) {
        f->offset_continue = true;
        return true;
    }
    if (!str_eq(key, STR("offset")) && !str_eq(key, STR("limit")))
        return true;
    if (!lq_expr(p, value, &e))
        return false;
    if (key.ptr[0] == 'l') {
        f->limit = lq_expr_keep(p, e);
    } else {
        f->offset = lq_expr_keep(p, e);
        f->offset_continue = false;
    }
    return true;
}

static bool strict_limits(LqParse *p, LqFor *f)
{
    while (lq_look(p, LQ_T_COMMA, 0) || lq_look(p, LQ_T_ID, 0)) {
        Str key = STR("limit"), value;
        (void)lq_accept(p, LQ_T_COMMA, NULL);
        if (!lq_accept_id(p, "limit")) {
            key = STR("offset");
            if (!lq_accept_id(p, "offset"))
                return lq_syntax(p, p->toks[p->tok].text.ptr,
                                 "Invalid attribute in for loop. Valid attributes are limit and "
                                 "offset");
        }
        if (!lq_expect(p, LQ_T_COLON, NULL) || !lq_expression(p, &value) ||
            !set_limit(p, f, key, value))
            return false;
    }
    return lq_expect(p, LQ_T_END, NULL);
}

static bool read_strictly(LqParse *p, Str markup, void *node)
{
    LqFor *f = node;
    Str    variable, list;
    if (!lq_lex(p, markup) || !lq_expect(p, LQ_T_ID, &variable))
        return false;
    if (!lq_accept_id(p, "in"))
        return lq_syntax(p, p->toks[p->tok].text.ptr, "For loops require an 'in' clause");
    if (!lq_expression(p, &list) || !lq_expr(p, list, &f->list))
        return false;
    name_loop(p, f, variable, list);
    f->reversed = lq_accept_id(p, "reversed");
    return strict_limits(p, f);
}

/* "item in list", both parts found or not. */
static bool find_in(Str *s, size_t variable_len, Str *ret_variable, Str *ret_list)
{
    Str rest = {s->ptr + variable_len, s->len - variable_len};
    Str in = lq_skip_space(rest);
    if (variable_len == 0 || in.len == rest.len || !str_starts(in, STR("in")))
        return false;
    in = (Str){in.ptr + 2, in.len - 2};
    Str    list = lq_skip_space(in);
    size_t n = list.len < in.len ? lq_fragments_len(list) : 0;
    *ret_variable = (Str){s->ptr, variable_len};
    *ret_list = (Str){list.ptr, n};
    if (n > 0)
        *s = (Str){list.ptr + n, list.len - n};
    return n > 0;
}

static size_t segment_len(Str s, bool dashes)
{
    size_t n = 0;
    while (n < s.len && (lq_is_word(s.ptr[n]) || (dashes && s.ptr[n] == '-')))
        n++;
    return n;
}

static bool read_laxly(LqParse *p, Str markup, void *node)
{
    LqFor *f = node;
    Str    variable, list, key, value, rest = markup;
    if (!find_in(&rest, segment_len(rest, true), &variable, &list))
        return lq_syntax(p, NULL,
                         "Syntax Error in 'for loop' - Valid syntax: for [item] in "
                         "[collection]");
    if (!lq_expr(p, list, &f->list))
        return false;
    name_loop(p, f, variable, list);
    f->reversed = str_starts(lq_skip_space(rest), STR("reversed"));
    while (lq_find_attribute(&markup, &key, &value))
        if (!set_limit(p, f, key, value))
            return false;
    return true;
}

bool lq_parse_for(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    static const LqReaders HOW = {read_strictly, read_strictly, read_laxly};
    LqFor                 *f = arena_new(p->a, LqFor);
    LqNodes                body = {.blank = true}, otherwise = {.blank = true};
    LqEnd                  end;
    if (!lq_read(p, &HOW, markup, f) || !lq_parse_body(p, &body, &end))
        return false;
    if (!end.eof && str_eq(end.name, STR("else"))) {
        f->has_else = true;
        if (!lq_parse_body(p, &otherwise, &end))
            return false;
    }
    if (end.eof || !str_eq(end.name, STR("endfor")))
        return lq_unknown_in_block(p, type->name, &end);
    node->blank = body.blank && otherwise.blank;
    if (node->blank) {
        lq_drop_blank(&body);
        lq_drop_blank(&otherwise);
    }
    f->body = lq_block(p, &body);
    f->otherwise = lq_block(p, &otherwise);
    node->tag = f;
    node->render = lq_render_for;
    return true;
}

/* --- tablerow ---------------------------------------------------------------------------- */

static void set_attribute(LqParse *p, LqTablerow *t, Str key, LqExpr e)
{
    if (str_eq(key, STR("cols")))
        t->cols = lq_expr_keep(p, e);
    else if (str_eq(key, STR("limit")))
        t->limit = lq_expr_keep(p, e);
    else if (str_eq(key, STR("offset")))
        t->offset = lq_expr_keep(p, e);
}

static bool row_strict2(LqParse *p, Str markup, void *node)
{
    LqTablerow *t = node;
    Str         s;
    LqExpr      e;
    if (!lq_lex(p, markup) || !lq_expect(p, LQ_T_ID, &s))
        return false;
    t->sym = lq_symbol(p->lq, s);
    if (!lq_accept_id(p, "in"))
        return lq_syntax(p, p->toks[p->tok].text.ptr, "For loops require an 'in' clause");
    if (!lq_parse_expr(p, &t->list))
        return false;
    (void)lq_accept(p, LQ_T_COMMA, NULL);
    while (lq_accept(p, LQ_T_ID, &s)) {
        if (!str_eq(s, STR("cols")) && !str_eq(s, STR("limit")) && !str_eq(s, STR("offset")) &&
            !str_eq(s, STR("range")))
            return lq_syntax(p, s.ptr,
                             "Invalid attribute '" STR_FMT "' in tablerow loop. Valid "
                             "attributes are cols, limit, offset, and range",
                             STR_ARG(s));
        if (!lq_expect(p, LQ_T_COLON, NULL) || !lq_parse_expr(p, &e))
            return false;
        set_attribute(p, t, s, e);
        (void)lq_accept(p, LQ_T_COMMA, NULL);
    }
    return lq_expect(p, LQ_T_END, NULL);
}

static bool row_laxly(LqParse *p, Str markup, void *node)
{
    LqTablerow *t = node;
    Str         variable = {0}, list = {0}, key, value;
    bool        found = false;
    for (size_t i = 0; i < markup.len && !found; i++) {
        Str    rest = {markup.ptr + i, markup.len - i};
        size_t n = segment_len(rest, false);
        found = find_in(&rest, n, &variable, &list);
        i += n > 0 ? n - 1 : 0; /* what fails at its beginning fails inside, too */
    }
    if (!found)
        return lq_syntax(p, NULL,
                         "Syntax Error in 'table_row loop' - Valid syntax: table_row "
                         "[item] in [collection] cols=3");
    t->sym = lq_symbol(p->lq, variable);
    if (!lq_expr(p, list, &t->list))
        return false;
    while (lq_find_attribute(&markup, &key, &value)) {
        LqExpr e;
        if (!lq_expr(p, value, &e))
            return false;
        set_attribute(p, t, key, e);
    }
    return true;
}

bool lq_parse_tablerow(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    static const LqReaders HOW = {row_strict2, row_laxly, row_laxly};
    LqTablerow            *t = arena_new(p->a, LqTablerow);
    LqNodes                body;
    if (!lq_read(p, &HOW, markup, t) || !lq_parse_simple_body(p, type->name, &body))
        return false;
    t->body = lq_block(p, &body);
    node->tag = t;
    node->render = lq_render_tablerow;
    node->blank = body.blank;
    return true;
}
