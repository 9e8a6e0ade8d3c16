#include "search/run_int.h"

#include <string.h>

#include "base/buf.h"
#include "base/sort.h"
#include "search/intersect_int.h"

enum {
    TRIED_MAX = 24,    /* words that could complete the last one */
    COUNTED_MAX = 100, /* documents counted for one; more do not matter */
    PLACES_TRIED = 16,
    MET_BELOW = CHUNK_DOCS / 32, /* of more, enough are soon counted one by one */
};

typedef struct Candidate {
    Neighbour   word;
    const Term *term;
    int64_t     hits;
    bool        shown; /* it stands in a field whose words are suggested */
} Candidate;

typedef struct Suggest {
    Run      *r;
    size_t    last; /* the word that is completed */
    Candidate items[QUERY_SPACES_MAX * TRIED_MAX];
    size_t    n;
    uint32_t  suggesting; /* bit per text field; 0: all of them do */
} Suggest;

static void add_candidates(Suggest *s, uint8_t space, Str surface)
{
    NOT_CLEARED Neighbour found[TRIED_MAX];
    Plan                 *p = s->r->plan;
    size_t                n = expand_prefix(p, plan_key(p, space, surface), TRIED_MAX, found);
    if (n == 0)
        n = expand_typos(p, space, surface, TYPO_ALTS_MAX, found);
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t k = 0; k < s->n; k++)
            known |= str_eq(s->items[k].word.surface, found[i].surface);
        if (!known)
            s->items[s->n++] = (Candidate){.word = found[i], .term = plan_term(p, found[i].term)};
    }
}

static uint32_t suggesting_fields(const Schema *schema)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < atomic_load(&schema->n_texts); i++)
        if (schema_field(schema, atomic_load(&schema->text_fields[i]))->def.suggest)
            bits |= 1U << i;
    return bits;
}

/* --- counting --------------------------------------------------------------------------------- */

static bool stands_in(const Suggest *s, uint32_t posting)
{
    const Segment *segment = s->r->segment;
    if (s->suggesting == 0 || !segment->places)
        return true;
    for (const uint16_t *p = segment_places(segment, posting);; p++) {
        if (s->suggesting >> (*p >> PLACE_FIELD_SHIFT & 0xf) & 1)
            return true;
        if (*p & PLACE_END)
            return false;
    }
}

static bool passes(const Run *r, uint32_t doc)
{
    for (size_t i = 0; i < r->q->n_filters; i++) {
        const Test *t = &r->tests[i];
        uint32_t    row = t->grouped ? segment_first_row(r->segment, doc) : doc;
        uint32_t    end = t->grouped ? segment_first_row(r->segment, doc + 1) : doc + 1;
        bool        any = false;
        for (; row < end && !any; row++)
            any = test_row(t, row);
        if (!any)
            return false;
    }
    return true;
}

/* A document that has the candidate and the words before it. */
static void count(Suggest *s, Candidate *c, uint32_t doc, uint32_t posting, uint32_t *places_left)
{
    if (bit_is_set(s->r->dead, doc) || !passes(s->r, doc))
        return;
    c->hits++;
    if (!c->shown && *places_left > 0) {
        --*places_left;
        c->shown = stands_in(s, posting);
    }
}

/* What has the words before, as bits and as the n candidates; NULL: there are none before. */
static void count_chunk(Suggest *s, Candidate *c, uint32_t chunk, const uint64_t *bits,
                        size_t n_before)
{
    const Run       *r = s->r;
    uint32_t         entry = c->term->entries[r->view], places_left = PLACES_TRIED;
    const Container *box = entry == NO_ENTRY ? NULL : segment_container(r->segment, entry, chunk);
    if (!box)
        return;
    const uint16_t *docs = r->segment->docs + box->at;
    uint32_t        n = box->last + 1U, at = box->at;
    if (bits && n_before < MET_BELOW && n_before < 4 * (size_t)n) {
        Scratch *x = s->r->scratch;
        uint32_t met = intersect(x->docs, (uint32_t)n_before, docs, n, x->at, x->at_list);
        for (uint32_t i = 0; i < met && c->hits < COUNTED_MAX; i++)
            count(s, c, chunk << CHUNK_BITS | x->docs[x->at[i]], at + x->at_list[i], &places_left);
        return;
    }
    for (uint32_t i = 0; i < n && c->hits < COUNTED_MAX; i++) {
        while (bits && i < n && !(bits[docs[i] / 64] >> (docs[i] % 64) & 1))
            i++;
        if (i < n)
            count(s, c, chunk << CHUNK_BITS | docs[i], at + i, &places_left);
    }
}

/* The documents of this chunk that have the words before, as bits. */
static const uint64_t *match_before(Run *r, uint32_t chunk, size_t *ret_n)
{
    Scratch *x = r->scratch;
    size_t   n = match_chunk(r, chunk);
    *ret_n = n;
    if (n == 0)
        return NULL;
    memset(x->bits, 0, sizeof x->bits);
    for (size_t i = 0; i < n; i++)
        bit_set(x->bits, x->docs[i]);
    return x->bits;
}

