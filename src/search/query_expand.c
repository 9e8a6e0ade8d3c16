#include <string.h>

#include "base/utf8.h"
#include "search/analyzer_int.h"
#include "search/compound.h"
#include "search/fold.h"
#include "search/translit.h"
#include "search/vocabulary.h"

#define W_TRANSLIT   0.8F
#define W_DIMINUTIVE 0.6F

enum {
    READINGS_MAX = 3, /* kept of one word */
    LETTERS_MIN = 3,  /* of a word to be read anew */
    WORDS_MAX = 6,    /* of a query: a reading takes up to a millisecond */
};

typedef struct Reading {
    Str      term;
    unsigned cost;
    uint32_t docs;
} Reading;

typedef struct Expander {
    const Analyzer *const *analyzers;
    size_t                 n;
    const Vocabulary      *v;
    Arena                 *a;
    QueryTree             *tree;
    size_t                 space; /* at hand */
    Tools                 *tools;
    Arena                  scratch;
    Reading                best[READINGS_MAX];
    size_t                 n_best;
} Expander;

static bool has_docs(const Expander *x, const QueryAlt *alt)
{
    for (size_t i = 0; i < alt->n_terms; i++)
        if (x->v->docs(x->v->ctx, alt->space, alt->terms[i]) == 0)
            return false;
    return true;
}

/* Does any alternative that takes part of this word have documents? */
static bool is_known(const Expander *x, size_t word)
{
    for (size_t i = 0; i < x->tree->n_alts; i++) {
        const QueryAlt *alt = &x->tree->alts[i];
        if (word >= alt->first && word < (size_t)alt->first + alt->n_words && has_docs(x, alt))
            return true;
    }
    return false;
}

/* --- the other script ---------------------------------------------------------------------- */

static bool begins(void *ctx, Str beginning)
{
    Expander *x = ctx;
    return x->v->begins(x->v->ctx, x->space, beginning);
}

static bool reading(void *ctx, Str word, unsigned cost)
{
    Expander *x = ctx;
    Forms     f;
    forms_of(x->tools, word, RUN_WORD, &x->scratch, &f);
    uint32_t docs = f.term.len > 0 ? x->v->docs(x->v->ctx, x->space, f.term) : 0;
    if (docs == 0)
        return true;
    size_t at = 0;
    while (at < x->n_best && !str_eq(x->best[at].term, f.term))
        at++;
    if (at < x->n_best) {
        if (cost < x->best[at].cost)
            x->best[at].cost = cost;
        return true;
    }
    for (at = 0; at < x->n_best; at++)
        if (cost < x->best[at].cost || (cost == x->best[at].cost && docs > x->best[at].docs))
            break;
    if (at == READINGS_MAX)
        return true;
    x->n_best += x->n_best < READINGS_MAX;
    memmove(&x->best[at + 1], &x->best[at], (x->n_best - at - 1) * sizeof *x->best);
    x->best[at] = (Reading){str_dup(x->a, f.term), cost, docs};
    return true;
}

static void read_as(Expander *x, size_t word, TranslitTo to, Str folded)
{
    TranslitAsk ask = {x, begins, reading};
    x->n_best = 0;
    translit_walk(to, folded, &ask);
    for (size_t i = 0; i < x->n_best; i++) {
        unsigned more = x->best[i].cost - x->best[0].cost;
        query_add_alt(x->tree, &(QueryAlt){.first = (uint8_t)word,
                                           .n_words = 1,
                                           .space = (uint8_t)x->space,
                                           .n_terms = 1,
                                           .terms = {x->best[i].term},
                                           .kind = ALT_TRANSLIT,
                                           .weight = W_TRANSLIT / (float)(1 + more),
                                           .fallback = true});
    }
}

/* Is every letter Latin (1), Cyrillic (2), or not all of one (0)? Digits and ' are either. */
static int script_of(Str word, size_t *ret_letters)
{
    int      script = 0;
    uint32_t c = 0;
    *ret_letters = 0;
    for (size_t i = 0, n; i < word.len; i += n) {
        n = utf8_next(word.ptr + i, word.ptr + word.len, &c);
        int  here = (c >= 'a' && c <= 'z') ? 1 : c >= 0x400 && c <= 0x491 ? 2 : 0;
        bool either = (c >= '0' && c <= '9') || c == '\'';
        if (n == 0 || (!here && !either) || (here && script && here != script))
            return 0;
        script = here ? here : script;
        ++*ret_letters;
    }
    return script;
}

