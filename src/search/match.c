#include "search/run_int.h"

#include <string.h>

#include "search/intersect_int.h"

/* Postings of one term in the chunk at hand. */
typedef struct List {
    const uint16_t *docs;
    const uint8_t  *weights;
    uint32_t        n;
    float           factor; /* contribution = factor * saturation(weight) */
} List;

typedef struct Lists { /* of a word */
    List    *items;
    size_t   n;
    uint64_t postings;
    uint16_t bit;
} Lists;

/* --- weights --------------------------------------------------------------------------------- */

static float          saturation[UINT8_MAX + 1];
static pthread_once_t saturation_once = PTHREAD_ONCE_INIT;

static void make_saturation(void)
{
    for (int i = 0; i <= UINT8_MAX; i++) {
        float w = weight_of((uint8_t)i);
        saturation[i] = w * 2.2F / (w + 1.2F);
    }
}

float match_saturation(uint8_t weight)
{
    pthread_once(&saturation_once, make_saturation);
    return saturation[weight];
}

/* --- one document ------------------------------------------------------------------------------
 */

uint32_t match_posting(const Segment *s, uint32_t entry, uint32_t doc)
{
    if (entry == NO_ENTRY)
        return UINT32_MAX;
    const Container *c = segment_container(s, entry, doc >> CHUNK_BITS);
    if (!c)
        return UINT32_MAX;
    uint16_t x = (uint16_t)(doc & (CHUNK_DOCS - 1));
    uint32_t i = intersect_lower(s->docs + c->at, c->last + 1U, x);
    return i <= c->last && s->docs[c->at + i] == x ? c->at + i : UINT32_MAX;
}

/* Is there a place `distance` words behind one of `from`, in the same field? */
static bool stands_behind(const uint16_t *from, uint16_t place, uint32_t distance)
{
    uint32_t field = place & (uint32_t)(0xf << PLACE_FIELD_SHIFT), at = place & PLACE_POSITION;
    if (at < distance || at == PLACE_POSITION)
        return false;
    for (;; from++) {
        uint32_t mine = *from & (PLACE_POSITION | (uint32_t)(0xf << PLACE_FIELD_SHIFT));
        if (mine == (field | (at - distance)))
            return true;
        if (*from & PLACE_END)
            return false;
    }
}

bool match_adjacent(const Segment *s, const uint32_t *postings, size_t n)
{
    if (!s->places)
        return true;
    for (const uint16_t *last = segment_places(s, postings[n - 1]);; last++) {
        bool all = true;
        for (size_t i = 0; all && i + 1 < n; i++)
            all = stands_behind(segment_places(s, postings[i]), *last, (uint32_t)(n - 1 - i));
        if (all)
            return true;
        if (*last & PLACE_END)
            return false;
    }
}

/* All terms of an alternative side by side: its weight there; false: not in this document. */
static bool alt_weight(const Segment *s, const Alt *alt, uint32_t view, uint32_t doc, uint8_t *ret)
{
    NOT_CLEARED uint32_t postings[QUERY_ALT_TERMS_MAX];
    uint8_t              least = UINT8_MAX;
    for (size_t i = 0; i < alt->n_terms; i++) {
        postings[i] = match_posting(s, alt->terms[i]->entries[view], doc);
        if (postings[i] == UINT32_MAX)
            return false;
        if (s->weights[postings[i]] < least)
            least = s->weights[postings[i]];
    }
    *ret = least;
    return alt->n_terms == 1 || match_adjacent(s, postings, alt->n_terms);
}

float match_word(const Run *r, uint32_t view, uint32_t doc, size_t word, const Alt **ret)
{
    const Word    *w = &r->plan->words[word];
    const Segment *s = r->snapshot->views[view].segment;
    float          best = 0;
    for (size_t i = 0; i < w->n_alts; i++) {
        const Alt *alt = &r->plan->alts[w->alts[i]];
        uint8_t    weight;
        if (!alt_weight(s, alt, view, doc, &weight))
            continue;
        float score = w->idf * alt->weight * match_saturation(weight);
        if (score > best) {
            best = score;
            *ret = alt;
        }
    }
    return best;
}

/* --- lists -------------------------------------------------------------------------------------
 */