static void count_all(Suggest *s)
{
    Run *r = s->r;
    bool alone = (r->plan->required | r->plan->optional) == 0;
    for (uint32_t v = 0; v < r->snapshot->n_views; v++) {
        run_begin_view(r, v);
        for (uint32_t chunk = 0; chunk <= (r->segment->n_docs - 1) >> CHUNK_BITS; chunk++) {
            size_t          n = 0;
            const uint64_t *bits = alone ? NULL : match_before(r, chunk, &n);
            for (size_t i = 0; (alone || bits) && i < s->n; i++)
                count_chunk(s, &s->items[i], chunk, bits, n);
            if (!run_spend(r, s->n * COUNTED_MAX))
                return;
        }
    }
}

/* --- telling ---------------------------------------------------------------------------------- */

static int best_first(const void *x, const void *y)
{
    const Candidate *a = x, *b = y;
    if (a->word.distance != b->word.distance)
        return a->word.distance < b->word.distance ? -1 : 1;
    if (a->hits != b->hits)
        return a->hits > b->hits ? -1 : 1;
    if (a->word.seen != b->word.seen)
        return a->word.seen > b->word.seen ? -1 : 1;
    return str_cmp(a->word.surface, b->word.surface);
}

/* What was typed before the last word, with corrections. */
static Str before(const Suggest *s, bool *corrected)
{
    CLEANUP(buf_done) Buf b;
    const Plan           *p = s->r->plan;
    Str                   text = str_head(s->r->q->text, QUERY_BYTES_MAX);
    size_t                at = 0;
    buf_init(&b, QUERY_BYTES_MAX + QUERY_WORDS_MAX * TERM_MAX);
    for (size_t i = 0; i < s->last; i++) {
        const Word *w = &p->words[i];
        const Alt  *alt = w->n_alts > 0 ? &p->alts[w->alts[0]] : NULL;
        if (!alt || alt->surface.len == 0 || w->q.start < at)
            continue;
        buf_add(&b, (Str){text.ptr + at, w->q.start - at});
        buf_add(&b, alt->surface);
        at = w->q.end;
        *corrected = true;
    }
    buf_add(&b, (Str){text.ptr + at, p->words[s->last].q.start - at});
    return str_dup(s->r->a, buf_str(&b));
}

static void tell(Suggest *s, uint32_t limit, SearchCompletion **ret, size_t *ret_n)
{
    bool corrected = false;
    Str  head = before(s, &corrected);
    array_sort(s->items, s->n, sizeof *s->items, best_first);
    *ret = arena_array(s->r->a, SearchCompletion, limit);
    for (size_t i = 0; i < s->n && *ret_n < limit; i++) {
        const Candidate *c = &s->items[i];
        if (c->hits == 0 || !c->shown)
            continue;
        char *text = arena_array(s->r->a, char, head.len + c->word.surface.len + 1);
        memcpy(text, head.ptr, head.len);
        memcpy(text + head.len, c->word.surface.ptr, c->word.surface.len);
        (*ret)[(*ret_n)++] = (SearchCompletion){.text = {text, head.len + c->word.surface.len},
                                                .hits = c->hits,
                                                .corrected = corrected || c->word.distance > 0};
    }
}

/* The word being typed is taken out of the plan: what it may become is tried instead. */
static bool take_last(Suggest *s)
{
    Plan *p = s->r->plan;
    if (p->n_words == 0)
        return false;
    s->last = p->n_words - 1;
    Word *w = &p->words[s->last];
    if (!w->q.last || w->q.negated)
        return false;
    w->required = false;
    p->required &= ~(1U << s->last);
    p->optional &= ~(1U << s->last);
    for (size_t k = 0; k < p->n_spaces; k++) {
        Str surface = plan_surface(p, s->last, k);
        if (surface.len > 0)
            add_candidates(s, p->spaces[k], surface);
    }
    return true;
}

static void suggest(Run *r, uint32_t limit, SearchCompletion **ret, size_t *ret_n)
{
    Suggest *s = arena_new(r->a, Suggest);
    s->r = r;
    s->suggesting = suggesting_fields(r->schema);
    if (!take_last(s))
        return;
    for (size_t i = 0; i < r->plan->n_words; i++)
        if ((r->plan->required >> i & 1) && !r->plan->words[i].known)
            return;
    count_all(s);
    tell(s, limit, ret, ret_n);
}

Status search_suggest(SearchIndex *ix, const SearchSuggest *ask, Arena *a, SearchCompletion **ret,
                      size_t *ret_n, Err *err)
{
    SearchQuery *q = arena_new(a, SearchQuery);
    *q = (SearchQuery){.text = ask->text,
                       .locale = ask->locale,
                       .filters = ask->filters,
                       .n_filters = ask->n_filters,
                       .budget = ask->budget};
    TRY(run_check(ix->schema, q, err));
    if (ask->limit > SEARCH_COMPLETIONS_MAX)
        return err_set(err, ST_LIMIT, "search.too_much", "too many completions");
    Snapshot *s = search_snapshot_take(&ix->slot);
    Run      *r = run_new(ix, s, q, a);
    PlanAsk   as = {.text = q->text,
                    .locale = q->locale,
                    .prefix = SEARCH_PREFIX_NEVER,
                    .few = true,
                    .postings_max = r->postings_max};
    r->plan = plan_make(r->schema, s, &as, a);
    *ret = NULL;
    *ret_n = 0;
    suggest(r, ask->limit, ret, ret_n);
    snapshot_release(&ix->slot, s);
    return ST_OK;
}
