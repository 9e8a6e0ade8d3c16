#include "search/analysis.h"

#include <stdlib.h>
#include <string.h>

struct Synonyms {
    size_t bytes;
};

Synonyms *synonyms_new(const Analyzer *an, const SynonymRule *rules, size_t n)
{
    (void)an, (void)rules, (void)n;
    Synonyms *s = calloc(1, sizeof *s);
    if (!s)
        base_out_of_memory(sizeof *s);
    s->bytes = sizeof *s;
    return s;
}

void synonyms_free(Synonyms *s)
{
    free(s);
}

size_t synonyms_bytes(const Synonyms *s)
{
    return s ? s->bytes : 0;
}

/* Is there a '-' before this byte that begins a word, and does the byte stand in quotes? */
static bool is_negated(Str s, uint32_t start)
{
    return start > 0 && s.ptr[start - 1] == '-' && (start == 1 || s.ptr[start - 2] == ' ');
}

static uint8_t phrase_at(Str s, uint32_t start)
{
    size_t quotes = 0;
    for (size_t i = 0; i < start; i++)
        quotes += s.ptr[i] == '"';
    return quotes % 2 == 1 ? (uint8_t)(quotes / 2 + 1) : 0;
}

static void add_alternatives(const Analyzer *const *analyzers, size_t n, QueryTree *tree,
                             size_t word, Arena *a)
{
    for (size_t i = 0; i < n && tree->n_alts < QUERY_ALTS_MAX; i++) {
        Tokens t;
        analyzer_text(analyzers[i], TEXT_PROSE, tree->words[word].text, a, &t);
        QueryAlt alt = {.first = (uint8_t)word, .n_words = 1, .space = (uint8_t)i, .weight = 1};
        for (size_t k = 0; k < t.n && alt.n_terms < QUERY_ALT_TERMS_MAX; k++)
            alt.terms[alt.n_terms++] = t.items[k].term;
        if (t.n == 1)
            alt.surface = t.items[0].surface;
        if (alt.n_terms > 0)
            tree->alts[tree->n_alts++] = alt;
    }
}

void query_parse(const Analyzer *const *analyzers, const Synonyms *const *synonyms, size_t n,
                 Str text, Arena *a, QueryTree *ret)
{
    (void)synonyms;
    *ret = (QueryTree){.alts = arena_array(a, QueryAlt, QUERY_ALTS_MAX)};
    ret->cut = text.len > QUERY_BYTES_MAX;
    text = str_head(text, QUERY_BYTES_MAX);
    Tokens t;
    analyzer_text(analyzers[0], TEXT_PROSE, text, a, &t);
    for (size_t i = 0; i < t.n; i++) {
        const Token *token = &t.items[i];
        if (ret->n_words == QUERY_WORDS_MAX) {
            ret->cut = true;
            break;
        }
        ret->words[ret->n_words] = (QueryWord){
            .text = {text.ptr + token->start, token->end - token->start},
            .start = (uint16_t)token->start,
            .end = (uint16_t)token->end,
            .negated = is_negated(text, token->start),
            .phrase = phrase_at(text, token->start),
            .last = token->end == text.len,
        };
        add_alternatives(analyzers, n, ret, ret->n_words++, a);
    }
    Str code = analyzer_code(text, a);
    if (code.len >= 4 && code.len <= 32)
        ret->code = code;
}
