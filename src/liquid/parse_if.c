/* {% if %}, {% unless %} and the conditions that they, and nobody else, have. */
#include "liquid/parse.h"

#include <string.h>

static const char IF_SYNTAX[] = "Syntax Error in tag 'if' - Valid syntax: if [expression]";

static LqCompare compare_of(Str s)
{
    static const struct {
        const char *sign;
        LqCompare   op;
    } SIGNS[] = {{"==", LQ_EQ}, {"!=", LQ_NE}, {"<>", LQ_NE}, {"<", LQ_LT},
                 {">", LQ_GT},  {"<=", LQ_LE}, {">=", LQ_GE}, {"contains", LQ_CONTAINS}};
    for (size_t i = 0; i < COUNT_OF(SIGNS); i++)
        if (str_eq(s, str_from_cstr(SIGNS[i].sign)))
            return SIGNS[i].op;
    return LQ_UNKNOWN;
}

/* --- strictly ---------------------------------------------------------------------------- */

static bool operand(LqParse *p, LqExpr *ret)
{
    Str s;
    return lq_expression(p, &s) && lq_condition_expr(p, s, ret);
}

static bool comparison(LqParse *p, LqCondition *c)
{
    if (!operand(p, &c->left))
        return false;
    if (!lq_accept(p, LQ_T_COMPARISON, &c->op_name))
        return true;
    c->op = (uint8_t)compare_of(c->op_name);
    return operand(p, &c->right);
}

static bool read_strictly(LqParse *p, Str markup, void *node)
{
    LqCondition **ret = node;
    LqCondition  *last = *ret = arena_new(p->a, LqCondition);
    if (!lq_lex(p, markup) || !comparison(p, last))
        return false;
    for (;;) {
        bool both = lq_accept_id(p, "and");
        if (!both && !lq_accept_id(p, "or"))
            break;
        last->relation = both ? LQ_AND : LQ_OR;
        last->next = arena_new(p->a, LqCondition);
        last = last->next;
        if (!comparison(p, last))
            return false;
    }
    return lq_expect(p, LQ_T_END, NULL);
}

/* --- laxly: fragments that "and" and "or" part; read from the end ----------------------------- */

static bool boundary(Str s, size_t at)
{
    bool before = at > 0 && lq_is_word(s.ptr[at - 1]);
    bool after = at < s.len && lq_is_word(s.ptr[at]);
    return before != after;
}

/* Length of "and" or "or" with one space on either side, at `at`; 0 when there is none. */
static size_t operator_len(Str s, size_t at)
{
    if (!boundary(s, at))
        return 0;
    size_t i = at + (at < s.len && lq_is_space(s.ptr[at]));
    Str    rest = {s.ptr + i, s.len - i};
    size_t n = str_starts(rest, STR("and")) ? 3 : str_starts(rest, STR("or")) ? 2 : 0;
    if (n == 0)
        return 0;
    i += n;
    if (i < s.len && lq_is_space(s.ptr[i]) && boundary(s, i + 1))
        return i + 1 - at;
    return boundary(s, i) ? i - at : 0;
}

/* Length of everything up to the next operator. */
static size_t operands_len(Str s, size_t at)
{
    size_t i = at, end = at;
    bool   in_run = false;
    for (;;) {
        while (i < s.len && lq_is_space(s.ptr[i]))
            i++;
        if (i >= s.len || operator_len(s, i) > 0)
            return end > at ? i - at : 0;
        size_t n = lq_fragment_len((Str){s.ptr + i, s.len - i});
        while (n == 0 || (in_run && i + n < s.len && !lq_is_space(s.ptr[i + n]))) {
            in_run = true; /* no fragment: anything up to the next space */
            n++;
        }
        in_run = false;
        i += n;
        end = i;
    }
}

/* "a == b", anything else in it passed over. */
static bool lax_comparison(LqParse *p, Str s, LqCondition *c)
{
    Str left, right = {0};
    if (!lq_find_fragment(&s, &left))
        return lq_syntax(p, NULL, "%s", IF_SYNTAX);
    s = lq_skip_space(s);
    size_t n = 0;
    while (n < s.len && (strchr("=!<>_", s.ptr[n]) != NULL || (s.ptr[n] >= 'a' && s.ptr[n] <= 'z')))
        n++;
    c->op_name = (Str){s.ptr, n};
    c->op = (uint8_t)(n > 0 ? compare_of(c->op_name) : LQ_TRUTH);
    s = lq_skip_space((Str){s.ptr + n, s.len - n});
    right = (Str){s.ptr, lq_fragment_len(s)};
    return lq_condition_expr(p, left, &c->left) &&
           (right.len == 0 || lq_condition_expr(p, right, &c->right));
}

