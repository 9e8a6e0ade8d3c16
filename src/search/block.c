#include "search/run_int.h"

#include <math.h>
#include <string.h>

enum {
    AHEAD = 6,        /* documents whose numbers are fetched before they are needed */
    SCORE_STEPS = 64, /* of a glance at the scores of a block */
    LOOKS_MAX = 512,  /* of a query that may stop early */
};

/* --- filters ---------------------------------------------------------------------------------- */

static void drop_failed(Block *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->n; i++) {
        b->docs[kept] = b->docs[i];
        b->fail[kept] = b->fail[i];
        b->scores[kept] = b->scores[i];
        b->found[kept] = b->found[i];
        kept += b->fail[i] != FAIL_MANY;
    }
    b->n = kept;
}

static void expand_rows(Run *r, Block *b)
{
    const uint32_t *first = r->segment->first_row;
    b->n_rows = 0;
    for (size_t i = 0; i < b->n; i++)
        b->n_rows += first[b->docs[i] + 1] - first[b->docs[i]];
    b->rows = arena_array(&r->scratch->tmp, uint32_t, b->n_rows);
    b->row_fail = arena_array(&r->scratch->tmp, uint8_t, b->n_rows);
    size_t k = 0;
    for (size_t i = 0; i < b->n; i++)
        for (uint32_t row = first[b->docs[i]]; row < first[b->docs[i] + 1]; row++) {
            b->rows[k] = row;
            b->row_fail[k++] = b->fail[i];
        }
}

static void test_all(Run *r, Block *b)
{
    for (size_t i = 0; i < r->q->n_filters; i++)
        if (!b->grouped || !r->tests[i].grouped)
            test_rows(&r->tests[i], b->docs, b->n, b->fail);
    if (r->q->n_filters > 0)
        drop_failed(b);
    if (!b->grouped)
        return;
    expand_rows(r, b);
    for (size_t i = 0; i < r->q->n_filters; i++)
        if (r->tests[i].grouped)
            test_rows(&r->tests[i], b->rows, b->n_rows, b->row_fail);
}

/* --- facets ----------------------------------------------------------------------------------- */

static size_t rows_of(const Run *r, uint32_t doc)
{
    return r->segment->first_row[doc + 1] - r->segment->first_row[doc];
}

/* A document's own outcome stands when one of its groups has the same; else it fails. Call
 * after the grouped facets have been counted. */
static void settle_docs(const Run *r, Block *b)
{
    size_t at = 0;
    for (size_t i = 0; i < b->n; i++) {
        size_t n = rows_of(r, b->docs[i]);
        if (!memchr(b->row_fail + at, b->fail[i], n))
            b->fail[i] = FAIL_MANY;
        at += n;
    }
}

static void count_grouped(Run *r, Block *b)
{
    size_t at = 0;
    for (size_t i = 0; i < b->n; i++) {
        size_t n = rows_of(r, b->docs[i]);
        for (size_t k = 0; k < r->q->n_facets; k++)
            if (r->facets[k].field->def.grouped)
                facet_count_groups(&r->facets[k], b->docs[i], b->rows + at, b->row_fail + at, n);
        at += n;
    }
}

static void count_facets(Run *r, Block *b)
{
    if (b->grouped) {
        if (r->groups)
            count_grouped(r, b);
        settle_docs(r, b);
    }
    for (size_t k = 0; k < r->q->n_facets; k++)
        if (!b->grouped || !r->facets[k].field->def.grouped)
            facet_count_rows(&r->facets[k], b->docs, b->fail, b->n);
}

/* --- hits ------------------------------------------------------------------------------------- */

static SortKey key_of_code(const Field *f, const Column *c, uint32_t code, bool descending)
{
    if (code == 0)
        return (SortKey){0};
    if (f->values) {
        uint64_t prefix = values_prefix(f->values, code);
        return (SortKey){descending ? prefix : ~prefix, code};
    }
    return (SortKey){top_order(column_number(c, code), descending), 0};
}

