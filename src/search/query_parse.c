#include "search/analysis.h"

#include <string.h>

#include "base/utf8.h"
#include "search/analyzer_int.h"
#include "search/fold.h"
#include "search/layout.h"
#include "search/synonym.h"
#include "search/unit.h"

/* How good a match by each kind of alternative is. */
#define W_PLAIN   0.9F  /* accents do not agree */
#define W_SECOND  0.7F  /* another stem of the word */
#define W_SPELT   0.85F /* ae for ä, i for ı */
#define W_JOINED  0.95F
#define W_PIECES  0.8F
#define W_SYNONYM 0.8F
#define W_LAYOUT  0.8F
#define W_GRAMS   0.6F /* characters of a word that is not known as one */

typedef struct Reader {
    const Analyzer *const *analyzers;
    const Synonyms *const *synonyms;
    size_t                 n; /* of analyzers */
    Str                    text;
    Arena                 *a;
    Runs                   runs;
    QueryTree             *tree;
    Tools                 *tools; /* of the space at hand */
    Language               l;     /* of the space at hand */
    uint8_t                space; /* at hand */
    Str                   *terms; /* of each word in the space at hand */
} Reader;

static bool same_alt(const QueryAlt *x, const QueryAlt *y)
{
    if (x->first != y->first || x->n_words != y->n_words || x->space != y->space ||
        x->n_terms != y->n_terms)
        return false;
    for (size_t i = 0; i < x->n_terms; i++)
        if (!str_eq(x->terms[i], y->terms[i]))
            return false;
    return true;
}

void query_add_alt(QueryTree *tree, const QueryAlt *alt)
{
    if (tree->n_alts == QUERY_ALTS_MAX || alt->n_terms == 0)
        return;
    ASSERT(tree->arena != NULL);
    for (size_t i = 0; i < alt->n_terms; i++)
        if (alt->terms[i].len == 0 || alt->terms[i].len > TERM_MAX)
            return;
    for (size_t i = 0; i < tree->n_alts; i++)
        if (same_alt(&tree->alts[i], alt))
            return;
    if (tree->n_alts == tree->alts_cap) {
        size_t    cap = tree->alts_cap ? tree->alts_cap * 2 : 16;
        QueryAlt *alts = arena_array(tree->arena, QueryAlt, cap);
        if (tree->n_alts > 0)
            memcpy(alts, tree->alts, tree->n_alts * sizeof *alts);
        tree->alts = alts;
        tree->alts_cap = cap;
    }
    tree->alts[tree->n_alts++] = *alt;
}

static void add_terms(Reader *rd, size_t first, size_t n_words, const Str *terms, size_t n,
                      QueryAltKind kind, float weight)
{
    QueryAlt alt = {.first = (uint8_t)first,
                    .n_words = (uint8_t)n_words,
                    .space = rd->space,
                    .n_terms = (uint8_t)n,
                    .kind = kind,
                    .weight = weight};
    if (n > QUERY_ALT_TERMS_MAX)
        return;
    memcpy(alt.terms, terms, n * sizeof *terms);
    query_add_alt(rd->tree, &alt);
}

static void add_form(Reader *rd, size_t word, Str term, Str surface, float weight)
{
    QueryAlt alt = {.first = (uint8_t)word,
                    .n_words = 1,
                    .space = rd->space,
                    .n_terms = 1,
                    .terms = {term},
                    .surface = surface,
                    .weight = weight};
    query_add_alt(rd->tree, &alt);
}

/* --- one word ------------------------------------------------------------------------------ */

static bool replace_letters(Str word, const char *const (*pairs)[2], size_t n, Arena *a, Str *ret)
{
    char  *out = arena_array(a, char, word.len * 2 + 1);
    size_t len = 0;
    bool   changed = false;
    for (size_t i = 0; i < word.len;) {
        size_t k = 0;
        while (k < n && !str_starts(str_skip(word, i), str_from_cstr(pairs[k][0])))
            k++;
        Str with = k < n ? str_from_cstr(pairs[k][1]) : (Str){word.ptr + i, 1};
        memcpy(out + len, with.ptr, with.len);
        len += with.len;
        i += k < n ? strlen(pairs[k][0]) : 1;
        changed |= k < n;
    }
    *ret = (Str){out, len};
    return changed;
}

