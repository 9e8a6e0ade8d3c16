#include "search/plan_int.h"

#include <math.h>

#include "base/sort.h"
#include "base/utf8.h"
#include "search/mem_int.h"
#include "search/vocabulary.h"

enum { CODE_WORDS_MAX = 3, CODE_LEN_MIN = 3, WIDEN_TIMES = 4 };

Str plan_key(const Plan *p, uint8_t space, Str text)
{
    char *key = arena_array(p->arena, char, text.len + 1);
    key[0] = (char)space;
    if (text.len > 0)
        memcpy(key + 1, text.ptr, text.len);
    return (Str){key, text.len + 1};
}

const Term *plan_term(Plan *p, Str key)
{
    Term     *t = arena_new(p->arena, Term);
    uint32_t *entries = arena_array(p->arena, uint32_t, p->snapshot->n_views);
    for (uint32_t i = 0; i < p->snapshot->n_views; i++) {
        const Segment *s = p->snapshot->views[i].segment;
        entries[i] = segment_find(s, key);
        if (entries[i] != NO_ENTRY)
            t->df += segment_df(s, entries[i]);
    }
    t->key = key;
    t->entries = entries;
    return t;
}

/* The same terms for the same words do not count twice: the better one stays. */
static Alt *find_alt(Plan *p, const Alt *alt)
{
    for (size_t i = 0; i < p->n_alts; i++) {
        Alt *have = &p->alts[i];
        bool same = have->first == alt->first && have->n_words == alt->n_words &&
                    have->n_terms == alt->n_terms;
        for (size_t k = 0; same && k < alt->n_terms; k++)
            same = str_eq(have->terms[k]->key, alt->terms[k]->key);
        if (same)
            return have;
    }
    return NULL;
}

bool plan_push(Plan *p, const Alt *alt)
{
    if (p->n_alts == PLAN_ALTS_MAX)
        return false;
    if (p->n_alts == p->alts_cap) {
        size_t cap = p->alts_cap ? p->alts_cap * 4 : 32;
        Alt   *alts = arena_array(p->arena, Alt, cap);
        if (p->n_alts > 0)
            memcpy(alts, p->alts, p->n_alts * sizeof *alts);
        p->alts = alts;
        p->alts_cap = cap;
    }
    p->alts[p->n_alts++] = *alt;
    return true;
}

static bool add_alt(Plan *p, const Alt *alt)
{
    Alt *have = find_alt(p, alt);
    if (have) {
        if (have->weight < alt->weight)
            *have = *alt;
        return true;
    }
    return plan_push(p, alt);
}

bool plan_add(Plan *p, size_t first, size_t n_words, const Term *term, SearchHow how, float weight,
              Str surface)
{
    Alt alt = {.first = (uint8_t)first,
               .n_words = (uint8_t)n_words,
               .n_terms = 1,
               .how = how,
               .weight = weight,
               .df = term->df,
               .terms = {term},
               .surface = surface};
    return term->df > 0 && add_alt(p, &alt);
}

/* --- what the analysis says ------------------------------------------------------------------ */

typedef struct Reading {
    const Analyzer *analyzers[QUERY_SPACES_MAX];
    const Synonyms *synonyms[QUERY_SPACES_MAX];
    QueryTree       tree;
    Str             text;
    bool            layouts; /* are in the tree */
    uint32_t        has;     /* words with an alternative that is no fallback */
} Reading;

static void add_space(Plan *p, Reading *r, Str locale)
{
    int number = schema_locale(p->schema, locale);
    if (number < 0 && p->n_spaces > 0)
        return;
    uint8_t space = number < 0 ? 0 : locale_space(number); /* 0: nothing is indexed there */
    for (size_t i = 0; i < p->n_spaces; i++)
        if (p->spaces[i] == space)
            return;
    const SharedSynonyms *shared = number < 0 ? NULL : p->snapshot->synonyms[number];
    r->analyzers[p->n_spaces] = analyzer_of(locale);
    r->synonyms[p->n_spaces] = shared ? shared->synonyms : NULL;
    p->spaces[p->n_spaces++] = space;
}