static bool term_list(const Run *r, const Term *t, uint32_t chunk, List *ret)
{
    uint32_t entry = t->entries[r->view];
    if (entry == NO_ENTRY)
        return false;
    const Container *c = segment_container(r->segment, entry, chunk);
    if (!c)
        return false;
    *ret = (List){.docs = r->segment->docs + c->at,
                  .weights = r->segment->weights + c->at,
                  .n = c->last + 1U};
    return true;
}

/* Several terms side by side, as a list of their own. */
static bool terms_list(Run *r, const Alt *alt, uint32_t chunk, List *ret)
{
    List   lists[QUERY_ALT_TERMS_MAX];
    size_t rarest = 0;
    for (size_t i = 0; i < alt->n_terms; i++) {
        if (!term_list(r, alt->terms[i], chunk, &lists[i]))
            return false;
        if (lists[i].n < lists[rarest].n)
            rarest = i;
    }
    ASSERT(alt->n_terms > 0);
    const List *least = &lists[rarest];
    uint16_t   *docs = arena_array(&r->scratch->tmp, uint16_t, least->n);
    uint8_t    *weights = arena_array(&r->scratch->tmp, uint8_t, least->n);
    *ret = (List){.docs = docs, .weights = weights};
    for (uint32_t i = 0; i < least->n; i++) {
        uint8_t weight;
        if (!alt_weight(r->segment, alt, r->view, chunk << CHUNK_BITS | least->docs[i], &weight))
            continue;
        docs[ret->n] = least->docs[i];
        weights[ret->n++] = weight;
    }
    return run_spend(r, (uint64_t)least->n * alt->n_terms) && ret->n > 0;
}

static Lists lists_of(Run *r, size_t word, uint32_t chunk)
{
    const Word *w = &r->plan->words[word];
    Lists       lists = {.items = arena_array(&r->scratch->tmp, List, w->n_alts),
                         .bit = (uint16_t)(1U << word)};
    for (size_t i = 0; i < w->n_alts; i++) {
        const Alt *alt = &r->plan->alts[w->alts[i]];
        List      *list = &lists.items[lists.n];
        bool       there = alt->n_terms == 1 ? term_list(r, alt->terms[0], chunk, list)
                                             : terms_list(r, alt, chunk, list);
        if (!there)
            continue;
        list->factor = w->idf * alt->weight;
        lists.postings += list->n;
        lists.n++;
    }
    return lists;
}

/* --- uniting ------------------------------------------------------------------------------------
 */

/* The best contribution by document into best[], with a bit for each document. */
static void unite(Run *r, const Lists *lists, uint64_t *bits)
{
    Scratch *x = r->scratch;
    memset(bits, 0, sizeof x->bits);
    for (size_t k = 0; k < lists->n; k++) {
        const List *list = &lists->items[k];
        if (!run_spend(r, list->n))
            return;
        for (uint32_t i = 0; i < list->n; i++) {
            uint16_t d = list->docs[i];
            float    score = list->factor * saturation[list->weights[i]];
            uint64_t bit = (uint64_t)1 << (d % 64);
            bool     had = (bits[d / 64] & bit) != 0;
            bits[d / 64] |= bit;
            if (!had || x->best[d] < score)
                x->best[d] = score;
        }
    }
}

#define FOR_BITS(word, d)                                                                          \
    for (uint64_t bits_ = (word); bits_ != 0 && ((d) = (uint32_t)__builtin_ctzll(bits_), true);    \
         bits_ &= bits_ - 1)

static size_t first_word(Run *r, const Lists *lists)
{
    Scratch *x = r->scratch;
    size_t   n = 0;
    if (lists->n == 1) {
        const List *list = &lists->items[0];
        if (!run_spend(r, list->n))
            return 0;
        memcpy(x->docs, list->docs, list->n * sizeof *x->docs);
        for (uint32_t i = 0; i < list->n; i++)
            x->scores[i] = list->factor * saturation[list->weights[i]];
        return list->n;
    }
    unite(r, lists, x->bits);
    for (uint32_t w = 0; w < CHUNK_DOCS / 64; w++) {
        uint32_t d;
        FOR_BITS(x->bits[w], d)
        {
            x->docs[n] = (uint16_t)(w * 64 + d);
            x->scores[n] = x->best[w * 64 + d];
            n++;
        }
    }
    return n;
}

