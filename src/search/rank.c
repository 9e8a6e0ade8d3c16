#include "search/run_int.h"

#include <math.h>

#include "search/intersect_int.h"

/* Bounds of sums are a little more than the sums, however those are rounded. */
#define ROUNDED_UP 1.0001F

const float SHARE_PROXIMITY = 0.6F, SHARE_EXACT = 0.4F, SHARE_CODE = 5;

enum {
    NEAR_MAX = 8, /* words apart: further is not near */
    TABLE_CODES_MAX = 65535,
};

/* --- signals --------------------------------------------------------------------------------- */

void rank_init(Run *r)
{
    r->ranks = arena_array(r->a, Rank, r->q->n_ranks);
    r->spot_lists = arena_array(r->a, SpotList, r->plan->n_words * CLOSENESS_ALTS);
    size_t words = 0;
    r->extra_max = rank_nearness_max(r, &words);
    r->exact_bit = (uint16_t)(words > 0 ? 1U << (words - 1) : 0U);
    for (size_t i = 0; i < r->q->n_ranks; i++) {
        Rank *k = &r->ranks[i];
        k->ask = &r->q->ranks[i];
        k->field = schema_field(r->schema, k->ask->field);
        k->scale = (float)k->ask->share * r->plan->ideal;
        r->extra_max += k->scale > 0 ? k->scale : 0;
    }
    for (size_t i = 0; i < r->q->n_rules; i++)
        if (r->q->rules[i].share > 0)
            r->extra_max += (float)r->q->rules[i].share * r->plan->ideal;
    r->extra_max *= ROUNDED_UP;
    r->extra_most = r->extra_max + ROUNDED_UP * SHARE_EXACT * r->plan->ideal;
}

static float curve(const Run *r, const SearchRank *k, double value)
{
    double y = 0;
    if (k->curve == SEARCH_LINEAR)
        y = value / k->full;
    else if (k->curve == SEARCH_LOG)
        y = value > 0 ? (double)(log2f((float)(1 + value)) / log2f((float)(1 + k->full))) : 0;
    else
        y = (double)exp2f((float)(-((double)r->q->now_ms - value) / k->full));
    return y < 0 ? 0 : y > 1 ? 1 : (float)y;
}

void rank_begin_view(Run *r)
{
    for (size_t i = 0; i < r->q->n_ranks; i++) {
        Rank       *k = &r->ranks[i];
        SearchField f = k->ask->field;
        k->by_code = NULL;
        k->column = f < r->segment->n_columns ? r->segment->columns[f] : NULL;
        if (!k->column || k->column->max_code > TABLE_CODES_MAX ||
            k->column->max_code > r->segment->n_docs / 4)
            continue;
        k->by_code = arena_array(r->a, float, k->column->max_code + (size_t)1);
        for (uint32_t code = 1; code <= k->column->max_code; code++)
            k->by_code[code] = curve(r, k->ask, column_number(k->column, code));
    }
    for (size_t i = 0; i < r->q->n_rules; i++) {
        const SearchFilter *f = &r->q->rules[i].filter;
        test_init(&r->rules[i], f, schema_field(r->schema, f->field), r->segment, FAIL_MANY, r->a);
    }
}

/* The rows of a document in a column. */
static uint32_t rows_of(const Run *r, bool grouped, uint32_t doc, uint32_t *first)
{
    *first = grouped ? segment_first_row(r->segment, doc) : doc;
    return grouped ? segment_first_row(r->segment, doc + 1) : doc + 1;
}

static float signal_of(const Run *r, const Rank *k, uint32_t doc)
{
    if (k->field->signal != NO_SIGNAL)
        return curve(r, k->ask, (double)segment_signal(r->segment, k->field->signal, doc));
    uint32_t row = 0, code = 0;
    uint32_t last = k->column ? rows_of(r, k->field->def.grouped, doc, &row) : 0;
    for (; row < last; row++) {
        size_t at, end = column_row(k->column, row, &at);
        for (; at < end; at++) {
            uint32_t c = column_code(k->column, at);
            code = c > code ? c : code;
        }
    }
    if (code == 0)
        return 0;
    return k->by_code ? k->by_code[code] : curve(r, k->ask, column_number(k->column, code));
}

static bool rule_holds(const Run *r, const Test *t, uint32_t doc)
{
    uint32_t row, last = rows_of(r, t->grouped, doc, &row);
    for (; row < last; row++)
        if (test_row(t, row))
            return true;
    return false;
}

static void explain(Parts *parts, SearchPartKind kind, SearchField field, size_t word, float value)
{
    if (parts && (value > 0 || value < 0))
        parts->items[parts->n++] =
            (SearchPart){.kind = kind, .field = field, .word = (uint8_t)word, .value = value};
}