static void read_word(Expander *x, size_t word)
{
    Language l = analyzer_language(x->analyzers[x->space]);
    size_t   letters;
    Str      folded = fold_word(LANG_GENERAL, x->tree->words[word].text, x->a);
    int      script = script_of(folded, &letters);
    if (letters < LETTERS_MIN || script == 0)
        return;
    x->tools = tools_take(l);
    if (script == 2)
        read_as(x, word, TRANSLIT_TO_LATIN, folded);
    if (script == 1 && l != LANG_UK)
        read_as(x, word, TRANSLIT_TO_RUSSIAN, folded);
    if (script == 1 && (l == LANG_UK || l == LANG_GENERAL))
        read_as(x, word, TRANSLIT_TO_UKRAINIAN, folded);
    tools_give(x->tools);
    arena_reset(&x->scratch);
}

/* --- little ones --------------------------------------------------------------------------- */

/* What makes a лампа a лампочка and a зонт a зонтик, as stems have it; longest first. */
static const char *const DIMINUTIVES[] = {"очк", "ечк", "ушк", "юшк", "еньк", "оньк",
                                          "чик", "ик",  "ок",  "ек",  "ц",    "к"};

static void read_diminutive(Expander *x, size_t word)
{
    Language l = analyzer_language(x->analyzers[x->space]);
    if (l != LANG_RU && l != LANG_UK)
        return;
    Forms f;
    x->tools = tools_take(l);
    forms_of(x->tools, x->tree->words[word].text, RUN_WORD, x->a, &f);
    tools_give(x->tools);
    for (size_t i = 0; i < COUNT_OF(DIMINUTIVES); i++) {
        Str end = str_from_cstr(DIMINUTIVES[i]);
        if (!str_ends(f.term, end))
            continue;
        Str whole = str_head(f.term, f.term.len - end.len);
        if (utf8_count(whole) >= LETTERS_MIN && x->v->docs(x->v->ctx, x->space, whole) > 0)
            query_add_alt(x->tree, &(QueryAlt){.first = (uint8_t)word,
                                               .n_words = 1,
                                               .space = (uint8_t)x->space,
                                               .n_terms = 1,
                                               .terms = {whole},
                                               .kind = ALT_FORM,
                                               .weight = W_DIMINUTIVE});
    }
}

/* --- compounds ----------------------------------------------------------------------------- */

/* Put `n` words with these terms in the place of `word`. */
static void replace_word(Expander *x, size_t word, const Str *terms, size_t n)
{
    QueryTree *t = x->tree;
    QueryWord  old = t->words[word];
    memmove(&t->words[word + n], &t->words[word + 1], (t->n_words - word - 1) * sizeof *t->words);
    t->n_words += n - 1;
    size_t kept = 0;
    for (size_t i = 0; i < t->n_alts; i++) {
        QueryAlt *alt = &t->alts[i];
        if (alt->first > word)
            alt->first = (uint8_t)(alt->first + n - 1);
        else if (alt->first + alt->n_words > word)
            continue; /* of the word itself, or across it: without documents */
        t->alts[kept++] = *alt;
    }
    t->n_alts = kept;
    for (size_t i = 0; i < n; i++) {
        t->words[word + i] = old;
        t->words[word + i].last = false;
        query_add_alt(t, &(QueryAlt){.first = (uint8_t)(word + i),
                                     .n_words = 1,
                                     .space = (uint8_t)x->space,
                                     .n_terms = 1,
                                     .terms = {terms[i]},
                                     .kind = ALT_PARTS,
                                     .weight = 1});
    }
}

/* How many words it has become: 1 when it stays. */
static size_t split_word(Expander *x, size_t word)
{
    for (x->space = 0; x->space < x->n; x->space++) {
        const Analyzer *an = x->analyzers[x->space];
        Str             terms[COMPOUND_TERMS_MAX];
        if (analyzer_heads(an) == 0)
            continue;
        Str    folded = fold_word(analyzer_language(an), x->tree->words[word].text, x->a);
        size_t n = analyzer_compound(an, folded, x->v, x->space, x->a, terms);
        if (n >= 2 && x->tree->n_words + n - 1 <= QUERY_WORDS_MAX) {
            replace_word(x, word, terms, n);
            return n;
        }
    }
    return 1;
}

void query_expand(const Analyzer *const *analyzers, size_t n, const Vocabulary *v, Arena *a,
                  QueryTree *tree)
{
    Expander x = {.analyzers = analyzers, .n = n, .v = v, .a = a, .tree = tree};
    arena_init(&x.scratch, 4096);
    size_t tried = 0;
    for (size_t word = 0, step; word < tree->n_words && tried < WORDS_MAX; word += step) {
        step = 1;
        if (tree->words[word].negated || is_known(&x, word))
            continue;
        tried++;
        size_t had = tree->n_alts;
        for (x.space = 0; x.space < n; x.space++) {
            read_word(&x, word);
            read_diminutive(&x, word);
        }
        if (tree->n_alts == had && !tree->words[word].phrase)
            step = split_word(&x, word);
    }
    arena_done(&x.scratch);
}
