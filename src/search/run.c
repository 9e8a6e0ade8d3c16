#include "search/run_int.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static const uint64_t POSTINGS_DEFAULT = 50000000;
static const uint32_t MICROS_DEFAULT = 250000;

enum {
    TIME_SLICES = 50, /* of the budget of time: one passes before it is looked at */
    LOOK_EVERY = 2048 /* postings: some ten microseconds */
};

/* --- is the query one? --------------------------------------------------------------------------
 */

static const Field *field_of(const Schema *s, SearchField field)
{
    return field < schema_count(s) ? schema_field(s, field) : NULL;
}

static Status check_sizes(const SearchQuery *q, Err *err)
{
    bool fine = q->limit <= SEARCH_LIMIT_MAX && q->offset <= SEARCH_OFFSET_MAX &&
                q->n_filters <= SEARCH_FILTERS_MAX && q->n_facets <= SEARCH_FACETS_MAX &&
                q->n_sorts <= SEARCH_SORTS_MAX && q->n_ranks <= SEARCH_RANKS_MAX &&
                q->n_rules <= SEARCH_RULES_MAX && q->n_pins <= SEARCH_PINS_MAX;
    if (!fine)
        return err_set(err, ST_LIMIT, "search.too_much", "too many of something");
    return ST_OK;
}

static Status check_filter(const Schema *s, const SearchFilter *f, Err *err)
{
    const Field *field = field_of(s, f->field);
    if (!field || !field_has_column(field))
        return err_set(err, ST_INVALID, "search.query", "field %u cannot be filtered by", f->field);
    if (f->n > SEARCH_FILTER_VALUES_MAX)
        return err_set(err, ST_LIMIT, "search.too_much", "a filter has too many values");
    bool numeric = field_is_numeric(field);
    bool listed =
        f->match == SEARCH_ANY_OF || f->match == SEARCH_ALL_OF || f->match == SEARCH_NONE_OF;
    bool fine = listed ? f->n > 0 && (numeric ? f->numbers != NULL : f->values != NULL)
                       : f->match == SEARCH_PRESENT || (f->match == SEARCH_RANGE && numeric &&
                                                        !isnan(f->min) && !isnan(f->max));
    if (!fine)
        return err_set(err, ST_INVALID, "search.query", "a filter of " STR_FMT " is none",
                       STR_ARG(field->def.name));
    return ST_OK;
}

static Status check_facet(const Schema *s, const SearchFacetAsk *f, Err *err)
{
    const Field *field = field_of(s, f->field);
    if (!field || !field_has_column(field))
        return err_set(err, ST_INVALID, "search.query", "field %u has no facet", f->field);
    if (f->n_bounds > SEARCH_BUCKETS_MAX || f->limit > SEARCH_LIMIT_MAX)
        return err_set(err, ST_LIMIT, "search.too_much", "a facet has too many values or buckets");
    bool fine = f->n_bounds == 0 || field_is_numeric(field);
    for (size_t i = 0; fine && i < f->n_bounds; i++)
        fine = !isnan(f->bounds[i]) && (i == 0 || f->bounds[i - 1] < f->bounds[i]);
    if (!fine)
        return err_set(err, ST_INVALID, "search.query", "the bounds of " STR_FMT " do not ascend",
                       STR_ARG(field->def.name));
    return ST_OK;
}

static Status check_sort(const Schema *s, const SearchSort *sort, bool among, Err *err)
{
    const Field *f = sort->by == SEARCH_BY_FIELD ? field_of(s, sort->field) : NULL;
    if (sort->by == SEARCH_BY_FIELD && (!f || f->text != NO_TEXT))
        return err_set(err, ST_INVALID, "search.query", "field %u does not sort", sort->field);
    if (sort->by == SEARCH_BY_PLACE && !among)
        return err_set(err, ST_INVALID, "search.query", "nothing has a place");
    return ST_OK;
}

static Status check_rank(const Schema *s, const SearchRank *k, Err *err)
{
    const Field *f = field_of(s, k->field);
    bool         fine = f && f->text == NO_TEXT && field_is_numeric(f) && k->full > 0 &&
                isfinite(k->full) && fabs(k->share) <= 1000;
    if (!fine)
        return err_set(err, ST_INVALID, "search.query", "field %u does not rank so", k->field);
    return ST_OK;
}

