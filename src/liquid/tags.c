/* The tags that the language has, and the small ones among them. */
#include "liquid/parse.h"

#include <string.h>

const LqTagType *lq_tag_type(Str name)
{
    static const LqTagType TYPES[] = {
        {"assign", lq_parse_assign},     {"if", lq_parse_if},
        {"for", lq_parse_for},           {"unless", lq_parse_if},
        {"case", lq_parse_case},         {"render", lq_parse_partial},
        {"include", lq_parse_partial},   {"capture", lq_parse_capture},
        {"comment", lq_parse_comment},   {"echo", lq_parse_echo},
        {"break", lq_parse_jump},        {"continue", lq_parse_jump},
        {"cycle", lq_parse_cycle},       {"increment", lq_parse_counter},
        {"decrement", lq_parse_counter}, {"raw", lq_parse_raw},
        {"tablerow", lq_parse_tablerow}, {"ifchanged", lq_parse_ifchanged},
        {"doc", lq_parse_doc},           {"#", lq_parse_note},
    };
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (str_eq(name, str_from_cstr(TYPES[i].name)))
            return &TYPES[i];
    return NULL;
}

static bool is_sign(char c)
{
    return c == '-' || c == '.' || c == '[' || c == ']';
}

/* A name as assign and capture take it: word characters, - . [ ], brackets around them. */
static size_t signature_len(Str s)
{
    size_t n = 0;
    for (;;) {
        size_t i = n + (n < s.len && s.ptr[n] == '(');
        if (i >= s.len || (!lq_is_word(s.ptr[i]) && !is_sign(s.ptr[i])))
            return n;
        n = i + 1;
        n += n < s.len && s.ptr[n] == ')';
    }
}

bool lq_parse_assign(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    (void)type;
    for (size_t i = 0; i < markup.len; i++) {
        size_t n = signature_len((Str){markup.ptr + i, markup.len - i});
        Str    rest = lq_skip_space((Str){markup.ptr + i + n, markup.len - i - n});
        if (n == 0 || rest.len == 0 || rest.ptr[0] != '=') {
            i += n;
            continue;
        }
        LqAssign *tag = arena_new(p->a, LqAssign);
        tag->sym = lq_symbol(p->lq, (Str){markup.ptr + i, n});
        lq_fact(p, LIQUID_FACT_SET, (Str){markup.ptr + i, n});
        node->tag = tag;
        node->render = lq_render_assign;
        node->blank = true;
        rest = lq_skip_space((Str){rest.ptr + 1, rest.len - 1});
        return lq_parse_output(p, rest, &tag->value);
    }
    return lq_syntax(p, NULL, "Syntax Error in 'assign' - Valid syntax: assign [var] = [source]");
}

bool lq_parse_capture(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    size_t i = 0, n = 0;
    while (i < markup.len && (n = signature_len((Str){markup.ptr + i, markup.len - i})) == 0)
        i++;
    if (n == 0)
        return lq_syntax(p, NULL, "Syntax Error in 'capture' - Valid syntax: capture [var]");
    LqCapture *tag = arena_new(p->a, LqCapture);
    LqNodes    body;
    tag->sym = lq_symbol(p->lq, (Str){markup.ptr + i, n});
    lq_fact(p, LIQUID_FACT_SET, (Str){markup.ptr + i, n});
    if (!lq_parse_simple_body(p, type->name, &body))
        return false;
    tag->body = lq_block(p, &body);
    node->tag = tag;
    node->render = lq_render_capture;
    node->blank = true;
    return true;
}

bool lq_parse_ifchanged(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    (void)markup;
    LqNodes body;
    if (!lq_parse_simple_body(p, type->name, &body))
        return false;
    LqBlock *tag = arena_new(p->a, LqBlock);
    *tag = lq_block(p, &body);
    node->tag = tag;
    node->render = lq_render_ifchanged;
    node->blank = body.blank;
    return true;
}

bool lq_parse_counter(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    LqCounter *tag = arena_new(p->a, LqCounter);
    *tag = (LqCounter){.sym = lq_symbol(p->lq, str_trim(markup)),
                       .step = type->name[0] == 'i' ? 1 : -1};
    node->tag = tag;
    node->render = lq_render_counter;
    return true;
}

