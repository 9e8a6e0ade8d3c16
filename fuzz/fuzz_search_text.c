/* fuzz_search_text.c - analysis of texts and reading of queries: any bytes, every language.
 * The first byte chooses the language. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "search/vocabulary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const LOCALES[] = {"",   "en", "uk", "ru", "tr", "nl",
                                      "de", "zh", "ja", "fr", "it", "ar"};

/* A vocabulary in which about every second word is known. */
static uint32_t some_docs(void *ctx, size_t space, Str term)
{
    (void)ctx;
    return (uint32_t)((term.len + space) % 2);
}

static bool some_begin(void *ctx, size_t space, Str beginning)
{
    (void)ctx;
    return (beginning.len + space) % 3 != 0;
}

static void check_tokens(const Tokens *t, size_t size)
{
    uint32_t position = 0;
    for (size_t i = 0; i < t->n; i++) {
        const Token *k = &t->items[i];
        if (k->term.len == 0 || k->term.len > TERM_MAX || k->surface.len > TERM_MAX ||
            k->start >= k->end || k->end > size || k->position < position || !utf8_valid(k->term) ||
            !(k->weight > 0))
            abort();
        position = k->position;
    }
}

static void check_tree(const QueryTree *q, size_t size)
{
    if (q->n_words > QUERY_WORDS_MAX || q->n_alts > QUERY_ALTS_MAX)
        abort();
    for (size_t i = 0; i < q->n_words; i++)
        if (q->words[i].start > q->words[i].end || q->words[i].end > size)
            abort();
    for (size_t i = 0; i < q->n_alts; i++)
        if ((size_t)q->alts[i].first + q->alts[i].n_words > q->n_words || q->alts[i].n_terms == 0 ||
            q->alts[i].n_terms > QUERY_ALT_TERMS_MAX)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 65536);
    const Analyzer *an[] = {
        analyzer_of(str_from_cstr(LOCALES[data[0] % COUNT_OF(LOCALES)])),
        analyzer_of(STR("")),
    };
    Str       s = {(const char *)data + 1, size - 1};
    Tokens    t;
    QueryTree q;
    analyzer_text(an[0], TEXT_PROSE, s, &a, &t);
    check_tokens(&t, s.len);
    query_parse(an, NULL, 2, s, &a, &q);
    check_tree(&q, s.len);
    query_expand(an, 2, &(Vocabulary){NULL, some_docs, some_begin, some_docs}, &a, &q);
    check_tree(&q, s.len);
    (void)analyzer_code(s, &a);
    return 0;
}
