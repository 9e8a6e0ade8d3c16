#include "search/plan_int.h"

static bool is_meant(const Plan *p, Str term)
{
    for (size_t i = 0; i < p->n_alts; i++) {
        const Alt *alt = &p->alts[i];
        if (p->words[alt->first].q.negated)
            continue;
        for (size_t k = 0; k < alt->n_terms; k++)
            if (str_eq(str_skip(alt->terms[k]->key, 1), term))
                return true;
    }
    return false;
}

size_t search_highlight(const SearchResult *r, Str locale, Str text, Arena *a, SearchSpan **ret)
{
    const Plan *p = r->highlighter;
    Tokens      t;
    size_t      n = 0;
    analyzer_text(analyzer_of(locale), TEXT_PROSE, str_head(text, SEARCH_TEXT_BYTES_MAX), a, &t);
    *ret = arena_array(a, SearchSpan, t.n);
    for (size_t i = 0; i < t.n; i++) {
        const Token *token = &t.items[i];
        if (!is_meant(p, token->term))
            continue;
        if (n > 0 && token->start < (*ret)[n - 1].end) { /* a part of what is marked already */
            if (token->end > (*ret)[n - 1].end)
                (*ret)[n - 1].end = token->end;
        } else {
            (*ret)[n++] = (SearchSpan){token->start, token->end};
        }
    }
    return n;
}
