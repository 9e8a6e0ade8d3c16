/* Bodies: text, outputs and tags, one after the other, up to a tag that ends them. */
#include "liquid/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool lq_syntax(LqParse *p, const char *at, const char *fmt, ...)
{
    if (p->failed)
        return false;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    ASSERT(n >= 0);
    char *z = arena_alloc(p->a, (size_t)n + 1, 1);
    va_start(ap, fmt);
    vsnprintf(z, (size_t)n + 1, fmt, ap);
    va_end(ap);
    p->message = (Str){z, (size_t)n};
    bool inside = at >= p->t->source.ptr && at <= p->t->source.ptr + p->t->source.len;
    p->error_at = at != NULL && inside ? at : NULL;
    p->failed = true;
    return false;
}

void lq_fact(LqParse *p, LiquidFactKind kind, Str name)
{
    LiquidTemplate *t = p->t;
    if (!p->lq->options.facts)
        return;
    if (t->nfacts == t->facts_cap) {
        t->facts_cap = t->facts_cap == 0 ? 32 : 2 * t->facts_cap;
        LiquidFact *bigger = arena_array(p->a, LiquidFact, t->facts_cap);
        if (t->nfacts > 0)
            memcpy(bigger, t->facts, t->nfacts * sizeof *bigger);
        t->facts = bigger;
    }
    LiquidFact *f = &t->facts[t->nfacts++];
    *f = (LiquidFact){.kind = kind, .name = name};
    bool inside = name.ptr >= t->source.ptr && name.ptr <= t->source.ptr + t->source.len;
    lq_place_of(t, (size_t)((inside ? name.ptr : p->at) - t->source.ptr), &f->line, &f->column);
}

LqNode *lq_add_node(LqNodes *nodes)
{
    ASSERT(nodes->n < nodes->cap);
    LqNode *n = &nodes->nodes[nodes->n++];
    *n = (LqNode){0};
    return n;
}

static void make_room(LqParse *p, LqNodes *nodes)
{
    if (nodes->n < nodes->cap)
        return;
    uint32_t cap = nodes->cap == 0 ? 8 : 2 * nodes->cap;
    LqNode  *bigger = arena_array(p->a, LqNode, cap);
    if (nodes->n > 0)
        memcpy(bigger, nodes->nodes, nodes->n * sizeof *bigger);
    nodes->nodes = bigger;
    nodes->cap = cap;
}

LqBlock lq_block(LqParse *p, const LqNodes *nodes)
{
    LqNode  *kept = arena_array(p->a, LqNode, nodes->n + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < nodes->n; i++)
        if (nodes->nodes[i].kind != LQ_N_TEXT || nodes->nodes[i].len > 0)
            kept[n++] = nodes->nodes[i];
    return (LqBlock){kept, n, nodes->blank};
}

void lq_drop_blank(LqNodes *nodes)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < nodes->n; i++)
        if (nodes->nodes[i].kind != LQ_N_TEXT)
            nodes->nodes[n++] = nodes->nodes[i];
    nodes->n = n;
}

static bool is_trimmed(char c)
{
    return lq_is_space(c) || c == '\0';
}

/* {%- takes the white space at the end of the text before it, -%} that of the text behind. */
static void trim_around(LqParse *p, LqNodes *body, Str token)
{
    if (token.len > 2 && token.ptr[2] == '-' && body->n > 0) {
        LqNode *last = &body->nodes[body->n - 1];
        while (last->kind == LQ_N_TEXT && !last->fixed && last->len > 0 &&
               is_trimmed(last->text[last->len - 1]))
            last->len--;
    }
    p->trim = token.len > 2 && token.ptr[token.len - 3] == '-';
}