enum { PARTS_MAX = 201 };

static size_t split_parts(Str markup, Str parts[static PARTS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < markup.len && n < PARTS_MAX;) {
        size_t len = operator_len(markup, i);
        if (len == 0)
            len = operands_len(markup, i);
        if (len > 0)
            parts[n++] = (Str){markup.ptr + i, len};
        i += len > 0 ? len : 1;
    }
    return n;
}

static bool read_laxly(LqParse *p, Str markup, void *node)
{
    LqCondition **ret = node;
    Str           parts[PARTS_MAX];
    size_t        n = split_parts(markup, parts);
    if (n == 0 || n == PARTS_MAX)
        return lq_syntax(p, NULL, "%s", IF_SYNTAX);
    LqCondition *c = arena_new(p->a, LqCondition);
    if (!lax_comparison(p, parts[--n], c))
        return false;
    while (n > 0) {
        Str op = str_trim(parts[--n]);
        if (n == 0)
            return lq_syntax(p, NULL, "%s", IF_SYNTAX);
        LqCondition *before = arena_new(p->a, LqCondition);
        if (!lax_comparison(p, parts[--n], before))
            return false;
        if (!str_eq(op, STR("and")) && !str_eq(op, STR("or")))
            return lq_syntax(p, NULL, "%s", IF_SYNTAX);
        before->relation = op.len == 3 ? LQ_AND : LQ_OR;
        before->next = c;
        c = before;
    }
    *ret = c;
    return true;
}

bool lq_parse_condition(LqParse *p, Str markup, const LqCondition **ret)
{
    static const LqReaders HOW = {read_strictly, read_strictly, read_laxly};
    LqCondition           *c = NULL;
    if (!lq_read(p, &HOW, markup, &c))
        return false;
    *ret = c;
    return true;
}

/* --- the tags -------------------------------------------------------------------------------- */

typedef struct Branches {
    const char *at; /* of the tag that opens the block */
    LqBranch   *branches;
    LqNodes    *bodies;
    uint32_t    n, cap;
} Branches;

static bool add_branch(LqParse *p, Branches *b, Str markup, bool otherwise)
{
    if (b->n == b->cap) {
        uint32_t  cap = b->cap == 0 ? 4 : 2 * b->cap;
        LqBranch *branches = arena_array(p->a, LqBranch, cap);
        LqNodes  *bodies = arena_array(p->a, LqNodes, cap);
        if (b->n > 0) {
            memcpy(branches, b->branches, b->n * sizeof *branches);
            memcpy(bodies, b->bodies, b->n * sizeof *bodies);
        }
        *b = (Branches){b->at, branches, bodies, b->n, cap};
    }
    b->bodies[b->n] = (LqNodes){.blank = true};
    if (p->mode == LIQUID_STRICT || p->mode == LIQUID_STRICT2)
        p->at = b->at; /* as the reference, which tells the line of the block */
    return otherwise || lq_parse_condition(p, markup, &b->branches[b->n].condition);
}

/* Read bodies until the end tag. */
static bool read_branches(LqParse *p, const char *name, Branches *b)
{
    char   end_name[16];
    LqHtml before = p->html; /* every branch begins in the same place of the page */
    (void)snprintf(end_name, sizeof end_name, "end%s", name);
    for (;;) {
        LqEnd end;
        if (!lq_parse_body(p, &b->bodies[b->n++], &end))
            return false;
        if (!end.eof && str_eq(end.name, str_from_cstr(end_name)))
            return true;
        bool otherwise = !end.eof && str_eq(end.name, STR("else"));
        if (end.eof || (!otherwise && !str_eq(end.name, STR("elsif"))))
            return lq_unknown_in_block(p, name, &end);
        p->html = before;
        if (!add_branch(p, b, end.markup, otherwise))
            return false;
    }
}

bool lq_parse_if(LqParse *p, const LqTagType *type, Str markup, LqNode *node)
{
    Branches b = {.at = p->at};
    if (!add_branch(p, &b, markup, false) || !read_branches(p, type->name, &b))
        return false;
    LqIf *tag = arena_new(p->a, LqIf);
    bool  blank = true;
    for (uint32_t i = 0; i < b.n; i++)
        blank = blank && b.bodies[i].blank;
    for (uint32_t i = 0; i < b.n; i++) {
        if (blank)
            lq_drop_blank(&b.bodies[i]);
        b.branches[i].body = lq_block(p, &b.bodies[i]);
    }
    *tag = (LqIf){.branches = b.branches, .n = b.n, .unless = type->name[0] == 'u'};
    node->tag = tag;
    node->render = lq_render_if;
    node->blank = blank;
    return true;
}