Status run_check(const Schema *s, const SearchQuery *q, Err *err)
{
    TRY(check_sizes(q, err));
    for (size_t i = 0; i < q->n_filters; i++)
        TRY(check_filter(s, &q->filters[i], err));
    for (size_t i = 0; i < q->n_facets; i++)
        TRY(check_facet(s, &q->facets[i], err));
    for (size_t i = 0; i < q->n_sorts; i++)
        TRY(check_sort(s, &q->sorts[i], q->among != NULL, err));
    for (size_t i = 0; i < q->n_ranks; i++)
        TRY(check_rank(s, &q->ranks[i], err));
    for (size_t i = 0; i < q->n_rules; i++) {
        TRY(check_filter(s, &q->rules[i].filter, err));
        if (!(fabs(q->rules[i].share) <= 1000))
            return err_set(err, ST_INVALID, "search.query", "a rule's share is out of range");
    }
    return ST_OK;
}

/* --- getting ready ------------------------------------------------------------------------------
 */

/* Filters of one field have one mark, when a facet counts that field. */
static void set_marks(Run *r)
{
    const SearchQuery *q = r->q;
    uint8_t            next = 1;
    for (size_t i = 0; i < q->n_filters; i++) {
        bool counted = false;
        for (size_t k = 0; k < q->n_facets; k++)
            counted |= q->facets[k].field == q->filters[i].field;
        r->marks[i] = FAIL_MANY;
        if (!counted || q->filters[i].fixed)
            continue;
        for (size_t k = 0; k < i; k++)
            if (q->filters[k].field == q->filters[i].field && r->marks[k] != FAIL_MANY)
                r->marks[i] = r->marks[k];
        if (r->marks[i] == FAIL_MANY)
            r->marks[i] = next++;
    }
}

static bool is_grouped(const Run *r, SearchField field)
{
    return schema_field(r->schema, field)->def.grouped;
}

static void set_needs(Run *r)
{
    const SearchQuery *q = r->q;
    r->scores = q->n_sorts == 0 || q->explain;
    for (size_t i = 0; i < q->n_filters; i++)
        r->groups |= is_grouped(r, q->filters[i].field);
    for (size_t i = 0; i < q->n_facets; i++)
        r->groups |= is_grouped(r, q->facets[i].field);
    for (size_t i = 0; i < q->n_sorts; i++) {
        r->scores |= q->sorts[i].by == SEARCH_BY_SCORE;
        r->groups |= q->sorts[i].by == SEARCH_BY_FIELD && is_grouped(r, q->sorts[i].field);
    }
}

static void find_pins(Run *r)
{
    r->n_pins = r->q->n_sorts == 0 ? r->q->n_pins : 0;
    r->pins = arena_array(r->a, PinState, r->n_pins);
    for (size_t i = 0; i < r->n_pins; i++) {
        PinState *pin = &r->pins[i];
        pin->id = r->q->pins[i].id;
        pin->place = r->q->pins[i].place;
        pin->there = snapshot_find(r->snapshot, pin->id, &pin->view, &pin->doc);
    }
}

void run_set_view(Run *r, uint32_t view)
{
    r->view = view;
    r->segment = r->snapshot->views[view].segment;
    r->dead = view_dead(&r->snapshot->views[view]);
    rank_begin_view(r);
}

void run_begin_view(Run *r, uint32_t view)
{
    run_set_view(r, view);
    for (size_t i = 0; i < r->q->n_filters; i++)
        test_init(&r->tests[i], &r->q->filters[i], schema_field(r->schema, r->q->filters[i].field),
                  r->segment, r->marks[i], r->a);
}

/* --- running -------------------------------------------------------------------------------------
 */

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The budget is of this thread's own time: a busy machine does not shorten answers. Reading that
 * takes longer than reading the clock, and longer than many a query: so the clock says when it is
 * worth it, at first after a slice of the budget, which counts as used. Even the clock is asked
 * only when some work has been done. */
static bool has_time(Run *r)
{
    if (r->postings < r->look_at)
        return !r->partial;
    r->look_at = r->postings + LOOK_EVERY;
    if (clock_mono_us() > r->deadline_us) {
        int64_t now = cpu_us();
        if (r->cpu_end_us == 0)
            r->cpu_end_us = now + r->cpu_left_us;
        r->partial |= now > r->cpu_end_us;
        r->deadline_us = clock_mono_us() + (r->cpu_end_us - now);
    }
    return !r->partial;
}

static void run_chunk(Run *r, uint32_t chunk)
{
    const Scratch *x = r->scratch;
    size_t         n = match_chunk(r, chunk);
    for (size_t i = 0; i < n && (i == 0 || has_time(r)); i += BLOCK_DOCS) {
        size_t some = n - i < BLOCK_DOCS ? n - i : BLOCK_DOCS;
        r->postings += some;
        block_run(r, chunk << CHUNK_BITS, x->docs + i, x->scores + i, x->found + i, some);
    }
}

