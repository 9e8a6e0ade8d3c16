#include "search/analysis.h"

#include <string.h>

#include <unicode/uchar.h>

#include "base/utf8.h"
#include "search/analyzer_int.h"
#include "search/compound.h"
#include "search/fold.h"
#include "search/unit.h"
#include "search/vocabulary.h"

#define WEIGHT_PLAIN 0.9F /* the accents do not agree */
#define WEIGHT_PART  0.2F /* a piece of a model number */
#define ROLE_LEADING 0.8F /* a noun before the noun that names the thing */
#define ROLE_TOLD_OF 0.5F /* behind "for", "with" */
#define WEIGHT_PAIR  0.5F /* two characters side by side, of a word or across */
#define WEIGHT_GRAM  0.4F /* two characters side by side, of no word */

static Analyzer analyzers[LANGUAGES];

const Analyzer *analyzer_of(Str locale)
{
    return &analyzers[language_of(locale)];
}

Language analyzer_language(const Analyzer *an)
{
    return (Language)(an - analyzers);
}

void tokens_add(Tokens *t, Token token)
{
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 16;
        Token *items = arena_array(t->arena, Token, cap);
        if (t->n > 0)
            memcpy(items, t->items, t->n * sizeof *items);
        t->items = items;
        t->cap = cap;
    }
    t->items[t->n++] = token;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The same of ASCII: most identifiers are. */
static Str ascii_code(Str s, Arena *a)
{
    char  *out = arena_array(a, char, s.len + 1);
    size_t n = 0, folded = 0;
    for (size_t i = 0; i < s.len && i < (size_t)2 * TERM_MAX && folded < TERM_MAX; i++) {
        char c = s.ptr[i], low = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        out[n] = low;
        n += (low >= 'a' && low <= 'z') || is_digit(low);
        folded += c != '\'' && c != '`';
    }
    return (Str){out, n};
}

Str analyzer_code(Str s, Arena *a)
{
    if (utf8_ascii_run(s.ptr, s.ptr + s.len) == s.len)
        return ascii_code(s, a);
    Str      folded = fold_word(LANG_GENERAL, str_head(s, (size_t)4 * TERM_MAX), a);
    Str      bare = fold_accents(folded, a);
    char    *out = arena_array(a, char, bare.len + 1);
    size_t   n = 0;
    uint32_t c = 0;
    for (size_t i = 0, step; i < bare.len; i += step) {
        step = utf8_next(bare.ptr + i, bare.ptr + bare.len, &c);
        if (step == 0)
            break;
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain || (c >= 0x80 && u_isalnum((UChar32)c))) { /* ASCII is in lower case here */
            memcpy(out + n, bare.ptr + i, step);
            n += step;
        }
    }
    return (Str){out, n};
}

typedef struct Cut { /* a text being cut into tokens */
    Language l;
    Tools   *tools;
    Str      s;
    Arena   *a;
    Tokens  *out;
    uint32_t position;
    float    role; /* of the run at hand: 1 when it may name the thing, less when it tells of it */
    bool     told_of; /* behind a preposition */
    size_t   end;     /* of the run before */
} Cut;

static void add(Cut *cut, const Run *r, Str term, Str surface, TokenKind kind, float weight)
{
    if (term.len == 0)
        return;
    tokens_add(cut->out, (Token){.term = term,
                                 .surface = surface,
                                 .position = cut->position,
                                 .start = r->from,
                                 .end = r->to,
                                 .kind = kind,
                                 .weight = weight * cut->role});
}

static Str raw_of(const Cut *cut, const Run *r)
{
    return (Str){cut->s.ptr + r->from, r->core - r->from};
}

static void add_word(Cut *cut, const Run *r, const Forms *f)
{
    TokenKind kind = f->stop ? TOKEN_STOP : TOKEN_WORD;
    add(cut, r, f->term, f->surface, kind, f->accented.len > 0 ? WEIGHT_PLAIN : 1);
    add(cut, r, f->accented, (Str){0}, kind, 1);
}