/* Words typed on a keyboard without the language's letters: their stem depends on them. */
static void add_spellings(Reader *rd, size_t word, Str surface)
{
    static const char *const GERMAN[][2] = {{"ae", "ä"}, {"oe", "ö"}, {"ue", "ü"}};
    static const char *const BACK[][2] = {{"i", "ı"}};
    static const char *const FRONT[][2] = {{"o", "ö"}, {"u", "ü"}};
    static const char *const MIXED[][2] = {{"i", "ı"}, {"o", "ö"}, {"u", "ü"}};
    static const struct {
        Language l;
        const char *const (*pairs)[2];
        size_t n;
    } SPELLINGS[] = {
        {LANG_DE, GERMAN, 3}, {LANG_TR, BACK, 1}, {LANG_TR, FRONT, 2}, {LANG_TR, MIXED, 3}};
    for (size_t i = 0; i < COUNT_OF(SPELLINGS); i++) {
        Str   meant;
        Forms f;
        if (SPELLINGS[i].l != rd->l ||
            !replace_letters(surface, SPELLINGS[i].pairs, SPELLINGS[i].n, rd->a, &meant))
            continue;
        forms_of(rd->tools, meant, RUN_WORD, rd->a, &f);
        add_form(rd, word, f.term, rd->l == LANG_DE ? f.surface : (Str){0}, W_SPELT);
    }
}

static void read_word(Reader *rd, size_t word, Str raw)
{
    Forms f;
    forms_of(rd->tools, raw, RUN_WORD, rd->a, &f);
    if (f.accented.len > 0)
        add_form(rd, word, f.accented, (Str){0}, 1);
    add_form(rd, word, f.term, f.surface, f.accented.len > 0 ? W_PLAIN : 1);
    if (f.second.len > 0)
        add_form(rd, word, f.second, (Str){0}, W_SECOND);
    add_spellings(rd, word, f.surface);
    if (rd->space == 0)
        rd->tree->words[word].optional = f.stop;
    rd->terms[word] = f.term;
}

static void read_number(Reader *rd, size_t word, Str raw)
{
    Str number = forms_number(rd->l, raw, rd->a);
    Str sign = str_skip(rd->text, rd->runs.items[word].to);
    add_form(rd, word, number, number, 1);
    rd->terms[word] = number;
    if (sign.len > 0 && (sign.ptr[0] == '"' || (unsigned char)sign.ptr[0] >= 0x80)) {
        char   key[UNIT_KEY_MAX];
        size_t n = unit_key(number, str_head(sign, unit_length(sign)), key);
        Str    amount = str_dup(rd->a, (Str){key, n});
        add_terms(rd, word, 1, &amount, 1, ALT_UNIT, 1);
    }
}

/* All ways to put neighbouring pieces together: wh 1000 xm4, wh1000 xm4, ... */
static void add_partitions(Reader *rd, size_t word, const Str *pieces, size_t n)
{
    ASSERT(n >= 2 && n <= PIECES_MAX);
    for (unsigned cuts = 1; cuts < 1U << (n - 1); cuts++) {
        Str    terms[PIECES_MAX];
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            if (i > 0 && !(cuts >> (i - 1) & 1))
                terms[count - 1].len += pieces[i].len;
            else
                terms[count++] = pieces[i];
        }
        add_terms(rd, word, 1, terms, count, ALT_PARTS, W_PIECES);
    }
}

static void read_mixed(Reader *rd, size_t word, Str raw)
{
    Str folded = fold_accents(fold_word(rd->l, raw, rd->a), rd->a);
    Str pieces[PIECES_MAX];
    add_form(rd, word, folded, folded, 1);
    rd->terms[word] = folded;
    size_t n = analyzer_pieces(folded, pieces);
    if (n == 2 && unit_length(pieces[1]) == pieces[1].len) {
        char key[UNIT_KEY_MAX];
        Str  number = forms_number(rd->l, pieces[0], rd->a);
        Str  amount = str_dup(rd->a, (Str){key, unit_key(number, pieces[1], key)});
        add_terms(rd, word, 1, &amount, 1, ALT_UNIT, 1);
    }
    if (n >= 2 && n <= 4)
        add_partitions(rd, word, pieces, n);
}

