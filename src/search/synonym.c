#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "search/analyzer_int.h"
#include "search/synonym.h"

enum { RULE_WORDS_MAX = 64, RULES_MAX = 10000 };

struct Synonyms {
    Arena arena;
    Map   by_key; /* terms with blanks between: SynonymList */
};

/* Where words of scripts without blanks begin depends on what stands around them. */
static bool is_dense(Str term)
{
    return term.len >= 3 && (unsigned char)term.ptr[0] >= 0xe3;
}

Str synonym_key(const Str *terms, size_t n, Arena *a)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += terms[i].len + 1;
    char *out = arena_array(a, char, len + 1);
    len = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(out + len, terms[i].ptr, terms[i].len);
        len += terms[i].len;
        if (!is_dense(terms[i]))
            out[len++] = ' ';
    }
    return (Str){out, len};
}

/* Words of a script without blanks: pairs of characters side by side say it whatever words
 * the text was cut into. */
static void add_dense(const Str *words, size_t n, Arena *a, TermList *ret)
{
    Str   all = {0};
    Dense d;
    for (size_t i = 0; i < n; i++)
        all = i == 0 ? words[0] : analyzer_join(all, words[i], a);
    forms_dense(all, a, &d);
    if (d.n == 1 && ret->n < QUERY_ALT_TERMS_MAX)
        ret->terms[ret->n++] = d.term;
    for (size_t i = 0; i + 1 < d.n && ret->n < QUERY_ALT_TERMS_MAX; i++)
        ret->terms[ret->n++] = (Str){d.term.ptr + d.at[i], d.at[i + 2] - d.at[i]};
}

static bool starts_word(const Run *r)
{
    return r->kind != RUN_DENSE || r->first_of_dense;
}

bool term_list_of(const Analyzer *an, Str s, Arena *a, TermList *ret)
{
    Language l = analyzer_language(an);
    Runs     runs;
    Str      terms[QUERY_ALT_TERMS_MAX];
    *ret = (TermList){0};
    runs_of(l, s, QUERY_ALT_TERMS_MAX + 1, a, &runs);
    if (runs.n == 0 || runs.n > QUERY_ALT_TERMS_MAX)
        return false;
    Tools *tools = tools_take(l);
    for (size_t i = 0; i < runs.n; i++)
        terms[i] = run_term(tools, l, s, &runs.items[i], a);
    tools_give(tools);
    for (size_t i = 0, n; i < runs.n; i += n) {
        for (n = 1; i + n < runs.n && !starts_word(&runs.items[i + n]);)
            n++;
        if (runs.items[i].kind == RUN_DENSE)
            add_dense(&terms[i], n, a, ret);
        else if (terms[i].len > 0)
            ret->terms[ret->n++] = terms[i];
    }
    ret->key = synonym_key(terms, runs.n, a);
    return ret->n > 0;
}

static TermList kept(Arena *a, const TermList *list)
{
    TermList copy = {.n = list->n};
    for (size_t i = 0; i < list->n; i++)
        copy.terms[i] = str_dup(a, list->terms[i]);
    return copy;
}

static void add_pair(Synonyms *s, const TermList *from, const TermList *to)
{
    MapValue *v = map_put(&s->by_key, str_dup(&s->arena, from->key), NULL);
    Synonym  *made = arena_new(&s->arena, Synonym);
    *made = (Synonym){.words = kept(&s->arena, to), .next = v->p};
    v->p = made;
}

static void add_rule(Synonyms *s, const Analyzer *an, const SynonymRule *rule, Arena *scratch)
{
    size_t    n = rule->n_words < RULE_WORDS_MAX ? rule->n_words : RULE_WORDS_MAX;
    TermList *lists = arena_array(scratch, TermList, n + 1);
    TermList  from;
    for (size_t i = 0; i < n; i++)
        if (!term_list_of(an, rule->words[i], scratch, &lists[i]))
            lists[i].n = 0;
    if (rule->from.len > 0) {
        if (term_list_of(an, rule->from, scratch, &from))
            for (size_t i = 0; i < n; i++)
                if (lists[i].n > 0)
                    add_pair(s, &from, &lists[i]);
        return;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            if (i != k && lists[i].n > 0 && lists[k].n > 0)
                add_pair(s, &lists[i], &lists[k]);
}

Synonyms *synonyms_new(const Analyzer *an, const SynonymRule *rules, size_t n)
{
    Synonyms *s = calloc(1, sizeof *s);
    if (!s)
        base_out_of_memory(sizeof *s);
    arena_init(&s->arena, 4096);
    map_init(&s->by_key, NULL, 64);
    CLEANUP(arena_done) Arena scratch;
    arena_init(&scratch, 16384);
    for (size_t i = 0; i < n && i < RULES_MAX; i++) {
        add_rule(s, an, &rules[i], &scratch);
        arena_reset(&scratch);
    }
    return s;
}

void synonyms_free(Synonyms *s)
{
    if (!s)
        return;
    map_done(&s->by_key);
    arena_done(&s->arena);
    free(s);
}

size_t synonyms_bytes(const Synonyms *s)
{
    return s ? sizeof *s + s->arena.used + s->by_key.cap * sizeof(MapSlot) : 0;
}

const Synonym *synonyms_find(const Synonyms *s, Str key)
{
    const MapValue *v = s ? map_get(&s->by_key, key) : NULL;
    return v ? v->p : NULL;
}