/* Do the words on both sides belong to different phrases? */
static bool is_break(Str gap)
{
    for (size_t i = 0; i < gap.len; i++)
        if (memchr(",;:()|[]!?\n", gap.ptr[i], 11) != NULL)
            return true;
    return str_find(gap, STR(" - ")) != SIZE_MAX ||
           str_find(gap, STR("\xe2\x80\x93")) != SIZE_MAX ||
           str_find(gap, STR("\xe2\x80\x94")) != SIZE_MAX;
}

/* "Notebook sleeve", "sleeve for a notebook": no notebooks. */
static void set_role(Cut *cut, const Run *r, const Run *next, const Forms *f, const Forms *then)
{
    if (is_break((Str){cut->s.ptr + cut->end, r->from - cut->end}))
        cut->told_of = false;
    cut->end = r->to;
    cut->role = cut->told_of || then->behind ? ROLE_TOLD_OF : 1;
    bool leads = next && next->kind == RUN_WORD && next->link == ' ' && !then->stop;
    if (cut->role >= 1 && leads && head_is_last(cut->l))
        cut->role = ROLE_LEADING;
    if (f->before)
        cut->told_of = true;
}

/* "10 mm": the amount, beside its number. */
static void add_amount(Cut *cut, const Run *r, Str number, Str unit)
{
    char   key[UNIT_KEY_MAX];
    size_t n = unit_key(number, unit, key);
    if (n > 0)
        add(cut, r, str_dup(cut->a, (Str){key, n}), (Str){0}, TOKEN_NUMBER, 1);
}

static void add_number(Cut *cut, const Run *r, const Run *next)
{
    Str number = forms_number(cut->l, raw_of(cut, r), cut->a);
    add(cut, r, number, number, TOKEN_NUMBER, 1);
    Str rest = str_skip(cut->s, r->to);
    if (next && next->link && next->link != '+' && next->link != '/')
        rest = str_skip(cut->s, next->from);
    add_amount(cut, r, number, str_head(rest, unit_length(rest)));
}

size_t analyzer_pieces(Str word, Str pieces[PIECES_MAX])
{
    size_t n = 0, from = 0;
    for (size_t i = 1; i <= word.len; i++) {
        bool border = i == word.len;
        if (!border) {
            bool before = word.ptr[i - 1] >= '0' && word.ptr[i - 1] <= '9';
            bool here = word.ptr[i] >= '0' && word.ptr[i] <= '9';
            border = before != here && word.ptr[i] != '.';
        }
        if (!border)
            continue;
        if (n == PIECES_MAX)
            return 0;
        pieces[n++] = (Str){word.ptr + from, i - from};
        from = i;
    }
    return n;
}