float rank_signals(Run *r, uint32_t doc, Parts *parts, bool *buried)
{
    float sum = 0;
    *buried = false;
    for (size_t i = 0; i < r->q->n_ranks; i++) {
        const Rank *k = &r->ranks[i];
        float       value = k->scale * signal_of(r, k, doc);
        explain(parts, SEARCH_PART_SIGNAL, k->ask->field, 0, value);
        sum += value;
    }
    for (size_t i = 0; i < r->q->n_rules; i++) {
        const SearchRule *rule = &r->q->rules[i];
        if (!rule_holds(r, &r->rules[i], doc))
            continue;
        float value = (float)rule->share * r->plan->ideal;
        explain(parts, SEARCH_PART_RULE, rule->filter.field, i, value);
        sum += value;
        *buried |= rule->bury;
    }
    return sum;
}

/* --- closeness -------------------------------------------------------------------------------- */

typedef struct Spot { /* where a word stands in the document at hand */
    size_t          word;
    const uint16_t *places; /* NULL: it is not there */
} Spot;

static bool is_positive(const Run *r, size_t word)
{
    return !r->plan->words[word].q.negated;
}

float rank_nearness_max(const Run *r, size_t *ret_words)
{
    float pairs = 0, before = -1;
    for (size_t i = 0; i < r->plan->n_words; i++) {
        if (!is_positive(r, i))
            continue;
        ++*ret_words;
        float idf = r->plan->words[i].idf;
        if (before >= 0)
            pairs += (before + idf) / 2;
        before = idf;
    }
    return pairs * SHARE_PROXIMITY + (r->plan->code ? SHARE_CODE * r->plan->ideal : 0);
}

/* Documents come in ascending order, mostly: what is looked for is a leap ahead of what was found
 * before. */
static uint32_t spot_posting(Run *r, SpotList *l, uint32_t entry, uint32_t doc)
{
    uint32_t chunk = doc >> CHUNK_BITS;
    uint16_t x = (uint16_t)(doc & (CHUNK_DOCS - 1));
    if (!l->known || l->entry != entry || l->view != r->view || l->chunk != chunk) {
        const Container *c = entry == NO_ENTRY ? NULL : segment_container(r->segment, entry, chunk);
        *l = (SpotList){.known = true, .entry = entry, .view = r->view, .chunk = chunk};
        l->n = c ? c->last + 1U : 0;
        l->first = c ? c->at : 0;
    }
    const uint16_t *docs = r->segment->docs + l->first;
    if (l->at > 0 && docs[l->at - 1] >= x)
        l->at = 0;
    uint32_t step = 1, high = l->at;
    for (; high < l->n && docs[high] < x; step *= 2) {
        l->at = high + 1;
        high += step;
    }
    uint32_t end = high < l->n ? high : l->n;
    l->at += intersect_lower(docs + l->at, end - l->at, x);
    return l->at < l->n && docs[l->at] == x ? l->first + l->at : UINT32_MAX;
}

static uint32_t posting_of(Run *r, size_t word, uint32_t doc)
{
    const Word *w = &r->plan->words[word];
    for (size_t i = 0; i < w->n_alts && i < CLOSENESS_ALTS; i++) {
        const Alt *alt = &r->plan->alts[w->alts[i]];
        if (alt->n_terms > 1 || alt->n_words > 1)
            continue;
        uint32_t entry = alt->terms[0]->entries[r->view];
        uint32_t posting = spot_posting(r, &r->spot_lists[word * CLOSENESS_ALTS + i], entry, doc);
        if (posting != UINT32_MAX)
            return posting;
    }
    return UINT32_MAX;
}

void rank_find(Run *r, uint32_t doc, uint32_t *postings)
{
    for (size_t i = 0; i < r->plan->n_words; i++)
        postings[i] = is_positive(r, i) ? posting_of(r, i, doc) : UINT32_MAX;
    for (size_t i = 0; r->segment->places && i < r->plan->n_words; i++)
        if (postings[i] != UINT32_MAX)
            __builtin_prefetch(&r->segment->places_at[postings[i] / PLACES_GROUP]);
}

void rank_fetch(const Run *r, const uint32_t *postings)
{
    const Segment *s = r->segment;
    for (size_t i = 0; s->places && i < r->plan->n_words; i++)
        if (postings[i] != UINT32_MAX) /* further on, but in the same line, mostly */
            __builtin_prefetch(&s->places[s->places_at[postings[i] / PLACES_GROUP]] + 8);
}

static float field_share(const Run *r, uint32_t place)
{
    uint32_t text = place >> PLACE_FIELD_SHIFT & 0xf;
    uint16_t field = atomic_load(&r->schema->text_fields[text]);
    return schema_field(r->schema, field)->def.weight / r->schema->best_weight;
}