bool lq_parse_jump(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    (void)p;
    (void)markup;
    node->render = type->name[0] == 'b' ? lq_render_break : lq_render_continue;
    return true;
}

/* {% echo x %} is {{ x }}. */
bool lq_parse_echo(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    (void)type;
    LqOutput *o = arena_new(p->a, LqOutput);
    node->kind = LQ_N_OUTPUT;
    node->output = o;
    return lq_parse_output(p, markup, o);
}

/* {% # note %}: every line of it begins with the sign. */
bool lq_parse_note(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    (void)type;
    for (size_t i = 0; i < markup.len; i++) {
        if (markup.ptr[i] != '\n')
            continue;
        Str rest = lq_skip_space((Str){markup.ptr + i, markup.len - i});
        if (rest.len > 0 && rest.ptr[0] != '#')
            return lq_syntax(p, rest.ptr,
                             "Syntax error in tag '#' - Each line of comments must be prefixed by "
                             "the '#' character");
        i = (size_t)(rest.ptr - markup.ptr) - (rest.len == 0);
    }
    node->render = lq_render_nothing;
    node->blank = true;
    return true;
}

/* --- what is not read ---------------------------------------------------------------------- */

static bool skip_raw(LqParse *p)
{
    Str token, before, name;
    while (lq_next_token(&p->tokens, &token))
        if (lq_loose_tag(token, &before, &name) && str_eq(name, STR("endraw")))
            return true;
    return lq_syntax(p, NULL, "'raw' tag was never closed");
}

bool lq_parse_comment(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    (void)type;
    (void)markup;
    Str token, name, rest;
    for (size_t depth = 1; lq_next_token(&p->tokens, &token);) {
        if (!(p->tokens.lines ? lq_line_parts(token, &name, &rest)
                              : token.len > 1 && token.ptr[0] == '{' && token.ptr[1] == '%' &&
                                    lq_tag_parts(token, &name, &rest)))
            continue;
        if (str_eq(name, STR("raw")) && !skip_raw(p))
            return false;
        depth += str_eq(name, STR("comment"));
        if (!str_eq(name, STR("endcomment")) || --depth > 0)
            continue;
        if (!p->tokens.lines)
            p->trim = token.ptr[token.len - 3] == '-';
        node->render = lq_render_nothing;
        node->blank = true;
        return true;
    }
    p->at = p->tokens.end;
    return lq_syntax(p, NULL, "'comment' tag was never closed");
}

/* The text up to {% endNAME %}, as it stands. */
static bool raw_body(LqParse *p, const char *tag, bool nestable, Str *ret)
{
    const char *from = p->tokens.p;
    Str         token, before, name;
    char        end[40];
    (void)snprintf(end, sizeof end, "end%s", tag);
    while (lq_next_token(&p->tokens, &token)) {
        if (!lq_loose_tag(token, &before, &name))
            continue;
        if (!nestable && str_eq(name, str_from_cstr(tag)))
            return lq_syntax(p, token.ptr, "Syntax Error in '%s' - Nested %s tags are not allowed",
                             tag, tag);
        if (!str_eq(name, str_from_cstr(end)))
            continue;
        p->trim = token.ptr[token.len - 3] == '-';
        *ret = (Str){from, (size_t)(before.ptr + before.len - from)};
        return true;
    }
    p->at = p->tokens.end;
    return lq_syntax(p, NULL, "'%s' tag was never closed", tag);
}

bool lq_parse_raw(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    Str text;
    if (!lq_only_space(markup))
        return lq_syntax(p, markup.ptr, "Syntax Error in 'raw' - Valid syntax: raw");
    if (!raw_body(p, type->name, true, &text))
        return false;
    node->kind = LQ_N_TEXT;
    node->text = text.ptr;
    node->len = text.len;
    node->blank = text.len == 0;
    node->fixed = true;
    lq_html_text(&p->html, text);
    return true;
}

bool lq_parse_doc(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    Str text;
    if (!lq_only_space(markup))
        return lq_syntax(p, markup.ptr,
                         "Syntax Error in 'doc' - Valid syntax: {%% doc %%}{%% enddoc %%}");
    node->render = lq_render_nothing;
    node->blank = true;
    return raw_body(p, type->name, false, &text);
}

