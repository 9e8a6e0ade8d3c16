/* {% case %} and {% cycle %}: lists of alternatives. */
#include "liquid/parse.h"

#include <string.h>

/* --- case ----------------------------------------------------------------------------------- */

static const char WHEN_SYNTAX[] = "Syntax Error in tag 'case' - Valid when condition: {% when "
                                  "[condition] [or condition2...] %}";

typedef struct Whens {
    LqWhen  *whens;
    LqBlock *body; /* of the branch that is being read */
    uint32_t n, cap;
} Whens;

static bool case_strict2(LqParse *p, Str markup, void *node)
{
    LqCase *c = node;
    return lq_lex(p, markup) && lq_parse_expr(p, &c->left) && lq_expect(p, LQ_T_END, NULL);
}

static bool case_laxly(LqParse *p, Str markup, void *node)
{
    LqCase *c = node;
    Str     fragment;
    if (!lq_find_fragment(&markup, &fragment))
        return lq_syntax(p, NULL, "Syntax Error in 'case' - Valid syntax: case [condition]");
    return lq_expr(p, fragment, &c->left);
}

static void add_when(LqParse *p, Whens *w, LqExpr e, bool otherwise)
{
    if (w->n == w->cap) {
        w->cap = w->cap == 0 ? 8 : 2 * w->cap;
        LqWhen *bigger = arena_array(p->a, LqWhen, w->cap);
        if (w->n > 0)
            memcpy(bigger, w->whens, w->n * sizeof *bigger);
        w->whens = bigger;
    }
    w->whens[w->n++] = (LqWhen){.value = e, .is_else = otherwise, .body = w->body};
}

static bool when_strict2(LqParse *p, Str markup, Whens *w)
{
    Str    s;
    LqExpr e;
    if (!lq_lex(p, markup))
        return false;
    do {
        if (!lq_expression(p, &s) || !lq_condition_expr(p, s, &e))
            return false;
        add_when(p, w, e, false);
    } while (lq_accept_id(p, "or") || lq_accept(p, LQ_T_COMMA, NULL));
    return lq_expect(p, LQ_T_END, NULL);
}

/* What follows " or " or a comma, if a fragment does. */
static Str next_alternative(Str s)
{
    Str rest = lq_skip_space(s);
    if (rest.len < s.len && str_starts(rest, STR("or"))) {
        Str behind = {rest.ptr + 2, rest.len - 2};
        Str next = lq_skip_space(behind);
        if (next.len < behind.len && lq_fragment_len(next) > 0)
            return next;
    }
    if (rest.len > 0 && rest.ptr[0] == ',') {
        Str next = lq_skip_space((Str){rest.ptr + 1, rest.len - 1});
        if (lq_fragment_len(next) > 0)
            return next;
    }
    return (Str){0};
}

static bool when_laxly(LqParse *p, Str markup, Whens *w)
{
    do {
        Str    fragment;
        LqExpr e;
        if (!lq_find_fragment(&markup, &fragment))
            return lq_syntax(p, NULL, "%s", WHEN_SYNTAX);
        if (!lq_condition_expr(p, fragment, &e))
            return false;
        add_when(p, w, e, false);
        markup = next_alternative(markup);
    } while (markup.len > 0);
    return true;
}

/* {% when %} or {% else %}: what its branch begins with. */
static bool begin_branch(LqParse *p, Whens *w, const LqEnd *end)
{
    w->body = arena_new(p->a, LqBlock);
    if (str_eq(end->name, STR("when")))
        return p->mode == LIQUID_STRICT2 ? when_strict2(p, end->markup, w)
                                         : when_laxly(p, end->markup, w);
    if (!lq_only_space(end->markup))
        return lq_syntax(p, end->markup.ptr,
                         "Syntax Error in tag 'case' - Valid else condition: {%% else %%} (no "
                         "parameters) ");
    add_when(p, w, (LqExpr){0}, true);
    return true;
}

