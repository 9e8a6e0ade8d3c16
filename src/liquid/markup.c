/* The markup of a tag or variable as tokens, and the strict grammar of expressions. */
#include "liquid/parse.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static const char *const TYPE_NAMES[] = {
    "id",          "number",   "string", "comparison",   "pipe",         "dot",
    "dotdot",      "colon",    "comma",  "open_square",  "close_square", "open_round",
    "close_round", "question", "dash",   "end_of_string"};

static void push(LqParse *p, LqTokType type, const char *from, const char *to)
{
    if (p->ntoks == p->toks_cap) {
        p->toks_cap = p->toks_cap == 0 ? 64 : 2 * p->toks_cap;
        p->toks = reallocarray(p->toks, p->toks_cap, sizeof *p->toks);
        if (p->toks == NULL)
            base_out_of_memory(p->toks_cap * sizeof *p->toks);
    }
    p->toks[p->ntoks++] = (LqTok){{from, (size_t)(to - from)}, type};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *number_end(const char *s, const char *end)
{
    s += *s == '-';
    while (s < end && is_digit(*s))
        s++;
    if (s + 1 < end && *s == '.' && is_digit(s[1]))
        for (s++; s < end && is_digit(*s); s++) {
        }
    return s;
}

static const char *id_end(const char *s, const char *end)
{
    while (s < end && (lq_is_word(*s) || *s == '-'))
        s++;
    return s < end && *s == '?' ? s + 1 : s;
}

/* One of the signs that stand for themselves; LQ_T_END when it is none. */
static LqTokType sign_of(char c)
{
    switch (c) {
    case '|': return LQ_T_PIPE;
    case '.': return LQ_T_DOT;
    case ':': return LQ_T_COLON;
    case ',': return LQ_T_COMMA;
    case '[': return LQ_T_OPEN_SQUARE;
    case ']': return LQ_T_CLOSE_SQUARE;
    case '(': return LQ_T_OPEN_ROUND;
    case ')': return LQ_T_CLOSE_ROUND;
    case '?': return LQ_T_QUESTION;
    case '-': return LQ_T_DASH;
    default: return LQ_T_END;
    }
}

static bool unexpected(LqParse *p, const char *s, const char *end)
{
    uint32_t cp;
    size_t   n = utf8_next(s, end, &cp);
    return lq_syntax(p, s, "Unexpected character " STR_FMT, STR_ARG(((Str){s, n > 0 ? n : 1})));
}

/* ==, !=, <>, <=, >=, <, >: length, or 0. */
static size_t comparison_len(const char *s, const char *end)
{
    char next = (char)(s + 1 < end ? s[1] : '\0');
    if (*s == '=' || *s == '!')
        return next == '=' ? 2 : 0;
    if (*s == '<')
        return next == '=' || next == '>' ? 2 : 1;
    if (*s == '>')
        return next == '=' ? 2 : 1;
    return 0;
}

static const char *take_id(LqParse *p, const char *s, const char *end)
{
    const char *to = id_end(s, end);
    bool        contains = to - s == 8 && memcmp(s, "contains", 8) == 0 &&
                    (p->ntoks == 0 || p->toks[p->ntoks - 1].type != LQ_T_DOT);
    push(p, contains ? LQ_T_COMPARISON : LQ_T_ID, s, to);
    return to;
}

/* One token at `s`; where it ends, or NULL. */
static const char *take(LqParse *p, const char *s, const char *end)
{
    size_t      n = comparison_len(s, end);
    const char *to = s + 1;
    if (n > 0) {
        push(p, LQ_T_COMPARISON, s, s + n);
        return s + n;
    }
    if (*s == '.' && to < end && *to == '.') {
        push(p, LQ_T_DOTDOT, s, s + 2);
        return s + 2;
    }
    if (is_digit(*s) || (*s == '-' && to < end && is_digit(*to))) {
        to = number_end(s, end);
        push(p, LQ_T_NUMBER, s, to);
        return to;
    }
    if (*s == '\'' || *s == '"') {
        n = lq_quoted_len((Str){s, (size_t)(end - s)});
        if (n > 0)
            push(p, LQ_T_STRING, s, s + n);
        return n > 0 ? s + n : NULL;
    }
    if (lq_is_word(*s))
        return take_id(p, s, end);
    LqTokType sign = sign_of(*s);
    if (sign == LQ_T_END)
        return NULL;
    push(p, sign, s, to);
    return to;
}

bool lq_lex(LqParse *p, Str markup)
{
    const char *s = markup.ptr, *end = s + markup.len;
    p->ntoks = p->tok = 0;
    for (;;) {
        while (s < end && lq_is_space(*s))
            s++;
        if (s >= end)
            break;
        const char *to = take(p, s, end);
        if (to == NULL)
            return unexpected(p, s, end);
        s = to;
    }
    push(p, LQ_T_END, end, end);
    return true;
}

bool lq_look(const LqParse *p, LqTokType type, size_t ahead)
{
    return p->tok + ahead < p->ntoks && p->toks[p->tok + ahead].type == type;
}

/* The token at hand; the end stays. */
static const LqTok *token(const LqParse *p)
{
    return &p->toks[p->tok < p->ntoks ? p->tok : p->ntoks - 1];
}

bool lq_accept(LqParse *p, LqTokType type, Str *ret)
{
    if (!lq_look(p, type, 0))
        return false;
    if (ret != NULL)
        *ret = token(p)->text;
    p->tok++;
    return true;
}

bool lq_accept_id(LqParse *p, const char *word)
{
    return str_eq(token(p)->text, str_from_cstr(word)) && lq_accept(p, LQ_T_ID, NULL);
}

bool lq_expect(LqParse *p, LqTokType type, Str *ret)
{
    if (lq_accept(p, type, ret))
        return true;
    const LqTok *t = token(p);
    return lq_syntax(p, t->text.ptr, "Expected %s but found %s", TYPE_NAMES[type],
                     TYPE_NAMES[t->type]);
}

bool lq_expect_any(LqParse *p, Str *ret)
{
    *ret = token(p)->text;
    p->tok++;
    return true;
}

/* An expression is put together again without its spaces. */
typedef struct Joined {
    LqParse *p;
    char    *ptr;
    size_t   len, cap;
    unsigned depth;
} Joined;

static void join(Joined *j, Str s)
{
    if (s.len == 0)
        return;
    if (j->len + s.len > j->cap) {
        size_t cap = 2 * (j->len + s.len) + 32;
        char  *bigger = arena_alloc(j->p->a, cap, 1);
        if (j->len > 0)
            memcpy(bigger, j->ptr, j->len);
        j->ptr = bigger;
        j->cap = cap;
    }
    memcpy(j->ptr + j->len, s.ptr, s.len);
    j->len += s.len;
}

static bool join_next(Joined *j, LqTokType type)
{
    Str s = {0};
    if (!lq_expect(j->p, type, &s))
        return false;
    join(j, s);
    return true;
}

static bool join_expression(Joined *j);

static bool join_lookups(Joined *j)
{
    for (;;) {
        if (lq_look(j->p, LQ_T_OPEN_SQUARE, 0)) {
            if (!join_next(j, LQ_T_OPEN_SQUARE) || !join_expression(j) ||
                !join_next(j, LQ_T_CLOSE_SQUARE))
                return false;
        } else if (lq_look(j->p, LQ_T_DOT, 0)) {
            if (!join_next(j, LQ_T_DOT) || !join_next(j, LQ_T_ID))
                return false;
        } else {
            return true;
        }
    }
}

static bool join_range(Joined *j)
{
    return join_next(j, LQ_T_OPEN_ROUND) && join_expression(j) && join_next(j, LQ_T_DOTDOT) &&
           join_expression(j) && join_next(j, LQ_T_CLOSE_ROUND);
}

static bool no_expression(LqParse *p)
{
    const LqTok *t = token(p);
    if (t->type == LQ_T_END)
        return lq_syntax(p, t->text.ptr, "[:end_of_string] is not a valid expression");
    return lq_syntax(p, t->text.ptr, "[:%s, \"" STR_FMT "\"] is not a valid expression",
                     TYPE_NAMES[t->type], STR_ARG(t->text));
}

static bool join_expression(Joined *j)
{
    if (++j->depth > 50)
        return lq_syntax(j->p, token(j->p)->text.ptr, "Expression is nested too deep");
    bool ok;
    if (lq_look(j->p, LQ_T_ID, 0))
        ok = join_next(j, LQ_T_ID) && join_lookups(j);
    else if (lq_look(j->p, LQ_T_OPEN_SQUARE, 0))
        ok = join_next(j, LQ_T_OPEN_SQUARE) && join_expression(j) &&
             join_next(j, LQ_T_CLOSE_SQUARE) && join_lookups(j);
    else if (lq_look(j->p, LQ_T_STRING, 0))
        ok = join_next(j, LQ_T_STRING);
    else if (lq_look(j->p, LQ_T_NUMBER, 0))
        ok = join_next(j, LQ_T_NUMBER);
    else if (lq_look(j->p, LQ_T_OPEN_ROUND, 0))
        ok = join_range(j);
    else
        ok = no_expression(j->p);
    j->depth--;
    return ok;
}

bool lq_expression(LqParse *p, Str *ret)
{
    Joined j = {.p = p};
    if (!join_expression(&j))
        return false;
    *ret = (Str){j.ptr, j.len};
    return true;
}

bool lq_parse_expr(LqParse *p, LqExpr *ret)
{
    Str s;
    return lq_expression(p, &s) && lq_expr(p, s, ret);
}