static SearchHow how_of(QueryAltKind kind)
{
    return kind == ALT_TRANSLIT || kind == ALT_LAYOUT ? SEARCH_AS_OTHER : SEARCH_AS_WRITTEN;
}

static uint32_t span_bits(size_t first, size_t n)
{
    return ((1U << n) - 1) << first;
}

static bool keep_alt(Plan *p, const QueryAlt *q)
{
    Alt alt = {.first = q->first,
               .n_words = q->n_words,
               .n_terms = q->n_terms,
               .how = how_of(q->kind),
               .weight = q->weight,
               .df = UINT32_MAX};
    if (q->n_terms == 0 || q->first + q->n_words > p->n_words)
        return false;
    for (size_t i = 0; i < q->n_terms; i++) {
        alt.terms[i] = plan_term(p, plan_key(p, p->spaces[q->space], q->terms[i]));
        alt.df = alt.terms[i]->df < alt.df ? alt.terms[i]->df : alt.df;
    }
    if (q->kind == ALT_LAYOUT)
        alt.surface = q->surface;
    return alt.df > 0 && add_alt(p, &alt);
}

static void keep_alts(Plan *p, Reading *r)
{
    for (size_t i = 0; i < r->tree.n_alts; i++) {
        const QueryAlt *q = &r->tree.alts[i];
        if (!q->fallback && keep_alt(p, q))
            r->has |= span_bits(q->first, q->n_words);
    }
    uint32_t has = r->has;
    if (has == span_bits(0, p->n_words))
        return;
    if (!r->layouts)
        query_read_layouts(r->analyzers, p->n_spaces, r->text, &r->tree);
    r->layouts = true;
    for (size_t i = 0; i < r->tree.n_alts; i++) {
        const QueryAlt *q = &r->tree.alts[i];
        uint32_t        bits = span_bits(q->first, q->n_words);
        if (q->fallback && (has & bits) != bits && keep_alt(p, q))
            r->has |= bits;
    }
}

/* --- what only the index knows ---------------------------------------------------------------- */

static bool has_digit(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
            return true;
    return false;
}

static bool is_anywhere(const Plan *p, Str key)
{
    for (uint32_t i = 0; i < p->snapshot->n_views; i++)
        if (segment_find(p->snapshot->views[i].segment, key) != NO_ENTRY)
            return true;
    return false;
}

/* NULL: nobody has this identifier, as is the rule. */
static const Term *code_term(Plan *p, Str code)
{
    NOT_CLEARED char bytes[KEY_MAX];
    Str              key = {bytes, code.len + 1};
    ASSERT(code.len <= TERM_MAX);
    bytes[0] = (char)SPACE_CODES;
    if (code.len > 0)
        memcpy(bytes + 1, code.ptr, code.len);
    if (!is_anywhere(p, key))
        return NULL;
    const Term *t = plan_term(p, str_dup(p->arena, key));
    return t->df > 0 ? t : NULL;
}

/* Of other scripts, when they are folded. */
static bool may_have_digits(Str s)
{
    return has_digit(s) || utf8_ascii_run(s.ptr, s.ptr + s.len) < s.len;
}

/* One to three words that are an identifier. */
static void add_codes(Plan *p, Reading *r, Str text)
{
    for (size_t i = 0; i < p->n_words; i++)
        for (size_t n = 1; n <= CODE_WORDS_MAX && i + n <= p->n_words; n++) {
            const QueryWord *from = &p->words[i].q, *to = &p->words[i + n - 1].q;
            if (from->negated || to->negated || to->end > text.len || from->start > to->end)
                break;
            Str raw = {text.ptr + from->start, (size_t)(to->end - from->start)};
            if (n > 1 && !may_have_digits(raw))
                continue;
            Str code = analyzer_code(raw, p->arena);
            if (code.len < CODE_LEN_MIN || (n > 1 && !has_digit(code)))
                continue;
            const Term *t = code_term(p, code);
            if (t && plan_add(p, i, n, t, SEARCH_AS_WRITTEN, 1, (Str){0}))
                r->has |= span_bits(i, n);
        }
    if (r->tree.code.len > 0) {
        p->code = code_term(p, r->tree.code);
    }
}

