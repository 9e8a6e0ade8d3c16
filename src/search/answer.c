#include "search/run_int.h"

#include <string.h>

#include "base/buf.h"

/* --- words ------------------------------------------------------------------------------------ */

static SearchHow how_of(const Plan *p, const Word *w)
{
    static const uint8_t RANK[] = {
        [SEARCH_AS_WRITTEN] = 0, [SEARCH_AS_PREFIX] = 1, [SEARCH_AS_JOINED] = 2,
        [SEARCH_AS_OTHER] = 3,   [SEARCH_AS_TYPO] = 4,   [SEARCH_NOT_FOUND] = 5};
    SearchHow best = SEARCH_NOT_FOUND;
    for (size_t i = 0; i < w->n_alts; i++) {
        SearchHow how = p->alts[w->alts[i]].how;
        best = RANK[how] < RANK[best] ? how : best;
    }
    return best;
}

static bool is_correction(SearchHow how)
{
    return how == SEARCH_AS_TYPO || how == SEARCH_AS_OTHER;
}

/* What a word was taken for: the surface of its heaviest correction. */
static Str correction_of(const Plan *p, const Word *w)
{
    for (size_t i = 0; i < w->n_alts; i++) {
        const Alt *alt = &p->alts[w->alts[i]];
        if (is_correction(alt->how) && alt->surface.len > 0)
            return alt->surface;
    }
    return (Str){0};
}

static void tell_words(Run *r, SearchResult *ret)
{
    const Plan *p = r->plan;
    ret->n_words = p->n_words;
    ret->words = arena_array(r->a, SearchWord, p->n_words);
    for (size_t i = 0; i < p->n_words; i++) {
        const Word *w = &p->words[i];
        SearchWord *to = &ret->words[i];
        *to = (SearchWord){.text = str_dup(r->a, w->q.text),
                           .start = w->q.start,
                           .end = w->q.end,
                           .negated = w->q.negated,
                           .optional = w->q.optional,
                           .how = how_of(p, w)};
        if (is_correction(to->how) || r->widened)
            to->found = str_dup(r->a, correction_of(p, w));
        if (r->widened && to->found.len > 0)
            to->how = SEARCH_AS_TYPO;
    }
}

static void tell_corrected(Run *r, SearchResult *ret)
{
    bool found = false;
    for (size_t i = 0; i < ret->n_words; i++)
        found |= ret->words[i].found.len > 0;
    if (!found)
        return;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4 * QUERY_BYTES_MAX + QUERY_WORDS_MAX * TERM_MAX);
    Str    text = str_head(r->q->text, QUERY_BYTES_MAX);
    size_t at = 0;
    bool   any = false;
    for (size_t i = 0; i < ret->n_words; i++) {
        const SearchWord *w = &ret->words[i];
        if (w->found.len == 0 || w->start < at || w->end > text.len)
            continue;
        buf_add(&b, (Str){text.ptr + at, w->start - at});
        buf_add(&b, w->found);
        at = w->end;
        any = true;
    }
    if (any) {
        buf_add(&b, str_skip(text, at));
        ret->corrected = str_dup(r->a, buf_str(&b));
    }
}

/* --- hits ------------------------------------------------------------------------------------- */

/* The text field in which a posting weighs most. */
static SearchField field_of(const Run *r, uint32_t posting)
{
    SearchField best = 0;
    float       weight = -1;
    if (!r->segment->places)
        return 0;
    for (const uint16_t *p = segment_places(r->segment, posting);; p++) {
        uint16_t field = atomic_load(&r->schema->text_fields[*p >> PLACE_FIELD_SHIFT & 0xf]);
        float    mine = schema_field(r->schema, field)->def.weight;
        if (mine > weight) {
            weight = mine;
            best = field;
        }
        if (*p & PLACE_END)
            return best;
    }
}

static void explain_word(Run *r, const Entry *e, size_t word, Parts *parts, uint32_t *missing)
{
    const Alt *alt = NULL;
    float      value = match_word(r, e->view, e->doc, word, &alt);
    if (!alt) {
        *missing |= 1U << word;
        return;
    }
    uint32_t posting = match_posting(r->segment, alt->terms[0]->entries[e->view], e->doc);
    Str      term = alt->surface.len > 0 ? alt->surface : str_skip(alt->terms[0]->key, 1);
    parts->items[parts->n++] = (SearchPart){.kind = SEARCH_PART_WORD,
                                            .word = (uint8_t)word,
                                            .field = field_of(r, posting),
                                            .what = str_dup(r->a, term),
                                            .value = value};
}