/* One pass over everything with the plan and the words that may be missing as they are. */
static void pass(Run *r)
{
    r->total = 0;
    r->top.n = 0;
    r->looks = 0;
    r->matched = false;
    for (size_t i = 0; i < r->n_pins; i++)
        r->pins[i].passed = false;
    rank_init(r);
    facet_init(r);
    for (uint32_t v = 0; v < r->snapshot->n_views && !r->partial; v++) {
        run_begin_view(r, v);
        facet_begin_view(r);
        for (uint32_t c = 0; c <= (r->segment->n_docs - 1) >> CHUNK_BITS && has_time(r); c++)
            if (!r->among || among_any(r, c))
                run_chunk(r, c);
        facet_end_view(r);
    }
}

static uint32_t unknown_words(const Plan *p)
{
    uint32_t n = 0;
    for (size_t i = 0; i < p->n_words; i++)
        n += p->words[i].required && !p->words[i].known;
    return n;
}

/* Pins are found whatever the words: they do not count as an answer to them. */
static bool is_enough(const Run *r)
{
    int64_t pinned = 0;
    for (size_t i = 0; i < r->n_pins; i++)
        pinned += r->pins[i].passed;
    if (r->partial || r->q->relax == SEARCH_RELAX_NEVER)
        return true;
    bool fill = r->q->relax == SEARCH_RELAX_FILL && !r->has_cursor;
    return r->total - pinned >= (fill && r->q->limit > 0 ? (int64_t)r->q->limit : 1);
}

/* All words, then their neighbours, then fewer words. */
static void run_text(Run *r)
{
    Plan    *p = r->plan;
    uint32_t n = (uint32_t)__builtin_popcount(p->required), unknown = unknown_words(p);
    r->missing_max = r->q->relax == SEARCH_RELAX_NEVER ? 0 : unknown;
    r->may_miss = false;
    if (r->q->relax == SEARCH_RELAX_NEVER && unknown > 0)
        r->may_miss = true; /* nothing can have all: counting says so, codes and pins stay */
    pass(r);
    bool     none = r->total == 0 && !r->matched && !r->partial;
    uint64_t before = p->postings;
    if (none && r->q->typos != SEARCH_TYPOS_NEVER && p->n_words > 0 && plan_widen(p)) {
        r->widened = true;
        (void)run_spend(r, p->postings - before);
        pass(r);
        r->widened = r->total > 0;
    }
    while (!is_enough(r) && r->missing_max + 1 < n) {
        r->missing_max++;
        r->may_miss = true;
        pass(r);
    }
}

static void run_query(Run *r, SearchResult *ret)
{
    const SearchQuery *q = r->q;
    PlanAsk ask = {.text = q->text, .locale = q->locale, .prefix = q->prefix, .typos = q->typos};
    ask.few = q->no_total;
    ask.postings_max = r->postings_max;
    r->plan = plan_make(r->schema, r->snapshot, &ask, r->a);
    (void)run_spend(r, r->plan->postings);
    r->top.max = q->limit > 0 ? (q->cursor.len > 0 ? 0 : q->offset) + q->limit + (size_t)1 : 0;
    r->top.items = arena_array(r->a, Entry, r->top.max);
    set_marks(r);
    set_needs(r);
    find_pins(r);
    among_init(r);
    run_text(r);
    answer_make(r, ret);
    ret->highlighter = r->plan;
}

Run *run_new(const SearchIndex *ix, const Snapshot *s, const SearchQuery *q, Arena *a)
{
    Run     *r = arena_new(a, Run);
    uint32_t micros = q->budget.micros ? q->budget.micros : MICROS_DEFAULT;
    r->schema = ix->schema;
    r->snapshot = s;
    r->q = q;
    r->a = a;
    r->scratch = scratch_get();
    r->tests = arena_array(a, Test, q->n_filters);
    r->rules = arena_array(a, Test, q->n_rules);
    r->postings_max = q->budget.postings ? q->budget.postings : POSTINGS_DEFAULT;
    r->look_at = LOOK_EVERY;
    r->deadline_us = clock_mono_us() + micros / TIME_SLICES;
    r->cpu_left_us = micros - micros / TIME_SLICES;
    return r;
}

Status search_run(SearchIndex *ix, const SearchQuery *q, Arena *a, SearchResult *ret, Err *err)
{
    TRY(run_check(ix->schema, q, err));
    Snapshot *s = search_snapshot_take(&ix->slot);
    Run      *r = run_new(ix, s, q, a);
    Status    st = top_read_cursor(r, err);
    if (st == ST_OK)
        run_query(r, ret);
    snapshot_release(&ix->slot, s);
    return st;
}