/* The surface of a word in a space, to look for in the vocabulary; empty: none. */
static Str surface_of(const Reading *r, size_t word, size_t space)
{
    for (size_t i = 0; i < r->tree.n_alts; i++) {
        const QueryAlt *q = &r->tree.alts[i];
        if (q->first == word && q->n_words == 1 && q->space == space && q->kind == ALT_FORM &&
            q->surface.len > 0)
            return q->surface;
    }
    return (Str){0};
}

Str plan_surface(const Plan *p, size_t word, size_t k)
{
    return surface_of(p->reading, word, k);
}

static void add_joins(Plan *p, Reading *r)
{
    for (size_t i = 0; i + 1 < p->n_words; i++) {
        const QueryWord *a = &p->words[i].q, *b = &p->words[i + 1].q;
        if (a->negated || b->negated || a->phrase != 0 || b->phrase != 0)
            continue;
        for (size_t k = 0; k < p->n_spaces; k++)
            if (expand_add_join(p, i, p->spaces[k], surface_of(r, i, k), surface_of(r, i + 1, k)))
                r->has |= span_bits(i, 2);
    }
}

static void add_prefixes(Plan *p, Reading *r, size_t word, SearchPrefix how)
{
    bool known = r->has >> word & 1;
    if (!p->words[word].q.last || how == SEARCH_PREFIX_NEVER ||
        (known && how == SEARCH_PREFIX_UNKNOWN))
        return;
    for (size_t k = 0; k < p->n_spaces; k++) {
        Str surface = surface_of(r, word, k);
        if (surface.len > 0 && expand_add_prefixes(p, word, p->spaces[k], surface))
            r->has |= 1U << word;
    }
}

/* What the analysis took for other scripts and layouts is corrected, too. */
static bool add_typos(Plan *p, const Reading *r, size_t word, uint32_t least)
{
    bool any = false;
    for (size_t i = 0; i < r->tree.n_alts; i++) {
        const QueryAlt *q = &r->tree.alts[i];
        if (q->first == word && q->n_words == 1 && q->surface.len > 0)
            any |= expand_add_typos(p, word, p->spaces[q->space], q->surface, least);
    }
    /* Forms that nobody has written yet: their stem may be near one that is known. */
    for (size_t i = 0; i < r->tree.n_alts && !any; i++) {
        const QueryAlt *q = &r->tree.alts[i];
        if (q->first == word && q->n_words == 1 && q->n_terms == 1 && q->kind == ALT_FORM &&
            !str_eq(q->terms[0], q->surface))
            any |= expand_add_typos(p, word, p->spaces[q->space], q->terms[0], least);
    }
    return any;
}

static void add_unknown(Plan *p, Reading *r, size_t word)
{
    if (r->has >> word & 1 || p->words[word].q.phrase != 0)
        return;
    for (size_t k = 0; k < p->n_spaces; k++) {
        Str surface = surface_of(r, word, k);
        if (surface.len > 0)
            (void)expand_add_split(p, word, p->spaces[k], surface);
    }
    (void)add_typos(p, r, word, 0);
}

/* --- finishing ---------------------------------------------------------------------------------
 */

static int heaviest_first(const void *x, const void *y, void *arg)
{
    const Plan *p = arg;
    const Alt  *a = &p->alts[*(const uint16_t *)x], *b = &p->alts[*(const uint16_t *)y];
    if (a->weight > b->weight || a->weight < b->weight)
        return a->weight > b->weight ? -1 : 1;
    return *(const uint16_t *)x < *(const uint16_t *)y ? -1 : 1;
}