static void read_dense(Reader *rd, size_t word, Str raw)
{
    Dense d;
    Str   grams[DENSE_WORD_MAX];
    forms_dense(raw, rd->a, &d);
    add_form(rd, word, d.term, d.term, 1);
    rd->terms[word] = d.term;
    if (rd->space == 0)
        rd->tree->words[word].optional = stop_word(rd->l, d.term);
    if (d.n < 3 || d.n > QUERY_ALT_TERMS_MAX + 1)
        return;
    for (size_t i = 0; i + 1 < d.n; i++)
        grams[i] = (Str){d.term.ptr + d.at[i], d.at[i + 2] - d.at[i]};
    add_terms(rd, word, 1, grams, d.n - 1, ALT_PARTS, W_GRAMS);
}

static void read_forms(Reader *rd)
{
    for (size_t i = 0; i < rd->tree->n_words; i++) {
        const Run *r = &rd->runs.items[i];
        Str        raw = {rd->text.ptr + r->from, r->core - r->from};
        switch (r->kind) {
        case RUN_WORD: read_word(rd, i, raw); break;
        case RUN_NUMBER: read_number(rd, i, raw); break;
        case RUN_MIXED: read_mixed(rd, i, raw); break;
        case RUN_DENSE: read_dense(rd, i, raw); break;
        }
    }
}

/* --- several words ------------------------------------------------------------------------- */

/* Words that make one together: with hyphens, or next to digits. */
static void read_joined(Reader *rd, size_t first)
{
    const Run *r = &rd->runs.items[first];
    bool       digits = r->kind != RUN_WORD;
    for (size_t n = 2; n <= JOINED_MAX && first + n <= rd->tree->n_words; n++) {
        const Run *right = &r[n - 1];
        if (right->kind == RUN_DENSE || right->link == 0 || r->kind == RUN_DENSE)
            return;
        digits |= right->kind != RUN_WORD;
        if (!digits && !analyzer_joins(right - 1, right))
            return;
        Str joined = analyzer_joined(rd->l, rd->text, r, n, rd->a);
        add_terms(rd, first, n, &joined, 1, ALT_FORM, W_JOINED);
    }
}

/* "10 mm" */
static void read_amount(Reader *rd, size_t first)
{
    const Run *r = &rd->runs.items[first];
    if (r->kind != RUN_NUMBER || first + 1 >= rd->tree->n_words || r[1].link == 0)
        return;
    char   key[UNIT_KEY_MAX];
    Str    unit = {rd->text.ptr + r[1].from, r[1].to - r[1].from};
    size_t n = unit_length(unit) == unit.len ? unit_key(rd->terms[first], unit, key) : 0;
    if (n == 0)
        return;
    Str amount = str_dup(rd->a, (Str){key, n});
    add_terms(rd, first, 2, &amount, 1, ALT_UNIT, 1);
}

static void read_synonyms(Reader *rd, size_t first)
{
    const Synonyms *s = rd->synonyms ? rd->synonyms[rd->space] : NULL;
    for (size_t n = 1; s && n <= QUERY_ALT_TERMS_MAX && first + n <= rd->tree->n_words; n++) {
        Str            key = synonym_key(&rd->terms[first], n, rd->a);
        const Synonym *found = synonyms_find(s, key);
        for (; found; found = found->next)
            add_terms(rd, first, n, found->words.terms, found->words.n, ALT_SYNONYM, W_SYNONYM);
    }
}

