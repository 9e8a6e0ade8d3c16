/* {% render %} and {% include %}. */
#include "liquid/parse.h"

#include <string.h>

enum { NAMED_MAX = 64 };

typedef struct Partial {
    LqPartial *tag;
    LqNamed    named[NAMED_MAX];
    size_t     n;
} Partial;

static bool add_named(LqParse *p, Partial *x, Str key, LqExpr e)
{
    for (size_t i = 0; i < x->n; i++)
        if (str_eq(x->named[i].key, key)) {
            x->named[i].value = e;
            return true;
        }
    if (x->n == NAMED_MAX)
        return lq_syntax(p, NULL, "Too many arguments");
    x->named[x->n++] = (LqNamed){key, e};
    return true;
}

static void set_alias(LqParse *p, LqPartial *tag, Str alias)
{
    tag->has_alias = true;
    tag->alias = lq_symbol(p->lq, alias);
}

static bool strict2_named(LqParse *p, Partial *x)
{
    Str    key;
    LqExpr e;
    (void)lq_accept(p, LQ_T_COMMA, NULL);
    while (lq_accept(p, LQ_T_ID, &key)) {
        if (!lq_expect(p, LQ_T_COLON, NULL) || !lq_parse_expr(p, &e) || !add_named(p, x, key, e))
            return false;
        (void)lq_accept(p, LQ_T_COMMA, NULL);
    }
    return lq_expect(p, LQ_T_END, NULL);
}

static bool read_strict2(LqParse *p, Str markup, void *node)
{
    Partial   *x = node;
    LqPartial *tag = x->tag;
    Str        s;
    LqExpr     e;
    if (!lq_lex(p, markup))
        return false;
    if (tag->isolated ? !lq_expect(p, LQ_T_STRING, &s) : !lq_expression(p, &s))
        return false;
    if (!lq_expr(p, s, &tag->name))
        return false;
    tag->each = lq_accept_id(p, "for");
    if (tag->each || lq_accept_id(p, "with")) {
        if (!lq_parse_expr(p, &e))
            return false;
        tag->with = lq_expr_keep(p, e);
    }
    if (lq_accept_id(p, "as")) {
        if (!lq_expect(p, LQ_T_ID, &s))
            return false;
        set_alias(p, tag, s);
    }
    return strict2_named(p, x);
}

/* A word with space before and behind it, at `s`, and a fragment after that. */
static size_t word_and_fragment(Str s, const char *word, Str *ret)
{
    Str rest = lq_skip_space(s);
    if (rest.len == s.len || !str_starts(rest, str_from_cstr(word)))
        return 0;
    Str behind = {rest.ptr + strlen(word), rest.len - strlen(word)};
    rest = lq_skip_space(behind);
    size_t n = rest.len < behind.len ? lq_fragments_len(rest) : 0;
    *ret = (Str){rest.ptr, n};
    return n > 0 ? (size_t)(rest.ptr - s.ptr) + n : 0;
}

/* " with value as name" behind the template's name. */
static bool lax_with(LqParse *p, LqPartial *tag, Str rest)
{
    Str    s = {0};
    LqExpr e;
    size_t n = word_and_fragment(rest, "with", &s);
    if (n == 0) {
        n = word_and_fragment(rest, "for", &s);
        tag->each = n > 0;
    }
    if (n > 0) {
        if (!lq_expr(p, s, &e))
            return false;
        tag->with = lq_expr_keep(p, e);
        rest = (Str){rest.ptr + n, rest.len - n};
    }
    if (word_and_fragment(rest, "as", &s) > 0) {
        n = 0;
        while (n < s.len && (lq_is_word(s.ptr[n]) || s.ptr[n] == '-'))
            n++;
        if (n > 0)
            set_alias(p, tag, (Str){s.ptr, n});
    }
    return true;
}

static size_t quoted_run(Str s)
{
    size_t n = 0, more;
    while ((more = lq_quoted_len((Str){s.ptr + n, s.len - n})) > 0)
        n += more;
    return n;
}

static bool read_laxly(LqParse *p, Str markup, void *node)
{
    Partial   *x = node;
    LqPartial *tag = x->tag;
    size_t     i = 0, n = 0;
    Str        key, value;
    for (; i < markup.len && n == 0; i += n == 0) {
        Str here = {markup.ptr + i, markup.len - i};
        n = tag->isolated ? quoted_run(here) : lq_fragments_len(here);
    }
    if (n == 0)
        return lq_syntax(p, NULL, "%s",
                         tag->isolated ? "Syntax error in tag 'render' - Template name must be a "
                                         "quoted string"
                                       : "Error in tag 'include' - Valid syntax: include "
                                         "'[template]' (with|for) [object|collection]");
    if (!lq_expr(p, (Str){markup.ptr + i, n}, &tag->name) ||
        !lax_with(p, tag, (Str){markup.ptr + i + n, markup.len - i - n}))
        return false;
    while (lq_find_attribute(&markup, &key, &value)) {
        LqExpr e;
        if (!lq_expr(p, value, &e) || !add_named(p, x, key, e))
            return false;
    }
    return true;
}

/* What stands behind the last slash. */
static Str last_part(Str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/')
            return (Str){name.ptr + i, name.len - i};
    return name;
}

static bool is_fixed(const LqPartial *tag)
{
    bool fixed = tag->isolated && !tag->each && tag->with == NULL && tag->name.kind == LQ_CONST;
    for (uint32_t i = 0; i < tag->nnamed; i++)
        fixed = fixed && tag->named[i].value.kind == LQ_CONST;
    return fixed;
}

bool lq_parse_partial(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    static const LqReaders HOW = {read_strict2, read_laxly, read_laxly};
    LqPartial             *tag = arena_new(p->a, LqPartial);
    Partial                x = {.tag = tag};
    tag->isolated = type->name[0] == 'r';
    tag->loaded = arena_new(p->a, const LiquidTemplate *);
    tag->made = arena_new(p->a, const Str *);
    if (!lq_read(p, &HOW, markup, &x))
        return false;
    if (tag->name.kind == LQ_CONST && tag->name.value.type == LIQUID_TEXT) {
        Str name = liquid_str(tag->name.value);
        tag->whole = lq_symbol(p->lq, name);
        tag->own = lq_symbol(p->lq, last_part(name));
        lq_fact(p, tag->isolated ? LIQUID_FACT_RENDER : LIQUID_FACT_INCLUDE, name);
    } else {
        lq_fact(p, LIQUID_FACT_INCLUDE, STR(""));
    }
    LqNamed  *named = arena_array(p->a, LqNamed, x.n + 1);
    uint32_t *syms = arena_array(p->a, uint32_t, x.n + 1);
    for (size_t i = 0; i < x.n; i++) {
        named[i] = x.named[i];
        syms[i] = lq_symbol(p->lq, x.named[i].key);
    }
    tag->named = named;
    tag->syms = syms;
    tag->nnamed = (uint32_t)x.n;
    tag->fixed = is_fixed(tag);
    node->tag = tag;
    node->render = lq_render_partial;
    return true;
}