static void finish_word(Plan *p, size_t i)
{
    Word    *w = &p->words[i];
    uint32_t df = 0;
    w->alts = arena_array(p->arena, uint16_t, p->n_alts);
    w->n_alts = 0;
    for (size_t k = 0; k < p->n_alts; k++) {
        const Alt *alt = &p->alts[k];
        if (i < alt->first || i >= (size_t)alt->first + alt->n_words)
            continue;
        w->alts[w->n_alts++] = (uint16_t)k;
        df = alt->df > df ? alt->df : df;
    }
    if (w->n_alts > 1)
        qsort_r(w->alts, w->n_alts, sizeof *w->alts, heaviest_first, p);
    w->known = w->n_alts > 0;
    double n = (double)(p->snapshot->n_docs + p->snapshot->n_dead);
    w->idf = df == 0 ? 0 : (float)log(1 + (n - df + 0.5) / (df + 0.5));
}

void plan_finish(Plan *p)
{
    p->ideal = 0;
    p->spans = false;
    for (size_t i = 0; i < p->n_words; i++) {
        finish_word(p, i);
        if (!p->words[i].q.negated)
            p->ideal += p->words[i].idf;
    }
    for (size_t i = 0; i < p->n_alts; i++)
        p->spans |= p->alts[i].n_words > 1;
    if (!(p->ideal > 0.01F))
        p->ideal = p->n_words == 0 ? 1 : 0.01F;
}

static void copy_words(Plan *p, const QueryTree *tree)
{
    bool any = false;
    for (size_t i = 0; i < tree->n_words; i++)
        any |= !tree->words[i].optional && !tree->words[i].negated;
    p->n_words = tree->n_words;
    for (size_t i = 0; i < tree->n_words; i++) {
        QueryWord q = tree->words[i];
        q.optional = q.optional && any && q.phrase == 0;
        p->words[i] = (Word){.q = q, .required = !q.optional && !q.negated};
        p->required |= p->words[i].required ? 1U << i : 0;
        p->negated |= q.negated ? 1U << i : 0;
        p->optional |= q.optional && !q.negated ? 1U << i : 0;
        p->phrases |= q.phrase != 0;
    }
}

/* --- the vocabulary, lent to the analysis -------------------------------------------------------
 */

static uint32_t docs_of_term(void *ctx, size_t space, Str term)
{
    const Plan *p = ctx;
    char        bytes[KEY_MAX];
    Str         key = {bytes, term.len + 1};
    uint32_t    df = 0;
    if (term.len == 0 || term.len > TERM_MAX)
        return 0;
    bytes[0] = (char)p->spaces[space];
    memcpy(bytes + 1, term.ptr, term.len);
    for (uint32_t i = 0; i < p->snapshot->n_views; i++) {
        const Segment *s = p->snapshot->views[i].segment;
        uint32_t       entry = segment_find(s, key);
        df += entry == NO_ENTRY ? 0 : segment_df(s, entry);
    }
    return df;
}

static bool any_begins(void *ctx, size_t space, Str beginning)
{
    const Plan *p = ctx;
    char        bytes[KEY_MAX];
    Str         key = {bytes, beginning.len + 1};
    if (beginning.len > TERM_MAX)
        return false;
    bytes[0] = (char)p->spaces[space];
    memcpy(bytes + 1, beginning.ptr, beginning.len);
    for (uint32_t i = 0; i < p->snapshot->n_views; i++) {
        const Segment *s = p->snapshot->views[i].segment;
        uint32_t       entry = segment_lower(s, key);
        if (entry < s->n_entries && str_starts(segment_key(s, entry), key))
            return true;
    }
    return false;
}