/* --- the wrong keyboard layout ------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool slip_fits(LayoutSlip slip, Language l)
{
    switch (slip) {
    case LAYOUT_US_TO_RU: return l == LANG_RU || l == LANG_GENERAL || l == LANG_UK;
    case LAYOUT_US_TO_UK: return l == LANG_UK || l == LANG_GENERAL;
    case LAYOUT_RU_TO_US:
    case LAYOUT_UK_TO_US: return true;
    case LAYOUT_SLIPS: break;
    }
    return false;
}

static void read_slips(Reader *rd, size_t first, size_t n, Str chunk)
{
    for (int slip = 0; slip < LAYOUT_SLIPS; slip++) {
        TermList list;
        if (!slip_fits((LayoutSlip)slip, rd->l))
            continue;
        Str meant = layout_slip((LayoutSlip)slip, chunk, rd->a);
        if (meant.len == 0 || !term_list_of(rd->analyzers[rd->space], meant, rd->a, &list))
            continue;
        QueryAlt alt = {.first = (uint8_t)first,
                        .n_words = (uint8_t)n,
                        .space = rd->space,
                        .n_terms = (uint8_t)list.n,
                        .kind = ALT_LAYOUT,
                        .weight = W_LAYOUT,
                        .fallback = true};
        memcpy(alt.terms, list.terms, sizeof list.terms);
        query_add_alt(rd->tree, &alt);
    }
}

/* Slips turn letters into punctuation, so they are looked for between blanks, not in words. */
static void read_layouts(Reader *rd)
{
    Str s = rd->text;
    for (size_t i = 0, word = 0; i < s.len && word < rd->tree->n_words;) {
        size_t from = i;
        while (i < s.len && !is_blank(s.ptr[i]))
            i++;
        size_t first = word;
        while (word < rd->tree->n_words && rd->tree->words[word].start < i)
            word++;
        if (word > first && !rd->tree->words[first].negated)
            read_slips(rd, first, word - first, (Str){s.ptr + from, i - from});
        i += i < s.len;
    }
}

/* --- the whole ----------------------------------------------------------------------------- */

static bool is_quote(Str s, size_t at, size_t *ret_n)
{
    uint32_t c = (unsigned char)s.ptr[at];
    *ret_n = c < 0x80 ? 1 : utf8_next(s.ptr + at, s.ptr + s.len, &c);
    if (*ret_n == 0)
        *ret_n = 1;
    return c == '"' || c == 0x201c || c == 0x201d || c == 0x201e || c == 0xab || c == 0xbb;
}

static bool is_inch(Str s, size_t at, bool open)
{
    return !open && at > 0 && s.ptr[at - 1] >= '0' && s.ptr[at - 1] <= '9';
}

/* Words between quotes belong to a phrase. A mark after a digit means inches. */
static void mark_phrases(Reader *rd)
{
    Str     s = rd->text;
    uint8_t phrase = 0;
    bool    open = false;
    size_t  word = 0, n;
    if (s.len > 0 && utf8_ascii_run(s.ptr, s.ptr + s.len) == s.len && !memchr(s.ptr, '"', s.len))
        s.len = 0; /* none: all words are behind the last mark */
    for (size_t i = 0; i < s.len; i += n) {
        for (; word < rd->tree->n_words && rd->runs.items[word].to <= i; word++)
            rd->tree->words[word].phrase = open ? phrase : 0;
        if (!is_quote(s, i, &n) || is_inch(s, i, open))
            continue;
        open = !open;
        phrase = (uint8_t)(phrase + open);
    }
    for (; word < rd->tree->n_words; word++) {
        rd->tree->words[word].phrase = open ? phrase : 0;
        rd->tree->words[word].last = rd->runs.items[word].to == rd->text.len && !open;
    }
}

static bool is_minus(Str s, size_t from)
{
    return from > 0 && s.ptr[from - 1] == '-' && (from == 1 || is_blank(s.ptr[from - 2]));
}

static void read_words(Reader *rd)
{
    for (size_t i = 0; i < rd->runs.n; i++) {
        const Run *r = &rd->runs.items[i];
        QueryWord *w = &rd->tree->words[rd->tree->n_words++];
        *w = (QueryWord){.text = str_dup(rd->a, (Str){rd->text.ptr + r->from, r->to - r->from}),
                         .start = (uint16_t)r->from,
                         .end = (uint16_t)r->to,
                         .negated = is_minus(rd->text, r->from)};
        bool glued = i > 0 && (r->link == '-' || r->link == '.' || r->link == '_');
        if (glued && w[-1].negated)
            w->negated = true;
    }
}