/* 1 for the next word, less the further apart and when the order is the other one. */
static float nearness(uint32_t left, uint32_t right)
{
    static const float FORWARD[NEAR_MAX + 1] = {0, 1, 0.6F, 0.4F, 0.3F, 0.2F, 0.15F, 0.1F, 0.1F};
    int                gap = (int)(right & PLACE_POSITION) - (int)(left & PLACE_POSITION);
    if (gap > 0)
        return gap <= NEAR_MAX ? FORWARD[gap] : 0;
    return gap < 0 && gap >= -NEAR_MAX ? 0.6F * FORWARD[-gap] : 0;
}

static float pair_nearness(const Run *r, const uint16_t *left, const uint16_t *right)
{
    float best = 0;
    for (;; left++) {
        for (const uint16_t *p = right;; p++) {
            bool same = ((*p ^ *left) & (0xf << PLACE_FIELD_SHIFT)) == 0;
            bool counted = (*p & PLACE_POSITION) != PLACE_POSITION;
            if (same && counted) {
                float near = nearness(*left, *p);
                if (near > best) /* a share is 1 at most */
                    near *= sqrtf(field_share(r, *p));
                best = near > best ? near : best;
            }
            if (*p & PLACE_END)
                break;
        }
        if (*left & PLACE_END)
            return best;
    }
}

/* Has the word a place at this position of the field? *last: which ends its text. */
static bool stands_at(const uint16_t *places, uint32_t field_bits, uint32_t position, bool *last)
{
    for (;; places++) {
        if ((*places & (0xf << PLACE_FIELD_SHIFT)) == (int)field_bits &&
            (*places & PLACE_POSITION) == (int)position) {
            *last = (*places & PLACE_LAST) != 0;
            return true;
        }
        if (*places & PLACE_END)
            return false;
    }
}

/* The best field that is these words and nothing else: its share; 0: there is none. */
static float exact_share(const Run *r, const Spot *spots, size_t n, SearchField *ret)
{
    float best = 0;
    for (const uint16_t *p = spots[0].places;; p++) {
        uint32_t bits = *p & (uint32_t)(0xf << PLACE_FIELD_SHIFT);
        bool     last = false, all = (*p & PLACE_POSITION) == 0;
        for (size_t i = 0; all && i < n; i++)
            all = stands_at(spots[i].places, bits, (uint32_t)i, &last);
        float share = all && last ? field_share(r, *p) : 0;
        if (share > best) {
            best = share;
            *ret = atomic_load(&r->schema->text_fields[bits >> PLACE_FIELD_SHIFT]);
        }
        if (*p & PLACE_END)
            return best;
    }
}

static float code_score(const Run *r, uint32_t doc, Parts *parts)
{
    const Term *code = r->plan->code;
    uint32_t posting = code ? match_posting(r->segment, code->entries[r->view], doc) : UINT32_MAX;
    if (posting == UINT32_MAX)
        return 0;
    SearchField field = 0;
    if (r->segment->places) {
        uint32_t text = *segment_places(r->segment, posting) >> PLACE_FIELD_SHIFT & 0xf;
        field = atomic_load(&r->schema->text_fields[text]);
    }
    float value = SHARE_CODE * r->plan->ideal;
    explain(parts, SEARCH_PART_EXACT, field, 0, value);
    return value;
}

float rank_closeness(Run *r, uint32_t doc, const uint32_t *postings, Parts *parts)
{
    NOT_CLEARED Spot spots[QUERY_WORDS_MAX];
    size_t           n = 0;
    bool             all = true;
    float            near = 0, sum = code_score(r, doc, parts);
    for (size_t i = 0; r->segment->places && i < r->plan->n_words; i++) {
        if (!is_positive(r, i))
            continue;
        bool there = postings[i] != UINT32_MAX;
        spots[n++] = (Spot){i, there ? segment_places(r->segment, postings[i]) : NULL};
        all &= there;
    }
    r->postings += n;
    for (size_t i = 0; i + 1 < n; i++)
        if (spots[i].places && spots[i + 1].places) {
            float idf = r->plan->words[spots[i].word].idf + r->plan->words[spots[i + 1].word].idf;
            near += idf / 2 * pair_nearness(r, spots[i].places, spots[i + 1].places);
        }
    near *= SHARE_PROXIMITY;
    explain(parts, SEARCH_PART_PROXIMITY, 0, 0, near);
    sum += near;
    if (n > 0 && all && spots[0].places && (r->segment->lengths[doc] & r->exact_bit)) {
        SearchField field = 0;
        float       exact = SHARE_EXACT * r->plan->ideal * exact_share(r, spots, n, &field);
        explain(parts, SEARCH_PART_EXACT, field, 0, exact);
        sum += exact;
    }
    return sum;
}