static uint32_t any_ends(void *ctx, size_t space, Str end)
{
    Plan     *p = ctx;
    Neighbour found[HEADS_MAX];
    return (uint32_t)expand_heads(p, p->spaces[space], end, HEADS_MAX, found);
}

/* Words that nothing says so far: other readings of them, parts of a compound. */
static void expand_unknown(Plan *p, Reading *r)
{
    bool       all = true;
    Vocabulary v = {p, docs_of_term, any_begins, any_ends};
    for (size_t i = 0; i < p->n_words; i++)
        all &= p->words[i].q.negated || (r->has >> i & 1);
    if (all)
        return;
    query_expand(r->analyzers, p->n_spaces, &v, p->arena, &r->tree);
    p->required = p->negated = p->optional = 0;
    p->n_alts = 0;
    r->has = 0;
    copy_words(p, &r->tree);
    keep_alts(p, r);
}

/* Compounds of which the word is the head: Schuhe finds Laufschuhe. */
static void add_heads(Plan *p, Reading *r)
{
    for (size_t i = 0; i < r->tree.n_alts; i++) {
        const QueryAlt  *q = &r->tree.alts[i];
        const QueryWord *w = &p->words[q->first].q;
        bool said = (q->kind == ALT_FORM && q->surface.len > 0) || q->kind == ALT_PARTS ||
                    q->kind == ALT_SYNONYM;
        if (!said || q->n_words != 1 || q->n_terms != 1 || w->phrase != 0 || w->optional)
            continue;
        uint32_t most = analyzer_heads(r->analyzers[q->space]);
        if (most > 0 && docs_of_term(p, q->space, q->terms[0]) <= most &&
            expand_add_heads(p, q->first, p->spaces[q->space], q->terms[0], q->weight))
            r->has |= 1U << q->first;
    }
}

Plan *plan_make(const Schema *schema, const Snapshot *snapshot, const PlanAsk *ask, Arena *a)
{
    Plan *p = arena_new(a, Plan);
    p->schema = schema;
    p->snapshot = snapshot;
    p->arena = a;
    p->prefix_postings = ask->few ? 40000 : 2000000;
    p->postings_max = ask->postings_max;
    Reading *r = arena_new(a, Reading);
    Str      text = str_head(ask->text, QUERY_BYTES_MAX);
    add_space(p, r, ask->locale);
    add_space(p, r, str_from_cstr(schema->locales[schema->home]));
    add_space(p, r, STR(""));
    r->text = text;
    query_read(r->analyzers, r->synonyms, p->n_spaces, text, a, &r->tree);
    copy_words(p, &r->tree);
    keep_alts(p, r);
    expand_unknown(p, r);
    add_codes(p, r, text);
    add_joins(p, r);
    add_heads(p, r);
    for (size_t i = 0; i < p->n_words; i++) {
        if (p->words[i].q.negated)
            continue;
        add_prefixes(p, r, i, ask->prefix);
        if (ask->typos != SEARCH_TYPOS_NEVER)
            add_unknown(p, r, i);
    }
    p->reading = r;
    plan_finish(p);
    return p;
}

/* A word that the shop knows is taken for another only when that is far more usual: who types
 * "watch band" where there is no band means watches, not the one patch with a bond. */
bool plan_widen(Plan *p)
{
    bool any = false;
    for (size_t i = 0; i < p->n_words; i++) {
        const Word *w = &p->words[i];
        uint32_t    df = 0;
        for (size_t k = 0; k < w->n_alts; k++)
            df = p->alts[w->alts[k]].df > df ? p->alts[w->alts[k]].df : df;
        uint32_t least = df < UINT32_MAX / WIDEN_TIMES ? df * WIDEN_TIMES : UINT32_MAX;
        if (!w->q.negated && !w->q.optional && w->q.phrase == 0)
            any |= add_typos(p, p->reading, i, least);
    }
    if (any)
        plan_finish(p);
    return any;
}