/* Stop words may be missing, but not in a phrase, and not when there is nothing else. */
static void settle_stops(QueryTree *tree)
{
    bool others = false;
    for (size_t i = 0; i < tree->n_words; i++)
        others |= !tree->words[i].optional && !tree->words[i].negated;
    for (size_t i = 0; i < tree->n_words; i++)
        if (!others || tree->words[i].phrase || tree->words[i].negated)
            tree->words[i].optional = false;
}

static void read_space(Reader *rd)
{
    read_forms(rd);
    for (size_t i = 0; i < rd->tree->n_words; i++) {
        read_joined(rd, i);
        read_amount(rd, i);
        read_synonyms(rd, i);
    }
}

/* Without its words: those are written whole. */
static void clear(QueryTree *t, Arena *a)
{
    t->n_words = 0;
    t->arena = a;
    t->alts = NULL;
    t->n_alts = t->alts_cap = 0;
    t->code = (Str){0};
    t->cut = false;
}

void query_read(const Analyzer *const *analyzers, const Synonyms *const *synonyms, size_t n,
                Str text, Arena *a, QueryTree *ret)
{
    NOT_CLEARED Str terms[QUERY_WORDS_MAX];
    Reader          rd = {.analyzers = analyzers,
                          .synonyms = synonyms,
                          .n = n < QUERY_SPACES_MAX ? n : QUERY_SPACES_MAX,
                          .text = utf8_truncate_bytes(text, QUERY_BYTES_MAX),
                          .a = a,
                          .tree = ret,
                          .terms = terms};
    clear(ret, a);
    if (n == 0)
        return;
    runs_of(analyzer_language(analyzers[0]), rd.text, QUERY_WORDS_MAX + 1, a, &rd.runs);
    ret->cut = rd.text.len < text.len || rd.runs.n > QUERY_WORDS_MAX;
    if (rd.runs.n > QUERY_WORDS_MAX)
        rd.runs.n = QUERY_WORDS_MAX;
    read_words(&rd);
    for (size_t i = 0; i < rd.n; i++) {
        rd.space = (uint8_t)i;
        rd.l = analyzer_language(analyzers[i]);
        rd.tools = tools_take(rd.l);
        read_space(&rd);
        tools_give(rd.tools);
    }
    mark_phrases(&rd);
    settle_stops(ret);
    Str code = analyzer_code(rd.text, a);
    if (code.len >= 4 && code.len <= 32)
        ret->code = code;
}

void query_read_layouts(const Analyzer *const *analyzers, size_t n, Str text, QueryTree *tree)
{
    Reader rd = {.analyzers = analyzers,
                 .text = utf8_truncate_bytes(text, QUERY_BYTES_MAX),
                 .a = tree->arena,
                 .tree = tree};
    for (size_t i = 0; i < n && i < QUERY_SPACES_MAX; i++) {
        rd.space = (uint8_t)i;
        rd.l = analyzer_language(analyzers[i]);
        read_layouts(&rd);
    }
}

void query_parse(const Analyzer *const *analyzers, const Synonyms *const *synonyms, size_t n,
                 Str text, Arena *a, QueryTree *ret)
{
    query_read(analyzers, synonyms, n, text, a, ret);
    query_read_layouts(analyzers, n, text, ret);
}

Str query_key(const Analyzer *an, Str text, Arena *a)
{
    Language l = analyzer_language(an);
    Runs     runs;
    Str      terms[QUERY_WORDS_MAX], rest[QUERY_WORDS_MAX];
    size_t   n = 0, n_rest = 0;
    text = utf8_truncate_bytes(text, QUERY_BYTES_MAX);
    runs_of(l, text, QUERY_WORDS_MAX, a, &runs);
    Tools *tools = tools_take(l);
    for (size_t i = 0; i < runs.n && n < QUERY_WORDS_MAX; i++) {
        const Run *r = &runs.items[i];
        Str        raw = {text.ptr + r->from, r->core - r->from};
        Str        term = run_term(tools, l, text, r, a);
        bool       stop = stop_word(l, fold_accents(fold_word(l, raw, a), a));
        if (term.len > 0 && stop && n_rest < QUERY_WORDS_MAX)
            rest[n_rest++] = term;
        else if (term.len > 0)
            terms[n++] = term;
    }
    tools_give(tools);
    return n > 0 ? synonym_key(terms, n, a) : synonym_key(rest, n_rest, a);
}