/* Does x come before y? Of the values of one document. */
static bool is_better(const Field *f, SortKey x, SortKey y, bool descending)
{
    if (x.order != y.order || !f->values || x.code == y.code)
        return x.order > y.order;
    int order = str_cmp(values_text(f->values, x.code), values_text(f->values, y.code));
    return descending ? order > 0 : order < 0;
}

/* The best value among the rows that match. */
static SortKey key_of_field(const Run *r, const SearchSort *s, uint32_t doc, const uint32_t *rows,
                            const uint8_t *fail, size_t n)
{
    const Field  *f = schema_field(r->schema, s->field);
    const Column *c = s->field < r->segment->n_columns ? r->segment->columns[s->field] : NULL;
    SortKey       best = {0};
    if (f->signal != NO_SIGNAL)
        return (SortKey){
            top_order((double)segment_signal(r->segment, f->signal, doc), s->descending), 0};
    if (!c)
        return best;
    if (!f->def.grouped || !rows) {
        rows = &doc;
        fail = NULL;
        n = 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (fail && fail[i] != FAIL_NONE)
            continue;
        size_t at, end = column_row(c, rows[i], &at);
        for (; at < end; at++) {
            SortKey key = key_of_code(f, c, column_code(c, at), s->descending);
            if (is_better(f, key, best, s->descending))
                best = key;
        }
    }
    return best;
}

static PinState *pin_of(Run *r, uint32_t doc)
{
    for (size_t i = 0; i < r->n_pins; i++)
        if (r->pins[i].there && r->pins[i].view == r->view && r->pins[i].doc == doc)
            return &r->pins[i];
    return NULL;
}

/* Can this one not be among the best, whatever is added to its text score? */
static bool is_hopeless(const Run *r, float text, bool complete, uint32_t doc)
{
    if (r->q->n_sorts > 0 || r->top.n < r->top.max)
        return false;
    if (r->top.max == 0)
        return true;
    const Entry *worst = &r->top.items[0];
    uint64_t     order = top_score_order(text + r->extra_max, false, complete);
    return order < worst->keys[0].order ||
           (order == worst->keys[0].order && r->segment->ids[doc] > worst->id);
}

/* The same by the first thing that is sorted by. */
static bool is_beaten(const Run *r, uint32_t doc, const uint32_t *rows, const uint8_t *fail,
                      size_t n)
{
    if (r->q->n_sorts == 0 || r->q->sorts[0].by != SEARCH_BY_FIELD || r->top.n < r->top.max)
        return false;
    return r->top.max == 0 || key_of_field(r, &r->q->sorts[0], doc, rows, fail, n).order <
                                  r->top.items[0].keys[0].order;
}

static void set_keys(const Run *r, Entry *e, bool complete, const uint32_t *rows,
                     const uint8_t *fail, size_t n)
{
    if (r->q->n_sorts == 0)
        e->keys[0].order = top_score_order(e->score, e->buried, complete);
    for (size_t i = 0; i < r->q->n_sorts; i++) {
        const SearchSort *s = &r->q->sorts[i];
        if (s->by == SEARCH_BY_SCORE)
            e->keys[i].order = top_score_order(e->score, e->buried, complete);
        else if (s->by == SEARCH_BY_FIELD)
            e->keys[i] = key_of_field(r, s, e->doc, rows, fail, n);
        else if (s->by == SEARCH_BY_PLACE)
            e->keys[i].order = UINT64_MAX - r->among[r->view].places[e->doc];
    }
}

/* How close its words stand is read of each document, which takes longer than all else. A query
 * that may stop early has read enough of them at last: then only those that are among the best
 * without that are looked at; signals (popularity) count for all. */
static bool is_worth_a_look(Run *r, const Entry *e, bool complete)
{
    if (!r->q->no_total || r->q->n_sorts > 0 || r->top.n < r->top.max || r->looks++ < LOOKS_MAX)
        return true;
    return r->top.max > 0 &&
           top_score_order(e->score, e->buried, complete) >= r->top.items[0].keys[0].order;
}