static void add_text(LqParse *p, LqNodes *body, Str text)
{
    while (p->trim && text.len > 0 && is_trimmed(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    p->trim = false;
    make_room(p, body);
    LqNode *n = lq_add_node(body);
    n->kind = LQ_N_TEXT;
    n->text = text.ptr;
    n->len = text.len;
    body->blank = body->blank && lq_only_space(text);
    lq_html_text(&p->html, text);
}

static uint32_t offset_of(const LqParse *p, const char *at)
{
    return (uint32_t)(at - p->t->source.ptr);
}

static bool add_output(LqParse *p, LqNodes *body, Str token)
{
    p->at = token.ptr;
    if (token.len < 4 || memcmp(token.ptr + token.len - 2, "}}", 2) != 0)
        return lq_syntax(p, token.ptr,
                         "Variable '" STR_FMT "' was not properly terminated with regexp: /\\}\\}/",
                         STR_ARG(token));
    Str markup = {token.ptr + 2, token.len - 4};
    if (markup.len > 0 && markup.ptr[0] == '-') {
        markup.ptr++;
        markup.len--;
    }
    if (markup.len > 0 && markup.ptr[markup.len - 1] == '-')
        markup.len--;
    LqOutput *o = arena_new(p->a, LqOutput);
    if (!lq_parse_output(p, markup, o))
        return false;
    make_room(p, body);
    LqNode *n = lq_add_node(body);
    n->kind = LQ_N_OUTPUT;
    n->output = o;
    n->place = (uint8_t)(p->lq->options.plain ? LQ_PLAIN : lq_html_place(&p->html));
    n->at = offset_of(p, token.ptr);
    body->blank = false;
    return true;
}

static bool lines_body(LqParse *p, LqNodes *body, LqEnd *end);

/* {% liquid %}: its lines become part of this body. */
static bool add_lines(LqParse *p, LqNodes *body, Str markup)
{
    LqTokens outer = p->tokens;
    LqEnd    end;
    p->tokens = (LqTokens){markup.ptr, markup.ptr + markup.len, true};
    bool ok = ++p->depth < 200 || lq_syntax(p, markup.ptr, "Nesting too deep");
    ok = ok && lines_body(p, body, &end);
    p->depth--;
    p->tokens = outer;
    if (!ok || end.eof)
        return ok;
    if (str_eq(end.name, STR("else")))
        return lq_syntax(p, end.name.ptr, "liquid tag does not expect 'else' tag");
    if (str_starts(end.name, STR("end")))
        return lq_syntax(p, end.name.ptr,
                         "'" STR_FMT "' is not a valid delimiter for liquid tags. use %%}",
                         STR_ARG(end.name));
    return lq_syntax(p, end.name.ptr, "Unknown tag '" STR_FMT "'", STR_ARG(end.name));
}

/* One tag. *ret_known is false when this body has no such tag: then it ends. */
static bool add_tag(LqParse *p, LqNodes *body, Str name, Str markup, bool *ret_known)
{
    *ret_known = true;
    p->at = markup.ptr;
    if (str_eq(name, STR("liquid")))
        return add_lines(p, body, markup);
    const LiquidTag *host = lq_find_tag(p->lq, name);
    const LqTagType *type = host == NULL ? lq_tag_type(name) : NULL;
    if (type == NULL && host == NULL) {
        *ret_known = false;
        return true;
    }
    LqNode node = {.kind = LQ_N_TAG, .at = offset_of(p, markup.ptr)};
    node.place = (uint8_t)(p->lq->options.plain ? LQ_PLAIN : lq_html_place(&p->html));
    if (host != NULL ? !lq_parse_host_tag(p, host, markup, &node)
                     : !type->parse(p, type, markup, &node))
        return false;
    make_room(p, body);
    *lq_add_node(body) = node;
    body->blank = body->blank && node.blank;
    return true;
}

static bool lines_body(LqParse *p, LqNodes *body, LqEnd *end)
{
    Str line;
    *end = (LqEnd){.eof = true};
    while (lq_next_token(&p->tokens, &line)) {
        bool known;
        if (lq_only_space(line))
            continue;
        if (!lq_line_parts(line, &end->name, &end->markup)) {
            p->at = line.ptr;
            end->name = end->markup = line;
            end->eof = false;
            return true;
        }
        if (!add_tag(p, body, end->name, end->markup, &known))
            return false;
        if (!known) {
            end->eof = false;
            return true;
        }
    }
    p->at = p->tokens.end;
    return true;
}

static bool odd_tag(LqParse *p, Str token, LqEnd *end)
{
    p->at = token.ptr;
    if (token.len < 4 || memcmp(token.ptr + token.len - 2, "%}", 2) != 0)
        return lq_syntax(p, token.ptr,
                         "Tag '" STR_FMT "' was not properly terminated with regexp: /\\%%\\}/",
                         STR_ARG(token));
    *end = (LqEnd){.name = token, .markup = token};
    return true;
}

static bool document_body(LqParse *p, LqNodes *body, LqEnd *end)
{
    Str token;
    *end = (LqEnd){.eof = true};
    while (lq_next_token(&p->tokens, &token)) {
        if (token.len < 2 || token.ptr[0] != '{' || (token.ptr[1] != '%' && token.ptr[1] != '{')) {
            add_text(p, body, token);
            continue;
        }
        trim_around(p, body, token);
        if (token.ptr[1] == '{') {
            if (!add_output(p, body, token))
                return false;
            continue;
        }
        bool known;
        if (!lq_tag_parts(token, &end->name, &end->markup))
            return odd_tag(p, token, end);
        if (!add_tag(p, body, end->name, end->markup, &known))
            return false;
        if (!known) {
            end->eof = false;
            return true;
        }
    }
    p->at = p->tokens.end;
    return true;
}

bool lq_parse_body(LqParse *p, LqNodes *body, LqEnd *end)
{
    if (p->depth >= LQ_PARSE_DEPTH) {
        p->stack = true;
        return lq_syntax(p, NULL, "Nesting too deep");
    }
    p->depth++;
    bool ok = p->tokens.lines ? lines_body(p, body, end) : document_body(p, body, end);
    p->depth--;
    return ok;
}

bool lq_unknown_in_block(LqParse *p, const char *block, const LqEnd *end)
{
    if (end->eof)
        return lq_syntax(p, NULL, "'%s' tag was never closed", block);
    if (str_eq(end->name, STR("else")))
        return lq_syntax(p, end->name.ptr, "%s tag does not expect 'else' tag", block);
    if (str_starts(end->name, STR("end")))
        return lq_syntax(p, end->name.ptr,
                         "'" STR_FMT "' is not a valid delimiter for %s tags. use end%s",
                         STR_ARG(end->name), block, block);
    return lq_syntax(p, end->name.ptr, "Unknown tag '" STR_FMT "'", STR_ARG(end->name));
}

bool lq_parse_simple_body(LqParse *p, const char *name, LqNodes *body)
{
    LqEnd end = {0};
    *body = (LqNodes){.blank = true};
    if (!lq_parse_body(p, body, &end))
        return false;
    if (!end.eof && str_starts(end.name, STR("end")) &&
        str_eq((Str){end.name.ptr + 3, end.name.len - 3}, str_from_cstr(name)))
        return true;
    return lq_unknown_in_block(p, name, &end);
}

bool lq_parse_document(LqParse *p)
{
    LqNodes body = {.blank = true};
    LqEnd   end;
    Str     src = p->t->source;
    p->tokens = (LqTokens){src.ptr, src.ptr + src.len, false};
    p->at = src.ptr;
    if (!document_body(p, &body, &end))
        return false;
    p->t->body = lq_block(p, &body);
    if (end.eof)
        return true;
    if (str_eq(end.name, STR("else")) || str_eq(end.name, STR("end")))
        return lq_syntax(p, end.name.ptr, "Unexpected outer '" STR_FMT "' tag", STR_ARG(end.name));
    return lq_syntax(p, end.name.ptr, "Unknown tag '" STR_FMT "'", STR_ARG(end.name));
}