/* --- intersecting -------------------------------------------------------------------------------
 */

/* Work of finding each candidate in a list, or the other way round. */
static uint64_t list_cost(size_t n, const List *list)
{
    uint64_t few = list->n < n ? list->n : n;
    return few * 8 < list->n + n ? few * 8 : list->n + n;
}

/* For each candidate in the list, the better of best[] and its contribution. */
static void note_list(Scratch *x, size_t n, const List *list)
{
    uint32_t met = intersect(x->docs, (uint32_t)n, list->docs, list->n, x->at, x->at_list);
    for (uint32_t k = 0; k < met; k++) {
        float score = list->factor * saturation[list->weights[x->at_list[k]]];
        if (score > x->best[x->at[k]])
            x->best[x->at[k]] = score;
    }
}

/* What is in both lists becomes the candidates. */
static size_t meet_lists(Run *r, const List *a, const List *b)
{
    Scratch *x = r->scratch;
    if (!run_spend(r, list_cost(a->n, b)))
        return 0;
    uint32_t met = intersect(a->docs, a->n, b->docs, b->n, x->at, x->at_list);
    for (uint32_t k = 0; k < met; k++) {
        x->docs[k] = a->docs[x->at[k]];
        x->scores[k] = a->factor * saturation[a->weights[x->at[k]]] +
                       b->factor * saturation[b->weights[x->at_list[k]]];
    }
    return met;
}

/* Candidates that are in the list stay. */
static size_t meet_list(Run *r, size_t n, const List *list)
{
    Scratch *x = r->scratch;
    if (!run_spend(r, list_cost(n, list)))
        return 0;
    uint32_t met = intersect(x->docs, (uint32_t)n, list->docs, list->n, x->at, x->at_list);
    for (uint32_t k = 0; k < met; k++) {
        x->docs[k] = x->docs[x->at[k]];
        x->scores[k] =
            x->scores[x->at[k]] + list->factor * saturation[list->weights[x->at_list[k]]];
    }
    return met;
}

/* Candidates that the word is in get its contribution; the others go, when it is required. Many
 * lists are united first: then each posting is touched once, not each candidate in each list. */
static size_t next_word(Run *r, size_t n, const Lists *lists, bool required)
{
    Scratch *x = r->scratch;
    uint64_t one_by_one = 0;
    size_t   kept = 0;
    if (required && lists->n == 1)
        return meet_list(r, n, &lists->items[0]);
    for (size_t k = 0; k < lists->n; k++)
        one_by_one += list_cost(n, &lists->items[k]);
    bool united = lists->n > 2 && lists->postings + n < one_by_one;
    if (!run_spend(r, united ? n : one_by_one))
        return 0;
    if (united)
        unite(r, lists, x->bits);
    else
        memset(x->best, 0, n * sizeof *x->best);
    for (size_t k = 0; k < lists->n && !united; k++)
        note_list(x, n, &lists->items[k]);
    for (size_t i = 0; i < n; i++) {
        uint16_t d = x->docs[i];
        bool     has = united ? bit_is_set(x->bits, d) : x->best[i] > 0;
        float    score = !has ? 0 : united ? x->best[d] : x->best[i];
        x->docs[kept] = d;
        x->scores[kept] = x->scores[i] + score;
        kept += !required || has;
    }
    return kept;
}