/* A document that matches; its rows and their outcome where groups matter. */
static void hit(Run *r, const Block *b, size_t i, const uint32_t *rows, const uint8_t *fail,
                size_t n)
{
    uint32_t required = r->plan->required;
    bool     complete = !r->may_miss || (b->found[i] & required) == required;
    r->total++;
    PinState *pin = r->n_pins > 0 ? pin_of(r, b->docs[i]) : NULL;
    if (!pin && (is_hopeless(r, b->scores[i], complete, b->docs[i]) ||
                 is_beaten(r, b->docs[i], rows, fail, n)))
        return;
    Entry e = {.id = r->segment->ids[b->docs[i]],
               .view = r->view,
               .doc = b->docs[i],
               .row = segment_first_row(r->segment, b->docs[i]),
               .score = b->scores[i]};
    if (rows) {
        const uint8_t *first = memchr(fail, FAIL_NONE, n);
        e.row = first ? rows[first - fail] : rows[0];
    }
    if (r->scores) {
        e.score += rank_signals(r, e.doc, NULL, &e.buried);
        if (r->plan->n_words > 0)
            e.score += pin || is_worth_a_look(r, &e, complete) ? rank_closeness(r, e.doc, NULL) : 0;
    }
    set_keys(r, &e, complete, rows, fail, n);
    if (pin) {
        pin->entry = e;
        pin->passed = true;
    } else if (top_is_after(r, &e)) {
        top_push(r, &e);
    }
}

/* Those with a text score from `low` on and below `high`. */
static void take_some(Run *r, const Block *b, float low, float high)
{
    size_t at = 0;
    for (size_t i = 0; i < b->n; i++) {
        size_t n = b->grouped ? rows_of(r, b->docs[i]) : 0;
        if (i + AHEAD < b->n)
            __builtin_prefetch(&r->segment->ids[b->docs[i + AHEAD]]);
        if (b->fail[i] == FAIL_NONE && b->scores[i] >= low && b->scores[i] < high)
            hit(r, b, i, b->grouped ? b->rows + at : NULL, b->grouped ? b->row_fail + at : NULL, n);
        at += n;
    }
}

/* A text score that about `wanted` of the block reach. */
static float high_score(const Block *b, size_t wanted)
{
    uint32_t counts[SCORE_STEPS] = {0};
    float    best = 0;
    for (size_t i = 0; i < b->n; i++)
        best = b->scores[i] > best ? b->scores[i] : best;
    float scale = best > 0 ? (SCORE_STEPS - 1) / best : 0;
    for (size_t i = 0; i < b->n; i++)
        counts[(size_t)(b->scores[i] * scale)] += b->fail[i] == FAIL_NONE;
    size_t step = SCORE_STEPS, n = 0;
    while (step > 0 && n < wanted)
        n += counts[--step];
    return scale > 0 ? (float)step / scale : 0;
}

/* The promising ones first: then most of the others need not be looked at. */
static void take_hits(Run *r, const Block *b)
{
    float middle = 0;
    if (r->q->n_sorts == 0 && r->plan->n_words > 0 && b->n > 2 * r->top.max)
        middle = high_score(b, r->top.max);
    take_some(r, b, middle, INFINITY);
    if (middle > 0)
        take_some(r, b, -INFINITY, middle);
}

void block_run(Run *r, uint32_t base, const uint16_t *docs, const float *scores,
               const uint16_t *found, size_t n)
{
    Block *b = &r->scratch->block; /* not cleared: it is large */
    ASSERT(n <= BLOCK_DOCS);
    b->n = n;
    b->rows = NULL;
    b->row_fail = NULL;
    memset(b->fail, FAIL_NONE, n);
    b->grouped = r->groups && r->segment->first_row != NULL;
    for (size_t i = 0; i < n; i++)
        b->docs[i] = base + docs[i];
    memcpy(b->scores, scores, n * sizeof *scores);
    memcpy(b->found, found, n * sizeof *found);
    test_all(r, b);
    count_facets(r, b);
    take_hits(r, b);
}