static bool is_code_hit(const Run *r, const Entry *e)
{
    const Term *code = r->plan->code;
    return code && match_posting(r->segment, code->entries[e->view], e->doc) != UINT32_MAX;
}

/* A hit has all words that are required and known, unless some may be missing, or it is a hit
 * without them: a pin, a code. */
static uint32_t missing_of(const Run *r, const Entry *e, bool pin)
{
    uint32_t missing = 0;
    bool     sure = !r->may_miss && !pin && !r->plan->code;
    for (size_t i = 0; i < r->plan->n_words; i++) {
        const Word *w = &r->plan->words[i];
        const Alt  *alt;
        if (w->q.negated || (sure && w->required && w->known))
            continue;
        if (!w->known || !(match_word(r, e->view, e->doc, i, &alt) > 0))
            missing |= 1U << i;
    }
    return missing;
}

static void explain(Run *r, const Entry *e, SearchHit *hit)
{
    NOT_CLEARED uint32_t postings[QUERY_WORDS_MAX];
    bool                 buried;
    Parts                parts = {.items = arena_array(r->a, SearchPart,
                                                       r->plan->n_words + r->q->n_ranks + r->q->n_rules + 3)};
    for (size_t i = 0; i < r->plan->n_words; i++)
        if (!r->plan->words[i].q.negated)
            explain_word(r, e, i, &parts, &hit->missing);
    (void)rank_signals(r, e->doc, &parts, &buried);
    rank_find(r, e->doc, postings);
    (void)rank_closeness(r, e->doc, postings, &parts);
    hit->parts = parts.items;
    hit->n_parts = parts.n;
    hit->score = 0;
    for (size_t i = 0; i < parts.n; i++)
        hit->score += parts.items[i].value;
}

static void tell_hit(Run *r, const Entry *e, bool pin, SearchHit *hit, SearchResult *ret)
{
    if (r->view != e->view || !r->segment)
        run_set_view(r, e->view);
    *hit = (SearchHit){.id = e->id, .score = r->scores ? e->score : 0, .buried = e->buried};
    if (r->segment->group_ids)
        hit->group = r->segment->group_ids[e->row];
    if (r->q->explain)
        explain(r, e, hit);
    else
        hit->missing = missing_of(r, e, pin);
    if (is_code_hit(r, e))
        hit->missing = 0;
    ret->given_up |= hit->missing & r->plan->required;
}

static const PinState *pin_at(const Run *r, size_t place)
{
    for (size_t i = 0; i < r->n_pins && !r->has_cursor; i++)
        if (r->pins[i].passed && r->pins[i].place == place)
            return &r->pins[i];
    return NULL;
}

/* Pins whose place lies behind the end stand at the end. */
static const PinState *next_pin(const Run *r, size_t place)
{
    const PinState *next = NULL;
    for (size_t i = 0; i < r->n_pins && !r->has_cursor; i++) {
        const PinState *pin = &r->pins[i];
        if (pin->passed && pin->place >= place && (!next || pin->place < next->place))
            next = pin;
    }
    return next;
}

static void tell_hits(Run *r, SearchResult *ret)
{
    size_t       from = 0, first = r->has_cursor ? 0 : r->q->offset;
    const Entry *last = r->has_after ? &r->after : NULL;
    ret->hits = arena_array(r->a, SearchHit, r->q->limit);
    for (size_t place = 0; place < first + r->q->limit; place++) {
        const PinState *pin = pin_at(r, place);
        if (!pin && from == r->top.n)
            pin = next_pin(r, place);
        if (!pin && from == r->top.n)
            break;
        if (!pin)
            last = &r->top.items[from++];
        else if (pin->place != place) /* told out of turn: not once more */
            r->pins[pin - r->pins].passed = false;
        if (place < first)
            continue;
        SearchHit *hit = &ret->hits[ret->n_hits++];
        tell_hit(r, pin ? &pin->entry : last, pin != NULL, hit, ret);
        hit->pinned = pin != NULL;
    }
    if (from < r->top.n && r->q->limit > 0)
        ret->next = last == &r->after ? str_dup(r->a, r->q->cursor) : top_cursor(r, last);
}

void answer_make(Run *r, SearchResult *ret)
{
    *ret = (SearchResult){.total = r->total, .partial = r->partial};
    top_sort(r);
    tell_words(r, ret);
    tell_corrected(r, ret);
    r->segment = NULL;
    tell_hits(r, ret);
    ret->relaxed = r->missing_max > 0 && (ret->given_up != 0 || r->may_miss);
    facet_answer(r, ret);
    ret->postings = r->postings;
}