static bool all_texts(const Whens *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        const LqWhen *when = &w->whens[i];
        bool          text =
            !when->is_else && when->value.kind == LQ_CONST && when->value.value.type == LIQUID_TEXT;
        if (!text && !(when->is_else && i + 1 == w->n))
            return false;
    }
    return true;
}

/* Order among equal texts is kept: all of their branches are rendered. */
static void index_texts(LqParse *p, const Whens *w, LqCase *c)
{
    enum { FEW = 4 };
    uint32_t nslots = 8;
    if (w->n < FEW || !all_texts(w))
        return;
    while (nslots < 2 * w->n)
        nslots *= 2;
    c->slots = arena_array(p->a, uint32_t, nslots);
    c->mask = nslots - 1;
    for (uint32_t i = 0; i < w->n; i++) {
        if (w->whens[i].is_else)
            continue;
        Str       text = liquid_str(w->whens[i].value.value);
        uint32_t *at = lq_case_slot(c, w->whens, text);
        if (*at == 0) {
            *at = i + 1;
            continue;
        }
        LqWhen *last = &w->whens[*at - 1];
        while (last->same != 0)
            last = &w->whens[last->same - 1];
        last->same = i + 1;
    }
}

typedef struct Bodies {
    LqNodes        nodes;
    LqBlock       *body;
    struct Bodies *next;
} Bodies;

bool lq_parse_case(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    static const LqReaders CASE = {case_strict2, case_laxly, case_laxly};
    LqCase                *c = arena_new(p->a, LqCase);
    Whens                  w = {0};
    Bodies                *all = NULL;
    LqEnd                  end;
    bool                   blank = true;
    LqNodes                before = {.blank = true};
    if (!lq_read(p, &CASE, markup, c) || !lq_parse_body(p, &before, &end))
        return false;
    blank = before.blank;
    LqHtml html = p->html; /* every branch begins in the same place of the page */
    while (!end.eof && (str_eq(end.name, STR("when")) || str_eq(end.name, STR("else")))) {
        p->html = html;
        if (!begin_branch(p, &w, &end))
            return false;
        Bodies *b = arena_new(p->a, Bodies);
        *b = (Bodies){.nodes = {.blank = true}, .body = w.body, .next = all};
        all = b;
        if (!lq_parse_body(p, &b->nodes, &end))
            return false;
        blank = blank && b->nodes.blank;
    }
    if (end.eof || !str_eq(end.name, STR("endcase")))
        return lq_unknown_in_block(p, type->name, &end);
    for (Bodies *b = all; b != NULL; b = b->next) {
        if (blank)
            lq_drop_blank(&b->nodes);
        *b->body = lq_block(p, &b->nodes);
    }
    c->whens = w.whens;
    c->n = w.n;
    index_texts(p, &w, c);
    node->tag = c;
    node->render = lq_render_case;
    node->blank = blank;
    return true;
}

/* --- cycle ------------------------------------------------------------------------------------ */

enum { CYCLE_MAX = 100 };

static const char CYCLE_SYNTAX[] =
    "Syntax Error in 'cycle' - Valid syntax: cycle [name :] var [, var2, var3 ...]";

typedef struct Cycle {
    LqExpr items[CYCLE_MAX];
    size_t n;
    LqExpr name;
    bool   named;
} Cycle;

static bool add_item(LqParse *p, Cycle *c, LqExpr e)
{
    if (c->n == CYCLE_MAX)
        return lq_syntax(p, NULL, "%s", CYCLE_SYNTAX);
    c->items[c->n++] = e;
    return true;
}

static bool cycle_strict2(LqParse *p, Str markup, void *node)
{
    Cycle *c = node;
    LqExpr e;
    if (!lq_lex(p, markup))
        return false;
    if (lq_look(p, LQ_T_END, 0))
        return lq_syntax(p, NULL, "%s", CYCLE_SYNTAX);
    if (!lq_parse_expr(p, &e))
        return false;
    c->named = lq_accept(p, LQ_T_COLON, NULL);
    if (c->named) {
        c->name = e;
        if (!lq_parse_expr(p, &e))
            return false;
    }
    if (!add_item(p, c, e))
        return false;
    while (lq_accept(p, LQ_T_COMMA, NULL) && !lq_look(p, LQ_T_END, 0))
        if (!lq_parse_expr(p, &e) || !add_item(p, c, e))
            return false;
    return lq_expect(p, LQ_T_END, NULL);
}

