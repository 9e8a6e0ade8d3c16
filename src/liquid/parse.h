/* parse.h - inside of the compiler: from source to nodes.
 *
 * Two ways to read markup: the strict one cuts it into tokens (markup.c), the lax one looks
 * for what it knows and passes over the rest (lax.c). Both hand expressions as text to
 * lq_expr(), so that they mean the same. Functions return false after lq_syntax(). */
#pragma once

#include "liquid/engine.h"

typedef enum LqTokType {
    LQ_T_ID,
    LQ_T_NUMBER,
    LQ_T_STRING,
    LQ_T_COMPARISON,
    LQ_T_PIPE,
    LQ_T_DOT,
    LQ_T_DOTDOT,
    LQ_T_COLON,
    LQ_T_COMMA,
    LQ_T_OPEN_SQUARE,
    LQ_T_CLOSE_SQUARE,
    LQ_T_OPEN_ROUND,
    LQ_T_CLOSE_ROUND,
    LQ_T_QUESTION,
    LQ_T_DASH,
    LQ_T_END
} LqTokType;

typedef struct LqTok {
    Str       text;
    LqTokType type;
} LqTok;

/* The template cut into text, {{ … }} and {% … %}; or the lines of a {% liquid %} tag. */
typedef struct LqTokens {
    const char *p, *end;
    bool        lines;
} LqTokens;

typedef struct LqNodes { /* a block that grows */
    LqNode  *nodes;
    uint32_t n, cap;
    bool     blank;
} LqNodes;

/* What ended a body: a tag that it does not know, or the end of the source. */
typedef struct LqEnd {
    Str  name, markup;
    bool eof;
} LqEnd;

/* Where the text so far leaves an HTML parser (context.c). */
typedef struct LqHtml {
    uint8_t state;
    uint8_t quote;
    uint8_t name_len;
    bool    script, closing;
    char    name[10];
} LqHtml;

typedef struct LqParse {
    Liquid         *lq;
    LiquidTemplate *t;
    Arena          *a;
    LiquidMode      mode;
    LqTokens        tokens;
    bool            trim; /* the last token ended in -%} */
    unsigned        depth;
    const char     *at; /* markup of the tag or variable that is being read */
    LqHtml          html;
    size_t          host_counts[32];

    LqTok *toks; /* tokens of one markup */
    size_t ntoks, toks_cap, tok;

    bool        failed;
    Str         message, context;
    const char *error_at; /* where the offence stands, for the column */
    bool        stack;    /* "Nesting too deep": not one of syntax */
    uint32_t    warned;
} LqParse;