/* "10mm" is an amount; "1000xm4" is also found by 1000 and xm4. */
static void add_mixed(Cut *cut, const Run *r)
{
    Str word = fold_accents(fold_word(cut->l, raw_of(cut, r), cut->a), cut->a);
    Str pieces[PIECES_MAX];
    add(cut, r, word, word, TOKEN_WORD, 1);
    size_t n = analyzer_pieces(word, pieces);
    if (n == 2 && is_digit(word.ptr[0]) && unit_length(pieces[1]) == pieces[1].len) {
        Str number = forms_number(cut->l, pieces[0], cut->a);
        add_amount(cut, r, number, pieces[1]);
        add(cut, r, number, (Str){0}, TOKEN_NUMBER, WEIGHT_PART);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (pieces[i].len >= 2 + (size_t)!is_digit(pieces[i].ptr[0]))
            add(cut, r, pieces[i], (Str){0}, TOKEN_PART, WEIGHT_PART);
    for (size_t i = 1; i + 1 < n; i++) /* xm + 4 */
        if (!is_digit(pieces[i].ptr[0]) && is_digit(pieces[i + 1].ptr[0]))
            add(cut, r, (Str){pieces[i].ptr, pieces[i].len + pieces[i + 1].len}, (Str){0},
                TOKEN_PART, WEIGHT_PART);
}

/* The word, each character, pairs of them, and pairs with one left out between: 跑步鞋 is also
 * found by 跑鞋. Positions count characters. */
static void add_dense(Cut *cut, const Run *r, const Run *next)
{
    Dense d;
    forms_dense(raw_of(cut, r), cut->a, &d);
    bool      stop = stop_word(cut->l, d.term);
    TokenKind kind = stop ? TOKEN_STOP : TOKEN_WORD;
    add(cut, r, d.term, d.term, kind, 1);
    Str after = {0};
    if (next && next->kind == RUN_DENSE && !next->first_of_dense) {
        Dense then;
        forms_dense(raw_of(cut, next), cut->a, &then);
        after = str_head(then.term, then.n > 0 ? then.at[1] : 0);
    }
    for (size_t i = 0; i < d.n; i++) {
        Str one = {d.term.ptr + d.at[i], d.at[i + 1] - d.at[i]};
        if (d.n > 1)
            add(cut, r, one, (Str){0}, TOKEN_PART, WEIGHT_GRAM);
        if (i + 2 <= d.n && d.n > 2)
            add(cut, r, (Str){one.ptr, d.at[i + 2] - d.at[i]}, (Str){0}, TOKEN_PART, WEIGHT_PAIR);
        Str third =
            i + 2 < d.n ? (Str){d.term.ptr + d.at[i + 2], d.at[i + 3] - d.at[i + 2]} : after;
        if (i + 2 <= d.n && third.len > 0)
            add(cut, r, analyzer_join(one, third, cut->a), (Str){0}, TOKEN_PART, WEIGHT_GRAM);
        if (i + 1 == d.n && after.len > 0)
            add(cut, r, analyzer_join(one, after, cut->a), (Str){0}, TOKEN_PART, WEIGHT_PAIR);
        cut->position++;
    }
}

Str analyzer_join(Str x, Str y, Arena *a)
{
    if (x.len + y.len > TERM_MAX)
        return (Str){0};
    char *out = arena_array(a, char, x.len + y.len + 1);
    memcpy(out, x.ptr, x.len);
    memcpy(out + x.len, y.ptr, y.len);
    return (Str){out, x.len + y.len};
}

bool analyzer_joins(const Run *left, const Run *right)
{
    if (right->kind == RUN_DENSE || left->kind == RUN_DENSE || right->link == 0)
        return false;
    if (right->link == '-' || right->link == '.' || right->link == '_')
        return true;
    return right->link != ' ' && (left->kind != RUN_WORD || right->kind != RUN_WORD);
}

Str analyzer_joined(Language l, Str s, const Run *first, size_t n, Arena *a)
{
    Str all = {0};
    for (size_t i = 0; i < n; i++) {
        Str raw = {s.ptr + first[i].from, first[i].core - first[i].from};
        Str piece = analyzer_code(fold_word(l, raw, a), a);
        all = i == 0 ? piece : analyzer_join(all, piece, a);
        if (all.len == 0)
            return all;
    }
    return all;
}

/* What is written with hyphens is also found without: wi-fi, WH-1000XM4. */
static void add_joined(Cut *cut, const Run *r, size_t left)
{
    for (size_t n = 2; n <= left && n <= JOINED_MAX && analyzer_joins(&r[n - 2], &r[n - 1]); n++) {
        Run whole = *r;
        whole.to = r[n - 1].to;
        Str joined = analyzer_joined(cut->l, cut->s, r, n, cut->a);
        add(cut, &whole, joined, joined, TOKEN_WORD, 1);
    }
}

static void cut_text(Cut *cut)
{
    Runs runs;
    runs_of(cut->l, cut->s, SIZE_MAX, cut->a, &runs);
    Forms f = {0}, then;
    for (size_t i = 0; i < runs.n; i++, f = then) {
        const Run *r = &runs.items[i];
        const Run *next = i + 1 < runs.n ? r + 1 : NULL;
        if (i == 0 && r->kind == RUN_WORD)
            forms_of(cut->tools, raw_of(cut, r), r->kind, cut->a, &f);
        then = (Forms){0};
        if (next && next->kind == RUN_WORD)
            forms_of(cut->tools, raw_of(cut, next), next->kind, cut->a, &then);
        set_role(cut, r, next, &f, &then);
        switch (r->kind) {
        case RUN_WORD: add_word(cut, r, &f); break;
        case RUN_NUMBER: add_number(cut, r, next); break;
        case RUN_MIXED: add_mixed(cut, r); break;
        case RUN_DENSE: add_dense(cut, r, next); break;
        }
        if (r->kind != RUN_DENSE) {
            add_joined(cut, r, runs.n - i);
            cut->position++;
        }
    }
}

void analyzer_text(const Analyzer *an, TextKind kind, Str s, Arena *a, Tokens *ret)
{
    *ret = (Tokens){.arena = a};
    if (kind == TEXT_CODE) {
        Str code = analyzer_code(s, a);
        if (code.len > 0)
            tokens_add(ret, (Token){.term = code, .end = (uint32_t)s.len, .weight = 1});
        return;
    }
    Language l = analyzer_language(an);
    Cut      cut = {.l = l, .tools = tools_take(l), .s = s, .a = a, .out = ret};
    cut_text(&cut);
    tools_give(cut.tools);
}

Str run_term(Tools *t, Language l, Str s, const Run *r, Arena *a)
{
    Str raw = {s.ptr + r->from, r->core - r->from};
    if (r->kind == RUN_NUMBER)
        return forms_number(l, raw, a);
    if (r->kind == RUN_DENSE) {
        Dense d;
        forms_dense(raw, a, &d);
        return d.term;
    }
    Forms f;
    forms_of(t, raw, r->kind, a, &f);
    return f.term;
}

/* --- compounds ----------------------------------------------------------------------------- */

enum { RARE = 5 /* documents */ };

uint32_t analyzer_heads(const Analyzer *an)
{
    Language l = analyzer_language(an);
    if (l == LANG_DE || l == LANG_NL)
        return UINT32_MAX;
    return l == LANG_RU || l == LANG_UK ? RARE : 0;
}

typedef struct Ask { /* compound.h asks by word, the vocabulary knows terms */
    Tools            *tools;
    const Vocabulary *v;
    size_t            space;
    Arena            *a;
    const char       *end; /* of the compound */
} Ask;

static uint32_t docs_of_word(void *ctx, Str word)
{
    Ask  *ask = ctx;
    Forms f;
    forms_of(ask->tools, word, RUN_WORD, ask->a, &f);
    if (f.term.len == 0 || f.stop)
        return 0;
    uint32_t docs = ask->v->docs(ask->v->ctx, ask->space, f.term);
    bool     is_head = word.ptr + word.len == ask->end; /* it may be known in compounds alone */
    return docs == 0 && is_head ? ask->v->ends(ask->v->ctx, ask->space, f.term) : docs;
}

size_t analyzer_compound(const Analyzer *an, Str surface, const Vocabulary *v, size_t space,
                         Arena *a, Str terms[COMPOUND_TERMS_MAX])
{
    Language l = analyzer_language(an);
    Str      parts[COMPOUND_PARTS_MAX];
    Ask      ask = {.tools = tools_take(l), .v = v, .space = space, .a = a};
    ask.end = surface.ptr + surface.len;
    size_t n = compound_split(l, surface, docs_of_word, &ask, parts);
    for (size_t i = 0; i < n; i++) {
        Forms f;
        forms_of(ask.tools, parts[i], RUN_WORD, a, &f);
        terms[i] = f.term;
    }
    tools_give(ask.tools);
    return n;
}