/* A name, which is one fragment without the colon that ends it: "a: 1", 'a' : 1. */
static size_t cycle_name_len(Str s, Str *ret_rest)
{
    for (size_t n = lq_fragment_len(s); n > 0; n--) {
        Str rest = lq_skip_space((Str){s.ptr + n, s.len - n});
        if (lq_fragment_len((Str){s.ptr, n}) != n || rest.len == 0 || rest.ptr[0] != ':')
            continue;
        *ret_rest = lq_skip_space((Str){rest.ptr + 1, rest.len - 1});
        return n;
    }
    return 0;
}

static bool is_nil(const LqExpr *e)
{
    return e->kind == LQ_CONST && e->value.type == LIQUID_NIL;
}

/* As the reference has it, the word nil is no item here; it is one in strict2. */
static bool cycle_laxly(LqParse *p, Str markup, void *node)
{
    Cycle *c = node;
    Str    rest = markup, part, fragment;
    LqExpr e;
    size_t n = cycle_name_len(markup, &rest);
    c->named = n > 0;
    if (n > 0 && !lq_expr(p, (Str){markup.ptr, n}, &c->name))
        return false;
    if (n == 0 && lq_fragment_len(markup) == 0)
        return lq_syntax(p, NULL, "%s", CYCLE_SYNTAX);
    while (rest.len > 0) { /* a comma in quotes parts as well: so did the first Liquid */
        str_cut(rest, ',', &part, &rest);
        if (!lq_find_fragment(&part, &fragment))
            continue;
        if (!lq_expr(p, fragment, &e) || (!is_nil(&e) && !add_item(p, c, e)))
            return false;
    }
    return true;
}

/* Cycles without a name share their state with those of the same constants. */
static uint32_t group_of(LqParse *p, const Cycle *c)
{
    char   name[2048] = "|"; /* no variable is called so */
    size_t len = 1;
    for (size_t i = 0; i < c->n; i++) {
        const LqExpr *e = &c->items[i];
        LiquidValue   v = e->value;
        int           n;
        if (e->kind != LQ_CONST) /* each of these is a cycle of its own */
            n = snprintf(name + len, sizeof name - len, "@%p", (const void *)p->at);
        else if (v.type == LIQUID_TEXT)
            n = snprintf(name + len, sizeof name - len, "\"" STR_FMT "\", ",
                         STR_ARG(liquid_str(v)));
        else if (v.type == LIQUID_REAL)
            n = snprintf(name + len, sizeof name - len, "%g, ", v.r);
        else
            n = snprintf(name + len, sizeof name - len, "%u:%lld, ", v.type, (long long)v.i);
        if (n < 0 || len + (size_t)n >= sizeof name)
            break;
        len += (size_t)n;
    }
    return lq_symbol(p->lq, (Str){name, len});
}

bool lq_parse_cycle(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    static const LqReaders HOW = {cycle_strict2, cycle_laxly, cycle_laxly};
    (void)type;
    Cycle    c = {0};
    LqCycle *tag = arena_new(p->a, LqCycle);
    if (!lq_read(p, &HOW, markup, &c))
        return false;
    LqExpr *items = arena_array(p->a, LqExpr, c.n + 1);
    memcpy(items, c.items, c.n * sizeof *items);
    *tag = (LqCycle){.items = items, .n = (uint32_t)c.n};
    if (c.named)
        tag->name = lq_expr_keep(p, c.name);
    else
        tag->group = group_of(p, &c);
    node->tag = tag;
    node->render = lq_render_cycle;
    return true;
}