/* Record an error; always false. `at` is where it stands in the source, or NULL. */
bool lq_syntax(LqParse *p, const char *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Note what the template says about itself, at `name` in the source. */
void lq_fact(LqParse *p, LiquidFactKind kind, Str name);

/* --- tokens of a template (lexer.c) ----------------------------------------------------- */

bool lq_next_token(LqTokens *t, Str *ret);

/* "{%- name markup -%}" taken apart. False when it is no such thing. */
bool lq_tag_parts(Str token, Str *ret_name, Str *ret_markup);

/* A line of a {% liquid %} tag taken apart. */
bool lq_line_parts(Str line, Str *ret_name, Str *ret_markup);

/* Does the token hold "{% NAME …%}" at its end, whatever stands before it? The name and the
 * text before it. */
bool lq_loose_tag(Str token, Str *ret_before, Str *ret_name);

bool lq_only_space(Str s);
Str  lq_skip_space(Str s);
bool lq_is_space(char c);
bool lq_is_word(char c);

/* --- markup, strictly (markup.c) -------------------------------------------------------- */

NODISCARD bool lq_lex(LqParse *p, Str markup);
bool           lq_look(const LqParse *p, LqTokType type, size_t ahead);
bool           lq_accept(LqParse *p, LqTokType type, Str *ret); /* ret may be NULL */
bool           lq_accept_id(LqParse *p, const char *word);
NODISCARD bool lq_expect(LqParse *p, LqTokType type, Str *ret); /* ret may be NULL */
NODISCARD bool lq_expect_any(LqParse *p, Str *ret);

/* One expression, as text that lq_expr() reads. */
NODISCARD bool lq_expression(LqParse *p, Str *ret);
NODISCARD bool lq_parse_expr(LqParse *p, LqExpr *ret);

/* --- markup, laxly (lax.c) ---------------------------------------------------------------- */

/* Length of the quoted text, or the fragment (text without spaces, commas and pipes, in
 * which quoted text may hold them), at `s`; 0 when there is none. */
size_t lq_quoted_len(Str s);
size_t lq_fragment_len(Str s);
size_t lq_fragments_len(Str s); /* one or more, one after the other */

/* The first fragment in *s, which moves behind it. */
bool lq_find_fragment(Str *s, Str *ret);

/* The next `key: value` in *s, which moves behind it. */
bool lq_find_attribute(Str *s, Str *ret_key, Str *ret_value);

/* --- expressions (expr_parse.c) ----------------------------------------------------------- */

NODISCARD bool lq_expr(LqParse *p, Str markup, LqExpr *ret);

/* As lq_expr(), but `empty` and `blank` are more than empty text. */
NODISCARD bool lq_condition_expr(LqParse *p, Str markup, LqExpr *ret);
const LqExpr  *lq_expr_keep(LqParse *p, LqExpr e);

/* --- outputs and conditions ---------------------------------------------------------------- */

NODISCARD bool lq_parse_output(LqParse *p, Str markup, LqOutput *ret);
NODISCARD bool lq_parse_condition(LqParse *p, Str markup, const LqCondition **ret);

/* Read `markup` the way of the engine's mode, which every tag does with two functions. */
typedef bool LqRead(LqParse *p, Str markup, void *node);

typedef struct LqReaders {
    LqRead *strict2, *strict, *lax;
} LqReaders;

NODISCARD bool lq_read(LqParse *p, const LqReaders *how, Str markup, void *node);

/* --- bodies (parse.c) ----------------------------------------------------------------------- */

/* Nodes up to a tag that the body does not know. */
NODISCARD bool lq_parse_body(LqParse *p, LqNodes *body, LqEnd *end);

/* The whole template, into p->t. */
NODISCARD bool lq_parse_document(LqParse *p);

enum { LQ_PARSE_DEPTH = 100 };

LqBlock lq_block(LqParse *p, const LqNodes *nodes);
void    lq_drop_blank(LqNodes *nodes); /* white space of a block that prints nothing */
LqNode *lq_add_node(LqNodes *nodes);

/* Nodes up to endNAME; any other unknown tag is an error. */
NODISCARD bool lq_parse_simple_body(LqParse *p, const char *name, LqNodes *body);
bool           lq_unknown_in_block(LqParse *p, const char *block, const LqEnd *end);

/* --- tags (tags.c and parse_*.c) ---------------------------------------------------------------
 */

typedef struct LqTagType LqTagType;
typedef bool             LqParseTag(LqParse *p, const LqTagType *type, Str markup, LqNode *node);

struct LqTagType {
    const char *name;
    LqParseTag *parse;
};

const LqTagType *lq_tag_type(Str name);

LqParseTag lq_parse_if, lq_parse_case, lq_parse_for, lq_parse_tablerow, lq_parse_assign,
    lq_parse_capture, lq_parse_counter, lq_parse_cycle, lq_parse_partial, lq_parse_comment,
    lq_parse_doc, lq_parse_raw, lq_parse_note, lq_parse_echo, lq_parse_ifchanged, lq_parse_jump;

NODISCARD bool lq_parse_host_tag(LqParse *p, const LiquidTag *tag, Str markup, LqNode *node);

/* What the nodes do: render_*.c */
/* Where in c->slots the text is, or would be. */
uint32_t *lq_case_slot(const LqCase *c, const LqWhen *whens, Str text);

LqRenderTag lq_render_if, lq_render_case, lq_render_for, lq_render_tablerow, lq_render_assign,
    lq_render_capture, lq_render_counter, lq_render_cycle, lq_render_partial, lq_render_nothing,
    lq_render_ifchanged, lq_render_break, lq_render_continue, lq_render_host_tag;

/* --- HTML (context.c) ------------------------------------------------------------------------- */

void    lq_html_text(LqHtml *h, Str text);
LqPlace lq_html_place(LqHtml *h);