static size_t match_all(Run *r, Lists *lists)
{
    uint32_t           required = r->plan->required;
    NOT_CLEARED size_t order[QUERY_WORDS_MAX];
    size_t             n_order = 0;
    for (size_t i = 0; i < r->plan->n_words; i++) {
        if (!(required >> i & 1) || !r->plan->words[i].known)
            continue;
        if (lists[i].n == 0)
            return 0;
        size_t k = n_order++;
        for (; k > 0 && lists[order[k - 1]].postings > lists[i].postings; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    if (n_order == 0)
        return 0;
    bool   pair = n_order > 1 && lists[order[0]].n == 1 && lists[order[1]].n == 1;
    size_t n = pair ? meet_lists(r, &lists[order[0]].items[0], &lists[order[1]].items[0])
                    : first_word(r, &lists[order[0]]);
    for (size_t k = pair ? 2 : 1; k < n_order && n > 0; k++)
        n = next_word(r, n, &lists[order[k]], true);
    for (size_t i = 0; i < r->plan->n_words && n > 0; i++)
        if (r->plan->optional >> i & 1)
            n = next_word(r, n, &lists[i], false);
    return n;
}

/* --- counting -----------------------------------------------------------------------------------
 */

/* Documents that have enough of the words, whichever: also for words that others stand for. */
static size_t match_some(Run *r, const Lists *lists)
{
    Scratch       *x = r->scratch;
    const Plan    *p = r->plan;
    const uint32_t needed = (uint32_t)__builtin_popcount(p->required) - r->missing_max;
    memset(x->bits2, 0, sizeof x->bits2);
    for (size_t i = 0; i < p->n_words; i++) {
        if ((p->negated >> i & 1) || lists[i].n == 0)
            continue;
        unite(r, &lists[i], x->bits);
        for (uint32_t w = 0; w < CHUNK_DOCS / 64; w++) {
            uint64_t had = x->bits2[w];
            uint32_t b;
            FOR_BITS(x->bits[w], b)
            {
                uint32_t d = w * 64 + b;
                bool     first = !(had >> b & 1);
                x->sums[d] = (first ? 0 : x->sums[d]) + x->best[d];
                x->masks[d] = (uint16_t)((first ? 0 : x->masks[d]) | lists[i].bit);
            }
            x->bits2[w] |= x->bits[w];
        }
    }
    size_t n = 0;
    for (uint32_t w = 0; w < CHUNK_DOCS / 64; w++) {
        uint32_t b;
        FOR_BITS(x->bits2[w], b)
        {
            uint32_t d = w * 64 + b;
            x->docs[n] = (uint16_t)d;
            x->scores[n] = x->sums[d];
            x->found[n] = x->masks[d];
            n += (uint32_t)__builtin_popcount(x->masks[d] & p->required) >= needed;
        }
    }
    return n;
}

/* --- what goes, what comes ---------------------------------------------------------------------
 */

static void keep(Scratch *x, size_t to, size_t from)
{
    x->docs[to] = x->docs[from];
    x->scores[to] = x->scores[from];
    x->found[to] = x->found[from];
}

static size_t drop_dead(Run *r, uint32_t chunk, size_t n)
{
    Scratch *x = r->scratch;
    size_t   kept = 0;
    if (!r->dead)
        return n;
    for (size_t i = 0; i < n; i++) {
        keep(x, kept, i);
        kept += !bit_is_set(r->dead, chunk << CHUNK_BITS | x->docs[i]);
    }
    return kept;
}

static size_t drop_negated(Run *r, size_t n, const Lists *lists)
{
    Scratch *x = r->scratch;
    for (size_t i = 0; i < r->plan->n_words; i++) {
        bool phrase = r->plan->words[i].q.phrase != 0; /* then it is the phrase that must not be */
        if (!(r->plan->negated >> i & 1) || phrase || n == 0)
            continue;
        memset(x->best, 0, n * sizeof *x->best);
        for (size_t k = 0; k < lists[i].n && run_spend(r, lists[i].items[k].n); k++)
            note_list(x, n, &lists[i].items[k]);
        size_t kept = 0;
        for (size_t d = 0; d < n; d++) {
            keep(x, kept, d);
            kept += !(x->best[d] > 0);
        }
        n = kept;
    }
    return n;
}

/* The posting of a word of a phrase: that of its first alternative in the document. */
static uint32_t phrase_posting(const Run *r, size_t word, uint32_t doc)
{
    const Word *w = &r->plan->words[word];
    for (size_t i = 0; i < w->n_alts; i++) {
        const Alt *alt = &r->plan->alts[w->alts[i]];
        if (alt->n_terms != 1 || alt->n_words != 1)
            continue;
        uint32_t posting = match_posting(r->segment, alt->terms[0]->entries[r->view], doc);
        if (posting != UINT32_MAX)
            return posting;
    }
    return UINT32_MAX;
}

static bool has_phrases(const Run *r, uint32_t doc)
{
    const Plan *p = r->plan;
    for (size_t i = 0, end; i < p->n_words; i = end) {
        uint32_t postings[QUERY_WORDS_MAX];
        uint8_t  phrase = p->words[i].q.phrase;
        bool     whole = true;
        for (end = i; end < p->n_words && p->words[end].q.phrase == phrase; end++) {
            if (phrase == 0)
                continue;
            postings[end - i] = phrase_posting(r, end, doc);
            whole &= postings[end - i] != UINT32_MAX;
        }
        if (phrase == 0)
            continue;
        bool there = whole && match_adjacent(r->segment, postings, end - i);
        if (there == p->words[i].q.negated)
            return false;
    }
    return true;
}

static size_t drop_phraseless(Run *r, uint32_t chunk, size_t n)
{
    size_t kept = 0;
    if (!r->plan->phrases || !run_spend(r, n * 4))
        return r->plan->phrases ? 0 : n;
    for (size_t i = 0; i < n; i++) {
        keep(r->scratch, kept, i);
        kept += has_phrases(r, chunk << CHUNK_BITS | r->scratch->docs[i]);
    }
    return kept;
}

/* Put a document among the candidates, when it is not there. */
static size_t insert(Run *r, size_t n, uint16_t doc, uint16_t found)
{
    Scratch *x = r->scratch;
    uint32_t at = intersect_lower(x->docs, (uint32_t)n, doc);
    if (at < n && x->docs[at] == doc)
        return n;
    memmove(x->docs + at + 1, x->docs + at, (n - at) * sizeof *x->docs);
    memmove(x->scores + at + 1, x->scores + at, (n - at) * sizeof *x->scores);
    memmove(x->found + at + 1, x->found + at, (n - at) * sizeof *x->found);
    x->docs[at] = doc;
    x->scores[at] = 0;
    x->found[at] = found;
    return n + 1;
}

/* Documents of which the query is a code, and those that are pinned. */
static size_t add_extra(Run *r, uint32_t chunk, size_t n)
{
    List list;
    if (r->plan->code && term_list(r, r->plan->code, chunk, &list))
        for (uint32_t i = 0; i < list.n && i < BLOCK_DOCS; i++)
            if (!bit_is_set(r->dead, chunk << CHUNK_BITS | list.docs[i]))
                n = insert(r, n, list.docs[i], UINT16_MAX);
    for (size_t i = 0; i < r->n_pins; i++) {
        const PinState *pin = &r->pins[i];
        if (pin->there && pin->view == r->view && pin->doc >> CHUNK_BITS == chunk)
            n = insert(r, n, (uint16_t)(pin->doc & (CHUNK_DOCS - 1)), UINT16_MAX);
    }
    return n;
}

static size_t match_everything(const Run *r, uint32_t chunk)
{
    Scratch *x = r->scratch;
    uint32_t base = chunk << CHUNK_BITS, left = r->segment->n_docs - base;
    size_t   n = left < CHUNK_DOCS ? left : CHUNK_DOCS;
    if (r->among)
        n = among_list(r, chunk, x->docs);
    for (size_t i = 0; !r->among && i < n; i++)
        x->docs[i] = (uint16_t)i;
    memset(x->scores, 0, n * sizeof *x->scores);
    return n;
}

/* Only those that are asked of. */
static size_t drop_others(const Run *r, uint32_t chunk, size_t n)
{
    Scratch *x = r->scratch;
    size_t   kept = 0;
    for (size_t i = 0; i < n; i++) {
        x->docs[kept] = x->docs[i];
        x->scores[kept] = x->scores[i];
        x->found[kept] = x->found[i];
        kept += among_has(r, chunk << CHUNK_BITS | x->docs[i]);
    }
    return kept;
}

size_t match_chunk(Run *r, uint32_t chunk)
{
    NOT_CLEARED Lists lists[QUERY_WORDS_MAX];
    size_t            n;
    (void)match_saturation(0);
    arena_reset(&r->scratch->tmp);
    for (size_t i = 0; i < r->plan->n_words; i++)
        lists[i] = lists_of(r, i, chunk);
    bool positive = (r->plan->required | r->plan->optional) != 0;
    if (!positive)
        n = match_everything(r, chunk);
    else if (r->may_miss || r->plan->spans)
        n = match_some(r, lists);
    else
        n = match_all(r, lists);
    n = drop_dead(r, chunk, n);
    n = drop_negated(r, n, lists);
    n = drop_phraseless(r, chunk, n);
    r->matched |= n > 0;
    n = add_extra(r, chunk, n);
    return r->among ? drop_others(r, chunk, n) : n;
}