/* --- tags of the host ------------------------------------------------------------------------- */

enum { HOST_ARGS = 16 };

/* Is the token at hand one of the tag's bare words? */
static bool accept_word(LqParse *p, const LiquidTag *tag)
{
    if (tag->words == NULL || !lq_look(p, LQ_T_ID, 0))
        return false;
    Str rest = str_from_cstr(tag->words), word;
    while (rest.len > 0) {
        str_cut(rest, ' ', &word, &rest);
        if (str_eq(word, p->toks[p->tok].text))
            return lq_accept(p, LQ_T_ID, NULL);
    }
    return false;
}

static bool host_arguments(LqParse *p, const LiquidTag *tag, LqHostTag *t)
{
    LqExpr  *args = arena_array(p->a, LqExpr, HOST_ARGS);
    LqNamed *named = arena_array(p->a, LqNamed, HOST_ARGS);
    Str      key;
    while (!lq_look(p, LQ_T_END, 0)) {
        if (t->nargs == HOST_ARGS || t->nnamed == HOST_ARGS)
            return lq_syntax(p, NULL, "Too many arguments");
        if (lq_look(p, LQ_T_ID, 0) && lq_look(p, LQ_T_COLON, 1)) {
            if (!lq_accept(p, LQ_T_ID, &key) || !lq_accept(p, LQ_T_COLON, NULL) ||
                !lq_parse_expr(p, &named[t->nnamed].value))
                return false;
            named[t->nnamed++].key = key;
        } else if (!lq_parse_expr(p, &args[t->nargs++])) {
            return false;
        }
        if (!accept_word(p, tag))
            (void)lq_accept(p, LQ_T_COMMA, NULL);
    }
    t->args = args;
    t->named = named;
    if (t->nargs < tag->min || t->nargs > tag->max)
        return lq_syntax(p, NULL, "Syntax Error in '%s' - wrong number of arguments", tag->name);
    return true;
}

/* Keep the text for liquid_raw_block(). */
static void keep_raw(LqParse *p, const char *tag, Str text)
{
    LiquidTemplate *t = p->t;
    if ((t->nraws & (t->nraws - 1)) == 0) { /* full: room for twice as many */
        LqRaw *more = arena_array(p->a, LqRaw, 2 * t->nraws + 1);
        if (t->nraws > 0)
            memcpy(more, t->raws, t->nraws * sizeof *more);
        t->raws = more;
    }
    t->raws[t->nraws++] = (LqRaw){str_from_cstr(tag), text};
}

/* "section header" */
static void note_host_tag(LqParse *p, const LqHostTag *t)
{
    if (t->nargs == 0 || t->args[0].kind != LQ_CONST || t->args[0].value.type != LIQUID_TEXT)
        return;
    Str    arg = liquid_str(t->args[0].value);
    size_t size = strlen(t->tag->name) + arg.len + 2;
    char  *z = arena_alloc(p->a, size, 1);
    (void)snprintf(z, size, "%s " STR_FMT, t->tag->name, STR_ARG(arg));
    lq_fact(p, LIQUID_FACT_TAG, (Str){z, size - 1});
}

bool lq_parse_host_tag(LqParse *p, const LiquidTag *tag, Str markup, LqNode *node)
{
    LqHostTag *t = arena_new(p->a, LqHostTag);
    LqNodes    body;
    t->tag = tag;
    if (!lq_lex(p, markup) || !host_arguments(p, tag, t))
        return false;
    note_host_tag(p, t);
    for (size_t i = 0; i < p->lq->options.ntags && i < COUNT_OF(p->host_counts); i++)
        if (&p->lq->options.tags[i] == tag)
            t->index = p->host_counts[i]++;
    if (tag->kind == LIQUID_TAG_RAW) {
        if (!raw_body(p, tag->name, true, &t->raw))
            return false;
        keep_raw(p, tag->name, t->raw);
    } else if (tag->kind == LIQUID_TAG_BODY) {
        if (!lq_parse_simple_body(p, tag->name, &body))
            return false;
        t->body = lq_block(p, &body);
    }
    node->tag = t;
    node->render = lq_render_host_tag;
    node->blank = tag->render == NULL;
    return true;
}
