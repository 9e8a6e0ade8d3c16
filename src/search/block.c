#include "search/run_int.h"

#include <math.h>
#include <string.h>

enum {
    WAITING = 16,     /* hits that wait for what is read of them */
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
    const Entry    *worst = &r->top.items[0];
    const uint16_t *lengths = r->segment->lengths;
    bool            may_be_exact = lengths && (lengths[doc] & r->exact_bit);
    float           extra = may_be_exact ? r->extra_most : r->extra_max;
    uint64_t        order = top_score_order(text + extra, false, complete);
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
        e->keys[0] = (SortKey){top_score_order(e->score, e->buried, complete), 0};
    for (size_t i = 0; i < r->q->n_sorts; i++) {
        const SearchSort *s = &r->q->sorts[i];
        e->keys[i] = (SortKey){0};
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

typedef struct Rows { /* of a document, where groups matter, with their outcome; or NULL */
    const uint32_t *items;
    const uint8_t  *fail;
    size_t          n;
} Rows;

typedef struct Hit { /* a document that matches */
    uint32_t  doc;
    float     score; /* of its text */
    bool      complete;
    PinState *pin;
    Rows      rows;
    uint32_t  postings[QUERY_WORDS_MAX]; /* rank_find() */
} Hit;

/* Hits wait for what is read of them: of one it is looked for where that is, of one before that
 * has come, and it is asked for, and the one before that is judged. */
typedef struct Queue {
    Hit    items[WAITING];
    size_t n, fetched, done; /* so many came, … */
} Queue;

/* Can it not be one of the best? */
static bool is_lost(const Run *r, const Hit *h)
{
    return !h->pin && (is_hopeless(r, h->score, h->complete, h->doc) ||
                       is_beaten(r, h->doc, h->rows.items, h->rows.fail, h->rows.n));
}

static void judge(Run *r, const Hit *h)
{
    if (is_lost(r, h))
        return;
    NOT_CLEARED Entry e; /* its keys as far as there are any */
    e.id = r->segment->ids[h->doc];
    e.view = r->view;
    e.doc = h->doc;
    e.row = segment_first_row(r->segment, h->doc);
    e.score = h->score;
    e.buried = false;
    if (h->rows.items) {
        const uint8_t *first = memchr(h->rows.fail, FAIL_NONE, h->rows.n);
        e.row = first ? h->rows.items[first - h->rows.fail] : h->rows.items[0];
    }
    if (r->scores) {
        e.score += rank_signals(r, e.doc, NULL, &e.buried);
        if (r->plan->n_words > 0 && (h->pin || is_worth_a_look(r, &e, h->complete)))
            e.score += rank_closeness(r, e.doc, h->postings, NULL);
    }
    set_keys(r, &e, h->complete, h->rows.items, h->rows.fail, h->rows.n);
    if (h->pin) {
        h->pin->entry = e;
        h->pin->passed = true;
    } else if (top_is_after(r, &e)) {
        top_push(r, &e);
    }
}

/* Until `fetched` are on their way and `done` are judged. */
static void advance(Run *r, Queue *q, size_t fetched, size_t done)
{
    bool read = r->scores && r->plan->n_words > 0;
    for (; q->fetched < fetched; q->fetched++)
        if (read)
            rank_fetch(r, q->items[q->fetched % WAITING].postings);
    for (; q->done < done; q->done++)
        judge(r, &q->items[q->done % WAITING]);
}

static void add_hit(Run *r, Queue *q, const Block *b, size_t i, const Rows *rows)
{
    uint32_t required = r->plan->required;
    Hit     *h = &q->items[q->n % WAITING];
    h->doc = b->docs[i];
    h->score = b->scores[i];
    h->complete = !r->may_miss || (b->found[i] & required) == required;
    h->pin = r->n_pins > 0 ? pin_of(r, h->doc) : NULL;
    h->rows = *rows;
    r->total++;
    if (is_lost(r, h))
        return;
    __builtin_prefetch(&r->segment->ids[h->doc]);
    if (r->scores && r->plan->n_words > 0)
        rank_find(r, h->doc, h->postings);
    q->n++;
    if (q->n >= WAITING)
        advance(r, q, q->n - WAITING / 2, q->n - WAITING + 1);
}

/* Those with a text score from `low` on and below `high`. */
static void take_some(Run *r, const Block *b, float low, float high)
{
    NOT_CLEARED Queue q;
    Rows              rows = {0};
    size_t            at = 0;
    q.n = q.fetched = q.done = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (b->grouped) {
            rows.items = b->rows + at;
            rows.fail = b->row_fail + at;
            at += rows.n = rows_of(r, b->docs[i]);
        }
        if (b->fail[i] == FAIL_NONE && b->scores[i] >= low && b->scores[i] < high)
            add_hit(r, &q, b, i, &rows);
    }
    advance(r, &q, q.n, q.n);
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
